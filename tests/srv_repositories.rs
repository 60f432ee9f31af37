//! The SRV rules against whole repositories of zones.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use zonewright::diagnostic::{Finding, Severity};
use zonewright::lint::{Group, Levels, lint, rule};
use zonewright::workspace::{Loaded, Request, load};

fn repository(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("zonewright.toml")
}

fn run(config: PathBuf) -> (Loaded, Vec<Finding>) {
    let request = Request { config: Some(config), ..Request::default() };
    let mut loaded = load(&request).unwrap_or_else(|error| panic!("{error}"));
    let mut levels = Levels::new();
    levels.show_info();
    let parsed = loaded.take_findings();
    let report = lint(&loaded.contexts(), parsed, loaded.deployment(), &levels);
    (loaded, report.findings)
}

#[test]
fn correct_repositories_are_silent() {
    for folder in ["zones", "fixtures/swing-a"] {
        let (_, findings) = run(repository(folder));
        let loud: Vec<&Finding> =
            findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
        assert!(loud.is_empty(), "{folder}: {loud:#?}");
        let srv: Vec<&Finding> = findings
            .iter()
            .filter(|finding| rule(finding.rule.0).is_some_and(|rule| rule.group == Group::Srv))
            .filter(|finding| finding.rule.0 != "srv-federation-priority-no-failover")
            .collect();
        assert!(srv.is_empty(), "{folder}: {srv:#?}");
    }
}
