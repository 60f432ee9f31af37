//! Times of signatures (RFC 4034 section 3.2): `YYYYMMDDHHmmSS` in UTC, or seconds since 1970.

use super::super::token::{FieldError, FieldResult, Tokens};
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
fn seconds(text: &[u8]) -> Option<u32> {
    let value = digits(text)?;
    if text.len() <= 10 {
        return u32::try_from(value).ok();
    }
    if text.len() != 14 {
        return None;
    }
    let part = |from: usize, len: usize| digits(&text[from..from + len]);
    let year = i16::try_from(part(0, 4)?).ok()?;
    let month = i8::try_from(part(4, 2)?).ok()?;
    let day = i8::try_from(part(6, 2)?).ok()?;
    let (hour, minute, second) = (part(8, 2)?, part(10, 2)?, part(12, 2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    let midnight = date.duration_since(jiff::civil::date(1970, 1, 1)).as_secs();
    let sum = midnight + i64::try_from(hour * 3600 + minute * 60 + second).ok()?;
    Some(sum.rem_euclid(1 << 32) as u32)
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
