//! A DNS server of Windows as far as its records go, and plans to try the scripts with.

use super::{Stand, Told, told};
use crate::config::View;
use crate::edge::{Cloud, Deployment};
use crate::emit::Way;
use crate::plan::{Goal, Hosting, Plan, RecordText, Request, RrsetChange, ZoneChange, plan};
use crate::workspace::{self, load};
use crate::zonefile::rtype::Rtype;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Key = (String, String, String);

/// Zone, name and type of an RRset; its records by RDATA, each with its TTL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::emit) struct Server(pub(in crate::emit) BTreeMap<Key, BTreeMap<String, u32>>);

impl Server {
    /// The server that has one side of a plan.
    pub(in crate::emit) fn with(told: &Told<'_>, to: bool) -> Self {
        let mut server = Self::default();
        for rrset in &told.rrsets {
            let Stand { ttl, rdata } = if to { &rrset.to } else { &rrset.from };
            for rdata in rdata {
                server.add([rrset.zone, rrset.name, &rrset.rtype.to_string()], rdata, *ttl);
            }
        }
        server
    }

    fn rrset(&mut self, [zone, name, rtype]: [&str; 3]) -> &mut BTreeMap<String, u32> {
        self.0.entry((zone.to_owned(), name.to_owned(), rtype.to_uppercase())).or_default()
    }

    /// Windows refuses a record with the data of another one, and anything beside an alias.
    pub(in crate::emit) fn add(&mut self, of: [&str; 3], rdata: &str, ttl: u32) {
        let beside = |key: &&Key| (key.0.as_str(), key.1.as_str()) == (of[0], of[1]);
        for other in self.0.keys().filter(beside) {
            assert!(of[2] != "CNAME" && other.2 != "CNAME", "{of:?} beside {other:?}");
        }
        let before = self.rrset(of).insert(rdata.to_owned(), ttl);
        assert_eq!(before, None, "{of:?} has {rdata} already");
    }

    pub(in crate::emit) fn remove(&mut self, of: [&str; 3], rdata: &str) {
        assert!(self.rrset(of).remove(rdata).is_some(), "{of:?} has no {rdata}");
        self.0.retain(|_, records| !records.is_empty());
    }

    pub(in crate::emit) fn retime(&mut self, of: [&str; 3], rdata: &str, ttl: u32) {
        let old = self.rrset(of).insert(rdata.to_owned(), ttl);
        assert!(old.is_some_and(|old| old != ttl), "{of:?} has {rdata} with {old:?}");
    }

    /// TTL and RDATA of the records of an RRset.
    pub(in crate::emit) fn records(&self, [zone, name, rtype]: [&str; 3]) -> BTreeSet<(u32, &str)> {
        let records = self.0.get(&(zone.to_owned(), name.to_owned(), rtype.to_owned()));
        records.into_iter().flatten().map(|(rdata, ttl)| (*ttl, rdata.as_str())).collect()
    }

    /// Servers of which one record differs, each in another way.
    pub(in crate::emit) fn spoiled(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (key, records) in &self.0 {
            for (rdata, ttl) in records {
                let of = [key.0.as_str(), key.1.as_str(), key.2.as_str()];
                let mut gone = self.clone();
                gone.remove(of, rdata);
                let mut slower = self.clone();
                slower.retime(of, rdata, ttl + 1);
                all.extend([gone, slower]);
                let other = match key.2.as_str() {
                    "CNAME" => continue,
                    "SRV" => "9 9 9 other.example.",
                    _ => "192.0.2.99",
                };
                let mut more = self.clone();
                more.add(of, other, *ttl);
                all.push(more);
            }
        }
        all
    }
}

/// That no RRset which stands before and after is ever away, and that addresses are there, and no alias
/// is, as long as SRV records lead to them.
pub(in crate::emit) fn never_away(now: &Server, from: &Server, to: &Server) {
    // One alias cannot come before the other one goes.
    for key in from.0.keys().filter(|key| to.0.contains_key(*key) && key.2 != "CNAME") {
        assert!(now.0.contains_key(key), "{key:?} is away: {now:?}");
    }
    let leads = |server: &Server, name: &str| {
        let all = server.0.iter().filter(|(key, _)| key.2 == "SRV").flat_map(|(_, records)| records.keys());
        all.filter_map(|rdata| rdata.rsplit(' ').next()).any(|target| target == format!("{name}."))
    };
    for key in from.0.keys().chain(to.0.keys()).filter(|key| key.2 != "SRV") {
        let name = format!("{}.{}", key.1, key.0);
        let right = now.0.contains_key(key) != (key.2 == "CNAME");
        assert!(right || !leads(now, &name), "{name} is away or an alias, but an SRV leads to it");
    }
}

fn records(rdata: &[&str]) -> Vec<RecordText> {
    rdata.iter().map(|rdata| RecordText { rdata: (*rdata).to_owned(), pool: None }).collect()
}

/// A change of zone `contoso.com`; no TTL for an RRset that is not there.
pub(in crate::emit) fn change(
    owner: &str,
    rtype: Rtype,
    (ttl_before, before): (Option<u32>, &[&str]),
    (ttl, after): (u32, &[&str]),
) -> RrsetChange {
    RrsetChange {
        zone: String::from("contoso.com"),
        view: View::External,
        owner: owner.to_owned(),
        rtype,
        ttl_before,
        ttl,
        service: None,
        before: records(before),
        after: records(after),
    }
}

/// A plan of changes of `contoso.com`.
pub(in crate::emit) fn of_changes(changes: Vec<RrsetChange>) -> Plan {
    let zone = ZoneChange {
        apex: String::from("contoso.com"),
        view: View::External,
        file: String::from("contoso.com.zone"),
        serial: (1, 2),
        refresh: (14400, 3600),
        negative_ttl: 300,
    };
    Plan {
        goal: Goal::Sync,
        services: BTreeSet::new(),
        changes,
        zones: vec![zone],
        files: Vec::new(),
        warnings: Vec::new(),
        old_findings: 0,
    }
}

fn planned(config: &str, goal: impl Fn(&Deployment) -> Goal) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(config);
    let loaded = load(&workspace::Request { config: Some(path), ..workspace::Request::default() }).unwrap();
    let goal = goal(loaded.deployment().unwrap());
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    plan(&loaded, &Request { goal, services: BTreeSet::new(), now }).unwrap()
}

fn failover(deployment: &Deployment) -> Goal {
    Goal::Failover { down: [deployment.pool_named("edge1").unwrap()].into(), to: None }
}

/// Plans of every kind of change.
pub(in crate::emit) fn plans() -> Vec<Plan> {
    let sip = "_sip._tls.contoso.com";
    let two = ["10 0 443 sip1.contoso.com.", "20 0 443 sip2.contoso.com."];
    let swapped = ["10 0 443 sip2.contoso.com.", "20 0 443 sip1.contoso.com."];
    let all = vec![
        change(sip, Rtype::SRV, (Some(90_061), &two), (300, &swapped)),
        change("_xmpp-server._tcp.contoso.com", Rtype::SRV, (None, &[]), (3600, &["0 0 0 ."])),
        change(
            "_a._tcp.contoso.com",
            Rtype::SRV,
            (Some(300), &["1 2 3 old.contoso.com."]),
            (3600, &["1 2 3 new.contoso.com."]),
        ),
        change("old.contoso.com", Rtype::A, (Some(300), &["192.0.2.1", "192.0.2.2"]), (300, &[])),
        change("new.contoso.com", Rtype::A, (None, &[]), (300, &["198.51.100.1"])),
        change("new.contoso.com", Rtype::AAAA, (None, &[]), (300, &["2001:db8::1", "2001:db8::2"])),
        change(
            "contoso.com",
            Rtype::A,
            (Some(3600), &["192.0.2.1", "192.0.2.2"]),
            (60, &["192.0.2.2", "192.0.2.3"]),
        ),
    ];
    vec![
        of_changes(Vec::new()),
        of_changes(vec![change(sip, Rtype::SRV, (Some(3600), &two), (300, &two))]),
        of_changes(vec![change(sip, Rtype::SRV, (Some(3600), &two), (3600, &swapped))]),
        of_changes(all),
        of_changes(vec![
            change("a.contoso.com", Rtype::CNAME, (Some(300), &["old.example."]), (60, &["new.example."])),
            change("b.contoso.com", Rtype::CNAME, (Some(300), &["b.example."]), (60, &["b.example."])),
        ]),
        planned("zones/zonewright.toml", failover),
        planned("fixtures/swing-a/zonewright.toml", failover),
        planned("fixtures/m365/zonewright.toml", |deployment| Goal::M365 {
            to: Hosting::TeamsOnly(Cloud::Worldwide),
            sip_domains: deployment.sip_domains().iter().map(|domain| domain.name.value.clone()).collect(),
        }),
    ]
}

/// Every plan in both ways, as each server is told.
pub(in crate::emit) fn each(mut check: impl FnMut(&Plan, Way, &Told<'_>)) {
    let mut servers = 0;
    for plan in plans() {
        for way in [Way::Apply, Way::Back] {
            for told in told(&plan, way) {
                servers += 1;
                check(&plan, way, &told);
            }
        }
    }
    assert!(servers >= 10, "{servers} servers are too few to try anything with");
}
