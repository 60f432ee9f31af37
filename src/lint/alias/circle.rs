//! Aliases that lead in a circle.

use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{Lookup, Record, TypeSet, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

/// A CNAME and the owner of the CNAME that its target leads to.
struct Step {
    record: Record,
    next: Option<Vec<u8>>,
    /// The walk that came by first, counted from 1.
    walk: usize,
}

/// `cname-loop`: each circle once, at the member that stands first in the zone.
pub(super) fn find(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::CNAME) {
        return;
    }
    let mut steps = BTreeMap::new();
    for record in zone.weak_targets(TypeSet::of(Rtype::CNAME)) {
        let next = record.target().and_then(|target| next(zone, &target.name));
        steps.entry(record.key.clone()).or_insert(Step { record, next, walk: 0 });
    }
    let starts: Vec<Vec<u8>> = steps.keys().cloned().collect();
    for (walk, start) in starts.into_iter().enumerate() {
        if let Some(entry) = walk_from(&mut steps, start, walk + 1) {
            report(context, &steps, entry, out);
        }
    }
}

/// The owner of the CNAME that answers for a name.
fn next(zone: &Zone, key: &[u8]) -> Option<Vec<u8>> {
    let rewritten;
    let mut found = zone.lookup(key);
    if let Lookup::BelowDname(dname) = found {
        let owner = zone.key_of(dname);
        let record = zone.read_rrset(owner, Rtype::DNAME).into_iter().next()?;
        let target = record.target().filter(|target| target.in_zone)?;
        let head = key.strip_suffix(owner)?;
        let head = head.strip_suffix(b".").unwrap_or(head);
        let tail = if target.name.is_empty() { Vec::new() } else { [b".", &*target.name].concat() };
        rewritten = [head, &*tail].concat();
        found = zone.lookup(&rewritten);
    }
    match found {
        Lookup::Found(name) | Lookup::Wildcard(name) if zone.types_of(name).has(Rtype::CNAME) => {
            Some(zone.key_of(name).to_vec())
        }
        _ => None,
    }
}

/// Marks what a walk passes; where it enters a circle that no walk has seen, if it does.
fn walk_from(steps: &mut BTreeMap<Vec<u8>, Step>, start: Vec<u8>, walk: usize) -> Option<Vec<u8>> {
    let mut at = start;
    loop {
        let step = steps.get_mut(&at)?;
        if step.walk != 0 {
            return (step.walk == walk).then_some(at);
        }
        step.walk = walk;
        at = step.next.clone()?;
    }
}

fn report(context: &ZoneContext<'_>, steps: &BTreeMap<Vec<u8>, Step>, entry: Vec<u8>, out: Out<'_>) {
    let mut members = Vec::new();
    let mut at = &entry;
    while let Some(step) = steps.get(at) {
        members.push(&step.record);
        match &step.next {
            Some(next) if *next != entry => at = next,
            _ => break,
        }
    }
    let Some(first) = members.iter().enumerate().min_by_key(|(_, record)| record.place).map(|(at, _)| at)
    else {
        return;
    };
    members.rotate_left(first);
    let Some((record, others)) = members.split_first() else { return };
    let Some(target) = record.target() else { return };
    if others.is_empty() && target.name == record.key {
        return;
    }
    let mut names: Vec<String> = members.iter().map(|record| format!("`{}`", record.owner)).collect();
    names.push(format!("`{}`", record.owner));
    let message = format!("aliases lead in a circle: {}", names.join(" -> "));
    let mut finding = context
        .about("cname-loop", record, target.span, message)
        .help("point one of them at a name with addresses");
    for other in others {
        finding = finding.related(other.rdata_span(), format!("and `{}` leads here", other.owner));
    }
    out.push(finding);
}
