use super::*;
use crate::config::View;
use crate::edge::coverage::{CoverageZone, coverage};
use crate::edge::simulation::{DeadTargets, Stage, simulate};
use crate::workspace::{Request, load};
use std::collections::BTreeSet;
use std::path::Path;

/// `fixtures/simulate` with these pools down, shown.
fn shown(down: &[&str], width: usize, color: bool) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/simulate/zonewright.toml");
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
    let down: BTreeSet<PoolId> = down.iter().map(|name| deployment.pool_named(name).unwrap()).collect();
    let coverage = coverage(deployment, &zones);
    let stage = |moment, down: &BTreeSet<PoolId>| Stage {
        moment,
        rows: simulate(deployment, &coverage, down, |service| deployment.route(service)),
    };
    let stages = vec![stage(Moment::Before, &BTreeSet::new()), stage(Moment::Down, &down)];
    let simulation = Simulation { down: down.into_iter().collect(), stages };
    let mut out = Vec::new();
    human(&mut out, deployment, &simulation, &Style { color, unicode: false, width }).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn colors_change_no_line() {
    for width in [60, 100] {
        let colored = shown(&["edge1"], width, true);
        assert!(colored.contains("\u{1b}[1;31medge1 down: edge2 answers 50%, nobody 50%"), "{colored}");
        let mut plain = String::new();
        for (place, part) in colored.split('\u{1b}').enumerate() {
            plain.push_str(if place == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(plain, shown(&["edge1"], width, false));
    }
}

#[test]
fn all_pools_lost() {
    let text = shown(&["edge1", "edge2", "edge3"], 200, false);
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  => ")).collect();
    let lost = "lost: no pool that is up offers it, so nothing can be planned";
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert_eq!(lines[0], format!("remote-access, contoso.com: {lost}"));
    assert_eq!(
        lines[2],
        "remote-access, fabrikam.com: clients need no help: www.fabrikam.com (taken to be up) answers, after 2 dead \
         targets (2 addresses)"
    );
    assert_eq!(lines[3], format!("federation, contoso.com: {lost}"));
    assert!(
        lines[5]
            .ends_with("the XMPP route is at edge1; no pool that is up offers it, so nothing can be planned"),
        "{lines:#?}"
    );
    assert!(!text.contains("zonewright plan"), "no plan can be made");
}

#[test]
fn shares_in_words() {
    let table = [
        (1.0, "100%"),
        (0.75, "75%"),
        (2.0 / 3.0, "66.7%"),
        (1.0 / 65_536.0, "under 0.1%"),
        (1.0 - 1.0 / 65_536.0, "over 99.9%"),
        (0.0, "0%"),
    ];
    for (chance, expected) in table {
        assert_eq!(words::percent(chance), expected);
    }
}

#[test]
fn dead_targets_in_words() {
    let of = |least, most, mean, addresses| words::dead(&DeadTargets { least, most, mean, addresses });
    assert_eq!(of(0, 0, 0.0, 0), "");
    assert_eq!(of(1, 1, 1.0, 0), "1 dead target");
    assert_eq!(of(2, 2, 2.0, 1), "2 dead targets (1 address)");
    assert_eq!(of(1, 3, 5.0 / 3.0, 4), "up to 3 dead targets (4 addresses), 1.67 on average");
    assert_eq!(of(0, 1, 0.5, 2), "up to 1 dead target (2 addresses), 0.5 on average");
}
