//! The parser against BIND's: what `named-compilezone` makes of a zone holds the same records; and the
//! formatter: BIND makes the same of a formatted zone.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use zonewright::fmt::{Style, format};
use zonewright::workspace::{Loaded, LoadedZone, Request, load};

/// Owner, TTL, type and RDATA in hexadecimal.
type Row = (String, u32, String, String);

/// The records of the zone in a file, each with the TTL of the first of its RRset, as BIND has it.
fn rows(loaded: &Loaded, path: &Path) -> BTreeSet<Row> {
    let path = path.canonicalize().unwrap();
    let is_it = |zone: &&LoadedZone| loaded.sources.get(zone.file).path() == Some(&path);
    let zone = &loaded.zones.iter().find(is_it).unwrap().zone;
    let mut rows = BTreeSet::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let record = zone.record(zone.key_of(name), rec).unwrap();
            let wire = record.wire.iter().map(|octet| format!("{octet:02x}")).collect();
            let ttl = zone.rrset(&record.key, record.rtype).first().unwrap().ttl;
            rows.insert((record.owner, ttl, record.rtype.to_string(), wire));
        }
    }
    rows
}

fn read(path: &Path, origin: &str) -> BTreeSet<Row> {
    let request =
        Request { paths: vec![path.to_owned()], origin: Some(origin.to_owned()), ..Request::default() };
    let loaded = load(&request).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    rows(&loaded, path)
}

/// The zone as BIND writes it; an error when the tool is not installed.
fn compiled(path: &Path, origin: &str, to: &Path) -> std::io::Result<Result<(), String>> {
    compiled_in(path.parent().unwrap(), path, origin, to)
}

fn compiled_in(folder: &Path, path: &Path, origin: &str, to: &Path) -> std::io::Result<Result<(), String>> {
    let output = Command::new("named-compilezone")
        .args(["-i", "none", "-k", "ignore", "-s", "full", "-o"])
        .arg(to)
        .arg(origin)
        .arg(path)
        .current_dir(folder)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(if output.status.success() { Ok(()) } else { Err(said) })
}

/// The origin that a configuration beside a near miss has for it, under the name of the zone that it
/// stands in for.
fn declared_origin(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path.with_file_name("zonewright.toml")).ok()?;
    let config: toml::Table = text.parse().unwrap();
    let zones = config.get("zone")?.as_array()?;
    let is_it = |zone: &&toml::Value| zone.get("file").and_then(toml::Value::as_str) == Some("trigger.zone");
    Some(zones.iter().find(is_it)?.get("origin")?.as_str()?.to_owned())
}

/// The near misses that BIND can read, and the zones of the repository.
fn zones() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("fixtures/rules")).unwrap() {
        let path = entry.unwrap().path().join("near-miss.zone");
        let is_bind = |text: Vec<u8>| memchr::memmem::find(&text, b"Database file ").is_none();
        if std::fs::read(&path).is_ok_and(is_bind) {
            let origin = declared_origin(&path).unwrap_or_else(|| String::from("example.com"));
            found.push((path, origin));
        }
    }
    for entry in std::fs::read_dir(root.join("zones")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "zone") {
            let origin = path.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((path, origin));
        }
    }
    found.sort();
    assert!(found.len() > 50, "the zones are there");
    found
}

#[test]
fn bind_finds_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("full.zone");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (path, origin) in zones() {
        match compiled(&path, &origin, &text) {
            Err(error) => {
                eprintln!("skipped: named-compilezone cannot be run: {error}");
                return;
            }
            Ok(Err(said)) => wrong.push(format!("{} is refused: {said}", path.display())),
            Ok(Ok(())) => {
                let (ours, binds) = (read(&path, &origin), read(&text, &origin));
                compared += ours.len();
                let only = |one: &BTreeSet<Row>, other: &BTreeSet<Row>| {
                    one.difference(other).map(|row| format!("      {row:?}\n")).collect::<String>()
                };
                let (more, less) = (only(&ours, &binds), only(&binds, &ours));
                if !(more.is_empty() && less.is_empty()) {
                    wrong.push(format!("{}\n    only here\n{more}    only BIND\n{less}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 300, "{compared} records");
}

#[test]
fn bind_finds_the_same_records_in_formatted_zones() {
    let folder = tempfile::tempdir().unwrap();
    let [before, after, formatted] = ["before", "after", "formatted"].map(|name| folder.path().join(name));
    let fixtures = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fmt")).unwrap();
    let fixtures = fixtures.map(|entry| (entry.unwrap().path(), String::from("contoso.com")));
    let mut changed = 0;
    for (path, origin) in zones().into_iter().chain(fixtures) {
        let text = std::fs::read(&path).unwrap();
        match compiled(&path, &origin, &before) {
            Err(error) => {
                eprintln!("skipped: named-compilezone cannot be run: {error}");
                return;
            }
            Ok(Err(_)) => continue,
            Ok(Ok(())) => {}
        }
        let style = Style { tabs: changed % 2 == 1, ..Style::default() };
        let new = format(&text, &style);
        changed += usize::from(new != text);
        std::fs::write(&formatted, &new).unwrap();
        let result = compiled_in(path.parent().unwrap(), &formatted, &origin, &after).unwrap();
        assert_eq!(result, Ok(()), "{}", path.display());
        let texts = [&before, &after].map(|path| std::fs::read_to_string(path).unwrap());
        assert_eq!(texts[0], texts[1], "{}", path.display());
    }
    assert!(changed > 50, "{changed} zones changed");
}
