//! Records set aside as comments during a failover, to be taken up again unaltered.

use super::found::{Pairing, Step};
use super::lines::{line_end_of, lines, plain_line};
use crate::diagnostic::Edit;
use crate::edge::parked::PARKED;
pub(super) use crate::edge::parked::{Cover, STANDS_IN, covers, stands_in};
use crate::text::Span;
use crate::zone::Zone;

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
