//! Rules of the group `change`: what changed in zones since the revision that they are held against.

mod serial;

pub(super) use serial::RULES as SERIAL_RULES;
