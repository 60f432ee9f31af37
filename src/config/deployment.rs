//! The tables that declare the Edge deployment, as a [`Draft`].

use super::reader::{Reader, Table, Value};
use crate::diagnostic::nearest;
use crate::edge::{Addresses, Alias, Declared, Draft, FrontEndPoolDraft, GeoNameDraft, LoadBalancing};
use crate::edge::{FederationPolicy, PolicyDraft, PoolDraft, RemoteAccessPolicy, Server, Service, SipDomain};
use crate::edge::{Profile, ServiceDraft, SiteDraft, TargetMatch, XmppPolicy, host_name};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeValue;

/// Reads `[[service]]`, `[[sip_domain]]`, `[[site]]`, `[[edge_pool]]`, `[[front_end_pool]]`, `[[geo_name]]` and
/// `[policy]`.
pub(super) fn draft(reader: &mut Reader, top: &mut Table<'_>) -> Draft {
    let services = each(reader, top, "service", service);
    let known: Vec<Service> =
        Service::LYNC.into_iter().chain(services.iter().map(|draft| draft.service.value)).collect();
    Draft {
        services,
        sip_domains: each(reader, top, "sip_domain", sip_domain),
        sites: each(reader, top, "site", site),
        pools: each(reader, top, "edge_pool", |reader, table| pool(reader, table, &known)),
        front_end_pools: each(reader, top, "front_end_pool", front_end_pool),
        geo_names: each(reader, top, "geo_name", geo_name),
        policy: policy(reader, top),
    }
}

fn each<T>(
    reader: &mut Reader,
    top: &mut Table<'_>,
    key: &'static str,
    read: impl Fn(&mut Reader, &mut Table<'_>) -> Option<T>,
) -> Vec<T> {
    let mut items = Vec::new();
    for mut table in reader.tables(top, key) {
        items.extend(read(reader, &mut table));
        reader.finish(table);
    }
    items
}

fn sip_domain(reader: &mut Reader, table: &mut Table<'_>) -> Option<SipDomain> {
    let name = reader.host(table, "name", true);
    let default = reader.boolean(table, "default").unwrap_or(false);
    let mut services = BTreeSet::from(Service::LYNC);
    for (key, service) in [
        ("remote_access", Service::RemoteAccess),
        ("federation", Service::Federation),
        ("xmpp", Service::Xmpp),
    ] {
        if reader.boolean(table, key) == Some(false) {
            services.remove(&service);
        }
    }
    Some(SipDomain { name: name?, default, services })
}

/// A service that is built in under its name, or has labels and a port of its own.
fn service(reader: &mut Reader, table: &mut Table<'_>) -> Option<ServiceDraft> {
    let name = reader.id(table, "name", true);
    let labels = reader.text(table, "labels", false);
    let port = reader.value(table, "port");
    let port = port.and_then(|value| reader.as_u16(value, "`port`", 1..=u16::MAX));
    let title = reader.text(table, "title", false).map(|title| title.value);
    let sip_domains = reader.array(table, "sip_domains").map(|values| {
        let host = |value: &&Value<'_>| reader.as_host(value, "an element of `sip_domains`");
        values.iter().filter_map(host).collect()
    });
    let name = name?;
    if let Some(known) = Service::LYNC.iter().find(|known| known.word() == name.value) {
        let message = format!("service `{}` needs no [[service]]", known.word());
        reader.report_with_help(name.span, message, "every deployment knows it: remove the table");
        return None;
    }
    let profile = match (labels, port, Profile::built_in(&name.value)) {
        (None, None, Some(profile)) if title.is_none() => profile,
        (None, port, Some(profile)) => {
            let port = port.map_or(profile.port(), |port| port.value);
            Profile::new(&name.value, profile.prefix(), port, title.as_deref().or(Some(profile.title())))
                .ok()?
        }
        (Some(labels), Some(port), _) => {
            match Profile::new(&name.value, &labels.value, port.value, title.as_deref()) {
                Ok(profile) => profile,
                Err(why) => {
                    reader.report(labels.span, format!("`labels` `{}` {why}", labels.value));
                    return None;
                }
            }
        }
        (_, _, built_in) => {
            let message = format!("service `{}` needs `labels` and `port`", name.value);
            let known = Profile::words().collect::<Vec<_>>();
            let help = match nearest(&name.value, known.iter().copied()).filter(|_| built_in.is_none()) {
                Some(near) => format!("add them, or write the built-in `{near}`"),
                None => format!("add them; built in are {}", known.join(", ")),
            };
            reader.report_with_help(name.span, message, help);
            return None;
        }
    };
    let service = Declared::new(Service::Other(profile.kept()), name.span);
    Some(ServiceDraft { service, sip_domains })
}

fn site(reader: &mut Reader, table: &mut Table<'_>) -> Option<SiteDraft> {
    let name = reader.id(table, "id", true);
    let federation_route = reader.id(table, "federation_route", false);
    let xmpp_route = reader.id(table, "xmpp_route", false);
    Some(SiteDraft { name: name?, federation_route, xmpp_route })
}

fn front_end_pool(reader: &mut Reader, table: &mut Table<'_>) -> Option<FrontEndPoolDraft> {
    let fqdn = reader.host(table, "fqdn", true);
    let site = reader.id(table, "site", false);
    let edge = reader.id(table, "edge", false);
    let backup = reader.host(table, "backup", false);
    Some(FrontEndPoolDraft { fqdn: fqdn?, site, edge, backup })
}

fn geo_name(reader: &mut Reader, table: &mut Table<'_>) -> Option<GeoNameDraft> {
    let name = reader.host(table, "name", true);
    let pools = reader.texts(table, "pools");
    Some(GeoNameDraft { name: name?, pools })
}

fn policy(reader: &mut Reader, top: &mut Table<'_>) -> PolicyDraft {
    let Some(mut table) = reader.table(top, "policy") else { return PolicyDraft::default() };
    let federation = [
        ("srv-priority", FederationPolicy::SrvPriority),
        ("single-active", FederationPolicy::SingleActive),
        ("geo-dns", FederationPolicy::GeoDns),
        ("multi-federated", FederationPolicy::MultiFederated),
    ];
    let remote_access =
        [("srv-priority", RemoteAccessPolicy::SrvPriority), ("single", RemoteAccessPolicy::Single)];
    let xmpp = [("prestaged", XmppPolicy::Prestaged), ("swing-a", XmppPolicy::SwingA)];
    let target_match =
        [("strict", TargetMatch::Strict), ("suffix", TargetMatch::Suffix), ("off", TargetMatch::Off)];
    let policy = PolicyDraft {
        federation: reader.choice(&mut table, "federation", &federation),
        remote_access: reader.choice(&mut table, "remote_access", &remote_access),
        xmpp: reader.choice(&mut table, "xmpp", &xmpp),
        target_match: reader.choice(&mut table, "target_match", &target_match),
        switch_ttl: reader.seconds(&mut table, "switch_ttl"),
        steady_ttl: reader.seconds(&mut table, "steady_ttl"),
        rto: reader.seconds(&mut table, "rto"),
    };
    reader.finish(table);
    policy
}

fn pool(reader: &mut Reader, table: &mut Table<'_>, known: &[Service]) -> Option<PoolDraft> {
    let before = reader.count();
    let name = reader.id(table, "id", true);
    let balancing = [("dns", LoadBalancing::Dns), ("hlb", LoadBalancing::Hlb)];
    let site = reader.id(table, "site", true);
    let internal_fqdn = reader.host(table, "internal_fqdn", false);
    let access = reader.host(table, "access", true);
    let webcon = reader.host(table, "webcon", false);
    let av = reader.host(table, "av", false);
    let xmpp = reader.host(table, "xmpp", false);
    let load_balancing = reader.choice(table, "load_balancing", &balancing);
    let vip = vip(reader, table);
    let next_hop = reader.host(table, "next_hop", false);
    // A name that cannot be read is a name all the same: the pool offers XMPP.
    let services = services(reader, table, known).or(table.has("xmpp").then(|| Service::LYNC.to_vec()));
    let priorities = priorities(reader, table, known);
    let ports = ports(reader, table, known);
    let aliases = aliases(reader, table);
    let mut servers = Vec::new();
    for mut entry in reader.tables(table, "server") {
        servers.extend(server(reader, &mut entry));
        reader.finish(entry);
    }
    Some(PoolDraft {
        name: name?,
        site,
        internal_fqdn,
        access,
        webcon,
        av,
        xmpp,
        load_balancing: load_balancing.map(|kind| kind.value).unwrap_or_default(),
        vip,
        next_hop,
        services,
        ports,
        priorities,
        aliases,
        servers,
        incomplete: reader.count() > before,
    })
}

fn vip(reader: &mut Reader, table: &mut Table<'_>) -> Option<Declared<Addresses>> {
    let mut vip = reader.table(table, "vip")?;
    let addresses = external(reader, &mut vip);
    let span = vip.span;
    reader.finish(vip);
    Some(Declared::new(addresses, span))
}

fn server(reader: &mut Reader, table: &mut Table<'_>) -> Option<Server> {
    let name = reader.id(table, "name", true);
    let external = external(reader, table);
    let internal = reader.addresses(table, "internal");
    Some(Server { name: name?, external, internal })
}

fn external(reader: &mut Reader, table: &mut Table<'_>) -> Addresses {
    Addresses {
        access: reader.addresses(table, "access"),
        webcon: reader.addresses(table, "webcon"),
        av: reader.addresses(table, "av"),
    }
}

fn services(reader: &mut Reader, table: &mut Table<'_>, known: &[Service]) -> Option<Vec<Service>> {
    let words: Vec<_> = known.iter().map(|service| (service.word(), *service)).collect();
    let values = reader.array(table, "services")?;
    let before = reader.count();
    let mut services = Vec::new();
    for value in values {
        services.extend(reader.as_choice(value, "service", &words).map(|service| service.value));
    }
    // What the unread word meant is unknown, so nothing is said to be missing.
    if reader.count() > before {
        services = known.to_vec();
    }
    Some(services)
}

/// An integer for all services, or a table with one for each; services left out keep the default.
fn priorities(
    reader: &mut Reader,
    table: &mut Table<'_>,
    known: &[Service],
) -> BTreeMap<Service, Declared<u16>> {
    let mut priorities = BTreeMap::new();
    let Some(value) = reader.value(table, "priority") else { return priorities };
    if !value.get_ref().is_table() {
        let priority = reader.as_u16(value, "`priority`", 0..=u16::MAX);
        priorities.extend(
            priority.into_iter().flat_map(|priority| known.iter().map(move |service| (*service, priority))),
        );
        return priorities;
    }
    let Some(mut entries) = reader.as_table(value, String::from("`priority`")) else { return priorities };
    for (key, service) in known.iter().map(|service| (service.word(), *service)) {
        if let Some(value) = reader.value(&mut entries, key) {
            let priority = reader.as_u16(value, &format!("priority of `{key}`"), 0..=u16::MAX);
            priorities.extend(priority.map(|priority| (service, priority)));
        }
    }
    reader.finish(entries);
    priorities
}

fn ports(reader: &mut Reader, table: &mut Table<'_>, known: &[Service]) -> BTreeMap<Service, Declared<u16>> {
    let mut ports = BTreeMap::new();
    let Some(mut entries) = reader.table(table, "ports") else { return ports };
    for service in known.iter().copied() {
        let key = if service == Service::RemoteAccess { "client" } else { service.word() };
        if let Some(value) = reader.value(&mut entries, key) {
            let port = reader.as_u16(value, &format!("port `{key}`"), 1..=u16::MAX);
            ports.extend(port.map(|port| (service, port)));
        }
    }
    reader.finish(entries);
    ports
}

/// Keys are SIP domains; a value is the Access Edge name, or a table of names.
fn aliases(reader: &mut Reader, table: &mut Table<'_>) -> Vec<Alias> {
    let Some(entries) = reader.table(table, "aliases") else { return Vec::new() };
    let mut aliases: Vec<Alias> = Vec::new();
    for (key, value) in entries.entries() {
        let written = Declared::new(key.get_ref().clone().into_owned(), reader.span(key.span()));
        let Some(sip_domain) = reader.name(written, "SIP domain", host_name) else { continue };
        if aliases.iter().any(|alias| alias.sip_domain.value == sip_domain.value) {
            reader.report(sip_domain.span, format!("aliases for `{}` stand twice", sip_domain.value));
            continue;
        }
        aliases.extend(alias(reader, sip_domain, value));
    }
    aliases.sort_by_key(|alias| alias.sip_domain.span);
    aliases
}

fn alias<'t>(reader: &mut Reader, sip_domain: Declared<String>, value: &'t Value<'t>) -> Option<Alias> {
    let what = format!("alias in `{}`", sip_domain.value);
    let mut alias = Alias { sip_domain, access: None, webcon: None, av: None, xmpp: None };
    if matches!(value.get_ref(), DeValue::Table(_)) {
        let mut names = reader.as_table(value, what)?;
        alias.access = reader.host(&mut names, "access", false);
        alias.webcon = reader.host(&mut names, "webcon", false);
        alias.av = reader.host(&mut names, "av", false);
        alias.xmpp = reader.host(&mut names, "xmpp", false);
        reader.finish(names);
    } else {
        alias.access = reader.as_host(value, &what);
    }
    Some(alias)
}
