//! TTLs and periods of time in BIND's units.

use nom::Parser as _;
use nom::character::complete::{digit1, one_of};
use nom::combinator::{all_consuming, opt};
use nom::multi::many1;

/// The largest TTL in seconds (RFC 2181 section 8).
pub const MAX_TTL: u32 = i32::MAX as u32;

/// Why text is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodError {
    /// Neither digits nor digits with units.
    Malformed,
    /// A number after the last unit has no unit of its own (`1h30`).
    UnitMissing,
    /// More seconds than 32 bits hold.
    TooLarge,
}

/// Reads seconds from `3600`, `1h`, `1h30m`, `1w2d3h4m5s`; units in any case and order.
///
/// # Errors
/// Says what is wrong with the text.
pub fn period(text: &[u8]) -> Result<u32, PeriodError> {
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return Err(PeriodError::Malformed);
    }
    if let Some(seconds) = seconds(text) {
        return Ok(seconds);
    }
    let unit = one_of("wdhmsWDHMS").map(|unit| unit as u8);
    let part = (digit1::<&[u8], nom::error::Error<&[u8]>>, opt(unit));
    let (_, parts) = all_consuming(many1(part)).parse(text).map_err(|_| PeriodError::Malformed)?;
    let mut sum = 0_u64;
    for (digits, unit) in &parts {
        let value = digits
            .iter()
            .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
            .ok_or(PeriodError::TooLarge)?;
        let scale = match unit {
            None if parts.len() > 1 => return Err(PeriodError::UnitMissing),
            None => 1,
            Some(unit) => seconds_of_unit(*unit).ok_or(PeriodError::Malformed)?,
        };
        sum = value
            .checked_mul(u64::from(scale))
            .and_then(|value| sum.checked_add(value))
            .ok_or(PeriodError::TooLarge)?;
    }
    u32::try_from(sum).map_err(|_| PeriodError::TooLarge)
}

/// The seconds of a unit, in any case.
fn seconds_of_unit(unit: u8) -> Option<u32> {
    match unit.to_ascii_lowercase() {
        b's' => Some(1),
        b'm' => Some(60),
        b'h' => Some(3600),
        b'd' => Some(86_400),
        b'w' => Some(604_800),
        _ => None,
    }
}

/// A number of at most nine digits, alone or with one unit: nearly every period.
pub(super) fn simple_period(text: &[u8]) -> Option<u32> {
    if let Some(seconds) = seconds(text) {
        return Some(seconds);
    }
    let (unit, number) = text.split_last()?;
    seconds(number)?.checked_mul(seconds_of_unit(*unit)?)
}

/// A number of at most nine digits, which is a number of seconds.
pub(super) fn seconds(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0_u32, |value, octet| {
        let digit = octet.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + u32::from(digit))
    })
}

/// Whether a token in TTL position is meant as one: it begins with a digit and holds only digits
/// and unit letters.
pub fn looks_like_period(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().all(|octet| octet.is_ascii_digit() || b"wdhmsWDHMS".contains(octet))
}

/// Whether each unit of a period stands once, the largest first: the form every server reads alike.
pub fn units_in_order(text: &[u8]) -> bool {
    let place = |unit: &u8| b"wdhms".iter().position(|known| *known == unit.to_ascii_lowercase());
    let mut before = None;
    text.iter().filter_map(place).all(|unit| before.replace(unit).is_none_or(|before| before < unit))
}

/// Seconds in units, each once, the largest first.
pub fn in_units(seconds: u32) -> String {
    let mut text = String::new();
    let mut rest = seconds;
    for (scale, unit) in [(604_800, 'w'), (86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')] {
        if rest >= scale {
            text.push_str(&(rest / scale).to_string());
            text.push(unit);
            rest %= scale;
        }
    }
    if text.is_empty() { String::from("0") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_as_bind_reads_them() {
        for (text, value) in [
            ("0", Ok(0)),
            ("3600", Ok(3600)),
            ("1h30m", Ok(5400)),
            ("30m1h", Ok(5400)),
            ("1W2D3H4M5S", Ok(788_645)),
            ("1h1h", Ok(7200)),
            ("4294967295", Ok(u32::MAX)),
            ("4294967296", Err(PeriodError::TooLarge)),
            ("99999999999999999999999", Err(PeriodError::TooLarge)),
            ("7102w", Err(PeriodError::TooLarge)),
            ("1h30", Err(PeriodError::UnitMissing)),
            ("h", Err(PeriodError::Malformed)),
            ("1x", Err(PeriodError::Malformed)),
            ("", Err(PeriodError::Malformed)),
        ] {
            assert_eq!(period(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn units_once_each_the_largest_first() {
        for text in ["3600", "1h30m", "1w2d3h4m5s", "30M"] {
            assert!(units_in_order(text.as_bytes()), "{text}");
        }
        for (text, meant) in [("30m1h", "1h30m"), ("1h1h", "2h"), ("5s1W", "1w5s"), ("0m0h", "0")] {
            assert!(!units_in_order(text.as_bytes()), "{text}");
            assert_eq!(in_units(period(text.as_bytes()).unwrap()), meant, "{text}");
        }
    }
}
