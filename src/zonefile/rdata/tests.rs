use super::super::name::Name;
use super::super::scan::Scanner;
use super::*;

fn names() -> NameReader {
    let apex = Name::absolute(b"example.com").unwrap();
    NameReader { context: NameContext::new(apex.clone(), apex), buffer: Vec::new() }
}

/// Type and RDATA of a line, decoded.
fn decoded(line: &str) -> Result<Decoded, FieldError> {
    let mut scanner = Scanner::new(line.as_bytes(), 0);
    let mut tokens = Vec::new();
    let entry = scanner.entry(&mut tokens).unwrap();
    let rtype = Rtype::read(tokens[0].text(line.as_bytes())).unwrap();
    let tokens = Tokens { data: line.as_bytes(), rest: &tokens[1..], end: entry.end };
    decode(rtype, tokens, &mut names())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[test]
fn wire_form_of_the_common_types() {
    for (line, wire) in [
        ("A 192.0.2.1", "c0000201"),
        ("AAAA 2001:db8::1", "20010db8000000000000000000000001"),
        ("NS ns", "026e73076578616d706c6503636f6d00"),
        ("CNAME @", "076578616d706c6503636f6d00"),
        ("PTR A.", "016100"),
        ("MX 10 .", "000a00"),
        ("TXT @ \"a b\" \\097\\;", "014003612062" /* "@", "a b" */),
    ] {
        let found = hex(&decoded(line).unwrap().wire);
        assert!(found.starts_with(wire), "{line}: {found}");
    }
}
