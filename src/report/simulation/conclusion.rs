//! What a simulation means, in plain words.

use super::{Page, words};
use crate::edge::coverage::{Outcome, Reason};
use crate::edge::simulation::{Moment, Row, Stage};
use crate::edge::{PoolId, Service};

/// A sentence per fate that the SIP domains of a service meet while the pools are down; the worst
/// first. None when no pool is down.
pub(super) fn sentences(page: &Page<'_>, service: Service) -> Vec<String> {
    let rows = |moment: Moment| {
        let stage = page.simulation.stages.iter().find(|stage| stage.moment == moment);
        stage.map(|stage: &Stage| stage.rows.iter().filter(|row| row.service == service).collect::<Vec<_>>())
    };
    let Some(down) = rows(Moment::Down) else { return Vec::new() };
    let planned = rows(Moment::Planned);
    let mut found: Vec<(u8, String, Vec<&str>)> = Vec::new();
    for (place, row) in down.iter().enumerate() {
        let after = planned.as_ref().and_then(|rows| rows.get(place)).copied();
        let (rank, sentence) = sentence(page, row, after);
        match found.iter_mut().find(|(_, known, _)| *known == sentence) {
            Some((_, _, domains)) => domains.push(&row.sip_domain),
            None => found.push((rank, sentence, vec![&row.sip_domain])),
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    let many = found.len() > 1;
    let name = service.word();
    found
        .into_iter()
        .map(|(_, sentence, domains)| {
            if many {
                format!("{name}, {}: {sentence}", domains.join(", "))
            } else {
                format!("{name}: {sentence}")
            }
        })
        .collect()
}

/// How bad it is (0 is worst), and what it is.
fn sentence(page: &Page<'_>, row: &Row, after: Option<&Row>) -> (u8, String) {
    let Some(met) = &row.met else {
        return (0, format!("no zone at hand holds `{}`: declare its zone with [[zone]]", row.owner));
    };
    if met.is_refused {
        return (0, format!("`{}` says with target `.` that the service is not offered", row.owner));
    }
    let callers = met.callers.first();
    let ends = callers.map(|callers| words::answers(page, callers)).unwrap_or_default();
    let who = match row.service {
        Service::RemoteAccess => "clients",
        Service::Federation => "partners with an Access Edge",
        Service::Xmpp => "XMPP servers",
        Service::Other(_) => "callers",
    };
    let (rank, now) = match &met.outcome {
        Outcome::Unchanged(_) => (5, String::from("nothing changes")),
        Outcome::FailsOver(_) => (4, format!("{who} need no help: {ends}")),
        Outcome::NeedsPlan { reason, .. } => {
            let unanswered = callers.map_or(1.0, |callers| callers.unanswered);
            let share = match unanswered {
                all if all >= 1.0 => String::new(),
                part => format!("{} of the ", words::percent(part)),
            };
            let plan = command(page, row.service);
            let change = plan.as_ref().map_or_else(
                || String::from("; no pool that is up offers it, so nothing can be planned"),
                |plan| format!("; {plan} writes the change"),
            );
            match reason {
                Reason::LowestPriority { target, pools } if pools.is_empty() => (
                    1,
                    format!(
                        "{share}{who} get no answer, whatever is up: `{}` does not answer",
                        page.pen.words(target)
                    ),
                ),
                Reason::LowestPriority { .. } => {
                    (1, format!("{share}{who} get no answer until the records are changed{change}"))
                }
                Reason::NoRecord { pools } => (
                    2,
                    format!(
                        "{who} get no answer, though {} {} up: no working record leads there{change}",
                        page.pools(pools, " and "),
                        if pools.len() == 1 { "is" } else { "are" }
                    ),
                ),
                Reason::Route { pool } => {
                    let at = words::route(page, row.service, *pool);
                    let steps = match plan {
                        Some(plan) => format!("; {plan} writes the records, `--emit markdown` the steps"),
                        None => change,
                    };
                    let but = if unanswered >= 1.0 { "and" } else { "but" };
                    (3, format!("{ends}, {but} {at}{steps}"))
                }
            }
        }
        Outcome::Lost => (0, String::from("lost: no pool that is up offers it, so nothing can be planned")),
    };
    let after = match after.map(|row| (row.is_served(), row)) {
        None => String::new(),
        Some((true, _)) if rank == 5 => String::new(),
        Some((true, row)) => {
            let callers = row.met.as_ref().and_then(|met| met.callers.first());
            let ends = callers.map(|callers| words::answers(page, callers)).unwrap_or_default();
            format!("; after the plan {ends}")
        }
        Some((false, _)) => String::from("; the plan does not cure it"),
    };
    (rank, format!("{now}{after}"))
}

/// The command that plans the way out; none when no pool of the service is up. A service that has
/// lost every pool is in the way of the others' plan, so then only this one is planned.
fn command(page: &Page<'_>, service: Service) -> Option<String> {
    let down = &page.simulation.down;
    let has_lost_all = |service: Service| {
        let in_use = page.deployment.sip_domains().iter().any(|domain| domain.services.contains(&service));
        let pools = page.deployment.pools_with(service);
        in_use && !pools.is_empty() && pools.iter().all(|pool| down.contains(pool))
    };
    if has_lost_all(service) {
        return None;
    }
    let offering: Vec<PoolId> =
        down.iter().copied().filter(|pool| page.deployment.pool(*pool).services.contains(&service)).collect();
    Some(if offering.is_empty() {
        String::from("`zonewright plan sync`")
    } else if page.deployment.services().iter().copied().any(has_lost_all) {
        let names = page.pools(&offering, " ");
        format!("`zonewright plan failover {names} --service {}`", service.word())
    } else {
        format!("`zonewright plan failover {}`", page.pools(down, " "))
    })
}
