//! `[lint]`: severities by rule or group, per zone too. Whether such a rule exists is for those to
//! say who know the rules.

use super::reader::{Reader, Table};
use crate::diagnostic::Severity;
use crate::edge::{Declared, Network, NetworkError};
use crate::zonefile::server::Server;
use std::collections::BTreeMap;
use std::path::Path;

/// The `[lint]` table. Names of rules and groups are as written, not checked.
#[derive(Clone, Debug, Default)]
pub struct LintConfig {
    /// Severity by rule or group, none is `off`; in the order of the file.
    pub rules: Vec<(Declared<String>, Declared<Option<Severity>>)>,
    /// Rules or groups that alone shall run, or be added.
    pub select: Vec<Declared<String>>,
    /// Rules or groups that shall not run.
    pub ignore: Vec<Declared<String>>,
    /// The least severity that makes a run fail, none is `never`.
    pub fail_on: Option<Declared<Option<Severity>>>,
    /// The baseline, relative to the folder of the configuration.
    pub baseline: Option<Declared<String>>,
    /// The servers that the zones are meant for.
    pub target: Vec<Declared<Server>>,
    /// Addresses that several names have by design.
    pub shared_addresses: Vec<Network>,
    /// What counts as too much, or too soon, in a change.
    pub change: ChangeLimits,
    /// What differs for single zones.
    pub zones: Vec<ZoneLint>,
    /// What differs for files, in the order of the configuration: the last that matches decides.
    pub paths: Vec<PathLint>,
}

/// `[lint.change]`: what the rules about changes let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeLimits {
    /// Percent of the RRsets of a zone that may be removed at once.
    pub mass_deletion_percent: u16,
    /// Percent of the RRsets of a zone that may get other data at once.
    pub mass_change_percent: u16,
    /// RRsets that a zone must have had for either to be judged.
    pub mass_minimum: u16,
    /// Seconds that a change of addresses, aliases and SRV records may take to be seen; none: what the
    /// policy of the deployment says, for the names of its pools.
    pub ttl_window: Option<u32>,
}

impl Default for ChangeLimits {
    fn default() -> Self {
        Self { mass_deletion_percent: 30, mass_change_percent: 30, mass_minimum: 10, ttl_window: None }
    }
}

/// One `[[lint.zone]]`.
#[derive(Clone, Debug)]
pub struct ZoneLint {
    /// Apex: lower case, without the final dot.
    pub origin: Declared<String>,
    /// As in [`LintConfig::rules`].
    pub rules: Vec<(Declared<String>, Declared<Option<Severity>>)>,
}

/// One `[[lint.path]]`.
#[derive(Clone, Debug)]
pub struct PathLint {
    /// Which files, relative to the folder of the configuration.
    pub files: Declared<FilePattern>,
    /// As in [`LintConfig::rules`].
    pub rules: Vec<(Declared<String>, Declared<Option<Severity>>)>,
    /// Rules or groups that run there, with their own severity.
    pub select: Vec<Declared<String>>,
    /// Rules or groups that do not run there.
    pub ignore: Vec<Declared<String>>,
}

/// A glob of files: `*` and `?` stand for what lies in one folder, `**` for folders too, and a folder
/// for all that lies in it.
#[derive(Clone, Debug)]
pub struct FilePattern(glob::Pattern);

impl FilePattern {
    const OPTIONS: glob::MatchOptions = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };

    /// # Errors
    /// What is wrong with the glob.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.strip_prefix("./").unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        glob::Pattern::new(text).map(Self).map_err(|error| error.msg)
    }

    /// Whether it means a file, whose path is relative to the folder of the configuration.
    pub fn matches(&self, file: &Path) -> bool {
        file.ancestors()
            .filter(|path| !path.as_os_str().is_empty())
            .any(|path| self.0.matches_path_with(path, Self::OPTIONS))
    }

    /// The glob.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it means anything that is there, below the folder of the configuration.
    pub fn matches_any_in(&self, folder: &Path) -> bool {
        let folder = glob::Pattern::escape(&folder.to_string_lossy());
        let below = Path::new(&folder).join(self.as_str());
        glob::glob_with(&below.to_string_lossy(), Self::OPTIONS)
            .is_ok_and(|mut found| found.any(|path| path.is_ok()))
    }
}

const LEVELS: [(&str, Option<Severity>); 4] = [
    ("off", None),
    ("info", Some(Severity::Info)),
    ("warning", Some(Severity::Warning)),
    ("error", Some(Severity::Error)),
];

const FAIL_ON: [(&str, Option<Severity>); 4] = [
    ("never", None),
    ("info", Some(Severity::Info)),
    ("warning", Some(Severity::Warning)),
    ("error", Some(Severity::Error)),
];

/// Reads `[lint]`; what is absent has its default.
pub(super) fn lint(reader: &mut Reader, top: &mut Table<'_>) -> LintConfig {
    let Some(mut table) = reader.table(top, "lint") else { return LintConfig::default() };
    let config = LintConfig {
        rules: rules(reader, &mut table),
        select: reader.texts(&mut table, "select"),
        ignore: reader.texts(&mut table, "ignore"),
        fail_on: reader.choice(&mut table, "fail_on", &FAIL_ON),
        baseline: reader.text(&mut table, "baseline", false),
        target: targets(reader, &mut table),
        shared_addresses: networks(reader, &mut table),
        change: change(reader, &mut table),
        zones: zones(reader, &mut table),
        paths: paths(reader, &mut table),
    };
    reader.finish(table);
    config
}

fn targets(reader: &mut Reader, table: &mut Table<'_>) -> Vec<Declared<Server>> {
    let mut targets = Vec::new();
    for name in reader.texts(table, "target") {
        match Server::ALL.into_iter().find(|server| server.word() == name.value) {
            Some(server) => targets.push(Declared::new(server, name.span)),
            None => {
                let message = format!("target `{}` is none of `bind`, `knot`, `nsd`", name.value);
                reader.report(name.span, message);
            }
        }
    }
    targets
}

fn networks(reader: &mut Reader, table: &mut Table<'_>) -> Vec<Network> {
    let key = "shared_addresses";
    let mut networks = Vec::new();
    for text in reader.texts(table, key) {
        match text.value.parse() {
            Ok(network) => networks.push(network),
            Err(NetworkError::Malformed) => {
                let message = format!("`{}` in `{key}` is neither an address nor a network", text.value);
                reader.report_with_help(text.span, message, "write `192.0.2.10` or `192.0.2.0/24`");
            }
            Err(NetworkError::HostBits(meant)) => {
                let message = format!("`{}` in `{key}` has bits set behind its prefix", text.value);
                reader.report_with_help(text.span, message, format!("write `{meant}`"));
            }
        }
    }
    networks
}

fn change(reader: &mut Reader, table: &mut Table<'_>) -> ChangeLimits {
    let mut limits = ChangeLimits::default();
    let Some(mut table) = reader.table(table, "change") else { return limits };
    let numbers = [
        ("mass_deletion_percent", 0..=100, &mut limits.mass_deletion_percent),
        ("mass_change_percent", 0..=100, &mut limits.mass_change_percent),
        ("mass_minimum", 1..=u16::MAX, &mut limits.mass_minimum),
    ];
    for (key, range, limit) in numbers {
        let value = reader.value(&mut table, key);
        let number = value.and_then(|value| reader.as_u16(value, &format!("`{key}`"), range));
        *limit = number.map_or(*limit, |number| number.value);
    }
    limits.ttl_window = reader.seconds(&mut table, "ttl_window").map(|window| window.value);
    reader.finish(table);
    limits
}

fn zones(reader: &mut Reader, table: &mut Table<'_>) -> Vec<ZoneLint> {
    let mut zones: Vec<ZoneLint> = Vec::new();
    let mut first = BTreeMap::new();
    for mut zone in reader.tables(table, "zone") {
        let origin = reader.zone_name(&mut zone, "origin", true);
        let rules = rules(reader, &mut zone);
        reader.finish(zone);
        let Some(origin) = origin else { continue };
        if first.insert(origin.value.clone(), origin.span).is_some() {
            reader.report(origin.span, format!("[[lint.zone]] of `{}` is declared twice", origin.value));
        }
        zones.push(ZoneLint { origin, rules });
    }
    zones
}

fn paths(reader: &mut Reader, table: &mut Table<'_>) -> Vec<PathLint> {
    let mut paths = Vec::new();
    for mut path in reader.tables(table, "path") {
        let files = reader.text(&mut path, "files", true);
        let (select, ignore) = (reader.texts(&mut path, "select"), reader.texts(&mut path, "ignore"));
        let rules = rules(reader, &mut path);
        reader.finish(path);
        let Some(files) = files else { continue };
        match FilePattern::new(&files.value) {
            Ok(pattern) => {
                paths.push(PathLint { files: Declared::new(pattern, files.span), rules, select, ignore });
            }
            Err(why) => reader.report(files.span, format!("`files` is `{}`, no glob: {why}", files.value)),
        }
    }
    paths
}

fn rules(reader: &mut Reader, table: &mut Table<'_>) -> Vec<(Declared<String>, Declared<Option<Severity>>)> {
    let Some(rules) = reader.table(table, "rules") else { return Vec::new() };
    let mut levels = Vec::new();
    for (key, value) in rules.entries() {
        let name = Declared::new(key.get_ref().clone().into_owned(), reader.span(key.span()));
        let level = reader.as_choice(value, &format!("severity of `{}`", name.value), &LEVELS);
        levels.extend(level.map(|level| (name, level)));
    }
    levels.sort_by_key(|(name, _)| name.span);
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_files_and_what_lies_in_folders() {
        for (pattern, file, means) in [
            ("zones/old.zone", "zones/old.zone", true),
            ("./zones/old.zone", "zones/old.zone", true),
            ("zones", "zones/old.zone", true),
            ("zones/", "zones/lab/old.zone", true),
            ("zone", "zones/old.zone", false),
            ("old.zone", "zones/old.zone", false),
            ("**/old.zone", "zones/lab/old.zone", true),
            ("**/*.inc", "mail.inc", true),
            ("zones/*.zone", "zones/old.zone", true),
            ("zones/*.zone", "zones/lab/old.zone", false),
            ("zones/*", "zones/lab/old.zone", true),
            ("zones/**/old.zone", "zones/old.zone", true),
            ("zones/ol?.zone", "zones/old.zone", true),
            ("zones/[a-n]*.zone", "zones/old.zone", false),
            ("Zones", "zones/old.zone", false),
        ] {
            let found = FilePattern::new(pattern).map(|pattern| pattern.matches(Path::new(file)));
            assert_eq!(found, Ok(means), "{pattern} {file}");
        }
    }
}
