//! A record read again from its source, with the place of every field.

use super::{Piece, Rec, Zone};
use crate::text::Span;
use crate::zonefile::head;
use crate::zonefile::name::{Name, NameContext};
use crate::zonefile::rdata::{self, NameReader, NameRole};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::Scanner;
use crate::zonefile::token::Tokens;
use hickory_proto::rr::RData;
use std::borrow::Cow;
use std::net::IpAddr;

/// A name in a record's RDATA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Relative to the apex when in the zone, else absolute; canonical text.
    pub name: Vec<u8>,
    /// Whether it lies in the zone.
    pub in_zone: bool,
    /// Whether it is written relative to the origin.
    pub relative: bool,
    /// What it is for.
    pub role: NameRole,
    /// Where it is written.
    pub span: Span,
    /// The absolute name, no final dot; `.` for the root.
    pub absolute: String,
}

/// The fields of an SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among records of one priority.
    pub weight: u16,
    /// Port number.
    pub port: u16,
    /// Host that offers the service; `.` when it is not offered.
    pub target: Target,
}

/// A record with its values and the places they stand at.
#[derive(Clone, Debug)]
pub struct Record {
    /// Owner relative to the apex, canonical.
    pub key: Vec<u8>,
    /// Absolute owner, no final dot.
    pub owner: String,
    /// Type.
    pub rtype: Rtype,
    /// TTL in seconds as BIND reads it.
    pub ttl: u32,
    /// The entry from its first octet to its last token.
    pub span: Span,
    /// The owner; none when the line begins with a blank.
    pub owner_span: Option<Span>,
    /// The owner, else the first thing on the line.
    pub first_span: Span,
    /// The TTL, when it is written.
    pub ttl_span: Option<Span>,
    /// The type.
    pub type_span: Span,
    /// The fields of the RDATA in order.
    pub fields: Vec<Span>,
    /// The names in the RDATA in order.
    pub targets: Vec<Target>,
    /// Uncompressed wire form of the RDATA, names in lower case.
    pub wire: Vec<u8>,
    /// Hours of a `[AGE:n]` mark, and its place.
    pub age: Option<(u32, Span)>,
    /// The origin in force where it stands.
    pub origin: Name,
    /// Where it stands in the zone.
    pub place: u64,
}

impl Record {
    /// The RDATA as hickory's type.
    pub fn rdata(&self) -> Option<RData> {
        rdata::to_hickory(self.rtype, &self.wire)
    }

    /// The place of field number `index`, or of the type when the RDATA is in `\#` form.
    pub fn field(&self, index: usize) -> Span {
        self.fields.get(index).copied().unwrap_or(self.type_span)
    }

    /// The place of the RDATA.
    pub fn rdata_span(&self) -> Span {
        match (self.fields.first(), self.fields.last()) {
            (Some(first), Some(last)) => first.to(*last),
            _ => self.type_span,
        }
    }

    /// The first name in the RDATA that the record leads to.
    pub fn target(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.role == NameRole::Target)
    }

    /// The address of an A or AAAA record.
    pub fn address(&self) -> Option<IpAddr> {
        match self.rtype {
            Rtype::A => <[u8; 4]>::try_from(&*self.wire).ok().map(IpAddr::from),
            Rtype::AAAA => <[u8; 16]>::try_from(&*self.wire).ok().map(IpAddr::from),
            _ => None,
        }
    }

    /// The fields of an SRV record.
    pub fn srv(&self) -> Option<Srv> {
        if self.rtype != Rtype::SRV {
            return None;
        }
        let number = |at| Some(u16::from_be_bytes([*self.wire.get(at)?, *self.wire.get(at + 1)?]));
        Some(Srv {
            priority: number(0)?,
            weight: number(2)?,
            port: number(4)?,
            target: self.targets.first()?.clone(),
        })
    }
}

/// So many octets are read at first to read a record again: most have fewer.
const WINDOW: usize = 1 << 10;

impl Zone {
    /// Reads a record again. None when its text no longer reads as it did, which only happens to
    /// files with parentheses that are never closed.
    pub fn record(&self, key: &[u8], rec: Rec) -> Option<Record> {
        let piece = self.piece_of(rec.offset)?;
        let start = rec.offset - piece.base;
        let mut buffer = Vec::new();
        let mut tokens = Vec::new();
        let mut len = WINDOW;
        let (data, entry) = loop {
            let data = piece.source.read(start, len, &mut buffer);
            let is_all = start + data.len() as u64 >= piece.source.len();
            let mut scanner = Scanner::new(data, 0);
            scanner.octal = self.windows;
            let entry = scanner.entry(&mut tokens)?;
            if is_all || scanner.position() < data.len() && !entry.mended {
                break (piece.source.read(start, len, &mut buffer), entry);
            }
            len = len.saturating_mul(16);
        };
        if entry.start != 0 {
            return None;
        }
        let all = Tokens { data, rest: &tokens, end: entry.end };
        let first = *tokens.first()?;
        let origin = piece.origin_at(start);
        let context = NameContext::new(self.apex.clone(), origin.clone());
        let mut names = NameReader::new(context);
        let mut read = |rest| {
            let (rest, head) = head::head(rest).ok()?;
            (head.rtype == rec.rtype).then_some(())?;
            Some((head, rdata::decode_kept(rec.rtype, rest, &mut names)?))
        };
        let inherited = if entry.indented { read(all) } else { None };
        let owner_token = inherited.is_none().then_some(first);
        let (head, decoded) = inherited.or_else(|| read(all.skip(1)))?;
        let span =
            |from: u32, end: u32| Span::new(piece.file, start + u64::from(from), start + u64::from(end));
        let token = |token: crate::zonefile::token::Token| {
            let (start, end) = token.outer();
            span(start, end)
        };
        let targets = decoded
            .targets
            .into_iter()
            .map(|target| Target {
                absolute: if target.in_zone {
                    self.absolute(&target.name)
                } else if target.name.is_empty() {
                    String::from(".")
                } else {
                    String::from_utf8_lossy(&target.name).into_owned()
                },
                name: target.name,
                in_zone: target.in_zone,
                relative: target.relative,
                role: target.role,
                span: span(target.start, target.end),
            })
            .collect();
        Some(Record {
            owner: self.absolute(key),
            key: key.to_vec(),
            rtype: rec.rtype,
            ttl: rec.ttl,
            span: span(entry.start, entry.end),
            owner_span: owner_token.map(token),
            first_span: token(first),
            ttl_span: head.ttl.map(|(_, ttl)| token(ttl)),
            type_span: token(head.rtype_token),
            fields: decoded.fields.iter().map(|(start, end)| span(*start, *end)).collect(),
            targets,
            wire: decoded.wire,
            age: head.age.map(|(hours, mark)| (hours, token(mark))),
            origin,
            place: rec.offset,
        })
    }
}

impl Zone {
    /// The owner of a record as it is written; none when the record takes it from the one before, or
    /// when it comes out of a `$GENERATE`.
    pub fn written_owner(&self, rec: Rec) -> Option<(Span, Cow<'_, [u8]>)> {
        let piece = self.piece_of(rec.offset).filter(|piece| piece.source.generated_by().is_none())?;
        let start = rec.offset - piece.base;
        let text = piece.source.slice(start, start + WINDOW as u64);
        let len = text.iter().take_while(|octet| !b" \t\r\n;()\"\\".contains(octet)).count();
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..len]),
            Cow::Owned(mut text) => {
                text.truncate(len);
                Cow::Owned(text)
            }
        };
        (len > 0).then(|| (Span::new(piece.file, start, start + len as u64), text))
    }

    /// Whether nothing but records of the same owner stands between two records of it.
    pub fn stand_together(&self, key: &[u8], one: Rec, other: Rec) -> bool {
        let Some(piece) = self.piece_of(one.offset) else { return false };
        let start = one.offset - piece.base;
        let Some(stop) = other.offset.checked_sub(piece.base).filter(|stop| *stop < piece.source.len())
        else {
            return false;
        };
        let Some(len) = stop.checked_sub(start) else { return false };
        let mut buffer = Vec::new();
        let data = piece.source.read(start, len as usize, &mut buffer);
        let mut scanner = Scanner::new(data, 0);
        scanner.octal = self.windows;
        let mut tokens = Vec::new();
        let mut owner = Vec::new();
        while let Some(entry) = scanner.entry(&mut tokens) {
            let Some(first) = tokens.first().filter(|_| !entry.indented) else { continue };
            if first.text(data).first() == Some(&b'$') {
                continue;
            }
            let origin = piece.origin_at(start + u64::from(entry.start));
            let context = NameContext::new(self.apex.clone(), origin);
            let same = context.read(*first, data, &mut owner).is_ok_and(|form| form.in_zone && owner == key);
            if !same {
                return false;
            }
        }
        true
    }
}

impl Piece {
    fn origin_at(&self, offset: u64) -> Name {
        self.origin_before(offset).cloned().unwrap_or_else(Name::root)
    }

    fn origin_before(&self, offset: u64) -> Option<&Name> {
        let at = self.origins.partition_point(|(from, _)| *from <= offset);
        Some(&self.origins.get(at.checked_sub(1)?)?.1)
    }
}
