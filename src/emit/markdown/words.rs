//! Markdown that holds whatever names, warnings and patches hold.

pub(super) use crate::report::commonmark::{cell, code, fenced, one_line};

/// A name in running text: characters that Markdown would read as markup are escaped.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `1 record`, `2 records`.
pub(in crate::emit) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Seconds, and what a person makes of them: `3600 s (1 h)`.
pub(super) fn seconds(count: u64) -> String {
    let (hours, minutes, rest) = (count / 3600, count / 60 % 60, count % 60);
    if count < 60 {
        return format!("{count} s");
    }
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    format!("{count} s ({})", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_lists_read_well() {
        assert_eq!(seconds(59), "59 s");
        assert_eq!(seconds(300), "300 s (5 min)");
        assert_eq!(seconds(3661), "3661 s (1 h 1 min 1 s)");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(counted(1, "zone"), "1 zone");
        assert_eq!(counted(0, "zone"), "0 zones");
    }

    #[test]
    fn markup_of_names_is_escaped() {
        assert_eq!(plain("edge_1 <x>"), "edge\\_1 \\<x\\>");
    }
}
