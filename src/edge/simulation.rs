//! Whom callers reach while pools are down: which targets they ask, with which probability, and how
//! many in vain.
//!
//! The records are those of the zones; the deployment says which pool answers at a target.

use super::coverage::{self, Body, Coverage, Held, Outcome, Published, Reach};
use super::selection::{self, Choice, Draw};
use super::{AddressKind, Deployment, PoolId, Service};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Pools that are down, and what callers meet at each stage.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The pools, as declared.
    pub down: Vec<PoolId>,
    /// What callers meet, the earliest stage first. Each stage has the same rows.
    pub stages: Vec<Stage>,
}

impl Simulation {
    /// Whether at the last stage every caller of every service finds what it looks for.
    pub fn ends_well(&self) -> bool {
        self.stages.last().is_some_and(|stage| stage.rows.iter().all(Row::is_served))
    }
}

/// When callers call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Everything is up.
    Before,
    /// The pools are down, the records as they were.
    Down,
    /// The pools are down, and the failover plan has been carried out, routes included.
    Planned,
}

impl Moment {
    /// The word of JSON: `before`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Down => "down",
            Self::Planned => "planned",
        }
    }
}

/// What callers meet at one moment.
#[derive(Clone, Debug)]
pub struct Stage {
    /// When.
    pub moment: Moment,
    /// A row per wanted service of a SIP domain, as declared.
    pub rows: Vec<Row>,
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
    /// What callers meet; none: no zone at hand holds the owner.
    pub met: Option<Met>,
}

impl Row {
    /// Whether every caller finds what it looks for.
    pub fn is_served(&self) -> bool {
        let outcome = self.met.as_ref().map(|met| &met.outcome);
        matches!(outcome, Some(Outcome::Unchanged(_) | Outcome::FailsOver(_)))
    }
}

/// What callers meet.
#[derive(Clone, Debug)]
pub struct Met {
    /// The records, by priority, inside one the highest weight first, among equals as written.
    pub targets: Vec<Target>,
    /// Whether the only record has the target `.`: the zone says that the service is not offered.
    pub is_refused: bool,
    /// What the kinds of callers do; those that the service is mostly called by come first.
    pub callers: Vec<Callers>,
    /// What becomes of the service, its route included.
    pub outcome: Outcome,
}

/// A record, and what is at its target.
#[derive(Clone, Debug)]
pub struct Target {
    /// The record.
    pub record: Published,
    /// Those of its pools that are up.
    pub up: Vec<PoolId>,
    /// Those of its pools that are down.
    pub down: Vec<PoolId>,
    /// Those of its addresses where somebody answers; each is as likely to be tried first.
    pub answering: BTreeSet<IpAddr>,
    /// The others: each costs a caller that tries it a connect timeout.
    pub silent: BTreeSet<IpAddr>,
}

impl Target {
    fn new(deployment: &Deployment, record: &Published, down: &BTreeSet<PoolId>) -> Self {
        let pools = match &record.reach {
            Reach::Pools(pools) => pools.clone(),
            Reach::Foreign | Reach::Unknown | Reach::Nowhere(_) => Vec::new(),
        };
        let (down, up): (Vec<PoolId>, Vec<PoolId>) = pools.into_iter().partition(|pool| down.contains(pool));
        let live: BTreeSet<IpAddr> =
            up.iter().flat_map(|pool| deployment.addresses(*pool, AddressKind::Access)).collect();
        let is_host = matches!(record.reach, Reach::Foreign | Reach::Unknown);
        let (answering, silent) =
            record.addresses.iter().partition(|address| is_host || live.contains(address));
        Self { record: record.clone(), up, down, answering, silent }
    }

    /// Whether somebody answers. Hosts that are not known are taken to.
    pub fn answers(&self) -> bool {
        match self.record.reach {
            Reach::Pools(_) => !self.up.is_empty(),
            Reach::Foreign | Reach::Unknown => true,
            Reach::Nowhere(_) => false,
        }
    }
}

/// How a caller goes about the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One target after the other until one answers, RFC 2782.
    Rfc2782,
    /// One target and no other, as an Access Edge.
    AccessEdge,
}

impl Way {
    /// The word of JSON: `rfc2782`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rfc2782 => "rfc2782",
            Self::AccessEdge => "access-edge",
        }
    }
}

/// The callers of one kind.
#[derive(Clone, Debug)]
pub struct Callers {
    /// How they go about the records.
    pub way: Way,
    /// The probability with which each target is asked; of a target that answers, its share of the
    /// callers. Weights are drawn from 1 ([`Draw::FromOne`]).
    pub asked: Vec<f64>,
    /// The same with weights drawn from 0, as RFC 2782 is written ([`Draw::FromZero`]). None: for an
    /// Access Edge, and where it takes too long to compute.
    pub asked_from_zero: Option<Vec<f64>>,
    /// Who answers, with which probability.
    pub answers: Vec<(Answerer, f64)>,
    /// The probability that nobody does.
    pub unanswered: f64,
    /// The targets that are asked in vain.
    pub dead: DeadTargets,
}

/// Who answers at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// One of these pools.
    Pools(Vec<PoolId>),
    /// A host that is no declared pool's, or not known.
    Host(String),
}

/// How many targets a caller asks in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DeadTargets {
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: usize,
    /// So many on average.
    pub mean: f64,
    /// The most addresses that those have together: each costs a connect timeout.
    pub addresses: usize,
}

/// What callers meet while these pools are down and the route of a service is where `route` says.
pub fn simulate(
    deployment: &Deployment,
    coverage: &Coverage,
    down: &BTreeSet<PoolId>,
    route: impl Fn(Service) -> Option<PoolId>,
) -> Vec<Row> {
    let row = |row: &coverage::Row| {
        let met = match &row.body {
            Body::Off => return None,
            Body::NoZone => None,
            Body::Held(held) => Some(met(deployment, row.service, held, down, route(row.service))),
        };
        Some(Row { sip_domain: row.sip_domain.clone(), service: row.service, owner: row.owner.clone(), met })
    };
    coverage.rows.iter().filter_map(row).collect()
}

fn met(
    deployment: &Deployment,
    service: Service,
    held: &Held,
    down: &BTreeSet<PoolId>,
    route: Option<PoolId>,
) -> Met {
    let targets: Vec<Target> =
        held.order().iter().map(|record| Target::new(deployment, record, down)).collect();
    let ways: &[Way] = match service {
        Service::Federation => &[Way::AccessEdge, Way::Rfc2782],
        Service::RemoteAccess | Service::Xmpp | Service::Other(_) => &[Way::Rfc2782],
    };
    let lost: Vec<PoolId> = down.iter().copied().collect();
    Met {
        is_refused: targets.is_empty() && !held.extra.is_empty(),
        callers: ways.iter().map(|way| callers(*way, &targets)).collect(),
        outcome: coverage::outcome(deployment, service, held, &lost, route),
        targets,
    }
}

fn callers(way: Way, targets: &[Target]) -> Callers {
    let choice = |target: &Target| Choice {
        priority: target.record.priority,
        weight: target.record.weight,
        answers: target.answers(),
    };
    let choices: Vec<Choice> = targets.iter().map(choice).collect();
    let (asked, asked_from_zero) = match way {
        Way::AccessEdge => (selection::access_edge(&choices), None),
        // Drawn from 1 there is always a result.
        Way::Rfc2782 => (
            selection::rfc2782(&choices, Draw::FromOne).unwrap_or_default(),
            selection::rfc2782(&choices, Draw::FromZero),
        ),
    };
    let mut answers: Vec<(Answerer, f64)> = Vec::new();
    let mut dead = DeadTargets::default();
    for (target, chance) in targets.iter().zip(&asked).filter(|(_, chance)| **chance > 0.0) {
        if target.answers() {
            let who = if target.up.is_empty() {
                Answerer::Host(target.record.target.clone())
            } else {
                Answerer::Pools(target.up.clone())
            };
            match answers.iter_mut().find(|(known, _)| *known == who) {
                Some((_, sum)) => *sum += chance,
                None => answers.push((who, *chance)),
            }
        } else {
            dead.mean += chance;
            match way {
                Way::Rfc2782 => {
                    dead.least += usize::from(*chance >= 1.0);
                    dead.most += 1;
                    dead.addresses += target.silent.len();
                }
                // It asks one of them and no more.
                Way::AccessEdge => {
                    dead.most = 1;
                    dead.addresses = dead.addresses.max(target.silent.len());
                }
            }
        }
    }
    if way == Way::AccessEdge && answers.is_empty() {
        dead.least = dead.most;
    }
    let unanswered = match way {
        Way::AccessEdge if !targets.is_empty() => dead.mean,
        Way::Rfc2782 if targets.iter().any(Target::answers) => 0.0,
        Way::AccessEdge | Way::Rfc2782 => 1.0,
    };
    Callers { way, asked, asked_from_zero, answers, unanswered, dead }
}
