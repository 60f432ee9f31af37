//! The RRsets of a zone as they stand, and how they pair with those that are wanted.

use super::wanted::{WantedRrset, WantedSrv};
use super::{Goal, RecordText};
use crate::edge::found::{Destination, Found, FoundSrv, PoolRef};
use crate::edge::{Deployment, PoolId};
use crate::lint::ZoneContext;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use std::net::IpAddr;

/// RDATA of a record that plans deal with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Data {
    /// An SRV record; the target is absolute, lower case, without the final dot.
    Srv { priority: u16, weight: u16, port: u16, target: String },
    /// An A or AAAA record.
    Address(IpAddr),
}

impl Data {
    pub(super) fn rtype(&self) -> Rtype {
        match self {
            Self::Srv { .. } => Rtype::SRV,
            Self::Address(IpAddr::V4(_)) => Rtype::A,
            Self::Address(IpAddr::V6(_)) => Rtype::AAAA,
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
        }
    }

    fn of(record: &Record) -> Option<Self> {
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

/// Pairs what stands with what is wanted.
pub(super) fn pair(
    context: &ZoneContext<'_>,
    deployment: &Deployment,
    wanted: &WantedRrset,
    goal: &Goal,
) -> Pairing {
    match wanted {
        WantedRrset::Srv { owner, records, .. } => {
            let found = context.services.iter().find(|found| found.owner == *owner);
            pair_srv(deployment, found, records, *goal == Goal::Sync)
        }
        WantedRrset::Addresses { owner, pool, addresses, .. } => {
            let key = context.zone.key(owner.as_bytes()).unwrap_or_default().to_vec();
            pair_addresses(context.zone.addresses(&key), *pool, addresses.iter().copied().collect())
        }
    }
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
    remove_strangers: bool,
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
        let replaced = left.iter().position(|current| current.pool.is_some());
        let weight = 0;
        let priority = wish.priority.unwrap_or(0);
        let data = Data::Srv { priority, weight, port: wish.port, target: wish.target.clone() };
        match replaced {
            Some(place) => {
                let current = left.remove(place);
                let data = keep_weight(&current.data, data);
                steps.push(step(current, data, wish.pool));
            }
            None => steps.push(Step::Add(data, wish.pool)),
        }
    }
    let mut strangers = Vec::new();
    for current in left {
        let null = matches!(&current.data, Data::Srv { target, .. } if target == ".");
        if current.pool.is_some() || null || remove_strangers {
            steps.push(Step::Remove(current));
        } else {
            if let Data::Srv { target, .. } = &current.data {
                strangers.push(target.clone());
            }
            steps.push(Step::Keep(current));
        }
    }
    Pairing { steps, ttl, strangers }
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
        weight: *weight,
        port: wish.port,
        target: if good { target.clone() } else { wish.target.clone() },
    }
}

fn pair_addresses(records: Vec<Record>, pool: PoolId, wanted: Vec<IpAddr>) -> Pairing {
    let ttl = records.first().map(|record| record.ttl);
    let mut left: Vec<Current> = records
        .into_iter()
        .filter_map(|record| Some(Current { data: Data::of(&record)?, record, pool: None, troubled: false }))
        .collect();
    let mut steps = Vec::new();
    let mut open = Vec::new();
    for address in wanted {
        match left.iter().position(|current| current.data == Data::Address(address)) {
            Some(place) => {
                let mut current = left.remove(place);
                current.pool = Some(pool);
                steps.push(Step::Keep(current));
            }
            None => open.push(address),
        }
    }
    for address in open {
        let data = Data::Address(address);
        match left.iter().position(|current| current.data.rtype() == data.rtype()) {
            Some(place) => steps.push(Step::Change(left.remove(place), data, Some(pool))),
            None => steps.push(Step::Add(data, Some(pool))),
        }
    }
    steps.extend(left.into_iter().map(Step::Remove));
    Pairing { steps, ttl, strangers: Vec::new() }
}
