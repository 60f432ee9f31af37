//! How long callers go on seeing the old records: a bar per RRset, and the same as a table.

use super::{Contents, scrolling, text};
use crate::plan::timing::RrsetTiming;
use maud::{Markup, html};

/// Minutes between two marks of the scale, from which the smallest is taken that leaves few enough.
const STEPS: [u32; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 10080];
/// Marks of the scale at most, the one at zero left aside.
const MARKS: u32 = 6;

pub(super) fn contents(contents: &Contents<'_>) -> Markup {
    let timing = contents.timing;
    let rto = contents.deployment.policy().rto;
    if timing.rrsets.is_empty() {
        return html! { p { "No RRset changes, so nobody has to wait." } };
    }
    let scale = Scale::new(timing.worst.max(rto.unwrap_or(0)));
    html! {
        p {
            "How long callers may go on with the old answer, counted from the moment the zones are loaded. Minimum: the "
            "first of them gets through (the line in a bar). Typical: one in the middle (the end of the dark part). Worst: "
            "the last cache has dropped it (the end of the bar)."
        }
        @if let Some(slowest) = timing.slowest() {
            p {
                "The plan takes as long as its slowest RRset: " code { (text::visible(&slowest.owner)) } " "
                (slowest.rtype) ", " strong { (text::duration(slowest.worst)) } " ("
                (slowest.because) ")."
            }
        }
        p.faint { "Taken for granted: " (contents.assumptions) "." }
        @if let Some(rto) = rto {
            p {
                "Recovery time objective: " (text::duration(rto)) ". "
                @match timing.over(rto).count() {
                    0 => "No RRset takes longer.",
                    count => { strong.bad { (count) " of " (timing.rrsets.len()) " may take longer." } }
                }
            }
        }
        ul.bars {
            @for (place, rrset) in timing.rrsets.iter().enumerate() {
                li { (bar(&format!("bar-{place}"), rrset, &scale, rto)) }
            }
            li.axis { (scale.axis(rto)) }
        }
        (table(contents))
    }
}

/// Seconds on a line of a length.
struct Scale {
    /// Minutes between two marks.
    step: u32,
    /// Seconds at its end.
    end: u32,
}

impl Scale {
    fn new(longest: u32) -> Self {
        let minutes = longest.div_ceil(60).max(1);
        let most = STEPS.into_iter().next_back().unwrap_or(1);
        let fits = |step: &u32| minutes.div_ceil(*step) <= MARKS;
        // Beyond the last step a multiple of it.
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| minutes.div_ceil(most * MARKS) * most);
        Self { step, end: minutes.div_ceil(step).saturating_mul(step).saturating_mul(60) }
    }

    /// Where so many seconds are: `12.5%`.
    fn at(&self, seconds: u32) -> String {
        format!("{:.2}%", f64::from(seconds) * 100.0 / f64::from(self.end.max(1)))
    }

    fn marks(&self) -> Vec<u32> {
        let step = usize::try_from(self.step).unwrap_or(1).max(1);
        (0..=self.end / 60).step_by(step).collect()
    }

    fn axis(&self, rto: Option<u32>) -> Markup {
        let marks = self.marks();
        let last = marks.len().saturating_sub(1);
        html! {
            svg width="100%" height="40" aria-hidden="true" {
                line.mark x1="0" x2="100%" y1="0.5" y2="0.5" {}
                @for (place, minutes) in marks.iter().enumerate() {
                    @let at = self.at(minutes * 60);
                    line.mark x1=(at) x2=(at) y1="0" y2="6" {}
                    text.small x=(at) y="19" text-anchor=(anchor(place, last)) { (minutes) }
                }
                text.small.quiet x="0" y="35" { "minutes after the load" }
                @if let Some(rto) = rto {
                    text.small x="100%" y="35" text-anchor="end" { "dashed: objective, " (text::duration(rto)) }
                }
            }
        }
    }
}

/// The labels at both ends stay inside the picture.
fn anchor(place: usize, last: usize) -> &'static str {
    match place {
        0 => "start",
        place if place == last => "end",
        _ => "middle",
    }
}

fn bar(id: &str, rrset: &RrsetTiming, scale: &Scale, rto: Option<u32>) -> Markup {
    let name = format!("{} {}, {} view", text::visible(&rrset.owner), rrset.rtype, rrset.view.word());
    let words = format!(
        "minimum {}, typical {}, worst {}, because of {}",
        text::duration(rrset.minimum),
        text::duration(rrset.typical),
        text::duration(rrset.worst),
        rrset.because
    );
    let minimum = scale.at(rrset.minimum);
    html! {
        div { code { (text::visible(&rrset.owner)) } " " (rrset.rtype) span.faint { ", " (rrset.view.word()) } }
        svg role="img" width="100%" height="20" aria-labelledby={ (id) "-title" } aria-describedby={ (id) "-words" } {
            title id={ (id) "-title" } { (name) }
            desc id={ (id) "-words" } { (words) }
            @for minutes in scale.marks() {
                @let at = scale.at(minutes * 60);
                line.mark x1=(at) x2=(at) y1="0" y2="20" {}
            }
            rect.bar-worst x="0" y="3" width=(scale.at(rrset.worst)) height="14" {}
            rect.bar-typical x="0" y="3" width=(scale.at(rrset.typical)) height="14" {}
            line.bar-minimum x1=(minimum) x2=(minimum) y1="0" y2="20" {}
            @if let Some(rto) = rto {
                @let at = scale.at(rto);
                line.limit x1=(at) x2=(at) y1="0" y2="20" {}
            }
        }
        div.faint {
            "minimum " (text::duration(rrset.minimum)) " \u{b7} typical " (text::duration(rrset.typical))
            " \u{b7} worst " (text::duration(rrset.worst))
        }
    }
}

fn table(contents: &Contents<'_>) -> Markup {
    let timing = contents.timing;
    let rto = contents.deployment.policy().rto;
    let seconds = |seconds: u32| {
        html! { td.number { (text::duration(seconds)) } }
    };
    let table = html! {
        table {
            caption { "Times by RRset" }
            thead {
                tr {
                    th scope="col" { "RRset" }
                    th scope="col" { "Minimum" }
                    th scope="col" { "Typical" }
                    th scope="col" { "Worst" }
                    th scope="col" { "Mostly because of" }
                    @if rto.is_some() { th scope="col" { "Objective" } }
                }
            }
            tbody {
                @for rrset in &timing.rrsets {
                    tr {
                        th scope="row" {
                            code { (text::visible(&rrset.owner)) } " "
                            span.faint { (rrset.rtype) ", " (rrset.view.word()) }
                        }
                        (seconds(rrset.minimum)) (seconds(rrset.typical)) (seconds(rrset.worst))
                        td.cells { (rrset.because) }
                        @if let Some(rto) = rto {
                            td { @if rrset.worst > rto { span.bad { "missed" } } @else { "met" } }
                        }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "The plan" }
                    (seconds(timing.minimum)) (seconds(timing.typical)) (seconds(timing.worst))
                    td { "the slowest RRset" }
                    @if let Some(rto) = rto {
                        td { @if timing.worst > rto { span.bad { "missed" } } @else { "met" } }
                    }
                }
            }
        }
    };
    scrolling("Times by RRset", table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_few_marks_and_reaches_the_longest() {
        for seconds in [0, 1, 59, 60, 61, 300, 3600, 21600, 86400, 604_800, u32::MAX] {
            let scale = Scale::new(seconds);
            let marks = scale.marks();
            assert!(marks.len() >= 2 && marks.len() <= 7, "{seconds}: {marks:?}");
            assert!(scale.end >= seconds || scale.end == u32::MAX, "{seconds}: {}", scale.end);
        }
        assert_eq!(Scale::new(21600).marks(), [0, 60, 120, 180, 240, 300, 360]);
        assert_eq!(Scale::new(3600).at(900), "25.00%");
    }
}
