//! Whether the serial of a zone goes with what changed in it.

use crate::change::ZoneChange;
use crate::diagnostic::{Applicability, Finding};
use crate::edit::serial as count;
use crate::lint::context::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};

fn not_bumped(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some((before, after)) = change.serials() else { return };
    if before != after || !change.has_records() {
        return;
    }
    let message = format!("records of `{}` changed, its serial is still {after}", context.zone.apex());
    out.extend(at_serial(context, "serial-not-bumped", message).map(|finding| bump(finding, before)));
}

/// A finding about the serial of the zone.
fn at_serial(context: &ZoneContext<'_>, rule: &'static str, message: String) -> Option<Finding> {
    let soa = context.zone.soa()?;
    Some(context.about(rule, &soa, soa.field(2), message))
}

/// Says what comes after a serial, in the style that it has, and writes it.
fn bump(finding: Finding, before: u32) -> Finding {
    let today = count::today(|name| std::env::var(name).ok());
    let Ok(today) = today else { return finding.help("raise the serial") };
    let next = count::next(before, today);
    let span = finding.span;
    finding.help(format!("raise the serial to {next}")).fix(Applicability::Safe, span, next.to_string())
}

/// The rules about serials.
pub(in crate::lint) static RULES: &[Rule] = &[rule!(
    Change,
    ".",
    "serial-not-bumped",
    Error,
    Safe,
    "RFC 1035 3.3.13",
    Check::Change(not_bumped),
    "records changed, the serial did not"
)];
