//! Coloured words and wrapped sentences, for tables that people read.

use super::Style;
use super::sanitize;
use std::fmt::Write as _;

/// How a piece of text is coloured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Good,
    Bad,
    Faint,
}

impl Paint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Good => Some("32"),
            Self::Bad => Some("1;31"),
            Self::Faint => Some("2"),
        }
    }
}

/// Writes in a style.
pub(super) struct Pen<'s> {
    /// The style.
    pub(super) style: &'s Style,
}

impl Pen<'_> {
    pub(super) fn paint(&self, text: &str, paint: Paint) -> String {
        match paint.code().filter(|_| self.style.color && !text.is_empty()) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }

    /// Text from a file, made safe for a terminal.
    pub(super) fn words(&self, text: &str) -> String {
        sanitize::words(text, self.style.unicode).into_owned()
    }

    /// Writes a sentence after `head`, broken at blanks where the width ends.
    pub(super) fn wrapped(&self, text: &mut String, head: &str, paint: Paint, sentence: &str) {
        let indent = head.chars().count();
        let room = self.style.width.saturating_sub(indent).max(20);
        let mut lines: Vec<String> = Vec::new();
        for word in sentence.split(' ') {
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        for (index, line) in lines.iter().enumerate() {
            let lead = if index == 0 { head.to_owned() } else { " ".repeat(indent) };
            let _ = writeln!(text, "{lead}{}", self.paint(line, paint));
        }
    }
}
