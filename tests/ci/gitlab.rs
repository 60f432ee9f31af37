//! `templates/zonewright.yml`: its script is run as a runner of GitLab runs it.

use super::{HOSTILE, assert_not_broken_in, binary, copy, files, read, root, script};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The head of the template and the jobs below it.
fn template() -> (Value, String) {
    let text = read(root().join("templates/zonewright.yml"));
    let (head, jobs) = text.split_once("\n---\n").unwrap();
    (serde_saphyr::from_str(head).unwrap(), jobs.to_owned())
}

/// The jobs with these inputs in them.
fn jobs(given: &[(&str, &str)]) -> Value {
    let (head, jobs) = template();
    let mut inputs = BTreeMap::new();
    for (name, input) in head["spec"]["inputs"].as_object().unwrap() {
        let default = &input["default"];
        inputs.insert(&**name, default.as_str().map_or_else(|| default.to_string(), str::to_owned));
    }
    for (name, value) in given {
        assert!(inputs.insert(name, (*value).to_owned()).is_some(), "the template has no input {name}");
    }
    let mut jobs: Value = serde_saphyr::from_str(&jobs).unwrap();
    fill(&mut jobs, &inputs);
    jobs
}

/// Puts inputs into the texts of a tree.
fn fill(value: &mut Value, inputs: &BTreeMap<&str, String>) {
    match value {
        Value::String(text) => {
            for (name, input) in inputs {
                *text = text.replace(&format!("$[[ inputs.{name} ]]"), input);
            }
            assert!(!text.contains("$[["), "an input that is not declared: {text}");
        }
        Value::Array(values) => values.iter_mut().for_each(|value| fill(value, inputs)),
        Value::Object(entries) => entries.values_mut().for_each(|value| fill(value, inputs)),
        _ => {}
    }
}

struct Runner {
    folder: tempfile::TempDir,
}

impl Runner {
    fn new(program: &str) -> Self {
        let runner = Self { folder: tempfile::tempdir().unwrap() };
        script(&runner.at("bin/zonewright"), program);
        copy(&root().join("fixtures/six-mistakes"), &runner.at("project"));
        runner
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the script of the job with these inputs and variables of the service.
    fn run(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Output {
        let jobs = jobs(inputs);
        let job = jobs.as_object().unwrap().values().next().unwrap();
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.current_dir(self.at("project")).env_clear().env("PATH", path).env("CI", "true");
        for (name, value) in job["variables"].as_object().unwrap() {
            let text = value.get("value").unwrap_or(value);
            command.env(name, text.as_str().unwrap());
        }
        let lines: Vec<&str> =
            job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        command.envs(variables.iter().copied()).args(["-e", "-c", &lines.join("\n")]).output().unwrap()
    }
}

fn log(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn findings_become_the_reports_that_the_job_names() {
    let runner = Runner::new(&binary());
    let output = runner.run(&[], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", log(&output));
    assert!(log(&output).contains("srv-port-unexpected"), "{}", log(&output));
    let jobs = jobs(&[]);
    let artifacts = &jobs.as_object().unwrap().values().next().unwrap()["artifacts"];
    assert_eq!(artifacts["when"], "always");
    let report = |kind: &str| read(runner.at("project").join(artifacts["reports"][kind].as_str().unwrap()));
    let quality: Value = serde_json::from_str(&report("codequality")).unwrap();
    assert_eq!(quality.as_array().unwrap().len(), 6);
    assert_eq!(quality[0]["location"]["path"], "contoso.com.zone");
    assert!(report("junit").contains("failures=\"6\""));
}

#[test]
fn inputs_reach_the_program() {
    let runner = Runner::new(&binary());
    assert!(runner.run(&[("fail-on", "never"), ("paths", "contoso.com.zone .")], &[]).status.success());
    let output = runner.run(
        &[("args", "--select missing-trailing-dot --output-format concise"), ("config", "zonewright.toml")],
        &[],
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    let output = runner.run(&[("paths", "nowhere.zone")], &[]);
    assert_eq!(output.status.code(), Some(2), "{}", log(&output));
}

#[test]
fn a_merge_request_is_compared_with_its_base() {
    let runner = Runner::new(&binary());
    let base = super::repository_with_a_change(&runner.at("project"));
    let of_merge_request = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", &*base)];
    let paths = ("paths", "zones");
    let output = runner.run(&[paths], &of_merge_request);
    assert_eq!(output.status.code(), Some(1), "{}", log(&output));
    assert!(log(&output).contains("serial-not-bumped"), "{}", log(&output));
    assert!(runner.run(&[paths, ("compare", "false")], &of_merge_request).status.success());
    assert!(runner.run(&[paths], &[]).status.success());
}

#[test]
fn no_input_is_read_by_a_shell() {
    let runner = Runner::new(&binary());
    for words in HOSTILE {
        for input in ["paths", "config", "fail-on", "args"] {
            let output = runner.run(&[(input, words)], &[]);
            assert!(!output.status.success(), "{input}: {words}: {}", log(&output));
            assert_not_broken_in(runner.folder.path(), words);
        }
    }
    // A star is no pattern, and an option among the paths is a path.
    assert!(log(&runner.run(&[("paths", "*.zone")], &[])).contains("*.zone: no such file"));
    runner.run(&[("paths", "--output-file=broken-in")], &[]);
    assert_not_broken_in(runner.folder.path(), "--output-file");
    assert!(files(runner.folder.path()).len() > 2);
}

#[test]
fn the_image_is_the_one_of_this_version() {
    let (head, _) = template();
    let image = head["spec"]["inputs"]["image"]["default"].as_str().unwrap();
    assert_eq!(
        Path::new(image).file_name().unwrap().to_str().unwrap(),
        format!("zonewright:{}", env!("CARGO_PKG_VERSION"))
    );
}
