//! What addresses tell of who can reach them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

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

/// An address, or all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many bits count.
    prefix: u8,
}

/// Why a text is no [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    /// Neither an address, nor one with a length of prefix that it may have.
    Malformed,
    /// Bits are set that do not count; without them it is this one.
    HostBits(Network),
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && first_bits(address, self.prefix) == self.address
    }
}

/// The address with all bits behind the first ones unset.
fn first_bits(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Malformed)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match length {
            None => most,
            Some(length) if length.bytes().all(|octet| octet.is_ascii_digit()) => {
                length.parse().ok().filter(|length| *length <= most).ok_or(NetworkError::Malformed)?
            }
            Some(_) => return Err(NetworkError::Malformed),
        };
        let network = Self { address: first_bits(address, prefix), prefix };
        if network.address == address { Ok(network) } else { Err(NetworkError::HostBits(network)) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_the_addresses_that_begin_as_they_do() {
        for (network, address, holds) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.128/25", "192.0.2.127", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "0.0.0.0", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::1/128", "2001:db8::1", true),
        ] {
            let found = Network::from_str(network).map(|network| network.contains(address.parse().unwrap()));
            assert_eq!(found, Ok(holds), "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in
            ["", "/", "192.0.2/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/+8", "::/129", "::/x", "a/8"]
        {
            assert_eq!(Network::from_str(text), Err(NetworkError::Malformed), "{text}");
        }
        let Err(NetworkError::HostBits(meant)) = Network::from_str("192.0.2.10/24") else { panic!() };
        assert_eq!(meant.to_string(), "192.0.2.0/24");
    }
}
