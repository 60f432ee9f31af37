//! The digits of hexadecimal numbers and of base64 (RFC 4648).

/// No digit.
pub(super) const NONE: u8 = 0xff;

/// The values of hexadecimal digits.
static HEX_VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut octet = 0;
    while octet < values.len() {
        if let Some(value) = (octet as u8 as char).to_digit(16) {
            values[octet] = value as u8;
        }
        octet += 1;
    }
    values
};

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(octet: u8) -> Option<u8> {
    Some(HEX_VALUES[usize::from(octet)]).filter(|value| *value != NONE)
}

/// The digits of base64 by their values.
pub(super) const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The values of the digits of base64.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < BASE64.len() {
        values[BASE64[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// The value of a digit of base64.
pub(crate) fn base64_digit(octet: u8) -> Option<u8> {
    Some(VALUES[usize::from(octet)]).filter(|value| *value != NONE)
}

/// Whether a text has digits of base64 only, without padding.
pub(crate) fn are_base64_digits(text: &[u8]) -> bool {
    text.iter().fold(0, |all, octet| all | VALUES[usize::from(*octet)]) != NONE
}
