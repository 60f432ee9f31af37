//! The object for machines. Its fields are a contract: they are added, never renamed.

use crate::edge::coverage::{Outcome, Reach, Reason};
use crate::edge::simulation::{self, Answerer, Met, Simulation};
use crate::edge::{Deployment, PoolId};
use crate::report::sanitize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

/// Writes a simulation as one JSON object.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn io::Write, deployment: &Deployment, simulation: &Simulation) -> io::Result<()> {
    let names = Names { deployment };
    let object = Object {
        down: names.pools(&simulation.down),
        ends_well: simulation.ends_well(),
        stages: simulation
            .stages
            .iter()
            .map(|stage| Stage {
                moment: stage.moment.word(),
                services: stage.rows.iter().map(|row| names.row(row)).collect(),
            })
            .collect(),
    };
    let text = serde_json::to_string_pretty(&object).map_err(io::Error::from)?;
    out.write_all(sanitize::json(&text).as_bytes())?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Object<'a> {
    down: Vec<&'a str>,
    /// Whether at the last stage every caller finds what it looks for.
    ends_well: bool,
    stages: Vec<Stage<'a>>,
}

#[derive(Serialize)]
struct Stage<'a> {
    /// `before`, `down` or `planned`.
    moment: &'a str,
    services: Vec<Service<'a>>,
}

#[derive(Serialize)]
struct Service<'a> {
    sip_domain: &'a str,
    service: &'a str,
    owner: &'a str,
    /// `held`, `not-offered` (the only target is `.`) or `no-zone`.
    state: &'a str,
    /// `unchanged`, `fails-over`, `needs-plan` or `lost`.
    outcome: Option<&'a str>,
    /// Why a plan is needed: `route`, `lowest-priority` or `no-record`.
    reason: Option<&'a str>,
    targets: Vec<Target<'a>>,
    callers: Vec<Callers<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    priority: u16,
    weight: u16,
    port: u16,
    target: &'a str,
    /// `pools`, `foreign`, `unknown`, or why nobody answers: `no-address` and the like.
    leads: &'a str,
    answers: bool,
    up: Vec<&'a str>,
    down: Vec<&'a str>,
    answering_addresses: &'a BTreeSet<IpAddr>,
    silent_addresses: &'a BTreeSet<IpAddr>,
}

/// Probabilities stand in the order of the targets.
#[derive(Serialize)]
struct Callers<'a> {
    /// `rfc2782` or `access-edge`.
    way: &'a str,
    asked: Vec<f64>,
    asked_from_zero: Option<Vec<f64>>,
    answers: Vec<Answer<'a>>,
    unanswered: f64,
    dead_targets: DeadTargets,
}

#[derive(Serialize)]
struct Answer<'a> {
    pools: Vec<&'a str>,
    host: Option<&'a str>,
    probability: f64,
}

#[derive(Serialize)]
struct DeadTargets {
    least: usize,
    most: usize,
    mean: f64,
    addresses: usize,
}

/// Nine digits are sure; what follows them is chance of computing.
fn rounded(chance: f64) -> f64 {
    (chance * 1e9).round() / 1e9
}

struct Names<'n> {
    deployment: &'n Deployment,
}

impl<'n> Names<'n> {
    fn pools(&self, pools: &[PoolId]) -> Vec<&'n str> {
        pools.iter().map(|pool| self.deployment.pool(*pool).name.value.as_str()).collect()
    }

    fn row<'a>(&self, row: &'a simulation::Row) -> Service<'a>
    where
        'n: 'a,
    {
        let met = row.met.as_ref();
        let reason = |met: &Met| match &met.outcome {
            Outcome::NeedsPlan { reason, .. } => Some(Reason::word(reason)),
            _ => None,
        };
        Service {
            sip_domain: &row.sip_domain,
            service: row.service.word(),
            owner: &row.owner,
            state: match met {
                None => "no-zone",
                Some(met) if met.is_refused => "not-offered",
                Some(_) => "held",
            },
            outcome: met.map(|met| met.outcome.word()),
            reason: met.and_then(reason),
            targets: met.into_iter().flat_map(|met| &met.targets).map(|target| self.target(target)).collect(),
            callers: met.into_iter().flat_map(|met| &met.callers).map(|one| self.callers(one)).collect(),
        }
    }

    fn target<'a>(&self, target: &'a simulation::Target) -> Target<'a>
    where
        'n: 'a,
    {
        let record = &target.record;
        Target {
            priority: record.priority,
            weight: record.weight,
            port: record.port,
            target: &record.target,
            leads: match &record.reach {
                Reach::Pools(_) => "pools",
                Reach::Foreign => "foreign",
                Reach::Unknown => "unknown",
                Reach::Nowhere(why) => why.word(),
            },
            answers: target.answers(),
            up: self.pools(&target.up),
            down: self.pools(&target.down),
            answering_addresses: &target.answering,
            silent_addresses: &target.silent,
        }
    }

    fn callers<'a>(&self, callers: &'a simulation::Callers) -> Callers<'a>
    where
        'n: 'a,
    {
        let answer = |(who, probability): &'a (Answerer, f64)| {
            let (pools, host) = match who {
                Answerer::Pools(pools) => (self.pools(pools), None),
                Answerer::Host(host) => (Vec::new(), Some(host.as_str())),
            };
            Answer { pools, host, probability: rounded(*probability) }
        };
        let dead = callers.dead;
        Callers {
            way: callers.way.word(),
            asked: callers.asked.iter().copied().map(rounded).collect(),
            asked_from_zero: callers
                .asked_from_zero
                .as_ref()
                .map(|asked| asked.iter().copied().map(rounded).collect()),
            answers: callers.answers.iter().map(answer).collect(),
            unanswered: rounded(callers.unanswered),
            dead_targets: DeadTargets {
                least: dead.least,
                most: dead.most,
                mean: rounded(dead.mean),
                addresses: dead.addresses,
            },
        }
    }
}
