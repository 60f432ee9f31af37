//! Owners: written ones, inherited ones, and those that a blank hides (RFC 1035 section 5.1).

use super::target::has_at_sign;
use super::{Parser, Piece, RecordSink, Suspect, SuspectKind, portability};
use crate::diagnostic::{Applicability, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::head::Head;
use crate::zonefile::name::{NameForm, parent};
use crate::zonefile::rdata::NameRole;
use crate::zonefile::scan::Entry;
use crate::zonefile::target;
use crate::zonefile::token::{Token, TokenKind, Tokens};

/// The owner in force.
#[derive(Default)]
pub(super) struct Owner {
    pub(super) key: Vec<u8>,
    pub(super) state: OwnerState,
    /// Text of the token it was read from, to see at once that the next one is the same.
    pub(super) text: Vec<u8>,
    /// Where it is written.
    pub(super) span: Option<Span>,
    /// Whether its text gave rise to a finding or a suspicion, as each of its copies will.
    remarkable: bool,
    /// Its kind, place and text, when Knot refuses it.
    pub(super) odd: Option<(TokenKind, Span, Vec<u8>)>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum OwnerState {
    /// No record yet.
    #[default]
    Unset,
    /// The last owner could not be read: records that inherit it are skipped.
    Invalid,
    InZone,
    OutOfZone,
}

/// Keeps the text of a token in the place of another one.
fn keep(token: Token, data: &[u8], kept: &mut Vec<u8>) {
    const SHORT: usize = 32;
    let text = token.text(data);
    kept.clear();
    // A length that is known is copied without a call.
    match data.get(token.start as usize..).and_then(<[u8]>::first_chunk::<SHORT>) {
        Some(block) if text.len() <= SHORT => {
            kept.extend_from_slice(block);
            kept.truncate(text.len());
        }
        _ => kept.extend_from_slice(text),
    }
}

impl<S: RecordSink> Parser<'_, S> {
    /// Takes over the owner that begins an entry; false when it cannot be read.
    pub(super) fn written_owner(&mut self, piece: &mut Piece<'_>, token: Token, all: Tokens<'_, '_>) -> bool {
        let text = token.text(all.data);
        let known = token.kind == TokenKind::Text
            && piece.state.owner_known_here
            && piece.state.origin_changed.is_none()
            && self.owner.text == text;
        piece.state.owner_known_here = true;
        piece.state.origin_changed = None;
        piece.state.included = None;
        self.owner.span = Some(piece.token(token));
        if known && self.owner.state == OwnerState::InZone && !self.owner.remarkable {
            return true;
        }
        piece.state.fresh = true;
        if self.owner.text != text {
            self.ttls.zero = None;
        }
        keep(token, all.data, &mut self.owner.text);
        self.owner.remarkable = false;
        self.owner.odd = None;
        let form = match self.names.context.read(token, all.data, &mut self.owner.key) {
            Ok(form) => form,
            Err(error) => {
                self.owner.state = OwnerState::Invalid;
                let written = String::from_utf8_lossy(text);
                if error.rule.0 == "bad-escape" {
                    self.bad_escapes(piece, &format!("owner `{written}`: "), all);
                    return false;
                }
                let end = token.end.min(token.start + error.end as u32);
                let span = piece.span(end.min(token.start + error.start as u32), end);
                let message = format!("owner `{written}`: {}", error.message());
                let mut finding = Finding::new(error.rule, span, message);
                finding.help = error.help(text).map(Into::into);
                if let Some((applicability, fix)) = error.fix(text) {
                    finding = finding.fix(applicability, span, fix);
                }
                self.report(finding);
                return false;
            }
        };
        self.owner.state = if form.in_zone { OwnerState::InZone } else { OwnerState::OutOfZone };
        let kinds = form.kinds;
        if kinds.has_high() {
            self.owner.remarkable = true;
            self.foreign_name(piece, None, token, text, NameRole::Other);
        } else if form.in_zone
            && (kinds.has_others() || token.kind == TokenKind::Quoted)
            && portability::is_odd_name(token, text)
            && !has_at_sign(token, text)
        {
            self.owner.odd = Some((token.kind, piece.token(token), text.to_vec()));
            self.owner.remarkable = true;
        }
        if !form.in_zone {
            self.out_of_zone(piece, token, text, form);
        } else if kinds.has_others() && has_at_sign(token, text) {
            self.owner.remarkable = true;
            let owner = self.owner_text();
            let written = String::from_utf8_lossy(text);
            let message = format!("owner `{written}` has an `@`, so it is read as `{owner}`");
            let mut finding = Finding::new(RuleName("at-sign-in-name"), piece.token(token), message)
                .help("write `\\@` if the character is meant");
            finding.owner = Some(owner);
            self.report(finding);
        } else if form.relative
            && kinds.has_dot()
            && let Some(repeats_origin) = target::lacks_dot(text, &self.names.context)
        {
            self.owner.remarkable = true;
            self.sink.suspect(Suspect {
                span: piece.token(token),
                name: self.owner.key.clone(),
                kind: SuspectKind::Name,
                repeats_origin,
                owner: self.options.apex.join(&self.owner.key),
                rtype: None,
            });
        }
        true
    }

    fn out_of_zone(&mut self, piece: &Piece<'_>, token: Token, text: &[u8], form: NameForm) {
        let owner = self.owner_text();
        let apex = &self.options.apex;
        let span = piece.token(token);
        let message = format!("owner `{owner}` is not in the zone `{apex}`");
        let mut finding = Finding::new(RuleName("out-of-zone-data"), span, message)
            .labelled("ignored by BIND and Knot, refused by NSD");
        finding = if form.relative {
            finding.help(format!("the origin in force is `{}`", self.names.context.origin))
        } else if !self.owner.key.contains(&b'.') && text.len() > 1 {
            let dot = Span::new(piece.file, span.end() - 1, span.end());
            finding.help("remove the final dot").fix(Applicability::Unsafe, dot, "")
        } else {
            let above = parent(&self.owner.key).filter(|above| above.contains(&b'.'));
            let zone = String::from_utf8_lossy(above.unwrap_or(&self.owner.key)).into_owned();
            finding.help(format!("move it to the zone `{zone}`"))
        };
        finding.owner = Some(owner);
        self.report(finding);
    }

    /// Reads the entry as if the blanks before its owner were not there, when that makes sense of it.
    pub(super) fn indented_owner(
        &mut self,
        piece: &mut Piece<'_>,
        entry: Entry,
        all: Tokens<'_, '_>,
    ) -> bool {
        let Some((first, text)) = all.peek() else { return false };
        if !entry.indented || first.kind != TokenKind::Text || !self.reads(all.skip(1)) {
            return false;
        }
        let owner = String::from_utf8_lossy(text);
        let message = format!("owner `{owner}` is read as a type, since a blank stands before it");
        let mut finding = Finding::new(RuleName("indented-owner"), piece.token(first), message)
            .help(format!("remove the blank before `{owner}`"))
            .fix(Applicability::Safe, piece.span(entry.start, first.start), "");
        if let (Some(span), OwnerState::InZone | OwnerState::OutOfZone) = (self.owner.span, self.owner.state)
        {
            finding =
                finding.related(span, format!("the line would inherit the owner `{}`", self.owner_text()));
        }
        self.report(finding);
        if self.written_owner(piece, first, all) {
            self.record(piece, Entry { indented: false, ..entry }, all.skip(1));
        }
        true
    }

    pub(super) fn no_owner(&mut self, piece: &Piece<'_>, entry: Entry, tokens: Tokens<'_, '_>) {
        let span = tokens.rest.first().map_or(piece.line_start(entry), |first| piece.token(*first));
        let message = "the record begins with a blank, and there is no owner before it to inherit";
        let origin = &self.names.context.origin;
        let finding = Finding::new(RuleName("no-owner"), span, message)
            .help(format!("write the owner; `@` for `{origin}`"))
            .fix(Applicability::Unsafe, piece.line_start(entry), "@");
        self.report(finding);
    }

    pub(super) fn inherited_owner(
        &mut self,
        piece: &mut Piece<'_>,
        entry: Entry,
        head: Head,
        first: Option<Token>,
    ) {
        let directive = piece.state.origin_changed.take();
        let included = !piece.state.owner_known_here;
        piece.state.owner_known_here = true;
        piece.state.fresh = true;
        let Some(first) = first else { return };
        if piece.is_generated() || self.owner.state == OwnerState::Invalid {
            return;
        }
        let owner = self.owner_text();
        let origin = self.names.context.origin.clone();
        let message = format!("{} record takes its owner `{owner}` from before the ", head.rtype);
        let place = if directive.is_none() && included { "included file" } else { "`$ORIGIN`" };
        let mut finding = Finding::new(
            RuleName("inherited-owner-after-origin"),
            piece.token(first),
            format!("{message}{place}"),
        )
        .help(format!("write the owner: `{owner}.` as it is read now, `@` for `{origin}`"))
        .fix(Applicability::Unsafe, piece.line_start(entry), format!("{owner}."));
        if let Some(span) = self.owner.span {
            finding = finding.related(span, format!("the owner is `{owner}`"));
        }
        if let Some(directive) = directive {
            finding = finding.related(directive, "the origin changes here");
        }
        self.report_record(head.rtype, finding);
    }
}
