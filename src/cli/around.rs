//! `zonewright completions` and `zonewright man`: what is made of the command tree for shells and for
//! the manual.

use super::Cli;
use super::output::Failure;
use super::write::put;
use clap::CommandFactory as _;
use clap::builder::Resettable;
use clap_complete::Shell;
use clap_mangen::roff::{Roff, roman};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  For bash:
    zonewright completions bash >> ~/.bash_completion
  For fish:
    zonewright completions fish > ~/.config/fish/completions/zonewright.fish
  For PowerShell:
    zonewright completions powershell >> $PROFILE";

#[derive(Debug, clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const MAN_EXAMPLES: &str = "\
Examples:
  The pages of all commands, for one user:
    zonewright man --out ~/.local/share/man/man1
  The first page alone:
    zonewright man > zonewright.1";

#[derive(Debug, clap::Args)]
#[command(after_help = MAN_EXAMPLES)]
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
    // The examples would stand in a section EXTRA, their lines run together.
    let without = command.clone().after_help(Resettable::Reset);
    clap_mangen::Man::new(without).title(name).render(&mut text)?;
    if let Some(words) = command.get_after_help() {
        let mut section = Roff::new();
        section.control("SH", ["EXAMPLES"]).control("nf", []);
        words.to_string().lines().skip(1).for_each(|line| {
            section.text([roman(line)]);
        });
        section.control("fi", []).to_writer(&mut text)?;
    }
    Ok(text)
}

/// The command lines among the examples of a help text.
#[cfg(test)]
pub(super) fn examples(help: &str) -> impl Iterator<Item = &str> {
    help.lines().filter_map(|line| line.strip_prefix("    "))
}
