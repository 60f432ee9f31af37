//! `diff`: what reviewers see of a change, in every form, against git and beside other programs.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;
#[path = "support/git.rs"]
mod git;
#[path = "diff/peers.rs"]
mod peers;

use copy::copy;
use git::git;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.arg("diff").args(args).current_dir(folder).env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
    command.output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

fn ok(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn as_json(folder: &Path, args: &[&str]) -> Value {
    let value = serde_json::from_str(&ok(folder, &[args, &["--output-format", "json"]].concat())).unwrap();
    let errors: Vec<String> = schema().iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{args:?}: {errors:?}");
    value
}

fn schema() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::new(&schema).unwrap()
}

fn edit(file: &Path, from: &str, to: &str) {
    let old = fs::read_to_string(file).unwrap();
    let new = old.replacen(from, to, 1);
    assert_ne!(old, new, "{}: no `{from}`", file.display());
    fs::write(file, new).unwrap();
}

/// A repository with the example zones in `zones`, committed.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones"), &folder.path().join("zones"));
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "x"]);
    folder
}

/// `external contoso.com changed` for every zone that differs.
fn fates(value: &Value) -> Vec<String> {
    let word = |zone: &Value, name: &str| zone[name].as_str().unwrap().to_owned();
    let zones = value["zones"].as_array().unwrap().iter();
    zones.map(|zone| ["view", "origin", "change"].map(|name| word(zone, name)).join(" ")).collect()
}

#[test]
fn an_edited_include_differs_in_every_zone_that_includes_it() {
    let folder = repository();
    let root = folder.path();
    edit(&root.join("zones/fragments/mail.inc"), "10 mx1", "15 mx1");
    let value = as_json(root, &["--base", "HEAD", "zones"]);
    assert_eq!(fates(&value), ["external contoso.com changed", "external fabrikam.com changed"]);
    assert_eq!(
        value["included_files"],
        json!([{ "file": "zones/fragments/mail.inc", "zones": [
            { "origin": "contoso.com", "view": "external" },
            { "origin": "fabrikam.com", "view": "external" },
        ] }])
    );
    let rrset = &value["zones"][1]["rrsets"][0];
    assert_eq!((&rrset["owner"], &rrset["type"]), (&json!("fabrikam.com."), &json!("MX")));
    let one =
        json!({ "ttl": 3600, "rdata": "10 mx1.contoso.com.", "file": "zones/fragments/mail.inc", "line": 2 });
    assert_eq!(rrset["removed"], json!([one]));
    assert_eq!(rrset["unchanged"], 1);
    assert_eq!(value["zones"][1]["serial_raised"], false);
    assert_eq!(value["edge"], json!([]), "no Edge pool is concerned");
    // The zones that were named count.
    assert_eq!(fates(&as_json(root, &["--base", "HEAD", "zones/internal"])), Vec::<String>::new());
    assert_eq!(
        fates(&as_json(root, &["--base", "HEAD", "zones/fabrikam.com.zone"])),
        ["external fabrikam.com changed"]
    );
}

#[test]
fn zones_come_and_go_and_layout_alone_is_no_difference() {
    let folder = repository();
    let root = folder.path();
    let config = root.join("zones/zonewright.toml");
    fs::remove_file(root.join("zones/internal/contoso.net.zone")).unwrap();
    edit(&config, "origin = \"contoso.net\" ", "origin = \"fabrikam.net\" ");
    edit(&config, "internal/contoso.net.zone", "fabrikam.net.zone");
    let new = "$TTL 60\n@ SOA ns hostmaster 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n";
    fs::write(root.join("zones/fabrikam.net.zone"), new).unwrap();
    edit(&root.join("zones/contoso.com.zone"), "$TTL 1h", "$TTL 3600 ; an hour");
    let value = as_json(root, &["--base", "HEAD", "zones"]);
    assert_eq!(
        fates(&value),
        ["external contoso.com layout", "internal contoso.net removed", "internal fabrikam.net added"]
    );
    assert_eq!((&value["zones"][0]["rrsets"], &value["zones"][1]["file_after"]), (&json!([]), &Value::Null));
    assert_eq!(value["zones"][2]["rrsets"].as_array().unwrap().len(), 3);
    let human = ok(root, &["--base", "HEAD", "zones"]);
    assert!(
        human.contains("contoso.com (external), zones/contoso.com.zone: same records, layout only\n"),
        "{human}"
    );
    assert!(human.contains("fabrikam.net.zone: new zone, 3 records\n"), "{human}");

    let status = |args: &[&str]| run(root, args).status.code();
    assert_eq!(status(&["--base", "HEAD", "zones", "--exit-code"]), Some(1));
    assert_eq!(status(&["--base", "HEAD", "zones"]), Some(0));
    assert_eq!(status(&["--base", "HEAD", "zones/contoso.com.zone", "--exit-code"]), Some(0));
    git(root, &["commit", "-qam", "y"]);
    assert_eq!(status(&["--base", "HEAD", "zones/fabrikam.com.zone", "--exit-code"]), Some(0));
    assert_eq!(status(&["--base", "HEAD~1", "zones", "--exit-code"]), Some(1));
    assert_eq!(status(&["--base", "nowhere", "zones"]), Some(2));
}

#[test]
fn folders_are_compared_by_origin_view_and_file() {
    let folder = repository();
    let root = folder.path();
    copy(&root.join("zones"), &root.join("new"));
    edit(&root.join("new/contoso.com.zone"), "20 0 443  sip2", "5 0 443  sip2");
    edit(&root.join("new/internal/contoso.com.zone"), "2026031501", "2026031502");
    let value = as_json(root, &["zones", "new"]);
    assert_eq!(fates(&value), ["external contoso.com changed", "internal contoso.com changed"]);
    assert_eq!(value["zones"][0]["file_after"], "new/contoso.com.zone");
    assert_eq!(value["summary"]["zones_unchanged"], 2);
    let row = &value["edge"][0];
    let pools = |way: &str| {
        let tried = row[way].as_array().unwrap().iter();
        tried.map(|one| format!("{} {}", one["priority"], one["pools"][0])).collect::<Vec<_>>()
    };
    assert_eq!((&row["sip_domain"], &row["service"]), (&json!("contoso.com"), &json!("remote-access")));
    assert_eq!(pools("before"), ["10 \"edge1\"", "20 \"edge2\""]);
    assert_eq!(pools("after"), ["5 \"edge2\"", "10 \"edge1\""]);
    assert_eq!(value["edge"].as_array().unwrap().len(), 1);

    // Where one side has no configuration, files tell which zone is which, and the other one has the views.
    let (config, elsewhere) = (root.join("zones/zonewright.toml"), root.join("zonewright.toml~"));
    fs::rename(&config, &elsewhere).unwrap();
    assert_eq!(fates(&as_json(root, &["zones", "new"])), fates(&value));
    fs::rename(&elsewhere, &config).unwrap();
    fs::remove_file(root.join("new/zonewright.toml")).unwrap();
    assert_eq!(fates(&as_json(root, &["zones", "new"])), fates(&value));
}

#[test]
fn a_pool_that_takes_over_a_priority_is_told() {
    let folder = repository();
    let root = folder.path();
    edit(&root.join("zones/contoso.com.zone"), "10 0 443  sip1", "99 0 443  sip1");
    edit(&root.join("zones/contoso.com.zone"), "20 0 443  sip2", "10 0 443  sip2");
    edit(&root.join("zones/contoso.com.zone"), "99 0 443  sip1", "20 0 443  sip1");
    let human = ok(root, &["--base", "HEAD", "zones"]);
    let expected = "
  - _sip._tls.contoso.com. 3600 SRV 10 0 443 sip1.contoso.com. ; edge1
  + _sip._tls.contoso.com. 3600 SRV 10 0 443 sip2.contoso.com. ; edge2
  - _sip._tls.contoso.com. 3600 SRV 20 0 443 sip2.contoso.com. ; edge2
  + _sip._tls.contoso.com. 3600 SRV 20 0 443 sip1.contoso.com. ; edge1
    ; priority 10 now leads to edge2 (was edge1)
    ; priority 20 now leads to edge1 (was edge2)

Edge pools, in the order callers try them
  contoso.com, remote access: 10 edge1, 20 edge2 -> 10 edge2, 20 edge1
";
    assert!(human.ends_with(expected), "{human}");
}

#[test]
fn a_default_ttl_that_alters_many_rrsets_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let zone = |ttl: &str, hosts: usize| {
        let mut text = format!("$ORIGIN example.com.\n$TTL {ttl}\n@ 60 SOA ns h {hosts} 1 1 1 1\n");
        (0..hosts).for_each(|host| writeln!(text, "h{host:03} A 192.0.2.1").unwrap());
        text
    };
    let root = folder.path();
    fs::write(root.join("a"), zone("1h", 200)).unwrap();
    fs::write(root.join("b"), zone("5m", 201)).unwrap();
    let told = "  ~ 200 RRsets: TTL 3600 -> 300 (1h -> 5m): h000.example.com. A, h001.example.com. A, \
                h002.example.com. A, 197 more\n";
    assert_eq!(
        ok(root, &["a", "b"]),
        format!("example.com, b: serial 200 -> 201\n  + h200.example.com. 300 A 192.0.2.1\n{told}")
    );
    let value = as_json(root, &["a", "b"]);
    assert_eq!(value["summary"]["records_with_other_ttl"], 200);
    assert_eq!(value["zones"][0]["rrsets"].as_array().unwrap().len(), 202, "each of them and the SOA record");
}

#[test]
fn what_a_signer_makes_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let zone = |signature: &str, next: &str| {
        format!(
            "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\na A 192.0.2.1\na NSEC {next} A NSEC RRSIG\n\
             a RRSIG A 13 3 60 20300101000000 20200101000000 1 example.com. {signature}\n"
        )
    };
    fs::write(root.join("a"), zone("AAAA", "b")).unwrap();
    fs::write(root.join("b"), zone("BBBB", "c")).unwrap();
    assert_eq!(
        ok(root, &["a", "b"]),
        "example.com, b: serial 1 not raised\n  signing data (--dnssec lists it): RRSIG: 1 added, 1 removed; \
         NSEC: 1 added, 1 removed\n"
    );
    let listed = ok(root, &["a", "b", "--dnssec"]);
    assert!(listed.contains("  + a.example.com. 60 NSEC c.example.com. A RRSIG NSEC\n"), "{listed}");
    assert!(!listed.contains("signing data"), "{listed}");
    let value = as_json(root, &["a", "b"]);
    assert_eq!(value["zones"][0]["rrsets"], json!([]));
    assert_eq!(
        value["zones"][0]["signing_data"]["RRSIG"],
        json!({ "added": 1, "removed": 1, "with_other_ttl": 0 })
    );
    assert_eq!(as_json(root, &["a", "b", "--dnssec"])["zones"][0]["rrsets"].as_array().unwrap().len(), 2);
}

#[test]
fn the_fields_of_the_soa_record_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("a"), "$ORIGIN example.com.\n@ 60 SOA ns h 4294967295 3600 1 1 1\n").unwrap();
    fs::write(root.join("b"), "$ORIGIN example.com.\n@ 90 SOA ns2 h 1 7200 1 1 300\n").unwrap();
    assert_eq!(
        ok(root, &["a", "b"]),
        "example.com, b: serial 4294967295 -> 1\n  ~ example.com. SOA TTL 60 -> 90 (1m -> 1m30s)\n  \
         ~ example.com. SOA primary server ns.example.com. -> ns2.example.com.\n  \
         ~ example.com. SOA refresh 3600 -> 7200 (1h -> 2h)\n  \
         ~ example.com. SOA negative TTL 1 -> 300 (1s -> 5m)\n"
    );
    let back = ok(root, &["b", "a"]);
    assert!(back.starts_with("example.com, a: serial 1 -> 4294967295 goes back\n"), "{back}");
}

#[test]
fn one_file_tells_the_zone_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("example.com.zone"), "@ 60 SOA ns h 2 1 1 1 1\n").unwrap();
    fs::write(root.join("example.com.zone~"), "@ 60 SOA ns h 1 1 1 1 1\n").unwrap();
    for (args, serials) in [
        (["example.com.zone~", "example.com.zone"], "serial 1 -> 2, nothing else"),
        (["example.com.zone", "example.com.zone~"], "serial 2 -> 1 goes back, nothing else"),
    ] {
        let told = ok(root, &args);
        assert!(told.starts_with("example.com, ") && told.ends_with(&format!(": {serials}\n")), "{told}");
    }
    fs::write(root.join("example.org.zone"), "@ 60 SOA ns h 1 1 1 1 1\n").unwrap();
    let refused = run(root, &["example.com.zone", "example.org.zone"]);
    assert_eq!(refused.status.code(), Some(2));
    let why = "error: example.com.zone is zone example.com, example.org.zone is zone example.org: give `--origin NAME` \
               if they are the same zone\n";
    assert_eq!(text(&refused.stderr), why);
    assert!(run(root, &["example.com.zone", "example.org.zone", "--origin", "example.net"]).status.success());
}

#[test]
fn standard_input_is_the_zone_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("example.com.zone"), "@ 60 SOA ns h 2 1 1 1 1\na 60 A 192.0.2.1\n").unwrap();
    for (args, told) in [
        (["-", "example.com.zone"], "serial 1 -> 2\n  + a.example.com. 60 A 192.0.2.1\n"),
        (["example.com.zone", "-"], "serial 2 -> 1 goes back\n  - a.example.com. 60 A 192.0.2.1\n"),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zonewright"))
            .arg("diff")
            .args(args)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"@ 60 SOA ns h 1 1 1 1 1\n").unwrap();
        let output = child.wait_with_output().unwrap();
        let printed = text(&output.stdout);
        assert!(output.status.success() && printed.ends_with(told), "{args:?}: {printed}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_comparison() {
    let folder = repository();
    edit(&folder.path().join("zones/contoso.com.zone"), "10 0 443  sip1", "30 0 443  sip1");
    let value = as_json(folder.path(), &["--base", "HEAD", "zones"]);
    let break_it: [fn(&mut Value); 6] = [
        |value| value["schema_version"] = json!("1"),
        |value| drop(value.as_object_mut().unwrap().remove("edge")),
        |value| value["zones"][0]["change"] = json!("new"),
        |value| value["zones"][0]["rrsets"][0]["ttl_after"] = json!(-1),
        |value| value["zones"][0]["rrsets"][0]["added"][0]["rdata"] = json!(7),
        |value| drop(value["edge"][0]["before"][0].as_object_mut().unwrap().remove("pools")),
    ];
    for break_it in break_it {
        let mut broken = value.clone();
        break_it(&mut broken);
        assert_ne!(broken, value);
        assert!(!schema().is_valid(&broken), "{broken}");
    }
}

/// What a reader of the Markdown sees outside code, and the tags that it holds.
struct Seen {
    prose: String,
    code: String,
    html: String,
}

fn seen(markdown: &str) -> Seen {
    let mut seen = Seen { prose: String::new(), code: String::new(), html: String::new() };
    let mut in_code = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        let push = |to: &mut String, text: &CowStr<'_>| {
            to.push_str(text);
            to.push('\n');
        };
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if in_code => push(&mut seen.code, &text),
            Event::Text(text) => push(&mut seen.prose, &text),
            Event::Code(text) => push(&mut seen.code, &text),
            Event::Html(text) | Event::InlineHtml(text) => push(&mut seen.html, &text),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link: {markdown}"),
            _ => {}
        }
    }
    seen
}

/// The tags, and the text that stands in no `<code>`.
fn tags(html: &str) -> (BTreeSet<String>, String) {
    let (mut tags, mut bare, mut in_code) = (BTreeSet::new(), String::new(), false);
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        if !in_code {
            bare.push_str(before);
        }
        in_code = match tag {
            "code" => true,
            "/code" => false,
            _ => in_code,
        };
        tags.insert(tag.to_owned());
        rest = after;
    }
    (tags, bare + rest)
}

const HOSTILE: [&str; 9] = [
    "```` ``` ` @octocat",
    "</details></summary><img src=x onerror=alert(1)>",
    "| a | @team/admins | #1 | <!-- ",
    "[x](https://evil.example) ![y](z) https://evil.example",
    "\\010```\\010# heading\\010@octocat\\010",
    "~~~ *bold* _it_ && &lt; &commat;octocat",
    "``````````",
    "\\027[31m \\226\\128\\174",
    "$x$ $$y$$ <details open>",
];

#[test]
fn nothing_of_a_zone_breaks_out_of_the_markdown() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let name = "`b` @octocat <script> |.zone";
    fs::write(root.join("a"), "$ORIGIN x<b>@`y`.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n").unwrap();
    let mut zone = String::from("$ORIGIN x<b>@`y`.com.\n$TTL 60\n@ SOA ns h 1 1 1 1 1\n");
    for (index, hostile) in HOSTILE.iter().enumerate() {
        writeln!(zone, "t{index} TXT \"{hostile}\"").unwrap();
    }
    zone.push_str("```.<i>.@octocat.| TXT \"x\"\n@ CAA 0 iodef \"mailto:@octocat`\"\n");
    fs::write(root.join(name), zone).unwrap();
    let markdown = ok(root, &["a", name, "--output-format", "markdown", "--origin", "x<b>@`y`.com"]);
    let seen = seen(&markdown);
    let (tags, bare) = tags(&seen.html);
    let own = ["details open", "summary", "code", "/code", "/summary", "/details"];
    assert_eq!(tags, own.map(str::to_owned).into(), "{markdown}");
    for prose in [&seen.prose, &bare] {
        let stray = ["octocat", "team", "evil", "heading", "`", "<", "script"];
        assert!(stray.iter().all(|word| !prose.contains(word)), "{prose}\n{markdown}");
    }
    for (index, hostile) in HOSTILE.iter().enumerate() {
        assert!(seen.code.contains(&format!("TXT \"{hostile}\"\n")), "{index}: {markdown}");
    }
    assert!(seen.code.contains("```.<i>.@octocat.|.x<b>@`y`.com. 60 TXT \"x\""), "{markdown}");
    assert!(seen.html.contains("<code>`b` @octocat &lt;script&gt; |.zone</code>"), "{markdown}");
}

#[test]
fn a_comment_has_room_for_the_markdown_and_tells_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (side, zones) in [("a", 0), ("b", 40)] {
        fs::create_dir(root.join(side)).unwrap();
        fs::write(root.join(side).join("same.example.zone"), "@ 60 SOA ns h 1 1 1 1 1\n").unwrap();
        for zone in 0..zones {
            let mut text = String::from("$TTL 60\n@ SOA ns h 1 1 1 1 1\n");
            // The first zones are small, the others have more than their share.
            for host in 0..(if zone < 20 { 2 } else { 300 }) {
                writeln!(text, "host{host:04} A 192.0.2.1").unwrap();
            }
            fs::write(root.join(side).join(format!("z{zone:02}.example.zone")), text).unwrap();
        }
    }
    let markdown = ok(root, &["a", "b", "--output-format", "markdown"]);
    assert!((55_000..65_536).contains(&markdown.chars().count()), "{}", markdown.len());
    let told = markdown.lines().filter(|line| line.starts_with("+ ")).count();
    let left: Vec<usize> = markdown
        .lines()
        .filter_map(|line| line.strip_prefix("... ")?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(left.len(), 20, "{markdown}");
    assert_eq!(told + left.iter().sum::<usize>(), 20 * 3 + 20 * 301);
    assert_eq!(markdown.matches("<details").count(), 40);
    assert_eq!(markdown.matches("<details open").count(), 20, "long zones are folded");
    assert_eq!(markdown.matches("</details>").count(), 40);

    // So many zones that not all can be named.
    for zone in 0..1000 {
        fs::write(root.join(format!("b/y{zone:04}.example.zone")), "@ 60 SOA ns h 1 1 1 1 1\n").unwrap();
    }
    let markdown = ok(root, &["a", "b", "--output-format", "markdown"]);
    assert!((55_000..65_536).contains(&markdown.chars().count()), "{}", markdown.len());
    let named = markdown.matches("<summary>").count() + markdown.matches("<p>").count();
    let last = format!("... {} more zones", 1040 - named);
    assert_eq!(markdown.trim_end().lines().last(), Some(&*last));
}
