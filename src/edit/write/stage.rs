//! The new text of a file, and its old one, waiting beside it.

use super::{FileChange, WriteError};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that can be changed.
pub(super) struct Target<'a> {
    /// What is to become of it.
    pub(super) change: &'a FileChange,
    /// The file itself, after all links.
    pub(super) path: PathBuf,
    metadata: Metadata,
}

impl<'a> Target<'a> {
    /// Looks whether the file can be changed.
    pub(super) fn new(change: &'a FileChange) -> Result<Self, WriteError> {
        let name = &change.path;
        let path = fs::canonicalize(name).map_err(|error| WriteError::Read(name.clone(), error))?;
        let metadata = unchanged(change, &path)?;
        // A rename asks only the directory; a file that is protected itself has to stay.
        OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(|error| WriteError::NotWritable(name.clone(), error))?;
        Ok(Self { change, path, metadata })
    }

    /// Refuses a file that no longer holds the old text.
    pub(super) fn unchanged(&self) -> Result<(), WriteError> {
        unchanged(self.change, &self.path).map(drop)
    }

    /// Writes the new text to `staged`, and keeps the old one as `saved`.
    pub(super) fn stage(&self, staged: &Path, saved: &Path) -> Result<(), WriteError> {
        self.write(staged, &self.change.new)?;
        // A link is the old file itself, with all that this program does not know of it. Not every
        // file system has links.
        match fs::hard_link(&self.path, saved) {
            Ok(()) => Ok(()),
            Err(_) => self.write(saved, &self.change.old),
        }
    }

    /// A synced new file with this text and the target's mode and group.
    ///
    /// It is closed again, lest many changes use up the file descriptors.
    fn write(&self, to: &Path, text: &[u8]) -> Result<(), WriteError> {
        let failed = |error| WriteError::Beside(self.change.path.clone(), error);
        let mut file = create(to).map_err(failed)?;
        file.write_all(text).map_err(failed)?;
        keep_owner(&file, &self.metadata)
            .map_err(|error| WriteError::Group(self.change.path.clone(), error))?;
        file.set_permissions(self.metadata.permissions()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }
}

/// The metadata of a regular file that still holds the old text.
fn unchanged(change: &FileChange, target: &Path) -> Result<Metadata, WriteError> {
    let cannot_read = |error| WriteError::Read(change.path.clone(), error);
    // Asked before it is opened: opening a FIFO would wait for a writer.
    let metadata = fs::metadata(target).map_err(cannot_read)?;
    if !metadata.is_file() {
        return Err(WriteError::NotAFile(change.path.clone()));
    }
    if fs::read(target).map_err(cannot_read)? != change.old {
        return Err(WriteError::ChangedOnDisk(change.path.clone()));
    }
    Ok(metadata)
}

/// Makes a file that only this user can read until it is given its mode.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a waiting file the owner, group and mode of the file that it is about to replace.
pub(super) fn dress(waiting: &Path, target: &Path) -> io::Result<()> {
    let metadata = fs::metadata(target)?;
    let file = OpenOptions::new().read(true).write(true).open(waiting).or_else(|_| File::open(waiting))?;
    keep_owner(&file, &metadata)?;
    // Only the owner of a file may set its mode, be it the one that it has.
    if file.metadata()?.permissions() != metadata.permissions() {
        file.set_permissions(metadata.permissions())?;
    }
    file.sync_all()
}

/// Gives the new file to the group of the old one, and to its owner if this user can.
///
/// The group is what lets a name server read a file of mode 640, so losing it is an error.
#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let made = new.metadata()?;
    if made.uid() != old.uid() && fchown(new, Some(old.uid()), Some(old.gid())).is_ok() {
        return Ok(());
    }
    if made.gid() != old.gid() { fchown(new, None, Some(old.gid())) } else { Ok(()) }
}

#[cfg(not(unix))]
fn keep_owner(_new: &File, _old: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes the names in these folders last through a power failure.
///
/// Errors are passed over: some file systems cannot sync a directory.
pub(super) fn sync_folders<'a>(folders: impl IntoIterator<Item = &'a PathBuf>) {
    if !cfg!(unix) {
        return;
    }
    for folder in folders {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
