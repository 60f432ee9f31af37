//! The JSON of the cmdlets: `Get-CsService -EdgeServer`, and beside it `Get-CsSite`, `Get-CsSipDomain`, `Get-CsPool`,
//! `Get-CsComputer` and `Get-CsService -Registrar`.
//!
//! Objects are told apart by their properties, so the outputs may come in any order, in one array, under the
//! keys of a hash table, or one document after the other. Objects of other kinds are passed over.

use super::{FrontEnd, ImportError, Pool, Server, SipDomain, Site, Told, Topology};
use crate::edge::host_name;
use serde_json::{Map, Value};
use std::fmt::Display;

/// How deep arrays and hash tables may lie around the objects of the cmdlets.
const DEEPEST: usize = 8;

type Object = Map<String, Value>;

/// What stands before the name of a site.
const SITE: &str = "Site:";

/// Reads one or more JSON documents.
pub(super) fn read(file: &str, text: &str) -> Result<Topology, Vec<ImportError>> {
    let mut reading = Reading {
        file,
        errors: Vec::new(),
        topology: Topology::default(),
        machines: Vec::new(),
        cut_off: false,
    };
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for (index, document) in documents.enumerate() {
        match document {
            Ok(document) => {
                let path = if index == 0 { String::from("$") } else { format!("$ (document {})", index + 1) };
                reading.value(&path, &document, 0);
            }
            Err(error) => {
                let place = format!("{}:{}", error.line(), error.column());
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or(&what);
                reading.errors.push(ImportError {
                    file: file.to_owned(),
                    place,
                    what: format!("not JSON: {what}"),
                });
                break;
            }
        }
    }
    reading.finish()
}

struct Reading<'f> {
    file: &'f str,
    errors: Vec<ImportError>,
    topology: Topology,
    /// Machines by the internal name of their pool.
    machines: Vec<(String, Vec<String>)>,
    cut_off: bool,
}

impl Reading<'_> {
    fn wrong(&mut self, path: impl Into<String>, what: impl Into<String>) {
        self.errors.push(ImportError { file: self.file.to_owned(), place: path.into(), what: what.into() });
    }

    /// Arrays and hash tables are looked through; a string where an object was is what a cut-off object
    /// leaves behind.
    fn value(&mut self, path: &str, value: &Value, depth: usize) {
        if depth > DEEPEST {
            self.wrong(
                path,
                format!("lies {depth} levels deep, expected the output of a cmdlet above level {DEEPEST}"),
            );
            return;
        }
        match value {
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), value, depth + 1);
                }
            }
            Value::Object(object) => self.object(path, object, depth),
            Value::String(text) if is_cut_off(text) => self.cut_off = true,
            _ => {}
        }
    }

    fn object(&mut self, path: &str, object: &Object, depth: usize) {
        let identity = object.get("Identity").and_then(Value::as_str).unwrap_or_default().trim();
        let is = |prefix: &str| starts(identity, prefix);
        let has = |key: &str| object.contains_key(key);
        if is("EdgeServer:") || has("AccessEdgeExternalFqdn") {
            self.edge(path, object);
        } else if is("Registrar:") || is("Director:") {
            self.registrar(path, object);
        } else if is(SITE) && (has("FederationRoute") || has("SiteType") || has("Pools")) {
            self.site(path, object);
        } else if has("IsDefault") && has("Name") {
            self.sip_domain(path, object);
        } else if has("Computers") {
            self.pool(path, object);
        } else if has("Pool") && has("Fqdn") {
            self.computer(path, object);
        } else if identity.is_empty() && !has("Role") {
            for (key, value) in object.iter().filter(|(_, value)| value.is_array() || value.is_object()) {
                self.value(&format!("{path}.{key}"), value, depth + 1);
            }
        }
    }

    fn edge(&mut self, path: &str, object: &Object) {
        let before = self.errors.len();
        let fqdn = self
            .host(path, object, "PoolFqdn")
            .or_else(|| self.reference(path, object, "Identity", "EdgeServer:"));
        let access = self.host(path, object, "AccessEdgeExternalFqdn");
        let av = self.host(path, object, "AVEdgeExternalFqdn");
        let pool = Pool {
            fqdn: fqdn.clone().unwrap_or_default(),
            site: self.site_name(path, object),
            access: access.clone().unwrap_or_default(),
            webcon: self.host(path, object, "DataEdgeExternalFqdn"),
            // With one name for all services the A/V name may be left empty; clients get this one.
            av: av.or_else(|| self.host(path, object, "ExternalMrasFqdn")),
            client_port: match self.port(path, object, "AccessEdgeClientSipPort") {
                Told::Is(port) => Some(port),
                // The name that one page of the documentation has.
                _ => self.port(path, object, "AccessEdgeClientPort").value().copied(),
            },
            federation_port: self.port(path, object, "AccessEdgeExternalSipPort"),
            xmpp_port: self.port(path, object, "XmppListeningPort"),
            next_hop: self
                .reference(path, object, "Registrar", "Registrar:")
                .or_else(|| self.reference(path, object, "Director", "Director:")),
            servers: None,
        };
        if self.errors.len() > before {
            return;
        }
        for (name, is_there) in [("PoolFqdn", fqdn.is_some()), ("AccessEdgeExternalFqdn", access.is_some())] {
            if !is_there {
                let found = match object.get(name) {
                    None => String::from("is not there"),
                    Some(value) => format!("found {}", shown(value)),
                };
                self.wrong(format!("{path}.{name}"), format!("{found}, expected the name of an Edge pool"));
            }
        }
        if self.errors.len() > before {
            return;
        }
        if self.topology.pool(&pool.fqdn).is_some() {
            self.wrong(path, format!("a second Edge service of pool `{}`, expected one", pool.fqdn));
            return;
        }
        if let Some(site) = &pool.site {
            self.known_site(site.clone());
        }
        self.topology.pools.push(pool);
    }

    fn registrar(&mut self, path: &str, object: &Object) {
        let fqdn = self
            .host(path, object, "PoolFqdn")
            .or_else(|| self.reference(path, object, "Identity", "Registrar:"))
            .or_else(|| self.reference(path, object, "Identity", "Director:"));
        let Some(fqdn) = fqdn else { return };
        let site = self.site_name(path, object);
        let edge = self.reference(path, object, "EdgeServer", "EdgeServer:");
        self.topology.front_ends.get_or_insert_default().push(FrontEnd { fqdn, site, edge });
    }

    fn site(&mut self, path: &str, object: &Object) {
        let Some(name) = self.text(path, object, "Identity").map(|identity| without(&identity, SITE)) else {
            return;
        };
        let mut route = |key: &str| match object.get(key) {
            None => Told::Not,
            Some(_) => self.reference(path, object, key, "EdgeServer:").map_or(Told::Absent, Told::Is),
        };
        let (federation_route, xmpp_route) = (route("FederationRoute"), route("XmppFederationRoute"));
        // A branch leaves by the routes of its central site. As an enumeration its type may be a number.
        let is_branch =
            object.get("SiteType").and_then(Value::as_str).is_some_and(|kind| kind != "CentralSite");
        if is_branch || self.text(path, object, "ParentSite").is_some() {
            return;
        }
        self.topology.sites.retain(|site| !site.name.eq_ignore_ascii_case(&name));
        self.topology.sites.push(Site { name, federation_route, xmpp_route });
    }

    fn sip_domain(&mut self, path: &str, object: &Object) {
        let Some(name) = self.host(path, object, "Name") else { return };
        let default = match object.get("IsDefault") {
            Some(Value::Bool(default)) => *default,
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => true,
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => false,
            found => {
                let found = found.map_or_else(String::new, shown);
                self.wrong(format!("{path}.IsDefault"), format!("found {found}, expected true or false"));
                return;
            }
        };
        self.topology.sip_domains.get_or_insert_default().push(SipDomain { name, default });
    }

    fn pool(&mut self, path: &str, object: &Object) {
        let fqdn = self.host(path, object, "Fqdn").or_else(|| self.host(path, object, "Identity"));
        let Some(fqdn) = fqdn else { return };
        let machines = match object.get("Computers") {
            Some(Value::Array(machines)) => machines.iter().collect(),
            Some(one @ Value::String(text)) if !text.is_empty() => vec![one],
            _ => Vec::new(),
        };
        let mut names = Vec::new();
        for (index, machine) in machines.into_iter().enumerate() {
            let path = format!("{path}.Computers[{index}]");
            let text = match machine {
                Value::String(text) => Some(text.clone()),
                Value::Object(machine) => {
                    ["Fqdn", "Identity"].iter().find_map(|key| Some(machine.get(*key)?.as_str()?.to_owned()))
                }
                _ => None,
            };
            match text {
                Some(text) if is_cut_off(&text) => self.cut_off = true,
                Some(text) => names.extend(self.checked(&path, &text)),
                None => {
                    self.wrong(path, format!("found {}, expected the name of a computer", shown(machine)))
                }
            }
        }
        self.machines.push((fqdn, names));
    }

    fn computer(&mut self, path: &str, object: &Object) {
        let pool = self.host(path, object, "Pool");
        let fqdn = self.host(path, object, "Fqdn");
        let (Some(pool), Some(fqdn)) = (pool, fqdn) else { return };
        match self.machines.iter_mut().find(|(known, _)| *known == pool) {
            Some((_, names)) if names.contains(&fqdn) => {}
            Some((_, names)) => names.push(fqdn),
            None => self.machines.push((pool, vec![fqdn])),
        }
    }

    fn known_site(&mut self, name: String) {
        if !self.topology.sites.iter().any(|site| site.name.eq_ignore_ascii_case(&name)) {
            self.topology.sites.push(Site { name, federation_route: Told::Not, xmpp_route: Told::Not });
        }
    }

    /// `Site:Paris`, as the name alone.
    fn site_name(&mut self, path: &str, object: &Object) -> Option<String> {
        let name = without(&self.text(path, object, "SiteId")?, SITE);
        (!name.is_empty()).then_some(name)
    }

    /// The text of a property; none when it is absent, null, empty or cut off. An object stands for the text
    /// that names it.
    fn text(&mut self, path: &str, object: &Object, key: &str) -> Option<String> {
        let value = match object.get(key)? {
            Value::Object(inner) => {
                ["Identity", "Fqdn", "Name", "Value"].iter().find_map(|key| inner.get(*key))?
            }
            value => value,
        };
        match value {
            Value::Null => None,
            Value::String(text) if is_cut_off(text) => {
                self.cut_off = true;
                None
            }
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            other => {
                self.wrong(format!("{path}.{key}"), format!("found {}, expected a string", shown(other)));
                None
            }
        }
    }

    /// A host name.
    fn host(&mut self, path: &str, object: &Object, key: &str) -> Option<String> {
        let text = self.text(path, object, key)?;
        self.checked(&format!("{path}.{key}"), &text)
    }

    /// A host name after the kind of service: `Registrar:fe1.contoso.net`.
    fn reference(&mut self, path: &str, object: &Object, key: &str, kind: &str) -> Option<String> {
        let text = self.text(path, object, key)?;
        // An Edge pool sends to a Director too, and `Identity` may be of any kind.
        let name = match text.split_once(':') {
            Some((found, _)) if key == "Identity" && !starts(kind, found) => return None,
            Some((_, name)) => name.trim(),
            None => &text,
        };
        self.checked(&format!("{path}.{key}"), name)
    }

    fn checked(&mut self, path: &str, text: &str) -> Option<String> {
        match host_name(text) {
            Ok(name) => Some(name),
            Err(why) => {
                self.wrong(path, format!("`{text}` {why}"));
                None
            }
        }
    }

    /// A port; absent when it is null, empty or 0.
    fn port(&mut self, path: &str, object: &Object, key: &str) -> Told<u16> {
        let Some(value) = object.get(key) else { return Told::Not };
        let number = match value {
            Value::Null => return Told::Absent,
            Value::String(text) if text.trim().is_empty() => return Told::Absent,
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
            _ => None,
        };
        match number {
            Some(0) => Told::Absent,
            Some(port) => Told::Is(port),
            None => {
                let what = format!("found {}, expected a port from 1 to 65535, or 0 or null", shown(value));
                self.wrong(format!("{path}.{key}"), what);
                Told::Not
            }
        }
    }

    fn finish(mut self) -> Result<Topology, Vec<ImportError>> {
        for (fqdn, machines) in std::mem::take(&mut self.machines) {
            let servers = machines.into_iter().map(|fqdn| Server { fqdn, ..Server::default() });
            if let Some(pool) = self.topology.pools.iter_mut().find(|pool| pool.fqdn == fqdn) {
                pool.servers = Some(servers.collect());
            }
        }
        let told = &self.topology;
        let tells_nothing = told.pools.is_empty()
            && told.sites.is_empty()
            && told.sip_domains.is_none()
            && told.front_ends.is_none();
        if self.errors.is_empty() && tells_nothing {
            let what = if self.cut_off {
                "the objects were cut off: give ConvertTo-Json `-Depth 4`"
            } else {
                "no Edge service, site or SIP domain in it, expected what `Get-CsService -EdgeServer | ConvertTo-Json` writes"
            };
            self.wrong("$", what);
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        if self.cut_off {
            let file = self.file;
            self.topology
                .notes
                .push(format!("{file}: ConvertTo-Json cut off a part of it: give it `-Depth 4`"));
        }
        Ok(self.topology)
    }
}

/// Whether the text is what PowerShell writes in place of an object that lies too deep.
fn is_cut_off(text: &str) -> bool {
    text.starts_with("@{") || text.starts_with("System.") || text.starts_with("Microsoft.Rtc.")
}

fn starts(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn without(text: &str, prefix: &str) -> String {
    let rest = if starts(text, prefix) { text.get(prefix.len()..) } else { None };
    rest.unwrap_or(text).trim().to_owned()
}

/// A value for a message, short.
fn shown(value: impl Display) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}
