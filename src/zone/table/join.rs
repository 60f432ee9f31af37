//! What is done once all records of a zone are in: the names get their tables, and what records lead
//! to is held against what is there.

use super::{
    Addresses, Host, NameId, Need, REOPENED, Rec, Reference, Shard, SrvTarget, Table, next_slot, slot,
};
use crate::threads;
use crate::zone::types::TypeSet;
use crate::zonefile::rtype::Rtype;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

impl Table {
    /// Builds the tables of names once all records are in, and tells the records whose in-zone target
    /// does not own what they need: the run each stands in, and the record.
    pub(in crate::zone) fn join(&mut self, threads: usize) -> Vec<(NameId, Rec)> {
        let shards = 1 << self.bits;
        self.leading.shrink();
        // Those of a shard are given back as soon as its table is there, which keeps the peak low.
        let mut references: Vec<Mutex<Vec<Vec<Reference>>>> = Vec::new();
        references.resize_with(shards, Mutex::default);
        for (partition, part) in self.partitions.iter_mut().enumerate() {
            let of_shard = references[partition % shards].get_mut().unwrap_or_else(PoisonError::into_inner);
            of_shard.push(std::mem::take(&mut part.references));
        }
        let joined = threads::map(threads, shards, |shard| {
            let table = self.shard(shard);
            let references =
                std::mem::take(&mut *references[shard].lock().unwrap_or_else(PoisonError::into_inner));
            let (mut weak, mut hosts) = (Vec::new(), Vec::new());
            // Neighbours often lead to the same name.
            let (mut last, mut host) = (None, None);
            for reference in references.iter().flatten() {
                let hash = (reference.tag, reference.upper);
                let (name, types) = match last {
                    Some((of, name, types)) if of == hash => (name, types),
                    _ => {
                        let name = self.named(&table, shard, reference);
                        let types = name.map_or(TypeSet::default(), |name| self.types_in(&table, name));
                        last = Some((hash, name, types));
                        (name, types)
                    }
                };
                let (partition, record) = (reference.partition, reference.record);
                if !reference.need.is_met(types) {
                    weak.extend(
                        self.entry(partition, record, reference.need).map(|entry| (partition, entry)),
                    );
                }
                if let Some(name) = name.filter(|_| reference.need == Need::Host) {
                    let of_name = match host {
                        Some(host @ Host { name: of, .. }) if of == name => host,
                        _ => Host { name, addresses: self.plain_addresses(&table, name, types) },
                    };
                    host = Some(of_name);
                    hosts.push((partition, record, of_name));
                }
            }
            (table, weak, hosts)
        });
        let mut weak = Vec::new();
        for (table, weak_of_shard, hosts) in joined {
            self.shards.push(table);
            weak.extend(weak_of_shard);
            for (partition, record, host) in hosts {
                let services = &mut self.partitions[usize::from(partition)].services;
                if let Some(service) = services.get_mut(record as usize) {
                    service.target = SrvTarget::InZone(Some(host));
                }
            }
        }
        for (first, _) in self.shards.iter().flat_map(|shard| &shard.reopened) {
            self.partitions[first.partition as usize].runs[first.run as usize].records |= REOPENED;
        }
        weak.sort_unstable();
        weak.dedup();
        let mut weak: Vec<_> = weak
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

    /// The place of a record that leads to a name, among the entries of its partition.
    fn entry(&self, partition: u16, record: u32, need: Need) -> Option<u32> {
        if need != Need::Host {
            return Some(record);
        }
        let services = &self.partitions[usize::from(partition)].services;
        services.get(record as usize).map(|service| service.entry)
    }

    fn shard(&self, shard: usize) -> Shard {
        let parts = || self.partitions.iter().enumerate().skip(shard).step_by(1 << self.bits);
        let runs: usize = parts().map(|(_, part)| part.runs.len()).sum();
        let capacity = runs * 3 / 2 + 1;
        let mut slots = vec![0_u32; capacity];
        let mut again: Vec<(usize, NameId)> = Vec::new();
        for (partition, part) in parts() {
            for (index, run) in part.runs.iter().enumerate() {
                let name = NameId { partition: partition as u32, run: index as u32 };
                let mut at = slot(run.tag, capacity);
                loop {
                    let Some(first) = NameId::unpacked(slots[at], shard, self.bits) else {
                        slots[at] = name.packed(self.bits);
                        break;
                    };
                    let found = self.run(first);
                    if found.tag == run.tag && self.key(first) == part.key_at(run.key, run.key_len) {
                        again.push((at, name));
                        break;
                    }
                    at = next_slot(at, capacity);
                }
            }
        }
        // The first run of a name is the one that stands first, whichever thread took it in.
        let mut reopened = Vec::with_capacity(again.len());
        again.sort_unstable();
        for group in again.chunk_by(|one, other| one.0 == other.0) {
            let at = group[0].0;
            let mut all: Vec<NameId> = NameId::unpacked(slots[at], shard, self.bits).into_iter().collect();
            all.extend(group.iter().map(|(_, name)| *name));
            all.sort_unstable_by_key(|name| self.run(*name).offset());
            let first = all[0];
            slots[at] = first.packed(self.bits);
            reopened.extend(all.into_iter().skip(1).map(|later| (first, later)));
        }
        reopened.sort_by_key(|(first, _)| *first);
        Shard { slots, reopened }
    }

    fn named(&self, table: &Shard, shard: usize, reference: &Reference) -> Option<NameId> {
        let hash = u64::from(reference.upper) << 32 | u64::from(reference.tag);
        self.lookup(table, shard, reference.tag, |key| self.hasher.hash_one(key) == hash)
    }

    /// The addresses of a name with these types, if the first look tells that no name above may lead
    /// elsewhere; the apex is not asked.
    fn plain_addresses(&self, table: &Shard, name: NameId, types: TypeSet) -> Option<Addresses> {
        let (part, run, key) = (self.part(name), self.run(name), self.key(name));
        let is_cut = types.has(Rtype::NS) && !key.is_empty();
        if !types.has_address() || is_cut || table.later_runs(name).next().is_some() || self.may_be_led(key) {
            return None;
        }
        Addresses::of(part.entries.get(run.entries())?.iter().map(|entry| entry.rec(run)))
    }

    fn types_in(&self, table: &Shard, name: NameId) -> TypeSet {
        let later = table.later_runs(name).map(|run| self.run(run).types);
        later.fold(self.run(name).types, TypeSet::union)
    }
}
