//! What several rules ask of an SRV record and of the deployment.

use crate::config::View;
use crate::edge::Policy;
use crate::edge::found::{Destination, Found, FoundSrv, PoolRef};
use crate::edge::{Deployment, FederationPolicy, RemoteAccessPolicy, Service, XmppPolicy};
use crate::lint::ZoneContext;
use crate::text::Span;
use crate::zonefile::target::is_address;

/// The declared deployment, when it has Edge pools.
pub(super) fn deployed<'z>(context: &ZoneContext<'z>) -> Option<&'z Deployment> {
    context.deployment.filter(|deployment| !deployment.pools().is_empty())
}

/// Whether the zone is one that outsiders see.
pub(in crate::lint) fn is_external(context: &ZoneContext<'_>) -> bool {
    context.view == View::External
}

/// The policies in force: the declared ones, or the defaults.
pub(in crate::lint) fn policy(context: &ZoneContext<'_>) -> Policy {
    context.deployment.map(|deployment| *deployment.policy()).unwrap_or_default()
}

/// Whether the policy wants a record per pool, in an order that priorities give.
pub(in crate::lint) fn is_ordered(policy: &Policy, service: Service) -> bool {
    match service {
        Service::RemoteAccess => policy.remote_access == RemoteAccessPolicy::SrvPriority,
        Service::Federation => policy.federation == FederationPolicy::SrvPriority,
        Service::Xmpp => policy.xmpp == XmppPolicy::Prestaged,
        Service::Other(_) => true,
    }
}

/// Whether the target offers nothing: `.`.
pub(in crate::lint) fn is_null(record: &FoundSrv) -> bool {
    matches!(record.destination, Destination::Null)
}

/// The name that a target means: with its final dot, if that is missing.
pub(in crate::lint) fn meant(context: &ZoneContext<'_>, record: &FoundSrv) -> String {
    if record.misses_dot {
        written(context, record.srv.target.span)
    } else {
        record.srv.target.absolute.clone()
    }
}

/// The text of a span, in lower case.
pub(super) fn written(context: &ZoneContext<'_>, span: Span) -> String {
    String::from_utf8_lossy(&context.zone.sources().bytes(span)).to_ascii_lowercase()
}

/// Whether another rule already says that the target itself is wrong: an alias, an address, a name
/// without addresses or without its final dot. What follows from that is not said again.
pub(super) fn is_troubled(context: &ZoneContext<'_>, record: &FoundSrv) -> bool {
    record.misses_dot
        || !record.aliases.is_empty()
        || matches!(record.destination, Destination::NoAddress | Destination::BelowDname)
        || is_address(record.srv.target.absolute.as_bytes())
        || is_address(&context.zone.sources().bytes(record.srv.target.span))
}

/// The pool of a record when two pools can be told apart by it: a declared one, or a group of
/// targets with known addresses.
pub(super) fn known_pool(record: &FoundSrv) -> Option<PoolRef> {
    record.pool.filter(|pool| match pool {
        PoolRef::Declared(_) => true,
        PoolRef::Group(_) => !record.addresses().is_empty(),
    })
}

/// How to call a pool: by its `id`, without a declaration by the target.
pub(super) fn pool_name(context: &ZoneContext<'_>, pool: PoolRef, record: &FoundSrv) -> String {
    match (pool, context.deployment) {
        (PoolRef::Declared(pool), Some(deployment)) => deployment.pool(pool).name.value.clone(),
        _ => meant(context, record),
    }
}

/// The first two labels of the owner: `_sip._tls`.
pub(super) fn prefix(found: &Found) -> &str {
    found.owner.strip_suffix(&found.domain).and_then(|rest| rest.strip_suffix('.')).unwrap_or(&found.owner)
}

/// The SRV RRset of a service at a domain.
pub(super) fn rrset<'c>(context: &'c ZoneContext<'_>, service: Service, domain: &str) -> Option<&'c Found> {
    let owner = service.owner(domain);
    let key = context.zone.key(owner.as_bytes())?;
    let at = context.services.binary_search_by(|found| found.key.as_slice().cmp(key)).ok()?;
    context.services.get(at)
}

/// The record of the RRset that stands last in the file.
pub(super) fn last(found: &Found) -> Option<&FoundSrv> {
    found.records.iter().max_by_key(|record| record.record.place)
}

/// The highest priority of the RRset rounded up to the next multiple of ten that nothing has.
pub(super) fn next_priority(taken: &[u16]) -> Option<u16> {
    let highest = taken.iter().copied().max().unwrap_or(0);
    (highest / 10).checked_add(1)?.checked_mul(10)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
