//! Hexadecimal, base64 and base32hex (RFC 4648), which may be split over tokens.

use super::super::token::{FieldError, FieldResult, Token, Tokens};
use super::digits::{BASE64, base64_digit, hex_digit};
use super::fields::{bare, fail, shown};

fn base32hex_digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(32).map(|value| value as u8)
}

/// Gathers digits of some bits each into octets.
struct Bits {
    width: u32,
    held: u32,
    count: u32,
}

impl Bits {
    fn new(width: u32) -> Self {
        Self { width, held: 0, count: 0 }
    }

    fn push(&mut self, digit: u8, out: &mut Vec<u8>) {
        self.held = self.held << self.width | u32::from(digit);
        self.count += self.width;
        if self.count >= 8 {
            self.count -= 8;
            out.push((self.held >> self.count) as u8);
            self.held &= (1 << self.count) - 1;
        }
    }

    /// Whether the digits end where an octet ends: less than one digit is left over, and it is 0.
    fn is_whole(&self) -> bool {
        self.count < self.width && self.held == 0
    }
}

/// Decodes base64 that may be in pieces, padding required; false when it is wrong.
pub(crate) fn decode_base64<'t>(texts: impl IntoIterator<Item = &'t [u8]>, out: &mut Vec<u8>) -> bool {
    let mut decoder = Base64::new();
    texts.into_iter().all(|text| decoder.push_text(text, out).is_none()) && decoder.is_whole()
}

/// Decodes pairs of hexadecimal digits in one piece, at least one pair; false when it is wrong.
pub(super) fn decode_hex(text: &[u8], out: &mut Vec<u8>) -> bool {
    let (pairs, rest) = text.as_chunks();
    let octet = |[high, low]: &[u8; 2]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?);
    !text.is_empty()
        && rest.is_empty()
        && pairs.iter().all(|pair| octet(pair).map(|octet| out.push(octet)).is_some())
}

struct Base64 {
    bits: Bits,
    digits: usize,
    padding: usize,
}

impl Base64 {
    fn new() -> Self {
        Self { bits: Bits::new(6), digits: 0, padding: 0 }
    }

    /// Takes the groups of four digits that a text begins with, and tells how many characters those are;
    /// none when they are not all digits.
    fn push_groups(&mut self, text: &[u8], out: &mut Vec<u8>) -> usize {
        if self.padding > 0 || !self.digits.is_multiple_of(4) {
            return 0;
        }
        let (groups, _) = text.as_chunks::<4>();
        let groups = match groups {
            [groups @ .., [_, _, _, b'=']] => groups.as_flattened(),
            groups => groups.as_flattened(),
        };
        let before = out.len();
        if base64_simd::STANDARD_NO_PAD.decode_append(groups, out).is_err() {
            out.truncate(before);
            return 0;
        }
        self.digits += groups.len();
        groups.len()
    }

    /// Takes a text, and tells which of its characters has no place there.
    fn push_text(&mut self, text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let groups = self.push_groups(text, out);
        text[groups..].iter().position(|octet| !self.push(*octet, out)).map(|at| groups + at)
    }

    /// Takes one character; false when it has no place here.
    fn push(&mut self, octet: u8, out: &mut Vec<u8>) -> bool {
        if octet == b'=' {
            self.padding += 1;
            return self.digits % 4 >= 2 && self.digits % 4 + self.padding <= 4;
        }
        match base64_digit(octet) {
            Some(digit) if self.padding == 0 => {
                self.digits += 1;
                self.bits.push(digit, out);
                true
            }
            _ => false,
        }
    }

    fn is_whole(&self) -> bool {
        (self.digits + self.padding).is_multiple_of(4) && self.bits.is_whole()
    }
}

/// Runs over the texts of all tokens left; there must be at least one. `take` tells which character
/// has no place there.
fn rest<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    encoding: &str,
    mut take: impl FnMut(&[u8]) -> Option<usize>,
) -> FieldResult<'d, 't, Token> {
    let (mut input, (mut last, mut text)) = bare(input, name)?;
    loop {
        if let Some(index) = take(text) {
            let found = shown(&text[index..=index]).into_owned();
            let message = format!("`{found}` has no place in the {encoding} of the {name}");
            return fail(FieldError::at(last, "bad-encoding", message));
        }
        if input.is_empty() {
            return Ok((input, last));
        }
        (input, (last, text)) = bare(input, name)?;
    }
}

/// Pairs of hexadecimal digits up to the end.
pub(super) fn hex<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let mut bits = Bits::new(4);
    let mut count = 0_usize;
    let (input, last) = rest(input, name, "hexadecimal digits", |text| {
        text.iter().position(|octet| {
            count += 1;
            hex_digit(*octet).map(|digit| bits.push(digit, out)).is_none()
        })
    })?;
    if count % 2 == 1 {
        let message = format!("{name} has {count} hexadecimal digits, an odd number");
        return fail(FieldError::at(last, "bad-encoding", message));
    }
    Ok((input, ()))
}

/// Base64 with padding up to the end.
pub(super) fn base64<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let mut decoder = Base64::new();
    let (input, last) = rest(input, name, "base64", |text| decoder.push_text(text, out))?;
    if !decoder.is_whole() {
        let message = format!(
            "base64 of the {name} ends in the middle of a group: {} characters and {} `=`",
            decoder.digits, decoder.padding
        );
        return fail(FieldError::at(last, "bad-encoding", message));
    }
    Ok((input, ()))
}

/// Base64 up to the end, or a lone `-`.
pub(super) fn base64_or_none<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (_, text)) = bare(input, name)?;
    if text == b"-" { Ok((rest, ())) } else { base64(input, name, out) }
}

/// An NSEC3 salt: `-`, or hexadecimal digits; length octet in front (RFC 5155 section 3.3).
pub(super) fn salt<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = bare(input, name)?;
    let at = out.len();
    out.push(0);
    if text != b"-" {
        let mut bits = Bits::new(4);
        if !text.iter().all(|octet| hex_digit(*octet).map(|digit| bits.push(digit, out)).is_some())
            || text.len() % 2 == 1
        {
            let message = format!("{name} `{}` is neither `-` nor pairs of hexadecimal digits", shown(text));
            return fail(FieldError::at(found, "bad-encoding", message));
        }
    }
    prefix_length(found, name, at, out)?;
    Ok((rest, ()))
}

/// An NSEC3 hash in base32hex without padding; length octet in front (RFC 5155 section 3.3).
pub(super) fn next_hashed<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = bare(input, name)?;
    let at = out.len();
    out.push(0);
    let mut bits = Bits::new(5);
    if !text.iter().all(|octet| base32hex_digit(*octet).map(|digit| bits.push(digit, out)).is_some())
        || !bits.is_whole()
    {
        let message = format!("{name} `{}` is no base32hex (0-9 and A-V, no padding)", shown(text));
        return fail(FieldError::at(found, "bad-encoding", message));
    }
    prefix_length(found, name, at, out)?;
    Ok((rest, ()))
}

/// Writes the length of what stands after `at` into the octet there.
fn prefix_length(token: Token, name: &str, at: usize, out: &mut [u8]) -> Result<(), nom::Err<FieldError>> {
    let len = out.len() - at - 1;
    match u8::try_from(len) {
        Ok(len) => {
            out[at] = len;
            Ok(())
        }
        Err(_) => {
            let message = format!("{name} has {len} octets, over 255");
            fail(FieldError::at(token, "number-out-of-range", message))
        }
    }
}

/// Appends base64 with padding.
pub(super) fn push_base64(octets: &[u8], out: &mut String) {
    for group in octets.chunks(3) {
        let held = group.iter().fold(0_usize, |held, octet| held << 8 | usize::from(*octet));
        let held = held << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = BASE64[held >> (18 - 6 * place) & 63];
            out.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
}

/// Appends base32hex without padding, letters in upper case.
pub(super) fn push_base32hex(octets: &[u8], out: &mut String) {
    for group in octets.chunks(5) {
        let held = group.iter().fold(0_u64, |held, octet| held << 8 | u64::from(*octet));
        let held = held << (8 * (5 - group.len()));
        for place in 0..(group.len() * 8).div_ceil(5) {
            let digit = (held >> (35 - 5 * place) & 31) as u32;
            out.extend(char::from_digit(digit, 32).map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

/// Appends hexadecimal digits in upper case.
pub(super) fn push_hex(octets: &[u8], out: &mut String) {
    for octet in octets {
        out.push_str(&format!("{octet:02X}"));
    }
}

/// Pairs of hexadecimal digits joined by hyphens (RFC 7043).
pub(super) fn eui<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    count: usize,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = bare(input, name)?;
    let mut parts = text.split(|octet| *octet == b'-');
    for part in parts.by_ref().take(count) {
        match part {
            [high, low] => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => out.push(high << 4 | low),
                _ => return fail(bad_eui(found, text, name, count)),
            },
            _ => return fail(bad_eui(found, text, name, count)),
        }
    }
    if text.len() != count * 3 - 1 {
        return fail(bad_eui(found, text, name, count));
    }
    Ok((rest, ()))
}

fn bad_eui(token: Token, text: &[u8], name: &str, count: usize) -> FieldError {
    let message =
        format!("{name} `{}` is not {count} pairs of hexadecimal digits joined by `-`", shown(text));
    FieldError::at(token, "bad-encoding", message)
}
