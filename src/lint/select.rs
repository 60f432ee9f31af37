//! Which rules run, and how severe they are: the table, then the configuration, then the command line.

use super::rule::{Group, Rule};
use super::table::place;
use crate::config::{FilePattern, LintConfig};
use crate::diagnostic::{Finding, RuleName, Severity, nearest};
use crate::text::{FileId, Source, Sources, Span};
use crate::zonefile::server::Targets;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// A name that is neither a rule, nor a group, nor `ALL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectError {
    /// What was given.
    pub found: String,
    /// The name that was most likely meant.
    pub nearest: Option<&'static str>,
}

impl std::fmt::Display for SelectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is neither a rule nor a group of rules", self.found)?;
        match self.nearest {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => write!(f, "; `zonewright rules` lists them"),
        }
    }
}

impl std::error::Error for SelectError {}

/// The severity of every rule; none is off. Rules are known by their place among all.
#[derive(Clone, Debug)]
pub struct Levels {
    rules: Vec<Option<Severity>>,
    zones: BTreeMap<String, Special>,
    paths: Vec<(FilePattern, Special)>,
    /// The folder that the paths are relative to.
    root: PathBuf,
}

/// What differs from the levels of all zones and files, by the places of the rules.
type Special = BTreeMap<usize, Option<Severity>>;

/// The rules that a name stands for, with their places.
fn named(name: &str) -> Result<Vec<(usize, &'static Rule)>, SelectError> {
    let all = name == "ALL";
    let is_meant = |rule: &Rule| all || rule.name.0 == name || rule.group.word() == name;
    let chosen: Vec<_> = super::rules().enumerate().filter(|(_, rule)| is_meant(rule)).collect();
    if chosen.is_empty() {
        let known = super::rules().map(|rule| rule.name.0).chain(Group::ALL.map(Group::word));
        return Err(SelectError { found: name.to_owned(), nearest: nearest(name, known) });
    }
    Ok(chosen)
}

impl Levels {
    /// The defaults of the table: rules of level info, and those to be opted in to, are off.
    pub fn new() -> Self {
        let level = |rule: &Rule| rule.is_default().then_some(rule.severity);
        Self {
            rules: super::rules().map(level).collect(),
            zones: BTreeMap::new(),
            paths: Vec::new(),
            root: PathBuf::new(),
        }
    }

    /// Turns on what has level info, but for what is to be opted in to.
    pub fn show_info(&mut self) {
        for (rule, level) in super::rules().zip(&mut self.rules) {
            if rule.severity == Severity::Info && !rule.opt_in {
                *level = level.or(Some(Severity::Info));
            }
        }
    }

    /// Shows what servers that were named make of the zone, where it has level info too: the parser
    /// reports of it what concerns them.
    pub fn target(&mut self, targets: &Targets) {
        if targets.named().is_empty() {
            return;
        }
        for (rule, level) in super::rules().zip(&mut self.rules) {
            if rule.group == Group::Portability {
                *level = Some(rule.severity);
            }
        }
    }

    /// Runs only these rules and groups.
    ///
    /// # Errors
    /// The first name that stands for nothing.
    pub fn select<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), SelectError> {
        let mut chosen = BTreeMap::new();
        for name in names {
            for (place, rule) in named(name)? {
                let level = self.rules.get(place).copied().flatten();
                chosen.insert(place, level.unwrap_or(rule.severity));
            }
        }
        if !chosen.is_empty() {
            self.rules = (0..self.rules.len()).map(|place| chosen.get(&place).copied()).collect();
            for levels in self.special() {
                levels.retain(|place, _| chosen.contains_key(place));
            }
        }
        Ok(())
    }

    /// Does not run these rules and groups.
    ///
    /// # Errors
    /// The first name that stands for nothing.
    pub fn ignore<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), SelectError> {
        for name in names {
            for (place, _) in named(name)? {
                self.set(place, None);
                for levels in self.special() {
                    levels.remove(&place);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, place: usize, level: Option<Severity>) {
        if let Some(known) = self.rules.get_mut(place) {
            *known = level;
        }
    }

    /// What differs for zones and files.
    fn special(&mut self) -> impl Iterator<Item = &mut Special> {
        self.zones.values_mut().chain(self.paths.iter_mut().map(|(_, levels)| levels))
    }

    /// Takes in `[lint]` of a configuration that lies in the folder `root`, links resolved. Names that
    /// stand for nothing are findings in the configuration.
    pub fn configure(&mut self, config: &LintConfig, root: &Path) -> Vec<Finding> {
        let mut wrong = Vec::new();
        let mut known = |name: &crate::edge::Declared<String>| match named(&name.value) {
            Ok(rules) => rules,
            Err(error) => {
                wrong.push(Finding::new(RuleName("config"), name.span, error.to_string()));
                Vec::new()
            }
        };
        let select: Vec<_> = config.select.iter().flat_map(&mut known).collect();
        let ignore: Vec<_> = config.ignore.iter().flat_map(&mut known).collect();
        let set: Vec<_> = config
            .rules
            .iter()
            .flat_map(|(name, level)| known(name).into_iter().map(|(place, _)| (place, level.value)))
            .collect();
        for (place, rule) in &select {
            self.set(*place, Some(rule.severity));
        }
        for (place, level) in set {
            self.set(place, level);
        }
        for (place, _) in ignore {
            self.set(place, None);
        }
        for zone in &config.zones {
            let levels = zone
                .rules
                .iter()
                .flat_map(|(name, level)| known(name).into_iter().map(|(place, _)| (place, level.value)))
                .collect();
            self.zones.insert(zone.origin.value.clone(), levels);
        }
        self.root = root.to_owned();
        for path in &config.paths {
            let mut levels = BTreeMap::new();
            for (place, rule) in path.select.iter().flat_map(&mut known) {
                levels.insert(place, Some(rule.severity));
            }
            for (name, level) in &path.rules {
                levels.extend(known(name).into_iter().map(|(place, _)| (place, level.value)));
            }
            levels.extend(path.ignore.iter().flat_map(&mut known).map(|(place, _)| (place, None)));
            self.paths.push((path.files.value.clone(), levels));
        }
        wrong
    }

    /// The rules that are on in any zone or file.
    pub(super) fn on(&self) -> Vec<&'static Rule> {
        let special = || self.zones.values().chain(self.paths.iter().map(|(_, levels)| levels));
        let is_on = |place| special().any(|levels: &Special| levels.get(&place).copied().flatten().is_some());
        let rules = super::rules().zip(&self.rules).enumerate();
        rules
            .filter(|(place, (_, level))| level.is_some() || is_on(*place))
            .map(|(_, (rule, _))| rule)
            .collect()
    }

    /// The levels of what is found in these sources; none: there are no zones.
    pub(super) fn among<'l>(&'l self, sources: Option<&'l Sources>) -> Among<'l> {
        Among { levels: self, sources, files: HashMap::new() }
    }

    /// What differs for a file, the last first.
    fn for_file(&self, source: &Source) -> Vec<&Special> {
        let path = match source.path() {
            Some(path) => path.to_owned(),
            // Standard input has the name that it was given.
            None => std::path::absolute(source.name()).unwrap_or_default(),
        };
        let Ok(path) = path.strip_prefix(&self.root) else { return Vec::new() };
        let matching = self.paths.iter().rev().filter(|(files, _)| files.matches(path));
        matching.map(|(_, levels)| levels).collect()
    }
}

/// The levels in the files of a run, each matched once.
pub(super) struct Among<'l> {
    levels: &'l Levels,
    sources: Option<&'l Sources>,
    files: HashMap<FileId, Vec<&'l Special>>,
}

impl Among<'_> {
    /// The severity of a rule at a place in a zone; none when it is off. The file decides, then the
    /// zone.
    pub(super) fn of(&mut self, rule: RuleName, zone: Option<&str>, span: Span) -> Option<Severity> {
        let Self { levels, sources, files } = self;
        let place = place(rule.0)?;
        if let Some(sources) = sources.filter(|_| !levels.paths.is_empty()) {
            let file = sources.visible(span).file;
            let special = files.entry(file).or_insert_with(|| levels.for_file(&sources.get(file)));
            if let Some(level) = special.iter().find_map(|levels| levels.get(&place)) {
                return *level;
            }
        }
        let special = zone.and_then(|zone| levels.zones.get(zone)).and_then(|levels| levels.get(&place));
        special.or_else(|| levels.rules.get(place)).copied().flatten()
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::new()
    }
}
