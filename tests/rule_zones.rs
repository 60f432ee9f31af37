//! Zones with one mistake each, written by others: the rule that a file of `fixtures/rule-zones` is
//! named after finds it, and nothing is found in `clean.zone`.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use zonewright::diagnostic::{Finding, Severity};
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Request, load};

fn findings(zone: &Path) -> Vec<Finding> {
    let request = Request {
        paths: vec![zone.to_owned()],
        origin: Some(String::from("example.com")),
        ..Request::default()
    };
    let mut loaded = load(&request).unwrap();
    let mut levels = Levels::new();
    levels.select(zonewright::lint::rules().map(|rule| rule.name.0)).unwrap();
    // Only zones for error reports need the wildcard, and nothing tells that a zone is one.
    levels.ignore(["er-report-channel-missing"]).unwrap();
    let parsed = loaded.take_findings();
    lint(&loaded.contexts(), parsed, loaded.deployment(), &levels).findings
}

#[test]
fn each_zone_has_the_mistake_it_is_named_after() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule-zones");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = findings(&path);
        let bad: Vec<_> = found.iter().filter(|finding| finding.severity > Severity::Info).collect();
        if name == "clean" {
            assert!(bad.is_empty(), "{bad:?}");
        } else {
            seen += 1;
            assert!(found.iter().any(|finding| finding.rule.0 == name), "{name}: {found:?}");
        }
    }
    assert!(seen > 10, "{seen} zones");
}
