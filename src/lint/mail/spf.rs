//! SPF records (RFC 7208).

mod lookups;
mod terms;

pub(super) use lookups::{include_loop, lookup_limit};

use super::text::{Text, is_cut_short, shown};
use crate::diagnostic::{Applicability, Edit, Finding, Severity};
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::text::Span;
use crate::zone::{RdataNotes, Record, Zone};
use crate::zonefile::name::Labels;
use std::collections::HashMap;
use terms::{Kind, Policy, Qualifier};

/// The policy of a TXT record that servers of the zone answer with.
fn policy(context: &ZoneContext<'_>, record: &Record) -> Option<(Text, Policy)> {
    let text = Text::of(context.zone, record);
    let policy = terms::read(&text.octets)?;
    context.zone.cut_above(&record.key).is_none().then_some((text, policy))
}

/// The value of a TXT record in lower case, when it is an SPF record.
pub(super) fn lower_text(zone: &Zone, record: &Record) -> Option<String> {
    let text = Text::of(zone, record);
    terms::is_policy(&text.octets).then(|| String::from_utf8_lossy(&text.octets).to_ascii_lowercase())
}

/// Whether the record serves others to include: mail domains have no underscore.
fn is_part(record: &Record) -> bool {
    Labels(&record.key).any(|label| label.first() == Some(&b'_'))
}

/// `spf-multiple`
pub(super) fn multiple(context: &ZoneContext<'_>, out: Out<'_>) {
    let zone = context.zone;
    let mut first: HashMap<&[u8], Span> = HashMap::new();
    let mut count: HashMap<&[u8], usize> = HashMap::new();
    let noted = zone.noted(RdataNotes::SPF);
    for (key, ..) in &noted {
        *count.entry(*key).or_default() += 1;
    }
    for (key, rec, _) in noted.into_iter().filter(|(key, ..)| count.get(key).is_some_and(|count| *count > 1))
    {
        let Some(record) = zone.record(key, rec) else { continue };
        if policy(context, &record).is_none() {
            continue;
        }
        let Some(first) = first.get(key) else {
            first.insert(key, record.rdata_span());
            continue;
        };
        if zone.sources().visible(*first) == zone.sources().visible(record.rdata_span()) {
            continue;
        }
        let message =
            format!("`{}` TXT: a second SPF record, so that mail servers refuse both", record.owner);
        let finding = context
            .about("spf-multiple", &record, record.rdata_span(), message)
            .related(*first, "the first one")
            .help("put the terms of both into one record, before one `all`");
        out.push(finding);
    }
}

/// `spf-syntax`
pub(super) fn syntax(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, policy)) = policy(context, record) else { return };
    for fault in policy.faults {
        let message = format!("`{}` TXT: {}", record.owner, fault.message);
        let mut finding = context.about("spf-syntax", record, text.span(&fault.at), message);
        if !fault.is_fatal {
            finding.severity = Severity::Warning;
        }
        out.push(match fault.help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// `spf-ptr-mechanism`
pub(super) fn ptr(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, policy)) = policy(context, record) else { return };
    let used = policy.used().filter(|term| term.kind == Kind::Ptr);
    out.extend(used.map(|term| {
        let term_text = shown(text.octets.get(term.at.clone()).unwrap_or_default());
        let message = format!(
            "`{}` TXT: `{term_text}` asks for names that many mail servers no longer look up",
            record.owner
        );
        context
            .about("spf-ptr-mechanism", record, text.span(&term.at), message)
            .help("name the hosts with `a`, `mx`, `ip4` or `ip6`")
    }));
}

/// `spf-pass-all`
pub(super) fn pass_all(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, policy)) = policy(context, record) else { return };
    let Some((_, all, qualifier)) = policy.all() else { return };
    let written = shown(text.octets.get(all.at.clone()).unwrap_or_default());
    let about = |says: &str| {
        let message = format!("`{}` TXT: `{written}` {says}", record.owner);
        context.about("spf-pass-all", record, text.span(&all.at), message)
    };
    match qualifier {
        Qualifier::Pass => out.push(
            about("lets every host of the Internet send mail for the domain")
                .help("write `~all`, or `-all` when all hosts are listed"),
        ),
        Qualifier::Neutral if !is_part(record) => {
            let mut finding = about("says nothing of hosts that are not listed")
                .help("write `~all`, or `-all` when all hosts are listed");
            finding.severity = Severity::Info;
            out.push(finding);
        }
        Qualifier::Neutral | Qualifier::Fail | Qualifier::SoftFail => {}
    }
}

/// `spf-no-all`
pub(super) fn no_all(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, policy)) = policy(context, record) else { return };
    let ends = |kind| matches!(kind, Kind::All(_) | Kind::Redirect);
    let is_written =
        |word: &[u8]| text.octets.to_ascii_lowercase().windows(word.len()).any(|part| part == word);
    if policy.terms.iter().any(|term| ends(term.kind))
        || is_part(record)
        || !policy.faults.is_empty() && (is_written(b"all") || is_written(b"redirect"))
        || is_cut_short(context.zone, record)
    {
        return;
    }
    let message = format!("`{}` TXT: the SPF record ends without `all` or `redirect=`", record.owner);
    let finding = context
        .about("spf-no-all", record, record.rdata_span(), message)
        .help("write `-all` or `~all` at the end: without, hosts that are not listed are neutral");
    out.push(finding);
}

/// `spf-terms-after-all`
pub(super) fn after_all(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, policy)) = policy(context, record) else { return };
    let Some((_, all, _)) = policy.all() else { return };
    let used: Vec<_> = policy.used().map(|term| term.at.start).collect();
    let unused: Vec<_> = policy.terms.iter().filter(|term| !used.contains(&term.at.start)).collect();
    let Some(first) = unused.first() else { return };
    let words: Vec<String> = unused
        .iter()
        .map(|term| format!("`{}`", shown(text.octets.get(term.at.clone()).unwrap_or_default())))
        .collect();
    let (words, is) = (words.join(", "), if words.len() == 1 { "is" } else { "are" });
    let message = format!("`{}` TXT: {words} {is} never used: the record has an `all`", record.owner);
    let finding = context
        .about("spf-terms-after-all", record, text.span(&first.at), message)
        .related(text.span(&all.at), "`all` is the last term that is read")
        .help("delete what is never used, or write it before `all`");
    // The blank before a term goes with it.
    let edits: Option<Vec<Edit>> = unused
        .iter()
        .map(|term| {
            let span = text.exact(&(term.at.start.checked_sub(1)?..term.at.end))?;
            Some(Edit { span, replacement: Vec::new() })
        })
        .collect();
    out.push(with_edits(context, record, finding, edits));
}

fn with_edits(
    context: &ZoneContext<'_>,
    record: &Record,
    finding: Finding,
    edits: Option<Vec<Edit>>,
) -> Finding {
    let source = context.zone.sources().get(record.span.file);
    match edits {
        Some(edits) if source.generated_by().is_none() => finding.fixes(Applicability::Unsafe, edits),
        _ => finding,
    }
}

/// So many octets fit into an answer over UDP with the question and its names (RFC 7208 section 3.4).
const ROOMY: usize = 450;

/// `spf-too-long`
pub(super) fn too_long(context: &ZoneContext<'_>, record: &Record, out: Out<'_>) {
    let Some((text, _)) = policy(context, record) else { return };
    let len = text.octets.len();
    if len <= ROOMY {
        return;
    }
    let message = format!("`{}` TXT: the SPF record has {len} octets, more than {ROOMY}", record.owner);
    let finding = context
        .about("spf-too-long", record, record.rdata_span(), message)
        .help("move terms to a record of their own and `include:` it, or leave out what is not needed");
    out.push(finding);
}
