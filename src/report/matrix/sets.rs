//! Every set of lost pools in one table: whom the callers of each service reach first.

use super::{Page, words};
use crate::edge::Service;
use crate::edge::coverage::{Loss, Outcome};
use crate::report::pen::Paint;
use std::fmt::Write as _;

/// A cell: what becomes of a service.
type Cell = (String, Paint);

/// Writes a table per SIP domain, those that fare alike in one. Sets that change nothing are counted.
pub(super) fn table(page: &Page<'_>, text: &mut String, losses: &[Loss]) {
    let mut domains: Vec<&str> = Vec::new();
    for row in losses.iter().flat_map(|loss| &loss.rows) {
        if !domains.contains(&row.sip_domain.as_str()) {
            domains.push(&row.sip_domain);
        }
    }
    let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
    for domain in domains {
        let fate = Table::new(page, losses, domain).text(page);
        match groups.iter_mut().find(|(_, known)| *known == fate) {
            Some((domains, _)) => domains.push(domain),
            None => groups.push((vec![domain], fate)),
        }
    }
    if groups.is_empty() {
        return;
    }
    let most = losses.iter().map(|loss| loss.down.len()).max().unwrap_or_default();
    let title = format!("Every set of up to {most} lost pools: who answers first");
    let _ = writeln!(text, "\n{}", page.pen.paint(&title, Paint::Bold));
    for (domains, fate) in groups {
        page.pen.wrapped(text, "  ", Paint::Plain, &domains.join(", "));
        text.push_str(&fate);
    }
}

/// The sets that change something in one SIP domain.
struct Table {
    services: Vec<Service>,
    rows: Vec<(String, Vec<Cell>)>,
    unchanged: usize,
}

impl Table {
    fn new(page: &Page<'_>, losses: &[Loss], domain: &str) -> Self {
        let mut table = Self { services: Vec::new(), rows: Vec::new(), unchanged: 0 };
        for loss in losses {
            let rows = || loss.rows.iter().filter(|row| row.sip_domain == domain);
            // Each set has the same services.
            table.services = rows().map(|row| row.service).collect();
            if rows().all(|row| matches!(row.outcome, Outcome::Unchanged(_))) {
                table.unchanged += 1;
            } else {
                let cells = rows().map(|row| cell(page, &row.outcome)).collect();
                table.rows.push((page.pools(&loss.down), cells));
            }
        }
        table
    }

    fn text(&self, page: &Page<'_>) -> String {
        let mut text = String::new();
        let columns: Vec<usize> = self
            .services
            .iter()
            .enumerate()
            .map(|(place, service)| {
                let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(place));
                let widest = cells.map(|(words, _)| words.chars().count()).max().unwrap_or_default();
                widest.max(service.title().chars().count())
            })
            .collect();
        let label = self.rows.iter().map(|(set, _)| set.chars().count()).max().unwrap_or_default().max(4);
        let fits = 4 + label + columns.iter().map(|wide| wide + 2).sum::<usize>() <= page.pen.style.width;
        if fits && !self.rows.is_empty() {
            let heads = self.services.iter().map(|service| (service.title().to_owned(), Paint::Plain));
            line(page, &mut text, ("down", label), &heads.collect::<Vec<_>>(), &columns);
        }
        for (set, cells) in &self.rows {
            if fits {
                line(page, &mut text, (set, label), cells, &columns);
                continue;
            }
            page.pen.wrapped(&mut text, "    ", Paint::Plain, set);
            let wide = page.titles();
            for (service, (words, paint)) in self.services.iter().zip(cells) {
                page.pen.wrapped(&mut text, &format!("      {:<wide$}  ", service.title()), *paint, words);
            }
        }
        let others = if self.rows.is_empty() { "" } else { "other " };
        let _ = match self.unchanged {
            0 => Ok(()),
            1 => writeln!(text, "    1 {others}set changes nothing"),
            count => writeln!(text, "    {count} {others}sets change nothing"),
        };
        text
    }
}

fn line(page: &Page<'_>, text: &mut String, set: (&str, usize), cells: &[Cell], columns: &[usize]) {
    let (set, label) = set;
    let mut shown = format!("    {set}");
    let mut gap = label.saturating_sub(set.chars().count()) + 2;
    for ((words, paint), wide) in cells.iter().zip(columns) {
        shown.push_str(&" ".repeat(gap));
        shown.push_str(&page.pen.paint(words, *paint));
        gap = wide.saturating_sub(words.chars().count()) + 2;
    }
    text.push_str(&shown);
    text.push('\n');
}

fn cell(page: &Page<'_>, outcome: &Outcome) -> Cell {
    match outcome {
        Outcome::Unchanged(_) => (String::from("as before"), Paint::Faint),
        Outcome::FailsOver(walk) => (words::who(page, &walk.reached), Paint::Good),
        Outcome::NeedsPlan { .. } => (String::from("needs a plan"), Paint::Bad),
        Outcome::Lost => (String::from("lost"), Paint::Bad),
    }
}
