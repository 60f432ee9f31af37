//! `; zonewright: allow RULE[, RULE] -- reason`, at the end of a record or alone before it, and
//! `allow-file` for a whole file.

use super::context::ZoneContext;
use super::rule::{Check, Group, Rule};
use super::select::Among;
use crate::diagnostic::{Applicability, Finding, nearest};
use crate::text::{FileId, Span};
use crate::zone::ZoneNote;
use std::collections::{HashMap, HashSet};

/// The rules that an `allow` comment names, and what it covers.
struct Allow<'n> {
    note: &'n ZoneNote,
    rules: Vec<&'n str>,
    whole_file: bool,
    reason: bool,
}

fn allow(note: &ZoneNote) -> Option<Allow<'_>> {
    let (head, reason) = match note.text.split_once("--") {
        Some((head, reason)) => (head, !reason.trim().is_empty()),
        None => (note.text.as_str(), false),
    };
    let (word, names) = head.trim().split_once(char::is_whitespace)?;
    let whole_file = match word {
        "allow" => false,
        "allow-file" => true,
        _ => return None,
    };
    let rules = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    Some(Allow { note, rules, whole_file, reason })
}

impl Allow<'_> {
    fn covers(&self, finding: &Finding) -> bool {
        if !self.rules.contains(&finding.rule.0) {
            return false;
        }
        if self.whole_file {
            return finding.span.file == self.note.span.file;
        }
        self.note.entry.is_some_and(|entry| {
            let within = |span: Span| {
                span.file == entry.file && entry.start <= span.start && span.start <= entry.end()
            };
            within(finding.span) || finding.labels.iter().any(|label| within(label.span))
        })
    }
}

/// The `allow` comments by what they cover, so that a finding is not held against all of them.
struct Places {
    /// Those of whole files.
    files: HashMap<FileId, Vec<usize>>,
    /// Those of entries, ordered by file and start, with the furthest end so far in the file.
    entries: Vec<(FileId, u64, u64, usize)>,
}

impl Places {
    fn of(allows: &[(&ZoneContext<'_>, Allow<'_>)]) -> Self {
        let mut files: HashMap<FileId, Vec<usize>> = HashMap::new();
        let mut entries = Vec::new();
        for (at, (_, allow)) in allows.iter().enumerate() {
            if allow.whole_file {
                files.entry(allow.note.span.file).or_default().push(at);
            } else if let Some(entry) = allow.note.entry {
                entries.push((entry.file, entry.start, entry.end(), at));
            }
        }
        entries.sort_unstable();
        let mut furthest: Option<(FileId, u64)> = None;
        for (file, _, end, _) in &mut entries {
            if let Some((_, before)) = furthest.filter(|(before, _)| before == file) {
                *end = before.max(*end);
            }
            furthest = Some((*file, *end));
        }
        Self { files, entries }
    }

    /// The first comment that covers a finding.
    fn first_that_covers(
        &self,
        allows: &[(&ZoneContext<'_>, Allow<'_>)],
        finding: &Finding,
    ) -> Option<usize> {
        let spans = std::iter::once(finding.span).chain(finding.labels.iter().map(|label| label.span));
        let at_entries = spans.flat_map(|span| {
            let until =
                self.entries.partition_point(|(file, start, ..)| (*file, *start) <= (span.file, span.start));
            let before = self.entries.get(..until).unwrap_or_default().iter().rev();
            before
                .take_while(move |(file, _, furthest, _)| *file == span.file && *furthest >= span.start)
                .map(|(.., at)| *at)
        });
        let of_file = self.files.get(&finding.span.file).into_iter().flatten().copied();
        of_file
            .chain(at_entries)
            .filter(|at| allows.get(*at).is_some_and(|(_, allow)| allow.covers(finding)))
            .min()
    }
}

/// Takes away what `allow` comments cover; reports those that cover nothing, name no rule or give
/// no reason.
pub(super) fn apply(zones: &[ZoneContext<'_>], levels: &mut Among<'_>, findings: &mut Vec<Finding>) -> usize {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    let allows: Vec<(&ZoneContext<'_>, Allow<'_>)> = zones
        .iter()
        .flat_map(|context| context.zone.notes().iter().filter_map(allow).map(move |allow| (context, allow)))
        .filter(|(_, allow)| seen.insert(allow.note.span))
        .collect();
    let mut used: HashSet<usize> = HashSet::new();
    let places = Places::of(&allows);
    let before = findings.len();
    if !allows.is_empty() {
        findings.retain(|finding| match places.first_that_covers(&allows, finding) {
            Some(at) => {
                used.extend([at]);
                false
            }
            None => true,
        });
    }
    let suppressed = before - findings.len();
    let any_partial = zones.iter().any(|context| context.partial);
    for (at, (context, allow)) in allows.iter().enumerate() {
        let used = used.contains(&at);
        let at = |rule, message: String| context.about_zone(rule, allow.note.span, message);
        for name in &allow.rules {
            if super::rule(name).is_none() {
                let mut finding = at("unknown-rule-in-allow", format!("`{name}` is no rule"));
                finding.span = place_of(context, allow.note, name);
                let span = finding.span;
                wrong.push(match nearest(name, super::rules().map(|rule| rule.name.0)) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(
                        Applicability::Unsafe,
                        span,
                        meant,
                    ),
                    None if Group::ALL.iter().any(|group| group.word() == *name) => {
                        finding.help("it is a group of rules: name those that are meant")
                    }
                    None if name.contains([' ', '\t']) => {
                        finding.help("write `,` between rules, and ` -- ` before the reason")
                    }
                    None => finding.help("`zonewright rules` lists them"),
                });
            }
        }
        if !allow.reason {
            let finding = at("allow-without-reason", String::from("`allow` gives no reason"))
                .help("write `-- ` and the reason after the rules");
            wrong.push(finding);
        }
        let known = allow.rules.iter().filter_map(|name| super::rule(name));
        // What a comment about changes covers is there for as long as the change is not committed.
        let any_on = known.clone().any(|rule| {
            let zone = finding_zone(context);
            rule.group != Group::Change && levels.of(rule.name, zone, allow.note.span).is_some()
        });
        // What was not read may be what the comment is for.
        let all_read = !context.partial
            && !known.clone().any(|rule| looks_further(rule) && (any_partial || !context.declared));
        if !used && any_on && all_read {
            let place = whole_comment(context, allow.note);
            wrong.push(
                at("unused-allow", String::from("`allow` covers no finding")).help("remove the comment").fix(
                    Applicability::Safe,
                    place,
                    "",
                ),
            );
        }
    }
    for mut finding in wrong {
        if let Some(severity) = levels.of(finding.rule, finding.zone.as_deref(), finding.span) {
            finding.severity = severity;
            findings.push(finding);
        }
    }
    suppressed
}

/// Whether what a rule finds in a zone depends on the other zones of the run, which are all there are
/// only where a configuration lists them.
fn looks_further(rule: &Rule) -> bool {
    matches!(rule.check, Check::Service(..) | Check::Services(..) | Check::Workspace(_))
}

/// Where a name stands in a comment.
fn place_of(context: &ZoneContext<'_>, note: &ZoneNote, name: &str) -> Span {
    let text = context.zone.sources().bytes(note.span);
    match memchr::memmem::find(&text, name.as_bytes()) {
        Some(at) => {
            let start = note.span.start + at as u64;
            Span::new(note.span.file, start, start + name.len() as u64)
        }
        None => note.span,
    }
}

/// A comment with the blanks before it, or with its line when nothing else stands there.
fn whole_comment(context: &ZoneContext<'_>, note: &ZoneNote) -> Span {
    let source = context.zone.sources().get(note.span.file);
    let line = source.line_start(note.span.start);
    if note.own_line {
        return Span::new(note.span.file, line, source.line_end(note.span.start));
    }
    let before = source.slice(line, note.span.start).trim_ascii_end().len() as u64;
    Span::new(note.span.file, line + before, note.span.end())
}

fn finding_zone<'z>(context: &'z ZoneContext<'_>) -> Option<&'z str> {
    std::str::from_utf8(context.zone.apex().as_bytes()).ok()
}
