//! A plan in the forms that people and servers take.

pub mod markdown;
pub mod stages;
mod turn;

pub use turn::{Block, Turn, Way, blocks};
