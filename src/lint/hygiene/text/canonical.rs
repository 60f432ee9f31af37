//! RDATA whose text is not the one that servers print: addresses (RFC 5952) and numbers.

use crate::diagnostic::{Applicability, Edit};
use crate::lint::rule::Out;
use crate::lint::text::{Kind, Many, Stretch, TextRule, ZoneFile};
use crate::zonefile::rdata::{self, NameReader};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::Scanner;
use crate::zonefile::token::{Token, TokenKind, Tokens};
use std::net::Ipv6Addr;

const RULE: &str = "rdata-not-canonical";

/// `rdata-not-canonical`
#[derive(Default)]
pub(super) struct NotCanonical {
    many: Many,
}

impl TextRule for NotCanonical {
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        let Kind::Record(head, rdata) = &text.kind else { return };
        if !rdata.rest.iter().any(|token| may_differ(*token, rdata.data)) {
            return;
        }
        let Some(printed) = printed(text, head.rtype, *rdata) else { return };
        let mut tokens = Vec::new();
        Scanner::new(printed.as_bytes(), 0).entry(&mut tokens);
        // Of fields that the server would break up in another way nobody knows which is which.
        if tokens.len() != rdata.rest.len() {
            return;
        }
        let pairs = rdata
            .rest
            .iter()
            .zip(&tokens)
            .map(|(written, token)| (*written, written.text(rdata.data), token.text(printed.as_bytes())));
        let differing: Vec<_> =
            pairs.filter(|(token, written, meant)| differs(*token, written, meant)).collect();
        let Some((first, written, meant)) = differing.first() else { return };
        let shown = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let what = if is_number(written) { "leading zeros" } else { "not the form of RFC 5952" };
        let message = match is_number(written) {
            true => format!("`{}` has {what}", shown(written)),
            false => format!("`{}` is {what}", shown(written)),
        };
        let edits = differing
            .iter()
            .map(|(token, _, meant)| Edit { span: text.token(*token), replacement: meant.to_vec() });
        let finding = text
            .about(RULE, head.rtype, text.token(*first), &message)
            .help(format!("write `{}`", shown(meant)))
            .fixes(Applicability::Safe, edits.collect());
        self.many.push(finding, out);
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        self.many.finish(RULE, file, out);
    }
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// An IPv6 address; one that ends in an IPv4 address is left as it is (RFC 5952 section 5).
fn address(text: &[u8]) -> Option<Ipv6Addr> {
    if text.contains(&b'.') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Whether a word may be printed in another way; most need not be looked at any further.
fn may_differ(token: Token, data: &[u8]) -> bool {
    let text = token.text(data);
    if token.kind != TokenKind::Text {
        return false;
    }
    match text {
        [b'0', _, ..] if is_number(text) => true,
        _ => address(text).is_some_and(|address| address.to_string().as_bytes() != text),
    }
}

/// Whether two texts of one number or address are not the same text.
fn differs(token: Token, written: &[u8], meant: &[u8]) -> bool {
    if token.kind != TokenKind::Text || written == meant {
        return false;
    }
    if is_number(written) && is_number(meant) {
        let digits =
            |text: &[u8]| text.iter().skip_while(|digit| **digit == b'0').copied().collect::<Vec<_>>();
        return digits(written) == digits(meant);
    }
    address(written)
        .is_some_and(|address| std::str::from_utf8(meant).is_ok_and(|meant| meant.parse() == Ok(address)))
}

/// What a server would print.
fn printed(text: &Stretch<'_>, rtype: Rtype, tokens: Tokens<'_, '_>) -> Option<String> {
    let mut names = NameReader::new(text.names());
    let decoded = rdata::decode(rtype, tokens, &mut names).ok()?;
    Some(rdata::print(rtype, &decoded.wire, None))
}
