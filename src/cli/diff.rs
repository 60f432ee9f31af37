//! `zonewright diff`.

use super::Common;
use super::output::{Failure, Terminal};
use crate::comparison::{Comparison, Pair, Reading, Side, compare, pairs, view_of};
use crate::config::View;
use crate::edge::coverage::CoverageChange;
use crate::report::change::{self, Report};
use crate::workspace::{Base, Before, LoadError, Loaded, LoadedZone, Request, load};
use crate::zone::Zone;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  What changed since the last commit, in every zone of the configuration:
    zonewright diff --base HEAD
  The same, for a comment on a merge request:
    zonewright diff --base HEAD --output-format markdown > comment.md
  Two files; where the views of a zone differ:
    zonewright diff zones/contoso.com.zone zones/internal/contoso.com.zone";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(
    override_usage = "zonewright diff [OPTIONS] BEFORE AFTER\n       zonewright diff [OPTIONS] --base REV [PATH]..."
)]
pub(super) struct Args {
    /// Two zone files, or two folders with zones: as they were, as they are. With --base the files and
    /// folders as they are (default: every zone of the configuration)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with a git revision, such as HEAD or origin/main
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Apex of the zone, when one zone is compared
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// List the RRSIG, NSEC, NSEC3 and ZONEMD records too, which are only counted otherwise
    #[arg(long)]
    dnssec: bool,
    /// Exit with 1 when records differ, or zones come or go; another layout alone is no difference
    #[arg(long)]
    exit_code: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// Per zone, its records with `+` and `-`, and `~` where only a TTL differs
    #[default]
    Human,
    /// For a comment on a merge request, in less than 65,536 characters
    Markdown,
    /// One object, as docs/diff.schema.json has it
    Json,
}

/// Reads the zones twice, and shows what differs.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    match (&args.base, args.paths.as_slice()) {
        (Some(rev), _) => since(common, args, rev, terminal),
        (None, [before, after]) => between(common, args, before, after, terminal),
        (None, paths) => {
            let count = paths.len();
            Err(Failure::Words(format!(
                "diff compares two zone files or two folders, {count} {} given; or give `--base REV`",
                if count == 1 { "is" } else { "are" }
            )))
        }
    }
}

fn between(
    common: &Common,
    args: &Args,
    before: &Path,
    after: &Path,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let (was, is) = both(common, args, before, after)?;
    let (old, new) = (reading(&was, before), reading(&is, after));
    let pairs = pairs(&old, &new);
    check_origins(&old, &new, &pairs)?;
    let edge = edge(&is, &pairs);
    let comparison = compare(&old, &new, pairs);
    was.unchanged().map_err(LoadError::from)?;
    is.unchanged().map_err(LoadError::from)?;
    show(common, args, &comparison, edge.as_ref(), terminal)
}

fn since(common: &Common, args: &Args, rev: &str, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let request = Request {
        paths: args.paths.clone(),
        config: common.config.clone(),
        origin: args.origin.clone(),
        ..Request::default()
    };
    let is = load(&request)?;
    let base = Base::read(&is, &request, rev).map_err(|error| Failure::Words(error.to_string()))?;
    let mut same = 0;
    let mut pairs = Vec::new();
    for (index, zone) in is.zones.iter().enumerate().filter(|(_, zone)| zone.wanted) {
        match base.before(index) {
            Before::Same => same += 1,
            Before::Zone(before) => pairs.push((Some(side(before)), Some(side(zone)))),
            Before::Nothing => pairs.push((None, Some(side(zone)))),
        }
    }
    let asked: Vec<PathBuf> = args.paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_asked = |file: &Path| asked.is_empty() || asked.iter().any(|path| file.starts_with(path));
    for gone in base.removed() {
        let Some(file) = gone.zone.files().first().copied() else { continue };
        if gone.zone.sources().get(file).path().is_none_or(is_asked) {
            let (zone, view) = (gone.zone, gone.view);
            let side = Side { zone, view, declared: true, file, partial: false };
            pairs.push((Some(side), None));
        }
    }
    let edge = edge(&is, &pairs);
    let by_name = || Reading { zones: Vec::new(), root: None };
    let mut comparison = compare(&by_name(), &by_name(), pairs);
    comparison.unchanged += same;
    is.unchanged().map_err(LoadError::from)?;
    show(common, args, &comparison, edge.as_ref(), terminal)
}

fn show(
    common: &Common,
    args: &Args,
    comparison: &Comparison<'_>,
    edge: Option<&CoverageChange<'_>>,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    warn(comparison, terminal);
    let report = Report { comparison, edge, dnssec: args.dnssec };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.output_format {
        Format::Human => change::human(&mut out, &report, &terminal.out)?,
        Format::Markdown => out.write_all(change::markdown(&report).as_bytes())?,
        Format::Json => change::json(&mut out, &report)?,
    }
    out.flush()?;
    if !common.quiet {
        terminal.say(&report.figures().to_string());
    }
    Ok(ExitCode::from(u8::from(args.exit_code && comparison.has_changes())))
}

/// Loads both. Where one of two files does not say which zone it is, the other one says it.
fn both(common: &Common, args: &Args, before: &Path, after: &Path) -> Result<(Loaded, Loaded), Failure> {
    let load = |path: &Path, origin: Option<String>| {
        let config = common.config.clone();
        load(&Request { paths: vec![path.to_owned()], config, origin, ..Request::default() })
    };
    let origin = |loaded: &Loaded| {
        let zone = loaded.zones.iter().find(|zone| zone.wanted);
        zone.map(|zone| zone.zone.apex().to_string())
    };
    let files = !before.is_dir() && !after.is_dir();
    if files && before.as_os_str() == "-" && after.as_os_str() == "-" {
        return Err(Failure::Words(String::from("standard input can be read only once")));
    }
    let is_file = |path: &Path| path.as_os_str() != "-";
    // Standard input can be read only once, so the zone of the file is its zone.
    let (new, old) = if files && !is_file(after) {
        let old = load(before, args.origin.clone())?;
        (load(after, args.origin.clone().or_else(|| origin(&old)))?, old)
    } else {
        match load(after, args.origin.clone()) {
            Err(LoadError::NoOrigin(_)) if files && is_file(before) => {
                let old = load(before, args.origin.clone())?;
                (load(after, origin(&old))?, old)
            }
            new => {
                let new = new?;
                let known = || args.origin.clone().or_else(|| origin(&new));
                let old = match load(before, if is_file(before) { args.origin.clone() } else { known() }) {
                    Err(LoadError::NoOrigin(_)) if files => load(before, known())?,
                    old => old?,
                };
                (new, old)
            }
        }
    };
    Ok((old, new))
}

fn side(zone: &LoadedZone) -> Side<'_> {
    Side {
        zone: &zone.zone,
        view: zone.view,
        declared: zone.is_declared(),
        file: zone.file,
        partial: zone.partial,
    }
}

/// The zones that were asked for. Files are told apart below the folder, or beside the file.
fn reading<'z>(loaded: &'z Loaded, path: &Path) -> Reading<'z> {
    let real = path.canonicalize().ok();
    let folder = if path.is_dir() { real } else { real.and_then(|real| real.parent().map(Path::to_owned)) };
    Reading { zones: loaded.zones.iter().filter(|zone| zone.wanted).map(side).collect(), root: folder }
}

/// Two files of two zones are no change of one.
fn check_origins(old: &Reading<'_>, new: &Reading<'_>, pairs: &[Pair<'_>]) -> Result<(), Failure> {
    let ([before], [after]) = (old.zones.as_slice(), new.zones.as_slice()) else { return Ok(()) };
    if pairs.len() == 1 {
        return Ok(());
    }
    Err(Failure::Words(format!(
        "{} is zone {}, {} is zone {}: give `--origin NAME` if they are the same zone",
        before.file_name(),
        before.zone.apex(),
        after.file_name(),
        after.zone.apex()
    )))
}

/// The coverage of the declared deployment with the zones as they were and as they are: zones that are in
/// no pair count on both sides.
fn edge<'l>(after: &'l Loaded, pairs: &[Pair<'_>]) -> Option<CoverageChange<'l>> {
    let deployment = after.deployment().filter(|deployment| !deployment.pools().is_empty())?;
    let external = |side: &Side<'_>| side.view == View::External;
    let paired: HashSet<*const Zone> =
        pairs.iter().filter_map(|(_, new)| new.map(|side| std::ptr::from_ref(side.zone))).collect();
    let is_alone = |zone: &&LoadedZone| !paired.contains(&std::ptr::from_ref(&zone.zone));
    let others = after.zones.iter().filter(is_alone).map(side);
    let (mut was, mut is): (Vec<&Zone>, Vec<&Zone>) = (Vec::new(), Vec::new());
    for side in others.filter(external) {
        was.push(side.zone);
        is.push(side.zone);
    }
    for (old, new) in pairs {
        let seen = view_of((*old, *new)) == View::External;
        was.extend(old.filter(|_| seen).map(|side| side.zone));
        is.extend(new.filter(|_| seen).map(|side| side.zone));
    }
    Some(CoverageChange::new(deployment, &was, &is))
}

fn warn(comparison: &Comparison<'_>, terminal: &Terminal) {
    for zone in &comparison.zones {
        for (side, when) in [(zone.before, "before"), (zone.after, "after")] {
            if let Some(side) = side.filter(|side| side.partial) {
                let (apex, file) = (zone.apex, side.file_name());
                terminal.say(&format!(
                    "warning: zone {apex} {when} ({file}) could not be read in full, `zonewright lint` says why"
                ));
            }
        }
    }
}
