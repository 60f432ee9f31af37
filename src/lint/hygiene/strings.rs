//! Texts that are not what their writer meant: empty, with blanks around them, in quotes of their own;
//! and answers to challenges that are over.

use crate::diagnostic::{Applicability, Edit};
use crate::lint::context::ZoneContext;
use crate::lint::line::own_lines;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{NameId, Record, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::Scanner;

/// The strings of a TXT record.
pub(super) fn strings(wire: &[u8]) -> Vec<&[u8]> {
    let mut strings = Vec::new();
    let mut rest = wire;
    while let Some((length, after)) = rest.split_first() {
        let (string, left) = after.split_at(usize::from(*length).min(after.len()));
        strings.push(string);
        rest = left;
    }
    strings
}

/// The strings of a TXT record joined, as readers join them (RFC 7208 section 3.3).
pub(super) fn value(wire: &[u8]) -> Vec<u8> {
    strings(wire).concat()
}

/// One string as it is written.
struct Written {
    /// With its quotes.
    outer: Span,
    /// Where its text begins, behind the quote if there is one.
    start: u64,
    /// Its text, escapes and all.
    text: Vec<u8>,
}

/// The strings of a TXT record as they are written; none when they cannot be edited there: written as
/// `\#` octets, or made by `$GENERATE`.
fn written(zone: &Zone, record: &Record) -> Option<Vec<Written>> {
    let source = zone.sources().get(record.span.file);
    if source.generated_by().is_some() {
        return None;
    }
    let data = source.slice(record.span.start, record.span.end());
    let mut scanner = Scanner::new(&data, 0);
    scanner.octal = zone.is_windows();
    let mut tokens = Vec::new();
    scanner.entry(&mut tokens)?;
    let at = |offset: u32| record.span.start + u64::from(offset);
    let from = record.rdata_span().start;
    let of_rdata = tokens.iter().filter(|token| at(token.outer().0) >= from);
    let written: Vec<Written> = of_rdata
        .map(|token| Written {
            outer: Span::new(record.span.file, at(token.outer().0), at(token.outer().1)),
            start: at(token.start),
            text: token.text(&data).to_vec(),
        })
        .collect();
    (written.len() == strings(&record.wire).len()).then_some(written)
}

/// `txt-empty`
pub(super) fn empty(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let is_service = Labels(record.owner.as_bytes()).any(|label| label.starts_with(b"_"));
    // A service without attributes has an empty TXT record (RFC 6763 section 6.1), other names with an
    // underscore are kept for what comes; and any record keeps a wildcard from answering for its owner.
    if record.wire.iter().any(|octet| *octet != 0)
        || is_service
        || zone.wildcard_for(&record.key).is_some()
        || zone.cut_above(&record.key).is_some()
    {
        return;
    }
    let message = format!("`{}` TXT is empty", record.owner);
    out.push(
        context
            .about("txt-empty", record, record.rdata_span(), message)
            .help("write the text, or remove the record"),
    );
}

fn is_blank(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// `txt-surrounding-space`
pub(super) fn surrounding_space(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let value = value(&record.wire);
    let (leads, trails) = (value.first().is_some_and(is_blank), value.last().is_some_and(is_blank));
    let what = match (leads, trails) {
        _ if !value.is_empty() && value.iter().all(is_blank) => "holds nothing but blanks",
        (true, true) => "begins and ends with a blank",
        (true, false) => "begins with a blank",
        (false, true) => "ends with a blank",
        (false, false) => return,
    };
    let message = format!("`{}` TXT {what}", record.owner);
    let finding = context
        .about("txt-surrounding-space", record, record.rdata_span(), message)
        .help("remove the blanks around the text");
    out.push(match trimmed(context.zone, record, leads, trails) {
        Some(edits) => finding.fixes(Applicability::Unsafe, edits),
        None => finding,
    });
}

/// The edits that take the blanks away, when they stand there as such and something else does too.
fn trimmed(zone: &Zone, record: &Record, leads: bool, trails: bool) -> Option<Vec<Edit>> {
    let written = written(zone, record)?;
    let strings = strings(&record.wire);
    let mut edits = Vec::new();
    if leads {
        let (string, token) = (strings.first()?, written.first()?);
        let count = string.iter().position(|octet| !is_blank(octet)).filter(|count| *count > 0)?;
        token.text.get(..count)?.iter().all(is_blank).then_some(())?;
        let span = Span::new(token.outer.file, token.start, token.start + count as u64);
        edits.push(Edit { span, replacement: Vec::new() });
    }
    if trails {
        let (string, token) = (strings.last()?, written.last()?);
        let kept = string.iter().rposition(|octet| !is_blank(octet))? + 1;
        let count = Some(string.len() - kept).filter(|count| *count > 0)?;
        let (text, blanks) = token.text.split_at_checked(token.text.len().checked_sub(count)?)?;
        (blanks.iter().all(is_blank) && !text.ends_with(b"\\")).then_some(())?;
        let end = token.start + token.text.len() as u64;
        edits.push(Edit {
            span: Span::new(token.outer.file, end - count as u64, end),
            replacement: Vec::new(),
        });
    }
    Some(edits)
}

/// `txt-literal-quotes`
pub(super) fn literal_quotes(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let value = value(&record.wire);
    let Some(parts) = in_quotes(&value) else { return };
    let text = parts.concat();
    // A sentence may stand in quotes because somebody said it.
    if text.iter().any(is_blank) && !text.contains(&b'=') {
        return;
    }
    let message = format!("`{}` TXT: the quotes are part of the value", record.owner);
    let finding = context
        .about("txt-literal-quotes", record, record.rdata_span(), message)
        .help("write the quotes without backslashes, once");
    out.push(match unquoted(context.zone, record, parts.len()) {
        Some(edits) => finding.fixes(Applicability::Unsafe, edits),
        None => finding,
    });
}

/// What stands in quotes, when the value is nothing but one string in quotes or more, with blanks
/// between them.
fn in_quotes(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.strip_prefix(b"\"")?;
        let end = rest.iter().position(|octet| *octet == b'"')?;
        let (part, after) = rest.split_at_checked(end)?;
        parts.push(part);
        rest = after.strip_prefix(b"\"")?;
        let blanks = rest.iter().position(|octet| !is_blank(octet)).unwrap_or(rest.len());
        if blanks == rest.len() {
            return (blanks == 0).then_some(parts);
        }
        if blanks == 0 {
            return None;
        }
        rest = rest.get(blanks..)?;
    }
}

/// The edits that take the quotes out of a value which has so many strings in quotes: the value of one
/// string is what should have been written, and of several the outermost quotes go.
fn unquoted(zone: &Zone, record: &Record, parts: usize) -> Option<Vec<Edit>> {
    let written = written(zone, record)?;
    if let [token] = &*written {
        let replacement = without_escaped_quotes(&token.text, parts * 2)?;
        return Some(vec![Edit { span: token.outer, replacement }]);
    }
    let (first, last) = (written.first()?, written.last()?);
    (parts == 1 && first.text.starts_with(b"\\\"")).then_some(())?;
    let text = last.text.strip_suffix(b"\\\"")?;
    (!text.ends_with(b"\\")).then_some(())?;
    let end = last.start + last.text.len() as u64;
    let spans = [(first.start, first.start + 2), (end - 2, end)];
    let edit = |(start, end)| Edit { span: Span::new(first.outer.file, start, end), replacement: Vec::new() };
    Some(spans.into_iter().map(edit).collect())
}

/// A text with `"` for each `\"`, of which it must have so many.
fn without_escaped_quotes(text: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut found = 0;
    let mut rest = text;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match (octet, after.split_first()) {
            (b'\\', Some((b'"', after))) => {
                found += 1;
                plain.push(b'"');
                rest = after;
            }
            (b'\\', Some((escaped, after))) => {
                plain.extend([b'\\', *escaped]);
                rest = after;
            }
            _ => plain.push(*octet),
        }
    }
    (found == count).then_some(plain)
}

/// `stale-acme-challenge`
pub(super) fn acme_challenge(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if Labels(key).next() != Some(b"_acme-challenge") || zone.cut_above(key).is_some() {
        return;
    }
    for record in zone.read_rrset(key, Rtype::TXT) {
        if !is_challenge(&value(&record.wire)) {
            continue;
        }
        let message =
            format!("`{}` TXT is the answer to an ACME challenge, good for one certificate", record.owner);
        let finding = context
            .about("stale-acme-challenge", &record, record.rdata_span(), message)
            .help("remove the record: the client adds another for the next certificate");
        out.push(match own_lines(zone, &record) {
            Some((lines, _)) => finding.fix(Applicability::Unsafe, lines, ""),
            None => finding,
        });
    }
}

/// Whether it is a SHA-256 digest in base64url without padding (RFC 8555 section 8.4).
fn is_challenge(text: &[u8]) -> bool {
    const OCTETS: usize = 43;
    text.len() == OCTETS
        && text.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_quotes_is_nothing_but_strings_in_quotes() {
        let parts = |text: &str| in_quotes(text.as_bytes()).map(|parts| parts.len());
        assert_eq!(parts(r#""v=spf1 -all""#), Some(1));
        assert_eq!(parts(r#""v=DKIM1; " "p=AB""#), Some(2));
        for other in [
            "",
            "\"",
            "a",
            r#""a"b"#,
            r#""a", "b""#,
            r#""a""b""#,
            r#"{"a":"b"}"#,
            r#""a" "#,
            r#""Yes," she said, "no""#,
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn escaped_quotes_become_quotes_and_other_escapes_stay() {
        let plain = |text: &str, count| without_escaped_quotes(text.as_bytes(), count);
        assert_eq!(plain(r#"\"a\;b\\\""#, 2).as_deref(), Some(&br#""a\;b\\""#[..]));
        assert_eq!(plain(r#"\"a\034"#, 2), None);
        assert_eq!(plain(r#"\\"#, 0).as_deref(), Some(&br#"\\"#[..]));
    }

    #[test]
    fn the_answer_to_a_challenge_is_a_digest() {
        assert!(is_challenge(b"DGyRejmCefe7v4NfDGDKfA-9SpQyEpG-Q8_QmQKLHMI"));
        assert!(!is_challenge(b"DGyRejmCefe7v4NfDGDKfA-9SpQyEpG-Q8_QmQKLHM="));
        assert!(!is_challenge(b"placeholder"));
    }
}
