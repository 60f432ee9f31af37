//! What the text of a name gives away: an address in its place, a final dot that is missing.

use super::name::NameContext;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Endings that no host's relative name has by accident.
const SUFFIXES: [&[u8]; 12] =
    [b"com", b"net", b"org", b"edu", b"gov", b"mil", b"int", b"io", b"de", b"fr", b"uk", b"eu"];

/// Whether a name is written as an IPv4 or IPv6 address, with or without a final dot.
pub fn is_address(text: &[u8]) -> bool {
    let text = text.strip_suffix(b".").unwrap_or(text);
    let starts = text.first().is_some_and(|octet| octet.is_ascii_hexdigit() || *octet == b':');
    if !starts || text.len() > 45 {
        return false;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether a relative name looks absolute: its text ends in the origin or the apex (`true`), or in
/// a public suffix (`false`).
pub fn lacks_dot(text: &[u8], context: &NameContext) -> Option<bool> {
    memchr::memchr(b'.', text)?;
    if repeats(text, context.origin.as_bytes()) || repeats(text, context.apex.as_bytes()) {
        return Some(true);
    }
    let last = text.rsplit(|octet| *octet == b'.').next()?;
    SUFFIXES.iter().any(|suffix| last.eq_ignore_ascii_case(suffix)).then_some(false)
}

/// Whether the text ends in a name of two labels or more.
fn repeats(text: &[u8], name: &[u8]) -> bool {
    if memchr::memchr(b'.', name).is_none() {
        return false;
    }
    let Some(split) = text.len().checked_sub(name.len()) else { return false };
    text[split..].eq_ignore_ascii_case(name) && (split == 0 || text[split - 1] == b'.')
}

#[cfg(test)]
mod tests {
    use super::super::name::Name;
    use super::*;

    #[test]
    fn addresses() {
        for text in ["192.0.2.1", "192.0.2.1.", "2001:db8::1", "::"] {
            assert!(is_address(text.as_bytes()), "{text}");
        }
        for text in ["192.0.2", "1.2.3.4.in-addr.arpa.", "ad", "a.b", "256.0.2.1"] {
            assert!(!is_address(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn missing_dots() {
        let apex = Name::absolute(b"example.com").unwrap();
        let context = NameContext::new(apex, Name::absolute(b"lab.example.com").unwrap());
        assert_eq!(lacks_dot(b"sip1.EXAMPLE.com", &context), Some(true));
        assert_eq!(lacks_dot(b"x.lab.example.com", &context), Some(true));
        assert_eq!(lacks_dot(b"mail.other.net", &context), Some(false));
        assert_eq!(lacks_dot(b"sip1", &context), None);
        assert_eq!(lacks_dot(b"a.b", &context), None);
        assert_eq!(lacks_dot(b"com", &context), None);
    }
}
