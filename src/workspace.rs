//! The configuration and the zone files that belong together: the only place that reads files.

mod files;

pub use files::{Disk, FileError, MAX_FILE, read_source, repository_root, shown_name};

use crate::config::{self, Config, IncludeBase, View};
use crate::diagnostic::Finding;
use crate::edge::Deployment;
use crate::lint::ZoneContext;
use crate::text::{FileId, Source, Sources};
use crate::zone::{Zone, build};
use crate::zonefile::apex;
use crate::zonefile::include::NoIncludes;
use crate::zonefile::name::Name;
use crate::zonefile::parse::{Dialect, Options};
use crate::zonefile::server::Targets;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Zone files and folders; `-` is standard input. None: every zone of the configuration.
    pub paths: Vec<PathBuf>,
    /// The configuration; none: it is looked for.
    pub config: Option<PathBuf>,
    /// Apex of the only file.
    pub origin: Option<String>,
    /// Dialect of the files.
    pub dialect: Dialect,
    /// What standard input is called.
    pub stdin_name: Option<String>,
    /// The servers that the zones are meant for; none: what the configuration says.
    pub targets: Targets,
}

/// One zone that was read.
pub struct LoadedZone {
    /// The zone.
    pub zone: Zone,
    /// What the parser found.
    pub findings: Vec<Finding>,
    /// Whether a record or a file of it was not read.
    pub partial: bool,
    /// Who it is served to.
    pub view: View,
    /// Its file.
    pub file: FileId,
    /// Whether the run was asked to report on it.
    pub wanted: bool,
    job: Job,
}

/// Everything of one run.
pub struct Loaded {
    /// All sources.
    pub sources: Arc<Sources>,
    /// The configuration, if there is one.
    pub config: Option<Config>,
    /// The zones.
    pub zones: Vec<LoadedZone>,
    /// The servers that the zones are meant for.
    pub targets: Targets,
    dialect: Dialect,
}

/// Why nothing could be checked.
#[derive(Debug)]
pub enum LoadError {
    /// A file could not be read.
    File(FileError),
    /// The configuration has errors, which point into it.
    Config(Arc<Sources>, Vec<Finding>),
    /// Nothing says which zone a file is of.
    NoOrigin(String),
    /// `--origin` with more than one file.
    OriginForMany,
    /// `--origin` is no domain name.
    BadOrigin(String, &'static str),
    /// The file is what `rndc dumpdb` wrote.
    ServerDump(String),
    /// The file is no text.
    Binary(String),
    /// There is no zone to check.
    NoZones(String),
    /// No file is named, and there is no configuration that names any.
    NoConfig,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Config(_, findings) => {
                let count = findings.len();
                write!(f, "the configuration has {count} error{}", if count == 1 { "" } else { "s" })
            }
            Self::NoOrigin(name) => write!(
                f,
                "{name}: nothing says which zone this is: give `--origin NAME`, begin the file with `$ORIGIN NAME.`, \
                 or declare it in zonewright.toml"
            ),
            Self::OriginForMany => f.write_str("--origin goes with one zone file only"),
            Self::BadOrigin(name, why) => write!(f, "--origin `{name}`: {why}"),
            Self::NoConfig => f.write_str(
                "no zonewright.toml in this folder or above it: name it with `--config FILE`, or name zone files",
            ),
            Self::ServerDump(name) => write!(
                f,
                "{name}: this is the output of `rndc dumpdb`, which mixes caches and zones: name a zone file, or the \
                 output of `named-compilezone` or `dig axfr`"
            ),
            Self::Binary(name) => write!(
                f,
                "{name}: this is no text, so it is no zone file: a zone in raw format is made text by \
                 `named-compilezone -f raw -F text`"
            ),
            Self::NoZones(place) => write!(
                f,
                "no zone to check in {place}: name zone files, or declare them with [[zone]] in zonewright.toml"
            ),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<FileError> for LoadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// One file to read as a zone.
#[derive(Clone, Debug)]
struct Job {
    source: FileId,
    apex: Name,
    view: View,
    declared: bool,
    wanted: bool,
    /// BIND's working directory, in effect.
    base: PathBuf,
    /// Whether relative includes start there, or at the folder of the including file.
    first: IncludeBase,
    jail: Option<PathBuf>,
}

/// Loads the configuration and the zones.
///
/// # Errors
/// When a file cannot be read, the configuration is wrong, or there is no zone.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    let sources = Arc::new(Sources::default());
    let config = load_config(request, &sources)?;
    if config.is_none() && request.paths.is_empty() {
        return Err(LoadError::NoConfig);
    }
    let jobs = jobs(request, &sources, config.as_ref())?;
    let targets = match &config {
        Some(config) if request.targets.named().is_empty() => {
            Targets::new(config.lint.target.iter().map(|target| target.value))
        }
        _ => request.targets.clone(),
    };
    let mut zones: Vec<LoadedZone> =
        jobs.into_iter().map(|job| read_zone(&sources, job, request.dialect, &targets)).collect();
    want_includers(request, &sources, &mut zones)?;
    Ok(Loaded { sources, config, zones, targets, dialect: request.dialect })
}

fn read_zone(sources: &Arc<Sources>, job: Job, dialect: Dialect, targets: &Targets) -> LoadedZone {
    let options = Options { dialect, targets: targets.clone(), ..Options::new(job.apex.clone()) };
    let (zone, findings) = if sources.get(job.source).path().is_some() {
        let disk = Disk::new(sources, job.base.clone(), job.first, job.jail.clone());
        build(sources, &disk, job.source, &options)
    } else {
        build(sources, &NoIncludes, job.source, &options)
    };
    // A file in another encoding cannot be edited, but all of it was read.
    let partial = findings.iter().any(|finding| is_loss(finding) && finding.rule.0 != "byte-order-mark");
    LoadedZone { zone, findings, partial, view: job.view, file: job.source, wanted: job.wanted, job }
}

fn load_config(request: &Request, sources: &Sources) -> Result<Option<Config>, LoadError> {
    let path = match &request.config {
        Some(path) => Some(path.clone()),
        None => {
            let start = match request.paths.iter().find(|path| path.as_os_str() != "-") {
                Some(path) => path.clone(),
                None => PathBuf::from("."),
            };
            let start = std::path::absolute(&start).unwrap_or(start);
            config::discover(&start).map_err(|cause| FileError::new(&start, &cause))?
        }
    };
    let Some(path) = path else { return Ok(None) };
    match config::load(sources, &path, &shown_name(&path)) {
        Ok(config) => Ok(Some(config)),
        Err(findings) => Err(LoadError::Config(Arc::new(copy_of(sources)), findings)),
    }
}

/// The sources as they are now, for a report after the run has ended.
fn copy_of(sources: &Sources) -> Sources {
    let copy = Sources::default();
    for source in sources.all() {
        copy.add_shared(source);
    }
    copy
}

fn jobs(request: &Request, sources: &Arc<Sources>, config: Option<&Config>) -> Result<Vec<Job>, LoadError> {
    let asked = Asked::new(request)?;
    let mut jobs = Vec::new();
    let mut taken = BTreeSet::new();
    let given = given_origin(request)?;
    if let Some(config) = config {
        let root = repository_root(&config.root).unwrap_or_else(|| config.root.clone());
        let jail = Some(root).filter(|_| !config.include_outside_root);
        for entry in &config.zones {
            let path = files::real(&entry.path);
            let wanted = asked.wants(&path);
            let source = read_zone_file(sources, &entry.path)?;
            let apex = match &given {
                Some(given) if asked.names(&path) => given.clone(),
                _ => Name::absolute(entry.origin.value.as_bytes())
                    .map_err(|error| LoadError::BadOrigin(entry.origin.value.clone(), error.message()))?,
            };
            taken.insert(path);
            jobs.push(Job {
                source,
                apex,
                view: entry.view,
                declared: true,
                wanted,
                base: config.root.clone(),
                first: config.include_base,
                jail: jail.clone(),
            });
        }
    }
    for path in &asked.files {
        if path.as_os_str() == "-" {
            jobs.push(stdin_job(request, sources)?);
            continue;
        }
        if taken.contains(&files::real(path)) {
            continue;
        }
        jobs.push(file_job(request, sources, path, config.is_some())?);
    }
    let declared: Vec<PathBuf> = jobs.iter().filter_map(|job| job_path(sources, job)).collect();
    for folder in &asked.folders {
        let real = files::real(folder);
        if declared.iter().any(|path| path.starts_with(&real)) {
            continue;
        }
        for path in files::zone_files(folder)? {
            jobs.push(file_job(request, sources, &path, config.is_some())?);
        }
    }
    if request.origin.is_some() && asked.files.len() + asked.folders.len() != 1 {
        return Err(LoadError::OriginForMany);
    }
    if jobs.is_empty() || !jobs.iter().any(|job| job.wanted) && asked.files.is_empty() {
        let place =
            request.paths.first().map_or_else(|| String::from("."), |path| path.display().to_string());
        return Err(LoadError::NoZones(place));
    }
    jobs.sort_by_key(|job| sources.get(job.source).name().to_owned());
    Ok(jobs)
}

fn read_zone_file(sources: &Sources, path: &Path) -> Result<FileId, LoadError> {
    let source = read_source(sources, path)?;
    let bytes = sources.get(source);
    if files::is_server_dump(bytes.bytes()) {
        return Err(LoadError::ServerDump(shown_name(path)));
    }
    if files::is_binary(bytes.bytes()) {
        return Err(LoadError::Binary(shown_name(path)));
    }
    Ok(source)
}

fn job_path(sources: &Sources, job: &Job) -> Option<PathBuf> {
    sources.get(job.source).path().map(files::real)
}

/// The paths of the command line, sorted into files and folders.
struct Asked {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    everything: bool,
}

impl Asked {
    fn new(request: &Request) -> Result<Self, LoadError> {
        let mut asked = Self { files: Vec::new(), folders: Vec::new(), everything: request.paths.is_empty() };
        for path in &request.paths {
            if path.as_os_str() == "-" {
                asked.files.push(path.clone());
                continue;
            }
            let metadata = std::fs::metadata(path).map_err(|cause| FileError::new(path, &cause))?;
            if metadata.is_dir() {
                asked.folders.push(path.clone());
            } else {
                asked.files.push(path.clone());
            }
        }
        Ok(asked)
    }

    fn names(&self, path: &Path) -> bool {
        self.files.iter().any(|file| files::real(file) == path)
    }

    fn wants(&self, path: &Path) -> bool {
        self.everything
            || self.names(path)
            || self.folders.iter().any(|folder| path.starts_with(files::real(folder)))
    }
}

fn given_origin(request: &Request) -> Result<Option<Name>, LoadError> {
    let Some(origin) = &request.origin else { return Ok(None) };
    let name = Name::absolute(origin.as_bytes());
    name.map(Some).map_err(|error| LoadError::BadOrigin(origin.clone(), error.message()))
}

fn file_job(
    request: &Request,
    sources: &Arc<Sources>,
    path: &Path,
    configured: bool,
) -> Result<Job, LoadError> {
    let source = read_zone_file(sources, path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let apex = match given_origin(request)? {
        Some(apex) => Some(apex),
        None => apex::from_text(sources.get(source).bytes()).or_else(|| apex::from_file_name(&name)),
    };
    let apex = match apex {
        Some(apex) => apex,
        None if configured => Name::root(),
        None => return Err(LoadError::NoOrigin(shown_name(path))),
    };
    let base = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let folder = files::real(path).parent().map(Path::to_owned).unwrap_or_default();
    let jail = repository_root(&folder)
        .or_else(|| Some(if folder.starts_with(&base) { base.clone() } else { folder }));
    let first = IncludeBase::File;
    Ok(Job { source, apex, view: View::External, declared: false, wanted: true, base, first, jail })
}

fn stdin_job(request: &Request, sources: &Arc<Sources>) -> Result<Job, LoadError> {
    let name = request.stdin_name.clone().unwrap_or_else(|| String::from("<stdin>"));
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| FileError::new(Path::new(&name), &cause))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FileError::too_large(Path::new(&name)).into());
    }
    if files::is_server_dump(&bytes) {
        return Err(LoadError::ServerDump(name));
    }
    let text = files::from_utf16(&bytes);
    let is_utf16 = text.is_some();
    let bytes = text.unwrap_or(bytes);
    let file_name = Path::new(&name).file_name().map(|name| name.to_string_lossy().into_owned());
    let apex = match given_origin(request)? {
        Some(apex) => Some(apex),
        None => apex::from_text(&bytes).or_else(|| apex::from_file_name(&file_name.unwrap_or_default())),
    };
    let apex = apex.ok_or_else(|| LoadError::NoOrigin(name.clone()))?;
    let source = Source::text(name, bytes);
    let source = sources.add(if is_utf16 { source.transcoded() } else { source });
    Ok(Job {
        source,
        apex,
        view: View::External,
        declared: false,
        wanted: true,
        base: PathBuf::new(),
        first: IncludeBase::File,
        jail: None,
    })
}

/// A file that was asked for, is no declared zone and was included by one, is judged with that zone.
fn want_includers(
    request: &Request,
    sources: &Sources,
    zones: &mut Vec<LoadedZone>,
) -> Result<(), LoadError> {
    for path in &request.paths {
        let real = files::real(path);
        let is_it = |file: FileId| sources.get(file).path().map(files::real).as_ref() == Some(&real);
        let mut included = false;
        for zone in zones.iter_mut() {
            if !is_it(zone.file) && zone.zone.files().into_iter().any(is_it) {
                zone.wanted = true;
                included = true;
            }
        }
        if included {
            zones.retain(|zone| !(is_it(zone.file) && zone.zone.apex().as_bytes().is_empty()));
        }
    }
    let lost = zones.iter().find(|zone| zone.zone.apex().as_bytes().is_empty() && zone.wanted);
    match lost.map(|zone| sources.get(zone.file)) {
        Some(source) if apex::from_text(source.bytes()).is_none() && request.origin.is_none() => {
            Err(LoadError::NoOrigin(source.name().to_owned()))
        }
        _ => Ok(()),
    }
}

impl Loaded {
    /// The same zones as they would be read if these files, by their paths, had these octets. What
    /// is on the disk is not looked at again for files that were read before.
    pub fn with_changes(&self, changes: &BTreeMap<PathBuf, Vec<u8>>) -> Self {
        let sources = Arc::new(Sources::default());
        for source in self.sources.all() {
            match source.path().and_then(|path| changes.get(path).map(|bytes| (path, bytes))) {
                Some((path, bytes)) => sources.add(Source::file(source.name(), path, bytes.clone())),
                None => sources.add_shared(source),
            };
        }
        let zones = self
            .zones
            .iter()
            .map(|zone| read_zone(&sources, zone.job.clone(), self.dialect, &self.targets))
            .collect();
        let targets = self.targets.clone();
        Self { sources, config: self.config.clone(), zones, targets, dialect: self.dialect }
    }

    /// The files that a request names: those of the zones, not what they include unless it is named
    /// itself.
    pub fn named_files(&self, request: &Request) -> Vec<FileId> {
        let folders: Vec<PathBuf> =
            request.paths.iter().filter(|path| path.is_dir()).map(|path| files::real(path)).collect();
        let mut named: Vec<FileId> = request
            .paths
            .iter()
            .filter(|path| path.as_os_str() != "-" && !path.is_dir())
            .filter_map(|path| self.sources.find(&files::real(path)))
            .collect();
        for zone in self.zones.iter().filter(|zone| zone.wanted) {
            let source = self.sources.get(zone.file);
            let asked = match source.path() {
                Some(path) => {
                    request.paths.is_empty() || folders.iter().any(|folder| path.starts_with(folder))
                }
                None => true,
            };
            if asked && !named.contains(&zone.file) {
                named.push(zone.file);
            }
        }
        named.sort_by_key(|file| self.sources.get(*file).name().to_owned());
        named.dedup();
        named
    }

    /// The declared deployment.
    pub fn deployment(&self) -> Option<&Deployment> {
        self.config.as_ref().and_then(|config| config.deployment.as_ref())
    }

    /// The zones with what surrounds them, for the rules.
    pub fn contexts(&self) -> Vec<ZoneContext<'_>> {
        let deployment = self.deployment();
        self.zones
            .iter()
            .map(|loaded| {
                let others: Vec<&Zone> = self
                    .zones
                    .iter()
                    .filter(|other| other.view == loaded.view && !std::ptr::eq(*other, loaded))
                    .map(|other| &other.zone)
                    .collect();
                ZoneContext::new(
                    &loaded.zone,
                    others,
                    loaded.view,
                    loaded.job.declared,
                    deployment,
                    loaded.partial,
                    &self.targets,
                )
            })
            .collect()
    }

    /// What the parser found, zone by zone.
    pub fn take_findings(&mut self) -> Vec<Vec<Finding>> {
        self.zones.iter_mut().map(|zone| std::mem::take(&mut zone.findings)).collect()
    }
}

impl LoadedZone {
    /// The findings of the parser which mean that a record or a file was not read.
    pub fn losses(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| is_loss(finding))
    }
}

/// Whether a finding of the parser means that a record or a file was not read.
pub fn is_loss(finding: &Finding) -> bool {
    match finding.rule.0 {
        "at-sign-in-name"
        | "control-character"
        | "crlf-line-endings"
        | "extra-rdata"
        | "generate-duplicate-owner"
        | "generic-rdata-for-known-type"
        | "hostname-invalid-target"
        | "idn-bad-punycode"
        | "idn-not-encoded"
        | "indented-owner"
        | "inherited-owner-after-origin"
        | "meta-type-in-zone"
        | "missing-final-newline"
        | "non-ascii-text"
        | "non-zone-comment"
        | "out-of-zone-data"
        | "soa-rname-at-sign"
        | "string-too-long"
        | "target-numeric-tld"
        | "ttl-implicit-previous"
        | "ttl-missing"
        | "ttl-overflow"
        | "ttl-too-high"
        | "ttl-units-not-portable"
        | "ttl-zero"
        | "txt-semicolon-truncated"
        | "txt-unquoted-split"
        | "windows-age-tag"
        | "windows-wins-record" => false,
        "byte-order-mark" => finding.fix.is_none(),
        name => !name.starts_with("portability-"),
    }
}
