//! A plan as scripts for `nsupdate`: one dynamic update of each zone (RFC 2136).
//!
//! An update is carried out whole or not at all, and DNS UPDATE reports success for much that it
//! ignores: a deletion of what is not there, an address beside a CNAME record, an alias beside addresses. So every RRset that
//! changes is a prerequisite first, with all of its records: a true compare and swap. TTLs cannot be
//! compared so (RFC 2136 section 2.4.2).

use super::script::{absolute, comment, questions, rdata, title};
use super::{Block, Script, Turn, Way, blocks};
use crate::plan::Plan;
use crate::zonefile::rtype::Rtype;
use std::fmt::Write as _;

/// What `nsupdate` is told of each zone of a plan, in either way. The server raises the serials. No
/// script names the server: one that knows it writes `server NAME` before `zone`.
pub fn scripts(plan: &Plan, way: Way) -> Vec<Script> {
    blocks(plan, way).iter().map(|block| Script::new(block, script(plan, block, way))).collect()
}

/// The types of which a new RRset must find none: its own; the alias beside which it would be ignored; and
/// for an alias what it would be ignored beside, except for what the update takes away before.
fn absent(block: &Block<'_>, turn: &Turn<'_>) -> Vec<Rtype> {
    let beside: &[Rtype] = match turn.change.rtype {
        Rtype::CNAME => &[Rtype::A, Rtype::AAAA, Rtype::MX, Rtype::TXT, Rtype::SRV],
        _ => &[Rtype::CNAME],
    };
    let planned = |rtype: &&Rtype| {
        let same = |other: &&Turn<'_>| other.change.owner == turn.change.owner;
        block.turns.iter().filter(same).any(|other| other.change.rtype == **rtype)
    };
    std::iter::once(turn.change.rtype).chain(beside.iter().filter(|rtype| !planned(rtype)).copied()).collect()
}

/// An empty line would send the message, so there is none.
fn script(plan: &Plan, block: &Block<'_>, way: Way) -> String {
    let mut text = comment(';', [title(plan, block, way).as_str()]);
    text.push_str(&comment(';', HEAD));
    text.push_str(&comment(';', if refuses_again(block) { REFUSED_AGAIN } else { SAME_AGAIN }));
    let _ = writeln!(text, "zone {}", absolute(&block.zone.apex));
    for turn in &block.turns {
        let (owner, rtype) = (absolute(&turn.change.owner), turn.change.rtype);
        for data in rdata(turn.from) {
            let _ = writeln!(text, "prereq yxrrset {owner} IN {rtype} {data}");
        }
        if turn.from.is_empty() {
            for absent in absent(block, turn) {
                let _ = writeln!(text, "prereq nxrrset {owner} IN {absent}");
            }
        }
    }
    for turn in &block.turns {
        let (owner, rtype) = (absolute(&turn.change.owner), turn.change.rtype);
        if !turn.from.is_empty() {
            let _ = writeln!(text, "update delete {owner} IN {rtype}");
        }
        for data in rdata(turn.to) {
            let _ = writeln!(text, "update add {owner} {} IN {rtype} {data}", turn.wanted_ttl());
        }
    }
    text.push_str("show\nsend\nanswer\n");
    text + &comment(';', questions(block).iter().map(String::as_str))
}

const HEAD: [&str; 5] = [
    "Run it with `nsupdate -k KEYFILE FILE`. It goes to the primary that the SOA record names; where",
    "that is not the right one, or another view answers there, write the server's address here:",
    "server ADDRESS",
    "The update is one message: all of it or nothing. Where a record is not as the prerequisites say,",
    "the server refuses with NXRRSET or YXRRSET, nsupdate exits with 2, and nothing has changed.",
];
const REFUSED_AGAIN: [&str; 2] = [
    "So a second run is refused. TTLs are not compared, because they cannot be prerequisites. The",
    "server raises the serial.",
];
const SAME_AGAIN: [&str; 2] = [
    "Only TTLs change, which cannot be prerequisites: a second run is taken, and changes nothing.",
    "The server raises the serial.",
];

/// Whether the prerequisites cannot hold any more once the update was carried out.
fn refuses_again(block: &Block<'_>) -> bool {
    !block.turns.iter().all(Turn::changes_ttl_only)
}
