//! The names that addresses have in reverse zones.

use super::RdataNotes;
use crate::zonefile::name::{Labels, Name};

/// The names of addresses below the apex of a zone in `in-addr.arpa` (RFC 1035 section 3.5) or
/// `ip6.arpa` (RFC 3596 section 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressNames {
    is_ipv4: bool,
    /// How many labels they have below the apex.
    labels: usize,
}

impl AddressNames {
    /// Those of a zone, if it is one for addresses and no part of one.
    pub(crate) fn below(apex: &Name) -> Option<Self> {
        let labels: Vec<&[u8]> = Labels(apex.as_bytes()).collect();
        let (above, is_ipv4) = match &labels[..] {
            [above @ .., b"in-addr", b"arpa"] => (above, true),
            [above @ .., b"ip6", b"arpa"] => (above, false),
            _ => return None,
        };
        let all = if is_ipv4 { 4 } else { 32 };
        // Networks without classes have names of their own (RFC 2317).
        let is_number = |label: &&[u8]| label.iter().all(u8::is_ascii_hexdigit);
        if above.len() >= all || !above.iter().all(is_number) {
            return None;
        }
        let own = Self { is_ipv4, labels: above.len() };
        // Below a name that is no part of an address there is no address.
        let is_part = above.is_empty() || own.is_name(&above.join(&b'.'));
        Some(Self { is_ipv4, labels: if is_part { all - above.len() } else { 0 } })
    }

    /// The marks of a PTR record by its owner, relative to the apex.
    pub(crate) fn notes(self, owner: &[u8]) -> RdataNotes {
        if owner.is_empty() || self.is_name(owner) { RdataNotes::default() } else { RdataNotes::ODD }
    }

    /// Whether it is the name of an address.
    fn is_name(self, owner: &[u8]) -> bool {
        if !self.is_ipv4 {
            let (pairs, last) = owner.as_chunks::<2>();
            return owner.len() + 1 == 2 * self.labels
                && pairs.iter().all(|[digit, dot]| digit.is_ascii_hexdigit() && *dot == b'.')
                && last.first().is_some_and(u8::is_ascii_hexdigit);
        }
        let (mut labels, mut value, mut digits) = (1, 0_u32, 0);
        for octet in owner {
            match octet {
                b'0'..=b'9' if digits == 0 || value > 0 => {
                    value = value * 10 + u32::from(octet - b'0');
                    digits += 1;
                    if value > 255 {
                        return false;
                    }
                }
                b'.' if digits > 0 => (labels, value, digits) = (labels + 1, 0, 0),
                _ => return false,
            }
        }
        digits > 0 && labels == self.labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(apex: &str) -> Option<AddressNames> {
        AddressNames::below(&Name::absolute(apex.as_bytes()).unwrap_or_else(|_| panic!("{apex}")))
    }

    #[test]
    fn names_of_addresses_have_no_mark() {
        let of = |apex: &str, owner: &str| names(apex).map(|names| names.notes(owner.as_bytes()).is_empty());
        for (apex, owner) in [
            ("2.0.192.in-addr.arpa.", "7"),
            ("10.in-addr.arpa.", "255.0.10"),
            ("in-addr.arpa.", "1.2.0.192"),
            ("2.0.192.in-addr.arpa.", ""),
            ("8.b.d.0.1.0.0.2.ip6.arpa.", "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f"),
        ] {
            assert_eq!(of(apex, owner), Some(true), "{owner} in {apex}");
        }
        for (apex, owner) in [
            ("2.0.192.in-addr.arpa.", "256"),
            ("2.0.192.in-addr.arpa.", "07"),
            ("2.0.192.in-addr.arpa.", "1.7"),
            ("10.in-addr.arpa.", "7"),
            ("10.in-addr.arpa.", "7..1"),
            ("2.0.192.in-addr.arpa.", "www"),
            ("8.b.d.0.1.0.0.2.ip6.arpa.", "a.0"),
            ("007.in-addr.arpa.", "1.2.3"),
        ] {
            assert_eq!(of(apex, owner), Some(false), "{owner} in {apex}");
        }
        assert_eq!(names("0/25.2.0.192.in-addr.arpa."), None);
        assert_eq!(names("contoso.com."), None);
        assert_eq!(names("7.2.0.192.in-addr.arpa."), None);
    }
}
