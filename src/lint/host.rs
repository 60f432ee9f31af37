//! Hosts that NS and MX records name: what is wrong with one that has no addresses of its own.

use super::context::ZoneContext;
use crate::diagnostic::{Applicability, Finding, nearest};
use crate::zone::{Chain, ChainEnd, Lookup, NameId, Record, Target};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// What is found at a target in the zone that has no addresses.
pub(super) enum Host {
    /// An alias, and where it leads.
    Alias(Chain),
    /// Other records, those of the name given.
    Addressless(NameId),
    /// Nothing.
    Nothing,
}

/// What the target of a record is; none when it is fine, somebody else's matter, or not known.
pub(super) fn of(context: &ZoneContext<'_>, record: &Record) -> Option<Host> {
    let zone = context.zone;
    let target = record.target().filter(|target| target.in_zone)?;
    if zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect)) {
        return None;
    }
    let (name, covered) = match zone.lookup(&target.name) {
        Lookup::BelowCut { .. } | Lookup::BelowDname(_) => return None,
        Lookup::EmptyNonTerminal | Lookup::Missing if context.partial => return None,
        Lookup::EmptyNonTerminal | Lookup::Missing => return Some(Host::Nothing),
        Lookup::Found(name) => (name, false),
        Lookup::Wildcard(name) => (name, true),
    };
    let types = zone.types_of(name);
    if types.has_address() || covered && context.partial {
        None
    } else if types.has(Rtype::CNAME) {
        Some(Host::Alias(zone.follow(&target.name)))
    } else {
        (!context.partial).then_some(Host::Addressless(name))
    }
}

/// The finding for a target without addresses.
pub(super) fn no_address(
    context: &ZoneContext<'_>,
    record: &Record,
    rule: &'static str,
    what: &str,
) -> Option<Finding> {
    let zone = context.zone;
    let target = record.target()?;
    let others = match of(context, record)? {
        Host::Alias(_) => return None,
        Host::Nothing => Vec::new(),
        Host::Addressless(name) => {
            zone.records(name).filter_map(|rec| zone.record(zone.key_of(name), rec)).collect()
        }
    };
    let message =
        format!("`{}` {}: {what} `{}` has no A or AAAA record", record.owner, record.rtype, target.absolute);
    let mut finding = context.about(rule, record, target.span, message);
    if let Some(first) = others.first() {
        let types: BTreeSet<String> = others.iter().map(|other| other.rtype.to_string()).collect();
        let types = types.into_iter().collect::<Vec<_>>().join(", ");
        finding = finding.related(first.type_span, format!("`{}` has only {types}", first.owner));
    }
    let relative = String::from_utf8_lossy(&target.name).into_owned();
    let owner = if relative.is_empty() { "@" } else { &relative };
    Some(match neighbour(context, target) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding.help(format!("add `{owner} IN A ...`")),
    })
}

/// The absolute name beside the target that has addresses and differs by a typing slip; names with
/// other numbers in them are other hosts.
pub(super) fn neighbour(context: &ZoneContext<'_>, target: &Target) -> Option<String> {
    let written = String::from_utf8_lossy(&target.name);
    let meant = nearest(&written, context.hosts_below(parent(&target.name)?).iter().map(String::as_str))?;
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    (digits(meant) == digits(&written)).then(|| context.zone.absolute(meant.as_bytes()))
}

/// The finding for a target that is an alias; `taken` tells names that must not be written instead.
pub(super) fn alias(
    context: &ZoneContext<'_>,
    record: &Record,
    chain: &Chain,
    rule: &'static str,
    what: &str,
    taken: impl Fn(&str) -> bool,
) -> Option<Finding> {
    let zone = context.zone;
    let target = record.target()?;
    let cname = chain.aliases.first()?;
    let message = format!("`{}` {}: {what} `{}` is an alias", record.owner, record.rtype, target.absolute);
    let finding = context
        .about(rule, record, target.span, message)
        .related(cname.span, format!("`{}` is a CNAME", cname.owner));
    let meant = match &chain.end {
        ChainEnd::Address(key) | ChainEnd::Delegated(key, _) => zone.absolute(key),
        ChainEnd::Outside(name) => String::from_utf8_lossy(name).into_owned(),
        ChainEnd::NoAddress(_) | ChainEnd::Loop(_) => {
            return Some(finding.help("write the name of a host that has A or AAAA records"));
        }
    };
    let finding = finding.help(format!("write `{meant}.`, the name it leads to"));
    if taken(&meant) {
        return Some(finding);
    }
    Some(finding.fix(Applicability::Unsafe, target.span, format!("{meant}.")))
}
