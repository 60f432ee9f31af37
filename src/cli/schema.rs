//! `zonewright schema`.

use super::output::Failure;
use crate::config;
use std::io::{self, Write as _};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  For editors, beside zonewright.toml, whose first line is then
  `#:schema ./zonewright.schema.json`:
    zonewright schema > zonewright.schema.json
  Of plans:
    zonewright schema plan > plan.schema.json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Of what
    #[arg(value_enum, default_value_t)]
    of: Of,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Of {
    /// zonewright.toml
    #[default]
    Config,
    /// What `plan --emit json` prints
    Plan,
}

/// Prints a JSON schema.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let schema = match args.of {
        Of::Config => config::schema(),
        Of::Plan => String::from(include_str!("../../docs/plan.schema.json")),
    };
    io::stdout().lock().write_all(schema.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
