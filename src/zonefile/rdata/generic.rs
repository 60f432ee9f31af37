//! RDATA of any type as `\#`, a length and hexadecimal digits (RFC 3597 section 5).

use super::super::name;
use super::super::token::{FieldError, TokenKind, Tokens};
use super::table::{Kind, Row};
use super::{NameReader, NameRole, RdataSink, encoding, fields, wire};
use crate::diagnostic::Applicability;

/// Whether RDATA is written in this form. Of a type made of strings, `\#` without a number after
/// it is the string `#`, as BIND reads it.
pub(super) fn is_generic(tokens: &Tokens<'_, '_>, row: Option<&Row>) -> bool {
    let bare = |index: usize| {
        tokens
            .rest
            .get(index)
            .filter(|token| token.kind == TokenKind::Text)
            .map(|token| token.text(tokens.data))
    };
    if bare(0) != Some(b"\\#") {
        return false;
    }
    let strings = row.is_some_and(|row| matches!(row.kinds, [Kind::Text | Kind::Texts, ..]));
    !strings || bare(1).is_some_and(|text| fields::digits(text).is_some())
}

/// Reads the octets; those of a type whose fields are known are checked and handed out field by
/// field.
pub(super) fn read<S: RdataSink>(
    row: Option<&Row>,
    tokens: Tokens<'_, '_>,
    names: &mut NameReader,
    sink: &mut S,
) -> Result<(), FieldError> {
    let octets = octets(tokens)?;
    let span = (tokens.rest.first().map_or(tokens.end, |first| first.outer().0), last_end(&tokens));
    let Some(row) = row else {
        sink.octets(&octets);
        if !octets.is_empty() {
            sink.field(0, span.0, span.1);
        }
        return Ok(());
    };
    let malformed = |name: &str, why: &str| FieldError {
        rule: crate::diagnostic::RuleName("generic-rdata-malformed"),
        start: span.0,
        end: span.1,
        message: format!("the octets are no {} RDATA: {name} {why}", row.rtype).into(),
        help: None,
        fix: None,
    };
    let mut rest = octets.as_slice();
    for (index, (kind, name)) in row.kinds.iter().zip(row.names).enumerate() {
        let len = wire::field_len(*kind, rest).map_err(|why| malformed(name, why))?;
        let (field, after) = rest.split_at_checked(len).ok_or_else(|| malformed(name, wire::SHORT))?;
        match kind {
            Kind::Name(role) => hand_name(field, *role, names, sink),
            Kind::Rname => hand_name(field, NameRole::Mailbox, names, sink),
            _ => sink.octets(field),
        }
        let left_out = field.is_empty() && !matches!(kind, Kind::LongText);
        if !left_out {
            sink.field(index, span.0, span.1);
        }
        rest = after;
    }
    if !rest.is_empty() {
        return Err(malformed("has", &format!("{} octets too many", rest.len())));
    }
    Ok(())
}

fn last_end(tokens: &Tokens<'_, '_>) -> u32 {
    tokens.rest.last().map_or(tokens.end, |last| last.outer().1)
}

fn hand_name<S: RdataSink>(wire: &[u8], role: NameRole, names: &NameReader, sink: &mut S) {
    let Some((absolute, _)) = name::from_wire(wire) else { return };
    let relative = names.context.apex.relative(&absolute);
    let form = name::NameForm { in_zone: relative.is_some(), relative: false };
    sink.name(relative.unwrap_or(&absolute), form, role, None);
}

fn octets(tokens: Tokens<'_, '_>) -> Result<Vec<u8>, FieldError> {
    let unwrap = |error| match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => error,
        nom::Err::Incomplete(_) => FieldError::missing(&tokens, "length"),
    };
    let after = tokens.skip(1);
    let (digits, length) = fields::number(after, "length", u16::MAX.into()).map_err(unwrap)?;
    let mut octets = Vec::new();
    if !digits.is_empty() {
        encoding::hex(digits, "RDATA", &mut octets).map_err(unwrap)?;
    }
    if octets.len() == length as usize {
        return Ok(octets);
    }
    let found = octets.len();
    let Some((token, _)) = after.peek() else { return Err(FieldError::missing(&after, "length")) };
    let message = format!("length {length} does not match the {found} octets that follow");
    let error = FieldError::at(token, "generic-rdata-length", message);
    Err(if found <= usize::from(u16::MAX) {
        error.help(format!("write `{found}`")).fix(Applicability::Safe, found.to_string())
    } else {
        error.help("RDATA has at most 65535 octets")
    })
}
