mod anomalies;
mod policies;
mod shape;
mod states;

use super::runbook;
use crate::config::{self, View};
use crate::diagnostic::Edit;
use crate::edge::{
    AddressKind, Deployment, FederationPolicy, PoolId, RemoteAccessPolicy, Service, State, XmppPolicy,
};
use crate::edit::{apply, unified};
use crate::plan::{FilePlan, Goal, Plan, RecordText, RrsetChange, ZoneChange};
use crate::text::{Source, Sources, Span};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The deployment of the example zones.
fn contoso() -> Deployment {
    let path = repository("zones/zonewright.toml");
    config::load(&Sources::default(), &path, "zonewright.toml").unwrap().deployment.unwrap()
}

/// The same with texts of `zonewright.toml` replaced, each of which must stand in it.
fn contoso_with(changes: &[(&str, &str)]) -> Deployment {
    let mut text = std::fs::read_to_string(repository("zones/zonewright.toml")).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} must stand in zonewright.toml");
        text = text.replace(from, to);
    }
    let sources = Sources::default();
    let file = sources.add(Source::text("zonewright.toml", text));
    config::parse(&sources, file, Path::new("zones")).unwrap().deployment.unwrap()
}

fn pool(deployment: &Deployment, name: &str) -> PoolId {
    deployment.pool_named(name).unwrap()
}

fn failover(deployment: &Deployment, pools: &[&str]) -> Goal {
    Goal::Failover { down: pools.iter().map(|name| pool(deployment, name)).collect(), to: None }
}

fn failback(deployment: &Deployment, pools: &[&str]) -> Goal {
    Goal::Failback { pools: pools.iter().map(|name| pool(deployment, name)).collect() }
}

/// Rising priorities, a pool keeping its own where it fits.
fn srv(deployment: &Deployment, state: &State, service: Service, domain: &str) -> Vec<RecordText> {
    let policy = deployment.policy();
    let one = match service {
        Service::RemoteAccess => policy.remote_access == RemoteAccessPolicy::Single,
        Service::Federation => {
            matches!(policy.federation, FederationPolicy::SingleActive | FederationPolicy::GeoDns)
        }
        Service::Xmpp => policy.xmpp == XmppPolicy::SwingA,
        Service::Other(_) => false,
    };
    let mut last = 0;
    let mut records = Vec::new();
    for pool in state.order(deployment, service).into_iter().take(if one { 1 } else { usize::MAX }) {
        let own = deployment.priority(pool, service).value;
        last = if own > last { own } else { last + 10 };
        let target = deployment.target(pool, service, domain).unwrap();
        let port = deployment.port(pool, service).value;
        records.push(RecordText { rdata: format!("{last} 0 {port} {target}."), pool: Some(pool) });
    }
    records
}

/// The RRsets that differ between two states, as a plan has them.
fn changes(deployment: &Deployment, before: &State, after: &State, services: &[Service]) -> Vec<RrsetChange> {
    let mut found = Vec::new();
    for domain in deployment.sip_domains() {
        let name = &domain.name.value;
        for &service in services.iter().filter(|service| domain.services.contains(service)) {
            let change = |owner: String, rtype: Rtype, before, after| RrsetChange {
                zone: name.clone(),
                view: View::External,
                owner,
                rtype,
                ttl_before: Some(3600),
                ttl: 3600,
                service: Some(service),
                before,
                after,
            };
            let geo =
                service == Service::Federation && deployment.policy().federation == FederationPolicy::GeoDns;
            let records = |state| srv(deployment, state, service, name);
            if service == Service::Xmpp && deployment.policy().xmpp == XmppPolicy::SwingA {
                let addresses = |state: &State| -> Vec<RecordText> {
                    let pool = state.active(deployment, service).unwrap();
                    let all = deployment.addresses(pool, AddressKind::Access).into_iter();
                    all.map(|address| RecordText { rdata: address.to_string(), pool: Some(pool) }).collect()
                };
                let owner = deployment.shared_xmpp_name(name);
                found.push(change(owner, Rtype::A, addresses(before), addresses(after)));
            } else if !geo {
                found.push(change(service.owner(name), Rtype::SRV, records(before), records(after)));
            }
        }
    }
    found.retain(|change| change.before != change.after);
    found
}

/// A plan for a goal, with the changes that follow from it and a file for each zone.
fn plan(deployment: &Deployment, goal: Goal, services: &[Service]) -> Plan {
    let (before, after) = match &goal {
        Goal::Failback { pools } => (State::down(pools.iter().copied()), State::steady()),
        Goal::Add { pools } => (State { gone: pools.clone(), ..State::steady() }, State::steady()),
        _ => (State::steady(), goal.state()),
    };
    let changes = changes(deployment, &before, &after, services);
    let apexes: BTreeSet<String> = changes.iter().map(|change| change.zone.clone()).collect();
    let zones = apexes.iter().map(|apex| zone(apex, (7, 8))).collect();
    let files = apexes.iter().map(|apex| file(&format!("zones/{apex}.zone"), b"--- a\n+++ b\n")).collect();
    let services = services.iter().copied().collect();
    Plan { goal, services, changes, zones, files, warnings: Vec::new(), old_findings: 0 }
}

fn zone(apex: &str, serial: (u32, u32)) -> ZoneChange {
    ZoneChange {
        apex: apex.to_owned(),
        view: View::External,
        file: format!("zones/{apex}.zone"),
        serial,
        refresh: (14400, 3600),
        negative_ttl: 300,
    }
}

fn file(name: &str, patch: &[u8]) -> FilePlan {
    FilePlan {
        name: name.to_owned(),
        path: PathBuf::from(name),
        old: Vec::new(),
        new: Vec::new(),
        patch: patch.to_vec(),
    }
}

/// A file of the repository with texts replaced, each of which stands in it once.
fn edited(name: &str, replacements: &[(&str, &str)]) -> FilePlan {
    let path = repository(name);
    let old = std::fs::read(&path).unwrap();
    let sources = Sources::default();
    let id = sources.add(Source::text(name, old.clone()));
    let text = String::from_utf8(old.clone()).unwrap();
    let edits: Vec<Edit> = replacements
        .iter()
        .map(|(from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from} must stand once in {name}");
            let at = text.find(from).unwrap();
            let span = Span::new(id, at as u64, (at + from.len()) as u64);
            Edit { span, replacement: to.as_bytes().to_vec() }
        })
        .collect();
    let new = apply(&old, &edits).unwrap();
    let patch = unified(name, &old, &edits).unwrap();
    FilePlan { name: name.to_owned(), path: PathBuf::from(name), old, new, patch }
}

/// The runbook of a failover or failback of all services.
fn all_services(deployment: &Deployment, goal: Goal) -> String {
    runbook(deployment, &plan(deployment, goal, &Service::LYNC))
}

#[track_caller]
fn has(text: &str, what: &str) {
    assert!(text.contains(what), "{what}\nis not in\n{text}");
}

#[track_caller]
fn has_not(text: &str, what: &str) {
    assert!(!text.contains(what), "{what}\nis in\n{text}");
}

/// Asserts that the texts stand in this order.
#[track_caller]
fn in_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at = text[from..].find(part);
        assert!(at.is_some(), "{part}\nis not in the rest of\n{text}");
        from += at.unwrap() + part.len();
    }
}
