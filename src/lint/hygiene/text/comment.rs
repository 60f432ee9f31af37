//! Records that were made comments.

use crate::lint::rule::Out;
use crate::lint::text::{Many, Stretch, TextRule, ZoneFile};
use crate::zonefile::head;
use crate::zonefile::name::Name;
use crate::zonefile::rdata::{self, NameReader};
use crate::zonefile::rtype::{Class, Rtype};
use crate::zonefile::scan::{Entry, Scanner};
use crate::zonefile::token::{Token, TokenKind, Tokens};

const RULE: &str = "commented-out-record";

/// Types of free text: words after them need not be data.
const TEXTS: [Rtype; 11] = [
    Rtype::TXT,
    Rtype::SPF,
    Rtype::HINFO,
    Rtype::X25,
    Rtype::ISDN,
    Rtype::NINFO,
    Rtype::AVC,
    Rtype::RESINFO,
    Rtype::WALLET,
    Rtype::CLA,
    Rtype::UINFO,
];

/// `commented-out-record`
#[derive(Default)]
pub(super) struct CommentedOut {
    many: Many,
    tokens: Vec<Token>,
}

impl TextRule for CommentedOut {
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        for line in text.lines(text.range.start, text.entry_start) {
            let octets = text.text(line.start, line.end);
            let comment = octets.trim_ascii();
            if comment.first() != Some(&b';') {
                continue;
            }
            let marks = comment.iter().take_while(|octet| **octet == b';').count();
            let content = comment.get(marks..).unwrap_or_default();
            if content.trim_ascii_start().starts_with(b"zonewright:") {
                continue;
            }
            let mut scanner = Scanner::new(content, 0);
            let Some(entry) = scanner.entry(&mut self.tokens) else { continue };
            if !scanner.errors.is_empty() || entry.broken || entry.mended {
                continue;
            }
            let Some((owner, rtype)) = self.record(text, entry, content) else { continue };
            let start = line.start + octets.len() - octets.trim_ascii_start().len();
            let span = text.span(start, start + comment.len());
            let whose = owner.as_ref().unwrap_or(text.file.context.zone.apex());
            let message = format!("`{whose}`: a record of type {rtype} is left as a comment");
            let mut finding = text.file.about(RULE, span, message);
            finding.owner = owner.map(|owner| owner.to_string());
            finding.rtype = Some(rtype.to_string());
            self.many.push(
                finding.help("delete the line: the history of the repository keeps what was there"),
                out,
            );
        }
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        self.many.finish(RULE, file, out);
    }
}

impl CommentedOut {
    /// Owner and type of the record that the tokens are, with an owner or without.
    fn record(&self, text: &Stretch<'_>, entry: Entry, content: &[u8]) -> Option<(Option<Name>, Rtype)> {
        let all = Tokens { data: content, rest: &self.tokens, end: entry.end };
        let mut names = NameReader::new(text.names());
        let mut read = |tokens: Tokens<'_, '_>| {
            let (rdata, head) = head::head(tokens).ok()?;
            let reads = !head.rtype.is_meta()
                && !rdata.is_empty()
                && rdata::decode(head.rtype, rdata, &mut names).is_ok();
            let is_capital = |token: Token| token.text(content).iter().all(u8::is_ascii_uppercase);
            let is_no_prose = head.class.is_some_and(|(_, token)| is_capital(token))
                || is_spaced(content, &self.tokens)
                || is_data(head.rtype, rdata);
            (reads && is_no_prose).then_some(head.rtype)
        };
        let (first, word) = all.peek()?;
        // `; IN TXT` has no owner, rather than one that is called so.
        if Class::read(word).is_none()
            && let Some(rtype) = read(all.skip(1))
        {
            return Some((text.name(first, content), rtype));
        }
        read(all).map(|rtype| (None, rtype))
    }
}

/// Whether the words stand in columns.
fn is_spaced(content: &[u8], tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| {
        let gap = content.get(pair[0].outer().1 as usize..pair[1].outer().0 as usize).unwrap_or_default();
        gap.len() > 1 || gap.contains(&b'\t')
    })
}

/// Whether RDATA has a word that is none of prose: `; the primary NS server` reads as a record.
fn is_data(rtype: Rtype, rdata: Tokens<'_, '_>) -> bool {
    let text = |token: &Token| token.text(rdata.data);
    if rdata.rest.iter().any(|token| token.kind == TokenKind::Quoted) {
        return true;
    }
    if TEXTS.contains(&rtype) {
        // `v=spf1`
        return rdata.rest.first().is_some_and(|first| text(first).contains(&b'='));
    }
    rdata.rest.iter().map(text).any(|text| {
        let inner = text.strip_suffix(b".").unwrap_or(text);
        let is_number = text.iter().all(u8::is_ascii_digit);
        is_number || text == b"@" || [b'.', b':', b'='].iter().any(|octet| inner.contains(octet))
    })
}
