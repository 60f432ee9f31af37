//! For generated deployments in any layout of text: what a failover plan does, failback undoes.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright::config::View;
use zonewright::edge::coverage::{CoverageZone, Outcome, coverage};
use zonewright::edge::simulation::{Answerer, Row, Way, simulate};
use zonewright::edge::{Deployment, PoolId, ServerId, Service, State};
use zonewright::edit::serial;
use zonewright::lint::{Levels, lint};
use zonewright::plan::stages::{Purpose, staged};
use zonewright::plan::timing::Assumptions;
use zonewright::plan::{Goal, Plan, PlanError, Request, ZoneChange, back, config_edits, plan, zones_back};
use zonewright::workspace::{self, Loaded};

/// A small generator of numbers, so that a failing case is named by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.roll(at + 1));
        }
    }
}

struct Pool {
    servers: usize,
    v6: bool,
    ports: [u16; 3],
    services: [bool; 3],
}

struct Company {
    dice: Dice,
    pools: Vec<Pool>,
    domains: Vec<String>,
    federation: &'static str,
    remote: &'static str,
    xmpp: &'static str,
    /// Whether the first domain has an internal copy, and the machines a zone of their own.
    inside: bool,
}

impl Company {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..5 {
            dice.roll(2);
        }
        let pools = (0..=dice.roll(4))
            .map(|_| Pool {
                servers: 1 + dice.roll(3),
                v6: dice.chance(25),
                ports: [*dice.pick(&[443, 443, 5061]), 5061, *dice.pick(&[5269, 5269, 5270])],
                services: [true, true, true].map(|on: bool| on && !dice.chance(10)),
            })
            .collect();
        let domains = (0..=dice.roll(4)).map(|number| format!("d{number}.test")).collect();
        let federation =
            *dice.pick(&["srv-priority", "srv-priority", "single-active", "geo-dns", "multi-federated"]);
        let remote = *dice.pick(&["srv-priority", "srv-priority", "single"]);
        let xmpp = *dice.pick(&["prestaged", "swing-a"]);
        let inside = dice.chance(30);
        let mut company = Self { dice, pools, domains, federation, remote, xmpp, inside };
        // A service that nobody offers would make the deployment itself wrong.
        for service in 0..3 {
            if company.pools.iter().all(|pool| !pool.services[service]) {
                company.pools[0].services[service] = true;
            }
        }
        if company.with(1).len() < 2 && company.federation == "geo-dns" {
            company.federation = "srv-priority";
        }
        company
    }

    fn with(&self, service: usize) -> Vec<usize> {
        (0..self.pools.len()).filter(|pool| self.pools[*pool].services[service]).collect()
    }

    fn addresses(&self, pool: usize) -> Vec<String> {
        let servers = 1..=self.pools[pool].servers;
        let mut all: Vec<String> =
            servers.clone().map(|server| format!("192.0.2.{}", pool * 20 + server)).collect();
        if self.pools[pool].v6 {
            all.extend(servers.map(|server| format!("2001:db8:{pool}::{server}")));
        }
        all
    }

    fn toml(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "[policy]\nfederation = \"{}\"\nremote_access = \"{}\"\nxmpp = \"{}\"",
            self.federation, self.remote, self.xmpp
        );
        for domain in &self.domains {
            let _ = writeln!(text, "[[sip_domain]]\nname = \"{domain}\"");
            let _ = writeln!(text, "[[zone]]\norigin = \"{domain}\"\nfile = \"{domain}.zone\"");
        }
        if self.inside {
            for (origin, file) in [(self.domains[0].as_str(), "inside"), ("internal.test", "machines")] {
                let _ = writeln!(
                    text,
                    "[[zone]]\norigin = \"{origin}\"\nfile = \"{file}.zone\"\nview = \"internal\""
                );
            }
        }
        let (federation, xmpp) = (self.with(1)[0], self.with(2)[0]);
        let _ = writeln!(
            text,
            "[[site]]\nid = \"s\"\nfederation_route = \"p{federation}\"\nxmpp_route = \"p{xmpp}\""
        );
        if self.federation == "geo-dns" {
            for domain in &self.domains {
                let pools: Vec<String> = self.with(1).iter().map(|pool| format!("\"p{pool}\"")).collect();
                let _ =
                    writeln!(text, "[[geo_name]]\nname = \"gtm.{domain}\"\npools = [{}]", pools.join(", "));
            }
        }
        for (number, pool) in self.pools.iter().enumerate() {
            let words = ["remote-access", "federation", "xmpp"];
            let services: Vec<String> = (0..3)
                .filter(|service| pool.services[*service])
                .map(|service| format!("\"{}\"", words[service]))
                .collect();
            let main = &self.domains[0];
            let _ = writeln!(
                text,
                "[[edge_pool]]\nid = \"p{number}\"\nsite = \"s\"\ninternal_fqdn = \"p{number}.internal.test\"\n\
                 access = \"sip{number}.{main}\"\nxmpp = \"xmpp{number}.{main}\"\nservices = [{}]\npriority = {}\n\
                 ports = {{ client = {}, federation = {}, xmpp = {} }}",
                services.join(", "),
                (number + 1) * 10,
                pool.ports[0],
                pool.ports[1],
                pool.ports[2]
            );
            if self.domains.len() > 1 {
                let _ = writeln!(text, "[edge_pool.aliases]");
                for domain in &self.domains[1..] {
                    let _ = writeln!(
                        text,
                        "\"{domain}\" = {{ access = \"sip{number}.{domain}\", xmpp = \"xmpp{number}.{domain}\" }}"
                    );
                }
            }
            for server in 1..=pool.servers {
                let six = if pool.v6 { format!(", \"2001:db8:{number}::{server}\"") } else { String::new() };
                let _ = writeln!(
                    text,
                    "[[edge_pool.server]]\nname = \"p{number}s{server}\"\naccess = [\"192.0.2.{}\"{six}]\ninternal = \"10.0.{number}.{server}\"",
                    number * 20 + server
                );
            }
        }
        text
    }

    /// Owner relative to the domain, type, RDATA fields; names in RDATA relative to the domain.
    fn records(&self) -> Vec<(String, &'static str, Vec<String>)> {
        let mut records = Vec::new();
        let mut addresses = |owner: String, pool: usize| {
            for address in self.addresses(pool) {
                let rtype = if address.contains(':') { "AAAA" } else { "A" };
                records.push((owner.clone(), rtype, vec![address]));
            }
        };
        for pool in 0..self.pools.len() {
            addresses(format!("sip{pool}"), pool);
            if self.xmpp == "prestaged" && self.pools[pool].services[2] {
                addresses(format!("xmpp{pool}"), pool);
            }
        }
        if self.xmpp == "swing-a" {
            addresses(String::from("xmpp"), self.with(2)[0]);
        }
        if self.federation == "geo-dns" {
            for pool in self.with(1) {
                addresses(String::from("gtm"), pool);
            }
        }
        let prefixes = ["_sip._tls", "_sipfederationtls._tcp", "_xmpp-server._tcp"];
        for (service, prefix) in prefixes.into_iter().enumerate() {
            let mut pools = self.with(service);
            let mut name = if service == 2 { "xmpp" } else { "sip" };
            let shared = match service {
                0 if self.remote == "single" => {
                    pools.truncate(1);
                    false
                }
                1 if self.federation == "single-active" => {
                    pools.truncate(1);
                    false
                }
                1 if self.federation == "geo-dns" => {
                    pools.truncate(1);
                    name = "gtm";
                    true
                }
                2 if self.xmpp == "swing-a" => {
                    pools.truncate(1);
                    true
                }
                _ => false,
            };
            for pool in pools {
                let target = if shared { name.to_owned() } else { format!("{name}{pool}") };
                let priority = (pool + 1) * 10;
                let port = self.pools[pool].ports[service];
                records.push((
                    prefix.to_owned(),
                    "SRV",
                    vec![priority.to_string(), String::from("0"), port.to_string(), target],
                ));
            }
        }
        for number in 0..self.pools.len() {
            records.push((format!("host{number}"), "A", vec![format!("203.0.113.{}", number + 10)]));
            records.push((format!("host{number}"), "TXT", vec![String::from("\"a ; (b)\"")]));
        }
        records
    }

    /// What the internal copy of the first domain has of them.
    fn records_inside(&self) -> Vec<(String, &'static str, Vec<String>)> {
        let kept = |owner: &str| {
            ["_sipfederationtls", "sip", "gtm", "host"].iter().any(|start| owner.starts_with(start))
        };
        self.records().into_iter().filter(|(owner, ..)| kept(owner)).collect()
    }

    fn machines(&self) -> Vec<(String, &'static str, Vec<String>)> {
        let mut records = Vec::new();
        for (number, pool) in self.pools.iter().enumerate() {
            for server in 1..=pool.servers {
                let address = format!("10.0.{number}.{server}");
                records.push((format!("p{number}"), "A", vec![address.clone()]));
                records.push((format!("p{number}s{server}"), "A", vec![address]));
            }
        }
        records
    }

    /// Every zone: its file and its text.
    fn zones(&mut self) -> Vec<(String, String)> {
        let mut zones = Vec::new();
        for domain in self.domains.clone() {
            let records = self.records();
            zones.push((format!("{domain}.zone"), self.zone(&domain, records)));
        }
        if self.inside {
            let (copy, machines, domain) = (self.records_inside(), self.machines(), self.domains[0].clone());
            zones.push((String::from("inside.zone"), self.zone(&domain, copy)));
            zones.push((String::from("machines.zone"), self.zone("internal.test", machines)));
        }
        zones
    }

    fn zone(&mut self, domain: &str, mut records: Vec<(String, &'static str, Vec<String>)>) -> String {
        if self.dice.chance(70) {
            self.dice.shuffle(&mut records);
        }
        let serial = *self.dice.pick(&["1", "2026010100", "4294967295", "2030010199", "77"]);
        let mut text = format!("; zone {domain}\n$ORIGIN {domain}.\n");
        let default_ttl = self.dice.chance(80);
        if default_ttl {
            text.push_str("$TTL 1h\n");
        }
        let _ = writeln!(
            text,
            "@ 3600 IN SOA ns1.{domain}. host.{domain}. (\n   {serial} ; serial\n 4h 1h 2w 5m )"
        );
        text.push_str("@ 3600 NS ns1\n@ 3600 NS ns2\n@ 3600 A 203.0.113.1\nns1 3600 A 203.0.113.2\nns2 3600 A 198.51.100.2\n");
        let mut previous = String::from("ns2");
        let mut origin = domain.to_owned();
        for (owner, rtype, fields) in records {
            if self.dice.chance(8) {
                origin = if self.dice.chance(50) { domain.to_owned() } else { format!("sub.{domain}") };
                let _ = writeln!(text, "$ORIGIN {origin}.");
                previous.clear();
            }
            if self.dice.chance(10) {
                text.push_str("; a comment (with \"specials\"\n\n");
            }
            let written = if previous == owner && self.dice.chance(60) {
                " ".repeat(*self.dice.pick(&[0, 0, 12, 20]))
            } else {
                self.name(&owner, domain, &origin)
            };
            previous.clone_from(&owner);
            let gap = *self.dice.pick(&[" ", "\t", "    ", " \t "]);
            let ttl = if self.dice.chance(if default_ttl { 40 } else { 70 }) {
                *self.dice.pick(&["3600", "1h", "60m"])
            } else {
                ""
            };
            let class = *self.dice.pick(&["", "IN", "in"]);
            let (first, second) = if self.dice.chance(70) { (ttl, class) } else { (class, ttl) };
            let mut line = written;
            for part in [first, second, rtype] {
                if !part.is_empty() {
                    line.push_str(gap);
                    line.push_str(part);
                }
            }
            let fields: Vec<String> = if rtype == "SRV" {
                let mut fields = fields;
                for field in &mut fields[..3] {
                    if self.dice.chance(4) {
                        *field = format!("0{field}");
                    }
                }
                fields[3] = self.name(&fields[3], domain, &origin);
                if self.dice.chance(4) {
                    fields[3] = fields[3].to_uppercase();
                }
                fields
            } else {
                fields
            };
            if self.dice.chance(10) {
                line.push_str(" ( ; opened\n");
                for field in &fields {
                    let _ = writeln!(line, "   {field} ; field");
                }
                line.push(')');
            } else {
                for field in &fields {
                    line.push_str(gap);
                    line.push_str(field);
                }
            }
            if self.dice.chance(20) {
                line.push_str("  ; note");
            }
            text.push_str(&line);
            text.push('\n');
        }
        if self.dice.chance(15) {
            text = text.replace('\n', "\r\n");
        }
        if self.dice.chance(15) {
            text.truncate(text.trim_end().len());
        }
        text
    }

    /// A name of the domain as it may be written under the origin in force.
    fn name(&mut self, name: &str, domain: &str, origin: &str) -> String {
        let shown = if self.dice.chance(5) { name.to_uppercase() } else { name.to_owned() };
        if origin == domain && self.dice.chance(70) { shown } else { format!("{shown}.{domain}.") }
    }
}

fn load(folder: &Path) -> Loaded {
    let request =
        workspace::Request { config: Some(folder.join("zonewright.toml")), ..workspace::Request::default() };
    match workspace::load(&request) {
        Ok(loaded) => loaded,
        Err(workspace::LoadError::Config(_, findings)) => {
            panic!("{:?}", findings.iter().map(|finding| &finding.message).collect::<Vec<_>>())
        }
        Err(error) => panic!("{error}"),
    }
}

fn errors(loaded: &Loaded) -> Vec<String> {
    let mut copy = loaded.with_changes(&BTreeMap::new());
    let parsed = copy.take_findings();
    let contexts = copy.contexts();
    let report = lint(&contexts, parsed, copy.deployment(), &Levels::new());
    report
        .findings
        .into_iter()
        .filter(|finding| finding.severity == zonewright::diagnostic::Severity::Error)
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

/// The files with every SOA serial replaced by a word, and the serials.
fn without_serials(loaded: &Loaded) -> (BTreeMap<PathBuf, Vec<u8>>, Vec<u32>) {
    let mut texts = BTreeMap::new();
    let mut serials = Vec::new();
    for zone in &loaded.zones {
        let soa = zone.zone.soa().expect("a SOA record");
        let source = loaded.sources.get(soa.span.file);
        let span = soa.field(2);
        let mut text = source.slice(0, span.start).to_vec();
        text.extend_from_slice(b"SERIAL");
        text.extend_from_slice(&source.slice(span.end(), u64::MAX));
        texts.insert(source.path().expect("a file").to_owned(), text);
        let octets = &soa.wire[soa.wire.len() - 20..soa.wire.len() - 16];
        serials.push(u32::from_be_bytes(octets.try_into().expect("four octets")));
    }
    (texts, serials)
}

fn make(loaded: &Loaded, goal: Goal) -> Result<Plan, PlanError> {
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    plan(loaded, &Request { goal, services: BTreeSet::new(), now })
}

fn applied(loaded: &Loaded, plan: &Plan) -> Loaded {
    loaded.with_changes(&plan.files.iter().map(|file| (file.path.clone(), file.new.clone())).collect())
}

/// A generated deployment and its zones on the disk.
fn generated(seed: u64) -> (Company, tempfile::TempDir, Loaded) {
    let mut company = Company::new(seed);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("zonewright.toml"), company.toml()).expect("written");
    for (file, text) in company.zones() {
        std::fs::write(folder.path().join(file), text).expect("written");
    }
    let start = load(folder.path());
    assert_eq!(errors(&start), Vec::<String>::new(), "seed {seed}: the generated zones are clean");
    (company, folder, start)
}

fn check(seed: u64) {
    let (_, _folder, start) = generated(seed);
    for goal in [Goal::Sync, Goal::Failback { pools: BTreeSet::new() }] {
        let word = goal.word();
        let plan = make(&start, goal).unwrap_or_else(|error| panic!("seed {seed}: {word}: {error}"));
        assert!(plan.is_empty(), "seed {seed}: {word}:\n{}", String::from_utf8_lossy(&plan.patch()));
    }
    let deployment = start.deployment().expect("a deployment");
    let pools: Vec<_> = deployment.pools().iter().map(|pool| pool.id).collect();
    let (original, serials) = without_serials(&start);
    for set in 1..(1_u32 << pools.len()) - 1 {
        let down: BTreeSet<_> = pools
            .iter()
            .copied()
            .enumerate()
            .filter(|(at, _)| set >> at & 1 == 1)
            .map(|(_, pool)| pool)
            .collect();
        let lost = Service::LYNC.iter().any(|service| {
            let offering = deployment.pools_with(*service);
            !offering.is_empty() && offering.iter().all(|pool| down.contains(pool))
        });
        let goal = Goal::Failover { down: down.clone(), to: None };
        let there = match make(&start, goal) {
            Err(PlanError::AllLost { .. }) if lost => continue,
            Err(error) => panic!("seed {seed}, down {set:b}: {error}"),
            Ok(_) if lost => panic!("seed {seed}, down {set:b}: a plan though every pool is lost"),
            Ok(plan) => plan,
        };
        let moved = applied(&start, &there);
        assert_eq!(errors(&moved), Vec::<String>::new(), "seed {seed}, down {set:b}");
        // Some of them, for it takes as long as all the rest.
        if seed.is_multiple_of(3) && u64::from(set) % 4 == seed % 4 {
            stages(&start, Goal::Failover { down: down.clone(), to: None }, seed);
            stages(&moved, Goal::Failback { pools: down.clone() }, seed);
        }
        first_is_up(&moved, &down, seed);
        everybody_is_served(&start, &moved, &down, seed);
        worse(&moved, &down, &pools, &original, seed);
        taken_back(&start, &there, &moved, seed);
        let back = make(&moved, Goal::Failback { pools: down })
            .unwrap_or_else(|error| panic!("seed {seed}, back from {set:b}: {error}"));
        let restored = applied(&moved, &back);
        let (text, raised) = without_serials(&restored);
        for (path, original) in &original {
            assert_eq!(
                String::from_utf8_lossy(&text[path]),
                String::from_utf8_lossy(original),
                "seed {seed}, down {set:b}: {}",
                path.display()
            );
        }
        for ((old, new), zone) in serials.iter().zip(&raised).zip(&start.zones) {
            let same =
                |change: &ZoneChange| change.apex == zone.zone.apex().to_string() && change.view == zone.view;
            let touched = there.zones.iter().any(same);
            assert_eq!(serial::newer(*new, *old), touched, "seed {seed}: serial {old} -> {new}");
        }
    }
}

/// The way back of a plan gives the old octets but for serials, which are newer than the plan's.
fn taken_back(start: &Loaded, there: &Plan, moved: &Loaded, seed: u64) {
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    let files = back(start, there, now).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert_eq!(files.len(), there.files.len(), "seed {seed}");
    for (file, forth) in files.iter().zip(&there.files) {
        assert_eq!((&file.path, &file.old), (&forth.path, &forth.new), "seed {seed}");
        assert_ne!(file.new, forth.old, "seed {seed}: the old serial came again");
    }
    let restored = moved.with_changes(&files.into_iter().map(|file| (file.path, file.new)).collect());
    let (original, _) = without_serials(start);
    let (text, serials) = without_serials(&restored);
    assert_eq!(text, original, "seed {seed}");
    let (_, of_plan) = without_serials(moved);
    for ((zone, back), plan) in restored.zones.iter().zip(serials).zip(of_plan) {
        let apex = zone.zone.apex().to_string();
        let raised =
            zones_back(there, now).into_iter().find(|change| change.apex == apex && change.view == zone.view);
        match raised {
            Some(change) => {
                assert_eq!(change.serial, (plan, back), "seed {seed}: {apex}");
                assert!(serial::newer(back, plan), "seed {seed}: {apex}: {plan} -> {back}");
            }
            None => assert_eq!(back, plan, "seed {seed}: {apex}"),
        }
    }
}

/// A further pool is lost after the first failover; failback restores the first text all the same.
fn worse(
    moved: &Loaded,
    down: &BTreeSet<zonewright::edge::PoolId>,
    pools: &[zonewright::edge::PoolId],
    original: &BTreeMap<PathBuf, Vec<u8>>,
    seed: u64,
) {
    let Some(next) = pools.iter().find(|pool| !down.contains(pool)) else { return };
    let mut all = down.clone();
    all.insert(*next);
    let Ok(plan) = make(moved, Goal::Failover { down: all.clone(), to: None }) else { return };
    let worse = applied(moved, &plan);
    first_is_up(&worse, &all, seed);
    let back = make(&worse, Goal::Failback { pools: all })
        .unwrap_or_else(|error| panic!("seed {seed}, back from a second loss: {error}"));
    let (text, _) = without_serials(&applied(&worse, &back));
    for (path, original) in original {
        assert_eq!(
            String::from_utf8_lossy(&text[path]),
            String::from_utf8_lossy(original),
            "seed {seed}: after a second loss: {}",
            path.display()
        );
    }
}

/// Every stage is clean, can be undone, and all together are the plan without stages.
fn stages(start: &Loaded, goal: Goal, seed: u64) {
    let now = "2026-11-21T00:00:00Z".parse().expect("a moment");
    let request = Request { goal, services: BTreeSet::new(), now };
    let staged = staged(start, &request, &Assumptions::default(), None)
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let mut state = start.with_changes(&BTreeMap::new());
    for stage in &staged.stages {
        let what = format!("seed {seed}: {}", stage.purpose.title());
        let next = applied(&state, &stage.plan);
        assert_eq!(errors(&next), Vec::<String>::new(), "{what}");
        let back = applied(&next, &stage.back);
        let ((before, old), (_, new), (undone, last)) =
            (without_serials(&state), without_serials(&next), without_serials(&back));
        assert_eq!(undone, before, "{what}: the way back");
        if let Some(home) = &stage.home {
            let home = without_serials(&applied(&next, home)).0;
            assert_eq!(home, without_serials(start).0, "{what}: all the way back");
        }
        for (place, zone) in state.zones.iter().enumerate() {
            let apex = zone.zone.apex().to_string();
            let is_it = |change: &ZoneChange| change.apex == apex && change.view == zone.view;
            let touched = stage.plan.zones.iter().any(is_it);
            assert_eq!(serial::newer(new[place], old[place]), touched, "{what}: {apex}");
            assert_eq!(serial::newer(last[place], new[place]), touched, "{what}: back: {apex}");
        }
        if stage.purpose != Purpose::Restore {
            for change in &staged.direct.changes {
                let is_it = |zone: &&zonewright::workspace::LoadedZone| {
                    zone.zone.apex().to_string() == change.zone && zone.view == change.view
                };
                let zone = next.zones.iter().find(is_it);
                let zone = &zone.expect("the zone").zone;
                let key = zone.key(change.owner.as_bytes()).expect("in the zone");
                let long = zone.rrset(key, change.rtype).iter().filter(|rec| rec.ttl > 300).count();
                assert_eq!(long, 0, "{what}: {} {}", change.owner, change.rtype);
            }
        }
        state = next;
    }
    assert_eq!(
        without_serials(&state).0,
        without_serials(&applied(start, &staged.direct)).0,
        "seed {seed}: all stages together"
    );
    assert_eq!(staged.stages.is_empty(), staged.direct.is_empty(), "seed {seed}");
}

/// Nobody who takes the lowest priority first meets a pool that is down.
fn first_is_up(loaded: &Loaded, down: &BTreeSet<zonewright::edge::PoolId>, seed: u64) {
    let deployment = loaded.deployment().expect("a deployment");
    for context in loaded.contexts() {
        for found in context.services.iter().filter(|found| found.service.is_some()) {
            let Some(first) = found.records.iter().min_by_key(|found| found.srv.priority) else { continue };
            let dead: BTreeSet<_> = down
                .iter()
                .flat_map(|pool| deployment.addresses(*pool, zonewright::edge::AddressKind::Access))
                .collect();
            let addresses = first.addresses();
            assert!(!addresses.is_empty(), "seed {seed}: {} leads nowhere", found.owner);
            let shared = !deployment.shared_name(&first.srv.target.absolute).is_empty();
            assert!(
                shared || addresses.is_disjoint(&dead),
                "seed {seed}: {} still leads to a pool that is down",
                found.owner
            );
        }
    }
}

/// What callers meet while pools are down; `planned`: the routes are moved too.
fn simulated(loaded: &Loaded, down: &BTreeSet<PoolId>, planned: bool) -> Vec<Row> {
    let deployment = loaded.deployment().expect("a deployment");
    let contexts = loaded.contexts();
    let zones: Vec<CoverageZone<'_>> = contexts
        .iter()
        .map(|context| CoverageZone {
            zone: context.zone,
            external: context.view == View::External,
            services: &context.services,
        })
        .collect();
    let state = State::down(down.iter().copied());
    let route = |service| {
        let declared = deployment.route(service)?;
        if planned { state.active(deployment, service) } else { Some(declared) }
    };
    simulate(deployment, &coverage(deployment, &zones), down, route)
}

/// Before the loss and after the plan every caller is answered at once, by a pool that is up; between
/// them what a walk through the records says and what the probabilities say is the same.
fn everybody_is_served(start: &Loaded, moved: &Loaded, down: &BTreeSet<PoolId>, seed: u64) {
    let nothing = BTreeSet::new();
    for (rows, down) in [(simulated(start, &nothing, false), &nothing), (simulated(moved, down, true), down)]
    {
        for row in rows {
            let what = format!("seed {seed}, down {down:?}: {row:?}");
            assert!(row.is_served(), "{what}");
            for callers in &row.met.as_ref().expect("a zone holds it").callers {
                assert!(callers.unanswered == 0.0 && callers.dead.most == 0, "{what}");
                let up = |(who, _): &(Answerer, f64)| match who {
                    Answerer::Pools(pools) => pools.iter().all(|pool| !down.contains(pool)),
                    Answerer::Host(_) => false,
                };
                assert!(callers.answers.iter().all(up), "{what}");
            }
        }
    }
    for row in simulated(start, down, false) {
        let what = format!("seed {seed}, down {down:?}: {row:?}");
        let met = row.met.as_ref().expect("a zone holds it");
        let callers = met.callers.iter().find(|callers| callers.way == Way::Rfc2782).expect("such callers");
        let walk = match &met.outcome {
            Outcome::Unchanged(walk) | Outcome::FailsOver(walk) => Some(walk),
            Outcome::NeedsPlan { walk, .. } => walk.as_ref(),
            Outcome::Lost => None,
        };
        assert_eq!(walk.is_none(), callers.unanswered == 1.0, "{what}");
        let Some(walk) = walk else { continue };
        assert_eq!(callers.dead.most, walk.dead_targets, "{what}");
        let answering: BTreeSet<PoolId> = callers
            .answers
            .iter()
            .flat_map(|(who, _)| match who {
                Answerer::Pools(pools) => pools.clone(),
                Answerer::Host(_) => Vec::new(),
            })
            .collect();
        assert_eq!(answering.into_iter().collect::<Vec<_>>(), walk.reached.pools, "{what}");
    }
}

#[test]
fn failback_restores_what_failover_changed() {
    cases(100).for_each(check);
}

/// What a plan makes of the zones; it must be had.
fn done(loaded: &Loaded, goal: Goal, about: &str) -> Loaded {
    let plan = make(loaded, goal).unwrap_or_else(|error| match error {
        PlanError::NotClean { findings, .. } => panic!("{about}: {findings:?}"),
        error => panic!("{about}: {error}"),
    });
    applied(loaded, &plan)
}

fn same_text(one: &Loaded, other: &BTreeMap<PathBuf, Vec<u8>>, about: &str) {
    let (texts, _) = without_serials(one);
    for (path, text) in other {
        let now = String::from_utf8_lossy(&texts[path]).into_owned();
        assert_eq!(now, String::from_utf8_lossy(text), "{about}: {}", path.display());
    }
}

/// Owner, type and view of every RRset, with its TTLs and the hashes of its RDATA; SOA records left out.
type Rrsets = BTreeMap<(usize, Vec<u8>, String), BTreeSet<(u32, u32)>>;

fn rrsets(loaded: &Loaded) -> Rrsets {
    let mut all = Rrsets::new();
    for (place, zone) in loaded.zones.iter().enumerate() {
        for name in zone.zone.names() {
            let key = zone.zone.key_of(name).to_vec();
            for record in zone.zone.records(name) {
                let rtype = record.rtype.to_string();
                if rtype != "SOA" {
                    let rrset = all.entry((place, key.clone(), rtype)).or_default();
                    rrset.insert((record.ttl, record.rdata_hash));
                }
            }
        }
    }
    all
}

/// The address records of every zone that hold an address of a server.
fn leading_to(loaded: &Loaded, deployment: &Deployment, server: ServerId) -> Vec<String> {
    let own = format!("{}.internal.test", deployment.server(server).name.value);
    let machine = deployment.server(server);
    let addresses: BTreeSet<_> =
        machine.external.access.iter().chain(&machine.internal).map(|address| address.value).collect();
    let mut found = Vec::new();
    for zone in &loaded.zones {
        for name in zone.zone.names() {
            for record in zone.zone.addresses(zone.zone.key_of(name)) {
                if record.address().is_some_and(|address| addresses.contains(&address)) && record.owner != own
                {
                    found.push(record.owner);
                }
            }
        }
    }
    found
}

fn drains(seed: u64) {
    let (company, _folder, start) = generated(seed);
    let deployment = start.deployment().expect("a deployment");
    let (original, _) = without_serials(&start);
    for pool in deployment.pools() {
        let servers: Vec<ServerId> = deployment.servers(pool.id).collect();
        let all = Goal::Drain { servers: servers.iter().copied().collect() };
        assert!(matches!(make(&start, all), Err(PlanError::LastServer { .. })), "seed {seed}");
        for (place, first) in servers.iter().enumerate().filter(|_| servers.len() > 1) {
            let about = format!("seed {seed}, {}", deployment.server(*first).name.value);
            let drain = |server: ServerId| Goal::Drain { servers: [server].into() };
            let restore = |server: ServerId| Goal::Restore { servers: [server].into() };
            assert!(!leading_to(&start, deployment, *first).is_empty(), "{about}");
            let drained = done(&start, drain(*first), &about);
            assert_eq!(errors(&drained), Vec::<String>::new(), "{about}");
            assert_eq!(leading_to(&drained, deployment, *first), Vec::<String>::new(), "{about}");
            let again = make(&drained, drain(*first)).expect("the same once more");
            assert!(again.is_empty(), "{about}: {}", String::from_utf8_lossy(&again.patch()));
            same_text(&done(&drained, restore(*first), &about), &original, &about);
            if company.federation != "geo-dns" {
                same_text(&done(&drained, Goal::Sync, &about), &without_inside(&original), &about);
            }
            over_and_back(&drained, pool.id, &about);
            // A second one, and back in both orders.
            let second = servers[(place + 1) % servers.len()];
            if servers.len() == 2 {
                assert!(
                    matches!(make(&drained, drain(second)), Err(PlanError::LastServer { .. })),
                    "{about}"
                );
                continue;
            }
            let both = done(&drained, drain(second), &about);
            assert_eq!(leading_to(&both, deployment, *first), Vec::<String>::new(), "{about}");
            assert_eq!(leading_to(&both, deployment, second), Vec::<String>::new(), "{about}");
            for (one, other) in [(*first, second), (second, *first)] {
                let half = done(&both, restore(one), &about);
                assert_eq!(leading_to(&half, deployment, other), Vec::<String>::new(), "{about}");
                assert_eq!(errors(&half), Vec::<String>::new(), "{about}");
                same_text(&done(&half, restore(other), &about), &original, &about);
            }
        }
    }
}

/// The zones that `sync` brings everything of: the external ones.
fn without_inside(texts: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    let inside = |path: &Path| path.ends_with("inside.zone") || path.ends_with("machines.zone");
    texts.iter().filter(|(path, _)| !inside(path)).map(|(path, text)| (path.clone(), text.clone())).collect()
}

/// While a server is drained its pool fails over and back; it stays drained all the time.
fn over_and_back(drained: &Loaded, pool: PoolId, about: &str) {
    let (before, _) = without_serials(drained);
    let Ok(plan) = make(drained, Goal::Failover { down: [pool].into(), to: None }) else { return };
    let moved = applied(drained, &plan);
    same_text(&done(&moved, Goal::Failback { pools: [pool].into() }, about), &before, about);
}

#[test]
fn restore_brings_back_what_drain_took_out() {
    cases(20).for_each(drains);
}

fn retires(seed: u64) {
    let (company, _folder, start) = generated(seed);
    let deployment = start.deployment().expect("a deployment");
    let ids: Vec<PoolId> = deployment.pools().iter().map(|pool| pool.id).collect();
    for pool in ids.iter().copied() {
        let name = &deployment.pool(pool).name.value;
        let about = format!("seed {seed}, {name}");
        let held: Vec<Service> =
            Service::LYNC.into_iter().filter(|service| deployment.route(*service) == Some(pool)).collect();
        let alone = |service: &Service| deployment.pools_with(*service) == [pool];
        let take = ids.iter().copied().find(|other| {
            *other != pool && held.iter().all(|service| deployment.pool(*other).services.contains(service))
        });
        let goal = match Goal::decommission(deployment, [pool].into(), take) {
            Ok(goal) => goal,
            Err(error) => {
                assert!(!held.is_empty() && take.is_none(), "{about}: {error}");
                continue;
            }
        };
        let plan = match make(&start, goal.clone()) {
            Err(PlanError::NoneLeft { .. }) if Service::LYNC.iter().any(alone) => continue,
            Err(error) => panic!("{about}: {error}"),
            Ok(plan) => plan,
        };
        let left = applied(&start, &plan);
        for context in left.contexts() {
            for found in context.services.iter().flat_map(|found| &found.records) {
                assert_ne!(deployment.pool_of_name(&found.srv.target.absolute), Some(pool), "{about}");
            }
            for (owner, ..) in deployment.names(pool) {
                let key = context.zone.key(owner.as_bytes());
                assert!(key.is_none_or(|key| context.zone.addresses(key).is_empty()), "{about}: {owner}");
            }
        }
        leaves_after(&start, pool, &goal, &about);
        let mut back = done(&left, Goal::Add { pools: [pool].into() }, &about);
        let moves = |service: &&Service| {
            let then = deployment.without(&[pool].into(), &BTreeMap::new());
            let first = zonewright::edge::State::steady().active(&then, **service);
            let first = first.map(|first| then.pool(first).name.value.clone());
            first != take.map(|take| deployment.pool(take).name.value.clone())
        };
        if held.iter().any(|service| moves(&service)) {
            // Another pool than the next one took a route: its records move back with it.
            back = done(&back, Goal::Sync, &about);
            back = done(&back, Goal::Failback { pools: BTreeSet::new() }, &about);
        }
        let (after, before) = (rrsets(&back), rrsets(&start));
        for ((zone, owner, rtype), rrset) in before.iter().chain(&after) {
            let key = (*zone, owner.clone(), rtype.clone());
            let owner = String::from_utf8_lossy(owner);
            assert_eq!(after.get(&key), before.get(&key), "{about}: zone {zone}, {owner} {rtype}: {rrset:?}");
        }
        if company.federation != "geo-dns" || deployment.pools_with(Service::Federation).len() > 2 {
            declared_anew(&company, &left, &goal, &about);
        }
    }
}

/// A pool leaves after it was lost, and with a server drained: nothing of it is left behind.
fn leaves_after(start: &Loaded, pool: PoolId, goal: &Goal, about: &str) {
    let deployment = start.deployment().expect("a deployment");
    if let Ok(plan) = make(start, Goal::Failover { down: [pool].into(), to: None }) {
        let moved = applied(start, &plan);
        let parked = moved
            .sources
            .all()
            .iter()
            .any(|source| String::from_utf8_lossy(source.bytes()).contains("zonewright: parked"));
        match make(&moved, goal.clone()) {
            Err(PlanError::SetAside { .. }) if parked => {}
            Err(error) => panic!("{about}, after it was lost: {error}"),
            Ok(plan) => {
                let left = applied(&moved, &plan);
                first_is_up(&left, &[pool].into(), 0);
                for context in left.contexts() {
                    for found in context.services.iter().flat_map(|found| &found.records) {
                        assert_ne!(
                            deployment.pool_of_name(&found.srv.target.absolute),
                            Some(pool),
                            "{about}"
                        );
                    }
                }
            }
        }
    }
    let servers: Vec<ServerId> = deployment.servers(pool).collect();
    if servers.len() > 1 {
        let drained = done(start, Goal::Drain { servers: [servers[0]].into() }, about);
        let left = done(&drained, goal.clone(), about);
        let external = left.zones.iter().filter(|zone| zone.view == zonewright::config::View::External);
        for zone in external {
            let text = left.sources.get(zone.file);
            let text = String::from_utf8_lossy(text.bytes()).into_owned();
            assert!(!text.contains("zonewright: drained"), "{about}:\n{text}");
        }
    }
}

/// With the changes of the configuration that the plan names, the zones say what is declared.
fn declared_anew(company: &Company, moved: &Loaded, goal: &Goal, about: &str) {
    let deployment = moved.deployment().expect("a deployment");
    let mut tables: Vec<String> = Vec::new();
    for line in company.toml().lines() {
        if line.starts_with("[[") && line != "[[edge_pool.server]]" || tables.is_empty() {
            tables.push(String::new());
        }
        if let Some(last) = tables.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    for edit in config_edits(deployment, goal) {
        let (head, rest) = edit.table.split_once(" `").expect("a table and its name");
        let name = rest.split('`').next().expect("a name");
        let own = |table: &String| {
            table.starts_with(&format!("{head}\nid = \"{name}\"\n"))
                || table.starts_with(&format!("{head}\nname = \"{name}\"\n"))
        };
        let place = tables.iter().position(own).expect("the table stands in the file");
        match &edit.line {
            None => {
                tables.remove(place);
            }
            Some(new) => {
                let key = new.split(" = ").next().expect("a key");
                let old = tables[place].clone();
                let line = old.lines().find(|line| line.split(" = ").next() == Some(key)).expect("the key");
                tables[place] = old.replacen(line, new, 1);
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("zonewright.toml"), tables.concat()).expect("written");
    for source in moved.sources.all() {
        let path = source.path().expect("a file");
        let file = path.file_name().expect("a name");
        if file != "zonewright.toml" {
            std::fs::write(folder.path().join(file), source.bytes()).expect("written");
        }
    }
    let then = load(folder.path());
    assert_eq!(errors(&then), Vec::<String>::new(), "{about}");
    let sync = make(&then, Goal::Sync).unwrap_or_else(|error| panic!("{about}: {error}"));
    // Records that were set aside may be taken up again, to say the same.
    let patch = sync.patch();
    assert!(
        sync.changes.is_empty(),
        "{about}:\n{:?}\n{}\n{}",
        sync.changes,
        tables.concat(),
        String::from_utf8_lossy(&patch)
    );
}

#[test]
fn add_brings_back_the_rrsets_that_decommission_took_out() {
    cases(40).for_each(retires);
}

fn routes(seed: u64) {
    let (company, _folder, start) = generated(seed);
    let deployment = start.deployment().expect("a deployment");
    let (original, _) = without_serials(&start);
    for service in [Service::Federation, Service::Xmpp] {
        let home = deployment.route(service).expect("a route");
        let route = |to: PoolId| Goal::Route { service, to };
        assert!(make(&start, route(home)).expect("nothing to do").is_empty(), "seed {seed}");
        let others: Vec<PoolId> =
            deployment.pools_with(service).into_iter().filter(|pool| *pool != home).collect();
        for to in &others {
            let about = format!("seed {seed}, {} to {}", service.word(), deployment.pool(*to).name.value);
            let moved = done(&start, route(*to), &about);
            assert_eq!(errors(&moved), Vec::<String>::new(), "{about}");
            comes_first(&moved, service, *to, &about);
            for next in &others {
                let on = done(&moved, route(*next), &about);
                comes_first(&on, service, *next, &about);
                same_text(&done(&on, route(home), &about), &original, &about);
            }
            same_text(&done(&moved, route(home), &about), &original, &about);
            declared_anew(&company, &moved, &route(*to), &about);
        }
    }
}

/// The record of the lowest priority leads to the addresses of the pool.
fn comes_first(loaded: &Loaded, service: Service, pool: PoolId, about: &str) {
    let deployment = loaded.deployment().expect("a deployment");
    let addresses = deployment.addresses(pool, zonewright::edge::AddressKind::Access);
    for context in loaded.contexts() {
        for found in context.services.iter().filter(|found| found.service == Some(service)) {
            let first = found.records.iter().min_by_key(|found| found.srv.priority).expect("a record");
            let shared = !deployment.shared_name(&first.srv.target.absolute).is_empty();
            assert!(shared || first.addresses() == addresses, "{about}: {}", found.owner);
        }
    }
}

#[test]
fn routes_go_there_and_back() {
    cases(40).for_each(routes);
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `PLAN_CASES` deployments, from seed `PLAN_SEED` on.
fn cases(usual: u64) -> std::ops::Range<u64> {
    let first = number("PLAN_SEED").unwrap_or(1);
    first..first + number("PLAN_CASES").unwrap_or(usual)
}
