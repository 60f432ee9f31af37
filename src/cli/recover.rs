//! `zonewright recover`.

use super::Common;
use super::output::{Failure, Terminal};
use crate::config;
use crate::edit::{self, Ending, Outcome, Recovery};
use crate::text::Sources;
use crate::workspace::shown_name;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Is there anything to recover?
    zonewright recover --check
  Finish what was interrupted, or take it back:
    zonewright recover
    zonewright recover --undo";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Changed files, or folders in and below which to look for changes (default: the folder of the
    /// configuration and those of its zones; without a configuration, this folder)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Give every file its old text
    #[arg(long)]
    undo: bool,
    /// Leave every file as it is now, such as after putting them right by hand, and remove what the
    /// change left
    #[arg(long, conflicts_with = "undo")]
    keep: bool,
    /// Do nothing; show what would be done, and exit with 1 if there is anything
    #[arg(long)]
    check: bool,
}

/// Ends every change that was interrupted.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let folders = folders(common, args)?;
    let journals: BTreeSet<PathBuf> = folders.iter().flat_map(|folder| edit::find(folder)).collect();
    let mut out = io::stdout().lock();
    let ending = match (args.undo, args.keep) {
        (true, _) => Ending::Undo,
        (_, true) => Ending::Keep,
        _ => Ending::Finish,
    };
    let mut failures = Vec::new();
    let mut too_late = false;
    for journal in &journals {
        let recovery = match Recovery::open(journal, ending) {
            Ok(recovery) => recovery,
            Err(error) => {
                failures.push(error.to_string());
                continue;
            }
        };
        let files: Vec<(PathBuf, bool)> = recovery.files().collect();
        let outcome = if args.check {
            recovery.outcome().clone()
        } else {
            match recovery.run() {
                Ok(outcome) => outcome,
                Err(error) => {
                    failures.push(error.to_string());
                    continue;
                }
            }
        };
        too_late |= args.undo && outcome == Outcome::Over { finished: true };
        for (file, holds_new) in &files {
            writeln!(out, "{}: {}", shown_name(file), step(&outcome, *holds_new, args.check))?;
        }
        out.flush()?;
        if !common.quiet {
            terminal.say(&summary(&outcome, files.len(), args));
        }
    }
    if journals.is_empty() && !common.quiet {
        terminal.say("nothing to recover: no interrupted change was found");
    }
    if too_late {
        failures.push(String::from(
            "a change was finished before the interruption and cannot be undone: plan the way back, or let git bring \
             back the files",
        ));
    }
    if failures.is_empty() {
        Ok(ExitCode::from(u8::from(args.check && !journals.is_empty())))
    } else {
        Err(Failure::Words(failures.join("\nerror: ")))
    }
}

/// What became of one file.
fn step(outcome: &Outcome, holds_new: bool, check: bool) -> &'static str {
    match (matches!(outcome, Outcome::Finished), holds_new, check) {
        (true, true, _) => "holds its new text already",
        (true, false, false) => "its new text was put in place",
        (true, false, true) => "its new text would be put in place",
        (false, false, _) => "still holds its old text",
        (false, true, false) => "its old text was put back",
        (false, true, true) => "its old text would be put back",
    }
}

fn summary(outcome: &Outcome, files: usize, args: &Args) -> String {
    let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
    let would = if args.check { "would be " } else { "" };
    match outcome {
        Outcome::Finished => format!("{would}finished: the change of {files}"),
        Outcome::Undone => format!("{would}undone: the change of {files}"),
        Outcome::NotFinished(file) => format!(
            "{would}undone: the change of {files}, as the new text of {} was not written out before the interruption",
            shown_name(file)
        ),
        Outcome::Kept => {
            format!("{would}removed: what the change left; its files stay as they are")
        }
        Outcome::NotBegun => format!("{would}removed: the journal of a change that had not begun"),
        Outcome::Over { finished: true } => {
            format!("{would}removed: what a finished change left; its files hold their new text")
        }
        Outcome::Over { finished: false } => format!("{would}removed: what a change that was over left"),
    }
}

/// Where to look.
fn folders(common: &Common, args: &Args) -> Result<BTreeSet<PathBuf>, Failure> {
    let folder_of = |path: &Path| {
        let real = std::fs::canonicalize(path)
            .map_err(|cause| Failure::Words(format!("{}: {cause}", path.display())))?;
        let folder = if real.is_dir() { Some(&*real) } else { real.parent() };
        Ok::<_, Failure>(folder.map_or_else(PathBuf::new, Path::to_owned))
    };
    if !args.paths.is_empty() {
        return args.paths.iter().map(|path| folder_of(path)).collect();
    }
    let here = PathBuf::from(".");
    let found = match &common.config {
        Some(path) => Some(path.clone()),
        None => config::discover(&here).map_err(|cause| Failure::Words(format!(".: {cause}")))?,
    };
    let Some(path) = found else { return Ok(BTreeSet::from([folder_of(&here)?])) };
    let mut folders = BTreeSet::from([folder_of(&path)?]);
    // A configuration with mistakes is no reason to leave zones half-changed.
    if let Ok(config) = config::load(&Sources::default(), &path, &shown_name(&path)) {
        folders.extend(config.zones.iter().filter_map(|zone| folder_of(&zone.path).ok()));
    }
    Ok(folders)
}
