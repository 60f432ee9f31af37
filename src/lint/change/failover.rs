//! SRV records of Edge pools that move callers to another pool, or back.

use super::facts::plain;
use crate::change::{RrsetChange, ZoneChange};
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Destination, Found, FoundSrv, PoolRef, found};
use crate::edge::{PoolId, State, parked};
use crate::lint::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::srv::{is_edge, is_external, is_null, is_ordered, meant, policy, rewrite_field};
use crate::zone::{Record, Srv};
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};

/// An SRV RRset of an Edge service whose records differ, before and after.
struct Move {
    before: Found,
    after: Found,
}

impl Move {
    /// Those of a zone that outsiders see.
    fn all(context: &ZoneContext<'_>, change: &ZoneChange<'_>) -> Vec<Self> {
        if !is_external(context) {
            return Vec::new();
        }
        let differs = |rrset: &&RrsetChange| {
            rrset.rtype == Rtype::SRV && !rrset.is_new() && !rrset.is_gone() && rrset.has_other_data()
        };
        let read = |rrset: &RrsetChange| {
            let after = context.srv_at(&rrset.key)?.into_owned();
            let before = found(change.before, &rrset.key, &context.others.reached(), context.deployment);
            after.service.is_some().then_some(Self { before, after })
        };
        change.rrsets.iter().filter(differs).filter_map(read).collect()
    }

    fn owner(&self) -> &str {
        &self.after.owner
    }
}

/// The records that callers try first.
fn first(found: &Found) -> Vec<&FoundSrv> {
    let least =
        found.records.iter().filter(|record| !is_null(record)).map(|record| record.srv.priority).min();
    found.records.iter().filter(|record| !is_null(record) && Some(record.srv.priority) == least).collect()
}

fn targets(records: &[&FoundSrv]) -> BTreeSet<String> {
    records.iter().map(|record| record.srv.target.absolute.clone()).collect()
}

/// The data of SRV records as text, ordered: `10 0 443 sip1.example.com`.
fn data<'r>(records: impl IntoIterator<Item = &'r Record>) -> BTreeSet<(u16, String)> {
    let texts = records.into_iter().filter_map(|record| Some((record.srv()?.priority, plain(record)?)));
    texts.collect()
}

fn listed(data: &BTreeSet<(u16, String)>) -> String {
    data.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(", ")
}

fn target_not_live(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    if context.partial {
        return;
    }
    for moved in Move::all(context, change) {
        let (before, after) = (first(&moved.before), first(&moved.after));
        let known = targets(&before);
        for record in after {
            let is_dead = matches!(record.destination, Destination::NoAddress) && !record.misses_dot;
            if !is_dead || known.contains(&record.srv.target.absolute) {
                continue;
            }
            let ttl = before.iter().map(|record| record.record.ttl).min().unwrap_or_default();
            let message = format!(
                "`{}` SRV moves callers to `{}`, which has no A or AAAA record; they came to {}, TTL {ttl}",
                moved.owner(),
                meant(context, record),
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            );
            out.push(
                context
                    .about("failover-target-not-live", &record.record, record.srv.target.span, message)
                    .help("publish its addresses before, or together with, the record that leads to it"),
            );
        }
    }
}

/// The priority of each target; a target with several has none.
fn priorities(found: &Found) -> BTreeMap<&str, u16> {
    let mut priorities = BTreeMap::new();
    let mut several = BTreeSet::new();
    for record in found.records.iter().filter(|record| !is_null(record)) {
        let target = record.srv.target.absolute.as_str();
        if priorities.insert(target, record.srv.priority).is_some_and(|other| other != record.srv.priority) {
            several.insert(target);
        }
    }
    priorities.retain(|target, _| !several.contains(target));
    priorities
}

/// Whether two targets are those of one pool.
fn is_same_pool(one: &FoundSrv, other: &FoundSrv) -> bool {
    let addresses = one.addresses();
    one.srv.target.absolute == other.srv.target.absolute
        || one.pool.is_some() && one.pool == other.pool
        || !addresses.is_empty() && addresses == other.addresses()
}

fn priority_collision(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    for moved in Move::all(context, change) {
        let after = &moved.after;
        let ordered = |service| {
            is_ordered(&policy(context), service)
                && (context.deployment.is_some() || is_edge(context, after, service))
        };
        if !after.service.is_some_and(ordered) {
            continue;
        }
        let was = priorities(&moved.before);
        let told = |record: &FoundSrv| was.get(record.srv.target.absolute.as_str()).copied();
        let mut done = BTreeSet::new();
        for (at, later) in after.records.iter().enumerate() {
            let mut earlier = after.records.iter().take(at);
            let collides = |earlier: &&FoundSrv| {
                earlier.srv.priority == later.srv.priority
                    && !is_same_pool(earlier, later)
                    && matches!((told(earlier), told(later)), (Some(one), Some(other)) if one != other)
            };
            let Some(earlier) = earlier.find(collides).filter(|_| !is_null(later)) else { continue };
            if done.insert(later.srv.priority) {
                collision(context, &moved, (earlier, told(earlier)), (later, told(later)), out);
            }
        }
    }
}

fn collision(
    context: &ZoneContext<'_>,
    moved: &Move,
    (earlier, earlier_was): (&FoundSrv, Option<u16>),
    (later, later_was): (&FoundSrv, Option<u16>),
    out: Out<'_>,
) {
    let (Some(earlier_was), Some(later_was)) = (earlier_was, later_was) else { return };
    let priority = later.srv.priority;
    let message = format!(
        "`{}` SRV leaves `{}` and `{}` at priority {priority}; they had {earlier_was} and {later_was}, TTL {}",
        moved.owner(),
        meant(context, earlier),
        meant(context, later),
        moved.before.records.iter().map(|record| record.record.ttl).min().unwrap_or_default()
    );
    let mut finding = context
        .about("failover-priority-collision", &later.record, later.record.field(0), message)
        .related(earlier.record.field(0), "the same priority");
    // The one that stayed gives way: it takes the number that the other one left.
    let (stays, free) = if earlier_was == priority { (earlier, later_was) } else { (later, earlier_was) };
    let taken = moved.after.records.iter().any(|record| record.srv.priority == free);
    finding = finding.help("give the pool that callers shall leave a higher number");
    let edit = rewrite_field(context, &stays.record, 0, free.to_string());
    if let Some(edit) = edit.filter(|_| !taken && (earlier_was == priority || later_was == priority)) {
        finding = finding
            .help(format!("write {free} for `{}`", meant(context, stays)))
            .fixes(Applicability::Unsafe, vec![edit]);
    }
    out.push(finding);
}

fn failback_not_inverse(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let moves = Move::all(context, change);
    let stood_in = |moved: &Move| {
        moved.before.records.iter().any(|record| parked::stands_in(change.before, &record.record))
    };
    let saved = if moves.iter().any(stood_in) { parked::taken_up(change.before) } else { Vec::new() };
    for moved in moves {
        let still = moved.after.records.iter().any(|record| parked::stands_in(context.zone, &record.record));
        if !stood_in(&moved) {
            not_as_declared(context, &moved, out);
            continue;
        }
        let records: Vec<Record> =
            saved.iter().flat_map(|zone| zone.read_rrset(&moved.after.key, Rtype::SRV)).collect();
        let (wanted, now) = (data(&records), data(moved.after.records.iter().map(|record| &record.record)));
        if still || wanted.is_empty() || wanted == now {
            continue;
        }
        let least = wanted.iter().map(|(priority, _)| *priority).min();
        let home: BTreeSet<String> = records
            .iter()
            .filter_map(Record::srv)
            .filter(|srv| Some(srv.priority) == least)
            .map(|srv| srv.target.absolute)
            .collect();
        let returned = first(&moved.after).iter().any(|record| home.contains(&record.srv.target.absolute));
        let differs = |record: &&FoundSrv| data([&record.record]).is_disjoint(&wanted);
        let place = moved.after.records.iter().find(differs).or(moved.after.records.first());
        let Some(place) = place.filter(|_| returned) else { continue };
        let message = format!(
            "`{}` SRV is back from its failover, but not as it was before: {} instead of {}",
            moved.owner(),
            listed(&now),
            listed(&wanted)
        );
        let finding =
            context.about("failback-not-inverse", &place.record, place.record.rdata_span(), message).help(
                "take up what the failover had set aside: in the revision before, `zonewright plan failback` does",
            );
        out.push(match restored(context, &moved.after, &records) {
            Some(edits) => {
                finding.help(format!("write {}", listed(&wanted))).fixes(Applicability::Unsafe, edits)
            }
            None => finding,
        });
    }
}

/// The edits after which records have the numbers of those that were set aside; none unless the same
/// targets stand once in both.
fn restored(context: &ZoneContext<'_>, now: &Found, wanted: &[Record]) -> Option<Vec<Edit>> {
    let mut wanted: BTreeMap<String, Srv> =
        wanted.iter().filter_map(Record::srv).map(|srv| (srv.target.absolute.clone(), srv)).collect();
    if now.records.len() != wanted.len() {
        return None;
    }
    let mut edits = Vec::new();
    for record in &now.records {
        let right = wanted.remove(&record.srv.target.absolute)?;
        let fields = [
            (record.srv.priority, right.priority),
            (record.srv.weight, right.weight),
            (record.srv.port, right.port),
        ];
        for (index, (_, should)) in fields.into_iter().enumerate().filter(|(_, (is, should))| is != should) {
            edits.push(rewrite_field(context, &record.record, index, should.to_string())?);
        }
    }
    in_one_file(edits)
}

/// The edits in the order of the text, if there are any and all are of one file.
fn in_one_file(mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    edits.sort_by_key(|edit| edit.span);
    let file = edits.first()?.span.file;
    edits.iter().all(|edit| edit.span.file == file).then_some(edits)
}

/// The edits after which declared pools are tried in an order, with the priorities that they have now;
/// none unless they are the same pools.
fn reordered(context: &ZoneContext<'_>, now: &Found, home: &[PoolId]) -> Option<Vec<Edit>> {
    let records = || now.records.iter().filter(|record| !is_null(record));
    let priorities: BTreeSet<u16> = records().map(|record| record.srv.priority).collect();
    let pools: BTreeSet<PoolId> = order(now)?.into_iter().collect();
    if priorities.len() != home.len() || pools != home.iter().copied().collect() {
        return None;
    }
    let mut edits = Vec::new();
    for record in records() {
        let Some(PoolRef::Declared(pool)) = record.pool else { return None };
        let place = home.iter().position(|other| *other == pool)?;
        let priority = *priorities.iter().nth(place)?;
        if priority != record.srv.priority {
            edits.push(rewrite_field(context, &record.record, 0, priority.to_string())?);
        }
    }
    in_one_file(edits)
}

/// The declared pools in the order in which callers try them; none when it is not known of each record,
/// or when two share a priority.
fn order(found: &Found) -> Option<Vec<PoolId>> {
    let mut pools: BTreeMap<u16, PoolId> = BTreeMap::new();
    for record in found.records.iter().filter(|record| !is_null(record)) {
        let Some(PoolRef::Declared(pool)) = record.pool else { return None };
        if pools.insert(record.srv.priority, pool).is_some_and(|other| other != pool) {
            return None;
        }
    }
    Some(pools.into_values().collect())
}

/// A failback without records set aside: the declared pool comes first again, and the others do not stand
/// in the declared order, or are not all there.
fn not_as_declared(context: &ZoneContext<'_>, moved: &Move, out: Out<'_>) {
    let Some(deployment) = context.deployment.filter(|deployment| !deployment.pools().is_empty()) else {
        return;
    };
    let Some(service) = moved.after.service.filter(|service| is_ordered(deployment.policy(), *service))
    else {
        return;
    };
    let (Some(before), Some(after)) = (order(&moved.before), order(&moved.after)) else { return };
    let mut home = State::steady().order(deployment, service);
    home.retain(|pool| before.contains(pool) || after.contains(pool));
    let (was_away, is_back) = (before.first() != home.first(), after.first() == home.first());
    let Some(place) = moved.after.records.iter().find(|record| !is_null(record)) else { return };
    if !was_away || !is_back || after == home {
        return;
    }
    let named = |pools: &[PoolId]| {
        let names = pools.iter().map(|pool| format!("`{}`", deployment.pool(*pool).name.value));
        names.collect::<Vec<_>>().join(", ")
    };
    let message = format!(
        "`{}` SRV is back from its failover and tries {}, but zonewright.toml declares the order {}; it tried {}",
        moved.owner(),
        named(&after),
        named(&home),
        named(&before)
    );
    let finding = context
        .about("failback-not-inverse", &place.record, place.record.rdata_span(), message)
        .help("`zonewright plan failback` writes the declared order");
    out.push(match reordered(context, &moved.after, &home) {
        Some(edits) => finding.help("swap the priorities of the others").fixes(Applicability::Unsafe, edits),
        None => finding,
    });
}

/// The rules about failover and failback.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "failback-not-inverse",
        Error,
        Unsafe,
        "Lync Server 2013: failing back an Edge pool",
        Check::Change(failback_not_inverse),
        "a failback that does not restore what was there before the failover"
    ),
    rule!(
        Change,
        ".",
        "failover-priority-collision",
        Error,
        Unsafe,
        "RFC 2782, Priority",
        Check::Change(priority_collision),
        "a change of priorities after which two Edge pools share one"
    ),
    rule!(
        Change,
        ".",
        "failover-target-not-live",
        Error,
        No,
        "RFC 2782, Target",
        Check::Change(target_not_live),
        "a change that moves callers to a target without addresses"
    ),
];
