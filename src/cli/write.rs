//! What stands in the way of a change of zone files.

use super::output::{Failure, Terminal};
use crate::edit::{self, Uncommitted};
use crate::workspace::{Loaded, shown_name};
use std::collections::BTreeSet;
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
