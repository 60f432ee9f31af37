//! The command line: what was asked for, and the exit status.
//!
//! 0: nothing at or above `--fail-on`. 1: findings. 2: the run itself failed.

mod around;
mod diff;
mod explain;
mod fmt;
mod import;
mod init;
mod lint;
mod matrix;
mod named;
mod output;
mod plan;
mod progress;
mod recover;
mod schema;
mod serial;
mod simulate;
mod since;
mod stages;
mod write;

use crate::report::ColorChoice;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use output::{Failure, Terminal};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Check every zone of zonewright.toml, or the zone files of a folder:
    zonewright
    zonewright lint zones
  What is left when a pool is lost, and what to change then:
    zonewright matrix
    zonewright plan failover edge1
  Why a finding matters:
    zonewright explain srv-equal-priority";

/// Lints DNS zone files and plans SRV record changes for Edge pool failover and failback.
#[derive(Debug, Parser)]
#[command(
    name = "zonewright",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = EXAMPLES
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
struct Common {
    /// Configuration file (default: zonewright.toml in a folder at or above the first path)
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Color in reports; NO_COLOR and CLICOLOR_FORCE are honored
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_enum,
        default_value_t,
        value_name = "WHEN"
    )]
    color: ColorChoice,
    /// Print no summary
    #[arg(short, long, global = true, help_heading = "Options of every command")]
    quiet: bool,
    /// Say more: which zones were read from which files
    #[arg(short, long, global = true, help_heading = "Options of every command")]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check zone files, or every zone of the configuration (the default command)
    Lint(lint::Args),
    /// Show which Edge pool is reached for which SIP domain and service, and what is left when pools are lost
    Matrix(matrix::Args),
    /// Plan record changes: failover and failback, drains, routes, Edge pools that leave or come
    Plan(plan::Args),
    /// Show whom callers ask and who answers, before and while pools are down
    Simulate(simulate::Args),
    /// Show what differs between two readings of zones, by RRset, whatever the layout
    Diff(diff::Args),
    /// Lay out zone files: columns, blanks and line breaks, never data
    Fmt(fmt::Args),
    /// Write a first zonewright.toml, from the zone files or a name server's configuration
    ///
    /// The zones are found by their files, or named by named.conf, knot.conf or nsd.conf (--from). Edge
    /// pools are concluded from SRV records: targets with the same addresses are one Edge pool. What is
    /// concluded is marked in the file and listed, for you to check.
    Init(init::Args),
    /// Make or edit zonewright.toml from what the deployment says of itself
    Import(import::Args),
    /// Raise the SOA serials of zones whose records changed since a git revision and whose serial did not
    ///
    /// A serial keeps its style: YYYYMMDDnn, seconds since 1970, or a counter. A zone changed when its
    /// file or one that it includes did, and a record with it; comments and layout do not count.
    ///
    /// Exits with 1 when a serial was raised, 0 when none was due, and 2 when one cannot be told or
    /// cannot be raised; then nothing is written.
    Serial(serial::Args),
    /// Finish a change of zone files that was interrupted, or undo it
    ///
    /// `plan --write` and `fmt` change all files together. When the process or the machine dies in the
    /// middle of that, some files are new and some old; what is needed to end the change lies beside
    /// them (`.zonewright-*`), and no other change is made there until it is ended.
    ///
    /// This command gives every file its new text. With --undo, or when the interruption came before
    /// all new texts were written out, it gives every file its old text. When a file was edited since,
    /// it does nothing and says what can be done; --keep leaves all files as they are. It may be
    /// interrupted itself, and run again.
    Recover(recover::Args),
    /// Explain a rule
    Explain(explain::Args),
    /// List the rules
    Rules(explain::RulesArgs),
    /// Print the JSON schema of zonewright.toml or of plans
    Schema(schema::Args),
    /// Print the completions of a shell
    Completions(around::CompletionsArgs),
    /// Print the manual page, or write a page for each command into a folder
    Man(around::ManArgs),
}

/// The arguments of one command, without the tree of all commands around it.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Alone<A: clap::Args> {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    args: A,
}

/// Reads the arguments of a command that is named first. None: the tree has to say what is wrong with
/// them, or to help.
fn alone<A: clap::Args>(words: impl Iterator<Item = OsString>, of: fn(A) -> Command) -> Option<Cli> {
    let mut command = Alone::<A>::command();
    let mut matches = command.try_get_matches_from_mut(words).ok()?;
    let read = Alone::from_arg_matches_mut(&mut matches).ok()?;
    // Once a run, so that taking them apart gives nothing back that is needed.
    std::mem::forget((command, matches));
    Some(Cli { common: read.common, command: Some(of(read.args)) })
}

/// Reads arguments. To make the tree of all commands takes longer than to check a small zone, so the
/// commands that run on every commit are first read without it, and what hooks give without any.
fn parse(words: impl Iterator<Item = OsString> + Clone) -> Result<Cli, clap::Error> {
    let mut rest = words.clone().skip(1);
    let read = match rest.next().as_deref().and_then(OsStr::to_str) {
        Some("lint") => lint::Args::of_hook(rest.clone())
            .map(|args| Cli { common: Common::default(), command: Some(Command::Lint(args)) })
            .or_else(|| alone(rest, Command::Lint)),
        Some("fmt") => alone(rest, Command::Fmt),
        Some("serial") => alone(rest, Command::Serial),
        _ => None,
    };
    read.map_or_else(|| Cli::try_parse_from(words), Ok)
}

/// Says of arguments without a command that those of the default one go with its name only.
fn with_command_named(mut error: clap::Error) -> clap::Error {
    let root = Cli::command();
    let names_command = std::env::args().skip(1).any(|word| root.find_subcommand(word).is_some());
    let has_tip = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .any(|kind| error.get(kind).is_some());
    if matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument)
        && !names_command
        && !has_tip
    {
        let tip = "files, folders and options to check with go after the command: `zonewright lint ...`";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let cli = parse(words.into_iter()).unwrap_or_else(|error| with_command_named(error).exit());
    let terminal = Terminal::new(cli.common.color);
    let result = match cli.command.unwrap_or_else(|| Command::Lint(lint::Args::default())) {
        Command::Lint(args) => lint::run(&cli.common, &args, &terminal),
        Command::Matrix(args) => matrix::run(&cli.common, &args, &terminal),
        Command::Plan(args) => plan::run(&cli.common, &args, &terminal),
        Command::Simulate(args) => simulate::run(&cli.common, &args, &terminal),
        Command::Diff(args) => diff::run(&cli.common, &args, &terminal),
        Command::Fmt(args) => fmt::run(&cli.common, &args, &terminal),
        Command::Init(args) => init::run(&cli.common, &args, &terminal),
        Command::Import(args) => import::run(&cli.common, &args, &terminal),
        Command::Serial(args) => serial::run(&cli.common, &args, &terminal),
        Command::Recover(args) => recover::run(&cli.common, &args, &terminal),
        Command::Explain(args) => explain::run(&args, &terminal),
        Command::Rules(args) => explain::rules(&args, &terminal),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => around::completions(&args),
        Command::Man(args) => around::man(&args),
    };
    match result {
        Ok(code) => code,
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use std::ffi::OsString;

    #[test]
    fn the_command_tree_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn a_command_read_alone_is_what_the_tree_makes_of_it() {
        let lines = [
            "lint",
            "lint zones/a.zone zones/b.zone",
            "lint --changed-files zones/a.zone",
            "lint zones/a.zone --changed-files zones/b.zone",
            "lint --changed-files",
            "lint -qv --color never --config=z.toml lint fmt",
            "lint - --stdin-filename a.zone --origin example.com --dialect windows --jobs 3",
            "lint --select srv,mail --ignore ttl --target knot,nsd --fail-on never --pedantic -- -x",
            "lint --output-format json --output-file sarif=a --output-file b --max-findings 0",
            "lint --fix --unsafe-fixes --base HEAD --baseline a.json",
            "lint --write-baseline a",
            "fmt --check --changed-files a.zone",
            "fmt - --origin example.com -q",
            "serial --check --base HEAD --changed-files a.zone --verbose",
            // These are mistakes or ask for help.
            "lint --no-such-option",
            "lint --changed-files --changed-files",
            "lint ",
            "lint --fix --diff",
            "lint --unsafe-fixes",
            "lint --jobs 0",
            "lint --version",
            "fmt -h",
            "serial --help",
        ];
        for line in lines {
            let words = || std::iter::once("zonewright").chain(line.split(' ')).map(OsString::from);
            match (super::parse(words()), super::Cli::try_parse_from(words())) {
                (Ok(alone), Ok(tree)) => assert_eq!(format!("{alone:?}"), format!("{tree:?}")),
                (Err(alone), Err(tree)) => assert_eq!(alone.to_string(), tree.to_string()),
                (alone, tree) => panic!("{line}: {alone:?}, {tree:?}"),
            }
        }
    }

    /// `tests/help.rs` runs them too.
    #[test]
    fn every_command_has_examples_that_it_understands() {
        let mut root = super::Cli::command();
        root.build();
        let mut open = vec![root];
        while let Some(command) = open.pop() {
            let name = command.get_bin_name().unwrap_or("zonewright").to_owned();
            let text =
                command.get_after_help().unwrap_or_else(|| panic!("{name} has no examples")).to_string();
            // Wider ones would be broken up on a terminal.
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            let examples: Vec<&str> = super::around::examples(&text).collect();
            assert!((2..=6).contains(&examples.len()), "{name}: {examples:?}");
            for example in examples {
                let ours = example.rsplit(" | ").find(|part| part.starts_with("zonewright"));
                let ours = ours.unwrap_or_else(|| panic!("{name}: {example}"));
                assert!(ours.starts_with(&name), "an example of another command than {name}: {example}");
                let words = ours.split(' ').take_while(|word| !matches!(*word, "<" | ">" | ">>"));
                let parsed = super::parse(words.map(OsString::from));
                assert!(parsed.is_ok(), "{example}: {}", parsed.map(|_| ()).unwrap_err());
            }
            open.extend(command.get_subcommands().filter(|below| below.get_name() != "help").cloned());
        }
    }
}
