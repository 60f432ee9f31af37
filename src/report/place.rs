//! Places as machines want them: file, line and column, and a fingerprint that outlives line moves.

use crate::diagnostic::{Finding, RuleName};
use crate::text::{Sources, Span};
use serde::Serialize;
use std::collections::HashMap;

/// The folder of the pages of the rules.
const RULE_PAGES: &str = "https://github.com/zonewright/zonewright/blob/main/docs/rules";

/// Where the page of a rule can be read.
pub fn rule_url(rule: RuleName) -> String {
    format!("{RULE_PAGES}/{rule}.md")
}

/// Lines and columns from 1 on; columns count octets, the end is the first octet after the span.
#[derive(Serialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) end_line: u64,
    pub(super) end_column: u64,
}

impl Place {
    pub(super) fn new(sources: &Sources, span: Span) -> Self {
        let span = sources.visible(span);
        let source = sources.get(span.file);
        let (start, end) = (source.position(span.start), source.position(span.end()));
        Self {
            file: source.name().to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// The same with columns that count characters.
    pub(super) fn in_characters(sources: &Sources, span: Span) -> Self {
        let place = Self::new(sources, span);
        let span = sources.visible(span);
        let source = sources.get(span.file);
        let column = |offset: u64| {
            let before = source.slice(source.line_start(offset), offset);
            String::from_utf8_lossy(&before).chars().count() as u64 + 1
        };
        Self { column: column(span.start), end_column: column(span.end()), ..place }
    }
}

/// What stands for each finding of a report in the eyes of a service that compares reports: the rule,
/// the file, and what is said. Lines that move do not change it, and neither does a record elsewhere
/// that is added or goes; of several findings that say the same, each is told by its number.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: HashMap<u128, u32>,
}

impl Fingerprints {
    pub(super) fn next(&mut self, sources: &Sources, finding: &Finding) -> String {
        let span = sources.visible(finding.span);
        let source = sources.get(span.file);
        let parts = [
            finding.rule.0,
            source.name(),
            finding.zone.as_deref().unwrap_or_default(),
            finding.owner.as_deref().unwrap_or_default(),
            finding.rtype.as_deref().unwrap_or_default(),
            &finding.message,
        ];
        let hash = twox_hash::XxHash3_128::oneshot(parts.join("\0").as_bytes());
        let number = self.seen.entry(hash).or_default();
        *number += 1;
        format!("{hash:032x}:{number}")
    }
}
