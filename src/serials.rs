//! Serials that are due: those of zones whose records changed since a base while the serial did not go
//! up. Secondaries ask for nothing but the serial, and would keep the old records.

use crate::change::{ZoneChange, serial};
use crate::diagnostic::Edit;
use crate::edit::serial::{newer, next_at};
use crate::edit::{self, FileChange};
use crate::plan::{PlanError, serial_edit};
use crate::text::FileId;
use crate::workspace::{Base, Before, Loaded, LoadedZone};
use crate::zone::Zone;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// The serial of a zone that goes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The index of the zone in [`Loaded::zones`].
    pub index: usize,
    /// The serial before the change of the records.
    pub before: u32,
    /// The serial that the file has.
    pub found: u32,
    /// The serial that it gets.
    pub new: u32,
}

/// What is to be written.
#[derive(Debug, Default)]
pub struct Serials {
    /// The zones whose serial goes up.
    pub raised: Vec<Raised>,
    /// The files that change for that.
    pub files: Vec<FileChange>,
}

/// Why serials are left as they are.
#[derive(Debug)]
pub enum SerialError {
    /// A zone that changed does not parse: nobody knows its records.
    Unreadable {
        /// The file.
        file: String,
        /// Apex of the zone.
        apex: String,
    },
    /// A zone that changed has no SOA record.
    NoSoa {
        /// The file.
        file: String,
        /// Apex of the zone.
        apex: String,
    },
    /// The number cannot be replaced where it stands.
    NotEditable(PlanError),
    /// The file is compressed or UTF-16.
    Transcoded(String),
    /// Two zones want different serials at one place.
    Shared(String),
    /// The zones would not be as they are but for their serials.
    NotProved(String),
}

impl fmt::Display for SerialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, apex } => write!(
                f,
                "{file}: zone {apex} changed and does not parse, so nobody knows what changed: correct what \
                 `zonewright lint` finds first"
            ),
            Self::NoSoa { file, apex } => {
                write!(f, "{file}: zone {apex} changed and has no SOA record whose serial could be raised")
            }
            Self::NotEditable(error) => error.fmt(f),
            Self::Transcoded(file) => write!(
                f,
                "{file} is compressed or UTF-16, so it is only read, never changed: write it as plain UTF-8 first"
            ),
            Self::Shared(file) => {
                write!(f, "{file}: several zones have their serial here and would need different ones")
            }
            Self::NotProved(apex) => write!(
                f,
                "zone {apex} would not be the same but for its serial (a bug of zonewright, please report it)"
            ),
        }
    }
}

impl std::error::Error for SerialError {}

/// The serials that are due among the zones that were asked for, each raised in its own style.
///
/// # Errors
/// When one of them cannot be raised; then none is.
pub fn due(loaded: &Loaded, base: &Base, now: Timestamp) -> Result<Serials, SerialError> {
    let mut raised = Vec::new();
    let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for (index, zone) in loaded.zones.iter().enumerate().filter(|(_, zone)| zone.wanted) {
        let Before::Zone(before) = base.before(index) else { continue };
        let Some((due, edit)) = raise(loaded, index, zone, before, now)? else { continue };
        raised.push(due);
        let list = edits.entry(edit.span.file).or_default();
        if !list.contains(&edit) {
            list.push(edit);
        }
    }
    let mut files = Vec::new();
    for (file, edits) in &edits {
        let source = loaded.sources.get(*file);
        if source.is_transcoded() {
            return Err(SerialError::Transcoded(source.name().to_owned()));
        }
        let Some(path) = source.path() else { continue };
        let old = source.bytes().to_vec();
        let new = edit::apply(&old, edits).map_err(|_| SerialError::Shared(source.name().to_owned()))?;
        files.push(FileChange { path: path.to_owned(), old, new });
    }
    prove(loaded, &raised, &files)?;
    Ok(Serials { raised, files })
}

fn raise(
    loaded: &Loaded,
    index: usize,
    zone: &LoadedZone,
    before: &LoadedZone,
    now: Timestamp,
) -> Result<Option<(Raised, Edit)>, SerialError> {
    // A zone that could not be read whole before may have changed in any way.
    if !zone.partial && !before.partial && !differs(&before.zone, &zone.zone) {
        return Ok(None);
    }
    let (file, apex) = (loaded.sources.get(zone.file).name().to_owned(), zone.zone.apex().to_string());
    if zone.partial {
        return Err(SerialError::Unreadable { file, apex });
    }
    let (Some(soa), Some(found)) = (zone.zone.soa(), serial(&zone.zone)) else {
        return Err(SerialError::NoSoa { file, apex });
    };
    let Some(was) = serial(&before.zone).filter(|was| !newer(found, *was)) else { return Ok(None) };
    let new = next_at(was, now);
    let edit = serial_edit(&zone.zone, &soa, found, new).map_err(SerialError::NotEditable)?;
    Ok(Some((Raised { index, before: was, found, new }, edit)))
}

/// Whether anything but the serial differs.
fn differs(before: &Zone, after: &Zone) -> bool {
    ZoneChange::new(before, after).has_records() || soa_without_serial(before) != soa_without_serial(after)
}

/// TTL and RDATA of the SOA record, the serial made 0.
fn soa_without_serial(zone: &Zone) -> Option<(u32, Vec<u8>)> {
    let mut soa = zone.soa()?;
    let mut wire = std::mem::take(&mut soa.wire).to_vec();
    // Two names, then five numbers of four octets, the serial first (RFC 1035 section 3.3.13).
    let at = wire.len().checked_sub(20)?;
    wire.get_mut(at..at + 4)?.fill(0);
    Some((soa.ttl, wire))
}

/// Reads the new texts: the zones have the new serials, and nothing else is new.
fn prove(loaded: &Loaded, raised: &[Raised], files: &[FileChange]) -> Result<(), SerialError> {
    if files.is_empty() {
        return Ok(());
    }
    let texts = files.iter().map(|file| (file.path.clone(), file.new.clone())).collect();
    let after = loaded.with_changes(&texts);
    for due in raised {
        let (old, new) = (&loaded.zones[due.index], &after.zones[due.index]);
        let is_proved = !new.partial && serial(&new.zone) == Some(due.new) && !differs(&old.zone, &new.zone);
        if !is_proved {
            return Err(SerialError::NotProved(old.zone.apex().to_string()));
        }
    }
    Ok(())
}
