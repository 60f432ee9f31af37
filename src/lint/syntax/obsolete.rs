//! Record types that are no longer in use.

use crate::diagnostic::{Applicability, Finding};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;

/// The types, and what to do instead. KEY is not one of them: SIG(0) uses it (RFC 2931).
static OBSOLETE: [(Rtype, &str); 18] = [
    (Rtype::MD, "write an MX record (RFC 973)"),
    (Rtype::MF, "write an MX record (RFC 973)"),
    (Rtype::MB, "delete it: mailboxes never came to DNS"),
    (Rtype::MG, "delete it: mailboxes never came to DNS"),
    (Rtype::MR, "delete it: mailboxes never came to DNS"),
    (Rtype::MINFO, "delete it: mailboxes never came to DNS"),
    (Rtype::NULL, "delete it: nothing reads it"),
    (Rtype::WKS, "delete it: nothing reads it (RFC 1123 section 2.2)"),
    (Rtype::NSAP, "delete it: OSI addresses are historic"),
    (Rtype::NSAP_PTR, "delete it: OSI addresses are historic"),
    (Rtype::SIG, "sign the zone: RRSIG took its place (RFC 3755)"),
    (Rtype::GPOS, "write a LOC record (RFC 1876)"),
    (Rtype::NXT, "sign the zone: NSEC took its place (RFC 3755)"),
    (Rtype::EID, "delete it: Nimrod was never built"),
    (Rtype::NIMLOC, "delete it: Nimrod was never built"),
    (Rtype::A6, "write an AAAA record (RFC 6563)"),
    (Rtype::SPF, "write a TXT record (RFC 7208 section 3.1)"),
    (Rtype::DLV, "delete it: the registries are closed (RFC 8749)"),
];

/// The types that share a member with others, all in one.
pub(super) const TYPES: TypeSet = {
    let mut types = TypeSet::all(&[]);
    let mut at = 0;
    while at < OBSOLETE.len() {
        types = types.union(TypeSet::of(OBSOLETE[at].0));
        at += 1;
    }
    types
};

/// `obsolete-type`
pub(super) fn types(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    for rec in zone.records(name) {
        let Some((_, help)) = OBSOLETE.iter().find(|(rtype, _)| *rtype == rec.rtype) else { continue };
        let Some(record) = zone.record(zone.key_of(name), rec) else { continue };
        let message = format!("`{}` {}: the type is obsolete", record.owner, record.rtype);
        let finding = context.about("obsolete-type", &record, record.type_span, message);
        out.push(match record.rtype {
            Rtype::SPF => spf(context, name, &record, finding, help),
            _ => finding.help(*help),
        });
    }
}

/// An SPF record becomes TXT, unless the policy stands there already.
fn spf(context: &ZoneContext<'_>, name: NameId, record: &Record, finding: Finding, help: &str) -> Finding {
    let texts = context.zone.read_rrset(context.zone.key_of(name), Rtype::TXT);
    let policy = texts.iter().find(|text| {
        let begins = text.wire.get(1..7);
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(b"v=spf1"))
    });
    match policy {
        Some(policy) => finding
            .related(policy.type_span, "the policy that mail servers read")
            .help("delete it: mail servers read the TXT record"),
        None => finding.help(help).fix(Applicability::Unsafe, record.type_span, "TXT"),
    }
}
