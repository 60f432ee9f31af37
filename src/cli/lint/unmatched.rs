//! What the configuration says of files and zones that are not there.

use crate::cli::output::Terminal;
use crate::config::Config;
use crate::diagnostic::nearest;
use crate::text::Span;
use crate::workspace::Loaded;
use std::path::{Path, PathBuf};

/// Says which `[[lint.path]]` match no file, and which `[[lint.zone]]` no zone. `everything` is whether
/// the run reads every zone that there is: then a file that is there and of no zone counts for none.
pub(super) fn tell(loaded: &Loaded, everything: bool, terminal: &Terminal) {
    let Some(config) = &loaded.config else { return };
    let source = loaded.sources.get(config.source);
    let say = |span: Span, words: &str| {
        let place = source.position(span.start);
        terminal.say(&format!("note: {}:{}:{}: {words}", source.name(), place.line, place.column));
    };
    let mut unmatched = files(loaded, config, everything);
    unmatched.extend(zones(loaded, config));
    unmatched.sort_unstable();
    unmatched.iter().for_each(|(span, words)| say(*span, words));
}

fn files(loaded: &Loaded, config: &Config, everything: bool) -> Vec<(Span, String)> {
    if config.lint.paths.is_empty() {
        return Vec::new();
    }
    let root = loaded.root().unwrap_or_default();
    let own = loaded.sources.get(config.source);
    let relative = |path: &Path| path.strip_prefix(&root).map(Path::to_owned).ok();
    let read: Vec<PathBuf> = loaded
        .sources
        .all()
        .iter()
        .filter(|source| source.name() != own.name())
        .filter_map(|source| match source.path() {
            Some(path) => relative(path),
            None => relative(&std::path::absolute(source.name()).ok()?),
        })
        .collect();
    let mut unmatched = Vec::new();
    for path in &config.lint.paths {
        let files = &path.files.value;
        if read.iter().any(|file| files.matches(file)) {
            continue;
        }
        let words = if !files.matches_any_in(&root) {
            format!(
                "`{}` of [[lint.path]] matches no file: it is relative to the folder of this one",
                files.as_str()
            )
        } else if everything {
            format!("`{}` of [[lint.path]] matches no file that a zone is read from", files.as_str())
        } else {
            continue;
        };
        unmatched.push((path.files.span, words));
    }
    unmatched
}

/// Without any `[[zone]]`, the zones may be those of another run.
fn zones(loaded: &Loaded, config: &Config) -> Vec<(Span, String)> {
    if config.zones.is_empty() {
        return Vec::new();
    }
    let read = loaded.zones.iter().map(|zone| zone.zone.apex().to_string());
    let known: Vec<String> = config.zones.iter().map(|zone| zone.origin.value.clone()).chain(read).collect();
    let unknown =
        config.lint.zones.iter().map(|zone| &zone.origin).filter(|origin| !known.contains(&origin.value));
    unknown
        .map(|origin| {
            let near = nearest(&origin.value, known.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            (origin.span, format!("`{}` of [[lint.zone]] is none of the zones{near}", origin.value))
        })
        .collect()
}
