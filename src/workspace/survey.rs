//! Zone files that no configuration names yet, each read by itself: one that cannot be read is told
//! of, and the others are read all the same.

use super::files::{self, Place};
use super::guess::apex_of;
use super::jobs::Job;
use super::workers::Workers;
use super::{FileError, LoadError, LoadedZone, read_zone, shown_name};
use crate::config::{IncludeBase, View};
use crate::text::Sources;
use crate::zonefile::name::Name;
use crate::zonefile::parse::Dialect;
use crate::zonefile::server::Targets;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to read.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The file.
    pub path: PathBuf,
    /// Its apex, if that is known; lower case, without the final dot.
    pub origin: Option<String>,
}

/// A file that was read, or not.
pub struct Surveyed {
    /// The file.
    pub path: PathBuf,
    /// The zone.
    pub zone: Result<LoadedZone, LoadError>,
}

/// The zone files below a folder, by their names or by how they begin, hidden and ignored ones left out.
///
/// # Errors
/// When a folder cannot be looked into.
pub fn zone_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    files::zone_files(folder)
}

/// Reads zone files. Their includes start at the folder of the file that includes, then at `base`,
/// and may lie anywhere below `jail`.
pub fn survey(sources: &Arc<Sources>, asked: Vec<Survey>, base: &Path, jail: Option<&Path>) -> Vec<Surveyed> {
    let place = Arc::new(Place::new(base, IncludeBase::File, jail));
    let workers = Workers::new(None);
    let octets = |asked: &Survey| std::fs::metadata(&asked.path).map_or(0, |file| file.len());
    workers.map(asked, octets, |asked| {
        let zone = job(sources, &asked, &place)
            .map(|job| read_zone(sources, job, Dialect::default(), &Targets::default(), 1));
        Surveyed { path: asked.path, zone }
    })
}

fn job(sources: &Sources, asked: &Survey, place: &Arc<Place>) -> Result<Job, LoadError> {
    let name = || shown_name(&asked.path);
    let source = sources.get(files::read_source(sources, &asked.path)?);
    let head = source.ahead(0);
    if files::is_server_dump(&head) {
        return Err(LoadError::ServerDump(name()));
    }
    if files::is_binary(&head) {
        return Err(LoadError::Binary(name()));
    }
    let apex = match &asked.origin {
        Some(origin) => Name::absolute(origin.as_bytes())
            .map_err(|error| LoadError::BadOrigin(origin.clone(), error.message()))?,
        None => apex_of(&head, &asked.path).ok_or_else(|| LoadError::NoOrigin(name()))?,
    };
    let source = files::read_source(sources, &asked.path)?;
    Ok(Job { source, apex, view: View::External, declared: false, wanted: true, place: Arc::clone(place) })
}
