use super::*;
use crate::config;
use crate::edge::PoolId;
use crate::plan::RecordText;
use crate::text::Sources;
use std::path::Path;

/// The two pools of the example deployment.
fn pools() -> [PoolId; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/zonewright.toml");
    let deployment = config::load(&Sources::default(), &path, "zonewright.toml").unwrap().deployment.unwrap();
    ["edge1", "edge2"].map(|name| deployment.pool_named(name).unwrap())
}

fn records(pools: &[PoolId]) -> Vec<RecordText> {
    let one = |(place, pool): (usize, &PoolId)| RecordText { rdata: place.to_string(), pool: Some(*pool) };
    pools.iter().enumerate().map(one).collect()
}

/// An RRset that stood with a TTL, or is new.
fn change(rtype: Rtype, service: Option<Service>, ttl_before: Option<u32>) -> RrsetChange {
    let [one, two] = pools();
    RrsetChange {
        zone: String::from("contoso.com"),
        view: View::External,
        owner: format!("{rtype}.contoso.com"),
        rtype,
        ttl_before,
        ttl: 300,
        service,
        before: if ttl_before.is_some() { records(&[one, two]) } else { Vec::new() },
        after: records(&[two, one]),
    }
}

/// edge1 is lost; refresh 4 h, retry 1 h, negative TTL 5 min.
fn plan(changes: Vec<RrsetChange>) -> Plan {
    let [one, _] = pools();
    Plan {
        goal: Goal::Failover { down: BTreeSet::from([one]), to: None },
        services: BTreeSet::new(),
        changes,
        zones: vec![ZoneChange {
            apex: String::from("contoso.com"),
            view: View::External,
            file: String::from("contoso.com.zone"),
            serial: (1, 2),
            refresh: (14_400, 3600),
            negative_ttl: 300,
        }],
        files: Vec::new(),
        warnings: Vec::new(),
        old_findings: 0,
    }
}

/// Minimum, typical and worst of a plan, and the reason of its slowest RRset.
fn of(changes: Vec<RrsetChange>, assumptions: Assumptions) -> (u32, u32, u32, Option<Reason>) {
    let timing = timing(&plan(changes), &assumptions);
    let reason = timing.slowest().map(|rrset| rrset.because);
    (timing.minimum, timing.typical, timing.worst, reason)
}

const FEDERATION: Option<Service> = Some(Service::Federation);
const NOTIFY: Assumptions = Assumptions { notify: true, cap: None, holdover: 0, connect: 10 };
const SILENT: Assumptions = Assumptions { notify: false, ..NOTIFY };

#[test]
fn srv_moved_to_a_name_that_is_published_waits_for_its_old_ttl() {
    let moved = || vec![change(Rtype::SRV, FEDERATION, Some(3600))];
    assert_eq!(of(moved(), NOTIFY), (0, 1800, 3600, Some(Reason::OldTtl)));
    // Worst 4 h + 1 h + 1 h; typical half of refresh and half of the TTL.
    assert_eq!(of(moved(), SILENT), (0, 9000, 21_600, Some(Reason::Refresh)));
}

#[test]
fn address_swung_under_an_unchanged_srv_waits_for_the_ttl_of_the_address() {
    let swung = vec![change(Rtype::A, Some(Service::Xmpp), Some(600))];
    assert_eq!(of(swung, NOTIFY), (0, 300, 600, Some(Reason::OldTtl)));
}

#[test]
fn rrset_that_is_new_waits_for_the_negative_ttl() {
    let new = || vec![change(Rtype::SRV, FEDERATION, None)];
    assert_eq!(of(new(), NOTIFY), (0, 150, 300, Some(Reason::NegativeTtl)));
    assert_eq!(of(new(), SILENT), (0, 7350, 18_300, Some(Reason::Refresh)));
}

#[test]
fn srv_moved_to_a_name_of_the_same_plan_waits_for_the_longer_of_both() {
    let both = |ttl| vec![change(Rtype::SRV, FEDERATION, Some(ttl)), change(Rtype::A, None, None)];
    assert_eq!(of(both(3600), NOTIFY), (0, 1800, 3600, Some(Reason::OldTtl)));
    assert_eq!(of(both(60), NOTIFY), (0, 150, 300, Some(Reason::NegativeTtl)));
}

#[test]
fn srv_and_address_both_changed_wait_for_the_longer() {
    let both = vec![change(Rtype::SRV, FEDERATION, Some(900)), change(Rtype::A, None, Some(7200))];
    let found = timing(&plan(both), &NOTIFY);
    assert_eq!((found.worst, found.dominant), (7200, Some(1)));
    assert_eq!(found.over(900).map(|rrset| rrset.rtype).collect::<Vec<_>>(), [Rtype::A]);
    assert_eq!(found.over(7200).count(), 0);
}

#[test]
fn resolver_cap_shortens_and_holdover_prolongs() {
    let moved = || vec![change(Rtype::SRV, FEDERATION, Some(172_800))];
    let cap = Some(86_400);
    assert_eq!(of(moved(), Assumptions { cap, ..NOTIFY }), (0, 43_200, 86_400, Some(Reason::Cap)));
    let short = vec![change(Rtype::SRV, FEDERATION, Some(3600))];
    assert_eq!(of(short, Assumptions { cap, ..NOTIFY }), (0, 1800, 3600, Some(Reason::OldTtl)));
    let held = Assumptions { cap, holdover: 90_000, ..NOTIFY };
    assert_eq!(of(moved(), held), (0, 43_200, 176_400, Some(Reason::Holdover)));
    // A negative answer is capped too.
    let new = vec![change(Rtype::SRV, FEDERATION, None)];
    assert_eq!(of(new, Assumptions { cap: Some(200), ..NOTIFY }), (0, 100, 200, Some(Reason::Cap)));
}

#[test]
fn only_callers_that_try_the_next_priority_get_through_before_the_ttl() {
    let minimum = |service| of(vec![change(Rtype::SRV, Some(service), Some(3600))], NOTIFY).0;
    assert_eq!(minimum(Service::RemoteAccess), 10);
    assert_eq!(minimum(Service::Xmpp), 10);
    assert_eq!(minimum(Service::Federation), 0);
    let [one, _] = pools();
    let mut alone = change(Rtype::SRV, Some(Service::RemoteAccess), Some(3600));
    alone.before = records(&[one]);
    assert_eq!(of(vec![alone], NOTIFY).0, 0);
}

#[test]
fn nothing_that_changes_takes_no_time() {
    assert_eq!(of(Vec::new(), SILENT), (0, 0, 0, None));
}

#[test]
fn endless_ttls_do_not_overflow() {
    let endless = vec![change(Rtype::SRV, FEDERATION, Some(u32::MAX))];
    assert_eq!(of(endless, SILENT).2, u32::MAX);
}

#[test]
fn assumptions_are_said() {
    let held = Assumptions { cap: Some(86_400), holdover: 60, ..SILENT };
    assert_eq!(
        held.to_string(),
        "no secondary is notified: it asks after refresh, and when that fails after retry; resolvers keep no \
         answer longer than 86400 s; applications keep an answer for 60 s more; a connection to a pool that is \
         down fails after 10 s; the TTLs in the files are those that are served"
    );
    assert!(NOTIFY.to_string().starts_with("every secondary is notified at once; resolvers keep to the TTL"));
}
