//! Rules about the SRV records of one owner among themselves.

use super::owner::{Owner, is_directory};
use super::place::{delete, rewrite_field};
use super::target::names_host;
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Destination, FoundSrv};
use crate::edge::is_m365;
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Rule, SrvMarks, ZoneContext};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

/// Rules about RRsets.
pub(in crate::lint) static RRSET_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-duplicate-target",
        Warning,
        Unsafe,
        "RFC 2782",
        Check::Service(SrvMarks::TWICE, duplicate),
        "same target and port twice in one RRset"
    ),
    rule!(
        Srv,
        ".",
        "srv-weight-zero-mixed",
        Warning,
        No,
        "RFC 2782",
        Check::Service(SrvMarks::EQUAL, zero_mixed),
        "weight 0 beside a weight above 0 at one priority"
    ),
    rule!(
        Srv,
        ".",
        "srv-weight-without-choice",
        Info,
        Safe,
        "RFC 2782",
        Check::Service(SrvMarks::WEIGHT, without_choice),
        "nonzero weight though the record is alone at its priority"
    ),
    rule!(
        Srv,
        ".",
        "srv-single-target",
        Info,
        No,
        "Edge pool failover",
        Check::Service(SrvMarks::LONE, single),
        "one target with one address: no failover"
    ),
    rule!(
        Srv,
        ".",
        "srv-priority-weight-swapped",
        Info,
        Unsafe,
        "RFC 2782; Microsoft OfficeDocs-Support 434",
        Check::Service(SrvMarks::EQUAL.union(SrvMarks::OUTSIDE), swapped),
        "priority and weight look exchanged"
    ),
];

fn is_real(found: &FoundSrv) -> bool {
    !matches!(found.destination, Destination::Null)
}

/// The owner, when the numbers of its records are chosen by a person who plans failover: domain
/// controllers and DNS-SD write their own, and a wrong owner has to be put right first.
fn planned<'f>(context: &ZoneContext<'_>, found: &'f Found) -> Option<Owner<'f>> {
    let owner = Owner::of(context, found);
    let planned = !owner.is_wrong() && !matches!(owner, Owner::Instance(_)) && !is_directory(&found.owner);
    planned.then_some(owner)
}

fn duplicate(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let mut seen: BTreeMap<(&str, u16), Vec<&FoundSrv>> = BTreeMap::new();
    for later in found.records.iter().filter(|one| names_host(context, one)) {
        let numbers = |one: &FoundSrv| (one.srv.priority, one.srv.weight);
        let target = &later.srv.target;
        let earlier = seen.entry((&target.absolute, later.srv.port)).or_default();
        if earlier.iter().any(|other| numbers(other) == numbers(later)) {
            continue;
        }
        earlier.push(later);
        let [first, _, ..] = earlier[..] else { continue };
        let message = format!(
            "`{}` SRV: target `{}` port {} has priority {} weight {} and also priority {} weight {}",
            found.owner,
            target.absolute,
            later.srv.port,
            first.srv.priority,
            first.srv.weight,
            later.srv.priority,
            later.srv.weight
        );
        let mut finding = context
            .about("srv-duplicate-target", &later.record, target.span, message)
            .related(first.srv.target.span, "first named here")
            .help("name another host here, or remove one of the records");
        let rank = |one: &FoundSrv| (one.srv.priority, std::cmp::Reverse(one.srv.weight));
        let goes = if rank(first) > rank(later) { first } else { later };
        if let Some(edits) = delete(context, &[&goes.record]) {
            finding = finding.fixes(Applicability::Unsafe, edits);
        }
        out.push(finding);
    }
}

/// The records with a target by priority, each in the order of the text.
fn by_priority(found: &Found) -> BTreeMap<u16, Vec<&FoundSrv>> {
    let mut groups: BTreeMap<u16, Vec<&FoundSrv>> = BTreeMap::new();
    for one in found.records.iter().filter(|one| is_real(one)) {
        groups.entry(one.srv.priority).or_default().push(one);
    }
    groups
}

fn zero_mixed(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if planned(context, found).is_none() {
        return;
    }
    for (priority, group) in by_priority(found) {
        let zero = group.iter().find(|one| one.srv.weight == 0);
        let some = group.iter().find(|one| one.srv.weight > 0);
        let (Some(zero), Some(some)) = (zero, some) else { continue };
        let message = format!(
            "`{}` SRV: weight 0 for target `{}` beside weight {} at priority {priority}: it is hardly ever chosen",
            found.owner, zero.srv.target.absolute, some.srv.weight
        );
        let finding = context
            .about("srv-weight-zero-mixed", &zero.record, zero.record.field(1), message)
            .related(some.record.field(1), format!("weight {}", some.srv.weight))
            .help("for a spare write a higher priority number; for a share write a weight of at least 1");
        out.push(finding);
    }
}

fn without_choice(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if planned(context, found).is_none() {
        return;
    }
    for (priority, group) in by_priority(found) {
        let [one] = group[..] else { continue };
        if one.srv.weight == 0 || is_m365(&one.srv.target.absolute) {
            continue;
        }
        let message = format!(
            "`{}` SRV: weight {} for target `{}`, which is alone at priority {priority}",
            found.owner, one.srv.weight, one.srv.target.absolute
        );
        let mut finding = context
            .about("srv-weight-without-choice", &one.record, one.record.field(1), message)
            .help("write 0");
        if let Some(edit) = rewrite_field(context, &one.record, 1, "0") {
            finding = finding.fixes(Applicability::Safe, vec![edit]);
        }
        out.push(finding);
    }
}

fn single(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let deployed = found.service.is_some() && found.declared_domain;
    let Some(Owner::Known(pair)) = planned(context, found) else { return };
    let [one] = &found.records[..] else { return };
    if deployed || context.partial || pair.service == "_jabber" || !names_host(context, one) {
        return;
    }
    let Destination::Addresses(addresses) = &one.destination else { return };
    let of = |rtype| addresses.iter().filter(|address| address.rtype == rtype).count();
    let (Some(address), true) = (addresses.first(), one.aliases.is_empty()) else { return };
    if of(Rtype::A).max(of(Rtype::AAAA)) != 1 {
        return;
    }
    let target = &one.srv.target;
    let message = format!(
        "`{}` SRV: `{}` is the only target and has one address: nothing takes over when it is down",
        found.owner, target.absolute
    );
    let finding = context
        .about("srv-single-target", &one.record, target.span, message)
        .related(address.rdata_span(), "its address")
        .help("add a second target with a higher priority number");
    out.push(finding);
}

fn swapped(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if planned(context, found).is_none() {
        return;
    }
    let real: Vec<&FoundSrv> = found.records.iter().filter(|one| is_real(one)).collect();
    let prescribed = |one: &&&FoundSrv| {
        (one.srv.priority, one.srv.weight) == (1, 100) && is_m365(&one.srv.target.absolute)
    };
    let microsoft = real.iter().find(prescribed);
    if microsoft.is_none() && !looks_swapped(&real) {
        return;
    }
    let Some(one) = microsoft.or(real.first()) else { return };
    let message = match microsoft {
        Some(one) => format!(
            "`{}` SRV: priority 1 and weight 100 for target `{}`, where Microsoft prescribes `100 1`",
            found.owner, one.srv.target.absolute
        ),
        None => format!(
            "`{}` SRV: every priority is {} and the weights count up, as priorities do",
            found.owner, one.srv.priority
        ),
    };
    let mut finding = context
        .about("srv-priority-weight-swapped", &one.record, one.record.field(1), message)
        .related(one.record.field(0), "the priority, the first number")
        .help(format!("write `{} {}` if the numbers were exchanged", one.srv.weight, one.srv.priority));
    let chosen = real.iter().filter(|one| microsoft.is_none() || prescribed(one));
    let edits: Option<Vec<Edit>> = chosen
        .flat_map(|one| {
            [
                rewrite_field(context, &one.record, 0, one.srv.weight.to_string()),
                rewrite_field(context, &one.record, 1, one.srv.priority.to_string()),
            ]
        })
        .collect();
    let same_file = |edits: &Vec<Edit>| edits.iter().all(|edit| edit.span.file == one.record.span.file);
    if let Some(edits) = edits.filter(same_file) {
        finding = finding.fixes(Applicability::Unsafe, edits);
    }
    out.push(finding);
}

/// Whether all priorities are equal and the weights are a step and its multiples without a gap. A sum
/// of 100 is taken for shares.
fn looks_swapped(records: &[&FoundSrv]) -> bool {
    let Some((first, rest)) = records.split_first() else { return false };
    if rest.is_empty() || rest.iter().any(|one| one.srv.priority != first.srv.priority) {
        return false;
    }
    is_ladder(records.iter().map(|one| one.srv.weight).collect())
}

fn is_ladder(mut weights: Vec<u16>) -> bool {
    weights.sort_unstable();
    let step = weights.first().copied().unwrap_or_default();
    let sum: u32 = weights.iter().copied().map(u32::from).sum();
    matches!(step, 1 | 5 | 10 | 100)
        && sum != 100
        && weights.iter().zip(1_u32..).all(|(weight, rung)| u32::from(*weight) == u32::from(step) * rung)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ladders_look_like_priorities() {
        for ladder in [&[10, 20][..], &[2, 1], &[5, 10, 15], &[100, 200]] {
            assert!(is_ladder(ladder.to_vec()), "{ladder:?}");
        }
        for shares in [&[10, 30][..], &[60, 40], &[10, 10], &[0, 10], &[20, 40], &[10, 20, 30, 40], &[]] {
            assert!(!is_ladder(shares.to_vec()), "{shares:?}");
        }
    }
}
