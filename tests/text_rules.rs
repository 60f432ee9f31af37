//! The rules about the text of files: what their fixes leave as it is, large files, and what `fmt` makes.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zonewright::config::View;
use zonewright::diagnostic::Finding;
use zonewright::edit::apply;
use zonewright::fmt::{Style, format, same_text};
use zonewright::lint::{Group, Levels, ZoneContext, lint, rule};
use zonewright::text::{Source, Sources};
use zonewright::workspace::{Request, load};
use zonewright::zone::build;
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::Options;
use zonewright::zonefile::server::Targets;

const RULES: [&str; 7] = [
    "commented-out-record",
    "rdata-not-canonical",
    "redundant-directive",
    "redundant-ttl-or-class",
    "tabs-and-spaces-mixed",
    "trailing-whitespace",
    "type-or-class-case",
];

/// The beginning of a zone without mistakes.
const HEAD: &str = "$TTL 3600\n@ SOA ns1 hostmaster 2026010101 14400 3600 1209600 3600\n@ NS ns1\n@ NS ns2\n\
                    ns1 A 192.0.2.1\nns2 A 198.51.100.2\n";

fn levels() -> Levels {
    let mut levels = Levels::new();
    levels.select(RULES).unwrap();
    levels
}

fn found(path: &Path) -> Vec<Finding> {
    let request = Request {
        paths: vec![path.to_owned()],
        origin: Some(String::from("example.com")),
        ..Request::default()
    };
    let mut loaded = load(&request).unwrap();
    let parsed = loaded.take_findings();
    lint(&loaded.contexts(), parsed, None, &levels()).findings
}

fn found_in(text: &[u8]) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zone");
    fs::write(&path, text).unwrap();
    found(&path)
}

fn zones_below(folder: &Path, zones: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            zones_below(&path, zones);
        } else if path.extension().is_some_and(|end| end == "zone") {
            zones.push(path);
        }
    }
}

/// All zones of the repository, correct ones and others.
fn zones() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut zones = Vec::new();
    zones_below(&root.join("zones"), &mut zones);
    zones_below(&root.join("fixtures"), &mut zones);
    zones.sort();
    assert!(zones.len() > 300, "{}", zones.len());
    zones
}

/// The same with much to be tidied up.
fn untidy(text: &[u8]) -> Vec<u8> {
    let replaced = |text: &[u8], from: &[u8], to: &[u8]| {
        let mut new = Vec::new();
        let mut at = 0;
        for found in memchr::memmem::find_iter(text, from) {
            new.extend_from_slice(&text[at..found]);
            new.extend_from_slice(to);
            at = found + from.len();
        }
        new.extend_from_slice(&text[at..]);
        new
    };
    let text = replaced(text, b" IN ", b"\tin  ");
    replaced(&replaced(&text, b" 10 ", b" 010 "), b"\n", b" \n")
}

/// Each fix by itself leaves every record as it was.
#[test]
fn fixes_change_no_record() {
    let options = Options::new(Name::absolute(b"example.com").unwrap());
    let mut fixed = 0;
    for path in zones() {
        let text = fs::read(&path).unwrap();
        // Not every one: most of their lines are the same.
        let is_model = path.ends_with("near-miss.zone") && path.to_string_lossy().contains("/rules/s");
        let untidy = is_model.then(|| untidy(&text));
        for text in untidy.into_iter().chain([text]) {
            for finding in found_in(&text) {
                let Some(fix) = &finding.fix else { continue };
                fixed += 1;
                let new = apply(&text, &fix.edits).unwrap();
                assert!(new != text);
                let same = same_text(&text, &new, &options);
                assert!(same.is_ok(), "{}: {}: {same:?}", path.display(), finding.message);
            }
        }
    }
    assert!(fixed > 500, "{fixed} fixes");
}

/// All fixes together leave every record as it was, and nothing to be fixed.
#[test]
fn fixing_ends() {
    let options = Options::new(Name::absolute(b"example.com").unwrap());
    let text = format!(
        "{HEAD}www\t3600  in A 192.0.2.9 \nftp     1h   IN\tcname www\t\n$TTL 1h\nmail IN MX 010 www ; x  \n\
         six  aaaa 2001:DB8:0:0::9\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zone");
    fs::write(&path, &text).unwrap();
    let binary = env!("CARGO_BIN_EXE_zonewright");
    let mut command = std::process::Command::new(binary);
    command.args(["lint", "--fix", "--origin", "example.com", "a.zone", "--select", &RULES.join(",")]);
    let output = command.current_dir(folder.path()).output().unwrap();
    let new = fs::read(&path).unwrap();
    let words = String::from_utf8_lossy(&new);
    assert!(found(&path).is_empty(), "{words}{}", String::from_utf8_lossy(&output.stdout));
    same_text(text.as_bytes(), &new, &options).unwrap();
    assert!(words.contains("AAAA 2001:db8::9\n") && words.contains("MX 10 www ; x\n"), "{words}");
}

/// A file on the disk is read in parts, and nothing is lost between them.
#[test]
fn large_files_are_read_in_parts() {
    let mut text = String::from(HEAD);
    let mut expected = Vec::new();
    let long = "-".repeat(200);
    for number in 0..48_000 {
        let rtype = if number % 50 == 7 { "txt" } else { "TXT" };
        if rtype == "txt" {
            expected
                .push((text.len() + format!("host-{number} ").len(), format!("host-{number}.example.com")));
        }
        let comment = long.get(..100 + number % 97).unwrap();
        writeln!(text, "host-{number} {rtype} ( \"word of {number}\" ; {comment}\n )\n").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zone");
    fs::write(&path, &text).unwrap();
    assert!(text.len() > 8 << 20, "{} octets stay on the disk", text.len());
    let mut found: Vec<_> = found(&path)
        .into_iter()
        .map(|finding| (finding.span.start as usize, finding.rule.0, finding.owner.unwrap()))
        .collect();
    found.sort();
    let found: Vec<_> = found
        .into_iter()
        .map(|(at, rule, owner)| {
            assert_eq!(rule, "type-or-class-case");
            (at, owner)
        })
        .collect();
    assert!(found == expected, "{} findings, {} expected", found.len(), expected.len());
}

/// Findings that are not kept are remedied all the same.
#[test]
fn more_findings_than_are_kept_have_their_fixes() {
    let mut text = String::from(HEAD);
    for number in 0..3000 {
        writeln!(text, "host-{number} A 192.0.2.9 ").unwrap();
    }
    let found = found_in(text.as_bytes());
    assert_eq!(found.len(), 1001);
    let last = found.last().unwrap();
    assert!(last.message.contains("2000 more findings of `trailing-whitespace`"), "{}", last.message);
    let edits: Vec<_> = found.iter().flat_map(|finding| finding.fix.clone().unwrap().edits).collect();
    let new = apply(text.as_bytes(), &edits).unwrap();
    assert!(found_in(&new).is_empty());
}

/// Whether nothing in a file is such that `fmt` leaves it as it is.
fn is_sound(text: &[u8]) -> bool {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("a.zone", text));
    let options = Options::new(Name::absolute(b"example.com").unwrap());
    let (_, findings) = build(&sources, &NoIncludes, file, &options);
    let is_syntax = |finding: &Finding| rule(finding.rule.0).is_some_and(|rule| rule.group == Group::Syntax);
    !findings.iter().any(|finding| {
        is_syntax(finding)
            || ["portability-newline-in-string", "portability-adjacent-strings"].contains(&finding.rule.0)
    }) && memchr::memmem::find(text, b"=\"").is_none()
}

/// What `fmt` lays out, with spaces or tabs, has none of the findings about layout.
#[test]
fn formatted_files_are_tidy() {
    let layout = ["tabs-and-spaces-mixed", "trailing-whitespace", "type-or-class-case"];
    let mut changed = 0;
    for path in zones().into_iter().filter(|path| !path.ends_with("trigger.zone")) {
        let text = fs::read(&path).unwrap();
        if !is_sound(&text) {
            continue;
        }
        for tabs in [false, true] {
            let new = format(&text, &Style { tabs, ..Style::default() });
            changed += usize::from(new != text);
            let left: Vec<_> =
                found_in(&new).into_iter().filter(|finding| layout.contains(&finding.rule.0)).collect();
            assert!(left.is_empty(), "{} {tabs}: {left:?}", path.display());
        }
    }
    assert!(changed > 300, "{changed} files");
}

#[test]
fn windows_line_ends_are_no_blanks() {
    let text = format!("{HEAD}www A 192.0.2.9\n\n; x\n").replace('\n', "\r\n");
    assert!(found_in(text.as_bytes()).is_empty());
    let blank = text.replace(".9\r", ".9 \t\r");
    let found = found_in(blank.as_bytes());
    assert_eq!(found.iter().map(|finding| finding.span.len).collect::<Vec<_>>(), [2]);
    assert_eq!(apply(blank.as_bytes(), &found[0].fix.clone().unwrap().edits).unwrap(), text.as_bytes());
}

#[test]
fn a_file_that_two_zones_include_is_looked_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for name in ["a.example.zone", "b.example.zone"] {
        write(name, &format!("{HEAD}$INCLUDE hosts.inc\n"));
    }
    write("hosts.inc", "www a 192.0.2.9\n");
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    let mut loaded = load(&request).unwrap();
    let parsed = loaded.take_findings();
    let found = lint(&loaded.contexts(), parsed, None, &levels()).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].owner.as_deref(), Some("www.a.example"));
    assert_eq!(found[0].labels.len(), 1, "where it is included: {found:?}");
}

/// Scraps of zone files, good and bad.
const SCRAPS: [&str; 42] = [
    "\n",
    "\n",
    "\r\n",
    " ",
    " ",
    "\t",
    "  ",
    " \t",
    "www",
    "@",
    "sub.example.com.",
    "in",
    "IN",
    "CH",
    "3600",
    "1h",
    "0300",
    "A",
    "aaaa",
    "MX",
    "txt",
    "CNAME",
    "SRV",
    "192.0.2.1",
    "2001:DB8::0:1",
    "010",
    "$TTL 3600\n",
    "$TTL 1h ; x\n",
    "$TTL 300\n",
    "$TTL 300\n",
    "$ORIGIN sub",
    "$ORIGIN example.com.\n",
    "$INCLUDE x",
    "\"a b\"",
    "\"",
    "(",
    ")",
    "\\",
    ";",
    "; www A 192.0.2.9",
    "; zonewright: failover",
    "\r",
];

/// What is found in a text that stands in no file.
fn found_in_memory(text: &[u8]) -> Vec<Finding> {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("a.zone", text));
    let options = Options::new(Name::absolute(b"example.com").unwrap());
    let (zone, parsed) = build(&sources, &NoIncludes, file, &options);
    let targets = Targets::default();
    let context = ZoneContext::new(&zone, None, View::External, false, None, false, &targets);
    lint(&[context], vec![parsed], None, &levels()).findings
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    /// Whatever the text: fixes fit it, take their findings away, and change no record.
    #[test]
    fn fixes_of_scraps_only_tidy_up(scraps in vec(select(&SCRAPS[..]), 0..60)) {
        let text = format!("$TTL 3600\n@ SOA a b 1 2 3 4 5\nwww in 3600 A 192.0.2.1\n{}", scraps.concat());
        let options = Options::new(Name::absolute(b"example.com").unwrap());
        let found = found_in_memory(text.as_bytes());
        let of = |found: &[Finding], rule: &str| found.iter().filter(|finding| finding.rule.0 == rule).count();
        for finding in &found {
            let Some(fix) = &finding.fix else { continue };
            let new = apply(text.as_bytes(), &fix.edits).unwrap();
            let same = same_text(text.as_bytes(), &new, &options);
            prop_assert!(same.is_ok(), "{}: {same:?}: {text:?} {:?}", finding.message, String::from_utf8_lossy(&new));
            let left = of(&found_in_memory(&new), finding.rule.0);
            let before = of(&found, finding.rule.0);
            prop_assert!(left < before, "{}: {text:?} {:?}", finding.message, String::from_utf8_lossy(&new));
        }
    }
}
