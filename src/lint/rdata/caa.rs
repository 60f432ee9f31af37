//! Rules about CAA: which certification authorities may issue certificates (RFC 8659).

use super::records_of;
use crate::config::ZoneKind;
use crate::diagnostic::{Applicability, nearest};
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::lint::{Wants, ZoneContext};
use crate::zone::{NameId, Record, TypeSet};
use crate::zonefile::rtype::Rtype;

/// Tags that are registered and in use: RFC 8659 section 4, RFC 9495 (`issuemail`), and those of the
/// CA/Browser Forum and the BIMI group.
const TAGS: [&str; 7] =
    ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"];

/// The bit of the flags that keeps an authority from issuing if it does not know the tag.
const CRITICAL: u8 = 0x80;

/// The fields of a CAA record.
struct Caa<'r> {
    flags: u8,
    /// In lower case: tags are compared so (RFC 8659 section 4.1).
    tag: String,
    value: &'r [u8],
}

impl Caa<'_> {
    fn of(record: &Record) -> Option<Caa<'_>> {
        let (flags, rest) = record.wire.split_first()?;
        let (len, rest) = rest.split_first()?;
        let (tag, value) = rest.split_at_checked(usize::from(*len))?;
        Some(Caa { flags: *flags, tag: String::from_utf8_lossy(tag).to_ascii_lowercase(), value })
    }

    fn is_known(&self) -> bool {
        TAGS.contains(&&*self.tag)
    }

    /// Whether the value names an authority; one that names none forbids all of them.
    fn names_issuer(&self) -> bool {
        self.value.iter().find(|octet| !matches!(octet, b' ' | b'\t')).is_some_and(|octet| *octet != b';')
    }
}

/// Rules about CAA.
pub(in crate::lint) static CAA_RULES: &[Rule] = &[
    rule!(
        Rdata,
        ".",
        "caa-contradiction",
        Warning,
        No,
        "RFC 8659 section 4.2",
        Check::OddRrset(Rtype::CAA, contradiction),
        "CAA that forbids all authorities beside one that allows some"
    ),
    rule!(
        Rdata,
        ".",
        "caa-critical-unknown",
        Error,
        No,
        "RFC 8659 section 4.1",
        Check::Odd(&[Rtype::CAA], critical_unknown),
        "critical CAA with an unknown tag: no authority may issue"
    ),
    rule!(
        Rdata,
        ".",
        "caa-flags-reserved",
        Warning,
        Unsafe,
        "RFC 8659 section 4.1",
        Check::Odd(&[Rtype::CAA], flags_reserved),
        "CAA flags other than 0 and 128"
    ),
    rule!(
        Rdata,
        ".",
        "caa-issuewild-implicit",
        Info,
        No,
        "RFC 8659 section 4.3",
        Check::Owner(Wants::types(TypeSet::of(Rtype::CAA)), issuewild_implicit),
        "CAA says nothing of its own about wildcard certificates"
    ),
    rule!(
        opt_in Rdata,
        ".",
        "caa-missing",
        Info,
        No,
        "RFC 8659 section 3",
        Check::Zone(missing),
        "zone without CAA at its apex"
    ),
    rule!(
        Rdata,
        ".",
        "caa-no-issue-tag",
        Warning,
        No,
        "RFC 8659 section 4.2",
        Check::OddRrset(Rtype::CAA, no_issue_tag),
        "CAA with `iodef` alone: any authority may issue"
    ),
    rule!(
        Rdata,
        ".",
        "caa-unknown-tag",
        Warning,
        Unsafe,
        "RFC 8659 section 4.1",
        Check::Odd(&[Rtype::CAA], unknown_tag),
        "CAA tag that no authority knows"
    ),
    rule!(
        Rdata,
        ".",
        "caa-value-syntax",
        Warning,
        No,
        "RFC 8659 sections 4.2 and 4.4",
        Check::Odd(&[Rtype::CAA], value_syntax),
        "CAA value that does not fit its tag"
    ),
];

fn critical_unknown(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(caa) = Caa::of(record) else { return };
    if caa.flags & CRITICAL == 0 || caa.is_known() {
        return;
    }
    let message = format!(
        "`{}` CAA: tag `{}` is unknown and critical, so no authority may issue",
        record.owner, caa.tag
    );
    let finding = context.about("caa-critical-unknown", record, record.field(1), message);
    out.push(match nearest(&caa.tag, TAGS) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding.help("write flags 0, or remove the record"),
    });
}

fn unknown_tag(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(caa) = Caa::of(record) else { return };
    if caa.flags & CRITICAL != 0 || caa.is_known() {
        return;
    }
    let message = format!("`{}` CAA: no authority knows the tag `{}`", record.owner, caa.tag);
    let finding = context.about("caa-unknown-tag", record, record.field(1), message);
    let is_text = record.fields.len() == 3 && record.field(0) != record.field(1);
    out.push(match nearest(&caa.tag, TAGS) {
        Some(meant) if is_text => finding.help(format!("did you mean `{meant}`?")).fix(
            Applicability::Unsafe,
            record.field(1),
            meant,
        ),
        Some(meant) => finding.help(format!("did you mean `{meant}`?")),
        None => finding.help("write `issue`, `issuewild` or `iodef`"),
    });
}

fn flags_reserved(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(caa) = Caa::of(record).filter(|caa| caa.flags & !CRITICAL != 0) else { return };
    let meant = caa.flags & CRITICAL;
    let message = format!("`{}` CAA has flags {}; only 0 and 128 mean something", record.owner, caa.flags);
    let finding = context.about("caa-flags-reserved", record, record.field(0), message);
    let finding = finding.help(format!("write `{meant}`, or 128 if an authority must know the tag"));
    let is_text = record.fields.len() == 3 && record.field(0) != record.field(1);
    out.push(if is_text {
        finding.fix(Applicability::Unsafe, record.field(0), meant.to_string())
    } else {
        finding
    });
}

fn value_syntax(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some(caa) = Caa::of(record) else { return };
    let (why, help) = match &*caa.tag {
        "issue" | "issuewild" | "issuemail" => match issue_error(caa.value) {
            Some(why) => (why, "write the domain of the authority, such as `\"ca.example.net\"`, or `\";\"`"),
            None => return,
        },
        "iodef" if !is_report_address(caa.value) => (
            "is no URL of mail or HTTP",
            "write `\"mailto:\"` with an address, or a URL that begins with `https:`",
        ),
        _ => return,
    };
    let message =
        format!("`{}` CAA: {} value `{}` {why}", record.owner, caa.tag, String::from_utf8_lossy(caa.value));
    out.push(context.about("caa-value-syntax", record, record.field(2), message).help(help));
}

/// What is wrong with `[domain] [; tag=value ...]`, if something is.
fn issue_error(value: &[u8]) -> Option<&'static str> {
    let mut parts = value.split(|octet| *octet == b';').map(<[u8]>::trim_ascii);
    let domain = parts.next().unwrap_or_default();
    let is_label = |label: &[u8]| {
        label.first().is_some_and(u8::is_ascii_alphanumeric)
            && label.last().is_some_and(u8::is_ascii_alphanumeric)
            && label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
    };
    if !domain.is_empty() && !domain.split(|octet| *octet == b'.').all(is_label) {
        return Some("does not begin with a domain name");
    }
    let is_parameter = |part: &[u8]| {
        let Some(at) = part.iter().position(|octet| *octet == b'=') else { return part.is_empty() };
        let (tag, value) = part.split_at(at);
        is_label(tag.trim_ascii())
            && value.trim_ascii().iter().all(|octet| matches!(octet, 0x21..=0x7e | b' '))
    };
    let all = parts.all(is_parameter);
    (!all).then_some("has a parameter that is not `tag=value`")
}

fn is_report_address(value: &[u8]) -> bool {
    let begins = |scheme: &str| {
        value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
            && value.len() > scheme.len()
    };
    if begins("mailto:") { value.contains(&b'@') } else { begins("https://") || begins("http://") }
}

fn contradiction(context: &ZoneContext<'_>, records: &[Record], out: Out<'_>) {
    for tag in ["issue", "issuewild", "issuemail"] {
        let of_tag = || {
            records
                .iter()
                .filter_map(|record| Some((record, Caa::of(record)?)))
                .filter(|(_, caa)| caa.tag == tag)
        };
        let none = of_tag().find(|(_, caa)| !caa.names_issuer());
        let some = of_tag().find(|(_, caa)| caa.names_issuer());
        let (Some((none, _)), Some((some, allowed))) = (none, some) else { continue };
        let allowed = String::from_utf8_lossy(allowed.value).trim().to_owned();
        let message =
            format!("`{}` CAA: `{tag}` forbids all authorities, but another allows `{allowed}`", none.owner);
        out.push(
            context
                .about("caa-contradiction", none, none.field(2), message)
                .related(some.rdata_span(), "this one counts")
                .help("remove one of them: an authority that any of them names may issue"),
        );
    }
}

fn no_issue_tag(context: &ZoneContext<'_>, records: &[Record], out: Out<'_>) {
    if context.partial {
        return;
    }
    let Some(first) = records.first() else { return };
    if !records.iter().all(|record| Caa::of(record).is_some_and(|caa| caa.tag == "iodef")) {
        return;
    }
    let message = format!("`{}` CAA has `iodef` alone, so any authority may issue", first.owner);
    out.push(
        context
            .about("caa-no-issue-tag", first, first.field(1), message)
            .help("add a CAA record with `issue` and the domain of the authority, or with `issue \";\"`"),
    );
}

fn missing(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let apex = zone.find(b"").map(|apex| zone.types_of(apex)).unwrap_or_default();
    if context.partial || context.kind != ZoneKind::Public || apex.has(Rtype::CAA) || !apex.has(Rtype::SOA) {
        return;
    }
    let message = format!("`{}` has no CAA record, so any authority may issue certificates", zone.apex());
    out.push(
        context
            .about_zone("caa-missing", context.apex_span(), message)
            .help("add a CAA record with `issue` and the domain of the authority, or with `issue \";\"`"),
    );
}

fn issuewild_implicit(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    if !context.zone.types_of(name).has(Rtype::CAA) {
        return;
    }
    let records = records_of(context, name, &[Rtype::CAA]);
    let with = |tag: &str| records.iter().find(|record| Caa::of(record).is_some_and(|caa| caa.tag == tag));
    let Some(first) = with("issue").filter(|_| !context.partial && with("issuewild").is_none()) else {
        return;
    };
    let message =
        format!("`{}` CAA has no `issuewild`: `issue` holds for wildcard certificates too", first.owner);
    out.push(
        context
            .about("caa-issuewild-implicit", first, first.field(1), message)
            .help("add `CAA 0 issuewild \";\"` if nobody may issue wildcard certificates"),
    );
}
