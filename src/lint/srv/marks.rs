//! What is told of an SRV RRset without reading it: most of those in a large zone are of no interest
//! to any rule.

use super::owner::{Owner, is_at_twice_the_apex, is_directory, lacks_registration};
use super::services::touches_m365;
use crate::edge::Deployment;
use crate::edge::found::service_of;
use crate::lint::ZoneContext;
use crate::zone::{self, Addresses, NameId, Rec, SrvFields, SrvTarget, Zone};
use crate::zonefile::name::Labels;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

/// What is told of an SRV RRset without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SrvMarks(u32);

impl SrvMarks {
    /// None of them: wanted is what is read for a declared deployment only.
    pub const NONE: Self = Self(0);
    /// The owner begins with service and protocol of a known pair.
    pub const PAIR: Self = Self(1);
    /// A pair that should not stand there, or not alone.
    pub const SPECIAL: Self = Self(1 << 1);
    /// A pair with one record only.
    pub const LONE: Self = Self(1 << 2);
    /// A pair in a zone of the Windows DNS server, which may mark the records with their age.
    pub const AGE: Self = Self(1 << 3);
    /// The owner is wrong, or the service is not known.
    pub const OWNER: Self = Self(1 << 4);
    /// Two records of one priority.
    pub const EQUAL: Self = Self(1 << 5);
    /// Two records that may have one target.
    pub const TWICE: Self = Self(1 << 6);
    /// Two targets that may share an address.
    pub const SHARED: Self = Self(1 << 7);
    /// A target `.`.
    pub const NULL: Self = Self(1 << 8);
    /// Port 0, or another than the usual one of the pair.
    pub const PORT: Self = Self(1 << 9);
    /// A weight above 0, at a service whose numbers a person chooses.
    pub const WEIGHT: Self = Self(1 << 10);
    /// A target outside the zone, or one that may be of Microsoft 365.
    pub const OUTSIDE: Self = Self(1 << 11);
    /// A target that may lead elsewhere than to its own addresses in the zone.
    pub const TARGET: Self = Self(1 << 12);
    /// A target with an address record whose TTL is longer.
    pub const TTL: Self = Self(1 << 13);
    /// A service of Edge pools, of a domain whose services may try their targets in different orders.
    pub const ORDER: Self = Self(1 << 14);
    /// All of them: it has to be read.
    const UNREAD: Self = Self(u32::MAX);

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they share one.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn or(self, other: Self, applies: bool) -> Self {
        if applies { self.union(other) } else { self }
    }
}

/// An SRV RRset of a service of Edge pools.
pub(in crate::lint) struct EdgeOrder {
    pub(in crate::lint) name: NameId,
    pub(in crate::lint) marks: SrvMarks,
    /// Stands for its domain.
    domain: u64,
    /// Stands for its targets in the order in which they are tried.
    order: u64,
}

/// Marks those whose domain has another order elsewhere.
pub(in crate::lint) fn mark_orders(all: &mut [EdgeOrder]) {
    all.sort_unstable_by_key(|one| one.domain);
    for domain in all.chunk_by_mut(|one, other| one.domain == other.domain) {
        let first = domain.first().map(|one| one.order);
        if domain.iter().any(|one| Some(one.order) != first) {
            domain.iter_mut().for_each(|one| one.marks = one.marks.union(SrvMarks::ORDER));
        }
    }
}

/// An SRV RRset, looked at.
pub(in crate::lint) enum Looked {
    /// Of a service of Edge pools.
    Edge(EdgeOrder),
    /// Of another service.
    Other(SrvMarks),
}

/// What an owner tells by its first labels.
#[derive(Clone, Copy)]
struct OfOwner {
    marks: SrvMarks,
    /// The usual port.
    port: Option<u16>,
    /// Whether a person chooses the numbers.
    planned: bool,
}

/// What counts of one record when it is held against the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    Nowhere,
    /// To address records of this name.
    To(NameId, Addresses),
    Outside,
    /// Somewhere that only reading tells.
    Unknown,
}

/// Looks at the SRV RRsets of a zone, one after the other.
pub(in crate::lint) struct Looker<'z> {
    zone: &'z Zone,
    deployment: Option<&'z Deployment>,
    /// Whether other zones at hand may hold targets that lie outside the zone.
    others: bool,
    /// Whether another zone at hand holds names below the apex of this one.
    parts: bool,
    /// Whether hosts of Microsoft 365 may lie in the zone.
    cloud: bool,
    owners: HashMap<Vec<u8>, OfOwner, foldhash::fast::RandomState>,
    /// Stands for orders; one of all lookers of the zone.
    hasher: foldhash::fast::FixedState,
    seen: Vec<(u16, Leads)>,
}

impl<'z> Looker<'z> {
    pub(in crate::lint) fn new(context: &ZoneContext<'z>) -> Self {
        let zone = context.zone;
        Self {
            zone,
            deployment: context.deployment,
            others: context.others.may_be_reached(),
            parts: context.others.hold_parts(),
            cloud: touches_m365(&zone.apex().to_string()),
            owners: HashMap::default(),
            hasher: foldhash::fast::FixedState::default(),
            seen: Vec::new(),
        }
    }

    /// The marks of the SRV RRset at a name.
    pub(in crate::lint) fn look(&mut self, srv: &zone::Owner<'z>) -> Looked {
        let (name, key) = (srv.name(), srv.key());
        let of_owner = self.of_owner(key);
        let is_pair = of_owner.marks.meets(SrvMarks::PAIR);
        let marks = self.of_records(srv, of_owner);
        let marks = marks.or(SrvMarks::OWNER, is_pair && is_at_twice_the_apex(self.zone, key));
        if is_pair {
            let owner = self.zone.absolute(key);
            if let Some((_, domain)) = service_of(&owner, self.deployment) {
                let (domain, order) = (self.hasher.hash_one(domain), self.order(name, marks));
                return Looked::Edge(EdgeOrder { name, marks, domain, order });
            }
        }
        Looked::Other(marks)
    }

    fn of_records(&mut self, owner: &zone::Owner<'z>, of_owner: OfOwner) -> SrvMarks {
        /// More records of one RRset are not held against each other.
        const MOST: usize = 32;
        self.seen.clear();
        let mut marks = of_owner.marks;
        for srv in self.zone.srv_fields(owner) {
            if srv.is_suspect || self.seen.len() == MOST {
                return SrvMarks::UNREAD;
            }
            marks = marks.union(self.of_record(&srv, of_owner));
        }
        marks = marks.or(SrvMarks::LONE, self.seen.len() == 1 && marks.meets(SrvMarks::PAIR));
        for (at, (priority, leads)) in self.seen.iter().enumerate() {
            for (other_priority, other) in self.seen.iter().take(at) {
                marks = marks.or(SrvMarks::EQUAL, priority == other_priority);
                let known = |leads: &Leads| matches!(leads, Leads::To(..));
                let twice = leads == other || !known(leads) && !known(other);
                marks = marks.or(SrvMarks::TWICE, twice);
                marks = marks.or(SrvMarks::SHARED, self.may_share(*leads, *other));
            }
        }
        marks
    }

    fn of_record(&mut self, srv: &SrvFields, of_owner: OfOwner) -> SrvMarks {
        let zone = self.zone;
        let unusual = srv.port == 0 || of_owner.port.is_some_and(|port| port != srv.port);
        let mut marks = SrvMarks::NONE.or(SrvMarks::PORT, unusual);
        marks = marks.or(SrvMarks::WEIGHT, srv.weight > 0 && of_owner.planned);
        let plain = |host| if self.parts { None } else { zone.plain_addresses(host) };
        let leads = match srv.target {
            SrvTarget::Null => Leads::Nowhere,
            SrvTarget::InZone(Some(host)) => {
                plain(host).map_or(Leads::Unknown, |addresses| Leads::To(host.name, addresses))
            }
            SrvTarget::Elsewhere if !self.others => Leads::Outside,
            SrvTarget::InZone(None) | SrvTarget::Elsewhere => Leads::Unknown,
        };
        let outside = srv.target == SrvTarget::Elsewhere;
        marks = marks.or(SrvMarks::OUTSIDE, outside || self.cloud);
        match leads {
            Leads::Nowhere => marks = marks.union(SrvMarks::NULL),
            Leads::Unknown => marks = marks.union(SrvMarks::TARGET),
            Leads::To(_, addresses) => marks = marks.or(SrvMarks::TTL, addresses.longest > srv.rec.ttl),
            Leads::Outside => {}
        }
        self.seen.push((srv.priority, leads));
        marks
    }

    /// Whether two targets that differ may have an address in common.
    fn may_share(&self, one: Leads, other: Leads) -> bool {
        match (one, other) {
            (Leads::Nowhere | Leads::Outside, _) | (_, Leads::Nowhere | Leads::Outside) => false,
            (Leads::Unknown, _) | (_, Leads::Unknown) => true,
            (Leads::To(one, in_short), Leads::To(other, other_in_short)) => {
                if one == other || !in_short.may_meet(other_in_short) {
                    return false;
                }
                let addresses = |name| self.zone.records(name).filter(|rec| rec.rtype.is_address());
                let same = |rec: Rec| {
                    addresses(other)
                        .any(|there| there.rtype == rec.rtype && there.rdata_hash == rec.rdata_hash)
                };
                addresses(one).any(same)
            }
        }
    }

    /// Stands for the order in which targets are tried; for one that only reading tells, it is like no
    /// other.
    fn order(&mut self, name: NameId, marks: SrvMarks) -> u64 {
        self.seen.sort_unstable_by_key(|(priority, _)| *priority);
        let mut order = self.hasher.build_hasher();
        self.seen.len().hash(&mut order);
        for (_, leads) in &self.seen {
            match leads {
                Leads::To(host, _) if !marks.meets(SrvMarks::EQUAL) => host.hash(&mut order),
                _ => return self.hasher.hash_one(name),
            }
        }
        order.finish()
    }

    fn of_owner(&mut self, key: &[u8]) -> OfOwner {
        /// A zone may have any number of services, most have few.
        const MOST: usize = 1024;
        // With so few labels the apex counts too.
        let Some(head) = head(key) else { return self.read_owner(key) };
        if let Some(known) = self.owners.get(head) {
            return *known;
        }
        let found = self.read_owner(key);
        if self.owners.len() < MOST {
            self.owners.insert(head.to_vec(), found);
        }
        found
    }

    fn read_owner(&self, key: &[u8]) -> OfOwner {
        let owner = self.zone.absolute(key);
        let (marks, port, planned) = match Owner::read(&owner) {
            Owner::Known(pair) => {
                let marks = SrvMarks::PAIR
                    .or(SrvMarks::SPECIAL, pair.is_special())
                    .or(SrvMarks::AGE, self.zone.is_windows());
                (marks, pair.port, true)
            }
            Owner::Service(service) => {
                (SrvMarks::NONE.or(SrvMarks::OWNER, lacks_registration(service)), None, true)
            }
            Owner::Instance(service) => {
                (SrvMarks::NONE.or(SrvMarks::OWNER, lacks_registration(service)), None, false)
            }
            Owner::Wildcard => (SrvMarks::NONE, None, true),
            Owner::NearMiss(_)
            | Owner::WrongProto { .. }
            | Owner::Malformed
            | Owner::LacksDot
            | Owner::Twice(_) => (SrvMarks::OWNER, None, true),
        };
        // Labels further right, which may make it one of a directory, are not asked: any may follow.
        let first = owner.split('.').next().unwrap_or_default();
        OfOwner { marks, port, planned: planned && !is_directory(first) }
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
