//! `zonewright matrix`.

use super::Common;
use super::output::{Failure, Terminal};
use crate::edge::Deployment;
use crate::edge::coverage::{Body, Coverage};
use crate::report::matrix;
use crate::workspace::{LoadError, Loaded, Request, load};
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

/// What to do when nothing can be joined.
const NEEDED: &str = "the matrix needs a zonewright.toml, here, above, or named with --config, that declares [[zone]], \
                      [[sip_domain]], [[site]] and [[edge_pool]]";

const EXAMPLES: &str = "\
Examples:
  Every SIP domain and pool, and what is left when pools are lost:
    zonewright matrix
  For programs:
    zonewright matrix --output-format json > matrix.json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Form of the matrix
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// A table per SIP domain, then what is left when pools are lost
    #[default]
    Human,
    /// One object
    Json,
}

/// Loads the zones of the configuration and joins them with the deployment.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let request = Request { config: common.config.clone(), ..Request::default() };
    let loaded = load(&request).map_err(|error| match error {
        LoadError::NoZones(_) => Failure::Words(String::from(NEEDED)),
        error => Failure::Load(error),
    })?;
    super::write::warn_of_pending(&loaded, terminal);
    let deployment = declared(&loaded)?;
    for zone in loaded.zones.iter().filter(|zone| zone.partial) {
        let apex = zone.zone.apex();
        terminal.say(&format!("warning: zone {apex} could not be read in full, `zonewright lint` says why"));
    }
    let Some(coverage) = loaded.coverage() else { return Err(Failure::Words(String::from(NEEDED))) };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.output_format {
        Format::Human => matrix::human(&mut out, &loaded.sources, deployment, &coverage, &terminal.out)?,
        Format::Json => matrix::json(&mut out, &loaded.sources, deployment, &coverage)?,
    }
    out.flush()?;
    if !common.quiet {
        terminal.say(&summary(&coverage));
    }
    Ok(ExitCode::from(u8::from(!coverage.is_sound())))
}

/// The deployment, with something to join.
fn declared(loaded: &Loaded) -> Result<&Deployment, Failure> {
    let Some(config) = &loaded.config else { return Err(Failure::Words(String::from(NEEDED))) };
    let name = loaded.sources.get(config.source).name().to_owned();
    let lacks = match &config.deployment {
        Some(deployment) if deployment.pools().is_empty() => {
            "no Edge pool: add [[edge_pool]] and its [[site]]"
        }
        Some(deployment) if deployment.sip_domains().is_empty() => "no SIP domain: add [[sip_domain]]",
        Some(deployment) => return Ok(deployment),
        None => "no deployment: add [[sip_domain]], [[site]] and [[edge_pool]]",
    };
    Err(Failure::Words(format!("{name} declares {lacks}")))
}

fn summary(coverage: &Coverage) -> String {
    let held = coverage.rows.iter().filter_map(|row| match &row.body {
        Body::Held(held) => Some(held),
        Body::Off | Body::NoZone => None,
    });
    let (mut wanted, mut wrong) = (0_usize, 0_usize);
    for cell in held.flat_map(|held| &held.cells) {
        wanted += usize::from(cell.is_wanted() || !cell.is_sound());
        wrong += usize::from(!cell.is_sound());
    }
    let rows = coverage.rows.iter().filter(|row| !row.is_sound()).count();
    if rows == 0 {
        return format!("all {wanted} entries are as they should be");
    }
    let services = if rows == 1 { "service" } else { "services" };
    format!("{wrong} of {wanted} entries are wrong, in {rows} {services} of a SIP domain")
}
