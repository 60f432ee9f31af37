//! Name servers of other makers on free ports of the loopback, ended with the test.

use crate::deployment::ZoneFile;
use crate::dns;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Long, for a machine that does much else. A daemon is up in half a second on an idle one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether programs are installed. That they are not fails the test, unless
/// `ZONEWRIGHT_WITHOUT_SERVERS` is set.
pub(crate) fn installed(programs: &[&str]) -> bool {
    let is_missing = |program: &&&str| Command::new(program).arg("-h").output().is_err();
    let missing: Vec<_> = programs.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return true;
    }
    let why = format!("{missing:?} cannot be run: not installed?");
    assert!(
        std::env::var_os("ZONEWRIGHT_WITHOUT_SERVERS").is_some(),
        "{why} Set ZONEWRIGHT_WITHOUT_SERVERS to skip the tests on servers"
    );
    eprintln!("skipped: {why}");
    false
}

/// A port of the loopback that is free for TCP and UDP.
pub(crate) fn free_port() -> u16 {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = udp.local_addr().unwrap().port();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// A running program.
pub(crate) struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    /// Starts a program and waits for it to serve all these zones; the port that it does it at.
    /// `command` makes the program ready for a port: somebody else may take a free one before the
    /// program does, then another is tried.
    pub(crate) fn start(folder: &Path, zones: &[ZoneFile], command: impl Fn(u16) -> Command) -> (Self, u16) {
        let log = folder.join("log");
        for _ in 0..5 {
            let port = free_port();
            let mut command = command(port);
            let (out, err) = (File::create(&log).unwrap(), File::options().append(true).open(&log).unwrap());
            command.stdin(Stdio::null()).stdout(out).stderr(err);
            let mut daemon = Self(command.spawn().unwrap());
            let server = (Ipv4Addr::LOCALHOST, port).into();
            let started = Instant::now();
            while started.elapsed() < PATIENCE && daemon.0.try_wait().unwrap().is_none() {
                if zones.iter().all(|zone| dns::serial(server, &zone.apex).is_ok()) {
                    return (daemon, port);
                }
                sleep(Duration::from_millis(20));
            }
            if started.elapsed() >= PATIENCE {
                break;
            }
        }
        panic!("does not start: {}", std::fs::read_to_string(&log).unwrap_or_default());
    }
}

/// Waits for a server to have the serial of a zone.
pub(crate) fn wait_for_serial(server: SocketAddr, apex: &str, serial: u32) {
    let started = Instant::now();
    while dns::serial(server, apex).ok() != Some(serial) {
        assert!(
            started.elapsed() < PATIENCE,
            "{apex}: not serial {serial} but {:?}",
            dns::serial(server, apex)
        );
        sleep(Duration::from_millis(20));
    }
}

/// Runs a command; it must succeed.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a program printed.
pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat()
}
