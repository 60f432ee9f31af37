//! One large source read by several threads, each taking the next part of it.
//!
//! Where a part ends is a guess from the octets around the place: before a line that begins with
//! another owner than the line before it. What a part inherits, the origin and the default TTL,
//! comes from looking for directives in the parts before it. Both guesses are proved while the parts
//! are read; when one is wrong, nothing of what was read counts, and the source is read in sequence.

use super::{
    FileId, MAX_FINDINGS, Options, Parser, Piece, PlacedNote, RawRecord, RecordSink, Suspect, is_windows,
};
use crate::diagnostic::{Finding, RuleName};
use crate::text::{Source, Sources, Span};
use crate::zonefile::include::NoIncludes;
use crate::zonefile::name::{Name, NameContext, NameForm};
use crate::zonefile::rdata::NameRole;
use crate::zonefile::rtype::{Class, Rtype};
use crate::zonefile::scan::Scanner;
use crate::zonefile::token::Tokens;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The first part, which one thread reads while the others wait, has no more octets: it holds the
/// SOA record, whose class and minimum hold for all that follows.
const FIRST: u64 = 1 << 16;
/// So many octets are looked at first to find the end of a part.
const GLANCE: usize = 1 << 12;
/// No farther than this.
const FARTHEST: usize = 1 << 21;

/// Reads a zone from its file with one thread for each sink.
///
/// False when the source must be read in sequence ([`super::parse`]): it has other directives than
/// `$ORIGIN` and `$TTL`, records without a TTL and no default, or an entry across the end of a part.
/// The sinks have then got a part of the zone, and are of no use.
pub fn parse_parallel<S: RecordSink + Send>(
    sources: &Sources,
    root: FileId,
    options: &Options,
    sinks: &mut [S],
) -> bool {
    let source = sources.get(root);
    if is_windows(sources, root, options) || source.is_transcoded() {
        return false;
    }
    let run = Run::new(sources, root, &source, options);
    std::thread::scope(|scope| {
        for sink in sinks.iter_mut() {
            scope.spawn(|| run.work(sink));
        }
    });
    let Some(parts) = run.proved() else { return false };
    let Some(sink) = sinks.first_mut() else { return false };
    hand_on(sources, root, &source, options, sink, parts);
    true
}

/// What a part inherits from those before it.
#[derive(Clone)]
struct Start {
    context: NameContext,
    default: Option<u32>,
    default_span: Option<Span>,
    minimum: Option<u32>,
    class: Option<(Class, Option<Span>)>,
}

impl Start {
    fn of<S>(parser: &Parser<'_, S>) -> Self {
        Self {
            context: parser.names.context.clone(),
            default: parser.ttls.default,
            default_span: parser.ttls.default_span,
            minimum: parser.ttls.minimum,
            class: parser.class,
        }
    }

    fn give<S>(&self, parser: &mut Parser<'_, S>) {
        parser.names.context = self.context.clone();
        parser.ttls.default = self.default;
        parser.ttls.default_span = self.default_span;
        parser.ttls.minimum = self.minimum;
        parser.class = self.class;
    }

    fn is(&self, other: &Self) -> bool {
        self.context.origin == other.context.origin
            && (self.default, self.default_span, self.minimum)
                == (other.default, other.default_span, other.minimum)
            && self.class == other.class
    }
}

/// One part, read.
struct Part {
    number: usize,
    findings: Vec<Finding>,
    counts: BTreeMap<RuleName, (u64, Span)>,
    crlf: Option<u64>,
    end: Start,
}

struct Run<'a> {
    sources: &'a Sources,
    root: FileId,
    source: &'a Source,
    options: &'a Options,
    size: u64,
    first: u64,
    next: AtomicUsize,
    failed: AtomicBool,
    /// What each part inherits, as far as that is known.
    starts: Mutex<Vec<Start>>,
    known: Condvar,
    parts: Mutex<Vec<Part>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Run<'a> {
    fn new(sources: &'a Sources, root: FileId, source: &'a Source, options: &'a Options) -> Self {
        let size = (options.window as u64).max(1);
        Self {
            sources,
            root,
            source,
            options,
            size,
            first: size.min(FIRST),
            next: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            starts: Mutex::new(Vec::new()),
            known: Condvar::new(),
            parts: Mutex::new(Vec::new()),
        }
    }

    /// Where a part begins if lines are left out of account; the length of the source after the last.
    fn nominal(&self, number: usize) -> u64 {
        let at = match number as u64 {
            0 => 0,
            number => self.first.saturating_add((number - 1).saturating_mul(self.size)),
        };
        at.min(self.source.len())
    }

    /// Where a part begins; none when there is no place for it near.
    fn cut(&self, number: usize, buffer: &mut Vec<u8>) -> Option<u64> {
        let nominal = self.nominal(number);
        let len = self.source.len();
        if nominal == 0 || nominal >= len {
            return Some(nominal);
        }
        let mut glance = GLANCE;
        loop {
            let data = self.source.read(nominal, glance, buffer);
            let is_all = nominal + data.len() as u64 >= len;
            if let Some(at) = cut(data) {
                return Some(nominal + at as u64);
            }
            // No octets: the file cannot be read, which its source knows.
            if is_all || data.is_empty() {
                return Some(len);
            }
            // Each part would look through the rest of the file.
            if glance >= FARTHEST {
                return None;
            }
            glance *= 8;
        }
    }

    fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
        // A thread between its look at the flag and its sleep holds the lock.
        drop(lock(&self.starts));
        self.known.notify_all();
    }

    /// What part `number` inherits; none when the run has failed.
    fn start(&self, number: usize) -> Option<Start> {
        let mut starts = lock(&self.starts);
        loop {
            if self.failed.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(start) = starts.get(number) {
                return Some(start.clone());
            }
            starts = self.known.wait(starts).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn publish(&self, start: Start) {
        lock(&self.starts).push(start);
        self.known.notify_all();
    }

    /// Reads one part after the other, until none is left.
    fn work<S: RecordSink>(&self, sink: &mut S) {
        let number = sink.piece(self.root, None);
        let (mut glance, mut buffer) = (Vec::new(), Vec::new());
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part > 0 && self.nominal(part) >= self.source.len() || self.failed.load(Ordering::Relaxed) {
                return;
            }
            if self.part(part, number, sink, (&mut glance, &mut buffer)).is_none() {
                return self.fail();
            }
        }
    }

    /// Reads one part; none when the source must be read in sequence.
    fn part<S: RecordSink>(
        &self,
        number: usize,
        piece: u32,
        sink: &mut S,
        (glance, buffer): (&mut Vec<u8>, &mut Vec<u8>),
    ) -> Option<()> {
        let (from, to) = (self.cut(number, glance)?, self.cut(number + 1, glance)?);
        let last = to >= self.source.len();
        let data = self.source.read(from, (to - from) as usize, buffer);
        if !last && memchr::memchr(super::text::CTRL_Z, data).is_some() {
            return None;
        }
        let mut piece = Piece::new(self.source, self.root, piece, (from, data));
        let mut parser = Parser::new(self.sources, &NoIncludes, self.options, false, sink);
        parser.chain.push((self.root, None));
        let mut at = 0;
        if number == 0 {
            at = parser.start_of_text(&piece)?;
            let start = Start::of(&parser);
            self.after(&start, (from, data))?;
            self.publish(start);
        } else {
            let start = self.start(number)?;
            start.give(&mut parser);
            self.publish(self.after(&start, (from, data))?);
        }
        parser.sink.origin(piece.number, from, &parser.names.context.origin);
        parser.entries(&mut piece, at, true);
        if parser.ttls.inherited || parser.torn && !last {
            return None;
        }
        let end = Start::of(&parser);
        if number == 0 {
            self.publish(end.clone());
        }
        let counts = std::mem::take(&mut parser.counts);
        let findings = parser.sink.take_findings();
        let part = Part { number, findings, counts, crlf: piece.state.crlf, end };
        lock(&self.parts).push(part);
        Some(())
    }

    /// What is inherited behind a part; none when it has directives that do more than change that.
    fn after(&self, start: &Start, (from, data): (u64, &[u8])) -> Option<Start> {
        let first = (from == 0 && data.trim_ascii_start().starts_with(b"$")).then_some(0);
        let lines = memchr::memmem::find_iter(data, b"\n$").map(|at| at + 1);
        let mut lines = first.into_iter().chain(lines).peekable();
        if lines.peek().is_none() {
            return Some(start.clone());
        }
        let mut sink = Nothing;
        let mut parser = Parser::new(self.sources, &NoIncludes, self.options, false, &mut sink);
        start.give(&mut parser);
        let mut piece = Piece::new(self.source, self.root, 0, (from, data));
        let mut tokens = Vec::new();
        for at in lines {
            let entry = Scanner::new(data, at).entry(&mut tokens)?;
            let all = Tokens { data, rest: &tokens, end: entry.end };
            let (_, word) = all.peek()?;
            let plain = [b"$ORIGIN".as_slice(), b"$TTL"].iter().any(|name| word.eq_ignore_ascii_case(name));
            if !plain || entry.mended {
                return None;
            }
            if !entry.broken {
                parser.directive(&mut piece, all, word);
            }
        }
        Some(Start::of(&parser))
    }

    /// The parts in order, when each inherited what those before it left.
    fn proved(self) -> Option<Vec<Part>> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let starts = self.starts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        parts.sort_unstable_by_key(|part| part.number);
        let mut all = parts.iter().zip(starts.iter().skip(1));
        all.all(|(part, next)| part.end.is(next)).then_some(parts)
    }
}

/// Hands on what was found in all parts, as if they had been read one after the other.
fn hand_on<S: RecordSink>(
    sources: &Sources,
    root: FileId,
    source: &Source,
    options: &Options,
    sink: &mut S,
    parts: Vec<Part>,
) {
    let mut parser = Parser::new(sources, &NoIncludes, options, false, sink);
    parser.chain.push((root, None));
    let crlf = parts.iter().find_map(|part| part.crlf);
    for part in parts {
        let mut here: BTreeMap<RuleName, u64> = BTreeMap::new();
        for finding in part.findings {
            let count = here.entry(finding.rule).or_default();
            *count += 1;
            let before = parser.counts.get(&finding.rule).map_or(0, |(count, _)| *count);
            if before + *count <= MAX_FINDINGS {
                parser.sink.finding(finding);
            }
        }
        for (rule, (count, span)) in part.counts {
            let total = parser.counts.entry(rule).or_insert((0, span));
            *total = (total.0 + count, span);
        }
    }
    parser.line_ends(source, root, crlf);
    parser.finish();
}

/// Where a text that begins in the middle of a line may be cut: at a line that begins with another
/// owner than the line before it, and in front of the comments above it.
fn cut(data: &[u8]) -> Option<usize> {
    let mut at = memchr::memchr(b'\n', data)? + 1;
    let mut owner: Option<&[u8]> = None;
    let mut comments = None;
    loop {
        let line = data.get(at..)?;
        let end = memchr::memchr(b'\n', line)?;
        let text = line[..end].trim_ascii_start();
        let begins_owner = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'*' | b'@');
        match line.first() {
            _ if matches!(text.first(), None | Some(b';')) => {
                comments.get_or_insert(at);
            }
            Some(first) if begins_owner(first) => {
                let here = text.split(|octet| matches!(octet, b' ' | b'\t' | b'\r')).next()?;
                if owner.is_some_and(|owner| owner != here) {
                    return Some(comments.unwrap_or(at));
                }
                owner = Some(here);
                comments = None;
            }
            _ => comments = None,
        }
        at += end + 1;
    }
}

/// A sink for what is read only to see what is inherited behind it.
struct Nothing;

impl RecordSink for Nothing {
    fn piece(&mut self, _: FileId, _: Option<Span>) -> u32 {
        0
    }

    fn origin(&mut self, _: u32, _: u64, _: &Name) {}

    fn record(&mut self, _: &RawRecord<'_>) {}

    fn target(&mut self, _: Rtype, _: NameRole, _: &[u8], _: NameForm) {}

    fn suspect(&mut self, _: Suspect) {}

    fn note(&mut self, _: PlacedNote<'_>) {}

    fn finding(&mut self, _: Finding) {}

    fn take_findings(&mut self) -> Vec<Finding> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn parts_are_cut_between_owners() {
        let at = |text: &str| cut(text.as_bytes()).map(|at| text[at..].to_owned());
        assert_eq!(at("st\na A 1\na A 2\n A 3\nb A 4\n"), Some("b A 4\n".into()));
        assert_eq!(
            at("st\na A 1\n A 2\n; of b\n\n ; too\nb A 4\n"),
            Some("; of b\n\n ; too\nb A 4\n".into())
        );
        assert_eq!(at("st\na A 1\n; x\n$TTL 5\nb A 4\n"), Some("b A 4\n".into()));
        assert_eq!(at("st\na A 1\n\"b\" A 4\n(c A 5)\n# d\n"), None);
        assert_eq!(at("st\na A 1\nb A 4"), None);
        assert_eq!(at("a A 1"), None);
    }
}
