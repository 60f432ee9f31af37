//! The JSON schema of `zonewright.toml`, made from one table of all its keys.
//!
//! It says what can be said of a file without reading it as a whole: keys, types, words, forms of names. That
//! references lead to something, and that the deployment keeps its invariants, only the reading tells.

use super::SCHEMA_URL;
use serde_json::{Map, Value, json};

/// A table and its keys.
pub(super) struct Keys {
    /// How messages of the reader call it; empty for the file.
    pub(super) place: &'static str,
    about: &'static str,
    pub(super) keys: &'static [Key],
}

/// One key.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) needed: bool,
    pub(super) shape: Shape,
    about: &'static str,
}

/// What a value looks like.
pub(super) enum Shape {
    /// A string that is not empty.
    Text,
    /// A name without blanks and commas, for the command line.
    Word,
    /// A host name.
    Host,
    /// A domain name that a zone may have.
    Zone,
    Boolean,
    Integer(u16, u16),
    /// Seconds, or a time as zone files write it.
    Seconds,
    /// One of a few words; the first one is the default.
    Choice(&'static [&'static str]),
    Texts,
    Hosts,
    Words(&'static [&'static str]),
    /// An address, or several.
    Addresses,
    /// Addresses and networks.
    Networks,
    /// Severities by rule or group.
    Severities,
    /// A number for all services, or one for each.
    Priorities,
    /// Ports by service.
    Ports,
    /// A name in a SIP domain, or names of several kinds, by SIP domain.
    Aliases,
    Table(&'static Keys),
    Tables(&'static Keys),
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, needed: false, shape, about }
}

const fn needed(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, needed: true, shape, about }
}

use Shape::{
    Addresses, Aliases, Boolean, Choice, Host, Hosts, Integer, Networks, Ports, Priorities, Seconds,
};
use Shape::{Severities, Table, Tables, Text, Texts, Word, Words, Zone};

/// The whole file.
pub(super) const FILE: Keys = Keys {
    place: "",
    about: "The zone files, and the Edge deployment that they serve. Paths are relative to the file.",
    keys: &[
        key("zone", Tables(&ZONE), "The zone files"),
        key(
            "include_base",
            Choice(&["file", "cwd"]),
            "Where relative $INCLUDE paths start: the folder of the including file, or that of this file",
        ),
        key("include_outside_root", Boolean, "Whether $INCLUDE may read files outside the repository"),
        key("service", Tables(&SERVICE), "Services beyond those of Lync"),
        key("sip_domain", Tables(&SIP_DOMAIN), "The domains that users sign in with"),
        key("site", Tables(&SITE), "The sites"),
        key("edge_pool", Tables(&EDGE_POOL), "The Edge pools"),
        key("front_end_pool", Tables(&FRONT_END_POOL), "The Front End pools, for the runbook"),
        key("geo_name", Tables(&GEO_NAME), "Federation names that several pools share"),
        key("policy", Table(&POLICY), "How the records have to look"),
        key("lint", Table(&LINT), "What lint minds"),
        key("fmt", Table(&FMT), "The layout of zone files"),
    ],
};

const ZONE: Keys = Keys {
    place: "[[zone]]",
    about: "A zone file",
    keys: &[
        needed("origin", Zone, "Apex of the zone"),
        needed("file", Text, "The file"),
        key(
            "view",
            Choice(&["external", "internal"]),
            "Who it is served to: everybody, or the company's own network",
        ),
        key(
            "kind",
            Choice(&["public", "private", "reverse", "registry", "internal"]),
            "What it is for (default: told from its records)",
        ),
    ],
};

const SERVICE: Keys = Keys {
    place: "[[service]]",
    about: "A service beyond those of Lync",
    keys: &[
        needed(
            "name",
            Word,
            "A built-in one (`matrix`, `xmpp-client`, ...), or a name of your own with labels and port",
        ),
        key("labels", Text, "The labels before the SIP domain: `_chat._tcp`"),
        key("port", Integer(1, u16::MAX), "The port of a pool that declares none"),
        key("title", Text, "How reports call it"),
        key("sip_domains", Hosts, "The SIP domains that want it (default: all)"),
    ],
};

const SIP_DOMAIN: Keys = Keys {
    place: "[[sip_domain]]",
    about: "A domain that users sign in with",
    keys: &[
        needed("name", Host, "The domain"),
        key("default", Boolean, "Whether it is the default SIP domain"),
        key("remote_access", Boolean, "Whether `_sip._tls` records are wanted (default: true)"),
        key("federation", Boolean, "Whether `_sipfederationtls._tcp` records are wanted (default: true)"),
        key("xmpp", Boolean, "Whether `_xmpp-server._tcp` records are wanted (default: true)"),
    ],
};

const SITE: Keys = Keys {
    place: "[[site]]",
    about: "A central site",
    keys: &[
        needed("id", Word, "Its name"),
        key("federation_route", Word, "The `id` of the Edge pool by which federation leaves"),
        key("xmpp_route", Word, "The `id` of the Edge pool by which XMPP leaves"),
    ],
};

const EDGE_POOL: Keys = Keys {
    place: "[[edge_pool]]",
    about: "One to twelve Edge servers of one site that act as one",
    keys: &[
        needed("id", Word, "Its name on the command line and in reports"),
        needed("site", Word, "The `id` of its site"),
        key("internal_fqdn", Host, "Name of its internal interface, by which cmdlets know it"),
        needed("access", Host, "External name of the Access Edge"),
        key("webcon", Host, "External name of web conferencing"),
        key("av", Host, "External name of A/V"),
        key("xmpp", Host, "External name that XMPP records name"),
        key(
            "load_balancing",
            Choice(&["dns", "hlb"]),
            "One address record per server, or a hardware load balancer",
        ),
        key("vip", Table(&VIP), "The virtual addresses of the hardware load balancer"),
        key("next_hop", Host, "Front End pool or Director that it sends to"),
        key(
            "services",
            Texts,
            "What it offers: `remote-access`, `federation`, `xmpp`, names of [[service]] (default: all of Lync, `xmpp` with an XMPP name only)",
        ),
        key(
            "priority",
            Priorities,
            "Priority of its SRV records when nothing is wrong: for all services, or by service (default: 10 for the first pool, 20 for the second)",
        ),
        key("ports", Ports, "Ports by service; `client` is that of remote access (default: 443, 5061, 5269)"),
        key(
            "aliases",
            Aliases,
            "Its names in further SIP domains: the Access Edge name, or a table of `access`, `webcon`, `av`, `xmpp`",
        ),
        key("server", Tables(&SERVER), "Its servers"),
    ],
};

const VIP: Keys = Keys {
    place: "`vip`",
    about: "Virtual addresses of a hardware load balancer",
    keys: &[
        key("access", Addresses, "Of the Access Edge"),
        key("webcon", Addresses, "Of web conferencing"),
        key("av", Addresses, "Of A/V"),
    ],
};

const SERVER: Keys = Keys {
    place: "[[edge_pool.server]]",
    about: "An Edge server",
    keys: &[
        needed("name", Word, "Its name on the command line and in reports"),
        key("access", Addresses, "External addresses of the Access Edge"),
        key("webcon", Addresses, "External addresses of web conferencing"),
        key("av", Addresses, "External addresses of A/V"),
        key("internal", Addresses, "Addresses of the internal interface"),
    ],
};

/// The names of a pool in one further SIP domain.
pub(super) const ALIAS: Keys = Keys {
    place: "alias in `fabrikam.com`",
    about: "Names in a further SIP domain",
    keys: &[
        key("access", Host, "Of the Access Edge"),
        key("webcon", Host, "Of web conferencing"),
        key("av", Host, "Of A/V"),
        key("xmpp", Host, "That XMPP records name"),
    ],
};

const FRONT_END_POOL: Keys = Keys {
    place: "[[front_end_pool]]",
    about: "A Front End pool or a Director",
    keys: &[
        needed("fqdn", Host, "Its name"),
        key("site", Word, "The `id` of its site"),
        key("edge", Word, "The `id` of the Edge pool of its media"),
        key("backup", Host, "The Front End pool that takes over from it"),
    ],
};

const GEO_NAME: Keys = Keys {
    place: "[[geo_name]]",
    about: "A federation name that several pools share; a traffic manager outside the zone decides between them",
    keys: &[needed("name", Host, "The name"), key("pools", Texts, "The `id` of each pool behind it")],
};

const POLICY: Keys = Keys {
    place: "[policy]",
    about: "How the records have to look",
    keys: &[
        key(
            "federation",
            Choice(&["srv-priority", "single-active", "geo-dns", "multi-federated"]),
            "How federation is published",
        ),
        key("remote_access", Choice(&["srv-priority", "single"]), "How remote access is published"),
        key(
            "xmpp",
            Choice(&["prestaged", "swing-a"]),
            "Whether each pool has an XMPP name and record of its own, or the addresses of one name move",
        ),
        key(
            "target_match",
            Choice(&["strict", "suffix", "off"]),
            "Whether SRV targets must lie inside the SIP domain",
        ),
        key("switch_ttl", Seconds, "TTL while a move is pending (default: 5m)"),
        key("steady_ttl", Seconds, "TTL at other times (default: 1h)"),
        key("rto", Seconds, "Time within which the last caller must have followed a failover"),
    ],
};

const LINT_CHANGE: Keys = Keys {
    place: "`change`",
    about: "What `lint --base` minds",
    keys: &[
        key("mass_deletion_percent", Integer(0, 100), "So many of the RRsets may go at once (default: 30)"),
        key("mass_change_percent", Integer(0, 100), "So many of the RRsets may change at once (default: 30)"),
        key("mass_minimum", Integer(1, u16::MAX), "Fewer RRsets than this are no mass (default: 10)"),
        key("ttl_window", Seconds, "The TTL that a record may have when it changes"),
    ],
};

const LINT: Keys = Keys {
    place: "[lint]",
    about: "What lint minds",
    keys: &[
        key("rules", Severities, "Severity by rule or group"),
        key("select", Texts, "Rules or groups that alone run, or are added"),
        key("ignore", Texts, "Rules or groups that do not run"),
        key(
            "fail_on",
            Choice(&["never", "info", "warning", "error"]),
            "The least severity that makes a run fail (default: error)",
        ),
        key("change", Table(&LINT_CHANGE), "What `--base` minds"),
        key("baseline", Text, "The file of the findings that are accepted"),
        key("target", Words(&["bind", "knot", "nsd"]), "The servers that the zones are meant for"),
        key("shared_addresses", Networks, "Addresses and networks that several names have by design"),
        key("zone", Tables(&LINT_ZONE), "What differs for single zones"),
        key("path", Tables(&LINT_PATH), "What differs for files; the last one that matches decides"),
    ],
};

const LINT_ZONE: Keys = Keys {
    place: "[[lint.zone]]",
    about: "What differs for one zone",
    keys: &[
        needed("origin", Zone, "Apex of the zone"),
        key("rules", Severities, "Severity by rule or group"),
    ],
};

const LINT_PATH: Keys = Keys {
    place: "[[lint.path]]",
    about: "What differs for findings in some files",
    keys: &[
        needed(
            "files",
            Text,
            "Which ones: a glob, relative to the folder of this file; a folder is all in it",
        ),
        key("rules", Severities, "Severity by rule or group"),
        key("select", Texts, "Rules or groups that run there"),
        key("ignore", Texts, "Rules or groups that do not run there"),
    ],
};

const FMT: Keys = Keys {
    place: "[fmt]",
    about: "The layout of zone files",
    keys: &[
        key(
            "owner_width",
            Integer(1, 80),
            "The least width of the owner's column, in characters (default: 8)",
        ),
        key("tabs", Boolean, "Whether columns are filled with tabs (default: false)"),
        key("names", Choice(&["keep", "relative"]), "How domain names are written"),
        key("ttl", Choice(&["keep", "seconds", "units"]), "How TTLs are written"),
    ],
};

/// Severities of rules.
const LEVELS: [&str; 4] = ["off", "info", "warning", "error"];

/// Labels of letters, digits and inner hyphens, RFC 1123 2.1.
const HOST: &str =
    "^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.?$";

const IPV4: &str =
    "^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$";

/// Printable characters; the root alone.
const ZONE_NAME: &str = "^(\\.|[!-\\-/-~]{1,63}(\\.[!-\\-/-~]{1,63})*\\.?)$";

const WORD: &str = "^[^-,\\s\\x00-\\x1f\\x7f][^,\\s\\x00-\\x1f\\x7f]*$";

/// Times as [`crate::zonefile::ttl`] reads them.
const PERIOD: &str = "^([0-9]+|([0-9]+[smhdwSMHDW])+)$";

/// The schema of `zonewright.toml`: JSON Schema, draft 2020-12, with a line feed at its end.
pub fn schema() -> String {
    let network = IPV4.replace('$', "(/([12]?[0-9]|3[0-2]))?$");
    let mut root = Map::new();
    root.insert(String::from("$schema"), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert(String::from("$id"), json!(SCHEMA_URL));
    root.insert(String::from("title"), json!("zonewright.toml"));
    root.extend(object(&FILE));
    root.insert(
        String::from("$defs"),
        json!({
            "host": {
                "type": "string", "minLength": 1, "maxLength": 254, "pattern": HOST, "not": { "pattern": IPV4 },
                "description": "A host name, with or without its final dot",
            },
            "address": {
                "type": "string", "anyOf": [{ "pattern": IPV4 }, { "pattern": "^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$" }],
                "description": "An IPv4 or IPv6 address",
            },
            "network": {
                "type": "string", "anyOf": [{ "pattern": network }, { "pattern": "^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/[0-9]{1,3})?$" }],
                "description": "An IPv4 or IPv6 address, or the first bits of some as in 192.0.2.0/24",
            },
            "word": { "type": "string", "minLength": 1, "pattern": WORD },
            "zone": { "type": "string", "minLength": 1, "maxLength": 254, "pattern": ZONE_NAME },
            "text": { "type": "string", "minLength": 1 },
            "port": { "type": "integer", "minimum": 1, "maximum": u16::MAX },
            "priority": { "type": "integer", "minimum": 0, "maximum": u16::MAX },
            "severity": { "enum": LEVELS },
            "alias": object(&ALIAS),
        }),
    );
    // A value made here cannot fail to be written.
    let mut text = serde_json::to_string_pretty(&Value::Object(root)).unwrap_or_default();
    text.push('\n');
    text
}

fn object(keys: &Keys) -> Map<String, Value> {
    let mut object = Map::new();
    let properties: Map<String, Value> =
        keys.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let needed: Vec<&str> = keys.keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
    if keys.place.starts_with('[') {
        object.insert(String::from("title"), json!(keys.place));
    }
    object.insert(String::from("description"), json!(keys.about));
    object.insert(String::from("type"), json!("object"));
    object.insert(String::from("additionalProperties"), json!(false));
    object.insert(String::from("properties"), Value::Object(properties));
    if !needed.is_empty() {
        object.insert(String::from("required"), json!(needed));
    }
    object
}

fn property(key: &Key) -> Value {
    let mut property = shape(&key.shape);
    if let Value::Object(property) = &mut property {
        property.insert(String::from("description"), json!(key.about));
    }
    property
}

fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Text => of("text"),
        Word => of("word"),
        Host => of("host"),
        Zone => of("zone"),
        Boolean => json!({ "type": "boolean" }),
        Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Seconds => json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": i32::MAX },
            { "type": "string", "pattern": PERIOD },
        ] }),
        Choice(words) => json!({ "enum": words }),
        Texts => json!({ "type": "array", "items": of("text") }),
        Hosts => json!({ "type": "array", "items": of("host") }),
        Words(words) => json!({ "type": "array", "items": { "enum": words } }),
        Addresses => json!({ "anyOf": [of("address"), { "type": "array", "items": of("address") }] }),
        Networks => json!({ "type": "array", "items": of("network") }),
        Severities => json!({ "type": "object", "additionalProperties": of("severity") }),
        // Services of [[service]] have names of their own.
        Priorities => {
            json!({ "anyOf": [of("priority"), { "type": "object", "additionalProperties": of("priority") }] })
        }
        Ports => json!({
            "type": "object",
            "properties": { "client": of("port"), "federation": of("port"), "xmpp": of("port"), "remote-access": false },
            "additionalProperties": of("port"),
        }),
        Aliases => json!({
            "type": "object",
            "propertyNames": of("host"),
            "additionalProperties": { "anyOf": [of("host"), of("alias")] },
        }),
        Table(keys) => Value::Object(object(keys)),
        Tables(keys) => json!({ "type": "array", "items": object(keys) }),
    }
}
