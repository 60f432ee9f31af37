//! TTLs that are short (RFC 1912 section 2.2).

use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec};
use crate::zonefile::rtype::Rtype;

/// TTLs below this are too low, in seconds.
const LEAST: u32 = 60;
/// TTLs of name servers below this are too low, in seconds: half of the hour that is meant.
const LEAST_OF_NAME_SERVERS: u32 = 1800;

/// `ttl-too-low`
pub(super) fn records(context: &ZoneContext<'_>, out: Out<'_>) {
    for name in context.zone.names() {
        let low = |rec: &Rec| (1..LEAST).contains(&rec.ttl);
        for rec in first_of_types(context, name, low) {
            report(context, name, rec, "ttl-too-low", &format!("under {LEAST} seconds"), out);
        }
    }
}

/// `ttl-ns-below-policy`
pub(super) fn of_name_servers(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let what = format!("under {LEAST_OF_NAME_SERVERS} seconds, at a name server");
    let mut hosts: Vec<NameId> = Vec::new();
    for name in zone.names().filter(|name| zone.types_of(*name).has(Rtype::NS)) {
        let low = |rec: &Rec| rec.rtype == Rtype::NS && rec.ttl < LEAST_OF_NAME_SERVERS;
        for rec in first_of_types(context, name, low) {
            report(context, name, rec, "ttl-ns-below-policy", &what, out);
        }
        for record in zone.read_rrset(zone.key_of(name), Rtype::NS) {
            let target = record.target().filter(|target| target.in_zone);
            hosts.extend(target.and_then(|target| zone.find(&target.name)));
        }
    }
    hosts.sort_unstable();
    hosts.dedup();
    for name in hosts {
        let low = |rec: &Rec| rec.rtype.is_address() && rec.ttl < LEAST_OF_NAME_SERVERS;
        for rec in first_of_types(context, name, low) {
            report(context, name, rec, "ttl-ns-below-policy", &what, out);
        }
    }
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
