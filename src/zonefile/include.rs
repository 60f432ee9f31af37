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

/// Where a relative path leads for servers that start it at another folder than this program does:
/// some at their working directory, some at the folder of the including file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// To the same file.
    Same,
    /// To another file that is there too; both as reports show them.
    Other {
        /// What is read.
        read: String,
        /// What others read.
        other: String,
    },
    /// To no file.
    Missing {
        /// What is read.
        read: String,
        /// What others look for.
        other: String,
    },
}

/// Opens the files that `$INCLUDE` names.
pub trait Includes {
    /// The source of the file that `name` means, seen from the file that includes it.
    ///
    /// # Errors
    /// When there is no such file, or it must not be read.
    fn open(&self, including: FileId, name: &[u8]) -> Result<FileId, IncludeError>;

    /// Where other servers would look for a file that [`Includes::open`] has opened.
    fn elsewhere(&self, including: FileId, name: &[u8]) -> Elsewhere {
        let _ = (including, name);
        Elsewhere::Same
    }
}

/// No file may be included: for text that came from nowhere on the disk.
#[derive(Clone, Copy, Debug)]
pub struct NoIncludes;

impl Includes for NoIncludes {
    fn open(&self, _: FileId, _: &[u8]) -> Result<FileId, IncludeError> {
        Err(IncludeError::NotFound { why: String::from("this text is not in a folder"), tried: Vec::new() })
    }
}
