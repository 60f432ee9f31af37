//! Mail policies at names where nobody looks for them.

use super::dmarc;
use super::tags;
use super::text::Text;
use crate::lint::context::{Workspace, ZoneContext};
use crate::lint::rule::Out;
use crate::zone::{RdataNotes, Record, is_of_dkim_key};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::HashSet;

/// `dmarc-owner`
pub(super) fn dmarc_owner(workspace: &Workspace<'_>, out: Out<'_>) {
    let candidate = |key: &[u8]| {
        Labels(key).next() != Some(b"_dmarc") && !dmarc::is_report_owner(key) && !key.starts_with(b"*")
    };
    let found = stray(workspace, (RdataNotes::POLICY, "DMARC1"), candidate, dmarc::is_owner);
    out.extend(found.into_iter().map(|(context, record)| {
        let message =
            format!("`{}` TXT: a DMARC record stands here, and mail servers look at `_dmarc`", record.owner);
        let wanted = record.owner.strip_prefix("dmarc.").unwrap_or(&record.owner);
        context
            .about("dmarc-owner", &record, record.first_span, message)
            .help(format!("write it at `_dmarc.{wanted}`"))
    }));
}

/// `dkim-owner`
pub(super) fn dkim_owner(workspace: &Workspace<'_>, out: Out<'_>) {
    let wanted = (RdataNotes::STRAY_DKIM, "DKIM1");
    let found = stray(workspace, wanted, |key| !is_hosted(key), is_of_dkim_key);
    out.extend(found.into_iter().map(|(context, record)| {
        let message = format!(
            "`{}` TXT: a DKIM key stands here, and mail servers look at a selector below `_domainkey`",
            record.owner
        );
        context
            .about("dkim-owner", &record, record.first_span, message)
            .help("write it at the selector, `_domainkey` and the domain that signs")
    }));
}

/// Whether a name looks like one that a provider keeps keys at for others to point aliases to:
/// `dkim.provider.example`, `s1.domainkey.customer`.
fn is_hosted(key: &[u8]) -> bool {
    let has = |label: &[u8], word: &[u8]| label.windows(word.len()).any(|part| part == word);
    let count = Labels(key).count();
    Labels(key).enumerate().any(|(at, label)| {
        has(label, b"dkim") || has(label, b"domainkey") && label != b"_domainkey" && at + 1 < count
    })
}

/// The records that begin with a version at names that are candidates, unless an alias of the run
/// leads there from a name where such records belong.
fn stray<'w>(
    workspace: &Workspace<'w>,
    (notes, version): (RdataNotes, &str),
    is_candidate: impl Fn(&[u8]) -> bool,
    belongs: impl Fn(&[u8]) -> bool,
) -> Vec<(&'w ZoneContext<'w>, Record)> {
    let mut found = Vec::new();
    for context in workspace.zones {
        let zone = context.zone;
        for (key, rec, _) in zone.noted(notes) {
            if rec.rtype != Rtype::TXT || !is_candidate(key) || zone.cut_above(key).is_some() {
                continue;
            }
            let Some(record) = zone.record(key, rec) else { continue };
            let tags = tags::read(&Text::of(zone, &record).octets);
            let first = tags.list.first();
            if first
                .is_some_and(|first| first.is("v") && first.value.eq_ignore_ascii_case(version.as_bytes()))
            {
                found.push((context, record));
            }
        }
    }
    if found.is_empty() {
        return found;
    }
    let mut aliased: HashSet<String> = HashSet::new();
    for context in workspace.zones.iter().filter(|context| context.zone.types().has(Rtype::CNAME)) {
        let zone = context.zone;
        for name in zone.names().filter(|name| zone.types_of(*name).has(Rtype::CNAME)) {
            let key = zone.key_of(name);
            if belongs(key) {
                let aliases = zone.read_rrset(key, Rtype::CNAME);
                aliased.extend(aliases.iter().filter_map(|alias| Some(alias.target()?.absolute.clone())));
            }
        }
    }
    found.retain(|(_, record)| !aliased.contains(&record.owner));
    found
}
