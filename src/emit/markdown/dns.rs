//! The step that the plan is about, how long callers need to see it, and how to look.

use super::command::{arguments, command};
use super::facts::{Facts, Kind, access_addresses, pool_and_servers};
use super::paper::{Actor, Paper};
use super::services;
use super::states;
use super::words::{cell, code, listed, seconds};
use crate::config::View;
use crate::edge::{FederationPolicy, Service};
use crate::emit::quote::{powershell, shell};
use crate::plan::RrsetChange;
use crate::plan::timing::{Assumptions, Reason, timing};

/// Applies the diff, loads the zones, waits.
pub(super) fn steps(paper: &mut Paper, facts: &Facts<'_>) {
    let plan = facts.plan;
    paper.heading(if facts.kind == Kind::Sync { 2 } else { 3 }, "DNS");
    if plan.is_empty() {
        paper.paragraph("No step: the zones already say what is wanted, so no zone changes.");
        states::configuration(paper, facts);
        return;
    }
    if facts.kind == Kind::Failover && !facts.pools.is_empty() {
        paper.paragraph(&format!(
            "With {} really down this may run beside the steps above: nobody loses anything, and the caches begin to run out sooner. In a planned move keep the order.",
            facts.subject()
        ));
    }
    paper.step(
        Actor::Dns,
        &format!(
            "Apply this diff in the root of the repository: save it and run `git apply FILE`. {} writes the same.{}",
            code(&format!("{} --write", command(facts))),
            // The names of a pool that leaves go with its records: see the first precondition.
            match facts.kind {
                Kind::Decommission | Kind::M365 => "",
                _ => " SRV and address records change together, so their order does not matter.",
            }
        ),
    );
    let patch = plan.patch();
    let text = String::from_utf8_lossy(&patch);
    paper.fence_at_margin("diff", &text);
    if matches!(text, std::borrow::Cow::Owned(_)) || text.contains('\r') {
        paper.note(&format!(
            "The files have octets that a page like this does not keep (CR, or text that is not UTF-8); use {} instead of a copy of the diff.",
            code(&format!("{} --write", command(facts)))
        ));
    }
    states::configuration(paper, facts);
    let mut apexes: Vec<&str> = Vec::new();
    for zone in &plan.zones {
        if !apexes.contains(&zone.apex.as_str()) {
            apexes.push(&zone.apex);
        }
    }
    paper.step(
        Actor::Dns,
        "Check and load the zones on every primary, once per view that serves them (Knot: `knotc zone-reload ZONE`; Windows DNS: `dnscmd /ZoneReload ZONE`):",
    );
    paper
        .fence("sh", &apexes.iter().map(|apex| format!("rndc reload {}\n", shell(apex))).collect::<String>());
    paper.step(
        Actor::Check,
        "Every server of the zones, secondaries too, has the new serial; `SERVER` is each of them:",
    );
    let serials = plan.zones.iter().map(|zone| {
        format!(
            "dig +short SOA {} @SERVER  # {}, {} view\n",
            shell(&zone.apex),
            zone.serial.1,
            zone.view.word()
        )
    });
    paper.fence("sh", &serials.collect::<String>());
    wait(paper, facts);
}

fn wait(paper: &mut Paper, facts: &Facts<'_>) {
    let notified = timing(facts.plan, &Assumptions::default());
    let unnotified = timing(facts.plan, &Assumptions { notify: false, ..Assumptions::default() });
    let Some(longest) = notified.slowest() else { return };
    let (worst, without) = (u64::from(notified.worst), u64::from(unnotified.worst));
    paper.step(
        Actor::Dns,
        &format!(
            "Wait {} after the load: the longest that a cache keeps an old answer ({} {}). Where secondaries are not notified (NOTIFY off), wait {}: refresh and retry of the zone come on top.",
            seconds(worst),
            code(&longest.owner),
            longest.rtype,
            seconds(without)
        ),
    );
    let rows: Vec<Vec<String>> = notified
        .rrsets
        .iter()
        .zip(&unnotified.rrsets)
        .map(|(rrset, unnotified)| {
            let why = match rrset.because {
                Reason::NegativeTtl => "negative TTL of the zone, since the RRset is new",
                _ => "TTL published before",
            };
            vec![
                cell(&format!("{} {}, {}", code(&rrset.owner), rrset.rtype, rrset.view.word())),
                seconds(u64::from(rrset.worst)),
                why.to_owned(),
                seconds(u64::from(unnotified.worst)),
            ]
        })
        .collect();
    paper.table(&["RRset", "Cached for at most", "Why", "Without NOTIFY"], &rows);
    if let Some(rto) = facts.deployment.policy().rto.map(u64::from) {
        let verdict = |worst: u64| if worst > rto { "longer than" } else { "within" };
        let text = format!(
            "Recovery time objective: {}. The worst wait of {} is {} it; without NOTIFY, {} is {} it.",
            seconds(rto),
            seconds(worst),
            verdict(worst),
            seconds(without),
            verdict(without)
        );
        if worst > rto { paper.note(&text) } else { paper.paragraph(&text) }
    }
    paper.paragraph(&format!(
        "DNS is not all: clients that keep their last server{} and open connections last longer than any TTL.",
        if facts.is_lync() { ", Autodiscover's answer" } else { "" }
    ));
}

/// What the servers must then answer.
pub(super) fn answers(paper: &mut Paper, facts: &Facts<'_>) {
    let changes = &facts.plan.changes;
    for (view, place) in [
        (
            View::External,
            "From outside, ask for each changed RRset; the lines after `#` are the answer, in any order:",
        ),
        (
            View::Internal,
            "From inside, ask for each changed RRset of the internal view; the lines after `#` are the answer, in any order:",
        ),
    ] {
        let inside: Vec<&RrsetChange> = changes.iter().filter(|change| change.view == view).collect();
        if !inside.is_empty() {
            paper.step(Actor::Check, place);
            paper
                .fence("sh", &inside.into_iter().map(|change| question(changes, change)).collect::<String>());
        }
    }
}

/// How to see that it worked.
pub(super) fn verify(paper: &mut Paper, facts: &Facts<'_>) {
    paper.heading(2, "Verify");
    answers(paper, facts);
    let changes = &facts.plan.changes;
    if facts.kind == Kind::Sync {
        if changes.is_empty() {
            paper.paragraph("Nothing changed, so there is nothing to verify.");
        }
        return;
    }
    if facts.kind == Kind::Drain {
        return;
    }
    for (pool, services) in facts.carriers() {
        paper.step(Actor::Check, &format!("From outside, the ports of {} answer:", code(&pool.name.value)));
        let addresses = access_addresses(facts.deployment, pool);
        let checks = services.iter().flat_map(|&service| {
            let port = facts.deployment.port(pool.id, service).value;
            let udp = if service.is_udp() { "u" } else { "" };
            addresses.iter().map(move |(address, _)| format!("nc -vz{udp} {address} {port}\n"))
        });
        paper.fence("sh", &checks.collect::<String>());
    }
    if facts.kind == Kind::Restore {
        return;
    }
    if let Some(pool) = facts.holder(Service::Federation).filter(|_| facts.has(Service::Federation)) {
        if facts.deployment.policy().federation == FederationPolicy::GeoDns {
            let names: Vec<String> = facts
                .deployment
                .geo_names()
                .iter()
                .map(|geo| format!("dig +short A {}\n", shell(&geo.name.value)))
                .collect();
            paper.step(
                Actor::Check,
                &format!(
                    "From outside, the traffic manager gives the Access Edge addresses of {}:",
                    code(&pool.name.value)
                ),
            );
            paper.fence("sh", &names.concat());
        }
        paper.step(Actor::Shell, "Federation works; `<partner>` is a SIP domain of a partner:");
        paper.fence(
            "powershell",
            &format!(
                "Test-CsFederatedPartner -TargetFqdn {} -Domain <partner>\n",
                powershell(&pool.internal_name())
            ),
        );
    }
    xmpp_restart(paper, facts);
    if facts.has(Service::RemoteAccess) {
        paper.step(
            Actor::Check,
            "A client outside that was signed out signs in without a server name in its settings.",
        );
    }
}

/// The step of Microsoft's page that drops people, kept for when it is needed.
fn xmpp_restart(paper: &mut Paper, facts: &Facts<'_>) {
    if !facts.has(Service::Xmpp) {
        return;
    }
    paper.step(Actor::Check, "A message to an XMPP contact arrives, and so does its answer.");
    if let Some(moved) = services::xmpp_move(facts).filter(|_| facts.is_lync()) {
        paper.step(
            Actor::Servers,
            &format!(
                "Optional, only if XMPP does not get through after replication and DNS: restart the services of {}, one server after the other. Each restart drops the remote users of that server.",
                pool_and_servers(moved)
            ),
        );
        paper.fence("powershell", "Stop-CsWindowsService -Graceful\nStart-CsWindowsService\n");
    }
}

fn question(changes: &[RrsetChange], change: &RrsetChange) -> String {
    if change.gives_way(changes) {
        return String::new();
    }
    let mut text = format!("dig +short {} {}\n", change.rtype, shell(&change.owner));
    for record in &change.after {
        text.push_str(&format!("# {}\n", record.rdata));
    }
    if change.after.is_empty() {
        text.push_str("# no answer\n");
    }
    text
}

/// What stays for people.
pub(super) fn limits(paper: &mut Paper, facts: &Facts<'_>) {
    paper.heading(2, "What this does not do");
    if facts.kind == Kind::Sync {
        paper.paragraph(
            "The diff changes SRV and address records, their TTLs and the serials. It publishes no topology, sets no route, opens no port and changes no certificate, and it does not know whether a pool is up.",
        );
        return;
    }
    if !facts.is_lync() {
        return paper.bullets(&[
            String::from("The diff changes SRV and address records, their TTLs and the serials, nothing else: services, ports and certificates are the steps of people above."),
            String::from("It does not empty caches of resolvers and clients."),
            String::from("It does not know whether a pool is up."),
        ]);
    }
    let mut items: Vec<String> = [
        "The diff changes SRV and address records, their TTLs and the serials, nothing else. Publishing the topology, setting routes, starting services, opening ports and changing certificates are the steps of people above.",
        "It does not tell partners with direct federation, and it does not move a traffic manager (GeoDNS, GTM).",
        "It does not empty caches of resolvers and clients (`EndpointConfiguration.cache`), and does not change what Autodiscover answers.",
        "It does not know whether a pool is up.",
    ]
    .map(String::from)
    .into();
    if facts.has(Service::RemoteAccess) {
        let domains = facts.domains(Service::RemoteAccess).into_iter();
        let names: Vec<String> = domains
            .flat_map(|domain| [format!("sip.{domain}"), format!("sipexternal.{domain}")])
            .map(|name| code(&name))
            .collect();
        if !names.is_empty() {
            items.push(format!(
                "It leaves names that clients try without any SRV record as they are: {}.",
                listed(&names)
            ));
        }
    }
    if facts.has(Service::Xmpp) && facts.is_lync() {
        items.push(String::from(
            "It brings no XMPP gateway: Lync Server 2013 and Skype for Business Server 2015 have one, later versions do not.",
        ));
    }
    paper.bullets(&items);
}

/// The command of the opposite plan.
pub(super) fn way_back(paper: &mut Paper, facts: &Facts<'_>) {
    let (why, word) = match facts.kind {
        Kind::Failover => (
            format!(
                "When {} runs again, make the runbook of the way back. It is computed from `zonewright.toml`, so this diff need not be kept.",
                facts.subject()
            ),
            "failback",
        ),
        Kind::Failback => {
            (format!("When {} fails again, plan the failover anew:", facts.subject()), "failover")
        }
        _ => return states::way_back(paper, facts),
    };
    if facts.pools.is_empty() {
        return;
    }
    paper.heading(2, "How to go back");
    paper.paragraph(&why);
    paper.fence("sh", &format!("zonewright plan {word}{}\n", arguments(facts)));
}
