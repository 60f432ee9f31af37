//! Addresses of name servers that lie below zone cuts (RFC 1034 section 4.2.1, RFC 9471).

use crate::diagnostic::{Applicability, Finding};
use crate::lint::context::ZoneContext;
use crate::lint::line::own_lines;
use crate::lint::reach::is_whole;
use crate::lint::rule::Out;
use crate::threads;
use crate::zone::{Lookup, Record, Target};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::collections::HashSet;

/// `glue-missing`
pub(super) fn missing(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((target, cut)) = without_glue(context, record).filter(|(_, cut)| *cut == record.key) else {
        return;
    };
    let message = format!(
        "`{}` NS: `{}` has no glue: it lies below this delegation, and has no A or AAAA record here",
        record.owner, target.absolute
    );
    out.push(with_help(context, context.about("glue-missing", record, target.span, message), target, cut));
}

/// `glue-sibling-missing`
pub(super) fn sibling_missing(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((target, cut)) = without_glue(context, record).filter(|(_, cut)| *cut != record.key) else {
        return;
    };
    let zone = context.zone;
    let other = zone.absolute(cut);
    let message = format!(
        "`{}` NS: `{}` has no glue: it lies below the delegation of `{other}`",
        record.owner, target.absolute
    );
    let mut finding = context.about("glue-sibling-missing", record, target.span, message);
    if let Some(ns) = zone.read_rrset(cut, Rtype::NS).first() {
        finding = finding.related(ns.first_span, format!("`{other}` is delegated here"));
    }
    out.push(with_help(context, finding, target, cut));
}

/// The target of an NS record that lies below a zone cut and has no address, and the cut.
fn without_glue<'c, 'r>(context: &'c ZoneContext<'_>, record: &'r Record) -> Option<(&'r Target, &'c [u8])> {
    let zone = context.zone;
    let target = record.target().filter(|target| target.in_zone && is_whole(context))?;
    if zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect)) {
        return None;
    }
    // A record that is no longer part of the zone delegates nothing.
    if parent(&record.key).is_some_and(|above| zone.cut_above(above).is_some()) {
        return None;
    }
    match zone.lookup(&target.name) {
        Lookup::BelowCut { cut, glue } if glue.is_none_or(|glue| !zone.types_of(glue).has_address()) => {
            Some((target, zone.key_of(cut)))
        }
        _ => None,
    }
}

fn with_help(context: &ZoneContext<'_>, finding: Finding, target: &Target, cut: &[u8]) -> Finding {
    let zone = context.zone;
    let relative = String::from_utf8_lossy(&target.name);
    let other = zone.find(&target.name).and_then(|name| {
        let rec = zone.records(name).find(|rec| rec.rtype == Rtype::CNAME)?;
        zone.record(&target.name, rec)
    });
    match other {
        Some(cname) => finding
            .related(cname.type_span, "an alias is no glue")
            .help(format!("write `{relative} IN A ...`, as the zone `{}` has it", zone.absolute(cut))),
        None => finding.help(format!(
            "add `{relative} IN A ...`, with its address in the zone `{}`",
            zone.absolute(cut)
        )),
    }
}

/// `glue-orphan`
pub(super) fn orphan(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if zone.delegating_count() == 0 || !is_whole(context) {
        return;
    }
    let named = named_servers(context);
    let of_parts = threads::map(zone.threads(), zone.partitions(), |part| {
        let mut findings = Vec::new();
        for name in zone.names_of(part).filter(|name| zone.types_of(*name).has_address()) {
            let key = zone.key_of(name);
            let Some(cut) = zone.cut_above(key).filter(|_| !named.contains(key)) else { continue };
            let cut = zone.absolute(zone.key_of(cut));
            for record in zone.addresses(key) {
                let message = format!(
                    "`{}` {} is below the delegation of `{cut}`, and no NS record names it",
                    record.owner, record.rtype
                );
                let finding = context
                    .about("glue-orphan", &record, record.first_span, message)
                    .help(format!("remove it; the zone `{cut}` has the address itself"));
                push_with_fix(context, &record, finding, &mut findings);
            }
        }
        findings
    });
    out.extend(of_parts.into_iter().flatten());
}

fn push_with_fix(context: &ZoneContext<'_>, record: &Record, finding: Finding, out: Out<'_>) {
    out.push(match own_lines(context.zone, record) {
        Some((lines, _)) => finding.fix(Applicability::Unsafe, lines, ""),
        None => finding,
    });
}

/// The names of the zone that some NS record leads to.
fn named_servers(context: &ZoneContext<'_>) -> HashSet<Vec<u8>> {
    let zone = context.zone;
    let of_parts = threads::map(zone.threads(), zone.partitions(), |part| {
        let mut named = Vec::new();
        for name in zone.names_of(part).filter(|name| zone.types_of(*name).has(Rtype::NS)) {
            for record in zone.read_rrset(zone.key_of(name), Rtype::NS) {
                named.extend(
                    record.target().filter(|target| target.in_zone).map(|target| target.name.clone()),
                );
            }
        }
        named
    });
    of_parts.into_iter().flatten().collect()
}
