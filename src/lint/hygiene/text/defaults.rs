//! What is written in vain: a TTL that is that of `$TTL`, a class that others leave out, a directive
//! that says what holds already.
//!
//! What holds is known from the file itself only, and only up to the next `$INCLUDE`: what another file
//! leaves behind is not the same for all servers.

use crate::diagnostic::{Applicability, Edit, Finding, Fix};
use crate::lint::rule::Out;
use crate::lint::text::{Kind, MOST_EDITS, Many, Stretch, TextRule, ZoneFile, without};
use crate::text::Span;
use crate::zonefile::head::Head;
use crate::zonefile::name::Name;
use crate::zonefile::rtype::{Class, Rtype};
use crate::zonefile::token::TokenKind;
use crate::zonefile::ttl::{MAX_TTL, period};

/// The `$TTL` of a directive in seconds, and its place; none when it is no TTL.
fn default_ttl(text: &Stretch<'_>) -> Option<(u32, Span)> {
    let argument = *text.tokens.get(1)?;
    let seconds = period(argument.text(text.data)).ok().filter(|seconds| *seconds <= MAX_TTL)?;
    Some((seconds, text.token(argument)))
}

/// Cells of one kind that records of a file have without need.
#[derive(Default)]
struct Repeated {
    /// The finding about the first one.
    first: Option<Finding>,
    count: usize,
    /// What takes them out.
    edits: Vec<Edit>,
    /// Records without such a cell.
    bare: usize,
}

impl Repeated {
    fn push(&mut self, edit: Edit, finding: impl FnOnce() -> Finding) {
        self.count += 1;
        self.first.get_or_insert_with(finding);
        if self.edits.len() < MOST_EDITS {
            self.edits.push(edit);
        }
    }

    /// One finding for all, unless every record of the file has such a cell: then it is meant.
    fn finish(&mut self, out: Out<'_>) {
        let Some(mut finding) = self.first.take().filter(|_| self.bare > 0) else { return };
        match self.count - 1 {
            0 => {}
            1 => finding.message.push_str(", and so in 1 more record"),
            more => finding.message.push_str(&format!(", and so in {more} more records")),
        }
        let edits = std::mem::take(&mut self.edits);
        let is_whole = edits.len() == self.count;
        out.push(if is_whole { finding.fixes(Applicability::Safe, edits) } else { finding });
    }
}

const CELLS: &str = "redundant-ttl-or-class";

/// `redundant-ttl-or-class`
#[derive(Default)]
pub(super) struct Cells {
    default: Option<(u32, Span)>,
    ttls: Repeated,
    class: Option<(Class, Span)>,
    classes: Repeated,
}

impl Cells {
    fn look_at_class(&mut self, text: &Stretch<'_>, head: &Head) {
        let Some((class, token)) = head.class else {
            self.classes.bare += 1;
            return;
        };
        let span = text.token(token);
        let Some((known, first)) = self.class else {
            self.class = Some((class, span));
            return;
        };
        if known == class {
            self.classes.push(without(text, token), || {
                text.about(CELLS, head.rtype, span, &format!("class `{class}` is written again"))
                    .related(first, "the first one")
                    .help("leave it out, as other records of the file do: it is that of the zone")
            });
        }
    }

    fn look_at_ttl(&mut self, text: &Stretch<'_>, head: &Head) {
        let Some((default, directive)) = self.default else { return };
        match head.ttl {
            Some((seconds, token)) if seconds == default => {
                self.ttls.push(without(text, token), || {
                    let written = String::from_utf8_lossy(token.text(text.data));
                    let message = format!("TTL `{written}` is that of `$TTL`");
                    text.about(CELLS, head.rtype, text.token(token), &message)
                        .related(directive, "the default")
                        .help("leave it out, so that the record follows when `$TTL` changes")
                });
            }
            None if head.rtype != Rtype::SOA => self.ttls.bare += 1,
            _ => {}
        }
    }
}

impl TextRule for Cells {
    fn look(&mut self, text: &Stretch<'_>, _: Out<'_>) {
        match &text.kind {
            Kind::Record(head, _) if !text.stands_in => {
                self.look_at_class(text, head);
                self.look_at_ttl(text, head);
            }
            Kind::Directive(word) if word.eq_ignore_ascii_case(b"$TTL") => self.default = default_ttl(text),
            Kind::Directive(word) if word.eq_ignore_ascii_case(b"$INCLUDE") => self.default = None,
            Kind::Unreadable => self.default = None,
            Kind::Nothing | Kind::Record(..) | Kind::Directive(_) => {}
        }
    }

    fn finish(&mut self, _: &ZoneFile<'_>, out: Out<'_>) {
        self.ttls.finish(out);
        self.classes.finish(out);
    }
}

const DIRECTIVES: &str = "redundant-directive";

/// `redundant-directive`
#[derive(Default)]
pub(super) struct Directives {
    origin: Option<(Name, Span)>,
    ttl: Option<(u32, Span)>,
    /// A `$TTL` that no record has come after, and the default before it.
    unused: Option<(Finding, Option<u32>)>,
    many: Many,
}

impl Directives {
    fn origin(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        let argument = text.tokens.get(1).filter(|token| token.kind == TokenKind::Text);
        let name = argument.and_then(|argument| text.name(*argument, text.data));
        let (Some(argument), Some(name)) = (argument, name) else {
            self.origin = None;
            return;
        };
        if let Some((origin, before)) = self.origin.as_ref().filter(|(origin, _)| *origin == name) {
            let message = format!("`$ORIGIN`: the origin is `{origin}` already");
            let finding = about(text, message).related(*before, "since here");
            self.many.push(finding, out);
            return;
        }
        self.origin = Some((name, text.token(*argument)));
    }

    fn ttl(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        let Some((seconds, span)) = default_ttl(text) else {
            (self.ttl, self.unused) = (None, None);
            return;
        };
        let zone = text.file.context.zone.apex();
        if let Some((default, before)) = self.ttl.filter(|(default, _)| *default == seconds) {
            let message = format!("`{zone}`: `$TTL` is {default} already");
            let finding = about(text, message).related(before, "since here");
            self.many.push(finding, out);
            return;
        }
        let message = format!("`{zone}`: no record comes between this `$TTL` and the next one");
        let mut finding = about(text, message);
        if let Some((mut unused, before)) = self.unused.take() {
            if before == Some(seconds) && unused.fix.is_some() {
                // Without the one that is not used, this one changes nothing.
                unused.fix = both(unused.fix, finding.fix.take());
            }
            self.many.push(unused.related(span, "the next one"), out);
        }
        self.unused = Some((finding, self.ttl.map(|(seconds, _)| seconds)));
        self.ttl = Some((seconds, span));
    }
}

impl TextRule for Directives {
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        match &text.kind {
            Kind::Nothing => {}
            Kind::Directive(word) if word.eq_ignore_ascii_case(b"$GENERATE") => self.unused = None,
            // One with more than its argument is wrong first of all.
            Kind::Directive(_) if text.tokens.len() > 2 => {
                (self.origin, self.ttl, self.unused) = (None, None, None);
            }
            Kind::Directive(word) if word.eq_ignore_ascii_case(b"$ORIGIN") => self.origin(text, out),
            Kind::Directive(word) if word.eq_ignore_ascii_case(b"$TTL") => self.ttl(text, out),
            Kind::Record(..) => self.unused = None,
            Kind::Directive(_) | Kind::Unreadable => {
                (self.origin, self.ttl, self.unused) = (None, None, None);
            }
        }
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        self.many.finish(DIRECTIVES, file, out);
    }
}

/// Two fixes as one.
fn both(one: Option<Fix>, other: Option<Fix>) -> Option<Fix> {
    let (mut one, other) = (one?, other?);
    if other.applicability == Applicability::Unsafe {
        one.applicability = Applicability::Unsafe;
    }
    one.edits.extend(other.edits);
    Some(one)
}

/// A finding about a directive, and what deletes its line.
fn about(text: &Stretch<'_>, message: String) -> Finding {
    let end = text.tokens.iter().map(|token| token.outer().1 as usize).max().unwrap_or(text.entry_start);
    let finding = text.file.about(DIRECTIVES, text.span(text.entry_start, end), message);
    let finding = finding.help("remove the line");
    let lines = text.text(text.entry_start, text.range.end);
    // More than one line, or a lone CR at the end of this one.
    if memchr::memchr_iter(b'\n', lines).count() > 1 || text.text(end, text.range.end).ends_with(b"\r") {
        return finding;
    }
    let is_commented = memchr::memchr(b';', lines).is_some();
    let applicability = if is_commented { Applicability::Unsafe } else { Applicability::Safe };
    finding.fix(applicability, text.span(text.entry_start, text.range.end), "")
}
