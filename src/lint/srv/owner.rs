//! Rules about the owners of SRV and URI records.

use crate::lint::Rule;

/// Rules about the owners of SRV and URI records.
pub(in crate::lint) static OWNER_RULES: &[Rule] = &[];
