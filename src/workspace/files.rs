//! Reading files on purpose: regular ones only, none over 4 GiB, includes inside the repository.

use crate::config::IncludeBase;
use crate::text::{FileId, Source, Sources};
use crate::zonefile::include::{Elsewhere, IncludeError, Includes};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// The largest file that is read, in octets: offsets within one file have 32 bits.
pub const MAX_FILE: u64 = u32::MAX as u64 - 1;

/// A file that could not be read.
#[derive(Debug)]
pub struct FileError {
    name: String,
    why: String,
}

impl FileError {
    /// An error of the operating system.
    pub fn new(path: &Path, cause: &io::Error) -> Self {
        let why = match cause.kind() {
            io::ErrorKind::NotFound => String::from("no such file"),
            io::ErrorKind::PermissionDenied => String::from("may not be read by this user"),
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

    fn irregular(path: &Path) -> Self {
        Self {
            name: shown_name(path),
            why: String::from("is no regular file; give `-` to read a pipe from standard input"),
        }
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
    let metadata = std::fs::metadata(path).map_err(wrong)?;
    if !metadata.is_file() {
        return Err(FileError::irregular(path));
    }
    if metadata.len() > MAX_FILE {
        return Err(FileError::too_large(path));
    }
    let bytes = std::fs::read(path).map_err(wrong)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FileError::too_large(path));
    }
    Ok(match from_utf16(&bytes) {
        Some(text) => Source::file(shown_name(path), &real, text).transcoded(),
        None => Source::file(shown_name(path), &real, bytes),
    })
}

/// The text of octets that begin with a byte order mark of UTF-16, as UTF-8, the mark included.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
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
    std::fs::canonicalize(path)
        .unwrap_or_else(|_| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// How a path is shown: relative to the working directory when it lies below, `/` between parts.
pub fn shown_name(path: &Path) -> String {
    // Asked for once: it is asked for every file, and no part of the program changes it.
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let here = HERE.get_or_init(|| std::env::current_dir().ok());
    let below = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    let path = clean(below.unwrap_or(path));
    let shown = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        shown.into_owned()
    } else {
        shown.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The path without `.` and with `x/..` taken out, as text.
fn clean(path: &Path) -> PathBuf {
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

/// The roots of the repositories that folders lie in, each folder looked at once.
#[derive(Default)]
pub(super) struct Roots {
    known: HashMap<PathBuf, Option<PathBuf>>,
}

impl Roots {
    /// The nearest folder at or above `folder`, a path without links, that holds `.git`.
    pub(super) fn of(&mut self, folder: &Path) -> Option<PathBuf> {
        let mut root = None;
        let mut unknown = Vec::new();
        for above in folder.ancestors() {
            if let Some(known) = self.known.get(above) {
                root.clone_from(known);
                break;
            }
            unknown.push(above);
            if above.join(".git").exists() {
                root = Some(above.to_owned());
                break;
            }
        }
        self.known.extend(unknown.into_iter().map(|folder| (folder.to_owned(), root.clone())));
        root
    }
}

/// Whether the beginning of a file is no text: one octet in eight or more is a NUL. Single ones do
/// stand in zone files, and are reported at their places.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    head.len() >= 16 && head.iter().filter(|octet| **octet == 0).count() * 8 >= head.len()
}

/// The zone files below a folder, by their names, hidden and ignored ones left out.
pub(super) fn zone_files(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).require_git(false).build() {
        let entry = entry.map_err(|cause| FileError::new(folder, &io::Error::other(cause)))?;
        let name = entry.file_name().to_string_lossy();
        let is_zone =
            name.starts_with("db.") || [".zone", ".db", ".dns"].iter().any(|end| name.ends_with(end));
        if is_zone && entry.file_type().is_some_and(|kind| kind.is_file()) {
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
    /// What a name may stand for, the likeliest first.
    fn readings(&self, including: FileId, name: &str) -> Vec<PathBuf> {
        let folder =
            self.sources.get(including).path().and_then(Path::parent).map(|folder| folder.join(name));
        let base = Some(self.place.base.join(name));
        let readings = match self.place.first {
            IncludeBase::File => [folder, base],
            IncludeBase::Cwd => [base, folder],
        };
        let mut readings: Vec<PathBuf> = readings.into_iter().flatten().map(|path| clean(&path)).collect();
        readings.dedup();
        readings
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
            tried.push(path.clone());
            if !self.inside(&path) {
                outside = true;
                continue;
            }
            if path.exists() {
                return read_source(self.sources, &path)
                    .map_err(|error| IncludeError::NotFound { why: error.to_string(), tried: Vec::new() });
            }
        }
        if outside {
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
