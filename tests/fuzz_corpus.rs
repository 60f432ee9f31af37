//! What the fuzz targets of `fuzz/` start from, and 100,000 small zones nobody wrote: no panic, no place
//! outside the text, no more held than the text accounts for.
//!
//! `FUZZ_CASES` says how many.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "differential/zones.rs"]
mod zones;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use zonewright::diagnostic::Finding;
use zonewright::edit::apply;
use zonewright::text::{Source, Sources};
use zonewright::zone::{Zone, build};
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::{Dialect, Options};

/// How many records one `$GENERATE` may make here.
const MOST_GENERATED: u64 = 50;

fn read(text: &[u8], dialect: Dialect) -> (Zone, Vec<Finding>, Arc<Sources>) {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("z", text));
    let apex = Name::absolute(b"example.com").unwrap();
    let options = Options { dialect, generate_limit: MOST_GENERATED, ..Options::new(apex) };
    let (zone, findings) = build(&sources, &NoIncludes, file, &options);
    (zone, findings, sources)
}

/// Reads a text, and looks at what came of it.
fn check(text: &[u8], dialect: Dialect) {
    let (zone, findings, sources) = read(text, dialect);
    let lines = 1 + text.iter().filter(|octet| matches!(octet, b'\n' | b'\r')).count() as u64;
    let shown = || String::from_utf8_lossy(text).into_owned();
    assert!(
        zone.record_count() <= lines * MOST_GENERATED,
        "{} records of {:?}",
        zone.record_count(),
        shown()
    );
    let held: u64 = sources.all().iter().map(|source| source.bytes().len() as u64).sum();
    assert!(held <= (text.len() as u64 + 600) * (MOST_GENERATED + 1), "{held} octets of {:?}", shown());
    assert!(findings.len() <= 40 + 8 * text.len(), "{} findings of {:?}", findings.len(), shown());
    for finding in &findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in edits.chain([finding.span]).chain(finding.labels.iter().map(|label| label.span)) {
            assert!(
                span.end() <= sources.get(span.file).bytes().len() as u64,
                "{finding:?} of {:?}",
                shown()
            );
        }
    }
}

fn zones_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            zones_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "zone" || end == "inc") {
            found.push(path);
        }
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["fixtures", "zones", "fuzz"] {
        zones_below(&root.join(folder), &mut found);
    }
    found.sort();
    assert!(found.len() > 150, "{} zones", found.len());
    found.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn the_corpus_is_read_and_its_fixes_apply() {
    let mut applied = 0;
    for text in corpus() {
        for dialect in [Dialect::Auto, Dialect::Windows] {
            check(&text, dialect);
        }
        let (_, findings, sources) = read(&text, Dialect::Auto);
        let own = |finding: &&Finding| sources.visible(finding.span) == finding.span;
        for fix in findings.iter().filter(own).filter_map(|finding| finding.fix.as_ref()) {
            check(&apply(&text, &fix.edits).unwrap(), Dialect::Auto);
            applied += 1;
        }
    }
    assert!(applied > 40, "{applied} fixes");
}

/// A few lines of one zone with some octets of another, or of none.
fn spliced(corpus: &[Vec<u8>], numbers: &mut zones::Numbers) -> Vec<u8> {
    let part = |numbers: &mut zones::Numbers| {
        let text = &corpus[numbers.below(corpus.len())];
        let start = numbers.below(text.len() + 1);
        let end = (start + numbers.below(60)).min(text.len());
        text[start..end].to_vec()
    };
    let mut text = part(numbers);
    for _ in 0..numbers.below(4) {
        let at = numbers.below(text.len() + 1);
        let new = part(numbers);
        text.splice(at..at, new);
    }
    for _ in 0..numbers.below(4) {
        zones::changed(&mut text, 0, numbers);
    }
    text
}

#[test]
fn small_zones_are_read() {
    let corpus = corpus();
    let cases = std::env::var("FUZZ_CASES").map_or(100_000, |value| value.parse().unwrap());
    let mut numbers = zones::Numbers::new(7);
    for case in 0..cases {
        let text = if case % 10 == 0 { zones::zone(case) } else { spliced(&corpus, &mut numbers) };
        let dialect = if case % 7 == 0 { Dialect::Windows } else { Dialect::Auto };
        check(&text, dialect);
    }
}
