//! RDATA: the one grammar, driven by one table of field kinds per type.
//!
//! [`read`] walks the tokens of a record's RDATA field by field, checks each, and hands what it
//! stands for to a [`RdataSink`]: the parser hashes it, [`decode`] makes wire form of it.

mod apl;
mod decode;
mod digits;
mod encoding;
mod field;
mod fields;
mod generic;
mod hip;
mod historic;
mod loc;
mod mnemonics;
mod plain;
mod print;
mod strings;
mod svcb;
mod table;
mod time;
mod wins;
mod wire;

pub use decode::{Decoded, Target, decode, decode_kept, to_hickory};
pub(crate) use digits::{are_base64_digits, base64_digit};
pub(crate) use encoding::decode_base64;
pub(super) use fields::{dotted_quad, dotted_quad_in, ipv6_text};
pub(super) use plain::signature as plain_signature;
pub use print::print;
pub(super) use strings::MAX_STRING;

use super::name::{NameContext, NameError, NameForm};
use super::rtype::Rtype;
use super::token::{FieldError, Token, TokenKind, Tokens};
use crate::diagnostic::{Applicability, RuleName};
use table::{Kind, Row};

/// What a name in RDATA is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRole {
    /// A host or domain that the record leads to: NS, CNAME, DNAME, PTR, MX, SRV, SVCB, NAPTR ...
    Target,
    /// A mailbox written as a name: SOA RNAME, RP.
    Mailbox,
    /// Anything else: SOA MNAME, RRSIG signer, NSEC next name.
    Other,
}

/// Takes what the RDATA of one record stands for, in wire order.
///
/// Equal RDATA makes equal calls of `octets` and `name` (but for `form.relative`), however it is
/// written: one call per field.
pub trait RdataSink {
    /// Octets of the wire form that are no name.
    fn octets(&mut self, octets: &[u8]);

    /// A name: canonical text, relative to the apex when `form.in_zone`. `token` is where it is
    /// written; none when it comes out of `\#` octets.
    fn name(&mut self, name: &[u8], form: NameForm, role: NameRole, token: Option<Token>);

    /// Field number `index` (0-based, in presentation order) stands at these octets of the source,
    /// quotes included. Of RDATA written with `\#` every field stands at the whole of it.
    fn field(&mut self, index: usize, start: u32, end: u32);
}

/// Reads names: the context in force and a buffer that is used again for each.
#[derive(Debug)]
pub struct NameReader {
    /// What completes relative names.
    pub context: NameContext,
    /// Scratch.
    pub buffer: Vec<u8>,
    times: time::Times,
}

impl NameReader {
    /// A reader that completes relative names in this way.
    pub fn new(context: NameContext) -> Self {
        Self { context, buffer: Vec::new(), times: time::Times::default() }
    }
}

/// Whether the fields of a type are known; of any other type only the `\#` form can be read.
pub fn known(rtype: Rtype) -> bool {
    table::row(rtype).is_some()
}

/// What messages call the fields of a type, in presentation order; empty for an unknown type.
pub fn field_names(rtype: Rtype) -> &'static [&'static str] {
    table::row(rtype).map_or(&[], |row| row.names)
}

/// Reads the RDATA of one record.
///
/// When [`FieldError::keeps_record`] says so of an error, the sink has got every field all the same:
/// the fields before those that are too many, a string that is too long as several.
///
/// # Errors
/// The first field that is wrong, missing or too many; the sink may have got the fields before it.
pub fn read<S: RdataSink>(
    rtype: Rtype,
    tokens: Tokens<'_, '_>,
    names: &mut NameReader,
    sink: &mut S,
) -> Result<(), FieldError> {
    let row = table::row(rtype);
    if generic::is_generic(&tokens, row) {
        return generic::read(row, tokens, names, sink);
    }
    let Some(row) = row else { return Err(no_grammar(rtype, &tokens)) };
    if tokens.is_empty() && !matches!(row.kinds, [Kind::Prefixes]) {
        return Err(FieldError::missing(&tokens, "RDATA").help(format!("write `{}`", usage(row))));
    }
    let mut rest = tokens;
    let mut total = 0;
    let mut later = None;
    let mut selected = 0;
    for (index, (kind, name)) in row.kinds.iter().zip(row.names).enumerate() {
        let before = rest;
        match kind.given(selected) {
            Kind::Name(role) => {
                rest = name_field(rest, name, role, names, sink)
                    .map_err(|error| finish(error, &before, row, index))?;
            }
            Kind::Rname => {
                later = at_sign(rest);
                rest = name_field(rest, name, NameRole::Mailbox, names, sink)
                    .map_err(|error| finish(error, &before, row, index))?;
            }
            Kind::Names(role) => {
                while !rest.is_empty() {
                    rest = name_field(rest, name, role, names, sink)
                        .map_err(|error| finish(error, &before, row, index))?;
                }
            }
            Kind::Nothing if index + 1 < row.kinds.len() => {
                let at = before.rest.first().map_or(tokens.end, |next| next.outer().0);
                sink.field(index, at, at);
            }
            Kind::Nothing => {}
            kind => {
                names.buffer.clear();
                rest = match plain::field(kind, rest, &mut names.buffer) {
                    Some(rest) => rest,
                    None => {
                        field::field(kind, name, rest, &mut names.buffer)
                            .map_err(|error| finish(error, &before, row, index))?
                            .0
                    }
                };
                total += names.buffer.len();
                selected = kind.selects(&names.buffer).unwrap_or(selected);
                sink.octets(&names.buffer);
                if matches!(kind, Kind::Texts) && names.buffer.len() > strings::MAX_STRING {
                    later = strings::too_long(&before);
                }
            }
        }
        let taken = before.rest.len() - rest.rest.len();
        if let (Some(first), Some(last)) = (before.rest.first(), taken.checked_sub(1)) {
            let end = before.rest.get(last).map_or(tokens.end, |last| last.outer().1);
            sink.field(index, first.outer().0, end);
        }
    }
    if let (Some(first), Some(last)) = (rest.rest.first(), rest.rest.last()) {
        return Err(extra(*first, *last, &rest, row));
    }
    if total > usize::from(u16::MAX)
        && let (Some(first), Some(last)) = (tokens.rest.first(), tokens.rest.last())
    {
        let mut error =
            FieldError::at(*first, "syntax-error", format!("RDATA has {total} octets, over 65535"));
        error.end = last.outer().1;
        return Err(error);
    }
    later.map_or(Ok(()), Err)
}

/// The fields of a type as a person would write them down.
fn usage(row: &Row) -> String {
    row.names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ")
}

/// Takes the error out of its wrapping; says what a record with too few fields should look like.
fn finish(error: nom::Err<FieldError>, at: &Tokens<'_, '_>, row: &Row, index: usize) -> FieldError {
    let error = error.map(|error| match row.kinds.get(index) {
        Some(Kind::Gateway | Kind::Relay) => of_gateway(error, at),
        _ => error,
    });
    match error {
        nom::Err::Failure(error) => error,
        nom::Err::Error(error) if index > 0 => error.help(format!("write `{}`", usage(row))),
        nom::Err::Error(error) => error,
        nom::Err::Incomplete(_) => FieldError::missing(at, "RDATA"),
    }
}

/// An address that is missing where the type of the gateway or relay before it asks for one: what
/// stands there is of another type, unless it is an address written wrong.
fn of_gateway(error: FieldError, at: &Tokens<'_, '_>) -> FieldError {
    let text = at.peek().map_or(&b""[..], |(_, text)| text);
    let (is_address, help) = match error.rule.0 {
        "bad-ipv4" => (
            text.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.'),
            "type 1 is an IPv4 address; for others write type 2 (IPv6) or 3 (a name)",
        ),
        "bad-ipv6" => {
            (text.contains(&b':'), "type 2 is an IPv6 address; for others write type 1 (IPv4) or 3 (a name)")
        }
        _ => return error,
    };
    if is_address {
        return error;
    }
    FieldError { rule: RuleName("gateway-type-mismatch"), ..error }.help(help)
}

fn no_grammar(rtype: Rtype, tokens: &Tokens<'_, '_>) -> FieldError {
    let help = "write `\\#`, the number of octets and the octets in hexadecimal digits (RFC 3597)";
    match (tokens.rest.first(), tokens.rest.last()) {
        (Some(first), Some(last)) => {
            let message = format!("RDATA of type {rtype} can be read only in the form `\\#`");
            let mut error = FieldError::at(*first, "syntax-error", message).help(help);
            error.end = last.outer().1;
            error
        }
        _ => FieldError::missing(tokens, "RDATA").help(help),
    }
}

fn extra(first: Token, last: Token, rest: &Tokens<'_, '_>, row: &Row) -> FieldError {
    let after = row.names.last().copied().unwrap_or("RDATA");
    let text = first.text(rest.data);
    if first.kind == TokenKind::Text
        && let Some(len) = foreign_comment(text)
    {
        return non_zone_comment(first, len);
    }
    let text = fields::shown(text);
    let message = match rest.rest.len() {
        1 => format!("`{text}` is left over after the {after}"),
        count => format!("{count} fields from `{text}` on are left over after the {after}"),
    };
    let error = FieldError::at(first, "extra-rdata", message);
    let mut error = if each_is_rdata(rest, row) {
        error.help(format!("an {} record has one {after}; write one record for each", row.rtype))
    } else {
        error.help("remove it, or put `;` before it to make it a comment")
    };
    error.end = last.outer().1;
    error
}

/// Whether every token left could be the whole RDATA of a record of its own.
fn each_is_rdata(rest: &Tokens<'_, '_>, row: &Row) -> bool {
    let [kind @ (Kind::Ipv4 | Kind::Ipv6)] = row.kinds else { return false };
    let mut scratch = Vec::new();
    (0..rest.rest.len()).all(|index| field::field(*kind, "", rest.skip(index), &mut scratch).is_ok())
}

/// The length of the `#` or `//` that text begins with, the way other languages begin comments.
pub fn foreign_comment(text: &[u8]) -> Option<u32> {
    let run = |octet: u8| text.iter().take_while(|found| **found == octet).count() as u32;
    match (run(b'#'), run(b'/')) {
        (0, 0 | 1) => None,
        (0, slashes) => Some(slashes),
        (hashes, _) => Some(hashes),
    }
}

/// The error of a comment that begins as in another language.
pub fn non_zone_comment(token: Token, len: u32) -> FieldError {
    let mut error =
        FieldError::at(token, "non-zone-comment", "a comment begins with `;`, not with `#` or `//`")
            .help("comments start with `;`")
            .fix(Applicability::Safe, ";");
    error.end = token.start + len;
    error
}

/// Reads a name and hands it to the sink.
fn name_field<'d, 't, S: RdataSink>(
    input: Tokens<'d, 't>,
    name: &'static str,
    role: NameRole,
    names: &mut NameReader,
    sink: &mut S,
) -> Result<Tokens<'d, 't>, nom::Err<FieldError>> {
    if let Some((token, _)) = input.peek()
        && token.kind == TokenKind::Text
        && let Ok(form) = names.context.read(token, input.data, &mut names.buffer)
    {
        sink.name(&names.buffer, form, role, Some(token));
        return Ok(input.skip(1));
    }
    let (rest, (token, text)) = fields::bare(input, name)?;
    match names.context.read(token, input.data, &mut names.buffer) {
        Ok(form) => {
            sink.name(&names.buffer, form, role, Some(token));
            Ok(rest)
        }
        Err(error) => fields::fail(wrong_name(error, token, text, name)),
    }
}

fn wrong_name(error: NameError, token: Token, text: &[u8], name: &str) -> FieldError {
    let message = format!("{name} `{}`: {}", fields::shown(text), error.message());
    let mut wrong = FieldError::at(token, error.rule.0, message);
    wrong.end = token.end.min(token.start + error.end as u32);
    wrong.start = wrong.end.min(token.start + error.start as u32);
    wrong.help = error.help(text);
    wrong.fix = error.fix(text);
    wrong
}

/// The mistake of a mailbox written as in mail: `host@example.com.` (RFC 1035 section 8).
fn at_sign(input: Tokens<'_, '_>) -> Option<FieldError> {
    let (token, text) = input.peek()?;
    if text == b"@" || token.kind != TokenKind::Text {
        return None;
    }
    unescaped_signs(text).next()?;
    let message = format!("mailbox `{}` has an `@`", fields::shown(text));
    let error = FieldError::at(token, "soa-rname-at-sign", message);
    Some(match mailbox_name(text) {
        Some(meant) => {
            error.help(format!("write `{}`", fields::shown(&meant))).fix(Applicability::Safe, meant)
        }
        None => error.help("write the mailbox as a name, a dot in the place of the `@`"),
    })
}

fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 1
}

fn unescaped_signs(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr_iter(b'@', text).filter(|at| !is_escaped(text, *at))
}

/// A mail address as the name that stands for it; none when it is no mail address.
pub fn mailbox_name(text: &[u8]) -> Option<Vec<u8>> {
    let mut signs = unescaped_signs(text);
    let at = signs.next()?;
    let (local, domain) = (&text[..at], &text[at + 1..]);
    if signs.next().is_some() || local.is_empty() || domain.is_empty() {
        return None;
    }
    let mut name = Vec::with_capacity(text.len() + 4);
    for (index, octet) in local.iter().enumerate() {
        if *octet == b'.' && !is_escaped(local, index) {
            name.push(b'\\');
        }
        name.push(*octet);
    }
    name.push(b'.');
    name.extend_from_slice(domain);
    if domain.contains(&b'.') && !domain.ends_with(b".") {
        name.push(b'.');
    }
    Some(name)
}

#[cfg(test)]
mod tests;
