//! What the configuration of a name server says about zones: `named.conf`, `knot.conf`, `nsd.conf`.
//!
//! Only zones and their files are read from it. What a server would refuse for other reasons is its
//! own affair (`named-checkconf`, `knotc conf-check`, `nsd-checkconf`).

mod bind;
mod files;
mod knot;
mod nsd;

pub use files::Places;

use crate::zonefile::server::Server;
use files::Files;
use std::fmt;
use std::path::{Path, PathBuf};

/// A line of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file, as reports show it.
    pub file: String,
    /// 1-based.
    pub number: usize,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.number)
    }
}

/// A zone that the server is the primary of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedZone {
    /// Apex: lower case, without the final dot; the root is `.`.
    pub origin: String,
    /// Its file as the server understands it: joined to the server's folder.
    pub file: PathBuf,
    /// The name of its view, with BIND.
    pub view: Option<String>,
    /// Where it is declared.
    pub line: Line,
}

/// A zone that has no file here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The zone, as it is written.
    pub zone: String,
    /// Why: `is a secondary zone`.
    pub why: String,
    /// Where it is declared.
    pub line: Line,
}

/// Who may see a view, as far as its configuration tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// Clients with private addresses only.
    Private,
    /// Some clients.
    Some,
}

/// A view of BIND.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Who may see it.
    pub audience: Audience,
    /// Where it is declared.
    pub line: Line,
}

/// What a server's configuration says about zones.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The server.
    pub server: Server,
    /// The zones that it is the primary of, as declared.
    pub zones: Vec<ServedZone>,
    /// The other ones.
    pub left_out: Vec<LeftOut>,
    /// Views, as declared.
    pub views: Vec<ServerView>,
    /// The folder where the server starts relative `$INCLUDE` paths; none with Knot, which starts at
    /// the folder of the file that includes.
    pub include_base: Option<PathBuf>,
    /// Files that were read elsewhere than the configuration says: how they are named, and where
    /// they were found.
    pub found_elsewhere: Vec<(Line, PathBuf, PathBuf)>,
}

/// A configuration that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where, or only the file when no line of it is to blame.
    place: String,
    why: String,
}

impl ConfigError {
    fn at(line: &Line, why: impl Into<String>) -> Self {
        Self { place: line.to_string(), why: why.into() }
    }

    fn file(name: &str, why: impl Into<String>) -> Self {
        Self { place: name.to_owned(), why: why.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

impl std::error::Error for ConfigError {}

/// Reads a server's configuration and all that it includes. What it names by paths that are not
/// here (it may be a copy of another machine's) is looked for below its own folder.
///
/// # Errors
/// The file and the line at which something is missing or cannot be understood; also when it is not
/// clear whose configuration it is.
pub fn read(path: &Path) -> Result<ServerConfig, ConfigError> {
    let mut files = Files::new(path);
    let main = files.main(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match server_of(&name, &main.text) {
        Some(Server::Bind) => bind::read(files, main),
        Some(Server::Knot) => knot::read(files, main),
        Some(Server::Nsd) => nsd::read(files, main),
        None => Err(ConfigError::file(
            &main.name,
            "this is the configuration of none of BIND, Knot and NSD: it declares no zone and includes no file",
        )),
    }
}

/// Whose configuration a text is: by what it is made of, then by the name of its file.
fn server_of(name: &str, text: &str) -> Option<Server> {
    let by_name = || match name {
        _ if name.contains("named") || name.contains("bind") => Some(Server::Bind),
        _ if name.contains("knot") => Some(Server::Knot),
        _ if name.contains("nsd") => Some(Server::Nsd),
        _ => None,
    };
    if bind::is_like(text) {
        return Some(Server::Bind);
    }
    if knot::is_like(text) {
        return Some(Server::Knot);
    }
    if nsd::is_like(text) {
        return Some(Server::Nsd);
    }
    by_name()
}

/// The name of a zone as `zonewright.toml` has it.
fn zone_name(written: &str) -> Result<String, String> {
    crate::edge::domain_name(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_tells_whose_configuration_it_is() {
        let of = |text: &str| server_of("x.conf", text);
        assert_eq!(of("# c\noptions { directory \"x\"; };\n"), Some(Server::Bind));
        assert_eq!(of("include \"/etc/bind/named.conf.options\";\n"), Some(Server::Bind));
        assert_eq!(of("/* zone: */ view x { };"), Some(Server::Bind));
        assert_eq!(of("server:\n    listen: [ ::@53 ]\nzone:\n  - domain: a.org\n"), Some(Server::Knot));
        assert_eq!(of("template:\n  - id: default\n"), Some(Server::Knot));
        assert_eq!(of("zone:\n    name: \"a.org\"\n"), Some(Server::Nsd));
        assert_eq!(of("pattern: name: x\n"), Some(Server::Nsd));
        assert_eq!(of("nothing of this\n"), None);
        assert_eq!(server_of("knot.conf", "include: zones.conf\n"), Some(Server::Knot));
        assert_eq!(server_of("nsd.conf", "include: \"zones.conf\"\n"), Some(Server::Nsd));
    }
}
