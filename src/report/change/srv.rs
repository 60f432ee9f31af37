//! SRV RRsets: all records in the order in which callers try them, with the pool behind each target.

use super::line::{Line, Mark, entry, ttl_line};
use super::words::reach;
use crate::change::RrsetChange;
use crate::comparison::{Side, ZoneDiff};
use crate::edge::coverage::{CoverageChange, Published};
use crate::zone::{Rec, Record};
use crate::zonefile::ttl::in_units;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

struct Entry {
    mark: Mark,
    record: Option<Record>,
    /// Seconds before, where they differ.
    ttl_before: Option<u32>,
    ttl: u32,
}

impl Entry {
    /// By the order of RFC 2782, what was before what is.
    fn rank(&self) -> (u16, Reverse<u16>, bool, Vec<u8>) {
        let srv = self.record.as_ref().and_then(Record::srv);
        let (priority, weight) = srv.map_or((u16::MAX, 0), |srv| (srv.priority, srv.weight));
        let wire = self.record.as_ref().map(|record| record.wire.clone()).unwrap_or_default();
        (priority, Reverse(weight), self.mark != Mark::Removed, wire)
    }
}

pub(super) fn lines(
    edge: Option<&CoverageChange<'_>>,
    zone: &ZoneDiff<'_>,
    rrset: &RrsetChange,
) -> Vec<Line> {
    if let Some((before, after)) = rrset.ttl_change() {
        return vec![ttl_line(zone, rrset, before, after)];
    }
    let read = |side: Option<Side<'_>>, rec: &Rec| side.and_then(|side| side.zone.record(&rrset.key, *rec));
    let alone = |mark, side, records: &[Rec]| -> Vec<Entry> {
        let entry = |rec: &Rec| Entry { mark, record: read(side, rec), ttl_before: None, ttl: rec.ttl };
        records.iter().map(entry).collect()
    };
    let mut entries = alone(Mark::Removed, zone.before, &rrset.removed);
    entries.extend(alone(Mark::Added, zone.after, &rrset.added));
    entries.extend(rrset.kept.iter().map(|(before, after)| {
        let ttl_before = (before.ttl != after.ttl).then_some(before.ttl);
        let mark = if ttl_before.is_some() { Mark::Ttl } else { Mark::Kept };
        Entry { mark, record: read(zone.after, after), ttl_before, ttl: after.ttl }
    }));
    entries.sort_by_cached_key(Entry::rank);
    let mut lines: Vec<Line> = entries.iter().map(|entry| line(edge, zone, rrset, entry)).collect();
    if let Some(edge) = edge.filter(|_| !rrset.is_new() && !rrset.is_gone()) {
        let notes = notes(edge, &entries).into_iter();
        lines.extend(notes.map(|text| Line { mark: Mark::Note, text: format!("; {text}") }));
    }
    lines
}

fn line(edge: Option<&CoverageChange<'_>>, zone: &ZoneDiff<'_>, rrset: &RrsetChange, one: &Entry) -> Line {
    let ttl = match one.ttl_before {
        Some(before) => format!("{before} -> {}", one.ttl),
        None => one.ttl.to_string(),
    };
    let mut text = entry(zone, rrset, &ttl, one.record.as_ref());
    let mut remarks = Vec::new();
    if let (Some(edge), Some(record)) = (edge, &one.record)
        && let Some(published) = edge.published(one.mark != Mark::Removed, record)
    {
        remarks.push(reach(edge.deployment, published));
    }
    if let Some(before) = one.ttl_before {
        remarks.push(format!("{} -> {}", in_units(before), in_units(one.ttl)));
    }
    if !remarks.is_empty() {
        text.push_str(" ; ");
        text.push_str(&remarks.join(", "));
    }
    Line { mark: one.mark, text }
}

/// Who is behind each priority.
fn holders<'e>(
    edge: &'e CoverageChange<'_>,
    is_after: bool,
    entries: impl Iterator<Item = &'e Entry>,
) -> BTreeMap<u16, BTreeSet<String>> {
    let mut holders: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for record in entries.filter_map(|entry| entry.record.as_ref()) {
        let published: Option<&Published> = edge.published(is_after, record);
        if let Some(published) = published {
            holders.entry(published.priority).or_default().insert(reach(edge.deployment, published));
        }
    }
    holders
}

/// Which priority leads elsewhere, and who is tried first.
fn notes(edge: &CoverageChange<'_>, entries: &[Entry]) -> Vec<String> {
    let before = holders(edge, false, entries.iter().filter(|entry| entry.mark != Mark::Added));
    let after = holders(edge, true, entries.iter().filter(|entry| entry.mark != Mark::Removed));
    let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" or ");
    let mut notes = Vec::new();
    for (priority, now) in &after {
        if let Some(was) = before.get(priority).filter(|was| *was != now) {
            notes.push(format!("priority {priority} now leads to {} (was {})", names(now), names(was)));
        }
    }
    if let (Some((old, was)), Some((new, now))) = (before.first_key_value(), after.first_key_value())
        && was != now
        && old != new
    {
        notes.push(format!("{} is tried first now (was {})", names(now), names(was)));
    }
    notes
}
