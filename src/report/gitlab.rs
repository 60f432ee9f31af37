//! A Code Quality report of GitLab.

use super::place::{Fingerprints, Place};
use crate::diagnostic::{Finding, Severity};
use crate::text::Sources;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

/// Writes an array with one object per finding.
///
/// # Errors
/// Those of the writer.
pub fn gitlab(out: &mut dyn io::Write, sources: &Sources, findings: &[Finding]) -> io::Result<()> {
    let mut prints = Fingerprints::default();
    let issues: Vec<Issue<'_>> = findings
        .iter()
        .map(|finding| {
            let place = Place::new(sources, finding.span);
            Issue {
                description: &finding.message,
                check_name: finding.rule.0,
                fingerprint: prints.next(sources, finding),
                severity: match finding.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Info => "info",
                },
                location: Location {
                    path: place.file,
                    lines: Lines { begin: place.line, end: place.end_line },
                },
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}
