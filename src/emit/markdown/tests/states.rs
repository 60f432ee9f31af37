//! Servers that are drained, pools that leave or are new, routes that move while all is up.

use super::*;

fn servers(deployment: &Deployment, names: &[&str]) -> BTreeSet<crate::edge::ServerId> {
    names.iter().map(|name| deployment.server_named(name).unwrap()).collect()
}

/// No zone has to change for these: the steps of people are what is looked at.
fn steps(deployment: &Deployment, goal: Goal, services: &[Service]) -> String {
    runbook(deployment, &plan(deployment, goal, services))
}

fn leaving(deployment: &Deployment, name: &str, to: Option<&str>) -> Goal {
    let to = to.map(|to| pool(deployment, to));
    Goal::decommission(deployment, [pool(deployment, name)].into(), to).unwrap()
}

#[test]
fn a_drain_comes_before_the_services_stop() {
    let deployment = contoso();
    let goal = Goal::Drain { servers: servers(&deployment, &["edge1a"]) };
    let text = steps(&deployment, goal, &Service::LYNC);
    has(&text, "# Drain of edge1a (Edge pool edge1)\n");
    has(&text, "No name of `edge1` leads to `edge1a` any more");
    in_order(
        &text,
        &[
            "The servers of `edge1` that are left can carry the load of all.",
            "### DNS",
            "After that wait, on `edge1a`: stop the services once nobody is connected.",
            "Stop-CsWindowsService -Graceful\n",
            "## How to go back",
            "zonewright plan restore edge1a\n",
        ],
    );
    for other in ["Set-CsSite", "Topology > Publish", "Start-CsWindowsService", "takes over"] {
        has_not(&text, other);
    }
}

#[test]
fn services_run_before_a_server_comes_back() {
    let deployment = contoso();
    let goal = Goal::Restore { servers: servers(&deployment, &["edge1a", "edge2b"]) };
    let text = steps(&deployment, goal, &Service::LYNC);
    has(&text, "# Return of edge1a and edge2b to Edge pool edge1 and edge2\n");
    in_order(
        &text,
        &["On `edge1a` and `edge2b`, start the services:", "Start-CsWindowsService\n", "### DNS"],
    );
    has(&text, "zonewright plan drain edge1a edge2b\n");
    has_not(&text, "Stop-Cs");
}

#[test]
fn a_pool_leaves_after_its_routes() {
    let deployment = contoso();
    let text = steps(&deployment, leaving(&deployment, "edge1", Some("edge2")), &Service::LYNC);
    in_order(
        &text,
        &[
            "# Decommissioning of edge1\n",
            "`edge2` is asked first for remote access, federation and XMPP then.",
            "carry out `zonewright plan failover edge1` first",
            "`edge1` (Edge pools > `lsedge1.contoso.net` > Edit Properties > General): clear \"Enable",
            "Set-CsSite -Identity paris -FederationRoute \"EdgeServer:lsedge2.contoso.net\"\n",
            "Set-CsSite -Identity lyon -FederationRoute \"EdgeServer:lsedge2.contoso.net\"\n",
            "Set-CsSite -Identity paris -XmppFederationRoute \"EdgeServer:lsedge2.contoso.net\"\n",
            "`fe1.contoso.net`: Edit Properties > General > Associations",
            "choose `lsedge2.contoso.net` (`edge2`)",
            "zonewright plan decommission edge1 --to edge2 --write",
            "# [[edge_pool]] `edge1` and its servers: take out\n",
            "# [[site]] `lyon`\n  federation_route = \"edge2\"\n",
            "on every server of `edge1` (`edge1a`, `edge1b`): stop the services.",
            "Edge pools > `lsedge1.contoso.net` > Delete",
            "Only now take the internal names out: `lsedge1.contoso.net`",
            "zonewright plan add edge1\n",
        ],
    );
    has_not(&text, "Invoke-CsPoolFail");
}

#[test]
fn a_pool_without_a_route_leaves_the_routes_alone() {
    let deployment = contoso();
    let text = steps(&deployment, leaving(&deployment, "edge2", None), &Service::LYNC);
    for other in ["Set-CsSite", "### Federation", "### XMPP", "_route", "--to"] {
        has_not(&text, other);
    }
    has(&text, "Edge pools > `lsedge2.contoso.net` > Delete");
}

#[test]
fn a_pool_that_leaves_needs_a_taker_for_its_routes() {
    let deployment = contoso();
    let refused = |name: &str, to: Option<&str>| {
        let to = to.map(|to| pool(&deployment, to));
        Goal::decommission(&deployment, [pool(&deployment, name)].into(), to).unwrap_err().to_string()
    };
    has(&refused("edge1", None), "holds the federation route: name the pool that takes it with `--to POOL`");
    has(&refused("edge1", Some("edge1")), "names a pool that is to leave");
    let no_xmpp = contoso_with(&[(
        "services = [\"remote-access\", \"federation\", \"xmpp\"]\npriority = 20",
        "services = [\"remote-access\", \"federation\"]\npriority = 20",
    )]);
    let to = Some(pool(&no_xmpp, "edge2"));
    let error = Goal::decommission(&no_xmpp, [pool(&no_xmpp, "edge1")].into(), to).unwrap_err().to_string();
    has(&error, "pool `edge2` does not offer xmpp, so it cannot take the route");
}

#[test]
fn a_new_pool_runs_before_records_lead_to_it() {
    let deployment = contoso();
    let goal = Goal::Add { pools: [pool(&deployment, "edge2")].into() };
    let text = steps(&deployment, goal, &Service::LYNC);
    in_order(
        &text,
        &[
            "# Addition of edge2\n",
            "`edge2` (`edge2a`, `edge2b`) is defined in Topology Builder",
            "The certificate of the Access Edge of `edge2` carries",
            "edge2a `198.51.100.10`: TCP 443 (remote access), 5061 (federation), 5269 (XMPP)",
            "### DNS",
            "nc -vz 198.51.100.20 5269\n",
            "zonewright plan decommission edge2\n",
        ],
    );
    has_not(&text, "Set-CsSite");
}

#[test]
fn l_a_route_that_moves_is_set_at_every_site() {
    let deployment =
        contoso_with(&[("[[site]]\nid = \"lyon\"", "[[site]]\nid = \"nice\"\n\n[[site]]\nid = \"lyon\"")]);
    for (service, parameter, key) in [
        (Service::Federation, "FederationRoute", "federation_route"),
        (Service::Xmpp, "XmppFederationRoute", "xmpp_route"),
    ] {
        let text = steps(&deployment, Goal::Route { service, to: pool(&deployment, "edge2") }, &[service]);
        for site in ["paris", "nice", "lyon"] {
            let line =
                format!("Set-CsSite -Identity {site} -{parameter} \"EdgeServer:lsedge2.contoso.net\"\n");
            assert_eq!(text.matches(&line).count(), 1, "{line}");
            has(&text, &format!("# [[site]] `{site}`\n  {key} = \"edge2\"\n"));
        }
        has(&text, &format!("zonewright plan route --service {} --to edge1\n", service.word()));
        has_not(&text, "out of service");
        has_not(&text, "Stop-Cs");
    }
}

#[test]
fn a_route_goes_home_with_the_same_commands() {
    let deployment = contoso();
    let goal = Goal::Route { service: Service::Xmpp, to: pool(&deployment, "edge1") };
    let text = steps(&deployment, goal, &[Service::Xmpp]);
    has(&text, "Set-CsSite -Identity lyon -XmppFederationRoute \"EdgeServer:lsedge1.contoso.net\"\n");
    has_not(&text, "Change `zonewright.toml`");
    has_not(&text, "## How to go back");
}

#[test]
fn under_srv_priority_a_route_moves_with_the_priorities() {
    let deployment = contoso();
    let goal = Goal::Route { service: Service::Federation, to: pool(&deployment, "edge2") };
    let text = steps(&deployment, goal, &[Service::Federation]);
    has(&text, "priority = { remote-access = 10, federation = 30, xmpp = 10 }\n");
    // Records lead to both pools, so both stay federated.
    has_not(&text, "clear \"Enable federation");
    let single = contoso_with(&[("federation    = \"srv-priority\"", "federation    = \"single-active\"")]);
    let goal = Goal::Route { service: Service::Federation, to: pool(&single, "edge2") };
    let text = steps(&single, goal, &[Service::Federation]);
    has_not(&text, "priority = {");
    has(&text, "`edge1` (Edge pools > `lsedge1.contoso.net` > Edit Properties > General): clear \"Enable");
}
