//! `zonewright.toml` as text, with comments that say what is concluded and from what.

use super::pools::{Alias, Derived, Pool};
use super::zones::{Commented, FoundZone};
use super::{some, visible};
use crate::edge::Service;
use crate::report::sanitize::is_unsafe;
use crate::server_config::ServerConfig;
use std::fmt::Write as _;
use std::net::IpAddr;

/// What the file begins with.
pub(super) struct Head<'a> {
    /// The configuration that the zones are named by.
    pub(super) server: Option<&'a ServerConfig>,
    /// Relative `$INCLUDE` paths start at the folder of the file.
    pub(super) include_base_is_root: bool,
}

/// The text. With a contradiction the deployment is written as comments.
pub(super) fn write(
    head: &Head<'_>,
    zones: &[FoundZone],
    commented: &[Commented],
    derived: &Derived,
    contradiction: Option<&[String]>,
) -> String {
    let mut text = String::new();
    let from = match head.server {
        Some(server) => format!("from a configuration of {}", server.server),
        None => String::from("from the zone files it found"),
    };
    line(&mut text, &format!("# Written by `zonewright init` {from}. Paths are relative to this file."));
    line(
        &mut text,
        "# Zones and addresses are as found. What was concluded says so: check it, then take the word away.",
    );
    if head.include_base_is_root {
        line(&mut text, "");
        line(
            &mut text,
            "include_base = \"cwd\"    # the server starts relative $INCLUDE paths in this folder",
        );
    }
    for zone in zones {
        line(&mut text, "");
        line(&mut text, "[[zone]]");
        line(&mut text, &format!("origin = {}", string(&zone.origin)));
        line(&mut text, &format!("file = {}", string(&zone.file)));
        let why = zone.why.as_ref().map(|why| format!("    # check: {why}")).unwrap_or_default();
        line(&mut text, &format!("view = \"{}\"{why}", zone.view.word()));
    }
    for zone in commented {
        line(&mut text, "");
        line(&mut text, &format!("# check: {}", visible(&zone.why)));
        line(&mut text, "# [[zone]]");
        line(&mut text, &format!("# origin = {}", string(&zone.origin)));
        line(&mut text, &format!("# file = {}", string(&zone.file)));
    }
    line(&mut text, "");
    if derived.pools.is_empty() {
        line(
            &mut text,
            "# No SRV record of an Edge pool was found, so no deployment is declared: [[sip_domain]], [[site]] and",
        );
        line(&mut text, "# [[edge_pool]] with [[edge_pool.server]] do that.");
        return text;
    }
    let deployment = deployment(derived);
    match contradiction {
        None => text.push_str(&deployment),
        Some(why) => {
            line(&mut text, "# What follows was concluded from the zones, and contradicts itself:");
            for why in why {
                line(&mut text, &format!("# - {}", visible(why)));
            }
            line(&mut text, "");
            for one in deployment.lines() {
                line(&mut text, if one.is_empty() { String::from("#") } else { format!("# {one}") }.as_str());
            }
        }
    }
    text
}

fn deployment(derived: &Derived) -> String {
    let mut text = String::new();
    policy(&mut text, derived);
    for (at, domain) in derived.domains.iter().enumerate() {
        line(&mut text, "");
        line(&mut text, "[[sip_domain]]");
        line(&mut text, &format!("name = {}", string(&domain.name)));
        if at == 0 {
            line(&mut text, "default = true    # check: it has the most SRV records");
        }
        for (key, service) in [
            ("remote_access", Service::RemoteAccess),
            ("federation", Service::Federation),
            ("xmpp", Service::Xmpp),
        ] {
            if !domain.services.contains(&service) {
                line(&mut text, &format!("{key} = false    # no record at {}", service.owner(&domain.name)));
            }
        }
    }
    let mut sites: Vec<&str> = Vec::new();
    for pool in &derived.pools {
        if sites.contains(&pool.site.as_str()) {
            continue;
        }
        sites.push(&pool.site);
        line(&mut text, "");
        line(&mut text, "[[site]]    # check: a site for each Edge pool");
        line(&mut text, &format!("id = {}", string(&pool.site)));
        for (key, route) in
            [("federation_route", &derived.federation_route), ("xmpp_route", &derived.xmpp_route)]
        {
            if let Some((id, owner)) = route {
                line(&mut text, &format!("{key} = {}    # check: first in {owner}", string(id)));
            }
        }
    }
    for pool in &derived.pools {
        self::pool(&mut text, pool);
    }
    line(&mut text, "");
    line(&mut text, "# [[front_end_pool]]    # for runbooks: which Front End pools use which Edge pool");
    line(&mut text, "# fqdn = \"...\"");
    if let Some(pool) = derived.pools.first() {
        line(&mut text, &format!("# edge = {}", string(&pool.id)));
    }
    text
}

fn policy(text: &mut String, derived: &Derived) {
    let policies = derived.policies;
    line(text, "[policy]");
    if policies.single_federation {
        line(
            text,
            "federation = \"single-active\"    # check: federation records lead to one Edge pool only",
        );
    } else {
        line(text, "federation = \"srv-priority\"");
    }
    line(text, "remote_access = \"srv-priority\"");
    if policies.swing_a {
        line(text, "xmpp = \"swing-a\"    # check: XMPP records lead to one name per SIP domain");
    } else {
        line(text, "xmpp = \"prestaged\"");
    }
    if policies.any_target {
        line(
            text,
            "target_match = \"off\"    # check: \"strict\" wants a name in every SIP domain for each Edge pool",
        );
    } else {
        line(text, "target_match = \"strict\"");
    }
    if let Some(ttl) = policies.steady_ttl {
        line(text, &format!("steady_ttl = {ttl}    # seconds, that of the SRV records"));
    }
}

fn pool(text: &mut String, pool: &Pool) {
    line(text, "");
    line(text, "[[edge_pool]]");
    line(text, &format!("# check: concluded from the SRV records of {}", some(&pool.domains)));
    line(text, &format!("id = {}", string(&pool.id)));
    line(text, &format!("site = {}", string(&pool.site)));
    let fill = "runbooks and drains need it";
    match pool.internal.as_slice() {
        [only] => {
            let name = string(only);
            line(text, &format!("# internal_fqdn = {name}    # check: {fill}"));
        }
        [] => line(text, &format!("# internal_fqdn = \"...\"    # fill in: {fill}")),
        several => {
            let several: Vec<&str> = several.iter().take(4).map(String::as_str).collect();
            line(
                text,
                &format!("# internal_fqdn = \"...\"    # fill in: {fill}; perhaps {}", several.join(", ")),
            );
        }
    }
    line(text, &format!("access = {}", string(&pool.access)));
    for (key, name) in [("webcon", &pool.webcon), ("av", &pool.av)] {
        match name {
            Some(name) => line(
                text,
                &format!("{key} = {}    # check: by its name, beside {}", string(name), pool.access),
            ),
            None => line(text, &format!("# {key} = \"...\"    # fill in, with an address for every server")),
        }
    }
    if let Some(xmpp) = &pool.xmpp {
        line(text, &format!("xmpp = {}", string(xmpp)));
    }
    let services: Vec<String> = pool.services.iter().map(|service| string(service.word())).collect();
    line(text, &format!("services = [{}]", services.join(", ")));
    let numbers: Vec<u16> = pool.priorities.values().copied().collect();
    match numbers.as_slice() {
        [] => {}
        [first, rest @ ..]
            if rest.iter().all(|number| number == first) && numbers.len() == pool.services.len() =>
        {
            line(text, &format!("priority = {first}"));
        }
        _ => {
            let each: Vec<String> = pool
                .priorities
                .iter()
                .map(|(service, number)| format!("{} = {number}", service.word()))
                .collect();
            line(text, &format!("priority = {{ {} }}", each.join(", ")));
        }
    }
    ports(text, pool);
    if !pool.aliases.is_empty() {
        let aliases: Vec<String> = pool.aliases.iter().map(alias).collect();
        line(text, &format!("aliases = {{ {} }}", aliases.join(", ")));
    }
    for server in &pool.servers {
        line(text, "");
        line(text, "[[edge_pool.server]]    # check: a server for each address");
        line(text, &format!("name = {}", string(&server.name)));
        for (key, addresses) in [("access", &server.access), ("webcon", &server.webcon), ("av", &server.av)] {
            if !addresses.is_empty() {
                line(text, &format!("{key} = {}", self::addresses(addresses)));
            }
        }
    }
}

/// A port that Edge pools do use is declared; another one may be the mistake that the lint is to find.
fn ports(text: &mut String, pool: &Pool) {
    for usual in [true, false] {
        let key =
            |service: &Service| if *service == Service::RemoteAccess { "client" } else { service.word() };
        let all = pool.ports.iter().filter(|(_, (_, known))| *known == usual);
        let all: Vec<String> = all.map(|(service, (port, _))| format!("{} = {port}", key(service))).collect();
        if all.is_empty() {
            continue;
        }
        let ports = format!("ports = {{ {} }}", all.join(", "));
        if usual {
            line(text, &ports);
        } else {
            line(
                text,
                &format!(
                    "# {ports}    # check: as found, but not the usual port: take the # away if it is meant"
                ),
            );
        }
    }
}

fn alias(alias: &Alias) -> String {
    let names = match (&alias.access, &alias.xmpp) {
        (Some(access), None) => string(access),
        (access, xmpp) => {
            let each = [("access", access), ("xmpp", xmpp)];
            let each: Vec<String> = each
                .iter()
                .filter_map(|(key, name)| Some(format!("{key} = {}", string(name.as_deref()?))))
                .collect();
            format!("{{ {} }}", each.join(", "))
        }
    };
    format!("{} = {names}", string(&alias.domain))
}

fn addresses(all: &[IpAddr]) -> String {
    let all: Vec<String> = all.iter().map(|address| format!("\"{address}\"")).collect();
    match all.as_slice() {
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}

fn line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}

/// A TOML basic string: nothing in it ends it, or cannot be seen.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if is_unsafe(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_back_as_they_were() {
        for text in ["a", "a\"b\\c", "a\nb\u{1b}[31m", "\u{202e}x", "db.\u{fc}"] {
            let document = format!("a = {}", string(text));
            let table: toml::Table = document.parse().unwrap();
            assert_eq!(table["a"].as_str(), Some(text));
            assert_eq!(document.lines().count(), 1);
        }
    }
}
