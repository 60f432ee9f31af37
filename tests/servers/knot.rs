//! Knot DNS, a server for each view: Knot has none.

use crate::daemon::{Daemon, done};
use crate::deployment::{Deployment, Primary};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use zonewright::config::View;
use zonewright::emit::Script;

pub(crate) struct Knot(BTreeMap<View, One>);

struct One {
    _daemon: Daemon,
    port: u16,
    folder: tempfile::TempDir,
}

impl One {
    fn start(deployment: &Deployment, view: View) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let zones: Vec<_> = deployment.zones().into_iter().filter(|zone| zone.view == view).collect();
        let command = |port: u16| {
            let mut config = format!(
                "server:\n  rundir: {0}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
                 background-workers: 1\ncontrol:\n  listen: {0}/sock\ndatabase:\n  storage: {0}\n  \
                 journal-db-max-size: 16M\nlog:\n  - target: stderr\n    any: info\nacl:\n  - id: all\n    \
                 address: 127.0.0.1\n    action: transfer\nzone:\n",
                at.display()
            );
            for zone in &zones {
                let _ = writeln!(
                    config,
                    "  - domain: {}\n    file: {}\n    zonefile-sync: -1\n    acl: all",
                    zone.apex,
                    zone.path.display()
                );
            }
            fs::write(at.join("conf"), config).unwrap();
            let mut knotd = Command::new("knotd");
            knotd.arg("-c").arg(at.join("conf"));
            knotd
        };
        let (daemon, port) = Daemon::start(at, &zones, command);
        Self { _daemon: daemon, port, folder }
    }

    fn knotc(&self) -> String {
        format!("knotc -s {}", self.folder.path().join("sock").display())
    }
}

impl Primary for Knot {
    fn address(&self, view: View) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.of(view).port).into()
    }
}

impl Knot {
    pub(crate) fn start(deployment: &Deployment) -> Self {
        let views: BTreeSet<View> = deployment.zones().iter().map(|zone| zone.view).collect();
        Self(views.into_iter().map(|view| (view, One::start(deployment, view))).collect())
    }

    fn of(&self, view: View) -> &One {
        &self.0[&view]
    }

    fn shell(&self, script: &Script, knotc: &str, variables: &[(&str, &str)]) -> Output {
        let file = self.of(script.view).folder.path().join("script");
        fs::write(&file, &script.text).unwrap();
        let mut sh = Command::new("sh");
        sh.arg(file).env("KNOTC", knotc).env_remove("DRY_RUN").envs(variables.iter().copied());
        sh.output().unwrap()
    }

    /// Runs a script.
    pub(crate) fn run(&self, script: &Script) -> Output {
        self.shell(script, &self.of(script.view).knotc(), &[])
    }

    /// Runs a script that shall only show what it would do.
    pub(crate) fn dry_run(&self, script: &Script) -> Output {
        self.shell(script, &self.of(script.view).knotc(), &[("DRY_RUN", "1")])
    }

    /// Runs a script with a `knotc` that does something else instead of one command: a line of shell.
    pub(crate) fn run_with_fault(&self, script: &Script, command: &str, instead: &str) -> Output {
        let one = self.of(script.view);
        let wrapper: PathBuf = one.folder.path().join("knotc");
        let text =
            format!("#!/bin/sh\ncase $1 in {command}) {instead};; esac\nexec {} \"$@\"\n", one.knotc());
        fs::write(&wrapper, text).unwrap();
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
        self.shell(script, &wrapper.display().to_string(), &[])
    }

    /// A command of `knotc`, words apart by blanks; it must succeed.
    pub(crate) fn control(&self, view: View, command: &str) -> String {
        let socket = self.of(view).folder.path().join("sock");
        done(Command::new("knotc").arg("-s").arg(socket).args(command.split(' ')))
    }

    /// Whether somebody's transaction of the zone is open.
    pub(crate) fn is_open(&self, view: View, apex: &str) -> bool {
        self.control(view, &format!("zone-status {apex} +transaction")).contains("open")
    }
}
