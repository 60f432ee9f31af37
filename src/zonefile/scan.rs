//! The byte scanner: gathers the tokens of one entry (RFC 1035 section 5.1).
//!
//! An entry is a directive or a record: a line, or several joined by parentheses. The scanner knows
//! blanks, comments, quotes, parentheses and line ends; what the tokens mean it asks only to find
//! the next record after a parenthesis that is never closed. It never fails: what it cannot read it
//! reports, and goes on with the next line.

use super::head;
use super::token::{Token, TokenKind, Tokens};

/// Classes of octets.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    Text,
    Blank,
    LineFeed,
    Return,
    Comment,
    Open,
    Close,
    Quote,
    Backslash,
    Control,
}

static CLASSES: [Class; 256] = {
    let mut table = [Class::Text; 256];
    let mut octet = 0;
    while octet < 0x20 {
        table[octet] = Class::Control;
        octet += 1;
    }
    table[0x7f] = Class::Control;
    table[b' ' as usize] = Class::Blank;
    table[b'\t' as usize] = Class::Blank;
    table[b'\n' as usize] = Class::LineFeed;
    table[b'\r' as usize] = Class::Return;
    table[b';' as usize] = Class::Comment;
    table[b'(' as usize] = Class::Open;
    table[b')' as usize] = Class::Close;
    table[b'"' as usize] = Class::Quote;
    table[b'\\' as usize] = Class::Backslash;
    table
};

/// What is wrong with the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A `(` that is never closed; the line that was read as the next entry, if there is one.
    Unclosed {
        /// Offset of that line.
        resumed: Option<u32>,
    },
    /// A `)` that closes nothing; it is skipped.
    Unopened,
    /// A quoted string that does not end on its line; its entry is no data.
    Unterminated,
    /// A control character, or several equal ones.
    Control(Within),
}

/// Where a control character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Neither of the others.
    Line,
    /// A quoted string.
    Quotes,
    /// A comment.
    Comment,
}

/// A mistake of the text itself, in octets of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextError {
    /// What it is.
    pub fault: Fault,
    /// Offset of the first octet.
    pub start: u32,
    /// Offset just after the last octet.
    pub end: u32,
}

/// What BIND reads without a word and other servers refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A `(` inside parentheses.
    Nested,
    /// A `(` before anything else of its entry.
    OpenFirst,
    /// A quoted string that touches the token before it, or after it.
    Adjacent,
    /// A quoted string that goes on behind an escaped line end.
    LineEnd,
}

/// A comment that begins with `; zonewright:`, which speaks to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Offset of the `;`.
    pub start: u32,
    /// Offset of the line's end.
    pub end: u32,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Offset of the first octet of its first line.
    pub start: u32,
    /// Offset just after its last token (or closing parenthesis).
    pub end: u32,
    /// Whether its first line begins with a blank: the owner is that of the entry before.
    pub indented: bool,
    /// Whether it holds text that cannot be read as data.
    pub broken: bool,
    /// Whether it is what is left of one whose parenthesis is never closed: it may be incomplete.
    pub mended: bool,
}

const FORM_FEED: u8 = 0x0c;
/// What MS-DOS ended text files with.
const CTRL_Z: u8 = 0x1a;

/// How often the scanner starts over after a parenthesis that is never closed. Beyond it
/// parentheses no longer join lines, so that a hostile file cannot make the scan quadratic.
const MAX_REWINDS: u32 = 64;

/// Reads entries from the octets of one source.
pub struct Scanner<'d> {
    data: &'d [u8],
    at: usize,
    /// How often it started over after a parenthesis that is never closed.
    pub rewinds: u32,
    /// Mistakes met so far; the caller drains them.
    pub errors: Vec<TextError>,
    /// Comments that speak to this program.
    pub notes: Vec<Note>,
    /// What only BIND reads, and its offset, in the entry that was gathered last.
    pub oddities: Vec<(Oddity, u32)>,
    /// Whether `\DDD` is octal, as the Windows DNS server writes it.
    pub octal: bool,
    /// Offset of the first CR LF line end.
    pub first_crlf: Option<u32>,
}

impl<'d> Scanner<'d> {
    /// Scans from an offset, which must be the start of a line.
    pub fn new(data: &'d [u8], at: usize) -> Self {
        Self {
            data,
            at,
            rewinds: 0,
            errors: Vec::new(),
            notes: Vec::new(),
            oddities: Vec::new(),
            octal: false,
            first_crlf: None,
        }
    }

    /// Offset of the line after the entry that was read last.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on at the start of another line.
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Gathers the tokens of the next entry; none at the end of the source.
    pub fn entry(&mut self, tokens: &mut Vec<Token>) -> Option<Entry> {
        loop {
            if self.at >= self.data.len() {
                return None;
            }
            tokens.clear();
            self.oddities.clear();
            let known = (self.errors.len(), self.notes.len());
            match self.line(tokens) {
                Line::Entry(entry) => return Some(entry),
                Line::Nothing => {}
                Line::Unclosed { start, open } => {
                    self.rewinds += 1;
                    return Some(self.mend(start, open, known, tokens));
                }
            }
        }
    }

    /// Ends the entry of a parenthesis that is never closed before the next line that reads as a
    /// record with an owner.
    fn mend(
        &mut self,
        start: usize,
        open: usize,
        (errors, notes): (usize, usize),
        tokens: &mut Vec<Token>,
    ) -> Entry {
        let next = self.next_record(open, tokens);
        let end = next.map_or(self.data.len(), |token| tokens[token].outer().0 as usize);
        let within = self.errors.iter().skip(errors).take_while(|error| (error.start as usize) < end).count();
        self.errors.truncate(errors + within);
        let within = self.notes.iter().skip(notes).take_while(|note| (note.start as usize) < end).count();
        self.notes.truncate(notes + within);
        let broken = self.errors.iter().skip(errors).any(|error| error.fault == Fault::Unterminated);
        self.oddities.clear();
        self.fault(Fault::Unclosed { resumed: next.map(|_| end as u32) }, open, open + 1);
        tokens.truncate(next.unwrap_or(tokens.len()));
        self.at = end;
        Entry {
            start: start as u32,
            end: tokens.last().map_or(open as u32 + 1, |last| last.outer().1.min(end as u32)),
            indented: matches!(self.data.get(start), Some(b' ' | b'\t')),
            broken,
            mended: true,
        }
    }

    /// Number of the first token after `open` that begins a line and has a head and RDATA after it.
    fn next_record(&self, open: usize, tokens: &[Token]) -> Option<usize> {
        let first = tokens.partition_point(|token| (token.start as usize) < open);
        (first..tokens.len()).find(|index| {
            let at = tokens[*index].outer().0 as usize;
            if self.data.get(at.wrapping_sub(1)) != Some(&b'\n') {
                return false;
            }
            let end = memchr::memchr(b'\n', &self.data[at..]).map_or(self.data.len(), |len| at + len);
            let line = &tokens[index + 1..];
            let line = &line[..line.partition_point(|token| (token.start as usize) < end)];
            let line = Tokens { data: self.data, rest: line, end: end as u32 };
            head::head(line).is_ok_and(|(rdata, _)| !rdata.is_empty())
        })
    }

    fn fault(&mut self, fault: Fault, start: usize, end: usize) {
        self.errors.push(TextError { fault, start: start as u32, end: end as u32 });
    }

    fn line(&mut self, tokens: &mut Vec<Token>) -> Line {
        let data = self.data;
        let start = self.at;
        let mut at = start;
        let mut end = start;
        let mut depth = 0_u32;
        let mut open = 0;
        let mut broken = false;
        let mut string_open = false;
        let indented = matches!(data.get(start), Some(b' ' | b'\t'));
        loop {
            let Some(&octet) = data.get(at) else {
                if depth > 0 {
                    return Line::Unclosed { start, open };
                }
                break;
            };
            match CLASSES[octet as usize] {
                Class::Blank => at += 1,
                Class::LineFeed => {
                    at += 1;
                    if depth == 0 {
                        break;
                    }
                }
                Class::Return => {
                    if data.get(at + 1) == Some(&b'\n') {
                        if self.first_crlf.is_none() {
                            self.first_crlf = Some(at as u32);
                        }
                        at += 2;
                    } else {
                        self.fault(Fault::Control(Within::Line), at, at + 1);
                        at += 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
                Class::Comment => {
                    let stop = comment_end(data, at);
                    if is_note(&data[at..stop]) {
                        let own_line = own_line(data, at);
                        self.notes.push(Note { start: at as u32, end: stop as u32, own_line });
                    }
                    if memchr::memchr3(0, CTRL_Z, b'\r', &data[at..stop]).is_some() {
                        self.comment_controls(at, stop);
                    }
                    at = stop;
                }
                Class::Open => {
                    if self.rewinds < MAX_REWINDS {
                        if depth == 0 {
                            open = at;
                        } else {
                            self.oddities.push((Oddity::Nested, at as u32));
                        }
                        if tokens.is_empty() {
                            self.oddities.push((Oddity::OpenFirst, at as u32));
                        }
                        depth += 1;
                    }
                    at += 1;
                    end = at;
                }
                Class::Close => {
                    if depth == 0 {
                        self.fault(Fault::Unopened, at, at + 1);
                    } else {
                        depth -= 1;
                    }
                    at += 1;
                    end = at;
                }
                Class::Quote => {
                    let (token, next, closed) = quoted(data, at);
                    if !closed && string_open && depth > 0 {
                        // The end of a string that began on a line before.
                        string_open = false;
                        at += 1;
                        continue;
                    }
                    let token = Token { octal: self.octal, ..token };
                    if data[at + 1..token.end as usize].iter().any(u8::is_ascii_control) {
                        self.control_characters(at + 1, token.end as usize, true);
                    }
                    if end == at && tokens.last().is_some_and(|last| last.outer().1 as usize == at) {
                        self.oddities.push((Oddity::Adjacent, at as u32));
                    }
                    if data.get(next).is_some_and(|after| is_bare(*after)) {
                        self.oddities.push((Oddity::Adjacent, next as u32));
                    }
                    if token.escaped {
                        self.escaped_line_ends(token);
                    }
                    if !closed {
                        self.fault(Fault::Unterminated, at, token.end as usize);
                        broken = true;
                        string_open = true;
                    }
                    tokens.push(token);
                    end = if closed { next } else { token.end as usize };
                    at = next;
                }
                Class::Control if octet == FORM_FEED || octet == CTRL_Z && ends_here(&data[at..]) => {
                    let next = at + data[at..].iter().take_while(|next| **next == octet).count();
                    self.fault(Fault::Control(Within::Line), at, next);
                    at = next;
                }
                Class::Text | Class::Backslash | Class::Control => {
                    let (token, controls) = bare(data, at);
                    let token = Token { octal: self.octal, ..token };
                    let stop = token.end as usize;
                    if controls {
                        self.control_characters(at, stop, false);
                    }
                    tokens.push(token);
                    at = stop;
                    end = stop;
                }
            }
        }
        self.at = at;
        if tokens.is_empty() && !broken {
            return Line::Nothing;
        }
        Line::Entry(Entry { start: start as u32, end: end as u32, indented, broken, mended: false })
    }

    /// Reports control characters inside a token; the token keeps them.
    fn control_characters(&mut self, start: usize, end: usize, quoted: bool) {
        let data = self.data;
        let mut at = start;
        while at < end {
            let octet = data[at];
            let run = data[at..end].iter().take_while(|next| **next == octet).count();
            let wanted = matches!(octet, b'\t' | b'\n') || octet == b'\r' && data.get(at + 1) == Some(&b'\n');
            if octet.is_ascii_control() && !wanted {
                let within = if quoted { Within::Quotes } else { Within::Line };
                self.fault(Fault::Control(within), at, at + run);
            }
            at += run;
        }
    }

    fn escaped_line_ends(&mut self, token: Token) {
        let start = token.start as usize;
        for at in memchr::memchr_iter(b'\n', token.text(self.data)) {
            self.oddities.push((Oddity::LineEnd, (start + at - 1) as u32));
        }
    }

    /// Reports what is dangerous even in a comment.
    fn comment_controls(&mut self, start: usize, end: usize) {
        for at in start..end {
            if matches!(self.data[at], 0 | CTRL_Z | b'\r') {
                self.fault(Fault::Control(Within::Comment), at, at + 1);
            }
        }
    }
}

/// Whether an octet begins a token that is not quoted.
fn is_bare(octet: u8) -> bool {
    match CLASSES[octet as usize] {
        Class::Text | Class::Backslash => true,
        Class::Control => octet != FORM_FEED && octet != CTRL_Z,
        _ => false,
    }
}

/// Whether nothing but Ctrl-Z and line ends is left.
fn ends_here(rest: &[u8]) -> bool {
    rest.iter().all(|octet| matches!(*octet, CTRL_Z | b'\r' | b'\n'))
}

enum Line {
    Entry(Entry),
    Nothing,
    Unclosed { start: usize, open: usize },
}

/// Offset of the line end that closes a comment, an LF or CR LF. A CR of its own, which ends a line
/// elsewhere, is a part of the comment to BIND.
fn comment_end(data: &[u8], at: usize) -> usize {
    let Some(len) = memchr::memchr(b'\n', &data[at..]) else { return data.len() };
    at + len - usize::from(data[at..at + len].last() == Some(&b'\r'))
}

/// Whether a comment says something to this program.
pub(super) fn is_note(comment: &[u8]) -> bool {
    let text = comment.strip_prefix(b";").unwrap_or(comment).trim_ascii_start();
    text.starts_with(b"zonewright:")
}

fn own_line(data: &[u8], at: usize) -> bool {
    data[..at].iter().rev().find(|octet| !matches!(octet, b' ' | b'\t')).is_none_or(|octet| *octet == b'\n')
}

/// Reads a quoted string from its opening quote: the token, the offset to go on at, and whether
/// the closing quote was found on the line (an escaped line end belongs to the string).
fn quoted(data: &[u8], quote: usize) -> (Token, usize, bool) {
    let mut at = quote + 1;
    let mut escaped = false;
    let token = |end: usize, escaped| Token {
        start: quote as u32 + 1,
        end: end as u32,
        kind: TokenKind::Quoted,
        escaped,
        octal: false,
    };
    while let Some(&octet) = data.get(at) {
        match octet {
            b'"' => return (token(at, escaped), at + 1, true),
            b'\\' => {
                escaped = true;
                at += 2;
            }
            b'\n' => {
                let text = data[quote + 1..at].trim_ascii_end();
                return (token(quote + 1 + text.len(), escaped), at, false);
            }
            _ => at += 1,
        }
    }
    let text = data.get(quote + 1..).unwrap_or_default().trim_ascii_end();
    (token(quote + 1 + text.len(), escaped), data.len(), false)
}

/// Reads bare text up to a blank, a line end or a special character; says whether control characters
/// stand in it.
fn bare(data: &[u8], start: usize) -> (Token, bool) {
    let mut at = start;
    let mut escaped = false;
    let mut controls = false;
    while let Some(&octet) = data.get(at) {
        match CLASSES[octet as usize] {
            Class::Text => at += 1,
            Class::Backslash => {
                escaped = true;
                at += 1;
                if let Some(next) = data.get(at).filter(|next| !matches!(next, b'\n' | b'\r')) {
                    controls |= next.is_ascii_control();
                    at += 1;
                }
            }
            Class::Control if octet != FORM_FEED => {
                controls = true;
                at += 1;
            }
            _ => break,
        }
    }
    let token = Token { start: start as u32, end: at as u32, kind: TokenKind::Text, escaped, octal: false };
    (token, controls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &[u8]) -> (Vec<Vec<String>>, Vec<(Fault, u32)>) {
        let mut scanner = Scanner::new(text, 0);
        let mut tokens = Vec::new();
        let mut entries = Vec::new();
        while scanner.entry(&mut tokens).is_some() {
            entries.push(
                tokens.iter().map(|token| String::from_utf8_lossy(token.text(text)).into_owned()).collect(),
            );
        }
        (entries, scanner.errors.iter().map(|error| (error.fault, error.start)).collect())
    }

    fn entries(text: &str) -> Vec<Vec<String>> {
        let (entries, errors) = scan(text.as_bytes());
        assert_eq!(errors, [], "{text}");
        entries
    }

    #[test]
    fn joins_lines_in_parentheses_and_keeps_quoted_specials() {
        assert_eq!(entries("a b ; c\n\n;x\n d\n"), [vec!["a", "b"], vec!["d"]]);
        assert_eq!(entries("a ( b ; (\n c ( d ) )e\r\nf"), [vec!["a", "b", "c", "d", "e"], vec!["f"]]);
        assert_eq!(entries("a \"x ; (y)\"\"z\" q\"r\""), [["a", "x ; (y)", "z", "q", "r"]]);
        assert_eq!(entries("a\\;b \\\"c \"d\\\"e\""), [["a\\;b", "\\\"c", "d\\\"e"]]);
        assert_eq!(entries("a \"x\\\ny\" b\n"), [["a", "x\\\ny", "b"]]);
    }

    #[test]
    fn a_parenthesis_never_closed_ends_before_the_next_record() {
        let (entries, errors) = scan(b"a A b\nc A ( d\ne A f\ng A ( h\n i )\n");
        assert_eq!(errors, [(Fault::Unclosed { resumed: Some(14) }, 10)]);
        assert_eq!(
            entries,
            [vec!["a", "A", "b"], vec!["c", "A", "d"], vec!["e", "A", "f"], vec!["g", "A", "h", "i"]]
        );
        let (entries, errors) = scan(b"@ SOA a b (\n1\n2 3 ; x\n4 5");
        assert_eq!(errors, [(Fault::Unclosed { resumed: None }, 10)]);
        assert_eq!(entries, [["@", "SOA", "a", "b", "1", "2", "3", "4", "5"]]);
    }

    #[test]
    fn a_parenthesis_that_closes_none_is_skipped() {
        let (entries, errors) = scan(b"a ) b\nc\n");
        assert_eq!(errors, [(Fault::Unopened, 2)]);
        assert_eq!(entries, [vec!["a", "b"], vec!["c"]]);
    }

    #[test]
    fn many_unclosed_parentheses_stay_linear() {
        let (entries, errors) = scan(&b"a A ( b\n".repeat(20_000));
        assert_eq!(entries.len(), 20_000);
        assert_eq!(errors.len(), MAX_REWINDS as usize);
    }

    #[test]
    fn an_unterminated_quote_ends_with_its_line() {
        let (entries, errors) = scan(b"a \"b c \r\nd\n");
        assert_eq!(errors, [(Fault::Unterminated, 2)]);
        assert_eq!(entries, [vec!["a", "b c"], vec!["d"]]);
    }

    #[test]
    fn control_characters_are_reported() {
        let (entries, errors) = scan(b"a\x0cb\rc\0\0d\n;\0\x0c\n\x1a");
        assert_eq!(errors.iter().map(|error| error.1).collect::<Vec<_>>(), [1, 3, 5, 10, 13]);
        assert_eq!(entries, [vec!["a", "b"], vec!["c\0\0d"]]);
    }

    #[test]
    fn notes_are_kept() {
        let mut scanner = Scanner::new(b"a b ; zonewright: allow x -- y\n  ;zonewright: z\n", 0);
        let mut tokens = Vec::new();
        while scanner.entry(&mut tokens).is_some() {}
        let notes: Vec<_> = scanner.notes.iter().map(|note| (note.start, note.own_line)).collect();
        assert_eq!(notes, [(4, false), (33, true)]);
    }
}
