//! Internationalised names: labels in Unicode and their encoded form (RFC 5890, RFC 5891, UTS 46).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// What is wrong with a label that begins with `xn--`, in canonical text; none of any other label.
///
/// Symbols that UTS 46 maps to themselves (emoji) are let pass: such names are registered.
pub fn fault(label: &[u8]) -> Option<&'static str> {
    if !label.starts_with(b"xn--") || label.contains(&b'\\') {
        return None;
    }
    let encoded = std::str::from_utf8(label.get(4..)?).ok()?;
    let Some(decoded) = idna::punycode::decode_to_string(encoded) else {
        return Some("is no Punycode");
    };
    if decoded.is_ascii() {
        return Some("encodes nothing that needs it");
    }
    let (_, valid) = Uts46::new().to_unicode(label, AsciiDenyList::EMPTY, Hyphens::Allow);
    valid.is_err().then_some("decodes to letters that no name may have")
}

/// A name with its Unicode labels encoded; none when it is no UTF-8 or cannot be encoded.
pub fn encode(text: &[u8]) -> Option<String> {
    let encoded = Uts46::new().to_ascii(text, AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore);
    encoded.ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_labels() {
        for label in ["www", "xn--mller-kva", "xn--strae-oqa", "xn--i-7iq", "xn--wgv71a119e", "a--b"] {
            assert_eq!(fault(label.as_bytes()), None, "{label}");
        }
        for label in ["xn--", "xn--a", "xn--mller-", "xn--99999999", "xn--mller-Kvaä"] {
            assert!(fault(label.as_bytes()).is_some(), "{label}");
        }
    }

    #[test]
    fn unicode_labels() {
        assert_eq!(encode("Müller.de".as_bytes()).as_deref(), Some("xn--mller-kva.de"));
        assert_eq!(encode("日本語.example.".as_bytes()).as_deref(), Some("xn--wgv71a119e.example."));
        assert_eq!(encode(b"m\xfcller"), None);
    }
}
