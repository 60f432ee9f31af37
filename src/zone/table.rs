//! Names, runs and records in columns, spread over partitions by the hash of the name.

use super::types::TypeSet;
use crate::zonefile::rtype::Rtype;
use std::hash::BuildHasher as _;

/// Zones below this many octets get one partition.
const SMALL: u64 = 4 << 20;
/// Partitions of larger zones, as a power of two.
const LARGE_BITS: u32 = 6;
/// A key of this length has its true length, as two octets, before it in the arena.
const LONG_KEY: u8 = u8::MAX;
/// How many targets are remembered, so that their names are stored once.
const TARGET_CACHE: usize = 4096;

/// Consecutive records of one owner. Offsets count 40 bits: `off_hi` is the upper octet.
#[derive(Clone, Copy, Debug)]
struct Run {
    tag: u32,
    types: TypeSet,
    off: u32,
    off_hi: u8,
    key_len: u8,
    records: u16,
    key: u32,
    first: u32,
}

/// One record; `delta` is its distance in octets from the start of its run.
#[derive(Clone, Copy, Debug)]
struct Entry {
    ttl: u32,
    rdata_hash: u32,
    rtype: u16,
    delta: u16,
}

/// A record's target inside the zone.
#[derive(Clone, Copy, Debug)]
struct Reference {
    tag: u32,
    /// The record: its place among the entries of `partition`.
    entry: u32,
    partition: u8,
    key_len: u8,
    key: u32,
}

const _: () = assert!(size_of::<Run>() == 24 && size_of::<Entry>() == 12 && size_of::<Reference>() == 16);

#[derive(Debug, Default)]
struct Partition {
    runs: Vec<Run>,
    entries: Vec<Entry>,
    references: Vec<Reference>,
    keys: Vec<u8>,
    /// Open addressing over the first run of each name: index + 1, 0 is free.
    slots: Vec<u32>,
    names: u32,
    /// Later runs of a name: (first run, run), sorted.
    reopened: Vec<(u32, u32)>,
}

/// A name that owns records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId {
    partition: u32,
    run: u32,
}

/// A record by what is kept of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rec {
    /// Where it stands, counted over all pieces of the zone.
    pub(super) offset: u64,
    /// Its type.
    pub rtype: Rtype,
    /// Its TTL in seconds, as BIND reads it.
    pub ttl: u32,
    /// Hash of the canonical RDATA: different hashes, different data.
    pub rdata_hash: u32,
}

impl Rec {
    /// Orders records by their place in the zone.
    pub fn place(&self) -> u64 {
        self.offset
    }
}

#[derive(Debug)]
pub(super) struct Table {
    partitions: Vec<Partition>,
    bits: u32,
    hasher: foldhash::fast::RandomState,
    /// Partition and run that the next record of the same owner continues.
    open: Option<(u32, u32)>,
    targets: Vec<(u64, u32, u8)>,
}

impl Table {
    /// A table for a zone of about so many octets.
    pub(super) fn new(octets: u64) -> Self {
        let bits = if octets < SMALL { 0 } else { LARGE_BITS };
        let mut partitions = Vec::new();
        partitions.resize_with(1 << bits, Partition::default);
        Self {
            partitions,
            bits,
            hasher: hasher(),
            open: None,
            targets: vec![(0, 0, 0); if bits == 0 { 64 } else { TARGET_CACHE }],
        }
    }

    fn place(&self, key: &[u8]) -> (usize, u64) {
        let hash = self.hasher.hash_one(key);
        let partition = if self.bits == 0 { 0 } else { (hash >> (64 - self.bits)) as usize };
        (partition, hash)
    }

    pub(super) fn push(
        &mut self,
        key: &[u8],
        same_owner: bool,
        offset: u64,
        rtype: Rtype,
        ttl: u32,
        rdata: &[u8],
    ) {
        let rdata_hash = self.hasher.hash_one(rdata) as u32;
        let entry = |delta| Entry { ttl, rdata_hash, rtype: rtype.0, delta };
        if same_owner
            && let Some((partition, run)) = self.open
            && let Some(part) = self.partitions.get_mut(partition as usize)
            && let Some(run) = part.runs.get_mut(run as usize)
            && run.records < u16::MAX
            && let Some(delta) = offset.checked_sub(join(run.off, run.off_hi))
            && let Ok(delta) = u16::try_from(delta)
        {
            part.entries.push(entry(delta));
            run.records += 1;
            run.types = run.types.union(TypeSet::of(rtype));
            return;
        }
        let (partition, hash) = self.place(key);
        let part = &mut self.partitions[partition];
        let (off, off_hi) = split(offset);
        let (key, key_len) = part.store(key);
        let run = Run {
            tag: hash as u32,
            types: TypeSet::of(rtype),
            off,
            off_hi,
            key_len,
            records: 1,
            key,
            first: part.entries.len() as u32,
        };
        part.entries.push(entry(0));
        part.runs.push(run);
        self.open = Some((partition as u32, part.runs.len() as u32 - 1));
    }

    /// The record pushed last leads to a name of the zone.
    pub(super) fn refer(&mut self, name: &[u8]) {
        let Some((owner_partition, _)) = self.open else { return };
        let entry = self.partitions[owner_partition as usize].entries.len() as u32 - 1;
        let (partition, hash) = self.place(name);
        let part = &mut self.partitions[partition];
        let at = (hash as usize) & (self.targets.len() - 1);
        let (known, key, key_len) = self.targets[at];
        let (key, key_len) = if known == hash && key_len > 0 && part.key_at(key, key_len) == name {
            (key, key_len)
        } else {
            let stored = part.store(name);
            self.targets[at] = (hash, stored.0, stored.1);
            stored
        };
        let partition = owner_partition as u8;
        part.references.push(Reference { tag: hash as u32, entry, partition, key_len, key });
    }

    /// Builds the table of names once all records are in.
    pub(super) fn join(&mut self) {
        for part in &mut self.partitions {
            part.join();
        }
        self.targets = Vec::new();
    }

    /// The records whose in-zone target has no address records of its own: the run each stands in,
    /// and the record. The references are dropped.
    pub(super) fn take_weak(&mut self) -> Vec<(NameId, Rec)> {
        let mut found = Vec::new();
        for part in &mut self.partitions {
            for reference in std::mem::take(&mut part.references) {
                let key = part.key_at(reference.key, reference.key_len);
                let addressed =
                    part.lookup(key, reference.tag).is_some_and(|run| part.types(run).has_address());
                if !addressed {
                    found.push((reference.partition, reference.entry));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut weak: Vec<_> = found
            .into_iter()
            .map(|(partition, entry)| {
                let part = &self.partitions[usize::from(partition)];
                let run = part.runs.partition_point(|run| run.first <= entry) - 1;
                let name = NameId { partition: u32::from(partition), run: run as u32 };
                (name, part.rec(part.runs[run], entry as usize))
            })
            .collect();
        weak.sort_unstable_by_key(|(_, rec)| rec.offset);
        weak
    }

    pub(super) fn find(&self, key: &[u8]) -> Option<NameId> {
        let (partition, hash) = self.place(key);
        let run = self.partitions[partition].lookup(key, hash as u32)?;
        Some(NameId { partition: partition as u32, run })
    }

    pub(super) fn key(&self, name: NameId) -> &[u8] {
        let part = &self.partitions[name.partition as usize];
        let run = part.runs[name.run as usize];
        part.key_at(run.key, run.key_len)
    }

    pub(super) fn types(&self, name: NameId) -> TypeSet {
        self.partitions[name.partition as usize].types(name.run)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = NameId> + '_ {
        self.partitions.iter().enumerate().flat_map(|(partition, part)| {
            part.slots
                .iter()
                .filter(|slot| **slot != 0)
                .map(move |slot| NameId { partition: partition as u32, run: slot - 1 })
        })
    }

    /// How many partitions the names are spread over.
    pub(super) fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// The names of one partition, in the order in which they come first.
    pub(super) fn names_of(&self, partition: usize) -> impl Iterator<Item = NameId> + '_ {
        self.partitions.get(partition).into_iter().flat_map(move |part| {
            let mut later: Vec<u32> = part.reopened.iter().map(|(_, run)| *run).collect();
            later.sort_unstable();
            let mut later = later.into_iter().peekable();
            (0..part.runs.len() as u32)
                .filter(move |run| later.next_if_eq(run).is_none())
                .map(move |run| NameId { partition: partition as u32, run })
        })
    }

    /// All records of a name, in the order of their runs.
    pub(super) fn records(&self, name: NameId) -> impl Iterator<Item = Rec> + '_ {
        let part = &self.partitions[name.partition as usize];
        std::iter::once(name.run).chain(part.later_runs(name.run)).flat_map(move |run| {
            let run = part.runs[run as usize];
            let first = run.first as usize;
            (first..first + usize::from(run.records)).map(move |entry| part.rec(run, entry))
        })
    }
}

impl Partition {
    fn store(&mut self, key: &[u8]) -> (u32, u8) {
        let at = self.keys.len() as u32;
        let len = match u8::try_from(key.len()) {
            Ok(len) if len < LONG_KEY => len,
            _ => {
                self.keys.extend_from_slice(&(key.len() as u16).to_le_bytes());
                LONG_KEY
            }
        };
        self.keys.extend_from_slice(key);
        (at, len)
    }

    fn key_at(&self, key: u32, len: u8) -> &[u8] {
        let at = key as usize;
        if len < LONG_KEY {
            return &self.keys[at..at + usize::from(len)];
        }
        let len = usize::from(u16::from_le_bytes([self.keys[at], self.keys[at + 1]]));
        &self.keys[at + 2..at + 2 + len]
    }

    fn rec(&self, run: Run, entry: usize) -> Rec {
        let entry = self.entries[entry];
        Rec {
            offset: join(run.off, run.off_hi) + u64::from(entry.delta),
            rtype: Rtype(entry.rtype),
            ttl: entry.ttl,
            rdata_hash: entry.rdata_hash,
        }
    }

    fn join(&mut self) {
        let capacity = (self.runs.len() * 3 / 2 + 1).next_power_of_two();
        self.slots = vec![0; capacity];
        for index in 0..self.runs.len() {
            let run = self.runs[index];
            let mut at = run.tag as usize & (capacity - 1);
            loop {
                let slot = self.slots[at];
                if slot == 0 {
                    self.slots[at] = index as u32 + 1;
                    self.names += 1;
                    break;
                }
                let first = self.runs[slot as usize - 1];
                if first.tag == run.tag
                    && self.key_at(first.key, first.key_len) == self.key_at(run.key, run.key_len)
                {
                    self.reopened.push((slot - 1, index as u32));
                    break;
                }
                at = (at + 1) & (capacity - 1);
            }
        }
        self.reopened.sort_unstable();
    }

    fn lookup(&self, key: &[u8], tag: u32) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = tag as usize & mask;
        loop {
            let run = self.slots[at].checked_sub(1)?;
            let found = self.runs[run as usize];
            if found.tag == tag && self.key_at(found.key, found.key_len) == key {
                return Some(run);
            }
            at = (at + 1) & mask;
        }
    }

    fn later_runs(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        let start = self.reopened.partition_point(|(run, _)| *run < first);
        self.reopened[start..].iter().take_while(move |(run, _)| *run == first).map(|(_, later)| *later)
    }

    fn types(&self, first: u32) -> TypeSet {
        self.later_runs(first)
            .map(|run| self.runs[run as usize].types)
            .fold(self.runs[first as usize].types, TypeSet::union)
    }
}

/// One random seed for the process: zone text comes from others, and zones are compared by hashes.
fn hasher() -> foldhash::fast::RandomState {
    static SEED: std::sync::OnceLock<foldhash::fast::RandomState> = std::sync::OnceLock::new();
    SEED.get_or_init(foldhash::fast::RandomState::default).clone()
}

fn split(offset: u64) -> (u32, u8) {
    (offset as u32, (offset >> 32) as u8)
}

fn join(off: u32, off_hi: u8) -> u64 {
    u64::from(off) | u64::from(off_hi) << 32
}
