//! The way from one changed text to another.

use super::splice::{EditError, Piece, ordered};
use crate::diagnostic::Edit;
use crate::text::Span;

/// The edits of the text that `from` makes of `old`, which turn it into the one that `to` makes of it.
///
/// Only what either list touches is looked at, so the cost is that of the edits.
///
/// # Errors
/// Those of [`apply`](super::apply), for either list.
pub fn between(old: &[u8], from: &[Edit], to: &[Edit]) -> Result<Vec<Edit>, EditError> {
    let Some(file) = from.first().or(to.first()).map(|edit| edit.span.file) else { return Ok(Vec::new()) };
    let (mut from, mut to) =
        (ordered(old, from)?.into_iter().peekable(), ordered(old, to)?.into_iter().peekable());
    let mut edits = Vec::new();
    // How much further on a place is once `from` is carried out, and how much further back.
    let (mut added, mut removed) = (0_u64, 0_u64);
    loop {
        let starts =
            from.peek().map(|piece| piece.start).into_iter().chain(to.peek().map(|piece| piece.start));
        let Some(start) = starts.min() else { return Ok(edits) };
        let mut end = start;
        let (mut here, mut there) = (Vec::new(), Vec::new());
        // Pieces that overlap or touch, of either list, are compared together.
        loop {
            let reaches = |piece: &Piece<'_>| piece.start <= end;
            if let Some(piece) = from.next_if(reaches) {
                end = end.max(piece.end);
                here.push(piece);
            } else if let Some(piece) = to.next_if(reaches) {
                end = end.max(piece.end);
                there.push(piece);
            } else {
                break;
            }
        }
        let (now, then) = (spliced(old, start, end, &here), spliced(old, start, end, &there));
        let at = start as u64 + added - removed;
        added += now.len() as u64;
        removed += (end - start) as u64;
        if now != then {
            edits.push(Edit { span: Span::new(file, at, at + now.len() as u64), replacement: then });
        }
    }
}

/// What some pieces make of a stretch of the text that holds them.
fn spliced(old: &[u8], start: usize, end: usize, pieces: &[Piece<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut copied = start;
    for piece in pieces {
        text.extend_from_slice(&old[copied..piece.start]);
        text.extend_from_slice(piece.text);
        copied = piece.end;
    }
    text.extend_from_slice(&old[copied..end]);
    text
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;
    use crate::text::{Source, Sources};
    use proptest::prelude::*;

    /// Edits that do not overlap: pairs of a gap and a length, and what stands there then.
    fn edits(steps: &[(usize, usize, String)]) -> Vec<Edit> {
        let file = Sources::default().add(Source::text("test", ""));
        let mut at = 0;
        let mut edits = Vec::new();
        for (gap, len, text) in steps {
            let start = at + gap;
            at = start + len;
            if at > OLD.len() {
                break;
            }
            edits.push(Edit {
                span: Span::new(file, start as u64, at as u64),
                replacement: text.clone().into(),
            });
        }
        edits
    }

    const OLD: &[u8] = b"a 300 IN SRV 10 0 5061 sip1\nb 300 IN A 192.0.2.1\n";

    proptest! {
        #[test]
        fn leads_from_the_one_text_to_the_other(
            from in proptest::collection::vec((0usize..9, 0usize..6, "[xy]{0,3}"), 0..6),
            to in proptest::collection::vec((0usize..9, 0usize..6, "[xy]{0,3}"), 0..6),
        ) {
            let (from, to) = (edits(&from), edits(&to));
            let middle = apply(OLD, &from).unwrap();
            let way = between(OLD, &from, &to).unwrap();
            prop_assert_eq!(apply(&middle, &way).unwrap(), apply(OLD, &to).unwrap());
        }
    }

    #[test]
    fn equal_edits_are_no_way() {
        let one = edits(&[(2, 3, String::from("60")), (20, 1, String::new())]);
        assert_eq!(between(OLD, &one, &one).unwrap(), []);
        assert_eq!(between(OLD, &[], &[]).unwrap(), []);
    }
}
