//! Places on earth (RFC 1876): `51 30 12.748 N 0 7 39.612 W 0.00m 1m 10000m 10m`.

use super::super::token::{FieldError, FieldResult, Token, Tokens};
use super::fields::{bare, digits, fail, shown};
use crate::diagnostic::Applicability;
use nom::Parser as _;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::{char, digit0, one_of};
use nom::combinator::{all_consuming, opt};
use nom::sequence::preceded;

/// Octets on the wire.
const LEN: usize = 16;
/// Zero degrees on the wire.
const EQUATOR: u32 = 1 << 31;
/// Thousandths of a second of arc in a degree.
const DEGREE: u32 = 3_600_000;
/// Zero altitude on the wire, in centimetres.
const SEA_LEVEL: i64 = 10_000_000;
/// Greatest size in centimetres that one octet holds.
const MAX_SIZE: i64 = 9_000_000_000;
/// Size 1 m, horizontal precision 10 km, vertical precision 10 m.
const DEFAULTS: [u8; 3] = [0x12, 0x16, 0x13];

/// A location up to the end.
pub(super) fn location<'d, 't>(input: Tokens<'d, 't>, out: &mut Vec<u8>) -> FieldResult<'d, 't, ()> {
    let (rest, latitude) = angle(input, "latitude", 90, [b'N', b'S'])?;
    let (rest, longitude) = angle(rest, "longitude", 180, [b'E', b'W'])?;
    let (mut rest, altitude) = metres(rest, "altitude", -SEA_LEVEL, i64::from(u32::MAX) - SEA_LEVEL)?;
    let mut sizes = DEFAULTS;
    for (size, name) in sizes.iter_mut().zip(["size", "horizontal precision", "vertical precision"]) {
        if rest.is_empty() {
            break;
        }
        let (after, centimetres) = metres(rest, name, 0, MAX_SIZE)?;
        *size = exponent_form(centimetres);
        rest = after;
    }
    out.push(0);
    out.extend_from_slice(&sizes);
    out.extend_from_slice(&latitude.to_be_bytes());
    out.extend_from_slice(&longitude.to_be_bytes());
    out.extend_from_slice(&((altitude + SEA_LEVEL) as u32).to_be_bytes());
    Ok((rest, ()))
}

/// Degrees, minutes and seconds, the last two of which may be left out, and the hemisphere.
fn angle<'d, 't>(
    input: Tokens<'d, 't>,
    name: &'static str,
    most: u32,
    [plus, minus]: [u8; 2],
) -> FieldResult<'d, 't, u32> {
    let whole = DEGREE * most;
    let units = [(most, DEGREE), (59, 60_000), (59, 1000)];
    let mut rest = input;
    let mut sum = 0_u32;
    for (index, (max, scale)) in units.into_iter().enumerate() {
        let (after, (token, text)) = bare(rest, name)?;
        if index > 0 && hemisphere(text, plus, minus).is_some() {
            break;
        }
        let places = if index == 2 { 3 } else { 0 };
        let in_one = 10_u32.pow(places);
        match fixed_point(text, places, false) {
            Some(value) if value < i64::from((max + 1) * in_one) => sum += value as u32 * (scale / in_one),
            Some(_) => {
                let unit = ["degrees", "minutes", "seconds"][index];
                let message = format!("{name} has `{}` {unit}, over {max}", shown(text));
                return fail(FieldError::at(token, "loc-out-of-range", message));
            }
            None => return fail(not_understood(token, text, name, plus, minus)),
        }
        rest = after;
    }
    let (after, (token, text)) = bare(rest, name)?;
    let Some(sign) = hemisphere(text, plus, minus) else {
        return fail(not_understood(token, text, name, plus, minus));
    };
    if sum > whole {
        let message = format!("{name} is over {most} degrees");
        return fail(FieldError::at(token, "loc-out-of-range", message));
    }
    Ok((after, if sign { EQUATOR + sum } else { EQUATOR - sum }))
}

/// Whether a letter means the positive half; none when it is neither.
fn hemisphere(text: &[u8], plus: u8, minus: u8) -> Option<bool> {
    match text {
        [letter] if *letter == plus => Some(true),
        [letter] if *letter == minus => Some(false),
        _ => None,
    }
}

fn not_understood(token: Token, text: &[u8], name: &str, plus: u8, minus: u8) -> FieldError {
    let upper = text.to_ascii_uppercase();
    let lower_case = hemisphere(&upper, plus, minus).is_some();
    let (plus, minus) = (char::from(plus), char::from(minus));
    if lower_case {
        let message = format!("{name} ends in a lower-case `{}`", shown(text));
        return FieldError::at(token, "syntax-error", message)
            .help(format!("write `{plus}` or `{minus}`"))
            .fix(Applicability::Safe, upper);
    }
    let message = format!("expected a number, `{plus}` or `{minus}` in the {name}, found `{}`", shown(text));
    FieldError::at(token, "syntax-error", message).help(format!(
        "write degrees, minutes and seconds with blanks between them, then `{plus}` or `{minus}`"
    ))
}

/// Metres with at most two decimals, in centimetres.
fn metres<'d, 't>(input: Tokens<'d, 't>, name: &'static str, min: i64, max: i64) -> FieldResult<'d, 't, i64> {
    let (rest, (token, text)) = bare(input, name)?;
    let number = text.strip_suffix(b"m").unwrap_or(text);
    let shown = shown(text);
    match fixed_point(number, 2, min < 0) {
        Some(value) if (min..=max).contains(&value) => Ok((rest, value)),
        Some(_) => {
            let message = format!("{name} `{shown}` is not from {} to {} metres", min / 100, max / 100);
            fail(FieldError::at(token, "loc-out-of-range", message))
        }
        None => {
            let message =
                format!("expected metres with at most two decimals for the {name}, found `{shown}`");
            fail(FieldError::at(token, "syntax-error", message))
        }
    }
}

/// A decimal number with at most `places` decimals, in units of the last one. As BIND has it, the
/// digits on one side of the point may be left out.
fn fixed_point(text: &[u8], places: u32, may_have_sign: bool) -> Option<i64> {
    let decimals = take_while_m_n(0, places as usize, |octet: u8| octet.is_ascii_digit());
    let sign = opt(one_of::<_, _, nom::error::Error<&[u8]>>("+-"));
    let parts = (sign, digit0, opt(preceded(char('.'), decimals)));
    let (_, (sign, whole, decimals)) = all_consuming(parts).parse(text).ok()?;
    let fraction = decimals.unwrap_or_default();
    if sign.is_some() && !may_have_sign
        || decimals.is_some() && places == 0
        || whole.is_empty() && fraction.is_empty()
    {
        return None;
    }
    let scale = |count: u32| 10_i64.checked_pow(count);
    let whole = i64::try_from(digits(whole).unwrap_or(0)).ok()?.checked_mul(scale(places)?)?;
    let fraction = digits(fraction).unwrap_or(0) as i64 * scale(places - fraction.len() as u32)?;
    let value = whole.checked_add(fraction)?;
    Some(if sign == Some('-') { -value } else { value })
}

/// One digit and a power of ten, cut off below (RFC 1876 section 2).
fn exponent_form(centimetres: i64) -> u8 {
    let (mut mantissa, mut exponent) = (centimetres, 0);
    while mantissa > 9 {
        mantissa /= 10;
        exponent += 1;
    }
    (mantissa as u8) << 4 | exponent
}

/// Checks a location on the wire.
pub(super) fn check(rest: &[u8]) -> Result<usize, &'static str> {
    let octets: &[u8; LEN] = rest.first_chunk().ok_or(super::table::SHORT)?;
    let [version, sizes @ .., _, _, _, _, _, _, _, _, _, _, _, _] = octets;
    if *version != 0 {
        return Err("has a version other than 0");
    }
    if sizes.iter().any(|size| *size != 0 && !matches!((size >> 4, size & 15), (1..=9, 0..=9))) {
        return Err("has a size that is not a digit from 1 to 9 and a power of ten");
    }
    let off = |at: usize| {
        let value = octets[at..at + 4].iter().fold(0_u32, |value, octet| value << 8 | u32::from(*octet));
        value.abs_diff(EQUATOR)
    };
    if off(4) > 90 * DEGREE || off(8) > 180 * DEGREE {
        return Err("lies beyond 90 degrees of latitude or 180 of longitude");
    }
    Ok(LEN)
}

/// The text of a location on the wire that [`check`] allows, as BIND prints it.
pub(super) fn print(octets: &[u8], out: &mut String) {
    let [_, size, horizontal, vertical, numbers @ ..] = octets else { return };
    let mut numbers = numbers
        .chunks_exact(4)
        .map(|octets| octets.iter().fold(0_u32, |value, octet| value << 8 | u32::from(*octet)));
    let mut next = || numbers.next().unwrap_or_default();
    for [plus, minus] in [['N', 'S'], ['E', 'W']] {
        let value = next();
        let sum = value.abs_diff(EQUATOR);
        let (degrees, minutes) = (sum / DEGREE, sum / 60_000 % 60);
        let (seconds, thousandths) = (sum / 1000 % 60, sum % 1000);
        let letter = if value < EQUATOR { minus } else { plus };
        out.push_str(&format!("{degrees} {minutes} {seconds}.{thousandths:03} {letter} "));
    }
    let altitude = i64::from(next()) - SEA_LEVEL;
    let sign = if altitude < 0 { "-" } else { "" };
    let centimetres = altitude.unsigned_abs();
    out.push_str(&format!("{sign}{}.{:02}m", centimetres / 100, centimetres % 100));
    for size in [size, horizontal, vertical] {
        let (mantissa, exponent) = (u64::from(size >> 4), u32::from(size & 15));
        let centimetres = mantissa * 10_u64.pow(exponent);
        if exponent < 2 {
            out.push_str(&format!(" {}.{:02}m", centimetres / 100, centimetres % 100));
        } else {
            out.push_str(&format!(" {}m", centimetres / 100));
        }
    }
}
