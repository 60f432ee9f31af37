//! Findings on their way out: which zone, which includes, and not too many of them.

use super::{MAX_FINDINGS, OwnerState, Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::name::read_escape;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::token::{FieldError, Tokens};

impl<S: RecordSink> Parser<'_, S> {
    /// The absolute owner in force.
    pub(super) fn owner_text(&self) -> String {
        let text = match self.owner.state {
            OwnerState::OutOfZone => self.owner.key.clone(),
            _ => self.options.apex.join(&self.owner.key),
        };
        if text.is_empty() { String::from(".") } else { String::from_utf8_lossy(&text).into_owned() }
    }

    /// Owner and type, as messages about a record begin.
    pub(super) fn prefix(&self, rtype: Rtype) -> String {
        format!("`{}` {rtype}: ", self.owner_text())
    }

    pub(super) fn report_record(&mut self, rtype: Rtype, finding: Finding) {
        let owner = self.owner_text();
        self.report(finding.record(owner, rtype.to_string()));
    }

    /// Hands a finding on with its zone and the includes that led there.
    pub(super) fn report(&mut self, finding: Finding) {
        if let Some(known) = &mut self.generated {
            if known.contains(&finding.rule) {
                return;
            }
            known.push(finding.rule);
        }
        let count = self.counts.entry(finding.rule).or_insert((0, finding.span));
        count.0 += 1;
        count.1 = finding.span;
        if count.0 > MAX_FINDINGS {
            return;
        }
        let finding = self.placed(finding);
        self.sink.finding(finding);
    }

    /// The finding with its zone and the includes that led there.
    pub(super) fn placed(&self, mut finding: Finding) -> Finding {
        finding.zone = Some(self.options.apex.to_string());
        for by in self.chain.iter().rev().filter_map(|(_, by)| *by) {
            if finding.labels.iter().all(|label| label.span != by) {
                finding = finding.related(by, "included from here");
            }
        }
        finding
    }

    /// Reports every escape of an entry that stands for nothing.
    pub(super) fn bad_escapes(&mut self, piece: &Piece<'_>, prefix: &str, tokens: Tokens<'_, '_>) {
        for token in tokens.rest.iter().filter(|token| token.escaped) {
            let text = token.text(tokens.data);
            let mut at = 0;
            while at < text.len() {
                let len = match read_escape(&text[at..], token.octal) {
                    _ if text[at] != b'\\' => 1,
                    Ok((_, len)) => len,
                    Err(len) => {
                        let end = (at + len).min(text.len());
                        let escape = text.get(at..end).unwrap_or_default();
                        let start = token.start + at as u32;
                        let finding = Finding::new(
                            RuleName("bad-escape"),
                            piece.span(start, start + escape.len() as u32),
                            format!("{prefix}`{}` is no escape", String::from_utf8_lossy(escape)),
                        );
                        self.report(finding.help(crate::zonefile::name::escape_help(escape)));
                        len
                    }
                };
                at += len.max(1);
            }
        }
    }

    pub(super) fn finish(&mut self) {
        if let Some(finding) = self.ttls.take_finding() {
            self.sink.finding(finding);
        }
        for (rule, (count, span)) in std::mem::take(&mut self.counts) {
            if count > MAX_FINDINGS {
                let mut finding = Finding::new(
                    rule,
                    span,
                    format!("{} more findings of `{rule}` are not shown", count - MAX_FINDINGS),
                );
                finding.zone = Some(self.options.apex.to_string());
                self.sink.finding(finding);
            }
        }
    }
}

/// The finding for a field that cannot be read.
pub(super) fn field_finding(piece: &Piece<'_>, prefix: &str, error: &FieldError) -> Finding {
    let span = piece.span(error.start, error.end);
    let mut finding = Finding::new(error.rule, span, format!("{prefix}{}", error.message));
    if let Some(help) = &error.help {
        finding = finding.help(help.clone());
    }
    if let Some((applicability, replacement)) = &error.fix {
        finding = finding.fixes(*applicability, vec![Edit { span, replacement: replacement.clone() }]);
    }
    finding
}

/// The same, pointing at the last token before what is missing.
pub(super) fn missing_finding(piece: &Piece<'_>, prefix: &str, error: &FieldError, last: Span) -> Finding {
    let mut finding = field_finding(piece, prefix, error);
    if error.start == error.end && error.fix.is_none() {
        finding.span = last;
    }
    finding
}

/// The finding for a number of seconds that is no TTL on the wire (RFC 2181 section 8).
pub(super) fn ttl_overflow(span: Span, prefix: &str, text: &[u8]) -> Finding {
    let text = String::from_utf8_lossy(text);
    Finding::new(RuleName("ttl-overflow"), span, format!("{prefix}TTL `{text}` is over 2147483647"))
        .help("the largest TTL is 2147483647, and BIND serves 0 here; write `604800` (7 days) or less")
        .fix(Applicability::Unsafe, span, "604800")
}
