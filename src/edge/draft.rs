//! A deployment as somebody wrote it: references are still words, and nothing fits together yet.

use super::{Addresses, Alias, Declared, LoadBalancing, Server, Service, SipDomain};
use super::{FederationPolicy, RemoteAccessPolicy, TargetMatch, XmppPolicy};
use crate::text::Span;
use std::collections::BTreeMap;

/// What [`Draft::resolve`] makes a `Deployment` of.
///
/// An `Option` that the deployment does not allow to be absent is `None` when its absence has
/// already been reported.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Services beyond those of Lync.
    pub services: Vec<ServiceDraft>,
    /// SIP domains.
    pub sip_domains: Vec<SipDomain>,
    /// Sites.
    pub sites: Vec<SiteDraft>,
    /// Edge pools.
    pub pools: Vec<PoolDraft>,
    /// Front End pools.
    pub front_end_pools: Vec<FrontEndPoolDraft>,
    /// Federation names that pools share.
    pub geo_names: Vec<GeoNameDraft>,
    /// Policies; what is absent has its default.
    pub policy: PolicyDraft,
}

/// A service beyond those of Lync.
#[derive(Clone, Debug)]
pub struct ServiceDraft {
    /// Where its `name` stands.
    pub service: Declared<Service>,
    /// The SIP domains that want it; absent means all.
    pub sip_domains: Option<Vec<Declared<String>>>,
}

/// A site whose routes are names of pools.
#[derive(Clone, Debug)]
pub struct SiteDraft {
    /// Its `id`.
    pub name: Declared<String>,
    /// Name of a pool.
    pub federation_route: Option<Declared<String>>,
    /// Name of a pool.
    pub xmpp_route: Option<Declared<String>>,
}

/// An Edge pool whose site is a name.
#[derive(Clone, Debug)]
pub struct PoolDraft {
    /// Its `id`.
    pub name: Declared<String>,
    /// Name of a site; must be present.
    pub site: Option<Declared<String>>,
    /// Name of the internal interface.
    pub internal_fqdn: Option<Declared<String>>,
    /// Access Edge name; must be present.
    pub access: Option<Declared<String>>,
    /// Web conferencing name.
    pub webcon: Option<Declared<String>>,
    /// A/V name.
    pub av: Option<Declared<String>>,
    /// XMPP name.
    pub xmpp: Option<Declared<String>>,
    /// How its names lead to its servers.
    pub load_balancing: LoadBalancing,
    /// Virtual addresses, and where they are declared.
    pub vip: Option<Declared<Addresses>>,
    /// Name of a Front End pool.
    pub next_hop: Option<Declared<String>>,
    /// What it offers; absent means all of Lync, XMPP only with an XMPP name.
    pub services: Option<Vec<Service>>,
    /// Declared ports.
    pub ports: BTreeMap<Service, Declared<u16>>,
    /// Declared priorities.
    pub priorities: BTreeMap<Service, Declared<u16>>,
    /// Names in further SIP domains.
    pub aliases: Vec<Alias>,
    /// Its servers.
    pub servers: Vec<Server>,
    /// Parts were left out because they could not be read, which was reported.
    pub incomplete: bool,
}

/// A Front End pool whose references are names.
#[derive(Clone, Debug)]
pub struct FrontEndPoolDraft {
    /// Its name.
    pub fqdn: Declared<String>,
    /// Name of a site.
    pub site: Option<Declared<String>>,
    /// Name of an Edge pool.
    pub edge: Option<Declared<String>>,
    /// Name of a Front End pool.
    pub backup: Option<Declared<String>>,
}

/// A shared federation name whose pools are names.
#[derive(Clone, Debug)]
pub struct GeoNameDraft {
    /// The name.
    pub name: Declared<String>,
    /// Names of pools.
    pub pools: Vec<Declared<String>>,
}

/// The `[policy]` table. TTLs and times are in seconds.
#[derive(Clone, Debug, Default)]
pub struct PolicyDraft {
    /// `federation`.
    pub federation: Option<Declared<FederationPolicy>>,
    /// `remote_access`.
    pub remote_access: Option<Declared<RemoteAccessPolicy>>,
    /// `xmpp`.
    pub xmpp: Option<Declared<XmppPolicy>>,
    /// `target_match`.
    pub target_match: Option<Declared<TargetMatch>>,
    /// `switch_ttl`.
    pub switch_ttl: Option<Declared<u32>>,
    /// `steady_ttl`.
    pub steady_ttl: Option<Declared<u32>>,
    /// `rto`.
    pub rto: Option<Declared<u32>>,
}

impl PoolDraft {
    /// All names it declares, with their spans and keys; the internal one last.
    pub(super) fn all_names(&self) -> Vec<(&str, Span, &'static str)> {
        let own =
            [(&self.access, "access"), (&self.webcon, "webcon"), (&self.av, "av"), (&self.xmpp, "xmpp")];
        let aliases = self.aliases.iter().flat_map(|alias| {
            [(&alias.access, "alias"), (&alias.webcon, "alias"), (&alias.av, "alias"), (&alias.xmpp, "alias")]
        });
        own.into_iter()
            .chain(aliases)
            .chain([(&self.internal_fqdn, "internal_fqdn")])
            .filter_map(|(name, key)| name.as_ref().map(|name| (name.value.as_str(), name.span, key)))
            .collect()
    }

    /// What it offers, the default applied.
    pub(super) fn offered(&self) -> Vec<Service> {
        self.services.clone().unwrap_or_else(|| {
            let offered = |service: &Service| *service != Service::Xmpp || self.xmpp.is_some();
            Service::LYNC.into_iter().filter(offered).collect()
        })
    }
}
