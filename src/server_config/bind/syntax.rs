//! The grammar of `named.conf`: statements of words, strings and blocks, each ended by `;`.

use super::super::files::{Lines, Text};
use super::super::{ConfigError, Line};
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till, take_until, take_while1};
use nom::character::complete::{char, multispace1};
use nom::combinator::{recognize, value};
use nom::multi::many0_count;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser as _};

/// Blocks within blocks; BIND's own grammar needs six.
const MOST_DEPTH: usize = 64;

/// `zone "x" { type primary; };`
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) line: Line,
    pub(super) items: Vec<Item>,
}

/// A part of a statement.
#[derive(Debug)]
pub(super) enum Item {
    /// A word or a string.
    Word(String),
    /// `{ ... }`.
    Block(Vec<Statement>),
}

impl Statement {
    /// The word at a place.
    pub(super) fn word(&self, at: usize) -> Option<&str> {
        match self.items.get(at)? {
            Item::Word(word) => Some(word),
            Item::Block(_) => None,
        }
    }

    /// The keyword at its beginning, lower case: BIND does not mind.
    pub(super) fn keyword(&self) -> String {
        self.word(0).unwrap_or_default().to_ascii_lowercase()
    }

    /// The last block of it.
    pub(super) fn block(&self) -> Option<&[Self]> {
        self.items.iter().rev().find_map(|item| match item {
            Item::Block(statements) => Some(&**statements),
            Item::Word(_) => None,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// The text between the quotes, escapes as they are.
    Quoted(&'t str),
    Open,
    Close,
    End,
}

/// Blanks and comments of all three kinds: `//`, `#`, `/* */`.
fn blank(text: &str) -> IResult<&str, usize> {
    let line = preceded(alt((tag("//"), tag("#"))), take_till(|c| c == '\n'));
    let block = delimited(tag("/*"), take_until("*/"), tag("*/"));
    many0_count(alt((multispace1, line, block))).parse(text)
}

/// A string: `\` keeps what follows, so that `\"` does not end it. It ends on its line.
fn quoted(text: &str) -> IResult<&str, &str> {
    let (rest, _) = char('"')(text)?;
    let mut escaped = false;
    let end = rest.find(|c: char| {
        let stop = !escaped && c == '"' || c == '\n';
        escaped = c == '\\' && !escaped;
        stop
    });
    let (rest, inside) = take(end.unwrap_or(rest.len()))(rest)?;
    let (rest, _) = char('"')(rest)?;
    Ok((rest, inside))
}

fn word(text: &str) -> IResult<&str, &str> {
    let plain = take_while1(|c: char| !c.is_whitespace() && !"{};\"#/!".contains(c));
    // A slash is part of a word unless a comment begins with it.
    let slash = |text| match text {
        _ if str::starts_with(text, "//") || str::starts_with(text, "/*") => {
            Err(nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Char)))
        }
        _ => tag("/")(text),
    };
    recognize(nom::multi::many1_count(alt((plain, tag("!"), slash)))).parse(text)
}

fn token(text: &str) -> IResult<&str, Token<'_>> {
    alt((
        value(Token::Open, char('{')),
        value(Token::Close, char('}')),
        value(Token::End, char(';')),
        quoted.map(Token::Quoted),
        word.map(Token::Word),
    ))
    .parse(text)
}

/// Whether a text begins as `named.conf` does: a statement whose first word stands alone.
pub(super) fn is_like(text: &str) -> bool {
    let Ok((rest, _)) = blank(text) else { return false };
    let Ok((rest, Token::Word(first))) = token(rest) else { return false };
    let Ok((rest, _)) = blank(rest) else { return false };
    let known =
        ["acl", "include", "key", "logging", "options", "view", "zone", "controls", "statistics-channels"];
    let known = known.contains(&first.to_ascii_lowercase().as_str());
    known && matches!(token(rest), Ok((_, Token::Word(_) | Token::Quoted(_) | Token::Open)))
}

/// The statements of a file.
///
/// # Errors
/// The line of what is not closed, not ended or not opened.
pub(super) fn statements(file: &Text) -> Result<Vec<Statement>, ConfigError> {
    let mut rest = file.text.as_str();
    let mut lines = Lines::new(file);
    let mut line_of = |rest: &str| lines.of(file.text.len() - rest.len());
    // The statements of the file and of the open blocks, each with the statement that is unfinished.
    let mut levels: Vec<(Vec<Statement>, Option<Statement>)> = vec![(Vec::new(), None)];
    loop {
        // What is no blank is left to the token.
        rest = blank(rest).map_or(rest, |(after, _)| after);
        if rest.is_empty() {
            break;
        }
        let Ok((after, token)) = token(rest) else {
            let why = match rest.as_bytes() {
                [b'/', b'*', ..] => "this comment is not closed by `*/`",
                [b'"', ..] => "this string is not closed by `\"` on its line",
                _ => "expected a word, a string, `{`, `}` or `;`",
            };
            return Err(ConfigError::at(&line_of(rest), why));
        };
        let line = line_of(rest);
        let depth = levels.len();
        let Some((done, open)) = levels.last_mut() else { break };
        let start = |open: &mut Option<Statement>| {
            open.take().unwrap_or_else(|| Statement { line: line.clone(), items: Vec::new() })
        };
        match token {
            Token::Word(text) => {
                let mut statement = start(open);
                statement.items.push(Item::Word(text.to_owned()));
                *open = Some(statement);
            }
            Token::Quoted(text) => {
                let mut statement = start(open);
                statement.items.push(Item::Word(text.replace("\\\"", "\"")));
                *open = Some(statement);
            }
            Token::Open => {
                *open = Some(start(open));
                if depth > MOST_DEPTH {
                    return Err(ConfigError::at(
                        &line,
                        format!("blocks are nested more than {MOST_DEPTH} deep"),
                    ));
                }
                levels.push((Vec::new(), None));
            }
            Token::End => done.extend(open.take()),
            Token::Close => {
                if let Some(open) = open {
                    return Err(ConfigError::at(
                        &open.line,
                        "expected `;` at the end of this statement, found `}`",
                    ));
                }
                let inside = std::mem::take(done);
                levels.pop();
                let Some((_, Some(statement))) = levels.last_mut() else {
                    return Err(ConfigError::at(&line, "this `}` closes nothing"));
                };
                statement.items.push(Item::Block(inside));
            }
        }
        rest = after;
    }
    let last = levels.pop().unwrap_or_default();
    if let Some((_, Some(unclosed))) = levels.last() {
        return Err(ConfigError::at(&unclosed.line, "the `{` of this statement is not closed"));
    }
    match last {
        (_, Some(unfinished)) => {
            Err(ConfigError::at(&unfinished.line, "expected `;` at the end of this statement"))
        }
        (done, None) => Ok(done),
    }
}
