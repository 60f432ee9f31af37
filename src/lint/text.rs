//! Rules about the text of files: each file of the zones is read once more for all of them, part by
//! part, entry by entry, and only if one of them is on.

use super::context::{Out, ZoneContext};
use crate::diagnostic::{Applicability, Edit, Finding};
use crate::edge::parked::STANDS_IN;
use crate::text::{FileId, Source, Span};
use crate::zonefile::head::{self, Head};
use crate::zonefile::name::{Name, NameContext};
use crate::zonefile::scan::{Entry, Scanner};
use crate::zonefile::token::{Token, TokenKind, Tokens};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// How many octets of a file are read at a time; more where one entry has more.
const WINDOW: usize = 1 << 19;
/// How many findings of one rule are kept of one file; the others are told of in one.
const MOST_FINDINGS: usize = 1000;
/// So many places a fix changes at the most.
pub(super) const MOST_EDITS: usize = 1_000_000;

/// A rule about text. Each file is looked at by a value of its own.
pub trait TextRule {
    /// Looks at the next entry of the file.
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>);

    /// The file has been read to its end.
    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>);
}

/// One file of a zone.
pub struct ZoneFile<'z> {
    /// The zone; the first one, if several include the file.
    pub context: &'z ZoneContext<'z>,
    id: FileId,
    source: Arc<Source>,
}

impl ZoneFile<'_> {
    /// What reports call it.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// A place by offsets in octets.
    pub fn span(&self, start: u64, end: u64) -> Span {
        Span::new(self.id, start, end)
    }

    /// A finding in the file.
    pub fn about(&self, rule: &'static str, span: Span, message: String) -> Finding {
        self.context.about_zone(rule, span, message)
    }
}

/// What an entry is.
pub enum Kind<'t> {
    /// There is none: the end of the file.
    Nothing,
    /// A directive; its arguments follow its name in the tokens.
    Directive(&'t [u8]),
    /// A record, and the tokens of its RDATA.
    Record(Head, Tokens<'t, 't>),
    /// Anything else: nobody knows what it was meant to be.
    Unreadable,
}

/// An entry with its whole lines and the lines before it that hold none: blank ones and comments.
/// Offsets count in `data`.
pub struct Stretch<'t> {
    /// The file.
    pub file: &'t ZoneFile<'t>,
    /// The part of the file that is in memory.
    pub data: &'t [u8],
    /// Where that part begins in the file.
    base: u64,
    /// The lines.
    pub range: Range<usize>,
    /// Where the entry begins, or else the end of the lines.
    pub entry_start: usize,
    /// What the entry is.
    pub kind: Kind<'t>,
    /// Its tokens.
    pub tokens: &'t [Token],
    /// Whether it takes the place of a record that `plan failover` set aside.
    pub stands_in: bool,
    running: &'t Running,
}

impl Stretch<'_> {
    /// Octets of the text.
    pub fn text(&self, start: usize, end: usize) -> &[u8] {
        self.data.get(start..end).unwrap_or_default()
    }

    /// The place of octets of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        self.file.span(self.base + start as u64, self.base + end as u64)
    }

    /// The place of a token, with its quotes.
    pub fn token(&self, token: Token) -> Span {
        let (start, end) = token.outer();
        self.span(start as usize, end as usize)
    }

    /// The lines from one offset to another, each without its line end.
    pub fn lines(&self, start: usize, end: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut at = start;
        self.text(start, end).split_inclusive(|octet| *octet == b'\n').map(move |line| {
            let start = at;
            at += line.len();
            let text = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line);
            start..start + text.len()
        })
    }

    /// The origin in force.
    pub fn names(&self) -> NameContext {
        NameContext::new(self.file.context.zone.apex().clone(), self.running.origin.clone())
    }

    /// The absolute name that a token stands for, canonical, no final dot.
    pub fn name(&self, token: Token, data: &[u8]) -> Option<Name> {
        absolute(self.file.context.zone.apex(), &self.running.origin, token, data)
    }

    /// A finding about the record of the entry.
    pub fn about(&self, rule: &'static str, rtype: impl ToString, span: Span, message: &str) -> Finding {
        let owner = self.running.owner(self.file.context);
        let rtype = rtype.to_string();
        let who = owner.as_ref().map_or_else(|| format!("{rtype}: "), |owner| format!("`{owner}` {rtype}: "));
        let mut finding = self.file.about(rule, span, format!("{who}{message}"));
        finding.owner = owner;
        finding.rtype = Some(rtype);
        finding
    }
}

/// The absolute name that a token stands for under an origin.
fn absolute(apex: &Name, origin: &Name, token: Token, data: &[u8]) -> Option<Name> {
    let mut name = Vec::new();
    let form = NameContext::new(apex.clone(), origin.clone()).read(token, data, &mut name).ok()?;
    Some(Name::from_canonical(&if form.in_zone { apex.join(&name) } else { name }))
}

/// What goes on from one entry to the next.
struct Running {
    origin: Name,
    /// The owner as it is written, and the origin where it is.
    owner: Option<(Token, Vec<u8>, Name)>,
}

impl Running {
    fn owner(&self, context: &ZoneContext<'_>) -> Option<String> {
        let (token, text, origin) = self.owner.as_ref()?;
        Some(absolute(context.zone.apex(), origin, *token, text)?.to_string())
    }

    /// Takes over the owner that an entry begins with.
    fn own(&mut self, token: Token, data: &[u8]) {
        let text = token.text(data);
        let token = Token { start: 0, end: text.len() as u32, ..token };
        match &mut self.owner {
            Some((known, before, origin)) => {
                *known = token;
                before.clear();
                before.extend_from_slice(text);
                if *origin != self.origin {
                    *origin = self.origin.clone();
                }
            }
            none => *none = Some((token, text.to_vec(), self.origin.clone())),
        }
    }
}

/// Runs rules about text over the files of the zones, each file once; each of `news` begins a rule.
pub(super) fn read(zones: &[ZoneContext<'_>], news: &[fn() -> Box<dyn TextRule>], out: Out<'_>) {
    if news.is_empty() {
        return;
    }
    let mut seen = HashSet::new();
    for context in zones {
        for id in context.zone.files().into_iter().filter(|id| seen.insert(*id)) {
            let file = ZoneFile { context, id, source: context.zone.sources().get(id) };
            let mut rules: Vec<_> = news.iter().map(|new| new()).collect();
            entries(&file, &mut rules, out);
            for rule in &mut rules {
                rule.finish(&file, out);
            }
        }
    }
}

/// Shows all entries of a file to the rules.
fn entries(file: &ZoneFile<'_>, rules: &mut [Box<dyn TextRule>], out: Out<'_>) {
    let (zone, source) = (file.context.zone, &file.source);
    let origin = zone.origin_of(file.id).cloned().unwrap_or_else(|| zone.apex().clone());
    let mut running = Running { origin, owner: None };
    let (mut buffer, mut tokens) = (Vec::new(), Vec::new());
    let (mut at, mut len, mut rewinds) = (0, WINDOW, 0);
    loop {
        let data = source.read(at, len, &mut buffer);
        let last = data.is_empty() || at + data.len() as u64 >= source.len();
        let start = match data {
            // UTF-16, which was not read.
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if at == 0 => return,
            [0xef, 0xbb, 0xbf, ..] if at == 0 => 3,
            _ => 0,
        };
        let mut scanner = Scanner::new(data, start);
        scanner.octal = zone.is_windows();
        scanner.rewinds = rewinds;
        let stop = loop {
            let from = scanner.position();
            let entry = scanner.entry(&mut tokens);
            let to = scanner.position();
            if !last && (to >= data.len() || entry.is_some_and(|entry| entry.mended)) {
                break from;
            }
            rewinds = scanner.rewinds;
            let entry_start = entry.map_or(to, |entry| entry.start as usize);
            let is_within = |at: u32| at as usize >= entry_start;
            let is_faulty = scanner.errors.drain(..).any(|error| is_within(error.start));
            let failover = STANDS_IN.trim_start().as_bytes();
            let text = |start: u32, end: u32| data.get(start as usize..end as usize).unwrap_or_default();
            let mut notes = scanner.notes.drain(..).filter(|note| is_within(note.start));
            let stands_in = notes.any(|note| text(note.start, note.end).trim_ascii_end() == failover);
            let kind = entry.map_or(Kind::Nothing, |entry| match is_faulty {
                true => Kind::Unreadable,
                false => kind(entry, &tokens, data),
            });
            if let (Kind::Record(..) | Kind::Unreadable, Some(entry)) = (&kind, entry)
                && let Some(first) = tokens.first().filter(|_| !entry.indented)
            {
                running.own(*first, data);
            }
            let stretch = Stretch {
                file,
                data,
                base: at,
                range: from..to,
                entry_start,
                kind,
                tokens: &tokens,
                stands_in,
                running: &running,
            };
            for rule in rules.iter_mut() {
                rule.look(&stretch, out);
            }
            let origin = new_origin(&stretch);
            if let Some(origin) = origin {
                running.origin = origin;
            }
            if entry.is_none() {
                break to;
            }
        };
        if last {
            return;
        }
        len = if stop == start { len.saturating_mul(2) } else { WINDOW };
        at += stop as u64;
    }
}

fn kind<'t>(entry: Entry, tokens: &'t [Token], data: &'t [u8]) -> Kind<'t> {
    let Some(first) = tokens.first().filter(|_| !entry.broken && !entry.mended) else {
        return Kind::Unreadable;
    };
    let text = first.text(data);
    if first.kind == TokenKind::Text && text.first() == Some(&b'$') {
        return if entry.indented { Kind::Unreadable } else { Kind::Directive(text) };
    }
    let all = Tokens { data, rest: tokens, end: entry.end };
    match head::head(all.skip(usize::from(!entry.indented))) {
        Ok((rdata, head)) => Kind::Record(head, rdata),
        Err(_) => Kind::Unreadable,
    }
}

/// The origin that an entry sets.
fn new_origin(stretch: &Stretch<'_>) -> Option<Name> {
    match stretch.kind {
        Kind::Directive(word) if word.eq_ignore_ascii_case(b"$ORIGIN") => {
            stretch.name(*stretch.tokens.get(1)?, stretch.data)
        }
        _ => None,
    }
}

/// The findings of one rule in one file: the first ones, and one for all the others.
#[derive(Default)]
pub(super) struct Many {
    count: usize,
    /// Where the first one stands that is not kept, and what remedies those that have a safe fix.
    rest: Option<(Span, Vec<Edit>)>,
}

impl Many {
    /// Takes in a finding whose edits overlap those of no other.
    pub(super) fn push(&mut self, finding: Finding, out: Out<'_>) {
        self.count += 1;
        if self.count <= MOST_FINDINGS {
            out.push(finding);
            return;
        }
        let (_, edits) = self.rest.get_or_insert_with(|| (finding.span, Vec::new()));
        let fix = finding.fix.filter(|fix| fix.applicability == Applicability::Safe);
        edits.extend(fix.filter(|_| edits.len() < MOST_EDITS).into_iter().flat_map(|fix| fix.edits));
    }

    pub(super) fn finish(&mut self, rule: &'static str, file: &ZoneFile<'_>, out: Out<'_>) {
        let Some((span, mut edits)) = self.rest.take() else { return };
        let more = self.count - MOST_FINDINGS;
        let message = format!("`{}`: {more} more findings of `{rule}` are not shown", file.name());
        let mut finding = file.about(rule, span, message);
        finding.others = more - 1;
        edits.sort_by_key(|edit| edit.span);
        out.push(if edits.is_empty() { finding } else { finding.fixes(Applicability::Safe, edits) });
    }
}

/// What takes a cell out of the head of a record, its column staying empty where it is one: a token, and
/// the blank after it if there is only one.
pub(super) fn without(stretch: &Stretch<'_>, token: Token) -> Edit {
    let (start, end) = (token.start as usize, token.end as usize);
    let (len, replacement) = match stretch.text(end, end + 2) {
        [b' ', b' ' | b'\t'] => (0, vec![b' '; end - start]),
        [b' ', ..] => (1, Vec::new()),
        _ => (0, Vec::new()),
    };
    Edit { span: stretch.span(start, end + len), replacement }
}
