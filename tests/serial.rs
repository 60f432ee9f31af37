//! `zonewright serial` raises the serials that are due, and changes nothing else.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The 21st of November 2026, 00:00:00 UTC.
const NOW: &str = "1795219200";

/// A repository with zones of each style, committed: the example, and one that counts seconds.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), repository.folder.path());
        let zone = "$TTL 1h\n@ IN SOA ns1.contoso.com. hostmaster.contoso.com. 1700000000 4h 1h 2w 5m\n\
                    @ IN NS ns1.contoso.com.\n@ IN NS ns2.contoso.com.\nwww IN A 192.0.2.1\n";
        repository.write("northwind.example.zone", zone);
        let config = repository.read("zonewright.toml");
        let declared = "\n[[zone]]\norigin = \"northwind.example\"\nfile = \"northwind.example.zone\"\nview = \"external\"\n";
        repository.write("zonewright.toml", &format!("{config}{declared}"));
        repository.git(&["init", "-q"]);
        repository.commit();
        repository
    }

    fn git(&self, args: &[&str]) {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let output =
            Command::new("git").args(who).args(args).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x"]);
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "`{old}` is not in {file}");
        self.write(file, &text.replace(old, new));
    }

    /// All files but those of git.
    fn texts(&self) -> BTreeMap<PathBuf, String> {
        let mut texts = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    texts.insert(path.clone(), fs::read_to_string(&path).unwrap());
                } else if !path.ends_with(".git") {
                    folders.push(path);
                }
            }
        }
        texts
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
        command.arg("serial").args(args).current_dir(self.folder.path());
        command.env("SOURCE_DATE_EPOCH", NOW).env_remove("PRE_COMMIT_FROM_REF").output().unwrap()
    }

    /// These serials are raised: each of a file, from and to; `said` of them. Nothing else changes, and
    /// the next run finds nothing to do.
    fn raises(&self, args: &[&str], serials: &[(&str, &str, &str)]) {
        let mut wanted = self.texts();
        let mut lines = Vec::new();
        for (file, from, to) in serials {
            let path = self.folder.path().join(file);
            let text = wanted[&path].clone();
            assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
            wanted.insert(path, text.replace(from, to));
            lines.push(format!("serial {} -> {}", from.trim(), to.trim()));
        }
        let check = self.run(&[args, &["--check"]].concat());
        assert_eq!(check.status.code(), Some(i32::from(!serials.is_empty())), "{check:?}");
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(i32::from(!serials.is_empty())), "{output:?}");
        assert_eq!(check.stdout, output.stdout, "what --check announces is done");
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().count(), serials.len(), "{said}");
        for ((file, ..), line) in serials.iter().zip(lines) {
            assert!(
                said.lines().any(|said| said.starts_with(file) && said.contains(&line)),
                "{line}: {said}"
            );
        }
        assert_eq!(self.texts(), wanted);
        let again = self.run(args);
        assert_eq!(again.status.code(), Some(0), "{again:?}");
        assert_eq!(self.texts(), wanted);
    }

    /// Nothing is written, and this is said.
    fn fails(&self, args: &[&str], words: &str) {
        let before = self.texts();
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
        assert_eq!(self.texts(), before);
    }
}

#[test]
fn each_zone_keeps_its_style() {
    let repository = Repository::new();
    repository.raises(&[], &[]);
    repository.edit("contoso.com.zone", "blog            IN  A      203.0.113.81", "blog IN A 203.0.113.82");
    repository.edit("fabrikam.com.zone", "meet                    3600", "meet                    600");
    repository.edit("northwind.example.zone", "www IN A 192.0.2.1\n", "");
    repository.raises(
        &[],
        &[
            ("contoso.com.zone", "2026031502", "2026112101"),
            ("fabrikam.com.zone", "417 ", "418 "),
            ("northwind.example.zone", "1700000000", NOW),
        ],
    );
    repository.commit();
    repository.edit("contoso.com.zone", "blog IN A 203.0.113.82", "blog IN A 203.0.113.83");
    repository.raises(&[], &[("contoso.com.zone", "2026112101", "2026112102")]);
    repository.raises(&["--base", "HEAD~"], &[]);
}

#[test]
fn a_changed_fragment_changes_the_zones_that_include_it() {
    let repository = Repository::new();
    repository.edit("fragments/mail.inc", "203.0.113.70", "203.0.113.71");
    repository.raises(
        &["--changed-files", "fragments/mail.inc"],
        &[("contoso.com.zone", "2026031502", "2026112101"), ("fabrikam.com.zone", "417 ", "418 ")],
    );
}

#[test]
fn only_what_secondaries_would_miss_counts() {
    let repository = Repository::new();
    repository.edit("contoso.com.zone", "; Reverse proxy", "; The reverse proxy");
    repository.edit("contoso.com.zone", "meet            IN  A ", "MEET 1h A ");
    repository.edit("fragments/mail.inc", "; Mail of every", "; The mail of every");
    repository.raises(&[], &[]);
    // The SOA record is a record.
    repository.edit("contoso.com.zone", "2w          ; expire", "3w          ; expire");
    repository.raises(&[], &[("contoso.com.zone", "2026031502", "2026112101")]);
}

#[test]
fn a_serial_that_was_raised_by_hand_stays() {
    let repository = Repository::new();
    repository.edit("contoso.com.zone", "203.0.113.81", "203.0.113.82");
    repository.edit("contoso.com.zone", "2026031502", "2026031503");
    repository.raises(&[], &[]);
}

#[test]
fn a_serial_that_went_back_goes_beyond_the_one_before() {
    let repository = Repository::new();
    repository.edit("fabrikam.com.zone", "203.0.113.90", "203.0.113.91");
    repository.edit("fabrikam.com.zone", "417 ", "40 ");
    repository.raises(&[], &[("fabrikam.com.zone", "40 ", "418 ")]);
}

#[test]
fn a_new_zone_keeps_its_first_serial() {
    let repository = Repository::new();
    let zone = repository.read("northwind.example.zone");
    repository.write("db.tailspin.example", &zone);
    repository.raises(&["db.tailspin.example"], &[]);
    repository.git(&["checkout", "-q", "--orphan", "new"]);
    repository.git(&["rm", "-rqf", "--cached", "."]);
    repository.raises(&[], &[]);
}

#[test]
fn a_zone_that_nobody_can_read_is_left_alone() {
    let repository = Repository::new();
    repository.edit("contoso.com.zone", "blog            IN  A      203.0.113.81", "blog IN A 203.0.113");
    repository.edit("fabrikam.com.zone", "203.0.113.90", "203.0.113.91");
    repository.fails(&[], "contoso.com.zone: zone contoso.com changed and does not parse");
    // Those that were asked for count.
    repository.raises(&["fabrikam.com.zone"], &[("fabrikam.com.zone", "417 ", "418 ")]);
}

#[test]
fn a_revision_that_is_not_there_is_an_error() {
    let repository = Repository::new();
    repository.fails(&["--base", "nowhere"], "nowhere");
    fs::remove_dir_all(repository.folder.path().join(".git")).unwrap();
    repository.fails(&[], "no zone file lies in a git repository");
}

/// Plans and the fixes of rules give a serial of seconds the time, as `serial` does.
#[test]
fn plans_and_fixes_count_seconds_too() {
    let repository = Repository::new();
    let zonewright = |args: &[&str], code: i32| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
        let command = command.args(args).current_dir(repository.folder.path()).env("SOURCE_DATE_EPOCH", NOW);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    repository.edit("northwind.example.zone", "www IN A 192.0.2.1\n", "www IN A 192.0.2.2\n");
    zonewright(&["lint", "--base", "HEAD", "--fix"], 0);
    assert!(repository.read("northwind.example.zone").contains(&format!(" {NOW} 4h ")));

    repository.edit("fabrikam.com.zone", "417 ", "1700000417 ");
    repository.commit();
    zonewright(&["plan", "failover", "edge1", "--write"], 0);
    assert!(repository.read("fabrikam.com.zone").contains(&format!(" {NOW} ")));
    assert!(repository.read("contoso.com.zone").contains(" 2026112101 "));
    repository.commit();
    zonewright(&["plan", "failback", "edge1", "--write"], 0);
    // The same second once more: one after it.
    assert!(repository.read("fabrikam.com.zone").contains(" 1795219201 "));
}
