//! Records as nearly all are written: of a common type, nothing escaped, on one line or on several
//! that one pair of parentheses joins.
//!
//! They are read in one go from their octets. Whatever is not quite plain, wrong or not, is left to
//! the parser, and nothing has happened then: both ways come to the same for every record.

use super::canonical::Canonical;
use super::owner::OwnerState;
use super::{Parser, Piece, RawRecord, RecordSink};
use crate::zonefile::rdata::{
    self, MAX_STRING, NameReader, NameRole, RdataSink, dotted_quad, dotted_quad_in, ipv6_text,
};
use crate::zonefile::rtype::{Class, Rtype};
use crate::zonefile::scan::is_note;
use crate::zonefile::token::{Token, TokenKind, Tokens};
use crate::zonefile::ttl;
use wide::u8x16;

/// What an octet is on a plain line.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Octet {
    Text,
    Blank,
    LineFeed,
    Comment,
    Quote,
    Open,
    Close,
    /// No octet of a plain line.
    Other,
}

static OCTETS: [Octet; 256] = {
    let mut table = [Octet::Other; 256];
    let mut octet = 0x21;
    while octet < 0x7f {
        if !matches!(octet as u8, b'"' | b'(' | b')' | b'\\' | b'$' | b'#' | b'@') {
            table[octet] = Octet::Text;
        }
        octet += 1;
    }
    table[b';' as usize] = Octet::Comment;
    table[b'"' as usize] = Octet::Quote;
    table[b'(' as usize] = Octet::Open;
    table[b')' as usize] = Octet::Close;
    table[b' ' as usize] = Octet::Blank;
    table[b'\t' as usize] = Octet::Blank;
    table[b'\n' as usize] = Octet::LineFeed;
    table
};

/// Owner, TTL, class, type, and RDATA: the nine fields of an RRSIG record, the last one in pieces.
const MOST_TOKENS: usize = 24;

const EMPTY: Token = Token { start: 0, end: 0, kind: TokenKind::Text, escaped: false, octal: false };

/// The tokens of a plain line.
pub(super) struct Line {
    tokens: [Token; MOST_TOKENS],
    count: usize,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { tokens: [EMPTY; MOST_TOKENS], count: 0 }
    }

    fn push(&mut self, start: usize, end: usize) -> Option<()> {
        let token = self.tokens.get_mut(self.count)?;
        (token.start, token.end, token.kind) = (start as u32, end as u32, TokenKind::Text);
        self.count += 1;
        Some(())
    }

    /// Gathers tokens up to the first octet that is neither plainly text nor a blank, many octets at a
    /// time, and tells where that is; fewer than [`BLOCK`] octets before the end it is where it began.
    fn words(&mut self, data: &[u8], mut at: usize) -> Option<usize> {
        while let Some(block) = data.get(at..).and_then(<[u8]>::first_chunk) {
            let (text, blanks) = text_and_blanks(block);
            let stop = (!(text | blanks)).trailing_zeros();
            let text = text & 1_u64.checked_shl(stop).map_or(u64::MAX, |bit| bit - 1);
            // Where text begins, and where it has ended, in turn.
            let mut edges = text ^ (text << 1);
            let mut next = at + stop as usize;
            while edges != 0 {
                let start = at + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                let end = match edges {
                    0 => end_of_text(data, next)?,
                    _ => at + edges.trailing_zeros() as usize,
                };
                self.push(start, end)?;
                next = next.max(end);
                edges &= edges.wrapping_sub(1);
            }
            at = next;
            if stop < 64 {
                break;
            }
        }
        Some(at)
    }

    /// Gathers the tokens of the line at an offset, and tells where the next one begins; none when it
    /// is not plain.
    fn read(&mut self, data: &[u8], start: usize) -> Option<usize> {
        self.count = 0;
        let mut at = start;
        let mut joined = false;
        loop {
            at = self.words(data, at)?;
            // How a line ends is asked first: nothing tells which way it will be.
            let mut octet = *data.get(at)?;
            if octet == b';' {
                let end = end_of_comment(data, at)?;
                if is_note(&data[at..end]) {
                    return None;
                }
                (at, octet) = (end, b'\n');
            }
            if octet == b'\n' {
                at += 1;
                if joined {
                    continue;
                }
                return Some(at);
            }
            match OCTETS[usize::from(octet)] {
                Octet::Text | Octet::Blank => at = self.word(data, at)?,
                Octet::Quote => {
                    let end = end_of_string(data, at + 1)?;
                    let apart = at > start && matches!(data[at - 1], b' ' | b'\t');
                    let after = OCTETS[usize::from(*data.get(end + 1)?)];
                    if data[end] != b'"' || !apart || !matches!(after, Octet::Blank | Octet::LineFeed) {
                        return None;
                    }
                    let token = self.tokens.get_mut(self.count)?;
                    (token.start, token.end, token.kind) = (at as u32 + 1, end as u32, TokenKind::Quoted);
                    self.count += 1;
                    at = end + 1;
                }
                Octet::Open if !joined && self.count > 0 => {
                    joined = true;
                    at += 1;
                }
                Octet::Close if joined => {
                    joined = false;
                    at += 1;
                }
                _ => return None,
            }
        }
    }

    /// Gathers the token, or skips the blank, at an offset, and tells where the next octet is.
    fn word(&mut self, data: &[u8], from: usize) -> Option<usize> {
        if OCTETS[usize::from(*data.get(from)?)] == Octet::Blank {
            return Some(from + 1);
        }
        let end = end_of_text(data, from + 1)?;
        match self.tokens[..self.count].last_mut() {
            Some(token) if token.kind == TokenKind::Text && token.end as usize == from => {
                token.end = end as u32;
            }
            _ => self.push(from, end)?,
        }
        Some(end)
    }
}

/// How many octets are looked at together.
const BLOCK: usize = 64;

/// A bit for each octet that is plainly text, and for each that is a blank, the first octet's lowest.
fn text_and_blanks(block: &[u8; BLOCK]) -> (u64, u64) {
    let is = |octets: u8x16, octet: u8| octets.cmp_eq(u8x16::splat(octet));
    let (mut text, mut blanks) = (0, 0);
    for (place, octets) in block.as_chunks().0.iter().enumerate() {
        let octets = u8x16::new(*octets);
        let blank = is(octets, b' ') | is(octets, b'\t');
        // Most of the octets that are no text come before `+` in ASCII, the others are named.
        let place_of = octets - u8x16::splat(b'+');
        let outside = place_of.max(u8x16::splat(0x7f - b'+')).cmp_eq(place_of);
        let other = outside | is(octets, b';') | is(octets, b'@') | is(octets, b'\\');
        text |= u64::from(!other.move_mask() as u16) << (16 * place);
        blanks |= u64::from(blank.move_mask() as u16) << (16 * place);
    }
    (text, blanks)
}

/// Where the first octet is, from an offset on, that a plain string has not: its closing quote, if it
/// is one.
fn end_of_string(data: &[u8], mut at: usize) -> Option<usize> {
    while let Some(octets) = data.get(at..).and_then(<[u8]>::first_chunk) {
        let octets = u8x16::new(*octets);
        let is = |octet: u8| octets.cmp_eq(u8x16::splat(octet));
        let place_of = octets - u8x16::splat(b' ');
        let visible = place_of.min(u8x16::splat(b'~' - b' ')).cmp_eq(place_of);
        let inside = visible & !(is(b'"') | is(b'\\'));
        let place = inside.move_mask().trailing_ones() as usize;
        at += place;
        if place < 16 {
            return Some(at);
        }
    }
    let is_end = |octet: &u8| !matches!(octet, b' '..=b'~') || matches!(octet, b'"' | b'\\');
    Some(at + data.get(at..)?.iter().position(is_end)?)
}

/// Where the line feed is that ends the comment at an offset; none when another control character but
/// a tab comes before.
fn end_of_comment(data: &[u8], mut at: usize) -> Option<usize> {
    let is_control = |octet: &u8| *octet < b' ' && *octet != b'\t';
    while let Some(octets) = data.get(at..).and_then(<[u8]>::first_chunk) {
        let octets = u8x16::new(*octets);
        let visible = octets.max(u8x16::splat(b' ')).cmp_eq(octets) | octets.cmp_eq(u8x16::splat(b'\t'));
        let place = visible.move_mask().trailing_ones() as usize;
        at += place;
        if place < 16 {
            return (data.get(at) == Some(&b'\n')).then_some(at);
        }
    }
    let at = at + data.get(at..)?.iter().position(is_control)?;
    (data.get(at) == Some(&b'\n')).then_some(at)
}

/// Where the text that goes on at an offset ends; none when it does not.
fn end_of_text(data: &[u8], mut at: usize) -> Option<usize> {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const TOP: u64 = EACH << 7;
    /// Marks the first of eight octets that is 0, and perhaps some after it.
    const fn zero(octets: u64) -> u64 {
        octets.wrapping_sub(EACH) & !octets
    }
    while let Some(&eight) = data.get(at..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(eight);
        // Blanks, line feeds and most of the other octets that are no text come before `*` in ASCII.
        let low = eight.wrapping_sub(EACH * u64::from(b'*')) & !eight;
        let other = zero(eight ^ (EACH * u64::from(b';')))
            | zero(eight ^ (EACH * u64::from(b'@')))
            | zero(eight ^ (EACH * u64::from(b'\\')))
            | zero(eight ^ (EACH * 0x7f));
        let doubtful = (low | other | eight) & TOP;
        if doubtful == 0 {
            at += 8;
            continue;
        }
        at += doubtful.trailing_zeros() as usize / 8;
        if OCTETS[usize::from(data[at])] != Octet::Text {
            return Some(at);
        }
        at += 1;
    }
    let rest = data.get(at..)?;
    rest.iter().position(|octet| OCTETS[usize::from(*octet)] != Octet::Text).map(|end| at + end)
}

/// Up to eight octets, the first one lowest.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u64);

impl Word {
    const NONE: Self = Self(0);

    const fn of(text: &[u8]) -> Self {
        let mut word = 0;
        let mut at = text.len();
        while at > 0 {
            at -= 1;
            word = word << 8 | text[at] as u64;
        }
        Self(word)
    }

    /// The text of a token; none, which no text is, for a longer one.
    #[inline]
    fn read(data: &[u8], token: Token) -> Self {
        let len = token.end - token.start;
        if !(1..=8).contains(&len) {
            return Self::NONE;
        }
        match data.get(token.start as usize..).and_then(<[u8]>::first_chunk) {
            Some(octets) => Self(u64::from_le_bytes(*octets) & u64::MAX >> (64 - 8 * len)),
            None => Self::of(token.text(data)),
        }
    }

    /// The number that is written, if nothing but digits is.
    fn number(self) -> Option<u32> {
        const EACH: u64 = u64::from_ne_bytes([1; 8]);
        let unused = self.0.leading_zeros() & !7;
        // Zeros in front, so that there are always eight digits.
        let digits = self.0.checked_shl(unused)?.wrapping_sub(EACH.checked_shl(unused)? * 0x30);
        if (digits.wrapping_add(EACH * 0x76) | digits) & (EACH * 0x80) != 0 {
            return None;
        }
        let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
        let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
        Some((fours * 10_000 + (fours >> 32)) as u32)
    }

    /// A number of 16 bits in its octets on the wire.
    fn short(self) -> Option<[u8; 2]> {
        Some(u16::try_from(self.number()?).ok()?.to_be_bytes())
    }

    const fn slot(self) -> usize {
        (self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as usize
    }
}

/// What a word of the head may say, but for a TTL.
#[derive(Clone, Copy)]
enum Said {
    Class,
    Type(Rtype),
}

/// The words, by [`Word::slot`], each at the next free place.
static WORDS: [(Word, Said); 128] = {
    let words: [(&[u8], Said); 29] = [
        (b"IN", Said::Class),
        (b"in", Said::Class),
        (b"A", Said::Type(Rtype::A)),
        (b"a", Said::Type(Rtype::A)),
        (b"AAAA", Said::Type(Rtype::AAAA)),
        (b"aaaa", Said::Type(Rtype::AAAA)),
        (b"NS", Said::Type(Rtype::NS)),
        (b"ns", Said::Type(Rtype::NS)),
        (b"CNAME", Said::Type(Rtype::CNAME)),
        (b"cname", Said::Type(Rtype::CNAME)),
        (b"PTR", Said::Type(Rtype::PTR)),
        (b"ptr", Said::Type(Rtype::PTR)),
        (b"MX", Said::Type(Rtype::MX)),
        (b"mx", Said::Type(Rtype::MX)),
        (b"SRV", Said::Type(Rtype::SRV)),
        (b"srv", Said::Type(Rtype::SRV)),
        (b"TXT", Said::Type(Rtype::TXT)),
        (b"txt", Said::Type(Rtype::TXT)),
        (b"RRSIG", Said::Type(Rtype::RRSIG)),
        (b"NSEC", Said::Type(Rtype::NSEC)),
        (b"DS", Said::Type(Rtype::DS)),
        (b"ds", Said::Type(Rtype::DS)),
        (b"TLSA", Said::Type(Rtype::TLSA)),
        (b"SSHFP", Said::Type(Rtype::SSHFP)),
        (b"CAA", Said::Type(Rtype::CAA)),
        (b"HINFO", Said::Type(Rtype::HINFO)),
        (b"NAPTR", Said::Type(Rtype::NAPTR)),
        (b"NSEC3", Said::Type(Rtype::NSEC3)),
        (b"DNSKEY", Said::Type(Rtype::DNSKEY)),
    ];
    let mut table = [(Word::NONE, Said::Class); 128];
    let mut at = 0;
    while at < words.len() {
        let word = Word::of(words[at].0);
        let mut slot = word.slot();
        while table[slot].0.0 != 0 {
            slot = (slot + 1) % table.len();
        }
        table[slot] = (word, words[at].1);
        at += 1;
    }
    table
};

impl Said {
    #[inline]
    fn by(word: Word) -> Option<Self> {
        let mut slot = word.slot();
        loop {
            match WORDS[slot % WORDS.len()] {
                (Word::NONE, _) => return None,
                (known, said) if known == word => return Some(said),
                _ => slot += 1,
            }
        }
    }
}

/// The head of a plain record, and how many tokens it takes.
struct PlainHead {
    ttl: Option<(u32, Token)>,
    has_class: bool,
    rtype: Rtype,
    len: usize,
}

impl PlainHead {
    // Called from one place, for every line.
    #[inline(always)]
    fn read(tokens: &[Token], data: &[u8]) -> Option<Self> {
        let (mut ttl, mut has_class) = (None, false);
        for (at, token) in tokens.iter().enumerate() {
            if token.kind == TokenKind::Quoted {
                return None;
            }
            let word = Word::read(data, *token);
            if word.0 as u8 <= b'9' && ttl.is_none() {
                let seconds = word.number().or_else(|| ttl::simple_period(token.text(data)))?;
                ttl = Some((seconds, *token));
                continue;
            }
            match Said::by(word)? {
                Said::Class if !has_class => has_class = true,
                Said::Class => return None,
                Said::Type(rtype) => return Some(Self { ttl, has_class, rtype, len: at + 1 }),
            }
        }
        None
    }
}

/// Reads the RDATA of a plain record into the sink; none, and of no use, when it is not plain.
fn rdata(
    rtype: Rtype,
    rest: Tokens<'_, '_>,
    names: &mut NameReader,
    sink: &mut impl RdataSink,
) -> Option<()> {
    if rtype == Rtype::TXT {
        // What a string without quotes may be meant for is looked at by the parser.
        let fits =
            |token: &Token| token.kind == TokenKind::Quoted && token.text(rest.data).len() <= MAX_STRING;
        if rest.is_empty() || !rest.rest.iter().all(fits) {
            return None;
        }
        for token in rest.rest {
            let text = token.text(rest.data);
            sink.octets(&[text.len() as u8]);
            sink.octets(text);
        }
        return Some(());
    }
    let bare = |token: &Token| (token.kind == TokenKind::Text).then(|| token.text(rest.data));
    let short = |token: &Token| bare(token).and_then(|_| Word::read(rest.data, *token).short());
    match (rtype, rest.rest) {
        (Rtype::A, [address]) => {
            bare(address)?;
            sink.octets(&address_at(rest.data, *address)?);
        }
        (Rtype::AAAA, [address]) => sink.octets(&ipv6_text(bare(address)?)?),
        (Rtype::NS | Rtype::CNAME | Rtype::PTR, [target]) => {
            bare(target)?;
            let form = names.context.read(*target, rest.data, &mut names.buffer).ok()?;
            sink.name(&names.buffer, form, NameRole::Target, Some(*target));
        }
        (Rtype::MX, [preference, target]) => {
            sink.octets(&short(preference)?);
            bare(target)?;
            let form = names.context.read(*target, rest.data, &mut names.buffer).ok()?;
            sink.name(&names.buffer, form, NameRole::Target, Some(*target));
        }
        (Rtype::SRV, [priority, weight, port, target]) => {
            let [p0, p1] = short(priority)?;
            let [w0, w1] = short(weight)?;
            let [q0, q1] = short(port)?;
            sink.octets(&[p0, p1, w0, w1, q0, q1]);
            bare(target)?;
            let form = names.context.read(*target, rest.data, &mut names.buffer).ok()?;
            sink.name(&names.buffer, form, NameRole::Target, Some(*target));
        }
        (Rtype::RRSIG, _) => rdata::plain_signature(rest, names, sink)?,
        _ => return rdata::read(rtype, rest, names, sink).ok(),
    }
    Some(())
}

/// The octets of a dotted quad.
fn address_at(data: &[u8], token: Token) -> Option<[u8; 4]> {
    match data.get(token.start as usize..).and_then(<[u8]>::first_chunk) {
        Some(block) => dotted_quad_in(*block, token.end - token.start),
        None => dotted_quad(token.text(data)),
    }
}

impl<S: RecordSink> Parser<'_, S> {
    /// Reads the line at an offset if it is plain, and tells where the next one begins.
    /// `last` says that the source ends where the piece does.
    pub(super) fn plain_line(
        &mut self,
        piece: &mut Piece<'_>,
        (line, canonical): (&mut Line, &mut Canonical),
        start: usize,
        last: bool,
    ) -> Option<usize> {
        let data = piece.data;
        let next = line.read(data, start).filter(|next| last || *next < data.len())?;
        let tokens = line.tokens.get(..line.count)?;
        let Some(&first) = tokens.first() else { return Some(next) };
        if first.kind == TokenKind::Quoted {
            return None;
        }
        let inherits = first.start as usize > start;
        if inherits {
            let state = &piece.state;
            let known = state.owner_known_here && state.origin_changed.is_none() && state.included.is_none();
            if !known || self.owner.state != OwnerState::InZone {
                return None;
            }
        } else if data.get(start) == Some(&b'/') {
            return None;
        }
        let rest = tokens.get(usize::from(!inherits)..)?;
        let head = PlainHead::read(rest, data)?;
        if head.has_class && !matches!(self.class, Some((Class::IN, _))) {
            return None;
        }
        let seconds = match head.ttl {
            Some((seconds @ 1..=super::ttl::MAX_USUAL, _)) => seconds,
            Some(_) => return None,
            None if self.ttls.leaked.is_none() => self.ttls.default?,
            None => return None,
        };
        canonical.clear();
        let all = Tokens { data, rest: tokens, end: tokens.last()?.outer().1 };
        let fields = all.skip(usize::from(!inherits) + head.len);
        rdata(head.rtype, fields, &mut self.names, canonical)?;
        // From here on the record is the parser's own in all but name.
        if !inherits && !self.written_owner(piece, first, all) {
            return Some(next);
        }
        if let Some((_, token)) = head.ttl {
            self.ttls.last = Some((seconds, piece.token(token)));
        }
        if self.owner.state == OwnerState::InZone {
            self.odd_owner(head.rtype);
            self.sink.record(&RawRecord {
                owner: &self.owner.key,
                same_owner: !piece.state.fresh,
                piece: piece.number,
                start: piece.base + start as u64,
                rtype: head.rtype,
                ttl: seconds,
                rdata: &canonical.bytes,
            });
            piece.state.fresh = false;
            self.names_of(piece, head.rtype, data, canonical, false);
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_a_number_when_it_has_digits_only(text in "[0-9]{1,8}|[ -~]{1,8}", after in "[ -~]{0,9}") {
            let token = Token { end: text.len() as u32, ..EMPTY };
            let word = Word::read(format!("{text}{after}").as_bytes(), token);
            let expected = text.bytes().all(|octet| octet.is_ascii_digit()).then(|| text.parse().unwrap());
            prop_assert_eq!(word.number(), expected);
        }

        #[test]
        fn the_end_of_text_is_the_first_octet_that_is_none(data in proptest::collection::vec(
            prop_oneof![8 => 0x21_u8..0x7f, 1 => any::<u8>(), 1 => Just(b' ')], 0..40,
        )) {
            let expected = data.iter().position(|octet| OCTETS[usize::from(*octet)] != Octet::Text);
            prop_assert_eq!(end_of_text(&data, 0), expected);
        }

        #[test]
        fn a_string_ends_at_its_first_special_octet(
            data in proptest::collection::vec(
                prop_oneof![30 => 0x20_u8..0x7f, 1 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\')], 0..60,
            ),
        ) {
            let special = |octet: &u8| !(b' '..=b'~').contains(octet) || b"\"\\".contains(octet);
            prop_assert_eq!(end_of_string(&data, 0), data.iter().position(special));
        }

        #[test]
        fn a_comment_ends_at_the_first_control_character_if_that_is_a_line_feed(
            data in proptest::collection::vec(prop_oneof![30 => 0x20_u8.., 2 => Just(b'\t'), 1 => Just(b'\n'), 1 => 0_u8..32], 0..60),
        ) {
            let control = data.iter().position(|octet| *octet < b' ' && *octet != b'\t');
            prop_assert_eq!(end_of_comment(&data, 0), control.filter(|at| data[*at] == b'\n'));
        }
    }
}
