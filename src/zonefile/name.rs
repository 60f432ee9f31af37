//! Domain names of the text, made canonical (RFC 1035 sections 3.1 and 5.1, RFC 4343).
//!
//! A name is kept as canonical text: lower case, every escape in one form, no final dot. A name at
//! or below the apex is kept relative to it (the apex itself is empty), any other name is absolute
//! (the root is empty). Canonical text compares equal exactly when the names are equal.

mod plain;

use super::token::Token;
use crate::diagnostic::{Applicability, RuleName};
use std::borrow::Cow;
use std::sync::Arc;

pub use plain::Kinds;

/// Longest label in octets (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;
/// Longest name in octets on the wire.
const MAX_NAME: usize = 255;

/// An absolute name in canonical text without the final dot; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<[u8]>);

impl Name {
    /// The root.
    pub fn root() -> Self {
        Self(Arc::from(&b""[..]))
    }

    /// Reads a name as a person types it; always absolute, with or without a final dot.
    ///
    /// # Errors
    /// The rule that a wrong name breaks.
    pub fn absolute(text: &[u8]) -> Result<Self, NameError> {
        let mut canonical = Vec::with_capacity(text.len());
        let read = canonicalise(text, (0, text.len()), false, &mut canonical)?;
        if read.wire_len > MAX_NAME {
            return Err(NameError::new("name-too-long", 0, text.len()));
        }
        Ok(Self(canonical.into()))
    }

    /// A name from text that is canonical already.
    pub fn from_canonical(text: &[u8]) -> Self {
        Self(text.into())
    }

    /// The canonical text, without the final dot.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `name` relative to `self`: empty for `self`, none when it lies elsewhere.
    pub fn relative<'n>(&self, name: &'n [u8]) -> Option<&'n [u8]> {
        let apex = &*self.0;
        if apex.is_empty() {
            return Some(name);
        }
        let split = name.len().checked_sub(apex.len())?;
        if &name[split..] != apex {
            return None;
        }
        if split == 0 {
            return Some(b"");
        }
        let head = &name[..split - 1];
        (name[split - 1] == b'.' && !ends_in_escape(head)).then_some(head)
    }

    /// The absolute canonical text of a name relative to `self`.
    pub fn join(&self, relative: &[u8]) -> Vec<u8> {
        let mut text = relative.to_vec();
        if !text.is_empty() && !self.0.is_empty() {
            text.push(b'.');
        }
        text.extend_from_slice(&self.0);
        text
    }
}

impl std::fmt::Display for Name {
    /// Without the final dot; the root is `.`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { f.write_str(".") } else { f.write_str(&String::from_utf8_lossy(&self.0)) }
    }
}

/// Whether a backslash before the next octet escapes it.
fn ends_in_escape(text: &[u8]) -> bool {
    text.iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 1
}

/// Which rule a name breaks, and where in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    /// `empty-label`, `label-too-long`, `name-too-long` or `bad-escape`.
    pub rule: RuleName,
    /// Offset in the name's text.
    pub start: usize,
    /// Offset just after the wrong part.
    pub end: usize,
}

impl NameError {
    fn new(rule: &'static str, start: usize, end: usize) -> Self {
        Self { rule: RuleName(rule), start, end }
    }

    /// The words for it.
    pub fn message(self) -> &'static str {
        match self.rule.0 {
            "empty-label" => "the name has an empty label",
            "label-too-long" => "a label is longer than 63 octets",
            "name-too-long" => "the name is longer than 255 octets on the wire",
            _ => "an escape is `\\` with three decimal digits up to 255, or with one other character",
        }
    }

    /// What to write instead of the text that breaks the rule.
    pub fn help(self, text: &[u8]) -> Option<Cow<'static, str>> {
        let wrong = text.get(self.start..self.end).unwrap_or_default();
        Some(match self.rule.0 {
            "empty-label" if self.start == 0 => "remove the dot".into(),
            "empty-label" => "remove one dot".into(),
            "label-too-long" => {
                let octets = unescaped(wrong).count();
                format!("a label has at most {MAX_LABEL} octets, this one has {octets}").into()
            }
            "name-too-long" => {
                "a name has at most 255 octets, the origin and one octet for each label counted".into()
            }
            _ => escape_help(wrong),
        })
    }

    /// The text that replaces what breaks the rule, where there is no doubt about it.
    pub fn fix(self, text: &[u8]) -> Option<(Applicability, Vec<u8>)> {
        let alone = text.len() == self.end && self.start == 0;
        let dot = if self.start == 0 { "" } else { "." };
        (self.rule.0 == "empty-label" && !alone).then(|| (Applicability::Unsafe, dot.into()))
    }
}

/// What to write instead of an escape that is none.
pub fn escape_help(escape: &[u8]) -> Cow<'static, str> {
    let value = match escape.strip_prefix(b"\\") {
        Some(digits) if digits.len() == 3 && digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) => {
            digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'))
        }
        _ => return "`\\DDD` is decimal, 000 to 255".into(),
    };
    if value > 255 {
        return "`\\DDD` is decimal, 000 to 255".into();
    }
    format!("`\\DDD` is decimal, 000 to 255; as octal this is `\\{value:03}`").into()
}

/// What relative names are completed with, and what keys are relative to.
#[derive(Clone, Debug)]
pub struct NameContext {
    /// Apex of the zone.
    pub apex: Name,
    /// The origin in force.
    pub origin: Name,
    /// What completes a relative name: a dot and the origin, relative to the apex when it lies in
    /// the zone. Nothing where that is the root, or the apex.
    tail: Tail,
    /// Whether the origin lies in the zone.
    origin_inside: bool,
    origin_wire: usize,
    /// Whether the origin lies above the apex, so that relative names may lie in the zone.
    origin_above: bool,
}

/// The end of names.
#[derive(Clone, Debug)]
struct Tail {
    /// A dot and the origin; nothing behind `len` counts.
    text: Vec<u8>,
    len: usize,
}

impl Tail {
    /// How many octets are appended at once, which most origins below the apex have not.
    const ROOM: usize = 32;

    fn new(origin: &[u8]) -> Self {
        let mut text = Vec::with_capacity(Self::ROOM);
        if !origin.is_empty() {
            text.push(b'.');
            text.extend_from_slice(origin);
        }
        let len = text.len();
        text.resize(len.max(Self::ROOM), 0);
        Self { text, len }
    }

    /// Completes a name; nothing stands for the origin itself.
    fn complete(&self, name: &mut Vec<u8>) {
        if name.is_empty() {
            name.extend_from_slice(self.text.get(1..self.len).unwrap_or_default());
        } else if self.len <= Self::ROOM
            && let Some(text) = self.text.first_chunk::<{ Self::ROOM }>()
        {
            // A length that is known is copied without a call.
            let end = name.len() + self.len;
            name.extend_from_slice(text);
            name.truncate(end);
        } else {
            name.extend_from_slice(&self.text);
        }
    }
}

/// A name read from the text: its canonical text lies in the buffer that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameForm {
    /// Whether it lies at or below the apex: the text is then relative to the apex.
    pub in_zone: bool,
    /// Whether it was written relative to the origin (`@` counts).
    pub relative: bool,
    /// What its text is made of.
    pub kinds: Kinds,
}

impl NameContext {
    /// A context for a zone; the origin starts at the apex.
    pub fn new(apex: Name, origin: Name) -> Self {
        let key = apex.relative(origin.as_bytes());
        let tail = Tail::new(key.unwrap_or(origin.as_bytes()));
        let origin_inside = key.is_some();
        let origin_wire = wire_len(origin.as_bytes());
        let origin_above = !origin_inside && origin.relative(apex.as_bytes()).is_some();
        Self { apex, origin, tail, origin_inside, origin_wire, origin_above }
    }

    /// Reads the name of a token into `out`, which is cleared first. A lone `@` is the origin, in
    /// quotes too, as BIND has it.
    ///
    /// # Errors
    /// The rule that the name breaks; `out` is then of no use.
    pub fn read(&self, token: Token, data: &[u8], out: &mut Vec<u8>) -> Result<NameForm, NameError> {
        out.clear();
        let text = token.text(data);
        if text == b"@" {
            return Ok(self.append_origin(out, Kinds::of(text)));
        }
        let place = (token.start as usize, token.end as usize);
        let Canonical { absolute, kinds, wire_len } = canonicalise(data, place, token.octal, out)?;
        if absolute {
            if wire_len > MAX_NAME {
                return Err(NameError::new("name-too-long", 0, text.len()));
            }
            let in_zone = match self.apex.relative(out).map(<[u8]>::len) {
                Some(len) => {
                    out.truncate(len);
                    true
                }
                None => false,
            };
            return Ok(NameForm { in_zone, relative: false, kinds });
        }
        if wire_len + self.origin_wire - 1 > MAX_NAME {
            return Err(NameError::new("name-too-long", 0, text.len()));
        }
        Ok(self.append_origin(out, kinds))
    }

    fn append_origin(&self, out: &mut Vec<u8>, kinds: Kinds) -> NameForm {
        self.tail.complete(out);
        let mut in_zone = self.origin_inside;
        if self.origin_above
            && let Some(len) = self.apex.relative(out).map(<[u8]>::len)
        {
            out.truncate(len);
            in_zone = true;
        }
        NameForm { in_zone, relative: true, kinds }
    }
}

/// Length in octets on the wire of an absolute canonical name, the root label counted.
pub fn wire_len(canonical: &[u8]) -> usize {
    if canonical.is_empty() {
        return 1;
    }
    if !canonical.contains(&b'\\') {
        return canonical.len() + 2;
    }
    Labels(canonical).map(|label| 1 + unescaped(label).count()).sum::<usize>() + 1
}

/// What is known of a name once its canonical text is there.
struct Canonical {
    /// Whether it ended in a dot (the root counts).
    absolute: bool,
    kinds: Kinds,
    /// Length in octets on the wire, the root label counted.
    wire_len: usize,
}

/// Appends the canonical text of a name, the octets between two places, to an empty buffer.
#[inline]
fn canonicalise(
    data: &[u8],
    (start, end): (usize, usize),
    octal: bool,
    out: &mut Vec<u8>,
) -> Result<Canonical, NameError> {
    if let Some((absolute, kinds)) = plain::append(data, start, end, out) {
        return Ok(Canonical { absolute, kinds, wire_len: out.len() + 2 });
    }
    let text = data.get(start..end).unwrap_or_default();
    let absolute = unescape_and_fold(text, octal, out)?;
    Ok(Canonical { absolute, kinds: Kinds::of(text), wire_len: wire_len(out) })
}

/// Appends the canonical text of a name; says whether it ended in a dot (the root counts).
fn unescape_and_fold(text: &[u8], octal: bool, out: &mut Vec<u8>) -> Result<bool, NameError> {
    if text == b"." {
        return Ok(true);
    }
    if text.is_empty() {
        return Err(NameError::new("empty-label", 0, 0));
    }
    let mut at = 0;
    let mut label_start = 0;
    let mut label_len = 0;
    while let Some(&octet) = text.get(at) {
        match octet {
            b'.' => {
                check_label(text, label_start, at, label_len)?;
                if at + 1 == text.len() {
                    return Ok(true);
                }
                out.push(b'.');
                at += 1;
                label_start = at;
                label_len = 0;
                continue;
            }
            b'\\' => {
                let (value, len) = escape(text, at, octal)?;
                push_octet(value, out);
                at += len;
            }
            0x21..=0x7e if !matches!(octet, b'"' | b'(' | b')' | b';') => {
                out.push(octet.to_ascii_lowercase());
                at += 1;
            }
            _ => {
                push_octet(octet, out);
                at += 1;
            }
        }
        label_len += 1;
    }
    check_label(text, label_start, text.len(), label_len)?;
    Ok(false)
}

fn check_label(text: &[u8], start: usize, end: usize, len: usize) -> Result<(), NameError> {
    match len {
        0 => {
            let after = text.iter().skip(end).take_while(|octet| **octet == b'.').count();
            Err(NameError::new("empty-label", start.saturating_sub(1), end + after))
        }
        1..=MAX_LABEL => Ok(()),
        _ => Err(NameError::new("label-too-long", start, end)),
    }
}

/// Reads the escape at `at`: the octet it stands for and how many octets it takes.
fn escape(text: &[u8], at: usize, octal: bool) -> Result<(u8, usize), NameError> {
    match read_escape(&text[at..], octal) {
        Ok(found) => Ok(found),
        Err(len) => Err(NameError::new("bad-escape", at, at + len)),
    }
}

/// Reads `\DDD` (decimal) or `\X`: the octet and the length; an error is the length of what is wrong.
pub fn read_escape(text: &[u8], octal: bool) -> Result<(u8, usize), usize> {
    let Some(&first) = text.get(1) else { return Err(1) };
    if !first.is_ascii_digit() {
        return Ok((first, 2));
    }
    let digits = text.get(1..4).unwrap_or_default();
    if digits.len() < 3 || !digits.iter().all(u8::is_ascii_digit) {
        let len = text[1..].iter().take(3).take_while(|octet| octet.is_ascii_digit()).count();
        return Err(1 + len);
    }
    if octal && digits.iter().any(|digit| *digit > b'7') {
        return Err(4);
    }
    let base = if octal { 8 } else { 10 };
    let value = digits.iter().fold(0_u32, |value, digit| value * base + u32::from(digit - b'0'));
    u8::try_from(value).map(|value| (value, 4)).map_err(|_| 4)
}

/// Appends one octet of a label in its canonical form.
fn push_octet(octet: u8, out: &mut Vec<u8>) {
    match octet.to_ascii_lowercase() {
        special @ (b'.' | b'\\' | b'"' | b'(' | b')' | b';') => out.extend([b'\\', special]),
        plain @ 0x21..=0x7e => out.push(plain),
        other => out.extend([b'\\', b'0' + other / 100, b'0' + other / 10 % 10, b'0' + other % 10]),
    }
}

/// The labels of canonical text, leftmost first, still escaped.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'n>(pub &'n [u8]);

impl<'n> Iterator for Labels<'n> {
    type Item = &'n [u8];

    fn next(&mut self) -> Option<&'n [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let mut at = 0;
        while let Some(&octet) = self.0.get(at) {
            match octet {
                b'.' => {
                    let label = &self.0[..at];
                    self.0 = &self.0[at + 1..];
                    return Some(label);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        let label = self.0;
        self.0 = b"";
        Some(label)
    }
}

/// The parent of a name in canonical text; none for the empty name.
pub fn parent(name: &[u8]) -> Option<&[u8]> {
    let mut labels = Labels(name);
    labels.next()?;
    Some(labels.0)
}

/// Where the last label of `name[..end]` begins, in canonical text: a dot behind an odd number of
/// backslashes is a part of its label.
pub fn label_start(name: &[u8], end: usize) -> usize {
    let mut at = end.min(name.len());
    while let Some(before) = at.checked_sub(1) {
        if name[before] == b'.' {
            let escapes = name[..before].iter().rev().take_while(|octet| **octet == b'\\').count();
            if escapes.is_multiple_of(2) {
                return at;
            }
        }
        at = before;
    }
    0
}

/// The octets that the canonical text of a label stands for.
pub fn unescaped(label: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let octet = *label.get(at)?;
        if octet != b'\\' {
            at += 1;
            return Some(octet);
        }
        let (value, len) = read_escape(&label[at..], false).unwrap_or((octet, 1));
        at += len;
        Some(value)
    })
}

/// Appends the wire form (uncompressed) of an absolute name in canonical text.
pub fn push_wire(canonical: &[u8], out: &mut Vec<u8>) {
    for label in Labels(canonical) {
        let at = out.len();
        out.push(0);
        out.extend(unescaped(label));
        out[at] = (out.len() - at - 1) as u8;
    }
    out.push(0);
}

/// Reads an uncompressed name from wire form: its canonical text and the octets it took.
pub fn from_wire(wire: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut text = Vec::new();
    let mut at = 0;
    loop {
        let len = usize::from(*wire.get(at)?);
        at += 1;
        if len == 0 {
            return (at <= MAX_NAME).then_some((text, at));
        }
        if len > MAX_LABEL {
            return None;
        }
        if !text.is_empty() {
            text.push(b'.');
        }
        for octet in wire.get(at..at + len)? {
            push_octet(*octet, &mut text);
        }
        at += len;
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::TokenKind;
    use super::*;

    #[test]
    fn labels_are_the_same_from_both_ends() {
        for name in ["www.example.com", "a", r"a\.b.c", r"a\\.b", r"a\\\.b.c\.d", r"x\046y.z", ""] {
            let text = name.as_bytes();
            let forward: Vec<&[u8]> = Labels(text).collect();
            let mut backward = Vec::new();
            let mut end = text.len();
            while end > 0 {
                let start = label_start(text, end);
                backward.push(&text[start..end]);
                end = start.saturating_sub(1);
            }
            backward.reverse();
            assert_eq!(forward, backward, "{name}");
        }
    }

    fn context() -> NameContext {
        let apex = Name::absolute(b"Example.com").unwrap();
        NameContext::new(apex, Name::absolute(b"sub.example.com.").unwrap())
    }

    fn read(text: &str) -> Result<(String, bool), (&'static str, usize, usize)> {
        let token = Token {
            start: 0,
            end: text.len() as u32,
            kind: TokenKind::Text,
            escaped: text.contains('\\'),
            octal: false,
        };
        let mut out = Vec::new();
        context()
            .read(token, text.as_bytes(), &mut out)
            .map(|form| (String::from_utf8(out).unwrap(), form.in_zone))
            .map_err(|error| (error.rule.0, error.start, error.end))
    }

    #[test]
    fn names_are_completed_and_made_relative_to_the_apex() {
        assert_eq!(read("WWW"), Ok(("www.sub".into(), true)));
        assert_eq!(read("@"), Ok(("sub".into(), true)));
        assert_eq!(read("example.COM."), Ok((String::new(), true)));
        assert_eq!(read("a.example.com."), Ok(("a".into(), true)));
        assert_eq!(read("aexample.com."), Ok(("aexample.com".into(), false)));
        assert_eq!(read("a\\.example.com."), Ok(("a\\.example.com".into(), false)));
        assert_eq!(read("."), Ok((String::new(), false)));
    }

    #[test]
    fn escapes_have_one_form() {
        assert_eq!(read("\\097\\B\\046c.example.com."), Ok(("ab\\.c".into(), true)));
        assert_eq!(read("a\\ b.example.com."), Ok(("a\\032b".into(), true)));
        assert_eq!(read("\\@.example.com."), Ok(("@".into(), true)));
        assert_eq!(read("a\\256"), Err(("bad-escape", 1, 5)));
        assert_eq!(read("a\\12"), Err(("bad-escape", 1, 4)));
        assert_eq!(read("a\\"), Err(("bad-escape", 1, 2)));
    }

    #[test]
    fn lengths_and_empty_labels_are_refused() {
        assert_eq!(read("a..b").unwrap_err().0, "empty-label");
        assert_eq!(read(".a").unwrap_err().0, "empty-label");
        assert!(read(&"a".repeat(63)).is_ok());
        assert_eq!(read(&"a".repeat(64)).unwrap_err(), ("label-too-long", 0, 64));
        let long = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(45)].join(".");
        assert_eq!(wire_len(long.as_bytes()) + "sub.example.com".len() + 1, 255);
        assert!(read(&long).is_ok());
        assert_eq!(read(&format!("{long}d")).unwrap_err().0, "name-too-long");
    }

    #[test]
    fn wire_form_there_and_back() {
        for name in ["", "a", "a.b\\.c.d", "\\000\\255.x"] {
            let mut wire = Vec::new();
            push_wire(name.as_bytes(), &mut wire);
            assert_eq!(wire.len(), wire_len(name.as_bytes()));
            assert_eq!(from_wire(&wire), Some((name.as_bytes().to_vec(), wire.len())));
        }
    }
}
