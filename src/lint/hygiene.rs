//! Rules of the group `hygiene`.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
