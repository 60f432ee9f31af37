//! How zones were before: what a change is told from.

mod earlier;
mod read;

use super::{Loaded, LoadedZone, Request};
use crate::config::View;
use crate::git::TreeError;
use crate::lint::RemovedZone;
use crate::zone::Zone;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

/// The zones of a run as they were before.
pub struct Base {
    /// By the index of the zone in [`Loaded::zones`].
    zones: Vec<Was>,
    removed: Vec<LoadedZone>,
}

/// What there was of a zone before.
#[derive(Clone, Copy)]
pub enum Before<'b> {
    /// Nothing: the zone is new.
    Nothing,
    /// The zone, in the same files with the same octets.
    Same,
    /// The zone, in other files or with other octets. Its places lie in sources of its own.
    Zone(&'b LoadedZone),
}

enum Was {
    Nothing,
    Same,
    Zone(Box<LoadedZone>),
}

/// Why nothing can be held against a revision.
#[derive(Debug)]
pub enum BaseError {
    /// There is no git program.
    NoGit,
    /// No zone file lies in a git repository.
    NoRepository,
    /// The repository has no such revision.
    Unknown {
        /// The revision.
        rev: String,
        /// The root of the work tree.
        root: PathBuf,
    },
    /// The repository has no such revision, and is one of which the older history was left out.
    Shallow {
        /// The revision.
        rev: String,
        /// The root of the work tree.
        root: PathBuf,
    },
    /// Git failed.
    Failed {
        /// The revision.
        rev: String,
        /// The root of the work tree.
        root: PathBuf,
        /// What it said.
        said: String,
    },
}

impl BaseError {
    fn new(rev: &str, root: &Path, error: TreeError) -> Self {
        let (rev, root) = (rev.to_owned(), root.to_owned());
        match error {
            TreeError::NoGit => Self::NoGit,
            TreeError::Unknown => Self::Unknown { rev, root },
            TreeError::Shallow => Self::Shallow { rev, root },
            TreeError::Failed(said) => Self::Failed { rev, root, said },
        }
    }
}

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGit => f.write_str(
                "what changed is told from a git revision, and there is no `git` program to read one",
            ),
            Self::NoRepository => f.write_str(
                "what changed is told from a git revision, and no zone file lies in a git repository",
            ),
            Self::Unknown { rev, root } => write!(
                f,
                "--base `{rev}`: the repository `{}` has no such commit; `git rev-parse {rev}` says more",
                root.display()
            ),
            Self::Shallow { rev, root } => write!(
                f,
                "--base `{rev}`: the repository `{}` is a shallow clone without that commit: fetch it first, as with \
                 `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout",
                root.display()
            ),
            Self::Failed { rev, root, said } => {
                write!(f, "--base `{rev}`: git cannot read the repository `{}`: {said}", root.display())
            }
        }
    }
}

impl std::error::Error for BaseError {}

impl Base {
    /// The zones as they were at a git revision: a commit, or what git finds one by. Includes are
    /// followed there, and files are read as git would write them to the work tree. Only zones of
    /// which a file differs are read. Before the first commit, `HEAD` has no zones.
    ///
    /// `loaded` is what `request` has loaded.
    ///
    /// # Errors
    /// When there is no such revision, no repository or no git, and when git fails.
    pub fn read(loaded: &Loaded, request: &Request, rev: &str) -> Result<Self, BaseError> {
        read::read(loaded, request, rev)
    }

    /// Zones that were read from elsewhere are what the zones of `after` were before: those of the
    /// same origin and view.
    pub fn between(before: Loaded, after: &Loaded) -> Self {
        let mut zones: HashMap<(Vec<u8>, View), LoadedZone> =
            before.zones.into_iter().map(|zone| (identity(&zone), zone)).collect();
        let was = |zone: &LoadedZone| match zones.remove(&identity(zone)) {
            Some(before) => Was::Zone(Box::new(before)),
            None => Was::Nothing,
        };
        let was = after.zones.iter().map(was).collect();
        Self { zones: was, removed: sorted(zones.into_values().collect()) }
    }

    /// What there was before of the zone with this index in [`Loaded::zones`].
    pub fn before(&self, index: usize) -> Before<'_> {
        match self.zones.get(index) {
            Some(Was::Same) => Before::Same,
            Some(Was::Zone(zone)) => Before::Zone(zone),
            Some(Was::Nothing) | None => Before::Nothing,
        }
    }

    /// The zone with this index in [`Loaded::zones`] as it was; none when it is new, and when its
    /// octets are the same.
    pub fn zone_of(&self, index: usize) -> Option<&Zone> {
        self.read_of(index).map(|before| &before.zone)
    }

    /// The zones that were there before and are not there now, by origin and view.
    pub fn removed(&self) -> Vec<RemovedZone<'_>> {
        self.removed.iter().map(|zone| RemovedZone { zone: &zone.zone, view: zone.view }).collect()
    }

    /// The texts of changed files as they were, by the paths that they had: those of the zones that the
    /// run was asked to report on.
    pub fn texts(&self, loaded: &Loaded) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut texts = BTreeMap::new();
        for (index, _) in loaded.zones.iter().enumerate().filter(|(_, zone)| zone.wanted) {
            let Some(zone) = self.zone_of(index) else { continue };
            for file in zone.files() {
                let source = zone.sources().get(file);
                texts.extend(source.path().map(|path| (path.to_owned(), source.bytes().to_vec())));
            }
        }
        texts
    }

    pub(super) fn read_of(&self, index: usize) -> Option<&LoadedZone> {
        match self.before(index) {
            Before::Zone(zone) => Some(zone),
            Before::Same | Before::Nothing => None,
        }
    }
}

/// What makes it the same zone, in whatever file it stands.
fn identity(zone: &LoadedZone) -> (Vec<u8>, View) {
    (zone.zone.apex().as_bytes().to_vec(), zone.view)
}

fn sorted(mut zones: Vec<LoadedZone>) -> Vec<LoadedZone> {
    zones.sort_by_cached_key(identity);
    zones
}
