//! Several changed files put in place together, or none of them.
//!
//! No file system changes several files at once. So a [journal](journal) is written first, which says
//! what each file holds before and after; then every new text is written out beside its file, and the
//! old one kept there; only then come the renames. When one of those fails, the files already renamed
//! get their old text back. When the process or the machine dies, the journal is found by the next
//! run, and [`Recovery`] finishes the change or undoes it.

mod error;
mod journal;
mod recover;
mod stage;
#[cfg(test)]
mod tests;

pub use error::{FileState, WriteError};
pub use journal::{Pending, find, pending};
pub use recover::{Ending, Outcome, RecoverError, Recovery, Strayed};

use journal::{Entry, Journal};
use stage::{Target, sync_folders};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The text of a file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file; a symbolic link is followed, and stays one.
    pub path: PathBuf,
    /// What it held when it was read.
    pub old: Vec<u8>,
    /// What it is to hold.
    pub new: Vec<u8>,
}

/// Puts the new text of every file in place, or leaves all of them as they are.
///
/// A file is replaced by a rename, so that a reader sees its old text or its new one. It keeps its
/// mode and group, and its owner where this user can give files away; access control lists and
/// other hard links to it are not carried over. A change whose texts are the same touches nothing.
///
/// # Errors
/// Anything but a regular file that still holds the `old` text and can be replaced; a change of a
/// file in the same folder that was interrupted or is being made. No file is changed and no
/// temporary file stays, with the exceptions that [`WriteError::Interrupted`] lists.
pub fn write_all(changes: &[FileChange]) -> Result<(), WriteError> {
    commit(stage(changes)?, |staged, target| fs::rename(staged, target))
}

/// Files whose new text waits beside them.
struct Staged<'a> {
    /// Every change of the call, in its order, and what the journal says of it; nothing of a change
    /// whose texts are the same.
    targets: Vec<(Target<'a>, Option<Entry>)>,
    journal: Journal,
    /// Held until the change is over.
    lock: Option<File>,
}

fn stage(changes: &[FileChange]) -> Result<Staged<'_>, WriteError> {
    let mut seen: HashMap<PathBuf, &Path> = HashMap::with_capacity(changes.len());
    let mut targets = Vec::with_capacity(changes.len());
    for change in changes {
        let target = Target::new(change)?;
        if let Some(other) = seen.insert(target.path.clone(), &change.path) {
            return Err(WriteError::SameFile(other.to_owned(), change.path.clone()));
        }
        targets.push(target);
    }
    let changing = targets.iter().filter(|target| target.change.old != target.change.new);
    let journal = Journal::new(changing.map(|target| (&*target.path, target.change)));
    let mut entries = journal.files.iter().cloned();
    let targets: Vec<_> = targets
        .into_iter()
        .map(|target| {
            let entry = if target.change.old == target.change.new { None } else { entries.next() };
            (target, entry)
        })
        .collect();
    if journal.files.is_empty() {
        return Ok(Staged { targets, journal, lock: None });
    }
    let lock = journal.begin().map_err(|wrong| match wrong {
        journal::BeginError::Pending(pending) => WriteError::Pending(pending),
        journal::BeginError::Io(folder, error) => {
            let inside = targets.iter().find(|(target, _)| target.path.parent() == Some(&folder));
            WriteError::Beside(inside.map_or(folder, |(target, _)| target.change.path.clone()), error)
        }
    })?;
    for (target, entry) in &targets {
        if let Some(entry) = entry
            && let Err(error) = target.stage(&entry.staged(), &entry.saved())
        {
            // What cannot be put away is put away by `zonewright recover`.
            let _ = journal.close();
            return Err(error);
        }
    }
    sync_folders(&journal.folders());
    Ok(Staged { targets, journal, lock: Some(lock) })
}

/// Renames every new text into place. `rename` is a parameter so that a test can make it fail.
fn commit(
    staged: Staged<'_>,
    mut rename: impl FnMut(&Path, &Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let Staged { targets, journal, lock } = staged;
    let Some(_lock) = lock else { return Ok(()) };
    let mut failed = None;
    let mut done = 0;
    for (target, entry) in &targets {
        if let Some(entry) = entry {
            // Syncing many files takes long enough for an editor to save one of them.
            let result = target.unchanged().and_then(|()| {
                rename(&entry.staged(), &target.path)
                    .map_err(|error| WriteError::Rename(target.change.path.clone(), error))
            });
            if let Err(error) = result {
                failed = Some((target.change.path.clone(), error));
                break;
            }
        }
        done += 1;
    }
    sync_folders(&journal.folders());
    let Some((path, cause)) = failed else {
        return journal.close().map_err(|error| WriteError::Journal(journal.path(), error));
    };
    let mut states = Vec::with_capacity(targets.len());
    for (at, (target, entry)) in targets.iter().enumerate() {
        let state = match entry {
            Some(entry) if at < done => restore(entry),
            _ => FileState::Untouched,
        };
        states.push((target.change.path.clone(), state));
    }
    if !states.iter().any(|(_, state)| matches!(state, FileState::Changed(_))) {
        sync_folders(&journal.folders());
        // What cannot be put away is put away by `zonewright recover`.
        let _ = journal.close();
    }
    Err(WriteError::Interrupted { path, cause: Box::new(cause), states })
}

/// Gives a file that was put in place its old text back.
fn restore(entry: &Entry) -> FileState {
    let intact = |holds: bool, why| if holds { Ok(()) } else { Err(io::Error::other(why)) };
    let restored = (entry.new.is_of(&entry.target()))
        .and_then(|holds| intact(holds, "it was changed again"))
        .and_then(|()| entry.old.is_of(&entry.saved()))
        .and_then(|holds| intact(holds, "its saved old text was changed"))
        .and_then(|()| fs::rename(entry.saved(), entry.target()));
    match restored {
        Ok(()) => FileState::Restored,
        Err(error) => FileState::Changed(error),
    }
}
