//! Rules of the group `apex`: SOA, NS and their hosts.

mod servers;
mod soa;
mod timers;

use super::context::ZoneContext;
use super::host::{self, Host};
use super::rule::{Check, Out, Rule, rule};
use super::wants::{Marks, Wants};
use crate::text::Span;
use crate::zone::{Record, TypeSet, Zone};
use crate::zonefile::apex;
use crate::zonefile::rtype::Rtype;

fn soa_missing(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if context.partial || !zone.rrset(b"", Rtype::SOA).is_empty() {
        return;
    }
    let apex = zone.apex();
    let message = format!("zone `{apex}` has no SOA record");
    if let Some((other, place)) = soa_elsewhere(zone) {
        let message = format!("{message}; that of the file is at `{other}`");
        let help = if context.declared {
            format!("declare the file as the zone `{other}`, if it is that one")
        } else {
            format!("give `--origin {other}`, if it is that zone")
        };
        let place = place.unwrap_or_else(|| first_span(context));
        out.push(context.about_zone("soa-missing", place, message).help(help));
        return;
    }
    let help = if zone.find(b"").is_some() || zone.record_count() == 0 {
        "start the zone with `@ IN SOA ...`"
    } else {
        "start the zone with `@ IN SOA ...`, or include this file from a zone"
    };
    out.push(context.about_zone("soa-missing", first_span(context), message).help(help));
}

/// The owner of a SOA record below the apex, and its place; or the name that the file is of by its
/// beginning, where it begins with a SOA record of another zone.
fn soa_elsewhere(zone: &Zone) -> Option<(String, Option<Span>)> {
    if zone.types().has(Rtype::SOA) {
        let keys = zone.names().map(|name| zone.key_of(name));
        let mut soas: Vec<Record> = keys.flat_map(|key| zone.read_rrset(key, Rtype::SOA)).collect();
        soas.sort_by_key(|soa| soa.place);
        let first = soas.into_iter().next()?;
        if soa::lacks_dot(zone, &first) {
            return None;
        }
        return Some((first.owner, Some(first.first_span)));
    }
    let head = zone.sources().get(*zone.files().first()?);
    let head = head.ahead(0);
    let other = apex::from_text(&head).filter(|other| other != zone.apex() && apex::begins_zone(&head))?;
    Some((other.to_string(), None))
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
    if zone.rrset(b"", Rtype::SOA).len() < 2 {
        return;
    }
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
    if context.partial || !zone.rrset(b"", Rtype::NS).is_empty() {
        return;
    }
    let Some(soa) = zone.soa() else { return };
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
        "ns-no-ipv4",
        Warning,
        No,
        "RFC 3901 3",
        Check::Workspace(servers::no_ipv4),
        "a zone with A records and no name server on IPv4"
    ),
    rule!(
        Apex,
        "apex",
        "ns-no-ipv6",
        Warning,
        No,
        "RFC 3901 3",
        Check::Workspace(servers::no_ipv6),
        "a zone with AAAA records and no name server on IPv6"
    ),
    rule!(
        Apex,
        "apex",
        "ns-same-address",
        Warning,
        No,
        "RFC 2182 3.1",
        Check::Workspace(servers::same_address),
        "two name servers with one address"
    ),
    rule!(
        Apex,
        "apex",
        "ns-same-subnet",
        Info,
        No,
        "RFC 2182 3.1",
        Check::Workspace(servers::same_subnet),
        "all name servers in one network"
    ),
    rule!(
        Apex,
        "apex",
        "ns-single",
        Warning,
        No,
        "RFC 1034 4.1, RFC 2182 5",
        Check::Owner(Wants::both(TypeSet::of(Rtype::NS), Marks::ONE_SERVER), servers::single),
        "a zone with one name server only"
    ),
    rule!(
        Apex,
        "apex",
        "ns-target-below-dname",
        Error,
        No,
        "RFC 6672 2.3",
        Check::Zone(servers::below_dname),
        "a name server below a DNAME"
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
        "ns-too-many",
        Warning,
        No,
        "RFC 1035 2.3.4",
        Check::Rrset(Wants::both(TypeSet::of(Rtype::NS), Marks::CROWD), servers::too_many),
        "more than 13 name servers"
    ),
    rule!(
        Apex,
        "apex",
        "soa-expire-low",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::expire_low),
        "a zone that expires within a week"
    ),
    rule!(
        Apex,
        "apex",
        "soa-expire-lt-refresh",
        Error,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::expire_lt_refresh),
        "a zone that expires before it is fetched again"
    ),
    rule!(
        Apex,
        "apex",
        "soa-fields-look-permuted",
        Warning,
        No,
        "RFC 1035 3.3.13",
        Check::Record(Rtype::SOA, timers::permuted),
        "numbers of the SOA in another order"
    ),
    rule!(
        Apex,
        "apex",
        "soa-minimum-out-of-range",
        Warning,
        No,
        "RFC 2308 5",
        Check::Record(Rtype::SOA, timers::minimum),
        "negative answers kept too short or too long"
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
        "soa-mname-cname",
        Warning,
        No,
        "RFC 2181 10.3",
        Check::Record(Rtype::SOA, soa::mname_cname),
        "a first server that is an alias"
    ),
    rule!(
        Apex,
        "apex",
        "soa-mname-localhost",
        Warning,
        No,
        "RFC 1035 3.3.13",
        Check::Record(Rtype::SOA, soa::mname_localhost),
        "`localhost` as first server"
    ),
    rule!(
        Apex,
        "apex",
        "soa-mname-no-address",
        Warning,
        No,
        "RFC 1035 3.3.13",
        Check::Record(Rtype::SOA, soa::mname_no_address),
        "a first server of the zone that has no address"
    ),
    rule!(
        Apex,
        "apex",
        "soa-mname-not-ns",
        Info,
        No,
        "RFC 2136 4.3",
        Check::Record(Rtype::SOA, soa::mname_not_ns),
        "a first server that no NS record names"
    ),
    rule!(
        Apex,
        "apex",
        "soa-mname-root",
        Info,
        No,
        "RFC 1035 3.3.13",
        Check::Record(Rtype::SOA, soa::mname_root),
        "no first server"
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
        "soa-not-at-apex",
        Error,
        No,
        "RFC 1035 5.2",
        Check::Record(Rtype::SOA, soa::not_at_apex),
        "a SOA record below the apex"
    ),
    rule!(
        Apex,
        "apex",
        "soa-not-first",
        Info,
        Unsafe,
        "RFC 1035 5.2",
        Check::Record(Rtype::SOA, soa::not_first),
        "records before the SOA record"
    ),
    rule!(
        Apex,
        "apex",
        "soa-refresh-low",
        Info,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::refresh_low),
        "a refresh below 20 minutes"
    ),
    rule!(
        Apex,
        "apex",
        "soa-retry-low",
        Info,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::retry_low),
        "a retry below 3 minutes"
    ),
    rule!(
        Apex,
        "apex",
        "soa-retry-not-less-than-refresh",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::retry_not_less),
        "a retry that is not less than the refresh"
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
    rule!(
        Apex,
        "apex",
        "soa-rname-domain-no-mail",
        Info,
        No,
        "RFC 1035 3.3.13",
        Check::Record(Rtype::SOA, soa::rname_domain_no_mail),
        "a mailbox in a domain without mail"
    ),
    rule!(
        Apex,
        "apex",
        "soa-rname-invalid",
        Warning,
        No,
        "RFC 1035 8",
        Check::Record(Rtype::SOA, soa::rname_invalid),
        "a mailbox that is none"
    ),
    rule!(
        Apex,
        "apex",
        "soa-serial-format",
        Info,
        Unsafe,
        "RFC 1912 2.2",
        Check::Workspace(timers::serial_format),
        "a serial of another style than those of the other zones"
    ),
    rule!(
        Apex,
        "apex",
        "soa-serial-future",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::serial_future),
        "a serial of a day to come"
    ),
    rule!(
        Apex,
        "apex",
        "soa-serial-zero",
        Warning,
        Safe,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::serial_zero),
        "serial 0"
    ),
    rule!(
        Apex,
        "apex",
        "soa-zero-timer",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Record(Rtype::SOA, timers::zero),
        "a time of 0 in the SOA"
    ),
];
