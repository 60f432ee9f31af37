//! Rules of the group `delegation`: zone cuts, their glue, and what lies below them.

mod family;
mod glue;
mod records;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};
use crate::zone::TypeSet;
use crate::zonefile::rtype::Rtype;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Delegation,
        "delegation",
        "apex-only-type-below-apex",
        Warning,
        No,
        "RFC 4035 2.1, RFC 5155 4",
        Check::Owner(Wants::types(records::MAY_BE_OF_ZONES), records::apex_only_type),
        "a record about a whole zone, away from the apex"
    ),
    rule!(
        Delegation,
        "delegation",
        "deleg-at-apex",
        Error,
        No,
        "draft-ietf-deleg",
        Check::Zone(records::deleg_at_apex),
        "a DELEG record at the apex"
    ),
    rule!(
        Delegation,
        "delegation",
        "delegation-missing-in-parent",
        Error,
        No,
        "RFC 1034 4.2.1",
        Check::Workspace(family::missing_in_parent),
        "a zone that the zone above does not delegate"
    ),
    rule!(
        Delegation,
        "delegation",
        "delegation-ns-mismatch",
        Warning,
        Unsafe,
        "RFC 1034 4.2.2",
        Check::Workspace(family::ns_mismatch),
        "name servers of a zone that differ from those in the zone above"
    ),
    rule!(
        Delegation,
        "delegation",
        "ds-at-apex",
        Error,
        No,
        "RFC 4035 2.4",
        Check::Zone(records::ds_at_apex),
        "a DS record at the apex"
    ),
    rule!(
        Delegation,
        "delegation",
        "ds-without-delegation",
        Error,
        No,
        "RFC 4035 2.4",
        Check::Owner(Wants::types(TypeSet::of(Rtype::DS)), records::ds_without_delegation),
        "a DS record where nothing is delegated"
    ),
    rule!(
        Delegation,
        "delegation",
        "glue-mismatch",
        Error,
        Unsafe,
        "RFC 1034 4.2.2",
        Check::Workspace(family::glue_mismatch),
        "glue that is not the address of the server"
    ),
    rule!(
        Delegation,
        "delegation",
        "glue-missing",
        Error,
        No,
        "RFC 1034 4.2.1",
        Check::WeakTarget(Rtype::NS, glue::missing),
        "a name server below its own delegation without glue"
    ),
    rule!(
        Delegation,
        "delegation",
        "glue-orphan",
        Info,
        Unsafe,
        "RFC 1034 4.2.1",
        Check::Zone(glue::orphan),
        "an address below a delegation that no NS record names"
    ),
    rule!(
        Delegation,
        "delegation",
        "glue-sibling-missing",
        Warning,
        No,
        "RFC 9471 2.2",
        Check::WeakTarget(Rtype::NS, glue::sibling_missing),
        "a name server below another delegation without glue"
    ),
    rule!(
        Delegation,
        "delegation",
        "occluded-data",
        Warning,
        No,
        "RFC 2136 7.18",
        Check::Owner(Wants::both(records::MAY_BE_HIDDEN, Marks::HIDDEN), records::occluded),
        "a record that a delegation hides"
    ),
    rule!(
        Delegation,
        "delegation",
        "wildcard-ns",
        Error,
        No,
        "RFC 4592 4.2",
        Check::Owner(Wants::both(TypeSet::of(Rtype::NS), Marks::ASTERISK), records::wildcard_ns),
        "NS records at a wildcard"
    ),
];
