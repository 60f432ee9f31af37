//! NSD, a server for each view: it serves files, and has no other way to change a zone.

use crate::daemon::{Daemon, done};
use crate::deployment::{Deployment, Primary};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use zonewright::config::View;

pub(crate) struct Nsd(BTreeMap<View, One>);

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
                "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
                 server-count: 1\n  zonesdir: {1}\n  pidfile: {0}/pid\n  zonelistfile: {0}/zones\n  \
                 xfrdfile: {0}/xfrd\n  xfrdir: {0}\nremote-control:\n  control-enable: yes\n  \
                 control-interface: {0}/sock\n",
                at.display(),
                deployment.root().display()
            );
            for zone in &zones {
                let (apex, path) = (&zone.apex, zone.path.display());
                let _ = writeln!(
                    config,
                    "zone:\n  name: {apex}\n  zonefile: {path}\n  provide-xfr: 127.0.0.1 NOKEY"
                );
            }
            fs::write(at.join("conf"), config).unwrap();
            let mut nsd = Command::new("nsd");
            nsd.arg("-d").arg("-c").arg(at.join("conf"));
            nsd
        };
        let (daemon, port) = Daemon::start(at, &zones, command);
        Self { _daemon: daemon, port, folder }
    }
}

impl Primary for Nsd {
    fn address(&self, view: View) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.of(view).port).into()
    }
}

impl Nsd {
    pub(crate) fn start(deployment: &Deployment) -> Self {
        let views: BTreeSet<View> = deployment.zones().iter().map(|zone| zone.view).collect();
        Self(views.into_iter().map(|view| (view, One::start(deployment, view))).collect())
    }

    fn of(&self, view: View) -> &One {
        &self.0[&view]
    }

    /// Loads the file of a zone again.
    pub(crate) fn reload(&self, apex: &str, view: View) {
        let config = self.of(view).folder.path().join("conf");
        done(Command::new("nsd-control").arg("-c").arg(config).args(["reload", apex]));
    }
}
