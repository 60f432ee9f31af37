//! Fields as nearly all records write them, read at a glance: without the words for what is wrong.

use super::super::rtype::Rtype;
use super::super::token::{Token, TokenKind, Tokens};
use super::super::ttl::seconds;
use super::encoding::{decode_base64, decode_hex};
use super::fields::{bitmap, dotted_quad, ipv6_text};
use super::strings::MAX_STRING;
use super::table::Kind;
use super::time;
use super::{NameReader, NameRole, RdataSink};

/// Reads one field that is written plainly, as [`super::field::field`] would: the tokens left. None,
/// and nothing appended, for any other text, wrong or not.
pub(super) fn field<'d, 't>(kind: Kind, input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    match kind {
        Kind::Texts => return strings(input, out),
        Kind::Types { .. } => return types(input, out),
        Kind::Base64 => return base64(input, out),
        Kind::Hex => return hex(input, out),
        _ => {}
    }
    let text = bare(*input.rest.first()?, input.data)?;
    match kind {
        Kind::U8 | Kind::Code8(_) | Kind::Named8(_) => out.push(u8::try_from(seconds(text)?).ok()?),
        Kind::U16 | Kind::Preference | Kind::Named16(_) => {
            out.extend_from_slice(&u16::try_from(seconds(text)?).ok()?.to_be_bytes());
        }
        Kind::U32 => out.extend_from_slice(&seconds(text)?.to_be_bytes()),
        Kind::Ipv4 => out.extend_from_slice(&dotted_quad(text)?),
        Kind::Ipv6 => out.extend_from_slice(&ipv6_text(text)?),
        Kind::Time => out.extend_from_slice(&time::seconds(text)?.to_be_bytes()),
        Kind::Type => out.extend_from_slice(&Rtype::read(text)?.0.to_be_bytes()),
        _ => return None,
    }
    Some(input.skip(1))
}

/// Reads the RDATA of an RRSIG record (RFC 4034 section 3.2) that is written plainly into the sink, as
/// [`super::read`] would. None, and of no use what the sink has got, for any other text, wrong or not.
pub(in super::super) fn signature(
    input: Tokens<'_, '_>,
    names: &mut NameReader,
    sink: &mut impl RdataSink,
) -> Option<()> {
    let (&[covered, algorithm, labels, ttl, expiration, inception, tag, signer], texts) =
        input.rest.split_first_chunk()?;
    if texts.is_empty() {
        return None;
    }
    let text = |token| bare(token, input.data);
    sink.octets(&Rtype::read(text(covered)?)?.0.to_be_bytes());
    sink.octets(&[u8::try_from(seconds(text(algorithm)?)?).ok()?]);
    sink.octets(&[u8::try_from(seconds(text(labels)?)?).ok()?]);
    sink.octets(&seconds(text(ttl)?)?.to_be_bytes());
    sink.octets(&names.times.seconds(text(expiration)?)?.to_be_bytes());
    sink.octets(&names.times.seconds(text(inception)?)?.to_be_bytes());
    sink.octets(&u16::try_from(seconds(text(tag)?)?).ok()?.to_be_bytes());
    text(signer)?;
    let form = names.context.read(signer, input.data, &mut names.buffer).ok()?;
    sink.name(&names.buffer, form, NameRole::Other, Some(signer));
    names.buffer.clear();
    base64(input.skip(8), &mut names.buffer)?;
    sink.octets(&names.buffer);
    Some(())
}

/// The text of a token without quotes.
fn bare(token: Token, data: &[u8]) -> Option<&[u8]> {
    (token.kind == TokenKind::Text).then(|| token.text(data))
}

/// The texts of all tokens left, of which there must be one, none of them in quotes.
fn all_bare<'d>(input: Tokens<'d, '_>) -> Option<impl Iterator<Item = &'d [u8]>> {
    let plain = !input.is_empty() && input.rest.iter().all(|token| token.kind == TokenKind::Text);
    plain.then(|| input.rest.iter().map(|token| token.text(input.data)))
}

/// Takes back what was appended when it is of no use.
fn or_nothing(fine: bool, before: usize, out: &mut Vec<u8>) -> Option<()> {
    if !fine {
        out.truncate(before);
    }
    fine.then_some(())
}

fn base64<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    let before = out.len();
    or_nothing(decode_base64(all_bare(input)?, out), before, out)?;
    Some(input.skip(input.rest.len()))
}

/// Hexadecimal digits, pairs of which stand in each token.
fn hex<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    let before = out.len();
    or_nothing(all_bare(input)?.all(|text| decode_hex(text, out)), before, out)?;
    Some(input.skip(input.rest.len()))
}

/// Not too many types.
fn types<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    let mut numbers = [0_u16; 24];
    let numbers = numbers.get_mut(..input.rest.len())?;
    for (number, text) in numbers.iter_mut().zip(all_bare(input)?) {
        *number = Rtype::read(text)?.0;
    }
    bitmap(numbers, out);
    Some(input.skip(input.rest.len()))
}

/// Strings without escapes, none of them too long, up to the end.
fn strings<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    let plain = |token: &Token| !token.escaped && token.text(input.data).len() <= MAX_STRING;
    if input.is_empty() || !input.rest.iter().all(plain) {
        return None;
    }
    for token in input.rest {
        let text = token.text(input.data);
        out.push(text.len() as u8);
        out.extend_from_slice(text);
    }
    Some(input.skip(input.rest.len()))
}
