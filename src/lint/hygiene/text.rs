//! Rules about how the text of files is written: blanks, case, what is written in vain, and what is
//! left behind as a comment.

mod blanks;
mod canonical;
mod comment;
mod defaults;
mod separators;
mod words;

use crate::lint::rule::{Check, Rule, rule};

/// The rules about text.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Hygiene,
        ".",
        "commented-out-record",
        Info,
        No,
        "zonewright",
        Check::Text(|| Box::<comment::CommentedOut>::default()),
        "a comment that is a record"
    ),
    rule!(
        Hygiene,
        ".",
        "rdata-not-canonical",
        Info,
        Safe,
        "RFC 5952 4",
        Check::Text(|| Box::<canonical::NotCanonical>::default()),
        "an IPv6 address or a number that is not in its usual form"
    ),
    rule!(
        Hygiene,
        ".",
        "redundant-directive",
        Info,
        Safe,
        "RFC 1035 5.1, RFC 2308 4",
        Check::Text(|| Box::<defaults::Directives>::default()),
        "a `$ORIGIN` or `$TTL` that changes nothing"
    ),
    rule!(
        Hygiene,
        ".",
        "redundant-ttl-or-class",
        Info,
        Safe,
        "RFC 1035 5.1, RFC 2308 4",
        Check::Text(|| Box::<defaults::Cells>::default()),
        "a TTL or a class that is the default"
    ),
    rule!(
        Hygiene,
        ".",
        "tabs-and-spaces-mixed",
        Info,
        Safe,
        "zonewright",
        Check::Text(|| Box::<separators::Mixed>::default()),
        "columns set with tabs here and with spaces there"
    ),
    rule!(
        Hygiene,
        ".",
        "trailing-whitespace",
        Info,
        Safe,
        "zonewright",
        Check::Text(|| Box::<blanks::Trailing>::default()),
        "blanks at the end of a line"
    ),
    rule!(
        Hygiene,
        ".",
        "type-or-class-case",
        Info,
        Safe,
        "RFC 1035 2.3.3",
        Check::Text(|| Box::<words::NotCapital>::default()),
        "a type or class that is not in capitals"
    ),
];
