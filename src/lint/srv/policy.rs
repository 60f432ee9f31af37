//! Rules about priorities, weights, names and TTLs that a policy asks for.

use super::facts::{
    deployed, is_external, is_null, is_ordered, is_troubled, known_pool, meant, next_priority, policy,
    pool_name,
};
use super::place::{has_srv, has_srv_on, rewrite_field};
use super::{order, ttl, view};
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Found, FoundSrv, PoolRef};
use crate::edge::is_m365;
use crate::edge::{Deployment, Service, TargetMatch, lies_in};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Rule, SrvMarks, ZoneContext};
use std::collections::BTreeSet;

/// Rules about priorities, weights, names and TTLs that a policy asks for.
pub(in crate::lint) static POLICY_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-equal-priority",
        Error,
        Unsafe,
        "RFC 2782, Priority",
        Check::Service(SrvMarks::EQUAL, equal_priority),
        "two Edge pools share a priority"
    ),
    rule!(
        Srv,
        ".",
        "srv-federation-priority-no-failover",
        Info,
        No,
        "MicrosoftDocs/OfficeDocs-SkypeForBusiness pull request 2054",
        Check::Services(SrvMarks::PAIR, federation_priority_no_failover),
        "federation relies on SRV priorities for failover"
    ),
    rule!(
        Srv,
        ".",
        "srv-internal-label-in-public",
        Warning,
        No,
        "Lync Server 2013: determine DNS requirements",
        Check::Service(SrvMarks::SPECIAL, view::internal_label_in_public),
        "internal sign-in record in a public zone, or the reverse"
    ),
    rule!(
        Srv,
        ".",
        "srv-m365-mixed",
        Warning,
        No,
        "Microsoft 365: external domain name system records",
        Check::Service(SrvMarks::OUTSIDE, m365_mixed),
        "on-premises and Microsoft 365 targets in one RRset"
    ),
    rule!(
        Srv,
        ".",
        "srv-service-order-differs",
        Warning,
        Unsafe,
        "RFC 2782, Priority",
        Check::Services(SrvMarks::ORDER, order::service_order_differs),
        "pool order differs between services"
    ),
    rule!(
        Srv,
        ".",
        "srv-target-outside-sip-domain",
        Warning,
        No,
        "Lync Server 2013: determine DNS requirements",
        Check::Service(SrvMarks::OUTSIDE, target_outside_sip_domain),
        "SRV target is outside the SIP domain"
    ),
    rule!(
        Srv,
        ".",
        "srv-ttl-exceeds-failover-budget",
        Warning,
        Unsafe,
        "RFC 1912 section 2.2",
        Check::Zone(ttl::ttl_exceeds_failover_budget),
        "SRV or target TTL is over the recovery goal"
    ),
    rule!(
        Srv,
        ".",
        "srv-view-inconsistent",
        Warning,
        No,
        "Skype for Business Server: DNS requirements",
        Check::Workspace(view::view_inconsistent),
        "internal and external copies of a zone disagree on federation"
    ),
    rule!(
        Srv,
        ".",
        "srv-weight-no-split",
        Info,
        No,
        "Lync Server 2013: determine DNS requirements",
        Check::Service(SrvMarks::EQUAL, weight_no_split),
        "unequal weights between pools: Access Edge does not share load by weight"
    ),
];

fn equal_priority(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(service) = found.service.filter(|service| is_ordered(&policy(context), *service)) else {
        return;
    };
    let deployment = deployed(context);
    if !is_external(context) || deployment.is_none() && !is_edge(context, found, service) {
        return;
    }
    let mut taken: Vec<u16> = found.records.iter().map(|record| record.srv.priority).collect();
    let mut told: BTreeSet<(PoolRef, u16)> = BTreeSet::new();
    for (at, later) in found.records.iter().enumerate() {
        let Some(pool) = known_pool(later) else { continue };
        let earlier = found.records.iter().take(at).find(|earlier| {
            earlier.srv.priority == later.srv.priority
                && known_pool(earlier).is_some_and(|other| other != pool)
                && (deployment.is_some() || earlier.addresses().is_disjoint(&later.addresses()))
        });
        let Some(earlier) = earlier else { continue };
        if !told.insert((pool, later.srv.priority)) {
            continue;
        }
        let other = known_pool(earlier).map(|pool| pool_name(context, pool, earlier)).unwrap_or_default();
        let message = format!(
            "`{}` gives priority {} to `{}` and to `{other}`",
            found.owner,
            later.srv.priority,
            pool_name(context, pool, later)
        );
        let mut finding = context
            .about("srv-equal-priority", &later.record, later.record.field(0), message)
            .related(earlier.record.field(0), format!("priority of `{other}`"));
        if let Some(free) = free_priority(deployment, pool, service, &taken) {
            taken.push(free);
            finding = finding.help(format!("write {free}"));
            let same = found.records.iter().filter(|record| {
                known_pool(record) == Some(pool) && record.srv.priority == later.srv.priority
            });
            let edits: Option<Vec<Edit>> =
                same.map(|record| rewrite_field(context, &record.record, 0, free.to_string())).collect();
            if let Some(mut edits) = edits {
                edits.sort_by_key(|edit| edit.span);
                finding = finding.fixes(Applicability::Unsafe, edits);
            }
        }
        out.push(finding);
    }
}

/// Whether the RRset is one of Edge pools, when nothing is declared: XMPP servers of other makes
/// share load by weight, and so do SIP servers whose `_sip._tls` says 5061 (Cisco Expressway, session
/// border controllers). Access Edge takes clients on 443, or federates.
pub(in crate::lint) fn is_edge(context: &ZoneContext<'_>, found: &Found, service: Service) -> bool {
    let owner = |service: Service| service.owner(&found.domain);
    service == Service::Federation
        || has_srv(context, &owner(Service::Federation))
        || has_srv_on(context, &owner(Service::RemoteAccess), 443)
}

/// The priority that a pool should have: its declared one, if nothing has that.
fn free_priority(
    deployment: Option<&Deployment>,
    pool: PoolRef,
    service: Service,
    taken: &[u16],
) -> Option<u16> {
    let declared = match (deployment, pool) {
        (Some(deployment), PoolRef::Declared(pool)) => Some(deployment.priority(pool, service).value),
        _ => None,
    };
    declared.filter(|priority| !taken.contains(priority)).or_else(|| next_priority(taken))
}

fn weight_no_split(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if found.service != Some(Service::Federation) || !is_external(context) {
        return;
    }
    let mut records: Vec<(&FoundSrv, PoolRef)> =
        found.records.iter().filter_map(|record| Some((record, known_pool(record)?))).collect();
    records.sort_by_key(|(record, _)| (record.srv.priority, record.record.place));
    for group in records.chunk_by(|(one, _), (other, _)| one.srv.priority == other.srv.priority) {
        let differ = |(one, pool): &(&FoundSrv, PoolRef)| {
            group.iter().any(|(other, there)| there != pool && other.srv.weight != one.srv.weight)
        };
        let Some((first, _)) = group.first().filter(|_| group.iter().any(differ)) else { continue };
        let Some((highest, pool)) = group.iter().max_by_key(|(record, _)| record.srv.weight) else {
            continue;
        };
        let message = format!(
            "`{}` weighs pools at priority {}: Access Edge always takes `{}` with weight {}",
            found.owner,
            first.srv.priority,
            pool_name(context, *pool, highest),
            highest.srv.weight
        );
        let mut finding = context.about("srv-weight-no-split", &first.record, first.record.field(1), message);
        if highest.record.place != first.record.place {
            finding = finding.related(highest.record.field(1), "the highest weight, always chosen");
        }
        out.push(finding.help("give the pools different priorities and weight 0"));
    }
}

fn federation_priority_no_failover(context: &ZoneContext<'_>, services: &[&Found], out: Out<'_>) {
    if !is_external(context) || !is_ordered(&policy(context), Service::Federation) {
        return;
    }
    let real = |record: &&FoundSrv| !is_null(record);
    let ordered = |found: &&Found| {
        let lowest = found.records.iter().filter(real).map(|record| record.srv.priority).min();
        found.service == Some(Service::Federation)
            && found.records.iter().filter(real).any(|record| Some(record.srv.priority) != lowest)
            && found.records.iter().filter(real).any(|record| !is_m365(&meant(context, record)))
    };
    let mut all: Vec<&Found> = services.iter().copied().filter(ordered).collect();
    all.sort_by_key(|found| found.records.iter().map(|record| record.record.place).min());
    let Some(found) = all.first() else { return };
    let active = found.records.iter().filter(real).min_by_key(|record| record.srv.priority);
    let Some(active) = active else { return };
    let spare = found.records.iter().filter(real).find(|record| record.srv.priority != active.srv.priority);
    let Some(spare) = spare else { return };
    let others = match all.len() {
        1 => String::new(),
        2 => String::from(", and so does one other domain of the zone"),
        more => format!(", and so do {} other domains of the zone", more - 1),
    };
    let message = format!(
        "`{}` gives `{}` priority {}, to which partners do not fail over{others}",
        found.owner,
        meant(context, spare),
        spare.srv.priority
    );
    out.push(
        context
            .about("srv-federation-priority-no-failover", &spare.record, spare.record.field(0), message)
            .related(active.record.field(0), "the one that partners use")
            .help("rewrite the records when the active pool is down, or set `policy.federation`"),
    );
}

fn m365_mixed(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let is_cloud = |record: &&FoundSrv| is_m365(&meant(context, record));
    let cloud = found.records.iter().find(is_cloud);
    let other = found.records.iter().find(|record| !is_null(record) && !is_cloud(record));
    if let (Some(cloud), Some(other)) = (cloud, other) {
        let message = format!(
            "`{}` names `{}` of Microsoft 365 beside `{}`",
            found.owner,
            meant(context, cloud),
            meant(context, other)
        );
        out.push(
            context
                .about("srv-m365-mixed", &cloud.record, cloud.srv.target.span, message)
                .related(other.srv.target.span, "not of Microsoft 365")
                .help(
                    "keep one kind: your own in a hybrid deployment, Microsoft 365 after the move to Teams",
                ),
        );
    }
}

fn target_outside_sip_domain(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(service @ (Service::RemoteAccess | Service::Federation)) = found.service else { return };
    if !is_external(context) || context.deployment.is_some() && !found.declared_domain {
        return;
    }
    for record in &found.records {
        let target = &record.srv.target.absolute;
        // A target of no declared pool is reported as that.
        let unknown = deployed(context)
            .is_some_and(|deployment| record.pool.is_none() && deployment.shared_name(target).is_empty());
        if is_null(record)
            || unknown
            || is_troubled(context, record)
            || is_m365(target)
            || is_accepted(context, record, &found.domain)
        {
            continue;
        }
        let message = format!("target `{target}` of `{}` is outside `{}`", found.owner, found.domain);
        let own = match (deployed(context), record.pool) {
            (Some(deployment), Some(PoolRef::Declared(pool))) => {
                deployment.target(pool, service, &found.domain).filter(|name| name != target)
            }
            _ => None,
        };
        let help = match own {
            Some(name) => format!("write `{name}.`"),
            None => format!("add addresses for a name inside `{}`, and write that", found.domain),
        };
        let rule = "srv-target-outside-sip-domain";
        out.push(context.about(rule, &record.record, record.srv.target.span, message).help(help));
    }
}

/// Whether clients accept a target for a SIP domain.
fn is_accepted(context: &ZoneContext<'_>, record: &FoundSrv, domain: &str) -> bool {
    let target = &record.srv.target.absolute;
    let Some(deployment) = context.deployment else {
        return record.srv.target.in_zone || lies_in(target, domain);
    };
    match deployment.policy().target_match {
        TargetMatch::Off => true,
        TargetMatch::Strict => lies_in(target, domain),
        TargetMatch::Suffix => {
            lies_in(target, domain)
                || deployment
                    .sip_domains()
                    .iter()
                    .any(|parent| lies_in(domain, &parent.name.value) && lies_in(target, &parent.name.value))
        }
    }
}
