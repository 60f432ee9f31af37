//! Where RRsets belong: the zones that hold or delegate a name.

use super::wanted::WantedRrset;
use crate::config::View;
use crate::lint::ZoneContext;

/// An RRset of one zone that should stand.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Place among the zones.
    pub(super) zone: usize,
    pub(super) wanted: WantedRrset,
}

/// The zone of a view that a name lies in: the one with the longest apex.
pub(super) fn holder(contexts: &[ZoneContext<'_>], view: View, name: &str) -> Option<usize> {
    contexts
        .iter()
        .enumerate()
        .filter(|(_, context)| context.view == view)
        .filter(|(_, context)| {
            context.zone.key(name.as_bytes()).is_some_and(|key| context.zone.cut_above(key).is_none())
        })
        .max_by_key(|(_, context)| context.zone.apex().as_bytes().len())
        .map(|(place, _)| place)
}

/// The external zone that delegates a name away.
pub(super) fn delegating(contexts: &[ZoneContext<'_>], name: &str) -> Option<String> {
    let above = |context: &&ZoneContext<'_>| {
        context.view == View::External && context.zone.key(name.as_bytes()).is_some()
    };
    let zones = contexts.iter().filter(above).map(|context| context.zone.apex());
    zones.max_by_key(|apex| apex.as_bytes().len()).map(ToString::to_string)
}

/// Whether the owner has records of the type at all.
pub(super) fn has_records(context: &ZoneContext<'_>, rrset: &WantedRrset) -> bool {
    let Some(key) = context.zone.key(rrset.owner().as_bytes()) else { return false };
    rrset.types().iter().any(|rtype| !context.zone.rrset(key, *rtype).is_empty())
}
