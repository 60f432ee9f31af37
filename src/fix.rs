//! Carries out the fixes of findings, in passes: after each the zones are read and checked again, and
//! a fix that does not take its finding away, or brings another, is not carried out.

use crate::diagnostic::{Applicability, Edit, Finding, RuleName, Severity};
use crate::edit::{EditError, apply};
use crate::text::{FileId, Source, Span};
use crate::workspace::Loaded;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Fixes that touch each other wait for the next pass; so many passes are made.
const PASSES: usize = 10;

/// How often the zones are read again at the most, lest many bad fixes take for ever.
const TRIALS: usize = 60;

/// The zones with fixes carried out, in memory.
pub struct Fixed {
    /// The zones as they are read then.
    pub loaded: Loaded,
    /// What is found in them then.
    pub findings: Vec<Finding>,
    /// Whose fixes were carried out.
    pub done: Vec<RuleName>,
    /// Whose fixes were not, as they bring other findings or leave their own.
    pub refused: Vec<Finding>,
    /// The files that changed, ordered by path.
    pub files: Vec<FixedFile>,
}

/// A file that fixes change.
pub struct FixedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Which source it was.
    pub file: FileId,
    /// The file as it was.
    pub old: Arc<Source>,
    /// The file as it is to be.
    pub new: Vec<u8>,
}

impl FixedFile {
    /// One edit that makes the new text of the old.
    pub fn edit(&self) -> Edit {
        let (old, new) = (self.old.bytes(), &self.new);
        let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let same_end = old[start..].iter().rev().zip(new[start..].iter().rev());
        let end = same_end.take_while(|(old, new)| old == new).count();
        let span = Span::new(self.file, start as u64, (old.len() - end) as u64);
        Edit { span, replacement: new[start..new.len() - end].to_vec() }
    }
}

/// Carries out all fixes up to a kind. `findings` are those of `loaded`, and `check` finds them.
///
/// # Errors
/// When the edits of a fix do not fit the text, which is a bug of the rule.
pub fn fix(
    loaded: Loaded,
    findings: Vec<Finding>,
    most: Applicability,
    check: impl Fn(&mut Loaded) -> Vec<Finding>,
) -> Result<Fixed, EditError> {
    let mut run = Run { loaded, findings, most, check, done: Vec::new(), refused: Vec::new(), trials: 0 };
    let mut first: First = BTreeMap::new();
    for _ in 0..PASSES {
        let batch = run.batch();
        if batch.is_empty() || !run.pass(batch, &mut first)? {
            break;
        }
    }
    let text = |path: &PathBuf| Some(run.loaded.sources.get(run.loaded.sources.find(path)?).bytes().to_vec());
    let files = first.into_iter().filter_map(|(path, (file, old))| {
        let new = text(&path)?;
        (new != old.bytes()).then_some(FixedFile { path, file, old, new })
    });
    let files = files.collect();
    Ok(Fixed { files, loaded: run.loaded, findings: run.findings, done: run.done, refused: run.refused })
}

/// The files that changed, as they were first.
type First = BTreeMap<PathBuf, (FileId, Arc<Source>)>;

/// What tells findings apart although places and messages change with the text.
type Identity = (RuleName, Option<String>, Option<String>);

fn identity(finding: &Finding) -> Identity {
    (finding.rule, finding.zone.clone(), finding.owner.clone())
}

/// How many findings there are of each, those that one stands for included.
fn counted(findings: &[Finding]) -> HashMap<Identity, usize> {
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(identity(finding)).or_default() += 1 + finding.others;
    }
    counts
}

/// Whether an edit adds whole lines and touches none: others may be added at the same place.
fn inserts_lines(edit: &Edit) -> bool {
    edit.span.len == 0 && edit.replacement.ends_with(b"\n")
}

struct Run<C> {
    loaded: Loaded,
    findings: Vec<Finding>,
    most: Applicability,
    check: C,
    done: Vec<RuleName>,
    refused: Vec<Finding>,
    trials: usize,
}

impl<C: Fn(&mut Loaded) -> Vec<Finding>> Run<C> {
    /// The findings whose fixes can be carried out together: none of them touches another.
    fn batch(&self) -> Vec<Finding> {
        // Where the spans that are edited begin and end: they do not touch each other.
        let mut taken: BTreeMap<(FileId, u64), &Edit> = BTreeMap::new();
        let mut seen: HashSet<&[Edit]> = HashSet::new();
        let mut batch = Vec::new();
        for finding in &self.findings {
            let Some(fix) = &finding.fix else { continue };
            let wanted = self.most == Applicability::Unsafe || fix.applicability == Applicability::Safe;
            let known = self
                .refused
                .iter()
                .any(|refused| identity(refused) == identity(finding) && refused.message == finding.message);
            let possible = fix.edits.iter().all(|edit| {
                let source = self.loaded.sources.get(edit.span.file);
                source.path().is_some() && !source.is_transcoded()
            });
            if !wanted || known || !possible || fix.edits.is_empty() {
                continue;
            }
            if seen.contains(&*fix.edits) {
                batch.push(finding.clone());
                continue;
            }
            let touches = |edit: &Edit| {
                let before = taken.range((edit.span.file, 0)..=(edit.span.file, edit.span.end())).next_back();
                before.is_some_and(|(_, before)| {
                    let both_insert = inserts_lines(before) && inserts_lines(edit);
                    before.span.end() >= edit.span.start && !(both_insert && before.span == edit.span)
                })
            };
            if fix.edits.iter().any(touches) {
                continue;
            }
            for edit in &fix.edits {
                taken.insert((edit.span.file, edit.span.start), edit);
            }
            seen.insert(&fix.edits);
            batch.push(finding.clone());
        }
        batch
    }

    /// Carries out as many of these fixes as go together; false when no more can be tried.
    fn pass(&mut self, mut batch: Vec<Finding>, first: &mut First) -> Result<bool, EditError> {
        while self.trials < TRIALS {
            self.trials += 1;
            let changes = self.changes(&batch)?;
            let mut loaded = self.loaded.with_changes(&changes);
            let findings = (self.check)(&mut loaded);
            if is_better(&self.findings, &findings, &batch) {
                for path in changes.into_keys() {
                    if let Some(file) = self.loaded.sources.find(&path) {
                        first.entry(path).or_insert_with(|| (file, self.loaded.sources.get(file)));
                    }
                }
                self.done.extend(batch.iter().map(|finding| finding.rule));
                (self.loaded, self.findings) = (loaded, findings);
                return Ok(true);
            }
            match batch.len() {
                1 => {
                    self.refused.append(&mut batch);
                    return Ok(true);
                }
                // The other half is tried in the next pass, on the text as it is then.
                more => batch.truncate(more.div_ceil(2)),
            }
        }
        Ok(false)
    }

    /// The texts of the files after these fixes.
    fn changes(&self, batch: &[Finding]) -> Result<BTreeMap<PathBuf, Vec<u8>>, EditError> {
        let mut edits: BTreeMap<PathBuf, (FileId, Vec<Edit>)> = BTreeMap::new();
        let mut seen: HashSet<&[Edit]> = HashSet::new();
        for fix in batch.iter().filter_map(|finding| finding.fix.as_ref()) {
            if !seen.insert(&fix.edits) {
                continue;
            }
            for edit in &fix.edits {
                let source = self.loaded.sources.get(edit.span.file);
                let Some(path) = source.path() else { continue };
                let (_, edits) = edits.entry(path.to_owned()).or_insert((edit.span.file, Vec::new()));
                edits.push(edit.clone());
            }
        }
        let text = |(path, (file, edits)): (PathBuf, (FileId, Vec<Edit>))| {
            Ok((path, apply(self.loaded.sources.get(file).bytes(), &edits)?))
        };
        edits.into_iter().map(text).collect()
    }
}

/// Whether fixes took their findings away, and brought no error or warning that was not there.
fn is_better(before: &[Finding], after: &[Finding], fixed: &[Finding]) -> bool {
    let (was, is) = (counted(before), counted(after));
    let count =
        |counts: &HashMap<Identity, usize>, of: &Identity| counts.get(of).copied().unwrap_or_default();
    let mut gone: HashMap<Identity, usize> = HashMap::new();
    for finding in fixed {
        *gone.entry(identity(finding)).or_default() += 1;
    }
    let takes_away = gone.iter().all(|(of, fixed)| count(&is, of) + fixed <= count(&was, of));
    let grave = after.iter().filter(|finding| finding.severity > Severity::Info).map(identity);
    takes_away && grave.into_iter().all(|of| count(&is, &of) <= count(&was, &of))
}
