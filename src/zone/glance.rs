//! SRV records at a glance: what stands plainly on one line is told from its octets, without the
//! places of its fields, at a fraction of what it costs to read a record.

use super::{NameId, Piece, Rec, Zone};
use crate::text::{FileId, Span};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;

/// Where the target of an SRV record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlanceTarget<'k> {
    /// It is `.`.
    Null,
    /// In the zone, under this key.
    InZone(&'k [u8]),
    /// Elsewhere.
    Elsewhere,
}

/// The fields of an SRV record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SrvGlance<'k> {
    /// Priority.
    pub priority: u16,
    /// Weight.
    pub weight: u16,
    /// Port number.
    pub port: u16,
    /// Target.
    pub target: GlanceTarget<'k>,
}

/// The longest line that is looked at.
const LINE: usize = 512;
/// So much of a file is read at a time: small beside a pass over the file, large beside a line.
const NEAR: usize = 1 << 14;

/// A part of a source in which the next record to be looked at may stand too.
#[derive(Debug)]
pub struct Near {
    file: Option<FileId>,
    start: u64,
    len: usize,
    bytes: Vec<u8>,
}

impl Default for Near {
    fn default() -> Self {
        Self::with_len(NEAR)
    }
}

impl Near {
    fn with_len(len: usize) -> Self {
        Self { file: None, start: 0, len, bytes: Vec::new() }
    }

    /// The octets from `start` on, [`LINE`] of them if the source has so many.
    fn read<'n>(&'n mut self, piece: &'n Piece, start: u64) -> &'n [u8] {
        if piece.source.is_held() {
            return piece.source.read(start, LINE, &mut self.bytes);
        }
        let end = (start + LINE as u64).min(piece.source.len());
        let held = self.start..=self.start + self.bytes.len() as u64;
        if self.file != Some(piece.file) || !held.contains(&start) || !held.contains(&end) {
            piece.source.read(start, self.len, &mut self.bytes);
            (self.file, self.start) = (Some(piece.file), start);
        }
        let from = (start - self.start) as usize;
        self.bytes.get(from..from + (end - start) as usize).unwrap_or_default()
    }
}

impl Zone {
    /// The fields of an SRV record; none when it does not stand plainly on one line, or when a name
    /// on that line is suspect: it has to be read then. `buffer` takes the key of the target.
    /// `near` holds what was read around the record before: records are best looked at by their place.
    pub fn srv_at_a_glance<'k>(
        &self,
        rec: Rec,
        near: &mut Near,
        buffer: &'k mut Vec<u8>,
    ) -> Option<SrvGlance<'k>> {
        let (piece, start, text) = self.plain_line(rec, near)?;
        if rec.rtype != Rtype::SRV || memchr::memchr(b'"', text).is_some() {
            return None;
        }
        // SRV has four fields, so that the type is the fifth token from the end.
        let mut tokens = last_tokens(text);
        let target = tokens.next()?;
        let port = number(tokens.next()?)?;
        let weight = number(tokens.next()?)?;
        let priority = number(tokens.next()?)?;
        if !tokens.next()?.eq_ignore_ascii_case(b"SRV") {
            return None;
        }
        let target = self.plain_key(target, (piece, start), buffer)?;
        Some(SrvGlance { priority, weight, port, target })
    }

    /// The last field of a record of a type that ends with a name; none as for
    /// [`Zone::srv_at_a_glance`].
    pub fn last_name_at_a_glance<'k>(&self, rec: Rec, buffer: &'k mut Vec<u8>) -> Option<GlanceTarget<'k>> {
        let mut near = Near::with_len(LINE);
        let (piece, start, text) = self.plain_line(rec, &mut near)?;
        if !memchr::memchr_iter(b'"', text).count().is_multiple_of(2) {
            return None;
        }
        self.plain_key(last_tokens(text).next()?, (piece, start), buffer)
    }

    /// The line that a record stands on, without its comment, if it ends there: its piece, where it
    /// starts in it, and its text.
    fn plain_line<'z>(&'z self, rec: Rec, near: &'z mut Near) -> Option<(&'z Piece, u64, &'z [u8])> {
        let piece = self.piece_of(rec.offset)?;
        let start = rec.offset - piece.base;
        let text = near.read(piece, start);
        let text = match memchr::memchr(b'\n', text) {
            Some(end) => &text[..end],
            None if text.len() < LINE => text,
            None => return None,
        };
        if !self.suspects.is_empty() {
            let line = Span::new(piece.file, start, start + text.len() as u64);
            let place = |span: Span| (span.file, span.start);
            let next = self.suspects.partition_point(|suspect| place(suspect.span) < place(line));
            let here = |span: Span| span.file == line.file && span.start < line.end();
            if self.suspects.get(next).is_some_and(|suspect| here(suspect.span)) {
                return None;
            }
        }
        let text = match memchr::memchr(b';', text) {
            // It may stand in a string.
            Some(end) if memchr::memchr(b'"', text).is_none() => &text[..end],
            Some(_) => return None,
            None => text,
        };
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let special = memchr::memchr3(b'(', b'\\', b'\r', text).or_else(|| memchr::memchr(b')', text));
        special.is_none().then_some((piece, start, text))
    }

    /// The key of a name that is written plainly.
    fn plain_key<'k>(
        &self,
        text: &[u8],
        (piece, start): (&Piece, u64),
        key: &'k mut Vec<u8>,
    ) -> Option<GlanceTarget<'k>> {
        if text == b"." {
            return Some(GlanceTarget::Null);
        }
        key.clear();
        let mut before = b'.';
        for octet in text {
            if !matches!(octet, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.')
                || *octet == b'.' && before == b'.'
            {
                return None;
            }
            key.push(octet.to_ascii_lowercase());
            before = *octet;
        }
        if before == b'.' {
            key.pop();
        } else {
            let origin = piece.origin_text(start);
            if !origin.is_empty() {
                key.push(b'.');
                key.extend_from_slice(origin);
            }
        }
        Some(match self.apex.relative(key).map(<[u8]>::len) {
            Some(len) => GlanceTarget::InZone(&key[..len]),
            None => GlanceTarget::Elsewhere,
        })
    }

    /// The name with this key, if it leads nowhere but to its own address records: it owns some, and
    /// no zone cut or DNAME stands above it.
    pub fn has_plain_addresses(&self, key: &[u8]) -> Option<NameId> {
        let name = self.find(key)?;
        let types = self.types_of(name);
        let plain = types.has_address()
            && (key.is_empty() || !types.has(Rtype::NS))
            && parent(key).is_none_or(|above| self.cut_above(above).is_none())
            && self.dname_above(key).is_none();
        plain.then_some(name)
    }
}

/// The tokens of a line, the last one first.
fn last_tokens(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.rsplit(|octet| matches!(octet, b' ' | b'\t')).filter(|token| !token.is_empty())
}

fn number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    let value = digits.iter().try_fold(0_u32, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0'))
    })?;
    u16::try_from(value).ok()
}
