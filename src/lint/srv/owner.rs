//! Rules about the owners of SRV records, and what an owner says.

use super::place::{owner_place, rewrite};
use super::services::{self, PAIRS, Pair, known_pair, pairs_of};
use crate::diagnostic::{Applicability, Edit, Finding, nearest};
use crate::lint::rule::{Out, rule};
use crate::lint::{Check, Found, Rule, SrvMarks, ZoneContext};
use crate::text::Span;
use crate::zone::{Lookup, Record, TypeSet, Zone};
use crate::zonefile::name::Labels;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Rules about owners.
pub(in crate::lint) static OWNER_RULES: &[Rule] = &[
    rule!(
        Srv,
        ".",
        "srv-owner-grammar",
        Error,
        Unsafe,
        "RFC 2782, RFC 8552",
        Check::Service(SrvMarks::OWNER, grammar),
        "SRV owner does not start with `_service._proto`"
    ),
    rule!(
        Srv,
        ".",
        "srv-owner-near-miss",
        Error,
        Unsafe,
        "RFC 2782; Microsoft OfficeDocs-SkypeForBusiness 7743",
        Check::Service(SrvMarks::OWNER, near_miss),
        "SRV owner is a known service, misspelt"
    ),
    rule!(
        Srv,
        ".",
        "srv-service-name-syntax",
        Info,
        No,
        "RFC 6335 section 5.1",
        Check::Service(SrvMarks::OWNER, name_syntax),
        "service label breaks the rules for service names"
    ),
    rule!(
        Srv,
        ".",
        "srv-service-unknown",
        Info,
        No,
        "RFC 2782, IANA service names",
        Check::Service(SrvMarks::OWNER, unknown),
        "service is neither registered with IANA nor known to zonewright"
    ),
    rule!(
        Srv,
        ".",
        "srv-proto-unexpected",
        Error,
        Unsafe,
        "RFC 2782",
        Check::Service(SrvMarks::OWNER, proto),
        "known service under the wrong protocol label"
    ),
];

/// What the owner of an SRV RRset says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner<'o> {
    /// A known service under one of its protocols.
    Known(&'static Pair),
    /// Well-formed; what its service is called is another question.
    Service(&'o str),
    /// A DNS-SD instance or subtype, of the service named (RFC 6763).
    Instance(&'o str),
    /// A wildcard: it stands for many owners.
    Wildcard,
    /// A known service misspelt.
    NearMiss(NearMiss<'o>),
    /// A known service under a protocol it does not use.
    WrongProto { service: &'o str, proto: &'o str, domain: &'o str },
    /// No `_service._proto`.
    Malformed,
    /// The final dot is missing: what it stands for is not what was meant.
    LacksDot,
    /// A known service of a domain without records, within the zone, that is called as the zone is.
    Twice(&'static Pair),
}

/// A known service misspelt.
#[derive(Clone, Copy, Debug)]
pub(super) struct NearMiss<'o> {
    /// What was most likely meant.
    meant: &'static Pair,
    /// The text of the labels that are wrong.
    found: &'o str,
    /// What follows them.
    domain: &'o str,
    /// Whether nothing but punctuation differs, so that the meaning is plain.
    plain: bool,
}

impl<'o> Owner<'o> {
    /// Reads the owner of an RRset.
    pub(super) fn of(context: &ZoneContext<'_>, found: &'o Found) -> Self {
        let first = found.records.first();
        let lacks_dot = first
            .and_then(|first| first.record.owner_span)
            .is_some_and(|span| context.zone.missing_dot_at(span).is_some());
        match Self::read(&found.owner) {
            _ if lacks_dot => Self::LacksDot,
            Self::Known(pair) if is_at_twice_the_apex(context.zone, &found.key) => Self::Twice(pair),
            owner => owner,
        }
    }

    /// Reads an absolute owner in canonical text.
    pub(super) fn read(owner: &'o str) -> Self {
        let labels: Vec<&str> = Labels(owner.as_bytes())
            .take(4)
            .map(|label| std::str::from_utf8(label).unwrap_or_default())
            .collect();
        let label = |at: usize| labels.get(at).copied().unwrap_or_default();
        let (service, proto) = (label(0), label(1));
        if service == "*" {
            return Self::Wildcard;
        }
        if let Some(pair) = known_pair(service, proto) {
            return Self::Known(pair);
        }
        if let Some(miss) = spelt_apart(owner, &labels) {
            return Self::NearMiss(miss);
        }
        let tail = |count: usize| tail(owner, &labels, count);
        if proto == "_sub" && is_underscored(label(2)) {
            return Self::Instance(&label(2)[1..]);
        }
        if is_underscored(service) && is_underscored(proto) {
            if pairs_of(service).next().is_some() {
                return Self::WrongProto { service, proto, domain: tail(2) };
            }
            if !services::is_known(&service[1..])
                && let Some(meant) = slip(service, proto)
            {
                let found = &owner[..service.len() + 1 + proto.len()];
                return Self::NearMiss(NearMiss { meant, found, domain: tail(2), plain: false });
            }
            return Self::Service(&service[1..]);
        }
        if is_underscored(proto) && matches!(label(2), "_tcp" | "_udp") {
            return Self::Instance(&proto[1..]);
        }
        match pairs_of(service).next() {
            Some(meant) => Self::NearMiss(NearMiss { meant, found: service, domain: tail(1), plain: false }),
            None => Self::Malformed,
        }
    }

    /// Whether the owner is wrong in itself: nothing else about the RRset is worth saying before
    /// that is put right.
    pub(super) fn is_wrong(&self) -> bool {
        matches!(
            self,
            Self::NearMiss(_) | Self::WrongProto { .. } | Self::Malformed | Self::LacksDot | Self::Twice(_)
        )
    }
}

/// Whether a key of two labels and the apex once more is all that the zone has there.
pub(super) fn is_at_twice_the_apex(zone: &Zone, key: &[u8]) -> bool {
    let apex = zone.apex();
    !apex.as_bytes().is_empty()
        && apex.relative(key).is_some_and(|labels| Labels(labels).count() == 2)
        && zone.find(apex.as_bytes()).is_none()
}

fn is_underscored(label: &str) -> bool {
    label.len() > 1 && label.starts_with('_')
}

/// The owner without its first labels.
fn tail<'o>(owner: &'o str, labels: &[&str], count: usize) -> &'o str {
    let len: usize = labels.iter().take(count).map(|label| label.len() + 1).sum();
    owner.get(len..).unwrap_or_default()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '_' | '-' | '.')).collect()
}

/// The pair whose labels have these letters.
fn by_letters(text: &str) -> Option<&'static Pair> {
    static LETTERS: OnceLock<BTreeMap<String, &'static Pair>> = OnceLock::new();
    let known = LETTERS.get_or_init(|| PAIRS.iter().rev().map(|pair| (bare(&pair.labels()), pair)).collect());
    known.get(text).copied()
}

/// A pair that is there letter by letter, with `_`, `-` and `.` in other places.
fn spelt_apart<'o>(owner: &'o str, labels: &[&str]) -> Option<NearMiss<'o>> {
    (1..=labels.len().min(2)).find_map(|count| {
        let used = labels.get(..count)?;
        if !used.iter().any(|label| label.starts_with('_')) {
            return None;
        }
        let domain = tail(owner, labels, count);
        let found = owner.get(..owner.len() - domain.len())?.trim_end_matches('.');
        let meant = by_letters(&bare(found))?;
        Some(NearMiss { meant, found, domain, plain: true })
    })
}

/// The known service that an unknown one differs from by a slip of the fingers.
fn slip(service: &str, proto: &str) -> Option<&'static Pair> {
    if service == "_sipfederation" {
        return pairs_of("_sipfederationtls").next();
    }
    let text = bare(service);
    let has_digit = |text: &str| text.bytes().any(|octet| octet.is_ascii_digit());
    let close = |pair: &&'static Pair| {
        let known = bare(pair.service);
        let most = match known.len() {
            0..=5 => 0,
            6..=9 => 1,
            _ => 2,
        };
        has_digit(&known) == has_digit(&text) && strsim::osa_distance(&known, &text) <= most
    };
    let distance = |pair: &&'static Pair| {
        (strsim::osa_distance(pair.service, service), usize::from(pair.proto != proto))
    };
    PAIRS.iter().filter(close).min_by_key(distance)
}

/// The owner that a pair has in a domain.
fn owner_in(labels: &str, domain: &str) -> String {
    if domain.is_empty() { labels.to_owned() } else { format!("{labels}.{domain}") }
}

fn first(found: &Found) -> Option<&Record> {
    found.records.first().map(|first| &first.record)
}

fn grammar(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let (Owner::Malformed, Some(record)) = (Owner::of(context, found), first(found)) else { return };
    let message = format!("`{}` SRV: the owner does not begin with `_service._proto`", found.owner);
    let finding = context.about("srv-owner-grammar", record, owner_place(record), message);
    let Some((from, to, domain)) = with_underscores(&found.owner) else {
        out.push(finding.help(grammar_help(&found.owner)));
        return;
    };
    let meant = owner_in(&to, domain);
    let edits = if owns_srv(context, &meant) { None } else { rename(context, found, from, &to) };
    out.push(with_fix(finding.help(format!("did you mean `{meant}`?")), edits));
}

/// The labels of an owner that lack their underscores, those labels with them, and what follows: of a
/// known pair (`sip.tls`), or a registered service under TCP or UDP (`_ldap.tcp`).
fn with_underscores(owner: &str) -> Option<(&str, String, &str)> {
    let mut labels = owner.splitn(3, '.');
    let (service, proto, domain) = (labels.next()?, labels.next()?, labels.next()?);
    let from = owner.get(..service.len() + 1 + proto.len())?;
    if let Some(pair) = by_letters(&bare(from)) {
        return Some((from, pair.labels(), domain));
    }
    let plain = (service.trim_start_matches('_'), proto.trim_start_matches('_'));
    let is_service = matches!(plain.1, "tcp" | "udp") && services::is_known(plain.0);
    is_service.then(|| (from, format!("_{}._{}", plain.0, plain.1), domain))
}

fn grammar_help(owner: &str) -> String {
    if let Some((service, rest)) = owner.split_once('.')
        && is_underscored(service)
    {
        return format!("write the protocol too, such as `{service}._tcp.{rest}`");
    }
    String::from("write `_service._proto.name`, such as `_sip._tls.example.com`")
}

fn near_miss(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let Some(record) = first(found) else { return };
    let miss = match Owner::of(context, found) {
        Owner::NearMiss(miss) => miss,
        Owner::Twice(pair) => {
            out.push(twice(context, found, pair, record));
            return;
        }
        _ => return,
    };
    let meant = owner_in(&miss.meant.labels(), miss.domain);
    let message = format!("`{}` SRV: no client asks for this name; `{meant}` is close to it", found.owner);
    let finding = context.about("srv-owner-near-miss", record, owner_place(record), message);
    let finding = finding.help(format!("write `{meant}`"));
    let edits = if miss.plain { rename(context, found, miss.found, &miss.meant.labels()) } else { None };
    out.push(with_fix(finding, edits));
}

/// What a missing dot leaves after another program wrote all names in full.
fn twice(context: &ZoneContext<'_>, found: &Found, pair: &Pair, record: &Record) -> Finding {
    let apex = context.zone.apex();
    let meant = owner_in(&pair.labels(), &apex.to_string());
    let message = format!("`{}` SRV: the owner has the name of the zone twice", found.owner);
    let finding = context.about("srv-owner-near-miss", record, owner_place(record), message);
    let edit = |span: Span| {
        let text = context.zone.sources().bytes(span);
        let once = text.get(..text.len().checked_sub(apex.as_bytes().len() + 1)?)?;
        let is_full = text.ends_with(b".") && once.ends_with(b".");
        if is_full { rewrite(context, span, once) } else { None }
    };
    let spans = found.records.iter().filter_map(|found| found.record.owner_span);
    let edits: Option<Vec<Edit>> = spans.map(edit).collect();
    let is_one_file = |edits: &Vec<Edit>| edits.iter().all(|edit| edit.span.file == record.span.file);
    with_fix(finding.help(format!("write `{meant}.`")), edits.filter(is_one_file))
}

fn with_fix(finding: Finding, edits: Option<Vec<Edit>>) -> Finding {
    match edits {
        Some(edits) => finding.fixes(Applicability::Unsafe, edits),
        None => finding,
    }
}

/// Writes other labels at the start of the owner of every record; none when a record of another
/// type would be renamed with them, or the labels are not written out.
fn rename(context: &ZoneContext<'_>, found: &Found, from: &str, to: &str) -> Option<Vec<Edit>> {
    let name = context.zone.find(&found.key)?;
    if context.zone.types_of(name) != TypeSet::of(Rtype::SRV) {
        return None;
    }
    let mut edits = Vec::new();
    for found in &found.records {
        let Some(span) = found.record.owner_span else { continue };
        let text = context.zone.sources().bytes(span);
        let text = std::str::from_utf8(&text).ok()?;
        let rest = text.get(from.len()..).filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
        if !text.get(..from.len())?.eq_ignore_ascii_case(from) {
            return None;
        }
        edits.push(rewrite(context, span, format!("{to}{rest}"))?);
    }
    let file = edits.first()?.span.file;
    edits.iter().all(|edit| edit.span.file == file).then_some(edits)
}

fn name_syntax(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let (Owner::Service(service) | Owner::Instance(service), Some(record)) =
        (Owner::of(context, found), first(found))
    else {
        return;
    };
    let Some(why) = syntax_error(service) else { return };
    let message = format!("`{}` SRV: service name `{service}` {why}", found.owner);
    let finding = context.about("srv-service-name-syntax", record, owner_place(record), message);
    out.push(finding.help("use 1 to 15 letters, digits and single hyphens, a letter among them"));
}

/// What is wrong with a service name (RFC 6335 section 5.1), to be put after it.
fn syntax_error(service: &str) -> Option<String> {
    if services::is_built_in(service) {
        return None;
    }
    if let Some(bad) = service.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        return Some(format!("has a `{bad}`"));
    }
    if service.len() > 15 {
        return Some(format!("has {} characters, 15 are allowed", service.len()));
    }
    if !service.bytes().any(|octet| octet.is_ascii_alphabetic()) {
        return Some(String::from("has no letter"));
    }
    if service.starts_with('-') || service.ends_with('-') {
        return Some(String::from("has a hyphen at its edge"));
    }
    service.contains("--").then(|| String::from("has two hyphens in a row"))
}

/// Whether a service name is malformed or not known: a rule may have something to say about it.
pub(super) fn lacks_registration(service: &str) -> bool {
    syntax_error(service).is_some() || !services::is_known(service)
}

fn unknown(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let (Owner::Service(service), Some(record)) = (Owner::of(context, found), first(found)) else { return };
    let known = found.service.is_some() || services::is_known(service);
    if known || syntax_error(service).is_some() || is_directory(&found.owner) {
        return;
    }
    let message =
        format!("`{}` SRV: service `{service}` is not registered with IANA nor known here", found.owner);
    let finding = context.about("srv-service-unknown", record, owner_place(record), message);
    // A short name is a slip away from dozens of registered ones.
    let near = if service.len() < 5 { None } else { nearest(service, services::names()) };
    out.push(match near {
        Some(name) => finding.help(format!("did you mean `_{name}`?")),
        None => finding.help("if the name is your own, say `; zonewright: allow srv-service-unknown -- own`"),
    });
}

fn proto(context: &ZoneContext<'_>, found: &Found, out: Out<'_>) {
    let (Owner::WrongProto { service, proto, domain }, Some(record)) =
        (Owner::of(context, found), first(found))
    else {
        return;
    };
    let mut meant: Vec<String> = pairs_of(service).map(Pair::labels).collect();
    if service == "_sips" && proto == "_tls" {
        meant = vec![String::from("_sips._tcp"), String::from("_sip._tls")];
    }
    let message = format!("`{}` SRV: `{service}` is not used with `{proto}`", found.owner);
    let finding = context.about("srv-proto-unexpected", record, owner_place(record), message);
    let choices: Vec<String> = meant.iter().map(|labels| format!("`{}`", owner_in(labels, domain))).collect();
    let finding = finding.help(format!("write {}", choices.join(" or ")));
    let edits = match &meant[..] {
        [only] if !owns_srv(context, &owner_in(only, domain)) => {
            rename(context, found, &owner_in(service, proto), only)
        }
        _ => None,
    };
    out.push(with_fix(finding, edits));
}

fn owns_srv(context: &ZoneContext<'_>, owner: &str) -> bool {
    let Some(key) = context.zone.key(owner.as_bytes()) else { return false };
    matches!(context.zone.lookup(key), Lookup::Found(name) if context.zone.types_of(name).has(Rtype::SRV))
}

/// Whether an owner is one that domain controllers write themselves (`_ldap._tcp.dc._msdcs`).
pub(super) fn is_directory(owner: &str) -> bool {
    let mut labels = owner.split('.');
    let first = labels.next().unwrap_or_default();
    matches!(first, "_ldap" | "_kerberos" | "_kpasswd" | "_gc")
        || first.starts_with("_kerberos-")
        || labels.any(|label| label == "_msdcs" || label == "_sites")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(owner: &str) -> Option<(String, bool)> {
        match Owner::read(owner) {
            Owner::NearMiss(miss) => Some((owner_in(&miss.meant.labels(), miss.domain), miss.plain)),
            _ => None,
        }
    }

    #[test]
    fn near_misses_seen_in_the_wild() {
        for (owner, right, plain) in [
            ("_sipfederationtls.tcp.a.example", "_sipfederationtls._tcp.a.example", true),
            ("_sipfederationtls_.tcp.a.example", "_sipfederationtls._tcp.a.example", true),
            ("_sipfederationtls_tcp.a.example", "_sipfederationtls._tcp.a.example", true),
            ("_sip_tls.a.example", "_sip._tls.a.example", true),
            ("_sip.tls.a.example", "_sip._tls.a.example", true),
            ("sip._tls.a.example", "_sip._tls.a.example", true),
            ("_xmpp_server._tcp.a.example", "_xmpp-server._tcp.a.example", true),
            ("_xmmp-server._tcp.a.example", "_xmpp-server._tcp.a.example", false),
            ("_sipfederation._tls.a.example", "_sipfederationtls._tcp.a.example", false),
            ("_sip.a.example", "_sip._tls.a.example", false),
        ] {
            assert_eq!(meant(owner), Some((right.to_owned(), plain)), "{owner}");
        }
    }

    #[test]
    fn other_owners_are_no_near_misses() {
        for owner in [
            "_sip._tls.a.example",
            "_sips._tcp.a.example",
            "_stuns._tcp.a.example",
            "_xmpps-server._tcp.a.example",
            "_matrix2._tcp.a.example",
            "_ldap._tcp.dc._msdcs.a.example",
            "_sipfederationtls._tls.a.example",
            "*._tcp.a.example",
            "_imap._tcp.a.example",
            "sip.tls.a.example",
        ] {
            assert_eq!(meant(owner), None, "{owner}");
        }
        assert!(matches!(Owner::read("front\\032desk._ipp._tcp.a.example"), Owner::Instance("ipp")));
        assert!(matches!(Owner::read("_printer._sub._ipp._tcp.a.example"), Owner::Instance("ipp")));
        assert!(matches!(Owner::read("_sips._tls.a.example"), Owner::WrongProto { .. }));
        assert!(matches!(Owner::read("www.a.example"), Owner::Malformed));
    }
}
