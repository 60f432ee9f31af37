//! The lines of a record.

use crate::text::Span;
use crate::zone::{Record, Zone};

/// The lines that only this record stands on, and whether there is a comment on them: what to delete
/// so that the record goes and nothing else changes. None when other entries hang on its lines.
pub(super) fn own_lines(zone: &Zone, record: &Record) -> Option<(Span, bool)> {
    let source = zone.sources().get(record.span.file);
    if source.generated_by().is_some() {
        return None;
    }
    let start = source.line_start(record.span.start);
    let end = source.line_end(record.span.end());
    let tail = source.slice(record.span.end(), end);
    let tail = tail.trim_ascii();
    if start != record.span.start || !tail.is_empty() && !tail.starts_with(b";") {
        return None;
    }
    if record.owner_span.is_some() && next_inherits(&source.ahead(end)) {
        return None;
    }
    let commented = source.slice(start, end).contains(&b';');
    Some((Span::new(record.span.file, start, end), commented))
}

/// Whether the next record line takes its owner from the one before.
fn next_inherits(text: &[u8]) -> bool {
    let is_empty = |line: &[u8]| {
        let line = line.trim_ascii();
        line.is_empty() || line.starts_with(b";")
    };
    text.split(|octet| *octet == b'\n')
        .find(|line| !is_empty(line))
        .is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t')))
}
