//! A zone is the same however it is read: in windows of any size, from memory or from the disk, by
//! any number of threads.
//!
//! `PARTS_CASES` says how many generated zones are tried.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "differential/zones.rs"]
mod zones;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zonewright::text::{FileId, Source, Sources};
use zonewright::zone::{TypeSet, build};
use zonewright::zonefile::include::{Elsewhere, IncludeError, Includes};
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::Options;
use zonewright::zonefile::rtype::Rtype;

/// Opens one file, whatever its name.
struct One(Option<FileId>);

impl Includes for One {
    fn open(&self, _: FileId, _: &[u8]) -> Result<FileId, IncludeError> {
        self.0.ok_or(IncludeError::OutsideRoot)
    }

    fn elsewhere(&self, _: FileId, _: &[u8]) -> Elsewhere {
        Elsewhere::Same
    }
}

const INCLUDED: &str = "$TTL 77\ninner 5 A 192.0.2.77\n  TXT \"x\"\nother.sub A 192.0.2.78\n";

/// How a zone is read.
#[derive(Clone, Copy, Debug)]
struct How {
    window: usize,
    threads: usize,
    disk: bool,
}

/// Everything that comes of reading a zone, as text.
fn read(text: &[u8], how: How) -> String {
    let sources = Arc::new(Sources::default());
    let folder;
    let source = if how.disk {
        folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("z");
        std::fs::write(&path, text).unwrap();
        Source::on_disk("z", &path, File::open(&path).unwrap(), text.len() as u64)
    } else {
        Source::text("z", text)
    };
    let root = sources.add(source);
    let included = One(Some(sources.add(Source::text("included", INCLUDED))));
    let apex = Name::absolute(b"example.com").unwrap();
    let options =
        Options { generate_limit: 50, window: how.window, threads: how.threads, ..Options::new(apex) };
    let (zone, mut findings) = build(&sources, &included, root, &options);
    findings.sort_by_key(|finding| (finding.span, finding.rule, finding.message.clone()));
    let mut names: Vec<String> = zone
        .names()
        .map(|name| {
            let key = zone.key_of(name);
            let mut records: Vec<_> = zone.records(name).collect();
            records.sort_by_key(|rec| rec.place());
            let read: Vec<_> = records.iter().map(|rec| zone.record(key, *rec)).collect();
            format!("{:?} {:?} {records:?} {read:?}\n", String::from_utf8_lossy(key), zone.types_of(name))
        })
        .collect();
    names.sort();
    let weak: Vec<_> =
        zone.weak_targets(TypeSet::all(&[Rtype::NS, Rtype::MX, Rtype::SRV, Rtype::CNAME])).collect();
    format!(
        "{findings:#?}\n{names:#?}\n{weak:?}\n{:#?}\n{:#?}\n{}",
        zone.suspects(),
        zone.notes(),
        zone.record_count()
    )
}

fn check(text: &[u8]) {
    let whole = read(text, How { window: usize::MAX, threads: 1, disk: false });
    for window in [1, 7, 40, 150, 700] {
        for (threads, disk) in [(1, false), (1, true), (2, false), (3, true)] {
            let how = How { window, threads, disk };
            let parts = read(text, how);
            if parts != whole {
                let (one, other) = whole
                    .lines()
                    .zip(parts.lines())
                    .find(|(one, other)| one != other)
                    .unwrap_or(("all its lines", "more"));
                panic!("{how:?}\n{}\nwhole: {one}\nparts: {other}", String::from_utf8_lossy(text));
            }
        }
    }
}

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

#[test]
fn the_zones_of_the_rules() {
    let mut found = Vec::new();
    zones_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules"), &mut found);
    assert!(found.len() > 100, "the fixtures are there");
    found.sort();
    for path in found {
        check(&std::fs::read(path).unwrap());
    }
}

/// What goes on from one record to the next, and what may stand across the end of a part.
const CROSSING: [&str; 22] = [
    "$TTL 300\n",
    "$ORIGIN sub\n",
    "$ORIGIN example.com.\n",
    "$ORIGIN .\n",
    "$INCLUDE other.zone\n",
    "$INCLUDE other.zone deep\n",
    "$GENERATE 1-3 host-$ A 192.0.2.$\n",
    "a A 192.0.2.1\n",
    "a 5 A 192.0.2.2\n",
    "  A 192.0.2.3\n",
    "  60 TXT \"in ; quotes\" ( \"and\"\n\"first\ncolumn\" )\n",
    "b CNAME a\nb TXT x\n",
    "; zonewright: allow cname-and-other -- to be found with its record\n",
    ";\n\n   ; indented\n",
    "c TXT (\nfirst-column\n)\nd A 192.0.2.4\n",
    "e TXT \"line \\\nend\"\n",
    "f MX 10 a\nf MX 10 missing\r\n",
    "g 0 A 192.0.2.5\ng 0 A 192.0.2.6\nG A 192.0.2.7\n",
    "www.example.com A 192.0.2.8\n",
    "h A 192.0.2.9 (\n",
    "i TXT \"open\n",
    "# another language\n  AAAA 2001:db8::1\n",
];

#[test]
fn what_crosses_the_end_of_a_part() {
    let cases = std::env::var("PARTS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let mut numbers = zones::Numbers::new(4);
    for _ in 0..cases {
        let mut text = String::from("@ 3600 IN SOA ns1 hostmaster 1 7200 900 1209600 300\n@ 3600 NS a\n");
        // The last three break all that follows, so they are rare.
        for _ in 0..numbers.below(40) {
            let kinds = if numbers.below(30) == 0 { CROSSING.len() } else { CROSSING.len() - 3 };
            text.push_str(CROSSING[numbers.below(kinds)]);
        }
        check(text.as_bytes());
    }
}

#[test]
fn generated_zones() {
    let mut numbers = zones::Numbers::new(5);
    for seed in 0..40 {
        let mut text = zones::zone(seed);
        check(&text);
        zones::changed(&mut text, 0, &mut numbers);
        check(&text);
    }
}

#[test]
fn a_file_that_becomes_shorter_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("z");
    let text =
        "@ 3600 IN SOA ns1 hostmaster 1 7200 900 1209600 300\n".to_owned() + &"a 5 A 192.0.2.1\n".repeat(500);
    for threads in [1, 2] {
        std::fs::write(&path, &text).unwrap();
        let sources = Arc::new(Sources::default());
        let source = Source::on_disk("z", &path, File::open(&path).unwrap(), text.len() as u64);
        assert_eq!(source.fault(), None);
        let root = sources.add(source);
        File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
        let apex = Name::absolute(b"example.com").unwrap();
        let options = Options { window: 300, threads, ..Options::new(apex) };
        let (zone, _) = build(&sources, &One(None), root, &options);
        assert!(zone.record_count() < 500);
        let fault = sources.get(root).fault().unwrap();
        assert!(fault.contains("while it was read"), "{fault}");
    }
}
