//! Types that a server knows by number only.

use crate::diagnostic::Applicability;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::server::Server::{self, Bind, Knot, Nsd};
use std::fmt::Write as _;

/// Types that the newest version of some server (BIND 9.21, Knot 3.6, NSD 4.15) does not know by
/// name, and the servers that do not.
static UNKNOWN: &[(Rtype, &[Server])] = &[
    (Rtype::MD, &[Knot]),
    (Rtype::MF, &[Knot]),
    (Rtype::MB, &[Knot]),
    (Rtype::MG, &[Knot]),
    (Rtype::MR, &[Knot]),
    (Rtype::NULL, &[Knot]),
    (Rtype::WKS, &[Knot]),
    (Rtype::X25, &[Knot]),
    (Rtype::ISDN, &[Knot]),
    (Rtype::NSAP, &[Knot]),
    (Rtype::NSAP_PTR, &[Knot]),
    (Rtype::SIG, &[Knot]),
    (Rtype::PX, &[Knot]),
    (Rtype::GPOS, &[Knot]),
    (Rtype::NXT, &[Knot]),
    (Rtype::EID, &[Knot]),
    (Rtype::NIMLOC, &[Knot]),
    (Rtype::ATMA, &[Knot]),
    (Rtype::A6, &[Knot, Nsd]),
    (Rtype::SINK, &[Knot]),
    (Rtype::HIP, &[Knot]),
    (Rtype::NINFO, &[Knot]),
    (Rtype::RKEY, &[Knot]),
    (Rtype::TALINK, &[Knot]),
    (Rtype::HHIT, &[Knot]),
    (Rtype::BRID, &[Knot]),
    (Rtype::AVC, &[Knot]),
    (Rtype::DOA, &[Knot]),
    (Rtype::AMTRELAY, &[Knot]),
    (Rtype::CLA, &[Bind, Knot]),
    (Rtype::IPN, &[Bind, Knot]),
    (Rtype::TA, &[Knot]),
    (Rtype::DLV, &[Knot]),
];

/// The types that share a member with others, all in one.
pub(super) const UNSUPPORTED: TypeSet = {
    let mut types = TypeSet::all(&[]);
    let mut at = 0;
    while at < UNKNOWN.len() {
        types = types.union(TypeSet::of(UNKNOWN[at].0));
        at += 1;
    }
    types
};

/// `portability-type-unsupported`
pub(super) fn unsupported(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    for rec in zone.records(name) {
        let Some((_, servers)) = UNKNOWN.iter().find(|(rtype, _)| *rtype == rec.rtype) else { continue };
        let named = servers.iter().copied().filter(|server| context.targets.names(&[*server]));
        let servers: Vec<Server> = named.collect();
        if servers.is_empty() {
            continue;
        }
        if let Some(record) = zone.record(zone.key_of(name), rec) {
            report(context, &record, &servers, out);
        }
    }
}

fn report(context: &ZoneContext<'_>, record: &Record, servers: &[Server], out: Out<'_>) {
    let sources = context.zone.sources();
    let written = sources.bytes(record.type_span);
    if written.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"TYPE")) {
        return;
    }
    let servers: Vec<String> = servers.iter().map(Server::to_string).collect();
    let (owner, rtype) = (&record.owner, record.rtype);
    let message = format!(
        "`{owner}` {rtype}: a type whose name {} {} not know",
        servers.join(" and "),
        if servers.len() == 1 { "does" } else { "do" }
    );
    let mut generic = format!("TYPE{} \\# {}", rtype.0, record.wire.len());
    for (at, octet) in record.wire.iter().enumerate() {
        let blank = if at == 0 { " " } else { "" };
        // Writing to a string does not fail.
        let _ = write!(generic, "{blank}{octet:02x}");
    }
    let mut finding = context
        .about("portability-type-unsupported", record, record.type_span, message)
        .help(format!("write `{}`", shortened(&generic)));
    let whole = record.type_span.to(record.rdata_span());
    let on_one_line = !sources.bytes(whole).iter().any(|octet| matches!(octet, b'\n' | b'(' | b')' | b';'));
    let generated = sources.get(whole.file).generated_by().is_some();
    if on_one_line && !generated && !record.fields.is_empty() {
        finding = finding.fix(Applicability::Safe, whole, generic);
    }
    out.push(finding);
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.get(..LONGEST) {
        Some(head) if text.len() > LONGEST + 3 => format!("{head}..."),
        _ => text.to_owned(),
    }
}
