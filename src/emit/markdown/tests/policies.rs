//! Every policy, and every pool as the one that is lost.

use super::*;

#[test]
fn srv_priority_does_not_rely_on_priorities() {
    let deployment = contoso();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    let line = text.lines().find(|line| line.contains("2019")).unwrap();
    assert!(line.starts_with("> **Note:** Policy `srv-priority`: Microsoft withdrew in 2019"), "{line}");
    assert!(line.ends_with("the plan rewrites the records so that `edge2` has the lowest priority number."));
    let text = runbook(&deployment, &plan(&deployment, failover(&deployment, &["edge1"]), &[Service::Xmpp]));
    has_not(&text, "2019");
}

#[test]
fn single_active_names_the_holder_of_the_route_and_clears_the_other_pool() {
    let deployment = contoso_with(&[("federation    = \"srv-priority\"", "federation = \"single-active\"")]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(
        &text,
        "Policy `single-active`: each SIP domain has one federation record, and it names the pool that holds the route, `edge2`.",
    );
    has(&text, "dig +short SRV _sipfederationtls._tcp.contoso.com\n  # 20 0 5061 sip2.contoso.com.\n  dig");
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    in_order(
        &text,
        &[
            "`edge2` (Edge pools > `lsedge2.contoso.net` > Edit Properties > General): clear",
            "`edge1` (Edge pools > `lsedge1.contoso.net` > Edit Properties > General): select",
        ],
    );
}

#[test]
fn failback_leaves_federation_selected_where_records_lead_to_every_pool() {
    let deployment = contoso();
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    has(&text, "Leave it selected for `edge2`: the zones have a federation record that leads there.");
    has_not(&text, ": clear \"Enable");
}

#[test]
fn geo_dns_moves_the_traffic_manager_and_no_record() {
    let geo = "[[geo_name]]\nname = \"fed.contoso.com\"\npools = [\"edge1\", \"edge2\"]\n\n\
               [[geo_name]]\nname = \"fed.fabrikam.com\"\npools = [\"edge1\", \"edge2\"]\n\n[[front_end_pool]]\nfqdn = \"fe1";
    let deployment = contoso_with(&[
        ("federation    = \"srv-priority\"", "federation = \"geo-dns\""),
        ("[[front_end_pool]]\nfqdn = \"fe1", geo),
    ]);
    let text =
        runbook(&deployment, &plan(&deployment, failover(&deployment, &["edge1"]), &[Service::Federation]));
    has(&text, "The traffic manager must move to `edge2`; for federation the zone diff is empty.");
    has(&text, "DNS: no change for federation.");
    has(&text, "Nothing: the zones already say what is wanted.");
    has(&text, "No step: the zones already say what is wanted, so no zone changes.");
    has(&text, "All pools behind a shared federation name present the same certificate.");
    has(&text, "dig +short A fed.contoso.com\n  dig +short A fed.fabrikam.com\n");
    has(&text, "-FederationRoute \"EdgeServer:lsedge2.contoso.net\"");
    has_not(&text, "rndc");
}

#[test]
fn multi_federated_tells_what_partners_need() {
    let deployment =
        contoso_with(&[("federation    = \"srv-priority\"", "federation = \"multi-federated\"")]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "Policy `multi-federated`: Topology Builder warns of more than one federated Edge pool");
    has_not(&text, "2019");
}

#[test]
fn single_remote_access_tells_that_there_is_one_record() {
    let deployment = contoso_with(&[("remote_access = \"srv-priority\"", "remote_access = \"single\"")]);
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "Policy `single`: each SIP domain has one record");
    let text = all_services(&contoso(), failover(&deployment, &["edge1"]));
    has_not(&text, "Policy `single`:");
}

#[test]
fn a_pool_without_routes_is_lost_without_topology_changes() {
    let deployment = contoso();
    let goal = failover(&deployment, &["edge2"]);
    let text = all_services(&deployment, goal);
    has(
        &text,
        "`edge1` goes on serving remote access (`contoso.com`, `fabrikam.com`), federation (`contoso.com`, `fabrikam.com`) and XMPP (`contoso.com`).",
    );
    has(&text, "The federation route stays with `edge1`: nothing to do in Topology Builder.");
    has(&text, "The XMPP route stays with `edge1`: nothing to set.");
    has_not(&text, "Set-CsSite");
    has_not(&text, "Optional, only if XMPP");
    has(&text, "`fe2.contoso.net` (if it is still up): Edit Properties > General > Associations");
    has(&text, "choose `lsedge1.contoso.net` (`edge1`).");
    has(&text, "Test-CsFederatedPartner -TargetFqdn lsedge1.contoso.net -Domain <partner>");
}

/// A third pool, in a site of its own, with a load balancer.
fn three() -> Deployment {
    let site = "[[site]]\nid = \"nice\"\nfederation_route = \"edge1\"\nxmpp_route = \"edge1\"\n\n[[site]]\nid = \"lyon\"";
    let third = "[[edge_pool]]\nid = \"edge3\"\nsite = \"nice\"\ninternal_fqdn = \"lsedge3.contoso.net\"\n\
         access = \"sip3.contoso.com\"\nxmpp = \"xmpp3.contoso.com\"\nload_balancing = \"hlb\"\n\
         vip = { access = \"203.0.113.10\" }\nnext_hop = \"fe1.contoso.net\"\nports = { client = 5061, federation = 5062 }\n\
         aliases = { \"fabrikam.com\" = \"sip3.fabrikam.com\" }\n[[edge_pool.server]]\nname = \"edge3a\"\n\
         access = \"192.0.2.99\"\n\n[[front_end_pool]]\nfqdn = \"fe1";
    contoso_with(&[("[[site]]\nid = \"lyon\"", site), ("[[front_end_pool]]\nfqdn = \"fe1", third)])
}

#[test]
fn two_pools_are_lost_together() {
    let deployment = three();
    let text = all_services(&deployment, failover(&deployment, &["edge1", "edge2"]));
    assert!(
        text.starts_with("# Failover of edge1 and edge2: XMPP, federation and remote access\n"),
        "{text}"
    );
    has(&text, "`edge1` and `edge2` are out of service. `edge3` takes over from `edge1`: remote access");
    has(&text, "Set-CsSite -Identity nice -FederationRoute \"EdgeServer:lsedge3.contoso.net\"\n");
    has(&text, "- load balancer `203.0.113.10`: TCP 5061 (remote access), 5062 (federation), 5269 (XMPP)");
    has(&text, "nc -vz 203.0.113.10 5062\n");
    has_not(&text, "192.0.2.99");
    has(&text, "zonewright plan failback edge1 edge2\n");
    // Every Front End pool stands in a struck site, so nobody can say where to send to.
    has(&text, "-Registrar \"Registrar:<Front End pool>\"\n");
}

#[test]
fn a_pool_may_be_preferred() {
    let deployment = three();
    let down = BTreeSet::from([pool(&deployment, "edge1")]);
    let goal = Goal::Failover { down, to: Some(pool(&deployment, "edge3")) };
    let text = all_services(&deployment, goal);
    has(&text, "-XmppFederationRoute \"EdgeServer:lsedge3.contoso.net\"");
    has(&text, "`zonewright plan failover edge1 --to edge3 --write`");
    has_not(&text, "EdgeServer:lsedge2");
}

#[test]
fn an_edge_pool_that_sends_to_the_lost_site_gets_another_next_hop() {
    let deployment = three();
    let text = all_services(&deployment, failover(&deployment, &["edge1"]));
    has(&text, "Only if `fe1.contoso.net`, the next hop of `edge3`, is lost too");
    has(
        &text,
        "Set-CsEdgeServer -Identity \"EdgeServer:lsedge3.contoso.net\" -Registrar \"Registrar:fe2.contoso.net\"\n",
    );
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    has(&text, "Only if the next hop of `edge3` had been changed:");
    has(&text, "-Registrar \"Registrar:fe1.contoso.net\"\n");
    let text = all_services(&contoso(), failover(&deployment, &["edge1"]));
    has_not(&text, "Set-CsEdgeServer");
}

#[test]
fn without_declared_routes_they_are_set_all_the_same() {
    let deployment = contoso_with(&[("federation_route = \"edge1\"", ""), ("xmpp_route = \"edge1\"", "")]);
    let text = all_services(&deployment, failover(&deployment, &["edge2"]));
    has(&text, "Set-CsSite -Identity lyon -FederationRoute \"EdgeServer:lsedge1.contoso.net\"\n");
    has_not(&text, ": clear \"Enable");
}

#[test]
fn front_ends_and_their_edge_pool_go_back() {
    let deployment = contoso();
    let text = all_services(&deployment, failback(&deployment, &["edge1"]));
    has(&text, "`fe1.contoso.net` (if it was changed): Edit Properties > General > Associations");
    has(&text, "choose `lsedge1.contoso.net` (`edge1`).");
    has(&text, "Invoke-CsPoolFailback -PoolFQDN fe1.contoso.net -Verbose\n");
    in_order(&text, &["## How to go back", "zonewright plan failover edge1\n"]);
}
