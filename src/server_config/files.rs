//! The files of a configuration: read on purpose, includes without circles, and found where a copy
//! of another machine's configuration has them.

use super::{ConfigError, Line};
use crate::workspace::shown_name;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// The largest file that is read, in octets.
const MOST_OCTETS: u64 = 64 << 20;

/// So many files are read at most: two that include each other's includes twice double at each level.
const MOST_FILES: usize = 10_000;

/// Includes within includes.
const MOST_DEPTH: usize = 64;

/// A file of the configuration.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it was found.
    pub(super) path: PathBuf,
    /// As reports show it.
    pub(super) name: String,
    /// Its text; octets that are not UTF-8, which stand in comments, are replaced.
    pub(super) text: String,
}

impl Text {
    /// The line of a 1-based number.
    pub(super) fn numbered(&self, number: usize) -> Line {
        Line { file: self.name.clone(), number }
    }
}

/// Numbers lines while a text is read from its beginning to its end.
pub(super) struct Lines<'t> {
    file: &'t Text,
    at: usize,
    number: usize,
}

impl<'t> Lines<'t> {
    /// From the beginning.
    pub(super) fn new(file: &'t Text) -> Self {
        Self { file, at: 0, number: 1 }
    }

    /// The line of an offset, which is not before the one that was asked for last.
    pub(super) fn of(&mut self, offset: usize) -> Line {
        let between = self.file.text.as_bytes().get(self.at..offset).unwrap_or_default();
        self.number += memchr::memchr_iter(b'\n', between).count();
        self.at = offset;
        self.file.numbered(self.number)
    }
}

/// Folders that servers read their configuration from: one that lies elsewhere is a copy.
const HOMES: [&str; 7] =
    ["/etc", "/usr/local/etc", "/usr/pkg/etc", "/opt/homebrew/etc", "/var/named", "/var/lib", "/var/db"];

/// Where the files that a configuration names lie on this machine.
#[derive(Clone, Debug)]
pub struct Places {
    folders: Vec<PathBuf>,
    is_copy: bool,
}

impl Places {
    /// For the configuration at `from`; files of other machines are looked for below its folder, then
    /// below the others.
    pub fn of(from: &Path, others: impl IntoIterator<Item = PathBuf>) -> Self {
        let folder = folder_of(from);
        let home = real(&folder);
        let is_copy = !HOMES.iter().any(|known| home.starts_with(known));
        Self { folders: std::iter::once(folder).chain(others).collect(), is_copy }
    }

    /// The file at `path`, or the one whose path below a folder ends like it: `/etc/bind/zones/db.x` is
    /// found as `zones/db.x`. A copy of a configuration, in a repository, means the copies beside it,
    /// whether or not this machine is a name server too.
    pub fn find(&self, path: &Path) -> Option<PathBuf> {
        let there = || std::fs::metadata(path).is_ok().then(|| path.to_owned());
        let found = if self.is_copy {
            self.beside(path).or_else(there)
        } else {
            there().or_else(|| self.beside(path))
        };
        // One file has many paths; the one that was asked for says most.
        found.map(|found| if real(&found) == real(path) { path.to_owned() } else { found })
    }

    fn beside(&self, path: &Path) -> Option<PathBuf> {
        let parts: Vec<Component<'_>> =
            path.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        let ends = (0..parts.len()).map(|start| parts.iter().skip(start).collect::<PathBuf>());
        let mut below = ends.flat_map(|end| self.folders.iter().map(move |folder| folder.join(&end)));
        below.find(|path| std::fs::metadata(path).is_ok_and(|found| found.is_file()))
    }
}

/// The folder that a file lies in.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Reads the files of one configuration.
pub(super) struct Files {
    places: Places,
    /// The files that are being read, each included by the one before it, links resolved.
    open: Vec<PathBuf>,
    count: usize,
    /// What was read elsewhere than it is named.
    pub(super) found_elsewhere: Vec<(Line, PathBuf, PathBuf)>,
}

impl Files {
    /// For the configuration that begins at `path`.
    pub(super) fn new(path: &Path) -> Self {
        Self { places: Places::of(path, []), open: Vec::new(), count: 0, found_elsewhere: Vec::new() }
    }

    /// The file that the configuration begins with.
    pub(super) fn main(&mut self, path: &Path) -> Result<Text, ConfigError> {
        let text = read(path).map_err(|why| ConfigError::file(&shown_name(path), why))?;
        self.open.push(real(path));
        self.count = 1;
        Ok(text)
    }

    /// The files that an include names, in the order of their names. A pattern may match none.
    pub(super) fn matching(
        &mut self,
        line: &Line,
        written: &str,
        base: &Path,
    ) -> Result<Vec<PathBuf>, ConfigError> {
        let path = base.join(written);
        if !written.contains(['*', '?', '[']) {
            let found = self.places.find(&path).ok_or_else(|| {
                ConfigError::at(
                    line,
                    format!("cannot include `{written}`: no such file ({})", path.display()),
                )
            })?;
            if found != path {
                self.found_elsewhere.push((line.clone(), path, found.clone()));
            }
            return Ok(vec![found]);
        }
        let folder = path.parent().unwrap_or(base);
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        // The part before the pattern is a name, whatever characters are in it.
        let literal = |folder: &Path| glob::Pattern::escape(&folder.to_string_lossy());
        let pattern = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let in_folder = folder.to_string_lossy().contains(['*', '?', '[']);
        let whole = if in_folder {
            path.to_string_lossy().into_owned()
        } else {
            format!("{}/{pattern}", literal(folder))
        };
        let paths = glob::glob_with(&whole, options)
            .map_err(|error| ConfigError::at(line, format!("cannot include `{written}`: {}", error.msg)))?;
        let mut found = Vec::new();
        for path in paths {
            found.push(
                path.map_err(|error| ConfigError::at(line, format!("cannot include `{written}`: {error}")))?,
            );
            if found.len() > MOST_FILES {
                return Err(too_many(line));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads an included file, and calls `read_on` with it.
    pub(super) fn include(
        &mut self,
        line: &Line,
        path: &Path,
        read_on: impl FnOnce(&mut Self, Text) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        let real = real(path);
        if let Some(first) = self.open.iter().position(|open| *open == real) {
            let mut circle: Vec<String> = self.open.iter().skip(first).map(|open| shown_name(open)).collect();
            circle.push(shown_name(&real));
            return Err(ConfigError::at(
                line,
                format!("includes go in a circle: {}", circle.join(", then ")),
            ));
        }
        if self.open.len() > MOST_DEPTH {
            return Err(ConfigError::at(line, format!("includes are nested more than {MOST_DEPTH} deep")));
        }
        self.count += 1;
        if self.count > MOST_FILES {
            return Err(too_many(line));
        }
        let text = read(path)
            .map_err(|why| ConfigError::at(line, format!("cannot include `{}`: {why}", shown_name(path))))?;
        self.open.push(real);
        let result = read_on(self, text);
        self.open.pop();
        result
    }
}

fn too_many(line: &Line) -> ConfigError {
    ConfigError::at(line, format!("more than {MOST_FILES} files are included"))
}

fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn read(path: &Path) -> Result<Text, String> {
    let why = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => String::from("no such file"),
        std::io::ErrorKind::PermissionDenied => String::from("may not be read by this user"),
        _ => error.to_string(),
    };
    // Opening a pipe would wait for its other end, so what it is comes first.
    if !std::fs::metadata(path).map_err(why)?.is_file() {
        return Err(String::from("is no regular file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(why)?;
    file.take(MOST_OCTETS + 1).read_to_end(&mut bytes).map_err(why)?;
    if bytes.len() as u64 > MOST_OCTETS {
        return Err(format!("is larger than {} MiB", MOST_OCTETS >> 20));
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(Text { path: path.to_owned(), name: shown_name(path), text })
}
