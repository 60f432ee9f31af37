//! Zones that are no data for the public: response policy zones, catalog zones, and those that
//! resolvers report errors to.

use super::context::ZoneContext;
use super::rule::{Check, Out, Rule, rule};
use crate::diagnostic::{Finding, Severity, nearest};
use crate::zone::{Lookup, NameId, Rec, Record};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;

/// Rules about zones for one purpose.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Rdata,
        "rdata",
        "catalog-zone-invalid",
        Error,
        No,
        "RFC 9432 section 4",
        Check::Zone(catalog),
        "a catalog zone that servers do not process"
    ),
    rule!(
        opt_in Rdata,
        "rdata",
        "er-report-channel-missing",
        Warning,
        No,
        "RFC 9567 section 6.3",
        Check::Zone(report_channel),
        "a zone for error reports without the wildcard that answers them"
    ),
    rule!(
        opt_in Rdata,
        "rdata",
        "rpz-owner-invalid",
        Error,
        No,
        "draft-vixie-dnsop-dns-rpz section 4",
        Check::Zone(policy_owners),
        "a trigger of a response policy zone that no server reads"
    ),
];

/// A finding at the first record of a name.
fn about_name(
    context: &ZoneContext<'_>,
    rule: &'static str,
    name: NameId,
    message: impl FnOnce(&Record) -> String,
) -> Option<Finding> {
    let zone = context.zone;
    let first = zone.records(name).min_by_key(Rec::place)?;
    let record = zone.record(zone.key_of(name), first)?;
    Some(context.about(rule, &record, record.first_span, message(&record)))
}

/// `er-report-channel-missing`
fn report_channel(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    // Reports end in `_er` and the name of the agent, which may lie below the apex.
    let is_channel = |name: NameId| {
        let key = zone.key_of(name);
        (key == b"*._er" || key.starts_with(b"*._er.")) && zone.types_of(name).has(Rtype::TXT)
    };
    let delegated = matches!(zone.lookup(b"*._er"), Lookup::BelowCut { .. } | Lookup::BelowDname(_));
    if context.partial || delegated || zone.names().any(is_channel) {
        return;
    }
    let message = format!("`*._er.{}` has no TXT record, which answers error reports", zone.apex());
    out.push(
        context
            .about_zone("er-report-channel-missing", context.apex_span(), message)
            .help("add `*._er IN TXT \"report received\"`"),
    );
}

/// `rpz-owner-invalid`
fn policy_owners(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for name in zone.names() {
        let Ok(key) = std::str::from_utf8(zone.key_of(name)) else { continue };
        let Some(fault) = trigger_fault(key) else { continue };
        let finding = about_name(context, "rpz-owner-invalid", name, |record| {
            format!("`{}` is no trigger: {fault}", record.owner)
        });
        out.extend(finding.map(|finding| finding.help(FORMS)));
    }
}

/// How triggers are written.
const FORMS: &str = "an IPv4 network is `24.0.2.0.192.rpz-ip`, an IPv6 network `32.zz.db8.2001.rpz-ip`, \
                     a name server `ns1.example.net.rpz-nsdname`";

/// What is wrong with an owner, relative to the apex, as a trigger.
fn trigger_fault(key: &str) -> Option<String> {
    const KINDS: [&str; 4] = ["rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname"];
    let mut labels: Vec<&str> =
        Labels(key.as_bytes()).filter_map(|label| std::str::from_utf8(label).ok()).collect();
    let kind = labels.pop()?;
    match kind {
        "rpz-nsdname" if labels.is_empty() => Some(String::from("it names no name server")),
        "rpz-nsdname" => None,
        "rpz-ip" | "rpz-client-ip" | "rpz-nsip" => address_fault(&labels),
        _ if kind.starts_with("rpz") => Some(match nearest(kind, KINDS) {
            Some(meant) => format!("`{kind}` is no kind of trigger; did you mean `{meant}`?"),
            None => format!("`{kind}` is no kind of trigger"),
        }),
        _ => None,
    }
}

/// What is wrong with the address of a trigger: length of the prefix, then its parts backwards. Other
/// ways to write an address than the canonical one are right, as BIND takes them.
fn address_fault(labels: &[&str]) -> Option<String> {
    let [prefix, parts @ ..] = labels else { return Some(String::from("it names no address")) };
    let number = |text: &str, radix| {
        let digits = text.len() <= 4 && text.bytes().all(|octet| char::from(octet).is_digit(radix));
        u32::from_str_radix(text, radix).ok().filter(|_| digits)
    };
    let is_octet = |text: &&str| number(text, 10).is_some_and(|octet| octet <= 255);
    if labels.len() == 4 && labels.iter().all(is_octet) {
        return Some(String::from("an IPv4 network has 5 labels, the length of its prefix first"));
    }
    let Some(length) = number(prefix, 10) else {
        return Some(format!("`{prefix}` is no length of a prefix"));
    };
    let is_ipv4 = parts.len() == 4 && !parts.iter().any(|part| part.contains('z'));
    let (bits, of) = if is_ipv4 { (32, "an IPv4") } else { (128, "an IPv6") };
    if !(1..=bits).contains(&length) {
        return Some(format!("{of} address has no prefix of {length} bits"));
    }
    let mut address: u128 = 0;
    if is_ipv4 {
        for part in parts.iter().rev() {
            let Some(octet) = number(part, 10).filter(|octet| *octet <= 255) else {
                return Some(format!("`{part}` is no octet of an IPv4 address"));
            };
            address = address << 8 | u128::from(octet);
        }
    } else {
        let gaps = parts.iter().filter(|part| **part == "zz").count();
        if gaps > 1 {
            return Some(String::from("`zz` stands in it more than once"));
        }
        let complete = gaps == 0 && parts.len() == 8 || gaps == 1 && parts.len() <= 8;
        if !complete {
            let count = parts.len();
            return Some(format!(
                "{count} labels stand for the address; IPv4 has 4, IPv6 has 8, or less with one `zz`"
            ));
        }
        for part in parts.iter().rev() {
            if *part == "zz" {
                let missing = 9 - parts.len();
                address = address.checked_shl(16 * missing as u32).unwrap_or_default();
                continue;
            }
            let Some(word) = number(part, 16) else {
                return Some(format!("`{part}` is no word of an IPv6 address"));
            };
            address = address << 16 | u128::from(word);
        }
    }
    let host = (1_u128 << (bits - length)) - 1;
    (address & host != 0).then(|| format!("the address has bits beyond a prefix of {length}"))
}

/// `catalog-zone-invalid`
fn catalog(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::PTR) {
        return;
    }
    let versions = zone.read_rrset(b"version", Rtype::TXT);
    // Nobody asks a catalog zone for its name servers, and this is what the RFC has people write.
    let is_invalid = |record: &Record| record.target().is_some_and(|target| target.absolute == "invalid");
    let is_number = |record: &Record| {
        record.wire.split_first().is_some_and(|(_, text)| text.iter().all(u8::is_ascii_digit))
    };
    if !versions.iter().any(is_number) && !context.name_servers().iter().any(is_invalid) {
        return;
    }
    let members = members(context);
    if members.is_empty() {
        return;
    }
    version(context, &versions, out);
    member_zones(context, &members, out);
}

/// The names of members: those right below `zones` that own PTR records.
fn members(context: &ZoneContext<'_>) -> Vec<NameId> {
    let zone = context.zone;
    let is_member = |name: &NameId| {
        let mut labels = Labels(zone.key_of(*name));
        labels.next().is_some() && labels.0 == b"zones" && zone.types_of(*name).has(Rtype::PTR)
    };
    let mut members: Vec<NameId> = zone.names().filter(is_member).collect();
    zone.sort_by_place(&mut members);
    members
}

const CATALOG: &str = "catalog-zone-invalid";

fn version(context: &ZoneContext<'_>, versions: &[Record], out: Out<'_>) {
    let zone = context.zone;
    match versions {
        [] if context.partial => {}
        [] => {
            let message = format!("`version.{}` has no TXT record", zone.apex());
            let finding = context.about_zone(CATALOG, context.apex_span(), message);
            out.push(finding.help("add `version IN TXT \"2\"`"));
        }
        [only] if *only.wire == *b"\x012" => {}
        [only] => {
            let message = format!("`{}` TXT: the version of the catalog zone is not \"2\"", only.owner);
            let mut finding = context.about(CATALOG, only, only.rdata_span(), message);
            if *only.wire == *b"\x011" {
                finding.severity = Severity::Warning;
                finding = finding.help("write \"2\": nothing but BIND reads version 1");
            }
            out.push(finding);
        }
        [first, second, ..] => {
            let message = format!("`{}` has {} TXT records, not 1", first.owner, versions.len());
            let finding = context.about(CATALOG, second, second.rdata_span(), message);
            out.push(finding.related(first.rdata_span(), "the first one"));
        }
    }
}

fn member_zones(context: &ZoneContext<'_>, members: &[NameId], out: Out<'_>) {
    let zone = context.zone;
    let mut known: HashMap<String, Record> = HashMap::new();
    for name in members {
        let key = zone.key_of(*name);
        one_pointer(context, key, "a member of the catalog zone", out);
        one_pointer(context, &[b"coo.", key].concat(), "the change of ownership of a member", out);
        for record in zone.read_rrset(key, Rtype::PTR) {
            let Some(target) = record.target() else { continue };
            match known.get(&target.absolute) {
                Some(first) if first.key != record.key => {
                    let message = format!(
                        "`{}` PTR: zone `{}` is a member twice, as `{}` too",
                        record.owner, target.absolute, first.owner
                    );
                    let finding = context.about(CATALOG, &record, target.span, message);
                    out.push(finding.related(first.rdata_span(), "the first time"));
                }
                Some(_) => {}
                None => {
                    known.insert(target.absolute.clone(), record);
                }
            }
        }
    }
}

fn one_pointer(context: &ZoneContext<'_>, key: &[u8], what: &str, out: Out<'_>) {
    let records = context.zone.read_rrset(key, Rtype::PTR);
    let [first, others @ ..] = &*records else { return };
    let Some(second) = others.iter().find(|other| other.wire != first.wire) else { return };
    let message = format!("`{}` has {} PTR records; {what} has one", first.owner, records.len());
    let finding = context.about(CATALOG, second, second.rdata_span(), message);
    out.push(finding.related(first.rdata_span(), "the first one"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_that_bind_reads_are_right() {
        for key in [
            "",
            "bad.example",
            "*.bad.example",
            "ns1.bad.example.rpz-nsdname",
            "*.bad.example.rpz-nsdname",
            "32.1.2.0.192.rpz-ip",
            "24.0.2.0.192.rpz-client-ip",
            "8.0.0.0.10.rpz-nsip",
            "128.1.zz.db8.2001.rpz-ip",
            "32.zz.db8.2001.rpz-ip",
            "64.zz.3.2.db8.2001.rpz-ip",
            "128.8.7.6.5.4.3.db8.2001.rpz-ip",
            "1.zz.8000.rpz-ip",
            "32.010.2.0.192.rpz-ip",
            "032.9.2.0.192.rpz-ip",
            "112.0.7.6.5.4.3.db8.2001.rpz-ip",
            "128.zz.7.6.5.4.3.db8.2001.rpz-ip",
        ] {
            assert_eq!(trigger_fault(key), None, "{key}");
        }
    }

    fn assert_faults(keys: &[&str]) {
        for key in keys {
            assert!(trigger_fault(key).is_some(), "{key}");
        }
    }

    #[test]
    fn triggers_that_bind_passes_over_are_faults() {
        assert_faults(&[
            "rpz-ip",
            "*.rpz-ip",
            "192.0.2.1.rpz-ip",
            "33.1.2.0.192.rpz-ip",
            "0.1.2.0.192.rpz-ip",
            "24.1.2.0.192.rpz-ip",
            "32.1.2.0.256.rpz-ip",
            "1000.4.0.53.10.rpz-client-ip",
            "129.zz.db8.2001.rpz-ip",
            "128.1.g.zz.2001.rpz-ip",
            "128.12345.zz.2001.rpz-ip",
            "128.1.2.3.4.5.6.7.8.9.rpz-ip",
            "16.7.6.5.4.3.db8.2001.rpz-ip",
        ]);
    }

    #[test]
    fn triggers_that_bind_takes_for_something_else_are_faults() {
        // For 192:0:2::/24, 2001:0:2::1, 2001:db8::/32, and two names.
        assert_faults(&[
            "24.2.0.192.rpz-ip",
            "128.1.zz.2.zz.2001.rpz-ip",
            "32.1.zz.db8.2001.rpz-ip",
            "ns1.bad.example.rpz-nsname",
            "32.1.2.0.192.rpz-clientip",
            "rpz-nsdname",
        ]);
    }
}
