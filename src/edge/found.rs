//! The SRV RRsets of a zone, each record with the pool that its target stands for.

use super::{Deployment, PoolId, Service};
use crate::zone::{ChainEnd, Lookup, Record, Srv, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

/// From zone to zone a target is followed so often, as BIND restarts a query (`max-query-restarts`
/// is 11 unless configured); more is a circle.
const MAX_ZONES: usize = 32;

/// What a target stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolRef {
    /// A declared Edge pool.
    Declared(PoolId),
    /// Without a declaration: targets of the RRset with the same addresses (or the same name, when
    /// the addresses are not known) are one pool. Numbered within the RRset.
    Group(usize),
}

/// Where a target leads.
#[derive(Clone, Debug)]
pub enum Destination {
    /// The target is `.`: the service is not offered.
    Null,
    /// To addresses: the records that hold them, in a zone of the same view.
    Addresses(Vec<Record>),
    /// To a name outside every zone at hand.
    Outside,
    /// To a name at or below a zone cut; the glue, if there is any.
    Delegated(Vec<Record>),
    /// To a name below a DNAME.
    BelowDname,
    /// To a name of a zone at hand that has no address.
    NoAddress,
}

/// One SRV record.
#[derive(Clone, Debug)]
pub struct FoundSrv {
    /// The record.
    pub record: Record,
    /// Its fields.
    pub srv: Srv,
    /// The CNAME records between the target and its addresses.
    pub aliases: Vec<Record>,
    /// Where the target leads.
    pub destination: Destination,
    /// The pool; none for `.`, and for a target that is no declared pool's when pools are declared.
    pub pool: Option<PoolRef>,
    /// The target lacks its final dot: other rules judge it as if it had one.
    pub misses_dot: bool,
}

impl FoundSrv {
    /// The addresses it leads to.
    pub fn addresses(&self) -> BTreeSet<IpAddr> {
        match &self.destination {
            Destination::Addresses(records) | Destination::Delegated(records) => {
                records.iter().filter_map(Record::address).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

/// One SRV RRset.
#[derive(Clone, Debug)]
pub struct Found {
    /// Absolute owner, no final dot.
    pub owner: String,
    /// Owner relative to the apex, canonical.
    pub key: Vec<u8>,
    /// The service, when the owner is that of a known one.
    pub service: Option<Service>,
    /// The owner without its first two labels.
    pub domain: String,
    /// Whether `domain` is a declared SIP domain.
    pub declared_domain: bool,
    /// The records in the order they are written.
    pub records: Vec<FoundSrv>,
}

/// The services of a deployment; without one, those of Lync.
fn services(deployment: Option<&Deployment>) -> &[Service] {
    deployment.map_or(&Service::LYNC, Deployment::services)
}

/// The service whose SRV records stand at an owner (absolute, canonical), and the domain.
pub fn service_of<'o>(owner: &'o str, deployment: Option<&Deployment>) -> Option<(Service, &'o str)> {
    services(deployment).iter().copied().find_map(|service| {
        let domain = owner.strip_prefix(service.prefix())?.strip_prefix('.')?;
        Some((service, domain))
    })
}

/// The names of a zone that own SRV records, relative to the apex, ordered.
pub fn owners(zone: &Zone) -> Vec<&[u8]> {
    sorted_owners(zone, |_| true)
}

/// Those of [`owners`] at which the records of a service of Edge pools stand.
pub fn edge_owners<'z>(zone: &'z Zone, deployment: Option<&Deployment>) -> Vec<&'z [u8]> {
    // Only the first label of a name can be told from the key: what follows may belong to the apex.
    let may_be = |key: &[u8]| {
        let first = Labels(key).next().unwrap_or_default();
        first.is_empty() || services(deployment).iter().any(|service| service.label().as_bytes() == first)
    };
    sorted_owners(zone, |key| may_be(key) && service_of(&zone.absolute(key), deployment).is_some())
}

fn sorted_owners(zone: &Zone, wanted: impl Fn(&[u8]) -> bool) -> Vec<&[u8]> {
    if !zone.types().has(Rtype::SRV) {
        return Vec::new();
    }
    let mut keys: Vec<&[u8]> = (0..zone.partitions())
        .flat_map(|partition| zone.names_of(partition))
        .filter(|name| zone.types_of(*name).has(Rtype::SRV))
        .map(|name| zone.key_of(name))
        .filter(|key| wanted(key))
        .collect();
    keys.sort_unstable();
    keys
}

/// The zones of one view, by their apexes: which of them holds a name.
pub struct View<'z> {
    zones: Vec<&'z Zone>,
    /// The zones of each apex (canonical), and their places in the order they were given.
    by_apex: HashMap<&'z [u8], Vec<(usize, &'z Zone)>>,
    /// Those of the apexes that others lie below.
    divided: HashSet<&'z [u8]>,
}

impl<'z> View<'z> {
    /// The zones of one view.
    pub fn new(zones: impl IntoIterator<Item = &'z Zone>) -> Self {
        let zones: Vec<&Zone> = zones.into_iter().collect();
        let mut by_apex: HashMap<_, Vec<_>> = HashMap::with_capacity(zones.len());
        for (place, zone) in zones.iter().copied().enumerate() {
            by_apex.entry(zone.apex().as_bytes()).or_default().push((place, zone));
        }
        let above = by_apex.keys().flat_map(|apex| enclosing(apex).skip(1));
        let divided = above.filter(|above| by_apex.contains_key(above)).collect();
        Self { zones, by_apex, divided }
    }

    /// Whether there is no zone but `zone`.
    pub fn is_alone(&self, zone: &Zone) -> bool {
        self.zones.iter().all(|other| std::ptr::eq(*other, zone))
    }

    /// Whether the apex of another zone lies below that of `zone`.
    pub fn has_part_of(&self, zone: &Zone) -> bool {
        self.divided.contains(zone.apex().as_bytes())
    }

    /// The zones other than `zone` that the targets of its SRV records lie in or lead to, in the
    /// order they were given. Among them [`found`] finds what it would find among all.
    pub fn reached_from(&self, zone: &'z Zone) -> Vec<&'z Zone> {
        self.at(&self.places_reached_from(zone))
    }

    /// The zones at these places, in the order that the zones of the view were given in.
    pub fn at(&self, places: &[usize]) -> Vec<&'z Zone> {
        places.iter().filter_map(|place| self.zones.get(*place).copied()).collect()
    }

    /// The places of the zones of [`View::reached_from`].
    pub fn places_reached_from(&self, zone: &'z Zone) -> Vec<usize> {
        if self.is_alone(zone) || !zone.types().has(Rtype::SRV) {
            return Vec::new();
        }
        let mut reached = BTreeSet::new();
        for record in owners(zone).into_iter().flat_map(|key| zone.read_rrset(key, Rtype::SRV)) {
            let Some(srv) = record.srv() else { continue };
            let name = meant_name(zone, &srv).unwrap_or(srv.target.absolute);
            if name == "." {
                continue;
            }
            let mut at = name.into_bytes();
            for _ in 0..MAX_ZONES {
                let Some((place, holder)) = self.holder(zone, &at) else { break };
                reached.extend(place);
                match holder.key(&at).map(|key| holder.follow(key).end) {
                    Some(ChainEnd::Outside(name)) => at = name,
                    _ => break,
                }
            }
        }
        reached.into_iter().collect()
    }

    /// The zone that holds a name, and its place unless it is `zone` itself.
    fn holder(&self, zone: &'z Zone, name: &[u8]) -> Option<(Option<usize>, &'z Zone)> {
        enclosing(name).find_map(|apex| {
            let zones = self.by_apex.get(apex)?;
            if zones.iter().any(|(_, other)| std::ptr::eq(*other, zone)) {
                return Some((None, zone));
            }
            let (place, other) = zones.iter().max_by_key(|(place, other)| (knows(other, name), *place))?;
            Some((Some(*place), *other))
        })
    }
}

/// Whether a zone has an answer for an absolute name.
fn knows(zone: &Zone, name: &[u8]) -> bool {
    zone.key(name).is_some_and(|key| !matches!(zone.lookup(key), Lookup::Missing))
}

/// A name in canonical text and the names above it, down to the root.
pub fn enclosing(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let here = rest?;
        rest = (!here.is_empty()).then(|| {
            let mut escaped = false;
            let dot = here.iter().position(|octet| {
                let ends = *octet == b'.' && !escaped;
                escaped = *octet == b'\\' && !escaped;
                ends
            });
            dot.and_then(|dot| here.get(dot + 1..)).unwrap_or_default()
        });
        Some(here)
    })
}

/// The SRV RRset at one of [`owners`]. `others` are the zones of the same view that targets may
/// lie in.
pub fn found(zone: &Zone, key: &[u8], others: &[&Zone], deployment: Option<&Deployment>) -> Found {
    let owner = zone.absolute(key);
    let (service, domain) = match service_of(&owner, deployment) {
        Some((service, domain)) => (Some(service), domain.to_owned()),
        None => (None, owner.splitn(3, '.').nth(2).unwrap_or_default().to_owned()),
    };
    let read = zone.read_rrset(key, Rtype::SRV);
    // A zone may have many of these: none may hold more room than it needs.
    let mut records = Vec::with_capacity(read.len());
    records.extend(read.into_iter().filter_map(|record| found_srv(zone, record, others, deployment)));
    let declared_domain = deployment.is_some_and(|deployment| deployment.sip_domain(&domain).is_some());
    if deployment.is_none_or(|deployment| deployment.pools().is_empty()) || service.is_none() {
        group(&mut records);
    }
    Found { owner, key: key.to_vec(), service, domain, declared_domain, records }
}

fn found_srv(
    zone: &Zone,
    record: Record,
    others: &[&Zone],
    deployment: Option<&Deployment>,
) -> Option<FoundSrv> {
    let srv = record.srv()?;
    let meant = meant_name(zone, &srv);
    let misses_dot = meant.is_some();
    let name = meant.unwrap_or_else(|| srv.target.absolute.clone());
    let (aliases, destination) =
        if name == "." { (Vec::new(), Destination::Null) } else { destination(zone, others, &name) };
    let mut found = FoundSrv { record, srv, aliases, destination, pool: None, misses_dot };
    found.pool =
        deployment.and_then(|deployment| declared_pool(deployment, &name, &found)).map(PoolRef::Declared);
    Some(found)
}

/// The name that was meant, when the target lacks its final dot.
fn meant_name(zone: &Zone, srv: &Srv) -> Option<String> {
    zone.missing_dot_at(srv.target.span)?;
    let text = zone.sources().bytes(srv.target.span);
    Some(String::from_utf8_lossy(&text).to_ascii_lowercase())
}

/// Follows an absolute name through the zones at hand.
fn destination(zone: &Zone, others: &[&Zone], name: &str) -> (Vec<Record>, Destination) {
    let mut aliases = Vec::new();
    let mut at = name.as_bytes().to_vec();
    for _ in 0..MAX_ZONES {
        // Where nothing says which of two zones of one name is of this view, it is the zone itself, and
        // else the one that knows the name.
        let holder = others
            .iter()
            .chain(std::iter::once(&zone))
            .filter_map(|holder| holder.key(&at).map(|key| (*holder, key)))
            .max_by_key(|(holder, _)| {
                (holder.apex().as_bytes().len(), std::ptr::eq(*holder, zone), knows(holder, &at))
            });
        let Some((holder, key)) = holder else { return (aliases, Destination::Outside) };
        if matches!(holder.lookup(key), Lookup::BelowDname(_)) {
            return (aliases, Destination::BelowDname);
        }
        let chain = holder.follow(key);
        aliases.extend(chain.aliases);
        match chain.end {
            ChainEnd::Address(key) => return (aliases, Destination::Addresses(holder.addresses(&key))),
            ChainEnd::NoAddress(_) | ChainEnd::Loop(_) => return (aliases, Destination::NoAddress),
            ChainEnd::Delegated(key, _) => return (aliases, Destination::Delegated(holder.addresses(&key))),
            ChainEnd::Outside(name) => at = name,
        }
    }
    (aliases, Destination::Outside)
}

/// The declared pool of a target: by its name, by the name that an alias leads to, or by addresses
/// that are all of one pool's Access Edge.
fn declared_pool(deployment: &Deployment, name: &str, found: &FoundSrv) -> Option<PoolId> {
    let aliased =
        found.aliases.iter().filter_map(|alias| alias.target().map(|target| target.absolute.as_str()));
    if let Some(pool) = std::iter::once(name).chain(aliased).find_map(|name| deployment.pool_of_name(name)) {
        return Some(pool);
    }
    let addresses = found.addresses();
    if addresses.is_empty() {
        return None;
    }
    let mut pools = deployment
        .pools()
        .iter()
        .map(|pool| pool.id)
        .filter(|pool| addresses.is_subset(&deployment.addresses(*pool, super::AddressKind::Access)));
    pools.next().filter(|_| pools.next().is_none())
}

/// Numbers the records by what they lead to.
fn group(records: &mut [FoundSrv]) {
    let mut groups: Vec<(BTreeSet<IpAddr>, String)> = Vec::new();
    for record in records {
        if matches!(record.destination, Destination::Null) {
            continue;
        }
        let addresses = record.addresses();
        let name = record.srv.target.absolute.clone();
        let same = |group: &(BTreeSet<IpAddr>, String)| {
            group.1 == name || !addresses.is_empty() && group.0 == addresses
        };
        let number = groups.iter().position(same).unwrap_or_else(|| {
            groups.push((addresses.clone(), name.clone()));
            groups.len() - 1
        });
        record.pool = Some(PoolRef::Group(number));
    }
}
