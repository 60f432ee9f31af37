//! WINS and WINS-R of the Windows DNS server (MS-DNSP section 2.2.2.2.4): `LOCAL L2 C900 192.0.2.1`.

use super::super::token::{FieldResult, TokenKind, Tokens};
use super::fields::{digits, ipv4};

/// Octets on the wire: flag, lookup timeout, cache timeout, 32 bits each.
pub(super) const TIMES: usize = 12;
/// The record is not to be copied to other servers.
pub(super) const LOCAL: u32 = 0x0001_0000;
/// Seconds, when the record does not say.
const LOOKUP: u32 = 2;
const CACHE: u32 = 900;

/// `LOCAL`, `Ln` and `Cn`, each of which may be left out.
pub(super) fn times<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let mut rest = input;
    let mut word = |test: &dyn Fn(&[u8]) -> Option<u32>, otherwise| match rest.peek() {
        Some((token, text)) if token.kind == TokenKind::Text => match test(text) {
            Some(value) => {
                rest = rest.skip(1);
                value
            }
            None => otherwise,
        },
        _ => otherwise,
    };
    let flag = word(&|text| text.eq_ignore_ascii_case(b"LOCAL").then_some(LOCAL), 0);
    let lookup = word(&|text| seconds(text, b'L'), LOOKUP);
    let cache = word(&|text| seconds(text, b'C'), CACHE);
    for value in [flag, lookup, cache] {
        out.extend_from_slice(&value.to_be_bytes());
    }
    Ok((rest, ()))
}

fn seconds(text: &[u8], letter: u8) -> Option<u32> {
    let (first, number) = text.split_first()?;
    if !first.eq_ignore_ascii_case(&letter) {
        return None;
    }
    u32::try_from(digits(number)?).ok()
}

/// One or more IPv4 addresses.
pub(super) fn servers<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let count = input.rest.len() as u32;
    out.extend_from_slice(&count.to_be_bytes());
    let (mut rest, mut octets) = ipv4(input, name)?;
    out.extend_from_slice(&octets);
    while !rest.is_empty() {
        (rest, octets) = ipv4(rest, name)?;
        out.extend_from_slice(&octets);
    }
    Ok((rest, ()))
}

/// Checks the servers on the wire.
pub(super) fn check(rest: &[u8]) -> Result<usize, &'static str> {
    let count: &[u8; 4] = rest.first_chunk().ok_or(super::table::SHORT)?;
    let addresses = (u32::from_be_bytes(*count) as usize).saturating_mul(4);
    match addresses {
        0 => Err("has no address"),
        _ if rest.len() - 4 < addresses => Err(super::table::SHORT),
        _ => Ok(4 + addresses),
    }
}
