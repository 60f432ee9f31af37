//! Rules about where SRV targets lead.

use crate::lint::Rule;

/// Rules about where SRV targets lead.
pub(in crate::lint) static TARGET_RULES: &[Rule] = &[];
