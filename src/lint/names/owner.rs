//! How owners are written: host names (RFC 952, RFC 1123 section 2.1), wildcards (RFC 4592),
//! internationalised names (RFC 5891).

use crate::diagnostic::Finding;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{NameId, Rec, Record, TypeSet};
use crate::zonefile::idn;
use crate::zonefile::name::{Labels, unescaped};
use crate::zonefile::rtype::Rtype;

/// `hostname-invalid-owner`
pub(super) fn invalid_host(context: &ZoneContext<'_>, out: Out<'_>) {
    let wrong = |label: &[u8]| {
        let known = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
        let others = |octet: u8| matches!(octet, b'_' | b'*' | b'@') || !octet.is_ascii();
        !label.iter().all(known) && !unescaped(label).any(others)
    };
    hosts(context, "hostname-invalid-owner", out, |label| {
        wrong(label).then(|| {
            let label = String::from_utf8_lossy(label);
            let why = format!("the label `{label}` is not made of letters, digits and hyphens");
            (why, "a host name has letters, digits and hyphens only; BIND warns, or refuses it in a primary")
        })
    });
}

/// `hostname-underscore`
pub(super) fn underscore(context: &ZoneContext<'_>, out: Out<'_>) {
    hosts(context, "hostname-underscore", out, |label| {
        let inside = label.first() != Some(&b'_') && label.contains(&b'_');
        inside.then(|| {
            let why = format!("the label `{}` has an underscore", String::from_utf8_lossy(label));
            (why, "write a hyphen instead; mail servers and TLS libraries refuse such hosts")
        })
    });
}

/// `label-hyphen-edge`
pub(super) fn hyphen_edge(context: &ZoneContext<'_>, out: Out<'_>) {
    hosts(context, "label-hyphen-edge", out, |label| {
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
pub(super) fn reserved(context: &ZoneContext<'_>, out: Out<'_>) {
    hosts(context, "label-reserved-ldh", out, |label| {
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
pub(super) fn bad_punycode(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for name in zone.unusual_names() {
        let wrong = Labels(zone.key_of(*name)).find_map(|label| Some((label, idn::fault(label)?)));
        let Some((label, why)) = wrong else { continue };
        let message =
            |owner: &str| format!("`{owner}`: the label `{}` {why}", String::from_utf8_lossy(label));
        let help = "encode the name again from its letters";
        out.extend(finding(context, *name, None, "idn-bad-punycode", message).map(|found| found.help(help)));
    }
}

/// `wildcard-not-leftmost`
pub(super) fn inner_wildcard(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for name in zone.unusual_names() {
        if !Labels(zone.key_of(*name)).skip(1).any(|label| label == b"*") {
            continue;
        }
        let message =
            |owner: &str| format!("`{owner}`: `*` stands for other names as the leftmost label only");
        let help = "a `*` further right is a label like any other; write the names out";
        out.extend(
            finding(context, *name, None, "wildcard-not-leftmost", message).map(|found| found.help(help)),
        );
    }
}

/// `wildcard-partial-label`
pub(super) fn partial_wildcard(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for name in zone.unusual_names() {
        let key = zone.key_of(*name);
        let mut labels = Labels(key).peekable();
        let mut wrong = None;
        while let Some(label) = labels.next() {
            // The name of a service instance is free text (RFC 6763 section 4.1.1).
            let instance = labels.peek().is_some_and(|next| next.starts_with(b"_"));
            if label.len() > 1 && label.contains(&b'*') && !instance {
                wrong = Some(label);
                break;
            }
        }
        let Some(label) = wrong else { continue };
        let message = |owner: &str| {
            format!("`{owner}`: `*` is only a part of the label `{}`", String::from_utf8_lossy(label))
        };
        let help = "a wildcard is a whole label, the leftmost; this name stands for itself only";
        out.extend(
            finding(context, *name, None, "wildcard-partial-label", message).map(|found| found.help(help)),
        );
    }
}

/// Reports the owners of A, AAAA and MX records one label of which is wrong.
fn hosts(
    context: &ZoneContext<'_>,
    rule: &'static str,
    out: Out<'_>,
    wrong: impl Fn(&[u8]) -> Option<(String, &'static str)>,
) {
    let zone = context.zone;
    let of_hosts = [Rtype::A, Rtype::AAAA, Rtype::MX].map(TypeSet::of);
    let of_hosts = of_hosts.into_iter().fold(TypeSet::default(), TypeSet::union);
    for name in zone.unusual_names() {
        if !zone.types_of(*name).meets(of_hosts) {
            continue;
        }
        let Some((why, help)) = Labels(zone.key_of(*name)).find_map(&wrong) else { continue };
        let message = |owner: &str| format!("`{owner}`: {why}");
        out.extend(finding(context, *name, Some(of_hosts), rule, message).map(|found| found.help(help)));
    }
}

/// The finding about a name, where it is written for the first record of the types given.
fn finding(
    context: &ZoneContext<'_>,
    name: NameId,
    types: Option<TypeSet>,
    rule: &'static str,
    message: impl FnOnce(&str) -> String,
) -> Option<Finding> {
    let (record, span) = first_record(context, name, types)?;
    let message = message(&record.owner);
    Some(context.about(rule, &record, span, message))
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
