//! Text to records, none of which is kept.

use crate::zones::{KINDS, Kind, sample};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use zonewright::diagnostic::Finding;
use zonewright::text::{FileId, Source, Sources, Span};
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::{Name, NameForm};
use zonewright::zonefile::parse::{Options, PlacedNote, RawRecord, RecordSink, Suspect, parse};
use zonewright::zonefile::rdata::NameRole;
use zonewright::zonefile::rtype::Rtype;

/// Counts what it is given and drops it.
#[derive(Default)]
struct Drop {
    pieces: u32,
    records: u64,
}

impl RecordSink for Drop {
    fn piece(&mut self, _: FileId, _: Option<Span>) -> u32 {
        self.pieces += 1;
        self.pieces - 1
    }

    fn origin(&mut self, _: u32, _: u64, _: &Name) {}

    fn record(&mut self, record: &RawRecord<'_>) {
        divan::black_box(record);
        self.records += 1;
    }

    fn target(&mut self, _: Rtype, _: NameRole, name: &[u8], _: NameForm) {
        divan::black_box(name);
    }

    fn suspect(&mut self, _: Suspect) {}

    fn note(&mut self, _: PlacedNote<'_>) {}

    fn finding(&mut self, _: Finding) {}

    fn take_findings(&mut self) -> Vec<Finding> {
        Vec::new()
    }
}

/// A zone of 100,000 records.
#[divan::bench(args = KINDS, sample_count = 20)]
fn records(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = sample(kind);
    let sources = Sources::default();
    let file = sources.add(Source::text("bench", zone.text.clone()));
    let options = Options::new(Name::absolute(zone.origin.as_bytes()).unwrap());
    bencher.counter(BytesCount::of_slice(&zone.text)).counter(ItemsCount::new(zone.records)).bench(|| {
        let mut sink = Drop::default();
        parse(&sources, &NoIncludes, file, &options, &mut sink);
        assert_eq!(sink.records, zone.records);
    });
}
