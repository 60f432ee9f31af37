//! Which files of a zone changed.

use crate::change::ZoneChange;
use crate::text::{FileId, Source};
use crate::zone::Zone;
use std::sync::Arc;

/// The included files that differ from what they were or are new, when the zone's own file and that
/// of its SOA record do not.
pub(super) fn included_alone(change: &ZoneChange<'_>) -> Option<Vec<FileId>> {
    let (before, after) = (change.before.soa()?.span.file, change.after.soa()?.span.file);
    let own = |zone: &Zone| zone.files().first().copied();
    if !is_same(change, before, after) || !is_same(change, own(change.before)?, own(change.after)?) {
        return None;
    }
    let mut files = change.after.files();
    files.retain(|file| !was_same(change, *file));
    (!files.is_empty()).then_some(files)
}

/// Whether any file of the zone differs, wherever it is now.
pub(super) fn any_differs(change: &ZoneChange<'_>) -> bool {
    let (before, after) = (change.before.files(), change.after.files());
    before.len() != after.len()
        || before.iter().zip(&after).any(|(before, after)| !is_same(change, *before, *after))
}

fn was_same(change: &ZoneChange<'_>, file: FileId) -> bool {
    let source = change.after.sources().get(file);
    let before = source.path().and_then(|path| change.before.sources().find(path));
    before.is_some_and(|before| change.before.files().contains(&before) && is_same(change, before, file))
}

fn is_same(change: &ZoneChange<'_>, before: FileId, after: FileId) -> bool {
    let source = |zone: &Zone, file| zone.sources().get(file);
    let (before, after) = (source(change.before, before), source(change.after, after));
    Arc::ptr_eq(&before, &after) || is_equal(&before, &after)
}

fn is_equal(one: &Source, other: &Source) -> bool {
    let mut equal = one.len() == other.len();
    if equal {
        one.parts(|start, part| equal &= *other.slice(start, start + part.len() as u64) == *part);
    }
    equal
}
