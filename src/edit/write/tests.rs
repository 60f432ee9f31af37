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
    let waiting = stage(&changes).unwrap();
    assert_eq!(listing(dir.path()).len(), 7, "two new texts wait, two old ones, and the journal");
    fs::write(&changes[1].path, "saved meanwhile").unwrap();
    let error = commit(waiting, |staged, target| fs::rename(staged, target)).unwrap_err();
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
    let error = commit(stage(&changes).unwrap(), |staged, target| {
        calls += 1;
        if calls == 2 {
            fs::remove_file(staged).unwrap();
        }
        fs::rename(staged, target)
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
    let error = commit(stage(&changes).unwrap(), |staged, target| {
        calls += 1;
        if calls == 2 {
            fs::rename(&gone, dir.path().join("moved")).unwrap();
            return Err(io::Error::other("disk pulled"));
        }
        fs::rename(staged, target)
    })
    .unwrap_err();
    let WriteError::Interrupted { states, .. } = &error else { panic!("{error}") };
    assert!(matches!(states.as_slice(), [(_, FileState::Changed(_)), (_, FileState::Untouched)]));
    let text = error.to_string();
    assert!(text.contains("disk pulled") && text.contains("holds its new text"), "{text}");
    assert!(text.contains("run `zonewright recover`"), "{text}");

    // With the folder back where it was, the change can be undone, or finished.
    fs::rename(dir.path().join("moved"), &gone).unwrap();
    assert!(listing(&gone).contains(&String::from("a=new")));
    // A process that another test has just started holds the lock until it runs its own program.
    let is_running = |_: &usize| pending([gone.as_path()]).is_some_and(|pending| pending.running);
    let waits = (0..500).take_while(is_running);
    waits.for_each(|_| std::thread::sleep(std::time::Duration::from_millis(10)));
    let Some(pending) = pending([gone.as_path()]) else { panic!("the journal is there") };
    assert_eq!((pending.files, pending.running), (Some(2), false));
    let recovery = Recovery::open(&pending.journal, Ending::Undo).unwrap();
    assert_eq!(recovery.run().unwrap(), Outcome::Undone);
    assert_eq!(listing(&gone), ["a=old"]);
    assert_eq!(listing(dir.path()), ["a=old a", "b=old b", "gone=directory"]);
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

    /// Leaves a change as a process does that dies before the first rename.
    fn interrupt(changes: &[FileChange]) -> Pending {
        drop(stage(changes).unwrap());
        let folders = changes.iter().map(|change| fs::canonicalize(change.path.parent().unwrap()).unwrap());
        let folders: Vec<PathBuf> = folders.collect();
        let pending = pending(folders.iter().map(PathBuf::as_path)).unwrap();
        assert_eq!((pending.files, pending.running), (Some(changes.len()), false));
        pending
    }

    #[test]
    fn a_recovery_gives_files_their_mode_and_owner() {
        let (dir, changes) = two_files();
        let _ = chown(&changes[0].path, Some(4321), Some(1234));
        fs::set_permissions(&changes[0].path, fs::Permissions::from_mode(0o640)).unwrap();
        let stands = || {
            let metadata = fs::metadata(&changes[0].path).unwrap();
            (metadata.mode(), metadata.uid(), metadata.gid())
        };
        let before = stands();
        let pending = interrupt(&changes);
        // It may be interrupted before the new text got them.
        let staged = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let staged = staged.filter(|path| path.extension().is_some_and(|end| end == "new"));
        for path in staged {
            let _ = chown(&path, Some(0), Some(0));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert_eq!(
            Recovery::open(&pending.journal, Ending::Finish).unwrap().run().unwrap(),
            Outcome::Finished
        );
        assert_eq!(listing(dir.path()), ["a=new a", "b=new b"]);
        assert_eq!(stands(), before);
    }

    #[test]
    fn what_is_undone_is_the_same_file_again() {
        let (dir, changes) = two_files();
        let inode = || fs::metadata(&changes[0].path).unwrap().ino();
        let before = inode();
        let pending = interrupt(&changes);
        let staged = |path: &PathBuf| path.to_string_lossy().ends_with("-0.new");
        let mut waiting = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        fs::rename(waiting.find(staged).unwrap(), &changes[0].path).unwrap();
        assert_ne!(inode(), before);
        let recovery = Recovery::open(&pending.journal, Ending::Undo).unwrap();
        let files: Vec<bool> = recovery.files().map(|(_, is_new)| is_new).collect();
        assert_eq!(files, [true, false]);
        assert_eq!(recovery.run().unwrap(), Outcome::Undone);
        assert_eq!((inode(), listing(dir.path())), (before, vec!["a=old a".into(), "b=old b".into()]));
    }

    #[test]
    fn files_in_folders_of_two_file_systems_change_together() {
        let (dir, [first, _]) = two_files();
        let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let second = change(memory.path().join("c"), "old c", "new c");
        fs::write(&second.path, "old c").unwrap();
        let changes = [first, second];
        for (ending, end) in [(Ending::Undo, "old"), (Ending::Finish, "new")] {
            let pending = interrupt(&changes);
            let real = fs::canonicalize(&pending.journal).unwrap();
            assert_eq!((find(dir.path()), find(memory.path())), (vec![real.clone()], vec![real]));
            Recovery::open(&pending.journal, ending).unwrap().run().unwrap();
            assert_eq!(listing(dir.path()), [format!("a={end} a"), String::from("b=old b")]);
            assert_eq!(listing(memory.path()), [format!("c={end} c")]);
        }
    }

    #[test]
    fn a_link_and_a_name_that_is_no_text_are_recovered() {
        use std::os::unix::ffi::OsStrExt as _;
        let (dir, changes) = two_files();
        let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
        fs::rename(&changes[0].path, &odd).unwrap();
        let links = tempfile::tempdir().unwrap();
        let link = links.path().join("link");
        symlink(&odd, &link).unwrap();
        let changes = [change(&link, "old a", "new a"), changes[1].clone()];
        drop(stage(&changes).unwrap());
        let pending = pending([fs::canonicalize(dir.path()).unwrap().as_path()]).unwrap();
        assert_eq!(find(links.path()), Vec::<PathBuf>::new(), "nothing waits beside the link");
        assert_eq!(find(dir.path()), std::slice::from_ref(&pending.journal));
        assert_eq!(
            Recovery::open(&pending.journal, Ending::Finish).unwrap().run().unwrap(),
            Outcome::Finished
        );
        assert_eq!(fs::read_link(&link).unwrap(), odd);
        assert_eq!((fs::read(&odd).unwrap(), fs::read(&link).unwrap()), (b"new a".into(), b"new a".into()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left");
    }
}
