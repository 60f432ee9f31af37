//! Values made of tags, `name=value` with `;` between them (RFC 6376 section 3.2, RFC 7489 section
//! 6.4, RFC 8460 section 3, RFC 8461 section 3.1).

use super::text::{Text, shown};
use crate::diagnostic::Severity;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::Record;
use std::ops::Range;

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// Its name as it is written.
    pub name: Vec<u8>,
    /// Its value without the blanks around it.
    pub value: Vec<u8>,
    /// Where both stand, without the blanks around them.
    pub at: Range<usize>,
}

/// A list of tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    /// The tags, in order.
    pub list: Vec<Tag>,
    /// What stands between two `;` and is no tag; empty ranges are two `;` in a row.
    pub odd: Vec<Range<usize>>,
}

impl Tags {
    /// The first tag of a name, in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&Tag> {
        self.list.iter().find(|tag| tag.is(name))
    }

    /// The tags whose name a tag before them has.
    pub(super) fn twice(&self) -> impl Iterator<Item = &Tag> {
        self.list.iter().enumerate().filter_map(|(at, tag)| {
            let before = self.list.get(..at).unwrap_or_default();
            before.iter().any(|other| other.name.eq_ignore_ascii_case(&tag.name)).then_some(tag)
        })
    }
}

impl Tag {
    /// Whether it has this name, in any case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// One thing that is wrong with a record.
pub(super) struct Fault {
    /// Where.
    pub at: Range<usize>,
    /// Words that follow the name of the record.
    pub message: String,
    /// What to write.
    pub help: String,
    /// How bad it is; the rule may be less so.
    pub severity: Severity,
}

impl Fault {
    /// A fault that is as bad as its rule.
    pub(super) fn new(at: &Range<usize>, message: String, help: impl Into<String>) -> Self {
        Self { at: at.clone(), message, help: help.into(), severity: Severity::Error }
    }
}

impl Tags {
    /// What is no tag, and what is written twice.
    pub(super) fn faults(&self, text: &[u8]) -> Vec<Fault> {
        let odd = self.odd.iter().map(|odd| {
            let written = shown(text.get(odd.clone()).unwrap_or_default());
            if odd.is_empty() {
                Fault::new(odd, String::from("nothing stands between two `;`"), "delete one of them")
            } else {
                let help = "write tags as `name=value`, with `;` between them";
                Fault::new(odd, format!("`{written}` is no tag"), help)
            }
        });
        let twice = self.twice().map(|tag| {
            let message = format!("the tag `{}` is written twice", shown(&tag.name));
            Fault::new(&tag.at, message, "keep one of them")
        });
        odd.chain(twice).collect()
    }
}

/// Reports the faults of a record.
pub(super) fn report(
    context: &ZoneContext<'_>,
    record: &Record,
    rule: &'static str,
    text: &Text,
    faults: Vec<Fault>,
    out: Out<'_>,
) {
    for fault in faults {
        let message = format!("`{}` TXT: {}", record.owner, fault.message);
        let mut finding = context.about(rule, record, text.span(&fault.at), message).help(fault.help);
        finding.severity = fault.severity;
        out.push(finding);
    }
}

/// Tags beyond so many are not looked at: no standard knows as many.
const MOST: usize = 100;

/// Reads a list of tags.
pub(super) fn read(text: &[u8]) -> Tags {
    let mut tags = Tags::default();
    let mut start = 0;
    let mut parts = text.split(|octet| *octet == b';').take(MOST).peekable();
    while let Some(part) = parts.next() {
        let lead = part.len() - part.trim_ascii_start().len();
        let part_start = start;
        start += part.len() + 1;
        let body = part.trim_ascii();
        if body.is_empty() && parts.peek().is_none() {
            break;
        }
        let at = part_start + lead.min(part.len())..part_start + lead.min(part.len()) + body.len();
        let equals = body.iter().position(|octet| *octet == b'=');
        let Some((name, [_, value @ ..])) = equals.and_then(|equals| body.split_at_checked(equals)) else {
            tags.odd.push(if body.is_empty() { part_start..part_start } else { at });
            continue;
        };
        let name = name.trim_ascii_end();
        let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'_');
        if is_name {
            tags.list.push(Tag { name: name.to_vec(), value: value.trim_ascii().to_vec(), at });
        } else {
            tags.odd.push(at);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_tags_do_not_count() {
        let tags = read(b"v=DMARC1 ; p = none; rua=mailto:a@example.com,mailto:b@example.com ;");
        let read: Vec<_> = tags
            .list
            .iter()
            .map(|tag| (std::str::from_utf8(&tag.name).unwrap(), std::str::from_utf8(&tag.value).unwrap()))
            .collect();
        assert_eq!(
            read,
            [("v", "DMARC1"), ("p", "none"), ("rua", "mailto:a@example.com,mailto:b@example.com")]
        );
        assert!(tags.odd.is_empty() && tags.twice().next().is_none());
        assert_eq!(tags.list[1].at, 11..19);
    }

    #[test]
    fn what_is_no_tag_is_told() {
        let tags = read(b"v=DMARC1;;p none; =x; p=none; P=reject");
        assert_eq!(tags.odd, [9..9, 10..16, 18..20]);
        assert_eq!(tags.twice().map(|tag| tag.at.start).collect::<Vec<_>>(), [30]);
    }
}
