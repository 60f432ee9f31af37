//! What the fixes of the SRV rules make of a zone.

#![allow(clippy::unwrap_used)]

use zonewright::edit::apply;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Request, load};

const HEAD: &str = "\
$TTL 300
@ SOA ns1 hostmaster 1 14400 3600 1209600 3600
@ NS ns1
@ A 192.0.2.80
ns1 A 192.0.2.1
sip1 A 192.0.2.10
sip2 A 198.51.100.10
";

/// The fixes of a rule's findings, each applied to the zone on its own; none for a finding without.
fn fixed(rule: &str, body: &str) -> Vec<Option<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.com.zone");
    let text = format!("{HEAD}{body}");
    std::fs::write(&path, &text).unwrap();
    let request =
        Request { paths: vec![path], origin: Some(String::from("example.com")), ..Request::default() };
    let mut loaded = load(&request).unwrap();
    let mut levels = Levels::new();
    levels.select([rule]).unwrap();
    let parsed = loaded.take_findings();
    let findings = lint(&loaded.contexts(), parsed, loaded.deployment(), &levels).findings;
    let own = findings.iter().filter(|finding| finding.rule.0 == rule);
    own.map(|finding| {
        let fix = finding.fix.as_ref()?;
        let after = String::from_utf8(apply(text.as_bytes(), &fix.edits).unwrap()).unwrap();
        Some(after.strip_prefix(HEAD).unwrap().to_owned())
    })
    .collect()
}

fn one(rule: &str, body: &str) -> Option<String> {
    let all = fixed(rule, body);
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().flatten()
}

#[test]
fn a_target_gets_the_canonical_name_in_the_form_it_was_written() {
    let chain = "sip CNAME edge\nedge CNAME sip1\n";
    let after = |target| one("srv-target-cname", &format!("{chain}_sip._tls SRV 10 0 443 {target}\n"));
    assert_eq!(after("SIP"), Some(format!("{chain}_sip._tls SRV 10 0 443 sip1\n")));
    assert_eq!(after("sip.example.com."), Some(format!("{chain}_sip._tls SRV 10 0 443 sip1.example.com.\n")));
    let outside = "sip CNAME sip.example.net.\n_sip._tls SRV 10 0 443 sip\n";
    assert_eq!(one("srv-target-cname", outside), None);
    let circle = "a CNAME b\nb CNAME a\n_sip._tls SRV 10 0 443 a\n";
    assert_eq!(one("srv-target-cname", circle), None);
}

#[test]
fn an_owner_is_renamed_where_it_is_written() {
    let body = "_SIP_TLS.lab SRV 10 0 443 sip1\n SRV 20 0 443 sip2\n";
    let after = "_sip._tls.lab SRV 10 0 443 sip1\n SRV 20 0 443 sip2\n";
    assert_eq!(one("srv-owner-near-miss", body).as_deref(), Some(after));
    let with_text = "_sip_tls SRV 10 0 443 sip1\n TXT \"edge\"\n";
    assert_eq!(one("srv-owner-near-miss", with_text), None);
    assert_eq!(one("srv-owner-near-miss", "_xmmp-server._tcp SRV 10 0 5269 sip1\n"), None);
    let wrong = "_sipfederationtls._tls SRV 0 0 5061 sip1\n";
    let right = "_sipfederationtls._tcp SRV 0 0 5061 sip1\n";
    assert_eq!(one("srv-proto-unexpected", wrong).as_deref(), Some(right));
    assert_eq!(one("srv-proto-unexpected", &format!("{wrong}{right}")), None);
    assert_eq!(one("srv-proto-unexpected", "_sips._tls SRV 0 0 5061 sip1\n"), None);
}

#[test]
fn a_record_is_removed_unless_another_inherits_its_owner() {
    let twice = "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sip1 ; again\n";
    let after = "_sip._tls SRV 10 0 443 sip1\n";
    assert_eq!(one("srv-duplicate-target", twice).as_deref(), Some(after));
    let first_goes = "_sip._tls SRV 20 0 443 sip1\n SRV 10 0 443 sip1\n";
    assert_eq!(one("srv-duplicate-target", first_goes), None);
    let spread = "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV ( 20 0\n 443 sip1 )\n";
    assert_eq!(one("srv-duplicate-target", spread), None);
    let both_go =
        "_jabber._tcp SRV 0 0 5269 sip1\n; note\n SRV 0 0 5269 sip2\n_xmpp-server._tcp SRV 0 0 5269 sip1\n";
    let after = "; note\n_xmpp-server._tcp SRV 0 0 5269 sip1\n";
    assert_eq!(one("srv-legacy-jabber", both_go).as_deref(), Some(after));
    assert_eq!(one("srv-legacy-jabber", "_jabber._tcp SRV 0 0 5269 sip1\n"), None);
}

#[test]
fn numbers_are_written_in_their_places() {
    let null = "_sip._tls SRV 1 0 443 .\n";
    assert_eq!(one("srv-null-nonzero-fields", null).as_deref(), Some("_sip._tls SRV 0 0 0 .\n"));
    let weight = "_sip._tls SRV 10 5 443 sip1\n";
    assert_eq!(one("srv-weight-without-choice", weight).as_deref(), Some("_sip._tls SRV 10 0 443 sip1\n"));
    let generic = "_sip._tls SRV \\# 12 000a 0005 01bb 04 73697031 00\n";
    assert_eq!(one("srv-weight-without-choice", generic), None);
    let generated = "$GENERATE 1-1 _sip._tls SRV \"10 5 443 sip$\"\n";
    assert_eq!(one("srv-weight-without-choice", generated), None);
    let swapped = "_sip._tls SRV 0 10 443 sip1\n_sip._tls SRV 0 20 443 sip2\n";
    let after = "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sip2\n";
    assert_eq!(one("srv-priority-weight-swapped", swapped).as_deref(), Some(after));
}

#[test]
fn ttls_and_age_marks() {
    let body = "lab 3600 A 192.0.2.20\nlab 3600 A 192.0.2.21\n_sip._tls SRV 10 0 443 lab\n";
    assert_eq!(one("srv-target-ttl-longer", body), Some(body.replace("3600", "300")));
    let inherited = "lab A 192.0.2.20\n_sip._tls 60 SRV 10 0 443 lab\n";
    assert_eq!(one("srv-target-ttl-longer", inherited), None);
    // The mark belongs to the Windows dialect; elsewhere `windows-age-tag` speaks.
    assert!(fixed("srv-dynamic-record", "_sip._tls [AGE:7] SRV 10 0 443 sip1\n").is_empty());
}

#[test]
fn plain_zones_are_let_be() {
    let body = "\
_autodiscover._tcp SRV 0 0 443 sip1
_imaps._tcp SRV 0 0 993 sip1
_minecraft._tcp SRV 0 0 25565 sip1
_ldap._tcp.dc._msdcs SRV 0 100 389 sip1
_kerberos._tcp SRV 0 100 88 sip1
_sip._tls SRV 100 1 443 sipdir.online.lync.com.
_sipfederationtls._tcp SRV 100 1 5061 sipfed.online.lync.com.
sip CNAME sipdir.online.lync.com.
_x-puppet._tcp SRV 0 0 8140 sip1
Web\\032Site._http._tcp SRV 0 0 80 sip1
Web\\032Site._http._tcp TXT \"path=/\"
_http._tcp PTR Web\\032Site._http._tcp
";
    for rule in zonewright::lint::rules().filter(|rule| rule.group.word() == "srv") {
        assert_eq!(fixed(rule.name.0, body), [], "{}", rule.name);
    }
}
