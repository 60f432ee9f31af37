//! `zonewright plan`.

use super::Common;
use super::output::{Failure, Terminal};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Common, _: &Args, _: &Terminal) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
