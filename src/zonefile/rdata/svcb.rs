//! Service parameters (RFC 9460 sections 2.1 and 7, RFC 9461, RFC 9540).

use super::super::token::{FieldError, FieldResult, Token, TokenKind, Tokens};
use super::fields::{digits, dotted_quad, fail, ipv6_text, shown};
use super::{encoding, strings};
use crate::diagnostic::nearest;
use nom::Parser as _;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::{all_consuming, opt, rest};
use nom::sequence::preceded;
use std::net::{Ipv4Addr, Ipv6Addr};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6HINT: u16 = 6;
const DOHPATH: u16 = 7;
const OHTTP: u16 = 8;

/// Names of keys, each at the place of its number.
static KEYS: [&str; 9] =
    ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"];

/// One parameter: its key, where it stands, its value on the wire.
struct Param {
    key: u16,
    token: Token,
    value: Vec<u8>,
}

/// Parameters up to the end, in any order; they are appended in the order of their keys.
pub(super) fn params<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let mut left = input;
    let mut params = Vec::new();
    while !left.is_empty() {
        let (after, param) = param(left)?;
        params.push(param);
        left = after;
    }
    params.sort_by_key(|param| param.key);
    if let Some(again) =
        params.iter().zip(params.iter().skip(1)).find(|(one, two)| one.key == two.key).map(|pair| pair.1)
    {
        let message = format!("parameter `{}` stands twice", key_name(again.key));
        return fail(FieldError::at(again.token, "svcb-duplicate-key", message));
    }
    if let Some(param) = params.first().filter(|param| param.key == MANDATORY) {
        for key in keys_of(&param.value) {
            if key == MANDATORY || params.iter().all(|other| other.key != key) {
                let why = if key == MANDATORY { "itself" } else { "which is not there" };
                let message = format!("`mandatory` lists `{}`, {why}", key_name(key));
                return fail(FieldError::at(param.token, "svcb-mandatory", message));
            }
        }
    }
    if let Some(param) = params.iter().find(|param| param.key == NO_DEFAULT_ALPN)
        && params.iter().all(|other| other.key != ALPN)
    {
        let message = "`no-default-alpn` stands without `alpn`";
        return fail(FieldError::at(param.token, "svcb-no-default-alpn", message));
    }
    for param in &params {
        let len = u16::try_from(param.value.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&param.key.to_be_bytes());
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&param.value);
    }
    Ok((left, ()))
}

fn key_name(key: u16) -> String {
    KEYS.get(usize::from(key)).map_or_else(|| format!("key{key}"), |name| (*name).to_owned())
}

/// Reads a key by name or as `keyNNNNN`; says whether it was written by name.
fn read_key(text: &[u8]) -> Option<(u16, bool)> {
    if let Some(at) = KEYS.iter().position(|name| name.as_bytes() == text) {
        return Some((at as u16, true));
    }
    let number = text.strip_prefix(b"key")?;
    if number.len() > 1 && number.starts_with(b"0") {
        return None;
    }
    Some((u16::try_from(digits(number)?).ok()?, false))
}

fn keys_of(value: &[u8]) -> impl Iterator<Item = u16> + '_ {
    value.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1]))
}

/// `key`, `key=value` or `key="value"`; in the last form the scanner makes two tokens that touch.
fn param<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, Param> {
    let (mut after, (token, text)) = super::fields::bare(input, "parameter")?;
    let key = take_while1::<_, &[u8], nom::error::Error<&[u8]>>(|octet: u8| {
        octet.is_ascii_alphanumeric() || octet == b'-'
    });
    let parts = all_consuming((key, opt(preceded(char('='), rest)))).parse(text);
    let Ok((_, (key, mut value))) = parts else {
        let message = format!("expected a parameter as `key=value`, found `{}`", shown(text));
        return fail(FieldError::at(token, "svcb-param-syntax", message));
    };
    let mut value_token = Token { start: token.end - value.map_or(0, <[u8]>::len) as u32, ..token };
    let mut whole = token;
    if value == Some(b"")
        && let Some((next, quoted)) = after.peek()
        && next.kind == TokenKind::Quoted
        && next.outer().0 == token.end
    {
        (value, value_token) = (Some(quoted), next);
        whole.end = next.outer().1;
        after = after.skip(1);
    }
    let Some((number, by_name)) = read_key(key) else { return fail(unknown_key(token, key)) };
    let mut octets = Vec::new();
    strings::push_unescaped(value_token, value.unwrap_or_default(), &mut octets)?;
    let read = if by_name { from_text(number, &octets) } else { Ok(octets) };
    let checked = read.and_then(|value| check_value(number, &value).map(|()| value));
    match checked {
        Ok(value) if value.len() <= usize::from(u16::MAX) => {
            Ok((after, Param { key: number, token: whole, value }))
        }
        Ok(_) => fail(wrong_value(whole, key, "is longer than 65535 octets")),
        Err(why) => fail(wrong_value(whole, key, why)),
    }
}

fn wrong_value(token: Token, key: &[u8], why: &str) -> FieldError {
    FieldError::at(token, "svcb-param-syntax", format!("value of parameter `{}` {why}", shown(key)))
}

fn unknown_key(token: Token, key: &[u8]) -> FieldError {
    let key = shown(key);
    let error = FieldError::at(token, "svcb-param-syntax", format!("`{key}` is no service parameter"));
    match nearest(&key, KEYS) {
        Some(meant) => error.help(format!("did you mean `{meant}`?")),
        None => error.help("write a key without a name as `keyNNNNN`"),
    }
}

/// The wire form of a value from its text, escapes of the string already undone.
fn from_text(key: u16, text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    let parts = || text.split(|octet| *octet == b',');
    match key {
        MANDATORY => {
            let mut keys = Vec::new();
            for part in parts() {
                keys.push(read_key(part).ok_or("lists something that is no key")?.0);
            }
            keys.sort_unstable();
            out.extend(keys.iter().flat_map(|key| key.to_be_bytes()));
        }
        ALPN => {
            for id in list_items(text) {
                out.push(u8::try_from(id.len()).map_err(|_| "has a protocol of more than 255 octets")?);
                out.extend_from_slice(&id);
            }
        }
        PORT => {
            let port = digits(text).and_then(|port| u16::try_from(port).ok());
            out.extend_from_slice(&port.ok_or("is not a number from 0 to 65535")?.to_be_bytes());
        }
        IPV4HINT => {
            for part in parts() {
                out.extend_from_slice(&dotted_quad(part).ok_or("is not IPv4 addresses with commas between")?);
            }
        }
        IPV6HINT => {
            for part in parts() {
                out.extend_from_slice(&ipv6_text(part).ok_or("is not IPv6 addresses with commas between")?);
            }
        }
        ECH => {
            if !encoding::decode_base64([text], &mut out) {
                return Err("is no base64");
            }
        }
        _ => out.extend_from_slice(text),
    }
    Ok(out)
}

/// The items of a list with commas; a backslash makes the comma or backslash after it part of an
/// item (RFC 9460 appendix A.1).
fn list_items(text: &[u8]) -> Vec<Vec<u8>> {
    let mut items = vec![Vec::new()];
    let mut octets = text.iter();
    while let Some(&octet) = octets.next() {
        match octet {
            b',' => items.push(Vec::new()),
            octet => {
                let octet = if octet == b'\\' { octets.next().copied().unwrap_or(octet) } else { octet };
                if let Some(item) = items.last_mut() {
                    item.push(octet);
                }
            }
        }
    }
    items
}

/// Checks a value on the wire; of an unknown key anything goes.
fn check_value(key: u16, value: &[u8]) -> Result<(), &'static str> {
    let wrong = match key {
        MANDATORY if value.is_empty() || value.len() % 2 == 1 => "lists no keys",
        MANDATORY if keys_of(value).zip(keys_of(value).skip(1)).any(|(a, b)| a == b) => "lists a key twice",
        MANDATORY if keys_of(value).zip(keys_of(value).skip(1)).any(|(a, b)| a > b) => "is not in order",
        ALPN if !is_alpn(value) => "is not protocols with commas between",
        NO_DEFAULT_ALPN | OHTTP if !value.is_empty() => "must not be there",
        PORT if value.len() != 2 => "is not a port",
        IPV4HINT if value.is_empty() || !value.len().is_multiple_of(4) => "is no list of IPv4 addresses",
        IPV6HINT if value.is_empty() || !value.len().is_multiple_of(16) => "is no list of IPv6 addresses",
        DOHPATH if !is_dohpath(value) => "is not a relative URI template with `{?dns}`",
        _ => return Ok(()),
    };
    Err(wrong)
}

fn is_alpn(mut value: &[u8]) -> bool {
    if value.is_empty() {
        return false;
    }
    while let Some((&len, after)) = value.split_first() {
        match after.get(usize::from(len)..) {
            Some(left) if len > 0 => value = left,
            _ => return false,
        }
    }
    true
}

/// RFC 9461 section 5: begins with a slash and takes the variable `dns`.
fn is_dohpath(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|path| {
        path.starts_with('/')
            && path.split('{').skip(1).any(|part| {
                part.split('}').next().is_some_and(|names| {
                    names.trim_start_matches(|c| "?&+#./;".contains(c)).split(',').any(|name| name == "dns")
                })
            })
    })
}

/// Checks parameters on the wire: keys in order and once, values as they must be.
pub(super) fn check(octets: &[u8]) -> Result<usize, &'static str> {
    let mut at = 0;
    let mut keys = Vec::new();
    let mut mandatory: &[u8] = &[];
    while let Some(&[key_high, key_low, len_high, len_low]) = octets.get(at..).and_then(<[u8]>::first_chunk) {
        let key = u16::from_be_bytes([key_high, key_low]);
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let value = octets.get(at + 4..at + 4 + len).ok_or(super::table::SHORT)?;
        if keys.last().is_some_and(|last| *last >= key) {
            return Err("has keys out of order");
        }
        check_value(key, value).map_err(|_| "has a value that its key does not allow")?;
        if key == MANDATORY {
            mandatory = value;
        }
        keys.push(key);
        at += 4 + len;
    }
    if at < octets.len() {
        return Err(super::table::SHORT);
    }
    if keys_of(mandatory).any(|key| key == MANDATORY || !keys.contains(&key)) {
        return Err("lacks a key that `mandatory` lists");
    }
    if keys.contains(&NO_DEFAULT_ALPN) && !keys.contains(&ALPN) {
        return Err("has `no-default-alpn` without `alpn`");
    }
    Ok(at)
}

/// The text of parameters on the wire that [`check`] allows, as BIND 9.18 prints it: keys from
/// `dohpath` on by number, which older servers read too.
pub(super) fn print(octets: &[u8], out: &mut String) {
    let mut left = octets;
    while let [key_high, key_low, len_high, len_low, after @ ..] = left {
        let key = u16::from_be_bytes([*key_high, *key_low]);
        let len = usize::from(u16::from_be_bytes([*len_high, *len_low]));
        let (value, after) = after.split_at_checked(len).unwrap_or((after, &[]));
        if left.len() < octets.len() {
            out.push(' ');
        }
        left = after;
        if key < DOHPATH {
            out.push_str(&key_name(key));
        } else {
            out.push_str(&format!("key{key}"));
        }
        if value.is_empty() {
            continue;
        }
        out.push('=');
        match key {
            MANDATORY => out.push_str(&keys_of(value).map(key_name).collect::<Vec<_>>().join(",")),
            ALPN => print_alpn(value, out),
            PORT => out.push_str(&keys_of(value).map(|port| port.to_string()).collect::<String>()),
            IPV4HINT => {
                let addresses = value.chunks_exact(4).filter_map(|octets| octets.first_chunk::<4>());
                let addresses = addresses.map(|octets| Ipv4Addr::from(*octets).to_string());
                out.push_str(&addresses.collect::<Vec<_>>().join(","));
            }
            IPV6HINT => {
                let addresses = value.chunks_exact(16).filter_map(|octets| octets.first_chunk::<16>());
                let addresses = addresses.map(|octets| Ipv6Addr::from(*octets).to_string());
                out.push_str(&addresses.collect::<Vec<_>>().join(","));
            }
            ECH => encoding::push_base64(value, out),
            _ => strings::push_quoted(value, out),
        }
    }
}

/// Protocols with commas between, those within a protocol escaped, and the whole then as a string.
fn print_alpn(mut value: &[u8], out: &mut String) {
    let mut list = Vec::with_capacity(value.len());
    while let Some((len, after)) = value.split_first() {
        let (id, after) = after.split_at_checked(usize::from(*len)).unwrap_or((after, &[]));
        if !list.is_empty() {
            list.push(b',');
        }
        for octet in id {
            if matches!(octet, b',' | b'\\') {
                list.push(b'\\');
            }
            list.push(*octet);
        }
        value = after;
    }
    strings::push_quoted(&list, out);
}
