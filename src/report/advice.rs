//! What to do about a finding: its help, or in words what its fix would write.

use crate::diagnostic::{Edit, Finding, Fix};
use crate::text::{Sources, Span};

/// The most characters quoted of what a fix replaces or writes.
const QUOTED: usize = 60;

/// What to do: the finding's help, or else what its fix writes; and whether `--fix` does it.
pub(super) fn advice(sources: &Sources, finding: &Finding) -> Option<String> {
    let Some(fix) = usable_fix(sources, finding) else { return finding.help.clone() };
    let text = finding.help.clone().unwrap_or_else(|| described(sources, fix));
    Some(format!("{text} ({} fix)", fix.applicability.word()))
}

fn described(sources: &Sources, fix: &Fix) -> String {
    let mut edits = fix.edits.iter();
    let Some(first) = edits.next() else { return String::from("nothing to write") };
    let text = described_edit(sources, first);
    match edits.len() {
        0 => text,
        1 => format!("{text}, and 1 more edit"),
        more => format!("{text}, and {more} more edits"),
    }
}

fn described_edit(sources: &Sources, edit: &Edit) -> String {
    // Only the head is quoted, so a long span need not be read whole: 4 octets are a character.
    let head_end = edit.span.end().min(edit.span.start + 4 * QUOTED as u64 + 4);
    let found = quoted(&sources.get(edit.span.file).slice(edit.span.start, head_end));
    let written = quoted(&edit.replacement);
    match (edit.span.len, edit.replacement.is_empty()) {
        (_, true) => format!("delete `{found}`"),
        (0, false) => format!("insert `{written}`"),
        (_, false) => format!("write `{written}` in place of `{found}`"),
    }
}

fn quoted(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// The fix of a finding, unless it edits text that stands in no file: what `$GENERATE` made cannot
/// be changed record by record.
pub(super) fn usable_fix<'a>(sources: &Sources, finding: &'a Finding) -> Option<&'a Fix> {
    let fix = finding.fix.as_ref()?;
    let in_a_file = |span: Span| sources.get(span.file).generated_by().is_none();
    fix.edits.iter().all(|edit| in_a_file(edit.span)).then_some(fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Applicability, RuleName};
    use crate::text::Source;

    #[test]
    fn fixes_without_help_say_what_they_write() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", "www A 1\n"));
        let advice = |start, end, text: &str| {
            let span = Span::new(file, start, end);
            let finding = Finding::new(RuleName("r"), span, "m").fix(Applicability::Unsafe, span, text);
            super::advice(&sources, &finding).unwrap()
        };
        assert_eq!(advice(4, 5, "AAAA"), "write `AAAA` in place of `A` (unsafe fix)");
        assert_eq!(advice(0, 4, ""), "delete `www ` (unsafe fix)");
        assert_eq!(advice(4, 4, "IN "), "insert `IN ` (unsafe fix)");
        assert_eq!(advice(0, 0, &"x".repeat(70)), format!("insert `{}...` (unsafe fix)", "x".repeat(60)));
    }
}
