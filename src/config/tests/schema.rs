//! The schema and the reader know the same keys, types and words.

use super::*;
use crate::config::schema::{ALIAS, FILE, Keys, Shape, schema};
use jsonschema::Validator;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

/// Every key of every table, once at least.
const WHOLE: &str = r#"
include_base = "cwd"
include_outside_root = true
[policy]
federation = "geo-dns"
remote_access = "single"
xmpp = "prestaged"
target_match = "suffix"
switch_ttl = "5m"
steady_ttl = 3600
rto = "1h30m"
[lint]
rules = { srv = "off" }
select = ["ALL"]
ignore = ["hygiene"]
fail_on = "warning"
target = ["bind", "nsd"]
baseline = "known.json"
shared_addresses = ["192.0.2.10", "198.51.100.0/24", "2001:db8::/32"]
[lint.change]
mass_deletion_percent = 20
mass_change_percent = 100
mass_minimum = 5
ttl_window = "5m"
[[lint.zone]]
origin = "contoso.com"
rules = { "ttl-too-low" = "info" }
[[lint.path]]
files = "zones/lab/**"
rules = { names = "warning" }
select = ["soa-serial-format"]
ignore = ["ttl"]
[fmt]
owner_width = 24
tabs = true
names = "relative"
ttl = "units"
[[service]]
name = "chat"
labels = "_chat._tcp"
port = 5222
title = "Chat"
sip_domains = ["contoso.com"]
[[sip_domain]]
name = "contoso.com"
default = true
remote_access = true
federation = true
xmpp = true
[[sip_domain]]
name = "fabrikam.com"
xmpp = false
[[zone]]
origin = "contoso.com"
file = "contoso.com.zone"
view = "external"
kind = "public"
[[zone]]
origin = "fabrikam.com"
file = "fabrikam.com.zone"
[[site]]
id = "paris"
federation_route = "edge1"
xmpp_route = "edge1"
[[edge_pool]]
id = "edge1"
site = "paris"
internal_fqdn = "lsedge1.contoso.net"
access = "sip1.contoso.com"
webcon = "webcon1.contoso.com"
av = "av1.contoso.com"
xmpp = "xmpp1.contoso.com"
load_balancing = "dns"
next_hop = "fe1.contoso.net"
services = ["remote-access", "federation", "xmpp", "chat"]
priority = { remote-access = 10, federation = 10, xmpp = 10, chat = 10 }
ports = { client = 443, federation = 5061, xmpp = 5269, chat = 5222 }
[edge_pool.aliases]
"fabrikam.com" = { access = "sip1.fabrikam.com", webcon = "w1.fabrikam.com", av = "a1.fabrikam.com", xmpp = "x1.fabrikam.com" }
[[edge_pool.server]]
name = "edge1a"
access = "192.0.2.10"
webcon = ["192.0.2.11", "2001:db8::11"]
av = "192.0.2.12"
internal = "10.1.0.10"
[[edge_pool]]
id = "edge2"
site = "paris"
internal_fqdn = "lsedge2.contoso.net"
access = "sip2.contoso.com"
xmpp = "xmpp2.contoso.com"
load_balancing = "hlb"
vip = { access = "198.51.100.10", webcon = "198.51.100.11", av = "198.51.100.12" }
next_hop = "fe1.contoso.net"
priority = 20
aliases = { "fabrikam.com" = "sip2.fabrikam.com" }
[[front_end_pool]]
fqdn = "fe1.contoso.net"
site = "paris"
edge = "edge1"
backup = "fe2.contoso.net"
[[front_end_pool]]
fqdn = "fe2.contoso.net"
[[geo_name]]
name = "sip.contoso.com"
pools = ["edge1", "edge2"]
"#;

/// No key and no word.
const STRANGER: &str = "zzzzzzzzzzzz";

fn validator() -> Validator {
    jsonschema::validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap()
}

fn accepts(validator: &Validator, text: &str) -> bool {
    let instance: serde_json::Value = toml::from_str(text).unwrap();
    validator.is_valid(&instance)
}

/// What the reader says, message and help.
fn said(text: &str) -> Vec<(String, String)> {
    let findings = read_text(text).1.err().unwrap_or_default();
    findings.into_iter().map(|finding| (finding.message, finding.help.unwrap_or_default())).collect()
}

/// A key, or an element of an array.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Element(usize),
}

fn table_of<'i>(item: &'i mut Item, steps: &[Step]) -> Option<&'i mut dyn TableLike> {
    let Some((step, rest)) = steps.split_first() else { return item.as_table_like_mut() };
    match step {
        Step::Key(key) => table_of(item.as_table_like_mut()?.get_mut(key)?, rest),
        Step::Element(index) => {
            let element: &mut dyn TableLike = item.as_array_of_tables_mut()?.get_mut(*index)?;
            let Some((Step::Key(key), rest)) = rest.split_first() else { return Some(element) };
            table_of(element.get_mut(key)?, rest)
        }
    }
}

/// The steps to every table of a document, the top first.
fn tables() -> Vec<Vec<Step>> {
    fn walk(item: &Item, here: &[Step], all: &mut Vec<Vec<Step>>) {
        if let Some(table) = item.as_table_like() {
            all.push(here.to_owned());
            for (key, item) in table.iter() {
                walk(item, &[here, &[Step::Key(key.to_owned())]].concat(), all);
            }
        }
        for (index, table) in item.as_array_of_tables().into_iter().flatten().enumerate() {
            let here = [here, &[Step::Element(index)]].concat();
            all.push(here.clone());
            for (key, item) in table.iter() {
                walk(item, &[&here[..], &[Step::Key(key.to_owned())]].concat(), all);
            }
        }
    }
    let document: DocumentMut = WHOLE.parse().unwrap();
    let mut all = Vec::new();
    walk(document.as_item(), &[], &mut all);
    all
}

/// [`WHOLE`] with one table changed.
fn with(steps: &[Step], change: impl FnOnce(&mut dyn TableLike)) -> String {
    let mut document: DocumentMut = WHOLE.parse().unwrap();
    change(table_of(document.as_item_mut(), steps).unwrap());
    document.to_string()
}

fn keys_of(steps: &[Step]) -> Vec<String> {
    let mut document: DocumentMut = WHOLE.parse().unwrap();
    let table = table_of(document.as_item_mut(), steps).unwrap();
    table.iter().map(|(key, _)| key.to_owned()).collect()
}

/// All tables of the schema.
fn all_keys() -> Vec<&'static Keys> {
    let mut all: Vec<&'static Keys> = vec![&FILE, &ALIAS];
    let mut next = 0;
    while let Some(keys) = all.get(next) {
        let below = keys.keys.iter().filter_map(|key| match &key.shape {
            Shape::Table(keys) | Shape::Tables(keys) => Some(*keys),
            _ => None,
        });
        let below: Vec<&'static Keys> = below.collect();
        all.extend(below);
        next += 1;
    }
    all
}

/// `UPDATE=1 cargo test --lib config_schema` rewrites it.
#[test]
fn the_config_schema_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/zonewright.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, schema()).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == schema(),
        "docs/zonewright.schema.json is stale: UPDATE=1 cargo test --lib config_schema"
    );
    let value: serde_json::Value = serde_json::from_str(&shipped).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&value));
}

#[test]
fn every_configuration_of_the_repository_is_as_the_schema_says() {
    fn find(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                find(&path, found);
            } else if path.file_name().is_some_and(|name| name == FILE_NAME) {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    find(&root.join("zones"), &mut found);
    find(&root.join("fixtures"), &mut found);
    assert!(found.len() > 10, "{found:?}");
    let validator = validator();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(accepts(&validator, &text), "{}", path.display());
    }
    assert!(accepts(&validator, BASE) && accepts(&validator, ""));
}

#[test]
fn the_reader_and_the_schema_know_the_same_keys() {
    assert_eq!(said(WHOLE), []);
    assert!(accepts(&validator(), WHOLE));
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for steps in tables() {
        let text = with(&steps, |table| {
            table.insert(STRANGER, Item::Value(1.into()));
        });
        for (message, help) in said(&text) {
            let Some(place) = message.strip_prefix(&format!("unknown key `{STRANGER}` in ")) else {
                continue;
            };
            let keys = help.strip_prefix("known keys: ").unwrap();
            known.entry(place.to_owned()).or_default().extend(keys.split(", ").map(str::to_owned));
        }
    }
    // Their keys are services; the schema has them as one shape each.
    for place in ["`priority`", "`ports`"] {
        assert!(known.remove(place).is_some(), "{place}");
    }
    let of_schema: BTreeMap<String, BTreeSet<String>> = all_keys()
        .into_iter()
        .map(|keys| {
            let place = if keys.place.is_empty() { "the file" } else { keys.place };
            (place.to_owned(), keys.keys.iter().map(|key| key.name.to_owned()).collect())
        })
        .collect();
    assert_eq!(known, of_schema);
}

#[test]
fn the_reader_and_the_schema_know_the_same_words() {
    for keys in all_keys() {
        for key in keys.keys {
            let Shape::Choice(words) = &key.shape else { continue };
            let place = tables().into_iter().find(|steps| {
                let stranger = with(steps, |table| {
                    table.insert(STRANGER, Item::Value(1.into()));
                });
                let place = if keys.place.is_empty() { "the file" } else { keys.place };
                said(&stranger)
                    .iter()
                    .any(|(message, _)| *message == format!("unknown key `{STRANGER}` in {place}"))
            });
            let text = with(&place.unwrap(), |table| {
                table.insert(key.name, Item::Value(STRANGER.into()));
            });
            let expected = format!("`{}` is `{STRANGER}`, expected {}", key.name, words.join(", "));
            assert!(
                said(&text).iter().any(|(message, _)| *message == expected),
                "{expected}: {:?}",
                said(&text)
            );
        }
    }
}

/// Values, few of which fit any key.
fn probes() -> Vec<Value> {
    let mut table = InlineTable::new();
    table.insert(STRANGER, 1.into());
    let texts = [
        "",
        "two words",
        "a,b",
        "-x",
        STRANGER,
        "1h30m",
        "5m3",
        "a..b",
        "a_b.c",
        "192.0.2.1",
        "fe80::1",
        ".",
        "b\u{fc}ro.de",
    ];
    let mut probes: Vec<Value> = texts.into_iter().map(Value::from).collect();
    probes.extend([
        Value::from(0),
        1.into(),
        81.into(),
        65_536.into(),
        (-1).into(),
        2_147_483_648_i64.into(),
    ]);
    probes.extend([Value::from(true), 1.5.into(), Value::Array(Array::new()), Value::InlineTable(table)]);
    probes.push(Value::InlineTable(InlineTable::new()));
    probes.push(Value::Array(Array::from_iter([1])));
    probes.push(Value::Array(Array::from_iter([STRANGER])));
    probes.push(Value::Array(Array::from_iter([""])));
    probes
}

/// Whether the reader means the shape of a value, not what it refers to or says together with others.
fn is_of_shape(message: &str) -> bool {
    // The words of these are names of [[service]] too.
    let of_services = message.starts_with("service is ")
        || (message.starts_with("unknown key")
            && (message.ends_with("`priority`") || message.ends_with("`ports`")));
    let shape = [
        ", expected ",
        "unknown key",
        " has no `",
        " is empty",
        "is no host name",
        " contains ",
        " starts with ",
        "empty label",
        " has the character ",
        "is an address",
        "is none of",
        "seconds are allowed",
    ];
    !of_services && shape.iter().any(|shape| message.contains(shape))
}

#[test]
fn the_schema_refuses_what_the_reader_refuses_for_its_shape_and_nothing_that_it_takes() {
    let validator = validator();
    let mut refused = 0;
    for steps in tables() {
        for key in keys_of(&steps) {
            let mut cases = vec![with(&steps, |table| {
                table.remove(&key);
            })];
            cases.extend(probes().into_iter().map(|probe| {
                with(&steps, |table| {
                    table.insert(&key, Item::Value(probe));
                })
            }));
            for text in cases {
                let said = said(&text);
                let of_shape: Vec<_> = said.iter().filter(|(message, _)| is_of_shape(message)).collect();
                let accepted = accepts(&validator, &text);
                assert!(
                    of_shape.is_empty() || !accepted,
                    "{steps:?} {key}: the schema takes it, {of_shape:?}"
                );
                assert!(accepted || !said.is_empty(), "{steps:?} {key}: the reader takes it\n{text}");
                refused += usize::from(!accepted);
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
