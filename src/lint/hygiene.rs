//! Rules of the group `hygiene`: records and comments that serve nothing.

mod duplicate;
mod files;
mod text;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};
use duplicate::duplicates;

pub(super) use files::RULES as FILE_RULES;
pub(super) use text::RULES as TEXT_RULES;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Hygiene,
        "hygiene",
        "allow-without-reason",
        Info,
        No,
        "zonewright",
        Check::Parser,
        "an `allow` comment that does not say why"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "duplicate-record",
        Warning,
        Safe,
        "RFC 2181 5",
        Check::Rrset(Wants::marks(Marks::COPIES), duplicates),
        "the same record twice"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "unknown-rule-in-allow",
        Error,
        Unsafe,
        "zonewright",
        Check::Parser,
        "an `allow` comment that names no rule"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "unused-allow",
        Warning,
        Safe,
        "zonewright",
        Check::Parser,
        "an `allow` comment that covers nothing"
    ),
];
