//! Wildcards that names below them keep from answering (RFC 4592 section 3.3).

use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec};
use crate::zonefile::name::parent;
use std::collections::BTreeMap;

/// `wildcard-blocked`
pub(super) fn blocked(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    let zone = context.zone;
    let enclosers: BTreeMap<&[u8], NameId> = names
        .iter()
        .filter_map(|name| Some((zone.key_of(*name).strip_prefix(b"*")?, *name)))
        .filter_map(|(rest, name)| match rest {
            [] => Some((rest, name)),
            [b'.', above @ ..] => Some((above, name)),
            _ => None,
        })
        .collect();
    if enclosers.is_empty() {
        return;
    }
    let mut found: BTreeMap<NameId, (&[u8], &[u8])> = BTreeMap::new();
    for name in zone.names() {
        let key = zone.key_of(name);
        let mut at = parent(key);
        while let Some(below) = at.filter(|below| !below.is_empty()) {
            at = parent(below);
            let Some(wildcard) = at.and_then(|above| enclosers.get(above)) else { continue };
            // Names of services are never meant by a wildcard.
            if matches!(below.first(), Some(b'_' | b'*')) || zone.find(below).is_some() {
                continue;
            }
            let first = found.entry(*wildcard).or_insert((below, key));
            *first = (*first).min((below, key));
        }
    }
    for (wildcard, (below, cause)) in found {
        let key = zone.key_of(wildcard);
        let rec = zone.records(wildcard).min_by_key(Rec::place);
        let Some(record) = rec.and_then(|rec| zone.record(key, rec)) else { continue };
        let (empty, cause) = (zone.absolute(below), zone.absolute(cause));
        let message = format!(
            "`{}` does not answer for `{empty}`, nor for names below it, since `{cause}` exists",
            record.owner
        );
        let help = format!("add records for `{empty}`, or `*.{empty}`, if they are wanted");
        out.push(context.about("wildcard-blocked", &record, record.first_span, message).help(help));
    }
}
