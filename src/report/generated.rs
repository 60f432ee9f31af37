//! What is found in many records of one `$GENERATE` is one thing to mend, and is told once. Baselines
//! and fixes are held against all of it.

use crate::diagnostic::{Finding, RuleName, Severity};
use crate::text::{Sources, Span};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The same fault: the rule and its severity, the directive, and the zone.
type Same = (RuleName, Severity, Span, Option<String>);

/// Keeps the first of the findings of each rule in what one `$GENERATE` makes, which then says how many
/// more there are. Those with a fix of their own stay.
pub fn once(sources: &Sources, findings: &mut Vec<Finding>) {
    let mut first: HashMap<Same, (usize, usize)> = HashMap::new();
    let mut again = vec![false; findings.len()];
    for (index, finding) in findings.iter().enumerate() {
        if finding.fix.is_some() || sources.get(finding.span.file).generated_by().is_none() {
            continue;
        }
        let same = (finding.rule, finding.severity, sources.visible(finding.span), finding.zone.clone());
        match first.entry(same) {
            Entry::Vacant(entry) => _ = entry.insert((index, 0)),
            Entry::Occupied(mut entry) => {
                let (kept, more) = entry.get_mut();
                *more += 1;
                let is_before = findings.get(*kept).is_some_and(|kept| finding.span.start < kept.span.start);
                let left_out = if is_before { std::mem::replace(kept, index) } else { index };
                if let Some(left_out) = again.get_mut(left_out) {
                    *left_out = true;
                }
            }
        }
    }
    for (kept, more) in first.into_values().filter(|(_, more)| *more > 0) {
        if let Some(finding) = findings.get_mut(kept) {
            finding.message.push_str(&format!(", and {more} more of this `$GENERATE`"));
        }
    }
    let mut again = again.into_iter();
    findings.retain(|_| !again.next().unwrap_or_default());
}
