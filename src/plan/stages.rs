//! A planned move in stages: lower the TTLs, wait, switch, wait, restore the TTLs.
//!
//! Every stage is a plan of its own, made on the zones after the stage before it, and proved as any
//! plan is. A TTL is lowered for the whole RRset (RFC 2181 section 5.2). After the last stage the zones
//! are what the plan without stages makes of them, up to serials.

mod text;

use super::changed::FileEdits;
use super::edits::Style;
use super::engine::{self, Draft, Request};
use super::found::{Pairing, Step};
use super::lines::refuse_generated;
use super::place::Task;
use super::texts::Outline;
use super::timing::{Assumptions, Timing, timing};
use super::ttls::{Rrsets, settle, ttl_edit};
use super::verify::Known;
use super::{Plan, PlanError, RecordText, RrsetChange};
use crate::diagnostic::Edit;
use crate::edge::Deployment;
use crate::text::Span;
use crate::workspace::Loaded;
use crate::zone::{Record, Zone};
use crate::zonefile::rtype::Rtype;
use jiff::{SignedDuration, Zoned};
use text::{State, transition};

/// What a stage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The RRsets that will change get a short TTL.
    Lower,
    /// The records change.
    Switch,
    /// The TTLs become what they were.
    Restore,
}

impl Purpose {
    /// As in a file's name: `lower-ttls`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower-ttls",
            Self::Switch => "switch",
            Self::Restore => "restore-ttls",
        }
    }

    /// As a person says it: `lower TTLs`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Lower => "lower TTLs",
            Self::Switch => "switch",
            Self::Restore => "restore TTLs",
        }
    }
}

/// One stage: a change of the zone files that is published at once.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is for.
    pub purpose: Purpose,
    /// What changes, from the zones after the stage before.
    pub plan: Plan,
    /// The way back to the zones before this stage, serials going up again.
    pub back: Plan,
    /// The way back to the zones before the first stage, TTLs too; none for the first stage, where it
    /// is the same as `back`.
    pub home: Option<Plan>,
    /// How long it takes to be seen by every caller: the next stage waits for the worst case.
    pub timing: Timing,
    /// Seconds after the first stage at which it may be published.
    pub after: u64,
    /// The time at which it may be published, when that of the first stage is known.
    pub earliest: Option<Zoned>,
}

/// A plan in stages.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The plan without stages.
    pub direct: Plan,
    /// The stages in order; none when nothing is to be changed.
    pub stages: Vec<Stage>,
    /// Stages that are not needed.
    pub left_out: Vec<Purpose>,
    /// The TTL in seconds that RRsets have while they move, unless theirs is shorter.
    pub switch_ttl: u32,
    /// What the waits rest on.
    pub assumptions: Assumptions,
}

impl Staged {
    /// The stage in which records change.
    pub fn switch(&self) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.purpose == Purpose::Switch)
    }
}

/// An RRset that a plan changes.
struct Moved {
    /// Place among the tasks.
    task: usize,
    rtype: Rtype,
    before: Vec<RecordText>,
    after: Vec<RecordText>,
}

/// What all stages share.
struct Course<'l> {
    loaded: &'l Loaded,
    direct: &'l Plan,
    outline: Outline,
    styles: Vec<Style>,
    /// Each task with nothing to be done: what stands before.
    standing: Vec<Pairing>,
    moved: Vec<Moved>,
    /// What is wrong with the zones before the first stage.
    known: Known,
}

/// Plans a move in stages, and proves each. `start` is when the first stage is to be published; it
/// decides the serials too. Nothing is written.
///
/// # Errors
/// Those of [`plan`](super::plan), for any stage or its way back.
pub fn staged(
    loaded: &Loaded,
    request: &Request,
    assumptions: &Assumptions,
    start: Option<&Zoned>,
) -> Result<Staged, PlanError> {
    let draft = engine::draft(loaded, request)?;
    let direct = engine::finish(loaded, request, &draft)?;
    let deployment = engine::deployment(loaded)?;
    let most = deployment.policy().switch_ttl;
    let Draft { outline, styles, before, .. } = draft;
    let standing: Vec<Pairing> = before.into_iter().map(still).collect();
    let moved = moved(&outline, &standing);
    let course =
        Course { loaded, direct: &direct, outline, styles, standing, moved, known: Known::of(loaded) };
    let texts = [
        (Purpose::Lower, course.lowered(most)?, false),
        (Purpose::Switch, course.switched(deployment, most)?, true),
        (Purpose::Restore, course.outline.edits(loaded, deployment, &course.styles, None)?, true),
    ];
    let mut state = State::first(loaded);
    let mut stages: Vec<Stage> = Vec::new();
    let mut left_out = Vec::new();
    let mut after: u64 = 0;
    for (purpose, text, moved) in texts {
        let earliest = start.map(|start| later(start, after));
        let now = earliest.as_ref().map_or(request.now, Zoned::timestamp);
        let Some((next, mut plan)) = transition(&course, &state, (text, moved), now)? else {
            left_out.push(purpose);
            continue;
        };
        if purpose != Purpose::Restore {
            course.prove_low(&next.now, most)?;
        }
        if purpose == Purpose::Switch {
            plan.warnings.clone_from(&direct.warnings);
        }
        let Some((_, back)) = transition(&course, &next, (state.text.clone(), state.moved), now)? else {
            return Err(PlanError::NotProved(format!("stage `{}` has no way back", purpose.title())));
        };
        let home = match stages.is_empty() {
            true => None,
            false => transition(&course, &next, (FileEdits::new(), false), now)?.map(|(_, home)| home),
        };
        let timing = timing(&plan, assumptions);
        let wait = u64::from(timing.worst);
        stages.push(Stage { purpose, plan, back, home, timing, after, earliest });
        after += wait;
        state = next;
    }
    if stages.is_empty() {
        left_out.clear();
    }
    Ok(Staged { stages, left_out, switch_ttl: most, assumptions: *assumptions, direct: direct.clone() })
}

fn later(start: &Zoned, seconds: u64) -> Zoned {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    start.saturating_add(SignedDuration::from_secs(seconds))
}

/// The pairing with every record left as it stands.
fn still(mut pairing: Pairing) -> Pairing {
    let kept = pairing.steps.iter().filter_map(Step::before).cloned().map(Step::Keep);
    pairing.steps = kept.collect();
    pairing
}

fn moved(outline: &Outline, standing: &[Pairing]) -> Vec<Moved> {
    let mut moved = Vec::new();
    for (place, ((task, pairing), standing)) in
        outline.tasks.iter().zip(&outline.pairings).zip(standing).enumerate()
    {
        for rtype in task.wanted.types() {
            let (before, after) = (standing.texts(*rtype, true), pairing.texts(*rtype, true));
            if before != after {
                moved.push(Moved { task: place, rtype: *rtype, before, after });
            }
        }
    }
    moved
}

impl Course<'_> {
    fn task(&self, moved: &Moved) -> &Task {
        &self.outline.tasks[moved.task]
    }

    /// The records of an RRset as they stand in some reading of the zones.
    fn records(&self, loaded: &Loaded, moved: &Moved) -> Vec<Record> {
        let task = self.task(moved);
        let zone = &loaded.zones[task.zone].zone;
        zone.read_rrset(key(zone, task), moved.rtype)
    }

    /// The TTL of an RRset there; none when it does not stand.
    fn ttl(&self, loaded: &Loaded, moved: &Moved) -> Option<u32> {
        self.records(loaded, moved).iter().map(|record| record.ttl).max()
    }

    /// The RRsets that move have one TTL each, of at most so many seconds.
    fn prove_low(&self, now: &Loaded, most: u32) -> Result<(), PlanError> {
        for moved in &self.moved {
            let ttls = |loaded: &Loaded| -> Vec<u32> {
                self.records(loaded, moved).iter().map(|record| record.ttl).collect()
            };
            let one = |ttls: &[u32]| ttls.windows(2).all(|pair| pair.first() == pair.last());
            let (before, ttls) = (ttls(self.loaded), ttls(now));
            if ttls.iter().any(|ttl| *ttl > most) || one(&before) && !one(&ttls) {
                return Err(PlanError::NotProved(format!(
                    "`{}` {} would have TTLs {ttls:?} where one of at most {most} is wanted",
                    self.task(moved).wanted.owner(),
                    moved.rtype
                )));
            }
        }
        Ok(())
    }

    /// The edits that give every record of the RRsets that move a TTL of at most so many seconds.
    fn lowered(&self, most: u32) -> Result<FileEdits, PlanError> {
        let mut edits = FileEdits::new();
        let mut rrsets = Rrsets::new();
        for moved in &self.moved {
            let records = self.records(self.loaded, moved);
            if records.iter().any(|record| record.ttl > most) {
                let place = self.task(moved).zone;
                let zone = &self.loaded.zones[place].zone;
                rrsets.insert((place, key(zone, self.task(moved)).to_vec(), moved.rtype));
                lower(zone, &records, most, |edit| edit, &mut edits)?;
            }
        }
        settle(self.loaded, &mut edits, &rrsets)?;
        Ok(edits)
    }

    /// The edits that move the records, and leave the TTLs low.
    fn switched(&self, deployment: &Deployment, most: u32) -> Result<FileEdits, PlanError> {
        let mut edits = self.outline.edits(self.loaded, deployment, &self.styles, Some(most))?;
        let mut rrsets = Rrsets::new();
        let base = self.outline.base(self.loaded);
        for moved in &self.moved {
            let place = self.task(moved).zone;
            let zone = &base.zones[place].zone;
            rrsets.insert((place, key(zone, self.task(moved)).to_vec(), moved.rtype));
            if self.styles[moved.task] == Style::Parked {
                continue;
            }
            let stays = |step: &Step| match step {
                Step::Keep(current) | Step::Change(current, ..) if current.record.rtype == moved.rtype => {
                    Some(current.record.clone())
                }
                _ => None,
            };
            let records: Vec<Record> =
                self.outline.pairings[moved.task].steps.iter().filter_map(stays).collect();
            lower(zone, &records, most, |edit| self.outline.in_first_text(edit), &mut edits)?;
        }
        settle(self.loaded, &mut edits, &rrsets)?;
        Ok(edits)
    }
}

fn key<'t>(zone: &Zone, task: &'t Task) -> &'t [u8] {
    zone.key(task.wanted.owner().as_bytes()).unwrap_or_default()
}

/// One TTL for the records of an RRset where one is longer than so many seconds: that many, or the
/// shortest that stands there.
fn lower(
    zone: &Zone,
    records: &[Record],
    most: u32,
    placed: impl Fn(Edit) -> Edit,
    edits: &mut FileEdits,
) -> Result<(), PlanError> {
    if records.iter().all(|record| record.ttl <= most) {
        return Ok(());
    }
    let least = records.iter().map(|record| record.ttl).min().unwrap_or(most).min(most);
    for record in records.iter().filter(|record| record.ttl != least) {
        refuse_generated(zone, record)?;
        let edit = placed(ttl_edit(zone, record, records, least));
        let list = edits.entry(edit.span.file).or_default();
        let edit = behind(list, edit);
        if !list.contains(&edit) {
            list.push(edit);
        }
    }
    Ok(())
}

/// The edit, put behind the blanks that it would take, where an owner is written over some of these.
fn behind(edits: &[Edit], edit: Edit) -> Edit {
    let (start, end) = (edit.span.start, edit.span.end());
    let reaches = |other: &Edit| other.span.start < start && (start..end).contains(&other.span.end());
    match edits.iter().any(reaches) {
        true => Edit { span: Span::new(edit.span.file, end, end), ..edit },
        false => edit,
    }
}

/// The RRsets that differ between two readings of the zones.
fn changes(course: &Course<'_>, from: &State, to: &State) -> Vec<RrsetChange> {
    let mut changes = Vec::new();
    for moved in &course.moved {
        let records = |state: &State| if state.moved { moved.after.clone() } else { moved.before.clone() };
        let (before, after) = (records(from), records(to));
        let (ttl_before, ttl) = (course.ttl(&from.now, moved), course.ttl(&to.now, moved));
        if before == after && ttl_before == ttl {
            continue;
        }
        let task = course.task(moved);
        changes.push(RrsetChange {
            zone: course.loaded.zones[task.zone].zone.apex().to_string(),
            view: course.loaded.zones[task.zone].view,
            owner: task.wanted.owner().to_owned(),
            rtype: moved.rtype,
            ttl_before,
            ttl: ttl.or(ttl_before).unwrap_or_default(),
            service: task.wanted.service(),
            before,
            after,
        });
    }
    changes
}
