//! DNSKEY and DS records that went before caches could follow (RFC 7583).

use super::facts::{Family, finding};
use crate::change::ZoneChange;
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Workspace, ZoneContext};
use crate::zone::{Rec, Record, Zone};
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;

const RULE: &str = "dnskey-removed-too-soon";

/// How DS and RRSIG records name a key: key tag and algorithm.
type KeyName = (u16, u8);

/// A key of a zone.
struct Key {
    rec: Rec,
    name: KeyName,
    /// Algorithm and public key: a key that is revoked has another tag, and the same of these.
    public: Vec<u8>,
}

fn number(wire: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*wire.get(at)?, *wire.get(at + 1)?]))
}

/// The key tag of DNSKEY RDATA (RFC 4034 appendix B).
fn key_tag(wire: &[u8]) -> u16 {
    let sum: u32 = wire
        .iter()
        .enumerate()
        .map(|(at, octet)| if at % 2 == 0 { u32::from(*octet) << 8 } else { u32::from(*octet) })
        .sum();
    (sum + (sum >> 16)) as u16
}

fn keys(zone: &Zone) -> Vec<Key> {
    let read = |rec: Rec| {
        let record = zone.record(b"", rec)?;
        let public = record.wire.get(3..)?.to_vec();
        Some(Key { rec, name: (key_tag(&record.wire), *record.wire.get(3)?), public })
    };
    zone.rrset(b"", Rtype::DNSKEY).into_iter().filter_map(read).collect()
}

/// The keys that signed each type at the apex, those types left aside whose signatures come and go with
/// the keys themselves.
fn signers(zone: &Zone) -> BTreeMap<u16, Vec<KeyName>> {
    let with_keys = [Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY];
    let mut signers: BTreeMap<u16, Vec<KeyName>> = BTreeMap::new();
    for record in zone.read_rrset(b"", Rtype::RRSIG) {
        let wire = &record.wire;
        let (Some(covered), Some(tag), Some(algorithm)) = (number(wire, 0), number(wire, 16), wire.get(2))
        else {
            continue;
        };
        if !with_keys.iter().any(|rtype| rtype.0 == covered) {
            signers.entry(covered).or_default().push((tag, *algorithm));
        }
    }
    signers
}

fn ds_of(zone: &Zone, key: &[u8]) -> Vec<(Record, KeyName)> {
    let read = |record: Record| {
        let name = (number(&record.wire, 0)?, *record.wire.get(2)?);
        Some((record, name))
    };
    zone.read_rrset(key, Rtype::DS).into_iter().filter_map(read).collect()
}

fn removed_too_soon(workspace: &Workspace<'_>, out: Out<'_>) {
    let family = Family::of(workspace.zones);
    for context in workspace.zones.iter().filter(|context| !context.partial) {
        if let Some(change) = &context.change {
            dnskeys(context, change, &family, out);
            swapped_ds(context, change, &family, out);
        }
    }
}

/// Keys that are gone though caches hold what only they verify, or a DS record that names them.
fn dnskeys(context: &ZoneContext<'_>, change: &ZoneChange<'_>, family: &Family<'_, '_>, out: Out<'_>) {
    let Some(rrset) = change.rrset(b"", Rtype::DNSKEY).filter(|rrset| !rrset.removed.is_empty()) else {
        return;
    };
    let now = keys(context.zone);
    let gone = |key: &Key| !now.iter().any(|other| other.public == key.public);
    let before: Vec<Key> = keys(change.before).into_iter().filter(gone).collect();
    let signers = signers(change.before);
    let stays = |name: &KeyName| now.iter().any(|key| key.name == *name);
    let parents = family.parents(context);
    // Of a key whose tag another one has too, nobody can say what it signed.
    for key in before.into_iter().filter(|key| !stays(&key.name)) {
        let ttl = rrset.ttl_before().unwrap_or(key.rec.ttl);
        let (tag, apex) = (key.name.0, context.zone.apex());
        let mut why = None;
        for (parent, at) in &parents {
            if let Some((ds, _)) = ds_of(parent.zone, at).into_iter().find(|(_, name)| *name == key.name) {
                why = Some((format!("zone `{}` still has its DS record", parent.zone.apex()), Some(ds.span)));
            }
            let earlier = parent
                .change
                .as_ref()
                .and_then(|change| ds_of(change.before, at).into_iter().find(|(_, name)| *name == key.name));
            if let Some((ds, _)) = earlier.filter(|_| why.is_none()) {
                let zone = parent.zone.apex();
                let text = format!("its DS record left zone `{zone}` in the same change, TTL {}", ds.ttl);
                why = Some((text, None));
            }
        }
        let was_secured = parents.is_empty()
            || parents.iter().any(|(parent, at)| {
                let before = parent.change.as_ref().map_or(parent.zone, |change| change.before);
                !ds_of(before, at).is_empty()
            });
        let needed = signers.iter().find(|(_, names)| names.contains(&key.name) && !names.iter().any(stays));
        if let (None, Some((covered, _)), true) = (&why, needed, was_secured) {
            let covered = Rtype(*covered);
            why = Some((format!("caches hold {covered} signatures that only it verifies"), None));
        }
        let Some((why, related)) = why else { continue };
        let message = format!("DNSKEY {tag} of zone `{apex}`, TTL {ttl}, is removed, but {why}");
        let mut finding = finding(context, RULE, (b"", Rtype::DNSKEY), rrset.added.first(), message);
        if let Some(span) = related {
            finding = finding.related(span, "the DS record");
        }
        out.push(
            finding.help("keep the key until nothing that names it is left in caches: RFC 7583 section 3"),
        );
    }
}

/// DS records that replace all others, of keys that the child zone did not have before.
fn swapped_ds(context: &ZoneContext<'_>, change: &ZoneChange<'_>, family: &Family<'_, '_>, out: Out<'_>) {
    let swapped = change.rrsets.iter().filter(|rrset| {
        rrset.rtype == Rtype::DS
            && rrset.kept.is_empty()
            && !rrset.removed.is_empty()
            && !rrset.added.is_empty()
    });
    for rrset in swapped {
        let apex = context.zone.apex().join(&rrset.key);
        for child in family.at(context.view, &apex) {
            let Some(earlier) = &child.change else { continue };
            let keys = keys(earlier.before);
            let added = ds_of(context.zone, &rrset.key);
            let known = |(_, name): &(Record, KeyName)| keys.iter().any(|key| key.name == *name);
            if keys.is_empty() || added.iter().any(known) {
                continue;
            }
            let before: Vec<String> =
                ds_of(change.before, &rrset.key).iter().map(|ds| ds.1.0.to_string()).collect();
            let now: Vec<String> = added.iter().map(|ds| ds.1.0.to_string()).collect();
            let message = format!(
                "DS {} of `{}` replaces DS {}, TTL {}, but no such key was in zone `{}` before",
                now.join(", "),
                context.zone.absolute(&rrset.key),
                before.join(", "),
                rrset.ttl_before().unwrap_or_default(),
                child.zone.apex()
            );
            out.push(finding(context, RULE, (&rrset.key, Rtype::DS), rrset.added.first(), message).help(
                "publish the new DNSKEY first, and replace the DS record after the TTL of the DNSKEY records",
            ));
        }
    }
}

/// The rules about keys.
pub(in crate::lint) static RULES: &[Rule] = &[rule!(
    Change,
    ".",
    "dnskey-removed-too-soon",
    Warning,
    No,
    "RFC 7583 3, RFC 6781 4.1",
    Check::Workspace(removed_too_soon),
    "a DNSKEY or DS record that is gone before caches could follow"
)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, Sources};
    use crate::zone::build;
    use crate::zonefile::include::NoIncludes;
    use crate::zonefile::name::Name;
    use crate::zonefile::parse::Options;
    use std::sync::Arc;

    /// The key and the DS record of RFC 4034 section 5.4.
    #[test]
    fn key_tags_are_those_of_rfc_4034() {
        let text = "$TTL 86400\n\
            @ DNSKEY 256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/ 2pHm822aJ5iI9BMzNXxeYCmZ \
            DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DMBmADjFDc2w/r \
            ljwvFw== )\n\
            @ DS 60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )\n";
        let sources = Arc::new(Sources::default());
        let root = sources.add(Source::text("dskey", text));
        let apex = Name::absolute(b"dskey.example.com").unwrap();
        let (zone, _) = build(&sources, &NoIncludes, root, &Options::new(apex));
        let names: Vec<KeyName> = keys(&zone).iter().map(|key| key.name).collect();
        assert_eq!(names, [(60485, 5)]);
        let ds: Vec<KeyName> = ds_of(&zone, b"").iter().map(|(_, name)| *name).collect();
        assert_eq!(ds, names);
    }
}
