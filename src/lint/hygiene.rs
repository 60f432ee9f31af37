//! Rules of the group `hygiene`: records and comments that serve nothing.

mod duplicate;
mod files;
mod placeholder;
mod secret;
mod sets;
mod strings;
mod text;

use super::rule::{Check, Rule, rule};
use super::wants::{Marks, Wants};
use crate::zone::{RdataNotes, TypeSet};
use crate::zonefile::rtype::Rtype;
use duplicate::duplicates;

/// A private DKIM key is never one that is as usual.
const SECRETS: RdataNotes = RdataNotes::SECRET.union(RdataNotes::ODD_DKIM).union(RdataNotes::STRAY_DKIM);
const CHALLENGES: Wants = Wants::both(TypeSet::of(Rtype::TXT), Marks::UNDERSCORE);
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
    rule!(
        Hygiene,
        "hygiene",
        "dangling-reference",
        Info,
        No,
        "zonewright",
        Check::Owner(Wants::types(sets::REFERENCES), sets::dangling),
        "a record that leads to a name which is not there"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "duplicate-record-case",
        Warning,
        Safe,
        "RFC 4343 section 3",
        Check::Rrset(Wants::marks(Marks::COPIES), sets::duplicates_in_case),
        "the same record twice, with a name in other case"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "placeholder-value",
        Info,
        No,
        "RFC 2606",
        Check::Owner(Wants::types(TypeSet::all(&placeholder::WRITTEN)), placeholder::placeholder),
        "a name or word of a manual where a value belongs"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "response-too-large",
        Info,
        No,
        "DNS flag day 2020",
        Check::Owner(Wants::types(TypeSet::all(&sets::ASKED)), sets::too_large),
        "an answer of more than 1232 octets"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "rrset-scattered",
        Info,
        No,
        "zonewright",
        Check::Owner(Wants::marks(Marks::MANY), sets::scattered),
        "records of one name and type in several places"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "stale-acme-challenge",
        Info,
        Unsafe,
        "RFC 8555 section 8.4",
        Check::Owner(CHALLENGES, strings::acme_challenge),
        "an answer to a challenge for a certificate, used once"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "txt-empty",
        Info,
        No,
        "RFC 1035 section 3.3.14",
        Check::Noted(RdataNotes::ODD_TEXT, strings::empty),
        "a TXT record without text"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "txt-literal-quotes",
        Warning,
        Unsafe,
        "RFC 1035 section 5.1",
        Check::Noted(RdataNotes::ODD_TEXT, strings::literal_quotes),
        "a text with its quotes in the value"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "txt-looks-like-secret",
        Error,
        No,
        "zonewright",
        Check::Noted(SECRETS, secret::looks_like_secret),
        "a private key or a token in a TXT record"
    ),
    rule!(
        Hygiene,
        "hygiene",
        "txt-surrounding-space",
        Info,
        Unsafe,
        "zonewright",
        Check::Noted(RdataNotes::ODD_TEXT, strings::surrounding_space),
        "a text that begins or ends with a blank"
    ),
    rule!(
        opt_in Hygiene,
        "hygiene",
        "wildcard-present",
        Info,
        No,
        "RFC 4592",
        Check::Owner(Wants::marks(Marks::ASTERISK), sets::wildcard),
        "a wildcard"
    ),
];
