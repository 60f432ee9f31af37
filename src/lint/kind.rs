//! What a zone is for, where the configuration does not say.

use crate::config::{View, ZoneKind};
use crate::zone::Zone;

/// Top-level names that no public server answers for, reserved or delegated to nobody: RFC 6761,
/// RFC 6762 appendix G, RFC 9476, and `internal` by ICANN's resolution of 2024. `home.arpa` is
/// RFC 8375.
const PRIVATE: [&str; 14] = [
    "alt",
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "private",
    "test",
];

/// Names of addresses (RFC 1035 section 3.5, RFC 3596 section 2.5).
const REVERSE: [&str; 2] = ["in-addr.arpa", "ip6.arpa"];

/// A zone with fewer delegations is no registry's.
const FEW: u64 = 1000;

/// What a zone is for, by its name and its records.
pub(super) fn guess(zone: &Zone, view: View) -> ZoneKind {
    let apex = zone.apex().to_string();
    let (addresses, private) = zone.address_counts();
    if is_below(&apex, &REVERSE) {
        ZoneKind::Reverse
    } else if view == View::Internal {
        ZoneKind::Internal
    } else if is_below(&apex, &PRIVATE) || private > 0 && private * 2 >= addresses {
        ZoneKind::Private
    } else if zone.delegating_count() >= FEW && zone.delegating_count() * 3 > zone.record_count() {
        ZoneKind::Registry
    } else {
        ZoneKind::Public
    }
}

/// Names of addresses for private use: RFC 1918, RFC 6303, RFC 4193.
const PRIVATE_REVERSE: [&str; 4] =
    ["10.in-addr.arpa", "168.192.in-addr.arpa", "c.f.ip6.arpa", "d.f.ip6.arpa"];

/// Whether a reverse zone is one of addresses for private use.
pub(super) fn is_private_reverse(apex: &str) -> bool {
    is_below(apex, &PRIVATE_REVERSE)
        || (16..32).any(|octet| is_below(apex, &[&*format!("{octet}.172.in-addr.arpa")]))
}

fn is_below(apex: &str, names: &[&str]) -> bool {
    let apex = apex.trim_end_matches('.');
    names
        .iter()
        .any(|name| apex.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_lies_below_whole_labels() {
        assert!(is_below("2.0.192.in-addr.arpa", &REVERSE) && is_below("ip6.arpa", &REVERSE));
        assert!(is_below("ad.contoso.local", &PRIVATE) && is_below("local", &PRIVATE));
        assert!(!is_below("glocal", &PRIVATE) && !is_below("local.example.com", &PRIVATE));
    }
}
