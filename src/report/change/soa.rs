//! The SOA record: its serial is told with the zone, its other fields by name.

use super::line::{Line, Mark, dotted, seconds};
use crate::change::RrsetChange;
use crate::comparison::ZoneDiff;
use crate::zone::Zone;
use crate::zonefile::rtype::Rtype;
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::SOA;

fn of(zone: &Zone) -> Option<SOA> {
    match zone.soa()?.rdata()? {
        RData::SOA(soa) => Some(soa),
        _ => None,
    }
}

/// Whether it is the SOA record of a zone that stays, and there is one of it.
fn both(zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> Option<(SOA, SOA)> {
    let one = |changed: usize| changed + rrset.kept.len() == 1;
    if rrset.rtype != Rtype::SOA
        || !rrset.key.is_empty()
        || !one(rrset.removed.len())
        || !one(rrset.added.len())
    {
        return None;
    }
    Some((of(zone.before?.zone)?, of(zone.after?.zone)?))
}

/// Whether it is the SOA record, and nothing but its serial differs.
pub(super) fn is_serial_only(zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> bool {
    both(zone, rrset).is_some_and(|(mut before, after)| {
        before.serial = after.serial;
        rrset.ttl_before() == rrset.ttl_after() && before == after
    })
}

/// A line for each field that differs, the serial left out; none when the record came or went.
pub(super) fn lines(zone: &ZoneDiff<'_>, rrset: &RrsetChange) -> Option<Vec<Line>> {
    let (before, after) = both(zone, rrset)?;
    let owner = dotted(&zone.apex.to_string());
    let mut lines = Vec::new();
    let mut say = |what: String| lines.push(Line { mark: Mark::Ttl, text: format!("{owner} SOA {what}") });
    if let (Some(before), Some(after)) = (rrset.ttl_before(), rrset.ttl_after())
        && before != after
    {
        say(format!("TTL {}", seconds(before, after)));
    }
    for (field, before, after) in
        [("primary server", &before.mname, &after.mname), ("mailbox", &before.rname, &after.rname)]
    {
        if before != after {
            say(format!("{field} {} -> {}", before.to_ascii(), after.to_ascii()));
        }
    }
    let periods = |soa: &SOA| [soa.refresh, soa.retry, soa.expire].map(i32::cast_unsigned);
    let fields = ["refresh", "retry", "expire"].into_iter().zip(periods(&before)).zip(periods(&after));
    for ((field, before), after) in fields.chain([(("negative TTL", before.minimum), after.minimum)]) {
        if before != after {
            say(format!("{field} {}", seconds(before, after)));
        }
    }
    Some(lines)
}
