//! Owners of records that are asked for at names made of a service: TLSA, SMIMEA, OPENPGPKEY.

use crate::lint::ZoneContext;
use crate::zone::{NameId, Record};
use crate::zonefile::rtype::Rtype;
use std::collections::HashSet;

/// The names of the zone that its CNAMEs lead to, found when first asked for: records stand there
/// that are asked for at the name of the CNAME.
#[derive(Default)]
pub(super) struct AliasTargets(Option<HashSet<Vec<u8>>>);

impl AliasTargets {
    pub(super) fn has(&mut self, context: &ZoneContext<'_>, name: NameId) -> bool {
        let zone = context.zone;
        let targets = self.0.get_or_insert_with(|| {
            zone.names()
                .filter(|name| zone.types_of(*name).has(Rtype::CNAME))
                .flat_map(|name| zone.read_rrset(zone.key_of(name), Rtype::CNAME))
                .filter_map(|record| {
                    record.target().filter(|target| target.in_zone).map(|to| to.name.clone())
                })
                .collect()
        });
        targets.contains(zone.key_of(name))
    }
}

/// Whether the owner of a record lacks its final dot: another rule says so.
pub(super) fn lacks_dot(context: &ZoneContext<'_>, record: &Record) -> bool {
    record.owner_span.is_some_and(|span| context.zone.missing_dot_at(span).is_some())
}
