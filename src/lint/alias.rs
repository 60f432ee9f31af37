//! Rules of the group `alias`: CNAME and what may not stand beside it.

mod chain;
mod circle;
mod dname;

use super::context::{RrsetView, ZoneContext};
use super::rule::{Check, Out, Rule, rule};
use super::wants::{Marks, Wants};
use crate::zone::{NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;

/// Types that may stand beside a CNAME (RFC 4034 section 2.5, RFC 4035 section 2.5).
fn goes_with_cname(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype::KEY | Rtype::NXT | Rtype::SIG)
}

fn other_data(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    if key.is_empty() || !zone.types_of(name).has(Rtype::CNAME) {
        return;
    }
    let mut others: Vec<_> = zone.records(name).filter(|rec| !goes_with_cname(rec.rtype)).collect();
    if others.iter().all(|rec| rec.rtype == Rtype::DNAME) {
        return;
    }
    let Some(cname) = zone.read_rrset(key, Rtype::CNAME).into_iter().next() else { return };
    others.sort_unstable_by_key(|rec| (rec.rtype, rec.place()));
    others.dedup_by_key(|rec| rec.rtype);
    let types = others.iter().map(|rec| rec.rtype.to_string()).collect::<Vec<_>>().join(", ");
    let message = format!("`{}` has a CNAME and also {types}", cname.owner);
    let mut finding = context
        .about("cname-and-other-data", &cname, cname.type_span, message)
        .help("remove the CNAME and copy the target's records, or remove the others");
    for other in others.into_iter().filter_map(|rec| zone.record(key, rec)) {
        finding = finding.related(other.type_span, format!("{} at the same name", other.rtype));
    }
    out.push(finding);
}

fn multiple(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if rrset.rtype != Rtype::CNAME {
        return;
    }
    let records: Vec<Record> =
        rrset.records.iter().filter_map(|rec| context.zone.record(rrset.key, *rec)).collect();
    let Some(first) = records.first() else { return };
    for (index, record) in records.iter().enumerate() {
        let known = records.get(..index).unwrap_or_default();
        if index == 0 || known.iter().any(|other| other.wire == record.wire) {
            continue;
        }
        let Some(target) = record.target() else { continue };
        let message = format!("`{}` has a second CNAME, to `{}`", record.owner, target.absolute);
        out.push(
            context
                .about("cname-multiple", record, target.span, message)
                .related(first.rdata_span(), "the first one")
                .help("keep one, or list the addresses of both"),
        );
    }
}

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[
    rule!(
        Alias,
        "alias",
        "cname-and-other-data",
        Error,
        No,
        "RFC 1034 3.6.2, RFC 2181 10.1",
        Check::Owner(Wants::both(TypeSet::of(Rtype::CNAME), Marks::MANY), other_data),
        "a CNAME beside other records"
    ),
    rule!(
        Alias,
        "alias",
        "cname-at-apex",
        Error,
        No,
        "RFC 1912 2.4",
        Check::Zone(chain::at_apex),
        "a CNAME at the apex"
    ),
    rule!(
        Alias,
        "alias",
        "cname-chain",
        Info,
        Unsafe,
        "RFC 1034 3.6.2",
        Check::WeakTarget(Rtype::CNAME, chain::chain),
        "an alias of an alias"
    ),
    rule!(
        Alias,
        "alias",
        "cname-dangling",
        Warning,
        No,
        "RFC 1912 2.4",
        Check::WeakTarget(Rtype::CNAME, chain::dangling),
        "an alias of a name that does not exist"
    ),
    rule!(
        Alias,
        "alias",
        "cname-dangling-cross-zone",
        Warning,
        No,
        "zonewright",
        Check::Workspace(chain::across),
        "an alias of a name that does not exist in another zone of the run"
    ),
    rule!(
        Alias,
        "alias",
        "cname-loop",
        Error,
        No,
        "RFC 1034 3.6.2",
        Check::Zone(circle::find),
        "aliases that lead in a circle"
    ),
    rule!(
        Alias,
        "alias",
        "cname-multiple",
        Error,
        No,
        "RFC 2181 10.1",
        Check::Rrset(Wants::both(TypeSet::of(Rtype::CNAME), Marks::MANY), multiple),
        "two CNAMEs at one name"
    ),
    rule!(
        Alias,
        "alias",
        "cname-self",
        Error,
        No,
        "RFC 1034 3.6.2",
        Check::WeakTarget(Rtype::CNAME, chain::itself),
        "an alias of itself"
    ),
    rule!(
        Alias,
        "alias",
        "cname-takeover-risk",
        Info,
        No,
        "zonewright",
        Check::Record(Rtype::CNAME, chain::takeover),
        "an alias of a name that somebody else may claim"
    ),
    rule!(
        Alias,
        "alias",
        "cname-target-delegated",
        Info,
        No,
        "zonewright",
        Check::WeakTarget(Rtype::CNAME, chain::delegated),
        "an alias of a name in a delegated zone"
    ),
    rule!(
        Alias,
        "alias",
        "dname-and-cname",
        Error,
        No,
        "RFC 6672 2.4",
        Check::Owner(Wants::both(TypeSet::of(Rtype::DNAME), Marks::MANY), dname::and_cname),
        "a DNAME beside a CNAME"
    ),
    rule!(
        Alias,
        "alias",
        "dname-and-ns",
        Error,
        No,
        "RFC 6672 2.3",
        Check::Owner(Wants::both(TypeSet::of(Rtype::DNAME), Marks::MANY), dname::and_ns),
        "a DNAME beside NS records below the apex"
    ),
    rule!(
        Alias,
        "alias",
        "dname-multiple",
        Error,
        No,
        "RFC 6672 2.4",
        Check::Rrset(Wants::both(TypeSet::of(Rtype::DNAME), Marks::MANY), dname::multiple),
        "two DNAMEs at one name"
    ),
    rule!(
        Alias,
        "alias",
        "dname-occludes",
        Error,
        No,
        "RFC 6672 2.4",
        Check::Zone(dname::occludes),
        "records below a DNAME"
    ),
    rule!(
        Alias,
        "alias",
        "dname-self",
        Error,
        No,
        "RFC 6672 2.2",
        Check::Record(Rtype::DNAME, dname::itself),
        "a DNAME that leads to its own name or below"
    ),
    rule!(
        Alias,
        "alias",
        "dname-wildcard",
        Warning,
        No,
        "RFC 6672 3.3, RFC 4592 4.4",
        Check::Owner(Wants::both(TypeSet::of(Rtype::DNAME), Marks::ASTERISK), dname::wildcard),
        "a DNAME at a wildcard"
    ),
];
