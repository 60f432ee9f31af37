//! The edit of a `zonewright.toml` that is there: only values that the topology tells otherwise change, what
//! is new is added, and nothing is taken out.

mod added;
mod place;
mod same;

pub(super) use same::{internal, pool_of, server_of};

use super::fresh::Words;
use super::words::word;
use super::{Pool, Published, Server, Told, Topology};
use crate::edge::{AddressKind, Declared, Deployment, EdgePool, LoadBalancing, Service, Site};
use std::net::IpAddr;
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

/// The configuration after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// What must be typed in or looked at.
    pub notes: Vec<String>,
}

/// Why a configuration cannot be edited: what stands in the way, and what would have been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEdited(pub String);

impl std::fmt::Display for NotEdited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotEdited {}

/// Edits the text of a configuration without errors, which declares `deployment`, if any.
///
/// # Errors
/// When the text cannot be edited without touching more than is meant: it mixes line ends, or a table that
/// must grow is written in another form than `[[...]]`.
pub fn edit(
    old: &str,
    deployment: Option<&Deployment>,
    topology: &Topology,
    published: &Published<'_>,
) -> Result<Edited, NotEdited> {
    let (mark, body) = match old.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", old),
    };
    let line_feeds = body.matches('\n').count();
    let is_crlf = line_feeds > 0 && body.matches("\r\n").count() == line_feeds;
    let plain = if is_crlf { body.replace("\r\n", "\n") } else { body.to_owned() };
    let document: DocumentMut = plain
        .parse()
        .map_err(|error: toml_edit::TomlError| NotEdited(format!("not TOML: {}", error.message())))?;
    if document.to_string() != plain {
        return Err(NotEdited(String::from("it mixes line ends: let every line end alike first")));
    }
    let mut editing = Editing::new(document, deployment, topology, published);
    editing.values();
    let text = editing.blocks()?;
    let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
    Ok(Edited { text: format!("{mark}{text}"), notes: editing.notes })
}

struct Editing<'a> {
    document: DocumentMut,
    deployment: Option<&'a Deployment>,
    topology: &'a Topology,
    published: &'a Published<'a>,
    words: Words,
    /// Id of each pool of the topology, in its order; the declared one where there is one.
    ids: Vec<String>,
    notes: Vec<String>,
}

impl<'a> Editing<'a> {
    fn new(
        document: DocumentMut,
        deployment: Option<&'a Deployment>,
        topology: &'a Topology,
        published: &'a Published<'a>,
    ) -> Self {
        let mut words = Words::default();
        for pool in deployment.iter().flat_map(|deployment| deployment.pools()) {
            words.pools.insert(pool.name.value.to_lowercase());
            words.servers.extend(pool.servers.iter().map(|server| server.name.value.to_lowercase()));
        }
        for site in deployment.iter().flat_map(|deployment| deployment.sites()) {
            words.taken_sites.insert(site.name.value.to_lowercase());
        }
        let mut editing =
            Self { document, deployment, topology, published, words, ids: Vec::new(), notes: Vec::new() };
        editing.name_sites();
        for pool in &topology.pools {
            let declared = editing.declared(pool).map(|declared| declared.name.value.clone());
            let id = declared.unwrap_or_else(|| editing.words.pool(pool));
            editing.ids.push(id);
        }
        editing
    }

    fn declared(&self, pool: &Pool) -> Option<&'a EdgePool> {
        let deployment = self.deployment?;
        pool_of(deployment, pool).map(|id| deployment.pool(id))
    }

    fn declared_sites(&self) -> &'a [Site] {
        self.deployment.map_or(&[], Deployment::sites)
    }

    /// A site of the topology is the declared one whose id is its name, else the one where its pools are
    /// declared to stand.
    fn name_sites(&mut self) {
        let Some(deployment) = self.deployment else { return };
        let names = self.topology.sites.iter().map(|site| &site.name);
        let names: Vec<&String> =
            names.chain(self.topology.pools.iter().filter_map(|pool| pool.site.as_ref())).collect();
        for name in &names {
            let id = deployment.sites().iter().find(|site| site.name.value.eq_ignore_ascii_case(&word(name)));
            if let Some(id) = id {
                self.words.sites.insert(name.to_lowercase(), id.name.value.clone());
            }
        }
        for name in names {
            let key = name.to_lowercase();
            if self.words.sites.contains_key(&key) {
                continue;
            }
            let here = self.topology.pools.iter().filter(|pool| pool.site.as_ref() == Some(name));
            let declared = here.filter_map(|pool| self.declared(pool));
            let mut ids = declared.map(|pool| &deployment.site(pool.site).name.value);
            let Some(first) = ids.next() else { continue };
            if ids.all(|id| id == first) && !self.words.sites.values().any(|known| known == first) {
                self.words.sites.insert(key, first.clone());
            }
        }
    }

    /// Values of tables that are there.
    fn values(&mut self) {
        let Some(deployment) = self.deployment else { return };
        self.sip_domains(deployment);
        for (index, pool) in self.topology.pools.iter().enumerate() {
            if let Some(declared) = self.declared(pool) {
                self.pool(deployment, index, pool, declared);
            }
        }
        self.routes(deployment);
        self.front_ends(deployment);
    }

    fn sip_domains(&mut self, deployment: &Deployment) {
        let Some(told) = &self.topology.sip_domains else { return };
        for (index, domain) in deployment.sip_domains().iter().enumerate() {
            let Some(told) = told.iter().find(|told| told.name == domain.name.value) else { continue };
            if told.default != domain.default
                && let Some(table) = self.table("sip_domain", index)
            {
                set(table, "default", told.default.into());
            }
        }
    }

    fn pool(&mut self, deployment: &Deployment, index: usize, pool: &Pool, declared: &EdgePool) {
        let place = declared.id.index();
        let text = |name: &Option<Declared<String>>| name.as_ref().map(|name| name.value.clone());
        let names = [
            ("internal_fqdn", internal(declared).map(str::to_owned), Some(&pool.fqdn)),
            ("access", Some(declared.access.value.clone()), Some(&pool.access)),
            ("webcon", text(&declared.webcon), pool.webcon.as_ref()),
            ("av", text(&declared.av), pool.av.as_ref()),
            ("next_hop", text(&declared.next_hop), pool.next_hop.as_ref()),
        ];
        for (key, is, told) in names {
            let Some(told) = told.filter(|told| is.as_deref() != Some(told)) else { continue };
            if let Some(table) = self.table("edge_pool", place) {
                set(table, key, told.as_str().into());
            }
        }
        if pool.site.is_some() {
            let site = self.words.site(pool.site.as_deref());
            if !deployment.site(declared.site).name.value.eq_ignore_ascii_case(&site)
                && let Some(table) = self.table("edge_pool", place)
            {
                set(table, "site", site.into());
            }
        }
        let ports = [
            (Service::RemoteAccess, "client", pool.client_port),
            (Service::Federation, "federation", pool.federation_port.value().copied()),
            (Service::Xmpp, "xmpp", pool.xmpp_port.value().copied()),
        ];
        for (service, key, told) in ports {
            let Some(told) = told.filter(|told| deployment.port(declared.id, service).value != *told) else {
                continue;
            };
            if declared.services.contains(&service) || service == Service::Federation {
                self.port(place, key, told);
            }
        }
        if pool.federation_port.value().is_some()
            && !declared.services.contains(&Service::Federation)
            && let Some(table) = self.table("edge_pool", place)
            && let Some(services) = table.get_mut("services").and_then(Item::as_array_mut)
        {
            services.push(Service::Federation.word());
        }
        self.addresses(index, pool, declared);
    }

    fn port(&mut self, place: usize, key: &str, port: u16) {
        let Some(table) = self.table("edge_pool", place) else { return };
        let value = Value::from(i64::from(port));
        match table.get_mut("ports") {
            Some(ports) => {
                let is_new = ports.get(key).is_none();
                if let Some(ports) = ports.as_table_like_mut() {
                    set(ports, key, value);
                }
                // The blank before the closing brace would stand before the comma otherwise.
                if let Some(ports) = ports.as_inline_table_mut().filter(|_| is_new) {
                    ports.fmt();
                }
            }
            None => {
                let mut ports = InlineTable::new();
                ports.insert(key, value);
                table.insert("ports", Item::Value(Value::InlineTable(ports)));
            }
        }
    }

    fn addresses(&mut self, index: usize, pool: &Pool, declared: &EdgePool) {
        for told in pool.servers.iter().flatten() {
            let Some(place) = server_of(declared, told) else { continue };
            let Some(server) = declared.servers.get(place) else { continue };
            let mut kinds = vec![("internal", &told.internal, server.internal.as_slice())];
            // Names of a pool behind a hardware load balancer do not lead to its servers.
            if declared.load_balancing == LoadBalancing::Dns {
                kinds.push(("access", &told.access, server.external.of(AddressKind::Access)));
                kinds.push(("webcon", &told.webcon, server.external.of(AddressKind::Webcon)));
                kinds.push(("av", &told.av, server.external.of(AddressKind::Av)));
            }
            for (key, told, is) in kinds {
                let Some(wanted) = changed(told, is) else { continue };
                let server = self.table("edge_pool", declared.id.index());
                let server = server
                    .and_then(|pool| pool.get_mut("server"))
                    .and_then(|servers| element(servers, place));
                if let Some(server) = server {
                    set(server, key, addresses_value(&wanted));
                }
            }
        }
        if self.servers_to_add(pool, declared).is_none() {
            let names = |names: Vec<&str>| names.join(", ");
            let is = names(declared.servers.iter().map(|server| server.name.value.as_str()).collect());
            let told = names(pool.servers.iter().flatten().map(|server| server.fqdn.as_str()).collect());
            let id = self.ids.get(index).map_or("", String::as_str);
            self.notes.push(format!("the servers of Edge pool {id} are {told} in the topology, {is} are declared: nothing tells which is which, so they stay"));
        }
    }

    /// The machines of the topology that are not declared; none when no machine at all is, so that they
    /// may be the declared ones under other names.
    fn servers_to_add<'p>(&self, pool: &'p Pool, declared: &EdgePool) -> Option<Vec<&'p Server>> {
        let Some(told) = pool.servers.as_ref().filter(|told| !told.is_empty()) else {
            return Some(Vec::new());
        };
        let new: Vec<&Server> = told.iter().filter(|told| server_of(declared, told).is_none()).collect();
        if new.len() == told.len() && !declared.servers.is_empty() { None } else { Some(new) }
    }

    fn routes(&mut self, deployment: &Deployment) {
        for told in &self.topology.sites {
            let Some(id) = self.words.sites.get(&told.name.to_lowercase()).cloned() else { continue };
            let Some(place) = deployment.sites().iter().position(|site| site.name.value == id) else {
                continue;
            };
            let Some(site) = deployment.sites().get(place) else { continue };
            let routes = [
                ("federation_route", &site.federation_route, &told.federation_route),
                ("xmpp_route", &site.xmpp_route, &told.xmpp_route),
            ];
            for (key, is, told) in routes {
                let is = is.as_ref().map(|route| deployment.pool(route.value).name.value.as_str());
                match (told, is) {
                    (Told::Is(fqdn), is) => match self.id_of(fqdn) {
                        Some(wanted) if is != Some(wanted.as_str()) => {
                            if let Some(table) = self.table("site", place) {
                                set(table, key, wanted.into());
                            }
                        }
                        Some(_) => {}
                        None => self.notes.push(format!("{key} of site {id} is {fqdn}, which is no Edge pool of the topology: it is left as it is")),
                    },
                    (Told::Absent, Some(is)) => {
                        self.notes.push(format!("{key} of site {id} is {is}, in the topology there is none; it stays"));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The id of a pool by its internal name, declared or new.
    fn id_of(&self, fqdn: &str) -> Option<String> {
        let place = self.topology.pools.iter().position(|pool| pool.fqdn == fqdn);
        if let Some(id) = place.and_then(|place| self.ids.get(place)) {
            return Some(id.clone());
        }
        let declared = self.deployment?.pools().iter().find(|pool| internal(pool) == Some(fqdn));
        declared.map(|pool| pool.name.value.clone())
    }

    fn front_ends(&mut self, deployment: &Deployment) {
        for told in self.topology.front_ends.iter().flatten() {
            let declared = deployment.front_end_pools().iter().enumerate();
            let Some((place, declared)) =
                declared.into_iter().find(|(_, known)| known.fqdn.value == told.fqdn)
            else {
                continue;
            };
            let is = declared.edge.as_ref().map(|edge| deployment.pool(edge.value).name.value.as_str());
            let wanted = told.edge.as_ref().and_then(|edge| self.id_of(edge));
            if let Some(wanted) = wanted.filter(|wanted| is != Some(wanted))
                && let Some(table) = self.table("front_end_pool", place)
            {
                set(table, "edge", wanted.into());
            }
        }
    }

    /// The table of an array of tables, however it is written.
    fn table(&mut self, key: &str, index: usize) -> Option<&mut dyn TableLike> {
        element(self.document.get_mut(key)?, index)
    }
}

/// The addresses that shall be there when others are; a family that the topology does not tell stays.
fn changed(told: &[IpAddr], is: &[Declared<IpAddr>]) -> Option<Vec<IpAddr>> {
    if told.is_empty() {
        return None;
    }
    let is: Vec<IpAddr> = is.iter().map(|address| address.value).collect();
    let untold = is.iter().filter(|address| told.iter().all(|told| told.is_ipv4() != address.is_ipv4()));
    let wanted: Vec<IpAddr> = told.iter().chain(untold).copied().collect();
    let same = wanted.len() == is.len() && wanted.iter().all(|address| is.contains(address));
    (!same).then_some(wanted)
}

fn addresses_value(addresses: &[IpAddr]) -> Value {
    match addresses {
        [one] => one.to_string().into(),
        many => Value::Array(many.iter().map(ToString::to_string).collect::<Array>()),
    }
}

/// One of several tables.
fn element(tables: &mut Item, index: usize) -> Option<&mut dyn TableLike> {
    match tables {
        Item::ArrayOfTables(tables) => tables.get_mut(index).map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(values)) => {
            values.get_mut(index)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

/// Gives a key a value; what stands around an old one stays.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}
