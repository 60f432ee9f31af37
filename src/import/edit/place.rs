//! Where new tables go in the text: behind the last one of their kind, before the comments of the next table.

use super::NotEdited;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place for tables.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'k> {
    /// Behind the last table of this kind, or at the end.
    After(&'k str),
    /// Behind the last table of the second kind in this one of the first, or behind that one itself.
    Within(&'k str, usize, &'k str),
}

/// The text with a block put in place; the block begins with a blank line.
pub(super) fn insert(text: &str, place: Place<'_>, block: &str) -> Result<String, NotEdited> {
    let refused = |what: &str| {
        NotEdited(format!(
            "{what}, so nothing can be added there; write it with [[...]] headers, or add this yourself:\n{block}"
        ))
    };
    let document =
        DeTable::parse(text).map_err(|error| NotEdited(format!("not TOML: {}", error.message())))?;
    let root = document.get_ref();
    let mut headers = Vec::new();
    for (_, value) in root {
        collect(text, value, &mut headers);
    }
    let mut before = Vec::new();
    match place {
        Place::After(kind) => {
            if let Some(value) = root.get(kind) {
                collect(text, value, &mut before);
                if before.is_empty() {
                    return Err(refused(&format!("`{kind}` is an array of inline tables")));
                }
            }
        }
        Place::Within(kind, index, inner) => {
            let table = root
                .get(kind)
                .and_then(|value| value.get_ref().as_array())
                .and_then(|tables| tables.get(index));
            let Some(table) = table else { return Err(refused(&format!("`{kind}` has fewer tables"))) };
            collect(text, table, &mut before);
            let is_inline =
                table.get_ref().as_table().and_then(|table| table.get(inner)).is_some_and(|inner| {
                    let mut within = Vec::new();
                    collect(text, inner, &mut within);
                    within.is_empty()
                });
            if before.is_empty() || is_inline {
                return Err(refused(&format!("`{kind}` or its `{inner}` is an array of inline tables")));
            }
        }
    }
    let next = before.iter().max().and_then(|last| headers.into_iter().filter(|start| start > last).min());
    let at = next.map_or(text.len(), |next| before_comments(text, next));
    let (head, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    let above = head.trim_end_matches('\n');
    if above.is_empty() {
        return Ok(format!("{}{head}{tail}", block.trim_start_matches('\n')));
    }
    // The blank lines that were there come behind the block.
    let blanks = head.get(above.len() + 1..).unwrap_or_default();
    Ok(format!("{above}\n{block}{blanks}{tail}"))
}

/// The starts of the headers of a value and of all below it.
fn collect(text: &str, value: &Spanned<DeValue<'_>>, starts: &mut Vec<usize>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            let start = value.span().start;
            if text.get(start..).is_some_and(|rest| rest.starts_with('[')) {
                starts.push(start);
            }
            for (_, value) in table {
                collect(text, value, starts);
            }
        }
        DeValue::Array(values) => values.iter().for_each(|value| collect(text, value, starts)),
        _ => {}
    }
}

/// Where the table whose header stands at `next` begins, with the comments right above it.
fn before_comments(text: &str, next: usize) -> usize {
    let line_start =
        |end: usize| text.get(..end).and_then(|head| head.rfind('\n')).map_or(0, |feed| feed + 1);
    let mut at = line_start(next);
    while at > 0 {
        let start = line_start(at - 1);
        if !text.get(start..at).is_some_and(|line| line.trim_start().starts_with('#')) {
            break;
        }
        at = start;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "\n[[a]]\nx = 9\n";

    fn after(text: &str) -> String {
        insert(text, Place::After("a"), BLOCK).unwrap()
    }

    #[test]
    fn a_table_goes_behind_the_last_of_its_kind() {
        assert_eq!(
            after("[[a]]\nx = 1\n\n# of b\n[[b]]\n"),
            "[[a]]\nx = 1\n\n[[a]]\nx = 9\n\n# of b\n[[b]]\n"
        );
        assert_eq!(
            after("[[a]]\nx = 1\n# of a\n\n\n[[b]]\n"),
            "[[a]]\nx = 1\n# of a\n\n[[a]]\nx = 9\n\n\n[[b]]\n"
        );
        assert_eq!(after("[[a]]\n[[a.c]]\ny = 1\n[b]\n"), "[[a]]\n[[a.c]]\ny = 1\n\n[[a]]\nx = 9\n[b]\n");
        assert_eq!(after("[b]"), "[b]\n\n[[a]]\nx = 9\n");
        assert_eq!(after("[b]\n\n"), "[b]\n\n[[a]]\nx = 9\n\n");
        assert_eq!(after(""), "[[a]]\nx = 9\n");
    }

    #[test]
    fn a_bracket_at_the_start_of_a_line_is_no_header() {
        let text = "[[a]]\nx = [\n[1],\n[2]]\ny = \"\"\"\n[b]\n\"\"\"\n";
        assert_eq!(after(text), format!("{text}{BLOCK}"));
    }

    #[test]
    fn a_table_within_another_goes_behind_its_last() {
        let text = "[[a]]\n[[a.c]]\n\n[[a]]\n[[a.c]]\n";
        let within = |index| insert(text, Place::Within("a", index, "c"), "\n[[a.c]]\nz = 1\n").unwrap();
        assert_eq!(within(0), "[[a]]\n[[a.c]]\n\n[[a.c]]\nz = 1\n\n[[a]]\n[[a.c]]\n");
        assert_eq!(within(1), "[[a]]\n[[a.c]]\n\n[[a]]\n[[a.c]]\n\n[[a.c]]\nz = 1\n");
    }

    #[test]
    fn inline_tables_are_refused_with_what_is_to_be_added() {
        for place in [Place::After("a"), Place::Within("a", 0, "c"), Place::Within("b", 0, "c")] {
            let refused = insert("a = [{ x = 1 }]\n[[b]]\nc = [{}]\n", place, BLOCK).unwrap_err();
            assert!(refused.0.contains("inline") && refused.0.ends_with(BLOCK), "{refused}");
        }
    }
}
