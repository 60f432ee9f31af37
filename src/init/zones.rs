//! Which zones there are, in which files, and who they are served to.

use super::read::{Read, addresses, relative};
use super::views::{Served, views};
use super::{InitError, Request, counted, shown, some, visible};
use crate::config::View;
use crate::edge::domain_name;
use crate::server_config::{Places, ServedZone, ServerConfig};
use crate::text::Sources;
use crate::workspace::{LoadError, LoadedZone, Survey, repository_root, survey, zone_files};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        let why = match &request.from {
            Some(from) => format!("{} names no zone whose file is here", shown(from)),
            None => {
                format!(
                    "no zone file in {}: files named db.*, *.zone, *.db and *.dns are looked at",
                    shown(&request.path)
                )
            }
        };
        return Err(InitError::NoZones(why, found.left_out));
    }
    let views = views(&read, server);
    declare(read, views, &mut found);
    found.says.insert(0, summary(&found.zones));
    let concluded = concluded(&found.zones);
    found.check.splice(0..0, concluded);
    Ok(found)
}

/// What the views are concluded from: a line for each reason.
fn concluded(zones: &[FoundZone]) -> Vec<String> {
    let mut by_reason: BTreeMap<(View, &str), Vec<String>> = BTreeMap::new();
    for zone in zones {
        if let Some(why) = &zone.why {
            by_reason.entry((zone.view, why)).or_default().push(visible(&zone.file));
        }
    }
    let line = |((view, why), files): ((View, &str), Vec<String>)| {
        let are = if files.len() == 1 { "is" } else { "are" };
        format!("{} {are} taken for {}: {why}", some(&files), view.word())
    };
    by_reason.into_iter().map(line).collect()
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
    let places = Places::of(from, [request.path.clone()]);
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
            "{} includes {}; {} was read in its place",
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
        found.check.push(format!("{} was taken for {} of the server{others}", shown(taken), shown(named)));
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
}
