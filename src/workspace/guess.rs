//! Which zone a file is of, when neither the request nor the configuration says so.

use super::compressed::plain_name;
use crate::zonefile::apex;
use crate::zonefile::name::Name;
use std::path::Path;

/// The apex that a file gives away by its text or its name.
pub(super) fn apex_of(bytes: &[u8], path: &Path) -> Option<Name> {
    apex::from_text(bytes).or_else(|| apex::from_file_name(plain_name(&path.file_name()?.to_string_lossy())))
}
