//! Ports of SRV records.

use super::facts::{deployed, is_null, meant, pool_name, prefix};
use super::place::{has_srv, rewrite_field};
use crate::diagnostic::{Applicability, Severity};
use crate::edge::Service;
use crate::edge::found::{Found, FoundSrv, PoolRef};
use crate::edge::is_m365;
use crate::lint::ZoneContext;
use crate::lint::rule::Out;

/// What a port is, where nobody declared one.
enum Verdict {
    Fine,
    /// It works in some deployments.
    Odd(u16),
    Wrong(u16),
}

pub(super) fn port_unexpected(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let deployment = deployed(context).filter(|_| found.service.is_some());
    for record in &found.records {
        let port = record.srv.port;
        if is_null(record) || port == 0 {
            continue;
        }
        match (deployment, found.service) {
            (Some(_), Some(service)) => declared(context, found, record, service, out),
            _ => match usual(context, found, record) {
                Verdict::Fine => {}
                Verdict::Odd(usual) => {
                    let mut finding = about(context, found, record, usual);
                    finding.severity = Severity::Warning;
                    out.push(finding.help(format!("partners expect {usual}")));
                }
                Verdict::Wrong(usual) => {
                    let mut finding = about(context, found, record, usual).help(format!("write {usual}"));
                    if let Some(edit) = rewrite_field(context, &record.record, 2, usual.to_string()) {
                        finding = finding.fixes(Applicability::Unsafe, vec![edit]);
                    }
                    out.push(finding);
                }
            },
        }
    }
}

fn about(
    context: &ZoneContext<'_>,
    found: &Found,
    record: &FoundSrv,
    usual: u16,
) -> crate::diagnostic::Finding {
    let message = format!("`{}` has port {}, {usual} is usual", found.owner, record.srv.port);
    context.about("srv-port-unexpected", &record.record, record.record.field(2), message)
}

fn declared(context: &ZoneContext<'_>, found: &Found, record: &FoundSrv, service: Service, out: Out<'_>) {
    let (Some(deployment), Some(pool @ PoolRef::Declared(id))) = (context.deployment, record.pool) else {
        return;
    };
    let wanted = deployment.port(id, service);
    if wanted.value == record.srv.port {
        return;
    }
    let name = pool_name(context, pool, record);
    let message = format!(
        "`{}` has port {} for `{}`, pool `{name}` listens on {}",
        found.owner,
        record.srv.port,
        meant(context, record),
        wanted.value
    );
    let said = match deployment.pool(id).ports.contains_key(&service) {
        true => format!("port {} is declared here", wanted.value),
        false => format!("declares no other port than the usual {}", wanted.value),
    };
    let mut finding = context
        .about("srv-port-unexpected", &record.record, record.record.field(2), message)
        .related(wanted.span, said)
        .help(format!("write {}", wanted.value));
    if let Some(edit) = rewrite_field(context, &record.record, 2, wanted.value.to_string()) {
        finding = finding.fixes(Applicability::Unsafe, vec![edit]);
    }
    out.push(finding);
}

fn usual(context: &ZoneContext<'_>, found: &Found, record: &FoundSrv) -> Verdict {
    let port = record.srv.port;
    let strictly = |usual: u16| if port == usual { Verdict::Fine } else { Verdict::Wrong(usual) };
    let never = |ports: &[u16], usual: u16| {
        if ports.contains(&port) { Verdict::Wrong(usual) } else { Verdict::Fine }
    };
    match prefix(found) {
        // An Edge pool with one name and address for everything signs clients in on 5061.
        "_sip._tls" if port == 5061 => Verdict::Fine,
        "_sip._tls" => strictly(443),
        "_sipfederationtls._tcp" if port == 443 && !is_m365(&meant(context, record)) => Verdict::Odd(5061),
        "_sipfederationtls._tcp" | "_sipinternaltls._tcp" => strictly(5061),
        "_sipinternal._tcp" => strictly(5060),
        "_xmpp-server._tcp" if stands_beside_edge(context, found) => strictly(5269),
        "_xmpp-server._tcp" => never(&[443, 5060, 5061, 5222, 5223, 5270], 5269),
        "_xmpp-client._tcp" => never(&[5060, 5061, 5223, 5269, 5270], 5222),
        "_sip._tcp" => never(&[443, 5061], 5060),
        "_sips._tcp" => never(&[5060], 5061),
        _ => Verdict::Fine,
    }
}

/// Whether the domain also has a service of Edge pools.
fn stands_beside_edge(context: &ZoneContext<'_>, found: &Found) -> bool {
    [Service::RemoteAccess, Service::Federation]
        .into_iter()
        .any(|service| has_srv(context, &service.owner(&found.domain)))
}
