//! Rules of the group `delegation`: zone cuts, their glue, and what lies below them.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
