//! The SOA record: where it stands, its first server and its mailbox.

use crate::diagnostic::{Applicability, Edit, Finding};
use crate::lint::context::ZoneContext;
use crate::lint::line::own_lines;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{Lookup, Record, Target, Zone};
use crate::zonefile::name::parent;
use crate::zonefile::rdata::NameRole;
use crate::zonefile::rtype::Rtype;

/// `soa-not-at-apex`
pub(super) fn not_at_apex(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    if soa.key.is_empty() || lacks_dot(context.zone, soa) {
        return;
    }
    let message = format!("`{}` has a SOA record, but the zone is `{}`", soa.owner, context.zone.apex());
    let help = format!("keep the zone `{}` in a file of its own, and delegate it here", soa.owner);
    out.push(context.about("soa-not-at-apex", soa, soa.first_span, message).help(help));
}

/// Whether the owner of a SOA record is the apex without its final dot: that is what is wrong then.
pub(super) fn lacks_dot(zone: &Zone, soa: &Record) -> bool {
    soa.owner_span.is_some_and(|span| zone.missing_dot_at(span).is_some())
}

/// `soa-not-first`
pub(super) fn not_first(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let zone = context.zone;
    if !is_of_zone(context, soa) {
        return;
    }
    let first = zone
        .names()
        .flat_map(|name| zone.records(name).map(move |rec| (rec, name)))
        .min_by_key(|(rec, _)| rec.place())
        .filter(|(rec, _)| rec.place() < soa.place)
        .and_then(|(rec, name)| zone.record(zone.key_of(name), rec));
    let Some(first) = first else { return };
    let message = format!("the SOA record of `{}` is not the first record", soa.owner);
    let finding = context
        .about("soa-not-first", soa, soa.first_span, message)
        .related(first.span, "this one stands before it")
        .help("move the SOA record to the top");
    out.push(match move_before(context, soa, &first) {
        Some(edits) => finding.fixes(Applicability::Unsafe, edits),
        None => finding,
    });
}

/// Moves the lines of a record to before another one, unless a directive between them, or what is left
/// out on one of the lines, would make them read otherwise.
fn move_before(context: &ZoneContext<'_>, record: &Record, other: &Record) -> Option<Vec<Edit>> {
    let sources = context.zone.sources();
    let (lines, _) = own_lines(context.zone, record)?;
    let is_near = lines.file == other.span.file && other.span.start < lines.start;
    let source = sources.get(lines.file);
    if !is_near || source.line_start(other.span.start) != other.span.start {
        return None;
    }
    let between = source.slice(other.span.start, lines.start);
    let has_directive = between.split(|octet| *octet == b'\n').any(|line| line.starts_with(b"$"));
    if has_directive || record.owner_span.is_none() || other.owner_span.is_none() {
        return None;
    }
    let mut text = sources.bytes(lines);
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    let start = Span::new(other.span.file, other.span.start, other.span.start);
    Some(vec![Edit { span: start, replacement: text }, Edit { span: lines, replacement: Vec::new() }])
}

/// Whether a SOA record is the zone's: the first one at the apex.
pub(super) fn is_of_zone(context: &ZoneContext<'_>, soa: &Record) -> bool {
    soa.key.is_empty()
        && context.zone.rrset(b"", Rtype::SOA).first().is_some_and(|first| first.place() == soa.place)
}

/// The first server of a zone (MNAME), if the record is the zone's.
fn primary<'r>(context: &ZoneContext<'_>, soa: &'r Record) -> Option<&'r Target> {
    let target = soa.targets.first().filter(|_| is_of_zone(context, soa))?;
    let suspect = context.zone.suspect_at(target.span);
    (!suspect.is_some_and(|suspect| context.zone.is_mistaken(suspect))).then_some(target)
}

/// Whether a zone is read by one server for itself, such as a policy or a catalog (RFC 9432 section 4):
/// its NS records, which nobody asks for, lead to names that are none.
pub(super) fn is_for_itself(context: &ZoneContext<'_>) -> bool {
    let servers = context.name_servers();
    let leads_nowhere = |server: &Record| {
        server.target().is_some_and(|target| {
            let name = &*target.absolute;
            name == "." || name == "invalid" || name.ends_with(".invalid") || is_localhost(name)
        })
    };
    !servers.is_empty() && servers.iter().all(leads_nowhere)
}

/// Whether the name is that of the machine itself (RFC 6761 section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.starts_with("localhost.") || name.ends_with(".localhost")
}

/// `soa-mname-root`
pub(super) fn mname_root(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(target) = primary(context, soa).filter(|target| target.absolute == ".") else { return };
    if is_for_itself(context) {
        return;
    }
    let message = format!("the SOA record of `{}` names no first server", soa.owner);
    out.push(
        context
            .about("soa-mname-root", soa, target.span, message)
            .help("name the server that holds the zone's own copy, if others should find it"),
    );
}

/// `soa-mname-localhost`
pub(super) fn mname_localhost(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(target) = primary(context, soa).filter(|target| is_localhost(&target.absolute)) else { return };
    // Zones for the machine itself have it there on purpose.
    if is_localhost(&soa.owner) || soa.owner.ends_with(".arpa") || is_for_itself(context) {
        return;
    }
    let message = format!("the SOA record of `{}` has `{}` as first server", soa.owner, target.absolute);
    let help = "name the server that holds the zone's own copy, as others know it";
    out.push(context.about("soa-mname-localhost", soa, target.span, message).help(help));
}

/// The first server, if it lies in the zone.
fn primary_here<'r>(context: &ZoneContext<'_>, soa: &'r Record) -> Option<&'r Target> {
    primary(context, soa).filter(|target| target.in_zone && !is_localhost(&target.absolute))
}

/// Whether the NS records at the apex name a server: then its faults are reported there.
fn serves(context: &ZoneContext<'_>, server: &Target) -> bool {
    let servers = context.name_servers().iter();
    servers.filter_map(Record::target).any(|target| target.absolute == server.absolute)
}

/// `soa-mname-cname`
pub(super) fn mname_cname(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = primary_here(context, soa) else { return };
    let (Lookup::Found(name) | Lookup::Wildcard(name)) = zone.lookup(&target.name) else { return };
    let key = zone.key_of(name);
    let Some(cname) = zone.read_rrset(key, Rtype::CNAME).into_iter().next() else { return };
    if serves(context, target) {
        return;
    }
    let message =
        format!("the SOA record of `{}` has `{}` as first server, an alias", soa.owner, target.absolute);
    out.push(
        context
            .about("soa-mname-cname", soa, target.span, message)
            .related(cname.span, format!("`{}` is a CNAME", cname.owner))
            .help("write the server's own name"),
    );
}

/// `soa-mname-no-address`
pub(super) fn mname_no_address(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = primary_here(context, soa).filter(|_| !context.partial) else { return };
    let has_none = match zone.lookup(&target.name) {
        Lookup::Found(name) | Lookup::Wildcard(name) => {
            let types = zone.types_of(name);
            !types.has_address() && !types.has(Rtype::CNAME)
        }
        Lookup::EmptyNonTerminal | Lookup::Missing => true,
        Lookup::BelowCut { .. } | Lookup::BelowDname(_) => false,
    };
    if !has_none || serves(context, target) {
        return;
    }
    let message = format!(
        "the SOA record of `{}` has `{}` as first server, which has no A or AAAA record",
        soa.owner, target.absolute
    );
    let written = if target.name.is_empty() { "@".into() } else { String::from_utf8_lossy(&target.name) };
    let help = format!("add `{written} IN A ...`, or name a server that exists");
    out.push(context.about("soa-mname-no-address", soa, target.span, message).help(help));
}

/// `soa-mname-not-ns`
pub(super) fn mname_not_ns(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(target) = primary(context, soa) else { return };
    let known = target.absolute != "." && !is_localhost(&target.absolute) && !context.partial;
    if !known || context.zone.rrset(b"", Rtype::NS).is_empty() || serves(context, target) {
        return;
    }
    let message = format!(
        "the SOA record of `{}` has `{}` as first server, which no NS record names",
        soa.owner, target.absolute
    );
    let help = "leave it when that server is hidden on purpose";
    out.push(context.about("soa-mname-not-ns", soa, target.span, message).help(help));
}

/// The mailbox (RNAME), if the record is the zone's and nothing else is wrong with it.
fn mailbox<'r>(context: &ZoneContext<'_>, soa: &'r Record) -> Option<&'r Target> {
    let target = soa.targets.iter().find(|target| target.role == NameRole::Mailbox)?;
    if !is_of_zone(context, soa) {
        return None;
    }
    context.zone.suspect_at(target.span).is_none().then_some(target)
}

/// `soa-rname-invalid`
pub(super) fn rname_invalid(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let Some(target) = mailbox(context, soa) else { return };
    let name = target.absolute.as_bytes();
    let domain = parent(name).unwrap_or_default();
    let fault = if target.absolute == "." {
        "is empty"
    } else if domain.is_empty() {
        "has no domain"
    } else if !domain.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.')) {
        "has a domain that no mail goes to"
    } else {
        return;
    };
    if is_for_itself(context) {
        return;
    }
    let message = format!("the mailbox of the SOA record of `{}`, `{}`, {fault}", soa.owner, target.absolute);
    let help = "write `hostmaster` for hostmaster at this zone, with a dot in the place of the `@` otherwise";
    out.push(context.about("soa-rname-invalid", soa, target.span, message).help(help));
}

/// `soa-rname-domain-no-mail`
pub(super) fn rname_domain_no_mail(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(target) = mailbox(context, soa) else { return };
    let Some(domain) = parent(target.absolute.as_bytes()).filter(|domain| !domain.is_empty()) else { return };
    let shown = String::from_utf8_lossy(domain);
    let about = |message: String| -> Finding {
        context
            .about("soa-rname-domain-no-mail", soa, target.span, message)
            .help("write a mailbox that is read")
    };
    if is_localhost(&shown) {
        if is_for_itself(context) {
            return;
        }
        out.push(about(format!("the mailbox of the SOA record of `{}` is at `{shown}`", soa.owner)));
        return;
    }
    let Some(key) = zone.key(domain).filter(|_| !context.partial) else { return };
    let related: Option<(Span, String)> = match zone.lookup(key) {
        Lookup::Found(name) | Lookup::Wildcard(name) => {
            let types = zone.types_of(name);
            if types.has(Rtype::MX) || types.has_address() {
                return;
            }
            let alias = zone.read_rrset(zone.key_of(name), Rtype::CNAME).into_iter().next();
            alias.map(|cname| (cname.span, format!("`{}` is an alias", cname.owner)))
        }
        Lookup::EmptyNonTerminal | Lookup::Missing => None,
        Lookup::BelowCut { .. } | Lookup::BelowDname(_) => return,
    };
    let what = if related.is_some() { "is an alias" } else { "has no MX, A or AAAA record" };
    let message = format!("the mailbox of the SOA record of `{}` is at `{shown}`, which {what}", soa.owner);
    let finding = about(message);
    out.push(match related {
        Some((span, label)) => finding.related(span, label),
        None => finding,
    });
}
