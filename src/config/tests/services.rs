//! `[[service]]`: services beyond those of Lync.

use super::*;
use crate::edge::{Service, State};

/// [`BASE`] with tables added, and further services offered by both pools.
fn with(tables: &str, offered: &str) -> String {
    let offer = |priority: &str| format!("{priority}\nservices = [\"remote-access\", \"xmpp\", {offered}]");
    let text = base(&[
        (
            "federation_route = \"edge1\"\nxmpp_route = \"edge1\"\n[[site]]",
            "xmpp_route = \"edge1\"\n[[site]]",
        ),
        ("federation_route = \"edge1\"\nxmpp_route = \"edge1\"\n[[edge_pool]]", "[[edge_pool]]"),
        ("priority = 10", &offer("priority = 10")),
        ("priority = 20", &offer("priority = 20")),
    ]);
    format!("{text}{tables}")
}

#[test]
fn a_built_in_service_needs_its_name_only() {
    let deployment = deployment(&with("[[service]]\nname = \"matrix\"\n", "\"matrix\""));
    let matrix = deployment.service_named("matrix").unwrap();
    assert_eq!(matrix.owner("contoso.com"), "_matrix-fed._tcp.contoso.com");
    assert_eq!(deployment.services(), [Service::LYNC.as_slice(), &[matrix]].concat());
    assert!(deployment.sip_domains().iter().all(|domain| domain.services.contains(&matrix)));
    let edge2 = deployment.pool_named("edge2").unwrap();
    assert_eq!(deployment.port(edge2, matrix).value, 8448);
    assert_eq!(deployment.priority(edge2, matrix).value, 20);
    assert_eq!(deployment.target(edge2, matrix, "fabrikam.com").as_deref(), Some("sip2.fabrikam.com"));
    let state = State::down([deployment.pool_named("edge1").unwrap()]);
    assert_eq!(state.active(&deployment, matrix), Some(edge2));
}

#[test]
fn a_service_may_have_labels_and_a_port_of_its_own() {
    let table = "[[service]]\nname = \"chat\"\nlabels = \"_Chat._TCP\"\nport = 4443\nsip_domains = [\"contoso.com\"]\n";
    let deployment = deployment(&with(table, "\"chat\""));
    let chat = deployment.service_named("chat").unwrap();
    assert_eq!((chat.prefix(), chat.default_port(), chat.title()), ("_chat._tcp", 4443, "chat"));
    let wants = |name| deployment.sip_domain(name).unwrap().services.contains(&chat);
    assert!(wants("contoso.com") && !wants("fabrikam.com"));
}

#[test]
fn a_port_or_title_of_a_built_in_service_may_be_another() {
    let table = "[[service]]\nname = \"xmpps-client\"\nport = 443\n";
    let deployment = deployment(&with(table, "\"xmpps-client\""));
    let service = deployment.service_named("xmpps-client").unwrap();
    assert_eq!((service.default_port(), service.title()), (443, "XMPP clients over direct TLS"));
}

#[test]
fn what_is_wrong_with_a_service_is_said() {
    let wrong = |table: &str, offered: &str, message: &str, token: &str, labels: &[&str]| {
        one_error(&with(table, offered), message, token, labels);
    };
    let chat = "[[service]]\nname = \"chat\"\nlabels = \"_chat._tcp\"\nport = 1\n";
    wrong(
        &format!("{chat}[[service]]\nname = \"talk\"\nlabels = \"_chat._tcp\"\nport = 1\n"),
        "\"chat\", \"talk\"",
        "service `talk` has the labels `_chat._tcp` of another",
        "\"talk\"",
        &["\"chat\""],
    );
    wrong(chat, "\"federation\"", "no Edge pool offers service `chat`", "\"chat\"", &[]);
    wrong(
        &format!("{chat}sip_domains = [\"contoso.org\"]\n"),
        "\"chat\"",
        "no [[sip_domain]] with the name `contoso.org`",
        "\"contoso.org\"",
        &[],
    );
    wrong(
        "[[service]]\nname = \"chat\"\nlabels = \"_sip._tls\"\nport = 1\n",
        "\"chat\"",
        "labels `_sip._tls` are those of the service `remote-access`",
        "\"chat\"",
        &[],
    );
    for (labels, shown) in [("_chat", "_chat"), ("chat._tcp", "chat._tcp"), ("_chat._tcp.x", "_chat._tcp.x")]
    {
        let table = format!("[[service]]\nname = \"chat\"\nlabels = \"{labels}\"\nport = 1\n");
        let message =
            format!("`labels` `{shown}` is not a service and a protocol label, such as `_chat._tcp`");
        wrong(&table, "\"federation\"", &message, &format!("\"{labels}\""), &[]);
    }
    wrong(
        "[[service]]\nname = \"matrx\"\n",
        "\"federation\"",
        "service `matrx` needs `labels` and `port`",
        "\"matrx\"",
        &[],
    );
    wrong(
        "[[service]]\nname = \"xmpp\"\n",
        "\"federation\"",
        "service `xmpp` needs no [[service]]",
        "\"xmpp\"",
        &[],
    );
}
