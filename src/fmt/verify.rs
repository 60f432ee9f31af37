//! The proof that a new layout is nothing more: old and new text are read, and say the same.

use crate::diagnostic::Finding;
use crate::text::{Source, Sources};
use crate::workspace::{Loaded, is_loss};
use crate::zone::{Zone, build};
use crate::zonefile::include::NoIncludes;
use crate::zonefile::parse::Options;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What two readings of a zone do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Apex of the zone.
    pub zone: String,
    /// `records`, or the rule of a finding that comes or goes.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zone {}: {} would change", self.zone, self.what)
    }
}

/// Compares the zones as they were loaded with those that they would be with other file contents.
///
/// # Errors
/// The first zone that would not be the same.
pub fn same_zones(loaded: &Loaded, changes: &BTreeMap<PathBuf, Vec<u8>>) -> Result<(), Difference> {
    let after = loaded.with_changes(changes);
    let pairs = loaded.zones.iter().zip(&after.zones);
    for (before, after) in pairs {
        let read = |file| loaded.sources.get(file).path().is_some_and(|path| changes.contains_key(path));
        if before.zone.files().into_iter().any(read) {
            same((&before.zone, &before.findings), (&after.zone, &after.findings))?;
        }
    }
    Ok(())
}

/// Compares two texts as zone files without a place on the disk.
///
/// # Errors
/// What they do not agree on.
pub fn same_text(before: &[u8], after: &[u8], options: &Options) -> Result<(), Difference> {
    let read = |text: &[u8]| {
        let sources = Arc::new(Sources::default());
        let file = sources.add(Source::text("zone", text));
        build(&sources, &NoIncludes, file, options)
    };
    let (before, after) = (read(before), read(after));
    same((&before.0, &before.1), (&after.0, &after.1))
}

/// Owner, type, TTL and hash of the RDATA.
type Row<'z> = (&'z [u8], u16, u32, u32);

/// All records in the order of owners; those of one owner in the order of the text, since the first
/// of an RRset decides its TTL.
fn rows(zone: &Zone) -> Vec<Row<'_>> {
    let mut rows: Vec<(u64, Row<'_>)> = zone
        .names()
        .flat_map(|name| {
            let key = zone.key_of(name);
            zone.records(name).map(move |rec| (rec.place(), (key, rec.rtype.0, rec.ttl, rec.rdata_hash)))
        })
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn same(before: (&Zone, &[Finding]), after: (&Zone, &[Finding])) -> Result<(), Difference> {
    let difference = |what: String| Difference { zone: before.0.apex().to_string(), what };
    if rows(before.0) != rows(after.0) {
        return Err(difference(String::from("records")));
    }
    let (old, new) = (findings(before.1), findings(after.1));
    match old.symmetric_difference(&new).next() {
        Some((rule, _)) => Err(difference(format!("findings of `{rule}`"))),
        None => Ok(()),
    }
}

/// What the parser could not read; what it says of the text itself may change. A mistake in an owner is told once for each time it is written,
/// and owners are written less often, so that the number of findings says nothing.
fn findings(findings: &[Finding]) -> BTreeSet<(&'static str, &str)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule.0).or_default() += 1;
    }
    // The parser itself keeps no more of one rule than this.
    let complete = |rule: &str| counts.get(rule).is_some_and(|count| *count < 1000);
    findings
        .iter()
        .filter(|finding| is_loss(finding))
        .map(|finding| (finding.rule.0, finding))
        .map(|(rule, finding)| (rule, if complete(rule) { finding.message.as_ref() } else { "" }))
        .collect()
}
