//! `zonewright plan`.

use super::Common;
use super::output::{Failure, Terminal, cannot_edit};
use crate::diagnostic::nearest;
use crate::edge::{Deployment, PoolId, ServerId, Service};
use crate::edit::{self, FileChange, serial};
use crate::emit::markdown;
use crate::plan::{Goal, Plan, PlanError, Request, config_edits, plan};
use crate::workspace::{self, Loaded, load};
use clap::{Subcommand, ValueEnum};
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Move services away from Edge pools that are down, or about to be
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
    Failback {
        /// The pools that come back
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Make the zones say what the deployment declares, names and addresses too
    Sync {
        #[command(flatten)]
        options: Options,
    },
    /// Take servers out of the names of their pools, which stay up
    Drain {
        /// The servers
        #[arg(value_name = "SERVER", required = true)]
        servers: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Put drained servers back into the names of their pools
    Restore {
        /// The servers
        #[arg(value_name = "SERVER", required = true)]
        servers: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Take the records of Edge pools out that leave for good
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
    Add {
        /// The pools that are new
        #[arg(value_name = "POOL", required = true)]
        pools: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Move the federation or XMPP route to another pool while all are up
    Route {
        /// The pool that holds the route from then on
        #[arg(long, value_name = "POOL")]
        to: String,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, clap::Args)]
struct Options {
    /// Only this service; may be given more than once
    #[arg(long, value_enum, value_name = "SERVICE")]
    service: Vec<ServiceArg>,
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "KIND")]
    emit: Emit,
    /// Write plan.diff and runbook.md into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change the zone files
    #[arg(long)]
    write: bool,
    /// Exit with 1 when something is to be changed
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ServiceArg {
    RemoteAccess,
    Federation,
    Xmpp,
}

impl From<ServiceArg> for Service {
    fn from(arg: ServiceArg) -> Self {
        match arg {
            ServiceArg::RemoteAccess => Self::RemoteAccess,
            ServiceArg::Federation => Self::Federation,
            ServiceArg::Xmpp => Self::Xmpp,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Emit {
    /// A unified diff that `git apply` takes
    #[default]
    Diff,
    /// The runbook: every step with who does it, the diff among them
    Markdown,
}

/// Plans, and prints or writes the plan.
pub(super) fn run(common: &Common, args: &Args, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let loaded =
        load(&workspace::Request { config: common.config.clone(), ..workspace::Request::default() })?;
    let failure = |error| failure(error, &loaded);
    let deployment = loaded
        .deployment()
        .filter(|deployment| !deployment.pools().is_empty())
        .ok_or_else(|| failure(PlanError::NoDeployment))?;
    let (goal, options) = match &args.what {
        What::Failover { pools, to, options } => {
            let down = self::pools(deployment, pools).map_err(&failure)?;
            let to = to.as_ref().map(|name| pool(deployment, name)).transpose().map_err(&failure)?;
            (Goal::Failover { down, to }, options)
        }
        What::Failback { pools, options } => {
            (Goal::Failback { pools: self::pools(deployment, pools).map_err(&failure)? }, options)
        }
        What::Sync { options } => (Goal::Sync, options),
        What::Drain { servers, options } => {
            (Goal::Drain { servers: self::servers(deployment, servers).map_err(&failure)? }, options)
        }
        What::Restore { servers, options } => {
            (Goal::Restore { servers: self::servers(deployment, servers).map_err(&failure)? }, options)
        }
        What::Decommission { pools, to, options } => {
            let pools = self::pools(deployment, pools).map_err(&failure)?;
            let to = to.as_ref().map(|name| pool(deployment, name)).transpose().map_err(&failure)?;
            (Goal::decommission(deployment, pools, to).map_err(&failure)?, options)
        }
        What::Add { pools, options } => {
            (Goal::Add { pools: self::pools(deployment, pools).map_err(&failure)? }, options)
        }
        What::Route { to, options } => {
            let [service] = options.service[..] else {
                return Err(Failure::Words(String::from(
                    "say which route moves: `--service federation` or `--service xmpp`",
                )));
            };
            let to = pool(deployment, to).map_err(&failure)?;
            (Goal::Route { service: service.into(), to }, options)
        }
    };
    let today =
        serial::today(|name| std::env::var(name).ok()).map_err(|error| Failure::Words(error.to_string()))?;
    let services = options.service.iter().map(|service| Service::from(*service)).collect();
    let plan = plan(&loaded, &Request { goal, services, today }).map_err(&failure)?;
    refuse_transcoded(&loaded, &plan)?;
    emit(deployment, &plan, options)?;
    if options.write {
        write(&plan)?;
    }
    if !common.quiet {
        for warning in &plan.warnings {
            terminal.say(&format!("warning: {warning}"));
        }
        for edit in config_edits(deployment, &plan.goal) {
            let line = edit.line.as_deref().unwrap_or("take it out");
            terminal.say(&format!("zonewright.toml, {}: {line}", edit.table));
        }
        terminal.say(&summary(&plan, options));
    }
    let differs = options.detailed_exitcode && !plan.is_empty();
    Ok(ExitCode::from(u8::from(differs)))
}

/// No edit fits a file whose octets are not its text.
fn refuse_transcoded(loaded: &Loaded, plan: &Plan) -> Result<(), Failure> {
    let sources = plan.files.iter().filter_map(|file| loaded.sources.find(&file.path));
    match sources.map(|file| loaded.sources.get(file)).find(|source| source.is_transcoded()) {
        Some(source) => Err(Failure::Words(cannot_edit(source.name()))),
        None => Ok(()),
    }
}

fn failure(error: PlanError, loaded: &Loaded) -> Failure {
    let words = error.to_string();
    match error {
        PlanError::Unreadable { findings, .. } | PlanError::NotClean(findings) => {
            Failure::Findings(words, Arc::clone(&loaded.sources), findings)
        }
        _ => Failure::Words(words),
    }
}

fn pools(deployment: &Deployment, names: &[String]) -> Result<BTreeSet<PoolId>, PlanError> {
    names.iter().map(|name| pool(deployment, name)).collect()
}

fn pool(deployment: &Deployment, name: &str) -> Result<PoolId, PlanError> {
    deployment.pool_named(name).ok_or_else(|| {
        let known: Vec<String> = deployment.pools().iter().map(|pool| pool.name.value.clone()).collect();
        PlanError::UnknownPool {
            found: name.to_owned(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    })
}

fn servers(deployment: &Deployment, names: &[String]) -> Result<BTreeSet<ServerId>, PlanError> {
    let find = |name: &String| {
        deployment.server_named(name).ok_or_else(|| {
            let servers = deployment.pools().iter().flat_map(|pool| &pool.servers);
            let known: Vec<String> = servers.map(|server| server.name.value.clone()).collect();
            PlanError::UnknownServer {
                found: name.clone(),
                nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
                known,
            }
        })
    };
    names.iter().map(find).collect()
}

fn emit(deployment: &Deployment, plan: &Plan, options: &Options) -> Result<(), Failure> {
    if let Some(folder) = &options.out {
        std::fs::create_dir_all(folder)
            .map_err(|cause| Failure::Words(format!("{}: {cause}", folder.display())))?;
        put(&folder.join("plan.diff"), &plan.patch())?;
        return put(&folder.join("runbook.md"), markdown::runbook(deployment, plan).as_bytes());
    }
    let mut out = io::stdout().lock();
    match options.emit {
        Emit::Diff => out.write_all(&plan.patch())?,
        Emit::Markdown => out.write_all(markdown::runbook(deployment, plan).as_bytes())?,
    }
    out.flush()?;
    Ok(())
}

/// Writes a file as a whole or not at all.
fn put(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let wrong = |cause: io::Error| Failure::Words(format!("{}: {cause}", path.display()));
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    file.write_all(text).map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

fn write(plan: &Plan) -> Result<(), Failure> {
    let changes: Vec<FileChange> = plan
        .files
        .iter()
        .map(|file| FileChange { path: file.path.clone(), old: file.old.clone(), new: file.new.clone() })
        .collect();
    edit::write_all(&changes).map_err(|error| Failure::Words(error.to_string()))
}

fn summary(plan: &Plan, options: &Options) -> String {
    if plan.is_empty() {
        return format!("No changes: the zones already say what {} wants.", plan.goal.word());
    }
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let serials: Vec<String> = plan
        .zones
        .iter()
        .map(|zone| format!("{} ({}) {} -> {}", zone.apex, zone.view.word(), zone.serial.0, zone.serial.1))
        .collect();
    let done = if options.write { "written" } else { "planned, nothing written" };
    format!(
        "{}: {} in {}, {done}. Serials: {}",
        plan.goal.word(),
        plural(plan.changes.len(), "RRset"),
        plural(plan.files.len(), "file"),
        serials.join(", ")
    )
}
