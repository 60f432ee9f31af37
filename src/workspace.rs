//! The configuration and the zone files that belong together: the only place that reads files.

mod base;
mod compressed;
mod files;
mod guess;
mod jobs;
mod strays;
mod survey;
mod workers;

pub use base::{Base, BaseError, Before};
pub use files::{FileError, MAX_FILE, read_source, repository_root, shown_name};
pub use survey::{Survey, Surveyed, survey, zone_files};

use crate::change::ZoneChange;
use crate::config::{self, Config, View, ZoneKind};
use crate::diagnostic::Finding;
use crate::edge::coverage::{Coverage, CoverageZone, coverage};
use crate::edge::{Deployment, found};
use crate::lint::{Beside, Stray, ZoneContext};
use crate::text::{FileId, Source, Sources};
use crate::zone::{Record, Zone, build};
use crate::zonefile::apex;
use crate::zonefile::include::{Includes, NoIncludes};
use crate::zonefile::parse::{Dialect, Options};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::server::Targets;
use files::{Disk, Roots};
use jobs::Job;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use workers::Workers;

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
    /// How many threads read; none: as many as there are cores.
    pub jobs: Option<NonZeroUsize>,
    /// Whether the paths are files that changed, of any kind: those that are no zone files, and that no
    /// zone includes, are passed over.
    pub changed_files: bool,
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
    workers: Workers,
    /// The files that no zone is read from; looked for when they are first asked for.
    strays: OnceLock<Vec<Stray>>,
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
    /// A file belongs to another configuration than the first one does.
    OtherConfig {
        /// The file.
        file: String,
        /// Its configuration, if it has one.
        config: Option<String>,
    },
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
                "no zonewright.toml in this folder or above it: name it with `--config FILE`, have \
                 `zonewright init` write it, or name zone files",
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
            Self::OtherConfig { file, config } => {
                match config {
                    Some(config) => write!(f, "{file} belongs to {config}, the files before it do not")?,
                    None => write!(f, "{file} belongs to no zonewright.toml, the files before it do")?,
                }
                f.write_str(
                    ": run once for the files of each configuration, in pre-commit with a hook and a pattern \
                     `files` for each",
                )
            }
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

/// Is told how far loading is, by several threads.
pub trait Watch: Sync {
    /// So many zones will be read.
    fn zones(&self, count: usize);
    /// Their files are in memory: so many octets.
    fn octets(&self, count: u64);
    /// A zone was read.
    fn zone_done(&self);
}

/// Nobody watches.
impl Watch for () {
    fn zones(&self, _: usize) {}
    fn octets(&self, _: u64) {}
    fn zone_done(&self) {}
}

/// Loads the configuration and the zones.
///
/// # Errors
/// When a file cannot be read, the configuration is wrong, or there is no zone.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    load_watched(request, &())
}

/// [`load`], telling how far it is.
///
/// # Errors
/// Those of [`load`].
pub fn load_watched(request: &Request, watch: &dyn Watch) -> Result<Loaded, LoadError> {
    let sources = Arc::new(Sources::default());
    let mut roots = Roots::default();
    let config = load_config(request, &sources, &mut roots)?;
    if config.is_none() && request.paths.is_empty() {
        return Err(LoadError::NoConfig);
    }
    if request.changed_files && request.config.is_none() {
        of_one_config(request, &sources, config.as_ref(), &mut roots)?;
    }
    let workers = Workers::new(request.jobs);
    let jobs = jobs::jobs(request, &sources, config.as_ref(), &mut roots, &workers, watch)?;
    let targets = match &config {
        Some(config) if request.targets.named().is_empty() => {
            Targets::new(config.lint.target.iter().map(|target| target.value))
        }
        _ => request.targets.clone(),
    };
    let mut zones = read_zones(&sources, jobs, request.dialect, &targets, &workers, watch);
    want_includers(request, &sources, &mut zones)?;
    unchanged(&sources)?;
    let strays = OnceLock::new();
    Ok(Loaded { sources, config, zones, targets, dialect: request.dialect, workers, strays })
}

/// Files of so many octets or more are not held in memory, and are worth several threads.
const LARGE: u64 = 8 << 20;

/// Refuses files that were written to while they were read.
fn unchanged(sources: &Sources) -> Result<(), FileError> {
    for source in sources.all() {
        if let Some(why) = source.fault() {
            return Err(FileError::fault(source.name(), why));
        }
    }
    Ok(())
}

fn read_zones(
    sources: &Arc<Sources>,
    jobs: Vec<Job>,
    dialect: Dialect,
    targets: &Targets,
    workers: &Workers,
    watch: &dyn Watch,
) -> Vec<LoadedZone> {
    let octets = |job: &Job| octets_of_zone(&sources.get(job.source));
    workers.map(jobs, octets, |job| {
        let threads = if sources.get(job.source).len() < LARGE { 1 } else { workers.threads() };
        let zone = read_zone(sources, job, dialect, targets, threads);
        watch.zone_done();
        zone
    })
}

/// How many octets a zone has that begins in this file, as far as that is known: what it includes may be
/// of any size.
fn octets_of_zone(source: &Source) -> u64 {
    let text = source.ahead(0);
    let is_include = |at: usize| text.get(at + 1).is_some_and(|octet| octet.eq_ignore_ascii_case(&b'i'));
    if source.len() < LARGE && memchr::memchr_iter(b'$', &text).any(is_include) {
        LARGE
    } else {
        source.len()
    }
}

fn read_zone(
    sources: &Arc<Sources>,
    job: Job,
    dialect: Dialect,
    targets: &Targets,
    threads: usize,
) -> LoadedZone {
    let disk = sources.get(job.source).path().is_some().then(|| Arc::clone(&job.place));
    match disk {
        Some(place) => read_zone_with(sources, &Disk::new(sources, &place), job, dialect, targets, threads),
        None => read_zone_with(sources, &NoIncludes, job, dialect, targets, threads),
    }
}

fn read_zone_with(
    sources: &Arc<Sources>,
    includes: &dyn Includes,
    job: Job,
    dialect: Dialect,
    targets: &Targets,
    threads: usize,
) -> LoadedZone {
    let options = Options { dialect, targets: targets.clone(), threads, ..Options::new(job.apex.clone()) };
    let (zone, mut findings) = build(sources, includes, job.source, &options);
    let is_zero = |finding: &Finding| finding.rule.0 == "ttl-zero";
    if findings.iter().any(is_zero) && is_catalog(&zone) {
        findings.retain(|finding| !is_zero(finding));
    }
    // A file in another encoding cannot be edited, but all of it was read.
    let partial = findings.iter().any(|finding| is_loss(finding) && finding.rule.0 != "byte-order-mark");
    LoadedZone { zone, findings, partial, view: job.view, file: job.source, wanted: job.wanted, job }
}

/// Whether a zone is a catalog of others: nobody but its secondaries reads it, and its TTLs mean nothing
/// (RFC 9432 section 4.1). The name of its servers is `invalid`.
fn is_catalog(zone: &Zone) -> bool {
    let servers = zone.read_rrset(b"", Rtype::NS);
    !zone.rrset(b"version", Rtype::TXT).is_empty()
        && !servers.is_empty()
        && servers.iter().filter_map(Record::target).all(|target| target.absolute == "invalid")
}

fn load_config(request: &Request, sources: &Sources, roots: &mut Roots) -> Result<Option<Config>, LoadError> {
    let path = match &request.config {
        Some(path) => Some(path.clone()),
        None => {
            let first = request.paths.iter().find(|path| path.as_os_str() != "-");
            discover(first.map_or(Path::new("."), |path| path), roots)?
        }
    };
    let Some(path) = path else { return Ok(None) };
    match config::load(sources, &path, &shown_name(&path)) {
        Ok(config) => Ok(Some(config)),
        Err(findings) => Err(LoadError::Config(Arc::new(copy_of(sources)), findings)),
    }
}

/// The configuration that a path belongs to.
fn discover(path: &Path, roots: &mut Roots) -> Result<Option<PathBuf>, FileError> {
    let start = files::absolute(path);
    config::discover_below(&start, |folder| roots.is_root(folder))
        .map_err(|cause| FileError::new(&start, &cause))
}

/// The path of the configuration, links resolved.
fn real_path(sources: &Sources, config: &Config) -> Option<PathBuf> {
    sources.get(config.source).path().map(files::real)
}

/// Refuses files that another configuration would be found for: they would be judged by a wrong one.
fn of_one_config(
    request: &Request,
    sources: &Sources,
    config: Option<&Config>,
    roots: &mut Roots,
) -> Result<(), LoadError> {
    let used = config.and_then(|config| real_path(sources, config));
    let mut folders = HashSet::new();
    let paths = request.paths.iter().filter(|path| path.as_os_str() != "-");
    for (at, path) in paths.enumerate() {
        let start = files::absolute(path);
        // The configuration was looked for from the first one on.
        if !folders.insert(start.parent().map(Path::to_owned)) || at == 0 {
            continue;
        }
        let found = discover(&start, roots)?;
        if found.as_deref().map(files::real) != used {
            return Err(LoadError::OtherConfig {
                file: shown_name(&start),
                config: found.map(|found| shown_name(&found)),
            });
        }
    }
    Ok(())
}

/// The sources as they are now, for a report after the run has ended.
fn copy_of(sources: &Sources) -> Sources {
    let copy = Sources::default();
    for source in sources.all() {
        copy.add_shared(source);
    }
    copy
}

/// A file that was asked for, is no declared zone and was included by one, is judged with that zone.
fn want_includers(
    request: &Request,
    sources: &Sources,
    zones: &mut Vec<LoadedZone>,
) -> Result<(), LoadError> {
    let has_includes = |zone: &LoadedZone| zone.zone.files().iter().any(|file| *file != zone.file);
    let asked: HashSet<FileId> = match zones.iter().any(has_includes) {
        true => request.paths.iter().filter_map(|path| sources.find(&files::real(path))).collect(),
        false => HashSet::new(),
    };
    let mut included = HashSet::new();
    for zone in zones.iter_mut() {
        for file in zone.zone.files() {
            if file != zone.file && asked.contains(&file) {
                zone.wanted = true;
                included.insert(file);
            }
        }
    }
    let is_fragment = |zone: &LoadedZone| {
        included.contains(&zone.file)
            && (zone.zone.apex().as_bytes().is_empty() || !zone.job.declared && zone.zone.soa().is_none())
    };
    zones.retain(|zone| !is_fragment(zone) && (zone.wanted || zone.job.declared));
    let lost = zones.iter().find(|zone| zone.zone.apex().as_bytes().is_empty() && zone.wanted);
    match lost.map(|zone| sources.get(zone.file)) {
        Some(source) if apex::from_text(&source.ahead(0)).is_none() && request.origin.is_none() => {
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
        let jobs = self.zones.iter().map(|zone| zone.job.clone()).collect();
        let zones = read_zones(&sources, jobs, self.dialect, &self.targets, &self.workers, &());
        Self {
            sources,
            config: self.config.clone(),
            zones,
            targets: self.targets.clone(),
            dialect: self.dialect,
            workers: self.workers.clone(),
            strays: OnceLock::new(),
        }
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
        let config = self.config.as_ref().and_then(|config| real_path(&self.sources, config));
        let everything =
            request.paths.is_empty() || request.paths.iter().any(|path| Some(files::real(path)) == config);
        named.retain(|file| self.sources.get(*file).path() != config.as_deref());
        for zone in self.zones.iter().filter(|zone| zone.wanted) {
            let source = self.sources.get(zone.file);
            let asked = match source.path() {
                Some(path) => everything || folders.iter().any(|folder| path.starts_with(folder)),
                None => true,
            };
            if asked {
                named.push(zone.file);
            }
        }
        named.sort_by_cached_key(|file| (self.sources.get(*file).name().to_owned(), *file));
        named.dedup();
        named
    }

    /// Refuses files that were written to since they were read: what was found in them does not count.
    ///
    /// # Errors
    /// Which file, and how it changed.
    pub fn unchanged(&self) -> Result<(), FileError> {
        unchanged(&self.sources)
    }

    /// The folder of the configuration, links resolved.
    pub fn root(&self) -> Option<PathBuf> {
        let path = real_path(&self.sources, self.config.as_ref()?)?;
        path.parent().map(Path::to_owned)
    }

    /// The declared deployment.
    pub fn deployment(&self) -> Option<&Deployment> {
        self.config.as_ref().and_then(|config| config.deployment.as_ref())
    }

    /// The zones with what surrounds them, for the rules.
    pub fn contexts(&self) -> Vec<ZoneContext<'_>> {
        self.contexts_since(None)
    }

    /// The zones with what surrounds them and what changed in them since a base. Of a zone that could
    /// not be read whole, now or then, nobody knows what changed.
    pub fn contexts_since<'l>(&'l self, base: Option<&'l Base>) -> Vec<ZoneContext<'l>> {
        let deployment = self.deployment();
        let of = |view: View| self.zones.iter().filter(move |zone| zone.view == view).map(|zone| &zone.zone);
        let zones = |view| Arc::new(found::View::new(of(view)));
        let (external, internal) = (zones(View::External), zones(View::Internal));
        let kinds = self.declared_kinds();
        let limits = self.config.as_ref().map(|config| config.lint.change).unwrap_or_default();
        let shared = self.config.as_ref().map(|config| &*config.lint.shared_addresses).unwrap_or_default();
        // So long is a record of a small zone.
        let octets = |zone: &LoadedZone| 32 * zone.zone.record_count();
        let threads = self.workers.threads_for(&self.zones, octets);
        let changed = |index: usize, loaded: &'l LoadedZone| {
            let before = base?.read_of(index).filter(|before| !before.partial && !loaded.partial)?;
            Some(ZoneChange::new(&before.zone, &loaded.zone))
        };
        let zones: Vec<(usize, &LoadedZone)> = self.zones.iter().enumerate().collect();
        let of_one = |(index, loaded): (usize, &'l LoadedZone)| {
            let view = match loaded.view {
                View::External => &external,
                View::Internal => &internal,
            };
            let mut context = ZoneContext::new(
                &loaded.zone,
                Some(Arc::clone(view)),
                loaded.view,
                loaded.job.declared,
                deployment,
                loaded.partial,
                &self.targets,
            );
            let apex = context.zone.apex().to_string();
            context.shared_addresses = shared;
            context.kind = kinds.get(&(apex.as_str(), loaded.view)).copied().unwrap_or(context.kind);
            context.since(changed(index, loaded)).within(limits).among(self).by_threads(threads)
        };
        self.workers.map(zones, |(_, zone)| octets(zone), of_one)
    }

    /// What the configuration says of what zones are for, by apex and view.
    fn declared_kinds(&self) -> HashMap<(&str, View), ZoneKind> {
        let entries = self.config.iter().flat_map(|config| &config.zones);
        entries.filter_map(|zone| Some(((&*zone.origin.value, zone.view), zone.kind?))).collect()
    }

    /// What the zones make of the declared deployment; none when none is declared.
    pub fn coverage(&self) -> Option<Coverage> {
        let contexts = self.contexts();
        let zones: Vec<CoverageZone<'_>> = contexts
            .iter()
            .map(|context| CoverageZone {
                zone: context.zone,
                external: context.view == View::External,
                services: &context.services,
            })
            .collect();
        Some(coverage(self.deployment()?, &zones))
    }

    /// What the parser found, zone by zone.
    pub fn take_findings(&mut self) -> Vec<Vec<Finding>> {
        self.zones.iter_mut().map(|zone| std::mem::take(&mut zone.findings)).collect()
    }
}

impl Beside for Loaded {
    fn strays(&self) -> &[Stray] {
        self.strays.get_or_init(|| strays::strays(self))
    }
}

impl LoadedZone {
    /// Whether the configuration lists it. The view of one that it does not list is a guess.
    pub fn is_declared(&self) -> bool {
        self.job.declared
    }

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
