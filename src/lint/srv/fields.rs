//! Rules about the numbers of one SRV record.

use crate::lint::Rule;

/// Rules about the numbers of one SRV record.
pub(in crate::lint) static FIELD_RULES: &[Rule] = &[];
