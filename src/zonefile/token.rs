//! The tokens of one entry, as an input that `nom` parsers consume.

use crate::diagnostic::{Applicability, RuleName};
use std::borrow::Cow;

/// What kind of text a token was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Bare text up to a blank or a special character.
    Text,
    /// The inside of `"..."`.
    Quoted,
}

/// One token: offsets in octets into its source. The quotes are not part of a quoted token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Offset of the first octet.
    pub start: u32,
    /// Offset just after the last octet.
    pub end: u32,
    /// Bare or quoted.
    pub kind: TokenKind,
    /// Whether a backslash stands in it.
    pub escaped: bool,
    /// Whether `\DDD` in it is octal, as the Windows DNS server writes it.
    pub octal: bool,
}

impl Token {
    /// The octets of the token in the source it was scanned from.
    pub fn text(self, data: &[u8]) -> &[u8] {
        data.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Start and end with the quotes, if it has any.
    pub fn outer(self) -> (u32, u32) {
        match self.kind {
            TokenKind::Text => (self.start, self.end),
            TokenKind::Quoted => (self.start.saturating_sub(1), self.end + 1),
        }
    }
}

/// The tokens of one entry that are still to be read: consuming is advancing the slice.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'d, 't> {
    /// The whole source the offsets count in.
    pub data: &'d [u8],
    /// What is left to read.
    pub rest: &'t [Token],
    /// Where the entry's last token ends: the place to point at when something is missing.
    pub end: u32,
}

impl<'d> Tokens<'d, '_> {
    /// Text of the first token left.
    pub fn peek(&self) -> Option<(Token, &'d [u8])> {
        let token = *self.rest.first()?;
        Some((token, self.data.get(token.start as usize..token.end as usize).unwrap_or_default()))
    }

    /// The same tokens without the first `count`.
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        Self { rest: self.rest.get(count..).unwrap_or_default(), ..self }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'t> nom::Input for Tokens<'_, 't> {
    type Item = Token;
    type Iter = std::iter::Copied<std::slice::Iter<'t, Token>>;
    type IterIndices = std::iter::Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.rest.len()
    }

    fn take(&self, index: usize) -> Self {
        Self { rest: &self.rest[..index], ..*self }
    }

    fn take_from(&self, index: usize) -> Self {
        Self { rest: &self.rest[index..], ..*self }
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }

    fn position<P: Fn(Token) -> bool>(&self, predicate: P) -> Option<usize> {
        self.rest.iter().position(|token| predicate(*token))
    }

    fn iter_elements(&self) -> Self::Iter {
        self.rest.iter().copied()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, nom::Needed> {
        if count <= self.rest.len() { Ok(count) } else { Err(nom::Needed::new(count - self.rest.len())) }
    }
}

/// Why a field could not be read: the rule that says so, the place, and the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The finding's rule.
    pub rule: RuleName,
    /// Offset of the first wrong octet in the source.
    pub start: u32,
    /// Offset just after the last wrong octet.
    pub end: u32,
    /// What was found and what was expected; the record's owner and type are put in front of it.
    pub message: Cow<'static, str>,
    /// What to write instead.
    pub help: Option<Cow<'static, str>>,
    /// Text that replaces `start..end`.
    pub fix: Option<(Applicability, Vec<u8>)>,
}

impl FieldError {
    /// An error that covers a token, with its quotes.
    pub fn at(token: Token, rule: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let (start, end) = token.outer();
        Self { rule: RuleName(rule), start, end, message: message.into(), help: None, fix: None }
    }

    /// An error just after the last token of the entry: a field is missing.
    pub fn missing(tokens: &Tokens<'_, '_>, expected: &str) -> Self {
        Self {
            rule: RuleName("missing-rdata"),
            start: tokens.end,
            end: tokens.end,
            message: format!("{expected} is missing").into(),
            help: None,
            fix: None,
        }
    }

    /// Whether the record is read on in spite of it: what its data is meant to be is not in doubt.
    pub fn keeps_record(&self) -> bool {
        match self.rule.0 {
            "extra-rdata" | "non-zone-comment" | "soa-rname-at-sign" => true,
            "string-too-long" => self.fix.is_some(),
            _ => false,
        }
    }

    /// Says what to write.
    #[must_use]
    pub fn help(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Gives the text that should stand there.
    #[must_use]
    pub fn fix(mut self, applicability: Applicability, replacement: impl Into<Vec<u8>>) -> Self {
        self.fix = Some((applicability, replacement.into()));
        self
    }
}

impl<I> nom::error::ParseError<I> for FieldError {
    fn from_error_kind(_: I, _: nom::error::ErrorKind) -> Self {
        Self {
            rule: RuleName("syntax-error"),
            start: 0,
            end: 0,
            message: "this cannot be read".into(),
            help: None,
            fix: None,
        }
    }

    fn append(_: I, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

/// What a parser over tokens returns.
pub type FieldResult<'d, 't, T> = nom::IResult<Tokens<'d, 't>, T, FieldError>;
