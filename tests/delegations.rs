//! Zones that lie below one another, and what their kind has to do with their name servers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use tempfile::TempDir;
use zonewright::diagnostic::{Finding, Severity};
use zonewright::edit::apply;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Loaded, Request, load};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn run(request: &Request) -> (Loaded, Vec<Finding>) {
    let mut loaded = load(request).unwrap();
    let parsed = loaded.take_findings();
    let report = lint(&loaded.contexts(), parsed, loaded.deployment(), &Levels::new());
    (loaded, report.findings)
}

/// The rules of warnings and errors in these files, which no configuration lists.
fn undeclared(files: &[(&str, &str)]) -> Vec<&'static str> {
    let folder = folder(files);
    let paths = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    rules(&run(&Request { paths, ..Request::default() }).1)
}

fn rules(findings: &[Finding]) -> Vec<&'static str> {
    let mut rules: Vec<_> =
        findings.iter().filter(|one| one.severity > Severity::Info).map(|one| one.rule.0).collect();
    rules.sort_unstable();
    rules
}

const PARENT: &str = "$ORIGIN contoso.com.\n$TTL 3600\n\
    @ IN SOA ns1 hostmaster 2026010101 14400 3600 1209600 3600\n@ IN NS ns1\n@ IN NS ns2\n\
    ns1 IN A 192.0.2.1\nns2 IN A 198.51.100.2\n";

const CHILD: &str = "$ORIGIN eu.contoso.com.\n$TTL 3600\n\
    @ IN SOA ns1.contoso.com. hostmaster.contoso.com. 2026010101 14400 3600 1209600 3600\n\
    @ IN NS ns1.contoso.com.\n@ IN NS ns\nns IN A 203.0.113.53\n";

#[test]
fn zones_of_one_folder_are_one_family_and_those_of_two_are_not() {
    let together = [("contoso.com.zone", PARENT), ("eu.contoso.com.zone", CHILD)];
    assert_eq!(undeclared(&together), ["delegation-missing-in-parent"]);
    let apart = [("outside/contoso.com.zone", PARENT), ("inside/eu.contoso.com.zone", CHILD)];
    assert_eq!(undeclared(&apart), Vec::<&str>::new());
}

#[test]
fn a_zone_between_two_others_delegates_the_lower_one() {
    let lower = CHILD.replace("eu.contoso.com.", "de.eu.contoso.com.");
    let delegated = format!("{PARENT}eu IN NS ns1\neu IN NS ns2\n");
    // The zone between them is not here.
    let found = undeclared(&[("contoso.com.zone", &delegated), ("de.eu.contoso.com.zone", &lower)]);
    assert_eq!(found, Vec::<&str>::new());
    let found = undeclared(&[("contoso.com.zone", PARENT), ("de.eu.contoso.com.zone", &lower)]);
    assert_eq!(found, ["delegation-missing-in-parent"]);
}

#[test]
fn hints_are_no_parent_and_a_part_is_no_zone() {
    let hints =
        "$ORIGIN .\n. 3600000 IN NS a.root-servers.net.\na.root-servers.net. 3600000 IN A 198.41.0.4\n";
    let found = undeclared(&[("root.zone", hints), ("contoso.com.zone", PARENT)]);
    assert!(!found.contains(&"delegation-missing-in-parent"), "{found:?}");
    let part = "$ORIGIN contoso.com.\n$TTL 3600\neu IN NS ns.eu\nus IN DS 1 8 2 00\n";
    let found = undeclared(&[("contoso.com.part", part)]);
    assert!(found.contains(&"soa-missing"), "{found:?}");
    let of_wholes = ["glue-missing", "ns-single", "ds-without-delegation"];
    assert!(!found.iter().any(|rule| of_wholes.contains(rule)), "{found:?}");
}

#[test]
fn one_name_server_is_enough_inside_a_network() {
    let zone = |apex: &str, address: &str| {
        format!(
            "$ORIGIN {apex}.\n$TTL 3600\n@ IN SOA ns hostmaster 2026010101 14400 3600 1209600 3600\n\
             @ IN NS ns\nns IN A {address}\nhost IN AAAA 2001:db8::1\n"
        )
    };
    for (apex, address) in [
        ("contoso.local", "192.0.2.1"),
        ("contoso.com", "10.0.0.1"),
        ("1.10.in-addr.arpa", "192.0.2.1"),
        ("31.172.in-addr.arpa", "192.0.2.1"),
        ("0.0.d.f.ip6.arpa", "192.0.2.1"),
    ] {
        let found = undeclared(&[("one.zone", &zone(apex, address))]);
        assert_eq!(found, Vec::<&str>::new(), "{apex}");
    }
    for (apex, address) in [
        ("contoso.com", "192.0.2.1"),
        ("2.0.192.in-addr.arpa", "192.0.2.1"),
        ("32.172.in-addr.arpa", "10.0.0.1"),
    ] {
        let found = undeclared(&[("one.zone", &zone(apex, address))]);
        assert_eq!(found, ["ns-no-ipv6", "ns-single"], "{apex}");
    }
}

#[test]
fn only_what_is_stale_counts_inside_a_network() {
    let zone = "[[zone]]\norigin = \"contoso.com\"\nfile = \"parent\"\nview = \"internal\"\n\n\
        [[zone]]\norigin = \"eu.contoso.com\"\nfile = \"child\"\nview = \"internal\"\n";
    let check = |parent: &str| {
        let folder = folder(&[("zonewright.toml", zone), ("parent", parent), ("child", CHILD)]);
        let config = Some(folder.path().join("zonewright.toml"));
        rules(&run(&Request { config, ..Request::default() }).1)
    };
    assert_eq!(check(PARENT), Vec::<&str>::new(), "the same servers have both");
    assert_eq!(check(&format!("{PARENT}eu IN NS ns1\n")), Vec::<&str>::new());
    assert_eq!(check(&format!("{PARENT}eu IN NS ns2\n")), ["delegation-ns-mismatch"]);
    let glue = "eu IN NS ns1\neu IN NS ns.eu\nns.eu IN A";
    assert_eq!(check(&format!("{PARENT}{glue} 203.0.113.53\n")), Vec::<&str>::new());
    assert_eq!(check(&format!("{PARENT}{glue} 203.0.113.54\n")), ["glue-mismatch"]);
}

/// Carries out the only fix that there is, and tells what is found then.
fn fixed(parent: &str) -> (Vec<&'static str>, String) {
    let folder = folder(&[("contoso.com.zone", parent), ("eu.contoso.com.zone", CHILD)]);
    let names = ["contoso.com.zone", "eu.contoso.com.zone"];
    let paths: Vec<_> = names.map(|name| folder.path().join(name)).into();
    let (loaded, findings) = run(&Request { paths: paths.clone(), ..Request::default() });
    let fixes: Vec<_> = findings.iter().filter_map(|finding| finding.fix.as_ref()).collect();
    let [fix] = &*fixes else { panic!("{findings:?}") };
    let file = loaded.sources.get(fix.edits.first().unwrap().span.file);
    let path = Path::new(file.name()).to_owned();
    let text = apply(&fs::read(&path).unwrap(), &fix.edits).unwrap();
    fs::write(&path, &text).unwrap();
    let (_, findings) = run(&Request { paths, ..Request::default() });
    (rules(&findings), String::from_utf8(text).unwrap())
}

#[test]
fn fixes_write_what_the_zone_itself_says() {
    let parent = format!("{PARENT}eu IN NS ns1\neu IN NS ns.eu\nns.eu IN A 203.0.113.54\n");
    assert_eq!(fixed(&parent), (Vec::new(), parent.replace("203.0.113.54", "203.0.113.53")));
    // The glue of the server is there already.
    let parent = format!("{PARENT}eu IN NS ns1\neu IN NS ns2\nother IN NS ns1\nother IN NS ns.eu\n");
    let parent = format!("{parent}ns.eu IN A 203.0.113.53\n");
    let meant = parent.replace("eu IN NS ns2\n", "eu IN NS ns.eu.contoso.com.\n");
    assert_eq!(fixed(&parent), (Vec::new(), meant));
}

#[test]
fn a_name_server_that_needs_glue_is_no_fix() {
    let parent = format!("{PARENT}eu IN NS ns1\neu IN NS ns2\n");
    let folder = folder(&[("contoso.com.zone", &parent), ("eu.contoso.com.zone", CHILD)]);
    let paths = vec![folder.path().join("contoso.com.zone"), folder.path().join("eu.contoso.com.zone")];
    let (_, findings) = run(&Request { paths, ..Request::default() });
    assert_eq!(rules(&findings), ["delegation-ns-mismatch"]);
    assert!(findings.iter().all(|finding| finding.fix.is_none()), "{findings:?}");
}
