//! Reports for other programs: SARIF against the schema of OASIS, and what does not change from one
//! state of the files to the next.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use zonewright::lint::rules;

fn lint(here: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.current_dir(here).arg("lint").args(args).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn report(here: &Path, args: &[&str]) -> Value {
    serde_json::from_slice(&lint(here, args).stdout).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> jsonschema::Validator {
    let text = fs::read_to_string(root().join("tests/schemas/sarif-2.1.0.json")).unwrap();
    // A slip in the schema itself, which only some engines of regular expressions put up with.
    let text = text.replace("-[a-zA-Z]{2}]?$", "(-[a-zA-Z]{2})?$");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(log: &Value) {
    let wrong: Vec<String> =
        schema().iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What all rules say of the zones that are there to trigger one each.
fn all() -> Value {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join("fixtures/rules")).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let trigger = path.join("trigger.zone");
        if trigger.exists() {
            fs::copy(&trigger, folder.path().join(format!("{name}.example.zone"))).unwrap();
        }
    }
    let six = root().join("fixtures/six-mistakes/contoso.com.zone");
    fs::copy(six, folder.path().join("contoso.com.zone")).unwrap();
    report(folder.path(), &["--select", "ALL", "--output-format", "sarif", "."])
}

#[test]
fn sarif_is_as_its_schema_says() {
    let log = all();
    assert_valid(&log);
    assert_valid(&report(root(), &["--output-format", "sarif", "zones"]));
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(results.len() > 150 && rules.len() > 100, "{} results of {} rules", results.len(), rules.len());
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    for rule in rules {
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with('#'), "{rule}");
        let page = format!("/docs/rules/{}.md", rule["id"].as_str().unwrap());
        assert!(rule["helpUri"].as_str().unwrap().ends_with(&page), "{rule}");
        assert!(!rule["fullDescription"]["text"].as_str().unwrap().is_empty(), "{rule}");
        assert!(!rule["fullDescription"]["text"].as_str().unwrap().contains("## "), "{rule}");
    }
    let rule = |name: &str| rules.iter().find(|rule| rule["id"] == name).unwrap();
    let row = rule("caa-missing");
    assert_eq!(row["defaultConfiguration"], json!({ "enabled": false, "level": "note" }));
    assert_eq!(row["properties"]["tags"], json!(["rdata", "opt-in"]));
    let row = rule("srv-equal-priority");
    assert_eq!(row["defaultConfiguration"], json!({ "enabled": true, "level": "error" }));
    assert_eq!(row["properties"]["tags"], json!(["srv"]));
    assert!(results.iter().any(|result| result["fixes"].is_array()));
    assert!(results.iter().any(|result| result["relatedLocations"].is_array()));
}

#[test]
fn rules_are_listed_for_programs() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    let output = command.args(["rules", "--output-format", "json"]).output().unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), rules().count());
    for (row, rule) in rows.iter().zip(rules()) {
        assert_eq!(row["rule"], rule.name.0);
        let page = row["url"].as_str().unwrap().split_once("/blob/main/").unwrap().1;
        assert!(root().join(page).is_file(), "{row}");
        let is_default = row["severity"] != "info" && row["opt_in"] == false;
        assert_eq!(row["default"], is_default, "{row}");
    }
    let row = |name: &str| rows.iter().find(|row| row["rule"] == name).unwrap();
    assert_eq!(row("caa-missing")["opt_in"], true);
    assert_eq!((&row("mx-localhost")["kind"], &row("mx-localhost")["fix"]), (&json!("zone"), &json!("no")));
    assert_eq!(row("missing-trailing-dot")["fix"], "safe");
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let mut log = all();
    log["runs"][0]["results"][0]["level"] = Value::from("info");
    assert!(!schema().is_valid(&log));
}

#[test]
fn fingerprints_differ_and_outlive_line_moves() {
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("example.com.zone");
    let text = fs::read_to_string(root().join("fixtures/six-mistakes/contoso.com.zone")).unwrap();
    let prints = |text: &str| -> Vec<String> {
        fs::write(&zone, text).unwrap();
        let args = ["--origin", "contoso.com", "--output-format", "sarif", "example.com.zone"];
        let log = report(folder.path(), &args);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let print =
            |result: Value| result["partialFingerprints"]["zonewright/v1"].as_str().unwrap().to_owned();
        let mut prints: Vec<String> = results.into_iter().map(print).collect();
        prints.sort();
        prints
    };
    let before = prints(&text);
    assert!(before.len() > 2);
    let mut distinct = before.clone();
    distinct.dedup();
    assert_eq!(distinct, before, "each finding has its own");
    assert_eq!(prints(&format!("; a line more\n\n{text}")), before);
}

#[test]
fn columns_of_services_count_characters() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "$ORIGIN a.example.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 5\n NS ns1\nns1 A 192.0.2.1\n\
                gr\u{fc}\u{df} A 192.0.2.256\n";
    fs::write(folder.path().join("a.zone"), zone).unwrap();
    let json = report(folder.path(), &["--select", "ALL", "--output-format", "json", "a.zone"]);
    let sarif = report(folder.path(), &["--select", "ALL", "--output-format", "sarif", "a.zone"]);
    let after = |entry: &Value| entry["line"] == 6 && entry["column"].as_u64().unwrap() > 8;
    let entries = json.as_array().unwrap();
    let at = entries.iter().position(after).unwrap_or_else(|| panic!("{json:#}"));
    let region = &sarif["runs"][0]["results"][at]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startColumn"].as_u64(), entries[at]["column"].as_u64().map(|column| column - 2));
}

#[test]
fn several_forms_come_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let output = lint(
        root(),
        &[
            "--output-format",
            "github",
            "--output-file",
            &format!("sarif={}", file("out.sarif")),
            "--output-file",
            &format!("junit={}", file("out.xml")),
            "--output-file",
            &format!("gitlab={}", file("out.json")),
            "fixtures/six-mistakes",
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let commands = String::from_utf8(output.stdout).unwrap();
    let sarif: Value = serde_json::from_slice(&fs::read(file("out.sarif")).unwrap()).unwrap();
    assert_valid(&sarif);
    let results = sarif["runs"][0]["results"].as_array().unwrap().len();
    assert_eq!(commands.lines().count(), results);
    let gitlab: Value = serde_json::from_slice(&fs::read(file("out.json")).unwrap()).unwrap();
    assert_eq!(gitlab.as_array().unwrap().len(), results);
    let junit = fs::read_to_string(file("out.xml")).unwrap();
    assert!(junit.contains(&format!("failures=\"{results}\"")), "{junit}");
}

/// A person is shown a hundred findings of a rule, a service that the same run writes for gets all.
#[test]
fn a_report_for_people_does_not_shorten_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut zone = String::from(
        "$ORIGIN a.example.\n$TTL 3600\n@ SOA ns1 h 1 14400 3600 1209600 3600\n NS ns1\n NS ns2\n",
    );
    zone.push_str("ns1 A 192.0.2.1\nns2 A 198.51.100.2\n");
    (0..150).for_each(|host| zone.push_str(&format!("h{host} A 192.0.2.256\n")));
    fs::write(folder.path().join("a.zone"), zone).unwrap();
    let args = ["--output-file", "gitlab=q.json", "--output-file", "markdown=s.md", "a.zone"];
    let human = String::from_utf8(lint(folder.path(), &args).stdout).unwrap();
    assert!(human.contains("... and 50 more of"), "{human}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let issues: Value = serde_json::from_str(&read("q.json")).unwrap();
    assert_eq!(issues.as_array().unwrap().len(), 150);
    let table = read("s.md");
    assert_eq!(table.lines().filter(|line| line.starts_with("| error |")).count(), 100);
    assert!(table.contains("|\n\n... and 50 more of"), "the words are no row of the table: {table}");
}
