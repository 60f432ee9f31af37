//! For generated deployments in any layout of text: what a failover plan does, failback undoes.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright::config::View;
use zonewright::edge::coverage::{CoverageZone, Outcome, coverage};
use zonewright::edge::simulation::{Answerer, Row, Way, simulate};
use zonewright::edge::{PoolId, Service, State};
use zonewright::edit::serial;
use zonewright::lint::{Levels, lint};
use zonewright::plan::stages::{Purpose, staged};
use zonewright::plan::timing::Assumptions;
use zonewright::plan::{Goal, Plan, PlanError, Request, back, plan, zones_back};
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
        let mut company = Self { dice, pools, domains, federation, remote, xmpp };
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
                    "[[edge_pool.server]]\nname = \"p{number}s{server}\"\naccess = [\"192.0.2.{}\"{six}]",
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

    fn zone(&mut self, domain: &str) -> String {
        let mut records = self.records();
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
                String::new()
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
    let today = jiff::civil::date(2026, 11, 21);
    plan(loaded, &Request { goal, services: BTreeSet::new(), today })
}

fn applied(loaded: &Loaded, plan: &Plan) -> Loaded {
    loaded.with_changes(&plan.files.iter().map(|file| (file.path.clone(), file.new.clone())).collect())
}

fn check(seed: u64) {
    let mut company = Company::new(seed);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("zonewright.toml"), company.toml()).expect("written");
    for domain in company.domains.clone() {
        let text = company.zone(&domain);
        std::fs::write(folder.path().join(format!("{domain}.zone")), text).expect("written");
    }
    let start = load(folder.path());
    assert_eq!(errors(&start), Vec::<String>::new(), "seed {seed}: the generated zones are clean");
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
            let touched = there.zones.iter().any(|change| change.apex == zone.zone.apex().to_string());
            assert_eq!(serial::newer(*new, *old), touched, "seed {seed}: serial {old} -> {new}");
        }
    }
}

/// The way back of a plan gives the old octets but for serials, which are newer than the plan's.
fn taken_back(start: &Loaded, there: &Plan, moved: &Loaded, seed: u64) {
    let today = jiff::civil::date(2026, 11, 21);
    let files = back(start, there, today).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
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
        let raised = zones_back(there, today).into_iter().find(|change| change.apex == apex);
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
    let today = jiff::civil::date(2026, 11, 21);
    let request = Request { goal, services: BTreeSet::new(), today };
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
            let touched = stage.plan.zones.iter().any(|change| change.apex == apex);
            assert_eq!(serial::newer(new[place], old[place]), touched, "{what}: {apex}");
            assert_eq!(serial::newer(last[place], new[place]), touched, "{what}: back: {apex}");
        }
        if stage.purpose != Purpose::Restore {
            for change in &staged.direct.changes {
                let zone = next.zones.iter().find(|zone| zone.zone.apex().to_string() == change.zone);
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
    let cases = std::env::var("PLAN_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    for seed in 1..=cases {
        check(seed);
    }
}
