//! A first `zonewright.toml`: the zones that are found, or that a name server's configuration names,
//! and the Edge deployment that their SRV records and addresses give away.
//!
//! What the zones say is written down; what is concluded from it is marked as such, and listed for
//! the reader to check. The text always loads: where the conclusions contradict each other, they are
//! written as comments.

mod hosts;
mod leads;
mod pools;
mod read;
mod servers;
mod text;
mod views;
mod zones;

use crate::config;
use crate::report::sanitize::is_unsafe;
use crate::server_config::{self, ConfigError, ServerConfig};
use crate::text::{Source, Sources};
use crate::workspace::{FileError, shown_name};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to write a configuration for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder below which zone files are looked for, or one zone file.
    pub path: PathBuf,
    /// The configuration of a name server that says which zones there are.
    pub from: Option<PathBuf>,
    /// Where the configuration is to stand: paths in it are relative to its folder.
    pub out: PathBuf,
}

/// A configuration that can be written, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The text of `zonewright.toml`.
    pub text: String,
    /// What was found, a line each.
    pub found: Vec<String>,
    /// What was left out and why, a line each.
    pub left_out: Vec<String>,
    /// What the reader has to check, a line each.
    pub check: Vec<String>,
    /// Whether Edge pools are declared.
    pub has_pools: bool,
}

/// Why there is no configuration to write.
#[derive(Debug)]
pub enum InitError {
    /// A folder or a file cannot be read.
    File(FileError),
    /// The name server's configuration cannot be read.
    Server(ConfigError),
    /// There is no zone: why, and what was left out.
    NoZones(String, Vec<String>),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::NoZones(why, left_out) => {
                f.write_str(why)?;
                for line in left_out {
                    write!(f, "\n  left out: {line}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for InitError {}

/// Looks at the zones and drafts a configuration; writes nothing.
///
/// # Errors
/// When there is no zone, or a configuration of a name server that cannot be read.
pub fn draft(request: &Request) -> Result<Draft, InitError> {
    let sources = Arc::new(Sources::default());
    let server = match &request.from {
        Some(from) => Some(server_config::read(from).map_err(InitError::Server)?),
        None => None,
    };
    let root = folder_of(&request.out);
    let found = zones::find(&sources, request, server.as_ref(), &root)?;
    let deployment = pools::derive(&found.zones);
    let mut check = found.check;
    check.extend(deployment.notes.iter().cloned());
    let head =
        text::Head { server: server.as_ref(), include_base_is_root: starts_here(server.as_ref(), &root) };
    let all = text::write(&head, &found.zones, &found.commented, &deployment, None);
    let (text, has_pools) = match errors(&all, &root) {
        None => (all, !deployment.pools.is_empty()),
        Some(why) => {
            check.push(format!(
                "the Edge pools that the zones give away contradict each other, so they are written as comments: {}",
                why.join("; ")
            ));
            (text::write(&head, &found.zones, &found.commented, &deployment, Some(&why)), false)
        }
    };
    let mut says = found.says;
    says.extend(deployment.says());
    Ok(Draft { text, found: says, left_out: found.left_out, check, has_pools })
}

/// What would be wrong with the text as a configuration; none when nothing is.
fn errors(text: &str, root: &Path) -> Option<Vec<String>> {
    let sources = Sources::default();
    let file = sources.add(Source::text(config::FILE_NAME, text.to_owned()));
    let findings = config::parse(&sources, file, root).err()?;
    Some(findings.into_iter().map(|finding| finding.message).collect())
}

/// Whether the server starts relative `$INCLUDE` paths at the folder of the configuration.
fn starts_here(server: Option<&ServerConfig>, root: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let base = server.and_then(|server| server.include_base.as_deref()).and_then(real);
    base.is_some() && base == real(root)
}

/// The folder of a file that need not be there.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path in a message or a comment.
fn shown(path: &Path) -> String {
    visible(&shown_name(path))
}

/// A word of a file in a message or a comment: nothing in it moves the cursor or ends a line.
fn visible(text: &str) -> String {
    text.chars().flat_map(|c| if is_unsafe(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

/// `1 zone`, `2 zones`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `a`, `a and b`, `a, b and c`.
fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first few of many, and how many more there are.
fn some<T: AsRef<str>>(all: &[T]) -> String {
    const MOST: usize = 5;
    let mut some: Vec<String> = all.iter().take(MOST).map(|one| one.as_ref().to_owned()).collect();
    if all.len() > MOST {
        some.push(format!("{} more", all.len() - MOST));
    }
    listed(&some)
}
