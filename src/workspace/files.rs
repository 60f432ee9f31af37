//! Reading files on purpose: regular ones only, none over 4 GiB, includes inside the repository.

use super::LARGE;
use super::compressed::{self, Damage};
use super::guess::apex_of;
use crate::config::{self, IncludeBase};
use crate::text::{Encoding, FileId, Source, Sources};
use crate::zonefile::apex;
use crate::zonefile::include::{Elsewhere, IncludeError, Includes};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The largest file that is read, in octets: offsets within one file have 32 bits.
pub const MAX_FILE: u64 = u32::MAX as u64 - 1;

/// A file that could not be read.
#[derive(Debug)]
pub struct FileError {
    name: String,
    why: String,
}

impl FileError {
    /// The same error, with the line of the configuration that names the file.
    pub(super) fn listed_at(mut self, place: &str) -> Self {
        self.why.push_str(&format!("; {place} lists it"));
        self
    }

    /// An error of the operating system.
    pub fn new(path: &Path, cause: &io::Error) -> Self {
        let why = match cause.kind() {
            io::ErrorKind::NotFound => String::from("no such file"),
            io::ErrorKind::PermissionDenied => String::from("may not be read by this user"),
            io::ErrorKind::IsADirectory => String::from("is a folder, where a file was expected"),
            _ => cause.to_string(),
        };
        Self { name: shown_name(path), why }
    }

    /// The file is beyond what is read.
    pub fn too_large(path: &Path) -> Self {
        Self {
            name: shown_name(path),
            why: format!("is over {MAX_FILE} octets, which is the most that is read"),
        }
    }

    /// What became of a file while it was read.
    pub(super) fn fault(name: &str, why: String) -> Self {
        Self { name: name.to_owned(), why }
    }

    fn changed(path: &Path, before: u64, octets: u64, after: u64) -> Self {
        let why = if before == after && octets == before {
            String::from("was written to while it was read: run again when it is complete")
        } else {
            format!(
                "changed while it was read, from {before} octets to {after}, {octets} were read: run again when it \
                 is complete"
            )
        };
        Self { name: shown_name(path), why }
    }

    pub(super) fn damaged(path: &Path, damage: &Damage) -> Self {
        Self { name: shown_name(path), why: damage.to_string() }
    }

    fn irregular(path: &Path) -> Self {
        let why = match path.is_dir() {
            true => "is a folder, no regular file",
            false => "is no regular file; give `-` to read a pipe from standard input",
        };
        let name = Some(shown_name(path)).filter(|name| !name.is_empty());
        Self { name: name.unwrap_or_else(|| String::from(".")), why: String::from(why) }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}

impl std::error::Error for FileError {}

/// Reads a file; one that was read before is not read again.
///
/// # Errors
/// When it is missing, no regular file, too large or may not be read.
pub fn read_source(sources: &Sources, path: &Path) -> Result<FileId, FileError> {
    let real = real(path);
    match sources.find(&real) {
        Some(file) => Ok(file),
        None => Ok(sources.add_once(read(path, real)?)),
    }
}

/// Reads the file at `path`; `real` is the same path with its links resolved.
pub(super) fn read(path: &Path, real: PathBuf) -> Result<Source, FileError> {
    let wrong = |cause: io::Error| FileError::new(path, &cause);
    // Opening a pipe would wait for its other end, so what it is comes first.
    if !std::fs::metadata(path).map_err(wrong)?.is_file() {
        return Err(FileError::irregular(path));
    }
    let file = File::open(path).map_err(wrong)?;
    let stamp = Stamp::of(&file).map_err(wrong)?;
    if stamp.len > MAX_FILE {
        return Err(FileError::too_large(path));
    }
    if stamp.len >= LARGE && !needs_decoding(&file).map_err(wrong)? {
        return Ok(Source::on_disk(shown_name(path), &real, file, stamp.len));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.len).unwrap_or(0) + 1);
    (&file).take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FileError::too_large(path));
    }
    stamp.verify(&file, path, bytes.len() as u64)?;
    let (bytes, encoding) = text_of(bytes).map_err(|damage| FileError::damaged(path, &damage))?;
    Ok(Source::file(shown_name(path), &real, bytes).with_encoding(encoding))
}

/// Whether a file has to be read whole to be read at all.
fn needs_decoding(file: &File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    // Reading goes on where it began.
    (&*file).rewind()?;
    Ok(compressed::is_packed(&head) || matches!(*head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]))
}

/// What octets of a file stand for: compressed text is unpacked, UTF-16 made UTF-8.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<(Vec<u8>, Encoding), Damage> {
    let (bytes, encoding) = match compressed::unpack(&bytes) {
        Some(text) => (text?, Encoding::Packed),
        None => (bytes, Encoding::Own),
    };
    Ok(match from_utf16(&bytes) {
        Some(text) => (text, Encoding::Utf16),
        None => (bytes, encoding),
    })
}

/// How a file stood when its reading began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// How an open file stands now.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Refuses a file that was written to since, or of which `octets`, all that could be read, are
    /// not all. A file that was put in its place in one piece is another one: the old one was read
    /// whole.
    pub(super) fn verify(self, file: &File, path: &Path, octets: u64) -> Result<(), FileError> {
        let now = Self::of(file).map_err(|cause| FileError::new(path, &cause))?;
        // Some file systems, such as that of /proc, do not know how long their files are.
        if now != self || (octets != self.len && self.len != 0) {
            return Err(FileError::changed(path, self.len, octets, now.len));
        }
        Ok(())
    }
}

/// The text of octets that begin with a byte order mark of UTF-16, as UTF-8, the mark included.
fn from_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
    let text: String =
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.into_bytes())
}

/// Whether the octets are what `rndc dumpdb` writes: the content of caches and zones, not one zone.
pub(super) fn is_server_dump(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let marks: [&[u8]; 3] = [b"; Start view ", b"; Cache dump of view ", b"; Zone dump of '"];
    head.split(|octet| *octet == b'\n')
        .take_while(|line| line.first().is_none_or(|first| *first == b';'))
        .any(|line| marks.iter().any(|mark| line.starts_with(mark)))
}

/// The path with its links resolved, so that one file has one path.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| absolute(path))
}

/// The working directory. Asked for once: it is wanted for every file, and no part of the program changes
/// it.
pub(super) fn here() -> Option<&'static Path> {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE.get_or_init(|| std::env::current_dir().ok()).as_deref()
}

/// The path from the root on, with its links as they are.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let whole = here().map(|here| here.join(path));
    std::path::absolute(whole.as_deref().unwrap_or(path)).unwrap_or_else(|_| path.to_owned())
}

/// How a path is shown: relative to the working directory when it lies below, `/` between parts.
pub fn shown_name(path: &Path) -> String {
    let below = here().and_then(|here| path.strip_prefix(here).ok());
    let path = clean(below.unwrap_or(path));
    let shown = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        shown.into_owned()
    } else {
        shown.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The path without `.` and with `x/..` taken out, as text.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

/// The nearest folder at or above `start` that holds `.git`.
pub fn repository_root(start: &Path) -> Option<PathBuf> {
    real(start).ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// The roots of repositories, each folder looked at once.
#[derive(Default)]
pub(super) struct Roots {
    known: HashMap<PathBuf, bool>,
}

impl Roots {
    /// Whether a folder holds `.git`.
    pub(super) fn is_root(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let is_root = folder.join(".git").exists();
        self.known.insert(folder.to_owned(), is_root);
        is_root
    }

    /// The nearest folder at or above `folder`, a path without links, that holds `.git`.
    pub(super) fn of(&mut self, folder: &Path) -> Option<PathBuf> {
        folder.ancestors().find(|above| self.is_root(above)).map(Path::to_owned)
    }
}

/// Whether the beginning of a file is no text: one octet in eight or more is a NUL. Single ones do
/// stand in zone files, and are reported at their places.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    head.len() >= 16 && head.iter().filter(|octet| **octet == 0).count() * 8 >= head.len()
}

/// Whether a file is called as zone files are: `db.NAME`, `NAME.zone`, `NAME.db`, `NAME.dns`.
pub(super) fn is_zone_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = compressed::plain_name(&name);
    name.starts_with("db.") || [".zone", ".db", ".dns"].iter().any(|end| name.ends_with(end))
}

/// So many octets of a file are its beginning.
const HEAD: u64 = 64 << 10;

/// The beginning of the text of a file; empty when it is damaged.
pub(super) fn head(path: &Path) -> Result<Vec<u8>, FileError> {
    let wrong = |cause: io::Error| FileError::new(path, &cause);
    if !std::fs::metadata(path).map_err(wrong)?.is_file() {
        return Err(FileError::irregular(path));
    }
    let mut head = Vec::new();
    File::open(path).map_err(wrong)?.take(HEAD).read_to_end(&mut head).map_err(wrong)?;
    Ok(text_of(head).map(|(text, _)| text).unwrap_or_default())
}

/// Whether a file is called as those are that zone files include: `NAME.inc`, `NAME.include`.
fn is_fragment_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = compressed::plain_name(&name);
    [".inc", ".include"].iter().any(|end| name.ends_with(end))
}

/// The files below a folder that may be zone files or be included by such, by their names, in their
/// order. Hidden and ignored ones are left out, and folders that have a configuration of their own; so is
/// what cannot be looked into.
pub(super) fn record_files(folder: &Path) -> Vec<PathBuf> {
    let mut walk = ignore::WalkBuilder::new(folder);
    walk.require_git(false).filter_entry(|entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || !is_folder || !entry.path().join(config::FILE_NAME).exists()
    });
    let is_called_so = |path: &Path| is_zone_name(path) || is_fragment_name(path);
    let files = walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut found: Vec<PathBuf> =
        files.map(ignore::DirEntry::into_path).filter(|path| is_called_so(path)).collect();
    found.sort();
    found
}

/// Names of copies, of what a signer made of a zone, and of what a program makes zones from end so.
const COPIES: [&str; 16] = [
    "~",
    ".bak",
    ".dist",
    ".erb",
    ".in",
    ".j2",
    ".new",
    ".old",
    ".orig",
    ".rej",
    ".sample",
    ".save",
    ".signed",
    ".template",
    ".tmpl",
    ".tpl",
];

/// Whether a file of any name is a zone file: it begins with a SOA record, the zone is known, and it is
/// no copy by its name.
pub(super) fn is_zone_text(path: &Path, head: &[u8]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !COPIES.iter().any(|end| name.ends_with(end))
        && apex::begins_with_soa(head)
        && apex_of(head, path).is_some()
}

/// The zone files below a folder, by their names or by how they begin, hidden and ignored ones left out.
pub(super) fn zone_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).require_git(false).build() {
        let entry = entry.map_err(|cause| FileError::new(folder, &io::Error::other(cause)))?;
        // What cannot be read, and is not called as a zone file is, is none.
        let begins_so = |path: &Path| head(path).is_ok_and(|head| is_zone_text(path, &head));
        if entry.file_type().is_some_and(|kind| kind.is_file())
            && (is_zone_name(entry.path()) || begins_so(entry.path()))
        {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

/// Where the includes of a zone are looked for.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The folder of the configuration or the working directory, links resolved.
    base: PathBuf,
    /// Whether relative includes start there, or at the folder of the including file.
    first: IncludeBase,
    /// None may leave this folder, links resolved.
    jail: Option<PathBuf>,
}

impl Place {
    /// Includes start at `base` and at the folder of the including file, `first` says where first;
    /// none may leave `jail`.
    pub(super) fn new(base: &Path, first: IncludeBase, jail: Option<&Path>) -> Self {
        Self { base: real(base), first, jail: jail.map(real) }
    }

    /// Includes start at the folder of the including file, then at `base`; none may leave `jail`. Both
    /// are paths without links.
    pub(super) fn of_undeclared(base: PathBuf, jail: PathBuf) -> Self {
        Self { base, first: IncludeBase::File, jail: Some(jail) }
    }

    /// What a name in the file `including` may stand for, the likeliest first.
    pub(super) fn readings(&self, including: Option<&Path>, name: &str) -> Vec<PathBuf> {
        let folder = including.and_then(Path::parent).map(|folder| folder.join(name));
        let base = Some(self.base.join(name));
        let readings = match self.first {
            IncludeBase::File => [folder, base],
            IncludeBase::Cwd => [base, folder],
        };
        let mut readings: Vec<PathBuf> = readings.into_iter().flatten().map(|path| clean(&path)).collect();
        readings.dedup();
        readings
    }

    /// Where `included` would have been looked for first, had it not been read as the second reading of
    /// its name in the file `including`.
    pub(super) fn first_reading(&self, including: &Path, included: &Path) -> Option<PathBuf> {
        let folder = including.parent()?;
        let (first, second) = match self.first {
            IncludeBase::File => (folder, self.base.as_path()),
            IncludeBase::Cwd => (self.base.as_path(), folder),
        };
        Some(first.join(included.strip_prefix(second).ok()?))
    }

    /// Whether a path without `.` and `..` may be included.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.jail.as_ref().is_none_or(|jail| path.starts_with(jail))
    }

    /// For text that stands in no file and includes none.
    pub(super) fn nowhere() -> Self {
        Self { base: PathBuf::new(), first: IncludeBase::File, jail: None }
    }
}

/// Opens includes from the disk: relative to the folder of the file that includes (Knot) or, when
/// there is no such file, to that of the configuration or the working directory (BIND).
pub(super) struct Disk<'s> {
    sources: &'s Sources,
    place: &'s Place,
}

impl<'s> Disk<'s> {
    pub(super) fn new(sources: &'s Sources, place: &'s Place) -> Self {
        Self { sources, place }
    }

    fn inside(&self, path: &Path) -> bool {
        let Some(jail) = &self.place.jail else { return true };
        let lexical = clean(path);
        lexical.starts_with(jail) && (!lexical.exists() || real(&lexical).starts_with(jail))
    }
}

impl Disk<'_> {
    fn readings(&self, including: FileId, name: &str) -> Vec<PathBuf> {
        self.place.readings(self.sources.get(including).path(), name)
    }
}

impl Includes for Disk<'_> {
    fn open(&self, including: FileId, name: &[u8]) -> Result<FileId, IncludeError> {
        let Ok(name) = std::str::from_utf8(name) else {
            let why = String::from("the file name is not UTF-8");
            return Err(IncludeError::NotFound { why, tried: Vec::new() });
        };
        let mut tried = Vec::new();
        let mut outside = false;
        for path in self.readings(including, name) {
            if !self.inside(&path) {
                outside |= path.exists();
                continue;
            }
            tried.push(path.clone());
            if path.exists() {
                return read_source(self.sources, &path)
                    .map_err(|error| IncludeError::NotFound { why: error.to_string(), tried: Vec::new() });
            }
        }
        // Where one reading lies inside, another that leads nowhere is not what was meant.
        if outside || tried.is_empty() {
            return Err(IncludeError::OutsideRoot);
        }
        let tried = tried.iter().map(|path| shown_name(path)).collect();
        Err(IncludeError::NotFound { why: String::from("no such file"), tried })
    }

    fn elsewhere(&self, including: FileId, name: &[u8]) -> Elsewhere {
        let Ok(name) = std::str::from_utf8(name) else { return Elsewhere::Same };
        let readings = self.readings(including, name);
        let [one, two] = readings.as_slice() else { return Elsewhere::Same };
        let there = |path: &PathBuf| self.inside(path) && path.exists();
        let (read, other) = if there(one) { (one, two) } else { (two, one) };
        let shown = (shown_name(read), shown_name(other));
        match shown {
            _ if real(one) == real(two) => Elsewhere::Same,
            (read, other) if there(one) && there(two) => Elsewhere::Other { read, other },
            (read, other) => Elsewhere::Missing { read, other },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_that_is_written_to_while_it_is_read_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"www A 192.0.2.1\n").unwrap();
        let path = file.path().to_owned();
        let stamp = Stamp::of(file.as_file()).unwrap();
        assert!(stamp.verify(file.as_file(), &path, 16).is_ok());
        let short = stamp.verify(file.as_file(), &path, 10).unwrap_err().to_string();
        assert!(short.contains("from 16 octets to 16, 10 were read"), "{short}");
        let later = SystemTime::now() + std::time::Duration::from_secs(2);
        file.as_file().set_modified(later).unwrap();
        let touched = stamp.verify(file.as_file(), &path, 16).unwrap_err().to_string();
        assert!(touched.contains("was written to while it was read"), "{touched}");
        file.write_all(b"more\n").unwrap();
        let longer = stamp.verify(file.as_file(), &path, 16).unwrap_err().to_string();
        assert!(longer.contains("from 16 octets to 21"), "{longer}");
    }

    #[test]
    fn roots_are_those_of_the_repositories() {
        let folder = tempfile::tempdir().unwrap();
        let top = real(folder.path());
        let (repository, inner) = (top.join("one"), top.join("one/two/three"));
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir_all(repository.join(".git")).unwrap();
        let mut roots = Roots::default();
        for _ in 0..2 {
            assert_eq!(roots.of(&inner), Some(repository.clone()));
            assert_eq!(roots.of(&repository.join("two")), Some(repository.clone()));
            assert_eq!(roots.of(&repository), Some(repository.clone()));
            assert_eq!(roots.of(&top), repository_root(&top));
        }
    }
}
