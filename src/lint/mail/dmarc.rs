//! DMARC records (RFC 7489, RFC 9091).

use super::tags::{self, Fault, Tag, Tags};
use super::text::{Text, is_cut_short, shown};
use crate::diagnostic::{Severity, nearest};
use crate::lint::context::{Workspace, ZoneContext};
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{Lookup, RdataNotes, Record};
use crate::zonefile::name::Labels;
use std::collections::HashMap;

/// Whether policies stand at this name.
pub(super) fn is_owner(key: &[u8]) -> bool {
    key == b"_dmarc" || key.starts_with(b"_dmarc.")
}

/// Whether the name says who may send reports here (RFC 7489 section 7.1).
pub(super) fn is_report_owner(key: &[u8]) -> bool {
    let mut labels = Labels(key).skip_while(|label| *label != b"_report");
    labels.next().is_some() && labels.next() == Some(&b"_dmarc"[..])
}

/// Whether readers take a text for a DMARC record: the version is the first tag, exactly so.
pub(super) fn is_policy(tags: &Tags) -> bool {
    tags.list.first().is_some_and(|first| first.is("v") && first.value == b"DMARC1")
}

/// `dmarc-multiple`
pub(super) fn multiple(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let mut first: HashMap<&[u8], Span> = HashMap::new();
    for (key, rec, _) in zone.noted(RdataNotes::POLICY) {
        if !is_owner(key) || zone.cut_above(key).is_some() {
            continue;
        }
        let Some(record) = zone.record(key, rec) else { continue };
        if !is_policy(&tags::read(&Text::of(zone, &record).octets)) {
            continue;
        }
        let span = record.rdata_span();
        let Some(first) = first.get(key) else {
            first.insert(key, span);
            continue;
        };
        if zone.sources().visible(*first) == zone.sources().visible(span) {
            continue;
        }
        let message =
            format!("`{}` TXT: a second DMARC record, so that mail servers apply neither", record.owner);
        let finding = context
            .about("dmarc-multiple", &record, span, message)
            .related(*first, "the first one")
            .help("keep one of them");
        out.push(finding);
    }
}

/// `dmarc-syntax`
pub(super) fn syntax(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let zone = context.zone;
    if !is_owner(&record.key) || is_report_owner(&record.key) || zone.cut_above(&record.key).is_some() {
        return;
    }
    let text = Text::of(zone, record);
    let tags = tags::read(&text.octets);
    if !is_meant(&text.octets, &tags) {
        return;
    }
    let mut faults = faults(&text.octets, &tags);
    if is_cut_short(zone, record) {
        faults.clear();
    }
    tags::report(context, record, "dmarc-syntax", &text, faults, out);
}

/// Whether a text at `_dmarc` is meant as a policy: it has a version or a policy.
fn is_meant(text: &[u8], tags: &Tags) -> bool {
    let begins = |tag: &Tag| {
        tag.is("v") && tag.value.get(..5).is_some_and(|value| value.eq_ignore_ascii_case(b"dmarc"))
            || tag.is("p") && is_request(&tag.value)
    };
    tags.list.iter().any(begins) || text.to_ascii_lowercase().windows(6).any(|part| part == b"dmarc1")
}

fn is_request(value: &[u8]) -> bool {
    ["none", "quarantine", "reject"].iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

fn faults(text: &[u8], tags: &Tags) -> Vec<Fault> {
    let whole = 0..text.len();
    if !is_policy(tags) {
        let at = tags.get("v").map_or(&whole, |tag| &tag.at);
        if text.starts_with(b"v=DMARC1 ") {
            let message = String::from("no `;` ends `v=DMARC1`, so mail servers pass over the record");
            return vec![Fault::new(at, message, "write `v=DMARC1;`")];
        }
        let message = String::from("the record does not begin with `v=DMARC1`, so mail servers pass over it");
        return vec![Fault::new(at, message, "write `v=DMARC1;` first, in capitals")];
    }
    let mut faults = tags.faults(text);
    match tags.list.iter().position(|tag| tag.is("p")) {
        None => {
            let message = String::from("the DMARC record has no policy `p=`");
            faults.push(Fault::new(
                &whole,
                message,
                "write `p=none`, `p=quarantine` or `p=reject` after the version",
            ));
        }
        Some(0 | 1) => {}
        Some(at) => {
            let at = tags.list.get(at).map_or(&whole, |tag| &tag.at);
            let message = String::from("the policy `p=` is not the tag after the version");
            let fault = Fault::new(at, message, "write it there: some mail servers look nowhere else");
            faults.push(Fault { severity: Severity::Info, ..fault });
        }
    }
    faults.extend(tags.list.iter().filter_map(value_fault));
    faults
}

/// What is wrong with the value of a tag.
fn value_fault(tag: &Tag) -> Option<Fault> {
    let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
    let value = shown(&tag.value);
    let words = |allowed: &[&str]| {
        let is_allowed = |word: &[u8]| {
            allowed.iter().any(|known| word.trim_ascii().eq_ignore_ascii_case(known.as_bytes()))
        };
        !tag.value.split(|octet| *octet == b':').all(is_allowed)
    };
    let wrong = |help: String| {
        Some(Fault::new(&tag.at, format!("`{name}={value}` has no value that is known"), help))
    };
    match name.as_str() {
        "p" | "sp" | "np" if !is_request(&tag.value) => {
            let meant = nearest(&value, ["none", "quarantine", "reject"]);
            wrong(meant.map_or_else(
                || String::from("write `none`, `quarantine` or `reject`"),
                |meant| format!("did you mean `{meant}`?"),
            ))
        }
        "adkim" | "aspf" if !matches!(&*tag.value, b"r" | b"s" | b"R" | b"S") => {
            wrong(String::from("write `r` for relaxed or `s` for strict"))
        }
        "fo" if words(&["0", "1", "d", "s"]) => {
            wrong(String::from("write `0`, `1`, `d` or `s`, with `:` between them"))
        }
        "pct" if number(&tag.value).is_none_or(|number| number > 100) => {
            wrong(String::from("write a number from 0 to 100"))
        }
        "ri" if number(&tag.value).is_none() => wrong(String::from("write a number of seconds")),
        "rua" | "ruf" => addresses_fault(tag, &name),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    let text =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|octet| octet.is_ascii_digit()))?;
    text.parse().ok()
}

/// The addresses that reports go to: URIs with commas between them.
fn addresses_fault(tag: &Tag, name: &str) -> Option<Fault> {
    tag.value.split(|octet| *octet == b',').find_map(|address| {
        let address = address.trim_ascii();
        let written = shown(address);
        let (scheme, rest) = address.split_at_checked(7).unwrap_or((address, b""));
        let is_mailto = scheme.eq_ignore_ascii_case(b"mailto:");
        let has_scheme = address.iter().position(|octet| *octet == b':').is_some_and(|colon| {
            address.iter().take(colon).all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet))
        });
        let is_address = |text: &[u8]| {
            let mut parts = text.split(|octet| *octet == b'@');
            let (local, domain) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            !local.is_empty() && domain.contains(&b'.') && parts.next().is_none() && !text.contains(&b' ')
        };
        if is_mailto && is_address(rest) || has_scheme && !is_mailto {
            return None;
        }
        let help = if is_address(address) {
            format!("write `mailto:{written}`")
        } else {
            format!("write `{name}=mailto:` and an address; several with commas between them")
        };
        Some(Fault::new(
            &tag.at,
            format!("`{written}` in `{name}` is no address that reports can go to"),
            help,
        ))
    })
}

/// `dmarc-report-unauthorized`
pub(super) fn report_unauthorized(workspace: &Workspace<'_>, out: Out<'_>) {
    for context in workspace.zones {
        let zone = context.zone;
        for (key, rec, _) in zone.noted(RdataNotes::POLICY) {
            if !is_owner(key) || is_report_owner(key) || zone.cut_above(key).is_some() {
                continue;
            }
            let Some(record) = zone.record(key, rec) else { continue };
            let text = Text::of(zone, &record);
            let tags = tags::read(&text.octets);
            if !is_policy(&tags) {
                continue;
            }
            for tag in tags.list.iter().filter(|tag| tag.is("rua") || tag.is("ruf")) {
                for name in refused(workspace, context, &record, tag) {
                    let message = format!(
                        "`{}` TXT: no record `{name}` allows the reports of `{}`",
                        record.owner,
                        shown(&tag.name)
                    );
                    let finding = context
                        .about("dmarc-report-unauthorized", &record, text.span(&tag.at), message)
                        .help(format!("add `{name}. IN TXT \"v=DMARC1\"` there"));
                    out.push(finding);
                }
            }
        }
    }
}

/// The names that should allow the reports of a tag to other domains, and that the zones of the run
/// do not have.
fn refused(workspace: &Workspace<'_>, context: &ZoneContext<'_>, record: &Record, tag: &Tag) -> Vec<String> {
    let domain = record.owner.strip_prefix("_dmarc.").unwrap_or(&record.owner);
    let apex = context.zone.apex().to_string();
    let is_within = |one: &str, other: &str| {
        one.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let value = String::from_utf8_lossy(&tag.value).to_ascii_lowercase();
    let hosts =
        value.split(',').filter_map(|address| address.trim().strip_prefix("mailto:")?.rsplit_once('@'));
    hosts
        .filter_map(|(_, host)| {
            let host = host.split('!').next().unwrap_or(host).trim_end_matches('.');
            let name = format!("{domain}._report._dmarc.{host}");
            let (holder, key) = workspace.holder(context.view, name.as_bytes())?;
            let is_own = is_within(host, &apex) || is_within(&apex, host);
            let is_there = !matches!(holder.zone.lookup(key), Lookup::Missing | Lookup::EmptyNonTerminal);
            (!is_own && !is_there && !holder.partial).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let tags = tags::read(text.as_bytes());
        faults(text.as_bytes(), &tags).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn records_in_use_read_well() {
        for text in [
            "v=DMARC1; p=none",
            "v=DMARC1;p=reject;",
            "V = DMARC1 ; p=QUARANTINE ; sp=none; np=reject",
            "v=DMARC1; p=none; rua=mailto:a@example.com!10m, mailto:b@example.net; fo=1:d:s; pct=50; ri=86400",
            "v=DMARC1; p=none; adkim=s; aspf=r; psd=n; t=y",
            "v=DMARC1; p=none; rua=https://example.com/report",
        ] {
            assert_eq!(messages(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_one_by_one() {
        for text in [
            "v=dmarc1; p=none",
            "p=none; v=DMARC1",
            "v=DMARC1, p=none",
            "v=DMARC1",
            "v=DMARC1; p=nome",
            "v=DMARC1; p=none; p=reject",
            "v=DMARC1; p=none;; sp=none",
            "v=DMARC1; p=none rua",
            "v=DMARC1; p=none; pct=101",
            "v=DMARC1; p=none; rua=dmarc@example.com",
            "v=DMARC1; p=none; rua=mailto:dmarc",
            "v=DMARC1; p=none; adkim=strict",
            "v=DMARC1; p=none; fo=2",
            "v=DMARC1; sp=none; p=none",
        ] {
            assert_eq!(messages(text).len(), 1, "{text}: {:?}", messages(text));
        }
        assert!(messages("v=DMARC1 p=none").concat().contains("no `;` ends"));
    }

    #[test]
    fn reports_are_allowed_at_names_of_their_own() {
        assert!(is_report_owner(b"fabrikam.com._report._dmarc") && is_report_owner(b"*._report._dmarc.mail"));
        assert!(!is_report_owner(b"_dmarc") && !is_report_owner(b"_report") && !is_owner(b"x._dmarc"));
    }
}
