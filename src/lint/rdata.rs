//! Rules of the group `rdata`: RDATA of the types that have no group of their own.

use super::rule::Rule;

/// The rules of this group.
pub(super) static RULES: &[Rule] = &[];
