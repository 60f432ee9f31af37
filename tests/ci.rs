//! What runs in CI: `action.yml` and the template for GitLab, their steps carried out with the
//! environment that the services set.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "ci/action.rs"]
mod action;
#[path = "support/copy.rs"]
mod copy;
#[path = "support/git.rs"]
mod git;
#[path = "ci/gitlab.rs"]
mod gitlab;
#[path = "ci/packaging.rs"]
mod packaging;
#[path = "ci/release.rs"]
mod release;

use copy::copy;
use git::git;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes a program of the shell.
fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The program under test, as small as a script.
fn binary() -> String {
    format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_zonewright"))
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Makes a repository in which the zone of the last commit has another record and the same serial;
/// returns the commit before.
fn repository_with_a_change(folder: &Path) -> String {
    copy(&root().join("zones"), &folder.join("zones"));
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    git(folder, &["add", "zones"]);
    git(folder, &["commit", "--quiet", "--message=zones"]);
    let zone = folder.join("zones/fabrikam.com.zone");
    fs::write(&zone, read(&zone) + "new-host  IN  A  192.0.2.99\n").unwrap();
    git(folder, &["commit", "--quiet", "--all", "--message=another host"]);
    git(folder, &["rev-parse", "HEAD~1"])
}

/// Words that do something if a shell reads them as its own.
const HOSTILE: [&str; 5] = [
    "; touch broken-in",
    "$(touch broken-in)",
    "`touch broken-in`",
    "\"; touch broken-in; \"",
    "' || touch broken-in",
];

#[track_caller]
fn assert_not_broken_in(folder: &Path, words: &str) {
    let found = files(folder);
    let name = |path: &PathBuf| path.file_name().is_some_and(|name| name == "broken-in");
    assert!(!found.iter().any(name), "{words}: {found:?}");
}
