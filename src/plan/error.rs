//! Why there is no plan.

use crate::diagnostic::Finding;
use crate::text::Sources;
use std::fmt;
use std::sync::Arc;

/// Why there is no plan; nothing was written.
#[derive(Debug)]
pub enum PlanError {
    /// The configuration declares no Edge pools.
    NoDeployment,
    /// No pool of that name.
    UnknownPool {
        /// What was given.
        found: String,
        /// The nearest declared name.
        nearest: Option<String>,
        /// All declared names.
        known: Vec<String>,
    },
    /// No SIP domain of that name.
    UnknownSipDomain {
        /// What was given.
        found: String,
        /// The nearest declared name.
        nearest: Option<String>,
        /// All declared names.
        known: Vec<String>,
    },
    /// No service of that name.
    UnknownService {
        /// What was given.
        found: String,
        /// The nearest known name.
        nearest: Option<String>,
        /// All known names.
        known: Vec<String>,
    },
    /// A pool does not offer the service it was asked for.
    NotOffered {
        /// The pool.
        pool: String,
        /// The service.
        service: &'static str,
    },
    /// No pool would be left.
    AllLost {
        /// The service.
        service: &'static str,
        /// The pools that offer it, all of them down.
        pools: Vec<String>,
    },
    /// `--to` names a pool that is down.
    ToIsDown(String),
    /// No server of that name.
    UnknownServer {
        /// What was given.
        found: String,
        /// The nearest declared name.
        nearest: Option<String>,
        /// All declared names.
        known: Vec<String>,
    },
    /// A drain would leave no server of a pool.
    LastServer {
        /// The pool.
        pool: String,
        /// The name that would have no address, where the zone and not the declaration says so.
        name: Option<String>,
    },
    /// The names of the pool lead to a load balancer, not to servers.
    Balanced {
        /// The pool.
        pool: String,
        /// The server.
        server: String,
    },
    /// `--to` names a pool that is to leave.
    ToLeaves(String),
    /// A pool that is to leave holds a route.
    HoldsRoute {
        /// The pool.
        pool: String,
        /// The service.
        service: &'static str,
    },
    /// A pool does not offer the service whose route it should take.
    CannotTakeRoute {
        /// The pool.
        pool: String,
        /// The service.
        service: &'static str,
    },
    /// Only federation and XMPP have a route.
    NoRoute {
        /// The service.
        service: &'static str,
    },
    /// A decommissioning would leave a service without pools.
    NoneLeft {
        /// The service.
        service: &'static str,
        /// The pools that offer it, all of them leaving.
        pools: Vec<String>,
    },
    /// Records are set aside by a failover where others are to be removed for good.
    SetAside {
        /// The owner.
        owner: String,
    },
    /// No zone at hand holds the records of a SIP domain.
    NoZone {
        /// The SIP domain.
        sip_domain: String,
        /// Their owner.
        owner: String,
        /// The zone at hand that delegates the owner to another one.
        delegated: Option<String>,
    },
    /// A zone that must change could not be read wholly.
    Unreadable {
        /// Apex of the zone.
        zone: String,
        /// What is wrong with it.
        findings: Vec<Finding>,
    },
    /// A record cannot be edited where it stands.
    NotEditable {
        /// File and line.
        place: String,
        /// Why.
        why: String,
    },
    /// Two zones need different text of a file that both include.
    Shared {
        /// The file.
        file: String,
    },
    /// The result does not say what was wanted. Never expected: the plan is withheld.
    NotProved(String),
    /// The plan would bring in a finding of level error.
    NotClean {
        /// What would be wrong.
        findings: Vec<Finding>,
        /// The texts after the plan, which the findings point into.
        sources: Arc<Sources>,
    },
    /// Other trouble.
    Other(String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDeployment => f.write_str(
                "zonewright.toml declares no Edge pools: declare [[sip_domain]], [[site]] and [[edge_pool]] to plan",
            ),
            Self::UnknownService { found, nearest, known } => {
                write!(f, "no service is called `{found}`")?;
                match nearest {
                    Some(name) => write!(f, "; did you mean `{name}`?")?,
                    None => f.write_str(";")?,
                }
                write!(f, " known are: {}; declare others as [[service]]", known.join(", "))
            }
            Self::UnknownPool { found, nearest, known } => {
                write!(f, "no Edge pool is called `{found}`")?;
                match nearest {
                    Some(name) => write!(f, "; did you mean `{name}`?")?,
                    None => f.write_str(";")?,
                }
                write!(f, " declared are: {}", known.join(", "))
            }
            Self::UnknownSipDomain { found, nearest, known } => {
                write!(f, "no SIP domain is called `{found}`")?;
                match nearest {
                    Some(name) => write!(f, "; did you mean `{name}`?")?,
                    None => f.write_str(";")?,
                }
                write!(f, " declared are: {}", known.join(", "))
            }
            Self::NotOffered { pool, service } => write!(
                f,
                "pool `{pool}` does not offer {service}: leave out `--service {service}`, or add it to `services` of the pool"
            ),
            Self::AllLost { service, pools } => write!(
                f,
                "every pool that offers {service} would be down ({}): nothing is left to move it to; leave one pool up",
                pools.join(", ")
            ),
            Self::ToIsDown(pool) => write!(f, "`--to {pool}` names a pool that is down"),
            Self::UnknownServer { found, nearest, known } => {
                write!(f, "no Edge server is called `{found}`")?;
                match nearest {
                    Some(name) => write!(f, "; did you mean `{name}`?")?,
                    None => f.write_str(";")?,
                }
                write!(f, " declared are: {}", known.join(", "))
            }
            Self::LastServer { pool, name: None } => write!(
                f,
                "no server of pool `{pool}` would be left: move its services with `plan failover {pool}`"
            ),
            Self::LastServer { pool, name: Some(name) } => write!(
                f,
                "`{name}` would have no address: no other server of pool `{pool}` stands there; bring one back with `plan restore` or `plan sync`, or move the services with `plan failover {pool}`"
            ),
            Self::Balanced { pool, server } => write!(
                f,
                "the names of pool `{pool}` lead to its load balancer: take `{server}` out there, no record changes"
            ),
            Self::ToLeaves(pool) => write!(f, "`--to {pool}` names a pool that is to leave"),
            Self::HoldsRoute { pool, service } => write!(
                f,
                "pool `{pool}` holds the {service} route: name the pool that takes it with `--to POOL`"
            ),
            Self::CannotTakeRoute { pool, service } => write!(
                f,
                "pool `{pool}` does not offer {service}, so it cannot take the route: name another pool with `--to`, or add {service} to `services` of the pool"
            ),
            Self::NoRoute { service } => write!(
                f,
                "{service} has no route: callers go by the priorities; only federation and xmpp have one"
            ),
            Self::NoneLeft { service, pools } => write!(
                f,
                "every pool that offers {service} would leave ({}): add another one first, or turn the service off for its SIP domains",
                pools.join(", ")
            ),
            Self::SetAside { owner } => write!(
                f,
                "`{owner}` has records that a failover has set aside (`; zonewright: parked`): go back with `plan failback`, or take these comments and the word `; zonewright: failover` out, and then plan again"
            ),
            Self::NoZone { owner, delegated: Some(zone), .. } => write!(
                f,
                "zone {zone} delegates `{owner}` to a zone that is not at hand: declare its file with [[zone]] in zonewright.toml, turn the service off for the SIP domain, or name the other services with `--service`"
            ),
            Self::NoZone { sip_domain, delegated: None, .. } => write!(
                f,
                "no external zone at hand holds SIP domain `{sip_domain}`: declare its file with [[zone]] in zonewright.toml"
            ),
            Self::Unreadable { zone, findings } => {
                let count = findings.len();
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "zone {zone} does not parse ({count} error{plural}): correct it first; nothing was planned")
            }
            Self::NotEditable { place, why } => write!(f, "{place}: {why}"),
            Self::Shared { file } => write!(
                f,
                "{file} is included by several zones that need different text of it: give each zone its own records"
            ),
            Self::NotProved(why) => write!(f, "the plan could not be proved and is withheld: {why}"),
            Self::NotClean { findings, .. } => {
                let count = findings.len();
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "the zones would have {count} new error{plural} after this plan, so it is withheld; line numbers are those after it")
            }
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for PlanError {}
