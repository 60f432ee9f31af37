//! `zonewright lint --fix` and `--diff`.

use super::Args;
use crate::cli::Common;
use crate::cli::output::{Failure, Terminal};
use crate::cli::write::patch_name;
use crate::diagnostic::{Applicability, Finding};
use crate::edit::{self, FileChange};
use crate::fix::{Fixed, fix};
use crate::workspace::Loaded;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Carries out the fixes that were asked for, in memory.
pub(super) fn carry_out(
    args: &Args,
    loaded: Loaded,
    findings: Vec<Finding>,
    check: impl Fn(&mut Loaded) -> Vec<Finding>,
) -> Result<Fixed, Failure> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        let words =
            "standard input cannot be changed: name a file, or take the edits of `--output-format json`";
        return Err(Failure::Words(String::from(words)));
    }
    let most = if args.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    fix(loaded, findings, most, check)
        .map_err(|error| Failure::Words(format!("{error} (a bug of zonewright, please report it)")))
}

/// Prints the fixes as a patch.
pub(super) fn show(fixed: &Fixed, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for file in &fixed.files {
        let patch = edit::unified(&patch_name(&file.old), file.old.bytes(), &[file.edit()])
            .map_err(|error| Failure::Words(error.to_string()))?;
        out.write_all(&patch)?;
    }
    out.flush()?;
    tell(fixed, terminal);
    if !common.quiet {
        let (fixes, files) = (fixed.done.len(), fixed.files.len());
        terminal.say(&format!(
            "{fixes} fix{} in {files} file{} would be carried out",
            if fixes == 1 { "" } else { "es" },
            if files == 1 { "" } else { "s" },
        ));
    }
    Ok(ExitCode::from(u8::from(!fixed.files.is_empty())))
}

/// Writes all changed files, or none.
pub(super) fn write(fixed: &Fixed) -> Result<(), Failure> {
    let change = |file: &crate::fix::FixedFile| FileChange {
        path: file.path.clone(),
        old: file.old.bytes().to_vec(),
        new: file.new.clone(),
    };
    let changes: Vec<FileChange> = fixed.files.iter().map(change).collect();
    edit::write_all(&changes).map_err(|error| Failure::Words(error.to_string()))
}

/// Says which fixes were not carried out.
pub(super) fn tell(fixed: &Fixed, terminal: &Terminal) {
    for finding in &fixed.refused {
        terminal.say(&format!(
            "warning: the fix of {} is left out, as it would bring other findings: {}",
            finding.rule, finding.message
        ));
    }
}
