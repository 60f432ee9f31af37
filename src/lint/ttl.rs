//! Rules of the group `ttl`.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
