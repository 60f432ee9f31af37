//! The comparison for people.

use super::line::{Line, Mark};
use super::{Report, words};
use crate::comparison::ZoneDiff;
use crate::report::Style;
use crate::report::pen::{Paint, Pen};
use std::io;

/// Writes what differs: zone by zone, then the included files, then what it means for Edge pools.
///
/// # Errors
/// Those of the writer.
pub fn human(out: &mut dyn io::Write, report: &Report<'_>, style: &Style) -> io::Result<()> {
    let page = Page { report, pen: Pen { style } };
    for (index, zone) in report.comparison.zones.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        page.zone(out, zone)?;
    }
    page.fragments(out)?;
    page.edge(out)
}

struct Page<'p> {
    report: &'p Report<'p>,
    pen: Pen<'p>,
}

impl<'p> Page<'p> {
    fn zone(&self, out: &mut dyn io::Write, zone: &'p ZoneDiff<'p>) -> io::Result<()> {
        let view = words::view(self.report, zone.view);
        let file = zone.after.or(zone.before).map(|side| side.file_name()).unwrap_or_default();
        let title = format!("{}{view}, {}: {}", zone.apex, self.pen.words(&file), words::fate(zone));
        writeln!(out, "{}", self.pen.paint(&title, Paint::Bold))?;
        for block in self.report.blocks(zone) {
            for line in self.report.lines(zone, &block) {
                self.line(out, &line)?;
            }
        }
        let churn = self.report.churn(zone);
        if !churn.is_empty() {
            writeln!(out, "  signing data (--dnssec lists it): {}", words::churn(&churn))?;
        }
        Ok(())
    }

    fn line(&self, out: &mut dyn io::Write, line: &Line) -> io::Result<()> {
        let paint = match line.mark {
            Mark::Removed => Paint::Bad,
            Mark::Added => Paint::Good,
            Mark::Ttl => Paint::Bold,
            Mark::Kept => Paint::Faint,
            Mark::Note => Paint::Plain,
        };
        let text = format!("{} {}", line.mark.sign(), self.pen.words(&line.text));
        writeln!(out, "  {}", self.pen.paint(&text, paint))
    }

    fn fragments(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.report.comparison.fragments.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", self.pen.paint("Included files with other text", Paint::Bold))?;
        for fragment in &self.report.comparison.fragments {
            let zones = words::includers(self.report, fragment).join(", ");
            writeln!(out, "  {}: included by {zones}", self.pen.words(&fragment.file))?;
        }
        Ok(())
    }

    fn edge(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Some(edge) = self.report.edge else { return Ok(()) };
        let rows = edge.rows();
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", self.pen.paint("Edge pools, in the order callers try them", Paint::Bold))?;
        for change in rows {
            let told = words::row(edge, &change);
            let head = format!("{}, {}", change.row.sip_domain, change.row.service.in_text());
            match told.order {
                Some((before, after)) => {
                    writeln!(out, "  {}", self.pen.words(&format!("{head}: {before} -> {after}")))?;
                }
                None => writeln!(out, "  {}", self.pen.words(&head))?,
            }
            for (what, note) in told.notes {
                writeln!(out, "    {what}: {}", self.pen.words(&note))?;
            }
        }
        Ok(())
    }
}
