//! RDATA that is told to be as usual while it is read: no rule that passes over such records would say
//! anything about them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::collections::HashSet;
use zonewright::diagnostic::Finding;
use zonewright::lint::{Check, ZoneContext, rules};
use zonewright::workspace::{Request, load};
use zonewright::zone::{RdataNotes, Record};
use zonewright::zonefile::rtype::Rtype;

const HEAD: &str = "$TTL 300\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n\
                    mx1 A 192.0.2.25\n";

type OnRecord = fn(&ZoneContext<'_>, &Record, &mut Vec<Finding>);

/// The rules that look only at records with something about them, and which.
fn of_odd_records() -> Vec<(&'static str, RdataNotes, OnRecord)> {
    rules()
        .filter_map(|rule| match rule.check {
            Check::Odd(_, check) => Some((rule.name.0, RdataNotes::ODD, check as OnRecord)),
            Check::Noted(notes, check) if notes.meets(RdataNotes::ODD_DKIM) => {
                Some((rule.name.0, notes, check as OnRecord))
            }
            _ => None,
        })
        .collect()
}

type OnRecords = fn(&ZoneContext<'_>, &[Record], &mut Vec<Finding>);

fn rules_of_rrsets(asked: Rtype) -> impl Iterator<Item = OnRecords> {
    rules().filter_map(move |rule| match rule.check {
        Check::OddRrset(rtype, check) if rtype == asked => Some(check as OnRecords),
        _ => None,
    })
}

/// The records of a zone: what each is, whether it is told to be usual, and the rules that find
/// something wrong with it.
fn judged(apex: &str, records: &str) -> Vec<(String, bool, Vec<&'static str>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    std::fs::write(&path, format!("{HEAD}{records}")).unwrap();
    let request = Request { paths: vec![path], origin: Some(apex.to_owned()), ..Request::default() };
    let loaded = load(&request).unwrap_or_else(|error| panic!("{error}"));
    let contexts = loaded.contexts();
    let zone = contexts[0].zone;
    let noted: HashSet<u64> = zone
        .noted(RdataNotes::ODD.union(RdataNotes::ODD_DKIM))
        .into_iter()
        .map(|(_, rec, _)| rec.place())
        .collect();
    let rules = of_odd_records();
    let mut judged = Vec::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let record = zone.record(zone.key_of(name), rec).unwrap();
            let mut found = Vec::new();
            for (_, _, check) in rules.iter().filter(|(rule, ..)| concerns(rule, &record)) {
                check(&contexts[0], &record, &mut found);
            }
            let text = format!("{} {} {:?}", record.owner, record.rtype, record.wire);
            // What an RRset is called wrong for is told at one of its records.
            for rule in rules_of_rrsets(record.rtype) {
                let mut of_rrset = Vec::new();
                rule(&contexts[0], &zone.read_rrset(zone.key_of(name), record.rtype), &mut of_rrset);
                let own = record.span.start..record.span.end();
                found.extend(of_rrset.into_iter().filter(|finding| own.contains(&finding.span.start)));
            }
            let found = found.into_iter().map(|finding| finding.rule.0).collect();
            judged.push((text, !noted.contains(&rec.place()), found));
        }
    }
    judged
}

/// Whether a rule may be called with the record at all.
fn concerns(rule: &str, record: &Record) -> bool {
    rules().any(|row| {
        row.name.0 == rule
            && match row.check {
                Check::Odd(rtypes, _) => rtypes.contains(&record.rtype),
                _ => record.rtype.to_string() == "TXT",
            }
    })
}

const RSA_2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";

fn key(head: &str, len: usize) -> String {
    format!("{head}{}", "x".repeat(len - head.len() - 6)) + "IDAQAB"
}

#[test]
fn what_most_zones_have_is_usual() {
    let key = key(RSA_2048, 392);
    let (first, second) = key.split_at(200);
    let digest = "ab".repeat(32);
    let records = format!(
        "@ MX 10 mx1\n@ MX 20 mail.fabrikam.com.\n@ CAA 0 issue \"letsencrypt.org\"\n\
         @ CAA 0 issuewild \"ca.example.net; account=230123\"\n\
         _443._tcp.www TLSA 3 1 1 {digest}\n_443._tcp.a TLSA 2 0 2 {digest}{digest}\n\
         host SSHFP 4 2 {digest}\nx NAPTR 100 10 \"S\" \"SIPS+D2T\" \"\" _sips._tcp\n\
         s1._domainkey TXT \"v=DKIM1; k=rsa; p={first}\" \"{second}\"\n\
         s2._domainkey TXT \"v=DKIM1;p={first}\" \"{second};\"\n"
    );
    for (record, is_usual, found) in judged("example.com", &records) {
        assert!(is_usual && found.is_empty(), "{record}: {found:?}");
    }
}

#[test]
fn what_rules_speak_of_is_odd() {
    for (record, rule) in [
        ("@ MX 10 .", "mx-null-nonzero-preference"),
        ("@ CAA 128 isue \"a.example\"", "caa-critical-unknown"),
        ("@ CAA 1 issue \"a.example\"", "caa-flags-reserved"),
        ("@ CAA 0 iodef \"mailto:a@example.net\"", "caa-no-issue-tag"),
        ("@ CAA 0 issue \"a_b\"", "caa-value-syntax"),
        ("@ CAA 0 issue \";\"\n@ CAA 0 issue \"ca.example.net\"", "caa-contradiction"),
        ("@ MX 0 .\n@ MX 10 mx1", "mx-null-with-others"),
        ("_443._tcp.www TLSA 3 1 1 abcd", "tlsa-length"),
        ("_443._tcp.www TLSA 4 1 0 abcd", "tlsa-parameters"),
        ("host SSHFP 4 2 abcd", "sshfp-length"),
        ("x NAPTR 1 1 \"X\" \"\" \"\" y", "naptr-flags"),
        ("x NAPTR 1 1 \"U\" \"a\" \"!a\" .", "naptr-regexp"),
        ("s1._domainkey TXT \"v=DKIM1; p=\"", "dkim-revoked-or-testing"),
        ("s1._domainkey TXT \"v=DKIM1; p=A\"", "dkim-syntax"),
        ("s1._domainkey TXT \"v=DKIM1; h=sha1; p=ABCD\"", "dkim-weak-key"),
        ("s1._domainkey TXT \"v=DKIM1; p=AKIAQ5R6T7Y8U9I0O1P2\"", "txt-looks-like-secret"),
    ] {
        let all = judged("example.com", &format!("{record}\n"));
        let told = all.iter().any(|(_, is_usual, found)| !is_usual && found.contains(&rule));
        assert!(told, "{record}: {all:?}");
    }
    let all = judged("2.0.192.in-addr.arpa", "300 PTR www.example.com.\n");
    assert!(all.iter().any(|(_, is_usual, found)| !is_usual && found.contains(&"ptr-owner-malformed")));
}

/// RDATA near to what is usual: some octets of it are replaced, deleted or doubled.
fn mutated(usual: String) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..4_u8, "[ -~]");
    prop::collection::vec(edit, 0..4).prop_map(move |edits| {
        let mut text = usual.clone().into_bytes();
        for (at, what, octet) in edits {
            if text.is_empty() {
                break;
            }
            let at = at.index(text.len());
            match what {
                0 => drop(text.remove(at)),
                1 => text.insert(at, octet.as_bytes()[0]),
                2 => text.truncate(at),
                _ => text[at] = octet.as_bytes()[0],
            }
        }
        String::from_utf8(text).unwrap()
    })
}

/// A record whose strings are mutated; quotation marks and backslashes in them are left out, so that
/// most of them parse.
fn record() -> impl Strategy<Value = String> {
    let quoted = |usual: &str| mutated(usual.to_owned()).prop_map(|text| text.replace(['"', '\\'], ""));
    let digest = "0123456789abcdef".repeat(4);
    let bits_1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDx";
    let key = prop_oneof![
        Just(key(RSA_2048, 392)),
        Just(key(bits_1024, 216)),
        Just(key("MIIBCgKCAQEAx", 360)),
        Just(key("ABCD", 40)),
    ];
    let dkim =
        ("[vV]=DKIM1; ?(k=rsa;)? ?(t=[sy];)? ?(h=sha(1|256);)? ?p=", key, any::<prop::sample::Index>())
            .prop_flat_map(move |(tags, key, at)| {
                let text = format!("{tags}{key}");
                mutated(text).prop_map(move |text| {
                    let text = text.replace(['"', '\\'], "");
                    let (first, second) = text.split_at(
                        at.index(text.len() + 1).clamp(text.len().saturating_sub(250), 250).min(text.len()),
                    );
                    format!("s1._domainkey TXT \"{first}\" \"{second}\"")
                })
            });
    prop_oneof![
        ("(0|10)", mutated(String::from("localhost.")))
            .prop_map(|(number, name)| format!("@ MX {number} {name}")),
        mutated(String::from("10 localhost.localdomain.")).prop_map(|text| format!("@ MX {text}")),
        ("(0|1|128|129)", "(issue|issuewild|iodef|isue|ISSUE)", quoted("ca.example.net; account=230123"))
            .prop_map(|(flags, tag, value)| format!("@ CAA {flags} {tag} \"{value}\"")),
        mutated(format!("3 1 1 {digest}")).prop_map(|text| format!("_443._tcp.www TLSA {text}")),
        mutated(format!("4 2 {digest}")).prop_map(|text| format!("host SSHFP {text}")),
        ("[sSaAuUpPx0]?", quoted("!^.*$!sip:a@b!"), "(\\.|y)")
            .prop_map(|(flag, text, to)| format!("x NAPTR 1 1 \"{flag}\" \"E2U+sip\" \"{text}\" {to}")),
        quoted("S").prop_map(|flags| format!("x NAPTR 1 1 \"{flags}\" \"\" \"\" y")),
        dkim,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn rules_are_silent_about_what_is_usual(records in prop::collection::vec(record(), 20)) {
        let records: String = records.iter().map(|record| format!("{record}\n")).collect();
        for (record, is_usual, found) in judged("example.com", &records) {
            prop_assert!(!is_usual || found.is_empty(), "{record}: {found:?}");
        }
    }

    #[test]
    fn owners_of_ptr_records_too(
        apex in "((0?[0-9]{1,3}|[a-f])\\.){0,3}(in-addr|ip6)\\.arpa",
        owners in prop::collection::vec("(0?[0-9a-f]{1,3}\\.){0,4}[0-9a-f]{1,3}", 20),
    ) {
        let records: String = owners.iter().map(|owner| format!("{owner} PTR www.example.com.\n")).collect();
        for (record, is_usual, found) in judged(&apex, &records) {
            prop_assert!(!is_usual || found.is_empty(), "{record}: {found:?}");
        }
    }
}
