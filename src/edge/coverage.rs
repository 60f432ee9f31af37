//! The coverage matrix: for every SIP domain and service, how each Edge pool is found in the zones,
//! and what callers find when pools are lost.

mod between;
mod loss;
mod record;

pub use between::{CoverageChange, RowChange};
pub(in crate::edge) use loss::outcome;
pub use loss::{Loss, Outcome, Reached, Reason, Survival, Walk};
pub use record::{Nowhere, Published, Reach};

use super::drained::drained_addresses;
use super::found::Found;
use super::{
    Deployment, FederationPolicy, PoolId, RemoteAccessPolicy, Service, SipDomain, State, XmppPolicy,
};
use crate::zone::{ChainEnd, Zone};
use record::Claim;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One zone at hand.
#[derive(Clone, Copy)]
pub struct CoverageZone<'z> {
    /// The zone.
    pub zone: &'z Zone,
    /// Whether it is served to everybody; only such zones count.
    pub external: bool,
    /// Its SRV RRsets.
    pub services: &'z [Found],
}

/// What the zones make of a deployment.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// A row per SIP domain and service, as declared.
    pub rows: Vec<Row>,
    /// What happens when pools are lost: each pool, then, where three or more are declared, each two.
    pub losses: Vec<Loss>,
}

impl Coverage {
    /// Whether every pool is found as it should be, and nothing else is.
    pub fn is_sound(&self) -> bool {
        self.rows.iter().all(Row::is_sound)
    }
}

/// One service of one SIP domain.
#[derive(Clone, Debug)]
pub struct Row {
    /// The SIP domain.
    pub sip_domain: String,
    /// The service.
    pub service: Service,
    /// Owner of its SRV records, absolute, no final dot.
    pub owner: String,
    /// What is there.
    pub body: Body,
}

impl Row {
    /// Whether every wanted cell is as it should be and no record leads elsewhere.
    pub fn is_sound(&self) -> bool {
        match &self.body {
            Body::Off => true,
            Body::NoZone => false,
            Body::Held(held) => held.extra.is_empty() && held.cells.iter().all(Cell::is_sound),
        }
    }
}

/// What is at the owner of a row.
#[derive(Clone, Debug)]
pub enum Body {
    /// The service is not wanted in this SIP domain.
    Off,
    /// No zone at hand holds the owner.
    NoZone,
    /// A zone holds it.
    Held(Held),
}

/// The SRV RRset of a row, by pool.
#[derive(Clone, Debug)]
pub struct Held {
    /// Apex of the zone.
    pub zone: String,
    /// A cell per declared pool, as declared.
    pub cells: Vec<Cell>,
    /// Records that lead to no declared pool.
    pub extra: Vec<Published>,
    /// All records whose target is not `.`, in the order of RFC 2782.
    order: Vec<Published>,
}

impl Held {
    /// All records whose target is not `.`: by priority, inside one the highest weight first, among
    /// equals as written.
    pub fn order(&self) -> &[Published] {
        &self.order
    }
}

/// How one pool is found for one service of one SIP domain.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The pool.
    pub pool: PoolId,
    /// All that is to be said of it; never empty.
    pub states: Vec<CellState>,
    /// The records that lead to it, in the order of RFC 2782.
    pub records: Vec<Published>,
}

impl Cell {
    /// Whether the zone has what is wanted for the pool. A pool that does not offer the service
    /// wants nothing, so no record may lead to it.
    pub fn is_sound(&self) -> bool {
        self.states.iter().all(|state| match state {
            CellState::Ok | CellState::Standby | CellState::Drained { .. } => true,
            CellState::NotEnabled => self.records.is_empty(),
            _ => false,
        })
    }

    /// Whether the pool offers the service.
    pub fn is_wanted(&self) -> bool {
        !self.states.contains(&CellState::NotEnabled)
    }
}

/// One thing to be said of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellState {
    /// Records lead to the pool as they should.
    Ok,
    /// The policy publishes one pool, and it is another one.
    Standby,
    /// Records lead to the pool, but not to all of its servers: the zone says that these are drained.
    Drained {
        /// Their addresses.
        addresses: BTreeSet<IpAddr>,
    },
    /// No record leads to the pool.
    Missing,
    /// The pool does not offer the service.
    NotEnabled,
    /// The policy wants no such record: it publishes one pool, or one shared name.
    UnwantedRecord,
    /// The pool listens on another port.
    WrongPort {
        /// The record's port.
        found: u16,
        /// The pool's port.
        expected: u16,
    },
    /// The target has no address.
    TargetUnresolvable,
    /// The target is an alias, which RFC 2782 forbids.
    TargetAlias {
        /// Where the alias leads, when a CNAME record says it.
        to: Option<String>,
    },
    /// Callers do not take a target outside the SIP domain.
    TargetOutsideDomain,
    /// Another pool has a record of the same priority.
    PriorityClash {
        /// Those pools.
        with: Vec<PoolId>,
    },
    /// The target's addresses are not the pool's.
    StaleAddress {
        /// Addresses of the pool that the target lacks.
        missing: BTreeSet<IpAddr>,
        /// Addresses of the target that are not the pool's.
        extra: BTreeSet<IpAddr>,
    },
}

impl CellState {
    /// The word of JSON: `wrong-port`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Standby => "standby",
            Self::Drained { .. } => "drained",
            Self::Missing => "missing",
            Self::NotEnabled => "pool-not-enabled",
            Self::UnwantedRecord => "unwanted-record",
            Self::WrongPort { .. } => "wrong-port",
            Self::TargetUnresolvable => "target-unresolvable",
            Self::TargetAlias { .. } => "target-alias",
            Self::TargetOutsideDomain => "target-outside-domain",
            Self::PriorityClash { .. } => "priority-clash",
            Self::StaleAddress { .. } => "stale-address",
        }
    }
}

/// Joins a deployment with the zones at hand.
pub fn coverage(deployment: &Deployment, zones: &[CoverageZone<'_>]) -> Coverage {
    let row = |domain, service| row(deployment, zones, domain, service);
    let in_use = |service: &&Service| deployment.is_lync() || !deployment.pools_with(**service).is_empty();
    let rows: Vec<Row> = deployment
        .sip_domains()
        .iter()
        .flat_map(|domain| {
            deployment.services().iter().filter(in_use).map(move |service| row(domain, *service))
        })
        .collect();
    let losses = loss::losses(deployment, &rows);
    Coverage { rows, losses }
}

fn row(deployment: &Deployment, zones: &[CoverageZone<'_>], domain: &SipDomain, service: Service) -> Row {
    let sip_domain = domain.name.value.clone();
    let owner = service.owner(&sip_domain);
    let body = if !domain.services.contains(&service) {
        Body::Off
    } else if let Some(zone) = holder(zones, &owner) {
        Body::Held(held(deployment, zones, zone, &sip_domain, service))
    } else {
        Body::NoZone
    };
    Row { sip_domain, service, owner, body }
}

/// The zone that answers for a name: the closest one above it, unless it delegates the name.
fn holder<'z, 'a>(zones: &'a [CoverageZone<'z>], owner: &str) -> Option<&'a CoverageZone<'z>> {
    let zone = zones
        .iter()
        .filter(|zone| zone.external && zone.zone.key(owner.as_bytes()).is_some())
        .max_by_key(|zone| zone.zone.apex().as_bytes().len())?;
    let key = zone.zone.key(owner.as_bytes())?;
    zone.zone.cut_above(key).is_none().then_some(zone)
}

/// The SRV RRset that a question for `owner` is answered with: the owner may be an alias.
fn rrset<'z>(zones: &[CoverageZone<'z>], holder: &CoverageZone<'z>, owner: &str) -> Option<&'z Found> {
    let at = |zone: &CoverageZone<'z>, owner: &str| zone.services.iter().find(|found| found.owner == owner);
    if let Some(found) = at(holder, owner) {
        return Some(found);
    }
    let end = match holder.zone.follow(holder.zone.key(owner.as_bytes())?).end {
        ChainEnd::NoAddress(key) | ChainEnd::Address(key) => holder.zone.absolute(&key),
        ChainEnd::Outside(name) => String::from_utf8_lossy(&name).into_owned(),
        ChainEnd::Delegated(..) | ChainEnd::Loop(_) => return None,
    };
    zones.iter().filter(|zone| zone.external).find_map(|zone| at(zone, &end))
}

fn held(
    deployment: &Deployment,
    zones: &[CoverageZone<'_>],
    zone: &CoverageZone<'_>,
    sip_domain: &str,
    service: Service,
) -> Held {
    let records = rrset(zones, zone, &service.owner(sip_domain)).map_or(&[][..], |found| &found.records);
    let mut claims: Vec<Claim<'_>> =
        records.iter().map(|found| Claim::new(deployment, service, sip_domain, found)).collect();
    // A stable sort: among equals the order of writing stands.
    claims.sort_by_key(|claim| claim.published.rank());
    let table = Table { deployment, zones, service, sip_domain, claims: &claims };
    let published = |keep: &dyn Fn(&Claim<'_>) -> bool| -> Vec<Published> {
        claims.iter().filter(|claim| keep(claim)).map(|claim| claim.published.clone()).collect()
    };
    Held {
        zone: zone.zone.apex().to_string(),
        cells: deployment.pools().iter().map(|pool| table.cell(pool.id)).collect(),
        extra: published(&|claim| claim.pools.is_empty()),
        order: published(&|claim| claim.published.target != "."),
    }
}

/// What the records of one service in one SIP domain should look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A record per pool, distinct priorities.
    PerPool,
    /// A record per pool.
    AnyPriority,
    /// A record for one pool.
    OnePool,
    /// A record to one name, whose addresses are those of one pool.
    MovingName,
    /// A record to one name that stands for several pools.
    SharedName,
}

impl Shape {
    fn of(deployment: &Deployment, service: Service) -> Self {
        let policy = deployment.policy();
        match service {
            Service::RemoteAccess => match policy.remote_access {
                RemoteAccessPolicy::SrvPriority => Self::PerPool,
                RemoteAccessPolicy::Single => Self::OnePool,
            },
            Service::Federation => match policy.federation {
                FederationPolicy::SrvPriority => Self::PerPool,
                FederationPolicy::MultiFederated => Self::AnyPriority,
                FederationPolicy::SingleActive => Self::OnePool,
                FederationPolicy::GeoDns => Self::SharedName,
            },
            Service::Xmpp => match policy.xmpp {
                XmppPolicy::Prestaged => Self::PerPool,
                XmppPolicy::SwingA => Self::MovingName,
            },
            Service::Other(_) => Self::PerPool,
        }
    }
}

/// The records of one row, sorted, with what they lead to.
struct Table<'t> {
    deployment: &'t Deployment,
    zones: &'t [CoverageZone<'t>],
    service: Service,
    sip_domain: &'t str,
    claims: &'t [Claim<'t>],
}

impl Table<'_> {
    fn cell(&self, pool: PoolId) -> Cell {
        let mine: Vec<&Claim<'_>> = self.claims.iter().filter(|claim| claim.pools.contains(&pool)).collect();
        let mut states = Vec::new();
        if self.deployment.pool(pool).services.contains(&self.service) {
            let (wanted, unwanted): (Vec<_>, Vec<_>) =
                mine.iter().copied().partition(|claim| self.is_wanted(pool, claim));
            if wanted.is_empty() {
                states.extend(self.absence(pool, mine.is_empty()));
            }
            if !unwanted.is_empty() {
                states.push(CellState::UnwantedRecord);
            }
            for claim in &wanted {
                for fault in self.faults(pool, claim) {
                    if !states.contains(&fault) {
                        states.push(fault);
                    }
                }
            }
            states.extend(self.clash(pool, &wanted));
            if states.is_empty() {
                states.push(CellState::Ok);
            }
        } else {
            states.push(CellState::NotEnabled);
        }
        Cell { pool, states, records: mine.into_iter().map(|claim| claim.published.clone()).collect() }
    }

    /// Whether the policy wants that record for the pool it leads to.
    fn is_wanted(&self, pool: PoolId, claim: &Claim<'_>) -> bool {
        match Shape::of(self.deployment, self.service) {
            Shape::PerPool | Shape::AnyPriority => true,
            Shape::OnePool => self.active().is_none_or(|active| active == pool),
            Shape::MovingName | Shape::SharedName => claim.shared,
        }
    }

    /// The pool that is published, where the policy publishes one.
    fn active(&self) -> Option<PoolId> {
        let wanted = |claim: &&Claim<'_>| {
            Shape::of(self.deployment, self.service) != Shape::MovingName || claim.shared
        };
        self.claims.iter().filter(wanted).find_map(|claim| claim.pools.first().copied())
    }

    /// What a pool without a wanted record is; `bare` when it has no record at all.
    fn absence(&self, pool: PoolId, bare: bool) -> Option<CellState> {
        if !matches!(Shape::of(self.deployment, self.service), Shape::OnePool | Shape::MovingName) {
            return Some(CellState::Missing);
        }
        let expected = State::steady().active(self.deployment, self.service);
        if self.active().is_none() && expected == Some(pool) {
            return Some(CellState::Missing);
        }
        bare.then_some(CellState::Standby)
    }

    fn faults(&self, pool: PoolId, claim: &Claim<'_>) -> Vec<CellState> {
        let mut faults = Vec::new();
        let expected = self.deployment.port(pool, self.service).value;
        let found = claim.published.port;
        if found != expected {
            faults.push(CellState::WrongPort { found, expected });
        }
        if !claim.is_accepted(self.deployment, self.service, self.sip_domain) {
            faults.push(CellState::TargetOutsideDomain);
        }
        faults.extend(claim.alias());
        if claim.leads_nowhere() {
            faults.push(CellState::TargetUnresolvable);
        } else {
            faults.extend(claim.stale(self.deployment, pool).map(|stale| self.drained(claim, stale)));
        }
        faults
    }

    /// Addresses that are missing because the zone of the target has drained their servers, and nothing
    /// else, are as they should be.
    fn drained(&self, claim: &Claim<'_>, stale: CellState) -> CellState {
        let zone = holder(self.zones, &claim.published.target);
        let drained = zone.map(|zone| drained_addresses(zone.zone)).unwrap_or_default();
        match stale {
            CellState::StaleAddress { missing, extra } if extra.is_empty() && missing.is_subset(&drained) => {
                CellState::Drained { addresses: missing }
            }
            stale => stale,
        }
    }

    /// Pools with records of the same priority, where every pool should have its own.
    fn clash(&self, pool: PoolId, wanted: &[&Claim<'_>]) -> Option<CellState> {
        if Shape::of(self.deployment, self.service) != Shape::PerPool {
            return None;
        }
        let with: BTreeSet<PoolId> = self
            .claims
            .iter()
            .filter(|claim| wanted.iter().any(|mine| mine.published.priority == claim.published.priority))
            .flat_map(|claim| claim.pools.iter().copied())
            .filter(|other| *other != pool)
            .collect();
        (!with.is_empty()).then(|| CellState::PriorityClash { with: with.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests;
