//! Names of Edge pools by custom: which part of a name says what it is for, and which pool it is of.

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

/// The addresses of names in the external zones.
pub(super) struct Hosts<'z> {
    zones: Vec<&'z Zone>,
}

/// A name and its addresses, as the zone lists them.
pub(super) type Host = (String, Vec<IpAddr>);

impl<'z> Hosts<'z> {
    pub(super) fn new(zones: Vec<&'z Zone>) -> Self {
        Self { zones }
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
