//! The runbook, from its Markdown: a checklist with boxes that can be ticked.
//!
//! Nothing of the Markdown goes through as HTML, and links and pictures are only their texts: a runbook
//! holds names and warnings of other people.

use crate::emit::markdown::words::counted;
use flate2::Crc;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The part of a runbook that the page shows in its own way, under "Changes".
const CHANGES: &str = "What changes in DNS";
/// The part that has a section of its own.
const WAY_BACK: &str = "How to go back";

/// A runbook, read.
pub(super) struct Runbook<'m> {
    title: String,
    /// What stands between the title and the first part.
    preamble: Vec<Event<'m>>,
    parts: Vec<Part<'m>>,
    /// Where a browser keeps the ticks: another text of a runbook has another place.
    key: String,
}

/// What stands below a heading of the second level.
struct Part<'m> {
    title: String,
    events: Vec<Event<'m>>,
}

impl<'m> Runbook<'m> {
    pub(super) fn new(markdown: &'m str) -> Self {
        let mut crc = Crc::new();
        crc.update(markdown.as_bytes());
        let mut runbook = Self {
            title: String::new(),
            preamble: Vec::new(),
            parts: Vec::new(),
            key: format!("zonewright-{:08x}", crc.sum()),
        };
        let mut heading: Option<HeadingLevel> = None;
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS) {
            match event {
                Event::Start(Tag::Heading {
                    level: level @ (HeadingLevel::H1 | HeadingLevel::H2), ..
                }) => {
                    heading = Some(level);
                    if level == HeadingLevel::H2 {
                        runbook.parts.push(Part { title: String::new(), events: Vec::new() });
                    }
                }
                Event::End(TagEnd::Heading(HeadingLevel::H1 | HeadingLevel::H2)) => heading = None,
                Event::Text(said) | Event::Code(said) if heading.is_some() => {
                    match runbook.parts.last_mut() {
                        Some(part) => part.title.push_str(&said),
                        None => runbook.title.push_str(&said),
                    }
                }
                event => match runbook.parts.last_mut() {
                    Some(part) => part.events.push(event),
                    None => runbook.preamble.push(event),
                },
            }
        }
        runbook
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// What results, without the remarks.
    pub(super) fn lead(&self) -> Markup {
        let mut depth = 0_usize;
        let mut lead = Vec::new();
        for event in &self.preamble {
            depth += usize::from(matches!(event, Event::Start(Tag::BlockQuote(_))));
            if depth == 0 {
                lead.push(event.clone());
            }
            depth -= usize::from(matches!(event, Event::End(TagEnd::BlockQuote(_))));
        }
        Writer::default().write(&lead)
    }

    /// The remarks before the first part: the plan's warnings.
    pub(super) fn notes(&self) -> Vec<Markup> {
        let quotes = self.preamble.split(|event| matches!(event, Event::Start(Tag::BlockQuote(_)))).skip(1);
        let notes = quotes.map(|quote| {
            let inline = quote
                .iter()
                .take_while(|event| !matches!(event, Event::End(TagEnd::BlockQuote(_))))
                .filter(|event| {
                    !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
                })
                .filter(|event| !matches!(event, Event::Text(said) if said.as_ref() == "Note:"));
            Writer::default().write(&inline.cloned().collect::<Vec<_>>())
        });
        notes.collect()
    }

    fn checklist(&self) -> impl Iterator<Item = &Part<'m>> {
        self.parts.iter().filter(|part| part.title != CHANGES && part.title != WAY_BACK)
    }

    /// How many boxes there are to tick.
    pub(super) fn steps(&self) -> usize {
        let events = self.checklist().flat_map(|part| &part.events);
        events.filter(|event| matches!(event, Event::TaskListMarker(_))).count()
    }

    /// What the runbook says of the way back.
    pub(super) fn way_back(&self) -> Option<Markup> {
        let part = self.parts.iter().find(|part| part.title == WAY_BACK)?;
        Some(Writer::default().write(&part.events))
    }
}

/// The section of the page.
pub(super) fn section(runbook: &Runbook<'_>) -> Markup {
    let mut writer = Writer::default();
    for part in runbook.checklist() {
        writer.out.push_str(&html! { h3 { (part.title) } }.into_string());
        writer.events(&part.events);
    }
    html! {
        section #runbook aria-labelledby="runbook-title" data-key=(runbook.key) {
            h2 #runbook-title { "Runbook" }
            @if runbook.steps() > 0 {
                p #progress role="status" { (counted(runbook.steps(), "step")) " to tick" }
            }
            (PreEscaped(writer.out))
        }
    }
}

/// Writes events as HTML.
#[derive(Default)]
struct Writer {
    out: String,
    /// Boxes so far.
    steps: usize,
    /// Whether the text of a box is being written.
    ticking: bool,
    in_head: bool,
    /// Cells of the row so far.
    cells: usize,
    /// Whether a diff is being left out.
    in_diff: bool,
}

impl Writer {
    fn write(mut self, events: &[Event<'_>]) -> Markup {
        self.events(events);
        PreEscaped(self.out)
    }

    fn events(&mut self, events: &[Event<'_>]) {
        for (place, event) in events.iter().enumerate() {
            let ahead = events.get(place + 1..).unwrap_or_default();
            match event {
                Event::Start(tag) => self.start(tag, ahead),
                Event::End(tag) => self.end(*tag),
                Event::TaskListMarker(_) => self.tick(),
                _ if self.in_diff => {}
                Event::Code(said) => self.put(html! { code { (said) } }),
                Event::InlineHtml(said) if said.as_ref() == "<br>" => self.out.push_str("<br>"),
                Event::Text(said) | Event::Html(said) | Event::InlineHtml(said) => self.put(html! { (said) }),
                Event::SoftBreak => self.out.push('\n'),
                Event::HardBreak => self.out.push_str("<br>"),
                _ => {}
            }
        }
    }

    fn put(&mut self, markup: Markup) {
        self.out.push_str(&markup.into_string());
    }

    /// The box of a step; what follows in the same paragraph is its label.
    fn tick(&mut self) {
        self.steps += 1;
        let id = format!("step-{}", self.steps);
        self.out.push_str("<p class=\"tick\">");
        self.put(html! { input type="checkbox" id=(id); });
        self.out.push_str(&format!("<label for=\"{id}\">"));
        self.ticking = true;
    }

    fn ticked(&mut self) {
        if std::mem::take(&mut self.ticking) {
            self.out.push_str("</label></p>\n");
        }
    }

    fn start(&mut self, tag: &Tag<'_>, ahead: &[Event<'_>]) {
        let is_box = |event: Option<&Event<'_>>| matches!(event, Some(Event::TaskListMarker(_)));
        if !matches!(tag, Tag::Paragraph | Tag::Strong | Tag::Emphasis | Tag::Link { .. } | Tag::Image { .. })
        {
            self.ticked();
        }
        match tag {
            Tag::Paragraph if self.ticking || is_box(ahead.first()) => {}
            Tag::Paragraph => self.out.push_str("<p>"),
            Tag::Heading { level, .. } => self.out.push_str(&format!("<h{}>", lower(*level))),
            Tag::BlockQuote(_) => self.out.push_str("<blockquote>"),
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) if language.as_ref() == "diff" => {
                self.in_diff = true;
                self.out.push_str("<p>The diff stands above, under <a href=\"#diff\">Changes</a>.</p>\n");
            }
            Tag::CodeBlock(kind) => {
                let label = match kind {
                    CodeBlockKind::Fenced(language) if language.as_ref() == "powershell" => {
                        "PowerShell commands"
                    }
                    CodeBlockKind::Fenced(language) if language.as_ref() == "sh" => "Shell commands",
                    _ => "Commands",
                };
                self.out
                    .push_str(&format!("<pre role=\"group\" aria-label=\"{label}\" tabindex=\"0\"><code>"));
            }
            Tag::List(None) if is_box(ahead.get(1)) || is_box(ahead.get(2)) => {
                self.out.push_str("<ul class=\"steps\">\n");
            }
            Tag::List(None) => self.out.push_str("<ul>\n"),
            Tag::List(Some(_)) => self.out.push_str("<ol>\n"),
            Tag::Item if is_box(ahead.first()) || is_box(ahead.get(1)) => {
                self.out.push_str("<li class=\"step\">");
            }
            Tag::Item => self.out.push_str("<li>"),
            Tag::Table(_) => {
                self.out.push_str(
                    "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n",
                );
            }
            Tag::TableHead => {
                (self.in_head, self.cells) = (true, 0);
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.cells = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => {
                self.out.push_str(match (self.in_head, self.cells) {
                    (true, _) => "<th scope=\"col\">",
                    (false, 0) => "<th scope=\"row\">",
                    (false, _) => "<td>",
                });
            }
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph if self.ticking => self.ticked(),
            TagEnd::Paragraph => self.out.push_str("</p>\n"),
            TagEnd::Heading(level) => self.out.push_str(&format!("</h{}>\n", lower(level))),
            TagEnd::BlockQuote(_) => self.out.push_str("</blockquote>\n"),
            TagEnd::CodeBlock if std::mem::take(&mut self.in_diff) => {}
            TagEnd::CodeBlock => self.out.push_str("</code></pre>\n"),
            TagEnd::List(false) => self.out.push_str("</ul>\n"),
            TagEnd::List(true) => self.out.push_str("</ol>\n"),
            TagEnd::Item => {
                self.ticked();
                self.out.push_str("</li>\n");
            }
            TagEnd::Table => self.out.push_str("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.out.push_str("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.out.push_str("</tr>\n"),
            TagEnd::TableCell => {
                self.out.push_str(if self.in_head || self.cells == 0 { "</th>" } else { "</td>" });
                self.cells += 1;
            }
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Emphasis => self.out.push_str("</em>"),
            _ => {}
        }
    }
}

/// Level of a heading of the runbook inside its section.
fn lower(level: HeadingLevel) -> usize {
    (level as usize + 1).min(6)
}
