//! The RRsets before and after, and the diff of the files.

use super::{Contents, diff, scrolling, text};
use crate::emit::{Block, Way, blocks};
use crate::plan::RecordText;
use maud::{Markup, html};

pub(super) fn contents(contents: &Contents<'_>) -> Markup {
    let blocks = blocks(contents.plan, Way::Apply);
    html! {
        @if contents.plan.is_empty() {
            p { "None: the zones already say what is wanted." }
        } @else {
            (zones(contents))
            p { "The records of each RRset, in the order in which callers try them: - marks those that go, + those that are new. TTLs are in seconds." }
            @for block in &blocks { (zone(contents, block)) }
            h3 #diff { "The diff" }
            (diff::files(contents.plan))
        }
    }
}

fn zones(contents: &Contents<'_>) -> Markup {
    let table = html! {
        table {
            caption { "Zones" }
            thead {
                tr {
                    th scope="col" { "Zone" }
                    th scope="col" { "File" }
                    th scope="col" { "Serial" }
                    th scope="col" { "Refresh, retry" }
                    th scope="col" { "Negative TTL" }
                }
            }
            tbody {
                @for zone in &contents.plan.zones {
                    tr {
                        th scope="row" { (text::visible(&zone.apex)) span.faint { ", " (zone.view.word()) } }
                        td.cells { code { (text::visible(&zone.file)) } }
                        td { (zone.serial.0) " to " (zone.serial.1) }
                        td { (text::duration(zone.refresh.0)) ", " (text::duration(zone.refresh.1)) }
                        td { (text::duration(zone.negative_ttl)) }
                    }
                }
            }
        }
    };
    scrolling("Zones that change", table)
}

fn zone(contents: &Contents<'_>, block: &Block<'_>) -> Markup {
    let name = format!("{}, {} view", text::visible(&block.zone.apex), block.zone.view.word());
    let table = html! {
        table {
            caption { (name) }
            thead {
                tr {
                    th scope="col" { "TTL" }
                    th scope="col" { "Before" }
                    th scope="col" { "After" }
                }
            }
            @for turn in &block.turns {
                tbody.rrset {
                    tr { th scope="rowgroup" colspan="3" { (rrset(&turn.change.owner, &turn.change.rtype.to_string())) } }
                    tr {
                        td { (ttl(turn.from_ttl, turn.to_ttl)) }
                        td.cells { (records(contents, Side::Before, turn.from, turn.to)) }
                        td.cells { (records(contents, Side::After, turn.to, turn.from)) }
                    }
                }
            }
        }
    };
    scrolling(&format!("Changes of {name}"), table)
}

/// Owner and type.
pub(super) fn rrset(owner: &str, rtype: &str) -> Markup {
    html! { code { (text::visible(owner)) } " " span.faint { (rtype) } }
}

fn ttl(before: Option<u32>, after: Option<u32>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before != after => format!("{before}, then {after}"),
        (Some(ttl), _) | (None, Some(ttl)) => ttl.to_string(),
        (None, None) => String::from("none"),
    }
}

/// The records of one side, each with its pool; those that the other side lacks are marked.
fn records(contents: &Contents<'_>, side: Side, records: &[RecordText], others: &[RecordText]) -> Markup {
    let words = |mark: &str, record: &RecordText| {
        let pool = record.pool.map(|pool| contents.pool(pool)).unwrap_or_default();
        html! { code { (mark) (text::visible(&record.rdata)) } " " span.faint { (pool) } }
    };
    html! {
        @if records.is_empty() { span.faint { "no record" } }
        @for record in records {
            @if others.iter().any(|other| other.rdata == record.rdata) {
                span.record { (words("  ", record)) }
            } @else if side == Side::Before {
                del.record { (words("- ", record)) }
            } @else {
                ins.record { (words("+ ", record)) }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}
