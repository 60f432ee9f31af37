//! TTLs of SRV records and their targets, held against the recovery goal.

use super::facts::is_external;
use crate::diagnostic::{Applicability, Edit};
use crate::edge::found::{Destination, FoundSrv};
use crate::lint::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeSet;

pub(super) fn ttl_exceeds_failover_budget(context: &ZoneContext<'_>, out: Out<'_>) {
    let Some(deployment) = context.deployment.filter(|_| is_external(context)) else { return };
    let Some(goal) = deployment.policy().rto else { return };
    let steady = deployment.policy().steady_ttl;
    let wanted = if steady <= goal { steady } else { goal };
    let mut judged: BTreeSet<Vec<u8>> = BTreeSet::new();
    for found in context.services.iter().filter(|found| found.service.is_some()) {
        let records: Vec<&Record> = found.records.iter().map(|record| &record.record).collect();
        judge(context, &records, goal, wanted, out);
        for target in found.records.iter().filter(|record| leads_into_zone(record)) {
            let key = &target.srv.target.name;
            if !judged.insert(key.clone()) {
                continue;
            }
            for rtype in [Rtype::A, Rtype::AAAA] {
                let records = context.zone.read_rrset(key, rtype);
                judge(context, &records.iter().collect::<Vec<_>>(), goal, wanted, out);
            }
        }
    }
}

/// Whether the target itself, in this zone, owns the addresses.
fn leads_into_zone(record: &FoundSrv) -> bool {
    record.srv.target.in_zone
        && !record.misses_dot
        && record.aliases.is_empty()
        && matches!(record.destination, Destination::Addresses(_))
}

fn judge(context: &ZoneContext<'_>, records: &[&Record], goal: u32, wanted: u32, out: Out<'_>) {
    let Some(first) = records.iter().find(|record| record.ttl > goal) else { return };
    let message = format!(
        "{} records of `{}` may be cached for {} s, the recovery goal is {goal} s",
        first.rtype, first.owner, first.ttl
    );
    let span = first.ttl_span.unwrap_or(first.type_span);
    let mut finding = context
        .about("srv-ttl-exceeds-failover-budget", first, span, message)
        .help(format!("write {goal} or less"));
    let edits: Option<Vec<Edit>> = records.iter().map(|record| with_ttl(context, record, wanted)).collect();
    if let Some(mut edits) = edits {
        edits.sort_by_key(|edit| edit.span);
        finding = finding.fixes(Applicability::Unsafe, edits);
    }
    out.push(finding);
}

/// The edit that gives a record a TTL; none in text that `$GENERATE` made.
pub(in crate::lint) fn with_ttl(context: &ZoneContext<'_>, record: &Record, ttl: u32) -> Option<Edit> {
    if context.zone.sources().get(record.span.file).generated_by().is_some() {
        return None;
    }
    Some(match record.ttl_span {
        Some(span) => Edit { span, replacement: ttl.to_string().into_bytes() },
        None => {
            let before = crate::text::Span { len: 0, ..record.type_span };
            Edit { span: before, replacement: format!("{ttl} ").into_bytes() }
        }
    })
}
