//! The whole of `zonewright lint` but for printing: files to findings, with the default rules.

use crate::zones::{KINDS, Kind, RECORDS, zones};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::fs;
use zonewright::diagnostic::Severity;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Request, load};

/// A folder with 100,000 records: one zone, or the many of the fleet.
#[divan::bench(args = KINDS, sample_count = 10, sample_size = 1)]
fn folder(bencher: Bencher<'_, '_>, kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let (mut octets, mut records) = (0, 0);
    for zone in zones(kind, RECORDS) {
        let name = format!("{}.zone", zone.origin.trim_end_matches('.'));
        octets += zone.text.len();
        records += zone.records;
        fs::write(folder.path().join(name), zone.text).unwrap();
    }
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    let levels = Levels::new();
    bencher.counter(BytesCount::new(octets)).counter(ItemsCount::new(records)).bench(|| {
        let mut loaded = load(&request).unwrap();
        let parsed = loaded.take_findings();
        let contexts = loaded.contexts();
        let findings = lint(&contexts, parsed, loaded.deployment(), &levels).findings;
        let error = findings.iter().find(|finding| finding.severity == Severity::Error);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(contexts.iter().map(|context| context.zone.record_count()).sum::<u64>(), records);
    });
}
