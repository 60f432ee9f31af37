//! What changed in a zone between two readings of it: a revision and the work tree, or two files.

mod order;
#[cfg(test)]
mod tests;

pub use order::order_key;

use crate::threads;
use crate::zone::{Rec, Zone};
use crate::zonefile::rtype::Rtype;

/// A zone before and after, and the RRsets that differ.
pub struct ZoneChange<'z> {
    /// The zone as it was; its places lie in sources of its own.
    pub before: &'z Zone,
    /// The zone as it is.
    pub after: &'z Zone,
    /// The RRsets that differ, the SOA record's among them, in the canonical order of names (RFC 4034
    /// section 6.1) and by type.
    pub rrsets: Vec<RrsetChange>,
}

/// The records of one type at one name that differ: in their data, their TTL or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrsetChange {
    /// Owner relative to the apex, canonical.
    pub key: Vec<u8>,
    /// Type.
    pub rtype: Rtype,
    /// Records of before whose data is gone.
    pub removed: Vec<Rec>,
    /// Records of after whose data is new.
    pub added: Vec<Rec>,
    /// Records of before and after with the same data; the TTLs may differ.
    pub kept: Vec<(Rec, Rec)>,
}

impl RrsetChange {
    /// Whether its records are those of before, and only TTLs differ.
    pub fn is_ttl_only(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }

    /// The one TTL of all records before and the one after, when nothing but the TTL differs.
    pub fn ttl_change(&self) -> Option<(u32, u32)> {
        let (before, after) = self.kept.first().map(|(before, after)| (before.ttl, after.ttl))?;
        let alike = self.kept.iter().all(|(one, other)| (one.ttl, other.ttl) == (before, after));
        (self.is_ttl_only() && alike).then_some((before, after))
    }

    /// Whether the RRset was not there before.
    pub fn is_new(&self) -> bool {
        self.removed.is_empty() && self.kept.is_empty()
    }

    /// Whether the RRset is not there any more.
    pub fn is_gone(&self) -> bool {
        self.added.is_empty() && self.kept.is_empty()
    }

    /// Whether other data is there than was, not only another TTL.
    pub fn has_other_data(&self) -> bool {
        !self.removed.is_empty() || !self.added.is_empty()
    }

    /// TTL before, in seconds: the least of the records; none when the RRset is new.
    pub fn ttl_before(&self) -> Option<u32> {
        self.removed.iter().chain(self.kept.iter().map(|(before, _)| before)).map(|rec| rec.ttl).min()
    }

    /// TTL after, in seconds: the least of the records; none when the RRset is gone.
    pub fn ttl_after(&self) -> Option<u32> {
        self.added.iter().chain(self.kept.iter().map(|(_, after)| after)).map(|rec| rec.ttl).min()
    }
}

impl<'z> ZoneChange<'z> {
    /// Compares two readings of a zone; both have the same apex.
    pub fn new(before: &'z Zone, after: &'z Zone) -> Self {
        Self { before, after, rrsets: differences(Some(before), Some(after)) }
    }

    /// The RRset of one type at a name, if it differs.
    pub fn rrset(&self, key: &[u8], rtype: Rtype) -> Option<&RrsetChange> {
        let wanted = (order_key(key), rtype);
        let at =
            self.rrsets.binary_search_by(|rrset| (order_key(&rrset.key), rrset.rtype).cmp(&wanted)).ok()?;
        self.rrsets.get(at)
    }

    /// The SOA serials before and after; none when one of the readings has no SOA record.
    pub fn serials(&self) -> Option<(u32, u32)> {
        Some((serial(self.before)?, serial(self.after)?))
    }

    /// Whether anything but the SOA record differs: what secondaries see only with a new serial.
    pub fn has_records(&self) -> bool {
        self.rrsets.iter().any(|rrset| rrset.rtype != Rtype::SOA || !rrset.key.is_empty())
    }
}

/// The serial of a zone's SOA record (RFC 1035 section 3.3.13).
pub fn serial(zone: &Zone) -> Option<u32> {
    match zone.soa()?.rdata()? {
        hickory_proto::rr::RData::SOA(soa) => Some(soa.serial),
        _ => None,
    }
}

/// Whether a signer makes records of the type from the others, anew each time it signs.
pub fn is_signing_data(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 | Rtype::ZONEMD)
}

/// The RRsets that differ between two readings of a zone, either of which may not have it, in canonical
/// order.
///
/// A record that is written twice counts once, with the lower TTL. Data is compared by hashes of 32 bits
/// with a seed that is drawn for the process: one change of data in 4,000,000,000 is not seen.
pub fn differences(before: Option<&Zone>, after: Option<&Zone>) -> Vec<RrsetChange> {
    let mut rrsets = match after {
        Some(after) => changes_at(after, |key, new, rrsets| {
            let mut old = Vec::new();
            if let Some((before, name)) = before.and_then(|zone| Some((zone, zone.find(key)?))) {
                before.gather(name, &mut old);
            }
            changes_of(key, &mut old, new, rrsets);
        }),
        None => Vec::new(),
    };
    if let Some(before) = before {
        rrsets.extend(changes_at(before, |key, old, rrsets| {
            if after.is_none_or(|after| after.find(key).is_none()) {
                changes_of(key, old, &mut Vec::new(), rrsets);
            }
        }));
    }
    rrsets.sort_by_cached_key(|rrset| (order_key(&rrset.key), rrset.rtype));
    rrsets
}

/// What `work` makes of the names of a zone, each given with its records.
fn changes_at(
    zone: &Zone,
    work: impl Fn(&[u8], &mut Vec<Rec>, &mut Vec<RrsetChange>) + Sync,
) -> Vec<RrsetChange> {
    let parts = threads::map(zone.threads(), zone.partitions(), |partition| {
        let (mut records, mut rrsets) = (Vec::new(), Vec::new());
        for name in zone.names_of(partition) {
            records.clear();
            zone.gather(name, &mut records);
            work(zone.key_of(name), &mut records, &mut rrsets);
        }
        rrsets
    });
    parts.into_iter().flatten().collect()
}

/// Appends what differs between the records of one name.
fn changes_of(key: &[u8], old: &mut Vec<Rec>, new: &mut Vec<Rec>, rrsets: &mut Vec<RrsetChange>) {
    let data = |rec: &Rec| (rec.rtype, rec.rdata_hash, rec.ttl);
    for records in [&mut *old, &mut *new] {
        records.sort_unstable_by_key(data);
        records.dedup_by_key(|rec| (rec.rtype, rec.rdata_hash));
    }
    if old.len() == new.len() && old.iter().zip(&*new).all(|(old, new)| data(old) == data(new)) {
        return;
    }
    let (mut old, mut new) = (old.as_slice(), new.as_slice());
    while let Some(rtype) = [old.first(), new.first()].into_iter().flatten().map(|rec| rec.rtype).min() {
        let split = |records: &[Rec]| records.partition_point(|rec| rec.rtype == rtype);
        let (these, rest) = old.split_at(split(old));
        old = rest;
        let (those, rest) = new.split_at(split(new));
        new = rest;
        rrsets.extend(rrset(key, rtype, these, those));
    }
}

/// What differs between the records of one type; both sides are ordered by data.
fn rrset(key: &[u8], rtype: Rtype, old: &[Rec], new: &[Rec]) -> Option<RrsetChange> {
    let mut change =
        RrsetChange { key: key.to_vec(), rtype, removed: Vec::new(), added: Vec::new(), kept: Vec::new() };
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek().copied(), new.peek().copied()) {
            (Some(before), Some(after)) if before.rdata_hash == after.rdata_hash => {
                change.kept.push((*before, *after));
                old.next();
                new.next();
            }
            (Some(before), after) if after.is_none_or(|after| before.rdata_hash < after.rdata_hash) => {
                change.removed.push(*before);
                old.next();
            }
            (_, Some(after)) => {
                change.added.push(*after);
                new.next();
            }
            _ => break,
        }
    }
    let is_same = change.removed.is_empty()
        && change.added.is_empty()
        && change.kept.iter().all(|(before, after)| before.ttl == after.ttl);
    if is_same {
        return None;
    }
    // A zone may have a million of these.
    change.removed.shrink_to_fit();
    change.added.shrink_to_fit();
    change.kept.shrink_to_fit();
    Some(change)
}
