//! The names of a zone one after the other, each with what is kept of it: a walk over all of them looks
//! at each in one place.

use super::{LONG_KEY, NameId, Partition, Rec, Run, Service, SrvFields, Table};
use crate::zone::types::TypeSet;
use crate::zonefile::rtype::Rtype;

/// How many octets [`Owner::block`] gives.
pub const BLOCK: usize = 32;

/// A name that owns records, as it is met in a walk over a zone.
#[derive(Clone, Copy)]
pub struct Owner<'z> {
    name: NameId,
    types: TypeSet,
    run: Run,
    part: &'z Partition,
    /// The SRV records of the run.
    services: &'z [Service],
}

impl<'z> Owner<'z> {
    /// The name.
    pub fn name(&self) -> NameId {
        self.name
    }

    /// The types that it owns.
    pub fn types(&self) -> TypeSet {
        self.types
    }

    /// Its key: relative to the apex, canonical.
    pub fn key(&self) -> &'z [u8] {
        self.part.key_at(self.run.key, self.run.key_len)
    }

    /// A key of few octets: how many, and all octets from its first on, whatever stands behind it. None
    /// for a longer key, or if nothing follows.
    pub fn block(&self) -> Option<(usize, &'z [u8; BLOCK])> {
        const { assert!(BLOCK < LONG_KEY as usize) };
        if usize::from(self.run.key_len) > BLOCK {
            return None;
        }
        let block = self.part.keys.get(self.run.key as usize..)?.first_chunk()?;
        Some((usize::from(self.run.key_len), block))
    }

    /// Its records, if they all stand together; they are not ordered.
    pub fn records(&self) -> Option<impl ExactSizeIterator<Item = Rec> + Clone + use<'z>> {
        if self.run.is_reopened() {
            return None;
        }
        let Self { run, part, .. } = *self;
        Some(part.entries.get(run.entries())?.iter().map(move |entry| entry.rec(run)))
    }
}

impl Table {
    pub(in crate::zone) fn names(&self) -> impl Iterator<Item = NameId> + '_ {
        (0..self.shards.len()).flat_map(|shard| self.names_of(shard))
    }

    /// How many parts the names are spread over.
    pub(in crate::zone) fn partitions(&self) -> usize {
        self.shards.len()
    }

    /// The names of one part, those of each thread in the order in which it read them.
    pub(in crate::zone) fn names_of(&self, shard: usize) -> impl Iterator<Item = NameId> + '_ {
        self.owners_of(shard).map(|owner| owner.name())
    }

    /// The names of one part, those of each thread in the order in which it read them.
    pub(in crate::zone) fn owners_of(&self, shard: usize) -> impl Iterator<Item = Owner<'_>> {
        let reopened = self.shards.get(shard).map_or(&[][..], |shard| &shard.reopened);
        let mut later: Vec<NameId> = reopened.iter().map(|(_, later)| *later).collect();
        later.sort_unstable();
        let mut later = later.into_iter().peekable();
        let parts = self.partitions.iter().enumerate().skip(shard).step_by(1 << self.bits);
        let runs = parts.flat_map(|(partition, part)| {
            // They stand in the order of the runs.
            let mut services = part.services.as_slice();
            part.runs.iter().enumerate().map(move |(run, found)| {
                let name = NameId { partition: partition as u32, run: run as u32 };
                let mut of_run = &services[..0];
                if found.types.has(Rtype::SRV) {
                    let end = found.entries().end;
                    let count = services.iter().take_while(|row| (row.entry as usize) < end).count();
                    (of_run, services) = services.split_at(count);
                }
                Owner { name, types: found.types, run: *found, part, services: of_run }
            })
        });
        runs.filter(move |owner| later.next_if_eq(&owner.name).is_none()).map(|owner| {
            let types = if owner.run.is_reopened() { self.types(owner.name) } else { owner.types };
            Owner { types, ..owner }
        })
    }

    /// The fields of the SRV records that a name owns.
    pub(in crate::zone) fn services<'z>(
        &'z self,
        owner: &Owner<'z>,
    ) -> impl Iterator<Item = SrvFields> + use<'z> {
        let (first, part) = (owner.run, owner.part);
        let of_first = owner.services.iter().map(move |row| row.fields(part.rec(first, row.entry as usize)));
        of_first.chain(self.later_runs(owner.name).flat_map(move |later| {
            let (part, run) = (self.part(later), self.run(later));
            let entries = run.entries();
            let from = part.services.partition_point(|row| (row.entry as usize) < entries.start);
            let rows = part.services[from..].iter().take_while(move |row| (row.entry as usize) < entries.end);
            rows.map(move |row| row.fields(part.rec(run, row.entry as usize)))
        }))
    }
}
