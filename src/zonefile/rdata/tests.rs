use super::super::name::Name;
use super::super::scan::Scanner;
use super::*;
use hickory_proto::rr::RData;
use proptest::prelude::*;

fn names() -> NameReader {
    let apex = Name::absolute(b"example.com").unwrap();
    NameReader::new(NameContext::new(apex.clone(), apex))
}

/// Runs `read` over the type and the RDATA of a line.
fn with_tokens<T>(line: &[u8], read: impl FnOnce(Rtype, Tokens<'_, '_>) -> T) -> T {
    let mut tokens = Vec::new();
    let entry = Scanner::new(line, 0).entry(&mut tokens).unwrap();
    let rtype = Rtype::read(tokens[0].text(line)).unwrap();
    read(rtype, Tokens { data: line, rest: &tokens[1..], end: entry.end })
}

fn decoded(line: &str) -> Result<Decoded, FieldError> {
    with_tokens(line.as_bytes(), |rtype, tokens| decode(rtype, tokens, &mut names()))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[test]
fn wire_form_of_every_kind_of_field() {
    const APEX: &str = "076578616d706c6503636f6d00";
    for (line, wire) in [
        ("A 192.0.2.1", "c0000201"),
        ("TYPE1 192.0.2.1", "c0000201"),
        ("AAAA 2001:db8::1", "20010db8000000000000000000000001"),
        ("NS NS", "026e73~"),
        ("CNAME @", "~"),
        ("PTR A.", "016100"),
        ("MX 10 .", "000a00"),
        ("TXT @ \"a b\" \\097\\;", "01400361206202613b"),
        ("SOA ns a\\.b 1 1m 1h 1d 1w", "026e73~03612e62~000000010000003c00000e100001518000093a80"),
        ("SRV 1 2 5061 sip", "0001000213c503736970~"),
        ("NAPTR 1 2 S SIP+D2U \"\" a.", "000100020153075349502b44325500016100"),
        ("CAA 128 issue \"a;b\"", "80056973737565613b62"),
        ("URI 1 2 \"sip:a\"", "000100027369703a61"),
        ("TLSA 3 1 1 AB c d", "030101abcd"),
        ("DS 1 ED25519 SHA-256 00ff", "00010f0200ff"),
        ("DNSKEY 256 3 8 +/8=", "01000308fbff"),
        ("DNSKEY 256 3 8 A QI D", "01000308010203"),
        ("RRSIG A 8 2 60 20260101000000 4294967295 7 . AA==", "000108020000003c6955b900ffffffff00070000"),
        ("NSEC a. NS A TYPE256", "016100000160010180"),
        ("NSEC3 1 0 5 - 00 A", "01000005000100000140"),
        ("NSEC3PARAM 1 0 5 Ab", "0100000501ab"),
        ("LOC 51 30 12.748 N 0 7 39.612 W 0.00m", "001216138b0d2c8c7ff8fca400989680"),
        ("EUI48 00-00-5E-00-53-2a", "00005e00532a"),
        ("L64 1 2001:db8:1:0", "000120010db800010000"),
        ("CERT PKIX 1 RSASHA256 AAAA", "0001000108000000"),
        ("CSYNC 66 3", "000000420003"),
        ("HTTPS 1 . port=443 alpn=\"h2\"", "000100000100030268320003000201bb"),
    ] {
        let wire = wire.replace('~', APEX);
        let found = hex(&decoded(line).unwrap_or_else(|error| panic!("{line}: {error:?}")).wire);
        assert_eq!(found, wire, "{line}");
    }
}

#[test]
fn errors_name_their_rule_their_place_and_what_to_write() {
    for (line, rule, at, message, fix) in [
        ("A 192.000.002.001", "bad-ipv4", "192.000.002.001", "has leading zeros", Some("192.0.2.1")),
        ("A 10.1", "bad-ipv4", "10.1", "address `10.1` is not four numbers from 0 to 255", None),
        ("A 1.2.3.4 x y", "extra-rdata", "x y", "2 fields from `x` on are left over", None),
        ("A 1.2.3.4 \"x\"", "extra-rdata", "\"x\"", "`x` is left over after the address", None),
        ("A \"1.2.3.4\"", "syntax-error", "\"1.2.3.4\"", "stands in quotes", Some("1.2.3.4")),
        ("A \\# 3 C00002", "generic-rdata-malformed", "C00002", "no A RDATA: address is cut short", None),
        ("A \\# 5 C00002 01", "generic-rdata-length", "5", "length 5 does not match the 4 octets", Some("4")),
        ("A \\# 4 C00002", "generic-rdata-length", "4", "length 4 does not match the 3 octets", None),
        ("A \\# 4 C0000", "bad-encoding", "C0000", "5 hexadecimal digits, an odd number", None),
        ("NAPTR 1 S", "syntax-error", "S", "for the preference, found `S`", None),
        ("A \\# 5 C000020100", "generic-rdata-malformed", "C000020100", "1 octet too many", None),
        ("A", "missing-rdata", "", "RDATA is missing", None),
        ("SRV 1 2 3", "missing-rdata", "", "target is missing", None),
        ("TXT", "missing-rdata", "", "RDATA is missing", None),
        ("NSEC a.", "missing-rdata", "", "type list is missing", None),
        ("AAAA 1.2.3.4", "bad-ipv6", "1.2.3.4", "is no IPv6 address", None),
        ("SRV 0 5 70000 x", "number-out-of-range", "70000", "port `70000` is over 65535", None),
        ("SRV abc 5 1 x", "syntax-error", "abc", "from 0 to 65535 for the priority, found `abc`", None),
        ("MX ns", "missing-rdata", "ns", "the preference before `ns` is missing", Some("10 ns")),
        ("MX \"10\" ns", "syntax-error", "\"10\"", "preference `\"10\"` stands in quotes", Some("10")),
        ("CNAME \"www\"", "syntax-error", "\"www\"", "target `\"www\"` stands in quotes", Some("www")),
        ("CNAME \"a b\"", "syntax-error", "\"a b\"", "stands in quotes", None),
        ("NS a\\256b", "bad-escape", "\\256", "three decimal digits", None),
        ("NS a..b", "empty-label", "..", "empty label", Some(".")),
        ("TXT a\\300", "bad-escape", "\\300", "`\\300` is no escape", None),
        ("TXT \"a\\3\"", "bad-escape", "\\3", "`\\3` is no escape", None),
        ("SOA n h 1d 1 1 1 1", "syntax-error", "1d", "for the serial, found `1d`", None),
        ("SOA n h 1 1h30 1 1 1", "syntax-error", "1h30", "ends in a number without a unit", None),
        ("SOA n h 1 1 7102w 1 1", "number-out-of-range", "7102w", "retry `7102w` is over 4294967295", None),
        ("SOA n a.b@c. 1 1 1 1 1", "soa-rname-at-sign", "a.b@c.", "has an `@`", Some("a\\.b.c.")),
        ("SOA n a@b@c. 1 1 1 1 1", "soa-rname-at-sign", "a@b@c.", "has an `@`", None),
        ("SOA n a@b. 1 1 1 1", "missing-rdata", "", "minimum is missing", None),
        ("DS 1 8 2 ABC", "bad-encoding", "ABC", "3 hexadecimal digits, an odd number", None),
        ("DS 1 8 2 ABxC", "bad-encoding", "ABxC", "`x` has no place", None),
        ("DS 1 RSASHA265 2 AB", "syntax-error", "RSASHA265", "nor a known mnemonic", None),
        ("DNSKEY 1 3 8 AAA", "bad-encoding", "AAA", "3 characters and 0 `=`", None),
        ("DNSKEY 1 3 8 AA== AA", "bad-encoding", "AA", "`A` has no place in the base64 of the key", None),
        ("RRSIG A 8 2 1 20260230000000 1 1 . AA==", "bad-timestamp", "20260230000000", "is no time", None),
        ("RRSIG AA 8 2 1 1 1 1 . AA==", "unknown-type", "AA", "`AA` is no record type", None),
        ("NSEC a. A CNAMEE", "unknown-type", "CNAMEE", "`CNAMEE` is no record type", None),
        ("URI 1 1 sip:a", "syntax-error", "sip:a", "without quotes", Some("\"sip:a\"")),
        ("CAA 0 is-sue a", "syntax-error", "is-sue", "letters and digits", None),
        ("LOC 91 N 0 E 0", "loc-out-of-range", "91", "latitude has `91` degrees, over 90", None),
        ("LOC 1 n 0 E 0", "syntax-error", "n", "lower-case `n`", Some("N")),
        ("SVCB 1 . port=x", "svcb-param-syntax", "port=x", "parameter `port` is not a number", None),
        ("SVCB 1 . aln=\"h2\"", "svcb-param-syntax", "aln=", "`aln` is no service parameter", None),
        ("SVCB 1 . port=1 port=2", "svcb-duplicate-key", "port=2", "`port` stands twice", None),
        ("SVCB 1 . mandatory=alpn", "svcb-mandatory", "mandatory=alpn", "`alpn`, which is not there", None),
        ("IPSECKEY 1 0 2 gw AQ==", "gateway-type-mismatch", "gw", "gateway `gw` stands where", None),
        ("IPSECKEY 1 1 2 gw AQ==", "gateway-type-mismatch", "gw", "gateway `gw` is not four numbers", None),
        ("IPSECKEY 1 1 2 1.2.3.400 AQ==", "bad-ipv4", "1.2.3.400", "is not four numbers", None),
        ("SVCB 1 . no-default-alpn", "svcb-no-default-alpn", "no-default-alpn", "without `alpn`", None),
        ("APL 1:10.0.0.0/33", "syntax-error", "1:10.0.0.0/33", "is no address prefix", None),
        ("TYPE65534 x y", "syntax-error", "x y", "only in the form `\\#`", None),
        ("NULL x y", "syntax-error", "x y", "type NULL can be read only", None),
        ("AMTRELAY 10 1 2 a", "gateway-type-mismatch", "a", "relay `a` is no IPv6 address", None),
        ("AMTRELAY 10 2 1 a", "number-out-of-range", "2", "discovery flag `2` is over 1", None),
        ("AMTRELAY 10 0 4 a", "number-out-of-range", "4", "relay type `4` is over 3", None),
        ("HIP 2 abc AAAA", "bad-encoding", "abc", "is not 1 to 255 octets in hexadecimal", None),
        ("HIP 2 ab AAA a.", "bad-encoding", "AAA", "public key `AAA` is no base64", None),
        ("WKS 1.2.3.4 TCP SMPT", "syntax-error", "SMPT", "neither a number from 0 to 65535 nor", None),
        ("KEY ZONEKSK 3 8 AAAA", "syntax-error", "ZONEKSK", "nor known mnemonics", None),
        ("KEY 0xffff1 3 8 AAAA", "syntax-error", "0xffff1", "no hexadecimal number of 16 bits", None),
        ("KEY 49152 3 8 AAAA", "extra-rdata", "AAAA", "`AAAA` is left over after the key", None),
        ("NXT a. TYPE128", "number-out-of-range", "TYPE128", "NXT lists types 1 to 127", None),
        ("A6 129 a.", "number-out-of-range", "129", "prefix length `129` is over 128", None),
        ("NSAP 47", "bad-encoding", "47", "is not `0x` and pairs", None),
        ("ATMA 47..00", "bad-encoding", "47..00", "neither pairs of hexadecimal digits nor", None),
        ("IPN 18446744073709551616", "number-out-of-range", "18446744073709551616", "node number", None),
        ("WINS L2 C900 a", "bad-ipv4", "a", "servers `a` is not four numbers", None),
    ] {
        let error = decoded(line).expect_err(line);
        let found = &line[error.start as usize..error.end as usize];
        assert_eq!((error.rule.0, found), (rule, at), "{line}: {error:?}");
        assert!(error.message.contains(message), "{line}: {}", error.message);
        let written = error.fix.as_ref().map(|(_, text)| String::from_utf8_lossy(text).into_owned());
        assert_eq!(written.as_deref(), fix, "{line}");
    }
}

#[test]
fn a_fix_leaves_what_can_be_read() {
    let long = format!("TXT \"{}\\\"\\097{}\" c", "a".repeat(254), "b".repeat(300));
    for line in [
        "A 192.000.002.001",
        "A \\# 7 C0000201",
        "MX \"10\" ns",
        "CNAME \"www\"",
        "SOA ns a.b@example.com. 1 1 1 1 1",
        "URI 1 1 a\\\"b",
        "LOC 1 N 1 e 0",
        &long,
    ] {
        let error = decoded(line).expect_err(line);
        let (_, text) = error.fix.expect(line);
        let mut fixed = line.to_owned();
        fixed.replace_range(error.start as usize..error.end as usize, &String::from_utf8(text).unwrap());
        let read = decoded(&fixed);
        assert!(read.is_ok(), "{line} -> {fixed}: {read:?}");
        if line == long {
            let texts = read.unwrap().wire;
            assert_eq!((texts[0], texts[255], texts[256], texts[257]), (255, b'"', 255, b'a'));
        }
    }
}

#[test]
fn fields_and_targets_stand_where_they_are_written() {
    let line = "SRV 1 2 ( 5061 ) Sip";
    let srv = decoded(line).unwrap();
    let fields: Vec<_> =
        srv.fields.iter().map(|(start, end)| &line[*start as usize..*end as usize]).collect();
    assert_eq!(fields, ["1", "2", "5061", "Sip"]);
    assert_eq!(field_names(Rtype::SRV), ["priority", "weight", "port", "target"]);
    let [target] = &*srv.targets else { panic!("one target") };
    assert_eq!((&*target.name, target.in_zone, target.relative), (&b"sip"[..], true, true));
    assert_eq!(&line[target.start as usize..target.end as usize], "Sip");

    let line = "TXT \"a\" b";
    assert_eq!(decoded(line).unwrap().fields, [(4, 9)]);
    let line = "SVCB 1 a.example. port=1";
    let svcb = decoded(line).unwrap();
    assert_eq!(svcb.fields, [(5, 6), (7, 17), (18, 24)]);
    assert_eq!((&*svcb.targets[0].name, svcb.targets[0].in_zone), (&b"a.example"[..], false));

    let line = "MX \\# 6 000A 026e7300";
    let mx = decoded(line).unwrap();
    let whole = (3, line.len() as u32);
    assert_eq!(mx.fields, [whole, whole]);
    assert_eq!((mx.targets[0].start, mx.targets[0].end), whole);
    assert!(known(Rtype::MX) && !known(Rtype::NULL) && field_names(Rtype::NULL).is_empty());

    let line = "A6 128 a.example.";
    assert_eq!(decoded(line).unwrap().fields, [(3, 6), (7, 7), (7, 17)], "a field that is not there");
}

/// What a sink is told, but for the places.
#[derive(Debug, Default, PartialEq)]
struct Calls(Vec<(Vec<u8>, Option<bool>)>);

impl RdataSink for Calls {
    fn octets(&mut self, octets: &[u8]) {
        self.0.push((octets.to_vec(), None));
    }

    fn name(&mut self, name: &[u8], form: NameForm, _: NameRole, _: Option<Token>) {
        self.0.push((name.to_vec(), Some(form.in_zone)));
    }

    fn field(&mut self, _: usize, _: u32, _: u32) {}
}

fn calls(line: &str) -> Calls {
    let mut calls = Calls::default();
    with_tokens(line.as_bytes(), |rtype, tokens| read(rtype, tokens, &mut names(), &mut calls)).unwrap();
    calls
}

#[test]
fn generic_rdata_tells_the_sink_the_same() {
    let mut count = 0;
    for line in include_str!("../../../tests/rdata/lines.txt").lines().filter(|line| !line.starts_with(';')) {
        let Ok(decoded) = decoded(line) else { continue };
        let mnemonic = line.split(' ').next().unwrap();
        let generic = format!("{mnemonic} \\# {} {}", decoded.wire.len(), hex(&decoded.wire));
        assert_eq!(calls(&generic), calls(line), "{line}");
        count += 1;
    }
    assert!(count > 150, "{count} lines");
}

fn accepted() -> impl Iterator<Item = (&'static str, Rtype, Vec<u8>)> {
    let lines = include_str!("../../../tests/rdata/lines.txt").lines();
    lines.filter(|line| !line.starts_with(';')).filter_map(|line| {
        let rtype = Rtype::read(line.split(' ').next()?.as_bytes())?;
        Some((line, rtype, decoded(line).ok()?.wire))
    })
}

#[test]
fn printed_text_reads_back_as_the_same_octets() {
    let origin = Name::absolute(b"example.com").unwrap();
    let mut types = std::collections::BTreeSet::new();
    for (line, rtype, wire) in accepted() {
        for origin in [None, Some(&origin)] {
            let text = print(rtype, &wire, origin);
            let again = decoded(&format!("{rtype} {text}")).unwrap_or_else(|error| {
                panic!("{line} is printed as {text}: {}", error.message);
            });
            assert_eq!(again.wire, wire, "{line} is printed as {text}");
            assert_eq!(print(rtype, &again.wire, origin), text, "{line}");
        }
        types.insert(rtype);
    }
    for row in table::ROWS {
        assert!(types.contains(&row.rtype), "no line of {}", row.rtype);
    }
}

#[test]
fn what_has_no_text_is_printed_as_octets() {
    for (line, text) in [
        ("TYPE65534 \\# 0", "\\# 0"),
        ("TYPE65534 \\# 2 abCD", "\\# 2 ABCD"),
        ("APL \\# 5 000308010a", "\\# 5 000308010A"),
        ("AMTRELAY \\# 3 0A8411", "\\# 3 0A8411"),
        ("ATMA \\# 3 020102", "\\# 3 020102"),
    ] {
        let (rtype, _) = line.split_once(' ').unwrap();
        let wire = decoded(line).unwrap().wire;
        assert_eq!(print(Rtype::read(rtype.as_bytes()).unwrap(), &wire, None), text);
    }
    assert_eq!(print(Rtype::A, &[192, 0, 2], None), "\\# 3 C00002", "octets that are no A RDATA");
}

#[test]
fn names_are_printed_absolute_or_relative_to_the_origin() {
    let wire = decoded("SOA a\\@b\\$\\.c @ 1 2 3 4 5").unwrap().wire;
    let origin = Name::absolute(b"example.com").unwrap();
    assert_eq!(print(Rtype::SOA, &wire, None), "a\\@b\\$\\.c.example.com. example.com. 1 2 3 4 5");
    assert_eq!(print(Rtype::SOA, &wire, Some(&origin)), "a\\@b\\$\\.c @ 1 2 3 4 5");
    let root = Name::root();
    assert_eq!(print(Rtype::NS, &[0], Some(&root)), "@");
    assert_eq!(print(Rtype::NS, &[0], None), ".");
}

#[test]
fn hickory_writes_the_octets_it_reads() {
    use hickory_proto::serialize::binary::{BinEncodable as _, BinEncoder, NameEncoding};
    let mut typed = std::collections::BTreeSet::new();
    for (line, rtype, wire) in accepted() {
        let data = to_hickory(rtype, &wire).unwrap_or_else(|| panic!("{line} is refused"));
        let mut again = Vec::new();
        let mut encoder = BinEncoder::new(&mut again);
        encoder.set_name_encoding(NameEncoding::Uncompressed);
        data.emit(&mut encoder).unwrap();
        assert_eq!(again, wire, "{line}");
        if !matches!(data, RData::Unknown { .. }) {
            typed.insert(rtype);
        }
    }
    assert!(typed.len() >= 22, "{typed:?}");
}

#[test]
fn hickory_takes_the_wire_form() {
    let data = |line: &str| {
        let rtype = Rtype::read(line.split(' ').next().unwrap().as_bytes()).unwrap();
        to_hickory(rtype, &decoded(line).unwrap().wire)
    };
    let Some(RData::SRV(srv)) = data("SRV 1 2 5061 sip") else { panic!("a typed SRV") };
    assert_eq!((srv.priority, srv.weight, srv.port), (1, 2, 5061));
    assert_eq!(srv.target.to_ascii(), "sip.example.com.");
    for line in ["DNAME a.", "LOC 1 N 1 E 0", "DS 1 8 2 00", "TYPE65534 \\# 2 0001"] {
        let Some(RData::Unknown { rdata, .. }) = data(line) else { panic!("{line}: unknown data") };
        assert_eq!(rdata.anything, decoded(line).unwrap().wire, "{line}");
    }
    assert_eq!(to_hickory(Rtype::A, &[192, 0, 2]), None);
    assert_eq!(to_hickory(Rtype::ANY, &[]), None);
}

#[test]
fn a_mailbox_with_an_at_sign_still_gives_every_field() {
    let mut calls = Calls::default();
    let error = with_tokens(b"SOA ns h@example.com. 1 2 3 4 5", |rtype, tokens| {
        read(rtype, tokens, &mut names(), &mut calls)
    });
    assert_eq!(error.unwrap_err().rule.0, "soa-rname-at-sign");
    assert_eq!(calls.0.len(), 7);
    assert_eq!(decoded("SOA ns h\\@x 1 2 3 4 5").unwrap().targets[1].name, b"h@x");
}

/// Words that have a meaning somewhere in RDATA, and some that have none.
fn word() -> impl Strategy<Value = String> {
    let known = vec![
        "\\#",
        "0",
        "1",
        "255",
        "65536",
        "@",
        ".",
        "a.b.",
        "\"\"",
        "\"x y\"",
        "AA==",
        "-",
        "N",
        "E",
        "1.5m",
        "A",
        "20260101000000",
        "alpn=",
        "key9=\\",
        "mandatory=port",
        "port=1",
        "c0000201",
        "a\\",
        "::1",
        "1.2.3.4",
        "00-00-00-00-00-00",
        "0:0:0:0",
        "\"!^.*$!a!\"",
        "0x47.00",
        "+31",
        "KSK|ZONE",
        "TCP",
        "SMTP",
        "49152",
        "LOCAL",
        "L2",
    ];
    prop_oneof![
        proptest::sample::select(known).prop_map(str::to_owned),
        "[ -~]{0,6}",
        "[0-9A-Fa-f]{1,40}",
        "\\PC{0,5}",
    ]
}

proptest! {
    #[test]
    fn dotted_quads_are_those_of_the_library(
        text in prop_oneof!["[0-9.]{0,17}", "[0-9]{1,4}(\\.[0-9]{1,3}){2,4}", "(1?[0-9]{1,2}\\.){3}[0-9a:]{1,3}"],
    ) {
        let expected = text.parse::<std::net::Ipv4Addr>().ok().map(|address| address.octets());
        prop_assert_eq!(dotted_quad(text.as_bytes()), expected);
    }

    #[test]
    fn no_text_makes_the_reader_panic_or_point_outside(
        row in proptest::sample::select(table::ROWS.iter().collect::<Vec<_>>()),
        words in proptest::collection::vec(word(), 0..9),
    ) {
        let line = format!("{} {}", row.rtype, words.join(" "));
        let entry = Scanner::new(line.as_bytes(), 0).entry(&mut Vec::new());
        if entry.is_none_or(|entry| entry.broken) {
            return Ok(());
        }
        match decoded(&line) {
            Ok(decoded) => {
                for (start, end) in decoded.fields {
                    prop_assert!(start <= end && end as usize <= line.len());
                }
                let _ = to_hickory(row.rtype, &decoded.wire);
            }
            Err(error) => {
                prop_assert!(error.start <= error.end && error.end as usize <= line.len(), "{error:?}");
            }
        }
    }

    #[test]
    fn octets_that_are_taken_come_back(
        row in proptest::sample::select(table::ROWS.iter().collect::<Vec<_>>()),
        octets in proptest::collection::vec(prop_oneof![Just(0_u8), 0..8_u8, any::<u8>()], 0..40),
    ) {
        let line = format!("{} \\# {} {}", row.rtype, octets.len(), hex(&octets));
        if let Ok(decoded) = decoded(&line) {
            prop_assert!(decoded.wire.eq_ignore_ascii_case(&octets), "{line}");
            let text = print(row.rtype, &octets, None);
            let again = self::decoded(&format!("{} {text}", row.rtype)).map(|again| again.wire);
            prop_assert_eq!(again, Ok(decoded.wire), "{}", text);
        }
    }
}
