//! Markdown for the summary of a job or a comment on a change.

use super::advice::advice;
use super::place::{Place, rule_url};
use super::{Summary, sanitize};
use crate::diagnostic::Finding;
use crate::text::Sources;
use std::io;

/// Writes a heading with the figures and a table of the findings.
///
/// # Errors
/// Those of the writer.
pub fn markdown(
    out: &mut dyn io::Write,
    sources: &Sources,
    findings: &[Finding],
    summary: &Summary,
) -> io::Result<()> {
    writeln!(out, "### zonewright: {summary}")?;
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| Severity | Place | Finding | Rule |\n| --- | --- | --- | --- |")?;
    for finding in findings {
        let place = Place::new(sources, finding.span);
        let mut text = cell(&finding.message);
        if let Some(advice) = advice(sources, finding) {
            text.push_str("<br>help: ");
            text.push_str(&cell(&advice));
        }
        writeln!(
            out,
            "| {} | {}:{}:{} | {text} | [{}]({}) |",
            finding.severity.word(),
            cell(&place.file),
            place.line,
            place.column,
            finding.rule,
            rule_url(finding.rule)
        )?;
    }
    Ok(())
}

/// Our words in a cell: code stays code, and nothing of a zone ends the cell or becomes markup.
fn cell(text: &str) -> String {
    let clean = sanitize::words(text, true);
    let mut cell = String::with_capacity(clean.len());
    let mut in_code = false;
    for letter in clean.chars() {
        match letter {
            '`' => {
                in_code = !in_code;
                cell.push('`');
            }
            '|' => cell.push_str("\\|"),
            '<' if !in_code => cell.push_str("&lt;"),
            '&' if !in_code => cell.push_str("&amp;"),
            '*' | '_' | '[' | ']' | '\\' if !in_code => {
                cell.push('\\');
                cell.push(letter);
            }
            _ => cell.push(letter),
        }
    }
    cell
}
