//! Which rules run, and how severe they are: the table, then the configuration, then the command line.

use super::rule::{Group, Rule};
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

/// The severity of every rule; none is off.
#[derive(Clone, Debug)]
pub struct Levels {
    rules: BTreeMap<&'static str, Option<Severity>>,
    zones: BTreeMap<String, BTreeMap<&'static str, Option<Severity>>>,
    paths: Vec<(FilePattern, BTreeMap<&'static str, Option<Severity>>)>,
    /// The folder that the paths are relative to.
    root: PathBuf,
}

/// The rules that a name stands for.
fn named(name: &str) -> Result<Vec<&'static Rule>, SelectError> {
    let all = name == "ALL";
    let chosen: Vec<_> =
        super::rules().filter(|rule| all || rule.name.0 == name || rule.group.word() == name).collect();
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
            rules: super::rules().map(|rule| (rule.name.0, level(rule))).collect(),
            zones: BTreeMap::new(),
            paths: Vec::new(),
            root: PathBuf::new(),
        }
    }

    /// Turns on what has level info, but for what is to be opted in to.
    pub fn show_info(&mut self) {
        for rule in super::rules() {
            if rule.severity == Severity::Info && !rule.opt_in {
                self.rules.entry(rule.name.0).and_modify(|level| *level = level.or(Some(Severity::Info)));
            }
        }
    }

    /// Shows what servers that were named make of the zone, where it has level info too: the parser
    /// reports of it what concerns them.
    pub fn target(&mut self, targets: &Targets) {
        if targets.named().is_empty() {
            return;
        }
        for rule in super::rules().filter(|rule| rule.group == Group::Portability) {
            self.rules.insert(rule.name.0, Some(rule.severity));
        }
    }

    /// Runs only these rules and groups.
    ///
    /// # Errors
    /// The first name that stands for nothing.
    pub fn select<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), SelectError> {
        let mut chosen = BTreeMap::new();
        for name in names {
            for rule in named(name)? {
                let level = self.rules.get(rule.name.0).copied().flatten();
                chosen.insert(rule.name.0, Some(level.unwrap_or(rule.severity)));
            }
        }
        if !chosen.is_empty() {
            self.rules = super::rules().map(|rule| (rule.name.0, None)).collect();
            for levels in self.special() {
                levels.retain(|rule, _| chosen.contains_key(rule));
            }
            self.rules.extend(chosen);
        }
        Ok(())
    }

    /// Does not run these rules and groups.
    ///
    /// # Errors
    /// The first name that stands for nothing.
    pub fn ignore<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> Result<(), SelectError> {
        for name in names {
            for rule in named(name)? {
                self.rules.insert(rule.name.0, None);
                for levels in self.special() {
                    levels.remove(rule.name.0);
                }
            }
        }
        Ok(())
    }

    /// What differs for zones and files.
    fn special(&mut self) -> impl Iterator<Item = &mut BTreeMap<&'static str, Option<Severity>>> {
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
            .flat_map(|(name, level)| known(name).into_iter().map(|rule| (rule, level.value)))
            .collect();
        for rule in &select {
            self.rules.insert(rule.name.0, Some(rule.severity));
        }
        for (rule, level) in set {
            self.rules.insert(rule.name.0, level);
        }
        for rule in ignore {
            self.rules.insert(rule.name.0, None);
        }
        for zone in &config.zones {
            let levels = zone
                .rules
                .iter()
                .flat_map(|(name, level)| known(name).into_iter().map(|rule| (rule.name.0, level.value)))
                .collect();
            self.zones.insert(zone.origin.value.clone(), levels);
        }
        self.root = root.to_owned();
        for path in &config.paths {
            let mut levels = BTreeMap::new();
            for rule in path.select.iter().flat_map(&mut known) {
                levels.insert(rule.name.0, Some(rule.severity));
            }
            for (name, level) in &path.rules {
                levels.extend(known(name).into_iter().map(|rule| (rule.name.0, level.value)));
            }
            levels.extend(path.ignore.iter().flat_map(&mut known).map(|rule| (rule.name.0, None)));
            self.paths.push((path.files.value.clone(), levels));
        }
        wrong
    }

    /// Whether a rule is on in any zone or file.
    pub fn is_on(&self, rule: &Rule) -> bool {
        let is_on = |levels: &BTreeMap<&'static str, Option<Severity>>| {
            levels.get(rule.name.0).copied().flatten().is_some()
        };
        is_on(&self.rules)
            || self.zones.values().any(is_on)
            || self.paths.iter().any(|(_, levels)| is_on(levels))
    }

    /// The levels of what is found in these sources; none: there are no zones.
    pub(super) fn among<'l>(&'l self, sources: Option<&'l Sources>) -> Among<'l> {
        Among { levels: self, sources, files: HashMap::new() }
    }

    /// What differs for a file, the last first.
    fn for_file(&self, source: &Source) -> Vec<&BTreeMap<&'static str, Option<Severity>>> {
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
    files: HashMap<FileId, Vec<&'l BTreeMap<&'static str, Option<Severity>>>>,
}

impl Among<'_> {
    /// The severity of a rule at a place in a zone; none when it is off. The file decides, then the
    /// zone.
    pub(super) fn of(&mut self, rule: RuleName, zone: Option<&str>, span: Span) -> Option<Severity> {
        let Self { levels, sources, files } = self;
        if let Some(sources) = sources.filter(|_| !levels.paths.is_empty()) {
            let file = sources.visible(span).file;
            let special = files.entry(file).or_insert_with(|| levels.for_file(&sources.get(file)));
            if let Some(level) = special.iter().find_map(|levels| levels.get(rule.0)) {
                return *level;
            }
        }
        let special = zone.and_then(|zone| levels.zones.get(zone)).and_then(|levels| levels.get(rule.0));
        special.or_else(|| levels.rules.get(rule.0)).copied().flatten()
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::new()
    }
}
