//! What the states of cells and the outcomes of losses are called.

use super::{Page, Paint};
use crate::edge::coverage::{Cell, CellState, Outcome, Reached, Reason, Row, Survival, Walk};
use crate::edge::{Deployment, PoolId, Service};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What stands in a cell: `wrong port`.
pub fn short(state: &CellState) -> &'static str {
    match state {
        CellState::Ok => "ok",
        CellState::Standby => "standby",
        CellState::Drained { .. } => "drained",
        CellState::Missing => "missing",
        CellState::NotEnabled => "not enabled",
        CellState::UnwantedRecord => "unwanted",
        CellState::WrongPort { .. } => "wrong port",
        CellState::TargetUnresolvable => "no address",
        CellState::TargetAlias { .. } => "alias",
        CellState::TargetOutsideDomain => "outside",
        CellState::PriorityClash { .. } => "clash",
        CellState::StaleAddress { .. } => "stale",
    }
}

/// What is wrong with a cell, to be put after the pool; none when nothing is. The names in it are as the
/// zones have them, control characters too.
pub fn fault(deployment: &Deployment, row: &Row, cell: &Cell, state: &CellState) -> Option<String> {
    let target = cell.records.first().map(|record| record.target.as_str()).unwrap_or_default();
    Some(match state {
        CellState::Ok | CellState::Standby | CellState::Drained { .. } => return None,
        CellState::Missing => {
            let name = deployment.target(cell.pool, row.service, &row.sip_domain);
            let to = name.map(|name| format!(" to `{name}`")).unwrap_or_default();
            format!("no record `{}`{to}", row.owner)
        }
        CellState::NotEnabled => {
            format!("a record leads here, but the pool does not offer {}", row.service.word())
        }
        CellState::UnwantedRecord => String::from("the policy wants no record of this pool's own"),
        CellState::WrongPort { found, expected } => {
            format!("port {found} is published, the pool listens on {expected}")
        }
        CellState::TargetUnresolvable => format!("target `{target}` has no address"),
        CellState::TargetAlias { to: Some(to) } => {
            format!("target `{target}` is an alias of `{to}`")
        }
        CellState::TargetAlias { to: None } => format!("target `{target}` lies below a DNAME"),
        CellState::TargetOutsideDomain => {
            format!("target `{target}` lies outside SIP domain `{}`", row.sip_domain)
        }
        CellState::PriorityClash { with } => {
            let name = |pool: &PoolId| deployment.pool(*pool).name.value.clone();
            let names: Vec<String> = with.iter().map(name).collect();
            format!("a record of {} has the same priority", names.join(", "))
        }
        CellState::StaleAddress { missing, extra } => {
            let parts = [("lacks", missing), ("has stray", extra)];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(_, set)| !set.is_empty())
                .map(|(verb, set)| format!("{verb} {}", addresses(set)))
                .collect();
            format!("target `{target}` {}", parts.join(" and "))
        }
    })
}

fn addresses(set: &BTreeSet<IpAddr>) -> String {
    set.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// The lines that tell an outcome, and the colour of the first.
pub(super) fn outcome(page: &Page<'_>, row: &Survival) -> (Vec<String>, Paint) {
    match &row.outcome {
        Outcome::Unchanged(walk) => (vec![format!("{}, as before", end(page, walk))], Paint::Faint),
        Outcome::FailsOver(walk) => (vec![end(page, walk)], Paint::Good),
        Outcome::NeedsPlan { reason, walk } => {
            let mut first = format!("needs a plan: {}", why(page, row.service, reason));
            // Where the records lead elsewhere already, as after a failover, the route may have been
            // moved too, and only its declaration left behind.
            let leads_elsewhere = walk.as_ref().is_some_and(|walk| walk.dead_targets == 0);
            if leads_elsewhere && matches!(reason, Reason::Route { .. }) {
                first.push_str(" by zonewright.toml");
            }
            let mut lines = vec![first];
            lines.extend(walk.as_ref().map(|walk| format!("by RFC 2782: {}", end(page, walk))));
            (lines, Paint::Bad)
        }
        Outcome::Lost => (vec![String::from("lost: no other pool offers it")], Paint::Bad),
    }
}

fn why(page: &Page<'_>, service: Service, reason: &Reason) -> String {
    match reason {
        Reason::Route { pool } => {
            let name = if service == Service::Xmpp { "XMPP" } else { "federation" };
            format!("the {name} route is at {}", page.pool(*pool))
        }
        Reason::LowestPriority { target, pools } if pools.is_empty() => {
            format!(
                "partners take the lowest priority only, and `{}` does not answer",
                page.pen.words(target)
            )
        }
        Reason::LowestPriority { pools, .. } => {
            format!("partners take the lowest priority only ({})", page.pools(pools))
        }
        Reason::NoRecord { pools } => format!("no working record leads to {}", page.pools(pools)),
    }
}

/// `edge2, after 1 dead target`.
fn end(page: &Page<'_>, walk: &Walk) -> String {
    let dead = match walk.dead_targets {
        0 => String::new(),
        1 => String::from(", after 1 dead target"),
        count => format!(", after {count} dead targets"),
    };
    format!("{}{dead}", who(page, &walk.reached))
}

/// `edge1 or edge2`.
pub(super) fn who(page: &Page<'_>, reached: &Reached) -> String {
    let pools = reached.pools.iter().map(|pool| page.pool(*pool));
    let hosts = reached.hosts.iter().map(|host| page.pen.words(host));
    pools.chain(hosts).collect::<Vec<_>>().join(" or ")
}
