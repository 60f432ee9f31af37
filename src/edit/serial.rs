//! The serial number of a zone: which is newer, and what comes next.
//!
//! Serials only go up, in the arithmetic of RFC 1982, and in the style the zone already has.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use std::fmt;
use std::time::SystemTime;

/// How a zone counts its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SerialStyle {
    /// `YYYYMMDDnn`: a day and the number of the change on it (RFC 1912 section 2.2).
    Date,
    /// Any other number, raised by one.
    Counter,
}

/// The style of a serial: [`SerialStyle::Date`] when it starts with a day from 1990 to a year after
/// `today`.
pub fn style(serial: u32, today: Date) -> SerialStyle {
    let latest = today.saturating_add(1.year());
    match day_of(serial) {
        Some(day) if day.year() >= 1990 && day <= latest => SerialStyle::Date,
        _ => SerialStyle::Counter,
    }
}

/// The serial after `serial`, in its own style; always newer than it by RFC 1982.
///
/// A date serial becomes the first of `today`, or the next of its own day when that is as late or
/// later; after number 99 it goes on with the day after. A counter goes up by one and leaves out 0,
/// which some servers take for no serial at all.
pub fn next(serial: u32, today: Date) -> u32 {
    let successor = match serial.wrapping_add(1) {
        0 => 1,
        successor => successor,
    };
    if style(serial, today) == SerialStyle::Counter {
        return successor;
    }
    let successor = match day_of(successor) {
        Some(_) => successor,
        // 99 was used on the last day of a month: plus one would be no day any more.
        None => day_of(serial).and_then(|day| number(day.tomorrow().ok()?, 0)).unwrap_or(successor),
    };
    match number(today, 1) {
        Some(first_of_today) if first_of_today > successor && newer(first_of_today, serial) => first_of_today,
        _ => successor,
    }
}

/// Serials from here on may be seconds since 1970, as of September 2001.
const FIRST_SECONDS: u32 = 1_000_000_000;

/// The serial after `serial` at a moment: [`next`] of the day, unless `serial` reads as seconds since
/// 1970, as generators write it; then it is those of `now`.
pub fn next_at(serial: u32, now: Timestamp) -> u32 {
    let today = Offset::UTC.to_datetime(now).date();
    let seconds = u32::try_from(now.as_second()).unwrap_or_default();
    let reads_as_seconds = style(serial, today) == SerialStyle::Counter
        && (FIRST_SECONDS..seconds).contains(&serial)
        && newer(seconds, serial);
    if reads_as_seconds { seconds } else { next(serial, today) }
}

/// Whether `a` is newer than `b` (RFC 1982 section 3.2). Of two serials exactly 2^31 apart neither is.
pub fn newer(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 31
}

/// The day a serial starts with, when read as `YYYYMMDDnn`.
pub fn day_of(serial: u32) -> Option<Date> {
    let day = serial / 100;
    let year = i16::try_from(day / 10_000).ok()?;
    let month = i8::try_from(day / 100 % 100).ok()?;
    Date::new(year, month, i8::try_from(day % 100).ok()?).ok()
}

/// The first serial of a day, `YYYYMMDD01`; none for a day whose number does not fit 32 bits.
pub fn first_of(day: Date) -> Option<u32> {
    number(day, 1)
}

/// `YYYYMMDDnn` of a day; none for a day whose number does not fit 32 bits.
fn number(day: Date, nn: u8) -> Option<u32> {
    let (year, month, day) =
        (u32::try_from(day.year()).ok()?, u32::try_from(day.month()).ok()?, u32::try_from(day.day()).ok()?);
    year.checked_mul(1_000_000)?.checked_add(month * 10_000 + day * 100 + u32::from(nn))
}

/// Why there is no today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TodayError {
    /// `SOURCE_DATE_EPOCH` is no number of seconds, or of too many.
    SourceDateEpoch(String),
    /// The system clock shows a time no calendar has.
    Clock,
}

impl fmt::Display for TodayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SourceDateEpoch(found) => write!(
                f,
                "SOURCE_DATE_EPOCH is `{}`, expected a number of seconds since 1970-01-01 such as 1767225600; \
                 unset it to use the system clock",
                found.escape_debug()
            ),
            Self::Clock => f.write_str("the system clock is out of range; set it, or set SOURCE_DATE_EPOCH"),
        }
    }
}

impl std::error::Error for TodayError {}

/// The day in UTC: that of `SOURCE_DATE_EPOCH` when `env` has it, else that of the system clock.
///
/// # Errors
/// A `SOURCE_DATE_EPOCH` that is no number of seconds, an empty one among them.
pub fn today(env: impl Fn(&str) -> Option<String>) -> Result<Date, TodayError> {
    Ok(Offset::UTC.to_datetime(now(env)?).date())
}

/// The moment: that of `SOURCE_DATE_EPOCH` when `env` has it, else that of the system clock.
///
/// # Errors
/// Those of [`today`].
pub fn now(env: impl Fn(&str) -> Option<String>) -> Result<Timestamp, TodayError> {
    match env("SOURCE_DATE_EPOCH") {
        Some(found) => found
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or(TodayError::SourceDateEpoch(found)),
        None => Timestamp::try_from(SystemTime::now()).map_err(|_| TodayError::Clock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SerialStyle::{Counter, Date as Dated};
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_next_serial_keeps_the_style() {
        let today = date(2026, 8, 1);
        for (serial, found, expected) in [
            (0, Counter, 1),
            (1, Counter, 2),
            (41, Counter, 42),
            (4_294_967_294, Counter, 4_294_967_295),
            (4_294_967_295, Counter, 1),
            (2_147_483_647, Counter, 2_147_483_648),
            // Seconds since 1970, as some generators write.
            (1_785_542_400, Counter, 1_785_542_401),
            (1_989_123_101, Counter, 1_989_123_102),
            (1_990_010_100, Dated, 2_026_080_101),
            (2_012_110_101, Dated, 2_026_080_101),
            (2_026_073_199, Dated, 2_026_080_101),
            (2_026_080_100, Dated, 2_026_080_101),
            (2_026_080_101, Dated, 2_026_080_102),
            (2_026_080_199, Dated, 2_026_080_200),
            // The future, within a year.
            (2_026_112_107, Dated, 2_026_112_108),
            (2_026_112_199, Dated, 2_026_112_200),
            (2_026_113_099, Dated, 2_026_120_100),
            (2_026_123_199, Dated, 2_027_010_100),
            (2_027_080_199, Dated, 2_027_080_200),
            // Too far ahead, or no day at all.
            (2_027_080_200, Counter, 2_027_080_201),
            (2_026_022_901, Counter, 2_026_022_902),
            (2_026_130_101, Counter, 2_026_130_102),
            (2_026_000_001, Counter, 2_026_000_002),
            // Seven digits of day and a counter; not ten digits, so no date.
            (202_608_011, Counter, 202_608_012),
        ] {
            assert_eq!(style(serial, today), found, "style of {serial}");
            assert_eq!(next(serial, today), expected, "after {serial}");
        }
    }

    #[test]
    fn odd_days_do_not_break_it() {
        assert_eq!(next(2_026_080_101, date(1970, 1, 1)), 2_026_080_102);
        assert_eq!(next(2_026_080_101, date(9999, 12, 31)), 2_026_080_102);
        assert_eq!(next(2_024_022_899, date(2024, 2, 28)), 2_024_022_900);
        assert_eq!(next(2_024_022_999, date(2024, 2, 29)), 2_024_030_100);
        // 4294-01-01 fits 32 bits, but by RFC 1982 it would be older than 1990.
        assert_eq!(next(1_990_010_101, date(4294, 1, 1)), 1_990_010_102);
    }

    #[test]
    fn newer_is_that_of_rfc_1982() {
        for (a, b, expected) in [
            (1, 0, true),
            (0, 1, false),
            (7, 7, false),
            (0, u32::MAX, true),
            (1, u32::MAX, true),
            (u32::MAX, 0, false),
            (2_147_483_647, 0, true),
            (2_147_483_648, 0, false),
            (0, 2_147_483_648, false),
            (2_147_483_649, 0, false),
            (0, 2_147_483_649, true),
        ] {
            assert_eq!(newer(a, b), expected, "{a} newer than {b}");
        }
    }

    #[test]
    fn seconds_become_those_of_the_moment() {
        let now: Timestamp = "2026-08-01T12:00:00Z".parse().unwrap();
        for (serial, expected) in [
            (1_700_000_000, 1_785_585_600),
            (1_785_585_599, 1_785_585_600),
            (1_785_585_600, 1_785_585_601),
            // Ahead of the clock: a counter, as far as anyone knows.
            (1_785_600_000, 1_785_600_001),
            (999_999_999, 1_000_000_000),
            (41, 42),
            (2_026_073_105, 2_026_080_101),
        ] {
            assert_eq!(next_at(serial, now), expected, "after {serial}");
        }
    }

    proptest! {
        #[test]
        fn next_at_a_moment_is_always_newer(serial: u32, seconds in 0i64..5_000_000_000) {
            let next = next_at(serial, Timestamp::from_second(seconds).unwrap());
            prop_assert!(newer(next, serial));
            prop_assert_ne!(next, 0);
        }

        #[test]
        fn next_is_always_newer(serial: u32, day in 0i64..200_000) {
            let today = Offset::UTC.to_datetime(Timestamp::from_second(day * 86_400).unwrap()).date();
            let next = next(serial, today);
            prop_assert!(newer(next, serial));
            prop_assert_ne!(next, 0);
        }

        #[test]
        fn date_serials_stay_dates(back in 0i64..12_000, nn in 0u8..100, today in 0i64..365) {
            let today = date(2026, 1, 1).saturating_add(today.days());
            let serial = number(today.saturating_sub(back.days()), nn).unwrap();
            prop_assert_eq!(style(serial, today), Dated);
            prop_assert_eq!(style(next(serial, today), today), Dated);
        }
    }

    #[test]
    fn today_follows_source_date_epoch() {
        let at =
            |value: &'static str| today(move |name| (name == "SOURCE_DATE_EPOCH").then(|| value.to_owned()));
        assert_eq!(at("0"), Ok(date(1970, 1, 1)));
        assert_eq!(at("1785628799"), Ok(date(2026, 8, 1)));
        assert_eq!(at("1785628800"), Ok(date(2026, 8, 2)));
        for bad in ["", "yesterday", "1.5", " 1", "9999999999999999", "99999999999999999999"] {
            let error = at(bad).unwrap_err();
            assert_eq!(error, TodayError::SourceDateEpoch(bad.to_owned()));
            assert!(error.to_string().starts_with(&format!("SOURCE_DATE_EPOCH is `{bad}`, expected")));
        }
    }

    #[test]
    fn today_is_that_of_the_clock_otherwise() {
        let clock = || Offset::UTC.to_datetime(Timestamp::now()).date();
        let before = clock();
        let found = today(|_| None).unwrap();
        assert!(before <= found && found <= clock());
    }
}
