//! Which zones there are, in which files, and who they are served to.

use super::{InitError, Request, counted, folder_of, shown, visible};
use crate::config::View;
use crate::edge::{domain_name, is_private, lies_in};
use crate::server_config::{Audience, Places, ServedZone, ServerConfig};
use crate::text::Sources;
use crate::workspace::{LoadError, LoadedZone, Survey, repository_root, survey, zone_files};
use crate::zone::Zone;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

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

/// A zone of the configuration.
pub(super) struct FoundZone {
    /// Apex: lower case, without the final dot.
    pub(super) origin: String,
    /// The file as the configuration names it, `/` between its parts.
    pub(super) file: String,
    pub(super) view: View,
    /// What the view is concluded from, when it is.
    pub(super) why: Option<String>,
    pub(super) loaded: LoadedZone,
}

/// A zone that cannot be declared beside the others: origin, file, why.
pub(super) struct Commented {
    pub(super) origin: String,
    pub(super) file: String,
    pub(super) why: String,
}

/// What was found.
pub(super) struct Found {
    pub(super) zones: Vec<FoundZone>,
    pub(super) commented: Vec<Commented>,
    pub(super) says: Vec<String>,
    pub(super) left_out: Vec<String>,
    pub(super) check: Vec<String>,
}

/// A file to read, and what the server's configuration says of it.
struct Candidate {
    path: PathBuf,
    served: Option<ServedZone>,
}

/// A zone that was read.
struct Read {
    path: PathBuf,
    file: String,
    origin: String,
    served: Option<ServedZone>,
    /// How many of its addresses are for one's own network, and how many are not.
    private: usize,
    public: usize,
    loaded: LoadedZone,
}

/// Finds and reads the zones.
pub(super) fn find(
    sources: &Arc<Sources>,
    request: &Request,
    server: Option<&ServerConfig>,
    root: &Path,
) -> Result<Found, InitError> {
    let mut found = Found {
        zones: Vec::new(),
        commented: Vec::new(),
        says: Vec::new(),
        left_out: Vec::new(),
        check: Vec::new(),
    };
    let candidates = match server {
        Some(server) => served(request, server, &mut found),
        None => below(&request.path)?,
    };
    let base = server.and_then(|server| server.include_base.clone()).unwrap_or_else(|| root.to_owned());
    let asked = candidates
        .iter()
        .map(|candidate| Survey {
            path: candidate.path.clone(),
            origin: candidate.served.as_ref().map(|served| served.origin.clone()),
        })
        .collect();
    let jail = repository_root(root).unwrap_or_else(|| root.to_owned());
    let surveyed = survey(sources, asked, &base, server.is_none().then_some(&*jail));
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut included: HashMap<PathBuf, String> = HashMap::new();
    for zone in surveyed.iter().filter_map(|surveyed| surveyed.zone.as_ref().ok()) {
        for file in zone.zone.files().into_iter().filter(|file| *file != zone.file) {
            if let Some(path) = sources.get(file).path() {
                included.insert(path.to_owned(), sources.get(zone.file).name().to_owned());
            }
        }
    }
    let mut read = Vec::new();
    for (candidate, surveyed) in candidates.into_iter().zip(surveyed) {
        let name = shown(&surveyed.path);
        if let (Some(by), None) = (included.get(&real(&surveyed.path)), &candidate.served) {
            found.left_out.push(format!("{name}: a part of {}, which includes it", visible(by)));
            continue;
        }
        match surveyed.zone {
            Ok(zone) => read.extend(known(candidate, zone, &name, root, &mut found)),
            Err(LoadError::NoOrigin(_)) => {
                found
                    .left_out
                    .push(format!("{name}: neither its text nor its name says which zone it is of"));
            }
            Err(error) => found.left_out.push(visible(&error.to_string())),
        }
    }
    if read.is_empty() {
        let place = match &request.from {
            Some(from) => format!("{} whose file is here", shown(from)),
            None => shown(&request.path),
        };
        return Err(InitError::NoZones(place, found.left_out));
    }
    let views = views(&read, server);
    declare(read, views, &mut found);
    found.says.insert(0, summary(&found.zones));
    Ok(found)
}

fn summary(zones: &[FoundZone]) -> String {
    let external = zones.iter().filter(|zone| zone.view == View::External).count();
    let records: u64 = zones.iter().map(|zone| zone.loaded.zone.record_count()).sum();
    let internal = match zones.len() - external {
        0 => String::new(),
        internal => format!(" ({external} external, {internal} internal)"),
    };
    let records = if records == 1 { String::from("1 record") } else { format!("{records} records") };
    format!("{}{internal}, {records}", counted(zones.len(), "zone"))
}

/// The zone files below a folder, or the one file.
fn below(path: &Path) -> Result<Vec<Candidate>, InitError> {
    let metadata = std::fs::metadata(path)
        .map_err(|cause| InitError::File(crate::workspace::FileError::new(path, &cause)))?;
    let files =
        if metadata.is_dir() { zone_files(path).map_err(InitError::File)? } else { vec![path.to_owned()] };
    Ok(files.into_iter().map(|path| Candidate { path, served: None }).collect())
}

/// The files of the zones that a server is the primary of.
fn served(request: &Request, server: &ServerConfig, found: &mut Found) -> Vec<Candidate> {
    let from = request.from.as_deref().unwrap_or(Path::new(""));
    let places = Places::below([folder_of(from), request.path.clone()]);
    for left in &server.left_out {
        found.left_out.push(format!(
            "zone {} {} ({})",
            visible(&left.zone),
            left.why,
            visible(&left.line.to_string())
        ));
    }
    for (line, named, taken) in &server.found_elsewhere {
        found.check.push(format!(
            "{} includes {}, which is not here; {} was read instead",
            visible(&line.to_string()),
            shown(named),
            shown(taken)
        ));
    }
    let mut candidates = Vec::new();
    let mut elsewhere = Vec::new();
    for zone in &server.zones {
        match places.find(&zone.file) {
            Some(path) => {
                if path != zone.file {
                    elsewhere.push((zone.file.clone(), path.clone()));
                }
                candidates.push(Candidate { path, served: Some(zone.clone()) });
            }
            None => found.left_out.push(format!(
                "zone {} ({}): its file {} is not here",
                zone.origin,
                visible(&zone.line.to_string()),
                shown(&zone.file)
            )),
        }
    }
    if let Some((named, taken)) = elsewhere.first() {
        let others = match elsewhere.len() {
            1 => String::new(),
            count => format!(", and {} more like it", count - 1),
        };
        found.check.push(format!("{} is not here; {} was taken instead{others}", shown(named), shown(taken)));
    }
    candidates
}

/// A file that holds a zone.
fn known(
    candidate: Candidate,
    loaded: LoadedZone,
    name: &str,
    root: &Path,
    found: &mut Found,
) -> Option<Read> {
    let Candidate { path, served } = candidate;
    let origin = loaded.zone.apex().to_string();
    if let Err(why) = domain_name(&origin) {
        found.left_out.push(format!("{name}: its zone `{}` {why}", visible(&origin)));
        return None;
    }
    if loaded.zone.soa().is_none() {
        if served.is_none() {
            found.left_out.push(format!("{name}: it has no SOA record, so it is no zone"));
            return None;
        }
        found.check.push(format!("{name} has no SOA record, `zonewright lint` says more"));
    }
    let Some(file) = relative(&path, root) else {
        found.left_out.push(format!("{name}: its name is not UTF-8, which TOML is written in"));
        return None;
    };
    if loaded.partial {
        found.check.push(format!("{name} could not be read in full, `zonewright lint` says why"));
    }
    let (private, public) = addresses(&loaded.zone);
    Some(Read { path, file, origin, served, private, public, loaded })
}

/// How many addresses of a zone are for one's own network, and how many are not.
fn addresses(zone: &Zone) -> (usize, usize) {
    let (mut private, mut public) = (0, 0);
    for name in zone.names().filter(|name| zone.types_of(*name).has_address()) {
        for record in zone.addresses(zone.key_of(name)) {
            match record.address() {
                Some(address) if is_private(&address) => private += 1,
                Some(_) => public += 1,
                None => {}
            }
        }
    }
    (private, public)
}

/// A path as the configuration writes it: relative where it lies below or beside the folder.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let absolute = std::path::absolute(path).ok()?;
    let root = std::path::absolute(root).ok()?;
    let parts = |path: &Path| -> Vec<PathBuf> {
        let mut parts: Vec<PathBuf> = Vec::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if parts.len() > 1 => {
                    parts.pop();
                }
                part => parts.push(part.as_os_str().into()),
            }
        }
        parts
    };
    let (file, folder) = (parts(&absolute), parts(&root));
    let common = file.iter().zip(&folder).take_while(|(one, other)| one == other).count();
    // A file far away is named from the root: nothing is gained by many `..`.
    let up = folder.len() - common;
    if up > 2 {
        return absolute.to_str().map(str::to_owned);
    }
    let mut words = vec![String::from(".."); up];
    for part in file.iter().skip(common) {
        words.push(part.to_str()?.to_owned());
    }
    Some(words.join("/"))
}

/// Who a zone is served to, and why that is thought; none when another zone takes its place.
enum Served {
    To(View, Option<String>),
    Not(String),
}

fn views(read: &[Read], server: Option<&ServerConfig>) -> Vec<Served> {
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
                Some(format!("{origin} has {}, and {} here", counted(zones.len(), "file"), share(zone))),
            ),
            Some(_) if Some(at) == external => Served::To(View::External, None),
            Some(zone) if Some(at) == internal => Served::To(
                View::Internal,
                Some(format!("{origin} has {}, and {} here", counted(zones.len(), "file"), share(zone))),
            ),
            _ => same(external),
        })
        .collect()
}

/// Declares what can be declared together: one zone of a name in each view, one zone of a file.
fn declare(read: Vec<Read>, views: Vec<Served>, found: &mut Found) {
    let mut taken: BTreeMap<(String, View), String> = BTreeMap::new();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (zone, served) in read.into_iter().zip(views) {
        let Read { file, origin, loaded, .. } = zone;
        let decided = match served {
            Served::Not(why) => Err(why),
            Served::To(view, why) => match (files.get(&file), taken.get(&(origin.clone(), view))) {
                (Some(other), _) if *other == origin => {
                    Err(format!("the file is in the configuration already, as {other} of another view"))
                }
                (Some(other), _) => Err(format!("the file is in the configuration already, as zone {other}")),
                (None, Some(other)) => {
                    Err(format!("{origin} of the {} view again, beside {}", view.word(), visible(other)))
                }
                (None, None) => Ok((view, why)),
            },
        };
        match decided {
            Ok((view, why)) => {
                taken.insert((origin.clone(), view), file.clone());
                files.insert(file.clone(), origin.clone());
                if let Some(why) = &why {
                    found.check.push(format!(
                        "{} is taken for the {} view of {origin}: {why}",
                        visible(&file),
                        view.word()
                    ));
                }
                found.zones.push(FoundZone { origin, file, view, why, loaded });
            }
            Err(why) => {
                found.left_out.push(format!("{}: {why}", visible(&file)));
                found.commented.push(Commented { origin, file, why });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_from_the_configuration_to_the_file() {
        let of = |path: &str| relative(Path::new(path), Path::new("/a/b"));
        assert_eq!(of("/a/b/c/x.zone").as_deref(), Some("c/x.zone"));
        assert_eq!(of("/a/b/./c/../x.zone").as_deref(), Some("x.zone"));
        assert_eq!(of("/a/c/x.zone").as_deref(), Some("../c/x.zone"));
        assert_eq!(relative(Path::new("/etc/x"), Path::new("/a/b/c")).as_deref(), Some("/etc/x"));
    }

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
