//! The top of a runbook: what results, what changes, what must hold before.

use super::facts::{Facts, Kind, access_addresses, identity};
use super::paper::{Actor, Paper};
use super::states;
use super::words::{cell, code, counted, listed, one_line, plain};
use crate::edge::{EdgePool, FederationPolicy, Service};
use crate::plan::{RecordText, RrsetChange};
use std::collections::BTreeMap;

/// Title, what results, and what the reader must know.
pub(super) fn title(paper: &mut Paper, facts: &Facts<'_>) {
    paper.heading(1, &heading(facts));
    match facts.kind {
        Kind::Failover | Kind::Failback | Kind::Sync => paper.paragraph(&result(facts)),
        Kind::Drain | Kind::Restore | Kind::Decommission | Kind::Add | Kind::Route | Kind::M365 => {
            paper.paragraph(&states::result(facts));
        }
    }
    for warning in &facts.plan.warnings {
        paper.note(&one_line(warning));
    }
}

/// The heading of the page.
pub(super) fn heading(facts: &Facts<'_>) -> String {
    let names: Vec<String> = facts.pools.iter().map(|pool| plain(&pool.name.value)).collect();
    let services: Vec<&str> = facts.services().into_iter().rev().map(Service::in_text).collect();
    let what = match facts.kind {
        Kind::Failover if names.is_empty() => String::from("Move"),
        Kind::Failover => format!("Failover of {}", listed(&names)),
        Kind::Failback => format!("Failback of {}", listed(&names)),
        Kind::Sync => String::from("Sync of the zones with the declared deployment"),
        Kind::Drain | Kind::Restore | Kind::Decommission | Kind::Add | Kind::Route | Kind::M365 => {
            return states::title(facts);
        }
    };
    if services.is_empty() { what } else { format!("{what}: {}", listed(&services)) }
}

/// The pools that callers of a service reach before and after.
type Way<'a> = (Option<&'a str>, Option<&'a str>);

fn result<'a>(facts: &Facts<'a>) -> String {
    let mut sentences = Vec::new();
    match facts.kind {
        Kind::Failover if facts.pools.is_empty() => {}
        Kind::Failover => sentences.push(format!("{} {} out of service.", facts.subject(), is(facts))),
        Kind::Drain | Kind::Restore | Kind::Decommission | Kind::Add | Kind::Route | Kind::M365 => {}
        Kind::Failback => sentences.push(format!("{} {} in service again.", facts.subject(), is(facts))),
        Kind::Sync => {
            return String::from(
                "After this plan the zones say what `zonewright.toml` declares: the SRV records of every service and the addresses of every name of the Edge pools. No pool changes its role, so nothing but DNS is touched.",
            );
        }
    }
    // Services that go the same way share a sentence.
    let mut ways: Vec<(Way<'_>, Vec<String>)> = Vec::new();
    for service in facts.services() {
        let domains: Vec<String> = facts.domains(service).into_iter().map(code).collect();
        let of = if domains.is_empty() { String::new() } else { format!(" ({})", domains.join(", ")) };
        let what = format!("{}{of}", service.in_text());
        let name = |pool: &'a EdgePool| pool.name.value.as_str();
        let way = (facts.server_before(service).map(name), facts.server_after(service).map(name));
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, services)) => services.push(what),
            None => ways.push((way, vec![what])),
        }
    }
    for ((before, after), services) in ways {
        let services = listed(&services);
        sentences.push(match (before, after) {
            (_, None) => format!("No pool is left for {services}."),
            (Some(before), Some(after)) if before == after => {
                format!("{} goes on serving {services}.", code(after))
            }
            (Some(before), Some(after)) => {
                format!("{} takes over from {}: {services}.", code(after), code(before))
            }
            (None, Some(after)) => format!("{} takes over {services}.", code(after)),
        });
    }
    sentences.join(" ")
}

fn is(facts: &Facts<'_>) -> &'static str {
    if facts.pools.len() == 1 { "is" } else { "are" }
}

/// The zones, the RRsets, and the sum.
pub(super) fn tables(paper: &mut Paper, facts: &Facts<'_>) {
    let plan = facts.plan;
    paper.heading(2, "What changes in DNS");
    if plan.is_empty() && plan.changes.is_empty() {
        paper.paragraph("Nothing: the zones already say what is wanted.");
        return;
    }
    let zones = plan.zones.iter().map(|zone| {
        let serial = format!("{} -> {}", zone.serial.0, zone.serial.1);
        vec![cell(&one_line(&zone.apex)), zone.view.word().to_owned(), cell(&code(&zone.file)), serial]
    });
    paper.table(&["Zone", "View", "File", "Serial"], &zones.collect::<Vec<Vec<String>>>());
    for (apex, view) in zones_of(&plan.changes) {
        let inside = plan.changes.iter().filter(|change| change.zone == apex && change.view.word() == view);
        let rows: Vec<Vec<String>> = inside.map(|change| row(facts, change)).collect();
        paper.paragraph(&format!(
            "Zone {}, {view} view, in the order in which callers try the records:",
            code(apex)
        ));
        paper.table(&["Owner", "Type", "TTL", "before", "after"], &rows);
    }
    let records: usize = plan.changes.iter().map(changed).sum();
    let change = if records == 1 { "changes" } else { "change" };
    paper.paragraph(&format!(
        "Plan: {} {change} in {}.",
        counted(records, "record"),
        counted(plan.zones.len(), "zone")
    ));
}

/// Zones and views of the changes, each once, in their order.
fn zones_of(changes: &[RrsetChange]) -> Vec<(&str, &'static str)> {
    let mut found = Vec::new();
    for change in changes {
        let zone = (change.zone.as_str(), change.view.word());
        if !found.contains(&zone) {
            found.push(zone);
        }
    }
    found
}

fn row(facts: &Facts<'_>, change: &RrsetChange) -> Vec<String> {
    let ttl = match change.ttl_before {
        None => format!("new, {}", change.ttl),
        Some(before) if before == change.ttl || change.after.is_empty() => before.to_string(),
        Some(before) => format!("{before} -> {}", change.ttl),
    };
    let records = |records: &[RecordText]| {
        let lines: Vec<String> = records
            .iter()
            .map(|record| {
                let pool =
                    record.pool.map(|pool| format!(" {}", plain(&facts.deployment.pool(pool).name.value)));
                cell(&code(&record.rdata)) + &pool.unwrap_or_default()
            })
            .collect();
        if lines.is_empty() { String::from("none") } else { lines.join("<br>") }
    };
    vec![
        cell(&code(&change.owner)),
        change.rtype.to_string(),
        ttl,
        records(&change.before),
        records(&change.after),
    ]
}

/// How many records of an RRset are added, removed or altered. A new TTL alters all of them.
fn changed(change: &RrsetChange) -> usize {
    if change.ttl_before.is_some_and(|before| before != change.ttl) && !change.after.is_empty() {
        return change.before.len().max(change.after.len());
    }
    let count = |records: &[RecordText]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for record in records {
            *counts.entry(record.rdata.clone()).or_default() += 1;
        }
        counts
    };
    let (before, after) = (count(&change.before), count(&change.after));
    let missing = |from: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>| -> usize {
        from.iter().map(|(rdata, n)| n.saturating_sub(other.get(rdata).copied().unwrap_or(0))).sum()
    };
    missing(&before, &after).max(missing(&after, &before))
}

/// What must hold before the first step.
pub(super) fn preconditions(paper: &mut Paper, facts: &Facts<'_>) {
    paper.heading(2, "Before you start");
    if facts.kind == Kind::Failback {
        paper.paragraph(&format!(
            "Mend {} for good first: every move, and every move back, costs one wait for the caches.",
            facts.subject()
        ));
    }
    states::preconditions(paper, facts);
    if matches!(facts.kind, Kind::Drain | Kind::Restore) {
        return;
    }
    central_management(paper, facts);
    for (pool, services) in facts.carriers() {
        let mut names: Vec<String> = Vec::new();
        for &service in &services {
            for domain in facts.domains(service) {
                let target = facts.deployment.target(pool.id, service, domain);
                let own = (service == Service::Xmpp).then(|| domain.to_owned());
                for name in target.into_iter().chain(own).map(|name| code(&name)) {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        paper.precondition(
            Actor::Check,
            &format!(
                "The certificate of {}{} carries {}{}",
                if facts.is_lync() { "the Access Edge of " } else { "" },
                code(&pool.name.value),
                listed(&names),
                if facts.is_lync() { ". On each of its servers:" } else { "." }
            ),
        );
        if facts.is_lync() {
            paper.fence("powershell", "Get-CsCertificate -Type AccessEdgeExternal\n");
        }
        paper.precondition(
            Actor::Firewall,
            &format!("These addresses of {} accept connections from outside:", code(&pool.name.value)),
        );
        let ports = |udp: bool| -> Option<String> {
            let these = services.iter().filter(|service| service.is_udp() == udp);
            let port = |service: &Service| {
                format!("{} ({})", facts.deployment.port(pool.id, *service).value, service.in_text())
            };
            let ports: Vec<String> = these.map(port).collect();
            let proto = if udp { "UDP" } else { "TCP" };
            (!ports.is_empty()).then(|| format!("{proto} {}", ports.join(", ")))
        };
        let ports: Vec<String> = [false, true].into_iter().filter_map(ports).collect();
        let addresses = access_addresses(facts.deployment, pool).into_iter();
        paper.step_bullets(
            &addresses
                .map(|(address, holder)| {
                    format!("{} {}: {}", plain(&holder), code(&address.to_string()), ports.join("; "))
                })
                .collect::<Vec<_>>(),
        );
        if !facts.is_lync() {
            continue;
        }
        let internal: Vec<String> = pool
            .servers
            .iter()
            .flat_map(|server| server.internal.iter().map(|address| code(&address.value.to_string())))
            .collect();
        let at = if internal.is_empty() { String::new() } else { format!(" at {}", listed(&internal)) };
        paper.precondition(
            Actor::Firewall,
            &format!(
                "The Front End servers of every pool, not only those of its own site, reach the internal interfaces of {}{at} (5061, 5062, 8057, 443 and 3478; 23456 for XMPP), and 4443 is open for the configuration.",
                code(&pool.name.value)
            ),
        );
    }
    if facts.has(Service::Federation) && facts.kind != Kind::Add {
        let name = facts.holder(Service::Federation).map(|pool| code(&pool.access.value));
        paper.precondition(
            Actor::Check,
            &format!(
                "Partners with direct federation, who entered the name of an Access Edge by hand, are told to use {}: no SRV record reaches them.",
                name.unwrap_or_else(|| String::from("the new one"))
            ),
        );
        if facts.deployment.policy().federation == FederationPolicy::GeoDns {
            paper.precondition(
                Actor::Check,
                "All pools behind a shared federation name present the same certificate.",
            );
        }
    }
    if facts.has(Service::RemoteAccess) {
        paper.precondition(
            Actor::Check,
            "`lyncdiscover` of every SIP domain answers, also without the site of a lost pool: Autodiscover decides first for most clients, mobile ones ask nothing else, and it gives them the Access Edge itself. `_sip._tls` governs only those that fall through.",
        );
    }
}

/// Without the Central Management store neither Topology Builder nor `Set-CsSite` can write.
fn central_management(paper: &mut Paper, facts: &Facts<'_>) {
    let moves =
        Service::LYNC.into_iter().any(|service| facts.has(service) && facts.route_move(service).is_some());
    if !moves {
        return;
    }
    paper.precondition(
        Actor::Shell,
        "The Central Management store can be written. If it stood in a site that is lost, `Invoke-CsManagementServerFailover` comes first; topology and routes cannot change without it.",
    );
    paper.fence("powershell", "Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus\n");
    let holders: Vec<String> = facts.carriers().iter().map(|(pool, _)| code(&identity(pool))).collect();
    paper.precondition(
        Actor::Shell,
        &format!("The Edge pools exist in the topology under these identities: {}.", listed(&holders)),
    );
    paper.fence("powershell", "Get-CsService -EdgeServer | Select-Object Identity, SiteId\n");
}

/// Who does what.
pub(super) fn actors(paper: &mut Paper, facts: &Facts<'_>) {
    if !facts.is_lync() {
        paper.paragraph(
            "[DNS] name servers, [E\\*] every server of an Edge pool, [FW] firewall, [V] verification. Names are those of `zonewright.toml`.",
        );
        return;
    }
    paper.paragraph(
        "[DNS] name servers, [PS] Management Shell, [TB] Topology Builder on a Front End server, [E\\*] every server of an Edge pool, [FW] firewall, [V] verification. Names are those of `zonewright.toml`; sites must be called there as in the topology.",
    );
}
