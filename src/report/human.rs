//! The report for people: headline, the lines in question with labels, what to do, and the other
//! places that belong to it.

use super::advice::advice;
use super::sanitize::words;
use super::style::Style;
use super::window::{Mark, Snippet};
use crate::diagnostic::{Finding, Severity};
use crate::text::{Sources, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use std::fmt;
use std::io;

/// Fewer columns than this leave no room for a snippet.
const NARROWEST: usize = 40;
/// Columns by which a related place is indented.
const NESTED: usize = 6;
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
        assert_eq!(
            show(&sources, finding.clone(), PLAIN),
            "  × error[srv-wrong-port]: pool `west` takes federation on port 5061, the record of
  │ `_sipfederationtls._tcp.contoso.com` says 5060
   ╭─[zones/contoso.com.zone:2:40]
 1 │ _sipfederationtls._tcp   IN SRV   10 0 5061 sip1
 2 │ _sipfederationtls._tcp   IN SRV   20 0 5060 sip2
   ·                                        ──┬─ ──┬─
   ·                                          │    ╰── Access Edge of pool `west`
   ·                                          ╰── expected 5061
 3 │ _xmpp-server._tcp        IN SRV   10 0 5269 sip1
   ╰────
  help: write 5061 (safe fix)
  ╰─▶   · the port is declared here
         ╭─[zonewright.toml:3:1]
       2 │ name = \"west\"
       3 │ federation = 5061
         · ─────────────────
       4 │ xmpp = 5269
         ╰────

"
        );
        let ascii = show(&sources, finding.clone(), Style { unicode: false, ..PLAIN });
        assert!(ascii.is_ascii(), "{ascii}");
        assert!(ascii.contains(" 2 | _sip") && ascii.contains("  `->   - the port is"), "{ascii}");
        let colored = show(&sources, finding, Style { color: true, ..PLAIN });
        assert!(colored.contains("\u{1b}[1;31merror[srv-wrong-port]:\u{1b}[0m pool"), "{colored}");
    }

    /// The report of one finding `r: m` at `span` of a file `z` with this content.
    fn show_in(content: impl Into<Vec<u8>>, start: u64, end: u64, label: &str, style: Style) -> String {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", content));
        let finding = Finding::new(RuleName("r"), Span::new(file, start, end), "m").labelled(label);
        show(&sources, finding, style)
    }

    #[test]
    fn far_labels_do_not_show_what_lies_between() {
        let sources = Sources::default();
        let text: String = (1..=2000).map(|line| format!("line {line:04}\n")).collect();
        let file = sources.add(Source::text("z", text));
        let finding = Finding::new(RuleName("r"), place(&sources, file, "1900"), "m")
            .labelled("here")
            .related(place(&sources, file, "1000"), "there")
            .related(place(&sources, file, "1903"), "near");
        assert_eq!(
            show(&sources, finding, PLAIN),
            "  × error[r]: m
      ╭─[z:1900:6]
 1899 │ line 1899
 1900 │ line 1900
      ·      ──┬─
      ·        ╰── here
 1901 │ line 1901
 1902 │ line 1902
 1903 │ line 1903
      ·      ──┬─
      ·        ╰── near
 1904 │ line 1904
      ╰────
      ╭─[z:1000:6]
  999 │ line 0999
 1000 │ line 1000
      ·      ──┬─
      ·        ╰── there
 1001 │ line 1001
      ╰────

"
        );
    }

    #[test]
    fn latin_1_keeps_labels_in_place() {
        let text = b"; caf\xe9 \xe9\xe9\nww\xfc A 192.0.2.1\n\xe9\n";
        assert_eq!(
            show_in(text, 14, 15, "type", PLAIN),
            "  × error[r]: m
   ╭─[z:2:5]
 1 │ ; caf\u{fffd} \u{fffd}\u{fffd}
 2 │ ww\u{fffd} A 192.0.2.1
   ·     ┬
   ·     ╰── type
 3 │ \u{fffd}
   ╰────

"
        );
        let utf8 = "; \u{20ac}\nb\u{fc}cher A 192.0.2.1\n";
        assert_eq!(
            show_in(utf8, 14, 15, "type", PLAIN),
            "  × error[r]: m
   ╭─[z:2:9]
 1 │ ; \u{20ac}
 2 │ b\u{fc}cher A 192.0.2.1
   ·        ┬
   ·        ╰── type
   ╰────

"
        );
        let ascii = show_in(utf8, 14, 15, "b\u{fc}", Style { unicode: false, ..PLAIN });
        assert!(ascii.contains(" 2 | b?cher A 192") && ascii.contains(r"`-- b\u{fc}"), "{ascii}");
    }

    #[test]
    fn nothing_of_a_file_controls_the_terminal() {
        let evil = "a\u{1b}[2Jb\u{202e}c\u{7}d\u{9b}e\u{200b}";
        let sources = Sources::default();
        let file = sources.add(Source::text(format!("dir/{evil}"), format!("{evil} A\n{evil}\n")));
        let other = sources.add(Source::text(format!("other/{evil}"), format!("{evil}\n")));
        let finding = Finding::new(RuleName("r"), place(&sources, file, "A"), evil)
            .labelled(evil)
            .related(Span::new(file, 0, 1), evil)
            .related(Span::new(other, 0, 1), evil)
            .fix(Applicability::Safe, place(&sources, file, "A"), evil);
        let text = show(&sources, finding, PLAIN);
        let bad = |c: &char| *c != '\n' && super::super::sanitize::is_unsafe(*c);
        assert_eq!(text.chars().find(bad), None, "{text}");
        assert!(text.contains(r"error[r]: a\u{1b}[2Jb\u{202e}c\u{7}d\u{9b}e\u{200b}"), "{text}");
        assert!(text.contains(r"[dir/a\u{1b}[2Jb"), "{text}");
        assert!(text.contains("1 │ a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd} A\n"), "{text}");
    }

    #[test]
    fn carriage_returns_end_no_line_and_are_not_printed() {
        assert_eq!(
            show_in("a\rb\r\nww A 1\r\n\r\n", 8, 9, "type", PLAIN),
            "  × error[r]: m
   ╭─[z:2:4]
 1 │ a\u{fffd}b
 2 │ ww A 1
   ·    ┬
   ·    ╰── type
 3 │
   ╰────

"
        );
        let at_the_line_end = show_in("ww A 1\r\n", 7, 8, "line end", PLAIN);
        assert!(at_the_line_end.contains("[z:1:8]"), "{at_the_line_end}");
        assert!(at_the_line_end.contains("   ·       ▲\n   ·       ╰── line end\n"), "{at_the_line_end}");
    }

    #[test]
    fn long_lines_are_cut_around_the_labels() {
        let long = format!("start {}TARGET{} end", "x".repeat(40_000), "y".repeat(25_000));
        let sources = Sources::default();
        let file = sources.add(Source::text("z", format!("{long}\n{long}2\n")));
        let finding = Finding::new(RuleName("r"), Span::new(file, 40_006, 40_012), "m")
            .labelled("target")
            .related(Span::new(file, 65_013, 65_016), "end");
        let text = show(&sources, finding, PLAIN);
        let marks = text
            .lines()
            .zip(text.lines().skip(1))
            .find(|(_, marks)| marks.starts_with("   · "))
            .map(|(line, marks)| line.chars().zip(marks.chars()).filter(|(_, mark)| "─┬".contains(*mark)))
            .map(|marked| marked.map(|(c, _)| c).collect::<String>());
        assert_eq!(marks.as_deref(), Some("TARGETend"), "{text}");
        assert!(text.contains("[z:1:40007]") && text.contains(" 2 │ start xxx"), "{text}");
        let mut of_the_file = text.lines().filter(|line| !line.contains('╰'));
        assert!(of_the_file.all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn a_long_label_is_cut_with_its_line() {
        let text = show_in(format!("k {} ; c\n", "b".repeat(5000)), 2, 5002, "key", PLAIN);
        assert!(text.contains(" 1 │ k bbb") && text.contains("bbb\u{2026}\n"), "{text}");
        assert!(text.contains("   ·   ──") && text.contains("─┬─"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn the_end_of_a_file_can_be_shown() {
        let shown = "   · ▲\n   · ╰── end of file\n   ╰────\n\n";
        assert_eq!(
            show_in("a A 1\nb (\n", 10, 10, "end of file", PLAIN),
            format!("  × error[r]: m\n   ╭─[z:3:1]\n 2 │ b (\n 3 │\n{shown}")
        );
        assert_eq!(
            show_in("", 0, 0, "end of file", PLAIN),
            format!("  × error[r]: m\n   ╭─[z:1:1]\n 1 │\n{shown}")
        );
        assert_eq!(
            show_in("b (", 3, 3, "end of file", PLAIN),
            "  × error[r]: m
   ╭─[z:1:4]
 1 │ b (
   ·    ▲
   ·    ╰── end of file
   ╰────

"
        );
        assert_eq!(show_in("b (", 99, 120, "gone", PLAIN), show_in("b (", 3, 3, "gone", PLAIN));
    }

    #[test]
    fn tabs_and_records_of_several_lines() {
        assert_eq!(
            show_in("www\tIN\tA 1\n", 7, 8, "type", PLAIN).lines().nth(2),
            Some(" 1 │ www     IN      A 1")
        );
        assert_eq!(
            show_in("www\tIN\tA (\n 1 )\n", 4, 16, "record", PLAIN),
            "  × error[r]: m
   ╭─[z:1:5]
 1 │ www     IN      A (
   ·         ─────┬─────
   ·              ╰── record
 2 │  1 )
   ╰────

"
        );
    }

    #[test]
    fn labels_that_cover_one_another_stay_readable() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", "www A 1\n"));
        let finding = Finding::new(RuleName("r"), Span::new(file, 4, 5), "m")
            .labelled("type")
            .related(Span::new(file, 4, 5), "again")
            .related(Span::new(file, 0, 7), "the record");
        assert_eq!(
            show(&sources, finding, PLAIN),
            "  × error[r]: m
   ╭─[z:1:5]
 1 │ www A 1
   ·     ┬
   ·     ╰─┤ type
   ·       │ again
   ╰────
  ╰─▶   · the record
         ╭─[z:1:1]
       1 │ www A 1
         · ───────
         ╰────

"
        );
    }

    #[test]
    fn generated_text_leads_to_its_directive() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", "$ORIGIN x.\n$GENERATE 1-2 h$ A 192.0.2.$\n"));
        let directive = place(&sources, file, "$GENERATE 1-2 h$ A 192.0.2.$");
        let made = sources.add(Source::generated(directive, b"h1 A 192.0.2.1\n".to_vec()));
        let span = Span::new(made, 0, 2);
        let finding = Finding::new(RuleName("r"), span, "m").fix(Applicability::Safe, span, "h3");
        let text = show(&sources, finding, PLAIN);
        assert!(text.contains("╭─[z:2:1]\n 1 │ $ORIGIN x.\n 2 │ $GENERATE 1-2"), "{text}");
        assert!(!text.contains("help:"), "what was generated cannot be edited: {text}");
    }

    #[test]
    fn wrapping_breaks_at_blanks_only() {
        assert_eq!(wrapped("aa bb-cc dd", 6), "aa\nbb-cc\ndd");
        assert_eq!(wrapped("aa bb cc", 8), "aa bb cc");
        assert_eq!(wrapped("x  y", 80), "x  y");
        assert_eq!(wrapped(&"z".repeat(9), 4), "z".repeat(9));
    }

    #[test]
    fn narrow_terminals_are_no_danger() {
        let sources = Sources::default();
        let file = sources.add(Source::text("z", ZONE));
        let other = sources.add(Source::text("y", ZONE));
        let finding = Finding::new(RuleName("r"), place(&sources, file, "5060"), "m")
            .related(Span::new(other, 0, 4), "there")
            .help("h");
        for color in [false, true] {
            let text = show(&sources, finding.clone(), Style { color, unicode: true, width: 0 });
            assert!(text.contains("there"), "{text}");
        }
    }
}
