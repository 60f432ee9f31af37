//! What may go to a terminal, and what stands for that which may not.
//!
//! A comment in a zone file can hold an escape sequence that repaints the screen, or a bidi control
//! that makes `sip1` read as something else.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character moves the cursor, reorders its neighbours or cannot be seen: C0 and C1
/// controls, line separators, bidi controls, zero-width characters, tags.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Our own words (messages, labels, help) and file names: an unsafe character becomes a visible
/// escape such as `\u{202e}` or `\n`. Without `unicode` so does all that is not ASCII.
pub(super) fn words(text: &str, unicode: bool) -> Cow<'_, str> {
    let escaped = |c: char| is_unsafe(c) || !(unicode || c.is_ascii());
    if !text.chars().any(escaped) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if escaped(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// JSON as serde writes it: bidi controls and their like become `\u` escapes, so no reader sees a
/// difference. Outside strings JSON has none of them but the line feed.
pub(super) fn json(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(c);
        }
    }
    clean
}

/// What a snippet shows for a character of the file: itself, or a mark one column wide.
pub(super) fn glyph(c: char, unicode: bool) -> char {
    if is_unsafe(c) || !(unicode || c.is_ascii()) { unreadable(unicode) } else { c }
}

/// What a snippet shows for a byte that is no text.
pub(super) fn unreadable(unicode: bool) -> char {
    if unicode { char::REPLACEMENT_CHARACTER } else { '?' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_escapes() {
        assert_eq!(words("a\u{1b}[31mb\n\u{7f}\u{9b}", true), r"a\u{1b}[31mb\n\u{7f}\u{9b}");
        assert_eq!(
            words("x\u{202e}y\u{2066}z\u{200b}\u{feff}", true),
            r"x\u{202e}y\u{2066}z\u{200b}\u{feff}"
        );
        assert_eq!(words("\u{e0041}\u{2028}", true), r"\u{e0041}\u{2028}");
    }

    #[test]
    fn plain_words_are_not_copied() {
        assert!(matches!(words("pool `west` at b\u{fc}cher.example", true), Cow::Borrowed(_)));
        assert_eq!(words("b\u{fc}cher", false), r"b\u{fc}cher");
    }

    #[test]
    fn glyphs_are_one_character() {
        assert_eq!(glyph('\u{1b}', true), '\u{fffd}');
        assert_eq!(glyph('\u{202e}', false), '?');
        assert_eq!(glyph('\u{fc}', true), '\u{fc}');
        assert_eq!(glyph('\u{fc}', false), '?');
    }
}
