//! Files beside those of the zones: zones that no configuration lists, fragments that nothing includes,
//! and zones that are there twice.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files; a configuration lists `zones/contoso.com.zone`.
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self::bare(files);
        let zone = "[[zone]]\norigin = \"contoso.com\"\nfile = \"zones/contoso.com.zone\"\n";
        folder.write("zonewright.toml", zone);
        folder.write("zones/contoso.com.zone", zone_of("contoso.com", "$INCLUDE fragments/mail.inc\n"));
        folder.write("zones/fragments/mail.inc", "mail A 192.0.2.9\n");
        folder
    }

    fn bare(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, folder: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
        command.arg("lint").args(args).args(["--output-format", "concise"]).env("NO_COLOR", "1");
        command.current_dir(self.0.path().join(folder)).output().unwrap()
    }

    /// The findings, a line each, when the rules about strays run.
    fn strays(&self, folder: &str, args: &[&str]) -> Vec<String> {
        let output = self.run(folder, &[args, &["--select", "orphan-zone-file,unused-include"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}

fn zone_of(origin: &str, lines: &str) -> String {
    format!(
        "$ORIGIN {origin}.\n$TTL 1h\n@ SOA ns1 hostmaster 2026010100 4h 1h 2w 1h\n@ NS ns1\n@ NS ns2\n\
         ns1 A 192.0.2.1\nns2 A 198.51.100.1\n{lines}"
    )
}

#[test]
fn strays_are_told_with_what_they_are() {
    let folder = Folder::new(&[
        ("zones/old/db.fabrikam.com", &zone_of("fabrikam.com", "")),
        ("zones/contoso.com.old.zone", &zone_of("contoso.com", "")),
        ("zones/fragments/web.inc", "; web\nwww 300 IN A 192.0.2.9\n"),
        ("zones/trigger.zone", "@ SOA ns1 hostmaster 1 4h 1h 2w 1h\n"),
    ]);
    let expected = [
        "zones/contoso.com.old.zone:3:3: info[orphan-zone-file] `zones/contoso.com.old.zone` holds zone \
         `contoso.com`, for which the configuration names another file",
        "zones/fragments/web.inc:2:12: info[unused-include] `zones/fragments/web.inc` holds records, and no zone \
         file includes it",
        "zones/old/db.fabrikam.com:3:3: info[orphan-zone-file] `zones/old/db.fabrikam.com` holds zone \
         `fabrikam.com`, which the configuration does not list",
        "zones/trigger.zone:1:3: info[orphan-zone-file] `zones/trigger.zone` begins as a zone does, and the \
         configuration does not list it",
    ];
    assert_eq!(folder.strays("", &[]), expected);
    // However the configuration is named.
    assert_eq!(folder.strays("", &["--config", "zonewright.toml"]), expected);
    assert_eq!(folder.strays("zones", &[]).len(), 4);
    let alone = folder.strays("", &["zones/contoso.com.old.zone"]);
    assert!(alone.is_empty(), "one file was asked for: {alone:?}");
    let quiet = folder.run("", &[]);
    assert!(quiet.stdout.is_empty(), "info is off: {}", String::from_utf8_lossy(&quiet.stdout));
}

#[test]
fn what_others_see_to_is_no_stray() {
    let folder = Folder::new(&[
        // Another configuration's.
        ("lab/zonewright.toml", "[[zone]]\norigin = \"lab.test\"\nfile = \"lab.test.zone\"\n"),
        ("lab/lab.test.zone", &zone_of("lab.test", "")),
        ("lab/forgotten.inc", "a A 192.0.2.1\n"),
        // Git's, and hidden.
        (".gitignore", "/build\n"),
        ("build/contoso.com.zone", &zone_of("contoso.com", "")),
        (".ignore", "/templates\n"),
        ("templates/new.zone", &zone_of("new.example", "")),
        (".cache/contoso.com.zone", &zone_of("contoso.com", "")),
        // Of another kind.
        ("src/header.inc", "#include <stdio.h>\n"),
        ("app/thumbs.db", "SQLite format 3\0\u{10}\0\u{1}\u{1}\0@  \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("zones/empty.zone", "; nothing yet\n$TTL 1h\n"),
        ("notes.zone", "the zone of the lab\n"),
        // Includes of a zone that is not listed, by either folder, of any depth.
        ("zones/fabrikam.com.zone", &zone_of("fabrikam.com", "$include \"a.inc\" x.fabrikam.com. ; x\n")),
        ("zones/a.inc", "a A 192.0.2.1\n$INCLUDE zones/b.inc\n"),
        ("zones/b.inc", "b A 192.0.2.1\n"),
    ]);
    let found = folder.strays("", &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`fabrikam.com`"), "{found:?}");
    // Without a configuration nobody says what is listed.
    fs::remove_file(folder.0.path().join("zonewright.toml")).unwrap();
    assert!(folder.strays("", &["zones/contoso.com.zone"]).is_empty());
}

#[test]
fn includes_of_large_files_count() {
    let lines =
        "host A 192.0.2.9 ; a long comment so that there need not be too many lines\n".repeat(120_000);
    let folder = Folder::new(&[
        ("zones/large.example.zone", &zone_of("large.example", &format!("{lines}$INCLUDE last.inc\n"))),
        ("zones/last.inc", "last A 192.0.2.9\n"),
    ]);
    assert!(lines.len() > 8 << 20);
    let found = folder.strays("", &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`large.example`"), "{found:?}");
}

fn duplicates(folder: &Folder, args: &[&str]) -> String {
    let output = folder.run("", &[args, &["--select", "duplicate-zone"]].concat());
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(i32::from(!found.is_empty())), "{found}");
    found
}

#[test]
fn a_zone_that_is_there_twice_is_an_error() {
    let zone = zone_of("contoso.com", "");
    let folder = Folder::bare(&[("z/contoso.com.zone", &zone), ("z/db.contoso.com", &zone)]);
    let expected = "z/db.contoso.com:3:1: error[duplicate-zone] zone `contoso.com` is in `z/db.contoso.com`, and in \
                    `z/contoso.com.zone` beside it\n";
    assert_eq!(duplicates(&folder, &["z"]), expected);
    assert_eq!(duplicates(&folder, &["z/db.contoso.com", "z/contoso.com.zone"]), expected);
    assert_eq!(duplicates(&folder, &["z/db.contoso.com"]), "");
}

#[test]
fn views_of_a_zone_are_no_duplicates() {
    let (one, other) = (zone_of("contoso.com", ""), zone_of("contoso.com", "www A 192.0.2.2\n"));
    let folder = Folder::bare(&[
        ("external/contoso.com.zone", &one),
        ("internal/contoso.com.zone", &other),
        ("z/contoso.com.external.zone", &one),
        ("z/contoso.com.internal.zone", &other),
        ("y/db.contoso.com", &one),
        ("y/contoso.com.zone", &zone_of("contoso.net", "")),
        ("y/contoso.com.db", "$ORIGIN contoso.com.\nwww 60 A 192.0.2.1\n"),
    ]);
    assert_eq!(duplicates(&folder, &["."]), "");
    let declared = Folder::bare(&[("contoso.com.zone", &one), ("db.contoso.com", &other)]);
    let entry = |file: &str, view: &str| {
        format!("[[zone]]\norigin = \"contoso.com\"\nfile = \"{file}\"\nview = \"{view}\"\n")
    };
    let config = entry("contoso.com.zone", "external") + &entry("db.contoso.com", "internal");
    declared.write("zonewright.toml", config);
    assert_eq!(duplicates(&declared, &[]), "");
}

#[test]
fn links_to_one_file_are_one_file() {
    let folder = Folder::bare(&[("z/contoso.com.zone", &zone_of("contoso.com", ""))]);
    let link = folder.0.path().join("z/db.contoso.com");
    #[cfg(unix)]
    std::os::unix::fs::symlink(Path::new("contoso.com.zone"), &link).unwrap();
    #[cfg(not(unix))]
    let _ = (&link, Path::new(""));
    assert_eq!(duplicates(&folder, &["z"]), "");
    assert_eq!(duplicates(&folder, &["z/contoso.com.zone", "z/db.contoso.com"]), "");
}
