//! What checkers of zones are known to report wrongly. In `fixtures/false-alarms`, one folder for each
//! case, `correct*.zone` is right and nothing may be said of it; `wrong*.zone` is its nearest opposite,
//! where every line is reported that ends in `; expect: RULE ...`, with a fix if it says `RULE+fix`,
//! and no other. The first line names the rules in question, those of level info among them:
//! `; about: RULE ...`. A zone with a configuration is read with it; `base-NAME` is what the last
//! commit holds.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A zone that is linted.
struct Case {
    /// `FOLDER/NAME`, for messages.
    name: String,
    zone: String,
    config: Option<String>,
    base: Option<String>,
    folder: PathBuf,
}

fn cases(beginning: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/false-alarms");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let mut cases = Vec::new();
    for case in names(&folder) {
        let folder = folder.join(&case);
        let files = names(&folder);
        let is_there = |name: &str| Some(name.to_owned()).filter(|name| files.contains(name));
        let zones: Vec<&String> =
            files.iter().filter(|name| name.starts_with(beginning) && name.ends_with(".zone")).collect();
        assert!(!zones.is_empty(), "{case} has no {beginning}.zone");
        cases.extend(zones.into_iter().map(|zone| Case {
            name: format!("{case}/{zone}"),
            zone: zone.clone(),
            config: is_there(&zone.replace(".zone", ".toml")),
            base: is_there(&format!("base-{zone}")),
            folder: folder.clone(),
        }));
    }
    assert!(cases.len() > 10, "{} cases", cases.len());
    cases
}

fn git(folder: &Path, args: &[&str]) {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
    let done = Command::new("git").current_dir(folder).args(who).args(args).output().unwrap();
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// What the program says of a zone, as the JSON that it prints.
fn lint(case: &Case, options: &[&str]) -> Vec<Value> {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&case.folder).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    program.current_dir(copy.path()).args(["lint", "--output-format", "json", "--quiet"]).args(options);
    match &case.config {
        Some(config) => program.args(["--config", config]),
        None => program.args([&case.zone, "--origin", "example.com"]),
    };
    if let Some(base) = &case.base {
        let now = std::fs::read(copy.path().join(&case.zone)).unwrap();
        std::fs::copy(case.folder.join(base), copy.path().join(&case.zone)).unwrap();
        git(copy.path(), &["init", "--quiet"]);
        git(copy.path(), &["add", "."]);
        git(copy.path(), &["commit", "--quiet", "-m", "before"]);
        std::fs::write(copy.path().join(&case.zone), now).unwrap();
        program.args(["--base", "HEAD"]);
    }
    let printed = program.output().unwrap();
    let errors = String::from_utf8_lossy(&printed.stderr);
    serde_json::from_slice(&printed.stdout).unwrap_or_else(|error| panic!("{}: {error}: {errors}", case.name))
}

fn text<'f>(finding: &'f Value, key: &str) -> &'f str {
    finding[key].as_str().unwrap_or_default()
}

fn zone_text(case: &Case) -> String {
    std::fs::read_to_string(case.folder.join(&case.zone)).unwrap()
}

/// The rules that a zone is about.
fn about(case: &Case) -> BTreeSet<String> {
    let zone = zone_text(case);
    let names = zone.lines().next().and_then(|line| line.strip_prefix("; about: "));
    let names: BTreeSet<String> = names.unwrap_or_default().split(' ').map(str::to_owned).collect();
    let unknown: Vec<_> = names.iter().filter(|name| zonewright::lint::rule(name).is_none()).collect();
    assert!(unknown.is_empty(), "{}: {unknown:?}", case.name);
    names
}

#[test]
fn nothing_is_said_of_what_is_right() {
    let mut wrong = Vec::new();
    for case in cases("correct") {
        let names = about(&case);
        wrong.extend(lint(&case, &[]).iter().map(|finding| format!("{}: {finding}", case.name)));
        let pedantic = lint(&case, &["--pedantic"]);
        let unwanted = pedantic.iter().filter(|finding| names.contains(text(finding, "rule")));
        wrong.extend(unwanted.map(|finding| format!("{} (pedantic): {finding}", case.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_nearest_mistakes_are_found() {
    let mut wrong = Vec::new();
    for case in cases("wrong") {
        let names = about(&case);
        let pedantic = lint(&case, &["--pedantic"]);
        let own = pedantic
            .iter()
            .filter(|finding| names.contains(text(finding, "rule")) && text(finding, "file") == case.zone);
        let found: BTreeSet<(u64, String)> = own
            .map(|finding| {
                let fix = if finding["fix"].is_null() { "" } else { "+fix" };
                (finding["line"].as_u64().unwrap(), format!("{}{fix}", text(finding, "rule")))
            })
            .collect();
        let expected: BTreeSet<(u64, String)> = (1..)
            .zip(zone_text(&case).lines())
            .filter_map(|(at, line)| Some((at, line.split_once("; expect: ")?.1.to_owned())))
            .flat_map(|(at, rules)| rules.split(' ').map(|rule| (at, rule.to_owned())).collect::<Vec<_>>())
            .collect();
        if found != expected || expected.is_empty() {
            let missed: Vec<_> = expected.difference(&found).collect();
            let unexpected: Vec<_> = found.difference(&expected).collect();
            wrong.push(format!("{}: not found {missed:?}, found {unexpected:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
