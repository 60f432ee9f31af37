//! RRsets: copies that differ in case, records that stand apart, answers that are large, wildcards; and
//! names that records of seldom types lead to.

use super::duplicate::{Copies, is_same, only_in_case, with_fix};
use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::measures::MAX_RECORDS;
use crate::lint::rule::Out;
use crate::lint::wants::has_copies;
use crate::zone::{Lookup, NameId, Rec, Record, TypeSet};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::HashSet;

/// `duplicate-record-case`
pub(super) fn duplicates_in_case(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if rrset.rtype == Rtype::SOA || !has_copies(rrset.records) {
        return;
    }
    let zone = context.zone;
    let records: Vec<Record> = rrset.records.iter().filter_map(|rec| zone.record(rrset.key, *rec)).collect();
    let mut copies = Copies::default();
    for record in &records {
        let first = copies.of(record).first().copied();
        let is_copy = copies.of(record).iter().any(|other| is_same(zone, other, record));
        copies.push(record);
        let Some(first) = first.filter(|_| !is_copy) else { continue };
        let Some((one, other)) = only_in_case(zone, first, record) else { continue };
        let shown = |span| String::from_utf8_lossy(&zone.sources().bytes(span)).into_owned();
        let message = format!(
            "`{}` {} is written twice: `{}` and `{}` are the same name",
            record.owner,
            record.rtype,
            shown(one.span),
            shown(other.span)
        );
        let finding = context
            .about("duplicate-record-case", record, other.span, message)
            .related(first.span, "the first copy")
            .help("remove one of them");
        out.push(with_fix(zone, first, record, finding));
    }
}

/// `rrset-scattered`
pub(super) fn scattered(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    // A zone transfer ends with the SOA record that it began with.
    let mut recs: Vec<Rec> = zone.records(name).filter(|rec| rec.rtype != Rtype::SOA).collect();
    let mut types: Vec<Rtype> = recs.iter().map(|rec| rec.rtype).collect();
    types.sort_unstable();
    types.dedup();
    if types.len() == recs.len() {
        return;
    }
    recs.sort_unstable_by_key(Rec::place);
    // Where records of other owners stand before a record of this one.
    let mut block = 0;
    let mut blocks = Vec::with_capacity(recs.len());
    for (index, rec) in recs.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| recs.get(index));
        block += usize::from(before.is_some_and(|before| !stand_together(context, key, *before, *rec)));
        blocks.push((rec.rtype, block, *rec));
    }
    blocks.sort_by_key(|(rtype, block, _)| (*rtype, *block));
    for rrset in blocks.chunk_by(|one, other| one.0 == other.0) {
        let apart = rrset.windows(2).find(|pair| matches!(pair, [one, other] if one.1 != other.1));
        let Some([(.., last), (.., next)]) = apart else { continue };
        let (Some(last), Some(record)) = (zone.record(key, *last), zone.record(key, *next)) else { continue };
        // An included file holds what belongs together for another reason.
        if last.span.file != record.span.file {
            continue;
        }
        let message = format!("`{}` {}: records of other names stand in between", record.owner, record.rtype);
        out.push(
            context
                .about("rrset-scattered", &record, record.first_span, message)
                .related(last.first_span, "the record before it")
                .help("write the records of one name and type one below the other"),
        );
    }
}

/// Whether nothing of another owner stands between two records that follow each other among those of
/// their owner. Much text in between is somebody else's.
fn stand_together(context: &ZoneContext<'_>, key: &[u8], one: Rec, other: Rec) -> bool {
    const MUCH: u64 = 1 << 16;
    other.place() - one.place() < MUCH && context.zone.stand_together(key, one, other)
}

/// Octets of a UDP message that nothing on the way breaks up (DNS flag day 2020).
const MAX_OCTETS: usize = 1232;
/// Octets of an answer beside its records: header, type and class of the question, EDNS.
const AROUND: usize = 12 + 4 + 11;
/// Octets of one record in an answer before its RDATA: compressed owner, type, class, TTL, length.
const HEAD: usize = 12;
/// Octets of the longest name.
const NAME: usize = 255;

/// The types that `response-too-large` looks at: not those that have one record at the most, nor those
/// that come with others.
pub(super) const ASKED: [Rtype; 27] = [
    Rtype::A,
    Rtype::AAAA,
    Rtype::NS,
    Rtype::MX,
    Rtype::TXT,
    Rtype::SRV,
    Rtype::PTR,
    Rtype::DS,
    Rtype::DNSKEY,
    Rtype::CAA,
    Rtype::NAPTR,
    Rtype::SVCB,
    Rtype::HTTPS,
    Rtype::TLSA,
    Rtype::SSHFP,
    Rtype::URI,
    Rtype::LOC,
    Rtype::SPF,
    Rtype::RP,
    Rtype::CDS,
    Rtype::CDNSKEY,
    Rtype::AFSDB,
    Rtype::CERT,
    Rtype::OPENPGPKEY,
    Rtype::SMIMEA,
    Rtype::IPSECKEY,
    Rtype::APL,
];

/// The most octets that the RDATA of a type has, if that is few.
fn most_octets(rtype: Rtype) -> Option<usize> {
    Some(match rtype {
        Rtype::A => 4,
        Rtype::AAAA | Rtype::LOC => 16,
        Rtype::NS | Rtype::PTR => NAME,
        Rtype::MX | Rtype::AFSDB => 2 + NAME,
        Rtype::SRV => 6 + NAME,
        // Digests have 64 octets at the most.
        Rtype::DS | Rtype::CDS | Rtype::SSHFP => 4 + 64,
        _ => return None,
    })
}

/// `response-too-large`
pub(super) fn too_large(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    let mut recs: Vec<Rec> = zone.records(name).filter(|rec| ASKED.contains(&rec.rtype)).collect();
    recs.sort_unstable_by_key(|rec| (rec.rtype, rec.place()));
    for rrset in recs.chunk_by(|one, other| one.rtype == other.rtype) {
        let Some(first) = rrset.first() else { continue };
        let most = most_octets(first.rtype).map(|most| AROUND + NAME + rrset.len() * (HEAD + most));
        // More records than BIND loads are `rrset-too-large`.
        if rrset.len() > MAX_RECORDS || most.is_some_and(|most| most <= MAX_OCTETS) {
            continue;
        }
        let records: Vec<Record> = rrset.iter().filter_map(|rec| zone.record(key, *rec)).collect();
        let octets = octets_of(&records);
        if octets <= MAX_OCTETS || octets > usize::from(u16::MAX) {
            continue;
        }
        let Some(record) = records.first() else { continue };
        let what = match records.len() {
            1 => String::from("an answer of 1 record"),
            count => format!("an answer of {count} records"),
        };
        let message =
            format!("`{}` {}: {what} has {octets} octets, over {MAX_OCTETS}", record.owner, record.rtype);
        out.push(
            context
                .about("response-too-large", record, record.first_span, message)
                .help("clients ask again over TCP, which takes longer and is blocked here and there"),
        );
    }
}

/// The octets of an answer with these records, all of one owner and type, without signatures.
fn octets_of(records: &[Record]) -> usize {
    let Some(first) = records.first() else { return 0 };
    let mut known = HashSet::new();
    let question = compressed(first.owner.as_bytes(), &mut known);
    let rdata = |record: &Record| match (record.rtype, record.targets.first()) {
        // The types whose names may be compressed (RFC 3597 section 4).
        (Rtype::NS | Rtype::PTR | Rtype::MX, Some(target)) => {
            let before = if record.rtype == Rtype::MX { 2 } else { 0 };
            before + compressed(target.absolute.as_bytes(), &mut known)
        }
        _ => record.wire.len(),
    };
    AROUND + question + records.len() * HEAD + records.iter().map(rdata).sum::<usize>()
}

/// The octets of a name in a message that holds these names already (RFC 1035 section 4.1.4).
fn compressed(name: &[u8], known: &mut HashSet<Vec<u8>>) -> usize {
    let mut octets = 0;
    let mut labels = Labels(name.strip_suffix(b".").unwrap_or(name));
    while !labels.0.is_empty() {
        if !known.insert(labels.0.to_ascii_lowercase()) {
            return octets + 2;
        }
        octets += 1 + labels.next().map_or(0, <[u8]>::len);
    }
    octets + 1
}

/// `wildcard-present`
pub(super) fn wildcard(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if Labels(key).next() != Some(b"*") || zone.cut_above(key).is_some() {
        return;
    }
    let first = zone.records(name).min_by_key(Rec::place);
    let Some(record) = first.and_then(|rec| zone.record(key, rec)) else { return };
    let message = format!("`{}` answers for every name that is not written", record.owner);
    out.push(
        context
            .about("wildcard-present", &record, record.first_span, message)
            .help("write the names that are wanted"),
    );
}

/// The types whose names no rule of their own follows.
const REFERRING: [Rtype; 18] = [
    Rtype::AFSDB,
    Rtype::ALIAS,
    Rtype::AMTRELAY,
    Rtype::ANAME,
    Rtype::DNAME,
    Rtype::DSYNC,
    Rtype::HIP,
    Rtype::IPSECKEY,
    Rtype::KX,
    Rtype::LP,
    Rtype::MB,
    Rtype::MD,
    Rtype::MF,
    Rtype::MINFO,
    Rtype::NSAP_PTR,
    Rtype::PX,
    Rtype::RT,
    Rtype::TALINK,
];

/// Types of [`REFERRING`].
pub(super) const REFERENCES: TypeSet = TypeSet::all(&REFERRING);

/// `dangling-reference`
pub(super) fn dangling(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if context.partial || zone.cut_above(key).is_some() {
        return;
    }
    for rec in zone.records(name).filter(|rec| REFERRING.contains(&rec.rtype)) {
        let Some(record) = zone.record(key, rec) else { continue };
        for target in record.targets.iter().filter(|target| target.in_zone) {
            if target.absolute == "."
                || zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect))
                || !matches!(zone.lookup(&target.name), Lookup::Missing)
            {
                continue;
            }
            let message =
                format!("`{}` {}: there is no name `{}`", record.owner, record.rtype, target.absolute);
            out.push(
                context
                    .about("dangling-reference", &record, target.span, message)
                    .help("add its records, or remove the one that leads there"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compressed_to_what_the_message_holds() {
        let mut known = HashSet::new();
        assert_eq!(compressed(b"www.example.com", &mut known), 17);
        assert_eq!(compressed(b"mail.Example.com", &mut known), 7);
        assert_eq!(compressed(b"example.com", &mut known), 2);
        assert_eq!(compressed(b".", &mut known), 1);
    }
}
