//! From the text after one stage to that after another.

use super::{Course, changes};
use crate::diagnostic::Edit;
use crate::edit::{self, EditError};
use crate::plan::changed::{FileEdits, shared};
use crate::plan::engine::{declared_then, deployment};
use crate::plan::serials::{raise, relative, root};
use crate::plan::verify::verify_since;
use crate::plan::{FilePlan, Plan, PlanError};
use crate::text::FileId;
use crate::workspace::Loaded;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The zones after a stage.
pub(super) struct State {
    /// The edits of the first text, those of serials not among them.
    pub(super) text: FileEdits,
    /// All edits of the first text.
    all: FileEdits,
    /// Serials that were raised, by place of the zone.
    serials: BTreeMap<usize, u32>,
    /// The zones, read again.
    pub(super) now: Loaded,
    /// Whether the records have moved.
    pub(super) moved: bool,
}

impl State {
    /// Before the first stage.
    pub(super) fn first(loaded: &Loaded) -> Self {
        Self {
            text: FileEdits::new(),
            all: FileEdits::new(),
            serials: BTreeMap::new(),
            now: loaded.with_changes(&BTreeMap::new()),
            moved: false,
        }
    }
}

/// The plan that leads from a state to a text, and the state then; none when they are the same.
pub(super) fn transition(
    course: &Course<'_>,
    from: &State,
    (text, moved): (FileEdits, bool),
    now: Timestamp,
) -> Result<Option<(State, Plan)>, PlanError> {
    let touched: BTreeSet<FileId> = differences(course.loaded, &from.text, &text)?.into_keys().collect();
    if touched.is_empty() {
        return Ok(None);
    }
    let mut all = text.clone();
    let mut serials = from.serials.clone();
    let zones = raise(course.loaded, now, &mut all, touched, &mut serials)?;
    let files = files(course.loaded, from, &all)?;
    let new = files.iter().map(|file| (file.path.clone(), file.new.clone())).collect();
    let now = from.now.with_changes(&new);
    let pairings = if moved { &course.outline.pairings } else { &course.standing };
    let declared = if moved { declared_then(deployment(course.loaded)?, &course.direct.goal) } else { None };
    let old_findings =
        verify_since(&course.known, &from.now, &files, &course.outline.tasks, pairings, declared)?;
    let state = State { text, all, serials, now, moved };
    let plan = Plan {
        goal: course.direct.goal.clone(),
        services: course.direct.services.clone(),
        changes: changes(course, from, &state),
        zones,
        files,
        warnings: Vec::new(),
        old_findings,
    };
    Ok(Some((state, plan)))
}

/// The edits from one text to another, for each file in which they differ.
fn differences(
    loaded: &Loaded,
    from: &FileEdits,
    to: &FileEdits,
) -> Result<BTreeMap<FileId, Vec<Edit>>, PlanError> {
    let mut found = BTreeMap::new();
    for file in from.keys().chain(to.keys()).copied().collect::<BTreeSet<_>>() {
        let source = loaded.sources.get(file);
        let of = |edits: &FileEdits| edits.get(&file).cloned().unwrap_or_default();
        let wrong = |error: EditError| shared(source.name(), &error);
        let edits = edit::between(source.bytes(), &of(from), &of(to)).map_err(wrong)?;
        if !edits.is_empty() {
            found.insert(file, edits);
        }
    }
    Ok(found)
}

fn files(loaded: &Loaded, from: &State, to: &FileEdits) -> Result<Vec<FilePlan>, PlanError> {
    let root = root(loaded);
    let mut files = Vec::new();
    for (file, edits) in differences(loaded, &from.all, to)? {
        let source = loaded.sources.get(file);
        let Some(path) = source.path() else { continue };
        let wrong = |error: EditError| shared(source.name(), &error);
        let none = Vec::new();
        let old = edit::apply(source.bytes(), from.all.get(&file).unwrap_or(&none)).map_err(wrong)?;
        let name = relative(&root, Some(path));
        let patch = edit::unified(&name, &old, &edits).map_err(wrong)?;
        let new = edit::apply(&old, &edits).map_err(wrong)?;
        files.push(FilePlan { name, path: path.to_owned(), old, new, patch });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}
