//! `zonewright lint --baseline`: an old repository fails on what is new only.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const HEAD: &str = "$TTL 3600\n@ SOA ns1 hostmaster 2026010101 14400 3600 1209600 3600\n NS ns1\n NS ns2\n\
                    ns1 A 192.0.2.1\nns2 A 192.0.2.2\n";

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.arg("lint").args(args).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "100");
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Two zones with mistakes, one of them accepted.
fn repository(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dns")).unwrap();
    fs::write(folder.path().join("dns/a.example.zone"), format!("{HEAD}x CNAME ns1\nx A 192.0.2.3\n"))
        .unwrap();
    fs::write(folder.path().join("dns/b.example.zone"), format!("{HEAD}x MX 10 nowhere\n")).unwrap();
    fs::write(folder.path().join("zonewright.toml"), config).unwrap();
    folder
}

const CONFIG: &str = "[[zone]]\norigin = \"a.example\"\nfile = \"dns/a.example.zone\"\n\
                      [[zone]]\norigin = \"b.example\"\nfile = \"dns/b.example.zone\"\n\
                      [lint]\nbaseline = \"known.json\"\n";

#[test]
fn what_is_accepted_passes_wherever_it_moves_and_what_is_new_fails() {
    let folder = repository(CONFIG);
    let (code, _, error) = run(folder.path(), &[]);
    assert_eq!(code, Some(2), "the baseline is not there yet");
    assert!(error.contains("known.json") && error.contains("--write-baseline"), "{error}");
    let (code, out, error) = run(folder.path(), &["--write-baseline"]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{error}");
    assert!(error.contains("known.json accepts 2 findings"), "{error}");
    let (code, out, error) = run(folder.path(), &[]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{error}");
    assert!(error.contains("2 in the baseline"), "{error}");
    // Lines move, and the same mistake is made once more elsewhere.
    let file = folder.path().join("dns/b.example.zone");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("x MX", "; a comment\n\nx MX") + "z MX 10 nobody\n").unwrap();
    let (code, out, _) = run(&folder.path().join("dns"), &["--output-format", "concise"]);
    assert_eq!(code, Some(1));
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.contains("nobody"), "{out}");
}

#[test]
fn what_is_mended_is_told_and_does_not_come_back_unseen() {
    let folder = repository(CONFIG);
    run(folder.path(), &["--write-baseline"]);
    let file = folder.path().join("dns/a.example.zone");
    let broken = fs::read_to_string(&file).unwrap();
    fs::write(&file, HEAD).unwrap();
    let (code, _, error) = run(folder.path(), &[]);
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains("1 of the baseline is not found any more"), "{error}");
    let (_, _, error) = run(folder.path(), &["--select", "mail"]);
    assert!(!error.contains("not found any more"), "what was not looked for: {error}");
    run(folder.path(), &["--write-baseline"]);
    fs::write(&file, broken).unwrap();
    assert_eq!(run(folder.path(), &[]).0, Some(1));
}

#[test]
fn files_that_were_not_looked_at_stay_accepted() {
    let folder = repository(CONFIG);
    run(folder.path(), &["--write-baseline"]);
    let before = fs::read_to_string(folder.path().join("known.json")).unwrap();
    fs::write(folder.path().join("dns/a.example.zone"), HEAD).unwrap();
    let (code, _, error) = run(folder.path(), &["--write-baseline", "dns/a.example.zone"]);
    assert_eq!(code, Some(0), "{error}");
    let after = fs::read_to_string(folder.path().join("known.json")).unwrap();
    assert!(before.contains("dns/a.example.zone") && !after.contains("dns/a.example.zone"), "{after}");
    assert!(after.contains("dns/b.example.zone"), "{after}");
}

#[test]
fn a_baseline_on_the_command_line_and_one_that_is_none() {
    let folder = repository(&CONFIG.replace("[lint]\nbaseline = \"known.json\"\n", ""));
    let (code, _, error) = run(folder.path(), &["--write-baseline"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(folder.path().join("zonewright-baseline.json").exists());
    assert_eq!(run(folder.path(), &["--baseline", "zonewright-baseline.json"]).0, Some(0));
    assert_eq!(run(folder.path(), &[]).0, Some(1), "nothing names it");
    for text in ["", "[]", "{\"version\": 9, \"files\": {}}", "{\"version\": 1}"] {
        fs::write(folder.path().join("bad.json"), text).unwrap();
        let (code, _, error) = run(folder.path(), &["--baseline", "bad.json"]);
        assert_eq!(code, Some(2), "{text}: {error}");
        assert!(error.contains("bad.json: "), "{error}");
    }
}

#[test]
fn fixes_leave_alone_what_is_accepted() {
    let folder = repository(CONFIG);
    let file = folder.path().join("dns/b.example.zone");
    fs::write(&file, format!("{HEAD}x A 192.0.2.3\nx A 192.0.2.3\n")).unwrap();
    run(folder.path(), &["--write-baseline"]);
    let text = fs::read_to_string(&file).unwrap() + "y A 192.0.2.4\ny A 192.0.2.4\n";
    fs::write(&file, &text).unwrap();
    let (code, _, error) = run(folder.path(), &["--fix"]);
    assert_eq!(code, Some(0), "{error}");
    let fixed = fs::read_to_string(&file).unwrap();
    assert_eq!(fixed, format!("{HEAD}x A 192.0.2.3\nx A 192.0.2.3\ny A 192.0.2.4\n"));
}
