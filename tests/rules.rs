//! The rules against the zones of `fixtures/rules`: each rule finds what its `trigger.zone` says it
//! finds, and nothing in its `near-miss.zone`.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright::diagnostic::{Edit, Finding, Fix, Severity};
use zonewright::edit::apply;
use zonewright::lint::{FixKind, Group, Levels, lint_since, rule, rules};
use zonewright::text::Sources;
use zonewright::workspace::{Base, Loaded, Request, load};

/// File, line, column and text of a finding.
type Place = (String, u64, u64, String);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules")
}

fn folders() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    assert!(found.len() > 50, "the fixtures are there");
    found
}

/// Octets as `; expect:` lines write them.
fn escaped(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'"' | b'\\' => text.extend(['\\', char::from(*octet)]),
            0x20..=0x7e => text.push(char::from(*octet)),
            _ => write!(text, "\\{octet:03}").unwrap(),
        }
    }
    text
}

/// What the zone says should be found: `; expect: RULE LINE:COLUMN "TEXT"`.
fn expected(name: &str, zone: &Path) -> Vec<Place> {
    let file = zone.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = std::fs::read(zone).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.split('\n').filter_map(|line| line.trim_end_matches('\r').strip_prefix("; expect: "));
    lines
        .map(|line| {
            let (rule, rest) = line.split_once(' ').unwrap();
            assert_eq!(rule, name, "{file} expects its own rule only");
            let (place, text) = rest.split_once(' ').unwrap();
            let (line, column) = place.split_once(':').unwrap();
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
            (file.clone(), line.parse().unwrap(), column.parse().unwrap(), text.to_owned())
        })
        .collect()
}

fn place(sources: &Sources, finding: &Finding) -> Place {
    let span = sources.visible(finding.span);
    let source = sources.get(span.file);
    let position = source.position(span.start);
    let file = source.name().rsplit('/').next().unwrap_or_default().to_owned();
    (file, position.line, position.column, escaped(&sources.bytes(span)))
}

/// Every finding about the zone of a folder, held against its base if it has one: of all rules but
/// those to be opted in to, of which only the folder's own runs.
fn run(folder: &Path, zone: &str) -> Vec<(Finding, Place)> {
    checked(folder, zone).1
}

/// The zones of a folder, and what [`run`] tells of them.
fn checked(folder: &Path, zone: &str) -> (Loaded, Vec<(Finding, Place)>) {
    let request = request(folder, zone);
    let mut loaded = load(&request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
    let base = base(folder, zone, &loaded);
    let mut levels = Levels::new();
    let own = folder.file_name().unwrap().to_string_lossy();
    let asked = rules().filter(|rule| !rule.opt_in || rule.name.0 == own).map(|rule| rule.name.0);
    levels.select(asked).unwrap();
    let parsed = loaded.take_findings();
    let removed = base.as_ref().map(Base::removed).unwrap_or_default();
    let contexts = loaded.contexts_since(base.as_ref());
    let report = lint_since(&contexts, parsed, loaded.deployment(), &removed, &levels);
    let placed = |finding: Finding| (place(&loaded.sources, &finding), finding);
    let found = report.findings.into_iter().map(placed).map(swap).collect();
    drop(contexts);
    (loaded, found)
}

/// What the zones of a folder were before: `base.toml` declares them all; else `base.zone` is what the
/// zone was, and `base-NAME.zone` is what `NAME.zone` was. A near miss may have a `near-miss-base.toml`
/// or a `near-miss-base.zone` of its own.
fn base(folder: &Path, zone: &str, loaded: &Loaded) -> Option<Base> {
    let of_this = |name: &str| {
        let own = folder.join(format!("near-miss-{name}"));
        if zone == "near-miss.zone" && own.exists() { own } else { folder.join(name) }
    };
    let config = of_this("base.toml");
    if config.exists() {
        let request = Request { config: Some(config), ..Request::default() };
        let before = load(&request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        return Some(Base::between(before, loaded));
    }
    let folder = folder.canonicalize().unwrap();
    let mut before = BTreeMap::new();
    if let Ok(octets) = std::fs::read(of_this("base.zone")) {
        before.insert(folder.join(zone), octets);
    }
    before.extend(base_files(&folder));
    (!before.is_empty()).then(|| Base::between(loaded.with_changes(&before), loaded))
}

/// The files of which the folder has a `base-NAME`, and what that holds.
fn base_files(folder: &Path) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    std::fs::read_dir(folder).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        let now = path.with_file_name(path.file_name()?.to_str()?.strip_prefix("base-")?);
        Some((now, std::fs::read(path).unwrap()))
    })
}

fn swap<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
}

/// The zone of a folder, as its configuration declares it, or alone, or with those whose names begin
/// as its own does.
fn request(folder: &Path, zone: &str) -> Request {
    let config = folder.join("zonewright.toml");
    if config.exists() {
        return Request { config: Some(config), ..Request::default() };
    }
    let own = zone.strip_suffix("zone").unwrap();
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut paths: Vec<PathBuf> =
        names.filter(|name| name.to_str().unwrap().starts_with(own)).map(|name| folder.join(name)).collect();
    paths.sort();
    let origin = (paths.len() == 1).then(|| String::from("example.com"));
    Request { paths, origin, ..Request::default() }
}

/// The folder again without the trigger, and with the near misses where its configuration names triggers: `near-miss.zone`
/// for `trigger.zone`, and `near-miss-NAME.zone` for any other zone that has one.
fn near_miss_folder(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let others: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix("near-miss-")).collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("trigger.zone") {
            continue;
        }
        let to = copy.path().join(path.file_name().unwrap());
        if path.ends_with("zonewright.toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("trigger.zone", "near-miss.zone");
            let near_miss = |text: String, name: &&str| text.replace(*name, &format!("near-miss-{name}"));
            std::fs::write(to, others.iter().fold(text, near_miss)).unwrap();
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
    copy
}

fn shown((finding, (file, line, column, text)): &(Finding, Place)) -> String {
    format!("    {} {file} {line}:{column} \"{text}\": {}\n", finding.rule, finding.message)
}

/// What is wrong with a trigger; empty when nothing is.
fn trigger(name: &str, folder: &Path) -> String {
    let group = rule(name).map(|rule| rule.group);
    let found = run(folder, "trigger.zone");
    let mut expected = expected(name, &folder.join("trigger.zone"));
    let mut own: Vec<Place> =
        found.iter().filter(|(finding, _)| finding.rule.0 == name).map(|(_, place)| place.clone()).collect();
    expected.sort();
    own.sort();
    let mut wrong = String::new();
    if expected.is_empty() || own != expected {
        writeln!(wrong, "  {name}/trigger.zone: expected {expected:?}\n    found {own:?}").unwrap();
    }
    let srv_info = rule(name).is_some_and(|rule| rule.severity == Severity::Info && rule.group == Group::Srv);
    let stranger = |finding: &Finding| {
        let same_group = rule(finding.rule.0).map(|rule| rule.group) == group;
        finding.rule.0 != name && (finding.severity > Severity::Info || srv_info && same_group)
    };
    let others: String = found.iter().filter(|(finding, _)| stranger(finding)).map(shown).collect();
    if !others.is_empty() {
        writeln!(wrong, "  {name}/trigger.zone: findings of other rules\n{others}").unwrap();
    }
    wrong
}

/// What is wrong with a near miss; empty when nothing is.
fn near_miss(name: &str, folder: &Path) -> String {
    let found = if folder.join("zonewright.toml").exists() {
        let copy = near_miss_folder(folder);
        run(copy.path(), "near-miss.zone")
    } else {
        run(folder, "near-miss.zone")
    };
    let unwanted = |finding: &Finding| finding.rule.0 == name || finding.severity > Severity::Info;
    let others: String = found.iter().filter(|(finding, _)| unwanted(finding)).map(shown).collect();
    if others.is_empty() { others } else { format!("  {name}/near-miss.zone:\n{others}") }
}

#[test]
fn rules_find_their_triggers_and_let_near_misses_pass() {
    let mut wrong = String::new();
    for (name, folder) in folders() {
        wrong.push_str(&trigger(&name, &folder));
        wrong.push_str(&near_miss(&name, &folder));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_rule_has_its_zones_and_every_folder_its_rule() {
    let with_zones: BTreeSet<String> = folders()
        .into_iter()
        .filter(|(_, folder)| folder.join("trigger.zone").exists() && folder.join("near-miss.zone").exists())
        .map(|(name, _)| name)
        .collect();
    let folders: BTreeSet<String> = folders().into_iter().map(|(name, _)| name).collect();
    let known: BTreeSet<String> = rules().map(|rule| rule.name.0.to_owned()).collect();
    assert_eq!(known.difference(&with_zones).collect::<Vec<_>>(), Vec::<&String>::new(), "without zones");
    assert_eq!(folders.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "without a rule");
}

#[test]
fn every_page_begins_with_the_name_of_its_rule() {
    for rule in rules() {
        assert_eq!(rule.page.lines().next(), Some(&*format!("# {}", rule.name)));
    }
}

#[test]
fn rules_are_sorted_within_their_group_and_named_once() {
    let all: Vec<_> = rules().collect();
    assert!(all.windows(2).all(|pair| {
        let [one, other] = pair else { return false };
        (one.group, one.name.0) < (other.group, other.name.0)
    }));
    let names: BTreeSet<_> = all.iter().map(|rule| rule.name.0).collect();
    assert_eq!(names.len(), all.len());
}

/// The names of rules in a source file of the parser.
fn rule_names(text: &str) -> Vec<&str> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for marker in ["RuleName(\"", "NameError::new(\"", "self.error(\"", "FieldError::at("] {
        for (at, _) in text.match_indices(marker) {
            let after = &text[at + marker.len()..];
            let literal =
                if marker.ends_with('"') { after.split('"').next() } else { after.split('"').nth(1) };
            let is_name =
                |name: &&str| name.bytes().all(|octet| octet.is_ascii_lowercase() || b"-46".contains(&octet));
            found.extend(literal.filter(is_name));
        }
    }
    found
}

fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_parser_reports_rules_of_the_table_only() {
    let mut files = Vec::new();
    sources_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/zonefile"), &mut files);
    let mut seen = BTreeSet::new();
    for file in files {
        for name in rule_names(&std::fs::read_to_string(&file).unwrap()) {
            assert!(rule(name).is_some(), "`{name}` in {} is no rule", file.display());
            seen.insert(name.to_owned());
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}

/// A copy of a folder in which the edits of a fix are carried out.
fn fixed_folder(folder: &Path, loaded: &Loaded, fix: &Fix) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut by_file: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        let source = loaded.sources.get(edit.span.file);
        let name = source.path().unwrap().strip_prefix(folder.canonicalize().unwrap()).unwrap();
        by_file.entry(name.to_owned()).or_default().push(edit.clone());
    }
    for (name, edits) in by_file {
        let old = std::fs::read(folder.join(&name)).unwrap();
        std::fs::write(copy.path().join(&name), apply(&old, &edits).unwrap()).unwrap();
    }
    if base_files(copy.path()).next().is_some() && !copy.path().join("base.zone").exists() {
        std::fs::copy(folder.join("trigger.zone"), copy.path().join("base.zone")).unwrap();
    }
    copy
}

/// Rules that give a fix in other cases than that of their trigger.
const NO_FIX_IN_TRIGGER: [&str; 4] = ["missing-rdata", "ns-target-cname", "out-of-zone-data", "syntax-error"];

/// A fix takes its finding away, brings none that was not there, and says what kind it is. A rule whose
/// row has fixes gives one in its trigger, with few exceptions.
#[test]
fn fixes_of_triggers_take_the_finding_away() {
    let mut wrong = String::new();
    let mut fixed = 0;
    for (name, folder) in folders() {
        let (loaded, before) = checked(&folder, "trigger.zone");
        let own: Vec<_> = before.iter().filter(|(finding, _)| finding.rule.0 == name).collect();
        let kind = rule(&name).map_or(FixKind::No, |rule| rule.fix);
        let has_none = kind == FixKind::No || NO_FIX_IN_TRIGGER.contains(&&*name);
        if has_none != own.iter().all(|(finding, _)| finding.fix.is_none()) {
            writeln!(wrong, "  {name}: the table says of fixes {kind:?}").unwrap();
        }
        for (finding, (_, line, column, _)) in own {
            let Some(fix) = &finding.fix else { continue };
            fixed += 1;
            let copy = fixed_folder(&folder, &loaded, fix);
            let after = run(copy.path(), "trigger.zone");
            let count = |found: &[(Finding, Place)], wanted: &str| {
                found.iter().filter(|(finding, _)| finding.rule.0 == wanted).count()
            };
            let stays = count(&after, &name) >= count(&before, &name);
            // What a comment allowed may be gone with the finding.
            let new = after.iter().filter(|(finding, _)| {
                finding.severity > Severity::Info
                    && finding.rule.0 != "unused-allow"
                    && count(&before, finding.rule.0) == 0
            });
            let new: String = new.map(shown).collect();
            if stays || !new.is_empty() {
                writeln!(wrong, "  {name} {line}:{column}: stays: {stays}\n{new}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(fixed > 100, "{fixed} fixes");
}
