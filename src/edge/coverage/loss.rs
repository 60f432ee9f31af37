//! What callers find when pools are lost and nobody touches the records.

use super::record::Reach;
use super::{Body, Held, Published, Row};
use crate::edge::{Deployment, PoolId, Service};
use std::collections::BTreeSet;

/// Some pools are down, and the zones are as they are.
#[derive(Clone, Debug)]
pub struct Loss {
    /// The pools, as declared.
    pub down: Vec<PoolId>,
    /// Every row that has something to lose, in the order of rows.
    pub rows: Vec<Survival>,
}

/// What becomes of one service of one SIP domain.
#[derive(Clone, Debug)]
pub struct Survival {
    /// The SIP domain.
    pub sip_domain: String,
    /// The service.
    pub service: Service,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What callers find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What they found before.
    Unchanged(Walk),
    /// Another pool, by themselves.
    FailsOver(Walk),
    /// Not enough, until records or routes are changed.
    NeedsPlan {
        /// Why.
        reason: Reason,
        /// What callers find that try the records as RFC 2782 says; none: nobody answers.
        walk: Option<Walk>,
    },
    /// Nothing, and no plan helps: no pool that offers the service is up.
    Lost,
}

impl Outcome {
    /// The word of JSON: `fails-over`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unchanged(_) => "unchanged",
            Self::FailsOver(_) => "fails-over",
            Self::NeedsPlan { .. } => "needs-plan",
            Self::Lost => "lost",
        }
    }
}

/// Where trying the records one after the other ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Who answers.
    pub reached: Reached,
    /// How many targets may have been tried in vain before; the most, where chance decides.
    pub dead_targets: usize,
}

/// Who answers. Records of one priority may lead to several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Declared pools.
    pub pools: Vec<PoolId>,
    /// Targets that are no declared pool's.
    pub hosts: Vec<String>,
}

/// Why callers cannot help themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The service leaves and enters by one pool, the holder of its route: it is down, or callers
    /// reach another one.
    Route {
        /// The holder.
        pool: PoolId,
    },
    /// An Access Edge tries one record only: lowest priority, then highest weight.
    LowestPriority {
        /// The target of that record.
        target: String,
        /// The lost pools behind it; none: it led nowhere before.
        pools: Vec<PoolId>,
    },
    /// No record leads to a pool that is up.
    NoRecord {
        /// The pools that are up and offer the service.
        pools: Vec<PoolId>,
    },
}

impl Reason {
    /// The word of JSON: `lowest-priority`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Route { .. } => "route",
            Self::LowestPriority { .. } => "lowest-priority",
            Self::NoRecord { .. } => "no-record",
        }
    }
}

/// Every pool alone, then every two when a third is left.
pub(super) fn losses(deployment: &Deployment, rows: &[Row]) -> Vec<Loss> {
    let pools: Vec<PoolId> = deployment.pools().iter().map(|pool| pool.id).collect();
    let mut sets: Vec<Vec<PoolId>> = pools.iter().map(|pool| vec![*pool]).collect();
    if pools.len() >= 3 {
        for (index, first) in pools.iter().enumerate() {
            sets.extend(pools.iter().skip(index + 1).map(|second| vec![*first, *second]));
        }
    }
    sets.into_iter().map(|down| loss(deployment, rows, down)).collect()
}

fn loss(deployment: &Deployment, rows: &[Row], down: Vec<PoolId>) -> Loss {
    let rows = rows
        .iter()
        .filter_map(|row| {
            let Body::Held(held) = &row.body else { return None };
            let offered = !deployment.pools_with(row.service).is_empty();
            (offered || !held.order.is_empty()).then(|| Survival {
                sip_domain: row.sip_domain.clone(),
                service: row.service,
                outcome: outcome(deployment, row.service, held, &down, deployment.route(row.service)),
            })
        })
        .collect();
    Loss { down, rows }
}

/// What becomes of a service whose route is at `route`.
pub(in crate::edge) fn outcome(
    deployment: &Deployment,
    service: Service,
    held: &Held,
    down: &[PoolId],
    route: Option<PoolId>,
) -> Outcome {
    let mut up = deployment.pools_with(service);
    up.retain(|pool| !down.contains(pool));
    let tried = walk(&held.order, down);
    let lost_route = route.filter(|route| down.contains(route)).map(|pool| Reason::Route { pool });
    let Some((by_rfc, disturbed)) = tried else {
        if up.is_empty() {
            return Outcome::Lost;
        }
        let xmpp_route = lost_route.filter(|_| service == Service::Xmpp);
        let reason = xmpp_route.unwrap_or(Reason::NoRecord { pools: up });
        return Outcome::NeedsPlan { reason, walk: None };
    };
    let settled = |walk: Walk, disturbed: bool| {
        if disturbed { Outcome::FailsOver(walk) } else { Outcome::Unchanged(walk) }
    };
    let needs = |reason: Reason| Outcome::NeedsPlan { reason, walk: Some(by_rfc.clone()) };
    match service {
        Service::RemoteAccess | Service::Other(_) => settled(by_rfc, disturbed),
        Service::Xmpp => {
            let pools = &by_rfc.reached.pools;
            let elsewhere = route
                .filter(|route| !pools.is_empty() && !pools.contains(route))
                .map(|pool| Reason::Route { pool });
            lost_route.or(elsewhere).map_or_else(|| settled(by_rfc.clone(), disturbed), needs)
        }
        Service::Federation => {
            let taken = taken(&held.order);
            let dead = taken.iter().find(|record| !is_alive(record, down));
            let lowest = dead.map(|record| Reason::LowestPriority {
                target: record.target.clone(),
                pools: lost(record, down),
            });
            let reason = lowest.or(lost_route);
            let by_edge = walk(taken, down);
            match (reason, by_edge) {
                (None, Some((walk, disturbed))) => settled(walk, disturbed),
                (Some(reason), _) => needs(reason),
                (None, None) => settled(by_rfc.clone(), disturbed),
            }
        }
    }
}

/// The records that an Access Edge may take: those of the lowest priority and, among them, of the
/// highest weight.
fn taken(order: &[Published]) -> &[Published] {
    let Some(first) = order.first() else { return order };
    let count = order.partition_point(|record| record.rank() <= first.rank());
    order.get(..count).unwrap_or(order)
}

fn lost(record: &Published, down: &[PoolId]) -> Vec<PoolId> {
    match &record.reach {
        Reach::Pools(pools) => pools.iter().filter(|pool| down.contains(pool)).copied().collect(),
        Reach::Foreign | Reach::Unknown | Reach::Nowhere(_) => Vec::new(),
    }
}

fn is_alive(record: &Published, down: &[PoolId]) -> bool {
    match &record.reach {
        Reach::Pools(pools) => pools.iter().any(|pool| !down.contains(pool)),
        Reach::Foreign | Reach::Unknown => true,
        Reach::Nowhere(_) => false,
    }
}

/// Tries records priority by priority until one is alive. Tells also whether a lost pool was in the
/// way, or behind a name that still answers. None: nobody answers.
fn walk(order: &[Published], down: &[PoolId]) -> Option<(Walk, bool)> {
    let mut dead_targets = 0;
    let mut disturbed = false;
    for level in order.chunk_by(|a, b| a.priority == b.priority) {
        let (alive, dead): (Vec<_>, Vec<_>) = level.iter().partition(|record| is_alive(record, down));
        dead_targets += dead.len();
        disturbed |= level.iter().any(|record| !lost(record, down).is_empty());
        if alive.is_empty() {
            continue;
        }
        let mut pools = BTreeSet::new();
        let mut hosts = Vec::new();
        for record in alive {
            match &record.reach {
                Reach::Pools(all) => pools.extend(all.iter().filter(|pool| !down.contains(pool))),
                Reach::Foreign | Reach::Unknown | Reach::Nowhere(_) => hosts.push(record.target.clone()),
            }
        }
        let reached = Reached { pools: pools.into_iter().collect(), hosts };
        return Some((Walk { reached, dead_targets }, disturbed));
    }
    None
}
