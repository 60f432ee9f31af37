//! The RDATA grammar against BIND's: `named-rrchecker` prints the wire form of a record, or refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use zonewright::zonefile::name::{Name, NameContext};
use zonewright::zonefile::rdata::{NameReader, decode, known};
use zonewright::zonefile::rtype::{MNEMONICS, Rtype};
use zonewright::zonefile::scan::Scanner;
use zonewright::zonefile::token::Tokens;

const ORIGIN: &str = "example.com";

/// Lines that BIND reads otherwise, and why that is right.
const DIFFERENCES: &[(&str, &str)] = &[
    ("SOA ns h@example.com. 1 2 3 4 5", "a mailbox as in mail is reported as `soa-rname-at-sign`"),
    ("NAPTR 100 10 \"U\" \"E2U+sip\" \"!^.*$\" .", "a regular expression is a matter for a rule of its own"),
    ("DS 60485 8 2 E2D3", "the length of a digest is a matter for a rule of its own"),
    ("SSHFP 1 1 1234", "the length of a fingerprint is a matter for a rule of its own"),
    ("ZONEMD 1 1 240 0102", "the length of a digest is a matter for a rule of its own"),
    ("NSEC3 1 1 12 - 2vptu A", "the length of a hash is a matter for a rule of its own"),
    ("NSEC3 \\# 7 01000000000101", "the length of a hash is a matter for a rule of its own"),
    ("SVCB 1 \".\"", "BIND refuses a quoted name in every other type"),
    ("EUI48 00-00-5e-00-53-2", "RFC 7043 section 3.2 has two digits in each group"),
    ("EUI48 00-00-5e-00-53-2a-00", "RFC 7043 section 3.2 has six groups"),
    ("X25 abc", "the digits of an address of an obsolete network are not looked at"),
    ("KEY 49152 3 5", "a KEY without a key is of the DNSSEC that RFC 4034 replaced"),
];

/// Lines of types and keys that a BIND of some age does not know: it may refuse them.
const YOUNG: &[&str] = &["BRID ", "CLA ", "DSYNC ", "HHIT ", "RESINFO ", "WALLET ", "SVCB 1 . ohttp"];

/// The wire form in hexadecimal as this program reads it; none when it refuses.
fn ours(line: &str) -> Result<String, String> {
    let apex = Name::absolute(ORIGIN.as_bytes()).unwrap();
    let mut names = NameReader { context: NameContext::new(apex.clone(), apex), buffer: Vec::new() };
    let data = line.as_bytes();
    let mut tokens = Vec::new();
    let entry = Scanner::new(data, 0).entry(&mut tokens).unwrap();
    let rtype = Rtype::read(tokens[0].text(data)).unwrap();
    let tokens = Tokens { data, rest: &tokens[1..], end: entry.end };
    match decode(rtype, tokens, &mut names) {
        Ok(decoded) => Ok(decoded.wire.iter().map(|octet| format!("{octet:02X}")).collect()),
        Err(error) => Err(format!("{}: {}", error.rule.0, error.message)),
    }
}

/// The same from BIND; an error when the tool is not installed.
fn binds(line: &str) -> std::io::Result<Result<String, String>> {
    let mut child = Command::new("named-rrchecker")
        .args(["-u", "-o", ORIGIN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "IN {line}")?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, after) = text.split_once("\\# ").expect("the generic form of RFC 3597");
    Ok(Ok(after.split_whitespace().skip(1).collect()))
}

#[test]
fn differences_are_among_the_lines() {
    for (line, why) in DIFFERENCES {
        assert!(lines().any(|asked| asked == *line), "{line} ({why}) is not asked about");
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("rdata/lines.txt").lines().filter(|line| !line.starts_with(';'))
}

#[test]
fn the_lines_cover_every_type() {
    for (mnemonic, _) in MNEMONICS.iter().filter(|(_, rtype)| known(*rtype)) {
        let of_type = |line: &&str| line.split(' ').next() == Some(mnemonic);
        assert!(lines().filter(of_type).any(|line| ours(line).is_ok()), "no line of {mnemonic} is accepted");
    }
}

#[test]
fn wire_form_is_that_of_bind() {
    let mut wrong = Vec::new();
    for line in lines() {
        let theirs = match binds(line) {
            Ok(theirs) => theirs,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "SKIPPED: named-rrchecker cannot be run: {error}");
                return;
            }
        };
        let ours = ours(line);
        let same = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => true,
            (Ok(_), Err(_)) => YOUNG.iter().any(|young| line.starts_with(young)),
            _ => false,
        };
        let expected = DIFFERENCES.iter().all(|(difference, _)| *difference != line);
        if same != expected {
            wrong.push(format!("{line}\n    ours: {ours:?}\n    BIND: {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} lines differ from what is expected:\n{}", wrong.len(), wrong.join("\n"));
}
