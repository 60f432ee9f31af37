//! Address records of drained servers, turned into comments and taken up again unaltered.

use super::PlanError;
use super::found::Pairing;
use super::lines::{lines, next_entry};
use super::place::Task;
use super::wanted::WantedRrset;
use crate::diagnostic::Edit;
use crate::edge::Deployment;
use crate::edge::drained::{DRAINED, DRAINED_OVER, DRAINED_OWNER};
use crate::text::Span;
use crate::zone::{Record, Zone};

/// Turns the lines of a record into comments. `next`: how the next entry comes to write the owner.
pub(super) fn set_aside(zone: &Zone, record: &Record, next: Option<&Edit>) -> Edit {
    let first = match next {
        None => DRAINED,
        Some(edit) if edit.span.len == 0 => DRAINED_OWNER,
        Some(_) => DRAINED_OVER,
    };
    let span = lines(zone, record.span);
    let text = zone.sources().bytes(span);
    let mut replacement = Vec::new();
    for (place, line) in text.split_inclusive(|octet| *octet == b'\n').enumerate() {
        let mark = if place == 0 { first } else { DRAINED };
        replacement.extend_from_slice(mark.as_bytes());
        replacement.extend_from_slice(line);
    }
    Edit { span, replacement }
}

/// The mark before a line of a drained record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) span: Span,
    /// What takes the owner out of the next entry again, where that writes it in the record's stead.
    pub(super) owner: Option<Edit>,
}

/// Every mark in the files of a zone, in the order of place.
pub(super) fn marks(zone: &Zone) -> Vec<Mark> {
    let mut marks = Vec::new();
    for note in zone.notes().iter().filter(|note| note.own_line) {
        let source = zone.sources().get(note.span.file);
        let text = source.slice(note.span.start, note.span.end());
        let at_margin = source.line_start(note.span.start) == note.span.start;
        let Some(mark) = [DRAINED_OWNER, DRAINED_OVER, DRAINED]
            .into_iter()
            .find(|mark| at_margin && text.starts_with(mark.as_bytes()))
        else {
            continue;
        };
        let span = Span::new(note.span.file, note.span.start, note.span.start + mark.len() as u64);
        let written: Vec<u8> =
            text[mark.len()..].iter().copied().take_while(|octet| !octet.is_ascii_whitespace()).collect();
        let next = next_entry(&source, source.line_end(note.span.start));
        let owner = next.filter(|_| mark != DRAINED).and_then(|(start, end, indented)| {
            let stop = start + written.len() as u64;
            let same =
                !indented && !written.is_empty() && stop < end && source.slice(start, stop)[..] == written;
            let blanks = if mark == DRAINED_OVER { written.len() } else { 0 };
            let span = Span::new(note.span.file, start, stop);
            same.then(|| Edit { span, replacement: vec![b' '; blanks] })
        });
        marks.push(Mark { span, owner });
    }
    marks.sort_by_key(|mark| mark.span);
    marks.dedup();
    marks
}

/// A name must keep an address.
pub(super) fn refuse_to_empty(
    deployment: &Deployment,
    tasks: &[Task],
    pairings: &[Pairing],
) -> Result<(), PlanError> {
    for (task, pairing) in tasks.iter().zip(pairings) {
        let WantedRrset::Addresses { owner, pool, .. } = &task.wanted else { continue };
        let before = pairing.steps.iter().any(|step| step.before().is_some());
        let after = pairing.steps.iter().any(|step| step.after().is_some());
        if before && !after {
            let pool = deployment.pool(*pool).name.value.clone();
            return Err(PlanError::LastServer { pool, name: Some(owner.clone()) });
        }
    }
    Ok(())
}
