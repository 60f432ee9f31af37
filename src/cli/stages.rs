//! `zonewright plan --staged`, and how long a plan takes.

use super::output::{Failure, Terminal};
use super::plan::beside::say_beside;
use super::plan::forms::{Emit, scripts};
use super::write::put;
use crate::edge::Deployment;
use crate::emit::{markdown, stages};
use crate::plan::stages::{Staged, staged};
use crate::plan::timing::{Assumptions, Timing, timing};
use crate::plan::{Plan, PlanError, Request};
use crate::workspace::Loaded;
use crate::zonefile::ttl::period;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::io::{self, Write as _};
use std::path::Path;

/// Options of every plan.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Plan a move ahead of time in stages: lower TTLs, switch, restore TTLs
    #[arg(long, conflicts_with = "write")]
    staged: bool,
    /// When the first stage is to be published, such as 2026-11-21T20:00:00Z
    #[arg(long, value_name = "TIME", requires = "staged", value_parser = time)]
    at: Option<Zoned>,
    /// Recovery time objective, such as 15m (default: policy.rto of the configuration)
    #[arg(long, value_name = "PERIOD", value_parser = seconds)]
    rto: Option<u32>,
    /// Exit with 1 when the worst case is over the recovery time objective
    #[arg(long)]
    fail_on_rto: bool,
    /// The primary does not notify its secondaries: they ask after refresh and retry
    #[arg(long)]
    no_notify: bool,
}

fn seconds(text: &str) -> Result<u32, String> {
    period(text.as_bytes())
        .map_err(|_| String::from("expected a number of seconds, or a period such as 15m or 1h30m"))
}

/// A time with the offset that it was written with.
fn time(text: &str) -> Result<Zoned, String> {
    let wrong = || {
        String::from(
            "expected a date, a time and an offset, such as 2026-11-21T20:00:00Z or 2026-11-21T21:00:00+01:00",
        )
    };
    let time: Timestamp = text.parse().map_err(|_| wrong())?;
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    Ok(time.to_zoned(offset.map_or(TimeZone::UTC, TimeZone::fixed)))
}

impl Args {
    /// Whether the plan is made in stages.
    pub(super) fn is_staged(&self) -> bool {
        self.staged
    }

    /// What the times of a plan rest on.
    pub(super) fn assumptions(&self) -> Assumptions {
        Assumptions { notify: !self.no_notify, ..Assumptions::default() }
    }

    /// The recovery time objective that was given, in seconds.
    pub(super) fn rto(&self) -> Option<u32> {
        self.rto
    }

    /// The recovery time objective in seconds that plans of the deployment are held against.
    pub(super) fn objective(&self, deployment: &Deployment) -> Result<Option<u32>, Failure> {
        match deployment.policy().rto {
            None if self.fail_on_rto => Err(Failure::Words(String::from(
                "--fail-on-rto has nothing to compare with: give `--rto PERIOD`, or `rto` in [policy]",
            ))),
            rto => Ok(rto),
        }
    }

    /// Says how long a plan takes when that was asked for, here or in the configuration. Gives whether
    /// the run fails for it.
    pub(super) fn judge(&self, plan: &Plan, rto: Option<u32>, quiet: bool, terminal: &Terminal) -> bool {
        let is_asked = rto.is_some() || self.no_notify;
        is_asked && !plan.is_empty() && self.say(&timing(plan, &self.assumptions()), rto, quiet, terminal)
    }

    fn say(&self, timing: &Timing, rto: Option<u32>, quiet: bool, terminal: &Terminal) -> bool {
        if !quiet {
            terminal.say(stages::times(timing, &self.assumptions(), self.staged).trim_end());
        }
        let Some(rto) = rto else { return false };
        let (is_met, words) = stages::verdict(timing, rto, self.staged);
        if !is_met {
            terminal.say(&format!("warning: {words}"));
        } else if !quiet {
            terminal.say(&words);
        }
        !is_met && self.fail_on_rto
    }

    /// Plans the stages.
    pub(super) fn plan(&self, loaded: &Loaded, request: &Request) -> Result<Staged, PlanError> {
        staged(loaded, request, &self.assumptions(), self.at.as_ref())
    }

    /// Prints the stages or writes them into a folder, and says when each may be published. Gives
    /// whether the run fails for its length.
    pub(super) fn emit(
        &self,
        deployment: &Deployment,
        staged: &Staged,
        (form, out): (Emit, Option<&Path>),
        rto: Option<u32>,
        quiet: bool,
        terminal: &Terminal,
    ) -> Result<bool, Failure> {
        if let Some(folder) = out {
            write(folder, deployment, staged, rto)?;
        } else {
            let text = match form {
                Emit::Diff => stages::diff(staged),
                Emit::Markdown => markdown::stages(deployment, staged, rto).into_bytes(),
                _ => {
                    return Err(Failure::Words(String::from(
                        "--staged prints `diff` and `markdown` only; `--out DIR` also writes the scripts of each stage, to be run in its time",
                    )));
                }
            };
            let mut out = io::stdout().lock();
            out.write_all(&text)?;
            out.flush()?;
        }
        if !quiet {
            say_beside(deployment, &staged.direct, terminal);
            match staged.stages.is_empty() {
                true => terminal.say(&format!(
                    "No changes: the zones already say what {} wants.",
                    staged.direct.goal.word()
                )),
                false => terminal.say(stages::timeline(staged).trim_end()),
            }
        }
        Ok(match staged.switch() {
            Some(switch) => self.say(&switch.timing, rto, quiet, terminal),
            None => false,
        })
    }
}

/// Each stage and its ways back as diffs, what servers are told of it in a folder, and the page.
fn write(folder: &Path, deployment: &Deployment, staged: &Staged, rto: Option<u32>) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|cause| Failure::Words(format!("{}: {cause}", folder.display())))?;
    for (place, stage) in staged.stages.iter().enumerate() {
        let name = format!("stage-{}-{}", place + 1, stage.purpose.word());
        put(&folder.join(format!("{name}.diff")), &stage.plan.patch())?;
        for (file, text) in scripts(&stage.plan) {
            put(&folder.join(&name).join(file), &text)?;
        }
        put(&folder.join(format!("{name}-back.diff")), &stage.back.patch())?;
        if let Some(home) = &stage.home {
            put(&folder.join(format!("{name}-home.diff")), &home.patch())?;
        }
    }
    put(&folder.join("stages.md"), markdown::stages(deployment, staged, rto).as_bytes())
}
