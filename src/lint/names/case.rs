//! One owner in several spellings (RFC 4343).

use crate::diagnostic::Applicability;
use crate::lint::context::ZoneContext;
use crate::lint::rule::Out;
use crate::zone::{NameId, Rec};

/// `owner-case-inconsistent`
pub(super) fn inconsistent(context: &ZoneContext<'_>, name: NameId, out: Out<'_>) {
    let zone = context.zone;
    let key = zone.key_of(name);
    let mut records: Vec<Rec> = zone.records(name).collect();
    if key.is_empty() || key.contains(&b'\\') {
        return;
    }
    records.sort_unstable_by_key(Rec::place);
    let mut written = records.into_iter().filter_map(|rec| Some((rec, zone.written_owner(rec)?)));
    let Some((_, (first_span, first))) = written.next() else { return };
    for (rec, (span, text)) in written {
        let len = key.len().min(first.len()).min(text.len());
        let (model, found) = (&first[..len], &text[..len]);
        if model == found || !model.eq_ignore_ascii_case(found) {
            continue;
        }
        let Some(record) = zone.record(key, rec) else { continue };
        let meant = [model, &text[len..]].concat();
        let (shown, before) = (String::from_utf8_lossy(&text), String::from_utf8_lossy(&first));
        let message = format!("`{}`: `{shown}` is written `{before}` before", record.owner);
        let finding = context
            .about("owner-case-inconsistent", &record, span, message)
            .related(first_span, "the first spelling")
            .help(format!("write `{}`; case makes no difference", String::from_utf8_lossy(&meant)));
        out.push(finding.fix(Applicability::Safe, span, meant));
    }
}
