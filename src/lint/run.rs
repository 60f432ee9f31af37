//! Calls the rules, and sees to their findings.

use super::context::{RemovedZone, Workspace, ZoneContext};
use super::rule::{Check, Out, Rule};
use super::select::Levels;
use super::walk::walk;
use super::{suppress, text};
use crate::diagnostic::{Finding, Fix, Label};
use crate::edge::Deployment;
use crate::text::{FileId, Span};
use crate::threads;
use crate::zone::{RdataNotes, Record, TypeSet, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::{HashMap, HashSet};

/// A rule about records with marks, and of which types.
type OnNoted = (RdataNotes, &'static [Rtype], OnRecord);
/// The marks say what the types are.
const ANY_TYPE: &[Rtype] = &[];
type OnRecords = fn(&ZoneContext<'_>, &[Record], Out<'_>);
type OnWorkspace = fn(&Workspace<'_>, Out<'_>);
type OnRecord = fn(&ZoneContext<'_>, &Record, Out<'_>);

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
    lint_since(zones, parsed, deployment, &[], levels)
}

/// [`lint`] of zones that are held against a revision, which has also had the zones `removed`.
pub fn lint_since(
    zones: &[ZoneContext<'_>],
    parsed: Vec<Vec<Finding>>,
    deployment: Option<&Deployment>,
    removed: &[RemovedZone<'_>],
    levels: &Levels,
) -> Report {
    let on = levels.on();
    let threads = zones.first().map_or(1, |context| context.threads);
    let mut found = Vec::new();
    if threads < 2 {
        for (context, parsed) in zones.iter().zip(parsed) {
            found.extend(parsed);
            zone(context, &on, &mut found);
        }
    } else {
        let of_zones = threads::map(threads, zones.len(), |at| {
            let mut found = Vec::new();
            zones.get(at).into_iter().for_each(|context| zone(context, &on, &mut found));
            found
        });
        for (parsed, of_zone) in parsed.into_iter().zip(of_zones) {
            found.extend(parsed);
            found.extend(of_zone);
        }
    }
    let news: Vec<_> = on.iter().filter_map(|rule| rule.check.of_text()).collect();
    text::read(zones, &news, &mut found);
    let workspace = Workspace::new(zones, deployment, removed);
    let checks = on.iter().filter_map(|rule| match rule.check {
        Check::Workspace(check) => Some(check),
        _ => None,
    });
    let checks: Vec<OnWorkspace> = checks.collect();
    let of_rules = threads::map(threads, checks.len(), |at| {
        let mut found = Vec::new();
        checks.get(at).into_iter().for_each(|check| check(&workspace, &mut found));
        found
    });
    found.extend(of_rules.into_iter().flatten());
    let mut report = Report::default();
    let mut of_files = levels.among(zones.first().map(|context| context.zone.sources().as_ref()));
    for mut finding in found {
        if finding.rule.0 == "config" {
            report.findings.push(finding);
        } else if let Some(severity) = of_files.of(finding.rule, finding.zone.as_deref(), finding.span) {
            // A rule may take a case of its own less seriously than the table does.
            finding.severity = severity.min(finding.severity);
            report.findings.push(finding);
        }
    }
    report.suppressed = suppress::apply(zones, &mut of_files, &mut report.findings);
    let mut includes = Includes::new(zones);
    for finding in &mut report.findings {
        drop_foreign_fix(zones, finding);
        includes.name(finding);
    }
    report
}

fn zone(context: &ZoneContext<'_>, on: &[&Rule], found: &mut Vec<Finding>) {
    let (mut weak, mut noted, mut odd_rrsets) = (Vec::new(), Vec::new(), Vec::new());
    for rule in on {
        match rule.check {
            Check::Noted(notes, check) => noted.push((notes, ANY_TYPE, check)),
            Check::Odd(rtypes, check) => noted.push((RdataNotes::ODD, rtypes, check)),
            Check::WeakTarget(rtype, check) => weak.push((rtype, check)),
            Check::OddRrset(rtype, check) => odd_rrsets.push((rtype, check)),
            Check::Zone(check) => check(context, found),
            Check::Change(check) => {
                if let Some(change) = &context.change {
                    check(context, change, found);
                }
            }
            _ => {}
        }
    }
    let types = weak.iter().fold(TypeSet::default(), |types, (rtype, _)| types.union(TypeSet::of(*rtype)));
    for record in context.zone.weak_targets(types) {
        for (rtype, check) in &weak {
            if record.rtype == *rtype {
                check(context, &record, found);
            }
        }
    }
    self::noted(context, &noted, found);
    self::odd_rrsets(context, &odd_rrsets, found);
    walk(context, on, found);
}

/// Reads each record with marks once, for all rules that ask for them.
fn noted(context: &ZoneContext<'_>, rules: &[OnNoted], found: &mut Vec<Finding>) {
    let all = rules.iter().fold(RdataNotes::default(), |all, (notes, _, _)| all.union(*notes));
    let records = if all.is_empty() { Vec::new() } else { context.zone.noted(all) };
    let of_parts = threads::map_slices(context.zone.threads(), &records, |part| {
        let mut findings = Vec::new();
        for (key, rec, notes) in part {
            if let Some(record) = context.zone.record(key, *rec) {
                for (wanted, rtypes, check) in rules {
                    if wanted.meets(*notes) && (rtypes.is_empty() || rtypes.contains(&rec.rtype)) {
                        check(context, &record, &mut findings);
                    }
                }
            }
        }
        findings
    });
    found.extend(of_parts.into_iter().flatten());
}

/// Reads each RRset with an odd record once, for all rules that ask for it.
fn odd_rrsets(context: &ZoneContext<'_>, rules: &[(Rtype, OnRecords)], found: &mut Vec<Finding>) {
    if rules.is_empty() {
        return;
    }
    let mut seen = HashSet::new();
    for (key, rec, _) in context.zone.noted(RdataNotes::ODD) {
        let mut checks = rules.iter().filter(|(rtype, _)| *rtype == rec.rtype).peekable();
        if checks.peek().is_none() || !seen.insert((key, rec.rtype)) {
            continue;
        }
        let records = context.zone.read_rrset(key, rec.rtype);
        checks.for_each(|(_, check)| check(context, &records, found));
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

/// The directives that lead to included files.
struct Includes<'z> {
    /// The first zone of each name.
    zones: HashMap<String, &'z ZoneContext<'z>>,
    known: HashMap<(*const Zone, FileId), Vec<Span>>,
}

impl<'z> Includes<'z> {
    fn new(zones: &'z [ZoneContext<'z>]) -> Self {
        let mut by_name = HashMap::new();
        for context in zones {
            by_name.entry(context.zone.apex().to_string()).or_insert(context);
        }
        Self { zones: by_name, known: HashMap::new() }
    }

    /// A finding in an included file says which directives lead there.
    fn name(&mut self, finding: &mut Finding) {
        let Some(context) = finding.zone.as_deref().and_then(|zone| self.zones.get(zone)) else { return };
        let includes = self
            .known
            .entry((std::ptr::from_ref(context.zone), finding.span.file))
            .or_insert_with(|| context.zone.includes_of(finding.span.file));
        for by in includes {
            if !finding.labels.iter().any(|label| label.span == *by) {
                finding.labels.push(Label { span: *by, message: String::from("included from here") });
            }
        }
    }
}
