//! A plan in the forms that people and servers take.

pub mod markdown;
