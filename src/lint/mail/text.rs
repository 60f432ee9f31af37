//! The value of a TXT record: its strings joined as readers join them, and where each octet stands.

use crate::text::Span;
use crate::zone::{Record, Zone};
use std::ops::Range;

/// The joined strings of a TXT record (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2).
pub(super) struct Text {
    /// The octets of all strings.
    pub octets: Vec<u8>,
    strings: Vec<Piece>,
    whole: Span,
}

/// One string.
struct Piece {
    /// Where its octets lie in the value.
    range: Range<usize>,
    /// The field as it is written.
    field: Span,
    /// Where its first octet is written, when each octet stands for itself.
    plain: Option<u64>,
}

impl Text {
    /// The value of a TXT record.
    pub(super) fn of(zone: &Zone, record: &Record) -> Self {
        let whole = record.rdata_span();
        let source = zone.sources().get(whole.file);
        let written = source.slice(whole.start, whole.end());
        let mut octets = Vec::with_capacity(record.wire.len());
        let mut strings = Vec::new();
        let mut rest = record.wire.as_slice();
        let mut at = 0;
        while let Some((len, after)) = rest.split_first() {
            let (string, left) = after.split_at(usize::from(*len).min(after.len()));
            let start = octets.len();
            octets.extend_from_slice(string);
            let token = next_string(&written, at);
            at = token.end;
            let offset = |at: usize| whole.start + at as u64;
            let field = Span::new(whole.file, offset(token.start), offset(token.end));
            let text = written.get(token.clone()).unwrap_or_default();
            let quote = usize::from(text.first() == Some(&b'"'));
            let inner = text.strip_prefix(b"\"").unwrap_or(text);
            let is_plain = inner.strip_suffix(b"\"").unwrap_or(inner) == string;
            let plain = is_plain.then_some(offset(token.start + quote));
            strings.push(Piece { range: start..octets.len(), field, plain });
            rest = left;
        }
        Self { octets, strings, whole }
    }

    /// Where a part of the value is written: exactly, or the fields that it lies in.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        if let Some(span) = self.exact(range) {
            return span;
        }
        let piece_at = |at: usize| self.strings.iter().find(|piece| piece.range.contains(&at));
        let last = range.end.saturating_sub(1).max(range.start);
        match (piece_at(range.start), piece_at(last)) {
            (Some(first), Some(last)) => first.field.to(last.field),
            _ => self.whole,
        }
    }

    /// Where a part of the value is written, when its octets stand there side by side.
    pub(super) fn exact(&self, range: &Range<usize>) -> Option<Span> {
        let piece = self
            .strings
            .iter()
            .find(|piece| piece.range.contains(&range.start) && range.end <= piece.range.end)?;
        let start = piece.plain? + (range.start - piece.range.start) as u64;
        Some(Span::new(piece.field.file, start, start + range.len() as u64))
    }
}

/// The next string of the RDATA as it is written, from an offset on: in quotes, or up to a blank. It is
/// empty when there is none, as in the `\#` form.
fn next_string(written: &[u8], from: usize) -> Range<usize> {
    let mut start = from;
    while let Some(octet) = written.get(start) {
        match octet {
            b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' => start += 1,
            b';' => {
                let rest = written.get(start..).unwrap_or_default();
                start += rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
            }
            _ => break,
        }
    }
    let quoted = written.get(start) == Some(&b'"');
    let mut end = start + usize::from(quoted);
    while let Some(octet) = written.get(end) {
        match octet {
            b'\\' => end += 1,
            b'"' if quoted => return start..end + 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b';' | b'"' if !quoted => break,
            _ => {}
        }
        end += 1;
    }
    start..end.min(written.len())
}

/// Whether the value ends where an unquoted `;` begins a comment: what seems missing may stand there.
pub(super) fn is_cut_short(zone: &Zone, record: &Record) -> bool {
    let source = zone.sources().get(record.span.file);
    let last = record.fields.last().copied().unwrap_or(record.type_span);
    let quoted = zone.sources().bytes(last).last() == Some(&b'"');
    let tail = source.slice(last.end(), source.line_end(last.end()));
    !quoted && tail.trim_ascii_start().first() == Some(&b';')
}

/// Octets as messages show them, shortened when they are many.
pub(super) fn shown(octets: &[u8]) -> String {
    const MANY: usize = 80;
    let head = octets.get(..MANY).unwrap_or(octets);
    let mut text: String = head
        .iter()
        .flat_map(|octet| {
            match octet {
                0x20..=0x7e => char::from(*octet).to_string(),
                _ => format!("\\{octet:03}"),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect();
    if octets.len() > MANY {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_one_after_the_other() {
        let written = b"( \"a b\" ; \"no\"\n  c\\ d \"e\\\"f\") ";
        let mut at = 0;
        let mut found = Vec::new();
        for _ in 0..3 {
            let range = next_string(written, at);
            at = range.end;
            found.push(std::str::from_utf8(&written[range]).unwrap());
        }
        assert_eq!(found, ["\"a b\"", "c\\ d", "\"e\\\"f\""]);
        assert!(next_string(written, at).is_empty());
    }
}
