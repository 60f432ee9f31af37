//! Rules of the group `srv`.

mod answer;
mod coverage;
mod discovery;
mod drift;
mod facts;
mod fields;
mod line;
mod marks;
mod neighbours;
mod order;
mod owner;
mod place;
mod policy;
mod port;
mod rrset;
mod services;
mod share;
mod target;
mod ttl;
mod view;

pub(super) use coverage::COVERAGE_RULES;
pub(super) use discovery::DISCOVERY_RULES;
pub(super) use facts::{is_external, is_null, is_ordered, meant, policy};
pub(super) use fields::FIELD_RULES;
pub use marks::SrvMarks;
pub(super) use marks::{EdgeOrder, Looked, Looker, mark_orders};
pub(super) use neighbours::NEIGHBOUR_RULES;
pub(super) use owner::OWNER_RULES;
pub(super) use place::rewrite_field;
pub(super) use policy::{POLICY_RULES, is_edge};
pub(super) use rrset::RRSET_RULES;
pub(super) use target::TARGET_RULES;
pub(super) use ttl::with_ttl;
