//! `zonewright import`.

use super::Common;
use super::output::{Failure, Terminal};
use super::write::may_replace;
use crate::config::{self, FILE_NAME};
use crate::diagnostic::{Edit, Finding};
use crate::edit::{self, FileChange};
use crate::import::{self, FreshZone, MOST_OCTETS, Published, Topology};
use crate::text::{Source, Sources, Span};
use crate::workspace::{
    FileError, LoadError, Loaded, LoadedZone, Request, load, repository_root, shown_name,
};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  What differs between the topology and zonewright.toml:
    zonewright import --from topology.xml --diff
  Bring zonewright.toml up to date:
    zonewright import --from deployment.json --write";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What the deployment says of itself: JSON of `Get-CsService -EdgeServer | ConvertTo-Json` (and of
    /// Get-CsSite, Get-CsSipDomain, Get-CsPool), or the XML of `Get-CsTopology -AsXml`; `-`, the default, is standard
    /// input. Several files are joined
    #[arg(long, default_value = "-", value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Zone files and folders to look into, beside those of the configuration; a new one names them
    #[arg(value_name = "ZONE")]
    zones: Vec<PathBuf>,
    /// Print what would change as a unified diff, and exit with 1 if there is any
    #[arg(long)]
    diff: bool,
    /// Write the new text to this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "write"])]
    out: Option<PathBuf>,
    /// Change zonewright.toml itself, or make it
    #[arg(long, conflicts_with = "diff")]
    write: bool,
    /// Write even when git could not bring back what is there now
    #[arg(long, requires = "write")]
    force: bool,
}

/// The text before and after.
struct Import {
    /// The configuration.
    path: PathBuf,
    /// None when there was none.
    old: Option<Vec<u8>>,
    new: Vec<u8>,
    notes: Vec<String>,
}

/// Reads the topology, and makes or edits the configuration.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let topology = topology(&args.from)?;
    let found = match &common.config {
        Some(path) => Some(path.clone()),
        None => {
            let here = args.zones.first().map_or(Path::new("."), |path| path.as_path());
            config::discover(here).map_err(|error| Failure::Words(format!("{}: {error}", here.display())))?
        }
    };
    let path = found.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let is_there =
        path.try_exists().map_err(|error| Failure::Words(format!("{}: {error}", path.display())))?;
    let import = if is_there { edited(path, args, &topology)? } else { fresh(path, args, &topology)? };
    for note in topology.notes.iter().chain(&import.notes) {
        terminal.say(&format!("note: {note}"));
    }
    let lacks = lacks(&import);
    let differs = import.old.as_ref() != Some(&import.new);
    let shown = shown_name(&import.path);
    for finding in &lacks {
        let help = finding.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
        terminal.say(&format!("still to do: {}{help}", finding.message));
    }
    if args.write && import.old.is_some() && !lacks.is_empty() {
        return Err(Failure::Words(format!(
            "nothing is written: {shown} would have errors; write the new text elsewhere with --out FILE, and do what is still to do"
        )));
    }
    if let Some(out) = &args.out {
        super::write::put(out, &import.new)?;
    } else if args.write {
        write(args, &import)?;
    } else {
        show(args, &import)?;
    }
    if !common.quiet {
        terminal.say(&summary(args, &import, &topology, &shown, differs));
    }
    Ok(ExitCode::from(u8::from(args.diff && differs)))
}

fn topology(from: &[PathBuf]) -> Result<Topology, Failure> {
    let mut all = Topology::default();
    for path in from {
        let (name, octets) = if path.as_os_str() == "-" {
            if io::stdin().is_terminal() {
                return Err(Failure::Words(String::from(
                    "nothing to import: name a file with --from, or pipe the output of the cmdlets in",
                )));
            }
            (String::from("<stdin>"), octets(io::stdin().lock()))
        } else {
            (shown_name(path), std::fs::File::open(path).and_then(octets))
        };
        let octets = octets.map_err(|error| Failure::Words(FileError::new(path, &error).to_string()))?;
        let told = import::read(&name, &octets).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::Words(errors.join("\nerror: "))
        })?;
        all = all.and(told);
    }
    Ok(all)
}

fn octets(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    from.take(MOST_OCTETS + 1).read_to_end(&mut octets)?;
    Ok(octets)
}

/// Zones may lack: the comparison with them is left out then.
fn zones(request: &Request) -> Result<Option<Loaded>, Failure> {
    match load(request) {
        Ok(loaded) => Ok(Some(loaded)),
        Err(LoadError::NoZones(_) | LoadError::NoConfig) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn edited(path: PathBuf, args: &Args, topology: &Topology) -> Result<Import, Failure> {
    let sources = Arc::new(Sources::default());
    let config = config::load(&sources, &path, &shown_name(&path))
        .map_err(|findings| LoadError::Config(Arc::clone(&sources), findings))?;
    let request = Request { config: Some(path.clone()), paths: args.zones.clone(), ..Request::default() };
    let loaded = if config.zones.is_empty() && args.zones.is_empty() { None } else { zones(&request)? };
    let published = loaded.as_ref().map(Published::new).unwrap_or_default();
    let old = sources.get(config.source).bytes().to_vec();
    let text = String::from_utf8_lossy(&old);
    let deployment = config.deployment.as_ref();
    let edited = import::edit(&text, deployment, topology, &published)
        .map_err(|error| Failure::Words(format!("{} cannot be edited: {error}", shown_name(&path))))?;
    let mut notes = edited.notes;
    notes.extend(import::compare(topology, deployment, &published));
    Ok(Import { path, old: Some(old), new: edited.text.into_bytes(), notes })
}

fn fresh(path: PathBuf, args: &Args, topology: &Topology) -> Result<Import, Failure> {
    if topology.pools.is_empty() {
        return Err(Failure::Words(String::from(
            "no Edge pool in it, and no zonewright.toml to edit: a new one needs `Get-CsService -EdgeServer | ConvertTo-Json`, or topology XML",
        )));
    }
    let request = Request { paths: args.zones.clone(), ..Request::default() };
    let loaded = if args.zones.is_empty() { None } else { zones(&request)? };
    let published = loaded.as_ref().map(Published::new).unwrap_or_default();
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let files = loaded.as_ref().map(|loaded| zone_files(loaded, &folder)).unwrap_or_default();
    let name = |path: &PathBuf| match path.file_name() {
        Some(name) if name != "-" => name.to_string_lossy().into_owned(),
        _ => String::from("standard input"),
    };
    let from: Vec<String> = args.from.iter().map(name).collect();
    let fresh = import::fresh(topology, &files, &published, &from);
    let mut notes = fresh.notes;
    notes.extend(import::compare(topology, None, &published));
    Ok(Import { path, old: None, new: fresh.text.into_bytes(), notes })
}

/// The zone files of a new configuration.
fn zone_files(loaded: &Loaded, folder: &Path) -> Vec<FreshZone> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let root = folder.canonicalize().ok();
    let file = |zone: &LoadedZone| {
        let source = loaded.sources.get(zone.file);
        let below = source.path().and_then(|path| path.strip_prefix(root.as_ref()?).ok());
        below.map_or_else(|| source.name().to_owned(), shown_name)
    };
    let zones = loaded.zones.iter().zip(import::views(loaded));
    let mut files: Vec<FreshZone> = zones
        .map(|(zone, view)| FreshZone { origin: zone.zone.apex().to_string(), file: file(zone), view })
        .collect();
    files.sort_by(|one, other| {
        (one.view, &one.origin, &one.file).cmp(&(other.view, &other.origin, &other.file))
    });
    files
}

/// The errors that the new text has as a configuration.
fn lacks(import: &Import) -> Vec<Finding> {
    let sources = Sources::default();
    let file = sources.add(Source::text(shown_name(&import.path), import.new.clone()));
    let root = import.path.parent().unwrap_or(Path::new(""));
    config::parse(&sources, file, root).err().unwrap_or_default()
}

fn show(args: &Args, import: &Import) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match &import.old {
        None if !args.diff => out.write_all(&import.new)?,
        old => {
            let old = old.as_deref().unwrap_or_default();
            let sources = Sources::default();
            let file = sources.add(Source::text(FILE_NAME, old.to_vec()));
            let whole = Edit { span: Span::new(file, 0, old.len() as u64), replacement: import.new.clone() };
            let diff = edit::unified(&patch_name(&import.path), old, &[whole])
                .map_err(|error| Failure::Words(error.to_string()))?;
            let (first, rest) = diff.split_at(diff.iter().position(|octet| *octet == b'\n').unwrap_or(0));
            // A file that is not there yet has no name in a patch.
            out.write_all(if import.old.is_none() { b"--- /dev/null" } else { first })?;
            out.write_all(rest)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The name in a patch: relative to the root of the repository, where `git apply` takes it.
fn patch_name(path: &Path) -> String {
    let real = path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
    let root = real.parent().and_then(repository_root);
    match root.and_then(|root| real.strip_prefix(root).ok().map(Path::to_owned)) {
        Some(below) => {
            below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        }
        None => shown_name(path),
    }
}

fn write(args: &Args, import: &Import) -> Result<(), Failure> {
    let Some(old) = &import.old else { return super::write::put(&import.path, &import.new) };
    if *old == import.new {
        return Ok(());
    }
    may_replace(std::iter::once(&*import.path), args.force)?;
    let change = FileChange { path: import.path.clone(), old: old.clone(), new: import.new.clone() };
    edit::write_all(&[change]).map_err(|error| Failure::Words(error.to_string()))
}

fn summary(args: &Args, import: &Import, topology: &Topology, shown: &str, differs: bool) -> String {
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let pools = plural(topology.pools.len(), "Edge pool");
    let domains = topology.sip_domains.as_ref().map(|domains| plural(domains.len(), "SIP domain"));
    let read = match domains {
        Some(domains) => format!("{pools} and {domains} in the topology"),
        None => format!("{pools} in the topology"),
    };
    let target = args.out.as_deref().map_or_else(|| shown.to_owned(), shown_name);
    let done = match (&import.old, args.write || args.out.is_some()) {
        (Some(_), _) if !differs => format!("{shown} says the same"),
        (Some(_), true) => format!("{target} written"),
        (Some(_), false) => format!("{shown} would change: --write changes it"),
        (None, true) => format!("{target} made"),
        (None, false) => format!("no {shown} yet: --write makes it"),
    };
    format!("{read}; {done}")
}
