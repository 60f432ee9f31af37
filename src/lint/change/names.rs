//! Names that are gone, and still stand in other records.

use super::facts::{Family, finding, had};
use crate::config::View;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Workspace, ZoneContext};
use crate::threads;
use crate::zone::{Lookup, Record, Target, TypeSet, Zone};
use crate::zonefile::rdata::NameRole;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

const RULE: &str = "removed-name-still-referenced";

/// Types whose records lead to a name that should exist.
const REFERRING: [Rtype; 14] = [
    Rtype::CNAME,
    Rtype::MX,
    Rtype::NS,
    Rtype::SRV,
    Rtype::PTR,
    Rtype::NAPTR,
    Rtype::SVCB,
    Rtype::HTTPS,
    Rtype::AFSDB,
    Rtype::KX,
    Rtype::RT,
    Rtype::PX,
    Rtype::LP,
    Rtype::HIP,
];

/// Places that a finding names of those that refer to one name.
const PLACES: usize = 8;

/// A name that was answered and is not any more.
struct Lost<'w, 'z> {
    /// The zone that it is gone from; none when the zone itself is gone.
    from: Option<&'w ZoneContext<'z>>,
    /// What it had.
    had: String,
}

/// A record that leads to a lost name.
struct Reference<'w, 'z> {
    record: Record,
    target: Target,
    lost: Lost<'w, 'z>,
}

/// Whether a server of the zone, or of one that it delegates to, answers for a name.
fn is_answered(zone: &Zone, key: &[u8]) -> bool {
    !matches!(zone.lookup(key), Lookup::Missing | Lookup::EmptyNonTerminal)
}

/// What stood at a name in a zone as it was.
fn had_before(zone: &Zone, key: &[u8]) -> Option<String> {
    match zone.lookup(key) {
        Lookup::Found(name) | Lookup::Wildcard(name) => had(zone, zone.key_of(name)),
        _ => None,
    }
}

/// Tells which names are lost.
struct Losses<'w, 'z> {
    family: Family<'w, 'z>,
    workspace: &'w Workspace<'z>,
}

impl<'w, 'z> Losses<'w, 'z> {
    /// None when no name is.
    fn of(workspace: &'w Workspace<'z>) -> Option<Self> {
        let loses = |context: &ZoneContext<'_>| {
            context.change.as_ref().is_some_and(|change| {
                change.rrsets.iter().any(|rrset| rrset.is_gone() && change.after.find(&rrset.key).is_none())
            })
        };
        let any = !workspace.removed.is_empty() || workspace.zones.iter().any(loses);
        any.then(|| Self { family: Family::of(workspace.zones), workspace })
    }

    /// Whether an absolute name in canonical text is lost. Those inside see the zones outside, but
    /// where zones of their own take their place.
    fn lost(&self, view: View, name: &[u8]) -> Option<Lost<'w, 'z>> {
        let is_inside = !self.family.holders(view, name).is_empty()
            || self.workspace.removed.iter().any(|zone| zone.view == view && zone.zone.key(name).is_some());
        let view = if is_inside { view } else { View::External };
        let holders = self.family.holders(view, name);
        let answers = |holder: &&ZoneContext<'_>| {
            holder.partial || holder.zone.key(name).is_none_or(|key| is_answered(holder.zone, key))
        };
        if holders.iter().any(answers) {
            return None;
        }
        let changed =
            holders.iter().filter_map(|holder| Some((Some(*holder), holder.change.as_ref()?.before)));
        let removed = self.workspace.removed.iter().filter(|zone| zone.view == view);
        let before = changed.chain(removed.map(|removed| (None, removed.zone)));
        let (from, zone, key) = before
            .filter_map(|(from, zone)| Some((from, zone, zone.key(name)?)))
            .max_by_key(|(_, zone, _)| zone.apex().as_bytes().len())?;
        Some(Lost { from, had: had_before(zone, key)? })
    }

    /// The records of a zone that lead to lost names.
    fn references(&self, context: &ZoneContext<'_>) -> Vec<Reference<'w, 'z>> {
        let zone = context.zone;
        let referring = TypeSet::all(&REFERRING);
        let of_part = |part: usize| {
            let mut found = Vec::new();
            for name in zone.names_of(part).filter(|name| referring.meets(zone.types_of(*name))) {
                let key = zone.key_of(name);
                let records = zone.records(name).filter(|rec| REFERRING.contains(&rec.rtype));
                for record in records.filter_map(|rec| zone.record(key, rec)) {
                    found.extend(self.reference(context, record));
                }
            }
            found
        };
        let parts = if zone.types().meets(referring) { zone.partitions() } else { 0 };
        let mut found: Vec<_> = threads::map(zone.threads(), parts, of_part).into_iter().flatten().collect();
        found.sort_by_key(|reference| reference.record.place);
        found
    }

    fn reference(&self, context: &ZoneContext<'_>, record: Record) -> Option<Reference<'w, 'z>> {
        let leads = |target: &&Target| target.role == NameRole::Target && target.absolute != ".";
        let (target, lost) = record.targets.iter().filter(leads).find_map(|target| {
            let name = match target.in_zone {
                true => context.zone.apex().join(&target.name),
                false => target.name.clone(),
            };
            Some((target.clone(), self.lost(context.view, &name)?))
        })?;
        Some(Reference { record, target, lost })
    }
}

fn still_referenced(workspace: &Workspace<'_>, out: Out<'_>) {
    let Some(losses) = Losses::of(workspace) else { return };
    // By the zone that lost the name, which may be the only one that is reported on.
    let mut from_others: BTreeMap<(usize, String), Vec<Reference<'_, '_>>> = BTreeMap::new();
    for context in workspace.zones {
        for reference in losses.references(context) {
            let other = reference.lost.from.filter(|from| !std::ptr::eq(*from, context));
            let place =
                other.and_then(|other| workspace.zones.iter().position(|zone| std::ptr::eq(zone, other)));
            if let Some(place) = place {
                let name = reference.target.absolute.clone();
                from_others.entry((place, name)).or_default().push(reference);
                continue;
            }
            let Reference { record, target, lost } = reference;
            let message = format!(
                "`{}` {}: `{}` is removed; it had {}",
                record.owner, record.rtype, target.absolute, lost.had
            );
            let help = "remove this record or let it name another host, else put the name back";
            out.push(context.about(RULE, &record, target.span, message).help(help));
        }
    }
    for ((place, name), references) in from_others {
        let (Some(context), Some(first)) = (workspace.zones.get(place), references.first()) else { continue };
        let others = match references.len() {
            1 => String::from("still names it"),
            2 => String::from("and another record still name it"),
            count => format!("and {} other records still name it", count - 1),
        };
        let message = format!(
            "`{name}` is removed, but `{}` {} {others}; it had {}",
            first.record.owner, first.record.rtype, first.lost.had
        );
        let key = context.zone.key(name.as_bytes()).unwrap_or_default();
        let mut finding = finding(context, RULE, (key, Rtype::ANY), None, message);
        finding.rtype = None;
        for reference in references.iter().take(PLACES) {
            finding = finding.related(reference.target.span, "named here");
        }
        out.push(finding.help("put the name back, or change what names it first"));
    }
}

/// The rules about names that are gone.
pub(in crate::lint) static RULES: &[Rule] = &[rule!(
    Change,
    ".",
    "removed-name-still-referenced",
    Error,
    No,
    "RFC 1912 2.4",
    Check::Workspace(still_referenced),
    "a name that is removed, and that other records still lead to"
)];
