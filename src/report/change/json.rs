//! The comparison for programs.
//!
//! The fields are a contract, written down in `docs/diff.schema.json` (JSON Schema, draft 2020-12), which is
//! made from the types here. Fields may be added; a field that is renamed or taken away raises
//! `schema_version`.

use super::line::{dotted, in_order, owner, rdata, with_other_ttl};
use super::words::reach;
use super::{Churn, Report};
use crate::change::RrsetChange;
use crate::comparison::{Fragment, Side, ZoneDiff};
use crate::edge::Deployment;
use crate::edge::coverage::{Published, Reach};
use crate::edit::serial::newer;
use crate::report::sanitize;
use crate::zone::{Rec, Record};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::io::{self, Write as _};

/// Version of the fields.
const SCHEMA_VERSION: u32 = 1;

/// Writes the comparison as one JSON object.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let document = document(report);
    let mut out = Clean { out };
    serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// Passes JSON on with its bidi controls and their like as escapes.
struct Clean<'w> {
    out: &'w mut dyn io::Write,
}

impl io::Write for Clean<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let is_plain = octets.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\n'));
        match std::str::from_utf8(octets) {
            // Strings come in pieces that end where a letter ends.
            Ok(text) if !is_plain => self.out.write_all(sanitize::json(text).as_bytes())?,
            _ => self.out.write_all(octets)?,
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What differs between two readings of zones, by RRset.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "zonewright diff"))]
struct Document<'a> {
    /// Version of the fields, 1. Fields may be added without raising it.
    schema_version: u32,
    /// The comparison in figures. Signing data (RRSIG, NSEC, NSEC3, ZONEMD) is not counted, nor an SOA
    /// record of which only the serial differs.
    summary: Summary,
    /// The zones that differ, in the canonical order of their apexes.
    zones: Vec<Zone<'a>>,
    /// Files that zones include and whose text differs.
    included_files: Vec<Included<'a>>,
    /// What callers find otherwise than before, by SIP domain and service; empty without a declared
    /// deployment.
    edge: Vec<EdgeRow<'a>>,
}

/// The comparison in figures.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// Zones with other records.
    zones_changed: usize,
    /// Zones that were not there.
    zones_added: usize,
    /// Zones that are not there any more.
    zones_removed: usize,
    /// Zones with the same records in another layout.
    zones_layout_only: usize,
    /// Zones whose text is the same.
    zones_unchanged: usize,
    /// RRsets that were not there.
    rrsets_added: usize,
    /// RRsets that are not there any more.
    rrsets_removed: usize,
    /// RRsets with other records or another TTL.
    rrsets_changed: usize,
    /// Records that were not there.
    records_added: usize,
    /// Records that are not there any more.
    records_removed: usize,
    /// Records of which nothing but the TTL differs.
    records_with_other_ttl: usize,
}

/// A zone that differs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Zone<'a> {
    /// Its apex, without the final dot.
    origin: String,
    /// Who it is served to: `external` or `internal`.
    view: &'static str,
    /// What happened to it.
    change: ZoneFate,
    /// Its file before; null: it was not there.
    file_before: Option<String>,
    /// Its file; null: it is not there any more.
    file_after: Option<String>,
    /// Whether all of it could be read, before and after; what seems to differ may else not differ.
    complete: bool,
    /// The serial of its SOA record before.
    serial_before: Option<u32>,
    /// The serial of its SOA record.
    serial_after: Option<u32>,
    /// Whether the serial went up (RFC 1982); null without two serials.
    serial_raised: Option<bool>,
    /// The RRsets that differ, in canonical order, the SOA record among them. Those of signing data only
    /// with `--dnssec`.
    #[serde(serialize_with = "rrsets")]
    #[cfg_attr(test, schemars(with = "Vec<Rrset>"))]
    rrsets: (&'a Report<'a>, &'a ZoneDiff<'a>),
    /// How many records of signing data differ, by type; empty with `--dnssec`.
    signing_data: BTreeMap<String, SigningData>,
}

/// What happened to a zone.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum ZoneFate {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It has other records.
    Changed,
    /// Its records are the same, its text is not.
    Layout,
}

/// Records that a signer makes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SigningData {
    /// Records that were not there.
    added: usize,
    /// Records that are not there any more.
    removed: usize,
    /// Records of which nothing but the TTL differs.
    with_other_ttl: usize,
}

/// An RRset that differs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Rrset {
    /// Absolute owner, with the final dot.
    owner: String,
    /// Type.
    r#type: String,
    /// What happened to it.
    change: RrsetFate,
    /// Its TTL before in seconds, the least of its records; null: it was not there.
    ttl_before: Option<u32>,
    /// Its TTL in seconds, the least of its records; null: it is not there any more.
    ttl_after: Option<u32>,
    /// Records that are not there any more.
    removed: Vec<One>,
    /// Records that were not there.
    added: Vec<One>,
    /// Records of which nothing but the TTL differs.
    other_ttl: Vec<OtherTtl>,
    /// How many records stay as they were.
    unchanged: usize,
}

/// What happened to an RRset.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum RrsetFate {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It has other records.
    Changed,
    /// Nothing but TTLs differs.
    Ttl,
}

/// A record.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct One {
    /// TTL in seconds.
    ttl: u32,
    /// RDATA as a zone file has it, names absolute and in lower case; null when it cannot be read again.
    rdata: Option<String>,
    /// The file it is written in.
    file: Option<String>,
    /// The line it begins on, from 1.
    line: Option<u64>,
}

/// A record of which nothing but the TTL differs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OtherTtl {
    /// TTL before in seconds.
    ttl_before: u32,
    /// The record as it is.
    #[serde(flatten)]
    record: One,
}

/// A file that zones include.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Included<'a> {
    /// Its name.
    file: &'a str,
    /// The zones that include it.
    zones: Vec<Includer<'a>>,
}

/// A zone that includes a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Includer<'a> {
    /// Its apex, without the final dot.
    origin: &'a str,
    /// Who it is served to: `external` or `internal`.
    view: &'static str,
}

/// A service of a SIP domain.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EdgeRow<'a> {
    /// The SIP domain.
    sip_domain: &'a str,
    /// The service, such as `remote-access`.
    service: &'a str,
    /// Absolute owner of its SRV records, with the final dot.
    owner: String,
    /// The records as callers tried them.
    before: Vec<Tried<'a>>,
    /// The records as callers try them.
    after: Vec<Tried<'a>>,
    /// Pools that were as they should be, and are not; `zonewright matrix` says why.
    broken: Vec<&'a str>,
    /// Pools that were not as they should be, and are.
    mended: Vec<&'a str>,
}

/// An SRV record, and who answers there.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tried<'a> {
    /// Lower is tried first.
    priority: u16,
    /// Share among records of one priority.
    weight: u16,
    /// Port number.
    port: u16,
    /// Absolute target, with the final dot.
    target: String,
    /// The declared pools that answer there.
    pools: Vec<&'a str>,
    /// Who answers, in words: pools, a host that is no pool's, or why nobody does.
    answers: String,
}

fn document<'a>(report: &'a Report<'a>) -> Document<'a> {
    let figures = report.figures();
    let summary = Summary {
        zones_changed: figures.zones_changed,
        zones_added: figures.zones_added,
        zones_removed: figures.zones_removed,
        zones_layout_only: figures.zones_layout_only,
        zones_unchanged: report.comparison.unchanged,
        rrsets_added: figures.rrsets_added,
        rrsets_removed: figures.rrsets_removed,
        rrsets_changed: figures.rrsets_changed,
        records_added: figures.records_added,
        records_removed: figures.records_removed,
        records_with_other_ttl: figures.records_with_other_ttl,
    };
    Document {
        schema_version: SCHEMA_VERSION,
        summary,
        zones: report.comparison.zones.iter().map(|one| zone(report, one)).collect(),
        included_files: report.comparison.fragments.iter().map(included).collect(),
        edge: edge(report),
    }
}

fn zone<'a>(report: &'a Report<'a>, zone: &'a ZoneDiff<'a>) -> Zone<'a> {
    let (serial_before, serial_after) = zone.serials();
    let file = |side: Option<Side<'_>>| side.map(|side| side.file_name());
    let is_whole = |side: Option<Side<'_>>| side.is_none_or(|side| !side.partial);
    let counts =
        |churn: Churn| SigningData { added: churn.added, removed: churn.removed, with_other_ttl: churn.ttl };
    Zone {
        origin: zone.apex.to_string(),
        view: zone.view.word(),
        change: match (&zone.before, &zone.after) {
            (None, _) => ZoneFate::Added,
            (_, None) => ZoneFate::Removed,
            _ if zone.is_layout_only() => ZoneFate::Layout,
            _ => ZoneFate::Changed,
        },
        file_before: file(zone.before),
        file_after: file(zone.after),
        complete: is_whole(zone.before) && is_whole(zone.after),
        serial_before,
        serial_after,
        serial_raised: serial_before.zip(serial_after).map(|(before, after)| newer(after, before)),
        rrsets: (report, zone),
        signing_data: report
            .churn(zone)
            .into_iter()
            .map(|(rtype, churn)| (rtype.to_string(), counts(churn)))
            .collect(),
    }
}

/// One after the other: a zone may have a million.
fn rrsets<S: Serializer>(
    (report, zone): &(&Report<'_>, &ZoneDiff<'_>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let listed = zone.rrsets.iter().filter(|change| report.lists(change));
    serializer.collect_seq(listed.map(|change| rrset(zone, change)))
}

fn rrset(zone: &ZoneDiff<'_>, change: &RrsetChange) -> Rrset {
    let records = |side: Option<Side<'_>>, records: &[Rec]| -> Vec<One> {
        let read = in_order(side, change, records).into_iter();
        read.map(|(rec, record)| one(side, rec, record.as_ref())).collect()
    };
    let other_ttl: Vec<OtherTtl> = with_other_ttl(zone, change)
        .into_iter()
        .map(|(ttl_before, rec, record)| OtherTtl {
            ttl_before,
            record: one(zone.after, rec, record.as_ref()),
        })
        .collect();
    Rrset {
        owner: owner(zone, &change.key),
        r#type: change.rtype.to_string(),
        change: match change {
            _ if change.is_new() => RrsetFate::Added,
            _ if change.is_gone() => RrsetFate::Removed,
            _ if change.is_ttl_only() => RrsetFate::Ttl,
            _ => RrsetFate::Changed,
        },
        ttl_before: change.ttl_before(),
        ttl_after: change.ttl_after(),
        removed: records(zone.before, &change.removed),
        added: records(zone.after, &change.added),
        unchanged: change.kept.len() - other_ttl.len(),
        other_ttl,
    }
}

fn one(side: Option<Side<'_>>, rec: Rec, record: Option<&Record>) -> One {
    let place = side.zip(record).map(|(side, record)| {
        let sources = side.zone.sources();
        let span = sources.visible(record.span);
        let source = sources.get(span.file);
        (source.name().to_owned(), source.position(span.start).line)
    });
    let (file, line) = place.unzip();
    One { ttl: rec.ttl, rdata: record.map(rdata), file, line }
}

fn included(fragment: &Fragment) -> Included<'_> {
    Included {
        file: &fragment.file,
        zones: fragment.zones.iter().map(|(origin, view)| Includer { origin, view: view.word() }).collect(),
    }
}

fn edge<'a>(report: &'a Report<'a>) -> Vec<EdgeRow<'a>> {
    let Some(edge) = report.edge else { return Vec::new() };
    let deployment = edge.deployment;
    let name = |pool| deployment.pool(pool).name.value.as_str();
    let rows = edge.rows().into_iter().map(|change| EdgeRow {
        sip_domain: &change.row.sip_domain,
        service: change.row.service.word(),
        owner: dotted(&change.row.owner),
        before: change.before.iter().map(|record| tried(deployment, record)).collect(),
        after: change.after.iter().map(|record| tried(deployment, record)).collect(),
        broken: change.broken.iter().map(|cell| name(cell.pool)).collect(),
        mended: change.mended.iter().map(|pool| name(*pool)).collect(),
    });
    rows.collect()
}

fn tried<'a>(deployment: &'a Deployment, record: &Published) -> Tried<'a> {
    let pools = match &record.reach {
        Reach::Pools(pools) => pools.iter().map(|pool| deployment.pool(*pool).name.value.as_str()).collect(),
        Reach::Foreign | Reach::Unknown | Reach::Nowhere(_) => Vec::new(),
    };
    Tried {
        priority: record.priority,
        weight: record.weight,
        port: record.port,
        target: dotted(&record.target),
        pools,
        answers: reach(deployment, record),
    }
}

#[cfg(test)]
mod tests {
    use super::Document;
    use schemars::generate::SchemaSettings;
    use std::path::Path;

    /// `UPDATE=1 cargo test --lib diff_schema` rewrites it.
    #[test]
    fn the_diff_schema_is_that_of_the_types() {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let schema = generator.into_root_schema_for::<Document<'static>>();
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.schema.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(shipped == made, "docs/diff.schema.json is stale: UPDATE=1 cargo test --lib diff_schema");
    }
}
