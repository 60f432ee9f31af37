//! Rules of the group `change`: what changed in zones since the revision that they are held against.

mod facts;
mod failover;
mod files;
mod keys;
mod mass;
mod names;
mod serial;
mod servers;
mod soa;
mod ttl;

pub(super) use failover::RULES as FAILOVER_RULES;
pub(super) use keys::RULES as KEY_RULES;
pub(super) use mass::RULES as MASS_RULES;
pub(super) use names::RULES as NAME_RULES;
pub(super) use serial::RULES as SERIAL_RULES;
pub(super) use servers::RULES as SERVER_RULES;
pub(super) use soa::RULES as SOA_RULES;
pub(super) use ttl::RULES as TTL_RULES;
