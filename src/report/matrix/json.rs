//! The object for machines. Its fields are a contract: they are added, never renamed.

use crate::edge::Deployment;
use crate::edge::PoolId;
use crate::edge::coverage::{
    Body, Cell, CellState, Coverage, Loss, Outcome, Published, Reason, Row, Survival, Walk,
};
use crate::report::sanitize::is_unsafe;
use crate::text::Sources;
use serde_json::{Map, Value, json};
use std::io;

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
    let object = Object { sources, deployment };
    let domains: Vec<Value> = coverage
        .rows
        .chunk_by(|a, b| a.sip_domain == b.sip_domain)
        .map(|rows| {
            let name = rows.first().map(|row| row.sip_domain.as_str());
            json!({ "name": name, "services": rows.iter().map(|row| object.row(row)).collect::<Vec<_>>() })
        })
        .collect();
    let losses: Vec<Value> = coverage.losses.iter().map(|loss| object.loss(loss)).collect();
    let value = json!({ "sip_domains": domains, "losses": losses });
    let text = serde_json::to_string_pretty(&value).map_err(io::Error::from)?;
    out.write_all(printable(&text).as_bytes())?;
    out.write_all(b"\n")
}

/// Keeps bidi controls and their like out of a terminal: they are written as `\u` escapes, so no
/// reader sees a difference. Outside strings JSON has none of them but the line feed.
fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                clean.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            clean.push(c);
        }
    }
    clean
}

struct Object<'o> {
    sources: &'o Sources,
    deployment: &'o Deployment,
}

impl Object<'_> {
    fn pool(&self, pool: PoolId) -> &str {
        &self.deployment.pool(pool).name.value
    }

    fn pools(&self, pools: &[PoolId]) -> Vec<&str> {
        pools.iter().map(|pool| self.pool(*pool)).collect()
    }

    fn row(&self, row: &Row) -> Value {
        let (state, held) = match &row.body {
            Body::Off => ("off", None),
            Body::NoZone => ("no-zone", None),
            Body::Held(held) => ("held", Some(held)),
        };
        let cells = held.map_or(&[][..], |held| &held.cells);
        let extra = held.map_or(&[][..], |held| &held.extra);
        json!({
            "service": row.service.word(),
            "owner": row.owner,
            "state": state,
            "zone": held.map(|held| &held.zone),
            "cells": cells.iter().map(|cell| self.cell(cell)).collect::<Vec<_>>(),
            "extra_targets": extra.iter().map(|record| self.record(record)).collect::<Vec<_>>(),
        })
    }

    /// The first record's fields stand in the cell itself.
    fn cell(&self, cell: &Cell) -> Value {
        let mut object = Map::new();
        object.insert(String::from("pool"), json!(self.pool(cell.pool)));
        let states: Vec<Value> = cell.states.iter().map(|state| self.state(state)).collect();
        object.insert(String::from("states"), Value::Array(states));
        let mut records = cell.records.iter().map(|record| self.record(record));
        match records.next() {
            Some(Value::Object(first)) => object.extend(first),
            _ => {
                for field in ["priority", "weight", "port", "target", "file", "line"] {
                    object.insert(field.to_owned(), Value::Null);
                }
            }
        }
        object.insert(String::from("more_records"), records.collect());
        Value::Object(object)
    }

    fn state(&self, state: &CellState) -> Value {
        let mut value = json!({ "state": state.word() });
        let Value::Object(object) = &mut value else { return value };
        let mut add = |name: &str, value: Value| object.insert(name.to_owned(), value);
        match state {
            CellState::WrongPort { found, expected } => {
                add("found", json!(found));
                add("expected", json!(expected));
            }
            CellState::TargetAlias { to } => {
                add("to", json!(to));
            }
            CellState::PriorityClash { with } => {
                add("with", json!(self.pools(with)));
            }
            CellState::StaleAddress { missing, extra } => {
                add("missing", json!(missing));
                add("extra", json!(extra));
            }
            CellState::Ok
            | CellState::Standby
            | CellState::Missing
            | CellState::NotEnabled
            | CellState::UnwantedRecord
            | CellState::TargetUnresolvable
            | CellState::TargetOutsideDomain => {}
        }
        value
    }

    fn record(&self, record: &Published) -> Value {
        let span = self.sources.visible(record.span);
        let source = self.sources.get(span.file);
        json!({
            "priority": record.priority,
            "weight": record.weight,
            "port": record.port,
            "target": record.target,
            "file": source.name(),
            "line": source.position(span.start).line,
        })
    }

    fn loss(&self, loss: &Loss) -> Value {
        let services: Vec<Value> = loss.rows.iter().map(|row| self.survival(row)).collect();
        json!({ "down": self.pools(&loss.down), "services": services })
    }

    /// `to`, `hosts` and `dead_targets` tell what callers find by themselves; where a plan is needed,
    /// what those find that try the records as RFC 2782 says.
    fn survival(&self, row: &Survival) -> Value {
        let (walk, reason) = match &row.outcome {
            Outcome::Unchanged(walk) | Outcome::FailsOver(walk) => (Some(walk), None),
            Outcome::NeedsPlan { reason, walk } => (walk.as_ref(), Some(reason)),
            Outcome::Lost => (None, None),
        };
        json!({
            "sip_domain": row.sip_domain,
            "service": row.service.word(),
            "outcome": row.outcome.word(),
            "to": walk.map_or_else(Vec::new, |walk| self.pools(&walk.reached.pools)),
            "hosts": walk.map_or(&[][..], |walk: &Walk| &walk.reached.hosts),
            "dead_targets": walk.map(|walk| walk.dead_targets),
            "reason": reason.map(|reason| self.reason(reason)),
        })
    }

    fn reason(&self, reason: &Reason) -> Value {
        match reason {
            Reason::Route { pool } => json!({ "reason": reason.word(), "pools": [self.pool(*pool)] }),
            Reason::LowestPriority { target, pools } => {
                json!({ "reason": reason.word(), "pools": self.pools(pools), "target": target })
            }
            Reason::NoRecord { pools } => json!({ "reason": reason.word(), "pools": self.pools(pools) }),
        }
    }
}
