//! The Edge deployment as declared: SIP domains, sites, Edge pools, their servers, names, ports and
//! priorities, and the policies.
//!
//! Nothing here looks at a zone or reads a file. A [`Deployment`] is made from a [`Draft`] only, and
//! only when the draft keeps every invariant; so whoever holds one need not check again.

mod address;
mod check;
pub mod coverage;
mod draft;
pub mod drained;
pub mod found;
mod m365;
mod names;
pub mod parked;
mod policy;
pub mod selection;
mod service;
pub mod simulation;
mod state;
mod without;

pub use address::{Network, NetworkError, is_private};
pub use draft::{Draft, FrontEndPoolDraft, GeoNameDraft, PolicyDraft, PoolDraft, ServiceDraft, SiteDraft};
pub use m365::{Cloud, M365_DOMAINS, is_m365};
pub use names::{domain_name, host_name, lies_in};
pub use policy::{FederationPolicy, Policy, RemoteAccessPolicy, TargetMatch, XmppPolicy};
pub use service::{Profile, Service};
pub use state::State;

use crate::text::Span;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A value, and where in the configuration it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared<T> {
    /// The value as understood.
    pub value: T,
    /// Span of the value; quotes are part of a string's span.
    pub span: Span,
}

impl<T> Declared<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// An Edge pool of one [`Deployment`]. Ordered as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(usize);

impl PoolId {
    /// 0-based place among the declared pools.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A site of one [`Deployment`]. Ordered as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(usize);

/// An Edge server of one [`Deployment`]. Ordered as declared, pool by pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId {
    pool: PoolId,
    index: usize,
}

impl ServerId {
    /// The pool it belongs to.
    pub fn pool(self) -> PoolId {
        self.pool
    }
}

/// Which external addresses of a server (or of a hardware load balancer) a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressKind {
    /// Access Edge: SIP and XMPP.
    Access,
    /// Web conferencing Edge.
    Webcon,
    /// A/V Edge.
    Av,
}

impl AddressKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Access, Self::Webcon, Self::Av];

    /// The key of the configuration: `access`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Webcon => "webcon",
            Self::Av => "av",
        }
    }
}

/// A domain that users sign in with.
#[derive(Clone, Debug)]
pub struct SipDomain {
    /// Lower case, without the final dot.
    pub name: Declared<String>,
    /// Whether it is the deployment's default SIP domain.
    pub default: bool,
    /// The services wanted in it.
    pub services: BTreeSet<Service>,
}

/// A central site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its `id`.
    pub name: Declared<String>,
    /// Pool that federation traffic of this site leaves by.
    pub federation_route: Option<Declared<PoolId>>,
    /// Pool that XMPP traffic of this site leaves by.
    pub xmpp_route: Option<Declared<PoolId>>,
}

/// How the load of a pool is spread over its servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadBalancing {
    /// One address record per server.
    #[default]
    Dns,
    /// One virtual address, held by a hardware load balancer.
    Hlb,
}

/// External addresses by kind: those of a server, or the virtual ones of a load balancer.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Access Edge.
    pub access: Vec<Declared<IpAddr>>,
    /// Web conferencing Edge.
    pub webcon: Vec<Declared<IpAddr>>,
    /// A/V Edge.
    pub av: Vec<Declared<IpAddr>>,
}

impl Addresses {
    /// The addresses of one kind.
    pub fn of(&self, kind: AddressKind) -> &[Declared<IpAddr>] {
        match kind {
            AddressKind::Access => &self.access,
            AddressKind::Webcon => &self.webcon,
            AddressKind::Av => &self.av,
        }
    }
}

/// One Edge machine.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name, as runbooks print it.
    pub name: Declared<String>,
    /// External addresses.
    pub external: Addresses,
    /// Addresses of the internal interface.
    pub internal: Vec<Declared<IpAddr>>,
}

/// The names of a pool inside one further SIP domain.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The SIP domain, as the key of `aliases` says it.
    pub sip_domain: Declared<String>,
    /// Access Edge name.
    pub access: Option<Declared<String>>,
    /// Web conferencing name.
    pub webcon: Option<Declared<String>>,
    /// A/V name.
    pub av: Option<Declared<String>>,
    /// XMPP name.
    pub xmpp: Option<Declared<String>>,
}

/// One to twelve Edge servers of one site that act as one.
#[derive(Clone, Debug)]
pub struct EdgePool {
    /// Its place in the deployment.
    pub id: PoolId,
    /// The `id` of the configuration.
    pub name: Declared<String>,
    /// The site it stands in.
    pub site: SiteId,
    /// Name of the internal interface; identity of the pool in cmdlets. Only runbooks and drains need it.
    pub internal_fqdn: Option<Declared<String>>,
    /// External name of the Access Edge.
    pub access: Declared<String>,
    /// External name of web conferencing.
    pub webcon: Option<Declared<String>>,
    /// External name of A/V.
    pub av: Option<Declared<String>>,
    /// External name that XMPP SRV records name.
    pub xmpp: Option<Declared<String>>,
    /// How its names lead to its servers.
    pub load_balancing: LoadBalancing,
    /// The virtual addresses; empty with [`LoadBalancing::Dns`].
    pub vip: Addresses,
    /// Front End pool (or Director) that it sends to.
    pub next_hop: Option<Declared<String>>,
    /// What it offers.
    pub services: BTreeSet<Service>,
    /// Declared ports; [`Deployment::port`] knows the defaults.
    pub ports: BTreeMap<Service, Declared<u16>>,
    /// Declared priorities; [`Deployment::priority`] knows the defaults.
    pub priorities: BTreeMap<Service, Declared<u16>>,
    /// Names in further SIP domains.
    pub aliases: Vec<Alias>,
    /// Its servers.
    pub servers: Vec<Server>,
}

impl EdgePool {
    /// Its names inside `sip_domain` (lower case, without the final dot), if it declares some.
    pub fn alias(&self, sip_domain: &str) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.sip_domain.value == sip_domain)
    }

    /// Name of the internal interface; when it is not declared, what a reader has to put in its place.
    pub fn internal_name(&self) -> Cow<'_, str> {
        match &self.internal_fqdn {
            Some(name) => Cow::Borrowed(&name.value),
            None => Cow::Owned(format!("<internal FQDN of {}>", self.name.value)),
        }
    }

    /// Its own name for a kind of address, aliases left aside.
    pub fn name_of(&self, kind: AddressKind) -> Option<&Declared<String>> {
        match kind {
            AddressKind::Access => Some(&self.access),
            AddressKind::Webcon => self.webcon.as_ref(),
            AddressKind::Av => self.av.as_ref(),
        }
    }
}

/// A Front End pool, as far as Edge pools depend on it.
#[derive(Clone, Debug)]
pub struct FrontEndPool {
    /// Its name.
    pub fqdn: Declared<String>,
    /// The site it stands in.
    pub site: Option<SiteId>,
    /// The Edge pool its media traffic goes through.
    pub edge: Option<Declared<PoolId>>,
    /// Name of the Front End pool that takes over from it.
    pub backup: Option<Declared<String>>,
}

/// A federation name that several pools share; a traffic manager outside the zone decides between them.
#[derive(Clone, Debug)]
pub struct GeoName {
    /// The name.
    pub name: Declared<String>,
    /// The pools behind it.
    pub pools: Vec<PoolId>,
}

/// A declared deployment that keeps every invariant.
#[derive(Clone, Debug)]
pub struct Deployment {
    services: Vec<Service>,
    sip_domains: Vec<SipDomain>,
    sites: Vec<Site>,
    pools: Vec<EdgePool>,
    front_end_pools: Vec<FrontEndPool>,
    geo_names: Vec<GeoName>,
    policy: Policy,
    by_name: BTreeMap<String, PoolId>,
}

impl Deployment {
    /// All services, in the order of every table and plan: those of Lync, then those that are declared.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Whether it is one of Lync or Skype for Business: some pool offers remote access or federation.
    /// XMPP alone may be of servers of any make.
    pub fn is_lync(&self) -> bool {
        let of_lync = |pool: &EdgePool| {
            pool.services.contains(&Service::RemoteAccess) || pool.services.contains(&Service::Federation)
        };
        self.pools.iter().any(of_lync)
    }

    /// The service of a [`Service::word`].
    pub fn service_named(&self, word: &str) -> Option<Service> {
        self.services.iter().copied().find(|service| service.word() == word)
    }

    /// SIP domains, as declared.
    pub fn sip_domains(&self) -> &[SipDomain] {
        &self.sip_domains
    }

    /// The SIP domain of that name, whatever its case, with or without the final dot.
    pub fn sip_domain(&self, name: &str) -> Option<&SipDomain> {
        let name = names::folded(name);
        self.sip_domains.iter().find(|domain| domain.name.value == name)
    }

    /// Sites, as declared.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The site of an id.
    ///
    /// # Panics
    /// When the id comes from another deployment.
    pub fn site(&self, id: SiteId) -> &Site {
        &self.sites[id.0]
    }

    /// Edge pools, as declared.
    pub fn pools(&self) -> &[EdgePool] {
        &self.pools
    }

    /// The pool of an id.
    ///
    /// # Panics
    /// When the id comes from another deployment.
    pub fn pool(&self, id: PoolId) -> &EdgePool {
        &self.pools[id.0]
    }

    /// The pool with that `id` in the configuration, whatever its case.
    pub fn pool_named(&self, name: &str) -> Option<PoolId> {
        self.pools.iter().find(|pool| pool.name.value.eq_ignore_ascii_case(name)).map(|pool| pool.id)
    }

    /// The server of an id.
    ///
    /// # Panics
    /// When the id comes from another deployment.
    pub fn server(&self, id: ServerId) -> &Server {
        &self.pools[id.pool.0].servers[id.index]
    }

    /// The servers of a pool, as declared.
    pub fn servers(&self, pool: PoolId) -> impl Iterator<Item = ServerId> + '_ {
        (0..self.pool(pool).servers.len()).map(move |index| ServerId { pool, index })
    }

    /// The server with that `name` in the configuration, whatever its case.
    pub fn server_named(&self, name: &str) -> Option<ServerId> {
        let mut all = self.pools.iter().flat_map(|pool| self.servers(pool.id));
        all.find(|id| self.server(*id).name.value.eq_ignore_ascii_case(name))
    }

    /// Front End pools, as declared.
    pub fn front_end_pools(&self) -> &[FrontEndPool] {
        &self.front_end_pools
    }

    /// Federation names that pools share.
    pub fn geo_names(&self) -> &[GeoName] {
        &self.geo_names
    }

    /// How the records have to look.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Replaces the recovery time objective of the policy, in seconds.
    pub fn set_rto(&mut self, rto: u32) {
        self.policy.rto = Some(rto);
    }

    /// All addresses that a name of that kind must have: one or more per server, or the virtual ones.
    pub fn addresses(&self, pool: PoolId, kind: AddressKind) -> BTreeSet<IpAddr> {
        match self.pool(pool).load_balancing {
            LoadBalancing::Hlb => self.pick(pool, kind, &self.pool(pool).vip).collect(),
            LoadBalancing::Dns => {
                self.servers(pool).flat_map(|server| self.addresses_of(server, kind)).collect()
            }
        }
    }

    /// The addresses that a server gives to the names of that kind.
    pub fn addresses_of(&self, server: ServerId, kind: AddressKind) -> BTreeSet<IpAddr> {
        self.pick(server.pool, kind, &self.server(server).external).collect()
    }

    /// A pool with one name for everything has one set of addresses for everything.
    fn pick<'a>(
        &self,
        pool: PoolId,
        kind: AddressKind,
        addresses: &'a Addresses,
    ) -> impl Iterator<Item = IpAddr> + use<'a> {
        let pool = self.pool(pool);
        let same_name = pool.name_of(kind).is_none_or(|name| name.value == pool.access.value);
        let own = addresses.of(kind);
        let chosen = if own.is_empty() && same_name { &addresses.access } else { own };
        chosen.iter().map(|address| address.value)
    }

    /// The port that SRV records of that service name for the pool. A default stands at the pool's id.
    pub fn port(&self, pool: PoolId, service: Service) -> Declared<u16> {
        let pool = self.pool(pool);
        let default = Declared::new(service.default_port(), pool.name.span);
        pool.ports.get(&service).copied().unwrap_or(default)
    }

    /// The pool's priority among the pools of that service when nothing is wrong. A default (10 for
    /// the first pool, 20 for the second) stands at the pool's id.
    pub fn priority(&self, pool: PoolId, service: Service) -> Declared<u16> {
        let pool = self.pool(pool);
        let default = Declared::new(default_priority(pool.id.0), pool.name.span);
        pool.priorities.get(&service).copied().unwrap_or(default)
    }

    /// The pools that offer a service, as declared.
    pub fn pools_with(&self, service: Service) -> Vec<PoolId> {
        self.pools.iter().filter(|pool| pool.services.contains(&service)).map(|pool| pool.id).collect()
    }

    /// The pool that holds the route of federation or XMPP; other services have none.
    pub fn route(&self, service: Service) -> Option<PoolId> {
        let route = |site: &Site| match service {
            Service::RemoteAccess | Service::Other(_) => None,
            Service::Federation => site.federation_route,
            Service::Xmpp => site.xmpp_route,
        };
        self.sites.iter().find_map(route).map(|route| route.value)
    }
}

/// Priority of the pool at that 0-based place when it declares none: room for nine pools between two.
fn default_priority(index: usize) -> u16 {
    u16::try_from((index + 1).saturating_mul(10)).unwrap_or(u16::MAX)
}
