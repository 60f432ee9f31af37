//! Constructs that servers read differently, one row each: what this program makes of them, which is
//! what BIND does wherever BIND reads them at all.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use zonewright::diagnostic::Finding;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{Request, load};
use zonewright::zonefile::rdata::print;

/// What stands before the lines of most rows. None of it is in the expected records.
const HEAD: &str = "\
$TTL 3600
@    IN SOA  ns1 hostmaster 2026010101 14400 3600 1209600 3600
@    IN NS   ns1
@    IN NS   ns2
ns1  IN A    192.0.2.1
ns2  IN A    198.51.100.2
";

const HEAD_RECORDS: [&str; 5] = [
    "example.com 3600 SOA ns1.example.com. hostmaster.example.com. 2026010101 14400 3600 1209600 3600",
    "example.com 3600 NS ns1.example.com.",
    "example.com 3600 NS ns2.example.com.",
    "ns1.example.com 3600 A 192.0.2.1",
    "ns2.example.com 3600 A 198.51.100.2",
];

/// One construct.
struct Row {
    construct: &'static str,
    zone: Vec<u8>,
    /// Owner, TTL, type and RDATA of each record, besides those of [`HEAD`].
    records: Vec<String>,
    /// The rules that report it; with `+fix` after the name when the finding carries a fix.
    found: Vec<&'static str>,
}

impl Row {
    fn record(mut self, record: &str) -> Self {
        self.records.push(record.to_owned());
        self
    }

    fn found(mut self, rule: &'static str) -> Self {
        self.found.push(rule);
        self
    }
}

/// Lines after [`HEAD`].
fn row(construct: &'static str, lines: impl AsRef<[u8]>) -> Row {
    let mut zone = HEAD.as_bytes().to_vec();
    zone.extend_from_slice(lines.as_ref());
    zone.push(b'\n');
    Row { construct, zone, records: Vec::new(), found: Vec::new() }
}

/// A zone of its own.
fn zone(construct: &'static str, zone: impl AsRef<[u8]>) -> Row {
    Row { zone: zone.as_ref().to_vec(), ..row(construct, "") }
}

fn names() -> Vec<Row> {
    vec![
        row("CNAME @", "www CNAME @").record("www.example.com 3600 CNAME example.com."),
        row("TXT @", "www TXT @").record("www.example.com 3600 TXT \"@\""),
        row("quoted owner", "\"q\" A 192.0.2.7")
            .record("q.example.com 3600 A 192.0.2.7")
            .found("portability-quoted-name"),
        row("quoted @ as owner", "\"@\" TXT x")
            .record("example.com 3600 TXT \"x\"")
            .found("portability-quoted-name"),
        row("quoted target", "q CNAME \"www\"").found("syntax-error+fix"),
        row("a+b A", "a+b A 192.0.2.7")
            .record("a+b.example.com 3600 A 192.0.2.7")
            .found("hostname-invalid-owner"),
        row("a=b TXT", "a=b TXT x")
            .record("a=b.example.com 3600 TXT \"x\"")
            .found("portability-owner-character"),
        row("0/25 NS", "0/25 NS ns1\n0/25 NS ns2")
            .record("0/25.example.com 3600 NS ns1.example.com.")
            .record("0/25.example.com 3600 NS ns2.example.com."),
        row("a#b TXT", "a#b TXT x")
            .record("a#b.example.com 3600 TXT \"x\"")
            .found("portability-owner-character"),
        row("a@b TXT", "a@b TXT x").record("a@b.example.com 3600 TXT \"x\"").found("at-sign-in-name"),
        row("a$b TXT", "a$b TXT x")
            .record("a$b.example.com 3600 TXT \"x\"")
            .found("portability-owner-character"),
        row("$foo TXT", "$foo TXT x").found("unknown-directive"),
        row("$TLL 60", "$TLL 60").found("unknown-directive+fix"),
        row("UTF-8 owner", "b\u{fc}cher TXT x")
            .record("b\\195\\188cher.example.com 3600 TXT \"x\"")
            .found("idn-not-encoded"),
        row("a\\256b", "a\\256b TXT x").found("bad-escape"),
        row("a\\12", "a\\12 TXT x").found("bad-escape"),
        row("a\\.b", "a\\.b TXT x").record("a\\.b.example.com 3600 TXT \"x\""),
        row("\\@", "\\@ TXT x").record("@.example.com 3600 TXT \"x\""),
        row("a..b", "a..b TXT x").found("empty-label+fix"),
        row("label of 64 octets", format!("{} TXT x", "a".repeat(64))).found("label-too-long"),
        row("$ORIGIN sub", "$ORIGIN sub\nwww A 192.0.2.7")
            .record("www.sub.example.com 3600 A 192.0.2.7")
            .found("portability-relative-origin"),
        row("$origin", "$origin sub.example.com.\nwww A 192.0.2.7")
            .record("www.sub.example.com 3600 A 192.0.2.7")
            .found("portability-directive-case"),
        row("blank owner after $ORIGIN", "b A 192.0.2.7\n$ORIGIN sub.example.com.\n  TXT x")
            .record("b.example.com 3600 A 192.0.2.7")
            .record("b.example.com 3600 TXT \"x\"")
            .found("inherited-owner-after-origin+fix"),
        row(" b A", "a A 192.0.2.7\n b A 192.0.2.8")
            .record("a.example.com 3600 A 192.0.2.7")
            .record("b.example.com 3600 A 192.0.2.8")
            .found("indented-owner+fix"),
    ]
}

fn ttls_and_classes() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        ("$ttl 60", "$ttl 60\nb A 192.0.2.7", 60, "portability-directive-case"),
        ("TTL 1h30m", "b 1h30m A 192.0.2.7", 5400, ""),
        ("TTL 30m1h", "b 30m1h A 192.0.2.7", 5400, "ttl-units-not-portable"),
        ("TTL 1h1h", "b 1h1h A 192.0.2.7", 7200, "ttl-units-not-portable"),
        ("IN 60 A", "b IN 60 A 192.0.2.7", 60, ""),
        ("CLASS1", "b CLASS1 A 192.0.2.7", 3600, "portability-class-generic"),
    ]
    .into_iter()
    .map(|(construct, lines, ttl, other)| {
        let row = row(construct, lines).record(&format!("b.example.com {ttl} A 192.0.2.7"));
        if other.is_empty() { row } else { row.found(other) }
    })
    .collect();
    rows.extend([
        row("TTL 1h30", "b 1h30 A 192.0.2.7").found("syntax-error+fix"),
        row("TTL 0h30", "b 0h30 A 192.0.2.7").found("syntax-error+fix"),
        row("TTL 2147483648", "b 2147483648 A 192.0.2.7")
            .record("b.example.com 0 A 192.0.2.7")
            .found("ttl-overflow"),
        row("TTL 4294967296", "b 4294967296 A 192.0.2.7")
            .record("b.example.com 3600 A 192.0.2.7")
            .found("number-out-of-range"),
        row("TTL 60 and 600 in one RRset", "b 60 A 192.0.2.7\nb 600 A 192.0.2.8")
            .record("b.example.com 60 A 192.0.2.7")
            .record("b.example.com 600 A 192.0.2.8")
            .found("ttl-mismatch+fix"),
        zone(
            "no $TTL, a record before with 60",
            HEAD.replace("$TTL 3600\n@  ", "@ 3600 ").replace("ns2  IN", "ns2 60 IN") + "b A 192.0.2.7\n",
        )
        .record("ns2.example.com 60 A 198.51.100.2")
        .record("b.example.com 60 A 192.0.2.7")
        .found("ttl-implicit-previous+fix")
        .found("ttl-ns-below-policy"),
        zone("no TTL anywhere", HEAD.replace("$TTL 3600\n", "") + "b A 192.0.2.7\n")
            .record("b.example.com 3600 A 192.0.2.7")
            .found("ttl-missing+fix"),
        row("IN 60 IN A", "b IN 60 IN A 192.0.2.7").found("syntax-error"),
        row("CH TXT", "b CH TXT x").found("class-mismatch+fix"),
    ]);
    rows
}

fn text() -> Vec<Row> {
    let a = "b.example.com 3600 A 192.0.2.7";
    let with_head = |octets: &[u8]| [HEAD.as_bytes(), octets].concat();
    vec![
        row(
            "owner of the same text under another origin",
            "$ORIGIN a.example.com.\nb A 192.0.2.7\n$ORIGIN c.example.com.\n TXT x\nb A 192.0.2.8",
        )
        .record("b.a.example.com 3600 A 192.0.2.7")
        .record("b.a.example.com 3600 TXT \"x\"")
        .record("b.c.example.com 3600 A 192.0.2.8")
        .found("inherited-owner-after-origin+fix"),
        row("( ( x ) )", "b TXT ( ( x ) )")
            .record("b.example.com 3600 TXT \"x\"")
            .found("portability-nested-parenthesis"),
        row("b ( A LF", "b ( A\n  192.0.2.7 )").record(a),
        row("( before the owner", "( b A\n  192.0.2.7 )")
            .record(a)
            .found("portability-line-start-parenthesis"),
        row("( never closed", "b A ( 192.0.2.7\nc A 192.0.2.8")
            .record(a)
            .record("c.example.com 3600 A 192.0.2.8")
            .found("unbalanced-parenthesis"),
        row("LF in quotes", "b TXT \"x\ny\"\nc A 192.0.2.8")
            .record("c.example.com 3600 A 192.0.2.8")
            .found("unterminated-quote"),
        row("LF in quotes in parentheses", "b TXT ( \"x\n  y\" )\nc A 192.0.2.8")
            .record("c.example.com 3600 A 192.0.2.8")
            .found("unterminated-quote"),
        row("escaped LF in quotes", "b TXT \"x\\\ny\"")
            .record("b.example.com 3600 TXT \"x\\010y\"")
            .found("portability-newline-in-string"),
        zone("CR LF", HEAD.replace('\n', "\r\n") + "b A 192.0.2.7\r\n")
            .record(a)
            .found("crlf-line-endings+fix"),
        row("lone CR", "b A 192.0.2.7\rc A 192.0.2.8")
            .record(a)
            .record("c.example.com 3600 A 192.0.2.8")
            .found("control-character+fix"),
        row("lone CR in a comment", "b A 192.0.2.7 ; x\rc A 192.0.2.8")
            .record(a)
            .found("control-character+fix"),
        row("CR LF after a comment", "b A 192.0.2.7 ; x\r").record(a).found("crlf-line-endings+fix"),
        zone("byte order mark", ["\u{feff}", HEAD, "b A 192.0.2.7\n"].concat())
            .record(a)
            .found("byte-order-mark+fix"),
        zone("no final LF", with_head(b"b A 192.0.2.7")).record(a).found("missing-final-newline+fix"),
        row("NUL in quotes", "b TXT \"x\0y\"")
            .record("b.example.com 3600 TXT \"x\\000y\"")
            .found("control-character+fix"),
        zone("trailing ^Z", with_head(b"b A 192.0.2.7\n\x1a")).record(a).found("control-character+fix"),
        row("form feed as a blank", "b\x0cA 192.0.2.7").record(a).found("control-character+fix"),
        row("no-break space as a blank", "b\u{a0}A 192.0.2.7").found("confusable-character"),
        row("# comment", "# comment\nb A 192.0.2.7").record(a).found("non-zone-comment+fix"),
        row("// comment", "// comment\nb A 192.0.2.7").record(a).found("non-zone-comment+fix"),
    ]
}

fn strings() -> Vec<Row> {
    let txt = |rdata: &str| format!("b.example.com 3600 TXT {rdata}");
    let long = "a".repeat(300);
    vec![
        row("string of 300 octets", format!("b TXT \"{long}\""))
            .record(&txt(&format!("\"{}\" \"{}\"", &long[..255], &long[255..])))
            .found("string-too-long+fix"),
        row("UTF-8 in quotes", "b TXT \"\u{fc}\"").record(&txt("\"\\195\\188\"")).found("non-ascii-text"),
        row("\"x;y\"", "b TXT \"x;y\"").record(&txt("\"x;y\"")),
        row("x;y", "b TXT x;y").record(&txt("\"x\"")).found("txt-semicolon-truncated"),
        row("x\\;y", "b TXT x\\;y").record(&txt("\"x;y\"")),
        row("\"x\"\"y\"", "b TXT \"x\"\"y\"")
            .record(&txt("\"x\" \"y\""))
            .found("portability-adjacent-strings"),
        row("x\"y\"", "b TXT x\"y\"").record(&txt("\"x\" \"y\"")).found("portability-adjacent-strings"),
        row("TXT without RDATA", "b TXT").found("missing-rdata"),
        row("\"\\300\"", "b TXT \"\\300\"").found("bad-escape"),
    ]
}

fn rdata() -> Vec<Row> {
    let a = "b.example.com 3600 A 192.0.2.1";
    let soa = "example.com 3600 SOA ns1.example.com. hostmaster.example.com. 2026010101";
    vec![
        row("TYPE65534 \\#", "b TYPE65534 \\# 4 C0000201")
            .record("b.example.com 3600 TYPE65534 \\# 4 C0000201"),
        row("A \\# 4", "b A \\# 4 C0000201").record(a).found("generic-rdata-for-known-type"),
        row("A \\# 3", "b A \\# 3 C00002").found("generic-rdata-malformed"),
        row("TYPE1", "b TYPE1 192.0.2.1").record(a).found("generic-rdata-for-known-type"),
        row("192.000.002.001", "b A 192.000.002.001").found("bad-ipv4+fix"),
        row("10.1", "b A 10.1").found("bad-ipv4"),
        row("MX \"10\"", "b MX \"10\" ns1").found("syntax-error+fix"),
        row("MX without preference", "b MX ns1").found("missing-rdata+fix"),
        row("A 192.0.2.1 junk", "b A 192.0.2.1 junk").record(a).found("extra-rdata"),
        zone("SOA timers with units", HEAD.replace("14400 3600 1209600", "1d 2h 4w"))
            .record(&format!("{soa} 86400 7200 2419200 3600")),
        zone("mailbox with @", HEAD.replace("hostmaster", "h@example.com."))
            .record(
                "example.com 3600 SOA ns1.example.com. h\\@example.com. 2026010101 14400 3600 1209600 3600",
            )
            .found("soa-rname-at-sign+fix"),
    ]
}

fn dialects() -> Vec<Row> {
    let windows = "\
;
;  Database file example.com.dns for example.com zone.
;      Zone version:  7
;
";
    let generated = |records: &[(&str, &str)]| -> Vec<String> {
        records.iter().map(|(owner, rdata)| format!("{owner}.example.com 3600 {rdata}")).collect()
    };
    let with = |row: Row, records: &[(&str, &str)]| Row { records: generated(records), ..row };
    vec![
        with(
            row("$GENERATE", "$GENERATE 1-3 h$ A 192.0.2.$").found("portability-generate"),
            &[("h1", "A 192.0.2.1"), ("h2", "A 192.0.2.2"), ("h3", "A 192.0.2.3")],
        ),
        with(
            row("$GENERATE with step and modifier", "$GENERATE 1-3/2 h${10,3,d} A 192.0.2.$")
                .found("portability-generate"),
            &[("h011", "A 192.0.2.1"), ("h013", "A 192.0.2.3")],
        ),
        with(
            row("$GENERATE of a quoted string", "$GENERATE 1-2 h$ TXT \"x $ y\"")
                .found("txt-unquoted-split")
                .found("portability-generate"),
            &[("h1", "TXT \"x\" \"1\" \"y\""), ("h2", "TXT \"x\" \"2\" \"y\"")],
        ),
        with(
            row("$GENERATE h$$", "$GENERATE 1-2 h$$ A 192.0.2.$")
                .found("portability-generate")
                .found("hostname-invalid-owner"),
            &[("h$", "A 192.0.2.1"), ("h$", "A 192.0.2.2")],
        ),
        row("[AGE:n]", "b [AGE:3700000] 1200 A 192.0.2.7")
            .record("b.example.com 1200 A 192.0.2.7")
            .found("windows-age-tag+fix"),
        zone("[AGE:n] in an export", [windows, HEAD, "b [AGE:3700000] 1200 A 192.0.2.7\n"].concat())
            .record("b.example.com 1200 A 192.0.2.7"),
        row("WINS", "@ WINS LOCAL L2 C900 192.0.2.7").found("windows-wins-record"),
        zone("WINS in an export", [windows, HEAD, "@ 0 WINS L2 C900 ( 192.0.2.7\n 192.0.2.8 )\n"].concat())
            .record("example.com 0 WINS L2 C900 192.0.2.7 192.0.2.8"),
        zone("WINS-R in an export", [windows, HEAD, "@ WINS-R LOCAL L2 C900 contoso.com.\n"].concat())
            .record("example.com 3600 WINSR LOCAL L2 C900 contoso.com."),
    ]
}

fn rows() -> Vec<Row> {
    [names(), ttls_and_classes(), text(), strings(), rdata(), dialects()].into_iter().flatten().collect()
}

/// The records of the zone besides those of [`HEAD`], and the findings of all rules.
fn read(octets: &[u8]) -> (Vec<String>, Vec<Finding>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    std::fs::write(&path, octets).unwrap();
    let request =
        Request { paths: vec![path], origin: Some(String::from("example.com")), ..Request::default() };
    let mut loaded = load(&request).unwrap();
    let parsed = loaded.take_findings();
    let zone = &loaded.zones.first().unwrap().zone;
    let mut records = Vec::new();
    for name in zone.names() {
        for rec in zone.records(name) {
            let record = zone.record(zone.key_of(name), rec).unwrap();
            let rdata = print(record.rtype, &record.wire, None);
            records.push(format!("{} {} {} {rdata}", record.owner, record.ttl, record.rtype));
        }
    }
    records.retain(|record| !HEAD_RECORDS.contains(&record.as_str()));
    records.sort();
    let mut levels = Levels::new();
    levels.show_info();
    // What is said of the head of each zone is not what the rows are about.
    levels
        .select(["syntax", "names", "ttl", "portability", "hygiene", "srv", "alias", "mail", "apex"])
        .unwrap();
    levels.ignore(["soa-rname-domain-no-mail", "redundant-ttl-or-class"]).unwrap();
    let report = lint(&loaded.contexts(), parsed, loaded.deployment(), &levels);
    (records, report.findings)
}

#[test]
fn constructs_are_read_as_the_table_says() {
    let rows = rows();
    let mut wrong = Vec::new();
    for row in &rows {
        let (records, findings) = read(&row.zone);
        let mut expected = row.records.clone();
        expected.sort();
        if records != expected {
            wrong.push(format!(
                "{}: records\n    found    {records:?}\n    expected {expected:?}",
                row.construct
            ));
        }
        let names: BTreeSet<&str> = row.found.iter().map(|rule| rule.trim_end_matches("+fix")).collect();
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.0).collect();
        if found != names {
            wrong.push(format!("{}: rules\n    found    {found:?}\n    expected {names:?}", row.construct));
        }
        for rule in row.found.iter().filter_map(|rule| rule.strip_suffix("+fix")) {
            let mut of_rule = findings.iter().filter(|finding| finding.rule.0 == rule);
            if of_rule.all(|finding| finding.fix.is_none()) {
                wrong.push(format!("{}: `{rule}` without a fix", row.construct));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn constructs_are_named_once() {
    let rows = rows();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.construct).collect();
    assert_eq!(names.len(), rows.len());
    assert!(rows.len() >= 81, "{} rows", rows.len());
}
