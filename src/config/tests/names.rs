//! Which name an SRV record names, which names a pool must have, and whose a name is.

use super::*;
use crate::edge::{AddressKind, Service};

#[test]
fn targets_lie_in_the_sip_domain() {
    let deployment = deployment(BASE);
    let edge1 = deployment.pool_named("edge1").unwrap();
    let target = |service, domain| deployment.target(edge1, service, domain);
    assert_eq!(target(Service::RemoteAccess, "contoso.com").as_deref(), Some("sip1.contoso.com"));
    assert_eq!(target(Service::Federation, "Fabrikam.com.").as_deref(), Some("sip1.fabrikam.com"));
    assert_eq!(target(Service::Xmpp, "contoso.com").as_deref(), Some("xmpp1.contoso.com"));
    assert_eq!(target(Service::Xmpp, "fabrikam.com").as_deref(), Some("sip1.fabrikam.com"));
    assert_eq!(target(Service::RemoteAccess, "example.com"), None);
    assert_eq!(target(Service::Xmpp, "example.com").as_deref(), Some("xmpp1.contoso.com"));
}

#[test]
fn loose_matching_takes_the_access_name_anywhere() {
    for word in ["suffix", "off"] {
        let text = base(&[("federation = \"srv-priority\"", &format!("target_match = \"{word}\""))]);
        let deployment = deployment(&text);
        let edge1 = deployment.pool_named("edge1").unwrap();
        let target = deployment.target(edge1, Service::RemoteAccess, "example.com");
        assert_eq!(target.as_deref(), Some("sip1.contoso.com"), "{word}");
    }
}

#[test]
fn an_alias_may_have_a_name_per_role() {
    let table =
        "{ access = \"sip1.fabrikam.com\", xmpp = \"xmpp1.fabrikam.com\", av = \"av1.fabrikam.com\" }";
    let text = base(&[("\"sip1.fabrikam.com\"", table)]);
    let deployment = deployment(&text);
    let edge1 = deployment.pool_named("edge1").unwrap();
    let target = deployment.target(edge1, Service::Xmpp, "fabrikam.com");
    assert_eq!(target.as_deref(), Some("xmpp1.fabrikam.com"));
    assert_eq!(deployment.pool_of_name("AV1.fabrikam.com."), Some(edge1));
}

#[test]
fn the_names_of_a_pool() {
    let (sources, result) = read_text(BASE);
    let deployment = result.unwrap().deployment.unwrap();
    let edge2 = deployment.pool_named("edge2").unwrap();
    let names: Vec<_> = deployment
        .names(edge2)
        .into_iter()
        .map(|(name, kind, span)| {
            assert_eq!(sources.bytes(span), format!("\"{name}\"").into_bytes());
            (name, kind)
        })
        .collect();
    let named = |name: &str, kind| (name.to_owned(), kind);
    assert_eq!(
        names,
        [
            named("sip2.contoso.com", AddressKind::Access),
            named("webcon2.contoso.com", AddressKind::Webcon),
            named("xmpp2.contoso.com", AddressKind::Access),
            named("sip2.fabrikam.com", AddressKind::Access),
        ]
    );
    assert_eq!(deployment.addresses(edge2, AddressKind::Webcon).len(), 2);
    assert_eq!(deployment.pool_of_name("SIP2.Fabrikam.com."), Some(edge2));
    assert_eq!(deployment.pool_of_name("lsedge2.contoso.net"), None, "no SRV record may name it");
    assert_eq!(deployment.pool_of_name("sip3.contoso.com"), None);
}

#[test]
fn the_swinging_name_belongs_to_no_pool() {
    let text = base(&[("federation = \"srv-priority\"", "xmpp = \"swing-a\"")]);
    let text = text.replace("xmpp1.contoso.com", "xmpp.contoso.com").replace("xmpp2.", "xmpp.");
    let deployment = deployment(&text);
    for pool in deployment.pools() {
        let target = deployment.target(pool.id, Service::Xmpp, "contoso.com");
        assert_eq!(target.as_deref(), Some("xmpp.contoso.com"));
        assert!(deployment.names(pool.id).iter().all(|(name, ..)| name != "xmpp.contoso.com"));
    }
    assert_eq!(deployment.pool_of_name("xmpp.contoso.com"), None);
}

#[test]
fn a_geo_name_belongs_to_several_pools() {
    let text = base(&[("srv-priority", "geo-dns"), ("xmpp = false", "xmpp = false\nfederation = false")]);
    let geo = "[[geo_name]]\nname = \"fed.contoso.com\"\npools = [\"edge1\", \"edge2\"]\n";
    let deployment = deployment(&format!("{text}{geo}"));
    let pools = deployment.pools_with(Service::Federation);
    assert_eq!(deployment.shared_name("FED.contoso.com."), pools);
    assert_eq!(deployment.shared_name("sip1.contoso.com"), []);
    assert_eq!(deployment.pool_of_name("fed.contoso.com"), None);
    let target = deployment.target(pools[1], Service::Federation, "contoso.com");
    assert_eq!(target.as_deref(), Some("fed.contoso.com"));
    assert_eq!(deployment.target(pools[1], Service::Federation, "fabrikam.com"), None);
}

#[test]
fn defaults_stand_at_the_id_of_the_pool() {
    let text = base(&[("priority = 10\n", ""), ("priority = 20", "ports = { client = 5061 }")]);
    let (sources, result) = read_text(text);
    let deployment = result.unwrap().deployment.unwrap();
    let [edge1, edge2] = ["edge1", "edge2"].map(|name| deployment.pool_named(name).unwrap());
    let ports = Service::LYNC.map(|service| deployment.port(edge2, service).value);
    assert_eq!(ports, [5061, 5061, 5269]);
    assert_eq!(sources.bytes(deployment.port(edge2, Service::RemoteAccess).span), b"5061");
    assert_eq!(sources.bytes(deployment.port(edge1, Service::RemoteAccess).span), b"\"edge1\"");
    assert_eq!(deployment.priority(edge1, Service::Xmpp).value, 10);
    assert_eq!(deployment.priority(edge2, Service::Xmpp).value, 20);
    assert_eq!(sources.bytes(deployment.priority(edge2, Service::Xmpp).span), b"\"edge2\"");
}

#[test]
fn services_default_to_what_has_a_name() {
    let text = BASE.replace("xmpp_route = \"edge1\"\n", "").replace("xmpp = \"xmpp1.contoso.com\"\n", "");
    let deployment = deployment(&text);
    let [edge1, edge2] = ["edge1", "edge2"].map(|name| deployment.pool_named(name).unwrap());
    assert_eq!(deployment.pools_with(Service::Federation), [edge1, edge2]);
    assert_eq!(deployment.pools_with(Service::Xmpp), [edge2]);
    assert_eq!(deployment.route(Service::Federation), Some(edge1));
    assert_eq!(deployment.route(Service::Xmpp), None);
    assert_eq!(deployment.route(Service::RemoteAccess), None);
}
