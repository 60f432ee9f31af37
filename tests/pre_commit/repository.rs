//! A git repository whose commits pass the hooks of `.pre-commit-hooks.yaml`, as pre-commit runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Whether pre-commit is installed. That it is not fails the test, unless
/// `ZONEWRIGHT_WITHOUT_PRE_COMMIT` is set.
pub(crate) fn installed() -> bool {
    if Command::new("pre-commit").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    let why = "pre-commit cannot be run: not installed?";
    assert!(
        std::env::var_os("ZONEWRIGHT_WITHOUT_PRE_COMMIT").is_some(),
        "{why} Set ZONEWRIGHT_WITHOUT_PRE_COMMIT to skip the tests of the hooks"
    );
    eprintln!("skipped: {why}");
    false
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a program said, on both streams.
pub(crate) fn said(output: &Output) -> String {
    let both = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// A repository with hooks. The folder `dns` in it is for zones.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A repository that has hooks and nothing else, committed.
    ///
    /// The hooks come from a repository that has the shipped `.pre-commit-hooks.yaml`. The built
    /// program stands in for the wheel: `language: system` takes it from the PATH.
    pub(crate) fn new(hooks: &[&str]) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        let source = repository.folder.path().join("hooks");
        fs::create_dir_all(&source).unwrap();
        fs::copy(root().join(".pre-commit-hooks.yaml"), source.join(".pre-commit-hooks.yaml")).unwrap();
        repository.git_in(&source, &["init", "-q"]);
        repository.git_in(&source, &["add", "-A"]);
        repository.git_in(&source, &["commit", "-qm", "Hooks"]);
        repository.git_in(&source, &["tag", "v0.1.0"]);
        let mut config = format!("repos:\n  - repo: {}\n    rev: v0.1.0\n    hooks:\n", source.display());
        for hook in hooks {
            config.push_str(&format!("      - id: {hook}\n        language: system\n"));
        }
        fs::create_dir_all(repository.dns()).unwrap();
        repository.write("../.pre-commit-config.yaml", &config);
        repository.git(&["init", "-q"]);
        let output =
            repository.command(Command::new("pre-commit"), &repository.top()).arg("install").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", said(&output));
        repository
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The folder of the zones.
    pub(crate) fn dns(&self) -> PathBuf {
        self.top().join("dns")
    }

    /// Takes in the example zones, and commits them past the hooks.
    pub(crate) fn with_example(self) -> Self {
        copy(&root().join("zones"), &self.dns());
        self.git(&["add", "-A"]);
        self.git(&["commit", "--no-verify", "-qm", "Zones"]);
        self
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.dns().join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.dns().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text that is in a file.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "`{old}` is not in {file}");
        self.write(file, &text.replace(old, new));
    }

    /// A program with the built one on its PATH, nothing of the machine's settings, and the same day.
    fn command(&self, mut command: Command, folder: &Path) -> Command {
        let built = Path::new(env!("CARGO_BIN_EXE_zonewright")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([built].into_iter().chain(std::env::split_paths(&path))).unwrap();
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("GIT_") || name.starts_with("PRE_COMMIT") || name == "SKIP" {
                command.env_remove(&*name);
            }
        }
        command
            .current_dir(folder)
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("PRE_COMMIT_HOME", self.folder.path().join("cache"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("SOURCE_DATE_EPOCH", "1795219200")
            .env("NO_COLOR", "1");
        command
    }

    fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let output = self.try_git(folder, args);
        assert!(output.status.success(), "git {args:?}: {}", said(&output));
        said(&output)
    }

    fn try_git(&self, folder: &Path, args: &[&str]) -> Output {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let mut command = Command::new("git");
        command.args(who).args(args);
        self.command(command, folder).output().unwrap()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.top(), args)
    }

    /// Runs pre-commit itself.
    pub(crate) fn pre_commit(&self, args: &[&str]) -> Output {
        let mut command = Command::new("pre-commit");
        command.args(args);
        self.command(command, &self.top()).output().unwrap()
    }

    /// Commits everything; what was said.
    pub(crate) fn accepts(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-m", "A change"])
    }

    /// Commits everything, which is refused: there is no new commit. What was said.
    pub(crate) fn refuses(&self) -> String {
        self.git(&["add", "-A"]);
        let before = self.head();
        let output = self.try_git(&self.top(), &["commit", "-m", "A change"]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert_eq!(self.head(), before);
        said(&output)
    }

    /// The last commit; none when there is none.
    fn head(&self) -> Option<String> {
        let output = self.try_git(&self.top(), &["rev-parse", "-q", "--verify", "HEAD"]);
        output.status.success().then(|| said(&output))
    }
}
