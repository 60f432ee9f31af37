//! How much room the columns of a table need, told from the part of the zone that has been read.

/// How far a zone has been read, and how many items its columns have got, over all partitions.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// About so many octets has the zone.
    octets: u64,
    /// As a power of two.
    partitions: u32,
    /// Where the last record stands.
    pub(super) offset: u64,
    pub(super) entries: u64,
    pub(super) runs: u64,
    /// Octets of keys.
    pub(super) keys: u64,
    pub(super) references: u64,
    /// Marks of addresses.
    pub(super) noted: u64,
}

impl Room {
    pub(super) fn new(octets: u64, partitions: u32) -> Self {
        Self { octets, partitions, ..Self::default() }
    }

    /// Makes room for some more items in a column, `all` of which are there in all partitions.
    #[inline]
    pub(super) fn make<T>(&self, column: &mut Vec<T>, more: usize, all: u64) {
        if column.capacity() - column.len() < more {
            self.grow(column, more, all);
        }
    }

    /// Makes room for as many items as there will be when the rest of the zone is like the part that
    /// has been read: columns that grow again and again are copied as often, and leave holes behind.
    #[cold]
    fn grow<T>(&self, column: &mut Vec<T>, more: usize, all: u64) {
        /// So much of the zone, as a part of one, tells nothing of the rest.
        const TOO_LITTLE: u64 = 128;
        let len = column.len();
        if self.offset <= self.octets / TOO_LITTLE || self.offset >= self.octets {
            return column.reserve(more);
        }
        let expected = u128::from(all) * u128::from(self.octets) / u128::from(self.offset);
        let expected = (expected >> self.partitions) as usize;
        // Names are spread evenly, but for a few.
        let whole = expected + expected / 16 + 32;
        column.reserve_exact(whole.saturating_sub(len).max(len / 8 + more));
    }
}
