//! The page of a plan: well-formed, escaped, readable, and the same every time.
#![allow(clippy::expect_used, unreachable_pub)]

use scraper::{ElementRef, Html, Selector};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use zonewright::edge::Deployment;
use zonewright::edit::serial;
use zonewright::emit::html::{Contents, page};
use zonewright::plan::timing::{Assumptions, timing};
use zonewright::plan::{Goal, Request, plan};
use zonewright::workspace::{self, load};

/// The page of a plan for the zones that a configuration names.
fn made(config: &Path, goal: &dyn Fn(&Deployment) -> Goal) -> String {
    let loaded =
        load(&workspace::Request { config: Some(config.to_owned()), ..workspace::Request::default() }).expect("loads");
    let deployment = loaded.deployment().expect("a deployment");
    let today = serial::today(|_| Some(String::from("1795219200"))).expect("a day");
    let request = Request { goal: goal(deployment), services: BTreeSet::new(), today };
    let plan = plan(&loaded, &request).expect("a plan");
    let (before, after) =
        (loaded.coverage().expect("a deployment"), plan.applied(&loaded).coverage().expect("a deployment"));
    let assumptions = Assumptions::default();
    let timing = timing(&plan, &assumptions);
    page(&Contents {
        deployment,
        plan: &plan,
        before: &before,
        after: &after,
        timing: &timing,
        assumptions: &assumptions,
    })
}

fn pools(deployment: &Deployment, names: &[&str]) -> BTreeSet<zonewright::edge::PoolId> {
    names.iter().map(|name| deployment.pool_named(name).expect("a pool")).collect()
}

pub fn failover(config: &Path, names: &[&str]) -> String {
    made(config, &|deployment| Goal::Failover { down: pools(deployment, names), to: None })
}

pub fn failback(config: &Path, names: &[&str]) -> String {
    made(config, &|deployment| Goal::Failback { pools: pools(deployment, names) })
}

pub fn sync(config: &Path) -> String {
    made(config, &|_| Goal::Sync)
}

/// A configuration of the repository.
pub fn repository(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("zonewright.toml")
}

/// A deployment of four pools and three SIP domains with long names, and a recovery time objective that
/// is missed. `strange` stands in every zone, after its records.
pub fn large(folder: &Path, strange: &str) -> std::path::PathBuf {
    let domains = ["corp.contoso-international.example", "fabrikam.example", "northwind-traders.example"];
    let sites = ["amsterdam", "rotterdam-zuid", "eindhoven", "maastricht"];
    let mut toml = String::from("[policy]\nrto = \"30m\"\n");
    for domain in domains {
        let _ = write!(
            toml,
            "[[sip_domain]]\nname = \"{domain}\"\n[[zone]]\norigin = \"{domain}\"\nfile = \"{domain}.zone\"\n"
        );
    }
    for site in sites {
        let _ = write!(
            toml,
            "[[site]]\nid = \"{site}\"\nfederation_route = \"edge-amsterdam\"\nxmpp_route = \"edge-amsterdam\"\n"
        );
    }
    for (number, site) in (1..).zip(sites) {
        let _ = write!(
            toml,
            "[[edge_pool]]\nid = \"edge-{site}\"\nsite = \"{site}\"\ninternal_fqdn = \"edge{number}.internal.example\"\n\
             access = \"sip{number}.{0}\"\nservices = [\"remote-access\", \"federation\", \"xmpp\"]\n\
             priority = {number}0\naliases = {{ \"{1}\" = {{ access = \"sip{number}.{1}\", xmpp = \"xmpp{number}.{1}\" }}, \
             \"{2}\" = {{ access = \"sip{number}.{2}\", xmpp = \"xmpp{number}.{2}\" }} }}\nxmpp = \"xmpp{number}.{0}\"\n\
             [[edge_pool.server]]\nname = \"edge{number}a\"\naccess = \"192.0.2.{number}\"\n",
            domains[0], domains[1], domains[2]
        );
    }
    fs::write(folder.join("zonewright.toml"), toml).expect("written");
    for domain in domains {
        let mut zone = format!(
            "$ORIGIN {domain}.\n$TTL 1h\n@ IN SOA ns1 hostmaster 41 4h 1h 2w 10m\n@ NS ns1\nns1 A 192.0.2.53\n"
        );
        for number in 1..=4 {
            let _ = write!(zone, "sip{number} A 192.0.2.{number}\nxmpp{number} A 192.0.2.{number}\n");
        }
        for (owner, port, host) in
            [("_sip._tls", 443, "sip"), ("_sipfederationtls._tcp", 5061, "sip"), ("_xmpp-server._tcp", 5269, "xmpp")]
        {
            for number in 1..=4 {
                let _ = writeln!(zone, "{owner} SRV {number}0 0 {port} {host}{number}");
            }
        }
        zone.push_str(strange);
        fs::write(folder.join(format!("{domain}.zone")), zone).expect("written");
    }
    folder.join("zonewright.toml")
}

/// Pages of every kind.
pub fn pages() -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let large = large(folder.path(), "");
    vec![
        ("zones-failover", failover(&repository("zones"), &["edge1"])),
        ("zones-failback", failback(&repository("zones"), &["edge1"])),
        ("swing-a-failover", failover(&repository("fixtures/swing-a"), &["edge1"])),
        ("large-failover", failover(&large, &["edge-amsterdam", "edge-eindhoven"])),
        ("large-sync", sync(&large)),
    ]
}
