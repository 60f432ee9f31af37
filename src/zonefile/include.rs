//! How the parser gets at included files, without touching the file system itself.

use crate::text::FileId;

/// Why a file could not be included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncludeError {
    /// It is missing or cannot be read.
    NotFound {
        /// Why.
        why: String,
        /// The paths that were tried, as reports show them.
        tried: Vec<String>,
    },
    /// It lies outside the root of the repository.
    OutsideRoot,
}

/// Opens the files that `$INCLUDE` names.
pub trait Includes {
    /// The source of the file that `name` means, seen from the file that includes it.
    ///
    /// # Errors
    /// When there is no such file, or it must not be read.
    fn open(&self, including: FileId, name: &[u8]) -> Result<FileId, IncludeError>;
}

/// No file may be included: for text that came from nowhere on the disk.
#[derive(Clone, Copy, Debug)]
pub struct NoIncludes;

impl Includes for NoIncludes {
    fn open(&self, _: FileId, _: &[u8]) -> Result<FileId, IncludeError> {
        Err(IncludeError::NotFound { why: String::from("this text is not in a folder"), tried: Vec::new() })
    }
}
