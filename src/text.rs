//! The bytes of a file, places in them, and lines and columns.
//!
//! A zone file is bytes, not Unicode text: nothing here assumes UTF-8. Everything inside the
//! program speaks of byte offsets; lines and columns are computed only for what is printed.

mod disk;

use disk::OnDisk;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Which [`Source`] of a [`Sources`] a [`Span`] lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one source: `start` is an offset in octets from the start of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source it lies in.
    pub file: FileId,
    /// Offset of the first octet.
    pub start: u64,
    /// Length in octets; 0 is a place between two octets.
    pub len: u32,
}

impl Span {
    /// The span of `start..end` (offsets in octets); a range longer than 4 GiB is cut.
    pub fn new(file: FileId, start: u64, end: u64) -> Self {
        let len = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
        Self { file, start, len }
    }

    /// Offset just after the last octet.
    pub fn end(self) -> u64 {
        self.start + u64::from(self.len)
    }

    /// The smallest span that covers both; `other` must lie in the same file, else `self` is returned.
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self::new(self.file, self.start.min(other.start), self.end().max(other.end()))
    }

    /// The empty span just after this one.
    pub fn after(self) -> Self {
        Self { file: self.file, start: self.end(), len: 0 }
    }
}

/// A 1-based line and a 1-based column in bytes. A line ends with LF; a lone CR ends none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u64,
    /// 1-based column, counted in bytes.
    pub column: u64,
}

/// How many octets one entry of the line index stands for, and how many a pass over a file takes at
/// a time.
const INDEX_STEP: usize = 1 << 16;
/// How far ahead [`Source::ahead`] looks into a file that is not held in memory.
const AHEAD: u64 = 1 << 16;

/// How the octets of a source are made from those of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// They are those of the file.
    #[default]
    Own,
    /// The file is compressed.
    Packed,
    /// The file is UTF-16, compressed or not; the octets are UTF-8.
    Utf16,
}

/// The bytes of one file, with the name to show for it.
#[derive(Debug)]
pub struct Source {
    name: String,
    path: Option<PathBuf>,
    content: Content,
    generated_by: Option<Span>,
    encoding: Encoding,
    /// Newlines before each multiple of [`INDEX_STEP`]; made when a position is first asked for.
    lines: OnceLock<Vec<u64>>,
}

#[derive(Debug)]
enum Content {
    Memory(Vec<u8>),
    Disk(OnDisk),
}

impl Source {
    fn new(name: String, path: Option<&Path>, content: Content) -> Self {
        let path = path.map(Path::to_owned);
        Self { name, path, content, generated_by: None, encoding: Encoding::Own, lines: OnceLock::new() }
    }

    /// A file as read. `name` is what reports print, with `/` between its parts.
    pub fn file(name: impl Into<String>, path: &Path, bytes: Vec<u8>) -> Self {
        Self::new(name.into(), Some(path), Content::Memory(bytes))
    }

    /// A file that stays on the disk and is read part by part: the large ones. It has `len` octets;
    /// when it turns out to have fewer, or cannot be read, [`Source::fault`] says so.
    pub fn on_disk(name: impl Into<String>, path: &Path, file: File, len: u64) -> Self {
        Self::new(name.into(), Some(path), Content::Disk(OnDisk::new(file, len)))
    }

    /// Bytes that stand in no file of the disk: standard input, a test.
    pub fn text(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name.into(), None, Content::Memory(bytes.into()))
    }

    /// Text that a directive (`$GENERATE`) stands for; reports point at the directive.
    pub fn generated(directive: Span, bytes: Vec<u8>) -> Self {
        let source = Self::new(String::from("$GENERATE"), None, Content::Memory(bytes));
        Self { generated_by: Some(directive), ..source }
    }

    /// The same source, its octets made from those of the file in that way.
    #[must_use]
    pub fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// How the octets are made from those of the file.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the octets are not those of the file, so that it cannot be edited by them.
    pub fn is_transcoded(&self) -> bool {
        self.encoding != Encoding::Own
    }

    /// What reports print as the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file is on disk; none for standard input and generated text.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Its length in octets.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk(disk) => disk.len,
        }
    }

    /// Whether it has no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole content. A file that stayed on the disk is read, and kept from then on: for what
    /// edits a file, not for what checks it.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Memory(bytes) => bytes,
            Content::Disk(disk) => disk.whole(),
        }
    }

    /// Why what was read of a file on the disk does not count, in words that follow its name: it could
    /// not be read to its end, or was written to since it was opened.
    pub fn fault(&self) -> Option<String> {
        match &self.content {
            Content::Memory(_) => None,
            Content::Disk(disk) => disk.fault(),
        }
    }

    /// The directive this text was generated by.
    pub fn generated_by(&self) -> Option<Span> {
        self.generated_by
    }

    /// The octets from `start` to `end`, cut to the file.
    pub fn slice(&self, start: u64, end: u64) -> Cow<'_, [u8]> {
        let end = end.min(self.len());
        let start = start.min(end);
        match self.held() {
            Some(bytes) => Cow::Borrowed(&bytes[start as usize..end as usize]),
            None => {
                let mut buffer = Vec::new();
                self.read(start, (end - start) as usize, &mut buffer);
                Cow::Owned(buffer)
            }
        }
    }

    /// The octets from `start` on: `len` of them, or as many as the file has. They come from memory
    /// or are read into `buffer`.
    pub fn read<'s>(&'s self, start: u64, len: usize, buffer: &'s mut Vec<u8>) -> &'s [u8] {
        let start = start.min(self.len());
        let end = start.saturating_add(len as u64).min(self.len());
        match (&self.content, self.held()) {
            (Content::Disk(disk), None) => {
                disk.read(start, (end - start) as usize, buffer);
                buffer
            }
            (_, bytes) => &bytes.unwrap_or_default()[start as usize..end as usize],
        }
    }

    /// What follows a place, as far as anyone needs to see: the rest of a text that is held in
    /// memory, and 64 KiB of one that is not.
    pub fn ahead(&self, start: u64) -> Cow<'_, [u8]> {
        self.slice(start, if self.held().is_some() { u64::MAX } else { start.saturating_add(AHEAD) })
    }

    /// The octets, when they are in memory.
    fn held(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Memory(bytes) => Some(bytes),
            Content::Disk(disk) => disk.whole.get().map(Vec::as_slice),
        }
    }

    /// Calls `each` with one part of the content after the other, and where it begins.
    pub fn parts(&self, mut each: impl FnMut(u64, &[u8])) {
        let mut buffer = Vec::new();
        let mut at = 0;
        while at < self.len() {
            let part = self.read(at, INDEX_STEP, &mut buffer);
            if part.is_empty() {
                break;
            }
            each(at, part);
            at += part.len() as u64;
        }
    }

    /// Line and column of an offset; one past the end is a legal offset, beyond is cut to it.
    pub fn position(&self, offset: u64) -> Position {
        let offset = offset.min(self.len());
        let index = self.lines.get_or_init(|| self.line_index());
        let step = offset / INDEX_STEP as u64;
        let known = index.get(step as usize).copied().unwrap_or(0);
        let rest = self.slice(step * INDEX_STEP as u64, offset);
        let rest = memchr::memchr_iter(b'\n', &rest).count() as u64;
        Position { line: known + rest + 1, column: offset - self.line_start(offset) + 1 }
    }

    /// Offset of the first octet of the line that `offset` lies in.
    pub fn line_start(&self, offset: u64) -> u64 {
        let mut end = offset.min(self.len());
        let mut step = if self.held().is_some() { end } else { 1 << 12 };
        while end > 0 {
            let start = end.saturating_sub(step);
            if let Some(at) = memchr::memrchr(b'\n', &self.slice(start, end)) {
                return start + at as u64 + 1;
            }
            end = start;
            step = step.saturating_mul(8);
        }
        0
    }

    /// Offset just after the LF of the line that `offset` lies in, or the end of the file.
    pub fn line_end(&self, offset: u64) -> u64 {
        let mut start = offset.min(self.len());
        let mut step = if self.held().is_some() { self.len() } else { 1 << 12 };
        while start < self.len() {
            let end = start.saturating_add(step).min(self.len());
            if let Some(at) = memchr::memchr(b'\n', &self.slice(start, end)) {
                return start + at as u64 + 1;
            }
            start = end;
            step = step.saturating_mul(8);
        }
        start
    }

    fn line_index(&self) -> Vec<u64> {
        let mut count = 0;
        let mut index = Vec::with_capacity((self.len() / INDEX_STEP as u64) as usize + 1);
        index.push(0);
        self.parts(|_, part| {
            count += memchr::memchr_iter(b'\n', part).count() as u64;
            if part.len() == INDEX_STEP {
                index.push(count);
            }
        });
        index
    }
}

/// All sources of a run. Sources are only added, so an id stays good.
#[derive(Debug, Default)]
pub struct Sources {
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    files: Vec<Arc<Source>>,
    /// The first source of each path.
    by_path: HashMap<PathBuf, FileId>,
}

impl Held {
    fn push(&mut self, source: Arc<Source>) -> FileId {
        let id = FileId(self.files.len() as u32);
        if let Some(path) = source.path()
            && !self.by_path.contains_key(path)
        {
            self.by_path.insert(path.to_owned(), id);
        }
        self.files.push(source);
        id
    }
}

impl Sources {
    fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a source and names it. A run holds fewer than 2^32 of them.
    pub fn add(&self, source: Source) -> FileId {
        self.write().push(Arc::new(source))
    }

    /// Takes in a file, unless one of its path is held, which another thread may have read in the
    /// meantime: that one stands.
    pub fn add_once(&self, source: Source) -> FileId {
        let mut held = self.write();
        match source.path().and_then(|path| held.by_path.get(path)) {
            Some(id) => *id,
            None => held.push(Arc::new(source)),
        }
    }

    /// Takes in a source that another collection holds too.
    pub fn add_shared(&self, source: Arc<Source>) -> FileId {
        self.write().push(source)
    }

    /// All sources, in the order they were added.
    pub fn all(&self) -> Vec<Arc<Source>> {
        self.read().files.clone()
    }

    /// The source of an id that [`Sources::add`] gave.
    ///
    /// # Panics
    /// When the id comes from another `Sources`.
    pub fn get(&self, id: FileId) -> Arc<Source> {
        Arc::clone(&self.read().files[id.0 as usize])
    }

    /// The id of a file that was already read from `path`.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        self.read().by_path.get(path).copied()
    }

    /// The octets of a span.
    pub fn bytes(&self, span: Span) -> Vec<u8> {
        self.get(span.file).slice(span.start, span.end()).to_vec()
    }

    /// The span in a file a person can open: text made by `$GENERATE` leads to the directive.
    pub fn visible(&self, span: Span) -> Span {
        let mut span = span;
        while let Some(parent) = self.get(span.file).generated_by() {
            span = parent;
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_line_feeds_only() {
        let source = Source::text("t", "a\rb\nc\r\n\nd");
        let at = |offset| {
            let Position { line, column } = source.position(offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3));
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(7), (3, 1));
        assert_eq!(at(8), (4, 1));
        assert_eq!(at(99), (4, 2));
    }

    #[test]
    fn a_path_is_held_once() {
        let sources = Sources::default();
        let path = Path::new("/zones/a.zone");
        assert_eq!(sources.find(path), None);
        let other = sources.add(Source::text("generated", "x"));
        let first = sources.add_once(Source::file("a", path, b"1".to_vec()));
        let again = sources.add_once(Source::file("a", path, b"2".to_vec()));
        assert_eq!((again, sources.find(path)), (first, Some(first)));
        assert_eq!(sources.get(first).bytes(), b"1");
        assert_eq!(sources.add(Source::file("b", path, b"3".to_vec())).0, other.0 + 2);
        assert_eq!(sources.find(path), Some(first), "the first one stands");
    }

    #[test]
    fn positions_beyond_the_index_step() {
        let text = "0123456\n".repeat(3 * INDEX_STEP / 8 + 5);
        let source = Source::text("t", text.clone());
        for offset in [0, 7, 8, INDEX_STEP - 1, INDEX_STEP, 2 * INDEX_STEP + 3, text.len()] {
            let line = text[..offset].matches('\n').count() as u64 + 1;
            assert_eq!(source.position(offset as u64).line, line, "offset {offset}");
        }
    }
}
