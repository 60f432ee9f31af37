//! `[fmt]`: the layout of zone files.

use super::layout::{Names, Style, Ttls};
use super::reader::{Reader, Table};

/// The widest owner column that may be asked for, in characters.
const WIDEST: u16 = 80;

const NAMES: [(&str, Names); 2] = [("keep", Names::Keep), ("relative", Names::Relative)];

const TTLS: [(&str, Ttls); 3] = [("keep", Ttls::Keep), ("seconds", Ttls::Seconds), ("units", Ttls::Units)];

/// Reads `[fmt]`; what is absent has its default.
pub(super) fn style(reader: &mut Reader, top: &mut Table<'_>) -> Style {
    let default = Style::default();
    let Some(mut table) = reader.table(top, "fmt") else { return default };
    let width = reader.value(&mut table, "owner_width");
    let width = width.and_then(|value| reader.as_u16(value, "`owner_width`", 1..=WIDEST));
    let style = Style {
        owner_width: width.map_or(default.owner_width, |width| usize::from(width.value)),
        tabs: reader.boolean(&mut table, "tabs").unwrap_or(default.tabs),
        names: reader.choice(&mut table, "names", &NAMES).map_or(default.names, |names| names.value),
        ttls: reader.choice(&mut table, "ttl", &TTLS).map_or(default.ttls, |ttls| ttls.value),
    };
    reader.finish(table);
    style
}
