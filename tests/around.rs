//! Completions and manual pages, read by the programs that they are for.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::process::{Command, Output};

fn zonewright(args: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_zonewright")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn bash_reads_the_completions_and_completes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zonewright.bash");
    std::fs::write(&file, zonewright(&["completions", "bash"]).stdout).unwrap();
    let script = format!(
        "set -e; source {}; COMP_WORDS=(zonewright pl); COMP_CWORD=1; \
         _zonewright zonewright pl zonewright; echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "plan\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = zonewright(&["completions", shell]).stdout;
        assert!(String::from_utf8(text).unwrap().contains("failover"), "{shell}");
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    zonewright(&["man", "--out", &folder.path().display().to_string()]);
    for (page, words) in [
        ("zonewright.1", "zonewright"),
        ("zonewright-lint.1", "max\\-findings"),
        ("zonewright-plan-failover.1", "POOL"),
        ("zonewright-recover.1", "undo"),
    ] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".TH ") && text.contains(words), "{page}: {text}");
    }
}
