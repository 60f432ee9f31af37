//! What each part of the program costs: `cargo bench`, or `cargo bench -- rdata` for one part.
//!
//! Every zone is made here, the same on every machine; each is checked to be read whole and without
//! an error, since a reader that gives up early looks fast.

#![allow(clippy::unwrap_used)]

mod edit;
mod index;
mod lint;
mod parse;
mod rdata;
mod rules;
mod scan;
mod zones;

fn main() {
    divan::main();
}
