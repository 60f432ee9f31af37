//! SARIF 2.1.0, for GitHub code scanning and other services that keep results.

use super::RuleCard;
use super::advice::usable_fix;
use super::place::{Fingerprints, Place};
use crate::diagnostic::{Edit, Finding, Severity};
use crate::text::{Sources, Span};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Writes one run. `rules` are those that may have found something; those that did are listed with
/// their pages.
///
/// # Errors
/// Those of the writer.
pub fn sarif(
    out: &mut dyn io::Write,
    sources: &Sources,
    findings: &[Finding],
    rules: &[RuleCard],
) -> io::Result<()> {
    let mut used: Vec<&str> = findings.iter().map(|finding| finding.rule.0).collect();
    used.sort_unstable();
    used.dedup();
    let mut prints = Fingerprints::default();
    let results = findings.iter().map(|finding| result(sources, finding, &used, &mut prints)).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "zonewright",
                    version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: used.iter().map(|name| descriptor(name, rules)).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn descriptor(name: &str, rules: &[RuleCard]) -> Descriptor {
    let card = rules.iter().find(|card| card.name == name);
    Descriptor {
        id: name.to_owned(),
        short_description: card.map(|card| Text { text: card.summary.to_owned() }),
        full_description: card.map(|card| Words { text: card.what, markdown: card.what }),
        help: card.map(|card| Words { text: card.page, markdown: card.page }),
        help_uri: card.map(|card| card.url.clone()),
        default_configuration: card
            .map(|card| Configuration { enabled: card.is_default, level: level(card.severity) }),
        properties: card.map(|card| Properties {
            tags: [Some(card.group), card.opt_in.then_some("opt-in")].into_iter().flatten().collect(),
        }),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(sources: &Sources, finding: &Finding, rules: &[&str], prints: &mut Fingerprints) -> ResultObject {
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    let logical = finding.owner.as_ref().map(|owner| Logical { fully_qualified_name: owner.clone() });
    let related = finding.labels.iter().enumerate();
    ResultObject {
        rule_id: finding.rule.0,
        rule_index: rules.binary_search(&finding.rule.0).unwrap_or_default(),
        level: level(finding.severity),
        message: Text { text },
        locations: vec![Location {
            id: None,
            physical_location: physical(sources, finding.span),
            logical_locations: logical.into_iter().collect(),
            message: finding.label.clone().map(|text| Text { text }),
        }],
        related_locations: related
            .map(|(number, label)| Location {
                id: Some(number),
                physical_location: physical(sources, label.span),
                logical_locations: Vec::new(),
                message: Some(Text { text: label.message.clone() }),
            })
            .collect(),
        partial_fingerprints: BTreeMap::from([("zonewright/v1", prints.next(sources, finding))]),
        fixes: usable_fix(sources, finding)
            .map(|fix| fixes(sources, &fix.edits, finding))
            .into_iter()
            .collect(),
    }
}

fn fixes(sources: &Sources, edits: &[Edit], finding: &Finding) -> FixObject {
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for edit in edits {
        let location = artifact(sources, edit.span);
        let replacement = Replacement {
            deleted_region: region(sources, edit.span),
            inserted_content: Text { text: String::from_utf8_lossy(&edit.replacement).into_owned() },
        };
        match changes.iter_mut().find(|change| change.artifact_location.uri == location.uri) {
            Some(change) => change.replacements.push(replacement),
            None => {
                changes.push(ArtifactChange { artifact_location: location, replacements: vec![replacement] })
            }
        }
    }
    let text = finding.help.clone().unwrap_or_else(|| finding.message.clone());
    FixObject { description: Text { text }, artifact_changes: changes }
}

fn physical(sources: &Sources, span: Span) -> Physical {
    Physical { artifact_location: artifact(sources, span), region: region(sources, span) }
}

fn artifact(sources: &Sources, span: Span) -> ArtifactLocation {
    let name = sources.get(sources.visible(span).file).name().to_owned();
    let is_relative = !name.starts_with('/');
    ArtifactLocation { uri: uri(&name), uri_base_id: is_relative.then_some("%SRCROOT%") }
}

/// A path as a reference of RFC 3986: what is neither unreserved nor a slash is written in hexadecimal.
fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for octet in path.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet) {
            text.push(char::from(octet));
        } else {
            text.push_str(&format!("%{octet:02X}"));
        }
    }
    if path.starts_with('/') { format!("file://{text}") } else { text }
}

fn region(sources: &Sources, span: Span) -> Region {
    let place = Place::in_characters(sources, span);
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultObject>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Words {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixObject>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixObject {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}
