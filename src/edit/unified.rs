//! Edits as a unified diff that `git apply` and `patch -p1` take.
//!
//! The edits say where the text changes, so nothing else of it is compared: the cost is that of the
//! touched lines, and of counting line feeds up to the last of them. A line ends with LF alone; a lone
//! CR is an octet of its line, as `git` and `patch` have it.

use super::splice::{EditError, Piece, ordered};
use crate::diagnostic::Edit;
use memchr::{memchr, memchr_iter, memrchr};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// Unchanged lines shown before and after a change.
const CONTEXT: usize = 3;

/// The edits of one file as a patch; empty when they change nothing.
///
/// `path` is the file's name relative to where the patch is to be applied, with `/` between its
/// parts; a leading `/` or `./` is left out, since `git apply` refuses such names.
///
/// # Errors
/// Those of [`apply`](super::apply).
pub fn unified(path: &str, old: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let changes = changes(old, &ordered(old, edits)?);
    let mut out = Vec::new();
    if changes.is_empty() {
        return Ok(out);
    }
    header(&mut out, path);
    let mut place = Place::default();
    let mut rest = changes.as_slice();
    while let Some((hunk, after)) = split_hunk(old, rest) {
        write_hunk(&mut out, old, hunk, &mut place);
        rest = after;
    }
    Ok(out)
}

/// Whole lines of the old text, and the whole lines that stand there in the new one.
struct Change {
    old: Range<usize>,
    new: Vec<u8>,
}

/// Whole lines around edits that touch the same lines or neighbouring ones.
struct Window {
    /// Start of its first line.
    start: usize,
    /// Just after its last line, whose LF no edit replaces, or the end of the text.
    end: usize,
    /// What the new text has from `start` to where `copied` is in the old one.
    new: Vec<u8>,
    copied: usize,
}

impl Window {
    /// The window of a piece, which lies at or after `floor`, where a line starts.
    fn new(old: &[u8], floor: usize, piece: &Piece<'_>) -> Self {
        let start = memrchr(b'\n', &old[floor..piece.start]).map_or(floor, |at| floor + at + 1);
        let mut window = Self { start, end: start, new: Vec::new(), copied: start };
        window.add(old, piece);
        window
    }

    fn add(&mut self, old: &[u8], piece: &Piece<'_>) {
        self.new.extend_from_slice(&old[self.copied..piece.start]);
        self.new.extend_from_slice(piece.text);
        self.copied = piece.end;
        if piece.end >= self.end {
            self.end = forward(old, piece.end, 1);
        }
    }

    /// Whether no line lies between this window and the line that a later piece changes.
    fn touches(&self, old: &[u8], piece: &Piece<'_>) -> bool {
        piece.start <= self.end || memchr(b'\n', &old[self.end..piece.start]).is_none()
    }

    /// The lines that really differ.
    fn close(mut self, old: &[u8], changes: &mut Vec<Change>) {
        self.new.extend_from_slice(&old[self.copied..self.end]);
        let before: Vec<&[u8]> = lines(&old[self.start..self.end]).collect();
        let after: Vec<&[u8]> = lines(&self.new).collect();
        let mut at = self.start;
        for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
            let len: usize = before[op.old_range()].iter().map(|line| line.len()).sum();
            let range = at..at + len;
            at = range.end;
            if op.tag() == DiffTag::Equal {
                continue;
            }
            let new = after[op.new_range()].concat();
            match changes.last_mut() {
                Some(last) if last.old.end == range.start => {
                    last.old.end = range.end;
                    last.new.extend_from_slice(&new);
                }
                _ => changes.push(Change { old: range, new }),
            }
        }
    }
}

/// The changed lines in order, at least one unchanged line apart; none when both texts are the same.
fn changes(old: &[u8], pieces: &[Piece<'_>]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut open: Option<Window> = None;
    for piece in pieces {
        let mut floor = 0;
        if let Some(mut window) = open.take() {
            if window.touches(old, piece) {
                window.add(old, piece);
                open = Some(window);
                continue;
            }
            floor = window.end;
            window.close(old, &mut changes);
        }
        open = Some(Window::new(old, floor, piece));
    }
    if let Some(window) = open {
        window.close(old, &mut changes);
    }
    if cancel_out(old, &changes) {
        changes.clear();
    }
    changes
}

/// Whether the changes together give the old text again, as when the first of three equal lines
/// goes and comes back after the last.
fn cancel_out(old: &[u8], changes: &[Change]) -> bool {
    let mut copied = 0;
    let mut written = 0;
    let mut same = |text: &[u8]| {
        let there = old.get(written..written + text.len());
        written += text.len();
        // An unshifted part need not be read to be known the same.
        there.is_some_and(|there| std::ptr::eq(there, text) || there == text)
    };
    for change in changes {
        if !same(&old[copied..change.old.start]) || !same(&change.new) {
            return false;
        }
        copied = change.old.end;
    }
    same(&old[copied..]) && written == old.len()
}

/// The changes that share their context with the first, and the rest.
fn split_hunk<'c>(old: &[u8], changes: &'c [Change]) -> Option<(&'c [Change], &'c [Change])> {
    if changes.is_empty() {
        return None;
    }
    let apart = |pair: &[Change]| match pair {
        [before, after] => forward(old, before.old.end, 2 * CONTEXT) < after.old.start,
        _ => false,
    };
    let len = changes.windows(2).position(apart).map_or(changes.len(), |at| at + 1);
    Some(changes.split_at(len))
}

/// How far the hunks have come.
#[derive(Default)]
struct Place {
    /// Offset in the old text.
    offset: usize,
    /// Lines of the old text before it.
    old_lines: usize,
    /// Lines of the new text before it.
    new_lines: usize,
}

fn write_hunk(out: &mut Vec<u8>, old: &[u8], hunk: &[Change], place: &mut Place) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return;
    };
    let start = backward(old, first.old.start, CONTEXT);
    let end = forward(old, last.old.end, CONTEXT);
    let skipped = lines(&old[place.offset..start]).count();
    let old_start = place.old_lines + skipped;
    let new_start = place.new_lines + skipped;

    let mut body = Vec::new();
    let mut old_count = 0;
    let mut new_count = 0;
    let mut at = start;
    for change in hunk {
        let context = write_lines(&mut body, b' ', &old[at..change.old.start]);
        old_count += context + write_lines(&mut body, b'-', &old[change.old.clone()]);
        new_count += context + write_lines(&mut body, b'+', &change.new);
        at = change.old.end;
    }
    let context = write_lines(&mut body, b' ', &old[at..end]);
    old_count += context;
    new_count += context;

    let line = format!("@@ -{} +{} @@\n", extent(old_start, old_count), extent(new_start, new_count));
    out.extend_from_slice(line.as_bytes());
    out.append(&mut body);
    *place = Place { offset: end, old_lines: old_start + old_count, new_lines: new_start + new_count };
}

/// `first,count` as in a hunk's header: a count of 1 goes unsaid, and no lines at all stand after
/// the line of that number.
fn extent(before: usize, count: usize) -> String {
    match count {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{count}", before + 1),
    }
}

/// Writes the lines with a mark before each, and gives their number.
fn write_lines(out: &mut Vec<u8>, mark: u8, text: &[u8]) -> usize {
    let mut count = 0;
    for line in lines(text) {
        out.push(mark);
        out.extend_from_slice(line);
        count += 1;
    }
    if text.last().is_some_and(|last| *last != b'\n') {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
    count
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

/// The offset just after the next `count` line feeds from `from` on, or the end of the text.
fn forward(text: &[u8], from: usize, count: usize) -> usize {
    memchr_iter(b'\n', &text[from..]).nth(count - 1).map_or(text.len(), |at| from + at + 1)
}

/// The offset `count` lines before the line boundary `from`, or 0.
fn backward(text: &[u8], from: usize, count: usize) -> usize {
    let mut at = from;
    for _ in 0..count {
        at = memrchr(b'\n', &text[..at.saturating_sub(1)]).map_or(0, |lf| lf + 1);
    }
    at
}

fn header(out: &mut Vec<u8>, path: &str) {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    for (mark, side) in [("--- ", "a/"), ("+++ ", "b/")] {
        out.extend_from_slice(mark.as_bytes());
        write_name(out, side, path);
        // As git does: without the tab, `patch` would end the name at its first blank.
        if path.contains(' ') {
            out.push(b'\t');
        }
        out.push(b'\n');
    }
}

/// The name as git writes it: with an octet outside printable ASCII, a quote or a backslash in it,
/// between quotes and escaped as in C.
fn write_name(out: &mut Vec<u8>, side: &str, path: &str) {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if path.bytes().all(plain) {
        out.extend_from_slice(side.as_bytes());
        out.extend_from_slice(path.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(side.as_bytes());
    for byte in path.bytes() {
        match byte {
            byte if plain(byte) => out.push(byte),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x07 => out.extend_from_slice(b"\\a"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0b => out.extend_from_slice(b"\\v"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
