//! Rules about certificates and keys in the DNS: TLSA, SMIMEA and OPENPGPKEY.

use super::owner::{AliasTargets, lacks_dot};
use super::{lacks, records_of};
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Wants, Workspace, ZoneContext};
use crate::zone::{Lookup, NameId, RdataNotes, Rec, Record, TypeSet};
use crate::zonefile::name::{Labels, parent};
use crate::zonefile::rtype::Rtype;
use std::collections::HashSet;

/// The types whose data is a certificate or a digest of one.
const ASSOCIATIONS: [Rtype; 2] = [Rtype::TLSA, Rtype::SMIMEA];

/// Rules about TLSA, SMIMEA and OPENPGPKEY.
pub(in crate::lint) static DANE_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "openpgpkey-owner",
        Warning,
        No,
        "RFC 7929 section 3",
        Check::Owners(Wants::types(TypeSet::of(Rtype::OPENPGPKEY)), openpgpkey_owner),
        "OPENPGPKEY owner that no client asks for"
    ),
    rule!(
        Rdata,
        ".",
        "smimea-owner",
        Warning,
        No,
        "RFC 8162 section 3",
        Check::Owners(Wants::types(TypeSet::of(Rtype::SMIMEA)), smimea_owner),
        "SMIMEA owner that no client asks for"
    ),
    rule!(
        Rdata,
        ".",
        "tlsa-host-missing",
        Info,
        No,
        "RFC 6698 section 3",
        Check::Owner(Wants::types(TypeSet::of(Rtype::TLSA)), host_missing),
        "TLSA for a host of the zone without address"
    ),
    rule!(
        Rdata,
        ".",
        "tlsa-length",
        Error,
        No,
        "RFC 6698 section 2.1.4",
        Check::Odd(&ASSOCIATIONS, length),
        "TLSA or SMIMEA digest of the wrong length"
    ),
    rule!(
        Rdata,
        ".",
        "tlsa-owner",
        Error,
        No,
        "RFC 6698 section 3",
        Check::Zone(tlsa_owner),
        "TLSA owner that does not begin with a port and a protocol"
    ),
    rule!(
        Rdata,
        ".",
        "tlsa-parameters",
        Error,
        No,
        "RFC 6698 section 7, RFC 7218",
        Check::Odd(&ASSOCIATIONS, parameters),
        "TLSA or SMIMEA number that is not assigned"
    ),
    rule!(
        Rdata,
        ".",
        "tlsa-unsigned-zone",
        Warning,
        No,
        "RFC 6698 section 4, RFC 8162 section 7, RFC 7929 section 5",
        Check::Workspace(unsigned),
        "TLSA, SMIMEA or OPENPGPKEY in a zone that is delegated without DS"
    ),
];

/// Whether a label is `_` and a port.
fn is_port(label: &[u8]) -> bool {
    let port = label.strip_prefix(b"_").and_then(|digits| std::str::from_utf8(digits).ok());
    port.is_some_and(|port| port.bytes().all(|octet| octet.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

fn is_protocol(label: &[u8]) -> bool {
    matches!(label, b"_tcp" | b"_udp" | b"_sctp" | b"_dccp")
}

/// Whether clients may ask for the owner (absolute), or a CNAME may lead to it by custom: a name with
/// underscored labels, none of which is a port or a protocol, is one for such CNAMEs.
fn may_own_tlsa(owner: &str) -> bool {
    let labels: Vec<&[u8]> = Labels(owner.as_bytes()).collect();
    match labels[..] {
        [b"*", ..] => true,
        [port, protocol, ..] if is_port(port) => protocol.starts_with(b"_"),
        _ => {
            labels.iter().any(|label| label.starts_with(b"_"))
                && !labels.iter().any(|label| is_port(label) || is_protocol(label))
        }
    }
}

fn tlsa_owner(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if context.partial {
        return;
    }
    let mut aliases = AliasTargets::default();
    let odd = zone.noted(RdataNotes::ODD).into_iter().filter(|(_, rec, _)| rec.rtype == Rtype::TLSA);
    let mut seen = HashSet::new();
    for name in odd.filter_map(|(key, ..)| zone.find(key)).filter(|name| seen.insert(*name)) {
        let owner = zone.absolute(zone.key_of(name));
        if may_own_tlsa(&owner) || aliases.has(context, name) {
            continue;
        }
        let Some(record) = records_of(context, name, &[Rtype::TLSA]).into_iter().next() else { continue };
        if lacks_dot(context, &record) {
            continue;
        }
        let place = record.owner_span.unwrap_or(record.type_span);
        let message = format!("`{owner}` TLSA: the owner does not begin with a port and a protocol");
        let service = Labels(owner.as_bytes()).take_while(|label| label.starts_with(b"_")).count();
        let service = if Labels(owner.as_bytes()).nth(1).is_some_and(is_protocol) { 2 } else { service };
        let mut host = Labels(owner.as_bytes());
        if let Some(last) = service.checked_sub(1) {
            host.nth(last);
        }
        let host = String::from_utf8_lossy(host.0);
        out.push(
            context
                .about("tlsa-owner", &record, place, message)
                .help(format!("write them in front of the host, such as `_443._tcp.{host}`")),
        );
    }
}

fn parameters(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    for (index, (what, most)) in [("usage", 3), ("selector", 1), ("matching type", 2)].into_iter().enumerate()
    {
        // 255 is for private use.
        let Some(value) = record.wire.get(index).filter(|value| **value > most && **value != 255) else {
            continue;
        };
        let message = format!("`{}` {}: {what} `{value}` is not assigned", record.owner, record.rtype);
        out.push(
            context
                .about("tlsa-parameters", record, record.field(index), message)
                .help(format!("write a number from 0 to {most}")),
        );
    }
}

fn length(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let (digest, wanted) = match record.wire.get(2) {
        Some(1) => ("SHA-256", 32),
        Some(2) => ("SHA-512", 64),
        _ => return,
    };
    let found = record.wire.len().saturating_sub(3);
    if found == wanted {
        return;
    }
    let message =
        format!("`{}` {}: the data has {found} octets; {digest} has {wanted}", record.owner, record.rtype);
    let finding = context.about("tlsa-length", record, record.field(3), message);
    out.push(match found {
        32 => finding.help("write matching type 1 if it is SHA-256"),
        64 => finding.help("write matching type 2 if it is SHA-512"),
        _ => finding.help(format!("write all {} hexadecimal digits of the digest", wanted * 2)),
    });
}

fn host_missing(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types_of(name).has(Rtype::TLSA) || zone.cut_above(zone.key_of(name)).is_some() {
        return;
    }
    let key = zone.key_of(name);
    let mut labels = Labels(key);
    let (Some(port), Some(protocol)) = (labels.next(), labels.next()) else { return };
    if !is_port(port) || !is_protocol(protocol) {
        return;
    }
    let host = labels.0;
    // The host of SRV and MX records is what TLSA stands for there, and owns addresses too.
    if !lacks(context, host, TypeSet::has_address) {
        return;
    }
    let Some(record) = records_of(context, name, &[Rtype::TLSA]).into_iter().next() else { return };
    if lacks_dot(context, &record) {
        return;
    }
    let shown = zone.absolute(host);
    let message = format!("`{}` TLSA: host `{shown}` has no A or AAAA record", record.owner);
    let place = record.owner_span.unwrap_or(record.type_span);
    out.push(
        context
            .about("tlsa-host-missing", &record, place, message)
            .help(format!("add the addresses of `{shown}`, or remove the record")),
    );
}

/// Whether a zone is signed cannot be told from its file, as servers sign too; but a parent of the run
/// that has no DS for it makes it one that nobody can verify.
fn unsigned(workspace: &Workspace<'_>, out: Out<'_>) {
    const TYPES: [Rtype; 3] = [Rtype::TLSA, Rtype::SMIMEA, Rtype::OPENPGPKEY];
    let own = TypeSet::all(&TYPES);
    for context in workspace.zones {
        let zone = context.zone;
        let Some(above) = parent(zone.apex().as_bytes()).filter(|_| own.meets(zone.types())) else {
            continue;
        };
        let Some((holder, _)) = workspace.holder(context.view, above) else { continue };
        let delegation = holder.zone.key(zone.apex().as_bytes()).map(|key| holder.zone.lookup(key));
        let Some(Lookup::BelowCut { cut, glue: Some(at) }) = delegation else { continue };
        let types = holder.zone.types_of(cut);
        if cut != at || holder.partial || context.partial || types.has(Rtype::DS) {
            continue;
        }
        let mut first: Option<Rec> = None;
        let mut owner = None;
        for name in zone.names().filter(|name| own.meets(zone.types_of(*name))) {
            for rec in zone.records(name).filter(|rec| TYPES.contains(&rec.rtype)) {
                if first.is_none_or(|first| rec.place() < first.place()) {
                    (first, owner) = (Some(rec), Some(name));
                }
            }
        }
        let record = owner.zip(first).and_then(|(name, rec)| zone.record(zone.key_of(name), rec));
        let Some(record) = record else { continue };
        let message = format!(
            "`{}` {}: zone `{}` has no DS record in `{}`, so no client trusts the record",
            record.owner,
            record.rtype,
            zone.apex(),
            holder.zone.apex()
        );
        let mut finding = context.about("tlsa-unsigned-zone", &record, record.type_span, message);
        if let Some(ns) = holder.zone.read_rrset(holder.zone.key_of(cut), Rtype::NS).first() {
            finding = finding.related(ns.rdata_span(), "delegated without DS");
        }
        out.push(finding.help("sign the zone and have its DS record published, or remove the record"));
    }
}

fn smimea_owner(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    of_mailbox(context, names, (Rtype::SMIMEA, "smimea-owner", "_smimecert"), out);
}

fn openpgpkey_owner(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    of_mailbox(context, names, (Rtype::OPENPGPKEY, "openpgpkey-owner", "_openpgpkey"), out);
}

/// Keys of a mailbox stand at the first 28 octets of the SHA-256 digest of what stands before the `@`,
/// in hexadecimal digits, and a label of their own.
fn of_mailbox(
    context: &ZoneContext<'_>,
    names: &[NameId],
    (rtype, rule, label): (Rtype, &'static str, &str),
    out: Out<'_>,
) {
    const DIGITS: usize = 56;
    let mut aliases = AliasTargets::default();
    for name in names {
        let Some(record) = records_of(context, *name, &[rtype]).into_iter().next() else { continue };
        let mut labels = Labels(record.owner.as_bytes());
        let (mailbox, service) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
        let is_digest = mailbox.len() == DIGITS && mailbox.iter().all(u8::is_ascii_hexdigit);
        if mailbox == b"*"
            || is_digest && service == label.as_bytes()
            || context.partial
            || aliases.has(context, *name)
            || lacks_dot(context, &record)
        {
            continue;
        }
        let message = if service == label.as_bytes() {
            format!("`{}` {rtype}: the owner does not begin with {DIGITS} hexadecimal digits", record.owner)
        } else {
            format!("`{}` {rtype}: the second label of the owner is not `{label}`", record.owner)
        };
        let place = record.owner_span.unwrap_or(record.type_span);
        out.push(context.about(rule, &record, place, message).help(format!(
            "write the first {DIGITS} hexadecimal digits of the SHA-256 of what stands before the `@`, then `{label}`"
        )));
    }
}
