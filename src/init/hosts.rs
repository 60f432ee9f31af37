//! Names of Edge pools by custom: which part of a name says what it is for, and which pool it is of.

use crate::edge::{host_name, is_private};
use crate::zone::{ChainEnd, Record, Zone};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What Access Edge names are called, longer ones before those they begin with.
const ACCESS: [&str; 14] = [
    "sipexternal",
    "sipaccess",
    "accessedge",
    "sipedge",
    "lyncedge",
    "sfbedge",
    "sipext",
    "access",
    "lync",
    "edge",
    "sip",
    "sfb",
    "ae",
    "fed",
];
const WEBCON: [&str; 7] = ["webcon", "webconf", "webconferencing", "wc", "wcs", "conf", "web"];
const AV: [&str; 3] = ["av", "avedge", "media"];

/// What names lead to.
pub(super) struct Hosts<'z> {
    zones: Vec<&'z Zone>,
    /// Names of the internal zones that speak of an edge, and how many addresses they have.
    edges: Vec<(String, usize)>,
}

/// A name and its addresses, as the zone lists them.
pub(super) type Host = (String, Vec<IpAddr>);

impl<'z> Hosts<'z> {
    /// The external zones and the internal ones.
    pub(super) fn new(zones: Vec<&'z Zone>, internal: Vec<&'z Zone>) -> Self {
        let mut edges = Vec::new();
        for zone in internal {
            let names = zone.names().filter(|name| zone.types_of(*name).has_address());
            let keys = names.map(|name| zone.key_of(name));
            for key in keys.filter(|key| key.split(|octet| *octet == b'.').next().is_some_and(speaks_of_edge))
            {
                let addresses = zone.addresses(key);
                let private = |record: &Record| record.address().is_some_and(|address| is_private(&address));
                if addresses.iter().all(private) && host_name(&zone.absolute(key)).is_ok() {
                    edges.push((zone.absolute(key), addresses.len()));
                }
            }
        }
        edges.sort();
        Self { zones, edges }
    }

    /// What the internal name of a pool may be: names of internal zones that speak of an edge and have
    /// as many addresses as the pool has servers; the one with the number of the Access Edge name, if
    /// there is one.
    pub(super) fn internal(&self, access: &str, servers: usize) -> Vec<String> {
        let number = |name: &str| -> String {
            let label = name.split('.').next().unwrap_or_default();
            label.chars().filter(char::is_ascii_digit).collect()
        };
        let fitting = || self.edges.iter().filter(|(_, count)| *count == servers).map(|(name, _)| name);
        let own = number(access);
        let numbered: Vec<&String> =
            fitting().filter(|name| !own.is_empty() && number(name) == own).collect();
        match numbered.as_slice() {
            [only] => vec![(*only).clone()],
            _ => fitting().cloned().collect(),
        }
    }

    /// The addresses of an absolute name.
    fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let zones = self.zones.iter().filter_map(|zone| Some((*zone, zone.key(name.as_bytes())?)));
        let Some((zone, key)) = zones.max_by_key(|(zone, _)| zone.apex().as_bytes().len()) else {
            return Vec::new();
        };
        match zone.follow(key).end {
            ChainEnd::Address(key) => zone.addresses(&key).iter().filter_map(Record::address).collect(),
            _ => Vec::new(),
        }
    }

    /// The web conferencing name beside an Access Edge name.
    pub(super) fn webcon(&self, access: &str, own: &[IpAddr]) -> Option<Host> {
        self.beside(access, own, &WEBCON)
    }

    /// The A/V name beside an Access Edge name.
    pub(super) fn av(&self, access: &str, own: &[IpAddr]) -> Option<Host> {
        self.beside(access, own, &AV)
    }

    /// The name that is made like an Access Edge name, with one of these words in its place. It has to
    /// lie in the networks of the pool's other addresses, where names say nothing of the pool.
    fn beside(&self, access: &str, own: &[IpAddr], words: &[&str]) -> Option<Host> {
        let (label, domain) = access.split_once('.')?;
        let (before, after) = around(label, &ACCESS)?;
        words.iter().find_map(|word| {
            let name = format!("{before}{word}{after}.{domain}");
            let addresses = self.addresses(&name);
            let is_told_apart = !before.is_empty() || !after.is_empty();
            let near = addresses.iter().any(|address| own.iter().any(|known| same_network(*known, *address)));
            (!addresses.is_empty() && (is_told_apart || near)).then_some((name, addresses))
        })
    }
}

fn speaks_of_edge(label: &[u8]) -> bool {
    String::from_utf8_lossy(label).contains("edge")
}

/// What stands before and after a known word of a label.
fn around<'l>(label: &'l str, words: &[&str]) -> Option<(&'l str, &'l str)> {
    let at_start = words.iter().find_map(|word| Some(("", label.strip_prefix(word)?)));
    let is_apart = |(_, after): &(&str, &str)| !after.starts_with(|c: char| c.is_ascii_alphabetic());
    let at_end = words.iter().find_map(|word| Some((label.strip_suffix(word)?, "")));
    at_start.filter(is_apart).or(at_end).or_else(|| {
        // `paris-sip-1`
        let (before, rest) = label.split_once('-')?;
        let (_, after) = around(rest, words)?;
        Some((label.get(..=before.len())?, after))
    })
}

/// Whether two addresses lie in one network of the usual size: /24, /64.
fn same_network(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one.octets()[..3] == other.octets()[..3],
        (IpAddr::V6(one), IpAddr::V6(other)) => one.segments()[..4] == other.segments()[..4],
        _ => false,
    }
}

/// Ids of pools and of their sites, made of what their Access Edge names say: `edge-paris` of `paris`,
/// or `edge1` of `site1`.
pub(super) fn ids(access: &[String]) -> Vec<(String, String)> {
    let places: Vec<Option<String>> = access.iter().map(|name| place(name)).collect();
    let distinct: BTreeSet<&String> = places.iter().flatten().collect();
    if distinct.len() == access.len() {
        return places.into_iter().flatten().map(|place| (format!("edge-{place}"), place)).collect();
    }
    (1..=access.len()).map(|number| (format!("edge{number}"), format!("site{number}"))).collect()
}

/// The word of a name that is neither what it is for nor a number.
fn place(name: &str) -> Option<String> {
    let label = name.split('.').next()?;
    let (before, after) = around(label, &ACCESS)?;
    let mut words = before.split('-').chain(after.split('-')).filter(|word| !word.is_empty());
    let word =
        words.next().filter(|word| word.len() > 1 && word.bytes().all(|octet| octet.is_ascii_lowercase()))?;
    words.next().is_none().then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        let of = |label: &'static str| around(label, &ACCESS);
        assert_eq!(of("sip1"), Some(("", "1")));
        assert_eq!(of("sip"), Some(("", "")));
        assert_eq!(of("sip-paris"), Some(("", "-paris")));
        assert_eq!(of("parissip"), Some(("paris", "")));
        assert_eq!(of("paris-sip-1"), Some(("paris-", "-1")));
        assert_eq!(of("www"), None);
        assert_eq!(of("federation"), None);
    }

    #[test]
    fn pools_are_called_after_their_places() {
        let of = |names: &[&str]| -> Vec<String> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            ids(&names).into_iter().map(|(id, site)| format!("{id} {site}")).collect()
        };
        assert_eq!(of(&["sip1.a.org", "sip2.a.org"]), ["edge1 site1", "edge2 site2"]);
        assert_eq!(of(&["sip-paris.a.org", "lyonsip.a.org"]), ["edge-paris paris", "edge-lyon lyon"]);
        assert_eq!(of(&["sip-paris.a.org", "sip-paris.b.org"]), ["edge1 site1", "edge2 site2"]);
        assert_eq!(of(&["sip.a.org"]), ["edge1 site1"]);
    }
}
