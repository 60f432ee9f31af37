//! Findings as text: for people ([`human`], [`concise`]) and for machines ([`json`]).
//!
//! Every reporter writes to the writer it is given and to nothing else. Zone files come from other
//! people, so nothing of theirs reaches a terminal raw: see `report/sanitize.rs`.

mod concise;
mod human;
mod json;
mod sanitize;
mod style;
mod window;

pub use self::concise::concise;
pub use self::human::human;
pub use self::json::json;
pub use self::style::{ColorChoice, Style, color_wanted, unicode_wanted};

use crate::diagnostic::{Applicability, Finding, Fix, Severity};
use crate::text::{Source, Sources, Span};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// What a run found, in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Zones looked at.
    pub zones: usize,
    /// Records in them.
    pub records: u64,
    /// Findings that break something now.
    pub errors: usize,
    /// Findings that will break something, or surprise.
    pub warnings: usize,
    /// Findings worth knowing.
    pub infos: usize,
    /// Findings with a fix that `--fix` applies.
    pub safe_fixes: usize,
    /// Findings with a fix that a person should look at.
    pub unsafe_fixes: usize,
    /// Findings that an `allow` comment or the configuration silenced.
    pub suppressed: usize,
}

impl Summary {
    /// Adds these findings to the figures.
    pub fn count(&mut self, findings: &[Finding]) {
        for finding in findings {
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Info => self.infos += 1,
            }
            match finding.fix.as_ref().map(|fix| fix.applicability) {
                Some(Applicability::Safe) => self.safe_fixes += 1,
                Some(Applicability::Unsafe) => self.unsafe_fixes += 1,
                None => {}
            }
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = listed([
            counted(self.errors, "error", "errors"),
            counted(self.warnings, "warning", "warnings"),
            counted(self.infos, "info", "infos"),
        ]);
        let found = if found.is_empty() { "no findings" } else { &found };
        let zones = if self.zones == 1 { "zone" } else { "zones" };
        let records = if self.records == 1 { "record" } else { "records" };
        write!(f, "{found} in {} {zones}, {} {records}", self.zones, self.records)?;
        let more = listed([
            counted(self.safe_fixes, "safe fix", "safe fixes"),
            counted(self.unsafe_fixes, "unsafe fix", "unsafe fixes"),
            counted(self.suppressed, "suppressed", "suppressed"),
        ]);
        if more.is_empty() { Ok(()) } else { write!(f, " ({more})") }
    }
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

fn listed<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Puts findings in the order of a report: by the name of the file a person sees, the place in it,
/// the rule, the message. Drops all but one of findings that would print the same.
///
/// The order depends on nothing else (not on file ids, which follow the order of reading), so the
/// same input gives the same report on any number of cores.
pub fn sort(sources: &Sources, findings: &mut Vec<Finding>) {
    let mut placed: Vec<(Place, Finding)> = std::mem::take(findings)
        .into_iter()
        .map(|finding| (Place::of(sources, finding.span), finding))
        .collect();
    placed.sort_by(|a, b| order(sources, a, b));
    placed.dedup_by(|a, b| order(sources, a, b) == Ordering::Equal);
    findings.extend(placed.into_iter().map(|(_, finding)| finding));
}

/// A visible span, comparable without looking the source up again.
struct Place {
    source: Arc<Source>,
    start: u64,
    len: u32,
}

impl Place {
    fn of(sources: &Sources, span: Span) -> Self {
        let span = sources.visible(span);
        Self { source: sources.get(span.file), start: span.start, len: span.len }
    }

    fn key(&self) -> (&str, u64, u32) {
        (self.source.name(), self.start, self.len)
    }
}

fn order(sources: &Sources, (a_place, a): &(Place, Finding), (b_place, b): &(Place, Finding)) -> Ordering {
    a_place
        .source
        .name()
        .cmp(b_place.source.name())
        .then_with(|| (a_place.start, a.rule).cmp(&(b_place.start, b.rule)))
        .then_with(|| a.message.cmp(&b.message))
        .then_with(|| a_place.len.cmp(&b_place.len))
        .then_with(|| details(a).cmp(&details(b)))
        .then_with(|| order_labels(sources, a, b))
        .then_with(|| order_fixes(sources, a.fix.as_ref(), b.fix.as_ref()))
}

fn details(finding: &Finding) -> (Severity, [Option<&str>; 5]) {
    let Finding { severity, label, help, zone, owner, rtype, .. } = finding;
    (*severity, [label, help, zone, owner, rtype].map(Option::as_deref))
}

fn order_labels(sources: &Sources, a: &Finding, b: &Finding) -> Ordering {
    let by_message = a.labels.iter().map(|label| &label.message).cmp(b.labels.iter().map(|l| &l.message));
    by_message.then_with(|| {
        let pairs = a.labels.iter().zip(&b.labels);
        pairs
            .map(|(a, b)| Place::of(sources, a.span).key().cmp(&Place::of(sources, b.span).key()))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    })
}

fn order_fixes(sources: &Sources, a: Option<&Fix>, b: Option<&Fix>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    let texts = |fix: &Fix| fix.edits.iter().map(|edit| edit.replacement.clone()).collect::<Vec<_>>();
    let pairs = a.edits.iter().zip(&b.edits);
    a.applicability
        .word()
        .cmp(b.applicability.word())
        .then_with(|| texts(a).cmp(&texts(b)))
        .then_with(|| {
            pairs
                .map(|(a, b)| Place::of(sources, a.span).key().cmp(&Place::of(sources, b.span).key()))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
}

/// The fix of a finding, unless it edits text that stands in no file: what `$GENERATE` made cannot
/// be changed record by record.
fn usable_fix<'a>(sources: &Sources, finding: &'a Finding) -> Option<&'a Fix> {
    let fix = finding.fix.as_ref()?;
    let in_a_file = |span: Span| sources.get(span.file).generated_by().is_none();
    fix.edits.iter().all(|edit| in_a_file(edit.span)).then_some(fix)
}
