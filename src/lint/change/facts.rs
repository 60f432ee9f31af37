//! What several rules about changes ask.

use crate::config::View;
use crate::diagnostic::{Finding, RuleName};
use crate::edge::found::enclosing;
use crate::lint::ZoneContext;
use crate::text::Span;
use crate::zone::{Rec, Record, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;

/// Values that a message names before it only counts them.
const SHOWN: usize = 3;

/// Types whose records a signer writes: they differ whenever a zone is signed again.
pub(super) const OF_SIGNERS: [Rtype; 8] = [
    Rtype::RRSIG,
    Rtype::NSEC,
    Rtype::NSEC3,
    Rtype::NSEC3PARAM,
    Rtype::DNSKEY,
    Rtype::CDS,
    Rtype::CDNSKEY,
    Rtype::ZONEMD,
];

/// The zones of a run by view and apex.
pub(super) struct Family<'w, 'z> {
    external: ByApex<'w, 'z>,
    internal: ByApex<'w, 'z>,
}

type ByApex<'w, 'z> = HashMap<&'z [u8], Vec<&'w ZoneContext<'z>>>;

impl<'w, 'z> Family<'w, 'z> {
    pub(super) fn of(zones: &'w [ZoneContext<'z>]) -> Self {
        let of = |view: View| {
            let mut by_apex: ByApex<'w, 'z> = HashMap::new();
            for context in zones.iter().filter(|context| context.view == view) {
                by_apex.entry(context.zone.apex().as_bytes()).or_default().push(context);
            }
            by_apex
        };
        Self { external: of(View::External), internal: of(View::Internal) }
    }

    /// The zones with that apex, an absolute name in canonical text.
    pub(super) fn at(&self, view: View, apex: &[u8]) -> &[&'w ZoneContext<'z>] {
        let by_apex = match view {
            View::External => &self.external,
            View::Internal => &self.internal,
        };
        by_apex.get(apex).map_or(&[], Vec::as_slice)
    }

    /// The zones that an absolute name in canonical text lies in: those of the nearest apex.
    pub(super) fn holders(&self, view: View, name: &[u8]) -> &[&'w ZoneContext<'z>] {
        enclosing(name).map(|apex| self.at(view, apex)).find(|zones| !zones.is_empty()).unwrap_or_default()
    }

    /// The zones right above one; none when they are not at hand.
    pub(super) fn above(&self, context: &ZoneContext<'_>) -> &[&'w ZoneContext<'z>] {
        let above = enclosing(context.zone.apex().as_bytes()).skip(1);
        above.map(|apex| self.at(context.view, apex)).find(|zones| !zones.is_empty()).unwrap_or_default()
    }

    /// Those of the zones right above one that delegate it, and its apex as a key of theirs.
    pub(super) fn parents<'c>(&self, context: &'c ZoneContext<'_>) -> Vec<(&'w ZoneContext<'z>, &'c [u8])> {
        let apex = context.zone.apex().as_bytes();
        let delegates = |parent: &&'w ZoneContext<'z>| {
            let key = parent.zone.key(apex)?;
            (!parent.zone.rrset(key, Rtype::NS).is_empty()).then_some((*parent, key))
        };
        self.above(context).iter().filter_map(delegates).collect()
    }
}

/// A finding about a name and type that changed, at the record that is new, else at the other
/// records of its owner, else at the SOA record.
pub(super) fn finding(
    context: &ZoneContext<'_>,
    rule: &'static str,
    (key, rtype): (&[u8], Rtype),
    new: Option<&Rec>,
    message: String,
) -> Finding {
    let mut finding = Finding::new(RuleName(rule), place(context, key, new), message)
        .record(context.zone.absolute(key), rtype.to_string());
    finding.zone = Some(context.zone.apex().to_string());
    finding
}

fn place(context: &ZoneContext<'_>, key: &[u8], new: Option<&Rec>) -> Span {
    let zone = context.zone;
    if let Some(record) = new.and_then(|rec| zone.record(key, *rec)) {
        return record.rdata_span();
    }
    let name = zone.find(key).filter(|_| !key.is_empty());
    let first = name.and_then(|name| zone.records(name).min_by_key(Rec::place));
    match first.and_then(|rec| zone.record(key, rec)) {
        Some(record) => record.first_span,
        None => context.apex_span(),
    }
}

/// What a record said, for messages: addresses and names; of other types nothing but the type.
fn value(zone: &Zone, key: &[u8], rec: Rec) -> Option<String> {
    let shown = [Rtype::A, Rtype::AAAA, Rtype::CNAME, Rtype::NS, Rtype::MX, Rtype::SRV, Rtype::PTR];
    if !shown.contains(&rec.rtype) {
        return None;
    }
    plain(&zone.record(key, rec)?)
}

/// The RDATA of a record as text; a name at its end is without the final dot, as in all messages.
pub(super) fn plain(record: &Record) -> Option<String> {
    let text = record.rdata()?.to_string();
    let is_root = text == "." || text.ends_with(" .");
    Some(if is_root { text } else { text.trim_end_matches('.').to_owned() })
}

/// The values that records had: `192.0.2.1, 192.0.2.2 and 4 more`.
pub(super) fn values<'r>(zone: &Zone, key: &[u8], records: impl IntoIterator<Item = &'r Rec>) -> String {
    let mut values: Vec<String> = records.into_iter().filter_map(|rec| value(zone, key, *rec)).collect();
    values.sort();
    shortened(values)
}

/// The first of a list, and how many more there are.
pub(super) fn shortened(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    items.truncate(SHOWN);
    let items = items.join(", ");
    if more == 0 { items } else { format!("{items} and {more} more") }
}

/// The records that a name had, by type: `A 192.0.2.1, TXT, TTL 3600`; none when it had none but those
/// of signers.
pub(super) fn had(zone: &Zone, key: &[u8]) -> Option<String> {
    let name = zone.find(key)?;
    let mut records: Vec<Rec> = zone.records(name).filter(|rec| !OF_SIGNERS.contains(&rec.rtype)).collect();
    records.sort_by_key(|rec| (rec.rtype, rec.place()));
    let ttl = records.iter().map(|rec| rec.ttl).min()?;
    let mut texts: Vec<String> = records
        .iter()
        .map(|rec| match value(zone, key, *rec) {
            Some(value) => format!("{} {value}", rec.rtype),
            None => rec.rtype.to_string(),
        })
        .collect();
    texts.dedup();
    Some(format!("{}, TTL {ttl}", shortened(texts)))
}
