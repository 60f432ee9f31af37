//! The lines that tell of an RRset: its records as a zone file has them, owners in full.

use super::line::{Line, Mark, entry, in_order, owner, seconds, ttl_line, with_other_ttl};
use super::{Block, Report, soa, srv};
use crate::change::RrsetChange;
use crate::comparison::ZoneDiff;
use crate::config::View;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::ttl::in_units;

/// So many owners are named of RRsets whose TTLs differ alike.
const NAMED: usize = 3;

impl Report<'_> {
    /// The lines of a block.
    pub(super) fn lines(&self, zone: &ZoneDiff<'_>, block: &Block<'_>) -> Vec<Line> {
        match block {
            Block::Ttls(rrsets, (before, after)) => {
                let name = |rrset: &&RrsetChange| format!("{} {}", owner(zone, &rrset.key), rrset.rtype);
                let named: Vec<String> = rrsets.iter().take(NAMED).map(name).collect();
                let more = match rrsets.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(", {more} more"),
                };
                let text = format!(
                    "{} RRsets: TTL {}: {}{more}",
                    rrsets.len(),
                    seconds(*before, *after),
                    named.join(", ")
                );
                vec![Line { mark: Mark::Ttl, text }]
            }
            Block::Rrset(rrset) => self.rrset(zone, rrset),
        }
    }

    fn rrset(&self, zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> Vec<Line> {
        if let Some(lines) = soa::lines(zone, rrset) {
            return lines;
        }
        if rrset.rtype == Rtype::SRV {
            // The coverage is that of the zones which everybody sees.
            return srv::lines(self.edge.filter(|_| zone.view == View::External), zone, rrset);
        }
        if let Some((before, after)) = rrset.ttl_change() {
            return vec![ttl_line(zone, rrset, before, after)];
        }
        let mut lines = Vec::new();
        for (mark, side, records) in
            [(Mark::Removed, zone.before, &rrset.removed), (Mark::Added, zone.after, &rrset.added)]
        {
            let texts = in_order(side, rrset, records).into_iter().map(|(rec, record)| {
                let text = entry(zone, rrset, &rec.ttl.to_string(), record.as_ref());
                Line { mark, text }
            });
            lines.extend(texts);
        }
        for (before, rec, record) in with_other_ttl(zone, rrset) {
            let ttl = format!("{before} -> {}", rec.ttl);
            let units = format!(" ; {} -> {}", in_units(before), in_units(rec.ttl));
            lines.push(Line { mark: Mark::Ttl, text: entry(zone, rrset, &ttl, record.as_ref()) + &units });
        }
        lines
    }
}
