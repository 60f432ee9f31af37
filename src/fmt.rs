//! The layout of zone files: columns, blanks and line breaks, never data.
//!
//! Works on the text of one file. Every entry keeps its tokens, its comments and its place; what
//! cannot be read is left as it is, octet for octet. Formatting what was formatted changes nothing.

mod layout;
mod line;
mod names;
mod read;
mod verify;

pub use crate::config::{Names, Style, Ttls};
pub use verify::{Difference, same_text, same_zones};

use std::fmt;
use std::ops::Range;

/// Octets of a file, and what stands there when it is formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Offsets in octets; whole lines.
    pub range: Range<usize>,
    /// The new lines.
    pub text: Vec<u8>,
}

/// Why a file as a whole is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unformatted {
    /// It is UTF-16.
    Utf16,
    /// A parenthesis is never closed, so that nothing says where the entries after it begin.
    Unclosed {
        /// Offset of the parenthesis.
        at: usize,
    },
}

impl fmt::Display for Unformatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "the file is UTF-16, expected UTF-8",
            Self::Unclosed { .. } => "a parenthesis is never closed",
        })
    }
}

/// What formatting changes, in the order of the text.
///
/// # Errors
/// When the file as a whole cannot be formatted.
pub fn changes(source: &[u8], style: &Style) -> Result<Vec<Change>, Unformatted> {
    let mut changes = layout::lay_out(source, &read::parts(source, style)?, style);
    changes.retain(|change| source.get(change.range.clone()) != Some(&change.text));
    Ok(changes)
}

/// The text after changes of it, which come in its order.
pub fn apply(source: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut text = Vec::with_capacity(source.len() + source.len() / 8);
    let mut copied = 0;
    for change in changes {
        text.extend_from_slice(source.get(copied..change.range.start).unwrap_or_default());
        text.extend_from_slice(&change.text);
        copied = change.range.end;
    }
    text.extend_from_slice(source.get(copied..).unwrap_or_default());
    text
}

/// The text of a zone file, formatted; unchanged when it cannot be.
pub fn format(source: &[u8], style: &Style) -> Vec<u8> {
    apply(source, &changes(source, style).unwrap_or_default())
}

#[cfg(test)]
mod tests;
