//! RDATA of one record, by type.

use super::Rng;
use std::fmt::Write as _;

/// Writes RDATA of a type as administrators and signers do, other data at each call.
pub(crate) fn rdata(rng: &mut Rng, mnemonic: &str, out: &mut String) {
    let name = rng.word();
    let number = rng.below(65_536);
    let _ = match mnemonic {
        "A" => write!(out, "{}", rng.ipv4()),
        "AAAA" => write!(out, "{}", rng.ipv6()),
        "NS" | "CNAME" => write!(out, "{name}"),
        "PTR" => write!(out, "{name}.corp.example."),
        "MX" => write!(out, "10 {name}"),
        "SRV" => write!(out, "10 0 {number} {name}"),
        "TXT" => write!(out, "\"v=spf1 ip4:{} include:{name}.example -all\"", rng.ipv4()),
        "SOA" => write!(out, "ns1 hostmaster 2026{number:06} 2h 30m 2w 1h"),
        "CAA" => write!(out, "0 issue \"{name}.example; policy=ev\""),
        "DS" => write!(out, "{number} 13 2 {}", rng.hex(32)),
        "DNSKEY" => write!(out, "257 3 13 {}", rng.base64(64)),
        "RRSIG" => {
            write!(out, "A 13 3 3600 20360101000000 20260101000000 {number} corp.example. {}", rng.base64(64))
        }
        "NSEC" => write!(out, "{name} A NS SOA MX TXT AAAA RRSIG NSEC DNSKEY"),
        "NSEC3" => write!(out, "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG"),
        "TLSA" => write!(out, "3 1 1 {}", rng.hex(32)),
        "SSHFP" => write!(out, "4 2 {}", rng.hex(32)),
        "NAPTR" => write!(out, "100 10 \"S\" \"SIPS+D2T\" \"\" _sips._tcp.{name}"),
        "SVCB" => write!(out, "1 {name} alpn=dot port={number}"),
        "HTTPS" => write!(out, "1 . alpn=h2,h3 ipv4hint={} ipv6hint={}", rng.ipv4(), rng.ipv6()),
        "LOC" => {
            write!(
                out,
                "{} 21 54.5 N {} 53 46 E {}m 10m 100m 10m",
                rng.below(90),
                rng.below(180),
                number % 900
            )
        }
        "APL" => write!(out, "1:{}/32 !1:10.0.0.0/8 2:{}/128", rng.ipv4(), rng.ipv6()),
        other => unreachable!("no RDATA is made of type {other}"),
    };
}
