//! The way back of a plan, made while the plan is made: the files as they were, serials aside.
//!
//! A failback is computed from what is declared; this is not. It takes back what one plan did and
//! nothing else, whatever stood there before, so it also fits a sync and zones that did not say what
//! was declared.

use super::changed::shared;
use super::serials::rewritten;
use super::{FilePlan, Goal, Plan, PlanError, RrsetChange, ZoneChange};
use crate::diagnostic::Edit;
use crate::edit::{self, serial};
use crate::text::{FileId, Span};
use crate::workspace::Loaded;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The files of a plan as they were before it, but with serials newer than those of the plan
/// (RFC 1982): a serial only goes up, so the old one never comes again. `loaded` is what the plan was
/// made from. The old octets of each file are those after the plan.
///
/// # Errors
/// When `loaded` has other zones than those of the plan, or a serial cannot be replaced.
pub fn back(loaded: &Loaded, plan: &Plan, now: Timestamp) -> Result<Vec<FilePlan>, PlanError> {
    // The text before the plan has the serial before it, which is raised past that of the plan.
    let rise = |(zone, back): (&ZoneChange, ZoneChange)| ZoneChange {
        serial: (zone.serial.0, back.serial.1),
        ..back
    };
    let zones: Vec<ZoneChange> = plan.zones.iter().zip(zones_back(plan, now)).map(rise).collect();
    let edits = rewritten(loaded, &zones)?;
    let mut files = Vec::new();
    for file in &plan.files {
        let id = loaded.sources.find(&file.path).ok_or_else(|| {
            PlanError::Other(format!("{} is not among the files that the plan was made for", file.name))
        })?;
        let own = edits.get(&id).map_or(&[][..], Vec::as_slice);
        let restored = edit::apply(&file.old, own).map_err(|error| shared(&file.name, &error))?;
        let patch = edit::unified(&file.name, &file.new, &[difference(id, &file.new, &restored)])
            .map_err(|error| shared(&file.name, &error))?;
        files.push(FilePlan {
            name: file.name.clone(),
            path: file.path.clone(),
            old: file.new.clone(),
            new: restored,
            patch,
        });
    }
    Ok(files)
}

/// The zones of the way back: the serial of the plan, and the one after it in the same style.
pub fn zones_back(plan: &Plan, now: Timestamp) -> Vec<ZoneChange> {
    let raised = |zone: &ZoneChange| ZoneChange {
        serial: (zone.serial.1, serial::next_at(zone.serial.1, now)),
        ..zone.clone()
    };
    plan.zones.iter().map(raised).collect()
}

/// The way back as a plan of its own, for the runbook; none for a sync, which moves no service, and
/// a move to or from Microsoft 365, whose own runbook says it: nothing but their records is to be taken
/// back.
///
/// # Errors
/// Those of [`back`].
pub fn reversed(loaded: &Loaded, plan: &Plan, now: Timestamp) -> Result<Option<Plan>, PlanError> {
    let goal = match &plan.goal {
        Goal::Failover { down, .. } => Goal::Failback { pools: down.clone() },
        Goal::Failback { pools } => Goal::Failover { down: pools.clone(), to: None },
        Goal::Drain { servers } => Goal::Restore { servers: servers.clone() },
        Goal::Restore { servers } => Goal::Drain { servers: servers.clone() },
        Goal::Decommission { pools, .. } => Goal::Add { pools: pools.clone() },
        Goal::Add { pools } => Goal::Decommission { pools: pools.clone(), routes: BTreeMap::new() },
        Goal::Route { service, to } => {
            let home = loaded.deployment().and_then(|deployment| deployment.route(*service));
            match home.filter(|home| home != to) {
                Some(home) => Goal::Route { service: *service, to: home },
                None => return Ok(None),
            }
        }
        Goal::Sync | Goal::M365 { .. } => return Ok(None),
    };
    Ok(Some(Plan {
        goal,
        services: plan.services.clone(),
        changes: plan.changes.iter().map(turned_round).collect(),
        zones: zones_back(plan, now),
        files: back(loaded, plan, now)?,
        warnings: Vec::new(),
        old_findings: plan.old_findings,
    }))
}

fn turned_round(change: &RrsetChange) -> RrsetChange {
    RrsetChange {
        before: change.after.clone(),
        after: change.before.clone(),
        ttl_before: (!change.after.is_empty()).then_some(change.ttl),
        ttl: change.ttl_before.unwrap_or(change.ttl),
        ..change.clone()
    }
}

/// One edit that makes the second text of the first: what stands between their common start and
/// their common end.
fn difference(file: FileId, from: &[u8], to: &[u8]) -> Edit {
    let common = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let start = common(&mut from.iter().zip(to));
    let (from_rest, to_rest) = (&from[start..], &to[start..]);
    let end = common(&mut from_rest.iter().rev().zip(to_rest.iter().rev()));
    Edit {
        span: Span::new(file, start as u64, (from.len() - end) as u64),
        replacement: to_rest[..to_rest.len() - end].to_vec(),
    }
}
