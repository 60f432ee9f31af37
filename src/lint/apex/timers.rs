//! The numbers of the SOA record (RFC 1912 section 2.2, RFC 2308 section 5): the serial, and the times
//! in seconds.

use super::soa::{is_for_itself, is_of_zone};
use crate::config::ZoneKind;
use crate::diagnostic::Applicability;
use crate::edit::serial::{self, day_of};
use crate::lint::context::{Workspace, ZoneContext};
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::Record;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::sync::OnceLock;

/// A time at the end of the SOA record.
#[derive(Clone, Copy)]
struct Timer {
    name: &'static str,
    /// Seconds.
    value: u32,
    span: Span,
}

/// The numbers of a SOA record.
struct Numbers {
    serial: u32,
    serial_span: Span,
    refresh: Timer,
    retry: Timer,
    expire: Timer,
    minimum: Timer,
}

impl Numbers {
    /// Those of the zone's own record.
    fn of(context: &ZoneContext<'_>, soa: &Record) -> Option<Self> {
        let words = soa.wire.last_chunk::<20>().filter(|_| is_of_zone(context, soa))?;
        let mut numbers = words
            .chunks_exact(4)
            .map(|word| word.iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet)));
        let serial = numbers.next()?;
        let mut timer = |name, field| Some(Timer { name, value: numbers.next()?, span: soa.field(field) });
        Some(Self {
            serial,
            serial_span: soa.field(2),
            refresh: timer("refresh", 3)?,
            retry: timer("retry", 4)?,
            expire: timer("expire", 5)?,
            minimum: timer("minimum", 6)?,
        })
    }

    /// The same, unless they stand in another order than they should: then only that is said.
    fn ordered(context: &ZoneContext<'_>, soa: &Record) -> Option<Self> {
        Self::of(context, soa).filter(|numbers| numbers.misplaced().is_none())
    }

    fn timers(&self) -> [Timer; 4] {
        [self.refresh, self.retry, self.expire, self.minimum]
    }

    /// A time that looks like a serial, where the serial does not.
    fn misplaced(&self) -> Option<Timer> {
        if is_dated(self.serial) {
            return None;
        }
        self.timers().into_iter().find(|timer| is_dated(timer.value))
    }
}

/// Whether a number reads as the day of a change and its number, `YYYYMMDDnn`.
fn is_dated(number: u32) -> bool {
    (1_990_000_000..2_100_000_000).contains(&number) && day_of(number).is_some()
}

/// `soa-fields-look-permuted`
pub(super) fn permuted(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(numbers) = Numbers::of(context, soa) else { return };
    let Some(timer) = numbers.misplaced() else { return };
    let message = format!(
        "the SOA record of `{}` has {} as {}: it looks like a serial number",
        soa.owner, timer.value, timer.name
    );
    out.push(
        context
            .about("soa-fields-look-permuted", soa, timer.span, message)
            .related(numbers.serial_span, format!("{} is the serial", numbers.serial))
            .help("the order is serial, refresh, retry, expire, minimum"),
    );
}

/// `soa-zero-timer`
pub(super) fn zero(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(numbers) = Numbers::ordered(context, soa) else { return };
    let zeros: Vec<Timer> = numbers.timers().into_iter().filter(|timer| timer.value == 0).collect();
    // An expire below the others is reported as that.
    let expires_early = numbers.expire.value < numbers.refresh.value.saturating_add(numbers.retry.value);
    let mut zeros = zeros.into_iter().filter(|timer| timer.name != "expire" || !expires_early);
    let Some(first) = zeros.next().filter(|_| !is_for_itself(context)) else { return };
    let names = std::iter::once(first.name).chain(zeros.map(|timer| timer.name)).collect::<Vec<_>>();
    let message = format!("the SOA record of `{}` has {} 0", soa.owner, names.join(", "));
    let help = "usual are refresh 14400, retry 3600, expire 1209600, minimum 3600";
    out.push(context.about("soa-zero-timer", soa, first.span, message).help(help));
}

/// `soa-refresh-low`
pub(super) fn refresh_low(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    low(context, soa, "soa-refresh-low", |numbers| numbers.refresh, 1200, out);
}

/// `soa-retry-low`
pub(super) fn retry_low(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    low(context, soa, "soa-retry-low", |numbers| numbers.retry, 180, out);
}

fn low(
    context: &ZoneContext<'_>,
    soa: &Record,
    rule: &'static str,
    timer: impl Fn(&Numbers) -> Timer,
    least: u32,
    out: Out<'_>,
) {
    let Some(timer) = Numbers::ordered(context, soa).map(|numbers| timer(&numbers)) else { return };
    if !(1..least).contains(&timer.value) {
        return;
    }
    let message =
        format!("the SOA record of `{}` has {} {}, less than {least}", soa.owner, timer.name, timer.value);
    let help = format!("write {least} or more; NOTIFY makes changes known at once");
    out.push(context.about(rule, soa, timer.span, message).help(help));
}

/// `soa-retry-not-less-than-refresh`
pub(super) fn retry_not_less(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(Numbers { refresh, retry, .. }) = Numbers::ordered(context, soa) else { return };
    if refresh.value == 0 || retry.value < refresh.value {
        return;
    }
    let message = format!(
        "the SOA record of `{}` has retry {}, not less than refresh {}",
        soa.owner, retry.value, refresh.value
    );
    out.push(
        context
            .about("soa-retry-not-less-than-refresh", soa, retry.span, message)
            .related(refresh.span, "refresh")
            .help("after a failure, secondaries should ask again sooner: a quarter of refresh is usual"),
    );
}

/// `soa-expire-lt-refresh`
pub(super) fn expire_lt_refresh(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(Numbers { refresh, retry, expire, .. }) = Numbers::ordered(context, soa) else { return };
    let least = u64::from(refresh.value) + u64::from(retry.value);
    if u64::from(expire.value) >= least {
        return;
    }
    let message = format!(
        "the SOA record of `{}` has expire {}, less than refresh {} and retry {} together",
        soa.owner, expire.value, refresh.value, retry.value
    );
    out.push(
        context
            .about("soa-expire-lt-refresh", soa, expire.span, message)
            .related(refresh.span, "refresh")
            .help("write two to four weeks, such as 1209600"),
    );
}

/// `soa-expire-low`
pub(super) fn expire_low(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    const WEEK: u32 = 604_800;
    let Some(Numbers { refresh, retry, expire, .. }) = Numbers::ordered(context, soa) else { return };
    // Domain controllers write a day, and copy their zones by other means.
    if context.zone.is_windows() || matches!(context.kind, ZoneKind::Private | ZoneKind::Internal) {
        return;
    }
    if expire.value < refresh.value.saturating_add(retry.value) || !(1..WEEK).contains(&expire.value) {
        return;
    }
    let message = format!("the SOA record of `{}` has expire {}, less than a week", soa.owner, expire.value);
    let help = "write two to four weeks, such as 1209600";
    out.push(context.about("soa-expire-low", soa, expire.span, message).help(help));
}

/// `soa-minimum-out-of-range`
pub(super) fn minimum(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    const DAY: u32 = 86_400;
    const LEAST: u32 = 300;
    let Some(Numbers { minimum, .. }) = Numbers::ordered(context, soa) else { return };
    let (fault, help) = match minimum.value {
        0 | LEAST..=DAY => return,
        // Inside a network, names come and go by the minute.
        1..LEAST if matches!(context.kind, ZoneKind::Private | ZoneKind::Internal) => return,
        1..LEAST => ("less than 300", "write 300 or more"),
        _ => ("more than a day", "write an hour or so: a name that is new stays unknown for so long"),
    };
    if is_for_itself(context) {
        return;
    }
    let message = format!(
        "the SOA record of `{}` has minimum {}, the TTL of negative answers, {fault}",
        soa.owner, minimum.value
    );
    out.push(context.about("soa-minimum-out-of-range", soa, minimum.span, message).help(help));
}

/// `soa-serial-zero`
pub(super) fn serial_zero(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(numbers) = Numbers::ordered(context, soa).filter(|numbers| numbers.serial == 0) else { return };
    let message = format!("the SOA record of `{}` has serial 0", soa.owner);
    let finding = context
        .about("soa-serial-zero", soa, numbers.serial_span, message)
        .help("write 1, or the day and the number of the change");
    out.push(match soa.fields.get(2) {
        Some(_) => finding.fix(Applicability::Safe, numbers.serial_span, "1"),
        None => finding,
    });
}

/// `soa-serial-future`
pub(super) fn serial_future(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(numbers) = Numbers::ordered(context, soa).filter(|numbers| is_dated(numbers.serial)) else {
        return;
    };
    let (Some(day), Some(today)) = (day_of(numbers.serial), today()) else { return };
    // It may be tomorrow already where the zone is written.
    if day <= today.saturating_add(1.day()) {
        return;
    }
    let message =
        format!("the SOA record of `{}` has serial {}, of a day to come", soa.owner, numbers.serial);
    out.push(
        context
            .about("soa-serial-future", soa, numbers.serial_span, message)
            .help("go on from it by one at a time: secondaries do not take a lower one"),
    );
}

/// The day of this run.
fn today() -> Option<Date> {
    static TODAY: OnceLock<Option<Date>> = OnceLock::new();
    *TODAY.get_or_init(|| serial::today(|name| std::env::var(name).ok()).ok())
}

/// `soa-serial-format`
pub(super) fn serial_format(workspace: &Workspace<'_>, out: Out<'_>) {
    const FEW: usize = 3;
    let soas: Vec<(&ZoneContext<'_>, Record, Numbers)> = workspace
        .zones
        .iter()
        .filter_map(|context| {
            let soa = context.zone.soa()?;
            let numbers = Numbers::ordered(context, &soa)?;
            Some((context, soa, numbers))
        })
        .collect();
    let dated = soas.iter().filter(|(.., numbers)| is_dated(numbers.serial)).count();
    if dated < FEW || dated * 4 < soas.len() * 3 {
        return;
    }
    for (context, soa, numbers) in soas.iter().filter(|(.., numbers)| !is_dated(numbers.serial)) {
        let message = format!(
            "the SOA record of `{}` has serial {}, and {dated} other zones have days, `YYYYMMDDnn`",
            soa.owner, numbers.serial
        );
        let finding = context
            .about("soa-serial-format", soa, numbers.serial_span, message)
            .help("count the changes of all zones alike");
        let dated = today().and_then(serial::first_of);
        out.push(match dated.filter(|dated| serial::newer(*dated, numbers.serial)) {
            Some(dated) if soa.fields.get(2).is_some() => finding
                .help(format!("write {dated}, to count the changes of all zones alike"))
                .fix(Applicability::Unsafe, numbers.serial_span, dated.to_string()),
            _ => finding,
        });
    }
}
