//! Records set aside as comments during a failover, and taken up again unaltered.
//!
//! Each line of a record that is set aside gets [`PARKED`] before it; each line that stands in for
//! such records ends in [`STANDS_IN`]. Failback deletes the latter and uncovers the former.

use super::found::{Pairing, Step};
use super::lines::{line_end_of, lines, plain_line};
use crate::diagnostic::Edit;
use crate::text::Span;
use crate::zone::{Record, Zone};

/// What stands before every line of a record that is set aside.
pub(super) const PARKED: &str = "; zonewright: parked ";
/// What stands after a record that takes the place of one set aside.
pub(super) const STANDS_IN: &str = " ; zonewright: failover";

/// Sets all records of an RRset aside and writes the wanted ones before them.
pub(super) fn park(zone: &Zone, owner: &str, pairing: &Pairing, ttl: u32) -> Vec<Edit> {
    let mut standing: Vec<Span> = pairing
        .steps
        .iter()
        .filter_map(Step::before)
        .map(|current| lines(zone, current.record.span))
        .collect();
    standing.sort_unstable();
    standing.dedup();
    let mut wanted: Vec<String> = pairing
        .steps
        .iter()
        .filter_map(Step::after)
        .map(|(data, _)| plain_line(owner, data, ttl, STANDS_IN))
        .collect();
    wanted.reverse();
    let mut edits = Vec::new();
    let places = standing.len();
    for (place, span) in standing.into_iter().enumerate() {
        let source = zone.sources().get(span.file);
        let text = source.slice(span.start, span.end());
        let newline = line_end_of(&source, &text);
        // One before each, so that what follows still finds the owner it inherits; the rest at the last.
        let count = if place + 1 == places { wanted.len() } else { wanted.len().min(1) };
        let mut replacement = Vec::new();
        for _ in 0..count {
            if let Some(line) = wanted.pop() {
                replacement.extend_from_slice(line.as_bytes());
                replacement.extend_from_slice(newline);
            }
        }
        for line in text.split_inclusive(|octet| *octet == b'\n') {
            replacement.extend_from_slice(PARKED.as_bytes());
            replacement.extend_from_slice(line);
        }
        edits.push(Edit { span, replacement });
    }
    edits
}

/// Whether a record stands in for records set aside.
pub(super) fn stands_in(zone: &Zone, record: &Record) -> bool {
    zone.notes().iter().any(|note| {
        !note.own_line && note.text == "failover" && note.entry.is_some_and(|entry| entry == record.span)
    })
}

/// One stretch of text that goes when records are taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// The mark before a line that is set aside.
    Mark(Span),
    /// The lines of a record that stands in.
    StandIn(Span),
}

impl Cover {
    pub(super) fn span(self) -> Span {
        match self {
            Self::Mark(span) | Self::StandIn(span) => span,
        }
    }
}

/// Everything in a zone's files that failover left to be taken up again, in the order of place.
pub(super) fn covers(zone: &Zone) -> Vec<Cover> {
    let mut covers = Vec::new();
    for note in zone.notes() {
        if note.own_line && (note.text == "parked" || note.text.starts_with("parked ")) {
            let source = zone.sources().get(note.span.file);
            let text = source.slice(note.span.start, note.span.end());
            if text.starts_with(PARKED.as_bytes()) && source.line_start(note.span.start) == note.span.start {
                let end = note.span.start + PARKED.len() as u64;
                covers.push(Cover::Mark(Span::new(note.span.file, note.span.start, end)));
            }
        } else if !note.own_line
            && note.text == "failover"
            && let Some(entry) = note.entry
        {
            covers.push(Cover::StandIn(lines(zone, entry)));
        }
    }
    covers.sort_by_key(|cover| cover.span());
    covers.dedup();
    covers
}
