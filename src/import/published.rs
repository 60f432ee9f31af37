//! What the zones at hand publish of a topology: where SRV records lead, and the addresses of names.

use super::Pool;
use crate::config::View;
use crate::edge::{Service, lies_in};
use crate::lint::ZoneContext;
use crate::workspace::{Loaded, LoadedZone};
use crate::zone::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// An SRV record of a service of Edge pools, in a zone that everybody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSrv {
    /// Its owner, no final dot.
    pub owner: String,
    /// The owner without its labels of the service.
    pub sip_domain: String,
    /// What it is for.
    pub service: Service,
    /// Its priority.
    pub priority: u16,
    /// Where it leads, no final dot.
    pub target: String,
    /// The addresses that this name has in the zones.
    pub addresses: BTreeSet<IpAddr>,
}

/// The external zones of a run; none at all when there are none at hand.
#[derive(Default)]
pub struct Published<'l> {
    zones: Vec<&'l Zone>,
    /// The SRV records, zone by zone.
    pub srv: Vec<PublishedSrv>,
}

/// What the zones say of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Presence {
    /// The SRV records that lead to it.
    pub(super) services: BTreeSet<Service>,
    /// The priority of a service, where all of its records have the same.
    pub(super) priorities: BTreeMap<Service, u16>,
    /// Access Edge names in further SIP domains.
    pub(super) aliases: BTreeMap<String, String>,
    /// The name of its own that XMPP records give it.
    pub(super) xmpp: Option<String>,
}

/// Who each zone of a run is served to. A zone that no configuration lists is taken to be the company's own when
/// its file lies in a folder `internal`.
pub fn views(loaded: &Loaded) -> Vec<View> {
    let contexts = loaded.contexts();
    let view = |(zone, context): (&LoadedZone, &ZoneContext<'_>)| {
        let name = loaded.sources.get(zone.file).name().to_owned();
        let lies_inside = name.split('/').rev().skip(1).any(|folder| folder.eq_ignore_ascii_case("internal"));
        if !context.declared && lies_inside { View::Internal } else { zone.view }
    };
    loaded.zones.iter().zip(&contexts).map(view).collect()
}

impl<'l> Published<'l> {
    /// What the external zones of a run publish.
    pub fn new(loaded: &'l Loaded) -> Self {
        let views = views(loaded);
        let is_external = |(_, view): &(_, &View)| **view == View::External;
        let zones = loaded.zones.iter().zip(&views).filter(is_external).map(|(zone, _)| &zone.zone).collect();
        let mut published = Self { zones, srv: Vec::new() };
        let contexts = loaded.contexts();
        for (context, _) in contexts.iter().zip(&views).filter(|(_, view)| **view == View::External) {
            for found in context.services.iter() {
                let Some(service) = found.service else { continue };
                for record in &found.records {
                    let target = record.srv.target.absolute.to_ascii_lowercase();
                    let addresses = published.addresses(&target).unwrap_or_default();
                    published.srv.push(PublishedSrv {
                        owner: found.owner.clone(),
                        sip_domain: found.domain.clone(),
                        service,
                        priority: record.srv.priority,
                        target,
                        addresses,
                    });
                }
            }
        }
        published
    }

    /// Whether there is any zone.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// The addresses of a name; none when no zone holds it.
    pub fn addresses(&self, name: &str) -> Option<BTreeSet<IpAddr>> {
        let zone = self.zone_of(name)?;
        let key = zone.key(name.as_bytes())?;
        Some(zone.addresses(key).iter().filter_map(crate::zone::Record::address).collect())
    }

    fn zone_of(&self, name: &str) -> Option<&'l Zone> {
        let apex = |zone: &&&Zone| zone.apex().to_string();
        let holders = self.zones.iter().filter(|zone| lies_in(name, &apex(zone)));
        holders.max_by_key(|zone| apex(zone).len()).copied()
    }

    /// Whether a record leads to a pool: by its name, or by addresses that are all its own.
    pub(super) fn leads_to(&self, srv: &PublishedSrv, pool: &Pool) -> bool {
        if srv.target == pool.access {
            return true;
        }
        let told = pool.servers.iter().flatten().flat_map(|server| &server.access).copied();
        let mut own: BTreeSet<IpAddr> = told.collect();
        own.extend(self.addresses(&pool.access).unwrap_or_default());
        !srv.addresses.is_empty() && srv.addresses.is_subset(&own)
    }

    pub(super) fn presence(&self, pool: &Pool) -> Presence {
        let mut presence = Presence::default();
        let mut priorities: BTreeMap<Service, BTreeSet<u16>> = BTreeMap::new();
        for srv in self.srv.iter().filter(|srv| self.leads_to(srv, pool)) {
            presence.services.insert(srv.service);
            priorities.entry(srv.service).or_default().insert(srv.priority);
            if srv.target == pool.access {
                continue;
            }
            if srv.service == Service::Xmpp {
                presence.xmpp.get_or_insert_with(|| srv.target.clone());
            } else if lies_in(&srv.target, &srv.sip_domain) && !lies_in(&pool.access, &srv.sip_domain) {
                presence.aliases.entry(srv.sip_domain.clone()).or_insert_with(|| srv.target.clone());
            }
        }
        let only = |(service, found): (Service, BTreeSet<u16>)| match found.first() {
            Some(priority) if found.len() == 1 => Some((service, *priority)),
            _ => None,
        };
        presence.priorities = priorities.into_iter().filter_map(only).collect();
        presence
    }
}
