//! A comparison in figures.

use super::{Report, soa};
use crate::change::{RrsetChange, is_signing_data};
use crate::report::{counted, listed};
use std::fmt;

/// How much differs. Records that signers make are not counted, nor an SOA record of which only the
/// serial differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Zones with other records.
    pub zones_changed: usize,
    /// Zones that were not there.
    pub zones_added: usize,
    /// Zones that are not there any more.
    pub zones_removed: usize,
    /// Zones with the same records in another layout.
    pub zones_layout_only: usize,
    /// RRsets that were not there.
    pub rrsets_added: usize,
    /// RRsets that are not there any more.
    pub rrsets_removed: usize,
    /// RRsets with other records or another TTL.
    pub rrsets_changed: usize,
    /// Records that were not there.
    pub records_added: usize,
    /// Records that are not there any more.
    pub records_removed: usize,
    /// Records of which nothing but the TTL differs.
    pub records_with_other_ttl: usize,
}

impl Report<'_> {
    /// The comparison in figures.
    pub fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        for zone in &self.comparison.zones {
            match (&zone.before, &zone.after) {
                (None, _) => figures.zones_added += 1,
                (_, None) => figures.zones_removed += 1,
                _ if zone.is_layout_only() => figures.zones_layout_only += 1,
                _ => figures.zones_changed += 1,
            }
            let counts =
                |rrset: &&RrsetChange| !is_signing_data(rrset.rtype) && !soa::is_serial_only(zone, rrset);
            zone.rrsets.iter().filter(counts).for_each(|rrset| figures.count(rrset));
        }
        figures
    }
}

impl Figures {
    fn count(&mut self, rrset: &RrsetChange) {
        if rrset.is_new() {
            self.rrsets_added += 1;
        } else if rrset.is_gone() {
            self.rrsets_removed += 1;
        } else {
            self.rrsets_changed += 1;
        }
        self.records_added += rrset.added.len();
        self.records_removed += rrset.removed.len();
        self.records_with_other_ttl +=
            rrset.kept.iter().filter(|(before, after)| before.ttl != after.ttl).count();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zones = listed([
            counted(self.zones_changed, "zone changed", "zones changed"),
            counted(self.zones_added, "new zone", "new zones"),
            counted(self.zones_removed, "zone removed", "zones removed"),
            counted(self.zones_layout_only, "zone with other layout only", "zones with other layout only"),
        ]);
        f.write_str(if zones.is_empty() { "no zone differs" } else { &zones })?;
        let parts = |counts: [(usize, &str); 3]| {
            listed(counts.map(|(count, what)| (count > 0).then(|| format!("{count} {what}"))))
        };
        let rrsets = parts([
            (self.rrsets_added, "added"),
            (self.rrsets_removed, "removed"),
            (self.rrsets_changed, "changed"),
        ]);
        let records = parts([
            (self.records_added, "added"),
            (self.records_removed, "removed"),
            (self.records_with_other_ttl, "with another TTL"),
        ]);
        for (what, parts) in [("RRsets", rrsets), ("records", records)] {
            if !parts.is_empty() {
                write!(f, "; {what}: {parts}")?;
            }
        }
        Ok(())
    }
}
