//! Octets over 127: characters that only look like ASCII, names that are not encoded, other text.

use super::owner::OwnerState;
use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::zonefile::head;
use crate::zonefile::idn;
use crate::zonefile::name::Labels;
use crate::zonefile::rdata::NameRole;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::Entry;
use crate::zonefile::token::{Token, TokenKind, Tokens};

impl<S: RecordSink> Parser<'_, S> {
    /// Reports characters that are mistaken for blanks, quotes, hyphens or letters; the entry is then
    /// not read, since every server reads it as something that was not meant.
    pub(super) fn confusable(&mut self, piece: &mut Piece<'_>, entry: Entry, all: Tokens<'_, '_>) -> bool {
        let Some((first, word)) = all.peek() else { return false };
        if word.eq_ignore_ascii_case(b"$INCLUDE") {
            return false;
        }
        let free = free_text(all.skip(usize::from(!entry.indented)));
        let mut found = Vec::new();
        for token in all.rest.iter().filter(|token| token.kind == TokenKind::Text) {
            let text = token.text(all.data);
            if !text.is_ascii()
                && let Ok(text) = std::str::from_utf8(text)
            {
                let is_free = free.is_some_and(|from| token.start >= from);
                found.extend(lookalikes(text, is_free).map(|(at, letter, meant)| {
                    let start = token.start + at as u32;
                    (start, start + letter.len_utf8() as u32, letter, meant)
                }));
            }
        }
        let Some((start, end, letter, meant)) = found.first().cloned() else { return false };
        let directive = word.first() == Some(&b'$');
        let spoilt = found.iter().any(|(start, ..)| *start < first.end);
        if !entry.indented && !directive {
            if spoilt {
                self.owner.state = OwnerState::Invalid;
                self.owner.text.clear();
            } else {
                self.written_owner(piece, first, all);
            }
        }
        let about = match self.owner.state {
            OwnerState::InZone | OwnerState::OutOfZone if !directive => format!("`{}`: ", self.owner_text()),
            _ => format!("`{}`: ", String::from_utf8_lossy(word)),
        };
        let message = format!("{about}U+{:04X} is no {}", u32::from(letter), looks(letter));
        let help = match &*meant {
            "" => String::from("remove it"),
            " " => String::from("write a blank"),
            meant => format!("write `{meant}`"),
        };
        let mut finding = Finding::new(RuleName("confusable-character"), piece.span(start, end), message)
            .labelled("servers take it for a letter")
            .help(help);
        if let [_, .., (start, end, ..)] = &*found {
            finding = finding.related(piece.span(*start, *end), format!("the last of {}", found.len()));
        }
        let edits = found
            .iter()
            .map(|(start, end, _, meant)| Edit {
                span: piece.span(*start, *end),
                replacement: meant.clone().into_bytes(),
            })
            .collect();
        self.report(finding.fixes(Applicability::Safe, edits));
        true
    }

    /// Reports a name that has octets over 127.
    pub(super) fn foreign_name(
        &mut self,
        piece: &Piece<'_>,
        rtype: Option<Rtype>,
        token: Token,
        text: &[u8],
        role: NameRole,
    ) {
        let shown = match std::str::from_utf8(text) {
            Ok(shown) if role != NameRole::Mailbox && !is_instance(text) => shown,
            _ => return self.non_ascii(piece, rtype, token, text),
        };
        let span = piece.token(token);
        let prefix = rtype.map_or_else(|| format!("`{}`: ", self.owner_text()), |rtype| self.prefix(rtype));
        let message = format!("{prefix}the name `{shown}` is not encoded");
        let mut finding = Finding::new(RuleName("idn-not-encoded"), span, message);
        finding = match idn::encode(text).filter(|_| !token.escaped) {
            Some(meant) => {
                let help = format!("write `{meant}`, which is what clients look for");
                let finding = finding.help(help);
                if piece.is_generated() { finding } else { finding.fix(Applicability::Unsafe, span, meant) }
            }
            None => finding.help("it has letters that no internationalised name may have"),
        };
        self.report_of(rtype, finding);
    }

    /// Reports the strings of a record that have octets over 127; `names` are the tokens of its names.
    pub(super) fn foreign_strings(
        &mut self,
        piece: &Piece<'_>,
        rtype: Rtype,
        rest: Tokens<'_, '_>,
        names: &[Token],
    ) {
        for token in rest.rest.iter().filter(|token| !names.contains(token)) {
            let text = token.text(rest.data);
            if !text.is_ascii() {
                self.non_ascii(piece, Some(rtype), *token, text);
            }
        }
    }

    fn non_ascii(&mut self, piece: &Piece<'_>, rtype: Option<Rtype>, token: Token, text: &[u8]) {
        let mut edits = Vec::new();
        let mut at = 0;
        for run in text.chunk_by(|one, other| one.is_ascii() == other.is_ascii()) {
            if !run.is_ascii() {
                let start = token.start + at as u32;
                edits.push(Edit {
                    span: piece.span(start, start + run.len() as u32),
                    replacement: run.iter().map(|octet| format!("\\{octet:03}")).collect::<String>().into(),
                });
            }
            at += run.len();
        }
        let Some(first) = edits.first() else { return };
        let (span, meant) = (first.span, String::from_utf8_lossy(&first.replacement).into_owned());
        let begin = text.iter().take_while(|octet| octet.is_ascii()).count();
        let written = text.get(begin..).unwrap_or_default();
        let written = String::from_utf8_lossy(written.get(..span.len as usize).unwrap_or_default());
        let prefix = rtype.map_or_else(|| format!("`{}`: ", self.owner_text()), |rtype| self.prefix(rtype));
        let message = format!("{prefix}`{written}` is not ASCII, which Knot refuses");
        let mut finding =
            Finding::new(RuleName("non-ascii-text"), span, message).help(format!("write `{meant}`"));
        if !piece.is_generated() {
            finding = finding.fixes(Applicability::Safe, edits);
        }
        self.report_of(rtype, finding);
    }

    fn report_of(&mut self, rtype: Option<Rtype>, finding: Finding) {
        match rtype {
            Some(rtype) => self.report_record(rtype, finding),
            None => {
                let mut finding = finding;
                finding.owner = Some(self.owner_text());
                self.report(finding);
            }
        }
    }
}

/// Offset from which an entry holds text of people, where such characters may be meant.
fn free_text(tokens: Tokens<'_, '_>) -> Option<u32> {
    let (rest, head) = head::head(tokens).ok()?;
    let free = [Rtype::TXT, Rtype::SPF, Rtype::HINFO, Rtype::NAPTR, Rtype::CAA, Rtype::URI, Rtype::NINFO];
    free.contains(&head.rtype).then(|| rest.peek().map(|(first, _)| first.start)).flatten()
}

/// Whether a label in Unicode is the name of a service instance, which is free text (RFC 6763
/// section 4.1.1).
fn is_instance(text: &[u8]) -> bool {
    let mut labels = Labels(text).peekable();
    while let Some(label) = labels.next() {
        if !label.is_ascii() && labels.peek().is_some_and(|next| next.starts_with(b"_")) {
            return true;
        }
    }
    false
}

/// The characters of a token that stand for ASCII ones: offset, character, what is meant.
fn lookalikes(text: &str, is_free: bool) -> impl Iterator<Item = (usize, char, String)> + '_ {
    text.char_indices().filter_map(move |(at, letter)| {
        let edge = at == 0 || at + letter.len_utf8() == text.len();
        let meant = match letter {
            '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
            '\u{201c}'..='\u{201f}' if edge || !is_free => "\"",
            '\u{2018}'..='\u{201b}' if edge => "\"",
            _ if is_free => return None,
            '\u{200b}' | '\u{2060}' | '\u{feff}' => "",
            '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
            '\u{3002}' | '\u{ff61}' => ".",
            '\u{ff01}'..='\u{ff5e}' => {
                let ascii = u8::try_from(u32::from(letter) - 0xfee0).ok()?;
                return Some((at, letter, char::from(ascii).to_string()));
            }
            _ => return None,
        };
        Some((at, letter, String::from(meant)))
    })
}

/// What a character looks like.
fn looks(letter: char) -> &'static str {
    match letter {
        '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' => "quote of a zone file",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "hyphen",
        '\u{3002}' | '\u{ff61}' => "dot",
        '\u{ff01}'..='\u{ff5e}' => "ASCII character",
        _ => "blank",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str, is_free: bool) -> String {
        lookalikes(text, is_free).map(|(.., meant)| meant).collect()
    }

    #[test]
    fn characters_that_look_like_others() {
        assert_eq!(meant("a\u{a0}A", false), " ");
        assert_eq!(meant("\u{201c}v=spf1", true), "\"");
        assert_eq!(meant("www\u{3002}example\u{ff0e}com", false), "..");
        assert_eq!(meant("web\u{2013}1", false), "-");
    }

    #[test]
    fn characters_that_are_meant() {
        assert_eq!(meant("m\u{fc}ller", false), "");
        assert_eq!(meant("Don\u{2019}t", true), "");
        assert_eq!(meant("a\u{2013}b", true), "");
        assert_eq!(meant("\u{65e5}\u{672c}", false), "");
    }

    #[test]
    fn instances() {
        assert!(is_instance("B\u{fc}ro._ipp._tcp".as_bytes()));
        assert!(!is_instance("m\u{fc}ller.example.com.".as_bytes()));
        assert!(!is_instance("_sip._tcp.m\u{fc}ller".as_bytes()));
    }
}
