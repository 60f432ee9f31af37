//! TTLs before and after a move.

use super::facts::{finding, values};
use crate::change::{RrsetChange, ZoneChange};
use crate::config::View;
use crate::diagnostic::Applicability;
use crate::edge::found::{Found, PoolRef, service_of};
use crate::edge::{Deployment, PoolId, State, XmppPolicy};
use crate::lint::ZoneContext;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::srv::with_ttl;
use crate::zone::Zone;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

/// Types whose records lead callers from one host to another.
const MOVING: [Rtype; 4] = [Rtype::SRV, Rtype::A, Rtype::AAAA, Rtype::CNAME];

/// The RRsets whose callers have to follow a move in time.
enum Watched<'d> {
    /// Those that a configured window is for: all of the moving types.
    All,
    /// Those of the declared deployment.
    Edge { deployment: &'d Deployment, names: BTreeSet<String> },
}

impl<'d> Watched<'d> {
    /// Those of the deployment, in a zone that outsiders see.
    fn edge(context: &ZoneContext<'d>) -> Option<Self> {
        let deployment = context.deployment.filter(|deployment| !deployment.pools().is_empty())?;
        if context.view != View::External {
            return None;
        }
        let pools = deployment.pools().iter();
        let mut names: BTreeSet<String> =
            pools.flat_map(|pool| deployment.names(pool.id)).map(|(name, ..)| name).collect();
        if deployment.policy().xmpp == XmppPolicy::SwingA {
            let domains = deployment.sip_domains().iter();
            names.extend(domains.map(|domain| deployment.shared_xmpp_name(&domain.name.value)));
        }
        Some(Self::Edge { deployment, names })
    }

    fn has(&self, zone: &Zone, key: &[u8], rtype: Rtype) -> bool {
        let Self::Edge { deployment, names } = self else { return true };
        let owner = zone.absolute(key);
        match rtype {
            Rtype::SRV => service_of(&owner, Some(deployment))
                .is_some_and(|(_, domain)| deployment.sip_domain(domain).is_some()),
            _ => names.contains(&owner),
        }
    }
}

/// What a change may take to be seen, in seconds, and for which RRsets.
fn window<'d>(context: &ZoneContext<'d>) -> Option<(u32, Watched<'d>)> {
    if let Some(window) = context.limits.ttl_window {
        return Some((window, Watched::All));
    }
    let policy = context.deployment?.policy();
    let window = policy.rto.unwrap_or(policy.switch_ttl).max(policy.switch_ttl);
    Some((window, Watched::edge(context)?))
}

/// Whether callers with the old answer are led elsewhere by a new one.
fn is_moved(change: &ZoneChange<'_>, rrset: &RrsetChange) -> bool {
    if rrset.removed.is_empty() {
        return false;
    }
    let has_new = |rtype: &Rtype| change.rrset(&rrset.key, *rtype).is_some_and(RrsetChange::is_new);
    !rrset.is_gone() || MOVING.iter().any(has_new)
}

fn not_lowered(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some((window, watched)) = window(context) else { return };
    for rrset in change.rrsets.iter().filter(|rrset| MOVING.contains(&rrset.rtype)) {
        let Some(ttl) = rrset.ttl_before().filter(|ttl| *ttl > window) else { continue };
        if !is_moved(change, rrset) || !watched.has(context.zone, &rrset.key, rrset.rtype) {
            continue;
        }
        let message = format!(
            "`{}` {} is changed, but caches may hold {} for {ttl} s, longer than {window} s",
            context.zone.absolute(&rrset.key),
            rrset.rtype,
            values(change.before, &rrset.key, &rrset.removed)
        );
        let first = rrset.added.iter().min_by_key(|rec| rec.place());
        let help = match watched {
            Watched::All => String::new(),
            Watched::Edge { .. } => String::from("; `zonewright plan ... --staged` plans it so"),
        };
        out.push(
            finding(context, "ttl-not-lowered-before-change", (&rrset.key, rrset.rtype), first, message)
                .help(format!("publish a TTL of {window} first, and change the records {ttl} s later{help}")),
        );
    }
}

/// Whether the zone says that a move is under way: by what stands in its comments, or by an order of
/// pools that is not the declared one.
fn is_moving(context: &ZoneContext<'_>, deployment: &Deployment) -> bool {
    let words = ["parked", "failover", "drained"];
    let marked = context.zone.notes().iter().any(|note| words.iter().any(|word| note.text.starts_with(word)));
    marked || context.services.iter().any(|found| !is_home(found, deployment))
}

/// Whether the declared pool comes first; of an RRset that has no declared pool, nothing else is known.
fn is_home(found: &Found, deployment: &Deployment) -> bool {
    let Some(service) = found.service else { return true };
    let first: Option<PoolId> = found
        .records
        .iter()
        .filter_map(|record| match record.pool? {
            PoolRef::Declared(pool) => Some((record.srv.priority, pool)),
            PoolRef::Group(_) => None,
        })
        .min()
        .map(|(_, pool)| pool);
    let home = State::steady().active(deployment, service);
    first.is_none() || home.is_none() || first == home
}

fn not_restored(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let zone = context.zone;
    let Some(watched @ Watched::Edge { deployment, .. }) = &Watched::edge(context) else { return };
    let (low, steady) = (deployment.policy().switch_ttl, deployment.policy().steady_ttl);
    if low >= steady || is_moving(context, deployment) {
        return;
    }
    let Watched::Edge { names, .. } = watched else { return };
    let hosts = names.iter().filter_map(|name| zone.key(name.as_bytes()).map(<[u8]>::to_vec));
    let hosts = hosts.flat_map(|key| [Rtype::A, Rtype::AAAA, Rtype::CNAME].map(|rtype| (key.clone(), rtype)));
    let services = context.services.iter().map(|found| (found.key.clone(), Rtype::SRV));
    for (key, rtype) in services.chain(hosts) {
        let records = zone.read_rrset(&key, rtype);
        let Some(first) = records.first() else { continue };
        let is_low = records.iter().all(|record| record.ttl <= low);
        if !is_low || change.rrset(&key, rtype).is_some() || !watched.has(zone, &key, rtype) {
            continue;
        }
        let message = format!(
            "`{}` {rtype}: TTL {} is that of a move, and was there before this change",
            first.owner, first.ttl
        );
        let span = first.ttl_span.unwrap_or(first.type_span);
        let mut finding = context
            .about("ttl-not-restored", first, span, message)
            .help(format!("write {steady} again, the `steady_ttl` of the policy"));
        let edits: Option<Vec<_>> = records.iter().map(|record| with_ttl(context, record, steady)).collect();
        if let Some(mut edits) = edits {
            edits.sort_by_key(|edit| edit.span);
            finding = finding.fixes(Applicability::Unsafe, edits);
        }
        out.push(finding);
    }
}

/// The rules about TTLs.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "ttl-not-lowered-before-change",
        Warning,
        No,
        "RFC 1912 2.2",
        Check::Change(not_lowered),
        "records that move though caches hold the old ones for longer than a move may take"
    ),
    rule!(
        Change,
        ".",
        "ttl-not-restored",
        Info,
        Unsafe,
        "RFC 1912 2.2",
        Check::Change(not_restored),
        "a TTL that is still as short as for a move"
    ),
];
