//! From a goal to a proved plan.

use super::edits::Style;
use super::found::{self, Pairing};
use super::m365;
use super::refusals::services;
use super::retire;
use super::serials::{files, serials};
use super::tasks::tasks;
use super::texts::{self, Outline};
use super::verify;
use super::{Goal, Hosting, Plan, PlanError, RrsetChange};
use crate::diagnostic::Finding;
use crate::edge::{Deployment, EdgePool, FederationPolicy, ServerId, Service};
use crate::workspace::Loaded;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What to plan.
#[derive(Clone, Debug)]
pub struct Request {
    /// What for.
    pub goal: Goal,
    /// Only these services; none: all that the pools offer.
    pub services: BTreeSet<Service>,
    /// The moment that serials are of, in UTC: those that count days, and those that count seconds.
    pub now: Timestamp,
}

/// What is to be done, and how it is to be written; serials and the proof are still to come.
pub(super) struct Draft {
    /// The services that move.
    pub(super) services: BTreeSet<Service>,
    pub(super) outline: Outline,
    /// How each RRset is written.
    pub(super) styles: Vec<Style>,
    pub(super) warnings: Vec<String>,
    /// What stands now, task by task, paired with what is wanted.
    pub(super) before: Vec<Pairing>,
}

/// Checks the goal and drafts the plan.
pub(super) fn draft(loaded: &Loaded, request: &Request) -> Result<Draft, PlanError> {
    let deployment = deployment(loaded)?;
    let services = services(deployment, request)?;
    readable(loaded, deployment, request, &services)?;
    let outline = Outline::new(loaded, deployment, &request.goal, &services)?;
    let mut warnings = outline.warnings();
    warnings.extend(retire::fallbacks(loaded, deployment, &request.goal));
    warnings.extend(m365::warnings(
        loaded,
        deployment,
        &request.goal,
        outline.tasks.iter().zip(&outline.pairings),
    ));
    warnings.extend(nameless(deployment, &request.goal));
    let styles = texts::styles(loaded, deployment, &outline, &request.goal, &services, &mut warnings)?;
    let leads_to_pools = request.goal.state().hosted.is_empty();
    if leads_to_pools
        && services.contains(&Service::Federation)
        && deployment.policy().federation == FederationPolicy::GeoDns
    {
        warnings.push(String::from(
            "federation is `geo-dns`: its name does not change; the traffic manager outside the zone must move it",
        ));
    }
    let contexts = loaded.contexts();
    let before: Vec<Pairing> = outline
        .tasks
        .iter()
        .map(|task| found::pair(&contexts[task.zone], deployment, &task.wanted, &outline.scope))
        .collect();
    Ok(Draft { services, outline, styles, warnings, before })
}

/// The pools whose internal name is not declared, where the runbook or a drain needs it.
fn nameless(deployment: &Deployment, goal: &Goal) -> Option<String> {
    if !deployment.is_lync() || matches!(goal, Goal::Sync | Goal::M365 { .. }) {
        return None;
    }
    let drained = match goal {
        Goal::Drain { servers } | Goal::Restore { servers } => Some(servers),
        _ => None,
    };
    let is_meant = |pool: &&EdgePool| {
        let drains = |servers: &BTreeSet<ServerId>| servers.iter().any(|server| server.pool() == pool.id);
        pool.internal_fqdn.is_none() && drained.is_none_or(drains)
    };
    let nameless: Vec<&EdgePool> = deployment.pools().iter().filter(is_meant).collect();
    let ids: Vec<&str> = nameless.iter().map(|pool| pool.name.value.as_str()).collect();
    let first = nameless.first()?;
    let what = match drained {
        Some(_) => String::from("its internal name is not in this plan"),
        None => format!("the runbook has {} in its place", first.internal_name()),
    };
    Some(format!("no internal_fqdn is declared for {}: {what}", ids.join(", ")))
}

/// The deployment as it will be declared when the plan is carried out, where that differs.
pub(super) fn declared_then(deployment: &Deployment, goal: &Goal) -> Option<Deployment> {
    match goal {
        Goal::Decommission { pools, routes } => Some(deployment.without(pools, routes)),
        Goal::M365 { to: Hosting::TeamsOnly(_), sip_domains } => {
            Some(deployment.without_services_of(sip_domains))
        }
        _ => None,
    }
}

pub(super) fn deployment(loaded: &Loaded) -> Result<&Deployment, PlanError> {
    loaded.deployment().filter(|deployment| !deployment.pools().is_empty()).ok_or(PlanError::NoDeployment)
}

/// Plans and proves. Nothing is written.
///
/// # Errors
/// When the goal cannot be reached, a zone cannot be read or edited, or the result is not what was
/// wanted.
pub fn plan(loaded: &Loaded, request: &Request) -> Result<Plan, PlanError> {
    finish(loaded, request, &draft(loaded, request)?)
}

/// The proved plan of a draft.
pub(super) fn finish(loaded: &Loaded, request: &Request, draft: &Draft) -> Result<Plan, PlanError> {
    let deployment = deployment(loaded)?;
    let Draft { services, outline, styles, warnings, before } = draft;
    let mut edits = outline.edits(loaded, deployment, styles, None)?;
    let zones = serials(loaded, request.now, &mut edits)?;
    let files = files(loaded, &edits)?;
    let declared = declared_then(deployment, &request.goal);
    let old_findings = verify::verify(loaded, &files, &outline.tasks, &outline.pairings, declared)?;
    let changes = changes(deployment, loaded, outline, before);
    let (services, warnings) = (services.clone(), warnings.clone());
    Ok(Plan { goal: request.goal.clone(), services, changes, zones, files, warnings, old_findings })
}

fn readable(
    loaded: &Loaded,
    deployment: &Deployment,
    request: &Request,
    services: &BTreeSet<Service>,
) -> Result<(), PlanError> {
    let contexts = loaded.contexts();
    let tasks = tasks(deployment, &contexts, &request.goal, services)?;
    for place in tasks.iter().map(|task| task.zone).collect::<BTreeSet<_>>() {
        let findings: Vec<Finding> = loaded.zones[place].losses().cloned().collect();
        if !findings.is_empty() {
            return Err(PlanError::Unreadable { zone: contexts[place].zone.apex().to_string(), findings });
        }
    }
    Ok(())
}

fn changes(
    deployment: &Deployment,
    loaded: &Loaded,
    outline: &Outline,
    before: &[Pairing],
) -> Vec<RrsetChange> {
    let mut changes = Vec::new();
    for ((task, pairing), before) in outline.tasks.iter().zip(&outline.pairings).zip(before) {
        for rtype in task.wanted.types() {
            let (old, new) = (before.texts(*rtype, false), pairing.texts(*rtype, true));
            // Who a shared name leads to may differ while the records are the same.
            if old.iter().map(|record| &record.rdata).eq(new.iter().map(|record| &record.rdata)) {
                continue;
            }
            changes.push(RrsetChange {
                zone: loaded.zones[task.zone].zone.apex().to_string(),
                view: loaded.zones[task.zone].view,
                owner: task.wanted.owner().to_owned(),
                rtype: *rtype,
                ttl_before: before.longest(*rtype),
                ttl: pairing.longest(*rtype).or(pairing.ttl).unwrap_or(deployment.policy().steady_ttl),
                service: task.wanted.service(),
                before: old,
                after: new,
            });
        }
    }
    changes
}
