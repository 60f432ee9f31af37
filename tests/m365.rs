//! SIP domains that move to Microsoft 365, and back.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zonewright::edge::{Cloud, Deployment};
use zonewright::lint::{Levels, lint};
use zonewright::plan::{FilePlan, Goal, Hosting, Plan, PlanError, Request, back, plan};
use zonewright::workspace::{self, Loaded, load};

fn now() -> jiff::Timestamp {
    "2026-11-21T00:00:00Z".parse().expect("a moment")
}

/// The files of the fixture that is about such a move, their text altered.
fn altered(alter: impl Fn(&str, String) -> String) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/m365");
    fs::create_dir(folder.path().join("internal")).expect("a folder");
    for name in ["zonewright.toml", "contoso.com.zone", "fabrikam.com.zone", "internal/contoso.com.zone"] {
        let text = fs::read_to_string(from.join(name)).expect("a file of the fixture");
        fs::write(folder.path().join(name), alter(name, text)).expect("a copy");
    }
    folder
}

fn read(folder: &TempDir) -> Loaded {
    let config: PathBuf = folder.path().join("zonewright.toml");
    match load(&workspace::Request { config: Some(config), ..workspace::Request::default() }) {
        Ok(loaded) => loaded,
        Err(error) => panic!("{error}"),
    }
}

fn make(loaded: &Loaded, to: Hosting) -> Result<Plan, PlanError> {
    let domains = loaded.deployment().unwrap().sip_domains().iter();
    let sip_domains = domains.map(|domain| domain.name.value.clone()).collect();
    plan(loaded, &Request { goal: Goal::M365 { to, sip_domains }, services: [].into(), now: now() })
}

const TEAMS: Hosting = Hosting::TeamsOnly(Cloud::Worldwide);

fn write(files: &[FilePlan]) {
    for file in files {
        assert_eq!(fs::read(&file.path).unwrap(), file.old, "{}", file.name);
        fs::write(&file.path, &file.new).unwrap();
    }
}

/// The text without the lines of the SOA record, and its line ends.
fn without_serials(text: &[u8]) -> Vec<&[u8]> {
    let is_serial = |line: &&[u8]| {
        let text = String::from_utf8_lossy(line);
        text.contains("; serial") || text.contains("14400 3600 1209600")
    };
    text.split_inclusive(|octet| *octet == b'\n').filter(|line| !is_serial(line)).collect()
}

/// Every RRset of a plan after it: owner, type, records.
fn after(plan: &Plan, apex: &str) -> Vec<String> {
    let here = plan.changes.iter().filter(|change| change.zone == apex && change.view.word() == "external");
    let mut all: Vec<String> = here
        .map(|change| {
            let records: Vec<&str> = change.after.iter().map(|record| record.rdata.as_str()).collect();
            format!("{} {}: {}", change.owner, change.rtype, records.join(", "))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_record_leads_to_the_hosts_that_microsoft_names() {
    let folder = altered(|_, text| text);
    let loaded = read(&folder);
    for (cloud, domain) in [(Cloud::Worldwide, "lync.com"), (Cloud::TwentyOneVianet, "partner.lync.cn")] {
        let plan = make(&loaded, Hosting::TeamsOnly(cloud)).expect("a plan");
        let expected = [
            String::from("_sip._tls.contoso.com SRV: 100 1 443 sipdir.online.DOMAIN."),
            String::from("_sipfederationtls._tcp.contoso.com SRV: 100 1 5061 sipfed.online.DOMAIN."),
            String::from("_xmpp-server._tcp.contoso.com SRV: "),
            String::from("lyncdiscover.contoso.com A: "),
            String::from("lyncdiscover.contoso.com CNAME: webdir.online.DOMAIN."),
            String::from("sip.contoso.com A: "),
            String::from("sip.contoso.com AAAA: "),
            String::from("sip.contoso.com CNAME: sipdir.online.DOMAIN."),
        ];
        let expected: Vec<String> = expected.map(|line| line.replace("DOMAIN", domain)).into();
        assert_eq!(after(&plan, "contoso.com"), expected);
    }
}

#[test]
fn the_zones_are_clean_once_the_configuration_says_so_too() {
    let folder = altered(|_, text| text);
    write(&make(&read(&folder), TEAMS).expect("a plan").files);
    let findings = |folder: &TempDir| {
        let mut loaded = read(folder);
        let parsed = loaded.take_findings();
        let declared: Option<Deployment> = loaded.deployment().cloned();
        lint(&loaded.contexts(), parsed, declared.as_ref(), &Levels::new()).findings
    };
    assert!(!findings(&folder).is_empty(), "the configuration still wants the Edge pool");
    let config = folder.path().join("zonewright.toml");
    let text = fs::read_to_string(&config).unwrap();
    let text = text.replace(
        "default = true\n",
        "default = true\nremote_access = false\nfederation = false\nxmpp = false\n",
    );
    let text = text.replace(
        "\"fabrikam.com\"\nxmpp",
        "\"fabrikam.com\"\nremote_access = false\nfederation = false\nxmpp",
    );
    fs::write(&config, text).unwrap();
    let found = findings(&folder);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn nothing_is_wanted_of_the_edge_pools_after_the_plan() {
    let folder = altered(|_, text| text);
    let loaded = read(&folder);
    let plan = make(&loaded, TEAMS).expect("a plan");
    let coverage = plan.applied(&loaded).coverage().expect("a deployment");
    assert!(coverage.rows.iter().all(|row| row.is_sound()), "{:?}", coverage.rows);
}

#[test]
fn a_second_plan_finds_nothing_to_do() {
    for to in [TEAMS, Hosting::Hybrid, Hosting::OnPremises] {
        let folder = altered(|_, text| text);
        write(&make(&read(&folder), to).expect("a plan").files);
        assert!(make(&read(&folder), to).expect("a plan").is_empty(), "{to:?}");
    }
}

#[test]
fn what_leads_on_premises_stays_as_it_is() {
    // Priorities and ports are not those of the configuration: sync would change them.
    let folder = altered(|_, text| text.replace("10 0 443 sip ", "15 3 444 sip "));
    let loaded = read(&folder);
    for to in [Hosting::Hybrid, Hosting::OnPremises] {
        assert!(make(&loaded, to).expect("a plan").is_empty(), "{to:?}");
    }
}

#[test]
fn only_the_record_that_leads_to_microsoft_365_is_put_right() {
    let folder = altered(|_, text| {
        text.replace(
            "SRV  10 0 5061 sip      ; partners",
            "SRV  100 1 5061 sipfed.online.lync.com. ; partners",
        )
    });
    let plan = make(&read(&folder), Hosting::Hybrid).expect("a plan");
    assert_eq!(
        after(&plan, "contoso.com"),
        ["_sipfederationtls._tcp.contoso.com SRV: 10 0 5061 sip.contoso.com."]
    );
    assert_eq!(plan.changes.len(), 1);
    let new = String::from_utf8_lossy(&plan.files[0].new).into_owned();
    assert!(new.contains("SRV  10 0 5061 sip.contoso.com. ; partners"), "{new}");
}

#[test]
fn the_configuration_leads_back_as_far_as_it_knows_the_addresses() {
    let folder = altered(|_, text| text);
    let first = make(&read(&folder), TEAMS).expect("a plan");
    write(&first.files);
    let plan = make(&read(&folder), Hosting::OnPremises).expect("a plan");
    let expected = [
        "_sip._tls.contoso.com SRV: 10 0 443 sip.contoso.com.",
        "_sipfederationtls._tcp.contoso.com SRV: 10 0 5061 sip.contoso.com.",
        "_xmpp-server._tcp.contoso.com SRV: 10 0 5269 xmpp.contoso.com.",
        "lyncdiscover.contoso.com CNAME: ",
        "sip.contoso.com A: 192.0.2.10, 192.0.2.20",
        "sip.contoso.com AAAA: 2001:db8::10",
        "sip.contoso.com CNAME: ",
    ];
    assert_eq!(after(&plan, "contoso.com"), expected);
    for name in ["lyncdiscover.contoso.com", "sip.fabrikam.com", "lyncdiscover.fabrikam.com"] {
        let says = |warning: &String| warning.starts_with(&format!("`{name}` has no record after this plan"));
        assert!(plan.warnings.iter().any(says), "{name}: {:?}", plan.warnings);
    }
    assert!(!plan.warnings.iter().any(|warning| warning.contains("`sip.contoso.com` has no")));
}

#[test]
fn the_way_back_restores_every_byte_but_serials() {
    for crlf in [false, true] {
        let folder = altered(
            |name, text| {
                if crlf && name.ends_with(".zone") { text.replace('\n', "\r\n") } else { text }
            },
        );
        let loaded = read(&folder);
        let there = make(&loaded, TEAMS).expect("a plan");
        let restored = back(&loaded, &there, now()).expect("a way back");
        write(&there.files);
        for file in &there.files {
            let bare = file.new.iter().zip(file.new.iter().skip(1)).any(|(a, b)| *a != b'\r' && *b == b'\n');
            assert_eq!(bare, !crlf, "line ends of {}", file.name);
        }
        write(&restored);
        for (there, restored) in there.files.iter().zip(&restored) {
            assert_eq!(without_serials(&there.old), without_serials(&restored.new), "{}", there.name);
            assert_ne!(there.old, restored.new, "the serial goes up");
        }
        assert!(make(&read(&folder), Hosting::Hybrid).expect("a plan").is_empty());
    }
}

#[test]
fn what_cannot_stand_beside_an_alias_is_named() {
    let cases = [
        (
            "lyncdiscover        IN  A     192.0.2.80",
            "lyncdiscover IN TXT \"x\"\n",
            "`lyncdiscover.contoso.com` TXT",
        ),
        ("sip             300 IN  A     192.0.2.10", "sip IN MX 10 ns1\n", "`sip.contoso.com` MX"),
    ];
    for (line, before, says) in cases {
        let folder = altered(|name, text| {
            if name != "contoso.com.zone" {
                return text;
            }
            assert_eq!(text.matches(line).count(), 1, "{line}");
            text.replace(line, &format!("{before}{line}"))
        });
        let error = make(&read(&folder), TEAMS).expect_err("no plan").to_string();
        let text = fs::read_to_string(folder.path().join("contoso.com.zone")).unwrap();
        let number = text.lines().position(|found| found == before.trim_end()).expect("the line") + 1;
        assert!(error.contains(&format!("contoso.com.zone:{number}: {says} stands where")), "{error}");
    }
}

#[test]
fn an_srv_record_that_still_leads_to_the_name_is_no_target_of_an_alias() {
    // Fabrikam's records lead to the name that becomes an alias.
    let folder = altered(|_, text| text.replace("443 access\n", "443 sip.contoso.com.\n"));
    let loaded = read(&folder);
    let sip_domains = [String::from("contoso.com")].into();
    let goal = Goal::M365 { to: TEAMS, sip_domains };
    let result = plan(&loaded, &Request { goal, services: [].into(), now: now() });
    let error = match result {
        Err(PlanError::NotClean { findings, .. }) => findings,
        other => panic!("{other:?}"),
    };
    assert!(error.iter().any(|finding| finding.rule.0 == "srv-target-cname"), "{error:?}");
}
