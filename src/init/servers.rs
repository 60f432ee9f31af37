//! The servers of a pool: one for each address of its Access Edge name.

use super::hosts::Host;
use std::net::IpAddr;

/// One Edge server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) access: Vec<IpAddr>,
    pub(super) webcon: Vec<IpAddr>,
    pub(super) av: Vec<IpAddr>,
}

impl Server {
    /// All of its addresses.
    pub(super) fn all(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.access.iter().chain(&self.webcon).chain(&self.av).copied()
    }
}

/// The servers of the pool `id` whose Access Edge addresses these are, and the names of web
/// conferencing and A/V that every one of them has an address for.
pub(super) fn servers(
    id: &str,
    access: &[IpAddr],
    webcon: Option<Host>,
    av: Option<Host>,
    notes: &mut Vec<String>,
) -> (Vec<Server>, Option<String>, Option<String>) {
    let per_server = spread(access);
    let mut used: Vec<IpAddr> = Vec::new();
    let mut kind = |host: Option<Host>, what: &str| -> (Option<String>, Vec<Vec<IpAddr>>) {
        let Some((name, addresses)) = host else { return (None, Vec::new()) };
        let same = addresses.iter().all(|address| access.contains(address));
        let spread = if same { per_server.clone() } else { spread(&addresses) };
        let clashes =
            !same && addresses.iter().any(|address| access.contains(address) || used.contains(address));
        if clashes || spread.len() != per_server.len() || same && addresses.len() != access.len() {
            notes.push(format!(
                "{name} looks like the {what} name of Edge pool {id}, but its addresses do not fit the {} of the Access \
                 Edge: it is left out",
                access.len()
            ));
            return (None, Vec::new());
        }
        used.extend(addresses.iter().filter(|_| !same));
        (Some(name), spread)
    };
    let (webcon_name, webcon) = kind(webcon, "web conferencing");
    let (av_name, av) = kind(av, "A/V");
    let at = |all: &[Vec<IpAddr>], place: usize| all.get(place).cloned().unwrap_or_default();
    let servers = per_server
        .iter()
        .enumerate()
        .map(|(place, access)| Server {
            name: format!("{id}{}", letter(place)),
            access: access.clone(),
            webcon: at(&webcon, place),
            av: at(&av, place),
        })
        .collect();
    (servers, webcon_name, av_name)
}

/// Addresses by server: as many servers as there are of the family that has more; the families are
/// paired in the order of the zone.
fn spread(addresses: &[IpAddr]) -> Vec<Vec<IpAddr>> {
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv4());
    let (more, fewer) = if v4.len() >= v6.len() { (v4, v6) } else { (v6, v4) };
    let mut servers: Vec<Vec<IpAddr>> = more.into_iter().map(|address| vec![address]).collect();
    for (server, address) in servers.iter_mut().zip(fewer) {
        server.push(address);
        server.sort();
    }
    servers
}

/// `a` to `z`, then numbers.
fn letter(place: usize) -> String {
    match u8::try_from(place).ok().filter(|place| *place < 26) {
        Some(place) => char::from(b'a' + place).to_string(),
        None => format!("-{}", place + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(all: &[&str]) -> Vec<IpAddr> {
        all.iter().filter_map(|one| one.parse().ok()).collect()
    }

    #[test]
    fn a_server_for_each_address() {
        let spread = |all: &[&str]| spread(&addresses(all));
        assert_eq!(spread(&["192.0.2.1", "192.0.2.2"]).len(), 2);
        assert_eq!(spread(&["192.0.2.1", "2001:db8::1"]), [addresses(&["192.0.2.1", "2001:db8::1"])]);
        let two = spread(&["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
        assert_eq!(two, [addresses(&["192.0.2.1", "2001:db8::1"]), addresses(&["192.0.2.2"])]);
        assert!(spread(&[]).is_empty());
    }

    #[test]
    fn names_whose_addresses_do_not_fit_are_left_out() {
        let access = addresses(&["192.0.2.1", "192.0.2.2"]);
        let mut notes = Vec::new();
        let one = Some((String::from("av.a.org"), addresses(&["192.0.2.9"])));
        let both = Some((String::from("webcon.a.org"), access.clone()));
        let (servers, webcon, av) = servers("edge1", &access, both, one, &mut notes);
        assert_eq!((servers.len(), webcon.as_deref(), av), (2, Some("webcon.a.org"), None));
        assert_eq!(servers[1].webcon, addresses(&["192.0.2.2"]));
        assert_eq!(notes.len(), 1);
    }
}
