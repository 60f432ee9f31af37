//! Takes what the parser finds into a zone.

use super::notes::{AddressNames, RdataNotes};
use super::table::{Need, SrvTarget, Table};
use super::types::TypeSet;
use super::{Piece, Zone, ZoneNote};
use crate::diagnostic::Finding;
use crate::text::{FileId, Sources, Span};
use crate::zonefile::include::Includes;
use crate::zonefile::name::{Name, NameForm};
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

/// A zone while it is read. Those of two threads share no line of the cache.
#[repr(align(128))]
pub struct Builder {
    zone: Zone,
    findings: Vec<Finding>,
    next_base: u64,
    /// Whether the last record stands at a name that may be one of a service.
    of_service: bool,
    /// Whether the last record is an SRV record.
    of_srv: bool,
    /// The names of addresses, if the zone is a reverse zone.
    reverse: Option<AddressNames>,
    /// Whether a name since the last record may lack its final dot.
    suspected: bool,
}

impl Builder {
    /// Starts a zone of about so many octets of text.
    pub fn new(sources: Arc<Sources>, apex: Name, octets: u64) -> Self {
        Self {
            reverse: AddressNames::below(&apex),
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
                delegating: 0,
                addresses: 0,
                private_addresses: 0,
                windows: false,
                threads: 1,
                empty_non_terminals: OnceLock::new(),
            },
            findings: Vec::new(),
            next_base: 0,
            of_service: false,
            of_srv: false,
            suspected: false,
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
            zone.delegating += other.zone.delegating;
            zone.addresses += other.zone.addresses;
            zone.private_addresses += other.zone.private_addresses;
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
        // The labels of a service may be those of the apex.
        self.of_service = matches!(record.owner, [] | [b'_', ..]);
        self.of_srv = record.rtype == Rtype::SRV;
        if let (Rtype::SRV, &[p0, p1, w0, w1, q0, q1, ..]) = (record.rtype, record.rdata) {
            let numbers = [[p0, p1], [w0, w1], [q0, q1]].map(u16::from_be_bytes);
            self.zone.table.serve(numbers, self.suspected);
        }
        self.suspected = false;
        let types = TypeSet::of(record.rtype);
        if RdataNotes::TYPES.meets(types) {
            let notes = match record.rtype {
                Rtype::PTR => {
                    self.reverse.as_ref().map_or(RdataNotes::default(), |tree| tree.notes(record.owner))
                }
                rtype => RdataNotes::of(record.owner, rtype, record.rdata),
            };
            if !notes.is_empty() {
                self.zone.table.note(notes);
            }
            if matches!(record.rtype, Rtype::A | Rtype::AAAA) {
                self.zone.addresses += 1;
                self.zone.private_addresses += u64::from(notes.meets(RdataNotes::PRIVATE));
            }
        }
        self.zone.types = self.zone.types.union(types);
        self.zone.delegating += u64::from(record.rtype == Rtype::NS && !record.owner.is_empty());
    }

    fn target(&mut self, rtype: Rtype, role: NameRole, name: &[u8], form: NameForm) {
        if rtype == Rtype::SRV && role == NameRole::Target {
            let is_root = name.is_empty() && (!form.in_zone || self.zone.apex.as_bytes().is_empty());
            let inside = if form.in_zone { SrvTarget::InZone(None) } else { SrvTarget::Elsewhere };
            self.zone.table.aim(if is_root { SrvTarget::Null } else { inside });
        }
        if !form.in_zone {
            return;
        }
        let need = match rtype {
            Rtype::NS | Rtype::MX | Rtype::CNAME => Need::Addresses,
            Rtype::SRV => Need::Host,
            Rtype::NAPTR => Need::Service,
            Rtype::PTR if self.of_service || self.reverse.is_some() => Need::Instance,
            _ => return,
        };
        if role == NameRole::Target {
            self.zone.table.refer(name, need);
        }
    }

    fn suspect(&mut self, suspect: Suspect) {
        // It stands in the record before, or at the start of the next one.
        self.suspected = true;
        if self.of_srv {
            self.zone.table.suspect_service();
        }
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

    fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }
}
