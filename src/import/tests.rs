use super::*;
use crate::config::{self, Config, View};
use crate::edge::{Deployment, Service};
use crate::text::{Source, Sources};
use std::path::Path;

fn octets(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(name);
    std::fs::read(path).unwrap()
}

fn topology(name: &str) -> Topology {
    read(name, &octets(name)).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/zonewright.toml");
    std::fs::read_to_string(path).unwrap()
}

fn config(text: &str) -> Config {
    let sources = Sources::default();
    let file = sources.add(Source::text("zonewright.toml", text));
    config::parse(&sources, file, Path::new("")).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn deployment(text: &str) -> Deployment {
    config(text).deployment.unwrap()
}

/// The text after an import without zones at hand.
fn imported(text: &str, topology: &Topology) -> Edited {
    let declared = config(text).deployment;
    edit(text, declared.as_ref(), topology, &Published::default()).unwrap()
}

#[track_caller]
fn refused(text: &str) -> Vec<String> {
    let errors = read("x", text.as_bytes()).expect_err(text);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn json_and_xml_tell_the_same_deployment() {
    let (xml, json) = (topology("topology.xml"), topology("deployment.json"));
    assert_eq!(xml.sip_domains, json.sip_domains);
    let without_addresses = |topology: &Topology| {
        let mut pools = topology.pools.clone();
        for server in pools.iter_mut().flat_map(|pool| pool.servers.iter_mut().flatten()) {
            *server = Server { fqdn: server.fqdn.clone(), ..Server::default() };
        }
        pools
    };
    assert_eq!(without_addresses(&xml), without_addresses(&json));
    let names = |topology: &Topology| topology.sites.iter().map(|site| site.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&xml), names(&json));
    // How XML has routes is not documented; JSON says them.
    assert_eq!(xml.sites[0].federation_route, Told::Not);
    assert_eq!(json.sites[1].federation_route, Told::Is(String::from("lsedge1.contoso.net")));
}

#[test]
fn the_interface_of_a_port_says_which_address_a_name_has() {
    let pools = topology("topology.xml").pools;
    let server = &pools[1].servers.as_ref().unwrap()[0];
    let address = |text: &str| vec![text.parse::<IpAddr>().unwrap()];
    assert_eq!(server.access, address("198.51.100.10"));
    assert_eq!(server.webcon, address("198.51.100.11"));
    assert_eq!(server.av, address("198.51.100.12"), "the public one, not that behind NAT");
    assert_eq!(server.internal, address("10.2.0.10"));
}

#[test]
fn what_windows_powershell_writes_is_read() {
    let plain = topology("edge.json");
    assert_eq!(topology("edge-utf16.json"), plain);
    let one = topology("edge-bom.json");
    assert_eq!(one.pools, plain.pools[..1], "a single object, not an array");
    let big_endian: Vec<u8> =
        octets("edge-utf16.json").chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    assert_eq!(read("x", &big_endian).unwrap(), plain);
    let twice = [octets("edge-bom.json"), b"[{\"Name\":\"a.b\",\"IsDefault\":\"True\"}]".to_vec()].concat();
    assert_eq!(
        read("x", &twice).unwrap().sip_domains.unwrap()[0].name,
        "a.b",
        "documents one after the other"
    );
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let pool = &topology("documented.json").pools[0];
    assert_eq!(
        (pool.fqdn.as_str(), pool.next_hop.as_deref()),
        ("dc.fabrikam.com", Some("lync-se.fabrikam.com"))
    );
    assert_eq!(
        (pool.client_port, &pool.federation_port, &pool.xmpp_port),
        (Some(443), &Told::Is(5061), &Told::Not)
    );
    assert_eq!(
        pool.av.as_deref(),
        Some("dc.fabrikam.com"),
        "AVEdgeExternalFqdn is empty, ExternalMrasFqdn is not"
    );
}

#[test]
fn the_file_of_the_topology_builder_is_read() {
    let topology = topology("builder.tbxml");
    let pool = &topology.pools[0];
    assert_eq!((pool.fqdn.as_str(), pool.site.as_deref()), ("edgepool.tailspin.net", Some("Head office")));
    assert_eq!(pool.next_hop.as_deref(), Some("fe.tailspin.net"));
    let front_end = &topology.front_ends.as_ref().unwrap()[0];
    assert_eq!(front_end.edge.as_deref(), Some("edgepool.tailspin.net"));
    let server = &pool.servers.as_ref().unwrap()[1];
    assert_eq!(server.access, ["203.0.113.11".parse::<IpAddr>().unwrap()]);
    assert!(server.webcon.is_empty(), "it has the name of the Access Edge");
    assert_eq!(topology.federation_route(), Some("edgepool.tailspin.net"), "the only pool with federation");
}

#[test]
fn a_topology_inside_another_document_is_found() {
    let xml = String::from_utf8(octets("topology.xml")).unwrap();
    let inner = xml.split_once("?>").unwrap().1;
    let items = format!(
        "<DocItemSet xmlns=\"urn:x\"><DocItem><Data><AnchoredXml>{inner}</AnchoredXml></Data></DocItem></DocItemSet>"
    );
    assert_eq!(read("x", items.as_bytes()).unwrap(), topology("topology.xml"));
    let twice = format!("<a>{inner}{inner}</a>");
    assert_eq!(
        refused(&twice),
        [format!("x:{}: a second topology, expected one", inner.matches('\n').count() + 2)]
    );
}

#[test]
fn values_that_power_shell_cut_off_are_told() {
    let cut = r#"[{"Identity":"EdgeServer:a.b","PoolFqdn":"a.b","AccessEdgeExternalFqdn":"c.d","SiteId":"@{Name=Paris}"}, "@{Identity=x}"]"#;
    let topology = read("x", cut.as_bytes()).unwrap();
    assert_eq!((topology.pools[0].site.as_deref(), topology.notes.len()), (None, 1));
    assert_eq!(
        refused(r#"{"value":["Microsoft.Rtc.Management.Xds.EdgeServer"]}"#),
        ["x: $: the objects were cut off: give ConvertTo-Json `-Depth 4`"]
    );
}

#[test]
fn wrong_json_is_told_at_its_path() {
    let edge = |key: &str, value: &str| {
        let mut edge: serde_json::Value = serde_json::from_slice(&octets("edge.json")).unwrap();
        edge[1][key] = serde_json::from_str(value).unwrap();
        refused(&edge.to_string())
    };
    for (key, value, expected) in [
        (
            "AccessEdgeExternalFqdn",
            "null",
            "$[1].AccessEdgeExternalFqdn: found null, expected the name of an Edge pool",
        ),
        ("AccessEdgeExternalFqdn", "7", "$[1].AccessEdgeExternalFqdn: found 7, expected a string"),
        (
            "AccessEdgeExternalFqdn",
            "\"a_b\"",
            "$[1].AccessEdgeExternalFqdn: `a_b` is no host name: `_` is not a letter, digit or hyphen",
        ),
        (
            "AccessEdgeClientSipPort",
            "70000",
            "$[1].AccessEdgeClientSipPort: found 70000, expected a port from 1 to 65535, or 0 or null",
        ),
        (
            "AccessEdgeExternalSipPort",
            "\"x\"",
            "$[1].AccessEdgeExternalSipPort: found \"x\", expected a port from 1 to 65535, or 0 or null",
        ),
        (
            "Registrar",
            "\"Registrar:-a\"",
            "$[1].Registrar: `-a` is no host name: label `-a` has a hyphen at its edge",
        ),
        (
            "PoolFqdn",
            "\"lsedge1.contoso.net\"",
            "$[1]: a second Edge service of pool `lsedge1.contoso.net`, expected one",
        ),
    ] {
        assert_eq!(edge(key, value), [format!("x: {expected}")]);
    }
    assert_eq!(refused("[{]"), ["x:1:3: not JSON: key must be a string"]);
    assert!(refused("{}")[0].starts_with("x: $: no Edge service"));
    assert!(refused(&"[".repeat(100_000))[0].contains("recursion limit"));
    assert!(refused(&format!("{}{}", "[".repeat(20), "]".repeat(20)))[0].contains("9 levels deep"));
}

#[test]
fn a_port_that_is_absent_is_not_one_that_is_untold() {
    let port = |value: &str| {
        let text = format!("{{\"PoolFqdn\":\"a.b\",\"AccessEdgeExternalFqdn\":\"c.d\"{value}}}");
        read("x", text.as_bytes()).unwrap().pools.remove(0).federation_port
    };
    assert_eq!(port(""), Told::Not);
    for absent in ["0", "null", "\"\""] {
        assert_eq!(port(&format!(",\"AccessEdgeExternalSipPort\":{absent}")), Told::Absent);
    }
    assert_eq!(port(",\"AccessEdgeExternalSipPort\":\"5061\""), Told::Is(5061));
}

#[test]
fn wrong_xml_is_told_at_its_line() {
    let xml = String::from_utf8(octets("topology.xml")).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(xml.contains(from), "{from}");
        refused(&xml.replacen(from, to, 1))
    };
    let line = |text: &str| xml.lines().position(|line| line.contains(text)).unwrap() + 1;
    let at = line("Name=\"fabrikam.com\"");
    assert_eq!(
        changed("Name=\"fabrikam.com\"", "Name=\"fabri kam.com\""),
        [format!("x:{at}: Name `fabri kam.com` has the character ' '; write ASCII (`xn--...` for others)")]
    );
    let at = line("IPAddress=\"192.0.2.10\"");
    assert_eq!(
        changed("IPAddress=\"192.0.2.10\"", "IPAddress=\"192.0.2.300\""),
        [format!("x:{at}: IPAddress is `192.0.2.300`, expected an IPv4 or IPv6 address")]
    );
    let at = line("Port=\"5269\"");
    assert_eq!(
        changed("Port=\"5269\"", "Port=\"65536\""),
        [format!("x:{at}: Port is `65536`, expected 1 to 65535")]
    );
    let at = line("<ClusterId SiteId=\"1\" Number=\"2\" />");
    let errors = changed("<ClusterId SiteId=\"1\" Number=\"2\" />", "");
    assert_eq!(
        errors[0],
        format!("x:{}: <Cluster> without <ClusterId> or UniqueId, expected one of them", at - 1)
    );
    assert!(
        errors[1].ends_with("the Edge service is installed on cluster `1:2`, which is not there"),
        "{errors:?}"
    );
    assert!(
        changed("urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008", "urn:other")[0]
            .starts_with("x:2: <Topology> is of namespace `urn:other`, expected")
    );
    assert!(changed("</Topology>", "")[0].contains("it is cut off"), "{:?}", changed("</Topology>", ""));
    assert!(changed("</Services>", "</Service>")[0].contains("not XML"));
    assert!(refused("<a/>")[0].starts_with("x:1: <a> holds no <Topology>"));
}

#[test]
fn entities_are_neither_declared_nor_expanded() {
    let declared = "<?xml version=\"1.0\"?>\n<!DOCTYPE t [<!ENTITY a \"b\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<t>&x;</t>";
    assert_eq!(
        refused(declared),
        [
            "x:2: a document type declaration, which no topology has: it is refused, and nothing of it expanded or fetched"
        ]
    );
    assert_eq!(refused("<t>\n&x;</t>"), ["x:2: `&x;` is no character of XML, and entities are not expanded"]);
    assert!(refused("<t a='&x;'/>")[0].starts_with("x:1: attribute a: "), "{:?}", refused("<t a='&x;'/>"));
    let known = topology("changed.xml");
    assert_eq!(known.sites[2].name, "North & West");
}

#[test]
fn what_is_too_much_is_refused() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(refused(&deep), ["x:1: elements lie more than 64 deep, expected a topology"]);
    let many = format!("<a>{}</a>", "<b/>".repeat(500_001));
    assert_eq!(refused(&many), ["x:1: more than 500000 elements, expected a topology"]);
    let large = vec![b' '; MOST_OCTETS as usize + 1];
    assert_eq!(read("x", &large).unwrap_err()[0].to_string(), "x: it is larger than 64 MiB");
}

#[test]
fn what_is_neither_json_nor_xml_is_told() {
    assert!(
        refused("Identity : EdgeServer:a")[0]
            .starts_with("x:1: found \"Identity : EdgeServer:a\", expected JSON")
    );
    assert_eq!(refused(" \n"), ["x: it is empty, expected JSON or XML"]);
    assert!(read("x", b"PK\x03\x04rest").unwrap_err()[0].what.contains("give its DocItemSet.xml"));
    let cut = read("x", b"\xff\xfe[").unwrap_err();
    assert!(cut[0].what.contains("half a character"), "{cut:?}");
    assert!(
        read("x", b"{\n\"a\xe9\"").unwrap_err()[0].to_string().starts_with("x:2: byte 0xe9 is not UTF-8")
    );
}

#[test]
fn half_a_file_is_read_without_a_panic() {
    for name in ["topology.xml", "builder.tbxml", "deployment.json", "edge-utf16.json"] {
        let whole = octets(name);
        for end in (0..whole.len()).step_by(7) {
            let _ = read(name, &whole[..end]);
        }
    }
}

#[test]
fn a_configuration_that_says_the_same_is_left_byte_for_byte() {
    for name in ["topology.xml", "deployment.json", "edge.json"] {
        let edited = imported(&shipped(), &topology(name));
        assert_eq!((edited.text, edited.notes), (shipped(), Vec::new()), "{name}");
    }
}

/// Each line that says something else is led back to what it was, with its comment and its blanks.
#[test]
fn a_value_that_differs_is_put_right_and_nothing_else() {
    let both = topology("topology.xml").and(topology("deployment.json"));
    for (from, to) in [
        ("access = \"sip1.contoso.com\" ", "access = \"sip9.contoso.com\" "),
        ("internal_fqdn = \"lsedge2.contoso.net\"", "internal_fqdn = \"lsedge9.contoso.net\""),
        ("av     = \"av1.contoso.com\"", "av     = \"av9.contoso.com\""),
        ("next_hop = \"fe2.contoso.net\"", "next_hop = \"fe1.contoso.net\""),
        ("ports = { client = 443, federation", "ports = { client = 444, federation"),
        ("av     = \"192.0.2.12\"", "av     = \"192.0.2.99\""),
        ("internal = \"10.2.0.20\"", "internal = \"10.2.0.99\""),
        ("default = true", "default = false"),
        ("edge = \"edge1\"\nbackup", "edge = \"edge2\"\nbackup"),
    ] {
        let old = shipped().replacen(from, to, 1);
        assert_ne!(old, shipped(), "{from}");
        let edited = imported(&old, &both);
        assert_eq!(edited.text, shipped(), "{to}");
    }
    let routes = shipped().replace("federation_route = \"edge1\"", "federation_route = \"edge2\"");
    let old = routes.replace("xmpp_route = \"edge1\"", "xmpp_route = \"edge2\"");
    let expected = shipped();
    assert_eq!(imported(&old, &both).text, expected, "routes");
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let changed = topology("changed.xml");
    let plain = imported(&shipped(), &changed).text;
    assert_ne!(plain, shipped());
    let windows = format!("\u{feff}{}", shipped().replace('\n', "\r\n"));
    assert_eq!(imported(&windows, &changed).text, format!("\u{feff}{}", plain.replace('\n', "\r\n")));
    let mixed = shipped().replacen('\n', "\r\n", 1);
    let declared = deployment(&mixed);
    let refused = edit(&mixed, Some(&declared), &changed, &Published::default()).unwrap_err();
    assert!(refused.0.contains("mixes line ends"), "{refused}");
}

#[test]
fn a_new_pool_is_added_and_an_import_of_the_result_changes_nothing() {
    let changed = topology("changed.xml");
    let mut text = imported(&shipped(), &changed).text;
    // What no topology tells, typed in.
    for (from, to) in [
        ("# access = \"ADDRESS\"    # not told: type it in", "access = \"203.0.113.30\""),
        ("# aliases = {", "aliases = {"),
        (
            "aliases = { \"fabrikam.com\" = \"sip1.fabrikam.com\"",
            "aliases = { \"fabrikam.com\" = \"sip1.fabrikam.com\", \"litware.com\" = \"sip1.litware.com\"",
        ),
        (
            "aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\"",
            "aliases = { \"fabrikam.com\" = \"sip2.fabrikam.com\", \"litware.com\" = \"sip2.litware.com\"",
        ),
        (
            "origin = \"fabrikam.com\"",
            "origin = \"litware.com\"\nfile = \"litware.zone\"\n[[zone]]\norigin = \"fabrikam.com\"",
        ),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}\n{text}");
        text = text.replace(from, to);
    }
    let declared = deployment(&text);
    let pool = declared.pool(declared.pool_named("lsedge3").unwrap());
    assert_eq!(declared.site(pool.site).name.value, "north-west");
    assert_eq!(declared.port(pool.id, Service::RemoteAccess).value, 5061);
    assert!(!pool.services.contains(&Service::Xmpp));
    assert_eq!(declared.port(declared.pools()[0].id, Service::Xmpp).value, 5270);
    assert_eq!(imported(&text, &changed).text, text);
}

#[test]
fn what_is_only_declared_is_told_and_stays() {
    let mut topology = topology("topology.xml");
    topology.pools.remove(1);
    topology.pools[0].servers.as_mut().unwrap().remove(0);
    topology.pools[0].xmpp_port = Told::Absent;
    topology.sip_domains.as_mut().unwrap().remove(1);
    let declared = deployment(&shipped());
    let edited = edit(&shipped(), Some(&declared), &topology, &Published::default()).unwrap();
    assert_eq!(edited.text, shipped());
    assert_eq!(
        compare(&topology, Some(&declared), &Published::default()),
        [
            "Edge pool edge1 offers xmpp, but the topology has no external port for it (usually 5269); it stays among its `services`",
            "server edge1a of Edge pool edge1 is declared, but not in the topology; it stays",
            "Edge pool edge2 (lsedge2.contoso.net) is declared, but not in the topology; it stays: `zonewright plan decommission edge2` takes it out",
            "SIP domain fabrikam.com is declared, but not in the topology; it stays",
        ]
    );
}

#[test]
fn servers_with_other_names_and_no_addresses_are_not_added_twice() {
    let mut told = topology("deployment.json");
    for server in told.pools[0].servers.iter_mut().flatten() {
        server.fqdn = format!("x{}", server.fqdn);
    }
    let edited = imported(&shipped(), &told);
    assert_eq!(edited.text, shipped());
    assert!(
        edited.notes[0].starts_with("the servers of Edge pool edge1 are xedge1a.contoso.net, xedge1b"),
        "{:?}",
        edited.notes
    );
    let mut told = topology("topology.xml");
    for server in told.pools[0].servers.iter_mut().flatten() {
        server.fqdn = format!("x{}", server.fqdn);
    }
    assert_eq!(imported(&shipped(), &told).text, shipped(), "their addresses tell which they are");
}

#[test]
fn a_new_server_goes_behind_the_others_of_its_pool() {
    let mut told = topology("topology.xml");
    let new = Server {
        fqdn: String::from("edge1c.contoso.net"),
        access: vec!["192.0.2.30".parse().unwrap()],
        ..Server::default()
    };
    told.pools[0].servers.as_mut().unwrap().push(new);
    let text = imported(&shipped(), &told).text;
    let expected = "internal = \"10.1.0.20\"\n\n[[edge_pool.server]]\nname = \"edge1c\"\naccess = \"192.0.2.30\"\n# webcon = \"ADDRESS\"    # not told: type it in\n# av = \"ADDRESS\"    # not told: type it in\n\n[[edge_pool]]\nid = \"edge2\"";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn tables_written_inline_are_edited_but_not_added_to() {
    let text = shipped();
    let inline = text.replace(
        "[[sip_domain]]\nname = \"contoso.com\"\ndefault = true\n\n[[sip_domain]]\nname = \"fabrikam.com\"\nxmpp = false                        # no _xmpp-server record wanted here\n",
        "",
    );
    let inline = format!(
        "sip_domain = [{{ name = \"contoso.com\", default = false }}, {{ name = \"fabrikam.com\", xmpp = false }}]\n{inline}"
    );
    let edited = imported(&inline, &topology("topology.xml"));
    assert_eq!(edited.text, inline.replace("default = false", "default = true"));
    let declared = deployment(&inline);
    let refused =
        edit(&inline, Some(&declared), &topology("changed.xml"), &Published::default()).unwrap_err();
    assert!(
        refused.0.contains("`sip_domain` is an array of inline tables") && refused.0.contains("litware.com"),
        "{refused}"
    );
}

#[test]
fn an_absent_port_table_is_made_and_a_missing_port_added() {
    let told = topology("changed.xml");
    let line = "ports = { client = 443, federation = 5061, xmpp = 5269 }\n";
    let text = imported(&shipped().replace(line, ""), &told).text;
    assert!(text.contains("\nports = { xmpp = 5270 }\n"), "{text}");
    let text = imported(&shipped().replace(line, "ports = { client = 443 }    # of Paris\n"), &told).text;
    assert!(text.contains("\nports = { client = 443, xmpp = 5270 }    # of Paris\n"), "{text}");
}

#[test]
fn a_fresh_configuration_declares_what_the_topology_tells() {
    let told = topology("topology.xml").and(topology("deployment.json"));
    let zones: Vec<FreshZone> = ["contoso.com", "fabrikam.com"]
        .map(|origin| FreshZone {
            origin: origin.to_owned(),
            file: format!("{origin}.zone"),
            view: View::External,
        })
        .to_vec();
    let fresh = fresh(&told, &zones, &Published::default(), &[String::from("a\nb.xml")]);
    assert!(fresh.text.lines().nth(1).unwrap().contains("imported from a b.xml"), "{}", fresh.text);
    let mut text = fresh.text.replace("# aliases", "aliases");
    for pool in ["1", "2"] {
        let access = format!("access = \"sip{pool}.contoso.com\"\n");
        text = text.replace(&access, &format!("{access}xmpp = \"xmpp{pool}.contoso.com\"\n"));
    }
    let made = deployment(&text);
    assert_eq!(made.pools().len(), 2);
    assert_eq!(made.pool(made.route(Service::Federation).unwrap()).name.value, "lsedge1");
    let shipped = deployment(&shipped());
    for (made_pool, pool) in made.pools().iter().zip(shipped.pools()) {
        for kind in crate::edge::AddressKind::ALL {
            assert_eq!(made.addresses(made_pool.id, kind), shipped.addresses(pool.id, kind));
        }
        for service in Service::LYNC {
            assert_eq!(made.port(made_pool.id, service).value, shipped.port(pool.id, service).value);
        }
    }
    // What was written is what is told.
    assert_eq!(edit(&text, Some(&made), &told, &Published::default()).unwrap().text, text);
}

#[test]
fn what_one_file_does_not_tell_another_one_may() {
    let (xml, json) = (topology("topology.xml"), topology("deployment.json"));
    let joined = xml.clone().and(json.clone());
    assert_eq!(joined.pools, xml.pools, "the JSON has no addresses");
    assert_eq!(joined.sites, json.sites, "the XML has no routes");
    assert_eq!(joined.front_ends, xml.front_ends);
    let moved = xml.clone().and(topology("moved.json"));
    assert_eq!(moved.pools[1].access, "access2.contoso.com", "the later file wins");
    assert_eq!(moved.pools[1].servers, xml.pools[1].servers);
}

/// Topologies with a few octets changed: what can be read can be imported, and once only.
#[test]
fn broken_topologies_are_refused_or_imported_without_a_panic() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let declared = deployment(&shipped());
    let (mut read_again, mut stable) = (0, 0);
    for name in ["changed.xml", "builder.tbxml", "deployment.json"] {
        let whole = octets(name);
        for _ in 0..300 {
            let mut broken = whole.clone();
            for _ in 0..=next(3) {
                let (at, from) = (next(broken.len()), next(broken.len()));
                broken[at] = broken[from];
            }
            let Ok(topology) = read(name, &broken) else { continue };
            read_again += 1;
            let none = Published::default();
            let Ok(edited) = edit(&shipped(), Some(&declared), &topology, &none) else { continue };
            let made = fresh(&topology, &[], &none, &[]);
            assert!(toml::from_str::<toml::Table>(&made.text).is_ok(), "{}", made.text);
            let sources = Sources::default();
            let file = sources.add(Source::text("zonewright.toml", edited.text.as_str()));
            if let Ok(config) = config::parse(&sources, file, Path::new("")) {
                let again = edit(&edited.text, config.deployment.as_ref(), &topology, &none).unwrap();
                assert_eq!(again.text, edited.text);
                stable += 1;
            }
        }
    }
    assert!(read_again > 100 && stable > 10, "{read_again} {stable}");
}

#[test]
fn branch_sites_are_left_out() {
    let sites = r#"[{"Identity":"Site:Paris","FederationRoute":null,"SiteType":0,"ParentSite":null},
        {"Identity":"Site:Nice","FederationRoute":null,"SiteType":1,"ParentSite":"Site:Paris"},
        {"Identity":"Site:Metz","FederationRoute":null,"SiteType":"RemoteSite","ParentSite":null}]"#;
    let sites = read("x", sites.as_bytes()).unwrap().sites;
    assert_eq!(sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>(), ["Paris"]);
    assert_eq!(sites[0].federation_route, Told::Absent);
}
