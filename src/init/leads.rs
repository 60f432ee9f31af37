//! Where the SRV records of Edge pools lead, and which targets are one pool.

use crate::edge::found::{self, Destination, FoundSrv};
use crate::edge::{Profile, Service, host_name, is_m365};
use crate::zone::{Record, Zone};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What an SRV record says.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    pub(super) domain: String,
    pub(super) service: Service,
    pub(super) target: String,
    pub(super) priority: u16,
    pub(super) port: u16,
    pub(super) ttl: u32,
}

/// The SRV records of the services of Edge pools, and where their targets lead.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) leads: Vec<Lead>,
    /// The addresses of each target, as the zones list them.
    pub(super) addresses: BTreeMap<String, Vec<IpAddr>>,
    pub(super) further: Vec<Further>,
    pub(super) notes: Vec<String>,
}

/// The SRV records of a service beyond those of Lync.
pub(super) struct Further {
    pub(super) owner: String,
    /// Its built-in profile.
    pub(super) word: &'static str,
    pub(super) addresses: BTreeSet<IpAddr>,
}

impl Reading {
    /// Reads the records of one zone; `others` are the zones that targets may lie in.
    pub(super) fn zone(&mut self, zone: &Zone, others: &[&Zone]) {
        for key in found::owners(zone) {
            let owner = zone.absolute(key);
            let written = found::service_of(&owner, None);
            let meant = mistyped(&owner).filter(|_| written.is_none());
            let service = written.or(meant);
            let profile = Profile::words().find(|word| {
                Profile::built_in(word).is_some_and(|profile| begins_with(&owner, profile.prefix()))
            });
            if service.is_none() && profile.is_none() {
                continue;
            }
            let all = found::found(zone, key, others, None);
            if let Some((service, domain)) = service {
                if meant.is_some() {
                    self.notes.push(format!(
                        "{owner} is taken for {}: `zonewright lint` says more",
                        service.owner(domain)
                    ));
                }
                for record in &all.records {
                    self.record(zone, &all.owner, service, domain, record);
                }
            } else if let Some(word) = profile {
                let addresses = all.records.iter().flat_map(FoundSrv::addresses).collect();
                self.further.push(Further { owner: all.owner, word, addresses });
            }
        }
    }

    fn record(&mut self, zone: &Zone, owner: &str, service: Service, domain: &str, record: &FoundSrv) {
        if matches!(record.destination, Destination::Null) {
            return;
        }
        let target = if record.misses_dot {
            String::from_utf8_lossy(&zone.sources().bytes(record.srv.target.span)).into_owned()
        } else {
            record.srv.target.absolute.clone()
        };
        let Ok(target) = host_name(&target) else {
            self.notes.push(format!("a target of {owner} is no host name and was left out"));
            return;
        };
        if is_m365(&target) {
            self.notes.push(format!("{owner} leads to Microsoft 365 ({target}), which is no Edge pool"));
            return;
        }
        if host_name(domain).is_err() {
            return;
        }
        let addresses = match &record.destination {
            Destination::Addresses(records) | Destination::Delegated(records) => {
                records.iter().filter_map(Record::address).collect()
            }
            _ => Vec::new(),
        };
        self.addresses.entry(target.clone()).or_insert(addresses);
        self.leads.push(Lead {
            domain: domain.to_owned(),
            service,
            target,
            priority: record.srv.priority,
            port: record.srv.port,
            ttl: record.record.ttl,
        });
    }

    /// Leaves out what is not of Edge pools: XMPP servers that share load, targets that lead nowhere or
    /// to several pools.
    pub(super) fn keep_edge(&mut self) {
        let unknown: BTreeSet<String> =
            self.addresses.iter().filter(|(_, all)| all.is_empty()).map(|(name, _)| name.clone()).collect();
        for name in &unknown {
            self.notes.push(format!(
                "{name} is a target of {}, but no zone here has its addresses: its Edge pool is not declared",
                self.owner_of(name)
            ));
        }
        let shared = self.geo_names();
        for name in &shared {
            self.notes.push(format!(
                "{name}, target of {}, has the addresses of several Edge pools: declare it as [[geo_name]] if a traffic \
                 manager answers for it",
                self.owner_of(name)
            ));
        }
        self.leads.retain(|lead| !unknown.contains(&lead.target) && !shared.contains(&lead.target));
        let is_lync = self.leads.iter().any(|lead| lead.service != Service::Xmpp);
        if is_lync {
            return;
        }
        let mut by_domain: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<u16>)> = BTreeMap::new();
        for lead in &self.leads {
            let (targets, priorities) = by_domain.entry(&lead.domain).or_default();
            targets.insert(&lead.target);
            priorities.insert(lead.priority);
        }
        let is_ordered = |(targets, priorities): &(BTreeSet<&str>, BTreeSet<u16>)| {
            targets.len() > 1 && priorities.len() >= targets.len()
        };
        let kept = by_domain.iter().filter(|(_, found)| is_ordered(found));
        let kept: BTreeSet<String> = kept.map(|(domain, _)| (*domain).to_owned()).collect();
        self.leads.retain(|lead| kept.contains(&lead.domain));
    }

    fn owner_of(&self, target: &str) -> String {
        let lead = self.leads.iter().find(|lead| lead.target == target);
        lead.map(|lead| lead.service.owner(&lead.domain)).unwrap_or_default()
    }

    /// Names that several pools share: the only target of a federation record, with the addresses of all
    /// of them.
    fn geo_names(&self) -> BTreeSet<String> {
        let mut counts: BTreeMap<(&str, Service), usize> = BTreeMap::new();
        for lead in &self.leads {
            *counts.entry((&lead.domain, lead.service)).or_default() += 1;
        }
        let is_alone = |lead: &Lead| {
            lead.service == Service::Federation && counts.get(&(&lead.domain, lead.service)) == Some(&1)
        };
        let mut shared = self.shared();
        for lead in self.leads.iter().filter(|lead| !is_alone(lead)) {
            shared.remove(&lead.target);
        }
        shared
    }

    /// Names with all addresses of two or more others that share none.
    fn shared(&self) -> BTreeSet<String> {
        let sets: BTreeSet<BTreeSet<IpAddr>> =
            self.addresses.values().map(|all| all.iter().copied().collect()).collect();
        let mut holding: BTreeMap<IpAddr, Vec<&BTreeSet<IpAddr>>> = BTreeMap::new();
        for set in &sets {
            for address in set {
                holding.entry(*address).or_default().push(set);
            }
        }
        let is_shared = |whole: &BTreeSet<IpAddr>| {
            let mut parts: Vec<&BTreeSet<IpAddr>> = Vec::new();
            for part in whole.iter().filter_map(|address| holding.get(address)).flatten() {
                let fits = part.len() < whole.len() && part.is_subset(whole);
                if fits && parts.iter().all(|known| known.is_disjoint(part)) {
                    parts.push(part);
                }
            }
            parts.len() > 1 && parts.iter().map(|part| part.len()).sum::<usize>() == whole.len()
        };
        let shared = sets.iter().filter(|set| is_shared(set)).collect::<BTreeSet<_>>();
        let is_among =
            |all: &Vec<IpAddr>| shared.contains(&all.iter().copied().collect::<BTreeSet<IpAddr>>());
        self.addresses.iter().filter(|(_, all)| is_among(all)).map(|(name, _)| name.clone()).collect()
    }

    /// The targets by pool: those that share an address stand together.
    pub(super) fn groups(&mut self) -> Vec<BTreeSet<String>> {
        let mut groups: Vec<(BTreeSet<String>, BTreeSet<IpAddr>)> = Vec::new();
        let mut group_of: BTreeMap<IpAddr, usize> = BTreeMap::new();
        let targets: BTreeSet<String> = self.leads.iter().map(|lead| lead.target.clone()).collect();
        for target in targets {
            let own: BTreeSet<IpAddr> = self.addresses.get(&target).into_iter().flatten().copied().collect();
            let same: BTreeSet<usize> =
                own.iter().filter_map(|address| group_of.get(address)).copied().collect();
            let mut joined = (BTreeSet::from([target.clone()]), own.clone());
            for at in same {
                let Some((names, addresses)) = groups.get_mut(at).map(std::mem::take) else { continue };
                if addresses != own && names.len() == 1 {
                    let first = names.first().map_or("", String::as_str);
                    self.notes.push(format!(
                        "{first} and {target} share some addresses, not all: they are taken for names of one Edge pool"
                    ));
                }
                joined.0.extend(names);
                joined.1.extend(addresses);
            }
            group_of.extend(joined.1.iter().map(|address| (*address, groups.len())));
            groups.push(joined);
        }
        groups.into_iter().map(|(names, _)| names).filter(|names| !names.is_empty()).collect()
    }
}

/// The service and the domain of an owner whose second label is a wrong one: nothing else is called
/// `_sipfederationtls`.
fn mistyped(owner: &str) -> Option<(Service, &str)> {
    [Service::Federation, Service::Xmpp].into_iter().find_map(|service| {
        let rest = owner.strip_prefix(service.label())?.strip_prefix("._")?;
        Some((service, rest.split_once('.')?.1))
    })
}

/// Whether an owner is that of a service: its labels stand before a domain.
fn begins_with(owner: &str, prefix: &str) -> bool {
    owner.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
}
