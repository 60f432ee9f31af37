//! The steps outside DNS: routes, topology, services, Front End pools.

use super::facts::{Facts, Kind, Move, access_addresses, identity, pool_and_servers};
use super::paper::{Actor, Paper};
use super::words::{code, counted, listed, plain};
use crate::edge::{EdgePool, FederationPolicy, RemoteAccessPolicy, Service, XmppPolicy};
use crate::emit::quote::powershell;
use std::collections::BTreeSet;

/// Failback starts with pools that run.
pub(super) fn start_pools(paper: &mut Paper, facts: &Facts<'_>) {
    paper.heading(3, "Edge services");
    for pool in &facts.pools {
        paper.step(
            Actor::Servers,
            &format!("On every server of {}, start the services that are stopped:", pool_and_servers(pool)),
        );
        if facts.is_lync() {
            paper.fence("powershell", "Start-CsWindowsService\nGet-CsWindowsService\n");
        }
    }
}

/// The part of one service.
pub(super) fn service(paper: &mut Paper, facts: &Facts<'_>, service: Service) {
    paper.heading(3, service.title());
    match service {
        Service::Federation => federation(paper, facts),
        Service::Xmpp if facts.is_lync() => xmpp(paper, facts),
        Service::RemoteAccess => remote_access(paper, facts),
        Service::Xmpp | Service::Other(_) => other(paper, facts, service),
    }
    dns_line(paper, facts, service);
}

fn federation(paper: &mut Paper, facts: &Facts<'_>) {
    let holder = facts.holder(Service::Federation).map(|pool| code(&pool.name.value)).unwrap_or_default();
    match facts.deployment.policy().federation {
        FederationPolicy::SrvPriority => paper.note(&format!(
            "Policy `srv-priority`: Microsoft withdrew in 2019 the statement that SRV priorities give federation failover (the Access Edge of a partner picks one record), so this plan does not wait for anybody to try the next record: the plan rewrites the records so that {holder} has the lowest priority number.",
        )),
        FederationPolicy::SingleActive => paper.note(&format!(
            "Policy `single-active`: each SIP domain has one federation record, and it names the pool that holds the route, {holder}.",
        )),
        FederationPolicy::GeoDns => paper.note(&format!(
            "Policy `geo-dns`: pools share one federation name, whose addresses come from a traffic manager outside the zone. The traffic manager must move to {holder}; for federation the zone diff is empty.",
        )),
        FederationPolicy::MultiFederated => paper.note(
            "Policy `multi-federated`: Topology Builder warns of more than one federated Edge pool; partners must run Office Communications Server 2007 R2 or later, and the SRV records list every federated pool.",
        ),
    }
    let Some(Move { from, to }) = facts.route_move(Service::Federation) else {
        paper.paragraph(&format!(
            "The federation route stays with {holder}: nothing to do in Topology Builder."
        ));
        return;
    };
    let general = |pool: &EdgePool, verb: &str| {
        format!(
            "{} (Edge pools > {} > Edit Properties > General): {verb} \"Enable federation for this Edge pool (Port 5061)\".",
            code(&pool.name.value),
            code(&pool.internal_name())
        )
    };
    let stays = matches!(facts.kind, Kind::Failback | Kind::Route) && facts.federation_on_every_pool();
    if let Some(from) = from.filter(|_| !stays) {
        paper.step(Actor::Topology, &general(from, "clear"));
    }
    paper.step(Actor::Topology, &general(to, "select"));
    if let Some(from) = from.filter(|_| stays) {
        paper.paragraph(&format!(
            "Leave it selected for {}: the zones have a federation record that leads there.",
            code(&from.name.value)
        ));
    }
    paper.step(
        Actor::Topology,
        &format!(
            "At every site ({}): Edit Properties > Federation route > Enable SIP federation, and choose {}. Microsoft's page leaves this out; without it federation still leaves by the old pool.",
            facts.sites(code).join(", "),
            code(&to.internal_name())
        ),
    );
    paper.step(Actor::Topology, "Action > Topology > Publish.");
    paper.step(
        Actor::Shell,
        "Set the route at every site, after publishing: it catches a site that was forgotten in Topology Builder, and is harmless to repeat.",
    );
    paper.fence("powershell", &routes(facts, "FederationRoute", to));
    paper.step(
        Actor::Servers,
        &format!(
            "On every server of {}, once the new topology has reached it: Deployment Wizard > Install or Update Lync Server System > Setup or Remove Lync Server Components > Run Again.",
            pool_and_servers(to)
        ),
    );
}

/// A service of another make, of which only the records are known.
fn other(paper: &mut Paper, facts: &Facts<'_>, service: Service) {
    let Some(holder) = facts.holder(service) else { return };
    paper.step(
        Actor::Servers,
        &format!(
            "See that {} runs on every server of {} and answers on port {} from outside.",
            service.in_text(),
            pool_and_servers(holder),
            facts.deployment.port(holder.id, service).value
        ),
    );
}

fn xmpp(paper: &mut Paper, facts: &Facts<'_>) {
    let policy = facts.deployment.policy().xmpp;
    match facts.route_move(Service::Xmpp) {
        None => {
            let holder = facts.holder(Service::Xmpp).map(|pool| code(&pool.name.value)).unwrap_or_default();
            paper.paragraph(&format!("The XMPP route stays with {holder}: nothing to set."));
        }
        Some(Move { to, .. }) => {
            paper.step(
                Actor::Shell,
                "Set the XMPP route at every site. Without it neither direction works, whatever the SRV records say. The value is the identity of the pool's Edge service, not a server.",
            );
            paper.fence("powershell", &routes(facts, "XmppFederationRoute", to));
            let addresses: Vec<String> = access_addresses(facts.deployment, to)
                .iter()
                .map(|(address, _)| code(&address.to_string()))
                .collect();
            paper.step(
                Actor::Firewall,
                &format!(
                    "TCP {} is open from outside at {} ({}).",
                    facts.deployment.port(to.id, Service::Xmpp).value,
                    listed(&addresses),
                    code(&to.name.value)
                ),
            );
            if facts.kind == Kind::Failover {
                paper.note(&format!(
                    "Microsoft's page stops the services of {0} first (`Stop-CsWindowsService`) and starts them last. Left out here: it would drop the remote users and federated calls of {0} while it serves those of the lost pool too. A restart, one server after the other, stands under \"Verify\" for the case that XMPP does not come up.",
                    code(&to.name.value)
                ));
            }
        }
    }
    let Some(holder) = facts.holder(Service::Xmpp) else { return };
    match policy {
        XmppPolicy::Prestaged => paper.paragraph(&format!(
            "Policy `prestaged`: every pool has its own XMPP name and its own SRV record; the record of {} gets the lowest priority number, and no address moves.",
            code(&holder.name.value)
        )),
        XmppPolicy::SwingA => {
            let names: Vec<String> = facts
                .domains(Service::Xmpp)
                .into_iter()
                .map(|domain| code(&facts.deployment.shared_xmpp_name(domain)))
                .collect();
            let held: Vec<String> = access_addresses(facts.deployment, holder)
                .iter()
                .map(|(address, server)| format!("{} ({})", code(&address.to_string()), plain(server)))
                .collect();
            paper.paragraph(&format!(
                "Policy `swing-a`: {} must have the Access Edge addresses of {}, the pool that holds the route, all of them: {}.",
                listed(&names),
                code(&holder.name.value),
                listed(&held)
            ));
        }
    }
}

/// The pool that the XMPP route moves to in a failover; Microsoft's page restarts that pool.
pub(super) fn xmpp_move<'a>(facts: &Facts<'a>) -> Option<&'a EdgePool> {
    let moved = facts.route_move(Service::Xmpp)?;
    (facts.kind == Kind::Failover).then_some(moved.to)
}

fn remote_access(paper: &mut Paper, facts: &Facts<'_>) {
    paper.paragraph(
        "No step in Lync: a client that lost its connection asks DNS again and tries the Access Edge names, the lowest priority number first.",
    );
    if facts.deployment.policy().remote_access == RemoteAccessPolicy::Single {
        paper.paragraph("Policy `single`: each SIP domain has one record, so clients find no other pool before the DNS step.");
    }
    if facts.kind == Kind::Failover && !facts.pools.is_empty() {
        paper.paragraph(&format!(
            "Planned drain, {0} still running: do the DNS step, wait as it says, and only then stop the services of {0} (`Stop-CsWindowsService -Graceful` on each server). Clients that are signed in stay where they are until their connection ends.",
            facts.subject()
        ));
    }
}

/// What the zones have to do with a service in this plan.
fn dns_line(paper: &mut Paper, facts: &Facts<'_>, service: Service) {
    let changes = facts.changes(service);
    if changes.is_empty() {
        paper.paragraph(&format!("DNS: no change for {}.", service.in_text()));
        return;
    }
    let mut owners: Vec<String> = Vec::new();
    for change in &changes {
        let owner = format!("{} {}", code(&change.owner), change.rtype);
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    paper.paragraph(&format!(
        "DNS: {} for {}, in the DNS step below: {}.",
        counted(changes.len(), "RRset"),
        service.in_text(),
        listed(&owners)
    ));
}

fn routes(facts: &Facts<'_>, parameter: &str, to: &EdgePool) -> String {
    let sites = facts.sites(powershell);
    let lines: Vec<String> = sites
        .iter()
        .map(|site| format!("Set-CsSite -Identity {site} -{parameter} \"{}\"\n", identity(to)))
        .collect();
    lines.concat() + &format!("Get-CsSite | Select-Object Identity, {parameter}\n")
}

/// Front End pools send media through one Edge pool, which they are told by name.
pub(super) fn front_ends(paper: &mut Paper, facts: &Facts<'_>) {
    let associated = facts.associated();
    if associated.is_empty() || !(facts.has(Service::Federation) || facts.has(Service::RemoteAccess)) {
        return;
    }
    let Some(media) = facts.media_pool() else { return };
    paper.heading(3, "Front End pools");
    if facts.has(Service::Federation) && facts.route_move(Service::Federation).is_some() {
        paper.paragraph(
            "Download the topology anew in Topology Builder first, since the routes have been set outside it.",
        );
    }
    for (fe, edge) in &associated {
        let to = if facts.kind == Kind::Failback { edge } else { media };
        let condition = match facts.kind {
            Kind::Failover => " (if it is still up)",
            Kind::Failback => " (if it was changed)",
            _ => "",
        };
        paper.step(
            Actor::Topology,
            &format!(
                "{}{condition}: Edit Properties > General > Associations > \"Associate Edge Pool (for media components)\", and choose {} ({}).",
                code(&fe.fqdn.value),
                code(&to.internal_name()),
                code(&to.name.value)
            ),
        );
    }
    paper.step(Actor::Topology, "Action > Topology > Publish. Microsoft's page leaves this out.");
    paper.paragraph("DNS: no change for Front End pools.");
    if facts.kind == Kind::Failback {
        for fe in facts.struck_front_ends().into_iter().filter(|fe| fe.backup.is_some()) {
            paper.step(Actor::Shell, &format!("Only if {} had been failed over:", code(&fe.fqdn.value)));
            paper.fence(
                "powershell",
                &format!("Invoke-CsPoolFailback -PoolFQDN {} -Verbose\n", fe.fqdn.value),
            );
        }
        return;
    }
    if facts.kind != Kind::Failover {
        return;
    }
    let backed: Vec<String> = facts
        .struck_front_ends()
        .into_iter()
        .filter_map(|fe| {
            let backup = fe.backup.as_ref()?;
            Some(format!("{} to {}", code(&fe.fqdn.value), code(&backup.value)))
        })
        .collect();
    if !backed.is_empty() {
        paper.paragraph(&format!(
            "A Front End pool that is lost itself is failed over by its own procedure (`Invoke-CsPoolFailover`), which is not part of this runbook: {}.",
            listed(&backed)
        ));
    }
}

/// Edge pools that stay up but send to a Front End pool in the site that is lost.
pub(super) fn next_hops(paper: &mut Paper, facts: &Facts<'_>) {
    let hops = facts.next_hops();
    if hops.is_empty() {
        return;
    }
    paper.heading(3, "Next hop of Edge pools");
    for (pool, hop, instead) in hops {
        let back = facts.kind == Kind::Failback;
        let to = if back { Some(hop) } else { instead };
        let condition = if back {
            format!("Only if the next hop of {} had been changed:", code(&pool.name.value))
        } else {
            format!(
                "Only if {}, the next hop of {}, is lost too; before it is failed over:",
                code(&hop.fqdn.value),
                code(&pool.name.value)
            )
        };
        if let Some(fe) = to.filter(|fe| fe.site == Some(pool.site)) {
            paper.step(
                Actor::Topology,
                &format!(
                    "{condition} Edge pools > {} > Edit Properties > Next hop, choose {}, then Action > Topology > Publish.",
                    code(&pool.internal_name()),
                    code(&fe.fqdn.value)
                ),
            );
        } else {
            let registrar = to.map_or("<Front End pool>", |fe| fe.fqdn.value.as_str());
            paper.step(Actor::Shell, &condition);
            paper.fence(
                "powershell",
                &format!(
                    "Set-CsEdgeServer -Identity \"{}\" -Registrar \"Registrar:{registrar}\"\n",
                    identity(pool)
                ),
            );
        }
    }
    paper.paragraph("DNS: no change for next hops.");
}

/// The servers must have heard of it before callers come.
pub(super) fn replication(paper: &mut Paper, facts: &Facts<'_>) {
    let moves = [Service::Federation, Service::Xmpp]
        .into_iter()
        .filter(|service| facts.has(*service))
        .filter_map(|service| facts.route_move(service));
    let pools: BTreeSet<_> = moves.map(|moved| moved.to.id).collect();
    if pools.is_empty() {
        return;
    }
    paper.heading(3, "Replication");
    let names: Vec<String> =
        pools.iter().map(|pool| pool_and_servers(facts.deployment.pool(*pool))).collect();
    paper.step(
        Actor::Shell,
        &format!(
            "Wait until the servers of {} have the new configuration (`UpToDate` is `True`; servers that are down stay behind):",
            listed(&names)
        ),
    );
    paper.fence(
        "powershell",
        "Get-CsManagementStoreReplicationStatus | Select-Object ReplicaFqdn, UpToDate\n",
    );
}
