//! Rules of the group `names`: how names are written, and what they stand for in the end.

mod address;
mod dots;

use super::rule::{Check, Rule, rule};

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
        "target-is-ip-address",
        Error,
        Unsafe,
        "RFC 1912 2.4, 2.5",
        Check::Zone(address::targets),
        "an address where the name of a host must stand"
    ),
];
