//! Why files were not written, and how they stand then.

use super::Pending;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// How a file stands after [`write_all`](super::write_all) failed half-way.
#[derive(Debug)]
pub enum FileState {
    /// It was not changed.
    Untouched,
    /// It was changed, and holds its old text again.
    Restored,
    /// It holds the new text, since it could not be restored. The journal stays.
    Changed(io::Error),
}

/// Why files were not written. Unless it is [`WriteError::Interrupted`] or [`WriteError::Journal`],
/// none was changed.
#[derive(Debug)]
pub enum WriteError {
    /// The file cannot be found or read.
    Read(PathBuf, io::Error),
    /// It is a directory, a FIFO, a device or a socket.
    NotAFile(PathBuf),
    /// It no longer holds what the change was made from.
    ChangedOnDisk(PathBuf),
    /// Two changes are of one file, perhaps by way of a link.
    SameFile(PathBuf, PathBuf),
    /// This user may not write to the file.
    NotWritable(PathBuf, io::Error),
    /// This user cannot give a file to the group of this one.
    Group(PathBuf, io::Error),
    /// The new text, the old text or the journal could not be written beside the file.
    Beside(PathBuf, io::Error),
    /// Another change of files in the same folder was interrupted, or is being made.
    Pending(Pending),
    /// The files were being put in place when one of them failed.
    Interrupted {
        /// The file that could not be put in place.
        path: PathBuf,
        /// Why: any of the other errors.
        cause: Box<Self>,
        /// Every file of the call, in its order, and how it stands now.
        states: Vec<(PathBuf, FileState)>,
    },
    /// The new text, though written beside the file, could not take its place.
    Rename(PathBuf, io::Error),
    /// Every file holds its new text, but the journal of the change could not be put away.
    Journal(PathBuf, io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => {
                write!(f, "cannot read `{}`: {error}; check the path and its permissions", path.display())
            }
            Self::NotAFile(path) => {
                write!(f, "`{}` is not a regular file; name the zone file itself", path.display())
            }
            Self::ChangedOnDisk(path) => {
                write!(f, "`{}` changed since it was read; run the command again", path.display())
            }
            Self::SameFile(path, other) => {
                write!(f, "`{}` and `{}` are the same file; name it once", path.display(), other.display())
            }
            Self::NotWritable(path, error) => {
                write!(f, "cannot write to `{}`: {error}; run as a user who may", path.display())
            }
            Self::Group(path, error) => write!(
                f,
                "cannot keep the group of `{}`: {error}; run as its owner and a member of its group",
                path.display()
            ),
            Self::Beside(path, error) => write!(
                f,
                "cannot write the new text beside `{}`: {error}; make room in its directory and allow writing there",
                path.display()
            ),
            Self::Pending(pending) => write!(f, "nothing is written: {pending}"),
            Self::Rename(path, error) => write!(
                f,
                "cannot put the new text of `{}` in place: {error}; allow files of its directory to be replaced",
                path.display()
            ),
            Self::Interrupted { cause, states, .. } => {
                write!(f, "{cause}")?;
                for (path, state) in states {
                    write!(f, "\n  `{}` {state}", path.display())?;
                }
                Ok(())
            }
            Self::Journal(path, error) => write!(
                f,
                "every file holds its new text, but `{}` could not be put away: {error}; run `zonewright recover {}`",
                path.display(),
                path.parent().unwrap_or(path).display()
            ),
        }
    }
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => f.write_str("was not changed"),
            Self::Restored => f.write_str("holds its old text again"),
            Self::Changed(error) => write!(
                f,
                "holds its new text and could not be restored: {error}; see to that and run `zonewright recover`"
            ),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error)
            | Self::NotWritable(_, error)
            | Self::Group(_, error)
            | Self::Beside(_, error)
            | Self::Rename(_, error)
            | Self::Journal(_, error) => Some(error),
            Self::Interrupted { cause, .. } => Some(cause),
            Self::NotAFile(_) | Self::ChangedOnDisk(_) | Self::SameFile(..) | Self::Pending(_) => None,
        }
    }
}
