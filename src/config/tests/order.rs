//! The order in which callers try the pools.

use super::*;
use crate::edge::{Service, State};

/// Three pools of priorities 10, 20 and 30; the third holds both routes.
fn three(policy: &str) -> Deployment {
    let mut text = format!(
        "[policy]\n{policy}\n[[zone]]\norigin = \"a.b\"\nfile = \"z\"\n[[sip_domain]]\nname = \"a.b\"\n\
         [[site]]\nid = \"s\"\nfederation_route = \"e3\"\nxmpp_route = \"e3\"\n"
    );
    for n in 1..=3 {
        text += &format!(
            "[[edge_pool]]\nid = \"e{n}\"\nsite = \"s\"\ninternal_fqdn = \"i{n}.a.b\"\naccess = \"sip{n}.a.b\"\n\
             xmpp = \"x{n}.a.b\"\n[[edge_pool.server]]\nname = \"m{n}\"\naccess = \"192.0.2.{n}\"\n"
        );
    }
    deployment(&text)
}

fn order(deployment: &Deployment, state: &State, service: Service) -> String {
    let pools = state.order(deployment, service);
    pools.iter().map(|&pool| deployment.pool(pool).name.value.as_str()).collect::<Vec<_>>().join(" ")
}

fn down(deployment: &Deployment, names: &[&str]) -> State {
    State::down(names.iter().map(|name| deployment.pool_named(name).unwrap()))
}

#[test]
fn the_steady_order_is_the_declared_one() {
    let deployment = three("");
    for service in Service::LYNC {
        assert_eq!(order(&deployment, &State::steady(), service), "e1 e2 e3", "{service:?}");
    }
}

#[test]
fn where_one_pool_is_published_it_is_the_route_holder() {
    let deployment = three("federation = \"single-active\"\nxmpp = \"swing-a\"");
    assert_eq!(order(&deployment, &State::steady(), Service::RemoteAccess), "e1 e2 e3");
    assert_eq!(order(&deployment, &State::steady(), Service::Federation), "e3 e1 e2");
    assert_eq!(order(&deployment, &State::steady(), Service::Xmpp), "e3 e1 e2");
}

#[test]
fn pools_that_are_down_come_last() {
    let deployment = three("");
    let state = down(&deployment, &["e1"]);
    assert_eq!(order(&deployment, &state, Service::RemoteAccess), "e2 e3 e1");
    assert_eq!(order(&deployment, &state, Service::Federation), "e3 e2 e1", "the route holder is up");
    let state = down(&deployment, &["e3"]);
    assert_eq!(order(&deployment, &state, Service::Federation), "e1 e2 e3");
    let state = down(&deployment, &["e3", "e1"]);
    assert_eq!(order(&deployment, &state, Service::Xmpp), "e2 e1 e3");
}

#[test]
fn the_preferred_pool_leads_while_it_is_up() {
    let deployment = three("");
    let e2 = deployment.pool_named("e2").unwrap();
    let mut state = State::steady();
    state.prefer.insert(Service::Federation, e2);
    assert_eq!(order(&deployment, &state, Service::Federation), "e2 e3 e1");
    assert_eq!(order(&deployment, &state, Service::Xmpp), "e1 e2 e3", "another service stays as it was");
    state.down.insert(e2);
    assert_eq!(order(&deployment, &state, Service::Federation), "e3 e1 e2");
}

#[test]
fn a_pool_without_the_service_does_not_count() {
    let text = BASE.replace("xmpp_route = \"edge1\"\n", "").replace("xmpp = \"xmpp1.contoso.com\"\n", "");
    let deployment = deployment(&text);
    let state = down(&deployment, &["edge1"]);
    assert_eq!(order(&deployment, &state, Service::Xmpp), "edge2");
    assert_eq!(order(&deployment, &state, Service::RemoteAccess), "edge2 edge1");
}

#[test]
fn nobody_is_active_when_all_are_down() {
    let deployment = three("");
    assert_eq!(State::steady().active(&deployment, Service::Xmpp), deployment.pool_named("e1"));
    let state = down(&deployment, &["e1"]);
    assert_eq!(state.active(&deployment, Service::RemoteAccess), deployment.pool_named("e2"));
    let state = down(&deployment, &["e1", "e2", "e3"]);
    assert_eq!(state.active(&deployment, Service::RemoteAccess), None);
}
