//! The RDATA grammar against BIND's: `named-rrchecker` prints the wire form of a record, or refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use zonewright::zonefile::name::{Name, NameContext};
use zonewright::zonefile::rdata::{NameReader, decode, known, print};
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
];

/// Lines of types and keys that BIND, or one of some age, does not know: it may refuse them.
const YOUNG: &[&str] = &[
    "ALIAS ",
    "ANAME ",
    "BRID ",
    "CLA ",
    "DELEG ",
    "DSYNC ",
    "HHIT ",
    "IPN ",
    "RESINFO ",
    "SVCB 1 . ohttp",
    "WALLET ",
    "WINS ",
    "WINSR ",
];

/// Lines that BIND prints otherwise, and why that is right.
const PRINTED_OTHERWISE: &[(&str, &str)] = &[
    ("RRSIG A 8 2 3600 1 4294967295 1 a. AAAA", "what BIND prints depends on the year in which it is asked"),
    ("AAAA ::192.0.2.1", "RFC 4291 section 2.5.5.1 has done away with addresses that embed IPv4 this way"),
];

/// The wire form in hexadecimal as this program reads it; none when it refuses.
fn ours(line: &str) -> Result<String, String> {
    let (_, wire) = wire(line)?;
    Ok(wire.iter().map(|octet| format!("{octet:02X}")).collect())
}

fn wire(line: &str) -> Result<(Rtype, Vec<u8>), String> {
    let apex = Name::absolute(ORIGIN.as_bytes()).unwrap();
    let mut names = NameReader::new(NameContext::new(apex.clone(), apex));
    let data = line.as_bytes();
    let mut tokens = Vec::new();
    let entry = Scanner::new(data, 0).entry(&mut tokens).unwrap();
    let rtype = Rtype::read(tokens[0].text(data)).unwrap();
    let tokens = Tokens { data, rest: &tokens[1..], end: entry.end };
    match decode(rtype, tokens, &mut names) {
        Ok(decoded) => Ok((rtype, decoded.wire)),
        Err(error) => Err(format!("{}: {}", error.rule.0, error.message)),
    }
}

/// The same from BIND; an error when the tool is not installed.
fn binds(line: &str) -> std::io::Result<Result<String, String>> {
    Ok(rrchecker("-u", line)?.map(|text| {
        let (_, after) = text.split_once("\\# ").expect("the generic form of RFC 3597");
        after.split_whitespace().skip(1).collect()
    }))
}

fn rrchecker(form: &str, line: &str) -> std::io::Result<Result<String, String>> {
    let mut child = Command::new("named-rrchecker")
        .args([form, "-o", ORIGIN])
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
    Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[test]
fn differences_are_among_the_lines() {
    for (line, why) in DIFFERENCES.iter().chain(PRINTED_OTHERWISE) {
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

#[test]
fn text_is_that_of_bind() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for line in lines() {
        let Ok((rtype, wire)) = wire(line) else { continue };
        let theirs = match rrchecker("-p", line) {
            Ok(Ok(theirs)) => theirs,
            Ok(Err(_)) => continue,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "SKIPPED: named-rrchecker cannot be run: {error}");
                return;
            }
        };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (ours, theirs) = (words(&format!("IN {rtype} {}", print(rtype, &wire, None))), words(&theirs));
        let expected = PRINTED_OTHERWISE.iter().all(|(otherwise, _)| *otherwise != line);
        if (ours == theirs) != expected {
            wrong.push(format!("{line}\n    ours: {ours:?}\n    BIND: {theirs:?}"));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} lines differ from what is expected:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 250, "{compared} lines");
}
