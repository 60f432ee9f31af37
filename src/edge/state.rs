//! Which pools are up, and the order in which callers should try them.

use super::{
    AddressKind, Cloud, Deployment, FederationPolicy, LoadBalancing, Policy, PoolId, ServerId, Service,
    XmppPolicy,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A situation of the deployment that records can be planned for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Pools that are, or are about to be, out of service.
    pub down: BTreeSet<PoolId>,
    /// Pool that shall come first for a service.
    pub prefer: BTreeMap<Service, PoolId>,
    /// Pool that shall come first for every other service that it offers.
    pub lead: Option<PoolId>,
    /// Servers that no name shall lead to any more, while their pools stay up.
    pub drained: BTreeSet<ServerId>,
    /// Pools that are no part of the deployment: they left for good.
    pub gone: BTreeSet<PoolId>,
    /// SIP domains (as declared) whose users are all in Microsoft 365, and the cloud they are in.
    pub hosted: BTreeMap<String, Cloud>,
}

impl State {
    /// Every pool is up and nothing is preferred: what failback restores.
    pub fn steady() -> Self {
        Self::default()
    }

    /// These pools are down.
    pub fn down(pools: impl IntoIterator<Item = PoolId>) -> Self {
        Self { down: pools.into_iter().collect(), ..Self::default() }
    }

    /// The pools of a service, the one to try first at the front; pools that are down come last, and
    /// pools that are gone are not among them.
    ///
    /// First the preferred pool, then the holder of the route, each only if it is up; then by
    /// declared priority. When no pool of the service is down and none is preferred the declared
    /// priorities alone decide, except where one pool only is published (`single-active`,
    /// `swing-a`): there it is the holder of the route.
    pub fn order(&self, deployment: &Deployment, service: Service) -> Vec<PoolId> {
        let mut pools = deployment.pools_with(service);
        pools.retain(|pool| !self.gone.contains(pool));
        let preferred = self.preferred(service).filter(|pool| pools.contains(pool));
        let steady = preferred.is_none() && !pools.iter().any(|pool| self.down.contains(pool));
        let route =
            deployment.route(service).filter(|_| !steady || publishes_one(deployment.policy(), service));
        pools.sort_by_key(|&pool| {
            let down = self.down.contains(&pool);
            let priority = deployment.priority(pool, service).value;
            (down, down || preferred != Some(pool), down || route != Some(pool), priority, pool)
        });
        pools
    }

    /// The pool that shall come first for a service.
    pub fn preferred(&self, service: Service) -> Option<PoolId> {
        self.prefer.get(&service).copied().or(self.lead)
    }

    /// The pool that callers of a service should reach; none when all of its pools are down.
    pub fn active(&self, deployment: &Deployment, service: Service) -> Option<PoolId> {
        self.order(deployment, service).into_iter().find(|pool| !self.down.contains(pool))
    }

    /// The addresses that a name of that kind has: those of the servers that are not drained, or the
    /// virtual ones; none when the pool is gone.
    pub fn addresses(&self, deployment: &Deployment, pool: PoolId, kind: AddressKind) -> BTreeSet<IpAddr> {
        if self.gone.contains(&pool) {
            return BTreeSet::new();
        }
        match deployment.pool(pool).load_balancing {
            LoadBalancing::Hlb => deployment.addresses(pool, kind),
            LoadBalancing::Dns => deployment
                .servers(pool)
                .filter(|server| !self.drained.contains(server))
                .flat_map(|server| deployment.addresses_of(server, kind))
                .collect(),
        }
    }

    /// The addresses that the internal name of the pool has.
    pub fn internal_addresses(&self, deployment: &Deployment, pool: PoolId) -> BTreeSet<IpAddr> {
        deployment
            .servers(pool)
            .filter(|server| !self.drained.contains(server) && !self.gone.contains(&pool))
            .flat_map(|server| &deployment.server(server).internal)
            .map(|address| address.value)
            .collect()
    }
}

/// Whether records of that service lead to the holder of the route and to nobody else.
fn publishes_one(policy: &Policy, service: Service) -> bool {
    match service {
        Service::RemoteAccess | Service::Other(_) => false,
        Service::Federation => policy.federation == FederationPolicy::SingleActive,
        Service::Xmpp => policy.xmpp == XmppPolicy::SwingA,
    }
}
