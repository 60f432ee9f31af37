//! SVCB and HTTPS records by their fields (RFC 9460 section 2.2).

use crate::zone::{Record, Target};
use crate::zonefile::name;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const ALPN: u16 = 1;
const IPV4HINT: u16 = 4;
const IPV6HINT: u16 = 6;
const DOHPATH: u16 = 7;

/// The fields of an SVCB or HTTPS record.
pub(super) struct Service<'r> {
    /// 0 in AliasMode.
    priority: u16,
    pub(super) target: &'r Target,
    /// The parameters on the wire.
    params: &'r [u8],
}

impl<'r> Service<'r> {
    pub(super) fn of(record: &'r Record) -> Option<Self> {
        let (priority, rest) = record.wire.split_first_chunk::<2>()?;
        let (_, len) = name::from_wire(rest)?;
        let target = record.targets.first()?;
        Some(Self { priority: u16::from_be_bytes(*priority), target, params: rest.get(len..)? })
    }

    /// Whether it only says where the service is described (RFC 9460 section 2.4.2).
    pub(super) fn is_alias(&self) -> bool {
        self.priority == 0
    }

    /// Whether its target is `.`: the owner itself, or in AliasMode no service at all.
    pub(super) fn is_root(&self) -> bool {
        self.target.absolute == "."
    }

    pub(super) fn has_params(&self) -> bool {
        !self.params.is_empty()
    }

    /// The value of a parameter.
    fn param(&self, wanted: u16) -> Option<&'r [u8]> {
        let mut left = self.params;
        while let [key_high, key_low, len_high, len_low, after @ ..] = left {
            let len = usize::from(u16::from_be_bytes([*len_high, *len_low]));
            let (value, after) = after.split_at_checked(len)?;
            if u16::from_be_bytes([*key_high, *key_low]) == wanted {
                return Some(value);
            }
            left = after;
        }
        None
    }

    /// The protocols of `alpn`; none when it is not there.
    pub(super) fn alpn(&self) -> Option<Vec<&'r [u8]>> {
        let mut left = self.param(ALPN)?;
        let mut ids = Vec::new();
        while let Some((len, after)) = left.split_first() {
            let (id, after) = after.split_at_checked(usize::from(*len))?;
            ids.push(id);
            left = after;
        }
        Some(ids)
    }

    pub(super) fn has_dohpath(&self) -> bool {
        self.param(DOHPATH).is_some()
    }

    /// The addresses of `ipv4hint` and `ipv6hint`.
    pub(super) fn hints(&self) -> Vec<IpAddr> {
        let (v4, _) = self.param(IPV4HINT).unwrap_or_default().as_chunks::<4>();
        let (v6, _) = self.param(IPV6HINT).unwrap_or_default().as_chunks::<16>();
        let v4 = v4.iter().map(|octets| IpAddr::from(Ipv4Addr::from(*octets)));
        v4.chain(v6.iter().map(|octets| IpAddr::from(Ipv6Addr::from(*octets)))).collect()
    }
}
