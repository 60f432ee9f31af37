//! Rules of the group `address`: address records, and the PTR records that lead back.

mod insert;
mod pointer;
mod range;
mod reverse;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};
use crate::zone::{RdataNotes, TypeSet};
use crate::zonefile::rtype::Rtype;
pub(in crate::lint) use range::is_for_examples;

const ADDRESSES: TypeSet = TypeSet::of(Rtype::A).union(TypeSet::of(Rtype::AAAA));

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Address,
        "address",
        "address-documentation",
        Info,
        No,
        "RFC 5737, RFC 3849, RFC 9637",
        Check::Noted(RdataNotes::DOCUMENTATION, range::documentation),
        "an address that is for examples in documents"
    ),
    rule!(
        Address,
        "address",
        "address-ipv4-mapped",
        Warning,
        No,
        "RFC 4291 2.5.5",
        Check::Zone(range::mapped),
        "an IPv4 address within an AAAA record"
    ),
    rule!(
        Address,
        "address",
        "address-link-local",
        Warning,
        No,
        "RFC 3927, RFC 4291 2.5.6",
        Check::Zone(range::link_local),
        "an address that is valid on one network segment only"
    ),
    rule!(
        Address,
        "address",
        "address-loopback",
        Warning,
        No,
        "RFC 1122 3.2.1.3, RFC 4291 2.5.3",
        Check::Zone(range::loopback),
        "an address of the host that asks"
    ),
    rule!(
        Address,
        "address",
        "address-multicast-or-reserved",
        Warning,
        No,
        "RFC 6890",
        Check::Zone(range::reserved),
        "an address of a multicast or reserved range"
    ),
    rule!(
        Address,
        "address",
        "address-private",
        Warning,
        No,
        "RFC 1918, RFC 6598, RFC 4193",
        Check::Zone(range::private),
        "an address for private networks in a public zone"
    ),
    rule!(
        opt_in Address,
        "address",
        "address-same-subnet",
        Info,
        No,
        "nslint",
        Check::Rrset(Wants::both(ADDRESSES, Marks::MANY), range::same_subnet),
        "two addresses of a name in one /24 or /64"
    ),
    rule!(
        Address,
        "address",
        "address-unspecified",
        Warning,
        No,
        "RFC 1122 3.2.1.3, RFC 4291 2.5.2",
        Check::Zone(range::unspecified),
        "`0.0.0.0` or `::`"
    ),
    rule!(
        Address,
        "address",
        "duplicate-address",
        Info,
        No,
        "zonewright",
        Check::Workspace(reverse::duplicate_address),
        "an address of several names"
    ),
    rule!(
        Address,
        "address",
        "localhost-record",
        Info,
        Unsafe,
        "RFC 6761 6.3",
        Check::Zone(range::localhost),
        "a record at `localhost`"
    ),
    rule!(
        Address,
        "address",
        "ptr-in-forward-zone",
        Info,
        No,
        "RFC 1035 3.5",
        Check::Owner(Wants::types(TypeSet::of(Rtype::PTR)), pointer::in_forward_zone),
        "a PTR record outside reverse zones"
    ),
    rule!(
        Address,
        "address",
        "ptr-mismatch",
        Warning,
        No,
        "RFC 1912 2.1",
        Check::Workspace(reverse::mismatch),
        "a PTR record to a name that does not have the address"
    ),
    rule!(
        Address,
        "address",
        "ptr-missing",
        Warning,
        Unsafe,
        "RFC 1912 2.1",
        Check::Workspace(reverse::missing),
        "an address without a PTR record in the reverse zone"
    ),
    rule!(
        Address,
        "address",
        "ptr-multiple",
        Info,
        No,
        "RFC 2181 10.2",
        Check::Rrset(Wants::both(TypeSet::of(Rtype::PTR), Marks::MANY), reverse::several_names),
        "several PTR records for one address"
    ),
    rule!(
        Address,
        "address",
        "ptr-owner-malformed",
        Error,
        No,
        "RFC 1035 3.5, RFC 3596 2.5",
        Check::OddRrset(Rtype::PTR, pointer::owner),
        "a PTR record at a name that no address has"
    ),
    rule!(
        Address,
        "address",
        "ptr-target-cname",
        Warning,
        No,
        "RFC 1912 2.4, RFC 2181 10.2",
        Check::Workspace(reverse::target_alias),
        "a PTR record to an alias"
    ),
    rule!(
        Address,
        "address",
        "reverse-zone-missing",
        Info,
        No,
        "zonewright",
        Check::Workspace(reverse::zone_missing),
        "addresses whose reverse zone is not in the run"
    ),
];
