//! Rules of the group `apex`.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
