//! Names as nearly all are written: letters, digits, hyphens and the like, nothing escaped.

use super::MAX_LABEL;
use wide::u8x16;

/// What the text of a name is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    const DOT: u8 = 1;
    const HYPHEN: u8 = 1 << 1;
    const OTHERS: u8 = 1 << 2;
    const HIGH: u8 = 1 << 3;

    /// What any text is made of.
    pub fn of(text: &[u8]) -> Self {
        let kind = |octet: &u8| match octet {
            b'.' => Self::DOT,
            b'-' => Self::HYPHEN,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => 0,
            0..=127 => Self::OTHERS,
            _ => Self::OTHERS | Self::HIGH,
        };
        let text = text.strip_suffix(b".").unwrap_or(text);
        Self(text.iter().fold(0, |kinds, octet| kinds | kind(octet)))
    }

    /// Whether there is a dot, but for one at the end.
    pub fn has_dot(self) -> bool {
        self.0 & Self::DOT != 0
    }

    /// Whether there is a hyphen.
    pub fn has_hyphen(self) -> bool {
        self.0 & Self::HYPHEN != 0
    }

    /// Whether there is anything but letters, digits, dots and hyphens.
    pub fn has_others(self) -> bool {
        self.0 & Self::OTHERS != 0
    }

    /// Whether there is an octet over 127.
    pub fn has_high(self) -> bool {
        self.0 & Self::HIGH != 0
    }
}

/// How many octets are looked at together.
const BLOCK: usize = 16;

/// Appends the canonical text of a name, the octets from `start` to `end`, when it is plain: says
/// whether it ended in a dot, and what it is made of. None, and nothing appended, for any other text.
#[inline]
pub(super) fn append(data: &[u8], start: usize, end: usize, out: &mut Vec<u8>) -> Option<(bool, Kinds)> {
    let text = data.get(start..end).filter(|text| !text.is_empty())?;
    if text.len() > MAX_LABEL {
        let mut labels = text.strip_suffix(b".").unwrap_or(text).split(|octet| *octet == b'.');
        if labels.any(|label| label.len() > MAX_LABEL) {
            return None;
        }
    }
    let from = out.len();
    // An empty label is a dot after a dot, or at the start.
    let mut after_dot = 1_u32;
    let mut seen = 0;
    let mut at = start;
    while at < end {
        // What follows the name in the text is not looked at.
        let len = (end - at).min(BLOCK);
        let block = match data.get(at..).and_then(<[u8]>::first_chunk) {
            Some(block) => *block,
            None => {
                let mut block = [0; BLOCK];
                block[..len].copy_from_slice(&data[at..end]);
                block
            }
        };
        let ours = (1_u32 << len) - 1;
        let block = Block::of(block);
        let dots = block.dots & ours;
        let mut left = ours & !(dots | block.alphanumeric);
        if left != 0 {
            let (hyphens, others) = (left & block.hyphens(), left & block.others());
            seen |= u8::from(hyphens != 0) * Kinds::HYPHEN;
            seen |= u8::from(others != 0) * Kinds::OTHERS;
            left &= !(hyphens | others);
        }
        if left != 0 || dots & (dots << 1 | after_dot) != 0 {
            out.truncate(from);
            return None;
        }
        after_dot = dots >> (len - 1);
        let last = if at + len == end { 1 << (len - 1) } else { 0 };
        seen |= u8::from(dots & !last != 0) * Kinds::DOT;
        out.extend_from_slice(&block.lower);
        at += len;
    }
    let absolute = after_dot == 1;
    out.truncate(from + text.len() - usize::from(absolute));
    Some((absolute, Kinds(seen)))
}

/// Some octets, and a bit for each of a kind, the first octet's lowest.
struct Block {
    octets: u8x16,
    lower: [u8; BLOCK],
    alphanumeric: u32,
    dots: u32,
}

impl Block {
    #[inline]
    fn of(octets: [u8; BLOCK]) -> Self {
        let octets = u8x16::new(octets);
        let letter = (octets | u8x16::splat(0x20)) - u8x16::splat(b'a');
        let letters = letter.min(u8x16::splat(25)).cmp_eq(letter);
        let digit = octets - u8x16::splat(b'0');
        let digits = digit.min(u8x16::splat(9)).cmp_eq(digit);
        Self {
            octets,
            lower: (octets | (letters & u8x16::splat(0x20))).to_array(),
            alphanumeric: (letters | digits).move_mask() as u32,
            dots: octets.cmp_eq(u8x16::splat(b'.')).move_mask() as u32,
        }
    }

    fn is(&self, octet: u8) -> u8x16 {
        self.octets.cmp_eq(u8x16::splat(octet))
    }

    fn hyphens(&self) -> u32 {
        self.is(b'-').move_mask() as u32
    }

    fn others(&self) -> u32 {
        (self.is(b'_') | self.is(b'*') | self.is(b'/')).move_mask() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn octets_of_names() {
        let of = |text: &str| {
            let kinds = Kinds::of(text.as_bytes());
            [kinds.has_dot(), kinds.has_hyphen(), kinds.has_others(), kinds.has_high()]
        };
        assert_eq!(of("www"), [false; 4]);
        assert_eq!(of("www."), [false; 4]);
        assert_eq!(of("www.Example.com."), [true, false, false, false]);
        assert_eq!(of("a-b"), [false, true, false, false]);
        assert_eq!(of("a_b"), [false, false, true, false]);
        assert_eq!(of("\u{e4}"), [false, false, true, true]);
    }

    proptest! {
        #[test]
        fn a_plain_name_is_read_wherever_it_stands(
            before in "[ -~]{0,3}",
            name in "[A-Za-z0-9_*/-]{1,22}(\\.[A-Za-z0-9-]{1,9}){0,5}\\.?",
            after in "[ -~]{0,40}",
        ) {
            let data = format!("{before}{name}{after}");
            let (start, end) = (before.len(), before.len() + name.len());
            let mut out = b"x.".to_vec();
            let found = append(data.as_bytes(), start, end, &mut out);
            prop_assert_eq!(found, Some((name.ends_with('.'), Kinds::of(name.as_bytes()))));
            let lower = name.to_ascii_lowercase();
            prop_assert_eq!(out, format!("x.{}", lower.strip_suffix('.').unwrap_or(&lower)).into_bytes());
        }

        #[test]
        fn any_other_text_is_left_alone(text in "[a-c0.\\\\@\"~é-]{0,40}", after in "[ -~]{0,20}") {
            let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
            let is_plain = text.bytes().all(plain) && !text.starts_with('.') && !text.contains("..");
            let mut out = Vec::new();
            let found = append(format!("{text}{after}").as_bytes(), 0, text.len(), &mut out);
            // No text at all is an empty label.
            prop_assert_eq!(found.is_some(), is_plain && !text.is_empty());
            prop_assert!(found.is_some() || out.is_empty());
        }
    }
}
