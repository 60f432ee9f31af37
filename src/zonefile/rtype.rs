//! Resource record types and classes by mnemonic and number (IANA; RFC 3597 section 5).

use std::fmt;

/// A resource record type by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rtype(pub u16);

macro_rules! types {
    ($($mnemonic:literal $name:ident $number:literal)*) => {
        #[allow(missing_docs)]
        impl Rtype { $(pub const $name: Self = Self($number);)* }
        /// Every type this program knows by name, ordered by number.
        pub static MNEMONICS: &[(&str, Rtype)] = &[$(($mnemonic, Rtype($number))),*];
    };
}

types! {
    "A" A 1 "NS" NS 2 "MD" MD 3 "MF" MF 4 "CNAME" CNAME 5 "SOA" SOA 6 "MB" MB 7 "MG" MG 8 "MR" MR 9
    "NULL" NULL 10 "WKS" WKS 11 "PTR" PTR 12 "HINFO" HINFO 13 "MINFO" MINFO 14 "MX" MX 15 "TXT" TXT 16
    "RP" RP 17 "AFSDB" AFSDB 18 "X25" X25 19 "ISDN" ISDN 20 "RT" RT 21 "NSAP" NSAP 22
    "NSAP-PTR" NSAP_PTR 23 "SIG" SIG 24 "KEY" KEY 25 "PX" PX 26 "GPOS" GPOS 27 "AAAA" AAAA 28 "LOC" LOC 29
    "NXT" NXT 30 "EID" EID 31 "NIMLOC" NIMLOC 32 "SRV" SRV 33 "ATMA" ATMA 34 "NAPTR" NAPTR 35 "KX" KX 36
    "CERT" CERT 37 "A6" A6 38 "DNAME" DNAME 39 "SINK" SINK 40 "OPT" OPT 41 "APL" APL 42 "DS" DS 43
    "SSHFP" SSHFP 44 "IPSECKEY" IPSECKEY 45 "RRSIG" RRSIG 46 "NSEC" NSEC 47 "DNSKEY" DNSKEY 48
    "DHCID" DHCID 49 "NSEC3" NSEC3 50 "NSEC3PARAM" NSEC3PARAM 51 "TLSA" TLSA 52 "SMIMEA" SMIMEA 53
    "HIP" HIP 55 "NINFO" NINFO 56 "RKEY" RKEY 57 "TALINK" TALINK 58 "CDS" CDS 59 "CDNSKEY" CDNSKEY 60
    "OPENPGPKEY" OPENPGPKEY 61 "CSYNC" CSYNC 62 "ZONEMD" ZONEMD 63 "SVCB" SVCB 64 "HTTPS" HTTPS 65
    "DSYNC" DSYNC 66 "HHIT" HHIT 67 "BRID" BRID 68 "SPF" SPF 99 "NID" NID 104 "L32" L32 105 "L64" L64 106
    "LP" LP 107 "EUI48" EUI48 108 "EUI64" EUI64 109 "NXNAME" NXNAME 128 "TKEY" TKEY 249 "TSIG" TSIG 250
    "IXFR" IXFR 251 "AXFR" AXFR 252 "MAILB" MAILB 253 "MAILA" MAILA 254 "ANY" ANY 255 "URI" URI 256
    "CAA" CAA 257 "AVC" AVC 258 "DOA" DOA 259 "AMTRELAY" AMTRELAY 260 "RESINFO" RESINFO 261
    "WALLET" WALLET 262 "CLA" CLA 263 "IPN" IPN 264 "TA" TA 32768 "DLV" DLV 32769
    "WINS" WINS 65281 "WINSR" WINSR 65282
}

impl Rtype {
    /// Reads a mnemonic in any case, or `TYPEnn`.
    pub fn read(text: &[u8]) -> Option<Self> {
        match text {
            b"A" => return Some(Self::A),
            b"NS" => return Some(Self::NS),
            _ => {}
        }
        let mut upper = [0_u8; 10];
        let upper = upper.get_mut(..text.len())?;
        upper.copy_from_slice(text);
        upper.make_ascii_uppercase();
        if let Some(number) = upper.strip_prefix(b"TYPE") {
            return number_u16(number).map(Self);
        }
        if upper == b"WINS-R" {
            return Some(Self::WINSR);
        }
        let known = by_name();
        let at = known.binary_search_by(|(name, _)| name.as_bytes().cmp(upper)).ok()?;
        Some(known[at].1)
    }

    /// The mnemonic, if the number has one.
    pub fn mnemonic(self) -> Option<&'static str> {
        let at = MNEMONICS.binary_search_by_key(&self, |(_, rtype)| *rtype).ok()?;
        Some(MNEMONICS[at].0)
    }

    /// Whether it is a question or meta type, which no zone may hold (RFC 6895 section 3.1).
    pub fn is_meta(self) -> bool {
        matches!(self.0, 0 | 41 | 128..=255)
    }

    /// Whether its records are addresses.
    pub fn is_address(self) -> bool {
        matches!(self, Self::A | Self::AAAA)
    }
}

impl fmt::Display for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(name) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

fn by_name() -> &'static [(&'static str, Rtype)] {
    static SORTED: std::sync::OnceLock<Vec<(&str, Rtype)>> = std::sync::OnceLock::new();
    SORTED.get_or_init(|| {
        let mut sorted = MNEMONICS.to_vec();
        sorted.sort_unstable();
        sorted
    })
}

fn number_u16(text: &[u8]) -> Option<u16> {
    if text.is_empty() || text.len() > 5 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A class by its number (RFC 1035 section 3.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Class(pub u16);

impl Class {
    /// The Internet.
    pub const IN: Self = Self(1);

    /// Reads a mnemonic in any case, or `CLASSnn`.
    pub fn read(text: &[u8]) -> Option<Self> {
        if text.len() < 2 || text.len() > 10 {
            return None;
        }
        let known = |name: &str| text.eq_ignore_ascii_case(name.as_bytes());
        if known("IN") {
            return Some(Self::IN);
        }
        if known("CH") || known("CHAOS") {
            return Some(Self(3));
        }
        if known("HS") || known("HESIOD") {
            return Some(Self(4));
        }
        if known("NONE") {
            return Some(Self(254));
        }
        if known("ANY") {
            return Some(Self(255));
        }
        let (word, number) = text.split_at_checked(5)?;
        word.eq_ignore_ascii_case(b"CLASS").then(|| number_u16(number)).flatten().map(Self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("IN"),
            3 => f.write_str("CH"),
            4 => f.write_str("HS"),
            254 => f.write_str("NONE"),
            255 => f.write_str("ANY"),
            number => write!(f, "CLASS{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mnemonic_reads_back() {
        assert!(MNEMONICS.windows(2).all(|pair| pair[0].1 < pair[1].1), "ordered by number");
        for (name, rtype) in MNEMONICS {
            assert_eq!(Rtype::read(name.as_bytes()), Some(*rtype));
            assert_eq!(Rtype::read(name.to_lowercase().as_bytes()), Some(*rtype));
            assert_eq!(rtype.to_string(), *name);
        }
        assert_eq!(Rtype::read(b"type65534"), Some(Rtype(65534)));
        for wrong in ["TYPE", "TYPE65536", "TYPE1x", "AAAAA", "", "NSAP-PTRXX"] {
            assert_eq!(Rtype::read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn classes() {
        assert_eq!(Class::read(b"in"), Some(Class::IN));
        assert_eq!(Class::read(b"CLASS1"), Some(Class::IN));
        assert_eq!(Class::read(b"CLASS"), None);
        assert_eq!(Class::read(b"A"), None);
        assert_eq!(Class(3).to_string(), "CH");
    }
}
