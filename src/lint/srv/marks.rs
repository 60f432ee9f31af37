//! What is told of an SRV RRset that is of no Edge service without reading it: most of those in a
//! large zone are of no interest to any rule.

use super::owner::{Owner, is_directory, lacks_registration};
use crate::lint::ZoneContext;
use crate::zone::{GlanceTarget, NameId, Rec, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;

/// What is told of an SRV RRset without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SrvMarks(u16);

impl SrvMarks {
    /// None of them: RRsets of Edge services only, which are read in any case.
    pub const EDGE: Self = Self(0);
    /// The owner begins with service and protocol of a pair that has rules of its own.
    pub const KNOWN: Self = Self(1);
    /// The owner is wrong, or the service is not known.
    pub const OWNER: Self = Self(1 << 1);
    /// Two records or more.
    pub const MANY: Self = Self(1 << 2);
    /// A target `.`.
    pub const NULL: Self = Self(1 << 3);
    /// Port 0.
    pub const PORT: Self = Self(1 << 4);
    /// A weight above 0, at a service whose numbers a person chooses.
    pub const WEIGHT: Self = Self(1 << 5);
    /// A target that may lead elsewhere than to its own addresses in the zone.
    pub const TARGET: Self = Self(1 << 6);
    /// A target with an address record whose TTL is longer.
    pub const TTL: Self = Self(1 << 7);
    /// All of them: it has to be read.
    const UNREAD: Self = Self(u16::MAX);

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they share one.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What an owner tells by its first labels.
#[derive(Clone, Copy)]
struct OfOwner {
    marks: SrvMarks,
    /// Whether a person chooses the numbers.
    planned: bool,
}

/// Looks at the SRV RRsets of a zone, one after the other.
pub(in crate::lint) struct Looker<'z> {
    zone: &'z Zone,
    /// Whether other zones at hand may hold targets that lie outside the zone.
    others: bool,
    /// Whether another zone at hand holds names below the apex of this one.
    parts: bool,
    owners: HashMap<Vec<u8>, OfOwner, foldhash::fast::RandomState>,
    key: Vec<u8>,
}

impl<'z> Looker<'z> {
    pub(in crate::lint) fn new(context: &ZoneContext<'z>) -> Self {
        let zone = context.zone;
        let parts =
            context.others.iter().any(|other| zone.apex().relative(other.apex().as_bytes()).is_some());
        Self { zone, others: !context.others.is_empty(), parts, owners: HashMap::default(), key: Vec::new() }
    }

    /// The marks of the SRV RRset at a name, given the records there.
    pub(in crate::lint) fn look(&mut self, name: NameId, records: &[Rec]) -> SrvMarks {
        let of_owner = self.of_owner(self.zone.key_of(name));
        let mut marks = of_owner.marks;
        let mut count = 0;
        for rec in records.iter().filter(|rec| rec.rtype == Rtype::SRV) {
            count += 1;
            match self.of_record(*rec, of_owner.planned) {
                Some(of_record) => marks = marks.union(of_record),
                None => return SrvMarks::UNREAD,
            }
        }
        if count > 1 { marks.union(SrvMarks::MANY) } else { marks }
    }

    fn of_record(&mut self, rec: Rec, planned: bool) -> Option<SrvMarks> {
        let zone = self.zone;
        let srv = zone.srv_at_a_glance(rec, &mut self.key)?;
        let mut marks = SrvMarks::default();
        if srv.port == 0 {
            marks = marks.union(SrvMarks::PORT);
        }
        if srv.weight > 0 && planned {
            marks = marks.union(SrvMarks::WEIGHT);
        }
        Some(match srv.target {
            GlanceTarget::Null => marks.union(SrvMarks::NULL),
            GlanceTarget::InZone(key) if !self.parts => match zone.has_plain_addresses(key) {
                Some(host) => {
                    let longer = |other: Rec| other.rtype.is_address() && other.ttl > rec.ttl;
                    if zone.records(host).any(longer) { marks.union(SrvMarks::TTL) } else { marks }
                }
                None => marks.union(SrvMarks::TARGET),
            },
            GlanceTarget::Elsewhere if !self.others => marks,
            GlanceTarget::InZone(_) | GlanceTarget::Elsewhere => marks.union(SrvMarks::TARGET),
        })
    }

    fn of_owner(&mut self, key: &[u8]) -> OfOwner {
        /// A zone may have any number of services, most have few.
        const MOST: usize = 1024;
        let head = head(key);
        // Below so few labels the apex counts too.
        let Some(head) = head else { return of_owner(&self.zone.absolute(key)) };
        if let Some(known) = self.owners.get(head) {
            return *known;
        }
        let found = of_owner(&self.zone.absolute(key));
        if self.owners.len() < MOST {
            self.owners.insert(head.to_vec(), found);
        }
        found
    }
}

/// The labels at the start of an owner that tell what it is: service and protocol, else the first
/// three.
fn head(key: &[u8]) -> Option<&[u8]> {
    let mut labels = Labels(key);
    let (service, proto) = (labels.next()?, labels.next()?);
    if !(service.starts_with(b"_") && proto.starts_with(b"_") && proto != b"_sub") {
        labels.next()?;
    }
    let len = key.len() - labels.0.len();
    key.get(..len)
}

fn of_owner(owner: &str) -> OfOwner {
    let read = Owner::read(owner);
    let (marks, planned) = match read {
        Owner::Known(_) => (SrvMarks::KNOWN, true),
        Owner::Service(service) if lacks_registration(service) => (SrvMarks::OWNER, true),
        Owner::Service(_) | Owner::Wildcard => (SrvMarks::default(), true),
        Owner::Instance(service) if lacks_registration(service) => (SrvMarks::OWNER, false),
        Owner::Instance(_) => (SrvMarks::default(), false),
        Owner::NearMiss(_) | Owner::WrongProto { .. } | Owner::Malformed | Owner::LacksDot => {
            (SrvMarks::OWNER, true)
        }
    };
    // Whether a label further right makes it one of a directory is not asked: these labels may be
    // followed by any.
    let first = owner.split('.').next().unwrap_or_default();
    OfOwner { marks, planned: planned && !is_directory(first) }
}
