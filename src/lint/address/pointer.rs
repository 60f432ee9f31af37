//! PTR records by their owners.

use crate::diagnostic::{Finding, Severity};
use crate::lint::context::{RrsetView, ZoneContext};
use crate::lint::rule::Out;
use crate::zone::{NameId, Record};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The two trees of names for addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// `in-addr.arpa`: four numbers (RFC 1035 section 3.5).
    Ipv4,
    /// `ip6.arpa`: 32 hexadecimal digits (RFC 3596 section 2.5).
    Ipv6,
}

impl Tree {
    /// The tree that an absolute name lies in, and the rest of the name.
    pub(super) fn of(name: &str) -> Option<(Self, &str)> {
        [(Self::Ipv4, "in-addr.arpa"), (Self::Ipv6, "ip6.arpa")].into_iter().find_map(|(tree, top)| {
            let rest = name.strip_suffix(top)?;
            if rest.is_empty() { Some((tree, "")) } else { Some((tree, rest.strip_suffix('.')?)) }
        })
    }

    /// How many labels the name of an address has below the tree.
    fn len(self) -> usize {
        match self {
            Self::Ipv4 => 4,
            Self::Ipv6 => 32,
        }
    }
}

/// What is wrong with a name below a tree, if something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// A label that is no octet or no digit.
    Label,
    TooMany(usize),
    TooFew(usize),
}

/// The labels of a name below `tree`. Names of networks without classes (RFC 2317), of services and
/// with wildcards follow rules of their own.
fn flaw(tree: Tree, labels: &str) -> Option<Flaw> {
    let of_address = |label: &str| match tree {
        Tree::Ipv4 => label.bytes().all(|octet| octet.is_ascii_digit()),
        Tree::Ipv6 => label.bytes().all(|octet| octet.is_ascii_hexdigit()),
    };
    if !labels.split('.').all(of_address) {
        return None;
    }
    let is_right = |label: &str| match tree {
        Tree::Ipv4 => label.parse::<u8>().is_ok() && (label.len() == 1 || !label.starts_with('0')),
        Tree::Ipv6 => label.len() == 1,
    };
    if !labels.split('.').all(is_right) {
        return Some(Flaw::Label);
    }
    match labels.split('.').count() {
        count if count > tree.len() => Some(Flaw::TooMany(count)),
        count if count < tree.len() => Some(Flaw::TooFew(count)),
        _ => None,
    }
}

/// The address that an absolute name in canonical text stands for.
pub(super) fn address_of(name: &str) -> Option<IpAddr> {
    let (tree, labels) = Tree::of(name)?;
    if flaw(tree, labels).is_some() {
        return None;
    }
    match tree {
        Tree::Ipv4 => {
            let mut octets = [0; 4];
            let mut labels = labels.split('.').rev();
            for octet in &mut octets {
                *octet = labels.next()?.parse().ok()?;
            }
            Some(IpAddr::V4(Ipv4Addr::from(octets)))
        }
        Tree::Ipv6 => {
            let digits: String = labels.split('.').rev().collect();
            let bits = u128::from_str_radix(&digits, 16).ok()?;
            Some(IpAddr::V6(Ipv6Addr::from_bits(bits)))
        }
    }
}

/// The name that an address has in its tree, no final dot.
pub(super) fn name_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let digits = format!("{:032x}", v6.to_bits());
            let mut name: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
            name.push_str("ip6.arpa");
            name
        }
    }
}

/// `ptr-owner-malformed`.
pub(super) fn owner(context: &ZoneContext<'_>, records: &[Record], out: Out<'_>) {
    let zone = context.zone;
    let Some(record) = records.first() else { return };
    let Some((tree, labels)) = Tree::of(&record.owner) else { return };
    let Some(flaw) = flaw(tree, labels).filter(|_| !record.key.is_empty()) else { return };
    // Aliases may lead to longer names (RFC 2317).
    let is_aliased = matches!(flaw, Flaw::TooMany(_)) && zone.types().has(Rtype::CNAME);
    if !is_aliased {
        out.push(malformed(context, tree, record, flaw));
    }
}

fn malformed(context: &ZoneContext<'_>, tree: Tree, record: &Record, flaw: Flaw) -> Finding {
    let (labels, wanted) = match tree {
        Tree::Ipv4 => ("numbers from 0 to 255", tree.len()),
        Tree::Ipv6 => ("hexadecimal digits", tree.len()),
    };
    let what = match (flaw, tree) {
        (Flaw::Label, Tree::Ipv4) => String::from("has a label that is no number from 0 to 255"),
        (Flaw::Label, Tree::Ipv6) => String::from("has a label of several digits"),
        (Flaw::TooMany(count) | Flaw::TooFew(count), _) => format!("has {count} {labels}, not {wanted}"),
    };
    let message = format!("`{}` {what}: no address has this name", record.owner);
    let mut finding = context
        .about("ptr-owner-malformed", record, record.first_span, message)
        .help(format!("write {wanted} {labels}, the last of the address first"));
    // Networks have names as well, though hardly anybody gives them one.
    if matches!(flaw, Flaw::TooFew(_)) {
        finding.severity = Severity::Warning;
    }
    finding
}

/// Whether a name has a label that begins with an underscore, as the names of services have.
fn is_of_service(key: &[u8]) -> bool {
    let mut at = Some(key);
    while let Some(name) = at.filter(|name| !name.is_empty()) {
        if name.starts_with(b"_") {
            return true;
        }
        at = parent(name);
    }
    false
}

/// `ptr-in-forward-zone`.
pub(super) fn in_forward_zone(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if is_of_service(key) || is_of_service(zone.apex().as_bytes()) {
        return;
    }
    let apex = zone.apex().to_string();
    if apex == "." || apex == "arpa" || apex.ends_with(".arpa") && apex != "home.arpa" {
        return;
    }
    let Some(record) = zone.read_rrset(key, Rtype::PTR).into_iter().next() else { return };
    let message = format!("`{}` has a PTR record, but is no name of an address or a service", record.owner);
    out.push(
        context
            .about("ptr-in-forward-zone", &record, record.type_span, message)
            .help("move it to the reverse zone, or write a CNAME"),
    );
}

/// `ptr-multiple`.
pub(super) fn multiple(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    let zone = context.zone;
    if rrset.rtype != Rtype::PTR || Tree::of(&zone.apex().to_string()).is_none() || is_of_service(rrset.key) {
        return;
    }
    let records: Vec<Record> = rrset.records.iter().filter_map(|rec| zone.record(rrset.key, *rec)).collect();
    let Some((first, later)) = records.split_first() else { return };
    let Some(second) = later.iter().find(|record| record.wire != first.wire) else { return };
    let message = format!("`{}` has {} PTR records", first.owner, records.len());
    out.push(
        context
            .about("ptr-multiple", second, second.rdata_span(), message)
            .related(first.rdata_span(), "the first one")
            .help("keep the one of the host's own name"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names_and_names_addresses() {
        for (address, name) in [
            ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
            ("2001:db8::a", "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"),
        ] {
            let address: IpAddr = address.parse().unwrap_or_else(|_| panic!("{address}"));
            assert_eq!(name_of(address), name);
            assert_eq!(address_of(name), Some(address));
        }
        for none in ["2.0.192.in-addr.arpa", "7.0/25.2.0.192.in-addr.arpa", "www.example.com", "in-addr.arpa"]
        {
            assert_eq!(address_of(none), None, "{none}");
        }
    }

    #[test]
    fn names_of_no_address_are_told_from_those_of_networks_without_classes() {
        let of = |text: &str| flaw(Tree::Ipv4, text);
        assert_eq!(of("256.2.0.192"), Some(Flaw::Label));
        assert_eq!(of("007.2.0.192"), Some(Flaw::Label));
        assert_eq!(of("7.2.0"), Some(Flaw::TooFew(3)));
        assert_eq!(of("1.7.2.0.192"), Some(Flaw::TooMany(5)));
        for right in
            ["7.2.0.192", "0/25.2.0.192", "7.0-127.2.0.192", "*.2.0.192", "lb._dns-sd._udp.0.2.0.192"]
        {
            assert_eq!(of(right), None, "{right}");
        }
        assert_eq!(flaw(Tree::Ipv6, "0db8.2001"), Some(Flaw::Label));
        assert_eq!(flaw(Tree::Ipv6, "8.b.d"), Some(Flaw::TooFew(3)));
    }
}
