//! What targets, shares and callers are called.

use super::Page;
use crate::edge::Service;
use crate::edge::coverage::{Nowhere, Outcome, Reach, Reason};
use crate::edge::simulation::{Answerer, Callers, DeadTargets, Met, Row, Target, Way};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// More addresses than this are counted, not listed.
const LISTED: usize = 4;

/// `10 0 sip1:443`: priority, weight, target without the SIP domain, port.
pub(super) fn record(page: &Page<'_>, row: &Row, found: &Target) -> String {
    let record = &found.record;
    format!("{} {} {}:{}", record.priority, record.weight, target(page, row, found), record.port)
}

/// The target without the SIP domain.
pub(super) fn target(page: &Page<'_>, row: &Row, found: &Target) -> String {
    let target = found.record.target.as_str();
    let inside = target.strip_suffix(row.sip_domain.as_str()).and_then(|rest| rest.strip_suffix('.'));
    page.pen.words(inside.unwrap_or(target))
}

/// Whose target it is.
pub(super) fn pools(page: &Page<'_>, target: &Target) -> String {
    match &target.record.reach {
        Reach::Pools(pools) => page.pools(pools, ", "),
        Reach::Foreign => String::from("no declared pool's"),
        Reach::Unknown => String::from("outside, not known"),
        Reach::Nowhere(_) => String::from("leads nowhere"),
    }
}

/// How many ask a target, and what they find.
pub(super) fn asked(target: &Target, chance: f64) -> String {
    let asked =
        if chance > 0.0 { format!("asked by {}", percent(chance)) } else { String::from("not asked") };
    let found = match &target.record.reach {
        Reach::Nowhere(why) => format!(", {}", nowhere(*why)),
        Reach::Pools(_) if !target.answers() => match list(&target.silent, "and") {
            Some(silent) if chance > 0.0 => format!(", down: {silent}"),
            _ => String::from(", down"),
        },
        Reach::Pools(_) | Reach::Foreign | Reach::Unknown if chance > 0.0 => {
            let assumed = if matches!(target.record.reach, Reach::Pools(_)) { "" } else { "taken to be up" };
            let places = [
                list(&target.answering, "or").map(|list| format!("at {list}")),
                list(&target.silent, "or").map(|list| format!("not at {list}")),
            ];
            let parts = std::iter::once(assumed.to_owned()).chain(places.into_iter().flatten());
            parts.filter(|part| !part.is_empty()).map(|part| format!(", {part}")).collect()
        }
        Reach::Pools(_) | Reach::Foreign | Reach::Unknown => String::new(),
    };
    format!("{asked}{found}")
}

fn nowhere(why: Nowhere) -> &'static str {
    match why {
        Nowhere::Null => "target `.`",
        Nowhere::NoFinalDot => "no final dot",
        Nowhere::NoAddress => "no address",
        Nowhere::OutsideSipDomain => "outside the SIP domain",
        Nowhere::WrongPort => "the pool listens on another port",
        Nowhere::NotOffered => "the pool does not offer it",
    }
}

fn list(addresses: &BTreeSet<IpAddr>, last: &str) -> Option<String> {
    let count = addresses.len();
    let words: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    match words.split_last()? {
        _ if count > LISTED => Some(format!("{count} addresses")),
        (only, []) => Some(only.clone()),
        (end, rest) => Some(format!("{} {last} {end}", rest.join(", "))),
    }
}

/// `66.7%`. Only what is certain is 100%, and only what cannot be is 0%.
pub(super) fn percent(chance: f64) -> String {
    let shown = format!("{:.1}", chance * 100.0);
    match shown.as_str() {
        "0.0" if chance > 0.0 => String::from("under 0.1%"),
        "100.0" if chance < 1.0 - 1e-9 => String::from("over 99.9%"),
        shown => format!("{}%", shown.strip_suffix(".0").unwrap_or(shown)),
    }
}

/// What callers of the first kind meet, and whether the route is with who answers.
pub(super) fn headline(page: &Page<'_>, row: &Row, met: &Met) -> String {
    if met.is_refused {
        return String::from("target `.` says that the service is not offered");
    }
    let Some(callers) = met.callers.first().filter(|_| !met.targets.is_empty()) else {
        return format!("no record `{}`", row.owner);
    };
    let route = match &met.outcome {
        Outcome::NeedsPlan { reason: Reason::Route { pool }, .. } => {
            let but = if callers.answers.is_empty() { "and" } else { "but" };
            format!(", {but} {}", self::route(page, row.service, *pool))
        }
        _ => String::new(),
    };
    format!("{}{route}", answers(page, callers))
}

/// `the XMPP route is at edge1`.
pub(super) fn route(page: &Page<'_>, service: Service, pool: crate::edge::PoolId) -> String {
    let name = if service == Service::Xmpp { "XMPP" } else { "federation" };
    format!("the {name} route is at {}", page.pool(pool))
}

/// `edge2 answers, after 1 dead target (2 addresses)`.
pub(super) fn answers(page: &Page<'_>, callers: &Callers) -> String {
    let [dead, after] = [dead(&callers.dead), String::from(", after ")];
    match callers.answers.as_slice() {
        [] if dead.is_empty() => String::from("nobody answers"),
        [] => format!("nobody answers: {dead}"),
        [(who, chance)] if *chance >= 1.0 - 1e-9 && dead.is_empty() => {
            format!("{} answers", answerer(page, who))
        }
        [(who, chance)] if *chance >= 1.0 - 1e-9 => format!("{} answers{after}{dead}", answerer(page, who)),
        shares => {
            let part = |(place, (who, chance)): (usize, &(Answerer, f64))| {
                let verb = if place == 0 { " answers" } else { "" };
                format!("{}{verb} {}", answerer(page, who), percent(*chance))
            };
            let mut parts: Vec<String> = shares.iter().enumerate().map(part).collect();
            if callers.unanswered > 0.0 {
                parts.push(format!("nobody {}", percent(callers.unanswered)));
            }
            // An Access Edge that asked a dead target asks no other.
            let after = match callers.way {
                Way::Rfc2782 if !dead.is_empty() => format!("{after}{dead}"),
                Way::Rfc2782 | Way::AccessEdge => String::new(),
            };
            format!("{}{after}", parts.join(", "))
        }
    }
}

/// Who answers, in few words.
pub(super) fn answerer(page: &Page<'_>, who: &Answerer) -> String {
    match who {
        Answerer::Pools(pools) => page.pools(pools, " or "),
        Answerer::Host(host) => format!("{} (taken to be up)", page.pen.words(host)),
    }
}

/// `1 dead target (2 addresses)`; empty when none is asked.
pub(super) fn dead(dead: &DeadTargets) -> String {
    if dead.most == 0 {
        return String::new();
    }
    let plural = |count: usize, one: &str, many: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
    };
    let targets = plural(dead.most, "dead target", "dead targets");
    let addresses = match dead.addresses {
        0 => String::new(),
        count => format!(" ({})", plural(count, "address", "addresses")),
    };
    if dead.least == dead.most {
        format!("{targets}{addresses}")
    } else {
        let mean = format!("{:.2}", dead.mean);
        let mean = mean.trim_end_matches('0').trim_end_matches('.');
        format!("up to {targets}{addresses}, {mean} on average")
    }
}
