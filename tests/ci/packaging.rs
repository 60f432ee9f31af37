//! What is handed out beside the source: archives and the Debian package.

use super::root;
use std::fs;
use std::path::Path;
use std::process::Command;

fn make(program: &str, args: &[&Path]) {
    let status = Command::new(root().join("packaging").join(program)).args(args).status();
    assert!(status.unwrap().success(), "{program}");
}

#[test]
fn an_archive_has_the_program_its_pages_and_completions() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("zonewright");
    super::script(&binary, &super::binary());
    make("archive.sh", &[&binary, Path::new("some-target"), &folder.path().join("out")]);
    let listing = Command::new("sh")
        .args(["-e", "-c", "sha256sum --check --quiet *.sha256; tar -tzf zonewright-some-target.tar.gz"])
        .current_dir(folder.path().join("out"))
        .output()
        .unwrap();
    assert!(listing.status.success(), "{}", String::from_utf8_lossy(&listing.stderr));
    let listing = String::from_utf8(listing.stdout).unwrap();
    for name in ["zonewright", "LICENSE-MIT", "man/zonewright-plan-failover.1", "completions/zonewright.fish"]
    {
        let name = format!("zonewright-some-target/{name}");
        assert!(listing.lines().any(|line| line == name), "{name}: {listing}");
    }
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 2, "nothing else is left");
}

/// What cargo-deb is told to take is there, or is made by `packaging/extras.sh`.
#[test]
fn the_debian_package_names_files_that_exist() {
    let made = tempfile::tempdir().unwrap();
    make("extras.sh", &[Path::new(env!("CARGO_BIN_EXE_zonewright")), made.path()]);
    let manifest: toml::Table = super::read(root().join("Cargo.toml")).parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    assert!(assets.len() > 8);
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        if source == "target/release/zonewright" {
            continue;
        }
        let path = match source.strip_prefix("target/extras/") {
            Some(path) => made.path().join(path),
            None => root().join(source),
        };
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
        let (start, end) = name.split_once('*').unwrap_or((name, ""));
        // `zones/**/*` is all that is below.
        let folder = folder.to_str().unwrap().trim_end_matches("/**");
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let found = names.filter(|name| name.starts_with(start) && name.ends_with(end)).count();
        assert!(found > 0, "{source}");
    }
}
