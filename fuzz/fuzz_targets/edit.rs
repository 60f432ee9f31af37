//! Each fix that the parser offers can be applied, and what comes out is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use zonewright::edit::apply;
use zonewright::text::{Source, Sources};
use zonewright::zone::build;
use zonewright::zonefile::include::NoIncludes;
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::Options;

fuzz_target!(|data: &[u8]| {
    let Ok(apex) = Name::absolute(b"example.com") else { return };
    let options = Options { generate_limit: 200, ..Options::new(apex) };
    let read = |text: &[u8]| {
        let sources = Arc::new(Sources::default());
        let file = sources.add(Source::text("z", text));
        build(&sources, &NoIncludes, file, &options).1
    };
    for finding in read(data) {
        let Some(fix) = finding.fix else { continue };
        let Ok(text) = apply(data, &fix.edits) else { panic!("{fix:?} cannot be applied") };
        read(&text);
    }
});
