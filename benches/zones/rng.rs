//! Random numbers that never change.

use std::fmt::Write as _;

const SYLLABLES: [&str; 16] =
    ["ba", "do", "fi", "ge", "ko", "la", "mi", "nu", "pa", "re", "so", "ti", "vu", "za", "le", "ro"];
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    /// Whether something happens that does so in `percent` of all cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A word of two to four syllables.
    pub(crate) fn word(&mut self) -> String {
        (0..2 + self.below(3)).map(|_| self.pick(&SYLLABLES)).collect()
    }

    /// An address of 10/8.
    pub(crate) fn ipv4(&mut self) -> String {
        let [a, b, c, ..] = self.bits().to_le_bytes();
        format!("10.{a}.{b}.{c}")
    }

    /// An address of 2001:db8::/32.
    pub(crate) fn ipv6(&mut self) -> String {
        let bits = self.bits();
        let (a, b, c) = (bits >> 48, bits >> 32 & 0xffff, bits >> 16 & 0xffff);
        if bits & 1 == 0 {
            format!("2001:db8:{a:x}::{c:x}")
        } else {
            format!("2001:db8:{a:x}:{b:x}:{c:x}::1")
        }
    }

    /// So many octets in hexadecimal.
    pub(crate) fn hex(&mut self, octets: usize) -> String {
        let mut text = String::with_capacity(2 * octets);
        for _ in 0..octets {
            let _ = write!(text, "{:02X}", self.bits() as u8);
        }
        text
    }

    /// So many octets in base64.
    pub(crate) fn base64(&mut self, octets: usize) -> String {
        let mut text = String::with_capacity(octets.div_ceil(3) * 4);
        for _ in 0..octets / 3 * 4 {
            text.push(char::from(BASE64[self.below(64)]));
        }
        match octets % 3 {
            1 => text.push_str("aQ=="),
            2 => text.push_str("abE="),
            _ => {}
        }
        text
    }
}
