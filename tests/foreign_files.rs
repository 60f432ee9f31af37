//! Files that are no plain BIND master file: exports, dumps, other encodings, and what is no file.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zonewright::diagnostic::Finding;
use zonewright::lint::{Levels, lint};
use zonewright::workspace::{LoadError, Loaded, Request, load};
use zonewright::zonefile::parse::Dialect;
use zonewright::zonefile::rtype::Rtype;

const HEAD: &str = "$TTL 3600\n@ IN SOA ns1 hostmaster 1 14400 3600 1209600 3600\n@ IN NS ns1\n@ IN NS ns2\n\
                    ns1 IN A 192.0.2.1\nns2 IN A 198.51.100.2\n";

fn written(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn request(path: &Path, dialect: Dialect) -> Request {
    let origin = Some(String::from("example.com"));
    Request { paths: vec![path.to_owned()], origin, dialect, ..Request::default() }
}

/// The zone, and the findings at warning level or above.
fn run(request: &Request) -> (Loaded, Vec<Finding>) {
    let mut loaded = load(request).unwrap();
    let parsed = loaded.take_findings();
    let report = lint(&loaded.contexts(), parsed, loaded.deployment(), &Levels::new());
    (loaded, report.findings)
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.0).collect()
}

fn wire(loaded: &Loaded, key: &str, rtype: Rtype) -> Vec<u8> {
    let zone = &loaded.zones[0].zone;
    let rec = *zone.rrset(key.as_bytes(), rtype).first().unwrap();
    zone.record(key.as_bytes(), rec).unwrap().wire
}

const WINDOWS: &str = ";\r\n;  Database file example.com.dns for example.com zone.\r\n;      Zone version:  42\r\n;\r\n\r\n\
    @                       IN  SOA dc1.example.com. hostmaster.example.com. (\r\n\
    \t\t42           ; serial number\r\n\t\t900          ; refresh\r\n\t\t600          ; retry\r\n\
    \t\t86400        ; expire\r\n\t\t7200       ) ; default TTL\r\n\r\n\
    @                       NS\tdc1.example.com.\r\n@                       NS\tdc2.example.com.\r\n\
    @                       0\tWINS\tLOCAL L2 C900 ( 192.0.2.7 )\r\n\
    dc1                     A\t192.0.2.1\r\ndc2                     [AGE:3700000]\t1200\tA\t198.51.100.2\r\n\
    caf\\303\\251               TXT\t( \"non\\302\\240breaking\" )\r\n";

#[test]
fn a_dump_of_bind_tells_its_zone_below_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let dump = "$ORIGIN .\n$TTL 86400\t; 1 day\nexample.com\t\tIN SOA\tns1.example.com. hostmaster.example.com. (\n\
                \t\t\t\t1 ; serial\n\t\t\t\t14400 3600 1209600 3600\n\t\t\t\t)\n\
                \t\t\tNS\tns1.example.com.\n\t\t\tNS\tns2.example.com.\n\t\t\tMX\t10 ns1.example.com.\n\
                $ORIGIN example.com.\nns1\t\t\tA\t192.0.2.1\nns2\t\t\tA\t198.51.100.2\n";
    let path = written(folder.path(), "dump", dump);
    let (loaded, findings) = run(&Request { origin: None, ..request(&path, Dialect::Auto) });
    assert_eq!(loaded.zones[0].zone.apex().to_string(), "example.com");
    assert!(findings.is_empty(), "{:?}", names(&findings));
}

#[test]
fn a_reverse_zone_is_told_by_the_network_in_its_file_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "$TTL 3600\n@ IN SOA ns1.example.com. hostmaster.example.com. 1 14400 3600 1209600 3600\n\
                @ IN NS ns1.example.com.\n@ IN NS ns2.example.com.\n1 IN PTR ns1.example.com.\n";
    let path = written(folder.path(), "db.192.0.2", text);
    let (loaded, findings) = run(&Request { origin: None, ..request(&path, Dialect::Auto) });
    assert_eq!(loaded.zones[0].zone.apex().to_string(), "2.0.192.in-addr.arpa");
    assert!(findings.is_empty(), "{:?}", names(&findings));
}

#[test]
fn includes_start_at_the_top_of_a_repository_that_is_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let done =
        std::process::Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status();
    assert!(done.unwrap().success());
    written(folder.path(), "inc/hosts.inc", "www IN A 192.0.2.80\n");
    let path = written(folder.path(), "zones/example.com.zone", format!("{HEAD}$INCLUDE inc/hosts.inc\n"));
    let (loaded, findings) = run(&request(&path, Dialect::Auto));
    assert_eq!(wire(&loaded, "www", Rtype::A), [192, 0, 2, 80]);
    assert!(!names(&findings).contains(&"include-not-found"), "{:?}", names(&findings));
}

#[test]
fn an_export_of_windows_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, dialect) in [
        ("header.dns", WINDOWS.to_owned(), Dialect::Auto),
        ("option.dns", WINDOWS.replace("Database", "Some"), Dialect::Windows),
    ] {
        let (loaded, findings) = run(&request(&written(folder.path(), name, text), dialect));
        assert_eq!(names(&findings), Vec::<&str>::new(), "{name}: {findings:?}");
        let zone = &loaded.zones[0].zone;
        assert_eq!(zone.record_count(), 7, "WINS is a record to Windows");
        assert_eq!(zone.rrset(b"dc1", Rtype::A)[0].ttl, 7200, "the SOA minimum is the default");
        assert_eq!(zone.rrset(b"dc2", Rtype::A)[0].ttl, 1200);
        assert_eq!(wire(&loaded, "caf\\195\\169", Rtype::TXT), b"\x0dnon\xc2\xa0breaking");
    }
}

#[test]
fn the_marks_of_windows_are_errors_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "example.com.dns", WINDOWS);
    let (_, findings) = run(&request(&path, Dialect::Bind));
    for rule in ["windows-age-tag", "windows-wins-record", "bad-escape", "crlf-line-endings", "ttl-missing"] {
        assert!(names(&findings).contains(&rule), "{rule}: {findings:?}");
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
}

#[test]
fn utf_16_is_read_and_not_edited() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEAD}caf\\195\\169 IN TXT \"\u{e9}\"\r\nwww IN A 192.0.2.300\n");
    for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let (loaded, findings) =
            run(&request(&written(folder.path(), "z.zone", utf16(&text, unit)), Dialect::Auto));
        assert_eq!(wire(&loaded, "caf\\195\\169", Rtype::TXT), "\u{2}\u{e9}".as_bytes());
        let found = names(&findings);
        assert!(found.contains(&"byte-order-mark") && found.contains(&"bad-ipv4"), "{findings:?}");
        assert!(findings.iter().all(|finding| finding.fix.is_none()), "{findings:?}");
    }
    let odd = [utf16(HEAD, u16::to_le_bytes), vec![0x00, 0xd8, 0x41]].concat();
    let (loaded, _) = run(&request(&written(folder.path(), "odd.zone", odd), Dialect::Auto));
    assert_eq!(loaded.zones[0].zone.record_count(), 5);
}

/// PowerShell writes them so, under any name.
#[test]
fn an_export_of_windows_with_a_mark_is_read_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let text = ";\r\n;  Database file corp.example.dns for corp.example zone.\r\n;\r\n\
                @  IN  SOA  dc1 hostmaster 1532 900 600 604800 3600\r\n\
                @  NS  dc1\r\n@  NS  dc2\r\n\
                dc1  [AGE:3651234]  1200  A  10.1.0.1\r\ndc2  A  10.1.0.2\r\n";
    for bytes in [utf16(text, u16::to_le_bytes), format!("\u{feff}{text}").into_bytes()] {
        let (loaded, findings) = run(&Request {
            origin: None,
            ..request(&written(folder.path(), "export.txt", bytes), Dialect::Auto)
        });
        assert_eq!(loaded.zones[0].zone.apex().to_string(), "corp.example");
        assert_eq!(names(&findings), ["byte-order-mark"]);
    }
}

#[test]
fn a_plan_does_not_edit_utf_16() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/swing-a");
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let zone = folder.path().join("contoso.com.zone");
    let text = fs::read_to_string(&zone).unwrap();
    fs::write(&zone, utf16(&text, u16::to_le_bytes)).unwrap();
    let loaded =
        load(&Request { config: Some(folder.path().join("zonewright.toml")), ..Request::default() }).unwrap();
    let pools = loaded.deployment().unwrap().pools();
    let down = zonewright::edge::PoolId::clone(&pools[0].id);
    let goal = zonewright::plan::Goal::Failover { down: [down].into(), to: None };
    let services = std::collections::BTreeSet::new();
    let now = "2026-04-01T00:00:00Z".parse().unwrap();
    let error =
        zonewright::plan::plan(&loaded, &zonewright::plan::Request { goal, services, now }).unwrap_err();
    let zonewright::plan::PlanError::Unreadable { findings, .. } = error else { panic!("{error}") };
    assert_eq!(names(&findings), ["byte-order-mark"]);
}

#[test]
fn the_output_of_dig_is_a_zone() {
    let folder = tempfile::tempdir().unwrap();
    let soa =
        "example.com.\t3600\tIN\tSOA\tns1.example.com. hostmaster.example.com. 1 14400 3600 1209600 3600\n";
    let text = format!(
        "\n; <<>> DiG 9.18.28 <<>> @192.0.2.1 example.com AXFR\n; (1 server found)\n;; global options: +cmd\n{soa}\
         example.com.\t3600\tIN\tNS\tns1.example.com.\nexample.com.\t3600\tIN\tNS\tns2.example.com.\n\
         ns1.example.com.\t3600\tIN\tA\t192.0.2.1\nns2.example.com.\t3600\tIN\tA\t198.51.100.2\n{soa}\
         ;; Query time: 1 msec\n;; XFR size: 6 records (messages 1, bytes 228)\n\n"
    );
    let path = written(folder.path(), "transfer", &text);
    let request = Request { paths: vec![path.clone()], ..Request::default() };
    let (loaded, findings) = run(&request);
    assert_eq!(names(&findings), Vec::<&str>::new(), "{findings:?}");
    assert_eq!(loaded.zones[0].zone.apex().to_string(), "example.com");
    let changed = text.replacen(" 1 14400", " 2 14400", 1);
    fs::write(&path, changed).unwrap();
    let (_, findings) = run(&request);
    assert_eq!(names(&findings), ["soa-multiple"], "{findings:?}");
}

#[test]
fn the_dump_of_a_server_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "named_dump.db",
            ";\n; Start view _default\n;\n;\n; Cache dump of view '_default' (cache _default)\n;\n$DATE 20260101000000\n",
        ),
        ("zones.db", ";\n; Zone dump of 'example.com/IN'\n;\nexample.com. 3600 IN NS ns1.example.com.\n"),
    ] {
        let path = written(folder.path(), name, text);
        let error = load(&request(&path, Dialect::Auto)).err().unwrap();
        assert!(
            matches!(error, LoadError::ServerDump(_)) && error.to_string().contains("rndc dumpdb"),
            "{error}"
        );
    }
    let speaks_of_it = format!("{HEAD}; Zone dump of 'example.com/IN' below\n");
    let path = written(folder.path(), "comment.zone", speaks_of_it);
    assert!(load(&request(&path, Dialect::Auto)).is_ok());
}

/// The finding of a zone with this `$INCLUDE`, and how many records it has.
fn including(folder: &Path, include: &str) -> (Vec<String>, u64) {
    let path = written(folder, "repo/zones/example.com.zone", format!("{HEAD}$INCLUDE {include}\n"));
    let (loaded, findings) = run(&request(&path, Dialect::Auto));
    let found = findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    (found, loaded.zones[0].zone.record_count())
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("repo/.git")).unwrap();
    folder
}

#[cfg(unix)]
#[test]
fn includes_stay_in_the_repository() {
    let folder = repository();
    let secret = written(folder.path(), "secret.inc", "secret IN A 192.0.2.66\n");
    written(folder.path(), "repo/inside.inc", "www IN A 192.0.2.9\n");
    fs::create_dir_all(folder.path().join("repo/zones")).unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("repo/zones/link.inc")).unwrap();
    std::os::unix::fs::symlink("../inside.inc", folder.path().join("repo/zones/good.inc")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("repo/zones/up")).unwrap();
    let absolute = secret.display().to_string();
    for outside in ["link.inc", "../../secret.inc", "up/secret.inc", &absolute] {
        let (findings, count) = including(folder.path(), outside);
        assert!(matches!(&*findings, [one] if one.starts_with("include-outside-root: ")), "{findings:?}");
        assert_eq!(count, 5, "{outside}");
    }
    let inside = folder.path().join("repo/inside.inc").display().to_string();
    for inside in ["good.inc", "../inside.inc", "\"../inside.inc\"", &inside] {
        assert_eq!(including(folder.path(), inside), (Vec::new(), 6), "{inside}");
    }
}

#[cfg(unix)]
#[test]
fn includes_are_regular_files_of_some_size() {
    let folder = repository();
    let zones = folder.path().join("repo/zones");
    fs::create_dir_all(zones.join("folder.inc")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(zones.join("fifo.inc")).status();
    assert!(made.unwrap().success());
    fs::File::create(zones.join("huge.inc")).unwrap().set_len(5 << 30).unwrap();
    for (name, why) in
        [("folder.inc", "no regular file"), ("fifo.inc", "no regular file"), ("huge.inc", "is over")]
    {
        let (findings, count) = including(folder.path(), name);
        assert!(
            matches!(&*findings, [one] if one.starts_with("include-not-found: ") && one.contains(why)),
            "{findings:?}"
        );
        assert_eq!(count, 5);
    }
    for name in ["folder.inc", "fifo.inc", "huge.inc"] {
        let error =
            zonewright::workspace::read_source(&zonewright::text::Sources::default(), &zones.join(name));
        assert!(error.is_err(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository();
    let path = written(folder.path(), "repo/zones/closed.inc", "www IN A 192.0.2.9\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: this user may read any file");
        return;
    }
    let (findings, _) = including(folder.path(), "closed.inc");
    assert!(matches!(&*findings, [one] if one.contains("may not be read")), "{findings:?}");
}

#[test]
fn includes_nest_32_deep() {
    let folder = repository();
    for depth in 1..40 {
        let text = format!("h{depth} IN A 192.0.2.9\n$INCLUDE f{}.inc\n", depth + 1);
        written(folder.path(), &format!("repo/zones/f{depth}.inc"), text);
    }
    let (findings, count) = including(folder.path(), "f1.inc");
    assert!(matches!(&*findings, [one] if one.contains("nests too deep")), "{findings:?}");
    assert_eq!(count, 5 + 31, "the zone file is the first of 32");
    written(folder.path(), "repo/zones/f3.inc", "$INCLUDE f1.inc\n");
    let (findings, _) = including(folder.path(), "f1.inc");
    assert!(matches!(&*findings, [one] if one.contains("closes a circle")), "{findings:?}");
}

/// What the two bases of includes read.
#[test]
fn includes_start_at_the_folder_of_the_file() {
    let folder = repository();
    let root = folder.path().join("repo");
    written(
        folder.path(),
        "repo/zones/example.com.zone",
        format!("{HEAD}$INCLUDE hosts.inc\n$INCLUDE zones/own.inc\n"),
    );
    written(folder.path(), "repo/zones/hosts.inc", "near IN A 192.0.2.9\n");
    written(folder.path(), "repo/hosts.inc", "far IN A 192.0.2.9\n");
    written(folder.path(), "repo/zones/own.inc", "own IN A 192.0.2.9\n");
    let zone = "[[zone]]\norigin = \"example.com\"\nfile = \"zones/example.com.zone\"\n";
    for (base, owner, other) in [
        ("", "near", "far"),
        ("include_base = \"file\"\n", "near", "far"),
        ("include_base = \"cwd\"\n", "far", "near"),
    ] {
        let config = written(&root, "zonewright.toml", format!("{base}{zone}"));
        let (loaded, findings) = run(&Request { config: Some(config), ..Request::default() });
        assert_eq!(names(&findings), ["portability-include-path"], "{findings:?}");
        let zone = &loaded.zones[0].zone;
        assert_eq!(zone.rrset(owner.as_bytes(), Rtype::A).len(), 1, "{base}");
        assert!(zone.rrset(other.as_bytes(), Rtype::A).is_empty(), "{base}");
        assert_eq!(zone.rrset(b"own", Rtype::A).len(), 1, "the other base is tried next");
    }
    let config = written(&root, "zonewright.toml", format!("include_base = \"zones\"\n{zone}"));
    assert!(matches!(
        load(&Request { config: Some(config), ..Request::default() }),
        Err(LoadError::Config(..))
    ));
}

#[test]
fn a_configuration_may_allow_includes_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let zones = folder.path().join("zones");
    std::fs::create_dir_all(zones.join(".git")).unwrap();
    std::fs::write(folder.path().join("shared.inc"), "www A 192.0.2.9\n").unwrap();
    let zone = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n\
                $INCLUDE ../shared.inc\n";
    std::fs::write(zones.join("example.com.zone"), zone).unwrap();
    for (allowed, records) in [("", 3), ("include_outside_root = true\n", 4)] {
        let config = zones.join("zonewright.toml");
        let text = format!("{allowed}[[zone]]\norigin = \"example.com\"\nfile = \"example.com.zone\"\n");
        std::fs::write(&config, text).unwrap();
        let loaded = load(&Request { config: Some(config), ..Request::default() }).unwrap();
        assert_eq!(loaded.zones[0].zone.record_count(), records, "{allowed}");
    }
}

#[test]
fn what_is_no_text_is_no_zone() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "example.com.zone", "\u{7f}ELF\0\0\0\0\0\0\0\0\0\0\0\0");
    let error = load(&request(&path, Dialect::Auto)).err().unwrap().to_string();
    assert!(error.contains("no text"), "{error}");
    let path =
        written(folder.path(), "one.zone", "$ORIGIN example.com.\n@ 60 SOA a b 1 2 3 4 5\nx 60 TXT \"\0\"\n");
    assert!(load(&request(&path, Dialect::Auto)).is_ok(), "a single NUL is reported at its place");
}

#[test]
fn a_file_that_is_read_as_another_zone_says_whose_soa_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let zone = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns hostmaster 1 14400 3600 1209600 3600\n@ NS ns\n";
    let path = written(folder.path(), "a.zone", zone);
    let said = |origin: &str| {
        let request = Request { origin: Some(String::from(origin)), ..request(&path, Dialect::Auto) };
        let mut loaded = load(&request).unwrap();
        let parsed = loaded.take_findings();
        let found = lint(&loaded.contexts(), parsed, loaded.deployment(), &Levels::new()).findings;
        let soa = found.into_iter().find(|finding| finding.rule.0 == "soa-missing");
        soa.map(|finding| (finding.message, finding.help.unwrap()))
    };
    assert_eq!(said("example.com"), None);
    for origin in ["example.org", "www.example.com", "com"] {
        let (message, help) = said(origin).unwrap();
        assert_eq!(
            message,
            format!("zone `{origin}` has no SOA record; that of the file is at `example.com`")
        );
        assert_eq!(help, "give `--origin example.com`, if it is that zone");
    }
}

#[test]
fn a_soa_record_whose_owner_lacks_its_dot_is_one_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let zone = HEAD.replace("@ IN SOA ns1", "example.com 3600 IN SOA ns1.example.com.");
    let path = written(folder.path(), "a.zone", zone.replace("@ IN NS", "example.com. IN NS"));
    let (_, findings) = run(&request(&path, Dialect::Auto));
    assert_eq!(names(&findings), ["missing-trailing-dot-owner", "soa-missing"], "{findings:?}");
    assert_eq!(findings[1].message, "zone `example.com` has no SOA record");
}
