//! Each group of rules over a zone that is read and indexed, with no other rule on.
//!
//! What the parser reports by itself (most of `syntax` and `portability`) costs nothing here: it is
//! part of `parse`.

use crate::index::indexed;
use crate::zones::{Kind, sample};
use divan::Bencher;
use divan::counter::ItemsCount;
use zonewright::config::View;
use zonewright::lint::{Group, Levels, ZoneContext, lint};
use zonewright::zone::Zone;
use zonewright::zonefile::server::Targets;

/// Every zone is fresh, since a zone keeps some answers once they were asked for.
fn group(bencher: Bencher<'_, '_>, kind: Kind, group: Group) {
    let text = sample(kind);
    let mut levels = Levels::new();
    levels.select([group.word()]).unwrap();
    let targets = Targets::default();
    bencher.counter(ItemsCount::new(text.records)).with_inputs(|| indexed(text)).bench_refs(|zone| {
        let contexts = [context(zone, &targets)];
        lint(&contexts, vec![Vec::new()], None, &levels).findings.len()
    });
}

fn context<'z>(zone: &'z Zone, targets: &'z Targets) -> ZoneContext<'z> {
    ZoneContext::new(zone, None, View::External, false, None, false, targets)
}

#[divan::bench(args = Group::ALL, sample_count = 10, sample_size = 1)]
fn tld(bencher: Bencher<'_, '_>, one: Group) {
    group(bencher, Kind::Tld, one);
}

#[divan::bench(args = Group::ALL, sample_count = 10, sample_size = 1)]
fn enterprise(bencher: Bencher<'_, '_>, one: Group) {
    group(bencher, Kind::Enterprise, one);
}

/// What is worked out once for all rules: the SRV RRsets and the pools behind them.
#[divan::bench(args = [Kind::Tld, Kind::Enterprise], sample_count = 10, sample_size = 1)]
fn facts(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = sample(kind);
    let targets = Targets::default();
    bencher
        .counter(ItemsCount::new(text.records))
        .with_inputs(|| indexed(text))
        .bench_refs(|zone| context(zone, &targets).services.len());
}
