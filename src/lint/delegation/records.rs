//! Records that stand at a zone cut, below one, or away from the apex, and do not belong there.

use crate::lint::context::ZoneContext;
use crate::lint::reach::is_whole;
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec, Record, TypeSet};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// `ds-without-delegation`
pub(super) fn ds_without_delegation(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let (key, types) = (zone.key_of(name), zone.types_of(name));
    if key.is_empty() || types.has(Rtype::NS) || !types.has(Rtype::DS) || !is_whole(context) {
        return;
    }
    // A name may be delegated by DELEG alone (draft-ietf-deleg).
    if types.has(Rtype::DELEG) && zone.records(name).any(|rec| rec.rtype == Rtype::DELEG) {
        return;
    }
    let Some(record) = zone.read_rrset(key, Rtype::DS).into_iter().next() else { return };
    let message = format!("`{}` has a DS record, but no NS records: it is not delegated", record.owner);
    let help = format!("add `{} IN NS ...` for each of its servers, or remove the DS record", shown(key));
    out.push(context.about("ds-without-delegation", &record, record.type_span, message).help(help));
}

/// `ds-at-apex`
pub(super) fn ds_at_apex(context: &ZoneContext<'_>, out: Out<'_>) {
    let help = "put it into the zone above, beside the NS records for this zone there";
    at_apex(context, "ds-at-apex", Rtype::DS, help, out);
}

/// `deleg-at-apex`
pub(super) fn deleg_at_apex(context: &ZoneContext<'_>, out: Out<'_>) {
    let help = "put it into the zone above, where this zone is delegated";
    at_apex(context, "deleg-at-apex", Rtype::DELEG, help, out);
}

fn at_apex(context: &ZoneContext<'_>, rule: &'static str, rtype: Rtype, help: &str, out: Out<'_>) {
    let Some(record) = context.zone.read_rrset(b"", rtype).into_iter().next() else { return };
    let message = format!("`{}` has a {rtype} record at its own apex", record.owner);
    out.push(context.about(rule, &record, record.type_span, message).help(help));
}

/// `wildcard-ns`
pub(super) fn wildcard_ns(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if key != b"*" && !key.starts_with(b"*.") {
        return;
    }
    let Some(record) = zone.read_rrset(key, Rtype::NS).into_iter().next() else { return };
    let message = format!("`{}` has NS records: a wildcard cannot delegate", record.owner);
    let help = "write the NS records for each name that is delegated";
    out.push(context.about("wildcard-ns", &record, record.first_span, message).help(help));
}

/// Types that are about a whole zone: RFC 4034 section 2, RFC 5155 section 4, RFC 7344 section 4,
/// RFC 7477 section 2, RFC 8976 section 2.
const OF_ZONES: [Rtype; 6] =
    [Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY, Rtype::NSEC3PARAM, Rtype::CSYNC, Rtype::ZONEMD];

/// Names that may own records of these types.
pub(super) const MAY_BE_OF_ZONES: TypeSet = TypeSet::all(&OF_ZONES);

/// `apex-only-type-below-apex`
pub(super) fn apex_only_type(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if key.is_empty() {
        return;
    }
    // Operators of name servers publish CDS and CDNSKEY for zones they serve there (RFC 9615).
    let signals = key.starts_with(b"_dsboot.");
    let is_misplaced = |rec: &Rec| {
        OF_ZONES.contains(&rec.rtype) && !(signals && matches!(rec.rtype, Rtype::CDS | Rtype::CDNSKEY))
    };
    let Some((record, types)) = first_of(context, name, is_misplaced) else { return };
    let message = format!("`{}` has {types}, which only the apex of a zone has", record.owner);
    let help = if zone.types_of(name).has(Rtype::NS) {
        format!("put it into the zone `{}`; a delegation takes DS records", record.owner)
    } else {
        String::from("put it at the apex, `@`, or remove it")
    };
    out.push(context.about("apex-only-type-below-apex", &record, record.type_span, message).help(help));
}

/// Names that may own records that a cut hides. Addresses may be glue, which needs all NS records to
/// tell: see `glue-orphan`.
pub(super) const MAY_BE_HIDDEN: TypeSet = TypeSet::all(&[
    Rtype::NS,
    Rtype::CNAME,
    Rtype::DNAME,
    Rtype::MX,
    Rtype::TXT,
    Rtype::SPF,
    Rtype::SRV,
    Rtype::PTR,
    Rtype::CAA,
    Rtype::NAPTR,
    Rtype::SVCB,
    Rtype::HTTPS,
    Rtype::TLSA,
    Rtype::SSHFP,
    Rtype::URI,
    Rtype::LOC,
    Rtype::HINFO,
    Rtype::RP,
    Rtype::AFSDB,
    // It stands for all rare types.
    Rtype::CERT,
]);

/// `occluded-data`
pub(super) fn occluded(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    if zone.delegating_count() == 0 {
        return;
    }
    let key = zone.key_of(name);
    let has_others = zone.types_of(name).without(TypeSet::of(Rtype::NS)).meets(MAY_BE_HIDDEN);
    if !has_others && parent(key).is_none_or(<[u8]>::is_empty) {
        return;
    }
    let at_cut = || (!key.is_empty() && zone.types_of(name).has(Rtype::NS)).then_some(name);
    let Some(cut) = zone.cut_over(key).or_else(at_cut) else { return };
    let own = cut == name;
    let Some((record, types)) = first_of(context, name, |rec| is_hidden(rec.rtype, own)) else { return };
    let delegated = zone.absolute(zone.key_of(cut));
    let message = if own {
        format!("`{delegated}` is delegated: its {types} is not answered from this zone")
    } else {
        format!("`{}` {types} is not answered from this zone: `{delegated}` is delegated", record.owner)
    };
    let mut finding = context
        .about("occluded-data", &record, record.type_span, message)
        .help(format!("put it into the zone `{delegated}`, or remove it"));
    if let Some(ns) = zone.read_rrset(zone.key_of(cut), Rtype::NS).first() {
        finding = finding.related(ns.type_span, "delegated here");
    }
    out.push(finding);
}

/// Whether a cut above a record, or at its own name, keeps it from being answered, and no other rule
/// says so.
fn is_hidden(rtype: Rtype, own: bool) -> bool {
    match rtype {
        Rtype::A | Rtype::AAAA | Rtype::DS | Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 => false,
        // Of the DNSSEC of RFC 2535.
        Rtype::KEY | Rtype::SIG | Rtype::NXT => false,
        Rtype::SOA | Rtype::DELEG => false,
        Rtype::NS | Rtype::CNAME | Rtype::DNAME => !own,
        other => !OF_ZONES.contains(&other),
    }
}

/// The first of some records of a name, and the types of all of them for a message.
fn first_of(
    context: &ZoneContext<'_>,
    name: NameId,
    wanted: impl Fn(&Rec) -> bool,
) -> Option<(Record, String)> {
    let zone = context.zone;
    let records: Vec<Rec> = zone.records(name).filter(wanted).collect();
    let first = records.iter().min_by_key(|rec| rec.place())?;
    let types: BTreeSet<String> = records.iter().map(|rec| rec.rtype.to_string()).collect();
    let types = types.into_iter().collect::<Vec<_>>().join(", ");
    Some((zone.record(zone.key_of(name), *first)?, types))
}

/// A name as it is written in the zone.
fn shown(key: &[u8]) -> String {
    if key.is_empty() { String::from("@") } else { String::from_utf8_lossy(key).into_owned() }
}
