//! Several changed files put in place together, or none of them.
//!
//! No file system changes several files at once. What can fail is therefore done first (every new text
//! is written out beside its file and synced), then only renames are left; when one of those fails
//! all the same, the files already renamed get their old text back.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

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

/// How a file stands after [`write_all`] failed half-way.
#[derive(Debug)]
pub enum FileState {
    /// It was not changed.
    Untouched,
    /// It was changed, and holds its old text again.
    Restored,
    /// It holds the new text, since it could not be restored.
    Changed(io::Error),
}

/// Why files were not written. Unless it is [`WriteError::Interrupted`], none was changed.
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
    /// The new text could not be written beside the file.
    Beside(PathBuf, io::Error),
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
        }
    }
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => f.write_str("was not changed"),
            Self::Restored => f.write_str("holds its old text again"),
            Self::Changed(error) => {
                write!(f, "holds its new text and could not be restored: {error}; undo the change by hand")
            }
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
            | Self::Rename(_, error) => Some(error),
            Self::Interrupted { cause, .. } => Some(cause),
            Self::NotAFile(_) | Self::ChangedOnDisk(_) | Self::SameFile(..) => None,
        }
    }
}

/// Puts the new text of every file in place, or leaves all of them as they are.
///
/// A file is replaced by a rename, so that a reader sees its old text or its new one. It keeps its
/// mode and group, and its owner where this user can give files away; access control lists and
/// other hard links to it are not carried over. A change whose texts are the same touches nothing.
///
/// # Errors
/// Anything but a regular file that still holds the `old` text and can be replaced. No file is
/// changed and no temporary file stays, with the exceptions that [`WriteError::Interrupted`] lists.
pub fn write_all(changes: &[FileChange]) -> Result<(), WriteError> {
    commit(prepare(changes)?, |temp, target| Ok(temp.persist(target)?))
}

/// A change whose new text waits beside the file.
struct Prepared<'a> {
    change: &'a FileChange,
    /// The file itself, after all links.
    target: PathBuf,
    metadata: Metadata,
    /// The new text, removed when dropped; none where nothing changes.
    temp: Option<TempPath>,
}

fn prepare(changes: &[FileChange]) -> Result<Vec<Prepared<'_>>, WriteError> {
    let mut seen: HashMap<PathBuf, &Path> = HashMap::with_capacity(changes.len());
    let mut prepared = Vec::with_capacity(changes.len());
    for change in changes {
        let path = &change.path;
        let target = fs::canonicalize(path).map_err(|error| WriteError::Read(path.clone(), error))?;
        if let Some(other) = seen.insert(target.clone(), path) {
            return Err(WriteError::SameFile(other.to_owned(), path.clone()));
        }
        let metadata = unchanged(change, &target)?;
        // A rename asks only the directory; a file that is protected itself has to stay.
        OpenOptions::new()
            .write(true)
            .open(&target)
            .map_err(|error| WriteError::NotWritable(path.clone(), error))?;
        prepared.push(Prepared { change, target, metadata, temp: None });
    }
    for file in &mut prepared {
        if file.change.old != file.change.new {
            file.temp = Some(write_beside(file, &file.change.new)?);
        }
    }
    Ok(prepared)
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

/// A synced file with this text and the target's mode and group, in the target's directory.
///
/// It is closed again, lest many changes use up the file descriptors.
fn write_beside(file: &Prepared<'_>, text: &[u8]) -> Result<TempPath, WriteError> {
    let path = &file.change.path;
    let failed = |error| WriteError::Beside(path.clone(), error);
    let directory = file.target.parent().ok_or_else(|| WriteError::NotAFile(path.clone()))?;
    let mut temp = tempfile::Builder::new().prefix(".zonewright-").tempfile_in(directory).map_err(failed)?;
    temp.write_all(text).map_err(failed)?;
    keep_owner(temp.as_file(), &file.metadata).map_err(|error| WriteError::Group(path.clone(), error))?;
    temp.as_file().set_permissions(file.metadata.permissions()).map_err(failed)?;
    temp.as_file().sync_all().map_err(failed)?;
    Ok(temp.into_temp_path())
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

/// Renames every new text into place. `rename` is a parameter so that a test can make it fail.
fn commit(
    mut files: Vec<Prepared<'_>>,
    mut rename: impl FnMut(TempPath, &Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut failed = None;
    let mut done = 0;
    for file in &mut files {
        if let Some(temp) = file.temp.take() {
            // Syncing many files takes long enough for an editor to save one of them.
            let result = unchanged(file.change, &file.target).and_then(|_| {
                rename(temp, &file.target)
                    .map_err(|error| WriteError::Rename(file.change.path.clone(), error))
            });
            if let Err(error) = result {
                failed = Some((file.change.path.clone(), error));
                break;
            }
        }
        done += 1;
    }
    let Some((path, cause)) = failed else {
        sync_directories(&files);
        return Ok(());
    };
    let states = files.iter().enumerate().map(|(at, file)| {
        let state = if at < done { restore(file) } else { FileState::Untouched };
        (file.change.path.clone(), state)
    });
    Err(WriteError::Interrupted { path, cause: Box::new(cause), states: states.collect() })
}

/// Gives a file that was put in place its old text back.
fn restore(file: &Prepared<'_>) -> FileState {
    if file.change.old == file.change.new {
        return FileState::Untouched;
    }
    let restored = match write_beside(file, &file.change.old) {
        Ok(temp) => temp.persist(&file.target).map_err(|failed| failed.error),
        Err(WriteError::Beside(_, error) | WriteError::Group(_, error)) => Err(error),
        Err(other) => Err(io::Error::other(other)),
    };
    match restored {
        Ok(()) => FileState::Restored,
        Err(error) => FileState::Changed(error),
    }
}

/// Makes the renames last through a power failure.
///
/// Errors are passed over: the files are in place already, and some file systems cannot sync a
/// directory.
fn sync_directories(files: &[Prepared<'_>]) {
    if !cfg!(unix) {
        return;
    }
    let mut directories: Vec<&Path> = files.iter().filter_map(|file| file.target.parent()).collect();
    directories.sort_unstable();
    directories.dedup();
    for directory in directories {
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn change(path: impl Into<PathBuf>, old: &str, new: &str) -> FileChange {
        FileChange { path: path.into(), old: old.into(), new: new.into() }
    }

    /// A directory with `a` and `b`, which hold `old a` and `old b`, and their changes.
    fn two_files() -> (TempDir, [FileChange; 2]) {
        let dir = tempfile::tempdir().unwrap();
        let changes = ["a", "b"].map(|name| {
            let path = dir.path().join(name);
            fs::write(&path, format!("old {name}")).unwrap();
            change(path, &format!("old {name}"), &format!("new {name}"))
        });
        (dir, changes)
    }

    /// `name=content` of all that is in a directory, hidden files too.
    fn listing(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let content = match entry.file_type().unwrap().is_dir() {
                    true => String::from("directory"),
                    false => fs::read_to_string(entry.path()).unwrap(),
                };
                format!("{}={content}", entry.file_name().display())
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_get_their_new_text() {
        let (dir, changes) = two_files();
        write_all(&changes).unwrap();
        assert_eq!(listing(dir.path()), ["a=new a", "b=new b"]);
        write_all(&[]).unwrap();
    }

    #[test]
    fn a_file_that_changed_since_is_left_alone_and_so_are_the_others() {
        let (dir, changes) = two_files();
        fs::write(&changes[1].path, "old b, saved by an editor").unwrap();
        let error = write_all(&changes).unwrap_err();
        assert!(matches!(&error, WriteError::ChangedOnDisk(path) if *path == changes[1].path));
        assert!(error.to_string().contains("changed since it was read"), "{error}");
        assert_eq!(listing(dir.path()), ["a=old a", "b=old b, saved by an editor"]);

        fs::remove_file(&changes[1].path).unwrap();
        assert!(matches!(write_all(&changes), Err(WriteError::Read(..))));
        assert_eq!(listing(dir.path()), ["a=old a"]);
    }

    #[test]
    fn a_directory_is_refused() {
        let (dir, changes) = two_files();
        fs::create_dir(dir.path().join("c")).unwrap();
        let error = write_all(&[changes[0].clone(), change(dir.path().join("c"), "", "new")]).unwrap_err();
        assert!(matches!(error, WriteError::NotAFile(_)), "{error}");
        assert_eq!(listing(dir.path()), ["a=old a", "b=old b", "c=directory"]);
    }

    #[test]
    fn one_file_under_two_names_is_refused() {
        let (dir, changes) = two_files();
        let again = change(dir.path().join(".").join("a"), "old a", "other");
        let error = write_all(&[changes[0].clone(), again]).unwrap_err();
        assert!(matches!(error, WriteError::SameFile(..)), "{error}");
        assert_eq!(listing(dir.path()), ["a=old a", "b=old b"]);
    }

    #[test]
    fn a_change_of_nothing_does_not_touch_the_file() {
        let (dir, changes) = two_files();
        let modified = |name: &str| fs::metadata(dir.path().join(name)).unwrap().modified().unwrap();
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&changes[0].path).unwrap().set_modified(long_ago).unwrap();
        write_all(&[change(changes[0].path.clone(), "old a", "old a"), changes[1].clone()]).unwrap();
        assert_eq!(listing(dir.path()), ["a=old a", "b=new b"]);
        assert_eq!(modified("a"), long_ago);
        assert!(modified("b") > long_ago);
    }

    #[test]
    fn when_the_second_file_fails_the_first_gets_its_old_text_back() {
        let (dir, changes) = two_files();
        let prepared = prepare(&changes).unwrap();
        assert_eq!(listing(dir.path()).len(), 4, "two new texts wait");
        fs::write(&changes[1].path, "saved meanwhile").unwrap();
        let error = commit(prepared, |temp, target| Ok(temp.persist(target)?)).unwrap_err();
        let WriteError::Interrupted { path, cause, states } = &error else { panic!("{error}") };
        assert_eq!(*path, changes[1].path);
        assert!(matches!(**cause, WriteError::ChangedOnDisk(_)), "{cause}");
        assert!(matches!(
            states.as_slice(),
            [(first, FileState::Restored), (second, FileState::Untouched)]
                if *first == changes[0].path && *second == changes[1].path
        ));
        assert_eq!(
            error.to_string(),
            format!(
                "`{1}` changed since it was read; run the command again\n  `{0}` holds its old text again\n  \
                 `{1}` was not changed",
                changes[0].path.display(),
                changes[1].path.display()
            )
        );
        assert_eq!(listing(dir.path()), ["a=old a", "b=saved meanwhile"]);
    }

    #[test]
    fn a_rename_that_fails_leaves_no_new_text_behind() {
        let (dir, changes) = two_files();
        let third = dir.path().join("c");
        fs::write(&third, "old c").unwrap();
        let changes =
            [changes[0].clone(), change(&changes[1].path, "old b", "old b"), change(third, "old c", "new c")];
        let mut calls = 0;
        let error = commit(prepare(&changes).unwrap(), |temp, target| {
            calls += 1;
            if calls == 2 {
                fs::remove_file(&temp).unwrap();
            }
            Ok(temp.persist(target)?)
        })
        .unwrap_err();
        assert_eq!(calls, 2);
        let WriteError::Interrupted { path, cause, states } = &error else { panic!("{error}") };
        assert_eq!(*path, changes[2].path);
        assert!(matches!(**cause, WriteError::Rename(..)), "{cause}");
        assert!(matches!(
            states.as_slice(),
            [(_, FileState::Restored), (_, FileState::Untouched), (_, FileState::Untouched)]
        ));
        assert_eq!(listing(dir.path()), ["a=old a", "b=old b", "c=old c"]);
    }

    #[test]
    fn a_file_that_cannot_be_restored_is_named() {
        let (dir, [_, second]) = two_files();
        let gone = dir.path().join("gone");
        fs::create_dir(&gone).unwrap();
        fs::write(gone.join("a"), "old").unwrap();
        let changes = [change(gone.join("a"), "old", "new"), second];
        let mut calls = 0;
        let error = commit(prepare(&changes).unwrap(), |temp, target| {
            calls += 1;
            if calls == 2 {
                fs::rename(&gone, dir.path().join("moved")).unwrap();
                return Err(io::Error::other("disk pulled"));
            }
            Ok(temp.persist(target)?)
        })
        .unwrap_err();
        let WriteError::Interrupted { states, .. } = &error else { panic!("{error}") };
        assert!(matches!(states.as_slice(), [(_, FileState::Changed(_)), (_, FileState::Untouched)]));
        let text = error.to_string();
        assert!(text.contains("disk pulled") && text.contains("holds its new text"), "{text}");
        assert_eq!(listing(&dir.path().join("moved")), ["a=new"]);
        assert_eq!(listing(dir.path()), ["a=old a", "b=old b", "moved=directory"]);
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
        use std::process::Command;

        #[test]
        fn a_link_stays_a_link_and_its_target_changes() {
            let (dir, _) = two_files();
            let links = tempfile::tempdir().unwrap();
            let link = links.path().join("link");
            symlink(dir.path().join("a"), links.path().join("middle")).unwrap();
            symlink("middle", &link).unwrap();
            write_all(&[change(&link, "old a", "new a")]).unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), Path::new("middle"));
            assert_eq!(listing(dir.path()), ["a=new a", "b=old b"]);
            assert_eq!(listing(links.path()), ["link=new a", "middle=new a"]);
        }

        #[test]
        fn a_link_and_its_target_are_one_file() {
            let (dir, changes) = two_files();
            let link = dir.path().join("link");
            symlink("a", &link).unwrap();
            let error = write_all(&[changes[0].clone(), change(link, "old a", "other")]).unwrap_err();
            assert!(matches!(error, WriteError::SameFile(..)), "{error}");
            assert_eq!(listing(dir.path()), ["a=old a", "b=old b", "link=old a"]);
        }

        #[test]
        fn mode_and_owner_are_kept() {
            let (_dir, changes) = two_files();
            for (change, mode) in changes.iter().zip([0o640, 0o2664]) {
                // Only root can give files away; for others the owner is their own.
                let _ = chown(&change.path, Some(4321), Some(1234));
                fs::set_permissions(&change.path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let stands = |path: &Path| {
                let metadata = fs::metadata(path).unwrap();
                (metadata.mode(), metadata.uid(), metadata.gid(), metadata.ino())
            };
            let before = changes.each_ref().map(|change| stands(&change.path));
            write_all(&changes).unwrap();
            for (before, change) in before.iter().zip(&changes) {
                let after = stands(&change.path);
                assert_eq!((after.0, after.1, after.2), (before.0, before.1, before.2));
                assert_ne!(after.3, before.3, "replaced, not overwritten");
            }
        }

        #[test]
        fn a_fifo_is_refused_without_waiting_for_it() {
            let (dir, changes) = two_files();
            let fifo = dir.path().join("fifo");
            assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
            let error = write_all(&[changes[0].clone(), change(&fifo, "", "new")]).unwrap_err();
            assert!(matches!(&error, WriteError::NotAFile(path) if *path == fifo), "{error}");
            fs::remove_file(&fifo).unwrap();
            assert_eq!(listing(dir.path()), ["a=old a", "b=old b"]);
        }

        /// Not even root may write to a program that is running; this one is.
        #[test]
        #[cfg(target_os = "linux")]
        fn a_file_that_may_not_be_written_is_not_replaced_either() {
            let (dir, changes) = two_files();
            let program = std::env::current_exe().unwrap();
            let text = fs::read(&program).unwrap();
            let same = FileChange { path: program, old: text.clone(), new: text };
            let error = write_all(&[changes[0].clone(), same]).unwrap_err();
            assert!(matches!(error, WriteError::NotWritable(..)), "{error}");
            assert_eq!(listing(dir.path()), ["a=old a", "b=old b"]);
        }

        /// Not even root can make files in a directory of procfs, so it does for a read-only one.
        #[test]
        #[cfg(target_os = "linux")]
        fn a_directory_that_takes_no_new_file_leaves_nothing_behind() {
            let (dir, changes) = two_files();
            let path = "/proc/self/comm";
            let old = fs::read_to_string(path).unwrap();
            let error = write_all(&[changes[0].clone(), change(path, &old, "new")]).unwrap_err();
            assert!(matches!(&error, WriteError::Beside(found, _) if found == Path::new(path)), "{error}");
            assert_eq!(listing(dir.path()), ["a=old a", "b=old b"]);
            assert_eq!(fs::read_to_string(path).unwrap(), old);
        }
    }
}
