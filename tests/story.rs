//! What a DNS admin does: fail over and back in a git repository, with the real tools reading along.
#![allow(clippy::expect_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Repository {
    folder: tempfile::TempDir,
    config: &'static str,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Repository {
    fn new(from: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join(from), &folder.path().join("dns"));
        let repository = Self { folder, config: "dns/zonewright.toml" };
        assert!(repository.git(&["init", "-q"], b"").status.success());
        repository.commit();
        repository
    }

    fn commit(&self) {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let commit = [&who[..], &["commit", "-qm", "x", "--allow-empty"]].concat();
        for args in [&["add", "-A"][..], &commit] {
            assert!(self.git(args, b"").status.success(), "git {args:?}");
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, args: &[&str], input: &[u8]) -> Output {
        feed(Command::new("git").args(args).current_dir(self.path()), input)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
        command.args(args).args(["--config", self.config]).current_dir(self.path());
        for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(name);
        }
        command.env("SOURCE_DATE_EPOCH", "1795219200");
        command.output().expect("the program runs")
    }

    fn ok(&self, args: &[&str]) -> Vec<u8> {
        let output = self.run(args);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{args:?}\n{}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        output.stdout
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.path().join("dns")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    files.insert(path.clone(), fs::read(path).expect("read"));
                }
            }
        }
        files
    }

    /// The SOA serials as BIND reads them, by file; BIND must load every zone.
    fn serials(&self) -> BTreeMap<String, u32> {
        let config = fs::read_to_string(self.path().join(self.config)).expect("read");
        let value = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
        let mut origin = String::new();
        let mut serials = BTreeMap::new();
        for line in config.lines() {
            if line.starts_with("origin") {
                origin = value(line);
            } else if line.starts_with("file") {
                let file = value(line);
                let output = Command::new("named-checkzone")
                    .args(["-i", "local", "-w"])
                    .arg(self.path().join("dns"))
                    .args([&origin, &file])
                    .output()
                    .expect("named-checkzone is installed");
                let said = text(&output.stdout);
                assert!(output.status.success(), "named-checkzone {origin} {file}: {said}");
                let serial =
                    said.split("loaded serial ").nth(1).and_then(|rest| rest.split_whitespace().next());
                serials.insert(file, serial.and_then(|serial| serial.parse().ok()).expect("a serial"));
            }
        }
        serials
    }
}

fn feed(command: &mut Command, input: &[u8]) -> Output {
    use std::io::Write as _;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    child.wait_with_output().expect("ended")
}

fn without(text: &[u8], serial: u32) -> String {
    String::from_utf8_lossy(text).replacen(&serial.to_string(), "SERIAL", 1)
}

fn there_and_back(from: &str, pool: &str) {
    way_and_way_back(from, &["failover", pool], &["failback", pool]);
}

/// Both plans, applied by git: after the second one every file is as it was, but for the serials.
fn way_and_way_back(from: &str, way: &[&str], way_back: &[&str]) {
    let pool = &way.join(" ");
    let repository = Repository::new(from);
    let start = repository.files();
    let serials = repository.serials();

    let patch = repository.ok(&[&["plan"], way].concat());
    assert!(!patch.is_empty(), "{from}: {pool} changes something");
    assert_eq!(repository.files(), start, "nothing is written without --write");
    let output = repository.git(&["apply", "--check", "-"], &patch);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(repository.git(&["apply", "-"], &patch).status.success());
    repository.ok(&["lint", "dns"]);
    let moved = repository.serials();

    let patch = repository.ok(&[&["plan"], way_back].concat());
    assert!(repository.git(&["apply", "-"], &patch).status.success());
    repository.ok(&["lint", "dns"]);
    let back = repository.serials();
    let end = repository.files();
    for (path, old) in &start {
        let file =
            path.strip_prefix(repository.path().join("dns")).expect("below").to_string_lossy().into_owned();
        match (serials.get(&file), back.get(&file)) {
            (Some(first), Some(last)) => {
                assert_eq!(without(&end[path], *last), without(old, *first), "{from}, {pool}: {file}");
                if first == last {
                    assert_eq!(first, &moved[&file], "{file}");
                } else {
                    assert!(
                        *first < moved[&file] && moved[&file] < *last,
                        "{from}, {pool}: serial of {file}"
                    );
                }
            }
            _ => assert_eq!(&end[path], old, "{from}, {pool}: {file}"),
        }
    }
}

#[test]
fn prestaged_xmpp_fails_over_and_back() {
    for pool in ["edge1", "edge2"] {
        // The standby pool's records come last already: there is nothing to change when it fails.
        if pool == "edge2" {
            let repository = Repository::new("zones");
            assert!(repository.ok(&["plan", "failover", "edge2"]).is_empty());
            continue;
        }
        there_and_back("zones", pool);
    }
}

#[test]
fn either_pool_fails_over_and_back_when_it_comes_first() {
    for pool in ["edge1", "edge2"] {
        let other = if pool == "edge1" { "edge2" } else { "edge1" };
        let repository = Repository::new("zones");
        let start = repository.files();
        let patch = repository.ok(&["plan", "failover", other]);
        if !patch.is_empty() {
            assert!(repository.git(&["apply", "-"], &patch).status.success());
        }
        let patch = repository.ok(&["plan", "failover", pool]);
        if !patch.is_empty() {
            assert!(repository.git(&["apply", "-"], &patch).status.success());
        }
        repository.ok(&["lint", "dns"]);
        repository.commit();
        repository.ok(&["plan", "failback", "edge1", "edge2", "--write"]);
        repository.ok(&["lint", "dns"]);
        assert_eq!(repository.files().len(), start.len());
        assert!(repository.ok(&["plan", "sync"]).is_empty(), "after failback the zones say what is declared");
    }
}

#[test]
fn other_services_fail_over_and_back() {
    there_and_back("fixtures/services", "north");
}

#[test]
fn swung_xmpp_fails_over_and_back() {
    there_and_back("fixtures/swing-a", "edge1");
}

#[test]
fn a_server_is_drained_and_restored() {
    for from in ["zones", "fixtures/swing-a"] {
        for server in ["edge1a", "edge1b", "edge2a", "edge2b"] {
            way_and_way_back(from, &["drain", server], &["restore", server]);
        }
        way_and_way_back(from, &["drain", "edge1a", "edge2b"], &["restore", "edge1a", "edge2b"]);
    }
}

#[test]
fn a_route_goes_there_and_back() {
    for from in ["zones", "fixtures/swing-a"] {
        for service in ["federation", "xmpp"] {
            let route = |to| ["route", "--service", service, "--to", to];
            way_and_way_back(from, &route("edge2"), &route("edge1"));
        }
    }
}

#[test]
fn a_pool_leaves_and_comes_back() {
    for from in ["zones", "fixtures/swing-a"] {
        let repository = Repository::new(from);
        let records = |repository: &Repository| -> BTreeSet<String> {
            let config = fs::read_to_string(repository.path().join(repository.config)).expect("read");
            let value = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
            let mut origin = String::new();
            let mut records = BTreeSet::new();
            for line in config.lines() {
                if line.starts_with("origin") {
                    origin = value(line);
                } else if line.starts_with("file") {
                    let file = value(line);
                    let output = Command::new("named-compilezone")
                        .args(["-i", "local", "-o", "-", "-w"])
                        .arg(repository.path().join("dns"))
                        .args([&origin, &file])
                        .output()
                        .expect("named-compilezone is installed");
                    assert!(output.status.success(), "{file}: {}", text(&output.stderr));
                    let lines = text(&output.stdout);
                    let fields = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
                    let lines = lines.lines().map(fields).filter(|line| !line.contains(" IN SOA "));
                    records.extend(lines.map(|line| format!("{file}: {line}")));
                }
            }
            records
        };
        let start = records(&repository);
        for args in [&["plan", "decommission", "edge1", "--to", "edge2"][..], &["plan", "add", "edge1"]] {
            let patch = repository.ok(args);
            assert!(repository.git(&["apply", "-"], &patch).status.success(), "{args:?}");
            if args[1] == "decommission" {
                let left = records(&repository);
                let lost: Vec<&String> = start.difference(&left).collect();
                assert!(lost.len() > 10, "{from}: {lost:?}");
                assert!(
                    !left.iter().any(|line| line.contains("sip1.") || line.contains("webcon1.")),
                    "{left:?}"
                );
            }
        }
        assert_eq!(records(&repository), start, "{from}");
        repository.ok(&["lint", "dns"]);
    }
}

#[test]
fn write_changes_the_files_as_the_patch_does() {
    let printed = Repository::new("zones");
    let patch = printed.ok(&["plan", "failover", "edge1"]);
    assert!(printed.git(&["apply", "-"], &patch).status.success());
    let written = Repository::new("zones");
    written.ok(&["plan", "failover", "edge1", "--write"]);
    let relative = |repository: &Repository| -> BTreeMap<PathBuf, Vec<u8>> {
        let files = repository.files().into_iter();
        files
            .map(|(path, text)| (path.strip_prefix(repository.path()).expect("below").to_owned(), text))
            .collect()
    };
    assert_eq!(relative(&printed), relative(&written));
}

#[test]
fn what_cannot_be_planned_is_said_and_nothing_is_written() {
    let refused = |prepare: &dyn Fn(&Path), args: &[&str], words: &[&str]| {
        let repository = Repository::new("zones");
        prepare(repository.path());
        let before = repository.files();
        let mut args = args.to_vec();
        args.push("--write");
        let output = repository.run(&args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}: {}", text(&output.stdout));
        for word in words {
            assert!(said.contains(word), "{args:?}: `{word}` is not in: {said}");
        }
        assert_eq!(repository.files(), before, "{args:?}");
    };
    let nothing = |_: &Path| {};
    refused(
        &nothing,
        &["plan", "failover", "edge1", "edge2"],
        &["every pool", "edge1, edge2", "leave one pool up"],
    );
    refused(
        &nothing,
        &["plan", "failover", "egde1"],
        &["no Edge pool is called `egde1`", "did you mean `edge1`"],
    );
    let no_xmpp = |root: &Path| {
        let path = root.join("dns/zonewright.toml");
        let toml = fs::read_to_string(&path).expect("read");
        let second = toml.rfind("services = [").expect("two pools");
        let (head, tail) = toml.split_at(second);
        fs::write(path, format!("{head}{}", tail.replacen(", \"xmpp\"]", "]", 1))).expect("written");
    };
    refused(
        &no_xmpp,
        &["plan", "failover", "edge2", "--service", "xmpp"],
        &["`edge2` does not offer xmpp", "--service xmpp"],
    );
    let broken = |root: &Path| {
        let path = root.join("dns/contoso.com.zone");
        let zone = fs::read_to_string(&path).expect("read");
        fs::write(path, zone.replacen("IN  SRV  10 0 443  sip1", "IN  SVR  10 0 443  sip1", 1))
            .expect("written");
    };
    refused(&broken, &["plan", "failover", "edge1"], &["zone contoso.com does not parse", "`SVR`", "SRV"]);
    let undeclared = |root: &Path| {
        let path = root.join("dns/zonewright.toml");
        let toml = fs::read_to_string(&path).expect("read");
        let zone = "[[zone]]\norigin = \"fabrikam.com\"\nfile = \"fabrikam.com.zone\"\nview = \"external\"\n";
        assert!(toml.contains(zone));
        fs::write(path, toml.replacen(zone, "", 1)).expect("written");
    };
    refused(&undeclared, &["plan", "failover", "edge1"], &["[[zone]]", "fabrikam.com"]);
    let gone = |root: &Path| fs::remove_file(root.join("dns/fabrikam.com.zone")).expect("removed");
    refused(&gone, &["plan", "failover", "edge1"], &["fabrikam.com.zone", "no such file"]);
}
