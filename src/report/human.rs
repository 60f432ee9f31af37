//! The report for people: headline, the lines in question with labels, what to do, and the other
//! places that belong to it.

use super::sanitize::words;
use super::style::Style;
use super::usable_fix;
use super::window::{Mark, Snippet};
use crate::diagnostic::{Edit, Finding, Fix, Severity};
use crate::text::{Sources, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use std::fmt;
use std::io;

/// Fewer columns than this leave no room for a snippet.
const NARROWEST: usize = 40;
/// Columns by which a related place is indented.
const NESTED: usize = 6;
/// The most characters quoted of what a fix replaces or writes.
const QUOTED: usize = 60;

/// Writes each finding with the lines it speaks of, and a blank line after it.
///
/// # Errors
/// Those of the writer.
pub fn human(
    out: &mut dyn io::Write,
    sources: &Sources,
    findings: &[Finding],
    style: &Style,
) -> io::Result<()> {
    let style = Style { width: style.width.max(NARROWEST), ..*style };
    let handler = handler(&style);
    let mut text = String::new();
    for finding in findings {
        text.clear();
        let report = Report::of(sources, finding, &style);
        handler.render_report(&mut text, &report).map_err(io::Error::other)?;
        for line in text.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Everything is set by hand: miette's defaults look at the environment and at whether stderr is a
/// terminal. Wrapping is ours, since miette's breaks domain names at hyphens and nested snippets.
fn handler(style: &Style) -> GraphicalReportHandler {
    let characters = if style.unicode {
        ThemeCharacters { advice: "\u{b7}".to_owned(), ..ThemeCharacters::unicode() }
    } else {
        ThemeCharacters { advice: "-".to_owned(), ..ThemeCharacters::ascii() }
    };
    let styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_links(false)
        .with_width(style.width)
        .with_wrap_lines(false)
        .with_context_lines(1)
        .with_show_related_as_nested(true)
        .without_syntax_highlighting()
}

/// A finding, or one of its related places, as miette takes it.
#[derive(Debug)]
struct Report {
    headline: String,
    severity: miette::Severity,
    help: Option<String>,
    snippet: Snippet,
    related: Vec<Self>,
}

impl Report {
    fn of(sources: &Sources, finding: &Finding, style: &Style) -> Self {
        let clean = |text: &str| words(text, style.unicode).into_owned();
        let span = sources.visible(finding.span);
        let source = sources.get(span.file);
        let mut marks = vec![Mark::new(&source, span, finding.label.as_deref().map(clean), true)];
        let mut related = Vec::new();
        for label in &finding.labels {
            let place = sources.visible(label.span);
            let text = clean(&label.message);
            if place.file != span.file {
                related.push(Self::related(sources, place, &text, style));
                continue;
            }
            let mark = Mark::new(&source, place, Some(text.clone()), false);
            if let Some(same) = marks.iter_mut().find(|other| other.same_part(&mark)) {
                same.say(&text);
            } else if marks.iter().any(|other| other.overlaps(&mark)) {
                related.push(Self::related(sources, place, &text, style));
            } else {
                marks.push(mark);
            }
        }
        let tag = format!("{}[{}]:", finding.severity.word(), finding.rule);
        let headline = wrapped(&format!("{tag} {}", clean(&finding.message)), style.width - 4);
        Self {
            headline: if style.color { emphasized(&headline, &tag, finding.severity) } else { headline },
            severity: severity(finding.severity),
            help: advice(sources, finding).map(|text| wrapped(&clean(&text), style.width - 8)),
            snippet: Snippet::new(&source, marks, style.width, style.unicode),
            related,
        }
    }

    fn related(sources: &Sources, place: Span, text: &str, style: &Style) -> Self {
        let source = sources.get(place.file);
        let width = style.width - NESTED;
        let mark = Mark::new(&source, place, None, true);
        Self {
            headline: wrapped(text, width - 4),
            severity: miette::Severity::Advice,
            help: None,
            snippet: Snippet::new(&source, vec![mark], width, style.unicode),
            related: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippet.labels()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|report| report as &dyn miette::Diagnostic)))
    }
}

fn severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Info => miette::Severity::Advice,
    }
}

/// The headline with its tag in the colour that miette gives the severity.
fn emphasized(headline: &str, tag: &str, severity: Severity) -> String {
    let color = match severity {
        Severity::Error => 31,
        Severity::Warning => 33,
        Severity::Info => 36,
    };
    let rest = headline.strip_prefix(tag).unwrap_or(headline);
    format!("\u{1b}[1;{color}m{tag}\u{1b}[0m{rest}")
}

/// What to do: the finding's help, or else what its fix writes; and whether `--fix` does it.
fn advice(sources: &Sources, finding: &Finding) -> Option<String> {
    let Some(fix) = usable_fix(sources, finding) else { return finding.help.clone() };
    let text = finding.help.clone().unwrap_or_else(|| described(sources, fix));
    Some(format!("{text} ({} fix)", fix.applicability.word()))
}

fn described(sources: &Sources, fix: &Fix) -> String {
    let mut edits = fix.edits.iter();
    let Some(first) = edits.next() else { return String::from("nothing to write") };
    let text = described_edit(sources, first);
    match edits.len() {
        0 => text,
        1 => format!("{text}, and 1 more edit"),
        more => format!("{text}, and {more} more edits"),
    }
}

fn described_edit(sources: &Sources, edit: &Edit) -> String {
    // Only the head is quoted, so a long span need not be read whole: 4 octets are a character.
    let head_end = edit.span.end().min(edit.span.start + 4 * QUOTED as u64 + 4);
    let found = quoted(sources.get(edit.span.file).slice(edit.span.start, head_end));
    let written = quoted(&edit.replacement);
    match (edit.span.len, edit.replacement.is_empty()) {
        (_, true) => format!("delete `{found}`"),
        (0, false) => format!("insert `{written}`"),
        (_, false) => format!("write `{written}` in place of `{found}`"),
    }
}

fn quoted(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// `text` in lines of at most `width` characters, broken at blanks only: names stay whole.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::with_capacity(text.len() + 4);
    let mut column = 0;
    for word in text.split(' ') {
        let len = word.chars().count();
        if column > 0 && column + 1 + len > width {
            lines.push('\n');
            column = 0;
        } else if !lines.is_empty() {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += len;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Applicability, RuleName};
    use crate::text::{FileId, Source};

    const PLAIN: Style = Style { color: false, unicode: true, width: 100 };

    const ZONE: &str = "\
_sipfederationtls._tcp   IN SRV   10 0 5061 sip1
_sipfederationtls._tcp   IN SRV   20 0 5060 sip2
_xmpp-server._tcp        IN SRV   10 0 5269 sip1
";

    fn show(sources: &Sources, finding: Finding, style: Style) -> String {
        let mut out = Vec::new();
        human(&mut out, sources, &[finding], &style).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The place of `needle` in the file, which holds it once.
    fn place(sources: &Sources, file: FileId, needle: &str) -> Span {
        let source = sources.get(file);
        let text = String::from_utf8_lossy(source.bytes()).into_owned();
        assert_eq!(text.matches(needle).count(), 1, "{needle}");
        let start = text.find(needle).unwrap() as u64;
        Span::new(file, start, start + needle.len() as u64)
    }

    #[test]
    fn two_labels_and_another_file() {
        let sources = Sources::default();
        let zone = sources.add(Source::text("zones/contoso.com.zone", ZONE));
        let config = sources.add(Source::text(
            "zonewright.toml",
            "[[edge_pool]]\nname = \"west\"\nfederation = 5061\nxmpp = 5269\n",
        ));
        let port = place(&sources, zone, "5060");
        let finding = Finding::new(
            RuleName("srv-wrong-port"),
            port,
            "pool `west` takes federation on port 5061, the record of \
             `_sipfederationtls._tcp.contoso.com` says 5060",
        )
        .labelled("expected 5061")
        .related(place(&sources, zone, "sip2"), "Access Edge of pool `west`")
        .related(place(&sources, config, "federation = 5061"), "the port is declared here")
        .help("write 5061")
        .fix(Applicability::Safe, port, "5061");
        println!("{}", show(&sources, finding.clone(), PLAIN));
        println!("{}", show(&sources, finding.clone(), Style { unicode: false, ..PLAIN }));
        println!("{}", show(&sources, finding.clone(), Style { color: true, ..PLAIN }));
    }
}
