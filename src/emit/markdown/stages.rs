//! A plan in stages, as a page.

use super::facts::Facts;
use super::paper::Paper;
use super::start;
use super::words::{cell, code, counted, one_line};
use crate::edge::Deployment;
use crate::emit::stages::{earliest, left_out, name, period, serials, verdict, wait};
use crate::plan::Goal;
use crate::plan::stages::{Purpose, Staged};
use crate::plan::timing::timing;

/// The stages of a plan as Markdown: when each may be published, what it waits for, its diff and its
/// way back. `rto` is the recovery time objective in seconds.
///
/// # Panics
/// When the plan is of another deployment.
pub fn stages(deployment: &Deployment, staged: &Staged, rto: Option<u32>) -> String {
    let mut paper = Paper::default();
    paper.heading(1, &format!("In stages: {}", start::heading(&Facts::new(deployment, &staged.direct))));
    if staged.stages.is_empty() {
        paper.paragraph("No stage: the zones already say what is wanted.");
        return paper.finish();
    }
    paper.paragraph(&format!(
        "{}, published one after the other. Caches have run out before the next one, so the switch itself is seen by every caller within {}. Each diff is made on the zones after the stage before it; once a way back is taken, plan anew.",
        counted(staged.stages.len(), "stage"),
        period(staged.switch().map_or(0, |stage| u64::from(stage.timing.worst)))
    ));
    for warning in &staged.direct.warnings {
        paper.note(&one_line(warning));
    }
    let rows: Vec<Vec<String>> = staged
        .stages
        .iter()
        .enumerate()
        .map(|(place, stage)| {
            let wait = wait(stage, place + 1 == staged.stages.len()).unwrap_or_default();
            vec![
                format!("{}, {}", place + 1, stage.purpose.title()),
                earliest(stage),
                cell(&one_line(&wait)),
                cell(&one_line(&serials(&stage.plan))),
            ]
        })
        .collect();
    paper.table(&["Stage", "Not before", "After it", "Serials"], &rows);
    for purpose in &staged.left_out {
        paper.paragraph(&format!("There is {}.", left_out(*purpose, staged)));
    }
    for (place, stage) in staged.stages.iter().enumerate() {
        paper.heading(2, &format!("Stage {}: {}", place + 1, stage.purpose.title()));
        paper.paragraph(match stage.purpose {
            Purpose::Lower => "Nothing moves yet: the RRsets that will change are cached for a short time only.",
            Purpose::Switch if matches!(staged.direct.goal, Goal::Failback { .. }) => "The records change. Publish it only once the pool that comes back was seen to work: a second failover costs the waits again. Do what is not DNS before it: `--emit markdown` without `--staged` has those steps.",
            Purpose::Switch => "The records change. Do what is not DNS with it: `--emit markdown` without `--staged` has those steps.",
            Purpose::Restore => "Only once every service was seen to work: from here on the way back is slow again.",
        });
        paper.fence_at_margin("diff", &String::from_utf8_lossy(&stage.plan.patch()));
        paper.paragraph(match stage.home {
            Some(_) if stage.purpose == Purpose::Restore => "The way back to the stage before:",
            Some(_) => "The way back to the stage before, as long as the next is not published:",
            None => "The way back, as long as the next stage is not published:",
        });
        paper.fence_at_margin("diff", &String::from_utf8_lossy(&stage.back.patch()));
        if let Some(home) = stage.home.as_ref().filter(|_| stage.purpose == Purpose::Switch) {
            paper.paragraph("Or all the way back, to the TTLs before the first stage too:");
            paper.fence_at_margin("diff", &String::from_utf8_lossy(&home.patch()));
        }
    }
    paper.heading(2, "How long callers may see the old records");
    let direct = timing(&staged.direct, &staged.assumptions);
    let switch = staged.switch().map(|stage| &stage.timing);
    let mut rows = Vec::new();
    for (when, timing) in
        switch.map(|timing| ("switch", timing)).into_iter().chain([("without stages", &direct)])
    {
        for rrset in &timing.rrsets {
            let times = [rrset.minimum, rrset.typical, rrset.worst].map(|seconds| period(u64::from(seconds)));
            let mut row = vec![when.to_owned(), cell(&code(&name(rrset)))];
            row.extend(times);
            row.push(rrset.because.to_string());
            rows.push(row);
        }
    }
    paper.table(&["When", "RRset", "Minimum", "Typical", "Worst", "Because of"], &rows);
    paper.paragraph(&format!("Assumed: {}.", staged.assumptions));
    if let (Some(rto), Some(timing)) = (rto, switch) {
        let (is_met, words) = verdict(timing, rto, true);
        let words = one_line(&format!("At the switch {words}."));
        if is_met { paper.paragraph(&words) } else { paper.note(&words) }
    }
    paper.finish()
}
