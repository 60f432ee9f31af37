mod invariants;
mod names;
mod order;
mod schema;
mod services;
mod shape;

use super::*;
use crate::edge::Deployment;

/// Two pools of one server each, two SIP domains; correct as it stands.
const BASE: &str = r#"
[policy]
federation = "srv-priority"
[[sip_domain]]
name = "contoso.com"
default = true
[[sip_domain]]
name = "fabrikam.com"
xmpp = false
[[zone]]
origin = "contoso.com"
file = "contoso.com.zone"
[[zone]]
origin = "fabrikam.com"
file = "fabrikam.com.zone"
[[site]]
id = "paris"
federation_route = "edge1"
xmpp_route = "edge1"
[[site]]
id = "lyon"
federation_route = "edge1"
xmpp_route = "edge1"
[[edge_pool]]
id = "edge1"
site = "paris"
internal_fqdn = "lsedge1.contoso.net"
access = "sip1.contoso.com"
webcon = "webcon1.contoso.com"
xmpp = "xmpp1.contoso.com"
next_hop = "fe1.contoso.net"
priority = 10
aliases = { "fabrikam.com" = "sip1.fabrikam.com" }
[[edge_pool.server]]
name = "edge1a"
access = "192.0.2.10"
webcon = "192.0.2.11"
[[edge_pool]]
id = "edge2"
site = "lyon"
internal_fqdn = "lsedge2.contoso.net"
access = "sip2.contoso.com"
webcon = "webcon2.contoso.com"
xmpp = "xmpp2.contoso.com"
next_hop = "fe2.contoso.net"
priority = 20
aliases = { "fabrikam.com" = "sip2.fabrikam.com" }
[[edge_pool.server]]
name = "edge2a"
access = "198.51.100.10"
webcon = ["198.51.100.11", "2001:db8::11"]
[[front_end_pool]]
fqdn = "fe1.contoso.net"
site = "paris"
edge = "edge1"
backup = "fe2.contoso.net"
[[front_end_pool]]
fqdn = "fe2.contoso.net"
site = "lyon"
edge = "edge2"
backup = "fe1.contoso.net"
"#;

/// [`BASE`] with texts replaced; each must stand in it exactly once.
fn base(changes: &[(&str, &str)]) -> String {
    let mut text = BASE.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} must stand once");
        text = text.replace(from, to);
    }
    text
}

fn read_text(text: impl Into<Vec<u8>>) -> (Sources, Result<Config, Vec<Finding>>) {
    let sources = Sources::default();
    let file = sources.add(Source::text(FILE_NAME, text));
    let result = parse(&sources, file, Path::new("repo"));
    (sources, result)
}

fn deployment(text: &str) -> Deployment {
    let (_, result) = read_text(text);
    result.unwrap().deployment.unwrap()
}

/// What a test compares of a finding: its message, the text under its span, and under its labels.
fn seen(sources: &Sources, finding: &Finding) -> (String, String, Vec<String>) {
    let text = |span| String::from_utf8(sources.bytes(span)).unwrap();
    assert_eq!((finding.rule, finding.severity), (CONFIG, crate::diagnostic::Severity::Error));
    let labels = finding.labels.iter().map(|label| text(label.span)).collect();
    (finding.message.clone(), text(finding.span), labels)
}

/// Asserts that the text has this error and no other: message, text under the span, under labels.
#[track_caller]
fn one_error(text: &str, message: &str, token: &str, labels: &[&str]) {
    let (sources, result) = read_text(text);
    let findings = result.unwrap_err();
    let all: Vec<_> = findings.iter().map(|finding| seen(&sources, finding)).collect();
    let expected = (message.to_owned(), token.to_owned(), labels.iter().map(|&l| l.to_owned()).collect());
    assert_eq!(all, [expected]);
}

/// The same for a change of [`BASE`].
#[track_caller]
fn breaks(changes: &[(&str, &str)], message: &str, token: &str, labels: &[&str]) {
    one_error(&base(changes), message, token, labels);
}

#[test]
fn the_base_is_correct() {
    let (_, result) = read_text(BASE);
    let config = result.unwrap();
    assert_eq!(config.deployment.unwrap().pools().len(), 2);
    assert_eq!(config.zones[0].path, Path::new("repo/contoso.com.zone"));
}
