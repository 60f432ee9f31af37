//! `zonewright plan`.

pub(super) mod beside;
mod examples;
pub(super) mod forms;

use super::Common;
use super::named::{self, failure, pool, service};
use super::output::{Failure, Terminal, cannot_edit};
use super::stages;
use crate::edge::Cloud;
use crate::edit::{self, FileChange, serial};
use crate::emit::Way;
use crate::plan::{Goal, Hosting, Plan, PlanError, Request, plan, reversed, zones_back};
use crate::workspace::{self, Loaded, load};
use beside::say_beside;
use clap::Subcommand;
use forms::{Emit, Forms};
use jiff::Timestamp;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = examples::PLAN)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Move services away from Edge pools that are down, or about to be
    #[command(after_help = examples::FAILOVER)]
    Failover {
        /// The pools that are down
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        /// The pool that shall come first
        #[arg(long, value_name = "POOL")]
        to: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Bring services back to Edge pools that are up again
    #[command(after_help = examples::FAILBACK)]
    Failback {
        /// The pools that come back
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Make the zones say what the deployment declares, names and addresses too
    #[command(after_help = examples::SYNC)]
    Sync {
        #[command(flatten)]
        options: Options,
    },
    /// Take servers out of the names of their pools, which stay up
    #[command(after_help = examples::DRAIN)]
    Drain {
        /// The servers
        #[arg(value_name = "SERVER", required = true)]
        servers: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Put drained servers back into the names of their pools
    #[command(after_help = examples::RESTORE)]
    Restore {
        /// The servers
        #[arg(value_name = "SERVER", required = true)]
        servers: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Take the records of Edge pools out that leave for good
    #[command(after_help = examples::DECOMMISSION)]
    Decommission {
        /// The pools that leave
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        /// The pool that takes over the routes they hold
        #[arg(long, value_name = "POOL")]
        to: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Bring declared Edge pools into the zones, leaving the records of others alone
    #[command(after_help = examples::ADD)]
    Add {
        /// The pools that are new
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Move the federation or XMPP route to another pool while all are up
    #[command(after_help = examples::ROUTE)]
    Route {
        /// The pool that holds the route from then on
        #[arg(long, value_name = "POOL")]
        to: String,
        #[command(flatten)]
        options: Options,
    },
    /// Move SIP domains to Microsoft 365, or back
    #[command(after_help = examples::M365)]
    M365 {
        /// Where their records lead from then on
        #[arg(long, value_enum, value_name = "PLACE")]
        to: Place,
        /// Only this SIP domain; may be given more than once
        #[arg(long, value_name = "NAME")]
        sip_domain: Vec<String>,
        /// The cloud of the tenant, with `--to teams-only` (default: worldwide)
        #[arg(long, value_enum, value_name = "CLOUD")]
        cloud: Option<CloudWord>,
        #[command(flatten)]
        options: Options,
    },
}

/// Where the records of a SIP domain lead.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Place {
    /// On-premises, while some users are in Microsoft 365
    Hybrid,
    /// To Microsoft 365, as every user is in Teams
    TeamsOnly,
    /// On-premises, as every user is there
    OnPremises,
}

/// A cloud of Microsoft 365.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum CloudWord {
    /// The one that most tenants are in
    #[default]
    Worldwide,
    /// The one that 21Vianet runs in China
    #[value(name = "21vianet")]
    TwentyOneVianet,
}

impl What {
    fn options(&self) -> &Options {
        match self {
            Self::Failover { options, .. }
            | Self::Failback { options, .. }
            | Self::Sync { options }
            | Self::Drain { options, .. }
            | Self::Restore { options, .. }
            | Self::Decommission { options, .. }
            | Self::Add { options, .. }
            | Self::Route { options, .. }
            | Self::M365 { options, .. } => options,
        }
    }
}

#[derive(Debug, clap::Args)]
struct Options {
    /// Only this service; may be given more than once. With `route`: whose route moves, `federation` or `xmpp`
    #[arg(long, value_name = "SERVICE")]
    service: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "KIND")]
    emit: Emit,
    /// Print the way back instead: what takes this plan back, the serials raised once more
    #[arg(long, conflicts_with_all = ["write", "staged"])]
    back: bool,
    /// Write every kind, of both ways, into this folder instead; with --staged, every stage
    #[arg(long, value_name = "DIR", conflicts_with_all = ["emit", "back"])]
    out: Option<PathBuf>,
    /// Change the zone files, all of them or none
    ///
    /// Nothing is written when one of them changed since it was read, when an earlier change was
    /// interrupted (`zonewright recover`), or when git could not bring back what a file holds now: it
    /// lies in a git work tree and has edits that are not committed, or was never added. Files that git
    /// ignores and files outside of a work tree are written.
    #[arg(long)]
    write: bool,
    /// Write files too that git could not bring back
    #[arg(long, requires = "write")]
    force: bool,
    /// Exit with 1 when something is to be changed
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    stages: stages::Args,
}

/// Plans, and prints or writes the plan.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut loaded =
        load(&workspace::Request { config: common.config.clone(), ..workspace::Request::default() })?;
    let deployment = loaded.config.as_mut().and_then(|config| config.deployment.as_mut());
    if let (Some(deployment), Some(rto)) = (deployment, args.what.options().stages.rto()) {
        deployment.set_rto(rto);
    }
    let loaded = loaded;
    let failure = |error| failure(error, &loaded);
    let deployment = loaded
        .deployment()
        .filter(|deployment| !deployment.pools().is_empty())
        .ok_or_else(|| failure(PlanError::NoDeployment))?;
    let (goal, options) = match &args.what {
        What::Failover { pools, to, options } => {
            let down = named::pools(deployment, pools).map_err(&failure)?;
            let to = to.as_ref().map(|name| pool(deployment, name)).transpose().map_err(&failure)?;
            (Goal::Failover { down, to }, options)
        }
        What::Failback { pools, options } => {
            (Goal::Failback { pools: named::pools(deployment, pools).map_err(&failure)? }, options)
        }
        What::Sync { options } => (Goal::Sync, options),
        What::Drain { servers, options } => {
            (Goal::Drain { servers: named::servers(deployment, servers).map_err(&failure)? }, options)
        }
        What::Restore { servers, options } => {
            (Goal::Restore { servers: named::servers(deployment, servers).map_err(&failure)? }, options)
        }
        What::Decommission { pools, to, options } => {
            let pools = named::pools(deployment, pools).map_err(&failure)?;
            let to = to.as_ref().map(|name| pool(deployment, name)).transpose().map_err(&failure)?;
            (Goal::decommission(deployment, pools, to).map_err(&failure)?, options)
        }
        What::Add { pools, options } => {
            (Goal::Add { pools: named::pools(deployment, pools).map_err(&failure)? }, options)
        }
        What::Route { to, options } => {
            let [word] = &options.service[..] else {
                return Err(Failure::Words(String::from(
                    "say which route moves: `--service federation` or `--service xmpp`",
                )));
            };
            let to = pool(deployment, to).map_err(&failure)?;
            let service = service(deployment, word).map_err(&failure)?;
            (Goal::Route { service, to }, options)
        }
        What::M365 { to, sip_domain, cloud, options } => {
            let to = match (to, cloud) {
                (Place::TeamsOnly, cloud) => Hosting::TeamsOnly(match cloud.unwrap_or_default() {
                    CloudWord::Worldwide => Cloud::Worldwide,
                    CloudWord::TwentyOneVianet => Cloud::TwentyOneVianet,
                }),
                (_, Some(_)) => {
                    return Err(Failure::Words(String::from("--cloud goes with `--to teams-only` only")));
                }
                (Place::Hybrid, None) => Hosting::Hybrid,
                (Place::OnPremises, None) => Hosting::OnPremises,
            };
            let sip_domains = named::sip_domains(deployment, sip_domain).map_err(&failure)?;
            (Goal::M365 { to, sip_domains }, options)
        }
    };
    let now =
        serial::now(|name| std::env::var(name).ok()).map_err(|error| Failure::Words(error.to_string()))?;
    let services = options.service.iter().map(|word| service(deployment, word));
    let services = services.collect::<Result<_, _>>().map_err(&failure)?;
    let request = Request { goal, services, now };
    let rto = options.stages.objective(deployment)?;
    if options.stages.is_staged() {
        let staged = options.stages.plan(&loaded, &request).map_err(&failure)?;
        refuse_transcoded(&loaded, &staged.direct)?;
        let wanted = (options.emit, options.out.as_deref());
        let late = options.stages.emit(deployment, &staged, wanted, rto, common.quiet, terminal)?;
        let differs = options.detailed_exitcode && !staged.stages.is_empty();
        return Ok(ExitCode::from(u8::from(differs || late)));
    }
    let plan = plan(&loaded, &request).map_err(&failure)?;
    refuse_transcoded(&loaded, &plan)?;
    if options.write {
        super::write::may_replace(plan.files.iter().map(|file| &*file.path), options.force)?;
    } else {
        super::write::warn_of_pending(&loaded, terminal);
    }
    let assumptions = options.stages.assumptions();
    let forms = Forms { loaded: &loaded, deployment, plan: &plan, now, assumptions };
    match &options.out {
        Some(folder) => forms.write(folder)?,
        None => {
            let way = if options.back { Way::Back } else { Way::Apply };
            let mut out = io::stdout().lock();
            out.write_all(&forms.form(options.emit, way)?)?;
            out.flush()?;
        }
    }
    if options.write {
        write(&plan)?;
    }
    let back = match options.back {
        true => reversed(&loaded, &plan, now).map_err(&failure)?,
        false => None,
    };
    let shown = back.as_ref().unwrap_or(&plan);
    if !common.quiet {
        say_beside(deployment, shown, terminal);
        terminal.say(&summary(&plan, options, now));
    }
    let late = options.stages.judge(shown, rto, common.quiet, terminal);
    let differs = options.detailed_exitcode && !plan.is_empty();
    Ok(ExitCode::from(u8::from(differs || late)))
}

/// No edit fits a file whose octets are not its text.
fn refuse_transcoded(loaded: &Loaded, plan: &Plan) -> Result<(), Failure> {
    let sources = plan.files.iter().filter_map(|file| loaded.sources.find(&file.path));
    match sources.map(|file| loaded.sources.get(file)).find(|source| source.is_transcoded()) {
        Some(source) => Err(Failure::Words(cannot_edit(source.name()))),
        None => Ok(()),
    }
}

fn write(plan: &Plan) -> Result<(), Failure> {
    let changes: Vec<FileChange> = plan
        .files
        .iter()
        .map(|file| FileChange { path: file.path.clone(), old: file.old.clone(), new: file.new.clone() })
        .collect();
    edit::write_all(&changes).map_err(|error| Failure::Words(error.to_string()))
}

fn summary(plan: &Plan, options: &Options, now: Timestamp) -> String {
    if plan.is_empty() {
        return format!("No changes: the zones already say what {} wants.", plan.goal.word());
    }
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (what, zones) = match options.back {
        true => (format!("way back of the {}", plan.goal.word()), zones_back(plan, now)),
        false => (plan.goal.word().to_owned(), plan.zones.clone()),
    };
    let serials: Vec<String> = zones
        .iter()
        .map(|zone| format!("{} ({}) {} -> {}", zone.apex, zone.view.word(), zone.serial.0, zone.serial.1))
        .collect();
    let done = match (options.write, &options.out) {
        (true, _) => String::from("written"),
        (false, Some(folder)) => format!("planned in {}, no zone written", folder.display()),
        (false, None) => String::from("planned, nothing written"),
    };
    format!(
        "{what}: {} in {}, {done}. Serials: {}",
        plural(plan.changes.len(), "RRset"),
        plural(plan.files.len(), "file"),
        serials.join(", ")
    )
}
