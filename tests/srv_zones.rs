//! The SRV rules on single zones without a configuration, and the layout of what fixes write.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use zonewright::diagnostic::{Finding, Severity};
use zonewright::edit::apply;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Loaded, Request, load};

const HEAD: &str = "$TTL 300\n@ SOA ns1 hostmaster 1 2 3 4 5\n@ NS ns1\n@ NS ns2\n@ A 192.0.2.80\n\
                    ns1 A 192.0.2.1\nns2 A 198.51.100.2\nsip1 A 192.0.2.10\nsip2 A 198.51.100.10\n";

fn run(request: &Request) -> (Loaded, Vec<Finding>) {
    let mut loaded = load(request).unwrap_or_else(|error| panic!("{error}"));
    let mut levels = Levels::new();
    levels.show_info();
    let parsed = loaded.take_findings();
    let findings = lint(&loaded.contexts(), parsed, loaded.deployment(), &levels).findings;
    (loaded, findings)
}

/// The findings of one rule in a zone `example.com` with these records: text and severity.
fn alone(rule: &str, records: &str) -> Vec<(String, Severity)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    std::fs::write(&path, format!("{HEAD}{records}")).unwrap();
    let request =
        Request { paths: vec![path], origin: Some(String::from("example.com")), ..Request::default() };
    let (loaded, findings) = run(&request);
    let own = findings.iter().filter(|finding| finding.rule.0 == rule);
    own.map(|finding| {
        let text = String::from_utf8(loaded.sources.bytes(finding.span)).unwrap();
        (text, finding.severity)
    })
    .collect()
}

fn texts(rule: &str, records: &str) -> Vec<String> {
    alone(rule, records).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn usual_ports() {
    let port = |records: &str| alone("srv-port-unexpected", records);
    let error = |port: &str| vec![(port.to_owned(), Severity::Error)];
    assert_eq!(port("_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 5061 sip2\n"), []);
    assert_eq!(port("_sip._tls SRV 10 0 5060 sip1\n"), error("5060"));
    assert_eq!(
        port("_sipfederationtls._tcp SRV 10 0 443 sip1\n"),
        [(String::from("443"), Severity::Warning)]
    );
    assert_eq!(port("_sipfederationtls._tcp SRV 10 0 5062 sip1\n"), error("5062"));
    assert_eq!(port("_SIPFEDERATIONTLS._TCP SRV 10 0 5061 sip1\n"), []);
    // Any XMPP server but that of an Edge pool may listen where it likes.
    assert_eq!(port("_xmpp-server._tcp SRV 10 0 5299 sip1\n"), []);
    assert_eq!(port("_xmpp-server._tcp SRV 10 0 5299 sip1\n_sip._tls SRV 10 0 443 sip1\n"), error("5299"));
    assert_eq!(port("_xmpp-client._tcp SRV 10 0 5269 sip1\n"), error("5269"));
    assert_eq!(port("_xmpps-client._tcp SRV 10 0 443 sip1\n_minecraft._tcp SRV 0 0 1 sip1\n"), []);
    assert_eq!(port("_sip._tls SRV 0 0 0 .\n_sips._tcp SRV 0 0 5060 sip1\n"), error("5060"));
}

#[test]
fn pools_are_groups_of_addresses() {
    let equal = |records: &str| texts("srv-equal-priority", records);
    assert_eq!(equal("_sip._tls SRV 5 0 443 sip1\n_sip._tls SRV 5 0 443 sip2\n"), ["5"]);
    // One finding for each further pool, not for each record.
    let two = "_sip._tls SRV 5 0 443 sip1\n_sip._tls SRV 5 0 443 sip2\n_sip._tls SRV 5 0 444 sip2\n";
    assert_eq!(equal(two).len(), 1);
    // Nothing is known of names outside the zone.
    assert_eq!(
        equal("_sip._tls SRV 5 0 443 a.example.net.\n_sip._tls SRV 5 0 443 b.example.net.\n"),
        [""; 0]
    );
    // XMPP servers share load, unless an Edge pool is what they are.
    let xmpp = "_xmpp-server._tcp SRV 5 0 5269 sip1\n_xmpp-server._tcp SRV 5 0 5269 sip2\n";
    assert_eq!(equal(xmpp), [""; 0]);
    assert_eq!(equal(&format!("{xmpp}_sip._tls SRV 10 0 443 sip1\n")), ["5"]);
    assert_eq!(equal("_imaps._tcp SRV 5 0 993 sip1\n_imaps._tcp SRV 5 0 993 sip2\n"), [""; 0]);
}

#[test]
fn targets_that_share_an_address() {
    let shared = |records: &str| texts("srv-pools-share-address", records);
    let both = "a A 203.0.113.1\na A 203.0.113.2\nb A 203.0.113.2\n";
    let srv = "_imaps._tcp SRV 10 0 993 a\n_imaps._tcp SRV 20 0 993 b\n";
    assert_eq!(shared(&format!("{both}{srv}")), ["203.0.113.2"]);
    // Once, however many services name the two.
    let again = srv.replace("imaps", "pop3s");
    assert_eq!(shared(&format!("{both}{srv}{again}")), ["203.0.113.2"]);
    assert_eq!(shared(&format!("{both}{}", srv.replace("993 b", "143 b"))), [""; 0]);
    assert_eq!(shared(&format!("{both}{}", srv.replace("imaps", "ldap"))), [""; 0]);
    // The alias is reported as one.
    assert_eq!(shared(&format!("a A 203.0.113.1\nb CNAME a\n{srv}")), [""; 0]);
}

#[test]
fn targets_outside_the_domain() {
    let outside = |records: &str| texts("srv-target-outside-sip-domain", records);
    assert_eq!(outside("_sip._tls.voice SRV 10 0 443 sip1\n"), [""; 0]);
    assert_eq!(outside("_sip._tls SRV 10 0 443 sip.evilexample.com.\n"), ["sip.evilexample.com."]);
    assert_eq!(outside("_sip._tls SRV 10 0 443 SipDir.online.lync.com.\n"), [""; 0]);
    assert_eq!(outside("_sip._tls SRV 10 0 443 a.notonline.lync.community.\n").len(), 1);
    assert_eq!(outside("_xmpp-server._tcp SRV 10 0 5269 xmpp.example.net.\n"), [""; 0]);
    // Its final dot is missing, nothing else.
    assert_eq!(outside("_sip._tls SRV 10 0 443 sip1.example.com\n"), [""; 0]);
}

#[test]
fn an_internal_zone_that_nobody_declared() {
    let label = |records: &str| texts("srv-internal-label-in-public", records);
    assert_eq!(label("_sipinternaltls._tcp SRV 0 0 5061 sip1\n"), [""; 0]);
    let beside = "_sipinternaltls._tcp SRV 0 0 5061 sip1\n_sip._tls SRV 0 0 443 sip1\n";
    assert_eq!(label(beside), ["_sipinternaltls._tcp"]);
    let private = beside.replace("443 sip1", "443 sip3");
    assert_eq!(label(&format!("sip3 A 10.1.2.3\n{private}")), [""; 0]);
}

#[test]
fn microsoft_365_beside_others() {
    let mixed = |records: &str| texts("srv-m365-mixed", records);
    let srv = "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sipdir.online.lync.com";
    assert_eq!(mixed(&format!("{srv}.\n")), ["sipdir.online.lync.com."]);
    assert_eq!(mixed("_sip._tls SRV 0 0 0 .\n_sip._tls SRV 20 0 443 sipdir.online.lync.com.\n"), [""; 0]);
}

/// What the fix of `srv-pool-uncovered` makes of a zone whose pools are edge1 and edge2.
fn covered(records: &str) -> Option<String> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules/srv-pool-uncovered");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("zonewright.toml");
    std::fs::copy(fixture.join("zonewright.toml"), &config).unwrap();
    let path = folder.path().join("trigger.zone");
    std::fs::write(&path, format!("{HEAD}{records}")).unwrap();
    let (loaded, findings) = run(&Request { config: Some(config), ..Request::default() });
    let finding = findings.iter().find(|finding| finding.rule.0 == "srv-pool-uncovered").unwrap();
    let fix = finding.fix.as_ref()?;
    let source = loaded.sources.get(finding.span.file);
    let text = String::from_utf8(apply(source.bytes(), &fix.edits).unwrap()).unwrap();
    Some(text.strip_prefix(HEAD).unwrap().to_owned())
}

#[test]
fn new_records_look_like_their_neighbours() {
    let after = |records: &str, new: &str| {
        assert_eq!(covered(records).as_deref(), Some(&*format!("{records}{new}")), "{records:?}");
    };
    after("_sip._tls SRV 10 0 443 sip1\n", "_sip._tls SRV 20 0 443 sip2\n");
    after("_sip._tls\tIN\tSRV\t10\t0\t443\tsip1 ; Paris\n", "_sip._tls\tIN\tSRV\t20\t0\t443\tsip2\n");
    after("_sip._tls SRV 10 0 443 sip1.example.com.\n", "_sip._tls SRV 20 0 443 sip2.example.com.\n");
    after("_SIP._TLS.example.com. 60 SRV 10 0 443 sip1\n", "_SIP._TLS.example.com. 60 SRV 20 0 443 sip2\n");
    after("_sip._tls  SRV  5  0 443   sip1\n", "_sip._tls  SRV  20 0 443   sip2\n");
    // The declared priority is taken; 30 is free.
    after("_sip._tls SRV 20 0 443 sip1\n", "_sip._tls SRV 30 0 443 sip2\n");
    after(
        "_sip._tls ( SRV 10 0\n  443 sip1 ) ; two lines\n",
        "_sip._tls.example.com. 300 IN SRV 20 0 443 sip2.example.com.\n",
    );
    after("_sip._tls SRV 10 0 443 sip1\r\n", "_sip._tls SRV 20 0 443 sip2\r\n");
    after("_sip._tls SRV 10 0 443 sip1", "\n_sip._tls SRV 20 0 443 sip2");
    after(
        "$ORIGIN _tls.example.com.\n_sip SRV 10 0 443 sip1.example.com.\n",
        "_sip SRV 20 0 443 sip2.example.com.\n",
    );
    after(
        "_sip._tls 60 SRV 10 0 443 sip1\n  60 SRV 10 0 443 sip1.example.com.\n",
        "  60 SRV 20 0 443 sip2.example.com.\n",
    );
}

#[test]
fn generated_records_are_not_edited() {
    assert_eq!(covered("$GENERATE 1-1 _sip._tls SRV \"10 0 443 sip$\"\n"), None);
}
