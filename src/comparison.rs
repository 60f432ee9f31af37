//! Two readings of the same zones: which zone of one is which of the other, and what differs.

use crate::change::{RrsetChange, differences, order_key, serial};
use crate::config::View;
use crate::text::{FileId, Source};
use crate::zone::Zone;
use crate::zonefile::name::Name;
use crate::zonefile::rtype::Rtype;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A zone of a reading.
#[derive(Clone, Copy)]
pub struct Side<'z> {
    /// The zone.
    pub zone: &'z Zone,
    /// Who it is served to.
    pub view: View,
    /// Whether the view is declared, and no guess.
    pub declared: bool,
    /// Its file; the file lies in the zone's own sources.
    pub file: FileId,
    /// Whether a part of it could not be read.
    pub partial: bool,
}

/// Zones read together.
pub struct Reading<'z> {
    /// The zones.
    pub zones: Vec<Side<'z>>,
    /// The folder, links resolved, that files are told apart below: `root/a/b.zone` of one reading is
    /// the same file as `root/a/b.zone` of the other one under its root. None: by the names of the files.
    pub root: Option<PathBuf>,
}

/// A zone that differs between two readings, or stands in one of them only.
pub struct ZoneDiff<'z> {
    /// Its apex.
    pub apex: &'z Name,
    /// Who it is served to.
    pub view: View,
    /// The zone as it was; none: it was not there.
    pub before: Option<Side<'z>>,
    /// The zone as it is; none: it is not there any more.
    pub after: Option<Side<'z>>,
    /// The RRsets that differ, in canonical order. None with both sides: only the layout does.
    pub rrsets: Vec<RrsetChange>,
}

/// A file that zones include and whose text differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Its name in the later reading.
    pub file: String,
    /// The zones that include it in both readings: apex and view.
    pub zones: Vec<(String, View)>,
}

/// What differs between two readings.
pub struct Comparison<'z> {
    /// The zones that differ, in the canonical order of their apexes, then by view.
    pub zones: Vec<ZoneDiff<'z>>,
    /// How many zones do not differ at all.
    pub unchanged: usize,
    /// The files with other text that zones include, by name.
    pub fragments: Vec<Fragment>,
}

impl Comparison<'_> {
    /// Whether a zone came, went or has other records: the layout does not count.
    pub fn has_changes(&self) -> bool {
        self.zones.iter().any(|zone| !zone.is_layout_only())
    }
}

impl<'z> ZoneDiff<'z> {
    /// Whether the records are the same, and only the text differs.
    pub fn is_layout_only(&self) -> bool {
        self.before.is_some() && self.after.is_some() && self.rrsets.is_empty()
    }

    /// Whether anything but the SOA record differs.
    pub fn has_records(&self) -> bool {
        self.rrsets.iter().any(|rrset| rrset.rtype != Rtype::SOA || !rrset.key.is_empty())
    }

    /// The SOA serials before and after.
    pub fn serials(&self) -> (Option<u32>, Option<u32>) {
        let of = |side: Option<Side<'z>>| side.and_then(|side| serial(side.zone));
        (of(self.before), of(self.after))
    }
}

impl Side<'_> {
    /// What reports call its file.
    pub fn file_name(&self) -> String {
        self.zone.sources().get(self.file).name().to_owned()
    }
}

impl<'z> Reading<'z> {
    fn label(&self, side: &Side<'z>, file: FileId) -> String {
        let source = side.zone.sources().get(file);
        let below = self.root.as_ref().and_then(|root| source.path()?.strip_prefix(root).ok());
        below.map_or_else(|| source.name().to_owned(), |path| path.to_string_lossy().into_owned())
    }
}

/// A zone as it was and as it is; none on a side that does not have it.
pub type Pair<'z> = (Option<Side<'z>>, Option<Side<'z>>);

/// Who a zone is served to: as the later reading has it, unless only the earlier one declares it.
pub fn view_of((before, after): Pair<'_>) -> View {
    let declared = [after, before].into_iter().flatten().find(|side| side.declared);
    declared.or(after).or(before).map(|side| side.view).unwrap_or_default()
}

/// Compares the zones of two readings, of which [`pairs`] or a base knows which is which.
pub fn compare<'z>(before: &Reading<'z>, after: &Reading<'z>, pairs: Vec<Pair<'z>>) -> Comparison<'z> {
    let mut zones = Vec::new();
    let mut unchanged = 0;
    let mut fragments: BTreeMap<String, Fragment> = BTreeMap::new();
    for pair in pairs {
        let (Some(shown), both) = (pair.1.or(pair.0), pair.0.zip(pair.1)) else { continue };
        let is_same = both.is_some_and(|(old, new)| same_texts(&old, &new));
        if is_same {
            unchanged += 1;
            continue;
        }
        if let Some((old, new)) = both {
            for (label, file) in edited(before, &old, after, &new) {
                let fragment = fragments.entry(label).or_insert(Fragment { file, zones: Vec::new() });
                fragment.zones.push((new.zone.apex().to_string(), view_of(pair)));
            }
        }
        zones.push(ZoneDiff {
            apex: shown.zone.apex(),
            view: view_of(pair),
            before: pair.0,
            after: pair.1,
            rrsets: differences(pair.0.map(|side| side.zone), pair.1.map(|side| side.zone)),
        });
    }
    zones.sort_by_cached_key(|zone| (order_key(zone.apex.as_bytes()), zone.view));
    let mut fragments: Vec<Fragment> = fragments.into_values().collect();
    fragments.iter_mut().for_each(|fragment| fragment.zones.sort());
    Comparison { zones, unchanged, fragments }
}

/// Which zone of one reading is which of the other. A zone is known by its apex and view, and by its file
/// where several have the same; where views are not declared on one side, the apex and the file decide.
pub fn pairs<'z>(before: &Reading<'z>, after: &Reading<'z>) -> Vec<Pair<'z>> {
    if let ([old], [new]) = (before.zones.as_slice(), after.zones.as_slice())
        && old.zone.apex() == new.zone.apex()
    {
        return vec![(Some(*old), Some(*new))];
    }
    let known = |reading: &Reading<'z>| {
        let known = |side: &Side<'z>| Known { side: *side, label: reading.label(side, side.file) };
        reading.zones.iter().map(known).collect::<Vec<_>>()
    };
    let (mut old, mut new) = (known(before), known(after));
    let mut pairs = Vec::new();
    for (by_view, by_label) in [(true, true), (true, false), (false, true), (false, false)] {
        let key = |known: &Known<'z>| {
            let apex = known.side.zone.apex().as_bytes().to_vec();
            (apex, by_view.then_some(known.side.view), by_label.then(|| known.label.clone()))
        };
        let mut free: BTreeMap<_, Vec<Known<'z>>> = BTreeMap::new();
        // Taken from the end of each list, the first is to come first.
        for known in old.drain(..).rev() {
            free.entry(key(&known)).or_default().push(known);
        }
        new.retain(|known| match free.get_mut(&key(known)).and_then(Vec::pop) {
            Some(old) => {
                pairs.push((Some(old.side), Some(known.side)));
                false
            }
            None => true,
        });
        old = free.into_values().flat_map(|left| left.into_iter().rev()).collect();
    }
    pairs.extend(old.into_iter().map(|known| (Some(known.side), None)));
    pairs.extend(new.into_iter().map(|known| (None, Some(known.side))));
    pairs
}

struct Known<'z> {
    side: Side<'z>,
    label: String,
}

/// Whether two readings of a zone come from the same octets.
fn same_texts(old: &Side<'_>, new: &Side<'_>) -> bool {
    let (before, after) = (old.zone.files(), new.zone.files());
    before.len() == after.len()
        && old.zone.is_windows() == new.zone.is_windows()
        && before.into_iter().zip(after).all(|(before, after)| same_text(old, before, new, after))
}

fn same_text(old: &Side<'_>, before: FileId, new: &Side<'_>, after: FileId) -> bool {
    same_octets(&old.zone.sources().get(before), &new.zone.sources().get(after))
}

fn same_octets(one: &Source, other: &Source) -> bool {
    const STEP: usize = 1 << 16;
    if one.len() != other.len() {
        return false;
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    (0..one.len()).step_by(STEP).all(|at| one.read(at, STEP, &mut left) == other.read(at, STEP, &mut right))
}

/// The included files whose text differs: what they are known by, and their names.
fn edited<'z>(
    before: &Reading<'z>,
    old: &Side<'z>,
    after: &Reading<'z>,
    new: &Side<'z>,
) -> Vec<(String, String)> {
    let included = |reading: &Reading<'z>, side: &Side<'z>| -> BTreeMap<String, FileId> {
        let files = side.zone.files().into_iter().filter(|file| *file != side.file);
        files.map(|file| (reading.label(side, file), file)).collect()
    };
    let was = included(before, old);
    included(after, new)
        .into_iter()
        .filter_map(|(label, file)| {
            let differs = !same_text(old, *was.get(&label)?, new, file);
            differs.then(|| (label, new.zone.sources().get(file).name().to_owned()))
        })
        .collect()
}
