//! What of an RRset a goal may change. A goal about some pools leaves the records of others as they
//! stand: while one pool is down, another one can be added without failing the first one back.

use super::{Goal, Hosting};
use crate::edge::{AddressKind, Deployment, PoolId, ServerId, Service, State};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What of an RRset a goal may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// Only SRV records that lead to these pools; none: all.
    pub(super) pools: Option<BTreeSet<PoolId>>,
    /// Only these addresses; none: all.
    pub(super) addresses: Option<BTreeSet<IpAddr>>,
    /// Services whose RRsets change as a whole all the same, since their route moves.
    pub(super) whole: BTreeSet<Service>,
    /// What becomes of SRV records that lead to no declared pool.
    pub(super) strangers: Strangers,
}

/// What becomes of SRV records that lead to no declared pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Strangers {
    /// They stay, and the reader is told.
    #[default]
    Stay,
    /// They go.
    Go,
    /// Those that lead to Microsoft 365 make room for the records of pools.
    MakeRoom,
}

impl Scope {
    /// The scope of a goal that leads to `state`.
    pub(super) fn of(deployment: &Deployment, goal: &Goal, state: &State) -> Self {
        match goal {
            Goal::Failover { .. } | Goal::Failback { .. } | Goal::Route { .. } => Self::default(),
            Goal::Sync | Goal::M365 { to: Hosting::TeamsOnly(_), .. } => {
                Self { strangers: Strangers::Go, ..Self::default() }
            }
            Goal::M365 { to: Hosting::Hybrid | Hosting::OnPremises, .. } => {
                Self { strangers: Strangers::MakeRoom, ..Self::default() }
            }
            // What was drained before is read as if it stood, and drained again.
            Goal::Drain { servers } | Goal::Restore { servers } => {
                let servers = servers.union(&state.drained);
                Self {
                    addresses: Some(servers.flat_map(|server| of_server(deployment, *server)).collect()),
                    ..Self::default()
                }
            }
            Goal::Decommission { pools, routes } => {
                Self { whole: routes.keys().copied().collect(), ..Self::pools(deployment, pools) }
            }
            Goal::Add { pools } => Self::pools(deployment, pools),
        }
    }

    fn pools(deployment: &Deployment, pools: &BTreeSet<PoolId>) -> Self {
        let addresses = pools
            .iter()
            .flat_map(|pool| AddressKind::ALL.into_iter().map(|kind| (*pool, kind)))
            .flat_map(|(pool, kind)| deployment.addresses(pool, kind));
        Self { addresses: Some(addresses.collect()), pools: Some(pools.clone()), ..Self::default() }
    }

    /// The pools to which the SRV records of a service are limited; none when all may change.
    pub(super) fn limit(&self, service: Service) -> Option<&BTreeSet<PoolId>> {
        self.pools.as_ref().filter(|_| !self.whole.contains(&service))
    }
}

/// Every address of a server, those of its internal interface too.
pub(super) fn of_server(deployment: &Deployment, server: ServerId) -> BTreeSet<IpAddr> {
    let external = AddressKind::ALL.into_iter().flat_map(|kind| deployment.addresses_of(server, kind));
    let internal = deployment.server(server).internal.iter().map(|address| address.value);
    external.chain(internal).collect()
}
