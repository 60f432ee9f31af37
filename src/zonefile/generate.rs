//! `$GENERATE` as BIND reads it (BIND 9 ARM, "The $GENERATE Directive").

use super::token::FieldError;
use super::token::Token;
use crate::diagnostic::Applicability;
use nom::Parser as _;
use nom::bytes::complete::tag;
use nom::character::complete::{digit1, i64 as signed, one_of};
use nom::combinator::{all_consuming, map_res, opt};
use nom::sequence::preceded;

/// `start-stop[/step]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    start: u32,
    stop: u32,
    step: u32,
}

impl Range {
    /// Reads the range of a directive.
    ///
    /// # Errors
    /// `generate-bad-range`.
    pub fn read(token: Token, text: &[u8]) -> Result<Self, FieldError> {
        let mut parser =
            all_consuming((number, preceded(tag(&b"-"[..]), number), opt(preceded(tag(&b"/"[..]), number))));
        let found = String::from_utf8_lossy(text);
        let bad = |why: &str| {
            FieldError::at(token, "generate-bad-range", format!("range `{found}` {why}"))
                .help("the range is `start-stop` or `start-stop/step`, from 0 to 2147483647")
        };
        let Ok((_, (start, stop, step))) = parser.parse(text) else {
            return Err(bad("is not `start-stop[/step]`"));
        };
        let step = step.unwrap_or(1);
        if start > stop {
            let swapped = format!("{stop}-{start}");
            let step = if step == 1 { String::new() } else { format!("/{step}") };
            return Err(bad("starts after it stops")
                .help(format!("write `{swapped}{step}`"))
                .fix(Applicability::Unsafe, format!("{swapped}{step}")));
        }
        if step == 0 || stop > i32::MAX as u32 || step > i32::MAX as u32 {
            return Err(bad(if step == 0 { "has step 0" } else { "goes beyond 2147483647" }));
        }
        Ok(Self { start, stop, step })
    }

    /// How many records it makes.
    pub fn count(self) -> u64 {
        u64::from(self.stop - self.start) / u64::from(self.step) + 1
    }

    /// The values in order.
    pub fn values(self) -> impl Iterator<Item = u32> {
        (self.start..=self.stop).step_by(self.step as usize)
    }
}

fn number(input: &[u8]) -> nom::IResult<&[u8], u32> {
    map_res(digit1, |digits: &[u8]| std::str::from_utf8(digits).map_err(drop)?.parse().map_err(drop))
        .parse(input)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Value { offset: i64, width: usize, base: u8 },
}

/// A left or right side with its `$` places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// The widest field BIND fills.
const MAX_WIDTH: usize = 255;

impl Template {
    /// Reads a side: `$`, `$$` and `\$` (a dollar sign), `${offset[,width[,base]]}`.
    ///
    /// # Errors
    /// `generate-bad-modifier` at the braces.
    pub fn read(token: Token, text: &[u8], range: Range) -> Result<Self, FieldError> {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut at = 0;
        while let Some(&octet) = text.get(at) {
            match octet {
                b'\\' => {
                    let len = 2.min(text.len() - at);
                    plain.extend_from_slice(&text[at..at + len]);
                    at += len;
                }
                b'$' if text.get(at + 1) == Some(&b'$') => {
                    plain.extend_from_slice(b"\\$");
                    at += 2;
                }
                b'$' => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    at += 1;
                    if text.get(at) != Some(&b'{') {
                        parts.push(Part::Value { offset: 0, width: 0, base: b'd' });
                        continue;
                    }
                    let close = memchr::memchr(b'}', &text[at..]).map_or(text.len(), |len| at + len);
                    let inside = &text[at + 1..close.max(at + 1)];
                    let part = modifier(inside, range).filter(|_| close < text.len());
                    parts.push(part.ok_or_else(|| bad_modifier(token, at, close, text))?);
                    at = close + 1;
                }
                _ => {
                    plain.push(octet);
                    at += 1;
                }
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Whether it is the same for every value.
    pub fn is_constant(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// Appends the text for one value.
    pub fn expand(&self, value: u32, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Value { offset, width, base } => {
                    let number = i64::from(value) + offset;
                    out.extend_from_slice(format_value(number, *width, *base).as_bytes());
                }
            }
        }
    }
}

fn bad_modifier(token: Token, at: usize, close: usize, text: &[u8]) -> FieldError {
    let end = (close + 1).min(text.len());
    let found = String::from_utf8_lossy(&text[at - 1..end]);
    let mut error = FieldError::at(
        token,
        "generate-bad-modifier",
        format!("`{found}` is not `${{offset[,width[,base]]}}`"),
    )
    .help("write `${offset,width,base}` with base d, o, x, X, n or N");
    error.start = token.start + at as u32 - 1;
    error.end = token.start + end as u32;
    error
}

fn modifier(text: &[u8], range: Range) -> Option<Part> {
    let width = preceded(tag(&b","[..]), number);
    let base = preceded(tag(&b","[..]), one_of("doxXnN"));
    let mut parser = all_consuming((signed::<&[u8], nom::error::Error<&[u8]>>, opt((width, opt(base)))));
    let (_, (offset, rest)) = parser.parse(text).ok()?;
    let (width, base) = match rest {
        None => (0, 'd'),
        Some((width, base)) => (usize::try_from(width).ok()?, base.unwrap_or('d')),
    };
    let in_range = i64::from(i32::MIN)..=i64::from(i32::MAX);
    let ends = [range.start, range.stop].map(|end| offset.checked_add(i64::from(end)));
    let fits = ends.iter().all(|end| end.is_some_and(|end| in_range.contains(&end)));
    (width <= MAX_WIDTH && fits && in_range.contains(&offset)).then_some(Part::Value {
        offset,
        width,
        base: base as u8,
    })
}

fn format_value(number: i64, width: usize, base: u8) -> String {
    match base {
        b'o' => format!("{number:0width$o}"),
        b'x' => format!("{number:0width$x}"),
        b'X' => format!("{number:0width$X}"),
        b'n' | b'N' => {
            let hex = if base == b'N' { format!("{number:X}") } else { format!("{number:x}") };
            let mut nibbles = hex.chars().rev().peekable();
            let mut text = String::new();
            while nibbles.peek().is_some() || text.len() < width {
                text.push(nibbles.next().unwrap_or('0'));
                // An even width ends in a dot, as BIND has it.
                if nibbles.peek().is_some() || text.len() < width {
                    text.push('.');
                }
            }
            text
        }
        _ => format!("{number:0width$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::TokenKind;
    use super::*;

    const RANGE: Range = Range { start: 0, stop: 9, step: 1 };

    fn token(text: &str) -> Token {
        Token { start: 0, end: text.len() as u32, kind: TokenKind::Text, escaped: false, octal: false }
    }

    fn expand(text: &str, value: u32) -> String {
        let mut out = Vec::new();
        Template::read(token(text), text.as_bytes(), RANGE).unwrap().expand(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ranges() {
        let read = |text: &str| Range::read(token(text), text.as_bytes());
        assert_eq!(read("1-5/2").unwrap().values().collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(read("0-2147483647").unwrap().count(), 1 << 31);
        for wrong in ["5-1", "1-", "1-2/0", "1-2147483648", "a-b", "1-2/3/4", ""] {
            assert_eq!(read(wrong).unwrap_err().rule.0, "generate-bad-range", "{wrong}");
        }
    }

    #[test]
    fn templates() {
        assert_eq!(expand("h$", 7), "h7");
        assert_eq!(expand("h${10,3,d}x", 7), "h017x");
        assert_eq!(expand("${-2}", 7), "5");
        assert_eq!(expand("${0,2,x}.${0,2,X}", 250), "fa.FA");
        assert_eq!(expand("${0,7,n}", 0x1a), "a.1.0.0");
        assert_eq!(expand("${0,2,n}", 1), "1.");
        assert_eq!(expand("${0,1,N}", 0x1a), "A.1");
        assert_eq!(expand("a$$\\$b", 1), "a\\$\\$b");
        for wrong in ["${", "${1,2,q}", "${x}", "${1,300}", "${2147483641}"] {
            let error = Template::read(token(wrong), wrong.as_bytes(), RANGE).unwrap_err();
            assert_eq!(error.rule.0, "generate-bad-modifier", "{wrong}");
        }
    }
}
