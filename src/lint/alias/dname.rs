//! DNAME and what may not stand beside or below it (RFC 6672).

use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec, Record};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

/// The first DNAME of a name, and the first record of another type.
fn beside(context: &ZoneContext<'_>, name: NameId, rtype: Rtype) -> Option<(Record, Record)> {
    let zone = context.zone;
    let types = zone.types_of(name);
    if !types.has(Rtype::DNAME) || !types.has(rtype) {
        return None;
    }
    let first = |rtype| zone.read_rrset(zone.key_of(name), rtype).into_iter().next();
    Some((first(Rtype::DNAME)?, first(rtype)?))
}

/// `dname-and-cname`.
pub(super) fn and_cname(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let Some((dname, cname)) = beside(context, name, Rtype::CNAME) else { return };
    let message = format!("`{}` has a DNAME and also a CNAME", dname.owner);
    out.push(
        context
            .about("dname-and-cname", &dname, dname.type_span, message)
            .related(cname.type_span, "CNAME at the same name")
            .help("keep the DNAME, and list the addresses of the name itself"),
    );
}

/// `dname-and-ns`; at the apex both may stand.
pub(super) fn and_ns(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    if context.zone.key_of(name).is_empty() {
        return;
    }
    let Some((dname, ns)) = beside(context, name, Rtype::NS) else { return };
    let message = format!("`{}` has a DNAME and is delegated too", dname.owner);
    out.push(
        context
            .about("dname-and-ns", &dname, dname.type_span, message)
            .related(ns.type_span, "NS at the same name")
            .help("put the DNAME at the apex of the delegated zone, or remove the NS records"),
    );
}

/// `dname-multiple`.
pub(super) fn multiple(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if rrset.rtype != Rtype::DNAME {
        return;
    }
    let records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect();
    let Some((first, later)) = records.split_first() else { return };
    for record in later.iter().filter(|record| record.wire != first.wire) {
        let Some(target) = record.target() else { continue };
        let message = format!("`{}` has a second DNAME, to `{}`", record.owner, target.absolute);
        out.push(
            context
                .about("dname-multiple", record, target.span, message)
                .related(first.rdata_span(), "the first one")
                .help("keep one"),
        );
    }
}

/// `dname-self`.
pub(super) fn itself(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.target().filter(|target| target.in_zone) else { return };
    let key = record.key.as_slice();
    let below =
        key.is_empty() || target.name.strip_suffix(key).is_some_and(|rest| matches!(rest, [] | [.., b'.']));
    if !below {
        return;
    }
    let relation = if target.name == key { "is" } else { "lies below" };
    let message = format!("the target of the DNAME `{}` {relation} the name itself", record.owner);
    out.push(
        context
            .about("dname-self", record, target.span, message)
            .help("write a name that does not lie below the owner"),
    );
}

/// `dname-wildcard`.
pub(super) fn wildcard(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    if !matches!(zone.key_of(name), b"*" | [b'*', b'.', ..]) {
        return;
    }
    let Some(record) = zone.read_rrset(zone.key_of(name), Rtype::DNAME).into_iter().next() else { return };
    let message = format!("`{}` is a wildcard with a DNAME", record.owner);
    out.push(
        context
            .about("dname-wildcard", &record, record.type_span, message)
            .help("put the DNAME at the name above, or list the names"),
    );
}

/// So many of the names below a DNAME are shown.
const SHOWN: usize = 3;

/// `dname-occludes`: one finding for each DNAME.
pub(super) fn occludes(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::DNAME) {
        return;
    }
    // The hashed names of NSEC3 stand right below the apex, a DNAME there or not.
    let is_hash = |rec: Rec| matches!(rec.rtype, Rtype::NSEC3 | Rtype::RRSIG);
    let mut below: BTreeMap<&[u8], Vec<NameId>> = BTreeMap::new();
    for name in zone.names() {
        if let Some(dname) = zone.dname_above(zone.key_of(name))
            && !zone.records(name).all(is_hash)
        {
            below.entry(zone.key_of(dname)).or_default().push(name);
        }
    }
    for (owner, mut names) in below {
        // Below a zone cut, the DNAME itself is not served.
        if zone.cut_above(owner).is_some_and(|cut| zone.key_of(cut) != owner) {
            continue;
        }
        let Some(dname) = zone.read_rrset(owner, Rtype::DNAME).into_iter().next() else { continue };
        zone.sort_by_place(&mut names);
        let count = names.len();
        let names_own = if count == 1 { "1 name owns" } else { &*format!("{count} names own") };
        let message = format!("`{}` has a DNAME, and below it {names_own} records", dname.owner);
        let mut finding = context
            .about("dname-occludes", &dname, dname.type_span, message)
            .help("remove what stands below the DNAME, or list the names instead of it");
        for name in names.into_iter().take(SHOWN) {
            let first = zone.records(name).min_by_key(Rec::place);
            if let Some(record) = first.and_then(|rec| zone.record(zone.key_of(name), rec)) {
                finding = finding.related(record.first_span, format!("`{}` is never served", record.owner));
            }
        }
        out.push(finding);
    }
}
