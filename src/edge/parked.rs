//! Records that `plan failover` set aside as comments, and the lines that stand in for them.
//!
//! Each line of a record that is set aside gets [`PARKED`] before it; each line that stands in for
//! such records ends in [`STANDS_IN`]. Failback deletes the latter and uncovers the former.

use crate::text::{FileId, Source, Sources, Span};
use crate::zone::{Record, Zone, build};
use crate::zonefile::include::NoIncludes;
use crate::zonefile::parse::{Dialect, Options};
use std::sync::Arc;

/// What stands before every line of a record that is set aside.
pub const PARKED: &str = "; zonewright: parked ";
/// What stands after a record that takes the place of one set aside.
pub const STANDS_IN: &str = " ; zonewright: failover";

/// Whether a record stands in for records set aside.
pub fn stands_in(zone: &Zone, record: &Record) -> bool {
    zone.notes().iter().any(|note| {
        !note.own_line && note.text == "failover" && note.entry.is_some_and(|entry| entry == record.span)
    })
}

/// One stretch of text that goes when records are taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// The mark before a line that is set aside.
    Mark(Span),
    /// The lines of a record that stands in.
    StandIn(Span),
}

impl Cover {
    /// The stretch.
    pub fn span(self) -> Span {
        match self {
            Self::Mark(span) | Self::StandIn(span) => span,
        }
    }
}

/// Everything in a zone's files that failover left to be taken up again, in the order of place.
pub fn covers(zone: &Zone) -> Vec<Cover> {
    let mut covers = Vec::new();
    for note in zone.notes() {
        if note.own_line && (note.text == "parked" || note.text.starts_with("parked ")) {
            let source = zone.sources().get(note.span.file);
            let text = source.slice(note.span.start, note.span.end());
            if text.starts_with(PARKED.as_bytes()) && source.line_start(note.span.start) == note.span.start {
                let end = note.span.start + PARKED.len() as u64;
                covers.push(Cover::Mark(Span::new(note.span.file, note.span.start, end)));
            }
        } else if !note.own_line
            && note.text == "failover"
            && let Some(entry) = note.entry
        {
            covers.push(Cover::StandIn(zone.lines_of(entry)));
        }
    }
    covers.sort_by_key(|cover| cover.span());
    covers.dedup();
    covers
}

/// The files of a zone that records are set aside in, each as a zone of its own with those records taken
/// up again: the records of the failover are gone from it, and those from before it are back. Files that
/// it includes are not read.
pub fn taken_up(zone: &Zone) -> Vec<Zone> {
    let covers = covers(zone);
    covers
        .chunk_by(|one, other| one.span().file == other.span().file)
        .filter_map(|covers| {
            let file = covers.first()?.span().file;
            let source = zone.sources().get(file);
            let mut text = format!("$ORIGIN {}\n$TTL 0\n", dotted(zone, file)).into_bytes();
            let mut at = 0;
            for cover in covers.iter().map(|cover| cover.span()) {
                text.extend_from_slice(&source.slice(at, cover.start.max(at)));
                at = cover.end().max(at);
            }
            text.extend_from_slice(&source.slice(at, source.len()));
            let sources = Arc::new(Sources::default());
            let root = sources.add(Source::text(source.name(), text));
            let dialect = if zone.is_windows() { Dialect::Windows } else { Dialect::Bind };
            let options = Options { dialect, ..Options::new(zone.apex().clone()) };
            Some(build(&sources, &NoIncludes, root, &options).0)
        })
        .collect()
}

/// The origin that a file of the zone begins with, with its final dot.
fn dotted(zone: &Zone, file: FileId) -> String {
    let origin = zone.origin_of(file).unwrap_or(zone.apex()).to_string();
    if origin == "." { origin } else { format!("{origin}.") }
}
