//! Files as they were at a revision.

use super::BaseError;
use crate::git::{Tree, TreeError};
use crate::text::{FileId, Source, Sources};
use crate::workspace::files::{self, Place, Roots, shown_name};
use crate::workspace::{FileError, read_source};
use crate::zonefile::include::{IncludeError, Includes};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A revision of the repositories that the files of a run lie in.
pub(super) struct Earlier {
    rev: String,
    /// By the roots of the work trees, without links.
    trees: BTreeMap<PathBuf, Tree>,
}

/// Where a path led at the revision.
pub(super) enum Found {
    /// To this file, links followed.
    At(PathBuf),
    /// To none.
    Nowhere,
    /// Nobody knows: it lies in no repository.
    Outside,
}

/// How a file was at the revision.
pub(super) enum Was {
    /// As it is.
    Same,
    /// With other octets.
    Other(Box<Source>),
    /// It was not there.
    Nowhere,
}

impl Earlier {
    /// Reads what files the revision has in the repositories of these folders, which have no links.
    /// Of a repository within another one, the commit counts that the outer one names.
    pub(super) fn new(folders: BTreeSet<PathBuf>, rev: &str) -> Result<Self, BaseError> {
        let mut known = Roots::default();
        let roots: BTreeSet<PathBuf> = folders.iter().filter_map(|folder| known.of(folder)).collect();
        let mut earlier = Self { rev: rev.to_owned(), trees: BTreeMap::new() };
        // An outer repository comes before those within it.
        for root in roots {
            let tree = match earlier.tree_of(&root) {
                None => Tree::read(&root, rev),
                Some((outer, below)) => match outer.repository(below) {
                    Some(commit) => Tree::read(&root, commit),
                    None => match Tree::read(&root, rev) {
                        Err(TreeError::Unknown | TreeError::Shallow) => Ok(Tree::empty(&root)),
                        tree => tree,
                    },
                },
            };
            let tree = tree.map_err(|error| BaseError::new(rev, &root, error))?;
            earlier.trees.insert(root, tree);
        }
        if earlier.trees.is_empty() { Err(BaseError::NoRepository) } else { Ok(earlier) }
    }

    fn tree_of<'p>(&self, path: &'p Path) -> Option<(&Tree, &'p Path)> {
        let (root, tree) = path.ancestors().find_map(|folder| self.trees.get_key_value(folder))?;
        Some((tree, path.strip_prefix(root).ok()?))
    }

    /// The roots of the repositories, and the files that the revision has in them.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &Path)> {
        self.trees.iter().flat_map(|(root, tree)| tree.files().map(move |file| (root.as_path(), file)))
    }

    /// Where an absolute path without `.` and `..` led.
    pub(super) fn find(&self, path: &Path) -> Found {
        let Some((tree, below)) = self.tree_of(path) else { return Found::Outside };
        tree.resolve(below).map_or(Found::Nowhere, |file| Found::At(tree.root().join(file)))
    }

    /// Those of these files that git is told to ignore: what makes them does so for each revision.
    pub(super) fn ignored(&self, paths: &[PathBuf]) -> Result<BTreeSet<PathBuf>, BaseError> {
        let mut ignored = BTreeSet::new();
        for (root, tree) in &self.trees {
            let own = |path: &&PathBuf| self.tree_of(path).is_some_and(|(of, _)| of.root() == root);
            let below: Vec<PathBuf> = paths
                .iter()
                .filter(own)
                .filter_map(|path| path.strip_prefix(root).ok().map(Path::to_owned))
                .collect();
            if !below.is_empty() {
                let names = tree.ignored(&below).map_err(|error| BaseError::new(&self.rev, root, error))?;
                ignored.extend(names.into_iter().map(|name| root.join(name)));
            }
        }
        Ok(ignored)
    }

    /// How a file was that was read now.
    pub(super) fn was(&self, source: &Source) -> Result<Was, BaseError> {
        let path = path_of(source);
        let at = match self.find(&path) {
            Found::Outside => return Ok(Was::Same),
            Found::Nowhere => return Ok(Was::Nowhere),
            Found::At(at) => at,
        };
        let Some((tree, below)) = self.tree_of(&at) else { return Ok(Was::Same) };
        let is_same = if source.is_transcoded() {
            let octets = std::fs::read(&path).ok();
            octets.and_then(|octets| tree.is_same(below, &Source::text(source.name(), octets)))
        } else {
            tree.is_same(below, source)
        };
        if is_same == Some(true) {
            return Ok(Was::Same);
        }
        let was = self.source(&at)?;
        Ok(if is_equal(source, was.bytes()) { Was::Same } else { Was::Other(Box::new(was)) })
    }

    /// The file at a path where [`Earlier::find`] has found one.
    fn source(&self, at: &Path) -> Result<Source, BaseError> {
        let (root, content) = match self.tree_of(at) {
            Some((tree, below)) => (tree.root(), tree.content(below)),
            None => (at, Err(TreeError::Failed(String::from("it lies in no repository")))),
        };
        let octets = content.map_err(|error| BaseError::new(&self.rev, root, error))?;
        let failed = |said| BaseError::new(&self.rev, root, TreeError::Failed(said));
        if octets.len() as u64 > files::MAX_FILE {
            return Err(failed(FileError::too_large(at).to_string()));
        }
        let (octets, encoding) =
            files::text_of(octets).map_err(|damage| failed(format!("{}: {damage}", shown_name(at))))?;
        Ok(Source::file(shown_name(at), at, octets).with_encoding(encoding))
    }

    /// Takes in the file at a path where [`Earlier::find`] has found one, unless it is held.
    pub(super) fn open(&self, sources: &Sources, at: &Path) -> Result<FileId, BaseError> {
        match sources.find(at) {
            Some(file) => Ok(file),
            None => Ok(sources.add_once(self.source(at)?)),
        }
    }
}

/// The path of a file; for standard input that of the file which it is said to be.
pub(super) fn path_of(source: &Source) -> PathBuf {
    match source.path() {
        Some(path) => path.to_owned(),
        None => files::real(Path::new(source.name())),
    }
}

fn is_equal(source: &Source, octets: &[u8]) -> bool {
    let mut equal = source.len() == octets.len() as u64;
    if equal {
        source.parts(|start, part| {
            let start = start as usize;
            equal &= octets.get(start..start + part.len()) == Some(part);
        });
    }
    equal
}

/// Opens includes as they were: one that is there only now is not there.
pub(super) struct EarlierFiles<'e> {
    pub(super) earlier: &'e Earlier,
    pub(super) sources: &'e Sources,
    pub(super) place: &'e Place,
}

impl Includes for EarlierFiles<'_> {
    fn open(&self, including: FileId, name: &[u8]) -> Result<FileId, IncludeError> {
        let not_found = |why: String| IncludeError::NotFound { why, tried: Vec::new() };
        let Ok(name) = std::str::from_utf8(name) else {
            return Err(not_found(String::from("the file name is not UTF-8")));
        };
        let mut outside = false;
        for path in self.place.readings(self.sources.get(including).path(), name) {
            if !self.place.holds(&path) {
                outside = true;
                continue;
            }
            if let Some(file) = self.sources.find(&path) {
                return Ok(file);
            }
            match self.earlier.find(&path) {
                Found::At(at) if !self.place.holds(&at) => outside = true,
                Found::At(at) => {
                    return self
                        .earlier
                        .open(self.sources, &at)
                        .map_err(|error| not_found(error.to_string()));
                }
                Found::Outside if path.exists() => {
                    return read_source(self.sources, &path).map_err(|error| not_found(error.to_string()));
                }
                Found::Outside | Found::Nowhere => {}
            }
        }
        Err(if outside { IncludeError::OutsideRoot } else { not_found(String::from("no such file")) })
    }
}
