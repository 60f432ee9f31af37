//! A new layout says the same, and laying it out again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zonewright::fmt::{Style, format, same_text};
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::Options;

fuzz_target!(|data: &[u8]| {
    let Ok(apex) = Name::absolute(b"example.com") else { return };
    let options = Options { generate_limit: 200, ..Options::new(apex) };
    let style = Style::default();
    let once = format(data, &style);
    if let Err(difference) = same_text(data, &once, &options) {
        panic!("{difference}");
    }
    assert!(format(&once, &style) == once, "laid out again it differs");
});
