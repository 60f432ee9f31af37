//! What is seen inside and what is seen outside.

use super::facts::{deployed, is_null, is_ordered, known_pool, meant, policy, prefix, rrset};
use super::place::{owner_place, service_at};
use crate::config::View;
use crate::edge::found::{Found, FoundSrv, PoolRef};
use crate::edge::{Service, is_private};
use crate::lint::rule::Out;
use crate::lint::{Workspace, ZoneContext};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The owners that only clients inside ask for.
const INTERNAL: [&str; 2] = ["_sipinternaltls._tcp", "_sipinternal._tcp"];

pub(super) fn internal_label_in_public(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(first) = found.records.iter().find(|record| !is_null(record)) else { return };
    let rule = "srv-internal-label-in-public";
    let about = |message: String| context.about(rule, &first.record, owner_place(&first.record), message);
    if INTERNAL.contains(&prefix(found)) {
        let beside = sibling(context, found, "_sip._tls");
        let message = format!("`{}` is for clients inside, but the zone is public", found.owner);
        let help = "keep it in the internal zone only";
        match (context.declared, context.view) {
            (true, View::Internal) => {}
            (true, View::External) => out.push(about(message).help(help)),
            (false, _) => {
                if let Some(record) = beside.as_deref().and_then(public) {
                    let label = "for clients outside, with public addresses";
                    out.push(about(message).related(owner_place(&record.record), label).help(help));
                }
            }
        }
    } else if found.service == Some(Service::RemoteAccess)
        && context.declared
        && context.view == View::Internal
        && !context.partial
        && sibling(context, found, "_sipinternaltls._tcp").is_none()
    {
        let message = format!(
            "`{}` is for clients outside, but the zone is internal and has no `_sipinternaltls._tcp.{}`",
            found.owner, found.domain
        );
        out.push(
            about(message).help("add `_sipinternaltls._tcp` with the Front End pool, or remove it here"),
        );
    }
}

/// The RRset of another service at the same domain, if it offers something.
fn sibling<'c>(context: &'c ZoneContext<'_>, found: &Found, labels: &str) -> Option<Cow<'c, Found>> {
    service_at(context, &format!("{labels}.{}", found.domain))
        .filter(|other| !other.records.iter().all(is_null))
}

/// The first record of an RRset, if addresses are known and all of them are public.
fn public(found: &Found) -> Option<&FoundSrv> {
    let addresses: BTreeSet<IpAddr> = found.records.iter().flat_map(FoundSrv::addresses).collect();
    let all = !addresses.is_empty() && !addresses.iter().any(is_private);
    found.records.first().filter(|_| all)
}

pub(super) fn view_inconsistent(workspace: &Workspace<'_>, out: Out<'_>) {
    let copies = |view: View| {
        workspace
            .zones
            .iter()
            .filter(move |context| context.declared && context.view == view && !context.partial)
    };
    for outside in copies(View::External) {
        let Some(inside) = copies(View::Internal)
            .find(|inside| inside.zone.apex().as_bytes() == outside.zone.apex().as_bytes())
        else {
            continue;
        };
        for found in outside.services.iter().filter(|found| found.service == Some(Service::Federation)) {
            if let Some(copy) = rrset(inside, Service::Federation, &found.domain) {
                compare(outside, found, inside, copy, out);
            }
        }
    }
}

/// Whether another rule already reports the records outside: pools that share a priority, or a pool
/// that is left out.
fn is_faulty(context: &ZoneContext<'_>, found: &Found) -> bool {
    if !is_ordered(&policy(context), Service::Federation) {
        return false;
    }
    let pools: BTreeSet<_> =
        found.records.iter().filter_map(|record| Some((record.srv.priority, known_pool(record)?))).collect();
    let shared = pools.iter().zip(pools.iter().skip(1)).any(|(one, other)| one.0 == other.0);
    let covered = |pool| pools.iter().any(|(_, known)| *known == PoolRef::Declared(pool));
    shared
        || deployed(context)
            .is_some_and(|deployment| !deployment.pools_with(Service::Federation).into_iter().all(covered))
}

/// What the copies of a record must have in common. A port that is not the pool's is reported as that.
type Said = (u16, Option<u16>, String);

fn compare(outside: &ZoneContext<'_>, found: &Found, inside: &ZoneContext<'_>, copy: &Found, out: Out<'_>) {
    let said = |context: &ZoneContext<'_>, record: &FoundSrv| -> Said {
        let port = Some(record.srv.port).filter(|_| deployed(context).is_none() || record.pool.is_none());
        (record.srv.priority, port, meant(context, record))
    };
    let there: BTreeSet<Said> = copy.records.iter().map(|record| said(inside, record)).collect();
    let here: BTreeSet<Said> = found.records.iter().map(|record| said(outside, record)).collect();
    if there == here || is_faulty(outside, found) {
        return;
    }
    let lacking = found.records.iter().find(|record| !there.contains(&said(outside, record)));
    let surplus = copy.records.iter().find(|record| !here.contains(&said(inside, record)));
    let (Some(at), Some(label)) =
        (lacking.or_else(|| found.records.first()), surplus.or_else(|| copy.records.first()))
    else {
        return;
    };
    let text = |record: &FoundSrv| {
        format!("priority {} port {} `{}`", record.srv.priority, record.srv.port, record.srv.target.absolute)
    };
    let message = match (lacking, surplus) {
        (Some(lacking), Some(surplus)) => {
            format!("`{}` has {} outside and {} inside", found.owner, text(lacking), text(surplus))
        }
        (Some(lacking), None) => format!("`{}` has {} outside only", found.owner, text(lacking)),
        (None, Some(surplus)) => format!("`{}` has {} inside only", found.owner, text(surplus)),
        (None, None) => return,
    };
    out.push(
        outside
            .about("srv-view-inconsistent", &at.record, at.srv.target.span, message)
            .related(label.srv.target.span, "in the internal zone")
            .help("make both zones say the same"),
    );
}
