//! One line while it is written, and the column it has come to.

use super::Style;

/// The distance of tab stops.
const TAB: usize = 8;

/// Characters of a text; an octet that is no UTF-8 counts as one.
pub(super) fn width(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(text) => text.chars().count(),
        Err(_) => text.len(),
    }
}

/// The next column at which something may stand: a tab stop, or a multiple of `step`.
pub(super) fn stop(column: usize, step: usize, style: &Style) -> usize {
    column.next_multiple_of(if style.tabs { TAB } else { step })
}

/// Text with the columns it takes up.
pub(super) struct Writer<'s> {
    pub(super) text: Vec<u8>,
    /// Characters since the start of the line.
    pub(super) column: usize,
    style: &'s Style,
}

impl<'s> Writer<'s> {
    pub(super) fn new(style: &'s Style) -> Self {
        Self { text: Vec::new(), column: 0, style }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.column += width(text);
    }

    /// Blanks up to a column, at least `least` of them.
    pub(super) fn fill(&mut self, column: usize, least: usize) {
        let column = column.max(self.column + least);
        while self.style.tabs && self.column / TAB < column / TAB {
            self.text.push(b'\t');
            self.column = (self.column / TAB + 1) * TAB;
        }
        self.text.resize(self.text.len() + column - self.column, b' ');
        self.column = column;
    }

    pub(super) fn end(&mut self, newline: &[u8]) {
        self.text.extend_from_slice(newline);
        self.column = 0;
    }
}
