//! One SRV record of a row: which pools it is a record of, and which it reaches.

use super::{CellState, Shape};
use crate::edge::found::{Destination, FoundSrv, PoolRef};
use crate::edge::{AddressKind, Deployment, PoolId, Service, State, TargetMatch, lies_in};
use crate::text::Span;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Domains of Microsoft's own services, which clients take for any SIP domain.
const HOSTED: [&str; 2] = ["lync.com", "partner.lync.cn"];

/// An SRV record as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among records of one priority.
    pub weight: u16,
    /// Port number.
    pub port: u16,
    /// Absolute target, no final dot; `.` when the service is not offered.
    pub target: String,
    /// The record.
    pub span: Span,
    /// The addresses that the zones at hand have for the target.
    pub addresses: BTreeSet<IpAddr>,
    /// Who answers there when everything is up.
    pub reach: Reach,
}

impl Published {
    /// The order in which records are tried, chance left aside.
    pub(super) fn rank(&self) -> (u16, Reverse<u16>) {
        (self.priority, Reverse(self.weight))
    }
}

/// Who answers at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// These pools, one or more.
    Pools(Vec<PoolId>),
    /// A host that is no declared pool's, and taken to be up.
    Foreign,
    /// A host whose addresses no zone at hand knows, taken to be up.
    Unknown,
    /// Nobody, whatever is up.
    Nowhere(Nowhere),
}

/// Why nobody answers at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// The target is `.`.
    Null,
    /// The target lacks its final dot, so it names something else than was meant.
    NoFinalDot,
    /// The target has no address.
    NoAddress,
    /// Callers do not take a target outside the SIP domain.
    OutsideSipDomain,
    /// The pool listens on another port.
    WrongPort,
    /// The pool does not offer the service.
    NotOffered,
}

impl Nowhere {
    /// The word of JSON: `no-address`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Null => "null-target",
            Self::NoFinalDot => "no-final-dot",
            Self::NoAddress => "no-address",
            Self::OutsideSipDomain => "outside-sip-domain",
            Self::WrongPort => "wrong-port",
            Self::NotOffered => "not-offered",
        }
    }
}

/// A record, and the pools it is there for.
pub(super) struct Claim<'f> {
    found: &'f FoundSrv,
    pub(super) published: Published,
    /// None: it leads to no declared pool.
    pub(super) pools: Vec<PoolId>,
    /// Whether its target is the name that the policy has pools share.
    pub(super) shared: bool,
}

impl<'f> Claim<'f> {
    pub(super) fn new(
        deployment: &Deployment,
        service: Service,
        sip_domain: &str,
        found: &'f FoundSrv,
    ) -> Self {
        let (pools, shared) = claimed(deployment, service, sip_domain, found);
        let published = Published {
            priority: found.srv.priority,
            weight: found.srv.weight,
            port: found.srv.port,
            target: found.srv.target.absolute.clone(),
            span: found.record.span,
            addresses: found.addresses(),
            reach: Reach::Unknown,
        };
        let mut claim = Self { found, published, pools, shared };
        claim.published.reach = claim.reach(deployment, service, sip_domain);
        claim
    }

    /// Whether callers take the target for the SIP domain. XMPP servers take any: RFC 6120
    /// 13.7.2 has them check the certificate for the domain, not for the target.
    pub(super) fn is_accepted(&self, deployment: &Deployment, service: Service, sip_domain: &str) -> bool {
        if service == Service::Xmpp || self.found.misses_dot {
            return true;
        }
        let target = self.published.target.as_str();
        let inside = |domain: &str| lies_in(target, domain);
        if inside(sip_domain) || HOSTED.into_iter().any(inside) {
            return true;
        }
        match deployment.policy().target_match {
            TargetMatch::Strict => false,
            TargetMatch::Suffix => sip_domain
                .split_once('.')
                .is_some_and(|(_, parent)| deployment.sip_domain(parent).is_some() && inside(parent)),
            TargetMatch::Off => true,
        }
    }

    /// Whether the target is known to have no address.
    pub(super) fn leads_nowhere(&self) -> bool {
        self.no_address().is_some()
    }

    fn no_address(&self) -> Option<Nowhere> {
        match self.found.destination {
            _ if self.found.misses_dot => Some(Nowhere::NoFinalDot),
            Destination::Null => Some(Nowhere::Null),
            Destination::NoAddress => Some(Nowhere::NoAddress),
            _ => None,
        }
    }

    pub(super) fn alias(&self) -> Option<CellState> {
        let to = self.found.aliases.last().and_then(|alias| alias.target());
        let to = to.map(|target| target.absolute.clone());
        let is_alias = to.is_some() || matches!(self.found.destination, Destination::BelowDname);
        is_alias.then_some(CellState::TargetAlias { to })
    }

    /// How the addresses differ from the pool's. Those of a shared name may be any of its pools'.
    pub(super) fn stale(&self, deployment: &Deployment, pool: PoolId) -> Option<CellState> {
        let addresses = self.known_addresses()?;
        let declared = deployment.addresses(pool, AddressKind::Access);
        let is_geo = self.shared && Shape::of(deployment, Service::Federation) == Shape::SharedName;
        let allowed: BTreeSet<IpAddr> = if is_geo {
            self.pools.iter().flat_map(|pool| deployment.addresses(*pool, AddressKind::Access)).collect()
        } else {
            declared.clone()
        };
        let missing: BTreeSet<IpAddr> = declared.difference(&addresses).copied().collect();
        let extra: BTreeSet<IpAddr> = addresses.difference(&allowed).copied().collect();
        let is_stale = !missing.is_empty() || !extra.is_empty();
        is_stale.then_some(CellState::StaleAddress { missing, extra })
    }

    fn known_addresses(&self) -> Option<BTreeSet<IpAddr>> {
        matches!(self.found.destination, Destination::Addresses(_)).then(|| self.found.addresses())
    }

    /// Who answers: by the addresses where they are known, else by the name. A pool does not answer
    /// on another port, nor for a service it does not offer.
    fn reach(&self, deployment: &Deployment, service: Service, sip_domain: &str) -> Reach {
        if let Some(why) = self.no_address() {
            return Reach::Nowhere(why);
        }
        if !self.is_accepted(deployment, service, sip_domain) {
            return Reach::Nowhere(Nowhere::OutsideSipDomain);
        }
        let known = self.known_addresses();
        let pools = match &known {
            Some(addresses) => owners(deployment, addresses),
            None => self.pools.clone(),
        };
        if pools.is_empty() {
            return if known.is_some() { Reach::Foreign } else { Reach::Unknown };
        }
        let offers = |pool: &PoolId| deployment.pool(*pool).services.contains(&service);
        let listens = |pool: &PoolId| deployment.port(*pool, service).value == self.published.port;
        let offering: Vec<PoolId> = pools.into_iter().filter(offers).collect();
        if offering.is_empty() {
            return Reach::Nowhere(Nowhere::NotOffered);
        }
        let answering: Vec<PoolId> = offering.into_iter().filter(listens).collect();
        if answering.is_empty() { Reach::Nowhere(Nowhere::WrongPort) } else { Reach::Pools(answering) }
    }
}

/// The pools that have one of these Access Edge addresses.
fn owners(deployment: &Deployment, addresses: &BTreeSet<IpAddr>) -> Vec<PoolId> {
    let has_one = |pool: &PoolId| !deployment.addresses(*pool, AddressKind::Access).is_disjoint(addresses);
    deployment.pools().iter().map(|pool| pool.id).filter(has_one).collect()
}

/// The pools that a record is there for, and whether through the name they share.
fn claimed(
    deployment: &Deployment,
    service: Service,
    sip_domain: &str,
    found: &FoundSrv,
) -> (Vec<PoolId>, bool) {
    let target = found.srv.target.absolute.as_str();
    match Shape::of(deployment, service) {
        Shape::MovingName => {
            let name = deployment.shared_xmpp_name(sip_domain);
            let rest = target.strip_prefix(name.as_str());
            if rest.is_some_and(|rest| rest.is_empty() || found.misses_dot && rest.starts_with('.')) {
                let holders = owners(deployment, &found.addresses());
                let expected = || State::steady().active(deployment, service).into_iter().collect();
                return (if holders.is_empty() { expected() } else { holders }, true);
            }
        }
        Shape::SharedName => {
            let pools = deployment.shared_name(target);
            if !pools.is_empty() {
                return (pools, true);
            }
        }
        Shape::PerPool | Shape::AnyPriority | Shape::OnePool => {}
    }
    let pools = match found.pool {
        Some(PoolRef::Declared(pool)) => vec![pool],
        // The RRset stands at the end of an alias, where its owner does not tell the service.
        Some(PoolRef::Group(_)) => match deployment.pool_of_name(target) {
            Some(pool) => vec![pool],
            None => {
                Some(owners(deployment, &found.addresses())).filter(|all| all.len() == 1).unwrap_or_default()
            }
        },
        None => Vec::new(),
    };
    (pools, false)
}
