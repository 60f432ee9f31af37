//! Finishing or undoing a change that was interrupted.

use super::journal::{self, Digest, Entry, Found, Journal, OpenError, has_waiting};
use super::stage::{dress, sync_folders};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What is wanted of an interrupted change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every file is to hold its new text; its old one if not all new texts are there.
    Finish,
    /// Every file is to hold its old text.
    Undo,
    /// Every file stays as it is.
    Keep,
}

/// What becomes, or became, of an interrupted change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every file holds its new text.
    Finished,
    /// Every file holds its old text.
    Undone,
    /// Every file holds its old text: the change cannot be finished, as the new text of this file was
    /// not written out before the interruption.
    NotFinished(PathBuf),
    /// Every file was left as it is, and what the change left was removed.
    Kept,
    /// No file was changed, and none had been.
    NotBegun,
    /// The change was over, finished or undone, and only what it left was removed.
    Over {
        /// Whether its files hold their new text, as far as they were not changed since.
        finished: bool,
    },
}

/// How a file stands in an interrupted change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Old,
    New,
}

/// An interrupted change that was looked at, and that nobody else touches meanwhile.
#[derive(Debug)]
pub struct Recovery {
    outcome: Outcome,
    journal: PathBuf,
    change: Option<(Journal, Vec<Holds>)>,
    _lock: File,
}

/// A file that holds neither its old nor its new text.
#[derive(Debug)]
pub struct Strayed {
    path: PathBuf,
    why: String,
    /// Where its old and its new text are kept.
    old: Option<PathBuf>,
    new: Option<PathBuf>,
}

/// Why an interrupted change is neither finished nor undone.
#[derive(Debug)]
pub enum RecoverError {
    /// The process that made the change is still running, or another one recovers it.
    Running(PathBuf),
    /// The journal cannot be read.
    Read(PathBuf, io::Error),
    /// The journal says nothing that this program understands; why.
    Foreign(PathBuf, String),
    /// These files hold neither what they held before the change nor what they were to hold.
    Neither {
        /// The journal of the change.
        journal: PathBuf,
        /// The files, and what is wrong with each.
        files: Vec<Strayed>,
    },
    /// The old text of this file, which holds the new one, is not kept any more.
    NoOldText(PathBuf),
    /// Neither is the new text of another file, which holds its old one.
    NoText {
        /// The file that cannot get its old text.
        old: PathBuf,
        /// The file that cannot get its new text.
        new: PathBuf,
    },
    /// This file could not be put in place. Running again goes on from there.
    Rename(PathBuf, io::Error),
    /// Every file stands as it should, but the journal could not be put away.
    Journal(PathBuf, io::Error),
}

impl fmt::Display for RecoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(journal) => write!(
                f,
                "another zonewright is changing or recovering the files of `{}` now: wait for it to end",
                journal.display()
            ),
            Self::Read(journal, error) => {
                write!(f, "cannot read `{}`: {error}; run as a user who may", journal.display())
            }
            Self::Foreign(journal, why) => write!(
                f,
                "`{}` is no journal of this zonewright: {why}; look at the files of its folder whose names begin with \
                 `.zonewright-` (`.old` is the text before, `.new` the text after), then remove them and it",
                journal.display()
            ),
            Self::Neither { journal, files } => {
                write!(f, "nothing was done, as files were changed since the interruption:")?;
                for Strayed { path, why, old, new } in files {
                    write!(f, "\n  `{}` {why}", path.display())?;
                    match (old, new) {
                        (Some(old), _) => write!(f, "; its old text is kept as `{}`", old.display())?,
                        (None, Some(_)) => {}
                        (None, None) => f.write_str("; neither is kept")?,
                    }
                    if let Some(new) = new {
                        write!(f, "; its new text is kept as `{}`", new.display())?;
                    }
                }
                write!(f, "\ncopy the right text over each, then run this again; or run")?;
                write!(
                    f,
                    " `zonewright recover {} --keep` to leave all files as they are now,",
                    folder(journal)
                )?;
                f.write_str(" which drops the texts that are kept")
            }
            Self::NoOldText(path) => write!(
                f,
                "nothing was done: `{}` holds its new text, and its old one is not kept any more as it was; put the \
                 old text back by hand, or run `zonewright recover` without --undo",
                path.display()
            ),
            Self::NoText { old, new } => write!(
                f,
                "nothing was done: `{}` holds its new text and its old one is not kept any more as it was, and the new \
                 text of `{}` is not either; put the texts right by hand, then run `zonewright recover --keep`",
                old.display(),
                new.display()
            ),
            Self::Rename(path, error) => write!(
                f,
                "cannot put the text of `{}` in place: {error}; allow files of its directory to be replaced and run \
                 this again",
                path.display()
            ),
            Self::Journal(path, error) => write!(
                f,
                "every file stands as it should, but `{}` cannot be put away: {error}; run this again",
                path.display()
            ),
        }
    }
}

fn folder(journal: &Path) -> std::path::Display<'_> {
    journal.parent().unwrap_or(journal).display()
}

impl std::error::Error for RecoverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) | Self::Rename(_, error) | Self::Journal(_, error) => Some(error),
            _ => None,
        }
    }
}

impl Recovery {
    /// Looks at the change whose journal this is, to end it. A change whose new texts are not all there
    /// can only be undone.
    ///
    /// # Errors
    /// When it cannot be ended in this way, or is still being made. Nothing is changed.
    pub fn open(journal: &Path, ending: Ending) -> Result<Self, RecoverError> {
        let journal = journal.to_owned();
        let (found, lock) = journal::open(&journal).map_err(|error| match error {
            OpenError::Running => RecoverError::Running(journal.clone()),
            OpenError::Io(error) => RecoverError::Read(journal.clone(), error),
        })?;
        let folder = journal.parent().unwrap_or(Path::new("/"));
        let waits = |id: Option<&str>| {
            has_waiting(folder, id).map_err(|error| RecoverError::Read(folder.to_owned(), error))
        };
        let (outcome, change) = match found {
            Found::Foreign(why) => return Err(RecoverError::Foreign(journal, why)),
            Found::Orphan { journal: gone, .. } if gone.exists() => return Err(RecoverError::Running(gone)),
            Found::Orphan { id, journal: gone } if waits(Some(&id))? => {
                let why = format!("it points to `{}`, which is not there", gone.display());
                return Err(RecoverError::Foreign(journal, why));
            }
            Found::Torn if waits(None)? => {
                return Err(RecoverError::Foreign(journal, String::from("it is damaged")));
            }
            Found::Orphan { .. } => (Outcome::Over { finished: false }, None),
            Found::Torn => (Outcome::NotBegun, None),
            Found::Done(change) => {
                let finished = |entry: &Entry| entry.new.is_of(&entry.target()).unwrap_or(false);
                (Outcome::Over { finished: change.files.iter().any(finished) }, Some((change, Vec::new())))
            }
            Found::Change(change) if ending == Ending::Keep => (Outcome::Kept, Some((change, Vec::new()))),
            Found::Change(change) => {
                let holds = holds(&journal, &change)?;
                (outcome(&change, &holds, ending == Ending::Undo)?, Some((change, holds)))
            }
        };
        Ok(Self { outcome, journal, change, _lock: lock })
    }

    /// What becomes of the change.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The journal.
    pub fn journal(&self) -> &Path {
        &self.journal
    }

    /// The files of the change, and whether each holds its new text now; none of a change that is over,
    /// had not begun, or is left as it is.
    pub fn files(&self) -> impl Iterator<Item = (PathBuf, bool)> {
        self.steps().map(|(entry, holds)| (entry.target(), holds == Holds::New))
    }

    fn steps(&self) -> impl Iterator<Item = (&Entry, Holds)> {
        self.change.iter().flat_map(|(change, holds)| change.files.iter().zip(holds.iter().copied()))
    }

    /// Finishes or undoes the change.
    ///
    /// # Errors
    /// When a file cannot be put in place: the journal stays, and the next recovery goes on from there.
    pub fn run(self) -> Result<Outcome, RecoverError> {
        let Some((change, _)) = &self.change else {
            return match fs::remove_file(&self.journal) {
                Ok(()) => Ok(self.outcome),
                Err(error) => Err(RecoverError::Journal(self.journal, error)),
            };
        };
        if let Outcome::Over { .. } = self.outcome {
            change.tidy();
            return Ok(self.outcome);
        }
        let finish = self.outcome == Outcome::Finished;
        for (entry, holds) in self.steps() {
            let waiting = match (finish, holds) {
                (true, Holds::Old) => entry.staged(),
                (false, Holds::New) => entry.saved(),
                _ => continue,
            };
            // It may have been interrupted before it was given its owner and mode.
            dress(&waiting, &entry.target())
                .and_then(|()| fs::rename(&waiting, entry.target()))
                .map_err(|error| RecoverError::Rename(entry.target(), error))?;
        }
        sync_folders(&change.folders());
        change.close().map_err(|error| RecoverError::Journal(self.journal.clone(), error))?;
        Ok(self.outcome)
    }
}

/// What each file holds.
fn holds(journal: &Path, change: &Journal) -> Result<Vec<Holds>, RecoverError> {
    let mut neither = Vec::new();
    let mut all = Vec::with_capacity(change.files.len());
    for entry in &change.files {
        let target = entry.target();
        let found = match (entry.old.is_of(&target), entry.new.is_of(&target)) {
            (Ok(true), _) => Ok(Holds::Old),
            (_, Ok(true)) => Ok(Holds::New),
            (Ok(_), Ok(_)) => Err(String::from("holds neither its old nor its new text")),
            (Err(error), _) | (_, Err(error)) => Err(format!("cannot be read: {error}")),
        };
        match found {
            Ok(holds) => all.push(holds),
            Err(why) => {
                let kept = |text: &Digest, path: PathBuf| text.is_of(&path).unwrap_or(false).then_some(path);
                let (old, new) = (kept(&entry.old, entry.saved()), kept(&entry.new, entry.staged()));
                neither.push(Strayed { path: target, why, old, new });
            }
        }
    }
    if neither.is_empty() {
        Ok(all)
    } else {
        Err(RecoverError::Neither { journal: journal.to_owned(), files: neither })
    }
}

/// What can become of a change.
fn outcome(change: &Journal, holds: &[Holds], undo: bool) -> Result<Outcome, RecoverError> {
    let steps = || change.files.iter().zip(holds);
    let is_there = |found: io::Result<bool>| found.unwrap_or(false);
    let missing =
        steps().find(|(entry, holds)| **holds == Holds::Old && !is_there(entry.new.is_of(&entry.staged())));
    if !undo && missing.is_none() {
        return Ok(Outcome::Finished);
    }
    let lost =
        steps().find(|(entry, holds)| **holds == Holds::New && !is_there(entry.old.is_of(&entry.saved())));
    match (lost, missing) {
        (Some((old, _)), Some((new, _))) => {
            Err(RecoverError::NoText { old: old.target(), new: new.target() })
        }
        (Some((entry, _)), None) => Err(RecoverError::NoOldText(entry.target())),
        (None, Some((entry, _))) if !undo => Ok(Outcome::NotFinished(entry.target())),
        (None, _) => Ok(Outcome::Undone),
    }
}
