//! Names that are completed with the origin though they look complete (RFC 1912 section 3.2).

use crate::diagnostic::{Applicability, Finding, RuleName};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{Lookup, TypeSet, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::parse::{Suspect, SuspectKind};
use crate::zonefile::rtype::Rtype;

/// `missing-trailing-dot`
pub(super) fn targets(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    // Names may stand on the lines that were not read, but hardly one that repeats the origin.
    for suspect in zone.suspects().iter().filter(|suspect| !context.partial || suspect.repeats_origin) {
        let Some(rtype) = suspect.rtype.filter(|_| zone.misses_dot(suspect)) else { continue };
        let written = text(zone, suspect);
        let read = zone.absolute(&suspect.name);
        let owner = String::from_utf8_lossy(&suspect.owner).into_owned();
        let message = format!("`{owner}` {rtype}: `{written}` has no final dot, so it is read as `{read}`");
        let fix = if is_known(zone, suspect, &written) { Applicability::Safe } else { Applicability::Unsafe };
        let mut finding = Finding::new(RuleName("missing-trailing-dot"), suspect.span, message)
            .labelled(format!("is read as `{read}`"))
            .help(format!("write `{written}.`"))
            .fix(fix, suspect.span, format!("{written}."))
            .record(owner, rtype.to_string());
        finding.zone = Some(zone.apex().to_string());
        out.push(finding);
    }
    hosts_of_addresses(context, out);
}

/// `missing-trailing-dot` in reverse zones: whatever completes the name of a host with the origin there.
fn hosts_of_addresses(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !is_reverse(zone) {
        return;
    }
    for record in zone.weak_targets(TypeSet::of(Rtype::PTR)) {
        let Some(target) = record.target().filter(|target| target.in_zone) else { continue };
        let written = String::from_utf8_lossy(&zone.sources().bytes(target.span)).into_owned();
        let is_meant = written == "@"
            || written.ends_with('.')
            || record.owner.split('.').any(|label| label.starts_with('_'));
        let is_told = zone.suspect_at(target.span).is_some();
        if is_meant || is_told || !matches!(zone.lookup(&target.name), Lookup::Missing) {
            continue;
        }
        let read = &target.absolute;
        let message =
            format!("`{}` PTR: `{written}` has no final dot, so it is read as `{read}`", record.owner);
        let finding = context
            .about("missing-trailing-dot", &record, target.span, message)
            .labelled(format!("is read as `{read}`"));
        out.push(if written.contains('.') {
            finding.help(format!("write `{written}.`")).fix(
                Applicability::Unsafe,
                target.span,
                format!("{written}."),
            )
        } else {
            finding.help("write the full name of the host, with its final dot")
        });
    }
}

fn is_reverse(zone: &Zone) -> bool {
    let apex = zone.apex().as_bytes();
    [&b"in-addr.arpa"[..], b"ip6.arpa"]
        .iter()
        .any(|tree| apex == *tree || apex.strip_suffix(*tree).is_some_and(|above| above.ends_with(b".")))
}

/// Whether the name with the dot has the addresses that a target needs.
fn is_known(zone: &Zone, suspect: &Suspect, written: &str) -> bool {
    if !suspect.repeats_origin || suspect.kind == SuspectKind::Mailbox {
        return false;
    }
    let written = written.to_ascii_lowercase();
    let found = zone.key(written.as_bytes()).and_then(|key| zone.find(key));
    found.is_some_and(|name| zone.types_of(name).has_address())
}

/// `missing-trailing-dot-owner`
pub(super) fn owners(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let mut suspects = zone.suspects().iter().filter(|suspect| suspect.rtype.is_none()).peekable();
    if suspects.peek().is_none() || Labels(zone.apex().as_bytes()).count() < 2 || is_on_purpose(zone) {
        return;
    }
    for suspect in suspects.filter(|suspect| zone.misses_dot(suspect)) {
        let written = text(zone, suspect);
        let read = zone.absolute(&suspect.name);
        let lower = written.to_ascii_lowercase();
        let help = match zone.key(lower.as_bytes()) {
            Some(b"") => format!("write `{written}.` or `@`"),
            Some(short) => {
                let short = &written[..short.len()];
                format!("write `{written}.` or `{short}`")
            }
            None => format!("write `{written}.`"),
        };
        let message = format!("owner `{written}` has no final dot, so it is read as `{read}`");
        let mut finding = Finding::new(RuleName("missing-trailing-dot-owner"), suspect.span, message)
            .labelled(format!("is read as `{read}`"))
            .help(help)
            .fix(Applicability::Unsafe, suspect.span, format!("{written}."));
        finding.zone = Some(zone.apex().to_string());
        finding.owner = Some(read);
        out.push(finding);
    }
}

/// Whether names that repeat the origin are meant: a record other than SRV, of which
/// `srv-owner-near-miss` speaks, is written there with its final dot, or
/// the name just above the repeated origin owns records.
fn is_on_purpose(zone: &Zone) -> bool {
    let apex = zone.apex().as_bytes();
    if Labels(apex).last().is_some_and(|last| zone.find(last).is_some()) {
        return true;
    }
    zone.names().any(|name| {
        let key = zone.key_of(name);
        let below = zone.apex().relative(key).is_some();
        below
            && zone
                .records(name)
                .filter(|rec| rec.rtype != Rtype::SRV)
                .filter_map(|rec| zone.record(key, rec)?.owner_span)
                .any(|span| zone.sources().bytes(span).ends_with(b"."))
    })
}

/// The name as it is written.
fn text(zone: &Zone, suspect: &Suspect) -> String {
    String::from_utf8_lossy(&zone.sources().bytes(suspect.span)).into_owned()
}
