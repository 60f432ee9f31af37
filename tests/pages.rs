//! The examples on the pages of the rules: the zone under "Example" triggers the rule, the one under
//! "Use instead" does not.
//!
//! An example is a part of a zone. Around it stands what it lacks of a whole one: SOA, name servers and
//! the [`HOSTS`] that it leads to, unless it has two of `$TTL`, an SOA record and name servers at
//! the apex. A line of its own says where what follows stands, and is read as such:
//!
//! - `; zone NAME` or `; zone NAME, internal`: in that zone, else in `example.com`;
//! - `; file NAME`: in a file of that name, which the zone may include;
//! - `; before` and `; now`: in the zone as it was, and as it is. What "Use instead" does not say of
//!   before is as the example has it.
//!
//! A ```` ```toml ```` block is configuration. Without one, and without `; zone`, the configuration and the
//! other zones in the folder of the rule in `fixtures/rules` hold, with the example for `trigger.zone`.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright::diagnostic::{Finding, Severity};
use zonewright::lint::{Levels, Rule, lint_since, rules};
use zonewright::workspace::{Base, Request, load};

/// Rules whose example is no zone, and why.
const NO_ZONE: &[(&str, &str)] = &[
    ("duplicate-zone", "it is about the names of files"),
    ("orphan-zone-file", "it is about files that the configuration does not list"),
    ("unused-include", "it is about files that no zone includes"),
];

/// Rules whose page has no zone to use instead, and why.
const NOTHING_INSTEAD: &[(&str, &str)] =
    &[("format-only-change", "nothing is wrong: it is a note for the reviewer")];

/// Hosts that examples lead to, unless an example of the page has records for them.
const HOSTS: &[(&str, &str)] = &[
    ("sip1", "192.0.2.10"),
    ("sip2", "198.51.100.10"),
    ("xmpp1", "192.0.2.10"),
    ("xmpp2", "198.51.100.10"),
    ("mail", "192.0.2.25"),
    ("mx1", "192.0.2.26"),
    ("mx2", "198.51.100.26"),
    ("www", "192.0.2.80"),
    ("printer", "192.0.2.31"),
    ("game1", "192.0.2.32"),
];

/// The origin of an example that does not name its zone.
const ORIGIN: &str = "example.com";

/// Which zone: its apex, and whether it is that of the internal view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    origin: String,
    internal: bool,
}

/// What an example says of one point in time.
#[derive(Clone, Debug, Default)]
struct Files {
    zones: BTreeMap<Place, String>,
    included: BTreeMap<String, String>,
}

/// The examples of one section of a page.
#[derive(Clone, Debug, Default)]
struct Example {
    now: Files,
    before: Files,
    config: String,
    /// Whether zones are named.
    named: bool,
}

/// The fenced blocks below a heading: language and text.
fn blocks<'p>(page: &'p str, heading: &str) -> Vec<(&'p str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut fenced = false;
    let mut here = false;
    for line in page.lines() {
        if let Some(language) = line.strip_prefix("```") {
            fenced = !fenced;
            if fenced && here {
                found.push((language, String::new()));
            }
        } else if fenced {
            if here && let Some((_, text)) = found.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            here = title == heading;
        }
    }
    found
}

fn example(page: &str, heading: &str) -> Option<Example> {
    let mut example = Example::default();
    let mut zones = 0;
    for (language, text) in blocks(page, heading) {
        match language {
            "zone" => {
                zones += 1;
                read(&text, &mut example);
            }
            "toml" => example.config.push_str(&text),
            _ => {}
        }
    }
    (zones > 0).then_some(example)
}

fn read(text: &str, example: &mut Example) {
    let mut before = false;
    let mut place = Place { origin: ORIGIN.to_owned(), internal: false };
    let mut file = None;
    for line in text.lines() {
        if line == "; before" || line == "; now" {
            before = line == "; before";
            file = None;
            continue;
        } else if let Some(name) = line.strip_prefix("; zone ") {
            let (origin, view) = name.split_once(", ").unwrap_or((name, ""));
            place = Place { origin: origin.to_owned(), internal: view == "internal" };
            example.named = true;
            file = None;
            continue;
        } else if let Some(name) = line.strip_prefix("; file ") {
            file = Some(name.to_owned());
            continue;
        }
        let files = if before { &mut example.before } else { &mut example.now };
        let text = match &file {
            Some(name) => files.included.entry(name.clone()).or_default(),
            None => files.zones.entry(place.clone()).or_default(),
        };
        text.push_str(line);
        text.push('\n');
    }
}

/// The words of a line before its comment.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(';').next().unwrap_or_default().split_whitespace()
}

/// What stands at the beginning of lines.
fn owners(text: &str) -> BTreeSet<&str> {
    let starts = |line: &&str| !line.starts_with([' ', '\t', ';', '$']);
    text.lines().filter(starts).filter_map(|line| words(line).next()).collect()
}

fn has_at_apex(text: &str, rtype: &str, origin: &str) -> bool {
    let is_apex = |owner: &str| owner == "@" || owner.strip_suffix('.') == Some(origin);
    text.lines().any(|line| {
        let mut words = words(line);
        let is_field = |word: &&str| *word != "IN" && !word.starts_with(|first: char| first.is_ascii_digit());
        words.next().is_some_and(is_apex) && words.find(is_field) == Some(rtype)
    })
}

/// An example with what it lacks of a whole zone; `taken` are the names that any example of the page has.
fn whole(text: &str, origin: &str, serial: u32, taken: &BTreeSet<&str>) -> String {
    let (soa, servers) = (has_at_apex(text, "SOA", origin), has_at_apex(text, "NS", origin));
    let has_ttl = text.lines().any(|line| line.starts_with("$TTL "));
    if has_ttl && (soa || servers) || soa && servers {
        return text.to_owned();
    }
    // What stands first in a file stays there.
    let is_first = |line: &&str| line.starts_with(";  Database file ") || line.starts_with("$TTL ");
    let first: String = text.split_inclusive('\n').take_while(is_first).collect();
    let text = text.strip_prefix(&first).unwrap();
    let mut head = String::from(if first.contains("$TTL ") { "" } else { "$TTL 3600\n" });
    let mut rest = String::new();
    // Zones below example.com and those of addresses are served by the servers of example.com.
    let has_servers = !origin.ends_with(".example.com") && !origin.ends_with(".arpa");
    let above = if has_servers { origin } else { ORIGIN };
    if !soa {
        let timers = "14400 3600 1209600 3600";
        writeln!(head, "@ SOA ns1.{above}. hostmaster.{above}. {serial} {timers}").unwrap();
    }
    if !servers {
        writeln!(rest, "@ NS ns1.{above}.\n@ NS ns2.{above}.").unwrap();
    }
    let addresses =
        if origin == ORIGIN { ["192.0.2.1", "198.51.100.2"] } else { ["198.18.0.1", "198.19.0.2"] };
    for (name, address) in ["ns1", "ns2"].into_iter().zip(addresses) {
        if has_servers && !owners(text).contains(name) {
            writeln!(rest, "{name} A {address}").unwrap();
        }
    }
    if origin == "2.0.192.in-addr.arpa" && !owners(text).contains("1") {
        rest.push_str("1 PTR ns1.example.com.\n");
    }
    if origin == ORIGIN {
        let is_named = |name: &str| text.lines().any(|line| words(line).skip(1).any(|word| word == name));
        for (name, address) in HOSTS.iter().filter(|(name, _)| is_named(name) && !taken.contains(name)) {
            writeln!(rest, "{name} A {address}").unwrap();
        }
    }
    if soa { format!("{first}{head}{text}{rest}") } else { format!("{first}{head}{rest}{text}") }
}

/// The octets that a page shows by other characters, as the page says.
fn octets(rule: &str, text: &str, is_bad: bool) -> Vec<u8> {
    let mut octets = match rule {
        "byte-order-mark" => text.replace("<EF BB BF>", "\u{feff}"),
        "control-character" => text.replace("^L", "\x0c").replace("^@", "\0"),
        "crlf-line-endings" if is_bad => text.replace('\n', "\r\n"),
        "missing-final-newline" if is_bad => text.trim_end().to_owned(),
        _ => text.to_owned(),
    }
    .into_bytes();
    if rule == "byte-order-mark" && is_bad {
        let at = octets.windows(3).position(|three| three == [0xef, 0xbb, 0xbf]).unwrap();
        octets.drain(..at);
    }
    octets
}

/// What the examples of a page stand in.
struct Page<'p> {
    rule: &'p Rule,
    bad: Example,
    good: Option<Example>,
}

impl Page<'_> {
    fn taken(&self) -> BTreeSet<&str> {
        let examples = [Some(&self.bad), self.good.as_ref()];
        let times = examples.into_iter().flatten().flat_map(|example| [&example.now, &example.before]);
        let texts = times.flat_map(|files| files.zones.values());
        texts.flat_map(|text| owners(text)).collect()
    }

    fn fixture(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules").join(self.rule.name.0)
    }

    /// The findings of the rule in one of the examples.
    fn findings(&self, example: &Example) -> Result<Vec<Finding>, String> {
        let is_bad = std::ptr::eq(example, &raw const self.bad);
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let taken = self.taken();
        let mut config = example.config.clone();
        let fixture = self.fixture();
        let declared = std::fs::read_to_string(fixture.join("zonewright.toml"));
        let by_fixture = !example.named && declared.is_ok();
        let mut names: BTreeMap<Place, (String, String)> = BTreeMap::new();
        if by_fixture {
            let declared = declared.unwrap();
            copy(&fixture, &folder);
            let before = declared.split("file = \"trigger.zone\"").next().unwrap();
            let origin = before.rsplit("origin = \"").next().unwrap().split('"').next().unwrap();
            config.insert_str(0, &declared);
            let place = Place { origin: ORIGIN.to_owned(), internal: false };
            names.insert(place, (String::from("trigger.zone"), origin.to_owned()));
        } else {
            for place in example.now.zones.keys().chain(example.before.zones.keys()) {
                let view = if place.internal { "internal" } else { "external" };
                let file = format!("{}{}.zone", if place.internal { "internal." } else { "" }, place.origin);
                if names.insert(place.clone(), (file.clone(), place.origin.clone())).is_none() {
                    let origin = &place.origin;
                    write!(
                        config,
                        "\n[[zone]]\norigin = \"{origin}\"\nfile = \"{file}\"\nview = \"{view}\"\n"
                    )
                    .unwrap();
                }
            }
        }
        let write = |files: &Files, serial: u32| -> BTreeMap<PathBuf, Vec<u8>> {
            let zones = files.zones.iter().map(|(place, text)| {
                let (file, origin) = &names[place];
                (folder.join(file), octets(self.rule.name.0, &whole(text, origin, serial, &taken), is_bad))
            });
            let included = files.included.iter();
            zones.chain(included.map(|(name, text)| (folder.join(name), text.clone().into_bytes()))).collect()
        };
        for (path, octets) in write(&example.now, 2026010102) {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, octets).unwrap();
        }
        std::fs::write(folder.join("zonewright.toml"), config).unwrap();
        let request = Request { config: Some(folder.join("zonewright.toml")), ..Request::default() };
        let mut loaded = load(&request).map_err(|error| error.to_string())?;
        let earlier = if example.before.zones.is_empty() && example.before.included.is_empty() {
            &self.bad.before
        } else {
            &example.before
        };
        let before = write(earlier, 2026010101);
        let base = (!before.is_empty()).then(|| Base::between(loaded.with_changes(&before), &loaded));
        let mut levels = Levels::new();
        let asked =
            rules().filter(|rule| !rule.opt_in || rule.name == self.rule.name).map(|rule| rule.name.0);
        levels.select(asked).unwrap();
        let parsed = loaded.take_findings();
        let removed = base.as_ref().map(Base::removed).unwrap_or_default();
        let contexts = loaded.contexts_since(base.as_ref());
        Ok(lint_since(&contexts, parsed, loaded.deployment(), &removed, &levels).findings)
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("trigger.zone") || path.ends_with("near-miss.zone") {
            continue;
        }
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

fn shown(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("    {}: {}\n", finding.rule, finding.message)).collect()
}

#[test]
fn bad_examples_trigger_their_rule_and_good_ones_do_not() {
    let mut wrong = String::new();
    let (mut without_bad, mut without_good) = (Vec::new(), Vec::new());
    for rule in rules() {
        let Some(bad) = example(rule.page, "Example") else {
            without_bad.push(rule.name.0);
            continue;
        };
        let page = Page { rule, bad, good: example(rule.page, "Use instead") };
        match page.findings(&page.bad) {
            Ok(found) if found.iter().any(|finding| finding.rule == rule.name) => {}
            Ok(found) => {
                writeln!(wrong, "  {}: the example does not trigger it\n{}", rule.name, shown(&found))
                    .unwrap();
            }
            Err(error) => writeln!(wrong, "  {}: the example: {error}", rule.name).unwrap(),
        }
        let Some(good) = &page.good else {
            without_good.push(rule.name.0);
            continue;
        };
        match page.findings(good) {
            Ok(found) if found.iter().any(|finding| finding.rule == rule.name) => {
                writeln!(wrong, "  {}: what to use instead triggers it\n{}", rule.name, shown(&found))
                    .unwrap();
            }
            Ok(found) => {
                let bad: Vec<_> =
                    found.into_iter().filter(|finding| finding.severity > Severity::Info).collect();
                if !bad.is_empty() {
                    writeln!(wrong, "  {}: what to use instead is no clean zone\n{}", rule.name, shown(&bad))
                        .unwrap();
                }
            }
            Err(error) => writeln!(wrong, "  {}: what to use instead: {error}", rule.name).unwrap(),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let names = |list: &[(&'static str, &str)]| list.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(
        without_bad,
        names(NO_ZONE),
        "without a zone under Example, and not listed in NO_ZONE, or too much there"
    );
    assert_eq!(
        without_good,
        names(NOTHING_INSTEAD),
        "without a zone under Use instead, or too much in the list"
    );
}

#[test]
fn every_page_belongs_to_a_rule() {
    let groups = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint");
    let mut pages = BTreeSet::new();
    for group in
        std::fs::read_dir(groups).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for page in std::fs::read_dir(group).unwrap().map(|entry| entry.unwrap().path()) {
            if page.extension().is_some_and(|end| end == "md") {
                pages.insert(page.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let known: BTreeSet<String> = rules().map(|rule| rule.name.0.to_owned()).collect();
    assert_eq!(pages.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}
