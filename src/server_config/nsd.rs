//! `nsd.conf`: attributes that end in a colon, each with its value, wherever lines end.

use super::files::{Files, Lines, Text, folder_of};
use super::{ConfigError, LeftOut, Line, ServedZone, ServerConfig, zone_name};
use crate::zonefile::server::Server;
use std::collections::HashMap;
use std::path::PathBuf;

/// Where NSD looks for zone files when nothing is said.
const ZONESDIR: &str = "/etc/nsd";

/// Attributes that hold others.
const SECTIONS: [&str; 10] = [
    "server",
    "zone",
    "pattern",
    "key",
    "tls-auth",
    "remote-control",
    "dnstap",
    "verify",
    "xot",
    "proxy-protocol",
];

/// Whether a text looks like `nsd.conf`: a section, then an attribute of it.
pub(super) fn is_like(text: &str) -> bool {
    let mut words = words(text);
    let Some((_, Word::Attribute(first))) = words.next() else { return false };
    let second = words.next();
    SECTIONS.contains(&first) && matches!(second, Some((_, Word::Attribute(_))) | None)
}

/// Reads the file and what it includes.
pub(super) fn read(mut files: Files, main: Text) -> Result<ServerConfig, ConfigError> {
    let mut reading = Reading {
        folder: folder_of(&main.path),
        section: Section::Other,
        zonesdir: None,
        zones: Vec::new(),
        patterns: HashMap::new(),
        pattern: None,
    };
    reading.file(&mut files, &main)?;
    Ok(reading.finish(files))
}

/// What a zone or a pattern says.
#[derive(Clone, Debug, Default)]
struct Settings {
    zonefile: Option<String>,
    is_secondary: bool,
}

struct Zone {
    name: Option<String>,
    line: Line,
    settings: Settings,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Server,
    Zone,
    Pattern,
    Other,
}

struct Reading {
    folder: PathBuf,
    section: Section,
    zonesdir: Option<String>,
    zones: Vec<Zone>,
    patterns: HashMap<String, Settings>,
    /// The pattern that is being read: what it says may come before its name.
    pattern: Option<(Option<String>, Settings)>,
}

impl Reading {
    fn file(&mut self, files: &mut Files, text: &Text) -> Result<(), ConfigError> {
        // The attribute whose value comes next.
        let mut open: Option<&str> = None;
        let mut lines = Lines::new(text);
        for (offset, word) in words(&text.text) {
            let line = lines.of(offset);
            match word {
                Word::Attribute(name) if SECTIONS.contains(&name) => {
                    self.section = match name {
                        "server" => Section::Server,
                        "zone" => Section::Zone,
                        "pattern" => Section::Pattern,
                        _ => Section::Other,
                    };
                    self.end_pattern();
                    match self.section {
                        Section::Zone => {
                            self.zones.push(Zone { name: None, line, settings: Settings::default() });
                        }
                        Section::Pattern => self.pattern = Some((None, Settings::default())),
                        Section::Server | Section::Other => {}
                    }
                    open = None;
                }
                Word::Attribute(name) => open = Some(name),
                Word::Unclosed => {
                    return Err(ConfigError::at(&line, "this string is not closed by `\"` on its line"));
                }
                Word::Value(value) => {
                    if let Some(name) = open.take() {
                        self.attribute(files, &line, name, value)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        files: &mut Files,
        line: &Line,
        name: &str,
        value: &str,
    ) -> Result<(), ConfigError> {
        if name == "include" {
            for path in files.matching(line, value, &self.folder.clone())? {
                files.include(line, &path, |files, text| self.file(files, &text))?;
            }
            return Ok(());
        }
        if name == "zonesdir" && self.section == Section::Server {
            self.zonesdir = Some(value.to_owned());
        }
        let included =
            if name == "include-pattern" {
                let pattern = self.patterns.get(value).cloned();
                Some(pattern.ok_or_else(|| {
                    ConfigError::at(line, format!("no pattern `{value}` is declared above"))
                })?)
            } else {
                None
            };
        let settings = match (self.section, &mut self.pattern) {
            (Section::Zone, _) => {
                let Some(zone) = self.zones.last_mut() else { return Ok(()) };
                if name == "name" {
                    zone.name = Some(value.to_owned());
                    zone.line = line.clone();
                }
                &mut zone.settings
            }
            (Section::Pattern, Some((own, settings))) => {
                if name == "name" {
                    *own = Some(value.to_owned());
                }
                settings
            }
            _ => return Ok(()),
        };
        match name {
            "zonefile" => settings.zonefile = Some(value.to_owned()),
            "request-xfr" => settings.is_secondary = true,
            _ => {}
        }
        if let Some(pattern) = included {
            settings.zonefile = pattern.zonefile.or(settings.zonefile.take());
            settings.is_secondary |= pattern.is_secondary;
        }
        Ok(())
    }

    fn end_pattern(&mut self) {
        if let Some((Some(name), settings)) = self.pattern.take() {
            self.patterns.insert(name, settings);
        }
    }

    fn finish(self, files: Files) -> ServerConfig {
        let zonesdir = self.zonesdir.as_deref().unwrap_or(ZONESDIR);
        let base = if zonesdir.is_empty() { self.folder.clone() } else { self.folder.join(zonesdir) };
        let mut zones = Vec::new();
        let mut left_out = Vec::new();
        for Zone { name, line, settings } in self.zones {
            let name = name.unwrap_or_default();
            let leave = |why: String| LeftOut { zone: name.clone(), why, line: line.clone() };
            if settings.is_secondary {
                left_out.push(leave(String::from("is a secondary zone")));
                continue;
            }
            let Some(format) = &settings.zonefile else {
                left_out.push(leave(String::from("has no zonefile")));
                continue;
            };
            match zone_name(&name) {
                Ok(origin) => {
                    let file = base.join(file_name(format, &origin));
                    zones.push(ServedZone { origin, file, view: None, line: line.clone() });
                }
                Err(why) => left_out.push(leave(format!("is no name that can be written: it {why}"))),
            }
        }
        ServerConfig {
            server: Server::Nsd,
            zones,
            left_out,
            views: Vec::new(),
            include_base: Some(base),
            found_elsewhere: files.found_elsewhere,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word<'t> {
    /// `zonefile:`
    Attribute(&'t str),
    Value(&'t str),
    /// A string without its second quote.
    Unclosed,
}

/// The words of a text and their offsets, comments left out.
fn words(text: &str) -> impl Iterator<Item = (usize, Word<'_>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if !rest.starts_with('#') {
                break;
            }
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        }
        if rest.is_empty() {
            return None;
        }
        let offset = text.len() - rest.len();
        if let Some(inside) = rest.strip_prefix('"') {
            let end = inside
                .find(['"', '\n'])
                .filter(|end| inside.get(*end..).is_some_and(|at| at.starts_with('"')));
            let Some(end) = end else {
                rest = "";
                return Some((offset, Word::Unclosed));
            };
            let (value, after) = inside.split_at(end);
            rest = after.strip_prefix('"').unwrap_or(after);
            return Some((offset, Word::Value(value)));
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        let attribute = word.strip_suffix(':').filter(|name| {
            !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        });
        Some((offset, attribute.map_or(Word::Value(word), Word::Attribute)))
    })
}

/// The file of a zone: `%s` is its name, `%1` to `%3` its first characters, `%z`, `%y`, `%x` its labels
/// from the right; what it does not have is a period.
fn file_name(format: &str, origin: &str) -> String {
    let label = |at: usize| origin.rsplit('.').filter(|label| !label.is_empty()).nth(at).unwrap_or(".");
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(c) = letters.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match letters.next() {
            Some('s') => out.push_str(origin),
            Some(digit @ '1'..='3') => {
                let at = (digit as usize) - ('1' as usize);
                out.push(origin.chars().nth(at).unwrap_or('.'));
            }
            Some('z') => out.push_str(label(0)),
            Some('y') => out.push_str(label(1)),
            Some('x') => out.push_str(label(2)),
            Some('%') => out.push('%'),
            other => out.extend(std::iter::once('%').chain(other)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_made_of_the_zone() {
        let of = |format: &str| file_name(format, "ab.example.org");
        assert_eq!(of("%s.zone"), "ab.example.org.zone");
        assert_eq!(of("%1/%2/%3/%z/%y/%x"), "a/b/./org/example/ab");
        assert_eq!(file_name("%3/%y", "ab"), "./.");
        assert_eq!(of("100%%"), "100%");
    }

    #[test]
    fn words_stand_anywhere() {
        let all: Vec<Word<'_>> =
            words("zone: name:\"a b\" # c\n zonefile: x#y").map(|(_, word)| word).collect();
        use Word::{Attribute, Value};
        let want = [Attribute("zone"), Attribute("name"), Value("a b"), Attribute("zonefile"), Value("x#y")];
        assert_eq!(all, want);
    }
}
