//! The language of zone files: text in, records and findings out (RFC 1035 section 5).
//!
//! Knows nothing of rules beyond the names of those it reports itself, and nothing of the index
//! that the records end up in.

pub mod apex;
pub mod generate;
pub mod head;
pub mod idn;
pub mod include;
pub mod name;
pub mod parse;
pub mod rdata;
pub mod rtype;
pub mod scan;
pub mod server;
pub mod target;
pub mod token;
pub mod ttl;
