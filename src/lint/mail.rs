//! Rules of the group `mail`: MX and its hosts, and the policies in TXT records.

mod dmarc;
mod domain;
mod keys;
mod mx;
mod owner;
mod report;
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

/// Texts that may be DKIM keys with something to say about.
const KEYS: RdataNotes = RdataNotes::ODD_DKIM;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Mail,
        "mail",
        "bimi-syntax",
        Info,
        No,
        "draft-brand-indicators-for-message-identification",
        Check::Noted(RdataNotes::POLICY, report::bimi),
        "a BIMI record that does not read"
    ),
    rule!(
        Mail,
        "mail",
        "dkim-owner",
        Warning,
        No,
        "RFC 6376 3.6.2.1",
        Check::Workspace(owner::dkim_owner),
        "a DKIM key that is not below `_domainkey`"
    ),
    rule!(
        Mail,
        "mail",
        "dkim-revoked-or-testing",
        Info,
        No,
        "RFC 6376 3.6.1",
        Check::Noted(KEYS, keys::revoked),
        "a DKIM key that is revoked or for tests"
    ),
    rule!(
        Mail,
        "mail",
        "dkim-syntax",
        Error,
        No,
        "RFC 6376 3.6.1",
        Check::Noted(KEYS, keys::syntax),
        "a DKIM key that mail servers cannot read"
    ),
    rule!(
        Mail,
        "mail",
        "dkim-weak-key",
        Error,
        No,
        "RFC 8301 3",
        Check::Noted(KEYS, keys::weak),
        "a DKIM key that is too short, or for SHA-1 only"
    ),
    rule!(
        Mail,
        "mail",
        "dmarc-missing",
        Info,
        No,
        "RFC 7489 6.6.3",
        Check::Owners(Wants::types(TypeSet::of(Rtype::MX)), domain::dmarc_missing),
        "a domain that takes mail without a DMARC record"
    ),
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
        "dmarc-owner",
        Warning,
        No,
        "RFC 7489 6.1",
        Check::Workspace(owner::dmarc_owner),
        "a DMARC record that is not at `_dmarc`"
    ),
    rule!(
        Mail,
        "mail",
        "dmarc-report-unauthorized",
        Info,
        No,
        "RFC 7489 7.1",
        Check::Workspace(dmarc::report_unauthorized),
        "DMARC reports to a domain that does not allow them"
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
        "mta-sts-inconsistent",
        Warning,
        No,
        "RFC 8461 3.1",
        Check::Noted(RdataNotes::POLICY, report::mta_sts),
        "an MTA-STS record that does not read, or has no host"
    ),
    rule!(
        Mail,
        "mail",
        "mx-at-tld",
        Info,
        No,
        "RFC 7085, RFC 5321 2.3.5",
        Check::Zone(domain::mx_at_tld),
        "an MX record at the root or at a top-level name"
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
        Check::Zone(mx::localhost),
        "a mail server that is localhost"
    ),
    rule!(
        Mail,
        "mail",
        "mx-missing",
        Info,
        No,
        "RFC 5321 5.1, RFC 7505 1",
        Check::Zone(domain::mx_missing),
        "an apex with addresses and no MX record"
    ),
    rule!(
        Mail,
        "mail",
        "mx-null-nonzero-preference",
        Warning,
        Unsafe,
        "RFC 7505 3",
        Check::Odd(&[Rtype::MX], mx::null_preference),
        "a null MX whose preference is not 0"
    ),
    rule!(
        Mail,
        "mail",
        "mx-null-with-others",
        Error,
        No,
        "RFC 7505 3",
        Check::OddRrset(Rtype::MX, mx::null_with_others),
        "a null MX beside mail servers"
    ),
    rule!(
        opt_in Mail,
        "mail",
        "mx-single",
        Info,
        No,
        "RFC 5321 5.1",
        Check::Owner(Wants::types(TypeSet::of(Rtype::MX)), domain::mx_single),
        "a domain with one mail server only"
    ),
    rule!(
        Mail,
        "mail",
        "mx-target-below-dname",
        Error,
        No,
        "RFC 6672 2.3, RFC 5321 5.1",
        Check::Zone(mx::below_dname),
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
        "mx-target-has-other-mx",
        Info,
        No,
        "RFC 5321 5.1",
        Check::Record(Rtype::MX, domain::other_mx),
        "a mail server whose own mail goes elsewhere"
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
        "spf-missing",
        Info,
        No,
        "RFC 7208 3",
        Check::Owner(Wants::types(TypeSet::of(Rtype::MX)), domain::spf_missing),
        "a domain that takes mail without an SPF record"
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
        "spf-null-mx-not-denied",
        Info,
        No,
        "RFC 7505 4.2",
        Check::Owner(Wants::types(TypeSet::of(Rtype::MX)), domain::null_mx_not_denied),
        "a null MX without the SPF record `v=spf1 -all`"
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
    rule!(
        Mail,
        "mail",
        "tlsrpt-syntax",
        Warning,
        No,
        "RFC 8460 3",
        Check::Noted(RdataNotes::POLICY, report::tlsrpt),
        "a TLSRPT record that does not read"
    ),
];
