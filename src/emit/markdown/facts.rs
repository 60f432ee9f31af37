//! What a plan means for the deployment: who serves what before and after, and which routes move.

use super::words::{code, listed};
use crate::edge::ServerId;
use crate::edge::{AddressKind, Deployment, EdgePool, LoadBalancing, PoolId, Service, State};
use crate::edge::{FederationPolicy, FrontEndPool};
use crate::plan::{Goal, Plan, RrsetChange};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Which runbook it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Failover,
    Failback,
    Sync,
    Drain,
    Restore,
    Decommission,
    Add,
    Route,
    M365,
}

/// A route that goes from one pool to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move<'a> {
    /// The pool that held it, as far as that is declared.
    pub(super) from: Option<&'a EdgePool>,
    /// The pool that holds it from now on.
    pub(super) to: &'a EdgePool,
}

/// A plan with its deployment and the two states it leads between.
pub(super) struct Facts<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) plan: &'a Plan,
    pub(super) kind: Kind,
    /// The pools that go down, come back, leave or are new; the pools of the servers in question.
    pub(super) pools: Vec<&'a EdgePool>,
    /// The servers that are drained or come back.
    pub(super) servers: Vec<ServerId>,
    before: State,
    after: State,
}

impl<'a> Facts<'a> {
    pub(super) fn new(deployment: &'a Deployment, plan: &'a Plan) -> Self {
        let servers: Vec<ServerId> = match &plan.goal {
            Goal::Drain { servers } | Goal::Restore { servers } => servers.iter().copied().collect(),
            _ => Vec::new(),
        };
        let (kind, ids): (Kind, BTreeSet<PoolId>) = match &plan.goal {
            Goal::Failover { down, .. } => (Kind::Failover, down.clone()),
            Goal::Failback { pools } => (Kind::Failback, pools.clone()),
            Goal::Sync => (Kind::Sync, BTreeSet::new()),
            Goal::Drain { .. } => (Kind::Drain, servers.iter().map(|server| server.pool()).collect()),
            Goal::Restore { .. } => (Kind::Restore, servers.iter().map(|server| server.pool()).collect()),
            Goal::Decommission { pools, .. } => (Kind::Decommission, pools.clone()),
            Goal::Add { pools } => (Kind::Add, pools.clone()),
            Goal::Route { .. } => (Kind::Route, BTreeSet::new()),
            Goal::M365 { .. } => (Kind::M365, BTreeSet::new()),
        };
        let before = match kind {
            Kind::Failback => State::down(ids.iter().copied()),
            Kind::Add => State { gone: ids.clone(), ..State::steady() },
            _ => State::steady(),
        };
        let pools = ids.into_iter().map(|id| deployment.pool(id)).collect();
        Self { deployment, plan, kind, pools, servers, before, after: plan.goal.state() }
    }

    /// The services of the plan, in the order of every table.
    pub(super) fn services(&self) -> Vec<Service> {
        self.deployment.services().iter().copied().filter(|service| self.has(*service)).collect()
    }

    pub(super) fn has(&self, service: Service) -> bool {
        self.plan.services.contains(&service)
    }

    /// Whether the steps are those of Lync and Skype for Business.
    pub(super) fn is_lync(&self) -> bool {
        self.deployment.is_lync()
    }

    /// The SIP domains that want a service.
    pub(super) fn domains(&self, service: Service) -> Vec<&'a str> {
        let domains = self.deployment.sip_domains().iter();
        let wanting = domains.filter(|domain| domain.services.contains(&service));
        wanting.map(|domain| domain.name.value.as_str()).collect()
    }

    /// The pool that callers reach before the plan.
    pub(super) fn server_before(&self, service: Service) -> Option<&'a EdgePool> {
        self.before.active(self.deployment, service).map(|id| self.deployment.pool(id))
    }

    /// The pool that callers reach after the plan.
    pub(super) fn server_after(&self, service: Service) -> Option<&'a EdgePool> {
        self.after.active(self.deployment, service).map(|id| self.deployment.pool(id))
    }

    /// The pool that holds a route in a state: the declared holder while it is up, unless another
    /// pool is preferred.
    fn route_in(&self, state: &State, service: Service) -> Option<PoolId> {
        let up = |pool: &PoolId| !state.down.contains(pool) && state.preferred(service).is_none();
        let declared = self.deployment.route(service).filter(up);
        declared.or_else(|| state.active(self.deployment, service))
    }

    /// The pool that holds the route after the plan; for remote access the pool that is asked first.
    pub(super) fn holder(&self, service: Service) -> Option<&'a EdgePool> {
        self.route_in(&self.after, service).map(|id| self.deployment.pool(id))
    }

    /// The move of a route; none when it stays where it is. Where no route is declared nobody knows
    /// that it is right already, so it is set.
    pub(super) fn route_move(&self, service: Service) -> Option<Move<'a>> {
        let has_route = matches!(service, Service::Federation | Service::Xmpp) && self.is_lync();
        if !has_route || self.kind == Kind::Sync {
            return None;
        }
        let to = self.route_in(&self.after, service)?;
        let from = match (self.kind, self.deployment.route(service)) {
            // The declared holder may have lost the route before: it is set all the same.
            (Kind::Route, declared) => declared.filter(|from| *from != to),
            (Kind::Failover | Kind::Decommission, declared) => declared,
            _ => self.route_in(&self.before, service),
        };
        let pool = |id| self.deployment.pool(id);
        (from != Some(to)).then(|| Move { from: from.map(pool), to: pool(to) })
    }

    /// The pools that carry a moved service after the plan, each once, with those services.
    pub(super) fn carriers(&self) -> Vec<(&'a EdgePool, Vec<Service>)> {
        let mut carriers: Vec<(&EdgePool, Vec<Service>)> = Vec::new();
        if matches!(self.kind, Kind::Add | Kind::Restore) {
            let own = |pool: &&'a EdgePool| pool.services.iter().copied().collect();
            return self.pools.iter().map(|pool| (*pool, own(pool))).collect();
        }
        for service in self.services() {
            let Some(pool) = self.holder(service) else { continue };
            match carriers.iter_mut().find(|(known, _)| known.id == pool.id) {
                Some((_, services)) => services.push(service),
                None => carriers.push((pool, vec![service])),
            }
        }
        carriers
    }

    /// Whether the zones name every pool that offers federation, all the time.
    pub(super) fn federation_on_every_pool(&self) -> bool {
        self.deployment.policy().federation != FederationPolicy::SingleActive
    }

    /// The RRsets of a service that change.
    pub(super) fn changes(&self, service: Service) -> Vec<&'a RrsetChange> {
        self.plan.changes.iter().filter(|change| change.service == Some(service)).collect()
    }

    /// The ids of the pools that go down or come back: `` `edge1` and `edge2` ``.
    pub(super) fn subject(&self) -> String {
        let names: Vec<String> = self.pools.iter().map(|pool| code(&pool.name.value)).collect();
        if names.is_empty() { String::from("no pool") } else { listed(&names) }
    }

    /// The names of the servers in question: `` `edge1a` and `edge1b` ``.
    pub(super) fn machines(&self) -> String {
        let name = |server: &ServerId| code(&self.deployment.server(*server).name.value);
        listed(&self.servers.iter().map(name).collect::<Vec<_>>())
    }

    /// Front End pools that use an Edge pool which goes down or comes back, as declared.
    pub(super) fn associated(&self) -> Vec<(&'a FrontEndPool, &'a EdgePool)> {
        let uses = |fe: &'a FrontEndPool| {
            let edge = fe.edge.as_ref()?.value;
            self.pools.iter().find(|pool| pool.id == edge).map(|pool| (fe, *pool))
        };
        self.deployment.front_end_pools().iter().filter_map(uses).collect()
    }

    /// Whether a site holds one of the pools that go down or come back.
    fn is_struck(&self, fe: &FrontEndPool) -> bool {
        fe.site.is_some_and(|site| self.pools.iter().any(|pool| pool.site == site))
    }

    /// Front End pools in the sites of the pools that go down or come back.
    pub(super) fn struck_front_ends(&self) -> Vec<&'a FrontEndPool> {
        self.deployment.front_end_pools().iter().filter(|fe| self.is_struck(fe)).collect()
    }

    /// Edge pools that stay up and send to a Front End pool in a struck site, with that pool and the
    /// one to send to instead, if one is declared.
    pub(super) fn next_hops(&self) -> Vec<(&'a EdgePool, &'a FrontEndPool, Option<&'a FrontEndPool>)> {
        let front_ends = self.deployment.front_end_pools();
        let named = |name: &str| front_ends.iter().find(|fe| fe.fqdn.value == name);
        let mut found = Vec::new();
        for pool in self.deployment.pools() {
            if self.pools.iter().any(|gone| gone.id == pool.id) {
                continue;
            }
            let Some(hop) = pool.next_hop.as_ref().and_then(|hop| named(&hop.value)) else { continue };
            if self.is_struck(hop) {
                let backup = hop.backup.as_ref().and_then(|backup| named(&backup.value));
                let instead = backup.into_iter().chain(front_ends).find(|fe| !self.is_struck(fe));
                found.push((pool, hop, instead));
            }
        }
        found
    }

    /// The Edge pool that Front End pools of a lost Edge pool use instead.
    pub(super) fn media_pool(&self) -> Option<&'a EdgePool> {
        let is_up = |pool: &PoolId| !self.after.down.contains(pool) && !self.after.gone.contains(pool);
        let up = || self.deployment.pools().iter().find(|pool| is_up(&pool.id));
        self.holder(Service::RemoteAccess).or_else(|| self.holder(Service::Federation)).or_else(up)
    }

    /// Names of the sites, quoted by `quote`.
    pub(super) fn sites(&self, quote: fn(&str) -> String) -> Vec<String> {
        self.deployment.sites().iter().map(|site| quote(&site.name.value)).collect()
    }
}

/// The external addresses of the Access Edge, each with the machine that holds it.
pub(super) fn access_addresses(deployment: &Deployment, pool: &EdgePool) -> Vec<(IpAddr, String)> {
    match pool.load_balancing {
        LoadBalancing::Dns => {
            let servers = pool.servers.iter();
            let held = servers.flat_map(|server| {
                let addresses = server.external.access.iter();
                addresses.map(|address| (address.value, server.name.value.clone()))
            });
            held.collect()
        }
        LoadBalancing::Hlb => {
            let addresses = deployment.addresses(pool.id, AddressKind::Access);
            addresses.into_iter().map(|address| (address, String::from("load balancer"))).collect()
        }
    }
}

/// `` `edge2` (`edge2a`, `edge2b`) ``: a pool and its machines.
pub(super) fn pool_and_servers(pool: &EdgePool) -> String {
    let servers: Vec<String> = pool.servers.iter().map(|server| code(&server.name.value)).collect();
    format!("{} ({})", code(&pool.name.value), servers.join(", "))
}

/// The identity of the pool's Edge service, the value of routes: it names the internal interface of
/// the pool, never one server and never the external name.
pub(super) fn identity(pool: &EdgePool) -> String {
    format!("EdgeServer:{}", pool.internal_name())
}
