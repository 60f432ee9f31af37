//! Addresses that the name of a host should not lead to, by the ranges set aside for other uses
//! (RFC 6890 and the registries that it began).

use crate::config::ZoneKind;
use crate::diagnostic::{Applicability, Finding};
use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::line::own_lines;
use crate::lint::rule::Out;
use crate::zone::{RdataNotes, Record};
use crate::zonefile::rtype::Rtype;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a range that no host has an address in is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Special {
    Loopback,
    LinkLocal,
    Unspecified,
    /// IPv4 within IPv6: `::ffff:0:0/96`, and the older `::/96`.
    Mapped,
    /// Multicast and reserved ranges, with their name.
    Reserved(&'static str),
}

impl Special {
    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(v4) => Self::of_ipv4(v4),
            IpAddr::V6(v6) => Self::of_ipv6(v6),
        }
    }

    fn of_ipv4(address: Ipv4Addr) -> Option<Self> {
        Some(match address.octets() {
            [0, 0, 0, 0] => Self::Unspecified,
            [0, ..] => Self::Reserved("`0.0.0.0/8`, this network"),
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::LinkLocal,
            [224..=239, ..] => Self::Reserved("`224.0.0.0/4`, multicast"),
            [255, 255, 255, 255] => Self::Reserved("the broadcast address"),
            [240..=255, ..] => Self::Reserved("`240.0.0.0/4`, reserved"),
            _ => return None,
        })
    }

    fn of_ipv6(address: Ipv6Addr) -> Option<Self> {
        Some(match address.segments() {
            _ if address.is_unspecified() => Self::Unspecified,
            _ if address.is_loopback() => Self::Loopback,
            [0, 0, 0, 0, 0, 0 | 0xffff, ..] => Self::Mapped,
            [0xfe80..=0xfebf, ..] => Self::LinkLocal,
            [0xfec0..=0xfeff, ..] => Self::Reserved("`fec0::/10`, site-local and given up"),
            [0xff00..=0xffff, ..] => Self::Reserved("`ff00::/8`, multicast"),
            [0, ..] => Self::Reserved("`::/8`, reserved"),
            _ => return None,
        })
    }
}

/// In lists of blocked names or addresses such an address is an answer, not a place. A zone is such
/// a list when more than half of its addresses, and more than so many, are such.
const FEW: usize = 8;

/// Each record with an address of a special range that the rule takes.
fn special(
    context: &ZoneContext<'_>,
    mut check: impl FnMut(&Record, Special) -> Option<Finding>,
    out: Out<'_>,
) {
    let zone = context.zone;
    let noted = zone.noted(RdataNotes::SPECIAL);
    let (addresses, _) = zone.address_counts();
    if noted.len() > FEW && noted.len() as u64 * 2 > addresses {
        return;
    }
    for record in noted.into_iter().filter_map(|(key, rec, _)| zone.record(key, rec)) {
        let Some(range) = record.address().and_then(Special::of) else { continue };
        out.extend(check(&record, range));
    }
}

/// The finding for a record, at its address.
fn about(
    context: &ZoneContext<'_>,
    rule: &'static str,
    record: &Record,
    what: &str,
    help: &'static str,
) -> Option<Finding> {
    let message = format!("`{}` {}: `{}` {what}", record.owner, record.rtype, record.address()?);
    Some(context.about(rule, record, record.rdata_span(), message).help(help))
}

fn is_localhost(record: &Record) -> bool {
    record.owner.split('.').next() == Some("localhost")
}

/// Whether an owner is one of a list of addresses (RFC 5782, section 2.1): there, 127.0.0.2 and the
/// like are what the list says of `2.0.0.127` and others.
fn is_listed(record: &Record) -> bool {
    let mut octets = record.owner.split('.').take(4);
    octets.clone().count() == 4 && octets.all(|octet| octet.parse::<u8>().is_ok())
}

/// `address-loopback`.
pub(super) fn loopback(context: &ZoneContext<'_>, out: Out<'_>) {
    let check = |record: &Record, range| {
        let wanted = range == Special::Loopback && !is_localhost(record) && !is_listed(record);
        let what = "is the host that asks";
        let help = "write the address of the host";
        wanted.then(|| about(context, "address-loopback", record, what, help))?
    };
    special(context, check, out);
}

/// `address-link-local`.
pub(super) fn link_local(context: &ZoneContext<'_>, out: Out<'_>) {
    let check = |record: &Record, range| {
        let what = "is link-local, valid on one network segment only";
        let help = "write an address that is routed, or remove the record";
        (range == Special::LinkLocal).then(|| about(context, "address-link-local", record, what, help))?
    };
    special(context, check, out);
}

/// `address-unspecified`.
pub(super) fn unspecified(context: &ZoneContext<'_>, out: Out<'_>) {
    let check = |record: &Record, range| {
        let what = "is no address of a host";
        let help = "write the address of the host, or remove the record";
        (range == Special::Unspecified).then(|| about(context, "address-unspecified", record, what, help))?
    };
    special(context, check, out);
}

/// `address-multicast-or-reserved`.
pub(super) fn reserved(context: &ZoneContext<'_>, out: Out<'_>) {
    let check = |record: &Record, range| {
        let Special::Reserved(range) = range else { return None };
        let what = format!("lies in {range}");
        about(context, "address-multicast-or-reserved", record, &what, "write the address of the host")
    };
    special(context, check, out);
}

/// `address-ipv4-mapped`.
pub(super) fn mapped(context: &ZoneContext<'_>, out: Out<'_>) {
    let check = |record: &Record, range| {
        if range != Special::Mapped {
            return None;
        }
        let IpAddr::V6(address) = record.address()? else { return None };
        let [.., a, b, c, d] = address.octets();
        let message = format!("`{}` AAAA: `{address}` is an IPv4 address within IPv6", record.owner);
        let help = format!("write `A {}` instead", Ipv4Addr::new(a, b, c, d));
        Some(context.about("address-ipv4-mapped", record, record.rdata_span(), message).help(help))
    };
    special(context, check, out);
}

/// `address-private`: zones that everybody sees, and that are not meant for a private network.
pub(super) fn private(context: &ZoneContext<'_>, out: Out<'_>) {
    if !matches!(context.kind, ZoneKind::Public | ZoneKind::Registry) {
        return;
    }
    let zone = context.zone;
    for record in
        zone.noted(RdataNotes::PRIVATE).into_iter().filter_map(|(key, rec, _)| zone.record(key, rec))
    {
        let help = "write the public address, or move the record to an internal zone";
        out.extend(about(context, "address-private", &record, "is for private networks only", help));
    }
}

/// The names that are examples themselves: RFC 2606, RFC 6761, and those of Microsoft's documents.
const EXAMPLES: [&str; 9] = [
    "example.com",
    "example.net",
    "example.org",
    "example",
    "test",
    "invalid",
    "contoso.com",
    "contoso.net",
    "fabrikam.com",
];

/// Whether the name of the zone itself is for examples.
pub(in crate::lint) fn is_for_examples(context: &ZoneContext<'_>) -> bool {
    let apex = context.zone.apex().to_string();
    let is_example =
        |name: &str| apex.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    EXAMPLES.into_iter().any(is_example)
}

/// `address-documentation`.
pub(super) fn documentation(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    if is_for_examples(context) {
        return;
    }
    let help = "write the address of the host";
    out.extend(about(context, "address-documentation", record, "is for examples in documents", help));
}

/// `localhost-record`.
pub(super) fn localhost(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let apex = zone.apex().to_string();
    if apex == "." || apex == "localhost" || zone.find(b"localhost").is_none() {
        return;
    }
    let mut records = zone.addresses(b"localhost");
    records.extend(zone.read_rrset(b"localhost", Rtype::CNAME));
    for record in records {
        let message = format!("`{}` is a name for the host that asks", record.owner);
        let mut finding =
            context.about("localhost-record", &record, record.first_span, message).help("remove the record");
        if let Some((lines, _)) = own_lines(zone, &record) {
            finding = finding.fix(Applicability::Unsafe, lines, String::new());
        }
        out.push(finding);
    }
}

/// `address-same-subnet`: the first two addresses of a name in one /24 or /64.
pub(super) fn same_subnet(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if !matches!(rrset.rtype, Rtype::A | Rtype::AAAA) {
        return;
    }
    let records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect();
    for (index, record) in records.iter().enumerate() {
        let Some(address) = record.address() else { continue };
        let known = records.get(..index).unwrap_or_default();
        let same = |other: &&Record| {
            other.address().is_some_and(|other| other != address && subnet(other) == subnet(address))
        };
        let Some(other) = known.iter().find(same) else { continue };
        let (network, length) = subnet(address);
        let message = format!("`{}` has two addresses in `{network}/{length}`", record.owner);
        out.push(
            context
                .about("address-same-subnet", record, record.rdata_span(), message)
                .related(other.rdata_span(), "the other one"),
        );
        return;
    }
}

/// The network that most hosts of a site share an address in: /24 or /64.
pub(super) fn subnet(address: IpAddr) -> (IpAddr, u8) {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            (IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), 24)
        }
        IpAddr::V6(v6) => (IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)), 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_no_host_has_are_told_by_their_range() {
        let of = |text: &str| Special::of(text.parse().unwrap_or_else(|_| panic!("{text}")));
        for (text, range) in [
            ("0.0.0.0", Special::Unspecified),
            ("::", Special::Unspecified),
            ("127.255.0.1", Special::Loopback),
            ("::1", Special::Loopback),
            ("169.254.0.1", Special::LinkLocal),
            ("febf::1", Special::LinkLocal),
            ("::ffff:192.0.2.1", Special::Mapped),
            ("::192.0.2.1", Special::Mapped),
        ] {
            assert_eq!(of(text), Some(range), "{text}");
        }
        for reserved in ["0.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "fec0::1", "ff02::1"] {
            assert!(matches!(of(reserved), Some(Special::Reserved(_))), "{reserved}");
        }
        for usual in ["192.0.0.170", "198.18.0.1", "10.0.0.1", "64:ff9b::1", "2a00::1", "fd00::1"] {
            assert_eq!(of(usual), None, "{usual}");
        }
    }
}
