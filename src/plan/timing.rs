//! How long callers go on seeing the old records after a plan is published.
//!
//! For each RRset: a server may serve the old one for the publication lag `S`; whoever asked it just
//! before keeps the answer for its old TTL, or when there was none, for the negative TTL (RFC 2308),
//! neither for longer than the cap of the resolver; and an application may hold on for longer still.
//! All records of a plan are published at once, so the plan takes as long as its slowest RRset: that
//! goes too for an SRV record that leads to a name which is new, since nobody can remember the name as
//! absent from after it was published.

use super::{Goal, Plan, RrsetChange, ZoneChange};
use crate::config::View;
use crate::edge::Service;
use crate::zonefile::rtype::Rtype;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

/// What is taken for granted. Besides: the TTLs in the files are those that have been published
/// for as long as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// The primary notifies every secondary (RFC 1996), and none is out of reach.
    pub notify: bool,
    /// The longest that a resolver keeps an answer, in seconds, whatever its TTL.
    pub cap: Option<u32>,
    /// How long an application keeps to what it has resolved, in seconds.
    pub holdover: u32,
    /// How long a connection to a pool that is down takes to fail, in seconds.
    pub connect: u32,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self { notify: true, cap: None, holdover: 0, connect: 10 }
    }
}

impl fmt::Display for Assumptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.notify {
            "every secondary is notified at once"
        } else {
            "no secondary is notified: it asks after refresh, and when that fails after retry"
        })?;
        match self.cap {
            Some(cap) => write!(f, "; resolvers keep no answer longer than {cap} s")?,
            None => f.write_str("; resolvers keep to the TTL")?,
        }
        match self.holdover {
            0 => f.write_str("; applications ask again when the TTL is over")?,
            held => write!(f, "; applications keep an answer for {held} s more")?,
        }
        write!(
            f,
            "; a connection to a pool that is down fails after {} s; the TTLs in the files are those that are served",
            self.connect
        )
    }
}

/// Which part of the worst case is the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The TTL of the RRset before, in caches.
    OldTtl,
    /// The negative TTL of the zone: the RRset is new, and its absence is in caches.
    NegativeTtl,
    /// The cap of resolvers, which is less than the TTL.
    Cap,
    /// Secondaries that nobody notifies: SOA refresh and retry.
    Refresh,
    /// What applications keep.
    Holdover,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OldTtl => "TTL served before",
            Self::NegativeTtl => "negative TTL of the zone, as it was absent",
            Self::Cap => "cap of resolvers",
            Self::Refresh => "refresh and retry of the zone, without NOTIFY",
            Self::Holdover => "applications that keep the answer",
        })
    }
}

/// How long one RRset of a plan takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrsetTiming {
    /// Apex of the zone.
    pub zone: String,
    /// Who the zone is served to.
    pub view: View,
    /// Absolute owner, no final dot.
    pub owner: String,
    /// Its type.
    pub rtype: Rtype,
    /// The service it is for.
    pub service: Option<Service>,
    /// Seconds until the first caller with the old answer gets through: when callers go on to the
    /// next priority by themselves, as long as a connection takes to fail; else none, as the
    /// answer may run out at once.
    pub minimum: u32,
    /// Seconds for a caller in the middle: half of the lag, and half of the time that caches keep the
    /// old answer.
    pub typical: u32,
    /// Seconds until the last cache has dropped the old answer.
    pub worst: u32,
    /// What most of the worst case is due to.
    pub because: Reason,
}

/// How long a plan takes to be seen by every caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Every RRset that changes, in the order of the plan.
    pub rrsets: Vec<RrsetTiming>,
    /// Seconds, the longest of all RRsets.
    pub minimum: u32,
    /// Seconds, the longest of all RRsets.
    pub typical: u32,
    /// Seconds, the longest of all RRsets.
    pub worst: u32,
    /// Place in `rrsets` of the one that takes longest; none when nothing changes.
    pub dominant: Option<usize>,
}

impl Timing {
    /// The RRset that takes longest.
    pub fn slowest(&self) -> Option<&RrsetTiming> {
        self.rrsets.get(self.dominant?)
    }

    /// The RRsets that may take longer than a recovery time objective of so many seconds.
    pub fn over(&self, rto: u32) -> impl Iterator<Item = &RrsetTiming> {
        self.rrsets.iter().filter(move |rrset| rrset.worst > rto)
    }
}

/// How long a plan takes.
pub fn timing(plan: &Plan, assumptions: &Assumptions) -> Timing {
    let rrsets: Vec<RrsetTiming> = plan
        .changes
        .iter()
        .map(|change| {
            let zone = plan.zones.iter().find(|zone| zone.apex == change.zone && zone.view == change.view);
            rrset(&plan.goal, change, zone, assumptions)
        })
        .collect();
    let dominant = (0..rrsets.len()).max_by_key(|place| (rrsets[*place].worst, Reverse(*place)));
    let longest = |of: fn(&RrsetTiming) -> u32| -> u32 { rrsets.iter().map(of).max().unwrap_or_default() };
    Timing {
        minimum: longest(|rrset| rrset.minimum),
        typical: longest(|rrset| rrset.typical),
        worst: longest(|rrset| rrset.worst),
        dominant,
        rrsets,
    }
}

/// Publication lag in seconds: how long a secondary may serve the old zone, without NOTIFY one
/// refresh that fails and one retry.
pub(super) fn lag(zone: &ZoneChange, assumptions: &Assumptions) -> u32 {
    if assumptions.notify { 0 } else { zone.refresh.0.saturating_add(zone.refresh.1) }
}

/// Seconds for which caches keep what was served before, and why.
pub(super) fn cached(ttl_before: Option<u32>, negative_ttl: u32, assumptions: &Assumptions) -> (u32, Reason) {
    let (ttl, reason) = match ttl_before {
        Some(ttl) => (ttl, Reason::OldTtl),
        None => (negative_ttl, Reason::NegativeTtl),
    };
    match assumptions.cap {
        Some(cap) if cap < ttl => (cap, Reason::Cap),
        _ => (ttl, reason),
    }
}

fn rrset(
    goal: &Goal,
    change: &RrsetChange,
    zone: Option<&ZoneChange>,
    assumptions: &Assumptions,
) -> RrsetTiming {
    let (cached, kind) = cached(change.ttl_before, zone.map_or(0, |zone| zone.negative_ttl), assumptions);
    let lag = zone.map_or(0, |zone| lag(zone, assumptions));
    // A secondary asks at any time within refresh; retry is for when that fails.
    let usual_lag = zone.filter(|_| !assumptions.notify).map_or(0, |zone| zone.refresh.0 / 2);
    let worst = lag.saturating_add(cached).saturating_add(assumptions.holdover);
    let because = if lag > cached.max(assumptions.holdover) {
        Reason::Refresh
    } else if assumptions.holdover > cached {
        Reason::Holdover
    } else {
        kind
    };
    let minimum = if tries_next_priority(goal, change) { assumptions.connect.min(worst) } else { 0 };
    RrsetTiming {
        zone: change.zone.clone(),
        view: change.view,
        owner: change.owner.clone(),
        rtype: change.rtype,
        service: change.service,
        minimum,
        typical: usual_lag.saturating_add(cached / 2).max(minimum).min(worst),
        worst,
        because,
    }
}

/// Whether callers with the old answer find a pool that is up by trying the next priority. Access
/// Edges do not: for federation they take one record and stay with it.
fn tries_next_priority(goal: &Goal, change: &RrsetChange) -> bool {
    let Goal::Failover { down, .. } = goal else { return false };
    let tries = change.service.is_some_and(|service| service != Service::Federation);
    let pools: BTreeSet<_> = change.before.iter().filter_map(|record| record.pool).collect();
    tries && change.rtype == Rtype::SRV && pools.iter().any(|pool| !down.contains(pool))
}

#[cfg(test)]
mod tests;
