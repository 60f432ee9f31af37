//! The journal of a change: which files it is of, and what each holds before and after.
//!
//! It is a file [`NAME`] in the folder of one of the changed files, made before anything else, and
//! locked by the process that made it as long as that lives. In every other folder of the change a
//! page of the same name points to it, so that whoever reads one of the files finds it; and since
//! such a file is only ever made where there is none, two processes never change files of one folder
//! at once. When all files hold what they are to hold, the journal gets a name of its own (`.done`):
//! from then on nothing is undone, only tidied up.

use super::FileChange;
use super::stage::sync_folders;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use twox_hash::XxHash3_128;

/// The name of a journal, and of the pages that point to it.
pub(super) const NAME: &str = ".zonewright-write.json";

/// What all other files of a change begin with.
const PREFIX: &str = ".zonewright-";

/// What the name of the journal of a change ends with that only has to be tidied up.
const DONE: &str = ".done";

/// The layout of journals.
const VERSION: u32 = 1;

/// The length of a text in octets, and its XXH3 hash of 128 bits, which `xxh128sum` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digest {
    octets: u64,
    xxh3: String,
}

impl Digest {
    pub(super) fn of(text: &[u8]) -> Self {
        Self { octets: text.len() as u64, xxh3: format!("{:032x}", XxHash3_128::oneshot(text)) }
    }

    /// Whether a regular file holds this text.
    pub(super) fn is_of(&self, path: &Path) -> io::Result<bool> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(metadata.is_file() && metadata.len() == self.octets && Self::of(&fs::read(path)?) == *self)
    }
}

/// A path; one that is not UTF-8 as the system has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Raw(OsString),
}

impl Stored {
    fn new(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Raw(path.as_os_str().to_owned()),
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Text(text) => PathBuf::from(text),
            Self::Raw(raw) => PathBuf::from(raw),
        }
    }
}

/// One file of a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    path: Stored,
    pub(super) old: Digest,
    pub(super) new: Digest,
    /// The new text, and the old one: files beside the file itself.
    staged: String,
    saved: String,
}

impl Entry {
    /// The file itself.
    pub(super) fn target(&self) -> PathBuf {
        self.path.path()
    }

    /// The file with the new text, until that is put in place.
    pub(super) fn staged(&self) -> PathBuf {
        self.target().with_file_name(&self.staged)
    }

    /// The file with the old text.
    pub(super) fn saved(&self) -> PathBuf {
        self.target().with_file_name(&self.saved)
    }

    fn folder(&self) -> PathBuf {
        self.target().parent().map_or_else(PathBuf::new, Path::to_owned)
    }

    /// Whether the files are named as this program names them; others are not to be touched.
    fn is_ours(&self, id: &str, at: usize) -> bool {
        let target = self.target();
        // Such a path leads elsewhere than it seems, and none is written.
        let is_plain = !target.components().any(|part| matches!(part, Component::ParentDir));
        target.is_absolute()
            && is_plain
            && target.file_name().is_some()
            && (&*self.staged, &*self.saved) == (&*waiting(id, at, "new"), &*waiting(id, at, "old"))
    }
}

fn waiting(id: &str, at: usize, end: &str) -> String {
    format!("{PREFIX}{id}-{at}.{end}")
}

/// What a file of the name [`NAME`] holds.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Page {
    Change { version: u32, id: String, files: Vec<Entry> },
    See { version: u32, id: String, journal: Stored },
}

/// A change of files.
#[derive(Debug)]
pub(super) struct Journal {
    /// Tells this change from all others; letters and digits.
    id: String,
    /// The files, in the order in which they are put in place.
    pub(super) files: Vec<Entry>,
    /// Where the journal stands.
    home: PathBuf,
}

/// Why a change cannot begin.
pub(super) enum BeginError {
    /// There is another one.
    Pending(Pending),
    /// Nothing can be written in this folder.
    Io(PathBuf, io::Error),
}

impl Journal {
    pub(super) fn new<'a>(files: impl Iterator<Item = (&'a Path, &'a FileChange)>) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let id = format!("{:x}x{:x}", since.as_nanos(), std::process::id());
        let entry = |(at, (path, change)): (usize, (&Path, &FileChange))| Entry {
            path: Stored::new(path),
            old: Digest::of(&change.old),
            new: Digest::of(&change.new),
            staged: waiting(&id, at, "new"),
            saved: waiting(&id, at, "old"),
        };
        let files: Vec<Entry> = files.enumerate().map(entry).collect();
        let home = files.iter().map(Entry::folder).min().unwrap_or_default();
        Self { id, files, home }
    }

    /// The folders of the files.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        self.files.iter().map(Entry::folder).collect()
    }

    /// Where the journal stands.
    pub(super) fn path(&self) -> PathBuf {
        self.home.join(NAME)
    }

    fn done(&self) -> PathBuf {
        self.home.join(format!("{PREFIX}{}{DONE}", self.id))
    }

    /// Where pages point to the journal.
    fn pointers(&self) -> impl Iterator<Item = PathBuf> {
        self.folders().into_iter().filter(|folder| *folder != self.home).map(|folder| folder.join(NAME))
    }

    /// Writes the journal and the pages that point to it; as long as the file is open, nobody else
    /// takes the change for an interrupted one.
    pub(super) fn begin(&self) -> Result<File, BeginError> {
        let text = |page: &Page| serde_json::to_vec_pretty(page).map_err(io::Error::from);
        let wrong = |path: &Path, error: io::Error| {
            let folder = path.parent().unwrap_or(Path::new("/"));
            match error.kind() {
                io::ErrorKind::AlreadyExists => BeginError::Pending(Pending::at(path)),
                _ => BeginError::Io(folder.to_owned(), error),
            }
        };
        self.folders().iter().for_each(|folder| tidy_done(folder));
        let (version, id) = (VERSION, self.id.clone());
        let page = Page::Change { version, id: id.clone(), files: self.files.clone() };
        let home = self.path();
        let lock = text(&page).and_then(|text| create(&home, &text)).map_err(|error| wrong(&home, error))?;
        sync_folders([&self.home]);
        let page = Page::See { version, id, journal: Stored::new(&home) };
        for pointer in self.pointers() {
            let made = text(&page).and_then(|text| create(&pointer, &text));
            if let Err(error) = made {
                let error = wrong(&pointer, error);
                // What cannot be put away is put away by `zonewright recover`.
                let _ = self.close();
                return Err(error);
            }
        }
        Ok(lock)
    }

    /// Ends the change: what waits beside the files is removed, and the journal after it.
    ///
    /// # Errors
    /// When the journal stays. Other files that stay are removed by the next recovery.
    pub(super) fn close(&self) -> io::Result<()> {
        fs::rename(self.path(), self.done())?;
        sync_folders([&self.home]);
        self.tidy();
        Ok(())
    }

    /// Removes what a change that is over has left.
    pub(super) fn tidy(&self) {
        let is_gone = |path: &Path| match fs::remove_file(path) {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        let mut all_gone = true;
        for entry in &self.files {
            all_gone &= is_gone(&entry.staged());
            all_gone &= is_gone(&entry.saved());
        }
        for pointer in self.pointers() {
            if id_in(&pointer).as_deref() == Some(&self.id) {
                all_gone &= is_gone(&pointer);
            }
        }
        sync_folders(&self.folders());
        if all_gone {
            is_gone(&self.done());
            sync_folders([&self.home]);
        }
    }
}

/// Tidies up after changes that are over, of files in this folder, whose processes did not live to do it.
fn tidy_done(folder: &Path) {
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let done = names.map(|entry| entry.path()).filter(|path| is_done(path));
    for path in done.chain([follow(&folder.join(NAME))]) {
        if let Ok((Found::Done(journal), _lock)) = open(&path) {
            journal.tidy();
        }
    }
}

fn is_done(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(PREFIX) && name.ends_with(DONE)
}

/// Makes a file where there is none, locked and synced.
fn create(path: &Path, text: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    // Where nothing can be locked, that the file is there has to do.
    let _ = fs4::FileExt::lock(&file);
    let written = file.write_all(text).and_then(|()| file.sync_all());
    match written {
        Ok(()) if is_at(&file, path) => Ok(file),
        Ok(()) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "taken by another process")),
        Err(error) => {
            // A file that nobody made whole says nothing; it is in the way all the same.
            let _ = fs::remove_file(path);
            Err(error)
        }
    }
}

/// Whether an open file is still the one of this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((&file.metadata(), &fs::metadata(path)), (Ok(file), Ok(named)) if of(file) == of(named))
}

/// Whether an open file is still the one of this name: open files cannot be replaced here.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// What was found where a journal may be.
pub(super) enum Found {
    /// A change that is not over.
    Change(Journal),
    /// A change that is over, and only has to be tidied up.
    Done(Journal),
    /// A page that points to this journal, which is gone; and the id of its change.
    Orphan { id: String, journal: PathBuf },
    /// A page that was not written to its end: nothing else was done either.
    Torn,
    /// Something that this program did not write, or a later version did.
    Foreign(String),
}

/// Why a journal cannot be looked at.
pub(super) enum OpenError {
    /// The process that made the change, or recovers it, is still running.
    Running,
    /// The file cannot be read.
    Io(io::Error),
}

/// Opens what stands at `path`, and keeps others from it as long as the file is open.
pub(super) fn open(path: &Path) -> Result<(Found, File), OpenError> {
    // Some network file systems lock only what is open for writing.
    let file = OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path));
    let mut file = file.map_err(OpenError::Io)?;
    if let Err(fs4::TryLockError::WouldBlock) = fs4::FileExt::try_lock(&file) {
        return Err(OpenError::Running);
    }
    if !is_at(&file, path) {
        return Err(OpenError::Running);
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(OpenError::Io)?;
    Ok((read(path, &text), file))
}

fn read(path: &Path, text: &[u8]) -> Found {
    let name = path.file_name().unwrap_or_default();
    match serde_json::from_slice(text) {
        Ok(Page::Change { version: VERSION, id, files }) => {
            let id_is_ours = !id.is_empty() && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
            let files_are_ours = files.iter().enumerate().all(|(at, entry)| entry.is_ours(&id, at));
            let home = path.parent().map_or_else(PathBuf::new, Path::to_owned);
            let journal = Journal { id, files, home };
            match journal.folders().first() {
                Some(first) if id_is_ours && files_are_ours && *first == journal.home => {}
                _ => {
                    return Found::Foreign(String::from("it was moved here, or zonewright did not write it"));
                }
            }
            if name == NAME { Found::Change(journal) } else { Found::Done(journal) }
        }
        Ok(Page::See { version: VERSION, id, journal }) => Found::Orphan { id, journal: journal.path() },
        Ok(Page::Change { version, .. } | Page::See { version, .. }) => {
            Found::Foreign(format!("it is of version {version}, this program knows version {VERSION}"))
        }
        Err(error) if error.is_data() => Found::Foreign(error.to_string()),
        Err(_) => Found::Torn,
    }
}

/// The id of the change that a page is of.
fn id_in(path: &Path) -> Option<String> {
    match serde_json::from_slice(&fs::read(path).ok()?).ok()? {
        Page::Change { id, .. } | Page::See { id, .. } => Some(id),
    }
}

/// The journal that a page leads to: itself, or the one that it points to.
fn follow(page: &Path) -> PathBuf {
    points_to(page).and_then(|(id, journal)| journal_of(&id, &journal)).unwrap_or_else(|| page.to_owned())
}

/// The id of a change and the journal that a page points to.
fn points_to(page: &Path) -> Option<(String, PathBuf)> {
    match serde_json::from_slice(&fs::read(page).ok()?).ok()? {
        Page::See { id, journal, .. } => Some((id, journal.path())),
        Page::Change { .. } => None,
    }
}

/// Where the journal of a change stands, which was made as `journal`.
fn journal_of(id: &str, journal: &Path) -> Option<PathBuf> {
    let done = journal.with_file_name(format!("{PREFIX}{id}{DONE}"));
    [journal.to_owned(), done].into_iter().find(|path| id_in(path).as_deref() == Some(id))
}

/// Whether files of a change wait in a folder; of any change if no id is given.
pub(super) fn has_waiting(folder: &Path, id: Option<&str>) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let is_text = name.ends_with(".new") || name.ends_with(".old");
        if is_text && id.is_none_or(|id| name.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A change of several files that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its journal.
    pub journal: PathBuf,
    /// How many files it is of; none if the journal does not say.
    pub files: Option<usize>,
    /// Whether the process that makes it is still running.
    pub running: bool,
}

impl Pending {
    /// The change that the page `path` is of.
    fn at(path: &Path) -> Self {
        let journal = follow(path);
        // Nobody waits for this lock longer than it takes to read the file.
        match open(&journal) {
            Ok((Found::Change(change), _)) => {
                Self { journal, files: Some(change.files.len()), running: false }
            }
            Ok(_) | Err(OpenError::Io(_)) => Self { journal, files: None, running: false },
            Err(OpenError::Running) => Self { journal, files: None, running: true },
        }
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.running {
            return write!(
                f,
                "another zonewright is changing these files now (`{}`)",
                self.journal.display()
            );
        }
        f.write_str("an interrupted change ")?;
        match self.files {
            Some(1) => f.write_str("of 1 file ")?,
            Some(files) => write!(f, "of {files} files ")?,
            None => {}
        }
        let folder = self.journal.parent().unwrap_or(&self.journal);
        write!(f, "was found: run `zonewright recover {}`", folder.display())
    }
}

/// The first change that is not over, of files in these folders.
pub fn pending<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Option<Pending> {
    let mut pages = folders.into_iter().map(|folder| folder.join(NAME));
    // Of a change that is over there is nothing to tell.
    pages
        .find(|page| page.symlink_metadata().is_ok() && !is_done(&follow(page)))
        .map(|page| Pending::at(&page))
}

/// The journals of all changes of files in a folder and below, of those too that are over but were
/// not tidied up.
pub fn find(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut pointers) = (BTreeSet::new(), BTreeMap::new());
    // What cannot be read can hold no file that was changed.
    for entry in ignore::WalkBuilder::new(folder).standard_filters(false).build().filter_map(Result::ok) {
        let path = entry.path();
        if entry.file_name() != NAME && !is_done(path) {
            continue;
        }
        match points_to(path) {
            Some(to) => pointers.entry(to).or_insert_with(Vec::new).push(path.to_owned()),
            None => drop(found.insert(path.to_owned())),
        }
    }
    // Many pages point to one journal, which may be long.
    for ((id, journal), pages) in pointers {
        match journal_of(&id, &journal) {
            Some(journal) => drop(found.insert(journal)),
            None => found.extend(pages),
        }
    }
    let found: BTreeSet<PathBuf> =
        found.into_iter().map(|path| fs::canonicalize(&path).unwrap_or(path)).collect();
    found.into_iter().collect()
}
