//! The examples of the help texts, run as they stand there in a repository like the one of `zones/`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const ZONEWRIGHT: &str = env!("CARGO_BIN_EXE_zonewright");

fn help(command: &[String]) -> String {
    let output = Command::new(ZONEWRIGHT).args(command).arg("--help").env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines below a heading, up to the next empty one.
fn section<'t>(text: &'t str, heading: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// Every command with its help text.
fn commands() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(command) = open.pop() {
        let text = help(&command);
        // A line of a name; its words may go on in further ones.
        let names = section(&text, "Commands:").into_iter().filter_map(|line| line.strip_prefix("  "));
        for line in names.filter(|line| !line.starts_with(' ')) {
            let name = line.split_whitespace().next().unwrap();
            open.push([&command[..], &[name.to_owned()]].concat());
        }
        found.push((command.join(" "), text));
    }
    found
}

/// A folder with a home and a repository, its configuration at the root and the zones in `zones/`.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("dns");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &root.join("zones"));
    let config = fs::read_to_string(root.join("zones/zonewright.toml")).unwrap();
    fs::remove_file(root.join("zones/zonewright.toml")).unwrap();
    fs::write(root.join("zonewright.toml"), config.replace("file = \"", "file = \"zones/")).unwrap();
    // What Get-CsService and Get-CsTopology say.
    for name in ["deployment.json", "topology.xml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(name);
        fs::copy(from, root.join(name)).unwrap();
    }
    fs::create_dir_all(folder.path().join("home/.config/fish/completions")).unwrap();
    let commit = "git init --quiet . && git add . && \
                  git -c user.name=t -c user.email=t@example.com commit --quiet -m zones";
    assert!(run(folder.path(), commit).status.success());
    folder
}

/// Runs a line of the shell in the repository.
fn run(folder: &Path, line: &str) -> Output {
    let beside = Path::new(ZONEWRIGHT).parent().unwrap();
    let path = format!("{}:{}", beside.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-e", "-c", line])
        .current_dir(folder.join("dns"))
        .env("PATH", path)
        .env("HOME", folder.join("home"))
        .env("PROFILE", folder.join("home/profile.ps1"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap()
}

#[test]
fn every_example_runs() {
    let commands = commands();
    assert!(commands.len() > 15, "{}", commands.len());
    let first = repository();
    let mut failures = Vec::new();
    for (command, text) in commands {
        let lines = section(&text, "Examples:");
        let examples: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("    ")).collect();
        assert!(!examples.is_empty(), "`zonewright {command}` has no examples: {text}");
        for example in examples {
            let folder = tempfile::tempdir().unwrap();
            copy(first.path(), folder.path());
            let output = run(folder.path(), example);
            let words = String::from_utf8_lossy(&output.stderr);
            let tells = ["--check", "--diff", "zonewright diff", "--detailed-exitcode"];
            let may_differ = tells.iter().any(|word| example.contains(word));
            if !matches!((output.status.code(), may_differ), (Some(0), _) | (Some(1), true)) {
                failures.push(format!("{example}: {words}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
