//! Rules of the group `rdata`: RDATA of the types that have no group of their own.

mod caa;
mod dane;
mod digest;
mod hint;
mod naptr;
mod other;
mod owner;
mod params;
mod service;
mod value;

use super::context::ZoneContext;
use crate::zone::{Lookup, NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;
pub(super) use caa::CAA_RULES;
pub(super) use dane::DANE_RULES;
pub(super) use digest::DIGEST_RULES;
pub(super) use naptr::NAPTR_RULES;
pub(super) use other::OTHER_RULES;
pub(super) use service::SERVICE_RULES;
pub(super) use value::VALUE_RULES;

/// The records of some types at a name, in the order they are written.
fn records_of(context: &ZoneContext<'_>, name: NameId, rtypes: &[Rtype]) -> Vec<Record> {
    let zone = context.zone;
    let mut recs: Vec<_> = zone.records(name).filter(|rec| rtypes.contains(&rec.rtype)).collect();
    recs.sort_unstable_by_key(|rec| rec.place());
    recs.into_iter().filter_map(|rec| zone.record(zone.key_of(name), rec)).collect()
}

/// Whether a name of the zone owns none of what `has` asks for, nor a CNAME that may lead there. It does
/// not count when it is delegated, and when the zone is not known whole.
fn lacks(context: &ZoneContext<'_>, key: &[u8], has: impl Fn(TypeSet) -> bool) -> bool {
    !context.partial
        && match context.zone.lookup(key) {
            Lookup::BelowCut { .. } | Lookup::BelowDname(_) => false,
            Lookup::EmptyNonTerminal | Lookup::Missing => true,
            Lookup::Found(name) | Lookup::Wildcard(name) => {
                let types = context.zone.types_of(name);
                !has(types) && !types.has(Rtype::CNAME)
            }
        }
}
