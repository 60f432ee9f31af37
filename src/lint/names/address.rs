//! Addresses in the place of names (RFC 1912 sections 2.4 and 2.5).

use crate::diagnostic::Applicability;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{Record, Zone};
use crate::zonefile::parse::Suspect;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// `target-is-ip-address`
pub(super) fn targets(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let wrong: Vec<&Suspect> = zone.suspects().iter().filter(|suspect| zone.is_address(suspect)).collect();
    if wrong.is_empty() {
        return;
    }
    let holders = holders(zone);
    for suspect in wrong {
        let Some(rtype) = suspect.rtype else { continue };
        let Some(record) = record_of(zone, suspect, rtype) else { continue };
        let written = String::from_utf8_lossy(&zone.sources().bytes(suspect.span)).into_owned();
        let Ok(address) = written.strip_suffix('.').unwrap_or(&written).parse::<IpAddr>() else { continue };
        let message =
            format!("`{}` {rtype}: the address `{address}` stands where a name must stand", record.owner);
        let mut finding = context
            .about("target-is-ip-address", &record, suspect.span, message)
            .labelled("an address, read as a name");
        let holders = holders.get(&address).map(Vec::as_slice).unwrap_or_default();
        if let Some(holder) = holders.first() {
            finding = finding.related(holder.rdata_span(), format!("`{}` has this address", holder.owner));
        }
        let alone = zone.find(&record.key).is_some_and(|name| zone.records(name).count() == 1);
        finding = if rtype == Rtype::CNAME && alone {
            let meant = if address.is_ipv4() { "A" } else { "AAAA" };
            let edits = vec![
                crate::diagnostic::Edit { span: record.type_span, replacement: meant.into() },
                crate::diagnostic::Edit { span: suspect.span, replacement: address.to_string().into_bytes() },
            ];
            finding.help("an address belongs in an A record").fixes(Applicability::Unsafe, edits)
        } else if let [holder] = holders {
            let name = &holder.owner;
            finding.help(format!("write `{name}.`, which has this address")).fix(
                Applicability::Unsafe,
                suspect.span,
                format!("{name}."),
            )
        } else {
            finding.help("write a name that has an A or AAAA record for it")
        };
        out.push(finding);
    }
}

/// The address records of the zone, one for each name and address, by their address.
fn holders(zone: &Zone) -> BTreeMap<IpAddr, Vec<Record>> {
    let mut found: BTreeMap<IpAddr, Vec<Record>> = BTreeMap::new();
    for name in zone.names().filter(|name| zone.types_of(*name).has_address()) {
        for record in zone.addresses(zone.key_of(name)) {
            if let Some(address) = record.address() {
                found.entry(address).or_default().push(record);
            }
        }
    }
    for records in found.values_mut() {
        records.sort_by_key(|record| record.place);
        records.dedup_by(|one, other| one.key == other.key);
    }
    found
}

/// The record that a suspect stands in.
fn record_of(zone: &Zone, suspect: &Suspect, rtype: Rtype) -> Option<Record> {
    let key = zone.key(&suspect.owner)?;
    zone.read_rrset(key, rtype)
        .into_iter()
        .find(|record| record.targets.iter().any(|target| target.span == suspect.span))
}
