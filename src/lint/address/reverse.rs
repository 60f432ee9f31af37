//! Addresses and their PTR records, which lie in different zones.

use super::insert::{Pointers, Shared};
use super::pointer::{Tree, address_of, name_of};
use super::range::subnet;
use crate::config::{View, ZoneKind};
use crate::diagnostic::{Applicability, Finding};
use crate::edge::{Addresses, Deployment, is_private};
use crate::lint::context::{RrsetView, Workspace, ZoneContext};
use crate::lint::rule::Out;
use crate::threads;
use crate::zone::{Lookup, Rec, Record, Target};
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

fn is_reverse(context: &ZoneContext<'_>) -> bool {
    Tree::of(&context.zone.apex().to_string()).is_some()
}

/// Whether the run has a reverse zone of the view.
fn has_reverse(workspace: &Workspace<'_>, view: View) -> bool {
    workspace.zones.iter().any(|context| context.view == view && is_reverse(context))
}

/// An address record of a host.
struct Host<'w> {
    context: &'w ZoneContext<'w>,
    key: &'w [u8],
    rec: Rec,
    address: IpAddr,
}

impl Host<'_> {
    fn record(&self) -> Option<Record> {
        self.context.zone.record(self.key, self.rec)
    }
}

/// Whether a zone answers for a name relative to its apex, and for that name alone: no wildcard, no glue.
fn is_host(context: &ZoneContext<'_>, key: &[u8]) -> bool {
    let zone = context.zone;
    !matches!(key, [b'*' | b'_', ..]) && zone.cut_above(key).is_none() && zone.dname_above(key).is_none()
}

/// The address records that a forward zone answers with for one name each: no wildcards, no glue.
fn hosts<'w>(context: &'w ZoneContext<'w>) -> Vec<Host<'w>> {
    let zone = context.zone;
    if !zone.types().has_address() || is_reverse(context) {
        return Vec::new();
    }
    let names: Vec<_> = zone.names().filter(|name| zone.types_of(*name).has_address()).collect();
    let read = |names: &[_]| {
        let mut hosts = Vec::new();
        for name in names {
            let key = zone.key_of(*name);
            if !is_host(context, key) {
                continue;
            }
            for rec in zone.records(*name).filter(|rec| matches!(rec.rtype, Rtype::A | Rtype::AAAA)) {
                if let Some(address) = zone.record(key, rec).and_then(|record| record.address()) {
                    hosts.push(Host { context, key, rec, address });
                }
            }
        }
        hosts
    };
    let mut hosts: Vec<Host<'w>> =
        threads::map_slices(zone.threads(), &names, read).into_iter().flatten().collect();
    hosts.sort_unstable_by_key(|host| host.rec.place());
    hosts
}

/// The zones of the views that have reverse zones in the run.
fn answered<'w>(workspace: &Workspace<'w>) -> impl Iterator<Item = &'w ZoneContext<'w>> {
    let views: Vec<View> =
        [View::External, View::Internal].into_iter().filter(|view| has_reverse(workspace, *view)).collect();
    workspace.zones.iter().filter(move |context| views.contains(&context.view))
}

/// `ptr-missing`: once for each address.
pub(super) fn missing(workspace: &Workspace<'_>, out: Out<'_>) {
    let mut seen = BTreeSet::new();
    let mut shared = None;
    let mut pointers: BTreeMap<(View, &[u8]), Pointers<'_>> = BTreeMap::new();
    for context in answered(workspace) {
        for host in hosts(context) {
            let name = name_of(host.address);
            let Some((holder, key)) = workspace.holder(context.view, name.as_bytes()) else { continue };
            if !is_reverse(holder) || holder.partial {
                continue;
            }
            let is_missing = match holder.zone.lookup(key) {
                Lookup::Missing | Lookup::EmptyNonTerminal => true,
                Lookup::Found(name) => {
                    let types = holder.zone.types_of(name);
                    !types.has(Rtype::PTR) && !types.has(Rtype::CNAME)
                }
                Lookup::BelowCut { .. } | Lookup::BelowDname(_) | Lookup::Wildcard(_) => false,
            };
            if !is_missing || !seen.insert((context.view, host.address)) {
                continue;
            }
            let Some(record) = host.record() else { continue };
            let apex = holder.zone.apex();
            let message = format!("`{}` has no PTR record in the zone `{apex}`", host.address);
            let line = format!("{} IN PTR {}.", String::from_utf8_lossy(key), record.owner);
            let finding = context
                .about("ptr-missing", &record, record.rdata_span(), message)
                .help(format!("add `{line}` there"));
            let shared = shared.get_or_insert_with(|| Shared::of(workspace));
            let pointers =
                pointers.entry((holder.view, apex.as_bytes())).or_insert_with(|| Pointers::of(holder));
            out.push(match pointers.insertion(host.address, &record.owner, shared) {
                Some(edit) => finding.fixes(Applicability::Unsafe, vec![edit]),
                None => finding,
            });
        }
    }
}

/// Reads each PTR record at the name of an address, if the run has other zones than reverse ones.
fn pointers(
    workspace: &Workspace<'_>,
    check: impl Fn(&ZoneContext<'_>, &Record, IpAddr, &Target) -> Option<Finding> + Sync,
    out: Out<'_>,
) {
    if workspace.zones.iter().all(is_reverse) {
        return;
    }
    for context in workspace.zones.iter().filter(|context| is_reverse(context)) {
        let zone = context.zone;
        let names: Vec<_> = zone.names().filter(|name| zone.types_of(*name).has(Rtype::PTR)).collect();
        let read = |names: &[_]| {
            let mut findings = Vec::new();
            for name in names {
                for record in zone.read_rrset(zone.key_of(*name), Rtype::PTR) {
                    let (Some(address), Some(target)) = (address_of(&record.owner), record.target()) else {
                        continue;
                    };
                    let mistaken =
                        zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect));
                    if !mistaken {
                        findings.extend(check(context, &record, address, target));
                    }
                }
            }
            findings
        };
        out.extend(threads::map_slices(zone.threads(), &names, read).into_iter().flatten());
    }
}

/// `ptr-target-cname`.
pub(super) fn target_alias(workspace: &Workspace<'_>, out: Out<'_>) {
    let check = |context: &ZoneContext<'_>, record: &Record, _: IpAddr, target: &Target| {
        let (holder, key) = workspace.holder(context.view, target.absolute.as_bytes())?;
        let Lookup::Found(name) = holder.zone.lookup(key) else { return None };
        if !holder.zone.types_of(name).has(Rtype::CNAME) {
            return None;
        }
        let cname = holder.zone.read_rrset(key, Rtype::CNAME).into_iter().next()?;
        let message = format!("`{}` PTR: `{}` is an alias", record.owner, target.absolute);
        Some(
            context
                .about("ptr-target-cname", record, target.span, message)
                .related(cname.span, format!("`{}` is a CNAME", cname.owner))
                .help(format!("write the name of the host, to which `{}` leads", cname.owner)),
        )
    };
    pointers(workspace, check, out);
}

/// What a zone of the run knows of the name that a PTR record leads to.
enum Known {
    /// The address is there, or the zone cannot tell.
    Fine,
    /// Other addresses, or other records only.
    Other(Vec<Record>),
    /// Nothing.
    Missing,
}

fn known(holder: &ZoneContext<'_>, key: &[u8], address: IpAddr) -> Known {
    let zone = holder.zone;
    if holder.partial {
        return Known::Fine;
    }
    match zone.lookup(key) {
        Lookup::Found(name) if zone.types_of(name).has(Rtype::CNAME) => Known::Fine,
        Lookup::Found(_) => {
            let records = zone.addresses(key);
            let has_it = records.iter().any(|record| record.address() == Some(address));
            if has_it { Known::Fine } else { Known::Other(records) }
        }
        Lookup::Missing | Lookup::EmptyNonTerminal => Known::Missing,
        Lookup::BelowCut { .. } | Lookup::BelowDname(_) | Lookup::Wildcard(_) => Known::Fine,
    }
}

/// Whether an address may stand for a network or for all its hosts.
fn may_be_network(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if matches!(v4.octets(), [.., 0 | 255]))
}

/// `ptr-mismatch`: the name may be in a zone of either view.
pub(super) fn mismatch(workspace: &Workspace<'_>, out: Out<'_>) {
    let check = |context: &ZoneContext<'_>, record: &Record, address: IpAddr, target: &Target| {
        let mut found: Option<Vec<Record>> = None;
        for view in [View::External, View::Internal] {
            let Some((holder, key)) = workspace.holder(view, target.absolute.as_bytes()) else { continue };
            match known(holder, key, address) {
                Known::Fine => return None,
                // A public zone need not know the hosts of a private network.
                _ if is_private(&address) && matches!(holder.kind, ZoneKind::Public | ZoneKind::Registry) => {
                }
                Known::Other(records) => found.get_or_insert_default().extend(records),
                Known::Missing => _ = found.get_or_insert_default(),
            }
        }
        let others = found?;
        if others.is_empty() && may_be_network(address) {
            return None;
        }
        let what = if others.is_empty() { "has no address" } else { "does not have the address" };
        let message = if others.is_empty() {
            format!("`{}` PTR: `{}` {what}", record.owner, target.absolute)
        } else {
            format!("`{}` PTR: `{}` {what} `{address}`", record.owner, target.absolute)
        };
        let mut finding = context
            .about("ptr-mismatch", record, target.span, message)
            .help("write the name that the address belongs to, or remove the record");
        for other in &others {
            finding = finding.related(other.rdata_span(), format!("`{}` has this one", other.owner));
        }
        Some(finding)
    };
    pointers(workspace, check, out);
}

/// An address record that may be of the same host as another.
struct Candidate<'w> {
    context: &'w ZoneContext<'w>,
    key: &'w [u8],
    rec: Rec,
}

impl<'w> Candidate<'w> {
    /// What is equal for records of one view with the same address, and seldom for others.
    fn data(&self) -> (View, Rtype, u32) {
        (self.context.view, self.rec.rtype, self.rec.rdata_hash)
    }

    fn owner(&self) -> (&'w [u8], &'w [u8]) {
        (self.context.zone.apex().as_bytes(), self.key)
    }

    fn record(&self) -> Option<Record> {
        self.context.zone.record(self.key, self.rec)
    }
}

/// The address records that share their data with one of another owner, ordered by it. An apex cannot be
/// an alias.
fn candidates<'w>(workspace: &Workspace<'w>) -> Vec<Candidate<'w>> {
    let mut all = Vec::new();
    for context in workspace.zones.iter().filter(|context| !is_reverse(context)) {
        let zone = context.zone;
        let mut own = Vec::new();
        for name in zone.names().filter(|name| zone.types_of(*name).has_address()) {
            let key = zone.key_of(name);
            if !key.is_empty() && is_host(context, key) {
                let recs = zone.records(name).filter(|rec| matches!(rec.rtype, Rtype::A | Rtype::AAAA));
                own.extend(recs.map(|rec| Candidate { context, key, rec }));
            }
        }
        own.sort_unstable_by_key(|one: &Candidate<'_>| one.rec.place());
        all.append(&mut own);
    }
    all.sort_by_key(Candidate::data);
    let mut shared: Vec<bool> = Vec::with_capacity(all.len());
    for alike in all.chunk_by(|one, other| one.data() == other.data()) {
        let first = alike.first().map(Candidate::owner);
        let is_shared = alike.iter().any(|other| Some(other.owner()) != first);
        shared.resize(shared.len() + alike.len(), is_shared);
    }
    let mut shared = shared.into_iter();
    all.retain(|_| shared.next().unwrap_or_default());
    all
}

/// How many names own records.
fn owners(records: &[&Candidate<'_>]) -> usize {
    let mut owners: Vec<_> = records.iter().map(|record| record.owner()).collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.windows(2).all(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
        return owners.len();
    }
    // One name may be in a zone and in the one above.
    let names = records.iter().map(|record| record.context.zone.absolute(record.key));
    names.collect::<BTreeSet<_>>().len()
}

/// `duplicate-address`: names of Edge pools share addresses by design.
pub(super) fn duplicate_address(workspace: &Workspace<'_>, out: Out<'_>) {
    let by_design = shared_by_design(workspace);
    let all = candidates(workspace);
    let threads = workspace.zones.first().map_or(1, |context| context.zone.threads());
    let addresses = threads::map_slices(threads, &all, |part| {
        let address = |one: &Candidate<'_>| one.record().and_then(|record| record.address());
        part.iter().map(address).collect::<Vec<_>>()
    });
    let mut by_address: BTreeMap<(View, IpAddr), Vec<&Candidate<'_>>> = BTreeMap::new();
    for (one, address) in all.iter().zip(addresses.into_iter().flatten()) {
        let may_be_alias =
            |address: &IpAddr| !by_design.contains(address) && !one.context.is_shared(*address);
        if let Some(address) = address.filter(may_be_alias) {
            by_address.entry((one.context.view, address)).or_default().push(one);
        }
    }
    for ((_, address), records) in by_address {
        let Some((first, others)) = records.split_first() else { continue };
        let Some(first_record) = first.record() else { continue };
        // A line that several zones include is written once, and moves for all of them.
        let second = others.iter().filter(|other| other.owner() != first.owner()).find_map(|other| {
            let record = other.record()?;
            let is_other = record.owner != first_record.owner && record.span != first_record.span;
            is_other.then_some((other.context, record))
        });
        let Some((context, second)) = second else { continue };
        let message = format!("`{address}` is the address of {} names", owners(&records));
        out.push(
            context
                .about("duplicate-address", &second, second.rdata_span(), message)
                .related(first_record.rdata_span(), format!("`{}` has it, too", first_record.owner))
                .help("let the others be aliases of one name, if it is one host"),
        );
    }
}

/// `ptr-multiple`, but for addresses that several names have by design.
pub(super) fn several_names(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if !context.shared_addresses.is_empty() {
        let first = rrset.records.first().and_then(|rec| context.zone.record(rrset.key, *rec));
        let address = first.and_then(|record| address_of(&record.owner));
        if address.is_some_and(|address| context.is_shared(address)) {
            return;
        }
    }
    super::pointer::multiple(context, rrset, out);
}

/// `reverse-zone-missing`: once for each network.
pub(super) fn zone_missing(workspace: &Workspace<'_>, out: Out<'_>) {
    let mut seen = BTreeSet::new();
    for context in answered(workspace) {
        for host in hosts(context) {
            let name = name_of(host.address);
            let held = workspace.holder(context.view, name.as_bytes());
            let network = subnet(host.address);
            if held.is_some_and(|(holder, _)| is_reverse(holder)) || !seen.insert((context.view, network)) {
                continue;
            }
            let Some(record) = host.record() else { continue };
            let message =
                format!("no zone of the run holds the PTR records of `{}/{}`", network.0, network.1);
            out.push(
                context
                    .about("reverse-zone-missing", &record, record.rdata_span(), message)
                    .help("declare the reverse zone, if it is yours"),
            );
        }
    }
}

/// The addresses of the servers and load balancers of the declared deployment.
fn shared_by_design(workspace: &Workspace<'_>) -> BTreeSet<IpAddr> {
    let pools = workspace.deployment.map(Deployment::pools).unwrap_or_default();
    let external = |addresses: &Addresses| -> Vec<IpAddr> {
        let all = [&addresses.access, &addresses.webcon, &addresses.av];
        all.into_iter().flatten().map(|address| address.value).collect()
    };
    let mut shared = BTreeSet::new();
    for pool in pools {
        shared.extend(external(&pool.vip));
        for server in &pool.servers {
            shared.extend(external(&server.external));
            shared.extend(server.internal.iter().map(|address| address.value));
        }
    }
    shared
}
