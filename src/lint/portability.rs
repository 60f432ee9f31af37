//! Rules of the group `portability`: what one server reads and another refuses, or reads otherwise.

mod types;

use super::rule::{Check, Rule, rule};
use super::wants::Wants;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Portability,
        "portability",
        "portability-adjacent-strings",
        Warning,
        Safe,
        "NLnetLabs/nsd#150",
        Check::Parser,
        "two strings that no blank divides"
    ),
    rule!(
        Portability,
        "portability",
        "portability-class-generic",
        Info,
        Safe,
        "RFC 3597 5",
        Check::Parser,
        "a class by its number"
    ),
    rule!(
        Portability,
        "portability",
        "portability-default-ttl",
        Warning,
        Safe,
        "RFC 2308 4",
        Check::Parser,
        "a Windows export without `$TTL` for servers that take another default"
    ),
    rule!(
        Portability,
        "portability",
        "portability-directive-case",
        Info,
        Safe,
        "NLnetLabs/simdzone",
        Check::Parser,
        "a directive in small letters"
    ),
    rule!(
        Portability,
        "portability",
        "portability-generate",
        Info,
        Safe,
        "BIND 9 ARM",
        Check::Parser,
        "a `$GENERATE`, which only BIND and few others read"
    ),
    rule!(
        Portability,
        "portability",
        "portability-include-path",
        Warning,
        No,
        "NLnetLabs/nsd#343, miekg/dns#1474",
        Check::Parser,
        "a relative `$INCLUDE` that leads to different files"
    ),
    rule!(
        Portability,
        "portability",
        "portability-include-state",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "an owner or a `$TTL` that is carried over an `$INCLUDE`"
    ),
    rule!(
        Portability,
        "portability",
        "portability-line-start-parenthesis",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a parenthesis before the owner"
    ),
    rule!(
        Portability,
        "portability",
        "portability-long-string",
        Warning,
        Safe,
        "RFC 1035 3.3",
        Check::Parser,
        "a string over 255 octets, for servers that do not agree about it"
    ),
    rule!(
        Portability,
        "portability",
        "portability-nested-parenthesis",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "parentheses inside parentheses"
    ),
    rule!(
        Portability,
        "portability",
        "portability-newline-in-string",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "an escaped line end in a quoted string"
    ),
    rule!(
        Portability,
        "portability",
        "portability-owner-character",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a character in a name that Knot refuses"
    ),
    rule!(
        Portability,
        "portability",
        "portability-quoted-name",
        Warning,
        Safe,
        "NLnetLabs/simdzone FORMAT.md",
        Check::Parser,
        "an owner in quotes"
    ),
    rule!(
        Portability,
        "portability",
        "portability-relative-origin",
        Warning,
        Safe,
        "RFC 1035 5.1",
        Check::Parser,
        "a `$ORIGIN` without its final dot"
    ),
    rule!(
        Portability,
        "portability",
        "portability-type-unsupported",
        Warning,
        Safe,
        "RFC 3597 5",
        Check::Owner(Wants::types(types::UNSUPPORTED), types::unsupported),
        "a type whose name a server does not know"
    ),
];
