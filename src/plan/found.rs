//! The RRsets of a zone as they stand, and how they pair with those that are wanted.

use super::RecordText;
use super::scope::{Scope, Strangers};
use super::wanted::{Lead, WantedRrset, WantedSrv};
use crate::edge::found::{Destination, Found, FoundSrv, PoolRef};
use crate::edge::{AddressKind, Deployment, FederationPolicy, PoolId, Service, is_m365};
use crate::lint::ZoneContext;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// RDATA of a record that plans deal with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Data {
    /// An SRV record; the target is absolute, lower case, without the final dot.
    Srv { priority: u16, weight: u16, port: u16, target: String },
    /// An A or AAAA record.
    Address(IpAddr),
    /// A CNAME record; the target as that of an SRV record.
    Alias(String),
}

impl Data {
    pub(super) fn rtype(&self) -> Rtype {
        match self {
            Self::Srv { .. } => Rtype::SRV,
            Self::Address(IpAddr::V4(_)) => Rtype::A,
            Self::Address(IpAddr::V6(_)) => Rtype::AAAA,
            Self::Alias(_) => Rtype::CNAME,
        }
    }

    /// The RDATA as text, names absolute.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Srv { priority, weight, port, target } => {
                let dot = if target == "." { "" } else { "." };
                format!("{priority} {weight} {port} {target}{dot}")
            }
            Self::Address(address) => address.to_string(),
            Self::Alias(target) => {
                let dot = if target == "." { "" } else { "." };
                format!("{target}{dot}")
            }
        }
    }

    pub(super) fn of(record: &Record) -> Option<Self> {
        if record.rtype == Rtype::CNAME {
            return Some(Self::Alias(record.targets.first()?.absolute.clone()));
        }
        if let Some(address) = record.address() {
            return Some(Self::Address(address));
        }
        let srv = record.srv()?;
        Some(Self::Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: srv.target.absolute,
        })
    }
}

/// A record as it stands.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) record: Record,
    pub(super) data: Data,
    pub(super) pool: Option<PoolId>,
    /// Its target cannot stay: an alias, a name without address, a missing final dot.
    troubled: bool,
}

impl Current {
    fn leads_to_m365(&self) -> bool {
        matches!(&self.data, Data::Srv { target, .. } if is_m365(target))
    }
}

/// What shall become of one record.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// It stays as it is.
    Keep(Current),
    /// Its RDATA changes.
    Change(Current, Data, Option<PoolId>),
    /// It goes.
    Remove(Current),
    /// It is new.
    Add(Data, Option<PoolId>),
}

impl Step {
    /// The record after the plan.
    pub(super) fn after(&self) -> Option<(&Data, Option<PoolId>)> {
        match self {
            Self::Keep(current) => Some((&current.data, current.pool)),
            Self::Change(_, data, pool) | Self::Add(data, pool) => Some((data, *pool)),
            Self::Remove(_) => None,
        }
    }

    /// The record before the plan.
    pub(super) fn before(&self) -> Option<&Current> {
        match self {
            Self::Keep(current) | Self::Change(current, ..) | Self::Remove(current) => Some(current),
            Self::Add(..) => None,
        }
    }
}

/// One RRset (or the A and AAAA of one name) and what shall become of it.
#[derive(Clone, Debug)]
pub(super) struct Pairing {
    pub(super) steps: Vec<Step>,
    /// TTL in seconds; none when nothing stands there yet.
    pub(super) ttl: Option<u32>,
    /// Targets that are left alone although they are nobody's.
    pub(super) strangers: Vec<String>,
}

impl Pairing {
    pub(super) fn changes(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Keep(_)))
    }

    /// The longest TTL in seconds of the records of one type that stand; none when none does.
    pub(super) fn longest(&self, rtype: Rtype) -> Option<u32> {
        let standing = self.steps.iter().filter_map(Step::before).map(|current| &current.record);
        standing.filter(|record| record.rtype == rtype).map(|record| record.ttl).max()
    }

    /// The records before or after, of one type, in the order callers try them.
    pub(super) fn texts(&self, rtype: Rtype, after: bool) -> Vec<RecordText> {
        let mut found: Vec<(&Data, Option<PoolId>)> = self
            .steps
            .iter()
            .filter_map(|step| {
                if after { step.after() } else { step.before().map(|current| (&current.data, current.pool)) }
            })
            .filter(|(data, _)| data.rtype() == rtype)
            .collect();
        found.sort();
        found.into_iter().map(|(data, pool)| RecordText { rdata: data.text(), pool }).collect()
    }
}

/// Pairs what stands with what is wanted, as far as the scope goes.
pub(super) fn pair(
    context: &ZoneContext<'_>,
    deployment: &Deployment,
    wanted: &WantedRrset,
    scope: &Scope,
) -> Pairing {
    match wanted {
        WantedRrset::Srv { owner, service, records } => {
            let found = context.services.iter().find(|found| found.owner == *owner);
            match scope.limit(*service) {
                Some(pools) => pair_some(deployment, *service, found, records, pools),
                None => pair_srv(deployment, found, records, scope.strangers),
            }
        }
        WantedRrset::Name { owner, lead } => {
            let key = context.zone.key(owner.as_bytes()).unwrap_or_default();
            let mut records = context.zone.read_rrset(key, Rtype::CNAME);
            records.extend(context.zone.addresses(key));
            match lead {
                Lead::Alias(target) => pair_data(records, None, vec![Data::Alias(target.clone())]),
                Lead::Pool(pool, addresses) => {
                    pair_addresses(records, *pool, addresses.iter().copied().collect())
                }
                Lead::Unknown => pair_data(records, None, Vec::new()),
            }
        }
        WantedRrset::Addresses { owner, service, pool, addresses } => {
            let key = context.zone.key(owner.as_bytes()).unwrap_or_default().to_vec();
            let records = context.zone.addresses(&key);
            // A name that follows the route moves to a pool that comes to hold it; the names of a pool
            // that is new have its addresses and no others.
            let moves = match service {
                Some(Service::Xmpp) => scope.whole.contains(&Service::Xmpp) || in_scope(scope, *pool),
                Some(_) => false,
                None => in_scope(scope, *pool) && !addresses.is_empty(),
            };
            match &scope.addresses {
                Some(own) if !moves => {
                    let pairing = pair_some_addresses(records.clone(), *pool, addresses, own);
                    let emptied = pairing.steps.iter().all(|step| step.after().is_none());
                    if emptied && scope.pools.is_some() && !addresses.is_empty() && !records.is_empty() {
                        return pair_addresses(records, *pool, addresses.iter().copied().collect());
                    }
                    pairing
                }
                _ => pair_addresses(records, *pool, addresses.iter().copied().collect()),
            }
        }
    }
}

fn in_scope(scope: &Scope, pool: PoolId) -> bool {
    scope.pools.as_ref().is_some_and(|pools| pools.contains(&pool))
}

/// Only the records of some pools come and go; those of others stay as they are.
fn pair_some(
    deployment: &Deployment,
    service: Service,
    found: Option<&Found>,
    wanted: &[WantedSrv],
    pools: &BTreeSet<PoolId>,
) -> Pairing {
    let whole = || pair_srv(deployment, found, wanted, Strangers::Stay);
    let own = |pool: Option<PoolId>| pool.is_some_and(|pool| pools.contains(&pool));
    // The one record that is published is that of a pool in question, or takes the place of one.
    let leads_there = |record: &FoundSrv| {
        let own = |pool: &PoolId| {
            !deployment.addresses(*pool, AddressKind::Access).is_disjoint(&record.addresses())
        };
        pools.iter().any(own)
    };
    if let [only] = wanted {
        let swings = service == Service::Xmpp && only.pool.is_none();
        let moves = swings && found.is_some_and(|found| found.records.iter().any(leads_there));
        if only.answers.is_some_and(|pool| pools.contains(&pool)) || moves {
            return whole();
        }
    }
    let current: Vec<Current> =
        found.map(|found| found.records.iter().filter_map(current_srv).collect()).unwrap_or_default();
    let is_wanted = |current: &Current| wanted.iter().any(|wish| wish.pool == current.pool);
    let is_null = |current: &Current| matches!(&current.data, Data::Srv { target, .. } if target == ".");
    let stays = |current: &Current| !is_null(current) && (!own(current.pool) || is_wanted(current));
    if current.is_empty() {
        let theirs = |wish: &&WantedSrv| wish.pool.is_none() || own(wish.pool);
        let wanted: Vec<WantedSrv> = wanted.iter().filter(theirs).cloned().collect();
        return pair_srv(deployment, found, &wanted, Strangers::Stay);
    }
    if !current.iter().any(stays) {
        return whole();
    }
    let ttl = current.first().map(|current| current.record.ttl);
    let mut taken: Vec<u16> = current
        .iter()
        .filter(|current| stays(current))
        .filter_map(|current| match &current.data {
            Data::Srv { priority, .. } => Some(*priority),
            Data::Address(_) | Data::Alias(_) => None,
        })
        .collect();
    let any_priority =
        service == Service::Federation && deployment.policy().federation == FederationPolicy::MultiFederated;
    let mut steps = Vec::new();
    for wish in wanted.iter().filter(|wish| own(wish.pool)) {
        if current.iter().any(|current| current.pool == wish.pool) {
            continue;
        }
        let own = wish.pool.map(|pool| deployment.priority(pool, service).value).unwrap_or_default();
        let last = taken.iter().copied().max().unwrap_or_default();
        let priority = if any_priority || !taken.contains(&own) { own } else { last.saturating_add(10) };
        taken.push(priority);
        let data = Data::Srv { priority, weight: 0, port: wish.port, target: wish.target.clone() };
        steps.push(Step::Add(data, wish.pool));
    }
    let grows = !steps.is_empty();
    for current in current {
        let goes = if is_null(&current) { grows } else { !stays(&current) };
        let wish = wanted.iter().find(|wish| wish.pool == current.pool && own(wish.pool));
        steps.push(match wish {
            _ if goes => Step::Remove(current),
            None => Step::Keep(current),
            Some(wish) => {
                let wish = WantedSrv { priority: None, ..wish.clone() };
                let data = adjusted(deployment, &current, &wish, true);
                step(current, data, wish.pool)
            }
        });
    }
    Pairing { steps, ttl, strangers: Vec::new() }
}

/// Only some addresses come and go.
fn pair_some_addresses(
    records: Vec<Record>,
    pool: PoolId,
    wanted: &BTreeSet<IpAddr>,
    own: &BTreeSet<IpAddr>,
) -> Pairing {
    let ttl = records.first().map(|record| record.ttl);
    let mut missing: BTreeSet<IpAddr> = wanted.intersection(own).copied().collect();
    let mut steps = Vec::new();
    for record in records {
        let (Some(address), Some(data)) = (record.address(), Data::of(&record)) else { continue };
        missing.remove(&address);
        let known = wanted.contains(&address) || own.contains(&address);
        let current = Current { record, data, pool: known.then_some(pool), troubled: false };
        let goes = own.contains(&address) && !wanted.contains(&address);
        steps.push(if goes { Step::Remove(current) } else { Step::Keep(current) });
    }
    steps.extend(missing.into_iter().map(|address| Step::Add(Data::Address(address), Some(pool))));
    Pairing { steps, ttl, strangers: Vec::new() }
}

fn current_srv(found: &FoundSrv) -> Option<Current> {
    let pool = match found.pool {
        Some(PoolRef::Declared(pool)) => Some(pool),
        _ => None,
    };
    let unaddressed = matches!(found.destination, Destination::NoAddress | Destination::BelowDname);
    Some(Current {
        data: Data::of(&found.record)?,
        record: found.record.clone(),
        pool,
        troubled: found.misses_dot || !found.aliases.is_empty() || unaddressed,
    })
}

fn pair_srv(
    deployment: &Deployment,
    found: Option<&Found>,
    wanted: &[WantedSrv],
    strangers: Strangers,
) -> Pairing {
    let mut left: Vec<Current> =
        found.map(|found| found.records.iter().filter_map(current_srv).collect()).unwrap_or_default();
    let ttl = left.first().map(|current| current.record.ttl);
    let mut steps = Vec::new();
    let mut open = Vec::new();
    for wish in wanted {
        let fits = |current: &Current| match wish.pool {
            Some(pool) => current.pool == Some(pool),
            None => matches!(&current.data, Data::Srv { target, .. } if *target == wish.target),
        };
        let (mut own, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(fits);
        left = rest;
        if own.is_empty() {
            open.push(wish);
        }
        // Several records of one pool stay together: they share its priority.
        for (place, current) in own.drain(..).enumerate() {
            let data = adjusted(deployment, &current, wish, place == 0);
            steps.push(step(current, data, wish.pool));
        }
    }
    for wish in open {
        let takes = strangers == Strangers::MakeRoom || wish.answers.is_none();
        let makes_room = |current: &Current| takes && current.leads_to_m365();
        let replaced = left.iter().position(|current| current.pool.is_some() || makes_room(current));
        let weight = wish.weight.unwrap_or(0);
        let priority = wish.priority.unwrap_or(0);
        let data = Data::Srv { priority, weight, port: wish.port, target: wish.target.clone() };
        match replaced {
            Some(place) => {
                let current = left.remove(place);
                let keeps = wish.weight.is_none() && current.pool.is_some();
                let data = if keeps { keep_weight(&current.data, data) } else { data };
                steps.push(step(current, data, wish.pool));
            }
            None => steps.push(Step::Add(data, wish.pool)),
        }
    }
    let mut left_alone = Vec::new();
    for current in left {
        let null = matches!(&current.data, Data::Srv { target, .. } if target == ".");
        let goes = match strangers {
            // Where nothing is wanted, only what is known to be wrong goes.
            _ if wanted.is_empty() => false,
            Strangers::Stay => null,
            Strangers::Go => true,
            Strangers::MakeRoom => null || current.leads_to_m365(),
        };
        if current.pool.is_some() || goes {
            steps.push(Step::Remove(current));
        } else {
            if let Data::Srv { target, .. } = &current.data
                && !null
            {
                left_alone.push(target.clone());
            }
            steps.push(Step::Keep(current));
        }
    }
    Pairing { steps, ttl, strangers: left_alone }
}

fn step(current: Current, data: Data, pool: Option<PoolId>) -> Step {
    if current.data == data { Step::Keep(current) } else { Step::Change(current, data, pool) }
}

fn keep_weight(old: &Data, new: Data) -> Data {
    match (old, new) {
        (Data::Srv { weight, .. }, Data::Srv { priority, port, target, .. }) => {
            Data::Srv { priority, weight: *weight, port, target }
        }
        (_, new) => new,
    }
}

/// The record with the wanted priority and port; its target stays where it is a good one.
fn adjusted(deployment: &Deployment, current: &Current, wish: &WantedSrv, main: bool) -> Data {
    let Data::Srv { priority, weight, target, .. } = &current.data else { return current.data.clone() };
    let named = deployment.pool_of_name(target) == wish.pool || wish.pool.is_none();
    let good = !current.troubled && (named || !main);
    Data::Srv {
        priority: wish.priority.unwrap_or(*priority),
        weight: wish.weight.unwrap_or(*weight),
        port: wish.port,
        target: if good { target.clone() } else { wish.target.clone() },
    }
}

fn pair_addresses(records: Vec<Record>, pool: PoolId, wanted: Vec<IpAddr>) -> Pairing {
    pair_data(records, Some(pool), wanted.into_iter().map(Data::Address).collect())
}

/// The records of one name come to be these, and no others.
fn pair_data(records: Vec<Record>, pool: Option<PoolId>, wanted: Vec<Data>) -> Pairing {
    let ttl = records.first().map(|record| record.ttl);
    let mut left: Vec<Current> = records
        .into_iter()
        .filter_map(|record| Some(Current { data: Data::of(&record)?, record, pool: None, troubled: false }))
        .collect();
    let mut steps = Vec::new();
    let mut open = Vec::new();
    for data in wanted {
        match left.iter().position(|current| current.data == data) {
            Some(place) => {
                let mut current = left.remove(place);
                current.pool = pool;
                steps.push(Step::Keep(current));
            }
            None => open.push(data),
        }
    }
    for data in open {
        match left.iter().position(|current| current.data.rtype() == data.rtype()) {
            Some(place) => steps.push(Step::Change(left.remove(place), data, pool)),
            None => steps.push(Step::Add(data, pool)),
        }
    }
    steps.extend(left.into_iter().map(Step::Remove));
    Pairing { steps, ttl, strangers: Vec::new() }
}
