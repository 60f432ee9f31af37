//! Field kinds on the wire: how many octets a field takes, and whether they can be one.

use super::super::name;
use super::table::{Kind, SHORT};
use super::{apl, hip, historic, loc, svcb, wins};

/// Length in octets of the field at the front of `rest`; never more than there are.
///
/// # Errors
/// What is wrong with the octets, to be said after the field's name.
pub(super) fn field_len(kind: Kind, rest: &[u8]) -> Result<usize, &'static str> {
    let fixed = |len: usize| if rest.len() < len { Err(SHORT) } else { Ok(len) };
    match kind {
        Kind::Name(_) | Kind::Rname => {
            name::from_wire(rest).map(|(_, len)| len).ok_or("is no uncompressed name")
        }
        Kind::Names(_) => {
            let mut at = 0;
            while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
                at += name::from_wire(left).ok_or("has one that is no uncompressed name")?.1;
            }
            Ok(at)
        }
        Kind::U8 | Kind::Code8(_) | Kind::Named8(_) | Kind::Discovery => fixed(1),
        Kind::U16 | Kind::Preference | Kind::Named16(_) | Kind::Type | Kind::KeyFlags => fixed(2),
        Kind::U32 | Kind::Period | Kind::Time | Kind::Ipv4 => fixed(4),
        Kind::Locator | Kind::U64 => fixed(8),
        Kind::Ipv6 => fixed(16),
        Kind::Eui(len) => fixed(len),
        Kind::Text | Kind::Salt => prefixed(rest),
        Kind::TextOrNone if rest.is_empty() => Ok(0),
        Kind::TextOrNone => prefixed(rest),
        Kind::NextHashed => not_empty(prefixed(rest)?, 1),
        Kind::Tag => {
            let len = not_empty(prefixed(rest)?, 1)?;
            let tag = rest.get(1..len).unwrap_or_default();
            tag.iter().all(u8::is_ascii_alphanumeric).then_some(len).ok_or("is not letters and digits only")
        }
        Kind::Texts => {
            let mut at = 0;
            while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
                at += prefixed(left)?;
            }
            not_empty(at, 0)
        }
        Kind::LongText | Kind::QuotedText | Kind::Base64OrNone | Kind::OtherRelay => Ok(rest.len()),
        Kind::Hex | Kind::Base64 => not_empty(rest.len(), 0),
        Kind::Types { may_be_empty } => types(rest, may_be_empty),
        Kind::Location => loc::check(rest),
        Kind::Params => svcb::check(rest),
        Kind::Prefixes => apl::check(rest),
        Kind::GatewayType => match rest.first() {
            None => Err(SHORT),
            Some(0..=3) => Ok(1),
            Some(_) => Err("is over 3"),
        },
        Kind::HostIdentity => hip::check(rest),
        Kind::Nsap => not_empty(rest.len(), 0),
        Kind::Atma => historic::check_atma(rest),
        Kind::Ports => historic::check_ports(rest),
        Kind::OldTypes => historic::check_types(rest),
        Kind::PrefixLength => match rest.first() {
            None => Err(SHORT),
            Some(0..=128) => Ok(1),
            Some(_) => Err("is over 128"),
        },
        Kind::Suffix(prefix) => historic::check_suffix(prefix, rest),
        Kind::WinsTimes => fixed(wins::TIMES),
        Kind::Servers => wins::check(rest),
        Kind::NoGateway | Kind::Nothing => Ok(0),
        Kind::Gateway | Kind::Relay | Kind::Key | Kind::PrefixName => Ok(0),
    }
}

fn not_empty(len: usize, least: usize) -> Result<usize, &'static str> {
    if len > least { Ok(len) } else { Err("is missing") }
}

/// Length of a field that begins with a length octet, that octet counted.
fn prefixed(rest: &[u8]) -> Result<usize, &'static str> {
    let len = 1 + usize::from(*rest.first().ok_or("is missing")?);
    if rest.len() < len { Err(SHORT) } else { Ok(len) }
}

/// A bitmap of types: windows in order, none empty, no zero octets at a window's end.
fn types(rest: &[u8], may_be_empty: bool) -> Result<usize, &'static str> {
    let mut at = 0;
    let mut last = None;
    while let Some(&window) = rest.get(at) {
        let len = usize::from(*rest.get(at + 1).ok_or(SHORT)?);
        let bits = rest.get(at + 2..at + 2 + len).ok_or(SHORT)?;
        if last.is_some_and(|last| last >= window) {
            return Err("has windows out of order");
        }
        if len > 32 || bits.last().is_none_or(|octet| *octet == 0) {
            return Err("has a window of wrong length");
        }
        last = Some(window);
        at += 2 + len;
    }
    if may_be_empty { Ok(at) } else { not_empty(at, 0) }
}
