//! `zonewright lint --baseline` and `--write-baseline`.

use super::Args;
use crate::baseline::{Baseline, FILE_NAME, Held};
use crate::cli::Common;
use crate::cli::output::{Failure, Terminal};
use crate::diagnostic::Finding;
use crate::workspace::{Loaded, shown_name};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the baseline is that the command line or the configuration names.
fn named(args: &Args, loaded: &Loaded) -> Option<PathBuf> {
    args.baseline.clone().or_else(|| {
        let config = loaded.config.as_ref()?;
        Some(config.root.join(&config.lint.baseline.as_ref()?.value))
    })
}

/// The baseline that the run is held against.
pub(super) fn baseline(args: &Args, loaded: &Loaded) -> Result<Option<Baseline>, Failure> {
    if args.write_baseline.is_some() {
        return Ok(None);
    }
    let read = |path: PathBuf| {
        Baseline::read(&path)
            .map_err(|error| Failure::Words(format!("{error}; `zonewright lint --write-baseline` makes one")))
    };
    named(args, loaded).map(read).transpose()
}

/// The files that the run looked at.
fn looked_at(loaded: &Loaded) -> Vec<PathBuf> {
    let wanted = loaded.zones.iter().filter(|zone| zone.wanted);
    let files = wanted.flat_map(|zone| zone.zone.files());
    let mut paths: Vec<PathBuf> =
        files.filter_map(|file| Some(loaded.sources.get(file).path()?.to_owned())).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

pub(super) fn hold(baseline: &Baseline, loaded: &Loaded, findings: Vec<Finding>) -> Held {
    baseline.hold(&loaded.sources, &looked_at(loaded), findings)
}

/// Says so when the baseline accepts what is not found any more.
pub(super) fn tell(held: &Held, args: &Args, common: &Common, terminal: &Terminal) {
    // What was not looked for was not found.
    let whole = args.select.is_empty() && args.ignore.is_empty();
    if held.gone > 0 && whole && !common.quiet {
        terminal.say(&format!(
            "note: {} of the baseline {} not found any more: `zonewright lint --write-baseline` takes them out",
            held.gone,
            if held.gone == 1 { "is" } else { "are" }
        ));
    }
}

/// Accepts all findings.
pub(super) fn write(
    given: Option<&Path>,
    args: &Args,
    loaded: &Loaded,
    findings: &[Finding],
    common: &Common,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let beside =
        || loaded.config.as_ref().map_or(PathBuf::from(FILE_NAME), |config| config.root.join(FILE_NAME));
    let path = given.map(Path::to_owned).or_else(|| named(args, loaded)).unwrap_or_else(beside);
    let words = |error: crate::baseline::BaselineError| Failure::Words(error.to_string());
    // What it says of files that were not looked at stays.
    let mut baseline =
        if path.exists() { Baseline::read(&path).map_err(words)? } else { Baseline::new(&path) };
    baseline.accept(&loaded.sources, &looked_at(loaded), findings);
    baseline.write(&path).map_err(words)?;
    if !common.quiet {
        let (count, name) = (baseline.count(), shown_name(&path));
        let findings = if count == 1 { "finding" } else { "findings" };
        terminal.say(&format!("{name} accepts {count} {findings}"));
        if named(args, loaded).is_none() {
            terminal.say(&format!(
                "note: name it with `--baseline {name}`, or with `baseline = \"{FILE_NAME}\"` in [lint] of zonewright.toml"
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
