use super::*;
use crate::edge::found;
use crate::text::{Source, Sources};
use crate::zone::build;
use crate::zonefile::include::NoIncludes;
use crate::zonefile::name::Name;
use crate::zonefile::parse::Options;
use CellState as S;
use std::path::Path;
use std::sync::Arc;

/// A pool number `n` with addresses 192.0.2.n0 and 192.0.2.n1, priority n0.
fn pool(n: u8, more: &str) -> String {
    format!(
        "[[edge_pool]]\nid = \"edge{n}\"\nsite = \"hq\"\ninternal_fqdn = \"int{n}.c.net\"\npriority = {n}0\n\
         access = \"sip{n}.c.com\"\nxmpp = \"xmpp{n}.c.com\"\n{more}\n\
         [[edge_pool.server]]\nname = \"a{n}\"\naccess = \"192.0.2.{n}0\"\n\
         [[edge_pool.server]]\nname = \"b{n}\"\naccess = \"192.0.2.{n}1\"\n"
    )
}

/// One SIP domain `c.com`; routes at edge1.
fn config(policy: &str, pools: &[String]) -> String {
    format!(
        "[policy]\n{policy}\n[[sip_domain]]\nname = \"c.com\"\ndefault = true\n\
         [[zone]]\norigin = \"c.com\"\nfile = \"c.com.zone\"\n\
         [[site]]\nid = \"hq\"\nfederation_route = \"edge1\"\nxmpp_route = \"edge1\"\n{}",
        pools.concat()
    )
}

fn two(policy: &str) -> String {
    config(policy, &[pool(1, ""), pool(2, "")])
}

fn three(policy: &str) -> String {
    config(policy, &[pool(1, ""), pool(2, ""), pool(3, "")])
}

const HOSTS: &str = "\
sip1 A 192.0.2.10\nsip1 A 192.0.2.11\nxmpp1 A 192.0.2.10\nxmpp1 A 192.0.2.11\n\
sip2 A 192.0.2.20\nsip2 A 192.0.2.21\nxmpp2 A 192.0.2.20\nxmpp2 A 192.0.2.21\n\
sip3 A 192.0.2.30\nsip3 A 192.0.2.31\nxmpp3 A 192.0.2.30\nxmpp3 A 192.0.2.31\n";

struct World {
    deployment: Deployment,
    coverage: Coverage,
}

impl World {
    /// The external zone `c.com` with these records and [`HOSTS`].
    fn new(toml: &str, records: &str) -> Self {
        Self::bare(toml, &[("c.com", &format!("{records}{HOSTS}"))])
    }

    fn bare(toml: &str, texts: &[(&str, &str)]) -> Self {
        let sources = Arc::new(Sources::default());
        let file = sources.add(Source::text("zonewright.toml", toml));
        let config = crate::config::parse(&sources, file, Path::new("")).unwrap();
        let deployment = config.deployment.unwrap();
        let zones: Vec<Zone> = texts
            .iter()
            .map(|(apex, records)| {
                let text = format!("$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns.c.net.\n{records}");
                let file = sources.add(Source::text("c.com.zone", text));
                let options = Options::new(Name::absolute(apex.as_bytes()).unwrap());
                let (zone, findings) = build(&sources, &NoIncludes, file, &options);
                assert!(findings.iter().all(|finding| finding.rule.0.starts_with("missing")), "{findings:?}");
                zone
            })
            .collect();
        let found: Vec<Vec<Found>> = zones
            .iter()
            .map(|zone| {
                let others: Vec<&Zone> = zones.iter().filter(|other| !std::ptr::eq(*other, zone)).collect();
                found::owners(zone)
                    .iter()
                    .map(|key| found::found(zone, key, &others, Some(&deployment)))
                    .collect::<Vec<_>>()
            })
            .collect();
        let at_hand: Vec<CoverageZone<'_>> = zones
            .iter()
            .zip(&found)
            .map(|(zone, services)| CoverageZone { zone, external: true, services })
            .collect();
        let coverage = coverage(&deployment, &at_hand);
        Self { deployment, coverage }
    }

    fn row(&self, service: Service) -> &Row {
        self.coverage.rows.iter().find(|row| row.service == service).unwrap()
    }

    fn held(&self, service: Service) -> &Held {
        match &self.row(service).body {
            Body::Held(held) => held,
            body => panic!("{body:?}"),
        }
    }

    /// The states of each pool.
    fn states(&self, service: Service) -> Vec<Vec<CellState>> {
        self.held(service).cells.iter().map(|cell| cell.states.clone()).collect()
    }

    fn id(&self, name: &str) -> PoolId {
        self.deployment.pool_named(name).unwrap()
    }

    fn outcome(&self, down: &[&str], service: Service) -> Outcome {
        let down: Vec<PoolId> = down.iter().map(|name| self.id(name)).collect();
        let loss = self.coverage.losses.iter().find(|loss| loss.down == down).unwrap();
        loss.rows.iter().find(|row| row.service == service).unwrap().outcome.clone()
    }

    fn walk(&self, pools: &[&str], dead_targets: usize) -> Walk {
        let pools = pools.iter().map(|name| self.id(name)).collect();
        Walk { reached: Reached { pools, hosts: Vec::new() }, dead_targets }
    }
}

const FED: &str = "_sipfederationtls._tcp";
use Service::{Federation, RemoteAccess, Xmpp};

#[test]
fn records_as_declared_are_ok() {
    let world = World::new(
        &two(""),
        "_sip._tls SRV 20 0 443 sip2\n_sip._tls SRV 10 0 443 sip1\n\
         _sipfederationtls._tcp SRV 10 0 5061 sip1\n_sipfederationtls._tcp SRV 20 0 5061 sip2\n\
         _xmpp-server._tcp SRV 10 0 5269 xmpp1\n_xmpp-server._tcp SRV 20 0 5269 xmpp2\n",
    );
    for service in Service::LYNC {
        assert_eq!(world.states(service), [[S::Ok], [S::Ok]], "{service:?}");
    }
    assert!(world.coverage.is_sound());
    let record = &world.held(RemoteAccess).cells[1].records[0];
    assert_eq!((record.priority, record.port, record.target.as_str()), (20, 443, "sip2.c.com"));
}

#[test]
fn each_fault_has_its_state() {
    let stale = |missing: &[&str], extra: &[&str]| S::StaleAddress {
        missing: missing.iter().map(|text| text.parse().unwrap()).collect(),
        extra: extra.iter().map(|text| text.parse().unwrap()).collect(),
    };
    let port = S::WrongPort { found: 443, expected: 5061 };
    let table: &[(&str, &[CellState])] = &[
        ("", &[S::Missing]),
        ("SRV 20 0 443 sip2", std::slice::from_ref(&port)),
        ("SRV 20 0 5061 gone", &[S::Missing]),
        ("SRV 20 0 5061 sip2.c.com", &[S::TargetUnresolvable]),
        ("SRV 20 0 5061 alias", &[S::TargetAlias { to: Some(String::from("sip2.c.com")) }]),
        ("SRV 20 0 5061 sip2.other.net.", &[S::Missing]),
        ("SRV 20 0 5061 half", &[stale(&["192.0.2.21"], &[])]),
        ("SRV 10 0 5061 sip2", &[S::PriorityClash { with: vec![PoolId(0)] }]),
        ("SRV 10 0 443 sip2", &[port.clone(), S::PriorityClash { with: vec![PoolId(0)] }]),
    ];
    for (second, expected) in table {
        let second = if second.is_empty() { String::new() } else { format!("{FED} {second}\n") };
        let records = format!("{FED} SRV 10 0 5061 sip1\n{second}alias CNAME sip2\nhalf A 192.0.2.20\n");
        let world = World::new(&two(""), &records);
        assert_eq!(world.states(Federation)[1], *expected, "{second}");
        assert!(!world.coverage.is_sound(), "{second}");
    }
}

#[test]
fn a_name_of_a_pool_without_its_addresses() {
    let zone = "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sip2\n\
                sip1 A 192.0.2.10\nsip1 A 192.0.2.11\nsip1 A 192.0.2.99\n";
    let world = World::bare(&two(""), &[("c.com", zone)]);
    let extra =
        S::StaleAddress { missing: BTreeSet::new(), extra: BTreeSet::from(["192.0.2.99".parse().unwrap()]) };
    assert_eq!(world.states(RemoteAccess), [[extra], [S::TargetUnresolvable]]);
}

#[test]
fn targets_outside_the_sip_domain_by_policy() {
    let toml = |policy: &str, more: &str| {
        two(policy).replace("[[zone]]", &format!("[[sip_domain]]\nname = \"d.c.com\"\n{more}\n[[zone]]"))
    };
    let zone = "_sip._tls.d SRV 10 0 443 sip1\n_sip._tls.d SRV 20 0 443 sip2\n_xmpp-server._tcp.d SRV 1 0 5269 xmpp1\n";
    let of = |toml: &str| {
        let world = World::new(toml, zone);
        let states = |service| {
            let row =
                world.coverage.rows.iter().find(|row| row.sip_domain == "d.c.com" && row.service == service);
            match &row.unwrap().body {
                Body::Held(held) => held.cells[0].states.clone(),
                body => panic!("{body:?}"),
            }
        };
        (states(RemoteAccess), states(Xmpp))
    };
    let suffix = toml("target_match = \"suffix\"", "");
    assert_eq!(of(&suffix), (vec![S::Ok], vec![S::Ok]));
    let strict = suffix
        .replace("suffix", "strict")
        .replace("xmpp1.c.com\"", "xmpp1.c.com\"\naliases = { \"d.c.com\" = \"s1.d.c.com\" }")
        .replace("xmpp2.c.com\"", "xmpp2.c.com\"\naliases = { \"d.c.com\" = \"s2.d.c.com\" }");
    assert_eq!(of(&strict), (vec![S::TargetOutsideDomain], vec![S::Ok]));
    assert_eq!(of(&strict.replace("strict", "off")).0, [S::Ok]);
}

#[test]
fn pools_that_do_not_offer_the_service() {
    let toml = config("", &[pool(1, ""), pool(2, "services = [\"remote-access\", \"xmpp\"]")]);
    let world = World::new(&toml, &format!("{FED} SRV 10 0 5061 sip1\n"));
    assert_eq!(world.states(Federation), [[S::Ok], [S::NotEnabled]]);
    assert!(world.row(Federation).is_sound());
    assert_eq!(world.outcome(&["edge1"], Federation), Outcome::Lost);

    let world = World::new(&toml, &format!("{FED} SRV 10 0 5061 sip1\n{FED} SRV 20 0 5061 sip2\n"));
    assert_eq!(world.states(Federation), [[S::Ok], [S::NotEnabled]]);
    assert!(!world.row(Federation).is_sound(), "a record leads to a pool that does not answer");
    assert_eq!(world.outcome(&["edge1"], Federation), Outcome::Lost);
}

#[test]
fn rows_that_are_off_or_in_no_zone() {
    let off = two("").replace("default = true", "default = true\nxmpp = false");
    assert!(matches!(World::new(&off, "").row(Xmpp).body, Body::Off));
    let world = World::bare(&two(""), &[("d.com", "")]);
    assert!(matches!(world.row(Xmpp).body, Body::NoZone));
    assert!(!world.coverage.is_sound());
    assert!(world.coverage.losses.iter().all(|loss| loss.rows.is_empty()));
    let world = World::new(&two(""), "_tcp NS ns.c.net.\n");
    assert!(matches!(world.row(Xmpp).body, Body::NoZone), "delegated");
    assert!(matches!(world.row(RemoteAccess).body, Body::Held(_)));
}

#[test]
fn an_aliased_owner_is_followed() {
    let world =
        World::new(&two(""), "_sip._tls CNAME edges\nedges SRV 10 0 443 sip1\nedges SRV 20 0 443 sip2\n");
    let pools: Vec<usize> = world.held(RemoteAccess).cells.iter().map(|cell| cell.records.len()).collect();
    assert_eq!(pools, [1, 1]);
}

#[test]
fn extra_targets() {
    let world = World::new(
        &two(""),
        "_sip._tls SRV 5 0 443 www\nwww A 203.0.113.1\n_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sip2\n",
    );
    let extra: Vec<&str> =
        world.held(RemoteAccess).extra.iter().map(|record| record.target.as_str()).collect();
    assert_eq!(extra, ["www.c.com"]);
    assert_eq!(world.states(RemoteAccess), [[S::Ok], [S::Ok]]);
    assert!(!world.row(RemoteAccess).is_sound());
    let reached = Reached { pools: Vec::new(), hosts: vec![String::from("www.c.com")] };
    assert_eq!(
        world.outcome(&["edge1"], RemoteAccess),
        Outcome::Unchanged(Walk { reached, dead_targets: 0 })
    );
}

#[test]
fn one_pool_policies() {
    let single = two("federation = \"single-active\"\nremote_access = \"single\"");
    let world = World::new(&single, &format!("{FED} SRV 10 0 5061 sip2\n_sip._tls SRV 0 0 443 sip1\n"));
    assert_eq!(world.states(Federation), [[S::Standby], [S::Ok]]);
    assert_eq!(world.states(RemoteAccess), [[S::Ok], [S::Standby]]);
    assert!(world.row(Federation).is_sound());
    let up = vec![world.id("edge2")];
    assert_eq!(
        world.outcome(&["edge1"], RemoteAccess),
        Outcome::NeedsPlan { reason: Reason::NoRecord { pools: up }, walk: None }
    );

    let world = World::new(&single, &format!("{FED} SRV 10 0 5061 sip2\n{FED} SRV 20 0 5061 sip1\n"));
    assert_eq!(world.states(Federation), [[S::UnwantedRecord], [S::Ok]]);
    assert_eq!(world.states(RemoteAccess), [[S::Missing], [S::Standby]]);
}

#[test]
fn an_address_that_moves() {
    let swing = two("xmpp = \"swing-a\"");
    let of = |addresses: &str| {
        World::new(&swing, &format!("_xmpp-server._tcp SRV 0 0 5269 xmpp\n{addresses}")).states(Xmpp)
    };
    assert_eq!(of("xmpp A 192.0.2.10\nxmpp A 192.0.2.11\n"), [[S::Ok], [S::Standby]]);
    assert_eq!(of("xmpp A 192.0.2.20\nxmpp A 192.0.2.21\n"), [[S::Standby], [S::Ok]]);
    assert_eq!(of(""), [[S::TargetUnresolvable], [S::Standby]]);
    let mixed = of("xmpp A 192.0.2.10\nxmpp A 192.0.2.21\n");
    assert!(mixed.iter().all(|states| matches!(states[..], [S::StaleAddress { .. }])), "{mixed:?}");
    let none = World::new(&swing, "_xmpp-server._tcp SRV 0 0 5269 xmpp2\n").states(Xmpp);
    assert_eq!(none, [vec![S::Missing], vec![S::UnwantedRecord]]);

    let world =
        World::new(&swing, "_xmpp-server._tcp SRV 0 0 5269 xmpp\nxmpp A 192.0.2.10\nxmpp A 192.0.2.11\n");
    let reason = Reason::Route { pool: world.id("edge1") };
    assert_eq!(world.outcome(&["edge1"], Xmpp), Outcome::NeedsPlan { reason, walk: None });
    assert_eq!(world.outcome(&["edge2"], Xmpp), Outcome::Unchanged(world.walk(&["edge1"], 0)));
}

#[test]
fn a_name_that_pools_share() {
    let toml = three("federation = \"geo-dns\"")
        + "[[geo_name]]\nname = \"fed.c.com\"\npools = [\"edge1\", \"edge2\", \"edge3\"]\n";
    let world = World::new(&toml, &format!("{FED} SRV 0 0 5061 fed\nfed NS gtm.c.net.\n"));
    assert_eq!(world.states(Federation), [[S::Ok], [S::Ok], [S::Ok]]);
    assert_eq!(world.outcome(&["edge2"], Federation), Outcome::FailsOver(world.walk(&["edge1", "edge3"], 0)));
    let route = Reason::Route { pool: world.id("edge1") };
    assert_eq!(
        world.outcome(&["edge1", "edge2"], Federation),
        Outcome::NeedsPlan { reason: route, walk: Some(world.walk(&["edge3"], 0)) },
        "what goes out leaves by the route"
    );
    let world = World::new(&toml, &format!("{FED} SRV 0 0 5061 sip1\n"));
    assert_eq!(
        world.states(Federation),
        [vec![S::Missing, S::UnwantedRecord], vec![S::Missing], vec![S::Missing]]
    );
}

#[test]
fn losses_by_service() {
    let world = World::new(
        &three(""),
        "_sip._tls SRV 10 0 443 sip1\n_sip._tls SRV 20 0 443 sip2\n_sip._tls SRV 30 0 443 sip3\n\
         _sipfederationtls._tcp SRV 10 0 5061 sip1\n_sipfederationtls._tcp SRV 20 0 5061 sip2\n\
         _sipfederationtls._tcp SRV 30 0 5061 sip3\n\
         _xmpp-server._tcp SRV 10 0 5269 xmpp1\n_xmpp-server._tcp SRV 20 0 5269 xmpp2\n",
    );
    let sets: Vec<usize> = world.coverage.losses.iter().map(|loss| loss.down.len()).collect();
    assert_eq!(sets, [1, 1, 1, 2, 2, 2]);
    let (one, two, three) = (["edge1"], ["edge1", "edge2"], ["edge2", "edge3"]);
    let to = |pools: &[&str], dead| world.walk(pools, dead);
    assert_eq!(world.outcome(&one, RemoteAccess), Outcome::FailsOver(to(&["edge2"], 1)));
    assert_eq!(world.outcome(&two, RemoteAccess), Outcome::FailsOver(to(&["edge3"], 2)));
    assert_eq!(world.outcome(&three, RemoteAccess), Outcome::Unchanged(to(&["edge1"], 0)));
    let edge1 = world.id("edge1");
    let lowest = Reason::LowestPriority { target: String::from("sip1.c.com"), pools: vec![edge1] };
    assert_eq!(
        world.outcome(&two, Federation),
        Outcome::NeedsPlan { reason: lowest, walk: Some(to(&["edge3"], 2)) }
    );
    assert_eq!(world.outcome(&three, Federation), Outcome::Unchanged(to(&["edge1"], 0)));
    let route = Reason::Route { pool: edge1 };
    assert_eq!(
        world.outcome(&one, Xmpp),
        Outcome::NeedsPlan { reason: route.clone(), walk: Some(to(&["edge2"], 1)) }
    );
    assert_eq!(world.outcome(&two, Xmpp), Outcome::NeedsPlan { reason: route, walk: None });
    assert_eq!(world.outcome(&three, Xmpp), Outcome::Unchanged(to(&["edge1"], 0)));
}

#[test]
fn records_that_do_not_work_are_dead_whatever_is_up() {
    let world = World::new(&two(""), "_sip._tls SRV 10 0 80 sip1\n_sip._tls SRV 20 0 443 sip2\n");
    assert_eq!(
        world.outcome(&["edge1"], RemoteAccess),
        Outcome::Unchanged(world.walk(&["edge2"], 1)),
        "nobody reached edge1 before"
    );
    let up = vec![world.id("edge1")];
    assert_eq!(
        world.outcome(&["edge2"], RemoteAccess),
        Outcome::NeedsPlan { reason: Reason::NoRecord { pools: up }, walk: None }
    );
}

#[test]
fn an_edge_takes_the_highest_weight_of_the_lowest_priority() {
    let toml = two("federation = \"multi-federated\"");
    let world = World::new(&toml, &format!("{FED} SRV 10 5 5061 sip2\n{FED} SRV 10 50 5061 sip1\n"));
    assert_eq!(world.states(Federation), [[S::Ok], [S::Ok]], "any priority will do");
    assert_eq!(world.outcome(&["edge2"], Federation), Outcome::Unchanged(world.walk(&["edge1"], 0)));
    let tie = World::new(&toml, &format!("{FED} SRV 10 5 5061 sip2\n{FED} SRV 10 5 5061 sip1\n"));
    let outcome = tie.outcome(&["edge2"], Federation);
    let reason = Reason::LowestPriority { target: String::from("sip2.c.com"), pools: vec![tie.id("edge2")] };
    assert_eq!(outcome, Outcome::NeedsPlan { reason, walk: Some(tie.walk(&["edge1"], 1)) });
}
