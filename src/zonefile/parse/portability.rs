//! What BIND reads and other servers refuse, or read otherwise.

use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::generate::Range;
use crate::zonefile::head::{self, Head};
use crate::zonefile::include::Elsewhere;
use crate::zonefile::name::Name;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::{Entry, Oddity};
use crate::zonefile::server::Server::{self, Bind, Knot, Nsd};
use crate::zonefile::token::{Token, TokenKind, Tokens};

/// A `$GENERATE` of more records than this is not written out.
const MOST_EXPANDED: u64 = 4096;

/// Octets of a name that Knot takes as they are.
static KNOT_TAKES: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        let letter = octet as u8;
        // A name beyond ASCII is a matter of its encoding, whoever reads it.
        table[octet] = letter.is_ascii_alphanumeric()
            || matches!(letter, b'-' | b'_' | b'/' | b'*' | b'.' | b'\\')
            || letter >= 0x80;
        octet += 1;
    }
    table
};

/// Offsets of the characters of a name that Knot refuses; what is escaped it takes.
fn odd_characters(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut escaped = false;
    text.iter().enumerate().filter_map(move |(at, octet)| {
        let plain = !escaped;
        escaped = plain && *octet == b'\\';
        (plain && !KNOT_TAKES[usize::from(*octet)]).then_some(at)
    })
}

/// Whether Knot refuses a name as it is written.
pub(super) fn is_odd_name(token: Token, text: &[u8]) -> bool {
    token.kind == TokenKind::Quoted
        || text.iter().any(|octet| !KNOT_TAKES[usize::from(*octet)])
            && text != b"@"
            && odd_characters(text).next().is_some()
}

/// Whether the text of a name means the same without quotes, wherever it stands.
fn is_plain(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b'*'))
}

/// The servers in a message: `Knot and NSD refuse`.
fn refuse(servers: &[Server]) -> String {
    let names: Vec<String> = servers.iter().map(Server::to_string).collect();
    format!("{} {}", names.join(" and "), if servers.len() == 1 { "refuses" } else { "refuse" })
}

impl<S: RecordSink> Parser<'_, S> {
    fn refused(&mut self, rule: &'static str, servers: &[Server], span: Span, what: &str) -> Option<Finding> {
        let message = format!("{what}, which {}", refuse(servers));
        self.options.targets.concern(servers).then(|| Finding::new(RuleName(rule), span, message))
    }

    /// Reports what the scanner marked in an entry that can be read.
    pub(super) fn oddities(
        &mut self,
        piece: &Piece<'_>,
        found: &[(Oddity, u32)],
        entry: Entry,
        tokens: &[Token],
    ) {
        if found.is_empty() || entry.broken || entry.mended || piece.is_generated() {
            return;
        }
        let all = Tokens { data: piece.data, rest: tokens, end: entry.end };
        if found.iter().any(|(oddity, _)| *oddity == Oddity::Nested) {
            self.nested(piece, entry);
        }
        let mut touching = None;
        for (oddity, at) in found {
            match oddity {
                Oddity::Nested => {}
                Oddity::OpenFirst => self.open_first(piece, *at, entry, all),
                Oddity::Adjacent => {
                    if !*touching.get_or_insert_with(|| has_quoted_parameters(entry, all)) {
                        self.adjacent(piece, *at, all);
                    }
                }
                Oddity::LineEnd => self.line_end_in_string(piece, *at),
            }
        }
    }

    fn nested(&mut self, piece: &Piece<'_>, entry: Entry) {
        let inner = inner_parentheses(piece.data, entry);
        let Some(first) = inner.first() else { return };
        let span = piece.span(*first, *first + 1);
        let what = "a parenthesis inside parentheses";
        let Some(finding) = self.refused("portability-nested-parenthesis", &[Knot, Nsd], span, what) else {
            return;
        };
        let edits = inner
            .iter()
            .map(|at| Edit { span: piece.span(*at, *at + 1), replacement: b" ".to_vec() })
            .collect();
        self.report(
            finding.help("one pair joins as many lines as need be").fixes(Applicability::Safe, edits),
        );
    }

    fn open_first(&mut self, piece: &Piece<'_>, at: u32, entry: Entry, all: Tokens<'_, '_>) {
        let span = piece.span(at, at + 1);
        let rule = "portability-line-start-parenthesis";
        if entry.indented {
            let what = "a parenthesis before anything else on its line";
            if let Some(finding) = self.refused(rule, &[Nsd], span, what) {
                self.report(finding.help("write the parenthesis after the type"));
            }
            return;
        }
        let Some(mut finding) = self.refused(rule, &[Knot, Nsd], span, "a parenthesis before the owner")
        else {
            return;
        };
        if let Some((owner, _)) = all.peek()
            && all.rest.len() > 1
            && piece.text(at + 1, owner.outer().0).trim_ascii().is_empty()
        {
            let end = owner.outer().1;
            finding = finding.fixes(
                Applicability::Safe,
                vec![
                    Edit { span: piece.span(at, owner.outer().0), replacement: Vec::new() },
                    Edit { span: piece.span(end, end), replacement: b" (".to_vec() },
                ],
            );
        }
        self.report(finding.help("write the parenthesis after the owner"));
    }

    fn adjacent(&mut self, piece: &Piece<'_>, at: u32, all: Tokens<'_, '_>) {
        let before = all.rest.iter().rev().find(|token| token.outer().1 <= at);
        let after = all.rest.iter().find(|token| token.outer().0 >= at);
        let (Some(before), Some(after)) = (before, after) else { return };
        let span = piece.token(*before).to(piece.token(*after));
        let what = "two strings without a blank between them";
        let Some(finding) = self.refused("portability-adjacent-strings", &[Knot], span, what) else { return };
        let place = piece.span(at, at);
        self.report(finding.help("write a blank between them").fix(Applicability::Safe, place, " "));
    }

    fn line_end_in_string(&mut self, piece: &Piece<'_>, at: u32) {
        let span = piece.span(at, at + 2);
        let what = "a line end in a quoted string";
        let Some(finding) = self.refused("portability-newline-in-string", &[Knot], span, what) else {
            return;
        };
        self.report(finding.help("write `\\010`").fix(Applicability::Safe, span, "\\010"));
    }

    /// A name that [`is_odd_name`] says Knot refuses.
    pub(super) fn odd_name(&mut self, kind: TokenKind, span: Span, text: &[u8], what: &str) {
        let written = String::from_utf8_lossy(text).into_owned();
        if kind == TokenKind::Quoted {
            let what = format!("{what} `\"{written}\"` stands in quotes");
            let servers = &[Knot, Nsd];
            let Some(finding) = self.refused("portability-quoted-name", servers, span, &what) else { return };
            let finding = finding.help("write it without the quotes");
            let plain = is_plain(text) || text == b"@";
            return self.report(if plain { finding.fix(Applicability::Safe, span, text) } else { finding });
        }
        let odd: Vec<usize> = odd_characters(text).collect();
        let Some(first) = odd.first().and_then(|at| text.get(*at)) else { return };
        let shown = char::from(*first);
        let what = format!("{what} `{written}` has the character `{shown}`");
        let Some(finding) = self.refused("portability-owner-character", &[Knot], span, &what) else { return };
        let edits = odd
            .iter()
            .map(|at| {
                let at = span.start + *at as u64;
                Edit { span: Span::new(span.file, at, at), replacement: b"\\".to_vec() }
            })
            .collect();
        self.report(
            finding
                .help(format!("write `\\{shown}`, which is the same name to every server"))
                .fixes(Applicability::Safe, edits),
        );
    }

    pub(super) fn directive_case(&mut self, piece: &Piece<'_>, token: Token, written: &[u8], upper: &str) {
        let what = format!("directive `{}` in small letters", String::from_utf8_lossy(written));
        let span = piece.token(token);
        let Some(mut finding) = self.refused("portability-directive-case", &[Nsd], span, &what) else {
            return;
        };
        finding.message.push_str(" from 4.10 on");
        self.report(finding.help(format!("write `{upper}`")).fix(Applicability::Safe, span, upper));
    }

    pub(super) fn relative_origin(&mut self, piece: &Piece<'_>, token: Token, origin: &Name) {
        let span = piece.token(token);
        let written = String::from_utf8_lossy(token.text(piece.data)).into_owned();
        let what = format!("`$ORIGIN {written}` does not end in a dot and stands for `{origin}`");
        let servers: &[Server] = if written == "@" { &[Knot] } else { &[Knot, Nsd] };
        let Some(finding) = self.refused("portability-relative-origin", servers, span, &what) else { return };
        let full = format!("{origin}.");
        let finding = finding.help(format!("write `$ORIGIN {full}`"));
        let plain = is_plain(full.as_bytes());
        self.report(if plain { finding.fix(Applicability::Safe, span, full) } else { finding });
    }

    pub(super) fn generate_used(
        &mut self,
        piece: &Piece<'_>,
        directive: Span,
        range: Option<Range>,
        text: &[u8],
    ) {
        let Some(mut finding) =
            self.refused("portability-generate", &[Knot, Nsd], directive, "a `$GENERATE`")
        else {
            return;
        };
        let count = range.map_or(0, Range::count);
        let ahead = piece.source.ahead(directive.end());
        let tail = piece.source.slice(directive.end(), piece.source.line_end(directive.end()));
        if count <= MOST_EXPANDED && tail.trim_ascii().is_empty() && !next_inherits(&ahead) {
            finding = finding.fix(Applicability::Safe, directive, text.trim_ascii_end());
        }
        self.report(
            finding.help(format!("write out the {count} record{}", if count == 1 { "" } else { "s" })),
        );
    }

    /// A class that is written by its number; `class` is that of the zone.
    pub(super) fn generic_class(&mut self, piece: &Piece<'_>, head: Head, token: Token, text: &[u8]) {
        let Some((class, _)) = head.class else { return };
        let mnemonic = class.to_string();
        if mnemonic.starts_with("CLASS") {
            return;
        }
        let what = format!("{}class `{}`", self.prefix(head.rtype), String::from_utf8_lossy(text));
        let span = piece.token(token);
        let Some(finding) = self.refused("portability-class-generic", &[Knot], span, &what) else { return };
        let help = format!("write `{mnemonic}`");
        self.report_record(head.rtype, finding.help(help).fix(Applicability::Safe, span, mnemonic));
    }

    /// A string that is over 255 octets, when the servers that were named do not agree about it.
    pub(super) fn long_string(&mut self, piece: &Piece<'_>, rtype: Rtype, string: (u32, u32), fix: &[u8]) {
        let targets = &self.options.targets;
        if !(targets.names(&[Knot]) && targets.names(&[Bind, Nsd])) {
            return;
        }
        let message = format!(
            "{}a string of more than 255 octets, which Knot splits, BIND and NSD refuse",
            self.prefix(rtype)
        );
        let span = piece.span(string.0, string.1);
        let finding = Finding::new(RuleName("portability-long-string"), span, message)
            .help("split it into strings of at most 255 octets")
            .fix(Applicability::Safe, span, fix);
        self.report_record(rtype, finding);
    }

    /// Where a relative path leads that other servers start elsewhere.
    pub(super) fn include_path(&mut self, piece: &Piece<'_>, span: Span, name: &[u8]) {
        let targets = &self.options.targets;
        let both = targets.names(&[Knot]) && targets.names(&[Bind, Nsd]);
        let name = || String::from_utf8_lossy(name);
        let (message, help) = match self.includes.elsewhere(piece.file, name().as_bytes()) {
            Elsewhere::Same => return,
            Elsewhere::Other { read, other } => (
                format!("`$INCLUDE {}` is `{read}` or `{other}`, by where the server starts", name()),
                "BIND and NSD start at their working directory, Knot at the folder of the including file; \
                 rename one of the files",
            ),
            Elsewhere::Missing { .. } if !both => return,
            Elsewhere::Missing { read, other } => (
                format!("`$INCLUDE {}` is `{read}` to some servers, others look for `{other}`", name()),
                "BIND and NSD start at their working directory, Knot at the folder of the including file",
            ),
        };
        self.report(Finding::new(RuleName("portability-include-path"), span, message).help(help));
    }

    /// A record that inherits its owner across an include which ends with another owner.
    pub(super) fn inherits_across(&mut self, piece: &Piece<'_>, entry: Entry, head: Head, directive: Span) {
        if !self.options.targets.concern(&[Nsd]) || piece.is_generated() {
            return;
        }
        let owner = self.owner_text();
        let span = piece.token(head.rtype_token);
        let message = format!(
            "{}takes its owner from before the `$INCLUDE`; NSD before 4.10 takes the last owner of the file",
            self.prefix(head.rtype)
        );
        let mut finding = Finding::new(RuleName("portability-include-state"), span, message)
            .related(directive, "the file ends with another owner")
            .help(format!("write the owner `{owner}.`"));
        let full = format!("{owner}.");
        if is_plain(full.as_bytes()) {
            finding = finding.fix(Applicability::Safe, piece.line_start(entry), full);
        }
        self.report_record(head.rtype, finding);
    }

    /// A record whose TTL is the `$TTL` of a file that was included before it.
    pub(super) fn leaked_ttl(
        &mut self,
        piece: &Piece<'_>,
        entry: Entry,
        head: Head,
        (seconds, from, before): (u32, Span, Option<u32>),
    ) {
        if !self.options.targets.concern(&[Knot, Nsd]) || piece.is_generated() {
            return;
        }
        let message = format!(
            "{}TTL {seconds} is the `$TTL` of an included file; Knot, and NSD from 4.10 on, take {}",
            self.prefix(head.rtype),
            before.unwrap_or(3600)
        );
        let span = piece.token(head.rtype_token);
        let finding = Finding::new(RuleName("portability-include-state"), span, message)
            .related(from, "the `$TTL`")
            .help(format!("write `$TTL {seconds}`, or the one that is meant, after the `$INCLUDE`"))
            .fix(Applicability::Safe, piece.line_start(entry), format!("$TTL {seconds}\n"));
        self.report_record(head.rtype, finding);
    }

    /// A record of a Windows export that takes the SOA minimum for its TTL.
    pub(super) fn windows_default(&mut self, piece: &Piece<'_>, entry: Entry, head: Head, minimum: u32) {
        if minimum == 3600 || !self.options.targets.names(&[Knot, Nsd]) || piece.is_generated() {
            return;
        }
        let message = format!(
            "{}no TTL and no `$TTL`: Windows and BIND take the SOA minimum {minimum}, Knot and NSD take 3600",
            self.prefix(head.rtype)
        );
        let span = piece.token(head.rtype_token);
        let finding = Finding::new(RuleName("portability-default-ttl"), span, message)
            .help(format!("put `$TTL {minimum}` at the top of the file"))
            .fix(Applicability::Safe, piece.line_start(entry), format!("$TTL {minimum}\n"));
        self.report_record(head.rtype, finding);
    }

    /// Remembers a `$TTL` that an included file leaves behind.
    pub(super) fn after_include(&mut self, before: Option<u32>) {
        self.ttls.leaked = match self.ttls.default_span {
            Some(span) if self.ttls.default != before => Some((span, before)),
            _ => None,
        };
    }
}

/// Whether the quotes of an entry belong to parameters as SVCB has them: `alpn="h2"`.
fn has_quoted_parameters(entry: Entry, all: Tokens<'_, '_>) -> bool {
    let rest = if entry.indented { all } else { all.skip(1) };
    head::head(rest).is_ok_and(|(_, head)| matches!(head.rtype, Rtype::SVCB | Rtype::HTTPS))
}

/// Offsets of the parentheses of an entry that stand inside others, the closing ones too.
fn inner_parentheses(data: &[u8], entry: Entry) -> Vec<u32> {
    let mut inner = Vec::new();
    let (mut at, mut depth) = (entry.start as usize, 0_u32);
    let end = (entry.end as usize).min(data.len());
    let (mut quoted, mut comment) = (false, false);
    while at < end {
        let octet = data[at];
        match octet {
            b'\n' => comment = false,
            _ if comment => {}
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b';' => comment = true,
            b'(' => {
                if depth > 0 {
                    inner.push(at as u32);
                }
                depth += 1;
            }
            b')' => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    inner.push(at as u32);
                }
            }
            _ => {}
        }
        at += 1;
    }
    inner
}

/// Whether the next record in the text after another takes its owner from the one before.
fn next_inherits(rest: &[u8]) -> bool {
    rest.split(|octet| *octet == b'\n')
        .skip(1)
        .find(|line| !matches!(line.trim_ascii().first(), None | Some(b';')))
        .is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t')))
}
