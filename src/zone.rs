//! One zone as data: interned names, records in columns, and the questions rules ask of them.
//!
//! Nothing of a record is kept but its type, TTL, a hash of its RDATA and where it stands; what a
//! rule or the planner needs beyond is read again from the source (see [`Record`]). Names are
//! spread over partitions by their hash, so that each table stays small and partitions can be
//! filled and joined by different threads.

mod build;
mod lookup;
mod notes;
mod record;
mod services;
mod table;
mod types;

pub use build::{Builder, build};
pub use lookup::{Chain, ChainEnd, Lookup};
pub use notes::{RdataNotes, is_of_dkim_key};
pub use record::{Record, Srv, Target};
pub use table::{Addresses, BLOCK, Host, NameId, Owner, Rec, SrvFields, SrvTarget};
pub use types::TypeSet;

use crate::text::{FileId, Source, Sources, Span};
use crate::zonefile::name::Name;
use crate::zonefile::parse::Suspect;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// One source of a zone: the file itself, an included file, or text made by `$GENERATE`.
#[derive(Debug)]
pub struct Piece {
    /// The source.
    pub file: FileId,
    /// Where it begins in the zone's own count of octets, in which every record has one offset.
    base: u64,
    /// The `$INCLUDE` that brought it in.
    pub by: Option<Span>,
    /// From which offset which origin is in force; the first is at 0.
    origins: Vec<(u64, Name)>,
    source: Arc<Source>,
}

/// A comment of the zone that speaks to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneNote {
    /// The comment, from its `;` to the end of its line.
    pub span: Span,
    /// The comment's text after `zonewright:`.
    pub text: String,
    /// Whether nothing else stands on its line.
    pub own_line: bool,
    /// The entry it stands in, or the next one.
    pub entry: Option<Span>,
}

/// A zone, indexed.
pub struct Zone {
    apex: Name,
    sources: Arc<Sources>,
    pieces: Vec<Piece>,
    table: table::Table,
    records: u64,
    /// Ordered by place.
    suspects: Vec<Suspect>,
    notes: Vec<ZoneNote>,
    /// Records whose in-zone target does not own what they lead to.
    weak: Vec<(NameId, Rec)>,
    /// Types that occur anywhere: a rule about a type that does not is done at once.
    types: TypeSet,
    /// NS records below the apex.
    delegating: u64,
    /// Address records, and those of them for private use.
    addresses: u64,
    private_addresses: u64,
    windows: bool,
    /// As many threads may work over it.
    threads: usize,
    empty_non_terminals: OnceLock<BTreeSet<Vec<u8>>>,
}

impl Zone {
    /// The apex.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// The sources that spans of this zone lie in.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// How many of its records delegate: NS records below the apex.
    pub fn delegating_count(&self) -> u64 {
        self.delegating
    }

    /// How many address records it has, and how many of them hold addresses for private use.
    pub fn address_counts(&self) -> (u64, u64) {
        (self.addresses, self.private_addresses)
    }

    /// How many records it holds, out-of-zone data and unreadable records not counted.
    pub fn record_count(&self) -> u64 {
        self.records
    }

    /// The files it was read from, in the order they were opened; generated text not counted.
    pub fn files(&self) -> Vec<FileId> {
        let mut files = Vec::new();
        for piece in &self.pieces {
            if piece.source.generated_by().is_none() && !files.contains(&piece.file) {
                files.push(piece.file);
            }
        }
        files
    }

    /// The origin that is in force where a file of the zone begins.
    pub fn origin_of(&self, file: FileId) -> Option<&Name> {
        let piece = self.pieces.iter().find(|piece| piece.file == file)?;
        piece.origins.first().map(|(_, origin)| origin)
    }

    /// The whole lines that an entry stands on.
    pub fn lines_of(&self, entry: Span) -> Span {
        let source = self.sources.get(entry.file);
        let end = if entry.len == 0 { entry.start } else { entry.end() - 1 };
        Span::new(entry.file, source.line_start(entry.start), source.line_end(end))
    }

    /// The `$INCLUDE` directives that lead to a file, innermost first.
    pub fn includes_of(&self, file: FileId) -> Vec<Span> {
        let mut chain = Vec::new();
        let mut at = file;
        while let Some(by) = self.pieces.iter().find(|piece| piece.file == at).and_then(|piece| piece.by) {
            if chain.contains(&by) {
                break;
            }
            chain.push(by);
            at = by.file;
        }
        chain
    }

    /// Types that occur in the zone.
    pub fn types(&self) -> TypeSet {
        self.types
    }

    /// Whether it was read as an export of the Windows DNS server.
    pub fn is_windows(&self) -> bool {
        self.windows
    }

    /// Names that may lack a final dot, by the place they are written at.
    pub fn suspects(&self) -> &[Suspect] {
        &self.suspects
    }

    /// Comments that speak to this program.
    pub fn notes(&self) -> &[ZoneNote] {
        &self.notes
    }

    /// Records of these types, each of which has a member of its own, whose in-zone target does not own
    /// what they lead to: address records for NS, MX, SRV and CNAME, SRV records for NAPTR, SRV and TXT
    /// records for the PTR records of a service or of a reverse zone.
    pub fn weak_targets(&self, types: TypeSet) -> impl Iterator<Item = Record> + '_ {
        self.weak
            .iter()
            .filter(move |(_, rec)| types.has(rec.rtype))
            .filter_map(|(run, rec)| self.record(self.table.key(*run), *rec))
    }

    /// The absolute name for one relative to the apex, for messages: no final dot.
    pub fn absolute(&self, key: &[u8]) -> String {
        if key.is_empty() {
            return self.apex.to_string();
        }
        match String::from_utf8(self.apex.join(key)) {
            Ok(name) => name,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }

    /// The key of an absolute name in canonical text, if it lies in the zone.
    pub fn key<'n>(&self, absolute: &'n [u8]) -> Option<&'n [u8]> {
        self.apex.relative(absolute)
    }

    fn piece_of(&self, offset: u64) -> Option<&Piece> {
        let at = self.pieces.partition_point(|piece| piece.base <= offset);
        self.pieces.get(at.checked_sub(1)?)
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zone")
            .field("apex", &self.apex)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}
