//! `zonewright completions` and `zonewright man`: what is made of the command tree for shells and for
//! the manual.

use super::Cli;
use super::output::Failure;
use super::plan::put;
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "zonewright", &mut text);
    io::stdout().lock().write_all(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the page of the program, or writes all pages.
pub(super) fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut command = Cli::command();
    command.build();
    match &args.out {
        None => io::stdout().lock().write_all(&page(&command)?)?,
        Some(folder) => {
            // A page of a command is called after the commands above it too: zonewright-plan-drain.
            let mut open = vec![command];
            while let Some(command) = open.pop() {
                let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
                put(&folder.join(format!("{name}.1")), &page(&command)?)?;
                let below = command.get_subcommands().filter(|below| below.get_name() != "help");
                open.extend(below.cloned());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    clap_mangen::Man::new(command.clone()).title(name).render(&mut text)?;
    Ok(text)
}
