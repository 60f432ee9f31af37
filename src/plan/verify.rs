//! The proof of a plan: its result is read again, and says what was wanted and nothing else new.

use super::found::{Data, Pairing};
use super::place::Task;
use super::{FilePlan, PlanError};
use crate::diagnostic::{Finding, Severity};
use crate::edge::Deployment;
use crate::lint::{Levels, lint};
use crate::workspace::Loaded;
use crate::zone::Zone;
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Reads the changed files again and compares. Returns how many findings of level error stood
/// before and still stand. `declared` is the deployment as it will be declared then, where that differs.
pub(super) fn verify(
    loaded: &Loaded,
    files: &[FilePlan],
    tasks: &[Task],
    pairings: &[Pairing],
    declared: Option<Deployment>,
) -> Result<usize, PlanError> {
    verify_since(&Known::of(loaded), loaded, files, tasks, pairings, declared)
}

/// The findings of level error that are not new.
pub(super) struct Known(BTreeSet<Identity>);

impl Known {
    /// Those of zones as they are.
    pub(super) fn of(loaded: &Loaded) -> Self {
        Self(errors(loaded.with_changes(&BTreeMap::new())).iter().map(identity).collect())
    }
}

/// The same for one of several steps, with the findings that stood before the first.
pub(super) fn verify_since(
    known: &Known,
    loaded: &Loaded,
    files: &[FilePlan],
    tasks: &[Task],
    pairings: &[Pairing],
    declared: Option<Deployment>,
) -> Result<usize, PlanError> {
    let changes: BTreeMap<PathBuf, Vec<u8>> =
        files.iter().map(|file| (file.path.clone(), file.new.clone())).collect();
    let mut result = loaded.with_changes(&changes);
    for (place, (before, after)) in loaded.zones.iter().zip(&result.zones).enumerate() {
        let planned: Vec<(&Task, &Pairing)> =
            tasks.iter().zip(pairings).filter(|(task, _)| task.zone == place).collect();
        rrsets_stand(&after.zone, &planned)?;
        let except: BTreeSet<(Vec<u8>, Rtype)> = planned
            .iter()
            .filter_map(|(task, _)| Some((after.zone.key(task.wanted.owner().as_bytes())?, task)))
            .flat_map(|(key, task)| task.wanted.types().iter().map(|rtype| (key.to_vec(), *rtype)))
            .collect();
        if others(&before.zone, &except) != others(&after.zone, &except) {
            let apex = before.zone.apex();
            return Err(PlanError::NotProved(format!("other records of zone {apex} would change")));
        }
    }
    if let (Some(declared), Some(config)) = (declared, result.config.as_mut()) {
        config.deployment = Some(declared);
    }
    clean(known, result)
}

/// The planned RRsets have exactly the records that were wanted, and one TTL.
fn rrsets_stand(zone: &Zone, planned: &[(&Task, &Pairing)]) -> Result<(), PlanError> {
    for (task, pairing) in planned {
        let owner = task.wanted.owner();
        let key = zone.key(owner.as_bytes()).unwrap_or_default();
        for rtype in task.wanted.types() {
            let mut found: Vec<String> = zone
                .read_rrset(key, *rtype)
                .iter()
                .filter_map(|record| Some(Data::of(record)?.text()))
                .collect();
            let mut wanted: Vec<String> =
                pairing.texts(*rtype, true).into_iter().map(|record| record.rdata).collect();
            found.sort();
            wanted.sort();
            if found != wanted {
                return Err(PlanError::NotProved(format!(
                    "`{owner}` {rtype} would be [{}] where [{}] is wanted",
                    found.join(", "),
                    wanted.join(", ")
                )));
            }
        }
    }
    Ok(())
}

/// Every record but the planned RRsets and the SOA, by owner.
fn others(zone: &Zone, except: &BTreeSet<(Vec<u8>, Rtype)>) -> Vec<(Vec<u8>, Rtype, u32, u32)> {
    let mut all = Vec::new();
    for name in zone.names() {
        let key = zone.key_of(name);
        for record in zone.records(name) {
            let planned = match record.rtype {
                Rtype::SOA => true,
                Rtype::SRV | Rtype::A | Rtype::AAAA | Rtype::CNAME => {
                    except.contains(&(key.to_vec(), record.rtype))
                }
                _ => false,
            };
            if !planned {
                all.push((key.to_vec(), record.rtype, record.ttl, record.rdata_hash));
            }
        }
    }
    all.sort_unstable();
    all
}

/// No finding of level error that was not there before.
fn clean(known: &Known, mut result: Loaded) -> Result<usize, PlanError> {
    result.zones.iter_mut().for_each(|zone| zone.wanted = true);
    let sources = Arc::clone(&result.sources);
    let now = errors(result);
    let fresh: Vec<Finding> =
        now.iter().filter(|finding| !known.0.contains(&identity(finding))).cloned().collect();
    if fresh.is_empty() { Ok(now.len()) } else { Err(PlanError::NotClean { findings: fresh, sources }) }
}

/// Rule, zone, owner and message.
type Identity = (&'static str, Option<String>, Option<String>, String);

fn identity(finding: &Finding) -> Identity {
    (finding.rule.0, finding.zone.clone(), finding.owner.clone(), finding.message.clone())
}

fn errors(mut loaded: Loaded) -> Vec<Finding> {
    let parsed = loaded.take_findings();
    let contexts = loaded.contexts();
    let report = lint(&contexts, parsed, loaded.deployment(), &Levels::new());
    report.findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect()
}
