//! The order of pools in the services of one domain.

use super::facts::{deployed, is_external, is_ordered, is_troubled, known_pool, listed, policy, pool_name};
use super::place::rewrite_field;
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Found, FoundSrv, PoolRef};
use crate::edge::{Deployment, PoolId, Service};
use crate::lint::ZoneContext;
use crate::lint::rule::Out;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A pool, told apart from others in any service of the zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pool {
    Declared(PoolId),
    Addresses(BTreeSet<IpAddr>),
}

/// The pools of one service, the first to be tried at the front.
struct Order<'f> {
    found: &'f Found,
    service: Service,
    pools: Vec<(Pool, Vec<&'f FoundSrv>)>,
}

impl<'f> Order<'f> {
    /// None where a record's pool is not known, where two pools share a priority, or where a pool
    /// has two.
    fn of(context: &ZoneContext<'_>, found: &'f Found) -> Option<Self> {
        let service = found.service.filter(|service| is_ordered(&policy(context), *service))?;
        let mut by_pool: BTreeMap<Pool, Vec<&FoundSrv>> = BTreeMap::new();
        for record in &found.records {
            let pool = match known_pool(record)? {
                PoolRef::Declared(pool) => Pool::Declared(pool),
                PoolRef::Group(_) if is_troubled(context, record) => return None,
                PoolRef::Group(_) => Pool::Addresses(record.addresses()),
            };
            by_pool.entry(pool).or_default().push(record);
        }
        let priority = |records: &[&FoundSrv]| records.first().map(|record| record.srv.priority);
        let mut pools: Vec<_> = by_pool.into_iter().collect();
        pools.sort_by_key(|(_, records)| priority(records));
        let mixed = pools
            .iter()
            .any(|(_, records)| records.iter().any(|record| Some(record.srv.priority) != priority(records)));
        let equal = pools.windows(2).any(|pair| {
            let [(_, one), (_, other)] = pair else { return false };
            priority(one) == priority(other)
        });
        (pools.len() > 1 && !mixed && !equal).then_some(Self { found, service, pools })
    }

    fn sequence(&self) -> Vec<&Pool> {
        self.pools.iter().map(|(pool, _)| pool).collect()
    }

    fn records_of(&self, pool: &Pool) -> &[&'f FoundSrv] {
        self.pools.iter().find(|(known, _)| known == pool).map_or(&[], |(_, records)| records)
    }

    fn named(&self, context: &ZoneContext<'_>) -> String {
        let names = self.pools.iter().filter_map(|(_, records)| {
            let record = records.first()?;
            Some(format!("`{}`", pool_name(context, record.pool?, record)))
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn service_order_differs(context: &ZoneContext<'_>, services: &[&Found], out: Out<'_>) {
    if !is_external(context) {
        return;
    }
    let mut domains: BTreeMap<&str, Vec<Order<'_>>> = BTreeMap::new();
    for found in services.iter().filter(|found| found.service.is_some()) {
        domains.entry(&found.domain).or_default().extend(Order::of(context, found));
    }
    for mut orders in domains.into_values() {
        orders.sort_by_key(|order| order.service);
        match deployed(context).filter(|deployment| declares_orders(deployment)) {
            Some(deployment) => {
                for order in &orders {
                    against_declaration(context, deployment, order, out);
                }
            }
            None => {
                if let Some((reference, others)) = orders.split_first() {
                    for order in others {
                        against_service(context, reference, order, out);
                    }
                }
            }
        }
    }
}

/// Whether the declared priorities order the pools differently in different services.
fn declares_orders(deployment: &Deployment) -> bool {
    let all: Vec<PoolId> = deployment.pools().iter().map(|pool| pool.id).collect();
    let order = |service: Service| {
        let mut pools = all.clone();
        pools.sort_by_key(|pool| (deployment.priority(*pool, service).value, *pool));
        pools
    };
    // Of the services of Lync; another one is no measure for them.
    let [first, rest @ ..] = Service::LYNC;
    rest.into_iter().any(|service| order(service) != order(first))
}

fn against_service(context: &ZoneContext<'_>, reference: &Order<'_>, order: &Order<'_>, out: Out<'_>) {
    let wanted = reference.sequence();
    let Some((pool, span)) = first_difference(order, &wanted) else { return };
    let message = format!(
        "`{}` tries {}, but `{}` tries {}",
        order.found.owner,
        order.named(context),
        reference.found.owner,
        reference.named(context)
    );
    let mut finding = context.about("srv-service-order-differs", &span.record, span.record.field(0), message);
    if let Some(there) = reference.records_of(pool).first() {
        let owner = &reference.found.owner;
        finding = finding.related(there.record.field(0), format!("priority of the same pool in `{owner}`"));
    }
    finding = finding.help(format!("order the pools {}", reference.named(context)));
    if let Some(edits) = reordered(context, order, &wanted) {
        finding = finding.fixes(Applicability::Unsafe, edits);
    }
    out.push(finding);
}

fn against_declaration(context: &ZoneContext<'_>, deployment: &Deployment, order: &Order<'_>, out: Out<'_>) {
    let mut wanted = order.sequence();
    wanted.sort_by_key(|pool| match pool {
        Pool::Declared(pool) => (deployment.priority(*pool, order.service).value, Some(*pool)),
        Pool::Addresses(_) => (u16::MAX, None),
    });
    let Some((pool, record)) = first_difference(order, &wanted) else { return };
    let names: Vec<String> = wanted
        .iter()
        .filter_map(|pool| match pool {
            Pool::Declared(pool) => Some(format!("`{}`", deployment.pool(*pool).name.value)),
            Pool::Addresses(_) => None,
        })
        .collect();
    let message = format!(
        "`{}` tries {}, but zonewright.toml declares the order {}",
        order.found.owner,
        order.named(context),
        listed(&names)
    );
    let mut finding =
        context.about("srv-service-order-differs", &record.record, record.record.field(0), message);
    if let Pool::Declared(pool) = pool {
        let declared = deployment.priority(*pool, order.service);
        finding = finding.related(declared.span, format!("priority {} is declared here", declared.value));
    }
    if let Some(edits) = reordered(context, order, &wanted) {
        finding = finding.fixes(Applicability::Unsafe, edits);
    }
    out.push(finding.help(format!("order the pools {}", listed(&names))));
}

/// The first pool in the order that stands elsewhere in the wanted one; none when the orders are
/// equal or of different pools.
fn first_difference<'o, 'f>(order: &'o Order<'f>, wanted: &[&Pool]) -> Option<(&'o Pool, &'f FoundSrv)> {
    let mut sorted = (order.sequence(), wanted.to_vec());
    sorted.0.sort();
    sorted.1.sort();
    if sorted.0 != sorted.1 {
        return None;
    }
    let (pool, records) =
        order.pools.iter().zip(wanted).find(|((pool, _), wanted)| pool != **wanted).map(|(own, _)| own)?;
    Some((pool, records.first().copied()?))
}

/// Deals the numbers of the RRset out anew, in the wanted order.
fn reordered(context: &ZoneContext<'_>, order: &Order<'_>, wanted: &[&Pool]) -> Option<Vec<Edit>> {
    let numbers = order.pools.iter().filter_map(|(_, records)| records.first().map(|r| r.srv.priority));
    let mut edits = Vec::new();
    for (pool, number) in wanted.iter().zip(numbers) {
        for record in order.records_of(pool).iter().filter(|record| record.srv.priority != number) {
            edits.push(rewrite_field(context, &record.record, 0, number.to_string())?);
        }
    }
    edits.sort_by_key(|edit| edit.span);
    Some(edits)
}
