//! A plan in stages, and how long plans take, as text for a terminal.

use crate::plan::stages::{Purpose, Stage, Staged};
use crate::plan::timing::{Assumptions, Reason, RrsetTiming, Timing};
use crate::plan::{Plan, RrsetChange};
use crate::zonefile::ttl::in_units;
use std::fmt::Write as _;

/// A length of time as zone files have it: `1h30m`.
pub(super) fn period(seconds: u64) -> String {
    match u32::try_from(seconds) {
        Ok(0) => String::from("none"),
        Ok(seconds) => in_units(seconds),
        Err(_) => format!("{seconds}s"),
    }
}

/// When a stage may be published.
pub(super) fn earliest(stage: &Stage) -> String {
    match (&stage.earliest, stage.after) {
        (Some(time), _) => time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        (None, 0) => String::from("at once"),
        (None, seconds) => format!("{} after stage 1", period(seconds)),
    }
}

/// `contoso.com (external) 2026031502 -> 2026112101`, of every zone.
pub(super) fn serials(plan: &Plan) -> String {
    let serial = |zone: &crate::plan::ZoneChange| {
        format!("{} ({}) {} -> {}", zone.apex, zone.view.word(), zone.serial.0, zone.serial.1)
    };
    plan.zones.iter().map(serial).collect::<Vec<_>>().join(", ")
}

/// What an RRset is called in a list.
pub(super) fn name(rrset: &RrsetTiming) -> String {
    format!("{} {} ({})", rrset.owner, rrset.rtype, rrset.view.word())
}

/// The same in a sentence.
fn quoted(rrset: &RrsetTiming) -> String {
    format!("`{}` {} ({})", rrset.owner, rrset.rtype, rrset.view.word())
}

/// What becomes of the TTL of an RRset, where it stood and stays.
fn ttl(change: &RrsetChange) -> Option<String> {
    let before = change.ttl_before.filter(|before| *before != change.ttl && !change.after.is_empty())?;
    Some(format!(
        "{} {} ({}): TTL {before} -> {}",
        change.owner,
        change.rtype,
        change.view.word(),
        change.ttl
    ))
}

/// What follows a stage: the wait for the caches.
pub(super) fn wait(stage: &Stage, is_last: bool) -> Option<String> {
    let slowest = stage.timing.slowest()?;
    let worst = period(u64::from(slowest.worst));
    let until =
        if is_last { format!("seen by every caller after {worst}") } else { format!("then wait {worst}") };
    Some(format!("{until}: {}, {}", quoted(slowest), slowest.because))
}

/// Why a stage is not there.
pub(super) fn left_out(purpose: Purpose, staged: &Staged) -> String {
    let why = match purpose {
        Purpose::Lower => "no RRset that stands and changes has a TTL over",
        Purpose::Switch => "no record changes; switch TTL",
        Purpose::Restore => "no RRset that changes has a TTL over",
    };
    format!("no stage to {}: {why} {}", purpose.title(), period(u64::from(staged.switch_ttl)))
}

/// The stages in the order of time, what each waits for and why.
pub fn timeline(staged: &Staged) -> String {
    let mut text = String::new();
    let count = staged.stages.len();
    for (place, stage) in staged.stages.iter().enumerate() {
        let (title, when) = (stage.purpose.title(), earliest(stage));
        let _ = writeln!(text, "stage {} of {count}, {title}: {when}; {}", place + 1, serials(&stage.plan));
        for line in stage.plan.changes.iter().filter_map(ttl) {
            let _ = writeln!(text, "  {line}");
        }
        if let Some(wait) = wait(stage, place + 1 == count) {
            let _ = writeln!(text, "  {wait}");
        }
    }
    for purpose in &staged.left_out {
        let _ = writeln!(text, "{}", left_out(*purpose, staged));
    }
    text
}

/// How long callers may see the old records of each RRset: of a whole plan, or of its switch.
pub fn times(timing: &Timing, assumptions: &Assumptions, is_staged: bool) -> String {
    let mut text = String::new();
    let head = if is_staged { "RRset, at the switch" } else { "RRset" };
    let longest = timing.rrsets.iter().map(|rrset| name(rrset).len()).max().unwrap_or(0).max(head.len());
    if !timing.rrsets.is_empty() {
        let _ =
            writeln!(text, "{:longest$}  {:>8} {:>8} {:>8}  because of", head, "minimum", "typical", "worst");
    }
    for rrset in &timing.rrsets {
        let [minimum, typical, worst] =
            [rrset.minimum, rrset.typical, rrset.worst].map(|seconds| period(u64::from(seconds)));
        let _ = writeln!(
            text,
            "{:longest$}  {minimum:>8} {typical:>8} {worst:>8}  {}",
            name(rrset),
            rrset.because
        );
    }
    let _ = writeln!(text, "assumed: {assumptions}");
    text
}

/// Whether a recovery time objective of so many seconds is met: what to say, and whether it is.
pub fn verdict(timing: &Timing, rto: u32, is_staged: bool) -> (bool, String) {
    let goal = format!("recovery time objective of {}", period(u64::from(rto)));
    let worst = period(u64::from(timing.worst));
    let Some(slowest) = timing.slowest().filter(|slowest| slowest.worst > rto) else {
        return (true, format!("the worst case of {worst} is within the {goal}"));
    };
    let others = match timing.over(rto).count().saturating_sub(1) {
        0 => String::new(),
        1 => String::from(" and 1 more RRset"),
        count => format!(" and {count} more RRsets"),
    };
    let way = match slowest.because {
        Reason::OldTtl if is_staged => "; `switch_ttl` in [policy] decides that",
        Reason::OldTtl => "; ahead of a planned move `--staged` lowers TTLs",
        Reason::NegativeTtl => "; the SOA minimum decides that",
        Reason::Refresh => "; NOTIFY would spare that",
        Reason::Cap | Reason::Holdover => "",
    };
    (
        false,
        format!(
            "the worst case of {worst} is over the {goal}: {}{others}, because of: {}{way}",
            quoted(slowest),
            slowest.because
        ),
    )
}

/// The patches of all stages one after the other, each under lines that `git apply` leaves out.
pub fn diff(staged: &Staged) -> Vec<u8> {
    let mut out = Vec::new();
    let count = staged.stages.len();
    for (place, stage) in staged.stages.iter().enumerate() {
        let head =
            format!("# stage {} of {count}, {}: {}\n", place + 1, stage.purpose.title(), earliest(stage));
        out.extend_from_slice(head.as_bytes());
        if let Some(wait) = wait(stage, place + 1 == count) {
            out.extend_from_slice(format!("# {wait}\n").as_bytes());
        }
        out.extend_from_slice(&stage.plan.patch());
    }
    out
}
