//! Anomalies of Microsoft's pages that are about records, not about steps: following them literally is
//! reported. Letters as in the tests of the runbook, which has the others.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zonewright::edge::Service;
use zonewright::lint::{Levels, lint};
use zonewright::plan::{Goal, Request, plan};
use zonewright::workspace::{self, Loaded};

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The zones of a folder of the repository with texts of `contoso.com.zone` replaced.
fn zones(folder: &str, changes: &[(&str, &str)]) -> Loaded {
    let config = Some(repository(folder).join("zonewright.toml"));
    let loaded =
        workspace::load(&workspace::Request { config, ..workspace::Request::default() }).expect("the zones");
    let path = std::fs::canonicalize(repository(folder).join("contoso.com.zone")).expect("the zone");
    let mut text = std::fs::read_to_string(&path).expect("text");
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} stands once in the zone");
        text = text.replace(from, to);
    }
    loaded.with_changes(&BTreeMap::from([(path, text.into_bytes())]))
}

/// Rule and message of every finding.
fn findings(loaded: &Loaded) -> Vec<(&'static str, String)> {
    let mut copy = loaded.with_changes(&BTreeMap::new());
    let parsed = copy.take_findings();
    let contexts = copy.contexts();
    let report = lint(&contexts, parsed, copy.deployment(), &Levels::new());
    report.findings.into_iter().map(|finding| (finding.rule.0, finding.message)).collect()
}

#[track_caller]
fn finds(loaded: &Loaded, rule: &str, words: &str) {
    let all = findings(loaded);
    let found = all.iter().any(|(name, message)| *name == rule && message.contains(words));
    assert!(found, "no {rule} with {words}: {all:?}");
}

#[track_caller]
fn finds_not(loaded: &Loaded, rule: &str) {
    let all = findings(loaded);
    assert!(all.iter().all(|(name, _)| *name != rule), "{all:?}");
}

#[test]
fn c_failback_is_the_inverse_of_failover() {
    let start = zones("fixtures/swing-a", &[]);
    let deployment = start.deployment().expect("a deployment");
    let edge1 = deployment.pool_named("edge1").expect("the pool");
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    let make = |loaded: &Loaded, goal| {
        let plan = plan(loaded, &Request { goal, services: BTreeSet::new(), now }).expect("a plan");
        loaded.with_changes(&plan.files.iter().map(|file| (file.path.clone(), file.new.clone())).collect())
    };
    let addresses = |loaded: &Loaded| -> Vec<String> {
        let zone = &loaded.zones[0].zone;
        let key = zone.key(b"xmpp.contoso.com").expect("in the zone");
        zone.addresses(key).iter().filter_map(|record| Some(record.address()?.to_string())).collect()
    };
    let moved = make(&start, Goal::Failover { down: [edge1].into(), to: None });
    assert_eq!(addresses(&moved), ["198.51.100.10", "198.51.100.20"]);
    let back = make(&moved, Goal::Failback { pools: [edge1].into() });
    assert_eq!(addresses(&back), ["192.0.2.10", "192.0.2.20"]);
    let route = deployment.route(Service::Xmpp);
    assert_eq!(route, Some(edge1), "route and addresses are of one pool");
}

#[test]
fn i_an_owner_and_a_port_as_the_page_prints_them_are_reported() {
    let from = "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip1";
    let owner = zones("zones", &[(from, "_sipfederationtls_tcp  3600 IN  SRV  10 0 5061 sip1")]);
    finds(&owner, "srv-owner-near-miss", "_sipfederationtls_tcp");
    let port = zones("zones", &[(from, "_sipfederationtls._tcp  3600 IN  SRV  10 0 A sip1")]);
    finds(&port, "syntax-error", "A");
    finds_not(&zones("zones", &[]), "srv-owner-near-miss");
}

#[test]
fn j_two_aliases_at_one_owner_are_reported() {
    let from = "meet            IN  A      203.0.113.90";
    let two = zones(
        "zones",
        &[(from, "meet IN CNAME web1\nmeet IN CNAME web2\nweb1 IN A 203.0.113.90\nweb2 IN A 203.0.113.91")],
    );
    finds(&two, "cname-multiple", "meet.contoso.com");
    let one = zones("zones", &[(from, "meet IN CNAME web1\nweb1 IN A 203.0.113.90")]);
    finds_not(&one, "cname-multiple");
}

#[test]
fn k_an_owner_that_lacks_an_underscore_is_reported() {
    let from = "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip1";
    let dotted = zones("zones", &[(from, "_sipfederationtls.tcp  3600 IN  SRV  10 0 5061 sip1")]);
    let rules: Vec<&str> = findings(&dotted).into_iter().map(|(rule, _)| rule).collect();
    assert!(rules.contains(&"srv-owner-near-miss") || rules.contains(&"srv-owner-grammar"), "{rules:?}");
}

#[test]
fn o_a_scaled_pool_has_an_address_for_every_server() {
    let loaded = zones(
        "fixtures/swing-a",
        &[(
            "sip2        3600 IN  A  198.51.100.10\n            3600 IN  A  198.51.100.20\n",
            "sip2        3600 IN  A  198.51.100.10\n",
        )],
    );
    finds(&loaded, "srv-target-address-drift", "`sip2.contoso.com` lacks 198.51.100.20 of pool `edge2`");
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    let plan = plan(&loaded, &Request { goal: Goal::Sync, services: BTreeSet::new(), now }).expect("a plan");
    assert!(
        String::from_utf8_lossy(&plan.patch()).contains("+            3600 IN  A  198.51.100.20")
            || String::from_utf8_lossy(&plan.patch()).contains("+sip2        3600 IN  A  198.51.100.20")
    );
}
