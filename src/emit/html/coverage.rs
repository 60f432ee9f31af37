//! The coverage matrix, before and after: a table per SIP domain.

use super::{Contents, scrolling, text};
use crate::edge::coverage::{Body, Cell, CellState, Held, Published, Row};
use crate::plan::Goal;
use crate::report::matrix;
use maud::{Markup, html};

/// Rows that are not as declared after the plan.
pub(super) fn unsound(contents: &Contents<'_>) -> usize {
    let is_sound = |row: &Row| match &row.body {
        Body::Held(held) => held.extra.is_empty() && held.cells.iter().all(|cell| is_right(contents, cell)),
        Body::Off | Body::NoZone => row.is_sound(),
    };
    contents.after.rows.iter().filter(|row| !is_sound(row)).count()
}

/// Whether a cell is as it shall be after the plan.
fn is_right(contents: &Contents<'_>, cell: &Cell) -> bool {
    cell.is_sound() || has_left(contents, cell)
}

/// Whether no record leads to a pool that the plan takes out for good.
fn has_left(contents: &Contents<'_>, cell: &Cell) -> bool {
    let leaves =
        matches!(&contents.plan.goal, Goal::Decommission { pools, .. } if pools.contains(&cell.pool));
    leaves && cell.states == [CellState::Missing]
}

pub(super) fn contents(contents: &Contents<'_>) -> Markup {
    let pairs: Vec<(&Row, &Row)> = contents.before.rows.iter().zip(&contents.after.rows).collect();
    let notes: Vec<String> = contents.after.rows.iter().flat_map(|row| notes(contents, row)).collect();
    html! {
        p {
            "How each Edge pool is found for each service of each SIP domain. A cell has its state and the "
            "record, priority first, its target without the SIP domain. It tells what the zones say, not whether the pool is up."
        }
        @for rows in pairs.chunk_by(|one, other| one.0.sip_domain == other.0.sip_domain) {
            (domain(contents, rows))
        }
        @if !notes.is_empty() {
            h3 { "Not as declared after the plan" }
            ul { @for note in &notes { li { (text::with_code(note)) } } }
        }
    }
}

fn domain(contents: &Contents<'_>, rows: &[(&Row, &Row)]) -> Markup {
    let name = rows.first().map(|(row, _)| text::visible(&row.sip_domain)).unwrap_or_default();
    let pools = contents.deployment.pools();
    let table = html! {
        table {
            caption { (name) }
            thead {
                tr {
                    th scope="col" { "Service" }
                    th scope="col" { "When" }
                    @for pool in pools {
                        th scope="col" { (contents.pool(pool.id)) " " span.faint.site { "(" (contents.site(pool.id)) ")" } }
                    }
                }
            }
            tbody { @for (before, after) in rows { (service(contents, before, after)) } }
        }
    };
    scrolling(&format!("Coverage of {name}"), table)
}

fn service(contents: &Contents<'_>, before: &Row, after: &Row) -> Markup {
    let (title, pools) = (before.service.title(), contents.deployment.pools().len());
    let gone = |cell: &Cell| has_left(contents, cell);
    let (old, new) = (cells(before, &|_| false), cells(after, &gone));
    if old == new {
        return html! {
            tr {
                th scope="row" { (title) }
                th.when scope="row" { "unchanged" }
                (columns(&new, None, pools))
            }
        };
    }
    html! {
        tr {
            th scope="rowgroup" rowspan="2" { (title) }
            th.when scope="row" { "before" }
            (columns(&old, None, pools))
        }
        tr {
            th.when scope="row" { "after" }
            (columns(&new, Some(&old), pools))
        }
    }
}

/// What a row has: a cell per pool, or a remark on all of them.
#[derive(PartialEq, Eq)]
enum Cells {
    Remark(&'static str, bool),
    Each(Vec<Shown>),
}

/// A cell as text.
#[derive(PartialEq, Eq)]
struct Shown {
    state: String,
    tone: &'static str,
    records: Vec<String>,
}

fn cells(row: &Row, gone: &dyn Fn(&Cell) -> bool) -> Cells {
    match &row.body {
        Body::Off => Cells::Remark("off: not wanted in this SIP domain", true),
        Body::NoZone => Cells::Remark("no zone at hand holds it", false),
        Body::Held(Held { cells, .. }) => {
            Cells::Each(cells.iter().map(|cell| shown(cell, &row.sip_domain, gone(cell))).collect())
        }
    }
}

fn shown(cell: &Cell, sip_domain: &str, is_gone: bool) -> Shown {
    if is_gone {
        return Shown { state: String::from("gone"), tone: "faint", records: Vec::new() };
    }
    let offered = cell.is_wanted() || !cell.records.is_empty();
    let states: Vec<&str> = cell
        .states
        .iter()
        .map(|state| match state {
            CellState::NotEnabled if !offered => "not offered",
            state => matrix::short(state),
        })
        .collect();
    let tone = match cell.states.as_slice() {
        [CellState::Ok] => "good",
        _ if cell.is_sound() => "faint",
        _ => "bad",
    };
    Shown {
        state: states.join(", "),
        tone,
        records: cell.records.iter().map(|found| record(found, sip_domain)).collect(),
    }
}

/// `10 sip1:443`.
fn record(record: &Published, sip_domain: &str) -> String {
    format!("{} {}:{}", record.priority, text::visible(inside(&record.target, sip_domain)), record.port)
}

/// The name without the SIP domain that it lies in.
pub(super) fn inside<'n>(name: &'n str, sip_domain: &str) -> &'n str {
    name.strip_suffix(sip_domain).and_then(|rest| rest.strip_suffix('.')).unwrap_or(name)
}

fn columns(cells: &Cells, old: Option<&Cells>, pools: usize) -> Markup {
    let was = |place: usize| match old {
        Some(Cells::Each(old)) => old.get(place),
        _ => None,
    };
    match cells {
        Cells::Remark(remark, sound) => html! {
            td class=(if *sound { "faint" } else { "bad" }) colspan=(pools) { (remark) }
        },
        Cells::Each(cells) => html! {
            @for (place, cell) in cells.iter().enumerate() {
                td.cell.changed[was(place).is_some_and(|was| was != cell)] {
                    span.state.(cell.tone) { (cell.state) }
                    @for record in &cell.records { " " code { (record) } }
                }
            }
        },
    }
}

/// A sentence per thing that is wrong.
fn notes(contents: &Contents<'_>, row: &Row) -> Vec<String> {
    let head = format!("{}, {}", text::visible(&row.sip_domain), row.service.title());
    let held = match &row.body {
        Body::Held(held) => held,
        Body::Off => return Vec::new(),
        Body::NoZone => return vec![format!("{head}: no zone at hand holds {}", text::visible(&row.owner))],
    };
    let mut notes = Vec::new();
    for cell in held.cells.iter().filter(|cell| !is_right(contents, cell)) {
        for state in &cell.states {
            if let Some(fault) = matrix::fault(contents.deployment, row, cell, state) {
                notes.push(format!("{head}, {}: {}", contents.pool(cell.pool), text::visible(&fault)));
            }
        }
    }
    for record in &held.extra {
        notes.push(if record.target == "." {
            format!("{head}: a record with target . says that the service is not offered")
        } else {
            format!("{head}: target {} is no declared pool's", text::visible(&record.target))
        });
    }
    notes
}
