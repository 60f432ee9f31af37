//! One line per finding, for eyes that scan and tools that split at colons.

use super::advice::usable_fix;
use super::sanitize::words;
use crate::diagnostic::{Applicability, Finding};
use crate::text::Sources;
use std::io;

/// Writes `path:line:column: severity[rule] message` per finding; ` [*]` stands before the message
/// when there is a safe fix. The column counts bytes.
///
/// # Errors
/// Those of the writer.
pub fn concise(out: &mut dyn io::Write, sources: &Sources, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let span = sources.visible(finding.span);
        let source = sources.get(span.file);
        let at = source.position(span.start);
        let safe = usable_fix(sources, finding).is_some_and(|fix| fix.applicability == Applicability::Safe);
        writeln!(
            out,
            "{}:{}:{}: {}[{}]{} {}",
            words(source.name(), true),
            at.line,
            at.column,
            finding.severity.word(),
            finding.rule,
            if safe { " [*]" } else { "" },
            words(&finding.message, true),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{RuleName, Severity};
    use crate::text::{Source, Span};

    #[test]
    fn a_line_per_finding() {
        let sources = Sources::default();
        let file = sources.add(Source::text("zones/a.zone", "a A 1\nb A 2\n"));
        let directive = Span::new(file, 6, 11);
        let made = sources.add(Source::generated(directive, b"x\ny\n".to_vec()));
        let port = Span::new(file, 10, 11);
        let mut mild = Finding::new(RuleName("ttl-long"), Span::new(made, 2, 3), "odd\u{1b}[2J");
        mild.severity = Severity::Warning;
        let findings = [
            Finding::new(RuleName("srv-wrong-port"), port, "says 2").fix(Applicability::Safe, port, "3"),
            Finding::new(RuleName("srv-wrong-port"), port, "says 2").fix(Applicability::Unsafe, port, "3"),
            mild,
        ];
        let mut out = Vec::new();
        concise(&mut out, &sources, &findings).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "zones/a.zone:2:5: error[srv-wrong-port] [*] says 2\n\
             zones/a.zone:2:5: error[srv-wrong-port] says 2\n\
             zones/a.zone:2:1: warning[ttl-long] odd\\u{1b}[2J\n"
        );
    }
}
