//! Rules about the fields of one SRV record.

use super::place::rewrite_field;
use super::services::known_pair;
use super::target::names_host;
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Destination, FoundSrv, PoolRef};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Rule, SrvMarks, ZoneContext};

/// Rules about fields.
pub(in crate::lint) static FIELD_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-null-with-others",
        Error,
        No,
        "RFC 2782",
        Check::Service(SrvMarks::NULL, null_with_others),
        "target `.` stands beside real targets"
    ),
    rule!(
        Srv,
        ".",
        "srv-null-nonzero-fields",
        Info,
        Safe,
        "RFC 2782",
        Check::Service(SrvMarks::NULL, null_nonzero),
        "target `.` with a nonzero priority, weight or port"
    ),
    rule!(
        Srv,
        ".",
        "srv-port-zero",
        Warning,
        No,
        "RFC 2782, RFC 6335 section 6",
        Check::Service(SrvMarks::PORT, port_zero),
        "port 0 with a real target"
    ),
];

fn is_null(found: &FoundSrv) -> bool {
    matches!(found.destination, Destination::Null)
}

fn first_real(found: &Found) -> Option<&FoundSrv> {
    found.records.iter().find(|one| !is_null(one))
}

fn null_with_others(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(other) = first_real(found) else { return };
    for one in found.records.iter().filter(|one| is_null(one)) {
        let message = format!(
            "`{}` SRV: target `.` says that there is no such service, beside target `{}`",
            found.owner, other.srv.target.absolute
        );
        let finding = context
            .about("srv-null-with-others", &one.record, one.srv.target.span, message)
            .related(other.srv.target.span, "a real target")
            .help("remove this record, or all others if the service is off");
        out.push(finding);
    }
}

fn null_nonzero(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    if first_real(found).is_some() {
        return;
    }
    for one in &found.records {
        let values = [one.srv.priority, one.srv.weight, one.srv.port];
        let Some(first) = values.iter().position(|value| *value != 0) else { continue };
        let [priority, weight, port] = values;
        let message =
            format!("`{}` SRV: `{priority} {weight} {port}` means nothing with target `.`", found.owner);
        let mut finding = context
            .about("srv-null-nonzero-fields", &one.record, one.record.field(first), message)
            .help("write `SRV 0 0 0 .`");
        let edits: Option<Vec<Edit>> = values
            .iter()
            .enumerate()
            .filter(|(_, value)| **value != 0)
            .map(|(index, _)| rewrite_field(context, &one.record, index, "0"))
            .collect();
        if let Some(edits) = edits {
            finding = finding.fixes(Applicability::Safe, edits);
        }
        out.push(finding);
    }
}

fn port_zero(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    for one in found.records.iter().filter(|one| one.srv.port == 0 && !is_null(one)) {
        let target = &one.srv.target.absolute;
        let message = format!("`{}` SRV: port 0 for target `{target}`", found.owner);
        let finding = context.about("srv-port-zero", &one.record, one.record.field(2), message);
        out.push(match usual_port(context, found, one) {
            Some(port) => finding.help(format!("write {port}, or target `.` if the service is off")),
            None => finding.help("write the port of the service, or target `.` if it is off"),
        });
    }
}

/// The port that the record should name: its pool's, or else the usual one.
fn usual_port(context: &ZoneContext<'_>, found: &Found, one: &FoundSrv) -> Option<u16> {
    if let (Some(deployment), Some(service), Some(PoolRef::Declared(pool)), true) =
        (context.deployment, found.service, one.pool, names_host(context, one))
    {
        return Some(deployment.port(pool, service).value);
    }
    let mut labels = found.owner.split('.');
    known_pair(labels.next()?, labels.next()?)?.port
}
