//! What rules want of a name: told from its key and from what the index keeps of its records.

use super::measures::{LEAST, LEAST_OF_NAME_SERVERS, MOST_SERVERS, may_be_too_large};
use crate::zone::{BLOCK, Owner, Rec, TypeSet, Zone};
use crate::zonefile::rtype::Rtype;

/// What is told of a name without reading a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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

    /// More records than a zone should have name servers.
    pub const CROWD: Self = Self(1 << 10);
    /// NS records, but perhaps only one name server.
    pub const ONE_SERVER: Self = Self(1 << 11);
    /// Records that a zone cut, above it or at it, may keep from being answered.
    pub const HIDDEN: Self = Self(1 << 12);

    /// What any name has.
    const ANY: Self = Self(1 << 15);

    /// Those told from the key.
    const OF_KEY: Self = Self(0b1111);

    /// Those told from the records.
    const OF_RECORDS: Self = Self(0b1111_1111 << 4);

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they share one.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those of both.
    const fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is told from a key.
    fn of_key(key: &[u8]) -> Self {
        Self::of_classes(key.iter().fold(0, |seen, octet| seen | CLASSES[usize::from(*octet)]), || key)
    }

    fn of_classes<'k>(seen: u8, key: impl FnOnce() -> &'k [u8]) -> Self {
        let marks = Self(u16::from(seen)).among(Self::OF_KEY);
        if seen & ANY_HYPHEN == 0 || !has_odd_hyphen(key()) { marks } else { marks.union(Self::HYPHEN) }
    }

    /// What the TTL of a record tells.
    fn of_ttl(ttl: u32) -> Self {
        match ttl {
            LEAST_OF_NAME_SERVERS.. => Self::default(),
            1..LEAST => Self::BRIEF_TTL.union(Self::LOW_TTL),
            _ => Self::BRIEF_TTL,
        }
    }

    /// What so many records tell.
    fn of_count(records: usize) -> Self {
        match records {
            ..2 => Self::default(),
            2..=MOST_SERVERS => Self::MANY,
            _ => Self::MANY.union(Self::CROWD),
        }
    }

    /// What is told from the records of a name where they stand, unless that takes to order them.
    fn of_records_of(owner: &Owner<'_>) -> Option<Self> {
        let (types, mut records) = (owner.types(), owner.records()?);
        let count = records.len();
        let first = records.next()?;
        let one_server = if types.has(Rtype::NS) { Self::ONE_SERVER } else { Self::default() };
        let marks = Self::of_count(count).union(Self::of_ttl(first.ttl)).union(one_server);
        if count == 1 {
            return Some(marks);
        }
        // Each type has one record at least: here each has no more.
        if count == types.len() {
            return Some(records.fold(marks, |marks, rec| marks.union(Self::of_ttl(rec.ttl))));
        }
        let mut all = AllOf::of(first);
        let marks = records.fold(marks, |marks, rec| {
            all.add(rec);
            marks.union(Self::of_ttl(rec.ttl))
        });
        if may_be_too_large(count, all.last - all.first) {
            return None;
        }
        let marks = if all.servers > 1 && !all.has_copies { marks.without(one_server) } else { marks };
        if all.has_copies || all.has_ttls {
            Self::of_pairs(owner).map(|of_pairs| marks.union(of_pairs))
        } else {
            Some(marks)
        }
    }

    /// What is told of few records of a name, each held against the others.
    fn of_pairs(owner: &Owner<'_>) -> Option<Self> {
        const FEW: usize = 8;
        let records = owner.records().filter(|records| records.len() <= FEW)?;
        let mut marks = Self::default();
        for (at, one) in records.clone().enumerate() {
            for other in records.clone().take(at).filter(|other| other.rtype == one.rtype) {
                if one.ttl != other.ttl && one.rtype != Rtype::RRSIG {
                    marks = marks.union(Self::TTLS);
                }
                if one.rdata_hash == other.rdata_hash {
                    marks = marks.union(Self::COPIES);
                }
            }
        }
        Some(marks)
    }

    /// What is told from the records of a name, ordered by type and place.
    fn of_records(records: &[Rec]) -> Self {
        let of_ttls = records.iter().map(|rec| Self::of_ttl(rec.ttl));
        let mut marks = of_ttls.fold(Self::of_count(records.len()), Self::union);
        for rrset in records.chunk_by(|one, other| one.rtype == other.rtype) {
            let [first, .., last] = rrset else {
                continue;
            };
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
        if records.iter().any(|rec| rec.rtype == Rtype::NS) { marks.union(Self::ONE_SERVER) } else { marks }
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

/// What is told of the records of a name in one pass.
struct AllOf {
    ttl: u32,
    /// Whether they have different TTLs, whatever their types.
    has_ttls: bool,
    /// A bit for each, by type and hash.
    seen: u64,
    /// Whether two have the same bit: all that have the same data, and some others.
    has_copies: bool,
    /// NS records.
    servers: usize,
    /// Where the first and the last one stand.
    first: u64,
    last: u64,
}

impl AllOf {
    fn of(rec: Rec) -> Self {
        let servers = usize::from(rec.rtype == Rtype::NS);
        let (seen, place) = (Self::bit(rec), rec.place());
        Self { ttl: rec.ttl, has_ttls: false, seen, has_copies: false, servers, first: place, last: place }
    }

    fn bit(rec: Rec) -> u64 {
        1 << (rec.rdata_hash.wrapping_add(u32::from(rec.rtype.0)) % u64::BITS)
    }

    fn add(&mut self, rec: Rec) {
        let bit = Self::bit(rec);
        self.has_ttls |= rec.ttl != self.ttl;
        self.has_copies |= self.seen & bit != 0;
        self.seen |= bit;
        self.servers += usize::from(rec.rtype == Rtype::NS);
        self.first = self.first.min(rec.place());
        self.last = self.last.max(rec.place());
    }
}

/// A short key, looked at as a whole: that takes the processor less than to stop where it ends.
#[derive(Clone, Copy)]
struct Block<'k> {
    /// It, and what stands behind it.
    octets: &'k [u8; BLOCK],
    /// Ones where it stands.
    within: &'k [u8; BLOCK],
}

impl<'k> Block<'k> {
    fn of(owner: &Owner<'k>) -> Option<Self> {
        let (len, octets) = owner.block()?;
        Self::new(len, octets)
    }

    fn new(len: usize, octets: &'k [u8; BLOCK]) -> Option<Self> {
        /// A part of it has as many octets of ones at its start as the key is long.
        static WITHIN: [u8; 2 * BLOCK] = {
            let mut within = [0; 2 * BLOCK];
            let mut at = 0;
            while at < BLOCK {
                within[at] = u8::MAX;
                at += 1;
            }
            within
        };
        let within = WITHIN.get(BLOCK.checked_sub(len)?..)?.first_chunk()?;
        Some(Self { octets, within })
    }

    fn octets(self) -> impl Iterator<Item = (u8, u8)> {
        self.octets.iter().copied().zip(self.within.iter().copied())
    }

    /// Whether it has letters, digits and dots only.
    fn is_plain(self) -> bool {
        let odd = self.octets().fold(0, |odd, (octet, within)| {
            let is_letter = (octet | 0x20).wrapping_sub(b'a') < 26;
            let is_plain = is_letter | (octet.wrapping_sub(b'0') < 10) | (octet == b'.');
            odd | within & u8::from(is_plain).wrapping_sub(1)
        });
        odd == 0
    }

    /// What its octets are, all together: see [`CLASSES`].
    fn classes(self) -> u8 {
        self.octets().fold(0, |classes, (octet, within)| {
            let is_letter = (octet | 0x20).wrapping_sub(b'a') < 26;
            let is_plain = is_letter | (octet.wrapping_sub(b'0') < 10) | (octet == b'.');
            let class = if octet == b'*' { Marks::ASTERISK.0 as u8 } else { Marks::ODD.0 as u8 };
            let class = if octet == b'_' { Marks::UNDERSCORE.0 as u8 } else { class };
            let class = if octet == b'-' { ANY_HYPHEN } else { class };
            classes | class & within & u8::from(is_plain).wrapping_sub(1)
        })
    }

    fn dots(self) -> u8 {
        self.octets().fold(0, |dots, (octet, within)| dots + (within & u8::from(octet == b'.')))
    }
}

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

/// What the rules of a run ask of a name.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    marks: Marks,
    /// The types that they want where a zone cut may hide them.
    hidden: TypeSet,
}

impl Asked {
    /// What a rule asks for beside.
    pub(super) fn add(&mut self, wants: Wants) {
        self.marks = self.marks.union(wants.asked());
        if wants.asked().meets(Marks::HIDDEN) {
            self.hidden = self.hidden.union(wants.types);
        }
    }

    /// Whether it is nothing.
    pub(super) fn is_nothing(self) -> bool {
        self.marks == Marks::default()
    }

    /// The marks of a name, of those that are asked for. `gather` gives the records of the name, ordered
    /// by type and place: most names are told without.
    pub(super) fn of<'r>(self, zone: &Zone, owner: &Owner<'_>, gather: impl FnOnce() -> &'r [Rec]) -> Marks {
        let block = Block::of(owner);
        let mut marks = match block {
            Some(block) if block.is_plain() => Marks::default(),
            Some(block) => Marks::of_classes(block.classes(), || owner.key()),
            None => Marks::of_key(owner.key()),
        };
        if self.hidden.meets(owner.types()) && may_be_hidden(zone, owner, block, self.hidden) {
            marks = marks.union(Marks::HIDDEN);
        }
        if self.marks.meets(Marks::OF_RECORDS) {
            marks = marks.union(Marks::of_records_of(owner).unwrap_or_else(|| Marks::of_records(gather())));
        }
        marks.among(self.marks)
    }
}

/// Whether a zone cut may lie above a name, or the name is one and owns other records of these types.
fn may_be_hidden(zone: &Zone, owner: &Owner<'_>, block: Option<Block<'_>>, types: TypeSet) -> bool {
    let Some(least) = zone.leads_from().filter(|_| zone.delegating_count() > 0) else { return false };
    let ns = TypeSet::of(Rtype::NS);
    if owner.types().meets(ns) && owner.types().without(ns).meets(types) {
        return true;
    }
    // The name has one label more than it has dots, a name above it one less at least.
    block.is_none_or(|block| usize::from(block.dots()) >= least) && zone.may_be_led(owner.key())
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
    fn asked(&self) -> Marks {
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
    use crate::text::{Source, Sources};
    use crate::zone::build;
    use crate::zonefile::include::NoIncludes;
    use crate::zonefile::name::Name;
    use crate::zonefile::parse::Options;
    use proptest::prelude::*;
    use std::fmt::Write as _;
    use std::sync::Arc;

    const RECORDS: [&str; 7] = [
        "A 192.0.2.",
        "AAAA 2001:db8::",
        "NS ns",
        "MX 10 mx",
        "TYPE65280 \\# 1 0",
        "TYPE65281 \\# 1 0",
        "RRSIG A 13 2 300 20300101000000 20200101000000 1 @ AAA",
    ];

    /// A record: its owner, its type, its TTL, its data, and how many lines stand before it.
    type Row = (usize, usize, u32, u8, usize);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let ttl = prop::sample::select(vec![0, 1, 59, 60, 1799, 1800, 3600]);
        let gap = prop_oneof![30 => Just(0_usize), 1 => Just(1200)];
        prop::collection::vec((0..4_usize, 0..RECORDS.len(), ttl, 0..4_u8, gap), 1..60)
    }

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

    proptest! {
        #[test]
        fn a_short_key_is_told_as_a_whole(key in "[a-z0-9._*\\\\/ A-Z-]{0,32}", behind: [u8; BLOCK]) {
            let mut octets = behind;
            octets[..key.len()].copy_from_slice(key.as_bytes());
            let block = Block::new(key.len(), &octets).unwrap();
            let marks = Marks::of_key(key.as_bytes());
            prop_assert_eq!(Marks::of_classes(block.classes(), || key.as_bytes()), marks);
            prop_assert_eq!(block.is_plain(), block.classes() == 0);
            prop_assert_eq!(usize::from(block.dots()), key.matches('.').count());
        }

        #[test]
        fn records_are_told_where_they_stand_as_when_they_are_ordered(rows in rows()) {
            let mut text = String::from("@ 3600 IN SOA ns1 hostmaster 1 2h 30m 2w 1h\n");
            for (owner, rtype, ttl, data, gap) in rows {
                let owner = if gap > 0 { String::from(" ") } else { format!("n{owner}") };
                let gap = ";........................................\n".repeat(gap);
                writeln!(text, "{gap}{owner} {ttl} IN {}{data}", RECORDS[rtype]).unwrap();
            }
            let sources = Arc::new(Sources::default());
            let file = sources.add(Source::text("zone", &*text));
            let options = Options::new(Name::absolute(b"example.com").unwrap());
            let (zone, _) = build(&sources, &NoIncludes, file, &options);
            for owner in (0..zone.partitions()).flat_map(|part| zone.owners_of(part)) {
                let mut records = Vec::new();
                zone.gather(owner.name(), &mut records);
                records.sort_unstable_by_key(|rec| (rec.rtype, rec.place()));
                let ordered = Marks::of_records(&records);
                let Some(marks) = Marks::of_records_of(&owner) else { continue };
                prop_assert_eq!(marks.without(Marks::ONE_SERVER), ordered.without(Marks::ONE_SERVER), "{}", text);
                let mut servers = records.iter().filter(|rec| rec.rtype == Rtype::NS);
                if let Some(first) = servers.next() {
                    let is_one = servers.all(|rec| rec.rdata_hash == first.rdata_hash);
                    prop_assert!(!is_one || marks.meets(Marks::ONE_SERVER), "{}", text);
                }
            }
        }
    }
}
