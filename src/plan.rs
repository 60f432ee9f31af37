//! Plans: the smallest change of the zone files that makes a state of the deployment stand.
//!
//! There is one engine. A [`State`] says which pools are up, which servers are drained, which pools are
//! gone, which pool holds a route and which SIP domains are in Microsoft 365; [`wanted`] gives the RRsets that should then stand; the plan is
//! what must change in the files for that. Failover is the state "these pools are down", failback and
//! sync are the state "nothing is down", a drain is the state "these servers are drained", and so on.
//! A goal that is about some pools or servers leaves what stands for others alone.

mod back;
mod changed;
mod config;
mod drain;
mod edits;
mod engine;
mod error;
mod found;
mod lines;
mod m365;
mod parked;
mod place;
mod refusals;
mod retire;
mod scope;
mod serials;
pub mod stages;
mod tasks;
mod texts;
pub mod timing;
mod ttls;
mod verify;
mod wanted;

pub use back::{back, reversed, zones_back};
pub use config::{ConfigEdit, config_edits};
pub use engine::{Request, plan};
pub use error::PlanError;
pub use m365::Hosting;
pub(crate) use serials::serial_edit;
pub use wanted::{Lead, WantedRrset, WantedSrv, wanted};

use crate::config::View;
use crate::edge::{Deployment, PoolId, ServerId, Service, State};
use crate::workspace::Loaded;
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Move services away from pools that are down, or about to be.
    Failover {
        /// The pools that are down.
        down: BTreeSet<PoolId>,
        /// The pool that shall come first.
        to: Option<PoolId>,
    },
    /// Nothing is down any more: what the deployment declares shall stand again.
    Failback {
        /// The pools that come back.
        pools: BTreeSet<PoolId>,
    },
    /// Make the zones say what the deployment declares, names and addresses too.
    Sync,
    /// Take servers out of the names of their pools, which stay up.
    Drain {
        /// The servers.
        servers: BTreeSet<ServerId>,
    },
    /// Put drained servers back into the names of their pools.
    Restore {
        /// The servers.
        servers: BTreeSet<ServerId>,
    },
    /// Pools leave for good: their records go.
    Decommission {
        /// The pools.
        pools: BTreeSet<PoolId>,
        /// The pools that take over the routes that these hold; see [`Goal::decommission`].
        routes: BTreeMap<Service, PoolId>,
    },
    /// Pools that are declared come into the zones: their SRV records, and the addresses of their names.
    Add {
        /// The pools.
        pools: BTreeSet<PoolId>,
    },
    /// The route of federation or XMPP moves while every pool stays up.
    Route {
        /// The service.
        service: Service,
        /// The pool that holds the route from then on.
        to: PoolId,
    },
    /// SIP domains move to Microsoft 365, or back.
    M365 {
        /// Where their records lead from then on.
        to: Hosting,
        /// The SIP domains, as declared.
        sip_domains: BTreeSet<String>,
    },
}

impl Goal {
    /// The goal that pools leave for good; the routes they hold go to `to`.
    ///
    /// # Errors
    /// When they hold a route and `to` is none, or one that leaves too, or does not offer the service.
    pub fn decommission(
        deployment: &Deployment,
        pools: BTreeSet<PoolId>,
        to: Option<PoolId>,
    ) -> Result<Self, PlanError> {
        let name = |pool: PoolId| deployment.pool(pool).name.value.clone();
        if let Some(to) = to.filter(|to| pools.contains(to)) {
            return Err(PlanError::ToLeaves(name(to)));
        }
        let mut routes = BTreeMap::new();
        for service in [Service::Federation, Service::Xmpp] {
            let Some(holder) = deployment.route(service).filter(|holder| pools.contains(holder)) else {
                continue;
            };
            let Some(to) = to else {
                return Err(PlanError::HoldsRoute { pool: name(holder), service: service.word() });
            };
            if !deployment.pool(to).services.contains(&service) {
                return Err(PlanError::CannotTakeRoute { pool: name(to), service: service.word() });
            }
            routes.insert(service, to);
        }
        Ok(Self::Decommission { pools, routes })
    }

    /// The state of the deployment that the plan brings about.
    pub fn state(&self) -> State {
        match self {
            Self::Failover { down, to } => {
                let mut state = State::down(down.iter().copied());
                state.lead = *to;
                state
            }
            Self::Failback { .. } | Self::Sync | Self::Restore { .. } | Self::Add { .. } => State::steady(),
            Self::Drain { servers } => State { drained: servers.clone(), ..State::steady() },
            Self::Decommission { pools, routes } => {
                State { gone: pools.clone(), prefer: routes.clone(), ..State::steady() }
            }
            Self::Route { service, to } => {
                State { prefer: BTreeMap::from([(*service, *to)]), ..State::steady() }
            }
            Self::M365 { to: Hosting::TeamsOnly(cloud), sip_domains } => {
                let hosted = sip_domains.iter().map(|domain| (domain.clone(), *cloud));
                State { hosted: hosted.collect(), ..State::steady() }
            }
            Self::M365 { to: Hosting::Hybrid | Hosting::OnPremises, .. } => State::steady(),
        }
    }

    /// The word of the command line.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Failover { .. } => "failover",
            Self::Failback { .. } => "failback",
            Self::Sync => "sync",
            Self::Drain { .. } => "drain",
            Self::Restore { .. } => "restore",
            Self::Decommission { .. } => "decommission",
            Self::Add { .. } => "add",
            Self::Route { .. } => "route",
            Self::M365 { .. } => "m365",
        }
    }
}

/// One RRset before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrsetChange {
    /// Apex of the zone.
    pub zone: String,
    /// Who the zone is served to.
    pub view: View,
    /// Absolute owner, no final dot.
    pub owner: String,
    /// SRV, A, AAAA or CNAME.
    pub rtype: Rtype,
    /// TTL in seconds that was published before; none when the RRset is new.
    pub ttl_before: Option<u32>,
    /// TTL in seconds after.
    pub ttl: u32,
    /// The service it is for; none for the addresses of a pool's names.
    pub service: Option<Service>,
    /// RDATA before, absolute names with final dots, in the order callers try them.
    pub before: Vec<RecordText>,
    /// RDATA after.
    pub after: Vec<RecordText>,
}

impl RrsetChange {
    /// Whether an alias takes the place of these records, so that whoever asks for them gets that.
    pub fn gives_way(&self, changes: &[Self]) -> bool {
        let alias = |other: &Self| {
            other.rtype == Rtype::CNAME
                && !other.after.is_empty()
                && (&other.owner, &other.zone, other.view) == (&self.owner, &self.zone, self.view)
        };
        self.rtype != Rtype::CNAME && self.after.is_empty() && changes.iter().any(alias)
    }
}

/// One record's RDATA as text, and its pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordText {
    /// `10 0 5061 sip1.contoso.com.`, an address, or the target of an alias.
    pub rdata: String,
    /// The pool it leads to.
    pub pool: Option<PoolId>,
}

/// A zone whose serial goes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneChange {
    /// Apex.
    pub apex: String,
    /// Who it is served to.
    pub view: View,
    /// The zone's file, relative to the root of the repository.
    pub file: String,
    /// SOA serial before and after.
    pub serial: (u32, u32),
    /// SOA refresh and retry in seconds: how long a secondary may lag without NOTIFY.
    pub refresh: (u32, u32),
    /// TTL of negative answers in seconds (RFC 2308).
    pub negative_ttl: u32,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlan {
    /// Path relative to the root of the repository, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its octets now.
    pub old: Vec<u8>,
    /// Its octets after.
    pub new: Vec<u8>,
    /// The unified diff, as `git apply` takes it.
    pub patch: Vec<u8>,
}

/// A plan that was proved: its result was read again and says what was wanted.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is for.
    pub goal: Goal,
    /// The services it moves.
    pub services: BTreeSet<Service>,
    /// The RRsets that change, zone by zone.
    pub changes: Vec<RrsetChange>,
    /// The zones that change.
    pub zones: Vec<ZoneChange>,
    /// The files that change, by name.
    pub files: Vec<FilePlan>,
    /// What the reader must know.
    pub warnings: Vec<String>,
    /// Findings of the zones before the plan that stand after it too.
    pub old_findings: usize,
}

impl Plan {
    /// Whether the zones already say what is wanted.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The zones as they are once the plan is carried out. Nothing is written. SIP domains that move to
    /// Microsoft 365 want no service of the Edge pools there any more.
    pub fn applied(&self, loaded: &Loaded) -> Loaded {
        let texts = self.files.iter().map(|file| (file.path.clone(), file.new.clone()));
        let mut applied = loaded.with_changes(&texts.collect());
        if let Goal::M365 { .. } = self.goal
            && let Some(config) = applied.config.as_mut()
            && let Some(declared) = config
                .deployment
                .as_ref()
                .and_then(|deployment| engine::declared_then(deployment, &self.goal))
        {
            config.deployment = Some(declared);
        }
        applied
    }

    /// All patches, one after the other.
    pub fn patch(&self) -> Vec<u8> {
        self.files.iter().flat_map(|file| file.patch.iter().copied()).collect()
    }
}
