//! Rules of the group `change`: what changed in zones since the revision that they are held against.

mod files;
mod serial;
mod soa;

pub(super) use serial::RULES as SERIAL_RULES;
pub(super) use soa::RULES as SOA_RULES;
