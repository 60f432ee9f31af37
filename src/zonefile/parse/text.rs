//! The text before it is data: byte order mark, line ends, control characters, parentheses, quotes.

use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::{Encoding, FileId, Source, Span};
use crate::zonefile::scan::{Fault, TextError, Within};

/// A file of more lines than this is converted by another program.
const MAX_LINE_EDITS: usize = 1_000_000;
/// The end-of-file marks of MS-DOS that may stand after the last line: no more than so many octets.
const TAIL: u64 = 1 << 16;
/// What MS-DOS ended text files with.
pub(super) const CTRL_Z: u8 = 0x1a;

impl<S: RecordSink> Parser<'_, S> {
    /// Skips a byte order mark; none when the file is no text this program reads.
    pub(super) fn start_of_text(&mut self, piece: &Piece<'_>) -> Option<usize> {
        let data = piece.data;
        let name = piece.source.name();
        let rule = RuleName("byte-order-mark");
        let mark = data.starts_with(b"\xef\xbb\xbf");
        if piece.source.encoding() == Encoding::Utf16 {
            let span = piece.span(0, if mark { 3 } else { 0 });
            let message = format!("`{name}` is UTF-16, which no server reads; it was read all the same");
            self.report(
                Finding::new(rule, span, message).help("save the file as UTF-8 without byte order mark"),
            );
            return Some(if mark { 3 } else { 0 });
        }
        if data.starts_with(&[0xff, 0xfe]) || data.starts_with(&[0xfe, 0xff]) {
            let message = format!("`{name}` is UTF-16, which no server reads");
            self.report(
                Finding::new(rule, piece.span(0, 2), message)
                    .help("save the file as UTF-8 without byte order mark"),
            );
            return None;
        }
        if mark {
            let span = piece.span(0, 3);
            let message = format!("`{name}` begins with a UTF-8 byte order mark, which no server reads");
            self.report(
                Finding::new(rule, span, message).help("save the file as UTF-8 without byte order mark").fix(
                    Applicability::Safe,
                    span,
                    "",
                ),
            );
            return Some(3);
        }
        Some(0)
    }

    /// Looks at the line ends of a source that was read to its end; the first CR LF stands at `crlf`.
    pub(super) fn line_ends(&mut self, source: &Source, file: FileId, crlf: Option<u64>) {
        if source.generated_by().is_some() || source.is_empty() {
            return;
        }
        let name = source.name();
        if let Some(at) = crlf
            && !self.windows
        {
            let ends = LineEnds::count(source);
            let mixed = if ends.returns < ends.lines {
                "mixes CR LF and LF line ends"
            } else {
                "has CR LF line ends"
            };
            let mut finding = Finding::new(
                RuleName("crlf-line-endings"),
                Span::new(file, at, at + 2),
                format!("`{name}` {mixed}, which Knot refuses"),
            )
            .labelled(format!("{} of {} lines", ends.returns, ends.lines))
            .help("convert the file to LF");
            if ends.returns <= MAX_LINE_EDITS {
                let edits = ends
                    .places
                    .iter()
                    .map(|at| Edit { span: Span::new(file, *at, at + 1), replacement: Vec::new() });
                finding = finding.fixes(Applicability::Safe, edits.collect());
            }
            self.report(finding);
        }
        let tail = source.slice(source.len().saturating_sub(TAIL), source.len());
        let text = tail.iter().rposition(|octet| *octet != CTRL_Z).map_or(&tail[..0], |last| &tail[..=last]);
        if !text.last().is_none_or(|last| matches!(last, b'\n' | b'\r')) {
            let end = source.len() - (tail.len() - text.len()) as u64;
            let span = Span::new(file, end, end);
            let line_end = if crlf.is_some() { "\r\n" } else { "\n" };
            self.report(
                Finding::new(
                    RuleName("missing-final-newline"),
                    span,
                    format!("`{name}` does not end with a line end"),
                )
                .help("end the file with a line feed")
                .fix(Applicability::Safe, span, line_end),
            );
        }
    }

    pub(super) fn text_error(&mut self, piece: &Piece<'_>, error: TextError) {
        let span = piece.span(error.start, error.end);
        let finding = match error.fault {
            Fault::Unclosed { resumed } => {
                let finding =
                    Finding::new(RuleName("unbalanced-parenthesis"), span, "a parenthesis is never closed")
                        .help("write `)` at the end of the record");
                match resumed {
                    Some(at) => finding.related(piece.span(at, at), "reading goes on here"),
                    None => finding,
                }
            }
            Fault::Unopened => {
                Finding::new(RuleName("unbalanced-parenthesis"), span, "a parenthesis closes none")
                    .help("remove this `)`")
            }
            Fault::Unterminated => {
                Finding::new(RuleName("unterminated-quote"), span, "a quoted string does not end on its line")
                    .help("close the string with `\"`")
            }
            Fault::Control(within) => control_character(piece, span, within),
        };
        self.report(finding);
    }
}

/// The line ends of a source.
#[derive(Default)]
struct LineEnds {
    lines: usize,
    /// How many of them are CR LF.
    returns: usize,
    /// Where the CR of each stands; the first [`MAX_LINE_EDITS`].
    places: Vec<u64>,
}

impl LineEnds {
    fn count(source: &Source) -> Self {
        let mut ends = Self::default();
        let mut after_return = false;
        source.parts(|start, part| {
            for at in memchr::memchr_iter(b'\n', part) {
                ends.lines += 1;
                let is_return = if at == 0 { after_return } else { part[at - 1] == b'\r' };
                if is_return {
                    ends.returns += 1;
                    if ends.places.len() < MAX_LINE_EDITS {
                        ends.places.push(start + at as u64 - 1);
                    }
                }
            }
            after_return = part.last() == Some(&b'\r');
        });
        ends
    }
}

fn control_character(piece: &Piece<'_>, span: Span, within: Within) -> Finding {
    let (start, end) = ((span.start - piece.base) as usize, (span.end() - piece.base) as usize);
    let data = piece.data;
    let octets = data.get(start..end).unwrap_or_default();
    let octet = octets.first().copied().unwrap_or_default();
    let finding =
        Finding::new(RuleName("control-character"), span, format!("control character 0x{octet:02x}"));
    match octet {
        _ if within == Within::Quotes => {
            let escaped = format!("\\{octet:03}").repeat(octets.len());
            finding.help(format!("write `{escaped}`")).fix(Applicability::Safe, span, escaped)
        }
        b'\r' if within == Within::Comment => finding
            .help(
                "write a blank: what follows looks like a line, but is a part of the comment to all servers",
            )
            .fix(Applicability::Safe, span, " "),
        b'\r' => finding
            .help("end the line with LF: BIND reads a lone CR as a line end, Knot drops the record")
            .fix(Applicability::Safe, span, "\n"),
        0x1a if data.get(end..).is_some_and(|rest| rest.trim_ascii().is_empty()) => {
            finding.help("remove it").fix(Applicability::Safe, span, "")
        }
        0x0c => {
            let before = start.checked_sub(1).and_then(|at| data.get(at));
            let alone = before.is_none_or(|octet| *octet == b'\n')
                && matches!(data.get(end), None | Some(b'\r' | b'\n'));
            let instead = if alone { "" } else { " " };
            let help = if alone { "remove it" } else { "write a blank" };
            finding.help(help).fix(Applicability::Safe, span, instead)
        }
        _ => finding.help(format!("remove it, or write `\\{octet:03}` if it is meant")),
    }
}
