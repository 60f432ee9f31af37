//! What must change in `zonewright.toml` so that it declares the state that a plan leads to.

use super::wanted::{WantedRrset, wanted};
use super::{Goal, Hosting};
use crate::edge::{Deployment, PoolId, Service};
use std::collections::{BTreeMap, BTreeSet};

/// One change of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEdit {
    /// The table, as a person finds it: ``[[site]] `paris` ``.
    pub table: String,
    /// The line that shall stand in it; none: the table goes.
    pub line: Option<String>,
}

/// The changes of the configuration that a goal asks for; without them `plan sync` would undo the plan.
/// Empty for goals that lead back, or to what is declared.
pub fn config_edits(deployment: &Deployment, goal: &Goal) -> Vec<ConfigEdit> {
    match goal {
        Goal::Route { service, to } => {
            let mut edits = routes(deployment, *service, *to);
            edits.extend(priorities(deployment, &numbers(deployment, goal, &BTreeSet::from([*service]))));
            edits
        }
        Goal::Decommission { pools, routes: taken } => {
            let mut edits: Vec<ConfigEdit> = pools
                .iter()
                .map(|pool| ConfigEdit {
                    table: format!("[[edge_pool]] `{}` and its servers", deployment.pool(*pool).name.value),
                    line: None,
                })
                .collect();
            for (service, to) in taken {
                edits.extend(routes(deployment, *service, *to));
            }
            edits.extend(others(deployment, pools));
            let mut changed = numbers(deployment, goal, &taken.keys().copied().collect());
            // A default priority goes by the place of the pool, which changes.
            let first = pools.iter().map(|pool| pool.index()).min().unwrap_or_default();
            for pool in deployment.pools().iter().filter(|pool| !pools.contains(&pool.id)) {
                for service in &pool.services {
                    if pool.id.index() > first && !pool.priorities.contains_key(service) {
                        let own = deployment.priority(pool.id, *service).value;
                        changed.entry(pool.id).or_default().entry(*service).or_insert(own);
                    }
                }
            }
            edits.extend(priorities(deployment, &changed));
            edits
        }
        Goal::M365 { to: Hosting::TeamsOnly(_), sip_domains } => turned_off(deployment, sip_domains),
        Goal::Failover { .. }
        | Goal::Failback { .. }
        | Goal::Sync
        | Goal::Drain { .. }
        | Goal::Restore { .. }
        | Goal::Add { .. }
        | Goal::M365 { to: Hosting::Hybrid | Hosting::OnPremises, .. } => Vec::new(),
    }
}

fn routes(deployment: &Deployment, service: Service, to: PoolId) -> Vec<ConfigEdit> {
    let key = if service == Service::Xmpp { "xmpp_route" } else { "federation_route" };
    let to = &deployment.pool(to).name.value;
    let declared = |site: &crate::edge::Site| {
        if service == Service::Xmpp { site.xmpp_route } else { site.federation_route }
    };
    let is_right = |site: &&crate::edge::Site| {
        declared(site).is_some_and(|route| deployment.pool(route.value).name.value == *to)
    };
    let edit = |site: &crate::edge::Site| ConfigEdit {
        table: format!("[[site]] `{}`", site.name.value),
        line: Some(format!("{key} = \"{to}\"")),
    };
    deployment.sites().iter().filter(|site| !is_right(site)).map(edit).collect()
}

/// Tables that name a pool which leaves.
fn others(deployment: &Deployment, pools: &BTreeSet<PoolId>) -> Vec<ConfigEdit> {
    let front_ends = deployment.front_end_pools().iter();
    let mut edits: Vec<ConfigEdit> = front_ends
        .filter(|front_end| front_end.edge.as_ref().is_some_and(|edge| pools.contains(&edge.value)))
        .map(|front_end| ConfigEdit {
            table: format!("[[front_end_pool]] `{}`", front_end.fqdn.value),
            line: Some(String::from("edge = \"<the Edge pool it uses from now on>\"")),
        })
        .collect();
    for geo in deployment.geo_names().iter().filter(|geo| geo.pools.iter().any(|pool| pools.contains(pool))) {
        let left = geo.pools.iter().filter(|pool| !pools.contains(pool));
        let left: Vec<String> =
            left.map(|pool| format!("\"{}\"", deployment.pool(*pool).name.value)).collect();
        edits.push(ConfigEdit {
            table: format!("[[geo_name]] `{}`", geo.name.value),
            line: Some(format!("pools = [{}]", left.join(", "))),
        });
    }
    edits
}

/// The priorities that pools have in the zones after the plan, where other ones are declared.
fn numbers(
    deployment: &Deployment,
    goal: &Goal,
    services: &BTreeSet<Service>,
) -> BTreeMap<PoolId, BTreeMap<Service, u16>> {
    let state = goal.state();
    let mut changed: BTreeMap<PoolId, BTreeMap<Service, u16>> = BTreeMap::new();
    for service in services {
        let domain = deployment.sip_domains().iter().find(|domain| domain.services.contains(service));
        let Some(domain) = domain else { continue };
        for rrset in wanted(deployment, &state, *service, &domain.name.value) {
            let WantedRrset::Srv { records, .. } = rrset else { continue };
            for record in records {
                let (Some(pool), Some(number)) = (record.pool, record.priority) else { continue };
                if deployment.priority(pool, *service).value != number {
                    changed.entry(pool).or_default().insert(*service, number);
                }
            }
        }
    }
    changed
}

/// One line per pool; services that the line left out would get their default.
fn priorities(
    deployment: &Deployment,
    changed: &BTreeMap<PoolId, BTreeMap<Service, u16>>,
) -> Vec<ConfigEdit> {
    let edit = |(pool, numbers): (&PoolId, &BTreeMap<Service, u16>)| {
        let all: Vec<String> = deployment
            .services()
            .iter()
            .copied()
            .filter(|service| deployment.pool(*pool).services.contains(service))
            .map(|service| {
                let own = deployment.priority(*pool, service).value;
                format!("{} = {}", service.word(), numbers.get(&service).copied().unwrap_or(own))
            })
            .collect();
        ConfigEdit {
            table: format!("[[edge_pool]] `{}`", deployment.pool(*pool).name.value),
            line: Some(format!("priority = {{ {} }}", all.join(", "))),
        }
    };
    changed.iter().map(edit).collect()
}

/// SIP domains in Microsoft 365 have no services of Edge pools any more.
fn turned_off(deployment: &Deployment, sip_domains: &BTreeSet<String>) -> Vec<ConfigEdit> {
    let chosen = deployment.sip_domains().iter().filter(|domain| sip_domains.contains(&domain.name.value));
    let keys = [
        (Service::RemoteAccess, "remote_access"),
        (Service::Federation, "federation"),
        (Service::Xmpp, "xmpp"),
    ];
    let mut edits = Vec::new();
    for domain in chosen {
        for (_, key) in keys.iter().filter(|(service, _)| domain.services.contains(service)) {
            edits.push(ConfigEdit {
                table: format!("[[sip_domain]] `{}`", domain.name.value),
                line: Some(format!("{key} = false")),
            });
        }
    }
    edits
}
