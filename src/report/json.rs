//! The array for machines. Its fields are a contract: they are added, never renamed.

use super::advice::usable_fix;
use super::place::{Place, rule_url};
use super::sanitize::is_unsafe;
use crate::diagnostic::{Finding, Severity};
use crate::text::Sources;
use serde::Serialize;
use std::io;

/// Writes a JSON array with one object per line; `[]` when there is nothing to say.
///
/// Lines and columns are 1-based, columns count bytes, the end is the first byte after the span.
/// Edits carry byte offsets from the start of the file; a replacement that is not UTF-8 is given
/// with U+FFFD for what cannot be said.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn io::Write, sources: &Sources, findings: &[Finding]) -> io::Result<()> {
    if findings.is_empty() {
        return out.write_all(b"[]\n");
    }
    for (index, finding) in findings.iter().enumerate() {
        out.write_all(if index == 0 { b"[\n" } else { b",\n" })?;
        let mut writer = serde_json::Serializer::with_formatter(&mut *out, Printable);
        Entry::new(sources, finding).serialize(&mut writer)?;
    }
    out.write_all(b"\n]\n")
}

/// Writes the same objects, one per line and nothing around them.
///
/// # Errors
/// Those of the writer.
pub fn jsonl(out: &mut dyn io::Write, sources: &Sources, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let mut writer = serde_json::Serializer::with_formatter(&mut *out, Printable);
        Entry::new(sources, finding).serialize(&mut writer)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    zone: Option<&'a str>,
    owner: Option<&'a str>,
    #[serde(rename = "type")]
    rtype: Option<&'a str>,
    help: Option<&'a str>,
    url: String,
    labels: Vec<Label<'a>>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Fix<'a> {
    applicability: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    file: String,
    start: u64,
    end: u64,
    replacement: std::borrow::Cow<'a, str>,
}

impl<'a> Entry<'a> {
    fn new(sources: &Sources, finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.0,
            severity: finding.severity,
            message: &finding.message,
            place: Place::new(sources, finding.span),
            zone: finding.zone.as_deref(),
            owner: finding.owner.as_deref(),
            rtype: finding.rtype.as_deref(),
            help: finding.help.as_deref(),
            url: rule_url(finding.rule),
            labels: finding
                .labels
                .iter()
                .map(|label| Label { message: &label.message, place: Place::new(sources, label.span) })
                .collect(),
            fix: usable_fix(sources, finding).map(|fix| Fix {
                applicability: fix.applicability.word(),
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| Edit {
                        file: sources.get(edit.span.file).name().to_owned(),
                        start: edit.span.start,
                        end: edit.span.end(),
                        replacement: String::from_utf8_lossy(&edit.replacement),
                    })
                    .collect(),
            }),
        }
    }
}

/// Compact JSON that keeps bidi controls and their like out of a terminal: they are written as
/// `\u` escapes, so no reader sees a difference.
struct Printable;

impl serde_json::ser::Formatter for Printable {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Applicability, RuleName};
    use crate::text::{Source, Span};
    use serde_json::{Value, json};

    fn written(sources: &Sources, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        super::json(&mut out, sources, findings).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_field_of_the_contract() {
        let sources = Sources::default();
        let file = sources.add(Source::text("zones/a.zone", "a A 1\nb A 2\n"));
        let other = sources.add(Source::text("zonewright.toml", "x"));
        let span = Span::new(file, 10, 12);
        let full = Finding::new(RuleName("srv-wrong-port"), span, "says \"2\"\u{202e}")
            .labelled("expected 3")
            .related(Span::new(other, 0, 1), "declared here")
            .record("b.a.", "A")
            .help("write 3")
            .fix(Applicability::Unsafe, span, *b"3\xff");
        let bare = Finding::new(RuleName("no-soa"), Span::new(other, 1, 1), "m");
        let text = written(&sources, &[full, bare]);
        assert_eq!(text.lines().count(), 4, "one line per finding: {text}");
        assert!(text.contains(r"\u202e") && !text.contains('\u{202e}'), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!([
                {
                    "rule": "srv-wrong-port", "severity": "error", "message": "says \"2\"\u{202e}",
                    "file": "zones/a.zone", "line": 2, "column": 5, "end_line": 3, "end_column": 1,
                    "zone": null, "owner": "b.a.", "type": "A", "help": "write 3",
                    "url": rule_url(RuleName("srv-wrong-port")),
                    "labels": [{
                        "message": "declared here", "file": "zonewright.toml",
                        "line": 1, "column": 1, "end_line": 1, "end_column": 2,
                    }],
                    "fix": {
                        "applicability": "unsafe",
                        "edits": [{
                            "file": "zones/a.zone", "start": 10, "end": 12, "replacement": "3\u{fffd}",
                        }],
                    },
                },
                {
                    "rule": "no-soa", "severity": "error", "message": "m",
                    "file": "zonewright.toml", "line": 1, "column": 2, "end_line": 1, "end_column": 2,
                    "zone": null, "owner": null, "type": null, "help": null,
                    "url": rule_url(RuleName("no-soa")), "labels": [], "fix": null,
                },
            ])
        );
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        assert_eq!(written(&Sources::default(), &[]), "[]\n");
    }

    #[test]
    fn generated_text_leads_to_its_directive() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", "\n$GENERATE 1-2 h$ A 192.0.2.$\n"));
        let made = sources.add(Source::generated(Span::new(file, 1, 29), b"h1 A 192.0.2.1\n".to_vec()));
        let span = Span::new(made, 3, 4);
        let finding = Finding::new(RuleName("r"), span, "m").fix(Applicability::Safe, span, "B");
        let value: Value = serde_json::from_str(&written(&sources, &[finding])).unwrap();
        assert_eq!(value[0]["file"], "z");
        assert_eq!((&value[0]["line"], &value[0]["end_column"]), (&json!(2), &json!(29)));
        assert_eq!(value[0]["fix"], Value::Null);
    }
}
