//! Who a zone is served to: everybody, or the company's own network.

use super::read::Read;
use super::visible;
use crate::config::View;
use crate::edge::lies_in;
use crate::server_config::{Audience, ServerConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Reverse zones of addresses that only one's own network uses.
const PRIVATE_REVERSE: [&str; 6] = [
    "10.in-addr.arpa",
    "168.192.in-addr.arpa",
    "127.in-addr.arpa",
    "254.169.in-addr.arpa",
    "c.f.ip6.arpa",
    "d.f.ip6.arpa",
];

/// Words in the names of folders, files and views.
const INTERNAL_WORDS: [&str; 8] =
    ["internal", "inside", "intern", "int", "private", "intranet", "lan", "corp"];
const EXTERNAL_WORDS: [&str; 7] = ["external", "outside", "extern", "ext", "public", "internet", "world"];

/// Who a zone is served to, and why that is thought; none when another zone takes its place.
pub(super) enum Served {
    To(View, Option<String>),
    Not(String),
}

/// Who each of the zones is served to.
pub(super) fn views(read: &[Read], server: Option<&ServerConfig>) -> Vec<Served> {
    let mut by_origin: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, zone) in read.iter().enumerate() {
        by_origin.entry(&zone.origin).or_default().push(at);
    }
    let mut views: Vec<Option<Served>> = read.iter().map(|_| None).collect();
    for (origin, group) in by_origin {
        let declared: Vec<Option<(View, String)>> =
            group.iter().map(|at| read.get(*at).and_then(|zone| of_server(zone, server))).collect();
        let decided = match group.as_slice() {
            _ if declared.iter().any(Option::is_some) => declared
                .into_iter()
                .map(|view| match view {
                    Some((view, why)) => Served::To(view, Some(why)),
                    None => Served::To(View::External, None),
                })
                .collect(),
            [only] => vec![read.get(*only).map_or(Served::To(View::External, None), alone)],
            _ => {
                let zones: Vec<&Read> = group.iter().filter_map(|at| read.get(*at)).collect();
                together(origin, &zones)
            }
        };
        for (at, view) in group.into_iter().zip(decided) {
            if let Some(slot) = views.get_mut(at) {
                *slot = Some(view);
            }
        }
    }
    views.into_iter().map(|view| view.unwrap_or(Served::To(View::External, None))).collect()
}

/// What the view of a server's configuration tells; none without views.
fn of_server(zone: &Read, server: Option<&ServerConfig>) -> Option<(View, String)> {
    let name = zone.served.as_ref()?.view.as_ref()?;
    let view = server?.views.iter().find(|view| view.name == *name)?;
    let shown = visible(name);
    Some(match view.audience {
        Audience::Everybody => (View::External, format!("view {shown} of the server is for everybody")),
        Audience::Private => (View::Internal, format!("view {shown} of the server is for private addresses")),
        Audience::Some => match (hint(Path::new(name)), zone.private > 0) {
            (Some(view), _) => (view, format!("the server calls the view {shown}")),
            (None, true) => (
                View::Internal,
                format!("view {shown} of the server is for some clients, and has private addresses"),
            ),
            (None, false) => (
                View::External,
                format!("view {shown} of the server is for some clients, and has no private address"),
            ),
        },
    })
}

/// What the words of a path tell.
fn hint(path: &Path) -> Option<View> {
    let lower = path.to_string_lossy().to_ascii_lowercase();
    let words: BTreeSet<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
    match (has(&INTERNAL_WORDS), has(&EXTERNAL_WORDS)) {
        (true, false) => Some(View::Internal),
        (false, true) => Some(View::External),
        _ => None,
    }
}

/// The only zone of its name.
fn alone(zone: &Read) -> Served {
    if PRIVATE_REVERSE.iter().any(|apex| lies_in(&zone.origin, apex)) || is_private_172(&zone.origin) {
        return Served::To(View::Internal, Some(String::from("its addresses are private ones")));
    }
    if zone.private > zone.public {
        return Served::To(View::Internal, Some(share(zone)));
    }
    Served::To(View::External, None)
}

/// Whether a reverse zone is of 172.16.0.0/12.
fn is_private_172(origin: &str) -> bool {
    let octet = origin.strip_suffix(".172.in-addr.arpa").and_then(|rest| rest.rsplit('.').next());
    octet.and_then(|octet| octet.parse::<u8>().ok()).is_some_and(|octet| (16..32).contains(&octet))
}

/// `8 of its 12 addresses are private`.
fn share(zone: &Read) -> String {
    match (zone.private, zone.private + zone.public) {
        (0, 0) => String::from("it has no address"),
        (0, _) => String::from("none of its addresses is private"),
        (private, all) if private == all => String::from("all of its addresses are private"),
        (private, all) => format!("{private} of its {all} addresses are private"),
    }
}

/// Zones of one name: one may be external, one internal.
fn together(origin: &str, zones: &[&Read]) -> Vec<Served> {
    // Parts per thousand, so that they can be ordered.
    let private = |zone: &Read| zone.private * 1000 / (zone.private + zone.public).max(1);
    let words = |zone: &Read| match hint(&zone.path) {
        Some(View::Internal) => 2,
        None => 1,
        Some(View::External) => 0,
    };
    let depth = |zone: &Read| zone.path.components().count();
    let mut order: Vec<usize> = (0..zones.len()).collect();
    order.sort_by_key(|at| {
        zones.get(*at).map(|zone| (private(zone), words(zone), depth(zone), zone.path.clone()))
    });
    let rank = |at: usize| zones.get(at).map(|zone| (private(zone), words(zone)));
    let external = order.first().copied();
    let internal = order.iter().copied().filter(|at| external.and_then(rank) < rank(*at));
    // Of several that are as private as each other, the one nearest to the root.
    let internal =
        internal.max_by_key(|at| (rank(*at), std::cmp::Reverse(order.iter().position(|one| one == at))));
    let same = |at: Option<usize>| {
        let file = at.and_then(|at| zones.get(at)).map(|zone| zone.file.clone()).unwrap_or_default();
        Served::Not(format!("{origin} again, beside {}", visible(&file)))
    };
    (0..zones.len())
        .map(|at| match zones.get(at) {
            Some(zone) if Some(at) == external && internal.is_some() => Served::To(
                View::External,
                Some(format!("another file has this zone, and {} in this one", share(zone))),
            ),
            Some(_) if Some(at) == external => Served::To(View::External, None),
            Some(zone) if Some(at) == internal => Served::To(
                View::Internal,
                Some(format!("another file has this zone, and {} in this one", share(zone))),
            ),
            _ => same(external),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_path_tell_the_view() {
        assert_eq!(hint(Path::new("zones/internal/x.zone")), Some(View::Internal));
        assert_eq!(hint(Path::new("zones/x-ext.db")), Some(View::External));
        assert_eq!(hint(Path::new("printer/x.zone")), None);
        assert_eq!(hint(Path::new("internal/external/x")), None);
        assert!(is_private_172("16.172.in-addr.arpa") && is_private_172("3.31.172.in-addr.arpa"));
        assert!(!is_private_172("32.172.in-addr.arpa"));
    }
}
