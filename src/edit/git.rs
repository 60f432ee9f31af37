//! What git could bring back.

use crate::git::{command, to_path};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why git could not bring back what a file holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncommitted {
    /// It has edits that are not committed, or is in the middle of a merge.
    Edited,
    /// It was never added to the repository that it lies in.
    Untracked,
}

/// Git did not say how files stand.
#[derive(Debug)]
pub struct GitError {
    /// The root of the work tree.
    root: PathBuf,
    /// What it said instead.
    said: String,
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "git cannot tell whether the files of `{}` have edits that are not committed: {}",
            self.root.display(),
            self.said
        )
    }
}

impl std::error::Error for GitError {}

/// So many files are named to git at once, lest the command line gets too long.
const AT_ONCE: usize = 500;

/// The files that hold something which git could not bring back, in their order.
///
/// Files outside of every work tree, files that git is told to ignore, and machines without git have
/// none: nobody expects it of git there.
///
/// # Errors
/// When git fails, such as in a work tree that belongs to somebody else.
pub fn uncommitted<'a>(
    files: impl IntoIterator<Item = &'a Path>,
) -> Result<Vec<(PathBuf, Uncommitted)>, GitError> {
    let mut trees: BTreeMap<PathBuf, Vec<(&Path, PathBuf)>> = BTreeMap::new();
    let mut order = Vec::new();
    for file in files {
        order.push(file);
        let Ok(real) = fs::canonicalize(file) else { continue };
        let root = real.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        if let Some(root) = root {
            trees.entry(root).or_default().push((file, real));
        }
    }
    let mut found = Vec::new();
    for (root, files) in &trees {
        for some in files.chunks(AT_ONCE) {
            let Some(listed) = status(root, some.iter().map(|(_, real)| &**real))? else { return Ok(found) };
            for (file, real) in some {
                // A folder of which nothing was added may be listed in place of its files.
                if let Some((_, why)) = listed.iter().find(|(listed, _)| real.starts_with(root.join(listed)))
                {
                    found.push((file.to_path_buf(), *why));
                }
            }
        }
    }
    found.sort_by_key(|(file, _)| order.iter().position(|named| named == file));
    Ok(found)
}

/// What is not committed of these files, by their paths below the root; none where git is not there
/// or does not see a work tree.
fn status<'a>(
    root: &Path,
    files: impl Iterator<Item = &'a Path>,
) -> Result<Option<Vec<(PathBuf, Uncommitted)>>, GitError> {
    let mut command = command(root);
    command.args(["status", "--porcelain=v1", "-z", "--no-renames", "--"]).args(files);
    let failed = |said: String| GitError { root: root.to_owned(), said };
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("not a git repository") {
            return Ok(Some(Vec::new()));
        }
        return Err(failed(said.lines().next().unwrap_or("it failed").to_owned()));
    }
    let listed = output.stdout.split(|octet| *octet == 0).filter_map(|line| match line {
        [b'?', b'?', b' ', path @ ..] => Some((to_path(path), Uncommitted::Untracked)),
        [_, _, b' ', path @ ..] => Some((to_path(path), Uncommitted::Edited)),
        _ => None,
    });
    Ok(Some(listed.collect()))
}
