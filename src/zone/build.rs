//! Takes what the parser finds into a zone.

use super::table::Table;
use super::types::TypeSet;
use super::{Piece, Zone, ZoneNote};
use crate::diagnostic::Finding;
use crate::text::{FileId, Sources, Span};
use crate::zonefile::include::Includes;
use crate::zonefile::name::Name;
use crate::zonefile::parse::{
    Options, PlacedNote, RawRecord, RecordSink, Suspect, is_windows, parse, parse_parallel,
};
use crate::zonefile::rdata::NameRole;
use crate::zonefile::rtype::Rtype;
use std::sync::{Arc, OnceLock};

/// Files of fewer octets are read by one thread.
const WORTH_THREADS: u64 = 4 << 20;

/// Reads a zone from its file: the zone, and what the parser found wrong with the text. A large file
/// is read by several threads; what comes out is the same.
pub fn build(
    sources: &Arc<Sources>,
    includes: &dyn Includes,
    root: FileId,
    options: &Options,
) -> (Zone, Vec<Finding>) {
    let octets = sources.get(root).len();
    let new = || {
        let mut builder = Builder::new(Arc::clone(sources), options.apex.clone(), octets);
        builder.zone.windows = is_windows(sources, root, options);
        builder.zone.threads = options.threads;
        builder
    };
    let threads = options.threads.min(Table::MOST_THREADS);
    let least = options.window.min(WORTH_THREADS as usize) as u64;
    if threads > 1 && octets > least {
        let mut builders: Vec<Builder> = std::iter::repeat_with(new).take(threads).collect();
        if parse_parallel(sources, root, options, &mut builders) {
            return Builder::join(builders, threads);
        }
    }
    let mut builder = new();
    parse(sources, includes, root, options, &mut builder);
    Builder::join(vec![builder], threads)
}

/// A zone while it is read.
pub struct Builder {
    zone: Zone,
    findings: Vec<Finding>,
    next_base: u64,
}

impl Builder {
    /// Starts a zone of about so many octets of text.
    pub fn new(sources: Arc<Sources>, apex: Name, octets: u64) -> Self {
        Self {
            zone: Zone {
                apex,
                sources,
                pieces: Vec::new(),
                table: Table::new(octets),
                records: 0,
                suspects: Vec::new(),
                notes: Vec::new(),
                weak: Vec::new(),
                types: TypeSet::default(),
                cuts: false,
                windows: false,
                threads: 1,
                empty_non_terminals: OnceLock::new(),
            },
            findings: Vec::new(),
            next_base: 0,
        }
    }

    /// Joins what was taken in of one zone, and gives out the zone.
    fn join(builders: Vec<Self>, threads: usize) -> (Zone, Vec<Finding>) {
        let mut builders = builders.into_iter();
        let Some(Self { mut zone, mut findings, .. }) = builders.next() else {
            unreachable!("a zone is read by one thread at least")
        };
        for other in builders {
            findings.extend(other.findings);
            zone.suspects.extend(other.zone.suspects);
            zone.notes.extend(other.zone.notes);
            zone.records += other.zone.records;
            zone.types = zone.types.union(other.zone.types);
            zone.cuts |= other.zone.cuts;
            zone.table.append(other.zone.table);
            for (piece, other) in zone.pieces.iter_mut().zip(other.zone.pieces) {
                piece.origins.extend(other.origins);
            }
        }
        for piece in &mut zone.pieces {
            piece.origins.sort_by_key(|(from, _)| *from);
            piece.origins.dedup_by(|later, before| later.1 == before.1);
        }
        zone.notes.sort_by_key(|note| note.span);
        zone.suspects.sort_by_key(|suspect| suspect.span);
        zone.weak = zone.table.join(threads);
        (zone, findings)
    }
}

impl RecordSink for Builder {
    fn piece(&mut self, file: FileId, by: Option<Span>) -> u32 {
        let source = self.zone.sources.get(file);
        let base = self.next_base;
        self.next_base += source.len() + 1;
        self.zone.pieces.push(Piece { file, base, by, origins: Vec::new(), source });
        (self.zone.pieces.len() - 1) as u32
    }

    fn origin(&mut self, piece: u32, at: u64, origin: &Name) {
        if let Some(piece) = self.zone.pieces.get_mut(piece as usize) {
            piece.origins.push((at, origin.clone()));
        }
    }

    fn record(&mut self, record: &RawRecord<'_>) {
        let Some(piece) = self.zone.pieces.get(record.piece as usize) else { return };
        let offset = piece.base + record.start;
        self.zone.table.push(record.owner, record.same_owner, offset, record.rtype, record.ttl, record.rdata);
        self.zone.records += 1;
        self.zone.types = self.zone.types.union(TypeSet::of(record.rtype));
        self.zone.cuts |= record.rtype == Rtype::NS && !record.owner.is_empty();
    }

    fn target(&mut self, rtype: Rtype, role: NameRole, name: &[u8]) {
        let wanted = matches!(rtype, Rtype::NS | Rtype::MX | Rtype::SRV | Rtype::CNAME);
        if wanted && role == NameRole::Target {
            self.zone.table.refer(name);
        }
    }

    fn suspect(&mut self, suspect: Suspect) {
        self.zone.suspects.push(suspect);
    }

    fn note(&mut self, note: PlacedNote<'_>) {
        let text = String::from_utf8_lossy(note.text);
        let text = text.split_once("zonewright:").map_or("", |(_, rest)| rest).trim().to_owned();
        let PlacedNote { span, own_line, entry, .. } = note;
        self.zone.notes.push(ZoneNote { span, text, own_line, entry });
    }

    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
