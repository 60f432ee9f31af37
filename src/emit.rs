//! A plan in the forms that people and servers take.

pub mod dnscmd;
pub mod html;
pub mod json;
pub mod knotc;
pub mod markdown;
pub mod nsupdate;
pub mod powershell;
mod quote;
mod script;
pub mod stages;
mod turn;
mod windows;

pub use script::Script;
pub use turn::{Block, Turn, Way, blocks};
