//! The numbers of SRV records, kept while the zone is read: what most rules about services ask of
//! most records is told from them, at a fraction of what it costs to read a record again.

use super::{NameId, Rec, Zone};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;

/// Where the target of an SRV record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrvTarget {
    /// It is `.`.
    Null,
    /// In the zone; the name, if it owns records.
    InZone(Option<NameId>),
    /// Elsewhere.
    Elsewhere,
}

/// The fields of an SRV record (RFC 2782).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SrvFields {
    /// The record.
    pub rec: Rec,
    /// Priority.
    pub priority: u16,
    /// Weight.
    pub weight: u16,
    /// Port number.
    pub port: u16,
    /// Target.
    pub target: SrvTarget,
    /// Whether a name in it may lack its final dot.
    pub is_suspect: bool,
}

impl Zone {
    /// The fields of the SRV records that a name owns.
    pub fn srv_fields(&self, name: NameId) -> impl Iterator<Item = SrvFields> + '_ {
        self.table.services(name).map(|(rec, row)| SrvFields {
            rec,
            priority: row.priority,
            weight: row.weight,
            port: row.port,
            target: row.target,
            is_suspect: row.is_suspect,
        })
    }

    /// Whether a name leads nowhere but to its own address records: it owns some, and no zone cut or
    /// DNAME stands above it.
    pub fn has_plain_addresses(&self, name: NameId) -> bool {
        let (key, types) = (self.key_of(name), self.types_of(name));
        types.has_address()
            && (key.is_empty() || !types.has(Rtype::NS))
            && parent(key).is_none_or(|above| self.cut_above(above).is_none())
            && self.dname_above(key).is_none()
    }
}
