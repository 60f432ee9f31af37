//! Addresses of the names of declared pools.

use super::facts::{deployed, is_external, listed};
use super::line::{self, NewRecord};
use super::place::{delete, owner_place, rewrite_field};
use crate::diagnostic::{Applicability, Edit, Finding, Severity};
use crate::edge::drained::drained_addresses;
use crate::edge::{AddressKind, Deployment, PoolId, Service, State, XmppPolicy};
use crate::lint::ZoneContext;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{Lookup, Record};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A name, and the addresses that it must have.
struct Declared {
    name: String,
    kind: AddressKind,
    pool: PoolId,
    span: Span,
    /// Whether it goes from pool to pool with the XMPP route.
    swings: bool,
}

pub(super) fn target_address_drift(context: &ZoneContext<'_>, out: Out<'_>) {
    let Some(deployment) = deployed(context).filter(|_| is_external(context)) else { return };
    for declared in names(deployment) {
        let Some(key) = context.zone.key(declared.name.as_bytes()) else { continue };
        let Lookup::Found(name) = context.zone.lookup(key) else { continue };
        // A pool's name that is an alias is reported where an SRV record names it.
        if context.zone.types_of(name).has(Rtype::CNAME) {
            continue;
        }
        let wanted = deployment.addresses(declared.pool, declared.kind);
        if let Some(finding) = swung(context, deployment, &declared, key) {
            out.push(finding);
            continue;
        }
        for rtype in [Rtype::A, Rtype::AAAA] {
            let of_type = |address: &IpAddr| address.is_ipv4() == (rtype == Rtype::A);
            let wanted: BTreeSet<IpAddr> = wanted.iter().copied().filter(of_type).collect();
            let records = context.zone.read_rrset(key, rtype);
            // A family that nobody declared is not judged, and a name without any address is
            // reported where an SRV record names it.
            if !wanted.is_empty() && !records.is_empty() {
                out.extend(compare(context, deployment, &declared, &wanted, &records));
            }
        }
    }
}

/// The names of all pools, and those that the pool with the XMPP route lends its addresses.
fn names(deployment: &Deployment) -> Vec<Declared> {
    let mut names = Vec::new();
    for pool in deployment.pools() {
        for (name, kind, span) in deployment.names(pool.id) {
            names.push(Declared { name, kind, pool: pool.id, span, swings: false });
        }
    }
    let active = State::steady().active(deployment, Service::Xmpp);
    if let Some(pool) = active.filter(|_| deployment.policy().xmpp == XmppPolicy::SwingA) {
        for domain in
            deployment.sip_domains().iter().filter(|domain| domain.services.contains(&Service::Xmpp))
        {
            let name = deployment.shared_xmpp_name(&domain.name.value);
            let span = deployment.pool(pool).name.span;
            names.push(Declared { name, kind: AddressKind::Access, pool, span, swings: true });
        }
    }
    names
}

/// A swinging name with exactly the addresses of another pool: that is how a failover leaves it.
fn swung(
    context: &ZoneContext<'_>,
    deployment: &Deployment,
    declared: &Declared,
    key: &[u8],
) -> Option<Finding> {
    let records = context.zone.addresses(key);
    let present: BTreeSet<IpAddr> = records.iter().filter_map(Record::address).collect();
    let first = records.first().filter(|_| declared.swings && !context.partial)?;
    let drained = drained_addresses(context.zone);
    let has_these = |pool: &PoolId| {
        let all = deployment.addresses(*pool, declared.kind);
        present.is_subset(&all) && all.difference(&present).all(|address| drained.contains(address))
    };
    let other = deployment
        .pools_with(Service::Xmpp)
        .into_iter()
        .find(|pool| *pool != declared.pool && has_these(pool))?;
    let (holder, other) = (&deployment.pool(declared.pool).name.value, &deployment.pool(other).name.value);
    let message = format!("`{}` leads to pool `{other}`, the XMPP route to pool `{holder}`", declared.name);
    let mut finding = context.about("srv-target-address-drift", first, first.field(0), message);
    finding.severity = Severity::Info;
    if let Some(route) = deployment.sites().iter().find_map(|site| site.xmpp_route) {
        finding = finding.related(route.span, "XMPP route declared here");
    }
    Some(finding.help(format!("bring XMPP back to `{holder}`, or set the routes to `{other}`")))
}

fn compare(
    context: &ZoneContext<'_>,
    deployment: &Deployment,
    declared: &Declared,
    wanted: &BTreeSet<IpAddr>,
    records: &[Record],
) -> Option<Finding> {
    let present: BTreeSet<IpAddr> = records.iter().filter_map(Record::address).collect();
    let missing: Vec<IpAddr> = match context.partial {
        true => Vec::new(),
        false => wanted.difference(&present).copied().collect(),
    };
    let extra: Vec<&Record> = records
        .iter()
        .filter(|record| record.address().is_some_and(|address| !wanted.contains(&address)))
        .collect();
    let drained = if missing.is_empty() { BTreeSet::new() } else { drained_addresses(context.zone) };
    let (out, lost): (Vec<IpAddr>, Vec<IpAddr>) =
        missing.into_iter().partition(|address| drained.contains(address));
    // That is how a drain leaves it; what is wrong besides is said as if nobody were drained.
    let by_drain = lost.is_empty() && extra.is_empty();
    let missing = if by_drain { out } else { lost };
    let first = records.first()?;
    let pool = &deployment.pool(declared.pool).name.value;
    let extra_text = listed(
        &extra
            .iter()
            .filter_map(|record| record.address())
            .map(|address| address.to_string())
            .collect::<Vec<_>>(),
    );
    let missing_text = listed(&missing.iter().map(IpAddr::to_string).collect::<Vec<_>>());
    let message = match (extra.is_empty(), missing.is_empty()) {
        (true, true) => return None,
        (false, false) => {
            format!("`{}` has {extra_text} instead of {missing_text} of pool `{pool}`", declared.name)
        }
        (false, true) => format!("`{}` has {extra_text}, which pool `{pool}` does not have", declared.name),
        (true, false) => format!("`{}` lacks {missing_text} of pool `{pool}`", declared.name),
    };
    let (at, span) = extra.first().map_or((first, owner_place(first)), |extra| (*extra, extra.field(0)));
    let mut finding = context.about("srv-target-address-drift", at, span, message);
    let mut labelled = false;
    for (address, place, server) in server_addresses(deployment, declared) {
        if missing.contains(&address) {
            finding = finding.related(place, format!("address of `{server}`"));
            labelled = true;
        }
    }
    for (other, place) in foreign_addresses(deployment, declared) {
        if extra.iter().any(|record| record.address() == Some(other.1)) {
            finding = finding.related(place, format!("{} is an address of pool `{}`", other.1, other.0));
            labelled = true;
        }
    }
    if !labelled {
        finding = finding.related(declared.span, format!("name of pool `{pool}`"));
    }
    if by_drain {
        finding.severity = Severity::Info;
        return Some(finding.help("bring the server back with `zonewright plan restore`"));
    }
    let all: Vec<String> = wanted.iter().map(IpAddr::to_string).collect();
    finding = finding.help(format!("write {}, or correct zonewright.toml", listed(&all)));
    if !context.partial
        && let Some(edits) = edits(context, records.last().unwrap_or(first), &extra, &missing)
    {
        finding = finding.fixes(Applicability::Unsafe, edits);
    }
    Some(finding)
}

/// The declared addresses of a name: the address, where it is declared, and the server.
fn server_addresses<'d>(deployment: &'d Deployment, declared: &Declared) -> Vec<(IpAddr, Span, &'d str)> {
    let pool = deployment.pool(declared.pool);
    let virtual_ones = pool.vip.of(declared.kind).iter().map(|address| (address, pool.name.value.as_str()));
    let servers = pool.servers.iter().flat_map(|server| {
        let own = server.external.of(declared.kind);
        let chosen = if own.is_empty() { &server.external.access } else { own };
        chosen.iter().map(|address| (address, server.name.value.as_str()))
    });
    virtual_ones.chain(servers).map(|(address, name)| (address.value, address.span, name)).collect()
}

/// The addresses that other pools declare.
fn foreign_addresses<'d>(deployment: &'d Deployment, declared: &Declared) -> Vec<((&'d str, IpAddr), Span)> {
    let mut foreign = Vec::new();
    for pool in deployment.pools().iter().filter(|pool| pool.id != declared.pool) {
        let all = std::iter::once(&pool.vip).chain(pool.servers.iter().map(|server| &server.external));
        for addresses in all {
            for address in AddressKind::ALL.into_iter().flat_map(|kind| addresses.of(kind)) {
                foreign.push(((pool.name.value.as_str(), address.value), address.span));
            }
        }
    }
    foreign
}

/// Replaces, adds and removes; none where one of these cannot be done safely.
fn edits(
    context: &ZoneContext<'_>,
    last: &Record,
    extra: &[&Record],
    missing: &[IpAddr],
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for (record, address) in extra.iter().zip(missing) {
        edits.push(rewrite_field(context, record, 0, address.to_string())?);
    }
    let surplus = extra.get(missing.len()..).unwrap_or_default();
    if !surplus.is_empty() {
        edits.extend(delete(context, surplus)?);
    }
    let new: Vec<NewRecord<'_>> = missing
        .iter()
        .skip(extra.len())
        .map(|address| NewRecord { owner: None, fields: vec![address.to_string()], target: None })
        .collect();
    if !new.is_empty() {
        edits.push(line::insert_after(context, last, &new)?);
    }
    edits.sort_by_key(|edit| edit.span);
    Some(edits)
}
