//! One line per finding, for eyes that scan and tools that split at colons.

use super::sanitize::words;
use super::usable_fix;
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
