//! Folders of many zone files, compressed ones among them, read by the program itself.

#![allow(clippy::unwrap_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

fn zonewright(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.current_dir(folder).env("NO_COLOR", "1").args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

/// A zone with an alias beside other data (an error), `lines` after it.
fn zone(origin: &str, lines: &str) -> String {
    format!(
        "$ORIGIN {origin}.\n$TTL 1h\n@ SOA ns hostmaster 2026010100 2h 30m 2w 1h\n@ NS ns\n@ NS ns2\n\
         ns A 192.0.2.1\nns2 A 198.51.100.1\nwww CNAME ns\nwww A 192.0.2.2\n{lines}"
    )
}

/// Zones that include one file, generate records, and point their SRV records at each other.
fn fleet(folder: &Path) {
    fs::create_dir(folder.join(".git")).unwrap();
    fs::create_dir(folder.join("zones")).unwrap();
    fs::write(folder.join("zones/shared.inc"), "shared A 192.0.2.9\nshared CNAME ns\n").unwrap();
    for number in 0..80 {
        let next = (number + 1) % 80;
        let lines = format!(
            "$INCLUDE shared.inc\n$GENERATE 1-3 host-$ CNAME gone\n\
             _sip._tls SRV 10 0 443 edge.z{next}.example.com.\n\
             _sip._tls SRV 20 0 443 www2.z{next}.example.com.\nedge A 192.0.2.{number}\n\
             www2 CNAME edge.z{next}.example.com.\n"
        );
        let text = zone(&format!("z{number}.example.com"), &lines);
        fs::write(folder.join(format!("zones/z{number}.example.com.zone")), text).unwrap();
    }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    for format in ["json", "concise", "human"] {
        let run = |jobs: &[&str]| {
            let args = [&["lint", "zones", "--pedantic", "--output-format", format], jobs].concat();
            zonewright(folder.path(), &args)
        };
        let one = run(&["--jobs", "1"]);
        assert_eq!(one.status.code(), Some(1), "{}", err(&one));
        assert!(out(&one).contains("z79.example.com"), "{}", out(&one));
        assert!(err(&one).contains("in 80 zones"), "{}", err(&one));
        for jobs in [&["--jobs", "2"][..], &["--jobs", "7"], &["--jobs", "32"], &[]] {
            let many = run(jobs);
            assert_eq!(many.status.code(), Some(1));
            assert!(many.stdout == one.stdout, "{format} {jobs:?}");
            assert_eq!(err(&many), err(&one));
        }
    }
}

#[test]
fn a_fleet_beside_one_file_of_it_is_read_whole_and_once() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let file = "zones/z7.example.com.zone";
    let output = zonewright(folder.path(), &["lint", file, "zones", file, "--output-format", "concise"]);
    assert!(err(&output).contains("in 80 zones"), "{}", err(&output));
    let alone = zonewright(folder.path(), &["lint", file, file, "--output-format", "concise"]);
    assert!(err(&alone).contains("in 1 zone,"), "{}", err(&alone));
}

#[test]
fn compressed_files_are_read_and_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("zones")).unwrap();
    let text = zone("example.com", "a  A  192.0.2.3\n");
    let plain = text.replace("$ORIGIN example.com.\n", "");
    fs::write(here.join("zones/example.com.zone.gz"), gzip(plain.as_bytes())).unwrap();
    fs::write(here.join("zones/db.example.com.zst"), zstandard(plain.as_bytes())).unwrap();
    // Told by its octets, not by its name.
    fs::write(here.join("zones/example.com.dns"), gzip(plain.as_bytes())).unwrap();
    let output = zonewright(here, &["lint", "zones", "--output-format", "concise"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(err(&output).contains("in 3 zones, 24 records"), "{}", err(&output));
    for name in ["example.com.zone.gz", "db.example.com.zst", "example.com.dns"] {
        let finding = format!("zones/{name}:7:5: error[cname-and-other-data]");
        assert!(out(&output).contains(&finding), "{finding} in {}", out(&output));
    }
    assert!(!out(&output).contains("byte-order-mark"), "{}", out(&output));
    let before = fs::read(here.join("zones/example.com.zone.gz")).unwrap();
    for args in [&["fmt", "zones/example.com.zone.gz"][..], &["fmt", "--check", "zones"]] {
        let refused = zonewright(here, args);
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        let words = "zones/example.com.zone.gz is compressed or UTF-16, so it is only read, never changed";
        assert!(err(&refused).contains(words), "{}", err(&refused));
    }
    assert_eq!(fs::read(here.join("zones/example.com.zone.gz")).unwrap(), before);
}

#[test]
fn the_mark_of_a_compressed_file_is_called_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = zone("example.com", "a  A  192.0.2.3\n");
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (packed, words) in [
        (gzip(format!("\u{feff}{text}").as_bytes()), "begins with a UTF-8 byte order mark"),
        (gzip(&utf16), "is UTF-16, which no server reads; it was read all the same"),
    ] {
        fs::write(folder.path().join("example.com.gz"), packed).unwrap();
        let output = zonewright(folder.path(), &["lint", "example.com.gz", "--output-format", "concise"]);
        assert!(out(&output).contains(words), "{}", out(&output));
        assert!(out(&output).contains("example.com.gz:1:1: error[byte-order-mark]"), "{}", out(&output));
        assert!(!out(&output).contains("[*]"), "no fix fits: {}", out(&output));
    }
}

#[test]
fn archives_that_are_no_more_than_a_part_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let text = zone("example.com", "a  A  192.0.2.3\n");
    for (name, packed) in [("a.gz", gzip(text.as_bytes())), ("a.zst", zstandard(text.as_bytes()))] {
        fs::write(folder.path().join(name), &packed[..packed.len() - 9]).unwrap();
        let output = zonewright(folder.path(), &["lint", name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("data that ends too early"), "{}", err(&output));
        assert!(err(&output).starts_with(&format!("error: {name}: is ")), "{}", err(&output));
    }
}

#[test]
fn a_plan_that_would_change_a_compressed_zone_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &folder.path().join("zones"));
    let path = folder.path().join("zones/contoso.com.zone");
    fs::write(&path, gzip(&fs::read(&path).unwrap())).unwrap();
    let clean = zonewright(folder.path(), &["lint", "zones"]);
    assert_eq!(clean.status.code(), Some(0), "{}{}", out(&clean), err(&clean));
    let args = ["plan", "failover", "edge1", "--config", "zones/zonewright.toml", "--write"];
    let output = zonewright(folder.path(), &args);
    assert_eq!(output.status.code(), Some(2), "{}{}", out(&output), err(&output));
    assert!(err(&output).contains("only read, never changed"), "{}", err(&output));
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String =
        (0..250).map(|number| format!("w{number} CNAME ns\nw{number} A 192.0.2.2\n")).collect();
    fs::write(folder.path().join("example.com.zone"), zone("example.com", &lines)).unwrap();
    let select = ["lint", "example.com.zone", "--select", "cname-and-other-data"];
    let run = |more: &[&str]| zonewright(folder.path(), &[&select[..], more].concat());
    let shown = |output: &Output| out(output).matches("error[cname-and-other-data]").count();
    for (args, most) in [
        (&[][..], 100),
        (&["--max-findings", "3"], 3),
        (&["--max-findings", "0"], 251),
        (&["--output-format", "concise"], 251),
        (&["--output-format", "concise", "--max-findings", "9"], 9),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(shown(&output), most, "{args:?}");
        assert!(err(&output).contains("251 errors in 1 zone"), "{}", err(&output));
        let words = format!("... and {} more of `cname-and-other-data` (--max-findings 0", 251 - most);
        assert_eq!(out(&output).contains(&words), most < 251, "{args:?}");
    }
    let json = run(&["--output-format", "json", "--max-findings", "2"]);
    assert_eq!(out(&json).lines().count(), 4, "{}", out(&json));
    assert!(err(&json).contains("... and 249 more of"), "{}", err(&json));
}
