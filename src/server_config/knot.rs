//! `knot.conf`.
//!
//! Knot reads a language of its own that looks like YAML: keys and whole sections may stand several
//! times, `include` among them, and single quotes mean nothing. No YAML reader takes that.

use super::files::{Files, Text};
use super::{ConfigError, LeftOut, Line, ServedZone, ServerConfig, zone_name};
use crate::zonefile::server::Server;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where Knot looks for zone files when nothing is said.
const STORAGE: &str = "/var/lib/knot";

/// Sections that only Knot has, or has as lists.
const SECTIONS: [&str; 10] =
    ["server", "zone", "template", "remote", "acl", "policy", "log", "key", "database", "control"];

/// Whether a text looks like `knot.conf`: a section at the beginning of a line, and a list in one.
pub(super) fn is_like(text: &str) -> bool {
    let mut in_section = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            in_section = trimmed.strip_suffix(':').is_some_and(|name| SECTIONS.contains(&name));
        } else if in_section
            && ["- domain:", "- id:", "- target:", "listen: ["].iter().any(|start| trimmed.starts_with(start))
        {
            return true;
        }
    }
    false
}

/// Reads the file and what it includes.
pub(super) fn read(mut files: Files, main: Text) -> Result<ServerConfig, ConfigError> {
    let mut reading = Reading::default();
    reading.file(&mut files, &main)?;
    Ok(reading.finish(files))
}

/// What a zone or a template says.
#[derive(Clone, Debug, Default)]
struct Settings {
    template: Option<String>,
    storage: Option<String>,
    file: Option<String>,
    is_secondary: bool,
    catalog: Option<String>,
}

#[derive(Default)]
struct Reading {
    zones: Vec<(String, Line, Settings)>,
    templates: HashMap<String, Settings>,
    /// The template that is being read.
    template: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Zone,
    Template,
    Other,
}

impl Reading {
    fn file(&mut self, files: &mut Files, text: &Text) -> Result<(), ConfigError> {
        let mut section = Section::Other;
        for (number, raw) in text.text.lines().enumerate() {
            let line = text.numbered(number + 1);
            let content = without_comment(raw);
            let trimmed = content.trim();
            if trimmed.is_empty() {
                continue;
            }
            let is_top = !content.starts_with([' ', '\t', '-']);
            let entry = trimmed.strip_prefix('-').map_or(trimmed, str::trim_start);
            // What is no `key: value` continues a list, which none of the keys below has.
            let Some((key, value)) = entry.split_once(':') else { continue };
            let (key, value) = (key.trim_end(), value.trim());
            if is_top {
                section = match key {
                    "zone" => Section::Zone,
                    "template" => Section::Template,
                    _ => Section::Other,
                };
                if key == "include" {
                    self.include(files, text, &line, value)?;
                }
                continue;
            }
            self.entry(section, key, value, line)?;
        }
        Ok(())
    }

    fn include(
        &mut self,
        files: &mut Files,
        text: &Text,
        line: &Line,
        value: &str,
    ) -> Result<(), ConfigError> {
        let written = unquoted(value, line)?;
        let base = text.path.parent().unwrap_or(Path::new("")).to_owned();
        for path in files.matching(line, &written, &base)? {
            files.include(line, &path, |files, text| self.file(files, &text))?;
        }
        Ok(())
    }

    fn entry(&mut self, section: Section, key: &str, value: &str, line: Line) -> Result<(), ConfigError> {
        match (section, key) {
            (Section::Zone, "domain") => {
                self.zones.push((unquoted(value, &line)?, line, Settings::default()));
                return Ok(());
            }
            (Section::Template, "id") => {
                let id = unquoted(value, &line)?;
                self.templates.insert(id.clone(), Settings::default());
                self.template = Some(id);
                return Ok(());
            }
            _ => {}
        }
        let settings = match section {
            Section::Zone => self.zones.last_mut().map(|(_, _, settings)| settings),
            Section::Template => self.template.as_ref().and_then(|id| self.templates.get_mut(id)),
            Section::Other => None,
        };
        let Some(settings) = settings else { return Ok(()) };
        match key {
            "template" => settings.template = Some(unquoted(value, &line)?),
            "storage" => settings.storage = Some(unquoted(value, &line)?),
            "file" => settings.file = Some(unquoted(value, &line)?),
            "master" => settings.is_secondary = !matches!(value, "" | "[]" | "\"\""),
            "catalog-role" => settings.catalog = Some(unquoted(value, &line)?),
            _ => {}
        }
        Ok(())
    }

    fn finish(self, files: Files) -> ServerConfig {
        let mut zones = Vec::new();
        let mut left_out = Vec::new();
        for (name, line, own) in &self.zones {
            let leave = |why: String| LeftOut { zone: name.clone(), why, line: line.clone() };
            let template = own.template.as_deref().unwrap_or("default");
            let template = self.templates.get(template);
            if own.template.is_some() && template.is_none() {
                let id = own.template.as_deref().unwrap_or_default();
                left_out.push(leave(format!("has the template `{id}`, which is not declared")));
                continue;
            }
            let of = |pick: fn(&Settings) -> Option<&String>| pick(own).or_else(|| template.and_then(pick));
            if own.is_secondary || template.is_some_and(|template| template.is_secondary) {
                left_out.push(leave(String::from("is a secondary zone")));
                continue;
            }
            if let Some(role) = of(|settings| settings.catalog.as_ref()).filter(|role| *role == "generate") {
                left_out.push(leave(format!("is made by Knot (catalog-role {role})")));
                continue;
            }
            match zone_name(name) {
                Ok(origin) => {
                    let storage = of(|settings| settings.storage.as_ref()).map_or(STORAGE, String::as_str);
                    let file = of(|settings| settings.file.as_ref()).map_or("%s.zone", String::as_str);
                    let file = Path::new(storage).join(file_name(file, &origin));
                    zones.push(ServedZone { origin, file, view: None, line: line.clone() });
                }
                Err(why) => left_out.push(leave(format!("is no name that can be written: it {why}"))),
            }
        }
        ServerConfig {
            server: Server::Knot,
            zones,
            left_out,
            views: Vec::new(),
            include_base: None::<PathBuf>,
            found_elsewhere: files.found_elsewhere,
        }
    }
}

/// The line up to a `#` that stands outside of double quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '#' if !quoted => return line.get(..at).unwrap_or(line),
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    line
}

/// A value without the double quotes around it.
fn unquoted(value: &str, line: &Line) -> Result<String, ConfigError> {
    let Some(rest) = value.strip_prefix('"') else { return Ok(value.to_owned()) };
    let mut text = String::new();
    let mut letters = rest.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => return Ok(text),
            '\\' => text.extend(letters.next()),
            c => text.push(c),
        }
    }
    Err(ConfigError::at(line, "this string is not closed by `\"` on its line"))
}

/// The file of a zone: `%s` is its name, `%c[N]` and `%c[N-M]` characters of it, `%l[N]` a label from
/// the right. Slashes of the name become `_`.
fn file_name(format: &str, origin: &str) -> String {
    let textual = if origin == "." { String::from(".") } else { format!("{origin}.") };
    let textual = textual.replace('/', "_");
    let name = textual.strip_suffix('.').unwrap_or(&textual);
    let labels: Vec<&str> = name.split('.').rev().filter(|label| !label.is_empty()).collect();
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut letters = after.chars();
        let kind = letters.next();
        rest = letters.as_str();
        let range = |text: &str| -> Option<(usize, usize, usize)> {
            let inside = text.strip_prefix('[')?.split_once(']')?.0;
            let (first, last) = inside.split_once('-').unwrap_or((inside, inside));
            Some((first.parse().ok()?, last.parse().ok()?, inside.len() + 2))
        };
        match kind {
            Some('s') => out.push_str(name),
            Some('%') => out.push('%'),
            Some('c') => {
                if let Some((first, last, length)) = range(rest) {
                    let count = (last + 1).saturating_sub(first);
                    out.extend(textual.chars().skip(first).take(count));
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
            Some('l') => {
                if let Some((index, _, length)) = range(rest) {
                    out.extend(labels.get(index).copied());
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_made_of_the_zone() {
        let of = |format: &str| file_name(format, "sub.example.org");
        assert_eq!(of("%s.zone"), "sub.example.org.zone");
        assert_eq!(of("%c[0]/%c[0-2]/%l[0]/%l[1]/%l[9]x"), "s/sub/org/example/x");
        assert_eq!(of("100%%"), "100%");
        assert_eq!(file_name("%s.zone", "0/25.2.0.192.in-addr.arpa"), "0_25.2.0.192.in-addr.arpa.zone");
        assert_eq!(file_name("%s.zone", "."), ".zone");
    }

    #[test]
    fn comments_begin_outside_of_quotes() {
        assert_eq!(without_comment("a: b # c"), "a: b ");
        assert_eq!(without_comment("a: \"b # \\\" #\" # c"), "a: \"b # \\\" #\" ");
    }
}
