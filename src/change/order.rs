//! The canonical order of names (RFC 4034 section 6.1).

use crate::zonefile::name::{Labels, unescaped};

/// Octets that compare as a name in canonical text does in the canonical order: by labels from the
/// right, each label by its octets.
pub fn order_key(name: &[u8]) -> Vec<u8> {
    let labels: Vec<&[u8]> = Labels(name).collect();
    let mut key = Vec::with_capacity(name.len() + 2 * labels.len());
    for label in labels.into_iter().rev() {
        for octet in unescaped(label) {
            key.push(octet);
            // A label's end, two zero octets, comes before all that may follow an octet.
            if octet == 0 {
                key.push(1);
            }
        }
        key.extend([0, 0]);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::order_key;

    #[test]
    fn names_come_in_the_order_of_rfc_4034() {
        let names = [
            "example",
            "a.example",
            "yljkjljk.a.example",
            "z.a.example",
            "zabc.a.example",
            "z.example",
            "\\001.z.example",
            "*.z.example",
            "\\200.z.example",
        ];
        let mut sorted = names.to_vec();
        sorted.reverse();
        sorted.sort_by_key(|name| order_key(name.as_bytes()));
        assert_eq!(sorted, names);
        assert!(order_key(b"a.x") < order_key(b"a\\000.x"));
        assert!(order_key(b"a\\000b.x") < order_key(b"a\\001.x"));
        assert!(order_key(b"a\\.b") > order_key(b"a") && order_key(b"a\\.b") != order_key(b"a.b"));
    }
}
