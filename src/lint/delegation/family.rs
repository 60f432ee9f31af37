//! Zones of one run of which one lies below the other: what the upper one says of the lower one
//! (RFC 1034 section 4.2.2).

use crate::diagnostic::Applicability;
use crate::lint::reach::{belong_together, is_public, is_whole};
use crate::lint::rule::Out;
use crate::lint::{Workspace, ZoneContext};
use crate::zone::{Lookup, Record, Target};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::net::IpAddr;

/// A zone and the nearest one above it.
struct Pair<'w> {
    parent: &'w ZoneContext<'w>,
    child: &'w ZoneContext<'w>,
    /// The apex of the child, relative to that of the parent.
    key: &'w [u8],
}

/// The pairs of which the parent has to delegate to the child.
fn pairs<'w>(workspace: &Workspace<'w>) -> Vec<Pair<'w>> {
    workspace.zones.iter().filter_map(|child| pair(workspace, child)).collect()
}

fn pair<'w>(workspace: &Workspace<'w>, child: &'w ZoneContext<'w>) -> Option<Pair<'w>> {
    let apex = child.zone.apex().as_bytes();
    let (above, _) = workspace.holder(child.view, parent(apex)?)?;
    let key = above.zone.key(apex)?;
    // A file without SOA may hold the hints of a resolver.
    let is_known = is_whole(above) && is_whole(child);
    let is_between = parent(key).is_some_and(|between| above.zone.cut_above(between).is_some())
        || above.zone.dname_above(key).is_some();
    (is_known && !is_between && belong_together(above, child)).then_some(Pair { parent: above, child, key })
}

/// `delegation-missing-in-parent`
pub(super) fn missing_in_parent(workspace: &Workspace<'_>, out: Out<'_>) {
    for Pair { parent, child, key } in pairs(workspace) {
        // Inside one network all clients ask the same servers, which have both zones.
        if !is_public(parent) || !is_public(child) || !parent.zone.rrset(key, Rtype::NS).is_empty() {
            continue;
        }
        // Domain controllers and split networks keep zones of a few services, such as `_msdcs`.
        if !child.declared && key.starts_with(b"_") {
            continue;
        }
        let (apex, above) = (child.zone.apex(), parent.zone.apex());
        let message = format!("zone `{above}` has no NS records for `{apex}`");
        let written = String::from_utf8_lossy(key);
        out.push(
            child
                .about_zone("delegation-missing-in-parent", child.apex_span(), message)
                .related(parent.apex_span(), "the zone above")
                .help(format!("add `{written} IN NS ...` to zone `{above}` for each server")),
        );
    }
}

/// `delegation-ns-mismatch`
pub(super) fn ns_mismatch(workspace: &Workspace<'_>, out: Out<'_>) {
    for Pair { parent, child, key } in pairs(workspace) {
        let there = parent.zone.read_rrset(key, Rtype::NS);
        let own = child.zone.read_rrset(b"", Rtype::NS);
        let (Some(first_there), Some(first_own)) = (there.first(), own.first()) else { continue };
        let (apex, above) = (child.zone.apex(), parent.zone.apex());
        let (stale, new) = (lacking(&there, &own), lacking(&own, &there));
        let rule = "delegation-ns-mismatch";
        if let Some((record, target)) = stale.first() {
            let message =
                format!("`{apex}` NS: `{}` is not among the NS records of the zone itself", target.absolute);
            let label = new.first().map_or(first_own, |(record, _)| record);
            let mut finding = parent
                .about(rule, record, target.span, message)
                .related(label.rdata_span(), format!("in zone `{apex}`"))
                .help("make both zones name the same servers");
            if let ([_], [(_, meant)]) = (&*stale, &*new)
                && needs_no_glue(parent, &meant.absolute)
            {
                let written = format!("{}.", meant.absolute);
                finding = finding.fix(Applicability::Unsafe, target.span, written);
            }
            out.push(finding);
        } else if let Some((record, target)) = new.first()
            && is_public(parent)
            && is_public(child)
        {
            let message =
                format!("`{apex}` NS: `{}` is not among the NS records in zone `{above}`", target.absolute);
            out.push(
                child
                    .about(rule, record, target.span, message)
                    .related(first_there.rdata_span(), format!("in zone `{above}`"))
                    .help("make both zones name the same servers"),
            );
        }
    }
}

/// The NS records of one set that lead to servers which another set does not name.
fn lacking<'r>(records: &'r [Record], others: &[Record]) -> Vec<(&'r Record, &'r Target)> {
    let is_lacking = |record: &&Record| !others.iter().any(|other| other.wire == record.wire);
    let targets = records.iter().filter(is_lacking).filter_map(|record| Some((record, record.target()?)));
    targets.collect()
}

/// Whether a zone can name a server, by its absolute name, without an address to go with it.
fn needs_no_glue(context: &ZoneContext<'_>, name: &str) -> bool {
    let Some(key) = context.zone.key(name.as_bytes()) else { return true };
    match context.zone.lookup(key) {
        Lookup::Found(name) => context.zone.types_of(name).has_address(),
        Lookup::BelowCut { glue, .. } => glue.is_some_and(|glue| context.zone.types_of(glue).has_address()),
        _ => false,
    }
}

/// `glue-mismatch`
pub(super) fn glue_mismatch(workspace: &Workspace<'_>, out: Out<'_>) {
    for Pair { parent, child, key } in pairs(workspace) {
        for ns in parent.zone.read_rrset(key, Rtype::NS) {
            let Some(target) = ns.target().filter(|target| target.in_zone) else { continue };
            let Some(inside) = child.zone.key(target.absolute.as_bytes()) else { continue };
            let Lookup::Found(name) = child.zone.lookup(inside) else { continue };
            if child.zone.types_of(name).has_address() {
                compare(parent, &target.name, child, inside, out);
            }
        }
    }
}

/// Holds the glue of a server against its addresses in the zone that it belongs to. An address that has
/// no glue yet is found all the same, one that is no longer there is asked in vain.
fn compare(parent: &ZoneContext<'_>, glue: &[u8], child: &ZoneContext<'_>, inside: &[u8], out: Out<'_>) {
    let (glue, own) = (parent.zone.addresses(glue), child.zone.addresses(inside));
    let is_in = |address: Option<IpAddr>, set: &[Record]| set.iter().any(|one| one.address() == address);
    let stale: Vec<&Record> = glue.iter().filter(|record| !is_in(record.address(), &own)).collect();
    for record in &stale {
        let same_type = |other: &&Record| other.rtype == record.rtype;
        let beside: Vec<&Record> = own.iter().filter(same_type).collect();
        let Some(label) = beside.first().copied().or(own.first()) else { continue };
        let (Some(address), apex) = (record.address(), child.zone.apex()) else { continue };
        let message = format!(
            "`{}` {}: glue `{address}` is not its address in zone `{apex}`",
            record.owner, record.rtype
        );
        let mut finding = parent
            .about("glue-mismatch", record, record.rdata_span(), message)
            .related(label.rdata_span(), format!("in zone `{apex}`"))
            .help("write the same addresses in both zones");
        let new: Vec<&&Record> = beside.iter().filter(|other| !is_in(other.address(), &glue)).collect();
        if let ([meant], 1) = (&*new, stale.iter().filter(|other| other.rtype == record.rtype).count())
            && let Some(meant) = meant.address()
        {
            finding = finding.fix(Applicability::Unsafe, record.rdata_span(), meant.to_string());
        }
        out.push(finding);
    }
}
