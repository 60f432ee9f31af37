//! The object for machines. Its fields are a contract: they are added, never renamed.

use crate::edge::coverage::{
    self, Body, CellState, Coverage, Outcome, Published, Reason, Row, Survival, Walk,
};
use crate::edge::{Deployment, PoolId};
use crate::report::sanitize;
use crate::text::Sources;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

/// Writes the matrix as one JSON object.
///
/// # Errors
/// Those of the writer.
pub fn json(
    out: &mut dyn io::Write,
    sources: &Sources,
    deployment: &Deployment,
    coverage: &Coverage,
) -> io::Result<()> {
    let join = Join { sources, deployment };
    let sip_domains = coverage.rows.chunk_by(|a, b| a.sip_domain == b.sip_domain);
    let matrix = Matrix {
        sip_domains: sip_domains
            .filter_map(|rows| {
                let name = &rows.first()?.sip_domain;
                Some(Domain { name, services: rows.iter().map(|row| join.service(row)).collect() })
            })
            .collect(),
        losses: coverage
            .losses
            .iter()
            .map(|loss| Loss {
                down: join.pools(&loss.down),
                services: loss.rows.iter().map(|row| join.fate(row)).collect(),
            })
            .collect(),
        loss_counts: counts(&coverage.losses),
    };
    let text = serde_json::to_string_pretty(&matrix).map_err(io::Error::from)?;
    out.write_all(sanitize::json(&text).as_bytes())?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Matrix<'a> {
    sip_domains: Vec<Domain<'a>>,
    /// Each pool, then, where three or more are declared, each two.
    losses: Vec<Loss<'a>>,
    loss_counts: Vec<Counts<'a>>,
}

/// How many of the sets of lost pools have which outcome.
#[derive(Default, Serialize)]
struct Counts<'a> {
    sip_domain: &'a str,
    service: &'a str,
    sets: usize,
    unchanged: usize,
    fails_over: usize,
    needs_plan: usize,
    lost: usize,
}

#[derive(Serialize)]
struct Domain<'a> {
    name: &'a str,
    services: Vec<Service<'a>>,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    owner: &'a str,
    /// `held`, `off` or `no-zone`.
    state: &'a str,
    zone: Option<&'a str>,
    cells: Vec<Cell<'a>>,
    extra_targets: Vec<Srv<'a>>,
}

/// The fields of the first record stand in the cell itself.
#[derive(Serialize)]
struct Cell<'a> {
    pool: &'a str,
    states: Vec<State<'a>>,
    priority: Option<u16>,
    weight: Option<u16>,
    port: Option<u16>,
    target: Option<&'a str>,
    file: Option<String>,
    line: Option<u64>,
    more_records: Vec<Srv<'a>>,
}

#[derive(Default, Serialize)]
struct State<'a> {
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a BTreeSet<IpAddr>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a BTreeSet<IpAddr>>,
}

#[derive(Serialize)]
struct Srv<'a> {
    priority: u16,
    weight: u16,
    port: u16,
    target: &'a str,
    file: String,
    line: u64,
}

#[derive(Serialize)]
struct Loss<'a> {
    down: Vec<&'a str>,
    services: Vec<Fate<'a>>,
}

/// `to`, `hosts` and `dead_targets` tell what callers find by themselves; where a plan is needed, what
/// those find that try the records as RFC 2782 says.
#[derive(Serialize)]
struct Fate<'a> {
    sip_domain: &'a str,
    service: &'a str,
    /// `unchanged`, `fails-over`, `needs-plan` or `lost`.
    outcome: &'a str,
    to: Vec<&'a str>,
    hosts: &'a [String],
    dead_targets: Option<usize>,
    reason: Option<Why<'a>>,
}

#[derive(Serialize)]
struct Why<'a> {
    /// `route`, `lowest-priority` or `no-record`.
    reason: &'a str,
    pools: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
}

fn counts(losses: &[coverage::Loss]) -> Vec<Counts<'_>> {
    let mut all: Vec<Counts<'_>> = Vec::new();
    for row in losses.iter().flat_map(|loss| &loss.rows) {
        let (sip_domain, service) = (row.sip_domain.as_str(), row.service.word());
        let known = all.iter().position(|one| (one.sip_domain, one.service) == (sip_domain, service));
        let place = known.unwrap_or_else(|| {
            all.push(Counts { sip_domain, service, ..Counts::default() });
            all.len() - 1
        });
        let counts = &mut all[place];
        counts.sets += 1;
        match row.outcome {
            Outcome::Unchanged(_) => counts.unchanged += 1,
            Outcome::FailsOver(_) => counts.fails_over += 1,
            Outcome::NeedsPlan { .. } => counts.needs_plan += 1,
            Outcome::Lost => counts.lost += 1,
        }
    }
    all
}

/// What ids and spans stand for.
struct Join<'j> {
    sources: &'j Sources,
    deployment: &'j Deployment,
}

impl<'j> Join<'j> {
    fn pool(&self, pool: PoolId) -> &'j str {
        &self.deployment.pool(pool).name.value
    }

    fn pools(&self, pools: &[PoolId]) -> Vec<&'j str> {
        pools.iter().map(|pool| self.pool(*pool)).collect()
    }

    fn service<'a>(&'a self, row: &'a Row) -> Service<'a> {
        let (state, held) = match &row.body {
            Body::Off => ("off", None),
            Body::NoZone => ("no-zone", None),
            Body::Held(held) => ("held", Some(held)),
        };
        let cells = held.map_or(&[][..], |held| &held.cells);
        let extra = held.map_or(&[][..], |held| &held.extra);
        Service {
            service: row.service.word(),
            owner: &row.owner,
            state,
            zone: held.map(|held| held.zone.as_str()),
            cells: cells.iter().map(|cell| self.cell(cell)).collect(),
            extra_targets: extra.iter().map(|record| self.record(record)).collect(),
        }
    }

    fn cell<'a>(&'a self, cell: &'a coverage::Cell) -> Cell<'a> {
        let mut records = cell.records.iter().map(|record| self.record(record));
        let first = records.next();
        Cell {
            pool: self.pool(cell.pool),
            states: cell.states.iter().map(|state| self.state(state)).collect(),
            priority: first.as_ref().map(|srv| srv.priority),
            weight: first.as_ref().map(|srv| srv.weight),
            port: first.as_ref().map(|srv| srv.port),
            target: first.as_ref().map(|srv| srv.target),
            line: first.as_ref().map(|srv| srv.line),
            file: first.map(|srv| srv.file),
            more_records: records.collect(),
        }
    }

    fn state<'a>(&'a self, state: &'a CellState) -> State<'a> {
        let bare = State { state: state.word(), ..State::default() };
        match state {
            CellState::WrongPort { found, expected } => {
                State { found: Some(*found), expected: Some(*expected), ..bare }
            }
            CellState::TargetAlias { to } => State { to: to.as_deref(), ..bare },
            CellState::PriorityClash { with } => State { with: Some(self.pools(with)), ..bare },
            CellState::StaleAddress { missing, extra } => {
                State { missing: Some(missing), extra: Some(extra), ..bare }
            }
            CellState::Drained { addresses } => State { missing: Some(addresses), ..bare },
            CellState::Ok
            | CellState::Standby
            | CellState::Missing
            | CellState::NotEnabled
            | CellState::UnwantedRecord
            | CellState::TargetUnresolvable
            | CellState::TargetOutsideDomain => bare,
        }
    }

    fn record<'a>(&self, record: &'a Published) -> Srv<'a> {
        let span = self.sources.visible(record.span);
        let source = self.sources.get(span.file);
        Srv {
            priority: record.priority,
            weight: record.weight,
            port: record.port,
            target: &record.target,
            file: source.name().to_owned(),
            line: source.position(span.start).line,
        }
    }

    fn fate<'a>(&'a self, row: &'a Survival) -> Fate<'a> {
        let (walk, reason) = match &row.outcome {
            Outcome::Unchanged(walk) | Outcome::FailsOver(walk) => (Some(walk), None),
            Outcome::NeedsPlan { reason, walk } => (walk.as_ref(), Some(reason)),
            Outcome::Lost => (None, None),
        };
        Fate {
            sip_domain: &row.sip_domain,
            service: row.service.word(),
            outcome: row.outcome.word(),
            to: walk.map_or_else(Vec::new, |walk| self.pools(&walk.reached.pools)),
            hosts: walk.map_or(&[], |walk: &Walk| &walk.reached.hosts),
            dead_targets: walk.map(|walk| walk.dead_targets),
            reason: reason.map(|reason| self.why(reason)),
        }
    }

    fn why<'a>(&'a self, reason: &'a Reason) -> Why<'a> {
        let (pools, target) = match reason {
            Reason::Route { pool } => (vec![self.pool(*pool)], None),
            Reason::LowestPriority { target, pools } => (self.pools(pools), Some(target.as_str())),
            Reason::NoRecord { pools } => (self.pools(pools), None),
        };
        Why { reason: reason.word(), pools, target }
    }
}
