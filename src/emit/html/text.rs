//! Texts as a page may show them.

use crate::report::sanitize::is_unsafe;
use maud::{Markup, html};

/// The text, with every character that cannot be seen or reorders its neighbours written out:
/// `\u{202e}`. Line feeds and tabs stay. HTML has no way to hold controls and noncharacters.
pub(super) fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\n' | '\t') || !is_unsafe(c) && !is_noncharacter(c) {
            clean.push(c);
        } else {
            clean.extend(c.escape_default());
        }
    }
    clean
}

/// Code points that are set apart for ever, Unicode 23.7.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Seconds as a person says them: `0 s`, `10 s`, `5 min`, `1 h 30 min`.
pub(super) fn duration(seconds: u32) -> String {
    let parts =
        [(seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if parts.is_empty() { String::from("0 s") } else { parts.join(" ") }
}

/// At most so many characters, the last of them an ellipsis when some were left out.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['\u{2026}']).collect()
}

/// A sentence; what stands between backticks is code.
pub(super) fn with_code(sentence: &str) -> Markup {
    html! {
        @for (place, part) in sentence.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(
            visible("a\u{202e}b\0\n\tc\u{ffff}\u{1fffe}"),
            "a\\u{202e}b\\u{0}\n\tc\\u{ffff}\\u{1fffe}"
        );
        assert_eq!(visible("b\u{fc}cher <b>"), "b\u{fc}cher <b>");
    }

    #[test]
    fn names_between_backticks_are_code() {
        assert_eq!(with_code("port of `<a>` is 1").into_string(), "port of <code>&lt;a&gt;</code> is 1");
        assert_eq!(with_code("plain").into_string(), "plain");
    }

    #[test]
    fn times_read_well() {
        let said = [0, 10, 300, 5400, 21600, 90061].map(duration);
        assert_eq!(said, ["0 s", "10 s", "5 min", "1 h 30 min", "6 h", "1 d 1 h 1 min 1 s"]);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("sip1", 4), "sip1");
        assert_eq!(shortened("sip12", 4), "sip\u{2026}");
    }
}
