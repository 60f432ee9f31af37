//! What a check has to say: a rule, a place, the facts, and where it can be done, the remedy.

use crate::text::Span;
use std::fmt;

/// The stable kebab-case name of a rule, as in `explain RULE` and `allow RULE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName(pub &'static str);

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad a finding is. Ordered: info < warning < error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; shown with `--pedantic` or when selected.
    Info,
    /// Will break something some day, or surprises a reader.
    Warning,
    /// Breaks something now.
    Error,
}

impl Severity {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A further place that a finding speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where; may lie in another file, the configuration among them.
    pub span: Span,
    /// What is there: lower case, no full stop.
    pub message: String,
}

/// Whether a fix can be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The zone says the same after it, or plainly what was meant.
    Safe,
    /// Changes what the zone publishes; a person should look.
    Unsafe,
}

impl Applicability {
    /// The word used in every report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// The replacement of some bytes of one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The octets to replace; an empty span inserts.
    pub span: Span,
    /// What to write there.
    pub replacement: Vec<u8>,
}

/// The edits that remedy a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether `--fix` may apply it unasked.
    pub applicability: Applicability,
    /// Sorted by place, not overlapping.
    pub edits: Vec<Edit>,
}

/// One thing found.
///
/// `message` is lower case without a full stop, says the fact with its values first, names things
/// in backticks and always carries the full domain name, so that a one-line report suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleName,
    /// The rule's severity, after the configuration had its say.
    pub severity: Severity,
    /// The field that is wrong.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// What stands at `span`, for the line under it.
    pub label: Option<String>,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// What to write or do.
    pub help: Option<String>,
    /// How to remedy it by machine.
    pub fix: Option<Fix>,
    /// Apex of the zone, without the final dot.
    pub zone: Option<String>,
    /// Owner of the record, absolute.
    pub owner: Option<String>,
    /// Type mnemonic of the record.
    pub rtype: Option<String>,
    /// How many findings of the rule it stands for beside itself.
    pub others: usize,
}

impl Finding {
    /// A finding with no more than its place and its fact. The severity is the table's later on.
    pub fn new(rule: RuleName, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            span,
            message: message.into(),
            label: None,
            labels: Vec::new(),
            help: None,
            fix: None,
            zone: None,
            owner: None,
            rtype: None,
            others: 0,
        }
    }

    /// Says what stands at the span.
    #[must_use]
    pub fn labelled(mut self, message: impl Into<String>) -> Self {
        self.label = Some(message.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Names the record: its owner (absolute) and its type.
    #[must_use]
    pub fn record(mut self, owner: impl Into<String>, rtype: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self.rtype = Some(rtype.into());
        self
    }

    /// A fix that replaces one span.
    #[must_use]
    pub fn fix(self, applicability: Applicability, span: Span, replacement: impl Into<Vec<u8>>) -> Self {
        self.fixes(applicability, vec![Edit { span, replacement: replacement.into() }])
    }

    /// A fix of several edits, sorted by place.
    #[must_use]
    pub fn fixes(mut self, applicability: Applicability, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { applicability, edits });
        self
    }
}

/// The one of `known` that a person most likely meant by `found`: equal but for case, or at most a
/// third of its letters away.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = found.to_ascii_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typing_slips_only() {
        assert_eq!(nearest("AAA", ["A", "AAAA", "TXT"]), Some("AAAA"));
        assert_eq!(nearest("cname", ["CNAME", "NAPTR"]), Some("CNAME"));
        assert_eq!(nearest("CNMAE", ["CNAME", "NAPTR"]), Some("CNAME"));
        assert_eq!(nearest("HELLO", ["CNAME", "NAPTR"]), None);
    }
}
