//! What is particular to drained servers, to pools that leave or are new, and to routes that move while
//! every pool is up.

use super::command::arguments;
use super::facts::{Facts, Kind, pool_and_servers};
use super::paper::{Actor, Paper};
use super::services;
use super::words::{code, listed, plain};
use crate::edge::{EdgePool, FederationPolicy, Service, XmppPolicy};
use crate::emit::quote::shell;
use crate::plan::{Goal, config_edits};

/// The heading of the page.
pub(super) fn title(facts: &Facts<'_>) -> String {
    let pools: Vec<String> = facts.pools.iter().map(|pool| plain(&pool.name.value)).collect();
    let server = |id: &crate::edge::ServerId| plain(&facts.deployment.server(*id).name.value);
    let servers: Vec<String> = facts.servers.iter().map(server).collect();
    match &facts.plan.goal {
        Goal::Drain { .. } => format!("Drain of {} (Edge pool {})", listed(&servers), listed(&pools)),
        Goal::Restore { .. } => format!("Return of {} to Edge pool {}", listed(&servers), listed(&pools)),
        Goal::Decommission { .. } => format!("Decommissioning of {}", listed(&pools)),
        Goal::Add { .. } => format!("Addition of {}", listed(&pools)),
        Goal::Route { service, to } => {
            format!(
                "Move of the {} route to {}",
                service.in_text(),
                plain(&facts.deployment.pool(*to).name.value)
            )
        }
        Goal::Failover { .. } | Goal::Failback { .. } | Goal::Sync | Goal::M365 { .. } => String::new(),
    }
}

/// What results.
pub(super) fn result(facts: &Facts<'_>) -> String {
    let pools = facts.subject();
    match &facts.plan.goal {
        Goal::Drain { .. } => format!(
            "No name of {pools} leads to {} any more; the other servers of the pool go on serving. No service moves to another pool.",
            facts.machines()
        ),
        Goal::Restore { .. } => format!("The names of {pools} lead to {} again.", facts.machines()),
        Goal::Decommission { .. } => {
            let mut ways: Vec<(&str, Vec<&str>)> = Vec::new();
            for service in facts.services().into_iter().filter(|service| !facts.domains(*service).is_empty())
            {
                let Some(after) = facts.server_after(service) else { continue };
                match ways.iter_mut().find(|(pool, _)| *pool == after.name.value) {
                    Some((_, services)) => services.push(service.in_text()),
                    None => ways.push((&after.name.value, vec![service.in_text()])),
                }
            }
            let ways: Vec<String> = ways
                .into_iter()
                .map(|(pool, services)| format!("{} is asked first for {}", code(pool), listed(&services)))
                .collect();
            format!(
                "{pools} leaves for good: its SRV records go, and the addresses of its names. When all other pools are up, {} then.",
                listed(&ways)
            )
        }
        Goal::Add { .. } => format!(
            "{pools} comes into the zones: its SRV records, as far as the policies publish it, and the addresses of its names. Records of other pools stay as they are."
        ),
        Goal::Route { service, to } => {
            let policy = facts.deployment.policy();
            let records = match service {
                Service::Federation if policy.federation == FederationPolicy::GeoDns => {
                    "; the records stay as they are, the traffic manager moves"
                }
                Service::Federation if policy.federation == FederationPolicy::SingleActive => {
                    ", and is the only one in the records"
                }
                Service::Xmpp if policy.xmpp == XmppPolicy::SwingA => {
                    ", and lends its addresses to the name in the records"
                }
                _ => ", and comes first in the records",
            };
            format!(
                "{} holds the {} route from then on{records}. Every pool stays up.",
                code(&facts.deployment.pool(*to).name.value),
                service.in_text()
            )
        }
        Goal::Failover { .. } | Goal::Failback { .. } | Goal::Sync | Goal::M365 { .. } => String::new(),
    }
}

/// What must hold before, beyond what every move needs.
pub(super) fn preconditions(paper: &mut Paper, facts: &Facts<'_>) {
    match facts.kind {
        Kind::Drain => paper.precondition(
            Actor::Check,
            &format!("The servers of {} that are left can carry the load of all.", facts.subject()),
        ),
        Kind::Restore if facts.is_lync() => paper.precondition(
            Actor::Check,
            &format!("{} has the configuration: `UpToDate` is `True` for it.", facts.machines()),
        ),
        Kind::Decommission => {
            let names: Vec<String> = facts.pools.iter().map(|pool| shell(&pool.name.value)).collect();
            paper.precondition(
                Actor::Check,
                &format!(
                    "Nobody is served by {} any more: carry out `zonewright plan failover {}` first, and wait as its runbook says. This plan takes SRV records and addresses away together, so a cache that still has the old SRV records leads to names without addresses.",
                    facts.subject(),
                    names.join(" ")
                ),
            );
        }
        Kind::Add if !facts.is_lync() => paper.precondition(
            Actor::Servers,
            &format!("The services of {} run.", all(&facts.pools)),
        ),
        Kind::Add => paper.precondition(
            Actor::Topology,
            &format!(
                "{} is defined in Topology Builder (Edge pools > New Edge Pool), published, and installed on every server with the Deployment Wizard; its services run.",
                all(&facts.pools)
            ),
        ),
        Kind::Failover | Kind::Failback | Kind::Sync | Kind::Restore | Kind::Route | Kind::M365 => {}
    }
}

/// The steps before the zones change.
pub(super) fn before_dns(paper: &mut Paper, facts: &Facts<'_>) {
    match &facts.plan.goal {
        Goal::Restore { .. } => {
            paper.heading(3, "Edge services");
            let end = if facts.is_lync() { ":" } else { "." };
            paper.step(Actor::Servers, &format!("On {}, start the services{end}", facts.machines()));
            if facts.is_lync() {
                paper.fence("powershell", "Start-CsWindowsService\nGet-CsWindowsService\n");
            }
        }
        Goal::Route { service, .. } => {
            services::service(paper, facts, *service);
            services::replication(paper, facts);
        }
        Goal::Decommission { routes, .. } => {
            for service in routes.keys() {
                services::service(paper, facts, *service);
            }
            services::front_ends(paper, facts);
            services::replication(paper, facts);
        }
        Goal::Drain { .. } | Goal::Add { .. } => {}
        Goal::Failover { .. } | Goal::Failback { .. } | Goal::Sync | Goal::M365 { .. } => {}
    }
}

/// The lines of `zonewright.toml` that declare what results. They come after the diff: the command that
/// writes the same as the diff goes by what is declared before.
pub(super) fn configuration(paper: &mut Paper, facts: &Facts<'_>) {
    let edits = config_edits(facts.deployment, &facts.plan.goal);
    if edits.is_empty() {
        return;
    }
    paper.step(
        Actor::Dns,
        "Change `zonewright.toml` too, in the same commit; until then `zonewright lint` and `zonewright plan sync` hold to what it declared before:",
    );
    let lines = edits.iter().map(|edit| match &edit.line {
        Some(line) => format!("# {}\n{line}\n", edit.table),
        None => format!("# {}: take out\n", edit.table),
    });
    paper.fence("toml", &lines.collect::<String>());
}

/// The steps after the zones have changed and caches have run out.
pub(super) fn after_dns(paper: &mut Paper, facts: &Facts<'_>) {
    match facts.kind {
        Kind::Drain => {
            paper.heading(3, "Edge services");
            paper.step(
                Actor::Servers,
                &format!(
                    "After that wait, on {}: stop the services once nobody is connected. Who is connected stays until the connection ends; no record changes that.",
                    facts.machines()
                ),
            );
            stop(paper, facts);
        }
        Kind::Decommission => {
            paper.heading(3, "Edge pool");
            paper.step(
                Actor::Servers,
                &format!("After that wait, on every server of {}: stop the services.", all(&facts.pools)),
            );
            stop(paper, facts);
            for pool in facts.pools.iter().filter(|_| facts.is_lync()) {
                paper.step(
                    Actor::Topology,
                    &format!(
                        "Edge pools > {} > Delete, then Action > Topology > Publish.",
                        code(&pool.internal_name())
                    ),
                );
            }
            paper.step(
                Actor::Firewall,
                &format!("Close what was open for {}, from outside and from inside.", facts.subject()),
            );
            let internal: Vec<String> = facts.pools.iter().map(|pool| code(&pool.internal_name())).collect();
            paper.step(
                Actor::Dns,
                &format!(
                    "Only now take the internal names out: {} and those of the servers.{}",
                    listed(&internal),
                    match facts.is_lync() {
                        true => " Until the topology is published the servers are found by them.",
                        false => "",
                    }
                ),
            );
        }
        Kind::Failover
        | Kind::Failback
        | Kind::Sync
        | Kind::Restore
        | Kind::Add
        | Kind::Route
        | Kind::M365 => {}
    }
}

fn stop(paper: &mut Paper, facts: &Facts<'_>) {
    if facts.is_lync() {
        paper.fence("powershell", "Stop-CsWindowsService -Graceful\n");
    }
}

fn all(pools: &[&EdgePool]) -> String {
    listed(&pools.iter().map(|pool| pool_and_servers(pool)).collect::<Vec<_>>())
}

/// The command of the opposite plan.
pub(super) fn way_back(paper: &mut Paper, facts: &Facts<'_>) {
    let arguments = arguments(facts);
    let (why, command) = match &facts.plan.goal {
        Goal::Drain { .. } => (
            format!(
                "The diff keeps the records of {} as comments (`; zonewright: drained`); the way back takes them up unaltered:",
                facts.machines()
            ),
            format!("restore{arguments}"),
        ),
        Goal::Restore { .. } => (String::from("The opposite plan:"), format!("drain{arguments}")),
        Goal::Decommission { pools, .. } => {
            let names: Vec<String> =
                pools.iter().map(|pool| shell(&facts.deployment.pool(*pool).name.value)).collect();
            (
                String::from(
                    "While `zonewright.toml` still declares the pool, its records come back with the command below; lines and comments that were deleted do not. Routes go back with `zonewright plan route`.",
                ),
                format!("add {}", names.join(" ")),
            )
        }
        Goal::Add { .. } => {
            let names: Vec<String> = facts.pools.iter().map(|pool| shell(&pool.name.value)).collect();
            (String::from("The opposite plan:"), format!("decommission {}", names.join(" ")))
        }
        Goal::Route { service, to } => {
            let Some(old) = facts.deployment.route(*service).filter(|old| old != to) else { return };
            (
                String::from("The opposite plan, with the routes of `zonewright.toml` as they are now:"),
                format!("route{arguments} --to {}", shell(&facts.deployment.pool(old).name.value)),
            )
        }
        Goal::Failover { .. } | Goal::Failback { .. } | Goal::Sync | Goal::M365 { .. } => return,
    };
    paper.heading(2, "How to go back");
    paper.paragraph(&why);
    paper.fence("sh", &format!("zonewright plan {command}\n"));
}
