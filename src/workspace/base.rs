//! How zones were before: what a change is told from.

use super::{Loaded, LoadedZone};
use crate::config::View;
use crate::lint::RemovedZone;
use crate::zone::Zone;
use std::collections::HashMap;

/// The zones of a run as they were before.
pub struct Base {
    /// By the index of the zone in [`Loaded::zones`].
    zones: Vec<Was>,
    removed: Vec<LoadedZone>,
}

/// What there was of a zone before.
#[derive(Clone, Copy)]
pub enum Before<'b> {
    /// Nothing: the zone is new.
    Nothing,
    /// The zone, of the same octets.
    Same,
    /// The zone, of other octets or in other files. Its places lie in sources of its own.
    Zone(&'b LoadedZone),
}

enum Was {
    Nothing,
    Same,
    Zone(Box<LoadedZone>),
}

impl Base {
    /// Zones that were read from elsewhere are what the zones of `after` were before: those of the
    /// same origin and view.
    pub fn between(before: Loaded, after: &Loaded) -> Self {
        let mut zones: HashMap<(Vec<u8>, View), LoadedZone> =
            before.zones.into_iter().map(|zone| (identity(&zone), zone)).collect();
        let was = |zone: &LoadedZone| match zones.remove(&identity(zone)) {
            Some(before) => Was::Zone(Box::new(before)),
            None => Was::Nothing,
        };
        let was = after.zones.iter().map(was).collect();
        Self { zones: was, removed: sorted(zones.into_values().collect()) }
    }

    /// What there was before of the zone with this index in [`Loaded::zones`].
    pub fn before(&self, index: usize) -> Before<'_> {
        match self.zones.get(index) {
            Some(Was::Same) => Before::Same,
            Some(Was::Zone(zone)) => Before::Zone(zone),
            Some(Was::Nothing) | None => Before::Nothing,
        }
    }

    /// The zone with this index in [`Loaded::zones`] as it was; none when it is new, and when its
    /// octets are the same.
    pub fn zone_of(&self, index: usize) -> Option<&Zone> {
        self.read(index).map(|before| &before.zone)
    }

    /// The zones that were there before and are not there now, by origin and view.
    pub fn removed(&self) -> Vec<RemovedZone<'_>> {
        self.removed.iter().map(|zone| RemovedZone { zone: &zone.zone, view: zone.view }).collect()
    }

    pub(super) fn read(&self, index: usize) -> Option<&LoadedZone> {
        match self.before(index) {
            Before::Zone(zone) => Some(zone),
            Before::Same | Before::Nothing => None,
        }
    }
}

/// What makes it the same zone, in whatever file it stands.
fn identity(zone: &LoadedZone) -> (Vec<u8>, View) {
    (zone.zone.apex().as_bytes().to_vec(), zone.view)
}

fn sorted(mut zones: Vec<LoadedZone>) -> Vec<LoadedZone> {
    zones.sort_by_cached_key(identity);
    zones
}
