//! The table: what the RDATA of each type is made of, field by field.

use super::NameRole::{Mailbox, Other, Target};
use super::mnemonics::{
    ALGORITHMS, CERTIFICATES, DIGESTS, IP_PROTOCOLS, KEY_PROTOCOLS, Mnemonics, NSEC3_HASHES, SCHEMES,
};
use super::{NameRole, Rtype};
use Kind::*;

/// Said when octets run out in the middle of a field.
pub(super) const SHORT: &str = "is cut short";

/// What a field is: how it is written, and what it is on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A domain name.
    Name(NameRole),
    /// The mailbox of a SOA, in which `@` is a common mistake.
    Rname,
    /// Names up to the end; there may be none.
    Names(NameRole),
    /// A number of 8 bits.
    U8,
    /// A number of 16 bits.
    U16,
    /// A number of 16 bits with only a name after it, before which it is easily forgotten.
    Preference,
    /// A number of 32 bits.
    U32,
    /// A number of 64 bits.
    U64,
    /// A number of 8 bits that may be written as a mnemonic, and is printed as a number.
    Code8(Mnemonics),
    /// A number of 8 bits that is printed as a mnemonic if it has one.
    Named8(Mnemonics),
    /// A number of 16 bits that is printed as a mnemonic if it has one.
    Named16(Mnemonics),
    /// The flags of a key: a number, or mnemonics with `|` between them. Whether there is a key
    /// depends on them.
    KeyFlags,
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
    /// Base64 up to the end, or `-` for none.
    Base64OrNone,
    /// A key in base64 up to the end, unless the flags say that there is none (RFC 2535 section 3.2).
    Key,
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
    /// A gateway of the kind that the gateway type says.
    Gateway,
    /// Discovery flag and relay type, which share an octet (RFC 8777 section 4.2).
    Discovery,
    /// A relay of the kind that the relay type says.
    Relay,
    /// A relay of a type that is not defined: octets up to the end, without a text form.
    OtherRelay,
    /// A gateway or relay that is none: `.` in the text, nothing on the wire.
    NoGateway,
    /// Algorithm, identity tag and key of a host: on the wire their lengths stand in front
    /// (RFC 8005 section 5).
    HostIdentity,
    /// An NSAP address as `0x` and hexadecimal digits with dots anywhere (RFC 1706 section 5).
    Nsap,
    /// An ATM address: hexadecimal digits, or `+` and decimal ones (af-dans-0152 section 5.2).
    Atma,
    /// Ports of well known services up to the end, as a bitmap (RFC 1035 section 3.4.2).
    Ports,
    /// Record types below 128 up to the end, as one bitmap (RFC 2535 section 5.2).
    OldTypes,
    /// How many bits of the address stand elsewhere: 0 to 128 (RFC 2874 section 3.1).
    PrefixLength,
    /// The rest of an address of which so many bits stand elsewhere.
    Suffix(u8),
    /// The name that the bits elsewhere belong to.
    PrefixName,
    /// Flag and times of a WINS record, all of which may be left out (MS-DNSP section 2.2.2.2.4).
    WinsTimes,
    /// IPv4 addresses up to the end, with their number in front.
    Servers,
    /// A field that the one before it says is not there.
    Nothing,
}

impl Kind {
    /// What the octets of this field say about the fields after it.
    pub(super) fn selects(self, octets: &[u8]) -> Option<u8> {
        let first = octets.first()?;
        match self {
            Self::GatewayType | Self::PrefixLength => Some(*first),
            Self::Discovery => Some(first & 0x7f),
            Self::KeyFlags => Some(first >> 6),
            _ => None,
        }
    }

    /// The kind itself, or what a [selecting](Self::selects) field before it makes of it.
    pub(super) fn given(self, selected: u8) -> Self {
        match (self, selected) {
            (Self::Gateway | Self::Relay, 1) => Self::Ipv4,
            (Self::Gateway | Self::Relay, 2) => Self::Ipv6,
            (Self::Gateway | Self::Relay, 3) => Self::Name(Target),
            (Self::Gateway, _) | (Self::Relay, 0) => Self::NoGateway,
            (Self::Relay, _) => Self::OtherRelay,
            (Self::Key, 3) | (Self::Suffix(_), 128) | (Self::PrefixName, 0) => Self::Nothing,
            (Self::Key, _) => Self::Base64,
            (Self::Suffix(_), length) => Self::Suffix(length),
            (Self::PrefixName, _) => Self::Name(Target),
            (kind, _) => kind,
        }
    }
}

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
    WKS: "address" Ipv4, "protocol" Code8(IP_PROTOCOLS), "services" Ports;
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
    NSAP: "address" Nsap;
    NSAP_PTR: "target" Name(Target);
    SIG: "type covered" Type, "algorithm" Code8(ALGORITHMS), "labels" U8, "original ttl" U32,
        "expiration" Time, "inception" Time, "key tag" U16, "signer" Name(Other), "signature" Base64;
    KEY: "flags" KeyFlags, "protocol" Code8(KEY_PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Key;
    PX: "preference" U16, "rfc 822 domain" Name(Other), "x.400 domain" Name(Other);
    GPOS: "longitude" Text, "latitude" Text, "altitude" Text;
    AAAA: "address" Ipv6;
    LOC: "location" Location;
    NXT: "next name" Name(Other), "type list" OldTypes;
    EID: "identifier" Hex;
    NIMLOC: "locator" Hex;
    SRV: "priority" U16, "weight" U16, "port" U16, "target" Name(Target);
    ATMA: "address" Atma;
    NAPTR: "order" U16, "preference" U16, "flags" Text, "service" Text, "regexp" Text,
        "replacement" Name(Target);
    KX: "preference" Preference, "exchanger" Name(Target);
    CERT: "certificate type" Named16(CERTIFICATES), "key tag" U16, "algorithm" Named8(ALGORITHMS),
        "certificate" Base64;
    A6: "prefix length" PrefixLength, "address suffix" Suffix(0), "prefix name" PrefixName;
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
    DNSKEY: "flags" KeyFlags, "protocol" Code8(KEY_PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    DHCID: "digest" Base64;
    NSEC3: "hash algorithm" Code8(NSEC3_HASHES), "flags" U8, "iterations" U16, "salt" Salt,
        "next hashed name" NextHashed, "type list" Types { may_be_empty: true };
    NSEC3PARAM: "hash algorithm" Code8(NSEC3_HASHES), "flags" U8, "iterations" U16, "salt" Salt;
    TLSA: "usage" U8, "selector" U8, "matching type" U8, "association data" Hex;
    SMIMEA: "usage" U8, "selector" U8, "matching type" U8, "association data" Hex;
    HIP: "algorithm, host identity tag and key" HostIdentity, "rendezvous servers" Names(Target);
    NINFO: "text" Texts;
    RKEY: "flags" KeyFlags, "protocol" Code8(KEY_PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    TALINK: "previous name" Name(Other), "next name" Name(Other);
    CDS: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    CDNSKEY: "flags" KeyFlags, "protocol" Code8(KEY_PROTOCOLS), "algorithm" Code8(ALGORITHMS), "key" Base64;
    OPENPGPKEY: "key" Base64;
    CSYNC: "serial" U32, "flags" U16, "type list" Types { may_be_empty: true };
    ZONEMD: "serial" U32, "scheme" U8, "hash algorithm" U8, "digest" Hex;
    SVCB: "priority" U16, "target" Name(Target), "parameters" Params;
    HTTPS: "priority" U16, "target" Name(Target), "parameters" Params;
    DSYNC: "type" Type, "scheme" Named8(SCHEMES), "port" U16, "target" Name(Target);
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
    DOA: "enterprise" U32, "type" U32, "location" U8, "media type" Text, "data" Base64OrNone;
    AMTRELAY: "precedence" U8, "discovery flag and relay type" Discovery, "relay" Relay;
    RESINFO: "text" Texts;
    WALLET: "text" Texts;
    CLA: "text" Texts;
    IPN: "node number" U64;
    TA: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    DLV: "key tag" U16, "algorithm" Code8(ALGORITHMS), "digest type" Code8(DIGESTS), "digest" Hex;
    WINS: "lookup and cache time" WinsTimes, "servers" Servers;
    WINSR: "lookup and cache time" WinsTimes, "domain" Name(Other);
    ANAME: "target" Name(Target);
    ALIAS: "target" Name(Target);
};

/// The row of a type, if it has one.
pub(super) fn row(rtype: Rtype) -> Option<&'static Row> {
    /// Row number plus one for the types below 265, which are all but a few; 0 is none.
    static INDEX: [u8; 265] = {
        let mut index = [0; 265];
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
