//! Pieces of Markdown that nothing of a zone breaks out of.

/// One line: blanks for line ends and other control characters.
pub(crate) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A code span, CommonMark 6.1: its fence is longer than any run of backticks inside.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A cell of a table: a `|` would end it, even inside a code span.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A fenced block whose fence is longer than any run of backticks inside.
pub(crate) fn fenced(language: &str, text: &str, indent: &str) -> String {
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
    fn a_bar_ends_no_cell() {
        assert_eq!(cell("`a|b`"), "`a\\|b`");
    }
}
