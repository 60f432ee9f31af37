//! MX records (RFC 5321 section 5.1, RFC 7505).

use crate::diagnostic::Applicability;
use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::line::own_lines;
use crate::lint::rule::Out;
use crate::zone::{Lookup, RdataNotes, Rec, Record, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;
use std::net::IpAddr;

/// Whether the record says that the domain takes no mail (RFC 7505).
pub(super) fn is_null(record: &Record) -> bool {
    record.rtype == Rtype::MX && record.wire.get(2..) == Some(&[0])
}

fn preference(record: &Record) -> Option<u16> {
    record.wire.first_chunk().map(|octets| u16::from_be_bytes(*octets))
}

/// The MX records of an RRset; none of another type.
fn read(context: &ZoneContext<'_>, rrset: &RrsetView<'_>) -> Vec<Record> {
    if rrset.rtype != Rtype::MX {
        return Vec::new();
    }
    rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect()
}

/// All MX records of a zone. Only for zones with something that makes it worth while.
fn all(zone: &Zone) -> impl Iterator<Item = Record> {
    let owners = zone.names().filter(|name| zone.types_of(*name).has(Rtype::MX));
    owners.flat_map(|name| zone.read_rrset(zone.key_of(name), Rtype::MX))
}

/// `mx-null-with-others`
pub(super) fn null_with_others(context: &ZoneContext<'_>, records: &[Record], out: Out<'_>) {
    let Some(null) = records.iter().find(|record| is_null(record)) else { return };
    let Some(other) = records.iter().find(|record| !is_null(record)) else { return };
    let message = format!("`{}` MX: the null MX stands beside mail servers", null.owner);
    let finding = context
        .about("mx-null-with-others", null, null.rdata_span(), message)
        .related(other.rdata_span(), "a mail server of the same domain")
        .help("keep the null MX alone for a domain that takes no mail, else delete it");
    out.push(finding);
}

/// `mx-null-nonzero-preference`
pub(super) fn null_preference(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(preference) = preference(record).filter(|preference| *preference != 0 && is_null(record)) else {
        return;
    };
    let message = format!("`{}` MX: the null MX has preference {preference}, not 0", record.owner);
    let finding = context.about("mx-null-nonzero-preference", record, record.field(0), message);
    // The target is the second field, so the first one is the preference.
    out.push(match record.fields.len() {
        2 => finding.help("write `0 .`").fix(Applicability::Unsafe, record.field(0), "0"),
        _ => finding.help("write `0 .`"),
    });
}

/// `mx-duplicate-target`
pub(super) fn duplicate_target(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    let mut records = read(context, rrset);
    records.sort_by_key(preference);
    let mut first: HashMap<&[u8], &Record> = HashMap::new();
    for record in &records {
        let Some(target) = record.wire.get(2..).filter(|_| !is_null(record)) else { continue };
        let Some(first) = first.get(target) else {
            first.insert(target, record);
            continue;
        };
        // Equal records are `duplicate-record`.
        let (Some(one), Some(other)) = (preference(first), preference(record)) else { continue };
        let Some(host) = record.target().filter(|_| one != other) else { continue };
        let message =
            format!("`{}` MX: `{}` has preference {one} and again {other}", record.owner, host.absolute);
        let finding = context
            .about("mx-duplicate-target", record, host.span, message)
            .related(first.span, "the one that counts")
            .help("delete it: a host that failed is not tried a second time");
        out.push(match own_lines(context.zone, record) {
            Some((lines, _)) => finding.fix(Applicability::Unsafe, lines, ""),
            None => finding,
        });
    }
}

/// `mx-localhost`
pub(super) fn localhost(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::MX) {
        return;
    }
    let is_loopback = |(key, rec): (&[u8], Rec)| {
        zone.record(key, rec).and_then(|record| record.address()).is_some_and(|address| address.is_loopback())
    };
    // Those named so are odd anyway.
    let has_loopback = zone
        .noted(RdataNotes::SPECIAL)
        .into_iter()
        .filter(|(key, ..)| Labels(key).next() != Some(b"localhost"))
        .any(|(key, rec, _)| is_loopback((key, rec)));
    if has_loopback {
        all(zone).for_each(|record| to_itself(context, &record, out));
    } else {
        let odd = zone.noted(RdataNotes::ODD).into_iter().filter(|(_, rec, _)| rec.rtype == Rtype::MX);
        odd.filter_map(|(key, rec, _)| zone.record(key, rec))
            .for_each(|record| to_itself(context, &record, out));
    }
}

/// Reports an MX record whose mail server is every mail server itself.
fn to_itself(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.target() else { return };
    let is_localhost =
        |name: &str| name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain";
    let message = if is_localhost(&target.absolute) {
        format!("`{}` MX: `{}` is every mail server itself", record.owner, target.absolute)
    } else {
        if !target.in_zone || !matches!(context.zone.lookup(&target.name), Lookup::Found(_)) {
            return;
        }
        let hosts = context.zone.addresses(&target.name);
        let addresses: Vec<IpAddr> = hosts.iter().filter_map(Record::address).collect();
        let Some(address) = addresses.first().filter(|_| addresses.iter().all(IpAddr::is_loopback)) else {
            return;
        };
        format!("`{}` MX: `{}` has only the loopback address `{address}`", record.owner, target.absolute)
    };
    let finding = context
        .about("mx-localhost", record, target.span, message)
        .help("name a host that takes the mail, or write `0 .` for a domain that takes none");
    out.push(finding);
}

/// `mx-target-below-dname`
pub(super) fn below_dname(context: &ZoneContext<'_>, out: Out<'_>) {
    if context.zone.types().has(Rtype::DNAME) {
        all(context.zone).for_each(|record| to_alias(context, &record, out));
    }
}

fn to_alias(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    if zone.cut_above(&record.key).is_some() {
        return;
    }
    let Some(target) = record.target().filter(|target| target.in_zone) else { return };
    let Lookup::BelowDname(dname) = zone.lookup(&target.name) else { return };
    let dnames = zone.read_rrset(zone.key_of(dname), Rtype::DNAME);
    let message = format!(
        "`{}` MX: mail server `{}` lies below a DNAME, so it is an alias",
        record.owner, target.absolute
    );
    let mut finding = context.about("mx-target-below-dname", record, target.span, message);
    if let Some((dname, to)) = dnames.first().and_then(|dname| Some((dname, dname.target()?))) {
        finding = finding
            .related(dname.span, format!("`{}` is a DNAME to `{}`", dname.owner, to.absolute))
            .help("write the name of a host that has A or AAAA records");
    }
    out.push(finding);
}
