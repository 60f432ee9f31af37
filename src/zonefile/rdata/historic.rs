//! Fields of types that nobody should write any more, but BIND still reads: NSAP, ATMA, WKS, NXT, A6.

use super::super::rtype::Rtype;
use super::super::token::{FieldError, FieldResult, Tokens};
use super::encoding::decode_hex;
use super::fields::{bare, code, digits, fail, rtype, shown};
use super::mnemonics::SERVICES;
use super::table::SHORT;

/// An NSAP address: `0x`, then pairs of hexadecimal digits with dots anywhere.
pub(super) fn nsap<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (token, text)) = bare(input, name)?;
    let digits: Option<Vec<u8>> = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"0X"))
        .map(|digits| digits.iter().copied().filter(|octet| *octet != b'.').collect());
    if digits.is_some_and(|digits| decode_hex(&digits, out)) {
        return Ok((rest, ()));
    }
    let message = format!("{name} `{}` is not `0x` and pairs of hexadecimal digits", shown(text));
    fail(FieldError::at(token, "bad-encoding", message))
}

/// Formats of an ATM address: end system address, E.164 number.
pub(super) const ATM_SYSTEM: u8 = 0;
pub(super) const ATM_NUMBER: u8 = 1;

/// An ATM address; single dots may stand between digits.
pub(super) fn atma<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (token, text)) = bare(input, name)?;
    let (format, text_digits) = match text.strip_prefix(b"+") {
        Some(number) => (ATM_NUMBER, number),
        None => (ATM_SYSTEM, text),
    };
    out.push(format);
    let parts_filled = text_digits.split(|octet| *octet == b'.').all(|part| !part.is_empty());
    let plain: Vec<u8> = text_digits.iter().copied().filter(|octet| *octet != b'.').collect();
    let good = parts_filled
        && match format {
            ATM_NUMBER => {
                out.extend_from_slice(&plain);
                digits(&plain).is_some()
            }
            _ => decode_hex(&plain, out),
        };
    if good {
        return Ok((rest, ()));
    }
    let message =
        format!("{name} `{}` is neither pairs of hexadecimal digits nor `+` and decimal digits", shown(text));
    fail(FieldError::at(token, "bad-encoding", message))
}

/// Checks an ATM address on the wire.
pub(super) fn check_atma(rest: &[u8]) -> Result<usize, &'static str> {
    match rest {
        [] | [_] => Err(SHORT),
        [ATM_NUMBER, number @ ..] if digits(number).is_none() => Err("is no E.164 number"),
        _ => Ok(rest.len()),
    }
}

/// Bits in octets, the highest bit of the first octet being number 0; no zero octets at the end.
fn bitmap(numbers: &[u16], out: &mut Vec<u8>) {
    let start = out.len();
    let len = numbers.iter().max().map_or(0, |last| usize::from(last >> 3) + 1);
    out.resize(start + len, 0);
    for number in numbers {
        if let Some(octet) = out.get_mut(start + usize::from(number >> 3)) {
            *octet |= 0x80 >> (number & 7);
        }
    }
}

/// The numbers of the bits that are set.
pub(super) fn bits(octets: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let set = |octet: u8| (0..8).filter(move |bit| octet & (0x80 >> bit) != 0);
    (0..).zip(octets).flat_map(move |(at, octet)| set(*octet).map(move |bit| at * 8 + bit))
}

/// Ports or services up to the end; there may be none.
pub(super) fn ports<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let mut rest = input;
    let mut found = Vec::with_capacity(input.rest.len());
    while !rest.is_empty() {
        let (next, port) = code(rest, "service", SERVICES, u16::MAX)?;
        found.push(port);
        rest = next;
    }
    bitmap(&found, out);
    Ok((rest, ()))
}

/// Checks the ports on the wire.
pub(super) fn check_ports(rest: &[u8]) -> Result<usize, &'static str> {
    match rest.last() {
        Some(0) => Err("end in a zero octet"),
        _ if rest.len() > 8192 => Err("go beyond 65535"),
        _ => Ok(rest.len()),
    }
}

/// Types below 128 up to the end, as mnemonics or bare numbers; there may be none.
pub(super) fn types<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let mut rest = input;
    let mut found = Vec::with_capacity(input.rest.len());
    while !rest.is_empty() {
        let (next, (token, text)) = bare(rest, "type")?;
        let number = match digits(text) {
            Some(number) => number,
            None => u64::from(rtype(rest, "type")?.1.0),
        };
        match u16::try_from(number) {
            Ok(number @ 1..128) => found.push(number),
            _ => {
                let message = format!("type `{}` does not fit: NXT lists types 1 to 127", shown(text));
                return fail(FieldError::at(token, "number-out-of-range", message));
            }
        }
        rest = next;
    }
    bitmap(&found, out);
    Ok((rest, ()))
}

/// Checks the types of an NXT on the wire.
pub(super) fn check_types(rest: &[u8]) -> Result<usize, &'static str> {
    match (rest.first(), rest.last()) {
        (_, Some(0)) => Err("ends in a zero octet"),
        (Some(0x80..), _) => Err("holds type 0"),
        _ if rest.len() > 16 => Err("goes beyond type 127"),
        _ => Ok(rest.len()),
    }
}

/// The text of a type in an NXT record: BIND writes a bare number for one without a mnemonic.
pub(super) fn type_text(number: u32) -> String {
    let mnemonic = u16::try_from(number).ok().and_then(|number| Rtype(number).mnemonic());
    mnemonic.map_or_else(|| number.to_string(), str::to_owned)
}

/// Octets of an address of which `prefix` bits stand elsewhere.
fn suffix_len(prefix: u8) -> usize {
    16_usize.saturating_sub(usize::from(prefix / 8))
}

/// Bits of the first octet that belong to the suffix.
fn suffix_mask(prefix: u8) -> u8 {
    0xff >> (prefix % 8)
}

/// Appends the part of an address after its prefix; the bits of the prefix become zero.
pub(super) fn push_suffix(prefix: u8, address: &[u8; 16], out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&address[16 - suffix_len(prefix)..]);
    if let Some(first) = out.get_mut(at) {
        *first &= suffix_mask(prefix);
    }
}

/// The whole address that a suffix is the end of, its prefix zero.
pub(super) fn suffix_address(suffix: &[u8]) -> [u8; 16] {
    let mut address = [0; 16];
    if let Some(place) = 16_usize.checked_sub(suffix.len()).and_then(|at| address.get_mut(at..)) {
        place.copy_from_slice(suffix);
    }
    address
}

/// Checks a suffix on the wire.
pub(super) fn check_suffix(prefix: u8, rest: &[u8]) -> Result<usize, &'static str> {
    let suffix = rest.get(..suffix_len(prefix)).ok_or(SHORT)?;
    if suffix.first().is_some_and(|first| first & !suffix_mask(prefix) != 0) {
        return Err("has bits in the place of the prefix");
    }
    Ok(suffix.len())
}
