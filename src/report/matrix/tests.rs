use super::*;
use crate::config::View;
use crate::edge::coverage::{CoverageZone, coverage};
use crate::report::sanitize;
use crate::workspace::{Request, load};
use serde_json::Value;
use std::path::Path;

/// The four pools of `fixtures/matrix/faults`, shown.
fn shown(show: impl Fn(&mut Vec<u8>, &Sources, &Deployment, &Coverage)) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/matrix/faults/zonewright.toml");
    let loaded = load(&Request { config: Some(path), ..Request::default() }).unwrap();
    let contexts = loaded.contexts();
    let zones: Vec<CoverageZone<'_>> = contexts
        .iter()
        .map(|context| CoverageZone {
            zone: context.zone,
            external: context.view == View::External,
            services: &context.services,
        })
        .collect();
    let deployment = loaded.deployment().unwrap();
    let mut out = Vec::new();
    show(&mut out, &loaded.sources, deployment, &coverage(deployment, &zones));
    String::from_utf8(out).unwrap()
}

fn page(width: usize, color: bool) -> String {
    let style = Style { color, unicode: false, width };
    shown(|out, sources, deployment, coverage| human(out, sources, deployment, coverage, &style).unwrap())
}

fn without_codes(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[test]
fn colors_change_no_column() {
    for width in [60, 80, 140] {
        let (plain, colored) = (page(width, false), page(width, true));
        assert!(colored.contains("\u{1b}[32mok\u{1b}[0m"), "{colored}");
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(without_codes(&colored), plain);
    }
}

#[test]
fn a_layout_is_taken_when_it_fits() {
    let header = "edge1 (paris)   edge2 (lyon)    edge3 (nice)    edge4 (lille)";
    assert!(page(80, false).contains(header));
    let stacked = page(70, false);
    let at = stacked.find("fabrikam.com\n").unwrap();
    let lines: Vec<&str> = stacked[at..].lines().skip(1).take(4).collect();
    assert_eq!(
        lines,
        [
            "                 edge1        edge2        edge3        edge4",
            "                 (paris)      (lyon)       (nice)       (lille)",
            "  Remote access  ok           ok           ok           ok",
            "                 10 sip1:443  20 sip2:443  30 sip3:443  40 sip4:443",
        ]
    );
}

#[test]
fn no_table_is_wider_than_asked() {
    for width in [66, 80, 118, 140] {
        let text = page(width, false);
        for line in text.lines().filter(|line| !line.contains(".zone:")) {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn every_field_of_the_contract() {
    let text = shown(|out, sources, deployment, coverage| json(out, sources, deployment, coverage).unwrap());
    let value: Value = serde_json::from_str(&text).unwrap();
    let cell = &value["sip_domains"][0]["services"][0]["cells"][2];
    assert_eq!(cell["pool"], "edge3");
    assert_eq!(
        cell["states"],
        serde_json::json!([
            { "state": "stale-address", "missing": ["192.0.2.31"], "extra": ["192.0.2.39"] },
            { "state": "priority-clash", "with": ["edge4"] },
        ])
    );
    assert_eq!((&cell["priority"], &cell["port"], &cell["line"]), (&30.into(), &443.into(), &11.into()));
    assert_eq!(cell["target"], "sip3.contoso.com");
    assert!(cell["file"].as_str().unwrap().ends_with("contoso.com.zone"));
    let federation = &value["sip_domains"][0]["services"][1];
    assert_eq!(federation["extra_targets"][0]["target"], "www.contoso.com");
    assert_eq!(federation["cells"][2]["target"], Value::Null);
    assert_eq!(value["sip_domains"][1]["services"][1]["state"], "off");
    let pair = value["losses"].as_array().unwrap().iter().find(|loss| loss["down"][1] == "edge2").unwrap();
    let services = pair["services"].as_array().unwrap();
    let outcomes: Vec<&str> = services.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["fails-over", "needs-plan", "lost", "fails-over"]);
    assert_eq!(services[1]["reason"]["reason"], "lowest-priority");
    // Of 10 sets four have edge1, which all callers ask first; with edge2 goes the last XMPP proxy.
    assert_eq!(
        value["loss_counts"],
        serde_json::json!([
            { "sip_domain": "contoso.com", "service": "remote-access",
              "sets": 10, "unchanged": 6, "fails_over": 4, "needs_plan": 0, "lost": 0 },
            { "sip_domain": "contoso.com", "service": "federation",
              "sets": 10, "unchanged": 6, "fails_over": 0, "needs_plan": 4, "lost": 0 },
            { "sip_domain": "contoso.com", "service": "xmpp",
              "sets": 10, "unchanged": 6, "fails_over": 0, "needs_plan": 3, "lost": 1 },
            { "sip_domain": "fabrikam.com", "service": "remote-access",
              "sets": 10, "unchanged": 6, "fails_over": 4, "needs_plan": 0, "lost": 0 },
        ])
    );
}

#[test]
fn every_set_of_lost_pools_has_its_line_or_is_counted() {
    let lines = |width| {
        let text = page(width, false);
        let table = text.split_once("Every set of up to 2 lost pools").unwrap().1.to_owned();
        table.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let wide = lines(80);
    assert_eq!(wide[4], "    edge1, edge2  edge3 or edge4  needs a plan  lost");
    let narrow = lines(50);
    let at = narrow.iter().position(|line| line == "    edge1, edge2").unwrap();
    assert_eq!(narrow[at + 3], "      XMPP           lost");
    for lines in [wide, narrow] {
        let others = lines.iter().filter(|line| *line == "    6 other sets change nothing");
        assert_eq!(others.count(), 2, "{lines:#?}");
        let sets = lines.iter().filter(|line| line.starts_with("    edge"));
        assert_eq!(sets.count(), 8, "{lines:#?}");
    }
}

#[test]
fn hidden_characters_are_escaped() {
    assert_eq!(sanitize::json("\"a\u{202e}b\"\n"), "\"a\\u202eb\"\n");
}
