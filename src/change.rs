//! What changed in a zone between two readings of it: a revision and the work tree, or two files.

use crate::zone::{Rec, Zone};
use crate::zonefile::rtype::Rtype;

/// A zone before and after, and the RRsets that differ.
pub struct ZoneChange<'z> {
    /// The zone as it was; its places lie in sources of its own.
    pub before: &'z Zone,
    /// The zone as it is.
    pub after: &'z Zone,
    /// The RRsets that differ, the SOA record's among them, ordered by key and type.
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
        let mut rrsets = Vec::new();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for name in after.names() {
            let key = after.key_of(name);
            old.clear();
            new.clear();
            after.gather(name, &mut new);
            if let Some(name) = before.find(key) {
                before.gather(name, &mut old);
            }
            differences(key, &mut old, &mut new, &mut rrsets);
        }
        for name in before.names() {
            let key = before.key_of(name);
            if after.find(key).is_none() {
                old.clear();
                new.clear();
                before.gather(name, &mut old);
                differences(key, &mut old, &mut new, &mut rrsets);
            }
        }
        rrsets.sort_unstable_by(|a, b| (&a.key, a.rtype).cmp(&(&b.key, b.rtype)));
        Self { before, after, rrsets }
    }

    /// The RRset of one type at a name, if it differs.
    pub fn rrset(&self, key: &[u8], rtype: Rtype) -> Option<&RrsetChange> {
        let at = self.rrsets.binary_search_by(|rrset| (&*rrset.key, rrset.rtype).cmp(&(key, rtype))).ok()?;
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

/// Appends what differs between the records of one name.
fn differences(key: &[u8], old: &mut [Rec], new: &mut [Rec], rrsets: &mut Vec<RrsetChange>) {
    let data = |rec: &Rec| (rec.rtype, rec.rdata_hash, rec.ttl);
    old.sort_unstable_by_key(data);
    new.sort_unstable_by_key(data);
    if old.len() == new.len() && old.iter().zip(&*new).all(|(old, new)| data(old) == data(new)) {
        return;
    }
    let (mut old, mut new) = (&*old, &*new);
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
    (!is_same).then_some(change)
}
