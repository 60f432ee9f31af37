//! The parser: entries in, records and findings out (RFC 1035 section 5, RFC 2308 section 4).
//!
//! It never fails and never stops at an error: it reports what is wrong and goes on with the next
//! entry. BIND's reading of a file is the reference.

use super::head::{self, Head};
use super::include::{IncludeError, Includes};
use super::name::{Name, NameContext, NameForm};
use super::rdata::{self, NameReader, NameRole, RdataSink};
use super::rtype::{Class, Rtype};
use super::scan::{Entry, Note, Scanner};
use super::target;
use super::token::{FieldError, Token, TokenKind, Tokens};
use super::ttl::MAX_TTL;
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::{FileId, Source, Sources, Span};
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
    /// Offset of the entry's first line in the piece.
    pub start: u32,
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

    /// From this offset of the piece on, relative names are completed with `origin`.
    fn origin(&mut self, piece: u32, at: u32, origin: &Name);

    /// A record of the zone.
    fn record(&mut self, record: &RawRecord<'_>);

    /// The record given last names a domain inside the zone (relative to the apex).
    fn target(&mut self, rtype: Rtype, role: NameRole, name: &[u8]);

    /// A name that may lack its final dot; whether it does is judged when the zone is known.
    fn suspect(&mut self, suspect: Suspect);

    /// A comment that speaks to this program, and the entry it belongs to (the one it stands in, or
    /// the next), as offsets of the piece.
    fn note(&mut self, piece: u32, note: Note, entry: Option<Entry>);

    /// Something wrong with the text.
    fn finding(&mut self, finding: Finding);
}

/// A relative name that looks like an absolute one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Where it is written.
    pub span: Span,
    /// What it now stands for, relative to the apex.
    pub name: Vec<u8>,
    /// Whether its text ends in the origin, rather than in a public suffix.
    pub repeats_origin: bool,
    /// Absolute owner and type of the record it stands in.
    pub owner: Vec<u8>,
    /// Type of the record; none when it is an owner.
    pub rtype: Option<Rtype>,
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
}

impl Options {
    /// The defaults for a zone.
    pub fn new(apex: Name) -> Self {
        Self { apex, dialect: Dialect::Auto, generate_limit: 65_536 }
    }
}

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
    let context = NameContext::new(options.apex.clone(), options.apex.clone());
    let source = sources.get(root);
    let windows = options.dialect.is_windows(source.bytes());
    let mut parser = Parser {
        sources,
        includes,
        options,
        windows,
        sink,
        names: NameReader { context, buffer: Vec::new() },
        owner: Owner::default(),
        class: None,
        default_ttl: None,
        last_ttl: None,
        soa_minimum: None,
        ttl_reported: false,
        rdata: Canonical::default(),
        chain: Vec::new(),
        counts: BTreeMap::new(),
    };
    parser.source(root, None);
    parser.finish();
}

/// Whether the file begins as the Windows DNS server writes it.
fn has_windows_header(data: &[u8]) -> bool {
    let head = &data[..data.len().min(512)];
    head.trim_ascii_start().starts_with(b";") && memchr::memmem::find(head, b"Database file ").is_some()
}

#[derive(Default)]
struct Owner {
    key: Vec<u8>,
    state: OwnerState,
    /// Text of the token it was read from, to see at once that the next one is the same.
    text: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum OwnerState {
    /// No record yet.
    #[default]
    Unset,
    /// The last owner could not be read: records that inherit it are skipped.
    Invalid,
    InZone,
    OutOfZone,
}

struct Parser<'a, S> {
    sources: &'a Sources,
    includes: &'a dyn Includes,
    options: &'a Options,
    windows: bool,
    sink: &'a mut S,
    names: NameReader,
    owner: Owner,
    class: Option<Class>,
    default_ttl: Option<u32>,
    last_ttl: Option<u32>,
    soa_minimum: Option<u32>,
    ttl_reported: bool,
    rdata: Canonical,
    /// The files being read, outermost first, and the directive that brought each in.
    chain: Vec<(FileId, Option<Span>)>,
    counts: BTreeMap<RuleName, (u64, Span)>,
}

/// One source while it is read.
struct Piece<'s> {
    source: &'s Source,
    file: FileId,
    number: u32,
    /// Whether the next record is the first since an owner was written or the origin changed.
    owner_known_here: bool,
    origin_changed: bool,
    fresh: bool,
}

impl Piece<'_> {
    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, u64::from(start), u64::from(end))
    }

    fn token(&self, token: Token) -> Span {
        let (start, end) = token.outer();
        self.span(start, end)
    }
}

impl<S: RecordSink> Parser<'_, S> {
    fn source(&mut self, file: FileId, by: Option<Span>) {
        let source = self.sources.get(file);
        let data = source.bytes();
        let number = self.sink.piece(file, by);
        let mut piece = Piece {
            source: &source,
            file,
            number,
            owner_known_here: false,
            origin_changed: false,
            fresh: true,
        };
        let start = self.start_of_text(&piece);
        let Some(start) = start else { return };
        self.chain.push((file, by));
        self.sink.origin(number, 0, &self.names.context.origin);
        let mut scanner = Scanner::new(data, start);
        let mut tokens = Vec::new();
        while let Some(entry) = scanner.entry(&mut tokens) {
            for error in scanner.errors.drain(..) {
                self.text_error(&piece, error);
            }
            for note in scanner.notes.drain(..) {
                self.sink.note(number, note, Some(entry));
            }
            self.entry(&mut piece, entry, &tokens);
        }
        for error in scanner.errors.drain(..) {
            self.text_error(&piece, error);
        }
        for note in scanner.notes.drain(..) {
            self.sink.note(number, note, None);
        }
        self.line_ends(&piece, scanner.first_crlf, scanner.first_lf);
        self.chain.pop();
    }

    /// Skips a byte order mark; none when the file is no text this program reads.
    fn start_of_text(&mut self, piece: &Piece<'_>) -> Option<usize> {
        let data = piece.source.bytes();
        if data.starts_with(&[0xff, 0xfe]) || data.starts_with(&[0xfe, 0xff]) {
            self.report(
                Finding::new(
                    RuleName("byte-order-mark"),
                    piece.span(0, 2),
                    "the file is UTF-16, which no server reads",
                )
                .help("save it as plain ASCII or UTF-8 without a byte order mark"),
            );
            return None;
        }
        if data.starts_with(b"\xef\xbb\xbf") {
            let span = piece.span(0, 3);
            self.report(
                Finding::new(
                    RuleName("byte-order-mark"),
                    span,
                    "the file begins with a UTF-8 byte order mark",
                )
                .help("remove it: every server refuses the file")
                .fix(Applicability::Safe, span, ""),
            );
            return Some(3);
        }
        Some(0)
    }

    fn line_ends(&mut self, piece: &Piece<'_>, crlf: Option<u32>, lf: Option<u32>) {
        let data = piece.source.bytes();
        if piece.source.generated_by().is_some() || data.is_empty() {
            return;
        }
        if let Some(at) = crlf
            && !self.windows
        {
            let mixed = if lf.is_some() { "mixes CR LF and LF line ends" } else { "has CR LF line ends" };
            self.report(
                Finding::new(
                    RuleName("crlf-line-endings"),
                    piece.span(at, at + 1),
                    format!("`{}` {mixed}", piece.source.name()),
                )
                .labelled("the first CR LF")
                .help("write LF line ends; Knot refuses the file"),
            );
        }
        if data.last() != Some(&b'\n') {
            let end = data.len() as u32;
            let span = piece.span(end, end);
            self.report(
                Finding::new(
                    RuleName("missing-final-newline"),
                    piece.span(end - 1, end),
                    format!("`{}` does not end with a line end", piece.source.name()),
                )
                .fix(Applicability::Safe, span, "\n"),
            );
        }
    }

    fn text_error(&mut self, piece: &Piece<'_>, error: super::scan::TextError) {
        let span = piece.span(error.start, error.end);
        let text = piece.source.slice(u64::from(error.start), u64::from(error.end));
        let finding = match error.rule.0 {
            "unbalanced-parenthesis" if text == b"(" => {
                Finding::new(error.rule, span, "parenthesis is never closed").labelled("opened here")
            }
            "unbalanced-parenthesis" => {
                Finding::new(error.rule, span, "parenthesis closes none").labelled("no `(` before it")
            }
            "unterminated-quote" => Finding::new(error.rule, span, "quoted string does not end on its line")
                .labelled("opened here")
                .help("close it with `\"`"),
            _ => {
                let octet = text.first().copied().unwrap_or(0);
                let finding = Finding::new(error.rule, span, format!("control character 0x{octet:02x}"));
                match octet {
                    b'\r' => finding.help(
                        "a CR alone ends a line for BIND, and Knot drops the record without a word: write LF",
                    ),
                    0x1a => finding.help("remove it").fix(Applicability::Safe, span, ""),
                    0x0b | 0x0c => finding.help("write a space").fix(Applicability::Safe, span, " "),
                    _ => finding.help("remove it, or write it as `\\DDD`"),
                }
            }
        };
        self.report(finding);
    }

    fn entry(&mut self, piece: &mut Piece<'_>, entry: Entry, tokens: &[Token]) {
        let data = piece.source.bytes();
        let Some(&first) = tokens.first() else { return };
        let all = Tokens { data, rest: tokens, end: entry.end };
        let text = first.text(data);
        if first.kind == TokenKind::Text && text.first() == Some(&b'$') {
            if entry.indented {
                self.indented_directive(piece, entry, first, text);
            } else if !entry.broken {
                self.directive(piece, all, text);
            }
            return;
        }
        if !entry.indented && is_foreign_comment(text) && !entry.broken && !self.reads_as_record(all) {
            let span = piece.span(first.start, first.start + if text.starts_with(b"//") { 2 } else { 1 });
            self.report(
                Finding::new(
                    RuleName("non-zone-comment"),
                    span,
                    "a comment begins with `;`, not with `#` or `//`",
                )
                .fix(Applicability::Safe, span, ";"),
            );
            return;
        }
        let rest = if entry.indented {
            all
        } else {
            self.written_owner(piece, first);
            all.skip(1)
        };
        if !entry.broken {
            self.record(piece, entry, rest);
        }
    }

    fn reads_as_record(&self, all: Tokens<'_, '_>) -> bool {
        head::is_head(all.skip(1))
    }

    fn indented_directive(&mut self, piece: &Piece<'_>, entry: Entry, first: Token, text: &[u8]) {
        let blank = piece.span(entry.start, first.start);
        let name = String::from_utf8_lossy(text);
        self.report(
            Finding::new(
                RuleName("unknown-directive"),
                piece.token(first),
                format!("`{name}` is indented, so it is read as a record type and not as a directive"),
            )
            .help("begin it in the first column")
            .fix(Applicability::Safe, blank, ""),
        );
    }

    fn written_owner(&mut self, piece: &mut Piece<'_>, token: Token) {
        let data = piece.source.bytes();
        let text = token.text(data);
        let known = piece.owner_known_here && !piece.origin_changed && self.owner.text == text;
        piece.owner_known_here = true;
        piece.origin_changed = false;
        if known && matches!(self.owner.state, OwnerState::InZone | OwnerState::OutOfZone) {
            return;
        }
        piece.fresh = true;
        self.owner.text.clear();
        self.owner.text.extend_from_slice(text);
        match self.names.context.read(token, data, &mut self.owner.key) {
            Err(error) => {
                self.owner.state = OwnerState::Invalid;
                let written = String::from_utf8_lossy(text);
                let start = token.start + error.start as u32;
                let end = (token.start + error.end as u32).min(token.end).max(start);
                self.report(Finding::new(
                    error.rule,
                    piece.span(start, end),
                    format!("owner `{written}`: {}", error.message()),
                ));
            }
            Ok(form) => {
                self.owner.state = if form.in_zone { OwnerState::InZone } else { OwnerState::OutOfZone };
                if !form.in_zone {
                    self.out_of_zone(piece, token, form);
                } else if form.relative {
                    self.suspect_owner(piece, token, text);
                }
            }
        }
    }

    fn out_of_zone(&mut self, piece: &Piece<'_>, token: Token, form: NameForm) {
        let owner = String::from_utf8_lossy(&self.owner.key).into_owned();
        let apex = &self.options.apex;
        let mut finding = Finding::new(
            RuleName("out-of-zone-data"),
            piece.token(token),
            format!("owner `{owner}` is not in zone `{apex}`"),
        )
        .labelled("the record is ignored by BIND and Knot, refused by NSD");
        if form.relative {
            finding = finding.help(format!("the origin in force is `{}`", self.names.context.origin));
        }
        finding.owner = Some(owner);
        self.report(finding);
    }

    fn suspect_owner(&mut self, piece: &Piece<'_>, token: Token, text: &[u8]) {
        if let Some(repeats_origin) = target::lacks_dot(text, &self.names.context) {
            self.sink.suspect(Suspect {
                span: piece.token(token),
                name: self.owner.key.clone(),
                repeats_origin,
                owner: self.options.apex.join(&self.owner.key),
                rtype: None,
            });
        }
    }

    fn record(&mut self, piece: &mut Piece<'_>, entry: Entry, tokens: Tokens<'_, '_>) {
        if entry.indented && self.owner.state == OwnerState::Unset {
            let span = piece.span(entry.start, tokens.rest.first().map_or(entry.end, |token| token.start));
            self.report(
                Finding::new(
                    RuleName("no-owner"),
                    span,
                    "the first record begins with a blank: there is no owner to inherit",
                )
                .help("write the owner, or `@` for the origin"),
            );
            self.owner.state = OwnerState::Invalid;
        }
        let (rest, head) = match head::head(tokens) {
            Ok(read) => read,
            Err(error) => return self.head_error(piece, entry, tokens, error),
        };
        if entry.indented && (piece.origin_changed || !piece.owner_known_here) {
            self.inherited_owner(piece, entry, head);
        }
        if self.owner.state == OwnerState::Invalid {
            return;
        }
        if !self.class_fits(piece, head) {
            return;
        }
        if head.rtype.is_meta() {
            let finding = Finding::new(
                RuleName("meta-type-in-zone"),
                piece.token(head.rtype_token),
                format!("`{}` {} is a type of questions, not of data", self.owner_text(), head.rtype),
            );
            return self.report_record(head.rtype, finding);
        }
        if let Some((_, token)) = head.age
            && !self.windows
        {
            let span = Span::new(piece.file, u64::from(token.start), u64::from(token.end) + 1);
            let finding = Finding::new(
                RuleName("windows-age-tag"),
                piece.token(token),
                format!(
                    "`{}` {} carries the age mark of a Windows DNS export",
                    self.owner_text(),
                    head.rtype
                ),
            )
            .help("remove the mark, or read the file with `--dialect windows`")
            .fix(Applicability::Safe, span, "");
            self.report_record(head.rtype, finding);
        }
        let mut canonical = std::mem::take(&mut self.rdata);
        canonical.clear();
        let read = rdata::read(head.rtype, rest, &mut self.names, &mut canonical);
        match read {
            Ok(()) => self.good_record(piece, entry, head, rest, &canonical),
            Err(error) => {
                let prefix = format!("`{}` {}: ", self.owner_text(), head.rtype);
                let finding = field_finding(piece, &prefix, &error);
                self.report_record(head.rtype, finding);
            }
        }
        self.rdata = canonical;
    }

    fn good_record(
        &mut self,
        piece: &mut Piece<'_>,
        entry: Entry,
        head: Head,
        rest: Tokens<'_, '_>,
        rdata: &Canonical,
    ) {
        if head.rtype == Rtype::SOA && self.soa_minimum.is_none() {
            self.soa_minimum = rdata.bytes.last_chunk::<4>().map(|octets| u32::from_be_bytes(*octets));
        }
        let ttl = self.ttl(piece, head);
        if head.rtype == Rtype::WINS || head.rtype == Rtype::WINSR {
            let finding = Finding::new(
                RuleName("windows-wins-record"),
                piece.token(head.rtype_token),
                format!("`{}` {} is known to the Windows DNS server only", self.owner_text(), head.rtype),
            );
            self.report_record(head.rtype, finding);
        }
        if self.owner.state != OwnerState::InZone {
            return;
        }
        self.sink.record(&RawRecord {
            owner: &self.owner.key,
            same_owner: !piece.fresh,
            piece: piece.number,
            start: entry.start,
            rtype: head.rtype,
            ttl,
            rdata: &rdata.bytes,
        });
        piece.fresh = false;
        for found in &rdata.names {
            let name = rdata.name_bytes(found);
            if found.form.in_zone {
                self.sink.target(head.rtype, found.role, name);
            }
            let Some(token) = found.token else { continue };
            let text = token.text(rest.data);
            if found.role == NameRole::Target && target::is_address(text) {
                self.target_is_address(piece, head.rtype, token, text);
            } else if found.form.relative
                && found.form.in_zone
                && found.role != NameRole::Mailbox
                && let Some(repeats_origin) = target::lacks_dot(text, &self.names.context)
            {
                self.sink.suspect(Suspect {
                    span: piece.token(token),
                    name: name.to_vec(),
                    repeats_origin,
                    owner: self.options.apex.join(&self.owner.key),
                    rtype: Some(head.rtype),
                });
            }
        }
    }

    fn target_is_address(&mut self, piece: &Piece<'_>, rtype: Rtype, token: Token, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let finding = Finding::new(
            RuleName("target-is-ip-address"),
            piece.token(token),
            format!("`{}` {rtype} leads to the address `{text}` where a name must stand", self.owner_text()),
        )
        .labelled("an address, read as a name")
        .help("give the address a name with an A or AAAA record, and write that name here");
        self.report_record(rtype, finding);
    }

    fn head_error(
        &mut self,
        piece: &Piece<'_>,
        entry: Entry,
        tokens: Tokens<'_, '_>,
        error: nom::Err<FieldError>,
    ) {
        let (nom::Err::Error(error) | nom::Err::Failure(error)) = error else { return };
        if entry.indented
            && error.rule.0 == "unknown-type"
            && let Some((first, text)) = tokens.peek()
            && error.start == first.start
            && head::is_head(tokens.skip(1))
        {
            let owner = String::from_utf8_lossy(text);
            let blank = piece.span(entry.start, first.start);
            return self.report(
                Finding::new(
                    RuleName("indented-owner"),
                    piece.token(first),
                    format!("`{owner}` is read as a type, since the line begins with a blank"),
                )
                .labelled("meant as the owner")
                .help("begin the owner in the first column")
                .fix(Applicability::Safe, blank, ""),
            );
        }
        let prefix = match self.owner.state {
            OwnerState::InZone | OwnerState::OutOfZone => format!("`{}`: ", self.owner_text()),
            _ => String::new(),
        };
        let mut finding = field_finding(piece, &prefix, &error);
        finding.owner = Some(self.owner_text());
        self.report(finding);
    }

    fn inherited_owner(&mut self, piece: &mut Piece<'_>, entry: Entry, head: Head) {
        if piece.source.generated_by().is_some() || self.owner.state == OwnerState::Invalid {
            return;
        }
        let why = if piece.origin_changed { "after `$ORIGIN`" } else { "at the start of an included file" };
        let owner = self.owner_text();
        let first = piece.span(entry.start, entry.start + 1);
        let finding = Finding::new(
            RuleName("inherited-owner-after-origin"),
            first,
            format!("{} record {why} begins with a blank: its owner is still `{owner}`", head.rtype),
        )
        .help("write the owner")
        .fix(Applicability::Safe, piece.span(entry.start, entry.start), format!("{owner}."));
        piece.origin_changed = false;
        piece.owner_known_here = true;
        piece.fresh = true;
        self.report_record(head.rtype, finding);
    }

    fn class_fits(&mut self, piece: &Piece<'_>, head: Head) -> bool {
        let Some((class, token)) = head.class else { return true };
        let zone_class = *self.class.get_or_insert(if class.0 >= 254 { Class::IN } else { class });
        if class == zone_class {
            return true;
        }
        let finding = Finding::new(
            RuleName("class-mismatch"),
            piece.token(token),
            format!(
                "`{}` {} has class {class} in a zone of class {zone_class}",
                self.owner_text(),
                head.rtype
            ),
        );
        self.report_record(head.rtype, finding);
        false
    }

    /// The TTL that BIND gives a record: its own, the default, the one before, the SOA minimum.
    fn ttl(&mut self, piece: &Piece<'_>, head: Head) -> u32 {
        if let Some((seconds, token)) = head.ttl {
            let seconds = if head.ttl_overflows() { 0 } else { seconds };
            if head.ttl_overflows() {
                let finding =
                    ttl_overflow(piece.token(token), &format!("`{}` {}: ", self.owner_text(), head.rtype));
                self.report_record(head.rtype, finding);
            }
            self.last_ttl = Some(seconds);
            return seconds;
        }
        if let Some(seconds) = self.default_ttl {
            return seconds;
        }
        let minimum = self.soa_minimum.unwrap_or(0);
        if self.windows {
            return minimum;
        }
        let (rule, seconds, message) = match self.last_ttl {
            Some(last) => (
                "ttl-implicit-previous",
                last,
                format!(
                    "no TTL and no `$TTL`: BIND takes {last} from the record before, Knot and NSD take 3600"
                ),
            ),
            None => (
                "ttl-missing",
                minimum,
                format!("no TTL and no `$TTL`: BIND takes the SOA minimum {minimum}, Knot and NSD take 3600"),
            ),
        };
        self.last_ttl = Some(seconds);
        if !self.ttl_reported {
            self.ttl_reported = true;
            let finding = Finding::new(
                RuleName(rule),
                piece.token(head.rtype_token),
                format!("`{}` {}: {message}", self.owner_text(), head.rtype),
            )
            .labelled("the first record without a TTL")
            .help("write `$TTL` before the first record");
            self.report_record(head.rtype, finding);
        }
        seconds
    }

    fn owner_text(&self) -> String {
        let text = match self.owner.state {
            OwnerState::OutOfZone => self.owner.key.clone(),
            _ => self.options.apex.join(&self.owner.key),
        };
        String::from_utf8_lossy(&text).into_owned()
    }

    fn report_record(&mut self, rtype: Rtype, finding: Finding) {
        let owner = self.owner_text();
        self.report(finding.record(owner, rtype.to_string()));
    }

    /// Hands a finding on with its zone and the includes that led there.
    fn report(&mut self, mut finding: Finding) {
        let count = self.counts.entry(finding.rule).or_insert((0, finding.span));
        count.0 += 1;
        count.1 = finding.span;
        if count.0 > MAX_FINDINGS {
            return;
        }
        finding.zone = Some(self.options.apex.to_string());
        for (_, by) in self.chain.iter().rev() {
            if let Some(by) = by {
                finding = finding.related(*by, "included from here");
            }
        }
        self.sink.finding(finding);
    }

    fn finish(&mut self) {
        for (rule, (count, span)) in std::mem::take(&mut self.counts) {
            if count > MAX_FINDINGS {
                let mut finding = Finding::new(
                    rule,
                    span,
                    format!("{} more findings of `{rule}` are not shown", count - MAX_FINDINGS),
                );
                finding.zone = Some(self.options.apex.to_string());
                self.sink.finding(finding);
            }
        }
    }
}

mod directive;

fn is_foreign_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") || text.starts_with(b"//")
}

fn ttl_overflow(span: Span, prefix: &str) -> Finding {
    Finding::new(RuleName("ttl-overflow"), span, format!("{prefix}TTL is over {MAX_TTL}, so BIND makes it 0"))
        .help("a TTL is at most 2147483647 seconds")
        .fix(Applicability::Unsafe, span, MAX_TTL.to_string())
}

fn field_finding(piece: &Piece<'_>, prefix: &str, error: &FieldError) -> Finding {
    let span = piece.span(error.start, error.end);
    let mut finding = Finding::new(error.rule, span, format!("{prefix}{}", error.message));
    if let Some(help) = &error.help {
        finding = finding.help(help.clone());
    }
    if let Some((applicability, replacement)) = &error.fix {
        finding = finding.fixes(*applicability, vec![Edit { span, replacement: replacement.clone() }]);
    }
    finding
}

/// The canonical form of one record's RDATA, and the names in it.
#[derive(Default)]
struct Canonical {
    bytes: Vec<u8>,
    names: Vec<FoundName>,
}

struct FoundName {
    start: u32,
    end: u32,
    form: NameForm,
    role: NameRole,
    token: Option<Token>,
}

impl Canonical {
    fn clear(&mut self) {
        self.bytes.clear();
        self.names.clear();
    }

    fn name_bytes(&self, name: &FoundName) -> &[u8] {
        &self.bytes[name.start as usize..name.end as usize]
    }
}

impl RdataSink for Canonical {
    fn octets(&mut self, octets: &[u8]) {
        self.bytes.extend_from_slice(octets);
    }

    fn name(&mut self, name: &[u8], form: NameForm, role: NameRole, token: Option<Token>) {
        self.bytes.push(if form.in_zone { 1 } else { 2 });
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(name);
        let end = self.bytes.len() as u32;
        self.bytes.push(0);
        self.names.push(FoundName { start, end, form, role, token });
    }

    fn field(&mut self, _: usize, _: u32, _: u32) {}
}

/// Reports why an include could not be opened.
fn include_finding(span: Span, name: &[u8], error: &IncludeError) -> Finding {
    let name = String::from_utf8_lossy(name);
    match error {
        IncludeError::NotFound(why) => {
            Finding::new(RuleName("include-not-found"), span, format!("`$INCLUDE {name}`: {why}"))
        }
        IncludeError::OutsideRoot => Finding::new(
            RuleName("include-outside-root"),
            span,
            format!("`$INCLUDE {name}` leaves the repository, so it was not read"),
        )
        .help("keep fragments beside the zones"),
    }
}
