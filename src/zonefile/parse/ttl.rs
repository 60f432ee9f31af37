//! The TTL that BIND gives a record: its own, the default, the one before, the SOA minimum.

use super::owner::OwnerState;
use super::report::ttl_overflow;
use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::head::Head;
use crate::zonefile::rtype::Rtype;
use crate::zonefile::scan::Entry;
use crate::zonefile::token::{Token, Tokens};
use crate::zonefile::ttl::{in_units, period, units_in_order};

/// Beyond so many records a fix is no help.
const MAX_EDITS: usize = 100_000;
/// The longest TTL that is not remarkable, in seconds: 7 days, as BIND's `max-zone-ttl` is by habit.
pub(super) const MAX_USUAL: u32 = 604_800;

/// What decides the TTL of a record that has none.
#[derive(Default)]
pub(super) struct Ttls {
    /// The `$TTL` in force, or what BIND takes for it.
    pub(super) default: Option<u32>,
    /// Where that `$TTL` stands.
    pub(super) default_span: Option<Span>,
    /// A `$TTL` that an included file left behind, and the default before it.
    pub(super) leaked: Option<(Span, Option<u32>)>,
    /// Whether the TTL of a record was not its own nor a `$TTL`.
    pub(super) inherited: bool,
    windows_reported: bool,
    /// The last TTL that was written, and where.
    pub(super) last: Option<(u32, Span)>,
    /// The SOA minimum.
    pub(super) minimum: Option<u32>,
    missing_reported: bool,
    /// Owner and type of the last record that was reported for a TTL of 0: the others of its RRset
    /// are not.
    pub(super) zero: Option<(Vec<u8>, Rtype)>,
    /// The finding about TTLs taken from the record before, and what writes them down; its edits
    /// are all there when the zone has been read.
    implicit: Option<(Finding, Option<Vec<Edit>>)>,
}

impl Ttls {
    pub(super) fn take_finding(&mut self) -> Option<Finding> {
        let (finding, edits) = self.implicit.take()?;
        Some(match edits {
            Some(edits) => finding.fixes(Applicability::Safe, edits),
            None => finding,
        })
    }
}

impl<S: RecordSink> Parser<'_, S> {
    pub(super) fn ttl(
        &mut self,
        piece: &Piece<'_>,
        entry: Entry,
        head: Head,
        (first, rest): (Span, Tokens<'_, '_>),
    ) -> u32 {
        if let Some((seconds, token)) = head.ttl {
            let seconds = if head.ttl_overflows() {
                let text = token.text(rest.data);
                let finding = ttl_overflow(piece.token(token), &self.prefix(head.rtype), text);
                self.report_record(head.rtype, finding);
                0
            } else {
                self.unusual(piece, head.rtype, token, token.text(rest.data), seconds);
                seconds
            };
            self.ttls.last = Some((seconds, piece.token(token)));
            return seconds;
        }
        if let Some(token) = head.wrong_ttl {
            let text = String::from_utf8_lossy(token.text(rest.data));
            let message = format!("{}TTL `{text}` is over 4294967295", self.prefix(head.rtype));
            let finding = Finding::new(RuleName("number-out-of-range"), piece.token(token), message)
                .help("a TTL is 0 to 2147483647");
            self.report_record(head.rtype, finding);
        }
        if let Some(seconds) = self.ttls.default {
            if let Some((from, before)) = self.ttls.leaked.take() {
                self.leaked_ttl(piece, entry, head, (seconds, from, before));
            }
            return seconds;
        }
        self.ttls.inherited = true;
        let minimum = self.ttls.minimum.unwrap_or(0);
        if self.windows {
            if !std::mem::replace(&mut self.ttls.windows_reported, true) {
                self.windows_default(piece, entry, head, minimum);
            }
            return minimum;
        }
        match self.ttls.last {
            Some((seconds, span)) => {
                self.implicit(piece, head, first, (seconds, span));
                seconds
            }
            None => {
                if head.rtype == Rtype::SOA {
                    self.ttls.default = Some(minimum);
                }
                if !self.ttls.missing_reported {
                    self.ttls.missing_reported = true;
                    self.missing(piece, entry, head, (first, rest));
                }
                minimum
            }
        }
    }

    fn implicit(&mut self, piece: &Piece<'_>, head: Head, first: Span, (seconds, from): (u32, Span)) {
        if self.ttls.implicit.is_none() {
            let message = format!(
                "{}no TTL and no `$TTL`: BIND takes {seconds} from the record before, Knot and NSD take 3600",
                self.prefix(head.rtype)
            );
            let mut finding = Finding::new(RuleName("ttl-implicit-previous"), first, message)
                .related(from, "the TTL that it takes")
                .help(format!("put `$TTL {seconds}` at the top of the file"));
            finding = finding.record(self.owner_text(), head.rtype.to_string());
            self.ttls.implicit = Some((self.placed(finding), Some(Vec::new())));
        }
        let Some((_, edits)) = &mut self.ttls.implicit else { return };
        let before = head.class.map_or(head.rtype_token, |(_, class)| class);
        match edits {
            Some(list) if !piece.is_generated() && list.len() < MAX_EDITS => list.push(Edit {
                span: piece.span(before.start, before.start),
                replacement: format!("{seconds} ").into_bytes(),
            }),
            _ => *edits = None,
        }
    }

    fn missing(
        &mut self,
        piece: &Piece<'_>,
        entry: Entry,
        head: Head,
        (first, rest): (Span, Tokens<'_, '_>),
    ) {
        let prefix = self.prefix(head.rtype);
        let rule = RuleName("ttl-missing");
        let Some(minimum) = self.ttls.minimum else {
            let message =
                format!("{prefix}no TTL and no `$TTL` before the SOA record: BIND refuses the zone");
            let finding = Finding::new(rule, first, message).help("put `$TTL 3600` at the top of the file");
            return self.report_record(head.rtype, finding);
        };
        let written = rest.rest.last().filter(|_| head.rtype == Rtype::SOA);
        let written = written.map_or_else(
            || minimum.to_string(),
            |token| String::from_utf8_lossy(token.text(rest.data)).into_owned(),
        );
        let message = format!(
            "{prefix}no TTL and no `$TTL`: BIND takes the SOA minimum {written}, Knot and NSD take 3600"
        );
        let mut finding =
            Finding::new(rule, first, message).help(format!("put `$TTL {written}` at the top of the file"));
        if !piece.is_generated() {
            let place = piece.line_start(entry);
            finding = finding.fix(Applicability::Safe, place, format!("$TTL {written}\n"));
        }
        self.report_record(head.rtype, finding);
    }

    /// The default that `$TTL` sets.
    pub(super) fn set_default_ttl(&mut self, piece: &Piece<'_>, token: Token, text: &[u8], seconds: u32) {
        self.ttls.default_span = Some(piece.token(token));
        self.ttls.leaked = None;
        if seconds > crate::zonefile::ttl::MAX_TTL {
            self.report(ttl_overflow(piece.token(token), "`$TTL`: ", text));
            self.ttls.default = Some(0);
        } else {
            self.units(piece, "`$TTL`: TTL", token, text, seconds);
            if let Some(finding) = self.out_of_measure(piece.token(token), "`$TTL`: ", text, seconds) {
                self.report(finding);
            }
            self.ttls.default = Some(seconds);
        }
    }

    /// Reports the TTL of a record that is written in an odd way, or is an odd one.
    fn unusual(&mut self, piece: &Piece<'_>, rtype: Rtype, token: Token, text: &[u8], seconds: u32) {
        if text.last().is_some_and(u8::is_ascii_alphabetic) {
            let what = format!("{}TTL", self.prefix(rtype));
            self.units(piece, &what, token, text, seconds);
        }
        if (1..=MAX_USUAL).contains(&seconds) || self.owner.state != OwnerState::InZone {
            return;
        }
        // These are told to the server of the zone and never given out.
        if matches!(rtype, Rtype::WINS | Rtype::WINSR) {
            return;
        }
        if seconds == 0 {
            // What signs a zone writes NSEC3PARAM with TTL 0, as only its secondaries read it, and a
            // signature has the TTL of what it signs.
            if matches!(rtype, Rtype::NSEC3PARAM | Rtype::RRSIG) {
                return;
            }
            let known = self.ttls.zero.as_ref();
            if known.is_some_and(|(key, of)| *of == rtype && *key == self.owner.key) {
                return;
            }
            self.ttls.zero = Some((self.owner.key.clone(), rtype));
        }
        let prefix = self.prefix(rtype);
        if let Some(finding) = self.out_of_measure(piece.token(token), &prefix, text, seconds) {
            self.report_record(rtype, finding);
        }
    }

    /// The finding for a TTL of 0, or over a week.
    fn out_of_measure(&self, span: Span, prefix: &str, text: &[u8], seconds: u32) -> Option<Finding> {
        if seconds == 0 {
            let message = format!("{prefix}TTL 0 forbids every cache to keep the record");
            let finding = Finding::new(RuleName("ttl-zero"), span, message);
            return Some(finding.help("write 60 or more, unless every query shall reach this server"));
        }
        if seconds <= MAX_USUAL || self.options.apex.as_bytes().is_empty() {
            return None;
        }
        let shown = String::from_utf8_lossy(text);
        let week = if text.last().is_some_and(u8::is_ascii_digit) { "604800" } else { "1w" };
        let message = format!("{prefix}TTL `{shown}` is over 604800 seconds (7 days)");
        let finding = Finding::new(RuleName("ttl-too-high"), span, message);
        Some(
            finding
                .help(format!("write `{week}` or less; most resolvers drop it after a day or a week anyway"))
                .fix(Applicability::Unsafe, span, week),
        )
    }

    /// Reports a period whose units do not stand once each, the largest first.
    pub(super) fn units(&mut self, piece: &Piece<'_>, what: &str, token: Token, text: &[u8], seconds: u32) {
        if !text.last().is_some_and(u8::is_ascii_alphabetic) || units_in_order(text) {
            return;
        }
        let shown = String::from_utf8_lossy(text);
        let meant = in_units(seconds);
        let span = piece.token(token);
        let message = format!("{what} `{shown}` does not name each unit once, the largest first");
        self.report(
            Finding::new(RuleName("ttl-units-not-portable"), span, message)
                .help(format!("write `{meant}`"))
                .fix(Applicability::Safe, span, meant),
        );
    }

    /// Looks at the periods of a SOA record.
    pub(super) fn soa_units(&mut self, piece: &Piece<'_>, rest: Tokens<'_, '_>) {
        for token in rest.rest.iter().skip(3).take(4) {
            let text = token.text(rest.data);
            if let Ok(seconds) = period(text) {
                let what = format!("{}period", self.prefix(Rtype::SOA));
                self.units(piece, &what, *token, text, seconds);
            }
        }
    }
}
