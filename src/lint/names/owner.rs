//! How owners are written: host names (RFC 952, RFC 1123 section 2.1), wildcards (RFC 4592),
//! internationalised names (RFC 5891).

use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{NameId, Rec, Record, TypeSet};
use crate::zonefile::idn;
use crate::zonefile::name::{Labels, unescaped};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// `hostname-invalid-owner`
pub(super) fn invalid_host(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    let wrong = |label: &[u8]| {
        let known = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
        let others = |octet: u8| matches!(octet, b'_' | b'*' | b'@') || !octet.is_ascii();
        !label.iter().all(known) && !unescaped(label).any(others)
    };
    hosts((context, names), "hostname-invalid-owner", out, |label| {
        wrong(label).then(|| {
            let label = String::from_utf8_lossy(label);
            let why = format!("the label `{label}` is not made of letters, digits and hyphens");
            (why, "a host name has letters, digits and hyphens only; BIND warns, or refuses it in a primary")
        })
    });
}

/// `hostname-underscore`
pub(super) fn underscore(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    hosts((context, names), "hostname-underscore", out, |label| {
        let inside = label.first() != Some(&b'_') && label.contains(&b'_');
        inside.then(|| {
            let why = format!("the label `{}` has an underscore", String::from_utf8_lossy(label));
            (why, "write a hyphen instead; mail servers and TLS libraries refuse such hosts")
        })
    });
}

/// `label-hyphen-edge`
pub(super) fn hyphen_edge(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    hosts((context, names), "label-hyphen-edge", out, |label| {
        let edge = match (label.first(), label.last()) {
            (Some(b'-'), _) => "begins",
            (_, Some(b'-')) => "ends",
            _ => return None,
        };
        let why = format!("the label `{}` {edge} with a hyphen", String::from_utf8_lossy(label));
        Some((why, "a label of a host name begins and ends with a letter or a digit"))
    });
}

/// `label-reserved-ldh`
pub(super) fn reserved(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    hosts((context, names), "label-reserved-ldh", out, |label| {
        let reserved = label.get(2..4) == Some(b"--") && !label.starts_with(b"xn");
        reserved.then(|| {
            let why = format!(
                "the label `{}` has `--` in its third and fourth place",
                String::from_utf8_lossy(label)
            );
            (why, "these places are reserved for encodings such as `xn--`")
        })
    });
}

/// `idn-bad-punycode`
pub(super) fn bad_punycode(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    labels((context, names), "idn-bad-punycode", None, out, |key| {
        let (label, why) = Labels(key).find_map(|label| Some((label, idn::fault(label)?)))?;
        let why = format!("the label `{}` {why}", String::from_utf8_lossy(label));
        Some((why, "encode the name again from its letters"))
    });
}

/// `wildcard-not-leftmost`
pub(super) fn inner_wildcard(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    labels((context, names), "wildcard-not-leftmost", None, out, |key| {
        Labels(key).skip(1).any(|label| label == b"*").then(|| {
            let why = String::from("`*` stands for other names as the leftmost label only");
            (why, "a `*` further right is a label like any other; write the names out")
        })
    });
}

/// `wildcard-partial-label`
pub(super) fn partial_wildcard(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    labels((context, names), "wildcard-partial-label", None, out, |key| {
        let mut labels = Labels(key).peekable();
        while let Some(label) = labels.next() {
            // The name of a service instance is free text (RFC 6763 section 4.1.1).
            let instance = labels.peek().is_some_and(|next| next.starts_with(b"_"));
            if label.len() > 1 && label.contains(&b'*') && !instance {
                let why = format!("`*` is only a part of the label `{}`", String::from_utf8_lossy(label));
                return Some((why, "a wildcard is a whole label; this name stands for itself only"));
            }
        }
        None
    });
}

/// The types whose owners are hosts.
pub(super) const HOSTS: TypeSet = TypeSet::all(&[Rtype::A, Rtype::AAAA, Rtype::MX]);

/// Reports the owners of A, AAAA and MX records one label of which is wrong.
fn hosts(
    among: (&ZoneContext<'_>, &[NameId]),
    rule: &'static str,
    out: Out<'_>,
    wrong: impl Fn(&[u8]) -> Option<(String, &'static str)>,
) {
    labels(among, rule, Some(HOSTS), out, |key| Labels(key).find_map(&wrong));
}

/// Reports the names that are wrong, where the first record of one of the types given is written;
/// those of one `$GENERATE` once. `wrong` says why, and what to do.
fn labels(
    (context, names): (&ZoneContext<'_>, &[NameId]),
    rule: &'static str,
    types: Option<TypeSet>,
    out: Out<'_>,
    wrong: impl Fn(&[u8]) -> Option<(String, &'static str)>,
) {
    let zone = context.zone;
    let mut generated = BTreeSet::new();
    for name in names {
        let Some((why, help)) = wrong(zone.key_of(*name)) else { continue };
        let Some((record, span)) = first_record(context, *name, types) else { continue };
        let visible = zone.sources().visible(span);
        if visible == span || generated.insert(visible) {
            let message = format!("`{}`: {why}", record.owner);
            out.push(context.about(rule, &record, span, message).help(help));
        }
    }
}

/// The first record of a name that has one of the types, and the place its owner is written at.
fn first_record(context: &ZoneContext<'_>, name: NameId, types: Option<TypeSet>) -> Option<(Record, Span)> {
    let zone = context.zone;
    let key = zone.key_of(name);
    let mut records: Vec<Rec> = zone.records(name).collect();
    records.sort_unstable_by_key(Rec::place);
    let at = records.iter().position(|rec| types.is_none_or(|types| types.has(rec.rtype)))?;
    let record = zone.record(key, *records.get(at)?)?;
    let before = records.get(..at)?.iter().rev();
    let span = record
        .owner_span
        .or_else(|| before.filter_map(|rec| zone.record(key, *rec)).find_map(|record| record.owner_span))
        .unwrap_or(record.first_span);
    Some((record, span))
}
