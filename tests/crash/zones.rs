//! Zones in a folder of their own, the program on them, and strace around it.

#[path = "../support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The texts of all files below a folder, hidden ones too, by their paths in it.
pub(crate) type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// The system calls that change a file system, or make a change last.
pub(crate) const CALLS: [&str; 9] =
    ["openat", "write", "flock", "fchmod", "fchown", "fsync", "linkat", "rename", "unlink"];

pub(crate) const WRITE: &[&str] = &["plan", "failover", "edge1", "--write"];
pub(crate) const FINISH: &[&str] = &["recover"];
pub(crate) const UNDO: &[&str] = &["recover", "--undo"];

/// A copy of the example zones. Nothing above it is a repository.
pub(crate) struct Zones {
    folder: tempfile::TempDir,
    runs: AtomicUsize,
}

fn collect(folder: &Path, root: &Path, texts: &mut Texts) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, root, texts);
        } else {
            texts.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// What became of a run under strace.
pub(crate) struct Traced {
    /// Whether the program was killed; else it ended with this status.
    pub(crate) status: Option<i32>,
    pub(crate) stderr: String,
    /// The calls from the first one on that changed anything.
    pub(crate) log: Vec<String>,
    /// The same as strace wrote them.
    pub(crate) raw: Vec<String>,
    /// The names of those before.
    before: Vec<String>,
}

impl Zones {
    pub(crate) fn new() -> Self {
        // In memory thousands of syncs take no time.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let zones = Self { folder, runs: AtomicUsize::new(0) };
        zones.reset();
        zones
    }

    /// The folder of the zones.
    pub(crate) fn root(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join("zones")
    }

    /// Makes everything as it was in the beginning.
    pub(crate) fn reset(&self) {
        let root = self.root();
        let _ = fs::remove_dir_all(&root);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &root);
    }

    pub(crate) fn texts(&self) -> Texts {
        let mut texts = Texts::new();
        collect(&self.root(), &self.root(), &mut texts);
        texts
    }

    fn prepare<'c>(&self, command: &'c mut Command, args: &[&str]) -> &'c mut Command {
        command.arg("--config").arg(self.root().join("zonewright.toml")).args(args);
        command.env("SOURCE_DATE_EPOCH", "1795219200").env("NO_COLOR", "1").current_dir(self.root())
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.prepare(&mut Command::new(env!("CARGO_BIN_EXE_zonewright")), args).output().unwrap()
    }

    /// Runs and wants the exit status; gives what was said.
    pub(crate) fn run_to(&self, args: &[&str], status: i32) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {said}");
        said
    }

    /// Runs under strace with these options.
    pub(crate) fn trace(&self, options: &[&str], args: &[&str]) -> Traced {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let log = self.folder.path().join(format!("log{run}"));
        // Only the first thread is followed: it does all the writing.
        let mut command = Command::new("strace");
        command.args(["-y", "-s", "100000", "-o"]).arg(&log);
        command.arg("-e").arg(format!("trace={}", CALLS.join(",")));
        command.args(options).arg(env!("CARGO_BIN_EXE_zonewright"));
        let output = self.prepare(&mut command, args).output().expect("strace is installed");
        let text = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
        fs::remove_file(&log).unwrap();
        let root = format!("{}/", self.root().display());
        let changes =
            |line: &&str| line.contains(&root) && (!line.starts_with("openat(") || line.contains("O_CREAT"));
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("+++")).collect();
        let first = lines.iter().position(changes).unwrap_or(lines.len());
        let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
        Traced {
            status: if killed { None } else { output.status.code() },
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            log: lines[first..].iter().map(|line| self.step(line)).collect(),
            raw: lines[first..].iter().map(|line| String::from(*line)).collect(),
            before: lines[..first].iter().map(|line| subject(line)).collect(),
        }
    }

    /// A line of the log without what differs between two runs, such as the id of the change.
    fn step(&self, line: &str) -> String {
        let line = line.replace(&self.root().display().to_string(), "");
        let mut parts = line.split(".zonewright-");
        let mut step = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let id = part.find(['-', '.']).filter(|_| !part.starts_with("write.json")).unwrap_or(0);
            step.push_str(".zonewright-");
            step.push_str(if id == 0 { part } else { "ID" });
            step.push_str(if id == 0 { "" } else { &part[id..] });
        }
        step
    }
}

/// What a call is about: its name and the files.
pub(crate) fn subject(step: &str) -> String {
    let call = step.split('(').next().unwrap_or_default();
    // The text that is written is no matter here.
    let rest = if call == "write" { step.split(", \"").next().unwrap_or_default() } else { step };
    // A call that was killed has no result.
    let rest = rest.rsplit_once(") ").map_or(rest, |(arguments, _)| arguments);
    let files = rest.split(['"', '<', '>']).filter(|part| part.starts_with('/'));
    std::iter::once(call).chain(files).collect::<Vec<_>>().join(" ")
}

/// Runs a command again and again, each time with another one of its calls injected, until each had
/// its turn. `prepare` makes ready before each run, and `check` gets what became of it, and the call.
/// Gives the number of calls.
pub(crate) fn at_every_call(
    zones: &Zones,
    options: &[&str],
    inject: &str,
    args: &[&str],
    prepare: &dyn Fn(),
    check: &mut dyn FnMut(&Traced, &str),
) -> usize {
    prepare();
    let whole = zones.trace(options, args);
    assert_eq!(whole.status, Some(0), "{}", whole.stderr);
    let all: Vec<String> = whole.log.iter().map(|step| subject(step)).collect();
    assert!(all.len() > 10, "{all:?}");
    let count = |steps: &[String], call: &str| {
        steps.iter().filter(|step| step.split(' ').next() == Some(call)).count()
    };
    let mut met = BTreeSet::new();
    // strace injects one thing into a kind of call.
    let mut taken = 0;
    for call in CALLS {
        if options.iter().any(|option| option.contains(call)) {
            taken += count(&all, call);
            continue;
        }
        let before = count(&whole.before, call);
        for when in before + 1..=before + count(&all, call) {
            prepare();
            let injection = format!("inject={call}:{inject}:when={when}");
            let mut with: Vec<&str> = options.to_vec();
            with.extend(["-e", &injection]);
            let traced = zones.trace(&with, args);
            let log: Vec<String> = traced.log.iter().map(|step| subject(step)).collect();
            let at = match traced.status {
                None => log.len().checked_sub(1),
                Some(_) => traced.log.iter().position(|step| step.ends_with("(INJECTED)")),
            };
            let at = at.unwrap_or_else(|| panic!("{injection} met nothing: {log:#?}"));
            assert_eq!(log.get(..=at), all.get(..=at), "the same up to the call");
            met.insert(at);
            check(&traced, &all[at]);
        }
    }
    assert_eq!(met.len() + taken, all.len(), "every call had its turn");
    met.len()
}

/// Whether strace may trace here. Where it may not, as in some containers, the tests fail, unless
/// `ZONEWRIGHT_WITHOUT_STRACE` says that this is known.
pub(crate) fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let can = traced.as_ref().is_ok_and(|output| output.status.success());
    let known = std::env::var_os("ZONEWRIGHT_WITHOUT_STRACE").is_some();
    assert!(can || known, "strace cannot trace: {traced:?}; set ZONEWRIGHT_WITHOUT_STRACE to do without");
    can
}
