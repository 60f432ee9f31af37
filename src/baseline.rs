//! The findings that a repository has accepted for now: only what is not among them counts.
//!
//! They are told by file, rule and message, with their number, so that they outlive moves of lines and
//! that a reviewer can read what was accepted.

use crate::diagnostic::Finding;
use crate::text::{FileId, Sources};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

/// The name of the file unless another is given.
pub const FILE_NAME: &str = "zonewright-baseline.json";

/// The form of the file that this version writes and reads.
const VERSION: u32 = 1;

/// The largest file that is read, in octets.
const MOST_OCTETS: u64 = 256 << 20;

/// How often each message of each rule is accepted.
type Accepted = BTreeMap<String, BTreeMap<String, u64>>;

/// Accepted findings by file, whose names are relative to the folder of the baseline.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    files: BTreeMap<String, Accepted>,
    #[serde(skip)]
    folder: PathBuf,
}

/// Why a baseline cannot be used.
#[derive(Debug)]
pub struct BaselineError {
    path: PathBuf,
    cause: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for BaselineError {}

/// Findings held against a baseline.
#[derive(Debug, Default)]
pub struct Held {
    /// Those that are not accepted.
    pub new: Vec<Finding>,
    /// How many are.
    pub known: usize,
    /// How many accepted ones are not found any more, in the files that were looked at.
    pub gone: u64,
}

impl Baseline {
    /// An empty one, for a file at this path.
    pub fn new(path: &Path) -> Self {
        Self { version: VERSION, files: BTreeMap::new(), folder: folder_of(path) }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let wrong = |cause: String| BaselineError { path: path.to_owned(), cause };
        let about = std::fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => wrong(String::from("no such file")),
            _ => wrong(error.to_string()),
        })?;
        if !about.is_file() || about.len() > MOST_OCTETS {
            return Err(wrong(String::from("this is no baseline: expected a JSON file")));
        }
        let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let mut baseline: Self =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("this is no baseline: {error}")))?;
        if baseline.version != VERSION {
            let found = baseline.version;
            return Err(wrong(format!("version {found} of the form, expected {VERSION}")));
        }
        baseline.folder = folder_of(path);
        Ok(baseline)
    }

    /// Replaces what is accepted in these files by these findings.
    pub fn accept(&mut self, sources: &Sources, looked_at: &[PathBuf], findings: &[Finding]) {
        for path in looked_at {
            self.files.remove(&self.name(path));
        }
        let mut names = HashMap::new();
        for finding in findings {
            let Some(file) = self.file_of(sources, finding, &mut names) else { continue };
            let of_rule = self.files.entry(file).or_default().entry(finding.rule.0.to_owned()).or_default();
            *of_rule.entry(finding.message.clone()).or_default() += 1;
        }
    }

    /// Tells the findings that are accepted from the others.
    pub fn hold(&self, sources: &Sources, looked_at: &[PathBuf], findings: Vec<Finding>) -> Held {
        let mut left = self.files.clone();
        let mut held = Held::default();
        let mut names = HashMap::new();
        for finding in findings {
            let accepted = self
                .file_of(sources, &finding, &mut names)
                .and_then(|file| left.get_mut(&file)?.get_mut(finding.rule.0)?.get_mut(&finding.message));
            match accepted {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    held.known += 1;
                }
                _ => held.new.push(finding),
            }
        }
        let looked_at: BTreeSet<String> = looked_at.iter().map(|path| self.name(path)).collect();
        let gone = left.iter().filter(|(file, _)| looked_at.contains(*file));
        held.gone = gone.flat_map(|(_, rules)| rules.values()).flat_map(BTreeMap::values).sum();
        held
    }

    /// How many findings are accepted.
    pub fn count(&self) -> u64 {
        self.files.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values).sum()
    }

    /// Writes the baseline; a reader sees the file as it was or as it is then.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let replace = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            if let Ok(about) = std::fs::metadata(path) {
                file.as_file().set_permissions(about.permissions())?;
            } else {
                readable(file.as_file())?;
            }
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        replace().map_err(|error| BaselineError { path: path.to_owned(), cause: error.to_string() })
    }

    fn file_of(
        &self,
        sources: &Sources,
        finding: &Finding,
        names: &mut HashMap<FileId, Option<String>>,
    ) -> Option<String> {
        let file = sources.visible(finding.span).file;
        names.entry(file).or_insert_with(|| Some(self.name(sources.get(file).path()?))).clone()
    }

    /// A file's path from the folder of the baseline, with `/` between its parts.
    fn name(&self, path: &Path) -> String {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (path, folder) = (real(path), real(&self.folder));
        let shared =
            path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
        let up = folder.components().skip(shared).map(|_| String::from(".."));
        let down = path
            .components()
            .skip(shared)
            .map(|part: Component<'_>| part.as_os_str().to_string_lossy().into_owned());
        up.chain(down).collect::<Vec<_>>().join("/")
    }
}

/// A new file may be read by those who may read what its maker writes elsewhere.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
