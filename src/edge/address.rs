//! What addresses tell of who can reach them.

use std::net::IpAddr;

/// Whether an address is for one's own network only: RFC 1918, RFC 6598, RFC 4193, loopback and
/// link-local.
pub fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [one, two, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || one == 100 && two & 0xc0 == 64
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
