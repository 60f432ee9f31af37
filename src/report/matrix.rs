//! The coverage matrix as text: a table per SIP domain, what is wrong in it, and what remains when
//! pools are lost.

mod json;
mod sets;
mod words;

pub use json::json;
pub use words::{fault, short};

use super::Style;
use super::pen::{Paint, Pen};
use crate::edge::coverage::{Body, Cell, CellState, Coverage, Loss, Published, Row};
use crate::edge::{Deployment, PoolId};
use crate::text::{Sources, Span};
use std::fmt::Write as _;
use std::io;

/// Writes the matrix for people.
///
/// # Errors
/// Those of the writer.
pub fn human(
    out: &mut dyn io::Write,
    sources: &Sources,
    deployment: &Deployment,
    coverage: &Coverage,
    style: &Style,
) -> io::Result<()> {
    let page = Page { sources, deployment, pen: Pen { style } };
    let mut text = String::new();
    for rows in coverage.rows.chunk_by(|a, b| a.sip_domain == b.sip_domain) {
        page.domain(&mut text, rows);
    }
    for loss in coverage.losses.iter().filter(|loss| loss.down.len() == 1) {
        page.loss(&mut text, loss);
    }
    if coverage.losses.iter().any(|loss| loss.down.len() > 1) {
        sets::table(&page, &mut text, &coverage.losses);
    }
    out.write_all(text.as_bytes())
}

/// How the cells of a SIP domain are laid out: the first that fits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// A column per pool, a line per cell.
    Wide,
    /// A column per pool; state and record below each other.
    Stacked,
    /// A line per service and pool.
    List,
}

struct Page<'p> {
    sources: &'p Sources,
    deployment: &'p Deployment,
    pen: Pen<'p>,
}

/// A piece of a cell: words, and their colour.
type Piece = (String, Paint);

impl Page<'_> {
    fn pool(&self, pool: PoolId) -> String {
        self.pen.words(&self.deployment.pool(pool).name.value)
    }

    fn pools(&self, pools: &[PoolId]) -> String {
        pools.iter().map(|pool| self.pool(*pool)).collect::<Vec<_>>().join(", ")
    }

    /// `edge1` and `(paris)`.
    fn header(&self, pool: PoolId) -> [String; 2] {
        let site = self.deployment.site(self.deployment.pool(pool).site);
        [self.pool(pool), format!("({})", self.pen.words(&site.name.value))]
    }

    /// `zones/contoso.com.zone:20`.
    fn place(&self, span: Span) -> String {
        let span = self.sources.visible(span);
        let source = self.sources.get(span.file);
        format!("{}:{}", self.pen.words(source.name()), source.position(span.start).line)
    }

    fn domain(&self, text: &mut String, rows: &[Row]) {
        let Some(first) = rows.first() else { return };
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", self.pen.paint(&first.sip_domain, Paint::Bold));
        let layout = self.layout(rows);
        if layout != Layout::List {
            self.headers(text, rows, layout);
        }
        for row in rows {
            match &row.body {
                Body::Off => self.remark(text, row, "off", Paint::Faint),
                Body::NoZone => self.remark(text, row, "no zone at hand holds it", Paint::Bad),
                Body::Held(held) if layout == Layout::List => self.list(text, row, &held.cells),
                Body::Held(held) => self.table_row(text, rows, row, &held.cells, layout),
            }
        }
        let notes: Vec<String> = rows.iter().flat_map(|row| self.notes(row)).collect();
        for note in notes {
            self.pen.wrapped(text, "  ! ", Paint::Plain, &note);
        }
    }

    fn remark(&self, text: &mut String, row: &Row, remark: &str, paint: Paint) {
        let wide = self.titles();
        let _ = writeln!(text, "  {:<wide$}  {}", row.service.title(), self.pen.paint(remark, paint));
    }

    /// Width of the titles of services.
    pub(super) fn titles(&self) -> usize {
        let titles = self.deployment.services().iter().map(|service| service.title().chars().count());
        titles.max().unwrap_or(0)
    }

    fn layout(&self, rows: &[Row]) -> Layout {
        let fits = |layout| {
            let columns: usize = self.widths(rows, layout).iter().map(|width| width + 2).sum();
            2 + self.titles() + 2 + columns <= self.pen.style.width + 2
        };
        [Layout::Wide, Layout::Stacked].into_iter().find(|layout| fits(*layout)).unwrap_or(Layout::List)
    }

    /// Width of each pool's column.
    fn widths(&self, rows: &[Row], layout: Layout) -> Vec<usize> {
        let cells = |pool: PoolId| {
            rows.iter().filter_map(move |row| match &row.body {
                Body::Held(held) => Some((row, held.cells.get(pool.index())?)),
                Body::Off | Body::NoZone => None,
            })
        };
        self.deployment
            .pools()
            .iter()
            .map(|pool| {
                let head = stacked(self.header(pool.id).map(|part| (part, Paint::Bold)).into(), layout);
                let body = cells(pool.id).flat_map(|(row, cell)| stacked(self.cell(row, cell), layout));
                head.into_iter().chain(body).map(|line| width(&line)).max().unwrap_or(0)
            })
            .collect()
    }

    fn headers(&self, text: &mut String, rows: &[Row], layout: Layout) {
        if !rows.iter().any(|row| matches!(row.body, Body::Held(_))) {
            return;
        }
        let heads = self.deployment.pools().iter();
        let heads =
            heads.map(|pool| stacked(self.header(pool.id).map(|part| (part, Paint::Plain)).into(), layout));
        self.columns(text, "", heads.collect(), &self.widths(rows, layout));
    }

    fn table_row(&self, text: &mut String, rows: &[Row], row: &Row, cells: &[Cell], layout: Layout) {
        let cells = cells.iter().map(|cell| stacked(self.cell(row, cell), layout)).collect();
        self.columns(text, row.service.title(), cells, &self.widths(rows, layout));
    }

    /// Writes cells beside each other, each of them lines of pieces.
    fn columns(&self, text: &mut String, label: &str, cells: Vec<Vec<Vec<Piece>>>, widths: &[usize]) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let wide = self.titles();
        for line in 0..height {
            let mut shown = format!("  {:<wide$}", if line == 0 { label } else { "" });
            let mut gap = 2;
            for (cell, wide) in cells.iter().zip(widths) {
                let pieces = cell.get(line).map_or(&[][..], Vec::as_slice);
                let used = width(pieces);
                if !pieces.is_empty() {
                    shown.push_str(&" ".repeat(gap));
                    shown.push_str(&self.joined(pieces));
                    gap = 0;
                }
                gap += wide.saturating_sub(used) + 2;
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
    }

    fn list(&self, text: &mut String, row: &Row, cells: &[Cell]) {
        let names: Vec<String> = cells.iter().map(|cell| self.header(cell.pool).join(" ")).collect();
        let wide = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let _ = writeln!(text, "  {}", row.service.title());
        for (cell, name) in cells.iter().zip(names) {
            let pad = wide.saturating_sub(name.chars().count());
            let _ = writeln!(text, "    {name}{}  {}", " ".repeat(pad), self.joined(&self.cell(row, cell)));
        }
    }

    fn joined(&self, pieces: &[Piece]) -> String {
        pieces.iter().map(|(words, paint)| self.pen.paint(words, *paint)).collect::<Vec<_>>().join(" ")
    }

    /// The pieces of a cell: its states, then its first record.
    fn cell(&self, row: &Row, cell: &Cell) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = cell
            .states
            .iter()
            .map(|state| match state {
                CellState::Ok => (String::from("ok"), Paint::Good),
                CellState::Standby | CellState::Drained { .. } => {
                    (words::short(state).to_owned(), Paint::Faint)
                }
                CellState::NotEnabled if cell.records.is_empty() => (String::from("-"), Paint::Faint),
                state => (words::short(state).to_owned(), Paint::Bad),
            })
            .collect();
        if let Some(record) = cell.records.first() {
            let more = match cell.records.len() {
                1 => String::new(),
                count => format!(" (+{})", count - 1),
            };
            pieces.push((format!("{}{more}", self.record(row, record)), Paint::Plain));
        }
        pieces
    }

    /// `10 sip1:443`; the target without the SIP domain.
    fn record(&self, row: &Row, record: &Published) -> String {
        let inside = record.target.strip_suffix(row.sip_domain.as_str());
        let target = inside.and_then(|rest| rest.strip_suffix('.')).unwrap_or(&record.target);
        format!("{} {}:{}", record.priority, self.pen.words(target), record.port)
    }

    /// A sentence per thing that is wrong.
    fn notes(&self, row: &Row) -> Vec<String> {
        let service = row.service.title();
        let held = match &row.body {
            Body::Held(held) => held,
            Body::Off => return Vec::new(),
            Body::NoZone => {
                return vec![format!("{service}: declare the zone of `{}` with [[zone]]", row.owner)];
            }
        };
        let mut notes = Vec::new();
        for cell in held.cells.iter().filter(|cell| !cell.is_sound()) {
            for state in &cell.states {
                if let Some(fault) = words::fault(self.deployment, row, cell, state) {
                    let fault = self.pen.words(&fault);
                    let place = cell.records.first().map(|record| format!(" ({})", self.place(record.span)));
                    let pool = self.pool(cell.pool);
                    notes.push(format!("{service}, {pool}: {fault}{}", place.unwrap_or_default()));
                }
            }
        }
        for record in &held.extra {
            let place = self.place(record.span);
            let what = if record.target == "." {
                String::from("a record with target `.` says that the service is not offered")
            } else {
                format!("target `{}` is no declared pool's", self.pen.words(&record.target))
            };
            notes.push(format!("{service}: {what} ({place})"));
        }
        notes
    }

    fn loss(&self, text: &mut String, loss: &Loss) {
        let title = format!("If {} is lost", self.pools(&loss.down));
        let _ = writeln!(text, "\n{}", self.pen.paint(&title, Paint::Bold));
        if loss.rows.is_empty() {
            let _ = writeln!(text, "  nothing to lose");
        }
        // SIP domains that fare alike stand together.
        let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
        for rows in loss.rows.chunk_by(|a, b| a.sip_domain == b.sip_domain) {
            let Some(first) = rows.first() else { continue };
            let mut fate = String::new();
            let wide = self.titles();
            for row in rows {
                let (lines, paint) = words::outcome(self, row);
                for (index, line) in lines.iter().enumerate() {
                    let label = if index == 0 { row.service.title() } else { "" };
                    let paint = if index == 0 { paint } else { Paint::Plain };
                    self.pen.wrapped(&mut fate, &format!("    {label:<wide$}  "), paint, line);
                }
            }
            match groups.iter_mut().find(|(_, known)| *known == fate) {
                Some((domains, _)) => domains.push(&first.sip_domain),
                None => groups.push((vec![&first.sip_domain], fate)),
            }
        }
        for (domains, fate) in groups {
            self.pen.wrapped(text, "  ", Paint::Plain, &domains.join(", "));
            text.push_str(&fate);
        }
    }
}

/// The lines of a cell: one, or one per piece.
fn stacked(pieces: Vec<Piece>, layout: Layout) -> Vec<Vec<Piece>> {
    match layout {
        Layout::Stacked => pieces.into_iter().map(|piece| vec![piece]).collect(),
        Layout::Wide | Layout::List => vec![pieces],
    }
}

/// Columns that pieces take with a blank between them.
fn width(pieces: &[Piece]) -> usize {
    let gaps = pieces.len().saturating_sub(1);
    pieces.iter().map(|(words, _)| words.chars().count()).sum::<usize>() + gaps
}

#[cfg(test)]
mod tests;
