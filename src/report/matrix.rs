//! The coverage matrix as text: a table per SIP domain, what is wrong in it, and what remains when
//! pools are lost.

mod json;
mod words;

pub use json::json;
pub use words::{fault, short};

use super::Style;
use super::sanitize;
use crate::edge::coverage::{Body, Cell, CellState, Coverage, Loss, Published, Row};
use crate::edge::{Deployment, PoolId};
use crate::text::{Sources, Span};
use std::fmt::Write as _;
use std::io;

/// Width of the column of services: two blanks, `Remote access`, two blanks.
const LABEL: usize = 17;

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
    let page = Page { sources, deployment, style };
    let mut text = String::new();
    for rows in coverage.rows.chunk_by(|a, b| a.sip_domain == b.sip_domain) {
        page.domain(&mut text, rows);
    }
    for loss in &coverage.losses {
        page.loss(&mut text, loss);
    }
    out.write_all(text.as_bytes())
}

/// How a piece of text is coloured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Bold,
    Good,
    Bad,
    Faint,
}

impl Paint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Good => Some("32"),
            Self::Bad => Some("1;31"),
            Self::Faint => Some("2"),
        }
    }
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
    style: &'p Style,
}

/// A piece of a cell: words, and their colour.
type Piece = (String, Paint);

impl Page<'_> {
    fn paint(&self, text: &str, paint: Paint) -> String {
        match paint.code().filter(|_| self.style.color && !text.is_empty()) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }

    fn words(&self, text: &str) -> String {
        sanitize::words(text, self.style.unicode).into_owned()
    }

    fn pool(&self, pool: PoolId) -> String {
        self.words(&self.deployment.pool(pool).name.value)
    }

    fn pools(&self, pools: &[PoolId]) -> String {
        pools.iter().map(|pool| self.pool(*pool)).collect::<Vec<_>>().join(", ")
    }

    /// `edge1` and `(paris)`.
    fn header(&self, pool: PoolId) -> [String; 2] {
        let site = self.deployment.site(self.deployment.pool(pool).site);
        [self.pool(pool), format!("({})", self.words(&site.name.value))]
    }

    /// `zones/contoso.com.zone:20`.
    fn place(&self, span: Span) -> String {
        let span = self.sources.visible(span);
        let source = self.sources.get(span.file);
        format!("{}:{}", self.words(source.name()), source.position(span.start).line)
    }

    fn domain(&self, text: &mut String, rows: &[Row]) {
        let Some(first) = rows.first() else { return };
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", self.paint(&first.sip_domain, Paint::Bold));
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
            self.wrapped(text, "  ! ", Paint::Plain, &note);
        }
    }

    fn remark(&self, text: &mut String, row: &Row, remark: &str, paint: Paint) {
        let _ = writeln!(text, "  {:<13}  {}", row.service.title(), self.paint(remark, paint));
    }

    fn layout(&self, rows: &[Row]) -> Layout {
        let fits = |layout| {
            let columns: usize = self.widths(rows, layout).iter().map(|width| width + 2).sum();
            LABEL + columns <= self.style.width + 2
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
        for line in 0..height {
            let mut shown = format!("  {:<13}", if line == 0 { label } else { "" });
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
        pieces.iter().map(|(words, paint)| self.paint(words, *paint)).collect::<Vec<_>>().join(" ")
    }

    /// The pieces of a cell: its states, then its first record.
    fn cell(&self, row: &Row, cell: &Cell) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = cell
            .states
            .iter()
            .map(|state| match state {
                CellState::Ok => (String::from("ok"), Paint::Good),
                CellState::Standby => (String::from("standby"), Paint::Faint),
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
        format!("{} {}:{}", record.priority, self.words(target), record.port)
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
                    let fault = self.words(&fault);
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
                format!("target `{}` is no declared pool's", self.words(&record.target))
            };
            notes.push(format!("{service}: {what} ({place})"));
        }
        notes
    }

    fn loss(&self, text: &mut String, loss: &Loss) {
        let names: Vec<String> = loss.down.iter().map(|pool| self.pool(*pool)).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let title = format!("If {} {verb} lost", names.join(" and "));
        let _ = writeln!(text, "\n{}", self.paint(&title, Paint::Bold));
        if loss.rows.is_empty() {
            let _ = writeln!(text, "  nothing to lose");
        }
        // SIP domains that fare alike stand together.
        let mut groups: Vec<(Vec<&str>, String)> = Vec::new();
        for rows in loss.rows.chunk_by(|a, b| a.sip_domain == b.sip_domain) {
            let Some(first) = rows.first() else { continue };
            let mut fate = String::new();
            for row in rows {
                let (lines, paint) = words::outcome(self, row);
                for (index, line) in lines.iter().enumerate() {
                    let label = if index == 0 { row.service.title() } else { "" };
                    let paint = if index == 0 { paint } else { Paint::Plain };
                    self.wrapped(&mut fate, &format!("    {label:<13}  "), paint, line);
                }
            }
            match groups.iter_mut().find(|(_, known)| *known == fate) {
                Some((domains, _)) => domains.push(&first.sip_domain),
                None => groups.push((vec![&first.sip_domain], fate)),
            }
        }
        for (domains, fate) in groups {
            self.wrapped(text, "  ", Paint::Plain, &domains.join(", "));
            text.push_str(&fate);
        }
    }

    /// Writes a sentence after `head`, broken at blanks where the width ends.
    fn wrapped(&self, text: &mut String, head: &str, paint: Paint, sentence: &str) {
        let indent = head.chars().count();
        let room = self.style.width.saturating_sub(indent).max(20);
        let mut lines: Vec<String> = Vec::new();
        for word in sentence.split(' ') {
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        for (index, line) in lines.iter().enumerate() {
            let lead = if index == 0 { head.to_owned() } else { " ".repeat(indent) };
            let _ = writeln!(text, "{lead}{}", self.paint(line, paint));
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
