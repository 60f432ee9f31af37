//! BIND's `named`, one for each view of the deployment: they share no port, and one `named` tells its
//! views apart by addresses or keys.

use crate::daemon::{Daemon, done, free_port, said};
use crate::deployment::{Deployment, Primary};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Output};
use zonewright::config::View;
use zonewright::emit::Script;

const KEY: &str = "key \"zonewright\" { algorithm hmac-sha256; secret \"em9uZXdyaWdodCBvbiBhIGxvb3BiYWNrIHpvbmUhISE=\"; };\n";

pub(crate) struct Bind(BTreeMap<View, One>);

struct One {
    _daemon: Daemon,
    port: u16,
    /// Of `rndc`.
    control: u16,
    folder: tempfile::TempDir,
}

impl One {
    fn start(deployment: &Deployment, view: View, dynamic: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::write(at.join("key"), KEY).unwrap();
        let zones: Vec<_> = deployment.zones().into_iter().filter(|zone| zone.view == view).collect();
        let control = Cell::new(0);
        let command = |port: u16| {
            control.set(free_port());
            let mut config = format!(
                "{KEY}options {{ directory \"{}\"; listen-on port {port} {{ 127.0.0.1; }}; \
                 listen-on-v6 {{ none; }}; pid-file \"{1}/pid\"; session-keyfile \"{1}/session\"; \
                 lock-file none; recursion no; dnssec-validation no; notify no; allow-transfer {{ any; }}; }};\n\
                 controls {{ inet 127.0.0.1 port {2} allow {{ 127.0.0.1; }} keys {{ zonewright; }}; }};\n",
                deployment.root().display(),
                at.display(),
                control.get()
            );
            for zone in &zones {
                let update = if dynamic { "allow-update { key zonewright; };" } else { "" };
                let (apex, path) = (&zone.apex, zone.path.display());
                let _ = writeln!(config, "zone {apex} {{ type primary; file \"{path}\"; {update} }};");
            }
            fs::write(at.join("conf"), config).unwrap();
            let mut named = Command::new("named");
            named.args(["-g", "-n", "1", "-c"]).arg(at.join("conf"));
            named
        };
        let (daemon, port) = Daemon::start(at, &zones, command);
        Self { _daemon: daemon, port, control: control.get(), folder }
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    fn nsupdate(&self, text: &str) -> Output {
        let file = self.folder.path().join("update");
        fs::write(&file, text).unwrap();
        Command::new("nsupdate").arg("-k").arg(self.key()).arg(file).output().unwrap()
    }
}

impl Primary for Bind {
    fn address(&self, view: View) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.0[&view].port).into()
    }
}

impl Bind {
    /// Serves the files of a deployment. Of a dynamic zone BIND itself writes the file.
    pub(crate) fn start(deployment: &Deployment, dynamic: bool) -> Self {
        let views: BTreeSet<View> = deployment.zones().iter().map(|zone| zone.view).collect();
        Self(views.into_iter().map(|view| (view, One::start(deployment, view, dynamic))).collect())
    }

    /// Loads the file of a zone again.
    pub(crate) fn reload(&self, apex: &str, view: View) {
        let one = &self.0[&view];
        let port = one.control.to_string();
        let mut rndc = Command::new("rndc");
        done(rndc.args(["-s", "127.0.0.1", "-p", &port, "-k"]).arg(one.key()).args(["reload", apex]));
    }

    /// Runs a script, with the server's address put where the script says.
    pub(crate) fn nsupdate(&self, script: &Script) -> Output {
        let one = &self.0[&script.view];
        let place = "\n; server ADDRESS\n";
        assert_eq!(script.text.matches(place).count(), 1, "{}", script.text);
        one.nsupdate(&script.text.replace(place, &format!("\nserver 127.0.0.1 {}\n", one.port)))
    }

    /// Asks what a script says to ask, in the shell; every answer must be the one that the script says.
    pub(crate) fn ask(&self, script: &Script) {
        let server = format!("@127.0.0.1 -p {}", self.0[&script.view].port);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut questions = 0;
        let mut lines = script.text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(question) = line.strip_prefix("; dig @SERVER ") else { continue };
            let said = std::iter::from_fn(|| lines.next_if(|line| line.starts_with(";     ")));
            let said: BTreeSet<String> = said.map(|line| words(&line[1..])).collect();
            let answer = done(Command::new("sh").args(["-c", &format!("dig {server} {question}")]));
            let mut answer: BTreeSet<String> = answer.lines().map(words).collect();
            if answer.is_empty() {
                answer.insert(String::from("nothing"));
            }
            assert_eq!(answer, said, "{question}");
            questions += 1;
        }
        assert!(questions > 0, "{}", script.text);
    }

    /// Changes a zone behind the plan's back.
    pub(crate) fn update(&self, zone: &str, view: View, lines: &str) {
        let one = &self.0[&view];
        let output = one.nsupdate(&format!("server 127.0.0.1 {}\nzone {zone}\n{lines}\nsend\n", one.port));
        assert!(output.status.success(), "{}", said(&output));
    }
}
