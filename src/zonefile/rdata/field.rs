//! One field of any kind: which parser reads it, and its wire form.

use super::super::token::{FieldResult, Tokens};
use super::fields::{
    code, discovery, ipv4, ipv6, key_flags, locator, no_gateway, number, period, preference, rtype, tag,
    types, u64_number,
};
use super::table::Kind;
use super::{apl, encoding, hip, historic, loc, strings, svcb, time, wins};

/// Reads one field of any kind but a name.
pub(super) fn field<'d, 't>(
    kind: Kind,
    name: &'static str,
    input: Tokens<'d, 't>,
    out: &mut Vec<u8>,
) -> FieldResult<'d, 't, ()> {
    match kind {
        Kind::U8 => number(input, name, u8::MAX.into()).map(|(rest, value)| (rest, out.push(value as u8))),
        Kind::U16 => number(input, name, u16::MAX.into())
            .map(|(rest, value)| (rest, out.extend_from_slice(&(value as u16).to_be_bytes()))),
        Kind::Preference => preference(input, name)
            .map(|(rest, value)| (rest, out.extend_from_slice(&(value as u16).to_be_bytes()))),
        Kind::U32 => number(input, name, u32::MAX)
            .map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes()))),
        Kind::U64 => {
            u64_number(input, name).map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes())))
        }
        Kind::Code8(known) | Kind::Named8(known) => {
            code(input, name, known, u8::MAX.into()).map(|(rest, value)| (rest, out.push(value as u8)))
        }
        Kind::KeyFlags => {
            key_flags(input, name).map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes())))
        }
        Kind::Named16(known) => code(input, name, known, u16::MAX)
            .map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes()))),
        Kind::Period => {
            period(input, name).map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes())))
        }
        Kind::Ipv4 => ipv4(input, name).map(|(rest, octets)| (rest, out.extend_from_slice(&octets))),
        Kind::Ipv6 => ipv6(input, name).map(|(rest, octets)| (rest, out.extend_from_slice(&octets))),
        Kind::Text => strings::text(input, name, out),
        Kind::TextOrNone if input.is_empty() => Ok((input, ())),
        Kind::TextOrNone => strings::text(input, name, out),
        Kind::Texts => strings::texts(input, name, out),
        Kind::LongText => strings::long_text(input, name, out),
        Kind::QuotedText => strings::quoted_text(input, name, out),
        Kind::Tag => tag(input, name, out),
        Kind::Hex => encoding::hex(input, name, out),
        Kind::Base64 => encoding::base64(input, name, out),
        Kind::Base64OrNone => encoding::base64_or_none(input, name, out),
        Kind::Salt => encoding::salt(input, name, out),
        Kind::NextHashed => encoding::next_hashed(input, name, out),
        Kind::Type => {
            rtype(input, name).map(|(rest, rtype)| (rest, out.extend_from_slice(&rtype.0.to_be_bytes())))
        }
        Kind::Types { may_be_empty } => types(input, name, may_be_empty, out),
        Kind::Time => {
            time::time(input, name).map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes())))
        }
        Kind::Eui(count) => encoding::eui(input, name, count, out),
        Kind::Locator => {
            locator(input, name).map(|(rest, value)| (rest, out.extend_from_slice(&value.to_be_bytes())))
        }
        Kind::Location => loc::location(input, out),
        Kind::Params => svcb::params(input, out),
        Kind::Prefixes => apl::prefixes(input, name, out),
        Kind::GatewayType => number(input, name, 3).map(|(rest, value)| (rest, out.push(value as u8))),
        Kind::NoGateway => no_gateway(input, name),
        Kind::Discovery => discovery(input, name).map(|(rest, octet)| (rest, out.push(octet))),
        Kind::HostIdentity => hip::identity(input, out),
        Kind::Nsap => historic::nsap(input, name, out),
        Kind::Atma => historic::atma(input, name, out),
        Kind::Ports => historic::ports(input, out),
        Kind::OldTypes => historic::types(input, out),
        Kind::PrefixLength => number(input, name, 128).map(|(rest, value)| (rest, out.push(value as u8))),
        Kind::Suffix(prefix) => {
            ipv6(input, name).map(|(rest, octets)| (rest, historic::push_suffix(prefix, &octets, out)))
        }
        Kind::WinsTimes => wins::times(input, out),
        Kind::Servers => wins::servers(input, name, out),
        Kind::Name(_)
        | Kind::Names(_)
        | Kind::Rname
        | Kind::Gateway
        | Kind::Relay
        | Kind::OtherRelay
        | Kind::Key
        | Kind::PrefixName
        | Kind::Nothing => Ok((input, ())),
    }
}
