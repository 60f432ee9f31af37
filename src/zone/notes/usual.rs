//! RDATA as nearly all records of a type have it, which no rule says anything about.
//!
//! What is told here decides which records the rules read a second time, so each function may call
//! usual RDATA unusual, but never the other way round.

use crate::zonefile::name::Labels;
use crate::zonefile::rdata::{are_base64_digits, base64_digit};
use crate::zonefile::rtype::Rtype;

/// Whether an owner relative to the apex, and RDATA in canonical form, are as usual; that of types that nothing is known of is.
pub(super) fn is_usual(owner: &[u8], rtype: Rtype, rdata: &[u8]) -> bool {
    match rtype {
        Rtype::MX => rdata.get(2..).is_some_and(is_mail_server),
        Rtype::CAA => is_caa(rdata),
        Rtype::TLSA => is_association(rdata) && is_of_service(owner),
        Rtype::SMIMEA => is_association(rdata),
        Rtype::SSHFP => matches!((rdata.get(1), rdata.len()), (Some(2), 34)),
        Rtype::NAPTR => is_naptr(rdata),
        _ => true,
    }
}

/// A name, between its mark and a 0, that is neither the root nor one of the host itself.
fn is_mail_server(name: &[u8]) -> bool {
    let Some((_, [name @ .., 0])) = name.split_first() else { return false };
    !name.is_empty() && !name.starts_with(b"localhost") && !name.ends_with(b"localhost")
}

/// `0 issue` or `0 issuewild` with a domain, and parameters of letters and digits (RFC 8659
/// section 4.2).
fn is_caa(rdata: &[u8]) -> bool {
    let Some(value) = rdata.strip_prefix(b"\0\x05issue").or_else(|| rdata.strip_prefix(b"\0\x09issuewild"))
    else {
        return false;
    };
    let mut parts = value.split(|octet| *octet == b';');
    let is_word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric);
    let is_label = |label: &[u8]| label.split(|octet| *octet == b'-').all(is_word);
    let is_parameter = |part: &[u8]| {
        let mut sides = part.trim_ascii().split(|octet| *octet == b'=');
        let sides = [sides.next(), sides.next(), sides.next()];
        matches!(sides, [Some(tag), Some(value), None] if is_word(tag) && is_word(value))
    };
    parts.next().is_some_and(|domain| domain.split(|octet| *octet == b'.').all(is_label))
        && parts.all(is_parameter)
}

/// An owner that begins with a port and a protocol (RFC 6698 section 3).
fn is_of_service(owner: &[u8]) -> bool {
    let mut labels = Labels(owner);
    let port = labels.next().and_then(|label| label.strip_prefix(b"_"));
    port.is_some_and(|port| matches!(port.len(), 1..=4) && port.iter().all(u8::is_ascii_digit))
        && labels.next().is_some_and(|label| label.starts_with(b"_"))
}

/// Numbers that are assigned, and a digest of its length (RFC 6698 section 2.1).
fn is_association(rdata: &[u8]) -> bool {
    let [usage, selector, matching, data @ ..] = rdata else { return false };
    *usage <= 3
        && *selector <= 1
        && match matching {
            0 => true,
            1 => data.len() == 32,
            2 => data.len() == 64,
            _ => false,
        }
}

/// A flag that is defined, or none, and no expression (RFC 3403 section 4.1).
fn is_naptr(rdata: &[u8]) -> bool {
    let rest = match rdata {
        [_, _, _, _, 0, rest @ ..] => rest,
        [_, _, _, _, 1, b'S' | b's' | b'A' | b'a' | b'U' | b'u' | b'P' | b'p', rest @ ..] => rest,
        _ => return false,
    };
    rest.split_first().is_some_and(|(service, rest)| rest.get(usize::from(*service)) == Some(&0))
}

/// How public RSA keys of 2048, 3072 and 4096 bits begin in base64 up to their modulus (RFC 5280
/// section 4.1), and their length there.
const RSA_KEYS: [(&[u8], usize); 3] = [
    (b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", 392),
    (b"MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA", 564),
    (b"MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA", 736),
];

/// Whether a TXT record is a DKIM key (RFC 6376 section 3.6.1) with the tags that most have, and with
/// base64 that is whole: an RSA key of enough bits, or what is no such key.
pub(super) fn is_dkim_key(rdata: &[u8]) -> bool {
    let mut strings = Strings(rdata).skip_while(|text| text.is_empty());
    let Some(mut tags) = strings.next().and_then(|text| text.strip_prefix(b"v=DKIM1;")) else {
        return false;
    };
    for tag in [&b"h=sha256;"[..], b"k=rsa;", b"s=email;", b"t=s;"] {
        tags = tags.trim_ascii_start();
        tags = tags.strip_prefix(tag).unwrap_or(tags);
    }
    let Some(begin) = tags.trim_ascii_start().strip_prefix(b"p=") else { return false };
    let (mut count, mut padding, mut last, mut ended) = (0, 0, 0, false);
    for text in std::iter::once(begin).chain(strings) {
        let digits = text.strip_suffix(b";").unwrap_or(text);
        let (after, is_end) = (padding > 0 || ended, digits.len() < text.len());
        let padded = digits.iter().rev().take_while(|octet| **octet == b'=').count();
        let (digits, _) = digits.split_at(digits.len() - padded);
        if after || !are_base64_digits(digits) {
            return false;
        }
        (padding, ended) = (padded, is_end);
        count += digits.len() + padded;
        last = digits.last().copied().unwrap_or(last);
    }
    // What the last digit has too much is 0.
    let left_over = base64_digit(last).unwrap_or(0) & [0, 0b11, 0b1111].get(padding).copied().unwrap_or(0xff);
    if padding > 2 || count % 4 != 0 || left_over != 0 {
        return false;
    }
    let is_long = |(head, len): &(&[u8], usize)| {
        // The modulus has all its bits when the digit behind its leading 0 is 32 or more.
        let first = begin.strip_prefix(*head).and_then(<[u8]>::first);
        count == *len && first.and_then(|digit| base64_digit(*digit)).is_some_and(|value| value >= 32)
    };
    // Keys in DER begin with 0x30, so with this digit; no key at all is one that is revoked.
    match begin.first() {
        Some(b'M') => RSA_KEYS.iter().any(is_long),
        // Access keys of AWS are base64 too.
        Some(_) => !begin.starts_with(b"AKIA"),
        None => false,
    }
}

/// The strings of a TXT record.
struct Strings<'r>(&'r [u8]);

impl<'r> Iterator for Strings<'r> {
    type Item = &'r [u8];

    fn next(&mut self) -> Option<&'r [u8]> {
        let (len, rest) = self.0.split_first()?;
        let (text, rest) = rest.split_at_checked(usize::from(*len))?;
        self.0 = rest;
        Some(text)
    }
}
