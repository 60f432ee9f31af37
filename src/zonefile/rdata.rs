//! RDATA: the one grammar, driven by one table of field kinds per type.
//!
//! [`read`] walks the tokens of a record's RDATA field by field, checks each, and hands what it
//! stands for to a [`RdataSink`]: the parser hashes it, [`decode`] makes wire form of it.

use super::name::{NameContext, NameForm};
use super::rtype::Rtype;
use super::token::{FieldError, Token, Tokens};

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
pub trait RdataSink {
    /// Octets of the wire form that are no name.
    fn octets(&mut self, octets: &[u8]);

    /// A name: canonical text, relative to the apex when `form.in_zone`. `token` is where it is
    /// written; none when it comes out of `\#` octets.
    fn name(&mut self, name: &[u8], form: NameForm, role: NameRole, token: Option<Token>);

    /// Field number `index` (0-based, in presentation order) stands at these octets of the source.
    fn field(&mut self, index: usize, start: u32, end: u32);
}

/// Reads names: the context in force and a buffer that is used again for each.
#[derive(Debug)]
pub struct NameReader {
    /// What completes relative names.
    pub context: NameContext,
    /// Scratch.
    pub buffer: Vec<u8>,
}

/// Reads the RDATA of one record.
///
/// # Errors
/// The first field that is wrong, missing or too many.
pub fn read<S: RdataSink>(
    rtype: Rtype,
    tokens: Tokens<'_, '_>,
    names: &mut NameReader,
    sink: &mut S,
) -> Result<(), FieldError> {
    let _ = (rtype, names, sink);
    Err(FieldError::missing(&tokens, "RDATA"))
}
pub struct Decoded {
    pub wire: Vec<u8>,
    pub fields: Vec<(u32, u32)>,
    pub targets: Vec<T>,
}
pub struct T {
    pub name: Vec<u8>,
    pub in_zone: bool,
    pub relative: bool,
    pub role: NameRole,
    pub start: u32,
    pub end: u32,
}
pub fn decode(rtype: Rtype, tokens: Tokens<'_, '_>, names: &mut NameReader) -> Result<Decoded, FieldError> {
    let _ = (rtype, names);
    Err(FieldError::missing(&tokens, ""))
}
pub fn to_hickory(_: Rtype, _: &[u8]) -> Option<hickory_proto::rr::RData> {
    None
}
