//! One line about records.

use crate::change::RrsetChange;
use crate::comparison::{Side, ZoneDiff};
use crate::zone::{Rec, Record};
use crate::zonefile::rdata::print;
use crate::zonefile::ttl::in_units;
use std::collections::HashMap;

/// What a line says of what stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The record is gone.
    Removed,
    /// The record is new.
    Added,
    /// A TTL or another number of it differs.
    Ttl,
    /// The record stays.
    Kept,
    /// A remark.
    Note,
}

impl Mark {
    /// What the line begins with.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Added => '+',
            Self::Ttl => '~',
            Self::Kept | Self::Note => ' ',
        }
    }
}

/// One line, its mark and indent left out.
pub(super) struct Line {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// `3600 -> 300 (1h -> 5m)`.
pub(super) fn seconds(before: u32, after: u32) -> String {
    format!("{before} -> {after} ({} -> {})", in_units(before), in_units(after))
}

/// An absolute name with its final dot.
pub(super) fn dotted(name: &str) -> String {
    if name.ends_with('.') && !name.ends_with("\\.") { name.to_owned() } else { format!("{name}.") }
}

/// `~ www.contoso.com. A TTL 3600 -> 300 (1h -> 5m)`.
pub(super) fn ttl_line(zone: &ZoneDiff<'_>, rrset: &RrsetChange, before: u32, after: u32) -> Line {
    let count = match rrset.kept.len() {
        1 => String::new(),
        count => format!(", {count} records"),
    };
    let text = format!("{} {} TTL {}{count}", owner(zone, &rrset.key), rrset.rtype, seconds(before, after));
    Line { mark: Mark::Ttl, text }
}

/// The absolute owner with its final dot.
pub(super) fn owner(zone: &ZoneDiff<'_>, key: &[u8]) -> String {
    let side = zone.after.or(zone.before);
    side.map_or_else(String::new, |side| dotted(&side.zone.absolute(key)))
}

/// A record as a zone file has it.
pub(super) fn entry(zone: &ZoneDiff<'_>, rrset: &RrsetChange, ttl: &str, record: Option<&Record>) -> String {
    let data = record.map_or_else(|| String::from("(cannot be read again)"), rdata);
    format!("{} {ttl} {} {data}", owner(zone, &rrset.key), rrset.rtype)
}

/// RDATA in the form that BIND prints, names absolute.
pub(super) fn rdata(record: &Record) -> String {
    print(record.rtype, &record.wire, None)
}

/// Records of one side, read again, in the canonical order of their data (RFC 4034 section 6.3).
pub(super) fn in_order(
    side: Option<Side<'_>>,
    rrset: &RrsetChange,
    records: &[Rec],
) -> Vec<(Rec, Option<Record>)> {
    let read = |rec: &Rec| (*rec, side.and_then(|side| side.zone.record(&rrset.key, *rec)));
    let mut read: Vec<(Rec, Option<Record>)> = records.iter().map(read).collect();
    read.sort_by(|(_, one), (_, other)| match (one, other) {
        (Some(one), Some(other)) => one.wire.cmp(&other.wire),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    read
}

/// The records that stay with another TTL, in the same order; with each its TTL before.
pub(super) fn with_other_ttl(zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> Vec<(u32, Rec, Option<Record>)> {
    let differ = || rrset.kept.iter().filter(|(before, after)| before.ttl != after.ttl);
    let ttls: HashMap<u64, u32> = differ().map(|(before, after)| (after.place(), before.ttl)).collect();
    let records: Vec<Rec> = differ().map(|(_, after)| *after).collect();
    let read = in_order(zone.after, rrset, &records).into_iter();
    read.map(|(rec, record)| (ttls.get(&rec.place()).copied().unwrap_or(rec.ttl), rec, record)).collect()
}
