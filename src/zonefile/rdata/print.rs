//! RDATA as text, the way BIND prints it (RFC 1035 section 5.1, RFC 3597 section 5).

use super::super::name::{self, Name};
use super::super::rtype::Rtype;
use super::mnemonics::Mnemonics;
use super::table::{self, Kind, Row};
use super::{apl, encoding, hip, historic, loc, strings, svcb, time, wins, wire};
use std::net::{Ipv4Addr, Ipv6Addr};

/// BIND puts a blank after so many digits of long hexadecimal digits and base64.
const CHUNK: usize = 56;

/// The text of RDATA that is given as wire form without name compression: what a zone file holds
/// after the type.
///
/// Names are printed in lower case: absolute, or relative to `origin` if they lie at or below it.
/// Octets that are no RDATA of the type, and those of a type without fields, are printed as `\#`,
/// their number and hexadecimal digits. Times of signatures are those of 1970 to 2106.
pub fn print(rtype: Rtype, wire: &[u8], origin: Option<&Name>) -> String {
    table::row(rtype).and_then(|row| fields(row, wire, origin)).unwrap_or_else(|| generic(wire))
}

fn generic(wire: &[u8]) -> String {
    let mut out = format!("\\# {}", wire.len());
    if !wire.is_empty() {
        out.push(' ');
        let mut digits = String::with_capacity(wire.len() * 2);
        encoding::push_hex(wire, &mut digits);
        push_chunks(&digits, &mut out);
    }
    out
}

/// None when the octets are no RDATA of the type, or have no text but `\#`.
fn fields(row: &Row, wire: &[u8], origin: Option<&Name>) -> Option<String> {
    let mut out = String::new();
    let mut rest = wire;
    let mut selected = 0;
    for kind in row.kinds {
        let kind = kind.given(selected);
        let (field, after) = rest.split_at_checked(wire::field_len(kind, rest).ok()?)?;
        let len = out.len();
        if len > 0 {
            out.push(' ');
        }
        let before = out.len();
        self::field(kind, field, origin, &mut out)?;
        if out.len() == before {
            out.truncate(len);
        }
        selected = kind.selects(field).unwrap_or(selected);
        rest = after;
    }
    rest.is_empty().then_some(out)
}

fn field(kind: Kind, octets: &[u8], origin: Option<&Name>, out: &mut String) -> Option<()> {
    match kind {
        Kind::Name(_) | Kind::Rname => push_name(octets, origin, out),
        Kind::Names(_) => {
            let mut left = octets;
            while let Some((_, len)) = name::from_wire(left) {
                if left.len() < octets.len() {
                    out.push(' ');
                }
                push_name(left, origin, out);
                left = left.get(len..)?;
            }
        }
        Kind::U8
        | Kind::U16
        | Kind::Preference
        | Kind::U32
        | Kind::U64
        | Kind::Code8(_)
        | Kind::KeyFlags
        | Kind::Period
        | Kind::GatewayType
        | Kind::PrefixLength => out.push_str(&number(octets).to_string()),
        Kind::Named8(known) | Kind::Named16(known) => push_named(number(octets), known, out),
        Kind::Ipv4 => out.push_str(&Ipv4Addr::from(*octets.first_chunk::<4>()?).to_string()),
        Kind::Ipv6 => out.push_str(&Ipv6Addr::from(*octets.first_chunk::<16>()?).to_string()),
        Kind::Text => strings::push_quoted(octets.get(1..)?, out),
        Kind::TextOrNone | Kind::Texts => push_strings(octets, out),
        Kind::LongText | Kind::QuotedText => strings::push_quoted(octets, out),
        Kind::Tag => out.extend(octets.iter().skip(1).map(|octet| char::from(*octet))),
        Kind::Hex => {
            let mut digits = String::with_capacity(octets.len() * 2);
            encoding::push_hex(octets, &mut digits);
            push_chunks(&digits, out);
        }
        Kind::Base64OrNone if octets.is_empty() => out.push('-'),
        Kind::Base64 | Kind::Base64OrNone => {
            let mut digits = String::with_capacity(octets.len() / 3 * 4 + 4);
            encoding::push_base64(octets, &mut digits);
            push_chunks(&digits, out);
        }
        Kind::Salt if octets.len() == 1 => out.push('-'),
        Kind::Salt => encoding::push_hex(octets.get(1..)?, out),
        Kind::NextHashed => encoding::push_base32hex(octets.get(1..)?, out),
        Kind::Type => out.push_str(&Rtype(number(octets) as u16).to_string()),
        Kind::Types { .. } => push_types(octets, out),
        Kind::OldTypes => push_joined(historic::bits(octets).map(historic::type_text), " ", out),
        Kind::Ports => push_joined(historic::bits(octets).map(|port| port.to_string()), " ", out),
        Kind::Time => time::print(number(octets), out)?,
        Kind::Eui(_) => push_joined(octets.iter().map(|octet| format!("{octet:02x}")), "-", out),
        Kind::Locator => {
            push_joined(octets.chunks(2).map(|group| format!("{:x}", number(group))), ":", out);
        }
        Kind::Location => loc::print(octets, out),
        Kind::Params => svcb::print(octets, out),
        Kind::Prefixes => apl::print(octets, out).then_some(())?,
        Kind::Discovery => {
            let octet = octets.first()?;
            out.push_str(&format!("{} {}", octet >> 7, octet & 0x7f));
        }
        Kind::NoGateway => out.push('.'),
        Kind::HostIdentity => {
            let (algorithm, tag, key) = hip::parts(octets)?;
            out.push_str(&format!("{algorithm} "));
            encoding::push_hex(tag, out);
            out.push(' ');
            encoding::push_base64(key, out);
        }
        Kind::Nsap => {
            out.push_str("0x");
            push_joined(octets.iter().map(|octet| format!("{octet:02x}")), "", out);
        }
        Kind::Atma => push_atma(octets, out)?,
        Kind::Suffix(_) => out.push_str(&Ipv6Addr::from(historic::suffix_address(octets)).to_string()),
        Kind::WinsTimes => push_wins_times(octets, out)?,
        Kind::Servers => {
            let addresses = octets.get(4..)?.chunks(4).filter_map(|address| address.first_chunk::<4>());
            push_joined(addresses.map(|address| Ipv4Addr::from(*address).to_string()), " ", out);
        }
        Kind::Nothing => {}
        Kind::OtherRelay | Kind::Gateway | Kind::Relay | Kind::Key | Kind::PrefixName => return None,
    }
    Some(())
}

/// The number that at most eight octets stand for.
fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet))
}

fn push_named(number: u64, known: Mnemonics, out: &mut String) {
    match known.iter().find(|(_, value)| u64::from(*value) == number) {
        Some((mnemonic, _)) => out.push_str(mnemonic),
        None => out.push_str(&number.to_string()),
    }
}

fn push_joined(parts: impl Iterator<Item = String>, between: &str, out: &mut String) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        out.push_str(&part);
    }
}

/// Appends ASCII digits with blanks between pieces of [`CHUNK`].
fn push_chunks(digits: &str, out: &mut String) {
    let mut left = digits;
    while let Some((chunk, more)) = left.split_at_checked(CHUNK).filter(|(_, more)| !more.is_empty()) {
        out.push_str(chunk);
        out.push(' ');
        left = more;
    }
    out.push_str(left);
}

/// Appends the name at the front of some octets. Beside what canonical text escapes, `@` and `$` get
/// a backslash, since they would mean something else at the beginning.
fn push_name(octets: &[u8], origin: Option<&Name>, out: &mut String) {
    let Some((absolute, _)) = name::from_wire(octets) else { return };
    let relative = origin.and_then(|origin| origin.relative(&absolute));
    let text = relative.unwrap_or(&absolute);
    if relative == Some(b"") {
        out.push('@');
        return;
    }
    for octet in text {
        if matches!(octet, b'@' | b'$') {
            out.push('\\');
        }
        out.push(char::from(*octet));
    }
    if relative.is_none() {
        out.push('.');
    }
}

fn push_strings(octets: &[u8], out: &mut String) {
    let mut left = octets;
    while let Some((len, after)) = left.split_first() {
        let (text, after) = after.split_at_checked(usize::from(*len)).unwrap_or((after, &[]));
        if left.len() < octets.len() {
            out.push(' ');
        }
        strings::push_quoted(text, out);
        left = after;
    }
}

/// Appends the types of a bitmap in windows (RFC 4034 section 4.1.2).
fn push_types(octets: &[u8], out: &mut String) {
    let mut left = octets;
    let mut types = Vec::new();
    while let [window, len, after @ ..] = left {
        let (bits, after) = after.split_at_checked(usize::from(*len)).unwrap_or((after, &[]));
        let first = u32::from(*window) << 8;
        types.extend(historic::bits(bits).filter_map(|bit| u16::try_from(first + bit).ok()));
        left = after;
    }
    push_joined(types.into_iter().map(|number| Rtype(number).to_string()), " ", out);
}

/// Appends an ATM address; none when its format has no text.
fn push_atma(octets: &[u8], out: &mut String) -> Option<()> {
    match octets {
        [historic::ATM_SYSTEM, address @ ..] => {
            push_joined(address.iter().map(|octet| format!("{octet:02x}")), "", out);
        }
        [historic::ATM_NUMBER, digits @ ..] => {
            out.push('+');
            out.extend(digits.iter().map(|digit| char::from(*digit)));
        }
        _ => return None,
    }
    Some(())
}

/// Appends the flag and times of a WINS record; none when there are flags without a text.
fn push_wins_times(octets: &[u8], out: &mut String) -> Option<()> {
    let mut words = octets.chunks(4).map(number);
    let (flags, lookup, cache) = (words.next()?, words.next()?, words.next()?);
    match flags {
        0 => {}
        _ if flags == u64::from(wins::LOCAL) => out.push_str("LOCAL "),
        _ => return None,
    }
    out.push_str(&format!("L{lookup} C{cache}"));
    Some(())
}
