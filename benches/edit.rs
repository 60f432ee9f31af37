//! Changes of a large file: the text after them, and the patch that shows them.

use crate::zones::{Kind, zones};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::sync::OnceLock;
use zonewright::diagnostic::Edit;
use zonewright::edit;
use zonewright::text::{FileId, Source, Sources, Span};

/// A company's zone of 1,000,000 records, about 50 MB.
fn large() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| zones(Kind::Enterprise, 1_000_000).swap_remove(0).text)
}

fn file() -> FileId {
    Sources::default().add(Source::text("bench", ""))
}

/// As many comments, each put at the end of a line, spread over the text.
fn edits(text: &[u8], count: usize) -> Vec<Edit> {
    let file = file();
    (1..=count)
        .map(|number| {
            let at = text.len() / (count + 1) * number;
            let end = at + text[at..].iter().position(|octet| *octet == b'\n').unwrap();
            Edit { span: Span::new(file, end as u64, end as u64), replacement: b" ; changed".to_vec() }
        })
        .collect()
}

/// The text of 50 MB after so many changes.
#[divan::bench(args = [1, 10_000], sample_count = 10, sample_size = 1)]
fn apply(bencher: Bencher<'_, '_>, count: usize) {
    let text = large();
    let edits = edits(text, count);
    bencher
        .counter(BytesCount::of_slice(text))
        .counter(ItemsCount::new(count))
        .bench(|| edit::apply(text, &edits).unwrap());
}

/// The patch of so many changed lines in 50 MB.
#[divan::bench(args = [1, 10_000], sample_count = 10, sample_size = 1)]
fn unified(bencher: Bencher<'_, '_>, count: usize) {
    let text = large();
    let edits = edits(text, count);
    bencher
        .counter(BytesCount::of_slice(text))
        .counter(ItemsCount::new(count))
        .bench(|| edit::unified("corp.example.zone", text, &edits).unwrap());
}
