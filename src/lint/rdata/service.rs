//! Rules about SVCB and HTTPS records.

use super::hint;
use super::params::Service;
use super::{lacks, records_of};
use crate::diagnostic::Applicability;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::wants::Marks;
use crate::lint::{RrsetView, Wants, ZoneContext};
use crate::text::Span;
use crate::zone::{Lookup, NameId, Record, TypeSet};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::net::IpAddr;

const TYPES: [Rtype; 2] = [Rtype::SVCB, Rtype::HTTPS];
const OWN_EITHER: TypeSet = TypeSet::all(&TYPES);

/// Rules about SVCB and HTTPS.
pub(in crate::lint) static SERVICE_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "https-without-address",
        Info,
        No,
        "RFC 9460 section 3",
        Check::Owner(Wants::types(TypeSet::of(Rtype::HTTPS)), without_address),
        "HTTPS at a name without A or AAAA for older clients"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-alias-chain",
        Info,
        No,
        "RFC 9460 section 2.4.2",
        Check::Owner(Wants::types(OWN_EITHER), chain),
        "SVCB or HTTPS alias that leads to another"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-alias-multiple",
        Error,
        No,
        "RFC 9460 section 2.4.1",
        Check::Rrset(Wants::both(OWN_EITHER, Marks::MANY), multiple),
        "SVCB or HTTPS alias beside other records of the set"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-alias-self",
        Error,
        No,
        "RFC 9460 section 2.4.2",
        Check::Owner(Wants::types(OWN_EITHER), circle),
        "SVCB or HTTPS alias that leads back to itself"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-alias-with-params",
        Warning,
        Unsafe,
        "RFC 9460 section 2.4.2",
        Check::Owner(Wants::types(OWN_EITHER), alias_params),
        "SVCB or HTTPS alias with parameters, which clients ignore"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-dns-alpn",
        Error,
        No,
        "RFC 9461 sections 4 and 5",
        Check::Record(Rtype::SVCB, dns_alpn),
        "SVCB of a DNS server without `alpn`, or HTTP without `dohpath`"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-duplicate-key",
        Error,
        No,
        "RFC 9460 section 2.1",
        Check::Parser,
        "an SVCB or HTTPS parameter twice"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-hint-mismatch",
        Warning,
        Unsafe,
        "RFC 9460 section 7.3",
        Check::Owner(Wants::types(OWN_EITHER), hints),
        "SVCB or HTTPS hint that is no address of its target"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-mandatory",
        Error,
        No,
        "RFC 9460 section 8",
        Check::Parser,
        "`mandatory` lists itself or a parameter that is not there"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-no-default-alpn",
        Error,
        No,
        "RFC 9460 section 7.1.1",
        Check::Parser,
        "`no-default-alpn` without `alpn`"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-param-syntax",
        Error,
        No,
        "RFC 9460 sections 2.1 and 7",
        Check::Parser,
        "an SVCB or HTTPS parameter that cannot be read"
    ),
    rule!(
        Rdata,
        ".",
        "svcb-target-missing",
        Warning,
        No,
        "RFC 9460 section 3",
        Check::Owner(Wants::types(OWN_EITHER), target_missing),
        "SVCB or HTTPS target of the zone without address"
    ),
];

/// The target of a record, if a rule may speak of it: it lies in the zone and is
/// not miswritten.
fn target_key<'r>(context: &ZoneContext<'_>, service: &Service<'r>) -> Option<&'r [u8]> {
    let zone = context.zone;
    let target = service.target;
    let mistaken = zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect));
    (target.in_zone && !service.is_root() && !mistaken).then_some(&*target.name)
}

/// Where the alias of a type at a name leads, when it has one that stays in the zone.
fn next_alias(context: &ZoneContext<'_>, key: &[u8], rtype: Rtype) -> Option<(Record, Vec<u8>)> {
    let Lookup::Found(name) = context.zone.lookup(key) else { return None };
    if !context.zone.types_of(name).has(rtype) {
        return None;
    }
    context.zone.read_rrset(key, rtype).into_iter().find_map(|record| {
        let service = Service::of(&record).filter(Service::is_alias)?;
        let to = service.target.in_zone.then(|| service.target.name.clone())?;
        Some((record, to))
    })
}

fn circle(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    /// Clients follow fewer.
    const MOST: usize = 16;
    for record in records_of(context, name, &TYPES) {
        let Some(service) = Service::of(&record).filter(Service::is_alias) else { continue };
        let Some(key) = target_key(context, &service) else { continue };
        let mut at = key.to_vec();
        let mut passed = Vec::new();
        while at != record.key && passed.len() < MOST {
            let Some((alias, to)) = next_alias(context, &at, record.rtype) else { break };
            passed.push(alias);
            at = to;
        }
        if at != record.key {
            continue;
        }
        let way = match passed.first() {
            None => String::from("leads to itself"),
            Some(_) => format!("to `{}` leads back to itself", service.target.absolute),
        };
        let message = format!("`{}` {}: the alias {way}", record.owner, record.rtype);
        let mut finding = context.about("svcb-alias-self", &record, service.target.span, message);
        for alias in &passed {
            finding = finding.related(alias.rdata_span(), format!("the alias of `{}`", alias.owner));
        }
        out.push(finding.help("write the host that offers the service, or `1 .` for the owner itself"));
    }
}

fn chain(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    for record in records_of(context, name, &TYPES) {
        let Some(service) = Service::of(&record).filter(Service::is_alias) else { continue };
        let Some(key) = target_key(context, &service).filter(|key| *key != record.key) else { continue };
        let Some((next, to)) = next_alias(context, key, record.rtype) else { continue };
        if to == record.key {
            continue;
        }
        let to = context.zone.absolute(&to);
        let message = format!(
            "`{}` {}: the alias leads to `{}`, which is an alias too",
            record.owner, record.rtype, service.target.absolute
        );
        out.push(
            context
                .about("svcb-alias-chain", &record, service.target.span, message)
                .related(next.rdata_span(), format!("`{}` is an alias for `{to}`", next.owner))
                .help(format!("write `{to}.`")),
        );
    }
}

fn multiple(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if !TYPES.contains(&rrset.rtype) {
        return;
    }
    let records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect();
    let is_alias = |record: &&Record| Service::of(record).is_some_and(|service| service.is_alias());
    let Some(alias) = records.iter().find(is_alias) else { return };
    let Some(other) = records.iter().find(|other| other.wire != alias.wire) else { return };
    let (message, help) = if is_alias(&other) {
        (
            format!("`{}` {} has two aliases; clients take one at random", alias.owner, alias.rtype),
            "keep one of them",
        )
    } else {
        (
            format!("`{}` {} has an alias, so clients ignore its other records", alias.owner, alias.rtype),
            "remove the record with priority 0, or keep it alone",
        )
    };
    out.push(
        context
            .about("svcb-alias-multiple", alias, alias.rdata_span(), message)
            .related(other.rdata_span(), "another one")
            .help(help),
    );
}

fn alias_params(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    for record in records_of(context, name, &TYPES) {
        let Some(service) = Service::of(&record).filter(|service| service.is_alias() && service.has_params())
        else {
            continue;
        };
        let message =
            format!("`{}` {}: parameters have no meaning with priority 0", record.owner, record.rtype);
        let finding = context
            .about("svcb-alias-with-params", &record, record.field(2), message)
            .help("remove the parameters, or write a priority from 1 on");
        let (from, to) = (service.target.span, record.rdata_span());
        let tail = (to.end() > from.end() && from != to).then(|| Span::new(from.file, from.end(), to.end()));
        let on_one_line = |span: &Span| {
            let text = context.zone.sources().bytes(*span);
            !text.iter().any(|octet| b"();\r\n".contains(octet))
        };
        out.push(match tail.filter(on_one_line) {
            Some(tail) => finding.fix(Applicability::Unsafe, tail, ""),
            None => finding,
        });
    }
}

fn dns_alpn(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let mut labels = Labels(record.owner.as_bytes());
    let first = labels.next().unwrap_or_default();
    let is_port =
        first.strip_prefix(b"_").is_some_and(|port| !port.is_empty() && port.iter().all(u8::is_ascii_digit));
    if first != b"_dns" && !(is_port && labels.next() == Some(b"_dns")) {
        return;
    }
    let Some(service) = Service::of(record).filter(|service| !service.is_alias()) else { return };
    let (why, help) = match service.alpn() {
        None => (
            String::from("has no `alpn`, so no client knows how to ask"),
            "add `alpn=dot`, or `alpn=h2` with `dohpath`",
        ),
        Some(ids) => {
            let Some(http) = ids.iter().find(|id| matches!(**id, b"h2" | b"h3")) else { return };
            if service.has_dohpath() {
                return;
            }
            let http = String::from_utf8_lossy(http).into_owned();
            (format!("has `{http}` in `alpn`, but no `dohpath`"), "add `dohpath=/dns-query{?dns}`")
        }
    };
    let place = if record.fields.len() > 2 { record.field(2) } else { record.rdata_span() };
    let message = format!("`{}` SVCB {why}", record.owner);
    out.push(context.about("svcb-dns-alpn", record, place, message).help(help));
}

fn target_missing(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    for record in records_of(context, name, &TYPES) {
        let Some(service) = Service::of(&record) else { continue };
        let Some(key) = target_key(context, &service) else { continue };
        let serves = |types: TypeSet| types.has_address() || service.is_alias() && types.has(record.rtype);
        if !lacks(context, key, serves) {
            continue;
        }
        let target = &service.target.absolute;
        let message =
            format!("`{}` {}: target `{target}` has no A or AAAA record", record.owner, record.rtype);
        out.push(
            context
                .about("svcb-target-missing", &record, service.target.span, message)
                .help(format!("add the addresses of `{target}`")),
        );
    }
}

fn hints(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    for record in records_of(context, name, &TYPES) {
        let Some(service) = Service::of(&record).filter(|service| !service.is_alias()) else { continue };
        let hints = service.hints();
        if hints.is_empty() || context.partial {
            continue;
        }
        let key = if service.is_root() { Some(&*record.key) } else { target_key(context, &service) };
        let Some(key) = key else { continue };
        let Lookup::Found(host) = zone.lookup(key) else { continue };
        if !zone.types_of(host).has_address() {
            continue;
        }
        let addresses = zone.addresses(key);
        let is_known = |hint: &IpAddr| addresses.iter().any(|record| record.address() == Some(*hint));
        let wrong: Vec<String> =
            hints.iter().filter(|hint| !is_known(hint)).map(|hint| format!("`{hint}`")).collect();
        let Some(first) = addresses.first().filter(|_| !wrong.is_empty()) else { continue };
        let message = format!(
            "`{}` {}: hint {} is no address of `{}`",
            record.owner,
            record.rtype,
            wrong.join(", "),
            first.owner
        );
        let addresses: Vec<IpAddr> = addresses.iter().filter_map(Record::address).collect();
        let known: Vec<String> = addresses.iter().map(|address| format!("`{address}`")).collect();
        let finding = context
            .about("svcb-hint-mismatch", &record, record.field(2), message)
            .related(first.rdata_span(), format!("an address of `{}`", first.owner))
            .help(format!("write addresses among {}, or leave the hints out", known.join(", ")));
        out.push(match hint::edits(context, &record, &hints, &addresses) {
            Some(edits) => finding.fixes(Applicability::Unsafe, edits),
            None => finding,
        });
    }
}

fn without_address(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    let types = zone.types_of(name);
    if !types.has(Rtype::HTTPS) || key.starts_with(b"_") || key.starts_with(b"*") {
        return;
    }
    if !lacks(context, key, TypeSet::has_address) {
        return;
    }
    let Some(record) = records_of(context, name, &[Rtype::HTTPS]).into_iter().next() else { return };
    if Service::of(&record).is_some_and(|service| service.is_alias() && service.is_root()) {
        return;
    }
    let message =
        format!("`{}` has HTTPS, but no A or AAAA record for clients that do not ask for it", record.owner);
    out.push(
        context
            .about("https-without-address", &record, record.type_span, message)
            .help(format!("add the addresses of the service to `{}`", record.owner)),
    );
}
