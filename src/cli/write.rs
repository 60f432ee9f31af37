//! Writing files, and what stands in the way of a change of zone files.

use super::output::{Failure, Terminal};
use crate::edit::{self, Uncommitted};
use crate::text::Source;
use crate::workspace::{Loaded, repository_root, shown_name};
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

/// Says so when files that were read are part of a change that was interrupted: some of them may be
/// old and some new.
pub(super) fn warn_of_pending(loaded: &Loaded, terminal: &Terminal) {
    let sources = loaded.sources.all();
    let folders: BTreeSet<&Path> = sources.iter().filter_map(|source| source.path()?.parent()).collect();
    if let Some(pending) = edit::pending(folders) {
        terminal.say(&format!("warning: {pending}"));
    }
}

/// The name of a file in a patch: relative to the root of the repository, where `git apply` takes it.
pub(super) fn patch_name(source: &Source) -> String {
    let Some(path) = source.path() else { return source.name().to_owned() };
    let root = path.parent().and_then(repository_root);
    match root.and_then(|root| path.strip_prefix(root).ok().map(Path::to_owned)) {
        Some(path) => {
            path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        }
        None => shown_name(path),
    }
}

/// Refuses to replace files that are part of another change, and those that git could not bring back
/// unless this is forced.
pub(super) fn may_replace<'a>(
    files: impl Iterator<Item = &'a Path> + Clone,
    force: bool,
) -> Result<(), Failure> {
    let folders: BTreeSet<&Path> = files.clone().filter_map(Path::parent).collect();
    if let Some(pending) = edit::pending(folders) {
        return Err(Failure::Words(format!("nothing is written: {pending}")));
    }
    if force {
        return Ok(());
    }
    let wrong = edit::uncommitted(files).map_err(|error| {
        Failure::Words(format!("nothing is written: {error}; --force writes all the same"))
    })?;
    if wrong.is_empty() {
        return Ok(());
    }
    let mut words =
        String::from("nothing is written, as git could not bring back what these files hold now:");
    for (file, why) in wrong {
        let why = match why {
            Uncommitted::Edited => "has edits that are not committed",
            Uncommitted::Untracked => "was never added",
        };
        words.push_str(&format!("\n  {} {why}", shown_name(&file)));
    }
    words.push_str("\ncommit them first, or give --force");
    Err(Failure::Words(words))
}

/// Writes a file as a whole or not at all.
pub(super) fn put(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let wrong = |cause: io::Error| Failure::Words(format!("{}: {cause}", path.display()));
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    file.write_all(text).map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}
