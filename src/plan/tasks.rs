//! Which RRsets of which zones a goal is about.

use super::wanted::{WantedRrset, wanted, wanted_addresses};
use super::{Goal, PlanError};
use crate::config::View;
use crate::edge::{Deployment, Service};
use crate::lint::ZoneContext;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// An RRset of one zone that should stand.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Place among the zones.
    pub(super) zone: usize,
    pub(super) wanted: WantedRrset,
}

/// The RRsets that should stand, each in every zone that holds it.
pub(super) fn tasks(
    deployment: &Deployment,
    contexts: &[ZoneContext<'_>],
    goal: &Goal,
    services: &BTreeSet<Service>,
) -> Result<Vec<Task>, PlanError> {
    let state = goal.state();
    let mut tasks = Vec::new();
    for domain in deployment.sip_domains() {
        let sip_domain = &domain.name.value;
        for service in domain.services.intersection(services) {
            for rrset in wanted(deployment, &state, *service, sip_domain) {
                let outside = holder(contexts, View::External, rrset.owner())
                    .ok_or_else(|| PlanError::NoZone { sip_domain: sip_domain.clone() })?;
                tasks.push(Task { zone: outside, wanted: rrset.clone() });
                if let Some(inside) = holder(contexts, View::Internal, rrset.owner())
                    && stands(&contexts[inside], &rrset)
                {
                    tasks.push(Task { zone: inside, wanted: rrset });
                }
            }
        }
    }
    if *goal == Goal::Sync {
        for rrset in wanted_addresses(deployment) {
            if let Some(zone) = holder(contexts, View::External, rrset.owner()) {
                tasks.push(Task { zone, wanted: rrset });
            }
        }
    }
    Ok(tasks)
}

/// The zone of a view that a name lies in: the one with the longest apex.
fn holder(contexts: &[ZoneContext<'_>], view: View, name: &str) -> Option<usize> {
    contexts
        .iter()
        .enumerate()
        .filter(|(_, context)| context.view == view)
        .filter(|(_, context)| {
            context.zone.key(name.as_bytes()).is_some_and(|key| context.zone.cut_above(key).is_none())
        })
        .max_by_key(|(_, context)| context.zone.apex().as_bytes().len())
        .map(|(place, _)| place)
}

/// Whether the RRset stands in an internal zone: inside, only what is there already is planned, and
/// addresses only when they are those of a pool outside.
fn stands(context: &ZoneContext<'_>, rrset: &WantedRrset) -> bool {
    let Some(key) = context.zone.key(rrset.owner().as_bytes()) else { return false };
    match rrset {
        WantedRrset::Srv { .. } => !context.zone.rrset(key, Rtype::SRV).is_empty(),
        WantedRrset::Addresses { .. } => {
            let Some(deployment) = context.deployment else { return false };
            let external: BTreeSet<_> = deployment
                .pools()
                .iter()
                .flat_map(|pool| deployment.addresses(pool.id, crate::edge::AddressKind::Access))
                .collect();
            let records = context.zone.addresses(key);
            !records.is_empty()
                && records.iter().filter_map(Record::address).all(|address| external.contains(&address))
        }
    }
}
