//! Sets of types in 32 bits.

use crate::zonefile::rtype::Rtype;

/// The types that have a bit of their own; all others share the last bit.
static OWN_BITS: [Rtype; 31] = [
    Rtype::A,
    Rtype::AAAA,
    Rtype::NS,
    Rtype::CNAME,
    Rtype::SOA,
    Rtype::MX,
    Rtype::TXT,
    Rtype::SRV,
    Rtype::DNAME,
    Rtype::PTR,
    Rtype::DS,
    Rtype::NSEC,
    Rtype::NSEC3,
    Rtype::RRSIG,
    Rtype::DNSKEY,
    Rtype::CAA,
    Rtype::NAPTR,
    Rtype::SVCB,
    Rtype::HTTPS,
    Rtype::TLSA,
    Rtype::SSHFP,
    Rtype::KEY,
    Rtype::URI,
    Rtype::LOC,
    Rtype::SPF,
    Rtype::HINFO,
    Rtype::RP,
    Rtype::CDS,
    Rtype::CDNSKEY,
    Rtype::NSEC3PARAM,
    Rtype::AFSDB,
];

/// The bits of the types with low numbers.
static BITS: [u8; 1 << 9] = {
    let mut bits = [OWN_BITS.len() as u8; 1 << 9];
    let mut at = 0;
    while at < OWN_BITS.len() {
        bits[OWN_BITS[at].0 as usize] = at as u8;
        at += 1;
    }
    bits
};

/// Which types occur at a name, a run or a zone. Rare types share one member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeSet(pub(super) u32);

impl TypeSet {
    /// The set of one type.
    pub const fn of(rtype: Rtype) -> Self {
        let number = rtype.0 as usize;
        Self(1 << if number < BITS.len() { BITS[number] } else { OWN_BITS.len() as u8 })
    }

    /// The set of all types.
    pub const EVERY: Self = Self(u32::MAX);

    /// The set of several types.
    pub const fn all(rtypes: &[Rtype]) -> Self {
        let mut set = Self(0);
        let mut at = 0;
        while at < rtypes.len() {
            set = set.union(Self::of(rtypes[at]));
            at += 1;
        }
        set
    }

    /// Whether a type is in it; for types that share a member: whether one of them may be.
    pub fn has(self, rtype: Rtype) -> bool {
        self.0 & Self::of(rtype).0 != 0
    }

    /// Whether A or AAAA is in it.
    pub fn has_address(self) -> bool {
        self.0 & 0b11 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they share a member.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// This set without the members of another.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many members it has.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
