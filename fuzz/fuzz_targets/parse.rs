//! Any octets are read as a zone without a panic; what is found lies within them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use zonewright::text::{Source, Sources};
use zonewright::zone::build;
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::{Dialect, Options};

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let dialect = if first & 1 == 0 { Dialect::Auto } else { Dialect::Windows };
    let Ok(apex) = Name::absolute(b"example.com") else { return };
    let sources = Arc::new(Sources::default());
    let file = sources.add(Source::text("z", text));
    let options = Options { dialect, generate_limit: 200, ..Options::new(apex) };
    let (zone, findings) = build(&sources, &NoIncludes, file, &options);
    for finding in &findings {
        assert!(finding.span.end() <= sources.get(finding.span.file).bytes().len() as u64);
    }
    for name in zone.names() {
        for rec in zone.records(name) {
            let _ = zone.record(zone.key_of(name), rec);
        }
    }
});
