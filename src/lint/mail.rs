//! Rules of the group `mail`: MX and its hosts, and the policies in TXT records.

mod dmarc;
mod mx;
mod spf;
mod tags;
mod text;

use super::context::ZoneContext;
use super::host::{self, Host};
use super::rule::{Check, Out, Rule, rule};
use super::wants::{Marks, Wants};
use crate::zone::{RdataNotes, Record, TypeSet};
use crate::zonefile::rtype::Rtype;

fn target_cname(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(Host::Alias(chain)) = host::of(context, record) else { return };
    let unused = |_: &str| false;
    if let Some(finding) = host::alias(context, record, &chain, "mx-target-cname", "mail server", unused) {
        out.push(finding);
    }
}

fn target_no_address(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    if let Some(finding) = host::no_address(context, record, "mx-target-no-address", "mail server") {
        out.push(finding);
    }
}

/// Names with several MX records.
const MANY_MX: Wants = Wants::both(TypeSet::of(Rtype::MX), Marks::MANY);

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Mail,
        "mail",
        "dmarc-multiple",
        Error,
        No,
        "RFC 7489 6.6.3",
        Check::Zone(dmarc::multiple),
        "two DMARC records at one name"
    ),
    rule!(
        Mail,
        "mail",
        "dmarc-syntax",
        Error,
        No,
        "RFC 7489 6.3",
        Check::Noted(RdataNotes::POLICY, dmarc::syntax),
        "a DMARC record that mail servers cannot read"
    ),
    rule!(
        Mail,
        "mail",
        "mx-duplicate-target",
        Info,
        Unsafe,
        "RFC 5321 5.1",
        Check::Rrset(MANY_MX, mx::duplicate_target),
        "a mail server that is listed twice"
    ),
    rule!(
        Mail,
        "mail",
        "mx-localhost",
        Warning,
        No,
        "RFC 1912 2.5, RFC 6761 6.3",
        Check::Record(Rtype::MX, mx::localhost),
        "a mail server that is localhost"
    ),
    rule!(
        Mail,
        "mail",
        "mx-null-nonzero-preference",
        Warning,
        Unsafe,
        "RFC 7505 3",
        Check::Record(Rtype::MX, mx::null_preference),
        "a null MX whose preference is not 0"
    ),
    rule!(
        Mail,
        "mail",
        "mx-null-with-others",
        Error,
        No,
        "RFC 7505 3",
        Check::Rrset(MANY_MX, mx::null_with_others),
        "a null MX beside mail servers"
    ),
    rule!(
        Mail,
        "mail",
        "mx-target-below-dname",
        Error,
        No,
        "RFC 6672 2.3, RFC 5321 5.1",
        Check::Record(Rtype::MX, mx::below_dname),
        "a mail server below a DNAME"
    ),
    rule!(
        Mail,
        "mail",
        "mx-target-cname",
        Error,
        Unsafe,
        "RFC 2181 10.3, RFC 5321 5.1",
        Check::WeakTarget(Rtype::MX, target_cname),
        "a mail server that is an alias"
    ),
    rule!(
        Mail,
        "mail",
        "mx-target-no-address",
        Error,
        No,
        "RFC 1912 2.5",
        Check::WeakTarget(Rtype::MX, target_no_address),
        "a mail server of the zone that has no address"
    ),
    rule!(
        Mail,
        "mail",
        "spf-include-loop",
        Error,
        No,
        "RFC 7208 4.6.4",
        Check::Workspace(spf::include_loop),
        "an SPF record that includes itself"
    ),
    rule!(
        Mail,
        "mail",
        "spf-lookup-limit",
        Error,
        No,
        "RFC 7208 4.6.4",
        Check::Workspace(spf::lookup_limit),
        "an SPF record that costs more than 10 lookups"
    ),
    rule!(
        Mail,
        "mail",
        "spf-multiple",
        Error,
        No,
        "RFC 7208 4.5",
        Check::Zone(spf::multiple),
        "two SPF records at one name"
    ),
    rule!(
        Mail,
        "mail",
        "spf-no-all",
        Warning,
        No,
        "RFC 7208 4.7",
        Check::Noted(RdataNotes::SPF, spf::no_all),
        "an SPF record without `all` or `redirect`"
    ),
    rule!(
        Mail,
        "mail",
        "spf-pass-all",
        Warning,
        No,
        "RFC 7208 8, 11.4",
        Check::Noted(RdataNotes::SPF, spf::pass_all),
        "an SPF record that lets everybody send"
    ),
    rule!(
        Mail,
        "mail",
        "spf-ptr-mechanism",
        Warning,
        No,
        "RFC 7208 5.5",
        Check::Noted(RdataNotes::SPF, spf::ptr),
        "an SPF record with the mechanism `ptr`"
    ),
    rule!(
        Mail,
        "mail",
        "spf-syntax",
        Error,
        No,
        "RFC 7208 4.6.1",
        Check::Noted(RdataNotes::SPF, spf::syntax),
        "an SPF record that mail servers cannot read"
    ),
    rule!(
        Mail,
        "mail",
        "spf-terms-after-all",
        Warning,
        Unsafe,
        "RFC 7208 5.1, 6.1",
        Check::Noted(RdataNotes::SPF, spf::after_all),
        "terms of an SPF record that are never used"
    ),
    rule!(
        Mail,
        "mail",
        "spf-too-long",
        Info,
        No,
        "RFC 7208 3.4",
        Check::Noted(RdataNotes::SPF, spf::too_long),
        "an SPF record of more than 450 octets"
    ),
];
