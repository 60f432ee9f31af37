//! Character-strings (RFC 1035 sections 3.3 and 5.1): bare or quoted, escapes decimal.

use super::super::name::{escape_help, read_escape};
use super::super::token::{FieldError, FieldResult, Token, TokenKind, Tokens};
use super::fields::{fail, shown, token};
use crate::diagnostic::{Applicability, RuleName};
use nom::Parser as _;
use nom::multi::fold_many1;

/// Longest character-string in octets: its length stands in one octet.
pub(in crate::zonefile) const MAX_STRING: usize = 255;

/// One string of at most 255 octets.
pub(super) fn text<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    string(input, name, false, out)
}

/// One or more strings up to the end.
pub(super) fn texts<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    fold_many1(|rest| string(rest, name, true, out), || (), |(), ()| ()).parse(input)
}

/// One string of any length, without a length octet.
pub(super) fn long_text<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = token(input, name)?;
    push_unescaped(found, text, out)?;
    Ok((rest, ()))
}

/// As [`long_text`], but it must stand in quotes.
pub(super) fn quoted_text<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, ()) = long_text(input, name, out)?;
    match input.peek() {
        Some((found, text)) if found.kind == TokenKind::Text => {
            let meant = [b"\"", text, b"\""].concat();
            let message = format!("{name} `{}` stands without quotes", shown(text));
            fail(
                FieldError::at(found, "syntax-error", message)
                    .help("put it in quotes")
                    .fix(Applicability::Safe, meant),
            )
        }
        _ => Ok((rest, ())),
    }
}

fn string<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    may_be_split: bool,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    let (rest, (found, text)) = token(input, name)?;
    let at = out.len();
    out.push(0);
    push_unescaped(found, text, out)?;
    let len = out.len() - at - 1;
    if let Ok(len) = u8::try_from(len) {
        out[at] = len;
        return Ok((rest, ()));
    }
    if !may_be_split {
        return fail(too_long_token(found, len));
    }
    let octets = out.split_off(at + 1);
    out.truncate(at);
    for part in octets.chunks(MAX_STRING) {
        out.push(part.len() as u8);
        out.extend_from_slice(part);
    }
    Ok((rest, ()))
}

/// The error of the first string that is too long, among strings that may be split.
pub(super) fn too_long(tokens: &Tokens<'_, '_>) -> Option<FieldError> {
    tokens.rest.iter().find_map(|token| {
        let text = token.text(tokens.data);
        let mut octets = Vec::new();
        push_unescaped(*token, text, &mut octets).ok()?;
        (octets.len() > MAX_STRING).then(|| {
            too_long_token(*token, octets.len())
                .help("split it into strings of at most 255 octets; readers of TXT join them again")
                .fix(Applicability::Safe, split(text, token.octal))
        })
    })
}

fn too_long_token(token: Token, len: usize) -> FieldError {
    FieldError::at(token, "string-too-long", format!("a string of {len} octets is over {MAX_STRING}"))
}

/// Appends the octets that the text of a string stands for.
pub(super) fn push_unescaped(
    token: Token,
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), nom::Err<FieldError>> {
    if !token.escaped {
        out.extend_from_slice(text);
        return Ok(());
    }
    let mut at = 0;
    while let Some(&octet) = text.get(at) {
        if octet != b'\\' {
            out.push(octet);
            at += 1;
            continue;
        }
        match read_escape(&text[at..], token.octal) {
            Ok((value, len)) => {
                out.push(value);
                at += len;
            }
            Err(len) => return fail(bad_escape(token, at, &text[at..(at + len).min(text.len())])),
        }
    }
    Ok(())
}

/// The error of an escape that stands for nothing, `at` octets into its token.
fn bad_escape(token: Token, at: usize, escape: &[u8]) -> FieldError {
    let start = token.start + at as u32;
    FieldError {
        rule: RuleName("bad-escape"),
        start,
        end: start + escape.len() as u32,
        message: format!("`{}` is no escape", String::from_utf8_lossy(escape)).into(),
        help: Some(escape_help(escape)),
        fix: None,
    }
}

/// The source text of one string as quoted strings of at most 255 octets, escapes kept whole.
fn split(text: &[u8], octal: bool) -> Vec<u8> {
    let mut fixed = Vec::with_capacity(text.len() + 8);
    let (mut at, mut count) = (0, 0);
    fixed.push(b'"');
    while at < text.len() {
        let len = match text[at] {
            b'\\' => read_escape(&text[at..], octal).map_or(1, |(_, len)| len),
            _ => 1,
        };
        if count == MAX_STRING {
            fixed.extend_from_slice(b"\" \"");
            count = 0;
        }
        fixed.extend_from_slice(&text[at..at + len]);
        at += len;
        count += 1;
    }
    fixed.push(b'"');
    fixed
}

/// Appends octets as a quoted string (RFC 1035 section 5.1).
pub(super) fn push_quoted(octets: &[u8], out: &mut String) {
    out.push('"');
    for octet in octets {
        match octet {
            b'"' | b'\\' => out.extend(['\\', char::from(*octet)]),
            b' '..=b'~' => out.push(char::from(*octet)),
            other => out.push_str(&format!("\\{other:03}")),
        }
    }
    out.push('"');
}
