//! The byte edits that carry a pairing out, layout kept.

use super::PlanError;
use super::drain;
use super::found::{Current, Data, Pairing, Step};
use super::lines::{line_end_of, lines, next_entry, plain_line, refuse_generated};
use super::parked;
use super::ttls::ttl_edit;
use crate::diagnostic::Edit;
use crate::lint::ZoneContext;
use crate::text::{FileId, Span};
use crate::zone::{Record, Zone};
use crate::zonefile::name::Name;

/// How changed records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// The fields that change are replaced where they stand.
    InPlace,
    /// The records that stood are turned into comments, to be taken up again unaltered, and new
    /// lines stand in for them: for text that fields cannot be put back into byte for byte.
    Parked,
    /// Records that go are turned into comments, the others stay where they are.
    Drained,
}

/// The edits for one RRset. New lines have no longer TTL than `most`.
pub(super) fn edits(
    context: &ZoneContext<'_>,
    owner: &str,
    pairing: &Pairing,
    style: Style,
    default_ttl: u32,
    most: Option<u32>,
) -> Result<Vec<Edit>, PlanError> {
    if !pairing.changes() {
        return Ok(Vec::new());
    }
    for current in pairing.steps.iter().filter_map(Step::before) {
        refuse_generated(context.zone, &current.record)?;
    }
    let ttl = at_most(pairing.ttl.unwrap_or(default_ttl), most);
    if style == Style::Parked && pairing.steps.iter().any(|step| step.before().is_some()) {
        return Ok(parked::park(context.zone, owner, pairing, ttl));
    }
    let mut edits = Vec::new();
    let mut additions = Vec::new();
    let owners = keep_owners(context.zone, pairing);
    for step in &pairing.steps {
        match step {
            Step::Keep(_) => {}
            Step::Change(current, data, _) => edits.extend(change(context.zone, current, data)),
            Step::Remove(current)
                if style == Style::Drained && !parked::stands_in(context.zone, &current.record) =>
            {
                let next = owners.iter().find(|(span, _)| *span == current.record.span);
                edits.push(drain::set_aside(context.zone, &current.record, next.map(|(_, edit)| edit)));
            }
            Step::Remove(current) => edits.push(remove(context.zone, &current.record)),
            Step::Add(data, _) => additions.push(data),
        }
    }
    // New lines stand before the owner that is written into the line after them.
    if !additions.is_empty() {
        edits.push(add(context, owner, pairing, &additions, (ttl, most))?);
    }
    edits.extend(owners.into_iter().map(|(_, edit)| edit));
    Ok(edits)
}

/// The text of every field of `data`, in the style of the record.
fn change_fields(zone: &Zone, current: &Current, data: &Data) -> Vec<(Span, Vec<u8>)> {
    let record = &current.record;
    if is_generic(zone, record) {
        return vec![(record.rdata_span(), data.text().into_bytes())];
    }
    match data {
        Data::Address(address) => vec![(record.field(0), address.to_string().into_bytes())],
        Data::Alias(target) => {
            let relative = record.targets.first().is_some_and(|target| target.relative);
            let name = if relative { relative_name(target, &record.origin) } else { absolute_name(target) };
            vec![(record.field(0), name.into_bytes())]
        }
        Data::Srv { priority, weight, port, target } => {
            let relative = record.targets.first().is_some_and(|target| target.relative);
            let name = if relative { relative_name(target, &record.origin) } else { absolute_name(target) };
            vec![
                (record.field(0), priority.to_string().into_bytes()),
                (record.field(1), weight.to_string().into_bytes()),
                (record.field(2), port.to_string().into_bytes()),
                (record.field(3), name.into_bytes()),
            ]
        }
    }
}

fn is_generic(zone: &Zone, record: &Record) -> bool {
    zone.sources().bytes(record.rdata_span()).starts_with(b"\\#")
}

fn absolute_name(name: &str) -> String {
    if name == "." { String::from(".") } else { format!("{name}.") }
}

/// The name relative to the origin when it lies below, else absolute.
fn relative_name(name: &str, origin: &Name) -> String {
    match origin.relative(name.as_bytes()) {
        Some(b"") => String::from("@"),
        Some(head) if !origin.as_bytes().is_empty() => String::from_utf8_lossy(head).into_owned(),
        _ => absolute_name(name),
    }
}

/// Replaces only the fields whose value changes.
fn change(zone: &Zone, current: &Current, data: &Data) -> Vec<Edit> {
    let old = change_fields(zone, current, &current.data);
    let new = change_fields(zone, current, data);
    old.into_iter()
        .zip(new)
        .filter(|((_, old), (_, new))| old != new)
        .map(|(_, (span, replacement))| Edit { span, replacement })
        .collect()
}

fn remove(zone: &Zone, record: &Record) -> Edit {
    Edit { span: lines(zone, record.span), replacement: Vec::new() }
}

/// When a record that writes its owner goes, the next entry that inherits it has to write it. With the
/// place of the record that goes.
fn keep_owners(zone: &Zone, pairing: &Pairing) -> Vec<(Span, Edit)> {
    let removed: Vec<&Record> = pairing
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Remove(current) => Some(&current.record),
            _ => None,
        })
        .collect();
    let gone = |file: FileId, start: u64| {
        removed.iter().any(|record| record.span.file == file && record.span.start == start)
    };
    let mut edits = Vec::new();
    for record in &removed {
        let Some(owner) = record.owner_span else { continue };
        let source = zone.sources().get(record.span.file);
        let mut at = lines(zone, record.span).end();
        while let Some((start, end, indented)) = next_entry(&source, at) {
            if indented && gone(record.span.file, start) {
                at = lines(zone, Span::new(record.span.file, start, end)).end();
                continue;
            }
            if indented {
                let replacement = zone.sources().bytes(owner);
                // Over its blanks where there is room, so that the columns stay.
                let len = replacement.len() as u64;
                let blanks = source.slice(start, (start + len + 1).min(end));
                let room = blanks.len() as u64 > len && blanks.iter().all(|octet| *octet == b' ');
                let span = Span::new(record.span.file, start, if room { start + len } else { start });
                edits.push((record.span, Edit { span, replacement }));
            }
            break;
        }
    }
    edits
}

/// New records: after the last one of their RRset in its own layout, else as whole lines of their
/// own after related records, or at the end of the zone's file.
fn add(
    context: &ZoneContext<'_>,
    owner: &str,
    pairing: &Pairing,
    additions: &[&Data],
    (ttl, most): (u32, Option<u32>),
) -> Result<Edit, PlanError> {
    let zone = context.zone;
    // A record that goes is the model only where none stays.
    let model = pairing
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Keep(current) | Step::Change(current, ..) => Some((true, current)),
            Step::Remove(current) => Some((false, current)),
            Step::Add(..) => None,
        })
        .max_by_key(|(stays, current)| (*stays, current.record.place));
    if let Some((_, model)) = model {
        let mark = if parked::stands_in(zone, &model.record) { parked::STANDS_IN } else { "" };
        let text: Vec<Vec<u8>> = additions
            .iter()
            .map(|data| {
                let mut line = like(zone, model, owner, data, (ttl, most));
                line.extend_from_slice(mark.as_bytes());
                line
            })
            .collect();
        return Ok(insert_after(zone, model.record.span, &text));
    }
    let text: Vec<Vec<u8>> =
        additions.iter().map(|data| plain_line(owner, data, ttl, "").into_bytes()).collect();
    let domain = owner.splitn(3, '.').nth(2).unwrap_or_default();
    let related = context
        .services
        .iter()
        .filter(|found| found.domain == domain)
        .flat_map(|found| &found.records)
        .map(|found| &found.record)
        .filter(|record| zone.sources().get(record.span.file).generated_by().is_none())
        .max_by_key(|record| record.place);
    if let Some(record) = related {
        let source = zone.sources().get(record.span.file);
        let after = lines(zone, record.span).end();
        let inherits = next_entry(&source, after).is_some_and(|(_, _, indented)| indented);
        if !inherits && zone.files().first() == Some(&record.span.file) {
            return Ok(insert_after(zone, record.span, &text));
        }
    }
    let Some(file) = zone.files().first().copied() else {
        return Err(PlanError::Other(String::from("the zone has no file")));
    };
    let end = zone.sources().get(file).bytes().len() as u64;
    Ok(insert_after(zone, Span::new(file, end.saturating_sub(1), end), &text))
}

/// Lines inserted after the lines of an entry, with the line ends used there.
fn insert_after(zone: &Zone, span: Span, text: &[Vec<u8>]) -> Edit {
    let source = zone.sources().get(span.file);
    let lines = lines(zone, span);
    let before = source.slice(lines.start, lines.end());
    let newline = line_end_of(&source, &before);
    let mut replacement = Vec::new();
    let open = !before.ends_with(b"\n") && !before.is_empty();
    for line in text {
        if open {
            replacement.extend_from_slice(newline);
        }
        replacement.extend_from_slice(line);
        if !open {
            replacement.extend_from_slice(newline);
        }
    }
    Edit { span: Span::new(span.file, lines.end(), lines.end()), replacement }
}

fn at_most(ttl: u32, most: Option<u32>) -> u32 {
    most.map_or(ttl, |most| most.min(ttl))
}

/// A line in the layout of another record of the RRset, without its comment.
fn like(zone: &Zone, model: &Current, owner: &str, data: &Data, (ttl, most): (u32, Option<u32>)) -> Vec<u8> {
    let record = &model.record;
    let source = zone.sources().get(record.span.file);
    let one_line = source.line_end(record.span.start) >= record.span.end();
    if !one_line || is_generic(zone, record) || model.data.rtype() != data.rtype() {
        return plain_line(owner, data, ttl, "").into_bytes();
    }
    let mut text = Vec::new();
    let mut at = record.span.start;
    let ttl = at_most(record.ttl, most);
    let ttl = (ttl != record.ttl).then(|| ttl_edit(zone, record, std::slice::from_ref(record), ttl));
    let ttl = ttl.map(|edit| (edit.span, edit.replacement));
    for (span, field) in ttl.into_iter().chain(change_fields(zone, model, data)) {
        text.extend_from_slice(&source.slice(at, span.start));
        text.extend_from_slice(&field);
        at = span.end();
    }
    text.extend_from_slice(&source.slice(at, record.span.end()));
    text
}
