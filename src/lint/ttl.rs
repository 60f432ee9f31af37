//! Rules of the group `ttl`: how long records may be kept.

use super::context::{RrsetView, ZoneContext};
use super::rule::{Check, Out, Rule, rule};
use crate::diagnostic::Applicability;
use crate::zonefile::rtype::Rtype;

fn mismatch(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
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
        if !zone.stand_together(rrset.key, *first, *rec) {
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
        let mut finding = context
            .about("ttl-mismatch", &record, record.ttl_span.unwrap_or(record.type_span), message)
            .related(model.ttl_span.unwrap_or(model.type_span), format!("TTL {} here", model.ttl))
            .help(format!("BIND serves {}, Knot {}; write one TTL", model.ttl, record.ttl));
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
        Check::Rrset(mismatch),
        "records of one RRset with different TTLs"
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
        "ttl-overflow",
        Error,
        Unsafe,
        "RFC 2181 8",
        Check::Parser,
        "a TTL over 2147483647, which is 0 in effect"
    ),
];
