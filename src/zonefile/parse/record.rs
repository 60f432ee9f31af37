//! Records: head, class, type and RDATA of an entry.

use super::canonical::Canonical;
use super::owner::OwnerState;
use super::report::{field_finding, missing_finding};
use super::{Parser, Piece, RawRecord, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::head::{self, Head};
use crate::zonefile::rdata::{self, NameRole};
use crate::zonefile::rtype::{Class, Rtype};
use crate::zonefile::scan::Entry;
use crate::zonefile::token::{FieldError, Token, TokenKind, Tokens};

impl<S: RecordSink> Parser<'_, S> {
    /// Whether tokens read as a record without its owner.
    pub(super) fn reads(&mut self, tokens: Tokens<'_, '_>) -> bool {
        let Ok((rest, head)) = head::head(tokens) else { return false };
        let mut scratch = Canonical::default();
        match rdata::read(head.rtype, rest, &mut self.names, &mut scratch) {
            Ok(()) => true,
            Err(error) => error.keeps_record(),
        }
    }

    /// Reads an entry after its owner, if it has one.
    pub(super) fn record(&mut self, piece: &mut Piece<'_>, entry: Entry, tokens: Tokens<'_, '_>) {
        if entry.indented && self.owner.state == OwnerState::Unset {
            let as_it_is = self.reads(tokens);
            if as_it_is || !self.indented_owner(piece, entry, tokens) {
                self.no_owner(piece, entry, tokens);
            }
            return;
        }
        let (rest, head) = match head::head(tokens) {
            Ok(read) => read,
            Err(error) => return self.head_error(piece, entry, tokens, error),
        };
        if head.rtype.is_meta() && self.indented_owner(piece, entry, tokens) {
            return;
        }
        if entry.indented && (piece.state.origin_changed.is_some() || !piece.state.owner_known_here) {
            self.inherited_owner(piece, entry, head, tokens.rest.first().copied());
        } else if entry.indented
            && let Some(directive) = piece.state.included.take()
            && self.owner.state == OwnerState::InZone
        {
            self.inherits_across(piece, entry, head, directive);
        }
        if self.owner.state == OwnerState::Invalid || !self.is_data(piece, entry, head, rest.data) {
            return;
        }
        if self.owner.state == OwnerState::OutOfZone && piece.is_generated() {
            return;
        }
        let mut canonical = std::mem::take(&mut self.rdata);
        canonical.clear();
        let written = if entry.indented { None } else { self.owner.span };
        let first = tokens.rest.first().map_or(head.rtype_token, |first| *first);
        let first = written.unwrap_or(piece.token(first));
        match rdata::read(head.rtype, rest, &mut self.names, &mut canonical) {
            Ok(()) => self.good_record(piece, entry, (head, first), rest, &canonical, false),
            Err(error) if error.keeps_record() => {
                if !entry.mended {
                    let finding = field_finding(piece, &self.prefix(head.rtype), &error);
                    self.report_record(head.rtype, finding);
                    if let ("string-too-long", Some((_, fix))) = (error.rule.0, &error.fix) {
                        self.long_string(piece, head.rtype, (error.start, error.end), fix);
                    }
                }
                let at_sign = error.rule.0 == "soa-rname-at-sign";
                self.good_record(piece, entry, (head, first), rest, &canonical, at_sign);
            }
            Err(_) if entry.mended => {}
            Err(error) => {
                if !self.indented_owner(piece, entry, tokens) {
                    self.rdata_error(piece, head, rest, &error);
                }
            }
        }
        self.rdata = canonical;
    }

    /// Whether a record with this head is data of the zone.
    fn is_data(&mut self, piece: &Piece<'_>, entry: Entry, head: Head, data: &[u8]) -> bool {
        if !self.class_fits(piece, head) {
            return false;
        }
        if head.rtype.is_meta() {
            let rtype = head.rtype;
            let message = format!("{}a type of questions and transport, not of data", self.prefix(rtype));
            let finding = Finding::new(RuleName("meta-type-in-zone"), piece.token(head.rtype_token), message)
                .help(format!("`{rtype}` exists only in messages; it cannot be data"));
            self.report_record(rtype, finding);
            return false;
        }
        if matches!(head.rtype, Rtype::WINS | Rtype::WINSR) && !self.windows {
            let message = format!("{}known to the Windows DNS server only", self.prefix(head.rtype));
            let span = piece.token(head.rtype_token);
            let finding = Finding::new(RuleName("windows-wins-record"), span, message)
                .help("delete it, and publish the hosts as A records");
            self.report_record(head.rtype, finding);
            return false;
        }
        if let Some((_, token)) = head.age
            && !self.windows
        {
            let blanks = data.get(token.end as usize..entry.end as usize).unwrap_or_default();
            let blanks = blanks.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count() as u32;
            let message = format!("{}the age mark of a Windows DNS export", self.prefix(head.rtype));
            let finding = Finding::new(RuleName("windows-age-tag"), piece.token(token), message)
                .help("remove it, or use `--dialect windows`")
                .fix(Applicability::Safe, piece.span(token.start, token.end + blanks), "");
            self.report_record(head.rtype, finding);
        }
        true
    }

    fn good_record(
        &mut self,
        piece: &mut Piece<'_>,
        entry: Entry,
        (head, first): (Head, Span),
        rest: Tokens<'_, '_>,
        rdata: &Canonical,
        wrong_mailbox: bool,
    ) {
        if head.rtype == Rtype::SOA {
            self.soa(piece, head, rdata);
            self.soa_units(piece, rest);
        }
        if self.windows {
            self.octal_escapes(piece, head.rtype, rest);
        }
        let ttl = self.ttl(piece, entry, head, (first, rest));
        if self.owner.state != OwnerState::InZone {
            return;
        }
        self.odd_owner(head.rtype);
        self.sink.record(&RawRecord {
            owner: &self.owner.key,
            same_owner: !piece.state.fresh,
            piece: piece.number,
            start: piece.base + u64::from(entry.start),
            rtype: head.rtype,
            ttl,
            rdata: &rdata.bytes,
        });
        piece.state.fresh = false;
        self.names_of(piece, head.rtype, rest.data, rdata, wrong_mailbox);
        if matches!(head.rtype, Rtype::TXT | Rtype::SPF) {
            self.look_at_strings(piece, head.rtype, rest);
        }
        if !piece.ascii {
            let names: Vec<Token> = rdata.names.iter().filter_map(|name| name.token).collect();
            self.foreign_strings(piece, head.rtype, rest, &names);
        }
        self.generic(piece, head, rest);
    }

    /// Reports the owner of the record at hand when Knot refuses it, once for all its records.
    pub(super) fn odd_owner(&mut self, rtype: Rtype) {
        // The owner of an address or a mail domain must be a host name: another rule says so.
        let host = rtype.is_address() || rtype == Rtype::MX;
        if let Some((kind, span, text)) = self.owner.odd.take()
            && (!host || kind == TokenKind::Quoted)
        {
            self.odd_name(kind, span, &text, "owner");
        }
    }

    /// Looks at the names in the RDATA of the record that was handed on last.
    pub(super) fn names_of(
        &mut self,
        piece: &Piece<'_>,
        rtype: Rtype,
        data: &[u8],
        rdata: &Canonical,
        wrong_mailbox: bool,
    ) {
        for found in &rdata.names {
            let name = rdata.name_bytes(found);
            self.sink.target(rtype, found.role, name, found.form);
            let Some(token) = found.token else { continue };
            if !(wrong_mailbox && found.role == NameRole::Mailbox) {
                let written = (token, token.text(data));
                self.look_at_target(piece, rtype, written, (name, found.form, found.role));
            }
        }
    }

    /// Reports a known type that is written as an unknown one (RFC 3597 section 5).
    fn generic(&mut self, piece: &Piece<'_>, head: Head, rest: Tokens<'_, '_>) {
        let word = head.rtype_token.text(rest.data);
        let octets = rest.rest.first().copied().filter(|first| {
            first.kind == TokenKind::Text && first.escaped && first.text(rest.data) == b"\\#"
        });
        let numbered = word.len() > 4 && word.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"TYPE"));
        let strings = matches!(head.rtype, Rtype::TXT | Rtype::SPF | Rtype::HINFO);
        let rtype = head.rtype;
        let token = if numbered { Some(head.rtype_token) } else { octets.filter(|_| !strings) };
        let Some(token) = token.filter(|_| rdata::known(rtype)) else { return };
        let span = piece.token(token);
        let written = String::from_utf8_lossy(token.text(rest.data));
        let message = format!("{}written as `{written}`, though the type has a name", self.prefix(rtype));
        let finding = Finding::new(RuleName("generic-rdata-for-known-type"), span, message);
        let finding = if octets.is_some() {
            let finding = finding
                .help(format!("write the fields: `{rtype} <{}>`", rdata::field_names(rtype).join("> <")));
            match (self.in_fields(rtype, rest), rest.rest.first(), rest.rest.last()) {
                (Some(text), Some(first), Some(last)) => {
                    let rdata = piece.token(*first).to(piece.token(*last));
                    let mut edits = vec![Edit { span: rdata, replacement: text.into_bytes() }];
                    if numbered {
                        edits.insert(0, Edit { span, replacement: rtype.to_string().into_bytes() });
                    }
                    finding.fixes(Applicability::Safe, edits)
                }
                _ => finding,
            }
        } else {
            finding.help(format!("write `{rtype}`")).fix(Applicability::Safe, span, rtype.to_string())
        };
        self.report_record(rtype, finding);
    }

    /// The fields of RDATA that is written as `\#`, a length and hexadecimal digits; none where they stand
    /// on several lines.
    fn in_fields(&self, rtype: Rtype, rest: Tokens<'_, '_>) -> Option<String> {
        let (first, last) = (rest.rest.first()?, rest.rest.last()?);
        let between = rest.data.get(first.start as usize..last.end as usize)?;
        if memchr::memchr3(b'\n', b'(', b'\r', between).is_some() {
            return None;
        }
        let digits: Vec<u8> =
            rest.rest.iter().skip(2).flat_map(|token| token.text(rest.data).iter().copied()).collect();
        let wire: Option<Vec<u8>> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let text = rdata::print(rtype, &wire?, None);
        (!text.starts_with("\\#")).then_some(text)
    }

    /// Takes from the first SOA record what holds for the zone.
    fn soa(&mut self, piece: &Piece<'_>, head: Head, rdata: &Canonical) {
        if self.ttls.minimum.is_none() {
            self.ttls.minimum = rdata.bytes.last_chunk::<4>().map(|octets| u32::from_be_bytes(*octets));
            if self.class.is_none_or(|(_, span)| span.is_none()) {
                let written = head.class.map(|(_, token)| piece.token(token));
                self.class = Some((head.class.map_or(Class::IN, |(class, _)| class), written));
            }
        }
    }

    fn class_fits(&mut self, piece: &Piece<'_>, head: Head) -> bool {
        let Some((class, token)) = head.class else { return true };
        let (zone_class, soa) = match self.class {
            Some(known) => known,
            None if head.rtype == Rtype::SOA && class.0 < 254 => (class, None),
            None => (Class::IN, None),
        };
        if class == zone_class {
            if token.end - token.start > 5 && !piece.is_generated() {
                let text = token.text(piece.data);
                if text.len() > 5 && text[..5].eq_ignore_ascii_case(b"CLASS") {
                    self.generic_class(piece, head, token, text);
                }
            }
            return true;
        }
        let span = piece.token(token);
        let prefix = self.prefix(head.rtype);
        let message = format!("{prefix}class {class} in a zone of class {zone_class}");
        let mut finding = Finding::new(RuleName("class-mismatch"), span, message)
            .help(format!("write `{zone_class}`, or leave the class out"))
            .fix(Applicability::Unsafe, span, zone_class.to_string());
        if let Some(soa) = soa {
            finding = finding.related(soa, "the class of the SOA record");
        }
        self.report_record(head.rtype, finding);
        false
    }

    fn head_error(
        &mut self,
        piece: &mut Piece<'_>,
        entry: Entry,
        tokens: Tokens<'_, '_>,
        error: nom::Err<FieldError>,
    ) {
        let (nom::Err::Error(mut error) | nom::Err::Failure(mut error)) = error else { return };
        if self.indented_owner(piece, entry, tokens) {
            return;
        }
        if error.rule.0 == "unknown-type" && !self.reads_as_fixed(tokens, &error) {
            error.fix = None;
        }
        let prefix = match self.owner.state {
            OwnerState::InZone | OwnerState::OutOfZone => format!("`{}`: ", self.owner_text()),
            _ => String::new(),
        };
        let last = last_of(piece, tokens).or(self.owner.span);
        let mut finding = missing_finding(piece, &prefix, &error, last.unwrap_or(piece.line_start(entry)));
        if error.rule.0 == "syntax-error" {
            if finding.help.is_none() {
                finding = finding.help("write `[owner] [TTL] [class] type RDATA`");
            }
            if let Some(first) = first_class(tokens).filter(|first| first.start < error.start)
                && error.message.contains("class")
            {
                finding = finding.related(piece.token(first), "the first one");
            }
        }
        finding.owner = Some(self.owner_text());
        self.report(finding);
    }

    /// Whether the RDATA reads as that of the type which is most likely meant.
    fn reads_as_fixed(&mut self, tokens: Tokens<'_, '_>, error: &FieldError) -> bool {
        let Some(rtype) = error.fix.as_ref().and_then(|(_, text)| Rtype::read(text)) else { return false };
        let Some(at) = tokens.rest.iter().position(|token| token.start == error.start) else { return false };
        let mut scratch = Canonical::default();
        rdata::read(rtype, tokens.skip(at + 1), &mut self.names, &mut scratch).is_ok()
    }

    fn rdata_error(&mut self, piece: &Piece<'_>, head: Head, rest: Tokens<'_, '_>, error: &FieldError) {
        let prefix = self.prefix(head.rtype);
        if error.rule.0 == "bad-escape" {
            return self.bad_escapes(piece, &prefix, rest);
        }
        let type_span = piece.token(head.rtype_token);
        let last = last_of(piece, rest).unwrap_or(type_span);
        let mut finding = missing_finding(piece, &prefix, error, last);
        let text = rest.data.get(error.start as usize..error.end as usize).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        match (head.rtype, error.rule.0) {
            (Rtype::A, "bad-ipv4") if text.parse::<std::net::Ipv6Addr>().is_ok() => {
                finding = finding.help("this is an IPv6 address: write AAAA").fix(
                    Applicability::Unsafe,
                    type_span,
                    "AAAA",
                );
            }
            (Rtype::A, "bad-ipv4") if text.contains(|letter: char| letter.is_ascii_alphabetic()) => {
                finding = finding.help("an A record holds an address; write CNAME for a name");
            }
            (Rtype::AAAA, "bad-ipv6") if text.parse::<std::net::Ipv4Addr>().is_ok() => {
                finding = finding.help("this is an IPv4 address: write A").fix(
                    Applicability::Unsafe,
                    type_span,
                    "A",
                );
            }
            (_, "bad-ipv6") => {
                let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
                if let Some(inner) = inner.filter(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok()) {
                    finding = finding.help(format!("write `{inner}`")).fix(
                        Applicability::Unsafe,
                        finding_span(piece, error),
                        inner,
                    );
                }
            }
            _ => {}
        }
        self.report_record(head.rtype, finding);
    }

    pub(super) fn indented_directive(&mut self, piece: &Piece<'_>, entry: Entry, first: Token, text: &[u8]) {
        let blank = piece.span(entry.start, first.start);
        let name = String::from_utf8_lossy(text);
        let message = format!("`{name}` is no directive, since a blank stands before it");
        let finding = Finding::new(RuleName("unknown-directive"), piece.token(first), message)
            .help("begin it in the first column")
            .fix(Applicability::Unsafe, blank, "");
        self.report(finding);
    }
}

fn finding_span(piece: &Piece<'_>, error: &FieldError) -> Span {
    piece.span(error.start, error.end)
}

fn last_of(piece: &Piece<'_>, tokens: Tokens<'_, '_>) -> Option<Span> {
    tokens.rest.last().map(|last| piece.token(*last))
}

/// The first class of a head.
fn first_class(tokens: Tokens<'_, '_>) -> Option<Token> {
    tokens
        .rest
        .iter()
        .copied()
        .find(|token| token.kind == TokenKind::Text && Class::read(token.text(tokens.data)).is_some())
}
