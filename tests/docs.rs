//! `docs/rules.md` is made from the rules; `UPDATE=1 cargo test --test docs` rewrites it.

use std::fmt::Write as _;
use std::path::Path;
use zonewright::lint::{self, FixKind, Group};

/// A page one level deeper, so that it can stand among others.
fn deeper(page: &str) -> String {
    let mut fenced = false;
    let mut text = String::new();
    for line in page.trim_end().lines() {
        fenced ^= line.starts_with("```");
        let head = line.starts_with('#') && !fenced;
        let _ = writeln!(text, "{}{line}", if head { "##" } else { "" });
    }
    text
}

fn rules_page() -> String {
    let mut text = String::from(
        "# Rules\n\nMade from the rules themselves; `zonewright explain RULE` prints the same. Rules of level info are\n\
         off unless `--pedantic` or `--select` turns them on, those marked opt-in unless `--select` or the configuration\n\
         does.\n",
    );
    let has_rules = |group: &Group| lint::rules().any(|rule| rule.group == *group);
    for group in Group::ALL.into_iter().filter(has_rules) {
        let _ = writeln!(
            text,
            "\n## {}\n\n| rule | severity | fix | what it finds |\n|---|---|---|---|",
            group.word()
        );
        for rule in lint::rules().filter(|rule| rule.group == group) {
            let fix = match rule.fix {
                FixKind::No => "",
                FixKind::Safe => "safe",
                FixKind::Unsafe => "unsafe",
            };
            let severity = if rule.opt_in { "opt-in, " } else { "" };
            let summary = rule.summary.replace('|', "\\|");
            let _ = writeln!(
                text,
                "| [`{0}`](#{0}) | {severity}{1} | {fix} | {summary} |",
                rule.name,
                rule.severity.word()
            );
        }
    }
    for group in Group::ALL {
        for rule in lint::rules().filter(|rule| rule.group == group) {
            let _ = write!(text, "\n{}", deeper(rule.page));
            let _ = writeln!(
                text,
                "\nGroup `{}`, severity {}, source: {}, since {}.",
                group.word(),
                rule.severity.word(),
                rule.source,
                rule.since
            );
        }
    }
    text
}

#[test]
fn the_page_of_rules_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let wanted = rules_page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "docs/rules.md is stale: run `UPDATE=1 cargo test --test docs`");
}
