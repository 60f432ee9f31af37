//! `zonewright init`: the configuration that it writes loads, says what the zones say, and lists the
//! zones that the name servers list.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a panic is how a test fails")]

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use zonewright::config::{self, Config, View};
use zonewright::edge::{AddressKind, Deployment, Service};
use zonewright::init::{Request, draft};
use zonewright::server_config;
use zonewright::text::Sources;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of a folder of the repository without its configuration.
fn copy_of(folder: &str) -> TempDir {
    let scratch = tempfile::tempdir().unwrap();
    copy(&repository().join(folder), scratch.path());
    fs::remove_file(scratch.path().join("zonewright.toml")).unwrap();
    scratch
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = scratch.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    scratch
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonewright"));
    command.args(args).current_dir(folder).env("SOURCE_DATE_EPOCH", "1795219200").env("NO_COLOR", "1");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it says when it succeeds.
#[track_caller]
fn init(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, &[&["init"], args].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// What it says when it fails, within ten seconds.
#[track_caller]
fn refused(folder: &Path, args: &[&str]) -> String {
    let start = Instant::now();
    let output = run(folder, &[&["init"], args].concat());
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    text(&output.stderr)
}

#[track_caller]
fn loaded(path: &Path) -> Config {
    let sources = Sources::default();
    config::load(&sources, path, "zonewright.toml").unwrap_or_else(|findings| {
        panic!("{:?}\n{}", findings, fs::read_to_string(path).unwrap());
    })
}

/// Origins, files and views.
fn zones(config: &Config) -> BTreeSet<(String, PathBuf, View)> {
    let zone = |zone: &config::ZoneEntry| (zone.origin.value.clone(), zone.file.value.clone(), zone.view);
    config.zones.iter().map(zone).collect()
}

/// All that zones can tell of a deployment.
fn facts(deployment: &Deployment) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for domain in deployment.sip_domains() {
        let name = &domain.name.value;
        facts.insert(format!("domain {name}"), format!("{:?} {}", domain.services, domain.default));
        for pool in deployment.pools() {
            for service in Service::LYNC {
                let target = deployment.target(pool.id, service, name);
                facts.insert(
                    format!("target {} {} {name}", pool.name.value, service.word()),
                    format!("{target:?}"),
                );
            }
        }
    }
    for pool in deployment.pools() {
        let id = &pool.name.value;
        let names: BTreeSet<_> =
            deployment.names(pool.id).into_iter().map(|(name, kind, _)| (name, kind)).collect();
        facts.insert(format!("names {id}"), format!("{names:?}"));
        facts.insert(format!("services {id}"), format!("{:?}", pool.services));
        for service in Service::LYNC {
            let priority = deployment.priority(pool.id, service).value;
            let port = deployment.port(pool.id, service).value;
            facts.insert(format!("record {id} {}", service.word()), format!("{priority} {port}"));
        }
        for server in deployment.servers(pool.id) {
            let name = &deployment.server(server).name.value;
            for kind in AddressKind::ALL {
                let addresses = deployment.addresses_of(server, kind);
                facts.insert(format!("server {id} {name} {}", kind.word()), format!("{addresses:?}"));
            }
        }
    }
    for service in Service::LYNC {
        let route = deployment.route(service).map(|pool| &deployment.pool(pool).name.value);
        facts.insert(format!("route {}", service.word()), format!("{route:?}"));
    }
    let policy = deployment.policy();
    facts.insert(
        String::from("policy"),
        format!(
            "{:?} {:?} {:?} {:?} {}",
            policy.federation, policy.remote_access, policy.xmpp, policy.target_match, policy.steady_ttl
        ),
    );
    facts
}

/// The folders whose hand-written deployments follow from their zones in every respect.
#[test]
fn what_was_written_by_hand_is_found() {
    for from in ["zones", "fixtures/swing-a", "fixtures/m365"] {
        let scratch = copy_of(from);
        init(scratch.path(), &[]);
        let found = loaded(&scratch.path().join("zonewright.toml"));
        let by_hand = loaded(&repository().join(from).join("zonewright.toml"));
        assert_eq!(zones(&found), zones(&by_hand), "{from}");
        assert_eq!(facts(&found.deployment.unwrap()), facts(&by_hand.deployment.unwrap()), "{from}");
        let lint = run(scratch.path(), &["lint"]);
        assert!(lint.status.success(), "{from}: {}", text(&lint.stdout));
    }
}

/// A configuration that was drafted from a zone with mistakes hides none of them.
#[test]
fn the_same_mistakes_are_found() {
    let scratch = copy_of("fixtures/six-mistakes");
    init(scratch.path(), &[]);
    let by_hand = tempfile::tempdir().unwrap();
    copy(&repository().join("fixtures/six-mistakes"), by_hand.path());
    let args = ["lint", "--output-format", "concise", "-q"];
    let [found, wanted] = [scratch.path(), by_hand.path()].map(|folder| text(&run(folder, &args).stdout));
    assert_eq!(wanted.lines().count(), 6, "{wanted}");
    assert_eq!(found, wanted);
}

#[test]
fn the_same_plan_is_made() {
    let scratch = copy_of("zones");
    init(scratch.path(), &["-q"]);
    let by_hand = tempfile::tempdir().unwrap();
    copy(&repository().join("zones"), by_hand.path());
    for args in
        [["plan", "failover", "edge1"], ["plan", "drain", "edge1b"], ["plan", "decommission", "edge2"]]
    {
        let (found, wanted) = (run(scratch.path(), &args), run(by_hand.path(), &args));
        assert!(!found.stdout.is_empty(), "{args:?}: {}", text(&found.stderr));
        let outside = |diff: &[u8]| {
            let diff = text(diff);
            diff.split("--- a/")
                .filter(|file| !file.starts_with("internal/contoso.net"))
                .map(String::from)
                .collect()
        };
        let (found, wanted): (Vec<String>, Vec<String>) = (outside(&found.stdout), outside(&wanted.stdout));
        assert_eq!(found, wanted, "{args:?}");
    }
}

#[test]
fn a_plan_says_that_the_internal_name_is_missing() {
    let scratch = copy_of("zones");
    init(scratch.path(), &["-q"]);
    let plan = run(scratch.path(), &["plan", "failover", "edge1", "--emit", "markdown"]);
    assert!(plan.status.success(), "{}", text(&plan.stderr));
    let runbook = text(&plan.stdout);
    assert!(runbook.contains("EdgeServer:<internal FQDN of edge2>"), "{runbook}");
    assert!(runbook.contains("no internal_fqdn is declared for edge1, edge2"), "{runbook}");
    let drain = run(scratch.path(), &["plan", "drain", "edge1b", "--emit", "markdown"]);
    assert!(text(&drain.stdout).contains("its internal name is not in this plan"), "{}", text(&drain.stdout));
    // The comment in the configuration is all that is missing.
    let path = scratch.path().join("zonewright.toml");
    let toml = fs::read_to_string(&path).unwrap();
    let filled = toml.replace("# internal_fqdn = \"lsedge", "internal_fqdn = \"lsedge");
    assert_ne!(filled, toml);
    fs::write(&path, filled).unwrap();
    let plan = run(scratch.path(), &["plan", "failover", "edge1", "--emit", "markdown"]);
    assert!(text(&plan.stdout).contains("EdgeServer:lsedge2.contoso.net"), "{}", text(&plan.stdout));
}

/// Zones with every kind of fault: whatever is concluded, the file loads and lint runs with it.
#[test]
fn every_configuration_loads() {
    let scratch = tempfile::tempdir().unwrap();
    let mut folders: Vec<PathBuf> = vec![repository().join("zones")];
    for parent in ["fixtures", "fixtures/matrix"] {
        let entries = fs::read_dir(repository().join(parent)).unwrap();
        folders.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
    }
    for rule in fs::read_dir(repository().join("fixtures/rules")).unwrap().map(Result::unwrap) {
        for name in ["trigger", "near-miss"] {
            let folder = scratch.path().join(name).join(rule.file_name());
            fs::create_dir_all(&folder).unwrap();
            let zone = rule.path().join(format!("{name}.zone"));
            if zone.exists() {
                fs::copy(zone, folder.join("example.com.zone")).unwrap();
                folders.push(folder);
            }
        }
    }
    let mut drafted = 0;
    for path in &folders {
        let out = path.join("drafted.toml");
        let request = Request { path: path.clone(), from: None, out: out.clone() };
        let Ok(draft) = draft(&request) else { continue };
        drafted += 1;
        let sources = Sources::default();
        let file = sources.add(zonewright::text::Source::text("zonewright.toml", draft.text.clone()));
        let config = config::parse(&sources, file, path);
        let config =
            config.unwrap_or_else(|findings| panic!("{}: {findings:?}\n{}", path.display(), draft.text));
        assert!(!config.zones.is_empty());
        let has_pools = config.deployment.is_some_and(|deployment| !deployment.pools().is_empty());
        assert_eq!(has_pools, draft.has_pools, "{}", path.display());
    }
    assert!(drafted > 200, "{drafted}");
}

const HEAD: &str =
    "$TTL 3600\n@ IN SOA ns1 hostmaster 1 14400 3600 1209600 300\n@ IN NS ns1\nns1 IN A 203.0.113.1\n";

#[test]
fn contradictions_become_comments() {
    let mut zone = format!("$ORIGIN example.com.\n{HEAD}_sip._tls IN SRV 10 0 443 sip\n");
    for host in 1..=13 {
        zone.push_str(&format!("sip IN A 192.0.2.{host}\n"));
    }
    let scratch = folder(&[("example.com.zone", &zone)]);
    let said = init(scratch.path(), &[]);
    assert!(said.contains("contradict each other") && said.contains("12 are allowed"), "{said}");
    let path = scratch.path().join("zonewright.toml");
    assert!(loaded(&path).deployment.is_none());
    assert!(fs::read_to_string(&path).unwrap().contains("# [[edge_pool]]"));
    assert!(run(scratch.path(), &["lint"]).status.code().is_some_and(|code| code < 2));
}

#[test]
fn no_records_no_pools() {
    let scratch =
        folder(&[("example.com.zone", &format!("$ORIGIN example.com.\n{HEAD}www IN A 192.0.2.1\n"))]);
    let said = init(scratch.path(), &[]);
    assert!(said.contains("no SRV record leads to an Edge pool"), "{said}");
    assert!(loaded(&scratch.path().join("zonewright.toml")).deployment.is_none());
    // One XMPP server is none, nor are several that share load.
    let xmpp = "_xmpp-server._tcp IN SRV 5 0 5269 x1\n_xmpp-server._tcp IN SRV 5 0 5269 x2\nx1 IN A 192.0.2.1\n\
                x2 IN A 192.0.2.2\n";
    let scratch = folder(&[("example.com.zone", &format!("$ORIGIN example.com.\n{HEAD}{xmpp}"))]);
    init(scratch.path(), &[]);
    assert!(loaded(&scratch.path().join("zonewright.toml")).deployment.is_none());
    let ordered = xmpp.replace("SRV 5 0 5269 x2", "SRV 10 0 5269 x2");
    let scratch = folder(&[("example.com.zone", &format!("$ORIGIN example.com.\n{HEAD}{ordered}"))]);
    init(scratch.path(), &[]);
    assert_eq!(loaded(&scratch.path().join("zonewright.toml")).deployment.unwrap().pools().len(), 2);
}

#[test]
fn a_name_of_several_pools_is_none_of_them() {
    let records = "_sip._tls IN SRV 10 0 443 sip1\n_sip._tls IN SRV 20 0 443 sip2\n_sipfederationtls._tcp IN SRV 0 0 5061 fed\n\
                   sip1 IN A 192.0.2.1\nsip2 IN A 198.51.100.1\nfed IN A 192.0.2.1\nfed IN A 198.51.100.1\n";
    let zone = format!("$ORIGIN example.com.\n{HEAD}{records}");
    let scratch = folder(&[("example.com.zone", &zone)]);
    let said = init(scratch.path(), &[]);
    assert!(
        said.contains("fed.example.com, target of _sipfederationtls._tcp.example.com, has the addresses"),
        "{said}"
    );
    assert_eq!(loaded(&scratch.path().join("zonewright.toml")).deployment.unwrap().pools().len(), 2);
    // A pool whose servers have names of their own is one all the same.
    let servers = zone.replace("_sip._tls IN SRV 20 0 443 sip2\n", "_sip._tls IN SRV 20 0 443 fed\n");
    let scratch = folder(&[("example.com.zone", &servers)]);
    init(scratch.path(), &[]);
    assert_eq!(loaded(&scratch.path().join("zonewright.toml")).deployment.unwrap().pools().len(), 1);
}

#[test]
fn companies_are_kept_apart() {
    let records = "_sip._tls IN SRV 10 0 443 sip1\n_sip._tls IN SRV 20 0 443 sip2\nsip1 IN A 192.0.2.1\nsip2 IN A 192.0.2.2\n";
    let daughter = "_sip._tls IN SRV 10 0 443 sip\nsip IN A 192.0.2.2\n";
    let other = "_sip._tls IN SRV 10 0 443 sip\nsip IN A 198.51.100.2\n";
    let zone = |origin: &str, records: &str| format!("$ORIGIN {origin}.\n{HEAD}{records}");
    let mut files = vec![
        (String::from("a.zone"), zone("example.com", records)),
        (String::from("b.zone"), zone("example.org", daughter)),
    ];
    // Thousands of other companies cost no more than reading their zones.
    for number in 0..2000 {
        let other = other.replace("198.51.100.2", &format!("198.18.{}.{}", number / 250, number % 250));
        files.push((format!("c{number}.zone"), zone(&format!("c{number}.example"), &other)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let scratch = folder(&files);
    let start = Instant::now();
    let said = init(scratch.path(), &[]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(said.contains("they are of another deployment") && said.lines().count() < 20, "{said}");
    let deployment = loaded(&scratch.path().join("zonewright.toml")).deployment.unwrap();
    let names: Vec<&str> = deployment.sip_domains().iter().map(|domain| domain.name.value.as_str()).collect();
    assert_eq!((names, deployment.pools().len()), (vec!["example.com", "example.org"], 2));
}

#[test]
fn unusual_records() {
    let records = "_sip._tls IN SRV 10 0 443 sip-paris\n_sip._tls IN SRV 10 0 5061 sip-lyon\n\
                   _sipfederationtls._tcp IN SRV 10 0 5069 sip-paris\n_sipfederationtls._tcp IN SRV 20 0 5061 sip-lyon\n\
                   sip-paris IN A 192.0.2.1\nsip-paris IN AAAA 2001:db8::1\nsip-lyon IN A 198.51.100.1\n\
                   webcon-paris IN A 192.0.2.2\nav-paris IN A 192.0.2.3\nav-paris IN A 192.0.2.4\n\
                   _sip._tls.sub IN SRV 0 0 443 sip-paris\n_sipfederationtls._tcp.cloud IN SRV 0 0 5061 sipfed.online.lync.com.\n";
    let scratch = folder(&[("example.com.zone", &format!("$ORIGIN example.com.\n{HEAD}{records}"))]);
    let said = init(scratch.path(), &[]);
    let path = scratch.path().join("zonewright.toml");
    let toml = fs::read_to_string(&path).unwrap();
    let deployment = loaded(&path).deployment.unwrap();
    let ids: Vec<&str> = deployment.pools().iter().map(|pool| pool.name.value.as_str()).collect();
    assert_eq!(ids, ["edge-lyon", "edge-paris"], "{toml}");
    let [lyon, paris] = [0, 1].map(|at| deployment.pools()[at].id);
    // A port that is in use is declared, one that looks like a mistake is left to the lint.
    assert_eq!(deployment.port(lyon, Service::RemoteAccess).value, 5061);
    assert_eq!(deployment.port(paris, Service::Federation).value, 5061);
    assert!(toml.contains("# ports = { federation = 5069 }"), "{toml}");
    // Priorities that are equal in the zone have to differ here.
    let priorities = [lyon, paris].map(|pool| deployment.priority(pool, Service::RemoteAccess).value);
    assert_eq!(priorities, [10, 20], "{toml}");
    let pool = deployment.pool(paris);
    assert_eq!(pool.webcon.as_ref().map(|name| name.value.as_str()), Some("webcon-paris.example.com"));
    // Two addresses for one server.
    assert!(pool.av.is_none());
    assert_eq!(deployment.addresses(paris, AddressKind::Access).len(), 2);
    for words in [
        "av-paris.example.com looks like",
        "have priority 10",
        "leads to Microsoft 365",
        "has no name in sub.example.com",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let names: Vec<&str> = deployment.sip_domains().iter().map(|domain| domain.name.value.as_str()).collect();
    assert_eq!(names, ["example.com", "sub.example.com"]);
}

#[test]
fn files_that_are_no_zones() {
    let zone = format!("$ORIGIN example.com.\n{HEAD}$INCLUDE part.zone\n");
    let scratch = folder(&[
        ("example.com.zone", &zone),
        ("part.zone", "www A 192.0.2.1\n"),
        ("old/example.com.zone", &zone.replace("$INCLUDE part.zone\n", "")),
        ("loose.zone", "www A 192.0.2.1\n"),
        ("b.example.org.db", "www.b.example.org. 60 IN A 192.0.2.1\n"),
        ("blob.db", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("quo\"te\n.example.net.zone", &format!("$ORIGIN example.net.\n{HEAD}")),
    ]);
    let said = init(scratch.path(), &["-v"]);
    let config = loaded(&scratch.path().join("zonewright.toml"));
    let files: Vec<String> = config.zones.iter().map(|zone| zone.file.value.display().to_string()).collect();
    assert_eq!(files, ["example.com.zone", "quo\"te\n.example.net.zone"], "{said}");
    for words in [
        "part.zone: a part of example.com.zone",
        "old/example.com.zone: example.com again, beside example.com.zone",
        "loose.zone: neither its text nor its name",
        "b.example.org.db: it has no SOA record",
        "blob.db: this is no text",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let scratch = copy_of("zones");
    let path = scratch.path().join("zonewright.toml");
    fs::write(&path, "# mine\n").unwrap();
    let said = refused(scratch.path(), &[]);
    assert!(said.contains("--force") && said.contains("--diff"), "{said}");
    let diff = run(scratch.path(), &["init", "--diff"]);
    assert_eq!(diff.status.code(), Some(1));
    assert!(text(&diff.stdout).starts_with("--- a/zonewright.toml\n"), "{}", text(&diff.stdout));
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
    init(scratch.path(), &["--force"]);
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(init(scratch.path(), &["--stdout"]), written);
    assert_eq!(run(scratch.path(), &["init", "--diff"]).status.code(), Some(0));
    fs::remove_file(&path).unwrap();
    init(scratch.path(), &["--stdout"]);
    assert!(!path.exists());
    // Nothing but the file is left behind.
    let entries = || fs::read_dir(scratch.path()).unwrap().count();
    let before = entries();
    init(scratch.path(), &[]);
    assert_eq!(entries(), before + 1);
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_mode_of_new_files() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let scratch = copy_of("zones");
    init(scratch.path(), &[]);
    fs::write(scratch.path().join("other"), "").unwrap();
    let mode = |name: &str| fs::metadata(scratch.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("zonewright.toml"), mode("other"));
    // A link to nowhere is there, too.
    fs::remove_file(scratch.path().join("zonewright.toml")).unwrap();
    symlink("nowhere", scratch.path().join("zonewright.toml")).unwrap();
    assert!(refused(scratch.path(), &[]).contains("is there already"));
    assert!(!scratch.path().join("nowhere").exists());
}

/// The zones of the repository as a server with two views has them: a copy of its folder.
fn bind() -> TempDir {
    let scratch = tempfile::tempdir().unwrap();
    copy(&repository().join("zones"), &scratch.path().join("bind/zones"));
    fs::remove_file(scratch.path().join("bind/zones/zonewright.toml")).unwrap();
    for (name, text) in [
        (
            "named.conf",
            "// the primary\ninclude \"/srv/nowhere/bind/named.conf.options\"; # first\n\
             /* views { */ include \"/srv/nowhere/bind/views/*.conf\";\n",
        ),
        (
            "named.conf.options",
            "acl \"lan\" { 10/8; { fd00::/8; !10.9.9.9; }; localhost; };\n\
             options { directory \"/srv/nowhere/cache\"; listen-on port 53 { any; }; };\n",
        ),
        (
            "views.conf",
            "view \"a\" IN { match-clients { !192.0.2.1; \"lan\"; };\n  \
             zone \"Contoso.COM.\" { type master; file \"/srv/nowhere/bind/zones/internal/contoso.com.zone\"; };\n  \
             zone contoso.net IN { type primary; file \"/srv/nowhere/bind/zones/internal/contoso.net.zone\"; };\n  \
             zone \"fabrikam.com\" { in-view \"b\"; };\n};\n\
             view \"b\" { match-clients { any; };\n  \
             zone \"contoso.com\" { type primary; file \"/srv/nowhere/bind/zones/contoso.com.zone\"; };\n  \
             zone \"fabrikam.com\" { type primary; file \"/srv/nowhere/bind/zones/fabrikam.com.zone\"; };\n  \
             zone \"again.example\" { type primary; file \"/srv/nowhere/bind/zones/fabrikam.com.zone\"; };\n  \
             zone \".\" { type hint; file \"root.hints\"; };\n  \
             zone \"partner.example\" { type secondary; primaries { 192.0.2.1; }; };\n  \
             zone \"gone.example\" { type primary; file \"db.gone\"; };\n};\n",
        ),
    ] {
        fs::write(scratch.path().join("bind").join(name), text).unwrap();
    }
    scratch
}

#[test]
fn a_copy_of_named_conf() {
    let scratch = bind();
    // A pattern has no file that could be looked for elsewhere.
    let main = scratch.path().join("bind/named.conf");
    let text = fs::read_to_string(&main).unwrap();
    fs::write(&main, text.replace("/srv/nowhere/bind/views/*.conf", "/srv/nowhere/bind/views.conf")).unwrap();
    let said = init(scratch.path(), &["--from", "bind/named.conf"]);
    let config = loaded(&scratch.path().join("zonewright.toml"));
    let wanted = [
        ("contoso.com", "bind/zones/contoso.com.zone", View::External),
        ("contoso.com", "bind/zones/internal/contoso.com.zone", View::Internal),
        ("contoso.net", "bind/zones/internal/contoso.net.zone", View::Internal),
        ("fabrikam.com", "bind/zones/fabrikam.com.zone", View::External),
    ];
    let wanted: BTreeSet<_> =
        wanted.map(|(origin, file, view)| (origin.to_owned(), PathBuf::from(file), view)).into();
    assert_eq!(zones(&config), wanted, "{said}");
    assert_eq!(config.deployment.unwrap().pools().len(), 2);
    for words in [
        "view a of the server is for private addresses",
        "view b of the server is for everybody",
        "zone fabrikam.com (view a) is that of view b (bind/views.conf:4)",
        "zone . (view b) is of type hint",
        "zone partner.example (view b) is a secondary zone",
        "zone gone.example (bind/views.conf:12): its file /srv/nowhere/cache/db.gone is not here",
        "bind/zones/fabrikam.com.zone: the file is in the configuration already, as zone fabrikam.com",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(run(scratch.path(), &["lint"]).status.success());
}

/// The message with a `named.conf`, `knot.conf` or `nsd.conf` of this text.
fn of_config(name: &str, text: &str) -> String {
    let scratch = folder(&[(name, text), ("other.conf", &format!("include \"{name}\";\n"))]);
    refused(scratch.path(), &["--from", name, "--stdout"])
}

#[test]
fn configurations_that_cannot_be_read() {
    for (text, words) in [
        ("options {\n  /* never closed\n", "named.conf:2: this comment is not closed by `*/`"),
        ("\n\ninclude \"nowhere.conf\";\n", "named.conf:3: cannot include `nowhere.conf`: no such file"),
        (
            "include \"other.conf\";\n",
            "other.conf:1: includes go in a circle: named.conf, then other.conf, then named.conf",
        ),
        ("zone \"a.example\n\" { };\n", "named.conf:1: this string is not closed by `\"` on its line"),
        ("options { };\nzone \"a.example\" {\n", "named.conf:2: the `{` of this statement is not closed"),
        ("options { };\n};\n", "named.conf:2: this `}` closes nothing"),
        (
            "zone \"a.example\" { type primary }\n;",
            "named.conf:1: expected `;` at the end of this statement, found `}`",
        ),
        ("zone { };\n", "named.conf:1: expected a name after `zone`"),
        ("include \".\";\n", "named.conf:1: cannot include"),
    ] {
        let said = of_config("named.conf", text);
        assert!(said.contains(words), "{words}: {said}");
    }
    let deep = format!("options {}", "{ a ".repeat(1_000_000));
    assert!(of_config("named.conf", &deep).contains("blocks are nested more than 64 deep"));
    let nsd = of_config("nsd.conf", "zone:\n name: \"a.example\n");
    assert!(nsd.contains("nsd.conf:2: this string is not closed"), "{nsd}");
    let nsd = of_config("nsd.conf", "zone:\n name: a.example\n include-pattern: p\n");
    assert!(nsd.contains("nsd.conf:3: no pattern `p` is declared above"), "{nsd}");
    let knot = of_config("knot.conf", "zone:\n  - domain: \"a.example\n");
    assert!(knot.contains("knot.conf:2: this string is not closed"), "{knot}");
    let knot = of_config("knot.conf", "zone:\n  - domain: a.example\ninclude: knot.conf\n");
    assert!(knot.contains("knot.conf:3: includes go in a circle"), "{knot}");
    let none = of_config("server.conf", "hello\n");
    assert!(none.contains("none of BIND, Knot and NSD"), "{none}");
}

#[test]
fn includes_that_double_come_to_an_end() {
    let mut files: Vec<(String, String)> = Vec::new();
    for level in 0..40 {
        files.push((
            format!("c{level}.conf"),
            format!("include \"c{0}.conf\";\ninclude \"c{0}.conf\";\n", level + 1),
        ));
    }
    files.push((String::from("c40.conf"), String::new()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let scratch = folder(&files);
    let said = refused(scratch.path(), &["--from", "c0.conf"]);
    assert!(said.contains("more than 10000 files are included"), "{said}");
}

#[cfg(unix)]
#[test]
fn no_pipe_and_no_huge_file_is_read() {
    let scratch = folder(&[("named.conf", "include \"pipe\";\n")]);
    let pipe = scratch.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(scratch.path(), &["--from", "pipe"]).contains("is no regular file"));
    let said = refused(scratch.path(), &["--from", "named.conf"]);
    // Only regular files are looked for beside the configuration.
    assert!(said.contains("named.conf:1: cannot include"), "{said}");
    let zone = scratch.path().join("pipe.zone");
    fs::rename(&pipe, &zone).unwrap();
    assert!(refused(scratch.path(), &["pipe.zone"]).contains("is no regular file"));
    assert!(refused(scratch.path(), &["--force", "--out", "pipe.zone"]).contains("no zone"));
    let huge = fs::File::create(scratch.path().join("huge.conf")).unwrap();
    huge.set_len(1 << 40).unwrap();
    assert!(refused(scratch.path(), &["--from", "huge.conf"]).contains("is larger than 64 MiB"));
}

/// Whether the programs are there; without them the test fails unless it is to be skipped.
fn servers(programs: &[&str]) -> bool {
    if std::env::var_os("ZONEWRIGHT_WITHOUT_SERVERS").is_some() {
        eprintln!("skipped: ZONEWRIGHT_WITHOUT_SERVERS is set");
        return false;
    }
    for program in programs {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
            .any(|folder| folder.join(program).is_file());
        assert!(found, "{program} is not installed (ZONEWRIGHT_WITHOUT_SERVERS=1 skips this test)");
    }
    true
}

fn told_by(program: &str, args: &[&str], folder: &Path) -> String {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(args).current_dir(folder).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Names of zones, lower case and without the final dot.
fn folded(name: &str) -> String {
    name.trim_matches('"').trim_end_matches('.').to_ascii_lowercase()
}

/// The zones that are read from a configuration: those with files and those without.
fn read_zones(path: &Path) -> BTreeSet<String> {
    let config = server_config::read(path).unwrap_or_else(|error| panic!("{error}"));
    let left = config.left_out.iter().map(|left| left.zone.split(' ').next().unwrap().to_owned());
    config.zones.iter().map(|zone| zone.origin.clone()).chain(left).map(|name| folded(&name)).collect()
}

#[test]
fn bind_lists_the_same_zones() {
    if !servers(&["named-checkconf"]) {
        return;
    }
    let scratch = folder(&[
        (
            "named.conf",
            "acl a { 10/8; }; // one\nview \"v w\" { match-clients { a; !any; }; include \"more/*.conf\";\n\
             zone a.example // c\n IN { type master; file \"q\\\"uo//te#.zone\"; }; };\n\
             view w CH { zone \"A.example.\" { type master; file \"x\"; }; };\nview x { # two\n\
             zone \"b.example\"{type primary;file\"y\";};zone \"0/25.2.0.192.in-addr.arpa\" { type primary; file \"z\"; };\n\
             zone \"f.example\" { type forward; forwarders { 192.0.2.1 port 53; }; }; };\n",
        ),
        (
            "more/1.conf",
            "zone \"one.example\" { type slave; file \"s\"; masters { 192.0.2.1 key \"k\"; }; };\n",
        ),
        (
            "more/2.conf",
            "/**/zone \"two.example\" { type primary; file \"t\"; update-policy { grant * self * A; }; };\n",
        ),
        ("more/.3.conf", "zone \"hidden.example\" { type primary; file \"h\"; };\n"),
        ("key.conf", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n"),
    ]);
    let main = scratch.path().join("named.conf");
    let text = fs::read_to_string(&main).unwrap();
    fs::write(&main, format!("include \"key.conf\";\n{text}")).unwrap();
    let printed = told_by("named-checkconf", &["-p", "named.conf"], scratch.path());
    // Warnings are printed among the lines.
    let printed: String = printed
        .lines()
        .filter(|line| !line.starts_with("named.conf:"))
        .map(|line| format!("{line}\n"))
        .collect();
    let listed: BTreeSet<String> = printed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("zone "))
        .map(|rest| folded(rest.split(' ').next().unwrap()))
        .collect();
    assert_eq!(listed.len(), 6, "{printed}");
    let read = |name: &str| server_config::read(&scratch.path().join(name)).unwrap();
    assert_eq!(read_zones(&main), listed);
    assert!(read("named.conf").left_out.iter().any(|left| left.why == "is of class CH"));
    // What BIND prints is read as what it was printed from, file names included.
    fs::write(scratch.path().join("printed.conf"), &printed).unwrap();
    let both = [read("named.conf"), read("printed.conf")].map(|config| {
        let zone = |zone: server_config::ServedZone| (zone.origin, zone.file, zone.view);
        config.zones.into_iter().map(zone).collect::<BTreeSet<_>>()
    });
    assert_eq!(both[0], both[1]);
}

#[test]
fn includes_of_bind_start_in_its_directory() {
    if !servers(&["named-checkconf"]) {
        return;
    }
    let scratch = folder(&[
        ("sub/inner.conf", "zone \"inner.example\" { type primary; file \"inner.zone\"; };\n"),
        ("inner.conf", "zone \"outer.example\" { type primary; file \"outer.zone\"; };\n"),
    ]);
    let sub = scratch.path().join("sub");
    let main = format!("options {{ directory \"{}\"; }};\ninclude \"inner.conf\";\n", sub.display());
    fs::write(scratch.path().join("named.conf"), main).unwrap();
    let printed = told_by("named-checkconf", &["-p", "named.conf"], scratch.path());
    assert!(printed.contains("inner.example"), "{printed}");
    let config = server_config::read(&scratch.path().join("named.conf")).unwrap();
    assert_eq!(config.zones.len(), 1);
    assert_eq!(config.zones[0].origin, "inner.example");
    assert_eq!(config.zones[0].file, sub.join("inner.zone"));
}

#[test]
fn knot_lists_the_same_zones_and_finds_their_files() {
    if !servers(&["knotc"]) {
        return;
    }
    let scratch = folder(&[
        (
            "knot.conf",
            "# c\nserver:\n    listen: [ 127.0.0.1@5300, ::1@5300 ]\ninclude: more/*.conf\n\
             template:\n  - id: default\n    storage: @/default\n  - id: m\n    storage: \"@/m #1\"\n    file: \"%s.db\"\n\
             zone:\n  - domain: example.com\n  - domain: Sub.Example.org.   # c\n    template: m\n\
             \x20   file: \"%c[0]/%c[0-2]/%l[0]/%l[1]/%l[7]%%.zone\"\n  - domain: 0/25.2.0.192.in-addr.arpa\n    template: m\n\
             zone:\n    - domain: \"last.example\"\n      comment: \"a # b: \\\" c\"\n      file: /@/last.zone\n",
        ),
        (
            "more/1.conf",
            "remote:\n - id: r1\n   address: 192.0.2.1\ntemplate:\n - id: s\n   master: [ r1 ]\n\
             zone:\n - domain: secondary.example\n   template: s\n - domain: inc.example\n",
        ),
        ("more/.2.conf", "zone:\n - domain: hidden.example\n"),
    ]);
    let main = scratch.path().join("knot.conf");
    let root = scratch.path().display().to_string();
    let written = fs::read_to_string(&main).unwrap().replace("/@", &root).replace('@', &root);
    let written =
        written.replace(&format!("127.0.0.1{root}"), "127.0.0.1@").replace(&format!("::1{root}"), "::1@");
    fs::write(&main, written).unwrap();
    told_by("knotc", &["-c", "knot.conf", "conf-check"], scratch.path());
    let exported = told_by("knotc", &["-c", "knot.conf", "conf-export"], scratch.path());
    let listed: BTreeSet<String> =
        exported.lines().filter_map(|line| line.trim().strip_prefix("- domain: ")).map(folded).collect();
    assert!(listed.len() > 5, "{exported}");
    assert_eq!(read_zones(&main), listed);
    let config = server_config::read(&main).unwrap();
    assert_eq!(config.left_out.len(), 1);
    for zone in &config.zones {
        fs::create_dir_all(zone.file.parent().unwrap()).unwrap();
        fs::write(&zone.file, format!("$ORIGIN {}.\n{HEAD}", zone.origin)).unwrap();
    }
    // Knot reads each zone from the file that it was written to.
    let names: Vec<&str> = config.zones.iter().map(|zone| zone.origin.as_str()).collect();
    told_by("knotc", &[&["-c", "knot.conf", "zone-check"], names.as_slice()].concat(), scratch.path());
    let said = init(scratch.path(), &["--from", "knot.conf"]);
    assert!(said.contains("5 zones"), "{said}");
    assert_eq!(loaded(&scratch.path().join("zonewright.toml")).zones.len(), config.zones.len());
}

#[test]
fn nsd_lists_the_same_zones() {
    if !servers(&["nsd-checkconf"]) {
        return;
    }
    let scratch = folder(&[
        (
            "nsd.conf",
            "# c\nserver: zonesdir: \"@/zones\" zonelistfile: @/zone.list\nserver-count: 1\n\
             pattern: name: \"base\"\n  zonefile: \"%1/%2/%s.zone\"\npattern:\n\tname: sec\n  include-pattern: base\n\
             \x20 request-xfr: 192.0.2.1 NOKEY\n\
             zone: name: \"example.com\"\n include-pattern: base\nzone:\n name: b.Example.org. # c\n\
             \x20zonefile: \"%z/%y/%x/a b#.zone\"\nzone:\n  name: s.example\n  include-pattern: sec\ninclude: \"@/more/*.conf\"\n",
        ),
        (
            "more/1.conf",
            "zone:\n name: inc.example\n zonefile: x#y.zone\nzone: name: abs.example zonefile: \"@/abs\"\n",
        ),
    ]);
    let root = scratch.path().display().to_string();
    for name in ["nsd.conf", "more/1.conf"] {
        let path = scratch.path().join(name);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace('@', &root)).unwrap();
    }
    let printed = told_by("nsd-checkconf", &["-v", "nsd.conf"], scratch.path());
    let mut listed = BTreeSet::new();
    let mut in_zone = false;
    for line in printed.lines() {
        match line.trim() {
            "zone:" => in_zone = true,
            "pattern:" | "server:" | "key:" => in_zone = false,
            entry => listed.extend(entry.strip_prefix("name: ").filter(|_| in_zone).map(folded)),
        }
    }
    assert!(listed.len() > 4, "{printed}");
    let main = scratch.path().join("nsd.conf");
    assert_eq!(read_zones(&main), listed);
    let config = server_config::read(&main).unwrap();
    let files: BTreeMap<&str, PathBuf> = config
        .zones
        .iter()
        .map(|zone| (zone.origin.as_str(), zone.file.strip_prefix(scratch.path()).unwrap().to_owned()))
        .collect();
    let wanted = [
        ("abs.example", "abs"),
        ("b.example.org", "zones/org/example/b/a b#.zone"),
        ("example.com", "zones/e/x/example.com.zone"),
        ("inc.example", "zones/x#y.zone"),
    ];
    assert_eq!(files, wanted.map(|(zone, file)| (zone, PathBuf::from(file))).into());
    assert_eq!(
        told_by("nsd-checkconf", &["-z", "inc.example", "-o", "zonefile", "nsd.conf"], scratch.path()).trim(),
        "x#y.zone"
    );
}
