//! Zones that are made to keep a checker busy: none takes longer than its length explains.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

const HEAD: &str = "$TTL 3600\n@ SOA ns1 hostmaster 2026010101 14400 3600 1209600 3600\n@ NS ns1\n@ NS ns2\n\
                    ns1 A 192.0.2.1\nns2 A 192.0.2.2\n";

/// Far more than is needed, and far less than what grows with the square takes.
const LIMIT: Duration = Duration::from_secs(20);

/// What `lint` with these options says of the records.
fn lint(records: &str, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.zone"), format!("{HEAD}{records}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.args(["lint", "--origin", "example.com", "--output-format", "concise", "a.zone"]);
    let began = Instant::now();
    let output = command.args(options).current_dir(folder.path()).output().unwrap();
    assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    String::from_utf8(output.stdout).unwrap()
}

/// Records of one owner, whose last one equals the first.
fn copied(record: impl Fn(usize) -> String, last: &str) -> String {
    let mut records = String::new();
    for number in 0..60_000 {
        writeln!(records, "many {}", record(number)).unwrap();
    }
    writeln!(records, "many {last}").unwrap();
    records
}

#[test]
fn a_copy_among_many_records() {
    let host = |number: usize| format!("A 11.0.{}.{}", number >> 8, number & 255);
    let found = lint(&copied(host, &host(0)), &["--select", "duplicate-record"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("`many.example.com` A is written twice"), "{found}");
}

#[test]
fn a_copy_in_other_case_among_many_records() {
    let records = copied(|number| format!("PTR n{number}.example.net."), "PTR N0.example.net.");
    let found = lint(&records, &["--select", "duplicate-record-case"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("`n0.example.net.` and `N0.example.net.` are the same name"), "{found}");
}

#[test]
fn texts_in_which_tokens_begin_everywhere() {
    let text = format!("\"{}\" ", "AKIA".repeat(63)).repeat(250);
    let records: String = (0..20).map(|number| format!("t{number} TXT {text}\n")).collect();
    assert_eq!(lint(&records, &["--select", "txt-looks-like-secret"]), "");
}

#[test]
fn one_address_of_all_names() {
    let options = ["--select", "duplicate-address"];
    let found = lint("$GENERATE 0-60000 a$ A 11.0.0.1\n$GENERATE 0-60000 b$ A 11.0.0.1\n", &options);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("`11.0.0.1` is the address of 120002 names"), "{found}");
}

#[test]
fn null_mx_records_beside_one_mail_server() {
    let records = copied(|number| format!("MX {number} ."), "MX 5 mail.example.net.");
    let found = lint(&records, &["--select", "mx-null-with-others"]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("`many.example.com` MX"), "{found}");
}
