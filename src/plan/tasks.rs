//! Which RRsets of which zones a goal is about.

use super::m365;
use super::place::{Task, delegating, has_records, holder};
use super::wanted::{WantedRrset, wanted, wanted_addresses, wanted_inside, wanted_shared};
use super::{Goal, PlanError};
use crate::config::View;
use crate::edge::drained::drained_servers;
use crate::edge::{AddressKind, Deployment, EdgePool, PoolId, Service, State, XmppPolicy, lies_in};
use crate::lint::ZoneContext;
use crate::zone::Record;
use std::collections::BTreeSet;

/// The state that a goal leads to from these zones: servers that are drained stay so, except where
/// the goal brings them back.
pub(super) fn state(deployment: &Deployment, contexts: &[ZoneContext<'_>], goal: &Goal) -> State {
    let mut state = goal.state();
    if *goal != Goal::Sync {
        state.drained.extend(drained_servers(deployment, contexts.iter().map(|context| context.zone)));
    }
    if let Goal::Restore { servers } = goal {
        state.drained.retain(|server| !servers.contains(server));
    }
    state
}

/// The RRsets that should stand, each in every zone that holds it.
pub(super) fn tasks(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    goal: &Goal,
    services: &BTreeSet<Service>,
) -> Result<Vec<Task>, PlanError> {
    let state = state(deployment, contexts, goal);
    let at = Places { deployment, contexts };
    let mut tasks = Vec::new();
    match goal {
        Goal::Failover { .. } | Goal::Failback { .. } | Goal::Route { .. } => {
            at.services(&state, services, false, &mut tasks)?;
        }
        Goal::Sync => {
            at.services(&state, services, false, &mut tasks)?;
            for pool in deployment.pools() {
                at.outside(wanted_addresses(deployment, &state, pool.id), &mut tasks);
            }
        }
        Goal::Drain { servers } | Goal::Restore { servers } => {
            for pool in servers.iter().map(|server| server.pool()).collect::<BTreeSet<_>>() {
                at.names_that_stand(&state, pool, &mut tasks);
                if let Some(inside) = wanted_inside(deployment, &state, pool) {
                    at.standing(&inside, &mut tasks);
                }
            }
        }
        Goal::Decommission { pools, .. } => {
            at.services(&state, services, true, &mut tasks)?;
            for pool in pools {
                at.names_that_stand(&state, *pool, &mut tasks);
            }
        }
        Goal::M365 { sip_domains, .. } => {
            tasks = m365::tasks(deployment, contexts, &state, sip_domains)?;
        }
        Goal::Add { pools } => {
            at.services(&state, services, false, &mut tasks)?;
            for pool in pools {
                at.outside(wanted_addresses(deployment, &state, *pool), &mut tasks);
                at.inside(&state, *pool, &mut tasks);
                for rrset in wanted_shared(deployment, &state, *pool) {
                    at.standing(&rrset, &mut tasks);
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    tasks.retain(|task| {
        let srv = matches!(task.wanted, WantedRrset::Srv { .. });
        seen.insert((task.zone, srv, task.wanted.owner().to_owned()))
    });
    tasks.retain(|task| match &task.wanted {
        WantedRrset::Addresses { addresses, .. } => {
            !addresses.is_empty() || matches!(goal, Goal::Decommission { .. } | Goal::Drain { .. })
        }
        WantedRrset::Srv { .. } | WantedRrset::Name { .. } => true,
    });
    Ok(tasks)
}

/// Where RRsets stand, or belong.
struct Places<'p, 'z> {
    deployment: &'p Deployment,
    contexts: &'p [ZoneContext<'z>],
}

impl Places<'_, '_> {
    /// The SRV records of services, and the addresses that move with them.
    fn services(
        &self,
        state: &State,
        services: &BTreeSet<Service>,
        only_standing: bool,
        tasks: &mut Vec<Task>,
    ) -> Result<(), PlanError> {
        for domain in self.deployment.sip_domains() {
            let sip_domain = &domain.name.value;
            for service in domain.services.intersection(services) {
                for rrset in wanted(self.deployment, state, *service, sip_domain) {
                    let outside = holder(self.contexts, View::External, rrset.owner()).ok_or_else(|| {
                        PlanError::NoZone {
                            sip_domain: sip_domain.clone(),
                            owner: rrset.owner().to_owned(),
                            delegated: delegating(self.contexts, rrset.owner()),
                        }
                    })?;
                    if !only_standing || has_records(&self.contexts[outside], &rrset) {
                        tasks.push(Task { zone: outside, wanted: rrset.clone() });
                    }
                    if let Some(inside) = holder(self.contexts, View::Internal, rrset.owner())
                        && stands(&self.contexts[inside], &rrset)
                    {
                        tasks.push(Task { zone: inside, wanted: rrset });
                    }
                }
            }
        }
        Ok(())
    }

    /// Names of a pool in the zones that everybody sees.
    fn outside(&self, rrsets: Vec<WantedRrset>, tasks: &mut Vec<Task>) {
        for wanted in rrsets {
            if let Some(zone) = holder(self.contexts, View::External, wanted.owner()) {
                tasks.push(Task { zone, wanted });
            }
        }
    }

    /// Every name of a pool, its own and those it shares, in every zone where it has an address.
    fn names_that_stand(&self, state: &State, pool: PoolId, tasks: &mut Vec<Task>) {
        let own = wanted_addresses(self.deployment, state, pool);
        let shared = wanted_shared(self.deployment, state, pool);
        for rrset in own.iter().chain(&shared).chain(&self.swinging(state, pool)) {
            self.standing(rrset, tasks);
        }
    }

    /// An RRset in every zone where its owner has an address.
    fn standing(&self, rrset: &WantedRrset, tasks: &mut Vec<Task>) {
        for view in [View::External, View::Internal] {
            if let Some(zone) = holder(self.contexts, view, rrset.owner())
                && has_records(&self.contexts[zone], rrset)
            {
                tasks.push(Task { zone, wanted: rrset.clone() });
            }
        }
    }

    /// The names of the SIP domains that lead to the pool while it holds the XMPP route.
    fn swinging(&self, state: &State, pool: PoolId) -> Vec<WantedRrset> {
        if self.deployment.policy().xmpp != XmppPolicy::SwingA || state.gone.contains(&pool) {
            return Vec::new();
        }
        let domains = self.deployment.sip_domains().iter();
        domains
            .filter(|domain| domain.services.contains(&Service::Xmpp))
            .map(|domain| WantedRrset::Addresses {
                owner: self.deployment.shared_xmpp_name(&domain.name.value),
                service: Some(Service::Xmpp),
                pool,
                addresses: state.addresses(self.deployment, pool, AddressKind::Access),
            })
            .filter(|rrset| {
                let place = |view| holder(self.contexts, view, rrset.owner());
                let leads_there = |zone: usize| {
                    let context = &self.contexts[zone];
                    let key = context.zone.key(rrset.owner().as_bytes()).unwrap_or_default();
                    let all = self.deployment.addresses(pool, AddressKind::Access);
                    let records = context.zone.addresses(key);
                    records.iter().filter_map(Record::address).any(|address| all.contains(&address))
                };
                [View::External, View::Internal].into_iter().filter_map(place).any(leads_there)
            })
            .collect()
    }

    /// Names of a pool in internal zones: those of a kind that another pool has there too, and those
    /// that federation records there lead to.
    fn inside(&self, state: &State, pool: PoolId, tasks: &mut Vec<Task>) {
        for (owner, kind, _) in self.deployment.names(pool) {
            let Some(zone) = holder(self.contexts, View::Internal, &owner) else { continue };
            let context = &self.contexts[zone];
            let apex = context.zone.apex().to_string();
            let stands = |name: &str| {
                lies_in(name, &apex) && {
                    let key = context.zone.key(name.as_bytes());
                    key.is_some_and(|key| !context.zone.addresses(key).is_empty())
                }
            };
            let own: Vec<_> =
                roles(self.deployment.pool(pool)).into_iter().filter(|(_, name)| *name == owner).collect();
            let others = self.deployment.pools().iter().filter(|other| other.id != pool);
            let has_peer = others
                .flat_map(roles)
                .any(|(role, name)| own.iter().any(|(known, _)| *known == role) && stands(name));
            let led_to = context.services.iter().any(|found| {
                let declared = self.deployment.sip_domain(&found.domain);
                found.service.is_some_and(|service| {
                    declared.is_some_and(|domain| {
                        domain.services.contains(&service)
                            && self.deployment.target(pool, service, &found.domain).as_ref() == Some(&owner)
                    })
                })
            });
            // What hosts inside are told of their own accord stays.
            let key = context.zone.key(owner.as_bytes()).unwrap_or_default();
            let records = context.zone.addresses(key);
            let declared = self.deployment.addresses(pool, kind);
            let own_answer = !records.is_empty()
                && records.iter().filter_map(Record::address).all(|address| !declared.contains(&address));
            if (has_peer || led_to) && !own_answer {
                let addresses = state.addresses(self.deployment, pool, kind);
                tasks.push(Task {
                    zone,
                    wanted: WantedRrset::Addresses { owner, service: None, pool, addresses },
                });
            }
        }
    }
}

/// The names of a pool by what they are for, and in which SIP domain.
fn roles(pool: &EdgePool) -> Vec<((&'static str, Option<&str>), &str)> {
    let own = [
        ("access", Some(&pool.access)),
        ("webcon", pool.webcon.as_ref()),
        ("av", pool.av.as_ref()),
        ("xmpp", pool.xmpp.as_ref()),
    ];
    let aliases = pool.aliases.iter().flat_map(|alias| {
        let names = [
            ("access", alias.access.as_ref()),
            ("webcon", alias.webcon.as_ref()),
            ("av", alias.av.as_ref()),
            ("xmpp", alias.xmpp.as_ref()),
        ];
        names.map(|(role, name)| ((role, Some(alias.sip_domain.value.as_str())), name))
    });
    own.into_iter()
        .map(|(role, name)| ((role, None), name))
        .chain(aliases)
        .filter_map(|(role, name)| Some((role, name?.value.as_str())))
        .collect()
}

/// Whether the RRset stands in an internal zone: inside, only what is there already is planned, and
/// addresses only when they are those of a pool outside.
fn stands(context: &ZoneContext<'_>, rrset: &WantedRrset) -> bool {
    if !has_records(context, rrset) {
        return false;
    }
    let (WantedRrset::Addresses { owner, .. }, Some(deployment)) = (rrset, context.deployment) else {
        return matches!(rrset, WantedRrset::Srv { .. });
    };
    let external: BTreeSet<_> = deployment
        .pools()
        .iter()
        .flat_map(|pool| deployment.addresses(pool.id, AddressKind::Access))
        .collect();
    let records = context.zone.addresses(context.zone.key(owner.as_bytes()).unwrap_or_default());
    records.iter().filter_map(Record::address).all(|address| external.contains(&address))
}
