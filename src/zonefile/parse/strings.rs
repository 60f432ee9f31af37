//! Strings that are not what they seem: cut by a comment, split by blanks, written in octal.

use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Finding, RuleName};
use crate::zonefile::name::read_escape;
use crate::zonefile::rdata::MAX_STRING;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::token::{Token, TokenKind, Tokens};

/// Words are no longer than this; what is longer is a chunk of a key.
const MAX_WORD: u32 = 30;

impl<S: RecordSink> Parser<'_, S> {
    /// Looks at the strings of a TXT or SPF record.
    pub(super) fn look_at_strings(&mut self, piece: &Piece<'_>, rtype: Rtype, rest: Tokens<'_, '_>) {
        if rest.rest.iter().any(|token| token.kind == TokenKind::Text) && !self.cut_short(piece, rtype, rest)
        {
            self.split(piece, rtype, rest);
        }
    }

    /// `txt-semicolon-truncated`
    fn cut_short(&mut self, piece: &Piece<'_>, rtype: Rtype, rest: Tokens<'_, '_>) -> bool {
        let tagged = rest.peek().is_some_and(|(first, text)| first.kind == TokenKind::Text && has_tags(text));
        let cut = rest.rest.iter().filter(|token| token.kind == TokenKind::Text).find_map(|token| {
            let after = rest.data.get(token.end as usize..).unwrap_or_default();
            let blanks = after.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
            let line = after.split(|octet| matches!(octet, b'\n' | b'\r')).next()?.trim_ascii_end();
            let comment = line.get(blanks..)?.strip_prefix(b";")?;
            let continues = match (blanks, comment.first()) {
                (0, Some(first)) => !matches!(first, b' ' | b'\t' | b';') || is_tag(comment),
                (_, Some(_)) => tagged && is_tag(comment),
                (_, None) => false,
            };
            let is_note = comment.trim_ascii_start().starts_with(b"zonewright:");
            (continues && !is_note)
                .then(|| (*token, token.end as usize + blanks, token.end as usize + line.len()))
        });
        let Some((token, semicolon, end)) = cut else { return false };
        let span = piece.span(semicolon as u32, end as u32);
        let lost = String::from_utf8_lossy(rest.data.get(semicolon..end).unwrap_or_default()).into_owned();
        let message = format!("{}`{lost}` is a comment, so the value ends before it", self.prefix(rtype));
        let mut finding = Finding::new(RuleName("txt-semicolon-truncated"), span, message)
            .labelled("not part of the record")
            .help("put the whole value in quotes, or a blank before the `;` of a comment");
        let start = rest.peek().map_or(token.start, |(first, _)| first.outer().0);
        let value = rest.data.get(start as usize..end).unwrap_or_default();
        let plain = value.len() <= MAX_STRING && !value.iter().any(|octet| b"\"\\()\r\n".contains(octet));
        if plain && rest.rest.last() == Some(&token) && !piece.is_generated() {
            let quoted = [b"\"", value, b"\""].concat();
            finding = finding.fix(Applicability::Unsafe, piece.span(start, end as u32), quoted);
        }
        self.report_record(rtype, finding);
        true
    }

    /// `txt-unquoted-split`
    fn split(&mut self, piece: &Piece<'_>, rtype: Rtype, rest: Tokens<'_, '_>) {
        let [first, second, ..] = rest.rest else { return };
        let Some(last) = rest.rest.last() else { return };
        if [first, second].iter().any(|token| token.kind != TokenKind::Text) {
            return;
        }
        let spf = is_spf(first.text(rest.data));
        if !spf && !are_words(rest) || self.owner.key.first() == Some(&b'_') {
            return;
        }
        let joined: Vec<u8> =
            rest.rest.iter().flat_map(|token| token.text(rest.data)).copied().take(60).collect();
        let joined = String::from_utf8_lossy(&joined).into_owned();
        let message = format!(
            "{}{} strings without quotes, which readers join to `{joined}`",
            self.prefix(rtype),
            rest.rest.len()
        );
        let span = piece.span(first.start, last.outer().1);
        let mut finding = Finding::new(RuleName("txt-unquoted-split"), span, message)
            .help("put the whole value in quotes, so that the blanks belong to it");
        let texts: Vec<&[u8]> = rest.rest.iter().map(|token| token.text(rest.data)).collect();
        let value = texts.join(&b' ');
        let bare = rest.rest.iter().all(|token| token.kind == TokenKind::Text);
        let written = rest.data.get(first.start as usize..last.end as usize).unwrap_or_default();
        let one_line = !written.iter().any(|octet| b"\"()\r\n".contains(octet));
        if bare && one_line && value.len() <= MAX_STRING && !piece.is_generated() {
            let how = if spf { Applicability::Safe } else { Applicability::Unsafe };
            finding = finding.fix(how, span, [b"\"", &*value, b"\""].concat());
        }
        self.report_record(rtype, finding);
    }

    /// `windows-octal-escape`: octal escapes in the RDATA of a Windows DNS export, one of them over 255.
    pub(super) fn octal_escapes(&mut self, piece: &Piece<'_>, rtype: Rtype, tokens: Tokens<'_, '_>) {
        for token in tokens.rest.iter().filter(|token| token.escaped) {
            let text = token.text(tokens.data);
            let Some(meant) = decimal(text) else { continue };
            let shown = String::from_utf8_lossy(&meant).into_owned();
            let written = String::from_utf8_lossy(text);
            let message = format!("{}the escapes of `{written}` are octal", self.prefix(rtype));
            let span = piece.span(token.start, token.end);
            let finding = Finding::new(RuleName("windows-octal-escape"), span, message)
                .help(format!("other servers read decimal escapes, which would be `{shown}`"));
            self.report_record(rtype, finding);
        }
    }
}

/// Whether the text begins a value of tags with semicolons between them; SPF has none.
fn has_tags(text: &[u8]) -> bool {
    text.split_at_checked(2).is_some_and(|(tag, _)| tag.eq_ignore_ascii_case(b"v=")) && !is_spf(text)
}

fn is_spf(text: &[u8]) -> bool {
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    begins(b"v=spf1") || begins(b"spf2.0/")
}

/// Whether a comment begins like a tag of the value before it: ` p=none`.
fn is_tag(comment: &[u8]) -> bool {
    let text = comment.trim_ascii_start();
    let name = text.iter().take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'_').count();
    name > 0 && text.get(name..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
}

/// Whether the strings are the words of one line, rather than attributes or chunks of a key.
fn are_words(rest: Tokens<'_, '_>) -> bool {
    let ends = rest.rest.first().zip(rest.rest.last());
    let line = ends.and_then(|(first, last)| rest.data.get(first.start as usize..last.end as usize));
    let has_letters = |token: &&Token| token.text(rest.data).iter().any(u8::is_ascii_alphabetic);
    line.is_some_and(|line| !line.contains(&b'\n'))
        && rest.rest.iter().filter(has_letters).count() > 1
        && rest.rest.iter().all(|token| {
            let text = token.text(rest.data);
            token.kind == TokenKind::Text
                && !token.escaped
                && token.end - token.start <= MAX_WORD
                && !text.contains(&b'=')
        })
}

/// Text with its escapes made decimal; none unless all are octal and one of them is over 255.
fn decimal(text: &[u8]) -> Option<Vec<u8>> {
    let mut meant = Vec::new();
    let mut over = false;
    let mut at = 0;
    while let Some(&octet) = text.get(at) {
        if octet != b'\\' {
            meant.push(octet);
            at += 1;
            continue;
        }
        let escape = text.get(at + 1..)?;
        if !escape.first()?.is_ascii_digit() {
            meant.extend_from_slice(text.get(at..at + 2)?);
            at += 2;
            continue;
        }
        let digits = escape.get(..3)?;
        if !digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) {
            return None;
        }
        let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
        let value = u8::try_from(value).ok()?;
        over |= read_escape(text.get(at..)?, false).is_err();
        meant.extend_from_slice(format!("\\{value:03}").as_bytes());
        at += 4;
    }
    over.then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes_are_known_by_one_over_255() {
        assert_eq!(decimal(b"M\\303\\274ller\\.").as_deref(), Some(&b"M\\195\\188ller\\."[..]));
        for text in [&b"a\\040b"[..], b"\\300\\189", b"\\777", b"plain", b"\\30", b"\\"] {
            assert_eq!(decimal(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn tags() {
        assert!(is_tag(b" p=none") && is_tag(b"rua = mailto:x"));
        assert!(!is_tag(b" see ticket=4") && !is_tag(b"=x") && !is_tag(b""));
        assert!(has_tags(b"v=DMARC1") && !has_tags(b"v=spf1") && !has_tags(b"x"));
    }
}
