//! The text after a list of edits.

use crate::diagnostic::Edit;
use crate::text::Span;
use std::fmt;

/// Why edits cannot be carried out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// An edit reaches beyond the end of the text.
    OutOfRange {
        /// The octets it would replace.
        span: Span,
        /// How many octets the text has.
        len: u64,
    },
    /// Two edits replace the same octets, or one inserts amid what the other replaces.
    Overlap {
        /// The one that starts first.
        first: Span,
        /// The one that starts within it.
        second: Span,
    },
    /// The edits belong to different files.
    OtherFile {
        /// The first edit.
        first: Span,
        /// The edit of another file.
        second: Span,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { span, len } => {
                write!(f, "the edit of octets {} lies beyond the text of {len} octets", Octets(*span))
            }
            Self::Overlap { first, second } => {
                write!(f, "the edits of octets {} and {} overlap", Octets(*first), Octets(*second))
            }
            Self::OtherFile { first, second } => write!(
                f,
                "the edits of octets {} and {} belong to two files, expected one",
                Octets(*first),
                Octets(*second)
            ),
        }
    }
}

impl std::error::Error for EditError {}

/// `start..end` of a span that may be nonsense.
struct Octets(Span);

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.start.saturating_add(self.0.len.into()))
    }
}

/// An edit that is known to fit: `start <= end <= old.len()`, and not before the end of the piece
/// that precedes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'a [u8],
}

/// The edits in the order of the text, or why they do not go together.
///
/// Insertions at one place keep the order in which they were given and stand before what is
/// replaced from that place on.
pub(super) fn ordered<'a>(old: &[u8], edits: &'a [Edit]) -> Result<Vec<Piece<'a>>, EditError> {
    let mut sorted: Vec<(Piece<'a>, Span)> = Vec::with_capacity(edits.len());
    for Edit { span, replacement } in edits {
        if let Some(first) = edits.first()
            && first.span.file != span.file
        {
            return Err(EditError::OtherFile { first: first.span, second: *span });
        }
        let (start, end) =
            range(*span, old.len()).ok_or(EditError::OutOfRange { span: *span, len: old.len() as u64 })?;
        sorted.push((Piece { start, end, text: replacement }, *span));
    }
    sorted.sort_by_key(|(piece, _)| (piece.start, piece.end));
    for pair in sorted.windows(2) {
        if let [(before, first), (after, second)] = pair
            && after.start < before.end
        {
            return Err(EditError::Overlap { first: *first, second: *second });
        }
    }
    Ok(sorted.into_iter().map(|(piece, _)| piece).collect())
}

/// The range of a span, if it lies within `len` octets.
fn range(span: Span, len: usize) -> Option<(usize, usize)> {
    let end = usize::try_from(span.start.checked_add(span.len.into())?).ok()?;
    let start = usize::try_from(span.start).ok()?;
    (end <= len).then_some((start, end))
}

/// The text after the edits, which may come in any order but must belong to one file.
///
/// Insertions at one place keep the order in which they were given and stand before what is
/// replaced from that place on; equal insertions are all carried out.
///
/// # Errors
/// An edit beyond the end, two that overlap, or edits of two files.
pub fn apply(old: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let pieces = ordered(old, edits)?;
    let removed: usize = pieces.iter().map(|piece| piece.end - piece.start).sum();
    let added: usize = pieces.iter().map(|piece| piece.text.len()).sum();
    let mut new = Vec::with_capacity(old.len() - removed + added);
    let mut copied = 0;
    for piece in pieces {
        new.extend_from_slice(&old[copied..piece.start]);
        new.extend_from_slice(piece.text);
        copied = piece.end;
    }
    new.extend_from_slice(&old[copied..]);
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileId, Source, Sources};

    fn file() -> FileId {
        Sources::default().add(Source::text("test", ""))
    }

    fn edit(start: u64, end: u64, text: &str) -> Edit {
        Edit { span: Span::new(file(), start, end), replacement: text.into() }
    }

    #[test]
    fn edits_may_come_in_any_order() {
        let edits = [edit(6, 9, "TWO"), edit(0, 0, "; top\n"), edit(9, 10, ""), edit(2, 3, "1")];
        assert_eq!(apply(b"a 0 b two\nc\n", &edits).unwrap(), b"; top\na 1 b TWOc\n");
        assert_eq!(apply(b"a\n", &[]).unwrap(), b"a\n");
    }

    #[test]
    fn insertions_at_one_place_keep_their_order_and_precede_a_replacement() {
        let edits = [edit(1, 2, "B"), edit(1, 1, "z"), edit(1, 1, "y"), edit(1, 1, "y"), edit(2, 2, "!")];
        assert_eq!(apply(b"abc", &edits).unwrap(), b"azyyB!c");
    }

    #[test]
    fn errors_name_the_octets() {
        let error = |edits: &[Edit]| apply(b"0123456789", edits).unwrap_err().to_string();
        assert_eq!(error(&[edit(8, 11, "")]), "the edit of octets 8..11 lies beyond the text of 10 octets");
        assert_eq!(error(&[edit(11, 11, "")]), "the edit of octets 11..11 lies beyond the text of 10 octets");
        assert_eq!(error(&[edit(4, 6, ""), edit(2, 5, "x")]), "the edits of octets 2..5 and 4..6 overlap");
        assert_eq!(error(&[edit(2, 5, ""), edit(3, 3, "x")]), "the edits of octets 2..5 and 3..3 overlap");
        assert_eq!(error(&[edit(2, 5, "x"), edit(2, 5, "x")]), "the edits of octets 2..5 and 2..5 overlap");

        let far = Edit { span: Span { file: file(), start: u64::MAX, len: 9 }, replacement: Vec::new() };
        assert!(matches!(apply(b"", &[far]), Err(EditError::OutOfRange { len: 0, .. })));
    }

    #[test]
    fn edits_of_two_files_are_refused() {
        let sources = Sources::default();
        let spans = [1, 2].map(|_| Span::new(sources.add(Source::text("test", "ab")), 0, 1));
        let edits = spans.map(|span| Edit { span, replacement: Vec::new() });
        assert_eq!(apply(b"ab", &edits), Err(EditError::OtherFile { first: spans[0], second: spans[1] }));
    }
}
