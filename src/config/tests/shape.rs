//! The file itself: finding it, reading it, its keys and types.

use super::*;
use crate::diagnostic::Severity;

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_shipped_examples_load() {
    for (path, pools, zones) in [("zones", 2, 4), ("fixtures/swing-a", 2, 2)] {
        let path = shipped(path).join(FILE_NAME);
        let config = load(&Sources::default(), &path, FILE_NAME).unwrap();
        assert_eq!(config.deployment.unwrap().pools().len(), pools);
        assert_eq!(config.zones.len(), zones);
        for zone in &config.zones {
            assert!(zone.path.is_file(), "{}", zone.path.display());
        }
    }
}

#[test]
fn discovery_walks_up_to_the_repository() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("repo/zones/internal");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::create_dir(dir.path().join("repo/.git")).unwrap();
    let outside = dir.path().join(FILE_NAME);
    std::fs::write(&outside, "").unwrap();
    assert_eq!(discover(&inner).unwrap(), None, "`.git` ends the walk");
    let config = dir.path().join("repo").join(FILE_NAME);
    std::fs::write(&config, "").unwrap();
    assert_eq!(discover(&inner).unwrap(), Some(config.clone()));
    assert_eq!(discover(&inner.join("contoso.com.zone")).unwrap(), Some(config.clone()));
    assert_eq!(discover(&inner.join("../internal")).unwrap(), Some(config));
    assert_eq!(discover(dir.path()).unwrap(), Some(outside));
    std::fs::write(inner.join(FILE_NAME), "").unwrap();
    assert_eq!(discover(&inner).unwrap(), Some(inner.join(FILE_NAME)));
}

#[test]
fn an_empty_file_declares_nothing() {
    let config = read_text("").1.unwrap();
    assert!(config.deployment.is_none() && config.zones.is_empty());
}

#[test]
fn an_absent_file_is_an_error_at_its_name() {
    let sources = Sources::default();
    let findings = load(&sources, Path::new("no/such/zonewright.toml"), "x.toml").unwrap_err();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.starts_with("cannot read `x.toml`: "), "{}", findings[0].message);
    assert_eq!(sources.get(findings[0].span.file).name(), "x.toml");
}

#[test]
fn a_huge_file_is_not_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(MOST_OCTETS + 1).unwrap();
    let findings = load(&Sources::default(), file.path(), "x.toml").unwrap_err();
    assert_eq!(findings[0].message, "cannot read `x.toml`: it is larger than 16 MiB");
}

#[test]
fn bytes_that_are_not_utf_8() {
    let (_, result) = read_text(b"# caf\xe9\n".to_vec());
    let findings = result.unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "byte 0xe9 is not UTF-8, which TOML is written in");
    assert_eq!((findings[0].span.start, findings[0].span.len), (5, 1));
}

#[test]
fn a_byte_order_mark_is_no_error_and_shifts_no_span() {
    assert!(read_text(format!("\u{feff}{BASE}")).1.is_ok());
    one_error("\u{feff}polcy = 1\n", "unknown key `polcy` in the file", "polcy", &[]);
}

#[test]
fn all_syntax_errors_are_told() {
    let (sources, result) = read_text("a = \nb = 'x'\nb = 1\n[zone\n");
    let findings = result.unwrap_err();
    assert!(findings.iter().all(|finding| finding.message.starts_with("not TOML: ")));
    let source = sources.get(findings[0].span.file);
    let lines: Vec<u64> = findings.iter().map(|finding| source.position(finding.span.start).line).collect();
    assert_eq!(lines, [1, 3, 4]);
}

#[test]
fn half_a_file_is_read_without_a_panic() {
    for end in 0..BASE.len() {
        let (sources, result) = read_text(&BASE[..end]);
        for finding in result.err().unwrap_or_default() {
            let source = sources.get(finding.span.file);
            assert!(finding.span.end() <= source.bytes().len() as u64, "{end}: {finding:?}");
        }
    }
}

#[test]
fn any_value_of_the_wrong_type_is_an_error_at_that_value() {
    for (at, _) in BASE.match_indices(" = ") {
        let (head, tail) = BASE.split_at(at + 3);
        if head.lines().last().unwrap_or_default().matches('=').count() > 1 {
            continue;
        }
        let rest = &tail[tail.find('\n').unwrap()..];
        let (sources, result) = read_text(format!("{head}1979-05-27{rest}"));
        let findings = result.unwrap_err();
        let told = findings.iter().any(|finding| sources.bytes(finding.span) == b"1979-05-27");
        assert!(told, "{}: {findings:#?}", head.lines().last().unwrap_or_default());
    }
}

#[test]
fn all_errors_are_told_in_the_order_of_the_file() {
    let text = base(&[
        ("default = true", "default = 1"),
        ("file = \"fabrikam.com.zone\"", "fil = \"fabrikam.com.zone\""),
        ("site = \"lyon\"\ninternal", "site = \"lyonn\"\ninternal"),
        ("access = \"198.51.100.10\"", "access = \"198.51.100.300\""),
    ]);
    let (sources, result) = read_text(text);
    let all: Vec<_> = result.unwrap_err().iter().map(|finding| seen(&sources, finding)).collect();
    let messages: Vec<_> = all.iter().map(|(message, token, _)| (message.as_str(), token.as_str())).collect();
    assert_eq!(
        messages,
        [
            ("`default` is an integer, expected true or false", "1"),
            ("[[zone]] has no `file`", "[[zone]]"),
            ("unknown key `fil` in [[zone]]", "fil"),
            ("no [[site]] with the id `lyonn`", "\"lyonn\""),
            ("`access` is `198.51.100.300`, expected an IPv4 or IPv6 address", "\"198.51.100.300\""),
        ]
    );
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let (_, result) = read_text(base(&[("next_hop = \"fe1", "nexthop = \"fe1")]));
    let findings = result.unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "unknown key `nexthop` in [[edge_pool]]");
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `next_hop`?"));
    breaks(
        &[("name = \"edge1a\"", "name = \"edge1a\"\ncolour = 1")],
        "unknown key `colour` in [[edge_pool.server]]",
        "colour",
        &[],
    );
}

#[test]
fn the_layout_has_its_own_table() {
    use crate::config::{Names, Style, Ttls};
    let style = |text: &str| read_text(text).1.unwrap().style;
    assert_eq!(style(""), Style::default());
    assert_eq!(style("[fmt]\ntabs = true"), Style { tabs: true, ..Style::default() });
    assert_eq!(
        style("[fmt]\nowner_width = 24\nnames = \"relative\"\nttl = \"units\""),
        Style { owner_width: 24, tabs: false, names: Names::Relative, ttls: Ttls::Units }
    );
    one_error("[fmt]\ntab = true\n", "unknown key `tab` in [fmt]", "tab", &[]);
    one_error("[fmt]\nowner_width = 81\n", "`owner_width` is 81, expected 1 to 80", "81", &[]);
    one_error("[fmt]\nttl = \"unit\"\n", "`ttl` is `unit`, expected keep, seconds, units", "\"unit\"", &[]);
}

#[test]
fn wrong_types_say_found_and_expected() {
    let wrong = |changes: &[(&str, &str)], message: &str, token: &str| breaks(changes, message, token, &[]);
    wrong(
        &[("next_hop = \"fe1.contoso.net\"", "next_hop = 1")],
        "`next_hop` is an integer, expected a string",
        "1",
    );
    wrong(
        &[("priority = 10", "priority = \"ten\"")],
        "`priority` is a string, expected an integer from 0 to 65535",
        "\"ten\"",
    );
    wrong(&[("priority = 10", "priority = 65536")], "`priority` is 65536, expected 0 to 65535", "65536");
    wrong(&[("priority = 10", "ports = { xmpp = 0 }")], "port `xmpp` is 0, expected 1 to 65535", "0");
    wrong(&[("priority = 10", "ports = 5")], "`ports` is an integer, expected a table", "5");
    wrong(
        &[("priority = 10", "services = \"xmpp\"")],
        "`services` is a string, expected an array",
        "\"xmpp\"",
    );
    wrong(
        &[("priority = 10", "services = [\"remote-access\", \"federation\", \"xmpp\", \"xmp\"]")],
        "service is `xmp`, expected remote-access, federation, xmpp",
        "\"xmp\"",
    );
    one_error("zone = 1\n", "`zone` is an integer, expected tables, each under [[zone]]", "1", &[]);
    one_error("lint = []\n", "[lint] is an array, expected a table", "[]", &[]);
}

#[test]
fn what_cannot_be_read_is_not_missing_too() {
    breaks(
        &[("xmpp = \"xmpp1.contoso.com\"", "xmpp = \"xmpp_1.contoso.com\"")],
        "`xmpp` `xmpp_1.contoso.com` is no host name: `_` is not a letter, digit or hyphen",
        "\"xmpp_1.contoso.com\"",
        &[],
    );
    breaks(
        &[("priority = 10", "services = [\"xmp\"]")],
        "service is `xmp`, expected remote-access, federation, xmpp",
        "\"xmp\"",
        &[],
    );
    breaks(&[("name = \"edge2a\"\n", "")], "[[edge_pool.server]] has no `name`", "[[edge_pool.server]]", &[]);
    breaks(
        &[("origin = \"contoso.com\"", "origin = \"contoso..com\"")],
        "`origin` `contoso..com` has an empty label",
        "\"contoso..com\"",
        &[],
    );
}

#[test]
fn names_are_checked() {
    breaks(
        &[("access = \"sip1.contoso.com\"", "access = \"sip_1.contoso.com\"")],
        "`access` `sip_1.contoso.com` is no host name: `_` is not a letter, digit or hyphen",
        "\"sip_1.contoso.com\"",
        &[],
    );
    breaks(
        &[
            ("id = \"paris\"", "id = \"pa ris\""),
            ("site = \"paris\"\ninternal", "site = \"lyon\"\ninternal"),
            ("site = \"paris\"\nedge", "edge"),
        ],
        "`id` contains ' '; write one word",
        "\"pa ris\"",
        &[],
    );
    breaks(
        &[
            ("id = \"paris\"", "id = \"-paris\""),
            ("site = \"paris\"\ninternal", "site = \"lyon\"\ninternal"),
            ("site = \"paris\"\nedge", "edge"),
        ],
        "`id` starts with '-', so the command line would read an option",
        "\"-paris\"",
        &[],
    );
}

#[test]
fn policy_words_and_times() {
    let policy = |line: &str| base(&[("federation = \"srv-priority\"", line)]);
    one_error(
        &policy("xmpp = \"swinga\""),
        "`xmpp` is `swinga`, expected prestaged, swing-a",
        "\"swinga\"",
        &[],
    );
    one_error(
        &policy("switch_ttl = \"5 minutes\""),
        "`switch_ttl` is \"5 minutes\", expected seconds, or a time such as \"5m\" or \"1h30m\"",
        "\"5 minutes\"",
        &[],
    );
    one_error(
        &policy("steady_ttl = -1"),
        "`steady_ttl` is -1, expected seconds, or a time such as \"5m\" or \"1h30m\"",
        "-1",
        &[],
    );
    one_error(
        &policy("steady_ttl = 2147483648"),
        "`steady_ttl` is 2147483648, 2147483647 seconds are allowed",
        "2147483648",
        &[],
    );
    let read = |line: &str| *deployment(&policy(line)).policy();
    let ttls = |line: &str| (read(line).switch_ttl, read(line).steady_ttl, read(line).rto);
    assert_eq!(ttls(""), (300, 3600, None));
    assert_eq!(ttls("switch_ttl = 60\nsteady_ttl = \"1d\"\nrto = \"10m\""), (60, 86_400, Some(600)));
    assert_eq!(ttls("steady_ttl = \"2m\""), (120, 120, None), "the default never exceeds steady_ttl");
}

#[test]
fn lint_settings_keep_their_places() {
    let text = r#"
[lint]
rules = { srv = "off", "ttl-zero" = "error" }
select = ["ALL"]
ignore = ["hygiene", "names"]
fail_on = "never"
[[lint.zone]]
origin = "Contoso.com."
rules = { "ttl-too-low" = "info" }
"#;
    let (sources, result) = read_text(text);
    let lint = result.unwrap().lint;
    let rules: Vec<_> = lint.rules.iter().map(|(name, level)| (name.value.as_str(), level.value)).collect();
    assert_eq!(rules, [("srv", None), ("ttl-zero", Some(Severity::Error))]);
    assert_eq!(sources.bytes(lint.rules[1].0.span), b"\"ttl-zero\"");
    assert_eq!(sources.bytes(lint.rules[1].1.span), b"\"error\"");
    assert_eq!(lint.select[0].value, "ALL");
    assert_eq!(sources.bytes(lint.ignore[1].span), b"\"names\"");
    assert_eq!(lint.fail_on.unwrap().value, None);
    assert_eq!(lint.zones[0].origin.value, "contoso.com");
    assert_eq!(lint.zones[0].rules[0].1.value, Some(Severity::Info));
    one_error(
        "[lint]\nrules = { srv = \"warn\" }\n",
        "severity of `srv` is `warn`, expected off, info, warning, error",
        "\"warn\"",
        &[],
    );
    one_error(
        "[[lint.zone]]\norigin = \"a.b\"\n[[lint.zone]]\norigin = \"A.b.\"\n",
        "[[lint.zone]] of `a.b` is declared twice",
        "\"A.b.\"",
        &[],
    );
}

#[test]
fn zones_stand_once_in_a_view() {
    let zones = |second: &str| {
        format!("[[zone]]\norigin = \"a.b\"\nfile = \"z/a\"\n[[zone]]\norigin = \"A.B.\"\n{second}\n")
    };
    one_error(
        &zones("file = \"b\""),
        "zone `a.b` is declared twice in the external view",
        "\"A.B.\"",
        &["\"a.b\""],
    );
    one_error(
        &zones("view = \"internal\"\nfile = \"./x/../z/a\""),
        "file `./x/../z/a` belongs to two zones",
        "\"./x/../z/a\"",
        &["\"z/a\""],
    );
    assert!(read_text(zones("view = \"internal\"\nfile = \"b\"")).1.is_ok());
}

#[test]
fn every_sip_domain_needs_an_external_zone() {
    breaks(
        &[("file = \"fabrikam.com.zone\"", "file = \"fabrikam.com.zone\"\nview = \"internal\"")],
        "no [[zone]] holds SIP domain `fabrikam.com`",
        "\"fabrikam.com\"",
        &[],
    );
    let parent = base(&[("origin = \"fabrikam.com\"", "origin = \"com\"")]);
    assert!(read_text(parent).1.is_ok());
}

#[test]
fn limits_of_changes_are_read() {
    let (_, result) = read_text("[lint.change]\nmass_deletion_percent = 50\nttl_window = \"10m\"\n");
    let limits = result.unwrap().lint.change;
    let wanted = ChangeLimits { mass_deletion_percent: 50, ttl_window: Some(600), ..ChangeLimits::default() };
    assert_eq!(limits, wanted);
    one_error(
        "[lint.change]\nmass_change_percent = 101\n",
        "`mass_change_percent` is 101, expected 0 to 100",
        "101",
        &[],
    );
    one_error(
        "[lint.change]\nmass_minimum = \"ten\"\n",
        "`mass_minimum` is a string, expected an integer from 1 to 65535",
        "\"ten\"",
        &[],
    );
}

#[test]
fn globs_and_networks_are_read() {
    let (_, result) = read_text(
        "[lint]\nshared_addresses = [\"192.0.2.0/24\", \"2001:db8::1\"]\n\
         [[lint.path]]\nfiles = \"**/*.inc\"\nselect = [\"ttl\"]\n[[lint.path]]\nfiles = \"lab\"\n",
    );
    let lint = result.unwrap().lint;
    let networks: Vec<_> = lint.shared_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["192.0.2.0/24", "2001:db8::1/128"]);
    let [inc, lab] = &lint.paths[..] else { panic!("{:?}", lint.paths) };
    assert!(
        inc.files.value.matches(Path::new("zones/mail.inc"))
            && lab.files.value.matches(Path::new("lab/a.zone"))
    );
    assert_eq!(inc.select.iter().map(|name| &*name.value).collect::<Vec<_>>(), ["ttl"]);
    one_error(
        "[[lint.path]]\nfiles = \"zones/[\"\n",
        "`files` is `zones/[`, no glob: invalid range pattern",
        "\"zones/[\"",
        &[],
    );
    one_error("[[lint.path]]\nrules = {}\n", "[[lint.path]] has no `files`", "[[lint.path]]", &[]);
    one_error(
        "[lint]\nshared_addresses = [\"192.0.2.10/24\"]\n",
        "`192.0.2.10/24` in `shared_addresses` has bits set behind its prefix",
        "\"192.0.2.10/24\"",
        &[],
    );
    one_error(
        "[lint]\nshared_addresses = [\"192.0.2\"]\n",
        "`192.0.2` in `shared_addresses` is neither an address nor a network",
        "\"192.0.2\"",
        &[],
    );
}
