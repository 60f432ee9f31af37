//! Columns: which records stand under each other, and how wide their cells are.
//!
//! The columns of a block are those of its cells alone, never of the blanks between them; that is
//! why formatting twice is formatting once.

use super::line::{Writer, stop, width};
use super::read::{Item, Kind, Line, Part, Record};
use super::{Change, Style};
use crate::zonefile::rtype::Rtype;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Widths of the owner's column are multiples of this, so that few edits move a whole block.
const STEP: usize = 4;
/// The least width of the type's column: that of `AAAA`, so that blocks with and without it agree.
const TYPE_WIDTH: usize = 4;
/// An owner wider than this does not push the other records of its block to the right.
const WIDE_OWNER: usize = 40;
/// Nor does a record that reaches beyond this column push the comments of the others.
const WIDE_RECORD: usize = 96;
/// How many blank lines may follow each other.
const BLANK_LINES: usize = 2;

/// The new text of every part.
pub(super) fn lay_out(data: &[u8], parts: &[Part<'_>], style: &Style) -> Vec<Change> {
    let newline: &[u8] = match memchr::memchr(b'\n', data) {
        Some(at) if data.get(..at).is_some_and(|line| line.ends_with(b"\r")) => b"\r\n",
        _ => b"\n",
    };
    let mut layout = Layout { data, style, newline, out: Vec::with_capacity(parts.len()), trail: None };
    let last = parts.iter().rposition(|part| !matches!(part.kind, Kind::Blank)).map_or(0, |at| at + 1);
    let mut rest = parts;
    let mut blanks = BLANK_LINES;
    while let Some(part) = rest.first() {
        let place = parts.len() - rest.len();
        let len = match &part.kind {
            Kind::Blank => {
                layout.blank(part, blanks < BLANK_LINES && place < last);
                blanks += 1;
                1
            }
            Kind::Directive { words, comment } => {
                layout.directive(part, words, *comment);
                1
            }
            _ => {
                let ends = |part: &Part<'_>| matches!(part.kind, Kind::Blank | Kind::Directive { .. });
                let len = rest.iter().position(ends).unwrap_or(rest.len());
                layout.block(rest.get(..len).unwrap_or_default());
                len
            }
        };
        if !matches!(part.kind, Kind::Blank) {
            blanks = 0;
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    layout.out
}

struct Layout<'d, 's> {
    data: &'d [u8],
    style: &'s Style,
    /// For lines that have none of their own.
    newline: &'d [u8],
    out: Vec<Change>,
    /// Column of the comment after the line above, which an indented comment goes on with.
    trail: Option<usize>,
}

impl<'d> Layout<'d, '_> {
    fn newline(&self, part: &Part<'_>) -> &'d [u8] {
        match self.data.get(part.range.clone()) {
            Some(text) if text.ends_with(b"\r\n") => b"\r\n",
            Some(text) if text.ends_with(b"\n") => b"\n",
            _ => self.newline,
        }
    }

    fn put(&mut self, part: &Part<'_>, text: Vec<u8>) {
        self.out.push(Change { range: part.range.clone(), text });
    }

    fn blank(&mut self, part: &Part<'_>, stays: bool) {
        self.trail = None;
        let text = if stays { self.newline(part).to_vec() } else { Vec::new() };
        self.put(part, text);
    }

    fn directive(&mut self, part: &Part<'_>, words: &[Cow<'_, [u8]>], comment: Option<&[u8]>) {
        let mut writer = Writer::new(self.style);
        writer.push(&words.join(&b' '));
        self.trail = comment.map(|comment| {
            writer.fill(0, 2);
            let column = writer.column;
            writer.push(comment);
            column
        });
        writer.end(self.newline(part));
        self.put(part, writer.text);
    }

    fn block(&mut self, parts: &[Part<'_>]) {
        let owners = written_owners(parts);
        let columns = Columns::of(parts, &owners, self.style);
        for (part, owner) in parts.iter().zip(owners) {
            match &part.kind {
                Kind::Record(record) => self.record(part, record, owner, &columns),
                Kind::Comment { text, indented } => self.comment(part, text, *indented, columns.indent()),
                Kind::Note | Kind::Untouched | Kind::Blank | Kind::Directive { .. } => {
                    self.trail = None;
                    let mut text = self.data.get(part.range.clone()).unwrap_or_default().to_vec();
                    if matches!(part.kind, Kind::Note) && !text.ends_with(b"\n") {
                        text.extend_from_slice(self.newline);
                    }
                    self.put(part, text);
                }
            }
        }
    }

    fn comment(&mut self, part: &Part<'_>, text: &[u8], indented: bool, indent: usize) {
        let mut writer = Writer::new(self.style);
        if indented {
            writer.fill(self.trail.unwrap_or(indent), 0);
        } else {
            self.trail = None;
        }
        writer.push(text);
        writer.end(self.newline(part));
        self.put(part, writer.text);
    }

    fn record(&mut self, part: &Part<'_>, record: &Record<'_>, owner: &[u8], columns: &Columns<'_>) {
        let newline = self.newline(part);
        let mut writer = Writer::new(self.style);
        let rdata = columns.head(&mut writer, owner, record);
        self.trail = None;
        let Some((first, rest)) = record.lines.split_first() else { return };
        if rest.is_empty() {
            columns.fields(&mut writer, record);
            self.trail = first.comment.map(|comment| {
                // One that the others do not make room for follows at once.
                let fits = writer.column + 2 <= columns.comment;
                writer.fill(if fits { columns.comment } else { 0 }, 2);
                let column = writer.column;
                writer.push(comment);
                column
            });
            writer.end(newline);
        } else {
            self.trail = several(&mut writer, record, rdata, newline);
        }
        self.put(part, writer.text);
    }
}

/// The owner to write in each part: none where it is that of the record right above.
fn written_owners<'p>(parts: &'p [Part<'_>]) -> Vec<&'p [u8]> {
    let mut above: Option<&[u8]> = None;
    let owner = |part: &'p Part<'_>| {
        let Kind::Record(record) = &part.kind else {
            above = None;
            return &b""[..];
        };
        let written = record.owner.as_deref();
        let repeats = record.may_inherit && above.is_some() && written == above;
        above = written.or(above);
        written.filter(|_| !repeats).unwrap_or_default()
    };
    parts.iter().map(owner).collect()
}

/// Writes the lines of a record in parentheses; the column of the last one's comment, if it has one.
fn several(writer: &mut Writer<'_>, record: &Record<'_>, base: usize, newline: &[u8]) -> Option<usize> {
    // Under the first field, even when the parenthesis opens before it.
    let inner = match record.lines.first().map(|line| &*line.items) {
        Some([Item::Open, Item::Field(_), ..]) => base + 2,
        _ => base,
    };
    let indent = |line: &Line<'_>| if line.items == [Item::Close] { base } else { inner };
    let lines = record.lines.iter().skip(1).filter(|line| line.comment.is_some() && !line.items.is_empty());
    let comments = lines.map(|line| indent(line) + joined(line)).filter(|end| *end <= WIDE_RECORD).max();
    let comments = comments.map_or(0, |end| end + 2);
    let mut trail = None;
    let mut blanks = 0;
    for (place, line) in record.lines.iter().enumerate() {
        trail = None;
        if let Some(text) = line.untouched {
            writer.push(text);
        } else if place > 0 && !(line.items.is_empty() && line.comment.is_none()) {
            writer.fill(indent(line), 0);
        }
        for (place, item) in line.items.iter().enumerate() {
            writer.fill(0, usize::from(place > 0));
            writer.push(item.text());
        }
        if let Some(comment) = line.comment {
            if !line.items.is_empty() {
                let column = if place > 0 { comments } else { 0 };
                writer.fill(column, 2);
                trail = Some(writer.column);
            }
            writer.push(comment);
        }
        let blank = line.items.is_empty() && line.comment.is_none() && line.untouched.is_none();
        blanks = if blank && place > 0 { blanks + 1 } else { 0 };
        if blanks <= BLANK_LINES {
            writer.end(newline);
        }
    }
    trail
}

/// Width of a line's items with one blank between them.
fn joined(line: &Line<'_>) -> usize {
    let items: usize = line.items.iter().map(|item| width(item.text()) + 1).sum();
    items.saturating_sub(1)
}

/// How many fields at the start of an RDATA stand in columns.
fn aligned_fields(rtype: Rtype) -> usize {
    match rtype {
        Rtype::MX | Rtype::AFSDB | Rtype::RT | Rtype::KX | Rtype::LP => 1,
        Rtype::CAA | Rtype::URI | Rtype::SSHFP => 2,
        Rtype::SRV | Rtype::DS | Rtype::CDS | Rtype::TLSA | Rtype::SMIMEA => 3,
        Rtype::NAPTR => 5,
        _ => 0,
    }
}

/// The fields of a record on one line; parentheses around them are of no use there.
fn single<'r>(record: &'r Record<'_>) -> Option<Vec<&'r [u8]>> {
    let [line] = &*record.lines else { return None };
    let fields = line.items.iter().filter(|item| matches!(item, Item::Field(_)));
    Some(fields.map(Item::text).collect())
}

/// Where the cells of a block begin; the owner's is at 0.
struct Columns<'s> {
    style: &'s Style,
    ttl: usize,
    class: usize,
    rtype: usize,
    rdata: usize,
    has_ttl: bool,
    has_class: bool,
    /// Widths of the fields that stand in columns, by type.
    fields: BTreeMap<u16, Vec<usize>>,
    any: bool,
    /// Of comments after records on one line.
    comment: usize,
}

impl<'s> Columns<'s> {
    fn of(parts: &[Part<'_>], owners: &[&[u8]], style: &'s Style) -> Self {
        let (mut ttl, mut class, mut rtype) = (0, 0, TYPE_WIDTH);
        let (mut narrow, mut wide) = (0, 0);
        let mut any = false;
        let mut fields: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for record in records(parts) {
            let owner = record.owner.as_deref().map_or(0, width);
            wide = wide.max(owner);
            if owner <= WIDE_OWNER {
                narrow = narrow.max(owner);
            }
            ttl = ttl.max(width(&record.ttl));
            class = class.max(width(&record.class));
            rtype = rtype.max(width(&record.type_text));
            any = true;
            let count = aligned_fields(record.rtype);
            let Some(texts) = single(record).filter(|texts| count > 0 && texts.len() > count) else {
                continue;
            };
            if texts.first() == Some(&&b"\\#"[..]) {
                continue;
            }
            let widths = fields.entry(record.rtype.0).or_insert_with(|| vec![0; count]);
            for (known, text) in widths.iter_mut().zip(texts) {
                *known = width(text).max(*known);
            }
        }
        let owner = if narrow > 0 { narrow } else { wide };
        let after = |start: usize, width: usize, gap: usize| match width {
            0 => start,
            _ => stop(start + width + gap, 1, style),
        };
        let ttl_at = stop((owner + 2).max(style.owner_width), STEP, style);
        let class_at = after(ttl_at, ttl, 1);
        let type_at = after(class_at, class, 2);
        let mut columns = Self {
            style,
            ttl: ttl_at,
            class: class_at,
            rtype: type_at,
            rdata: after(type_at, rtype, 1),
            has_ttl: ttl > 0,
            has_class: class > 0,
            fields,
            any,
            comment: 0,
        };
        columns.comment = columns.comments(parts, owners);
        columns
    }

    /// Column of indented comments.
    fn indent(&self) -> usize {
        if self.any { self.ttl } else { 0 }
    }

    /// Writes all cells before the RDATA; gives the column where it begins.
    fn head(&self, writer: &mut Writer<'_>, owner: &[u8], record: &Record<'_>) -> usize {
        // An owner that is too wide for its column moves the other cells of its record.
        let over = if owner.is_empty() { 0 } else { (width(owner) + 2).saturating_sub(self.ttl) };
        let shift = stop(over, 1, self.style);
        writer.push(owner);
        writer.fill(self.ttl + shift, 1);
        if self.has_ttl {
            writer.push(&record.ttl);
            writer.fill(self.class + shift, 0);
        }
        if self.has_class {
            writer.push(&record.class);
            writer.fill(self.rtype + shift, 0);
        }
        writer.push(&record.type_text);
        let rdata = self.rdata + shift;
        let is_empty = match single(record) {
            Some(fields) => fields.is_empty(),
            None => record.lines.first().is_none_or(|line| line.items.is_empty()),
        };
        if !is_empty {
            writer.fill(rdata, 1);
        }
        rdata
    }

    /// Writes the RDATA of a record on one line.
    fn fields(&self, writer: &mut Writer<'_>, record: &Record<'_>) {
        let Some(texts) = single(record) else { return };
        let widths = self.widths(record, &texts);
        let count = texts.len();
        for (place, text) in texts.into_iter().enumerate() {
            writer.push(text);
            if place + 1 < count {
                let width = widths.get(place).copied().unwrap_or_default();
                let blanks = width.saturating_sub(self::width(text)) + 1;
                writer.text.resize(writer.text.len() + blanks, b' ');
                writer.column += blanks;
            }
        }
    }

    fn widths(&self, record: &Record<'_>, texts: &[&[u8]]) -> &[usize] {
        let widths = self.fields.get(&record.rtype.0).map(Vec::as_slice).unwrap_or_default();
        let fits = texts.len() > widths.len() && texts.first() != Some(&&b"\\#"[..]);
        if fits { widths } else { &[] }
    }

    /// The column of the comments: two blanks after the longest record that has one.
    fn comments(&self, parts: &[Part<'_>], owners: &[&[u8]]) -> usize {
        let end = |(part, owner): (&Part<'_>, &&[u8])| {
            let Kind::Record(record) = &part.kind else { return None };
            matches!(&*record.lines, [line] if line.comment.is_some()).then(|| {
                let mut writer = Writer::new(self.style);
                self.head(&mut writer, owner, record);
                self.fields(&mut writer, record);
                writer.column
            })
        };
        let ends = parts.iter().zip(owners).filter_map(end).filter(|end| *end <= WIDE_RECORD);
        ends.max().map_or(0, |end| stop(end + 2, 1, self.style))
    }
}

fn records<'p, 'd>(parts: &'p [Part<'d>]) -> impl Iterator<Item = &'p Record<'d>> {
    parts.iter().filter_map(|part| match &part.kind {
        Kind::Record(record) => Some(record),
        _ => None,
    })
}
