//! Zones to measure with: made from a seed, the same on every machine, and clean.

mod kinds;
mod rdata;
mod rng;

pub(crate) use kinds::zones;
pub(crate) use rdata::rdata;
pub(crate) use rng::Rng;

use std::sync::OnceLock;

/// How many records most measurements are about.
pub(crate) const RECORDS: u64 = 100_000;

/// What a zone is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A registry's zone: delegations, glue, DS.
    Tld,
    /// A company's hosts and services at many sites, as written by hand.
    Enterprise,
    /// Every RRset with its RRSIG, every name in one NSEC chain. The signatures are random octets of
    /// the right length: nothing here verifies them.
    Signed,
    /// PTR records of 10/8.
    Reverse,
    /// Many small zones of about 30 records, with two Edge pools each.
    Fleet,
}

/// All kinds.
pub(crate) const KINDS: [Kind; 5] = [Kind::Tld, Kind::Enterprise, Kind::Signed, Kind::Reverse, Kind::Fleet];

/// One zone.
pub(crate) struct Zone {
    /// Its apex, with the final dot.
    pub(crate) origin: String,
    /// The file.
    pub(crate) text: Vec<u8>,
    /// How many records the file holds.
    pub(crate) records: u64,
}

/// The zone of 100,000 records of a kind; of the fleet one zone.
pub(crate) fn sample(kind: Kind) -> &'static Zone {
    static ZONES: [OnceLock<Zone>; KINDS.len()] = [const { OnceLock::new() }; KINDS.len()];
    ZONES[kind as usize].get_or_init(|| {
        let records = if kind == Kind::Fleet { 1 } else { RECORDS };
        zones(kind, records).swap_remove(0)
    })
}
