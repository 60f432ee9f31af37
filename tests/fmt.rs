//! The formatter against text that nobody would write: it loses nothing, and has nothing more to do.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use zonewright::fmt::{Names, Style, Ttls, format, same_text};
use zonewright::zonefile::name::Name;
use zonewright::zonefile::parse::{Dialect, Options};

fn files_below(folder: &Path, ends: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, ends, found);
        } else if ends.iter().any(|end| path.extension().is_some_and(|found| found == *end)) {
            found.push(path);
        }
    }
    found.sort();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All zones of the repository.
fn seeds() -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut found = Vec::new();
        files_below(&root().join("fixtures"), &["zone", "in", "inc"], &mut found);
        files_below(&root().join("zones"), &["zone", "inc"], &mut found);
        assert!(found.len() > 100, "the fixtures are there");
        found.iter().map(|path| std::fs::read(path).unwrap()).collect()
    })
}

/// What must hold of any text.
fn check(bytes: &[u8], style: &Style) -> Result<(), TestCaseError> {
    let once = format(bytes, style);
    for dialect in [Dialect::Bind, Dialect::Windows] {
        let apex = Name::absolute(b"contoso.com").unwrap();
        let options = Options { dialect, generate_limit: 200, ..Options::new(apex) };
        let proof = same_text(bytes, &once, &options);
        prop_assert!(proof.is_ok(), "{proof:?}\n{}", String::from_utf8_lossy(&once));
    }
    let twice = format(&once, style);
    prop_assert_eq!(
        String::from_utf8_lossy(&twice),
        String::from_utf8_lossy(&once),
        "formatting again changes it"
    );
    Ok(())
}

fn style() -> impl Strategy<Value = Style> {
    let names = prop_oneof![Just(Names::Keep), Just(Names::Relative)];
    let ttls = prop_oneof![Just(Ttls::Keep), Just(Ttls::Seconds), Just(Ttls::Units)];
    (1_usize..40, any::<bool>(), names, ttls).prop_map(|(owner_width, tabs, names, ttls)| Style {
        owner_width,
        tabs,
        names,
        ttls,
    })
}

/// Octets that mean something to a zone file, more often than others.
fn octets(max: usize) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        6 => proptest::sample::select(b" \t\n\n\r\"();;\\@.$#/*[]0129aAxX\0\x1a\x0c".to_vec()),
        1 => any::<u8>(),
    ];
    proptest::collection::vec(octet, 0..max)
}

/// Replaces, inserts, deletes and doubles pieces of a zone.
fn mutated(seed: &[u8], changes: &[(prop::sample::Index, usize, Vec<u8>)]) -> Vec<u8> {
    let mut text = seed.to_vec();
    for (at, len, with) in changes {
        let start = at.index(text.len() + 1);
        let end = (start + len).min(text.len());
        let taken: Vec<u8> = text.splice(start..end, with.iter().copied()).collect();
        if with.is_empty() && *len % 2 == 1 {
            text.extend(taken);
        }
    }
    text
}

/// How many texts each property is tried on.
fn cases() -> u32 {
    std::env::var("FMT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_octets(bytes in octets(200), style in style()) {
        check(&bytes, &style)?;
    }

    #[test]
    fn lines_of_words(
        lines in proptest::collection::vec(
            proptest::collection::vec(proptest::sample::select(vec![
                "@", "www", "www", "www.contoso.com.", " ", "", "in", "CH", "60", "1h30m", "a", "192.0.2.1", "A", "NS",
                "mx", "10", "TXT", "\"a", "b\"", "\"q;\"", "(", ")", ";x", "; zonewright: allow srv-ttl -- y",
                "; zonewright: failover", "$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE", "1-3", "h$", "\\#", "2", "abcd",
                "SOA", "CNAME", "\\300", "[AGE:1]", "ANY", "TYPE0", "..", "#", "//", "a@b", "contoso.com.", "\t", "\r",
                "\\", "1 2 3 4 5",
            ]), 0..8),
            0..12,
        ),
        style in style(),
        end in proptest::sample::select(vec!["\n", "\r\n"]),
        blank in proptest::sample::select(vec![" ", "  ", "\t"]),
    ) {
        let text: Vec<String> = lines.iter().map(|line| line.join(blank)).collect();
        check(text.join(end).as_bytes(), &style)?;
    }

    #[test]
    fn changed_zones(
        seed in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..30, octets(8)), 0..6),
        style in style(),
    ) {
        let seeds = seeds();
        check(&mutated(&seeds[seed.index(seeds.len())], &changes), &style)?;
    }

    #[test]
    fn records_in_any_layout(
        records in proptest::collection::vec(
            (
                proptest::sample::select(vec!["", "@", "www", "a.contoso.com.", "_sip._tls", "60", "IN", "$x"]),
                proptest::sample::select(vec!["", "60", "1h", "99999999999"]),
                proptest::sample::select(vec!["", "IN", "in"]),
                proptest::sample::select(vec![
                    "A 192.0.2.1", "a 192.0.2.2", "TXT a b", "TXT \"v=1; x\" \"y z\"", "TXT A 60", "MX 10 m.contoso.com.",
                    "MX 5 m", "SRV 0 0 443 s", "SRV 10 100 5061 s.contoso.com.", "type65280 \\# 1 ff", "CNAME www",
                    "TXT ( a\n b ; one\n\n ; two\n c )", "SOA a b ( 1 2 3\n 4 5 ) ; end", "SOA a b ( 1 ; s\n 2\n3\n4\n5\n)",
                    "TXT ( \"x\" )", "NS contoso.com.", "A", "A 192.0.2.300", "CAA 0 issue \"x\"", "SOA a b 1 2 3 4 5",
                ]),
                proptest::sample::select(vec!["", "; c", " ; zonewright: failover", "\n", "\n; own", "\n   ; own", " \t"]),
                proptest::sample::select(vec![" ", "  ", "\t"]),
            ),
            0..20,
        ),
        style in style(),
    ) {
        let mut text = String::from("$ORIGIN contoso.com.\n$TTL 3600\n");
        for (owner, ttl, class, rest, after, blank) in records {
            let head: Vec<&str> = [ttl, class].into_iter().filter(|cell| !cell.is_empty()).collect();
            text.push_str(owner);
            text.push_str(blank);
            for cell in head {
                text.push_str(cell);
                text.push_str(blank);
            }
            text.push_str(rest);
            text.push_str(after);
            text.push('\n');
        }
        check(text.as_bytes(), &style)?;
    }
}

/// Every `NAME.in` of the fixtures becomes its `NAME.out`, and that stays. `UPDATE=1` writes them.
#[test]
fn files_as_they_are_wanted() {
    let mut inputs = Vec::new();
    files_below(&root().join("fixtures/fmt"), &["in"], &mut inputs);
    assert!(inputs.len() >= 12, "the fixtures are there");
    for input in inputs {
        let expected = input.with_extension("out");
        let text = std::fs::read(&input).unwrap();
        check(&text, &Style::default()).unwrap();
        let found = format(&text, &Style::default());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let wanted = std::fs::read(&expected).unwrap();
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        assert_eq!(shown(&found), shown(&wanted), "{}", input.display());
    }
}

/// The command, run in a folder.
fn zonewright(folder: &Path, arguments: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zonewright"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_command_writes_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let zone = "$ORIGIN contoso.com.
@ 1h IN SOA ns1 host 1 4h 1h 2w 5m
@ NS ns1
$INCLUDE web.inc
";
    let config =
        "[[zone]]\norigin = \"contoso.com\"\nfile = \"z.zone\"\n[fmt]\nowner_width = 12\nttl = \"seconds\"\n";
    std::fs::create_dir(path(".git")).unwrap();
    std::fs::write(path("zonewright.toml"), config).unwrap();
    std::fs::write(path("z.zone"), zone).unwrap();
    std::fs::write(path("web.inc"), "ns1 A 192.0.2.1\n").unwrap();
    let run = |arguments: &[&str]| zonewright(folder.path(), arguments, b"");

    assert_eq!(run(&["fmt", "--check"]), (Some(1), String::from("z.zone\n")));
    let (status, diff) = run(&["fmt", "--diff"]);
    assert!(status == Some(1) && diff.starts_with("--- a/z.zone\n+++ b/z.zone\n"), "{diff}");
    assert_eq!(std::fs::read_to_string(path("z.zone")).unwrap(), zone, "neither of them writes");

    assert_eq!(run(&["fmt"]), (Some(0), String::new()));
    assert_eq!(
        std::fs::read_to_string(path("z.zone")).unwrap(),
        "$ORIGIN contoso.com.\n\
         @           3600 IN  SOA  ns1 host 1 4h 1h 2w 5m\n                     NS   ns1\n\
         $INCLUDE web.inc\n"
    );
    assert_eq!(std::fs::read_to_string(path("web.inc")).unwrap(), "ns1 A 192.0.2.1\n", "it was not named");
    assert_eq!(run(&["fmt", "--check"]), (Some(0), String::new()));
    assert_eq!(run(&["fmt", "--diff"]), (Some(0), String::new()));

    assert_eq!(run(&["fmt", "web.inc"]), (Some(0), String::new()));
    assert_eq!(std::fs::read_to_string(path("web.inc")).unwrap(), "ns1         A    192.0.2.1\n");
    let piped = zonewright(folder.path(), &["fmt", "-"], b"www 1h A 192.0.2.1");
    assert_eq!(piped, (Some(0), String::from("www         3600 A    192.0.2.1\n")));
}

/// What failover writes leaves a formatted zone formatted, and what it set aside comes back.
#[test]
fn a_failover_leaves_the_layout() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("internal")).unwrap();
    std::fs::create_dir_all(path("fragments")).unwrap();
    let mut names = Vec::new();
    files_below(&root().join("zones"), &["zone", "inc", "toml"], &mut names);
    for name in names {
        let text = std::fs::read_to_string(&name).unwrap();
        // A priority that cannot be put back as it was, so that its record is set aside.
        let text =
            text.replace("_xmpp-server._tcp       3600 IN  SRV  10 ", "\n_xmpp-server._tcp 3600 IN SRV 010 ");
        std::fs::write(path(name.strip_prefix(root().join("zones")).unwrap().to_str().unwrap()), text)
            .unwrap();
    }
    let run = |arguments: &[&str]| zonewright(folder.path(), arguments, b"").0;
    let zone = || std::fs::read_to_string(path("contoso.com.zone")).unwrap();
    assert_eq!(run(&["fmt"]), Some(0));
    let before = zone();
    assert_eq!(run(&["plan", "failover", "edge1", "--write"]), Some(0));
    assert!(zone().contains("\n; zonewright: parked _xmpp-server._tcp"), "{}", zone());
    assert_eq!(run(&["fmt", "--check"]), Some(0));
    assert_eq!(run(&["plan", "failback", "edge1", "--write"]), Some(0));
    let (before, after): (Vec<&str>, String) = (before.lines().collect(), zone());
    let after: Vec<&str> = after.lines().collect();
    let differing = before.iter().zip(&after).filter(|(one, other)| one != other).count();
    assert_eq!((after.len(), differing), (before.len(), 1), "the serial alone");
}

/// Every zone of the repository keeps its data in every style.
#[test]
fn zones_of_the_repository() {
    for names in [Names::Keep, Names::Relative] {
        for (ttls, tabs) in [(Ttls::Keep, false), (Ttls::Seconds, true), (Ttls::Units, true)] {
            for seed in seeds() {
                check(seed, &Style { owner_width: 24, tabs, names, ttls }).unwrap();
            }
        }
    }
}
