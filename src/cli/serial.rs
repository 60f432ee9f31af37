//! `zonewright serial`.

use super::Common;
use super::output::{Failure, Terminal};
use crate::edit::{self, serial};
use crate::serials::{Raised, due};
use crate::workspace::{Base, BaseError, Loaded, Request, load};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Raise the serials of all zones that changed since the last commit:
    zonewright serial
  Only tell which are due since a revision:
    zonewright serial --check --base HEAD
  Look at one zone:
    zonewright serial zones/contoso.com.zone";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Zone files and folders (default: every zone of the configuration)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The git revision that the zones are held against (default: HEAD)
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Write nothing; list the serials that are due, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// The paths are files that changed, of any kind, as pre-commit names them: look at the zones that
    /// they are or are included by, and pass over what is no zone file
    #[arg(long)]
    changed_files: bool,
    /// Apex of the zone, for one file
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
}

/// Raises the serials that are due, and says which.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let words = |error: &dyn std::fmt::Display| Failure::Words(error.to_string());
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(words(&"`-`: standard input is in no git repository, name the file"));
    }
    let now = serial::now(|name| std::env::var(name).ok()).map_err(|error| words(&error))?;
    let request = Request {
        paths: args.paths.clone(),
        config: common.config.clone(),
        origin: args.origin.clone(),
        changed_files: args.changed_files,
        ..Request::default()
    };
    let loaded = load(&request)?;
    super::write::warn_of_pending(&loaded, terminal);
    let rev = super::since::revision(args.base.as_deref(), args.changed_files);
    let base = match Base::read(&loaded, &request, &rev) {
        // pre-commit may have named nothing that is a zone.
        Err(BaseError::NoRepository) if loaded.zones.is_empty() => return Ok(ExitCode::SUCCESS),
        base => base.map_err(|error| words(&error))?,
    };
    let serials = due(&loaded, &base, now).map_err(|error| words(&error))?;
    if !args.check {
        edit::write_all(&serials.files).map_err(|error| words(&error))?;
    }
    let mut out = io::stdout().lock();
    for raised in &serials.raised {
        writeln!(out, "{}", line(&loaded, raised, &rev))?;
    }
    out.flush()?;
    if !common.quiet {
        let wanted = loaded.zones.iter().filter(|zone| zone.wanted).count();
        terminal.say(&summary(args.check, serials.raised.len(), wanted));
    }
    Ok(ExitCode::from(u8::from(!serials.raised.is_empty())))
}

/// What happened to a zone.
fn line(loaded: &Loaded, raised: &Raised, rev: &str) -> String {
    let zone = &loaded.zones[raised.index];
    let Raised { before, found, new, .. } = raised;
    let place = format!("{}: zone {}", loaded.sources.get(zone.file).name(), zone.zone.apex());
    if found == before {
        format!("{place}: serial {found} -> {new}")
    } else {
        format!("{place}: serial {found} -> {new}, as it was {before} at {rev}")
    }
}

fn summary(check: bool, raised: usize, zones: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let done = if check { "due" } else { "raised" };
    format!("{raised} serial{} {done} in {zones} zone{}", plural(raised), plural(zones))
}
