//! `zonewright import` on the disk: what it writes is a configuration that serves, and its diff is a patch.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;
#[path = "support/git.rs"]
mod git;

use copy::copy;
use git::git;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A repository with the zones and the topologies, `zones/zonewright.toml` left out where `fresh`.
fn repository(fresh: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&root.join("zones"), &folder.path().join("zones"));
    copy(&root.join("fixtures/import"), &folder.path().join("import"));
    if fresh {
        fs::remove_file(folder.path().join("zones/zonewright.toml")).unwrap();
    }
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "--all"]);
    git(
        folder.path(),
        &["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "zones"],
    );
    folder
}

fn zonewright(folder: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zonewright")).current_dir(folder.path()).args(args).output().unwrap()
}

#[track_caller]
fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Both forms together tell all but what the SRV records show.
const BOTH: [&str; 5] = ["import", "--from", "import/topology.xml", "--from", "import/deployment.json"];

#[test]
fn a_fresh_configuration_covers_every_pool_as_the_shipped_one_does() {
    let folder = repository(true);
    let output = zonewright(&folder, &[&BOTH[..], &["zones", "--write"]].concat());
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    // Nothing tells that XMPP is not wanted in fabrikam.com.
    let path = folder.path().join("zonewright.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("name = \"fabrikam.com\"\n", "name = \"fabrikam.com\"\nxmpp = false\n"))
        .unwrap();
    let made = zonewright(&folder, &["matrix", "--config", "zonewright.toml"]);
    assert_eq!(code(&made), 0, "{}", String::from_utf8_lossy(&made.stdout));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/zonewright.toml");
    let shipped = zonewright(&folder, &["matrix", "--config", shipped.to_str().unwrap()]);
    let said = String::from_utf8(made.stdout).unwrap().replace("lsedge", "edge");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&said), words(&String::from_utf8(shipped.stdout).unwrap()));
    let again = zonewright(&folder, &[&BOTH[..], &["zones", "--diff"]].concat());
    assert_eq!((code(&again), again.stdout), (0, Vec::new()));
}

#[test]
fn the_diff_is_a_patch_that_leads_to_what_out_writes() {
    for fresh in [false, true] {
        let folder = repository(fresh);
        let config = if fresh { "zonewright.toml" } else { "zones/zonewright.toml" };
        let import = ["import", "--config", config, "--from", "import/changed.xml", "zones"];
        let diff = zonewright(&folder, &[&import[..], &["--diff"]].concat());
        assert_eq!(code(&diff), 1);
        fs::write(folder.path().join("x.patch"), &diff.stdout).unwrap();
        let out = zonewright(&folder, &[&import[..], &["--out", "x.toml"]].concat());
        assert_eq!(code(&out), 0);
        git(folder.path(), &["apply", "x.patch"]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read(config), read("x.toml"));
    }
}

#[test]
fn write_refuses_what_would_not_load_and_what_git_could_not_bring_back() {
    let folder = repository(false);
    let config = folder.path().join("zones/zonewright.toml");
    let old = fs::read_to_string(&config).unwrap();
    let import = |from: &str, more: &[&str]| {
        let args = ["import", "--config", "zones/zonewright.toml", "--from", from, "--write"];
        zonewright(&folder, &[&args[..], more].concat())
    };
    let output = import("import/changed.xml", &[]);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing is written"));
    assert_eq!(fs::read_to_string(&config).unwrap(), old);
    let output = import("import/moved.json", &[]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let new = fs::read_to_string(&config).unwrap();
    assert_eq!(
        new,
        old.replace("xmpp = 5269", "xmpp = 5270").replace("\"sip2.contoso.com\"", "\"access2.contoso.com\"")
    );
    let output = import("import/edge.json", &[]);
    assert_eq!(code(&output), 2, "it has edits that are not committed");
    assert_eq!(fs::read_to_string(&config).unwrap(), new);
    assert_eq!(code(&import("import/edge.json", &["--force"])), 0);
    assert_eq!(fs::read_to_string(&config).unwrap(), old);
}

#[test]
fn a_topology_is_read_from_a_pipe() {
    let folder = repository(false);
    let json = fs::File::open(folder.path().join("import/edge-utf16.json")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zonewright"))
        .current_dir(folder.path())
        .args(["import", "--config", "zones/zonewright.toml", "--diff"])
        .stdin(json)
        .output()
        .unwrap();
    assert_eq!((code(&output), output.stdout), (0, Vec::new()));
}

#[test]
fn one_address_for_several_servers_is_taken_for_a_load_balancer() {
    let folder = repository(true);
    let zone = "$ORIGIN tailspin.com.\n$TTL 1h\n@ SOA ns1 hostmaster 1 4h 1h 2w 5m\n@ NS ns1\nns1 A 203.0.113.1\n\
                access A 203.0.113.5\n_sip._tls SRV 30 0 5061 access\n\
                _sipfederationtls._tcp SRV 30 0 5061 access\n_xmpp-server._tcp SRV 30 0 5269 access\n";
    fs::create_dir(folder.path().join("tailspin")).unwrap();
    fs::write(folder.path().join("tailspin/tailspin.com.zone"), zone).unwrap();
    let args = [
        "import",
        "--from",
        "import/builder.tbxml",
        "--config",
        "tailspin/zonewright.toml",
        "tailspin",
        "--write",
    ];
    let output = zonewright(&folder, &args);
    assert_eq!(code(&output), 0);
    let path = folder.path().join("tailspin/zonewright.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("vip = { access = \"203.0.113.5\" }") && text.contains("priority = 30\n"),
        "{text}"
    );
    assert!(text.contains("file = \"tailspin.com.zone\""), "{text}");
    // The Access Edge name is that of XMPP too.
    fs::write(&path, text.replace("\nav = ", "\nxmpp = \"access.tailspin.com\"\nav = ")).unwrap();
    let matrix = zonewright(&folder, &["matrix", "--config", "tailspin/zonewright.toml"]);
    assert_eq!(
        code(&matrix),
        0,
        "{}{}",
        String::from_utf8_lossy(&matrix.stdout),
        String::from_utf8_lossy(&matrix.stderr)
    );
}

#[test]
fn a_folder_or_nothing_is_no_topology() {
    let folder = repository(true);
    for (from, why) in [("import", "is a folder, where a file was expected"), ("none.xml", "no such file")] {
        let output = zonewright(&folder, &["import", "--from", from]);
        assert_eq!(code(&output), 2);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.trim_end(), format!("error: {from}: {why}"));
    }
}
