//! The command that a plan, or its way back, is made with.

use super::facts::Facts;
use crate::edge::Cloud;
use crate::emit::quote::shell;
use crate::plan::{Goal, Hosting};
use std::collections::BTreeSet;

/// The command that made this plan.
pub(super) fn command(facts: &Facts<'_>) -> String {
    let mut text = format!("zonewright plan {}{}", facts.plan.goal.word(), arguments(facts));
    let to = match &facts.plan.goal {
        Goal::Failover { to, .. } => *to,
        Goal::Route { to, .. } => Some(*to),
        Goal::Decommission { routes, .. } => routes.values().next().copied(),
        _ => None,
    };
    if let Some(to) = to {
        text.push_str(&format!(" --to {}", shell(&facts.deployment.pool(to).name.value)));
    }
    text
}

/// Pools, and the services where the plan is not about all that these pools offer.
pub(super) fn arguments(facts: &Facts<'_>) -> String {
    if let Goal::M365 { to, sip_domains } = &facts.plan.goal {
        return of_m365(facts, *to, sip_domains);
    }
    let mut text = String::new();
    for server in &facts.servers {
        text.push_str(&format!(" {}", shell(&facts.deployment.server(*server).name.value)));
    }
    if !facts.servers.is_empty() {
        return text;
    }
    if let Goal::Route { service, .. } = facts.plan.goal {
        return format!(" --service {}", service.word());
    }
    for pool in &facts.pools {
        text.push_str(&format!(" {}", shell(&pool.name.value)));
    }
    let left_out = facts.pools.iter().flat_map(|pool| &pool.services).any(|service| !facts.has(*service));
    if left_out {
        for service in facts.services() {
            text.push_str(&format!(" --service {}", service.word()));
        }
    }
    text
}

/// What follows `zonewright plan m365`.
fn of_m365(facts: &Facts<'_>, to: Hosting, sip_domains: &BTreeSet<String>) -> String {
    let mut text = format!(" --to {}", to.word());
    if let Hosting::TeamsOnly(cloud) = to
        && cloud != Cloud::default()
    {
        text.push_str(&format!(" --cloud {}", cloud.word()));
    }
    if sip_domains.len() < facts.deployment.sip_domains().len() {
        for domain in sip_domains {
            text.push_str(&format!(" --sip-domain {}", shell(domain)));
        }
    }
    text
}
