//! Where Microsoft's pages are wrong or silent, the runbook is not. Letters as in the list of these
//! anomalies; (i), (j) and (o) are about records: `tests/anomalies.rs`.

use super::*;

fn texts() -> Vec<String> {
    let deployment = contoso();
    ["edge1", "edge2"]
        .iter()
        .flat_map(|name| {
            [
                all_services(&deployment, failover(&deployment, &[name])),
                all_services(&deployment, failback(&deployment, &[name])),
            ]
        })
        .collect()
}

#[test]
fn a_the_parameter_is_the_one_that_the_cmdlet_has() {
    for text in texts() {
        has_not(&text, "XmppExternalFederationRoute");
    }
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "Set-CsSite -Identity paris -XmppFederationRoute \"EdgeServer:lsedge2.contoso.net\"\n");
}

#[test]
fn b_addresses_are_those_of_every_access_edge_and_identities_are_internal() {
    let deployment = contoso_with(&[("\"prestaged\"", "\"swing-a\"")]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(
        &text,
        "`xmpp.contoso.com` must have the Access Edge addresses of `edge2`, the pool that holds the route, \
         all of them: `198.51.100.10` (edge2a) and `198.51.100.20` (edge2b).",
    );
    has(&text, "# 198.51.100.10\n  # 198.51.100.20\n");
    for route in text.lines().filter(|line| line.contains("Route \"")) {
        assert!(route.ends_with("\"EdgeServer:lsedge2.contoso.net\""), "{route}");
    }
}

#[test]
fn c_failback_leads_to_the_pool_that_comes_back() {
    let deployment = contoso_with(&[("\"prestaged\"", "\"swing-a\"")]);
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    has(&text, "`192.0.2.10` (edge1a) and `192.0.2.20` (edge1b).");
    has(&text, "-XmppFederationRoute \"EdgeServer:lsedge1.contoso.net\"");
    has_not(&text, "EdgeServer:lsedge2");
    has(&text, "dig +short A xmpp.contoso.com\n  # 192.0.2.10\n  # 192.0.2.20\n");
}

#[test]
fn d_records_change_in_one_step() {
    for text in texts() {
        assert!(text.matches("Apply this diff").count() <= 1);
        assert_eq!(text.contains("Apply this diff"), text.contains("so their order does not matter"));
    }
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    in_order(&text, &["-XmppFederationRoute", "Apply this diff", "Optional, only if XMPP"]);
}

#[test]
fn e_the_surviving_pool_is_not_stopped() {
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    let commands: Vec<&str> =
        text.lines().map(str::trim_start).filter(|line| line.starts_with("Stop-Cs")).collect();
    assert_eq!(commands, ["Stop-CsWindowsService -Graceful"]);
    in_order(&text, &["## Verify", "Optional, only if XMPP does not get through", "Stop-CsWindowsService"]);
    has(&text, "would drop the remote users and federated calls of `edge2`");
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    has_not(&text, "Stop-Cs");
}

#[test]
fn f_federation_has_dns_and_site_routes() {
    let deployment = contoso();
    let text =
        runbook(&deployment, &plan(&deployment, failover(&deployment, &["edge1"]), &[Service::Federation]));
    in_order(
        &text,
        &[
            "**1. [TB]** `edge1` (Edge pools > `lsedge1.contoso.net` > Edit Properties > General): clear \"Enable",
            "**2. [TB]** `edge2` (Edge pools > `lsedge2.contoso.net` > Edit Properties > General): select \"Enable",
            "**3. [TB]** At every site (`paris`, `lyon`)",
            "**4. [TB]** Action > Topology > Publish.",
            "**5. [PS]** Set the route at every site",
            "Set-CsSite -Identity paris -FederationRoute \"EdgeServer:lsedge2.contoso.net\"\n",
            "Set-CsSite -Identity lyon -FederationRoute \"EdgeServer:lsedge2.contoso.net\"\n",
            "**6. [E\\*]** On every server of `edge2` (`edge2a`, `edge2b`), once the new topology has reached it: Deployment Wizard",
            "DNS: 2 RRsets for federation, in the DNS step below: `_sipfederationtls._tcp.contoso.com` SRV and \
             `_sipfederationtls._tcp.fabrikam.com` SRV.",
            "Apply this diff",
        ],
    );
}

#[test]
fn g_priority_is_said_as_a_number() {
    for text in texts() {
        let low = text.to_lowercase();
        has_not(&low, "highest priority");
        has_not(&low, "first priority");
        has(&text, "the lowest priority number first");
    }
}

#[test]
fn h_federation_can_be_switched_back() {
    let deployment = contoso();
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    in_order(
        &text,
        &[
            "### Edge services",
            "On every server of `edge1` (`edge1a`, `edge1b`)",
            "Start-CsWindowsService\n",
            "### Federation",
            "`edge1` (Edge pools > `lsedge1.contoso.net` > Edit Properties > General): select",
            "-FederationRoute \"EdgeServer:lsedge1.contoso.net\"",
            "### XMPP",
        ],
    );
}

#[test]
fn k_owners_are_spelled_as_clients_ask() {
    for text in texts() {
        for wrong in ["_sipfederationtls_tcp", "_sipfederationtls.tcp", "_xmpp-server.tcp", "_sip.tls"] {
            has_not(&text, wrong);
        }
    }
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    for domain in ["contoso.com", "fabrikam.com"] {
        has(&text, &format!("dig +short SRV _sipfederationtls._tcp.{domain}\n"));
        has(&text, &format!("dig +short SRV _sip._tls.{domain}\n"));
    }
    has(&text, "dig +short SRV _xmpp-server._tcp.contoso.com\n");
    has_not(&text, "_xmpp-server._tcp.fabrikam.com");
}

#[test]
fn l_routes_are_set_at_every_site() {
    let toml = "[[site]]\nid = \"lyon\"";
    let nice = "[[site]]\nid = \"d'azur\"\n\n[[site]]\nid = \"lyon\"";
    let deployment = contoso_with(&[(toml, nice)]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    for parameter in ["FederationRoute", "XmppFederationRoute"] {
        for site in ["paris", "'d''azur'", "lyon"] {
            let line =
                format!("Set-CsSite -Identity {site} -{parameter} \"EdgeServer:lsedge2.contoso.net\"\n");
            assert_eq!(text.matches(&line).count(), 1, "{line}");
        }
    }
}

#[test]
fn m_autodiscover_is_named_for_remote_access() {
    let deployment = contoso();
    let goal = failover(&deployment, &["edge1"]);
    let text = runbook(&deployment, &plan(&deployment, goal.clone(), &[Service::RemoteAccess]));
    has(&text, "Autodiscover decides first for most clients");
    has(&text, "does not change what Autodiscover answers");
    let text = runbook(&deployment, &plan(&deployment, goal, &[Service::Xmpp]));
    has_not(&text, "decides first");
}

#[test]
fn n_the_xmpp_target_follows_the_policy() {
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "# 20 0 5269 xmpp2.contoso.com.\n");
    has(&text, "Policy `prestaged`: every pool has its own XMPP name");
    has_not(&text, "`xmpp.contoso.com`");
    let deployment = contoso_with(&[("\"prestaged\"", "\"swing-a\"")]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "Policy `swing-a`: `xmpp.contoso.com` must have");
    has_not(&text, "xmpp2.contoso.com");
}
