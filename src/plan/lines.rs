//! Whole lines: where an entry stands, and a record as a line of its own.

use super::found::Data;
use crate::text::{Source, Span};
use crate::zone::Zone;

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
