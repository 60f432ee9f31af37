//! The workflow that makes releases, as far as it can be held against what uses them.

use super::{read, root};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn workflow() -> Value {
    serde_saphyr::from_str(&read(root().join(".github/workflows/release.yml"))).unwrap()
}

fn steps(workflow: &Value) -> impl Iterator<Item = &Value> {
    workflow["jobs"].as_object().unwrap().values().flat_map(|job| job["steps"].as_array().unwrap())
}

fn run(script: &str, args: &[&str], tag: Option<&str>) -> Output {
    let mut command = Command::new(root().join("packaging").join(script));
    command.args(args).env("IS_TAG", tag.is_some().to_string()).env("GITHUB_REF_NAME", tag.unwrap_or("main"));
    command.output().unwrap()
}

/// The archives that the action asks for are those that a release has.
#[test]
fn the_action_finds_what_the_release_builds() {
    let workflow = workflow();
    let matrix = workflow["jobs"]["binary"]["strategy"]["matrix"]["include"].as_array().unwrap();
    let built: BTreeSet<&str> = matrix.iter().map(|entry| entry["target"].as_str().unwrap()).collect();
    let action = read(root().join("action.yml"));
    let asked: BTreeSet<&str> =
        action.lines().filter_map(|line| line.split_once(" target=")?.1.strip_suffix(" ;;")).collect();
    assert_eq!(built, asked);
    assert_eq!(built.len(), 5);
}

#[test]
fn no_expression_stands_in_a_script_and_every_action_is_a_commit() {
    let workflow = workflow();
    let action: Value = serde_saphyr::from_str(&read(root().join("action.yml"))).unwrap();
    let mut used = 0;
    for step in steps(&workflow).chain(action["runs"]["steps"].as_array().unwrap()) {
        let text = |key: &str| step.get(key).and_then(Value::as_str);
        assert!(!text("run").unwrap_or_default().contains("${{"), "{step:#}");
        if let Some(uses) = text("uses") {
            let commit = uses.split_once('@').unwrap().1;
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
            used += 1;
        }
    }
    assert!(used > 8, "{used}");
}

#[test]
fn every_file_names_the_same_version() {
    let said = run("version.sh", &[], None);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!(String::from_utf8(said.stdout).unwrap(), format!("version={}\n", env!("CARGO_PKG_VERSION")));
    let other = run("version.sh", &[], Some("v9.9.9"));
    assert!(!other.status.success());
    assert!(String::from_utf8_lossy(&other.stderr).contains("the tag is v9.9.9"));
}

#[test]
fn the_notes_of_a_release_are_those_of_the_changelog() {
    let notes = run("notes.sh", &["Unreleased"], None);
    let notes = String::from_utf8(notes.stdout).unwrap();
    assert!(notes.starts_with("- `lint` reads"), "{notes}");
    assert!(!notes.contains("\n## "));
    assert!(!run("notes.sh", &["9.9.9"], None).status.success());
}
