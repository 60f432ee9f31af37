//! Lints DNS zone files and plans SRV record changes.
//!
//! Data flows one way: [`text`] -> [`zonefile`] -> [`zone`] -> [`change`] -> `lint` | [`edge`] | `plan` ->
//! [`report`] | `emit`. A module may use what stands before it in that row, never what stands after.
//! [`mod@fmt`], [`mod@fix`] and [`serials`] stand beside `plan`: what they change is read again to prove
//! itself.

pub mod baseline;
pub mod change;
pub mod cli;
pub mod comparison;
pub mod config;
pub mod diagnostic;
pub mod edge;
pub mod edit;
pub mod emit;
pub mod fix;
pub mod fmt;
mod git;
pub mod import;
pub mod init;
pub mod lint;
pub mod plan;
pub mod report;
pub mod serials;
pub mod server_config;
pub mod text;
mod threads;
pub mod workspace;
pub mod zone;
pub mod zonefile;
