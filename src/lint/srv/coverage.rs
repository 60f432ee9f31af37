//! Rules that compare SRV records with the declared Edge pools.

use crate::lint::Rule;

/// Rules that compare SRV records with the declared Edge pools.
pub(in crate::lint) static COVERAGE_RULES: &[Rule] = &[];
