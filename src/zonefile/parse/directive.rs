//! `$ORIGIN`, `$TTL`, `$INCLUDE`, `$GENERATE`, `$DATE`.

use super::report::field_finding;
use super::{MAX_DEPTH, Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Finding, RuleName, nearest};
use crate::text::{FileId, Source, Span};
use crate::zonefile::generate::{Range, Template};
use crate::zonefile::head;
use crate::zonefile::include::IncludeError;
use crate::zonefile::name::{Name, NameContext};
use crate::zonefile::token::{FieldError, Token, Tokens};
use crate::zonefile::ttl;

const DIRECTIVES: [&str; 5] = ["$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE", "$DATE"];

impl<S: RecordSink> Parser<'_, S> {
    pub(super) fn directive(&mut self, piece: &mut Piece<'_>, all: Tokens<'_, '_>, text: &[u8]) {
        let Some((token, _)) = all.peek() else { return };
        let rest = all.skip(1);
        let word = String::from_utf8_lossy(text).to_ascii_uppercase();
        if word.as_bytes() != text && DIRECTIVES.contains(&word.as_str()) {
            self.directive_case(piece, token, text, &word);
        }
        match word.as_str() {
            "$ORIGIN" => self.origin_directive(piece, token, rest),
            "$TTL" => self.ttl_directive(piece, token, rest),
            "$INCLUDE" => self.include_directive(piece, token, rest),
            "$GENERATE" => self.generate_directive(piece, token, rest),
            "$DATE" => {}
            _ => {
                let span = piece.token(token);
                let found = String::from_utf8_lossy(text);
                let mut finding =
                    Finding::new(RuleName("unknown-directive"), span, format!("`{found}` is no directive"));
                finding = match nearest(&found, DIRECTIVES) {
                    Some(name) => {
                        finding.help(format!("did you mean `{name}`?")).fix(Applicability::Unsafe, span, name)
                    }
                    None => {
                        finding.help(format!("an owner that begins with a dollar is written `\\{found}`"))
                    }
                };
                self.report(finding);
            }
        }
    }

    /// The first argument; arguments beyond the last one a directive takes are reported.
    fn argument(
        &mut self,
        piece: &Piece<'_>,
        directive: Token,
        rest: Tokens<'_, '_>,
        usage: &str,
        most: usize,
    ) -> Option<Token> {
        let rule = RuleName("bad-directive-argument");
        let name = String::from_utf8_lossy(directive.text(rest.data));
        let Some((token, _)) = rest.peek() else {
            let message = format!("`{name}` has no argument");
            self.report(Finding::new(rule, piece.token(directive), message).help(usage));
            return None;
        };
        if let Some(surplus) = rest.rest.get(most) {
            let text = String::from_utf8_lossy(surplus.text(rest.data));
            let message = format!("`{name}` does not take the argument `{text}`");
            self.report(Finding::new(rule, piece.token(*surplus), message).help(usage));
        }
        Some(token)
    }

    fn name_argument(&mut self, piece: &Piece<'_>, token: Token) -> Option<Name> {
        let data = piece.data;
        let mut name = Vec::new();
        match self.names.context.read(token, data, &mut name) {
            Ok(form) => {
                let full = if form.in_zone { self.options.apex.join(&name) } else { name };
                Some(Name::from_canonical(&full))
            }
            Err(error) => {
                let text = token.text(data);
                let end = token.end.min(token.start + error.end as u32);
                let mut wrong = FieldError::at(
                    token,
                    error.rule.0,
                    format!("origin `{}`: {}", String::from_utf8_lossy(text), error.message()),
                );
                (wrong.start, wrong.end) = (end.min(token.start + error.start as u32), end);
                wrong.help = error.help(text);
                wrong.fix = error.fix(text);
                self.report(field_finding(piece, "", &wrong));
                None
            }
        }
    }

    fn origin_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let Some(token) = self.argument(
            piece,
            directive,
            rest,
            "`$ORIGIN` takes one name, for example `$ORIGIN example.com.`",
            1,
        ) else {
            return;
        };
        let Some(origin) = self.name_argument(piece, token) else { return };
        if !matches!(token.text(rest.data), [.., b'.']) {
            self.relative_origin(piece, token, &origin);
        }
        if origin == self.names.context.origin {
            return;
        }
        self.sink.origin(piece.number, piece.base + u64::from(token.end), &origin);
        self.names.context = NameContext::new(self.options.apex.clone(), origin);
        piece.state.origin_changed = Some(piece.token(directive).to(piece.token(token)));
        // The same text is another owner from here on.
        self.owner.text.clear();
    }

    fn ttl_directive(&mut self, piece: &Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let Some(token) =
            self.argument(piece, directive, rest, "`$TTL` takes one TTL, for example `$TTL 3600`", 1)
        else {
            return;
        };
        let text = token.text(rest.data);
        match ttl::period(text) {
            Ok(seconds) => self.set_default_ttl(piece, token, text, seconds),
            Err(error) => {
                let error = head::period_error("`$TTL`", token, text, error);
                let mut finding = field_finding(piece, "", &error);
                if finding.rule.0 == "syntax-error" {
                    finding.rule = RuleName("bad-directive-argument");
                    finding = finding.help("`$TTL` takes one TTL, for example `$TTL 3600`");
                }
                self.report(finding);
            }
        }
    }

    fn include_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let expected = "`$INCLUDE` takes a file and, if need be, an origin";
        let Some(token) = self.argument(piece, directive, rest, expected, 2) else { return };
        let name = token.text(rest.data);
        let span = piece.token(token);
        let origin = match rest.rest.get(1) {
            Some(token) => match self.name_argument(piece, *token) {
                Some(origin) => Some(origin),
                None => return,
            },
            None => None,
        };
        let file = match self.includes.open(piece.file, name) {
            Ok(file) => file,
            Err(error) => return self.report(include_finding(span, name, &error)),
        };
        if self.chain.iter().any(|(open, _)| *open == file) || self.chain.len() >= MAX_DEPTH {
            let name = String::from_utf8_lossy(name);
            let why = if self.chain.len() >= MAX_DEPTH { "nests too deep" } else { "closes a circle" };
            let mut finding = Finding::new(
                RuleName("include-cycle"),
                span,
                format!("`$INCLUDE {name}` {why}, so it was not read"),
            )
            .help("remove this line, or move the shared records to a file of their own");
            for by in self.chain.iter().filter_map(|(_, by)| *by) {
                finding = finding.related(by, "included from here");
            }
            return self.report(finding);
        }
        let context = self.names.context.clone();
        if let Some(origin) = origin {
            self.names.context = NameContext::new(self.options.apex.clone(), origin);
        }
        let directive = piece.span(directive.start, rest.end);
        self.include_path(piece, span, name);
        let before = self.ttls.default;
        if self.inner(piece, file, Some(directive)) {
            piece.state.included = Some(directive);
        }
        self.after_include(before);
        self.names.context = context;
    }

    /// Reads a source in the middle of another one; the owner is then the one that it was before.
    /// Says whether the source ended with another one.
    fn inner(&mut self, piece: &mut Piece<'_>, file: FileId, by: Option<Span>) -> bool {
        let (key, state, span) = (self.owner.key.clone(), self.owner.state, self.owner.span);
        self.source(file, by);
        let other = self.owner.key != key || self.owner.state != state;
        (self.owner.key, self.owner.state, self.owner.span) = (key, state, span);
        self.owner.text.clear();
        piece.state.fresh = true;
        other
    }

    fn generate_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let expected = "`start-stop[/step] left-side [ttl] [class] type right-side`";
        let Some(range_token) = self.argument(piece, directive, rest, expected, usize::MAX) else { return };
        match self.generate(piece, range_token, rest) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let span = piece.span(directive.start, rest.end);
                let range = Range::read(range_token, range_token.text(rest.data)).ok();
                self.generate_used(piece, span, range, &text);
                let file = self.sources.add(Source::generated(span, text));
                let outer = self.generated.replace(Vec::new());
                self.inner(piece, file, None);
                self.generated = outer;
            }
            Err(error) => {
                let finding = field_finding(piece, "`$GENERATE`: ", &error);
                self.report(finding);
            }
        }
    }

    /// The text that a `$GENERATE` stands for; none when it would be too much of it.
    fn generate(
        &mut self,
        piece: &Piece<'_>,
        range_token: Token,
        rest: Tokens<'_, '_>,
    ) -> Result<Option<Vec<u8>>, FieldError> {
        let data = rest.data;
        let range = Range::read(range_token, range_token.text(data))?;
        let sides = rest.skip(1);
        let Some((left, left_text)) = sides.peek() else {
            return Err(FieldError {
                rule: RuleName("bad-directive-argument"),
                ..FieldError::missing(&sides, "the left side")
            });
        };
        let after = sides.skip(1);
        let (right, head) = head::head(after).map_err(|error| match error {
            nom::Err::Error(error) | nom::Err::Failure(error) => error,
            nom::Err::Incomplete(_) => FieldError::missing(&after, "the record type"),
        })?;
        if head.rtype.is_meta() {
            let message = format!("{} is a type of questions and transport, not of data", head.rtype);
            return Err(FieldError::at(head.rtype_token, "meta-type-in-zone", message)
                .help(format!("`{}` exists only in messages; it cannot be data", head.rtype)));
        }
        let Some((right_token, right_text)) = right.peek() else {
            return Err(FieldError {
                rule: RuleName("bad-directive-argument"),
                ..FieldError::missing(&right, "the right side")
            });
        };
        if let Some(surplus) = right.rest.get(1) {
            return Err(FieldError::at(
                *surplus,
                "bad-directive-argument",
                "the right side is more than one token",
            )
            .help("put the right side in quotes, as BIND wants it"));
        }
        if range.count() > self.options.generate_limit {
            self.report(
                Finding::new(
                    RuleName("generate-too-many"),
                    piece.token(range_token),
                    format!(
                        "`$GENERATE` makes {} records, more than {}, so it was not read",
                        range.count(),
                        self.options.generate_limit
                    ),
                )
                .help(format!(
                    "this makes {} records, the limit is {}",
                    range.count(),
                    self.options.generate_limit
                )),
            );
            return Ok(None);
        }
        let left_side = Template::read(left, left_text, range)?;
        let right_side = Template::read(right_token, right_text, range)?;
        if range.count() > 1 && left_side.is_constant() && right_side.is_constant() {
            let message = format!(
                "`$GENERATE` makes the same {} record at `{}` {} times",
                head.rtype,
                String::from_utf8_lossy(left_text),
                range.count()
            );
            let finding = Finding::new(RuleName("generate-duplicate-owner"), piece.token(left), message)
                .help("write a `$` where the number is to stand");
            self.report(finding);
        }
        let between = data
            .get(left.outer().1 as usize..head.rtype_token.end as usize)
            .unwrap_or_default()
            .iter()
            .map(|octet| if matches!(octet, b'\r' | b'\n' | b'(' | b')') { b' ' } else { *octet })
            .collect::<Vec<u8>>();
        let mut text = Vec::new();
        for value in range.values() {
            left_side.expand(value, &mut text);
            text.extend_from_slice(&between);
            text.push(b' ');
            right_side.expand(value, &mut text);
            text.push(b'\n');
        }
        Ok(Some(text))
    }
}

/// Reports why an include could not be opened.
fn include_finding(span: Span, name: &[u8], error: &IncludeError) -> Finding {
    let name = String::from_utf8_lossy(name);
    match error {
        IncludeError::NotFound { why, tried } => {
            let message = format!("`$INCLUDE {name}`: {why}");
            let finding = Finding::new(RuleName("include-not-found"), span, message);
            let tried: Vec<String> = tried.iter().map(|path| format!("`{path}`")).collect();
            if tried.is_empty() { finding } else { finding.help(format!("tried {}", tried.join(", "))) }
        }
        IncludeError::OutsideRoot => Finding::new(
            RuleName("include-outside-root"),
            span,
            format!("`$INCLUDE {name}` leaves the repository, so it was not read"),
        )
        .help("move the file into the repository, beside the zones"),
    }
}
