//! The records with marks, and the runs that they stand in.

use super::{Partition, Rec, Table};
use crate::zone::notes::RdataNotes;

impl Table {
    /// The record pushed last has these marks.
    pub(in crate::zone) fn note(&mut self, notes: RdataNotes) {
        let Some((partition, _)) = self.open else { return };
        let Some(part) = self.partitions.get_mut(partition as usize) else { return };
        let entry = part.entries.len() as u32 - 1;
        if notes.is_within(RdataNotes::OF_MANY) {
            self.room.noted += 1;
            self.room.make(&mut part.noted_addresses, 1, self.room.noted);
            part.noted_addresses.push((entry, notes));
        } else {
            part.noted.push((entry, notes));
        }
    }

    /// The records with one of these marks, and their owners.
    pub(in crate::zone) fn noted(
        &self,
        wanted: RdataNotes,
    ) -> impl Iterator<Item = (&[u8], Rec, RdataNotes)> {
        self.partitions.iter().flat_map(move |part| {
            let of_many =
                if wanted.meets(RdataNotes::OF_MANY) { part.noted_addresses.as_slice() } else { &[] };
            [of_many, &part.noted].into_iter().flat_map(move |noted| {
                let mut at = 0;
                let noted = noted.iter().filter(move |(_, notes)| notes.meets(wanted));
                noted.filter_map(move |(entry, notes)| {
                    at = part.run_of(*entry, at)?;
                    let run = *part.runs.get(at)?;
                    Some((part.key_at(run.key, run.key_len), part.rec(run, *entry as usize), *notes))
                })
            })
        })
    }
}

impl Partition {
    /// The run that holds an entry: this one or a later one, most likely not much later.
    fn run_of(&self, entry: u32, from: usize) -> Option<usize> {
        let runs = self.runs.get(from..)?;
        let (mut near, mut step) = (0, 8);
        while runs.get(near + step).is_some_and(|run| run.first <= entry) {
            near += step;
            step *= 2;
        }
        let few = runs.get(near..runs.len().min(near + step))?;
        (from + near + few.partition_point(|run| run.first <= entry)).checked_sub(1)
    }
}
