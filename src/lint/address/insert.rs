//! Where a PTR record that is missing belongs in its reverse zone, and how it is written there.

use super::pointer::address_of;
use crate::diagnostic::Edit;
use crate::lint::context::{Workspace, ZoneContext};
use crate::text::{FileId, Source, Span};
use crate::zone::{Rec, Record};
use crate::zonefile::name::Name;
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The PTR records of a reverse zone by their addresses.
pub(super) struct Pointers<'w> {
    holder: &'w ZoneContext<'w>,
    ordered: Vec<(IpAddr, &'w [u8])>,
}

impl<'w> Pointers<'w> {
    pub(super) fn of(holder: &'w ZoneContext<'w>) -> Self {
        let zone = holder.zone;
        let names = zone.names().filter(|name| zone.types_of(*name).has(Rtype::PTR));
        let keys = names.map(|name| zone.key_of(name));
        let mut ordered: Vec<(IpAddr, &[u8])> =
            keys.filter_map(|key| Some((address_of(&zone.absolute(key))?, key))).collect();
        ordered.sort_unstable();
        Self { holder, ordered }
    }

    /// The record of an address at one end of its RRset.
    fn record(&self, at: Option<usize>, last: bool) -> Option<Record> {
        let (_, key) = *self.ordered.get(at?)?;
        let records = self.holder.zone.rrset(key, Rtype::PTR);
        let rec: Option<&Rec> = if last { records.last() } else { records.first() };
        self.holder.zone.record(key, *rec?)
    }

    /// The line that gives an address the name `host`, absolute without its final dot: before or after
    /// the next address in the text, or at the end of the file. None where other zones would get it too.
    pub(super) fn insertion(&self, address: IpAddr, host: &str, shared: &Shared) -> Option<Edit> {
        let name = super::pointer::name_of(address);
        let at = self.ordered.partition_point(|(other, _)| *other < address);
        let (next, previous) = (self.record(Some(at), false), self.record(at.checked_sub(1), true));
        let is_near = |record: &&Record| record.origin.relative(name.as_bytes()).is_some();
        let line = Line { name: &name, host };
        let model = self.record(at.checked_sub(1), false);
        let after = || {
            let previous = previous.as_ref().filter(is_near)?;
            self.after(previous, model.as_ref().filter(is_near)?, &line)
        };
        next.as_ref()
            .filter(|next| is_near(next) && !self.has_heading(next))
            .and_then(|next| self.before(next, &line))
            .or_else(after)
            .or_else(|| next.as_ref().and_then(|next| self.before(next, &line)))
            .or_else(|| self.at_end(next.or(previous).as_ref(), &line))
            .filter(|edit| !shared.0.contains(&edit.span.file))
    }

    /// Whether the line before a record is a comment, which most likely belongs to it.
    fn has_heading(&self, record: &Record) -> bool {
        let source = self.holder.zone.sources().get(record.span.file);
        let start = source.line_start(record.span.start);
        start > 0 && source.slice(source.line_start(start - 1), start).trim_ascii_start().starts_with(b";")
    }

    /// Before a record that says whose it is, so that no record inherits from the new one.
    fn before(&self, next: &Record, line: &Line<'_>) -> Option<Edit> {
        let source = self.holder.zone.sources().get(next.span.file);
        let start = next.span.start;
        if source.generated_by().is_some() || next.owner_span.is_none() || source.line_start(start) != start {
            return None;
        }
        Some(insert(next.span.file, start, line.like(&source, next)))
    }

    /// After a record from which none inherits its owner, in the layout of `model`.
    fn after(&self, previous: &Record, model: &Record, line: &Line<'_>) -> Option<Edit> {
        let source = self.holder.zone.sources().get(previous.span.file);
        if source.generated_by().is_some() {
            return None;
        }
        let end = source.line_end(previous.span.end());
        let tail = source.slice(previous.span.end(), end);
        let tail = tail.trim_ascii();
        if !tail.is_empty() && !tail.starts_with(b";") || !ends_line(&source, end) {
            return None;
        }
        let is_empty = |line: &&[u8]| matches!(line.trim_ascii().first(), None | Some(b';'));
        let ahead = source.ahead(end);
        let heir = ahead.split(|octet| *octet == b'\n').find(|line| !is_empty(line));
        if heir.is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t' | b')'))) {
            return None;
        }
        // A line may stand in another file than the first one of its RRset.
        let model = if model.span.file == previous.span.file { model } else { previous };
        Some(insert(previous.span.file, end, line.like(&source, model)))
    }

    /// At the end of the zone's own file, where any origin may be in force.
    fn at_end(&self, model: Option<&Record>, line: &Line<'_>) -> Option<Edit> {
        let zone = self.holder.zone;
        let file = *zone.files().first()?;
        let source = zone.sources().get(file);
        let soa = zone.soa();
        let model = model.or(soa.as_ref())?;
        let ttl = model.ttl_span.map(|_| format!("{} ", model.ttl)).unwrap_or_default();
        let end = line_end(&source, source.line_start(source.len()).saturating_sub(1));
        let begin = if ends_line(&source, source.len()) { "" } else { end };
        let text = format!("{begin}{}. {ttl}IN PTR {}.{end}", line.name, line.host);
        Some(insert(file, source.len(), text.into()))
    }
}

fn insert(file: FileId, at: u64, replacement: Vec<u8>) -> Edit {
    Edit { span: Span::new(file, at, at), replacement }
}

fn ends_line(source: &Source, at: u64) -> bool {
    at == 0 || *source.slice(at - 1, at) == *b"\n"
}

/// How the line that an octet lies in ends.
fn line_end(source: &Source, at: u64) -> &'static str {
    let end = source.line_end(at);
    if end > 1 && *source.slice(end - 2, end) == *b"\r\n" { "\r\n" } else { "\n" }
}

/// A record to be written.
struct Line<'l> {
    /// Its owner, absolute without the final dot.
    name: &'l str,
    /// Its target, likewise.
    host: &'l str,
}

impl Line<'_> {
    fn owner(&self, origin: &Name) -> String {
        match origin.relative(self.name.as_bytes()).filter(|relative| !relative.is_empty()) {
            Some(relative) => String::from_utf8_lossy(relative).into_owned(),
            None => format!("{}.", self.name),
        }
    }

    /// The line in the layout of another record's.
    fn like(&self, source: &Source, model: &Record) -> Vec<u8> {
        let owner = self.owner(&model.origin);
        let middle = model
            .owner_span
            .map(|span| (span.len, source.slice(span.end(), model.rdata_span().start)))
            .filter(|(_, middle)| {
                middle.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b' ' | b'\t'))
            });
        let mut text = owner.clone().into_bytes();
        match middle {
            Some((width, middle)) => {
                let gap = middle.iter().take_while(|octet| **octet == b' ').count();
                let rest = &middle[gap..];
                let width = usize::try_from(width).unwrap_or_default() + gap;
                if gap > 0 {
                    text.resize(width.max(owner.len() + 1), b' ');
                }
                text.extend_from_slice(rest);
            }
            None => {
                let ttl = model.ttl_span.map(|_| format!(" {}", model.ttl)).unwrap_or_default();
                text.extend_from_slice(format!("{ttl} IN PTR ").as_bytes());
            }
        }
        text.extend_from_slice(self.host.as_bytes());
        text.extend_from_slice(format!(".{}", line_end(source, model.span.start)).as_bytes());
        text
    }
}

/// The files that several zones are read from.
pub(super) struct Shared(BTreeSet<FileId>);

impl Shared {
    pub(super) fn of(workspace: &Workspace<'_>) -> Self {
        let mut zones: BTreeMap<FileId, usize> = BTreeMap::new();
        for file in workspace.zones.iter().flat_map(|context| context.zone.files()) {
            *zones.entry(file).or_default() += 1;
        }
        Self(zones.into_iter().filter(|(_, count)| *count > 1).map(|(file, _)| file).collect())
    }
}
