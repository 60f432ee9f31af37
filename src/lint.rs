//! The rules, and how they are run over zones and over the deployment.
//!
//! A rule is a row of a static table beside the function that finds it, with one page of Markdown
//! in the same folder that is its documentation and its `explain` text.

mod context;
mod host;
mod kind;
mod line;
mod measures;
mod reach;
mod rule;
mod run;
mod select;
mod special;
mod suppress;
mod text;
mod walk;
mod wants;

pub mod address;
pub mod alias;
pub mod apex;
pub mod change;
pub mod delegation;
pub mod hygiene;
pub mod mail;
pub mod names;
pub mod portability;
pub mod rdata;
pub mod srv;
pub mod syntax;
pub mod ttl;

pub use context::{Beside, Found, RemovedZone, RrsetView, Stray, StrayKind, Workspace, ZoneContext};
pub use rule::{Check, FixKind, Group, Rule};
pub use run::{Report, lint, lint_since};
pub use select::{Levels, SelectError};
pub use srv::SrvMarks;
pub use wants::{Marks, Wants};

use std::sync::OnceLock;

/// Every rule, group by group, by name within its group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    static SORTED: OnceLock<Vec<&Rule>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let tables = [
            syntax::RULES,
            names::RULES,
            apex::RULES,
            delegation::RULES,
            alias::RULES,
            srv::TARGET_RULES,
            srv::OWNER_RULES,
            srv::FIELD_RULES,
            srv::RRSET_RULES,
            srv::NEIGHBOUR_RULES,
            srv::DISCOVERY_RULES,
            srv::COVERAGE_RULES,
            srv::POLICY_RULES,
            mail::RULES,
            address::RULES,
            ttl::RULES,
            rdata::CAA_RULES,
            rdata::DANE_RULES,
            rdata::DIGEST_RULES,
            rdata::NAPTR_RULES,
            rdata::OTHER_RULES,
            rdata::SERVICE_RULES,
            rdata::VALUE_RULES,
            special::RULES,
            hygiene::RULES,
            hygiene::TEXT_RULES,
            hygiene::FILE_RULES,
            portability::RULES,
            change::SERIAL_RULES,
            change::MASS_RULES,
            change::NAME_RULES,
            change::SERVER_RULES,
            change::KEY_RULES,
            change::TTL_RULES,
            change::FAILOVER_RULES,
            change::SOA_RULES,
        ];
        let mut rules: Vec<&Rule> = tables.into_iter().flatten().collect();
        rules.sort_by_key(|rule| (rule.group, rule.name));
        rules
    });
    sorted.iter().copied()
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.name.0 == name)
}
