//! Calls the rules: one pass over a zone for all rules of a kind.

use super::context::{RrsetView, Workspace, ZoneContext};
use super::rule::{Check, Rule};
use super::select::Levels;
use super::suppress;
use crate::diagnostic::{Finding, Fix};
use crate::edge::Deployment;
use crate::zone::Rec;

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings that stand, in no particular order.
    pub findings: Vec<Finding>,
    /// How many `allow` comments took away.
    pub suppressed: usize,
}

/// Runs every rule that is on over the zones. `parsed` are the parser's findings, zone by zone.
pub fn lint(
    zones: &[ZoneContext<'_>],
    parsed: Vec<Vec<Finding>>,
    deployment: Option<&Deployment>,
    levels: &Levels,
) -> Report {
    let on: Vec<&Rule> = super::rules().filter(|rule| levels.is_on(rule)).collect();
    let mut found = Vec::new();
    for (context, parsed) in zones.iter().zip(parsed) {
        found.extend(parsed);
        zone(context, &on, &mut found);
    }
    let workspace = Workspace { zones, deployment };
    for rule in &on {
        if let Check::Workspace(check) = rule.check {
            check(&workspace, &mut found);
        }
    }
    let mut report = Report::default();
    for mut finding in found {
        if finding.rule.0 == "config" {
            report.findings.push(finding);
        } else if let Some(severity) = levels.of(finding.rule, finding.zone.as_deref()) {
            // A rule may take a case of its own less seriously than the table does.
            finding.severity = severity.min(finding.severity);
            report.findings.push(finding);
        }
    }
    report.suppressed = suppress::apply(zones, levels, &mut report.findings);
    for finding in &mut report.findings {
        drop_foreign_fix(zones, finding);
        name_includes(zones, finding);
    }
    report
}

fn zone(context: &ZoneContext<'_>, on: &[&Rule], found: &mut Vec<Finding>) {
    let mut records = Vec::new();
    let mut rrsets = Vec::new();
    let mut owners = Vec::new();
    let mut weak = Vec::new();
    let mut services = Vec::new();
    for rule in on {
        match rule.check {
            Check::Record(rtype, check) if context.zone.types().has(rtype) => records.push((rtype, check)),
            Check::Rrset(check) => rrsets.push(check),
            Check::Owner(check) => owners.push(check),
            Check::WeakTarget(rtype, check) => weak.push((rtype, check)),
            Check::Service(check) => services.push(check),
            Check::Zone(check) => check(context, found),
            Check::Parser | Check::Workspace(_) | Check::Record(..) => {}
        }
    }
    if !services.is_empty() {
        for service in context.all_services() {
            for check in &services {
                check(context, &service, found);
            }
        }
    }
    if !weak.is_empty() {
        for record in context.zone.weak_targets() {
            for (rtype, check) in &weak {
                if record.rtype == *rtype {
                    check(context, &record, found);
                }
            }
        }
    }
    if owners.is_empty() && records.is_empty() && rrsets.is_empty() {
        return;
    }
    let mut at_name: Vec<Rec> = Vec::new();
    for name in context.zone.names() {
        for check in &owners {
            check(context, name, found);
        }
        at_name.clear();
        at_name.extend(context.zone.records(name));
        for (rtype, check) in &records {
            for rec in at_name.iter().filter(|rec| rec.rtype == *rtype) {
                if let Some(record) = context.zone.record(context.zone.key_of(name), *rec) {
                    check(context, &record, found);
                }
            }
        }
        if rrsets.is_empty() || at_name.len() < 2 {
            continue;
        }
        at_name.sort_unstable_by_key(|rec| (rec.rtype, rec.place()));
        for group in at_name.chunk_by(|one, other| one.rtype == other.rtype).filter(|group| group.len() > 1) {
            let view = RrsetView { key: context.zone.key_of(name), rtype: group[0].rtype, records: group };
            for check in &rrsets {
                check(context, &view, found);
            }
        }
    }
}

/// A file in another encoding is not what its places were counted in.
fn drop_foreign_fix(zones: &[ZoneContext<'_>], finding: &mut Finding) {
    let Some(sources) = zones.first().map(|context| context.zone.sources()) else { return };
    let foreign = |fix: &Fix| fix.edits.iter().any(|edit| sources.get(edit.span.file).is_transcoded());
    if finding.fix.as_ref().is_some_and(foreign) {
        finding.fix = None;
    }
}

/// A finding in an included file says which directives lead there.
fn name_includes(zones: &[ZoneContext<'_>], finding: &mut Finding) {
    let Some(context) =
        zones.iter().find(|context| finding.zone.as_deref() == Some(&*context.zone.apex().to_string()))
    else {
        return;
    };
    for by in context.zone.includes_of(finding.span.file) {
        if !finding.labels.iter().any(|label| label.span == by) {
            finding
                .labels
                .push(crate::diagnostic::Label { span: by, message: String::from("included from here") });
        }
    }
}
