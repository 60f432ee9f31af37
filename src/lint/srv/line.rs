//! Record lines written the way their neighbours are.

use super::facts::written;
use crate::diagnostic::Edit;
use crate::edge::lies_in;
use crate::lint::ZoneContext;
use crate::text::Span;
use crate::zone::Record;

/// What a new record says.
pub(super) struct NewRecord<'n> {
    /// Its owner, absolute; none for that of the model.
    pub(super) owner: Option<&'n str>,
    /// The fields of its RDATA but for the target.
    pub(super) fields: Vec<String>,
    /// Its target, absolute without final dot.
    pub(super) target: Option<&'n str>,
}

/// Inserts records just after the line of `model`, laid out like it. None where that could change
/// the owner of a record that follows, or where the text was generated.
pub(super) fn insert_after(
    context: &ZoneContext<'_>,
    model: &Record,
    records: &[NewRecord<'_>],
) -> Option<Edit> {
    let source = context.zone.sources().get(model.span.file);
    let other_owner = records.iter().any(|record| record.owner.is_some());
    let end = source.line_end(model.span.end());
    if source.generated_by().is_some() || other_owner && next_is_indented(&source.ahead(end)) {
        return None;
    }
    let layout = Layout::of(context, model)?;
    let last_line = source.slice(source.line_start(model.span.end()), end);
    let line_end: &str = if last_line.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let mut text = String::new();
    if !last_line.ends_with(b"\n") {
        text.push_str(line_end);
    }
    for (index, record) in records.iter().enumerate() {
        let repeats = index > 0 && records.get(index - 1).is_some_and(|before| before.owner == record.owner);
        text.push_str(&layout.line(record, repeats));
        if index + 1 < records.len() || last_line.ends_with(b"\n") {
            text.push_str(line_end);
        }
    }
    Some(Edit { span: Span::new(model.span.file, end, end), replacement: text.into_bytes() })
}

/// Whether the next line with a record begins with a blank.
fn next_is_indented(rest: &[u8]) -> bool {
    for line in rest.split(|octet| *octet == b'\n') {
        let content = line.trim_ascii_start();
        if content.is_empty() || content.starts_with(b";") {
            continue;
        }
        return line.first().is_some_and(u8::is_ascii_whitespace);
    }
    false
}

/// The parts of a record's line.
struct Layout {
    /// The owner as written; blanks where it is inherited.
    owner: String,
    inherits: bool,
    /// From the owner to the RDATA: blanks, TTL, class, type, blanks.
    middle: String,
    /// The fields as written, each with the blanks after it.
    fields: Vec<(String, String)>,
    /// What completes relative names, if the record shows it.
    origin: Option<String>,
    relative_owner: bool,
    relative_target: bool,
}

impl Layout {
    fn of(context: &ZoneContext<'_>, model: &Record) -> Option<Self> {
        let source = context.zone.sources().get(model.span.file);
        let text = |start: u64, end: u64| String::from_utf8(source.slice(start, end).to_vec()).ok();
        let relative_target = model.targets.iter().any(|target| target.relative);
        let relative_owner =
            model.owner_span.map_or(relative_target, |span| !written(context, span).ends_with('.'));
        let first = model.fields.first()?;
        let whole = source.slice(model.span.start, model.span.end());
        if whole.contains(&b'\n') || whole.contains(&b'(') || whole.contains(&b'"') {
            let middle = format!(" {} IN {} ", model.ttl, model.rtype);
            let owner = format!("{}.", model.owner);
            return Some(Self {
                owner,
                inherits: false,
                middle,
                fields: Vec::new(),
                origin: None,
                relative_owner,
                relative_target,
            });
        }
        let line = source.line_start(model.span.start);
        let (owner, inherits, from) = match (model.owner_span, model.age) {
            (Some(span), _) => (text(span.start, span.end())?, false, span.end()),
            (None, _) => {
                let indent = source.slice(line, first.start);
                let blanks = indent.iter().take_while(|octet| octet.is_ascii_whitespace()).count() as u64;
                (text(line, line + blanks)?, true, line + blanks)
            }
        };
        let middle = match model.age {
            Some((_, mark)) => {
                let after = text(mark.end(), first.start)?;
                format!("{}{}", text(from, mark.start)?, after.trim_start())
            }
            None => text(from, first.start)?,
        };
        let mut fields = Vec::new();
        for (index, field) in model.fields.iter().enumerate() {
            let next = model.fields.get(index + 1).map_or(field.end(), |next| next.start);
            fields.push((text(field.start, field.end())?, text(field.end(), next)?));
        }
        let origin = origin(context, model);
        Some(Self { owner, inherits, middle, fields, origin, relative_owner, relative_target })
    }

    fn line(&self, record: &NewRecord<'_>, repeats_owner: bool) -> String {
        let mut line = String::new();
        match record.owner {
            None => line.push_str(&self.owner),
            Some(_) if repeats_owner && self.inherits => line.push_str(&self.owner),
            Some(owner) => line.push_str(&self.fitted_owner(owner)),
        }
        if !self.inherits {
            line.push_str(&self.middle_after(&line));
        } else {
            if !line.ends_with([' ', '\t']) {
                line.push(' ');
            }
            line.push_str(&self.middle);
        }
        let target = record.target.map(|target| self.name(target, self.relative_target));
        let values: Vec<&String> = record.fields.iter().chain(target.as_ref()).collect();
        for (index, value) in values.iter().enumerate() {
            line.push_str(value);
            if index + 1 == values.len() {
                break;
            }
            match self.fields.get(index) {
                Some((old, gap)) if gap.bytes().all(|octet| octet == b' ') => {
                    let width = (old.len() + gap.len()).saturating_sub(value.len()).max(1);
                    line.push_str(&" ".repeat(width));
                }
                Some((_, gap)) => line.push_str(gap),
                None => line.push(' '),
            }
        }
        line
    }

    /// An owner, made as wide as the blanks that stand for the model's.
    fn fitted_owner(&self, owner: &str) -> String {
        let name = self.name(owner, self.relative_owner);
        if self.inherits && self.owner.bytes().all(|octet| octet == b' ') {
            return format!("{name:<width$}", width = self.owner.len());
        }
        name
    }

    /// The middle, with its first blanks cut or stretched so that its columns stay.
    fn middle_after(&self, owner: &str) -> String {
        let rest = self.middle.trim_start_matches(' ');
        let blanks = self.middle.len() - rest.len();
        if blanks == 0 || owner == self.owner {
            return self.middle.clone();
        }
        let width = (self.owner.len() + blanks).saturating_sub(owner.len()).max(1);
        format!("{}{rest}", " ".repeat(width))
    }

    fn name(&self, absolute: &str, relative: bool) -> String {
        match self.origin.as_ref().filter(|_| relative) {
            Some(origin) if absolute == origin => String::from("@"),
            Some(origin) if lies_in(absolute, origin) => {
                let cut = absolute.len() - origin.len();
                absolute[..cut].trim_end_matches('.').to_owned()
            }
            _ => format!("{absolute}."),
        }
    }
}

/// The origin in force, where a relative name of the record shows it.
fn origin(context: &ZoneContext<'_>, record: &Record) -> Option<String> {
    let targets = record.targets.iter().filter(|target| target.relative);
    let mut names = targets.map(|target| (target.span, target.absolute.clone()));
    let (span, absolute) = names.next().or_else(|| Some((record.owner_span?, record.owner.clone())))?;
    let text = written(context, span);
    if text == "@" {
        return Some(absolute);
    }
    let origin = absolute.strip_prefix(&text)?.strip_prefix('.')?;
    (!origin.is_empty()).then(|| origin.to_owned())
}
