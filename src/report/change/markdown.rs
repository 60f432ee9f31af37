//! The comparison as a comment on a change.
//!
//! Nothing of a zone ends a fence, a code span or a tag, and nobody is notified: names stand in code,
//! where `@name` is no mention.

use super::{Report, words};
use crate::comparison::ZoneDiff;
use crate::report::commonmark::{code, fenced};
use crate::report::sanitize;

/// A comment on GitHub has so many characters at most, less what a workflow may put around it.
pub(super) const MOST_CHARACTERS: usize = 65_536 - 1_536;
/// A zone with more lines is folded.
const OPEN_LINES: usize = 20;
/// What the frame of a zone takes, its name left out.
const FRAME: usize = 400;
/// So many included files, and changes of what callers find, are listed.
const MOST_ITEMS: usize = 20;
/// Longer items are cut.
const LONG_ITEM: usize = 600;

/// The comparison in Markdown, in no more than [`MOST_CHARACTERS`]: what it means for Edge pools, then
/// a block per zone. What does not fit is counted.
pub fn markdown(report: &Report<'_>) -> String {
    let mut out = format!("### DNS: {}\n", report.figures());
    edge(&mut out, report);
    fragments(&mut out, report);
    let zones = &report.comparison.zones;
    for (index, one) in zones.iter().enumerate() {
        let left = zones.len() - index;
        let room = MOST_CHARACTERS.saturating_sub(out.len()).saturating_sub(FRAME);
        let title = title(report, one);
        // Each of the zones left may take its share; what it does not take is for the others.
        let share = room / left;
        if room < title.len() + FRAME {
            out.push_str(&format!("\n... {left} more zone{}\n", if left == 1 { "" } else { "s" }));
            break;
        }
        zone(&mut out, report, one, &title, share.saturating_sub(title.len() + FRAME));
    }
    out
}

fn edge(out: &mut String, report: &Report<'_>) {
    let Some(edge) = report.edge else { return };
    let mut items = Vec::new();
    for change in edge.rows() {
        let told = words::row(edge, &change);
        let head = format!("{}, {}", code(&change.row.sip_domain), change.row.service.in_text());
        let order = told
            .order
            .map(|(before, after)| format!(": {} -> {}", code(&cut(&before)), code(&cut(&after))))
            .unwrap_or_default();
        let notes: String =
            told.notes.iter().map(|(what, note)| format!("\n  - {what}: {}", code(&cut(note)))).collect();
        items.push(cut_item(format!("{head}{order}"), &notes));
    }
    list(out, "Edge pools, in the order callers try them:", &items);
}

fn fragments(out: &mut String, report: &Report<'_>) {
    let item = |fragment| {
        let zones: Vec<String> = words::includers(report, fragment).iter().map(|name| code(name)).collect();
        cut_item(format!("{}: included by ", code(&cut(&fragment.file))), &zones.join(", "))
    };
    let items: Vec<String> = report.comparison.fragments.iter().map(item).collect();
    list(out, "Included files with other text:", &items);
}

fn list(out: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n\n"));
    for item in items.iter().take(MOST_ITEMS) {
        out.push_str(&format!("- {item}\n"));
    }
    if let Some(more @ 1..) = items.len().checked_sub(MOST_ITEMS) {
        out.push_str(&format!("- ... {more} more\n"));
    }
}

/// Text that is to stand in code, in one line and not too long.
fn cut(text: &str) -> String {
    let clean = sanitize::words(text, true);
    if clean.chars().count() <= LONG_ITEM {
        return clean.into_owned();
    }
    clean.chars().take(LONG_ITEM).chain("...".chars()).collect()
}

/// An item without what would make it too long: a code span is not cut in two.
fn cut_item(head: String, rest: &str) -> String {
    if rest.len() <= 3 * LONG_ITEM { head + rest } else { head + " ..." }
}

/// The first line of a zone, as HTML.
fn title(report: &Report<'_>, zone: &ZoneDiff<'_>) -> String {
    let file = zone.after.or(zone.before).map(|side| side.file_name()).unwrap_or_default();
    let code = |text: &str| format!("<code>{}</code>", escaped(&cut(text)));
    let apex = code(&zone.apex.to_string());
    let view = words::view(report, zone.view);
    format!("{apex}{view}, {}: {}", code(&file), escaped(&words::fate(zone)))
}

/// Text in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// A zone, its records in at most so many octets.
fn zone(out: &mut String, report: &Report<'_>, zone: &ZoneDiff<'_>, title: &str, room: usize) {
    let blocks = report.blocks(zone);
    let mut text = String::new();
    let mut told = 0;
    for block in &blocks {
        let mut lines = String::new();
        for line in report.lines(zone, block) {
            lines.push_str(&format!("{} {}\n", line.mark.sign(), sanitize::words(&line.text, true)));
        }
        // A run of backticks makes the fences around it as long.
        if text.len() + lines.len() + 3 * longest_fence(&lines).max(longest_fence(&text)) > room {
            break;
        }
        text.push_str(&lines);
        told += 1;
    }
    let left: usize = blocks.iter().skip(told).map(super::Block::rrsets).sum();
    let churn = report.churn(zone);
    if blocks.is_empty() && churn.is_empty() {
        out.push_str(&format!("\n<p>{title}</p>\n"));
        return;
    }
    let open = if text.lines().count() <= OPEN_LINES { " open" } else { "" };
    out.push_str(&format!("\n<details{open}><summary>{title}</summary>\n\n"));
    if !text.is_empty() {
        out.push_str(&fenced("diff", &text, ""));
        out.push('\n');
    }
    if left > 0 {
        out.push_str(&format!("... {left} more RRset{}\n\n", if left == 1 { "" } else { "s" }));
    }
    if !churn.is_empty() {
        out.push_str(&format!("Signing data: {}\n\n", words::churn(&churn)));
    }
    out.push_str("</details>\n");
}

fn longest_fence(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0) + 1
}
