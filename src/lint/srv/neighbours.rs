//! Rules about what stands beside SRV records: aliases, wildcards, fallbacks, other services.

use super::answer::Answer;
use super::place::{delete, has_srv, owner_place, rewrite, service_at};
use super::services::{Pair, Profile, known_pair};
use super::target::names_host;
use crate::config::View;
use crate::diagnostic::{Applicability, Finding};
use crate::edge::found::{Destination, FoundSrv};
use crate::edge::is_m365;
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Marks, Rule, SrvMarks, Wants, ZoneContext};
use crate::text::Span;
use crate::zone::{Lookup, NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};

/// Rules about neighbours.
pub(in crate::lint) static NEIGHBOUR_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-owner-is-alias",
        Info,
        No,
        "RFC 2782",
        Check::Owner(Wants::both(TypeSet::of(Rtype::CNAME), Marks::UNDERSCORE), owner_is_alias),
        "SRV service name is a CNAME"
    ),
    rule!(
        Srv,
        ".",
        "srv-masked-by-wildcard",
        Info,
        No,
        "RFC 4592",
        Check::Zone(masked),
        "wildcard answers for a service that has no record of its own"
    ),
    rule!(
        Srv,
        ".",
        "srv-no-fallback-address",
        Info,
        No,
        "RFC 2782, RFC 6120 section 3.2.2",
        Check::Services(SrvMarks::PAIR, no_fallback),
        "service domain has no address for clients without SRV"
    ),
    rule!(
        Srv,
        ".",
        "srv-xmpp-direct-tls",
        Warning,
        No,
        "XEP-0368 section 3",
        Check::Service(SrvMarks::SPECIAL, direct_tls),
        "direct TLS XMPP record without its STARTTLS partner, or on the same port"
    ),
    rule!(
        Srv,
        ".",
        "srv-legacy-jabber",
        Info,
        Unsafe,
        "RFC 6120",
        Check::Service(SrvMarks::SPECIAL, jabber),
        "`_jabber._tcp` is obsolete"
    ),
    rule!(
        Srv,
        ".",
        "srv-dynamic-record",
        Warning,
        Safe,
        "Windows DNS scavenging",
        Check::Services(SrvMarks::AGE, dynamic),
        "Edge record is dynamic and can be scavenged"
    ),
];

/// The pair that an owner begins with, and its domain.
fn pair_of(owner: &str) -> Option<(&'static Pair, &str)> {
    let (service, rest) = owner.split_once('.')?;
    let (proto, domain) = rest.split_once('.').unwrap_or((rest, ""));
    Some((known_pair(service, proto)?, domain))
}

fn owner_is_alias(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let key = context.zone.key_of(name);
    if !key.starts_with(b"_") || !context.zone.types_of(name).has(Rtype::CNAME) {
        return;
    }
    let owner = context.zone.absolute(key);
    let Some((pair, _)) = pair_of(&owner) else { return };
    if pair.profile == Profile::Other || !matches!(context.zone.lookup(key), Lookup::Found(_)) {
        return;
    }
    let Some(record) = context.zone.read_rrset(key, Rtype::CNAME).into_iter().next() else { return };
    let Some(target) = record.target().map(|target| target.absolute.clone()) else { return };
    let message = format!("`{owner}` CNAME: the SRV records of this service are those of `{target}`");
    let finding = context.about("srv-owner-is-alias", &record, owner_place(&record), message);
    out.push(finding.help(format!("publish SRV records here, or plan changes where `{target}` is")));
}

/// The services whose absence a wildcard hides.
const MASKED: [&str; 6] = [
    "_sip._tls",
    "_sipfederationtls._tcp",
    "_sipinternaltls._tcp",
    "_sipinternal._tcp",
    "_xmpp-server._tcp",
    "_xmpp-client._tcp",
];

/// Whether an owner may be one of [`MASKED`]; only its first label need stand in the key.
fn may_be_masked(key: &[u8]) -> bool {
    key.is_empty() || key.starts_with(b"_sip") || key.starts_with(b"_xmpp")
}

fn masked(context: &ZoneContext<'_>, out: Out<'_>) {
    if context.partial {
        return;
    }
    let services = context.srv_owners().into_iter().filter(|key| may_be_masked(key));
    let owners: Vec<String> = services.map(|key| context.zone.absolute(key)).collect();
    let domains: BTreeSet<&str> = owners
        .iter()
        .filter_map(|owner| pair_of(owner))
        .filter(|(pair, _)| MASKED.contains(&&*pair.labels()))
        .map(|(_, domain)| domain)
        .collect();
    let mut wildcards: BTreeMap<&[u8], (NameId, Vec<String>)> = BTreeMap::new();
    for domain in domains {
        for service in MASKED {
            let owner = format!("{service}.{domain}");
            let Some(key) = context.zone.key(owner.as_bytes()) else { continue };
            let Lookup::Wildcard(wildcard) = context.zone.lookup(key) else { continue };
            let types = context.zone.types_of(wildcard);
            if !types.has(Rtype::SRV) && !types.has(Rtype::CNAME) {
                continue;
            }
            let names = wildcards.entry(context.zone.key_of(wildcard)).or_insert((wildcard, Vec::new()));
            names.1.push(owner);
        }
    }
    for (key, (wildcard, names)) in wildcards {
        let rtype = if context.zone.types_of(wildcard).has(Rtype::SRV) { Rtype::SRV } else { Rtype::CNAME };
        let Some(record) = context.zone.read_rrset(key, rtype).into_iter().next() else { continue };
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`{}` {rtype} answers for {}", record.owner, listed.join(", "));
        let finding = context
            .about("srv-masked-by-wildcard", &record, owner_place(&record), message)
            .help("write the records of each service, and `SRV 0 0 0 .` at those that are not offered");
        out.push(finding);
    }
}

/// The services whose clients try the domain itself when there is no SRV.
const FALLING_BACK: [&str; 6] =
    ["_sip._tls", "_sip._tcp", "_sip._udp", "_sips._tcp", "_xmpp-server._tcp", "_xmpp-client._tcp"];

fn no_fallback(context: &ZoneContext<'_>, all: &[&Found], out: Out<'_>) {
    if context.partial || context.view == View::Internal {
        return;
    }
    let is_own =
        |one: &FoundSrv| !matches!(one.destination, Destination::Null) && !is_m365(&one.srv.target.absolute);
    let mut domains: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in all {
        let Some((pair, domain)) = pair_of(&found.owner) else { continue };
        if FALLING_BACK.contains(&&*pair.labels()) && found.records.iter().any(is_own) {
            domains.entry(domain).or_default().push(found);
        }
    }
    for (domain, services) in domains {
        if domain.is_empty() || Answer::to(context, domain).has_address() {
            continue;
        }
        let only_lync = services.iter().all(|found| found.owner.starts_with("_sip._tls."));
        let lync_hosts = [format!("sip.{domain}"), format!("sipexternal.{domain}")];
        if only_lync && lync_hosts.iter().any(|host| Answer::to(context, host).has_address()) {
            continue;
        }
        let first = services.iter().filter_map(|found| found.records.first()).map(|one| &one.record);
        let Some(record) = first.min_by_key(|record| record.place) else { continue };
        let message =
            format!("`{}` SRV: `{domain}` has no address for clients that find no SRV records", record.owner);
        let finding = context.about("srv-no-fallback-address", record, owner_place(record), message);
        out.push(if only_lync {
            finding.help(format!("add an A or AAAA record for `sip.{domain}` or `{domain}`"))
        } else {
            finding.help(format!("add an A or AAAA record for `{domain}`"))
        });
    }
}

fn direct_tls(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let (service, partner) = match pair_of(&found.owner).map(|(pair, domain)| (pair.service, domain)) {
        Some(("_xmpps-client", domain)) => ("client", format!("_xmpp-client._tcp.{domain}")),
        Some(("_xmpps-server", domain)) => ("server", format!("_xmpp-server._tcp.{domain}")),
        _ => return,
    };
    let real: Vec<&FoundSrv> =
        found.records.iter().filter(|one| !matches!(one.destination, Destination::Null)).collect();
    let Some(first) = real.first() else { return };
    let answer = Answer::to(context, &partner);
    if !answer.has(Rtype::SRV) {
        if !context.partial {
            let record = &first.record;
            let message =
                format!("`{}` SRV: there is no `{partner}` for {service}s without direct TLS", found.owner);
            let finding = context.about("srv-xmpp-direct-tls", record, owner_place(record), message);
            let target = &first.srv.target.absolute;
            let port = known_pair(&format!("_xmpp-{service}"), "_tcp").and_then(|pair| pair.port);
            let port = port.unwrap_or_default();
            out.push(finding.help(format!("add `{partner}. SRV 10 0 {port} {target}.`")));
        }
        return;
    }
    let Some(other) = service_at(context, &partner) else { return };
    for one in real {
        let target = &one.srv.target.absolute;
        let same = other
            .records
            .iter()
            .find(|other| other.srv.port == one.srv.port && other.srv.target.absolute == *target);
        let Some(same) = same else { continue };
        let port = one.srv.port;
        let message = format!("`{}` SRV: port {port} of `{target}` is also that of `{partner}`", found.owner);
        let finding = context
            .about("srv-xmpp-direct-tls", &one.record, one.record.field(2), message)
            .related(same.record.field(2), "the same port, with STARTTLS")
            .help("write the port on which TLS starts at once, or target `.` if there is none");
        out.push(finding);
    }
}

fn jabber(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some((pair, domain)) = pair_of(&found.owner).filter(|(pair, _)| pair.service == "_jabber") else {
        return;
    };
    let Some(record) = found.records.first().map(|one| &one.record) else { return };
    let successor = format!("_xmpp-server._tcp.{domain}");
    let message = format!("`{}` SRV: `{}` was given up for `_xmpp-server._tcp`", found.owner, pair.labels());
    let finding = context.about("srv-legacy-jabber", record, owner_place(record), message);
    if !has_srv(context, &successor) {
        out.push(finding.help(format!("publish `{successor}`, then remove this")));
        return;
    }
    let finding = finding.help("remove it");
    let records: Vec<&Record> = found.records.iter().map(|one| &one.record).collect();
    out.push(match delete(context, &records) {
        Some(edits) => finding.fixes(Applicability::Unsafe, edits),
        None => finding,
    });
}

fn dynamic(context: &ZoneContext<'_>, services: &[&Found], out: Out<'_>) {
    if !context.zone.is_windows() {
        return;
    }
    let files = context.zone.files();
    let mut seen = BTreeSet::new();
    for found in services {
        let profile = pair_of(&found.owner).map(|(pair, _)| pair.profile);
        if !matches!(profile, Some(Profile::Lync | Profile::Xmpp)) {
            continue;
        }
        for one in &found.records {
            let addresses = match &one.destination {
                Destination::Addresses(records) if names_host(context, one) => &records[..],
                _ => &[],
            };
            for record in std::iter::once(&one.record).chain(addresses) {
                let Some((hours, mark)) = record.age.filter(|(hours, _)| *hours > 0) else { continue };
                // An address may lie in another zone at hand, which reports its own records.
                if !seen.insert(record.span) || !files.contains(&record.span.file) {
                    continue;
                }
                out.push(dynamic_finding(context, record, hours, mark));
            }
        }
    }
}

fn dynamic_finding(context: &ZoneContext<'_>, record: &Record, hours: u32, mark: Span) -> Finding {
    let message = format!(
        "`{}` {}: `[AGE:{hours}]` marks a dynamic record, which scavenging removes",
        record.owner, record.rtype
    );
    let finding = context
        .about("srv-dynamic-record", record, mark, message)
        .help("make it static: write it without the mark");
    let source = context.zone.sources().get(mark.file);
    let line = source.slice(mark.end(), source.line_end(mark.end()));
    let blanks = line.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count() as u64;
    let span = Span::new(mark.file, mark.start, mark.end() + blanks);
    match rewrite(context, span, "") {
        Some(edit) => finding.fixes(Applicability::Safe, vec![edit]),
        None => finding,
    }
}
