//! The SRV rules against whole repositories of zones: correct ones are silent, one mistake gives one
//! finding, and a fix takes it away.

#![allow(clippy::unwrap_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright::diagnostic::{Finding, Severity};
use zonewright::edit::apply;
use zonewright::lint::{Group, Levels, lint, rule};
use zonewright::plan::{Goal, Request as PlanRequest, plan};
use zonewright::workspace::{Loaded, Request, load};

/// Infos that these correct repositories deserve.
const EXPECTED: [&str; 2] = ["srv-federation-priority-no-failover", "srv-no-fallback-address"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The findings of a repository: all that are no mere info, and the infos of group `srv`.
fn run(folder: &Path) -> (Loaded, Vec<Finding>) {
    let request = Request { config: Some(folder.join("zonewright.toml")), ..Request::default() };
    let mut loaded = load(&request).unwrap_or_else(|error| panic!("{error}"));
    let mut levels = Levels::new();
    levels.show_info();
    let parsed = loaded.take_findings();
    let mut findings = lint(&loaded.contexts(), parsed, loaded.deployment(), &levels).findings;
    findings.retain(|finding| {
        let srv = rule(finding.rule.0).is_some_and(|rule| rule.group == Group::Srv);
        (finding.severity > Severity::Info || srv) && !EXPECTED.contains(&finding.rule.0)
    });
    (loaded, findings)
}

fn text_at(loaded: &Loaded, finding: &Finding) -> String {
    String::from_utf8(loaded.sources.bytes(finding.span)).unwrap()
}

/// A repository with some texts replaced: file, old, new.
fn changed(repository: &str, changes: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join(repository), folder.path());
    for (file, old, new) in changes {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{file} has {old:?} once");
        std::fs::write(path, text.replace(old, new)).unwrap();
    }
    folder
}

/// Rule, text at the span and message of each finding, sorted.
fn findings(folder: &Path) -> Vec<(String, String, String)> {
    let (loaded, findings) = run(folder);
    let mut all: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule.to_string(), text_at(&loaded, finding), finding.message.clone()))
        .collect();
    all.sort();
    all
}

/// Applies every fix; returns the changed files.
fn fix(folder: &Path) -> Vec<PathBuf> {
    let (loaded, findings) = run(folder);
    let mut files = Vec::new();
    for finding in &findings {
        let fix = finding.fix.as_ref().unwrap_or_else(|| panic!("no fix: {finding:?}"));
        let source = loaded.sources.get(fix.edits.first().unwrap().span.file);
        let new = apply(source.bytes(), &fix.edits).unwrap();
        std::fs::write(source.path().unwrap(), new).unwrap();
        files.push(source.path().unwrap().to_owned());
    }
    files
}

/// One mistake in `zones`: exactly this finding.
fn only(changes: &[(&str, &str, &str)], rule: &str, text: &str, message: &str) -> tempfile::TempDir {
    let folder = changed("zones", changes);
    let expected = vec![(rule.to_owned(), text.to_owned(), message.to_owned())];
    assert_eq!(findings(folder.path()), expected, "{changes:?}");
    folder
}

/// The fix takes the finding away and brings no other.
fn only_fixed(changes: &[(&str, &str, &str)], rule: &str, text: &str, message: &str) -> String {
    let folder = only(changes, rule, text, message);
    let files = fix(folder.path());
    assert_eq!(findings(folder.path()), [], "after the fix of {changes:?}");
    std::fs::read_to_string(files.first().unwrap()).unwrap()
}

const ZONE: &str = "contoso.com.zone";
const FABRIKAM: &str = "fabrikam.com.zone";
const CONFIG: &str = "zonewright.toml";

fn original(file: &str) -> String {
    std::fs::read_to_string(root().join("zones").join(file)).unwrap()
}

#[test]
fn correct_repositories_are_silent() {
    for folder in ["zones", "fixtures/swing-a"] {
        assert_eq!(findings(&root().join(folder)), [], "{folder}");
    }
}

#[test]
fn equal_priorities() {
    let old = "3600 IN  SRV  20 0 443  sip2\n_sipfed";
    let new = "3600 IN  SRV  10 0 443  sip2\n_sipfed";
    let fixed = only_fixed(
        &[(ZONE, old, new)],
        "srv-equal-priority",
        "10",
        "`_sip._tls.contoso.com` gives priority 10 to `edge2` and to `edge1`",
    );
    assert_eq!(fixed, original(ZONE));
}

#[test]
fn a_pool_without_a_record() {
    let old = "                        3600 IN  SRV  20 0 443  sip2\n";
    let fixed = only_fixed(
        &[(ZONE, old, "")],
        "srv-pool-uncovered",
        "_sip._tls               3600 IN  SRV  10 0 443  sip1",
        "no record of `_sip._tls.contoso.com` leads to Edge pool `edge2`",
    );
    assert!(fixed.contains("\n_sip._tls               3600 IN  SRV  20 0 443  sip2\n"), "{fixed}");
    let line = "_sip._tls               3600  IN  SRV   10 0 443  sip1.fabrikam.com.\n";
    let fixed = only_fixed(
        &[(FABRIKAM, line, "")],
        "srv-pool-uncovered",
        "_sip._tls               3600  IN  SRV   20 0 443  sip2.fabrikam.com.",
        "no record of `_sip._tls.fabrikam.com` leads to Edge pool `edge1`",
    );
    assert!(fixed.contains(line), "{fixed}");
}

#[test]
fn a_service_without_records() {
    let old = "_xmpp-server._tcp       3600 IN  SRV  10 0 5269 xmpp1   ; XMPP partners\n                        \
               3600 IN  SRV  20 0 5269 xmpp2\n";
    let fixed = only_fixed(
        &[(ZONE, old, "")],
        "srv-service-set-incomplete",
        "_sip._tls",
        "`contoso.com` has no SRV record `_xmpp-server._tcp.contoso.com`, but Edge pools offer XMPP",
    );
    assert_eq!(fixed, original(ZONE).replace("   ; XMPP partners", ""));
}

#[test]
fn a_misspelt_owner_is_not_a_missing_service() {
    for wrong in ["_xmpp-server._tls ", "_xmpp_server._tcp ", "_xmpp-server.tcp  "] {
        let folder = changed("zones", &[(ZONE, "_xmpp-server._tcp ", wrong)]);
        let rules: Vec<String> = findings(folder.path()).into_iter().map(|(rule, ..)| rule).collect();
        assert_eq!(rules.len(), 1, "{wrong}: {rules:?}");
        assert!(rules[0].starts_with("srv-owner") || rules[0] == "srv-proto-unexpected", "{rules:?}");
    }
}

#[test]
fn a_wrong_port() {
    let fixed = only_fixed(
        &[(ZONE, "5269 xmpp2", "5222 xmpp2")],
        "srv-port-unexpected",
        "5222",
        "`_xmpp-server._tcp.contoso.com` has port 5222 for `xmpp2.contoso.com`, pool `edge2` listens on 5269",
    );
    assert_eq!(fixed, original(ZONE));
}

#[test]
fn addresses_that_are_not_the_pools() {
    let sip2 = "sip2        3600 IN  A  198.51.100.10\n            3600 IN  A  198.51.100.20\n";
    let wrong = "sip2        3600 IN  A  198.51.100.10\n            3600 IN  A  198.51.100.21\n";
    let fixed = only_fixed(
        &[(ZONE, sip2, wrong)],
        "srv-target-address-drift",
        "198.51.100.21",
        "`sip2.contoso.com` has 198.51.100.21 instead of 198.51.100.20 of pool `edge2`",
    );
    assert_eq!(fixed, original(ZONE));
    let short = "sip2        3600 IN  A  198.51.100.10\n";
    let fixed = only_fixed(
        &[(ZONE, sip2, short)],
        "srv-target-address-drift",
        "sip2",
        "`sip2.contoso.com` lacks 198.51.100.20 of pool `edge2`",
    );
    assert!(fixed.contains(&format!("{short}{}", short.replace(".10\n", ".20\n"))), "{fixed}");
    let long = format!("{sip2}            3600 IN  A  192.0.2.10\n");
    let fixed = only_fixed(
        &[(ZONE, sip2, &long)],
        "srv-target-address-drift",
        "192.0.2.10",
        "`sip2.contoso.com` has 192.0.2.10, which pool `edge2` does not have",
    );
    assert_eq!(fixed, original(ZONE));
    only(
        &[(ZONE, "webcon2     3600 IN  A  198.51.100.11", "webcon2     3600 IN  A  198.51.100.12")],
        "srv-target-address-drift",
        "198.51.100.12",
        "`webcon2.contoso.com` has 198.51.100.12 instead of 198.51.100.11 of pool `edge2`",
    );
}

#[test]
fn another_order_in_one_service() {
    let xmpp =
        "SRV  10 0 5269 xmpp1   ; XMPP partners\n                        3600 IN  SRV  20 0 5269 xmpp2";
    let swapped = xmpp.replace("20 0", "99 0").replace("10 0", "20 0").replace("99 0", "10 0");
    let fixed = only_fixed(
        &[(ZONE, xmpp, &swapped)],
        "srv-service-order-differs",
        "10",
        "`_xmpp-server._tcp.contoso.com` tries `edge2`, `edge1`, but `_sip._tls.contoso.com` tries `edge1`, `edge2`",
    );
    assert_eq!(fixed, original(ZONE));
}

#[test]
fn targets_of_no_pool_and_of_another_domain() {
    let sip2 = "SRV   20 0 443  sip2.fabrikam.com.";
    only(
        &[(FABRIKAM, sip2, "SRV   20 0 443  sip2.contoso.com.")],
        "srv-target-outside-sip-domain",
        "sip2.contoso.com.",
        "target `sip2.contoso.com` of `_sip._tls.fabrikam.com` is outside `fabrikam.com`",
    );
    let more = format!("{sip2}\n_sip._tls               3600  IN  SRV   30 0 443  meet\n");
    only(
        &[(FABRIKAM, sip2, more.trim_end())],
        "srv-pool-unknown-target",
        "meet",
        "target `meet.fabrikam.com` of `_sip._tls.fabrikam.com` belongs to no declared Edge pool",
    );
    let outside = more.replace("meet", "edge.example.net.");
    only(
        &[(FABRIKAM, sip2, outside.trim_end())],
        "srv-pool-unknown-target",
        "edge.example.net.",
        "target `edge.example.net` of `_sip._tls.fabrikam.com` belongs to no declared Edge pool",
    );
}

#[test]
fn a_target_that_is_wrong_in_itself_is_one_finding() {
    let xmpp = "3600 IN  SRV  20 0 5269 xmpp2\n";
    for (target, rules) in [
        ("xmpp2.contoso.com", ["missing-trailing-dot"].as_slice()),
        ("xmmp2", &["srv-target-no-address"]),
        ("www", &["srv-target-cname"]),
        ("198.51.100.10", &["target-is-ip-address"]),
        ("198.51.100.10.", &["target-is-ip-address"]),
    ] {
        let new = xmpp.replace("xmpp2", target);
        let folder = changed("zones", &[(ZONE, xmpp, &new)]);
        let found: Vec<String> = findings(folder.path()).into_iter().map(|(rule, ..)| rule).collect();
        assert_eq!(found, rules, "{target}");
    }
}

#[test]
fn an_alias_in_place_of_a_pools_addresses_is_one_finding() {
    let xmpp2 = "xmpp2       3600 IN  A  198.51.100.10\n            3600 IN  A  198.51.100.20\n";
    let folder = changed("zones", &[(ZONE, xmpp2, "xmpp2       3600 IN  CNAME sip2\n")]);
    let found: Vec<String> = findings(folder.path()).into_iter().map(|(rule, ..)| rule).collect();
    assert_eq!(found, ["srv-target-cname"]);
}

#[test]
fn a_zone_that_was_not_read_whole_lacks_nothing() {
    let line = "                        3600 IN  SRV  20 0 443  sip2\n";
    let folder = changed("zones", &[(ZONE, line, &line.replace("SRV  20 0", "SRV  20 O"))]);
    let rules: Vec<String> = findings(folder.path()).into_iter().map(|(rule, ..)| rule).collect();
    assert!(rules.iter().all(|rule| !rule.starts_with("srv-")), "{rules:?}");
}

#[test]
fn the_internal_copy_says_the_same() {
    let internal = "internal/contoso.com.zone";
    only(
        &[(internal, "SRV  20 0 5061 sip2", "SRV  30 0 5061 sip2")],
        "srv-view-inconsistent",
        "sip2",
        "`_sipfederationtls._tcp.contoso.com` has priority 20 port 5061 `sip2.contoso.com` outside and \
         priority 30 port 5061 `sip2.contoso.com` inside",
    );
    only(
        &[(internal, "SRV  20 0 5061 sip2", "SRV  20 0 5060 sip2")],
        "srv-port-unexpected",
        "5060",
        "`_sipfederationtls._tcp.contoso.com` has port 5060 for `sip2.contoso.com`, pool `edge2` listens on 5061",
    );
    let line = "                        3600 IN  SRV  20 0 5061 sip2\n";
    only(
        &[(ZONE, line, "")],
        "srv-pool-uncovered",
        "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip1",
        "no record of `_sipfederationtls._tcp.contoso.com` leads to Edge pool `edge2`",
    );
}

#[test]
fn internal_names_stay_inside() {
    let line = "_xmpp-server._tcp       3600 IN";
    let more = format!("_sipinternaltls._tcp    3600 IN  SRV  0 0 5061 sip\n{line}");
    only(
        &[(ZONE, line, &more)],
        "srv-internal-label-in-public",
        "_sipinternaltls._tcp",
        "`_sipinternaltls._tcp.contoso.com` is for clients inside, but the zone is public",
    );
}

#[test]
fn ttls_within_the_recovery_goal() {
    let folder =
        changed("zones", &[(CONFIG, "steady_ttl    = \"1h\"", "steady_ttl    = \"10m\"\nrto = \"15m\"")]);
    let found = findings(folder.path());
    assert!(found.iter().all(|(rule, text, _)| rule == "srv-ttl-exceeds-failover-budget" && text == "3600"));
    // Three RRsets and four targets in contoso.com, two and two in fabrikam.com.
    assert_eq!(found.len(), 11, "{found:?}");
    let (_, findings) = run(folder.path());
    let texts = findings.iter().flat_map(|finding| &finding.fix.as_ref().unwrap().edits);
    assert!(texts.clone().count() > 11 && texts.clone().all(|edit| edit.replacement == b"600"));
}

#[test]
fn one_pool_only_under_single_active() {
    let policy = (CONFIG, "federation    = \"srv-priority\"", "federation    = \"single-active\"");
    let folder = changed("zones", &[policy]);
    let found = findings(folder.path());
    let extra: Vec<&str> = found.iter().map(|(_, text, _)| text.as_str()).collect();
    assert_eq!(extra, ["sip2", "sip2.fabrikam.com."], "{found:?}");
    assert!(found.iter().all(|(rule, ..)| rule == "srv-pool-unknown-target"), "{found:?}");
    assert_eq!(
        found[0].2,
        "target `sip2.contoso.com` of `_sipfederationtls._tcp.contoso.com` is one too many: policy \
         `single-active` publishes pool `edge1` only"
    );
    let federation = "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip1    ; partners\n                        \
                      3600 IN  SRV  20 0 5061 sip2\n";
    let other = "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip2\n";
    let internal = "_sipfederationtls._tcp      IN  SRV  10 0 5061 sip1\n                            \
                    IN  SRV  20 0 5061 sip2\n";
    let internal_other = "_sipfederationtls._tcp      IN  SRV  10 0 5061 sip2\n";
    let fabrikam = "_sipfederationtls._tcp  3600  IN  SRV   20 0 5061 sip2.fabrikam.com.\n";
    let changes = [
        policy,
        (ZONE, federation, other),
        (FABRIKAM, fabrikam, ""),
        ("internal/contoso.com.zone", internal, internal_other),
    ];
    only(
        &changes,
        "srv-pool-uncovered",
        "_sipfederationtls._tcp  3600 IN  SRV  10 0 5061 sip2",
        "no record of `_sipfederationtls._tcp.contoso.com` leads to Edge pool `edge1`",
    );
}

#[test]
fn any_priority_when_federation_is_on_several_pools() {
    let policy = (CONFIG, "federation    = \"srv-priority\"", "federation    = \"multi-federated\"");
    let contoso = (ZONE, "SRV  20 0 5061 sip2", "SRV  10 0 5061 sip2");
    let internal = ("internal/contoso.com.zone", "SRV  20 0 5061 sip2", "SRV  10 0 5061 sip2");
    let folder = changed("zones", &[policy, contoso, internal]);
    assert_eq!(findings(folder.path()), []);
}

#[test]
fn one_name_swings() {
    let swing = |changes: &[(&str, &str, &str)]| findings(changed("fixtures/swing-a", changes).path());
    let rules = |found: Vec<(String, String, String)>| -> Vec<(String, String)> {
        found.into_iter().map(|(rule, text, _)| (rule, text)).collect()
    };
    let moved = swing(&[(
        ZONE,
        "xmpp        3600 IN  A  192.0.2.10\n            3600 IN  A  192.0.2.20",
        "xmpp        3600 IN  A  198.51.100.10\n            3600 IN  A  198.51.100.20",
    )]);
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].2, "`xmpp.contoso.com` leads to pool `edge2`, the XMPP route to pool `edge1`");
    let stale =
        swing(&[(ZONE, "xmpp        3600 IN  A  192.0.2.10", "xmpp        3600 IN  A  198.51.100.10")]);
    assert_eq!(stale.len(), 1, "{stale:?}");
    assert_eq!(stale[0].2, "`xmpp.contoso.com` has 198.51.100.10 instead of 192.0.2.10 of pool `edge1`");
    let renamed = rules(swing(&[(ZONE, "SRV  0 0 5269 xmpp\n", "SRV  0 0 5269 sip1\n")]));
    let line = "_xmpp-server._tcp       3600 IN  SRV  0 0 5269 sip1";
    assert_eq!(renamed, [(String::from("srv-pool-uncovered"), String::from(line))]);
}

/// A plan is proved by these rules: what a failover leaves behind must be no error.
#[test]
fn zones_after_a_failover_have_no_errors() {
    let single = [(CONFIG, "federation    = \"srv-priority\"", "federation    = \"single-active\"")];
    for (repository, changes, rule, severity, count) in [
        ("zones", [].as_slice(), "", Severity::Info, 0),
        ("zones", &single, "srv-pool-uncovered", Severity::Warning, 2),
        ("fixtures/swing-a", &[], "srv-target-address-drift", Severity::Info, 2),
    ] {
        let folder = changed(repository, changes);
        let loaded =
            load(&Request { config: Some(folder.path().join(CONFIG)), ..Request::default() }).unwrap();
        let down = [loaded.deployment().unwrap().pool_named("edge1").unwrap()].into();
        let goal = Goal::Failover { down, to: None };
        let request =
            PlanRequest { goal, services: BTreeSet::new(), now: "2026-04-01T00:00:00Z".parse().unwrap() };
        for file in plan(&loaded, &request).unwrap_or_else(|error| panic!("{repository}: {error}")).files {
            std::fs::write(file.path, file.new).unwrap();
        }
        let (_, findings) = run(folder.path());
        let found: Vec<(&str, Severity)> =
            findings.iter().map(|finding| (finding.rule.0, finding.severity)).collect();
        assert_eq!(found, vec![(rule, severity); count], "{repository}");
    }
}

#[test]
fn a_service_that_is_published_as_off() {
    let xmpp =
        "SRV  10 0 5269 xmpp1   ; XMPP partners\n                        3600 IN  SRV  20 0 5269 xmpp2";
    only(
        &[(ZONE, xmpp, "SRV  0 0 0 .")],
        "srv-pool-uncovered",
        "_xmpp-server._tcp       3600 IN  SRV  0 0 0 .",
        "`_xmpp-server._tcp.contoso.com` says that XMPP is not offered, but Edge pools offer it",
    );
}
