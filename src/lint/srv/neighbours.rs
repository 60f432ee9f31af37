//! Rules about what stands beside SRV records: aliases, wildcards, fallbacks, NAPTR, DNS-SD and URI.

use super::place::{delete, owner_place, rewrite};
use super::services::{Pair, Profile, is_m365, known_pair};
use super::target::names_host;
use crate::config::View;
use crate::diagnostic::{Applicability, Finding};
use crate::edge::found::{Destination, FoundSrv};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Rule, ZoneContext};
use crate::zone::{Lookup, NameId, Record, TypeSet};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::target::is_address;
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
        Check::Owner(owner_is_alias),
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
        Check::Zone(no_fallback),
        "service domain has no address for clients without SRV"
    ),
    rule!(
        Srv,
        ".",
        "srv-xmpp-direct-tls",
        Warning,
        No,
        "XEP-0368 section 3",
        Check::Service(direct_tls),
        "direct TLS XMPP record without its STARTTLS partner, or on the same port"
    ),
    rule!(
        Srv,
        ".",
        "srv-legacy-jabber",
        Info,
        Unsafe,
        "RFC 6120",
        Check::Service(jabber),
        "`_jabber._tcp` is obsolete"
    ),
    rule!(
        Srv,
        ".",
        "srv-dynamic-record",
        Warning,
        Safe,
        "Windows DNS scavenging",
        Check::Zone(dynamic),
        "Edge record is dynamic and can be scavenged"
    ),
    rule!(
        Srv,
        ".",
        "naptr-srv-missing",
        Error,
        No,
        "RFC 3263 section 4.1, RFC 3403",
        Check::Record(Rtype::NAPTR, naptr),
        "NAPTR with flag S leads to a name without SRV"
    ),
    rule!(
        Srv,
        ".",
        "dnssd-instance-incomplete",
        Warning,
        No,
        "RFC 6763 section 6.1",
        Check::Zone(instances),
        "DNS-SD instance lacks its SRV or TXT record"
    ),
    rule!(
        Srv,
        ".",
        "uri-owner-grammar",
        Warning,
        No,
        "RFC 7553 section 4.1",
        Check::Owner(uri),
        "URI owner does not start with an underscored label"
    ),
];

/// The pair that an owner begins with, and its domain.
fn pair_of(owner: &str) -> Option<(&'static Pair, &str)> {
    let (service, rest) = owner.split_once('.')?;
    let (proto, domain) = rest.split_once('.').unwrap_or((rest, ""));
    Some((known_pair(service, proto)?, domain))
}

/// What a server of the zone says to a question for an absolute name.
enum Answer {
    /// Another zone answers, or a DNAME.
    Elsewhere,
    /// Records of these types: its own, or a wildcard's.
    Types(TypeSet),
    /// No record at all.
    Nothing,
}

impl Answer {
    fn to(context: &ZoneContext<'_>, name: &str) -> Self {
        match context.zone.key(name.as_bytes()).map(|key| context.zone.lookup(key)) {
            None | Some(Lookup::BelowCut { .. } | Lookup::BelowDname(_)) => Self::Elsewhere,
            Some(Lookup::Found(name) | Lookup::Wildcard(name)) => Self::Types(context.zone.types_of(name)),
            Some(Lookup::EmptyNonTerminal | Lookup::Missing) => Self::Nothing,
        }
    }

    /// Whether a question for the type finds an answer, as far as this zone can tell.
    fn has(&self, rtype: Rtype) -> bool {
        match self {
            Self::Elsewhere => true,
            Self::Types(types) => types.has(rtype) || types.has(Rtype::CNAME),
            Self::Nothing => false,
        }
    }

    fn has_address(&self) -> bool {
        self.has(Rtype::A) || self.has(Rtype::AAAA)
    }
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

fn masked(context: &ZoneContext<'_>, out: Out<'_>) {
    if context.partial {
        return;
    }
    let domains: BTreeSet<&str> = context
        .services
        .iter()
        .filter_map(|found| pair_of(&found.owner))
        .filter(|(pair, _)| MASKED.contains(&&*pair.labels()))
        .map(|(_, domain)| domain)
        .collect();
    let mut wildcards: Vec<(NameId, Vec<String>)> = Vec::new();
    for domain in domains {
        for service in MASKED {
            let owner = format!("{service}.{domain}");
            let Some(key) = context.zone.key(owner.as_bytes()) else { continue };
            let Lookup::Wildcard(wildcard) = context.zone.lookup(key) else { continue };
            let types = context.zone.types_of(wildcard);
            if !types.has(Rtype::SRV) && !types.has(Rtype::CNAME) {
                continue;
            }
            match wildcards.iter_mut().find(|(known, _)| *known == wildcard) {
                Some((_, names)) => names.push(owner),
                None => wildcards.push((wildcard, vec![owner])),
            }
        }
    }
    for (wildcard, names) in wildcards {
        let key = context.zone.key_of(wildcard);
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

fn no_fallback(context: &ZoneContext<'_>, out: Out<'_>) {
    if context.partial || context.view == View::Internal {
        return;
    }
    let is_own =
        |one: &FoundSrv| !matches!(one.destination, Destination::Null) && !is_m365(&one.srv.target.absolute);
    let mut domains: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in &context.services {
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
    let Some(other) = context.services.iter().find(|other| other.owner == partner) else { return };
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
    if !context.services.iter().any(|other| other.owner == successor) {
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

fn dynamic(context: &ZoneContext<'_>, out: Out<'_>) {
    if !context.zone.is_windows() {
        return;
    }
    let mut seen = BTreeSet::new();
    for found in &context.services {
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
                if !seen.insert(record.span) || !context.zone.files().contains(&record.span.file) {
                    continue;
                }
                out.push(dynamic_finding(context, record, hours, mark));
            }
        }
    }
}

fn dynamic_finding(
    context: &ZoneContext<'_>,
    record: &Record,
    hours: u32,
    mark: crate::text::Span,
) -> Finding {
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
    let span = crate::text::Span::new(mark.file, mark.start, mark.end() + blanks);
    match rewrite(context, span, "") {
        Some(edit) => finding.fixes(Applicability::Safe, vec![edit]),
        None => finding,
    }
}

fn naptr(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    // Order and preference, two octets each; then the length of the flags, and the flags.
    let Some([1, b's' | b'S']) = record.wire.get(4..6) else { return };
    let Some(target) = record.targets.first().filter(|target| target.in_zone) else { return };
    let miswritten = context.zone.missing_dot_at(target.span).is_some()
        || is_address(&context.zone.sources().bytes(target.span));
    if context.partial || miswritten || Answer::to(context, &target.absolute).has(Rtype::SRV) {
        return;
    }
    let message = format!("`{}` NAPTR: replacement `{}` has no SRV record", record.owner, target.absolute);
    let finding = context.about("naptr-srv-missing", record, target.span, message);
    let near = crate::diagnostic::nearest(
        &target.absolute,
        context.services.iter().take(200).map(|found| &*found.owner),
    );
    out.push(match near {
        Some(owner) => finding.help(format!("add SRV records for `{}`, or write `{owner}`", target.absolute)),
        None => finding.help(format!("add SRV records for `{}`", target.absolute)),
    });
}

/// Service and protocol of a DNS-SD service type or subtype, at the start of an owner.
fn service_type(owner: &str) -> Option<(&str, &str)> {
    let labels: Vec<&str> = Labels(owner.as_bytes())
        .take(4)
        .map(|label| std::str::from_utf8(label).unwrap_or_default())
        .collect();
    let (service, proto) = match labels[..] {
        [_, "_sub", service, proto] => (service, proto),
        [service, proto, ..] => (service, proto),
        _ => return None,
    };
    (service.starts_with('_') && service != "_dns-sd" && matches!(proto, "_tcp" | "_udp"))
        .then_some((service, proto))
}

fn instances(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if context.partial || !zone.types().has(Rtype::PTR) {
        return;
    }
    let mut pointers: Vec<Record> = zone
        .names()
        .filter(|name| zone.types_of(*name).has(Rtype::PTR))
        .map(|name| zone.key_of(name))
        .filter(|key| key.is_empty() || key.starts_with(b"_"))
        .filter(|key| service_type(&zone.absolute(key)).is_some())
        .flat_map(|key| zone.read_rrset(key, Rtype::PTR))
        .collect();
    pointers.sort_by_key(|record| record.place);
    let mut seen = BTreeSet::new();
    for record in &pointers {
        let (Some(target), Some((service, proto))) = (record.target(), service_type(&record.owner)) else {
            continue;
        };
        let mut labels = Labels(target.absolute.as_bytes()).skip(1);
        let of_type = labels.next() == Some(service.as_bytes()) && labels.next() == Some(proto.as_bytes());
        if !target.in_zone || !of_type || !seen.insert(&target.name) {
            continue;
        }
        if zone.missing_dot_at(target.span).is_none() {
            out.extend(incomplete(context, record, &target.absolute, &target.name, target.span));
        }
    }
}

fn incomplete(
    context: &ZoneContext<'_>,
    record: &Record,
    instance: &str,
    key: &[u8],
    span: crate::text::Span,
) -> Option<Finding> {
    let types = match context.zone.lookup(key) {
        Lookup::Found(name) => context.zone.types_of(name),
        Lookup::EmptyNonTerminal | Lookup::Missing => TypeSet::default(),
        Lookup::Wildcard(_) | Lookup::BelowCut { .. } | Lookup::BelowDname(_) => return None,
    };
    if types.has(Rtype::CNAME) {
        return None;
    }
    let (missing, there) = match (types.has(Rtype::SRV), types.has(Rtype::TXT)) {
        (true, true) => return None,
        (true, false) => ("no TXT record", Some(Rtype::SRV)),
        (false, true) => ("no SRV record", Some(Rtype::TXT)),
        (false, false) => ("neither SRV nor TXT record", None),
    };
    let message = format!("`{}` PTR: instance `{instance}` has {missing}", record.owner);
    let finding = context.about("dnssd-instance-incomplete", record, span, message);
    let other = there.and_then(|rtype| context.zone.read_rrset(key, rtype).into_iter().next());
    let finding = match other {
        Some(other) => finding.related(other.rdata_span(), format!("its {} record", other.rtype)),
        None => finding,
    };
    Some(finding.help(match there {
        Some(Rtype::SRV) => format!("add a TXT record for `{instance}`, `TXT \"\"` if it has nothing to say"),
        Some(_) => format!("add an SRV record for `{instance}`"),
        None => format!("add an SRV and a TXT record for `{instance}`"),
    }))
}

fn uri(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    if !context.zone.types_of(name).has(Rtype::URI) {
        return;
    }
    let key = context.zone.key_of(name);
    let owner = context.zone.absolute(key);
    if owner.starts_with('_') || owner == "*" || owner.starts_with("*.") {
        return;
    }
    let Some(record) = context.zone.read_rrset(key, Rtype::URI).into_iter().next() else { return };
    let lacks_dot = record.owner_span.is_some_and(|span| context.zone.missing_dot_at(span).is_some());
    if lacks_dot {
        return;
    }
    let message = format!("`{owner}` URI: the owner does not begin with a service label");
    let finding = context.about("uri-owner-grammar", &record, owner_place(&record), message);
    out.push(finding.help(format!("write the service in front, such as `_http._tcp.{owner}`")));
}
