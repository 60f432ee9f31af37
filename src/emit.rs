//! A plan in the forms that people and servers take.

pub mod html;
pub mod markdown;
mod turn;

pub use turn::{Block, Turn, Way, blocks};
