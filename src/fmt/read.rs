//! The parts of a file: records, directives, comments, blank lines, and what is left as it is.

use super::names::Origin;
use super::{Names, Style, Ttls, Unformatted};
use crate::zonefile::head::{self, Head};
use crate::zonefile::rdata;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::{Entry, Fault, Scanner, TextError};
use crate::zonefile::token::{Token, TokenKind, Tokens};
use crate::zonefile::ttl::{MAX_TTL, period};
use std::borrow::Cow;
use std::ops::Range;

/// A stretch of whole lines. The parts of a file follow each other without a gap.
pub(super) struct Part<'d> {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind<'d>,
}

pub(super) enum Kind<'d> {
    /// A line without anything but blanks.
    Blank,
    /// A comment with a line of its own.
    Comment {
        text: &'d [u8],
        indented: bool,
    },
    /// A comment for this program on a line of its own, which stays as it is.
    Note,
    /// Lines that stay as they are, octet for octet.
    Untouched,
    Directive {
        words: Vec<Cow<'d, [u8]>>,
        comment: Option<&'d [u8]>,
    },
    Record(Record<'d>),
}

/// A record by its cells. Quoted strings have their quotes.
pub(super) struct Record<'d> {
    /// None when the line begins with a blank.
    pub(super) owner: Option<Cow<'d, [u8]>>,
    /// TTL, with the `[AGE:n]` mark of a Windows DNS export before it.
    pub(super) ttl: Cow<'d, [u8]>,
    pub(super) class: Cow<'d, [u8]>,
    pub(super) rtype: Rtype,
    pub(super) type_text: Cow<'d, [u8]>,
    /// The RDATA; at least one line.
    pub(super) lines: Vec<Line<'d>>,
    /// Whether it still reads as the same record when its owner is left out.
    pub(super) may_inherit: bool,
}

/// One line of RDATA.
#[derive(Clone, Debug, Default)]
pub(super) struct Line<'d> {
    /// Fields and parentheses.
    pub(super) items: Vec<Item<'d>>,
    pub(super) comment: Option<&'d [u8]>,
    /// The whole line, where it must stay as it is.
    pub(super) untouched: Option<&'d [u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item<'d> {
    Field(Cow<'d, [u8]>),
    Open,
    Close,
}

impl Item<'_> {
    pub(super) fn text(&self) -> &[u8] {
        match self {
            Self::Field(text) => text,
            Self::Open => b"(",
            Self::Close => b")",
        }
    }
}

/// What a line of the program's own looks like after its `;`.
const NOTE: &[u8] = b"zonewright:";
/// The comment of a record that stands in for others during a failover.
const STANDS_IN: &[u8] = b"zonewright: failover";

/// Takes a file apart.
pub(super) fn parts<'d>(data: &'d [u8], style: &Style) -> Result<Vec<Part<'d>>, Unformatted> {
    if data.starts_with(&[0xff, 0xfe]) || data.starts_with(&[0xfe, 0xff]) {
        return Err(Unformatted::Utf16);
    }
    let start = if data.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut reader = Reader { data, style, origin: Origin::default(), parts: Vec::new() };
    let mut scanner = Scanner::new(data, start);
    let mut tokens = Vec::new();
    let mut at = start;
    loop {
        let entry = scanner.entry(&mut tokens);
        let errors = std::mem::take(&mut scanner.errors);
        scanner.notes.clear();
        if let Some(error) = errors.iter().find(|error| matches!(error.fault, Fault::Unclosed { .. })) {
            return Err(Unformatted::Unclosed { at: error.start as usize });
        }
        let gap_end = entry.map_or(data.len(), |entry| entry.start as usize);
        let (before, within): (Vec<TextError>, Vec<TextError>) =
            errors.into_iter().partition(|error| (error.start as usize) < gap_end);
        // A line end moved up to a lone CR, which ends a line too, would make CR LF of it.
        let after_return = |at: usize| at.checked_sub(1).is_some_and(|at| data.get(at) == Some(&b'\r'));
        reader.gap(at..gap_end, before.is_empty() && !after_return(at));
        let Some(entry) = entry else { return Ok(reader.parts) };
        at = scanner.position();
        let kind = if within.is_empty() && !after_return(gap_end) {
            reader.entry(entry, &tokens, at)
        } else {
            // It may have been an `$ORIGIN`.
            reader.origin = Origin::default();
            None
        };
        reader.parts.push(Part { range: gap_end..at, kind: kind.unwrap_or(Kind::Untouched) });
    }
}

struct Reader<'d, 's> {
    data: &'d [u8],
    style: &'s Style,
    origin: Origin,
    parts: Vec<Part<'d>>,
}

impl<'d> Reader<'d, '_> {
    fn slice(&self, start: usize, end: usize) -> &'d [u8] {
        self.data.get(start..end).unwrap_or_default()
    }

    fn token(&self, token: Token) -> &'d [u8] {
        let (start, end) = token.outer();
        self.slice(start as usize, end as usize)
    }

    /// The lines between two entries: blank lines and comments, or else something strange.
    fn gap(&mut self, range: Range<usize>, sound: bool) {
        let known = self.parts.len();
        let mut at = range.start;
        for line in self.slice(range.start, range.end).split_inclusive(|octet| *octet == b'\n') {
            let range = at..at + line.len();
            at = range.end;
            let text = line.trim_ascii();
            let kind = match text.first() {
                None => Kind::Blank,
                Some(b';') if is_note(text) => Kind::Note,
                Some(b';') => Kind::Comment { text, indented: line.first() != Some(&b';') },
                Some(_) => {
                    self.parts.truncate(known);
                    break;
                }
            };
            self.parts.push(Part { range, kind });
        }
        if !sound || self.parts.len() == known && !range.is_empty() {
            self.parts.truncate(known);
            if !range.is_empty() {
                self.parts.push(Part { range, kind: Kind::Untouched });
            }
        }
    }

    /// What an entry is; none when it must stay as it is.
    fn entry(&mut self, entry: Entry, tokens: &[Token], end: usize) -> Option<Kind<'d>> {
        let (&first, start) = (tokens.first()?, entry.start as usize);
        let text = first.text(self.data);
        let is_directive = first.kind == TokenKind::Text && text.first() == Some(&b'$');
        if is_directive && !entry.indented {
            return self.directive(tokens, start, end);
        }
        let is_foreign = first.kind == TokenKind::Text && rdata::foreign_comment(text).is_some();
        if is_directive || is_foreign || entry.broken || !tokens.iter().all(|token| self.is_plain(*token)) {
            return None;
        }
        // `alpn="h2"` is one parameter; with a blank in it, none.
        let touching = |pair: &[Token]| {
            pair[0].outer().1 == pair[1].outer().0 && pair.iter().any(|token| token.kind == TokenKind::Text)
        };
        if tokens.windows(2).any(touching) {
            return None;
        }
        let ends = memchr::memchr_iter(b'\n', self.slice(start, end)).count();
        let returns = memchr::memchr_iter(b'\r', self.slice(start, end)).count();
        if returns != 0 && returns != ends {
            return None;
        }
        self.record(entry, tokens, end).map(Kind::Record)
    }

    /// Whether a token means the same wherever blanks are put around it, and stands on one line.
    fn is_plain(&self, token: Token) -> bool {
        let text = token.text(self.data);
        match token.kind {
            TokenKind::Quoted => memchr::memchr(b'\n', text).is_none(),
            TokenKind::Text => {
                text.iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 0 || !token.escaped
            }
        }
    }

    fn record(&self, entry: Entry, tokens: &[Token], end: usize) -> Option<Record<'d>> {
        let data = self.data;
        let all = Tokens { data, rest: tokens, end: entry.end };
        let owner = if entry.indented { None } else { tokens.first().copied() };
        let (rest, head) = head::head(all.skip(usize::from(owner.is_some()))).ok()?;
        if head.rtype.is_meta() {
            return None;
        }
        let mut at = entry.start as usize;
        for token in tokens.iter().take(tokens.len() - rest.rest.len()) {
            let (start, end) = token.outer();
            if !self.slice(at, start as usize).iter().all(|octet| matches!(octet, b' ' | b'\t')) {
                return None;
            }
            at = end as usize;
        }
        // Read without its owner, `TXT A 192.0.2.1` could be an A record with the owner `TXT`.
        let starts_with_type = head.age.is_none() && head.ttl.is_none() && head.wrong_ttl.is_none();
        let may_inherit = !(starts_with_type && head.class.is_none() && head::is_head(rest));
        if entry.indented && !may_inherit {
            return None;
        }
        let short = match (self.style.names, &self.origin) {
            (Names::Keep, _) => Vec::new(),
            (Names::Relative, origin) => origin.relative_fields(head.rtype, rest),
        };
        let lines = self.lines(at..end, rest.rest, &short);
        let last = lines.iter().rev().find_map(|line| line.comment);
        if last.is_some_and(|comment| without_mark(comment) == STANDS_IN) {
            return None;
        }
        let owner = owner.map(|token| match self.style.names {
            Names::Relative if token.kind == TokenKind::Text => self.origin.relative(self.token(token)),
            _ => Cow::Borrowed(self.token(token)),
        });
        Some(Record {
            owner,
            ttl: self.ttl_cell(head),
            class: head.class.map_or(Cow::Borrowed(&b""[..]), |(_, token)| upper(self.token(token))),
            rtype: head.rtype,
            type_text: upper(self.token(head.rtype_token)),
            lines: if head.rtype == Rtype::SOA { soa_lines(lines) } else { lines },
            may_inherit,
        })
    }

    fn ttl_cell(&self, head: Head) -> Cow<'d, [u8]> {
        let token = head.ttl.map(|(_, token)| token).or(head.wrong_ttl);
        let ttl = token.map(|token| self.ttl(self.token(token)));
        match (head.age, ttl) {
            (None, None) => Cow::Borrowed(b""),
            (None, Some(ttl)) => ttl,
            (Some((_, age)), None) => Cow::Borrowed(self.token(age)),
            (Some((_, age)), Some(ttl)) => Cow::Owned([self.token(age), &ttl].join(&b' ')),
        }
    }

    /// A TTL in the style that is wanted.
    fn ttl(&self, text: &'d [u8]) -> Cow<'d, [u8]> {
        match (self.style.ttls, period(text)) {
            (Ttls::Seconds, Ok(seconds)) if seconds <= MAX_TTL => {
                Cow::Owned(seconds.to_string().into_bytes())
            }
            (Ttls::Units, Ok(seconds)) if seconds <= MAX_TTL => Cow::Owned(units(seconds)),
            _ => Cow::Borrowed(text),
        }
    }

    /// The lines of the RDATA: `range` begins after the type and ends with the entry's last line.
    fn lines(&self, range: Range<usize>, fields: &[Token], short: &[(u32, Vec<u8>)]) -> Vec<Line<'d>> {
        let mut lines = vec![Line::default()];
        let mut at = range.start;
        for token in fields {
            let (start, end) = token.outer();
            self.between(at..start as usize, &mut lines);
            let text = match short.iter().find(|(at, _)| *at == token.start) {
                Some((_, short)) => Cow::Owned(short.clone()),
                None => Cow::Borrowed(self.token(*token)),
            };
            if let Some(line) = lines.last_mut() {
                line.items.push(Item::Field(text));
            }
            at = end as usize;
        }
        self.between(at..range.end, &mut lines);
        // What is after the line end of the entry is no line of it.
        if lines.len() > 1 && self.slice(range.start, range.end).ends_with(b"\n") {
            lines.pop();
        }
        lines
    }

    /// Parentheses, comments and line ends between two fields.
    fn between(&self, range: Range<usize>, lines: &mut Vec<Line<'d>>) {
        let mut at = range.start;
        while let Some(octet) = self.data.get(at).filter(|_| at < range.end) {
            let first = lines.len() == 1;
            let Some(line) = lines.last_mut() else { return };
            match octet {
                b'(' => line.items.push(Item::Open),
                b')' => line.items.push(Item::Close),
                b'\n' => lines.push(Line::default()),
                b';' => {
                    let rest = self.slice(at, range.end);
                    let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    let comment = rest.get(..len).unwrap_or_default();
                    if line.items.is_empty() && !first && is_note(comment) {
                        let start = memchr::memrchr(b'\n', self.slice(0, at)).map_or(0, |end| end + 1);
                        let text = self.slice(start, at + len);
                        line.untouched = Some(text.strip_suffix(b"\r").unwrap_or(text));
                    } else {
                        line.comment = Some(comment.trim_ascii_end());
                    }
                    at += len;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn directive(&mut self, tokens: &[Token], start: usize, end: usize) -> Option<Kind<'d>> {
        let word = tokens.first()?.text(self.data).to_ascii_uppercase();
        if word == b"$ORIGIN" {
            self.origin.set(tokens.get(1).copied(), self.data);
        }
        let known = [&b"$ORIGIN"[..], b"$TTL", b"$INCLUDE", b"$GENERATE", b"$DATE"].contains(&&word[..]);
        if !known || !tokens.iter().all(|token| self.is_plain(*token)) {
            return None;
        }
        let mut words = Vec::with_capacity(tokens.len());
        let mut lines = vec![Line::default()];
        let mut at = start;
        for (place, token) in tokens.iter().enumerate() {
            let (start, end) = token.outer();
            self.between(at..start as usize, &mut lines);
            let text = self.token(*token);
            words.push(match (place, &word[..]) {
                (1, b"$TTL") => self.ttl(text),
                _ => Cow::Borrowed(text),
            });
            at = end as usize;
        }
        self.between(at..end, &mut lines);
        let plain = lines.iter().all(|line| line.items.is_empty()) && lines.len() <= 2;
        let comment = lines.first()?.comment;
        plain.then_some(Kind::Directive { words, comment })
    }
}

/// The text of a comment after its `;`.
fn without_mark(comment: &[u8]) -> &[u8] {
    comment.strip_prefix(b";").unwrap_or(comment).trim_ascii()
}

/// Whether a comment speaks to this program.
fn is_note(comment: &[u8]) -> bool {
    without_mark(comment).starts_with(NOTE)
}

fn upper(text: &[u8]) -> Cow<'_, [u8]> {
    if text.iter().any(u8::is_ascii_lowercase) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Seconds in BIND's units, the largest first.
fn units(seconds: u32) -> Vec<u8> {
    let mut text = String::new();
    let mut rest = seconds;
    for (unit, length) in [('w', 604_800), ('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)] {
        if rest >= length {
            text.push_str(&(rest / length).to_string());
            text.push(unit);
            rest %= length;
        }
    }
    if text.is_empty() { b"0".to_vec() } else { text.into_bytes() }
}

/// How many fields an SOA record has before its numbers.
const SOA_NAMES: usize = 2;

/// An SOA record in parentheses the way everyone knows it: both names and the opening parenthesis
/// first, then each number on a line of its own with its comment.
fn soa_lines<'d>(lines: Vec<Line<'d>>) -> Vec<Line<'d>> {
    let count =
        |wanted: &Item<'_>| lines.iter().flat_map(|line| &line.items).filter(|i| *i == wanted).count();
    let is_field = |item: &&Item<'_>| matches!(item, Item::Field(_));
    let fields = lines.iter().flat_map(|line| &line.items).filter(is_field).count();
    let names_first = lines.first().is_some_and(|line| {
        line.items.iter().filter(is_field).count() >= SOA_NAMES && line.items.contains(&Item::Open)
    });
    let last = lines.iter().flat_map(|line| &line.items).next_back();
    if count(&Item::Open) != 1 || fields != SOA_NAMES + 5 || !names_first || last != Some(&Item::Close) {
        return lines;
    }
    let mut out: Vec<Line<'d>> = vec![Line::default()];
    let mut seen = 0;
    for (place, line) in lines.into_iter().enumerate() {
        let alone = line.items == [Item::Close];
        if alone || line.items.is_empty() && place > 0 {
            out.push(line);
            continue;
        }
        for item in line.items {
            let starts_line = seen >= SOA_NAMES && matches!(item, Item::Field(_));
            seen += usize::from(matches!(item, Item::Field(_)));
            if starts_line {
                out.push(Line::default());
            }
            let opens = seen == SOA_NAMES && matches!(item, Item::Field(_));
            let Some(last) = out.last_mut() else { continue };
            if item != Item::Open {
                last.items.push(item);
            }
            if opens {
                last.items.push(Item::Open);
            }
        }
        if let Some(last) = out.last_mut() {
            last.comment = line.comment;
        }
    }
    out
}
