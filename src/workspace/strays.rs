//! Files with records below the folder of the configuration that no zone is read from.

use super::files::{self, Place};
use super::guess::apex_of;
use super::{Loaded, read_source};
use crate::lint::{Stray, StrayKind};
use crate::text::{FileId, Source, Span};
use crate::zonefile::apex::{self, Looks};
use crate::zonefile::scan::Scanner;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of records that no zone of the run is read from, in the order of their names. What such a
/// file includes is none: it may be of a zone that others see to.
pub(super) fn strays(loaded: &Loaded) -> Vec<Stray> {
    let Some(config) = loaded.config.as_ref().filter(|config| !config.zones.is_empty()) else {
        return Vec::new();
    };
    let of_zones = loaded.zones.iter().flat_map(|zone| zone.zone.files());
    let known: HashSet<PathBuf> =
        of_zones.filter_map(|file| Some(loaded.sources.get(file).path()?.to_owned())).collect();
    let mut found: Vec<(FileId, Arc<Source>)> = Vec::new();
    // One that is named without a folder lies in the working directory.
    let is_here = config.root.as_os_str().is_empty();
    let root = if is_here { Path::new(".") } else { &config.root };
    for path in files::record_files(&files::real(root)) {
        if known.contains(&files::real(&path)) {
            continue;
        }
        // What cannot be read is reported when it is asked for.
        let Ok(file) = read_source(&loaded.sources, &path) else { continue };
        let source = loaded.sources.get(file);
        let head = source.ahead(0);
        if !files::is_binary(&head) && !files::is_server_dump(&head) {
            drop(head);
            found.push((file, source));
        }
    }
    let place = Place::new(&config.root, config.include_base, None);
    let included: HashSet<PathBuf> = found.iter().flat_map(|(_, source)| includes(source, &place)).collect();
    let is_listed = |apex: &str| config.zones.iter().any(|zone| zone.origin.value == apex);
    let stray = |(file, source): (FileId, Arc<Source>)| {
        let path = source.path()?;
        let head = source.ahead(0);
        let (looks, token) = apex::looks(&head).filter(|_| !included.contains(path))?;
        let kind = match looks {
            Looks::Zone => {
                let apex = apex_of(&head, path);
                let listed = apex.as_ref().is_some_and(|apex| is_listed(&apex.to_string()));
                StrayKind::Zone { apex, listed }
            }
            Looks::Fragment => StrayKind::Fragment,
        };
        let span = Span::new(file, token.start.into(), token.end.into());
        Some(Stray { name: source.name().to_owned(), span, kind })
    };
    found.into_iter().filter_map(stray).collect()
}

/// The files that the `$INCLUDE` directives of a file may stand for, links resolved.
fn includes(source: &Source, place: &Place) -> Vec<PathBuf> {
    const WORD: &[u8] = b"$INCLUDE";
    let mut lines = Vec::new();
    let mut before = b'\n';
    source.parts(|start, part| {
        for at in memchr::memchr_iter(b'$', part) {
            let previous = at.checked_sub(1).map_or(before, |at| part[at]);
            if previous == b'\n' {
                lines.push(start + at as u64);
            }
        }
        before = part.last().copied().unwrap_or(before);
    });
    let mut found = Vec::new();
    let mut tokens = Vec::new();
    for at in lines {
        let line = source.slice(at, source.line_end(at));
        let is_include = line.get(..WORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(WORD));
        if is_include
            && Scanner::new(&line, 0).entry(&mut tokens).is_some()
            && let Some(name) = tokens.get(1).and_then(|token| std::str::from_utf8(token.text(&line)).ok())
        {
            let readings = place.readings(source.path(), name);
            found.extend(readings.into_iter().filter(|path| path.exists()).map(|path| files::real(&path)));
        }
    }
    found
}
