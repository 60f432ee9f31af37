//! `zonewright init`.

use super::Common;
use super::output::{Failure, Terminal};
use crate::config::{self, FILE_NAME};
use crate::diagnostic::Edit;
use crate::edit::{self, FileChange};
use crate::init::{Draft, Request, draft};
use crate::text::{FileId, Source, Sources, Span};
use crate::workspace::shown_name;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// So many lines of each part of the report are shown.
const MOST_LINES: usize = 20;

const EXAMPLES: &str = "\
Examples:
  Show what would be written, then write zonewright.toml here:
    zonewright init --stdout
    zonewright init --force
  Of the zones of one folder, into a file of another name:
    zonewright init zones --out zones.toml";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Folder below which zone files are looked for, or one zone file
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Take the zones that this configuration of BIND, Knot or NSD names (named.conf, knot.conf, nsd.conf)
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where to write the configuration (default: zonewright.toml in PATH)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// Write nothing; print the configuration
    #[arg(long, conflicts_with_all = ["force", "diff"])]
    stdout: bool,
    /// Write nothing; print how the file would change, and exit with 1 if it would
    #[arg(long, conflicts_with = "force")]
    diff: bool,
}

/// Drafts a configuration, and writes or shows it.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    if common.config.is_some() {
        let words = "`init` makes a configuration and reads none: say where to write it with --out FILE";
        return Err(Failure::Words(String::from(words)));
    }
    let out = args.out.clone().unwrap_or_else(|| match args.path.is_dir() {
        true => args.path.join(FILE_NAME),
        false => args.path.parent().unwrap_or(Path::new("")).join(FILE_NAME),
    });
    let writes = !args.stdout && !args.diff;
    // Asked before the work is done, and once more when the file is put in place.
    if writes && !args.force && out.symlink_metadata().is_ok() {
        return Err(exists(&out));
    }
    let request = Request { path: args.path.clone(), from: args.from.clone(), out: out.clone() };
    let draft = draft(&request).map_err(|error| Failure::Words(error.to_string()))?;
    if args.stdout {
        io::stdout().lock().write_all(draft.text.as_bytes())?;
    } else if args.diff {
        let differs = show_difference(&out, &draft.text)?;
        return Ok(ExitCode::from(u8::from(differs)));
    } else {
        put(&out, draft.text.as_bytes(), args.force)?;
    }
    if !common.quiet {
        let mut report = report(&draft, common.verbose);
        if writes {
            report.push_str(&written(&out, &draft));
            io::stdout().lock().write_all(report.as_bytes())?;
        } else {
            terminal.say(report.trim_end());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn exists(out: &Path) -> Failure {
    Failure::Words(format!(
        "{} is there already: --force replaces it, --diff shows how it would change, --out FILE writes another file",
        shown_name(out)
    ))
}

/// What was found; of each part so many lines, unless all are wanted.
fn report(draft: &Draft, all: bool) -> String {
    let mut text = String::new();
    let mut part = |title: &str, lines: &[String]| {
        if lines.is_empty() {
            return;
        }
        text.push_str(&format!("{title}:\n"));
        let most = if all { lines.len() } else { MOST_LINES };
        for line in lines.iter().take(most) {
            text.push_str(&format!("  - {line}\n"));
        }
        if lines.len() > most {
            text.push_str(&format!("  - and {} more, which --verbose lists\n", lines.len() - most));
        }
    };
    part("Found", &draft.found);
    part("Left out", &draft.left_out);
    part("To check", &draft.check);
    text
}

/// What was written and what comes next.
fn written(out: &Path, draft: &Draft) -> String {
    let name = shown_name(out);
    let shown_folder = |folder: &Path| match shown_name(folder) {
        name if name.is_empty() => String::from("this folder"),
        name => name,
    };
    let mut text = format!("Wrote {name}\n");
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if out.file_name().is_some_and(|name| name != FILE_NAME) {
        text.push_str(&format!("Next: zonewright --config {name} lint\n"));
        return text;
    }
    let above = std::path::absolute(folder).ok();
    let above =
        above.as_deref().and_then(Path::parent).and_then(|above| config::discover(above).ok().flatten());
    if let Some(above) = above {
        text.push_str(&format!("{} no longer applies in {}\n", shown_name(&above), shown_folder(folder)));
    }
    let option = match folder == Path::new(".") {
        true => String::new(),
        false => format!("--config {name} "),
    };
    text.push_str(&format!("Next: zonewright {option}lint"));
    if draft.has_pools {
        text.push_str(&format!(", then zonewright {option}matrix"));
    }
    text.push('\n');
    text
}

/// Writes a new file in one piece, or replaces the one that is there.
fn put(out: &Path, text: &[u8], force: bool) -> Result<(), Failure> {
    let wrong = |cause: &dyn std::fmt::Display| Failure::Words(format!("{}: {cause}", shown_name(out)));
    if force && out.symlink_metadata().is_ok() {
        let old = read(out)?;
        let change = FileChange { path: out.to_owned(), old, new: text.to_owned() };
        return edit::write_all(&[change]).map_err(|error| Failure::Words(error.to_string()));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask takes its part of it, as with every new file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(|cause| wrong(&cause))?;
    file.write_all(text).map_err(|cause| wrong(&cause))?;
    file.as_file().sync_all().map_err(|cause| wrong(&cause))?;
    match file.persist_noclobber(out) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(out)),
        Err(error) => Err(wrong(&error.error)),
    }
}

/// The file that is there.
fn read(out: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |cause: io::Error| Failure::Words(format!("{}: {cause}", shown_name(out)));
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(out).map_err(wrong)?.is_file() {
        return Err(Failure::Words(format!("{}: is no regular file", shown_name(out))));
    }
    std::fs::read(out).map_err(wrong)
}

/// Prints how the file would change; whether it would.
fn show_difference(out: &Path, text: &str) -> Result<bool, Failure> {
    let old = if out.exists() { read(out)? } else { Vec::new() };
    let sources = Sources::default();
    let file: FileId = sources.add(Source::text(FILE_NAME, old.clone()));
    let edit = Edit { span: Span::new(file, 0, old.len() as u64), replacement: text.as_bytes().to_vec() };
    let diff =
        edit::unified(&shown_name(out), &old, &[edit]).map_err(|error| Failure::Words(error.to_string()))?;
    io::stdout().lock().write_all(&diff)?;
    Ok(!diff.is_empty())
}
