//! Wire form of RDATA, and typed data of `hickory_proto` made from it.

use super::super::name::{self, Name, NameForm};
use super::super::rtype::Rtype;
use super::super::token::{FieldError, Token, Tokens};
use super::{NameReader, NameRole, RdataSink, read};
use hickory_proto::rr::{RData, RecordType};
use hickory_proto::serialize::binary::{BinDecoder, Restrict};

/// A name that stands in RDATA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Canonical text: relative to the apex when `in_zone`, absolute without the final dot if not.
    pub name: Vec<u8>,
    /// Whether it lies at or below the apex.
    pub in_zone: bool,
    /// Whether it was written relative to the origin (`@` counts).
    pub relative: bool,
    /// What it is for.
    pub role: NameRole,
    /// Offset in the source of the first octet of the name, or of the whole RDATA written with `\#`.
    pub start: u32,
    /// Offset just after it.
    pub end: u32,
}

/// RDATA of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Wire form, names uncompressed and in lower case.
    pub wire: Vec<u8>,
    /// Start and end in the source of each field, in presentation order. Fields that were left out
    /// at the end are not there; of RDATA written with `\#` each is the whole.
    pub fields: Vec<(u32, u32)>,
    /// The names in it, in wire order.
    pub targets: Vec<Target>,
}

/// Reads RDATA into wire form.
///
/// # Errors
/// As [`read`].
pub fn decode(rtype: Rtype, tokens: Tokens<'_, '_>, names: &mut NameReader) -> Result<Decoded, FieldError> {
    let (decoded, wrong) = decode_both(rtype, tokens, names);
    wrong.map_or(Ok(decoded), Err)
}

/// Reads RDATA into wire form, also when its error [keeps the record](FieldError::keeps_record).
pub fn decode_kept(rtype: Rtype, tokens: Tokens<'_, '_>, names: &mut NameReader) -> Option<Decoded> {
    let (decoded, wrong) = decode_both(rtype, tokens, names);
    wrong.is_none_or(|error| error.keeps_record()).then_some(decoded)
}

fn decode_both(
    rtype: Rtype,
    tokens: Tokens<'_, '_>,
    names: &mut NameReader,
) -> (Decoded, Option<FieldError>) {
    let whole = match (tokens.rest.first(), tokens.rest.last()) {
        (Some(first), Some(last)) => (first.outer().0, last.outer().1),
        _ => (tokens.end, tokens.end),
    };
    let mut sink = WireSink { apex: names.context.apex.clone(), whole, decoded: Decoded::default() };
    let wrong = read(rtype, tokens, names, &mut sink).err();
    (sink.decoded, wrong)
}

struct WireSink {
    apex: Name,
    /// Where the whole RDATA stands.
    whole: (u32, u32),
    decoded: Decoded,
}

impl RdataSink for WireSink {
    fn octets(&mut self, octets: &[u8]) {
        self.decoded.wire.extend_from_slice(octets);
    }

    fn name(&mut self, name: &[u8], form: NameForm, role: NameRole, token: Option<Token>) {
        if form.in_zone {
            name::push_wire(&self.apex.join(name), &mut self.decoded.wire);
        } else {
            name::push_wire(name, &mut self.decoded.wire);
        }
        let (start, end) = token.map_or(self.whole, Token::outer);
        let NameForm { in_zone, relative, .. } = form;
        self.decoded.targets.push(Target { name: name.to_vec(), in_zone, relative, role, start, end });
    }

    fn field(&mut self, index: usize, start: u32, end: u32) {
        if index == self.decoded.fields.len() {
            self.decoded.fields.push((start, end));
        }
    }
}

/// Typed data from wire form; types for which `hickory_proto` has none become [`RData::Unknown`].
/// None when it takes the octets for malformed, or the type for no data (ANY, AXFR, IXFR).
pub fn to_hickory(rtype: Rtype, wire: &[u8]) -> Option<RData> {
    let length = u16::try_from(wire.len()).ok()?;
    let mut decoder = BinDecoder::new(wire);
    RData::read(&mut decoder, RecordType::from(rtype.0), Restrict::new(length)).ok()
}
