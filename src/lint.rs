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
mod table;
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

pub use context::{Beside, Found, Others, RemovedZone, RrsetView, Stray, StrayKind, Workspace, ZoneContext};
pub use rule::{Check, FixKind, Group, Rule};
pub use run::{Report, lint, lint_since};
pub use select::{Levels, SelectError};
pub use srv::SrvMarks;
pub use table::{rule, rules};
pub use wants::{Marks, Wants};
