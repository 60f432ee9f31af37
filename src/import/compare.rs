//! What a topology, the configuration and the zones say differently of each other, beyond what an import
//! changes.

use super::edit::{internal, pool_of, server_of};
use super::{Pool, Published, Told, Topology};
use crate::edge::{Deployment, Service, is_m365};
use std::collections::{BTreeMap, BTreeSet};

/// One sentence for each difference: what is only in the configuration or only in the topology, then what the
/// zones lack, then what they have too much.
pub fn compare(
    topology: &Topology,
    deployment: Option<&Deployment>,
    published: &Published<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(deployment) = deployment {
        of_configuration(topology, deployment, &mut notes);
    }
    if !published.is_empty() {
        of_zones(topology, deployment, published, &mut notes);
    }
    notes
}

fn of_configuration(topology: &Topology, deployment: &Deployment, notes: &mut Vec<String>) {
    for declared in deployment.pools() {
        let name = &declared.name.value;
        let Some(pool) = topology.pools.iter().find(|pool| pool_of(deployment, pool) == Some(declared.id))
        else {
            if !topology.pools.is_empty() && deployment.is_lync() {
                let fqdn = internal(declared).unwrap_or(&declared.access.value);
                notes.push(format!(
                    "Edge pool {name} ({fqdn}) is declared, but not in the topology; it stays: `zonewright plan decommission {name}` takes it out"
                ));
            }
            continue;
        };
        for (service, told, port) in
            [(Service::Federation, &pool.federation_port, "5061"), (Service::Xmpp, &pool.xmpp_port, "5269")]
        {
            let offers = declared.services.contains(&service);
            let word = service.word();
            match told {
                Told::Absent if offers => notes.push(format!(
                    "Edge pool {name} offers {word}, but the topology has no external port for it (usually {port}); it stays among its `services`"
                )),
                Told::Is(_) if !offers && service == Service::Xmpp => notes.push(format!(
                    "Edge pool {name} does not offer {word}, but the topology enables it: add \"{word}\" to its `services`, and its `xmpp` name"
                )),
                _ => {}
            }
        }
        let told = pool.servers.iter().flatten();
        let found: BTreeSet<usize> = told.filter_map(|told| server_of(declared, told)).collect();
        let missing = declared
            .servers
            .iter()
            .enumerate()
            .filter(|(place, _)| !found.is_empty() && !found.contains(place));
        for (_, server) in missing {
            let server = &server.name.value;
            notes.push(format!(
                "server {server} of Edge pool {name} is declared, but not in the topology; it stays"
            ));
        }
    }
    if let Some(told) = &topology.sip_domains {
        for domain in deployment.sip_domains() {
            let name = &domain.name.value;
            if told.iter().all(|told| told.name != *name) {
                notes.push(format!("SIP domain {name} is declared, but not in the topology; it stays"));
            }
        }
    }
}

fn of_zones(
    topology: &Topology,
    deployment: Option<&Deployment>,
    published: &Published<'_>,
    notes: &mut Vec<String>,
) {
    for pool in &topology.pools {
        let services = published.presence(pool).services;
        let fqdn = &pool.fqdn;
        let enabled = [
            (Service::RemoteAccess, true),
            (Service::Federation, pool.federation_port.value().is_some()),
            (Service::Xmpp, pool.xmpp_port.value().is_some()),
        ];
        let is_led_to = |service: Service| {
            services.contains(&service) || declared_leads(deployment, published, pool, service)
        };
        let lacking: Vec<&str> = enabled
            .into_iter()
            .filter(|(service, is_enabled)| *is_enabled && !is_led_to(*service))
            .map(|(service, _)| service.word())
            .collect();
        if !lacking.is_empty() {
            notes.push(format!(
                "no SRV record leads to Edge pool {fqdn} ({}) for {}",
                pool.access,
                lacking.join(", ")
            ));
        }
        for name in [Some(&pool.access), pool.webcon.as_ref(), pool.av.as_ref()].into_iter().flatten() {
            if published.addresses(name).is_some_and(|addresses| addresses.is_empty()) {
                let note = format!("{name} of Edge pool {fqdn} has no address in the zones");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
    }
    if topology.pools.is_empty() {
        return;
    }
    let mut strangers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for srv in published.srv.iter().filter(|srv| srv.target != "." && !is_m365(&srv.target)) {
        let of_lync = Service::LYNC.contains(&srv.service);
        let declared = deployment.and_then(|deployment| deployment.pool_of_name(&srv.target));
        if of_lync && declared.is_none() && !topology.pools.iter().any(|pool| published.leads_to(srv, pool)) {
            strangers.entry(&srv.target).or_default().push(&srv.owner);
        }
    }
    for (target, owners) in strangers {
        notes.push(format!(
            "{target} is of no Edge pool of the topology; SRV records of {} lead there",
            owners.join(", ")
        ));
    }
}

/// Whether a record of the service leads to a name that the configuration gives the pool.
fn declared_leads(
    deployment: Option<&Deployment>,
    published: &Published<'_>,
    pool: &Pool,
    service: Service,
) -> bool {
    let Some(deployment) = deployment else { return false };
    let Some(id) = pool_of(deployment, pool) else { return false };
    published.srv.iter().any(|srv| srv.service == service && deployment.pool_of_name(&srv.target) == Some(id))
}
