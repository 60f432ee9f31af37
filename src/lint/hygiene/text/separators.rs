//! What sets the columns of records: tabs, or several spaces. One space is neither.

use crate::diagnostic::{Applicability, Edit};
use crate::lint::rule::Out;
use crate::lint::text::{Kind, Stretch, TextRule, ZoneFile};
use crate::text::Span;

/// Beyond so many places a fix is no help.
const MOST_EDITS: usize = 100_000;
/// The distance of tab stops.
const TAB: usize = 8;

/// Gaps of one kind.
#[derive(Default)]
struct Gaps {
    count: usize,
    /// The first ones, each with the columns where it begins and ends.
    kept: Vec<(Span, usize, usize)>,
}

impl Gaps {
    fn push(&mut self, gap: (Span, usize, usize)) {
        self.count += 1;
        if self.kept.len() < MOST_EDITS {
            self.kept.push(gap);
        }
    }
}

/// `tabs-and-spaces-mixed`
#[derive(Default)]
pub(super) struct Mixed {
    tabs: Gaps,
    spaces: Gaps,
    both: Gaps,
}

impl TextRule for Mixed {
    fn look(&mut self, text: &Stretch<'_>, _: Out<'_>) {
        let Kind::Record(_, rdata) = &text.kind else { return };
        let cells = text.tokens.len() - rdata.rest.len() + 1;
        let mut at = text.entry_start;
        let mut column = 0;
        for token in text.tokens.iter().take(cells) {
            let (start, end) = token.outer();
            let (start, end) = (start as usize, end as usize);
            let gap = text.text(at, start);
            if gap.iter().any(|octet| !matches!(octet, b' ' | b'\t')) {
                return;
            }
            let stop = gap.iter().fold(column, |column, octet| match octet {
                b'\t' => (column / TAB + 1) * TAB,
                _ => column + 1,
            });
            let tabs = gap.iter().filter(|octet| **octet == b'\t').count();
            let place = (text.span(at, start), column, stop);
            match (tabs, gap.len() - tabs) {
                (0, 0 | 1) => {}
                (0, _) => self.spaces.push(place),
                (_, 0) => self.tabs.push(place),
                _ => self.both.push(place),
            }
            column = stop + characters(text.text(start, end));
            at = end;
        }
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        // The Windows DNS server writes both, each time it saves the zone.
        let is_mixed = self.both.count > 0 || self.tabs.count > 0 && self.spaces.count > 0;
        if !is_mixed || file.context.zone.is_windows() {
            return;
        }
        let to_spaces = self.spaces.count >= self.tabs.count;
        let fewer = if to_spaces { &self.tabs } else { &self.spaces };
        let mut wrong: Vec<_> = fewer.kept.iter().chain(&self.both.kept).copied().collect();
        wrong.sort_unstable();
        let Some((first, ..)) = wrong.first() else { return };
        let mut found = Vec::new();
        for (gaps, what) in [(&self.tabs, "tabs"), (&self.spaces, "spaces"), (&self.both, "both")] {
            match gaps.count {
                0 => {}
                1 => found.push(format!("once with {what}")),
                count => found.push(format!("{count} times with {what}")),
            }
        }
        let message = format!("`{}` sets its columns {}", file.name(), found.join(", "));
        let wanted = if to_spaces { "spaces" } else { "tabs" };
        let finding = file
            .about("tabs-and-spaces-mixed", *first, message)
            .help(format!("use {wanted}; `zonewright fmt` lays out the whole file"));
        let is_whole = wrong.len() == fewer.count + self.both.count;
        let edits = wrong.iter().map(|(span, from, to)| Edit {
            span: *span,
            replacement: if to_spaces {
                vec![b' '; to - from]
            } else {
                vec![b'\t'; to.div_ceil(TAB).saturating_sub(from / TAB).max(1)]
            },
        });
        out.push(if is_whole { finding.fixes(Applicability::Safe, edits.collect()) } else { finding });
    }
}

/// How many characters a text has; an octet that is no UTF-8 counts as one.
fn characters(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.chars().count())
}
