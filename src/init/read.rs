//! A zone that was read to be declared.

use crate::edge::is_private;
use crate::server_config::ServedZone;
use crate::workspace::LoadedZone;
use crate::zone::Zone;
use std::path::{Component, Path, PathBuf};

/// A zone that was read.
pub(super) struct Read {
    pub(super) path: PathBuf,
    pub(super) file: String,
    pub(super) origin: String,
    pub(super) served: Option<ServedZone>,
    /// How many of its addresses are for one's own network, and how many are not.
    pub(super) private: usize,
    pub(super) public: usize,
    pub(super) loaded: LoadedZone,
}

/// How many addresses of a zone are for one's own network, and how many are not.
pub(super) fn addresses(zone: &Zone) -> (usize, usize) {
    let (mut private, mut public) = (0, 0);
    for name in zone.names().filter(|name| zone.types_of(*name).has_address()) {
        for record in zone.addresses(zone.key_of(name)) {
            match record.address() {
                Some(address) if is_private(&address) => private += 1,
                Some(_) => public += 1,
                None => {}
            }
        }
    }
    (private, public)
}

/// A path as the configuration writes it: relative where it lies below or beside the folder.
pub(super) fn relative(path: &Path, root: &Path) -> Option<String> {
    let absolute = std::path::absolute(path).ok()?;
    let root = std::path::absolute(root).ok()?;
    let parts = |path: &Path| -> Vec<PathBuf> {
        let mut parts: Vec<PathBuf> = Vec::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if parts.len() > 1 => {
                    parts.pop();
                }
                part => parts.push(part.as_os_str().into()),
            }
        }
        parts
    };
    let (file, folder) = (parts(&absolute), parts(&root));
    let common = file.iter().zip(&folder).take_while(|(one, other)| one == other).count();
    // A file far away is named from the root: nothing is gained by many `..`.
    let up = folder.len() - common;
    if up > 2 {
        return absolute.to_str().map(str::to_owned);
    }
    let mut words = vec![String::from(".."); up];
    for part in file.iter().skip(common) {
        words.push(part.to_str()?.to_owned());
    }
    Some(words.join("/"))
}
