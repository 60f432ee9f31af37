//! The name servers of a zone: how many, how far apart, and how they are reached (RFC 2182, RFC 3901).

use super::soa::is_for_itself;
use crate::config::ZoneKind;
use crate::lint::context::{RrsetView, Workspace, ZoneContext};
use crate::lint::measures::MOST_SERVERS;
use crate::lint::reach::{belong_together, is_public, is_whole};
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{Lookup, NameId, Rec, Record, Target};
use crate::zonefile::name::parent;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// `ns-single`
pub(super) fn single(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    // Who runs the servers of a delegated zone is another's matter in a registry; below an underscore
    // they are those of a single service, such as the answers to the challenges of a certificate.
    let is_other = !key.is_empty() && (context.kind != ZoneKind::Public || key.starts_with(b"_"));
    if is_other || !is_whole(context) || key.starts_with(b"*") {
        return;
    }
    let mut servers = zone.records(name).filter(|rec| rec.rtype == Rtype::NS);
    let Some(first) = servers.next() else { return };
    if servers.any(|other| other.rdata_hash != first.rdata_hash) || !is_public(context) {
        return;
    }
    let is_hidden = parent(key).is_some_and(|above| zone.cut_above(above).is_some());
    if is_hidden || key.is_empty() && is_for_itself(context) {
        return;
    }
    let Some(record) = zone.record(key, first) else { return };
    let span = record.target().map_or(record.type_span, |target| target.span);
    let message = format!("`{}` has only one name server", record.owner);
    let help = "add a second one, in another network";
    out.push(context.about("ns-single", &record, span, message).help(help));
}

/// `ns-too-many`
pub(super) fn too_many(context: &ZoneContext<'_>, rrset: &RrsetView<'_>, out: Out<'_>) {
    if rrset.rtype != Rtype::NS || rrset.records.len() <= MOST_SERVERS {
        return;
    }
    let mut seen = BTreeSet::new();
    let distinct = |rec: &&Rec| seen.insert(rec.rdata_hash);
    let servers: Vec<&Rec> = rrset.records.iter().filter(distinct).collect();
    let Some(record) = servers.get(MOST_SERVERS).and_then(|rec| context.zone.record(rrset.key, **rec)) else {
        return;
    };
    let message = format!("`{}` has {} name servers, more than {MOST_SERVERS}", record.owner, servers.len());
    let help = "answers with all of them get too large for UDP";
    out.push(context.about("ns-too-many", &record, record.type_span, message).help(help));
}

/// `ns-target-below-dname`
pub(super) fn below_dname(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !zone.types().has(Rtype::DNAME) {
        return;
    }
    for name in zone.names().filter(|name| zone.types_of(*name).has(Rtype::NS)) {
        for record in zone.read_rrset(zone.key_of(name), Rtype::NS) {
            let Some(target) = record.target().filter(|target| target.in_zone) else { continue };
            let Lookup::BelowDname(dname) = zone.lookup(&target.name) else { continue };
            if zone.suspect_at(target.span).is_some_and(|suspect| zone.is_mistaken(suspect)) {
                continue;
            }
            let above = zone.key_of(dname);
            let message = format!(
                "`{}` NS: `{}` lies below the DNAME of `{}`",
                record.owner,
                target.absolute,
                zone.absolute(above)
            );
            let mut finding = context
                .about("ns-target-below-dname", &record, target.span, message)
                .help("name a server that has addresses of its own");
            if let Some(dname) = zone.read_rrset(above, Rtype::DNAME).first() {
                finding = finding.related(dname.span, "names below it lead elsewhere");
            }
            out.push(finding);
        }
    }
}

/// A name server of a zone.
struct Server<'w> {
    record: &'w Record,
    /// Its address records, in the zone that they stand in; none when they are not known, or it has none.
    addresses: Vec<Rec>,
    holder: Option<(&'w ZoneContext<'w>, NameId)>,
}

impl Server<'_> {
    fn name(&self) -> &str {
        self.record.target().map_or("", |target| &target.absolute)
    }

    fn target_span(&self) -> Span {
        self.record.target().map_or(self.record.type_span, |target| target.span)
    }

    /// One of its address records, read.
    fn read(&self, rec: Rec) -> Option<Record> {
        let (holder, name) = self.holder?;
        holder.zone.record(holder.zone.key_of(name), rec)
    }
}

/// The name servers of a zone that answers to the whole Internet, with the addresses that the zones of
/// the run give them.
fn servers<'w>(workspace: &Workspace<'w>, context: &'w ZoneContext<'w>) -> impl Iterator<Item = Server<'w>> {
    let is_asked = !context.partial && is_public(context);
    let records = if is_asked { context.name_servers() } else { &[] };
    let mut seen = BTreeSet::new();
    let distinct = records.iter().filter(move |record| seen.insert(&record.wire));
    distinct.map(|record| {
        let holder = record.target().and_then(|target| holder(workspace, context, target));
        let addresses = holder.map_or_else(Vec::new, |(holder, name)| {
            holder.zone.records(name).filter(|rec| matches!(rec.rtype, Rtype::A | Rtype::AAAA)).collect()
        });
        Server { record, addresses, holder }
    })
}

/// The name with the addresses of a server, in the zone of the run that it lies in.
fn holder<'w>(
    workspace: &Workspace<'w>,
    context: &'w ZoneContext<'w>,
    target: &Target,
) -> Option<(&'w ZoneContext<'w>, NameId)> {
    let (holder, key) = if target.in_zone {
        (context, target.name.as_slice())
    } else {
        workspace.holder(context.view, &target.name).filter(|(holder, _)| belong_together(context, holder))?
    };
    match holder.zone.lookup(key) {
        Lookup::Found(name) | Lookup::Wildcard(name) | Lookup::BelowCut { glue: Some(name), .. } => {
            Some((holder, name))
        }
        _ => None,
    }
}

/// `ns-same-address`
pub(super) fn same_address(workspace: &Workspace<'_>, out: Out<'_>) {
    for context in workspace.zones {
        let servers: Vec<Server<'_>> = servers(workspace, context).collect();
        for (at, server) in servers.iter().enumerate() {
            let shared = servers.iter().take(at).find_map(|other| {
                let is_own = |rec: &&Rec| server.addresses.iter().any(|own| own.rdata_hash == rec.rdata_hash);
                let first = other.read(*other.addresses.iter().find(is_own)?)?;
                let mut records = server.addresses.iter().filter_map(|rec| server.read(*rec));
                Some((records.find(|own| own.wire == first.wire)?, first, other.name()))
            });
            let Some((own, first, other)) = shared else { continue };
            let Some(address) = own.address() else { continue };
            let name = server.name();
            let message =
                format!("`{}` NS: `{name}` has the address {address} of `{other}`", server.record.owner);
            let mut finding = context
                .about("ns-same-address", server.record, server.target_span(), message)
                .related(first.span, format!("of `{other}`"));
            if own.span != first.span {
                finding = finding.related(own.span, format!("of `{name}`"));
            }
            out.push(finding.help("name a server on another machine, or leave this one out"));
        }
    }
}

/// `ns-same-subnet`
pub(super) fn same_subnet(workspace: &Workspace<'_>, out: Out<'_>) {
    for context in workspace.zones {
        let servers: Vec<Server<'_>> = servers(workspace, context).collect();
        if servers.len() < 2 || servers.iter().any(|server| server.addresses.is_empty()) {
            continue;
        }
        let records = servers
            .iter()
            .flat_map(|server| server.addresses.iter().filter_map(|rec| server.read(*rec)?.address()));
        let all: BTreeSet<IpAddr> = records.collect();
        let networks: BTreeSet<(bool, String)> =
            all.iter().map(|address| (address.is_ipv6(), network(address))).collect();
        let is_spread = |is_ipv6| networks.iter().filter(|(family, _)| *family == is_ipv6).count() > 1;
        // With as few addresses as one, that is what is reported.
        if is_spread(false) || is_spread(true) || all.len() < servers.len() {
            continue;
        }
        let (Some(server), Some((_, network))) = (servers.first(), networks.first()) else { continue };
        let message = format!(
            "all {} name servers of `{}` are in the network {network}",
            servers.len(),
            server.record.owner
        );
        out.push(
            context
                .about("ns-same-subnet", server.record, server.target_span(), message)
                .help("one cable or router may take all of them; keep a server elsewhere"),
        );
    }
}

/// The /24 or /48 of an address.
fn network(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

/// `ns-no-ipv4`
pub(super) fn no_ipv4(workspace: &Workspace<'_>, out: Out<'_>) {
    unreachable(workspace, "ns-no-ipv4", Rtype::A, "IPv4", out);
}

/// `ns-no-ipv6`
pub(super) fn no_ipv6(workspace: &Workspace<'_>, out: Out<'_>) {
    unreachable(workspace, "ns-no-ipv6", Rtype::AAAA, "IPv6", out);
}

fn unreachable(workspace: &Workspace<'_>, rule: &'static str, rtype: Rtype, protocol: &str, out: Out<'_>) {
    for context in workspace.zones.iter().filter(|context| context.zone.types().has(rtype)) {
        let mut servers = servers(workspace, context);
        // The addresses of a server elsewhere may be of any kind.
        let lacks = |server: &Server<'_>| {
            !server.addresses.is_empty() && server.addresses.iter().all(|rec| rec.rtype != rtype)
        };
        let Some(server) = servers.next().filter(lacks) else { continue };
        if !servers.all(|server| lacks(&server)) {
            continue;
        }
        let message = format!(
            "`{}` has {rtype} records, but no name server with one: {protocol} alone does not reach it",
            server.record.owner
        );
        let help = format!("add the {protocol} address of a name server, as {rtype} record");
        out.push(context.about(rule, server.record, server.target_span(), message).help(help));
    }
}
