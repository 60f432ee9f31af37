//! Rules about records that lead to SRV records or stand in for them: NAPTR, DNS-SD and URI.

use super::answer::Answer;
use super::place::{may_suggest, owner_place};
use crate::diagnostic::{Finding, nearest};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Rule, Wants, ZoneContext};
use crate::text::Span;
use crate::zone::{Lookup, NameId, Record, TypeSet};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::target::is_address;
use std::collections::BTreeSet;

/// Rules about service discovery beside SRV.
pub(in crate::lint) static DISCOVERY_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "naptr-srv-missing",
        Error,
        No,
        "RFC 3263 section 4.1, RFC 3403",
        Check::WeakTarget(Rtype::NAPTR, naptr),
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
        Check::Owner(Wants::types(TypeSet::of(Rtype::URI)), uri),
        "URI owner does not start with an underscored label"
    ),
];

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
    let keys = if may_suggest(context.zone) { context.srv_owners() } else { Vec::new() };
    let owners: Vec<String> = keys.into_iter().map(|key| context.zone.absolute(key)).collect();
    let near = nearest(&target.absolute, owners.iter().map(String::as_str));
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
    if context.partial {
        return;
    }
    let mut seen = BTreeSet::new();
    for record in &zone.weak_targets(TypeSet::of(Rtype::PTR)).collect::<Vec<_>>() {
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
    span: Span,
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
