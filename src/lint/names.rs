//! Rules of the group `names`: how names are written, and what they stand for in the end.

mod address;
mod case;
mod dots;
mod owner;
mod url;
mod wildcard;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(Names, "names", "at-sign-in-name", Error, Safe, "RFC 1035 8", Check::Parser, "`@` inside a name"),
    rule!(
        Names,
        "names",
        "empty-label",
        Error,
        Unsafe,
        "RFC 1035 3.1",
        Check::Parser,
        "two dots in a row, or a dot at the start of a name"
    ),
    rule!(
        Names,
        "names",
        "hostname-invalid-owner",
        Warning,
        No,
        "RFC 952, RFC 1123 2.1",
        Check::Owners(Wants::both(owner::HOSTS, Marks::ODD), owner::invalid_host),
        "the owner of an address or MX record is no host name"
    ),
    rule!(
        Names,
        "names",
        "hostname-invalid-target",
        Warning,
        No,
        "RFC 1123 2.1",
        Check::Parser,
        "the target of a record must be a host name and is none"
    ),
    rule!(
        Names,
        "names",
        "hostname-underscore",
        Warning,
        No,
        "RFC 1123 2.1, RFC 8552",
        Check::Owners(Wants::both(owner::HOSTS, Marks::UNDERSCORE), owner::underscore),
        "the owner of an address or MX record has an underscore"
    ),
    rule!(
        Names,
        "names",
        "idn-bad-punycode",
        Warning,
        No,
        "RFC 5891, UTS 46",
        Check::Owners(Wants::marks(Marks::HYPHEN), owner::bad_punycode),
        "a label that begins with `xn--` and encodes nothing"
    ),
    rule!(
        Names,
        "names",
        "idn-not-encoded",
        Warning,
        Unsafe,
        "RFC 5891",
        Check::Parser,
        "a name in Unicode where its encoded form must stand"
    ),
    rule!(
        Names,
        "names",
        "label-hyphen-edge",
        Warning,
        No,
        "RFC 1123 2.1",
        Check::Owners(Wants::both(owner::HOSTS, Marks::HYPHEN), owner::hyphen_edge),
        "a label of a host name begins or ends with a hyphen"
    ),
    rule!(
        Names,
        "names",
        "label-reserved-ldh",
        Warning,
        No,
        "RFC 5891 4.2.3.1",
        Check::Owners(Wants::both(owner::HOSTS, Marks::HYPHEN), owner::reserved),
        "`--` in the third and fourth place of a label"
    ),
    rule!(
        Names,
        "names",
        "label-too-long",
        Error,
        No,
        "RFC 1035 2.3.4",
        Check::Parser,
        "a label of more than 63 octets"
    ),
    rule!(
        Names,
        "names",
        "missing-trailing-dot",
        Error,
        Safe,
        "RFC 1912 3.2",
        Check::Zone(dots::targets),
        "a target that is completed with the origin though it looks complete"
    ),
    rule!(
        Names,
        "names",
        "missing-trailing-dot-owner",
        Error,
        Unsafe,
        "RFC 1912 3.2",
        Check::Zone(dots::owners),
        "an owner that repeats the origin"
    ),
    rule!(
        Names,
        "names",
        "name-too-long",
        Error,
        No,
        "RFC 1035 2.3.4",
        Check::Parser,
        "a name of more than 255 octets"
    ),
    rule!(
        Names,
        "names",
        "out-of-zone-data",
        Error,
        Unsafe,
        "RFC 1035 5.2",
        Check::Parser,
        "a record whose owner is not in the zone"
    ),
    rule!(
        Names,
        "names",
        "owner-case-inconsistent",
        Info,
        Safe,
        "RFC 4343",
        Check::Owner(Wants::marks(Marks::MANY), case::inconsistent),
        "one owner in different cases"
    ),
    rule!(
        Names,
        "names",
        "spurious-trailing-dot",
        Warning,
        Unsafe,
        "RFC 1035 5.1",
        Check::Zone(url::single_labels),
        "a target `mail.` where the zone has the name `mail`"
    ),
    rule!(
        Names,
        "names",
        "target-is-ip-address",
        Error,
        Unsafe,
        "RFC 1912 2.4, 2.5",
        Check::Zone(address::targets),
        "an address where the name of a host must stand"
    ),
    rule!(
        Names,
        "names",
        "target-is-url",
        Error,
        No,
        "RFC 1035 3.1",
        Check::Zone(url::targets),
        "a URL where the name of a host must stand"
    ),
    rule!(
        Names,
        "names",
        "target-numeric-tld",
        Warning,
        No,
        "RFC 3696 2",
        Check::Parser,
        "a target that ends in a number"
    ),
    rule!(
        Names,
        "names",
        "wildcard-blocked",
        Info,
        No,
        "RFC 4592 2.2.2, 3.3",
        Check::Owners(Wants::marks(Marks::ASTERISK), wildcard::blocked),
        "a wildcard that a deeper name keeps from answering"
    ),
    rule!(
        Names,
        "names",
        "wildcard-not-leftmost",
        Warning,
        No,
        "RFC 4592 2.1.1",
        Check::Owners(Wants::marks(Marks::ASTERISK), owner::inner_wildcard),
        "a `*` that is not the leftmost label"
    ),
    rule!(
        Names,
        "names",
        "wildcard-partial-label",
        Warning,
        No,
        "RFC 4592 2.1.1",
        Check::Owners(Wants::marks(Marks::ASTERISK), owner::partial_wildcard),
        "a `*` that is only part of a label"
    ),
];
