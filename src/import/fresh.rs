//! A first `zonewright.toml` of a topology, with a comment wherever the topology does not tell.

use super::published::{Presence, Published, PublishedSrv};
use super::words::{comment, free, label, one_or_many, quoted, word};
use super::{Pool, Server, SipDomain, Told, Topology};
use crate::config::{SCHEMA_URL, View};
use crate::edge::{AddressKind, Service, lies_in};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

/// A zone file that the new configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshZone {
    /// Apex, no final dot.
    pub origin: String,
    /// The file, relative to the configuration.
    pub file: String,
    /// Who it is served to.
    pub view: View,
}

/// A new configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Its text.
    pub text: String,
    /// What must be typed in or looked at.
    pub notes: Vec<String>,
}

/// Writes the configuration of a topology; `from` are the names of the files it was read from.
pub fn fresh(topology: &Topology, zones: &[FreshZone], published: &Published<'_>, from: &[String]) -> Fresh {
    let mut words = Words::default();
    let mut notes = Vec::new();
    let mut text = format!("#:schema {SCHEMA_URL}\n");
    let from: Vec<String> = from.iter().map(|name| comment(name)).collect();
    put(
        &mut text,
        format_args!(
            "# The Edge deployment, imported from {}. Paths are relative to this file.",
            from.join(", ")
        ),
    );
    let (sip_domains, said) = sip_domains(topology, published);
    if sip_domains.is_empty() {
        text.push_str("\n# [[sip_domain]]            # a domain that users sign in with\n# name = \"contoso.com\"\n# default = true\n");
        notes.push(String::from(
            "no SIP domain was told: add a [[sip_domain]] each, or import `Get-CsSipDomain | ConvertTo-Json` too",
        ));
    }
    for domain in &sip_domains {
        text.push_str(&sip_domain(domain, said));
    }
    for zone in zones {
        put(
            &mut text,
            format_args!("\n[[zone]]\norigin = {}\nfile = {}", quoted(&zone.origin), quoted(&zone.file)),
        );
        put(&mut text, format_args!("view = \"{}\"", zone.view.word()));
    }
    for domain in &sip_domains {
        let name = &domain.name;
        if !zones.iter().any(|zone| zone.view == View::External && lies_in(name, &zone.origin)) {
            put(&mut text, format_args!("\n# [[zone]]                  # the zone that holds {name}"));
            put(&mut text, format_args!("# origin = \"{name}\"\n# file = \"{name}.zone\""));
        }
    }
    let ids: Vec<String> = topology.pools.iter().map(|pool| words.pool(pool)).collect();
    text.push_str(&sites(topology, &mut words, &ids));
    for (index, (pool, id)) in topology.pools.iter().zip(&ids).enumerate() {
        let site = words.site(pool.site.as_deref());
        let presence = published.presence(pool);
        let block = PoolBlock { pool, id, site: &site, presence: &presence, published, place: index };
        text.push_str(&block.text(&sip_domains, &mut words, &mut notes));
    }
    text.push_str(&front_ends(topology, &words, &ids));
    Fresh { text, notes }
}

/// The words that tables have as ids.
#[derive(Default)]
pub(super) struct Words {
    pub(super) pools: BTreeSet<String>,
    pub(super) servers: BTreeSet<String>,
    pub(super) taken_sites: BTreeSet<String>,
    /// Id by the name of the site in lower case.
    pub(super) sites: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn pool(&mut self, pool: &Pool) -> String {
        free(label(&pool.fqdn), &mut self.pools)
    }

    /// The id of a site; one that is not told is `site`.
    pub(super) fn site(&mut self, name: Option<&str>) -> String {
        let key = name.unwrap_or_default().to_lowercase();
        let taken = &mut self.taken_sites;
        self.sites.entry(key).or_insert_with(|| free(&word(name.unwrap_or_default()), taken)).clone()
    }
}

pub(super) fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = writeln!(text, "{line}");
}

/// The table of a SIP domain; `said` is a comment on it.
pub(super) fn sip_domain(domain: &SipDomain, said: &str) -> String {
    let default = if domain.default { "default = true\n" } else { "" };
    format!("\n[[sip_domain]]\nname = {}{said}\n{default}", quoted(&domain.name))
}

/// The SIP domains that are told; else those whose SRV records lead to a pool, with a comment that says so.
fn sip_domains(topology: &Topology, published: &Published<'_>) -> (Vec<SipDomain>, &'static str) {
    if let Some(told) = &topology.sip_domains {
        return (told.clone(), "");
    }
    let leads = |srv: &&PublishedSrv| topology.pools.iter().any(|pool| published.leads_to(srv, pool));
    let found: BTreeSet<&String> = published.srv.iter().filter(leads).map(|srv| &srv.sip_domain).collect();
    let domains = found.into_iter().map(|name| SipDomain { name: name.clone(), default: false });
    (domains.collect(), "    # its SRV records lead to these pools")
}

fn sites(topology: &Topology, words: &mut Words, ids: &[String]) -> String {
    let id_of = |fqdn: &str| {
        topology.pools.iter().position(|pool| pool.fqdn == fqdn).and_then(|index| ids.get(index))
    };
    let routes = [("federation_route", topology.federation_route()), ("xmpp_route", topology.xmpp_route())];
    let mut names: Vec<Option<&str>> = topology.sites.iter().map(|site| Some(site.name.as_str())).collect();
    for pool in &topology.pools {
        let is_known = |known: &Option<&str>| {
            known.map(str::to_lowercase) == pool.site.as_deref().map(str::to_lowercase)
        };
        if !names.iter().any(is_known) {
            names.push(pool.site.as_deref());
        }
    }
    let mut text = String::new();
    for name in names {
        let id = words.site(name);
        let said = name
            .filter(|name| name.to_lowercase() != id)
            .map(|name| format!("    # {}", comment(name)))
            .unwrap_or_default();
        put(&mut text, format_args!("\n[[site]]\nid = {}{said}", quoted(&id)));
        for (key, route) in routes {
            match route.and_then(id_of) {
                Some(pool) => put(&mut text, format_args!("{key} = {}", quoted(pool))),
                None if key == "federation_route" => {
                    put(
                        &mut text,
                        format_args!("# {key} = \"POOL\"    # the pool by which federation leaves"),
                    );
                }
                None => {}
            }
        }
    }
    text
}

fn front_ends(topology: &Topology, words: &Words, ids: &[String]) -> String {
    let mut text = String::new();
    let Some(front_ends) = &topology.front_ends else { return text };
    for front_end in front_ends {
        put(&mut text, format_args!("\n[[front_end_pool]]\nfqdn = {}", quoted(&front_end.fqdn)));
        let site = front_end.site.as_ref().and_then(|site| words.sites.get(&site.to_lowercase()));
        if let Some(site) = site {
            put(&mut text, format_args!("site = {}", quoted(site)));
        }
        let edge = front_end
            .edge
            .as_ref()
            .and_then(|edge| topology.pools.iter().position(|pool| pool.fqdn == *edge));
        if let Some(edge) = edge.and_then(|edge| ids.get(edge)) {
            put(&mut text, format_args!("edge = {}", quoted(edge)));
        }
    }
    // A next hop must be declared once any Front End pool is.
    let next_hops: BTreeSet<&String> =
        topology.pools.iter().filter_map(|pool| pool.next_hop.as_ref()).collect();
    for fqdn in next_hops {
        if !front_ends.is_empty() && front_ends.iter().all(|known| known.fqdn != *fqdn) {
            put(&mut text, format_args!("\n[[front_end_pool]]\nfqdn = {}", quoted(fqdn)));
        }
    }
    text
}

/// One `[[edge_pool]]` to be written.
pub(super) struct PoolBlock<'a> {
    pub(super) pool: &'a Pool,
    pub(super) id: &'a str,
    pub(super) site: &'a str,
    pub(super) presence: &'a Presence,
    pub(super) published: &'a Published<'a>,
    /// Its place among the pools, from 0.
    pub(super) place: usize,
}

/// The virtual addresses of a hardware load balancer, by kind.
type Vip = BTreeMap<&'static str, Vec<IpAddr>>;

impl PoolBlock<'_> {
    /// The table and those of its servers, with a blank line before each.
    pub(super) fn text(
        &self,
        sip_domains: &[SipDomain],
        words: &mut Words,
        notes: &mut Vec<String>,
    ) -> String {
        let pool = self.pool;
        let mut text = format!("\n[[edge_pool]]\nid = {}\nsite = {}\n", quoted(self.id), quoted(self.site));
        put(
            &mut text,
            format_args!("internal_fqdn = {}\naccess = {}", quoted(&pool.fqdn), quoted(&pool.access)),
        );
        for (key, name) in [("webcon", &pool.webcon), ("av", &pool.av), ("xmpp", &self.presence.xmpp)] {
            if let Some(name) = name {
                put(&mut text, format_args!("{key} = {}", quoted(name)));
            }
        }
        let vip = self.vip();
        if let Some(vip) = &vip {
            let addresses: Vec<String> =
                vip.iter().map(|(kind, all)| format!("{kind} = {}", one_or_many(all))).collect();
            put(
                &mut text,
                format_args!(
                    "load_balancing = \"hlb\"    # one address for several servers in the zones\nvip = {{ {} }}",
                    addresses.join(", ")
                ),
            );
            notes.push(format!("Edge pool {}: the zones have one address for several servers, so a hardware load balancer is assumed", self.id));
        }
        if let Some(next_hop) = &pool.next_hop {
            put(&mut text, format_args!("next_hop = {}", quoted(next_hop)));
        }
        let services: Vec<String> = self.services().iter().map(|service| quoted(service.word())).collect();
        put(&mut text, format_args!("services = [{}]", services.join(", ")));
        put(&mut text, format_args!("{}", self.priority(notes)));
        let ports = [
            ("client", pool.client_port),
            ("federation", pool.federation_port.value().copied()),
            ("xmpp", pool.xmpp_port.value().copied()),
        ];
        let ports: Vec<String> =
            ports.iter().filter_map(|(key, port)| Some(format!("{key} = {}", (*port)?))).collect();
        if !ports.is_empty() {
            put(&mut text, format_args!("ports = {{ {} }}", ports.join(", ")));
        }
        self.aliases(sip_domains, &mut text);
        text.push_str(&self.servers(vip.is_some(), words, notes));
        text
    }

    /// What the topology enables; where it does not tell, what the zones publish.
    fn services(&self) -> Vec<Service> {
        let publishes = |service: Service| self.presence.services.contains(&service);
        let mut services = vec![Service::RemoteAccess];
        if self.pool.federation_port != Told::Absent {
            services.push(Service::Federation);
        }
        if match &self.pool.xmpp_port {
            Told::Is(_) => true,
            Told::Absent => false,
            Told::Not => publishes(Service::Xmpp),
        } {
            services.push(Service::Xmpp);
        }
        services
    }

    fn priority(&self, notes: &mut Vec<String>) -> String {
        let found = &self.presence.priorities;
        let place = u16::try_from(self.place).unwrap_or(u16::MAX);
        let guess = place.saturating_add(1).saturating_mul(10);
        let values: BTreeSet<u16> = found.values().copied().collect();
        match (values.first(), values.len()) {
            (Some(only), 1) => format!("priority = {only}"),
            (Some(_), _) => {
                let each: Vec<String> = found
                    .iter()
                    .map(|(service, priority)| format!("{} = {priority}", service.word()))
                    .collect();
                format!("priority = {{ {} }}", each.join(", "))
            }
            (None, _) => {
                notes.push(format!(
                    "Edge pool {}: its priority {guess} is a guess, topologies have none",
                    self.id
                ));
                format!(
                    "priority = {guess}    # a guess: the lowest is asked first, and no topology says which"
                )
            }
        }
    }

    /// The names in further SIP domains that the zones show, and a comment for those that are lacking.
    fn aliases(&self, sip_domains: &[SipDomain], text: &mut String) {
        let pair = |domain: &str, name: &str| format!("{} = {}", quoted(domain), quoted(name));
        let found: Vec<String> =
            self.presence.aliases.iter().map(|(domain, name)| pair(domain, name)).collect();
        if !found.is_empty() {
            put(text, format_args!("aliases = {{ {} }}", found.join(", ")));
        }
        let access = &self.pool.access;
        let is_lacking =
            |name: &&String| !lies_in(access, name) && !self.presence.aliases.contains_key(*name);
        let lacking = sip_domains.iter().map(|domain| &domain.name).filter(is_lacking);
        let lacking: Vec<String> =
            lacking.map(|name| pair(name, &format!("{}.{name}", label(access)))).collect();
        let all: Vec<String> = found.iter().chain(&lacking).cloned().collect();
        if !lacking.is_empty() {
            let why = "SRV records need a name inside each SIP domain";
            put(text, format_args!("# aliases = {{ {} }}    # {why}", all.join(", ")));
        }
    }

    fn name_of(&self, kind: AddressKind) -> Option<&str> {
        match kind {
            AddressKind::Access => Some(&self.pool.access),
            AddressKind::Webcon => self.pool.webcon.as_deref().filter(|name| *name != self.pool.access),
            AddressKind::Av => self.pool.av.as_deref().filter(|name| *name != self.pool.access),
        }
    }

    /// Zones that have one address for several servers, none of which has it.
    fn vip(&self) -> Option<Vip> {
        let servers = self.pool.servers.as_deref()?;
        let access = self.published.addresses(&self.pool.access)?;
        let is_own = |address: &IpAddr| servers.iter().any(|server| server.access.contains(address));
        if servers.len() < 2 || access.len() != 1 || access.iter().any(is_own) {
            return None;
        }
        let of = |kind: AddressKind| Some((kind.word(), self.published.addresses(self.name_of(kind)?)?));
        let all = AddressKind::ALL.into_iter().filter_map(of);
        Some(all.map(|(kind, found)| (kind, found.into_iter().collect())).collect())
    }

    /// The tables of its servers.
    pub(super) fn servers(&self, behind_vip: bool, words: &mut Words, notes: &mut Vec<String>) -> String {
        let of_zones = |kind: AddressKind| {
            let name = self.name_of(kind).filter(|_| !behind_vip);
            name.and_then(|name| self.published.addresses(name)).unwrap_or_default()
        };
        let servers = self.pool.servers.clone().unwrap_or_else(|| {
            let count =
                of_zones(AddressKind::Access).iter().filter(|address| address.is_ipv4()).count().max(1);
            let server =
                |number: usize| Server { fqdn: format!("{}-{number}", self.id), ..Server::default() };
            (1..=count).map(server).collect()
        });
        if self.pool.servers.is_none() {
            notes.push(format!("Edge pool {}: the names of its servers are not told, import `Get-CsPool | ConvertTo-Json` too", self.id));
        }
        let mut text = String::new();
        let mut guessed = false;
        for (place, server) in servers.iter().enumerate() {
            let name = free(label(&server.fqdn), &mut words.servers);
            put(&mut text, format_args!("\n[[edge_pool.server]]\nname = {}", quoted(&name)));
            for kind in AddressKind::ALL {
                let told = match kind {
                    AddressKind::Access => &server.access,
                    AddressKind::Webcon => &server.webcon,
                    AddressKind::Av => &server.av,
                };
                if self.name_of(kind).is_none() {
                    continue;
                }
                let (addresses, from_zones) = if told.is_empty() {
                    (share(&of_zones(kind), place, servers.len()), servers.len() > 1)
                } else {
                    (told.clone(), false)
                };
                let key = kind.word();
                if addresses.is_empty() {
                    if !behind_vip {
                        put(&mut text, format_args!("# {key} = \"ADDRESS\"    # not told: type it in"));
                    }
                    continue;
                }
                let check =
                    if from_zones { "    # by order of address: check which server has it" } else { "" };
                guessed |= from_zones;
                put(&mut text, format_args!("{key} = {}{check}", one_or_many(&addresses)));
            }
            if !server.internal.is_empty() {
                put(&mut text, format_args!("internal = {}", one_or_many(&server.internal)));
            }
        }
        if guessed {
            notes.push(format!("Edge pool {}: which server has which address is a guess, by the order of the addresses in the zones", self.id));
        }
        text
    }
}

/// The addresses of one of `count` servers when each has one of each family.
fn share(all: &BTreeSet<IpAddr>, place: usize, count: usize) -> Vec<IpAddr> {
    if count == 1 {
        return all.iter().copied().collect();
    }
    let family = |is_v4: bool| {
        let of: Vec<IpAddr> = all.iter().copied().filter(|address| address.is_ipv4() == is_v4).collect();
        of.get(place).copied().filter(|_| of.len() == count)
    };
    family(true).into_iter().chain(family(false)).collect()
}
