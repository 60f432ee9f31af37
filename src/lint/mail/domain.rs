//! Domains that take mail, or say that they do not, and what is not said of them.

use super::mx::is_null;
use super::spf;
use crate::config::ZoneKind;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Record};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;

/// The MX records of a name of a public zone; none of wildcards and of names that are delegated.
fn mx_at(context: &ZoneContext<'_>, name: NameId) -> Vec<Record> {
    let zone = context.zone;
    let key = zone.key_of(name);
    let is_public = matches!(context.kind, ZoneKind::Public);
    if !is_public || context.partial || key.starts_with(b"*") || zone.cut_above(key).is_some() {
        return Vec::new();
    }
    zone.read_rrset(key, Rtype::MX)
}

/// `mx-missing`
pub(super) fn mx_missing(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let Some(apex) = zone.find(b"").filter(|_| matches!(context.kind, ZoneKind::Public) && !context.partial)
    else {
        return;
    };
    let types = zone.types_of(apex);
    if !types.has_address() || types.has(Rtype::MX) {
        return;
    }
    let message = format!("`{}` has addresses and no MX record, so mail goes to the addresses", zone.apex());
    let finding = context
        .about_zone("mx-missing", context.apex_span(), message)
        .help("add MX records, or `@ IN MX 0 .` if the domain takes no mail");
    out.push(finding);
}

/// `mx-single`
pub(super) fn mx_single(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let records = mx_at(context, name);
    let [only] = records.as_slice() else { return };
    if is_null(only) {
        return;
    }
    let message = format!("`{}` MX: one mail server only", only.owner);
    let finding = context
        .about("mx-single", only, only.rdata_span(), message)
        .help("add a second mail server with a higher preference number");
    out.push(finding);
}

/// `mx-target-has-other-mx`
pub(super) fn other_mx(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = record.target().filter(|target| target.in_zone && target.name != record.key) else {
        return;
    };
    let is_mail_domain = zone.find(&target.name).is_some_and(|name| zone.types_of(name).has(Rtype::MX));
    if !is_mail_domain || zone.cut_above(&target.name).is_some() {
        return;
    }
    let others = zone.read_rrset(&target.name, Rtype::MX);
    let names_itself = others
        .iter()
        .any(|other| other.target().is_some_and(|host| host.in_zone && host.name == target.name));
    let Some(other) = others.first().filter(|_| !names_itself) else { return };
    let message = format!(
        "`{}` MX: mail server `{}` has its own mail brought elsewhere",
        record.owner, target.absolute
    );
    let finding = context
        .about("mx-target-has-other-mx", record, target.span, message)
        .related(other.span, format!("the MX record of `{}`", target.absolute))
        .help("name the server that takes the mail in both places, if they mean the same");
    out.push(finding);
}

/// `mx-at-tld`
pub(super) fn mx_at_tld(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    if !matches!(context.kind, ZoneKind::Public | ZoneKind::Registry)
        || Labels(zone.apex().as_bytes()).count() > 1
    {
        return;
    }
    let records = zone.read_rrset(b"", Rtype::MX);
    let Some(first) = records.iter().find(|record| !is_null(record)) else { return };
    let message = format!("`{}` MX: a top-level name takes mail", first.owner);
    let finding = context
        .about("mx-at-tld", first, first.rdata_span(), message)
        .help("delete it: mail programs refuse addresses without a dot");
    out.push(finding);
}

/// The texts of the SPF records at a name, in lower case.
fn policies(context: &ZoneContext<'_>, key: &[u8]) -> Vec<(Record, String)> {
    let texts = context.zone.read_rrset(key, Rtype::TXT);
    let with_text = |record: Record| Some((spf::lower_text(context.zone, &record)?, record));
    texts.into_iter().filter_map(with_text).map(|(text, record)| (record, text)).collect()
}

/// `spf-missing`
pub(super) fn spf_missing(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let records = mx_at(context, name);
    let Some(first) = records.first().filter(|_| !records.iter().any(is_null)) else { return };
    if !policies(context, &first.key).is_empty() {
        return;
    }
    let message = format!("`{}` takes mail and has no SPF record", first.owner);
    let finding = context
        .about("spf-missing", first, first.first_span, message)
        .help("add a TXT record such as `\"v=spf1 mx -all\"` that names the hosts which send its mail");
    out.push(finding);
}

/// `spf-null-mx-not-denied`
pub(super) fn null_mx_not_denied(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let records = mx_at(context, name);
    let [null] = records.as_slice() else { return };
    if !is_null(null) {
        return;
    }
    let policies = policies(context, &null.key);
    let is_denied = |text: &str| {
        matches!(text.split_ascii_whitespace().collect::<Vec<_>>().as_slice(), ["v=spf1", "-all"])
            || text.contains("redirect=")
    };
    let (span, label) = match policies.first() {
        None => (null.rdata_span(), "has no SPF record"),
        Some((_, text)) if is_denied(text) => return,
        Some((record, _)) => (record.rdata_span(), "has an SPF record that lets hosts send"),
    };
    let message = format!("`{}` takes no mail and {label}", null.owner);
    let finding = context
        .about("spf-null-mx-not-denied", null, span, message)
        .help("write the TXT record `\"v=spf1 -all\"`, if the domain sends no mail either");
    out.push(finding);
}

/// `dmarc-missing`
pub(super) fn dmarc_missing(context: &ZoneContext<'_>, names: &[NameId], out: Out<'_>) {
    let zone = context.zone;
    let has_policy = |key: &[u8]| {
        zone.find(key).is_some() || zone.cut_above(key).is_some() || zone.wildcard_for(key).is_some()
    };
    if !is_organization(zone.apex().as_bytes()) || has_policy(b"_dmarc") {
        return;
    }
    let first = names.iter().find_map(|name| {
        let key = zone.key_of(*name);
        let own = if key.is_empty() { b"_dmarc".to_vec() } else { [b"_dmarc.", key].concat() };
        let records = mx_at(context, *name);
        let is_open = !records.is_empty() && !records.iter().any(is_null) && !has_policy(&own);
        records.into_iter().next().filter(|_| is_open)
    });
    let Some(first) = first else { return };
    let message = format!("`{}` takes mail and no DMARC record covers it", first.owner);
    let finding = context
        .about("dmarc-missing", &first, first.first_span, message)
        .help("add `_dmarc IN TXT \"v=DMARC1; p=none\"` at the apex to begin with");
    out.push(finding);
}

/// Whether a zone is most likely a domain that is registered, not a part of one: `example.com`,
/// `example.co.uk`. The policy of a part stands in the zone above.
fn is_organization(apex: &[u8]) -> bool {
    let labels: Vec<&[u8]> = Labels(apex).collect();
    match labels.as_slice() {
        [_, _] => true,
        [_, second, top] => second.len() <= 3 && top.len() == 2,
        _ => false,
    }
}
