//! What rules are given: a zone with what surrounds it, and facts worked out once.

use crate::config::View;
use crate::diagnostic::{Finding, RuleName};
use crate::edge::Deployment;
use crate::edge::found;
pub use crate::edge::found::Found;
use crate::text::Span;
use crate::zone::{Rec, Record, Zone};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::server::Targets;
use std::borrow::Cow;

/// One zone of a run.
pub struct ZoneContext<'z> {
    /// The zone.
    pub zone: &'z Zone,
    /// Who it is served to.
    pub view: View,
    /// Whether the configuration lists the zone. The view of one that it does not list is a guess.
    pub declared: bool,
    /// The declared deployment, if there is one.
    pub deployment: Option<&'z Deployment>,
    /// Its SRV RRsets of the services of Edge pools, with the pool behind every target, ordered by key.
    pub services: Vec<Found>,
    /// The names that own SRV records, of any service, ordered.
    pub srv_owners: Vec<&'z [u8]>,
    /// The zones of the same view that targets may lie in.
    pub others: Vec<&'z Zone>,
    /// Whether a part of the zone could not be read; what seems missing may stand there.
    pub partial: bool,
    /// The servers that it is meant for.
    pub targets: &'z Targets,
}

impl<'z> ZoneContext<'z> {
    /// A zone with what surrounds it.
    pub fn new(
        zone: &'z Zone,
        others: Vec<&'z Zone>,
        view: View,
        declared: bool,
        deployment: Option<&'z Deployment>,
        partial: bool,
        targets: &'z Targets,
    ) -> Self {
        let srv_owners = found::owners(zone);
        let services = srv_owners
            .iter()
            .filter(|key| found::service_of(&zone.absolute(key)).is_some())
            .map(|key| found::found(zone, key, &others, deployment))
            .collect();
        Self { zone, view, declared, deployment, services, srv_owners, others, partial, targets }
    }

    /// The SRV RRset at a name relative to the apex.
    pub fn srv_at(&self, key: &[u8]) -> Option<Cow<'_, Found>> {
        if let Ok(at) = self.services.binary_search_by(|found| found.key.as_slice().cmp(key)) {
            return self.services.get(at).map(Cow::Borrowed);
        }
        self.srv_owners.binary_search(&key).ok()?;
        Some(Cow::Owned(found::found(self.zone, key, &self.others, self.deployment)))
    }

    /// Every SRV RRset, of any service, ordered by key. Those of services that are no Edge pool's
    /// are read as they are asked for, and not kept: a large zone has many.
    pub fn all_services(&self) -> impl Iterator<Item = Cow<'_, Found>> {
        self.srv_owners.iter().filter_map(|key| self.srv_at(key))
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

/// All zones of a run, and the deployment that they may serve.
pub struct Workspace<'w> {
    /// The zones.
    pub zones: &'w [ZoneContext<'w>],
    /// The declared deployment, if there is one.
    pub deployment: Option<&'w Deployment>,
}
