//! Rules about files.

use crate::lint::rule::Rule;

/// The rules about files.
pub(in crate::lint) static RULES: &[Rule] = &[];
