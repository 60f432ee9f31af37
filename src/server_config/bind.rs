//! `named.conf`.

mod syntax;

use super::files::{Files, Text, folder_of};
use super::{Audience, ConfigError, LeftOut, Line, ServedZone, ServerConfig, ServerView, zone_name};
use crate::edge::is_private;
use crate::zonefile::server::Server;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use syntax::{Item, Statement};

/// Access lists within access lists.
const MOST_ACLS: usize = 16;

/// Whether a text looks like `named.conf`.
pub(super) fn is_like(text: &str) -> bool {
    syntax::is_like(text)
}

/// Reads the file and what it includes.
pub(super) fn read(mut files: Files, main: Text) -> Result<ServerConfig, ConfigError> {
    let folder = folder_of(&main.path);
    let mut reading = Reading { folder, ..Reading::default() };
    reading.file(&mut files, &main, &Scope::Top)?;
    Ok(reading.finish(files))
}

/// What a statement stands in.
#[derive(Clone, Debug)]
enum Scope {
    Top,
    Options,
    /// A view: its name and its class.
    View(String, Option<String>),
    /// A zone, by its place among the zones.
    Zone(usize),
}

/// A `zone` statement.
#[derive(Debug)]
struct Zone {
    name: String,
    view: Option<String>,
    line: Line,
    class: Option<String>,
    kind: Option<String>,
    file: Option<String>,
    in_view: Option<String>,
    template: Option<String>,
}

#[derive(Default)]
struct Reading {
    /// The folder of the configuration: relative paths start there until `directory` says otherwise.
    folder: PathBuf,
    directory: Option<PathBuf>,
    zones: Vec<Zone>,
    views: Vec<View>,
    acls: HashMap<String, Vec<Statement>>,
}

struct View {
    name: String,
    line: Line,
    clients: Option<Vec<Statement>>,
    destinations: bool,
}

impl Reading {
    fn file(&mut self, files: &mut Files, text: &Text, scope: &Scope) -> Result<(), ConfigError> {
        self.statements(files, syntax::statements(text)?, scope)
    }

    fn statements(
        &mut self,
        files: &mut Files,
        statements: Vec<Statement>,
        scope: &Scope,
    ) -> Result<(), ConfigError> {
        for statement in statements {
            match (statement.keyword().as_str(), scope) {
                ("include", _) => self.include(files, &statement, scope)?,
                ("options", Scope::Top) => self.block(files, statement, &Scope::Options)?,
                ("directory", Scope::Options) => {
                    // named changes to this folder at once: includes that follow start there too.
                    let word = statement.word(1).unwrap_or_default();
                    self.directory = Some(self.base().join(word));
                }
                ("acl", Scope::Top) => self.acl(statement),
                ("view", Scope::Top) => {
                    let name = named(&statement)?.to_owned();
                    let line = statement.line.clone();
                    self.views.push(View { name: name.clone(), line, clients: None, destinations: false });
                    let class = statement.word(2).map(str::to_ascii_uppercase);
                    self.block(files, statement, &Scope::View(name, class))?;
                }
                ("match-clients", Scope::View(..)) => {
                    if let (Some(view), Some(Item::Block(clients))) =
                        (self.views.last_mut(), statement.items.into_iter().next_back())
                    {
                        view.clients = Some(clients);
                    }
                }
                ("match-destinations", Scope::View(..)) => {
                    if let Some(view) = self.views.last_mut() {
                        view.destinations = true;
                    }
                }
                ("zone", Scope::Top | Scope::View(..)) => self.zone(files, statement, scope)?,
                ("type" | "file" | "in-view" | "template", Scope::Zone(at)) => self.option(*at, &statement),
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder that relative paths start at now.
    fn base(&self) -> &Path {
        self.directory.as_deref().unwrap_or(&self.folder)
    }

    fn include(
        &mut self,
        files: &mut Files,
        statement: &Statement,
        scope: &Scope,
    ) -> Result<(), ConfigError> {
        let line = &statement.line;
        let [Item::Word(_), Item::Word(written)] = statement.items.as_slice() else {
            return Err(ConfigError::at(line, "expected `include \"FILE\";`"));
        };
        for path in files.matching(line, written, self.base())? {
            files.include(line, &path, |files, text| self.file(files, &text, scope))?;
        }
        Ok(())
    }

    fn block(&mut self, files: &mut Files, statement: Statement, scope: &Scope) -> Result<(), ConfigError> {
        let line = statement.line.clone();
        let keyword = statement.keyword();
        match statement.items.into_iter().next_back() {
            Some(Item::Block(inside)) => self.statements(files, inside, scope),
            _ => Err(ConfigError::at(&line, format!("expected `{{` and `}}` after `{keyword}`"))),
        }
    }

    fn acl(&mut self, statement: Statement) {
        let name = statement.word(1).map(str::to_owned);
        if let (Some(name), Some(Item::Block(elements))) = (name, statement.items.into_iter().next_back()) {
            self.acls.insert(name, elements);
        }
    }

    fn zone(&mut self, files: &mut Files, statement: Statement, scope: &Scope) -> Result<(), ConfigError> {
        let name = named(&statement)?.to_owned();
        let (view, class) = match scope {
            Scope::View(name, class) => (Some(name.clone()), class.clone()),
            _ => (None, None),
        };
        let class = statement.word(2).map(str::to_ascii_uppercase).or(class);
        let line = statement.line.clone();
        let at = self.zones.len();
        self.zones.push(Zone {
            name,
            view,
            line,
            class,
            kind: None,
            file: None,
            in_view: None,
            template: None,
        });
        self.block(files, statement, &Scope::Zone(at))
    }

    fn option(&mut self, at: usize, statement: &Statement) {
        let Some(zone) = self.zones.get_mut(at) else { return };
        let word = statement.word(1).map(str::to_owned);
        match statement.keyword().as_str() {
            "type" => zone.kind = word.map(|word| word.to_ascii_lowercase()),
            "file" => zone.file = word,
            "in-view" => zone.in_view = word,
            _ => zone.template = word,
        }
    }

    fn finish(self, files: Files) -> ServerConfig {
        let base = self.base().to_owned();
        let mut zones = Vec::new();
        let mut left_out = Vec::new();
        for zone in &self.zones {
            let shown = match &zone.view {
                Some(view) => format!("{} (view {view})", zone.name),
                None => zone.name.clone(),
            };
            match served(zone) {
                Ok((origin, file)) => zones.push(ServedZone {
                    origin,
                    file: base.join(file),
                    view: zone.view.clone(),
                    line: zone.line.clone(),
                }),
                Err(why) => left_out.push(LeftOut { zone: shown, why, line: zone.line.clone() }),
            }
        }
        let views = self.views.iter().map(|view| ServerView {
            name: view.name.clone(),
            audience: self.audience(view),
            line: view.line.clone(),
        });
        ServerConfig {
            server: Server::Bind,
            zones,
            left_out,
            views: views.collect(),
            include_base: Some(base),
            found_elsewhere: files.found_elsewhere,
        }
    }

    fn audience(&self, view: &View) -> Audience {
        match &view.clients {
            None if view.destinations => Audience::Some,
            None => Audience::Everybody,
            Some(clients) => self.clients(clients, MOST_ACLS),
        }
    }

    /// Who an address match list lets in, exceptions left aside.
    fn clients(&self, elements: &[Statement], depth: usize) -> Audience {
        let mut all = Vec::new();
        for element in elements {
            let audience = match (element.word(0), element.block()) {
                (None, Some(inside)) if depth > 0 => self.clients(inside, depth - 1),
                (Some(word), _) if word.starts_with('!') => continue,
                (Some("none"), _) => continue,
                (Some("any"), _) => Audience::Everybody,
                (Some("localhost" | "localnets"), _) => Audience::Private,
                (Some("key" | "geoip"), _) => Audience::Some,
                (Some(word), _) => match self.acls.get(word) {
                    Some(inside) if depth > 0 => self.clients(inside, depth - 1),
                    _ if network(word).is_some_and(|address| is_private(&address)) => Audience::Private,
                    _ => Audience::Some,
                },
                _ => Audience::Some,
            };
            all.push(audience);
        }
        match all.as_slice() {
            _ if all.contains(&Audience::Everybody) => Audience::Everybody,
            [] => Audience::Some,
            _ if all.iter().all(|audience| *audience == Audience::Private) => Audience::Private,
            _ => Audience::Some,
        }
    }
}

/// The address of `10/8`, `192.168.1.0/24`, `fd00::/8` or an address.
fn network(word: &str) -> Option<IpAddr> {
    let address = word.split('/').next()?;
    if let Ok(address) = address.parse() {
        return Some(address);
    }
    // BIND lets the octets at the end be left out.
    let octets: Vec<&str> = address.split('.').chain(["0"; 4]).take(4).collect();
    octets.join(".").parse().ok()
}

fn named(statement: &Statement) -> Result<&str, ConfigError> {
    let missing =
        || ConfigError::at(&statement.line, format!("expected a name after `{}`", statement.keyword()));
    statement.word(1).ok_or_else(missing)
}

/// The origin and the file of a zone that the server is the primary of, or why it is none.
fn served(zone: &Zone) -> Result<(String, &str), String> {
    if let Some(class) = zone.class.as_deref().filter(|class| *class != "IN") {
        return Err(format!("is of class {class}"));
    }
    if let Some(view) = &zone.in_view {
        return Err(format!("is that of view {view}"));
    }
    match zone.kind.as_deref() {
        Some("primary" | "master") => {}
        Some("secondary" | "slave") => return Err(String::from("is a secondary zone")),
        Some(kind) => return Err(format!("is of type {kind}")),
        None if zone.template.is_some() => {
            return Err(String::from("takes its type from a template, which is not read"));
        }
        None => return Err(String::from("has no type")),
    }
    let Some(file) = &zone.file else { return Err(String::from("has no file")) };
    let origin = zone_name(&zone.name).map_err(|why| format!("is no name that can be written: it {why}"))?;
    Ok((origin, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_may_be_short() {
        assert_eq!(network("10/8"), "10.0.0.0".parse().ok());
        assert_eq!(network("192.168.1.0/24"), "192.168.1.0".parse().ok());
        assert_eq!(network("fd00::/8"), "fd00::".parse().ok());
        assert_eq!(network("inside"), None);
    }
}
