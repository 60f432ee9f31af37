//! The texts of files once edits are made in them.

use super::PlanError;
use crate::diagnostic::Edit;
use crate::edit;
use crate::text::FileId;
use crate::workspace::Loaded;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Edits by file.
pub(super) type FileEdits = BTreeMap<FileId, Vec<Edit>>;

/// The texts that edits make, by path.
pub(super) fn changed(loaded: &Loaded, edits: &FileEdits) -> Result<BTreeMap<PathBuf, Vec<u8>>, PlanError> {
    let mut texts = BTreeMap::new();
    for (file, edits) in edits {
        let source = loaded.sources.get(*file);
        let Some(path) = source.path() else {
            return Err(PlanError::NotEditable {
                place: source.name().to_owned(),
                why: String::from("is no file on the disk"),
            });
        };
        let text = edit::apply(source.bytes(), edits).map_err(|error| shared(source.name(), &error))?;
        texts.insert(path.to_owned(), text);
    }
    Ok(texts)
}

pub(super) fn shared(name: &str, error: &edit::EditError) -> PlanError {
    match error {
        edit::EditError::Overlap { .. } => PlanError::Shared { file: name.to_owned() },
        _ => PlanError::Other(format!("{name}: {error}")),
    }
}
