//! `lint --base REV` in real repositories.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use zonewright::change::{RrsetChange, ZoneChange};
use zonewright::workspace::{Base, Before, Request, load};

const DATE: &str = "1767225600";

/// A repository in a folder of its own.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        init(repository.path());
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path().join(name), text);
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has `{from}`");
        self.write(name, &text.replace(from, to));
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "change"]);
    }

    /// The rules and places that are found with `--base HEAD` and these arguments.
    fn found(&self, args: &[&str]) -> Vec<String> {
        found(&self.lint(self.path(), &[&["--base", "HEAD"], args].concat()))
    }

    fn lint(&self, folder: &Path, args: &[&str]) -> Output {
        lint(folder, args).output().unwrap()
    }
}

fn init(folder: &Path) {
    git(folder, &["init", "-q", "-b", "main"]);
    git(folder, &["config", "user.name", "somebody"]);
    git(folder, &["config", "user.email", "somebody@example.com"]);
    git(folder, &["config", "commit.gpgsign", "false"]);
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = bare(Command::new("git")).arg("-C").arg(folder).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Without what the tests' own environment says of git.
fn bare(mut command: Command) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

fn lint(folder: &Path, args: &[&str]) -> Command {
    let mut command = bare(Command::new(env!("CARGO_BIN_EXE_zonewright")));
    command.arg("lint").args(["--select", "change", "--output-format", "concise"]).args(args);
    command.current_dir(folder).env("SOURCE_DATE_EPOCH", DATE);
    command
}

fn found(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{said}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let line = |line: &str| {
        let (place, rest) = line.split_once(": ").unwrap();
        let rule = rest.split(['[', ']']).nth(1).unwrap();
        format!("{rule} {}", place.replace('\\', "/"))
    };
    text.lines().map(line).collect()
}

/// What is said when nothing could be checked.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn zone(serial: u32, rest: &str) -> String {
    format!(
        "$TTL 3600\n@ IN SOA ns1 hostmaster {serial} 14400 3600 1209600 3600\n@ IN NS ns1\n@ IN NS ns2\n\
         ns1 IN A 192.0.2.1\nns2 IN A 198.51.100.2\n{rest}"
    )
}

fn entry(origin: &str, file: &str) -> String {
    format!("[[zone]]\norigin = \"{origin}\"\nfile = \"{file}\"\n")
}

const WWW: &str = "www IN A 192.0.2.80\n";

/// Two zones of which one includes a file, declared and committed.
fn two_zones() -> Repository {
    let repository = Repository::new();
    repository.write("zones/example.com.zone", &zone(2_025_010_101, WWW));
    repository.write("zones/example.net.zone", &zone(7, "$INCLUDE web.inc\n"));
    repository.write("zones/web.inc", WWW);
    let config =
        entry("example.com", "zones/example.com.zone") + &entry("example.net", "zones/example.net.zone");
    repository.write("zonewright.toml", &config);
    repository.commit();
    repository
}

#[test]
fn a_changed_zone_wants_a_new_serial() {
    let repository = two_zones();
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.replace("zones/example.com.zone", ".80", ".81");
    let expected = ["serial-not-bumped zones/example.com.zone:2:25"];
    assert_eq!(repository.found(&[]), expected);
    assert_eq!(repository.found(&["zones/example.com.zone"]), expected);
    assert_eq!(repository.found(&["zones/example.net.zone"]), [""; 0], "only what was asked for is told");
    repository.replace("zones/example.com.zone", "2025010101", "2026010101");
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.replace("zones/example.com.zone", "2026010101", "2025010102");
    assert_eq!(repository.found(&[]), ["serial-decreased zones/example.com.zone:2:25"]);
    let since = repository.lint(repository.path(), &["--base", "HEAD~1"]);
    assert_eq!(found(&since), [""; 0]);
}

#[test]
fn without_base_nothing_is_held_against_anything() {
    let repository = two_zones();
    repository.replace("zones/example.com.zone", ".80", ".81");
    assert_eq!(found(&repository.lint(repository.path(), &[])), [""; 0]);
}

#[test]
fn a_changed_fragment_wants_new_serials_of_the_zones_that_include_it() {
    let repository = two_zones();
    repository.replace("zones/web.inc", ".80", ".81");
    let expected = ["include-changed-serial-not-bumped zones/example.net.zone:2:25"];
    assert_eq!(repository.found(&[]), expected);
    let said = repository.lint(repository.path(), &["--base", "HEAD"]).stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.contains("is still 7, included `zones/web.inc` changed: 1 record added, 1 removed"),
        "{said}"
    );
    repository.replace("zones/example.net.zone", " 7 ", " 8 ");
    assert_eq!(repository.found(&[]), [""; 0]);
}

#[test]
fn includes_are_those_of_the_revision() {
    let repository = two_zones();
    // One that was there only then is read; the other one is there only now, and was not then.
    repository.git(&["rm", "-q", "zones/web.inc"]);
    repository.write("zones/other.inc", "www IN A 192.0.2.90\n");
    repository.replace("zones/example.net.zone", "web.inc", "other.inc");
    assert_eq!(repository.found(&[]), ["serial-not-bumped zones/example.net.zone:2:25"]);
    repository.write("zones/other.inc", WWW);
    assert_eq!(repository.found(&[]), ["format-only-change zones/example.net.zone:2:1"]);
}

#[test]
fn of_a_zone_that_could_not_be_read_nobody_knows_what_changed() {
    let repository = two_zones();
    repository.replace("zones/example.net.zone", "web.inc", "missing.inc");
    repository.commit();
    repository.replace("zones/example.net.zone", "missing.inc", "web.inc");
    repository.write("zones/missing.inc", WWW);
    assert_eq!(repository.found(&[]), [""; 0], "it was broken then");
    repository.replace("zones/example.com.zone", "192.0.2.80", "192.0.2.800");
    assert_eq!(repository.found(&[]), [""; 0], "it is broken now");
}

#[test]
fn an_include_that_led_to_another_file_is_read_there() {
    let repository = two_zones();
    repository.replace("zones/example.net.zone", "web.inc", "parts/web.inc");
    repository.write("zones/parts/web.inc", WWW);
    repository.write("parts/web.inc", "www IN A 192.0.2.81\n");
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.git(&["rm", "-q", "zones/parts/web.inc"]);
    assert_eq!(repository.found(&[]), ["include-changed-serial-not-bumped zones/example.net.zone:2:25"]);
}

#[test]
fn the_serial_may_stand_in_an_included_file() {
    let repository = Repository::new();
    repository.write("head.inc", &zone(1, ""));
    repository.write("example.com.zone", "$TTL 3600\n$INCLUDE head.inc\n$INCLUDE web.inc\n");
    repository.write("web.inc", WWW);
    repository.commit();
    let zone = ["example.com.zone"];
    repository.replace("web.inc", ".80", ".81");
    assert_eq!(repository.found(&zone), ["include-changed-serial-not-bumped head.inc:2:25"]);
    repository.write("web.inc", WWW);
    repository.replace("example.com.zone", "$INCLUDE web.inc\n", "");
    assert_eq!(repository.found(&zone), ["serial-not-bumped head.inc:2:25"]);
}

#[test]
fn an_ignored_include_is_as_it_was() {
    let repository = two_zones();
    repository.write(".gitignore", "*.made\n");
    repository.replace("zones/example.net.zone", "web.inc", "web.made");
    repository.write("zones/web.made", WWW);
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.replace("zones/example.net.zone", "$INCLUDE", "mail IN A 192.0.2.25\n$INCLUDE");
    assert_eq!(repository.found(&[]), ["serial-not-bumped zones/example.net.zone:2:25"]);
    repository.write(".gitignore", "");
    assert_eq!(repository.found(&[]), [""; 0], "it was not there then, and what was there cannot be told");
}

#[test]
fn a_zone_in_another_file_is_the_same_zone() {
    let repository = two_zones();
    repository.git(&["mv", "zones/example.com.zone", "zones/db.example.com"]);
    repository.replace("zonewright.toml", "zones/example.com.zone", "zones/db.example.com");
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.replace("zones/db.example.com", ".80", ".81");
    assert_eq!(repository.found(&[]), ["serial-not-bumped zones/db.example.com:2:25"]);
}

#[test]
fn an_undeclared_zone_in_another_file_is_the_same_zone() {
    let repository = Repository::new();
    repository.write("a/example.com.zone", &zone(1, WWW));
    repository.commit();
    repository.write("b/db.example.com", &zone(1, "www IN A 192.0.2.81\n"));
    std::fs::remove_file(repository.path().join("a/example.com.zone")).unwrap();
    for args in [["b/db.example.com"], ["."]] {
        assert_eq!(repository.found(&args), ["serial-not-bumped b/db.example.com:2:25"], "{args:?}");
    }
}

#[test]
fn a_new_zone_has_not_changed() {
    let repository = two_zones();
    repository.write("zones/example.org.zone", &zone(1, WWW));
    let config = repository.read("zonewright.toml") + &entry("example.org", "zones/example.org.zone");
    repository.write("zonewright.toml", &config);
    assert_eq!(repository.found(&[]), [""; 0]);
    repository.git(&["add", "-A"]);
    assert_eq!(repository.found(&[]), [""; 0]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repository = Repository::new();
    repository.write("example.com.zone", &zone(1, WWW));
    assert_eq!(repository.found(&["."]), [""; 0]);
    repository.git(&["add", "-A"]);
    assert_eq!(repository.found(&["."]), [""; 0]);
    let said = refused(&repository.lint(repository.path(), &["--base", "main~1", "."]));
    assert!(
        said.contains("--base `main~1`: the repository") && said.contains("has no such commit"),
        "{said}"
    );
}

#[test]
fn what_is_no_revision_is_refused() {
    let repository = two_zones();
    for rev in
        ["v1", "", "HEAD:zones", "main..main", "HEAD^{tree}", "0123456789012345678901234567890123456789"]
    {
        let said = refused(&repository.lint(repository.path(), &["--base", rev]));
        assert!(said.contains(&format!("--base `{rev}`: the repository")), "{said}");
    }
    let said = refused(&repository.lint(repository.path(), &["--base=--help"]));
    assert!(said.contains("has no such commit"), "{said}");
    let elsewhere = tempfile::tempdir().unwrap();
    write(&elsewhere.path().join("example.com.zone"), &zone(1, WWW));
    let said = refused(&lint(elsewhere.path(), &["--base", "HEAD", "example.com.zone"]).output().unwrap());
    assert!(said.contains("no zone file lies in a git repository"), "{said}");
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let repository = two_zones();
    repository.replace("zones/example.com.zone", ".80", ".81");
    repository.commit();
    let clones = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.path().display());
    git(clones.path(), &["clone", "-q", "--depth", "1", &from, "clone"]);
    let clone = clones.path().join("clone");
    let said = refused(&lint(&clone, &["--base", "HEAD~1"]).output().unwrap());
    assert!(said.contains("shallow clone") && said.contains("fetch-depth: 0"), "{said}");
    assert_eq!(found(&lint(&clone, &["--base", "HEAD"]).output().unwrap()), [""; 0]);
}

#[test]
fn a_merge_in_progress_is_held_against_its_own_side() {
    let repository = two_zones();
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.replace("zones/example.com.zone", "www IN A 192.0.2.80", "www IN A 192.0.2.82");
    repository.replace("zones/example.com.zone", "2025010101", "2025010102");
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.replace("zones/example.com.zone", "ns1 IN A 192.0.2.1", "ns1 IN A 192.0.2.3");
    repository.replace("zones/example.com.zone", "2025010101", "2025010102");
    repository.commit();
    repository.git(&["merge", "-q", "--no-commit", "side"]);
    // Both sides have raised the serial to the same number, and git has nothing to ask.
    assert_eq!(repository.found(&[]), ["serial-not-bumped zones/example.com.zone:2:25"]);
    assert!(!repository.git(&["status", "--porcelain"]).is_empty());
}

#[test]
fn the_environment_of_a_hook_does_not_mislead() {
    let repository = two_zones();
    let other = Repository::new();
    repository.replace("zones/example.com.zone", ".80", ".81");
    let hook = repository.path().join(".git/hooks/pre-commit");
    let program = env!("CARGO_BIN_EXE_zonewright");
    let line = "lint --base HEAD --select change --output-format concise";
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{program}' {line} >&2\n")).unwrap();
    executable(&hook);
    let mut commit = bare(Command::new("git"));
    commit.arg("-C").arg(repository.path()).args(["commit", "-q", "-a", "-m", "no new serial"]);
    let output = commit.env("SOURCE_DATE_EPOCH", DATE).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("error[serial-not-bumped]"), "{said}");
    repository.replace("zones/example.com.zone", "2025010101", "2026010101");
    repository.git(&["commit", "-q", "zones/example.com.zone", "-m", "a new serial"]);
    let mut elsewhere = lint(repository.path(), &["--base", "HEAD"]);
    elsewhere.env("GIT_DIR", other.path().join(".git")).env("GIT_INDEX_FILE", "nowhere");
    assert_eq!(found(&elsewhere.output().unwrap()), [""; 0]);
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

#[test]
fn the_index_is_left_alone() {
    let repository = two_zones();
    let index = repository.path().join(".git/index");
    repository.replace("zones/example.com.zone", ".80", ".81");
    let before = std::fs::read(&index).unwrap();
    // A lock of another git is no hindrance.
    std::fs::write(repository.path().join(".git/index.lock"), "").unwrap();
    assert_eq!(repository.found(&[]).len(), 1);
    assert_eq!(std::fs::read(&index).unwrap(), before);
}

#[test]
fn flags_of_the_index_hide_no_change() {
    let repository = two_zones();
    repository.git(&["update-index", "--assume-unchanged", "zones/example.com.zone"]);
    repository.git(&["rm", "-q", "--cached", "zones/example.net.zone"]);
    repository.replace("zones/example.com.zone", ".80", ".81");
    repository.replace("zones/web.inc", ".80", ".81");
    let expected = [
        "serial-not-bumped zones/example.com.zone:2:25",
        "include-changed-serial-not-bumped zones/example.net.zone:2:25",
    ];
    assert_eq!(repository.found(&[]), expected);
}

#[test]
fn another_work_tree_and_a_folder_below_are_the_same_repository() {
    let repository = two_zones();
    let folder = tempfile::tempdir().unwrap();
    let other: PathBuf = folder.path().join("other");
    repository.git(&["worktree", "add", "-q", "-b", "other", other.to_str().unwrap()]);
    let zone = other.join("zones/example.com.zone");
    let text = std::fs::read_to_string(&zone).unwrap();
    std::fs::write(&zone, text.replace(".80", ".81")).unwrap();
    let below = lint(&other.join("zones"), &["--base", "HEAD", "example.com.zone"]).output().unwrap();
    assert_eq!(found(&below), ["serial-not-bumped example.com.zone:2:25"]);
    assert_eq!(repository.found(&[]), [""; 0]);
    let above = lint(folder.path(), &["--base", "main", "other/zones"]).output().unwrap();
    assert_eq!(found(&above), ["serial-not-bumped other/zones/example.com.zone:2:25"]);
}

#[test]
fn a_submodule_is_held_against_the_commit_that_the_revision_names() {
    let inner = Repository::new();
    inner.write("example.com.zone", &zone(1, WWW));
    inner.commit();
    let repository = Repository::new();
    let from = inner.path().to_str().unwrap();
    repository.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "data"]);
    repository.write("zonewright.toml", &entry("example.com", "data/example.com.zone"));
    assert_eq!(repository.found(&[]), [""; 0], "it is new");
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
    // Committed in the submodule, and not yet in what holds it.
    let data = repository.path().join("data");
    for (name, value) in [("user.name", "somebody"), ("user.email", "somebody@example.com")] {
        git(&data, &["config", name, value]);
    }
    repository.replace("data/example.com.zone", ".80", ".81");
    git(&data, &["commit", "-q", "-a", "-m", "change"]);
    assert_eq!(repository.found(&[]), ["serial-not-bumped data/example.com.zone:2:25"]);
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
}

#[test]
fn line_ends_that_git_converts_are_no_change() {
    let repository = two_zones();
    repository.git(&["config", "core.autocrlf", "true"]);
    let crlf = |name: &str| {
        let text = repository.read(name);
        repository.write(name, &text.replace('\n', "\r\n"));
    };
    crlf("zones/example.com.zone");
    crlf("zones/web.inc");
    assert_eq!(repository.found(&["--pedantic"]), [""; 0]);
    repository.replace("zones/web.inc", ".80", ".81");
    let expected = ["include-changed-serial-not-bumped zones/example.net.zone:2:25"];
    assert_eq!(repository.found(&["--pedantic"]), expected);
    repository.write(".gitattributes", "*.zone -text\n");
    let all = repository.found(&["--pedantic"]);
    assert_eq!(all, ["format-only-change zones/example.com.zone:2:1", expected[0]], "these do differ");
}

#[cfg(unix)]
#[test]
fn links_lead_where_they_led() {
    use std::os::unix::fs::symlink;
    let repository = Repository::new();
    repository.write("data/one/example.com.zone", &zone(1, WWW));
    repository.write("data/two/example.com.zone", &zone(1, "www IN A 192.0.2.81\n"));
    let link = repository.path().join("live");
    symlink("data/one", &link).unwrap();
    repository.write("zonewright.toml", &entry("example.com", "live/example.com.zone"));
    repository.commit();
    assert_eq!(repository.found(&[]), [""; 0]);
    std::fs::remove_file(&link).unwrap();
    symlink("data/two", &link).unwrap();
    assert_eq!(repository.found(&[]), ["serial-not-bumped live/example.com.zone:2:25"]);
}

#[test]
fn standard_input_is_held_against_the_file_it_is_called() {
    use std::io::Write as _;
    let repository = two_zones();
    let args =
        ["--base", "HEAD", "--stdin-filename", "zones/example.com.zone", "--origin", "example.com", "-"];
    let with = |text: &str| {
        let mut command = lint(repository.path(), &args);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        found(&child.wait_with_output().unwrap())
    };
    let text = repository.read("zones/example.com.zone");
    assert_eq!(with(&text), [""; 0]);
    let expected = ["serial-not-bumped zones/example.com.zone:2:25"];
    assert_eq!(with(&text.replace(".80", ".81")), expected);
}

#[test]
fn a_serial_that_is_no_date_any_more_is_a_jump() {
    let repository = two_zones();
    repository.replace("zones/example.com.zone", "2025010101", "2062010101");
    repository.replace("zones/example.com.zone", ".80", ".81");
    assert_eq!(repository.found(&[]), ["serial-jump zones/example.com.zone:2:25"]);
    // Counting on over the end of a month is none.
    repository.replace("zones/example.com.zone", "2062010101", "2025013199");
    repository.commit();
    repository.replace("zones/example.com.zone", "2025013199", "2025013200");
    repository.replace("zones/example.com.zone", ".81", ".82");
    assert_eq!(repository.found(&[]), [""; 0]);
}

#[test]
fn an_allow_of_a_change_stays_when_the_change_is_committed() {
    let repository = two_zones();
    let allow = " ; zonewright: allow serial-not-bumped -- the signer raises it\n";
    repository.replace("zones/example.com.zone", " 3600\n@ IN NS ns1", &format!(" 3600{allow}@ IN NS ns1"));
    repository.commit();
    let all = |args: &[&str]| {
        let output =
            lint(repository.path(), &[&["--select", "change,hygiene"], args].concat()).output().unwrap();
        found(&output)
    };
    assert_eq!(all(&[]), [""; 0]);
    assert_eq!(all(&["--base", "HEAD"]), [""; 0]);
    repository.replace("zones/example.com.zone", ".80", ".81");
    assert_eq!(all(&["--base", "HEAD"]), [""; 0]);
}

/// The zones that are gone since `HEAD`, and how often each kind of zone is there.
fn since_head(request: &Request) -> (Vec<String>, [usize; 3]) {
    let loaded = load(request).unwrap();
    let base = Base::read(&loaded, request, "HEAD").unwrap();
    let removed = base.removed().iter().map(|removed| removed.zone.apex().to_string()).collect();
    let mut kinds = [0; 3];
    for index in 0..loaded.zones.len() {
        match base.before(index) {
            Before::Nothing => kinds[0] += 1,
            Before::Same => kinds[1] += 1,
            Before::Zone(_) => kinds[2] += 1,
        }
    }
    (removed, kinds)
}

#[test]
fn a_declared_zone_that_is_gone_is_told() {
    let repository = two_zones();
    let config = Some(repository.path().join("zonewright.toml"));
    let request = Request { config, ..Request::default() };
    assert_eq!(since_head(&request), (vec![], [0, 2, 0]));
    repository.git(&["rm", "-q", "zones/example.net.zone", "zones/web.inc"]);
    let both = repository.read("zonewright.toml");
    repository.write("zonewright.toml", &entry("example.com", "zones/example.com.zone"));
    assert_eq!(since_head(&request), (vec![String::from("example.net")], [0, 1, 0]));
    // A configuration that had errors declares nothing that could be gone.
    repository.write("zonewright.toml", &both.replacen("file", "fill", 1));
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-q", "-m", "an error"]);
    repository.write("zonewright.toml", &entry("example.com", "zones/example.com.zone"));
    assert_eq!(since_head(&request), (vec![], [0, 1, 0]));
}

#[test]
fn an_undeclared_zone_that_is_gone_is_told_of_a_folder() {
    let repository = Repository::new();
    for name in ["example.com", "example.net"] {
        repository.write(&format!("zones/{name}.zone"), &zone(1, WWW));
    }
    repository.write("zones/web.zone", WWW);
    repository.write("zones/read.me", "no zone");
    repository.commit();
    for name in ["example.net.zone", "web.zone", "read.me"] {
        std::fs::remove_file(repository.path().join("zones").join(name)).unwrap();
    }
    repository.replace("zones/example.com.zone", ".80", ".81");
    repository.write("zones/example.org.zone", &zone(1, WWW));
    let request = |path: &str| Request { paths: vec![repository.path().join(path)], ..Request::default() };
    assert_eq!(since_head(&request("zones")), (vec![String::from("example.net")], [1, 0, 1]));
    assert_eq!(since_head(&request("zones/example.com.zone")), (vec![], [0, 0, 1]));
}

#[test]
fn a_file_of_two_names_in_turn_is_each_time_the_zone_that_was_declared() {
    let repository = two_zones();
    let config = repository.read("zonewright.toml");
    let turned = config.replace("example.com\"", "example.edu\"");
    repository.write("zonewright.toml", &turned);
    repository.replace("zones/example.com.zone", ".80", ".81");
    assert_eq!(repository.found(&[]), [""; 0], "another zone in the same file is a new one");
}

#[test]
fn objects_of_either_hash_are_known() {
    let repository = Repository { folder: tempfile::tempdir().unwrap() };
    git(repository.path(), &["init", "-q", "--object-format=sha256"]);
    git(repository.path(), &["config", "user.name", "somebody"]);
    git(repository.path(), &["config", "user.email", "somebody@example.com"]);
    repository.write("example.com.zone", &zone(1, WWW));
    repository.write("example.net.zone", &zone(1, WWW));
    repository.commit();
    repository.replace("example.com.zone", ".80", ".81");
    let request = Request { paths: vec![repository.path().to_owned()], ..Request::default() };
    assert_eq!(since_head(&request), (vec![], [0, 1, 1]));
    assert_eq!(repository.found(&["."]), ["serial-not-bumped example.com.zone:2:25"]);
}

#[test]
fn files_are_held_against_what_filters_make_of_them() {
    let repository = two_zones();
    repository.write(".gitattributes", "*.inc filter=turn\n");
    repository.git(&["config", "filter.turn.clean", "tr a-z n-za-m"]);
    repository.git(&["config", "filter.turn.smudge", "tr a-z n-za-m"]);
    repository.git(&["add", "--renormalize", "."]);
    repository.commit();
    assert!(repository.git(&["show", "HEAD:zones/web.inc"]).starts_with("jjj"), "git has it turned");
    assert_eq!(repository.found(&["--pedantic"]), [""; 0]);
    repository.replace("zones/web.inc", ".80", ".81");
    assert_eq!(repository.found(&[]), ["include-changed-serial-not-bumped zones/example.net.zone:2:25"]);
    repository.git(&["config", "filter.turn.smudge", "false"]);
    repository.git(&["config", "filter.turn.required", "true"]);
    let said = refused(&repository.lint(repository.path(), &["--base", "HEAD"]));
    assert!(said.contains("zones/web.inc") && said.contains("git cannot read"), "{said}");
}

#[test]
fn names_of_any_kind_are_found() {
    let repository = Repository::new();
    let name = "a b/\u{e4}[1]* :x/example.com.zone";
    repository.write(name, &zone(1, "$INCLUDE \"w w.inc\"\n"));
    repository.write(&name.replace("example.com.zone", "w w.inc"), WWW);
    repository.commit();
    assert_eq!(repository.found(&["."]), [""; 0]);
    repository.replace(&name.replace("example.com.zone", "w w.inc"), ".80", ".81");
    assert_eq!(repository.found(&["."]).len(), 1);
}

#[test]
fn without_git_there_is_no_base() {
    let repository = two_zones();
    let nothing = tempfile::tempdir().unwrap();
    let mut command = lint(repository.path(), &["--base", "HEAD"]);
    let said = refused(&command.env("PATH", nothing.path()).output().unwrap());
    assert!(said.contains("there is no `git` program"), "{said}");
}

#[test]
fn one_changed_zone_of_many_costs_two_gits_and_one_reading() {
    let repository = Repository::new();
    let mut config = String::new();
    for number in 0..60 {
        let origin = format!("z{number}.example");
        repository.write(&format!("{origin}.zone"), &zone(1, WWW));
        config += &entry(&origin, &format!("{origin}.zone"));
    }
    repository.write("zonewright.toml", &config);
    repository.commit();
    repository.replace("z7.example.zone", ".80", ".81");
    let trace = repository.path().join("trace.txt");
    let mut command = lint(repository.path(), &["--base", "HEAD"]);
    command.env("GIT_TRACE", &trace);
    assert_eq!(found(&command.output().unwrap()), ["serial-not-bumped z7.example.zone:2:25"]);
    let trace = std::fs::read_to_string(&trace).unwrap();
    let runs: Vec<&str> = trace.lines().filter(|line| line.contains("built-in: git")).collect();
    assert_eq!(runs.len(), 2, "{trace}");
    let config = Some(repository.path().join("zonewright.toml"));
    assert_eq!(since_head(&Request { config, ..Request::default() }), (vec![], [0, 59, 1]));
}

/// A small generator of numbers, the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Changes something in a repository of `two_zones`.
fn disturb(repository: &Repository, numbers: &mut Numbers) {
    let files = ["zones/example.com.zone", "zones/example.net.zone", "zones/web.inc", "zones/more.inc"];
    let file = files[numbers.below(4) as usize];
    let path = repository.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let host = numbers.below(6);
    match numbers.below(6) {
        0 => repository.write(file, &format!("{text}host{host} IN A 192.0.2.{}\n", numbers.below(4))),
        1 => repository.write(file, &text.replacen("192.0.2.80", "192.0.2.81", 1)),
        2 => {
            let kept = text.lines().filter(|line| !line.starts_with(&format!("host{host} ")));
            repository.write(file, &kept.map(|line| format!("{line}\n")).collect::<String>());
        }
        3 => repository.write(file, &format!("{text}; a comment\n")),
        4 if file.ends_with(".zone") => repository.write(file, &format!("{text}$INCLUDE more.inc\n")),
        5 if file.ends_with(".inc") => repository.write(file, WWW),
        _ => {}
    }
}

/// A revision is what a checkout of it would be.
#[test]
fn a_base_is_what_a_checkout_reads() {
    let mut numbers = Numbers(20_261_121);
    let mut changed = 0;
    for _ in 0..24 {
        let repository = two_zones();
        repository.write("zones/more.inc", "more IN A 192.0.2.9\n");
        for _ in 0..numbers.below(6) {
            disturb(&repository, &mut numbers);
        }
        repository.git(&["add", "-A"]);
        repository.git(&["commit", "-q", "--allow-empty", "-m", "before"]);
        for _ in 0..numbers.below(6) {
            disturb(&repository, &mut numbers);
        }
        let folder = tempfile::tempdir().unwrap();
        let checkout = folder.path().join("checkout");
        repository.git(&["worktree", "add", "-q", "--detach", checkout.to_str().unwrap(), "HEAD"]);
        let request = |folder: &Path| {
            let config = Some(folder.join("zonewright.toml"));
            Request { config, ..Request::default() }
        };
        let now = load(&request(repository.path())).unwrap();
        let read = Base::read(&now, &request(repository.path()), "HEAD").unwrap();
        let between = Base::between(load(&request(&checkout)).unwrap(), &now);
        let rrsets = |base: &Base| -> Vec<Vec<_>> {
            let contexts = now.contexts_since(Some(base));
            let of = |change: &ZoneChange<'_>| {
                let told = |rrset: &RrsetChange| {
                    let RrsetChange { key, rtype, removed, added, kept } = rrset.clone();
                    (
                        key,
                        rtype,
                        removed.len(),
                        added.len(),
                        kept.len(),
                        rrset.ttl_before(),
                        rrset.ttl_after(),
                    )
                };
                change.rrsets.iter().map(told).collect()
            };
            contexts.iter().map(|context| context.change.as_ref().map_or_else(Vec::new, of)).collect()
        };
        let (read, between) = (rrsets(&read), rrsets(&between));
        assert_eq!(read, between);
        changed += read.iter().filter(|rrsets| !rrsets.is_empty()).count();
    }
    assert!(changed > 4, "{changed} zones changed");
}
