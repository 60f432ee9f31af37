//! Plans carried out on BIND, Knot DNS and NSD: there, a second time, and back.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]
#![cfg(unix)]

#[path = "servers/bind.rs"]
mod bind;
#[path = "servers/daemon.rs"]
mod daemon;
#[path = "servers/deployment.rs"]
mod deployment;
#[path = "servers/dns.rs"]
mod dns;
#[path = "servers/knot.rs"]
mod knot;
#[path = "servers/nsd.rs"]
mod nsd;

use bind::Bind;
use daemon::{installed, said, wait_for_serial};
use deployment::{Deployment, Primary, after, assert_answers, assert_served, ttl_only, write};
use knot::Knot;
use nsd::Nsd;
use zonewright::config::View;
use zonewright::edge::Cloud;
use zonewright::emit::{Script, Way, knotc, nsupdate};
use zonewright::plan::{Goal, Hosting, Plan};

const BIND: [&str; 4] = ["named", "rndc", "nsupdate", "dig"];
const KNOT: [&str; 2] = ["knotd", "knotc"];
const NSD: [&str; 2] = ["nsd", "nsd-control"];

/// Two zones for everybody and two for the company's network; and the way of Microsoft's procedure.
const DEPLOYMENTS: [&str; 2] = ["zones", "fixtures/swing-a"];

/// A plan that publishes a service for the first time: names, addresses and SRV records are new.
fn first_publication() -> (Deployment, Plan) {
    let deployment = Deployment::new("zones");
    for text in [
        "_xmpp-server._tcp       3600 IN  SRV  10 0 5269 xmpp1   ; XMPP partners\n                        3600 IN  SRV  20 0 5269 xmpp2\n",
        "xmpp1       3600 IN  A  192.0.2.10      ; the Access Edge addresses\n            3600 IN  A  192.0.2.20\n",
    ] {
        deployment.without("contoso.com.zone", text);
    }
    let plan = deployment.plan(|_| Goal::Sync);
    let is_new = |rtype: &str| {
        plan.changes.iter().any(|change| change.before.is_empty() && change.rtype.to_string() == rtype)
    };
    assert!(is_new("SRV") && is_new("A"), "{:?}", plan.changes);
    (deployment, plan)
}

/// Names that have addresses become aliases of hosts of Microsoft 365.
fn to_microsoft_365() -> (Deployment, Plan) {
    let deployment = Deployment::new("fixtures/m365");
    let sip_domains: std::collections::BTreeSet<String> =
        ["contoso.com", "fabrikam.com"].map(String::from).into();
    let plan = deployment
        .plan(|_| Goal::M365 { to: Hosting::TeamsOnly(Cloud::Worldwide), sip_domains: sip_domains.clone() });
    let becomes_alias = plan.changes.iter().any(|change| change.gives_way(&plan.changes));
    assert!(becomes_alias, "{:?}", plan.changes);
    (deployment, plan)
}

/// Writes the files of a failover and of the failback after it; `reload` says so to the server.
fn files_there_and_back<P: Primary>(start: impl Fn(&Deployment) -> P, reload: impl Fn(&P, &str, View)) {
    for from in DEPLOYMENTS {
        let deployment = Deployment::new(from);
        let primary = start(&deployment);
        let before = deployment.served(&primary);
        let load = |plan: &Plan| {
            write(plan);
            for zone in &plan.zones {
                reload(&primary, &zone.apex, zone.view);
                wait_for_serial(primary.address(zone.view), &zone.apex, zone.serial.1);
            }
            assert_answers(&primary, plan, Way::Apply);
            deployment.served(&primary)
        };
        let plan = deployment.failover();
        let moved = load(&plan);
        assert_served(&moved, &before, &after(&before, &plan, Way::Apply));
        let back = load(&deployment.failback());
        assert_served(&back, &moved, &before);
    }
}

#[test]
fn bind_serves_the_files_of_a_plan() {
    if installed(&BIND) {
        files_there_and_back(|deployment| Bind::start(deployment, false), Bind::reload);
    }
}

#[test]
fn knot_serves_the_files_of_a_plan() {
    if installed(&KNOT) {
        let reload = |knot: &Knot, apex: &str, view| {
            knot.control(view, &format!("zone-reload {apex}"));
        };
        files_there_and_back(Knot::start, reload);
    }
}

#[test]
fn nsd_serves_the_files_of_a_plan() {
    if installed(&NSD) {
        files_there_and_back(Nsd::start, Nsd::reload);
    }
}

/// BIND with dynamic zones; it writes to its own copy of the files.
fn dynamic(deployment: &Deployment) -> (Bind, Deployment) {
    let copy = deployment.copied();
    (Bind::start(&copy, true), copy)
}

fn update(bind: &Bind, scripts: &[Script]) {
    for script in scripts {
        let output = bind.nsupdate(script);
        assert!(output.status.success(), "{}\n{}", script.text, said(&output));
        bind.ask(script);
    }
}

/// Every script is refused for what its prerequisites say, and nothing changes.
fn refused_by_bind(bind: &Bind, deployment: &Deployment, scripts: &[Script]) {
    let before = deployment.served(bind);
    for script in scripts {
        let output = bind.nsupdate(script);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{}\n{text}", script.text);
        assert!(text.contains("NXRRSET") || text.contains("YXRRSET"), "{text}");
    }
    assert_eq!(deployment.served(bind), before);
}

fn updates_there_and_back(deployment: &Deployment, plan: &Plan) {
    let (bind, _files) = dynamic(deployment);
    let [apply, back] = [Way::Apply, Way::Back].map(|way| nsupdate::scripts(plan, way));
    let before = deployment.served(&bind);
    refused_by_bind(&bind, deployment, &back);

    update(&bind, &apply);
    assert_answers(&bind, plan, Way::Apply);
    let moved = deployment.served(&bind);
    assert_served(&moved, &before, &after(&before, plan, Way::Apply));
    refused_by_bind(&bind, deployment, &apply);

    update(&bind, &back);
    assert_answers(&bind, plan, Way::Back);
    assert_served(&deployment.served(&bind), &moved, &before);
    refused_by_bind(&bind, deployment, &back);
}

#[test]
fn nsupdate_moves_a_deployment_there_and_back() {
    if installed(&BIND) {
        for from in DEPLOYMENTS {
            let deployment = Deployment::new(from);
            updates_there_and_back(&deployment, &deployment.failover());
        }
    }
}

#[test]
fn nsupdate_publishes_what_is_new_and_takes_it_away() {
    if installed(&BIND) {
        let (deployment, plan) = first_publication();
        updates_there_and_back(&deployment, &plan);
    }
}

#[test]
fn nsupdate_replaces_addresses_by_aliases_and_back() {
    if installed(&BIND) {
        let (deployment, plan) = to_microsoft_365();
        updates_there_and_back(&deployment, &plan);
    }
}

#[test]
fn nsupdate_is_refused_where_an_alias_would_be_ignored() {
    if !installed(&BIND) {
        return;
    }
    let (deployment, plan) = to_microsoft_365();
    let scripts = nsupdate::scripts(&plan, Way::Apply);
    let of_contoso: Vec<Script> = scripts
        .into_iter()
        .filter(|script| script.zone == "contoso.com" && script.view == View::External)
        .collect();
    assert_eq!(of_contoso.len(), 1);
    for drift in ["TXT x", "AAAA 2001:db8::80", "MX 10 ns1.contoso.com."] {
        let (bind, _files) = dynamic(&deployment);
        let add = format!("update add lyncdiscover.contoso.com. 3600 {drift}");
        bind.update("contoso.com", View::External, &add);
        refused_by_bind(&bind, &deployment, &of_contoso);
    }
}

#[test]
fn nsupdate_changes_ttls_alone() {
    if !installed(&BIND) {
        return;
    }
    let deployment = Deployment::new("zones");
    let plan = ttl_only(deployment.failover(), 300);
    let (bind, _files) = dynamic(&deployment);
    let before = deployment.served(&bind);
    let scripts = nsupdate::scripts(&plan, Way::Apply);
    update(&bind, &scripts);
    let lowered = deployment.served(&bind);
    assert_served(&lowered, &before, &after(&before, &plan, Way::Apply));
    assert!(scripts.iter().all(|script| script.text.contains("a second run is taken")));
    update(&bind, &scripts);
    assert_eq!(deployment.served(&bind), lowered, "a second run changes nothing");
    update(&bind, &nsupdate::scripts(&plan, Way::Back));
    assert_served(&deployment.served(&bind), &lowered, &before);
}

#[test]
fn nsupdate_is_refused_where_the_zone_is_not_as_planned() {
    if !installed(&BIND) {
        return;
    }
    let deployment = Deployment::new("zones");
    let scripts = nsupdate::scripts(&deployment.failover(), Way::Apply);
    let of_contoso: Vec<Script> = scripts
        .into_iter()
        .filter(|script| script.zone == "contoso.com" && script.view == View::External)
        .collect();
    assert_eq!(of_contoso.len(), 1);
    let drifts = [
        "update add _sip._tls.contoso.com. 3600 SRV 30 0 443 sip3.contoso.com.",
        "update delete _sip._tls.contoso.com. SRV 20 0 443 sip2.contoso.com.",
        "update delete _sip._tls.contoso.com. SRV",
    ];
    for drift in drifts {
        let (bind, _files) = dynamic(&deployment);
        bind.update("contoso.com", View::External, drift);
        refused_by_bind(&bind, &deployment, &of_contoso);
    }

    // BIND says NOERROR to an address beside an alias, and ignores it.
    let (deployment, plan) = first_publication();
    let (bind, _files) = dynamic(&deployment);
    bind.update("contoso.com", View::External, "update add xmpp1.contoso.com. 3600 CNAME sip1.contoso.com.");
    refused_by_bind(&bind, &deployment, &nsupdate::scripts(&plan, Way::Apply));
}

fn knot_runs(knot: &Knot, scripts: &[Script]) {
    for script in scripts {
        let output = knot.run(script);
        assert!(output.status.success(), "{}\n{}", script.text, said(&output));
        assert!(!knot.is_open(script.view, &script.zone), "{}", script.zone);
    }
}

/// Every script fails, says why, leaves no transaction open, and nothing changes.
fn refused_by_knot(knot: &Knot, deployment: &Deployment, scripts: &[Script], why: &str) {
    let before = deployment.served(knot);
    for script in scripts {
        let output = knot.run(script);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{}\n{text}", script.text);
        assert!(text.contains(why) && text.contains("nothing was changed"), "{why}: {text}");
        assert!(!knot.is_open(script.view, &script.zone), "{}", script.zone);
    }
    assert_eq!(deployment.served(knot), before);
}

const DRIFTED: &str = "not as the plan expects";

fn knotc_there_and_back(deployment: &Deployment, plan: &Plan) {
    let knot = Knot::start(deployment);
    let [apply, back] = [Way::Apply, Way::Back].map(|way| knotc::scripts(plan, way));
    let before = deployment.served(&knot);
    refused_by_knot(&knot, deployment, &back, DRIFTED);

    knot_runs(&knot, &apply);
    assert_answers(&knot, plan, Way::Apply);
    let moved = deployment.served(&knot);
    assert_served(&moved, &before, &after(&before, plan, Way::Apply));
    refused_by_knot(&knot, deployment, &apply, DRIFTED);

    knot_runs(&knot, &back);
    assert_answers(&knot, plan, Way::Back);
    assert_served(&deployment.served(&knot), &moved, &before);
    refused_by_knot(&knot, deployment, &back, DRIFTED);
}

#[test]
fn knotc_moves_a_deployment_there_and_back() {
    if installed(&KNOT) {
        for from in DEPLOYMENTS {
            let deployment = Deployment::new(from);
            knotc_there_and_back(&deployment, &deployment.failover());
        }
    }
}

#[test]
fn knotc_publishes_what_is_new_and_takes_it_away() {
    if installed(&KNOT) {
        let (deployment, plan) = first_publication();
        knotc_there_and_back(&deployment, &plan);
    }
}

#[test]
fn knotc_replaces_addresses_by_aliases_and_back() {
    if installed(&KNOT) {
        let (deployment, plan) = to_microsoft_365();
        knotc_there_and_back(&deployment, &plan);
    }
}

#[test]
fn knotc_changes_ttls_alone() {
    if installed(&KNOT) {
        let deployment = Deployment::new("zones");
        knotc_there_and_back(&deployment, &ttl_only(deployment.failover(), 300));
    }
}

/// The failover of the external contoso.com alone, and a server of it.
fn contoso_on_knot() -> (Deployment, Knot, Script) {
    let deployment = Deployment::new("zones");
    let scripts = knotc::scripts(&deployment.failover(), Way::Apply);
    let is_contoso = |script: &Script| script.zone == "contoso.com" && script.view == View::External;
    let script = scripts.into_iter().find(is_contoso).unwrap();
    let knot = Knot::start(&deployment);
    (deployment, knot, script)
}

#[test]
fn knotc_is_refused_where_the_zone_is_not_as_planned() {
    if !installed(&KNOT) {
        return;
    }
    let drifts: [&[&str]; 4] = [
        &["zone-set contoso.com _sip._tls 3600 SRV 30 0 443 sip3"],
        &["zone-unset contoso.com _sip._tls SRV 20 0 443 sip2"],
        &["zone-unset contoso.com _sip._tls SRV"],
        // The TTL alone.
        &[
            "zone-unset contoso.com _sip._tls SRV",
            "zone-set contoso.com _sip._tls 60 SRV 10 0 443 sip1",
            "zone-set contoso.com _sip._tls 60 SRV 20 0 443 sip2",
        ],
    ];
    for drift in drifts {
        let (deployment, knot, script) = contoso_on_knot();
        knot.control(View::External, "zone-begin contoso.com");
        for command in drift {
            knot.control(View::External, command);
        }
        knot.control(View::External, "zone-commit contoso.com");
        refused_by_knot(&knot, &deployment, &[script], DRIFTED);
    }

    let (deployment, plan) = first_publication();
    let knot = Knot::start(&deployment);
    for command in
        ["zone-begin contoso.com", "zone-set contoso.com xmpp1 3600 CNAME sip1", "zone-commit contoso.com"]
    {
        knot.control(View::External, command);
    }
    refused_by_knot(&knot, &deployment, &knotc::scripts(&plan, Way::Apply), "semantic check");
}

#[test]
fn knotc_leaves_no_transaction_open_whatever_fails() {
    if !installed(&KNOT) {
        return;
    }
    let (deployment, knot, script) = contoso_on_knot();
    let before = deployment.served(&knot);
    let faults = [
        ("zone-get", "echo no connection >&2; exit 1", 1),
        ("zone-unset", "exit 1", 1),
        ("zone-set", "exit 1", 1),
        ("zone-diff", "exit 1", 1),
        ("zone-commit", "exit 1", 1),
        ("zone-set", "kill -TERM $PPID", 143),
        ("zone-diff", "kill -INT $PPID", 130),
    ];
    for (command, instead, status) in faults {
        let output = knot.run_with_fault(&script, command, instead);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(status), "{command}, {instead}: {text}");
        assert!(text.contains("nothing was changed"), "{command}, {instead}: {text}");
        assert!(!knot.is_open(View::External, "contoso.com"), "{command}, {instead}");
        assert_eq!(deployment.served(&knot), before, "{command}, {instead}");
    }

    let output = knot.dry_run(&script);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for line in
        ["-_sip._tls.contoso.com. 3600 SRV 10 0 443 sip1", "+_sip._tls.contoso.com. 3600 SRV 30 0 443 sip1"]
    {
        assert!(text.contains(line), "{text}");
    }
    assert!(!knot.is_open(View::External, "contoso.com"));
    assert_eq!(deployment.served(&knot), before);
    knot_runs(&knot, &[script]);
}

#[test]
fn knotc_leaves_the_transaction_of_somebody_else_alone() {
    if !installed(&KNOT) {
        return;
    }
    let (deployment, knot, script) = contoso_on_knot();
    knot.control(View::External, "zone-begin contoso.com");
    knot.control(View::External, "zone-set contoso.com other 60 A 192.0.2.1");
    let before = deployment.served(&knot);
    let output = knot.run(&script);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("nothing was changed"), "{}", said(&output));
    assert_eq!(deployment.served(&knot), before);
    let open = knot.control(View::External, "zone-diff contoso.com");
    assert!(open.contains("+other.contoso.com. 60 A 192.0.2.1"), "{open}");
    knot.control(View::External, "zone-commit contoso.com");
    knot_runs(&knot, &[script]);
}
