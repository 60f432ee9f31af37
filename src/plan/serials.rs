//! Serials, and the files that change.

use super::changed::{FileEdits, changed, shared};
use super::{FilePlan, PlanError, ZoneChange};
use crate::diagnostic::Edit;
use crate::edit::{self, serial};
use crate::text::{FileId, Span};
use crate::workspace::{Loaded, LoadedZone, repository_root};
use crate::zone::{Record, Zone};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Raises the serial of every zone that reads a file which changes. A serial may itself stand in a
/// file that other zones read, so this goes on until nothing is added.
pub(super) fn serials(
    loaded: &Loaded,
    now: Timestamp,
    edits: &mut FileEdits,
) -> Result<Vec<ZoneChange>, PlanError> {
    edits.retain(|_, edits| !edits.is_empty());
    let touched = edits.keys().copied().collect();
    raise(loaded, now, edits, touched, &mut BTreeMap::new())
}

/// Raises the serial of every zone that reads one of the touched files. `serials` are those of zones
/// whose serial is no longer the one in the text, by place; it is kept up.
pub(super) fn raise(
    loaded: &Loaded,
    now: Timestamp,
    edits: &mut FileEdits,
    mut touched: BTreeSet<FileId>,
    serials: &mut BTreeMap<usize, u32>,
) -> Result<Vec<ZoneChange>, PlanError> {
    let root = root(loaded);
    let mut raised: BTreeMap<usize, ZoneChange> = BTreeMap::new();
    loop {
        let due: Vec<usize> = (0..loaded.zones.len())
            .filter(|place| !raised.contains_key(place))
            .filter(|place| loaded.zones[*place].zone.files().iter().any(|file| touched.contains(file)))
            .collect();
        if due.is_empty() {
            break;
        }
        for place in due {
            let zone = &loaded.zones[place].zone;
            let file = relative(&root, loaded.sources.get(loaded.zones[place].file).path());
            let soa = zone.soa().ok_or_else(|| PlanError::NotEditable {
                place: file.clone(),
                why: format!("zone {} has no SOA record whose serial could be raised", zone.apex()),
            })?;
            let old = serials.get(&place).copied().unwrap_or_else(|| number(&soa, 5));
            let new = serial::next_at(old, now);
            touched.insert(write_serial(zone, &soa, new, edits)?);
            serials.insert(place, new);
            let change = ZoneChange {
                apex: zone.apex().to_string(),
                view: loaded.zones[place].view,
                file,
                serial: (old, new),
                refresh: (number(&soa, 4), number(&soa, 3)),
                negative_ttl: number(&soa, 1).min(soa.ttl),
            };
            raised.insert(place, change);
        }
    }
    for (place, serial) in serials.iter().filter(|(place, _)| !raised.contains_key(place)) {
        let zone = &loaded.zones[*place].zone;
        if let Some(soa) = zone.soa() {
            write_serial(zone, &soa, *serial, edits)?;
        }
    }
    Ok(raised.into_values().collect())
}

/// The number that stands so many places before the end of an SOA record: serial 5, refresh 4,
/// retry 3, expire 2, minimum 1.
fn number(soa: &Record, from_end: usize) -> u32 {
    let start = soa.wire.len().saturating_sub(from_end * 4);
    let octets = soa.wire.get(start..start + 4).and_then(|octets| octets.try_into().ok());
    octets.map(u32::from_be_bytes).unwrap_or_default()
}

/// Gives a zone a serial, and the file it stands in.
fn write_serial(zone: &Zone, soa: &Record, new: u32, edits: &mut FileEdits) -> Result<FileId, PlanError> {
    let edit = serial_edit(zone, soa, number(soa, 5), new)?;
    let file = edit.span.file;
    add(edits, edit);
    Ok(file)
}

/// The edits that put another serial into the SOA record of each of these zones, in the text that
/// `loaded` was read from.
pub(super) fn rewritten(loaded: &Loaded, zones: &[ZoneChange]) -> Result<FileEdits, PlanError> {
    let root = root(loaded);
    let mut edits = FileEdits::new();
    for change in zones {
        let is_it = |found: &&LoadedZone| {
            found.view == change.view
                && found.zone.apex().to_string() == change.apex
                && relative(&root, loaded.sources.get(found.file).path()) == change.file
        };
        let found = loaded.zones.iter().find(is_it).ok_or_else(|| other_zones(change))?;
        let soa = found.zone.soa().ok_or_else(|| other_zones(change))?;
        add(&mut edits, serial_edit(&found.zone, &soa, change.serial.0, change.serial.1)?);
    }
    Ok(edits)
}

fn other_zones(change: &ZoneChange) -> PlanError {
    PlanError::Other(format!("zone {} is not among the zones that the plan was made for", change.apex))
}

/// Adds an edit; two zones may share the file that their serial stands in.
fn add(edits: &mut FileEdits, edit: Edit) {
    let list = edits.entry(edit.span.file).or_default();
    if !list.contains(&edit) {
        list.push(edit);
    }
}

/// The edit that puts the serial `new` in place of `old` into the SOA record of a zone.
pub(crate) fn serial_edit(zone: &Zone, soa: &Record, old: u32, new: u32) -> Result<Edit, PlanError> {
    let source = zone.sources().get(soa.span.file);
    let span: Span = soa.field(2);
    let written = zone.sources().bytes(span);
    let plain = std::str::from_utf8(&written).ok().and_then(|text| text.parse::<u32>().ok()) == Some(old);
    if !plain || source.generated_by().is_some() {
        return Err(PlanError::NotEditable {
            place: format!("{}:{}", source.name(), source.position(soa.span.start).line),
            why: format!(
                "the serial of zone {} is not written as a number that can be replaced",
                zone.apex()
            ),
        });
    }
    Ok(Edit { span, replacement: new.to_string().into_bytes() })
}

/// The folder that the patch is relative to.
pub(super) fn root(loaded: &Loaded) -> PathBuf {
    let start = loaded.config.as_ref().map_or_else(|| PathBuf::from("."), |config| config.root.clone());
    let start = std::fs::canonicalize(&start).unwrap_or(start);
    repository_root(&start).unwrap_or(start)
}

pub(super) fn relative(root: &Path, path: Option<&Path>) -> String {
    let Some(path) = path else { return String::from("-") };
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

pub(super) fn files(loaded: &Loaded, edits: &FileEdits) -> Result<Vec<FilePlan>, PlanError> {
    let root = root(loaded);
    let texts = changed(loaded, edits)?;
    let mut files = Vec::new();
    for (file, edits) in edits {
        let source = loaded.sources.get(*file);
        let Some(path) = source.path() else { continue };
        let name = relative(&root, Some(path));
        let patch =
            edit::unified(&name, source.bytes(), edits).map_err(|error| shared(source.name(), &error))?;
        let new = texts.get(path).cloned().unwrap_or_default();
        files.push(FilePlan { name, path: path.to_owned(), old: source.bytes().to_vec(), new, patch });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}
