//! `zonewright.toml`: which zone files there are, the deployment they serve, what lint minds, and the
//! layout.
//!
//! All errors are findings under [`CONFIG`], with the bytes they are about, and all are told at once.

mod deployment;
mod fmt;
mod layout;
mod lint;
mod reader;
mod schema;

pub use layout::{Names, Style, Ttls};
pub use lint::{ChangeLimits, FilePattern, LintConfig, PathLint, ZoneLint};
pub use schema::schema;

use crate::diagnostic::{Finding, RuleName};
use crate::edge::{Declared, Deployment, lies_in};
use crate::text::{FileId, Source, Sources, Span};
use reader::{Reader, Table};
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use toml::de::DeTable;

/// The rule that errors of the configuration are reported under.
pub const CONFIG: RuleName = RuleName("config");

/// The name of the file.
pub const FILE_NAME: &str = "zonewright.toml";

/// Where the JSON schema of the file is found.
pub const SCHEMA_URL: &str =
    "https://raw.githubusercontent.com/zonewright/zonewright/main/docs/zonewright.schema.json";

/// The largest file that is read, in octets.
const MOST_OCTETS: u64 = 16 << 20;

/// Who a zone file is served to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// Everybody.
    #[default]
    External,
    /// The company's own network.
    Internal,
}

impl View {
    /// The word of the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Internal => "internal",
        }
    }
}

/// What a zone is for: rules that make no sense for a kind do not speak of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneKind {
    /// Names that everybody may ask for.
    #[default]
    Public,
    /// Names that only one network knows: below a name reserved for that, or most of the addresses are
    /// for private use.
    Private,
    /// Names of addresses.
    Reverse,
    /// Delegations to many others, most of all.
    Registry,
    /// The view of a public zone that the company's own network has.
    Internal,
}

impl ZoneKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Public, Self::Private, Self::Reverse, Self::Registry, Self::Internal];

    /// The word of the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Reverse => "reverse",
            Self::Registry => "registry",
            Self::Internal => "internal",
        }
    }
}

/// One `[[zone]]`.
#[derive(Clone, Debug)]
pub struct ZoneEntry {
    /// Apex: lower case, without the final dot; the root is `.`.
    pub origin: Declared<String>,
    /// The file, as written.
    pub file: Declared<PathBuf>,
    /// The file, joined to the folder of the configuration.
    pub path: PathBuf,
    /// Who it is served to.
    pub view: View,
    /// What it is for; none: that is told from its records.
    pub kind: Option<ZoneKind>,
}

/// The folder that relative `$INCLUDE` paths start from; the other one is tried next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IncludeBase {
    /// That of the file which includes, as Knot has it.
    #[default]
    File,
    /// That of the configuration or the working directory, as BIND and NSD have it.
    Cwd,
}

/// A whole `zonewright.toml` without errors.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file itself.
    pub source: FileId,
    /// The folder it lies in; relative paths start there.
    pub root: PathBuf,
    /// The zone files, as declared.
    pub zones: Vec<ZoneEntry>,
    /// Where relative includes start.
    pub include_base: IncludeBase,
    /// Whether `$INCLUDE` may read files outside the repository.
    pub include_outside_root: bool,
    /// The Edge deployment; present when an Edge pool, a SIP domain or a recovery goal is declared.
    pub deployment: Option<Deployment>,
    /// What lint minds.
    pub lint: LintConfig,
    /// The layout of zone files.
    pub style: Style,
}

/// Walks up from `start` (a file or a folder) to the nearest `zonewright.toml`; a folder that holds
/// `.git` is the last one looked at.
///
/// # Errors
/// When `start` cannot be made absolute, or a folder on the way cannot be looked into.
pub fn discover(start: &Path) -> io::Result<Option<PathBuf>> {
    discover_below(start, |folder| folder.join(".git").exists())
}

/// [`discover`], where something else knows which folders hold `.git`.
pub(crate) fn discover_below(
    start: &Path,
    mut is_top: impl FnMut(&Path) -> bool,
) -> io::Result<Option<PathBuf>> {
    let start = plain(&std::path::absolute(start)?);
    for folder in start.ancestors() {
        let candidate = folder.join(FILE_NAME);
        match std::fs::metadata(&candidate) {
            Ok(found) if found.is_file() => return Ok(Some(candidate)),
            Ok(_) => {}
            Err(error) if is_absence(&error) => {}
            Err(error) => return Err(error),
        }
        if is_top(folder) {
            break;
        }
    }
    Ok(None)
}

/// A path below a plain file is as absent as one that nobody made.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads the file at `path`; reports call it `shown`.
///
/// # Errors
/// All that is wrong with the file, the failure to read it included.
pub fn load(sources: &Sources, path: &Path, shown: &str) -> Result<Config, Vec<Finding>> {
    let root = path.parent().unwrap_or(Path::new(""));
    match read(path) {
        Ok(bytes) => parse(sources, sources.add(Source::file(shown, path, bytes)), root),
        Err(why) => {
            let file = sources.add(Source::file(shown, path, Vec::new()));
            let message = format!("cannot read `{shown}`: {why}");
            Err(vec![Finding::new(CONFIG, Span::new(file, 0, 0), message)])
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MOST_OCTETS + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_OCTETS {
        return Err(format!("it is larger than {} MiB", MOST_OCTETS >> 20));
    }
    Ok(bytes)
}

/// Reads a source as `zonewright.toml` that lies in the folder `root`.
///
/// # Errors
/// All that is wrong with it. What is no TOML hides what the TOML would say.
pub fn parse(sources: &Sources, file: FileId, root: &Path) -> Result<Config, Vec<Finding>> {
    let source = sources.get(file);
    let text = match std::str::from_utf8(source.bytes()) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let len = error.error_len().unwrap_or(1);
            let byte = source.bytes().get(at).copied().unwrap_or_default();
            let span = Span::new(file, at as u64, (at + len) as u64);
            let message = format!("byte 0x{byte:02x} is not UTF-8, which TOML is written in");
            return Err(vec![Finding::new(CONFIG, span, message)]);
        }
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let mut findings: Vec<Finding> = errors.iter().map(|error| syntax_error(file, text, error)).collect();
        findings.sort_by_key(|finding| finding.span);
        return Err(findings);
    }
    let mut reader = Reader::new(file);
    let mut top = Table::root(file, &document);
    let (zones, holders) = zones(&mut reader, &mut top, root);
    let include_base =
        reader.choice(&mut top, "include_base", &[("file", IncludeBase::File), ("cwd", IncludeBase::Cwd)]);
    let include_base = include_base.map(|base| base.value).unwrap_or_default();
    let include_outside_root = reader.boolean(&mut top, "include_outside_root").unwrap_or(false);
    let draft = deployment::draft(&mut reader, &mut top);
    let lint = lint::lint(&mut reader, &mut top);
    let style = fmt::style(&mut reader, &mut top);
    reader.finish(top);
    let mut findings = reader.into_findings();
    zone_clashes(&zones, &mut findings);
    for domain in &draft.sip_domains {
        if !holders
            .iter()
            .any(|(origin, view)| *view == View::External && lies_in(&domain.name.value, origin))
        {
            let message = format!("no [[zone]] holds SIP domain `{}`", domain.name.value);
            let help = "add a [[zone]] with this origin, its file, and `view = \"external\"`";
            findings.push(Finding::new(CONFIG, domain.name.span, message).help(help));
        }
    }
    let wanted = !draft.pools.is_empty() || !draft.sip_domains.is_empty() || draft.policy.rto.is_some();
    let deployment = draft.resolve(CONFIG, &mut findings).filter(|_| wanted);
    if findings.is_empty() {
        return Ok(Config {
            source: file,
            root: root.to_owned(),
            zones,
            include_base,
            include_outside_root,
            deployment,
            lint,
            style,
        });
    }
    findings.sort_by_key(|finding| finding.span);
    Err(findings)
}

fn syntax_error(file: FileId, text: &str, error: &toml::de::Error) -> Finding {
    let range = error.span().unwrap_or(0..0);
    let (start, end) = (range.start.min(text.len()), range.end.min(text.len()));
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    Finding::new(CONFIG, Span::new(file, start as u64, end as u64), format!("not TOML: {message}"))
}

/// The zones that could be read, and the origins and views of all whose origin could: a zone without
/// a file still holds its SIP domain. An origin that cannot be read may be any.
fn zones(reader: &mut Reader, top: &mut Table<'_>, root: &Path) -> (Vec<ZoneEntry>, Vec<(String, View)>) {
    let mut zones = Vec::new();
    let mut holders = Vec::new();
    for mut table in reader.tables(top, "zone") {
        let origin = reader.zone_name(&mut table, "origin", true);
        let file = reader.text(&mut table, "file", true);
        let view =
            reader.choice(&mut table, "view", &[("external", View::External), ("internal", View::Internal)]);
        let kind = reader.choice(&mut table, "kind", &ZoneKind::ALL.map(|kind| (kind.word(), kind)));
        reader.finish(table);
        let view = view.map(|view| view.value).unwrap_or_default();
        let any = || String::from(".");
        holders.push((origin.as_ref().map_or_else(any, |origin| origin.value.clone()), view));
        if let (Some(origin), Some(file)) = (origin, file) {
            zones.push(ZoneEntry {
                origin,
                path: root.join(&file.value),
                file: Declared::new(PathBuf::from(file.value), file.span),
                view,
                kind: kind.map(|kind| kind.value),
            });
        }
    }
    (zones, holders)
}

fn zone_clashes(zones: &[ZoneEntry], findings: &mut Vec<Finding>) {
    let mut origins: BTreeMap<(&str, View), Span> = BTreeMap::new();
    let mut files: BTreeMap<PathBuf, Span> = BTreeMap::new();
    for zone in zones {
        let origin = zone.origin.value.as_str();
        let known = *origins.entry((origin, zone.view)).or_insert(zone.origin.span);
        if known != zone.origin.span {
            let message = format!("zone `{origin}` is declared twice in the {} view", zone.view.word());
            let finding = Finding::new(CONFIG, zone.origin.span, message).labelled("declared again");
            findings.push(finding.related(known, "first declared here"));
        }
        let known = *files.entry(plain(&zone.path)).or_insert(zone.file.span);
        if known != zone.file.span {
            let message = format!("file `{}` belongs to two zones", zone.file.value.display());
            let finding = Finding::new(CONFIG, zone.file.span, message).labelled("named again");
            findings.push(finding.related(known, "first named here"));
        }
    }
}

/// The path without `.` and, where only the words count, without `x/..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
