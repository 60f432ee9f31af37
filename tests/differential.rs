//! Generated zones, read by this program and by other readers: the same verdict, the same records.
//!
//! `DIFFERENTIAL_CASES` says how many zones, `DIFFERENTIAL_SEED` where the seeds begin. Disagreements
//! that stay are listed by their kind in `tests/differential/known.txt`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "differential/zones.rs"]
mod zones;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use zonewright::diagnostic::{Finding, Severity};
use zonewright::lint::{Check, Levels, rule};
use zonewright::text::{Source, Sources};
use zonewright::workspace::{Request, load};
use zonewright::zone::{Zone, build};
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::{Dialect, Options};
use zonewright::zonefile::server::{Server, Targets};

/// One kind of disagreement that stays.
struct Known {
    /// `error`: an error here, though the reader loads the zone; `refused`: the reader refuses it,
    /// without an error here; `records`: the records differ.
    what: String,
    /// `bind`, `knot`, `nsd` or `ldns`.
    reader: String,
    /// A rule for `error`, words of the reader for `refused`, words of a row for `records`.
    words: String,
}

fn known() -> Vec<Known> {
    let lines = include_str!("differential/known.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (kind, reason) = line.split_once(" -- ").unwrap_or_else(|| panic!("{line}: no reason"));
            assert!(reason.len() > 10, "{line}: no reason");
            let mut parts = kind.splitn(3, ' ').map(str::to_owned);
            let (what, reader, words) = (parts.next(), parts.next(), parts.next());
            Known { what: what.unwrap(), reader: reader.unwrap(), words: words.unwrap() }
        })
        .collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value}")))
}

fn is_there(tool: &str) -> bool {
    let there = Command::new(tool).arg("-h").output().is_ok();
    if !there {
        let _ = writeln!(std::io::stderr(), "SKIPPED: {tool} cannot be run");
    }
    there
}

/// Owner, TTL, type and RDATA in hexadecimal; the TTL only when all records of the RRset have it.
type Row = (String, Option<u32>, String, String);

fn rows(zone: &Zone, mixed: &BTreeSet<(String, String)>) -> BTreeSet<Row> {
    let mut rows = BTreeSet::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let Some(record) = zone.record(zone.key_of(name), rec) else { continue };
            let wire = record.wire.iter().map(|octet| format!("{octet:02x}")).collect();
            let id = (record.owner.clone(), record.rtype.to_string());
            let ttl = (!mixed.contains(&id)).then_some(rec.ttl);
            rows.insert((id.0, ttl, id.1, wire));
        }
    }
    rows
}

/// The RRsets whose records have several TTLs: servers differ in which one they take.
fn mixed(zone: &Zone) -> BTreeSet<(String, String)> {
    let mut ttls: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut mixed = BTreeSet::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let Some(record) = zone.record(zone.key_of(name), rec) else { continue };
            let id = (record.owner, record.rtype.to_string());
            if *ttls.entry(id.clone()).or_insert(rec.ttl) != rec.ttl {
                mixed.insert(id);
            }
        }
    }
    mixed
}

fn read(bytes: Vec<u8>) -> (Zone, Vec<Finding>) {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("z", bytes));
    let apex = Name::absolute(b"example.com").unwrap();
    let options = Options { dialect: Dialect::Bind, ..Options::new(apex) };
    build(&sources, &NoIncludes, file, &options)
}

/// Rules that find something in the zone, of the parser and of the rest, for readers that were named.
fn found(path: &Path, targets: &[Server]) -> Vec<Finding> {
    let targets = Targets::new(targets.iter().copied());
    let origin = Some(String::from("example.com"));
    let request = Request {
        paths: vec![path.to_owned()],
        origin,
        dialect: Dialect::Bind,
        targets,
        ..Request::default()
    };
    let mut loaded = load(&request).unwrap();
    let mut levels = Levels::new();
    levels.target(&loaded.targets);
    let parsed = loaded.take_findings();
    let report = zonewright::lint::lint(&loaded.contexts(), parsed, None, &levels);
    report.findings
}

/// Whether the reader takes the zone, and what it says.
fn verdict(tool: &str, arguments: &[&str], path: &Path) -> (bool, String) {
    let output = Command::new(tool).args(arguments).arg(path).output().unwrap();
    let said = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
    (output.status.success(), said)
}

/// Whether a rule is of level error, and perhaps one of the parser.
fn is_error(name: &str, of_parser: bool) -> bool {
    rule(name).is_some_and(|rule| {
        rule.severity == Severity::Error && (!of_parser || matches!(rule.check, Check::Parser))
    })
}

/// Whether a finding is of a kind: `RULE`, or `RULE: words of the message`.
fn is_of(finding: &Finding, kind: &str) -> bool {
    match kind.split_once(": ") {
        Some((name, words)) => finding.rule.0 == name && finding.message.contains(words),
        None => finding.rule.0 == kind,
    }
}

/// The line that a message names as `:8: ` or `line 8` with some around it, which may belong to its
/// entry; the whole zone when it names none.
fn line_of(said: &str, text: &[u8]) -> String {
    let after = said.split(".zone:").nth(1).or_else(|| said.split("line ").nth(1)).unwrap_or_default();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let line = digits.parse::<usize>().unwrap_or(usize::MAX - 9) + 2;
    let lines: Vec<_> = text
        .split(|octet| *octet == b'\n')
        .take(line)
        .skip(if digits.is_empty() { 0 } else { line.saturating_sub(8) })
        .collect();
    String::from_utf8_lossy(&lines.join(&b' ')).split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Judge {
    known: Vec<Known>,
    /// A line for each.
    kinds: String,
    /// The first of them with their zones.
    wrong: String,
    wrongs: usize,
}

impl Judge {
    fn knows(&self, what: &str, reader: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.known.iter().any(|known| known.what == what && known.reader == reader && fits(&known.words))
    }

    fn wrong(&mut self, seed: u64, text: &[u8], what: &str) {
        self.wrongs += 1;
        writeln!(self.kinds, "  {seed}: {}", what.replace('\n', " ")).unwrap();
        if self.wrongs <= 5 {
            let text = String::from_utf8_lossy(text).replace('\n', "\n    | ");
            writeln!(self.wrong, "seed {seed}: {what}\n    | {text}").unwrap();
        }
    }
}

#[test]
fn bind_says_and_reads_the_same() {
    if !is_there("named-compilezone") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.com.zone");
    let full = folder.path().join("full");
    let options = [
        "-i",
        "none",
        "-k",
        "ignore",
        "-m",
        "ignore",
        "-M",
        "ignore",
        "-n",
        "ignore",
        "-r",
        "ignore",
        "-S",
        "ignore",
        "-T",
        "ignore",
        "-W",
        "ignore",
        "-s",
        "full",
        "-o",
        full.to_str().unwrap(),
        "example.com",
    ];
    let mut judge = Judge { known: known(), kinds: String::new(), wrong: String::new(), wrongs: 0 };
    let (mut loaded, mut refused) = (0, 0);
    let (first, cases) = (number("DIFFERENTIAL_SEED", 1), number("DIFFERENTIAL_CASES", 400));
    for seed in first..first + cases {
        let text = zones::zone(seed);
        std::fs::write(&path, &text).unwrap();
        let (accepted, said) = verdict("named-compilezone", &options, &path);
        let ours = found(&path, &[]);
        let errors: Vec<&str> = ours
            .iter()
            .filter(|finding| is_error(finding.rule.0, true))
            .filter(|finding| !judge.knows("error", "bind", |words| is_of(finding, words)))
            .map(|finding| finding.rule.0)
            .collect();
        let fits = |words: &str| said.contains(words);
        if !accepted {
            refused += 1;
            let any = ours.iter().any(|finding| is_error(finding.rule.0, false));
            if !any && !judge.knows("refused", "bind", fits) {
                judge.wrong(seed, &text, &format!("BIND refuses it: {said}"));
            }
            continue;
        }
        loaded += 1;
        if !errors.is_empty() {
            judge.wrong(seed, &text, &format!("BIND loads it, errors here: {errors:?}"));
            continue;
        }
        let (zone, _) = read(text.clone());
        let mixed = mixed(&zone);
        let timeless = ours.iter().any(|finding| judge.knows("ttl", "bind", |words| is_of(finding, words)));
        let rows = |zone: &Zone| -> BTreeSet<Row> {
            let rows = rows(zone, &mixed).into_iter();
            rows.map(|(owner, ttl, rtype, data)| (owner, ttl.filter(|_| !timeless), rtype, data)).collect()
        };
        let (mine, binds) = (rows(&zone), rows(&read(std::fs::read(&full).unwrap()).0));
        let rows: Vec<String> = mine.symmetric_difference(&binds).map(|row| format!("{row:?}")).collect();
        let stays = |row: &String| !judge.knows("records", "bind", |words| row.contains(words));
        if rows.iter().any(stays) {
            judge.wrong(seed, &text, &format!("other records:\n  {}", rows.join("\n  ")));
        }
    }
    assert!(judge.wrongs == 0, "{} disagreements\n{}{}", judge.wrongs, judge.kinds, judge.wrong);
    assert!(
        cases < 400 || loaded > 50 && refused > 50,
        "{loaded} loaded, {refused} refused: the zones say little"
    );
}

/// What nobody is warned of, other servers read.
#[test]
fn others_read_what_is_portable() {
    let readers: [(&str, &str, &[&str], &[Server]); 3] = [
        ("knot", "kzonecheck", &["-o", "example.com"], &[Server::Knot]),
        ("nsd", "nsd-checkzone", &["example.com"], &[Server::Nsd]),
        ("ldns", "ldns-read-zone", &[], &Server::ALL),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.com.zone");
    let mut judge = Judge { known: known(), kinds: String::new(), wrong: String::new(), wrongs: 0 };
    let (first, cases) = (number("DIFFERENTIAL_SEED", 1), number("DIFFERENTIAL_CASES", 400));
    for (name, tool, arguments, targets) in readers {
        if !is_there(tool) {
            continue;
        }
        let mut portable = 0;
        for seed in first..first + cases {
            let text = zones::zone(seed);
            std::fs::write(&path, &text).unwrap();
            let ours = found(&path, targets);
            let worries = |finding: &Finding| {
                let name = finding.rule.0;
                finding.severity == Severity::Error
                    || name.starts_with("portability-")
                    || name.starts_with("hostname-")
                    || name == "crlf-line-endings"
            };
            if ours.iter().any(worries) {
                continue;
            }
            portable += 1;
            // nsd-checkzone takes the zone's name before the file's; ldns takes none and wants an origin.
            if name == "ldns" {
                std::fs::write(&path, [b"$ORIGIN example.com.\n", &*text].concat()).unwrap();
            }
            let (accepted, said) = verdict(tool, arguments, &path);
            if accepted {
                continue;
            }
            let line = line_of(&said, &std::fs::read(&path).unwrap());
            if !judge.knows("refused", name, |words| said.contains(words) || line.contains(words)) {
                judge.wrong(seed, &text, &format!("{tool} refuses `{line}`: {said}"));
            }
        }
        assert!(cases < 400 || portable > 30, "{portable} zones are portable to {name}: they say little");
    }
    assert!(judge.wrongs == 0, "{} disagreements\n{}{}", judge.wrongs, judge.kinds, judge.wrong);
}
