//! The RRsets that should stand in a state of the deployment.

use crate::edge::{
    AddressKind, Cloud, Deployment, EdgePool, FederationPolicy, PoolId, RemoteAccessPolicy, Service, State,
    XmppPolicy,
};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How far apart priorities are set when a pool's own does not fit.
const STEP: u16 = 10;

/// One SRV record that should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedSrv {
    /// The pool it leads to; none when the target is a name that pools share.
    pub pool: Option<PoolId>,
    /// The pool whose port it names: the one that answers at the name, as far as one can tell; none:
    /// Microsoft 365.
    pub answers: Option<PoolId>,
    /// Its priority; none: any.
    pub priority: Option<u16>,
    /// Its weight; none: any.
    pub weight: Option<u16>,
    /// Its port.
    pub port: u16,
    /// Absolute target, no final dot.
    pub target: String,
}

/// An RRset that should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedRrset {
    /// The SRV records of a service in a SIP domain.
    Srv {
        /// Absolute owner, no final dot.
        owner: String,
        /// The service.
        service: Service,
        /// The records in the order callers should try them.
        records: Vec<WantedSrv>,
    },
    /// The addresses of a name, A and AAAA together.
    Addresses {
        /// Absolute owner, no final dot.
        owner: String,
        /// The service, when the name is moved from pool to pool for it.
        service: Option<Service>,
        /// The pool.
        pool: PoolId,
        /// All of its addresses.
        addresses: BTreeSet<IpAddr>,
    },
    /// A name that clients try by itself: an alias or addresses, A and AAAA together, never both.
    Name {
        /// Absolute owner, no final dot.
        owner: String,
        /// What stands there.
        lead: Lead,
    },
}

/// Where a name leads that clients try by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To a host of Microsoft 365, as an alias; absolute, no final dot.
    Alias(String),
    /// To a pool that declares the name, by all of its addresses.
    Pool(PoolId, BTreeSet<IpAddr>),
    /// Nobody declares the name, so nothing is known to put there.
    Unknown,
}

impl WantedRrset {
    /// Absolute owner, no final dot.
    pub fn owner(&self) -> &str {
        match self {
            Self::Srv { owner, .. } | Self::Addresses { owner, .. } | Self::Name { owner, .. } => owner,
        }
    }

    /// The service it is for.
    pub fn service(&self) -> Option<Service> {
        match self {
            Self::Srv { service, .. } => Some(*service),
            Self::Addresses { service, .. } => *service,
            Self::Name { .. } => None,
        }
    }

    /// The types of its records.
    pub fn types(&self) -> &'static [Rtype] {
        match self {
            Self::Srv { .. } => &[Rtype::SRV],
            Self::Addresses { .. } => &[Rtype::A, Rtype::AAAA],
            Self::Name { .. } => &[Rtype::A, Rtype::AAAA, Rtype::CNAME],
        }
    }
}

/// The RRsets of one service in one SIP domain. Empty when no pool of the service is up. A SIP domain in
/// Microsoft 365 has no XMPP, so no record of it should stand.
pub fn wanted(
    deployment: &Deployment,
    state: &State,
    service: Service,
    sip_domain: &str,
) -> Vec<WantedRrset> {
    if let Some(cloud) = state.hosted.get(sip_domain)
        && Service::LYNC.contains(&service)
    {
        return vec![hosted(*cloud, service, sip_domain)];
    }
    let Some(active) = state.active(deployment, service) else { return Vec::new() };
    let owner = service.owner(sip_domain);
    let policy = deployment.policy();
    let order = state.order(deployment, service);
    let record = |pool: PoolId, priority: u16| {
        let target = deployment.target(pool, service, sip_domain)?;
        Some(WantedSrv {
            pool: Some(pool),
            answers: Some(pool),
            priority: Some(priority),
            weight: None,
            port: deployment.port(pool, service).value,
            target,
        })
    };
    let only_active = || record(active, deployment.priority(active, service).value).into_iter().collect();
    let every = |numbers: Vec<u16>| {
        order.iter().zip(numbers).filter_map(|(pool, number)| record(*pool, number)).collect()
    };
    let records: Vec<WantedSrv> = match service {
        Service::RemoteAccess if policy.remote_access == RemoteAccessPolicy::Single => only_active(),
        Service::Federation => match policy.federation {
            FederationPolicy::SingleActive => only_active(),
            FederationPolicy::SrvPriority => every(priorities(deployment, service, &order)),
            FederationPolicy::MultiFederated => every(loose_priorities(deployment, state, service, &order)),
            FederationPolicy::GeoDns => shared_targets(deployment, service, sip_domain, &order),
        },
        Service::Xmpp if policy.xmpp == XmppPolicy::SwingA => {
            let name = deployment.shared_xmpp_name(sip_domain);
            let port = deployment.port(active, service).value;
            let srv = WantedSrv {
                pool: None,
                answers: Some(active),
                priority: None,
                weight: None,
                port,
                target: name.clone(),
            };
            let addresses = WantedRrset::Addresses {
                owner: name,
                service: Some(service),
                pool: active,
                addresses: state.addresses(deployment, active, AddressKind::Access),
            };
            return vec![WantedRrset::Srv { owner, service, records: vec![srv] }, addresses];
        }
        Service::RemoteAccess | Service::Xmpp | Service::Other(_) => {
            every(priorities(deployment, service, &order))
        }
    };
    if records.is_empty() { Vec::new() } else { vec![WantedRrset::Srv { owner, service, records }] }
}

/// The SRV records of a SIP domain in Microsoft 365.
fn hosted(cloud: Cloud, service: Service, sip_domain: &str) -> WantedRrset {
    let record = |port, target| WantedSrv {
        pool: None,
        answers: None,
        priority: Some(100),
        weight: Some(1),
        port,
        target,
    };
    let records = match service {
        Service::Federation => vec![record(5061, cloud.federation())],
        Service::RemoteAccess => vec![record(443, cloud.sign_in())],
        Service::Xmpp | Service::Other(_) => Vec::new(),
    };
    WantedRrset::Srv { owner: service.owner(sip_domain), service, records }
}

/// The names of a SIP domain that lead to Microsoft 365 when it is there: clients try them by
/// themselves. Else they are those of the pools that declare them.
pub(super) fn wanted_names(deployment: &Deployment, state: &State, sip_domain: &str) -> Vec<WantedRrset> {
    let lead = |owner: &str, host: fn(Cloud) -> String| match state.hosted.get(sip_domain) {
        Some(cloud) => Lead::Alias(host(*cloud)),
        None => {
            let own = |pool: &EdgePool| {
                let names = deployment.names(pool.id).into_iter();
                let kind = names.filter(|(name, ..)| name == owner).map(|(_, kind, _)| kind).next()?;
                Some((pool.id, state.addresses(deployment, pool.id, kind)))
            };
            let found = deployment.pools().iter().find_map(own);
            found.map_or(Lead::Unknown, |(pool, addresses)| Lead::Pool(pool, addresses))
        }
    };
    let name = |first: &str, host| {
        let owner = format!("{first}.{sip_domain}");
        WantedRrset::Name { lead: lead(&owner, host), owner }
    };
    vec![name("sip", Cloud::sign_in), name("lyncdiscover", Cloud::discover)]
}

/// The addresses of every name that a pool has outside.
pub(super) fn wanted_addresses(deployment: &Deployment, state: &State, pool: PoolId) -> Vec<WantedRrset> {
    let names = deployment.names(pool).into_iter();
    names
        .map(|(owner, kind, _)| WantedRrset::Addresses {
            owner,
            service: None,
            pool,
            addresses: state.addresses(deployment, pool, kind),
        })
        .collect()
}

/// The addresses of the names that a pool shares with others: under `geo-dns` those of all pools behind
/// the name, as far as the zone has them.
pub(super) fn wanted_shared(deployment: &Deployment, state: &State, pool: PoolId) -> Vec<WantedRrset> {
    let names = deployment.geo_names().iter().filter(|geo| geo.pools.contains(&pool));
    names
        .map(|geo| WantedRrset::Addresses {
            owner: geo.name.value.clone(),
            service: Some(Service::Federation),
            pool,
            addresses: geo
                .pools
                .iter()
                .flat_map(|pool| state.addresses(deployment, *pool, AddressKind::Access))
                .collect(),
        })
        .collect()
}

/// The addresses of the pool's internal name, if that is declared.
pub(super) fn wanted_inside(deployment: &Deployment, state: &State, pool: PoolId) -> Option<WantedRrset> {
    let owner = deployment.pool(pool).internal_fqdn.as_ref()?.value.clone();
    let addresses = state.internal_addresses(deployment, pool);
    Some(WantedRrset::Addresses { owner, service: None, pool, addresses })
}

/// Rising priorities in the given order: each pool keeps its own where that is higher than the one
/// before it, so that as few records as possible change.
fn priorities(deployment: &Deployment, service: Service, order: &[PoolId]) -> Vec<u16> {
    let mut numbers = Vec::with_capacity(order.len());
    let mut last: Option<u16> = None;
    for pool in order {
        let own = deployment.priority(*pool, service).value;
        let number = match last {
            Some(last) if own <= last => last.checked_add(STEP),
            _ => Some(own),
        };
        let Some(number) = number else {
            return (1..=order.len())
                .map(|place| u16::try_from(place).unwrap_or(u16::MAX).saturating_mul(STEP))
                .collect();
        };
        numbers.push(number);
        last = Some(number);
    }
    numbers
}

/// Under `multi-federated` pools that are up keep their priorities, equal ones too, unless one of them
/// is preferred; pools that are down come after all of them.
fn loose_priorities(deployment: &Deployment, state: &State, service: Service, order: &[PoolId]) -> Vec<u16> {
    if state.prefer.contains_key(&service) {
        return priorities(deployment, service, order);
    }
    let own = |pool: &PoolId| deployment.priority(*pool, service).value;
    let highest = order.iter().filter(|pool| !state.down.contains(pool)).map(own).max().unwrap_or(0);
    let after = |pool: &PoolId| {
        let own = own(pool);
        if !state.down.contains(pool) || own > highest { own } else { highest.saturating_add(STEP) }
    };
    order.iter().map(after).collect()
}

/// Under `geo-dns` one record per shared name; who answers is decided outside the zone.
fn shared_targets(
    deployment: &Deployment,
    service: Service,
    sip_domain: &str,
    order: &[PoolId],
) -> Vec<WantedSrv> {
    let mut records: Vec<WantedSrv> = Vec::new();
    for pool in order {
        let Some(target) = deployment.target(*pool, service, sip_domain) else { continue };
        if records.iter().all(|record| record.target != target) {
            let port = deployment.port(*pool, service).value;
            let answers = Some(*pool);
            records.push(WantedSrv { pool: None, answers, priority: None, weight: None, port, target });
        }
    }
    records
}
