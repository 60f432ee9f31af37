//! What differs between two readings of the zones: for reviewers ([`human`]), for a comment on a change
//! ([`markdown`]) and for programs ([`json`]).

mod figures;
mod json;
mod line;
mod lines;
mod markdown;
mod soa;
mod srv;
mod text;
mod words;

pub use figures::Figures;
pub use json::json;
pub use markdown::markdown;
pub use text::human;

use crate::change::{RrsetChange, is_signing_data};
use crate::comparison::{Comparison, ZoneDiff};
use crate::config::View;
use crate::edge::coverage::CoverageChange;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

/// So many RRsets of a zone with the same change of their TTL are told in one line.
const MANY: usize = 8;

/// What is told of a comparison.
#[derive(Clone, Copy)]
pub struct Report<'c> {
    /// What differs.
    pub comparison: &'c Comparison<'c>,
    /// What it means for the declared Edge pools.
    pub edge: Option<&'c CoverageChange<'c>>,
    /// Whether the records that signers make are listed, and not only counted.
    pub dnssec: bool,
}

/// What stands together in the list of a zone.
enum Block<'c> {
    /// One RRset.
    Rrset(&'c RrsetChange),
    /// RRsets of which nothing but the TTL differs, and that in the same way.
    Ttls(Vec<&'c RrsetChange>, (u32, u32)),
}

impl Block<'_> {
    /// How many RRsets it tells of.
    fn rrsets(&self) -> usize {
        match self {
            Self::Rrset(_) => 1,
            Self::Ttls(rrsets, _) => rrsets.len(),
        }
    }
}

/// How many records of one type that signers make came, went and have another TTL.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Churn {
    added: usize,
    removed: usize,
    ttl: usize,
}

impl<'c> Report<'c> {
    /// Whether views have to be told apart.
    fn has_views(&self) -> bool {
        self.comparison.zones.iter().any(|zone| zone.view != View::External)
    }

    /// Whether an RRset is listed: signing data may be counted only.
    fn lists(&self, rrset: &RrsetChange) -> bool {
        self.dnssec || !is_signing_data(rrset.rtype)
    }

    /// What is listed of a zone, in order.
    fn blocks(&self, zone: &'c ZoneDiff<'c>) -> Vec<Block<'c>> {
        let listed = || {
            let wanted = zone.rrsets.iter().filter(|rrset| self.lists(rrset));
            wanted.filter(|rrset| !soa::is_serial_only(zone, rrset))
        };
        let mut alike: BTreeMap<(u32, u32), Vec<&RrsetChange>> = BTreeMap::new();
        for rrset in listed() {
            if let Some(ttls) = rrset.ttl_change().filter(|_| rrset.rtype != Rtype::SOA) {
                alike.entry(ttls).or_default().push(rrset);
            }
        }
        alike.retain(|_, rrsets| rrsets.len() >= MANY);
        let told_alone = |rrset: &&RrsetChange| {
            rrset.rtype == Rtype::SOA || rrset.ttl_change().is_none_or(|ttls| !alike.contains_key(&ttls))
        };
        let mut blocks: Vec<Block<'c>> = listed().filter(told_alone).map(Block::Rrset).collect();
        blocks.extend(alike.into_iter().map(|(ttls, rrsets)| Block::Ttls(rrsets, ttls)));
        blocks
    }

    /// The records that signers make, by type; none when they are listed.
    fn churn(&self, zone: &ZoneDiff<'_>) -> BTreeMap<Rtype, Churn> {
        let mut churn: BTreeMap<Rtype, Churn> = BTreeMap::new();
        for rrset in zone.rrsets.iter().filter(|rrset| !self.lists(rrset)) {
            let of_type = churn.entry(rrset.rtype).or_default();
            of_type.added += rrset.added.len();
            of_type.removed += rrset.removed.len();
            of_type.ttl += rrset.kept.iter().filter(|(before, after)| before.ttl != after.ttl).count();
        }
        churn
    }
}
