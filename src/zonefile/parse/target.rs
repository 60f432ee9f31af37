//! Names in RDATA, and what gives them away by the way they are written.

use super::{Parser, Piece, RecordSink, Suspect, SuspectKind, portability};
use crate::diagnostic::{Applicability, Finding, RuleName};
use crate::zonefile::idn;
use crate::zonefile::name::{Kinds, Labels, NameForm, parent};
use crate::zonefile::rdata::{self, NameRole};
use crate::zonefile::rtype::Rtype;
use crate::zonefile::target;
use crate::zonefile::token::{Token, TokenKind};

impl<S: RecordSink> Parser<'_, S> {
    /// What a name in RDATA gives away by the way it is written.
    pub(super) fn look_at_target(
        &mut self,
        piece: &Piece<'_>,
        rtype: Rtype,
        (token, text): (Token, &[u8]),
        (name, form, role): (&[u8], NameForm, NameRole),
    ) {
        let kinds = form.kinds;
        if token.kind == TokenKind::Text && tells_nothing(text, form) {
            return;
        }
        let is_address = target::may_be_address(text, kinds) && target::is_address(text);
        if kinds.has_others() && has_at_sign(token, text) {
            return self.at_sign(piece, rtype, token, text, role);
        }
        if kinds.has_high() {
            self.foreign_name(piece, Some(rtype), token, text, role);
        } else if token.kind == TokenKind::Text
            && kinds.has_others()
            && portability::is_odd_name(token, text)
            && !is_address
            && !target::is_url(text, &self.names.context)
            && !self.is_host(rtype, role)
        {
            self.odd_name(token.kind, piece.token(token), text, "name");
        }
        let kind = match role {
            NameRole::Target if is_address => SuspectKind::Address { relative: form.relative },
            NameRole::Target if kinds.has_others() && target::is_url(text, &self.names.context) => {
                SuspectKind::Url
            }
            NameRole::Target if is_top_level(name, form) => SuspectKind::TopLevel,
            NameRole::Mailbox => SuspectKind::Mailbox,
            NameRole::Other if matches!(rtype, Rtype::NSEC | Rtype::NXT | Rtype::RRSIG | Rtype::SIG) => {
                return;
            }
            NameRole::Target | NameRole::Other => SuspectKind::Name,
        };
        if matches!(kind, SuspectKind::Name | SuspectKind::TopLevel) {
            self.look_at_form(piece, rtype, (token, kinds), (name, form, role));
        }
        let complete = !form.relative || !form.in_zone;
        let repeats_origin = match kind {
            SuspectKind::Address { .. } | SuspectKind::Url | SuspectKind::TopLevel => false,
            _ if complete || !kinds.has_dot() => return,
            SuspectKind::Mailbox => {
                let Some(domain) = parent(text) else { return };
                match target::lacks_dot(domain, &self.names.context) {
                    Some(repeats_origin) => repeats_origin,
                    None => return,
                }
            }
            SuspectKind::Name => match target::lacks_dot(text, &self.names.context) {
                Some(repeats_origin) => repeats_origin,
                None => return,
            },
        };
        self.sink.suspect(Suspect {
            span: piece.token(token),
            name: name.to_vec(),
            kind,
            repeats_origin,
            owner: self.options.apex.join(&self.owner.key),
            rtype: Some(rtype),
        });
    }

    /// Reports what is wrong with the form of a name that stands for itself.
    fn look_at_form(
        &mut self,
        piece: &Piece<'_>,
        rtype: Rtype,
        (token, kinds): (Token, Kinds),
        (name, form, role): (&[u8], NameForm, NameRole),
    ) {
        let report = |parser: &mut Self, rule: &'static str, what: &str, help: &str| {
            let shown = if form.in_zone { parser.options.apex.join(name) } else { name.to_vec() };
            let shown = String::from_utf8_lossy(&shown);
            let message = format!("{}{} `{shown}` {what}", parser.prefix(rtype), noun(rtype));
            let finding = Finding::new(RuleName(rule), piece.token(token), message).help(help);
            parser.report_record(rtype, finding);
        };
        if !form.in_zone && role == NameRole::Target && target::ends_in_number(name) {
            let help = "no top-level domain is a number: remove the final dot, or write an A record";
            report(self, "target-numeric-tld", "ends in a number", help);
        }
        if kinds.has_hyphen()
            && let Some((label, why)) = Labels(name).find_map(|label| Some((label, idn::fault(label)?)))
        {
            let what = format!("has the label `{}`, which {why}", String::from_utf8_lossy(label));
            report(self, "idn-bad-punycode", &what, "encode the name again from its letters");
        }
        if (kinds.has_others() || kinds.has_hyphen())
            && !kinds.has_high()
            && self.is_host(rtype, role)
            && let Some(what) = target::host_fault(name)
        {
            let help = "a host name has letters, digits and inner hyphens only; BIND warns of others";
            report(self, "hostname-invalid-target", &what, help);
        }
    }

    /// Whether a name in RDATA must be the name of a host.
    fn is_host(&self, rtype: Rtype, role: NameRole) -> bool {
        match rtype {
            Rtype::NS | Rtype::MX | Rtype::SRV => role == NameRole::Target,
            Rtype::SOA => role == NameRole::Other,
            Rtype::PTR => {
                let apex = self.options.apex.as_bytes();
                apex.ends_with(b"in-addr.arpa") || apex.ends_with(b"ip6.arpa")
            }
            _ => false,
        }
    }

    fn at_sign(&mut self, piece: &Piece<'_>, rtype: Rtype, token: Token, text: &[u8], role: NameRole) {
        let written = String::from_utf8_lossy(text);
        let message = format!("{}name `{written}` has an `@`", self.prefix(rtype));
        let span = piece.token(token);
        let finding = Finding::new(RuleName("at-sign-in-name"), span, message);
        let finding = if role == NameRole::Mailbox
            && let Some(meant) = rdata::mailbox_name(text)
        {
            let shown = String::from_utf8_lossy(&meant).into_owned();
            finding.help(format!("write the mailbox as `{shown}`")).fix(Applicability::Safe, span, meant)
        } else {
            finding.help("write `\\@` if the character is meant")
        };
        self.report_record(rtype, finding);
    }
}

/// Whether a name is written so plainly that there is nothing to say about it, as most are: letters and
/// digits in labels, in the zone without a doubt or outside it in a domain.
fn tells_nothing(text: &[u8], form: NameForm) -> bool {
    let kinds = form.kinds;
    let is_clear =
        if form.relative { form.in_zone && !kinds.has_dot() } else { form.in_zone || kinds.has_dot() };
    is_clear && !kinds.has_others() && !kinds.has_hyphen() && !target::may_be_address(text, kinds)
}

/// Whether an absolute name outside the zone is one label, as `mail.` is.
fn is_top_level(name: &[u8], form: NameForm) -> bool {
    !form.relative && !form.in_zone && !name.is_empty() && memchr::memchr(b'.', name).is_none()
}

/// What messages call the name that a record leads to.
fn noun(rtype: Rtype) -> &'static str {
    match rtype {
        Rtype::NS => "name server",
        Rtype::MX => "mail server",
        Rtype::SOA => "primary name server",
        _ => "target",
    }
}

/// Whether a name of several characters has an `@` that is neither escaped nor quoted.
pub(super) fn has_at_sign(token: Token, text: &[u8]) -> bool {
    token.kind == TokenKind::Text
        && text.len() > 1
        && memchr::memchr_iter(b'@', text)
            .any(|at| text[..at].iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 0)
}
