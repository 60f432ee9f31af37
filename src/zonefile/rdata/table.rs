//! The table: what the RDATA of each type is made of, field by field.

use super::NameRole::{Mailbox, Other, Target};
use super::{NameRole, Rtype};
use Kind::*;

/// What a field is: how it is written, and what it is on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A domain name.
    Name(NameRole),
    /// The mailbox of a SOA, in which `@` is a common mistake.
    Rname,
    /// A number of 8 bits.
    U8,
    /// A number of 16 bits.
    U16,
    /// A number of 16 bits with only a name after it, before which it is easily forgotten.
    Preference,
    /// A number of 32 bits.
    U32,
    /// A number of 8 bits that may be written as a mnemonic.
    Code8(Mnemonics),
    /// A number of 16 bits that may be written as a mnemonic.
    Code16(Mnemonics),
    /// Seconds, with BIND's units.
    Period,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// One character-string of at most 255 octets.
    Text,
    /// One character-string that may be left out.
    TextOrNone,
    /// One or more character-strings up to the end.
    Texts,
    /// One string of any length, without a length octet: it fills the rest.
    LongText,
    /// The same, and it must stand in quotes.
    QuotedText,
    /// Letters and digits with a length octet (RFC 8659 section 4.1).
    Tag,
    /// Hexadecimal digits up to the end.
    Hex,
    /// Base64 up to the end.
    Base64,
    /// An NSEC3 salt: hexadecimal digits, or `-` for none; with a length octet.
    Salt,
    /// An NSEC3 hash: base32hex without padding; with a length octet.
    NextHashed,
    /// A record type.
    Type,
    /// Record types up to the end, as a bitmap (RFC 4034 section 4.1.2).
    Types {
        /// Whether there may be none.
        may_be_empty: bool,
    },
    /// A time as `YYYYMMDDHHmmSS` or in seconds since 1970 (RFC 4034 section 3.2).
    Time,
    /// So many octets as `xx-xx-...` (RFC 7043).
    Eui(usize),
    /// 64 bits as `xxxx:xxxx:xxxx:xxxx` (RFC 6742 section 2.1.2).
    Locator,
    /// A place on earth up to the end (RFC 1876).
    Location,
    /// Service parameters up to the end (RFC 9460 section 2.1).
    Params,
    /// Address prefixes up to the end (RFC 3123).
    Prefixes,
    /// What kind of field the gateway after it is: 0 to 3 (RFC 4025 section 2.3).
    GatewayType,
    /// A gateway of the kind that the gateway type says; see [`Kind::of_gateway`].
    Gateway,
    /// A gateway that is none: `.` in the text, nothing on the wire.
    NoGateway,
}

impl Kind {
    /// The kind itself, or the one that a gateway type makes of [`Kind::Gateway`].
    pub(super) fn of_gateway(self, gateway_type: u8) -> Self {
        match (self, gateway_type) {
            (Self::Gateway, 1) => Self::Ipv4,
            (Self::Gateway, 2) => Self::Ipv6,
            (Self::Gateway, 3) => Self::Name(Target),
            (Self::Gateway, _) => Self::NoGateway,
            (kind, _) => kind,
        }
    }
}

/// Mnemonics of a number.
pub(super) type Mnemonics = &'static [(&'static str, u16)];

/// DNSSEC algorithms (RFC 4034 appendix A.1 and the IANA registry).
static ALGORITHMS: Mnemonics = &[
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("ECC", 4),
    ("RSASHA1", 5),
    ("NSEC3DSA", 6),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3RSASHA1", 7),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECCGOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

static DIGESTS: Mnemonics =
    &[("SHA-1", 1), ("SHA1", 1), ("SHA-256", 2), ("SHA256", 2), ("GOST", 3), ("SHA-384", 4), ("SHA384", 4)];

static NSEC3_HASHES: Mnemonics = &[("SHA-1", 1)];

/// Protocols of a key (RFC 2535 section 3.1.3); DNSKEY knows only 3.
static PROTOCOLS: Mnemonics =
    &[("NONE", 0), ("TLS", 1), ("EMAIL", 2), ("DNSSEC", 3), ("IPSEC", 4), ("ALL", 255)];

/// Certificate types (RFC 4398 section 2.1).
static CERTIFICATES: Mnemonics = &[
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// Schemes of a DSYNC (RFC 9859 section 2.1).
static SCHEMES: Mnemonics = &[("NOTIFY", 1)];

/// The fields of one type in presentation order, which is the wire order too.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) rtype: Rtype,
    /// What messages call each field.
    pub(super) names: &'static [&'static str],
    /// One kind per name.
    pub(super) kinds: &'static [Kind],
}

macro_rules! rows {
    ($($rtype:ident: $($name:literal $kind:expr),+;)*) => {
        &[$(Row { rtype: Rtype::$rtype, names: &[$($name),+], kinds: &[$($kind),+] }),*]
    };
}

/// Every type whose RDATA can be written in fields.
pub(super) static ROWS: &[Row] = rows! {
    A: "address" Ipv4;
    NS: "name server" Name(Target);
    MD: "mail agent" Name(Target);
    MF: "mail agent" Name(Target);
    CNAME: "target" Name(Target);
    SOA: "primary name server" Name(Other), "mailbox" Rname, "serial" U32, "refresh" Period,
        "retry" Period, "expire" Period, "minimum" Period;
    MB: "mail host" Name(Target);
    MG: "mailbox" Name(Mailbox);
    MR: "mailbox" Name(Mailbox);
    PTR: "target" Name(Target);
    HINFO: "cpu" Text, "operating system" Text;
    MINFO: "responsible mailbox" Name(Mailbox), "error mailbox" Name(Mailbox);
    MX: "preference" Preference, "exchange" Name(Target);
    TXT: "text" Texts;
    RP: "mailbox" Name(Mailbox), "text name" Name(Other);
    AFSDB: "subtype" U16, "host" Name(Target);
    X25: "address" Text;
    ISDN: "address" Text, "subaddress" TextOrNone;
    RT: "preference" Preference, "intermediate host" Name(Target);
    NSAP_PTR: "target" Name(Target);
    SIG: "type covered" Type, "algorithm" Code8(ALGORITHMS), "labels" U8, "original ttl" U32,
        "expiration" Time, "inception" Time, "key tag" U16, "signer" Name(Other), "signature" Base64;
    KEY: "flags" U16, "protocol" Code8(PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    PX: "preference" U16, "rfc 822 domain" Name(Other), "x.400 domain" Name(Other);
    GPOS: "longitude" Text, "latitude" Text, "altitude" Text;
    AAAA: "address" Ipv6;
    LOC: "location" Location;
    EID: "identifier" Hex;
    NIMLOC: "locator" Hex;
    SRV: "priority" U16, "weight" U16, "port" U16, "target" Name(Target);
    NAPTR: "order" U16, "preference" U16, "flags" Text, "service" Text, "regexp" Text,
        "replacement" Name(Target);
    KX: "preference" Preference, "exchanger" Name(Target);
    CERT: "certificate type" Code16(CERTIFICATES), "key tag" U16, "algorithm" Code8(ALGORITHMS),
        "certificate" Base64;
    DNAME: "target" Name(Target);
    SINK: "meaning" U8, "coding" U8, "subcoding" U8, "data" Base64;
    APL: "prefixes" Prefixes;
    DS: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    SSHFP: "algorithm" U8, "fingerprint type" U8, "fingerprint" Hex;
    IPSECKEY: "precedence" U8, "gateway type" GatewayType, "algorithm" U8, "gateway" Gateway,
        "key" Base64;
    RRSIG: "type covered" Type, "algorithm" Code8(ALGORITHMS), "labels" U8, "original ttl" U32,
        "expiration" Time, "inception" Time, "key tag" U16, "signer" Name(Other), "signature" Base64;
    NSEC: "next name" Name(Other), "type list" Types { may_be_empty: false };
    DNSKEY: "flags" U16, "protocol" Code8(PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    DHCID: "digest" Base64;
    NSEC3: "hash algorithm" Code8(NSEC3_HASHES), "flags" U8, "iterations" U16, "salt" Salt,
        "next hashed name" NextHashed, "type list" Types { may_be_empty: true };
    NSEC3PARAM: "hash algorithm" Code8(NSEC3_HASHES), "flags" U8, "iterations" U16, "salt" Salt;
    TLSA: "usage" U8, "selector" U8, "matching type" U8, "association data" Hex;
    SMIMEA: "usage" U8, "selector" U8, "matching type" U8, "association data" Hex;
    NINFO: "text" Texts;
    RKEY: "flags" U16, "protocol" Code8(PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    TALINK: "previous name" Name(Other), "next name" Name(Other);
    CDS: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    CDNSKEY: "flags" U16, "protocol" Code8(PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    OPENPGPKEY: "key" Base64;
    CSYNC: "serial" U32, "flags" U16, "type list" Types { may_be_empty: true };
    ZONEMD: "serial" U32, "scheme" U8, "hash algorithm" U8, "digest" Hex;
    SVCB: "priority" U16, "target" Name(Target), "parameters" Params;
    HTTPS: "priority" U16, "target" Name(Target), "parameters" Params;
    DSYNC: "type" Type, "scheme" Code8(SCHEMES), "port" U16, "target" Name(Target);
    HHIT: "data" Base64;
    BRID: "data" Base64;
    SPF: "text" Texts;
    NID: "preference" U16, "node identifier" Locator;
    L32: "preference" U16, "locator" Ipv4;
    L64: "preference" U16, "locator" Locator;
    LP: "preference" Preference, "target" Name(Target);
    EUI48: "address" Eui(6);
    EUI64: "address" Eui(8);
    URI: "priority" U16, "weight" U16, "target" QuotedText;
    CAA: "flags" U8, "tag" Tag, "value" LongText;
    AVC: "text" Texts;
    RESINFO: "text" Texts;
    WALLET: "text" Texts;
    CLA: "text" Texts;
    TA: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    DLV: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
};

/// The row of a type, if it has one.
pub(super) fn row(rtype: Rtype) -> Option<&'static Row> {
    /// Row number plus one for the types below 264, which are all but a few; 0 is none.
    static INDEX: [u8; 264] = {
        let mut index = [0; 264];
        let mut at = 0;
        while at < ROWS.len() {
            let number = ROWS[at].rtype.0 as usize;
            if number < index.len() {
                index[number] = at as u8 + 1;
            }
            at += 1;
        }
        index
    };
    match INDEX.get(usize::from(rtype.0)) {
        Some(0) => None,
        Some(at) => ROWS.get(usize::from(*at) - 1),
        None => ROWS.iter().find(|row| row.rtype == rtype),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_type_and_only_there() {
        assert!(ROWS.windows(2).all(|pair| pair[0].rtype < pair[1].rtype), "ordered by number");
        for number in 0..=u16::MAX {
            let found = row(Rtype(number)).map(|row| row.rtype);
            let listed = ROWS.iter().find(|row| row.rtype.0 == number).map(|row| row.rtype);
            assert_eq!(found, listed, "{number}");
        }
        assert!(ROWS.iter().all(|row| row.names.len() == row.kinds.len()));
    }
}
