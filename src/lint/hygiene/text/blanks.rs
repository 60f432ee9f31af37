//! Blanks at the ends of lines.

use crate::diagnostic::Applicability;
use crate::edge::parked::PARKED;
use crate::lint::rule::Out;
use crate::lint::text::{Kind, Many, Stretch, TextRule, ZoneFile};

const RULE: &str = "trailing-whitespace";

/// `trailing-whitespace`
#[derive(Default)]
pub(super) struct Trailing {
    many: Many,
}

impl TextRule for Trailing {
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        // What belongs to which string nobody knows in an entry that cannot be read.
        let is_readable = !matches!(text.kind, Kind::Unreadable);
        let end = if is_readable { text.range.end } else { text.entry_start };
        for line in text.lines(text.range.start, end) {
            let octets = text.text(line.start, line.end);
            let blank = |octet: &&u8| matches!(octet, b' ' | b'\t');
            let blanks = octets.iter().rev().take_while(blank).count();
            // Without the blanks, a carriage return before them would end the line.
            let from = line.end - blanks;
            let after_return = from.checked_sub(1).is_some_and(|before| text.text(before, from) == b"\r");
            // A record that was set aside comes back as it was.
            if blanks == 0 || after_return || octets.starts_with(PARKED.as_bytes()) {
                continue;
            }
            let start = after_token(text, line.end).max(from);
            if start >= line.end {
                continue;
            }
            let span = text.span(start, line.end);
            let count = line.end - start;
            let blanks = if count == 1 { String::from("a blank") } else { format!("{count} blanks") };
            let zone = text.file.context.zone.apex();
            let message = format!("`{zone}`: {blanks} at the end of the line");
            let finding = text.file.about(RULE, span, message).help("remove them");
            self.many.push(finding.fix(Applicability::Safe, span, ""), out);
        }
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        self.many.finish(RULE, file, out);
    }
}

/// Where the last token before an offset ends: a blank with a backslash before it, and a string that
/// goes on in the next line, are data.
fn after_token(text: &Stretch<'_>, at: usize) -> usize {
    let before = text.tokens.partition_point(|token| (token.outer().0 as usize) < at);
    let last = before.checked_sub(1).and_then(|last| text.tokens.get(last));
    last.map_or(0, |token| token.outer().1 as usize)
}
