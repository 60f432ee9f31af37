//! `zonewright lint --fix` and `--diff`: what they change, and what they leave.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const UNSAFE: &[&str] = &["--unsafe-fixes"];

fn lint(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.arg("lint").args(args).current_dir(folder);
    command.env("SOURCE_DATE_EPOCH", "1795219200").env("NO_COLOR", "1").env("COLUMNS", "100");
    command.output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// A folder with one zone, of `example.com`.
struct Zone(tempfile::TempDir);

impl Zone {
    fn new(zone: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.zone"), zone).unwrap();
        Self(folder)
    }

    fn lint(&self, args: &[&str]) -> Output {
        lint(self.0.path(), &[&["--origin", "example.com", "a.zone"], args].concat())
    }

    fn text(&self) -> String {
        text(&fs::read(self.0.path().join("a.zone")).unwrap())
    }
}

const HEAD: &str = "$TTL 3600\n@ SOA ns1 hostmaster 2026010101 14400 3600 1209600 3600\n NS ns1\n NS ns2\n\
                    ns1 A 192.0.2.1\nns2 A 192.0.2.2\n";

#[test]
fn safe_fixes_only_unless_others_are_asked_for() {
    let broken = format!("{HEAD}www A 192.0.2.3\nwww A 192.0.2.3\nold SPF \"v=spf1 -all\"\n");
    let zone = Zone::new(&broken);
    let output = zone.lint(&["--fix"]);
    let safely = zone.text();
    assert_eq!(
        safely,
        format!("{HEAD}www A 192.0.2.3\nold SPF \"v=spf1 -all\"\n"),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains("obsolete-type"), "what is left is reported");
    assert!(text(&output.stderr).contains("1 fixed"), "{}", text(&output.stderr));
    let output = zone.lint(&["--fix", "--unsafe-fixes"]);
    assert_eq!(zone.text(), safely.replace("SPF \"", "TXT \""), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_diff_is_what_would_be_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/six-mistakes");
    let (patched, fixed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&root, patched.path());
    copy(&root, fixed.path());
    let diff = lint(patched.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(diff.status.code(), Some(1), "{}", text(&diff.stderr));
    fs::write(patched.path().join("p"), &diff.stdout).unwrap();
    let git = Command::new("git").args(["apply", "p"]).current_dir(patched.path()).output().unwrap();
    assert!(git.status.success(), "{}\n{}", text(&git.stderr), text(&diff.stdout));
    let output = lint(fixed.path(), &["--fix", "--unsafe-fixes"]);
    assert_eq!(output.status.code(), Some(1), "one mistake has no fix");
    let read = |folder: &Path| text(&fs::read(folder.join("contoso.com.zone")).unwrap());
    assert_eq!(read(patched.path()), read(fixed.path()));
    let again = lint(fixed.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!((again.status.code(), text(&again.stdout)), (Some(0), String::new()));
}

#[test]
fn octets_outside_of_the_edits_stay() {
    let broken =
        format!("{HEAD}www\tA\t192.0.2.3 ; caf\u{e9}\nwww A 192.0.2.3\nx A 192.0.2.9").replace('\n', "\r\n");
    let mut octets = broken.clone().into_bytes();
    octets.splice(0..0, *b"; \xff\xfe no UTF-8\r\n");
    let zone = Zone::new(&octets);
    zone.lint(&["--fix", "--ignore", "crlf-line-endings"]);
    let expected = broken.replace("www A 192.0.2.3\r\n", "");
    let written = fs::read(zone.0.path().join("a.zone")).unwrap();
    assert!(written.ends_with(expected.as_bytes()), "{}", text(&written));
    assert!(written.starts_with(b"; \xff\xfe no UTF-8\r\n"));
}

/// Of more findings than are shown, those that no safe fix remedies do not keep the others from it.
#[test]
fn many_findings_are_remedied_but_for_those_that_cannot_be() {
    let mut records = String::new();
    for number in 0..1500 {
        records.push_str(&format!("$TTL {}\n", 3601 + number % 2));
        records.push_str(if number % 500 == 7 { "$TTL 3600 ; of the hosts\n" } else { "" });
    }
    let zone = Zone::new(format!("{HEAD}{records}www A 192.0.2.3\n"));
    let output = zone.lint(&["--fix", "--select", "redundant-directive"]);
    let left = zone.text();
    assert!(left.ends_with("$TTL 3602\nwww A 192.0.2.3\n"), "{left}{}", text(&output.stderr));
    assert_eq!(left.matches("of the hosts").count(), 3, "{left}");
    assert!(left.lines().count() < 40, "{left}");
}

#[test]
fn nothing_is_written_without_something_to_fix() {
    let zone = Zone::new(HEAD);
    let before = fs::metadata(zone.0.path().join("a.zone")).unwrap().modified().unwrap();
    let output = zone.lint(&["--fix", "--unsafe-fixes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::metadata(zone.0.path().join("a.zone")).unwrap().modified().unwrap(), before);
    assert_eq!(zone.text(), HEAD);
}

#[test]
fn standard_input_and_compressed_files_are_not_changed() {
    let zone = Zone::new(HEAD);
    let output = lint(zone.0.path(), &["--fix", "--origin", "example.com", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("standard input cannot be changed"), "{}", text(&output.stderr));
    let utf16: Vec<u8> = format!("\u{feff}{HEAD}www A 192.0.2.3\nwww A 192.0.2.3\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let zone = Zone::new(&utf16);
    zone.lint(&["--fix"]);
    assert_eq!(fs::read(zone.0.path().join("a.zone")).unwrap(), utf16);
}

#[test]
fn other_fixes_need_to_be_asked_for_with_one_of_the_two() {
    let zone = Zone::new(HEAD);
    let output = zone.lint(UNSAFE);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

/// Every zone of the rules: fixing ends, is done at once, and brings no kind of finding that was not
/// there.
#[test]
fn fixing_once_is_enough() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut fixed = 0;
    for folder in folders.iter().filter(|folder| folder.join("trigger.zone").exists()) {
        let scratch = tempfile::tempdir().unwrap();
        copy(folder, scratch.path());
        let file = scratch.path().join("trigger.zone");
        let old = fs::read(&file).unwrap();
        let mut args = vec!["trigger.zone", "--pedantic", "--output-format", "concise"];
        if !folder.join("zonewright.toml").exists() {
            args.extend(["--origin", "example.com"]);
        }
        let rules = |output: &Output| -> std::collections::BTreeSet<String> {
            let found = text(&output.stdout);
            let rule = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
            found.lines().filter(|line| !line.contains(": info[")).filter_map(rule).collect()
        };
        let before = rules(&lint(scratch.path(), &args));
        let after = lint(scratch.path(), &[&args[..], &["--fix", "--unsafe-fixes"]].concat());
        assert!(after.status.code() < Some(2), "{}: {}", folder.display(), text(&after.stderr));
        assert!(rules(&after).is_subset(&before), "{}: {}", folder.display(), text(&after.stdout));
        let new = fs::read(&file).unwrap();
        fixed += usize::from(new != old);
        let again = lint(scratch.path(), &[&args[..], &["--fix", "--unsafe-fixes"]].concat());
        assert_eq!(
            text(&fs::read(&file).unwrap()),
            text(&new),
            "{}: {}",
            folder.display(),
            text(&again.stderr)
        );
    }
    assert!(fixed > 30, "{fixed} zones were fixed");
}

/// Many records that are missing at one place of another file are written in one go.
#[test]
fn lines_that_are_missing_in_another_file_are_added_together() {
    let folder = tempfile::tempdir().unwrap();
    let hosts: String = (10..60).map(|host| format!("host{host} A 192.0.2.{host}\n")).collect();
    let reverse = "$TTL 3600\r\n@ SOA ns1.example.com. hostmaster.example.com. 7 14400 3600 1209600 3600\r\n \
                   NS ns1.example.com.\r\n NS ns2.example.com.\r\n1   PTR\tns1.example.com.\r\n2   PTR\t\
                   ns2.example.com.\r\n    PTR\tns3.example.com.\r\n; the end\r\n200 PTR\tlast.example.com.";
    let zone = "[[zone]]\norigin = \"example.com\"\nfile = \"a.zone\"\n\n[[zone]]\norigin = \
                \"2.0.192.in-addr.arpa\"\nfile = \"r.zone\"\n";
    let more = "ns3 A 192.0.2.2\nlast A 192.0.2.200\nbeyond A 192.0.2.201\n";
    fs::write(folder.path().join("a.zone"), format!("{HEAD}{hosts}{more}")).unwrap();
    fs::write(folder.path().join("r.zone"), reverse).unwrap();
    fs::write(folder.path().join("zonewright.toml"), zone).unwrap();
    let output = lint(folder.path(), &["--fix", "--unsafe-fixes", "--ignore", "crlf-line-endings"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let pointers: String = (10..60).map(|host| format!("{host}  PTR\thost{host}.example.com.\r\n")).collect();
    let expected = reverse.replace("; the end", &format!("{pointers}; the end"));
    let after = text(&fs::read(folder.path().join("r.zone")).unwrap());
    assert_eq!(after, format!("{expected}\r\n201.2.0.192.in-addr.arpa. IN PTR beyond.example.com.\r\n"));
}
