//! Whole lines: where an entry stands, and a record as a line of its own.

use super::PlanError;
use super::found::Data;
use crate::text::{Source, Span};
use crate::zone::{Record, Zone};
use crate::zonefile::scan::Scanner;
use std::sync::Arc;

/// The whole lines an entry stands on.
pub(super) fn lines(zone: &Zone, span: Span) -> Span {
    zone.lines_of(span)
}

/// CR LF where the line at hand, or else the file, uses it.
pub(super) fn line_end_of(source: &Source, line: &[u8]) -> &'static [u8] {
    let returns = if line.ends_with(b"\n") {
        line.ends_with(b"\r\n")
    } else {
        source.slice(0, source.line_end(0)).ends_with(b"\r\n")
    };
    if returns { b"\r\n" } else { b"\n" }
}

/// A record line of its own, with everything written out.
pub(super) fn plain_line(owner: &str, data: &Data, ttl: u32, comment: &str) -> String {
    format!("{owner}. {ttl} IN {} {}{comment}", data.rtype(), data.text())
}

/// The first entry from an offset on: start, end, and whether it begins with a blank.
pub(super) fn next_entry(source: &Arc<Source>, at: u64) -> Option<(u64, u64, bool)> {
    let mut scanner = Scanner::new(source.bytes(), usize::try_from(at).ok()?);
    let entry = scanner.entry(&mut Vec::new())?;
    Some((u64::from(entry.start), u64::from(entry.end), entry.indented))
}

/// The error of a record that stands on no line of its own, since `$GENERATE` makes it.
pub(super) fn refuse_generated(zone: &Zone, record: &Record) -> Result<(), PlanError> {
    let source = zone.sources().get(record.span.file);
    let Some(by) = source.generated_by() else { return Ok(()) };
    let by = zone.sources().visible(by);
    let source = zone.sources().get(by.file);
    Err(PlanError::NotEditable {
        place: format!("{}:{}", source.name(), source.position(by.start).line),
        why: format!(
            "`{}` {} is made by $GENERATE and cannot be changed alone: write its records out first",
            record.owner, record.rtype
        ),
    })
}
