//! The text before it is data: byte order mark, line ends, control characters, parentheses, quotes.

use super::{Parser, Piece, RecordSink};
use crate::diagnostic::{Applicability, Edit, Finding, RuleName};
use crate::text::Span;
use crate::zonefile::scan::{Fault, TextError};

/// A file of more lines than this is converted by another program.
const MAX_LINE_EDITS: usize = 1_000_000;

impl<S: RecordSink> Parser<'_, S> {
    /// Skips a byte order mark; none when the file is no text this program reads.
    pub(super) fn start_of_text(&mut self, piece: &Piece<'_>) -> Option<usize> {
        let data = piece.source.bytes();
        let name = piece.source.name();
        let rule = RuleName("byte-order-mark");
        let mark = data.starts_with(b"\xef\xbb\xbf");
        if piece.source.is_transcoded() {
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

    pub(super) fn line_ends(&mut self, piece: &Piece<'_>, crlf: Option<u32>) {
        let data = piece.source.bytes();
        if piece.is_generated() || data.is_empty() {
            return;
        }
        let name = piece.source.name();
        if let Some(at) = crlf
            && !self.windows
        {
            let count = memchr::memmem::find_iter(data, b"\r\n").count();
            let lines = memchr::memchr_iter(b'\n', data).count();
            let mixed = if count < lines { "mixes CR LF and LF line ends" } else { "has CR LF line ends" };
            let mut finding = Finding::new(
                RuleName("crlf-line-endings"),
                piece.span(at, at + 2),
                format!("`{name}` {mixed}, which Knot refuses"),
            )
            .labelled(format!("{count} of {lines} lines"))
            .help("convert the file to LF");
            if count <= MAX_LINE_EDITS {
                let edits = memchr::memmem::find_iter(data, b"\r\n")
                    .map(|at| Edit { span: piece.span(at as u32, at as u32 + 1), replacement: Vec::new() })
                    .collect();
                finding = finding.fixes(Applicability::Safe, edits);
            }
            self.report(finding);
        }
        let text = data.iter().rposition(|octet| *octet != 0x1a).map_or(&data[..0], |last| &data[..=last]);
        if !text.last().is_none_or(|last| matches!(last, b'\n' | b'\r')) {
            let end = text.len() as u32;
            let span = piece.span(end, end);
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
            Fault::Control { quoted } => control_character(piece, span, quoted),
        };
        self.report(finding);
    }
}

fn control_character(piece: &Piece<'_>, span: Span, quoted: bool) -> Finding {
    let data = piece.source.bytes();
    let octets = piece.source.slice(span.start, span.end());
    let octet = octets.first().copied().unwrap_or_default();
    let finding =
        Finding::new(RuleName("control-character"), span, format!("control character 0x{octet:02x}"));
    match octet {
        _ if quoted => {
            let escaped = format!("\\{octet:03}").repeat(octets.len());
            finding.help(format!("write `{escaped}`")).fix(Applicability::Safe, span, escaped)
        }
        b'\r' => finding
            .help("end the line with LF: BIND reads a lone CR as a line end, Knot drops the record")
            .fix(Applicability::Safe, span, "\n"),
        0x1a if data.get(span.end() as usize..).is_some_and(|rest| rest.trim_ascii().is_empty()) => {
            finding.help("remove it").fix(Applicability::Safe, span, "")
        }
        0x0c => {
            let before = span.start.checked_sub(1).and_then(|at| data.get(at as usize));
            let alone = before.is_none_or(|octet| *octet == b'\n')
                && matches!(data.get(span.end() as usize), None | Some(b'\r' | b'\n'));
            let instead = if alone { "" } else { " " };
            let help = if alone { "remove it" } else { "write a blank" };
            finding.help(help).fix(Applicability::Safe, span, instead)
        }
        _ => finding.help(format!("remove it, or write `\\{octet:03}` if it is meant")),
    }
}
