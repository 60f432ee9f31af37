//! What else leads to pools or servers that leave the zones.

use super::Goal;
use super::place::{Task, holder};
use super::scope::of_server;
use super::wanted::WantedRrset;
use crate::config::View;
use crate::edge::found::service_of;
use crate::edge::{AddressKind, Deployment, PoolId, Service};
use crate::lint::ZoneContext;
use crate::workspace::Loaded;
use crate::zone::{Record, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Names that clients try without any SRV record, after all others.
const FALLBACKS: [&str; 2] = ["sip", "sipexternal"];

/// Takes the names of leaving pools out of the tasks to which records lead that stay, and says so.
pub(super) fn keep_referred(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    pools: &BTreeSet<PoolId>,
    services: &BTreeSet<Service>,
    tasks: &mut Vec<Task>,
) -> Vec<String> {
    let leaving = |task: &Task| match &task.wanted {
        WantedRrset::Addresses { owner, pool, .. } if pools.contains(pool) => Some(owner.clone()),
        _ => None,
    };
    let names: BTreeSet<String> =
        tasks.iter().filter_map(leaving).filter(|name| deployment.shared_name(name).is_empty()).collect();
    let mut warnings = Vec::new();
    for view in [View::External, View::Internal] {
        let mut kept: BTreeMap<String, String> = BTreeMap::new();
        for context in contexts.iter().filter(|context| context.view == view) {
            referring(deployment, context.zone, services, &names, &mut kept);
        }
        tasks.retain(|task| {
            contexts[task.zone].view != view || leaving(task).is_none_or(|name| !kept.contains_key(&name))
        });
        warnings.extend(kept.into_iter().map(|(name, by)| {
            format!("`{name}` keeps its addresses in the {} view: {by} leads to it", view.word())
        }));
    }
    warnings
}

/// The first record of a zone that leads to each of the names and is not about to go.
fn referring(
    deployment: &Deployment,
    zone: &Zone,
    services: &BTreeSet<Service>,
    names: &BTreeSet<String>,
    kept: &mut BTreeMap<String, String>,
) {
    let mut owners: Vec<_> = zone.names().collect();
    zone.sort_by_place(&mut owners);
    for name in owners {
        let key = zone.key_of(name);
        for rec in zone.records(name) {
            if matches!(rec.rtype, Rtype::A | Rtype::AAAA | Rtype::TXT | Rtype::SOA) {
                continue;
            }
            let Some(record) = zone.record(key, rec) else { continue };
            if rec.rtype == Rtype::SRV && goes(deployment, &record, services) {
                continue;
            }
            for target in record.targets.iter().filter(|target| names.contains(&target.absolute)) {
                let by = format!("`{}` {}", record.owner, record.rtype);
                kept.entry(target.absolute.clone()).or_insert(by);
            }
        }
    }
}

/// Whether an SRV record is one of those that the plan deals with.
fn goes(deployment: &Deployment, record: &Record, services: &BTreeSet<Service>) -> bool {
    service_of(&record.owner, Some(deployment)).is_some_and(|(service, domain)| {
        services.contains(&service)
            && deployment.sip_domain(domain).is_some_and(|domain| domain.services.contains(&service))
    })
}

/// The names that clients fall back to, where they still lead to what leaves: they are nobody's by
/// declaration, so they are left to a person.
pub(super) fn fallbacks(loaded: &Loaded, deployment: &Deployment, goal: &Goal) -> Vec<String> {
    let leaving: BTreeSet<IpAddr> = match goal {
        Goal::Drain { servers } => servers.iter().flat_map(|server| of_server(deployment, *server)).collect(),
        Goal::Decommission { pools, .. } => {
            pools.iter().flat_map(|pool| deployment.addresses(*pool, AddressKind::Access)).collect()
        }
        _ => return Vec::new(),
    };
    let contexts = loaded.contexts();
    let mut warnings = Vec::new();
    for domain in deployment.sip_domains() {
        for first in FALLBACKS {
            let name = format!("{first}.{}", domain.name.value);
            if deployment.pool_of_name(&name).is_some() {
                continue;
            }
            let Some(place) = holder(&contexts, View::External, &name) else { continue };
            let zone = contexts[place].zone;
            let records = zone.addresses(zone.key(name.as_bytes()).unwrap_or_default());
            let still: Vec<String> = records
                .iter()
                .filter_map(Record::address)
                .filter(|address| leaving.contains(address))
                .map(|address| address.to_string())
                .collect();
            if !still.is_empty() {
                warnings.push(format!(
                    "`{name}` still has {}: no pool declares that name, so it was left alone",
                    still.join(" and ")
                ));
            }
        }
    }
    warnings
}
