//! A deployment of the fixtures in a folder of its own, and what a server must serve of it.

#[path = "../support/copy.rs"]
mod copy;

use crate::dns::{self, Row, Served};
use copy::copy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use zonewright::config::View;
use zonewright::edge::PoolId;
use zonewright::edit::serial;
use zonewright::emit::{Turn, Way, blocks};
use zonewright::plan::{Goal, Plan, RecordText, Request, plan};
use zonewright::workspace::{self, Loaded};

/// The folder with the zone files and `zonewright.toml`.
pub(crate) struct Deployment {
    folder: tempfile::TempDir,
}

/// A zone to serve.
pub(crate) struct ZoneFile {
    pub(crate) apex: String,
    pub(crate) view: View,
    pub(crate) path: PathBuf,
}

/// A server or several that serve the zones of a deployment.
pub(crate) trait Primary {
    /// Where a view is asked.
    fn address(&self, view: View) -> SocketAddr;
}

/// Every zone of a deployment as it is served.
pub(crate) type Zones = BTreeMap<(View, String), Served>;

impl Deployment {
    pub(crate) fn new(from: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), folder.path());
        Self { folder }
    }

    /// The same files in a folder of their own, for a server that writes to them.
    pub(crate) fn copied(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(self.root(), folder.path());
        Self { folder }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Takes a text out of a file.
    pub(crate) fn without(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        let whole = fs::read_to_string(&path).unwrap();
        assert_eq!(whole.matches(text).count(), 1, "{file} has {text:?}");
        fs::write(path, whole.replace(text, "")).unwrap();
    }

    fn load(&self) -> Loaded {
        let config = Some(self.root().join("zonewright.toml"));
        match workspace::load(&workspace::Request { config, ..workspace::Request::default() }) {
            Ok(loaded) => loaded,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn zones(&self) -> Vec<ZoneFile> {
        let loaded = self.load();
        let zones = loaded.zones.iter().map(|zone| ZoneFile {
            apex: zone.zone.apex().to_string(),
            view: zone.view,
            path: loaded.sources.get(zone.file).path().unwrap().to_owned(),
        });
        zones.collect()
    }

    pub(crate) fn plan(&self, goal: impl Fn(&dyn Fn(&str) -> PoolId) -> Goal) -> Plan {
        let loaded = self.load();
        let deployment = loaded.deployment().unwrap();
        let goal = goal(&|name| deployment.pool_named(name).unwrap());
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        match plan(&loaded, &Request { goal, services: Default::default(), now }) {
            Ok(plan) => {
                assert!(!plan.is_empty(), "there is something to change");
                plan
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn failover(&self) -> Plan {
        self.plan(|pool| Goal::Failover { down: [pool("edge1")].into(), to: None })
    }

    pub(crate) fn failback(&self) -> Plan {
        self.plan(|pool| Goal::Failback { pools: [pool("edge1")].into() })
    }

    /// Everything that is served, zone by zone.
    pub(crate) fn served(&self, primary: &impl Primary) -> Zones {
        let zones = self.zones().into_iter();
        zones
            .map(|zone| {
                let served = dns::zone(primary.address(zone.view), &zone.apex);
                ((zone.view, zone.apex), served)
            })
            .collect()
    }
}

/// Writes the files of a plan, as `--write` does.
pub(crate) fn write(plan: &Plan) {
    for file in &plan.files {
        fs::write(&file.path, &file.new).unwrap();
    }
}

/// The same plan, for TTLs alone: every record stays, with another TTL.
pub(crate) fn ttl_only(mut plan: Plan, ttl: u32) -> Plan {
    for change in &mut plan.changes {
        assert_ne!(change.ttl_before, Some(ttl));
        change.after = change.before.clone();
        change.ttl = ttl;
    }
    plan.changes.retain(|change| !change.before.is_empty());
    plan
}

/// Owner, type and the records that a server must then answer with, TTLs and all.
fn wanted(turn: &Turn<'_>) -> (String, String, BTreeSet<Row>) {
    let (owner, rtype) = (format!("{}.", turn.change.owner), turn.change.rtype.to_string());
    let row =
        |record: &RecordText| (owner.clone(), rtype.clone(), turn.to_ttl.unwrap(), record.rdata.clone());
    let rows = turn.to.iter().map(row).collect();
    (owner, rtype, rows)
}

/// What must be served after a plan: what was before, with its RRsets as the plan wants them. Serials
/// are those of before.
pub(crate) fn after(before: &Zones, plan: &Plan, way: Way) -> Zones {
    let mut zones = before.clone();
    for block in blocks(plan, way) {
        let served = zones.get_mut(&(block.zone.view, block.zone.apex.clone())).unwrap();
        for turn in &block.turns {
            let (owner, rtype, rows) = wanted(turn);
            let count = served.rows.len();
            served.rows.retain(|row| (&row.0, &row.1) != (&owner, &rtype));
            assert_eq!(count - served.rows.len(), turn.from.len(), "{owner} {rtype} before the plan");
            served.rows.extend(rows);
        }
    }
    zones
}

/// Asks for every RRset of a plan.
pub(crate) fn assert_answers(primary: &impl Primary, plan: &Plan, way: Way) {
    let blocks = blocks(plan, way);
    assert!(!blocks.is_empty(), "a zone changes");
    for block in &blocks {
        for (owner, rtype, rows) in block.turns.iter().map(wanted) {
            // Whoever asks for addresses at an alias gets the alias.
            let mut answer = dns::rrset(primary.address(block.zone.view), &owner, &rtype).unwrap();
            answer.retain(|row| row.1 == rtype);
            assert_eq!(answer, rows, "{owner} {rtype}, {} view", block.zone.view.word());
        }
    }
}

/// Compares what is served but for the serials: these go up in zones that change, and stay in others.
pub(crate) fn assert_served(now: &Zones, before: &Zones, wanted: &Zones) {
    assert_eq!(now.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (zone, now) in now {
        assert_eq!(now.rows, wanted[zone].rows, "{zone:?}");
        let (old, changes) = (&before[zone], before[zone].rows != now.rows);
        assert_eq!(
            serial::newer(now.serial, old.serial),
            changes,
            "{zone:?}: {} to {}",
            old.serial,
            now.serial
        );
        assert!(changes || now.serial == old.serial, "{zone:?}: {} to {}", old.serial, now.serial);
    }
}
