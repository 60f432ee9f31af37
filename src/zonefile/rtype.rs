//! Resource record types and classes by mnemonic and number (IANA; RFC 3597 section 5).

use std::fmt;

/// A resource record type by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rtype(pub u16);

/// A server whose reading of zone files was measured, at its newest version that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// BIND 9.18.49 and 9.21.26-dev, which know the same types.
    Bind,
    /// Knot DNS, development version.
    Knot,
    /// NSD from 4.10 on, which reads with the development version of simdzone.
    Nsd,
}

impl Server {
    fn letter(self) -> char {
        match self {
            Self::Bind => 'b',
            Self::Knot => 'k',
            Self::Nsd => 'n',
        }
    }
}

/// Whether a server reads the mnemonic of a type and its RDATA in fields. `TYPEnn` with `\#` is read
/// by all of them (RFC 3597).
pub fn known_by(rtype: Rtype, server: Server) -> bool {
    let at = MNEMONICS.binary_search_by_key(&rtype, |(_, rtype)| *rtype);
    at.is_ok_and(|at| SERVERS[at].contains(server.letter()))
}

/// An older version in wide use that refuses a type which [`known_by`] says the server knows. Only
/// the types that were measured with it are in this list.
pub fn lacked_by(rtype: Rtype, server: Server) -> Option<&'static str> {
    let older = match server {
        Server::Bind => return None,
        Server::Knot => matches!(rtype, Rtype::DSYNC | Rtype::RESINFO).then_some("Knot 3.2.6"),
        Server::Nsd => matches!(
            rtype,
            Rtype::DSYNC | Rtype::RESINFO | Rtype::WALLET | Rtype::AMTRELAY | Rtype::HIP | Rtype::TALINK
        )
        .then_some("NSD 4.6.1"),
    };
    older.filter(|_| known_by(rtype, server))
}

macro_rules! types {
    ($($mnemonic:literal $name:ident $number:literal $servers:literal)*) => {
        #[allow(missing_docs)]
        impl Rtype { $(pub const $name: Self = Self($number);)* }
        /// Every type this program knows by name, ordered by number.
        pub static MNEMONICS: &[(&str, Rtype)] = &[$(($mnemonic, Rtype($number))),*];
        /// For each of [`MNEMONICS`] the first letters of the servers that read it.
        static SERVERS: &[&str] = &[$($servers),*];
    };
}

types! {
    "A" A 1 "bkn" "NS" NS 2 "bkn" "MD" MD 3 "bn" "MF" MF 4 "bn" "CNAME" CNAME 5 "bkn" "SOA" SOA 6 "bkn"
    "MB" MB 7 "bn" "MG" MG 8 "bn" "MR" MR 9 "bn" "NULL" NULL 10 "bn" "WKS" WKS 11 "bn" "PTR" PTR 12 "bkn"
    "HINFO" HINFO 13 "bkn" "MINFO" MINFO 14 "bkn" "MX" MX 15 "bkn" "TXT" TXT 16 "bkn" "RP" RP 17 "bkn"
    "AFSDB" AFSDB 18 "bkn" "X25" X25 19 "bn" "ISDN" ISDN 20 "bn" "RT" RT 21 "bkn" "NSAP" NSAP 22 "bn"
    "NSAP-PTR" NSAP_PTR 23 "bn" "SIG" SIG 24 "bn" "KEY" KEY 25 "bkn" "PX" PX 26 "bn" "GPOS" GPOS 27 "bn"
    "AAAA" AAAA 28 "bkn" "LOC" LOC 29 "bkn" "NXT" NXT 30 "bn" "EID" EID 31 "bn" "NIMLOC" NIMLOC 32 "bn"
    "SRV" SRV 33 "bkn" "ATMA" ATMA 34 "bn" "NAPTR" NAPTR 35 "bkn" "KX" KX 36 "bkn" "CERT" CERT 37 "bkn"
    "A6" A6 38 "b" "DNAME" DNAME 39 "bkn" "SINK" SINK 40 "bn" "OPT" OPT 41 "-" "APL" APL 42 "bkn"
    "DS" DS 43 "bkn" "SSHFP" SSHFP 44 "bkn" "IPSECKEY" IPSECKEY 45 "bkn" "RRSIG" RRSIG 46 "bkn"
    "NSEC" NSEC 47 "bkn" "DNSKEY" DNSKEY 48 "bkn" "DHCID" DHCID 49 "bkn" "NSEC3" NSEC3 50 "bkn"
    "NSEC3PARAM" NSEC3PARAM 51 "bkn" "TLSA" TLSA 52 "bkn" "SMIMEA" SMIMEA 53 "bkn" "HIP" HIP 55 "bn"
    "NINFO" NINFO 56 "bn" "RKEY" RKEY 57 "bn" "TALINK" TALINK 58 "bn" "CDS" CDS 59 "bkn"
    "CDNSKEY" CDNSKEY 60 "bkn" "OPENPGPKEY" OPENPGPKEY 61 "bkn" "CSYNC" CSYNC 62 "bkn"
    "ZONEMD" ZONEMD 63 "bkn" "SVCB" SVCB 64 "bkn" "HTTPS" HTTPS 65 "bkn" "DSYNC" DSYNC 66 "bkn"
    "HHIT" HHIT 67 "bn" "BRID" BRID 68 "bn" "SPF" SPF 99 "bkn" "UINFO" UINFO 100 "b" "UID" UID 101 "b"
    "GID" GID 102 "b" "UNSPEC" UNSPEC 103 "b" "NID" NID 104 "bkn" "L32" L32 105 "bkn" "L64" L64 106 "bkn"
    "LP" LP 107 "bkn" "EUI48" EUI48 108 "bkn" "EUI64" EUI64 109 "bkn" "NXNAME" NXNAME 128 "-"
    "TKEY" TKEY 249 "-" "TSIG" TSIG 250 "-" "IXFR" IXFR 251 "-" "AXFR" AXFR 252 "-" "MAILB" MAILB 253 "-"
    "MAILA" MAILA 254 "-" "ANY" ANY 255 "-" "URI" URI 256 "bkn" "CAA" CAA 257 "bkn" "AVC" AVC 258 "bn"
    "DOA" DOA 259 "bn" "AMTRELAY" AMTRELAY 260 "bn" "RESINFO" RESINFO 261 "bkn" "WALLET" WALLET 262 "bkn"
    "CLA" CLA 263 "n" "IPN" IPN 264 "n" "TA" TA 32768 "bn" "DLV" DLV 32769 "bn" "DELEG" DELEG 61440 "k"
    "WINS" WINS 65281 "-" "WINSR" WINSR 65282 "-" "ANAME" ANAME 65305 "-" "ALIAS" ALIAS 65401 "k"
    "DELEGPARAM" DELEGPARAM 65433 "k"
}

impl Rtype {
    /// Reads a mnemonic in any case, or `TYPEnn`.
    pub fn read(text: &[u8]) -> Option<Self> {
        match text {
            b"A" => return Some(Self::A),
            b"AAAA" => return Some(Self::AAAA),
            b"CNAME" => return Some(Self::CNAME),
            b"MX" => return Some(Self::MX),
            b"TXT" => return Some(Self::TXT),
            b"SRV" => return Some(Self::SRV),
            b"PTR" => return Some(Self::PTR),
            b"DS" => return Some(Self::DS),
            b"RRSIG" => return Some(Self::RRSIG),
            b"NSEC" => return Some(Self::NSEC),
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
        let at = BY_NAME.binary_search_by(|(name, _)| name.as_bytes().cmp(upper)).ok()?;
        Some(BY_NAME[at].1)
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

/// The mnemonics, ordered by name.
static BY_NAME: [(&str, Rtype); MNEMONICS.len()] = {
    let mut sorted = [("", Rtype(0)); MNEMONICS.len()];
    let mut taken = 0;
    while taken < sorted.len() {
        let mut at = taken;
        while at > 0 && is_before(MNEMONICS[taken].0.as_bytes(), sorted[at - 1].0.as_bytes()) {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        sorted[at] = MNEMONICS[taken];
        taken += 1;
    }
    sorted
};

const fn is_before(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
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
    fn servers_know_as_many_types_as_were_counted() {
        let count = |server: Server| MNEMONICS.iter().filter(|(_, rtype)| known_by(*rtype, server)).count();
        // BIND has KEYDATA too, which it reads but writes as TYPE65533, and four reserved mnemonics.
        assert_eq!((count(Server::Bind), count(Server::Knot), count(Server::Nsd)), (82 + 4, 54, 83));
        for rtype in [Rtype::ALIAS, Rtype::DELEG] {
            assert!(known_by(rtype, Server::Knot) && !known_by(rtype, Server::Bind));
        }
        assert!(known_by(Rtype::HIP, Server::Nsd) && !known_by(Rtype::HIP, Server::Knot));
        assert_eq!(lacked_by(Rtype::HIP, Server::Nsd), Some("NSD 4.6.1"));
        assert_eq!(lacked_by(Rtype::HIP, Server::Knot), None);
        assert!(!known_by(Rtype(65534), Server::Bind) && !known_by(Rtype::WINS, Server::Nsd));
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
