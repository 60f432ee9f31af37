//! The texts of a plan: what failover set aside is taken up again, then RRsets are edited.

use super::edits::{self, Style};
use super::found::{self, Pairing, Step};
use super::lines::lines;
use super::parked::{self, Cover};
use super::tasks::{Task, tasks};
use super::wanted::WantedRrset;
use super::{Goal, PlanError};
use crate::diagnostic::Edit;
use crate::edge::{Deployment, Service};
use crate::edit;
use crate::text::{FileId, Span};
use crate::workspace::Loaded;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Edits by file.
pub(super) type FileEdits = BTreeMap<FileId, Vec<Edit>>;

/// What is to be done for a goal, before it is decided how it is written.
pub(super) struct Outline {
    /// The RRsets that should stand.
    pub(super) tasks: Vec<Task>,
    /// Each with what stands, once what was set aside is taken up again.
    pub(super) pairings: Vec<Pairing>,
    /// The edits that take it up again.
    uncover: FileEdits,
    /// The zones after those.
    base: Option<Loaded>,
}

impl Outline {
    pub(super) fn new(
        loaded: &Loaded,
        deployment: &Deployment,
        goal: &Goal,
        services: &BTreeSet<Service>,
    ) -> Result<Self, PlanError> {
        let contexts = loaded.contexts();
        let tasks = tasks(deployment, &contexts, goal, services)?;
        let steady = !matches!(goal, Goal::Failover { .. });
        let uncover = if steady { uncover(loaded, deployment, &tasks)? } else { FileEdits::new() };
        let base =
            if uncover.is_empty() { None } else { Some(loaded.with_changes(&changed(loaded, &uncover)?)) };
        let contexts = base.as_ref().unwrap_or(loaded).contexts();
        let pairings = tasks
            .iter()
            .map(|task| found::pair(&contexts[task.zone], deployment, &task.wanted, goal))
            .collect();
        Ok(Self { tasks, pairings, uncover, base })
    }

    /// Targets that are nobody's, as warnings.
    pub(super) fn strangers(&self) -> Vec<String> {
        let of = |(task, pairing): (&Task, &Pairing)| -> Vec<String> {
            let owner = task.wanted.owner();
            let warn = |target: &String| {
                format!(
                    "`{owner}` SRV also leads to `{target}`, which is no declared pool; it was left alone"
                )
            };
            pairing.strangers.iter().map(warn).collect()
        };
        self.tasks.iter().zip(&self.pairings).flat_map(of).collect()
    }

    /// The edits of all RRsets, serials not yet among them. New lines have no longer TTL than `most`.
    pub(super) fn edits(
        &self,
        loaded: &Loaded,
        deployment: &Deployment,
        styles: &[Style],
        most: Option<u32>,
    ) -> Result<FileEdits, PlanError> {
        let contexts = self.base(loaded).contexts();
        let ttl = deployment.policy().steady_ttl;
        let mut all = self.uncover.clone();
        for ((task, pairing), style) in self.tasks.iter().zip(&self.pairings).zip(styles) {
            let context = &contexts[task.zone];
            for edit in edits::edits(context, task.wanted.owner(), pairing, *style, ttl, most)? {
                let edit = self.in_first_text(edit);
                let list = all.entry(edit.span.file).or_default();
                if !list.contains(&edit) {
                    list.push(edit);
                }
            }
        }
        Ok(all)
    }

    /// The zones in which the pairings were found.
    pub(super) fn base<'l>(&'l self, loaded: &'l Loaded) -> &'l Loaded {
        self.base.as_ref().unwrap_or(loaded)
    }

    /// The place of an edit before anything was taken up again.
    pub(super) fn in_first_text(&self, mut edit: Edit) -> Edit {
        let Some(gone) = self.uncover.get(&edit.span.file) else { return edit };
        let mut spans: Vec<Span> = gone.iter().map(|edit| edit.span).collect();
        spans.sort_unstable();
        let at = |mut offset: u64, end: bool| {
            for span in &spans {
                if span.start < offset || span.start == offset && !end {
                    offset += u64::from(span.len);
                }
            }
            offset
        };
        let start = at(edit.span.start, edit.span.len == 0);
        let end = at(edit.span.end(), true).max(start);
        edit.span = Span::new(edit.span.file, start, end);
        edit
    }

    fn one(&self, place: usize) -> Self {
        Self {
            tasks: vec![self.tasks[place].clone()],
            pairings: vec![self.pairings[place].clone()],
            uncover: FileEdits::new(),
            base: None,
        }
    }
}

/// The edits that take up again what was set aside, for the RRsets of some tasks.
fn uncover(loaded: &Loaded, deployment: &Deployment, tasks: &[Task]) -> Result<FileEdits, PlanError> {
    let contexts = loaded.contexts();
    let covers: BTreeSet<(Span, bool)> = contexts
        .iter()
        .flat_map(|context| parked::covers(context.zone))
        .map(|cover| (cover.span(), matches!(cover, Cover::Mark(_))))
        .collect();
    let mut own = FileEdits::new();
    if covers.is_empty() {
        return Ok(own);
    }
    let mut all = FileEdits::new();
    for (span, _) in &covers {
        all.entry(span.file).or_default().push(Edit { span: *span, replacement: Vec::new() });
    }
    let bare = loaded.with_changes(&changed(loaded, &all)?);
    let bare_contexts = bare.contexts();
    let goal = Goal::Failback { pools: BTreeSet::new() };
    for task in tasks {
        let mut take = |span: Span| {
            let list = own.entry(span.file).or_default();
            let edit = Edit { span, replacement: Vec::new() };
            if !list.contains(&edit) {
                list.push(edit);
            }
        };
        let then = found::pair(&bare_contexts[task.zone], deployment, &task.wanted, &goal);
        for current in then.steps.iter().filter_map(Step::before) {
            // Files keep their order among the sources, so their ids agree.
            let lines = lines(bare_contexts[task.zone].zone, current.record.span);
            let mut gone = 0;
            for (span, mark) in covers.iter().filter(|(span, _)| span.file == lines.file) {
                let at = span.start - gone;
                if *mark && lines.start <= at && at < lines.end() {
                    take(*span);
                }
                gone += u64::from(span.len);
            }
        }
        let now = found::pair(&contexts[task.zone], deployment, &task.wanted, &goal);
        for current in now.steps.iter().filter_map(Step::before) {
            let lines = lines(contexts[task.zone].zone, current.record.span);
            if covers.contains(&(lines, false)) {
                take(lines);
            }
        }
    }
    own.retain(|_, edits| !edits.is_empty());
    Ok(own)
}

/// The texts that edits make, by path.
pub(super) fn changed(loaded: &Loaded, edits: &FileEdits) -> Result<BTreeMap<PathBuf, Vec<u8>>, PlanError> {
    let mut texts = BTreeMap::new();
    for (file, edits) in edits {
        let source = loaded.sources.get(*file);
        let Some(path) = source.path() else {
            return Err(PlanError::NotEditable {
                place: source.name().to_owned(),
                why: String::from("is no file on the disk"),
            });
        };
        let text = edit::apply(source.bytes(), edits).map_err(|error| shared(source.name(), &error))?;
        texts.insert(path.to_owned(), text);
    }
    Ok(texts)
}

pub(super) fn shared(name: &str, error: &edit::EditError) -> PlanError {
    match error {
        edit::EditError::Overlap { .. } => PlanError::Shared { file: name.to_owned() },
        _ => PlanError::Other(format!("{name}: {error}")),
    }
}

/// The texts of all files after a failback, serials left aside.
fn home(
    loaded: &Loaded,
    deployment: &Deployment,
    services: &BTreeSet<Service>,
) -> Result<BTreeMap<PathBuf, Vec<u8>>, PlanError> {
    let outline = Outline::new(loaded, deployment, &Goal::Failback { pools: BTreeSet::new() }, services)?;
    let styles = vec![Style::InPlace; outline.tasks.len()];
    let edits = outline.edits(loaded, deployment, &styles, None)?;
    let mut texts: BTreeMap<PathBuf, Vec<u8>> = loaded
        .sources
        .all()
        .iter()
        .filter_map(|source| Some((source.path()?.to_owned(), source.bytes().to_vec())))
        .collect();
    texts.extend(changed(loaded, &edits)?);
    Ok(texts)
}

/// How each RRset is to be written, so that failback leads to the text it would lead to now.
pub(super) fn styles(
    loaded: &Loaded,
    deployment: &Deployment,
    outline: &Outline,
    goal: &Goal,
    services: &BTreeSet<Service>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Style>, PlanError> {
    let mut styles = vec![Style::InPlace; outline.tasks.len()];
    if !matches!(goal, Goal::Failover { .. }) || !outline.pairings.iter().any(Pairing::changes) {
        return Ok(styles);
    }
    disagreements(loaded, deployment, outline, services, warnings)?;
    let before = home(loaded, deployment, services)?;
    let returns = |outline: &Outline, styles: &[Style]| -> Result<bool, PlanError> {
        let edits = outline.edits(loaded, deployment, styles, None)?;
        let moved = loaded.with_changes(&changed(loaded, &edits)?);
        Ok(home(&moved, deployment, services)? == before)
    };
    if returns(outline, &styles)? {
        return Ok(styles);
    }
    for (place, style) in styles.iter_mut().enumerate() {
        if outline.pairings[place].changes() && !returns(&outline.one(place), &[Style::InPlace])? {
            *style = Style::Parked;
        }
    }
    Ok(styles)
}

/// Warns of RRsets that do not say what is declared: failback will not bring their text back.
fn disagreements(
    loaded: &Loaded,
    deployment: &Deployment,
    outline: &Outline,
    services: &BTreeSet<Service>,
    warnings: &mut Vec<String>,
) -> Result<(), PlanError> {
    let steady = Goal::Failback { pools: BTreeSet::new() };
    let back = Outline::new(loaded, deployment, &steady, services)?;
    for (task, pairing) in
        outline.tasks.iter().zip(&outline.pairings).filter(|(_, pairing)| pairing.changes())
    {
        let disagrees = |(other, back): (&Task, &Pairing)| same_rrset(other, task) && back.changes();
        if pairing.strangers.is_empty() && back.tasks.iter().zip(&back.pairings).any(disagrees) {
            warnings.push(format!(
                "`{}` in the {} zone does not say what zonewright.toml declares; failback will make it so",
                task.wanted.owner(),
                loaded.zones[task.zone].view.word()
            ));
        }
    }
    Ok(())
}

fn same_rrset(one: &Task, other: &Task) -> bool {
    let kind = |task: &Task| matches!(task.wanted, WantedRrset::Srv { .. });
    one.zone == other.zone && one.wanted.owner() == other.wanted.owner() && kind(one) == kind(other)
}
