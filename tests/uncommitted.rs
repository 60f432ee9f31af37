//! `plan --write` replaces nothing that git could not bring back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;
#[path = "support/git.rs"]
mod git;

use copy::copy;
use git::git;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WRITE: &[&str] = &["plan", "failover", "edge1", "--write"];

/// A repository whose folder `dns` has the example zones, all committed.
struct Repository {
    folder: tempfile::TempDir,
}

fn texts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".git") {
            texts.extend(self::texts(&path));
        } else if path.is_file() {
            texts.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    texts
}

fn commit_all(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "x"]);
}

impl Repository {
    fn new() -> Self {
        let repository = Self::without_git();
        git(repository.folder.path(), &["init", "-q"]);
        commit_all(repository.folder.path());
        repository
    }

    fn without_git() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &folder.path().join("dns"));
        Self { folder }
    }

    fn dns(&self) -> PathBuf {
        self.folder.path().join("dns")
    }

    /// Adds a comment to a zone.
    fn edit(&self, file: &str) {
        let path = self.dns().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{text}; an edit\n")).unwrap();
    }

    fn run(&self, args: &[&str], env: &[(&str, &Path)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
        command.args(args).arg("--config").arg(self.dns().join("zonewright.toml"));
        command.current_dir(self.folder.path()).env("SOURCE_DATE_EPOCH", "1795219200");
        command.envs(env.iter().copied()).output().unwrap()
    }

    /// Nothing is written, and all of these words are said; when forced, it is.
    fn refuses(&self, words: &[&str]) {
        self.refuses_with(&[], words);
    }

    fn refuses_with(&self, env: &[(&str, &Path)], words: &[&str]) {
        let before = texts(self.folder.path());
        let output = self.run(WRITE, env);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty(), "no plan is shown that was not carried out");
        for word in ["nothing is written", "--force"].iter().chain(words) {
            assert!(said.contains(word), "`{word}` is not in: {said}");
        }
        assert_eq!(texts(self.folder.path()), before);
        let output = self.run(&[WRITE, &["--force"]].concat(), env);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_ne!(texts(self.folder.path()), before);
    }

    fn writes(&self) {
        self.writes_with(&[]);
    }

    fn writes_with(&self, env: &[(&str, &Path)]) {
        let before = texts(self.folder.path());
        let output = self.run(WRITE, env);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let after = texts(self.folder.path());
        assert_eq!(after.iter().filter(|(path, text)| before[*path] != **text).count(), 3);
    }
}

#[test]
fn what_is_committed_is_replaced_and_git_brings_it_back() {
    let repository = Repository::new();
    let before = texts(&repository.dns());
    repository.writes();
    git(repository.folder.path(), &["checkout", "--", "dns"]);
    assert_eq!(texts(&repository.dns()), before);
}

#[test]
fn an_edit_that_is_not_committed_is_not_replaced() {
    let repository = Repository::new();
    repository.edit("fabrikam.com.zone");
    repository.refuses(&["dns/fabrikam.com.zone has edits that are not committed"]);

    let repository = Repository::new();
    repository.edit("internal/contoso.com.zone");
    repository.edit("contoso.com.zone");
    git(repository.folder.path(), &["add", "dns"]);
    let lines =
        "\n  dns/contoso.com.zone has edits that are not committed\n  dns/internal/contoso.com.zone has";
    repository.refuses(&[lines]);
}

#[test]
fn an_edit_of_a_file_that_stays_is_no_obstacle() {
    let repository = Repository::new();
    repository.edit("fragments/mail.inc");
    repository.edit("internal/contoso.net.zone");
    repository.writes();
}

#[test]
fn a_file_that_was_never_added_is_not_replaced_unless_git_ignores_it() {
    let repository = Repository::new();
    let root = repository.folder.path();
    git(root, &["rm", "-q", "--cached", "dns/fabrikam.com.zone"]);
    git(root, &["commit", "-qm", "x"]);
    repository.refuses(&["dns/fabrikam.com.zone was never added"]);

    git(root, &["checkout", "--", "dns"]);
    fs::write(root.join(".gitignore"), "fabrikam.*\n").unwrap();
    git(root, &["add", ".gitignore"]);
    git(root, &["commit", "-qm", "x"]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &repository.dns());
    repository.writes();
}

#[test]
fn a_folder_that_was_never_added_is_not_replaced() {
    let repository = Repository::without_git();
    git(repository.folder.path(), &["init", "-q"]);
    repository.refuses(&["dns/contoso.com.zone was never added", "dns/internal/contoso.com.zone was never"]);
}

#[test]
fn where_git_is_not_used_it_is_not_asked() {
    Repository::without_git().writes();

    let repository = Repository::new();
    repository.edit("fabrikam.com.zone");
    let empty = tempfile::tempdir().unwrap();
    repository.writes_with(&[("PATH", empty.path())]);

    // An empty folder of that name is no repository.
    let repository = Repository::without_git();
    fs::create_dir(repository.folder.path().join(".git")).unwrap();
    repository.writes();
}

/// Git sets these for hooks, and they speak of the repository of the hook.
#[test]
fn the_variables_of_a_hook_lead_nowhere() {
    let other = Repository::new();
    let there = other.folder.path();
    let env = [
        ("GIT_DIR", there.join(".git")),
        ("GIT_WORK_TREE", there.to_owned()),
        ("GIT_INDEX_FILE", there.join(".git/index")),
        ("GIT_PREFIX", PathBuf::from("dns/")),
    ];
    let env: Vec<(&str, &Path)> = env.iter().map(|(name, path)| (*name, path.as_path())).collect();
    Repository::new().writes_with(&env);
    let repository = Repository::new();
    repository.edit("fabrikam.com.zone");
    repository.refuses_with(&env, &["dns/fabrikam.com.zone has edits"]);
}

#[test]
fn a_linked_work_tree_is_one_too() {
    let main = Repository::new();
    let place = tempfile::tempdir().unwrap();
    let tree = place.path().join("tree");
    git(main.folder.path(), &["worktree", "add", "-q", tree.to_str().unwrap()]);
    let file = tree.join("dns/fabrikam.com.zone");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}; an edit\n")).unwrap();
    let config = tree.join("dns/zonewright.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_zonewright"))
        .args(WRITE)
        .arg("--config")
        .arg(config)
        .current_dir(&tree)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("dns/fabrikam.com.zone has edits"), "{said}");
}

#[test]
fn a_repository_within_another_has_its_own_say() {
    let repository = Repository::new();
    let inner = repository.dns().join("internal");
    git(&inner, &["init", "-q"]);
    commit_all(&inner);
    repository.edit("internal/contoso.com.zone");
    git(repository.folder.path(), &["-c", "advice.addEmbeddedRepo=false", "commit", "-qam", "x"]);
    repository.refuses(&["dns/internal/contoso.com.zone has edits"]);
}

#[test]
#[cfg(unix)]
fn a_link_is_asked_about_where_it_leads() {
    let (repository, other) = (Repository::new(), Repository::new());
    let (link, file) = (repository.dns().join("fabrikam.com.zone"), other.dns().join("fabrikam.com.zone"));
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    commit_all(repository.folder.path());
    other.edit("fabrikam.com.zone");
    let toml = repository.dns().join("zonewright.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, format!("include_outside_root = true\n{text}")).unwrap();
    repository.refuses(&["fabrikam.com.zone has edits"]);
    assert_eq!(fs::read_link(&link).unwrap(), fs::canonicalize(&file).unwrap());
}

#[test]
fn a_git_that_fails_is_heard() {
    let repository = Repository::new();
    fs::write(repository.folder.path().join(".git/index"), "this is no index").unwrap();
    repository.refuses(&["git cannot tell whether", "index"]);
}
