//! `plan` in every form: the folder that `--out` writes, the way back, and the JSON with its schema.
#![allow(clippy::expect_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of zones with their `zonewright.toml`, under `dns` in a repository.
fn repository(from: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), &folder.path().join("dns"));
    assert!(Command::new("git").arg("init").arg("-q").current_dir(&folder).status().expect("git").success());
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.arg("--config").arg("dns/zonewright.toml").args(args).current_dir(folder);
    command.env("NO_COLOR", "1").env("SOURCE_DATE_EPOCH", "1795219200").output().expect("the program runs")
}

fn ok(folder: &Path, args: &[&str]) -> Vec<u8> {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_owned();
                files.insert(name, fs::read(&path).expect("read"));
            }
        }
    }
    files
}

fn apply(folder: &Path, patch: &Path) {
    let output = Command::new("git").arg("apply").arg(patch).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The same; for a sync, after a failover, so that there is something to be done.
fn prepared(from: &str, args: &[&str]) -> tempfile::TempDir {
    let folder = repository(from);
    if args.contains(&"sync") {
        ok(folder.path(), &["plan", "failover", "edge1", "--write", "--force"]);
    }
    folder
}

fn plan_json(folder: &Path, args: &[&str]) -> Value {
    let text = ok(folder, &[args, &["--emit", "json"]].concat());
    serde_json::from_slice(&text).expect("JSON")
}

const WAYS: [(&str, &[&str]); 4] = [
    ("zones", &["plan", "failover", "edge1"]),
    ("zones", &["plan", "failover", "edge1", "--service", "xmpp", "--to", "edge2"]),
    ("fixtures/swing-a", &["plan", "failover", "edge1"]),
    ("zones", &["plan", "sync"]),
];

#[test]
fn the_folder_has_every_form_and_its_patches_lead_there_and_back() {
    for (from, args) in WAYS {
        let repository = prepared(from, args);
        let root = repository.path();
        let start = files(&root.join("dns"));
        ok(root, &[args, &["--out", "out/plan"]].concat());
        let out = files(&root.join("out/plan"));
        assert_eq!(files(&root.join("dns")), start, "{args:?}: no zone is written");
        for (name, emit, back) in [
            ("plan.diff", "diff", false),
            ("back.diff", "diff", true),
            ("runbook.md", "markdown", false),
            ("powershell.ps1", "powershell", false),
            ("powershell-back.ps1", "powershell", true),
            ("dnscmd.cmd", "dnscmd", false),
            ("dnscmd-back.cmd", "dnscmd", true),
            ("plan.json", "json", false),
        ] {
            let way: &[&str] = if back { &["--back"] } else { &[] };
            let printed = ok(root, &[args, &["--emit", emit], way].concat());
            assert_eq!(out.get(Path::new(name)), Some(&printed), "{args:?}: {name}");
        }
        assert_eq!(out.contains_key(Path::new("runbook-back.md")), !args.contains(&"sync"), "{args:?}");

        let plan = plan_json(root, args);
        let zones = |way: &str| -> Vec<(String, u64, u64)> {
            let zones = plan[way]["zones"].as_array().expect("zones").iter();
            let number = |zone: &Value, name: &str| zone[name].as_u64().expect("a serial");
            zones
                .map(|zone| {
                    let file = zone["file"].as_str().expect("a file").to_owned();
                    (file, number(zone, "serial_before"), number(zone, "serial_after"))
                })
                .collect()
        };
        for rrset in plan["apply"]["rrsets"].as_array().expect("RRsets") {
            let text = |name: &str| rrset[name].as_str().expect("a text").to_owned();
            for (kind, end) in [("nsupdate", "txt"), ("knotc", "sh")] {
                for suffix in ["", "-back"] {
                    let name = format!("{kind}/{}-{}{suffix}.{end}", text("zone"), text("view"));
                    let script = out.get(Path::new(&name)).unwrap_or_else(|| panic!("{args:?}: no {name}"));
                    assert!(String::from_utf8_lossy(script).contains(&text("owner")), "{args:?}: {name}");
                }
            }
        }

        apply(root, &root.join("out/plan/plan.diff"));
        ok(root, &["lint", "dns"]);
        let moved = files(&root.join("dns"));
        apply(root, &root.join("out/plan/back.diff"));
        let end = files(&root.join("dns"));
        assert_eq!(zones("apply").len(), zones("back").len());
        for ((file, old, new), (same, before, after)) in zones("apply").into_iter().zip(zones("back")) {
            let path = Path::new(&file).strip_prefix("dns").expect("in the folder").to_owned();
            assert_eq!((same, before), (file, new));
            assert!(old < new && new < after, "{args:?}: {old} {new} {after}");
            let text =
                |files: &BTreeMap<PathBuf, Vec<u8>>| String::from_utf8_lossy(&files[&path]).into_owned();
            assert!(text(&moved).contains(&new.to_string()), "{args:?}");
            let restored = text(&start).replacen(&old.to_string(), &after.to_string(), 1);
            assert_eq!(text(&end), restored, "{args:?}: {}", path.display());
        }
        for (path, text) in &start {
            let touched =
                zones("apply").iter().any(|(file, ..)| Path::new("dns").join(path) == Path::new(file));
            assert!(touched || end[path] == *text, "{args:?}: {}", path.display());
        }
    }
}

#[test]
fn scripts_of_several_zones_are_one_that_ends_with_the_first_that_fails() {
    let repository = repository("zones");
    let root = repository.path();
    let updates =
        String::from_utf8(ok(root, &["plan", "failover", "edge1", "--emit", "nsupdate"])).expect("text");
    assert_eq!(updates.matches("\nsend\n").count(), 3);
    assert!(updates.lines().all(|line| !line.is_empty()), "an empty line sends: {updates}");

    let script = ok(root, &["plan", "failover", "edge1", "--emit", "knotc"]);
    fs::write(root.join("all.sh"), &script).expect("written");
    assert_eq!(String::from_utf8_lossy(&script).matches("\nzone=").count(), 3);
    // Every call of `knotc` fails, so no zone but the first is begun.
    let output =
        Command::new("sh").arg("all.sh").env("KNOTC", "false").current_dir(root).output().expect("sh");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("nothing was changed").count(), 1, "{said}");
}

/// `UPDATE=1 cargo test --test plan_forms` rewrites them. They are files, because `trycmd` takes every
/// backslash for a slash.
#[test]
fn scripts_read_as_the_golden_files() {
    let repository = repository("fixtures/swing-a");
    let root = repository.path();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plan-forms");
    for (name, args) in [
        ("failover.ps1", &["--emit", "powershell"][..]),
        ("failover-back.ps1", &["--emit", "powershell", "--back"]),
        ("failover.cmd", &["--emit", "dnscmd"]),
        ("failover.json", &["--emit", "json", "--service", "xmpp"]),
    ] {
        let printed = ok(root, &[&["plan", "failover", "edge1"], args].concat());
        let path = golden.join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &printed).expect("written");
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&printed), text(&fs::read(&path).expect("a golden file")), "{name}");
    }
}

fn schema() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

#[test]
fn every_plan_is_as_its_schema_says() {
    let schema = schema();
    for (from, args) in WAYS {
        let repository = prepared(from, args);
        let plan = plan_json(repository.path(), args);
        assert!(!plan["apply"]["rrsets"].as_array().expect("RRsets").is_empty(), "{args:?}");
        let errors: Vec<String> = schema.iter_errors(&plan).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{args:?}: {errors:?}");
    }
    let repository = repository("zones");
    let nothing = plan_json(repository.path(), &["plan", "failback", "edge1"]);
    assert!(schema.is_valid(&nothing));
    assert_eq!(nothing["apply"], json!({"zones": [], "rrsets": [], "files": []}));

    // The schema does refuse what is not a plan.
    let plan = plan_json(repository.path(), &["plan", "failover", "edge1"]);
    let break_it: [fn(&mut Value); 6] = [
        |plan| plan["schema_version"] = json!("1"),
        |plan| drop(plan.as_object_mut().expect("an object").remove("back")),
        |plan| plan["services"] = json!([7]),
        |plan| plan["apply"]["zones"][0]["serial_after"] = json!(-1),
        |plan| plan["apply"]["rrsets"][0]["view"] = json!("both"),
        |plan| plan["back"]["rrsets"][0]["after"]["records"] = json!(null),
    ];
    for break_it in break_it {
        let mut broken = plan.clone();
        break_it(&mut broken);
        assert_ne!(broken, plan);
        assert!(!schema.is_valid(&broken), "{broken}");
    }
}

#[test]
fn the_json_says_what_the_plan_does() {
    let repository = repository("zones");
    let root = repository.path();
    let plan = plan_json(root, &["plan", "failover", "edge1", "--to", "edge2", "--service", "xmpp"]);
    assert_eq!(plan["goal"], json!({"kind": "failover", "pools": ["edge1"], "servers": [], "to": "edge2"}));
    assert_eq!(plan["state"]["down"], json!(["edge1"]));
    assert_eq!(plan["services"], json!(["xmpp"]));
    let up: Vec<&Value> = plan["pools"].as_array().expect("pools").iter().map(|pool| &pool["up"]).collect();
    assert_eq!(up, [&json!(false), &json!(true)]);
    let (there, back) = (&plan["apply"]["rrsets"][0], &plan["back"]["rrsets"][0]);
    assert_eq!(there["owner"], "_xmpp-server._tcp.contoso.com");
    assert_eq!((&there["before"], &there["after"]), (&back["after"], &back["before"]));
    assert_eq!(
        there["after"],
        json!({"ttl": 3600, "records": [
            {"rdata": "20 0 5269 xmpp2.contoso.com.", "pool": "edge2"},
            {"rdata": "30 0 5269 xmpp1.contoso.com.", "pool": "edge1"},
        ]})
    );
    for (way, args) in [("apply", &[][..]), ("back", &["--back"])] {
        let patch =
            ok(root, &[&["plan", "failover", "edge1", "--to", "edge2", "--service", "xmpp"], args].concat());
        let file = &plan[way]["files"][0];
        assert_eq!((&file["patch"], &file["exact"]), (&json!(String::from_utf8_lossy(&patch)), &json!(true)));
    }
}

#[test]
fn the_goal_that_was_given_stands_in_the_page_and_in_the_runbook() {
    let folder = repository("zones");
    let told = |rto: &[&str], emit: &str| {
        let args = [&["plan", "failover", "edge1", "--emit", emit], rto].concat();
        String::from_utf8(ok(folder.path(), &args)).expect("text")
    };
    for emit in ["markdown", "html"] {
        assert!(!told(&[], emit).contains("Recovery time objective"), "{emit}: none is declared");
        assert!(told(&["--rto", "10m"], emit).contains("Recovery time objective"), "{emit}");
    }
}
