//! Rules about SRV records of one owner among themselves.

use crate::lint::Rule;

/// Rules about SRV records of one owner among themselves.
pub(in crate::lint) static RRSET_RULES: &[Rule] = &[];
