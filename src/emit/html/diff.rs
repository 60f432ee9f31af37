//! The unified diff, with its lines marked by more than their first character.

use super::text;
use crate::plan::{FilePlan, Plan};
use maud::{Markup, html};

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Head,
    Same,
    Added,
    Removed,
}

pub(super) fn files(plan: &Plan) -> Markup {
    html! {
        p {
            "Apply it in the root of the repository with " code { "git apply" } ". "
            "The same text is what " code { "zonewright plan " (plan.goal.word()) " ..." } " prints with " code { "--emit diff" } "."
        }
        @for file in &plan.files {
            h4 { (text::visible(&file.name)) }
            @if has_more_than_text(file) {
                p { "The file has octets that a page does not keep (CR LF, or text that is not UTF-8): do not copy the diff from here." }
            }
            pre.diff role="group" aria-label={ "Diff of " (text::visible(&file.name)) } tabindex="0" {
                code { @for (kind, line) in lines(&String::from_utf8_lossy(&file.patch)) { (shown(kind, line)) } }
            }
        }
    }
}

fn has_more_than_text(file: &FilePlan) -> bool {
    std::str::from_utf8(&file.patch).map_or(true, |patch| patch.contains('\r'))
}

fn shown(kind: Kind, line: &str) -> Markup {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = text::visible(line.strip_suffix('\r').unwrap_or(line));
    html! {
        @match kind {
            Kind::Head => span.head { (line) "\n" },
            Kind::Same => span { (line) "\n" },
            Kind::Added => ins { (line) "\n" },
            Kind::Removed => del { (line) "\n" },
        }
    }
}

/// The lines of a patch. What a `-` or `+` means is told by the counts of the hunk: a removed line
/// that begins with `--` looks like a file's name.
fn lines(patch: &str) -> Vec<(Kind, &str)> {
    let (mut old, mut new) = (0_usize, 0_usize);
    let mut lines = Vec::new();
    for line in patch.split_inclusive('\n') {
        if old + new == 0 {
            if let Some(counts) = line.strip_prefix("@@ ").and_then(counts) {
                (old, new) = counts;
            }
            lines.push((Kind::Head, line));
            continue;
        }
        let kind = match line.as_bytes().first() {
            Some(b'+') => Kind::Added,
            Some(b'-') => Kind::Removed,
            Some(b'\\') => Kind::Head,
            _ => Kind::Same,
        };
        old = old.saturating_sub(usize::from(matches!(kind, Kind::Removed | Kind::Same)));
        new = new.saturating_sub(usize::from(matches!(kind, Kind::Added | Kind::Same)));
        lines.push((kind, line));
    }
    lines
}

/// `-2,7 +2,8 @@`: lines of the old and of the new file.
fn counts(extents: &str) -> Option<(usize, usize)> {
    let mut words = extents.split(' ');
    let mut count = |sign: char| {
        let extent = words.next()?.strip_prefix(sign)?;
        extent.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok())
    };
    Some((count('-')?, count('+')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_line_that_looks_like_a_file_name_is_a_removed_line() {
        let patch = "--- a/z\n+++ b/z\n@@ -1,3 +1,2 @@\n same\n--- x\n-y\n+++ z\n\\ No newline at end of file\n--- a/y\n";
        let kinds: Vec<Kind> = lines(patch).into_iter().map(|(kind, _)| kind).collect();
        use Kind::{Added, Head, Removed, Same};
        assert_eq!(kinds, [Head, Head, Head, Same, Removed, Removed, Added, Head, Head]);
    }
}
