//! A move in stages: how TTLs are written in every layout, what `git apply` makes of the stages and of
//! their ways back, and when each may be published.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use zonewright::plan::stages::{Purpose, Stage, Staged, staged};
use zonewright::plan::timing::Assumptions;
use zonewright::plan::{Goal, Request};
use zonewright::workspace::{self, Loaded};

const TOML: &str = r#"
[policy]
switch_ttl = "5m"
steady_ttl = "1h"
[[sip_domain]]
name = "a.test"
[[zone]]
origin = "a.test"
file = "a.test.zone"
[[site]]
id = "s"
[[edge_pool]]
id = "p1"
site = "s"
internal_fqdn = "p1.internal.test"
access = "sip1.a.test"
services = ["remote-access"]
priority = 10
[[edge_pool.server]]
name = "p1a"
access = ["192.0.2.1"]
[[edge_pool]]
id = "p2"
site = "s"
internal_fqdn = "p2.internal.test"
access = "sip2.a.test"
services = ["remote-access"]
priority = 20
[[edge_pool.server]]
name = "p2a"
access = ["192.0.2.2"]
"#;

const SOA: &str = "@ 3600 IN SOA ns1 host 7 4h 1h 2w 5m\n@ 3600 IN NS ns1\nns1 3600 IN A 192.0.2.53\n";
const HOSTS: &str = "sip1 3600 IN A 192.0.2.1\nsip2 3600 IN A 192.0.2.2\n";

/// A folder with the deployment and its only zone.
fn folder(zone: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zonewright.toml"), TOML).unwrap();
    std::fs::write(folder.path().join("a.test.zone"), zone).unwrap();
    folder
}

fn load(folder: &Path) -> Loaded {
    let config = Some(folder.join("zonewright.toml"));
    let request = workspace::Request { config, ..workspace::Request::default() };
    workspace::load(&request).unwrap_or_else(|error| panic!("{error}"))
}

/// Failover of the first pool.
fn failover(loaded: &Loaded, assumptions: &Assumptions, at: Option<&str>) -> Staged {
    let down = BTreeSet::from([loaded.deployment().unwrap().pool_named("p1").unwrap()]);
    plan(loaded, Goal::Failover { down, to: None }, assumptions, at)
}

fn plan(loaded: &Loaded, goal: Goal, assumptions: &Assumptions, at: Option<&str>) -> Staged {
    let request = Request { goal, services: BTreeSet::new(), now: "2026-11-21T00:00:00Z".parse().unwrap() };
    let at = at.map(|at| at.parse::<jiff::Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC));
    staged(loaded, &request, assumptions, at.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

/// The text of the only zone after each stage.
fn texts(zone: &str) -> Vec<(Purpose, String)> {
    let folder = folder(zone);
    let staged = failover(&load(folder.path()), &Assumptions::default(), None);
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    staged.stages.iter().map(|stage| (stage.purpose, text(&stage.plan.files[0].new))).collect()
}

/// The lines of a text that hold a word.
fn lines<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    text.split_inclusive('\n').filter(|line| line.contains(word)).collect()
}

#[test]
fn ttls_are_lowered_where_they_stand_in_every_layout() {
    for (default, records, low, after) in [
        // Written out: only the number changes, and what follows keeps its column.
        (
            "$TTL 1d\n",
            "_sip._tls  7200 IN  SRV 10 0 443 sip1 ; SRV first\n           7200 IN  SRV 20 0 443 sip2\n",
            "_sip._tls  300  IN  SRV 10 0 443 sip1 ; SRV first\n           300  IN  SRV 20 0 443 sip2\n",
            "_sip._tls  7200 IN  SRV 30 0 443 sip1 ; SRV first\n           7200 IN  SRV 20 0 443 sip2\n",
        ),
        // From `$TTL`: one is written in, for the whole RRset.
        (
            "$TTL 1d\n",
            "_sip._tls IN SRV 10 0 443 sip1\n\tIN\tSRV 20 0 443 sip2\n",
            "_sip._tls 300 IN SRV 10 0 443 sip1\n\t300\tIN\tSRV 20 0 443 sip2\n",
            "_sip._tls IN SRV 30 0 443 sip1\n\tIN\tSRV 20 0 443 sip2\n",
        ),
        // Without a class, and into blanks that are there for it.
        (
            "$TTL 1d\n",
            "_sip._tls SRV 10 0 443 sip1\n            SRV 20 0 443 sip2\n",
            "_sip._tls 300 SRV 10 0 443 sip1\n        300 SRV 20 0 443 sip2\n",
            "_sip._tls SRV 30 0 443 sip1\n            SRV 20 0 443 sip2\n",
        ),
        // As the neighbour has it: after the class, and in units.
        (
            "$TTL 2h\n",
            "_sip._tls IN 2h SRV 10 0 443 sip1\n_sip._tls IN SRV 20 0 443 sip2\n",
            "_sip._tls IN 5m SRV 10 0 443 sip1\n_sip._tls IN 300 SRV 20 0 443 sip2\n",
            "_sip._tls IN 2h SRV 30 0 443 sip1\n_sip._tls IN SRV 20 0 443 sip2\n",
        ),
        // After the mark of the Windows DNS server.
        (
            "$TTL 1d\n",
            "_sip._tls [AGE:3700000] SRV 10 0 443 sip1\n          [AGE:3700000] 7200 SRV 20 0 443 sip2\n",
            "_sip._tls [AGE:3700000] 300 SRV 10 0 443 sip1\n          [AGE:3700000] 300  SRV 20 0 443 sip2\n",
            "_sip._tls [AGE:3700000] SRV 30 0 443 sip1\n          [AGE:3700000] 7200 SRV 20 0 443 sip2\n",
        ),
        // On several lines, SRV among comments and parentheses; with CR LF.
        (
            "$TTL 1d\n",
            "_sip._tls ( 7200 ; TTL of SRV\r\n IN SRV 10 0 443 sip1 )\r\n_sip._tls (\r\n  IN SRV 20 0 443 sip2 ) ; SRV\r\n",
            "_sip._tls ( 300  ; TTL of SRV\r\n IN SRV 10 0 443 sip1 )\r\n  IN 300 SRV 20 0 443 sip2 ) ; SRV\r\n",
            "_sip._tls ( 7200 ; TTL of SRV\r\n IN SRV 30 0 443 sip1 )\r\n  IN SRV 20 0 443 sip2 ) ; SRV\r\n",
        ),
    ] {
        let zone = format!("{default}{SOA}{records}{HOSTS}");
        let stages = texts(&zone);
        let [(Purpose::Lower, lower), (Purpose::Switch, _), (Purpose::Restore, restore)] = &stages[..] else {
            panic!("{records}: {:?}", stages.iter().map(|(purpose, _)| purpose).collect::<Vec<_>>());
        };
        assert_eq!(lines(lower, "SRV").concat(), low);
        assert_eq!(lines(restore, "SRV").concat(), after);
        let untouched = |text: &str| text.lines().filter(|line| !line.contains("SRV")).count();
        assert_eq!(untouched(lower), untouched(&zone));
    }
}

#[test]
fn records_that_take_their_ttl_from_the_one_before_keep_it() {
    let records = "_sip._tls 7200 IN SRV 10 0 443 sip1\n          IN SRV 20 0 443 sip2\nwww IN A 192.0.2.80\nftp IN A 192.0.2.81\n";
    let stages = texts(&format!("{SOA}{records}{HOSTS}"));
    assert_eq!(
        lines(&stages[0].1, "IN").split_off(3).concat(),
        "_sip._tls 300  IN SRV 10 0 443 sip1\n      300 IN SRV 20 0 443 sip2\n\
         www 7200 IN A 192.0.2.80\nftp IN A 192.0.2.81\nsip1 3600 IN A 192.0.2.1\nsip2 3600 IN A 192.0.2.2\n"
    );
    assert_eq!(
        lines(&stages[2].1, "IN").split_off(3).concat(),
        format!("{records}{HOSTS}").replace("SRV 10", "SRV 30")
    );
}

#[test]
fn short_ttls_need_no_stage_of_their_own() {
    let records = "_sip._tls 120 IN SRV 10 0 443 sip1\n_sip._tls 120 IN SRV 20 0 443 sip2\n";
    let folder = folder(&format!("{SOA}{records}{HOSTS}"));
    let staged = failover(&load(folder.path()), &Assumptions::default(), None);
    assert_eq!(staged.stages.iter().map(|stage| stage.purpose).collect::<Vec<_>>(), [Purpose::Switch]);
    assert_eq!(staged.left_out, [Purpose::Lower, Purpose::Restore]);
    assert_eq!(staged.stages[0].plan.files, staged.direct.files);
}

#[test]
fn records_that_are_new_are_short_lived_until_the_last_stage() {
    let records = "_sip._tls 7200 IN SRV 10 0 443 sip1\n";
    let stages = texts(&format!("{SOA}{records}{HOSTS}"));
    let srv = |place: usize| lines(&stages[place].1, "SRV").concat();
    assert_eq!(srv(0), "_sip._tls 300  IN SRV 10 0 443 sip1\n");
    assert_eq!(srv(1), "_sip._tls 300  IN SRV 30 0 443 sip1\n_sip._tls 300  IN SRV 20 0 443 sip2\n");
    assert_eq!(srv(2), "_sip._tls 7200 IN SRV 30 0 443 sip1\n_sip._tls 7200 IN SRV 20 0 443 sip2\n");
    // The RRset does not stand: nothing to lower, and its absence is cached for the negative TTL.
    let folder = folder(&format!("{SOA}{HOSTS}"));
    let staged = failover(&load(folder.path()), &Assumptions::default(), None);
    assert_eq!(staged.left_out, [Purpose::Lower]);
    let ttls: Vec<_> = staged
        .stages
        .iter()
        .map(|stage| (stage.plan.changes[0].ttl_before, stage.plan.changes[0].ttl))
        .collect();
    assert_eq!(ttls, [(None, 300), (Some(300), 3600)]);
    assert_eq!(staged.stages[1].after, 300);
}

#[test]
fn stages_start_when_caches_have_run_out_and_date_serials_are_of_their_day() {
    let records = "_sip._tls 7200 IN SRV 10 0 443 sip1\n_sip._tls 7200 IN SRV 20 0 443 sip2\n";
    let folder = folder(&format!("{SOA}{records}{HOSTS}").replace(" 7 4h", " 2026112001 4h"));
    let loaded = load(folder.path());
    let starts = |assumptions: &Assumptions| -> Vec<(u64, String, (u32, u32))> {
        let staged = failover(&loaded, assumptions, Some("2026-11-21T23:00:00Z"));
        let one = |stage: &Stage| {
            let time = stage.earliest.as_ref().unwrap().strftime("%d %H:%M").to_string();
            (stage.after, time, stage.plan.zones[0].serial)
        };
        staged.stages.iter().map(one).collect()
    };
    let at = |after, time: &str, serial| (after, time.to_owned(), serial);
    assert_eq!(
        starts(&Assumptions::default()),
        [
            at(0, "21 23:00", (2_026_112_001, 2_026_112_101)),
            at(7200, "22 01:00", (2_026_112_101, 2_026_112_201)),
            at(7500, "22 01:05", (2_026_112_201, 2_026_112_202)),
        ]
    );
    // Refresh 4 h and retry 1 h come on top of each wait.
    let silent = starts(&Assumptions { notify: false, ..Assumptions::default() });
    assert_eq!(silent.iter().map(|(after, ..)| *after).collect::<Vec<_>>(), [0, 25_200, 43_500]);
    let capped = starts(&Assumptions { cap: Some(3600), ..Assumptions::default() });
    assert_eq!(capped.iter().map(|(after, ..)| *after).collect::<Vec<_>>(), [0, 3600, 3900]);
}

#[test]
fn addresses_of_one_name_are_an_rrset_for_each_type() {
    let addresses = "sip1 7200 IN A 192.0.2.9\nsip1 120 IN AAAA 2001:db8::9\nsip2 3600 IN A 192.0.2.2\n";
    let records = "_sip._tls 3600 IN SRV 10 0 443 sip1\n_sip._tls 3600 IN SRV 20 0 443 sip2\n";
    let folder = folder(&format!("{SOA}{records}{addresses}"));
    let toml = TOML.replace("[\"192.0.2.1\"]", "[\"192.0.2.1\", \"2001:db8::1\"]");
    std::fs::write(folder.path().join("zonewright.toml"), toml).unwrap();
    let staged = plan(&load(folder.path()), Goal::Sync, &Assumptions::default(), None);
    let of = |stage: &Stage| {
        let ttls = stage.plan.changes.iter();
        let ttls: Vec<_> =
            ttls.map(|change| (change.rtype.to_string(), change.ttl_before, change.ttl)).collect();
        let text = String::from_utf8(stage.plan.files[0].new.clone()).unwrap();
        (stage.after, ttls, lines(&text, "sip1 ").concat())
    };
    let found: Vec<_> = staged.stages.iter().map(of).collect();
    let ttl = |rtype: &str, before, after| (rtype.to_owned(), Some(before), after);
    assert_eq!(
        found,
        [
            (
                0,
                vec![ttl("A", 7200, 300)],
                String::from("sip1 300  IN A 192.0.2.9\nsip1 120 IN AAAA 2001:db8::9\n")
            ),
            (
                7200,
                vec![ttl("A", 300, 300), ttl("AAAA", 120, 120)],
                String::from("sip1 300  IN A 192.0.2.1\nsip1 120 IN AAAA 2001:db8::1\n")
            ),
            (
                7500,
                vec![ttl("A", 300, 7200)],
                String::from("sip1 7200 IN A 192.0.2.1\nsip1 120 IN AAAA 2001:db8::1\n")
            ),
        ]
    );
}

#[test]
fn a_file_that_two_zones_read_is_changed_once_and_both_serials_go_up() {
    let zone = format!("{SOA}$INCLUDE srv.inc\n{HOSTS}");
    let folder = folder(&zone);
    let inner = "[[zone]]\norigin = \"a.test\"\nfile = \"inner.zone\"\nview = \"internal\"\n[[site]]";
    std::fs::write(folder.path().join("zonewright.toml"), TOML.replace("[[site]]", inner)).unwrap();
    std::fs::write(folder.path().join("inner.zone"), zone.replace(" 7 4h", " 41 4h")).unwrap();
    let srv = "_sip._tls 3600 IN SRV 10 0 443 sip1\n_sip._tls 3600 IN SRV 20 0 443 sip2\n";
    std::fs::write(folder.path().join("srv.inc"), srv).unwrap();
    let staged = failover(&load(folder.path()), &Assumptions::default(), None);
    let serials: Vec<Vec<(u32, u32)>> =
        staged.stages.iter().map(|stage| stage.plan.zones.iter().map(|zone| zone.serial).collect()).collect();
    assert_eq!(serials, [[(7, 8), (41, 42)], [(8, 9), (42, 43)], [(9, 10), (43, 44)]]);
    for stage in &staged.stages {
        let names: Vec<&str> = stage.plan.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.test.zone", "inner.zone", "srv.inc"]);
        assert_eq!(stage.back.zones.iter().map(|zone| zone.serial.0).collect::<Vec<_>>(), {
            stage.plan.zones.iter().map(|zone| zone.serial.1).collect::<Vec<_>>()
        });
    }
    let low = String::from_utf8(staged.stages[0].plan.files[2].new.clone()).unwrap();
    assert_eq!(low, srv.replace("3600", "300 "));
}

/// What each zone says when a patch is applied by git in a folder.
fn git_apply(folder: &Path, patch: &[u8]) -> String {
    let file = folder.join("patch");
    std::fs::write(&file, patch).unwrap();
    let output = Command::new("git").args(["apply", "patch"]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(folder.join("a.test.zone")).unwrap()
}

#[test]
fn git_applies_the_stages_their_ways_back_and_all_at_once() {
    let records = "_sip._tls IN SRV 10 0 443 sip1\n          IN SRV 20 0 443 sip2\n";
    let first = format!("$TTL 2h\n{SOA}{records}{HOSTS}");
    let folder = folder(&first);
    let staged = failover(&load(folder.path()), &Assumptions::default(), None);
    let path = folder.path().join("a.test.zone");
    let without =
        |text: &str| text.lines().filter(|line| !line.contains("SOA")).collect::<Vec<_>>().join("\n");
    let mut before = first.clone();
    for stage in &staged.stages {
        for back in [Some(&stage.back), stage.home.as_ref()].into_iter().flatten() {
            std::fs::write(&path, &before).unwrap();
            let there = git_apply(folder.path(), &stage.plan.patch());
            assert_eq!(there.as_bytes(), stage.plan.files[0].new);
            let undone = git_apply(folder.path(), &back.patch());
            let target = if std::ptr::eq(back, &stage.back) { &before } else { &first };
            assert_eq!(without(&undone), without(target), "{}", stage.purpose.title());
        }
        before = String::from_utf8(stage.plan.files[0].new.clone()).unwrap();
    }
    std::fs::write(&path, &first).unwrap();
    assert_eq!(git_apply(folder.path(), &zonewright::emit::stages::diff(&staged)), before);
    let direct = String::from_utf8(staged.direct.files[0].new.clone()).unwrap();
    assert_eq!(without(&before), without(&direct));
}

/// The records that BIND reads in a text, one a line with TTLs, the SOA record left out; none when
/// BIND is not at hand.
fn as_bind_reads(folder: &Path, text: &[u8]) -> Option<Vec<String>> {
    let (zone, out) = (folder.join("compiled.zone"), folder.join("compiled.out"));
    std::fs::write(&zone, text).unwrap();
    let output = Command::new("named-compilezone")
        .args(["-i", "none", "-k", "ignore", "-s", "full", "-o"])
        .args([&out, Path::new("a.test"), &zone])
        .output();
    let Ok(output) = output.inspect_err(|error| eprintln!("skipped: {error}")) else { return None };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let text = std::fs::read_to_string(out).unwrap();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text.lines().map(words).filter(|line| !line.contains(" SOA ")).collect())
}

#[test]
fn bind_reads_the_planned_ttls_and_no_other_record_changes() {
    for (default, records) in [
        ("$TTL 1d\n", "_sip._tls 7200 IN SRV 10 0 443 sip1\n 7200 IN SRV 20 0 443 sip2\n IN TXT \"a\"\n"),
        ("$TTL 2h\n", "_sip._tls IN SRV 10 0 443 sip1\n\tIN\tSRV 20 0 443 sip2\nwww A 192.0.2.80\n"),
        (
            "",
            "_sip._tls 2h IN SRV 10 0 443 sip1\n IN SRV 20 0 443 sip2\nwww A 192.0.2.80\nftp A 192.0.2.81\n",
        ),
        (
            "",
            "www 2h A 192.0.2.80\n_sip._tls IN SRV 10 0 443 sip1\n IN SRV 20 0 443 sip2\nftp A 192.0.2.81\n",
        ),
        ("$TTL 2h\n", "_sip._tls (\n IN SRV 10 0 443 sip1 )\n ( 7200 SRV 20\n 0 443 sip2 )\n"),
    ] {
        let zone = format!("{default}{SOA}{records}{HOSTS}");
        let folder = folder(&zone);
        let Some(before) = as_bind_reads(folder.path(), zone.as_bytes()) else { return };
        let others = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !line.contains(" SRV ")).cloned().collect()
        };
        let staged = failover(&load(folder.path()), &Assumptions::default(), None);
        assert_eq!(staged.stages.len(), 3);
        for (stage, ttl) in staged.stages.iter().zip([300, 300, 7200]) {
            let now = as_bind_reads(folder.path(), &stage.plan.files[0].new).unwrap();
            assert_eq!(others(&now), others(&before), "{records}");
            let first = if stage.purpose == Purpose::Lower { 10 } else { 30 };
            let mut srv: Vec<String> = now.into_iter().filter(|line| line.contains(" SRV ")).collect();
            srv.sort();
            let mut wanted = [(first, 1), (20, 2)].map(|(priority, pool)| {
                format!("_sip._tls.a.test. {ttl} IN SRV {priority} 0 443 sip{pool}.a.test.")
            });
            wanted.sort();
            assert_eq!(srv, wanted, "{records}");
        }
    }
}

/// Any secondary, as late as it may be, and any cache that asks it at any time.
#[test]
fn no_cache_has_an_old_record_when_the_worst_case_is_over() {
    let records = "_sip._tls 7200 IN SRV 10 0 443 sip1\n_sip._tls 7200 IN SRV 20 0 443 sip2\n";
    let folder = folder(&format!("{SOA}{records}{HOSTS}"));
    let loaded = load(folder.path());
    for (notify, lag) in [(true, 0), (false, 18_000)] {
        let staged = failover(&loaded, &Assumptions { notify, ..Assumptions::default() }, None);
        let [_, switch, _] = &staged.stages[..] else { panic!("three stages") };
        // The first record and the TTL that a secondary serves, which follows each stage so much later.
        let served = |time: u64, lag: u64| {
            let stage = staged.stages.iter().rev().find(|stage| stage.after + lag <= time);
            let ttl = stage.map_or(7200, |stage| u64::from(stage.plan.changes[0].ttl));
            (stage.is_some_and(|stage| stage.purpose != Purpose::Lower), ttl)
        };
        let mut last = 0;
        for lag in (0..=lag).step_by(600) {
            for asked in (0..80_000).step_by(50) {
                let (is_new, ttl) = served(asked, lag);
                if !is_new {
                    last = last.max(asked + ttl);
                }
            }
        }
        let promised = switch.after + u64::from(switch.timing.worst);
        assert!(last <= promised, "an old record is in a cache until {last}, {promised} was promised");
        assert!(last + 100 > promised, "{promised} was promised where {last} would do");
    }
}
