//! RRsets that are too large for an answer, or for BIND.

use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::measures::{MAX_RECORDS, may_be_too_large};
use crate::lint::rule::Out;

/// Octets that a message over TCP holds.
const MAX_OCTETS: usize = 65_535;
/// Octets of a message before its records: header, and a question of the least size.
const BEFORE: usize = 12 + 5;
/// Octets of one record in an answer before its RDATA: compressed owner, type, class, TTL, length.
const HEAD: usize = 12;

/// `rrset-too-large`
pub(super) fn too_large(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    let (Some(first), Some(last)) = (rrset.records.first(), rrset.records.last()) else { return };
    let count = rrset.records.len();
    if !may_be_too_large(count, last.place() - first.place()) {
        return;
    }
    let zone = context.zone;
    let what = if count > MAX_RECORDS {
        format!("{count} records are over {MAX_RECORDS}, BIND's `max-records-per-type`")
    } else {
        let octets: usize = rrset
            .records
            .iter()
            .filter_map(|rec| zone.record(rrset.key, *rec))
            .map(|record| HEAD + record.wire.len())
            .sum();
        if BEFORE + octets <= MAX_OCTETS {
            return;
        }
        format!("an answer of {count} records and {octets} octets is over {MAX_OCTETS} octets")
    };
    let Some(record) = zone.record(rrset.key, *first) else { return };
    let message = format!("`{}` {}: {what}", record.owner, record.rtype);
    let mut finding = context.about("rrset-too-large", &record, record.first_span, message);
    if let Some(last) = zone.record(rrset.key, *last) {
        finding = finding.related(last.first_span, "the last record of the RRset");
    }
    out.push(finding.help("spread the records over several names"));
}
