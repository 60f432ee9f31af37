//! The Edge deployment that SRV records and addresses give away.
//!
//! Targets that lead to the same addresses are one Edge pool, as the lint judges them when no pool is
//! declared. Addresses that two targets share in part make them one pool too, since no address can
//! belong to two.

use super::hosts::{self, Hosts};
use super::leads::{Further, Lead, Reading};
use super::servers::{Server, servers};
use super::zones::FoundZone;
use super::{counted, listed, some};
use crate::config::View;
use crate::edge::{Service, found, lies_in};
use crate::zone::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A SIP domain.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) services: BTreeSet<Service>,
}

/// The names of a pool in one further SIP domain.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub(super) domain: String,
    pub(super) access: Option<String>,
    pub(super) xmpp: Option<String>,
}

/// An Edge pool.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) site: String,
    pub(super) access: String,
    pub(super) webcon: Option<String>,
    pub(super) av: Option<String>,
    pub(super) xmpp: Option<String>,
    pub(super) services: BTreeSet<Service>,
    pub(super) priorities: BTreeMap<Service, u16>,
    /// Ports that are not the usual ones, and whether Edge pools are known to use them.
    pub(super) ports: BTreeMap<Service, (u16, bool)>,
    pub(super) aliases: Vec<Alias>,
    pub(super) servers: Vec<Server>,
    /// What its internal name may be.
    pub(super) internal: Vec<String>,
    /// The SIP domains whose records lead to it.
    pub(super) domains: Vec<String>,
}

/// How federation and XMPP are published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Policies {
    pub(super) single_federation: bool,
    /// Several federation records of a SIP domain lead to the same pool: another one was meant.
    pub(super) repeats_federation: bool,
    pub(super) swing_a: bool,
    /// Targets lie outside of their SIP domains.
    pub(super) any_target: bool,
    /// The TTL of the records, in seconds, when they have one.
    pub(super) steady_ttl: Option<u32>,
}

/// What was concluded.
#[derive(Clone, Debug, Default)]
pub(super) struct Derived {
    pub(super) domains: Vec<Domain>,
    pub(super) pools: Vec<Pool>,
    pub(super) policies: Policies,
    /// The pool that asks and is asked first, and the owner that says so.
    pub(super) federation_route: Option<(String, String)>,
    pub(super) xmpp_route: Option<(String, String)>,
    /// What is to be checked.
    pub(super) notes: Vec<String>,
}

impl Derived {
    /// What was found, in words.
    pub(super) fn says(&self) -> Vec<String> {
        if self.pools.is_empty() {
            return vec![String::from("no SRV record leads to an Edge pool")];
        }
        let domains: Vec<&str> = self.domains.iter().map(|domain| domain.name.as_str()).collect();
        let domains =
            format!("{} {}", if domains.len() == 1 { "SIP domain" } else { "SIP domains" }, some(&domains));
        let pools = self.pools.iter().map(|pool| {
            let addresses: BTreeSet<IpAddr> = pool.servers.iter().flat_map(Server::all).collect();
            format!(
                "Edge pool {}: {}, {}, {}",
                pool.id,
                pool.access,
                counted(pool.servers.len(), "server"),
                if addresses.len() == 1 {
                    String::from("1 address")
                } else {
                    format!("{} addresses", addresses.len())
                }
            )
        });
        std::iter::once(domains).chain(pools).collect()
    }
}

/// Concludes what Edge pools there are from the external zones.
pub(super) fn derive(zones: &[FoundZone]) -> Derived {
    let external: Vec<&Zone> =
        zones.iter().filter(|zone| zone.view == View::External).map(|zone| &zone.loaded.zone).collect();
    let mut reading = Reading::default();
    let view = found::View::new(external.iter().copied());
    for zone in &external {
        reading.zone(zone, &view.reached_from(zone));
    }
    reading.keep_edge();
    if reading.leads.is_empty() {
        return Derived { notes: reading.notes, ..Derived::default() };
    }
    let internal = zones.iter().filter(|zone| zone.view == View::Internal).map(|zone| &zone.loaded.zone);
    let hosts = Hosts::new(external, internal.collect());
    let groups = reading.groups();
    conclude(reading, groups, &hosts)
}

/// The leads of one pool.
struct Group {
    names: BTreeSet<String>,
    /// The first of each service in each domain.
    leads: BTreeMap<(String, Service), Lead>,
}

impl Group {
    /// The lead of a service in a domain.
    fn lead(&self, domain: &str, service: Service) -> Option<&Lead> {
        self.leads.get(&(domain.to_owned(), service))
    }

    /// The lead of a service: in `main` if there is one.
    fn first(&self, main: &str, service: Service) -> Option<&Lead> {
        self.lead(main, service).or_else(|| self.leads.values().find(|lead| lead.service == service))
    }

    /// The domains that lead to it.
    fn domains(&self) -> BTreeSet<&str> {
        self.leads.keys().map(|(domain, _)| domain.as_str()).collect()
    }
}

/// The groups with their leads.
fn grouped(names: Vec<BTreeSet<String>>, leads: &[Lead]) -> Vec<Group> {
    let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
    for (at, names) in names.iter().enumerate() {
        group_of.extend(names.iter().map(|name| (name.clone(), at)));
    }
    let mut groups: Vec<Group> =
        names.into_iter().map(|names| Group { names, leads: BTreeMap::new() }).collect();
    for lead in leads {
        if let Some(group) = group_of.get(&lead.target).and_then(|at| groups.get_mut(*at)) {
            group.leads.entry((lead.domain.clone(), lead.service)).or_insert_with(|| lead.clone());
        }
    }
    groups
}

/// Keeps the deployment that `main` belongs to: SIP domains that share no pool with it, not even by
/// others, are of another one.
fn one_deployment(
    groups: Vec<Group>,
    leads: &mut Vec<Lead>,
    main: &str,
    notes: &mut Vec<String>,
) -> Vec<Group> {
    let mut reached: BTreeSet<String> = BTreeSet::from([main.to_owned()]);
    let (mut kept, mut rest) = (Vec::new(), groups);
    loop {
        let (near, far): (Vec<Group>, Vec<Group>) = rest
            .into_iter()
            .partition(|group| group.domains().iter().any(|domain| reached.contains(*domain)));
        rest = far;
        if near.is_empty() {
            break;
        }
        for group in near {
            reached.extend(group.domains().into_iter().map(str::to_owned));
            kept.push(group);
        }
    }
    let others: BTreeSet<&str> = rest.iter().flat_map(Group::domains).collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.into_iter().collect();
        notes.push(format!(
            "the records of {} lead to servers that no record of {main} leads to: they are of another deployment, which is \
             not declared",
            some(&others)
        ));
    }
    leads.retain(|lead| reached.contains(&lead.domain));
    kept
}

fn conclude(reading: Reading, groups: Vec<BTreeSet<String>>, hosts: &Hosts<'_>) -> Derived {
    let Reading { mut leads, addresses, further, mut notes } = reading;
    let main = main_domain(&domains(&leads), &leads);
    let groups = grouped(groups, &leads);
    let mut groups = one_deployment(groups, &mut leads, &main, &mut notes);
    let domains = domains(&leads);
    groups.sort_by_key(|group| {
        let first = Service::LYNC.into_iter().find_map(|service| group.first(&main, service));
        (first.map(|lead| lead.priority), group.names.first().cloned())
    });
    let access: Vec<String> = groups.iter().map(|group| access_name(group, &main)).collect();
    let ids = hosts::ids(&access);
    let mut policies = policies(&groups, &domains, &leads);
    let mut pools = Vec::new();
    for ((group, access), (id, site)) in groups.iter().zip(&access).zip(ids) {
        pools.push(pool(group, access.clone(), (id, site), &main, policies, &addresses, hosts, &mut notes));
    }
    offer_everywhere(&mut pools, policies);
    distinct(&mut pools, policies, &mut notes);
    policies.any_target = lacks_names(&pools, &domains, &mut notes);
    let route = |service: Service| {
        let offering = pools.iter().zip(&groups);
        let leads = offering.filter_map(|(pool, group)| Some((group.first(&main, service)?, pool)));
        let (lead, pool) = leads.min_by_key(|(lead, _)| lead.priority)?;
        Some((pool.id.clone(), lead.service.owner(&lead.domain)))
    };
    let (federation_route, xmpp_route) = (route(Service::Federation), route(Service::Xmpp));
    notes.extend(more_services(&pools, &further));
    notes.extend(conclusions(&pools, policies));
    let domains = ordered(domains, &main);
    Derived { domains, pools, policies, federation_route, xmpp_route, notes }
}

/// Services beyond those of Lync that the pools offer too.
fn more_services(pools: &[Pool], further: &[Further]) -> Vec<String> {
    let is_held = |service: &&Further| {
        let mut held = pools.iter().flat_map(|pool| &pool.servers).flat_map(Server::all);
        held.any(|address| service.addresses.contains(&address))
    };
    let mut by_word: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for service in further.iter().filter(is_held) {
        by_word.entry(service.word).or_default().push(&service.owner);
    }
    let note = |(word, owners): (&str, Vec<&str>)| {
        format!(
            "{} {} to these pools too: add [[service]] with `name = \"{word}\"`, and \"{word}\" to the `services` of \
             the pools, to have that planned",
            some(&owners),
            if owners.len() == 1 { "leads" } else { "lead" }
        )
    };
    by_word.into_iter().map(note).collect()
}

/// What every derived deployment has to be asked about.
fn conclusions(pools: &[Pool], policies: Policies) -> Vec<String> {
    let mut notes = Vec::new();
    let ids: Vec<&str> = pools.iter().map(|pool| pool.id.as_str()).collect();
    let (pool, is) = if ids.len() == 1 { ("Edge pool", "is") } else { ("Edge pools", "are") };
    notes.push(format!(
        "{pool} {} {is} concluded from the addresses of SRV targets: names, servers and sites are to be checked",
        listed(&ids)
    ));
    let single: Vec<&str> =
        pools.iter().filter(|pool| pool.servers.len() == 1).map(|pool| pool.id.as_str()).collect();
    if !single.is_empty() {
        notes.push(format!(
            "{} {} one address: one server, or a load balancer (then `load_balancing = \"hlb\"` and `vip`)",
            listed(&single),
            if single.len() == 1 { "has" } else { "have" }
        ));
    }
    if policies.single_federation {
        notes.push(String::from(
            "federation records lead to one Edge pool only: policy `single-active`, or a record is missing",
        ));
    }
    if policies.repeats_federation {
        notes.push(String::from(
            "several federation records of a SIP domain lead to the same Edge pool: a record of another one is missing",
        ));
    }
    if policies.swing_a {
        notes.push(String::from(
            "XMPP records lead to one name per SIP domain whose addresses move: policy `swing-a`",
        ));
    }
    notes
}

fn domains(leads: &[Lead]) -> Vec<Domain> {
    let mut domains: BTreeMap<&str, BTreeSet<Service>> = BTreeMap::new();
    for lead in leads {
        domains.entry(&lead.domain).or_default().insert(lead.service);
    }
    let domain = |(name, services): (&str, BTreeSet<Service>)| Domain { name: name.to_owned(), services };
    domains.into_iter().map(domain).collect()
}

/// The SIP domain that says most, whose names the targets have.
fn main_domain(domains: &[Domain], leads: &[Lead]) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for lead in leads {
        let (own, named) = counts.entry(&lead.domain).or_default();
        *own += 1;
        *named += usize::from(lies_in(&lead.target, &lead.domain));
    }
    let most = domains.iter().max_by_key(|domain| {
        let (own, named) = counts.get(domain.name.as_str()).copied().unwrap_or_default();
        (
            domain.services.len(),
            own,
            named,
            std::cmp::Reverse(domain.name.len()),
            std::cmp::Reverse(&domain.name),
        )
    });
    most.map(|domain| domain.name.clone()).unwrap_or_default()
}

/// The main SIP domain first.
fn ordered(mut domains: Vec<Domain>, main: &str) -> Vec<Domain> {
    domains.sort_by_key(|domain| (domain.name != main, domain.name.clone()));
    domains
}

/// The Access Edge name: that of sign-in, else of federation, in the main SIP domain where it has one.
fn access_name(group: &Group, main: &str) -> String {
    let in_main = Service::LYNC.into_iter().find_map(|service| group.lead(main, service));
    let any = || Service::LYNC.into_iter().find_map(|service| group.first(main, service));
    in_main.or_else(any).map(|lead| lead.target.clone()).unwrap_or_default()
}

fn policies(groups: &[Group], domains: &[Domain], leads: &[Lead]) -> Policies {
    let holders = |service: Service| -> Vec<usize> {
        let has = |group: &Group| group.leads.keys().any(|(_, known)| *known == service);
        groups.iter().enumerate().filter(|(_, group)| has(group)).map(|(at, _)| at).collect()
    };
    let others = holders(Service::RemoteAccess).len();
    let single = |service: Service| holders(service).len() == 1 && others > 1;
    let swings = leads
        .iter()
        .filter(|lead| lead.service == Service::Xmpp)
        .all(|lead| lead.target.strip_prefix("xmpp.") == Some(lead.domain.as_str()));
    let federation = leads.iter().filter(|lead| lead.service == Service::Federation).count();
    let federated = domains.iter().filter(|domain| domain.services.contains(&Service::Federation)).count();
    let repeats = federation > federated;
    let ttls: BTreeSet<u32> = leads.iter().map(|lead| lead.ttl).collect();
    Policies {
        single_federation: single(Service::Federation) && !repeats,
        repeats_federation: single(Service::Federation) && repeats,
        swing_a: single(Service::Xmpp) && swings,
        any_target: false,
        steady_ttl: ttls.first().copied().filter(|ttl| ttls.len() == 1 && *ttl > 0),
    }
}

#[expect(clippy::too_many_arguments, reason = "all of them make one pool")]
fn pool(
    group: &Group,
    access: String,
    (id, site): (String, String),
    main: &str,
    policies: Policies,
    addresses: &BTreeMap<String, Vec<IpAddr>>,
    hosts: &Hosts<'_>,
    notes: &mut Vec<String>,
) -> Pool {
    let mut services: BTreeSet<Service> = group.leads.keys().map(|(_, service)| *service).collect();
    if policies.swing_a {
        services.remove(&Service::Xmpp);
    }
    let of_service = |service: &Service| group.first(main, *service);
    let priorities =
        services.iter().filter_map(|service| Some((*service, of_service(service)?.priority))).collect();
    let ports: BTreeMap<Service, (u16, bool)> = services
        .iter()
        .filter_map(|service| {
            let port = of_service(service)?.port;
            let usual = *service == Service::RemoteAccess && port == 5061;
            (port != service.default_port()).then_some((*service, (port, usual)))
        })
        .collect();
    let xmpp = services.contains(&Service::Xmpp).then(|| of_service(&Service::Xmpp)).flatten();
    let xmpp = xmpp.map(|lead| lead.target.clone());
    let mut all: Vec<IpAddr> = addresses.get(&access).cloned().unwrap_or_default();
    for name in &group.names {
        for address in addresses.get(name).into_iter().flatten() {
            if !all.contains(address) {
                all.push(*address);
            }
        }
    }
    let webcon = hosts.webcon(&access, &all);
    let av = hosts.av(&access, &all);
    let (servers, webcon, av) = servers(&id, &all, webcon, av, notes);
    let mut domains: Vec<String> = group.domains().into_iter().map(str::to_owned).collect();
    domains.sort_by_key(|domain| (domain != main, domain.clone()));
    let aliases = aliases(group, &access, xmpp.as_deref(), &id, notes);
    let internal = hosts.internal(&access, servers.len());
    Pool {
        id,
        site,
        access,
        webcon,
        av,
        xmpp,
        services,
        priorities,
        ports,
        aliases,
        servers,
        internal,
        domains,
    }
}

/// The names that a pool has in SIP domains other than that of its own name.
fn aliases(group: &Group, access: &str, xmpp: Option<&str>, id: &str, notes: &mut Vec<String>) -> Vec<Alias> {
    let mut aliases = Vec::new();
    for domain in group.domains() {
        let mut inside = |service: Service, own: Option<&str>| -> Option<String> {
            let lead = group.lead(domain, service)?;
            if Some(lead.target.as_str()) == own {
                return None;
            }
            if !lies_in(&lead.target, domain) {
                notes.push(format!(
                    "{} names Edge pool {id} {}, outside of the SIP domain: no alias can say so",
                    service.owner(domain),
                    lead.target
                ));
                return None;
            }
            Some(lead.target.clone())
        };
        let own = Some(access);
        let signs_in = group.lead(domain, Service::RemoteAccess).is_some();
        let name = inside(if signs_in { Service::RemoteAccess } else { Service::Federation }, own);
        // Without a name of its own for XMPP the pool has none anywhere.
        let xmpp = xmpp.and_then(|_| inside(Service::Xmpp, xmpp));
        let alias = Alias { domain: domain.to_owned(), access: name, xmpp };
        if alias.access.is_some() || alias.xmpp.is_some() {
            aliases.push(alias);
        }
    }
    aliases
}

/// Under a policy that publishes one pool, the others could take over: they offer the service too, as
/// do those whose record seems to be missing.
fn offer_everywhere(pools: &mut [Pool], policies: Policies) {
    for pool in pools {
        if policies.single_federation || policies.repeats_federation {
            pool.services.insert(Service::Federation);
        }
        if policies.swing_a {
            pool.services.insert(Service::Xmpp);
        }
    }
}

/// Gives pools of one service distinct priorities, which the zones may fail to do.
fn distinct(pools: &mut [Pool], policies: Policies, notes: &mut Vec<String>) {
    for service in Service::LYNC {
        let mut taken: BTreeMap<u16, String> = BTreeMap::new();
        for pool in pools.iter_mut().filter(|pool| pool.services.contains(&service)) {
            let highest = taken.last_key_value().map_or(0, |(number, _)| *number);
            let next = (highest / 10 + 1).saturating_mul(10);
            let published = pool.priorities.get(&service).copied();
            let own = published.or_else(|| pool.priorities.values().next().copied()).unwrap_or(next);
            let number = match taken.get(&own) {
                None => own,
                Some(other) => {
                    if published.is_some() {
                        notes.push(format!(
                            "{} and {} have priority {own} for {}: {} is given {next} here",
                            other,
                            pool.id,
                            service.in_text(),
                            pool.id
                        ));
                    }
                    next
                }
            };
            taken.insert(number, pool.id.clone());
            let unpublished = service == Service::Federation
                && (policies.single_federation || policies.repeats_federation)
                || service == Service::Xmpp && policies.swing_a;
            if published.is_some() || unpublished {
                pool.priorities.insert(service, number);
            }
        }
    }
}

/// Whether a pool has no name in a SIP domain whose services it offers: then any name has to do.
fn lacks_names(pools: &[Pool], domains: &[Domain], notes: &mut Vec<String>) -> bool {
    let mut lacks = false;
    for pool in pools {
        let named: BTreeSet<&str> = pool
            .aliases
            .iter()
            .filter(|alias| alias.access.is_some())
            .map(|alias| alias.domain.as_str())
            .collect();
        let is_nameless = |domain: &&Domain| {
            let asked = [Service::RemoteAccess, Service::Federation]
                .iter()
                .any(|service| pool.services.contains(service) && domain.services.contains(service));
            asked && !lies_in(&pool.access, &domain.name) && !named.contains(domain.name.as_str())
        };
        let nameless: Vec<&str> =
            domains.iter().filter(is_nameless).map(|domain| domain.name.as_str()).collect();
        if !nameless.is_empty() {
            notes.push(format!(
                "Edge pool {} has no name in {}: `target_match = \"off\"` lets {} do, which clients may refuse",
                pool.id,
                some(&nameless),
                pool.access
            ));
            lacks = true;
        }
    }
    lacks
}
