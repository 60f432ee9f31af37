//! Servers that `plan drain` took out of the names of their pool.
//!
//! It turns their address records into comments that begin with one of these marks, so that the zone
//! itself says who is drained, and `plan restore` finds the records as they were.

use super::{AddressKind, Deployment, ServerId};
use crate::zone::{Zone, ZoneNote};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What stands before every line of a record that is drained.
pub const DRAINED: &str = "; zonewright: drained ";

/// The same, where the record wrote the owner that the next entry inherited: the next entry writes it
/// in the meantime.
pub const DRAINED_OWNER: &str = "; zonewright: drained-owner ";

/// The same, where that owner stands over blanks of the next entry, which keeps its columns.
pub const DRAINED_OVER: &str = "; zonewright: drained-over ";

/// The record text behind a mark, if the comment is one.
fn text_behind(note: &ZoneNote) -> Option<&str> {
    let word = |mark: &str| mark.rsplit(": ").next().map(str::to_owned).unwrap_or_default();
    let marks = [word(DRAINED_OWNER), word(DRAINED_OVER), word(DRAINED)];
    marks.iter().find_map(|mark| note.text.strip_prefix(mark.as_str())).filter(|_| note.own_line)
}

/// The addresses of the records of a zone that are drained.
pub fn drained_addresses(zone: &Zone) -> BTreeSet<IpAddr> {
    let texts = zone.notes().iter().filter_map(text_behind);
    let fields = texts.flat_map(|text| {
        let record = text.split(';').next().unwrap_or_default();
        record.split(|c: char| c.is_whitespace() || c == '(' || c == ')')
    });
    fields.filter_map(|field| field.parse().ok()).collect()
}

/// The servers of whose addresses one is drained in one of the zones.
pub fn drained_servers<'z>(
    deployment: &Deployment,
    zones: impl IntoIterator<Item = &'z Zone>,
) -> BTreeSet<ServerId> {
    let addresses: BTreeSet<IpAddr> = zones.into_iter().flat_map(drained_addresses).collect();
    if addresses.is_empty() {
        return BTreeSet::new();
    }
    let all = deployment.pools().iter().flat_map(|pool| deployment.servers(pool.id));
    all.filter(|server| {
        let mut external =
            AddressKind::ALL.into_iter().flat_map(|kind| deployment.addresses_of(*server, kind));
        let mut internal = deployment.server(*server).internal.iter().map(|address| address.value);
        external.any(|address| addresses.contains(&address))
            || internal.any(|address| addresses.contains(&address))
    })
    .collect()
}
