//! Zones nobody wrote: lines put together from the grammar, some of them with small changes.

/// Numbers that follow from a seed (SplitMix64).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `count`, which is not 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % count as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// Whether something that happens once in `times` happens.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const OWNERS: &[&str] = &[
    "@",
    "www",
    "mail",
    "a.b",
    "*.w",
    "_sip._tcp",
    "abs.example.com.",
    "WWW",
    "deep.er",
    "\\097x",
    "a\\.b",
    "0/25",
    "x-y",
    "",
    "",
    "",
    "",
    "",
];

const ODD_OWNERS: &[&str] = &[
    "\"q\"",
    "\"@\"",
    "a=b",
    "out.example.org.",
    "60",
    "IN",
    "A",
    "mx",
    "a..b",
    "\\@",
    "a\\256",
    "a\\12",
    "a$b",
    "a#b",
    ".",
    "example.com.",
    "$x",
    "\\$x",
    "a\\b",
    "(",
    "\u{e9}",
    "1h",
    "type1",
];

const HEADS: &[&str] = &["", "", "IN", "60", "60 IN", "IN 60", "1h", "in", "0"];

const ODD_HEADS: &[&str] = &[
    "CLASS1",
    "CH",
    "1h30m",
    "30m1h",
    "1h30",
    "2147483648",
    "4294967296",
    "IN 60 IN",
    "60 60",
    "HS",
    "1w2d",
    "ANY",
    "1H",
];

const DATA: &[&str] = &[
    "A 192.0.2.1",
    "A 192.0.2.200",
    "AAAA 2001:db8::1",
    "AAAA ::ffff:192.0.2.1",
    "NS ns1",
    "MX 10 mail",
    "MX 0 .",
    "MX 20 @",
    "TXT \"one\" \"two\"",
    "TXT x",
    "TXT @",
    "TXT \"a;b\"",
    "TXT \"\"",
    "TXT a\\;b",
    "TXT \"\\065\\\"\"",
    "SRV 0 5 5061 sip.example.com.",
    "SRV 1 2 3 .",
    "PTR host",
    "CAA 0 issue \"ca.example.net\"",
    "HINFO a b",
    "TLSA 3 1 1 0102030405060708091011121314151617181920212223242526272829303132",
    "SSHFP 4 2 0102030405060708091011121314151617181920212223242526272829303132",
    "NAPTR 1 1 \"s\" \"SIP+D2T\" \"\" _sip._tcp",
    "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
    "URI 1 1 \"https://example.com/\"",
    "DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    "TYPE65400 \\# 2 abcd",
    "A \\# 4 c0000201",
    "TYPE1 192.0.2.9",
    "HTTPS 1 . alpn=\"h2,h3\" port=443",
    "SVCB 0 svc",
    "EUI48 00-00-5e-00-53-2a",
    "RP mbox txt",
    "AFSDB 1 host",
    "KX 1 host",
    "CERT 1 2 3 AAEC",
    "OPENPGPKEY AAEC",
    "DNAME other",
    "NSEC next A MX",
    "APL 1:192.0.2.0/24",
    "SPF \"v=spf1\"",
    "CSYNC 1 3 A NS",
];

const ODD_DATA: &[&str] = &[
    "A 192.0.2",
    "A 192.0.2.300",
    "A 192.000.002.001",
    "A 192.0.2.1 junk",
    "AAAA 2001:db8::1::2",
    "AAAA 192.0.2.1",
    "MX mail",
    "MX 65536 mail",
    "MX \"10\" mail",
    "MX -1 mail",
    "CNAME www2",
    "CNAME \"www\"",
    "TXT",
    "TXT \"a\"\"b\"",
    "TXT \"a\"b",
    "TXT a\"b\"",
    "TXT \"\\300\"",
    "TXT \"open",
    "TXT a\\",
    "SRV 0 0 5061",
    "SRV 0 0 70000 sip",
    "A \\# 3 c00002",
    "A \\# 4 c000020",
    "TYPE65400 abcd",
    "TYPE65536 \\# 0",
    "AX 1",
    "ANY x",
    "AXFR",
    "CAA 0 is-sue x",
    "CAA 256 issue x",
    "DS 1 1 1 zz",
    "TLSA 3 1 1 012",
    "LOC 91 N 0 E 0",
    "NSEC next",
    "WINS 1.2.3.4",
    "PTR a@b",
    "NS 192.0.2.1",
    "SOA a b 1 2 3 4 5",
    "NULL \\# 1 00",
    "KEY 256 3 5 AAAA",
    "MB host",
    "X25 \"12345\"",
    "HIP 1 2 3",
    "TXT \"line\\\nend\"",
    "TXT ( \"a\"\n \"b\" )",
    "TXT ( ( a ) )",
    "A ( 192.0.2.1 ) ",
    "TXT ( open",
    "TXT close )",
    "TXT \"new\nline\"",
    "A 192.0.2.1 ; comment (",
    "A [192.0.2.1]",
    "AAAA fe80::1%eth0",
];

const DIRECTIVES: &[&str] = &[
    "$TTL 300",
    "$TTL 1h",
    "$ORIGIN example.com.",
    "$ORIGIN sub.example.com.",
    "$ORIGIN sub",
    "$ORIGIN @",
    "$ORIGIN .",
    "$GENERATE 1-3 g$ A 192.0.2.$",
    "$GENERATE 1-5/2 g${0,3,d} IN A 192.0.2.${10}",
    "$GENERATE 1-2 $ 60 CNAME h$.example.com.",
    "$GENERATE 0-1 t$ TXT \"x $ y\"",
    "; a comment",
    "",
    " ",
    "\t; another",
    "$GENERATE 10-11 ${0,2,x} PTR h${-10}",
    "$GENERATE 1-2 n$ AAAA 2001:db8::${0,4,x}",
];

const ODD_DIRECTIVES: &[&str] = &[
    "$ttl 300",
    "$Origin example.com.",
    "$TTL",
    "$TTL x",
    "$TTL 1 2",
    "$ORIGIN",
    "$ORIGIN a..b.",
    "$GENERATE 3-1 g$ A 192.0.2.$",
    "$GENERATE 1-3 g$",
    "$GENERATE 1-2 g${x} A 192.0.2.1",
    "$GENERATE 1-2 g$ SOA x",
    "$GENERATE 1-2 g$$ A 192.0.2.$",
    "$UNKNOWN x",
    " $TTL 300",
    "# comment",
    "// comment",
    "$GENERATE 1-2 g\\$ A 192.0.2.$",
    "$TTL 2147483648",
    "$DATE 20260101000000",
    "$GENERATE 1-2 ${0,2,n} PTR x",
    "$GENERATE 1-2 g$ 60 60 A 192.0.2.1",
];

fn line(numbers: &mut Numbers) -> String {
    if numbers.once_in(9) {
        let odd = numbers.once_in(4);
        return numbers.one_of(if odd { ODD_DIRECTIVES } else { DIRECTIVES }).to_owned();
    }
    let pick = |numbers: &mut Numbers, usual: &[&'static str], odd: &[&'static str]| {
        let odd = if numbers.once_in(25) { odd } else { usual };
        numbers.one_of(odd)
    };
    let owner = pick(numbers, OWNERS, ODD_OWNERS);
    let head = pick(numbers, HEADS, ODD_HEADS);
    let data = pick(numbers, DATA, ODD_DATA);
    let blank = numbers.one_of(&[" ", "  ", "\t"]);
    let mut line = format!("{owner}{blank}{head} {data}");
    match numbers.below(12) {
        0 => line = format!("{owner}{blank}( {head}\n  {data} )"),
        1 if !data.contains([';', '"', '\n', '(']) => {
            line = line.replace(' ', " (\n ").to_owned() + &" )".repeat(line.matches(' ').count())
        }
        2 => line.push_str(" ; remark"),
        3 if !data.contains([';', '"', '\n', '(']) => {
            let (first, rest) = data.split_once(' ').unwrap_or((data, ""));
            line = format!("{owner}{blank}{head} {first} ( ; here\n\t{rest}\n)");
        }
        _ => {}
    }
    line
}

/// A small change somewhere after the first lines.
pub(super) fn changed(text: &mut Vec<u8>, from: usize, numbers: &mut Numbers) {
    let at = from + numbers.below(text.len().saturating_sub(from).max(1));
    let at = at.min(text.len());
    let special = b" \t\n\"();\\@.$#*[]09aZ\r\0-_/";
    match numbers.below(5) {
        0 => text.insert(at, special[numbers.below(special.len())]),
        1 if at < text.len() => {
            text.remove(at);
        }
        2 if at < text.len() => text[at] = special[numbers.below(special.len())],
        3 => {
            let end = (at + 1 + numbers.below(12)).min(text.len());
            let copy = text[at..end].to_vec();
            text.splice(at..at, copy);
        }
        _ => {
            let end = (at + 1 + numbers.below(6)).min(text.len());
            text.drain(at..end);
        }
    }
}

/// The zone `example.com` of a seed.
pub(super) fn zone(seed: u64) -> Vec<u8> {
    let mut numbers = Numbers::new(seed);
    let mut text = String::new();
    if !numbers.once_in(10) {
        text.push_str("$TTL 3600\n");
    }
    text.push_str(numbers.one_of(&[
        "@ IN SOA ns1 hostmaster 1 14400 3600 1209600 3600\n",
        "@ 600 SOA ns1.example.com. hostmaster.example.com. ( 2026010101 ; serial\n 4h 1h 2w\n 1d )\n",
        "example.com. SOA ns1 h\\.m 1 2 3 4 5\n",
    ]));
    text.push_str("@ IN NS ns1\n@ IN NS ns2\nns1 IN A 192.0.2.1\nns2 IN A 198.51.100.2\n");
    let head = text.len();
    for _ in 0..numbers.below(12) {
        text.push_str(&line(&mut numbers));
        text.push('\n');
    }
    let mut text = text.into_bytes();
    if numbers.once_in(3) {
        for _ in 0..=numbers.below(3) {
            changed(&mut text, head, &mut numbers);
        }
    }
    text
}
