//! Which files are read as which zones.

use super::files::{self, Place, Roots};
use super::guess::apex_of;
use super::workers::Workers;
use super::{FileError, LoadError, MAX_FILE, Request, Watch, shown_name};
use crate::config::{Config, View};
use crate::text::{FileId, Source, Sources};
use crate::zonefile::apex;
use crate::zonefile::name::Name;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file to read as a zone.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) source: FileId,
    pub(super) apex: Name,
    pub(super) view: View,
    pub(super) declared: bool,
    pub(super) wanted: bool,
    pub(super) place: Arc<Place>,
}

/// A file that is to be read.
struct Candidate {
    /// As it was named.
    path: PathBuf,
    /// With links resolved.
    real: PathBuf,
    apex: Apex,
    view: View,
    declared: bool,
    wanted: bool,
    place: Arc<Place>,
}

impl Candidate {
    /// Whether nobody named it: it is read because it may include what was named.
    fn is_sought(&self) -> bool {
        !self.declared && !self.wanted
    }
}

enum Apex {
    Known(Name),
    /// What the file or its name says.
    OfFile,
}

/// The files that the configuration and the request name, read, in the order of their names.
pub(super) fn jobs(
    request: &Request,
    sources: &Sources,
    config: Option<&Config>,
    roots: &mut Roots,
    workers: &Workers,
    watch: &dyn Watch,
) -> Result<Vec<Job>, LoadError> {
    let asked = Asked::new(request, sources, config)?;
    let given = given_origin(request)?;
    let mut taken = HashSet::new();
    let mut candidates = match config {
        Some(config) => declared(config, &asked, given.as_ref(), &mut taken)?,
        None => Vec::new(),
    };
    candidates.extend(undeclared(&asked, given.as_ref(), roots, &mut taken)?);
    if config.is_none() {
        candidates.extend(includers(&asked, roots, &mut taken)?);
    }
    watch.zones(candidates.len() + asked.stdin);
    let read = |candidate: Candidate| {
        let is_sought = candidate.is_sought();
        let source = files::read(&candidate.path, candidate.real).map_err(|error| {
            match config
                .filter(|_| candidate.declared)
                .and_then(|config| place(sources, config, &candidate.path))
            {
                Some(place) => error.listed_at(&place),
                None => error,
            }
        })?;
        let name = || shown_name(&candidate.path);
        let no_zone = if files::is_server_dump(&source.ahead(0)) {
            Some(LoadError::ServerDump(name()))
        } else if files::is_binary(&source.ahead(0)) {
            Some(LoadError::Binary(name()))
        } else {
            None
        };
        match no_zone {
            Some(_) if is_sought => return Ok(None),
            Some(error) => return Err(error),
            None => {}
        }
        let apex = match candidate.apex {
            Apex::Known(apex) => apex,
            Apex::OfFile => match apex_of(&source.ahead(0), &candidate.path) {
                Some(apex) => apex,
                None if config.is_some() || is_sought => Name::root(),
                None => return Err(LoadError::NoOrigin(name())),
            },
        };
        let Candidate { view, declared, wanted, place, .. } = candidate;
        Ok(Some((source, apex, view, declared, wanted, place)))
    };
    let mut jobs = Vec::with_capacity(candidates.len());
    let octets = |candidate: &Candidate| std::fs::metadata(&candidate.path).map_or(0, |file| file.len());
    for read in workers.map(candidates, octets, read) {
        let Some((source, apex, view, declared, wanted, place)) = read? else { continue };
        jobs.push(Job { source: sources.add_once(source), apex, view, declared, wanted, place });
    }
    for _ in 0..asked.stdin {
        jobs.push(stdin_job(request, sources, given.as_ref())?);
    }
    if request.origin.is_some() && request.paths.len() != 1 {
        return Err(LoadError::OriginForMany);
    }
    let named = asked.stdin > 0 || !asked.files.is_empty();
    let none = jobs.is_empty() || !jobs.iter().any(|job| job.wanted) && !named;
    if none && !request.changed_files {
        let place =
            request.paths.first().map_or_else(|| String::from("."), |path| path.display().to_string());
        return Err(LoadError::NoZones(place));
    }
    watch.octets(jobs.iter().map(|job| sources.get(job.source).len()).sum());
    jobs.sort_by_cached_key(|job| sources.get(job.source).name().to_owned());
    Ok(jobs)
}

/// Where the configuration names a file.
fn place(sources: &Sources, config: &Config, path: &Path) -> Option<String> {
    let entry = config.zones.iter().find(|entry| entry.path == path)?;
    let source = sources.get(config.source);
    Some(format!("{}:{}", source.name(), source.position(entry.file.span.start).line))
}

/// The zones of the configuration.
fn declared(
    config: &Config,
    asked: &Asked,
    given: Option<&Name>,
    taken: &mut HashSet<PathBuf>,
) -> Result<Vec<Candidate>, LoadError> {
    let root = files::repository_root(&config.root).unwrap_or_else(|| config.root.clone());
    let jail = Some(root).filter(|_| !config.include_outside_root);
    let place = Arc::new(Place::new(&config.root, config.include_base, jail.as_deref()));
    let mut candidates = Vec::with_capacity(config.zones.len());
    for entry in &config.zones {
        let real = files::real(&entry.path);
        let apex = match given {
            Some(given) if asked.names(&real) => given.clone(),
            _ => Name::absolute(entry.origin.value.as_bytes())
                .map_err(|error| LoadError::BadOrigin(entry.origin.value.clone(), error.message()))?,
        };
        taken.insert(real.clone());
        candidates.push(Candidate {
            path: entry.path.clone(),
            wanted: asked.wants(&real),
            real,
            apex: Apex::Known(apex),
            view: entry.view,
            declared: true,
            place: Arc::clone(&place),
        });
    }
    Ok(candidates)
}

/// The files and folders of the request, without those that are taken. A folder that holds declared
/// zones holds no others. Changed files that are no zone files are left out.
fn undeclared(
    asked: &Asked,
    given: Option<&Name>,
    roots: &mut Roots,
    taken: &mut HashSet<PathBuf>,
) -> Result<Vec<Candidate>, LoadError> {
    let zone_files = asked.files.iter().filter(|file| file.looks.is_zone_file());
    let mut found: Vec<_> = zone_files.map(|file| (file.path.clone(), file.real.clone())).collect();
    for (folder, real) in &asked.folders {
        if taken.iter().any(|path| path.starts_with(real)) {
            continue;
        }
        let within = |path: &Path| path.strip_prefix(folder).map(|path| real.join(path));
        found.extend(files::zone_files(folder)?.into_iter().map(|path| {
            let real = within(&path).unwrap_or_else(|_| files::real(&path));
            (path, real)
        }));
    }
    Ok(free(found, given, Role::Asked, roots, taken))
}

/// The zone files of the repositories that changed files lie in, when one of those may be a fragment:
/// without a configuration nothing else tells which zones include it.
fn includers(
    asked: &Asked,
    roots: &mut Roots,
    taken: &mut HashSet<PathBuf>,
) -> Result<Vec<Candidate>, LoadError> {
    let mut folders = BTreeSet::new();
    for file in asked.files.iter().filter(|file| file.looks.may_be_fragment()) {
        folders.extend(file.real.parent().and_then(|folder| roots.of(folder)));
    }
    let mut found = Vec::new();
    for folder in folders {
        found.extend(files::zone_files(&folder)?.into_iter().map(|path| (path.clone(), files::real(&path))));
    }
    Ok(free(found, None, Role::Sought, roots, taken))
}

/// Why an undeclared file is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It was named, or lies in a folder that was.
    Asked,
    /// It may include what was named.
    Sought,
}

/// Undeclared files, each with its path as named and with its links resolved, without those taken.
fn free(
    found: Vec<(PathBuf, PathBuf)>,
    given: Option<&Name>,
    role: Role,
    roots: &mut Roots,
    taken: &mut HashSet<PathBuf>,
) -> Vec<Candidate> {
    // Where this is a folder above a path without links, it has none either.
    let base = files::here().unwrap_or_else(|| Path::new("."));
    let mut places: HashMap<PathBuf, Arc<Place>> = HashMap::new();
    let mut candidates = Vec::with_capacity(found.len());
    for (path, real) in found {
        if !taken.insert(real.clone()) {
            continue;
        }
        let folder = real.parent().unwrap_or_else(|| Path::new(""));
        let place = match places.get(folder) {
            Some(place) => Arc::clone(place),
            None => {
                let here = if folder.starts_with(base) { base } else { folder };
                let jail = roots.of(folder).unwrap_or_else(|| here.to_owned());
                // No include leaves the repository: from outside, its top is where names start.
                let start = if base.starts_with(&jail) { base } else { &jail };
                let place = Arc::new(Place::of_undeclared(start.to_owned(), jail));
                places.insert(folder.to_owned(), Arc::clone(&place));
                place
            }
        };
        candidates.push(Candidate {
            path,
            real,
            apex: given.map_or(Apex::OfFile, |given| Apex::Known(given.clone())),
            view: View::External,
            declared: false,
            wanted: role == Role::Asked,
            place,
        });
    }
    candidates
}

/// What a file that was named may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// A zone file, because whoever named it says so.
    Named,
    /// One that changed, of any kind, and begins as a zone does.
    Zone,
    /// One that changed, is called as zone files are, and its apex is known.
    Called,
    /// One that changed, and is no zone file.
    Other,
}

impl Looks {
    /// How a file looks that changed.
    fn of(path: &Path) -> Result<Self, FileError> {
        let head = files::head(path)?;
        Ok(if apex::begins_zone(&head) {
            Self::Zone
        } else if files::is_zone_name(path) && apex_of(&head, path).is_some() {
            Self::Called
        } else {
            Self::Other
        })
    }

    fn is_zone_file(self) -> bool {
        self != Self::Other
    }

    /// Whether a zone may include it.
    fn may_be_fragment(self) -> bool {
        matches!(self, Self::Called | Self::Other)
    }
}

/// A file that was named.
struct AskedFile {
    path: PathBuf,
    /// With its links resolved.
    real: PathBuf,
    looks: Looks,
}

/// The paths of the command line, sorted into files and folders.
struct Asked {
    files: Vec<AskedFile>,
    names: HashSet<PathBuf>,
    /// Each with its links resolved.
    folders: Vec<(PathBuf, PathBuf)>,
    /// How often standard input is named.
    stdin: usize,
    everything: bool,
}

impl Asked {
    fn new(request: &Request, sources: &Sources, config: Option<&Config>) -> Result<Self, LoadError> {
        let config = config.and_then(|config| super::real_path(sources, config));
        let mut asked = Self {
            files: Vec::new(),
            names: HashSet::new(),
            folders: Vec::new(),
            stdin: 0,
            everything: request.paths.is_empty(),
        };
        for path in &request.paths {
            if path.as_os_str() == "-" {
                asked.stdin += 1;
                continue;
            }
            let metadata = std::fs::metadata(path).map_err(|cause| FileError::new(path, &cause))?;
            let real = files::real(path);
            if config.as_ref() == Some(&real) {
                asked.everything = true;
            } else if metadata.is_dir() {
                asked.folders.push((path.clone(), real));
            } else {
                let looks = if request.changed_files { Looks::of(path)? } else { Looks::Named };
                asked.names.insert(real.clone());
                asked.files.push(AskedFile { path: path.clone(), real, looks });
            }
        }
        Ok(asked)
    }

    fn names(&self, real: &Path) -> bool {
        self.names.contains(real)
    }

    fn wants(&self, real: &Path) -> bool {
        self.everything || self.names(real) || self.folders.iter().any(|(_, folder)| real.starts_with(folder))
    }
}

fn given_origin(request: &Request) -> Result<Option<Name>, LoadError> {
    let Some(origin) = &request.origin else { return Ok(None) };
    let name = Name::absolute(origin.as_bytes());
    name.map(Some).map_err(|error| LoadError::BadOrigin(origin.clone(), error.message()))
}

fn stdin_job(request: &Request, sources: &Sources, given: Option<&Name>) -> Result<Job, LoadError> {
    let name = request.stdin_name.clone().unwrap_or_else(|| String::from("<stdin>"));
    let path = Path::new(&name);
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| FileError::new(path, &cause))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FileError::too_large(path).into());
    }
    let (bytes, encoding) = files::text_of(bytes).map_err(|damage| FileError::damaged(path, &damage))?;
    if files::is_server_dump(&bytes) {
        return Err(LoadError::ServerDump(name));
    }
    let apex = given.cloned().or_else(|| apex_of(&bytes, path));
    let apex = apex.ok_or_else(|| LoadError::NoOrigin(name.clone()))?;
    let source = Source::text(name, bytes);
    let source = sources.add(source.with_encoding(encoding));
    let place = Arc::new(Place::nowhere());
    Ok(Job { source, apex, view: View::External, declared: false, wanted: true, place })
}
