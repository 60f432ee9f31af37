//! The files of a revision.

use super::{command, from_path, to_path};
use crate::text::Source;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Output, Stdio};
use std::sync::{Mutex, PoisonError};

/// So many links are followed from one path.
const MOST_LINKS: usize = 40;

/// Why the files of a revision cannot be told.
#[derive(Debug)]
pub(crate) enum TreeError {
    /// There is no git program.
    NoGit,
    /// The repository has no such revision.
    Unknown,
    /// The repository has no such revision, and is one of which the older history was left out.
    Shallow,
    /// What git said instead.
    Failed(String),
}

/// The files of one revision of a repository.
pub(crate) struct Tree {
    /// The root of the work tree, without links.
    root: PathBuf,
    /// By their paths below the root.
    entries: HashMap<PathBuf, Entry>,
    links: bool,
    objects: Mutex<Option<Objects>>,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    /// The name of the object, in hexadecimal digits.
    id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Link,
    /// Another repository, of which the object is a commit.
    Repository,
}

impl Tree {
    /// Reads what files the revision `rev` of the repository with this root has. That of `HEAD` before
    /// the first commit has none.
    ///
    /// # Errors
    /// When there is no such revision, or git fails.
    pub(crate) fn read(root: &Path, rev: &str) -> Result<Self, TreeError> {
        if rev.is_empty() || rev.starts_with('-') {
            return Err(TreeError::Unknown);
        }
        let commit = format!("{rev}^{{commit}}");
        let output = run(root, &["ls-tree", "-r", "-z", "--full-tree", &commit])?;
        if output.status.success() {
            let entries: HashMap<PathBuf, Entry> =
                output.stdout.split(|octet| *octet == 0).filter_map(entry).collect();
            return Ok(Self::of(root, entries));
        }
        if memchr::memmem::find(&output.stderr, b"Not a valid object name").is_none() {
            return Err(TreeError::Failed(first_line(&output.stderr)));
        }
        let is_unborn = || Ok(!run(root, &["rev-parse", "--quiet", "--verify", "HEAD"])?.status.success());
        if matches!(rev, "HEAD" | "@") && is_unborn()? {
            return Ok(Self::empty(root));
        }
        let shallow = run(root, &["rev-parse", "--is-shallow-repository"])?;
        Err(if shallow.stdout.starts_with(b"true") { TreeError::Shallow } else { TreeError::Unknown })
    }

    /// The root of the work tree, without links.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A revision without files.
    pub(crate) fn empty(root: &Path) -> Self {
        Self::of(root, HashMap::new())
    }

    fn of(root: &Path, entries: HashMap<PathBuf, Entry>) -> Self {
        let links = entries.values().any(|entry| entry.kind == Kind::Link);
        Self { root: root.to_owned(), entries, links, objects: Mutex::new(None) }
    }

    /// The commit of the repository that lies in this one at a path below the root.
    pub(crate) fn repository(&self, below: &Path) -> Option<&str> {
        let entry = self.entries.get(below).filter(|entry| entry.kind == Kind::Repository)?;
        Some(&entry.id)
    }

    /// The paths of its files, below the root; those of links not among them.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.entries.iter().filter(|(_, entry)| entry.kind == Kind::File).map(|(path, _)| path.as_path())
    }

    /// The file that a path below the root leads to, links of the revision followed; none when there
    /// is none, or when it lies outside of the repository.
    pub(crate) fn resolve(&self, below: &Path) -> Option<PathBuf> {
        if !self.links {
            return self.is_file(below).then(|| below.to_owned());
        }
        let mut path = below.to_owned();
        for _ in 0..MOST_LINKS {
            match self.follow(&path) {
                None => return self.is_file(&path).then_some(path),
                Some(next) => path = next?,
            }
        }
        None
    }

    fn is_file(&self, below: &Path) -> bool {
        self.entries.get(below).is_some_and(|entry| entry.kind == Kind::File)
    }

    /// The path with the first link in it replaced by what it says; none without a link, none in it
    /// when the link leads out of the repository or cannot be read.
    fn follow(&self, path: &Path) -> Option<Option<PathBuf>> {
        let link = path
            .ancestors()
            .find(|part| self.entries.get(*part).is_some_and(|entry| entry.kind == Kind::Link))?;
        let leads = || {
            let said = to_path(&self.content(link).ok()?);
            let rest = path.strip_prefix(link).ok()?;
            let to = self.root.join(link).parent()?.join(said).join(rest);
            plain(&to)?.strip_prefix(&self.root).ok().map(Path::to_owned)
        };
        Some(leads())
    }

    /// Whether the octets of a source are those of the file at a path below the root, before git
    /// converts anything. `None` is for a file that the revision does not have.
    pub(crate) fn is_same(&self, below: &Path, source: &Source) -> Option<bool> {
        let entry = self.entries.get(below).filter(|entry| entry.kind == Kind::File)?;
        let id = match entry.id.len() {
            40 => object_id::<Sha1>(source),
            _ => object_id::<Sha256>(source),
        };
        Some(id == entry.id)
    }

    /// The octets of a file as git would write it to the work tree, line ends and filters of the
    /// attributes included.
    ///
    /// # Errors
    /// When the revision has no such file, or git fails.
    pub(crate) fn content(&self, below: &Path) -> Result<Vec<u8>, TreeError> {
        let failed = |why: String| TreeError::Failed(format!("{}: {why}", below.display()));
        let entry = self.entries.get(below).ok_or_else(|| failed(String::from("no such file")))?;
        let path = from_path(below);
        if path.contains(&b'\n') {
            return Err(failed(String::from("a path with a line end cannot be asked for")));
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let objects = match &mut *objects {
            Some(objects) => objects,
            none => none.insert(Objects::start(&self.root)?),
        };
        objects.read(&entry.id, &path).map_err(|cause| failed(objects.words(&cause)))
    }

    /// Those of these paths below the root that git is told to ignore and does not track.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn ignored(&self, below: &[PathBuf]) -> Result<Vec<PathBuf>, TreeError> {
        let mut list = tempfile::tempfile().map_err(|cause| wrong(&cause))?;
        let mut names = Vec::new();
        for path in below {
            // No path of a file is taken for a pattern.
            names.extend_from_slice(b"./");
            names.extend(from_path(path));
            names.push(0);
        }
        list.write_all(&names).and_then(|()| list.rewind()).map_err(|cause| wrong(&cause))?;
        let mut command = command(&self.root);
        // This command takes no such setting.
        command.env_remove("GIT_LITERAL_PATHSPECS");
        let output = command.args(["check-ignore", "-z", "--stdin"]).stdin(list).output();
        let output = output.map_err(|cause| wrong(&cause))?;
        // It exits with 1 when it is told to ignore none.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(TreeError::Failed(first_line(&output.stderr)));
        }
        let names = output.stdout.split(|octet| *octet == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| to_path(name.strip_prefix(b"./").unwrap_or(name))).collect())
    }
}

/// One line of `git ls-tree`: mode, kind and object, a tab, the path.
fn entry(line: &[u8]) -> Option<(PathBuf, Entry)> {
    let tab = memchr::memchr(b'\t', line)?;
    let mut words = std::str::from_utf8(line.get(..tab)?).ok()?.split(' ');
    let kind = match words.next()? {
        "120000" => Kind::Link,
        "160000" => Kind::Repository,
        _ => Kind::File,
    };
    let id = words.nth(1)?.to_owned();
    Some((to_path(line.get(tab + 1..)?), Entry { kind, id }))
}

fn run(root: &Path, args: &[&str]) -> Result<Output, TreeError> {
    command(root).args(args).output().map_err(|cause| wrong(&cause))
}

fn wrong(cause: &io::Error) -> TreeError {
    match cause.kind() {
        io::ErrorKind::NotFound => TreeError::NoGit,
        _ => TreeError::Failed(cause.to_string()),
    }
}

fn first_line(said: &[u8]) -> String {
    String::from_utf8_lossy(said).lines().next().unwrap_or("it failed").to_owned()
}

/// The path without `.` and `..`; none when it goes above its root.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            part => plain.push(part),
        }
    }
    Some(plain)
}

/// The name that git gives to a file with these octets.
fn object_id<D: Digest>(source: &Source) -> String {
    let mut digest = D::new();
    digest.update(format!("blob {}\0", source.len()));
    source.parts(|_, part| digest.update(part));
    let mut id = String::new();
    for octet in digest.finalize() {
        // Writing to a string does not fail.
        let _ = write!(id, "{octet:02x}");
    }
    id
}

/// A git that gives out objects one after the other.
struct Objects {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    said: File,
    /// A name that no object has. It is asked for after each object, since git tells how long that is
    /// before its conversion, not after.
    end: String,
}

impl Objects {
    fn start(root: &Path) -> Result<Self, TreeError> {
        let said = tempfile::tempfile().map_err(|cause| wrong(&cause))?;
        let errors = said.try_clone().map_err(|cause| wrong(&cause))?;
        let mut child = command(root)
            .args(["cat-file", "--batch", "--filters"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|cause| wrong(&cause))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(TreeError::Failed(String::from("it was started without pipes")));
        };
        let end = format!("zonewright-{:016x}", RandomState::new().build_hasher().finish());
        Ok(Self { child, input, output, said, end })
    }

    fn read(&mut self, id: &str, path: &[u8]) -> io::Result<Vec<u8>> {
        let mut request = Vec::with_capacity(id.len() + path.len() + self.end.len() + 3);
        request.extend_from_slice(id.as_bytes());
        request.push(b' ');
        request.extend_from_slice(path);
        request.push(b'\n');
        request.extend_from_slice(self.end.as_bytes());
        request.push(b'\n');
        self.input.write_all(&request)?;
        let end = format!("\n{} missing\n", self.end).into_bytes();
        let mut answer = Vec::new();
        let mut part = vec![0; 1 << 16];
        while !answer.ends_with(&end) {
            match self.output.read(&mut part)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => answer.extend_from_slice(part.get(..count).unwrap_or_default()),
            }
        }
        answer.truncate(answer.len() - end.len());
        let expected = format!("{id} blob ");
        match memchr::memchr(b'\n', &answer) {
            Some(head) if answer.starts_with(expected.as_bytes()) => Ok(answer.split_off(head + 1)),
            _ => Err(io::Error::other(first_line(&answer))),
        }
    }

    /// What git said of its failure, else what the system did.
    fn words(&mut self, cause: &io::Error) -> String {
        let mut said = Vec::new();
        let read = self.said.rewind().and_then(|()| self.said.read_to_end(&mut said));
        if read.is_ok() && !said.is_empty() { first_line(&said) } else { cause.to_string() }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It has been given nothing to finish, and may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
