//! The zones of each kind. `benches/zones.py` makes the same shapes, of any size, as files.

use super::rdata::rdata;
use super::{Kind, Rng, Zone};
use std::fmt::Write as _;

/// Zones of a kind that hold at least so many records together.
pub(crate) fn zones(kind: Kind, records: u64) -> Vec<Zone> {
    let mut rng = Rng::new(1);
    let one = match kind {
        Kind::Tld => tld,
        Kind::Enterprise => enterprise,
        Kind::Signed => signed,
        Kind::Reverse => reverse,
        Kind::Fleet => return fleet(&mut rng, records),
    };
    vec![one(&mut rng, records).done()]
}

/// A zone that is being written.
struct Writer {
    origin: String,
    text: String,
    records: u64,
}

impl Writer {
    /// `$ORIGIN`, `$TTL`, SOA, two name servers and their addresses.
    fn new(origin: &str) -> Self {
        let text = format!(
            "$ORIGIN {origin}\n$TTL 3600\n@\tIN\tSOA\tns1 hostmaster (\n\t\t2026010100\t; serial\n\t\t2h\t; \
             refresh\n\t\t30m\t; retry\n\t\t2w\t; expire\n\t\t1h )\t; negative caching\n\tIN\tNS\tns1\n\tIN\tNS\t\
             ns2\nns1\tIN\tA\t192.0.2.53\nns2\tIN\tA\t198.51.100.53\n\tIN\tAAAA\t2001:db8:53::53\n"
        );
        Self { origin: origin.to_owned(), text, records: 6 }
    }

    /// Adds text that holds so many records.
    fn add(&mut self, records: u64, text: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
        self.records += records;
    }

    fn done(self) -> Zone {
        Zone { origin: self.origin, text: self.text.into_bytes(), records: self.records }
    }
}

/// A name that no other call gives: a word and a counter.
fn unique(rng: &mut Rng, counter: &mut u32) -> String {
    *counter += 1;
    format!("{}{counter}", rng.word())
}

fn tld(rng: &mut Rng, records: u64) -> Writer {
    let mut zone = Writer::new("tld.");
    let mut counter = 0;
    let hosters: Vec<String> = (0..(records / 1800).max(6))
        .map(|_| format!("{}.{}.", unique(rng, &mut counter), rng.pick(&["net", "com", "example"])))
        .collect();
    while zone.records < records {
        let name = unique(rng, &mut counter);
        let absolute = rng.chance(50);
        let owner = if absolute { format!("{name}.tld.") } else { name };
        let glue = rng.chance(15);
        let parent = if glue { owner.clone() } else { hosters[rng.below(hosters.len())].clone() };
        let servers = 2 + if glue { 0 } else { rng.below(3) };
        for server in 1..=servers {
            let shown = if absolute || server == 1 { owner.as_str() } else { "" };
            zone.add(1, format_args!("{shown}\t86400\tIN\tNS\tns{server}.{parent}\n"));
        }
        if rng.chance(10) {
            zone.add(1, format_args!("{owner}\t86400\tIN\tDS\t{} 13 2 {}\n", rng.below(65_536), rng.hex(32)));
        }
        for server in (1..=servers).filter(|_| glue) {
            zone.add(1, format_args!("ns{server}.{parent}\t86400\tIN\tA\t{}\n", rng.ipv4()));
            if rng.chance(40) {
                zone.add(1, format_args!("\t86400\tIN\tAAAA\t{}\n", rng.ipv6()));
            }
        }
    }
    zone
}

fn enterprise(rng: &mut Rng, records: u64) -> Writer {
    let mut zone = Writer::new("corp.example.");
    let (mut site, mut counter) = (0, 0);
    while zone.records < records {
        site += 1;
        zone.add(0, format_args!("\n; ---- site {site} ----\n$ORIGIN s{site}.corp.example.\n$TTL 1h\n"));
        zone.add(2, format_args!("@\tIN\tMX\t10 mx1\nmx1\tA\t{}\n", rng.ipv4()));
        zone.add(2, format_args!("edge1\tA\t{}\nedge2\tA\t{}\n", rng.ipv4(), rng.ipv4()));
        for (service, port) in [("_sip._tls", 443), ("_sipfederationtls._tcp", 5061)] {
            zone.add(2, format_args!("{service}\tSRV\t10 0 {port} edge1\n\tSRV\t20 0 {port} edge2\n"));
        }
        let mut hosts = vec![String::from("edge1"), String::from("edge2")];
        let end = records.min(zone.records + 190);
        while zone.records < end {
            let name = unique(rng, &mut counter);
            let target = hosts[rng.below(hosts.len())].clone();
            match rng.below(100) {
                0..45 => {
                    zone.add(1, format_args!("{name}\t\tIN A\t{}\t; {}\n", rng.ipv4(), rng.word()));
                    hosts.push(name);
                }
                45..60 => {
                    zone.add(2, format_args!("{name}\tIN\tAAAA {}\n\t\t\tA\t{}\n", rng.ipv6(), rng.ipv4()));
                    hosts.push(name);
                }
                60..74 => zone.add(1, format_args!("{name}\tIN\tCNAME\t{target}\n")),
                74..78 => zone.add(1, format_args!("_ldap._tcp.{name}\t600\tSRV\t0 100 389 {target}\n")),
                78..80 => zone.add(1, format_args!("{name}\tMX\t10 mx1\n")),
                80..82 => zone.add(1, format_args!("{name}._ipp._tcp\tPTR\t{target}\n")),
                82..84 => zone.add(
                    1,
                    format_args!(
                        "{name}._domainkey\tTXT\t( \"v=DKIM1; k=rsa; p={}\"\n\t\t\"{}\" )\n",
                        rng.base64(90),
                        rng.base64(96)
                    ),
                ),
                84..86 => zone.add(
                    1,
                    format_args!(
                        "_443._tcp.{name}\tTLSA\t3 1 1 (\n\t\t{}\n\t\t{} )\n",
                        rng.hex(16),
                        rng.hex(16)
                    ),
                ),
                other => {
                    let mnemonic = match other {
                        86..90 => "TXT",
                        90..95 => "SSHFP",
                        95..97 => "CAA",
                        97..99 => "HTTPS",
                        _ => "LOC",
                    };
                    zone.add(1, format_args!("{name}\t{mnemonic}\t"));
                    rdata(rng, mnemonic, &mut zone.text);
                    zone.text.push('\n');
                }
            }
        }
    }
    zone
}

fn signed(rng: &mut Rng, records: u64) -> Writer {
    let origin = "signed.example.";
    let mut names = vec![String::from("ns1"), String::from("ns2")];
    let mut counter = 0;
    names.extend((0..records / 4).map(|_| unique(rng, &mut counter)));
    names.sort_unstable();
    let mut zone =
        Writer { origin: origin.to_owned(), text: format!("$ORIGIN {origin}\n$TTL 3600\n"), records: 0 };
    rrset(rng, &mut zone, "@", "SOA", &[String::from("ns1 hostmaster 2026010100 2h 30m 2w 1h")]);
    rrset(rng, &mut zone, "", "NS", &[String::from("ns1"), String::from("ns2")]);
    let key = |rng: &mut Rng, flags: u16| format!("{flags} 3 13 {}", rng.base64(64));
    let keys = [key(rng, 257), key(rng, 256)];
    rrset(rng, &mut zone, "", "DNSKEY", &keys);
    let first = names.first().cloned().unwrap_or_default();
    rrset(rng, &mut zone, "", "NSEC", &[format!("{first} NS SOA RRSIG NSEC DNSKEY")]);
    for (at, name) in names.iter().enumerate() {
        let following = names.get(at + 1).map_or("@", String::as_str);
        let address = rng.ipv4();
        rrset(rng, &mut zone, name, "A", &[address]);
        rrset(rng, &mut zone, "", "NSEC", &[format!("{following} A RRSIG NSEC")]);
    }
    zone
}

/// An RRset and its signature; half of the signatures stand on several lines.
fn rrset(rng: &mut Rng, zone: &mut Writer, owner: &str, mnemonic: &str, data: &[String]) {
    let mut shown = owner;
    for one in data {
        zone.add(1, format_args!("{shown}\t3600\tIN\t{mnemonic}\t{one}\n"));
        shown = "";
    }
    let labels = if matches!(mnemonic, "SOA" | "NS" | "DNSKEY") { 2 } else { 3 };
    let head = format!("{mnemonic} 13 {labels} 3600 20360101000000 20260101000000 4711 signed.example.");
    let signature = rng.base64(64);
    if rng.chance(50) {
        zone.add(1, format_args!("\t3600\tIN\tRRSIG\t{head} {signature}\n"));
    } else {
        let (front, back) = signature.split_at(56);
        zone.add(1, format_args!("\t3600\tRRSIG\t{head} (\n\t\t\t\t{front}\n\t\t\t\t{back} )\n"));
    }
}

fn reverse(rng: &mut Rng, records: u64) -> Writer {
    let mut zone = Writer::new("10.in-addr.arpa.");
    let mut number = 0_u32;
    while zone.records < records {
        let [_, high, mid, low] = number.to_be_bytes();
        if low == 0 && mid & 1 == 1 {
            zone.add(0, format_args!("$ORIGIN {mid}.{high}.10.in-addr.arpa.\n"));
        } else if low == 0 {
            zone.add(0, format_args!("$ORIGIN 10.in-addr.arpa.\n"));
        }
        let target = rng.word();
        if mid & 1 == 1 {
            zone.add(1, format_args!("{low}\tPTR\t{target}{number}.corp.example.\n"));
        } else {
            zone.add(1, format_args!("{low}.{mid}.{high}\tIN\tPTR\t{target}{number}.corp.example.\n"));
        }
        number += 1;
    }
    zone
}

fn fleet(rng: &mut Rng, records: u64) -> Vec<Zone> {
    let (mut zones, mut counter, mut total) = (Vec::new(), 0, 0);
    while total < records {
        let mut zone = Writer::new(&format!("{}.example.", unique(rng, &mut counter)));
        zone.add(
            4,
            format_args!("@\tMX\t10 mail\n\tTXT\t\"v=spf1 mx -all\"\n\tA\t10.0.0.1\nwww\tCNAME\t@\n"),
        );
        zone.add(1, format_args!("mail\tA\t{}\n", rng.ipv4()));
        zone.add(2, format_args!("edge1\tA\t{}\nedge2\tA\t{}\n", rng.ipv4(), rng.ipv4()));
        for (service, port) in
            [("_sip._tls", 443), ("_sipfederationtls._tcp", 5061), ("_xmpp-server._tcp", 5269)]
        {
            zone.add(2, format_args!("{service}\tSRV\t10 0 {port} edge1\n\tSRV\t20 0 {port} edge2\n"));
        }
        for host in 0..3 + rng.below(12) {
            zone.add(1, format_args!("{}{host}\t\tIN A\t{}\n", rng.word(), rng.ipv4()));
        }
        total += zone.records;
        zones.push(zone.done());
    }
    zones
}
