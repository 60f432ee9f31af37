//! Whether the serial of a zone goes with what changed in it.

use super::files;
use super::soa::is_other_soa;
use crate::change::ZoneChange;
use crate::diagnostic::{Applicability, Finding};
use crate::edit::serial::{self, SerialStyle};
use crate::lint::context::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::text::Span;
use crate::zone::{Rec, Zone};
use jiff::civil::Date;

/// The most that a serial may be raised at once (RFC 1982 section 3.1).
const MOST: u32 = (1 << 31) - 1;
/// A date serial that went up by no more has only counted on, if over the end of a month.
const COUNTS_OF_A_DAY: u32 = 100;
/// So many included files are shown.
const MOST_FILES: usize = 5;

fn not_bumped(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some(serial) = unchanged(change).filter(|_| files::included_alone(change).is_none()) else { return };
    let apex = context.zone.apex();
    let message = format!("serial of `{apex}` is still {serial}: {}", told(change));
    let Some(mut finding) = at_serial(context, "serial-not-bumped", message) else { return };
    if let Some(span) = first_new(change) {
        finding = finding.related(span, "this is new");
    }
    out.push(bump(finding, serial));
}

fn include_not_bumped(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some(serial) = unchanged(change) else { return };
    let Some(included) = files::included_alone(change) else { return };
    let apex = context.zone.apex();
    let names: Vec<String> = included
        .iter()
        .take(MOST_FILES)
        .map(|file| format!("`{}`", context.zone.sources().get(*file).name()))
        .collect();
    let message = format!(
        "serial of `{apex}` is still {serial}, included {}{} changed: {}",
        names.join(", "),
        if included.len() > MOST_FILES { " and others" } else { "" },
        told(change)
    );
    let Some(mut finding) = at_serial(context, "include-changed-serial-not-bumped", message) else { return };
    for by in
        included.iter().take(MOST_FILES).filter_map(|file| context.zone.includes_of(*file).into_iter().next())
    {
        finding = finding.related(by, "what is included here changed");
    }
    if let Some(span) = first_new(change) {
        finding = finding.related(span, "this is new");
    }
    out.push(bump(finding, serial));
}

fn decreased(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some((before, after)) = change.serials() else { return };
    if after >= before || serial::newer(after, before) {
        return;
    }
    let message = format!("serial of `{}` went from {before} down to {after}", context.zone.apex());
    let finding = at_serial(context, "serial-decreased", message);
    out.extend(finding.map(|finding| bump(finding.labelled("secondaries take this for older"), before)));
}

fn jump(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some((before, after)) = change.serials() else { return };
    let Some(by) = after.checked_sub(before).filter(|by| *by > COUNTS_OF_A_DAY) else { return };
    let apex = context.zone.apex();
    if by > MOST {
        let message = format!("serial of `{apex}` went from {before} to {after}, by {by}: over {MOST}");
        let step = before.saturating_add(MOST);
        let finding = at_serial(context, "serial-jump", message).map(|finding| {
            finding.labelled("secondaries take this for older").help(format!(
                "write {step}, and {after} when all secondaries have that; or go on from {before}"
            ))
        });
        out.extend(finding);
        return;
    }
    let Some(today) = today() else { return };
    let is_date = |serial| serial::style(serial, today) == SerialStyle::Date;
    if is_date(before) && !is_date(after) {
        let message = format!("serial of `{apex}` went from {before}, a date, to {after}, which is none");
        let finding = at_serial(context, "serial-jump", message).map(|finding| {
            finding
                .labelled("begins with no day from 1990 to a year from now")
                .help(format!("write {}: no serial can be taken back", serial::next(before, today)))
        });
        out.extend(finding);
    }
}

fn bumped_without_change(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some((before, after)) = change.serials() else { return };
    if !serial::newer(after, before) || change.has_records() || is_other_soa(change) {
        return;
    }
    let message =
        format!("serial of `{}` went from {before} to {after}, no record changed", context.zone.apex());
    out.extend(at_serial(context, "serial-bumped-without-change", message));
}

/// The serial of a zone that has changed and still has it.
fn unchanged(change: &ZoneChange<'_>) -> Option<u32> {
    let (before, after) = change.serials()?;
    (before == after && (change.has_records() || is_other_soa(change))).then_some(after)
}

/// How many records changed, for a message.
fn told(change: &ZoneChange<'_>) -> String {
    let (mut added, mut removed, mut other_ttl) = (0, 0, 0);
    for rrset in &change.rrsets {
        added += rrset.added.len();
        removed += rrset.removed.len();
        other_ttl += rrset.kept.iter().filter(|(before, after)| before.ttl != after.ttl).count();
    }
    let mut parts = Vec::new();
    for (count, what) in [(added, "added"), (removed, "removed"), (other_ttl, "with another TTL")] {
        match count {
            0 => {}
            count if !parts.is_empty() => parts.push(format!("{count} {what}")),
            1 => parts.push(format!("1 record {what}")),
            count => parts.push(format!("{count} records {what}")),
        }
    }
    parts.join(", ")
}

/// The first record of the zone that was not there, or had another TTL.
fn first_new(change: &ZoneChange<'_>) -> Option<Span> {
    let of_rrset = |rrset: &crate::change::RrsetChange| {
        let retimed = rrset.kept.iter().filter(|(before, after)| before.ttl != after.ttl);
        rrset.added.iter().chain(retimed.map(|(_, after)| after)).copied().min_by_key(Rec::place)
    };
    let (key, rec) = change
        .rrsets
        .iter()
        .filter_map(|rrset| Some((&rrset.key, of_rrset(rrset)?)))
        .min_by_key(|(_, rec)| rec.place())?;
    span_of(change.after, key, rec)
}

fn span_of(zone: &Zone, key: &[u8], rec: Rec) -> Option<Span> {
    zone.record(key, rec).map(|record| record.span)
}

/// A finding about the serial of the zone.
fn at_serial(context: &ZoneContext<'_>, rule: &'static str, message: String) -> Option<Finding> {
    let soa = context.zone.soa()?;
    Some(context.about(rule, &soa, soa.field(2), message))
}

/// Says what comes after a serial, in the style that it has, and writes it.
fn bump(finding: Finding, before: u32) -> Finding {
    let Ok(now) = serial::now(|name| std::env::var(name).ok()) else {
        return finding.help("raise the serial");
    };
    let next = serial::next_at(before, now);
    let span = finding.span;
    finding.help(format!("write {next}")).fix(Applicability::Safe, span, next.to_string())
}

/// Without a day nothing is said of dates.
fn today() -> Option<Date> {
    serial::today(|name| std::env::var(name).ok()).ok()
}

/// The rules about serials.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "include-changed-serial-not-bumped",
        Error,
        Safe,
        "RFC 1035 3.3.13",
        Check::Change(include_not_bumped),
        "an included file changed, the serial of the zone did not"
    ),
    rule!(
        Change,
        ".",
        "serial-bumped-without-change",
        Info,
        No,
        "RFC 1035 3.3.13",
        Check::Change(bumped_without_change),
        "a new serial, and nothing else is new"
    ),
    rule!(
        Change,
        ".",
        "serial-decreased",
        Error,
        Safe,
        "RFC 1982 3.2",
        Check::Change(decreased),
        "the serial is older than it was"
    ),
    rule!(
        Change,
        ".",
        "serial-jump",
        Error,
        No,
        "RFC 1982 7",
        Check::Change(jump),
        "the serial was raised too far, or is no date any more"
    ),
    rule!(
        Change,
        ".",
        "serial-not-bumped",
        Error,
        Safe,
        "RFC 1035 3.3.13",
        Check::Change(not_bumped),
        "records changed, the serial did not"
    ),
];
