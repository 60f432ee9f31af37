//! What a plan has beside its diff.

use crate::cli::output::Terminal;
use crate::edge::Deployment;
use crate::plan::{Plan, config_edits};

/// Says what a plan warns of, and what else is to be changed for it.
pub(in crate::cli) fn say_beside(deployment: &Deployment, plan: &Plan, terminal: &Terminal) {
    for warning in &plan.warnings {
        terminal.say(&format!("warning: {warning}"));
    }
    for edit in config_edits(deployment, &plan.goal) {
        let line = edit.line.as_deref().unwrap_or("take it out");
        terminal.say(&format!("zonewright.toml, {}: {line}", edit.table));
    }
}
