//! Where a CNAME leads.

use crate::config::ZoneKind;
use crate::diagnostic::Applicability;
use crate::lint::context::{Workspace, ZoneContext};
use crate::lint::host::{self, Host};
use crate::lint::rule::Out;
use crate::threads;
use crate::zone::{ChainEnd, Lookup, Record, Zone};
use crate::zonefile::rtype::Rtype;

/// `cname-at-apex`: the apex has SOA and NS records whatever the file says, so this is no matter of
/// what stands beside the CNAME.
pub(super) fn at_apex(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::CNAME) {
        return;
    }
    let Some(record) = zone.read_rrset(b"", Rtype::CNAME).into_iter().next() else { return };
    let message = format!("`{}` is the apex of the zone and has a CNAME", record.owner);
    out.push(
        context
            .about("cname-at-apex", &record, record.type_span, message)
            .help("remove the CNAME and copy the target's records"),
    );
}

/// `cname-self`.
pub(super) fn itself(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.target().filter(|target| target.in_zone && target.name == record.key) else {
        return;
    };
    let message = format!("`{}` is an alias of itself", record.owner);
    out.push(
        context
            .about("cname-self", record, target.span, message)
            .help("write the name of a host, or list its addresses"),
    );
}

/// `cname-chain`: said of each alias whose target is an alias, but for those of a circle.
pub(super) fn chain(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(Host::Alias(chain)) = host::of(context, record) else { return };
    let Some(target) = record.target().filter(|target| target.name != record.key) else { return };
    let end = match &chain.end {
        ChainEnd::Loop(_) => return,
        ChainEnd::Address(key) | ChainEnd::Delegated(key, _) => Some(zone.absolute(key)),
        ChainEnd::Outside(name) => Some(String::from_utf8_lossy(name).into_owned()),
        ChainEnd::NoAddress(_) => None,
    };
    let message = format!("`{}` is an alias of `{}`, which is an alias too", record.owner, target.absolute);
    let mut finding = context.about("cname-chain", record, target.span, message);
    for alias in &chain.aliases {
        finding = finding.related(alias.rdata_span(), format!("`{}` leads here", alias.owner));
    }
    if let Some(end) = end {
        finding = finding.help(format!("write `{end}.`, the name at the end")).fix(
            Applicability::Unsafe,
            target.span,
            format!("{end}."),
        );
    }
    out.push(finding);
}

/// Whether what an alias leads to comes and goes: programs that renew certificates put a TXT record
/// there and take it away.
fn is_for_challenges(record: &Record) -> bool {
    record.key.starts_with(b"_acme-challenge")
}

/// Aliases that hand each address of a block to its holder (RFC 2317) are generated for all of them,
/// used or not.
fn is_classless(context: &ZoneContext<'_>, record: &Record) -> bool {
    let generated = context.zone.sources().get(record.span.file).generated_by().is_some();
    context.kind == ZoneKind::Reverse && generated
}

/// `cname-dangling`.
pub(super) fn dangling(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = record.target() else { return };
    if is_for_challenges(record) || is_classless(context, record) {
        return;
    }
    let Some(Host::Nothing) = host::of(context, record) else { return };
    let what = match zone.lookup(&target.name) {
        Lookup::EmptyNonTerminal => "has no records, there are only names below it",
        _ => "does not exist",
    };
    let message = format!("`{}` is an alias of `{}`, which {what}", record.owner, target.absolute);
    let finding = context.about("cname-dangling", record, target.span, message);
    out.push(match host::neighbour(context, target) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding.help("remove the CNAME, or add records at its target"),
    });
}

/// `cname-target-delegated`.
pub(super) fn delegated(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = record.target().filter(|target| target.in_zone) else { return };
    let Lookup::BelowCut { cut, .. } = zone.lookup(&target.name) else { return };
    // RFC 2317 aliases lead below a cut by design; below a cut, the record itself is not served.
    if context.kind == ZoneKind::Reverse || zone.cut_above(&record.key).is_some() {
        return;
    }
    let cut = zone.key_of(cut);
    let message = format!(
        "`{}` is an alias of `{}`, which `{}` answers for",
        record.owner,
        target.absolute,
        zone.absolute(cut)
    );
    let mut finding = context
        .about("cname-target-delegated", record, target.span, message)
        .help("see that the name exists in that zone");
    if let Some(ns) = zone.read_rrset(cut, Rtype::NS).first() {
        finding = finding.related(ns.span, format!("`{}` is delegated here", ns.owner));
    }
    out.push(finding);
}

/// Names below which anybody may claim one that is free, one a line.
static CLOUDS: &str = include_str!("clouds.txt");

/// `cname-takeover-risk`.
pub(super) fn takeover(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(target) = record.target().filter(|target| !target.in_zone) else { return };
    let below = |cloud: &&str| {
        target.absolute.strip_suffix(*cloud).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    };
    let Some(cloud) = CLOUDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).find(below)
    else {
        return;
    };
    let message = format!(
        "`{}` is an alias of `{}`: whoever claims that name below `{cloud}` answers for it",
        record.owner, target.absolute
    );
    out.push(
        context
            .about("cname-takeover-risk", record, target.span, message)
            .help("see that the name is still yours, and remove the CNAME before you give it up"),
    );
}

/// `cname-dangling-cross-zone`: targets in other zones of the run.
pub(super) fn across(workspace: &Workspace<'_>, out: Out<'_>) {
    for context in workspace.zones {
        let zone = context.zone;
        let alone = workspace.zones.iter().filter(|other| other.view == context.view).nth(1).is_none();
        if alone || !zone.types().has(Rtype::CNAME) {
            continue;
        }
        let names: Vec<_> = zone.names().filter(|name| zone.types_of(*name).has(Rtype::CNAME)).collect();
        let read = |names: &[_]| {
            let mut findings = Vec::new();
            for record in names.iter().flat_map(|name| zone.read_rrset(zone.key_of(*name), Rtype::CNAME)) {
                dangling_across(workspace, context, &record, &mut findings);
            }
            findings
        };
        out.extend(threads::map_slices(zone.threads(), &names, read).into_iter().flatten());
    }
}

fn dangling_across(workspace: &Workspace<'_>, context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = record.target() else { return };
    let leaves = !target.in_zone || matches!(zone.lookup(&target.name), Lookup::BelowCut { .. });
    if !leaves || is_for_challenges(record) || is_classless(context, record) {
        return;
    }
    if zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect)) {
        return;
    }
    let Some((holder, key)) = workspace.holder(context.view, target.absolute.as_bytes()) else { return };
    if std::ptr::eq(holder.zone, zone) || holder.partial || !is_nothing(holder.zone, key) {
        return;
    }
    let message = format!(
        "`{}` is an alias of `{}`, which does not exist in the zone `{}`",
        record.owner,
        target.absolute,
        holder.zone.apex()
    );
    out.push(
        context
            .about("cname-dangling-cross-zone", record, target.span, message)
            .help("remove the CNAME, or add records at its target"),
    );
}

fn is_nothing(zone: &Zone, key: &[u8]) -> bool {
    matches!(zone.lookup(key), Lookup::Missing | Lookup::EmptyNonTerminal)
}
