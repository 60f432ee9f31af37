//! `$ORIGIN`, `$TTL`, `$INCLUDE`, `$GENERATE`, `$DATE`.

use super::{MAX_DEPTH, Parser, Piece, RecordSink, field_finding, include_finding, ttl_overflow};
use crate::diagnostic::{Applicability, Finding, RuleName, nearest};
use crate::text::{Source, Span};
use crate::zonefile::generate::{Range, Template};
use crate::zonefile::head;
use crate::zonefile::name::{Name, NameContext};
use crate::zonefile::token::{FieldError, Token, Tokens};
use crate::zonefile::ttl::{self, MAX_TTL};

const DIRECTIVES: [&str; 5] = ["$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE", "$DATE"];

impl<S: RecordSink> Parser<'_, S> {
    pub(super) fn directive(&mut self, piece: &mut Piece<'_>, all: Tokens<'_, '_>, text: &[u8]) {
        let Some((token, _)) = all.peek() else { return };
        let rest = all.skip(1);
        let word = String::from_utf8_lossy(text).to_ascii_uppercase();
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
                if let Some(name) = nearest(&found, DIRECTIVES) {
                    finding = finding.help(format!("did you mean `{name}`?")).fix(
                        Applicability::Unsafe,
                        span,
                        name,
                    );
                }
                self.report(finding);
            }
        }
    }

    /// Exactly one argument, else a finding.
    fn argument(
        &mut self,
        piece: &Piece<'_>,
        directive: Token,
        rest: Tokens<'_, '_>,
        expected: &str,
        most: usize,
    ) -> Option<Token> {
        let Some((token, _)) = rest.peek() else {
            let name = String::from_utf8_lossy(directive.text(rest.data));
            self.report(
                Finding::new(
                    RuleName("bad-directive-argument"),
                    piece.token(directive),
                    format!("`{name}` has no argument"),
                )
                .help(format!("expected {expected}")),
            );
            return None;
        };
        if let Some(surplus) = rest.rest.get(most) {
            let name = String::from_utf8_lossy(directive.text(rest.data));
            let text = String::from_utf8_lossy(surplus.text(rest.data));
            self.report(
                Finding::new(
                    RuleName("bad-directive-argument"),
                    piece.token(*surplus),
                    format!("`{name}` does not take the argument `{text}`"),
                )
                .help(format!("expected {expected} and no more")),
            );
            return None;
        }
        Some(token)
    }

    fn name_argument(&mut self, piece: &Piece<'_>, token: Token) -> Option<Name> {
        let data = piece.source.bytes();
        let mut name = Vec::new();
        match self.names.context.read(token, data, &mut name) {
            Ok(form) => {
                let full = if form.in_zone { self.options.apex.join(&name) } else { name };
                Some(Name::from_canonical(&full))
            }
            Err(error) => {
                let text = String::from_utf8_lossy(token.text(data));
                self.report(Finding::new(
                    RuleName("bad-directive-argument"),
                    piece.token(token),
                    format!("origin `{text}`: {}", error.message()),
                ));
                None
            }
        }
    }

    fn origin_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let Some(token) = self.argument(piece, directive, rest, "a domain name", 1) else { return };
        let Some(origin) = self.name_argument(piece, token) else { return };
        self.sink.origin(piece.number, token.end, &origin);
        self.names.context = NameContext::new(self.options.apex.clone(), origin);
        piece.origin_changed = true;
    }

    fn ttl_directive(&mut self, piece: &Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let Some(token) = self.argument(piece, directive, rest, "a TTL", 1) else { return };
        let text = token.text(rest.data);
        match ttl::period(text) {
            Ok(seconds) if seconds > MAX_TTL => {
                let finding = ttl_overflow(piece.token(token), "`$TTL`: ");
                self.report(finding);
                self.default_ttl = Some(0);
            }
            Ok(seconds) => self.default_ttl = Some(seconds),
            Err(error) => {
                let error = head::period_error("`$TTL`", token, text, error);
                let mut finding = field_finding(piece, "", &error);
                finding.rule = RuleName("bad-directive-argument");
                self.report(finding);
            }
        }
    }

    fn include_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let expected = "a file and perhaps an origin";
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
            let why = if self.chain.len() >= MAX_DEPTH { "nests too deep" } else { "includes itself" };
            return self.report(Finding::new(
                RuleName("include-cycle"),
                span,
                format!("`$INCLUDE {name}` {why}, so it was not read"),
            ));
        }
        let context = self.names.context.clone();
        if let Some(origin) = origin {
            self.names.context = NameContext::new(self.options.apex.clone(), origin);
        }
        let owner = std::mem::take(&mut self.owner.key);
        let state = self.owner.state;
        self.owner.key.clone_from(&owner);
        let directive = Span::new(piece.file, u64::from(directive.start), u64::from(rest.end));
        self.source(file, Some(directive));
        self.names.context = context;
        self.owner.key = owner;
        self.owner.state = state;
        self.owner.text.clear();
        piece.fresh = true;
    }

    fn generate_directive(&mut self, piece: &mut Piece<'_>, directive: Token, rest: Tokens<'_, '_>) {
        let expected = "`start-stop[/step] left-side [ttl] [class] type right-side`";
        let Some(range_token) = self.argument(piece, directive, rest, expected, usize::MAX) else { return };
        match self.generate(piece, directive, range_token, rest) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let span = Span::new(piece.file, u64::from(directive.start), u64::from(rest.end));
                let file = self.sources.add(Source::generated(span, text));
                let owner = std::mem::take(&mut self.owner.key);
                let state = self.owner.state;
                self.source(file, None);
                self.owner.key = owner;
                self.owner.state = state;
                self.owner.text.clear();
                piece.fresh = true;
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
        directive: Token,
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
                        "`$GENERATE` makes {} records, more than {}, so it was not expanded",
                        range.count(),
                        self.options.generate_limit
                    ),
                )
                .help("split the range"),
            );
            return Ok(None);
        }
        let left_side = Template::read(left, left_text)?;
        let right_side = Template::read(right_token, right_text)?;
        let between = data
            .get(left.outer().1 as usize..head.rtype_token.end as usize)
            .unwrap_or_default()
            .iter()
            .map(|octet| if matches!(octet, b'\r' | b'\n' | b'(' | b')') { b' ' } else { *octet })
            .collect::<Vec<u8>>();
        let _ = directive;
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
