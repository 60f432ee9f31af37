//! RDATA of any type as `\#`, a length and hexadecimal digits (RFC 3597 section 5).

use super::super::name::{self, Kinds, NameForm};
use super::super::token::{FieldError, Token, TokenKind, Tokens};
use super::table::{Kind, Row};
use super::{NameReader, NameRole, RdataSink, encoding, fields, wire};
use crate::diagnostic::{Applicability, RuleName};

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
    let (octets, wrong_length) = octets(tokens)?;
    let first = tokens.rest.first().map_or(tokens.end, |first| first.outer().0);
    let last = tokens.rest.last().map_or(tokens.end, |last| last.outer().1);
    let span = (first, last);
    if let Some(error) = wrong_length {
        let fits = row.is_none_or(|row| hand_out(row, &octets, span, names, &mut Nothing).is_ok());
        return Err(if fits { error } else { FieldError { fix: None, help: None, ..error } });
    }
    let Some(row) = row else {
        sink.octets(&octets);
        if !octets.is_empty() {
            sink.field(0, span.0, span.1);
        }
        return Ok(());
    };
    hand_out(row, &octets, span, names, sink).map_err(|error| FieldError {
        start: tokens.rest.get(2).map_or(error.start, |hex| hex.start),
        ..error
    })
}

/// Takes nothing: for octets that are only to be checked.
struct Nothing;

impl RdataSink for Nothing {
    fn octets(&mut self, _: &[u8]) {}
    fn name(&mut self, _: &[u8], _: NameForm, _: NameRole, _: Option<Token>) {}
    fn field(&mut self, _: usize, _: u32, _: u32) {}
}

/// Hands out octets field by field, as if they had been read from text at `span`.
fn hand_out<S: RdataSink>(
    row: &Row,
    octets: &[u8],
    span: (u32, u32),
    names: &NameReader,
    sink: &mut S,
) -> Result<(), FieldError> {
    let malformed = |why: std::fmt::Arguments<'_>| FieldError {
        rule: RuleName("generic-rdata-malformed"),
        start: span.0,
        end: span.1,
        message: format!("the octets are no {} RDATA: {why}", row.rtype).into(),
        help: None,
        fix: None,
    };
    let mut rest = octets;
    let mut selected = 0;
    for (index, (kind, name)) in row.kinds.iter().zip(row.names).enumerate() {
        let kind = kind.given(selected);
        let len = wire::field_len(kind, rest).map_err(|why| malformed(format_args!("{name} {why}")))?;
        let Some((field, after)) = rest.split_at_checked(len) else {
            return Err(malformed(format_args!("{name} {}", super::table::SHORT)));
        };
        match kind {
            Kind::Name(role) => hand_name(field, role, names, sink),
            Kind::Rname => hand_name(field, NameRole::Mailbox, names, sink),
            Kind::Names(role) => {
                let mut left = field;
                while let Some(len) = name::from_wire(left).map(|(_, len)| len) {
                    let (one, more) = left.split_at(len);
                    hand_name(one, role, names, sink);
                    left = more;
                }
            }
            Kind::Nothing => {}
            _ => sink.octets(field),
        }
        selected = kind.selects(field).unwrap_or(selected);
        let is_written = match kind {
            Kind::LongText | Kind::QuotedText | Kind::NoGateway | Kind::Base64OrNone => true,
            Kind::Nothing => index + 1 < row.kinds.len(),
            _ => !field.is_empty(),
        };
        if is_written {
            sink.field(index, span.0, span.1);
        }
        rest = after;
    }
    match rest.len() {
        0 => Ok(()),
        1 => Err(malformed(format_args!("there is 1 octet too many"))),
        count => Err(malformed(format_args!("there are {count} octets too many"))),
    }
}

fn hand_name<S: RdataSink>(wire: &[u8], role: NameRole, names: &NameReader, sink: &mut S) {
    let Some((absolute, _)) = name::from_wire(wire) else { return };
    let relative = names.context.apex.relative(&absolute);
    let form = NameForm { in_zone: relative.is_some(), relative: false, kinds: Kinds::default() };
    sink.name(relative.unwrap_or(&absolute), form, role, None);
}

/// The octets that are written, and the error of a length that is not theirs.
fn octets(tokens: Tokens<'_, '_>) -> Result<(Vec<u8>, Option<FieldError>), FieldError> {
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
        return Ok((octets, None));
    }
    let found = octets.len();
    let Some((token, _)) = after.peek() else { return Err(FieldError::missing(&after, "length")) };
    let message = format!("length {length} does not match the {found} octets that follow");
    let error = FieldError::at(token, "generic-rdata-length", message);
    let error = if found <= usize::from(u16::MAX) {
        error.help(format!("write `{found}`")).fix(Applicability::Unsafe, found.to_string())
    } else {
        error.help("RDATA has at most 65535 octets")
    };
    Ok((octets, Some(error)))
}
