//! What else changed in the SOA record, and whether anything but text did.

use super::files;
use crate::change::ZoneChange;
use crate::lint::context::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::zone::Record;

/// The timers of an SOA record, in their order, with their names.
const TIMERS: [&str; 4] = ["refresh", "retry", "expire", "minimum"];
/// Which field of the record the first timer is.
const FIRST_TIMER: usize = 3;
/// Octets of one number in the RDATA.
const NUMBER: usize = 4;

fn timers_changed(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let (Some(before), Some(after)) = (change.before.soa(), change.after.soa()) else { return };
    for (index, name) in TIMERS.into_iter().enumerate() {
        let (Some(old), Some(new)) = (timer(&before, index), timer(&after, index)) else { return };
        if old != new {
            let message = format!("SOA {name} of `{}` went from {old} to {new} s", context.zone.apex());
            let span = after.field(FIRST_TIMER + index);
            out.push(context.about("soa-timers-changed", &after, span, message));
        }
    }
}

/// A timer of an SOA record in seconds, by its place in [`TIMERS`]: they are the end of the RDATA.
fn timer(soa: &Record, index: usize) -> Option<u32> {
    let start = soa.wire.len().checked_sub((TIMERS.len() - index) * NUMBER)?;
    Some(u32::from_be_bytes(soa.wire.get(start..start + NUMBER)?.try_into().ok()?))
}

/// Whether anything but the serial of the SOA record changed, its TTL among it.
pub(super) fn is_other_soa(change: &ZoneChange<'_>) -> bool {
    let (Some(before), Some(after)) = (change.before.soa(), change.after.soa()) else { return false };
    let names = |soa: &Record| {
        let end = soa.wire.len().saturating_sub((TIMERS.len() + 1) * NUMBER);
        soa.wire.get(..end).map(<[u8]>::to_vec)
    };
    let timers = |soa: &Record| (0..TIMERS.len()).map(|index| timer(soa, index)).collect::<Vec<_>>();
    before.ttl != after.ttl || names(&before) != names(&after) || timers(&before) != timers(&after)
}

fn format_only(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    if !change.rrsets.is_empty() || !files::any_differs(change) {
        return;
    }
    let message = format!("only the text of `{}` changed, no record did", context.zone.apex());
    let span = context.apex_span();
    out.push(context.about_zone("format-only-change", span, message).help("the serial may stay as it is"));
}

/// The rules about the SOA record and the text.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "format-only-change",
        Info,
        No,
        "RFC 1035 3.3.13",
        Check::Change(format_only),
        "the text changed, no record did"
    ),
    rule!(
        Change,
        ".",
        "soa-timers-changed",
        Info,
        No,
        "RFC 1035 3.3.13",
        Check::Change(timers_changed),
        "a timer of the SOA changed"
    ),
];
