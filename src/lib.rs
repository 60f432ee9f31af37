//! Lints DNS zone files and plans SRV record changes.
//!
//! Data flows one way: [`text`] -> [`zonefile`] -> [`zone`] -> [`change`] -> `lint` | [`edge`] | `plan` ->
//! [`report`] | `emit`. A module may use what stands before it in that row, never what stands after.
//! [`mod@fmt`] stands beside `plan`: it needs the text only, and the index to prove itself.

pub mod change;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod edge;
pub mod edit;
pub mod emit;
pub mod fmt;
mod git;
pub mod lint;
pub mod plan;
pub mod report;
pub mod text;
mod threads;
pub mod workspace;
pub mod zone;
pub mod zonefile;
