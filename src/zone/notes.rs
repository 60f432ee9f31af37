//! What is told of a record's RDATA while it is read, so that the rules about it need not read every
//! record of its type again.

mod reverse;
mod usual;

use super::types::TypeSet;
use super::{Rec, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
pub(super) use reverse::AddressNames;

/// Marks of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RdataNotes(u16);

impl RdataNotes {
    /// An address for private use: RFC 1918, RFC 6598 (100.64.0.0/10), RFC 4193.
    pub const PRIVATE: Self = Self(1);
    /// An address that no host has on a network: loopback, link-local, unspecified, multicast,
    /// reserved, or IPv4 within IPv6 (RFC 6890).
    pub const SPECIAL: Self = Self(1 << 1);
    /// A text that begins with `v=spf1`, in any case (RFC 7208 section 4.5).
    pub const SPF: Self = Self(1 << 2);
    /// A text that begins with `v=DKIM`, in any case, at a name that is not below `_domainkey`
    /// (RFC 6376 section 3.6).
    pub const STRAY_DKIM: Self = Self(1 << 7);
    /// A text of a selector below `_domainkey`, but for keys that are as usual.
    pub const ODD_DKIM: Self = Self(1 << 9);
    /// RDATA of a type with rules that is not as nearly all of the type: see [`Self::JUDGED`]. Also a TLSA record
    /// whose owner does not begin with a port and a protocol, and a
    /// PTR record of a reverse zone at a name that is not one of an address.
    pub const ODD: Self = Self(1 << 8);
    /// A text of another mail policy: it begins with `v=` and another word, or with a tag that policies
    /// have.
    pub const POLICY: Self = Self(1 << 3);
    /// A text that is empty, begins or ends with a blank, or begins with a quotation mark.
    pub const ODD_TEXT: Self = Self(1 << 4);
    /// A text with what keys and passwords begin with.
    pub const SECRET: Self = Self(1 << 5);
    /// A digest whose length is not that of its type (RFC 4509, RFC 6605), or of an unknown or
    /// deprecated type or algorithm.
    pub const DIGEST: Self = Self(1 << 6);
    /// An address for documentation (RFC 5737, RFC 3849, RFC 9637).
    pub const DOCUMENTATION: Self = Self(1 << 15);

    /// The types of records that may be [`Self::ODD`].
    pub const JUDGED: [Rtype; 7] =
        [Rtype::MX, Rtype::CAA, Rtype::TLSA, Rtype::SMIMEA, Rtype::SSHFP, Rtype::NAPTR, Rtype::PTR];

    /// The types of records that may have marks.
    pub(super) const TYPES: TypeSet = TypeSet::all(&Self::JUDGED).union(TypeSet::all(&[
        Rtype::A,
        Rtype::AAAA,
        Rtype::TXT,
        Rtype::DS,
        Rtype::CDS,
    ]));

    /// What any number of addresses in a zone may have.
    pub(super) const OF_MANY: Self = Self::PRIVATE.union(Self::DOCUMENTATION);

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of them are among others.
    pub(super) const fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether they share one.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The marks of a record by its owner relative to the apex, and its RDATA in canonical form: the
    /// wire form, but for names.
    pub(super) fn of(owner: &[u8], rtype: Rtype, rdata: &[u8]) -> Self {
        match (rtype, rdata) {
            (Rtype::A, &[a, b, c, d]) => of_ipv4([a, b, c, d]),
            (Rtype::AAAA, rdata) => rdata.first_chunk().map_or(Self::default(), of_ipv6),
            (Rtype::TXT, rdata) => of_text(owner, rdata),
            (Rtype::DS | Rtype::CDS, &[_, _, algorithm, digest, ref octets @ ..]) => {
                let length = match digest {
                    2 => 32,
                    4 => 48,
                    _ => usize::MAX,
                };
                let usual = octets.len() == length && matches!(algorithm, 8 | 10 | 13..=16);
                if usual { Self::default() } else { Self::DIGEST }
            }
            _ if usual::is_usual(owner, rtype, rdata) => Self::default(),
            _ => Self::ODD,
        }
    }
}

fn of_ipv4(octets: [u8; 4]) -> RdataNotes {
    match octets {
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => RdataNotes::PRIVATE,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => RdataNotes::DOCUMENTATION,
        [0 | 127 | 224.., ..] | [169, 254, ..] => RdataNotes::SPECIAL,
        _ => RdataNotes::default(),
    }
}

fn of_ipv6(octets: &[u8; 16]) -> RdataNotes {
    match octets {
        [0xfc | 0xfd, ..] => RdataNotes::PRIVATE,
        [0x20, 0x01, 0x0d, 0xb8, ..] | [0x3f, 0xff, 0..=0x0f, ..] => RdataNotes::DOCUMENTATION,
        [0, 0, ..] | [0xff, ..] | [0xfe, 0x80..=0xff, ..] => RdataNotes::SPECIAL,
        _ => RdataNotes::default(),
    }
}

/// Whether a text holds what private keys and tokens begin with; now and then something else that
/// looks like it. One pass over the octets: it is asked for each text of a zone.
fn looks_secret(text: &[u8]) -> bool {
    memchr::memchr3_iter(b'-', b'_', b'K', text).any(|at| match text.split_at(at) {
        // `PRIVATE KEY-----`, `PRIVATE KEY BLOCK-----`, `AGE-SECRET-KEY-`, `xoxb-`, `glpat-`
        ([.., b'K', b'E', b'Y'] | [.., b'O', b'C', b'K'], [b'-', ..]) => true,
        ([.., b'x', b'o', b'x', _] | [.., b'p', b'a', b't'], [b'-', ..]) => true,
        // `ghp_` and its like, `github_pat_`, `sk_live_`, `npm_`
        ([.., b'g', b'h', b'o' | b'p' | b'r' | b's' | b'u'] | [.., b'p', b'a', b't'], [b'_', ..]) => true,
        ([.., b'l', b'i', b'v', b'e'] | [.., b'n', b'p', b'm'], [b'_', ..]) => true,
        ([.., b'A'], [b'K', b'I', b'A', ..]) => true,
        _ => false,
    })
}

/// Whether DKIM keys stand at a name: a selector, then `_domainkey` (RFC 6376 section 3.6.2.1).
pub fn is_of_dkim_key(owner: &[u8]) -> bool {
    memchr::memmem::find(owner, b"_domainkey").is_some()
        && Labels(owner).skip(1).any(|label| label == b"_domainkey")
}

/// `rdata` is one character string or more, each behind its length.
fn of_text(owner: &[u8], rdata: &[u8]) -> RdataNotes {
    let mut notes = RdataNotes::default();
    // Readers join the strings, so empty ones before others are nothing.
    let texts = match rdata.iter().position(|length| *length > 0) {
        Some(start) => rdata.get(start..).unwrap_or_default(),
        None => rdata,
    };
    let Some((length, rest)) = texts.split_first() else { return notes };
    let first = rest.get(..usize::from(*length)).unwrap_or(rest);
    let is_dkim = is_of_dkim_key(owner);
    // Other policies about DKIM stand at names that no selector has, such as `_adsp._domainkey`.
    let mut is_key = is_dkim && !owner.starts_with(b"_");
    match first {
        [b'v' | b'V', b'=', word @ ..] => {
            let begins =
                |version: &[u8; 4]| word.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(version));
            is_key = is_dkim;
            if begins(b"spf1") {
                notes = notes.union(RdataNotes::SPF);
            } else if !begins(b"dkim") {
                notes = notes.union(RdataNotes::POLICY);
            } else if !is_dkim {
                notes = notes.union(RdataNotes::STRAY_DKIM);
            }
        }
        [b'k' | b'p' | b'h' | b's' | b't', b'=', ..] => {
            notes = notes.union(RdataNotes::POLICY);
            is_key = is_dkim;
        }
        [] | [b' ' | b'\t' | b'"', ..] => notes = notes.union(RdataNotes::ODD_TEXT),
        _ => {}
    }
    if is_key {
        // There is no more to a key of the usual form than that.
        if usual::is_dkim_key(rdata) {
            return notes;
        }
        notes = notes.union(RdataNotes::ODD_DKIM);
    }
    // Empty strings at the end are nothing, either.
    if matches!(rdata.iter().rfind(|octet| **octet > 0), Some(b' ' | b'\t')) {
        notes = notes.union(RdataNotes::ODD_TEXT);
    }
    if rest.len() >= 16 && looks_secret(rest) {
        notes = notes.union(RdataNotes::SECRET);
    }
    notes
}

impl Zone {
    /// The records with one of these marks, each with its owner relative to the apex, by their place.
    pub fn noted(&self, wanted: RdataNotes) -> Vec<(&[u8], Rec, RdataNotes)> {
        let mut noted: Vec<_> = self.table.noted(wanted).collect();
        noted.sort_unstable_by_key(|(_, rec, _)| rec.place());
        noted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(strings: &[&[u8]]) -> RdataNotes {
        text_at(b"www", strings)
    }

    fn text_at(owner: &[u8], strings: &[&[u8]]) -> RdataNotes {
        let rdata: Vec<u8> = strings.iter().flat_map(|text| [&[text.len() as u8], *text].concat()).collect();
        RdataNotes::of(owner, Rtype::TXT, &rdata)
    }

    #[test]
    fn addresses_are_marked_by_what_they_are_for() {
        let of = |text: &str| match text.parse().unwrap_or_else(|_| panic!("{text}")) {
            std::net::IpAddr::V4(address) => RdataNotes::of(b"", Rtype::A, &address.octets()),
            std::net::IpAddr::V6(address) => RdataNotes::of(b"", Rtype::AAAA, &address.octets()),
        };
        for private in ["10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.9.9", "100.64.0.1", "fd00::1"] {
            assert_eq!(of(private), RdataNotes::PRIVATE, "{private}");
        }
        for special in ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255"] {
            assert_eq!(of(special), RdataNotes::SPECIAL, "{special}");
        }
        for special in ["::", "::1", "::ffff:192.0.2.1", "fe80::1", "ff02::1"] {
            assert_eq!(of(special), RdataNotes::SPECIAL, "{special}");
        }
        for example in ["192.0.2.1", "198.51.100.9", "203.0.113.255", "2001:db8::1", "3fff::1"] {
            assert_eq!(of(example), RdataNotes::DOCUMENTATION, "{example}");
        }
        for public in
            ["11.0.0.1", "172.32.0.1", "192.0.3.1", "198.18.0.1", "100.128.0.1", "2a00::1", "3fff:1000::"]
        {
            assert_eq!(of(public), RdataNotes::default(), "{public}");
        }
    }

    #[test]
    fn texts_are_marked_by_how_they_begin() {
        assert_eq!(text(&[b"v=spf1 -all"]), RdataNotes::SPF);
        assert_eq!(text(&[b"V=SPF1 -all"]), RdataNotes::SPF);
        assert_eq!(text(&[b"v=DMARC1; p=none"]), RdataNotes::POLICY);
        assert_eq!(text(&[b"p=MIIB"]), RdataNotes::POLICY);
        assert_eq!(text(&[b"v=DKIM1; p=ABCD"]), RdataNotes::STRAY_DKIM);
        assert_eq!(text_at(b"s1._domainkey", &[b"v=DKIM1; p=MIIB"]), RdataNotes::ODD_DKIM);
        assert_eq!(text_at(b"s1._domainkey.sub", &[b"v=DKIM1; p=ABCD"]), RdataNotes::default());
        assert_eq!(text_at(b"s1._domainkey", &[b"p=ABCD"]), RdataNotes::ODD_DKIM.union(RdataNotes::POLICY));
        assert_eq!(text(&[b"hello"]), RdataNotes::default());
        assert_eq!(text(&[b"v=spf1 ", b"-all"]), RdataNotes::SPF);
        for odd in [&b""[..], b" a", b"a ", b"\"a\""] {
            assert_eq!(text(&[odd]), RdataNotes::ODD_TEXT, "{odd:?}");
        }
        assert_eq!(text(&[b"a ", b""]), RdataNotes::ODD_TEXT);
        assert_eq!(text(&[b"say \"a\""]), RdataNotes::default());
        for secret in [
            &b"-----BEGIN RSA PRIVATE KEY-----"[..],
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----",
            b"AGE-SECRET-KEY-1QQQ",
            b"key: AKIAQQQQQQQQQQQQQQQQ",
            b"ghp_0000000000000000",
            b"github_pat_0000000000",
            b"glpat-000000000000",
            b"xoxb-00000000000000",
            b"sk_live_0000000000",
            b"npm_00000000000000",
        ] {
            assert_eq!(text(&[secret]), RdataNotes::SECRET, "{secret:?}");
        }
        assert_eq!(text(&[b"google-site-verification=KK_K-AK"]), RdataNotes::default());
    }

    #[test]
    fn digests_are_marked_unless_they_are_as_usual() {
        let ds = |algorithm, digest, len| {
            RdataNotes::of(b"", Rtype::DS, &[&[0, 1, algorithm, digest][..], &vec![7; len]].concat())
        };
        assert_eq!(ds(13, 2, 32), RdataNotes::default());
        assert_eq!(ds(8, 4, 48), RdataNotes::default());
        for odd in [ds(13, 2, 31), ds(13, 1, 20), ds(5, 2, 32), ds(13, 3, 32)] {
            assert_eq!(odd, RdataNotes::DIGEST);
        }
    }
}
