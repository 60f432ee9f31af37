//! The page as a whole: its parts, its tables, its waits, and text that must not break it.

use super::*;

/// The failover of edge1 as the example zones would have it.
fn example(deployment: &Deployment) -> Plan {
    let mut plan = plan(deployment, failover(deployment, &["edge1"]), &Service::LYNC);
    plan.zones = vec![zone("contoso.com", (2026031502, 2026112100)), zone("fabrikam.com", (417, 418))];
    plan.files = vec![
        edited(
            "zones/contoso.com.zone",
            &[
                ("2026031502", "2026112100"),
                ("10 0 443  sip1 ", "30 0 443  sip1 "),
                ("10 0 5061 sip1 ", "30 0 5061 sip1 "),
                ("10 0 5269 xmpp1", "30 0 5269 xmpp1"),
            ],
        ),
        edited(
            "zones/fabrikam.com.zone",
            &[
                ("417     ;", "418     ;"),
                ("10 0 443  sip1", "30 0 443  sip1"),
                ("10 0 5061 sip1", "30 0 5061 sip1"),
            ],
        ),
    ];
    plan
}

#[test]
fn the_example_reads_as_the_golden_file() {
    let deployment = contoso();
    let text = runbook(&deployment, &example(&deployment));
    let path = repository("fixtures/runbook/failover-edge1.md");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, golden, "run with UPDATE=1 to rewrite {}", path.display());
}

#[test]
fn the_parts_stand_in_order() {
    let deployment = contoso();
    let text = runbook(&deployment, &example(&deployment));
    assert!(text.starts_with("# Failover of edge1: XMPP, federation and remote access\n\n"));
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        headings,
        [
            "# Failover of edge1: XMPP, federation and remote access",
            "## What changes in DNS",
            "## Before you start",
            "## Steps",
            "### Federation",
            "### XMPP",
            "### Remote access",
            "### Front End pools",
            "### Replication",
            "### DNS",
            "## Verify",
            "## What this does not do",
            "## How to go back",
        ]
    );
    has(&text, "| contoso.com | external | `zones/contoso.com.zone` | 2026031502 -> 2026112100 |\n");
    has(
        &text,
        "| `_sip._tls.contoso.com` | SRV | 3600 | `10 0 443 sip1.contoso.com.` edge1<br>`20 0 443 sip2.contoso.com.` edge2 \
         | `20 0 443 sip2.contoso.com.` edge2<br>`30 0 443 sip1.contoso.com.` edge1 |\n",
    );
    has(&text, "\nPlan: 5 records change in 2 zones.\n");
    has(&text, "zonewright plan failback edge1\n");
}

/// The numbers of the steps, in the order of the page.
fn numbers(text: &str) -> Vec<usize> {
    let steps = text.lines().filter_map(|line| line.strip_prefix("- [ ] **"));
    steps.filter_map(|rest| rest.split_once('.')?.0.parse().ok()).collect()
}

#[test]
fn steps_are_numbered_through() {
    let deployment = contoso();
    for goal in [failover(&deployment, &["edge1"]), failback(&deployment, &["edge2"]), Goal::Sync] {
        let found = numbers(&all_services(&deployment, goal.clone()));
        assert_eq!(found, (1..=found.len()).collect::<Vec<_>>(), "{goal:?}");
        assert_eq!(found.is_empty(), goal == Goal::Sync);
    }
}

#[test]
fn only_the_services_of_the_plan_are_told() {
    let deployment = contoso();
    let goal = failover(&deployment, &["edge1"]);
    let text = runbook(&deployment, &plan(&deployment, goal.clone(), &[Service::Xmpp]));
    assert!(text.starts_with("# Failover of edge1: XMPP\n"), "{text}");
    for other in
        ["### Federation", "### Remote access", "### Front End pools", "-FederationRoute", "5061 (", "443 ("]
    {
        has_not(&text, other);
    }
    has(&text, "zonewright plan failback edge1 --service xmpp\n");
    let text = runbook(&deployment, &plan(&deployment, goal, &[Service::RemoteAccess]));
    assert!(text.starts_with("# Failover of edge1: remote access\n"), "{text}");
    for other in ["### XMPP", "Set-CsSite", "Test-CsFederatedPartner", "5269", "Central Management"] {
        has_not(&text, other);
    }
}

#[test]
fn sync_has_the_dns_part_only() {
    let deployment = contoso();
    let mut sync = plan(&deployment, Goal::Sync, &Service::LYNC);
    sync.changes = vec![RrsetChange {
        zone: String::from("contoso.com"),
        view: View::Internal,
        owner: String::from("sip1.contoso.com"),
        rtype: Rtype::A,
        ttl_before: None,
        ttl: 3600,
        service: None,
        before: Vec::new(),
        after: vec![RecordText { rdata: String::from("192.0.2.10"), pool: Some(pool(&deployment, "edge1")) }],
    }];
    sync.zones = vec![ZoneChange { view: View::Internal, ..zone("contoso.com", (1, 2)) }];
    sync.files = vec![file("zones/internal/contoso.com.zone", b"+x\n")];
    let text = runbook(&deployment, &sync);
    assert!(text.starts_with("# Sync of the zones with the declared deployment: "), "{text}");
    for other in ["[TB]", "[PS]", "[E\\*]", "[FW]", "## Before you start", "## How to go back"] {
        has_not(&text, other);
    }
    has(&text, "| `sip1.contoso.com` | A | new, 3600 | none | `192.0.2.10` edge1 |\n");
    has(&text, "Plan: 1 record changes in 1 zone.");
    has(&text, "Wait 300 s (5 min) after the load");
    has(&text, "negative TTL of the zone, since the RRset is new");
    has(&text, "From inside, ask for each changed RRset of the internal view");
    has(&text, "dig +short A sip1.contoso.com\n  # 192.0.2.10\n");
}

#[test]
fn the_wait_is_that_of_the_longest_cached_rrset() {
    let deployment = contoso();
    let mut plan = example(&deployment);
    plan.changes[1].ttl_before = Some(7200);
    plan.changes[1].ttl = 300;
    plan.changes[2].ttl_before = None;
    plan.changes[2].before.clear();
    let longest = plan.changes[1].owner.clone();
    let text = runbook(&deployment, &plan);
    has(
        &text,
        &format!(
            "Wait 7200 s (2 h) after the load: the longest that a cache keeps an old answer (`{longest}` SRV)."
        ),
    );
    // 7200 + refresh 14400 + retry 3600.
    has(&text, "(NOTIFY off), wait 25200 s (7 h)");
    has(&text, "| 7200 -> 300 |");
    has(&text, "| 300 s (5 min) | negative TTL of the zone, since the RRset is new | 18300 s (5 h 5 min) |");
    // One record each in two RRsets, both of the one with another TTL, both of the new one, one more.
    has(&text, "Plan: 7 records change in 2 zones.");
}

#[test]
fn the_wait_is_compared_with_the_objective() {
    for (rto, words) in [
        (
            "15m",
            "> **Note:** Recovery time objective: 900 s (15 min). The worst wait of 3600 s (1 h) is longer than it",
        ),
        (
            "1h",
            "\nRecovery time objective: 3600 s (1 h). The worst wait of 3600 s (1 h) is within it; without NOTIFY, 21600 s (6 h) is longer than it.",
        ),
    ] {
        let deployment =
            contoso_with(&[("steady_ttl    = \"1h\"", &format!("steady_ttl = \"1h\"\nrto = \"{rto}\""))]);
        has(&runbook(&deployment, &example(&deployment)), words);
    }
    has_not(&runbook(&contoso(), &example(&contoso())), "Recovery time objective");
}

#[test]
fn an_empty_plan_says_so_and_keeps_the_other_steps() {
    let deployment = contoso();
    let mut plan = plan(&deployment, failover(&deployment, &["edge1"]), &[Service::Federation]);
    (plan.changes, plan.zones, plan.files) = (Vec::new(), Vec::new(), Vec::new());
    let text = runbook(&deployment, &plan);
    has(&text, "Nothing: the zones already say what is wanted.");
    has(&text, "DNS: no change for federation.");
    has(&text, "Set-CsSite -Identity paris -FederationRoute");
    for other in ["git apply", "rndc", "after the load", "dig "] {
        has_not(&text, other);
    }
}

#[test]
fn warnings_stand_near_the_top_in_one_line_each() {
    let deployment = contoso();
    let mut plan = example(&deployment);
    plan.warnings = vec![String::from("zone fabrikam.com\nhas no view")];
    let text = runbook(&deployment, &plan);
    in_order(
        &text,
        &["# Failover", "\n> **Note:** zone fabrikam.com has no view\n", "## What changes in DNS"],
    );
}

#[test]
fn no_text_of_the_zones_breaks_the_page() {
    let deployment = contoso();
    let mut plan = example(&deployment);
    plan.files = vec![file("a|b", b"+; ```\n+\xff ````\n")];
    plan.zones[0].file = String::from("a|b`c");
    plan.changes[0].after[0].rdata = String::from("1|2");
    let text = runbook(&deployment, &plan);
    has(&text, "\n`````diff\n+; ```\n+\u{fffd} ````\n`````\n");
    has(&text, "| ``a\\|b`c`` |");
    has(&text, "`1\\|2` edge2");
    has(&text, "The files have octets that a page like this does not keep");
    let first = example(&deployment);
    has_not(&runbook(&deployment, &first), "octets that a page");
}

#[test]
fn the_same_plan_gives_the_same_text() {
    let deployment = contoso();
    assert_eq!(runbook(&deployment, &example(&deployment)), runbook(&contoso(), &example(&contoso())));
}
