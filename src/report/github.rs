//! Workflow commands of GitHub Actions: each finding becomes an annotation of the changed files.

use super::advice::advice;
use super::place::Place;
use crate::diagnostic::{Finding, Severity};
use crate::text::Sources;
use std::io;

/// Writes one command per finding.
///
/// # Errors
/// Those of the writer.
pub fn github(out: &mut dyn io::Write, sources: &Sources, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let place = Place::in_characters(sources, finding.span);
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        write!(out, "::{command} file={},line={}", property(&place.file), place.line)?;
        // Columns are taken to be of the first line, so that they mean nothing over several.
        if place.line == place.end_line {
            write!(out, ",endLine={},col={},endColumn={}", place.end_line, place.column, place.end_column)?;
        }
        let mut text = finding.message.clone();
        if let Some(advice) = advice(sources, finding) {
            text.push_str("\nhelp: ");
            text.push_str(&advice);
        }
        writeln!(out, ",title={}::{}", property(&format!("zonewright: {}", finding.rule)), data(&text))?;
    }
    Ok(())
}

/// The text of a command: what would end it is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
