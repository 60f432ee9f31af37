//! A first look at names that may lead elsewhere.

use crate::zonefile::name::Labels;

/// Names of this many labels and more are not told apart by their number.
const DEEP: usize = 63;

/// Tells of most names that they own neither NS nor DNAME records, without looking them up: every
/// name below is looked for at each of its parents.
#[derive(Debug)]
pub(super) struct Sieve {
    /// A bit for each number of labels that such names have; the last one for all larger numbers.
    depths: u64,
    /// A bit for each remainder of the hashes: as many in each thread's table of a zone.
    bits: Vec<u64>,
}

impl Sieve {
    /// For a zone of about so many octets.
    pub(super) fn new(octets: u64) -> Self {
        let words = (octets >> 12).clamp(4, 16384).next_power_of_two();
        Self { depths: 0, bits: vec![0; words as usize] }
    }

    fn place(&self, tag: u32) -> (usize, u64) {
        ((tag as usize / 64) & (self.bits.len() - 1), 1 << (tag % 64))
    }

    pub(super) fn mark(&mut self, key: &[u8], tag: u32) {
        self.depths |= 1 << Labels(key).count().min(DEEP);
        let (word, bit) = self.place(tag);
        self.bits[word] |= bit;
    }

    /// Whether some name of so many labels may own them.
    pub(super) fn has_depth(&self, labels: usize) -> bool {
        self.depths & 1 << labels.min(DEEP) != 0
    }

    /// The least number of labels, but for the apex, that such a name may have.
    pub(super) fn least_depth(&self) -> Option<usize> {
        let below = self.depths & !1;
        (below != 0).then(|| below.trailing_zeros() as usize)
    }

    /// Whether names of more labels may.
    pub(super) fn has_deeper(&self, labels: usize) -> bool {
        self.depths >> labels.min(DEEP) > 1 || labels >= DEEP && self.has_depth(labels)
    }

    pub(super) fn may_have(&self, tag: u32) -> bool {
        let (word, bit) = self.place(tag);
        self.bits[word] & bit != 0
    }

    /// Makes it smaller once all names are in, where they are few: a small one is at hand sooner.
    pub(super) fn shrink(&mut self) {
        /// It tells as well with so many bits for each name.
        const ENOUGH: usize = 64;
        let names: usize = self.bits.iter().map(|word| word.count_ones() as usize).sum();
        while self.bits.len() > 1 && self.bits.len() / 2 * 64 >= names * ENOUGH {
            let upper = self.bits.split_off(self.bits.len() / 2);
            self.bits.iter_mut().zip(upper).for_each(|(word, upper)| *word |= upper);
        }
        self.bits.shrink_to_fit();
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.depths |= other.depths;
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word |= other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_one_still_has_all_names() {
        let mut sieve = Sieve::new(1 << 26);
        let before = sieve.bits.len();
        let tags: Vec<u32> = (0..100_u32).map(|n| n.wrapping_mul(0x9e37_79b9)).collect();
        tags.iter().for_each(|tag| sieve.mark(b"a.b", *tag));
        sieve.shrink();
        assert!(sieve.bits.len() < before / 8 && sieve.bits.len().is_power_of_two());
        assert!(tags.iter().all(|tag| sieve.may_have(*tag)));
        let others = (0..1000_u32).map(|n| n.wrapping_mul(0x85eb_ca6b).wrapping_add(1));
        assert!(others.filter(|tag| sieve.may_have(*tag)).count() < 100);
    }
}
