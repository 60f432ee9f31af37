//! What a name leads to, as a server of the zone answers (RFC 1034 section 4.3.2, RFC 4592, 6672).

use super::table::{NameId, Owner, Rec};
use super::types::TypeSet;
use super::{Record, Zone};
use crate::text::Span;
use crate::zonefile::name::{label_start, parent};
use crate::zonefile::parse::{Suspect, SuspectKind};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// Where a name of the zone is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It owns records, authoritative ones.
    Found(NameId),
    /// It lies at or below a zone cut; `glue` are the records it owns all the same.
    BelowCut {
        /// The name with the NS records.
        cut: NameId,
        /// The records at the name itself.
        glue: Option<NameId>,
    },
    /// It lies below a DNAME.
    BelowDname(NameId),
    /// A wildcard answers for it.
    Wildcard(NameId),
    /// Only names below it own records.
    EmptyNonTerminal,
    /// There is no such name.
    Missing,
}

/// How a chain of CNAMEs ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// At a name with addresses, relative to the apex.
    Address(Vec<u8>),
    /// At a name of the zone that has no address: it may not exist at all.
    NoAddress(Vec<u8>),
    /// At or below a zone cut; whether there is glue.
    Delegated(Vec<u8>, bool),
    /// At a name outside the zone, absolute.
    Outside(Vec<u8>),
    /// It comes back to a name it passed.
    Loop(Vec<u8>),
}

/// A name followed through CNAMEs.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The CNAME records passed, in order.
    pub aliases: Vec<Record>,
    /// Where it ends.
    pub end: ChainEnd,
}

/// BIND follows at most so many CNAMEs.
const MAX_CHAIN: usize = 16;

impl Zone {
    /// The name with this key, if it owns records.
    pub fn find(&self, key: &[u8]) -> Option<NameId> {
        self.table.find(key)
    }

    /// All names that own records, in no particular order.
    pub fn names(&self) -> impl Iterator<Item = NameId> + '_ {
        self.table.names()
    }

    /// How many partitions the names are spread over: each can be walked by a thread of its own.
    pub fn partitions(&self) -> usize {
        self.table.partitions()
    }

    /// The names of one partition that own records, in the order in which they come first.
    pub fn names_of(&self, partition: usize) -> impl Iterator<Item = NameId> + '_ {
        self.table.names_of(partition)
    }

    /// The same, each with what is kept of it.
    pub fn owners_of(&self, partition: usize) -> impl Iterator<Item = Owner<'_>> {
        self.table.owners_of(partition)
    }

    /// How many threads are worth it to work over the zone: as many as it was read with, or one if it
    /// is small.
    pub fn threads(&self) -> usize {
        /// Zones with fewer records are done sooner than threads are started.
        const SMALL: u64 = 50_000;
        if self.record_count() < SMALL { 1 } else { self.threads }
    }

    /// Sorts names by where their first records stand.
    pub fn sort_by_place(&self, names: &mut [NameId]) {
        names.sort_by_cached_key(|name| self.records(*name).map(|rec| rec.place()).min());
    }

    /// The key of a name: relative to the apex, canonical.
    pub fn key_of(&self, name: NameId) -> &[u8] {
        self.table.key(name)
    }

    /// The types that a name owns.
    pub fn types_of(&self, name: NameId) -> TypeSet {
        self.table.types(name)
    }

    /// Appends the records of a name.
    pub fn gather(&self, name: NameId, records: &mut Vec<Rec>) {
        self.table.gather(name, records);
    }

    /// The records of a name.
    pub fn records(&self, name: NameId) -> impl Iterator<Item = Rec> + '_ {
        self.table.records(name)
    }

    /// The records of one type at a name, in the order they are written.
    pub fn rrset(&self, key: &[u8], rtype: Rtype) -> Vec<Rec> {
        let Some(name) = self.find(key) else { return Vec::new() };
        if !self.types_of(name).has(rtype) {
            return Vec::new();
        }
        let mut records: Vec<Rec> = self.records(name).filter(|rec| rec.rtype == rtype).collect();
        records.sort_unstable_by_key(|rec| rec.offset);
        records
    }

    /// The records of one type at a name, read from the text.
    pub fn read_rrset(&self, key: &[u8], rtype: Rtype) -> Vec<Record> {
        let recs = self.rrset(key, rtype);
        let mut records = Vec::with_capacity(recs.len());
        records.extend(recs.into_iter().filter_map(|rec| self.record(key, rec)));
        records
    }

    /// The SOA record that is written first.
    pub fn soa(&self) -> Option<Record> {
        self.read_rrset(b"", Rtype::SOA).into_iter().next()
    }

    /// The address records at a name: A, then AAAA.
    pub fn addresses(&self, key: &[u8]) -> Vec<Record> {
        let mut records = self.read_rrset(key, Rtype::A);
        let mut others = self.read_rrset(key, Rtype::AAAA);
        records.reserve_exact(others.len());
        records.append(&mut others);
        records
    }

    /// The zone cut at or above a name: the highest one (RFC 1034 section 4.2).
    pub fn cut_above(&self, key: &[u8]) -> Option<NameId> {
        if self.delegating == 0 {
            return None;
        }
        self.highest(key, true, Rtype::NS)
    }

    /// The DNAME above a name.
    pub fn dname_above(&self, key: &[u8]) -> Option<NameId> {
        if !self.types.has(Rtype::DNAME) {
            return None;
        }
        if key.is_empty() {
            return None;
        }
        let apex = self.find(b"").filter(|apex| self.types_of(*apex).has(Rtype::DNAME));
        apex.or_else(|| self.highest(key, false, Rtype::DNAME))
    }

    /// The zone cut above a name, its own not counted.
    pub fn cut_over(&self, key: &[u8]) -> Option<NameId> {
        if self.delegating == 0 { None } else { self.highest(key, false, Rtype::NS) }
    }

    /// The least number of labels that a name below the apex has at which there may be a zone cut or a
    /// DNAME; none without either.
    pub fn leads_from(&self) -> Option<usize> {
        self.table.leads_from()
    }

    /// Whether a zone cut or a DNAME may stand above a name, the apex not counted: now and then there is
    /// none, but there is none for sure if not.
    pub fn may_be_led(&self, key: &[u8]) -> bool {
        self.table.may_be_led(key)
    }

    /// The highest name below the apex, at or above `key`, that owns NS or DNAME records.
    fn highest(&self, key: &[u8], itself: bool, rtype: Rtype) -> Option<NameId> {
        let mut depth = 0;
        let mut start = key.len();
        while start > 0 && self.table.may_lead_deeper(depth) {
            start = label_start(key, start);
            depth += 1;
            if self.table.may_lead(depth)
                && (itself || start > 0)
                && let Some(name) = self.table.find_leading(&key[start..])
                && self.types_of(name).has(rtype)
            {
                return Some(name);
            }
            // The dot before the label.
            start = start.saturating_sub(1);
        }
        None
    }

    /// What a server of the zone finds at a name.
    pub fn lookup(&self, key: &[u8]) -> Lookup {
        if let Some(cut) = self.cut_above(key) {
            return Lookup::BelowCut { cut, glue: self.find(key) };
        }
        if let Some(dname) = self.dname_above(key) {
            return Lookup::BelowDname(dname);
        }
        if let Some(name) = self.find(key) {
            return Lookup::Found(name);
        }
        if self.is_empty_non_terminal(key) {
            return Lookup::EmptyNonTerminal;
        }
        match self.wildcard_for(key) {
            Some(wildcard) => Lookup::Wildcard(wildcard),
            None => Lookup::Missing,
        }
    }

    /// Whether a name exists only since names below it do.
    pub fn is_empty_non_terminal(&self, key: &[u8]) -> bool {
        self.empty_non_terminals
            .get_or_init(|| {
                let mut set = BTreeSet::new();
                for name in self.names() {
                    let mut at = parent(self.key_of(name));
                    while let Some(above) = at.filter(|above| !above.is_empty()) {
                        if set.contains(above) {
                            break;
                        }
                        if self.find(above).is_none() {
                            set.insert(above.to_vec());
                        }
                        at = parent(above);
                    }
                }
                set
            })
            .contains(key)
    }

    /// The wildcard that answers for a name which does not exist: the one at its closest encloser
    /// (RFC 4592 section 3.3.1).
    pub fn wildcard_for(&self, key: &[u8]) -> Option<NameId> {
        let mut at = parent(key);
        while let Some(encloser) = at {
            if encloser.is_empty() || self.find(encloser).is_some() || self.is_empty_non_terminal(encloser) {
                let mut wildcard = b"*".to_vec();
                if !encloser.is_empty() {
                    wildcard.push(b'.');
                    wildcard.extend_from_slice(encloser);
                }
                return self.find(&wildcard);
            }
            at = parent(encloser);
        }
        None
    }

    /// Whether a suspect lacks its final dot: what it stands for as written does not exist.
    pub fn misses_dot(&self, suspect: &Suspect) -> bool {
        let name = match suspect.kind {
            SuspectKind::Name => &*suspect.name,
            SuspectKind::Mailbox => parent(&suspect.name).unwrap_or_default(),
            SuspectKind::Address { .. } | SuspectKind::Url | SuspectKind::TopLevel => return false,
        };
        match self.lookup(name) {
            Lookup::Missing => true,
            Lookup::Wildcard(_) => suspect.repeats_origin,
            _ => suspect.rtype.is_none() && suspect.repeats_origin,
        }
    }

    /// The name written at a place, when it lacks its final dot.
    pub fn missing_dot_at(&self, span: Span) -> Option<&Suspect> {
        self.suspect_at(span).filter(|suspect| self.misses_dot(suspect))
    }

    /// Whether a suspect is an address in the place of a name: no name of the zone is written so.
    pub fn is_address(&self, suspect: &Suspect) -> bool {
        match suspect.kind {
            SuspectKind::Address { relative } => {
                !relative || matches!(self.lookup(&suspect.name), Lookup::Missing)
            }
            SuspectKind::Name | SuspectKind::Mailbox | SuspectKind::Url | SuspectKind::TopLevel => false,
        }
    }

    /// Whether what is written is another mistake than a name that does not exist.
    pub fn is_mistaken(&self, suspect: &Suspect) -> bool {
        self.misses_dot(suspect) || self.is_address(suspect) || suspect.kind == SuspectKind::Url
    }

    /// The name written at a place, when it is suspect.
    pub fn suspect_at(&self, span: Span) -> Option<&Suspect> {
        let at = self.suspects().binary_search_by_key(&span, |suspect| suspect.span).ok()?;
        self.suspects().get(at)
    }

    /// Follows a name of the zone through CNAMEs to where its addresses are.
    pub fn follow(&self, key: &[u8]) -> Chain {
        let mut aliases = Vec::new();
        let mut seen = vec![key.to_vec()];
        let mut at = key.to_vec();
        let end = loop {
            let name = match self.lookup(&at) {
                Lookup::Found(name) | Lookup::Wildcard(name) => name,
                Lookup::BelowCut { glue, .. } => {
                    let addressed = glue.is_some_and(|glue| self.types_of(glue).has_address());
                    break ChainEnd::Delegated(at, addressed);
                }
                _ => break ChainEnd::NoAddress(at),
            };
            let types = self.types_of(name);
            if types.has_address() {
                break ChainEnd::Address(self.key_of(name).to_vec());
            }
            let alias = if types.has(Rtype::CNAME) {
                let owner = self.key_of(name).to_vec();
                self.read_rrset(&owner, Rtype::CNAME).into_iter().next()
            } else {
                None
            };
            let Some(alias) = alias else { break ChainEnd::NoAddress(at) };
            let Some(target) = alias.target().cloned() else { break ChainEnd::NoAddress(at) };
            aliases.push(alias);
            if !target.in_zone {
                break ChainEnd::Outside(target.name);
            }
            if seen.contains(&target.name) || aliases.len() >= MAX_CHAIN {
                break ChainEnd::Loop(target.name);
            }
            seen.push(target.name.clone());
            at = target.name;
        };
        Chain { aliases, end }
    }
}
