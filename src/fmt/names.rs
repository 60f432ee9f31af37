//! Names written relative to the origin in force.

use crate::zonefile::name::{Name, NameContext, NameForm};
use crate::zonefile::rdata::{self, NameReader, NameRole, RdataSink};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::target;
use crate::zonefile::token::{Token, TokenKind, Tokens};
use std::borrow::Cow;

/// The origin as the file itself says it; unknown before its first absolute `$ORIGIN`.
#[derive(Default)]
pub(super) struct Origin(Option<NameContext>);

impl Origin {
    /// Takes over the argument of an `$ORIGIN`.
    pub(super) fn set(&mut self, argument: Option<Token>, data: &[u8]) {
        let Some(token) = argument else { return };
        let before = self.0.take();
        let absolute = ends_in_dot(token.text(data));
        let context = match before {
            Some(context) => context,
            None if absolute => NameContext::new(Name::root(), Name::root()),
            None => return,
        };
        let mut name = Vec::new();
        if context.read(token, data, &mut name).is_ok() {
            self.0 = Some(NameContext::new(Name::root(), Name::from_canonical(&name)));
        }
    }

    /// A name without the origin, where it can be left out and nobody takes the rest for something
    /// else.
    pub(super) fn relative<'d>(&self, text: &'d [u8]) -> Cow<'d, [u8]> {
        let short = self.0.as_ref().and_then(|context| relative(text, context));
        Cow::Borrowed(short.unwrap_or(text))
    }

    /// The names of an RDATA that can be shortened: start of the token and new text.
    pub(super) fn relative_fields(&self, rtype: Rtype, fields: Tokens<'_, '_>) -> Vec<(u32, Vec<u8>)> {
        let Some(context) = &self.0 else { return Vec::new() };
        let mut reader = NameReader::new(context.clone());
        let mut found = Found(Vec::new());
        if rdata::read(rtype, fields, &mut reader, &mut found).is_err() {
            return Vec::new();
        }
        let names = found.0.into_iter().filter(|token| token.kind == TokenKind::Text);
        names
            .filter_map(|token| Some((token.start, relative(token.text(fields.data), context)?.to_vec())))
            .collect()
    }
}

fn relative<'d>(text: &'d [u8], context: &NameContext) -> Option<&'d [u8]> {
    let origin = context.origin.as_bytes();
    if origin.is_empty() || !ends_in_dot(text) {
        return None;
    }
    let name = text.strip_suffix(b".")?;
    if name.eq_ignore_ascii_case(origin) {
        return Some(b"@");
    }
    let (rest, tail) = name.split_at_checked(name.len().checked_sub(origin.len())?)?;
    let rest = rest.strip_suffix(b".").filter(|rest| !ends_in_escape(rest))?;
    let confusing = rest.is_empty()
        || rest == b"@"
        || rest.starts_with(b"$")
        || target::is_address(rest)
        || target::lacks_dot(rest, context).is_some();
    (tail.eq_ignore_ascii_case(origin) && !confusing).then_some(rest)
}

fn ends_in_dot(text: &[u8]) -> bool {
    text.strip_suffix(b".").is_some_and(|rest| !ends_in_escape(rest))
}

fn ends_in_escape(text: &[u8]) -> bool {
    text.iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 1
}

/// The names of one RDATA.
struct Found(Vec<Token>);

impl RdataSink for Found {
    fn octets(&mut self, _: &[u8]) {}

    fn name(&mut self, _: &[u8], _: NameForm, _: NameRole, token: Option<Token>) {
        self.0.extend(token);
    }

    fn field(&mut self, _: usize, _: u32, _: u32) {}
}
