//! `--target`: a rule about a server speaks when that server is among those that were named.

#![allow(clippy::unwrap_used)]

use zonewright::lint::{Levels, lint};
use zonewright::workspace::{LoadError, Request, load};
use zonewright::zonefile::server::{Server, Targets};

const HEAD: &str = "$TTL 3600\n@ IN SOA ns1 hostmaster 1 14400 3600 1209600 3600\n@ IN NS ns1\n@ IN NS ns2\n\
                    ns1 IN A 192.0.2.1\nns2 IN A 198.51.100.2\n";

/// A construct, the rule about it, and the servers it is about; whether it is told to everybody.
const CASES: &[(&str, &str, &[Server], bool)] = &[
    ("a TXT \"a\"\"b\"", "portability-adjacent-strings", &[Server::Knot], true),
    ("a TXT a\"b\"", "portability-adjacent-strings", &[Server::Knot], true),
    ("a TXT \"a\"b", "portability-adjacent-strings", &[Server::Knot], true),
    ("a CLASS1 A 192.0.2.9", "portability-class-generic", &[Server::Knot], false),
    ("$ttl 600", "portability-directive-case", &[Server::Nsd], false),
    ("$GENERATE 1-2 h$ A 192.0.2.$", "portability-generate", &[Server::Knot, Server::Nsd], false),
    ("( a A 192.0.2.9 )", "portability-line-start-parenthesis", &[Server::Knot, Server::Nsd], true),
    ("a A 192.0.2.9\n ( A 192.0.2.8 )", "portability-line-start-parenthesis", &[Server::Nsd], true),
    ("a A ( ( 192.0.2.9 ) )", "portability-nested-parenthesis", &[Server::Knot, Server::Nsd], true),
    ("a TXT \"a\\\nb\"", "portability-newline-in-string", &[Server::Knot], true),
    ("a CNAME b=c", "portability-owner-character", &[Server::Knot], true),
    ("a=b TXT x", "portability-owner-character", &[Server::Knot], true),
    ("\"a\" A 192.0.2.9", "portability-quoted-name", &[Server::Knot, Server::Nsd], true),
    ("$ORIGIN @", "portability-relative-origin", &[Server::Knot], true),
    ("$ORIGIN lab", "portability-relative-origin", &[Server::Knot, Server::Nsd], true),
];

/// Rules of the group that find something.
fn found(line: &str, targets: &[Server]) -> Vec<&'static str> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.com.zone");
    std::fs::write(&path, format!("{HEAD}{line}\n")).unwrap();
    let targets = Targets::new(targets.iter().copied());
    let mut loaded = load(&Request { paths: vec![path], targets, ..Request::default() }).unwrap();
    let mut levels = Levels::new();
    levels.target(&loaded.targets);
    let parsed = loaded.take_findings();
    let report = lint(&loaded.contexts(), parsed, None, &levels);
    report
        .findings
        .iter()
        .map(|finding| finding.rule.0)
        .filter(|name| name.starts_with("portability-"))
        .collect()
}

#[test]
fn a_rule_speaks_to_its_servers() {
    for (line, rule, servers, to_all) in CASES {
        for server in Server::ALL {
            let expected: &[&str] = if servers.contains(&server) { &[rule] } else { &[] };
            assert_eq!(found(line, &[server]), expected, "{line} for {server}");
        }
        assert_eq!(found(line, &Server::ALL), [*rule], "{line}");
        let expected: &[&str] = if *to_all { &[rule] } else { &[] };
        assert_eq!(found(line, &[]), expected, "{line} for nobody in particular");
    }
}

#[test]
fn types_are_looked_up_for_servers_that_were_named() {
    let rule = "portability-type-unsupported";
    assert_eq!(found("a MB ns1", &[]), Vec::<&str>::new());
    assert_eq!(found("a MB ns1", &[Server::Bind, Server::Nsd]), Vec::<&str>::new());
    assert_eq!(found("a MB ns1", &[Server::Knot]), [rule]);
    assert_eq!(found("a TYPE7 ns1", &[Server::Knot]), Vec::<&str>::new());
    assert_eq!(found("a CLA x", &[Server::Bind]), [rule]);
}

#[test]
fn the_configuration_names_servers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("example.com.zone"), HEAD).unwrap();
    let config = folder.path().join("zonewright.toml");
    let zone = "[[zone]]\norigin = \"example.com\"\nfile = \"example.com.zone\"\n[lint]\n";
    let targets = |text: &str, given: &[Server]| {
        std::fs::write(&config, format!("{zone}target = {text}\n")).unwrap();
        let targets = Targets::new(given.iter().copied());
        load(&Request { config: Some(config.clone()), targets, ..Request::default() })
            .map(|loaded| loaded.targets)
    };
    let expected = Targets::new([Server::Knot, Server::Nsd]);
    assert_eq!(targets("[\"nsd\", \"knot\"]", &[]).unwrap(), expected);
    let given = targets("[\"nsd\"]", &[Server::Bind]).unwrap();
    assert_eq!(given, Targets::new([Server::Bind]), "the command line goes first");
    let Err(LoadError::Config(_, findings)) = targets("[\"nds\"]", &[]) else { panic!("`nds` is no server") };
    assert_eq!(findings[0].message, "target `nds` is none of `bind`, `knot`, `nsd`");
}

#[test]
fn what_all_servers_read_alike_is_no_matter() {
    for line in [
        "a\\=b TXT x",
        "0/25 NS ns1",
        "*.a TXT x",
        "@ TXT \"a\" \"b\"",
        "a TXT (\"a\");\"b\"c",
        "a HTTPS 1 . alpn=\"h2\"",
        "a ( A\n 192.0.2.9 )",
        "a TXT \"(\" ( \"( (\" ) ; ((",
        "a in A 192.0.2.9",
        "$ORIGIN lab.example.com.",
        "$ORIGIN .",
    ] {
        assert_eq!(found(line, &Server::ALL), Vec::<&str>::new(), "{line}");
    }
}
