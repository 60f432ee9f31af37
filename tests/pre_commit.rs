//! The hooks, run by the real pre-commit on commits of a scratch repository.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]
#![cfg(unix)]

#[path = "pre_commit/repository.rs"]
mod repository;

use repository::{Repository, installed, root, said};
use std::fmt::Write as _;

/// Reports break their lines where they get too long.
fn assert_says(said: &str, words: &[&str]) {
    let plain: Vec<&str> = said.split_whitespace().filter(|word| *word != "│").collect();
    let plain = plain.join(" ");
    for word in words {
        assert!(plain.contains(word), "`{word}` is not in:\n{said}");
    }
}

#[test]
fn a_commit_is_refused_with_the_finding_fixed_and_accepted() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]).with_example();
    let (right, wrong) = ("10 0 5269 xmpp1 ", "10 0 5222 xmpp1 ");
    repository.edit("contoso.com.zone", "203.0.113.81", "203.0.113.82");
    repository.edit("contoso.com.zone", right, wrong);
    let said = repository.refuses();
    assert_says(
        &said,
        &[
            "hook id: zonewright",
            "error[srv-port-unexpected]",
            "dns/contoso.com.zone:28:44",
            "error[serial-not-bumped]",
            "dns/contoso.com.zone:5:17",
            "2 errors in 1 zone",
        ],
    );
    repository.edit("contoso.com.zone", wrong, right);
    assert_says(&repository.refuses(), &["error[serial-not-bumped]", "help: write 2026112101", "1 error"]);
    repository.edit("contoso.com.zone", "2026031502", "2026112101");
    assert_says(&repository.accepts(), &["Passed", "1 file changed"]);
}

#[test]
fn what_is_not_staged_is_not_looked_at() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]).with_example();
    repository.edit("contoso.com.zone", "Paris, pool edge1:", "Paris:");
    repository.git(&["add", "-A"]);
    repository.edit("contoso.com.zone", "10 0 5269 xmpp1 ", "10 0 5222 xmpp1 ");
    assert_says(&repository.git(&["commit", "-m", "A comment"]), &["Passed"]);
    assert!(repository.read("contoso.com.zone").contains("10 0 5222 xmpp1 "), "the edit is still there");
}

#[test]
fn a_changed_fragment_triggers_the_zones_that_include_it() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]).with_example();
    repository.edit("fragments/mail.inc", "443 autodiscover", "443 autodiscovery");
    // Declared in zonewright.toml; the two zones of the internal view do not include the fragment.
    let wanted = [
        "dns/fragments/mail.inc:10:44",
        "`autodiscovery.contoso.com` does not exist",
        "`autodiscovery.fabrikam.com` does not exist",
        "error[include-changed-serial-not-bumped]: serial of `contoso.com` is still 2026031502",
        "error[include-changed-serial-not-bumped]: serial of `fabrikam.com` is still 417",
        "4 errors in 2 zones",
    ];
    assert_says(&repository.refuses(), &wanted);
    // Not declared anywhere.
    repository.git(&["rm", "-qf", "dns/zonewright.toml"]);
    repository.git(&["commit", "-nqm", "No configuration", "--", "dns/zonewright.toml"]);
    assert_says(&repository.refuses(), &wanted);
    repository.edit("fragments/mail.inc", "443 autodiscovery", "443 autodiscover  ; all of them");
    assert_says(&repository.accepts(), &["Passed"]);
}

#[test]
fn a_changed_configuration_triggers_every_zone() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]).with_example();
    repository.edit("zonewright.toml", "federation = 5061", "federation = 5062");
    let said = repository.refuses();
    assert_says(
        &said,
        &["error[srv-port-unexpected]", "dns/contoso.com.zone:26", "dns/fabrikam.com.zone:20"],
    );
}

#[test]
fn what_is_no_zone_is_passed_over() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright", "zonewright-fmt"]).with_example();
    repository.write("../notes.txt", "nothing that looks like a zone\n");
    assert_says(&repository.accepts(), &["(no files to check)Skipped"]);
    // The pattern takes these, as real zones are called so too.
    for file in ["zones/README.md", "zones/Makefile", "db.py", "include/header.inc", "zone.rs"] {
        repository.write(file, "nothing: that [looks] like a zone\n");
    }
    let said = repository.accepts();
    assert_eq!(said.matches("Passed").count(), 2, "{said}");
}

#[test]
fn the_first_commit_of_a_repository_is_checked() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright", "zonewright-fmt"]);
    let zone = "$TTL 1h\n@    IN  SOA  ns1 hostmaster (\n              1   ; serial\n              4h 1h 2w 5m )\n     IN  NS   ns1\n     IN  NS   ns2\nns1  IN  A    192.0.2.53\n";
    repository.write("zones/contoso.com", zone);
    assert_says(&repository.refuses(), &["`ns2.contoso.com`", "1 error in 1 zone"]);
    repository.write("zones/contoso.com", &format!("{zone}ns2  IN  A    198.51.100.53\n"));
    assert_says(
        &repository.refuses(),
        &[
            "zonewright...............................................................Passed",
            "files were modified by this hook",
        ],
    );
    repository.accepts();
}

#[test]
fn a_zone_file_is_laid_out_before_it_is_committed() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright-fmt"]).with_example();
    let output = repository.pre_commit(&["run", "--all-files"]);
    assert_says(&said(&output), &["files were modified by this hook", "5 files formatted"]);
    repository.git(&["commit", "-aqnm", "Laid out"]);
    let tidy = repository.read("contoso.com.zone");
    repository.edit("contoso.com.zone", "lyncdiscover    IN", "lyncdiscover IN");
    assert_says(&repository.refuses(), &["files were modified by this hook", "1 file formatted"]);
    assert_eq!(repository.read("contoso.com.zone"), tidy);
}

#[test]
fn a_commit_that_changes_records_has_its_serials_raised() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright-serial", "zonewright"]).with_example();
    repository.edit("contoso.com.zone", "; Reverse proxy", "; The reverse proxy");
    assert_says(&repository.accepts(), &["1 file changed"]);
    repository.edit("fragments/mail.inc", "203.0.113.70", "203.0.113.71");
    assert_says(
        &repository.refuses(),
        &[
            "files were modified by this hook",
            "dns/contoso.com.zone: zone contoso.com: serial 2026031502 -> 2026112101",
            "dns/fabrikam.com.zone: zone fabrikam.com: serial 417 -> 418",
        ],
    );
    assert_says(&repository.accepts(), &["3 files changed"]);
    assert!(repository.read("contoso.com.zone").contains("2026112101  ; serial"));
}

#[test]
fn between_two_revisions_the_older_one_counts() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright-serial"]).with_example();
    repository.edit("contoso.com.zone", "203.0.113.81", "203.0.113.82");
    repository.git(&["commit", "-anqm", "Past the hooks"]);
    let run = |from| repository.pre_commit(&["run", "--from-ref", from, "--to-ref", "HEAD"]);
    assert_says(&said(&run("HEAD~")), &["serial 2026031502 -> 2026112101", "Failed"]);
    repository.git(&["commit", "-anqm", "Raised"]);
    assert_says(&said(&run("HEAD~2")), &["Passed"]);
}

#[test]
fn what_a_change_breaks_elsewhere_refuses_the_commit_too() {
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]);
    let zone = |serial: u32, rest: &str| {
        format!(
            "$TTL 1h\n@ IN SOA ns1 hostmaster {serial} 4h 1h 2w 5m\n@ IN NS ns1\n@ IN NS ns2\n\
             ns1 IN A 192.0.2.53\nns2 IN A 198.51.100.53\n{rest}\n"
        )
    };
    let declared = |origin: &str| format!("[[zone]]\norigin = \"{origin}\"\nfile = \"{origin}.zone\"\n");
    repository.write("zonewright.toml", &["a.example", "b.example"].map(declared).concat());
    // The one leads to the other, and has a mistake of its own that was there before.
    let leads =
        "_xmpp-client._tcp IN SRV 10 0 5222 host.b.example.\n_xmpp-client._tcp.x IN SRV 10 0 5222 gone\n";
    repository.write("a.example.zone", &zone(1, leads));
    repository.write("b.example.zone", &zone(1, "host IN A 192.0.2.1"));
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-nqm", "Zones"]);
    repository.write("b.example.zone", &zone(2, "host IN CNAME ns1"));
    let said = repository.refuses();
    assert_says(
        &said,
        &["dns/a.example.zone:7:", "target `host.b.example` is an alias", "1 error in 1 zone"],
    );
    repository.write("b.example.zone", &zone(2, "host IN A 192.0.2.2"));
    repository.accepts();
}

/// Zones of which each leads to the next, and so many octets of names that pre-commit splits them.
#[test]
fn rules_that_look_across_zones_see_all_of_them_however_pre_commit_splits_the_names() {
    const ZONES: usize = 500;
    if !installed() {
        return;
    }
    let repository = Repository::new(&["zonewright"]);
    let folder = format!("zones/{0}/{0}/{0}", "long".repeat(30));
    let mut config = String::new();
    let zone = |number: usize, partner: &str| {
        format!(
            "$TTL 1h\n@ IN SOA ns1 hostmaster {number} 4h 1h 2w 5m\n@ IN NS ns1\n@ IN NS ns2\n\
             ns1 IN A 192.0.2.53\nns2 IN A 198.51.100.53\nhost IN A 192.0.2.1\nwww IN CNAME host\n\
             _xmpp-client._tcp IN SRV 10 0 5222 {partner}.\n"
        )
    };
    let file = |number: usize| format!("{folder}/z{number}.example.zone");
    for number in 0..ZONES {
        let _ = write!(config, "[[zone]]\norigin = \"z{number}.example\"\nfile = \"{}\"\n", file(number));
        repository.write(&file(number), &zone(number, &format!("host.z{}.example", (number + 1) % ZONES)));
    }
    repository.write("zonewright.toml", &config);
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-nqm", "Zones"]);
    // Each zone changes, and so does its serial; the first now leads to a name of the last that is an alias there.
    for number in 0..ZONES {
        let next = (number + 1) % ZONES;
        let partner =
            if number == 0 { String::from("www.z499.example") } else { format!("host.z{next}.example") };
        repository.write(&file(number), &zone(number + 1, &partner));
    }
    let said = repository.refuses();
    assert_says(&said, &["error[srv-target-cname]", "target `www.z499.example` is an alias"]);
    assert_eq!(said.matches("error[").count(), 1, "{said}");
    let counts = said.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" in ")?;
        rest.split_once(" zones, ")?.0.parse::<usize>().ok()
    });
    let counts: Vec<usize> = counts.collect();
    assert!(counts.len() > 1, "pre-commit did not split the names: {said}");
    assert_eq!(counts.iter().sum::<usize>(), ZONES, "each zone is judged once: {said}");
}

/// A hook that compiles would be no hook for people without Rust, and one of another version no release.
#[test]
fn hooks_install_the_wheel_of_this_version() {
    let read = |file: &str| {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        text.parse::<toml::Table>().unwrap()
    };
    let placeholder = read("pyproject.toml");
    let project = &placeholder["project"];
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(project["version"].as_str(), Some(version));
    assert_eq!(project["dependencies"].as_array().unwrap(), &[format!("zonewright=={version}").into()]);
    assert_eq!(placeholder["build-system"]["build-backend"].as_str(), Some("setuptools.build_meta"));
    let wheel = read("packaging/python/pyproject.toml");
    assert_eq!(wheel["project"]["name"].as_str(), Some("zonewright"));
    assert_eq!(wheel["tool"]["maturin"]["bindings"].as_str(), Some("bin"));
    assert!(wheel["project"]["dynamic"].as_array().unwrap().contains(&"version".into()));
}

#[test]
fn every_hook_can_be_built_from_source_too() {
    let text = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<&str> = text.split("- id: ").skip(1).collect();
    let of = |language: &str| -> Vec<String> {
        let line = format!("language: {language}");
        let hooks = hooks.iter().filter(|hook| hook.contains(&line));
        hooks.map(|hook| hook.replace(&line, "").replacen("-src\n", "\n", 1)).collect()
    };
    assert_eq!(of("python").len(), 3);
    assert_eq!(of("python"), of("rust"));
}
