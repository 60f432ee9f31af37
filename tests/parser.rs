//! The parser against text that nobody would write: no panic, no place outside the text.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use zonewright::diagnostic::Finding;
use zonewright::text::{Source, Sources, Span};
use zonewright::zone::{Zone, build};
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::{Dialect, Options};

fn zones_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            zones_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "zone") {
            found.push(path);
        }
    }
}

/// The zones of the rules, as bytes.
fn seeds() -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut found = Vec::new();
        zones_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules"), &mut found);
        found.sort();
        let seeds: Vec<_> = found.iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert!(seeds.len() > 100, "the fixtures are there");
        seeds
    })
}

fn read(bytes: &[u8], dialect: Dialect) -> (Zone, Vec<Finding>, Arc<Sources>) {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("z", bytes));
    let apex = Name::absolute(b"example.com").unwrap();
    let options = Options { dialect, generate_limit: 200, ..Options::new(apex) };
    let (zone, findings) = build(&sources, &NoIncludes, file, &options);
    (zone, findings, sources)
}

fn lies_within(sources: &Sources, span: Span) -> bool {
    span.end() <= sources.get(span.file).bytes().len() as u64
}

/// What must hold of any text.
fn check(bytes: &[u8], dialect: Dialect) -> Result<(), TestCaseError> {
    let (zone, findings, sources) = read(bytes, dialect);
    for finding in &findings {
        prop_assert!(lies_within(&sources, finding.span), "{finding:?}");
        for label in &finding.labels {
            prop_assert!(lies_within(&sources, label.span), "{finding:?}");
        }
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        for edit in edits {
            prop_assert!(lies_within(&sources, edit.span), "{finding:?}");
        }
        prop_assert!(!finding.message.is_empty() && finding.zone.is_some());
    }
    for suspect in zone.suspects() {
        prop_assert!(lies_within(&sources, suspect.span), "{suspect:?}");
    }
    let mut unread = 0;
    for name in zone.names() {
        for rec in zone.records(name) {
            let Some(record) = zone.record(zone.key_of(name), rec) else {
                unread += 1;
                continue;
            };
            prop_assert_eq!(record.rtype, rec.rtype);
            let spans = record.fields.iter().chain(record.targets.iter().map(|target| &target.span));
            for span in spans.chain([&record.span, &record.type_span, &record.first_span]) {
                prop_assert!(lies_within(&sources, *span), "{record:?}");
            }
        }
    }
    let open = findings.iter().any(|finding| finding.rule.0 == "unbalanced-parenthesis");
    prop_assert!(unread == 0 || open, "{unread} records do not read again");
    let (again, same, _) = read(bytes, dialect);
    prop_assert_eq!(again.record_count(), zone.record_count());
    prop_assert_eq!(same, findings);
    Ok(())
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop_oneof![Just(Dialect::Auto), Just(Dialect::Bind), Just(Dialect::Windows)]
}

/// Octets that mean something to a zone file, more often than others.
fn octets(max: usize) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        4 => proptest::sample::select(b" \t\n\r\"();\\@.$#/*[]0129aAxX\0\x1a\x0c".to_vec()),
        1 => any::<u8>(),
    ];
    proptest::collection::vec(octet, 0..max)
}

/// Replaces, inserts, deletes and doubles pieces of a zone.
fn mutated(seed: &[u8], changes: &[(prop::sample::Index, usize, Vec<u8>)]) -> Vec<u8> {
    let mut text = seed.to_vec();
    for (at, len, with) in changes {
        let start = at.index(text.len() + 1);
        let end = (start + len).min(text.len());
        let taken: Vec<u8> = text.splice(start..end, with.iter().copied()).collect();
        if with.is_empty() && *len % 2 == 1 {
            text.extend(taken);
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_octets_are_read(bytes in octets(200), dialect in dialect()) {
        check(&bytes, dialect)?;
    }

    #[test]
    fn lines_of_words_are_read(
        lines in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(vec![
                "@", "www", "example.com.", " ", "IN", "CH", "60", "1h30", "A", "192.0.2.1", "NS", "MX", "10",
                "TXT", "\"a", "b\"", "(", ")", ";x", "$ORIGIN", "$TTL", "$GENERATE", "1-3", "h$", "\\#", "2",
                "abcd", "SOA", "CNAME", "\\300", "[AGE:1]", "ANY", "TYPE0", "..", "#", "//", "a@b",
            ]), 0..8),
            0..12,
        ),
        dialect in dialect(),
    ) {
        let text: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
        check(text.join("\n").as_bytes(), dialect)?;
    }

    #[test]
    fn changed_zones_are_read(
        seed in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..30, octets(8)), 0..6),
        dialect in dialect(),
    ) {
        let seeds = seeds();
        check(&mutated(&seeds[seed.index(seeds.len())], &changes), dialect)?;
    }
}
