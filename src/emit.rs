//! A plan in the forms that people and servers take.

pub mod markdown;
mod script;
mod turn;

pub use script::Script;
pub use turn::{Block, Turn, Way, blocks};
