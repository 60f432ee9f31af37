//! Reading the zones of a revision.

use super::earlier::{Earlier, EarlierFiles, Found, Was as FileWas, path_of};
use super::{Base, BaseError, Was, sorted};
use crate::config::{self, Config, View, ZoneEntry};
use crate::text::{FileId, Sources};
use crate::workspace::files::{self, Place, repository_root};
use crate::workspace::guess::apex_of;
use crate::workspace::jobs::Job;
use crate::workspace::{LARGE, Loaded, LoadedZone, Request, octets_of_zone, read_zone_with};
use crate::zonefile::include::NoIncludes;
use crate::zonefile::name::Name;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the zones of `loaded`, which `request` has loaded, as they were at the revision.
pub(super) fn read(loaded: &Loaded, request: &Request, rev: &str) -> Result<Base, BaseError> {
    let files: BTreeSet<FileId> = loaded
        .zones
        .iter()
        .flat_map(|zone| zone.zone.files())
        .chain(loaded.config.iter().map(|config| config.source))
        .collect();
    let path = |file: &FileId| path_of(&loaded.sources.get(*file));
    let folders = files.iter().filter_map(|file| path(file).parent().map(Path::to_owned)).collect();
    let earlier = Earlier::new(folders, rev)?;
    let sources = Arc::new(Sources::default());
    let mut same = HashSet::new();
    let mut config = None;
    let mut nowhere = BTreeMap::new();
    let was = |file: FileId| Ok((file, earlier.was(&loaded.sources.get(file))?));
    let octets = |file: &FileId| loaded.sources.get(*file).len();
    for was in loaded.workers.map(files.into_iter().collect(), octets, was) {
        let (file, was) = was?;
        let source = loaded.sources.get(file);
        let is_config = loaded.config.as_ref().is_some_and(|config| config.source == file);
        match was {
            FileWas::Same => {
                same.insert(file);
                sources.add_shared(source);
            }
            FileWas::Other(was) if is_config => {
                let then = Sources::default();
                let folder = source.path().and_then(Path::parent).unwrap_or(Path::new(""));
                config = config::parse(&then, then.add(*was), folder).ok();
            }
            FileWas::Other(was) => {
                sources.add_once(*was);
            }
            FileWas::Nowhere => {
                nowhere.extend(source.path().map(|path| (path.to_owned(), file)));
            }
        }
    }
    for zone in &loaded.zones {
        nowhere.retain(|_, file| *file != zone.file);
    }
    let paths: Vec<PathBuf> = nowhere.keys().cloned().collect();
    for file in earlier.ignored(&paths)?.iter().filter_map(|path| nowhere.get(path)) {
        same.insert(*file);
        sources.add_shared(loaded.sources.get(*file));
    }
    let mut reading = Reading {
        loaded,
        earlier,
        sources,
        same,
        config,
        zones: Vec::new(),
        jobs: Vec::new(),
        removed: Vec::new(),
    };
    reading.zones()?;
    reading.entries()?;
    reading.gone(request)?;
    Ok(reading.finish())
}

struct Reading<'l> {
    loaded: &'l Loaded,
    earlier: Earlier,
    /// What has octets as they were.
    sources: Arc<Sources>,
    /// The files of `loaded` that are as they were.
    same: HashSet<FileId>,
    /// The configuration as it was, when it was another one and had no errors.
    config: Option<Config>,
    /// By the index of the zone.
    zones: Vec<Was>,
    /// What to read of the zone with this index.
    jobs: Vec<(usize, Job)>,
    /// What to read of zones that are gone.
    removed: Vec<Job>,
}

impl Reading<'_> {
    /// Finds for each zone whether it was there, and where.
    fn zones(&mut self) -> Result<(), BaseError> {
        for (index, zone) in self.loaded.zones.iter().enumerate() {
            let now = path_of(&self.loaded.sources.get(zone.file));
            let found = self.path_then(zone).map(|path| self.earlier.find(&path));
            let was = match found {
                None | Some(Found::Nowhere) => Was::Nothing,
                Some(Found::Outside) => Was::Same,
                Some(Found::At(at)) if at == now && self.is_same(zone) => Was::Same,
                Some(Found::At(at)) => {
                    self.jobs.push((index, self.job(zone, &at)?));
                    Was::Nothing
                }
            };
            self.zones.push(was);
        }
        Ok(())
    }

    /// Whether the zone has no file that differs, and had none that stood before one of its own.
    fn is_same(&self, zone: &LoadedZone) -> bool {
        let sources = &self.loaded.sources;
        let led_elsewhere = |file: &FileId| {
            let by = zone.zone.includes_of(*file).into_iter().next()?;
            let (by, file) = (sources.get(by.file), sources.get(*file));
            let first = zone.job.place.first_reading(by.path()?, file.path()?)?;
            Some(matches!(self.earlier.find(&first), Found::At(at) if Some(at.as_path()) != file.path()))
        };
        let files = zone.zone.files();
        files.iter().all(|file| self.same.contains(file))
            && !files.iter().any(|file| led_elsewhere(file).unwrap_or(false))
    }

    /// The path that the zone's file may have had, links not followed; none when the configuration of
    /// then gave the file to another zone.
    fn path_then(&self, zone: &LoadedZone) -> Option<PathBuf> {
        let entry = |config: &Config| config.zones.iter().find(|entry| is_of(entry, zone)).cloned();
        let now = self.loaded.config.as_ref().filter(|_| zone.job.declared).and_then(entry);
        let now = now.map_or_else(|| path_of(&self.loaded.sources.get(zone.file)), |entry| absolute(&entry));
        let Some(config) = self.config.as_ref().filter(|_| zone.job.declared) else { return Some(now) };
        match entry(config) {
            Some(entry) => Some(absolute(&entry)),
            None if config.zones.iter().any(|entry| absolute(entry) == now) => None,
            None => Some(now),
        }
    }

    /// What to read of a zone that is there now, and was in the file at this path.
    fn job(&self, zone: &LoadedZone, at: &Path) -> Result<Job, BaseError> {
        let source = self.earlier.open(&self.sources, at)?;
        let place = match &self.config {
            Some(config) if zone.job.declared => place_of(config),
            _ => Arc::clone(&zone.job.place),
        };
        Ok(Job { source, apex: zone.zone.apex().clone(), place, ..zone.job.clone() })
    }

    /// Finds the zones that only the configuration of then declares.
    fn entries(&mut self) -> Result<(), BaseError> {
        let (Some(then), Some(now)) = (&self.config, &self.loaded.config) else { return Ok(()) };
        let place = place_of(then);
        for entry in &then.zones {
            let is_there = |now: &ZoneEntry| now.origin.value == entry.origin.value && now.view == entry.view;
            let Ok(apex) = Name::absolute(entry.origin.value.as_bytes()) else { continue };
            if now.zones.iter().any(is_there) {
                continue;
            }
            let Found::At(at) = self.earlier.find(&absolute(entry)) else { continue };
            let source = self.earlier.open(&self.sources, &at)?;
            let place = Arc::clone(&place);
            self.removed.push(Job { source, apex, view: entry.view, declared: true, wanted: true, place });
        }
        Ok(())
    }

    /// Finds the zone files that are gone and that no configuration declares. One that held a zone
    /// which seems new is where that was before.
    fn gone(&mut self, request: &Request) -> Result<(), BaseError> {
        let mut new: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let jobs: HashSet<usize> = self.jobs.iter().map(|(index, _)| *index).collect();
        for (index, (zone, was)) in self.loaded.zones.iter().zip(&self.zones).enumerate() {
            if !zone.job.declared && matches!(was, Was::Nothing) && !jobs.contains(&index) {
                new.insert(zone.zone.apex().as_bytes().to_vec(), index);
            }
        }
        let folders = self.free_folders(request);
        if new.is_empty() && folders.is_empty() {
            return Ok(());
        }
        let mut gone: Vec<PathBuf> = self
            .earlier
            .files()
            .map(|(root, file)| root.join(file))
            .filter(|path| path.symlink_metadata().is_err() && !self.is_declared(path))
            .collect();
        gone.sort();
        for path in gone {
            let source = self.earlier.open(&self.sources, &path)?;
            let source_text = self.sources.get(source);
            let head = source_text.ahead(0);
            if !files::is_zone_name(&path) && !files::is_zone_text(&path, &head) {
                continue;
            }
            let Some(apex) = apex_of(&head, &path) else { continue };
            if let Some(index) = new.remove(apex.as_bytes())
                && let Some(zone) = self.loaded.zones.get(index)
            {
                self.jobs.push((index, self.job(zone, &path)?));
            } else if let Some(folder) = folders.iter().find(|folder| path.starts_with(folder)) {
                let place = Place::new(
                    &std::env::current_dir().unwrap_or_else(|_| folder.clone()),
                    config::IncludeBase::File,
                    repository_root(folder).as_deref(),
                );
                let place = Arc::new(place);
                let view = View::External;
                self.removed.push(Job { source, apex, view, declared: false, wanted: true, place });
            }
        }
        Ok(())
    }

    /// The folders of the request of which every zone file is read: those without declared zones.
    fn free_folders(&self, request: &Request) -> Vec<PathBuf> {
        let declared: Vec<PathBuf> = self
            .loaded
            .zones
            .iter()
            .filter(|zone| zone.job.declared)
            .map(|zone| path_of(&self.loaded.sources.get(zone.file)))
            .collect();
        let folders = request.paths.iter().filter(|path| path.is_dir()).map(|path| files::real(path));
        folders.filter(|folder| !declared.iter().any(|path| path.starts_with(folder))).collect()
    }

    fn is_declared(&self, path: &Path) -> bool {
        let configs = [self.loaded.config.as_ref(), self.config.as_ref()];
        configs.into_iter().flatten().any(|config| config.zones.iter().any(|entry| absolute(entry) == path))
    }

    fn finish(self) -> Base {
        let Self { loaded, earlier, sources, mut zones, jobs, removed, .. } = self;
        let jobs = jobs.into_iter().map(|(index, job)| (Some(index), job));
        let jobs = jobs.chain(removed.into_iter().map(|job| (None, job))).collect();
        let octets = |(_, job): &(Option<usize>, Job)| octets_of_zone(&sources.get(job.source));
        let read = loaded.workers.map(jobs, octets, |(index, job): (Option<usize>, Job)| {
            let threads = if sources.get(job.source).len() < LARGE { 1 } else { loaded.workers.threads() };
            let place = Arc::clone(&job.place);
            let files = EarlierFiles { earlier: &earlier, sources: &sources, place: &place };
            let now = index.and_then(|index| loaded.zones.get(index));
            let zone = if now.is_some_and(|zone| loaded.sources.get(zone.file).path().is_none()) {
                read_zone_with(&sources, &NoIncludes, job, loaded.dialect, &loaded.targets, threads)
            } else {
                read_zone_with(&sources, &files, job, loaded.dialect, &loaded.targets, threads)
            };
            (index, zone)
        });
        let mut removed = Vec::new();
        for (index, zone) in read {
            match index.and_then(|index| zones.get_mut(index)) {
                Some(was) => *was = Was::Zone(Box::new(zone)),
                // What has no SOA record was a fragment, and what could not be read may have had none.
                None if zone.zone.soa().is_some() && !zone.partial => removed.push(zone),
                None => {}
            }
        }
        Base { zones, removed: sorted(removed) }
    }
}

fn is_of(entry: &ZoneEntry, zone: &LoadedZone) -> bool {
    entry.view == zone.view
        && Name::absolute(entry.origin.value.as_bytes()).is_ok_and(|apex| apex == *zone.zone.apex())
}

/// The path of an entry, the folder of the configuration without links, without `.` and `..`.
fn absolute(entry: &ZoneEntry) -> PathBuf {
    let folder = entry.path.ancestors().nth(entry.file.value.components().count());
    let path = match folder {
        Some(folder) => files::real(folder).join(&entry.file.value),
        None => std::path::absolute(&entry.path).unwrap_or_else(|_| entry.path.clone()),
    };
    files::clean(&path)
}

/// Where the includes of the zones of a configuration are looked for.
fn place_of(config: &Config) -> Arc<Place> {
    let root = repository_root(&config.root).unwrap_or_else(|| config.root.clone());
    let jail = Some(root).filter(|_| !config.include_outside_root);
    Arc::new(Place::new(&config.root, config.include_base, jail.as_deref()))
}
