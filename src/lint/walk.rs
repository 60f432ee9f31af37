//! One walk over the names of a zone for all rules that ask for names, RRsets or records.

use super::context::{RrsetView, ZoneContext};
use super::rule::{Check, Out, Rule};
use super::srv::{EdgeOrder, Looked, Looker, SrvMarks, mark_orders};
use super::wants::{Asked, Marks, Wants};
use crate::diagnostic::Finding;
use crate::edge::found::Found;
use crate::threads;
use crate::zone::{NameId, Owner, Rec, Record, TypeSet};
use crate::zonefile::rtype::Rtype;
use std::hash::BuildHasher as _;

type OnRecord = fn(&ZoneContext<'_>, &Record, Out<'_>);
type OnRrset = fn(&ZoneContext<'_>, &RrsetView<'_>, Out<'_>);
type OnOwner = fn(&ZoneContext<'_>, NameId, Out<'_>);
type OnOwners = fn(&ZoneContext<'_>, &[NameId], Out<'_>);
type OnService = fn(&ZoneContext<'_>, &Found, Out<'_>);
type OnServices = fn(&ZoneContext<'_>, &[&Found], Out<'_>);

/// The rules of a run that have to do with a zone, by what they are called with.
#[derive(Default)]
struct Rules {
    records: Vec<(Rtype, OnRecord)>,
    /// The types of those.
    record_types: TypeSet,
    rrsets: Vec<(Wants, OnRrset)>,
    owners: Vec<(Wants, OnOwner)>,
    lists: Vec<(Wants, OnOwners)>,
    services: Vec<(SrvMarks, OnService)>,
    service_lists: Vec<(SrvMarks, OnServices)>,
    /// A name that owns none of these types ...
    types: TypeSet,
    /// ... and has no mark that is asked for here is nothing to any rule.
    asked: Asked,
    /// The same of SRV RRsets.
    srv_marks: SrvMarks,
}

impl Rules {
    fn of(context: &ZoneContext<'_>, on: &[&Rule]) -> Self {
        let types = context.zone.types();
        let mut rules = Self::default();
        for rule in on {
            let wants = match rule.check {
                Check::Record(rtype, check) if types.has(rtype) => {
                    rules.records.push((rtype, check));
                    rules.record_types = rules.record_types.union(TypeSet::of(rtype));
                    Wants::types(TypeSet::of(rtype))
                }
                Check::Rrset(wants, check) if wants.can_be_in(types) => {
                    rules.rrsets.push((wants, check));
                    wants
                }
                Check::Owner(wants, check) if wants.can_be_in(types) => {
                    rules.owners.push((wants, check));
                    wants
                }
                Check::Owners(wants, check) if wants.can_be_in(types) => {
                    rules.lists.push((wants, check));
                    wants
                }
                Check::Service(marks, check) if types.has(Rtype::SRV) => {
                    rules.services.push((marks, check));
                    rules.srv_marks = rules.srv_marks.union(marks);
                    Wants::types(TypeSet::of(Rtype::SRV))
                }
                Check::Services(marks, check) if types.has(Rtype::SRV) => {
                    rules.service_lists.push((marks, check));
                    rules.srv_marks = rules.srv_marks.union(marks);
                    Wants::types(TypeSet::of(Rtype::SRV))
                }
                _ => continue,
            };
            rules.types = rules.types.union(wants.enough());
            rules.asked.add(wants);
        }
        rules
    }
}

/// What a walk over a part of the names brings.
struct Walked {
    findings: Vec<Finding>,
    /// The names that each rule of [`Rules::lists`] wants.
    lists: Vec<Vec<NameId>>,
    /// The SRV RRsets of Edge pools, as far as they are not all read anyway.
    edge: Vec<EdgeOrder>,
    /// Those of the other SRV RRsets that have to be read.
    services: Vec<(NameId, SrvMarks)>,
}

/// Runs the rules that ask for names, RRsets, records and SRV RRsets.
pub(super) fn walk(context: &ZoneContext<'_>, on: &[&Rule], found: &mut Vec<Finding>) {
    let rules = Rules::of(context, on);
    if rules.types.is_empty() && rules.asked.is_nothing() {
        return;
    }
    let zone = context.zone;
    let threads = zone.threads();
    let mut lists: Vec<Vec<NameId>> = vec![Vec::new(); rules.lists.len()];
    let (mut services, mut edge) = (Vec::new(), Vec::new());
    for part in threads::map(threads, zone.partitions(), |part| walk_part(context, &rules, part)) {
        found.extend(part.findings);
        for (list, of_part) in lists.iter_mut().zip(part.lists) {
            list.extend(of_part);
        }
        services.extend(part.services);
        edge.extend(part.edge);
    }
    mark_orders(&mut edge);
    let edge = edge.into_iter().filter(|one| one.marks.meets(rules.srv_marks));
    services.extend(edge.map(|one| (one.name, one.marks)));
    for ((_, check), mut list) in rules.lists.iter().zip(lists) {
        zone.sort_by_place(&mut list);
        check(context, &list, found);
    }
    if !rules.services.is_empty() || !rules.service_lists.is_empty() {
        all_services(context, &rules, threads, &services, found);
    }
}

fn walk_part(context: &ZoneContext<'_>, rules: &Rules, part: usize) -> Walked {
    let mut walk = Walk {
        context,
        rules,
        choices: Choices::default(),
        looker: Looker::new(context),
        records: Vec::new(),
        walked: Walked {
            findings: Vec::new(),
            lists: vec![Vec::new(); rules.lists.len()],
            edge: Vec::new(),
            services: Vec::new(),
        },
    };
    context.zone.owners_of(part).for_each(|owner| walk.owner(&owner));
    walk.walked
}

/// The rules that want a name.
#[derive(Default)]
struct Choice {
    owners: Box<[OnOwner]>,
    /// Places among [`Rules::lists`].
    lists: Box<[usize]>,
    rrsets: Box<[OnRrset]>,
    records: bool,
    services: bool,
}

impl Choice {
    fn of(rules: &Rules, types: TypeSet, marks: Marks) -> Self {
        let owners = rules.owners.iter().filter(|(wants, _)| wants.has(types, marks));
        let lists = rules.lists.iter().enumerate().filter(|(_, (wants, _))| wants.has(types, marks));
        let rrsets = rules.rrsets.iter().filter(|(wants, _)| wants.has(types, marks));
        let asks_services = !rules.services.is_empty() || !rules.service_lists.is_empty();
        Self {
            owners: owners.map(|(_, check)| *check).collect(),
            lists: lists.map(|(at, _)| at).collect(),
            rrsets: rrsets.map(|(_, check)| *check).collect(),
            records: rules.record_types.meets(types),
            services: asks_services && types.has(Rtype::SRV),
        }
    }

    fn is_nothing(&self) -> bool {
        self.owners.is_empty()
            && self.lists.is_empty()
            && self.rrsets.is_empty()
            && !self.records
            && !self.services
    }
}

/// Knows the rules that want the names met last, each by its types and marks: of those, a zone has few.
#[derive(Default)]
struct Choices {
    known: Vec<Option<(TypeSet, Marks, Option<Choice>)>>,
}

impl Choices {
    /// None if no rule wants such a name.
    fn of(&mut self, rules: &Rules, types: TypeSet, marks: Marks) -> Option<&Choice> {
        const KNOWN: usize = 128;
        if self.known.is_empty() {
            self.known.resize_with(KNOWN, || None);
        }
        let hash = foldhash::fast::FixedState::default().hash_one((types, marks));
        let known = &mut self.known[hash as usize % KNOWN];
        if !matches!(known, Some((of_types, of_marks, _)) if (*of_types, *of_marks) == (types, marks)) {
            let choice = Choice::of(rules, types, marks);
            *known = Some((types, marks, Some(choice).filter(|choice| !choice.is_nothing())));
        }
        known.as_ref().and_then(|(.., choice)| choice.as_ref())
    }
}

/// A walk over a part of the names.
struct Walk<'c, 'z> {
    context: &'c ZoneContext<'z>,
    rules: &'c Rules,
    choices: Choices,
    looker: Looker<'z>,
    /// Room for the records of a name.
    records: Vec<Rec>,
    walked: Walked,
}

impl<'z> Walk<'_, 'z> {
    fn owner(&mut self, owner: &Owner<'z>) {
        let (context, rules, records) = (self.context, self.rules, &mut self.records);
        let mut are_gathered = false;
        let marks = rules.asked.of(context.zone, owner, || {
            are_gathered = true;
            gather(context, owner.name(), records);
            records
        });
        if marks != Marks::default() || rules.types.meets(owner.types()) {
            self.look(owner, marks, are_gathered);
        }
    }

    /// Calls the rules that want a name of these marks; its records may have been gathered.
    fn look(&mut self, owner: &Owner<'z>, marks: Marks, are_gathered: bool) {
        let (context, rules, walked) = (self.context, self.rules, &mut self.walked);
        let Some(choice) = self.choices.of(rules, owner.types(), marks) else { return };
        for check in &choice.owners {
            check(context, owner.name(), &mut walked.findings);
        }
        for list in &choice.lists {
            walked.lists[*list].push(owner.name());
        }
        if choice.records || !choice.rrsets.is_empty() {
            if !are_gathered {
                gather(context, owner.name(), &mut self.records);
            }
            if choice.records {
                each_record(context, rules, owner, &self.records, &mut walked.findings);
            }
            each_rrset(context, &choice.rrsets, owner, &self.records, &mut walked.findings);
        }
        if choice.services {
            match self.looker.look(owner) {
                Looked::Edge(order) if !context.reads_all_edge() => walked.edge.push(order),
                Looked::Other(marks) if marks.meets(rules.srv_marks) => {
                    walked.services.push((owner.name(), marks));
                }
                Looked::Edge(_) | Looked::Other(_) => {}
            }
        }
    }
}

/// The records of a name, ordered by type and place.
fn gather(context: &ZoneContext<'_>, name: NameId, records: &mut Vec<Rec>) {
    records.clear();
    context.zone.gather(name, records);
    if records.len() > 1 {
        records.sort_unstable_by_key(|rec| (rec.rtype, rec.place()));
    }
}

fn each_record(context: &ZoneContext<'_>, rules: &Rules, owner: &Owner<'_>, records: &[Rec], out: Out<'_>) {
    for rec in records {
        let mut checks = rules.records.iter().filter(|(rtype, _)| *rtype == rec.rtype).peekable();
        if checks.peek().is_none() {
            continue;
        }
        if let Some(record) = context.zone.record(owner.key(), *rec) {
            checks.for_each(|(_, check)| check(context, &record, out));
        }
    }
}

fn each_rrset(
    context: &ZoneContext<'_>,
    checks: &[OnRrset],
    owner: &Owner<'_>,
    records: &[Rec],
    out: Out<'_>,
) {
    for check in checks {
        for rrset in records.chunk_by(|one, other| one.rtype == other.rtype) {
            if let [first, _, ..] = rrset {
                let view = RrsetView { key: owner.key(), rtype: first.rtype, records: rrset };
                check(context, &view, out);
            }
        }
    }
}

/// Reads each SRV RRset that some rule wants once; keeps those that are asked for together.
fn all_services(
    context: &ZoneContext<'_>,
    rules: &Rules,
    threads: usize,
    others: &[(NameId, SrvMarks)],
    out: Out<'_>,
) {
    let edge: &[Found] = if context.reads_all_edge() { &context.services } else { &[] };
    let of_edge = threads::map_slices(threads, edge, |part| {
        let mut findings = Vec::new();
        for found in part {
            for (_, check) in &rules.services {
                check(context, found, &mut findings);
            }
        }
        findings
    });
    out.extend(of_edge.into_iter().flatten());
    let kept_marks =
        rules.service_lists.iter().fold(SrvMarks::default(), |marks, (wanted, _)| marks.union(*wanted));
    let of_others = threads::map_slices(threads, others, |part| {
        let (mut findings, mut kept) = (Vec::new(), Vec::new());
        for (name, marks) in part {
            let found = context.read_srv(context.zone.key_of(*name));
            for (wanted, check) in &rules.services {
                if wanted.meets(*marks) {
                    check(context, &found, &mut findings);
                }
            }
            if kept_marks.meets(*marks) {
                kept.push(found);
            }
        }
        (findings, kept)
    });
    let mut kept = Vec::new();
    for (findings, of_part) in of_others {
        out.extend(findings);
        kept.extend(of_part);
    }
    if rules.service_lists.is_empty() {
        return;
    }
    let mut all: Vec<&Found> = edge.iter().chain(&kept).collect();
    all.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    for (_, check) in &rules.service_lists {
        check(context, &all, out);
    }
}
