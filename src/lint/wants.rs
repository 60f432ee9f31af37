//! What rules want of a name: told from its key and from what the index keeps of its records.

use super::measures::{LEAST, LEAST_OF_NAME_SERVERS, may_be_too_large};
use crate::zone::{Rec, TypeSet};
use crate::zonefile::rtype::Rtype;

/// What is told of a name without reading a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u16);

impl Marks {
    /// A hyphen at the edge of a label, or two in a row.
    pub const HYPHEN: Self = Self(1);
    /// An underscore.
    pub const UNDERSCORE: Self = Self(1 << 1);
    /// An asterisk.
    pub const ASTERISK: Self = Self(1 << 2);
    /// Something else than letters, digits, hyphens, underscores and asterisks.
    pub const ODD: Self = Self(1 << 3);
    /// Two records or more.
    pub const MANY: Self = Self(1 << 4);
    /// A record whose TTL is too low, but not 0.
    pub const LOW_TTL: Self = Self(1 << 5);
    /// A record whose TTL is too low for name servers.
    pub const BRIEF_TTL: Self = Self(1 << 6);
    /// An RRset with different TTLs, signatures not counted.
    pub const TTLS: Self = Self(1 << 7);
    /// Two records of a type that are most likely the same.
    pub const COPIES: Self = Self(1 << 8);
    /// An RRset that may be too large.
    pub const LARGE: Self = Self(1 << 9);

    /// What any name has.
    const ANY: Self = Self(1 << 15);

    /// Those told from the key.
    const OF_KEY: Self = Self(0b1111);

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they share one.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether some of them are told from the key.
    pub(super) fn ask_key(self) -> bool {
        self.meets(Self::OF_KEY)
    }

    /// Whether some of them are told from records.
    pub(super) fn ask_records(self) -> bool {
        self.0 & !Self::OF_KEY.0 != 0
    }

    /// What is told from a key.
    pub(super) fn of_key(key: &[u8]) -> Self {
        let seen = key.iter().fold(0, |seen, octet| seen | CLASSES[usize::from(*octet)]);
        let marks = Self(u16::from(seen) & Self::OF_KEY.0);
        if seen & ANY_HYPHEN == 0 || !has_odd_hyphen(key) { marks } else { marks.union(Self::HYPHEN) }
    }

    /// What is told from the records of a name, ordered by type and place.
    pub(super) fn of_records(records: &[Rec]) -> Self {
        let mut marks = Self::default();
        for rec in records {
            if rec.ttl < LEAST_OF_NAME_SERVERS {
                let low = if (1..LEAST).contains(&rec.ttl) { Self::LOW_TTL } else { Self::default() };
                marks = marks.union(Self::BRIEF_TTL).union(low);
            }
        }
        if records.len() < 2 {
            return marks;
        }
        for rrset in records.chunk_by(|one, other| one.rtype == other.rtype) {
            let [first, .., last] = rrset else { continue };
            if first.rtype != Rtype::RRSIG && rrset.iter().any(|rec| rec.ttl != first.ttl) {
                marks = marks.union(Self::TTLS);
            }
            if has_copies(rrset) {
                marks = marks.union(Self::COPIES);
            }
            if may_be_too_large(rrset.len(), last.place() - first.place()) {
                marks = marks.union(Self::LARGE);
            }
        }
        marks.union(Self::MANY)
    }
}

/// The bit of [`CLASSES`] for any hyphen; the others are those of the marks.
const ANY_HYPHEN: u8 = 1 << 7;

static CLASSES: [u8; 256] = {
    let mut table = [Marks::ODD.0 as u8; 256];
    let mut octet = 0;
    while octet < table.len() {
        if (octet as u8).is_ascii_alphanumeric() {
            table[octet] = 0;
        }
        octet += 1;
    }
    table[b'.' as usize] = 0;
    table[b'-' as usize] = ANY_HYPHEN;
    table[b'_' as usize] = Marks::UNDERSCORE.0 as u8;
    table[b'*' as usize] = Marks::ASTERISK.0 as u8;
    table
};

fn has_odd_hyphen(key: &[u8]) -> bool {
    let mut before = b'.';
    for &octet in key {
        let odd = match octet {
            b'-' => matches!(before, b'.' | b'-'),
            b'.' => before == b'-',
            _ => false,
        };
        if odd {
            return true;
        }
        before = octet;
    }
    before == b'-'
}

/// Whether two records of an RRset have equal hashes: most likely they hold the same data.
pub(super) fn has_copies(records: &[Rec]) -> bool {
    const FEW: usize = 8;
    if records.len() <= FEW {
        return records
            .iter()
            .enumerate()
            .any(|(at, one)| records.iter().take(at).any(|other| other.rdata_hash == one.rdata_hash));
    }
    let mut hashes: Vec<u32> = records.iter().map(|rec| rec.rdata_hash).collect();
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

/// Which names a rule is called for: those that own one of some types, have one of some marks, or
/// both. The rule looks for itself whether there is something to find.
#[derive(Clone, Copy, Debug)]
pub struct Wants {
    types: TypeSet,
    marks: Marks,
}

impl Wants {
    /// Names that own one of these types.
    pub const fn types(types: TypeSet) -> Self {
        Self { types, marks: Marks::ANY }
    }

    /// Names that have one of these marks.
    pub const fn marks(marks: Marks) -> Self {
        Self { types: TypeSet::EVERY, marks }
    }

    /// Names that own one of these types and have one of these marks.
    pub const fn both(types: TypeSet, marks: Marks) -> Self {
        Self { types, marks }
    }

    /// Whether a name with these types and marks is wanted.
    pub(super) fn has(&self, types: TypeSet, marks: Marks) -> bool {
        self.types.meets(types) && self.marks.meets(marks.union(Marks::ANY))
    }

    /// Whether a zone with these types can have such names.
    pub(super) fn can_be_in(&self, types: TypeSet) -> bool {
        self.types.meets(types)
    }

    /// The marks that it asks for.
    pub(super) fn asked(&self) -> Marks {
        if self.marks == Marks::ANY { Marks::default() } else { self.marks }
    }

    /// The types that are enough for it.
    pub(super) fn enough(&self) -> TypeSet {
        if self.marks == Marks::ANY { self.types } else { TypeSet::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_marked_by_what_is_unusual_in_them() {
        for plain in ["", "www", "a-b.c1", "x9.y-z"] {
            assert_eq!(Marks::of_key(plain.as_bytes()), Marks::default(), "{plain}");
        }
        for (key, marks) in [
            ("-a", Marks::HYPHEN),
            ("a-.b", Marks::HYPHEN),
            ("a.-b", Marks::HYPHEN),
            ("a-", Marks::HYPHEN),
            ("xn--a", Marks::HYPHEN),
            ("_sip._tls", Marks::UNDERSCORE),
            ("*.a_b", Marks::UNDERSCORE.union(Marks::ASTERISK)),
            (r"a\.b", Marks::ODD),
        ] {
            assert_eq!(Marks::of_key(key.as_bytes()), marks, "{key}");
        }
    }

    #[test]
    fn a_rule_is_called_where_all_that_it_asks_for_is() {
        let (types, marks) = (TypeSet::of(Rtype::MX), Marks::UNDERSCORE);
        let both = Wants::both(types, marks);
        assert!(both.has(types, marks.union(Marks::ODD)));
        assert!(!both.has(types, Marks::ODD) && !both.has(TypeSet::of(Rtype::A), marks));
        assert!(Wants::types(types).has(types, Marks::default()));
        assert!(Wants::marks(marks).has(types, marks) && !Wants::marks(marks).has(types, Marks::ODD));
    }
}
