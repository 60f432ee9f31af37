//! The few lines of a file that a report shows.
//!
//! miette's own sources scan from the start of the file, count lines in a way that prints all that
//! lies between two labels, take a lone CR for a line end, lose labels on bytes that are not UTF-8,
//! print control characters and whole 65 kB lines. So it gets a small text made for it here: only
//! the lines around the labels, cut, clean, tabs expanded, with the labels moved along and the true
//! line numbers and columns kept.

use super::sanitize::{glyph, unreadable, words};
use crate::text::{Position, Source, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;
use std::iter;
use std::ops::Range;

/// Labelled lines at most this many lines apart share a window.
const NEAR: u64 = 4;
/// Columns from one tab stop to the next.
const TAB: usize = 8;
/// The most octets shown of a line, however wide the terminal.
const WIDEST: usize = 200;
/// The fewest octets shown around a label.
const NARROWEST: usize = 24;

/// A span to be shown, cut to its first line.
pub(super) struct Mark {
    /// Where the span starts, as printed above the snippet.
    position: Position,
    /// Offset of the first octet of its line.
    line_start: u64,
    /// The part of the line to underline; empty points between two octets.
    part: Range<u64>,
    text: Option<String>,
    primary: bool,
}

impl Mark {
    /// The mark of `span` with the words under it.
    pub(super) fn new(source: &Source, span: Span, text: Option<String>, primary: bool) -> Self {
        let file_end = source.len();
        let start = span.start.min(file_end);
        let line_start = source.line_start(start);
        let line_end = line_start + content(source, line_start).len() as u64;
        let first = start.min(line_end);
        let part = first..span.end().clamp(first, line_end);
        Self { position: source.position(start), line_start, part, text, primary }
    }

    /// Whether both underline the very same octets.
    pub(super) fn same_part(&self, other: &Self) -> bool {
        self.part == other.part
    }

    /// Whether the underlines would cover one another.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let end = |mark: &Self| mark.part.end.max(mark.part.start + 1);
        self.part.start < end(other) && other.part.start < end(self)
    }

    /// Adds a line to the words under it.
    pub(super) fn say(&mut self, more: &str) {
        match &mut self.text {
            Some(text) => {
                text.push('\n');
                text.push_str(more);
            }
            None => self.text = Some(more.to_owned()),
        }
    }
}

/// The octets of the line that starts at `start`, without its LF or CRLF.
fn content(source: &Source, start: u64) -> Cow<'_, [u8]> {
    let end = source.line_end(start);
    let line = source.slice(start, end);
    let cut = match &*line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => return line,
    };
    source.slice(start, end - cut)
}

/// Consecutive lines of the file, as a part of the snippet's text.
#[derive(Debug)]
struct Window {
    text: Range<usize>,
    first_line: u64,
    lines: usize,
}

/// The windows of one file, one after the other in one text, that of the primary mark first.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    windows: Vec<Window>,
    labels: Vec<(LabeledSpan, Position)>,
}

impl Snippet {
    /// Shows the lines of `marks`, which must not overlap, and a line before and after each, in at
    /// most `width` columns.
    pub(super) fn new(source: &Source, mut marks: Vec<Mark>, width: usize, unicode: bool) -> Self {
        let mut snippet = Self {
            name: words(source.name(), unicode).into_owned(),
            text: String::new(),
            windows: Vec::new(),
            labels: Vec::new(),
        };
        marks.sort_by_key(|mark| (mark.part.start, mark.part.end));
        let mut groups: Vec<Vec<Mark>> = Vec::new();
        for mark in marks {
            match groups.last_mut() {
                Some(group)
                    if group.last().is_some_and(|last| mark.position.line - last.position.line <= NEAR) =>
                {
                    group.push(mark);
                }
                _ => groups.push(vec![mark]),
            }
        }
        groups.sort_by_key(|group| !group.iter().any(|mark| mark.primary));
        for group in groups {
            snippet.add_window(source, group, width, unicode);
        }
        snippet
    }

    fn add_window(&mut self, source: &Source, group: Vec<Mark>, width: usize, unicode: bool) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let last_line_start = last.line_start;
        let gutter = (last.position.line + 1).to_string().len() + 4;
        let limit = width.saturating_sub(gutter).clamp(NARROWEST, WIDEST);
        let mut start = first.line_start;
        let mut first_line = first.position.line;
        if start > 0 {
            start = source.line_start(start - 1);
            first_line -= 1;
        }
        let text_start = self.text.len();
        let mut lines = 0;
        let mut marks = group.into_iter().peekable();
        let file_end = source.len();
        loop {
            let mut here = Vec::new();
            while let Some(mark) = marks.next_if(|mark| mark.line_start == start) {
                here.push(mark);
            }
            self.add_line(&content(source, start), start, here, limit, unicode);
            lines += 1;
            let next = source.line_end(start);
            let after_last = start > last_line_start;
            // An empty rest behind the final newline is a line only for a mark at the end of the file.
            if after_last || next == start || (next == file_end && marks.peek().is_none()) {
                break;
            }
            start = next;
        }
        self.windows.push(Window { text: text_start..self.text.len(), first_line, lines });
        // One octet of no window: else an empty label at the start of the next one would lie at the
        // end of this one too.
        self.text.push('\n');
    }

    fn add_line(&mut self, line: &[u8], start: u64, marks: Vec<Mark>, limit: usize, unicode: bool) {
        let parts: Vec<Range<usize>> = marks
            .iter()
            .map(|mark| (mark.part.start - start) as usize..(mark.part.end - start) as usize)
            .collect();
        let whole = line.len() <= limit && columns(line) <= limit;
        let pieces = if whole { iter::once(0..line.len()).collect() } else { pieces(line, &parts, limit) };
        let dots = if unicode { "\u{2026}" } else { "..." };
        // Where octets of the line stand in the text: one entry per character shown.
        let mut places: Vec<(usize, usize)> = Vec::with_capacity(line.len().min(limit) + 1);
        let mut shown_to = 0;
        for piece in &pieces {
            if piece.start > shown_to {
                self.text.push_str(dots);
            }
            self.add_piece(line, piece.clone(), &mut places, whole, unicode);
            shown_to = piece.end;
        }
        if shown_to < line.len() {
            self.text.push_str(dots);
        }
        self.text.push('\n');
        for (mark, part) in marks.into_iter().zip(parts) {
            let cut = pieces.iter().find(|piece| part.start <= piece.end).map_or(part.end, |piece| piece.end);
            let end = part.end.min(cut);
            let from = places.partition_point(|(octet, _)| *octet <= part.start).saturating_sub(1);
            let to = places.partition_point(|(octet, _)| *octet < end).max(from);
            let at = |index: usize| places.get(index).or(places.last()).map_or(0, |(_, at)| *at);
            let span = (at(from), at(to) - at(from));
            let label = if mark.primary {
                LabeledSpan::new_primary_with_span(mark.text, span)
            } else {
                LabeledSpan::new_with_span(mark.text, span)
            };
            self.labels.push((label, mark.position));
        }
    }

    fn add_piece(
        &mut self,
        line: &[u8],
        piece: Range<usize>,
        places: &mut Vec<(usize, usize)>,
        tab_stops: bool,
        unicode: bool,
    ) {
        let mut octet = piece.start;
        let mut column = 0;
        for chunk in line.get(piece.clone()).unwrap_or_default().utf8_chunks() {
            for c in chunk.valid().chars() {
                places.push((octet, self.text.len()));
                octet += c.len_utf8();
                if c == '\t' {
                    let blanks = if tab_stops { TAB - column % TAB } else { 1 };
                    self.text.extend(iter::repeat_n(' ', blanks));
                    column += blanks;
                } else {
                    self.text.push(glyph(c, unicode));
                    column += 1;
                }
            }
            for _ in chunk.invalid() {
                places.push((octet, self.text.len()));
                octet += 1;
                self.text.push(unreadable(unicode));
                column += 1;
            }
        }
        places.push((piece.end, self.text.len()));
    }

    /// The marks as miette wants them.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels.iter().map(|(label, _)| label.clone())
    }
}

/// An upper bound of the columns a line takes: its octets, tabs expanded.
fn columns(line: &[u8]) -> usize {
    line.iter()
        .fold(0, |column, octet| if *octet == b'\t' { column + TAB - column % TAB } else { column + 1 })
}

/// The parts of a long line to show: its start if nothing is marked in it, else some of what stands
/// around each mark. They are in order and have something between them.
fn pieces(line: &[u8], parts: &[Range<usize>], limit: usize) -> Vec<Range<usize>> {
    let share = (limit.saturating_sub(2) / parts.len().max(1)).max(NARROWEST).min(line.len());
    let mut pieces: Vec<Range<usize>> = Vec::with_capacity(parts.len().max(1));
    let starts = parts.iter().map(|part| {
        // A label wider than its share keeps a little of what stands before it.
        let margin = share / 6;
        let before = (share.saturating_sub(part.len()) / 2).max(margin);
        if part.end + margin <= share { 0 } else { part.start.saturating_sub(before).min(line.len() - share) }
    });
    for start in starts.chain(parts.is_empty().then_some(0)) {
        let piece = char_start(line, start)..char_start(line, start + share);
        match pieces.last_mut() {
            Some(last) if piece.start <= last.end + 3 => last.end = last.end.max(piece.end),
            _ => pieces.push(piece),
        }
    }
    pieces
}

/// `at`, or the start of the UTF-8 character that it lies within.
fn char_start(line: &[u8], at: usize) -> usize {
    let continues = |index: &usize| line.get(*index).is_some_and(|octet| octet & 0xc0 == 0x80);
    let start = (at.saturating_sub(3)..=at).rev().find(|index| !continues(index));
    start.unwrap_or(at)
}

impl SourceCode for Snippet {
    /// The window that the span lies in. Asked for no context, only the span itself, with its true
    /// line and column, which is how miette makes the header.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        // A span over two windows is refused: so miette does not merge what is far apart.
        let window = self
            .windows
            .iter()
            .find(|window| window.text.contains(&start) && end <= window.text.end)
            .ok_or(MietteError::OutOfBounds)?;
        let asked = |range: Range<usize>, line: u64, column: u64, lines: usize| {
            let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
            let span = SourceSpan::new(range.start.into(), range.len());
            let (line, column) = (line.saturating_sub(1) as usize, column.saturating_sub(1) as usize);
            let contents = MietteSpanContents::new_named(self.name.clone(), data, span, line, column, lines);
            Ok(Box::new(contents) as Box<dyn SpanContents<'a> + 'a>)
        };
        if context_lines_before == 0
            && context_lines_after == 0
            && let Some((_, at)) = self.labels.iter().find(|(label, _)| label.inner() == span)
        {
            return asked(start..end, at.line, at.column, 1);
        }
        asked(window.text.clone(), window.first_line, 1, window.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Finding, RuleName};
    use crate::report::sanitize::is_unsafe;
    use crate::report::{Style, human};
    use crate::text::Sources;
    use proptest::prelude::*;

    /// Pieces of files: names, blanks, line ends of all sorts, text of all sorts and none.
    fn atoms() -> impl Strategy<Value = Vec<&'static [u8]>> {
        let plain: &[&[u8]] = &[b"a", b"www.example.", b" ", b"\n", b"0123456789abcdef0123456789abcdef"];
        let odd: &[&[u8]] = &[b"\r", b"\r\n", b"\t", b"\xff", b"\xe9", b"\x1b[2J", "\u{fc}".as_bytes()];
        let wide: &[&[u8]] =
            &["\u{4f8b}".as_bytes(), "\u{202e}".as_bytes(), "e\u{301}".as_bytes(), "\u{1f600}".as_bytes()];
        let all = [plain, odd, wide].concat();
        prop::collection::vec(prop::sample::select(all), 0..60)
    }

    #[test]
    fn long_lines_are_not_cut_within_a_character() {
        for odd in ["", "a", "ab"] {
            let line = format!("{odd}{}!{}\n", "\u{20ac}".repeat(500), "\u{fc}".repeat(500));
            let at = line.find('!').unwrap() as u64;
            let sources = Sources::default();
            let file = sources.add(Source::text("z", line));
            let source = sources.get(file);
            let mark = Mark::new(&source, Span::new(file, at, at + 1), None, true);
            let snippet = Snippet::new(&source, vec![mark], 100, true);
            let shown = &snippet.text;
            assert!(shown.contains("\u{20ac}!\u{fc}") && !shown.contains('\u{fffd}'), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_spans_can_be_shown(
            atoms in atoms(),
            spans in prop::collection::vec((0_u64..700, 0_u64..80), 1..6),
            width in 0_usize..150,
            unicode: bool,
        ) {
            let sources = Sources::default();
            let file = sources.add(Source::text("z", atoms.concat()));
            let mut spans = spans.into_iter().map(|(start, len)| Span::new(file, start, start + len));
            let mut finding = Finding::new(RuleName("r"), spans.next().unwrap(), "m").labelled("here");
            for span in spans {
                finding = finding.related(span, "there");
            }
            let at = sources.get(file).position(finding.span.start);
            let labels = finding.labels.len() + 1;
            let mut out = Vec::new();
            human(&mut out, &sources, &[finding], &Style { color: false, unicode, width }).unwrap();
            let text = String::from_utf8(out).unwrap();
            prop_assert_eq!(text.chars().find(|c| *c != '\n' && is_unsafe(*c)), None);
            let header = format!("[z:{}:{}]", at.line, at.column);
            prop_assert!(text.contains(&header), "{} in {}", header, text);
            prop_assert_eq!(text.matches("here").count() - text.matches("there").count(), 1);
            prop_assert_eq!(text.matches("there").count() + 1, labels);
        }

        #[test]
        fn labels_stay_on_their_octets(
            head in atoms(),
            part in "[a-z0-9.]{1,20}",
            tail in atoms(),
            width in 40_usize..150,
        ) {
            let (head, tail) = (head.concat(), tail.concat());
            let sources = Sources::default();
            let file = sources.add(Source::text("z", [head.as_slice(), part.as_bytes(), &tail].concat()));
            let source = sources.get(file);
            let start = head.len() as u64;
            let span = Span::new(file, start, start + part.len() as u64);
            let snippet = Snippet::new(&source, vec![Mark::new(&source, span, None, true)], width, true);
            let label = snippet.labels().next().unwrap();
            prop_assert_eq!(&snippet.text[label.offset()..label.offset() + label.len()], part);
        }
    }
}
