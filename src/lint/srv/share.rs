//! Pools that are one machine.

use super::facts::{deployed, is_troubled};
use super::owner::{Owner, is_directory};
use crate::edge::found::{Destination, Found, FoundSrv};
use crate::lint::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::Record;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(super) fn pools_share_address(context: &ZoneContext<'_>, services: &[&Found], out: Out<'_>) {
    let mut told: BTreeSet<(IpAddr, String, String)> = BTreeSet::new();
    for found in services.iter().filter(|found| found.records.len() > 1) {
        // The names of declared pools are held against their own addresses: `srv-target-address-drift`.
        let declared = found.service.is_some() && deployed(context).is_some();
        if declared || is_directory(&found.owner) || matches!(Owner::of(context, found), Owner::Instance(_)) {
            continue;
        }
        let mut records: Vec<&FoundSrv> = found.records.iter().collect();
        records.sort_by_key(|record| (record.srv.priority, record.record.place));
        for (at, later) in records.iter().enumerate() {
            for earlier in records.iter().take(at) {
                pair(context, found, (earlier, later), &mut told, out);
            }
        }
    }
}

fn pair(
    context: &ZoneContext<'_>,
    found: &Found,
    (earlier, later): (&FoundSrv, &FoundSrv),
    told: &mut BTreeSet<(IpAddr, String, String)>,
    out: Out<'_>,
) {
    let (one, other) = (&earlier.srv, &later.srv);
    if one.port != other.port
        || one.target.absolute == other.target.absolute
        || is_troubled(context, earlier)
        || is_troubled(context, later)
        || one.priority == other.priority && earlier.addresses() == later.addresses()
    {
        return;
    }
    for address in earlier.addresses().intersection(&later.addresses()) {
        let mut names = [one.target.absolute.clone(), other.target.absolute.clone()];
        names.sort();
        let [low, high] = names;
        if !told.insert((*address, low, high)) {
            continue;
        }
        let (Some(there), Some(here)) = (holder(earlier, *address), holder(later, *address)) else {
            continue;
        };
        let message = format!(
            "`{}` and `{}`, both targets of `{}`, share the address {address}",
            one.target.absolute, other.target.absolute, found.owner
        );
        out.push(
            context
                .about("srv-pools-share-address", here, here.field(0), message)
                .related(there.field(0), format!("also an address of `{}`", one.target.absolute))
                .help(format!("give `{}` addresses of its own", other.target.absolute)),
        );
    }
}

/// The address record of a target that holds an address.
fn holder(record: &FoundSrv, address: IpAddr) -> Option<&Record> {
    match &record.destination {
        Destination::Addresses(records) | Destination::Delegated(records) => {
            records.iter().find(|record| record.address() == Some(address))
        }
        _ => None,
    }
}
