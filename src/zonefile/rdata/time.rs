//! Times of signatures (RFC 4034 section 3.2): `YYYYMMDDHHmmSS` in UTC, or seconds since 1970.

use super::super::token::{FieldError, FieldResult, Tokens};
use super::super::ttl;
use super::fields::{bare, digits, fail, shown};

/// A time in seconds since 1970 modulo 2^32.
pub(super) fn time<'d, 't>(input: Tokens<'d, 't>, name: &'static str) -> FieldResult<'d, 't, u32> {
    let (rest, (found, text)) = bare(input, name)?;
    if let Some(value) = seconds(text) {
        return Ok((rest, value));
    }
    let message = format!("{name} `{}` is no time", shown(text));
    fail(
        FieldError::at(found, "bad-timestamp", message)
            .help("write `YYYYMMDDHHmmSS` in UTC, or the seconds since 1970"),
    )
}

/// Seconds since 1970 modulo 2^32 (RFC 4034 section 3.1.5).
pub(super) fn seconds(text: &[u8]) -> Option<u32> {
    if text.len() <= 10 {
        return u32::try_from(digits(text)?).ok();
    }
    let (date, time) = text.split_at_checked(8)?;
    if time.len() != 6 {
        return None;
    }
    let (date, time) = (ttl::seconds(date)?, ttl::seconds(time)?);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let date = jiff::civil::Date::new(year as i16, month as i8, day as i8).ok()?;
    let midnight = jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?.as_second();
    let sum = midnight + i64::from(hour * 3600 + minute * 60 + second);
    Some(sum.rem_euclid(1 << 32) as u32)
}

/// The times that were read last: all signatures of a zone have one of a few.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    known: [Option<([u8; 14], u32)>; 2],
    next: usize,
}

impl Times {
    /// What [`seconds`] reads.
    pub(super) fn seconds(&mut self, text: &[u8]) -> Option<u32> {
        let Ok(text) = <&[u8; 14]>::try_from(text) else { return seconds(text) };
        if let Some((_, value)) = self.known.iter().flatten().find(|(known, _)| known == text) {
            return Some(*value);
        }
        let value = seconds(text)?;
        self.known[self.next] = Some((*text, value));
        self.next ^= 1;
        Some(value)
    }
}

/// Appends a time as `YYYYMMDDHHmmSS` in UTC (RFC 4034 section 3.2).
pub(super) fn print(seconds: u64, out: &mut String) -> Option<()> {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    out.push_str(&format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    ));
    Some(())
}
