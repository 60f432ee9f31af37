//! Fields as nearly all records write them, read at a glance: without the words for what is wrong.

use super::super::rtype::Rtype;
use super::super::token::{Token, TokenKind, Tokens};
use super::super::ttl::seconds;
use super::fields::{dotted_quad, ipv6_text};
use super::strings::MAX_STRING;
use super::table::Kind;

/// Reads one field that is written plainly, as [`super::field::field`] would: the tokens left. None,
/// and nothing appended, for any other text, wrong or not.
pub(super) fn field<'d, 't>(kind: Kind, input: Tokens<'d, 't>, out: &mut Vec<u8>) -> Option<Tokens<'d, 't>> {
    if matches!(kind, Kind::Texts) {
        return strings(input, out);
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
        Kind::Type => out.extend_from_slice(&Rtype::read(text)?.0.to_be_bytes()),
        _ => return None,
    }
    Some(input.skip(1))
}

/// The text of a token without quotes.
fn bare(token: Token, data: &[u8]) -> Option<&[u8]> {
    (token.kind == TokenKind::Text).then(|| token.text(data))
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
