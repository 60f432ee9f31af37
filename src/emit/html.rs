//! A plan as one HTML page: what a change board reads before it agrees, and an admin works from at night.
//!
//! The page needs nothing but itself: no style, script, font or picture comes from elsewhere, and its
//! content security policy forbids that one does. The script only keeps the ticks of the checklist;
//! without it the page says and does everything else. All texts of zones and of the configuration are
//! escaped, and characters that cannot be seen are written out.

mod back;
mod changes;
mod coverage;
mod diff;
mod headline;
mod ladder;
mod runbook;
mod text;
mod timeline;

use super::markdown;
use crate::edge::coverage::Coverage;
use crate::edge::{Deployment, PoolId};
use crate::plan::Plan;
use crate::plan::timing::{Assumptions, Timing};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use runbook::Runbook;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Nothing is loaded or sent, and no style or script runs but the two whose SHA-256 digests these are.
/// When one of the files changes, `cargo test --test html` says its new digest.
const POLICY: &str = "default-src 'none'; style-src 'sha256-rv0HkJDd8FTftJY8CZKIw9hZ3EVVglTkCbLmH9fOCVk='; \
                      script-src 'sha256-dLpCVLF0NdKmd8YUA6Oi9AWiOMpSgmmBqcgUrLvpwvo='; base-uri 'none'; form-action 'none'";

/// What a page tells of.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// The deployment as declared.
    pub deployment: &'a Deployment,
    /// The plan.
    pub plan: &'a Plan,
    /// The coverage matrix of the zones as they are.
    pub before: &'a Coverage,
    /// That of the zones once the plan is carried out, see [`Plan::applied`].
    pub after: &'a Coverage,
    /// How long the plan takes to be seen.
    pub timing: &'a Timing,
    /// What `timing` takes for granted.
    pub assumptions: &'a Assumptions,
}

impl Contents<'_> {
    fn pool(&self, pool: PoolId) -> String {
        text::visible(&self.deployment.pool(pool).name.value)
    }

    /// `edge1, edge2`.
    fn pools(&self, pools: &[PoolId]) -> String {
        pools.iter().map(|pool| self.pool(*pool)).collect::<Vec<_>>().join(", ")
    }

    fn site(&self, pool: PoolId) -> String {
        text::visible(&self.deployment.site(self.deployment.pool(pool).site).name.value)
    }
}

/// The sections after the headline, by id and title.
const SECTIONS: [(&str, &str); 6] = [
    ("coverage", "Coverage"),
    ("priorities", "Priorities"),
    ("timeline", "Timeline"),
    ("changes", "Changes"),
    ("runbook", "Runbook"),
    ("back", "The way back"),
];

/// The page of a plan. The same plan gives the same octets.
///
/// # Panics
/// When the plan or the coverage is of another deployment.
pub fn page(contents: &Contents<'_>) -> String {
    let markdown = text::visible(&markdown::runbook(contents.deployment, contents.plan));
    let runbook = Runbook::new(&markdown);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (runbook.title()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "To the contents" }
                header { (headline::title(contents, &runbook)) }
                nav aria-label="Contents" {
                    ul {
                        @for (id, title) in SECTIONS {
                            li { a href={ "#" (id) } { (title) } }
                        }
                    }
                }
                main #content {
                    (headline::section(contents, &runbook))
                    (section("coverage", coverage::contents(contents)))
                    (section("priorities", ladder::contents(contents)))
                    (section("timeline", timeline::contents(contents)))
                    (section("changes", changes::contents(contents)))
                    (runbook::section(&runbook))
                    (section("back", back::contents(contents, &runbook)))
                }
                footer {
                    p { "Made by zonewright " (env!("CARGO_PKG_VERSION")) ". This file needs no other file and no network." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

fn section(id: &str, contents: Markup) -> Markup {
    let title = SECTIONS.iter().find(|(known, _)| *known == id).map_or(id, |(_, title)| title);
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (contents)
        }
    }
}

/// A table that scrolls inside its box where it is too wide; `label` is what a screen reader calls the box.
fn scrolling(label: &str, table: Markup) -> Markup {
    html! {
        div.scroll role="group" aria-label=(label) tabindex="0" { (table) }
    }
}
