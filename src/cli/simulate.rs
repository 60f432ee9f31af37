//! `zonewright simulate`.

use super::Common;
use super::named::{failure, pools, service};
use super::output::{Failure, Terminal};
use crate::diagnostic::nearest;
use crate::edge::simulation::{Moment, Simulation, Stage, simulate};
use crate::edge::{Deployment, Service, SipDomain, State};
use crate::edit::serial;
use crate::plan::{Goal, PlanError, Request, plan};
use crate::report::simulation;
use crate::workspace::{self, Loaded, load};
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Whom callers ask while all pools are up:
    zonewright simulate
  Partners while a pool is down, and after the failover plan:
    zonewright simulate --down edge1 --plan --service federation
  Fail if some callers would find no answer:
    zonewright simulate --down edge1 --detailed-exitcode";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The pools that are down
    #[arg(long, value_name = "POOL", num_args = 1..)]
    down: Vec<String>,
    /// Show also what callers meet once the failover plan for these pools has been carried out
    #[arg(long, requires = "down")]
    plan: bool,
    /// Only this service; may be given more than once
    #[arg(long, value_name = "SERVICE")]
    service: Vec<String>,
    /// Only this SIP domain; may be given more than once
    #[arg(long, value_name = "NAME")]
    sip_domain: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// Exit with 1 when some callers do not find a service at the end
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// Per service, whom callers ask and who answers
    #[default]
    Human,
    /// One object
    Json,
}

/// Loads the zones of the configuration and asks their SRV records as callers do.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let loaded =
        load(&workspace::Request { config: common.config.clone(), ..workspace::Request::default() })?;
    let failure = |error| failure(error, &loaded);
    let deployment = loaded
        .deployment()
        .filter(|deployment| !deployment.pools().is_empty())
        .ok_or_else(|| failure(PlanError::NoDeployment))?;
    for context in loaded.contexts().iter().filter(|context| context.partial) {
        let apex = context.zone.apex();
        terminal.say(&format!("warning: zone {apex} could not be read in full, `zonewright lint` says why"));
    }
    let asked = Asked {
        deployment,
        services: args
            .service
            .iter()
            .map(|word| service(deployment, word))
            .collect::<Result<_, _>>()
            .map_err(&failure)?,
        sip_domains: args
            .sip_domain
            .iter()
            .map(|name| sip_domain(deployment, name))
            .collect::<Result<_, _>>()?,
    };
    let down = pools(deployment, &args.down).map_err(&failure)?;
    let unmoved = BTreeSet::new();
    let mut stages = vec![asked.stage(Moment::Before, &loaded, &State::steady(), &unmoved)];
    if !down.is_empty() {
        stages.push(asked.stage(Moment::Down, &loaded, &State::down(down.iter().copied()), &unmoved));
    }
    if args.plan {
        let now = serial::now(|name| std::env::var(name).ok())
            .map_err(|error| Failure::Words(error.to_string()))?;
        let goal = Goal::Failover { down: down.clone(), to: None };
        let state = goal.state();
        let plan =
            plan(&loaded, &Request { goal, services: asked.services.clone(), now }).map_err(&failure)?;
        for warning in plan.warnings.iter().filter(|_| !common.quiet) {
            terminal.say(&format!("warning: {warning}"));
        }
        let services = plan.services;
        let changes = plan.files.into_iter().map(|file| (file.path, file.new)).collect();
        stages.push(asked.stage(Moment::Planned, &loaded.with_changes(&changes), &state, &services));
    }
    let simulation = Simulation { down: down.into_iter().collect(), stages };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.output_format {
        Format::Human => simulation::human(&mut out, deployment, &simulation, &terminal.out)?,
        Format::Json => simulation::json(&mut out, deployment, &simulation)?,
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(args.detailed_exitcode && !simulation.ends_well())))
}

/// What was asked for.
struct Asked<'a> {
    deployment: &'a Deployment,
    /// None: all.
    services: BTreeSet<Service>,
    /// None: all.
    sip_domains: BTreeSet<&'a str>,
}

impl Asked<'_> {
    /// What callers meet when the routes of the services in `moved` are where the state has them.
    fn stage(&self, moment: Moment, loaded: &Loaded, state: &State, moved: &BTreeSet<Service>) -> Stage {
        let deployment = self.deployment;
        let route = |service: Service| {
            let declared = deployment.route(service)?;
            if moved.contains(&service) { state.active(deployment, service) } else { Some(declared) }
        };
        let Some(coverage) = loaded.coverage() else { return Stage { moment, rows: Vec::new() } };
        let mut rows = simulate(deployment, &coverage, &state.down, route);
        rows.retain(|row| {
            (self.services.is_empty() || self.services.contains(&row.service))
                && (self.sip_domains.is_empty() || self.sip_domains.contains(row.sip_domain.as_str()))
        });
        Stage { moment, rows }
    }
}

fn sip_domain<'a>(deployment: &'a Deployment, name: &str) -> Result<&'a str, Failure> {
    let domain = |domain: &'a SipDomain| domain.name.value.as_str();
    deployment.sip_domain(name).map(domain).ok_or_else(|| {
        let known: Vec<&str> = deployment.sip_domains().iter().map(domain).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::from(";"),
        };
        Failure::Words(format!("no SIP domain is called `{name}`{hint} declared are: {}", known.join(", ")))
    })
}
