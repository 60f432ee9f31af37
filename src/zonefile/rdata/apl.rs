//! Lists of address prefixes (RFC 3123): `1:192.0.2.0/24 !2:2001:db8::/32`.

use super::super::token::{FieldError, FieldResult, Tokens};
use super::fields::{bare, digits, dotted_quad, fail, ipv6_text, shown};
use nom::Parser as _;
use nom::bytes::complete::{take_till1, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{all_consuming, opt};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Prefixes up to the end; there may be none.
pub(super) fn prefixes<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let mut rest = input;
    while !rest.is_empty() {
        let (after, (token, text)) = bare(rest, name)?;
        if !prefix(text, out) {
            let message = format!("`{}` is no address prefix", shown(text));
            return fail(FieldError::at(token, "syntax-error", message).help(
                "write `1:` and an IPv4 address or `2:` and an IPv6 address, then `/` and the prefix length; \
                 `!` in front means not",
            ));
        }
        rest = after;
    }
    Ok((rest, ()))
}

/// Appends one prefix; false when it is wrong.
fn prefix(text: &[u8], out: &mut Vec<u8>) -> bool {
    let not = opt(char::<_, nom::error::Error<&[u8]>>('!'));
    let address = take_till1(|octet| octet == b'/');
    let length = take_while1(|octet: u8| octet.is_ascii_digit());
    let parts = (not, digit1, char(':'), address, char('/'), length);
    let Ok((_, (not, family, _, address, _, length))) = all_consuming(parts).parse(text) else {
        return false;
    };
    let (family, octets) = match digits(family) {
        Some(1) => (1, dotted_quad(address).map(|octets| octets.to_vec())),
        Some(2) => (2, ipv6_text(address).map(|octets| octets.to_vec())),
        _ => return false,
    };
    let (Some(mut octets), Some(length)) = (octets, digits(length).and_then(|len| u8::try_from(len).ok()))
    else {
        return false;
    };
    if usize::from(length) > octets.len() * 8 {
        return false;
    }
    while octets.last() == Some(&0) {
        octets.pop();
    }
    let negation = if not.is_some() { 0x80 } else { 0 };
    out.extend_from_slice(&[0, family, length, negation | octets.len() as u8]);
    out.extend_from_slice(&octets);
    true
}

/// Checks prefixes on the wire.
pub(super) fn check(octets: &[u8]) -> Result<usize, &'static str> {
    let mut at = 0;
    while let Some(&[high, low, length, size]) = octets.get(at..).and_then(<[u8]>::first_chunk) {
        let size = usize::from(size & 0x7f);
        let address = octets.get(at + 4..at + 4 + size).ok_or(super::table::SHORT)?;
        let bits = match (high, low) {
            (0, 1) => 32,
            (0, 2) => 128,
            _ => usize::from(u8::MAX),
        };
        if usize::from(length) > bits || size * 8 > bits {
            return Err("has a prefix longer than an address");
        }
        if address.last() == Some(&0) {
            return Err("has an address with zeros at its end");
        }
        at += 4 + size;
    }
    if at == octets.len() { Ok(at) } else { Err(super::table::SHORT) }
}

/// The text of prefixes on the wire that [`check`] allows; false when one is of another family than
/// IPv4 and IPv6, for which there is no text.
pub(super) fn print(octets: &[u8], out: &mut String) -> bool {
    let mut left = octets;
    while let [_, family, length, size, after @ ..] = left {
        let (negation, size) = (size & 0x80 != 0, usize::from(size & 0x7f));
        let Some((address, after)) = after.split_at_checked(size) else { return false };
        let mut whole = [0_u8; 16];
        let Some(place) = whole.get_mut(..size) else { return false };
        place.copy_from_slice(address);
        let address = match (left[0], family, whole) {
            (0, 1, [a, b, c, d, ..]) => Ipv4Addr::from([a, b, c, d]).to_string(),
            (0, 2, whole) => Ipv6Addr::from(whole).to_string(),
            _ => return false,
        };
        let separator = if left.len() < octets.len() { " " } else { "" };
        let not = if negation { "!" } else { "" };
        out.push_str(&format!("{separator}{not}{family}:{address}/{length}"));
        left = after;
    }
    true
}
