//! Zones with one mistake each, written by others: the rule that a file of `fixtures/rule-zones` is
//! named after finds it, wherever the file lies, and nothing is found in `clean.zone`.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use zonewright::diagnostic::{Finding, Severity};
use zonewright::lint::{Levels, lint, rule};
use zonewright::workspace::{Request, load};

/// Files whose rule is not built yet, and why.
const NOT_BUILT: [(&str, &str); 2] = [
    ("dnssec-unsigned-but-has-records", "no rule judges signed zones yet"),
    ("nsec3-parameters", "no rule judges signed zones yet"),
];

/// Files whose mistake is one of another rule, and why.
const OTHER_RULE: [(&str, &str, &str); 1] = [(
    "portability-newline-in-string",
    "unterminated-quote",
    "BIND refuses a line end in quotes unless it is escaped; the rule of this name is about escaped ones",
)];

fn zones() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule-zones");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut zones: Vec<(String, PathBuf)> =
        paths.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path)).collect();
    zones.sort();
    assert!(zones.len() > 100, "{} zones", zones.len());
    zones
}

/// What the rules find in a zone of example.com: those of level info too, and of those that are to be
/// opted in to, the one named.
fn findings(zone: &Path, named: &str) -> Vec<Finding> {
    let request = Request {
        paths: vec![zone.to_owned()],
        origin: Some(String::from("example.com")),
        ..Request::default()
    };
    let mut loaded = load(&request).unwrap();
    let mut levels = Levels::new();
    levels.show_info();
    if rule(named).is_some_and(|rule| rule.opt_in) {
        levels.select([named]).unwrap();
    }
    let parsed = loaded.take_findings();
    lint(&loaded.contexts(), parsed, loaded.deployment(), &levels).findings
}

fn has(found: &[Finding], name: &str) -> bool {
    found.iter().any(|finding| finding.rule.0 == name)
}

#[test]
fn each_zone_has_the_mistake_it_is_named_after() {
    // A folder that is not below the working directory, as it is for who calls the program from afar.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (name, path) in zones().iter().filter(|(name, _)| name != "clean") {
        let expected = OTHER_RULE.iter().find(|(zone, ..)| zone == name).map_or(&**name, |(_, rule, _)| rule);
        let copy = elsewhere.path().join(path.file_name().unwrap());
        std::fs::copy(path, &copy).unwrap();
        let found = [path, &copy].map(|zone| findings(zone, expected));
        let is_found = found.iter().all(|found| has(found, expected));
        match (NOT_BUILT.iter().find(|(zone, _)| zone == name), rule(expected)) {
            (Some(_), Some(_)) => wrong.push(format!("{name}: the rule is built: take it off NOT_BUILT")),
            (None, None) => wrong.push(format!("{name}: no rule has this name")),
            (None, Some(_)) if !is_found => wrong.push(format!("{name}: found {found:?}")),
            _ => {}
        }
        if expected != name && found.iter().any(|found| has(found, name)) {
            wrong.push(format!("{name}: its own rule finds it: take it off OTHER_RULE"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn zones_that_are_excused_are_there() {
    let there: Vec<String> = zones().into_iter().map(|(name, _)| name).collect();
    let excused = NOT_BUILT.map(|(name, _)| name).into_iter().chain(OTHER_RULE.map(|(name, ..)| name));
    for name in excused {
        assert!(there.iter().any(|zone| zone == name), "{name}");
    }
}

#[test]
fn nothing_is_wrong_with_the_clean_zone() {
    let (_, clean) = zones().into_iter().find(|(name, _)| name == "clean").unwrap();
    let found = findings(&clean, "clean");
    let bad: Vec<_> = found.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(bad.is_empty(), "{bad:?}");
}
