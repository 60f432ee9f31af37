//! How to undo the plan.

use super::runbook::Runbook;
use super::{Contents, changes, scrolling, text};
use crate::emit::{Block, Way, blocks};
use maud::{Markup, html};

pub(super) fn contents(contents: &Contents<'_>, runbook: &Runbook<'_>) -> Markup {
    let blocks = blocks(contents.plan, Way::Back);
    html! {
        @match runbook.way_back() {
            Some(said) => (said),
            None => p { "The plan follows " code { "zonewright.toml" } ": change that back, and plan again." },
        }
        @if blocks.is_empty() {
            p { "No record changes, so there is nothing to put back." }
        } @else {
            (by_hand(&blocks))
        }
    }
}

fn by_hand(blocks: &[Block<'_>]) -> Markup {
    let kept = |block: &Block<'_>| {
        let negative = block.zone.negative_ttl;
        block.turns.iter().map(|turn| turn.from_ttl.unwrap_or(negative)).max()
    };
    let ttl = blocks.iter().filter_map(kept).max().unwrap_or_default();
    html! {
        h3 { "By hand" }
        p {
            "What stood before, in the order in which to put it back. Do not take the old files from git as they are: "
            "their serials are lower, and secondaries keep what they have."
        }
        p {
            "Going back costs one more wait: caches keep the new answers for up to " strong { (text::duration(ttl)) } "."
        }
        @for block in blocks { (zone(block)) }
    }
}

fn zone(block: &Block<'_>) -> Markup {
    let name = format!("{}, {} view", text::visible(&block.zone.apex), block.zone.view.word());
    let table = html! {
        table {
            caption { (name) }
            thead {
                tr {
                    th scope="col" { "RRset" }
                    th scope="col" { "TTL" }
                    th scope="col" { "Records to put back" }
                }
            }
            tbody {
                @for turn in &block.turns {
                    tr {
                        th scope="row" { (changes::rrset(&turn.change.owner, &turn.change.rtype.to_string())) }
                        td { (turn.to_ttl.map_or_else(|| String::from("none"), |ttl| ttl.to_string())) }
                        td.cell {
                            @if turn.goes() { "none: remove the RRset" }
                            @for record in turn.to { code { (text::visible(&record.rdata)) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        p { "Zone " strong { (name) } ": set the serial above " strong { (block.zone.serial.1) } "." }
        (scrolling(&format!("Records of {name} before the plan"), table))
    }
}
