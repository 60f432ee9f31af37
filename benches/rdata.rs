//! RDATA by type: tokens to checked fields.

use crate::zones::{Rng, rdata};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::ops::Range;
use zonewright::zonefile::name::{Name, NameContext, NameForm};
use zonewright::zonefile::rdata::{NameReader, NameRole, RdataSink, read};
use zonewright::zonefile::rtype::Rtype;
use zonewright::zonefile::scan::Scanner;
use zonewright::zonefile::token::{Token, Tokens};

const TYPES: [&str; 22] = [
    "A", "AAAA", "NS", "CNAME", "PTR", "MX", "SRV", "TXT", "SOA", "CAA", "DS", "DNSKEY", "RRSIG", "NSEC",
    "NSEC3", "TLSA", "SSHFP", "NAPTR", "SVCB", "HTTPS", "LOC", "APL",
];

/// How many records one measurement reads.
const COUNT: usize = 1_000;

/// Drops the fields.
struct Drop;

impl RdataSink for Drop {
    fn octets(&mut self, octets: &[u8]) {
        divan::black_box(octets);
    }

    fn name(&mut self, name: &[u8], _: NameForm, _: NameRole, _: Option<Token>) {
        divan::black_box(name);
    }

    fn field(&mut self, index: usize, _: u32, _: u32) {
        divan::black_box(index);
    }
}

/// A thousand records of a type, each with other data; the scanner's work is done before.
#[divan::bench(args = TYPES)]
fn by_type(bencher: Bencher<'_, '_>, mnemonic: &str) {
    let rtype = Rtype::read(mnemonic.as_bytes()).unwrap();
    let mut rng = Rng::new(3);
    let mut text = String::new();
    for _ in 0..COUNT {
        text.push('\t');
        rdata(&mut rng, mnemonic, &mut text);
        text.push('\n');
    }
    let (tokens, entries) = scanned(text.as_bytes());
    assert_eq!(entries.len(), COUNT);
    let apex = Name::absolute(b"corp.example.").unwrap();
    let mut names = NameReader::new(NameContext::new(apex.clone(), apex));
    bencher.counter(BytesCount::of_str(&text)).counter(ItemsCount::new(COUNT)).bench_local(|| {
        for (range, end) in &entries {
            let tokens = Tokens { data: text.as_bytes(), rest: &tokens[range.clone()], end: *end };
            assert!(read(rtype, tokens, &mut names, &mut Drop).is_ok());
        }
    });
}

/// All tokens, and which of them each entry has and where it ends.
fn scanned(text: &[u8]) -> (Vec<Token>, Vec<(Range<usize>, u32)>) {
    let mut scanner = Scanner::new(text, 0);
    let (mut all, mut entries, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(entry) = scanner.entry(&mut tokens) {
        let start = all.len();
        all.extend_from_slice(&tokens);
        entries.push((start..all.len(), entry.end));
    }
    (all, entries)
}
