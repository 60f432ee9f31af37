//! Rules of the group `mail`: MX and its hosts.

use super::context::ZoneContext;
use super::host::{self, Host};
use super::rule::{Check, Out, Rule, rule};
use crate::zone::Record;
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

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
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
];
