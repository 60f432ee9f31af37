//! Where findings about SRV records stand, and edits of single fields and whole records.

use crate::diagnostic::Edit;
use crate::lint::{Found, ZoneContext};
use crate::text::Span;
use crate::zone::{Record, Zone};
use crate::zonefile::rtype::Rtype;
use std::borrow::Cow;

/// The owner of a record, or its type when the owner is inherited.
pub(super) fn owner_place(record: &Record) -> Span {
    record.owner_span.unwrap_or(record.type_span)
}

/// The TTL of a record, or its type when the TTL is inherited.
pub(super) fn ttl_place(record: &Record) -> Span {
    record.ttl_span.unwrap_or(record.type_span)
}

/// Whether the zone is small enough for a search of all its names at each mistake.
pub(super) fn may_suggest(zone: &Zone) -> bool {
    zone.record_count() <= 2000
}

/// The SRV RRset at an absolute owner.
pub(super) fn service_at<'c>(context: &'c ZoneContext<'_>, owner: &str) -> Option<Cow<'c, Found>> {
    context.srv_at(context.zone.key(owner.as_bytes())?)
}

/// Whether SRV records stand at an absolute owner.
pub(super) fn has_srv(context: &ZoneContext<'_>, owner: &str) -> bool {
    context.zone.key(owner.as_bytes()).is_some_and(|key| !context.zone.rrset(key, Rtype::SRV).is_empty())
}

/// Whether an SRV record at an absolute owner has this port.
pub(super) fn has_srv_on(context: &ZoneContext<'_>, owner: &str, port: u16) -> bool {
    let records = context.zone.key(owner.as_bytes()).map(|key| context.zone.read_rrset(key, Rtype::SRV));
    records
        .is_some_and(|records| records.iter().any(|record| record.srv().is_some_and(|srv| srv.port == port)))
}

/// Replaces what stands at a place; none in text that `$GENERATE` made.
pub(super) fn rewrite(context: &ZoneContext<'_>, span: Span, text: impl Into<Vec<u8>>) -> Option<Edit> {
    let generated = context.zone.sources().get(span.file).generated_by().is_some();
    (!generated).then(|| Edit { span, replacement: text.into() })
}

/// Replaces one field of the RDATA; none for RDATA written with `\#`, whose fields stand nowhere.
pub(in crate::lint) fn rewrite_field(
    context: &ZoneContext<'_>,
    record: &Record,
    index: usize,
    text: impl Into<Vec<u8>>,
) -> Option<Edit> {
    let span = *record.fields.get(index)?;
    let apart = record.fields.iter().enumerate().all(|(at, other)| at == index || *other != span);
    if apart { rewrite(context, span, text) } else { None }
}

/// Takes whole records away with their lines. None when a line is shared, a record is spread over
/// lines, or one that stays inherits the owner of one that goes. The records must be in the order of
/// the text.
pub(super) fn delete(context: &ZoneContext<'_>, records: &[&Record]) -> Option<Vec<Edit>> {
    let file = records.first()?.span.file;
    let source = context.zone.sources().get(file);
    let mut edits: Vec<Edit> = Vec::new();
    // Where the line begins that inherits from a record that goes.
    let mut orphan = None;
    for record in records {
        if record.span.file != file {
            return None;
        }
        let start = source.line_start(record.span.start);
        let end = source.line_end(record.span.end());
        let before = source.slice(start, record.span.start);
        let after = source.slice(record.span.end(), end);
        let after = after.trim_ascii();
        let alone = before.trim_ascii().is_empty() && (after.is_empty() || after.starts_with(b";"));
        if !alone || source.slice(start, end).contains(&b'(') {
            return None;
        }
        let owner_goes = match orphan {
            Some(at) if at == start => true,
            Some(_) => return None,
            None => record.owner_span.is_some(),
        };
        orphan = if owner_goes { heir(&source.ahead(end)).map(|at| end + at) } else { None };
        edits.push(rewrite(context, Span::new(file, start, end), "")?);
    }
    orphan.is_none().then_some(edits)
}

/// Where the next entry of a text begins, if it inherits its owner.
fn heir(text: &[u8]) -> Option<u64> {
    let mut at = 0;
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        if !matches!(line.trim_ascii().first(), None | Some(b';' | b'$')) {
            return line.first().filter(|octet| matches!(octet, b' ' | b'\t')).map(|_| at);
        }
        at += line.len() as u64;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inherited_owners_are_seen() {
        assert_eq!(heir(b"\n; note\n  A 192.0.2.1\n"), Some(8));
        assert_eq!(heir(b"   \n$TTL 5\n\tA 192.0.2.1"), Some(11));
        assert_eq!(heir(b"; note\nwww A 192.0.2.1\n A 192.0.2.2\n"), None);
        assert_eq!(heir(b""), None);
    }
}
