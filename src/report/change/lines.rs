//! The lines that tell of an RRset: its records as a zone file has them, owners in full.

use super::words::{dotted, seconds};
use super::{Block, Report, soa, srv};
use crate::change::RrsetChange;
use crate::comparison::{Side, ZoneDiff};
use crate::config::View;
use crate::zone::{Rec, Record};
use crate::zonefile::rdata::print;
use crate::zonefile::rtype::Rtype;
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

/// So many owners are named of RRsets whose TTLs differ alike.
const NAMED: usize = 3;

impl Report<'_> {
    /// The lines of a block.
    pub(super) fn lines(&self, zone: &ZoneDiff<'_>, block: &Block<'_>) -> Vec<Line> {
        match block {
            Block::Ttls(rrsets, (before, after)) => {
                let name = |rrset: &&RrsetChange| format!("{} {}", owner(zone, &rrset.key), rrset.rtype);
                let named: Vec<String> = rrsets.iter().take(NAMED).map(name).collect();
                let more = match rrsets.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(", {more} more"),
                };
                let text = format!(
                    "{} RRsets: TTL {}: {}{more}",
                    rrsets.len(),
                    seconds(*before, *after),
                    named.join(", ")
                );
                vec![Line { mark: Mark::Ttl, text }]
            }
            Block::Rrset(rrset) => self.rrset(zone, rrset),
        }
    }

    fn rrset(&self, zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> Vec<Line> {
        if let Some(lines) = soa::lines(zone, rrset) {
            return lines;
        }
        if rrset.rtype == Rtype::SRV {
            // The coverage is that of the zones which everybody sees.
            return srv::lines(self.edge.filter(|_| zone.view == View::External), zone, rrset);
        }
        if let Some((before, after)) = rrset.ttl_change() {
            return vec![ttl_line(zone, rrset, before, after)];
        }
        let mut lines = Vec::new();
        for (mark, side, records) in
            [(Mark::Removed, zone.before, &rrset.removed), (Mark::Added, zone.after, &rrset.added)]
        {
            let texts = in_order(side, rrset, records).into_iter().map(|(rec, record)| {
                let text = entry(zone, rrset, &rec.ttl.to_string(), record.as_ref());
                Line { mark, text }
            });
            lines.extend(texts);
        }
        for (before, rec, record) in with_other_ttl(zone, rrset) {
            let ttl = format!("{before} -> {}", rec.ttl);
            let units = format!(" ; {} -> {}", in_units(before), in_units(rec.ttl));
            lines.push(Line { mark: Mark::Ttl, text: entry(zone, rrset, &ttl, record.as_ref()) + &units });
        }
        lines
    }
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
