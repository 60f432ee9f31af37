//! Rules about records that are seldom: RP, HINFO, LP, RESINFO; and what the parser finds in LOC,
//! IPSECKEY and AMTRELAY.

use super::lacks;
use crate::diagnostic::Applicability;
use crate::lint::line::own_lines;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::wants::Marks;
use crate::lint::{RrsetView, Wants, ZoneContext};
use crate::zone::{Record, TypeSet};
use crate::zonefile::rtype::Rtype;

/// Rules about records that are seldom.
pub(in crate::lint) static OTHER_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "gateway-type-mismatch",
        Error,
        No,
        "RFC 4025 section 2.5, RFC 8777 section 4.2",
        Check::Parser,
        "a gateway or relay that is not of its type"
    ),
    rule!(
        Rdata,
        ".",
        "hinfo-present",
        Info,
        Unsafe,
        "RFC 1912 section 2.3, RFC 8482",
        Check::Record(Rtype::HINFO, hinfo),
        "HINFO tells what a host is made of"
    ),
    rule!(
        Rdata,
        ".",
        "loc-out-of-range",
        Error,
        No,
        "RFC 1876 section 2",
        Check::Parser,
        "a place that is not on earth"
    ),
    rule!(
        Rdata,
        ".",
        "lp-self",
        Error,
        No,
        "RFC 6742 section 2.4",
        Check::Record(Rtype::LP, lp),
        "LP that points at its own owner"
    ),
    rule!(
        Rdata,
        ".",
        "rp-txt-missing",
        Warning,
        No,
        "RFC 1183 section 2.2",
        Check::Record(Rtype::RP, rp),
        "RP that names a text which is not there"
    ),
    rule!(
        Rdata,
        ".",
        "singleton-multiple",
        Error,
        No,
        "RFC 9606 section 5",
        Check::Rrset(Wants::both(TypeSet::of(Rtype::RESINFO), Marks::MANY), singleton),
        "two RESINFO records at one name"
    ),
];

fn hinfo(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    // What servers answer to ANY (RFC 8482 section 4.2).
    if record.wire.get(1..8).is_some_and(|cpu| cpu == b"RFC8482") {
        return;
    }
    let message = format!("`{}` HINFO tells everyone what the host is made of", record.owner);
    let finding = context.about("hinfo-present", record, record.type_span, message).help("remove the record");
    out.push(match own_lines(context.zone, record) {
        Some((lines, _)) => finding.fix(Applicability::Unsafe, lines, ""),
        None => finding,
    });
}

fn lp(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.targets.first().filter(|target| target.in_zone) else { return };
    if target.name != record.key {
        return;
    }
    let message = format!("`{}` LP points at itself", record.owner);
    out.push(
        context
            .about("lp-self", record, target.span, message)
            .help("write the name that owns the L32 or L64 records"),
    );
}

fn rp(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let [_, text] = &record.targets[..] else { return };
    if !text.in_zone
        || text.absolute == "."
        || zone.suspect_at(text.span).is_some_and(|suspect| zone.is_mistaken(suspect))
        || !lacks(context, &text.name, |types| types.has(Rtype::TXT))
    {
        return;
    }
    let message = format!("`{}` RP: `{}` has no TXT record", record.owner, text.absolute);
    out.push(
        context
            .about("rp-txt-missing", record, text.span, message)
            .help(format!("add a TXT record for `{}`, or write `.` if there is none", text.absolute)),
    );
}

fn singleton(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if rrset.rtype != Rtype::RESINFO {
        return;
    }
    let records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect();
    let Some(first) = records.first() else { return };
    let Some(other) = records.iter().find(|other| other.wire != first.wire) else { return };
    let message = format!("`{}` has two RESINFO records", first.owner);
    out.push(
        context
            .about("singleton-multiple", other, other.rdata_span(), message)
            .related(first.rdata_span(), "the first one")
            .help("write all keys in one record"),
    );
}
