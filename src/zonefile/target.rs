//! What the text of a name gives away: an address in its place, a final dot that is missing.

use super::name::{Kinds, Labels, NameContext};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Endings that no host's relative name has by accident.
const SUFFIXES: [&[u8]; 12] =
    [b"com", b"net", b"org", b"edu", b"gov", b"mil", b"int", b"io", b"de", b"fr", b"uk", b"eu"];

/// Whether a name is written as a URL, or as a host with a path.
pub fn is_url(text: &[u8], context: &NameContext) -> bool {
    if memchr::memmem::find(text, b"://").is_some() {
        return true;
    }
    let Some(slash) = memchr::memchr(b'/', text) else { return false };
    let host = &text[..slash];
    looks_complete(host.strip_suffix(b".").unwrap_or(host), context).is_some()
}

/// Whether an absolute name in canonical text ends in a label of digits.
pub fn ends_in_number(name: &[u8]) -> bool {
    name.last().is_some_and(u8::is_ascii_digit)
        && name.rsplit(|octet| *octet == b'.').next().is_some_and(|last| last.iter().all(u8::is_ascii_digit))
}

/// Why a name in canonical text is not that of a host (RFC 952, RFC 1123 section 2.1).
pub fn host_fault(name: &[u8]) -> Option<String> {
    Labels(name).find_map(|label| {
        let shown = String::from_utf8_lossy(label);
        if label.starts_with(b"-") || label.ends_with(b"-") {
            return Some(format!("is no host name: the label `{shown}` begins or ends with a hyphen"));
        }
        let wrong = |octet: &u8| !octet.is_ascii_alphanumeric() && *octet != b'-';
        label.iter().any(wrong).then(|| {
            format!("is no host name: the label `{shown}` is not made of letters, digits and hyphens")
        })
    })
}

/// Whether a name whose text is made of this may be written as an address.
pub fn may_be_address(text: &[u8], kinds: Kinds) -> bool {
    // The one has colons, the other ends in a digit.
    kinds.has_others() || kinds.has_dot() && matches!(text, [.., b'0'..=b'9'] | [.., b'0'..=b'9', b'.'])
}

/// Whether a name is written as an IPv4 or IPv6 address, with or without a final dot.
pub fn is_address(text: &[u8]) -> bool {
    let text = text.strip_suffix(b".").unwrap_or(text);
    let fits = |octet: &u8| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.');
    if text.len() > 45 || !text.iter().all(fits) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether a relative name looks absolute: its text ends in the origin or the apex (`true`), or in
/// a public suffix (`false`). Below `$ORIGIN .`, as BIND dumps zones, the final dot makes no difference.
pub fn lacks_dot(text: &[u8], context: &NameContext) -> Option<bool> {
    if context.origin.as_bytes().is_empty() { None } else { looks_complete(text, context) }
}

fn looks_complete(text: &[u8], context: &NameContext) -> Option<bool> {
    memchr::memchr(b'.', text)?;
    if repeats(text, context.origin.as_bytes()) || repeats(text, context.apex.as_bytes()) {
        return Some(true);
    }
    let last = text.rsplit(|octet| *octet == b'.').next()?;
    SUFFIXES.iter().any(|suffix| last.eq_ignore_ascii_case(suffix)).then_some(false)
}

/// Whether the text ends in a name of two labels or more.
fn repeats(text: &[u8], name: &[u8]) -> bool {
    let Some(split) = text.len().checked_sub(name.len()) else { return false };
    text[split..].eq_ignore_ascii_case(name)
        && (split == 0 || text[split - 1] == b'.')
        && memchr::memchr(b'.', name).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::name::Name;
    use super::*;

    #[test]
    fn addresses() {
        for text in ["192.0.2.1", "192.0.2.1.", "2001:db8::1", "::"] {
            assert!(is_address(text.as_bytes()), "{text}");
            assert!(may_be_address(text.as_bytes(), Kinds::of(text.as_bytes())), "{text}");
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
        let root = NameContext::new(context.apex, Name::root());
        assert_eq!(lacks_dot(b"sip1.example.com", &root), None);
        assert_eq!(lacks_dot(b"mail.other.net", &root), None);
        assert!(is_url(b"sip1.example.com/path", &root));
    }

    #[test]
    fn urls() {
        let apex = Name::absolute(b"example.com").unwrap();
        let context = NameContext::new(apex.clone(), apex);
        for text in ["https://x", "www.example.com/", "www.other.net/index.html", "example.com./x"] {
            assert!(is_url(text.as_bytes(), &context), "{text}");
        }
        for text in ["1.0/25.2.0.192.in-addr.arpa.", "0/25", "a/b.c", "www.example.com."] {
            assert!(!is_url(text.as_bytes(), &context), "{text}");
        }
    }

    #[test]
    fn forms() {
        for name in ["192.0.2.1.5", "10", "a.1"] {
            assert!(ends_in_number(name.as_bytes()), "{name}");
        }
        for name in ["a.b1", "", "1.in-addr.arpa"] {
            assert!(!ends_in_number(name.as_bytes()), "{name}");
        }
        for name in ["ns1", "", "a-b.c", "3com.example.com"] {
            assert_eq!(host_fault(name.as_bytes()), None, "{name}");
        }
        for name in ["a_b", "-a", "a-.b", "*.a", "a\\032b"] {
            assert!(host_fault(name.as_bytes()).is_some(), "{name}");
        }
    }
}
