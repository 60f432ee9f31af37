//! What rules are given: a zone with what surrounds it, and facts worked out once.

use super::kind;
use crate::change::ZoneChange;
use crate::config::{ChangeLimits, View, ZoneKind};
use crate::diagnostic::{Finding, RuleName};
use crate::edge::found;
pub use crate::edge::found::Found;
use crate::edge::{Deployment, Network};
use crate::text::Span;
use crate::threads;
use crate::zone::{Lookup, Rec, Record, Zone};
use crate::zonefile::name::{Name, parent};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::server::Targets;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Where findings go.
pub(super) type Out<'o> = &'o mut Vec<crate::diagnostic::Finding>;

/// One zone of a run.
pub struct ZoneContext<'z> {
    /// The zone.
    pub zone: &'z Zone,
    /// Who it is served to.
    pub view: View,
    /// What it is for.
    pub kind: ZoneKind,
    /// The addresses that several names have by design, as the configuration says.
    pub shared_addresses: &'z [Network],
    /// Whether the configuration lists the zone. The view of one that it does not list is a guess.
    pub declared: bool,
    /// The declared deployment, if there is one.
    pub deployment: Option<&'z Deployment>,
    /// Its SRV RRsets of the services of Edge pools, with the pool behind every target, ordered by key.
    pub services: Services<'z>,
    /// The zones of the same view that targets may lie in.
    pub others: Arc<Others<'z>>,
    /// Whether a part of the zone could not be read; what seems missing may stand there.
    pub partial: bool,
    /// The servers that it is meant for.
    pub targets: &'z Targets,
    /// What changed in it since the revision that it is held against; none when it is held against
    /// none, or was not there.
    pub change: Option<ZoneChange<'z>>,
    /// What the rules about changes let pass.
    pub limits: ChangeLimits,
    /// Who knows which files no zone of the run is read from.
    beside: Option<&'z dyn Beside>,
    /// How many threads may see to the zones of the run.
    pub(super) threads: usize,
    /// The NS records at the apex; read when the first is asked for.
    name_servers: OnceLock<Vec<Record>>,
    /// The names with addresses by the name above them; found when the first is asked for.
    hosts: OnceLock<HashMap<Vec<u8>, Vec<String>>>,
    /// How many names may still be held against one that does not exist: what someone may have meant
    /// is worth a second in a zone with many mistakes, not minutes.
    comparisons: AtomicUsize,
}

/// How many names of a zone are held against others to find what was meant.
const COMPARISONS: usize = 5_000_000;

impl<'z> ZoneContext<'z> {
    /// A zone with what surrounds it; `zones` are those of its view, none: it is alone.
    pub fn new(
        zone: &'z Zone,
        zones: Option<Arc<found::View<'z>>>,
        view: View,
        declared: bool,
        deployment: Option<&'z Deployment>,
        partial: bool,
        targets: &'z Targets,
    ) -> Self {
        let zones = zones.filter(|zones| !zones.is_alone(zone));
        let others = Arc::new(Others { zone, zones, reached: OnceLock::new() });
        let services = Services { zone, others: Arc::clone(&others), deployment, read: OnceLock::new() };
        Self {
            zone,
            view,
            kind: kind::guess(zone, view),
            shared_addresses: &[],
            declared,
            deployment,
            services,
            others,
            partial,
            targets,
            change: None,
            limits: ChangeLimits::default(),
            beside: None,
            threads: 1,
            name_servers: OnceLock::new(),
            hosts: OnceLock::new(),
            comparisons: AtomicUsize::new(COMPARISONS),
        }
    }

    /// The same zone, held against how it was.
    #[must_use]
    pub fn since(self, change: Option<ZoneChange<'z>>) -> Self {
        Self { change, ..self }
    }

    /// The same zone, its changes held against these limits.
    #[must_use]
    pub fn within(self, limits: ChangeLimits) -> Self {
        Self { limits, ..self }
    }

    /// The same zone, seen to by so many threads, with the others of the run.
    #[must_use]
    pub fn by_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The same zone, among files of which none or some are read.
    #[must_use]
    pub fn among(self, files: &'z dyn Beside) -> Self {
        Self { beside: Some(files), ..self }
    }

    /// The NS records at the apex, in the order they are written.
    pub fn name_servers(&self) -> &[Record] {
        self.name_servers.get_or_init(|| self.zone.read_rrset(b"", Rtype::NS))
    }

    /// The names with addresses right below a name, ordered; none when the zone has had its share of
    /// such questions.
    pub fn hosts_below(&self, above: &[u8]) -> &[String] {
        let zone = self.zone;
        let hosts = self.hosts.get_or_init(|| {
            let mut hosts: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
            for name in zone.names().filter(|name| zone.types_of(*name).has_address()) {
                let key = zone.key_of(name);
                if let (Some(above), Ok(key)) = (parent(key), std::str::from_utf8(key)) {
                    hosts.entry(above.to_vec()).or_default().push(key.to_owned());
                }
            }
            hosts.values_mut().for_each(|hosts| hosts.sort_unstable());
            hosts
        });
        let hosts = hosts.get(above).map_or(&[][..], Vec::as_slice);
        let left = self.comparisons.load(Ordering::Relaxed);
        if hosts.len() > left {
            return &[];
        }
        self.comparisons.store(left - hosts.len(), Ordering::Relaxed);
        hosts
    }

    /// Whether several names have an address by design.
    pub fn is_shared(&self, address: IpAddr) -> bool {
        self.shared_addresses.iter().any(|network| network.contains(address))
    }

    /// The SRV RRset at a name relative to the apex.
    pub fn srv_at(&self, key: &[u8]) -> Option<Cow<'_, Found>> {
        let read = self.services.read.get().map(Vec::as_slice).unwrap_or_default();
        if let Ok(at) = read.binary_search_by(|found| found.key.as_slice().cmp(key)) {
            return read.get(at).map(Cow::Borrowed);
        }
        let name = self.zone.find(key)?;
        self.zone.types_of(name).has(Rtype::SRV).then(|| Cow::Owned(self.read_srv(key)))
    }

    /// Whether every SRV RRset of an Edge service is read: what a configuration says of them can only
    /// be held against what they lead to.
    pub(super) fn reads_all_edge(&self) -> bool {
        self.deployment.is_some() || self.declared
    }

    /// Reads the SRV RRset at a name that owns one.
    pub(super) fn read_srv(&self, key: &[u8]) -> Found {
        found::found(self.zone, key, &self.others.reached(), self.deployment)
    }

    /// The names that own SRV records, of any service, ordered.
    pub fn srv_owners(&self) -> Vec<&'z [u8]> {
        found::owners(self.zone)
    }
}

/// The zones of the same view that the targets of a zone's SRV records lie in or lead to.
pub struct Others<'z> {
    zone: &'z Zone,
    /// All zones of the view; none: there is no other.
    zones: Option<Arc<found::View<'z>>>,
    /// Their places in the view, found when they are first asked for: that reads every SRV record.
    reached: OnceLock<Vec<usize>>,
}

impl<'z> Others<'z> {
    /// The zones, in the order they were given.
    pub fn reached(&self) -> Vec<&'z Zone> {
        let Some(zones) = &self.zones else { return Vec::new() };
        zones.at(self.reached.get_or_init(|| zones.places_reached_from(self.zone)))
    }

    /// Whether there may be some.
    pub(super) fn may_be_reached(&self) -> bool {
        self.zones.is_some()
    }

    /// Whether another zone holds names below the apex of this one.
    pub(super) fn hold_parts(&self) -> bool {
        self.zones.as_ref().is_some_and(|zones| zones.has_part_of(self.zone))
    }
}

/// The SRV RRsets of Edge services of a zone; they are read when they are first asked for.
pub struct Services<'z> {
    zone: &'z Zone,
    others: Arc<Others<'z>>,
    deployment: Option<&'z Deployment>,
    read: OnceLock<Vec<Found>>,
}

impl std::ops::Deref for Services<'_> {
    type Target = [Found];

    fn deref(&self) -> &[Found] {
        self.read.get_or_init(|| {
            let keys = found::edge_owners(self.zone, self.deployment);
            let others = self.others.reached();
            let read = |keys: &[&[u8]]| -> Vec<Found> {
                let one = |key: &&[u8]| found::found(self.zone, key, &others, self.deployment);
                keys.iter().map(one).collect()
            };
            let mut found = Vec::with_capacity(keys.len());
            found.extend(threads::map_slices(self.zone.threads(), &keys, read).into_iter().flatten());
            found
        })
    }
}

impl ZoneContext<'_> {
    /// A finding about one record.
    pub fn about(&self, rule: &'static str, record: &Record, span: Span, message: String) -> Finding {
        let mut finding = Finding::new(RuleName(rule), span, message)
            .record(record.owner.clone(), record.rtype.to_string());
        finding.zone = Some(self.zone.apex().to_string());
        finding
    }

    /// A finding about the zone, at its SOA record or else at the start of its file.
    pub fn about_zone(&self, rule: &'static str, span: Span, message: String) -> Finding {
        let mut finding = Finding::new(RuleName(rule), span, message);
        finding.zone = Some(self.zone.apex().to_string());
        finding
    }

    /// A place that stands for the whole zone: the owner of the SOA record, else the first record.
    pub fn apex_span(&self) -> Span {
        if let Some(soa) = self.zone.soa() {
            return soa.owner_span.unwrap_or(soa.type_span);
        }
        let first = self
            .zone
            .names()
            .filter_map(|name| {
                let rec = self.zone.records(name).min_by_key(Rec::place)?;
                Some((rec.place(), name, rec))
            })
            .min_by_key(|(place, ..)| *place);
        let record = first.and_then(|(_, name, rec)| self.zone.record(self.zone.key_of(name), rec));
        match (record, self.zone.files().first()) {
            (Some(record), _) => record.owner_span.unwrap_or(record.type_span),
            (None, Some(file)) => Span::new(*file, 0, 0),
            (None, None) => unreachable!("a zone is read from a file"),
        }
    }
}

/// The records of one type at one name, two or more.
pub struct RrsetView<'r> {
    /// The owner relative to the apex, canonical.
    pub key: &'r [u8],
    /// The type.
    pub rtype: Rtype,
    /// The records in the order they are written.
    pub records: &'r [Rec],
}

/// Knows the files that lie below the folder of the configuration.
pub trait Beside: Sync {
    /// The files with records that no zone of the run is read from, in the order of their names; none
    /// without a configuration that lists zones.
    fn strays(&self) -> &[Stray];
}

/// A file with records that no zone of the run is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// What reports call the file.
    pub name: String,
    /// The type of the record that shows what it is.
    pub span: Span,
    /// What it is.
    pub kind: StrayKind,
}

/// What a stray file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrayKind {
    /// It has a SOA record.
    Zone {
        /// The apex, if the file gives it away.
        apex: Option<Name>,
        /// Whether the configuration lists a zone with that apex.
        listed: bool,
    },
    /// It has records, but no SOA record, and no file includes it.
    Fragment,
}

/// All zones of a run, and the deployment that they may serve.
pub struct Workspace<'w> {
    /// The zones.
    pub zones: &'w [ZoneContext<'w>],
    /// Their places by view and apex (canonical).
    apexes: HashMap<(View, &'w [u8]), usize>,
    /// The places of further zones of a view with one of these apexes: nothing says which zone is of
    /// which view where no configuration lists them.
    twins: HashMap<(View, &'w [u8]), Vec<usize>>,
    /// The declared deployment, if there is one.
    pub deployment: Option<&'w Deployment>,
    /// The zones that the revision has, which the zones are held against, and that are gone.
    pub removed: &'w [RemovedZone<'w>],
}

/// A zone of the revision that is not there any more.
#[derive(Clone, Copy)]
pub struct RemovedZone<'z> {
    /// The zone as it was; its places lie in sources of its own.
    pub zone: &'z Zone,
    /// Who it was served to.
    pub view: View,
}

impl<'w> Workspace<'w> {
    /// All zones of a run.
    pub fn new(
        zones: &'w [ZoneContext<'w>],
        deployment: Option<&'w Deployment>,
        removed: &'w [RemovedZone<'w>],
    ) -> Self {
        let mut apexes = HashMap::with_capacity(zones.len());
        let mut twins: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, context) in zones.iter().enumerate() {
            match apexes.entry((context.view, context.zone.apex().as_bytes())) {
                Entry::Vacant(entry) => _ = entry.insert(place),
                Entry::Occupied(entry) => twins.entry(*entry.key()).or_default().push(place),
            }
        }
        Self { zones, apexes, twins, deployment, removed }
    }

    /// The files with records that no zone of the run is read from.
    pub fn strays(&self) -> &'w [Stray] {
        self.zones.first().and_then(|context| context.beside).map(Beside::strays).unwrap_or_default()
    }

    /// The zone of a view that an absolute name (canonical, no final dot) lies in: the one of the
    /// longest apex; and the name relative to that apex. Of several, it is the first that knows the name.
    pub fn holder<'n>(&self, view: View, name: &'n [u8]) -> Option<(&'w ZoneContext<'w>, &'n [u8])> {
        let mut holders = self.holders(view, name);
        let first = holders.next()?;
        let knows = |(context, key): &(&'w ZoneContext<'w>, &'n [u8])| {
            !matches!(context.zone.lookup(key), Lookup::Missing)
        };
        if self.twins.is_empty() || knows(&first) { Some(first) } else { holders.find(knows).or(Some(first)) }
    }

    /// All zones of a view that an absolute name may lie in, as for [`Workspace::holder`].
    pub fn holders<'n>(
        &self,
        view: View,
        name: &'n [u8],
    ) -> impl Iterator<Item = (&'w ZoneContext<'w>, &'n [u8])> {
        let first = self.place(view, name);
        let others = match first.and_then(|place| self.zones.get(place)) {
            Some(context) if !self.twins.is_empty() => {
                self.twins.get(&(view, context.zone.apex().as_bytes()))
            }
            _ => None,
        };
        let places = first.into_iter().chain(others.into_iter().flatten().copied());
        let contexts = places.filter_map(|place| self.zones.get(place));
        contexts.filter_map(move |context| Some((context, context.zone.key(name)?)))
    }

    /// The place of the first zone with the longest apex.
    fn place(&self, view: View, name: &[u8]) -> Option<usize> {
        let mut at = Some(name);
        while let Some(apex) = at {
            if let Some(place) = self.apexes.get(&(view, apex)) {
                return Some(*place);
            }
            at = parent(apex);
        }
        None
    }
}
