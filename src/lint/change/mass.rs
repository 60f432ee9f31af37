//! Changes of a large part of a zone.

use super::facts::{Family, OF_SIGNERS, finding, shortened};
use crate::change::{RrsetChange, ZoneChange};
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Workspace, ZoneContext};
use crate::zonefile::rtype::Rtype;

/// Fewer RRsets than this are no mass, whatever part of the zone they are.
const FEWEST: usize = 5;

/// The RRsets of a zone that are gone, and those that have other data.
#[derive(Default)]
struct Share<'c> {
    gone: Vec<&'c RrsetChange>,
    changed: Vec<&'c RrsetChange>,
}

impl<'c> Share<'c> {
    fn of(context: &ZoneContext<'_>, change: &'c ZoneChange<'_>, family: &Family<'_, '_>) -> Self {
        let mut share = Self::default();
        for rrset in change.rrsets.iter().filter(|rrset| is_counted(rrset.rtype)) {
            if rrset.is_gone() {
                if is_replaced(change, &rrset.key) {
                    share.changed.push(rrset);
                } else if !stands_elsewhere(context, family, rrset) {
                    share.gone.push(rrset);
                }
            } else if !rrset.is_new() && rrset.has_other_data() {
                share.changed.push(rrset);
            }
        }
        share
    }
}

/// Whether an RRset is one that people write: neither the SOA record nor what signers make.
fn is_counted(rtype: Rtype) -> bool {
    rtype != Rtype::SOA && !OF_SIGNERS.contains(&rtype)
}

/// Whether the owner has records of a type that it had not: an alias in place of addresses.
fn is_replaced(change: &ZoneChange<'_>, key: &[u8]) -> bool {
    let from = change.rrsets.partition_point(|rrset| *rrset.key < *key);
    let mut of_owner = change.rrsets.iter().skip(from).take_while(|rrset| rrset.key == key);
    of_owner.any(|rrset| rrset.is_new() && is_counted(rrset.rtype))
}

/// Whether another zone has the RRset now: a part of the zone that became a zone of its own.
fn stands_elsewhere(context: &ZoneContext<'_>, family: &Family<'_, '_>, rrset: &RrsetChange) -> bool {
    let name = context.zone.apex().join(&rrset.key);
    family.holders(context.view, &name).iter().any(|holder| {
        let key = holder.zone.key(&name).filter(|_| !std::ptr::eq(holder.zone, context.zone));
        key.is_some_and(|key| !holder.zone.rrset(key, rrset.rtype).is_empty())
    })
}

/// How many RRsets a zone had.
fn rrsets_before(change: &ZoneChange<'_>) -> usize {
    let zone = change.before;
    let mut types = Vec::new();
    let mut count = 0;
    for name in zone.names() {
        types.clear();
        types.extend(zone.records(name).map(|rec| rec.rtype).filter(|rtype| is_counted(*rtype)));
        types.sort_unstable();
        types.dedup();
        count += types.len();
    }
    count
}

/// Of how many RRsets so many are, when that is over the limit; whole percent, rounded down.
fn excess(
    context: &ZoneContext<'_>,
    change: &ZoneChange<'_>,
    count: usize,
    limit: u16,
) -> Option<(usize, usize)> {
    let (limit, least) = (usize::from(limit), usize::from(context.limits.mass_minimum));
    if count < FEWEST || count * 100 <= limit * least {
        return None;
    }
    let before = rrsets_before(change);
    (before >= least && count * 100 > limit * before).then(|| (before, count * 100 / before.max(1)))
}

fn deletion(workspace: &Workspace<'_>, out: Out<'_>) {
    let family = Family::of(workspace.zones);
    for context in workspace.zones.iter().filter(|context| !context.partial) {
        let Some(change) = &context.change else { continue };
        let limit = context.limits.mass_deletion_percent;
        let gone = Share::of(context, change, &family).gone;
        let Some((before, percent)) = excess(context, change, gone.len(), limit) else { continue };
        let apex = context.zone.apex();
        let message = format!(
            "{} of {before} RRsets of zone `{apex}` are removed, {percent} % where {limit} % is the limit: {}",
            gone.len(),
            named(context, &gone)
        );
        out.push(
            finding(context, "mass-deletion", (b"", Rtype::SOA), None, message)
                .help("if all of it is meant, ignore `mass-deletion` for this run"),
        );
    }
}

fn change(workspace: &Workspace<'_>, out: Out<'_>) {
    let family = Family::of(workspace.zones);
    for context in workspace.zones.iter().filter(|context| !context.partial) {
        let Some(change) = &context.change else { continue };
        let limit = context.limits.mass_change_percent;
        let changed = Share::of(context, change, &family).changed;
        let Some((before, percent)) = excess(context, change, changed.len(), limit) else { continue };
        let apex = context.zone.apex();
        let message = format!(
            "{} of {before} RRsets of zone `{apex}` have other data, {percent} % where {limit} % is the limit: {}",
            changed.len(),
            named(context, &changed)
        );
        out.push(finding(context, "mass-change", (b"", Rtype::SOA), None, message));
    }
}

fn named(context: &ZoneContext<'_>, rrsets: &[&RrsetChange]) -> String {
    let name = |rrset: &&RrsetChange| format!("`{}` {}", context.zone.absolute(&rrset.key), rrset.rtype);
    shortened(rrsets.iter().map(name).collect())
}

/// The rules about changes of a large part of a zone.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "mass-change",
        Warning,
        No,
        "octoDNS UnsafePlan",
        Check::Workspace(change),
        "a large part of the zone has other data"
    ),
    rule!(
        Change,
        ".",
        "mass-deletion",
        Error,
        No,
        "octoDNS UnsafePlan",
        Check::Workspace(deletion),
        "a large part of the zone is removed"
    ),
];
