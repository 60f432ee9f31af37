//! Targets that are addresses of web pages, or complete where they should not be.

use crate::diagnostic::{Applicability, Finding, RuleName};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::Zone;
use crate::zonefile::parse::{Suspect, SuspectKind};

/// `target-is-url`
pub(super) fn targets(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for suspect in zone.suspects().iter().filter(|suspect| suspect.kind == SuspectKind::Url) {
        let written = text(zone, suspect);
        let host = written.split_once("://").map_or(&*written, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let help = match host.trim_end_matches('.') {
            "" => String::from("write the name of the host"),
            host => format!("write `{host}.`; DNS knows hosts, a web server redirects"),
        };
        out.push(
            finding(zone, suspect, "target-is-url", &format!("`{written}` is no name but a URL")).help(help),
        );
    }
}

/// `spurious-trailing-dot`
pub(super) fn single_labels(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    for suspect in zone.suspects().iter().filter(|suspect| suspect.kind == SuspectKind::TopLevel) {
        let Some(meant) = zone.find(&suspect.name) else { continue };
        if suspect.name == b"localhost" {
            continue;
        }
        let written = text(zone, suspect);
        let meant = zone.absolute(zone.key_of(meant));
        let Some(short) = written.strip_suffix('.') else { continue };
        let what = format!("`{written}` is a top-level domain, while the zone has `{meant}`");
        out.push(
            finding(zone, suspect, "spurious-trailing-dot", &what)
                .help(format!("write `{short}` or `{meant}.`"))
                .fix(Applicability::Unsafe, suspect.span, short),
        );
    }
}

fn finding(zone: &Zone, suspect: &Suspect, rule: &'static str, what: &str) -> Finding {
    let owner = String::from_utf8_lossy(&suspect.owner).into_owned();
    let rtype = suspect.rtype.map(|rtype| rtype.to_string()).unwrap_or_default();
    let message = format!("`{owner}` {rtype}: {what}");
    let mut finding = Finding::new(RuleName(rule), suspect.span, message).record(owner, rtype);
    finding.zone = Some(zone.apex().to_string());
    finding
}

/// The name as it is written.
fn text(zone: &Zone, suspect: &Suspect) -> String {
    String::from_utf8_lossy(&zone.sources().bytes(suspect.span)).into_owned()
}
