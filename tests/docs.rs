//! `docs/rules` is made from the rules: a page each, and a table of all. `UPDATE=1 cargo test --test docs`
//! writes it anew.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use zonewright::lint::{self, FixKind, Group};

fn table() -> String {
    let mut text = String::from(
        "# Rules\n\nMade from the rules themselves; `zonewright explain RULE` prints the same pages,\n\
         `zonewright rules --output-format json` the same table. Rules of level info are off unless `--pedantic` or\n\
         `--select` turns them on, those marked opt-in unless `--select` or the configuration does. A rule may take\n\
         a case of its own less seriously than the table says, and its page tells which.\n",
    );
    let groups = Group::ALL.into_iter().filter(|group| lint::rules().any(|rule| rule.group == *group));
    for group in groups {
        let _ = writeln!(
            text,
            "\n## {}\n\n| rule | severity | fix | what it finds |\n|---|---|---|---|",
            group.word()
        );
        for rule in lint::rules().filter(|rule| rule.group == group) {
            let fix = if rule.fix == FixKind::No { "" } else { rule.fix.word() };
            let opt_in = if rule.opt_in { "opt-in, " } else { "" };
            let summary = rule.summary.replace('|', "\\|");
            let _ = writeln!(
                text,
                "| [`{0}`]({0}.md) | {opt_in}{1} | {fix} | {summary} |",
                rule.name,
                rule.severity.word()
            );
        }
    }
    text
}

/// What each file should be.
fn wanted() -> BTreeMap<String, String> {
    let page = |rule: &lint::Rule| {
        let text = format!("{}\n\n---\n\n{} [All rules](README.md)\n", rule.page.trim_end(), rule.facts());
        (format!("{}.md", rule.name), text)
    };
    let mut files: BTreeMap<String, String> = lint::rules().map(page).collect();
    files.insert(String::from("README.md"), table());
    files
}

#[test]
fn the_pages_are_what_the_rules_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let wanted = wanted();
    if std::env::var_os("UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &wanted {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeMap<String, String> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    let names = wanted.keys().chain(found.keys());
    let stale: BTreeSet<_> = names.filter(|name| wanted.get(*name) != found.get(*name)).collect();
    assert!(
        stale.is_empty(),
        "in docs/rules these are stale, missing or left over; run `UPDATE=1 cargo test --test docs`: {stale:?}"
    );
}
