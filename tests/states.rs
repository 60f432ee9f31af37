//! Plans about some pools or servers leave everything else as it stands.
#![allow(clippy::expect_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zonewright::edge::{Deployment, PoolId, Service};
use zonewright::plan::{Goal, Plan, PlanError, Request, plan};
use zonewright::workspace::{self, Loaded};

/// A copy of a folder of the repository, some texts of its files replaced.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new(from: &str, changes: &[(&str, &str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), folder.path());
        for (file, from, to) in changes {
            let path = folder.path().join(file);
            let text = std::fs::read_to_string(&path).expect("text");
            assert!(text.contains(from), "{from} stands in {file}");
            std::fs::write(path, text.replace(from, to)).expect("written");
        }
        Self(folder)
    }

    fn load(&self) -> Loaded {
        let config = Some(self.0.path().join("zonewright.toml"));
        workspace::load(&workspace::Request { config, ..workspace::Request::default() }).expect("the zones")
    }
}

fn make(loaded: &Loaded, goal: Goal) -> Result<Plan, PlanError> {
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    plan(loaded, &Request { goal, services: BTreeSet::new(), now })
}

fn applied(loaded: &Loaded, plan: &Plan) -> Loaded {
    let texts: BTreeMap<PathBuf, Vec<u8>> =
        plan.files.iter().map(|file| (file.path.clone(), file.new.clone())).collect();
    loaded.with_changes(&texts)
}

fn pool(deployment: &Deployment, name: &str) -> PoolId {
    deployment.pool_named(name).expect("the pool")
}

fn text(loaded: &Loaded, file: &str) -> String {
    let source = loaded.sources.all().into_iter().find(|source| {
        source.path().is_some_and(|path| path.ends_with(file) && !path.ends_with(format!("internal/{file}")))
    });
    String::from_utf8_lossy(source.expect("the file").bytes()).into_owned()
}

const THIRD: &str = r#"
[[edge_pool]]
id = "edge3"
site = "lyon"
internal_fqdn = "lsedge3.contoso.net"
access = "sip3.contoso.com"
webcon = "webcon3.contoso.com"
av     = "av3.contoso.com"
xmpp   = "xmpp3.contoso.com"
priority = 20
aliases = { "fabrikam.com" = "sip3.fabrikam.com" }

[[edge_pool.server]]
name = "edge3a"
access = "203.0.113.130"
webcon = "203.0.113.131"
av     = "203.0.113.132"

[[front_end_pool]]
fqdn = "fe1.contoso.net"
"#;

/// The example with a third pool declared, whose priority is free.
fn third(priority: u16) -> Copy {
    let declared = THIRD.replace("priority = 20", &format!("priority = {priority}"));
    Copy::new(
        "zones",
        &[("zonewright.toml", "\n[[front_end_pool]]\nfqdn = \"fe1.contoso.net\"\n", &declared)],
    )
}

#[test]
fn a_pool_is_added_while_another_one_is_down() {
    let copy = Copy::new("zones", &[]);
    let two = copy.load();
    let edge1 = pool(two.deployment().expect("a deployment"), "edge1");
    let down = make(&two, Goal::Failover { down: [edge1].into(), to: None }).expect("a plan");
    let folder = third(30);
    for file in &down.files {
        let inside = if file.path.ends_with("internal/contoso.com.zone") { "internal" } else { "" };
        let name = file.path.file_name().expect("a name");
        std::fs::write(folder.0.path().join(inside).join(name), &file.new).expect("written");
    }
    let bare = folder.load();
    let deployment = bare.deployment().expect("a deployment");
    let before = text(&bare, "contoso.com.zone");
    let there = make(&bare, Goal::Add { pools: [pool(deployment, "edge3")].into() }).expect("a plan");
    let after = text(&applied(&bare, &there), "contoso.com.zone");
    let is_serial = |line: &&str| !line.contains("; serial");
    for line in before.lines().filter(is_serial) {
        assert!(after.lines().any(|other| other == line), "{line}\nis gone:\n{after}");
    }
    for change in &there.changes {
        let theirs = |record: &&zonewright::plan::RecordText| record.pool == Some(pool(deployment, "edge3"));
        assert_eq!(change.after.iter().filter(theirs).count(), 1, "{change:?}");
        assert_eq!(change.after.len(), change.before.len() + 1, "{change:?}");
    }
}

#[test]
fn a_pool_that_is_added_gets_a_priority_of_its_own() {
    let folder = third(5);
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let there = make(&start, Goal::Add { pools: [pool(deployment, "edge3")].into() }).expect("a plan");
    let srv = |owner: &str| -> Vec<&str> {
        let change = there.changes.iter().find(|change| change.owner == owner).expect("the RRset changes");
        change.after.iter().map(|record| record.rdata.as_str()).collect()
    };
    assert_eq!(
        srv("_sip._tls.contoso.com"),
        ["5 0 443 sip3.contoso.com.", "10 0 443 sip1.contoso.com.", "20 0 443 sip2.contoso.com."]
    );
    assert_eq!(srv("xmpp3.contoso.com"), ["203.0.113.130"]);
    assert_eq!(srv("sip3.fabrikam.com"), ["203.0.113.130"]);
    let inside: Vec<&str> = there
        .changes
        .iter()
        .filter(|change| change.view == zonewright::config::View::Internal)
        .map(|change| change.owner.as_str())
        .collect();
    assert_eq!(inside, ["_sipfederationtls._tcp.contoso.com", "sip3.contoso.com", "webcon3.contoso.com"]);
    // The number is taken: by hand it was given to another pool.
    let taken = applied(&start, &there);
    let moved: BTreeMap<PathBuf, Vec<u8>> = start
        .sources
        .all()
        .iter()
        .filter_map(|source| Some((source.path()?.to_owned(), source.bytes().to_vec())))
        .filter(|(path, _)| path.ends_with("contoso.com.zone"))
        .map(|(path, bytes)| {
            let text = String::from_utf8_lossy(&bytes).replace("SRV  20 0", "SRV  5 0");
            (path, text.into_bytes())
        })
        .collect();
    drop(taken);
    let crowded = start.with_changes(&moved);
    let there = make(&crowded, Goal::Add { pools: [pool(deployment, "edge3")].into() }).expect("a plan");
    let change =
        there.changes.iter().find(|change| change.owner == "_sip._tls.contoso.com").expect("it changes");
    let all: Vec<&str> = change.after.iter().map(|record| record.rdata.as_str()).collect();
    assert_eq!(
        all,
        ["5 0 443 sip2.contoso.com.", "10 0 443 sip1.contoso.com.", "20 0 443 sip3.contoso.com."]
    );
}

#[test]
fn a_name_that_other_records_lead_to_keeps_its_addresses() {
    for (record, by) in [
        ("desk IN CNAME sip2\n", "`desk.contoso.com` CNAME"),
        ("mail2 IN MX 10 sip2\n", "`mail2.contoso.com` MX"),
        ("_ldap._tcp IN SRV 0 0 389 sip2\n", "`_ldap._tcp.contoso.com` SRV"),
    ] {
        let www = "www             IN  CNAME  @\n";
        let folder = Copy::new("zones", &[("contoso.com.zone", www, &format!("{www}{record}"))]);
        let start = folder.load();
        let deployment = start.deployment().expect("a deployment");
        let goal = Goal::decommission(deployment, [pool(deployment, "edge2")].into(), None).expect("a goal");
        let there = make(&start, goal).expect("a plan");
        let warning =
            format!("`sip2.contoso.com` keeps its addresses in the external view: {by} leads to it");
        assert!(there.warnings.contains(&warning), "{:?}", there.warnings);
        let left = text(&applied(&start, &there), "contoso.com.zone");
        assert!(left.contains("sip2        3600 IN  A  198.51.100.10\n"), "{left}");
        assert!(!left.contains("webcon2"), "{left}");
        assert!(!left.contains("SRV  20 0 443  sip2"), "{left}");
    }
}

#[test]
fn addresses_that_nobody_declared_stay() {
    let alone = "sip2        3600 IN  A  198.51.100.10\n";
    let with = format!("{alone}            3600 IN  A  203.0.113.99\n");
    let folder = Copy::new("zones", &[("contoso.com.zone", alone, &with)]);
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let server = deployment.server_named("edge2b").expect("the server");
    let there = make(&start, Goal::Drain { servers: [server].into() }).expect("a plan");
    let left = text(&applied(&start, &there), "contoso.com.zone");
    assert!(left.contains("            3600 IN  A  203.0.113.99\n"), "{left}");
    assert!(left.contains("; zonewright: drained             3600 IN  A  198.51.100.20\n"), "{left}");
}

#[test]
fn the_last_server_that_the_zone_has_is_not_drained() {
    let both = "sip1        3600 IN  A  192.0.2.10\n            3600 IN  A  192.0.2.20\n";
    let one = "sip1        3600 IN  A  192.0.2.10\n";
    let folder = Copy::new("zones", &[("contoso.com.zone", both, one)]);
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let server = deployment.server_named("edge1a").expect("the server");
    let error = make(&start, Goal::Drain { servers: [server].into() }).expect_err("no plan").to_string();
    assert!(error.contains("`sip1.contoso.com` would have no address"), "{error}");
    assert!(error.contains("plan failover edge1"), "{error}");
}

#[test]
fn a_server_behind_a_load_balancer_is_not_drained() {
    let folder = Copy::new(
        "fixtures/swing-a",
        &[
            (
                "zonewright.toml",
                "priority = 10\n",
                "priority = 10\nload_balancing = \"hlb\"\nvip = { access = [\"192.0.2.10\", \"192.0.2.20\"], webcon = [\"192.0.2.11\", \"192.0.2.21\"], av = [\"192.0.2.12\", \"192.0.2.22\"] }\n",
            ),
            (
                "zonewright.toml",
                "name = \"edge1a\"\naccess = \"192.0.2.10\"\nwebcon = \"192.0.2.11\"\nav     = \"192.0.2.12\"\n",
                "name = \"edge1a\"\n",
            ),
            (
                "zonewright.toml",
                "name = \"edge1b\"\naccess = \"192.0.2.20\"\nwebcon = \"192.0.2.21\"\nav     = \"192.0.2.22\"\n",
                "name = \"edge1b\"\n",
            ),
        ],
    );
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let server = deployment.server_named("edge1a").expect("the server");
    let error = make(&start, Goal::Drain { servers: [server].into() }).expect_err("no plan").to_string();
    assert!(error.contains("lead to its load balancer: take `edge1a` out there"), "{error}");
}

#[test]
fn while_a_server_is_drained_swung_addresses_leave_it_out() {
    let folder = Copy::new("fixtures/swing-a", &[]);
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let server = deployment.server_named("edge2b").expect("the server");
    let drained = applied(&start, &make(&start, Goal::Drain { servers: [server].into() }).expect("a plan"));
    for goal in [
        Goal::Failover { down: [pool(deployment, "edge1")].into(), to: None },
        Goal::Route { service: Service::Xmpp, to: pool(deployment, "edge2") },
    ] {
        let there = make(&drained, goal).expect("a plan");
        let change =
            there.changes.iter().find(|change| change.owner == "xmpp.contoso.com").expect("it moves");
        let all: Vec<&str> = change.after.iter().map(|record| record.rdata.as_str()).collect();
        assert_eq!(all, ["198.51.100.10"]);
    }
}

#[test]
fn records_that_a_failover_set_aside_are_not_lost_with_a_pool() {
    // A number with a zero before it cannot be put back by its value alone, so it is set aside.
    let folder = Copy::new("zones", &[("contoso.com.zone", "SRV  10 0 5269 xmpp1", "SRV  010 0 5269 xmpp1")]);
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let edge1 = pool(deployment, "edge1");
    let moved =
        applied(&start, &make(&start, Goal::Failover { down: [edge1].into(), to: None }).expect("a plan"));
    assert!(text(&moved, "contoso.com.zone").contains("; zonewright: parked "));
    let goal =
        Goal::decommission(deployment, [edge1].into(), Some(pool(deployment, "edge2"))).expect("a goal");
    let error = make(&moved, goal).expect_err("no plan").to_string();
    assert!(
        error.contains("`_xmpp-server._tcp.contoso.com` has records that a failover has set aside"),
        "{error}"
    );
}

#[test]
fn a_pool_that_is_half_there_is_made_whole() {
    let folder = Copy::new(
        "zones",
        &[
            (
                "contoso.com.zone",
                "sip2        3600 IN  A  198.51.100.10",
                "sip2        3600 IN  A  203.0.113.99",
            ),
            ("contoso.com.zone", "SRV  20 0 443  sip2", "SRV  20 0 444  sip2"),
            (
                "internal/contoso.com.zone",
                "webcon2                     IN  A    198.51.100.11\n                            IN  A    198.51.100.21\n",
                "webcon2 IN A 10.2.0.77\n",
            ),
        ],
    );
    let start = folder.load();
    let deployment = start.deployment().expect("a deployment");
    let there = make(&start, Goal::Add { pools: [pool(deployment, "edge2")].into() }).expect("a plan");
    let changed: Vec<(&str, Vec<&str>)> = there
        .changes
        .iter()
        .map(|change| {
            (change.owner.as_str(), change.after.iter().map(|record| record.rdata.as_str()).collect())
        })
        .collect();
    assert_eq!(
        changed,
        [
            ("_sip._tls.contoso.com", vec!["10 0 443 sip1.contoso.com.", "20 0 443 sip2.contoso.com."]),
            ("sip2.contoso.com", vec!["198.51.100.10", "198.51.100.20"]),
        ]
    );
}

/// What only an admin of Lync has.
const LYNC: [&str; 7] =
    ["-Cs", "UpToDate", "Topology", "Lync", "Autodiscover", "Front End", "Central Management"];

#[test]
fn runbooks_of_other_services_have_no_word_of_lync() {
    let copy = Copy::new("fixtures/services", &[]);
    let loaded = copy.load();
    let deployment = loaded.deployment().expect("a deployment");
    let (north, south) = (pool(deployment, "north"), pool(deployment, "south"));
    let servers = BTreeSet::from([deployment.server_named("north1").expect("the server")]);
    let xmpp = deployment.service_named("xmpp").expect("the service");
    let goals = [
        Goal::Failover { down: [north].into(), to: None },
        Goal::Drain { servers },
        Goal::Decommission { pools: [north].into(), routes: BTreeMap::new() },
        Goal::Route { service: xmpp, to: south },
    ];
    for goal in goals {
        let there = make(&loaded, goal).expect("a plan");
        let now = "2026-11-22T00:00:00Z".parse().expect("a moment");
        let home = zonewright::plan::reversed(&loaded, &there, now).expect("a way back");
        for plan in std::iter::once(there).chain(home) {
            assert!(!plan.is_empty());
            let text = zonewright::emit::markdown::runbook(deployment, &plan);
            if matches!(plan.goal, Goal::Failover { .. }) {
                for service in &plan.services {
                    let heading = format!("\n### {}\n", service.title());
                    assert!(text.contains(&heading), "{heading} is missing in\n{text}");
                }
            }
            for word in LYNC {
                assert!(!text.contains(word), "{word} stands in the page of {:?}:\n{text}", plan.goal);
            }
        }
    }
}

#[test]
fn a_drained_pool_is_found_as_it_should_be() {
    let copy = Copy::new("fixtures/services", &[]);
    let loaded = copy.load();
    let deployment = loaded.deployment().expect("a deployment");
    let servers = BTreeSet::from([deployment.server_named("north1").expect("the server")]);
    let drain = make(&loaded, Goal::Drain { servers }).expect("a plan");
    assert!(applied(&loaded, &drain).coverage().expect("a deployment").is_sound());
    // The same addresses gone without a mark are missing.
    for file in &drain.files {
        let text = String::from_utf8(file.new.clone()).expect("text");
        let bare: String = text.split_inclusive('\n').filter(|line| !line.contains("drained")).collect();
        std::fs::write(&file.path, bare).expect("written");
    }
    assert!(!copy.load().coverage().expect("a deployment").is_sound());
}

#[test]
fn after_a_failover_the_matrix_says_who_declares_the_route() {
    let zones = Copy::new("zones", &[]);
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zonewright"));
        let output = command.args(args).current_dir(zones.0.path()).output().expect("it runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let declared = "Federation     needs a plan: the federation route is at edge1 by zonewright.toml";
    assert!(!run(&["matrix"]).contains("by zonewright.toml"), "callers come to edge1: it holds the route");
    run(&["plan", "failover", "edge1", "--write"]);
    let matrix = run(&["matrix"]);
    assert_eq!(matrix.matches(declared).count(), 2, "{matrix}");
}
