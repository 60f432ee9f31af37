//! Rules of the group `syntax`.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
