//! The runbook in Markdown.

use crate::edge::Deployment;
use crate::plan::Plan;

/// The runbook of a plan.
pub fn runbook(deployment: &Deployment, plan: &Plan) -> String {
    let _ = (deployment, plan);
    String::new()
}
