//! The forms that a plan is printed and written in.

use super::super::output::Failure;
use crate::cli::write::put;
use crate::edge::Deployment;
use crate::emit::html::{self, Contents};
use crate::emit::{Script, Way, dnscmd, json, knotc, markdown, nsupdate, powershell};
use crate::plan::timing::{Assumptions, timing};
use crate::plan::{Plan, PlanError, back, reversed, zones_back};
use crate::workspace::Loaded;
use clap::ValueEnum;
use jiff::Timestamp;
use std::path::Path;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Emit {
    /// A unified diff that `git apply` takes
    #[default]
    Diff,
    /// The runbook: every step with who does it, the diff among them
    Markdown,
    /// One page for a browser or paper: coverage, timeline, changes, the runbook as a checklist
    Html,
    /// Everything, both ways, for programs; docs/plan.schema.json says what the fields are
    Json,
    /// Dynamic updates, a message for each zone; its prerequisites are what stands
    Nsupdate,
    /// Shell scripts for Knot DNS, a transaction for each zone; they compare before they change
    Knotc,
    /// A script for the PowerShell module of Windows DNS; it compares before it changes
    #[value(name = "powershell")]
    PowerShell,
    /// A batch file that calls dnscmd of Windows DNS; it compares before it changes
    Dnscmd,
}

/// A plan that is to be put into forms, and what it was made from.
pub(super) struct Forms<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) deployment: &'a Deployment,
    pub(super) plan: &'a Plan,
    /// The day of date serials.
    pub(super) now: Timestamp,
    /// What the times on the page rest on.
    pub(super) assumptions: Assumptions,
}

impl Forms<'_> {
    /// The plan in one form, one way.
    pub(super) fn form(&self, emit: Emit, way: Way) -> Result<Vec<u8>, Failure> {
        let plan = self.plan;
        let text = match (emit, way) {
            (Emit::Diff, Way::Apply) => return Ok(plan.patch()),
            (Emit::Diff, Way::Back) => {
                let files = back(self.loaded, plan, self.now).map_err(words)?;
                return Ok(files.into_iter().flat_map(|file| file.patch).collect());
            }
            (Emit::Markdown, Way::Apply) => markdown::runbook(self.deployment, plan),
            (Emit::Markdown, Way::Back) => self.runbook_back()?.ok_or_else(|| {
                Failure::Words(String::from(
                    "a sync moves no service, so its way back has no runbook; use `--emit diff --back`",
                ))
            })?,
            (Emit::Html, Way::Apply) => self.page(self.loaded, plan)?,
            (Emit::Html, Way::Back) => {
                let there = plan.applied(self.loaded);
                let back = reversed(self.loaded, plan, self.now).map_err(words)?;
                let back = back.ok_or_else(|| {
                    Failure::Words(String::from(
                        "a sync moves no service, so its way back has no page; use `--emit diff --back`",
                    ))
                })?;
                self.page(&there, &back)?
            }
            (Emit::Json, _) => {
                let files = back(self.loaded, plan, self.now).map_err(words)?;
                json::document(self.deployment, plan, &zones_back(plan, self.now), &files)
            }
            (Emit::Nsupdate, way) => joined(nsupdate::scripts(plan, way)),
            (Emit::Knotc, way) => in_turn(knotc::scripts(plan, way)),
            (Emit::PowerShell, way) => powershell::script(plan, way),
            (Emit::Dnscmd, way) => dnscmd::batch(plan, way),
        };
        Ok(text.into_bytes())
    }

    /// The page of a plan that was made from `loaded`.
    fn page(&self, loaded: &Loaded, plan: &Plan) -> Result<String, Failure> {
        let (Some(before), Some(after)) = (loaded.coverage(), plan.applied(loaded).coverage()) else {
            return Err(words(PlanError::NoDeployment));
        };
        Ok(html::page(&Contents {
            deployment: self.deployment,
            plan,
            before: &before,
            after: &after,
            timing: &timing(plan, &self.assumptions),
            assumptions: &self.assumptions,
        }))
    }

    fn runbook_back(&self) -> Result<Option<String>, Failure> {
        let plan = reversed(self.loaded, self.plan, self.now).map_err(words)?;
        Ok(plan.map(|plan| markdown::runbook(self.deployment, &plan)))
    }

    /// Writes every form of both ways into a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for (way, suffix) in [(Way::Apply, ""), (Way::Back, "-back")] {
            let diff = if way == Way::Apply { "plan.diff" } else { "back.diff" };
            files.push((diff.to_owned(), self.form(Emit::Diff, way)?));
            let runbook = match way {
                Way::Apply => Some(markdown::runbook(self.deployment, self.plan)),
                Way::Back => self.runbook_back()?,
            };
            files.extend(runbook.map(|text| (format!("runbook{suffix}.md"), text.into_bytes())));
        }
        files.extend(scripts(self.plan));
        files.push((String::from("plan.html"), self.form(Emit::Html, Way::Apply)?));
        files.push((String::from("plan.json"), self.form(Emit::Json, Way::Apply)?));
        // All forms are there before the first is written.
        for (name, text) in files {
            put(&folder.join(name), &text)?;
        }
        Ok(())
    }
}

/// What servers are told of a plan, both ways: file names and texts.
pub(in crate::cli) fn scripts(plan: &Plan) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (way, suffix) in [(Way::Apply, ""), (Way::Back, "-back")] {
        let of_zones =
            [("nsupdate", "txt", nsupdate::scripts(plan, way)), ("knotc", "sh", knotc::scripts(plan, way))];
        for (kind, end, scripts) in of_zones {
            for Script { zone, view, text } in scripts {
                let name = format!("{kind}/{}-{}{suffix}.{end}", file_name(&zone), view.word());
                files.push((name, text.into_bytes()));
            }
        }
        files.push((format!("powershell{suffix}.ps1"), powershell::script(plan, way).into_bytes()));
        files.push((format!("dnscmd{suffix}.cmd"), dnscmd::batch(plan, way).into_bytes()));
    }
    files
}

/// Scripts for `nsupdate` as one. An empty line between them would send a message.
fn joined(scripts: Vec<Script>) -> String {
    scripts.into_iter().map(|script| script.text).collect::<Vec<_>>().join(";\n")
}

/// Shell scripts as one, which ends with the first that fails. Each is a shell of its own, since each
/// sets traps and ends with `exit`.
fn in_turn(scripts: Vec<Script>) -> String {
    match <[Script; 1]>::try_from(scripts) {
        Ok([script]) => script.text,
        Err(scripts) if scripts.is_empty() => String::new(),
        Err(scripts) => {
            let parts = scripts.into_iter().map(|script| format!("\n(\n{})\n", script.text));
            format!("#!/bin/sh\nset -e\n{}", parts.collect::<String>())
        }
    }
}

/// The zone's name as that of a file: that of a classless reverse zone (RFC 2317) has a slash in it.
fn file_name(zone: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = zone.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if name.trim_matches('.').is_empty() { String::from("root") } else { name }
}

fn words(error: PlanError) -> Failure {
    Failure::Words(error.to_string())
}
