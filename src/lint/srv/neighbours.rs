//! Rules about what stands beside SRV records: fallbacks, wildcards, NAPTR and DNS-SD.

use crate::lint::Rule;

/// Rules about what stands beside SRV records: fallbacks, wildcards, NAPTR and DNS-SD.
pub(in crate::lint) static NEIGHBOUR_RULES: &[Rule] = &[];
