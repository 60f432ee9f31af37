//! What text and Markdown say alike.

use super::{Churn, Report, soa};
use crate::comparison::{Fragment, ZoneDiff};
use crate::config::View;
use crate::edge::Deployment;
use crate::edge::coverage::{CoverageChange, Nowhere, Published, Reach, RowChange};
use crate::edit::serial;
use crate::report::matrix;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

/// So many zones are named that include a file.
const MOST_INCLUDERS: usize = 12;

/// ` (internal)`, where views have to be told apart.
pub(super) fn view(report: &Report<'_>, view: View) -> String {
    if report.has_views() { format!(" ({})", view.word()) } else { String::new() }
}

/// What happened to a zone: `serial 1 -> 2`.
pub(super) fn fate(zone: &ZoneDiff<'_>) -> String {
    let is_partial = [zone.before, zone.after].into_iter().flatten().any(|side| side.partial);
    let partial = if is_partial { ", not read in full" } else { "" };
    format!("{}{partial}", what(zone))
}

fn what(zone: &ZoneDiff<'_>) -> String {
    let records = |count: u64| format!("{count} record{}", if count == 1 { "" } else { "s" });
    match (&zone.before, &zone.after) {
        (None, Some(side)) => return format!("new zone, {}", records(side.zone.record_count())),
        (Some(side), None) => return format!("zone removed, {}", records(side.zone.record_count())),
        _ if zone.is_layout_only() => return String::from("same records, layout only"),
        _ => {}
    }
    let is_alone = zone.rrsets.iter().all(|rrset| soa::is_serial_only(zone, rrset));
    let serial = serial_words(zone.serials());
    if is_alone { format!("{serial}, nothing else") } else { serial }
}

fn serial_words(serials: (Option<u32>, Option<u32>)) -> String {
    match serials {
        (Some(before), Some(after)) if before == after => format!("serial {after} not raised"),
        (Some(before), Some(after)) if serial::newer(after, before) => format!("serial {before} -> {after}"),
        (Some(before), Some(after)) => format!("serial {before} -> {after} goes back"),
        (None, Some(after)) => format!("serial {after}, no SOA record before"),
        (Some(_), None) => String::from("the SOA record is gone"),
        (None, None) => String::from("no SOA record"),
    }
}

/// `RRSIG: 120 added, 118 removed; NSEC: 1 added`.
pub(super) fn churn(churn: &BTreeMap<Rtype, Churn>) -> String {
    let of_type = |(rtype, churn): (&Rtype, &Churn)| {
        let parts = [(churn.added, "added"), (churn.removed, "removed"), (churn.ttl, "with another TTL")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        format!("{rtype}: {}", parts.join(", "))
    };
    churn.iter().map(of_type).collect::<Vec<_>>().join("; ")
}

/// The zones that include a file.
pub(super) fn includers(report: &Report<'_>, fragment: &Fragment) -> Vec<String> {
    let named = fragment.zones.iter().take(MOST_INCLUDERS);
    let mut names: Vec<String> =
        named.map(|(apex, view)| format!("{apex}{}", self::view(report, *view))).collect();
    if let Some(more @ 1..) = fragment.zones.len().checked_sub(MOST_INCLUDERS) {
        names.push(format!("{more} more zones"));
    }
    names
}

/// Who answers at a target: `edge1`.
pub(super) fn reach(deployment: &Deployment, published: &Published) -> String {
    match &published.reach {
        Reach::Pools(pools) => {
            let names = pools.iter().map(|pool| deployment.pool(*pool).name.value.as_str());
            names.collect::<Vec<_>>().join(" and ")
        }
        Reach::Foreign | Reach::Unknown => published.target.clone(),
        Reach::Nowhere(why) => format!("nobody [{}]", nowhere(*why)),
    }
}

fn nowhere(why: Nowhere) -> &'static str {
    match why {
        Nowhere::Null => "target `.`",
        Nowhere::NoFinalDot => "no final dot",
        Nowhere::NoAddress => "no address",
        Nowhere::OutsideSipDomain => "outside the SIP domain",
        Nowhere::WrongPort => "wrong port",
        Nowhere::NotOffered => "the pool does not offer it",
    }
}

/// Records in the order they are tried: `10 edge1, 20 edge2`.
pub(super) fn order(deployment: &Deployment, records: &[Published]) -> String {
    let tried = records.chunk_by(|one, other| one.priority == other.priority).map(|records| {
        let mut names: Vec<String> = Vec::new();
        for name in records.iter().map(|record| reach(deployment, record)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let priority = records.first().map_or(0, |record| record.priority);
        format!("{priority} {}", names.join(" or "))
    });
    let tried: Vec<String> = tried.collect();
    if tried.is_empty() { String::from("no record") } else { tried.join(", ") }
}

/// What a change of the coverage is said to be: the order before and after, where it differs, and what
/// is wrong now or not wrong any more.
pub(super) struct RowWords {
    /// `10 edge1, 20 edge2` before and after.
    pub(super) order: Option<(String, String)>,
    /// `now wrong` and `edge1: target ... has no address`.
    pub(super) notes: Vec<(&'static str, String)>,
}

pub(super) fn row(edge: &CoverageChange<'_>, change: &RowChange<'_>) -> RowWords {
    let deployment = edge.deployment;
    let (before, after) = (order(deployment, change.before), order(deployment, change.after));
    let mut notes = Vec::new();
    for cell in &change.broken {
        let pool = &deployment.pool(cell.pool).name.value;
        let faults =
            cell.states.iter().filter_map(|state| matrix::fault(deployment, change.row, cell, state));
        notes.extend(faults.map(|fault| ("now wrong", format!("{pool}: {fault}"))));
    }
    if !change.mended.is_empty() {
        let names = change.mended.iter().map(|pool| deployment.pool(*pool).name.value.as_str());
        notes.push(("as it should be now", names.collect::<Vec<_>>().join(", ")));
    }
    if before == after && notes.is_empty() {
        notes.push(("other records, the same pools in the same order", after));
        return RowWords { order: None, notes };
    }
    RowWords { order: (before != after).then_some((before, after)), notes }
}
