//! Markdown that holds whatever names, warnings and patches hold.

/// One line: blanks for line ends and other control characters.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A code span, CommonMark 6.1: its fence is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A cell of a table: a `|` would end it, even inside a code span.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

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

/// A fenced block whose fence is longer than any run of backticks inside.
pub(super) fn fenced(language: &str, text: &str, indent: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let mut out = format!("{indent}{fence}{language}\n");
    for line in text.split_inclusive('\n') {
        if line != "\n" {
            out.push_str(indent);
        }
        out.push_str(line);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(indent);
    out.push_str(&fence);
    out.push('\n');
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
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
    fn code_spans_hold_backticks() {
        assert_eq!(code("edge1"), "`edge1`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn fences_are_longer_than_what_they_hold() {
        assert_eq!(fenced("diff", "+x", ""), "```diff\n+x\n```\n");
        assert_eq!(fenced("diff", "+``` x\n", ""), "````diff\n+``` x\n````\n");
        assert_eq!(fenced("sh", "a\n\nb\n", "  "), "  ```sh\n  a\n\n  b\n  ```\n");
    }

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
        assert_eq!(cell("`a|b`"), "`a\\|b`");
    }
}
