//! TTLs written into records where they stand.

use super::PlanError;
use super::changed::{FileEdits, changed};
use super::lines::refuse_generated;
use crate::diagnostic::Edit;
use crate::text::Span;
use crate::workspace::Loaded;
use crate::zone::{Rec, Record, Zone};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::ttl::in_units;
use std::collections::BTreeSet;

/// RRsets: place of the zone, owner relative to the apex, type.
pub(super) type Rrsets = BTreeSet<(usize, Vec<u8>, Rtype)>;

/// How often text is read again for records that take their TTL from the one before. One stretch of
/// them is mended at a time in each place, so once is the rule.
const ROUNDS: usize = 16;

/// The edit that gives a record a TTL of its own: in place of the one that is written, else before the
/// class, or after it where the neighbours have it so. What follows keeps its column where the blanks
/// allow it.
pub(super) fn ttl_edit(zone: &Zone, record: &Record, neighbours: &[Record], ttl: u32) -> Edit {
    let source = zone.sources().get(record.span.file);
    if let Some(span) = record.ttl_span {
        let units = zone.sources().bytes(span).iter().any(u8::is_ascii_alphabetic);
        let mut text = if units { in_units(ttl) } else { ttl.to_string() };
        let after = source.slice(span.end(), source.line_end(span.start));
        let blanks = after.iter().take_while(|octet| **octet == b' ').count();
        let (old, new) = (span.len as usize, text.len());
        let spare = if new > old && blanks > new - old { new - old } else { 0 };
        if blanks > 0 {
            text.push_str(&" ".repeat(old.saturating_sub(new)));
        }
        let span = Span::new(span.file, span.start, span.end() + spare as u64);
        return Edit { span, replacement: text.into_bytes() };
    }
    let from = after_owner(record);
    let class_first =
        neighbours.iter().find_map(|other| Some((other, other.ttl_span?))).is_some_and(|(other, ttl)| {
            let before = zone.sources().bytes(Span::new(ttl.file, after_owner(other), ttl.start));
            before.iter().any(u8::is_ascii_alphabetic)
        });
    let gap = source.slice(from, record.type_span.start);
    let first = gap.iter().position(|octet| !b" \t".contains(octet));
    let place = match first {
        Some(place) if !class_first && gap[place].is_ascii_alphabetic() => place,
        _ => gap.len(),
    };
    let before = &gap[..place];
    let blank = if before.ends_with(b"\t") { '\t' } else { ' ' };
    let text = format!("{ttl}{blank}");
    let blanks = before.iter().rev().take_while(|octet| **octet == b' ').count();
    let at = from + place as u64;
    let start = if blanks > text.len() { at - text.len() as u64 } else { at };
    Edit { span: Span::new(record.span.file, start, at), replacement: text.into_bytes() }
}

/// The end of the owner, or of the mark that the Windows DNS server puts after it.
fn after_owner(record: &Record) -> u64 {
    match (record.age, record.owner_span) {
        (Some((_, mark)), _) => mark.end(),
        (None, Some(owner)) => owner.end(),
        (None, None) => record.span.start,
    }
}

/// Adds the edits that keep the TTL of every record outside of `rrsets`: one that takes its TTL from
/// the record before must have its own when that changes. Gives the zones after all edits.
pub(super) fn settle(loaded: &Loaded, edits: &mut FileEdits, rrsets: &Rrsets) -> Result<Loaded, PlanError> {
    for _ in 0..ROUNDS {
        let after = loaded.with_changes(&changed(loaded, edits)?);
        let mut settled = true;
        for (place, (before, now)) in loaded.zones.iter().zip(&after.zones).enumerate() {
            let zone = &before.zone;
            for (key, rec) in
                strayed(zone, &now.zone, |key, rtype| rrsets.contains(&(place, key.to_vec(), rtype)))
            {
                let Some(record) = zone.record(&key, rec) else { continue };
                refuse_generated(zone, &record)?;
                let edit = ttl_edit(zone, &record, &[], rec.ttl);
                let list = edits.entry(edit.span.file).or_default();
                if !list.contains(&edit) {
                    settled = false;
                    list.push(edit);
                }
            }
        }
        if settled {
            return Ok(after);
        }
    }
    Err(PlanError::NotProved(String::from("records that take their TTL from the one before would change")))
}

/// Records whose TTL is no longer what it was, the first of each stretch: those after it follow it.
fn strayed(before: &Zone, now: &Zone, is_meant: impl Fn(&[u8], Rtype) -> bool) -> Vec<(Vec<u8>, Rec)> {
    let mut wrong: Vec<(u64, Vec<u8>, Rec)> = Vec::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for name in now.names() {
        let key = now.key_of(name);
        let Some(was) = before.find(key) else { continue };
        old.clear();
        new.clear();
        before.gather(was, &mut old);
        now.gather(name, &mut new);
        let same = |(one, other): (&Rec, &Rec)| one.ttl == other.ttl && one.rtype == other.rtype;
        if old.len() == new.len() && old.iter().zip(&new).all(same) {
            continue;
        }
        let stays = |rec: &Rec| !is_meant(key, rec.rtype);
        old.retain(stays);
        new.retain(stays);
        for rec in &new {
            let same = |other: &&Rec| other.rtype == rec.rtype && other.rdata_hash == rec.rdata_hash;
            if let Some(was) = old.iter().find(same).filter(|was| was.ttl != rec.ttl) {
                wrong.push((rec.place(), key.to_vec(), *was));
            }
        }
    }
    if wrong.is_empty() {
        return Vec::new();
    }
    let mut places: Vec<u64> =
        now.names().flat_map(|name| now.records(name)).map(|rec| rec.place()).collect();
    places.sort_unstable();
    let all: BTreeSet<u64> = wrong.iter().map(|(place, ..)| *place).collect();
    let first = |place: u64| {
        let at = places.partition_point(|other| *other < place);
        at.checked_sub(1).and_then(|at| places.get(at)).is_none_or(|before| !all.contains(before))
    };
    wrong.into_iter().filter(|(place, ..)| first(*place)).map(|(_, key, rec)| (key, rec)).collect()
}
