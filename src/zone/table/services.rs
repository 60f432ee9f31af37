//! What is kept of SRV records and of the hosts that they lead to.

use super::{NameId, Rec};
use std::num::NonZeroU32;

/// Where the target of an SRV record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrvTarget {
    /// It is `.`.
    Null,
    /// In the zone; the name, if it owns records.
    InZone(Option<Host>),
    /// Elsewhere.
    Elsewhere,
}

/// A name of the zone that a record leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name.
    pub name: NameId,
    /// What is known of its addresses, if it leads nowhere else for sure.
    pub(in crate::zone) addresses: Option<Addresses>,
}

/// The address records of a name that leads nowhere but to them, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The longest of their TTLs, in seconds.
    pub longest: u32,
    /// A bit for each by its hash: names that share none have no address in common.
    hashes: NonZeroU32,
}

impl Addresses {
    /// Of the records of a name, whatever their types; none without an address.
    pub(in crate::zone) fn of(records: impl Iterator<Item = Rec>) -> Option<Self> {
        let (mut longest, mut hashes) = (0, 0);
        for rec in records.filter(|rec| rec.rtype.is_address()) {
            longest = longest.max(rec.ttl);
            hashes |= 1 << (rec.rdata_hash % u32::BITS);
        }
        Some(Self { longest, hashes: NonZeroU32::new(hashes)? })
    }

    /// Whether two names may have an address in common.
    pub fn may_meet(self, other: Self) -> bool {
        self.hashes.get() & other.hashes.get() != 0
    }
}

/// The fields of an SRV record (RFC 2782).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SrvFields {
    /// The record.
    pub rec: Rec,
    /// Priority.
    pub priority: u16,
    /// Weight.
    pub weight: u16,
    /// Port number.
    pub port: u16,
    /// Target.
    pub target: SrvTarget,
    /// Whether a name in it may lack its final dot.
    pub is_suspect: bool,
}
