//! The plain field kinds as parsers over tokens: numbers, addresses, mnemonics, types.
//!
//! Each takes what it needs off the input and appends the field's wire form to `out`. A field that
//! is not there is an [`nom::Err::Error`], from which a repetition stops in peace; a field that is
//! wrong is an [`nom::Err::Failure`].

use super::super::rtype::{MNEMONICS, Rtype};
use super::super::token::{FieldError, FieldResult, Token, TokenKind, Tokens};
use super::super::ttl::{self, PeriodError};
use super::digits::hex_digit;
use super::mnemonics::{KEY_FLAGS, Mnemonics};
use crate::diagnostic::{Applicability, nearest};
use nom::Err::{Error, Failure};
use nom::Parser as _;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::all_consuming;
use std::borrow::Cow;
use std::net::Ipv6Addr;
use wide::u8x16;

/// Text of a token as a message shows it: readable and not too long.
pub(super) fn shown(text: &[u8]) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    match text.get(..LONGEST) {
        Some(head) if text.len() > LONGEST + 3 => format!("{}...", String::from_utf8_lossy(head)).into(),
        _ => String::from_utf8_lossy(text),
    }
}

/// An error that ends the reading.
pub(super) fn fail<T>(error: FieldError) -> Result<T, nom::Err<FieldError>> {
    Err(Failure(error))
}

/// One token of either kind.
pub(super) fn token<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
) -> FieldResult<'d, 't, (Token, &'d [u8])> {
    match input.peek() {
        Some(found) => Ok((input.skip(1), found)),
        None => Err(Error(FieldError::missing(&input, name))),
    }
}

/// One bare token; a quoted one is refused as BIND does.
pub(super) fn bare<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
) -> FieldResult<'d, 't, (Token, &'d [u8])> {
    let (rest, (found, text)) = token(input, name)?;
    if found.kind == TokenKind::Text {
        return Ok((rest, (found, text)));
    }
    fail(quoted(found, text, name))
}

/// The error of a field that must not be in quotes.
fn quoted(token: Token, text: &[u8], name: &str) -> FieldError {
    let message = format!("{name} `\"{}\"` stands in quotes", shown(text));
    let error = FieldError::at(token, "syntax-error", message).help("write it without the quotes");
    let plain = |octet: &u8| matches!(octet, 0x21..=0x7e) && !b"\"();".contains(octet);
    if !text.is_empty() && text.iter().all(plain) && text != b"\\#" {
        error.fix(Applicability::Safe, text)
    } else {
        error
    }
}

/// The value of decimal digits, up to what 64 bits hold; none for anything else.
pub(super) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        text.iter()
            .fold(0_u64, |value, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0'))),
    )
}

/// A decimal number from 0 to `max`.
pub(super) fn number<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    max: u32,
) -> FieldResult<'d, 't, u32> {
    let (rest, (found, text)) = bare(input, name)?;
    match digits(text) {
        Some(value) if value <= u64::from(max) => Ok((rest, value as u32)),
        Some(_) => fail(too_large(found, text, name, max)),
        None => {
            let message =
                format!("expected a number from 0 to {max} for the {name}, found `{}`", shown(text));
            fail(FieldError::at(found, "syntax-error", message))
        }
    }
}

/// A number that stands before a name; says so when only the name is there.
pub(super) fn preference<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u32> {
    let found = number(input, name, u16::MAX.into());
    match (&found, input.rest) {
        (Err(Failure(error)), [token]) if error.rule.0 == "syntax-error" && token.kind == TokenKind::Text => {
            let text = shown(token.text(input.data));
            fail(
                FieldError::at(*token, "missing-rdata", format!("the {name} before `{text}` is missing"))
                    .help(format!("write `10 {text}`"))
                    .fix(Applicability::Unsafe, [b"10 ", token.text(input.data)].concat()),
            )
        }
        _ => found,
    }
}

pub(super) fn u64_number<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u64> {
    let (rest, (found, text)) = bare(input, name)?;
    let number = digits(text).and_then(|_| std::str::from_utf8(text).ok());
    match number.map(str::parse) {
        Some(Ok(value)) => Ok((rest, value)),
        Some(Err(_)) => {
            let message = format!("{name} `{}` is over {}", shown(text), u64::MAX);
            fail(FieldError::at(found, "number-out-of-range", message))
        }
        None => {
            let message = format!("expected a number for the {name}, found `{}`", shown(text));
            fail(FieldError::at(found, "syntax-error", message))
        }
    }
}

/// Flags of a key: decimal, hexadecimal with `0x` as BIND takes it, or mnemonics with `|` between.
pub(super) fn key_flags<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u16> {
    let (rest, (found, text)) = bare(input, name)?;
    if digits(text).is_some() {
        return code(input, name, KEY_FLAGS, u16::MAX);
    }
    let shown = shown(text);
    if let Some(hex) = shown.strip_prefix("0x") {
        return match u16::from_str_radix(hex, 16) {
            Ok(value) => Ok((rest, value)),
            Err(_) => {
                let message = format!("{name} `{shown}` is no hexadecimal number of 16 bits");
                fail(FieldError::at(found, "syntax-error", message))
            }
        };
    }
    let mut flags = 0;
    for part in shown.split('|') {
        let Some((_, flag)) = KEY_FLAGS.iter().find(|(mnemonic, _)| part.eq_ignore_ascii_case(mnemonic))
        else {
            let message = format!("{name} `{shown}` is neither a number from 0 to 65535 nor known mnemonics");
            return fail(
                FieldError::at(found, "syntax-error", message)
                    .help("write 256 for a zone key, 257 for one with the secure entry point flag"),
            );
        };
        flags |= flag;
    }
    Ok((rest, flags))
}

/// Discovery flag and relay type in one octet.
pub(super) fn discovery<'d, 't>(input: Tokens<'d, 't>, _: &'static str) -> FieldResult<'d, 't, u8> {
    let (rest, flag) = number(input, "discovery flag", 1)?;
    let (rest, relay_type) = number(rest, "relay type", 3)?;
    Ok((rest, (flag as u8) << 7 | relay_type as u8))
}

fn too_large(token: Token, text: &[u8], name: &str, max: u32) -> FieldError {
    FieldError::at(token, "number-out-of-range", format!("{name} `{}` is over {max}", shown(text)))
}

/// A number or its mnemonic.
pub(super) fn code<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    known: Mnemonics,
    max: u16,
) -> FieldResult<'d, 't, u16> {
    let (rest, (found, text)) = bare(input, name)?;
    match digits(text) {
        Some(value) if value <= u64::from(max) => return Ok((rest, value as u16)),
        Some(_) => return fail(too_large(found, text, name, max.into())),
        None => {}
    }
    let same = |(mnemonic, _): &&(&str, u16)| text.eq_ignore_ascii_case(mnemonic.as_bytes());
    if let Some((_, value)) = known.iter().find(same) {
        return Ok((rest, *value));
    }
    let text = shown(text);
    let message = format!("{name} `{text}` is neither a number from 0 to {max} nor a known mnemonic");
    let error = FieldError::at(found, "syntax-error", message);
    fail(match nearest(&text, known.iter().map(|(mnemonic, _)| *mnemonic)) {
        Some(meant) => error.help(format!("did you mean `{meant}`?")),
        None => error,
    })
}

pub(super) fn period<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u32> {
    let (rest, (found, text)) = bare(input, name)?;
    let shown = shown(text);
    fail(match ttl::period(text) {
        Ok(value) => return Ok((rest, value)),
        Err(PeriodError::TooLarge) => too_large(found, text, name, u32::MAX),
        Err(PeriodError::UnitMissing) => {
            let message = format!("{name} `{shown}` ends in a number without a unit");
            FieldError::at(found, "syntax-error", message)
                .help(format!("write `{shown}m` for minutes or `{shown}s` for seconds"))
        }
        Err(PeriodError::Malformed) => {
            let message =
                format!("expected seconds or a period like `1h30m` for the {name}, found `{shown}`");
            FieldError::at(found, "syntax-error", message)
        }
    })
}

/// The octets of a dotted quad without leading zeros.
pub(in super::super) fn dotted_quad(text: &[u8]) -> Option<[u8; 4]> {
    let mut block = [0; 16];
    block.get_mut(..text.len())?.copy_from_slice(text);
    dotted_quad_in(block, text.len() as u32)
}

/// The octets of a dotted quad without leading zeros that is the beginning of a block, so many octets
/// of it. There is no branch for each digit: nobody can tell how many there will be.
#[inline]
pub(in super::super) fn dotted_quad_in(block: [u8; 16], len: u32) -> Option<[u8; 4]> {
    let octets = u8x16::new(block);
    let digit = octets - u8x16::splat(b'0');
    let digits = digit.min(u8x16::splat(9)).cmp_eq(digit).move_mask() as u32;
    let dots = octets.cmp_eq(u8x16::splat(b'.')).move_mask() as u32;
    let within = 1_u32.checked_shl(len)?.wrapping_sub(1);
    let (dots, digits) = (dots & within, digits & within);
    if len > 15 || dots.count_ones() != 3 || dots | digits != within {
        return None;
    }
    let (second, third) = (dots & (dots - 1), 1 << (31 - dots.leading_zeros()));
    let ends = [dots.trailing_zeros(), second.trailing_zeros(), u32::trailing_zeros(third), len];
    let text = u128::from_le_bytes(block);
    let mut quad = [0; 4];
    let (mut start, mut fine) = (0, true);
    for (part, end) in quad.iter_mut().zip(ends) {
        // The last digit is moved to the third octet, and what was not there counts nothing.
        let len = end - start;
        fine &= matches!(len, 1..=3);
        let three = (text >> (8 * start)) as u32;
        let three = three << (8 * (3 - len.min(3))) & 0x000f_0f0f;
        let value = (three & 0xff) * 100 + (three >> 8 & 0xff) * 10 + (three >> 16);
        fine &= value <= 255 && value >= [0, 0, 10, 100][len.min(3) as usize];
        *part = value as u8;
        start = end + 1;
    }
    fine.then_some(quad)
}

pub(super) fn ipv4<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, [u8; 4]> {
    let (rest, (found, text)) = bare(input, name)?;
    if let Some(octets) = dotted_quad(text) {
        return Ok((rest, octets));
    }
    let shown = shown(text);
    let without_zeros: Vec<String> = text
        .split(|octet| *octet == b'.')
        .map_while(|part| digits(part).filter(|value| *value <= 255))
        .map(|value| value.to_string())
        .collect();
    if without_zeros.len() == 4 && text.iter().filter(|octet| **octet == b'.').count() == 3 {
        let meant = without_zeros.join(".");
        return fail(
            FieldError::at(found, "bad-ipv4", format!("{name} `{shown}` has leading zeros"))
                .help(format!("write `{meant}`"))
                .fix(Applicability::Unsafe, meant),
        );
    }
    fail(FieldError::at(
        found,
        "bad-ipv4",
        format!("{name} `{shown}` is not four numbers from 0 to 255 with dots between them"),
    ))
}

/// The octets of an IPv6 address in text (RFC 4291 section 2.2).
pub(in super::super) fn ipv6_text(text: &[u8]) -> Option<[u8; 16]> {
    ipv6_groups(text).or_else(|| Some(std::str::from_utf8(text).ok()?.parse::<Ipv6Addr>().ok()?.octets()))
}

/// The octets of an IPv6 address (RFC 4291 section 2.2) that is written in groups of hexadecimal digits
/// alone, as nearly all are; none for any other text.
fn ipv6_groups(text: &[u8]) -> Option<[u8; 16]> {
    let mut groups = [0_u16; 8];
    let (mut count, mut gap, mut at) = (0, None, 0);
    if text.starts_with(b"::") {
        (gap, at) = (Some(0), 2);
    }
    while at < text.len() {
        let (mut value, mut digits) = (0, 0);
        while let Some(digit) = text.get(at).and_then(|octet| hex_digit(*octet)) {
            (value, digits, at) = (value << 4 | u16::from(digit), digits + 1, at + 1);
            if digits > 4 {
                return None;
            }
        }
        if digits == 0 {
            return None;
        }
        *groups.get_mut(count)? = value;
        count += 1;
        match text.get(at..)? {
            [] => break,
            [b':', b':', ..] if gap.is_none() => (gap, at) = (Some(count), at + 2),
            [b':', _, ..] => at += 1,
            _ => return None,
        }
    }
    match gap {
        // `::` stands for at least one group.
        Some(gap) if count < 8 => {
            groups.copy_within(gap..count, 8 - (count - gap));
            groups[gap..8 - (count - gap)].fill(0);
        }
        None if count == 8 => {}
        _ => return None,
    }
    let mut octets = [0; 16];
    for (pair, group) in octets.as_chunks_mut::<2>().0.iter_mut().zip(groups) {
        *pair = group.to_be_bytes();
    }
    Some(octets)
}

pub(super) fn ipv6<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, [u8; 16]> {
    let (rest, (found, text)) = bare(input, name)?;
    if let Some(octets) = ipv6_text(text) {
        return Ok((rest, octets));
    }
    let message = format!("{name} `{}` is no IPv6 address", shown(text));
    let error = FieldError::at(found, "bad-ipv6", message);
    fail(if dotted_quad(text).is_some() {
        error.help("an IPv4 address belongs in an A record")
    } else {
        error.help("write eight groups of one to four hexadecimal digits, or fewer with one `::`")
    })
}

pub(super) fn no_gateway<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = bare(input, name)?;
    if text == b"." {
        return Ok((rest, ()));
    }
    let message = format!("{name} `{}` stands where gateway type 0 has none", shown(text));
    fail(
        FieldError::at(found, "gateway-type-mismatch", message)
            .help("write `.`, or gateway type 1 (IPv4), 2 (IPv6) or 3 (a name)"),
    )
}

pub(super) fn tag<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = bare(input, name)?;
    match u8::try_from(text.len()) {
        Ok(len) if text.iter().all(u8::is_ascii_alphanumeric) => {
            out.push(len);
            out.extend_from_slice(text);
            Ok((rest, ()))
        }
        _ => {
            let message = format!("{name} `{}` is not 1 to 255 letters and digits", shown(text));
            fail(FieldError::at(found, "syntax-error", message))
        }
    }
}

pub(super) fn rtype<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, Rtype> {
    let (rest, (found, text)) = bare(input, name)?;
    if let Some(rtype) = Rtype::read(text) {
        return Ok((rest, rtype));
    }
    let text = shown(text);
    let error = FieldError::at(found, "unknown-type", format!("{name} `{text}` is no record type"));
    fail(match nearest(&text, MNEMONICS.iter().map(|(mnemonic, _)| *mnemonic)) {
        Some(meant) => error.help(format!("did you mean `{meant}`?")),
        None => error,
    })
}

pub(super) fn types<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    may_be_empty: bool,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let mut rest = input;
    let mut found = Vec::with_capacity(input.rest.len());
    while !rest.is_empty() {
        let (next, rtype) = rtype(rest, "type")?;
        found.push(rtype.0);
        rest = next;
    }
    if found.is_empty() && !may_be_empty {
        return Err(Error(FieldError::missing(&input, name)));
    }
    bitmap(&mut found, out);
    Ok((rest, ()))
}

/// Appends the bitmap of some types (RFC 4034 section 4.1.2).
pub(super) fn bitmap(found: &mut [u16], out: &mut Vec<u8>) {
    found.sort_unstable();
    for window in found.chunk_by(|a, b| a >> 8 == b >> 8) {
        let mut bits = [0_u8; 32];
        let mut len = 0;
        for number in window {
            let [_, low] = number.to_be_bytes();
            bits[usize::from(low >> 3)] |= 0x80 >> (low & 7);
            len = usize::from(low >> 3) + 1;
        }
        out.extend_from_slice(&[(window[0] >> 8) as u8, len as u8]);
        out.extend_from_slice(&bits[..len]);
    }
}

/// 64 bits in four groups of one to four hexadecimal digits.
pub(super) fn locator<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u64> {
    let (rest, (found, text)) = bare(input, name)?;
    let group = || {
        take_while1::<_, &[u8], nom::error::Error<&[u8]>>(|octet: u8| octet.is_ascii_hexdigit())
            .map_opt(|digits: &[u8]| u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
    };
    let groups = (group(), char(':'), group(), char(':'), group(), char(':'), group());
    match all_consuming(groups).parse(text) {
        Ok((_, (a, _, b, _, c, _, d))) if text.split(|o| *o == b':').all(|part| part.len() <= 4) => {
            let value = [a, b, c, d].iter().fold(0_u64, |value, part| value << 16 | u64::from(*part));
            Ok((rest, value))
        }
        _ => {
            let message =
                format!("{name} `{}` is not four groups of one to four hexadecimal digits", shown(text));
            fail(FieldError::at(found, "bad-encoding", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_library(text: &str) -> Option<[u8; 16]> {
        text.parse::<Ipv6Addr>().ok().map(|address| address.octets())
    }

    proptest! {
        #[test]
        fn any_text_is_the_address_that_the_library_reads(text in "[0-9a-fA-F:.g]{0,24}|([0-9a-f]{0,2}:){1,9}[0-9a-f]{0,2}") {
            prop_assert_eq!(ipv6_text(text.as_bytes()), by_the_library(&text));
        }

        #[test]
        fn every_address_is_read_without_the_library(octets: [u8; 16], zeros: u16) {
            let kept = |at: usize| if zeros >> (at / 2) & 1 == 1 { 0 } else { octets[at] };
            let address = Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(kept));
            let text = address.to_string();
            if !text.contains('.') {
                prop_assert_eq!(ipv6_groups(text.as_bytes()), Some(address.octets()));
            }
        }
    }
}
