//! TTLs that are short (RFC 1912 section 2.2).

use crate::lint::context::ZoneContext;
use crate::lint::measures::{LEAST, LEAST_OF_NAME_SERVERS};
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec, TypeSet, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// The types of name servers and of their addresses.
pub(super) const OF_NAME_SERVERS: TypeSet = TypeSet::all(&[Rtype::NS, Rtype::A, Rtype::AAAA]);

/// `ttl-too-low`
pub(super) fn records(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let low = |rec: &Rec| (1..LEAST).contains(&rec.ttl);
    for rec in first_of_types(context, name, low) {
        report(context, name, rec, "ttl-too-low", &format!("under {LEAST} seconds"), out);
    }
}

/// `ttl-ns-below-policy`
pub(super) fn of_name_servers(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    let zone = context.zone;
    let what = format!("under {LEAST_OF_NAME_SERVERS} seconds, at a name server");
    let mut hosts: Vec<NameId> = Vec::new();
    for name in names {
        let low = |rec: &Rec| rec.rtype == Rtype::NS && rec.ttl < LEAST_OF_NAME_SERVERS;
        for rec in first_of_types(context, *name, low) {
            report(context, *name, rec, "ttl-ns-below-policy", &what, out);
        }
        let low = |rec: &Rec| rec.rtype.is_address() && rec.ttl < LEAST_OF_NAME_SERVERS;
        if zone.types_of(*name).has_address() && zone.records(*name).any(|rec| low(&rec)) {
            hosts.push(*name);
        }
    }
    hosts.sort_unstable();
    for name in served_by(zone, &hosts) {
        let low = |rec: &Rec| rec.rtype.is_address() && rec.ttl < LEAST_OF_NAME_SERVERS;
        for rec in first_of_types(context, name, low) {
            report(context, name, rec, "ttl-ns-below-policy", &what, out);
        }
    }
}

/// Which of these hosts, which are ordered, NS records name. Only these make it necessary to read the
/// NS records, of which there may be millions.
fn served_by(zone: &Zone, hosts: &[NameId]) -> BTreeSet<NameId> {
    let mut served = BTreeSet::new();
    if hosts.is_empty() {
        return served;
    }
    for name in zone.names().filter(|name| zone.types_of(*name).has(Rtype::NS)) {
        for record in zone.read_rrset(zone.key_of(name), Rtype::NS) {
            let target = record.target().filter(|target| target.in_zone);
            let host = target.and_then(|target| zone.find(&target.name));
            served.extend(host.filter(|host| hosts.binary_search(host).is_ok()));
        }
    }
    served
}

/// Of the records of a name that are wanted, the first of each type.
fn first_of_types(context: &ZoneContext<'_>, name: NameId, wanted: impl Fn(&Rec) -> bool) -> Vec<Rec> {
    let mut found: Vec<Rec> = context.zone.records(name).filter(wanted).collect();
    found.sort_by_key(|rec| (rec.rtype, rec.place()));
    found.dedup_by_key(|rec| rec.rtype);
    found
}

fn report(context: &ZoneContext<'_>, name: NameId, rec: Rec, rule: &'static str, what: &str, out: Out<'_>) {
    let Some(record) = context.zone.record(context.zone.key_of(name), rec) else { return };
    let message = format!("`{}` {}: TTL {} is {what}", record.owner, record.rtype, record.ttl);
    let span = record.ttl_span.unwrap_or(record.type_span);
    out.push(context.about(rule, &record, span, message).help("write a longer TTL once no change is ahead"));
}
