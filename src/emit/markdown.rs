//! The runbook in Markdown: a checklist of everything a move takes, the zone change one step of it.
//!
//! A zone file cannot publish a topology, set a route or open a port, so every step says who does it.
//! The steps are those of Microsoft's procedures where these are right, and differ where they are
//! not: a parameter that `Set-CsSite` does not have, a federation failover without site route and
//! without DNS, a failback whose A record names the pool that has just been left.

mod command;
mod dns;
mod facts;
mod m365;
mod paper;
mod services;
mod stages;
mod start;
mod states;
#[cfg(test)]
mod tests;
pub(in crate::emit) mod words;

pub use stages::stages;

use crate::edge::{Deployment, Service};
use crate::plan::{Goal, Plan};
use facts::{Facts, Kind};
use paper::Paper;

/// The runbook of a plan, as Markdown for a merge request or a wiki page: what results, what must
/// hold before, the steps with their actors, how to verify, and how to go back. The same plan gives
/// the same text.
///
/// # Panics
/// When the plan is of another deployment.
pub fn runbook(deployment: &Deployment, plan: &Plan) -> String {
    let facts = Facts::new(deployment, plan);
    if let Goal::M365 { to, sip_domains } = &plan.goal {
        return m365::runbook(&facts, *to, sip_domains);
    }
    let mut paper = Paper::default();
    start::title(&mut paper, &facts);
    start::tables(&mut paper, &facts);
    if facts.kind != Kind::Sync {
        start::preconditions(&mut paper, &facts);
        paper.heading(2, "Steps");
        start::actors(&mut paper, &facts);
    }
    match facts.kind {
        Kind::Sync | Kind::M365 => {}
        Kind::Failover | Kind::Failback => moved_services(&mut paper, &facts),
        Kind::Drain | Kind::Restore | Kind::Decommission | Kind::Add | Kind::Route => {
            states::before_dns(&mut paper, &facts);
        }
    }
    dns::steps(&mut paper, &facts);
    states::after_dns(&mut paper, &facts);
    dns::verify(&mut paper, &facts);
    dns::limits(&mut paper, &facts);
    dns::way_back(&mut paper, &facts);
    paper.finish()
}

fn moved_services(paper: &mut Paper, facts: &Facts<'_>) {
    if facts.kind == Kind::Failback {
        services::start_pools(paper, facts);
    }
    let further = facts.services().into_iter().filter(|service| matches!(service, Service::Other(_)));
    for service in [Service::Federation, Service::Xmpp, Service::RemoteAccess].into_iter().chain(further) {
        if facts.has(service) {
            services::service(paper, facts, service);
        }
    }
    services::front_ends(paper, facts);
    services::next_hops(paper, facts);
    services::replication(paper, facts);
}
