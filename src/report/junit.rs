//! JUnit XML: a suite per file, a failed case per finding of level error or warning; a file without
//! any is one case that passes.

use super::place::Place;
use crate::diagnostic::{Finding, Severity};
use crate::text::Sources;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::io;

/// Writes the report; `files` are the names of all zone files that were looked at.
///
/// # Errors
/// Those of the writer.
pub fn junit(
    out: &mut dyn io::Write,
    sources: &Sources,
    findings: &[Finding],
    files: &[String],
) -> io::Result<()> {
    let mut suites: BTreeMap<String, Vec<TestCase>> =
        files.iter().map(|name| (name.clone(), Vec::new())).collect();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        let place = Place::new(sources, finding.span);
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type(finding.severity.word())
            .set_message(&finding.message)
            .set_description(format!("{}:{}:{}: {}", place.file, place.line, place.column, finding.message));
        let mut case = TestCase::new(format!("{}:{}", finding.rule, place.line), status);
        case.set_classname(&place.file);
        suites.entry(place.file).or_default().push(case);
    }
    let mut report = Report::new("zonewright");
    for (name, mut cases) in suites {
        if cases.is_empty() {
            let mut case = TestCase::new("no findings", TestCaseStatus::success());
            case.set_classname(&name);
            cases.push(case);
        }
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    report.serialize(&mut *out).map_err(io::Error::other)
}
