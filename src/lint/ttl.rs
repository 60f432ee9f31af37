//! Rules of the group `ttl`: how long records may be kept.

mod short;

use super::context::{RrsetView, ZoneContext};
use super::rule::{Check, Out, Rule, rule};
use super::wants::{Marks, Wants};
use crate::diagnostic::Applicability;
use crate::zonefile::rtype::Rtype;

fn mismatch(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    differences(context, rrset, true, out);
}

fn mismatch_split(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    differences(context, rrset, false, out);
}

/// Records whose TTL is not that of the first one, which they stand together with or not.
fn differences(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, together: bool, out: Out<'_>) {
    let Some(first) = rrset.records.first() else { return };
    if rrset.rtype == Rtype::RRSIG || rrset.records.iter().all(|rec| rec.ttl == first.ttl) {
        return;
    }
    let zone = context.zone;
    let Some(model) = zone.record(rrset.key, *first) else { return };
    let written = model.ttl_span.map(|span| zone.sources().bytes(span));
    let overflows = |record: &crate::zone::Record| {
        record.ttl == 0
            && record.ttl_span.is_some_and(|span| {
                zone.sources().bytes(span).iter().any(|octet| matches!(octet, b'1'..=b'9'))
            })
    };
    for rec in rrset.records.iter().filter(|rec| rec.ttl != first.ttl) {
        if zone.stand_together(rrset.key, *first, *rec) != together {
            continue;
        }
        let Some(record) = zone.record(rrset.key, *rec).filter(|record| !overflows(record)) else { continue };
        if overflows(&model) {
            continue;
        }
        let message = format!(
            "`{}` {}: TTL {} differs from TTL {} of the same RRset",
            record.owner, record.rtype, record.ttl, model.ttl
        );
        let ttl = written.clone().unwrap_or_else(|| model.ttl.to_string().into_bytes());
        let (rule, help) = if together {
            ("ttl-mismatch", format!("BIND serves {}, Knot {}; write one TTL", model.ttl, record.ttl))
        } else {
            let last = rrset.records.last().map_or(record.ttl, |last| last.ttl);
            let help = format!("BIND serves {last}, the last one, without a warning; write one TTL");
            ("ttl-mismatch-split", help)
        };
        let mut finding = context
            .about(rule, &record, record.ttl_span.unwrap_or(record.type_span), message)
            .related(model.ttl_span.unwrap_or(model.type_span), format!("TTL {} here", model.ttl))
            .help(help);
        finding = match record.ttl_span {
            Some(span) => finding.fix(Applicability::Unsafe, span, ttl),
            None => {
                let mut place = record.type_span;
                place.len = 0;
                finding.fix(Applicability::Unsafe, place, [&*ttl, b" "].concat())
            }
        };
        out.push(finding);
    }
}

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Ttl,
        "ttl",
        "ttl-implicit-previous",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a record that takes its TTL from the one before"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-mismatch",
        Error,
        Unsafe,
        "RFC 2181 5.2",
        Check::Rrset(Wants::marks(Marks::TTLS), mismatch),
        "records of one RRset with different TTLs"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-mismatch-split",
        Error,
        Unsafe,
        "RFC 2181 5.2",
        Check::Rrset(Wants::marks(Marks::TTLS), mismatch_split),
        "records of one RRset in distant lines, with different TTLs"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-missing",
        Warning,
        Safe,
        "RFC 2308 4",
        Check::Parser,
        "a record without a TTL, and nothing that gives it one"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-ns-below-policy",
        Info,
        No,
        "RFC 1912 2.2",
        Check::Owners(Wants::both(short::OF_NAME_SERVERS, Marks::BRIEF_TTL), short::of_name_servers),
        "NS records or the addresses of name servers that are kept for minutes only"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-overflow",
        Error,
        Unsafe,
        "RFC 2181 8",
        Check::Parser,
        "a TTL over 2147483647, which is 0 in effect"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-too-high",
        Warning,
        Unsafe,
        "RFC 8767 4, BIND max-zone-ttl",
        Check::Parser,
        "a TTL over 7 days"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-too-low",
        Info,
        No,
        "RFC 1912 2.2",
        Check::Owner(Wants::marks(Marks::LOW_TTL), short::records),
        "a TTL under 60 seconds"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-units-not-portable",
        Warning,
        Safe,
        "BIND master file format",
        Check::Parser,
        "units of time out of order or twice: `30m1h`, `1h1h`"
    ),
    rule!(
        Ttl,
        "ttl",
        "ttl-zero",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Parser,
        "a TTL of 0: the record is not kept at all"
    ),
];
