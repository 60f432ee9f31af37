//! Records that are written twice (RFC 2181 section 5).

use crate::diagnostic::{Applicability, Finding};
use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::line::own_lines;
use crate::lint::rule::Out;
use crate::lint::wants::has_copies;
use crate::zone::{Record, Target, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;

/// Beyond so many records with the same data the others are not told apart by the case of their names.
const MOST_COPIES: usize = 64;

/// The records of an RRset so far, by their data.
#[derive(Default)]
pub(super) struct Copies<'r>(HashMap<&'r [u8], Vec<&'r Record>>);

impl<'r> Copies<'r> {
    /// Those with the data of one record, in their order.
    pub(super) fn of(&self, record: &Record) -> &[&'r Record] {
        self.0.get(&*record.wire).map_or(&[], Vec::as_slice)
    }

    /// Takes in the next one.
    pub(super) fn push(&mut self, record: &'r Record) {
        let known = self.0.entry(&record.wire).or_default();
        if known.len() < MOST_COPIES {
            known.push(record);
        }
    }
}

/// `duplicate-record`
pub(super) fn duplicates(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if !has_copies(rrset.records) {
        return;
    }
    let zone = context.zone;
    let mut records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| zone.record(rrset.key, *rec)).collect();
    if rrset.rtype == Rtype::SOA && is_transfer(zone, &records) {
        records.pop();
    }
    let mut copies = Copies::default();
    for record in &records {
        let first = copies.of(record).iter().copied().find(|other| is_same(zone, other, record));
        copies.push(record);
        let Some(first) = first else { continue };
        let sources = zone.sources();
        if sources.visible(first.span) == sources.visible(record.span) {
            continue;
        }
        let message = format!("`{}` {} is written twice", record.owner, record.rtype);
        let finding = context
            .about("duplicate-record", record, record.type_span, message)
            .related(first.span, "the first copy")
            .help("remove one of them");
        out.push(with_fix(zone, first, record, finding));
    }
}

/// Whether the last of the SOA records only closes a zone transfer.
fn is_transfer(zone: &Zone, soas: &[Record]) -> bool {
    let (Some(first), Some(last)) = (soas.first(), soas.last()) else { return false };
    soas.len() > 1
        && first.wire == last.wire
        && zone.names().all(|name| zone.records(name).all(|rec| rec.place() <= last.place))
}

/// Whether two records hold the same data; names that differ only in case are told apart.
pub(super) fn is_same(zone: &Zone, one: &Record, other: &Record) -> bool {
    one.wire == other.wire && only_in_case(zone, one, other).is_none()
}

/// The first names that two records with the same data write in different case.
pub(super) fn only_in_case<'r>(
    zone: &Zone,
    one: &'r Record,
    other: &'r Record,
) -> Option<(&'r Target, &'r Target)> {
    let only_case = |(one, other): &(&Target, &Target)| {
        let (one, other) = (zone.sources().bytes(one.span), zone.sources().bytes(other.span));
        one != other && one.eq_ignore_ascii_case(&other)
    };
    one.targets.iter().zip(&other.targets).find(only_case)
}

/// Deletes the later copy, unless something else hangs on its lines.
pub(super) fn with_fix(zone: &Zone, first: &Record, record: &Record, finding: Finding) -> Finding {
    let Some((lines, commented)) = own_lines(zone, record) else { return finding };
    let applicability =
        if commented || first.ttl != record.ttl { Applicability::Unsafe } else { Applicability::Safe };
    finding.fix(applicability, lines, "")
}
