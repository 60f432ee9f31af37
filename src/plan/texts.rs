//! The texts of a plan: what failover set aside is taken up again, then RRsets are edited.

use super::changed::{FileEdits, changed};
use super::drain;
use super::edits::{self, Style};
use super::found::{self, Pairing, Step};
use super::lines::lines;
use super::parked::{self, Cover};
use super::place::Task;
use super::retire;
use super::scope::Scope;
use super::tasks::{state, tasks};
use super::wanted::WantedRrset;
use super::{Goal, PlanError};
use crate::diagnostic::Edit;
use crate::edge::{Deployment, Service};
use crate::text::Span;
use crate::workspace::Loaded;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is to be done for a goal, before it is decided how it is written.
pub(super) struct Outline {
    /// The RRsets that should stand.
    pub(super) tasks: Vec<Task>,
    /// Each with what stands, once what was set aside is taken up again.
    pub(super) pairings: Vec<Pairing>,
    /// What the goal may change.
    pub(super) scope: Scope,
    /// Names that stay although they would go.
    kept: Vec<String>,
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
        let mut tasks = tasks(deployment, &contexts, goal, services)?;
        let mut kept = Vec::new();
        if let Goal::Decommission { pools, .. } = goal {
            kept = retire::keep_referred(deployment, &contexts, pools, services, &mut tasks);
        }
        if let Goal::Decommission { .. } | Goal::M365 { .. } = goal {
            for task in &tasks {
                let parked = uncover(loaded, deployment, std::slice::from_ref(task), Covers::PARKED)?;
                if !parked.is_empty() {
                    return Err(PlanError::SetAside { owner: task.wanted.owner().to_owned() });
                }
            }
        }
        let scope = Scope::of(deployment, goal, &state(deployment, &contexts, goal));
        let uncover = uncover(loaded, deployment, &tasks, Covers::of(deployment, goal))?;
        let base =
            if uncover.is_empty() { None } else { Some(loaded.with_changes(&changed(loaded, &uncover)?)) };
        let contexts = base.as_ref().unwrap_or(loaded).contexts();
        let pairings = tasks
            .iter()
            .map(|task| found::pair(&contexts[task.zone], deployment, &task.wanted, &scope))
            .collect();
        let outline = Self { tasks, pairings, scope, kept, uncover, base };
        if let Goal::Drain { .. } = goal {
            drain::refuse_to_empty(deployment, &outline.tasks, &outline.pairings)?;
        }
        Ok(outline)
    }

    /// What the reader must know of what stays.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.strangers();
        warnings.extend(self.kept.iter().cloned());
        warnings
    }

    /// Targets that are nobody's, as warnings.
    fn strangers(&self) -> Vec<String> {
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
        // What follows records that stand may inherit their owner, so it comes before new owners at the
        // same place.
        let stands = |pairing: &Pairing| pairing.steps.iter().any(|step| step.before().is_some());
        let every = || self.tasks.iter().zip(&self.pairings).zip(styles);
        let first = every().filter(|((_, pairing), _)| stands(pairing));
        let then = every().filter(|((_, pairing), _)| !stands(pairing));
        for ((task, pairing), style) in first.chain(then) {
            for edit in edits::edits(&contexts[task.zone], task.wanted.owner(), pairing, *style, ttl, most)? {
                let edit = self.in_first_text(edit);
                let list = all.entry(edit.span.file).or_default();
                // What is replaced as a whole need not be taken up first.
                if let Some(taken) = self.uncover.get(&edit.span.file).filter(|_| edit.span.len > 0) {
                    list.retain(|other| {
                        let within =
                            edit.span.start <= other.span.start && other.span.end() <= edit.span.end();
                        !(within && taken.contains(other))
                    });
                }
                if !list.contains(&edit) {
                    list.push(edit);
                }
            }
        }
        if !self.uncover.is_empty() {
            // What was taken up and set aside again is as it was.
            let texts = changed(loaded, &all)?;
            all.retain(|file, _| {
                let source = loaded.sources.get(*file);
                let text = source.path().and_then(|path| texts.get(path));
                text.is_none_or(|text| text[..] != *source.bytes())
            });
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
        let mut spans: Vec<Span> =
            gone.iter().filter(|edit| edit.replacement.is_empty()).map(|edit| edit.span).collect();
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
            scope: self.scope.clone(),
            kept: Vec::new(),
            uncover: FileEdits::new(),
            base: None,
        }
    }
}

/// Which of the records that are set aside are taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Covers {
    /// Those of a failover.
    parked: bool,
    /// Those of servers that are drained.
    drained: bool,
}

impl Covers {
    const PARKED: Self = Self { parked: true, drained: false };

    fn of(deployment: &Deployment, goal: &Goal) -> Self {
        let home = |service: Service, to| deployment.route(service) == Some(to);
        let (parked, drained) = match goal {
            Goal::Failover { .. } | Goal::Add { .. } | Goal::M365 { .. } => (false, false),
            Goal::Failback { .. } => (true, false),
            Goal::Route { service, to } => (home(*service, *to), false),
            Goal::Sync => (true, true),
            Goal::Drain { .. } | Goal::Restore { .. } | Goal::Decommission { .. } => (false, true),
        };
        Self { parked, drained }
    }
}

/// The edits that take up again what was set aside, for the RRsets of some tasks.
fn uncover(
    loaded: &Loaded,
    deployment: &Deployment,
    tasks: &[Task],
    which: Covers,
) -> Result<FileEdits, PlanError> {
    let contexts = loaded.contexts();
    let mut covers: BTreeSet<(Span, bool)> = BTreeSet::new();
    let mut owners: BTreeMap<Span, Edit> = BTreeMap::new();
    for context in &contexts {
        if which.parked {
            covers.extend(
                parked::covers(context.zone)
                    .into_iter()
                    .map(|cover| (cover.span(), matches!(cover, Cover::Mark(_)))),
            );
        }
        if which.drained {
            for mark in drain::marks(context.zone) {
                covers.insert((mark.span, true));
                owners.extend(mark.owner.map(|owner| (mark.span, owner)));
            }
        }
    }
    let mut own = FileEdits::new();
    if covers.is_empty() {
        return Ok(own);
    }
    let mut all = FileEdits::new();
    for (span, _) in &covers {
        all.entry(span.file).or_default().push(Edit { span: *span, replacement: Vec::new() });
    }
    for owner in owners.values() {
        all.entry(owner.span.file).or_default().push(owner.clone());
        if owner.replacement.is_empty() {
            covers.insert((owner.span, false));
        }
    }
    let bare = loaded.with_changes(&changed(loaded, &all)?);
    let bare_contexts = bare.contexts();
    let everything = Scope::default();
    for task in tasks {
        let mut take = |edit: Edit| {
            let list = own.entry(edit.span.file).or_default();
            if !list.contains(&edit) {
                list.push(edit);
            }
        };
        let without = |span: Span| Edit { span, replacement: Vec::new() };
        let then = found::pair(&bare_contexts[task.zone], deployment, &task.wanted, &everything);
        for current in then.steps.iter().filter_map(Step::before) {
            // Files keep their order among the sources, so their ids agree.
            let lines = lines(bare_contexts[task.zone].zone, current.record.span);
            let mut gone = 0;
            for (span, mark) in covers.iter().filter(|(span, _)| span.file == lines.file) {
                let at = span.start - gone;
                if *mark && lines.start <= at && at < lines.end() {
                    take(without(*span));
                    owners.get(span).cloned().into_iter().for_each(&mut take);
                }
                gone += u64::from(span.len);
            }
        }
        let now = found::pair(&contexts[task.zone], deployment, &task.wanted, &everything);
        for current in now.steps.iter().filter_map(Step::before) {
            let lines = lines(contexts[task.zone].zone, current.record.span);
            if which.parked && covers.contains(&(lines, false)) {
                take(without(lines));
            }
        }
    }
    own.retain(|_, edits| !edits.is_empty());
    Ok(own)
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
    let leaves = match goal {
        Goal::Drain { .. } | Goal::Restore { .. } => return Ok(vec![Style::Drained; outline.tasks.len()]),
        Goal::Failover { .. } => true,
        Goal::Route { service, to } => deployment.route(*service) != Some(*to),
        Goal::Failback { .. }
        | Goal::Sync
        | Goal::Decommission { .. }
        | Goal::Add { .. }
        | Goal::M365 { .. } => false,
    };
    if !leaves || !outline.pairings.iter().any(Pairing::changes) {
        return Ok(styles);
    }
    if let Goal::Failover { .. } = goal {
        disagreements(loaded, deployment, outline, services, warnings)?;
    }
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
