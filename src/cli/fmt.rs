//! `zonewright fmt`.

use super::Common;
use super::output::{Failure, Terminal, cannot_edit};
use super::write::patch_name;
use crate::diagnostic::Edit;
use crate::edit::{self, FileChange};
use crate::fmt::{Change, Style, Unformatted, apply, changes, same_text, same_zones};
use crate::text::{FileId, Source, Span};
use crate::workspace::{LoadError, Loaded, Request, load};
use crate::zonefile::name::Name;
use crate::zonefile::parse::Options;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  Lay out every zone of the configuration:
    zonewright fmt
  Show what would change in one file; only fail if anything would:
    zonewright fmt --diff zones/contoso.com.zone
    zonewright fmt --check
  From within an editor:
    zonewright fmt - --origin contoso.com < zones/contoso.com.zone";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Zone files and folders; `-` formats standard input to standard output (default: every zone of
    /// the configuration, without the files that they include)
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; list the files that would change, and exit with 1 if there are any
    #[arg(long, conflicts_with = "diff")]
    check: bool,
    /// Write nothing; print what would change as a unified diff, and exit with 1 if there is any
    #[arg(long)]
    diff: bool,
    /// The paths are files that changed, of any kind, as pre-commit names them: pass over what is no
    /// zone file and included by none
    #[arg(long)]
    changed_files: bool,
    /// Apex of the zone, for one file
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
}

/// A file that is not as it should be.
struct Unlike {
    file: FileId,
    source: Arc<Source>,
    changes: Vec<Change>,
    text: Vec<u8>,
}

/// Formats, proves that no data changes, and writes or shows the result.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let from_stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    if from_stdin && args.paths.len() > 1 {
        return Err(Failure::Words(String::from("`-` goes alone: standard input has no place among files")));
    }
    let mut request = Request {
        paths: args.paths.clone(),
        config: common.config.clone(),
        origin: args.origin.clone(),
        changed_files: args.changed_files,
        ..Request::default()
    };
    let loaded = load_any(&mut request)?;
    let style = loaded.config.as_ref().map_or_else(Style::default, |config| config.style);
    let files = loaded.named_files(&request);
    let mut unlike = Vec::new();
    let mut failed = false;
    for file in &files {
        let source = loaded.sources.get(*file);
        if source.is_transcoded() {
            terminal.say(&format!("error: {}", cannot_edit(source.name())));
            failed = true;
            continue;
        }
        match changes(source.bytes(), &style) {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => {
                let text = apply(source.bytes(), &changes);
                unlike.push(Unlike { file: *file, source, changes, text });
            }
            Err(why) => {
                let place = match why {
                    Unformatted::Unclosed { at } => {
                        let place = source.position(at as u64);
                        format!("{}:{}:{}", source.name(), place.line, place.column)
                    }
                    Unformatted::Utf16 => source.name().to_owned(),
                };
                terminal.say(&format!("error: {place}: {why}, so the file is left as it is"));
                failed = true;
            }
        }
    }
    failed |= keep_proved(&loaded, &mut unlike, terminal);
    if from_stdin && !(args.check || args.diff) {
        let mut out = io::stdout().lock();
        for file in &files {
            let source = loaded.sources.get(*file);
            let text = unlike.iter().find(|unlike| unlike.file == *file).map(|unlike| &*unlike.text);
            out.write_all(text.unwrap_or(source.bytes()))?;
        }
        out.flush()?;
        return Ok(ExitCode::from(if failed { 2 } else { 0 }));
    }
    if args.check || args.diff {
        super::write::warn_of_pending(&loaded, terminal);
    }
    show(args, &unlike)?;
    if !(args.check || args.diff) {
        write(&unlike)?;
    }
    if !common.quiet {
        terminal.say(&summary(args, files.len(), unlike.len()));
    }
    let differs = (args.check || args.diff) && !unlike.is_empty();
    Ok(ExitCode::from(if failed { 2 } else { u8::from(differs) }))
}

/// Loads what was asked for. For the layout it does not matter which zone a single file is of.
fn load_any(request: &mut Request) -> Result<Loaded, LoadError> {
    let one = request.paths.len() == 1 && request.origin.is_none();
    // Standard input can be read once only.
    if one && request.paths.iter().any(|path| path.as_os_str() == "-") {
        request.origin = Some(String::from("."));
    }
    match load(request) {
        Err(LoadError::NoOrigin(_)) if one => {
            request.origin = Some(String::from("."));
            load(request)
        }
        result => result,
    }
}

/// Leaves out, and tells of, the files whose new text does not read as the old one.
fn keep_proved(loaded: &Loaded, unlike: &mut Vec<Unlike>, terminal: &Terminal) -> bool {
    let change = |file: &Unlike| Some((file.source.path()?.to_owned(), file.text.clone()));
    let together: BTreeMap<PathBuf, Vec<u8>> = unlike.iter().filter_map(change).collect();
    let all_stand = same_zones(loaded, &together).is_ok();
    let before = unlike.len();
    unlike.retain(|file| {
        let proof = match change(file) {
            Some(_) if all_stand => Ok(()),
            Some(change) => same_zones(loaded, &BTreeMap::from([change])),
            None => same_text(file.source.bytes(), &file.text, &Options::new(Name::root())),
        };
        if let Err(difference) = &proof {
            let name = file.source.name();
            terminal.say(&format!(
                "error: {name} is left as it is: {difference} (a bug of zonewright, please report it)"
            ));
        }
        proof.is_ok()
    });
    unlike.len() < before
}

fn show(args: &Args, unlike: &[Unlike]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for file in unlike {
        if args.check {
            writeln!(out, "{}", file.source.name())?;
        } else if args.diff {
            let span =
                |change: &Change| Span::new(file.file, change.range.start as u64, change.range.end as u64);
            let edits: Vec<Edit> = file
                .changes
                .iter()
                .map(|change| Edit { span: span(change), replacement: change.text.clone() })
                .collect();
            let diff = edit::unified(&patch_name(&file.source), file.source.bytes(), &edits)
                .map_err(|error| Failure::Words(error.to_string()))?;
            out.write_all(&diff)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn write(unlike: &[Unlike]) -> Result<(), Failure> {
    let change = |file: &Unlike| {
        let path: &Path = file.source.path()?;
        Some(FileChange { path: path.to_owned(), old: file.source.bytes().to_vec(), new: file.text.clone() })
    };
    let changes: Vec<FileChange> = unlike.iter().filter_map(change).collect();
    edit::write_all(&changes).map_err(|error| Failure::Words(error.to_string()))
}

fn summary(args: &Args, files: usize, unlike: usize) -> String {
    let plural = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
    let done = if args.check || args.diff { "would change" } else { "formatted" };
    match (unlike, files - unlike) {
        (0, same) => format!("{} left unchanged", plural(same)),
        (unlike, 0) => format!("{} {done}", plural(unlike)),
        (unlike, same) => format!("{} {done}, {same} left unchanged", plural(unlike)),
    }
}
