//! Types and classes by their mnemonics, which nearly everyone writes in capitals.

use crate::diagnostic::{Applicability, Edit};
use crate::lint::rule::Out;
use crate::lint::text::{Kind, Many, Stretch, TextRule, ZoneFile};

const RULE: &str = "type-or-class-case";

/// `type-or-class-case`
#[derive(Default)]
pub(super) struct NotCapital {
    many: Many,
}

impl TextRule for NotCapital {
    fn look(&mut self, text: &Stretch<'_>, out: Out<'_>) {
        let Kind::Record(head, rdata) = &text.kind else { return };
        let words = [head.class.map(|(_, token)| token), Some(head.rtype_token)];
        let written = |token: crate::zonefile::token::Token| token.text(rdata.data);
        let mut small: Vec<_> = words
            .into_iter()
            .flatten()
            .filter(|token| written(*token).iter().any(u8::is_ascii_lowercase))
            .collect();
        small.sort_unstable_by_key(|token| token.start);
        let Some(first) = small.first() else { return };
        let edits = small.iter().map(|token| Edit {
            span: text.token(*token),
            replacement: written(*token).to_ascii_uppercase(),
        });
        let edits: Vec<Edit> = edits.collect();
        let shown = |octets: &[u8]| format!("`{}`", String::from_utf8_lossy(octets));
        let found: Vec<String> = small.iter().map(|token| shown(written(*token))).collect();
        let meant: Vec<String> = edits.iter().map(|edit| shown(&edit.replacement)).collect();
        let are = if found.len() == 1 { "is" } else { "are" };
        let message = format!("{} {are} not in capitals", found.join(" and "));
        let finding = text
            .about(RULE, head.rtype, text.token(*first), &message)
            .help(format!("write {}", meant.join(" and ")))
            .fixes(Applicability::Safe, edits);
        self.many.push(finding, out);
    }

    fn finish(&mut self, file: &ZoneFile<'_>, out: Out<'_>) {
        self.many.finish(RULE, file, out);
    }
}
