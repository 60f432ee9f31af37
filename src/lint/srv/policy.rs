//! Rules about priorities, weights and TTLs that a policy asks for.

use crate::lint::Rule;

/// Rules about priorities, weights and TTLs that a policy asks for.
pub(in crate::lint) static POLICY_RULES: &[Rule] = &[];
