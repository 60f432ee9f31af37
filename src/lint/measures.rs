//! From where on something is too much or too little, for rules and for what is told before them.

/// BIND loads no more records of one type at one name (`max-records-per-type`).
pub(super) const MAX_RECORDS: usize = 100;
/// Records that stand this close together, in octets of text, are not too large: a hundred names in
/// them add less than 255 octets each.
const CLOSE: u64 = 32_768;

/// TTLs below this are too low, in seconds.
pub(super) const LEAST: u32 = 60;
/// TTLs of name servers below this are too low, in seconds: half of the hour that is meant.
pub(super) const LEAST_OF_NAME_SERVERS: u32 = 1800;

/// Whether so many records, so many octets of text apart, may be too large.
pub(super) fn may_be_too_large(records: usize, apart: u64) -> bool {
    records > MAX_RECORDS || apart >= CLOSE
}

/// A zone has no more name servers: answers with more are too large for UDP.
pub(super) const MOST_SERVERS: usize = 13;
