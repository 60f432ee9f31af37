//! What the plan does, in one sentence and in numbers, and what the reader must know.

use super::runbook::Runbook;
use super::{Contents, text};
use crate::emit::markdown::words::counted;
use crate::plan::Plan;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Title and sentence.
pub(super) fn title(contents: &Contents<'_>, runbook: &Runbook<'_>) -> Markup {
    let plan = contents.plan;
    html! {
        h1 { (runbook.title()) }
        div.lead { (runbook.lead()) }
        @if plan.is_empty() {
            p { "The zones already say what is wanted, so no file changes." }
        } @else {
            p {
                (counted(plan.changes.len(), "RRset")) " in " (zones(plan)) " and "
                (counted(plan.files.len(), "file")) "; "
                @if contents.timing.worst == 0 {
                    "no cache keeps an old record."
                } @else {
                    "caches have dropped the old records after "
                    strong { (text::duration(contents.timing.worst)) } " at the latest, if what "
                    a href="#timeline" { "Timeline" } " takes for granted holds."
                }
            }
        }
    }
}

/// `2 zones (contoso.com, fabrikam.com)`.
fn zones(plan: &Plan) -> String {
    let mut names: Vec<String> = Vec::new();
    for zone in &plan.zones {
        let name = text::visible(&zone.apex);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    format!("{} ({})", counted(plan.zones.len(), "zone"), names.join(", "))
}

/// Numbers and warnings.
pub(super) fn section(contents: &Contents<'_>, runbook: &Runbook<'_>) -> Markup {
    let plan = contents.plan;
    let moved = contents.deployment.services().iter().filter(|service| plan.services.contains(service));
    let services: Vec<&str> = moved.map(|service| service.title()).collect();
    let serials = plan.zones.iter().map(|zone| {
        format!("{} ({}) {} to {}", text::visible(&zone.apex), zone.view.word(), zone.serial.0, zone.serial.1)
    });
    let serials: Vec<String> = serials.collect();
    html! {
        section #summary aria-label="Summary" {
            dl.facts {
                (fact("Goal", plan.goal.word()))
                (fact("Services", &if services.is_empty() { String::from("none") } else { services.join(", ") }))
                (fact("RRsets", &plan.changes.len().to_string()))
                (fact("Zones", &plan.zones.len().to_string()))
                (fact("Files", &plan.files.len().to_string()))
                (fact("Steps to tick", &runbook.steps().to_string()))
                (fact("Typical wait", &text::duration(contents.timing.typical)))
                (fact("Worst wait", &text::duration(contents.timing.worst)))
                @if let Some(rto) = contents.deployment.policy().rto {
                    (fact("Recovery time objective", &text::duration(rto)))
                }
            }
            @if !serials.is_empty() {
                p { "Serials: " (serials.join("; ")) "." }
            }
            (warnings(contents, runbook))
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn warnings(contents: &Contents<'_>, runbook: &Runbook<'_>) -> Markup {
    let mut own: Vec<Markup> = Vec::new();
    if contents.plan.old_findings > 0 {
        let count = counted(contents.plan.old_findings, "finding");
        own.push(html! { (count) " of level error stood in the zones before and still stand after: " code { "zonewright lint" } " says which" });
    }
    let wrong = super::coverage::unsound(contents);
    if wrong > 0 {
        own.push(html! {
            (counted(wrong, "row")) " of the coverage matrix " (if wrong == 1 { "is" } else { "are" })
            " not as declared after the plan: see " a href="#coverage" { "Coverage" }
        });
    }
    if let Some(rto) = contents.deployment.policy().rto {
        let over: BTreeSet<&str> = contents.timing.over(rto).map(|rrset| rrset.owner.as_str()).collect();
        if !over.is_empty() {
            own.push(html! {
                "The worst case of " (counted(over.len(), "owner")) " is longer than the recovery time objective of "
                (text::duration(rto)) ": see " a href="#timeline" { "Timeline" }
            });
        }
    }
    let said = runbook.notes();
    html! {
        @if !own.is_empty() || !said.is_empty() {
            div.warnings role="note" aria-labelledby="warnings" {
                h2 #warnings { "Warnings" }
                ul {
                    @for note in said { li { (note) } }
                    @for note in &own { li { (note) } }
                }
            }
        }
    }
}
