//! One test per invariant of a deployment: what is said, and under which bytes.

use super::*;

#[test]
fn pool_ids_are_unique() {
    breaks(
        &[("id = \"edge2\"", "id = \"EDGE1\""), ("edge = \"edge2\"", "edge = \"edge1\"")],
        "Edge pool `EDGE1` is declared twice",
        "\"EDGE1\"",
        &["\"edge1\""],
    );
}

#[test]
fn sip_domains_sites_and_front_end_pools_are_unique() {
    let twice = |extra: &str, message: &str, token: &str, first: &str| {
        one_error(&format!("{BASE}{extra}"), message, token, &[first]);
    };
    twice(
        "[[sip_domain]]\nname = \"Contoso.com.\"\n",
        "SIP domain `contoso.com` is declared twice",
        "\"Contoso.com.\"",
        "\"contoso.com\"",
    );
    twice("[[site]]\nid = \"lyon\"\n", "site `lyon` is declared twice", "\"lyon\"", "\"lyon\"");
    twice(
        "[[front_end_pool]]\nfqdn = \"fe1.contoso.net\"\n",
        "Front End pool `fe1.contoso.net` is declared twice",
        "\"fe1.contoso.net\"",
        "\"fe1.contoso.net\"",
    );
}

#[test]
fn pool_names_are_unique_across_pools() {
    for (from, to, first) in [
        ("access = \"sip2.contoso.com\"", "access = \"sip1.contoso.com\"", "\"sip1.contoso.com\""),
        ("webcon = \"webcon2.contoso.com\"", "webcon = \"webcon1.contoso.com\"", "\"webcon1.contoso.com\""),
        ("xmpp = \"xmpp2.contoso.com\"", "xmpp = \"sip1.contoso.com\"", "\"sip1.contoso.com\""),
        ("internal_fqdn = \"lsedge2", "internal_fqdn = \"lsedge1", "\"lsedge1.contoso.net\""),
        ("\"sip2.fabrikam.com\"", "\"sip1.fabrikam.com\"", "\"sip1.fabrikam.com\""),
    ] {
        let name = first.trim_matches('"');
        let message = format!("`{name}` names pool `edge2` and pool `edge1`");
        breaks(&[(from, to)], &message, first, &[first]);
    }
}

#[test]
fn one_pool_may_use_one_name_for_all() {
    let text = base(&[
        ("webcon = \"webcon1.contoso.com\"", "webcon = \"sip1.contoso.com\""),
        ("webcon = \"192.0.2.11\"\n", ""),
    ]);
    let deployment = deployment(&text);
    let edge1 = deployment.pool_named("edge1").unwrap();
    let access = deployment.addresses(edge1, crate::edge::AddressKind::Access);
    assert_eq!(access.len(), 1);
    assert_eq!(deployment.addresses(edge1, crate::edge::AddressKind::Webcon), access);
    breaks(
        &[("webcon = \"webcon1.contoso.com\"", "webcon = \"sip1.contoso.com\"")],
        "`sip1.contoso.com` is both access and webcon of pool `edge1`, but their addresses differ",
        "\"192.0.2.11\"",
        &["\"sip1.contoso.com\""],
    );
}

#[test]
fn server_addresses_are_unique_across_pools() {
    breaks(
        &[("access = \"198.51.100.10\"", "access = [\"192.0.2.10\"]")],
        "address 192.0.2.10 belongs to server `edge2a` of pool `edge2` and to server `edge1a` of pool `edge1`",
        "\"192.0.2.10\"",
        &["\"192.0.2.10\""],
    );
    breaks(
        &[("[\"198.51.100.11\", \"2001:db8::11\"]", "\"192.0.2.11\"")],
        "address 192.0.2.11 belongs to server `edge2a` of pool `edge2` and to server `edge1a` of pool `edge1`",
        "\"192.0.2.11\"",
        &["\"192.0.2.11\""],
    );
}

#[test]
fn servers_are_unique() {
    breaks(
        &[("name = \"edge2a\"", "name = \"edge1a\"")],
        "server `edge1a` is declared twice",
        "\"edge1a\"",
        &["\"edge1a\""],
    );
}

#[test]
fn a_load_balancer_has_virtual_addresses() {
    let hlb = "priority = 20\nload_balancing = \"hlb\"";
    breaks(
        &[("priority = 20", hlb)],
        "pool `edge2` has a hardware load balancer but no vip",
        "\"edge2\"",
        &[],
    );
    breaks(
        &[("priority = 20", &format!("{hlb}\nvip = {{ access = \"203.0.113.1\" }}"))],
        "vip of pool `edge2` has no webcon address",
        "{ access = \"203.0.113.1\" }",
        &["\"edge2\""],
    );
    breaks(
        &[("priority = 20", "priority = 20\nvip = { access = \"203.0.113.1\", webcon = \"203.0.113.2\" }")],
        "pool `edge2` has a vip but no hardware load balancer",
        "{ access = \"203.0.113.1\", webcon = \"203.0.113.2\" }",
        &[],
    );
    let text = base(&[(
        "priority = 20",
        &format!("{hlb}\nvip = {{ access = \"203.0.113.1\", webcon = \"203.0.113.2\" }}"),
    )]);
    let deployment = deployment(&text);
    let edge2 = deployment.pool_named("edge2").unwrap();
    let access = deployment.addresses(edge2, crate::edge::AddressKind::Access);
    assert_eq!(access.into_iter().collect::<Vec<_>>(), ["203.0.113.1".parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn a_pool_has_one_to_twelve_servers() {
    let server =
        "[[edge_pool.server]]\nname = \"edge1a\"\naccess = \"192.0.2.10\"\nwebcon = \"192.0.2.11\"\n";
    breaks(&[(server, "")], "pool `edge1` has no server", "\"edge1\"", &[]);
    let servers = |count: u8| {
        (0..count).fold(String::new(), |text, n| {
            text + &format!(
                "[[edge_pool.server]]\nname = \"e{n}\"\naccess = \"192.0.2.{}\"\nwebcon = \"192.0.2.{}\"\n",
                n + 1,
                n + 101
            )
        })
    };
    assert!(read_text(base(&[(server, &servers(12))])).1.is_ok());
    breaks(
        &[(server, &servers(14))],
        "pool `edge1` has 14 servers, 12 are allowed",
        "\"e12\"",
        &["\"edge1\""],
    );
}

#[test]
fn a_server_has_an_address_for_every_name_of_its_pool() {
    breaks(
        &[("webcon = \"192.0.2.11\"\n", "")],
        "server `edge1a` of pool `edge1` has no webcon address",
        "\"edge1a\"",
        &[],
    );
}

#[test]
fn routes_name_a_pool_that_offers_the_service() {
    let lone = [("id = \"lyon\"\nfederation_route = \"edge1\"\nxmpp_route = \"edge1\"", "id = \"lyon\"")];
    let with = |from, to| [lone[0], (from, to)];
    breaks(
        &with("federation_route = \"edge1\"", "federation_route = \"edge9\""),
        "no [[edge_pool]] with the id `edge9`",
        "\"edge9\"",
        &[],
    );
    breaks(
        &with("priority = 10", "services = [\"remote-access\", \"xmpp\"]"),
        "federation_route names pool `edge1`, which does not offer federation",
        "\"edge1\"",
        &["\"edge1\""],
    );
    breaks(
        &with("xmpp = \"xmpp1.contoso.com\"\n", ""),
        "xmpp_route names pool `edge1`, which does not offer xmpp",
        "\"edge1\"",
        &["\"edge1\""],
    );
}

#[test]
fn sites_agree_on_routes() {
    for key in ["federation_route", "xmpp_route"] {
        let (from, to) = match key {
            "xmpp_route" => (
                "id = \"lyon\"\nfederation_route = \"edge1\"\nxmpp_route = \"edge1\"",
                "id = \"lyon\"\nxmpp_route = \"edge2\"",
            ),
            _ => {
                ("id = \"lyon\"\nfederation_route = \"edge1\"", "id = \"lyon\"\nfederation_route = \"edge2\"")
            }
        };
        let message = format!("{key} of site `lyon` is `edge2`, of site `paris` it is `edge1`");
        breaks(&[(from, to)], &message, "\"edge2\"", &["\"edge1\""]);
    }
}

#[test]
fn sites_exist() {
    breaks(
        &[("site = \"lyon\"\ninternal", "site = \"lion\"\ninternal")],
        "no [[site]] with the id `lion`",
        "\"lion\"",
        &[],
    );
    breaks(
        &[("site = \"lyon\"\nedge", "site = \"rome\"\nedge")],
        "no [[site]] with the id `rome`",
        "\"rome\"",
        &[],
    );
}

#[test]
fn the_next_hop_is_a_front_end_pool() {
    breaks(
        &[("next_hop = \"fe2.contoso.net\"", "next_hop = \"fe3.contoso.net\"")],
        "no [[front_end_pool]] with the fqdn `fe3.contoso.net`",
        "\"fe3.contoso.net\"",
        &[],
    );
    let none = BASE.split("[[front_end_pool]]").next().unwrap();
    assert!(read_text(none).1.is_ok(), "without declared Front End pools any next hop will do");
}

#[test]
fn front_end_pools_name_an_edge_pool_and_a_backup() {
    breaks(
        &[("edge = \"edge2\"", "edge = \"egde2\"")],
        "no [[edge_pool]] with the id `egde2`",
        "\"egde2\"",
        &[],
    );
    breaks(
        &[("backup = \"fe2.contoso.net\"", "backup = \"fe9.contoso.com\"")],
        "no [[front_end_pool]] with the fqdn `fe9.contoso.com`",
        "\"fe9.contoso.com\"",
        &[],
    );
    breaks(
        &[("backup = \"fe2.contoso.net\"", "backup = \"fe1.contoso.net\" #")],
        "Front End pool `fe1.contoso.net` is its own backup",
        "\"fe1.contoso.net\"",
        &["\"fe1.contoso.net\""],
    );
}

#[test]
fn aliases_lie_in_a_declared_sip_domain() {
    breaks(
        &[("\"sip2.fabrikam.com\"", "\"sip2.evilfabrikam.com\"")],
        "alias `sip2.evilfabrikam.com` of pool `edge2` lies outside SIP domain `fabrikam.com`",
        "\"sip2.evilfabrikam.com\"",
        &["\"fabrikam.com\""],
    );
    breaks(
        &[(
            "aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\" }",
            "aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\", \"fabrikan.com\" = \"sip2.fabrikan.com\" }",
        )],
        "aliases of pool `edge2` name `fabrikan.com`, which is no SIP domain",
        "\"fabrikan.com\"",
        &[],
    );
}

#[test]
fn one_sip_domain_is_the_default() {
    breaks(
        &[("xmpp = false", "xmpp = false\ndefault = true")],
        "SIP domain `fabrikam.com` is a second default, beside `contoso.com`",
        "\"fabrikam.com\"",
        &["\"contoso.com\""],
    );
}

#[test]
fn priorities_are_distinct_per_service() {
    breaks(
        &[("priority = 20", "priority = 10")],
        "priority 10 of pool `edge2` is also that of pool `edge1` for remote-access, federation, xmpp",
        "10",
        &["10"],
    );
    breaks(
        &[("priority = 20", "priority = { remote-access = 5, federation = 10 }")],
        "priority 10 of pool `edge2` is also that of pool `edge1` for federation",
        "10",
        &["10"],
    );
    breaks(
        &[
            ("priority = 10", "priority = 20"),
            ("priority = 20\naliases = { \"fabrikam.com\" = \"sip2", "aliases = { \"fabrikam.com\" = \"sip2"),
        ],
        "priority 20 of pool `edge2` is also that of pool `edge1` for remote-access, federation, xmpp",
        "\"edge2\"",
        &["20"],
    );
    let any =
        base(&[("srv-priority", "multi-federated"), ("priority = 20", "priority = { federation = 10 }")]);
    assert!(read_text(any).1.is_ok(), "multi-federated takes any priority");
}

#[test]
fn policies_for_one_pool_need_a_route() {
    let routes = "federation_route = \"edge1\"\nxmpp_route = \"edge1\"\n";
    let without = BASE.replace(routes, "");
    one_error(
        &without.replace("srv-priority", "single-active"),
        "policy `single-active` without a federation_route: no pool is the active one",
        "\"single-active\"",
        &[],
    );
    one_error(
        &without.replace("federation = \"srv-priority\"", "xmpp = \"swing-a\""),
        "policy `swing-a` without an xmpp_route: no pool holds the XMPP addresses",
        "\"swing-a\"",
        &[],
    );
}

#[test]
fn ttls_are_shorter_during_a_move() {
    breaks(
        &[("federation = \"srv-priority\"", "switch_ttl = \"2h\"\nsteady_ttl = \"1h\"")],
        "switch_ttl of 7200 s is longer than the steady_ttl of 3600 s",
        "\"2h\"",
        &["\"1h\""],
    );
}

#[test]
fn every_pool_has_a_target_in_every_sip_domain() {
    let (_, result) = read_text(base(&[("aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\" }\n", "")]));
    let help = result.unwrap_err().remove(0).help.unwrap();
    assert_eq!(help, "add `aliases = { \"fabrikam.com\" = \"NAME.fabrikam.com\" }` to the pool");
    breaks(
        &[("aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\" }\n", "")],
        "pool `edge2` has no name in SIP domain `fabrikam.com` for remote-access, federation",
        "\"edge2\"",
        &["\"fabrikam.com\""],
    );
    let services = "priority = 20\nservices = [\"remote-access\", \"federation\", \"xmpp\"]";
    breaks(
        &[("xmpp = \"xmpp2.contoso.com\"\n", ""), ("priority = 20", services)],
        "pool `edge2` has no XMPP name in SIP domain `contoso.com` for xmpp",
        "\"edge2\"",
        &["\"contoso.com\""],
    );
}

#[test]
fn shared_federation_names() {
    let geo = |name: &str, pools: &str| {
        let text = base(&[("srv-priority", "geo-dns")]);
        format!(
            "{text}[[geo_name]]\nname = \"fed.contoso.com\"\npools = [\"edge1\", \"edge2\"]\n\
             [[geo_name]]\nname = \"{name}\"\npools = {pools}\n"
        )
    };
    let both = "[\"edge1\", \"edge2\"]";
    assert!(read_text(geo("fed.fabrikam.com", both)).1.is_ok());
    one_error(
        &geo("fed.fabrikam.com", "[\"edge1\", \"edge3\"]"),
        "no [[edge_pool]] with the id `edge3`",
        "\"edge3\"",
        &[],
    );
    one_error(
        &geo("sip1.fabrikam.com", both),
        "geo_name `sip1.fabrikam.com` is also a name of pool `edge1` alone",
        "\"sip1.fabrikam.com\"",
        &["\"sip1.fabrikam.com\""],
    );
    one_error(
        &geo("fed.fabrikam.com", both)
            .replace("geo-dns", "srv-priority")
            .replace("[[geo_name]]\nname = \"fed.contoso.com\"\npools = [\"edge1\", \"edge2\"]\n", ""),
        "geo_name `fed.fabrikam.com` without policy `geo-dns`",
        "\"fed.fabrikam.com\"",
        &[],
    );
    let (sources, result) = read_text(geo("fed.example.com", both));
    let all: Vec<_> = result.unwrap_err().iter().map(|finding| seen(&sources, finding)).collect();
    assert_eq!(all[0].0, "geo_name `fed.example.com` lies in no declared SIP domain");
    let (sources, result) = read_text(geo("fed.fabrikam.com", "[\"edge1\"]"));
    let all: Vec<_> = result.unwrap_err().iter().map(|finding| seen(&sources, finding)).collect();
    assert_eq!(all[0].0, "geo_name `fed.fabrikam.com` has 1 pool, 2 or more share a name");
}

#[test]
fn one_fault_does_not_hide_another() {
    let text = base(&[
        ("next_hop = \"fe2", "next_hop = \"fe3"),
        ("priority = 20", "priority = 10"),
        ("aliases = { \"fabrikam.com\" = \"sip1.fabrikam.com\" }", ""),
    ]);
    let (sources, result) = read_text(text);
    let all: Vec<_> = result.unwrap_err().iter().map(|finding| seen(&sources, finding).0).collect();
    assert_eq!(
        all,
        [
            "pool `edge1` has no name in SIP domain `fabrikam.com` for remote-access, federation",
            "no [[front_end_pool]] with the fqdn `fe3.contoso.net`",
            "priority 10 of pool `edge2` is also that of pool `edge1` for remote-access, federation, xmpp",
        ]
    );
}

#[test]
fn geo_dns_needs_a_shared_name_in_every_sip_domain() {
    let text = base(&[("srv-priority", "geo-dns")]);
    let geo = "[[geo_name]]\nname = \"fed.contoso.com\"\npools = [\"edge1\", \"edge2\"]\n";
    let (sources, result) = read_text(format!("{text}{geo}"));
    let all: Vec<_> = result.unwrap_err().iter().map(|finding| seen(&sources, finding)).collect();
    let lacks = |pool: &str| {
        let message = format!("pool `{pool}` has no geo_name in SIP domain `fabrikam.com` for federation");
        (message, format!("\"{pool}\""), vec![String::from("\"fabrikam.com\"")])
    };
    assert_eq!(all, [lacks("edge1"), lacks("edge2")]);
}
