//! A plan as what a server is told: zone by zone, RRset by RRset, in one way or the other.

use crate::plan::{Plan, RecordText, RrsetChange, ZoneChange};
use crate::zonefile::rtype::Rtype;

/// Which way a plan is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// From the zones as they are to those that the plan wants.
    #[default]
    Apply,
    /// Back again.
    Back,
}

/// An RRset and what becomes of it on that way.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'p> {
    /// The change that it is one way of.
    pub change: &'p RrsetChange,
    /// What stands, all of it: empty when the RRset is new.
    pub from: &'p [RecordText],
    /// The TTL in seconds of what stands.
    pub from_ttl: Option<u32>,
    /// What shall stand: empty when the RRset goes.
    pub to: &'p [RecordText],
    /// The TTL in seconds of what shall stand.
    pub to_ttl: Option<u32>,
}

/// A zone and its RRsets that change, in the order that no caller is led to a name without addresses:
/// aliases that go, addresses that come, SRV records, addresses that go, aliases that come. An alias
/// stands alone, so what it replaces goes just before it, and it goes before what replaces it.
#[derive(Clone, Debug)]
pub struct Block<'p> {
    /// The zone.
    pub zone: &'p ZoneChange,
    /// Its RRsets.
    pub turns: Vec<Turn<'p>>,
}

impl RrsetChange {
    /// What becomes of the RRset on a way.
    pub fn turned(&self, way: Way) -> Turn<'_> {
        let before = (self.before.as_slice(), self.ttl_before);
        let after = (self.after.as_slice(), (!self.after.is_empty()).then_some(self.ttl));
        let ((from, from_ttl), (to, to_ttl)) = match way {
            Way::Apply => (before, after),
            Way::Back => (after, before),
        };
        Turn { change: self, from, from_ttl, to, to_ttl }
    }
}

impl Turn<'_> {
    /// Whether it takes a name's records of that type away.
    pub fn goes(&self) -> bool {
        self.to.is_empty()
    }
}

/// What each zone of a plan is told; a zone whose records stay as they are is not among them.
pub fn blocks(plan: &Plan, way: Way) -> Vec<Block<'_>> {
    let of_zone = |zone: &ZoneChange| {
        let here = plan.changes.iter().filter(|change| change.zone == zone.apex && change.view == zone.view);
        let mut turns: Vec<Turn<'_>> = here.map(|change| change.turned(way)).collect();
        turns.sort_by_key(|turn| match turn.change.rtype {
            Rtype::CNAME if turn.goes() => 0,
            Rtype::SRV => 2,
            Rtype::CNAME => 4,
            _ if turn.goes() => 3,
            _ => 1,
        });
        turns
    };
    let blocks = plan.zones.iter().map(|zone| Block { zone, turns: of_zone(zone) });
    blocks.filter(|block| !block.turns.is_empty()).collect()
}
