//! Octets to tokens.

use crate::zones::{KINDS, Kind, sample};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use zonewright::zonefile::scan::Scanner;

/// Every entry of a zone of 100,000 records.
#[divan::bench(args = KINDS, sample_count = 20)]
fn entries(bencher: Bencher<'_, '_>, kind: Kind) {
    let zone = sample(kind);
    bencher.counter(BytesCount::of_slice(&zone.text)).counter(ItemsCount::new(zone.records)).bench(|| {
        let mut scanner = Scanner::new(&zone.text, 0);
        let mut tokens = Vec::new();
        let mut count = 0_usize;
        while scanner.entry(&mut tokens).is_some() {
            count += tokens.len();
        }
        assert!(scanner.errors.is_empty());
        count
    });
}
