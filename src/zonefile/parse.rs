//! The parser: entries in, records and findings out (RFC 1035 section 5, RFC 2308 section 4).
//!
//! It never fails and never stops at an error: it reports what is wrong and goes on with the next
//! entry. BIND's reading of a file is the reference.

mod canonical;
mod directive;
mod foreign;
mod owner;
mod parallel;
mod plain;
mod portability;
mod record;
mod report;
mod strings;
mod target;
mod text;
mod ttl;

pub use parallel::parse_parallel;

use super::include::Includes;
use super::name::{Name, NameContext, NameForm};
use super::rdata::{self, NameReader, NameRole};
use super::rtype::{Class, Rtype};
use super::scan::{Entry, Fault, Scanner};
use super::server::Targets;
use super::token::{Token, TokenKind, Tokens};
use crate::diagnostic::{Finding, RuleName};
use crate::text::{FileId, Source, Sources, Span};
use canonical::Canonical;
use owner::{Owner, OwnerState};
use std::collections::BTreeMap;

/// What the parser tells of one record.
#[derive(Debug)]
pub struct RawRecord<'r> {
    /// The owner relative to the apex, in canonical text.
    pub owner: &'r [u8],
    /// Whether the owner is the one of the record before it in the same piece.
    pub same_owner: bool,
    /// The piece it stands in, as [`RecordSink::piece`] numbered it.
    pub piece: u32,
    /// Offset of the entry's first line in the source.
    pub start: u64,
    /// Its type.
    pub rtype: Rtype,
    /// The TTL in seconds that BIND gives it.
    pub ttl: u32,
    /// Canonical form of the RDATA: equal octets, equal data.
    pub rdata: &'r [u8],
}

/// Takes what the parser finds.
pub trait RecordSink {
    /// A source begins: the zone file, an included file, or generated text. `by` is the directive
    /// that brought it in. Returns its number; a file included twice gets two.
    fn piece(&mut self, file: FileId, by: Option<Span>) -> u32;

    /// From this offset of the piece's source on, relative names are completed with `origin`.
    fn origin(&mut self, piece: u32, at: u64, origin: &Name);

    /// A record of the zone.
    fn record(&mut self, record: &RawRecord<'_>);

    /// The record given last names a domain: relative to the apex if `form` says that it lies in the
    /// zone, absolute otherwise.
    fn target(&mut self, rtype: Rtype, role: NameRole, name: &[u8], form: NameForm);

    /// A name that may lack its final dot; whether it does is judged when the zone is known.
    fn suspect(&mut self, suspect: Suspect);

    /// A comment that speaks to this program.
    fn note(&mut self, note: PlacedNote<'_>);

    /// Something wrong with the text.
    fn finding(&mut self, finding: Finding);

    /// Gives back the findings that it has got since it gave some back last.
    fn take_findings(&mut self) -> Vec<Finding>;
}

/// A comment that speaks to this program.
#[derive(Clone, Copy, Debug)]
pub struct PlacedNote<'t> {
    /// The comment, from its `;` to the end of its line.
    pub span: Span,
    /// Its text.
    pub text: &'t [u8],
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
    /// The entry it stands in, or else the next one.
    pub entry: Option<Span>,
}

/// A name that may be meant as another than it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Where it is written.
    pub span: Span,
    /// What it now stands for: relative to the apex, or absolute when it lies outside the zone.
    pub name: Vec<u8>,
    /// What makes it suspect.
    pub kind: SuspectKind,
    /// Whether its text ends in the origin, rather than in a public suffix.
    pub repeats_origin: bool,
    /// Absolute owner of the record it stands in.
    pub owner: Vec<u8>,
    /// Type of the record; none when it is the owner.
    pub rtype: Option<Rtype>,
}

/// What makes a name suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspectKind {
    /// It looks like a complete name, without the final dot.
    Name,
    /// A mailbox whose mail domain, the name without its first label, looks so.
    Mailbox,
    /// It is written like an address.
    Address {
        /// Whether the origin completes it, so that a name may be meant after all.
        relative: bool,
    },
    /// It is written like a URL.
    Url,
    /// It is one label with a final dot.
    TopLevel,
}

/// Who wrote the file, where that changes its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Windows when its header says so, else BIND.
    #[default]
    Auto,
    /// BIND master file.
    Bind,
    /// Export of the Windows DNS server.
    Windows,
}

impl Dialect {
    /// Whether a file is to be read as an export of the Windows DNS server.
    pub fn is_windows(self, data: &[u8]) -> bool {
        match self {
            Self::Auto => has_windows_header(data),
            Self::Bind => false,
            Self::Windows => true,
        }
    }
}

/// How to read a zone.
#[derive(Clone, Debug)]
pub struct Options {
    /// Apex of the zone.
    pub apex: Name,
    /// Which dialect the file is in.
    pub dialect: Dialect,
    /// How many records one `$GENERATE` may make.
    pub generate_limit: u64,
    /// The servers that the zone is meant for.
    pub targets: Targets,
    /// How many octets of a file on the disk are read at a time; more where one entry has more.
    pub window: usize,
    /// How many threads may read one large file.
    pub threads: usize,
}

impl Options {
    /// The defaults for a zone.
    pub fn new(apex: Name) -> Self {
        Self {
            apex,
            dialect: Dialect::Auto,
            generate_limit: 65_536,
            targets: Targets::default(),
            window: WINDOW,
            threads: 1,
        }
    }
}

/// How many octets of a large file are read at a time.
const WINDOW: usize = 1 << 18;
/// How deep includes nest.
const MAX_DEPTH: usize = 32;
/// How many findings of one rule are kept; the rest are counted.
const MAX_FINDINGS: u64 = 1000;

/// Reads a zone from its file.
pub fn parse(
    sources: &Sources,
    includes: &dyn Includes,
    root: FileId,
    options: &Options,
    sink: &mut impl RecordSink,
) {
    let windows = is_windows(sources, root, options);
    let mut parser = Parser::new(sources, includes, options, windows, sink);
    parser.source(root, None);
    parser.finish();
}

/// Whether a file is read as an export of the Windows DNS server.
pub fn is_windows(sources: &Sources, root: FileId, options: &Options) -> bool {
    options.dialect.is_windows(&sources.get(root).slice(0, HEADER))
}

/// The header of a Windows DNS export stands in so many octets.
const HEADER: u64 = 512;

/// Whether the file begins as the Windows DNS server writes it.
fn has_windows_header(data: &[u8]) -> bool {
    let head = &data[..data.len().min(HEADER as usize)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.trim_ascii_start().starts_with(b";") && memchr::memmem::find(head, b"Database file ").is_some()
}

struct Parser<'a, S> {
    sources: &'a Sources,
    includes: &'a dyn Includes,
    options: &'a Options,
    windows: bool,
    sink: &'a mut S,
    names: NameReader,
    owner: Owner,
    /// The class of the zone, and where its SOA record says so.
    class: Option<(Class, Option<Span>)>,
    ttls: ttl::Ttls,
    rdata: Canonical,
    /// The files being read, outermost first, and the directive that brought each in.
    chain: Vec<(FileId, Option<Span>)>,
    counts: BTreeMap<RuleName, (u64, Span)>,
    /// While the text of a `$GENERATE` is read: the rules that have reported it.
    generated: Option<Vec<RuleName>>,
    /// Whether a parenthesis or a string was open somewhere to its end, or a comment belongs to an
    /// entry that was not there: what was read may go on behind its end.
    torn: bool,
}

/// A part of a source while it is read: all offsets of tokens and entries count in it.
struct Piece<'s> {
    source: &'s Source,
    file: FileId,
    number: u32,
    data: &'s [u8],
    /// Where the part begins in the source.
    base: u64,
    /// Whether nothing but ASCII stands in it.
    ascii: bool,
    state: PieceState,
}

/// What goes on from one part of a source to the next.
struct PieceState {
    /// Whether a record of this source had an owner.
    owner_known_here: bool,
    /// The `$ORIGIN` since the last owner that was written.
    origin_changed: Option<Span>,
    /// The `$INCLUDE` since then whose file ends with another owner.
    included: Option<Span>,
    /// Whether the next record begins a new run of one owner.
    fresh: bool,
    /// How often the scanner started over after a parenthesis that is never closed.
    rewinds: u32,
    /// Where the first CR LF line end stands in the source.
    crlf: Option<u64>,
}

impl PieceState {
    fn new() -> Self {
        Self {
            owner_known_here: false,
            origin_changed: None,
            included: None,
            fresh: true,
            rewinds: 0,
            crlf: None,
        }
    }
}

impl<'s> Piece<'s> {
    fn new(source: &'s Source, file: FileId, number: u32, (base, data): (u64, &'s [u8])) -> Self {
        Self { source, file, number, data, base, ascii: data.is_ascii(), state: PieceState::new() }
    }
}

impl Piece<'_> {
    /// The span of some octets, cut to the source: a quote may be open where it ends.
    fn span(&self, start: u32, end: u32) -> Span {
        let len = self.source.len();
        let place = |at: u32| (self.base + u64::from(at)).min(len);
        Span::new(self.file, place(start), place(end))
    }

    fn token(&self, token: Token) -> Span {
        let (start, end) = token.outer();
        self.span(start, end)
    }

    fn text(&self, start: u32, end: u32) -> &[u8] {
        self.data.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The empty place before the first line of an entry.
    fn line_start(&self, entry: Entry) -> Span {
        self.span(entry.start, entry.start)
    }

    fn is_generated(&self) -> bool {
        self.source.generated_by().is_some()
    }
}

impl<'a, S: RecordSink> Parser<'a, S> {
    fn new(
        sources: &'a Sources,
        includes: &'a dyn Includes,
        options: &'a Options,
        windows: bool,
        sink: &'a mut S,
    ) -> Self {
        let context = NameContext::new(options.apex.clone(), options.apex.clone());
        Self {
            sources,
            includes,
            options,
            windows,
            sink,
            names: NameReader::new(context),
            owner: Owner::default(),
            class: None,
            ttls: ttl::Ttls::default(),
            rdata: Canonical::default(),
            chain: Vec::new(),
            counts: BTreeMap::new(),
            generated: None,
            torn: false,
        }
    }

    /// Reads a source window by window: a text in memory is one window, a file on the disk many, each
    /// from the first entry that the one before may have cut.
    fn source(&mut self, file: FileId, by: Option<Span>) {
        let source = self.sources.get(file);
        let number = self.sink.piece(file, by);
        self.chain.push((file, by));
        let mut state = PieceState::new();
        let mut buffer = Vec::new();
        let mut at = 0;
        let mut len = self.options.window;
        loop {
            let data = source.read(at, len, &mut buffer);
            // No octets: the file cannot be read, which its source knows.
            let last = data.is_empty() || at + data.len() as u64 >= source.len();
            if !last && memchr::memchr(text::CTRL_Z, data).is_some() && len < usize::MAX {
                // Whether it ends the file is known at the end of the file.
                len = usize::MAX;
                continue;
            }
            let mut piece = Piece { state, ..Piece::new(&source, file, number, (at, data)) };
            let mut start = 0;
            if at == 0 {
                let Some(text) = self.start_of_text(&piece) else {
                    self.chain.pop();
                    return;
                };
                start = text;
                self.sink.origin(number, 0, &self.names.context.origin);
            }
            let stop = self.entries(&mut piece, start, last);
            state = piece.state;
            if last {
                break;
            }
            len = if stop == start { len.saturating_mul(2) } else { self.options.window };
            at += stop as u64;
        }
        self.line_ends(&source, file, state.crlf);
        self.chain.pop();
    }

    /// Reads the entries of a piece from an offset on; of one that is not the last of its source up to
    /// the entry that may go on behind it, whose offset is returned.
    fn entries(&mut self, piece: &mut Piece<'_>, start: usize, last: bool) -> usize {
        let data = piece.data;
        let mut scanner = Scanner::new(data, start);
        scanner.octal = self.windows;
        scanner.rewinds = piece.state.rewinds;
        let may_be_plain = !self.windows && !piece.is_generated();
        let (mut line, mut canonical) = (plain::Line::new(), Canonical::default());
        let mut tokens = Vec::new();
        let mut at;
        loop {
            at = scanner.position();
            if may_be_plain && let Some(next) = self.plain_line(piece, (&mut line, &mut canonical), at, last)
            {
                scanner.go_to(next);
                continue;
            }
            let entry = scanner.entry(&mut tokens);
            if !last && (scanner.position() >= data.len() || entry.is_some_and(|entry| entry.mended)) {
                break;
            }
            for error in scanner.errors.drain(..) {
                self.torn |= matches!(error.fault, Fault::Unclosed { .. } | Fault::Unterminated);
                self.text_error(piece, error);
            }
            for note in scanner.notes.drain(..) {
                self.torn |= entry.is_none();
                self.sink.note(PlacedNote {
                    span: piece.span(note.start, note.end),
                    text: piece.text(note.start, note.end),
                    own_line: note.own_line,
                    entry: entry.map(|entry| piece.span(entry.start, entry.end)),
                });
            }
            piece.state.rewinds = scanner.rewinds;
            let Some(entry) = entry else { break };
            self.oddities(piece, &scanner.oddities, entry, &tokens);
            self.entry(piece, entry, &tokens);
        }
        let crlf = scanner.first_crlf.map(|at| piece.base + u64::from(at));
        piece.state.crlf = piece.state.crlf.or(crlf);
        at
    }

    fn entry(&mut self, piece: &mut Piece<'_>, entry: Entry, tokens: &[Token]) {
        let data = piece.data;
        let Some(&first) = tokens.first() else { return };
        let all = Tokens { data, rest: tokens, end: entry.end };
        let text = first.text(data);
        if !piece.ascii && self.confusable(piece, entry, all) {
            return;
        }
        if first.kind == TokenKind::Text {
            if text.first() == Some(&b'$') {
                if entry.indented {
                    self.indented_directive(piece, entry, first, text);
                } else if !entry.broken {
                    self.directive(piece, all, text);
                }
                return;
            }
            if let Some(len) = rdata::foreign_comment(text)
                && !(entry.indented || entry.broken || self.reads(all.skip(1)))
            {
                let error = rdata::non_zone_comment(first, len);
                return self.report(report::field_finding(piece, "", &error));
            }
        }
        if entry.indented {
            if !entry.broken {
                self.record(piece, entry, all);
            }
        } else if entry.broken && first.kind == TokenKind::Quoted {
            self.owner.state = owner::OwnerState::Invalid;
        } else if self.written_owner(piece, first, all) && !entry.broken {
            self.record(piece, entry, all.skip(1));
        }
    }
}
