//! Policies for reports, transport and logos: MTA-STS (RFC 8461), TLSRPT (RFC 8460), BIMI.

use super::tags::{self, Fault, Tags};
use super::text::{Text, is_cut_short, shown};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{Lookup, Record};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;

/// The tags of a record, unless servers of the zone do not answer with it, or it is cut short.
fn read(context: &ZoneContext<'_>, record: &Record) -> Option<(Text, Tags)> {
    if context.zone.cut_above(&record.key).is_some() || is_cut_short(context.zone, record) {
        return None;
    }
    let text = Text::of(context.zone, record);
    let tags = tags::read(&text.octets);
    Some((text, tags))
}

/// What is wrong with the version of a record; also when there is none.
fn version(text: &[u8], tags: &Tags, version: &str) -> Option<Fault> {
    let first = tags.list.first().filter(|tag| tag.at.start == 0);
    if first.is_some_and(|first| first.is("v") && first.value == version.as_bytes()) {
        return None;
    }
    if text.starts_with(format!("v={version} ").as_bytes()) {
        let message = format!("no `;` ends `v={version}`, so mail servers pass over the record");
        return Some(Fault::new(&(0..text.len()), message, format!("write `v={version};`")));
    }
    let message = format!("the record does not begin with `v={version}`, so mail servers pass over it");
    Some(Fault::new(&(0..text.len()), message, format!("write `v={version};` first, just so")))
}

/// `mta-sts-inconsistent`
pub(super) fn mta_sts(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(domain) = below(&record.key, b"_mta-sts") else { return };
    let Some((text, tags)) = read(context, record) else { return };
    let mut faults: Vec<Fault> = version(&text.octets, &tags, "STSv1").into_iter().collect();
    if faults.is_empty() {
        faults.extend(tags.faults(&text.octets));
        let whole = 0..text.octets.len();
        let is_id = |id: &[u8]| (1..=32).contains(&id.len()) && id.iter().all(u8::is_ascii_alphanumeric);
        match tags.get("id") {
            None => faults.push(Fault::new(
                &whole,
                String::from("the record has no `id=`"),
                "write `id=` and letters or digits that change with the policy, such as the date and time",
            )),
            Some(id) if !is_id(&id.value) => faults.push(Fault::new(
                &id.at,
                format!("`{}` is no id of 1 to 32 letters and digits", shown(&id.value)),
                "write letters and digits only, such as the date and time",
            )),
            Some(_) => {}
        }
        faults.extend(host_fault(context, domain, &whole));
    }
    tags::report(context, record, "mta-sts-inconsistent", &text, faults, out);
}

/// The labels behind the first ones of a name.
fn below<'k>(key: &'k [u8], first: &[u8]) -> Option<&'k [u8]> {
    let rest = key.strip_prefix(first)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b".") }
}

/// What is wrong with the host that the policy is fetched from.
fn host_fault(context: &ZoneContext<'_>, domain: &[u8], whole: &std::ops::Range<usize>) -> Option<Fault> {
    let zone = context.zone;
    let key = if domain.is_empty() { b"mta-sts".to_vec() } else { [b"mta-sts.", domain].concat() };
    let is_there = match zone.lookup(&key) {
        Lookup::Found(name) | Lookup::Wildcard(name) => {
            let types = zone.types_of(name);
            types.has_address() || types.has(Rtype::CNAME)
        }
        Lookup::BelowCut { .. } | Lookup::BelowDname(_) => true,
        Lookup::EmptyNonTerminal | Lookup::Missing => false,
    };
    if is_there || context.partial {
        return None;
    }
    let host = zone.absolute(&key);
    let message = format!("`{host}`, which mail servers fetch the policy from, has no address");
    Some(Fault::new(whole, message, format!("add A or AAAA records for `{host}`, or delete the record")))
}

/// `tlsrpt-syntax`
pub(super) fn tlsrpt(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    if below(&record.key, b"_smtp._tls").is_none() {
        return;
    }
    let Some((text, tags)) = read(context, record) else { return };
    let mut faults: Vec<Fault> = version(&text.octets, &tags, "TLSRPTv1").into_iter().collect();
    if faults.is_empty() {
        faults.extend(tags.faults(&text.octets));
        let is_uri = |uri: &[u8]| {
            let uri = uri.trim_ascii().to_ascii_lowercase();
            uri.starts_with(b"https://") && uri.len() > 8
                || uri.starts_with(b"mailto:") && uri.contains(&b'@')
        };
        match tags.get("rua") {
            None => faults.push(Fault::new(
                &(0..text.octets.len()),
                String::from("the record has no `rua=`"),
                "write `rua=mailto:` and the address that reports go to",
            )),
            Some(rua) if !rua.value.split(|octet| *octet == b',').all(is_uri) => faults.push(Fault::new(
                &rua.at,
                format!("`{}` is no address that reports can go to", shown(&rua.value)),
                "write `mailto:` and an address, or `https://`; several with commas between them",
            )),
            Some(_) => {}
        }
    }
    tags::report(context, record, "tlsrpt-syntax", &text, faults, out);
}

/// `bimi-syntax`
pub(super) fn bimi(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    if Labels(&record.key).nth(1) != Some(&b"_bimi"[..]) {
        return;
    }
    let Some((text, tags)) = read(context, record) else { return };
    let mut faults: Vec<Fault> = version(&text.octets, &tags, "BIMI1").into_iter().collect();
    if faults.is_empty() {
        faults.extend(tags.faults(&text.octets));
        if tags.get("l").is_none() {
            let message = String::from("the record has no logo `l=`");
            let help = "write `l=https://` and the place of the logo, or `l=` alone for none";
            faults.push(Fault::new(&(0..text.octets.len()), message, help));
        }
        for name in ["l", "a"] {
            let is_https =
                |value: &[u8]| value.get(..8).is_some_and(|head| head.eq_ignore_ascii_case(b"https://"));
            if let Some(tag) = tags.get(name).filter(|tag| !tag.value.is_empty() && !is_https(&tag.value)) {
                let message = format!("`{}` does not begin with `https://`", shown(&tag.value));
                faults.push(Fault::new(&tag.at, message, "mail programs fetch logos by HTTPS only"));
            }
        }
    }
    tags::report(context, record, "bimi-syntax", &text, faults, out);
}
