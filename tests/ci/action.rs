//! `action.yml`: its steps are run as the runner of GitHub Actions runs them.

use super::{HOSTILE, assert_not_broken_in, binary, copy, git, read, root, script};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Words = BTreeMap<String, String>;

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn action() -> Value {
    serde_saphyr::from_str(&read(root().join("action.yml"))).unwrap()
}

/// A machine that runs jobs: its workspace, its temporary folder, and a place with releases.
struct Runner {
    folder: tempfile::TempDir,
}

/// What a job came to.
struct Job {
    status: i32,
    log: String,
    summary: String,
    outputs: Words,
    /// The inputs of each step that uses another action.
    used: Vec<(String, Words)>,
}

impl Runner {
    /// A runner with a release of this version, made as releases are.
    fn new() -> Self {
        Self::with_program(&binary())
    }

    fn with_program(program: &str) -> Self {
        let runner = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["workspace", "temp", "home"] {
            fs::create_dir(runner.at(name)).unwrap();
        }
        let path = runner.at("build/zonewright");
        script(&path, program);
        let status = Command::new(root().join("packaging/archive.sh"))
            .args([&path, Path::new(TARGET), &runner.release()])
            .status();
        assert!(status.unwrap().success());
        runner
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn release(&self) -> PathBuf {
        self.at(&format!("releases/v{}", env!("CARGO_PKG_VERSION")))
    }

    fn six_mistakes(self) -> Self {
        copy(&root().join("fixtures/six-mistakes"), &self.at("workspace"));
        self
    }

    /// Runs the action as a step with these inputs.
    fn run(&self, given: &[(&str, &str)]) -> Job {
        self.run_with_path(&std::env::var("PATH").unwrap(), given)
    }

    fn run_with_path(&self, path: &str, given: &[(&str, &str)]) -> Job {
        let action = action();
        let mut inputs: Words = action["inputs"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, input)| (format!("inputs.{name}"), input["default"].as_str().unwrap().to_owned()))
            .collect();
        let releases = format!("file://{}", self.at("releases").display());
        for (name, value) in [("releases", &*releases)].iter().chain(given) {
            let known = inputs.insert(format!("inputs.{name}"), (*value).to_owned());
            assert!(known.is_some(), "the action has no input {name}");
        }
        let mut context = inputs;
        context.insert(String::from("github.workspace"), self.at("workspace").display().to_string());
        let mut job = Job {
            status: 0,
            log: String::new(),
            summary: String::new(),
            outputs: Words::new(),
            used: Vec::new(),
        };
        let mut path = path.to_owned();
        for (at, step) in action["runs"]["steps"].as_array().unwrap().iter().enumerate() {
            let wanted =
                step.get("if").map_or(job.status == 0, |when| holds(when.as_str().unwrap(), &context));
            if !wanted {
                continue;
            }
            let words = |key: &str| -> Words {
                let entries = step.get(key).and_then(Value::as_object).into_iter().flatten();
                entries
                    .map(|(name, value)| (name.clone(), filled(value.as_str().unwrap(), &context)))
                    .collect()
            };
            if let Some(uses) = step.get("uses") {
                job.used.push((uses.as_str().unwrap().to_owned(), words("with")));
                continue;
            }
            assert_eq!(step["shell"], "bash");
            let file = |name: &str| {
                let path = self.at(&format!("{name}-{at}"));
                fs::write(&path, "").unwrap();
                path
            };
            let (output, summary, more_path) = (file("output"), file("summary"), file("path"));
            let program = self.at("step.sh");
            fs::write(&program, step["run"].as_str().unwrap()).unwrap();
            let folder = step.get("working-directory").map_or("", |folder| folder.as_str().unwrap());
            let mut command = Command::new("bash");
            command
                .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
                .arg(&program)
                .current_dir(self.at("workspace").join(filled(folder, &context)))
                .env_clear()
                .env("PATH", &path)
                .env("HOME", self.at("home"))
                .env("CI", "true")
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_ACTION_PATH", root())
                .env("GITHUB_WORKSPACE", self.at("workspace"))
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_STEP_SUMMARY", &summary)
                .env("GITHUB_PATH", &more_path)
                .env("RUNNER_TEMP", self.at("temp"))
                .env("RUNNER_OS", "Linux")
                .env("RUNNER_ARCH", "X64")
                .envs(words("env"));
            let done = command.output().unwrap();
            job.log += &String::from_utf8(done.stdout).unwrap();
            job.log += &String::from_utf8(done.stderr).unwrap();
            job.summary += &read(&summary);
            if job.status == 0 {
                job.status = done.status.code().unwrap();
            }
            for more in read(&more_path).lines() {
                path = format!("{more}:{path}");
            }
            for line in read(&output).lines() {
                let (name, value) = line.split_once('=').unwrap();
                let id = step["id"].as_str().unwrap();
                context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        for (name, output) in action["outputs"].as_object().unwrap() {
            job.outputs.insert(name.clone(), filled(output["value"].as_str().unwrap(), &context));
        }
        job
    }
}

/// A text with its expressions replaced; what is not set is empty.
fn filled(text: &str, context: &Words) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap();
        let name = name.trim();
        let known = ["inputs.", "steps.", "github."].iter().any(|start| name.starts_with(start));
        assert!(known && !name.contains(' '), "an expression that this test cannot evaluate: {name}");
        filled += context.get(name).map_or("", String::as_str);
        filled += rest;
    }
    filled
}

/// Whether a condition holds: comparisons joined by `&&`, of a job that nobody cancels.
fn holds(condition: &str, context: &Words) -> bool {
    let inner = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
    let (after_failure, rest): (Vec<&str>, Vec<&str>) =
        inner.split("&&").map(str::trim).partition(|part| *part == "!cancelled()");
    assert!(!after_failure.is_empty(), "a step that does not run after a failure: {condition}");
    rest.iter().all(|part| {
        let (equal, (name, word)) = match part.split_once(" == ") {
            Some(sides) => (true, sides),
            None => (false, part.split_once(" != ").unwrap()),
        };
        let value = context.get(name).map_or("", String::as_str);
        (value == word.trim_matches('\'')) == equal
    })
}

#[test]
fn findings_become_annotations_a_summary_and_sarif() {
    let runner = Runner::new().six_mistakes();
    let job = runner.run(&[("upload-sarif", "true")]);
    assert_eq!(job.status, 1, "{}", job.log);
    let annotations: Vec<&str> = job.log.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(annotations.len(), 6, "{}", job.log);
    assert!(annotations.iter().all(|line| line.starts_with("::error file=contoso.com.zone,line=2")));
    assert!(job.summary.starts_with("### zonewright: 6 errors in 1 zone"), "{}", job.summary);
    assert_eq!(job.summary.lines().filter(|line| line.starts_with("| error |")).count(), 6);
    assert_eq!(job.outputs["status"], "1");
    let sarif: Value = serde_json::from_str(&read(&job.outputs["sarif"])).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 6);
    let [(uses, with)] = &job.used[..] else { panic!("{:?}", job.used) };
    assert!(uses.starts_with("github/codeql-action/upload-sarif@"));
    assert_eq!(with["sarif_file"], job.outputs["sarif"]);
    assert_eq!(with["category"], "zonewright");
}

#[test]
fn a_clean_repository_passes_and_uploads_nothing_unasked() {
    let runner = Runner::new();
    fs::create_dir(runner.at("workspace/zones")).unwrap();
    let zone = "$ORIGIN a.example.\n$TTL 1h\n@ SOA ns1 hostmaster 1 4h 1h 2w 1h\n NS ns1\n NS ns2\n\
                ns1 A 192.0.2.1\nns2 A 198.51.100.1\n";
    fs::write(runner.at("workspace/zones/a.example.zone"), zone).unwrap();
    let job = runner.run(&[("paths", "zones")]);
    assert_eq!((job.status, &*job.outputs["status"]), (0, "0"), "{}", job.log);
    assert!(!job.log.contains("::"), "{}", job.log);
    assert!(job.summary.contains("no findings in 1 zone"), "{}", job.summary);
    assert!(job.used.is_empty());
}

#[test]
fn inputs_reach_the_program() {
    let runner = Runner::new().six_mistakes();
    assert_eq!(runner.run(&[("fail-on", "never")]).status, 0);
    let job = runner.run(&[("args", "--select\nmissing-trailing-dot\n"), ("summary", "false")]);
    assert_eq!(job.log.lines().filter(|line| line.starts_with("::error")).count(), 1, "{}", job.log);
    assert_eq!(job.summary, "");
    let job = runner.run(&[("sarif-file", "my report.sarif")]);
    assert_eq!(job.outputs["sarif"], "my report.sarif");
    assert!(runner.at("workspace/my report.sarif").exists());
    // A repository that was checked out beside others: names are relative to its root.
    copy(&root().join("fixtures/six-mistakes"), &runner.at("workspace/dns of ours"));
    let job = runner.run(&[("working-directory", "dns of ours"), ("config", "zonewright.toml")]);
    assert!(job.log.contains("::error file=contoso.com.zone,"), "{}", job.log);
}

#[test]
fn a_run_that_fails_says_so_and_leaves_no_report() {
    let runner = Runner::new().six_mistakes();
    // That of an earlier run.
    runner.run(&[]);
    let job = runner.run(&[("paths", "nowhere.zone"), ("upload-sarif", "true")]);
    assert_eq!((job.status, &*job.outputs["status"]), (2, "2"), "{}", job.log);
    assert!(job.log.contains("nowhere.zone: no such file"), "{}", job.log);
    assert_eq!((&*job.outputs["sarif"], &*job.summary), ("", ""));
    assert!(job.used.is_empty());
}

#[test]
fn no_input_is_read_by_a_shell() {
    let runner = Runner::new().six_mistakes();
    for words in HOSTILE {
        for input in ["paths", "config", "base", "fail-on", "args", "version", "checksum", "releases"] {
            let job = runner.run(&[(input, words)]);
            assert_ne!(job.status, 0, "{input}: {words}: {}", job.log);
            assert_not_broken_in(runner.folder.path(), words);
        }
        runner.run(&[("sarif-file", words), ("sarif-category", words), ("summary", words)]);
        assert_not_broken_in(runner.folder.path(), words);
    }
    // An option among the paths is a path, and a name with a line end sets no output.
    let job = runner.run(&[("paths", "--output-file=broken-in")]);
    assert_eq!(job.status, 2, "{}", job.log);
    assert_not_broken_in(runner.folder.path(), "--output-file");
    let job = runner.run(&[("sarif-file", "a.sarif\nstatus=0")]);
    assert_eq!((job.status, &*job.outputs["status"]), (2, ""), "{}", job.log);
}

#[test]
fn no_expression_stands_in_a_script() {
    let action = action();
    for step in action["runs"]["steps"].as_array().unwrap() {
        let run = step.get("run").and_then(Value::as_str).unwrap_or_default();
        assert!(!run.contains("${{"), "{run}");
    }
    let text = read(root().join("action.yml"));
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("inputs.{input} }}}}")) || text.contains(&format!("inputs.{input} ==")),
            "{input}"
        );
    }
}

#[test]
fn the_release_is_the_one_of_this_version_unless_another_is_asked_for() {
    assert_eq!(action()["inputs"]["version"]["default"], env!("CARGO_PKG_VERSION"));
    let job = Runner::new().six_mistakes().run(&[("version", "9.9.9")]);
    assert_eq!(job.status, 2);
    assert!(job.log.contains("of release 9.9.9 cannot be fetched"), "{}", job.log);
    assert_eq!(job.outputs["status"], "");
}

#[test]
fn an_archive_with_another_checksum_is_not_run() {
    let runner = Runner::new().six_mistakes();
    let archive = runner.release().join(format!("zonewright-{TARGET}.tar.gz"));
    let right = read(archive.with_added_extension("sha256"));
    let right = right.split(' ').next().unwrap();
    assert_eq!(runner.run(&[("checksum", right)]).status, 1);
    let other = right.chars().rev().collect::<String>();
    let wrong = runner.run(&[("checksum", &other)]);
    let mut bytes = fs::read(&archive).unwrap();
    bytes.push(0);
    fs::write(&archive, bytes).unwrap();
    for job in [wrong, runner.run(&[])] {
        assert_eq!(job.status, 2);
        assert!(job.log.contains("not the one expected"), "{}", job.log);
        assert!(!job.log.contains("contoso.com.zone"), "{}", job.log);
    }
}

/// A checkout has one commit only.
#[test]
fn a_pull_request_is_compared_with_its_base() {
    let runner = Runner::new();
    let origin = runner.at("origin");
    let base = super::repository_with_a_change(&origin);
    // As GitHub does it.
    git(&origin, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let workspace = runner.at("workspace");
    let address = format!("file://{}", origin.display());
    git(&workspace, &["clone", "--quiet", "--depth=1", &address, "."]);
    let paths = ("paths", "zones");
    assert_eq!(runner.run(&[paths]).status, 0);
    let job = runner.run(&[paths, ("base", &base)]);
    assert_eq!(job.status, 1, "{}", job.log);
    assert!(job.log.contains("::error file=zones/fabrikam.com.zone,"), "{}", job.log);
    assert!(job.log.contains("serial-not-bumped"), "{}", job.log);
    let job = runner.run(&[paths, ("base", "0123456789012345678901234567890123456789")]);
    assert_ne!(job.status, 0, "{}", job.log);
}

#[test]
fn the_program_is_built_when_asked() {
    let runner = Runner::new().six_mistakes();
    let cargo = runner.at("home/cargo-bin/cargo");
    // Takes the place of a build of several minutes: it installs what is built already.
    script(
        &cargo,
        &format!(
            "#!/bin/sh\nset -eu\ntest \"$1\" = install; test -f \"$5/Cargo.toml\"; mkdir -p \"$7/bin\"\n\
             cp '{}' \"$7/bin/\"; echo \"$@\"\n",
            runner.at("build/zonewright").display()
        ),
    );
    fs::remove_dir_all(runner.release()).unwrap();
    let path = format!("{}:{}", cargo.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let job = runner.run_with_path(&path, &[("version", "source")]);
    assert_eq!(job.status, 1, "{}", job.log);
    assert!(job.log.contains("install --locked --force --path"), "{}", job.log);
}

/// A service refuses a summary of over 1 MiB as a whole.
#[test]
fn a_long_summary_is_cut() {
    let runner = Runner::with_program(
        "#!/bin/sh\nfor arg; do case $arg in --output-file=markdown=*) file=${arg#--output-file=markdown=} ;; esac; done\n\
         [ -z \"${file-}\" ] || yes 'a line of the table' | head -n 100000 >\"$file\"\n",
    );
    let job = runner.run(&[]);
    assert_eq!(job.status, 0, "{}", job.log);
    assert!((900_000..1_048_576).contains(&job.summary.len()), "{}", job.summary.len());
    assert!(
        job.summary
            .ends_with("\n\nThe table is too long for a summary: the log and the SARIF report go on.\n")
    );
}
