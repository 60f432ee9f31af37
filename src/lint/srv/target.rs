//! Rules about where SRV targets lead.

use super::owner::{Owner, is_directory};
use super::place::{may_suggest, rewrite, rewrite_field, ttl_place};
use crate::diagnostic::{Applicability, nearest};
use crate::edge::found::{Destination, FoundSrv};
use crate::edge::is_m365;
use crate::edge::lies_in;
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Rule, SrvMarks, ZoneContext};
use crate::zone::{Lookup, Record};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::target::is_address;
use std::collections::BTreeMap;

/// Rules about targets.
pub(in crate::lint) static TARGET_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-target-cname",
        Error,
        Unsafe,
        "RFC 2782",
        Check::Service(SrvMarks::TARGET, cname),
        "SRV target is an alias"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-no-address",
        Error,
        No,
        "RFC 2782",
        Check::Service(SrvMarks::TARGET, no_address),
        "in-zone SRV target has no A/AAAA"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-below-dname",
        Error,
        No,
        "RFC 2782, RFC 6672 section 2.3",
        Check::Service(SrvMarks::TARGET, below_dname),
        "SRV target lies below a DNAME"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-only-glue",
        Warning,
        No,
        "RFC 2181 section 5.4.1",
        Check::Service(SrvMarks::TARGET, only_glue),
        "SRV target's address is glue below a zone cut, not authoritative data"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-ttl-longer",
        Info,
        Unsafe,
        "Edge pool failover",
        Check::Services(SrvMarks::TTL.union(SrvMarks::TARGET), ttl_longer),
        "target's address TTL is longer than the SRV TTL"
    ),
];

/// Whether the target names a host, as far as other rules do not find it miswritten.
pub(super) fn names_host(context: &ZoneContext<'_>, found: &FoundSrv) -> bool {
    !found.misses_dot
        && !matches!(found.destination, Destination::Null)
        && !is_address(&context.zone.sources().bytes(found.srv.target.span))
}

fn hosts<'f>(context: &ZoneContext<'_>, found: &'f Found) -> impl Iterator<Item = &'f FoundSrv> {
    found.records.iter().filter(|found| names_host(context, found))
}

fn cname(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    for one in hosts(context, found) {
        let Some(end) = one.aliases.last().and_then(Record::target) else { continue };
        let target = &one.srv.target;
        let circle =
            target.absolute == end.absolute || one.aliases.iter().any(|alias| alias.owner == end.absolute);
        let what = if circle { "an alias that leads in a circle, by way" } else { "an alias" };
        let message =
            format!("`{}` SRV: target `{}` is {what} of `{}`", found.owner, target.absolute, end.absolute);
        let mut finding = context.about("srv-target-cname", &one.record, target.span, message);
        for alias in &one.aliases {
            let Some(next) = alias.target() else { continue };
            let message = format!("`{}` is an alias of `{}`", alias.owner, next.absolute);
            finding = finding.related(next.span, message);
        }
        let leads_on = matches!(one.destination, Destination::Addresses(_));
        if !leads_on && !matches!(one.destination, Destination::Outside | Destination::Delegated(_)) {
            out.push(finding.help("name a host that has A or AAAA records"));
            continue;
        }
        finding = finding
            .help(format!("write `{}`, or give `{}` addresses of its own", end.absolute, target.absolute));
        let stays = !lies_in(&target.absolute, &found.domain) || lies_in(&end.absolute, &found.domain);
        if leads_on
            && stays
            && let Some(text) = written_like(context, one, &end.absolute)
            && let Some(edit) = rewrite_field(context, &one.record, 3, text)
        {
            finding = finding.fixes(Applicability::Unsafe, vec![edit]);
        }
        out.push(finding);
    }
}

/// A name as the target of a record would be written: relative to its origin if the target is.
fn written_like(context: &ZoneContext<'_>, one: &FoundSrv, name: &str) -> Option<String> {
    let target = &one.srv.target;
    if target.relative {
        let text = context.zone.sources().bytes(target.span);
        let text = std::str::from_utf8(&text).ok()?.to_ascii_lowercase();
        let origin = target.absolute.strip_prefix(&text).and_then(|rest| rest.strip_prefix('.'));
        let short = origin.and_then(|origin| name.strip_suffix(origin)?.strip_suffix('.'));
        if let Some(short) = short {
            return Some(short.to_owned());
        }
    }
    Some(format!("{name}."))
}

fn no_address(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if context.partial {
        return;
    }
    for one in hosts(context, found) {
        let target = &one.srv.target;
        if !matches!(one.destination, Destination::NoAddress) || !one.aliases.is_empty() || !target.in_zone {
            continue;
        }
        let (what, holder) = match context.zone.lookup(&target.name) {
            Lookup::Found(name) | Lookup::Wildcard(name) => ("has no A or AAAA record", Some(name)),
            Lookup::EmptyNonTerminal | Lookup::Missing => ("does not exist", None),
            Lookup::BelowCut { .. } | Lookup::BelowDname(_) => continue,
        };
        let message = format!("`{}` SRV: target `{}` {what}", found.owner, target.absolute);
        let mut finding = context.about("srv-target-no-address", &one.record, target.span, message);
        let other = holder.and_then(|name| {
            let rec = context.zone.records(name).min_by_key(|rec| rec.place())?;
            context.zone.record(context.zone.key_of(name), rec)
        });
        if let Some(other) = other {
            let message = format!("`{}` has {}", other.owner, other.rtype);
            finding = finding.related(other.owner_span.unwrap_or(other.type_span), message);
        }
        out.push(match near_host(context, &target.name) {
            Some(name) => finding.help(format!("did you mean `{name}`?")),
            None => finding.help(format!("add an A or AAAA record for `{}`", target.absolute)),
        });
    }
}

/// The host whose name a person most likely meant; hosts of a number (`sip1`, `sip2`) are never
/// meant for each other.
fn near_host(context: &ZoneContext<'_>, key: &[u8]) -> Option<String> {
    let zone = context.zone;
    if !may_suggest(zone) {
        return None;
    }
    let key = std::str::from_utf8(key).ok()?;
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let own = letters(key);
    let mut hosts: Vec<&str> = zone
        .names()
        .filter(|name| zone.types_of(*name).has_address())
        .filter_map(|name| std::str::from_utf8(zone.key_of(name)).ok())
        .filter(|name| !name.is_empty() && !name.starts_with('*') && letters(name) != own)
        .collect();
    // Of names that are equally close it is always the same.
    hosts.sort_unstable();
    nearest(key, hosts).map(|name| zone.absolute(name.as_bytes()))
}

fn below_dname(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    for one in hosts(context, found) {
        if !matches!(one.destination, Destination::BelowDname) || !one.aliases.is_empty() {
            continue;
        }
        let target = &one.srv.target;
        let message = format!("`{}` SRV: target `{}` lies below a DNAME", found.owner, target.absolute);
        let mut finding = context.about("srv-target-below-dname", &one.record, target.span, message);
        let dname = if target.in_zone { context.zone.dname_above(&target.name) } else { None };
        let dname = dname.and_then(|name| {
            context.zone.read_rrset(context.zone.key_of(name), Rtype::DNAME).into_iter().next()
        });
        let mut help = String::from("name a host that is no alias");
        if let Some(dname) = &dname
            && let Some(to) = dname.target()
        {
            let above = format!("`{}` is redirected to `{}`", dname.owner, to.absolute);
            finding = finding.related(to.span, format!("everything below {above}"));
            if let Some(rest) = target.absolute.strip_suffix(&dname.owner) {
                help = format!("name a host that is no alias; this one stands for `{rest}{}`", to.absolute);
            }
        }
        out.push(finding.help(help));
    }
}

fn only_glue(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    for one in hosts(context, found) {
        let Destination::Delegated(glue) = &one.destination else { continue };
        let target = &one.srv.target;
        let (Some(address), true, true) = (glue.first(), one.aliases.is_empty(), target.in_zone) else {
            continue;
        };
        let Some(cut) = context.zone.cut_above(&target.name) else { continue };
        let Some(ns) = context.zone.read_rrset(context.zone.key_of(cut), Rtype::NS).into_iter().next() else {
            continue;
        };
        let message = format!(
            "`{}` SRV: the only address of target `{}` is glue; `{}` is delegated",
            found.owner, target.absolute, ns.owner
        );
        let finding = context
            .about("srv-target-only-glue", &one.record, target.span, message)
            .related(address.rdata_span(), "this address is given out with the referral only")
            .related(ns.rdata_span(), format!("`{}` is delegated here", ns.owner))
            .help("make sure that the delegated zone has the address, or name a host above the cut");
        out.push(finding);
    }
}

/// An address RRset that SRV records lead to, and the SRV record of the shortest TTL among them.
struct Named<'z> {
    addresses: Vec<&'z Record>,
    by: &'z Record,
    over_budget: bool,
}

fn ttl_longer(context: &ZoneContext<'_>, services: &[&Found], out: Out<'_>) {
    let budget = context.deployment.and_then(|deployment| deployment.policy().rto);
    let mut named: BTreeMap<(&[u8], Rtype), Named<'_>> = BTreeMap::new();
    for found in services {
        let owner = Owner::of(context, found);
        if owner.is_wrong() || matches!(owner, Owner::Instance(_)) || is_directory(&found.owner) {
            continue;
        }
        for one in hosts(context, found) {
            let Destination::Addresses(addresses) = &one.destination else { continue };
            let target = &one.srv.target;
            let here = target.in_zone
                && matches!(context.zone.lookup(&target.name), Lookup::Found(_) | Lookup::Wildcard(_));
            if !here || !one.aliases.is_empty() || is_m365(&target.absolute) {
                continue;
            }
            for rtype in [Rtype::A, Rtype::AAAA] {
                let addresses: Vec<&Record> = addresses.iter().filter(|one| one.rtype == rtype).collect();
                let Some(first) = addresses.first() else { continue };
                let over = found.service.is_some() && budget.is_some_and(|rto| first.ttl > rto);
                let entry = named.entry((&first.key, rtype)).or_insert(Named {
                    addresses: addresses.clone(),
                    by: &one.record,
                    over_budget: false,
                });
                entry.over_budget |= over;
                if one.record.ttl < entry.by.ttl {
                    entry.by = &one.record;
                }
            }
        }
    }
    for Named { addresses, by, over_budget } in named.into_values() {
        let Some(first) = addresses.iter().find(|record| record.ttl > by.ttl) else { continue };
        if over_budget {
            continue;
        }
        let message = format!(
            "`{}` {}: TTL {} is longer than the {} of `{}` SRV, which names it",
            first.owner, first.rtype, first.ttl, by.ttl, by.owner
        );
        let mut finding = context
            .about("srv-target-ttl-longer", first, ttl_place(first), message)
            .related(ttl_place(by), format!("TTL {}", by.ttl))
            .help(format!("write {}", by.ttl));
        let edits: Option<Vec<_>> = addresses
            .iter()
            .filter(|record| record.ttl > by.ttl)
            .map(|record| rewrite(context, record.ttl_span?, by.ttl.to_string()))
            .collect();
        if let Some(edits) = edits.filter(|edits| edits.iter().all(|edit| edit.span.file == first.span.file))
        {
            finding = finding.fixes(Applicability::Unsafe, edits);
        }
        out.push(finding);
    }
}
