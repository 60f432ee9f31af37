//! The head of a record: `[owner] [TTL] [class] type`, TTL and class in either order (RFC 1035
//! section 5.1), and the `[AGE:n]` mark of Windows DNS exports.

use super::rtype::{Class, MNEMONICS, Rtype};
use super::token::{FieldError, FieldResult, Token, TokenKind, Tokens};
use super::ttl::{self, MAX_TTL, PeriodError};
use crate::diagnostic::{Applicability, nearest};
use nom::Parser as _;
use nom::combinator::opt;

/// What stands before the RDATA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The TTL in seconds as written, and its token.
    pub ttl: Option<(u32, Token)>,
    /// The class, and its token.
    pub class: Option<(Class, Token)>,
    /// The type.
    pub rtype: Rtype,
    /// The type's token.
    pub rtype_token: Token,
    /// Hours since 1601-01-01 UTC of a `[AGE:n]` mark, and its token.
    pub age: Option<(u32, Token)>,
    /// A TTL that 32 bits do not hold: the record has no TTL of its own.
    pub wrong_ttl: Option<Token>,
}

impl Head {
    /// Whether BIND turns the TTL into 0, since it is over 2^31 - 1 (RFC 2181 section 8).
    pub fn ttl_overflows(&self) -> bool {
        self.ttl.is_some_and(|(seconds, _)| seconds > MAX_TTL)
    }
}

/// Reads the head after the owner; what is left are the tokens of the RDATA.
///
/// # Errors
/// `unknown-type` with the nearest mnemonic, `syntax-error`, `number-out-of-range`.
pub fn head<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, Head> {
    if let Some(read) = plain(input) {
        return Ok(read);
    }
    let (input, age) = opt(age).parse(input)?;
    let (input, (before, class)) = (opt(ttl), opt(class)).parse(input)?;
    let (input, ttl) = match before {
        None if class.is_some() => opt(ttl).parse(input)?,
        known => (input, known),
    };
    let (input, (rtype, rtype_token)) =
        rtype(input).map_err(|error| second(error, &input, ttl.is_some(), class.is_some()))?;
    let wrong_ttl = ttl.and_then(|(seconds, token)| seconds.is_none().then_some(token));
    let ttl = ttl.and_then(|(seconds, token)| Some((seconds?, token)));
    Ok((input, Head { ttl, class, rtype, rtype_token, age, wrong_ttl }))
}

/// What nearly every record has: a TTL in seconds, `IN`, and a type, or fewer of them. None for
/// anything else, wrong or not.
fn plain<'d, 't>(input: Tokens<'d, 't>) -> Option<(Tokens<'d, 't>, Head)> {
    let mut rest = input;
    let mut ttl = None;
    let mut class = None;
    for _ in 0..3 {
        let (token, text) = rest.peek()?;
        if token.kind != TokenKind::Text {
            return None;
        }
        match text {
            [b'0'..=b'9', ..] if ttl.is_none() => ttl = Some((ttl::seconds(text)?, token)),
            b"IN" | b"in" if class.is_none() => class = Some((Class::IN, token)),
            _ => {
                // `ANY` is a class too, and read as one.
                let rtype = Rtype::read(text).filter(|rtype| !rtype.is_meta())?;
                let head = Head { ttl, class, rtype, rtype_token: token, age: None, wrong_ttl: None };
                return Some((rest.skip(1), head));
            }
        }
        rest = rest.skip(1);
    }
    None
}

/// A second TTL or class where the type should stand is no unknown type.
fn second(
    error: nom::Err<FieldError>,
    input: &Tokens<'_, '_>,
    has_ttl: bool,
    has_class: bool,
) -> nom::Err<FieldError> {
    let Some((token, text)) = input.peek() else { return error };
    let shown = String::from_utf8_lossy(text);
    let what = match () {
        () if has_class && Class::read(text).is_some() => "class",
        () if has_ttl && ttl::looks_like_period(text) => "TTL",
        () if text.first() == Some(&b'[') => {
            return nom::Err::Failure(
                FieldError::at(token, "syntax-error", format!("`{shown}` is no `[AGE:hours]` mark"))
                    .help("remove it"),
            );
        }
        () => return error,
    };
    nom::Err::Failure(
        FieldError::at(token, "syntax-error", format!("a second {what} `{shown}` where the type must stand"))
            .help("write `[owner] [TTL] [class] type RDATA`"),
    )
}

/// Whether the tokens begin like a head: what an indented owner hides.
pub fn is_head(tokens: Tokens<'_, '_>) -> bool {
    head(tokens).is_ok()
}

fn no_match<'d, 't, T>() -> FieldResult<'d, 't, T> {
    Err(nom::Err::Error(FieldError {
        rule: crate::diagnostic::RuleName("syntax-error"),
        start: 0,
        end: 0,
        message: "".into(),
        help: None,
        fix: None,
    }))
}

fn age<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, (u32, Token)> {
    let Some((token, text)) = input.peek() else { return no_match() };
    match age_mark(text) {
        Some(hours) => Ok((input.skip(1), (hours, token))),
        None => no_match(),
    }
}

/// The hours of a `[AGE:n]` mark.
pub fn age_mark(text: &[u8]) -> Option<u32> {
    let (word, hours) = text.split_at_checked(5)?;
    let hours = hours.strip_suffix(b"]").filter(|_| word.eq_ignore_ascii_case(b"[AGE:"))?;
    std::str::from_utf8(hours).ok()?.parse().ok()
}

/// A TTL; none when 32 bits do not hold it.
fn ttl<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, (Option<u32>, Token)> {
    let Some((token, text)) = input.peek() else { return no_match() };
    if token.kind != TokenKind::Text || !ttl::looks_like_period(text) {
        return no_match();
    }
    match ttl::period(text) {
        Ok(seconds) => Ok((input.skip(1), (Some(seconds), token))),
        Err(PeriodError::TooLarge) => Ok((input.skip(1), (None, token))),
        Err(error) => Err(nom::Err::Failure(period_error("TTL", token, text, error))),
    }
}

/// The error for a period that cannot be read.
pub fn period_error(what: &str, token: Token, text: &[u8], error: PeriodError) -> FieldError {
    let text = String::from_utf8_lossy(text);
    match error {
        PeriodError::TooLarge => FieldError::at(
            token,
            "number-out-of-range",
            format!("{what} `{text}` is over 4294967295 seconds"),
        )
        .help("a TTL is 0 to 2147483647"),
        PeriodError::UnitMissing => {
            FieldError::at(token, "syntax-error", format!("the last number of {what} `{text}` has no unit"))
                .help(format!("write `{text}s` for seconds or `{text}m` for minutes"))
                .fix(Applicability::Unsafe, format!("{text}s"))
        }
        PeriodError::Malformed => {
            FieldError::at(token, "syntax-error", format!("{what} `{text}` is no number of seconds"))
                .help("write seconds (`3600`) or units (`1h30m`)")
        }
    }
}

fn class<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, (Class, Token)> {
    let Some((token, text)) = input.peek() else { return no_match() };
    if token.kind != TokenKind::Text {
        return no_match();
    }
    match Class::read(text) {
        Some(class) => Ok((input.skip(1), (class, token))),
        None if is_numbered(text, b"CLASS") => Err(nom::Err::Failure(number_too_large(token, text, "CLASS"))),
        None => no_match(),
    }
}

/// Whether text is a word with decimal digits after it.
fn is_numbered(text: &[u8], word: &[u8]) -> bool {
    text.split_at_checked(word.len()).is_some_and(|(head, digits)| {
        head.eq_ignore_ascii_case(word) && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    })
}

fn number_too_large(token: Token, text: &[u8], word: &str) -> FieldError {
    let text = String::from_utf8_lossy(text);
    FieldError::at(token, "number-out-of-range", format!("the number of `{text}` is over 65535"))
        .help(format!("write `{word}0` to `{word}65535`"))
}

fn rtype<'d, 't>(input: Tokens<'d, 't>) -> FieldResult<'d, 't, (Rtype, Token)> {
    let Some((token, text)) = input.peek() else {
        return Err(nom::Err::Error(FieldError {
            rule: crate::diagnostic::RuleName("syntax-error"),
            ..FieldError::missing(&input, "the record type")
        }));
    };
    if token.kind == TokenKind::Text
        && let Some(rtype) = Rtype::read(text)
    {
        return Ok((input.skip(1), (rtype, token)));
    }
    if token.kind == TokenKind::Text && is_numbered(text, b"TYPE") {
        return Err(nom::Err::Failure(number_too_large(token, text, "TYPE")));
    }
    Err(nom::Err::Error(unknown_type(token, text)))
}

/// What providers offer in the place of a CNAME at the apex, and web redirects. ALIAS and ANAME are
/// types of some servers.
const PROVIDER_TYPES: [&[u8]; 4] = [b"FLATTEN", b"FRAME", b"REDIRECT", b"URL"];

/// The error for a mnemonic that is none, with the nearest one.
pub fn unknown_type(token: Token, text: &[u8]) -> FieldError {
    let found = String::from_utf8_lossy(text);
    let error = FieldError::at(token, "unknown-type", format!("`{found}` is no record type"));
    if PROVIDER_TYPES.iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return error.help(format!(
            "`{found}` is a setting of some providers, not a DNS type: write the addresses as A and AAAA"
        ));
    }
    let meant = nearest(&found, MNEMONICS.iter().map(|(name, _)| *name)).filter(|_| found.len() > 1);
    match meant {
        Some(name) => error.help(format!("did you mean `{name}`?")).fix(Applicability::Unsafe, name),
        None => {
            error.help("a type without a mnemonic is written `TYPEnn` with its RDATA as `\\# length hex`")
        }
    }
}
