//! The zones that `benches/zones.py` makes to measure checkers with are right: nothing above info is
//! found in them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(program: &mut Command) -> Output {
    program.output().unwrap_or_else(|error| panic!("{program:?}: {error}"))
}

/// Has a zone of a kind written, or a fleet of them, with so many records, or zones.
fn generated(folder: &Path, kind: &str, count: u32, seed: u32) -> PathBuf {
    let to = folder.join(format!("{kind}-{count}-{seed}.zone"));
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/zones.py");
    let (count, seed) = (count.to_string(), format!("--seed={seed}"));
    let made = run(Command::new("python3").arg(generator).args([kind, &count]).arg(&to).arg(seed));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    to
}

#[test]
fn nothing_is_wrong_with_generated_zones() {
    let folder = tempfile::tempdir().unwrap();
    // With 10000 records the zone of delegations is taken for a registry's, with 1000 it is not.
    let kinds = [
        ("tld", 1000),
        ("tld", 10_000),
        ("enterprise", 1000),
        ("enterprise", 6000),
        ("signed", 300),
        ("reverse", 1000),
        ("small", 1),
        ("fleet", 20),
    ];
    for (kind, count) in kinds {
        for seed in 1..=3 {
            let zone = generated(folder.path(), kind, count, seed);
            let mut program = Command::new(env!("CARGO_BIN_EXE_zonewright"));
            program.current_dir(&folder).args(["lint", "--fail-on", "warning", "--output-format", "concise"]);
            let linted = run(program.arg(&zone));
            let said = String::from_utf8_lossy(&linted.stdout);
            let summary = String::from_utf8_lossy(&linted.stderr);
            assert_eq!(linted.status.code(), Some(0), "{kind} {count} {seed}: {said}{summary}");
            assert!(format!("{said}{summary}").contains("no findings in "), "{kind}: {said}{summary}");
        }
    }
}
