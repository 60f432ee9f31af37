//! The order in which callers try the pools, as a picture: pools are rungs, the lowest priority on top.

use super::coverage::inside;
use super::{Contents, text};
use crate::edge::coverage::{Body, CellState, Held, Row};
use crate::edge::{PoolId, Service};
use crate::plan::Goal;
use crate::report::matrix;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Width of a picture, and height of a rung with the gap below it, in CSS pixels.
const WIDTH: usize = 330;
const RUNG: usize = 46;
const GAP: usize = 8;
/// Where the rungs begin: priorities have up to five digits.
const LEFT: usize = 50;
/// Characters of a target that fit into a rung, in letters as wide as those of the widest usual font.
const TARGET: usize = 37;

pub(super) fn contents(contents: &Contents<'_>) -> Markup {
    let after = contents.plan.goal.state().down;
    let before = match &contents.plan.goal {
        Goal::Failback { pools } => pools.clone(),
        _ => after.clone(),
    };
    let pairs: Vec<(usize, (&Row, &Row))> =
        contents.before.rows.iter().zip(&contents.after.rows).enumerate().collect();
    let deployment = contents.deployment;
    let offered = deployment.services().iter().filter(|service| !deployment.pools_with(**service).is_empty());
    let (services, others): (Vec<Service>, Vec<Service>) =
        offered.copied().partition(|service| contents.plan.services.contains(service));
    let others: Vec<&str> = others.into_iter().map(Service::title).collect();
    html! {
        p {
            "Callers try the pool on the top rung first: it has the lowest priority number, which stands on the left. "
            "A pool that is out of service is struck out; a dashed rung has no record of its own, or is out of service."
        }
        @for service in services {
            h3 { (service.title()) }
            @for (place, (old, new)) in pairs.iter().filter(|(_, (row, _))| row.service == service) {
                (domain(contents, *place, (old, &before), (new, &after)))
            }
        }
        @if !others.is_empty() { p { "Not part of this plan: " (others.join(", ")) "." } }
    }
}

type Side<'a> = (&'a Row, &'a BTreeSet<PoolId>);

fn domain(contents: &Contents<'_>, place: usize, before: Side<'_>, after: Side<'_>) -> Markup {
    let owner = text::visible(&before.0.owner);
    let (old, new) = match (&before.0.body, &after.0.body) {
        (Body::Held(old), Body::Held(new)) => (rungs(contents, old, before), rungs(contents, new, after)),
        (Body::Held(_), Body::Off) => {
            return html! { p { code { (owner) } ": leads to no Edge pool after the plan" } };
        }
        (Body::Off, _) | (_, Body::Off) => return html! {},
        _ => return html! { p { code { (owner) } ": no zone at hand holds it" } },
    };
    let picture = |id: &str, when: &str, rungs: &[Rung]| {
        html! { div { p.faint { (when) } (picture(&format!("ladder-{place}-{id}"), &owner, when, rungs)) } }
    };
    html! {
        figure {
            figcaption { code { (owner) } }
            div.ladder {
                @if old == new {
                    (picture("both", "before and after", &new))
                } @else {
                    (picture("before", "before", &old))
                    (picture("after", "after", &new))
                }
            }
        }
    }
}

/// One step of a ladder.
#[derive(PartialEq, Eq)]
struct Rung {
    /// None: there is no record.
    priority: Option<u16>,
    name: String,
    site: Option<String>,
    /// Where the record leads.
    target: String,
    /// The same without the SIP domain.
    inside: String,
    remark: String,
    class: &'static str,
}

impl Rung {
    /// `edge2 (lyon), priority 20, sip2.contoso.com:443, asked first`.
    fn words(&self) -> String {
        let site = self.site.as_ref().map(|site| format!(" ({site})")).unwrap_or_default();
        let priority = self.priority.map(|priority| format!(", priority {priority}")).unwrap_or_default();
        let target = if self.target.is_empty() { String::new() } else { format!(", {}", self.target) };
        let remark = if self.remark.is_empty() { String::new() } else { format!(", {}", self.remark) };
        format!("{}{site}{priority}{target}{remark}", self.name)
    }
}

/// Priority, weight from high to low, port, target.
type Place = (u16, Reverse<u16>, u16, String);

fn rungs(contents: &Contents<'_>, held: &Held, (row, down): Side<'_>) -> Vec<Rung> {
    let mut records: BTreeMap<Place, Vec<PoolId>> = BTreeMap::new();
    let of_pools =
        held.cells.iter().flat_map(|cell| cell.records.iter().map(move |record| (record, Some(cell.pool))));
    let of_nobody = held.extra.iter().filter(|record| record.target != ".").map(|record| (record, None));
    for (record, pool) in of_pools.chain(of_nobody) {
        let place = (record.priority, Reverse(record.weight), record.port, record.target.clone());
        let pools = records.entry(place).or_default();
        pools.extend(pool.filter(|pool| !pools.contains(pool)));
    }
    let first = records.keys().next().map(|place| place.0);
    let mut rungs: Vec<Rung> = records
        .iter()
        .map(|((priority, Reverse(weight), port, target), pools)| {
            let is_down = !pools.is_empty() && pools.iter().all(|pool| down.contains(pool));
            let (remark, class) = match (Some(*priority) == first, is_down) {
                (true, false) => ("asked first", "rung first"),
                (true, true) => ("asked first, down", "rung down"),
                (false, true) => ("down", "rung down"),
                (false, false) => ("", "rung"),
            };
            let fault = pools.iter().find_map(|pool| fault(held, *pool)).unwrap_or_default();
            let weight = if *weight == 0 { String::new() } else { format!(", weight {weight}") };
            Rung {
                priority: Some(*priority),
                name: if pools.is_empty() { String::from("no declared pool") } else { contents.pools(pools) },
                site: if let [pool] = pools.as_slice() { Some(contents.site(*pool)) } else { None },
                target: format!("{}:{port}{weight}", text::visible(target)),
                inside: format!("{}:{port}{weight}", text::visible(inside(target, &row.sip_domain))),
                remark: [remark, fault]
                    .into_iter()
                    .filter(|word| !word.is_empty())
                    .collect::<Vec<_>>()
                    .join(", "),
                class,
            }
        })
        .collect();
    for cell in held.cells.iter().filter(|cell| cell.is_wanted() && cell.records.is_empty()) {
        let is_standby = cell.states.contains(&CellState::Standby);
        let (remark, class) = match (down.contains(&cell.pool), is_standby) {
            (true, _) => ("no record, down", "rung down"),
            (false, true) => ("no record, standby", "rung unpublished"),
            (false, false) => ("no record", "rung unpublished"),
        };
        rungs.push(Rung {
            priority: None,
            name: contents.pool(cell.pool),
            site: Some(contents.site(cell.pool)),
            target: String::new(),
            inside: String::new(),
            remark: remark.to_owned(),
            class,
        });
    }
    rungs
}

/// What is wrong with the records of a pool, in a word.
fn fault(held: &Held, pool: PoolId) -> Option<&'static str> {
    let cell = held.cells.iter().find(|cell| cell.pool == pool && !cell.is_sound())?;
    cell.states.first().map(matrix::short)
}

fn picture(id: &str, owner: &str, when: &str, rungs: &[Rung]) -> Markup {
    let height = rungs.len() * (RUNG + GAP);
    let words: Vec<String> = rungs.iter().map(Rung::words).collect();
    let words = if words.is_empty() { String::from("no record and no pool") } else { words.join("; ") };
    if rungs.is_empty() {
        return html! { p { "No record, and no pool that offers the service." } };
    }
    let (top, bottom) = (0, height - GAP);
    html! {
        svg role="img" width=(WIDTH) height=(height) viewBox={ "0 0 " (WIDTH) " " (height) }
            aria-labelledby={ (id) "-title" } aria-describedby={ (id) "-words" } {
            title id={ (id) "-title" } { "Order of " (owner) ", " (when) }
            desc id={ (id) "-words" } { (words) }
            line.rail x1=(LEFT + 12) x2=(LEFT + 12) y1=(top) y2=(bottom) {}
            line.rail x1=(WIDTH - 12) x2=(WIDTH - 12) y1=(top) y2=(bottom) {}
            @for (place, rung) in rungs.iter().enumerate() { (drawn(rung, place * (RUNG + GAP))) }
        }
    }
}

fn drawn(rung: &Rung, y: usize) -> Markup {
    let target = if rung.target.chars().count() <= TARGET { &rung.target } else { &rung.inside };
    let room = room(&rung.remark);
    let name = text::shortened(&rung.name, room);
    let site = rung.site.as_ref().filter(|site| name.chars().count() + site.chars().count() + 3 <= room);
    let priority = rung.priority.map_or_else(|| String::from("none"), |priority| priority.to_string());
    html! {
        g class=(rung.class) {
            rect x=(LEFT) y=(y + 1) width=(WIDTH - LEFT - 2) height=(RUNG - 2) rx="3" {}
            text.strong x=(LEFT - 8) y=(y + 28) text-anchor="end" { (priority) }
            text.strong.name x=(LEFT + 10) y=(y + 19) {
                (name)
                @if let Some(site) = site { tspan.quiet font-weight="400" { " (" (site) ")" } }
            }
            text.small x=(WIDTH - 12) y=(y + 19) text-anchor="end" { (rung.remark) }
            text.mono x=(LEFT + 10) y=(y + 36) { (text::shortened(target, TARGET)) }
        }
    }
}

/// Characters of a name that fit into a rung beside a remark: they are up to 9 pixels wide, those of a
/// remark up to 7.
fn room(remark: &str) -> usize {
    (WIDTH - LEFT - 22).saturating_sub(7 * remark.len()) / 9
}
