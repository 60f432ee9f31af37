//! Findings as text: for people ([`human`], [`concise`], [`markdown`]), for programs ([`json`],
//! [`jsonl`]) and for services that show them beside a change ([`sarif`], [`github`], [`gitlab`],
//! [`junit`]).
//!
//! Every reporter writes to the writer it is given and to nothing else. Zone files come from other
//! people, so nothing of theirs reaches a terminal raw: see `report/sanitize.rs`.

mod advice;
pub mod change;
pub(crate) mod commonmark;
mod concise;
mod generated;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
pub mod matrix;
mod pen;
mod place;
pub(crate) mod sanitize;
mod sarif;
pub mod simulation;
mod style;
mod window;

pub use self::concise::concise;
pub use self::generated::once as generated_once;
pub use self::github::github;
pub use self::gitlab::gitlab;
pub use self::human::human;
pub use self::json::{json, jsonl};
pub use self::junit::junit;
pub use self::markdown::markdown;
pub use self::place::rule_url;
pub use self::sarif::sarif;
pub use self::style::{ColorChoice, Style, color_wanted, unicode_wanted};

use crate::diagnostic::{Applicability, Finding, Fix, RuleName, Severity};
use crate::text::{Source, Sources, Span};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a report says of a rule.
#[derive(Clone, Debug)]
pub struct RuleCard {
    /// Its name.
    pub name: &'static str,
    /// Its group.
    pub group: &'static str,
    /// Its severity unless configured otherwise.
    pub severity: Severity,
    /// Whether it runs unless something else is asked for.
    pub is_default: bool,
    /// Whether it runs only where it is selected by its name.
    pub opt_in: bool,
    /// One line: what it finds.
    pub summary: &'static str,
    /// What it does, in Markdown.
    pub what: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// Where the page can be read.
    pub url: String,
}

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
    /// Findings whose fix was carried out.
    pub fixed: usize,
    /// Findings that the baseline accepts.
    pub known: usize,
}

impl Summary {
    /// Figures of the same zones after so many fixes were carried out, with what is found then.
    pub fn recount(&mut self, findings: &[Finding], fixed: usize) {
        *self = Self {
            zones: self.zones,
            records: self.records,
            suppressed: self.suppressed,
            known: self.known,
            fixed,
            ..Self::default()
        };
        self.count(findings);
    }

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
            counted(self.fixed, "fixed", "fixed"),
            counted(self.safe_fixes, "safe fix", "safe fixes"),
            counted(self.unsafe_fixes, "unsafe fix", "unsafe fixes"),
            counted(self.suppressed, "suppressed", "suppressed"),
            counted(self.known, "in the baseline", "in the baseline"),
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

/// How many findings of a rule are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    /// The rule.
    pub rule: RuleName,
    /// How many of its findings were left out.
    pub count: usize,
}

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = grouped(self.count);
        write!(f, "... and {count} more of `{}` (--max-findings 0 shows all)", self.rule)
    }
}

/// A count with a comma between its thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The first `most` findings of each rule, and how many of which rule are left out, in the order of the
/// rules' names. None: all of them.
pub fn limit(findings: &[Finding], most: Option<NonZeroUsize>) -> (Cow<'_, [Finding]>, Vec<More>) {
    let Some(most) = most else { return (Cow::Borrowed(findings), Vec::new()) };
    let mut counts: BTreeMap<RuleName, usize> = BTreeMap::new();
    let kept = findings.iter().filter(|finding| {
        let count = counts.entry(finding.rule).or_default();
        *count += 1;
        *count <= most.get()
    });
    let kept = kept.cloned().collect();
    let left_out = |(rule, count): (RuleName, usize)| {
        let count = count.checked_sub(most.get()).filter(|count| *count > 0)?;
        Some(More { rule, count })
    };
    (Cow::Owned(kept), counts.into_iter().filter_map(left_out).collect())
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
    a.applicability.word().cmp(b.applicability.word()).then_with(|| texts(a).cmp(&texts(b))).then_with(|| {
        pairs
            .map(|(a, b)| Place::of(sources, a.span).key().cmp(&Place::of(sources, b.span).key()))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_findings_of_each_rule_are_kept() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", "x"));
        let of = |rule, count: u64| {
            (0..count).map(move |at| Finding::new(RuleName(rule), Span::new(file, at, at), "m"))
        };
        let all: Vec<Finding> = of("b", 1236).chain(of("a", 2)).chain(of("c", 3)).collect();
        let (findings, more) = limit(&all, NonZeroUsize::new(2));
        let words: Vec<String> = more.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "... and 1,234 more of `b` (--max-findings 0 shows all)",
                "... and 1 more of `c` (--max-findings 0 shows all)"
            ]
        );
        let kept: Vec<_> = findings.iter().map(|finding| (finding.rule.0, finding.span.start)).collect();
        assert_eq!(kept, [("b", 0), ("b", 1), ("a", 0), ("a", 1), ("c", 0), ("c", 1)]);
        assert_eq!(limit(&all, None), (Cow::Borrowed(&all[..]), Vec::new()));
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn summaries_count_in_words() {
        let mut summary = Summary { zones: 3, records: 214, ..Summary::default() };
        assert_eq!(summary.to_string(), "no findings in 3 zones, 214 records");
        let sources = Sources::default();
        let span = Span::new(sources.add(Source::text("z", "x")), 0, 1);
        let error = Finding::new(RuleName("r"), span, "m");
        let mut warning = error.clone().fix(Applicability::Safe, span, "y");
        warning.severity = Severity::Warning;
        summary.count(&[error.clone(), error.clone(), error.clone(), warning]);
        assert_eq!(summary.to_string(), "3 errors, 1 warning in 3 zones, 214 records (1 safe fix)");
        let mut info = error.fix(Applicability::Unsafe, span, "y");
        info.severity = Severity::Info;
        let mut summary = Summary { zones: 1, records: 1, suppressed: 2, ..Summary::default() };
        summary.count(&[info.clone(), info]);
        assert_eq!(summary.to_string(), "2 infos in 1 zone, 1 record (2 unsafe fixes, 2 suppressed)");
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_of_reading() {
        let run = |names: [&str; 2], reverse: bool| {
            let sources = Sources::default();
            let ids = names.map(|name| (name, sources.add(Source::text(name, "0123456789\n"))));
            let mut findings = Vec::new();
            for (name, id) in ids {
                let made = sources.add(Source::generated(Span::new(id, 2, 4), b"x\n".to_vec()));
                for (start, rule, message) in [(5, "b", "1"), (5, "a", "2"), (5, "a", "1"), (0, "z", "1")] {
                    let finding = Finding::new(RuleName(rule), Span::new(id, start, 6), message);
                    findings.push(finding.clone().labelled(name));
                    findings.push(finding.clone().related(Span::new(id, 1, 2), "there"));
                    findings.push(finding.clone().related(Span::new(id, 0, 1), "there"));
                    findings.push(finding.clone());
                    findings.push(finding.clone());
                    findings.push(finding.fix(Applicability::Safe, Span::new(id, 0, 1), "x"));
                }
                findings.push(Finding::new(RuleName("g"), Span::new(made, 0, 1), "1"));
            }
            if reverse {
                findings.reverse();
            }
            sort(&sources, &mut findings);
            findings
                .iter()
                .map(|finding| {
                    let span = sources.visible(finding.span);
                    let labels: Vec<_> = finding.labels.iter().map(|label| label.span.start).collect();
                    (
                        sources.get(span.file).name().to_owned(),
                        span.start,
                        finding.rule.0,
                        finding.message.clone(),
                        finding.label.clone(),
                        labels,
                        finding.fix.is_some(),
                    )
                })
                .collect::<Vec<_>>()
        };
        let expected = run(["a", "b"], false);
        assert_eq!(expected.len(), 2 * (4 * 5 + 1), "one of each pair of equals is dropped");
        assert_eq!(run(["a", "b"], true), expected);
        assert_eq!(run(["b", "a"], false), expected);
        let places: Vec<_> =
            expected.iter().map(|row| (row.0.as_str(), row.1, row.2, row.3.as_str())).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
