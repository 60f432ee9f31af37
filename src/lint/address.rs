//! Rules of the group `address`: address records, and the PTR records that lead back.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
