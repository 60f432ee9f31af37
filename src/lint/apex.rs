//! Rules of the group `apex`: SOA, NS and their hosts.

use super::context::ZoneContext;
use super::host::{self, Host};
use super::rule::{Check, Out, Rule, rule};
use crate::text::Span;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;

fn soa_missing(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if context.partial || zone.soa().is_some() {
        return;
    }
    let apex = zone.apex();
    let help = if zone.find(b"").is_some() || zone.record_count() == 0 {
        "start the zone with `@ IN SOA ...`"
    } else {
        "start the zone with `@ IN SOA ...`, or include this file from a zone"
    };
    let message = format!("zone `{apex}` has no SOA record");
    out.push(context.about_zone("soa-missing", first_span(context), message).help(help));
}

/// The owner of the first record, else the start of the file.
fn first_span(context: &ZoneContext<'_>) -> Span {
    let zone = context.zone;
    let first = zone
        .names()
        .filter_map(|name| Some((zone.records(name).min_by_key(|rec| rec.place())?, name)))
        .min_by_key(|(rec, _)| rec.place());
    first
        .and_then(|(rec, name)| zone.record(zone.key_of(name), rec))
        .map_or_else(|| context.apex_span(), |record| record.first_span)
}

fn soa_multiple(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let soas = zone.read_rrset(b"", Rtype::SOA);
    let Some((first, later)) = soas.split_first() else { return };
    for soa in later.iter().filter(|soa| soa.wire != first.wire) {
        let message = format!("zone `{}` has a second SOA record", zone.apex());
        out.push(
            context
                .about("soa-multiple", soa, soa.first_span, message)
                .related(first.span, "the first one")
                .help("keep the one with the newer serial"),
        );
    }
}

fn ns_missing(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let Some(soa) = zone.soa() else { return };
    if context.partial || !zone.rrset(b"", Rtype::NS).is_empty() {
        return;
    }
    let message = format!("zone `{}` has no NS records at its apex", zone.apex());
    let mut finding = context
        .about("apex-ns-missing", &soa, soa.first_span, message)
        .help("add `@ IN NS ...` for each server");
    let elsewhere = zone
        .names()
        .flat_map(|name| zone.records(name).map(move |rec| (rec, name)))
        .filter(|(rec, _)| rec.rtype == Rtype::NS)
        .min_by_key(|(rec, _)| rec.place())
        .and_then(|(rec, name)| zone.record(zone.key_of(name), rec));
    if let Some(record) = elsewhere {
        finding = finding.related(record.span, format!("these belong to `{}`", record.owner));
    }
    out.push(finding);
}

fn ns_no_address(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    if let Some(finding) = host::no_address(context, record, "ns-no-address", "name server") {
        out.push(finding);
    }
}

fn ns_target_cname(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(Host::Alias(chain)) = host::of(context, record) else { return };
    let used = |name: &str| {
        let all = context.zone.read_rrset(&record.key, Rtype::NS);
        all.iter().any(|other| other.target().is_some_and(|target| target.absolute == name))
    };
    if let Some(finding) = host::alias(context, record, &chain, "ns-target-cname", "name server", used) {
        out.push(finding);
    }
}

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Apex,
        "apex",
        "apex-ns-missing",
        Error,
        No,
        "RFC 1035 5.2",
        Check::Zone(ns_missing),
        "the zone has no NS records of its own"
    ),
    rule!(
        Apex,
        "apex",
        "ns-no-address",
        Error,
        No,
        "RFC 1912 2.8",
        Check::WeakTarget(Rtype::NS, ns_no_address),
        "a name server of the zone that has no address"
    ),
    rule!(
        Apex,
        "apex",
        "ns-target-cname",
        Error,
        Unsafe,
        "RFC 2181 10.3",
        Check::WeakTarget(Rtype::NS, ns_target_cname),
        "a name server that is an alias"
    ),
    rule!(
        Apex,
        "apex",
        "soa-missing",
        Error,
        No,
        "RFC 1035 5.2",
        Check::Zone(soa_missing),
        "the zone has no SOA record"
    ),
    rule!(
        Apex,
        "apex",
        "soa-multiple",
        Error,
        No,
        "RFC 1035 5.2",
        Check::Zone(soa_multiple),
        "more than one SOA record"
    ),
    rule!(
        Apex,
        "apex",
        "soa-rname-at-sign",
        Error,
        Safe,
        "RFC 1912 2.2",
        Check::Parser,
        "`@` in the mailbox of the SOA"
    ),
];
