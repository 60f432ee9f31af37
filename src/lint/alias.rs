//! Rules of the group `alias`.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
