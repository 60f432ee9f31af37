//! Writes other addresses into `ipv4hint` and `ipv6hint` (RFC 9460 section 7.3).

use crate::diagnostic::Edit;
use crate::lint::ZoneContext;
use crate::text::Span;
use crate::zone::Record;
use std::net::IpAddr;

/// A parameter as it is written: where it begins in the text of all parameters, and its value.
struct Written<'t> {
    start: usize,
    value_start: usize,
    value: &'t str,
}

/// The only parameter of a name, in plain text without comments and quotes.
fn written<'t>(text: &'t str, key: &str) -> Option<Written<'t>> {
    if text.contains(['"', '\\', ';']) {
        return None;
    }
    let is_gap = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | '(' | ')');
    let mut at = 0;
    for word in text.split(is_gap) {
        if let Some(value) = word.strip_prefix(key).and_then(|rest| rest.strip_prefix('=')) {
            return Some(Written { start: at, value_start: at + key.len() + 1, value });
        }
        // What parts the words is one octet.
        at += word.len() + 1;
    }
    None
}

/// The addresses of `hints` that are among `addresses`, or those of them all if there are none.
fn right(hints: &[IpAddr], addresses: &[IpAddr]) -> Vec<IpAddr> {
    let known: Vec<IpAddr> = hints.iter().filter(|hint| addresses.contains(hint)).copied().collect();
    if known.is_empty() { addresses.to_vec() } else { known }
}

/// The edits after which an SVCB or HTTPS record hints at none but `addresses`; none when the parameters
/// are not written plainly.
pub(super) fn edits(
    context: &ZoneContext<'_>,
    record: &Record,
    hints: &[IpAddr],
    addresses: &[IpAddr],
) -> Option<Vec<Edit>> {
    let place = *record.fields.get(2)?;
    let source = context.zone.sources().get(place.file);
    if source.generated_by().is_some() {
        return None;
    }
    let text = context.zone.sources().bytes(place);
    let text = std::str::from_utf8(&text).ok()?;
    let span = |start: usize, end: usize| {
        Some(Span::new(
            place.file,
            place.start + u64::try_from(start).ok()?,
            place.start + u64::try_from(end).ok()?,
        ))
    };
    let mut edits = Vec::new();
    for (key, is_ipv4) in [("ipv4hint", true), ("ipv6hint", false)] {
        let of_family = |all: &[IpAddr]| -> Vec<IpAddr> {
            all.iter().filter(|address| address.is_ipv4() == is_ipv4).copied().collect()
        };
        let (hints, addresses) = (of_family(hints), of_family(addresses));
        if hints.iter().all(|hint| addresses.contains(hint)) {
            continue;
        }
        let found = written(text, key)?;
        let end = found.value_start + found.value.len();
        let right: Vec<String> = right(&hints, &addresses).iter().map(IpAddr::to_string).collect();
        if !right.is_empty() {
            edits.push(Edit { span: span(found.value_start, end)?, replacement: right.join(",").into() });
            continue;
        }
        if written(text, "mandatory").is_some_and(|listed| listed.value.split(',').any(|name| name == key)) {
            return None;
        }
        // A parameter goes with the blanks before it; the first one's stand before the others.
        let line = source.line_start(place.start);
        let before = source.slice(line, place.start);
        let blanks =
            |text: &[u8]| text.iter().rev().take_while(|octet| matches!(octet, b' ' | b'\t')).count() as u64;
        let gap = match found.start {
            0 => blanks(&before),
            start => blanks(text.as_bytes().get(..start)?),
        };
        let whole = span(found.start, end)?;
        edits.push(Edit {
            span: Span::new(place.file, whole.start - gap, whole.end()),
            replacement: Vec::new(),
        });
    }
    edits.sort_by_key(|edit| edit.span);
    (!edits.is_empty()).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_where_they_are_plain() {
        let text = "alpn=h2\n\tipv4hint=192.0.2.1,192.0.2.2 port=443";
        let found = written(text, "ipv4hint").unwrap();
        assert_eq!((found.start, found.value_start, found.value), (9, 18, "192.0.2.1,192.0.2.2"));
        assert!(written(text, "ipv6hint").is_none());
        assert!(written("alpn=\"h2\" ipv4hint=192.0.2.1", "ipv4hint").is_none());
        assert!(written("alpn=h2 ; ipv4hint=192.0.2.1", "ipv4hint").is_none());
    }
}
