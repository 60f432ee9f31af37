//! Text to an indexed zone, and the questions that rules ask of one.

use crate::zones::{KINDS, Kind, Rng, Zone as Text, sample};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::sync::Arc;
use zonewright::text::{Source, Sources};
use zonewright::workspace::is_loss;
use zonewright::zone::Zone;
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::Options;

/// How many questions one measurement asks.
const QUESTIONS: usize = 10_000;

/// Reads a zone into an index.
pub(crate) fn indexed(text: &Text) -> Zone {
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("bench", text.text.clone()));
    let options = Options::new(Name::absolute(text.origin.as_bytes()).unwrap());
    let (zone, findings) = zonewright::zone::build(&sources, &NoIncludes, file, &options);
    assert_eq!(zone.record_count(), text.records);
    let loss = findings.iter().find(|finding| is_loss(finding));
    assert!(loss.is_none(), "{}: {loss:?}", text.origin);
    zone
}

/// Reads a zone of 100,000 records: scanning, parsing, interning of names and the join.
#[divan::bench(args = KINDS, sample_count = 20, sample_size = 1)]
fn build(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = sample(kind);
    let options = Options::new(Name::absolute(text.origin.as_bytes()).unwrap());
    bencher
        .counter(BytesCount::of_slice(&text.text))
        .counter(ItemsCount::new(text.records))
        .with_inputs(|| {
            let sources = Arc::new(Sources::default());
            let file = sources.add(Source::text("bench", text.text.clone()));
            (sources, file)
        })
        .bench_refs(|(sources, file)| zonewright::zone::build(sources, &NoIncludes, *file, &options));
}

/// Names of a zone in random order, so that no question finds its answer in the cache of the last.
fn some_names(zone: &Zone) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = zone.names().map(|name| zone.key_of(name).to_vec()).collect();
    all.sort_unstable();
    let mut rng = Rng::new(7);
    (0..QUESTIONS).map(|_| all[rng.below(all.len())].clone()).collect()
}

/// Whether a name that exists owns records.
#[divan::bench(args = [Kind::Tld, Kind::Enterprise])]
fn find(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = indexed(sample(kind));
    let names = some_names(&zone);
    bencher
        .counter(ItemsCount::new(QUESTIONS))
        .bench(|| names.iter().filter(|name| zone.find(name).is_some()).count());
}

/// Whether a name that does not exist owns records.
#[divan::bench(args = [Kind::Tld, Kind::Enterprise])]
fn find_missing(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = indexed(sample(kind));
    let mut names = some_names(&zone);
    for name in &mut names {
        name.splice(..0, *b"no-such.");
    }
    bencher
        .counter(ItemsCount::new(QUESTIONS))
        .bench(|| names.iter().filter(|name| zone.find(name).is_some()).count());
}

/// The zone cut at or above a name.
#[divan::bench(args = [Kind::Tld, Kind::Enterprise])]
fn cut_above(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = indexed(sample(kind));
    let names = some_names(&zone);
    bencher
        .counter(ItemsCount::new(QUESTIONS))
        .bench(|| names.iter().filter(|name| zone.cut_above(name).is_some()).count());
}

/// From a name through its aliases to where the addresses are.
#[divan::bench(args = [Kind::Tld, Kind::Enterprise])]
fn follow(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = indexed(sample(kind));
    let names = some_names(&zone);
    bencher
        .counter(ItemsCount::new(QUESTIONS))
        .bench(|| names.iter().map(|name| zone.follow(name).aliases.len()).sum::<usize>());
}
