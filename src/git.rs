//! The git program, which is told what to do by its arguments alone.

mod tree;

pub(crate) use tree::{Tree, TreeError};

use std::path::{Path, PathBuf};
use std::process::Command;

/// What git sets for the programs that it runs, such as hooks, and what they are not to take for a
/// statement about the files: the list of `git rev-parse --local-env-vars`.
const LOCAL: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
];

/// Git, to be run in the work tree with this root.
pub(crate) fn command(root: &Path) -> Command {
    let mut command = Command::new("git");
    for name in LOCAL {
        command.env_remove(name);
    }
    command
        // The index is not written, so that no other git has to wait; names are no patterns; the
        // errors are those known to the callers.
        .envs([("GIT_OPTIONAL_LOCKS", "0"), ("GIT_LITERAL_PATHSPECS", "1"), ("LC_ALL", "C")])
        .arg("-C")
        .arg(root);
    command
}

/// A path as git writes it.
#[cfg(unix)]
pub(crate) fn to_path(octets: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(octets))
}

/// A path as git writes it.
#[cfg(not(unix))]
pub(crate) fn to_path(octets: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(octets).into_owned())
}

/// A path below the root as git reads it.
#[cfg(unix)]
fn from_path(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

/// A path below the root as git reads it.
#[cfg(not(unix))]
fn from_path(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/").into_bytes()
}
