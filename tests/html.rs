//! The page of a plan: well-formed, escaped, readable, and the same every time.
#![allow(clippy::expect_used)]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use scraper::{ElementRef, Html, Selector};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use zonewright::edge::Deployment;
use zonewright::edit::serial;
use zonewright::emit::html::{Contents, page};
use zonewright::plan::timing::{Assumptions, timing};
use zonewright::plan::{Goal, Request, plan};
use zonewright::workspace::{self, load};

/// The page of a plan for the zones that a configuration names.
fn made(config: &Path, goal: &dyn Fn(&Deployment) -> Goal) -> String {
    let loaded =
        load(&workspace::Request { config: Some(config.to_owned()), ..workspace::Request::default() })
            .expect("loads");
    let deployment = loaded.deployment().expect("a deployment");
    let now = serial::now(|_| Some(String::from("1795219200"))).expect("a moment");
    let request = Request { goal: goal(deployment), services: BTreeSet::new(), now };
    let plan = plan(&loaded, &request).expect("a plan");
    let (before, after) =
        (loaded.coverage().expect("a deployment"), plan.applied(&loaded).coverage().expect("a deployment"));
    let assumptions = Assumptions::default();
    let timing = timing(&plan, &assumptions);
    page(&Contents {
        deployment,
        plan: &plan,
        before: &before,
        after: &after,
        timing: &timing,
        assumptions: &assumptions,
    })
}

fn pools(deployment: &Deployment, names: &[&str]) -> BTreeSet<zonewright::edge::PoolId> {
    names.iter().map(|name| deployment.pool_named(name).expect("a pool")).collect()
}

fn failover(config: &Path, names: &[&str]) -> String {
    made(config, &|deployment| Goal::Failover { down: pools(deployment, names), to: None })
}

fn failback(config: &Path, names: &[&str]) -> String {
    made(config, &|deployment| Goal::Failback { pools: pools(deployment, names) })
}

fn sync(config: &Path) -> String {
    made(config, &|_| Goal::Sync)
}

/// A configuration of the repository.
fn repository(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("zonewright.toml")
}

/// A deployment of four pools and three SIP domains with long names, and a recovery time objective that
/// is missed. `strange` stands in every zone, before its SRV records.
fn large(folder: &Path, strange: &str) -> std::path::PathBuf {
    let domains = ["corp.contoso-international.example", "fabrikam.example", "northwind-traders.example"];
    let sites = ["amsterdam", "rotterdam-zuid", "eindhoven", "maastricht"];
    let mut toml = String::from("[policy]\nrto = \"30m\"\n");
    for domain in domains {
        let _ = write!(
            toml,
            "[[sip_domain]]\nname = \"{domain}\"\n[[zone]]\norigin = \"{domain}\"\nfile = \"{domain}.zone\"\n"
        );
    }
    for site in sites {
        let _ = write!(
            toml,
            "[[site]]\nid = \"{site}\"\nfederation_route = \"edge-amsterdam\"\nxmpp_route = \"edge-amsterdam\"\n"
        );
    }
    for (number, site) in (1..).zip(sites) {
        let _ = write!(
            toml,
            "[[edge_pool]]\nid = \"edge-{site}\"\nsite = \"{site}\"\ninternal_fqdn = \"edge{number}.internal.example\"\n\
             access = \"sip{number}.{0}\"\nservices = [\"remote-access\", \"federation\", \"xmpp\"]\n\
             priority = {number}0\naliases = {{ \"{1}\" = {{ access = \"sip{number}.{1}\", xmpp = \"xmpp{number}.{1}\" }}, \
             \"{2}\" = {{ access = \"sip{number}.{2}\", xmpp = \"xmpp{number}.{2}\" }} }}\nxmpp = \"xmpp{number}.{0}\"\n\
             [[edge_pool.server]]\nname = \"edge{number}a\"\naccess = \"192.0.2.{number}\"\n",
            domains[0], domains[1], domains[2]
        );
    }
    fs::write(folder.join("zonewright.toml"), toml).expect("written");
    for domain in domains {
        let mut zone = format!(
            "$ORIGIN {domain}.\n$TTL 1h\n@ IN SOA ns1 hostmaster 41 4h 1h 2w 10m\n@ NS ns1\nns1 A 192.0.2.53\n"
        );
        for number in 1..=4 {
            let _ = write!(zone, "sip{number} A 192.0.2.{number}\nxmpp{number} A 192.0.2.{number}\n");
        }
        zone.push_str(strange);
        for (owner, port, host) in [
            ("_sip._tls", 443, "sip"),
            ("_sipfederationtls._tcp", 5061, "sip"),
            ("_xmpp-server._tcp", 5269, "xmpp"),
        ] {
            for number in 1..=4 {
                let _ = writeln!(zone, "{owner} SRV {number}0 0 {port} {host}{number}");
            }
        }
        fs::write(folder.join(format!("{domain}.zone")), zone).expect("written");
    }
    folder.join("zonewright.toml")
}

/// A copy of the zones of a configuration after a failover.
fn carried_out(config: &Path, names: &[&str], to: &Path) -> std::path::PathBuf {
    copy(config.parent().expect("a folder"), to);
    let config = to.join("zonewright.toml");
    let loaded = load(&workspace::Request { config: Some(config.clone()), ..workspace::Request::default() })
        .expect("loads");
    let down = pools(loaded.deployment().expect("a deployment"), names);
    let now = serial::now(|_| Some(String::from("1795219200"))).expect("a moment");
    let request = Request { goal: Goal::Failover { down, to: None }, services: BTreeSet::new(), now };
    for file in plan(&loaded, &request).expect("a plan").files {
        fs::write(&file.path, &file.new).expect("written");
    }
    config
}

/// Pages of every kind.
fn pages() -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let large = large(folder.path(), "");
    vec![
        ("zones-failover", failover(&repository("zones"), &["edge1"])),
        (
            "zones-failback",
            failback(
                &carried_out(&repository("zones"), &["edge1"], &folder.path().join("zones")),
                &["edge1"],
            ),
        ),
        ("swing-a-failover", failover(&repository("fixtures/swing-a"), &["edge1"])),
        ("large-failover", failover(&large, &["edge-amsterdam", "edge-eindhoven"])),
        ("large-sync", sync(&large)),
    ]
}

fn all<'a>(document: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    document.select(&Selector::parse(selector).expect("a selector")).collect()
}

fn attribute<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

fn words(element: &ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of what a selector finds.
fn texts(document: &Html, selector: &str) -> Vec<String> {
    all(document, selector).iter().map(words).collect()
}

#[test]
fn every_page_is_well_formed() {
    for (name, page) in pages() {
        let document = Html::parse_document(&page);
        assert_eq!(document.errors, Vec::<String>::new(), "{name}");
        // What stands open at the end of its parent is closed without an error in some places.
        for tag in
            ["p", "li", "td", "th", "tr", "div", "section", "svg", "g", "rect", "line", "text", "label"]
        {
            let opened =
                page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{name}: <{tag}>");
        }
        let mut ids = BTreeSet::new();
        for element in all(&document, "[id]") {
            assert!(ids.insert(attribute(&element, "id")), "{name}: id {} twice", attribute(&element, "id"));
        }
        for element in all(&document, "[aria-labelledby], [aria-describedby], [for], a[href]") {
            for of in ["aria-labelledby", "aria-describedby", "for", "href"] {
                for id in attribute(&element, of).split(' ').filter(|id| !id.is_empty()) {
                    assert!(ids.contains(id.trim_start_matches('#')), "{name}: {of} {id} leads nowhere");
                }
            }
        }
    }
}

#[test]
fn every_page_can_be_read_by_ear_and_used_by_keyboard() {
    for (name, page) in pages() {
        let document = Html::parse_document(&page);
        assert_eq!(attribute(&document.root_element(), "lang"), "en");
        for landmark in ["header", "nav[aria-label]", "main", "footer", "h1"] {
            assert_eq!(all(&document, landmark).len(), 1, "{name}: {landmark}");
        }
        let mut level = 0;
        for heading in all(&document, "h1, h2, h3, h4, h5, h6") {
            let next: usize = heading.value().name()[1..].parse().expect("a level");
            assert!(next <= level + 1, "{name}: h{next} after h{level}: {}", words(&heading));
            assert_ne!(words(&heading), "", "{name}");
            level = next;
        }
        for head in all(&document, "th") {
            let scope = attribute(&head, "scope");
            assert!(
                ["col", "row", "rowgroup"].contains(&scope),
                "{name}: {} has scope {scope}",
                words(&head)
            );
        }
        for table in all(&document, "table") {
            assert!(
                table.select(&Selector::parse("thead th").expect("a selector")).next().is_some(),
                "{name}"
            );
        }
        let labels: BTreeSet<&str> = all(&document, "label")
            .iter()
            .filter(|label| !words(label).is_empty())
            .map(|label| attribute(label, "for"))
            .collect();
        let boxes = all(&document, "input");
        assert!(boxes.iter().all(|input| attribute(input, "type") == "checkbox"), "{name}");
        let named: BTreeSet<&str> = boxes.iter().map(|input| attribute(input, "id")).collect();
        assert_eq!(labels, named, "{name}");
        for picture in all(&document, "svg") {
            let hidden = attribute(&picture, "aria-hidden") == "true";
            let says = |tag: &str| {
                picture.children().any(|child| {
                    ElementRef::wrap(child)
                        .is_some_and(|child| child.value().name() == tag && !words(&child).is_empty())
                })
            };
            assert!(
                hidden || attribute(&picture, "role") == "img" && says("title") && says("desc"),
                "{name}"
            );
        }
        for scrolling in all(&document, "pre, .scroll") {
            assert_eq!(attribute(&scrolling, "tabindex"), "0", "{name}");
            assert_ne!(attribute(&scrolling, "aria-label"), "", "{name}");
        }
    }
}

#[test]
fn a_page_loads_nothing_and_runs_only_its_own_script() {
    for (name, page) in pages() {
        let document = Html::parse_document(&page);
        let loading = "[src], [srcset], [data], [action], [style], link, img, iframe, object, base";
        let found: String = all(&document, loading).iter().map(ElementRef::html).collect();
        assert_eq!(found, "", "{name}");
        assert!(
            all(&document, "[href]").iter().all(|link| attribute(link, "href").starts_with('#')),
            "{name}"
        );
        assert!(!page.contains("url(") && !page.contains("@import"), "{name}");
        let elements = all(&document, "*");
        let handler =
            elements.iter().flat_map(|element| element.value().attrs()).find(|(of, _)| of.starts_with("on"));
        assert_eq!(handler, None, "{name}");
        let policy = attribute(&all(&document, "meta[http-equiv=Content-Security-Policy]")[0], "content");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        for tag in ["style", "script"] {
            let texts: Vec<String> =
                all(&document, tag).iter().map(|element| element.text().collect()).collect();
            assert_eq!(texts.len(), 1, "{name}: {tag}");
            let digest = base64(&Sha256::digest(texts[0].as_bytes()));
            assert!(
                policy.contains(&format!("{tag}-src 'sha256-{digest}'")),
                "{tag}-src 'sha256-{digest}' is not in {policy}"
            );
        }
    }
}

/// RFC 4648 4.
fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in octets.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[test]
fn the_base64_of_the_digests_is_that_of_the_rfc() {
    assert_eq!(
        ["f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
        ["Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
    );
}

#[test]
fn what_zones_say_is_shown_and_not_obeyed() {
    let folder = tempfile::tempdir().expect("a folder");
    let strange = "_sip._tls SRV 60 0 443 <b>bold</b>\n\
                   <b>bold</b> A 192.0.2.78\n\
                   <script>x</script> A 192.0.2.77\n\
                   text TXT \"</code><img src=x onerror=alert(2)>\"\n\
                   ; </pre><script>alert(1)</script> \u{202e}sdrawkcab &lt;\n";
    let config = large(folder.path(), strange);
    let page = failover(&config, &["edge-amsterdam"]);
    let document = Html::parse_document(&page);
    assert_eq!(document.errors, Vec::<String>::new());
    assert_eq!(all(&document, "script").len(), 1);
    assert_eq!(all(&document, "img, b").len(), 0);
    let shown = texts(&document, "body").concat();
    for said in [
        " ; </pre><script>alert(1)</script> \\u{202e}sdrawkcab &lt;",
        " <script>x</script> A 192.0.2.77",
        " text TXT \"</code><img src=x onerror=alert(2)>\"",
        "no declared pool",
        "<b>bold</b>.fabrikam.example",
    ] {
        assert!(shown.contains(said), "{said} is not shown");
    }
    assert!(!page.contains('\u{202e}'));
}

#[test]
fn the_same_plan_gives_the_same_octets() {
    let config = repository("zones");
    let page = failover(&config, &["edge1"]);
    assert_eq!(page, failover(&config, &["edge1"]));
    assert_ne!(page, failover(&config, &["edge2"]));
}

/// Colours by name: those of the light scheme, and of the dark one.
fn palettes(page: &str) -> [BTreeMap<String, [u8; 3]>; 2] {
    let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style");
    let mut blocks = style.split(":root {").skip(1).map(|block| {
        let lines = block.split('}').next().expect("a block").split(';');
        let colour = |line: &str| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            let octet = |at: usize| u8::from_str_radix(value.get(at..at + 2)?, 16).ok();
            Some((name.to_owned(), [octet(0)?, octet(2)?, octet(4)?]))
        };
        lines.filter_map(colour).collect()
    });
    [blocks.next().expect("light"), blocks.next().expect("dark")]
}

/// WCAG 2.2: relative luminance and contrast ratio.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| -> f64 {
        let linear = colour.map(|octet| {
            let share = f64::from(octet) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_stands_out_in_both_schemes() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x76; 3], [255; 3]) - 4.54).abs() < 0.01);
    for (scheme, palette) in ["light", "dark"].iter().zip(palettes(&sync(&repository("zones")))) {
        assert_eq!(palette.len(), 13, "{scheme}");
        for ground in ["paper", "panel", "added", "removed", "first", "warn"] {
            for ink in ["ink", "faint", "link", "good", "bad"] {
                let ratio = contrast(palette[ink], palette[ground]);
                assert!(ratio >= 4.5, "{scheme}: {ink} on {ground} is {ratio:.2}");
            }
        }
        // Lines that carry a meaning, WCAG 1.4.11.
        for ground in ["paper", "panel", "first"] {
            let ratio = contrast(palette["strong"], palette[ground]);
            assert!(ratio >= 3.0, "{scheme}: strong on {ground} is {ratio:.2}");
        }
    }
}

#[test]
fn the_sections_stand_in_order_and_none_is_empty() {
    for (name, page) in pages() {
        let document = Html::parse_document(&page);
        let sections: Vec<&str> =
            all(&document, "main > section").iter().map(|section| attribute(section, "id")).collect();
        assert_eq!(
            sections,
            ["summary", "coverage", "priorities", "timeline", "changes", "runbook", "back"],
            "{name}"
        );
        for section in all(&document, "main > section") {
            assert!(words(&section).len() > 40, "{name}: {}", words(&section));
        }
    }
}

#[test]
fn the_outline_of_a_failover() {
    let document = Html::parse_document(&failover(&repository("zones"), &["edge1"]));
    let outline: Vec<String> = all(&document, "h1, h2, h3, h4")
        .iter()
        .map(|heading| format!("{} {}", heading.value().name(), words(heading)))
        .collect();
    assert_eq!(
        outline,
        [
            "h1 Failover of edge1: XMPP, federation and remote access",
            "h2 Coverage",
            "h2 Priorities",
            "h3 Remote access",
            "h3 Federation",
            "h3 XMPP",
            "h2 Timeline",
            "h2 Changes",
            "h3 The diff",
            "h4 zones/contoso.com.zone",
            "h4 zones/fabrikam.com.zone",
            "h4 zones/internal/contoso.com.zone",
            "h2 Runbook",
            "h3 Before you start",
            "h3 Steps",
            "h4 Federation",
            "h4 XMPP",
            "h4 Remote access",
            "h4 Front End pools",
            "h4 Replication",
            "h4 DNS",
            "h3 Verify",
            "h3 What this does not do",
            "h2 The way back",
            "h3 By hand",
        ]
    );
}

#[test]
fn a_failover_is_told_in_full() {
    let document = Html::parse_document(&failover(&repository("zones"), &["edge1"]));
    assert_eq!(texts(&document, "h1"), ["Failover of edge1: XMPP, federation and remote access"]);
    assert!(texts(&document, ".lead")[0].starts_with("edge1 is out of service. edge2 takes over from edge1"));
    let cells = |row: &ElementRef<'_>| -> Vec<String> {
        row.children().filter_map(ElementRef::wrap).map(|cell| words(&cell)).collect()
    };
    let rows: Vec<String> =
        all(&document, "#coverage tbody tr").iter().map(|row| cells(row).join(" ")).collect();
    assert_eq!(rows[0], "Remote access before ok 10 sip1:443 ok 20 sip2:443");
    assert_eq!(rows[1], "after ok 30 sip1:443 ok 20 sip2:443");
    let ladders = texts(&document, "#priorities svg desc");
    assert_eq!(
        &ladders[..2],
        [
            "edge1 (paris), priority 10, sip1.contoso.com:443, asked first, down; edge2 (lyon), priority 20, sip2.contoso.com:443",
            "edge2 (lyon), priority 20, sip2.contoso.com:443, asked first; edge1 (paris), priority 30, sip1.contoso.com:443, down",
        ]
    );
    let times = texts(&document, "#timeline svg desc");
    assert_eq!(times[0], "minimum 10 s, typical 30 min, worst 1 h, because of TTL served before");
    let removed = texts(&document, ".diff del");
    assert_eq!(removed.iter().filter(|line| line.contains("SRV 10 0 ")).count(), 6, "{removed:?}");
    assert_eq!(texts(&document, ".diff ins").len(), removed.len());
    assert!(texts(&document, "#runbook").concat().contains("The diff stands above"));
    assert!(!texts(&document, "#runbook h3").contains(&String::from("What changes in DNS")));
    assert!(texts(&document, "#back pre")[0].contains("zonewright plan failback edge1"));
}

#[test]
fn a_missed_objective_is_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = Html::parse_document(&failover(&large(folder.path(), ""), &["edge-amsterdam"]));
    let warnings = texts(&document, ".warnings li").concat();
    assert!(warnings.contains("longer than the recovery time objective of 30 min"), "{warnings}");
    assert_eq!(texts(&document, "#timeline tbody td .bad").len(), 9);
}

#[test]
fn what_a_plan_wants_is_not_called_wrong() {
    let drain = made(&repository("zones"), &|deployment| Goal::Drain {
        servers: [deployment.server_named("edge1a").expect("a server")].into(),
    });
    let leave = made(&repository("zones"), &|deployment| {
        let to = deployment.pool_named("edge2");
        Goal::decommission(deployment, pools(deployment, &["edge1"]), to).expect("a goal")
    });
    for (page, words) in [(drain, "afterdrained 10 sip1:443ok"), (leave, "aftergoneok")] {
        let document = Html::parse_document(&page);
        let rows = texts(&document, "#coverage tbody tr");
        assert!(rows.iter().any(|row| row.starts_with(words)), "{rows:?}");
        assert!(texts(&document, "#coverage .bad").is_empty(), "{rows:?}");
        let warnings = texts(&document, ".warnings li");
        assert!(!warnings.iter().any(|warning| warning.contains("coverage matrix")), "{warnings:?}");
    }
}

#[test]
fn the_way_back_of_a_failback_is_a_command_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(repository("zones").parent().expect("a folder"), folder.path());
    let config = folder.path().join("zonewright.toml");
    let text = fs::read_to_string(&config).expect("text").replace("\"edge1\"", "\"edge's\"");
    fs::write(&config, text).expect("written");
    let document = Html::parse_document(&failback(&config, &["edge's"]));
    assert_eq!(texts(&document, "#back pre")[0].trim(), r"zonewright plan failover 'edge'\''s'");
}
