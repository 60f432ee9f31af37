//! NS, MX and the addresses of name servers.

use super::facts::{Family, finding, values};
use crate::change::{RrsetChange, ZoneChange};
use crate::config::View;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Workspace, ZoneContext};
use crate::zone::{Lookup, Record, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The values and the TTL of the records of an RRset that are gone.
fn gone(change: &ZoneChange<'_>, rrset: &RrsetChange) -> String {
    let values = values(change.before, &rrset.key, &rrset.removed);
    format!("{values}, TTL {}", rrset.ttl_before().unwrap_or_default())
}

fn apex_ns_replaced(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let Some(rrset) = change.rrset(b"", Rtype::NS) else { return };
    if !rrset.kept.is_empty() || rrset.removed.is_empty() || rrset.added.is_empty() {
        return;
    }
    let message = format!(
        "no name server of zone `{}` stays: {} instead of {}",
        context.zone.apex(),
        values(context.zone, b"", &rrset.added),
        gone(change, rrset)
    );
    let first = rrset.added.iter().min_by_key(|rec| rec.place());
    out.push(
        finding(context, "apex-ns-replaced", (b"", Rtype::NS), first, message)
            .help("serve the zone from both until the parent names the new ones and the old TTLs are over"),
    );
}

fn mx_removed(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let zone = context.zone;
    for rrset in change.rrsets.iter().filter(|rrset| rrset.rtype == Rtype::MX && rrset.is_gone()) {
        let key = &rrset.key;
        let takes_mail = |record: &Record| record.target().is_some_and(|target| target.absolute != ".");
        if !change.before.read_rrset(key, Rtype::MX).iter().any(takes_mail) {
            continue;
        }
        let answered = match zone.lookup(key) {
            Lookup::BelowCut { .. } | Lookup::BelowDname(_) => true,
            Lookup::Found(name) => zone.types_of(name).has(Rtype::CNAME),
            Lookup::Wildcard(name) => {
                let types = zone.types_of(name);
                types.has(Rtype::MX) || types.has(Rtype::CNAME)
            }
            Lookup::EmptyNonTerminal | Lookup::Missing => false,
        };
        if answered {
            continue;
        }
        let message =
            format!("`{}` has no MX record any more; it had {}", zone.absolute(key), gone(change, rrset));
        out.push(
            finding(context, "mx-removed", (key, Rtype::MX), None, message)
                .help("if the name shall take no mail, say so: `MX 0 .`"),
        );
    }
}

fn delegation_removed(context: &ZoneContext<'_>, change: &ZoneChange<'_>, out: Out<'_>) {
    let zone = context.zone;
    let cuts = change.rrsets.iter().filter(|rrset| rrset.rtype == Rtype::NS && !rrset.key.is_empty());
    for rrset in cuts.filter(|rrset| rrset.is_gone()) {
        let key = &rrset.key;
        let was_cut =
            change.before.cut_above(key).is_some_and(|cut| change.before.key_of(cut) == key.as_slice());
        if !was_cut || zone.cut_above(key).is_some() {
            continue;
        }
        let name = zone.absolute(key);
        let left = zone.rrset(key, Rtype::DS);
        let ttl = rrset.ttl_before().unwrap_or_default();
        let (also, help) = match left.is_empty() {
            true => {
                ("", format!("resolvers keep the delegation for {ttl} s: let its servers answer for as long"))
            }
            false => (", and its DS record is left behind", String::from("remove the DS record too")),
        };
        let message = format!("`{name}` is delegated no more{also}; it had NS {}", gone(change, rrset));
        out.push(finding(context, "delegation-removed", (key, Rtype::NS), left.first(), message).help(help));
    }
}

fn addresses(zone: &Zone, key: &[u8], rtype: Rtype) -> BTreeSet<IpAddr> {
    zone.read_rrset(key, rtype).iter().filter_map(Record::address).collect()
}

fn listed(addresses: &BTreeSet<IpAddr>) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// Addresses of name servers within their own zone: the parent has a copy of them.
fn glue_change(workspace: &Workspace<'_>, out: Out<'_>) {
    let family = Family::of(workspace.zones);
    for context in workspace.zones {
        let Some(change) = &context.change else { continue };
        let names = |zone: &Zone| -> BTreeSet<Vec<u8>> {
            let records = zone.read_rrset(b"", Rtype::NS);
            let targets = records.iter().filter_map(Record::target).filter(|target| target.in_zone);
            targets.map(|target| target.name.clone()).collect()
        };
        let mut servers: Option<BTreeSet<Vec<u8>>> = None;
        for rrset in change.rrsets.iter().filter(|rrset| rrset.rtype.is_address()) {
            if !rrset.has_other_data() {
                continue;
            }
            let servers = servers.get_or_insert_with(|| {
                names(change.before).intersection(&names(context.zone)).cloned().collect()
            });
            let delegated = context.zone.cut_above(&rrset.key).is_some();
            if servers.contains(&rrset.key) && !delegated {
                glue_of(context, change, rrset, &family, out);
            }
        }
    }
}

fn glue_of(
    context: &ZoneContext<'_>,
    change: &ZoneChange<'_>,
    rrset: &RrsetChange,
    family: &Family<'_, '_>,
    out: Out<'_>,
) {
    let zone = context.zone;
    let owner = zone.absolute(&rrset.key);
    let now = addresses(zone, &rrset.key, rrset.rtype);
    let what = |place: &str| {
        let now = if now.is_empty() { String::from("none") } else { listed(&now) };
        format!("address of name server `{owner}`: {} {now}; {place}", rrset.rtype)
    };
    let first = rrset.added.iter().min_by_key(|rec| rec.place());
    let rule = "glue-change-needs-parent";
    if family.above(context).is_empty() {
        // What the parent holds is not at hand; it need not have what is new, but must not keep what is gone.
        if context.view == View::Internal || rrset.removed.is_empty() {
            return;
        }
        let message = what(&format!("the parent zone may still have {}", gone(change, rrset)));
        let help = format!(
            "have the glue of `{owner}` changed at the registrar or the parent zone, before the old address goes"
        );
        out.push(finding(context, rule, (&rrset.key, rrset.rtype), first, message).help(help));
        return;
    }
    for (parent, _) in family.parents(context) {
        let Some(key) = parent.zone.key(owner.as_bytes()) else { continue };
        let glue = parent.zone.read_rrset(key, rrset.rtype);
        let held: BTreeSet<IpAddr> = glue.iter().filter_map(Record::address).collect();
        if held.is_empty() || held == now {
            continue;
        }
        let message = what(&format!("zone `{}` still has {} as glue", parent.zone.apex(), listed(&held)));
        let mut finding = finding(context, rule, (&rrset.key, rrset.rtype), first, message);
        for record in &glue {
            finding = finding.related(record.rdata_span(), "glue");
        }
        out.push(finding.help("change both zones together"));
    }
}

/// The rules about name servers, mail servers and delegations.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Change,
        ".",
        "apex-ns-replaced",
        Warning,
        No,
        "RFC 1034 4.2.2",
        Check::Change(apex_ns_replaced),
        "all name servers of the zone replaced at once"
    ),
    rule!(
        Change,
        ".",
        "delegation-removed",
        Warning,
        No,
        "RFC 1034 4.2.2, RFC 4035 2.4",
        Check::Change(delegation_removed),
        "a delegation that is gone, with or without its DS records"
    ),
    rule!(
        Change,
        ".",
        "glue-change-needs-parent",
        Warning,
        No,
        "RFC 1034 4.2.2",
        Check::Workspace(glue_change),
        "a name server has another address, of which the parent zone has a copy"
    ),
    rule!(
        Change,
        ".",
        "mx-removed",
        Warning,
        No,
        "RFC 5321 5.1, RFC 7505",
        Check::Change(mx_removed),
        "the last MX record of a name is gone"
    ),
];
