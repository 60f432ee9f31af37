//! Rules about which file is which zone.

use crate::diagnostic::{Finding, RuleName};
use crate::lint::context::{StrayKind, Workspace, ZoneContext};
use crate::lint::rule::{Check, Out, Rule, rule};
use crate::text::FileId;
use crate::zone::Record;
use crate::zonefile::rtype::Rtype;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

/// The rules about files.
pub(in crate::lint) static RULES: &[Rule] = &[
    rule!(
        Hygiene,
        ".",
        "duplicate-zone",
        Error,
        No,
        "zonewright",
        Check::Workspace(duplicate_zone),
        "two files with names that say the same zone, and both hold it"
    ),
    rule!(
        Hygiene,
        ".",
        "include-file-has-soa",
        Warning,
        No,
        "RFC 1035 5.2",
        Check::Record(Rtype::SOA, include_has_soa),
        "an included file that has a SOA record beside that of the zone"
    ),
    rule!(
        Hygiene,
        ".",
        "orphan-zone-file",
        Info,
        No,
        "zonewright",
        Check::Workspace(orphan),
        "a zone file that the configuration does not list"
    ),
    rule!(
        Hygiene,
        ".",
        "unused-include",
        Info,
        No,
        "zonewright",
        Check::Workspace(unused_include),
        "a file of records that no zone file includes"
    ),
];

/// `duplicate-zone`
///
/// Views of a zone have folders or names of their own: only files whose names differ in no more than
/// how they say that they are zone files cannot both be meant.
fn duplicate_zone(workspace: &Workspace<'_>, out: Out<'_>) {
    let mut zones: Vec<(String, &ZoneContext<'_>)> = Vec::with_capacity(workspace.zones.len());
    for context in workspace.zones.iter().filter(|context| context.zone.types().has(Rtype::SOA)) {
        if let Some(file) = context.zone.files().first() {
            zones.push((context.zone.sources().get(*file).name().to_owned(), context));
        }
    }
    zones.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut known = HashMap::new();
    for (name, context) in &zones {
        let Some(place) = claimed_by(context) else { continue };
        let apex = context.zone.apex();
        let (first, other) = match known.entry((place, context.view, apex.as_bytes())) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(free) => {
                free.insert((name, context));
                continue;
            }
        };
        let message = format!("zone `{apex}` is in `{name}`, and in `{first}` beside it");
        let finding = context
            .about_zone("duplicate-zone", context.apex_span(), message)
            .related(other.apex_span(), "the other one")
            .help("delete the one that the servers do not load; give views folders or names of their own");
        out.push(finding);
    }
}

/// The path of a zone's file without what only says that it is a zone file, and that it is compressed.
fn claimed_by(context: &ZoneContext<'_>) -> Option<PathBuf> {
    let source = context.zone.sources().get(*context.zone.files().first()?);
    let path: &Path = source.path()?;
    let name = path.file_name()?.to_str()?;
    let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let name = name.strip_prefix("db.").unwrap_or(name);
    let name = [".zone", ".db", ".dns"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    Some(path.with_file_name(name))
}

/// `include-file-has-soa`
fn include_has_soa(context: &ZoneContext<'_>, soa: &Record, out: Out<'_>) {
    let zone = context.zone;
    let Some(directive) = zone.includes_of(soa.span.file).first().copied() else { return };
    if soa.key.is_empty() && !is_second(context, soa) {
        return;
    }
    let sources = zone.sources();
    let message = format!(
        "zone `{}` includes `{}`, which has a SOA record of its own, for `{}`",
        zone.apex(),
        sources.get(soa.span.file).name(),
        soa.owner
    );
    let help = if soa.key.is_empty() {
        String::from("keep one of the two SOA records; what several zones share goes into a file without one")
    } else {
        format!("keep the zone `{}` in a file of its own, and delegate it here", soa.owner)
    };
    out.push(
        context
            .about("include-file-has-soa", soa, directive, message)
            .related(soa.first_span, "the SOA record")
            .help(help),
    );
}

/// Whether a SOA record at the apex, in an included file, stands beside one that is the zone's: one in
/// the zone's own file, or else the first one. A zone may have its SOA record in an included file.
fn is_second(context: &ZoneContext<'_>, soa: &Record) -> bool {
    let zone = context.zone;
    let all = zone.read_rrset(b"", Rtype::SOA);
    let root: Option<FileId> = zone.files().first().copied();
    let others = || all.iter().filter(|other| other.span.file != soa.span.file);
    others().any(|other| Some(other.span.file) == root || other.place < soa.place)
}

/// `orphan-zone-file`
fn orphan(workspace: &Workspace<'_>, out: Out<'_>) {
    for stray in workspace.strays() {
        let StrayKind::Zone { apex, listed } = &stray.kind else { continue };
        let name = &stray.name;
        let message = match apex {
            Some(apex) if *listed => {
                format!("`{name}` holds zone `{apex}`, for which the configuration names another file")
            }
            Some(apex) => format!("`{name}` holds zone `{apex}`, which the configuration does not list"),
            None => format!("`{name}` begins as a zone does, and the configuration does not list it"),
        };
        let finding = Finding::new(RuleName("orphan-zone-file"), stray.span, message);
        out.push(finding.help("add a `[[zone]]` for it to the configuration, or delete the file"));
    }
}

/// `unused-include`
fn unused_include(workspace: &Workspace<'_>, out: Out<'_>) {
    for stray in workspace.strays().iter().filter(|stray| stray.kind == StrayKind::Fragment) {
        let message = format!("`{}` holds records, and no zone file includes it", stray.name);
        let finding = Finding::new(RuleName("unused-include"), stray.span, message);
        out.push(finding.help("include it where its records belong, or delete the file"));
    }
}
