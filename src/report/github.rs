//! Workflow commands of GitHub Actions: each finding becomes an annotation of the changed files.

use super::advice::advice;
use super::place::Place;
use super::sanitize;
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
        // A log is a terminal too: nothing of a zone reaches it raw.
        let mut text = sanitize::words(&finding.message, true).into_owned();
        if let Some(advice) = advice(sources, finding) {
            text.push_str("\nhelp: ");
            text.push_str(&sanitize::words(&advice, true));
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

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Finding, RuleName};
    use crate::text::{Source, Sources, Span};

    #[test]
    fn nothing_of_a_zone_becomes_a_command() {
        let sources = Sources::default();
        let file = sources.add(Source::text("a,b:c.zone", "x A 1\ny A 2\n"));
        let message = "100 %\n::add-mask::x\u{1b}[2J";
        let finding = Finding::new(RuleName("r"), Span::new(file, 4, 7), message).help("b\r\nc");
        let mut out = Vec::new();
        super::github(&mut out, &sources, &[finding]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=a%2Cb%3Ac.zone,line=1,title=zonewright%3A r::100 %25\\n::add-mask::x\\u{1b}[2J%0Ahelp: b\\r\\nc\n"
        );
    }
}
