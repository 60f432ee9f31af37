//! Names, runs and records in columns, spread over partitions by the hash of the name.

mod join;
mod noted;
mod owner;
mod room;
mod services;
mod sieve;

use super::notes::RdataNotes;
use super::types::TypeSet;
use crate::zonefile::name::label_start;
use crate::zonefile::rtype::Rtype;
pub use owner::{BLOCK, Owner};
use room::Room;
pub use services::{Addresses, Host, SrvFields, SrvTarget};
use sieve::Sieve;
use std::hash::BuildHasher as _;

/// Zones below this many octets get one partition.
const SMALL: u64 = 4 << 20;
/// Larger zones get a partition for about so many octets: what is kept of them, two thirds of that, is
/// to fit into the cache of a processor.
const PARTITION: u64 = 2 << 20;
/// How many partitions larger zones have, as powers of two.
const LARGE_BITS: std::ops::RangeInclusive<u32> = 4..=8;
/// A key of this length has its true length, as two octets, before it in the arena.
const LONG_KEY: u8 = u8::MAX;

/// A run holds no more records.
const MOST_RECORDS: u16 = REOPENED - 1;
/// In the number of records of a name's first run: there are more runs of it.
const REOPENED: u16 = 1 << 15;

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

/// A record's target inside the zone, by the hash of its name: a name of another hash is another
/// name, and one that is not there is all that is asked for.
#[derive(Clone, Copy, Debug)]
struct Reference {
    tag: u32,
    /// The upper half of the hash.
    upper: u32,
    /// The record: its place among the entries of `partition`; of an SRV record, among its services.
    record: u32,
    partition: u16,
    need: Need,
}

/// What an SRV record says (RFC 2782): the record is an entry of the same partition.
#[derive(Clone, Copy, Debug)]
struct Service {
    entry: u32,
    priority: u16,
    weight: u16,
    port: u16,
    /// Whether a name in it may lack its final dot.
    is_suspect: bool,
    target: SrvTarget,
}

impl Service {
    fn fields(&self, rec: Rec) -> SrvFields {
        SrvFields {
            rec,
            priority: self.priority,
            weight: self.weight,
            port: self.port,
            target: self.target,
            is_suspect: self.is_suspect,
        }
    }
}

/// What a record wants of the name that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Address records.
    Addresses,
    /// The same, and the record is an SRV record, of which the name itself is kept.
    Host,
    /// SRV records, or a CNAME that may lead to some.
    Service,
    /// An SRV and a TXT record, or a CNAME.
    Instance,
}

impl Need {
    fn is_met(self, types: TypeSet) -> bool {
        match self {
            Self::Addresses | Self::Host => types.has_address(),
            Self::Service => types.has(Rtype::SRV) || types.has(Rtype::CNAME),
            Self::Instance => types.has(Rtype::SRV) && types.has(Rtype::TXT) || types.has(Rtype::CNAME),
        }
    }
}

const _: () = assert!(size_of::<Run>() == 24 && size_of::<Entry>() == 12 && size_of::<Reference>() == 16);

/// What one thread has taken in of the names whose hashes begin alike.
#[derive(Debug, Default)]
struct Partition {
    runs: Vec<Run>,
    entries: Vec<Entry>,
    references: Vec<Reference>,
    /// Ordered by entry.
    services: Vec<Service>,
    /// The records with marks: entries, in their order; but for those of `noted_addresses`.
    noted: Vec<(u32, RdataNotes)>,
    /// The same with marks of [`RdataNotes::OF_MANY`] only.
    noted_addresses: Vec<(u32, RdataNotes)>,
    keys: Vec<u8>,
}

/// The table of the names whose hashes begin alike, over the partitions of all threads.
#[derive(Debug, Default)]
struct Shard {
    /// Open addressing over the first run of each name: [`NameId::packed`], 0 is free.
    slots: Vec<u32>,
    /// Later runs of a name: (first run, run), those of one name by their place.
    reopened: Vec<(NameId, NameId)>,
}

impl Shard {
    /// The runs of a name after the first.
    fn later_runs(&self, first: NameId) -> impl Iterator<Item = NameId> + '_ {
        let start = self.reopened.partition_point(|(run, _)| *run < first);
        self.reopened[start..].iter().take_while(move |(run, _)| *run == first).map(|(_, later)| *later)
    }
}

/// A name that owns records: the first of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId {
    /// Thread and shard.
    partition: u32,
    run: u32,
}

/// A thread takes in at most so many runs of one shard, as a power of two, and there are so many
/// threads at most as the rest of 32 bits can number.
const RUN_BITS: u32 = 27;

impl NameId {
    /// Thread and run in 32 bits, never 0.
    fn packed(self, bits: u32) -> u32 {
        ((self.partition >> bits) << RUN_BITS | self.run) + 1
    }

    fn unpacked(packed: u32, shard: usize, bits: u32) -> Option<Self> {
        let packed = packed.checked_sub(1)?;
        let partition = (packed >> RUN_BITS) << bits | shard as u32;
        Some(Self { partition, run: packed & ((1 << RUN_BITS) - 1) })
    }
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
    /// Those of the first thread, one for each shard, then those of the next.
    partitions: Vec<Partition>,
    shards: Vec<Shard>,
    bits: u32,
    room: Room,
    hasher: foldhash::fast::RandomState,
    /// Partition and run that the next record of the same owner continues.
    open: Option<(u32, u32)>,
    leading: Sieve,
}

impl Table {
    /// How many threads may take in one zone.
    pub(super) const MOST_THREADS: usize = 16;

    /// A table for a zone of about so many octets.
    pub(super) fn new(octets: u64) -> Self {
        let bits = match (octets / PARTITION).checked_ilog2() {
            Some(bits) if octets >= SMALL => bits.clamp(*LARGE_BITS.start(), *LARGE_BITS.end()),
            _ => 0,
        };
        let mut partitions = Vec::new();
        partitions.resize_with(1 << bits, Partition::default);
        Self {
            partitions,
            shards: Vec::new(),
            bits,
            room: Room::new(octets, bits),
            hasher: hasher(),
            open: None,
            leading: Sieve::new(octets),
        }
    }

    /// Takes over what another thread has taken in of the same zone.
    pub(super) fn append(&mut self, other: Self) {
        let before = self.partitions.len() as u16;
        self.leading.append(&other.leading);
        self.partitions.extend(other.partitions.into_iter().map(|mut part| {
            part.references.iter_mut().for_each(|reference| reference.partition += before);
            part
        }));
    }

    fn shard_of(&self, name: NameId) -> Option<&Shard> {
        self.shards.get(name.partition as usize & ((1 << self.bits) - 1))
    }

    fn part(&self, name: NameId) -> &Partition {
        &self.partitions[name.partition as usize]
    }

    fn run(&self, name: NameId) -> Run {
        self.part(name).runs[name.run as usize]
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
        self.room.offset = offset;
        let rdata_hash = self.hasher.hash_one(rdata) as u32;
        let entry = |delta| Entry { ttl, rdata_hash, rtype: rtype.0, delta };
        let leads = matches!(rtype, Rtype::NS | Rtype::DNAME);
        if same_owner
            && let Some((partition, run)) = self.open
            && let Some(part) = self.partitions.get_mut(partition as usize)
            && let Some(run) = part.runs.get_mut(run as usize)
            && run.records < MOST_RECORDS
            && let Some(delta) = offset.checked_sub(join(run.off, run.off_hi))
            && let Ok(delta) = u16::try_from(delta)
        {
            self.room.entries += 1;
            self.room.make(&mut part.entries, 1, self.room.entries);
            part.entries.push(entry(delta));
            run.records += 1;
            let before = run.types;
            run.types = before.union(TypeSet::of(rtype));
            if leads && run.types != before {
                self.leading.mark(key, run.tag);
            }
            return;
        }
        let (partition, hash) = self.place(key);
        if leads {
            self.leading.mark(key, hash as u32);
        }
        let part = &mut self.partitions[partition];
        let (off, off_hi) = split(offset);
        let room = &mut self.room;
        room.entries += 1;
        room.runs += 1;
        room.keys += key.len() as u64;
        room.make(&mut part.entries, 1, room.entries);
        room.make(&mut part.runs, 1, room.runs);
        room.make(&mut part.keys, key.len() + 2, room.keys);
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
    pub(super) fn refer(&mut self, name: &[u8], need: Need) {
        let Some((owner_partition, _)) = self.open else { return };
        let owner = &self.partitions[owner_partition as usize];
        let record = if need == Need::Host { owner.services.len() } else { owner.entries.len() };
        let Some(record) = (record as u32).checked_sub(1) else { return };
        let (partition, hash) = self.place(name);
        let references = &mut self.partitions[partition].references;
        self.room.references += 1;
        self.room.make(references, 1, self.room.references);
        references.push(Reference {
            tag: hash as u32,
            upper: (hash >> 32) as u32,
            record,
            partition: owner_partition as u16,
            need,
        });
    }

    /// The record pushed last is an SRV record with these numbers, which has its target elsewhere.
    pub(super) fn serve(&mut self, [priority, weight, port]: [u16; 3], is_suspect: bool) {
        if let Some(part) = self.open_part() {
            let entry = part.entries.len() as u32 - 1;
            let target = SrvTarget::Elsewhere;
            part.services.push(Service { entry, priority, weight, port, is_suspect, target });
        }
    }

    /// The SRV record pushed last has its target there.
    pub(super) fn aim(&mut self, target: SrvTarget) {
        if let Some(service) = self.open_part().and_then(|part| part.services.last_mut()) {
            service.target = target;
        }
    }

    /// A name in the record pushed last, an SRV record, may lack its final dot.
    pub(super) fn suspect_service(&mut self) {
        if let Some(service) = self.open_part().and_then(|part| part.services.last_mut()) {
            service.is_suspect = true;
        }
    }

    fn open_part(&mut self) -> Option<&mut Partition> {
        self.open.and_then(|(partition, _)| self.partitions.get_mut(partition as usize))
    }

    fn lookup(&self, table: &Shard, shard: usize, tag: u32, is_it: impl Fn(&[u8]) -> bool) -> Option<NameId> {
        let slots = &table.slots;
        let mut at = slot(tag, slots.len());
        loop {
            let name = NameId::unpacked(*slots.get(at)?, shard, self.bits)?;
            if self.run(name).tag == tag && is_it(self.key(name)) {
                return Some(name);
            }
            at = next_slot(at, slots.len());
        }
    }

    pub(super) fn find(&self, key: &[u8]) -> Option<NameId> {
        let (shard, hash) = self.place(key);
        self.lookup(self.shards.get(shard)?, shard, hash as u32, |found| found == key)
    }

    /// Whether a name below the apex with so many labels may own NS or DNAME records.
    pub(super) fn may_lead(&self, labels: usize) -> bool {
        self.leading.has_depth(labels)
    }

    /// Whether one with more labels may.
    pub(super) fn may_lead_deeper(&self, labels: usize) -> bool {
        self.leading.has_deeper(labels)
    }

    /// The least number of labels that a name below the apex has which may own NS or DNAME records.
    pub(super) fn leads_from(&self) -> Option<usize> {
        self.leading.least_depth()
    }

    /// Whether a name above this one, the apex not counted, may own NS or DNAME records.
    pub(super) fn may_be_led(&self, key: &[u8]) -> bool {
        let (mut depth, mut start) = (0, key.len());
        while start > 0 && self.may_lead_deeper(depth) {
            start = label_start(key, start);
            depth += 1;
            if start > 0 && self.may_lead(depth) && self.leading.may_have(self.place(&key[start..]).1 as u32)
            {
                return true;
            }
            // The dot before the label.
            start = start.saturating_sub(1);
        }
        false
    }

    /// Finds a name that owns NS or DNAME records; others, too, now and then.
    pub(super) fn find_leading(&self, key: &[u8]) -> Option<NameId> {
        let (shard, hash) = self.place(key);
        if !self.leading.may_have(hash as u32) {
            return None;
        }
        self.lookup(self.shards.get(shard)?, shard, hash as u32, |found| found == key)
    }

    pub(super) fn key(&self, name: NameId) -> &[u8] {
        let run = self.run(name);
        self.part(name).key_at(run.key, run.key_len)
    }

    /// The runs of a name after the first.
    fn later_runs(&self, first: NameId) -> impl Iterator<Item = NameId> + '_ {
        let shard = self.shard_of(first).filter(|_| self.run(first).is_reopened());
        shard.into_iter().flat_map(move |shard| shard.later_runs(first))
    }

    pub(super) fn types(&self, name: NameId) -> TypeSet {
        let run = self.run(name);
        if !run.is_reopened() {
            return run.types;
        }
        self.later_runs(name).map(|run| self.run(run).types).fold(run.types, TypeSet::union)
    }

    /// All records of a name, in the order of their runs.
    pub(super) fn records(&self, name: NameId) -> impl Iterator<Item = Rec> + '_ {
        std::iter::once(name).chain(self.later_runs(name)).flat_map(move |name| {
            let part = self.part(name);
            let run = self.run(name);
            run.entries().map(move |entry| part.rec(run, entry))
        })
    }

    /// Appends all records of a name.
    pub(super) fn gather(&self, name: NameId, records: &mut Vec<Rec>) {
        let run = self.run(name);
        if run.is_reopened() {
            return records.extend(self.records(name));
        }
        let part = self.part(name);
        records.extend(run.entries().map(|entry| part.rec(run, entry)));
    }
}

impl Run {
    fn offset(&self) -> u64 {
        join(self.off, self.off_hi)
    }

    /// Its records, as places among the entries of its partition.
    fn entries(&self) -> std::ops::Range<usize> {
        let first = self.first as usize;
        first..first + usize::from(self.records & !REOPENED)
    }

    /// Whether it is the first of several runs of its name.
    fn is_reopened(&self) -> bool {
        self.records & REOPENED != 0
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
        self.entries[entry].rec(run)
    }
}

impl Entry {
    /// The record, of this run.
    fn rec(&self, run: Run) -> Rec {
        Rec {
            offset: run.offset() + u64::from(self.delta),
            rtype: Rtype(self.rtype),
            ttl: self.ttl,
            rdata_hash: self.rdata_hash,
        }
    }
}

/// Where a name with this tag is looked for first among so many slots.
fn slot(tag: u32, slots: usize) -> usize {
    ((u64::from(tag) * slots as u64) >> 32) as usize
}

/// Where it is looked for next.
fn next_slot(slot: usize, slots: usize) -> usize {
    if slot + 1 == slots { 0 } else { slot + 1 }
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
