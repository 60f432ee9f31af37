//! Plans: the smallest change of the zone files that makes a state of the deployment stand.
//!
//! There is one engine. A [`State`] says which pools are up; [`wanted`] gives the RRsets that should
//! then stand; the plan is what must change in the files for that. Failover is the state "these
//! pools are down", failback and sync are the state "nothing is down".

mod back;
mod edits;
mod engine;
mod error;
mod found;
mod lines;
mod parked;
mod serials;
pub mod stages;
mod tasks;
mod texts;
pub mod timing;
mod ttls;
mod verify;
mod wanted;

pub use back::{back, reversed, zones_back};
pub use engine::{Request, plan};
pub use error::PlanError;
pub use wanted::{WantedRrset, WantedSrv, wanted};

use crate::config::View;
use crate::edge::{PoolId, Service, State};
use crate::workspace::Loaded;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
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
}

impl Goal {
    /// The state of the deployment that the plan brings about.
    pub fn state(&self) -> State {
        match self {
            Self::Failover { down, to } => {
                let mut state = State::down(down.iter().copied());
                state.lead = *to;
                state
            }
            Self::Failback { .. } | Self::Sync => State::steady(),
        }
    }

    /// The word of the command line.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Failover { .. } => "failover",
            Self::Failback { .. } => "failback",
            Self::Sync => "sync",
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
    /// SRV, A or AAAA.
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

/// One record's RDATA as text, and its pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordText {
    /// `10 0 5061 sip1.contoso.com.` or an address.
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

    /// The zones as they are once the plan is carried out. Nothing is written.
    pub fn applied(&self, loaded: &Loaded) -> Loaded {
        let texts = self.files.iter().map(|file| (file.path.clone(), file.new.clone()));
        loaded.with_changes(&texts.collect())
    }

    /// All patches, one after the other.
    pub fn patch(&self) -> Vec<u8> {
        self.files.iter().flat_map(|file| file.patch.iter().copied()).collect()
    }
}
